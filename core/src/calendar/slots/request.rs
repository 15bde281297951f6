//! What somebody asks for: a meeting of a length, within a window, with these people.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::constraints::Constraints;
use crate::calendar::busy::{BusyStatus, BusyStretch, check_window, read_user};
use crate::calendar::hours::document::{MeetingKind, WeeklyHours, check_week};
use crate::calendar::hours::values::Zone;
use crate::calendar::hours::weights::{MAX_WEIGHT, Weights, WeightsInput};
use crate::calendar::interval::Interval;
use crate::error::{Error, Violations};
use crate::identifier::UserId;
use crate::patch::present;
use crate::text;
use crate::time::Timestamp;

/// The most people a meeting can be sought for.
pub const MAX_ATTENDEES: usize = 1000;
/// The most stretches of busy time that an attendee can bring along.
pub const MAX_BUSY: usize = 5000;
/// The longest meeting: a day.
pub const MAX_DURATION_MINUTES: u32 = 24 * 60;
/// The longest window: a year.
pub const MAX_WINDOW_MS: i64 = 366 * DAY_MS;
/// The most slots that are answered.
pub const MAX_LIMIT: u32 = 100;
/// How many minutes apart slots can start. All divide the hour.
pub const STEPS_MINUTES: [u32; 6] = [5, 10, 15, 20, 30, 60];
/// How far beyond its end the window is looked at, at most, where it has no slot.
pub const LOOK_BEYOND_MS: i64 = 14 * DAY_MS;

const DAY_MS: i64 = 86_400_000;
/// The most characters of a name, and of an address (RFC 5321, 4.5.3.1.3).
const MAX_NAME: usize = 200;
const MAX_EMAIL: usize = 254;

/// Within which the meeting lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// It does not start before this.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// It does not end after this; at most 366 days later.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
}

/// A stretch of busy time that an attendee brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BusyInput {
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
    /// Why it is not free; `busy` unless told otherwise.
    #[serde(default)]
    pub status: BusyStatus,
}

/// Somebody who is asked to come. What they carry here counts beside what is stored of them; hours
/// stand in place of their weekly ones.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SlotAttendee)]
pub struct AttendeeInput {
    /// A person here: `me`, or somebody who granted their free/busy time.
    #[serde(default)]
    pub user_id: Option<String>,
    /// Somebody else, by their address; exactly one of the two.
    #[serde(default)]
    #[schema(max_length = 254)]
    pub email: Option<String>,
    /// What they are called in the answer.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// Whether there is no meeting without them; so it is unless told otherwise.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false, default = true)]
    pub required: Option<bool>,
    /// The zone they are in; what is stored, or the zone of the request, unless told otherwise.
    #[serde(default)]
    pub time_zone: Option<Zone>,
    /// The hours of their week; what is stored, or Monday to Friday, nine to five, unless told
    /// otherwise.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub working_hours: Option<Vec<WeeklyHours>>,
    /// When they are busy.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Vec<BusyInput>, required = false, max_items = 5000)]
    pub busy: Option<Vec<BusyInput>>,
}

/// A meeting to be found a time for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SlotsRequest)]
pub struct SlotsInput {
    /// How long it takes.
    #[schema(minimum = 1, maximum = 1440)]
    pub duration_minutes: u32,
    /// Within which it lies.
    pub window: Window,
    /// The zone in which days and times of the constraints are read, and on whose wall slots start
    /// at multiples of the step; that of the account unless told otherwise.
    #[serde(default)]
    pub time_zone: Option<Zone>,
    /// How many minutes apart slots can start: 5, 10, 15, 20, 30 or 60.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = u32, required = false, default = 15)]
    pub step_minutes: Option<u32>,
    /// How many slots are answered at most.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = u32, required = false, minimum = 1, maximum = 100, default = 10)]
    pub limit: Option<u32>,
    /// Who is asked to come; only oneself unless told otherwise.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Vec<AttendeeInput>, required = false, min_items = 1, max_items = 1000)]
    pub attendees: Option<Vec<AttendeeInput>>,
    /// How people meet, for the buffers they keep.
    #[serde(default)]
    pub kind: Option<MeetingKind>,
    /// What the time must and should keep to.
    #[serde(default)]
    pub constraints: Constraints,
    /// What counts how much; as the person keeps it unless told otherwise.
    #[serde(default)]
    pub weights: WeightsInput,
}

