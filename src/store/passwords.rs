//! Passwords in D1: how one is replaced, and the tokens that let one be set anew.

use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{AuditId, ConnectionId, ResetId, UserId, WorkId};
use delegate_core::limit::RESET_LIFE;
use delegate_core::secret::token_hash;
use delegate_core::time::Timestamp;
use delegate_core::work::Work;
use serde::Deserialize;

use super::audit::{Action, Source};
use super::tasks::json;
use crate::platform::database::{Statement, sql};

/// What changing the password needs to know.
#[derive(Debug, Deserialize)]
pub(crate) struct Current {
    /// The hash of the password; none where there is no password.
    pub(crate) password_hash: Option<String>,
    /// When the session was opened.
    pub(crate) signed_in_at: Timestamp,
    /// What the account is signed in to with, beside the password: an address, or something that is
    /// none where no address is known to be the person's.
    pub(crate) email_key: String,
}

/// The password of a person, and since when they are signed in with a session.
pub(crate) fn find_current(user: &UserId, session: &str) -> Statement {
    sql(
        "SELECT password_hash, email_key, sessions.created_at AS signed_in_at
         FROM users JOIN sessions ON sessions.user_id = users.id
         WHERE users.id = ? AND sessions.id = ?",
    )
    .bind(user.as_str())
    .bind(session)
}

/// Puts a hash in place of the one that was verified, which may be the same. Where that is no longer
/// there the statement fails ([`OVERTAKEN`]) and takes the batch with it: so a session that is just
/// being opened does not outlive a change of the password, which ends those that it finds.
pub(crate) fn replace(user: &UserId, old: Option<&str>, new: &str) -> Statement {
    sql("UPDATE users SET password_hash = ?1,
           email_key = iif(password_hash IS ?2, email_key, NULL)
         WHERE id = ?3")
    .bind(new)
    .bind(old)
    .bind(user.as_str())
}

/// What SQLite says when [`replace`] fails.
pub(crate) const OVERTAKEN: &str = "NOT NULL constraint failed: users.email_key";

/// Puts a hash in place of whatever was there.
pub(crate) fn set(user: &UserId, new: &str) -> Statement {
    sql("UPDATE users SET password_hash = ? WHERE id = ?")
        .bind(new)
        .bind(user.as_str())
}

/// The statements that, if the statement right before them changed something and somebody has the
/// address, let the password be set anew: the reset, the step that sends its message, the entry in
/// the trail. Resets of before are void. The first answers with whose it is.
pub(crate) fn begin_reset(
    address_key: &str,
    (reset, token): (&ResetId, &str),
    work_id: &WorkId,
    (audit, source): (&AuditId, &Source),
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let work = Work::SendPasswordResetV1 {
        reset_id: reset.clone(),
    };
    Ok(vec![
        sql(
            "INSERT INTO password_resets (id, user_id, token_hash, created_at, expires_at)
             SELECT ?, id, ?, ?, ? FROM users
             WHERE email_key = ? AND erasing_at IS NULL AND changes() > 0
             RETURNING user_id",
        )
        .bind(reset.as_str())
        .bind(token_hash(token))
        .bind(now)
        .bind(now.plus(RESET_LIFE))
        .bind(address_key),
        sql("DELETE FROM password_resets WHERE id <> ?1
               AND user_id = (SELECT user_id FROM password_resets WHERE id = ?1)")
        .bind(reset.as_str()),
        sql(
            "INSERT INTO work_items (id, user_id, payload, not_before, created_at)
             SELECT ?1, user_id, ?2, ?3, ?3 FROM password_resets WHERE id = ?4",
        )
        .bind(work_id.as_str())
        .bind(json(&work)?)
        .bind(now)
        .bind(reset.as_str()),
        sql(
            "INSERT INTO audit_entries (id, user_id, via, action, detail, address, user_agent,
               created_at)
             SELECT ?, user_id, 'service', ?, '{}', ?, ?, ? FROM password_resets WHERE id = ?",
        )
        .bind(audit.as_str())
        .bind(Action::PasswordResetRequested.as_str())
        .bind(&source.address)
        .bind(&source.user_agent)
        .bind(now)
        .bind(reset.as_str()),
    ])
}

/// The statements that, with a reset, shut out whoever else may have got in: keys, delegations that
/// were given, visits that are under way. Where the address was never seen to be the person's until
/// now, somebody else may have made the account with it, so what they connected goes, too.
pub(crate) fn shut_out(user: &UserId, now: Timestamp) -> Result<Vec<Statement>, Error> {
    let told = |event: EventType, whom: &'static str, from: &'static str| {
        sql(format!(
            "INSERT INTO outbox (id, user_id, type, data, occurred_at)
             SELECT 'evn_' || substr(id, 5), {whom}, ?, json_object('id', id), ?
             FROM {from} WHERE user_id = ?"
        ))
        .bind(event.as_str())
        .bind(now)
        .bind(user.as_str())
    };
    // Which connection, the statement fills in.
    let disconnect = json(&Work::DisconnectV1 {
        connection_id: ConnectionId::new(now, [0; 10]),
    })?;
    let gone = |table: &'static str| {
        sql(format!("DELETE FROM {table} WHERE user_id = ?")).bind(user.as_str())
    };
    Ok(vec![
        told(EventType::ApiKeyRevoked, "user_id", "api_keys"),
        gone("api_keys"),
        told(EventType::DelegationDeleted, "user_id", "delegations"),
        told(EventType::DelegationDeleted, "delegate_id", "delegations"),
        gone("delegations"),
        gone("exchange_codes"),
        gone("authorizations"),
        sql(
            "UPDATE connections SET status = 'disconnecting', version = version + 1, updated_at = ?
             WHERE user_id = ? AND status <> 'disconnecting'
               AND (SELECT address_verified_at FROM users WHERE id = connections.user_id) IS NULL",
        )
        .bind(now)
        .bind(user.as_str()),
        sql(
            "INSERT INTO work_items (id, user_id, payload, not_before, created_at)
             SELECT 'wrk_' || substr(id, 5), user_id, json_set(?1, '$.connection_id', id), ?2, ?2
             FROM connections WHERE user_id = ?3 AND status = 'disconnecting' AND updated_at = ?2",
        )
        .bind(disconnect)
        .bind(now)
        .bind(user.as_str()),
        sql("UPDATE users SET address_verified_at = ? WHERE id = ?")
            .bind(now)
            .bind(user.as_str()),
    ])
}

