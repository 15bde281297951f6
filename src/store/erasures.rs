//! Erasing an account in D1: the batch that begins it, the pieces, and the receipt that stays.
//!
//! Everything here may be carried out twice. What is counted is counted by the statement right
//! behind the one that deletes, so a receipt adds up however often a step was tried.

use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{AuditId, EventId, UserId, WorkId};
use delegate_core::time::Timestamp;
use delegate_core::work::{ErasureStage, Work};
use serde::Deserialize;

use super::audit::Action;
use super::connections::Revocable;
use super::tasks::json;
use super::work;
use crate::platform::database::{Statement, sql};

/// How many rows of a kind one step deletes.
const ROWS_PER_STEP: u32 = 500;

/// How many pages of the search index one step writes anew, roughly.
const INDEX_PAGES_PER_STEP: i32 = 500;

/// The receipt before anything is erased.
const NOTHING: &str = r#"{"emails":0,"tasks":0,"events":0,"objects":0,"sessions":0,"api_keys":0,"delegations":0,"audit_entries":0,"connections":[]}"#;

/// Adds to a count of the receipt what the statement right before deleted.
fn count(user: &UserId, what: &'static str) -> Statement {
    sql(
        "UPDATE erasures SET erased = json_set(erased, ?1, COALESCE(erased ->> ?1, 0) + changes())
         WHERE user_id = ?2 AND finished_at IS NULL",
    )
    .bind(what)
    .bind(user.as_str())
}

/// Adds a number to a count of the receipt.
pub(crate) fn add(user: &UserId, what: &'static str, number: usize) -> Statement {
    sql(
        "UPDATE erasures SET erased = json_set(erased, ?1, COALESCE(erased ->> ?1, 0) + ?2)
         WHERE user_id = ?3 AND finished_at IS NULL",
    )
    .bind(what)
    .bind(number)
    .bind(user.as_str())
}

/// The other side of a delegation that ends with the account.
#[derive(Debug, Deserialize)]
pub(crate) struct OtherSide {
    /// The delegation.
    pub(crate) id: String,
    /// Who is on the other side.
    pub(crate) user_id: String,
}

/// Those whom a person lets act for them, and for whom they act.
pub(crate) fn other_sides(user: &UserId) -> Statement {
    sql(
        "SELECT id, iif(user_id = ?1, delegate_id, user_id) AS user_id FROM delegations
         WHERE ?1 IN (user_id, delegate_id)",
    )
    .bind(user.as_str())
}

/// The statements that begin an erasure: from this batch on nothing of the account can be used.
pub(crate) fn begin(
    user: &UserId,
    (receipt_hash, first): (&str, &WorkId),
    successor_entry: &AuditId,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let mine = |text: &'static str| sql(text).bind(user.as_str());
    let first_step = Work::EraseAccountV1 {
        stage: ErasureStage::Others,
    };
    let mut statements = vec![
        sql("UPDATE users SET erasing_at = ?, version = version + 1 WHERE id = ?")
            .bind(now)
            .bind(user.as_str()),
        sql(
            "INSERT INTO erasures (receipt_hash, user_id, erased, requested_at)
             VALUES (?, ?, ?, ?)",
        )
        .bind(receipt_hash)
        .bind(user.as_str())
        .bind(NOTHING)
        .bind(now),
    ];
    for (what, delete) in [
        ("$.sessions", "DELETE FROM sessions WHERE user_id = ?"),
        ("$.api_keys", "DELETE FROM api_keys WHERE user_id = ?"),
        (
            "$.delegations",
            "DELETE FROM delegations WHERE ?1 IN (user_id, delegate_id)",
        ),
    ] {
        statements.extend([mine(delete), count(user, what)]);
    }
    statements.extend(
        [
            // Work that was accepted is not done any more; whoever is at it finds its row gone.
            "DELETE FROM work_items WHERE user_id = ?",
            "DELETE FROM dead_letters WHERE user_id = ?",
            "DELETE FROM jobs WHERE user_id = ?",
            "DELETE FROM exports WHERE user_id = ?",
            "DELETE FROM outbox WHERE user_id = ?",
            "DELETE FROM idempotency_records WHERE user_id = ?",
            "DELETE FROM authorizations WHERE user_id = ?",
            "DELETE FROM exchange_codes WHERE user_id = ?",
            "DELETE FROM password_resets WHERE user_id = ?",
            "DELETE FROM development_mailbox WHERE user_id = ?",
            "UPDATE invitations SET used_by = NULL WHERE used_by = ?",
            "DELETE FROM invitations WHERE created_by = ?",
        ]
        .map(mine),
    );
    statements.extend(unnamed(user));
    statements.extend(hand_over(successor_entry, now));
    statements.push(work::insert_without_job(user, first, &first_step, now)?);
    Ok(statements)
}

