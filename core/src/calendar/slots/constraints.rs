//! What a time to meet must and should keep to, as a person (or the words they wrote) says it.
//!
//! The same object comes in, is shown back, and is what words become. Days and times in it are civil
//! in the zone of the request.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::calendar::hours::document::check_start;
use crate::calendar::hours::values::{Date, TimeSpan, Weekdays};
use crate::error::Violations;
use crate::time::Timestamp;

/// The most times of day, and the most dates of one kind, that a request may name.
pub const MAX_TIMES: usize = 48;
/// A year of days, and the leap day.
pub const MAX_DATES: usize = 366;
/// The longest notice that can be asked for: a year.
pub const MAX_NOTICE_MINUTES: u32 = 366 * 24 * 60;
/// The longest buffer that can be asked for: a day.
pub const MAX_BUFFER_MINUTES: u32 = 24 * 60;

/// How much something that a person wants kept counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strictness {
    /// A slot that breaks it is not offered.
    Require,
    /// A slot that breaks it is offered, and ranks lower.
    Prefer,
    /// It does not count.
    Ignore,
}

/// What time that is tentatively taken counts as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tentative {
    /// As busy.
    #[default]
    Busy,
    /// As free, but a slot that takes it ranks lower.
    Prefer,
    /// As free.
    Free,
}

const fn require() -> Strictness {
    Strictness::Require
}

const fn prefer() -> Strictness {
    Strictness::Prefer
}

/// What a time to meet must and should keep to. What is absent or null does not bind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Constraints {
    /// All of the meeting lies on these days of the week, in the zone of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<Weekdays>,
    /// All of the meeting lies within these times of day, in the zone of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 48)]
    pub times: Option<Vec<TimeSpan>>,
    /// All of the meeting lies on these days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 366)]
    pub dates: Option<Vec<Date>>,
    /// No part of the meeting lies on these days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 366)]
    pub except_dates: Option<Vec<Date>>,
    /// The meeting does not start before this.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub after: Option<Timestamp>,
    /// The meeting does not end after this.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub before: Option<Timestamp>,
    /// The meeting starts at least so long from now. In place of what the required attendees ask
    /// for themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 527_040)]
    pub minimum_notice_minutes: Option<u32>,
    /// Free time that everybody needs before the meeting. In place of everybody's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1440)]
    pub buffer_before_minutes: Option<u32>,
    /// Free time that everybody needs after the meeting. In place of everybody's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1440)]
    pub buffer_after_minutes: Option<u32>,
    /// The hours in which people work; `require` unless told otherwise.
    #[serde(default = "require")]
    pub working_hours: Strictness,
    /// The time people keep to work undisturbed; `prefer` unless told otherwise.
    #[serde(default = "prefer")]
    pub focus_time: Strictness,
    /// A free stretch for lunch; `prefer` unless told otherwise.
    #[serde(default = "prefer")]
    pub lunch: Strictness,
    /// How many meetings people want a day; `prefer` unless told otherwise.
    #[serde(default = "prefer")]
    pub daily_limit: Strictness,
    /// What time that is tentatively taken counts as; `busy` unless told otherwise.
    pub tentative: Tentative,
}

impl Default for Constraints {
    fn default() -> Self {
        Self {
            days: None,
            times: None,
            dates: None,
            except_dates: None,
            after: None,
            before: None,
            minimum_notice_minutes: None,
            buffer_before_minutes: None,
            buffer_after_minutes: None,
            working_hours: require(),
            focus_time: prefer(),
            lunch: prefer(),
            daily_limit: prefer(),
            tentative: Tentative::default(),
        }
    }
}

