//! What the clock's tick looks for, and how long things are kept.

use chrono::TimeDelta;
use delegate_core::time::Timestamp;

use super::{models, work};
use crate::platform::database::{Statement, sql};

/// How long the first answer to an Idempotency-Key is given again.
pub(crate) const IDEMPOTENCY_KEPT: TimeDelta = TimeDelta::hours(24);
/// How long a dead letter waits for somebody to try it again.
pub(crate) const DEAD_LETTERS_KEPT: TimeDelta = TimeDelta::days(30);
/// How long a finished job is listed.
pub(crate) const JOBS_KEPT: TimeDelta = TimeDelta::days(90);
/// How long a session that has ended, or can't be used any more, is remembered.
pub(crate) const SESSIONS_KEPT: TimeDelta = TimeDelta::days(30);
/// How long a message is kept that could not be sent, for who reads it on their own machine.
pub(crate) const MAILBOX_KEPT: TimeDelta = TimeDelta::days(1);
/// How long an answer of a model is used again for the same content.
pub(crate) const MODEL_ANSWERS_KEPT: TimeDelta = TimeDelta::days(30);
/// How long the ledger of calls of models goes back: a year and a month, to compare with.
pub(crate) const MODEL_CALLS_KEPT: TimeDelta = TimeDelta::days(396);
/// How long an event may wait before its hub is reminded of it.
const OUTBOX_GRACE: TimeDelta = TimeDelta::seconds(5);

/// Steps that are due and nobody seems to have; people whose outbox nobody has read.
pub(crate) fn left_behind(now: Timestamp, steps: u32, people: u32) -> Vec<Statement> {
    vec![
        work::due(now, steps),
        sql("SELECT DISTINCT user_id AS id FROM outbox WHERE occurred_at < ? LIMIT ?")
            .bind(now.plus(-OUTBOX_GRACE))
            .bind(people),
    ]
}

/// Deletes what is past its time. The outbox needs no sweep: the hub clears what it has, and what
/// it does not have must stay.
pub(crate) fn expired(now: Timestamp) -> Vec<Statement> {
    vec![
        sql("DELETE FROM idempotency_records WHERE created_at < ?")
            .bind(now.plus(-IDEMPOTENCY_KEPT)),
        sql("DELETE FROM dead_letters WHERE created_at < ?").bind(now.plus(-DEAD_LETTERS_KEPT)),
        sql("DELETE FROM jobs WHERE finished_at < ?
               AND NOT EXISTS (SELECT 1 FROM dead_letters WHERE job_id = jobs.id)")
        .bind(now.plus(-JOBS_KEPT)),
        models::give_up_old(now),
        sql("DELETE FROM model_answers WHERE created_at < ?").bind(now.plus(-MODEL_ANSWERS_KEPT)),
        sql("DELETE FROM model_calls WHERE created_at < ?").bind(now.plus(-MODEL_CALLS_KEPT)),
        sql("DELETE FROM model_usage WHERE day < substr(?, 1, 10)")
            .bind(now.plus(-MODEL_CALLS_KEPT)),
        sql("DELETE FROM exports WHERE expires_at < ?").bind(now),
        sql("DELETE FROM refresh_tokens WHERE expires_at < ?").bind(now.plus(-SESSIONS_KEPT)),
        sql("DELETE FROM invitations WHERE expires_at < ?").bind(now.plus(-SESSIONS_KEPT)),
        sql("DELETE FROM calendar_holds WHERE expires_at < ?").bind(now),
        sql("DELETE FROM attempts WHERE expires_at < ?").bind(now),
        sql("DELETE FROM password_resets WHERE expires_at < ?").bind(now),
        sql("DELETE FROM development_mailbox WHERE created_at < ?").bind(now.plus(-MAILBOX_KEPT)),
        sql("DELETE FROM authorizations WHERE expires_at < ?").bind(now),
        sql("DELETE FROM exchange_codes WHERE expires_at < ?").bind(now),
        sql("DELETE FROM sessions WHERE last_used_at < ?1
               AND (ended_at < ?1
                 OR NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE session_id = sessions.id))")
        .bind(now.plus(-SESSIONS_KEPT)),
    ]
}

/// How old the oldest event is that no hub has, as an instant; no row where there is none.
pub(crate) fn oldest_event() -> Statement {
    sql("SELECT MIN(occurred_at) AS oldest FROM outbox")
}

/// Which of these R2 objects nothing refers to: no message, and no step that has yet to read it.
pub(crate) fn unreferenced(keys_json: &str) -> Statement {
    sql("SELECT key.value AS id FROM json_each(?) AS key
         WHERE NOT EXISTS (SELECT 1 FROM emails WHERE raw_key = key.value)
           AND NOT EXISTS (SELECT 1 FROM work_items WHERE payload ->> '$.key' = key.value)
           AND NOT EXISTS (SELECT 1 FROM dead_letters
                           WHERE json_valid(payload) AND payload ->> '$.key' = key.value)")
    .bind(keys_json)
}
