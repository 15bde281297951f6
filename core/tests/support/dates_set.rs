//! How a set of dates in words is read: the notation at the head of `dates.tsv`. The tests of `dates.rs`
//! and the evaluation share it.

use chrono::{NaiveDateTime, Weekday};
use delegate_core::dates::{self, Context, DayOrder, Prefer, Zone};
use delegate_core::time::parse_zone;

/// An instant, a zone, and what settles what is open; `None` where it is not of that form.
pub(crate) fn context(text: &str) -> Option<Context> {
    let mut parts = text.split(' ');
    let now = NaiveDateTime::parse_from_str(parts.next()?, "%Y-%m-%dT%H:%M").ok()?;
    let mut context = Context::new(now, Zone::Named(parse_zone(parts.next()?)?));
    for part in parts {
        match part {
            "past" => context.prefer = Prefer::Past,
            "both" => context.prefer = Prefer::Both,
            "dmy" => context.day_order = Some(DayOrder::DayFirst),
            "mdy" => context.day_order = Some(DayOrder::MonthFirst),
            "sunday" => context.week_start = Weekday::Sun,
            _ => return None,
        }
    }
    Some(context)
}

/// What is found in a sentence.
pub(crate) fn told(sentence: &str, context: &Context) -> String {
    let found: Vec<String> = dates::find(sentence, context)
        .iter()
        .map(ToString::to_string)
        .collect();
    if found.is_empty() {
        return "-".to_owned();
    }
    found.join(" ; ")
}
