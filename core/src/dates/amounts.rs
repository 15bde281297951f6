//! Amounts of time: `two weeks`, `an hour and a half`, `3-4 days`; counted from a moment, or lengths.

use std::fmt;

use chrono::{Datelike, Days, Duration, Months, NaiveDate, NaiveDateTime, Weekday};

use super::terms::UNITS;
use super::vocabulary::number;
use crate::analysis::words::Words;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    WorkingDay,
    Week,
    Fortnight,
    Weekend,
    Month,
    Quarter,
    Year,
}

/// A length of time as words give it: months are not days, and days are not hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Length {
    /// Whole months; a year has twelve.
    pub months: u32,
    /// Whole days; a week has seven.
    pub days: u32,
    /// Whether only Monday to Friday count.
    pub working: bool,
    /// Seconds: hours and less.
    pub seconds: u32,
}

/// The most of a unit that is taken for a time.
const MOST: u32 = 4000;

impl Length {
    pub(super) fn of(count: u32, unit: Unit) -> Self {
        let (months, days, seconds) = match unit {
            Unit::Second => (0, 0, 1),
            Unit::Minute => (0, 0, 60),
            Unit::Hour => (0, 0, 3600),
            Unit::Day | Unit::WorkingDay => (0, 1, 0),
            Unit::Week | Unit::Weekend => (0, 7, 0),
            Unit::Fortnight => (0, 14, 0),
            Unit::Month => (1, 0, 0),
            Unit::Quarter => (3, 0, 0),
            Unit::Year => (12, 0, 0),
        };
        let count = count.min(MOST);
        Self {
            months: months * count,
            days: days * count,
            working: unit == Unit::WorkingDay,
            seconds: seconds * count,
        }
    }

    fn half(unit: Unit) -> Self {
        let one = Self::of(1, unit);
        match unit {
            Unit::Day | Unit::WorkingDay => Self::of(12, Unit::Hour),
            // Half a week is no number of days.
            Unit::Week => Self {
                days: 3,
                seconds: 12 * 3600,
                ..Self::default()
            },
            Unit::Month => Self::of(15, Unit::Day),
            _ => Self {
                months: one.months / 2,
                days: one.days / 2,
                working: false,
                seconds: one.seconds / 2,
            },
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            months: self.months + other.months,
            days: self.days + other.days,
            working: self.working || other.working,
            seconds: self.seconds + other.seconds,
        }
    }

    /// Whether it is less than days: a time on the clock comes out of it.
    pub(super) fn is_clock(self) -> bool {
        self.seconds > 0
    }

    /// The day so far after another one, or before.
    pub(super) fn day_from(self, date: NaiveDate, ahead: bool) -> Option<NaiveDate> {
        let (months, days) = (Months::new(self.months), Days::new(self.days.into()));
        if self.working {
            let mut date = date;
            let mut left = self.days.min(MOST);
            while left > 0 {
                date = if ahead {
                    date.succ_opt()?
                } else {
                    date.pred_opt()?
                };
                if date.weekday().num_days_from_monday() < 5 {
                    left -= 1;
                }
            }
            return Some(date);
        }
        if ahead {
            date.checked_add_months(months)?.checked_add_days(days)
        } else {
            date.checked_sub_months(months)?.checked_sub_days(days)
        }
    }

    /// The moment so far after another one, or before.
    pub(super) fn moment_from(self, moment: NaiveDateTime, ahead: bool) -> Option<NaiveDateTime> {
        let seconds = Duration::seconds(self.seconds.into());
        self.day_from(moment.date(), ahead)?
            .and_time(moment.time())
            .checked_add_signed(if ahead { seconds } else { -seconds })
    }
}

impl fmt::Display for Length {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("P")?;
        let (years, months) = (self.months / 12, self.months % 12);
        for (count, letter) in [(years, 'Y'), (months, 'M')] {
            if count > 0 {
                write!(out, "{count}{letter}")?;
            }
        }
        // RFC 5545 knows weeks only alone.
        if self.days > 0 && self.days.is_multiple_of(7) && self.months == 0 && self.seconds == 0 {
            write!(out, "{}W", self.days / 7)?;
        } else if self.days > 0 {
            write!(out, "{}D", self.days)?;
        }
        if self.seconds > 0 {
            out.write_str("T")?;
        }
        let (hours, minutes) = (self.seconds / 3600, self.seconds / 60 % 60);
        for (count, letter) in [(hours, 'H'), (minutes, 'M'), (self.seconds % 60, 'S')] {
            if count > 0 {
                write!(out, "{count}{letter}")?;
            }
        }
        Ok(())
    }
}

