//! Tasks in D1.

use chrono_tz::Tz;
use delegate_core::analysis::Priority;
use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{EventId, TaskId, UserId};
use delegate_core::search;
use delegate_core::task::{NewTask, Task, TaskPatch};
use delegate_core::time::Timestamp;
use serde::Serialize;

use super::exports::Pieces;
use super::list::List;
use super::outbox;
use super::search_index::index_task;
use crate::platform::database::{Statement, sql};

/// The JSON of a task, as `delegate_core::task::Task` serialises: a test holds one against the
/// other.
macro_rules! task_json {
    () => {
        "json_object('id', tasks.id, 'title', tasks.title, 'description', tasks.description, \
         'status', tasks.status, 'priority', tasks.priority, 'due', json(tasks.due), \
         'duration_minutes', tasks.duration_minutes, 'completed_at', tasks.completed_at, \
         'source', json(tasks.source), 'confidence', tasks.confidence, \
         'links', json(tasks.links), 'created_at', tasks.created_at, \
         'updated_at', tasks.updated_at)"
    };
}

/// What can't fail: these types have no map with keys that are not text.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::internal(format!("serialising: {error}")))
}

/// The word of an enumeration in storage.
pub(crate) fn word(value: &impl Serialize) -> Result<String, Error> {
    json(value).map(|text| text.trim_matches('"').to_owned())
}

fn priority_word(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "low",
        Priority::Medium => "medium",
        Priority::High => "high",
        Priority::Urgent => "urgent",
    }
}

