//! Dates of RDATE, EXDATE and UNTIL: their text (RFC 5545, 3.3.4, 3.3.5, 3.3.6, 3.3.9), and what
//! they mean in a series.

use std::fmt::Write;

use chrono_tz::Tz;

use super::{FIRST_CIVIL, LAST_CIVIL, Length};
use crate::calendar::civil::{
    self, CivilSeconds, Day, day_of, days_in_month, midnight, second_of_day, to_date_time,
    year_month_day,
};
use crate::time::resolve;

/// A date as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `20260401`
    Day(Day),
    /// `20260401T090000`
    Wall(CivilSeconds),
    /// `20260401T070000Z`: seconds since 1970.
    Utc(i64),
}

impl Form {
    /// Reads one of the three forms. The second 60 is read as 59 (RFC 5545, 3.3.12), and a day with a
    /// `Z` behind it as that day.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::until_year(9_998, text)
    }

    /// The same for UNTIL, where the year 9999 is a usual way to say that a rule never ends.
    pub(super) fn parse_until(text: &str) -> Option<Self> {
        Self::until_year(9_999, text)
    }

    fn until_year(last: i32, text: &str) -> Option<Self> {
        let number = |from: usize, until: usize| -> Option<u32> {
            let digits = text.get(from..until)?;
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            digits.parse().ok()
        };
        let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
        let year = i32::try_from(year).ok()?;
        let exists = (1..=last).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day);
        if !exists {
            return None;
        }
        let day = civil::day(year, month, day);
        if matches!(text.get(8..)?, "" | "Z" | "z") {
            return Some(Self::Day(day));
        }
        let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
        if !text.get(8..9)?.eq_ignore_ascii_case("T") || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let civil = midnight(day) + i64::from(hour * 3_600 + minute * 60 + second.min(59));
        match text.get(15..)? {
            "" => Some(Self::Wall(civil)),
            "Z" | "z" => Some(Self::Utc(civil)),
            _ => None,
        }
    }

    /// The day as it is written.
    pub(super) fn day(self) -> Day {
        match self {
            Self::Day(day) => day,
            Self::Wall(civil) | Self::Utc(civil) => day_of(civil),
        }
    }

    /// Appends the text.
    pub(super) fn write(self, text: &mut String) {
        let (year, month, day) = year_month_day(self.day());
        let _ = write!(text, "{year:04}{month:02}{day:02}");
        if let Self::Wall(civil) | Self::Utc(civil) = self {
            let second = second_of_day(civil);
            let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
            let _ = write!(text, "T{hour:02}{minute:02}{second:02}");
        }
        if let Self::Utc(_) = self {
            text.push('Z');
        }
    }
}

/// The instant of a civil time, in seconds since 1970.
pub(super) fn seconds_of(civil: CivilSeconds, zone: Tz) -> i64 {
    let civil = civil.clamp(FIRST_CIVIL, LAST_CIVIL);
    resolve(to_date_time(civil), zone)
        .milliseconds()
        .div_euclid(1_000)
}

/// What a wall shows at an instant in seconds since 1970.
pub(super) fn wall_of(seconds: i64, zone: Tz) -> CivilSeconds {
    let moment = chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    civil::from_date_time(moment.with_timezone(&zone).naive_local())
}

/// A date in a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    /// What dates are compared by: seconds since 1970; in a series of days, those of midnight on
    /// the wall.
    pub(super) key: i64,
    /// What the wall of the series shows.
    pub(super) civil: CivilSeconds,
}

impl Moment {
    /// Of a civil time in the zone of the series, or of its day.
    pub(super) fn on_wall(civil: CivilSeconds, zone: Option<Tz>) -> Self {
        let civil = civil.clamp(FIRST_CIVIL, LAST_CIVIL);
        if let Some(zone) = zone {
            let key = seconds_of(civil, zone);
            return Self { key, civil };
        }
        let civil = midnight(day_of(civil));
        Self { key: civil, civil }
    }

    /// Of what is written, where `written_in` is the zone of the line, `zone` that of the series, and
    /// `time` the time of day for what has none.
    pub(super) fn of(form: Form, written_in: Option<Tz>, zone: Option<Tz>, time: i64) -> Self {
        let Some(zone) = zone else {
            return Self::on_wall(midnight(form.day()), None);
        };
        let seconds = match (form, written_in) {
            (Form::Day(day), _) => return Self::on_wall(midnight(day) + time, Some(zone)),
            (Form::Wall(civil), Some(other)) if other != zone => seconds_of(civil, other),
            (Form::Wall(civil), _) => return Self::on_wall(civil, Some(zone)),
            (Form::Utc(seconds), _) => seconds,
        };
        Self {
            key: seconds,
            civil: wall_of(seconds, zone),
        }
    }

    /// The form that says exactly this in a series of that zone.
    pub(super) fn form(self, zone: Option<Tz>) -> Form {
        match zone {
            None => Form::Day(day_of(self.civil)),
            Some(Tz::UTC) => Form::Utc(self.key),
            Some(zone) if seconds_of(self.civil, zone) == self.key => Form::Wall(self.civil),
            Some(_) => Form::Utc(self.key),
        }
    }
}

/// A date that is added (RDATE), with a length of its own where it is a PERIOD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Addition {
    pub(super) at: Moment,
    pub(super) length: Option<Length>,
}

/// Reads a duration that is not negative (RFC 5545, 3.3.6).
pub(super) fn parse_duration(text: &str) -> Option<Length> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let (mut days, mut seconds) = (0_i64, 0_i64);
    // The units in their order, each at most once.
    let mut units = "PWDTHMS".chars();
    let (mut begun, mut any) = (false, false);
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit())?;
        let (digits, behind) = rest.split_at_checked(end)?;
        let unit = behind.chars().next()?.to_ascii_uppercase();
        rest = behind.get(1..)?;
        units.find(|one| *one == unit)?;
        if matches!(unit, 'P' | 'T') && digits.is_empty() {
            begun |= unit == 'P';
            continue;
        }
        // The seconds of all years have twelve digits; nothing overflows with so many.
        let amount: i64 = if digits.len() <= 12 {
            digits.parse().ok()?
        } else {
            return None;
        };
        match unit {
            'W' => days += amount * 7,
            'D' => days += amount,
            'H' => seconds += amount * 3_600,
            'M' => seconds += amount * 60,
            'S' => seconds += amount,
            _ => return None,
        }
        any = true;
    }
    (begun && any).then_some(Length::Nominal {
        days: i32::try_from(days).ok()?,
        milliseconds: seconds * 1_000,
    })
}

/// Appends a duration as [`parse_duration`] reads it.
pub(super) fn write_duration(length: Length, text: &mut String) {
    let (days, milliseconds) = length.parts();
    text.push('P');
    if days > 0 {
        let _ = write!(text, "{days}D");
    }
    if days == 0 || milliseconds > 0 {
        let _ = write!(text, "T{}S", milliseconds / 1_000);
    }
}
