//! Tasks: what somebody has to do, where it came from, and the rules a change must keep.

use chrono_tz::Tz;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::analysis::{Priority, TaskKind};
use crate::dates::{self, NotAMoment};
use crate::error::{Error, Violations};
use crate::identifier::{EmailId, MeetingId, TaskId};
use crate::object::Object;
use crate::patch::{nullable, present};
use crate::text;
use crate::time::{CalendarTime, ResolvedTime, Timestamp};

/// The most characters a title may have.
pub const MAX_TITLE: usize = 500;
/// The most characters a description may have.
pub const MAX_DESCRIPTION: usize = 20_000;
/// The longest a task may take, in minutes: a week without sleep.
pub const MAX_DURATION_MINUTES: u32 = 7 * 24 * 60;
/// The most links a task may have.
pub const MAX_LINKS: usize = 50;

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not begun.
    Todo,
    /// Begun.
    InProgress,
    /// Done.
    Completed,
    /// Will not be done.
    Cancelled,
}

impl Status {
    /// The word in storage and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What a task is tied to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Link {
    /// A message.
    #[schema(value_type = String)]
    Email(EmailId),
    /// A meeting.
    #[schema(value_type = String)]
    Meeting(MeetingId),
}

/// A link on the wire, before its identifier is held against its kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkForm {
    kind: LinkKind,
    id: LinkTarget,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum LinkKind {
    Email,
    Meeting,
}

/// An identifier of any kind that a task can be tied to.
struct LinkTarget(Link);

impl<'de> Deserialize<'de> for LinkTarget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let email = EmailId::parse(&text).map(Link::Email);
        let link = email.or_else(|_| MeetingId::parse(&text).map(Link::Meeting));
        link.map(Self)
            .map_err(|_| D::Error::custom("must be the identifier of a message or a meeting"))
    }
}

impl<'de> Deserialize<'de> for Link {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Object(form) = Object::<LinkForm>::deserialize(deserializer)?;
        match (form.kind, form.id.0) {
            (LinkKind::Email, link @ Self::Email(_))
            | (LinkKind::Meeting, link @ Self::Meeting(_)) => Ok(link),
            _ => Err(D::Error::custom(
                "`id` must be of the kind that `kind` says",
            )),
        }
    }
}

/// The words a task was made from. Offsets count the Unicode scalar values of the email's `text`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// What kind of thing it came from; `email` so far.
    #[schema(value_type = String, example = "email")]
    pub kind: String,
    /// Which one.
    #[schema(value_type = String)]
    pub id: EmailId,
    /// The sentence.
    pub quote: String,
    /// Where the sentence starts.
    pub start: usize,
    /// Where it ends (exclusive).
    pub end: usize,
    /// Who owes whom by it; absent for tasks that were made before this was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub act: Option<TaskKind>,
}

/// A task as a person writes it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTask)]
pub struct TaskInput {
    /// What to do, on one line.
    #[schema(min_length = 1, max_length = 500)]
    pub title: String,
    /// More words.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, max_length = 20000, required = false)]
    pub description: Option<String>,
    /// How far it is; `todo` unless told otherwise.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Status, required = false)]
    pub status: Option<Status>,
    /// How soon; `medium` unless told otherwise.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Priority, required = false)]
    pub priority: Option<Priority>,
    /// When it must be done.
    #[serde(default)]
    #[schema(value_type = Option<crate::schema::DueTime>)]
    pub due: Option<DueInput>,
    /// How long it takes.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10080)]
    pub duration_minutes: Option<u32>,
    /// What it is tied to.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Vec<Link>, max_items = 50, required = false)]
    pub links: Option<Vec<Link>>,
}

/// A change to a task (RFC 7396): what is absent stays, what is null is cleared.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaskPatch)]
pub struct TaskPatchInput {
    /// What to do, on one line.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, min_length = 1, max_length = 500, required = false)]
    pub title: Option<String>,
    /// More words.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub description: Option<Option<String>>,
    /// How far it is.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Status, required = false)]
    pub status: Option<Status>,
    /// How soon.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Priority, required = false)]
    pub priority: Option<Priority>,
    /// When it must be done.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<crate::schema::DueTime>)]
    pub due: Option<Option<DueInput>>,
    /// How long it takes.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 10080)]
    pub duration_minutes: Option<Option<u32>>,
    /// What it is tied to; the list is replaced whole.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Vec<Link>>, max_items = 50)]
    pub links: Option<Option<Vec<Link>>>,
}

