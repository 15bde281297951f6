//! Deadlines: dates in words, resolved from when and where the author wrote them.
//!
//! The rules, all of which only ever look forward and give nothing rather than a guess:
//!
//! - A weekday is the next one after the day of writing; said on that very day it is the one a
//!   week later (for the day itself people say `today`). `this Friday` stays in the current week
//!   (Monday to Sunday), `next Friday` is the Friday of the following week.
//! - A day is a [`Deadline::Date`], and so is a part of it: `EOD Thursday`, `tomorrow morning`,
//!   `tonight`. Only a clock time or noon is a [`Deadline::DateTime`]. A part of today that is over
//!   (`this morning`, said in the evening) gives nothing.
//! - A week ends on Friday; a month, quarter or year on its last day.
//! - A month and a day without a year are the next such day, but at most [`FARTHEST_DAYS`] away:
//!   what lies farther was probably meant as past. A past year gives nothing.
//! - `3/14` and `14/3` have one reading and take it; `3/4` has two and gives nothing. With full
//!   stops (`3.4.`) the day comes first, as everywhere such dates are written.
//! - An hour counts only when it can't be misread: `3pm`, `15:00`, `15 Uhr`. Behind a day, `at 9` to
//!   `at 12` are the morning's and `at 1` to `at 5` the afternoon's, when offices are open and
//!   children are fetched; `at 6` to `at 8` can be either, and the day alone stands.
//! - `before X` and `by X` both name X.

use chrono::{Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone};

use super::words::Words;
use super::{AnalysisInput, Deadline};
use crate::dates::numbers::friday;
use crate::dates::vocabulary::LEADS;
use crate::dates::{
    self, Context, Lead, Mention, OWNERS, PartOfDay, Reason, Value, Zone, due_day, ends_clause,
    is_weekday,
};

/// How far the author's clock may run ahead of the receiving server's before it is not believed.
const CLOCK_SKEW_DAYS: i64 = 2;

/// A deadline and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// When.
    pub(super) due: Deadline,
    /// The first word of the phrase (its preposition) and the one after its last.
    pub(super) words: std::ops::Range<usize>,
    /// Whether the words name it as a limit (`by`, `before`), not as a time in passing.
    pub(super) firm: bool,
}

/// When the message was written, on the author's clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    now: NaiveDateTime,
    offset: FixedOffset,
}

impl Clock {
    /// The author's clock if the message has a plausible one, else the reader's.
    pub(super) fn of(input: &AnalysisInput<'_>) -> Self {
        let plausible = input.sent_at.filter(|sent| {
            sent.to_utc().signed_duration_since(input.received_at) < Duration::days(CLOCK_SKEW_DAYS)
        });
        if let Some(sent) = plausible {
            return Self {
                now: sent.naive_local(),
                offset: *sent.offset(),
            };
        }
        let received = input.received_at.with_timezone(&input.reader_zone);
        Self {
            now: received.naive_local(),
            offset: received.offset().fix(),
        }
    }

    fn today(self) -> NaiveDate {
        self.now.date()
    }

    /// How many days ahead the day of a deadline is, on the author's calendar.
    pub(super) fn days_until(self, due: &Deadline) -> i64 {
        let date = match due {
            Deadline::Date(date) => *date,
            Deadline::DateTime(civil, offset) => offset
                .from_local_datetime(civil)
                .single()
                .map_or(civil.date(), |then| {
                    then.with_timezone(&self.offset).date_naive()
                }),
        };
        date.signed_duration_since(self.today()).num_days()
    }
}

/// How far ahead a whole month in passing (`in May`) may begin and still be a deadline.
const NEAREST_MONTH_DAYS: i64 = 31;

/// The deadline that a sentence names: the first firm one, else the first time in passing.
pub(super) fn find(words: &Words<'_>, clock: Clock) -> Option<Found> {
    let context = Context::new(clock.now, Zone::Offset(clock.offset));
    let mut passing: Option<Found> = None;
    for mention in dates::find_in(words, &context) {
        let firm = mention.is_firm();
        if !firm && !counts(words, &mention) {
            continue;
        }
        let Some(due) = resolve(&mention, clock) else {
            continue;
        };
        let found = Found {
            due,
            words: mention.words,
            firm,
        };
        if firm {
            return Some(found);
        }
        passing.get_or_insert(found);
    }
    passing
}

