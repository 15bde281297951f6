//! Booking links: a person lets people outside take a time of theirs, by rules of the link's own.
//!
//! Who has the link learns when a meeting of its length can start, and nothing of why other times are
//! taken. What they book is an event of the person's, with them as attendee.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::event::{Attendee, Event, EventInput, MAX_LINE, Organizer, Response, Role, check_url};
use super::hold::civil_times;
use super::hours::document::MeetingKind;
use super::hours::values::Zone;
use super::interval::Interval;
use super::slots::constraints::{Constraints, Tentative};
use super::slots::request::{
    MAX_DURATION_MINUTES, RequestedAttendee, STEPS_MINUTES, SlotsRequest, Who,
};
use crate::account::check_address;
use crate::error::{Error, Kind, Violations};
use crate::identifier::{BookingLinkId, CalendarEventId, CalendarId, UserId};
use crate::text;
use crate::time::Timestamp;

/// The most links a person can have.
pub const MAX_LINKS: u32 = 50;
/// The most characters of what is said on a link's page.
const MAX_DESCRIPTION: usize = 5_000;
/// The most characters of a guest's note.
const MAX_NOTE: usize = 2_000;
/// The farthest ahead that can be booked, in days.
const MAX_DAYS_AHEAD: u32 = 365;
/// The longest window whose times are listed at once, in days.
const MAX_LISTED_DAYS: i64 = 31;
const DAY_MS: i64 = 86_400_000;
/// How many times are listed at once.
const MAX_LISTED: usize = 100;

/// The rules of a link. What is left out has its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookingRules {
    /// What is booked, on one line: the summary of the events.
    #[schema(min_length = 1, max_length = 1000, example = "Intro call")]
    pub title: String,
    /// What people read before they book.
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub description: String,
    /// How long it takes.
    #[schema(minimum = 1, maximum = 1440, example = 30)]
    pub duration_minutes: u32,
    /// How many minutes apart it can start: 5, 10, 15, 20, 30 or 60.
    #[serde(default = "quarter")]
    pub step_minutes: u32,
    /// How many days ahead can be booked.
    #[serde(default = "two_months")]
    #[schema(minimum = 1, maximum = 365)]
    pub days_ahead: u32,
    /// How many can be booked a day, in the zone of the rules; any number where it is null.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    pub most_a_day: Option<u32>,
    /// In which calendar; the primary one unless told otherwise.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub calendar_id: Option<CalendarId>,
    /// Where.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub location: String,
    /// Where it is met online.
    #[serde(default)]
    #[schema(max_length = 2000, format = "uri")]
    pub conference_url: Option<String>,
    /// How people meet, for the buffers that the person keeps.
    #[serde(default)]
    pub kind: Option<MeetingKind>,
    /// The zone in which days and times of the constraints are read; the account's where it is null.
    #[serde(default)]
    pub time_zone: Option<Zone>,
    /// What the times must keep to, beside the person's hours. Tentative time counts as busy here.
    #[serde(default)]
    pub constraints: Constraints,
    /// Whether it can be booked.
    #[serde(default = "yes")]
    pub is_active: bool,
}

const fn quarter() -> u32 {
    15
}

const fn two_months() -> u32 {
    60
}

const fn yes() -> bool {
    true
}

/// A link as its owner sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingLink {
    /// Which one.
    #[schema(value_type = String, example = "bkl_01kab0s3fpe2s9m8rtkx6hdzqv")]
    pub id: BookingLinkId,
    /// The part of its address that nobody guesses: `/api/v1/booking/{slug}`.
    pub slug: String,
    /// Its rules.
    #[serde(flatten)]
    pub rules: BookingRules,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// What answers show beside the rules.
pub const SHOWN: [&str; 4] = ["id", "slug", "created_at", "updated_at"];

impl BookingRules {
    /// The rules as they are stored, or everything that is wrong with them.
    pub fn check(mut self) -> Result<Self, Error> {
        let mut violations = Violations::default();
        self.title = text::line(&self.title, "/title", MAX_LINE, &mut violations);
        let description = std::mem::take(&mut self.description);
        self.description = text::block(
            description,
            "/description",
            MAX_DESCRIPTION,
            &mut violations,
        );
        if !self.location.trim().is_empty() {
            self.location = text::line(&self.location, "/location", MAX_LINE, &mut violations);
        }
        self.conference_url = self
            .conference_url
            .map(|url| check_url(&url, &mut violations));
        let mut range = |pointer: &str, value: u32, most: u32| {
            if value == 0 || value > most {
                violations.add(pointer, "out_of_range", format!("must be from 1 to {most}"));
            }
        };
        range(
            "/duration_minutes",
            self.duration_minutes,
            MAX_DURATION_MINUTES,
        );
        range("/days_ahead", self.days_ahead, MAX_DAYS_AHEAD);
        range("/most_a_day", self.most_a_day.unwrap_or(1), 100);
        if !STEPS_MINUTES.contains(&self.step_minutes) {
            let rule = "must be 5, 10, 15, 20, 30 or 60";
            violations.add("/step_minutes", "out_of_range", rule);
        }
        self.constraints.check("/constraints", &mut violations);
        violations.into_result(self)
    }