/// A due time with its instant, as storage keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// The JSON form.
    pub resolved: ResolvedTime,
    /// For a day: the zone whose midnight ends it, so that it can be resolved again when the
    /// person moves.
    pub zone: Option<Tz>,
}

impl Due {
    /// Resolves a due time for a person whose clock runs in `person_zone`.
    pub fn resolve(time: CalendarTime, person_zone: Tz) -> Self {
        let instant = time.due_instant(person_zone);
        Self {
            resolved: time.with_instant(instant),
            zone: matches!(time, CalendarTime::Date(_)).then_some(person_zone),
        }
    }
}

/// When a task must be done, as a person says it: as a calendar time, or in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueInput {
    /// `{"date"}`, or `{"date_time", "time_zone"}`.
    Time(CalendarTime),
    /// `{"words"}`, such as `Friday 5pm`: understood on the person's clock.
    Words(String),
}

/// The most characters of a due time in words.
pub const MAX_DUE_WORDS: usize = 100;

/// The forms on the wire, before they are told apart.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DueForm {
    date: Option<String>,
    date_time: Option<String>,
    time_zone: Option<String>,
    words: Option<String>,
    /// As in a calendar time: allowed, and not believed.
    #[serde(rename = "instant")]
    _instant: Option<String>,
}

impl<'de> Deserialize<'de> for DueInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Object(form) = Object::<DueForm>::deserialize(deserializer)?;
        match (form.words, form.date, form.date_time, form.time_zone) {
            (Some(words), None, None, None) => Ok(Self::Words(words)),
            (Some(_), ..) => Err(D::Error::custom("`words` stands alone")),
            (None, date, date_time, time_zone) => {
                CalendarTime::of_form(date, date_time, time_zone).map(Self::Time)
            }
        }
    }
}

impl DueInput {
    /// Whether what it means depends on the person's clock.
    pub fn needs_zone(&self) -> bool {
        matches!(self, Self::Time(CalendarTime::Date(_)) | Self::Words(_))
    }

    /// The time that is meant, for a person whose clock runs in `person_zone`. What has several
    /// readings is not guessed.
    fn resolve(self, now: Timestamp, person_zone: Tz, violations: &mut Violations) -> Option<Due> {
        let words = match self {
            Self::Time(time) => return Some(Due::resolve(time, person_zone)),
            Self::Words(words) => text::line(&words, "/due/words", MAX_DUE_WORDS, violations),
        };
        let clock = now.to_utc().with_timezone(&person_zone).naive_local();
        let context = dates::Context::new(clock, dates::Zone::Named(person_zone));
        match dates::moment(&words, &context) {
            Ok(time) => return Some(Due::resolve(time, person_zone)),
            Err(NotAMoment::Ambiguous(readings)) => {
                let readings: Vec<String> = readings
                    .iter()
                    .map(|reading| reading.value.to_string())
                    .collect();
                let message = format!("can mean {}", readings.join(" or "));
                violations.add("/due/words", "ambiguous", message);
            }
            Err(NotAMoment::NotUnderstood) => violations.add(
                "/due/words",
                "not_understood",
                "must be one time and nothing else, such as `Friday 5pm`",
            ),
        }
        None
    }
}

