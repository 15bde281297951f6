//! Jobs in D1: long pieces of work that a client can watch.

use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{EventId, JobId, UserId};
use delegate_core::time::Timestamp;

use super::list::List;
use crate::platform::database::{Statement, sql};
use crate::platform::{clock, random};

/// The JSON of a job. At most a hundred of its errors are listed, beside their number.
macro_rules! job_json {
    () => {
        "json_object('id', jobs.id, 'kind', jobs.kind, 'status', jobs.status, \
         'done', jobs.done, 'total', jobs.total, \
         'errors', (SELECT json_group_array(json_object( \
             'item', e.item, 'code', e.code, 'detail', e.detail)) \
           FROM (SELECT * FROM job_errors WHERE job_id = jobs.id ORDER BY item LIMIT 100) AS e), \
         'error_count', (SELECT COUNT(*) FROM job_errors WHERE job_id = jobs.id), \
         'finished_at', jobs.finished_at, \
         'created_at', jobs.created_at, 'updated_at', jobs.updated_at)"
    };
}

/// The JSON of a job in an event: without the list of errors, which would be sent again and again.
const EVENT_JSON: &str = "json_object('id', jobs.id, 'kind', jobs.kind, 'status', jobs.status, \
     'done', jobs.done, 'total', jobs.total, \
     'error_count', (SELECT COUNT(*) FROM job_errors WHERE job_id = jobs.id), \
     'finished_at', jobs.finished_at, \
     'created_at', jobs.created_at, 'updated_at', jobs.updated_at)";

/// How far a step brings its job.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Items that are finished, for good or bad.
    pub(crate) done: u32,
    /// How many there are, where the step finds out.
    pub(crate) total: Option<u32>,
}

/// A new job, waiting for its first step.
pub(crate) fn insert(user: &UserId, id: &JobId, kind: &str, now: Timestamp) -> Statement {
    insert_where("1", user, id, kind, now)
}

/// A new job, if the statement right before changed something.
pub(crate) fn insert_if_changed(
    user: &UserId,
    id: &JobId,
    kind: &str,
    now: Timestamp,
) -> Statement {
    insert_where("changes() > 0", user, id, kind, now)
}

/// A new job, unless the person has one of its kind that has not ended.
pub(crate) fn insert_unless_running(
    user: &UserId,
    id: &JobId,
    kind: &str,
    now: Timestamp,
) -> Statement {
    let none_runs = "NOT EXISTS (
           SELECT 1 FROM jobs
           WHERE user_id = ?2 AND kind = ?3 AND status IN ('queued', 'running'))";
    insert_where(none_runs, user, id, kind, now)
}

fn insert_where(
    condition: &'static str,
    user: &UserId,
    id: &JobId,
    kind: &str,
    now: Timestamp,
) -> Statement {
    sql(format!(
        "INSERT INTO jobs (id, user_id, kind, status, created_at, updated_at)
         SELECT ?1, ?2, ?3, 'queued', ?4, ?4 WHERE {condition}"
    ))
    .bind(id.as_str())
    .bind(user.as_str())
    .bind(kind)
    .bind(now)
}

/// The newest job of a kind that has not ended, and its identifier.
pub(crate) fn find_running(user: &UserId, kind: &str) -> Statement {
    sql(concat!(
        "SELECT ",
        job_json!(),
        " AS job, id, version FROM jobs
         WHERE user_id = ? AND kind = ? AND status IN ('queued', 'running')
         ORDER BY id DESC LIMIT 1"
    ))
    .bind(user.as_str())
    .bind(kind)
}

/// The JSON of a job that was just made, without asking for it.
pub(crate) fn new_json(id: &JobId, kind: &str, now: Timestamp) -> String {
    serde_json::json!({
        "id": id, "kind": kind, "status": "queued", "done": 0, "total": null, "errors": [],
        "error_count": 0, "finished_at": null, "created_at": now, "updated_at": now,
    })
    .to_string()
}

/// One job, and its version.
pub(crate) fn find(user: &UserId, id: &JobId) -> Statement {
    sql(concat!(
        "SELECT ",
        job_json!(),
        " AS job, version FROM jobs WHERE user_id = ? AND id = ?"
    ))
    .bind(user.as_str())
    .bind(id.as_str())
}

/// The jobs of a person.
pub(crate) fn list(user: &UserId) -> List {
    List::of(
        user.as_str(),
        "jobs",
        job_json!(),
        "jobs.user_id = ?",
        "jobs.id",
    )
}

/// Brings a job on, if the statement right before ended a step of it, and tells of it. A job whose
/// last step has ended is finished: it failed where something was given up or nothing succeeded.
pub(crate) fn advance(
    job: &str,
    progress: &Progress,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let event = EventId::new(clock::now(), random::bytes()?);
    Ok(vec![
        sql("UPDATE jobs SET
               done = done + ?1,
               total = COALESCE(?2, total),
               status = CASE
                 WHEN EXISTS (SELECT 1 FROM work_items WHERE job_id = jobs.id) THEN 'running'
                 WHEN EXISTS (SELECT 1 FROM dead_letters WHERE job_id = jobs.id)
                   OR (SELECT COUNT(*) FROM job_errors WHERE job_id = jobs.id)
                      >= MAX(1, COALESCE(?2, total, 0)) THEN 'failed'
                 ELSE 'succeeded' END,
               finished_at = CASE
                 WHEN EXISTS (SELECT 1 FROM work_items WHERE job_id = jobs.id) THEN NULL
                 ELSE ?3 END,
               version = version + 1,
               updated_at = ?3
             WHERE id = ?4 AND changes() > 0")
        .bind(progress.done)
        .bind(progress.total)
        .bind(now)
        .bind(job),
        sql(format!(
            "INSERT INTO outbox (id, user_id, type, occurred_at, data)
             SELECT ?, user_id, ?, ?, {EVENT_JSON} FROM jobs WHERE id = ? AND changes() > 0"
        ))
        .bind(event.as_str())
        .bind(EventType::JobProgressed.as_str())
        .bind(now)
        .bind(job),
    ])
}

/// Something of a job that could not be done.
#[derive(serde::Serialize)]
pub(crate) struct JobError {
    pub(crate) item: String,
    pub(crate) code: &'static str,
    pub(crate) detail: String,
}

/// Notes many of them, if the step that found out is not done already.
pub(crate) fn note_errors(job: &str, work: &str, errors: &[JobError]) -> Result<Statement, Error> {
    Ok(sql("INSERT INTO job_errors (job_id, item, code, detail)
         SELECT ?1, e.value ->> '$.item', e.value ->> '$.code', e.value ->> '$.detail'
         FROM work_items AS w, json_each(?2) AS e WHERE w.id = ?3
         ON CONFLICT DO UPDATE SET code = excluded.code, detail = excluded.detail")
    .bind(job)
    .bind(super::tasks::json(&errors)?)
    .bind(work))
}

/// Notes what of a job could not be done, if the step that found out is not done already.
pub(crate) fn note_error(job: &str, work: &str, item: &str, code: &str, detail: &str) -> Statement {
    sql("INSERT INTO job_errors (job_id, item, code, detail)
         SELECT ?, ?, ?, ? FROM work_items WHERE id = ?
         ON CONFLICT DO UPDATE SET code = excluded.code, detail = excluded.detail")
    .bind(job)
    .bind(item)
    .bind(code)
    .bind(detail)
    .bind(work)
}
