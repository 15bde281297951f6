//! Plans as they go over the wire: `POST /calendar/plans`.

use std::fmt::Write as _;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::calendar::civil;
use crate::calendar::interval::Interval;
use crate::calendar::zone::Offsets;
use crate::error::{Error, Violations};
use crate::identifier::{PlanId, TaskId};
use crate::patch::present;
use crate::time::Timestamp;

use super::{Changes, PlannedBlock, Reason, Removal, Rules, Unplaced};

/// The most tasks that a request may name.
pub const MAX_TASKS: usize = 500;
/// The longest time that can be planned at once: half a year.
pub const MAX_WINDOW_DAYS: i64 = 183;
/// How long a plan is where nobody says it, in days.
pub const USUAL_WINDOW_DAYS: i64 = 14;

/// What to plan.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPlan)]
pub struct PlanInput {
    /// The first instant that is planned; now unless told otherwise.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub start: Option<Timestamp>,
    /// The end of what is planned; two weeks after the start unless told otherwise.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub end: Option<Timestamp>,
    /// The tasks to plan; all that are open unless told otherwise.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 500)]
    pub task_ids: Option<Vec<String>>,
    /// What the plan keeps to.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = RulesInput, required = false)]
    pub rules: Option<RulesInput>,
}

/// What a plan keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = PlanRules)]
pub struct RulesInput {
    /// The longest block.
    #[schema(minimum = 15, maximum = 720)]
    pub longest_block_minutes: u32,
    /// The shortest block that a task may be split into; null keeps tasks in one piece.
    #[schema(minimum = 15, maximum = 720)]
    pub shortest_block_minutes: Option<u32>,
    /// Free time between two blocks.
    #[schema(maximum = 240)]
    pub break_minutes: u32,
    /// How long before it starts a block must be known.
    #[schema(maximum = 10080)]
    pub notice_minutes: u32,
    /// Blocks start at multiples of this.
    #[schema(minimum = 1, maximum = 60)]
    pub step_minutes: u32,
    /// How long a task takes that does not say it.
    #[schema(minimum = 1, maximum = 720)]
    pub usual_duration_minutes: u32,
}

impl Default for RulesInput {
    fn default() -> Self {
        Self {
            longest_block_minutes: 120,
            shortest_block_minutes: Some(30),
            break_minutes: 15,
            notice_minutes: 60,
            step_minutes: 15,
            usual_duration_minutes: 30,
        }
    }
}

/// A plan to be made, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlan {
    /// From when to when.
    pub window: Interval,
    /// The tasks, or none where all that are open are meant.
    pub tasks: Option<Vec<TaskId>>,
    /// What it keeps to.
    pub rules: RulesInput,
}

impl RulesInput {
    /// What the blocks of a plan keep to.
    pub fn of_blocks(self) -> Rules {
        Rules {
            longest_block_minutes: self.longest_block_minutes,
            shortest_block_minutes: self.shortest_block_minutes,
            break_minutes: self.break_minutes,
            notice_minutes: self.notice_minutes,
            step_minutes: self.step_minutes,
        }
    }
}

