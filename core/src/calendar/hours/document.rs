//! The document in which a person says when they work, and how they like their meetings.
//!
//! It is read and written whole. What is left out has its default: Monday to Friday, nine to five, in
//! the zone of the account, without buffers or limits.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::values::{Date, TimeOfDay, TimeSpan, Weekdays, Zone};
use super::weights::Weights;
use crate::calendar::slots::constraints::{MAX_BUFFER_MINUTES, MAX_NOTICE_MINUTES};
use crate::error::{Error, Violations};
use crate::text;

/// The most blocks a week may have of one kind.
pub const MAX_BLOCKS: usize = 50;
/// The most dates that may have their own hours.
pub const MAX_OVERRIDES: usize = 400;
/// The most stretches that one date may have.
pub const MAX_STRETCHES: usize = 10;
/// The most characters of a note.
pub const MAX_NOTE: usize = 500;
/// The longest stretch in which lunch can be: it must end before the next one starts.
pub const MAX_LUNCH_MINUTES: u16 = 12 * 60;

/// Hours that come every week.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WeeklyHours {
    /// The days on which they start.
    pub days: Weekdays,
    /// When they start.
    pub start: TimeOfDay,
    /// When they end. `24:00` is the end of the day; what is not later than the start is on the next
    /// day.
    pub end: TimeOfDay,
    /// The zone in which they are read. Without it that of the document, or of the place that the
    /// person travels to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<Zone>,
}

impl WeeklyHours {
    /// The time of day.
    pub fn span(&self) -> TimeSpan {
        TimeSpan {
            start: self.start,
            end: self.end,
        }
    }
}

/// The hours of one date, in place of those of its weekday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The date on which hours start, in the zone of the document or of the place travelled to.
    pub date: Date,
    /// Its hours; none: not working.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub hours: Vec<TimeSpan>,
    /// What for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

/// How people meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeetingKind {
    /// In one place.
    InPerson,
    /// On a screen.
    Video,
    /// By telephone.
    Phone,
}

/// Free time around a meeting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Buffer {
    /// Before it.
    #[schema(maximum = 1440)]
    pub before_minutes: u32,
    /// After it.
    #[schema(maximum = 1440)]
    pub after_minutes: u32,
}

/// Free time around meetings, by how people meet. A kind that is absent has the default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Buffers {
    /// Around any meeting.
    pub default: Buffer,
    /// Around one in a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_person: Option<Buffer>,
    /// Around one on a screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<Buffer>,
    /// Around one by telephone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Buffer>,
}

impl Buffers {
    /// The buffer around a meeting of a kind, or of none that is known.
    pub fn around(&self, kind: Option<MeetingKind>) -> Buffer {
        let own = match kind {
            Some(MeetingKind::InPerson) => self.in_person,
            Some(MeetingKind::Video) => self.video,
            Some(MeetingKind::Phone) => self.phone,
            None => None,
        };
        own.unwrap_or(self.default)
    }
}

/// How much of a day meetings may take; null: any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DailyLimit {
    /// How many.
    #[schema(maximum = 100)]
    pub meetings: Option<u32>,
    /// How long all of them together.
    #[schema(maximum = 1440)]
    pub minutes: Option<u32>,
}

/// A free stretch that a person wants on every working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Lunch {
    /// Not before.
    pub start: TimeOfDay,
    /// Over by.
    pub end: TimeOfDay,
    /// How long it takes.
    #[schema(minimum = 1, maximum = 720)]
    pub minutes: u16,
}

impl Lunch {
    /// The stretch in which it has to be.
    pub fn span(self) -> TimeSpan {
        TimeSpan {
            start: self.start,
            end: self.end,
        }
    }
}

/// When a person works, and how they like their meetings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WorkingHours {
    /// The zone in which hours are read; null: that of the account.
    pub time_zone: Option<Zone>,
    /// The hours of the week.
    #[schema(max_items = 50)]
    pub working_hours: Vec<WeeklyHours>,
    /// Dates that have other hours.
    #[schema(max_items = 400)]
    pub overrides: Vec<Override>,
    /// Free time around meetings.
    pub buffers: Buffers,
    /// How long beforehand a meeting has to be arranged.
    #[schema(maximum = 527_040)]
    pub minimum_notice_minutes: u32,
    /// How much of a day meetings may take.
    pub daily_limit: DailyLimit,
    /// Time to work undisturbed, every week.
    #[schema(max_items = 50)]
    pub focus_time: Vec<WeeklyHours>,
    /// Time for lunch, on every working day.
    pub lunch: Option<Lunch>,
    /// Times that suit best, every week.
    #[schema(max_items = 50)]
    pub preferred_times: Vec<WeeklyHours>,
    /// What counts how much when slots are ranked for this person.
    pub weights: Weights,
}