/// Takes the person's name out of what other people are told of delegations.
fn unnamed(user: &UserId) -> [Statement; 2] {
    [
        sql(
            "UPDATE audit_entries SET detail = replace(detail, ?1, 'erased')
             WHERE action = ?2 AND user_id <> ?1 AND object IN (
               SELECT object FROM audit_entries WHERE user_id = ?1 AND action = ?2)",
        )
        .bind(user.as_str())
        .bind(Action::DelegationCreated.as_str()),
        sql(
            "UPDATE outbox SET type = ?2, data = json_object('id', data ->> '$.id')
             WHERE type = ?3 AND instr(data, ?1) > 0",
        )
        .bind(user.as_str())
        .bind(EventType::DelegationDeleted.as_str())
        .bind(EventType::DelegationUpdated.as_str()),
    ]
}

/// Whoever was ever on the other side of a delegation: their hubs may have told of the person.
pub(crate) fn acquaintances(user: &UserId) -> Statement {
    sql("SELECT DISTINCT user_id AS id FROM audit_entries
         WHERE action = ?2 AND user_id <> ?1 AND object IN (
           SELECT object FROM audit_entries WHERE user_id = ?1 AND action = ?2)")
    .bind(user.as_str())
    .bind(Action::DelegationCreated.as_str())
}

/// Lets the oldest of those who stay own the deployment, if nobody else does, and notes it in their
/// trail.
fn hand_over(entry: &AuditId, now: Timestamp) -> [Statement; 2] {
    [
        sql(
            "UPDATE users SET role = 'owner', version = version + 1, updated_at = ?
             WHERE id = (SELECT id FROM users WHERE erasing_at IS NULL
                         ORDER BY created_at, id LIMIT 1)
               AND NOT EXISTS (SELECT 1 FROM users WHERE role = 'owner' AND erasing_at IS NULL)",
        )
        .bind(now),
        sql(
            "INSERT INTO audit_entries (id, user_id, via, action, detail, address, user_agent,
               created_at)
             SELECT ?, id, 'service', ?, '{}', '', '', ? FROM users
             WHERE role = 'owner' AND erasing_at IS NULL AND changes() > 0",
        )
        .bind(entry.as_str())
        .bind(Action::BecameOwner.as_str())
        .bind(now),
    ]
}

/// The statements that delete a connection, and note what became of its tokens at the provider.
pub(crate) fn delete_connection(
    user: &UserId,
    connection: &Revocable,
    revoked: &'static str,
) -> Vec<Statement> {
    vec![
        sql("DELETE FROM connections WHERE user_id = ? AND id = ?")
            .bind(user.as_str())
            .bind(&connection.id),
        sql(
            "UPDATE erasures SET erased = json_insert(erased, '$.connections[#]', json_object(
               'provider', ?, 'revoked', ?))
             WHERE user_id = ? AND finished_at IS NULL AND changes() > 0",
        )
        .bind(&connection.provider)
        .bind(revoked)
        .bind(user.as_str()),
    ]
}