/// Who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A person here.
    User(UserId),
    /// Somebody else, by their address.
    Email(String),
}

/// Somebody who is asked to come, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestedAttendee {
    /// Who.
    pub who: Who,
    /// What they are called.
    pub name: Option<String>,
    /// Whether there is no meeting without them.
    pub required: bool,
    /// The zone they are in.
    pub zone: Option<Tz>,
    /// The hours of their week.
    pub working_hours: Option<Vec<WeeklyHours>>,
    /// When they are busy.
    pub busy: Vec<BusyStretch>,
}

/// A meeting to be found a time for, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct SlotsRequest {
    /// How long it takes.
    pub duration_minutes: u32,
    /// Within which it lies.
    pub window: Interval,
    /// The zone of the constraints and of the grid.
    pub zone: Tz,
    /// How many minutes apart slots can start.
    pub step_minutes: u32,
    /// How many slots are answered at most.
    pub limit: usize,
    /// Who is asked to come.
    pub attendees: Vec<RequestedAttendee>,
    /// How people meet.
    pub kind: Option<MeetingKind>,
    /// What the time must and should keep to.
    pub constraints: Constraints,
    /// The weights that differ from those the person keeps.
    pub weights: WeightsInput,
}

impl SlotsRequest {
    /// The stretch over which busy time and absences must be known: the window, what is looked at
    /// beyond it where it has no slot, and a day around for buffers and daily limits.
    pub fn horizon(&self) -> Interval {
        let beyond = self.window.length().min(LOOK_BEYOND_MS);
        self.window.widened(2 * DAY_MS, beyond + 2 * DAY_MS)
    }
}

impl SlotsInput {
    /// The request, or everything that is wrong with it. `asking` is who `me` is, `account_zone`
    /// the zone of their account.
    pub fn check(self, asking: &UserId, account_zone: Tz) -> Result<SlotsRequest, Error> {
        let mut violations = Violations::default();
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
        let limit = self.limit.unwrap_or(10);
        range("/limit", limit, MAX_LIMIT);
        let step_minutes = self.step_minutes.unwrap_or(15);
        if !STEPS_MINUTES.contains(&step_minutes) {
            let rule = "must be 5, 10, 15, 20, 30 or 60";
            violations.add("/step_minutes", "out_of_range", rule);
        }
        let window = Interval {
            start: self.window.start.milliseconds(),
            end: self.window.end.milliseconds(),
        };
        check_window(window, MAX_WINDOW_MS, "/window/end", &mut violations);
        self.constraints.check("/constraints", &mut violations);
        self.weights
            .over(Weights::default())
            .check("/weights", &mut violations);
        let attendees = match self.attendees {
            None => vec![RequestedAttendee {
                who: Who::User(asking.clone()),
                name: None,
                required: true,
                zone: None,
                working_hours: None,
                busy: Vec::new(),
            }],
            Some(attendees) => check_attendees(attendees, asking, &mut violations),
        };
        violations.into_result(SlotsRequest {
            duration_minutes: self.duration_minutes,
            window,
            zone: self.time_zone.map_or(account_zone, |zone| zone.0),
            step_minutes,
            limit: usize::try_from(limit).unwrap_or(1),
            attendees,
            kind: self.kind,
            constraints: self.constraints,
            weights: self.weights,
        })
    }
}

fn check_attendees(
    attendees: Vec<AttendeeInput>,
    asking: &UserId,
    violations: &mut Violations,
) -> Vec<RequestedAttendee> {
    if attendees.is_empty() || attendees.len() > MAX_ATTENDEES {
        let rule = format!("must have from 1 to {MAX_ATTENDEES} entries");
        violations.add("/attendees", "out_of_range", rule);
        return Vec::new();
    }
    let mut seen = std::collections::HashSet::new();
    let mut checked = Vec::with_capacity(attendees.len());
    for (index, attendee) in attendees.into_iter().enumerate() {
        let pointer = format!("/attendees/{index}");
        if let Some(attendee) = check_attendee(attendee, asking, &pointer, violations) {
            let key = match &attendee.who {
                Who::User(user) => user.as_str().to_owned(),
                Who::Email(address) => address.to_ascii_lowercase(),
            };
            if seen.insert(key) {
                checked.push(attendee);
            } else {
                violations.add(&pointer, "repeated", "must not be there twice");
            }
        }
    }
    checked
}

