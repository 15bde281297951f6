//! Events: what stands in a calendar, and the rules a change must keep.
//!
//! An event is one of three things: it takes place once; it is a series (it has a `recurrence`); or
//! it is an occurrence of a series that was changed, which has a row of its own under the identifier
//! that it had before ([`EventRef`]).

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use super::civil::{self, CivilSeconds};
use super::recurrence::{Recurrence, Start};
use crate::account::check_address;
use crate::error::{Error, Violations};
use crate::identifier::{CalendarEventId, CalendarId, NotAnIdentifier, TaskId, UserId};
use crate::patch::{nullable, present};
use crate::text;
use crate::time::{CalendarTime, Timestamp, YEARS, resolve};

/// The most characters a summary, a location or a name may have.
pub const MAX_LINE: usize = 1_000;
/// The most characters a description may have.
pub const MAX_DESCRIPTION: usize = 20_000;
/// The most people who can be invited.
pub const MAX_ATTENDEES: usize = 500;
/// The most reminders.
pub const MAX_REMINDERS: usize = 10;
/// The most lines of a recurrence.
pub const MAX_RECURRENCE_LINES: usize = 100;
/// The most characters a link to a conference may have.
pub const MAX_URL: usize = 2_000;
/// The longest an event may take, in days: a year abroad.
pub const MAX_DAYS: i64 = 366;
/// How long before or after a start a reminder may be, in minutes: four weeks.
pub const MAX_REMINDER_MINUTES: i32 = 4 * 7 * 24 * 60;

/// Words that stand in storage and on the wire, and the names they have in iCalendar.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident as $schema:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:tt, $ical:literal;)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[schema(as = $schema)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// The word in storage and on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The name in iCalendar.
            pub const fn ical(self) -> &'static str {
                match self { $(Self::$variant => $ical,)* }
            }

            /// Reads the name in iCalendar, in any case.
            pub fn of_ical(name: &str) -> Option<Self> {
                [$((Self::$variant, $ical),)*]
                    .into_iter()
                    .find(|(_, ical)| ical.eq_ignore_ascii_case(name))
                    .map(|(word, _)| word)
            }
        }
    )*};
}

words! {
    /// How an event stands (RFC 5545, 3.8.1.11).
    Status as EventStatus {
        /// It takes place.
        Confirmed = "confirmed", "CONFIRMED";
        /// It may take place.
        Tentative = "tentative", "TENTATIVE";
        /// It does not take place.
        Cancelled = "cancelled", "CANCELLED";
    }

    /// Whether an event takes up time (RFC 5545, 3.8.2.7).
    Transparency as EventTransparency {
        /// It does.
        Opaque = "opaque", "OPAQUE";
        /// It does not: somebody asking for free time does not see it.
        Transparent = "transparent", "TRANSPARENT";
    }

    /// Who may see what an event is about (RFC 5545, 3.8.1.3).
    Visibility as EventVisibility {
        /// Whoever may see the calendar.
        Public = "public", "PUBLIC";
        /// The person, and who acts for them.
        Private = "private", "PRIVATE";
        /// The same; others do not even learn that it is private.
        Confidential = "confidential", "CONFIDENTIAL";
    }

    /// How somebody takes part (RFC 5545, 3.2.16).
    Role as AttendeeRole {
        /// Leads it.
        Chair = "chair", "CHAIR";
        /// Is needed.
        Required = "required", "REQ-PARTICIPANT";
        /// Is welcome.
        Optional = "optional", "OPT-PARTICIPANT";
        /// Is told and does not take part.
        Informed = "informed", "NON-PARTICIPANT";
    }

    /// What somebody answered (RFC 5545, 3.2.12).
    Response as AttendeeResponse {
        /// Nothing yet.
        NeedsAction = "needs_action", "NEEDS-ACTION";
        /// Comes.
        Accepted = "accepted", "ACCEPTED";
        /// Does not come.
        Declined = "declined", "DECLINED";
        /// May come.
        Tentative = "tentative", "TENTATIVE";
        /// Sends somebody else.
        Delegated = "delegated", "DELEGATED";
    }
}

/// Somebody who is invited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attendee {
    /// Their mail address.
    pub email: String,
    /// What they are called; may be empty.
    #[serde(default)]
    pub name: String,
    /// How they take part.
    #[serde(default = "required")]
    #[schema(required = false)]
    pub role: Role,
    /// What they answered.
    #[serde(default = "needs_action")]
    #[schema(required = false)]
    pub response: Response,
}

