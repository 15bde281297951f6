//! The small values of the wire that hours are written with: weekdays, times of day, days, zones.
//!
//! Each reads itself and refuses what it can't be, so that who holds one need not look again.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use crate::calendar::civil::{self, CivilSeconds, Day};
use crate::time::parse_zone;

/// A day of the week, by the two letters of RFC 5545.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Weekday {
    /// Monday.
    Mo,
    /// Tuesday.
    Tu,
    /// Wednesday.
    We,
    /// Thursday.
    Th,
    /// Friday.
    Fr,
    /// Saturday.
    Sa,
    /// Sunday.
    Su,
}

impl Weekday {
    /// All of them, from Monday; the place of each is the number that [`civil::weekday`] gives.
    pub const ALL: [Self; 7] = [
        Self::Mo,
        Self::Tu,
        Self::We,
        Self::Th,
        Self::Fr,
        Self::Sa,
        Self::Su,
    ];
}

/// Some days of the week. On the wire a list, in any order; answers have it from Monday.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, ToSchema)]
#[schema(value_type = Vec<Weekday>)]
pub struct Weekdays(u8);

impl Weekdays {
    /// Monday to Friday.
    pub const MONDAY_TO_FRIDAY: Self = Self(0b001_1111);
    /// All seven.
    pub const EVERY: Self = Self(0b111_1111);

    /// Whether a civil day falls on one of them.
    pub fn contains(self, day: Day) -> bool {
        self.0 >> civil::weekday(day) & 1 == 1
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The weekdays, from Monday.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        Weekday::ALL
            .into_iter()
            .filter(move |weekday| self.0 >> (*weekday as u8) & 1 == 1)
    }
}

impl FromIterator<Weekday> for Weekdays {
    fn from_iter<I: IntoIterator<Item = Weekday>>(weekdays: I) -> Self {
        let bits = weekdays.into_iter().map(|weekday| 1 << (weekday as u8));
        Self(bits.fold(0, |all, one: u8| all | one))
    }
}

impl Serialize for Weekdays {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Weekdays {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let weekdays = Vec::<Weekday>::deserialize(deserializer)?;
        Ok(weekdays.into_iter().collect())
    }
}

/// A time of day on a wall, to the minute: `00:00` to `24:00`. The last is the midnight that ends the
/// day, and only something that ends can have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(value_type = String, pattern = r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$", example = "09:00")]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// The midnight that begins the day.
    pub const MIDNIGHT: Self = Self(0);
    /// The midnight that ends the day.
    pub const END_OF_DAY: Self = Self(24 * 60);

    /// The time of an hour (0 to 24) and a minute (0 to 59).
    pub const fn new(hour: u16, minute: u16) -> Option<Self> {
        if (hour < 24 && minute < 60) || (hour == 24 && minute == 0) {
            Some(Self(hour * 60 + minute))
        } else {
            None
        }
    }

    /// Minutes since the midnight that begins the day, 0 to 1,440.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// Reads `HH:MM`.
    pub fn parse(text: &str) -> Option<Self> {
        let [hour_tens, hour, b':', minute_tens, minute] = *text.as_bytes() else {
            return None;
        };
        let digits = |tens: u8, ones: u8| {
            (tens.is_ascii_digit() && ones.is_ascii_digit())
                .then(|| u16::from(tens - b'0') * 10 + u16::from(ones - b'0'))
        };
        Self::new(digits(hour_tens, hour)?, digits(minute_tens, minute)?)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("must be a time of day such as 09:00"))
    }
}

/// A stretch of a civil day. One that does not end after it starts goes on over midnight: `22:00` to
/// `06:00` is eight hours, `09:00` to `09:00` a whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeSpan {
    /// When it starts.
    pub start: TimeOfDay,
    /// When it ends; `24:00` is the end of the day.
    pub end: TimeOfDay,
}

impl TimeSpan {
    /// The whole day.
    pub const DAY: Self = Self {
        start: TimeOfDay::MIDNIGHT,
        end: TimeOfDay::END_OF_DAY,
    };

    /// How long it is on a wall, in minutes: 1 to 1,440.
    pub fn minutes(self) -> u16 {
        let (start, end) = (self.start.minutes(), self.end.minutes());
        if end > start {
            end - start
        } else {
            end + TimeOfDay::END_OF_DAY.minutes() - start
        }
    }

    /// When it starts and ends on the wall, where it starts on a day.
    pub fn on(self, day: Day) -> (CivilSeconds, CivilSeconds) {
        let start = civil::midnight(day) + i64::from(self.start.minutes()) * 60;
        (start, start + i64::from(self.minutes()) * 60)
    }
}

/// A civil day, such as `2026-12-24`, of the years 1 to 9998.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(value_type = String, format = Date, example = "2026-12-24")]
pub struct Date(Day);

impl Date {
    /// The date of a day; `None` outside the years 1 to 9998.
    pub fn new(day: Day) -> Option<Self> {
        (1..=9998)
            .contains(&civil::to_date(day).year())
            .then_some(Self(day))
    }

    /// Days since 1970-01-01.
    pub fn day(self) -> Day {
        self.0
    }

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Self::new(civil::from_date(date)).filter(|_| text.len() == 10)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil::year_month_day(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("must be a day such as 2026-12-24"))
    }
}

/// A zone of the IANA database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ToSchema)]
#[schema(value_type = String, example = "Europe/Berlin")]
pub struct Zone(pub Tz);

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        parse_zone(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom("must be an IANA zone such as Europe/Berlin"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads<'de, T: Deserialize<'de>>(json: &'de str) -> Option<T> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn weekdays_are_the_days_they_name() {
        let days: Weekdays = reads(r#"["FR","MO","FR"]"#).expect("weekdays");
        let monday = civil::day(2026, 11, 23);
        let on: Vec<bool> = (0..7).map(|after| days.contains(monday + after)).collect();
        assert_eq!(on, [true, false, false, false, true, false, false]);
        assert_eq!(
            serde_json::to_string(&days).expect("text"),
            r#"["MO","FR"]"#
        );
        assert!(reads::<Weekdays>(r#"["Monday"]"#).is_none());
    }

    #[test]
    fn a_time_of_day_is_written_as_it_was_read_and_nothing_else_is_one() {
        for minutes in 0..=1440 {
            let time = TimeOfDay(minutes);
            assert_eq!(TimeOfDay::parse(&time.to_string()), Some(time));
        }
        for wrong in [
            "", "9:00", "09:60", "24:01", "25:00", "09:00:00", "+9:00", "0９:00",
        ] {
            assert_eq!(TimeOfDay::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_span_that_ends_before_it_starts_goes_over_midnight() {
        let minutes = |json| reads::<TimeSpan>(json).map(TimeSpan::minutes);
        assert_eq!(minutes(r#"{"start":"22:00","end":"06:00"}"#), Some(480));
        assert_eq!(minutes(r#"{"start":"09:00","end":"09:00"}"#), Some(1440));
        assert_eq!(minutes(r#"{"start":"00:00","end":"24:00"}"#), Some(1440));
        assert_eq!(minutes(r#"{"start":"09:00","end":"17:00"}"#), Some(480));
    }

    #[test]
    fn only_days_of_four_digit_years_are_dates() {
        assert_eq!(
            Date::parse("2024-02-29").map(|date| date.to_string()),
            Some("2024-02-29".to_owned())
        );
        for wrong in [
            "2026-02-29",
            "9999-01-01",
            "+2026-01-01",
            "2026-1-01",
            "0000-01-01",
            "26-01-01",
        ] {
            assert_eq!(Date::parse(wrong), None, "{wrong}");
        }
    }
}
