//! Instants and civil times, and the one rule by which the second becomes the first.
//!
//! A calendar time is what a person means: a civil time in a zone, or a day. It stays that way in
//! storage; its instant is resolved beside it. Where the clocks go forward, a civil time that does
//! not exist is moved by the length of the gap (RFC 5545, 3.3.5: the offset before the gap holds).
//! Where they go back, the first of the two is meant (same section).

use std::fmt;

use chrono::{
    DateTime, Days, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta,
    TimeZone, Utc,
};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::object::Object;

/// A moment, exact to the millisecond. Its text has always the same length and sorts by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// The moment so many milliseconds after 1970-01-01T00:00:00Z. Values outside the years 1 to
    /// 9999 are moved to the nearest of them, so that the text keeps its form.
    pub fn from_milliseconds(milliseconds: i64) -> Self {
        const FIRST: i64 = -62_135_596_800_000;
        const LAST: i64 = 253_402_300_799_999;
        let milliseconds = milliseconds.clamp(FIRST, LAST);
        Self(DateTime::from_timestamp_millis(milliseconds).unwrap_or(DateTime::UNIX_EPOCH))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn milliseconds(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// The moment that much later (or earlier).
    #[must_use]
    pub fn plus(self, delta: TimeDelta) -> Self {
        Self::from_milliseconds(self.milliseconds().saturating_add(delta.num_milliseconds()))
    }

    /// The moment in `chrono`'s terms.
    pub fn to_utc(self) -> DateTime<Utc> {
        self.0
    }

    /// Reads RFC 3339 in any offset.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(Self::from)
    }
}

impl<Z: TimeZone> From<DateTime<Z>> for Timestamp {
    fn from(moment: DateTime<Z>) -> Self {
        Self::from_milliseconds(moment.timestamp_millis())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not an instant of RFC 3339"))
    }
}

/// A zone of the IANA database, by its name.
pub fn parse_zone(name: &str) -> Option<Tz> {
    name.parse().ok()
}

/// A time as a person means it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarTime {
    /// A day without a time of day.
    Date(NaiveDate),
    /// A civil time in a zone.
    DateTime {
        /// What the clock on the wall shows.
        date_time: NaiveDateTime,
        /// The zone of that wall.
        time_zone: Tz,
    },
}

/// The two forms on the wire, before they are told apart.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarTimeForm {
    date: Option<String>,
    date_time: Option<String>,
    time_zone: Option<String>,
    /// Answers carry the resolved instant; a client that sends an answer back is not refused for
    /// it, and what it says is not believed.
    #[serde(rename = "instant")]
    _instant: Option<String>,
}

impl<'de> Deserialize<'de> for CalendarTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Object(form) = Object::<CalendarTimeForm>::deserialize(deserializer)?;
        Self::of_form(form.date, form.date_time, form.time_zone)
    }
}

impl CalendarTime {
    /// Tells the two forms apart.
    pub(crate) fn of_form<E: serde::de::Error>(
        date: Option<String>,
        date_time: Option<String>,
        time_zone: Option<String>,
    ) -> Result<Self, E> {
        match (date, date_time, time_zone) {
            (Some(date), None, None) => parse_date(&date)
                .map(Self::Date)
                .ok_or_else(|| E::custom("`date` must be a day such as 2026-03-29")),
            (None, Some(date_time), Some(zone)) => Ok(Self::DateTime {
                date_time: parse_civil(&date_time).ok_or_else(|| {
                    E::custom("`date_time` must be a civil time such as 2026-03-29T02:30:00")
                })?,
                time_zone: parse_zone(&zone)
                    .ok_or_else(|| E::custom("`time_zone` must be an IANA zone"))?,
            }),
            _ => Err(E::custom("either `date`, or `date_time` with `time_zone`")),
        }
    }
}

/// The years that calendar times may have: four digits, and room for zone arithmetic.
pub const YEARS: std::ops::RangeInclusive<i32> = 1..=9998;

fn parse_date(text: &str) -> Option<NaiveDate> {
    use chrono::Datelike;
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (text.len() == 10 && YEARS.contains(&date.year())).then_some(date)
}

fn parse_civil(text: &str) -> Option<NaiveDateTime> {
    use chrono::Datelike;
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"))
        .ok()?;
    YEARS.contains(&time.date().year()).then_some(time)
}

impl CalendarTime {
    /// The moment by which something due at this time must be done. A day ends with its midnight
    /// in the zone of the person; a civil time brings its own zone.
    pub fn due_instant(self, person_zone: Tz) -> Timestamp {
        match self {
            Self::Date(date) => {
                let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
                resolve(next.and_time(NaiveTime::MIN), person_zone)
            }
            Self::DateTime {
                date_time,
                time_zone,
            } => resolve(date_time, time_zone),
        }
    }