fn required() -> Role {
    Role::Required
}

fn needs_action() -> Response {
    Response::NeedsAction
}

/// Who invites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Organizer {
    /// Their mail address.
    pub email: String,
    /// What they are called; may be empty.
    #[serde(default)]
    pub name: String,
}

/// How somebody is reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReminderMethod {
    /// On their devices.
    Notification,
    /// By mail.
    Email,
}

/// When somebody is reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reminder {
    /// How long before the start, in minutes; less than 0 is after it.
    #[schema(minimum = -40320, maximum = 40320)]
    pub minutes_before: i32,
    /// How.
    pub method: ReminderMethod,
}

/// Which event: one by itself or a whole series, or one occurrence of a series by the wall time at
/// which the rule has it. In text `evt_…`, `evt_…_20260329` or `evt_…_20260329T023000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRef {
    /// The event or the series.
    pub id: CalendarEventId,
    /// Which occurrence.
    pub original: Option<Original>,
}

/// When the rule has an occurrence, on the wall of its series (RFC 5545, 3.8.4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Original {
    /// The wall time; midnight of a day.
    pub civil: CivilSeconds,
    /// Whether it is a day.
    pub is_day: bool,
}

impl Original {
    /// Reads the basic form of ISO 8601.
    pub fn parse(text: &str) -> Option<Self> {
        let civil = if text.len() == 8 {
            let date = NaiveDate::parse_from_str(text, "%Y%m%d").ok()?;
            civil::midnight(civil::from_date(date))
        } else {
            civil::from_date_time(NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok()?)
        };
        let original = Self {
            civil,
            is_day: text.len() == 8,
        };
        // One text for each: what chrono reads beside it (a sign, a year of five digits) is none.
        (original.to_string() == text).then_some(original)
    }

    /// The calendar time that it is, for a series that begins at one.
    pub fn calendar_time(self, start: CalendarTime) -> CalendarTime {
        at(start, self.civil)
    }
}

impl fmt::Display for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = if self.is_day {
            "%Y%m%d"
        } else {
            "%Y%m%dT%H%M%S"
        };
        write!(f, "{}", civil::to_date_time(self.civil).format(form))
    }
}

impl EventRef {
    /// Reads one that came from outside.
    pub fn parse(text: &str) -> Result<Self, NotAnIdentifier> {
        let prefix = CalendarEventId::PREFIX;
        let (id, original) = match text.match_indices('_').nth(1) {
            None => (text, None),
            Some((at, _)) => {
                let (id, rest) = text
                    .split_at_checked(at)
                    .ok_or(NotAnIdentifier { prefix })?;
                let original = rest.strip_prefix('_').and_then(Original::parse);
                (id, Some(original.ok_or(NotAnIdentifier { prefix })?))
            }
        };
        Ok(Self {
            id: CalendarEventId::parse(id)?,
            original,
        })
    }

    /// An event by itself, or a whole series.
    pub fn whole(id: CalendarEventId) -> Self {
        Self { id, original: None }
    }
}

impl fmt::Display for EventRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.original {
            None => write!(f, "{}", self.id),
            Some(original) => write!(f, "{}_{original}", self.id),
        }
    }
}

impl Serialize for EventRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A calendar time of the same form as another (a day, or a civil time in its zone), at a wall time.
pub fn at(like: CalendarTime, wall: CivilSeconds) -> CalendarTime {
    match like {
        CalendarTime::Date(_) => CalendarTime::Date(civil::to_date(civil::day_of(wall))),
        CalendarTime::DateTime { time_zone, .. } => CalendarTime::DateTime {
            date_time: civil::to_date_time(wall),
            time_zone,
        },
    }
}

/// An instant on the wall of a zone. The second of the two hours that a wall shows in autumn has no
/// civil time of its own: it is given in UTC, so that it is the instant that is meant.
pub fn civil_time(instant_at: i64, zone: chrono_tz::Tz) -> CalendarTime {
    let civil = |zone| CalendarTime::DateTime {
        date_time: Timestamp::from_milliseconds(instant_at)
            .to_utc()
            .with_timezone(&zone)
            .naive_local(),
        time_zone: zone,
    };
    let time = civil(zone);
    if instant_ms(time, zone) == instant_at {
        time
    } else {
        civil(chrono_tz::Tz::UTC)
    }
}