/// Whether a time in passing can be a deadline.
fn counts(words: &Words<'_>, mention: &Mention) -> bool {
    let at = mention.words.start;
    // An hour alone is a deadline only where the words say so.
    if matches!(mention.lead, Lead::After | Lead::Since | Lead::From) || !mention.dated {
        return false;
    }
    let never = LEADS
        .longest_at(words, at.wrapping_sub(1))
        .is_some_and(|(_, lead)| lead.is_never());
    // What a weekday did not take along contradicts it.
    if (never && words.before(at) != "a") || is_weekday(words.before(at)) {
        return false;
    }
    let belongs = never || OWNERS.contains(&words.before(at)) || OWNERS.contains(&words.get(at));
    !mention.loose || (ends_clause(words, mention.words.end) && !belongs)
}

/// The reading of a mention that mail takes: the only one, or the one that it has a rule for.
fn reading(mention: &Mention) -> Option<Value> {
    let Some(first) = mention.readings.first() else {
        return Some(mention.value.clone());
    };
    match first.reason {
        Reason::SameDay | Reason::NextOrThis | Reason::Over => Some(first.value.clone()),
        // The hour is open and the day stands.
        Reason::Half | Reason::Zone | Reason::Gap | Reason::Overlap if mention.dated => {
            match &first.value {
                Value::DateTime(civil, _) | Value::Times(Some(civil), ..) => {
                    Some(Value::Date(civil.date()))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Turns a mention into a deadline, if it lies ahead and has one reading.
fn resolve(mention: &Mention, clock: Clock) -> Option<Deadline> {
    let today = clock.today();
    let day = |date: NaiveDate| (date >= today).then_some(Deadline::Date(date));
    let value = reading(mention)?;
    match value {
        Value::Date(date) => day(date),
        Value::Part(date, part) => {
            let end = match part {
                PartOfDay::Morning => NaiveTime::from_hms_opt(12, 0, 0)?,
                PartOfDay::Afternoon => NaiveTime::from_hms_opt(18, 0, 0)?,
                PartOfDay::Evening | PartOfDay::Night => return day(date),
            };
            day(date).filter(|_| date > today || clock.now.time() < end)
        }
        Value::Dates(Some(first), Some(last)) => {
            let far = first.signed_duration_since(today).num_days() > NEAREST_MONTH_DAYS;
            if !mention.is_firm() && far && (last - first).num_days() > 7 {
                return None;
            }
            let due = due_day(&value, last);
            // At a weekend `this week` is over and means the coming one.
            let over = due < today && (first..=last).contains(&today);
            day(if over { friday(today, 0)? } else { due })
        }
        Value::Dates(None, Some(last)) => day(last),
        Value::DateTime(civil, offset) | Value::Times(None, Some(civil), offset) => {
            timed(civil, offset, clock)
        }
        Value::Times(Some(civil), Some(_), _) => day(civil.date()),
        _ => None,
    }
}

fn timed(civil: NaiveDateTime, offset: Option<FixedOffset>, clock: Clock) -> Option<Deadline> {
    let offset = offset.unwrap_or(clock.offset);
    let then = offset.from_local_datetime(&civil).single()?;
    let now = clock.offset.from_local_datetime(&clock.now).single()?;
    (then > now).then_some(Deadline::DateTime(civil, offset))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use chrono::DateTime;

    use super::*;

    /// Wednesday, 4 March 2026, 10:00 in New York.
    fn clock() -> Clock {
        at("2026-03-04T10:00:00-05:00")
    }

    fn at(moment: &str) -> Clock {
        let sent = DateTime::parse_from_rfc3339(moment).unwrap();
        Clock {
            now: sent.naive_local(),
            offset: *sent.offset(),
        }
    }

    fn due(text: &str, clock: Clock) -> String {
        match find(&Words::new(text, 0..text.len()), clock).map(|found| found.due) {
            None => "-".to_owned(),
            Some(Deadline::Date(date)) => date.to_string(),
            Some(Deadline::DateTime(civil, offset)) => {
                format!("{} {offset}", civil.format("%Y-%m-%d %H:%M"))
            }
        }
    }

    #[test]
    fn dates_in_words_are_resolved_from_the_day_of_writing() {
        let mut misses = Vec::new();
        for (text, expected) in [
            ("by Friday", "2026-03-06"),
            ("by Wednesday", "2026-03-11"),
            ("this Friday", "2026-03-06"),
            ("next Friday", "2026-03-13"),
            ("next Tuesday", "2026-03-10"),
            ("this Monday", "-"),
            ("today", "2026-03-04"),
            ("tomorrow at 3pm", "2026-03-05 15:00 -05:00"),
            ("by 3:30 pm tomorrow", "2026-03-05 15:30 -05:00"),
            ("by 5 p.m. on Friday", "2026-03-06 17:00 -05:00"),
            ("EOD", "2026-03-04"),
            ("by end of day Friday", "2026-03-06"),
            ("by Friday EOD", "2026-03-06"),
            ("by COB tomorrow", "2026-03-05"),
            ("by the end of the week", "2026-03-06"),
            ("next week", "2026-03-13"),
            ("in two weeks", "2026-03-18"),
            ("within 48 hours", "2026-03-06 10:00 -05:00"),
            ("in 3 days", "2026-03-07"),
            ("by March 3rd", "-"),
            ("by March 30th", "2026-03-30"),
            ("on 14 April 2026", "2026-04-14"),
            ("by April 14, 2025", "-"),
            ("by 3/14", "2026-03-14"),
            ("by 14/3", "2026-03-14"),
            ("by 3/4", "-"),
            ("by 2026-03-14", "2026-03-14"),
            ("by 14.03.2026", "2026-03-14"),
            ("by the 15th", "2026-03-15"),
            ("before the 3rd", "2026-04-03"),
            ("by noon", "2026-03-04 12:00 -05:00"),
            ("this afternoon", "2026-03-04"),
            ("tomorrow morning", "2026-03-05"),
            ("by EOM", "2026-03-31"),
            ("by Thursday at 3", "2026-03-05 15:00 -05:00"),
            ("tomorrow at 5?", "2026-03-05 17:00 -05:00"),
            (
                "tomorrow before 9 whether he comes",
                "2026-03-05 09:00 -05:00",
            ),
            ("on Monday at 10.", "2026-03-09 10:00 -05:00"),
            ("on Monday at 9:30", "2026-03-09 09:30 -05:00"),
            ("on Monday at 4:30", "2026-03-09 16:30 -05:00"),
            ("tomorrow at 7", "2026-03-05"),
            ("tomorrow at 5 sites", "2026-03-05"),
            ("tomorrow at 10 Downing Street", "2026-03-05"),
            ("på fredag", "2026-03-06"),
            ("senast i morgon", "2026-03-05"),
            ("innan söndag", "2026-03-08"),
            ("by Friday 3pm UTC", "2026-03-06 15:00 +00:00"),
            ("by Friday 3pm ET", "2026-03-06 15:00 -05:00"),
            ("by Friday, March 6", "2026-03-06"),
            ("by Friday, March 7", "-"),
            ("asap", "-"),
            ("24/7", "-"),
            ("the report from last Friday", "-"),
            ("the Friday report", "-"),
            ("since Monday", "-"),
            ("you may 2 times", "-"),
            ("bis Freitag", "2026-03-06"),
            ("bis morgen 15 Uhr", "2026-03-05 15:00 -05:00"),
            ("bis zum 15. März", "2026-03-15"),
            ("nächste Woche", "2026-03-13"),
            ("spätestens am 20.3.", "2026-03-20"),
            ("avant vendredi", "2026-03-06"),
            ("vendredi prochain", "2026-03-06"),
            ("d'ici le 15 mars", "2026-03-15"),
            ("demain à 15h", "2026-03-05 15:00 -05:00"),
            ("demain à 9h30", "2026-03-05 09:30 -05:00"),
            ("antes del viernes", "2026-03-06"),
            ("para el 15 de marzo", "2026-03-15"),
            ("mañana", "2026-03-05"),
            ("金曜日までに", "2026-03-06"),
            ("3月15日まで", "2026-03-15"),
        ] {
            let due = due(text, clock());
            if due != expected {
                misses.push(format!("{text}: {due}, not {expected}"));
            }
        }
        assert!(misses.is_empty(), "{}", misses.join("\n"));
    }

    #[test]
    fn nothing_resolves_into_the_past() {
        let evening = at("2026-03-04T18:30:00+01:00");
        assert_eq!(due("by noon", evening), "-");
        assert_eq!(due("by EOD", evening), "2026-03-04");
        assert_eq!(due("this afternoon", evening), "-");
        assert_eq!(due("by February 20", evening), "-");
        assert_eq!(due("by the 30th", at("2026-01-31T10:00:00Z")), "-");
        assert_eq!(
            due("by January 5", at("2026-11-22T10:00:00Z")),
            "2027-01-05"
        );
        assert_eq!(
            due("end of the week", at("2026-03-07T10:00:00Z")),
            "2026-03-13"
        );
    }
}
