//! Dates by their numbers, and the steps on the calendar that all words of time share.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::vocabulary::{digits, is_month, month};
use crate::analysis::words::Words;

pub(crate) fn coming(today: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    let ahead = (weekday.num_days_from_monday() + 7 - today.weekday().num_days_from_monday()) % 7;
    today.checked_add_days(Days::new(if ahead == 0 { 7 } else { u64::from(ahead) }))
}

pub(crate) fn in_week(today: NaiveDate, weeks: u64, weekday: Weekday) -> Option<NaiveDate> {
    today
        .checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_monday())))?
        .checked_add_days(Days::new(
            weeks * 7 + u64::from(weekday.num_days_from_monday()),
        ))
}

/// The Friday of this week or the next; at a weekend `this week` is over and means the coming one.
pub(crate) fn friday(today: NaiveDate, weeks: u64) -> Option<NaiveDate> {
    let over = u64::from(today.weekday().num_days_from_monday() > 4 && weeks == 0);
    in_week(today, weeks + over, Weekday::Fri)
}

pub(crate) fn month_end(year: i32, month: u32) -> Option<NaiveDate> {
    let (year, month) = if month > 12 {
        (year + 1, month - 12)
    } else {
        (year, month)
    };
    let next = if month == 12 {
        NaiveDate::from_ymd_opt(year + 1, 1, 1)
    } else {
        NaiveDate::from_ymd_opt(year, month + 1, 1)
    };
    next?.pred_opt()
}

/// A date as its numbers give it, before anybody asks whether it lies ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// How many words.
    pub(crate) length: usize,
    pub(crate) year: Option<i32>,
    /// Missing in `the 15th`.
    pub(crate) month: Option<u32>,
    pub(crate) day: u32,
    /// Whether the month and the day could as well be exchanged: `3/4`.
    pub(crate) either: bool,
}

/// A date by its numbers: `March 3rd`, `3 March 2026`, `2026-03-14`, `3/14`, `the 15th`.
pub(crate) fn numbers(words: &Words<'_>, at: usize) -> Option<Numbers> {
    let found = |length: usize, year: Option<i32>, month: u32, day: u32| {
        Some(Numbers {
            length,
            year,
            month: Some(month),
            day,
            either: false,
        })
    };
    if let Some(month) = month(words.get(at)) {
        // `you may 2 times`, `it mars 3 cars`: a month that is a word too wants its capital.
        if matches!(words.get(at), "may" | "march") && !words.is_capital(at) {
            return None;
        }
        let day = digits(words.get(at + 1), 2)?;
        let mut length = 2 + usize::from(is_ordinal(words, at + 2));
        // `March 10:30` and `March 3-5` are not the days they start with.
        let year = year_at(words, at + length).inspect(|_| length += 1);
        return found(length, year, month, day);
    }
    let first = words.get(at);
    if first.len() == 4 {
        let year = digits(first, 4)?;
        let separator = words.gap_after(at);
        let same = matches!(separator, "-" | "/" | ".") && words.gap_after(at + 1) == separator;
        let (month, day) = (digits(words.get(at + 1), 2)?, digits(words.get(at + 2), 2)?);
        let year = i32::try_from(year).ok().filter(|_| same)?;
        return found(3, Some(year), month, day);
    }
    let one = digits(first, 2)?;
    match words.gap_after(at) {
        separator @ ("/" | "." | "-") if !words.get(at + 1).is_empty() => {
            let two = digits(words.get(at + 1), 2)?;
            let year = if words.gap_after(at + 1) == separator {
                year_at(words, at + 2)
            } else {
                None
            };
            let length = if year.is_some() { 3 } else { 2 };
            if separator == "-" && year.is_none() {
                return None; // `3-4 days`
            }
            // `3.5` without its second stop is a number.
            if separator == "." && year.is_none() && !words.gap_after(at + 1).starts_with('.') {
                return None;
            }
            if words.gap_after(at + length - 1) == separator && separator != "." {
                return None; // a longer chain: no date
            }
            if (one, two) == (24, 7) && year.is_none() {
                return None; // round the clock
            }
            let (month, day) = if separator == "." || one > 12 {
                (two, one)
            } else {
                (one, two)
            };
            let either = separator != "." && one <= 12 && two <= 12 && one != two;
            Some(Numbers {
                either,
                ..found(length, year, month, day)?
            })
        }
        gap => {
            let ordinal = is_ordinal(words, at + 1);
            let stop = gap.starts_with('.');
            let after = at + 1 + usize::from(ordinal);
            let (skipped, month_at) = if words.get(after) == "of" || words.get(after) == "de" {
                (1, after + 1)
            } else {
                (0, after)
            };
            if let Some(month) = month(words.get(month_at)) {
                let mut length = month_at + 1 - at;
                let (linked, year_place) = if words.get(month_at + 1) == "de" {
                    (1, month_at + 2)
                } else {
                    (0, month_at + 1)
                };
                let year = year_at(words, year_place).inspect(|_| length += 1 + linked);
                return found(length, year, month, one);
            }
            let german = stop && matches!(words.before(at), "zum" | "am" | "den" | "dem");
            // `March 3rd` that came to nothing as a whole is not the third of some month either.
            if (!ordinal && !german) || skipped > 0 || is_month(words.before(at)) {
                return None;
            }
            Some(Numbers {
                length: 1 + usize::from(ordinal),
                year: None,
                month: None,
                day: one,
                either: false,
            })
        }
    }
}

/// A day of this month, or of the next one if that is past.
pub(crate) fn day_of_month(today: NaiveDate, day: u32) -> Option<NaiveDate> {
    match today.with_day(day) {
        Some(date) if date >= today => Some(date),
        _ => month_end(today.year(), today.month())?
            .succ_opt()?
            .with_day(day),
    }
}

pub(crate) fn is_ordinal(words: &Words<'_>, at: usize) -> bool {
    matches!(words.get(at), "st" | "nd" | "rd" | "th" | "er")
        && at > 0
        && words.gap_after(at - 1).is_empty()
}

pub(crate) fn year_at(words: &Words<'_>, at: usize) -> Option<i32> {
    let word = words.get(at);
    let value = digits(word, 4)?;
    match word.len() {
        4 if (1970..2200).contains(&value) => i32::try_from(value).ok(),
        2 if at > 0 && matches!(words.gap_after(at - 1), "/" | "." | "-") => {
            i32::try_from(2000 + value).ok()
        }
        _ => None,
    }
}