/// What the wall shows at a calendar time: midnight for a day.
pub fn wall(time: CalendarTime) -> CivilSeconds {
    match time {
        CalendarTime::Date(date) => civil::midnight(civil::from_date(date)),
        CalendarTime::DateTime { date_time, .. } => civil::from_date_time(date_time),
    }
}

/// The start of a series at a calendar time.
pub fn series_start(time: CalendarTime) -> Start {
    match time {
        CalendarTime::Date(date) => Start::Date(civil::from_date(date)),
        CalendarTime::DateTime {
            date_time,
            time_zone,
        } => Start::Civil {
            civil: civil::from_date_time(date_time),
            zone: time_zone,
        },
    }
}

/// Calendar times of events on the wire: a day as it is, a civil time with its instant beside it.
pub mod event_time {
    use std::fmt::Write as _;

    use serde::Serialize as _;
    use serde_json::value::RawValue;

    use super::{CalendarTime, Deserialize, Deserializer, Serializer, Timestamp, civil};

    /// Writes one as JSON, with its instant in milliseconds since 1970 where it is a civil time.
    pub fn write(out: &mut String, time: CalendarTime, instant_ms: i64) {
        let civil = super::wall(time);
        let (year, month, day) = civil::year_month_day(civil::day_of(civil));
        // Writing to memory does not fail.
        let _ = match time {
            CalendarTime::Date(_) => {
                write!(out, r#"{{"date":"{year:04}-{month:02}-{day:02}"}}"#)
            }
            CalendarTime::DateTime { time_zone, .. } => {
                let second = civil::second_of_day(civil);
                let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
                let instant = Timestamp::from_milliseconds(instant_ms);
                write!(
                    out,
                    r#"{{"date_time":"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}","time_zone":"{}","instant":"{instant}"}}"#,
                    time_zone.name()
                )
            }
        };
    }

    /// Writes one as JSON.
    pub fn json(time: CalendarTime) -> String {
        let mut out = String::new();
        write(&mut out, time, super::instant_ms(time, chrono_tz::Tz::UTC));
        out
    }

    /// Writes one.
    pub fn serialize<S: Serializer>(time: &CalendarTime, serializer: S) -> Result<S::Ok, S::Error> {
        let json = RawValue::from_string(json(*time)).map_err(serde::ser::Error::custom)?;
        json.serialize(serializer)
    }

    /// Reads one.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<CalendarTime, D::Error> {
        CalendarTime::deserialize(deserializer)
    }

    /// The same where there may be none.
    pub mod option {
        use super::{CalendarTime, Deserialize, Deserializer, Serializer};

        /// Writes one, or null.
        pub fn serialize<S: Serializer>(
            time: &Option<CalendarTime>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match time {
                Some(time) => super::serialize(time, serializer),
                None => serializer.serialize_none(),
            }
        }

        /// Reads one, or null.
        pub fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<CalendarTime>, D::Error> {
            Option::<CalendarTime>::deserialize(deserializer)
        }
    }
}

/// An event as answers show it, and as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Which one. Of an occurrence: the series' with the original start behind it.
    #[schema(value_type = String, example = "evt_01kab0s3fpe2s9m8rtkx6hdzqv")]
    pub id: EventRef,
    /// In which calendar.
    #[schema(value_type = String)]
    pub calendar_id: CalendarId,
    /// What other programs call it (RFC 5545, 3.8.4.7).
    pub ical_uid: String,
    /// What it is, on one line.
    pub summary: String,
    /// More words.
    pub description: String,
    /// Where.
    pub location: String,
    /// When it starts.
    #[serde(with = "event_time")]
    #[schema(value_type = crate::schema::CalendarTime)]
    pub start: CalendarTime,
    /// When it ends; of a day, the day after the last.
    #[serde(with = "event_time")]
    #[schema(value_type = crate::schema::CalendarTime)]
    pub end: CalendarTime,
    /// The rule of a series: lines of RRULE, RDATE and EXDATE.
    pub recurrence: Vec<String>,
    /// Of an occurrence: the series.
    #[schema(value_type = Option<String>)]
    pub recurring_event_id: Option<CalendarEventId>,
    /// Of an occurrence: when the rule has it.
    #[serde(with = "event_time::option")]
    #[schema(value_type = Option<crate::schema::CalendarTime>)]
    pub original_start: Option<CalendarTime>,
    /// Who is invited.
    pub attendees: Vec<Attendee>,
    /// Who invites.
    pub organizer: Option<Organizer>,
    /// How it stands.
    pub status: Status,
    /// Whether it takes up time.
    pub transparency: Transparency,
    /// Who may see what it is about.
    pub visibility: Visibility,
    /// When the person is reminded.
    pub reminders: Vec<Reminder>,
    /// Where it is met online.
    pub conference_url: Option<String>,
    /// Its colour: a name of CSS (RFC 7986, 5.9) or `#rrggbb`; the calendar's where there is none.
    pub color: Option<String>,
    /// How often it was changed in a way that those invited must know (RFC 5545, 3.8.7.4).
    pub sequence: u32,
    /// Who made it: `person`, `import`, `hold`, `plan` or `booking`.
    pub origin: String,
    /// Of a planned event: the task that it is for.
    #[schema(value_type = Option<String>)]
    pub task_id: Option<TaskId>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// An event as a person writes it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewEvent)]
