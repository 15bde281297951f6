//! What a person teaches: how mail of a sender is to be judged, and what is no task.
//!
//! Lessons hold for whatever engine reads a message, from the next reading on, and nothing of them leaves
//! the account: no model is told of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::similarity::same_request;
use super::{Category, Priority, ProposedTask};
use crate::error::{Error, Violations};
use crate::identifier::{LessonId, TaskId};
use crate::patch::{nullable, present};
use crate::preferences::{is_of, is_sender};
use crate::text;
use crate::time::Timestamp;

/// The most lessons that a person can have: all of them are read with each step of analysis.
pub const MAX_LESSONS: u32 = 1_000;
/// The most characters of a sender.
const MAX_SENDER: usize = 320;

/// What a lesson is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LessonKind {
    /// How mail of a sender is to be judged.
    Sender,
    /// A sentence that is no task.
    NotATask,
}

/// A lesson as answers show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lesson {
    /// Which one.
    #[schema(value_type = String, example = "les_01kab0s3fpe2s9m8rtkx6hdzqv")]
    pub id: LessonId,
    /// What it is about.
    pub kind: LessonKind,
    /// Whose mail: an address, or `@domain`. Null where a sentence without an author is no task.
    pub sender: Option<String>,
    /// What kind the mail is.
    pub category: Option<Category>,
    /// How soon it wants attention.
    pub priority: Option<Priority>,
    /// Whether it can give tasks.
    pub gives_tasks: Option<bool>,
    /// The sentence that is no task.
    pub quote: Option<String>,
    /// When it was taught.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// A lesson as a person teaches it: of a sender, or of a task that is none.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewLesson)]
pub struct LessonInput {
    /// Whose mail: an address, or `@domain`. Not together with `task_id`.
    #[serde(default)]
    #[schema(max_length = 320)]
    pub sender: Option<String>,
    /// What kind the mail is.
    #[serde(default)]
    pub category: Option<Category>,
    /// How soon it wants attention.
    #[serde(default)]
    pub priority: Option<Priority>,
    /// Whether it can give tasks.
    #[serde(default)]
    pub gives_tasks: Option<bool>,
    /// A task that came from a message and is none: it is deleted, and the same sentence of the same
    /// sender gives none again.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub task_id: Option<TaskId>,
}

/// A change to what is taught of a sender (RFC 7396).
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LessonPatch)]
pub struct LessonPatchInput {
    /// Whose mail.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, max_length = 320, required = false)]
    pub sender: Option<String>,
    /// What kind the mail is.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Category>)]
    pub category: Option<Option<Category>>,
    /// How soon it wants attention.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Priority>)]
    pub priority: Option<Option<Priority>>,
    /// Whether it can give tasks.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<bool>)]
    pub gives_tasks: Option<Option<bool>>,
}

/// What somebody wants to teach, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taught {
    /// Of a sender.
    Sender(SenderLesson),
    /// That this task is none.
    NotATask(TaskId),
}

/// How mail of a sender is to be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderLesson {
    /// In lower case.
    pub sender: String,
    /// The kind, where it is taught.
    pub category: Option<Category>,
    /// The priority, where it is taught.
    pub priority: Option<Priority>,
    /// Whether it gives tasks, where that is taught.
    pub gives_tasks: Option<bool>,
}

impl LessonInput {
    /// What is taught, or all that is wrong with it.
    pub fn check(self) -> Result<Taught, Error> {
        let mut violations = Violations::default();
        if let Some(task) = self.task_id {
            let has_more = self.sender.is_some()
                || self.category.is_some()
                || self.priority.is_some()
                || self.gives_tasks.is_some();
            if has_more {
                violations.add("/task_id", "not_together", "stands alone");
            }
            return violations.into_result(Taught::NotATask(task));
        }
        let lesson = SenderLesson {
            sender: self.sender.unwrap_or_default(),
            category: self.category,
            priority: self.priority,
            gives_tasks: self.gives_tasks,
        };
        lesson.check(violations).map(Taught::Sender)
    }
}

impl SenderLesson {
    /// The lesson that it makes.
    pub fn taught(self, id: LessonId, now: Timestamp) -> Lesson {
        Lesson {
            id,
            kind: LessonKind::Sender,
            sender: Some(self.sender),
            category: self.category,
            priority: self.priority,
            gives_tasks: self.gives_tasks,
            quote: None,
            created_at: now,
            updated_at: now,
        }
    }

    fn check(mut self, mut violations: Violations) -> Result<Self, Error> {
        let sender = text::line(&self.sender, "/sender", MAX_SENDER, &mut violations);
        self.sender = sender.to_lowercase();
        if !is_sender(&self.sender) {
            violations.add(
                "/sender",
                "invalid_value",
                "must be an address, or a domain behind @",
            );
        }
        if self.category.is_none() && self.priority.is_none() && self.gives_tasks.is_none() {
            violations.add(
                "",
                "empty",
                "must teach at least one of category, priority and gives_tasks",
            );
        }
        violations.into_result(self)
    }
}

impl Lesson {
    /// That a sentence of this sender is no task.
    pub fn not_a_task(id: LessonId, sender: Option<String>, quote: String, now: Timestamp) -> Self {
        Self {
            id,
            kind: LessonKind::NotATask,
            sender,
            category: None,
            priority: None,
            gives_tasks: None,
            quote: Some(quote),
            created_at: now,
            updated_at: now,
        }
    }

