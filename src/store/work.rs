//! Work items and dead letters in D1: the rows that make accepted work survive a kill.

use delegate_core::error::Error;
use delegate_core::identifier::{JobId, UserId, WorkId};
use delegate_core::time::Timestamp;
use delegate_core::work::{LEASE, Work};
use serde::{Deserialize, Serialize};

use super::jobs;
use super::tasks::json;
use crate::platform::database::{Statement, sql};

/// A step that was claimed.
#[derive(Debug, Deserialize)]
pub(crate) struct Claimed {
    /// Which row.
    pub(crate) id: String,
    /// Whose data it works on.
    pub(crate) user_id: String,
    /// The job that it is part of.
    pub(crate) job_id: Option<String>,
    /// The step, as JSON.
    pub(crate) payload: String,
    /// How often it was claimed, this time included: a claim that a crash followed counts.
    pub(crate) attempts: u32,
}

/// A step that follows from another.
#[derive(Debug, Serialize)]
pub(crate) struct FollowUp {
    id: String,
    payload: Work,
    not_before: Timestamp,
}

impl FollowUp {
    /// A step with its identifier, and from when on it may be done.
    pub(crate) fn new(id: &WorkId, payload: Work, not_before: Timestamp) -> Self {
        Self {
            id: id.to_string(),
            payload,
            not_before,
        }
    }
}

/// The first step of a job, if the statement right before made the job.
pub(crate) fn insert(
    user: &UserId,
    job: &JobId,
    id: &WorkId,
    work: &Work,
    now: Timestamp,
) -> Result<Statement, Error> {
    Ok(sql(
        "INSERT INTO work_items (id, user_id, job_id, payload, not_before, created_at)
            SELECT ?1, ?2, ?3, ?4, ?5, ?5 WHERE changes() > 0",
    )
    .bind(id.as_str())
    .bind(user.as_str())
    .bind(job.as_str())
    .bind(json(work)?)
    .bind(now))
}

/// A step that is part of no job.
pub(crate) fn insert_without_job(
    user: &UserId,
    id: &WorkId,
    work: &Work,
    now: Timestamp,
) -> Result<Statement, Error> {
    Ok(sql(
        "INSERT INTO work_items (id, user_id, payload, not_before, created_at)
         VALUES (?1, ?2, ?3, ?4, ?4)",
    )
    .bind(id.as_str())
    .bind(user.as_str())
    .bind(json(work)?)
    .bind(now))
}

/// Steps that follow from a claimed one, with its person and its job. Nothing happens where the
/// claimed one is done already.
pub(crate) fn insert_after(
    claimed: &Claimed,
    steps: &[FollowUp],
    now: Timestamp,
) -> Result<Statement, Error> {
    Ok(sql(
        "INSERT INTO work_items (id, user_id, job_id, payload, not_before, created_at)
            SELECT step.value ->> '$.id', w.user_id, w.job_id, step.value -> '$.payload',
              step.value ->> '$.not_before', ?1
            FROM work_items AS w, json_each(?2) AS step WHERE w.id = ?3",
    )
    .bind(now)
    .bind(json(&steps)?)
    .bind(&claimed.id))
}

/// Claims a step, if it is there and due.
pub(crate) fn claim(id: &WorkId, now: Timestamp) -> Statement {
    sql(
        "UPDATE work_items SET attempts = attempts + 1, not_before = ?1
         WHERE id = ?2 AND not_before <= ?3
         RETURNING id, user_id, job_id, payload, attempts",
    )
    .bind(now.plus(LEASE))
    .bind(id.as_str())
    .bind(now)
}