impl Default for WorkingHours {
    fn default() -> Self {
        Self {
            time_zone: None,
            working_hours: vec![usual_week()],
            overrides: Vec::new(),
            buffers: Buffers::default(),
            minimum_notice_minutes: 0,
            daily_limit: DailyLimit::default(),
            focus_time: Vec::new(),
            lunch: None,
            preferred_times: Vec::new(),
            weights: Weights::default(),
        }
    }
}

/// Monday to Friday, nine to five.
fn usual_week() -> WeeklyHours {
    let at = |hour| TimeOfDay::new(hour, 0).unwrap_or(TimeOfDay::MIDNIGHT);
    WeeklyHours {
        days: Weekdays::MONDAY_TO_FRIDAY,
        start: at(9),
        end: at(17),
        time_zone: None,
    }
}

impl WorkingHours {
    /// The zone in which hours are read, for a person whose account is in this one.
    pub fn zone(&self, account_zone: Tz) -> Tz {
        self.time_zone.map_or(account_zone, |zone| zone.0)
    }

    /// The document as it is stored, with its overrides by date, or everything that is wrong with it.
    pub fn check(mut self) -> Result<Self, Error> {
        let mut violations = Violations::default();
        check_week(&self.working_hours, "/working_hours", &mut violations);
        check_week(&self.focus_time, "/focus_time", &mut violations);
        check_week(&self.preferred_times, "/preferred_times", &mut violations);
        self.check_overrides(&mut violations);
        let mut at_most = |pointer: &str, value: Option<u32>, most: u32| {
            if value.is_some_and(|value| value > most) {
                let rule = format!("must be from 0 to {most}");
                violations.add(pointer, "out_of_range", rule);
            }
        };
        for (kind, buffer) in [
            ("default", Some(self.buffers.default)),
            ("in_person", self.buffers.in_person),
            ("video", self.buffers.video),
            ("phone", self.buffers.phone),
        ] {
            let Buffer {
                before_minutes,
                after_minutes,
            } = buffer.unwrap_or_default();
            for (field, minutes) in [
                ("before_minutes", before_minutes),
                ("after_minutes", after_minutes),
            ] {
                let pointer = format!("/buffers/{kind}/{field}");
                at_most(&pointer, Some(minutes), MAX_BUFFER_MINUTES);
            }
        }
        let notice = Some(self.minimum_notice_minutes);
        at_most("/minimum_notice_minutes", notice, MAX_NOTICE_MINUTES);
        at_most("/daily_limit/meetings", self.daily_limit.meetings, 100);
        at_most("/daily_limit/minutes", self.daily_limit.minutes, 1440);
        if let Some(lunch) = self.lunch {
            let most = lunch.span().minutes();
            if most > MAX_LUNCH_MINUTES {
                let rule = format!("must be at most {MAX_LUNCH_MINUTES} minutes after `start`");
                violations.add("/lunch/end", "out_of_range", rule);
            } else if !(1..=most).contains(&lunch.minutes) {
                let rule = format!("must be from 1 to {most}, the time between `start` and `end`");
                violations.add("/lunch/minutes", "out_of_range", rule);
            }
        }
        self.weights.check("/weights", &mut violations);
        violations.into_result(self)
    }

    fn check_overrides(&mut self, violations: &mut Violations) {
        if self.overrides.len() > MAX_OVERRIDES {
            let rule = format!("must have at most {MAX_OVERRIDES} entries");
            violations.add("/overrides", "too_many", rule);
            return;
        }
        let mut dates = std::collections::HashSet::new();
        for (index, one) in self.overrides.iter_mut().enumerate() {
            if !dates.insert(one.date) {
                let rule = "must not have the same date as another entry";
                violations.add(&format!("/overrides/{index}/date"), "repeated", rule);
            }
            if one.hours.len() > MAX_STRETCHES {
                let rule = format!("must have at most {MAX_STRETCHES} entries");
                violations.add(&format!("/overrides/{index}/hours"), "too_many", rule);
            }
            for (at, hours) in one.hours.iter().enumerate() {
                let pointer = format!("/overrides/{index}/hours/{at}");
                check_start(hours.start, &pointer, violations);
            }
            if let Some(note) = one.note.take() {
                let pointer = format!("/overrides/{index}/note");
                one.note = Some(text::line(&note, &pointer, MAX_NOTE, violations));
            }
        }
        self.overrides.sort_unstable_by_key(|one| one.date);
    }
}

