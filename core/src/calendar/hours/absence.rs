//! Absences: when a person is out of office, and when they are somewhere else.
//!
//! An absence is kept in the times it was written in, with the instants beside them. Its end is the
//! first moment, or the first day, that is not part of it, as everywhere in RFC 5545.

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::values::{Date, Zone};
use crate::calendar::civil;
use crate::calendar::interval::Interval;
use crate::error::{Error, Violations};
use crate::identifier::AbsenceId;
use crate::patch::{nullable, present};
use crate::text;
use crate::time::{CalendarTime, ResolvedTime, Timestamp, parse_zone, resolve};

use super::document::MAX_NOTE;

/// The longest absence, in days: two years.
pub const MAX_DAYS: i64 = 732;

/// What an absence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AbsenceKind {
    /// Not working: no time of it can be booked.
    OutOfOffice,
    /// Working in another zone: hours are read in that one.
    Travel,
}

impl AbsenceKind {
    /// The word in storage and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OutOfOffice => "out_of_office",
            Self::Travel => "travel",
        }
    }
}

/// An absence as a person writes it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAbsence)]
pub struct AbsenceInput {
    /// What it is.
    pub kind: AbsenceKind,
    /// When it starts.
    #[schema(value_type = crate::schema::CalendarTime)]
    pub start: CalendarTime,
    /// When it is over: the first moment, or the first day, that is not part of it.
    #[schema(value_type = crate::schema::CalendarTime)]
    pub end: CalendarTime,
    /// The zone that the person is in; with `travel`, and only there.
    #[serde(default)]
    pub time_zone: Option<Zone>,
    /// What for.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

/// A change to an absence (RFC 7396): what is absent stays, what is null is cleared.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AbsencePatch)]
pub struct AbsencePatchInput {
    /// What it is.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = AbsenceKind, required = false)]
    pub kind: Option<AbsenceKind>,
    /// When it starts.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = crate::schema::CalendarTime, required = false)]
    pub start: Option<CalendarTime>,
    /// When it is over.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = crate::schema::CalendarTime, required = false)]
    pub end: Option<CalendarTime>,
    /// The zone that the person is in.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Zone>)]
    pub time_zone: Option<Option<Zone>>,
    /// What for.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 500)]
    pub note: Option<Option<String>>,
}

/// An absence as answers show it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Absence {
    /// Which one.
    #[schema(value_type = String, example = "abs_01kab0s3fpe2s9m8rtkx6hdzqv")]
    pub id: AbsenceId,
    /// What it is.
    pub kind: AbsenceKind,
    /// When it starts; `instant` is its first moment.
    pub start: ResolvedTime,
    /// When it is over; `instant` is the first moment that is not part of it.
    pub end: ResolvedTime,
    /// The zone that the person is in, with `travel`.
    pub time_zone: Option<Zone>,
    /// What for.
    pub note: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// A stretch of time away from the usual, as hours are computed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Away {
    /// When.
    pub interval: Interval,
    /// The zone that the person is in; none where they do not work.
    pub zone: Option<Tz>,
}

impl Absence {
    /// The absence as hours are computed with.
    pub fn away(&self) -> Away {
        let interval = Interval {
            start: self.start.instant.milliseconds(),
            end: self.end.instant.milliseconds(),
        };
        let zone = self.time_zone.map(|zone| zone.0);
        Away { interval, zone }
    }

    /// The absence as a person could have written it.
    fn as_input(&self) -> Option<AbsenceInput> {
        Some(AbsenceInput {
            kind: self.kind,
            start: calendar_time(&self.start)?,
            end: calendar_time(&self.end)?,
            time_zone: self.time_zone,
            note: self.note.clone(),
        })
    }

    /// The absence after a change, or everything that is wrong with it.
    pub fn changed(
        &self,
        patch: AbsencePatchInput,
        now: Timestamp,
        person_zone: Tz,
    ) -> Result<Self, Error> {
        let mut input = self
            .as_input()
            .ok_or_else(|| Error::internal("an absence is stored with times that can't be read"))?;
        input.kind = patch.kind.unwrap_or(input.kind);
        input.start = patch.start.unwrap_or(input.start);
        input.end = patch.end.unwrap_or(input.end);
        input.time_zone = patch.time_zone.unwrap_or(input.time_zone);
        input.note = patch.note.unwrap_or(input.note);
        let changed = input.into_absence(self.id.clone(), now, person_zone)?;
        Ok(Self {
            created_at: self.created_at,
            ..changed
        })
    }
}

/// The calendar time that an answer shows.
fn calendar_time(shown: &ResolvedTime) -> Option<CalendarTime> {
    match (&shown.date, &shown.date_time, &shown.time_zone) {
        (Some(date), None, None) => {
            Date::parse(date).map(|date| CalendarTime::Date(civil::to_date(date.day())))
        }
        (None, Some(date_time), Some(zone)) => Some(CalendarTime::DateTime {
            date_time: NaiveDateTime::parse_from_str(date_time, "%Y-%m-%dT%H:%M:%S").ok()?,
            time_zone: parse_zone(zone)?,
        }),
        _ => None,
    }
}