/// A task as answers show it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Task {
    /// Which one.
    #[schema(value_type = String, example = "tsk_01kab0s3fpe2s9m8rtkx6hdzqv")]
    pub id: TaskId,
    /// What to do.
    pub title: String,
    /// More words.
    pub description: String,
    /// How far it is.
    pub status: Status,
    /// How soon.
    pub priority: Priority,
    /// When it must be done.
    pub due: Option<ResolvedTime>,
    /// How long it takes.
    pub duration_minutes: Option<u32>,
    /// When it was completed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub completed_at: Option<Timestamp>,
    /// The words it was made from.
    pub source: Option<Source>,
    /// How sure the engine was, from 0 to 1; null where a person wrote it.
    pub confidence: Option<f64>,
    /// What it is tied to.
    pub links: Vec<Link>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl TaskInput {
    /// The task that this makes, or everything that is wrong with it. `person_zone` is needed
    /// only where [`DueInput::needs_zone`] says so.
    pub fn into_task(self, id: TaskId, now: Timestamp, person_zone: Tz) -> Result<NewTask, Error> {
        let mut violations = Violations::default();
        let title = text::line(&self.title, "/title", MAX_TITLE, &mut violations);
        let description = check_description(self.description, &mut violations);
        check_duration(self.duration_minutes, &mut violations);
        let links = check_links(self.links.unwrap_or_default(), &mut violations);
        let status = self.status.unwrap_or(Status::Todo);
        let due = self
            .due
            .and_then(|due| due.resolve(now, person_zone, &mut violations));
        violations.into_result(NewTask {
            due_zone: due.as_ref().and_then(|due| due.zone),
            task: Task {
                id,
                title,
                description,
                status,
                priority: self.priority.unwrap_or(Priority::Medium),
                due: due.map(|due| due.resolved),
                duration_minutes: self.duration_minutes,
                completed_at: (status == Status::Completed).then_some(now),
                source: None,
                confidence: None,
                links,
                created_at: now,
                updated_at: now,
            },
        })
    }
}

/// A task that is about to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    /// The task.
    pub task: Task,
    /// For an all-day due: the zone it was resolved in.
    pub due_zone: Option<Tz>,
}

/// A change that was checked: every field is either left alone or has its new value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskPatch {
    /// The new title.
    pub title: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// The new status; completion time follows from it in storage, atomically.
    pub status: Option<Status>,
    /// The new priority.
    pub priority: Option<Priority>,
    /// The new due time, or none.
    pub due: Option<Option<Due>>,
    /// The new duration, or none.
    pub duration_minutes: Option<Option<u32>>,
    /// The new links.
    pub links: Option<Vec<Link>>,
}

impl TaskPatchInput {
    /// The change, or everything that is wrong with it.
    pub fn into_patch(self, now: Timestamp, person_zone: Tz) -> Result<TaskPatch, Error> {
        let mut violations = Violations::default();
        let title = self
            .title
            .map(|title| text::line(&title, "/title", MAX_TITLE, &mut violations));
        let description = self
            .description
            .map(|description| check_description(description, &mut violations));
        check_duration(self.duration_minutes.flatten(), &mut violations);
        let links = self
            .links
            .map(|links| check_links(links.unwrap_or_default(), &mut violations));
        let due = self
            .due
            .map(|due| due.and_then(|due| due.resolve(now, person_zone, &mut violations)));
        violations.into_result(TaskPatch {
            title,
            description,
            status: self.status,
            priority: self.priority,
            due,
            duration_minutes: self.duration_minutes,
            links,
        })
    }
}

fn check_description(description: Option<String>, violations: &mut Violations) -> String {
    let description = description.unwrap_or_default();
    text::block(description, "/description", MAX_DESCRIPTION, violations)
}

fn check_duration(minutes: Option<u32>, violations: &mut Violations) {
    if minutes.is_some_and(|minutes| minutes == 0 || minutes > MAX_DURATION_MINUTES) {
        violations.add(
            "/duration_minutes",
            "out_of_range",
            format!("must be from 1 to {MAX_DURATION_MINUTES}"),
        );
    }
}