/// Notes what is wrong with the hours of a week.
pub(crate) fn check_week(week: &[WeeklyHours], pointer: &str, violations: &mut Violations) {
    if week.len() > MAX_BLOCKS {
        let rule = format!("must have at most {MAX_BLOCKS} entries");
        violations.add(pointer, "too_many", rule);
        return;
    }
    for (index, hours) in week.iter().enumerate() {
        let pointer = format!("{pointer}/{index}");
        if hours.days.is_empty() {
            let rule = "must name a day of the week";
            violations.add(&format!("{pointer}/days"), "empty", rule);
        }
        check_start(hours.start, &pointer, violations);
    }
}

/// Nothing starts at the midnight that ends a day: it starts the next day.
pub(crate) fn check_start(start: TimeOfDay, pointer: &str, violations: &mut Violations) {
    if start == TimeOfDay::END_OF_DAY {
        let rule = "must be before 24:00";
        violations.add(&format!("{pointer}/start"), "out_of_range", rule);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Place;

    fn read(json: &str) -> Result<WorkingHours, Error> {
        let document: WorkingHours = serde_json::from_str(json).expect("readable");
        document.check()
    }

    #[test]
    fn nothing_said_is_monday_to_friday_nine_to_five() {
        let document = read("{}").expect("a document");
        assert_eq!(document, WorkingHours::default());
        let shown = serde_json::to_value(&document).expect("JSON");
        assert_eq!(
            shown["working_hours"],
            serde_json::json!([{"days": ["MO", "TU", "WE", "TH", "FR"], "start": "09:00", "end": "17:00"}])
        );
    }

    #[test]
    fn what_is_shown_back_can_be_sent_again() {
        let json = r#"{"time_zone":"Asia/Kathmandu",
            "working_hours":[{"days":["MO"],"start":"22:00","end":"06:00","time_zone":"Europe/Berlin"}],
            "overrides":[{"date":"2026-12-31","hours":[{"start":"09:00","end":"12:00"}],"note":" half "},{"date":"2026-12-24"}],
            "buffers":{"default":{"before_minutes":5},"in_person":{"before_minutes":30,"after_minutes":30}},
            "minimum_notice_minutes":120,"daily_limit":{"meetings":5,"minutes":300},
            "focus_time":[{"days":["TU"],"start":"09:00","end":"12:00"}],
            "lunch":{"start":"12:00","end":"14:00","minutes":45},
            "preferred_times":[{"days":["WE"],"start":"13:00","end":"24:00"}],"weights":{"lunch":50}}"#;
        let document = read(json).expect("a document");
        assert_eq!(
            document.overrides[0].date.to_string(),
            "2026-12-24",
            "by date"
        );
        assert_eq!(document.overrides[1].note.as_deref(), Some("half"));
        let shown = serde_json::to_string(&document).expect("text");
        assert_eq!(read(&shown).expect("the same"), document);
        let around = |kind| document.buffers.around(kind).before_minutes;
        assert_eq!(around(Some(MeetingKind::InPerson)), 30);
        assert_eq!((around(Some(MeetingKind::Video)), around(None)), (5, 5));
    }

    #[test]
    fn every_value_that_cannot_be_taken_is_named_at_once() {
        let json = r#"{"working_hours":[{"days":[],"start":"24:00","end":"06:00"}],
            "overrides":[{"date":"2026-12-24","note":"a\nb"},{"date":"2026-12-24","hours":[{"start":"24:00","end":"24:00"}]}],
            "buffers":{"video":{"after_minutes":1441}},"minimum_notice_minutes":600000,
            "daily_limit":{"meetings":101},"lunch":{"start":"12:00","end":"13:00","minutes":61},
            "weights":{"tentative":1001}}"#;
        let error = read(json).expect_err("violations");
        let places: Vec<_> = error.fields.iter().map(|field| &field.place).collect();
        let expected = [
            "/working_hours/0/days",
            "/working_hours/0/start",
            "/overrides/0/note",
            "/overrides/1/date",
            "/overrides/1/hours/0/start",
            "/buffers/video/after_minutes",
            "/minimum_notice_minutes",
            "/daily_limit/meetings",
            "/lunch/minutes",
            "/weights/tentative",
        ]
        .map(|pointer| Place::Pointer(pointer.to_owned()));
        assert_eq!(places, expected.iter().collect::<Vec<_>>());
    }
}
