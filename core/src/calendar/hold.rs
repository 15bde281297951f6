//! Holds: a time that is kept free while others answer.
//!
//! A hold counts as busy until it expires, is released, or becomes an event. Two people never hold the
//! same time, and nothing is booked over a hold: both are decided in the batch that writes it.

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::event::{Attendee, EventInput, civil_time};
use super::interval::Interval;
use crate::error::{Error, Violations};
use crate::identifier::{CalendarId, HoldId};
use crate::patch::present;
use crate::text;
use crate::time::{CalendarTime, Timestamp, parse_zone};

/// How long a time is held unless told otherwise, in seconds.
const DEFAULT_LIFE_SECONDS: u32 = 600;
/// The longest time that a hold lasts, in seconds: a week, in which people answer.
const MAX_LIFE_SECONDS: u32 = 7 * 86_400;
/// The longest time that can be held, in hours.
const MAX_HOURS: i64 = 24;
/// The most characters a note may have.
const MAX_NOTE: usize = 500;
/// The last instant that is held: 30 December 9998, a day before calendar times end in some zone.
const LAST_MS: i64 = 253_370_592_000_000;
/// The most holds that a person can have at once.
pub const MAX_HOLDS: u32 = 200;

/// A time to hold.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewHold)]
pub struct HoldInput {
    /// From when on.
    #[schema(value_type = String, format = DateTime, example = "2030-03-04T09:00:00Z")]
    pub start: Timestamp,
    /// Until when; at most 24 hours later.
    #[schema(value_type = String, format = DateTime, example = "2030-03-04T10:00:00Z")]
    pub end: Timestamp,
    /// What for, on one line.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, max_length = 500, required = false)]
    pub note: Option<String>,
    /// For how long the time is held; 600 unless told otherwise.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = u32, minimum = 1, maximum = 604_800, required = false)]
    pub expires_in_seconds: Option<u32>,
}

/// A time that is held, as answers show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hold {
    /// Which one.
    #[schema(value_type = String, example = "hld_01kab0s3fpe2s9m8rtkx6hdzqv")]
    pub id: HoldId,
    /// From when on.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
    /// What for; may be empty.
    pub note: String,
    /// Until when it holds.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The same: a hold does not change.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl HoldInput {
    /// The hold that this makes, or everything that is wrong with it.
    pub fn into_hold(self, id: HoldId, now: Timestamp) -> Result<Hold, Error> {
        let mut violations = Violations::default();
        let length = self
            .end
            .milliseconds()
            .saturating_sub(self.start.milliseconds());
        if length <= 0 {
            violations.add("/end", "before_start", "must be after the start");
        } else if length > MAX_HOURS * 3_600_000 {
            violations.add(
                "/end",
                "too_long",
                format!("must be at most {MAX_HOURS} hours after the start"),
            );
        } else if self.end <= now {
            violations.add("/end", "past", "must be in the future");
        }
        for (pointer, time) in [("/start", self.start), ("/end", self.end)] {
            if time.milliseconds().rem_euclid(1000) != 0 {
                violations.add(pointer, "not_whole_seconds", "must be a whole second");
            }
            if time.milliseconds() > LAST_MS {
                violations.add(pointer, "out_of_range", "must be before the end of 9998");
            }
        }
        let note = self
            .note
            .filter(|note| !note.trim().is_empty())
            .map(|note| text::line(&note, "/note", MAX_NOTE, &mut violations));
        let life = self.expires_in_seconds.unwrap_or(DEFAULT_LIFE_SECONDS);
        if !(1..=MAX_LIFE_SECONDS).contains(&life) {
            let rule = format!("must be from 1 to {MAX_LIFE_SECONDS}");
            violations.add("/expires_in_seconds", "out_of_range", rule);
        }
        violations.into_result(Hold {
            id,
            start: self.start,
            end: self.end,
            note: note.unwrap_or_default(),
            expires_at: now.plus(TimeDelta::seconds(i64::from(life))),
            created_at: now,
            updated_at: now,
        })
    }
}

/// The event that a hold becomes. What is absent is taken from the hold.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HoldConfirmation)]
pub struct ConfirmInput {
    /// What it is, on one line; the note of the hold unless told otherwise.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, min_length = 1, max_length = 1000, required = false)]
    pub summary: Option<String>,
    /// More words.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, max_length = 20000, required = false)]
    pub description: Option<String>,
    /// Where.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, max_length = 1000, required = false)]
    pub location: Option<String>,
    /// Where it is met online.
    #[serde(default)]
    #[schema(max_length = 2000, format = "uri")]
    pub conference_url: Option<String>,
    /// In which calendar; the primary one unless told otherwise.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub calendar_id: Option<CalendarId>,
    /// The IANA zone of its times; the person's unless told otherwise.
    #[serde(default)]
    #[schema(example = "Europe/Berlin")]
    pub time_zone: Option<String>,
    /// Who is invited.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Vec<Attendee>, max_items = 500, required = false)]
    pub attendees: Option<Vec<Attendee>>,
}

impl ConfirmInput {
    /// What an event is made from, for a hold of somebody whose clock runs in `person_zone`.
    pub fn into_event(self, hold: &Hold, person_zone: Tz) -> Result<EventInput, Error> {
        let zone = match self.time_zone.as_deref().map(parse_zone) {
            None => person_zone,
            Some(Some(zone)) => zone,
            Some(None) => {
                let rule = "must be a zone of the IANA database";
                return Err(Error::invalid_at("/time_zone", "not_a_zone", rule));
            }
        };
        let time = Interval {
            start: hold.start.milliseconds(),
            end: hold.end.milliseconds(),
        };
        let (start, end) = civil_times(time, zone);
        let summary = match self.summary {
            Some(summary) => summary,
            None if hold.note.is_empty() => "Held time".to_owned(),
            None => hold.note.clone(),
        };
        Ok(EventInput {
            calendar_id: self.calendar_id,
            summary,
            description: self.description,
            location: self.location,
            start,
            end,
            recurrence: None,
            attendees: self.attendees,
            organizer: None,
            status: None,
            transparency: None,
            visibility: None,
            reminders: None,
            conference_url: self.conference_url,
            color: None,
        })
    }
}

/// The civil times of two instants in a zone, or both in UTC where one has none ([`civil_time`]).
pub fn civil_times(time: Interval, zone: Tz) -> (CalendarTime, CalendarTime) {
    let is_of_the_zone =
        |time| matches!(time, CalendarTime::DateTime { time_zone, .. } if time_zone == zone);
    let [start, end] = [time.start, time.end].map(|instant| civil_time(instant, zone));
    if is_of_the_zone(start) && is_of_the_zone(end) {
        (start, end)
    } else {
        (
            civil_time(time.start, Tz::UTC),
            civil_time(time.end, Tz::UTC),
        )
    }
}