/// An amount as it stands in the words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Amount {
    pub(super) end: usize,
    pub(super) length: Length,
    /// The longer of `two or three days`.
    pub(super) most: Option<Length>,
    /// Whether its number is an article: `an hour`, `a day`.
    pub(super) article: bool,
}

fn is_article(word: &str) -> bool {
    matches!(
        word,
        "a" | "an" | "ein" | "eine" | "einer" | "einem" | "einen" | "un" | "une" | "una" | "the"
    )
}

fn is_half(word: &str) -> bool {
    matches!(
        word,
        "half" | "halbe" | "halben" | "halbes" | "demi" | "demie" | "media" | "medio"
    )
}

/// A number from words, `twenty five` included: where it ends, and which.
pub(super) fn count(words: &Words<'_>, at: usize) -> Option<(usize, u32)> {
    let word = words.get(at);
    if word == "couple" || (word == "a" && words.get(at + 1) == "couple") {
        let at = at + 1 + usize::from(word == "a");
        return Some((at + usize::from(words.get(at) == "of"), 2));
    }
    let first = number(word).or(match word {
        "einen" | "eines" => Some(1),
        "thirteen" | "dreizehn" => Some(13),
        "fourteen" | "vierzehn" => Some(14),
        "sixteen" | "sechzehn" => Some(16),
        "eighteen" | "achtzehn" => Some(18),
        "quarante" => Some(40),
        "seventy" => Some(70),
        "eighty" => Some(80),
        "hundred" => Some(100),
        _ => None,
    })?;
    let tens = word.bytes().all(|byte| byte.is_ascii_alphabetic())
        && first >= 20
        && first.is_multiple_of(10);
    let ones = number(words.get(at + 1)).filter(|ones| {
        tens && (1..10).contains(ones)
            && !is_article(words.get(at + 1))
            && !words.get(at + 1).bytes().all(|byte| byte.is_ascii_digit())
    });
    match ones {
        Some(ones) => Some((at + 2, first + ones)),
        None => Some((at + 1, first)),
    }
}