impl PlanInput {
    /// The plan to be made, or everything that is wrong with it.
    pub fn check(self, now: Timestamp) -> Result<NewPlan, Error> {
        const DAY_MS: i64 = 86_400_000;
        let mut violations = Violations::default();
        let start = self.start.unwrap_or(now).max(now).milliseconds();
        let end = self.end.map_or(
            start.saturating_add(USUAL_WINDOW_DAYS * DAY_MS),
            Timestamp::milliseconds,
        );
        if end <= start {
            violations.add(
                "/end",
                "out_of_order",
                "must be later than now and than `start`",
            );
        } else if end - start > MAX_WINDOW_DAYS * DAY_MS {
            violations.add(
                "/end",
                "out_of_range",
                format!("must be at most {MAX_WINDOW_DAYS} days after `start`"),
            );
        }
        let tasks = self.task_ids.map(|ids| check_tasks(&ids, &mut violations));
        let rules = self.rules.unwrap_or_default();
        let minutes = [
            (
                "longest_block_minutes",
                Some(rules.longest_block_minutes),
                15..=720,
            ),
            (
                "shortest_block_minutes",
                rules.shortest_block_minutes,
                15..=720,
            ),
            ("break_minutes", Some(rules.break_minutes), 0..=240),
            ("notice_minutes", Some(rules.notice_minutes), 0..=10_080),
            ("step_minutes", Some(rules.step_minutes), 1..=60),
            (
                "usual_duration_minutes",
                Some(rules.usual_duration_minutes),
                1..=720,
            ),
        ];
        for (field, value, range) in minutes {
            if value.is_some_and(|value| !range.contains(&value)) {
                let rule = format!("must be from {} to {}", range.start(), range.end());
                violations.add(&format!("/rules/{field}"), "out_of_range", rule);
            }
        }
        if rules
            .shortest_block_minutes
            .is_some_and(|shortest| shortest > rules.longest_block_minutes)
        {
            let rule = "must be at most `longest_block_minutes`";
            violations.add("/rules/shortest_block_minutes", "out_of_order", rule);
        }
        violations.into_result(NewPlan {
            window: Interval { start, end },
            tasks,
            rules,
        })
    }
}

/// The tasks without repeats, in the order given.
fn check_tasks(ids: &[String], violations: &mut Violations) -> Vec<TaskId> {
    if ids.len() > MAX_TASKS {
        violations.add(
            "/task_ids",
            "too_many",
            format!("must have at most {MAX_TASKS} entries"),
        );
        return Vec::new();
    }
    let mut tasks = Vec::with_capacity(ids.len());
    for (place, id) in ids.iter().enumerate() {
        match TaskId::parse(id) {
            Ok(task) => tasks.push(task),
            Err(wrong) => violations.add(
                &format!("/task_ids/{place}"),
                "not_an_identifier",
                format!("must be {}", form(wrong.prefix)),
            ),
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    tasks.retain(|task| seen.insert(task.clone()));
    tasks
}

fn form(prefix: &str) -> String {
    format!("of the form {prefix}_…")
}

/// What became of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockChange {
    /// It stays as it was.
    Kept,
    /// It is new.
    Added,
    /// It has another time.
    Moved,
}

/// A stretch of time that the plan gives to a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanBlock {
    /// Which one; missing in a plan that is only looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it is for.
    #[schema(value_type = String)]
    pub task_id: TaskId,
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
    /// What became of it.
    pub change: BlockChange,
    /// When it started before it was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub moved_from: Option<Timestamp>,
}

/// A block that is no longer needed, or has no time any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RemovedBlock {
    /// Which one.
    pub id: String,
    /// What it was for.
    #[schema(value_type = String)]
    pub task_id: TaskId,
    /// A stable code: `task_closed`, `not_needed`, `no_time`.
    #[schema(value_type = String)]
    pub code: &'static str,
}

/// A task that has no place, or not enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnplacedTask {
    /// Which one.
    #[schema(value_type = String)]
    pub task_id: TaskId,
    /// A stable code: `overdue`, `no_time_before_due`, `no_time_in_window`, `longer_than_a_block`,
    /// `time_used_up`.
    #[schema(value_type = String)]
    pub code: &'static str,
    /// Why, and what would help, in plain words.
    pub text: String,
    /// How much of it has no place.
    pub missing_minutes: u32,
    /// How much time is free for it before it is due.
    pub free_minutes: u32,
    /// The first time that it would have were it not due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_fit: Option<Stretch>,
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PlanStretch)]
pub struct Stretch {
    /// Its first instant.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// The first instant behind it.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
}

