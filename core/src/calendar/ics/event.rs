//! Events as files tell them: what has a field, and everything else kept as lines.

use super::value::Duration;
use crate::calendar::event::{Attendee, Organizer, Reminder, Status, Transparency, Visibility};
use crate::time::{CalendarTime, Timestamp};

/// How busy somebody is, as Outlook says it (MS-OXCICAL, 2.1.3.1.1.20.31).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BusyStatus {
    /// Not at all.
    Free,
    /// Perhaps.
    Tentative,
    /// Busy.
    Busy,
    /// Out of office.
    OutOfOffice,
    /// At work in another place.
    WorkingElsewhere,
}

impl BusyStatus {
    const NAMES: [(Self, &str); 5] = [
        (Self::Free, "FREE"),
        (Self::Tentative, "TENTATIVE"),
        (Self::Busy, "BUSY"),
        (Self::OutOfOffice, "OOF"),
        (Self::WorkingElsewhere, "WORKINGELSEWHERE"),
    ];

    /// The name in the file.
    pub fn ical(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(one, _)| *one == self)
            .map_or("BUSY", |(_, name)| name)
    }

    /// Reads the name in the file, in any case.
    pub fn of_ical(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, one)| one.eq_ignore_ascii_case(name))
            .map(|(status, _)| *status)
    }
}

/// Which occurrence of a series an event replaces (3.8.4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecurrenceId {
    /// Its start by the rule of the series.
    pub time: CalendarTime,
    /// Whether those behind it are replaced as well (`RANGE=THISANDFUTURE`).
    pub this_and_future: bool,
}

/// An event as a file tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IcsEvent {
    /// What names it, and its series, in every calendar. Made of its content where it had none.
    pub uid: String,
    /// Which occurrence of its series it replaces.
    pub recurrence_id: Option<RecurrenceId>,
    /// When it starts.
    pub start: CalendarTime,
    /// When it has ended; of the same kind as the start, and not before it.
    pub end: CalendarTime,
    /// Its length, where the file told that and not the end. The difference counts in a series:
    /// occurrences are then equally long on the calendar, otherwise on the clock (3.8.5.3).
    pub duration: Option<Duration>,
    /// `RRULE`, `EXRULE`, `RDATE` and `EXDATE` as content lines, the first two in upper case, the
    /// times of the others in UTC or with an IANA zone.
    pub recurrence: Vec<String>,
    /// What it is called.
    pub summary: String,
    /// More about it.
    pub description: String,
    /// Where it is.
    pub location: String,
    /// How it stands.
    pub status: Status,
    /// Whether it takes up time.
    pub transparency: Transparency,
    /// Who may see it.
    pub visibility: Visibility,
    /// How busy Outlook shows the person.
    pub busy_status: Option<BusyStatus>,
    /// Who invites, if they have an address.
    pub organizer: Option<Organizer>,
    /// Who is invited: each that has an address, once.
    pub attendees: Vec<Attendee>,
    /// Alarms before or after the start by whole minutes, each once.
    pub reminders: Vec<Reminder>,
    /// Where people meet.
    pub conference_url: Option<String>,
    /// The name of a colour of CSS (RFC 7986, 5.9), as it stands.
    pub color: Option<String>,
    /// How often it was changed in a way that matters to those invited.
    pub sequence: u32,
    /// When the event was written into the file, or its invitation sent.
    pub stamped_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it was changed.
    pub updated_at: Option<Timestamp>,
    /// What has no field, as unfolded content lines that the writer gives back:
    ///
    /// - first, of properties with a field, those that say more than it: other parameters of a text
    ///   stand with a fingerprint of the text and are forgotten when it changes, those of an
    ///   attendee with the address; a word that nobody knows stands as it was, until the field says
    ///   something else;
    /// - then properties without a field, as they stood;
    /// - then components, each from `BEGIN` to `END`. A `VALARM` that is a reminder, too, is written
    ///   as long as there is that reminder.
    pub extra: Vec<String>,
}

impl IcsEvent {
    /// An event that has nothing but its name and its time.
    pub fn new(uid: String, start: CalendarTime, end: CalendarTime) -> Self {
        Self {
            uid,
            recurrence_id: None,
            start,
            end,
            duration: None,
            recurrence: Vec::new(),
            summary: String::new(),
            description: String::new(),
            location: String::new(),
            status: Status::Confirmed,
            transparency: Transparency::Opaque,
            visibility: Visibility::Public,
            busy_status: None,
            organizer: None,
            attendees: Vec::new(),
            reminders: Vec::new(),
            conference_url: None,
            color: None,
            sequence: 0,
            stamped_at: None,
            created_at: None,
            updated_at: None,
            extra: Vec::new(),
        }
    }
}