/// Where the message of a reset goes; no row where it is void by now.
pub(crate) fn find_recipient(user: &UserId, reset: &ResetId, now: Timestamp) -> Statement {
    sql(
        "SELECT email FROM password_resets AS r JOIN users ON users.id = r.user_id
         WHERE r.id = ? AND r.user_id = ? AND r.expires_at > ? AND erasing_at IS NULL",
    )
    .bind(reset.as_str())
    .bind(user.as_str())
    .bind(now)
}

/// The rest of a `SELECT` that finds a token (its hash is `?5`, the moment `?2`), so that who has
/// one is not counted as a guesser.
pub(crate) const TOKEN_IS_GOOD: &str = "password_resets WHERE token_hash = ?5 AND expires_at > ?2";

/// Whose password a token lets be set anew.
#[derive(Debug, Deserialize)]
pub(crate) struct Resettable {
    /// Who.
    pub(crate) user_id: String,
    /// The address that they sign in with.
    pub(crate) email_key: String,
}

/// Whose password a token lets be set anew; no row where it is not good.
pub(crate) fn find_reset(token_hash: &str, now: Timestamp) -> Statement {
    sql("SELECT r.user_id, users.email_key
         FROM password_resets AS r JOIN users ON users.id = r.user_id
         WHERE r.token_hash = ? AND r.expires_at > ? AND erasing_at IS NULL")
    .bind(token_hash)
    .bind(now)
}

/// The statement that a batch begins with which uses a token. Where the token was used meanwhile it
/// fails ([`USED`]) and takes the batch with it.
pub(crate) fn still_good(token_hash: &str) -> Statement {
    sql("INSERT INTO password_resets (id)
         SELECT '' WHERE NOT EXISTS (SELECT 1 FROM password_resets WHERE token_hash = ?)")
    .bind(token_hash)
}

/// What SQLite says when [`still_good`] fails.
pub(crate) const USED: &str = "NOT NULL constraint failed: password_resets.";

/// Makes every token of a person void.
pub(crate) fn void_resets(user: &UserId) -> Statement {
    sql("DELETE FROM password_resets WHERE user_id = ?").bind(user.as_str())
}

/// Keeps a message that a deployment without a mail service would have sent. Again: nothing.
pub(crate) fn keep_message(user: &UserId, id: &str, message: &str, now: Timestamp) -> Statement {
    sql(
        "INSERT INTO development_mailbox (id, user_id, message, created_at)
         VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(user.as_str())
    .bind(message)
    .bind(now)
}