impl AbsenceInput {
    /// The absence that this makes, or everything that is wrong with it. Days are those of the place
    /// travelled to, and otherwise of the person's zone.
    pub fn into_absence(
        self,
        id: AbsenceId,
        now: Timestamp,
        person_zone: Tz,
    ) -> Result<Absence, Error> {
        let mut violations = Violations::default();
        match (self.kind, self.time_zone) {
            (AbsenceKind::Travel, None) => {
                violations.add("/time_zone", "missing", "must be there with `travel`");
            }
            (AbsenceKind::OutOfOffice, Some(_)) => {
                violations.add("/time_zone", "not_allowed", "is there only with `travel`");
            }
            _ => {}
        }
        let zone_of_days = self.time_zone.map_or(person_zone, |zone| zone.0);
        let start = first_instant(self.start, zone_of_days);
        let end = first_instant(self.end, zone_of_days);
        let days = |time| matches!(time, CalendarTime::Date(_));
        if days(self.start) != days(self.end) {
            let rule = "must be a day where `start` is one, and a time where it is one";
            violations.add("/end", "mixed", rule);
        } else if end <= start {
            violations.add("/end", "out_of_order", "must be later than `start`");
        } else if end.milliseconds() - start.milliseconds() > MAX_DAYS * 86_400_000 {
            let rule = format!("must be at most {MAX_DAYS} days after `start`");
            violations.add("/end", "out_of_range", rule);
        }
        let note = self
            .note
            .map(|note| text::line(&note, "/note", MAX_NOTE, &mut violations));
        violations.into_result(Absence {
            id,
            kind: self.kind,
            start: self.start.with_instant(start),
            end: self.end.with_instant(end),
            time_zone: self.time_zone,
            note,
            created_at: now,
            updated_at: now,
        })
    }
}

/// The first moment of a day, or the moment of a civil time.
fn first_instant(time: CalendarTime, zone_of_days: Tz) -> Timestamp {
    match time {
        CalendarTime::Date(date) => resolve(date.and_time(chrono::NaiveTime::MIN), zone_of_days),
        CalendarTime::DateTime {
            date_time,
            time_zone,
        } => resolve(date_time, time_zone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Absence, Error> {
        let now = Timestamp::from_milliseconds(0);
        serde_json::from_str::<AbsenceInput>(json)
            .map_err(|error| Error::invalid_at("", "unreadable", error.to_string()))?
            .into_absence(AbsenceId::new(now, [0; 10]), now, chrono_tz::Europe::Berlin)
    }

    #[test]
    fn days_out_of_office_are_those_of_the_person_and_days_of_travel_those_of_the_place() {
        let instants = |json| {
            let absence = read(json).expect("an absence");
            (
                absence.start.instant.to_string(),
                absence.end.instant.to_string(),
            )
        };
        let out =
            r#"{"kind":"out_of_office","start":{"date":"2026-12-24"},"end":{"date":"2026-12-27"}}"#;
        assert_eq!(
            instants(out),
            (
                "2026-12-23T23:00:00.000Z".to_owned(),
                "2026-12-26T23:00:00.000Z".to_owned()
            )
        );
        let travel = r#"{"kind":"travel","time_zone":"Asia/Kathmandu","start":{"date":"2026-12-24"},"end":{"date":"2026-12-25"}}"#;
        assert_eq!(
            instants(travel),
            (
                "2026-12-23T18:15:00.000Z".to_owned(),
                "2026-12-24T18:15:00.000Z".to_owned()
            )
        );
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for json in [
            r#"{"kind":"travel","start":{"date":"2026-12-24"},"end":{"date":"2026-12-27"}}"#,
            r#"{"kind":"out_of_office","time_zone":"UTC","start":{"date":"2026-12-24"},"end":{"date":"2026-12-27"}}"#,
            r#"{"kind":"out_of_office","start":{"date":"2026-12-24"},"end":{"date":"2026-12-24"}}"#,
            r#"{"kind":"out_of_office","start":{"date":"2026-12-24"},"end":{"date":"2029-12-24"}}"#,
            r#"{"kind":"out_of_office","start":{"date":"2026-12-24"},"end":{"date_time":"2026-12-24T12:00","time_zone":"UTC"}}"#,
            r#"{"kind":"out_of_office","start":{"date":"2026-12-24"},"end":{"date":"2026-12-25"},"note":"a\u0000"}"#,
        ] {
            let error = read(json).expect_err(json);
            assert_eq!(error.fields.len(), 1, "{json}");
        }
    }

    #[test]
    fn a_change_is_held_against_what_it_leaves() {
        let json = r#"{"kind":"travel","time_zone":"Asia/Tokyo","start":{"date":"2026-12-24"},"end":{"date":"2026-12-27"},"note":"fair"}"#;
        let absence = read(json).expect("an absence");
        let change = |json| {
            let patch = serde_json::from_str(json).expect("a patch");
            let later = Timestamp::from_milliseconds(1);
            absence.changed(patch, later, chrono_tz::Europe::Berlin)
        };
        assert!(change(r#"{"end":{"date":"2026-12-24"}}"#).is_err());
        assert!(change(r#"{"kind":"out_of_office"}"#).is_err());
        let moved = change(r#"{"time_zone":"UTC","note":null}"#).expect("an absence");
        assert_eq!(moved.start.instant.to_string(), "2026-12-24T00:00:00.000Z");
        assert_eq!(moved.note, None);
        assert_eq!(moved.created_at, absence.created_at);
        assert_ne!(moved.updated_at, absence.updated_at);
        let same = change("{}").expect("an absence");
        assert_eq!((same.start, same.end), (absence.start, absence.end));
    }
}