    /// The search for times of the link in a window, whose owner's clock runs in `account_zone`: not
    /// in the past, and not farther ahead than the link goes. Nothing where that leaves no time.
    pub fn search(
        &self,
        owner: &UserId,
        window: Interval,
        account_zone: chrono_tz::Tz,
        now: Timestamp,
    ) -> Option<SlotsRequest> {
        let now = now.milliseconds();
        let open = Interval {
            start: now,
            end: now.saturating_add(i64::from(self.days_ahead) * DAY_MS),
        };
        Some(SlotsRequest {
            duration_minutes: self.duration_minutes,
            window: window.intersection(open)?,
            zone: self.time_zone.map_or(account_zone, |zone| zone.0),
            step_minutes: self.step_minutes,
            limit: MAX_LISTED,
            attendees: vec![RequestedAttendee {
                who: Who::User(owner.clone()),
                name: None,
                required: true,
                zone: None,
                working_hours: None,
                busy: Vec::new(),
            }],
            kind: self.kind,
            constraints: Constraints {
                tentative: Tentative::Busy,
                ..self.constraints.clone()
            },
            weights: super::hours::weights::WeightsInput::default(),
        })
    }
}

/// The window whose times are listed, or what is wrong with it.
pub fn check_listed(start: Timestamp, end: Timestamp) -> Result<Interval, Error> {
    let window = Interval {
        start: start.milliseconds(),
        end: end.milliseconds(),
    };
    if window.is_empty() || window.length() > MAX_LISTED_DAYS * DAY_MS {
        let rule = format!("must be after `start` and at most {MAX_LISTED_DAYS} days later");
        return Err(Error::invalid_parameter("end", "out_of_range", rule));
    }
    Ok(window)
}

/// What a guest sends to book.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewBooking)]
pub struct BookingInput {
    /// One of the times that the link lists.
    #[schema(value_type = String, format = DateTime, example = "2030-03-04T09:00:00Z")]
    pub start: Timestamp,
    /// What the guest is called.
    #[schema(min_length = 1, max_length = 1000)]
    pub name: String,
    /// Their mail address.
    #[schema(max_length = 254, format = "email", example = "guest@example.com")]
    pub email: String,
    /// What they want to say.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
}

/// A booking as the guest sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Booking {
    /// What is booked.
    pub title: String,
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
    /// Where.
    pub location: String,
    /// Where it is met online.
    pub conference_url: Option<String>,
    /// Whose time it is.
    pub with: String,
    /// Where it can be cancelled, by `DELETE`. Only this answer tells it.
    pub cancel_url: String,
}

/// Whose time is booked.
#[derive(Debug, Clone, Deserialize)]
pub struct Owner {
    /// Who.
    pub id: UserId,
    /// What they are called.
    pub name: String,
    /// Where they get mail.
    pub email: String,
}

impl BookingInput {
    /// The time that is asked for.
    pub fn time(&self, rules: &BookingRules) -> Interval {
        let start = self.start.milliseconds();
        Interval {
            start,
            end: start.saturating_add(i64::from(rules.duration_minutes) * 60_000),
        }
    }

    /// The event that this makes, or everything that is wrong with it.
    pub fn into_event(
        self,
        rules: &BookingRules,
        owner: &Owner,
        account_zone: chrono_tz::Tz,
        id: CalendarEventId,
        now: Timestamp,
    ) -> Result<Event, Error> {
        let mut violations = Violations::default();
        let time = self.time(rules);
        let name = text::line(&self.name, "/name", MAX_LINE, &mut violations);
        let email = check_address(&self.email, "/email", &mut violations);
        let note = text::block(self.note, "/note", MAX_NOTE, &mut violations);
        let (name, note) = violations.into_result((name, note))?;
        let (start, end) = civil_times(time, account_zone);
        let input = EventInput {
            calendar_id: rules.calendar_id.clone(),
            summary: rules.title.clone(),
            description: Some(note),
            location: Some(rules.location.clone()),
            start,
            end,
            recurrence: None,
            attendees: Some(vec![Attendee {
                email: email.as_str().to_owned(),
                name,
                role: Role::Required,
                response: Response::Accepted,
            }]),
            organizer: Some(Organizer {
                email: owner.email.clone(),
                name: owner.name.clone(),
            }),
            status: None,
            transparency: None,
            visibility: None,
            reminders: None,
            conference_url: rules.conference_url.clone(),
            color: None,
        };
        let event = input.into_event(&owner.id, id, now)?;
        Ok(Event {
            origin: "booking".to_owned(),
            ..event
        })
    }
}

/// What is said of a time that the link does not give, or not any more.
pub fn not_bookable() -> Error {
    let detail = "This time can't be booked, or not any more. Ask for the times again.";
    Error::new(Kind::Conflict, "slot_taken", detail)
}