/// Tables of rows that there may be many of: their name, their key, what says whose a row is, and what
/// the receipt calls them. All others go with the person.
const MANY: [(&str, &str, &str, Option<&str>); 6] = [
    ("model_calls", "id", "user_id = ?1", None),
    (
        "model_answers",
        "user_id, content_key",
        "user_id = ?1",
        None,
    ),
    (
        "message_references",
        "user_id, message_id",
        "user_id = ?1",
        None,
    ),
    (
        "task_requests",
        "user_id, thread_id, fingerprint",
        "user_id = ?1",
        None,
    ),
    (
        "audit_entries",
        "id",
        "user_id = ?1",
        Some("$.audit_entries"),
    ),
    // The occurrences of a series go with it.
    (
        "calendar_events",
        "id",
        "user_id = ?1 AND series_id IS NULL",
        Some("$.events"),
    ),
];

/// Whether there are rows left that are deleted in pieces.
pub(crate) fn has_rows(user: &UserId) -> Statement {
    let tables = ["emails", "tasks"]
        .into_iter()
        .chain(MANY.map(|(table, ..)| table));
    let exist: Vec<String> = tables
        .map(|table| format!("EXISTS (SELECT 1 FROM {table} WHERE user_id = ?1)"))
        .collect();
    sql(format!(
        "SELECT {} OR EXISTS (SELECT 1 FROM audit_entries WHERE actor_id = ?1) AS number",
        exist.join(" OR ")
    ))
    .bind(user.as_str())
}

/// The statements that delete some rows of each kind, with what makes them findable.
pub(crate) fn delete_rows(user: &UserId) -> Vec<Statement> {
    let mut statements = Vec::new();
    for (what, index, table) in [
        ("$.emails", "email_search", "emails"),
        ("$.tasks", "task_search", "tasks"),
    ] {
        let some = format!("SELECT row FROM {table} WHERE user_id = ? ORDER BY id LIMIT ?");
        statements.extend([
            sql(format!("DELETE FROM {index} WHERE rowid IN ({some})"))
                .bind(user.as_str())
                .bind(ROWS_PER_STEP),
            sql(format!("DELETE FROM {table} WHERE row IN ({some})"))
                .bind(user.as_str())
                .bind(ROWS_PER_STEP),
            count(user, what),
        ]);
    }
    for (table, key, whose, counted) in MANY {
        statements.push(
            sql(format!(
                "DELETE FROM {table} WHERE ({key}) IN (
                   SELECT {key} FROM {table} WHERE {whose} LIMIT ?2)"
            ))
            .bind(user.as_str())
            .bind(ROWS_PER_STEP),
        );
        statements.extend(counted.map(|what| count(user, what)));
    }
    // What they did for others stays in the others' trails, without who it was and from where.
    statements.push(
        sql(
            "UPDATE audit_entries SET actor_id = NULL, via_id = NULL, address = '', user_agent = ''
             WHERE id IN (SELECT id FROM audit_entries WHERE actor_id = ?1 LIMIT ?2)",
        )
        .bind(user.as_str())
        .bind(ROWS_PER_STEP),
    );
    statements
}

/// The statements that merge some of the search index, so that the words of rows that are gone
/// leave it, too; each is between two that tell how much was changed. FTS5 only marks what is
/// deleted: the words go when the part of the index that holds them is written anew. The first
/// call says that all parts are to become one, those after it go on with that.
pub(crate) fn merge_index(is_first: bool) -> Vec<Statement> {
    let pages = if is_first {
        -INDEX_PAGES_PER_STEP
    } else {
        INDEX_PAGES_PER_STEP
    };
    let changed = || sql("SELECT total_changes() AS number");
    let merge = |table: &str| {
        sql(format!(
            "INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)"
        ))
        .bind(pages)
    };
    vec![
        changed(),
        merge("email_search"),
        changed(),
        merge("task_search"),
        changed(),
    ]
}