pub struct EventInput {
    /// In which calendar; the primary one unless told otherwise.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub calendar_id: Option<CalendarId>,
    /// What it is, on one line.
    #[schema(min_length = 1, max_length = 1000)]
    pub summary: String,
    /// More words.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, max_length = 20000, required = false)]
    pub description: Option<String>,
    /// Where.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, max_length = 1000, required = false)]
    pub location: Option<String>,
    /// When it starts.
    #[schema(value_type = crate::schema::CalendarTime, example = json!({"date_time": "2026-03-30T09:00:00", "time_zone": "Europe/Berlin"}))]
    pub start: CalendarTime,
    /// When it ends; of a day, the day after the last.
    #[schema(value_type = crate::schema::CalendarTime, example = json!({"date_time": "2026-03-30T10:00:00", "time_zone": "Europe/Berlin"}))]
    pub end: CalendarTime,
    /// The rule of a series: lines of RRULE, RDATE and EXDATE (RFC 5545, 3.8.5).
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Vec<String>, max_items = 100, required = false, example = json!(["RRULE:FREQ=WEEKLY;BYDAY=MO"]))]
    pub recurrence: Option<Vec<String>>,
    /// Who is invited.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Vec<Attendee>, max_items = 500, required = false)]
    pub attendees: Option<Vec<Attendee>>,
    /// Who invites.
    #[serde(default)]
    pub organizer: Option<Organizer>,
    /// How it stands; `confirmed` unless told otherwise.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Status, required = false)]
    pub status: Option<Status>,
    /// Whether it takes up time; `opaque` unless told otherwise.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Transparency, required = false)]
    pub transparency: Option<Transparency>,
    /// Who may see what it is about; `public` unless told otherwise.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Visibility, required = false)]
    pub visibility: Option<Visibility>,
    /// When the person is reminded.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Vec<Reminder>, max_items = 10, required = false)]
    pub reminders: Option<Vec<Reminder>>,
    /// Where it is met online.
    #[serde(default)]
    #[schema(max_length = 2000, format = "uri")]
    pub conference_url: Option<String>,
    /// Its colour.
    #[serde(default)]
    #[schema(example = "#3366cc")]
    pub color: Option<String>,
}

/// A change to an event (RFC 7396): what is absent stays, what is null is cleared.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EventPatch)]
pub struct EventPatchInput {
    /// In which calendar; of a series only, not of an occurrence.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false)]
    pub calendar_id: Option<CalendarId>,
    /// What it is, on one line.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, min_length = 1, max_length = 1000, required = false)]
    pub summary: Option<String>,
    /// More words.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub description: Option<Option<String>>,
    /// Where.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 1000)]
    pub location: Option<Option<String>>,
    /// When it starts. Where `end` is absent, the event keeps its length.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = crate::schema::CalendarTime, required = false)]
    pub start: Option<CalendarTime>,
    /// When it ends.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = crate::schema::CalendarTime, required = false)]
    pub end: Option<CalendarTime>,
    /// The rule of a series; not of an occurrence.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Vec<String>>, max_items = 100)]
    pub recurrence: Option<Option<Vec<String>>>,
    /// Who is invited; the list is replaced whole.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Vec<Attendee>>, max_items = 500)]
    pub attendees: Option<Option<Vec<Attendee>>>,
    /// Who invites.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Organizer>)]
    pub organizer: Option<Option<Organizer>>,
    /// How it stands.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Status, required = false)]
    pub status: Option<Status>,
    /// Whether it takes up time.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Transparency, required = false)]
    pub transparency: Option<Transparency>,
    /// Who may see what it is about.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Visibility, required = false)]
    pub visibility: Option<Visibility>,
    /// When the person is reminded; the list is replaced whole.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Vec<Reminder>>, max_items = 10)]
    pub reminders: Option<Option<Vec<Reminder>>>,
    /// Where it is met online.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 2000, format = "uri")]
    pub conference_url: Option<Option<String>>,
    /// Its colour.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub color: Option<Option<String>>,
}

