//! Lessons in D1, and what they do to mail that was read before.

use delegate_core::analysis::lesson::{Lesson, LessonKind, MAX_LESSONS, SenderLesson};
use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{EventId, LessonId, TaskId, UserId};
use delegate_core::time::Timestamp;

use super::guard::must_have_room;
use super::list::List;
use super::outbox;
use super::tasks::word;
use crate::platform::database::{Answer, Statement, sql};

/// The JSON of a lesson, as `Lesson` reads it.
macro_rules! lesson_json {
    () => {
        "json_object('id', l.id, 'kind', l.kind, 'sender', l.sender, 'category', l.category, \
         'priority', l.priority, \
         'gives_tasks', CASE l.gives_tasks WHEN 1 THEN json('true') WHEN 0 THEN json('false') END, \
         'quote', l.quote, 'created_at', l.created_at, 'updated_at', l.updated_at)"
    };
}

pub(super) use lesson_json;

/// Whether a lesson `l` is of the sender whose address stands here: the address itself, its domain, or
/// one above it. As `delegate_core::preferences::is_of` has it.
macro_rules! is_of {
    ($address:expr) => {
        concat!(
            "(l.sender = ",
            $address,
            " OR (substr(l.sender, 1, 1) = '@' AND (substr(",
            $address,
            ", -length(l.sender)) = l.sender OR substr(",
            $address,
            ", -length(l.sender)) = '.' || substr(l.sender, 2))))"
        )
    };
}

/// What the closest lesson of a sender teaches in a column; NULL where none does.
macro_rules! taught {
    ($column:literal, $user:literal, $address:literal) => {
        concat!(
            "(SELECT l.",
            $column,
            " FROM lessons AS l WHERE l.user_id = ",
            $user,
            " AND l.kind = 'sender' AND l.",
            $column,
            " IS NOT NULL AND ",
            $crate::store::lessons::is_of!($address),
            " ORDER BY substr(l.sender, 1, 1) = '@', length(l.sender) DESC, l.id DESC LIMIT 1)"
        )
    };
}

pub(super) use {is_of, taught};

/// All lessons of a person, as one JSON text: what analysis reads.
pub(crate) fn all(user: &UserId) -> Statement {
    sql(concat!(
        "SELECT json_group_array(json(item)) AS lessons FROM (SELECT ",
        lesson_json!(),
        " AS item FROM lessons AS l WHERE l.user_id = ? ORDER BY l.id)"
    ))
    .bind(user.as_str())
}

/// What [`all`] found.
pub(crate) fn read_all(answer: &Answer) -> Result<Vec<Lesson>, Error> {
    read(&answer.text("lessons").unwrap_or_else(|| "[]".to_owned()))
}

fn read<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::internal(format!("a stored lesson: {error}")))
}

/// The lessons of a person, newest first.
pub(crate) fn list(user: &UserId) -> List {
    List::of(
        user.as_str(),
        "lessons AS l",
        lesson_json!(),
        "l.user_id = ?",
        "l.id",
    )
}

/// One lesson and its version.
pub(crate) fn find(user: &UserId, id: &LessonId) -> Statement {
    sql(concat!(
        "SELECT ",
        lesson_json!(),
        " AS lesson, l.version FROM lessons AS l WHERE l.user_id = ? AND l.id = ?"
    ))
    .bind(user.as_str())
    .bind(id.as_str())
}

/// What [`find`] found.
pub(crate) fn found(answer: &Answer) -> Result<Option<Lesson>, Error> {
    answer.text("lesson").map(|text| read(&text)).transpose()
}