/// An amount of time, if one starts at this word.
#[expect(
    clippy::too_many_lines,
    reason = "one form after the other: the first that fits wins"
)]
pub(super) fn amount(words: &Words<'_>, at: usize) -> Option<Amount> {
    let mut article = is_article(words.get(at));
    let found = |end, length, article| {
        Some(Amount {
            end,
            length,
            most: None,
            article,
        })
    };
    let unit = |at: usize| {
        UNITS
            .longest_at(words, at)
            .map(|(length, unit)| (at + length, unit))
    };
    // `half an hour`, `eine halbe Stunde`, `une demi-heure`, `media hora`, `anderthalb Stunden`
    let half = at + usize::from(article && words.get(at) != "the");
    if is_half(words.get(half)) {
        let place = half + 1 + usize::from(is_article(words.get(half + 1)));
        let (end, unit) = unit(place)?;
        return found(end, Length::half(unit), false);
    }
    if matches!(words.get(at), "anderthalb" | "eineinhalb") {
        let (end, unit) = unit(at + 1)?;
        return found(end, Length::of(1, unit).plus(Length::half(unit)), false);
    }
    if matches!(words.get(half), "quarter" | "viertelstunde") {
        let end = half + 1;
        if words.get(half) == "viertelstunde" {
            return found(end, Length::of(15, Unit::Minute), false);
        }
        let end =
            end + usize::from(words.get(end) == "of") + 1 + usize::from(is_article(words.get(end)));
        let hour = matches!(words.get(end - 1), "hour") || words.get(end) == "hour";
        return hour.then(|| Amount {
            end: if words.get(end - 1) == "hour" {
                end
            } else {
                end + 1
            },
            length: Length::of(15, Unit::Minute),
            most: None,
            article: false,
        });
    }
    // `1h30m`
    if let Some(minutes) = words
        .get(at + 1)
        .strip_prefix('h')
        .and_then(|minutes| minutes.parse().ok())
        && matches!(words.get(at + 2), "m" | "min")
        && words.gap_after(at + 1).is_empty()
    {
        let hours = Length::of(number(words.get(at))?, Unit::Hour);
        return found(at + 3, hours.plus(Length::of(minutes, Unit::Minute)), false);
    }
    let (mut place, first) = count(words, at)?;
    article &= words.get(at + 1) != "couple";
    if first == 0 {
        return None;
    }
    // `3-4 weeks`, `two or three days`, `2 to 3 days`
    let dash = matches!(words.gap_after(place - 1).trim(), "-" | "–");
    let joint = usize::from(matches!(
        words.get(place),
        "or" | "to" | "oder" | "bis" | "ou" | "a" | "o"
    ));
    let most = count(words, place + joint).filter(|(_, most)| {
        (dash != (joint == 1)) && *most > first && !is_article(words.get(place + joint))
    });
    if let Some((end, most)) = most
        && let Some((end, unit)) = unit(end)
    {
        return Some(Amount {
            end,
            length: Length::of(first, unit),
            most: Some(Length::of(most, unit)),
            article: false,
        });
    }
    // `2.5 hours`, `2,5 Stunden`, `two and a half hours`
    let mut halves = false;
    if matches!(words.gap_after(at), "." | ",") && words.get(place) == "5" {
        place += 1;
        halves = true;
    } else if matches!(words.get(place), "and")
        && words.get(place + 1) == "a"
        && is_half(words.get(place + 2))
    {
        place += 3;
        halves = true;
    } else if !matches!(
        words.gap_after(place - 1).trim_matches(' '),
        "" | "-" | "\n" | "\u{a0}"
    ) {
        return None;
    }
    let (mut end, found_unit) = unit(place)?;
    // `three quarters of an hour`
    if found_unit == Unit::Quarter && words.get(end) == "of" {
        return None;
    }
    // `a week or two`
    if first == 1
        && matches!(
            (words.get(end), words.get(end + 1)),
            ("or", "two") | ("oder", "zwei") | ("ou", "deux") | ("o", "dos")
        )
    {
        return Some(Amount {
            end: end + 2,
            length: Length::of(1, found_unit),
            most: Some(Length::of(2, found_unit)),
            article: false,
        });
    }
    let mut length = Length::of(first, found_unit);
    if halves {
        length = length.plus(Length::half(found_unit));
        return found(end, length, false);
    }
    let joined = matches!(words.get(end), "and" | "und" | "et" | "y")
        && words.gap_after(end - 1).trim().is_empty();
    if joined {
        // `an hour and a half`, `une heure et demie`, `una hora y media`
        let place = end + 1 + usize::from(is_article(words.get(end + 1)));
        if is_half(words.get(place)) && unit(place + 1).is_none() {
            length = length.plus(Length::half(found_unit));
            return found(place + 1, length, false);
        }
    }
    // `1 hour and 15 minutes`, `2 hours 30 minutes`
    let next = end + usize::from(joined);
    if matches!(
        found_unit,
        Unit::Hour | Unit::Day | Unit::Year | Unit::Week | Unit::Month
    ) && !is_article(words.get(next))
        && matches!(words.gap_after(end - 1).trim(), "" | ",")
        && let Some((place, more)) = count(words, next)
        && let Some((last, smaller)) = unit(place)
        && smaller != found_unit
        && Length::of(1, smaller).seconds <= 3600
    {
        let more = Length::of(more, smaller);
        if more.months <= length.months && (more.months > 0 || more.days <= 60) {
            length = length.plus(more);
            end = last;
            article = false;
        }
    }
    found(end, length, article)
}

/// The first such weekday after a day (`ahead`), or before it.
pub(super) fn nearest(date: NaiveDate, weekday: Weekday, ahead: bool) -> Option<NaiveDate> {
    let distance = if ahead {
        weekday.num_days_from_monday() + 7 - date.weekday().num_days_from_monday()
    } else {
        date.weekday().num_days_from_monday() + 7 - weekday.num_days_from_monday()
    } % 7;
    let days = Days::new(u64::from(if distance == 0 { 7 } else { distance }));
    if ahead {
        date.checked_add_days(days)
    } else {
        date.checked_sub_days(days)
    }
}