    /// What the lesson becomes; `None` where it is of no sender, which has nothing to change.
    pub fn changed(&self, patch: LessonPatchInput) -> Option<Result<SenderLesson, Error>> {
        let sender = self
            .sender
            .clone()
            .filter(|_| self.kind == LessonKind::Sender)?;
        let lesson = SenderLesson {
            sender: patch.sender.unwrap_or(sender),
            category: patch.category.unwrap_or(self.category),
            priority: patch.priority.unwrap_or(self.priority),
            gives_tasks: patch.gives_tasks.unwrap_or(self.gives_tasks),
        };
        Some(lesson.check(Violations::default()))
    }

    /// How closely a lesson of a sender means an address: an address more than a domain, a longer domain
    /// more than a shorter one. `None` where it does not mean it.
    fn closeness(&self, address: &str) -> Option<usize> {
        let sender = self
            .sender
            .as_deref()
            .filter(|_| self.kind == LessonKind::Sender)?;
        is_of(address, sender).then(|| {
            if sender.starts_with('@') {
                sender.len()
            } else {
                usize::MAX
            }
        })
    }
}

/// Leaves out of a message's tasks what its reader taught to be none. Kind and priority are taught where
/// they are stored (`store::lessons`), so that a lesson holds for mail that was read before, too.
pub fn leave_out(lessons: &[Lesson], sender: Option<&str>, tasks: &mut Vec<ProposedTask>) {
    let gives_tasks = sender.and_then(|address| {
        lessons
            .iter()
            .filter_map(|lesson| {
                Some((lesson.closeness(address)?, &lesson.id, lesson.gives_tasks?))
            })
            .max_by_key(|(closeness, id, _)| (*closeness, *id))
    });
    if let Some((_, _, false)) = gives_tasks {
        tasks.clear();
    }
    tasks.retain(|task| {
        !lessons.iter().any(|lesson| {
            lesson.kind == LessonKind::NotATask
                && lesson.sender.as_deref() == sender
                && lesson
                    .quote
                    .as_deref()
                    .is_some_and(|quote| same_request(quote, &task.quote))
        })
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::TaskKind;

    fn lesson(number: i64, sender: &str) -> Lesson {
        let at = Timestamp::from_milliseconds(1_774_000_000_000 + number);
        Lesson {
            id: LessonId::new(at, [1; 10]),
            kind: LessonKind::Sender,
            sender: Some(sender.to_owned()),
            category: None,
            priority: None,
            gives_tasks: None,
            quote: None,
            created_at: at,
            updated_at: at,
        }
    }

    /// How many tasks of a message are left that has one.
    fn left(lessons: &[Lesson], sender: &str) -> usize {
        let quote = "Please send me the weekly report.".to_owned();
        let mut tasks = vec![ProposedTask {
            kind: TaskKind::Request,
            title: "Send the weekly report".to_owned(),
            start: 0,
            end: quote.chars().count(),
            quote,
            due: None,
            priority: Priority::Medium,
            confidence: 0.8,
        }];
        leave_out(lessons, Some(sender), &mut tasks);
        tasks.len()
    }

    #[test]
    fn what_is_no_task_stays_none_in_other_words_and_only_of_its_sender() {
        let mut none = lesson(1, "ann@acme.example");
        none.kind = LessonKind::NotATask;
        none.quote = Some("Could you send me the weekly report, please?".to_owned());
        let lessons = [none];
        assert_eq!(left(&lessons, "ann@acme.example"), 0);
        assert_eq!(left(&lessons, "bob@acme.example"), 1);
    }

    #[test]
    fn the_closest_lesson_says_whether_a_sender_gives_tasks_and_of_two_as_close_the_newer() {
        let teach = |number, sender, gives| Lesson {
            gives_tasks: Some(gives),
            ..lesson(number, sender)
        };
        let domain = teach(3, "@acme.example", false);
        assert_eq!(
            left(std::slice::from_ref(&domain), "ann@mail.acme.example"),
            0
        );
        assert_eq!(
            left(std::slice::from_ref(&domain), "ann@partner.example"),
            1
        );
        let ann = teach(1, "ann@acme.example", true);
        assert_eq!(left(&[domain.clone(), ann], "ann@acme.example"), 1);
        assert_eq!(
            left(
                &[domain, teach(9, "@acme.example", true)],
                "ann@acme.example"
            ),
            1
        );
    }

    #[test]
    fn a_lesson_teaches_something_of_somebody() {
        let input = |json: &str| {
            serde_json::from_str::<LessonInput>(json)
                .expect("an input")
                .check()
        };
        assert!(input(r#"{"sender": "@Acme.example", "priority": "low"}"#).is_ok());
        for bad in [
            "{}",
            r#"{"sender": "acme", "priority": "low"}"#,
            r#"{"sender": "@acme.example"}"#,
            r#"{"task_id": "tsk_01kab0s3fpe2s9m8rtkx6hdzqv", "sender": "@acme.example"}"#,
        ] {
            assert!(input(bad).is_err(), "{bad}");
        }
    }
}