/// The sentence that a task came from, and who wrote it; no row where there is no such task.
pub(crate) fn find_sentence(user: &UserId, task: &TaskId) -> Statement {
    sql("SELECT source ->> '$.quote' AS quote,
           (SELECT sender_address FROM emails WHERE user_id = ?1 AND id = tasks.source ->> '$.id')
           AS sender
         FROM tasks WHERE user_id = ?1 AND id = ?2")
    .bind(user.as_str())
    .bind(task.as_str())
}

/// The statements that keep a lesson, tell of it and judge the mail of its sender anew. They fail
/// (`guard`) where the person has as many lessons as there may be.
pub(crate) fn insert(
    user: &UserId,
    lesson: &Lesson,
    lesson_json: &str,
    event: &EventId,
) -> Result<Vec<Statement>, Error> {
    let now = lesson.created_at;
    let mut statements = vec![
        must_have_room!(MAX_LESSONS, "lessons WHERE user_id = ?").bind(user.as_str()),
        sql(
            "INSERT INTO lessons (id, user_id, kind, sender, category, priority, gives_tasks,
               quote, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
        )
        .bind(lesson.id.as_str())
        .bind(user.as_str())
        .bind(word(&lesson.kind)?)
        .bind(lesson.sender.as_deref())
        .bind(lesson.category.as_ref().map(word).transpose()?)
        .bind(lesson.priority.as_ref().map(word).transpose()?)
        .bind(lesson.gives_tasks)
        .bind(lesson.quote.as_deref())
        .bind(now),
        outbox::append(user, event, EventType::LessonCreated, lesson_json, now),
    ];
    if let (LessonKind::Sender, Some(sender)) = (lesson.kind, &lesson.sender) {
        statements.push(judge_anew(user, &[sender], now)?);
    }
    Ok(statements)
}

/// The statements that put what a lesson has become in the place of this version, and what it then is (at
/// the end). The first changes nothing where it has another version since.
pub(crate) fn replace(
    user: &UserId,
    before: &Lesson,
    version: u32,
    lesson: &SenderLesson,
    event: &EventId,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let former = before.sender.as_deref().unwrap_or_default();
    Ok(vec![
        sql(
            "UPDATE lessons SET sender = ?, category = ?, priority = ?, gives_tasks = ?,
               updated_at = ?, version = version + 1
             WHERE user_id = ? AND id = ? AND version = ?",
        )
        .bind(&lesson.sender)
        .bind(lesson.category.as_ref().map(word).transpose()?)
        .bind(lesson.priority.as_ref().map(word).transpose()?)
        .bind(lesson.gives_tasks)
        .bind(now)
        .bind(user.as_str())
        .bind(before.id.as_str())
        .bind(version),
        tell(user, &before.id, EventType::LessonUpdated, event, now),
        judge_anew(user, &[former, &lesson.sender], now)?,
        find(user, &before.id),
    ])
}

/// The statements that take a lesson back, and whether it exists (at the end). The first is the deletion.
pub(crate) fn delete(
    user: &UserId,
    lesson: &Lesson,
    versions: Option<&str>,
    event: &EventId,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let mut statements = vec![
        sql("DELETE FROM lessons WHERE user_id = ? AND id = ?
               AND (?3 IS NULL OR version IN (SELECT value FROM json_each(?3)))")
        .bind(user.as_str())
        .bind(lesson.id.as_str())
        .bind(versions),
        outbox::append_from(
            user,
            event,
            EventType::LessonDeleted,
            now,
            "json_object('id', ?) WHERE changes() > 0",
        )
        .bind(lesson.id.as_str()),
    ];
    if let Some(sender) = &lesson.sender {
        statements.push(judge_anew(user, &[sender], now)?);
    }
    statements.push(find(user, &lesson.id));
    Ok(statements)
}

/// Tells of a lesson that the statement right before changed.
fn tell(
    user: &UserId,
    id: &LessonId,
    kind: EventType,
    event: &EventId,
    now: Timestamp,
) -> Statement {
    let select = concat!(
        lesson_json!(),
        " FROM lessons AS l WHERE l.user_id = ? AND l.id = ? AND changes() > 0"
    );
    outbox::append_from(user, event, kind, now, select)
        .bind(user.as_str())
        .bind(id.as_str())
}

/// Judges mail of these senders as the lessons that there now are teach. What the person corrected of a
/// single message stays, and where nothing is taught any more, what the engine said counts again.
fn judge_anew(user: &UserId, senders: &[&str], now: Timestamp) -> Result<Statement, Error> {
    Ok(sql(concat!(
        "UPDATE email_analyses AS a SET
           category = COALESCE(a.corrections ->> '$.category', ",
        taught!("category", "?1", "e.sender_address"),
        ", a.judged_category, a.category),
           priority = COALESCE(a.corrections ->> '$.priority', ",
        taught!("priority", "?1", "e.sender_address"),
        ", a.judged_priority, a.priority),
           version = a.version + 1, updated_at = ?2
         FROM emails AS e
         WHERE e.id = a.email_id AND e.user_id = ?1 AND a.user_id = ?1
           AND EXISTS (SELECT 1 FROM (SELECT value AS sender FROM json_each(?3)) AS l WHERE ",
        is_of!("e.sender_address"),
        ")"
    ))
    .bind(user.as_str())
    .bind(now)
    .bind(super::tasks::json(&senders)?))
}
