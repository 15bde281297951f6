//! Plans in D1: what a plan keeps to, and its blocks, which are events of the person's primary
//! calendar.
//!
//! A block is the plan's as long as it is as the plan wrote it (`planned_version`); from then on it is
//! the person's, and nothing here moves or deletes it. What lands on a plan's blocks starts the step
//! that makes it anew by triggers of the migration, in the batch that lands.

use delegate_core::calendar::event::Event;
use delegate_core::calendar::interval::Interval;
use delegate_core::calendar::plan::wire::RulesInput;
use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{CalendarEventId, EventId, PlanId, TaskId, UserId};
use delegate_core::time::Timestamp;
use serde::Deserialize;

use super::guard::{must_be_as_seen, must_have_room, must_hold};
use super::list::List;
use super::tasks::json;
use super::{agendas, calendars, events, outbox};
use crate::platform::database::{Answer, Statement, sql};

/// An instant of a column in milliseconds since 1970, as text.
macro_rules! instant {
    ($column:literal) => {
        concat!(
            "strftime('%Y-%m-%dT%H:%M:%S', ",
            $column,
            " / 1000, 'unixepoch') || printf('.%03dZ', ",
            $column,
            " % 1000)"
        )
    };
}

/// The JSON of a plan without its blocks, as `delegate_core::calendar::plan::wire::PlanSummary`
/// serialises.
macro_rules! plan_json {
    ($($more:expr),*) => {
        concat!(
            "json_object('id', p.id, 'window', json_object('start', ",
            instant!("p.start_at"),
            ", 'end', ",
            instant!("p.end_at"),
            "), 'rules', json(p.rules), 'task_ids', json(p.task_ids), \
             'created_at', p.created_at, 'updated_at', p.updated_at",
            $($more,)*
            ")"
        )
    };
}

/// The JSON of a plan, as `delegate_core::calendar::plan::wire::KeptPlan` serialises: its blocks are
/// as they stand in the calendar now.
macro_rules! whole_json {
    () => {
        plan_json!(
            ", 'unplaced', json(p.unplaced), 'removed', json('[]'), 'blocks', (SELECT json_group_array(json_object('id', id, \
             'task_id', task_id, 'start', ",
            instant!("first_at"),
            ", 'end', ",
            instant!("last_at"),
            ", 'change', 'kept')) FROM (SELECT id, task_id, first_at, last_at \
             FROM calendar_events WHERE origin_id = p.id AND user_id = p.user_id \
             AND origin = 'plan' AND shape = 'timed' AND busy <> 'free' ORDER BY first_at, id))"
        )
    };
}

pub(super) use {instant, plan_json};

/// A task, as far as it is planned with.
#[derive(Debug, Deserialize)]
pub(crate) struct TaskRow {
    pub(crate) id: TaskId,
    pub(crate) title: String,
    pub(crate) priority: delegate_core::analysis::Priority,
    pub(crate) due_ms: Option<i64>,
    pub(crate) duration_minutes: Option<u32>,
    pub(crate) is_open: u8,
    pub(crate) version: u32,
}

/// The tasks that are planned, the most pressing first: those that are named or at most `most` that
/// are open, and those that have blocks on a plan.
pub(crate) fn tasks(
    user: &UserId,
    named: Option<&[TaskId]>,
    plan: Option<&PlanId>,
    most: usize,
) -> Result<Statement, Error> {
    let row = "json_object('id', id, 'title', title, 'priority', priority,
        'due_ms', unixepoch(due_at) * 1000, 'duration_minutes', duration_minutes,
        'is_open', status IN ('todo', 'in_progress'), 'version', version)";
    Ok(sql(format!(
        "SELECT json_group_array({row}) AS tasks FROM tasks
         WHERE user_id = ?1 AND id IN (
           SELECT value FROM json_each(?2)
           UNION SELECT id FROM (
             SELECT id FROM tasks
             WHERE ?2 IS NULL AND user_id = ?1 AND status IN ('todo', 'in_progress')
             ORDER BY priority_order DESC, due_order, id LIMIT ?4)
           UNION SELECT task_id FROM calendar_events
             WHERE origin_id = ?3 AND user_id = ?1 AND origin = 'plan')"
    ))
    .bind(user.as_str())
    .bind(named.map(|tasks| json(&tasks)).transpose()?)
    .bind(plan.map(PlanId::as_str))
    .bind(most))
}