impl From<Interval> for Stretch {
    fn from(interval: Interval) -> Self {
        Self {
            start: Timestamp::from_milliseconds(interval.start),
            end: Timestamp::from_milliseconds(interval.end),
        }
    }
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Plan {
    /// What was planned.
    pub window: Stretch,
    /// All blocks, by their start.
    pub blocks: Vec<PlanBlock>,
    /// Blocks that are gone.
    pub removed: Vec<RemovedBlock>,
    /// Tasks that have no place, the most pressing first.
    pub unplaced: Vec<UnplacedTask>,
}

impl Plan {
    /// The plan that changes lead to. `id` gives each new block its identifier, if it gets one.
    pub fn of(
        changes: Changes,
        window: Interval,
        zone: Tz,
        mut id: impl FnMut(&super::NewBlock) -> Option<String>,
    ) -> Self {
        let block =
            |id: Option<String>, task: TaskId, interval: Interval, change: BlockChange| PlanBlock {
                id,
                task_id: task,
                start: Timestamp::from_milliseconds(interval.start),
                end: Timestamp::from_milliseconds(interval.end),
                change,
                moved_from: None,
            };
        let mut blocks =
            Vec::with_capacity(changes.keep.len() + changes.add.len() + changes.moves.len());
        for PlannedBlock {
            id, task, interval, ..
        } in changes.keep
        {
            blocks.push(block(Some(id), task, interval, BlockChange::Kept));
        }
        for new in changes.add {
            blocks.push(block(id(&new), new.task, new.interval, BlockChange::Added));
        }
        for moved in changes.moves {
            blocks.push(PlanBlock {
                moved_from: Some(Timestamp::from_milliseconds(moved.block.interval.start)),
                ..block(
                    Some(moved.block.id),
                    moved.block.task,
                    moved.to,
                    BlockChange::Moved,
                )
            });
        }
        blocks.sort_by_key(|block| block.start);
        let removed = changes
            .remove
            .into_iter()
            .map(|(block, removal)| RemovedBlock {
                id: block.id,
                task_id: block.task,
                code: match removal {
                    Removal::TaskClosed => "task_closed",
                    Removal::NotNeeded => "not_needed",
                    Removal::NoTime => "no_time",
                },
            });
        Self {
            window: window.into(),
            blocks,
            removed: removed.collect(),
            unplaced: changes
                .unplaced
                .into_iter()
                .map(|task| UnplacedTask::of(task, zone))
                .collect(),
        }
    }
}

/// A plan in a list, without its blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanSummary {
    /// Which one.
    #[schema(value_type = String, example = "pln_01kab0s3fpe2s9m8rtkx6hdzqv")]
    pub id: PlanId,
    /// What is planned.
    pub window: Stretch,
    /// What it keeps to.
    pub rules: RulesInput,
    /// The tasks that were named; null where all that are open are planned.
    #[schema(value_type = Option<Vec<String>>)]
    pub task_ids: Option<Vec<TaskId>>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// A plan that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeptPlan {
    /// Which one.
    #[schema(value_type = String, example = "pln_01kab0s3fpe2s9m8rtkx6hdzqv")]
    pub id: PlanId,
    /// What it keeps to.
    pub rules: RulesInput,
    /// The tasks that were named; null where all that are open are planned.
    #[schema(value_type = Option<Vec<String>>)]
    pub task_ids: Option<Vec<TaskId>>,
    /// What stands on it.
    #[serde(flatten)]
    pub plan: Plan,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl UnplacedTask {
    fn of(unplaced: Unplaced, zone: Tz) -> Self {
        let code = match unplaced.reason {
            Reason::Overdue => "overdue",
            Reason::NoTimeBeforeDue => "no_time_before_due",
            Reason::NoTimeInWindow => "no_time_in_window",
            Reason::LongerThanABlock => "longer_than_a_block",
            Reason::TimeUsedUp => "time_used_up",
        };
        Self {
            code,
            text: text(&unplaced, zone),
            missing_minutes: unplaced.missing_minutes,
            free_minutes: unplaced.free_minutes,
            first_fit: unplaced.first_fit.map(Stretch::from),
            task_id: unplaced.task,
        }
    }
}

/// Why a task has no place and what would help, for a person whose clock runs in a zone.
fn text(unplaced: &Unplaced, zone: Tz) -> String {
    let minutes = unplaced.missing_minutes;
    let mut text = match unplaced.reason {
        Reason::Overdue => "It was due before any time that can be planned.".to_owned(),
        Reason::NoTimeBeforeDue => format!("No {minutes} minutes are free before it is due."),
        Reason::NoTimeInWindow => format!("No {minutes} minutes are free before the plan ends."),
        Reason::LongerThanABlock => {
            "It is longer than a block may be, and the rules do not let it be split.".to_owned()
        }
        Reason::TimeUsedUp => {
            "All the time it was given has begun, and it is not done. Give it more minutes."
                .to_owned()
        }
    };
    let when = |interval: Interval| {
        let civil = Offsets::over(zone, interval).civil(interval.start);
        civil::to_date_time(civil)
            .format("%A, %-d %B %Y, %H:%M")
            .to_string()
    };
    // Writing to a `String` does not fail.
    if let Some(longest) = unplaced
        .longest_free
        .filter(|_| unplaced.reason != Reason::Overdue)
    {
        let _ = write!(
            text,
            " The longest free time is {} minutes, on {}.",
            longest.length() / super::MINUTE_MS,
            when(longest)
        );
    }
    if unplaced.splitting_helps {
        text.push_str(" In several pieces it would fit.");
    }
    if let Some(first) = unplaced.first_fit {
        let _ = write!(text, " The first time for all of it is on {}.", when(first));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str) -> Result<NewPlan, Vec<String>> {
        let input: PlanInput = serde_json::from_str(json).expect("readable");
        let now = Timestamp::parse("2026-03-04T09:00:00Z").expect("an instant");
        input.check(now).map_err(|error| {
            let place = |field: crate::error::FieldError| match field.place {
                crate::error::Place::Pointer(pointer) => pointer,
                crate::error::Place::Parameter(name) => name,
            };
            error.fields.into_iter().map(place).collect()
        })
    }

    #[test]
    fn nothing_said_is_two_weeks_of_all_open_tasks() {
        let plan = check("{}").expect("a plan");
        assert_eq!(plan.window.length(), 14 * 86_400_000);
        assert_eq!(plan.tasks, None);
        assert_eq!(plan.rules.longest_block_minutes, 120);
    }

    #[test]
    fn a_plan_never_starts_in_the_past() {
        let plan = check(r#"{"start":"2020-01-01T00:00:00Z","end":"2026-03-05T00:00:00Z"}"#)
            .expect("a plan");
        assert_eq!(
            Timestamp::from_milliseconds(plan.window.start).to_string(),
            "2026-03-04T09:00:00.000Z"
        );
    }

    #[test]
    fn every_value_that_cannot_be_taken_is_named_at_once() {
        let json = r#"{"end":"2026-03-04T08:00:00Z","task_ids":["tsk_01kab0s3fpe2s9m8rtkx6hdzqv","eml_1"],
            "rules":{"longest_block_minutes":20,"shortest_block_minutes":30,"break_minutes":300,"step_minutes":0}}"#;
        assert_eq!(
            check(json).expect_err("faults"),
            [
                "/end",
                "/task_ids/1",
                "/rules/break_minutes",
                "/rules/step_minutes",
                "/rules/shortest_block_minutes"
            ]
        );
        assert_eq!(
            check(r#"{"end":"2027-03-04T08:00:00Z"}"#).expect_err("faults"),
            ["/end"]
        );
        for wrong in [
            r#"{"tasks":[]}"#,
            r#"{"rules":{"longest":1}}"#,
            r#"{"rules":null}"#,
        ] {
            assert!(serde_json::from_str::<PlanInput>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_would_help_is_said_on_the_clock_of_the_person() {
        let unplaced = Unplaced {
            task: TaskId::parse("tsk_01kab0s3fpe2s9m8rtkx6hdzqv").expect("an identifier"),
            missing_minutes: 60,
            reason: Reason::NoTimeBeforeDue,
            free_minutes: 30,
            longest_free: Some(Interval {
                start: 1_773_306_000_000,
                end: 1_773_307_800_000,
            }),
            first_fit: None,
            splitting_helps: false,
        };
        let shown = UnplacedTask::of(unplaced, chrono_tz::Europe::Berlin);
        assert_eq!(
            shown.text,
            "No 60 minutes are free before it is due. The longest free time is 30 minutes, on Thursday, 12 March 2026, 10:00."
        );
    }
}