    /// The JSON that answers carry: as given, with the instant beside it.
    pub fn with_instant(self, instant: Timestamp) -> ResolvedTime {
        match self {
            Self::Date(date) => ResolvedTime {
                date: Some(date.to_string()),
                date_time: None,
                time_zone: None,
                instant,
            },
            Self::DateTime {
                date_time,
                time_zone,
            } => ResolvedTime {
                date: None,
                date_time: Some(date_time.format("%Y-%m-%dT%H:%M:%S").to_string()),
                time_zone: Some(time_zone.name().to_owned()),
                instant,
            },
        }
    }
}

/// A calendar time as answers show it: `date`, or `date_time` with `time_zone`, and the instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ResolvedTime {
    /// The day, for what has no time of day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The civil time, without an offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_time: Option<String>,
    /// The IANA zone of the civil time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The moment that this is, or, for a day, the one that ends it.
    #[schema(value_type = String, format = DateTime)]
    pub instant: Timestamp,
}

/// The moment of a civil time in a zone, by the rule at the head of this file.
pub fn resolve(civil: NaiveDateTime, zone: Tz) -> Timestamp {
    match zone.from_local_datetime(&civil) {
        MappedLocalTime::Single(moment) | MappedLocalTime::Ambiguous(moment, _) => moment.into(),
        MappedLocalTime::None => resolve_in_gap(civil, zone),
    }
}

/// The offset that held before the gap, applied to the civil time that the gap swallowed. No gap
/// is known to be longer than a day (Samoa skipped one in 2011), so a day and an hour earlier the
/// clock stood on the near side.
fn resolve_in_gap(civil: NaiveDateTime, zone: Tz) -> Timestamp {
    let before = civil - TimeDelta::hours(25);
    let offset = zone
        .offset_from_local_datetime(&before)
        .earliest()
        .map_or(TimeDelta::zero(), |offset| {
            TimeDelta::seconds(i64::from(chrono::Offset::fix(&offset).local_minus_utc()))
        });
    (civil - offset).and_utc().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn civil(text: &str) -> NaiveDateTime {
        parse_civil(text).expect("a civil time")
    }

    fn zone(name: &str) -> Tz {
        parse_zone(name).expect("a zone")
    }

    fn resolved(text: &str, name: &str) -> String {
        resolve(civil(text), zone(name)).to_string()
    }

    #[test]
    fn a_civil_time_in_the_spring_gap_moves_by_the_length_of_the_gap() {
        assert_eq!(
            resolved("2026-03-29T02:30:00", "Europe/Berlin"),
            "2026-03-29T01:30:00.000Z"
        );
        assert_eq!(
            resolved("2026-10-04T02:15:00", "Australia/Lord_Howe"),
            "2026-10-03T15:45:00.000Z"
        );
        assert_eq!(
            resolved("2011-12-30T12:00:00", "Pacific/Apia"),
            "2011-12-30T22:00:00.000Z"
        );
    }

    #[test]
    fn a_civil_time_that_comes_twice_means_the_first() {
        assert_eq!(
            resolved("2026-10-25T02:30:00", "Europe/Berlin"),
            "2026-10-25T00:30:00.000Z"
        );
        assert_eq!(
            resolved("2026-11-01T01:30:00", "America/New_York"),
            "2026-11-01T05:30:00.000Z"
        );
    }

    #[test]
    fn an_all_day_due_ends_at_midnight_in_the_zone_of_the_person() {
        let day = CalendarTime::Date(parse_date("2026-03-29").expect("a day"));
        let ends = |name| day.due_instant(zone(name)).to_string();
        assert_eq!(ends("Europe/Berlin"), "2026-03-29T22:00:00.000Z");
        assert_eq!(ends("Asia/Kathmandu"), "2026-03-29T18:15:00.000Z");
        assert_eq!(ends("America/New_York"), "2026-03-30T04:00:00.000Z");
    }

    #[test]
    fn a_calendar_time_reads_its_two_forms_and_refuses_mixtures() {
        let read = |json| serde_json::from_str::<CalendarTime>(json);
        assert!(read(r#"{"date":"2026-03-29"}"#).is_ok());
        assert!(read(r#"{"date_time":"2026-03-29T09:00:00","time_zone":"Asia/Tokyo"}"#).is_ok());
        assert!(read(r#"{"date":"2026-03-29","time_zone":"Asia/Tokyo"}"#).is_err());
        assert!(read(r#"{"date_time":"2026-03-29T09:00:00"}"#).is_err());
        assert!(read(r#"{"date_time":"2026-03-29T09:00:00","time_zone":"Mars/Phobos"}"#).is_err());
        assert!(read(r#"{"date":"2026-02-30"}"#).is_err());
        assert!(read(r#"{"date":"+12026-02-03"}"#).is_err());
        assert!(read("{}").is_err());
    }

    #[test]
    fn the_text_of_an_instant_keeps_its_length_even_at_the_ends_of_time() {
        for milliseconds in [i64::MIN, -1, 0, 1, i64::MAX] {
            assert_eq!(
                Timestamp::from_milliseconds(milliseconds).to_string().len(),
                24
            );
        }
    }
}