fn check_attendee(
    attendee: AttendeeInput,
    asking: &UserId,
    pointer: &str,
    violations: &mut Violations,
) -> Option<RequestedAttendee> {
    let who = match (&attendee.user_id, &attendee.email) {
        (Some(name), None) => {
            let pointer = format!("{pointer}/user_id");
            read_user(name, asking, &pointer, violations).map(Who::User)
        }
        (None, Some(address)) => {
            let pointer = format!("{pointer}/email");
            let address = text::line(address, &pointer, MAX_EMAIL, violations);
            Some(Who::Email(address))
        }
        _ => {
            let rule = "must have either `user_id` or `email`";
            violations.add(pointer, "missing", rule);
            None
        }
    };
    let name = attendee.name.map(|name| {
        let pointer = format!("{pointer}/name");
        text::line(&name, &pointer, MAX_NAME, violations)
    });
    if let Some(week) = &attendee.working_hours {
        check_week(week, &format!("{pointer}/working_hours"), violations);
    }
    let busy = attendee.busy.unwrap_or_default();
    if busy.len() > MAX_BUSY {
        let rule = format!("must have at most {MAX_BUSY} entries");
        violations.add(&format!("{pointer}/busy"), "too_many", rule);
    } else if let Some(at) = busy.iter().position(|one| one.end < one.start) {
        let pointer = format!("{pointer}/busy/{at}/end");
        violations.add(&pointer, "out_of_order", "must not be before `start`");
    }
    let stretches = busy.iter().map(|one| BusyStretch {
        interval: Interval {
            start: one.start.milliseconds(),
            end: one.end.milliseconds(),
        },
        status: one.status,
    });
    Some(RequestedAttendee {
        who: who?,
        name,
        required: attendee.required.unwrap_or(true),
        zone: attendee.time_zone.map(|zone| zone.0),
        working_hours: attendee.working_hours,
        busy: stretches.collect(),
    })
}

/// Sums of points stay far below what an `i64` or the packing of [`super::ranking`] can hold.
const _: () = assert!(MAX_ATTENDEES * (MAX_WEIGHT as usize) < 1 << 20);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<SlotsRequest, Error> {
        let me = UserId::new(Timestamp::from_milliseconds(1), [1; 10]);
        let input: SlotsInput = serde_json::from_str(json).expect("readable");
        input.check(&me, chrono_tz::Europe::Berlin)
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        let json = r#"{"duration_minutes":45,"window":{"start":"2026-11-25T00:00:00Z","end":"2026-12-25T00:00:00Z"}}"#;
        let request = read(json).expect("a request");
        assert_eq!((request.step_minutes, request.limit), (15, 10));
        assert_eq!(request.zone, chrono_tz::Europe::Berlin);
        assert_eq!(request.attendees.len(), 1, "oneself");
        assert!(request.horizon().covers(request.window));
    }

    #[test]
    fn every_value_that_cannot_be_taken_is_named_at_once() {
        let json = r#"{"duration_minutes":0,"window":{"start":"2026-11-25T00:00:00Z","end":"2026-11-25T00:00:00Z"},
            "step_minutes":7,"limit":101,"constraints":{"days":[]},"weights":{"lunch":1001},
            "attendees":[{},{"user_id":"me","email":"a@b"},{"user_id":"you"},{"email":"a@b","busy":[{"start":"2026-11-25T00:00:00Z","end":"2026-11-24T00:00:00Z"}]},
                {"email":"A@b"},{"email":"c@d","working_hours":[{"days":[],"start":"09:00","end":"10:00"}],"name":" "}]}"#;
        let error = read(json).expect_err("violations");
        let codes: Vec<_> = error.fields.iter().map(|field| field.code).collect();
        assert_eq!(
            codes,
            [
                "out_of_range",
                "out_of_range",
                "out_of_range",
                "out_of_order",
                "empty",
                "out_of_range",
                "missing",
                "missing",
                "not_an_identifier",
                "out_of_order",
                "repeated",
                "empty",
                "empty",
            ]
        );
    }
}