/// The statements that delete the person, with whatever came in since their rows were deleted.
pub(crate) fn delete_person(user: &UserId, entry: &AuditId, now: Timestamp) -> Vec<Statement> {
    let mut statements = vec![
        sql("DELETE FROM email_search WHERE rowid IN (SELECT row FROM emails WHERE user_id = ?)")
            .bind(user.as_str()),
        sql("DELETE FROM task_search WHERE rowid IN (SELECT row FROM tasks WHERE user_id = ?)")
            .bind(user.as_str()),
        sql(
            "UPDATE audit_entries SET actor_id = NULL, via_id = NULL, address = '', user_agent = ''
             WHERE actor_id = ?",
        )
        .bind(user.as_str()),
        sql("UPDATE invitations SET used_by = NULL WHERE used_by = ?").bind(user.as_str()),
        sql("DELETE FROM users WHERE id = ?").bind(user.as_str()),
    ];
    statements.extend(hand_over(entry, now));
    statements
}

/// An erasure that is not finished.
#[derive(Debug, Deserialize)]
pub(crate) struct Unfinished {
    /// Whose.
    pub(crate) user_id: String,
    /// Whether the person's row is still there.
    pub(crate) has_person: u8,
    /// Whether a step of it is.
    pub(crate) has_step: u8,
}

/// Erasures that are not finished.
pub(crate) fn unfinished(most: u32) -> Statement {
    sql(
        "SELECT user_id, EXISTS (SELECT 1 FROM users WHERE id = e.user_id) AS has_person,
           EXISTS (SELECT 1 FROM work_items AS w WHERE w.user_id = e.user_id
                     AND w.payload ->> '$.kind' = 'erase_account_v1') AS has_step
         FROM erasures AS e WHERE finished_at IS NULL AND user_id IS NOT NULL
         ORDER BY requested_at LIMIT ?",
    )
    .bind(most)
}

/// Begins the steps of an erasure anew that has lost its step.
pub(crate) fn begin_again(user: &UserId, id: &WorkId, now: Timestamp) -> Result<Statement, Error> {
    let work = Work::EraseAccountV1 {
        stage: ErasureStage::Others,
    };
    work::insert_without_job(user, id, &work, now)
}

/// Ends an erasure whose person is gone: from here on the receipt tells nothing of whose it was.
pub(crate) fn finish(user: &UserId, now: Timestamp) -> Statement {
    sql("UPDATE erasures SET finished_at = ?1, user_id = NULL
         WHERE user_id = ?2 AND finished_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM users WHERE id = ?2)")
    .bind(now)
    .bind(user.as_str())
}

/// What a receipt says, as JSON: how far it is, and what was erased.
pub(crate) fn find(receipt_hash: &str) -> Statement {
    sql("SELECT json_object(
           'status', iif(finished_at IS NULL, 'running', 'finished'),
           'requested_at', requested_at, 'finished_at', finished_at,
           'erased', json(erased)) AS erasure
         FROM erasures WHERE receipt_hash = ?")
    .bind(receipt_hash)
}

/// Tells the other side of a delegation that it is gone.
pub(crate) fn tell_other_side(
    delegation: &str,
    other: &UserId,
    event: &EventId,
    now: Timestamp,
) -> Result<Statement, Error> {
    Ok(
        sql("INSERT INTO outbox (id, user_id, type, data, occurred_at)
             SELECT ?, id, ?, ?, ? FROM users WHERE id = ?")
        .bind(event.as_str())
        .bind(EventType::DelegationDeleted.as_str())
        .bind(json(&serde_json::json!({ "id": delegation }))?)
        .bind(now)
        .bind(other.as_str()),
    )
}

/// What is needed to know what was tried for an account.
#[derive(Debug, Deserialize)]
pub(crate) struct Traces {
    /// The address to sign in with, in lower case.
    pub(crate) email_key: String,
    /// The network addresses that its sessions are from, as JSON.
    pub(crate) addresses: String,
}

/// What is needed to know what was tried for an account.
pub(crate) fn traces(user: &UserId) -> Statement {
    sql(
        "SELECT email_key, (SELECT json_group_array(DISTINCT address) FROM sessions
                            WHERE user_id = users.id) AS addresses
         FROM users WHERE id = ?",
    )
    .bind(user.as_str())
}