/// The calendar that a person has from the start. Its identifier follows from theirs, so that an
/// event finds it without a look.
pub fn primary_calendar(user: &UserId) -> CalendarId {
    CalendarId::twin_of(user)
}

impl EventInput {
    /// The event that this makes, or everything that is wrong with it.
    pub fn into_event(
        self,
        user: &UserId,
        id: CalendarEventId,
        now: Timestamp,
    ) -> Result<Event, Error> {
        let blank = Event {
            ical_uid: format!("{id}@delegate"),
            id: EventRef::whole(id),
            calendar_id: primary_calendar(user),
            summary: String::new(),
            description: String::new(),
            location: String::new(),
            start: self.start,
            end: self.end,
            recurrence: Vec::new(),
            recurring_event_id: None,
            original_start: None,
            attendees: Vec::new(),
            organizer: None,
            status: Status::Confirmed,
            transparency: Transparency::Opaque,
            visibility: Visibility::Public,
            reminders: Vec::new(),
            conference_url: None,
            color: None,
            sequence: 0,
            origin: "person".to_owned(),
            task_id: None,
            created_at: now,
            updated_at: now,
        };
        let patch = EventPatchInput {
            calendar_id: self.calendar_id,
            summary: Some(self.summary),
            description: self.description.map(Some),
            location: self.location.map(Some),
            start: Some(self.start),
            end: Some(self.end),
            recurrence: self.recurrence.map(Some),
            attendees: self.attendees.map(Some),
            organizer: Some(self.organizer),
            status: self.status,
            transparency: self.transparency,
            visibility: self.visibility,
            reminders: self.reminders.map(Some),
            conference_url: Some(self.conference_url),
            color: Some(self.color),
        };
        let event = blank.patched(patch, now)?;
        Ok(Event {
            sequence: 0,
            ..event
        })
    }
}

impl Event {
    /// The event with a change, or everything that is wrong with the change.
    pub fn patched(mut self, patch: EventPatchInput, now: Timestamp) -> Result<Self, Error> {
        let mut violations = Violations::default();
        let before = (self.start, self.end, self.status, self.recurrence.clone());
        let is_occurrence = self.recurring_event_id.is_some();
        let rule = "belongs to the series, not to one of its occurrences";
        if let Some(calendar) = patch.calendar_id {
            if is_occurrence && calendar != self.calendar_id {
                violations.add("/calendar_id", "of_the_series", rule);
            }
            self.calendar_id = calendar;
        }
        if let Some(summary) = patch.summary {
            self.summary = text::line(&summary, "/summary", MAX_LINE, &mut violations);
        }
        if let Some(description) = patch.description {
            let description = description.unwrap_or_default();
            self.description = text::block(
                description,
                "/description",
                MAX_DESCRIPTION,
                &mut violations,
            );
        }
        if let Some(location) = patch.location {
            self.location =
                optional_line(&location.unwrap_or_default(), "/location", &mut violations);
        }
        if let Some(recurrence) = patch.recurrence {
            if is_occurrence {
                violations.add("/recurrence", "of_the_series", rule);
            }
            self.recurrence = recurrence.unwrap_or_default();
        }
        self.move_to(patch.start, patch.end, &mut violations);
        if let Some(attendees) = patch.attendees {
            self.attendees = check_attendees(attendees.unwrap_or_default(), &mut violations);
        }
        if let Some(organizer) = patch.organizer {
            self.organizer = organizer.map(|organizer| Organizer {
                email: check_address(&organizer.email, "/organizer/email", &mut violations)
                    .as_str()
                    .to_owned(),
                name: optional_line(&organizer.name, "/organizer/name", &mut violations),
            });
        }
        self.status = patch.status.unwrap_or(self.status);
        self.transparency = patch.transparency.unwrap_or(self.transparency);
        self.visibility = patch.visibility.unwrap_or(self.visibility);
        if let Some(reminders) = patch.reminders {
            self.reminders = check_reminders(reminders.unwrap_or_default(), &mut violations);
        }
        if let Some(url) = patch.conference_url {
            self.conference_url = url.map(|url| check_url(&url, &mut violations));
        }
        if let Some(color) = patch.color {
            self.color = color.map(|color| check_color(&color, &mut violations));
        }
        self.check_times(&mut violations);
        // What those invited must know of (RFC 5545, 3.8.7.4).
        if before != (self.start, self.end, self.status, self.recurrence.clone()) {
            self.sequence = self.sequence.saturating_add(1);
        }
        self.updated_at = now;
        violations.into_result(self)
    }