/// The statement that a step's commit begins with. It fails, and takes the whole batch with it,
/// where the step was claimed again since: the count of the attempts is a fencing token, so of two
/// who carry out the same step one commits.
pub(crate) fn still_ours(claimed: &Claimed) -> Statement {
    sql("INSERT INTO work_items (id)
         SELECT id FROM (SELECT ?1 AS id)
         WHERE NOT EXISTS (SELECT 1 FROM work_items WHERE id = ?1 AND attempts = ?2)")
    .bind(&claimed.id)
    .bind(claimed.attempts)
}

/// Leaves a claimed step to the one who claimed it for longer than usual.
pub(crate) fn extend_lease(claimed: &Claimed, until: Timestamp) -> Statement {
    sql("UPDATE work_items SET not_before = ? WHERE id = ? AND attempts = ?")
        .bind(until)
        .bind(&claimed.id)
        .bind(claimed.attempts)
}

/// What SQLite says when [`still_ours`] fails.
pub(crate) const NO_LONGER_OURS: &str = "constraint failed: work_items.";

/// The statements that end a step together with its effect.
pub(crate) fn finish(
    claimed: &Claimed,
    progress: &jobs::Progress,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let mut statements = vec![sql("DELETE FROM work_items WHERE id = ?").bind(&claimed.id)];
    if let Some(job) = &claimed.job_id {
        statements.extend(jobs::advance(job, progress, now)?);
    }
    Ok(statements)
}

/// Puts a step off.
pub(crate) fn postpone(claimed: &Claimed, until: Timestamp, reason: &str) -> Statement {
    sql("UPDATE work_items SET not_before = ?, last_error = ? WHERE id = ? AND attempts = ?")
        .bind(until)
        .bind(reason)
        .bind(&claimed.id)
        .bind(claimed.attempts)
}

/// The statements that give a step up: it is kept as a dead letter with its reason, and its job
/// says so.
pub(crate) fn bury(
    claimed: &Claimed,
    item: &str,
    reason: &str,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let mut statements =
        vec![
        sql("INSERT INTO dead_letters (id, user_id, job_id, payload, attempts, reason, created_at)
             SELECT id, user_id, job_id, payload, attempts, ?, ? FROM work_items WHERE id = ?
             ON CONFLICT DO NOTHING")
        .bind(reason)
        .bind(now)
        .bind(&claimed.id),
    ];
    if let Some(job) = &claimed.job_id {
        statements.push(jobs::note_error(job, &claimed.id, item, "gave_up", reason));
    }
    statements.extend(finish(claimed, &jobs::Progress::default(), now)?);
    Ok(statements)
}

/// A queue message that nobody can read, kept with its reason.
pub(crate) fn bury_message(id: &WorkId, payload: &str, reason: &str, now: Timestamp) -> Statement {
    sql(
        "INSERT INTO dead_letters (id, payload, attempts, reason, created_at)
         VALUES (?, ?, 0, ?, ?)",
    )
    .bind(id.as_str())
    .bind(payload)
    .bind(reason)
    .bind(now)
}

/// The statements that try the dead letters of a person's job again, and how the job then is (at
/// the end).
pub(crate) fn revive(user: &UserId, job: &JobId, now: Timestamp) -> Vec<Statement> {
    vec![
        sql(
            "INSERT INTO work_items (id, user_id, job_id, payload, not_before, created_at)
             SELECT id, user_id, job_id, payload, ?1, created_at FROM dead_letters
             WHERE user_id = ?2 AND job_id = ?3",
        )
        .bind(now)
        .bind(user.as_str())
        .bind(job.as_str()),
        sql(
            "UPDATE jobs SET status = 'running', finished_at = NULL, updated_at = ?1,
               version = version + 1
             WHERE user_id = ?2 AND id = ?3 AND changes() > 0",
        )
        .bind(now)
        .bind(user.as_str())
        .bind(job.as_str()),
        sql("DELETE FROM job_errors WHERE job_id = (
               SELECT id FROM jobs WHERE user_id = ? AND id = ?) AND code = 'gave_up'")
        .bind(user.as_str())
        .bind(job.as_str()),
        sql("DELETE FROM dead_letters WHERE user_id = ? AND job_id = ? RETURNING id")
            .bind(user.as_str())
            .bind(job.as_str()),
        jobs::find(user, job),
    ]
}

/// Steps that are due and that nobody seems to have: what the sweep wakes the queue for.
pub(crate) fn due(now: Timestamp, most: u32) -> Statement {
    sql("SELECT id FROM work_items WHERE not_before <= ? ORDER BY not_before LIMIT ?")
        .bind(now)
        .bind(most)
}