/// What [`tasks`] found.
pub(crate) fn found_tasks(answer: &Answer) -> Result<Vec<TaskRow>, Error> {
    read(answer.text("tasks").as_deref())
}

/// A block as it stands in the calendar.
#[derive(Debug, Deserialize)]
pub(crate) struct BlockRow {
    pub(crate) id: String,
    pub(crate) task: TaskId,
    /// The whole of it, where it is the plan's to move.
    pub(crate) event: Option<Event>,
    pub(crate) first_at: i64,
    pub(crate) last_at: i64,
    /// Whether the person has moved or changed it.
    pub(crate) is_fixed: u8,
}

/// A plan as it is made anew.
pub(crate) struct Found {
    pub(crate) window: Interval,
    pub(crate) rules: RulesInput,
    pub(crate) tasks: Option<Vec<TaskId>>,
    pub(crate) blocks: Vec<BlockRow>,
    pub(crate) unplaced: String,
    pub(crate) version: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A plan with its blocks, to be made anew. Whatever the person made of a block is its task's time,
/// as long as a block can be.
pub(crate) fn find_to_replan(user: &UserId, id: &PlanId, now: Timestamp) -> Statement {
    sql(format!(
        "SELECT p.start_at, p.end_at, p.rules, p.task_ids, p.unplaced, p.version, p.created_at,
           p.updated_at, (SELECT json_group_array(json_object('id', e.id, 'task', e.task_id,
             'event', iif(e.version = e.planned_version AND e.first_at > ?3, {}, NULL),
             'first_at', e.first_at, 'last_at', MIN(e.last_at, e.first_at + 43200000),
             'is_fixed', e.version IS NOT e.planned_version)) FROM calendar_events AS e
             WHERE e.origin_id = p.id AND e.user_id = p.user_id AND e.origin = 'plan'
               AND e.task_id IS NOT NULL) AS blocks
         FROM calendar_plans AS p WHERE p.user_id = ?1 AND p.id = ?2",
        events::JSON
    ))
    .bind(user.as_str())
    .bind(id.as_str())
    .bind(now.milliseconds())
}

/// What [`find_to_replan`] found.
pub(crate) fn found(answer: &Answer) -> Result<Option<Found>, Error> {
    #[derive(Deserialize)]
    struct Row {
        start_at: i64,
        end_at: i64,
        rules: String,
        task_ids: Option<String>,
        unplaced: String,
        version: u32,
        created_at: Timestamp,
        updated_at: Timestamp,
        blocks: String,
    }
    let Some(row) = answer.first::<Row>()? else {
        return Ok(None);
    };
    Ok(Some(Found {
        window: Interval {
            start: row.start_at,
            end: row.end_at,
        },
        rules: read(Some(&row.rules))?,
        tasks: row.task_ids.map(|tasks| read(Some(&tasks))).transpose()?,
        blocks: read(Some(&row.blocks))?,
        unplaced: row.unplaced,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }))
}

fn read<T: serde::de::DeserializeOwned>(text: Option<&str>) -> Result<T, Error> {
    serde_json::from_str(text.unwrap_or("[]"))
        .map_err(|error| Error::internal(format!("a stored plan: {error}")))
}

/// One plan with its version.
pub(crate) fn find(user: &UserId, id: &PlanId) -> Statement {
    sql(concat!(
        "SELECT ",
        whole_json!(),
        " AS plan, p.version FROM calendar_plans AS p WHERE p.user_id = ? AND p.id = ?"
    ))
    .bind(user.as_str())
    .bind(id.as_str())
}

/// The plans of a person, without their blocks.
pub(crate) fn list(user: &UserId) -> List {
    List::of(
        user.as_str(),
        "calendar_plans AS p",
        plan_json!(),
        "p.user_id = ?",
        "p.id",
    )
}

/// Fails (`guard`) where a person has so many plans that go on.
pub(crate) fn room(user: &UserId, most: u32, now: Timestamp) -> Statement {
    must_have_room!(most, "calendar_plans WHERE user_id = ? AND end_at > ?")
        .bind(user.as_str())
        .bind(now.milliseconds())
}

/// Fails (`guard`) where a plan is not of this version any more.
pub(crate) fn still(user: &UserId, id: &PlanId, version: u32) -> Statement {
    must_hold!("EXISTS (SELECT 1 FROM calendar_plans WHERE user_id = ? AND id = ? AND version = ?)")
        .bind(user.as_str())
        .bind(id.as_str())
        .bind(version)
}

/// Fails (`guard`) where one of these tasks has changed since it was read.
fn tasks_still(user: &UserId, tasks: &[(TaskId, u32)]) -> Result<Statement, Error> {
    Ok(must_be_as_seen!("tasks")
        .bind(user.as_str())
        .bind(json(&tasks)?))
}

/// What becomes of the blocks of a plan.
#[derive(Default)]
pub(crate) struct Blocks {
    pub(crate) added: Vec<Event>,
    pub(crate) moved: Vec<Event>,
    pub(crate) removed: Vec<CalendarEventId>,
    /// The times that are taken.
    pub(crate) times: Vec<Interval>,
    /// The tasks that they are taken for, as they were read.
    pub(crate) tasks: Vec<(TaskId, u32)>,
}

impl Blocks {
    pub(crate) fn are_as_before(&self) -> bool {
        self.added.is_empty() && self.moved.is_empty() && self.removed.is_empty()
    }
}

/// The statements that write the blocks of a plan and tell of each. They fail where a time is not free
/// any more, or anything has moved that was computed with (`agendas::refusal`, `guard`).
pub(crate) fn write_blocks(
    user: &UserId,
    plan: &PlanId,
    blocks: &Blocks,
    revision: i64,
    mut new_id: impl FnMut() -> Result<EventId, Error>,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let moved: Vec<String> = blocks.moved.iter().map(|one| one.id.to_string()).collect();
    let mut statements = vec![
        tasks_still(user, &blocks.tasks)?,
        calendars::ensure_primary(user, now),
        sql(
            "DELETE FROM calendar_events WHERE user_id = ? AND origin_id = ?
               AND id IN (SELECT value FROM json_each(?))",
        )
        .bind(user.as_str())
        .bind(plan.as_str())
        .bind(json(&blocks.removed)?),
        // What is moved leaves its time first, so that others of the plan can have it.
        sql(
            "UPDATE calendar_events SET busy = 'free', planned_version = version + 1
             WHERE user_id = ? AND origin_id = ? AND id IN (SELECT value FROM json_each(?))",
        )
        .bind(user.as_str())
        .bind(plan.as_str())
        .bind(json(&moved)?),
        agendas::claim_all(user, &blocks.times, revision, now)?,
    ];
    let all: Vec<Event> = blocks.moved.iter().chain(&blocks.added).cloned().collect();
    statements.push(events::store_blocks(user, &all, plan)?);
    statements.push(
        sql("UPDATE calendar_events SET planned_version = version
             WHERE user_id = ? AND origin_id = ? AND planned_version IS NULL")
        .bind(user.as_str())
        .bind(plan.as_str()),
    );
    let mut told = Vec::with_capacity(all.len() + blocks.removed.len());
    for block in &blocks.removed {
        let data = json(&serde_json::json!({ "id": block }))?;
        told.push(outbox::item(&new_id()?, EventType::EventDeleted, &data));
    }
    for block in &blocks.moved {
        let data = json(block)?;
        told.push(outbox::item(&new_id()?, EventType::EventUpdated, &data));
    }
    for block in &blocks.added {
        let data = json(block)?;
        told.push(outbox::item(&new_id()?, EventType::EventCreated, &data));
    }
    statements.push(outbox::append_all(user, &told, now));
    Ok(statements)
}

/// The statements that store a plan and tell of it. Its blocks are written before.
pub(crate) fn insert(
    user: &UserId,
    id: &PlanId,
    (window, rules, tasks): (Interval, &RulesInput, Option<&[TaskId]>),
    unplaced: &str,
    told: &EventId,
    now: Timestamp,
) -> Result<[Statement; 2], Error> {
    Ok([
        sql(
            "INSERT INTO calendar_plans (id, user_id, start_at, end_at, rules, task_ids, unplaced,
               created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
        )
        .bind(id.as_str())
        .bind(user.as_str())
        .bind(window.start)
        .bind(window.end)
        .bind(json(rules)?)
        .bind(tasks.map(|tasks| json(&tasks)).transpose()?)
        .bind(unplaced)
        .bind(now),
        tell(user, id, EventType::PlanCreated, told, now),
    ])
}

/// The statements that note that a plan of this version was made anew, and tell of it.
pub(crate) fn update(
    user: &UserId,
    id: &PlanId,
    version: u32,
    unplaced: &str,
    told: &EventId,
    now: Timestamp,
) -> [Statement; 2] {
    [
        // What its blocks have counted on the way is nobody's business.
        sql(
            "UPDATE calendar_plans SET unplaced = ?, version = ?, updated_at = ?
             WHERE user_id = ? AND id = ?",
        )
        .bind(unplaced)
        .bind(version + 1)
        .bind(now)
        .bind(user.as_str())
        .bind(id.as_str()),
        tell(user, id, EventType::PlanUpdated, told, now),
    ]
}

fn tell(user: &UserId, id: &PlanId, kind: EventType, told: &EventId, now: Timestamp) -> Statement {
    let select = concat!(
        plan_json!(),
        " FROM calendar_plans AS p WHERE p.user_id = ? AND p.id = ? AND changes() > 0"
    );
    outbox::append_from(user, told, kind, now, select)
        .bind(user.as_str())
        .bind(id.as_str())
}

/// The statements that take a plan back with its blocks that are still ahead and still its own, and
/// whether it exists (at the end). The first is the deletion.
pub(crate) fn delete(
    user: &UserId,
    id: &PlanId,
    versions: Option<&str>,
    told: &EventId,
    now: Timestamp,
) -> Vec<Statement> {
    // Where the plan was not deleted it is still there, and so are its blocks.
    const ITS_OWN: &str = "user_id = ?1 AND origin_id = ?2 AND origin = 'plan'
        AND version = planned_version AND first_at > ?3
        AND NOT EXISTS (SELECT 1 FROM calendar_plans WHERE user_id = ?1 AND id = ?2)";
    let own = |text: String| {
        sql(text)
            .bind(user.as_str())
            .bind(id.as_str())
            .bind(now.milliseconds())
    };
    vec![
        sql("DELETE FROM calendar_plans WHERE user_id = ? AND id = ?
               AND (?3 IS NULL OR version IN (SELECT value FROM json_each(?3)))")
        .bind(user.as_str())
        .bind(id.as_str())
        .bind(versions),
        outbox::append_from(
            user,
            told,
            EventType::PlanDeleted,
            now,
            "json_object('id', ?) WHERE changes() > 0",
        )
        .bind(id.as_str()),
        // An event is deleted once, so what tells of it can be named after it.
        own(format!(
            "INSERT INTO outbox (id, user_id, type, data, occurred_at)
             SELECT '{}_' || substr(id, 5), user_id, '{}', json_object('id', id), ?4
             FROM calendar_events WHERE {ITS_OWN}",
            EventId::PREFIX,
            EventType::EventDeleted.as_str()
        ))
        .bind(now),
        own(format!("DELETE FROM calendar_events WHERE {ITS_OWN}")),
        sql("SELECT 1 AS present FROM calendar_plans WHERE user_id = ? AND id = ?")
            .bind(user.as_str())
            .bind(id.as_str()),
    ]
}

/// What [`waiting`] found.
pub(crate) fn found_waiting(answer: &Answer) -> Result<Vec<String>, Error> {
    #[derive(Deserialize)]
    struct Row {
        id: String,
    }
    Ok(answer
        .rows::<Row>()?
        .into_iter()
        .map(|row| row.id)
        .collect())
}

/// The steps of a person's plans that wait to be made anew.
pub(crate) fn waiting(user: &UserId, now: Timestamp) -> Statement {
    sql(
        "SELECT w.id FROM calendar_plans AS p JOIN work_items AS w ON w.id = 'wrk_' || substr(p.id, 5)
         WHERE p.user_id = ? AND w.not_before <= ?",
    )
    .bind(user.as_str())
    .bind(now)
}