    /// Takes new times in. An event that is only given a new start keeps its length.
    fn move_to(
        &mut self,
        start: Option<CalendarTime>,
        end: Option<CalendarTime>,
        violations: &mut Violations,
    ) {
        let start = start.unwrap_or(self.start);
        if end.is_none() && is_day(start) == is_day(self.start) {
            // The end of a flight stays in its own zone.
            let ends_where_it_starts = zone(self.end) == zone(self.start);
            let ending = if ends_where_it_starts {
                start
            } else {
                self.end
            };
            self.end = match zone(ending) {
                None => at(
                    ending,
                    wall(self.end).saturating_add(wall(start).saturating_sub(wall(self.start))),
                ),
                Some(zone) => {
                    let [new, old, end] =
                        [start, self.start, self.end].map(|time| instant_ms(time, zone));
                    civil_time(new.saturating_add(end.saturating_sub(old)), zone)
                }
            };
        } else if end.is_none() {
            let rule = "must be given where a start changes between a day and a time";
            violations.add("/end", "missing", rule);
        }
        self.start = start;
        self.end = end.unwrap_or(self.end);
    }

    /// Checks the times against each other and the rule against them; brings the rule into its form.
    fn check_times(&mut self, violations: &mut Violations) {
        if is_day(self.start) != is_day(self.end) {
            violations.add(
                "/end",
                "mixed",
                "must be a day where the start is one, and a time where it is one",
            );
            return;
        }
        for (pointer, time) in [("/start", self.start), ("/end", self.end)] {
            let (year, ..) = civil::year_month_day(civil::day_of(wall(time)));
            if !YEARS.contains(&year) {
                violations.add(pointer, "out_of_range", "must be in the years 1 to 9998");
                return;
            }
        }
        let (start, end) = self.bounds(chrono_tz::Tz::UTC);
        let days = end.saturating_sub(start) / (civil::DAY_SECONDS * 1000);
        if end < start || (is_day(self.start) && end == start) {
            violations.add(
                "/end",
                "before_start",
                "must not be before the start; of a day it is the day after the last",
            );
        } else if days > MAX_DAYS {
            violations.add(
                "/end",
                "too_long",
                format!("must be at most {MAX_DAYS} days after the start"),
            );
        }
        if self.recurrence.len() > MAX_RECURRENCE_LINES {
            let rule = format!("must have at most {MAX_RECURRENCE_LINES} lines");
            violations.add("/recurrence", "too_many", rule);
            return;
        }
        let begin = series_start(self.start);
        match Recurrence::parse(&self.recurrence, begin) {
            Ok(recurrence) => self.recurrence = recurrence.lines(begin),
            Err(errors) => {
                for error in errors {
                    violations.add(
                        &format!("/recurrence/{}", error.line),
                        error.code,
                        error.message,
                    );
                }
            }
        }
    }

    /// Start and end of the event, or of the first of a series, in milliseconds since 1970. Days are
    /// those of `viewer`.
    pub fn bounds(&self, viewer: chrono_tz::Tz) -> (i64, i64) {
        (instant_ms(self.start, viewer), instant_ms(self.end, viewer))
    }