impl Constraints {
    /// Notes every value that can't be taken; `pointer` is where the object stands in the body.
    pub fn check(&self, pointer: &str, violations: &mut Violations) {
        let mut at_most = |field: &str, count: Option<usize>, most: usize| {
            if count.is_some_and(|count| count > most) {
                let rule = format!("must have at most {most} entries");
                violations.add(&format!("{pointer}/{field}"), "too_many", rule);
            } else if count == Some(0) {
                // An empty list would allow no time at all; who means "any" leaves it out.
                let rule = "must have an entry, or be left out";
                violations.add(&format!("{pointer}/{field}"), "empty", rule);
            }
        };
        at_most("days", self.days.map(|days| days.iter().count()), 7);
        at_most("times", self.times.as_ref().map(Vec::len), MAX_TIMES);
        at_most("dates", self.dates.as_ref().map(Vec::len), MAX_DATES);
        // No exceptions are none: nothing is wrong with an empty list of them.
        let exceptions = self.except_dates.as_ref().map(Vec::len);
        at_most(
            "except_dates",
            exceptions.filter(|count| *count > 0),
            MAX_DATES,
        );
        for (field, minutes, most) in [
            (
                "minimum_notice_minutes",
                self.minimum_notice_minutes,
                MAX_NOTICE_MINUTES,
            ),
            (
                "buffer_before_minutes",
                self.buffer_before_minutes,
                MAX_BUFFER_MINUTES,
            ),
            (
                "buffer_after_minutes",
                self.buffer_after_minutes,
                MAX_BUFFER_MINUTES,
            ),
        ] {
            if minutes.is_some_and(|minutes| minutes > most) {
                let rule = format!("must be from 0 to {most}");
                violations.add(&format!("{pointer}/{field}"), "out_of_range", rule);
            }
        }
        for (index, span) in self.times.iter().flatten().take(MAX_TIMES).enumerate() {
            check_start(span.start, &format!("{pointer}/times/{index}"), violations);
        }
        if let (Some(after), Some(before)) = (self.after, self.before)
            && before <= after
        {
            let rule = "must be later than `after`";
            violations.add(&format!("{pointer}/before"), "out_of_order", rule);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(json: &str) -> Vec<String> {
        let constraints: Constraints = serde_json::from_str(json).expect("readable");
        let mut violations = Violations::default();
        constraints.check("/constraints", &mut violations);
        let places = violations.into_result(()).err().map(|error| error.fields);
        let place = |field: crate::error::FieldError| match field.place {
            crate::error::Place::Pointer(pointer) => pointer,
            crate::error::Place::Parameter(name) => name,
        };
        places.unwrap_or_default().into_iter().map(place).collect()
    }

    #[test]
    fn nothing_said_is_the_default() {
        let read: Constraints = serde_json::from_str("{}").expect("constraints");
        assert_eq!(read, Constraints::default());
        assert_eq!(read.working_hours, Strictness::Require);
        assert_eq!(read.focus_time, Strictness::Prefer);
        assert_eq!(read.tentative, Tentative::Busy);
    }

    #[test]
    fn what_is_shown_back_can_be_sent_again() {
        let json = r#"{"days":["MO","TH"],"times":[{"start":"12:00","end":"17:00"}],
            "dates":["2026-12-01"],"except_dates":["2026-12-04"],"after":"2026-12-01T00:00:00.000Z",
            "before":"2026-12-08T00:00:00Z","minimum_notice_minutes":60,"buffer_before_minutes":5,
            "buffer_after_minutes":10,"working_hours":"prefer","focus_time":"require",
            "lunch":"ignore","daily_limit":"require","tentative":"free"}"#;
        let read: Constraints = serde_json::from_str(json).expect("constraints");
        let shown = serde_json::to_string(&read).expect("text");
        assert_eq!(serde_json::from_str::<Constraints>(&shown).ok(), Some(read));
        assert!(faults(json).is_empty());
    }

    #[test]
    fn every_value_that_cannot_be_taken_is_named_at_once() {
        let late = r#"{"times":[{"start":"09:00","end":"10:00"},{"start":"24:00","end":"01:00"}]}"#;
        assert_eq!(faults(late), ["/constraints/times/1/start"]);
        let json = r#"{"days":[],"times":[],"dates":[],"except_dates":[],"buffer_before_minutes":1441,
            "minimum_notice_minutes":600000,"after":"2026-12-02T00:00:00Z","before":"2026-12-01T00:00:00Z"}"#;
        assert_eq!(
            faults(json),
            [
                "/constraints/days",
                "/constraints/times",
                "/constraints/dates",
                "/constraints/minimum_notice_minutes",
                "/constraints/buffer_before_minutes",
                "/constraints/before",
            ]
        );
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for json in [
            r#"{"day":["MO"]}"#,
            r#"{"working_hours":"maybe"}"#,
            r#"{"times":[{"start":"9"}]}"#,
        ] {
            assert!(serde_json::from_str::<Constraints>(json).is_err(), "{json}");
        }
    }
}