/// Links without repeats, in the order given.
fn check_links(links: Vec<Link>, violations: &mut Violations) -> Vec<Link> {
    if links.len() > MAX_LINKS {
        violations.add(
            "/links",
            "too_many",
            format!("must have at most {MAX_LINKS} entries"),
        );
        return Vec::new();
    }
    let mut kept: Vec<Link> = Vec::with_capacity(links.len());
    for link in links {
        if !kept.contains(&link) {
            kept.push(link);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(json: &str) -> Result<NewTask, Error> {
        let now = Timestamp::from_milliseconds(0);
        serde_json::from_str::<TaskInput>(json)
            .map_err(|error| Error::invalid_at("", "unreadable", error.to_string()))?
            .into_task(TaskId::new(now, [0; 10]), now, chrono_tz::Europe::Berlin)
    }

    #[test]
    fn a_task_with_only_a_title_gets_the_usual_values() {
        let task = input(r#"{"title":"  Call Ana "}"#).expect("a task").task;
        assert_eq!(task.title, "Call Ana");
        assert_eq!(task.status, Status::Todo);
        assert_eq!(task.priority, Priority::Medium);
        assert_eq!(task.completed_at, None);
    }

    #[test]
    fn every_value_that_cannot_be_taken_is_named_at_once() {
        let long = "x".repeat(MAX_DESCRIPTION + 1);
        let json = format!(r#"{{"title":" ","description":"{long}","duration_minutes":0}}"#);
        let error = input(&json).expect_err("three violations");
        assert_eq!(error.fields.len(), 3, "{error:?}");
    }

    #[test]
    fn a_task_made_completed_has_its_completion_time() {
        let task = input(r#"{"title":"x","status":"completed"}"#)
            .expect("a task")
            .task;
        assert_eq!(task.completed_at, Some(task.created_at));
    }

    #[test]
    fn a_patch_tells_absent_from_null() {
        let read = |json| {
            serde_json::from_str::<TaskPatchInput>(json)
                .expect("readable")
                .into_patch(Timestamp::from_milliseconds(0), chrono_tz::UTC)
                .expect("valid")
        };
        assert_eq!(read("{}"), TaskPatch::default());
        assert_eq!(read(r#"{"due":null}"#).due, Some(None));
        assert_eq!(
            read(r#"{"description":null}"#).description,
            Some(String::new())
        );
        assert!(serde_json::from_str::<TaskPatchInput>(r#"{"status":null}"#).is_err());
        assert!(serde_json::from_str::<TaskPatchInput>(r#"{"statsu":"todo"}"#).is_err());
    }

    #[test]
    fn an_all_day_due_remembers_the_zone_it_was_resolved_in() {
        let new = input(r#"{"title":"x","due":{"date":"2026-03-29"}}"#).expect("a task");
        assert_eq!(new.due_zone, Some(chrono_tz::Europe::Berlin));
        let civil = r#"{"title":"x","due":{"date_time":"2026-03-29T09:00","time_zone":"UTC"}}"#;
        assert_eq!(input(civil).expect("a task").due_zone, None);
    }

    #[test]
    fn a_due_time_in_words_is_understood_on_the_persons_clock() {
        let due = |words: &str| {
            let json = format!(r#"{{"title":"x","due":{{"words":"{words}"}}}}"#);
            input(&json).map(|new| new.task.due.expect("a due time"))
        };
        // 1 January 1970 was a Thursday, and one o'clock in Berlin.
        assert_eq!(
            due("tomorrow").expect("a day").date.as_deref(),
            Some("1970-01-02")
        );
        let time = due("Monday at 5pm").expect("a time");
        assert_eq!(time.date_time.as_deref(), Some("1970-01-05T17:00:00"));
        assert_eq!(time.time_zone.as_deref(), Some("Europe/Berlin"));
        for (words, code) in [
            ("3/4", "ambiguous"),
            ("when I can", "not_understood"),
            ("Monday or Tuesday", "not_understood"),
            ("", "empty"),
        ] {
            let error = due(words).expect_err(words);
            assert_eq!(
                error.fields.first().map(|field| field.code),
                Some(code),
                "{words}"
            );
        }
        let both = r#"{"title":"x","due":{"words":"tomorrow","date":"2026-03-29"}}"#;
        assert!(input(both).is_err());
    }

    #[test]
    fn links_are_kept_once() {
        let id = EmailId::new(Timestamp::from_milliseconds(5), [1; 10]);
        let json = format!(
            r#"{{"title":"x","links":[{{"kind":"email","id":"{id}"}},{{"kind":"email","id":"{id}"}}]}}"#
        );
        assert_eq!(
            input(&json).expect("a task").task.links,
            vec![Link::Email(id)]
        );
    }
}