    /// The change that answers an invitation, for who has these addresses (in lower case); `None` where
    /// none of them is invited.
    pub fn answered(&self, addresses: &[String], response: Response) -> Option<EventPatchInput> {
        let mut attendees = self.attendees.clone();
        let is_me = |email: &str| addresses.contains(&email.to_lowercase());
        let mut mine = attendees
            .iter_mut()
            .filter(|attendee| is_me(&attendee.email))
            .peekable();
        mine.peek()?;
        for attendee in mine {
            attendee.response = response;
        }
        Some(EventPatchInput {
            attendees: Some(Some(attendees)),
            ..EventPatchInput::default()
        })
    }

    /// Whether it is a series.
    pub fn is_series(&self) -> bool {
        !self.recurrence.is_empty()
    }
}

/// The instant of a calendar time in milliseconds since 1970; a day begins with its midnight where
/// somebody is.
pub fn instant_ms(time: CalendarTime, viewer: chrono_tz::Tz) -> i64 {
    let (date_time, zone) = match time {
        CalendarTime::Date(date) => (date.and_time(chrono::NaiveTime::MIN), viewer),
        CalendarTime::DateTime {
            date_time,
            time_zone,
        } => (date_time, time_zone),
    };
    resolve(date_time, zone).milliseconds()
}

/// Whether a calendar time is a day.
pub fn is_day(time: CalendarTime) -> bool {
    matches!(time, CalendarTime::Date(_))
}

fn zone(time: CalendarTime) -> Option<chrono_tz::Tz> {
    match time {
        CalendarTime::Date(_) => None,
        CalendarTime::DateTime { time_zone, .. } => Some(time_zone),
    }
}

/// A line that may be empty.
fn optional_line(value: &str, pointer: &str, violations: &mut Violations) -> String {
    if value.trim().is_empty() {
        return String::new();
    }
    text::line(value, pointer, MAX_LINE, violations)
}

fn check_attendees(attendees: Vec<Attendee>, violations: &mut Violations) -> Vec<Attendee> {
    if attendees.len() > MAX_ATTENDEES {
        let rule = format!("must be at most {MAX_ATTENDEES}");
        violations.add("/attendees", "too_many", rule);
        return Vec::new();
    }
    let mut seen = std::collections::BTreeSet::new();
    attendees
        .into_iter()
        .enumerate()
        .map(|(number, attendee)| {
            let pointer = format!("/attendees/{number}/email");
            let address = check_address(&attendee.email, &pointer, violations);
            if !seen.insert(address.key().to_owned()) {
                violations.add(&pointer, "repeated", "is invited already");
            }
            Attendee {
                email: address.as_str().to_owned(),
                name: optional_line(
                    &attendee.name,
                    &format!("/attendees/{number}/name"),
                    violations,
                ),
                ..attendee
            }
        })
        .collect()
}

fn check_reminders(reminders: Vec<Reminder>, violations: &mut Violations) -> Vec<Reminder> {
    if reminders.len() > MAX_REMINDERS {
        violations.add(
            "/reminders",
            "too_many",
            format!("must be at most {MAX_REMINDERS}"),
        );
    }
    for (number, reminder) in reminders.iter().enumerate() {
        if !(-MAX_REMINDER_MINUTES..=MAX_REMINDER_MINUTES).contains(&reminder.minutes_before) {
            let rule = format!("must be from -{MAX_REMINDER_MINUTES} to {MAX_REMINDER_MINUTES}");
            violations.add(
                &format!("/reminders/{number}/minutes_before"),
                "out_of_range",
                rule,
            );
        }
    }
    reminders
}

/// A link that a click opens: nothing else than the web, since the text may come from a stranger.
pub(super) fn check_url(url: &str, violations: &mut Violations) -> String {
    let url = url.trim();
    let is_web = ["https://", "http://"].iter().any(|scheme| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && url.len() > scheme.len()
    });
    if !is_web
        || url.len() > MAX_URL
        || url
            .chars()
            .any(|character| character.is_control() || character == ' ')
    {
        let rule = format!(
            "must be an address of the web (http, https) with at most {MAX_URL} characters"
        );
        violations.add("/conference_url", "not_a_url", rule);
    }
    url.to_owned()
}

pub(super) fn check_color(color: &str, violations: &mut Violations) -> String {
    let color = color.trim().to_ascii_lowercase();
    let is_name = !color.is_empty()
        && color.len() <= 30
        && color.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_hex = color.strip_prefix('#').is_some_and(|digits| {
        digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    if !is_name && !is_hex {
        violations.add(
            "/color",
            "not_a_color",
            "must be a name of CSS or of the form #rrggbb",
        );
    }
    color
}
