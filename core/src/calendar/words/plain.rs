//! Days and times in plain words, and in the words that nothing but they can mean.

use crate::calendar::civil::{self, Day};

use super::facts::Days;

const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `Friday`.
pub(super) fn weekday(number: u32) -> &'static str {
    nth(&WEEKDAYS, number)
}

/// `FR`, as RFC 5545 has it.
pub(super) fn two_letters(number: u32) -> &'static str {
    nth(&["MO", "TU", "WE", "TH", "FR", "SA", "SU"], number)
}

/// `March`.
pub(super) fn month(number: u32) -> &'static str {
    nth(&MONTHS, number.wrapping_sub(1))
}

fn nth(names: &[&'static str], place: u32) -> &'static str {
    let place = usize::try_from(place).unwrap_or(usize::MAX);
    names.get(place).copied().unwrap_or_default()
}

/// `Friday, 13 March 2026`.
pub(super) fn day(day: Day) -> String {
    let (year, number, of_month) = civil::year_month_day(day);
    format!(
        "{}, {of_month} {} {year}",
        weekday(civil::weekday(day)),
        month(number)
    )
}

/// `2026-03-13`.
pub(super) fn iso(day: Day) -> String {
    let (year, month, of_month) = civil::year_month_day(day);
    format!("{year:04}-{month:02}-{of_month:02}")
}

/// One day, or the first and the last of several, as a person says it.
pub(super) fn stretch(first: Day, last: Day) -> String {
    if first == last {
        day(first)
    } else {
        format!("{} to {}", day(first), day(last))
    }
}

/// The same in words that can't be misread.
pub(super) fn iso_stretch(first: Day, last: Day) -> String {
    if first == last {
        iso(first)
    } else {
        format!("{} to {}", iso(first), iso(last))
    }
}

/// `09:30`.
pub(super) fn minute(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// `an hour and 30 minutes`, as numbers.
pub(super) fn length(minutes: u32) -> String {
    let plural = |count: u32, unit: &str| {
        let s = if count == 1 { "" } else { "s" };
        format!("{count} {unit}{s}")
    };
    match (minutes / 60, minutes % 60) {
        (0, minutes) => plural(minutes, "minute"),
        (hours, 0) => plural(hours, "hour"),
        (hours, minutes) => format!("{} {}", plural(hours, "hour"), plural(minutes, "minute")),
    }
}

/// `Monday, Tuesday and Friday`: the weekdays of a mask, whose bit 0 is Monday.
pub(super) fn weekdays(mask: u8) -> String {
    let named = (0..7).filter(|number| mask >> number & 1 == 1).map(weekday);
    list(named.map(str::to_owned).collect(), "and")
}

/// `one, two and three`.
pub(super) fn list(mut items: Vec<String>, last_word: &str) -> String {
    let Some(last) = items.pop() else {
        return String::new();
    };
    if items.is_empty() {
        return last;
    }
    format!("{} {last_word} {last}", items.join(", "))
}

/// What days are, in plain words.
pub(super) fn days(days: Days) -> String {
    match days {
        Days::Range(first, last) | Days::End(first, last) => stretch(first, last),
        Days::InWeek(_, _) => list(days.each().map(day).collect(), "and"),
        Days::Weekdays(mask) | Days::Every(mask) => weekdays(mask),
        Days::Span(first, last) => format!("{} to {}", weekday(first), weekday(last)),
    }
}