/// The statements that store a task, make it findable, and tell of it.
pub(crate) fn insert(
    user: &UserId,
    new: &NewTask,
    task_json: &str,
    event: &EventId,
) -> Result<Vec<Statement>, Error> {
    let task = &new.task;
    let due = task.due.as_ref().map(json).transpose()?;
    let source = task.source.as_ref().map(json).transpose()?;
    Ok(vec![
        sql(
            "INSERT INTO tasks (id, user_id, title, description, status, priority, due, due_at,
               due_zone, duration_minutes, completed_at, source, confidence, links,
               created_at, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(task.id.as_str())
        .bind(user.as_str())
        .bind(&task.title)
        .bind(&task.description)
        .bind(task.status.as_str())
        .bind(priority_word(task.priority))
        .bind(due)
        .bind(task.due.as_ref().map(|due| due.instant))
        .bind(new.due_zone.map(Tz::name))
        .bind(task.duration_minutes)
        .bind(task.completed_at)
        .bind(source)
        .bind(task.confidence)
        .bind(json(&task.links)?)
        .bind(task.created_at)
        .bind(task.updated_at),
        index(user, task),
        outbox::append(
            user,
            event,
            EventType::TaskCreated,
            task_json,
            task.created_at,
        ),
    ])
}

fn index(user: &UserId, task: &Task) -> Statement {
    index_task(user, task.id.as_str(), &task.title, &task.description)
}

/// One task, and its version.
pub(crate) fn find(user: &UserId, id: &TaskId) -> Statement {
    sql(concat!(
        "SELECT ",
        task_json!(),
        " AS task, version FROM tasks WHERE user_id = ? AND id = ?"
    ))
    .bind(user.as_str())
    .bind(id.as_str())
}

/// The tasks of a person.
pub(crate) fn list(user: &UserId) -> List {
    List::of(
        user.as_str(),
        "tasks",
        task_json!(),
        "tasks.user_id = ?",
        "tasks.id",
    )
}

/// The tasks of a person, as an export has them.
pub(crate) const PIECES: Pieces = Pieces {
    from: "tasks",
    item: task_json!(),
    owner: "tasks.user_id",
    id: "tasks.id",
    created: "tasks.created_at",
};

/// Tasks that a search finds.
pub(crate) const SEARCH: &str =
    "tasks.row IN (SELECT rowid FROM task_search WHERE task_search MATCH ?)";

/// The statements of a change: the change itself, the index, the event, and what the task then is
/// (at the end). Where `versions` is given, the change holds only for one of them.
pub(crate) fn update(
    user: &UserId,
    id: &TaskId,
    patch: &TaskPatch,
    versions: Option<&str>,
    event: &EventId,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let due = patch.due.as_ref().map(Option::as_ref);
    let due_json = due.flatten().map(|due| json(&due.resolved)).transpose()?;
    let status = patch.status.map(delegate_core::task::Status::as_str);
    let change = sql("UPDATE tasks SET
           title = COALESCE(?1, title),
           description = COALESCE(?2, description),
           status = COALESCE(?3, status),
           completed_at = CASE
             WHEN ?3 IS NULL OR ?3 = status THEN completed_at
             WHEN ?3 = 'completed' THEN ?4 END,
           priority = COALESCE(?5, priority),
           due = CASE ?6 WHEN 1 THEN ?7 ELSE due END,
           due_at = CASE ?6 WHEN 1 THEN ?8 ELSE due_at END,
           due_zone = CASE ?6 WHEN 1 THEN ?9 ELSE due_zone END,
           duration_minutes = CASE ?10 WHEN 1 THEN ?11 ELSE duration_minutes END,
           links = COALESCE(?12, links),
           version = version + 1,
           updated_at = ?4
         WHERE user_id = ?13 AND id = ?14
           AND (?15 IS NULL OR version IN (SELECT value FROM json_each(?15)))")
    .bind(patch.title.as_deref())
    .bind(patch.description.as_deref())
    .bind(status)
    .bind(now)
    .bind(patch.priority.map(priority_word))
    .bind(patch.due.is_some())
    .bind(due_json)
    .bind(due.flatten().map(|due| due.resolved.instant))
    .bind(due.flatten().and_then(|due| due.zone).map(Tz::name))
    .bind(patch.duration_minutes.is_some())
    .bind(patch.duration_minutes.flatten())
    .bind(patch.links.as_ref().map(json).transpose()?)
    .bind(user.as_str())
    .bind(id.as_str())
    .bind(versions);
    let mut statements = vec![change, told(user, id, event, now)];
    if patch.title.is_some() || patch.description.is_some() {
        statements.push(reindex(user, id, patch, now));
    }
    statements.push(find(user, id));
    Ok(statements)
}

/// Tells of a task that the statement right before changed.
pub(crate) fn told(user: &UserId, id: &TaskId, event: &EventId, now: Timestamp) -> Statement {
    let select = concat!(
        task_json!(),
        " FROM tasks WHERE user_id = ? AND id = ? AND changes() > 0"
    );
    outbox::append_from(user, event, EventType::TaskUpdated, now, select)
        .bind(user.as_str())
        .bind(id.as_str())
}

/// Only a task that was changed just now (its `updated_at` is the change's) is indexed anew.
fn reindex(user: &UserId, id: &TaskId, patch: &TaskPatch, now: Timestamp) -> Statement {
    sql("UPDATE task_search SET
           title = COALESCE(?, title), description = COALESCE(?, description)
         WHERE rowid IN (SELECT row FROM tasks WHERE user_id = ? AND id = ? AND updated_at = ?)")
    .bind(patch.title.as_deref().map(search::index_text))
    .bind(patch.description.as_deref().map(search::index_text))
    .bind(user.as_str())
    .bind(id.as_str())
    .bind(now)
}

/// The statements that delete a task, and whether it exists (at the end). The fingerprint of the
/// request it came from stays, so that it does not come back.
pub(crate) fn delete(
    user: &UserId,
    id: &TaskId,
    versions: Option<&str>,
    event: &EventId,
    now: Timestamp,
) -> Vec<Statement> {
    const WHICH: &str = "user_id = ? AND id = ?
           AND (?3 IS NULL OR version IN (SELECT value FROM json_each(?3)))";
    vec![
        sql(format!(
            "DELETE FROM task_search WHERE rowid IN (SELECT row FROM tasks WHERE {WHICH})"
        ))
        .bind(user.as_str())
        .bind(id.as_str())
        .bind(versions),
        sql(format!("DELETE FROM tasks WHERE {WHICH}"))
            .bind(user.as_str())
            .bind(id.as_str())
            .bind(versions),
        outbox::append_from(
            user,
            event,
            EventType::TaskDeleted,
            now,
            "json_object('id', ?) WHERE changes() > 0",
        )
        .bind(id.as_str()),
        sql("SELECT 1 AS present FROM tasks WHERE user_id = ? AND id = ?")
            .bind(user.as_str())
            .bind(id.as_str()),
    ]
}

/// Adds or removes one link of a task. `add` keeps each link once.
pub(crate) fn relink(
    user: &UserId,
    id: &TaskId,
    link: &str,
    add: bool,
    event: &EventId,
    now: Timestamp,
) -> Vec<Statement> {
    let change = if add {
        "UPDATE tasks SET links = json_insert(links, '$[#]', json(?1)),
           version = version + 1, updated_at = ?2
         WHERE user_id = ?3 AND id = ?4
           AND NOT EXISTS (SELECT 1 FROM json_each(links) WHERE value = json(?1))
           AND json_array_length(links) < 50"
    } else {
        "UPDATE tasks SET
           links = (SELECT json_group_array(json(value)) FROM json_each(links)
                    WHERE value <> json(?1)),
           version = version + 1, updated_at = ?2
         WHERE user_id = ?3 AND id = ?4
           AND EXISTS (SELECT 1 FROM json_each(links) WHERE value = json(?1))"
    };
    vec![
        sql(change)
            .bind(link)
            .bind(now)
            .bind(user.as_str())
            .bind(id.as_str()),
        told(user, id, event, now),
        find(user, id),
    ]
}

/// Fails, and takes its batch with it, where these threads have not given just so many requests.
pub(crate) fn requests_unchanged(
    user: &UserId,
    threads: &[String],
    number: usize,
) -> Result<Statement, Error> {
    Ok(sql("INSERT INTO task_requests (user_id)
         SELECT ?1 WHERE ?3 <> (
           SELECT COUNT(*) FROM task_requests
           WHERE user_id = ?1 AND thread_id IN (SELECT value FROM json_each(?2)))")
    .bind(user.as_str())
    .bind(json(&threads)?)
    .bind(number))
}

/// What SQLite says when [`requests_unchanged`] fails.
pub(crate) const REQUESTS_CHANGED: &str = "NOT NULL constraint failed: task_requests.";

/// The statements that store a task which an engine proposed, unless its request became a task
/// already: the fingerprint decides, in the same batch, whoever comes first.
pub(crate) fn insert_proposed(
    user: &UserId,
    new: &NewTask,
    thread: &str,
    fingerprint: &str,
    quote: &str,
    event: &EventId,
) -> Result<Vec<Statement>, Error> {
    let task = &new.task;
    let due = task.due.as_ref().map(json).transpose()?;
    let source = task.source.as_ref().map(json).transpose()?;
    let select = concat!(task_json!(), " FROM tasks WHERE id = ? AND changes() > 0");
    Ok(vec![
        sql(
            "INSERT INTO task_requests (user_id, thread_id, fingerprint, task_id, quote)
             VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(user.as_str())
        .bind(thread)
        .bind(fingerprint)
        .bind(task.id.as_str())
        .bind(quote),
        sql(
            "INSERT INTO tasks (id, user_id, title, description, status, priority, due, due_at,
               due_zone, source, confidence, links, created_at, updated_at)
             SELECT ?1, ?2, ?3, '', 'todo', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11
             WHERE changes() > 0",
        )
        .bind(task.id.as_str())
        .bind(user.as_str())
        .bind(&task.title)
        .bind(priority_word(task.priority))
        .bind(due)
        .bind(task.due.as_ref().map(|due| due.instant))
        .bind(new.due_zone.map(Tz::name))
        .bind(source)
        .bind(task.confidence)
        .bind(json(&task.links)?)
        .bind(task.created_at),
        outbox::append_from(user, event, EventType::TaskCreated, task.created_at, select)
            .bind(task.id.as_str()),
        index(user, task),
    ])
}

/// Tasks due on a day whose midnight was resolved in another zone than the person's now is.
pub(crate) fn find_misplaced(user: &UserId, most: u32) -> Statement {
    sql("SELECT t.id, t.due ->> '$.date' AS date, u.time_zone
         FROM tasks AS t JOIN users AS u ON u.id = t.user_id
         WHERE t.user_id = ? AND t.due_zone IS NOT NULL AND t.due_zone <> u.time_zone LIMIT ?")
    .bind(user.as_str())
    .bind(most)
}

/// The statements that resolve a day again, and tell of it.
pub(crate) fn replace_due(
    user: &UserId,
    id: &TaskId,
    due: &delegate_core::task::Due,
    event: &EventId,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    Ok(vec![
        sql("UPDATE tasks SET due = ?1, due_at = ?2, due_zone = ?3,
               version = version + 1, updated_at = ?4
             WHERE user_id = ?5 AND id = ?6 AND due ->> '$.date' = ?1 ->> '$.date'")
        .bind(json(&due.resolved)?)
        .bind(due.resolved.instant)
        .bind(due.zone.map(Tz::name))
        .bind(now)
        .bind(user.as_str())
        .bind(id.as_str()),
        told(user, id, event, now),
    ])
}

/// The links of a task.
pub(crate) fn find_links(user: &UserId, id: &TaskId) -> Statement {
    sql("SELECT links FROM tasks WHERE user_id = ? AND id = ?")
        .bind(user.as_str())
        .bind(id.as_str())
}
