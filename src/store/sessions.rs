//! Sessions and their refresh tokens in D1.

use delegate_core::event::EventType;
use delegate_core::identifier::{AuditId, EventId, SessionId, UserId};
use delegate_core::secret::token_hash;
use delegate_core::time::Timestamp;
use delegate_core::token::{REFRESH_GRACE, REFRESH_TOKEN_LIFE};
use serde::Deserialize;

use super::audit::{Action, Source};
use super::list::{Direction, List};
use crate::platform::database::{Statement, sql};

/// The statements that open a session for a person who exists.
pub(crate) fn open(
    user: &UserId,
    session: &SessionId,
    (address, user_agent): (&str, &str),
    refresh_token: &str,
    now: Timestamp,
) -> Vec<Statement> {
    vec![
        sql(
            "INSERT INTO sessions (id, user_id, user_agent, address, created_at, last_used_at)
             SELECT ?1, id, ?2, ?3, ?4, ?4 FROM users WHERE id = ?5 AND erasing_at IS NULL",
        )
        .bind(session.as_str())
        .bind(user_agent)
        .bind(address)
        .bind(now)
        .bind(user.as_str()),
        sql(
            "INSERT INTO refresh_tokens (token_hash, session_id, created_at, expires_at)
             SELECT ?, id, ?, ? FROM sessions WHERE id = ?",
        )
        .bind(token_hash(refresh_token))
        .bind(now)
        .bind(now.plus(REFRESH_TOKEN_LIFE))
        .bind(session.as_str()),
    ]
}

/// How a refresh token stands after it was used.
#[derive(Debug, Deserialize)]
pub(crate) struct Refreshed {
    /// Its session.
    pub(crate) session_id: String,
    /// Whose.
    pub(crate) user_id: String,
    /// Set where the session is over.
    pub(crate) ended_at: Option<String>,
    /// Until when the token was good.
    pub(crate) expires_at: String,
}

/// The rest of a `SELECT` that finds a refresh token (its hash is `?5`, the moment `?2`), so that who
/// has one is not counted as a guesser.
pub(crate) const TOKEN_IS_GOOD: &str =
    "refresh_tokens AS r JOIN sessions AS s ON s.id = r.session_id
         WHERE r.token_hash = ?5 AND r.expires_at > ?2 AND s.ended_at IS NULL";

/// Where among the statements of [`refresh`] the one is that ends a session.
pub(crate) const REUSE: usize = 3;

/// The session of a token, if the statement right before changed something.
const OF_TOKEN: &str = "FROM refresh_tokens AS r JOIN sessions AS s ON s.id = r.session_id
             WHERE r.token_hash = ? AND changes() > 0";

/// The statements that use a refresh token and put its successor in its place. A token that was
/// used within the grace still leads to the successor; one that was used before that was stolen by
/// somebody, ends the session ([`REUSE`] is the place of that statement) and tells the person. How
/// it then stands comes last.
pub(crate) fn refresh(
    token: &str,
    successor: &str,
    (event, audit, source): (&EventId, &AuditId, &Source),
    now: Timestamp,
) -> Vec<Statement> {
    let hash = token_hash(token);
    vec![
        sql("UPDATE refresh_tokens SET used_at = ?1
             WHERE token_hash = ?2 AND used_at IS NULL AND expires_at > ?1
               AND EXISTS (SELECT 1 FROM sessions
                           WHERE id = refresh_tokens.session_id AND ended_at IS NULL)")
        .bind(now)
        .bind(&hash),
        sql(
            "INSERT INTO refresh_tokens (token_hash, session_id, created_at, expires_at)
             SELECT ?, session_id, ?, ? FROM refresh_tokens
             WHERE token_hash = ? AND changes() > 0
             ON CONFLICT DO NOTHING",
        )
        .bind(token_hash(successor))
        .bind(now)
        .bind(now.plus(REFRESH_TOKEN_LIFE))
        .bind(&hash),
        sql("UPDATE sessions SET last_used_at = ?
             WHERE id = (SELECT session_id FROM refresh_tokens WHERE token_hash = ?)
               AND changes() > 0")
        .bind(now)
        .bind(&hash),
        sql("UPDATE sessions SET ended_at = ?1
             WHERE ended_at IS NULL AND id = (
               SELECT session_id FROM refresh_tokens WHERE token_hash = ?2 AND used_at < ?3)")
        .bind(now)
        .bind(&hash)
        .bind(now.plus(-REFRESH_GRACE)),
        sql(format!(
            "INSERT INTO outbox (id, user_id, type, occurred_at, data)
             SELECT ?, s.user_id, ?, ?, json_object('ids', json_array(s.id), 'reason', ?) {OF_TOKEN}"
        ))
        .bind(event.as_str())
        .bind(EventType::SessionEnded.as_str())
        .bind(now)
        .bind(Ending::TokenReused.as_str())
        .bind(&hash),
        sql(format!(
            "INSERT INTO audit_entries (id, user_id, via, via_id, action, object, detail, address,
               user_agent, created_at)
             SELECT ?, s.user_id, 'service', NULL, ?, s.id, '{{}}', ?, ?, ? {OF_TOKEN}"
        ))
        .bind(audit.as_str())
        .bind(Action::TokenReused.as_str())
        .bind(&source.address)
        .bind(&source.user_agent)
        .bind(now)
        .bind(&hash),
        sql("SELECT r.session_id, s.user_id, s.ended_at, r.expires_at
             FROM refresh_tokens AS r JOIN sessions AS s ON s.id = r.session_id
             WHERE r.token_hash = ?")
        .bind(&hash),
    ]
}

/// Ends a session of a person.
pub(crate) fn end(user: &UserId, session: &SessionId, now: Timestamp) -> Statement {
    sql("UPDATE sessions SET ended_at = ? WHERE id = ? AND user_id = ? AND ended_at IS NULL")
        .bind(now)
        .bind(session.as_str())
        .bind(user.as_str())
}

/// Why a session was ended by something else than its own device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The person ended it from another device.
    Revoked,
    /// Its refresh token was used twice.
    TokenReused,
    /// The password was changed on another device.
    PasswordChanged,
    /// The password was set anew.
    PasswordReset,
}

impl Ending {
    /// The name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::TokenReused => "token_reused",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
        }
    }
}

/// Which sessions to end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which<'a> {
    /// This one.
    One(&'a SessionId),
    /// All but this one.
    Others(&'a SessionId),
    /// All.
    All,
}

/// The statements that end sessions of a person and tell the devices that stay. The first answers
/// with the `id` of each that was ended; the second tells, if there was one.
pub(crate) fn end_some(
    user: &UserId,
    which: Which<'_>,
    ending: Ending,
    event: &EventId,
    now: Timestamp,
) -> [Statement; 2] {
    let (condition, session) = match which {
        Which::One(session) => ("id = ?3", session.as_str()),
        Which::Others(session) => ("id <> ?3", session.as_str()),
        Which::All => ("?3 = ''", ""),
    };
    [
        sql(format!(
            "UPDATE sessions SET ended_at = ?1
             WHERE user_id = ?2 AND ended_at IS NULL AND {condition} RETURNING id"
        ))
        .bind(now)
        .bind(user.as_str())
        .bind(session),
        sql(format!(
            "INSERT INTO outbox (id, user_id, type, occurred_at, data)
             SELECT ?4, ?2, ?5, ?1, json_object('ids', json_group_array(id), 'reason', ?6)
             FROM sessions WHERE user_id = ?2 AND ended_at = ?1 AND {condition}
             HAVING COUNT(*) > 0"
        ))
        .bind(now)
        .bind(user.as_str())
        .bind(session)
        .bind(event.as_str())
        .bind(EventType::SessionEnded.as_str())
        .bind(ending.as_str()),
    ]
}

/// The sessions of a person that can still be used, the one used last first. `current` is the one
/// that asks.
pub(crate) fn list(user: &UserId, current: &SessionId, now: Timestamp) -> List {
    List::of(
        user.as_str(),
        "sessions JOIN (SELECT ? AS id) AS current",
        "json_object('id', sessions.id, 'user_agent', sessions.user_agent, \
         'address', sessions.address, \
         'is_current', json(iif(sessions.id = current.id, 'true', 'false')), \
         'last_used_at', sessions.last_used_at, 'created_at', sessions.created_at, \
         'updated_at', sessions.last_used_at)",
        "sessions.user_id = ? AND sessions.ended_at IS NULL",
        "sessions.id",
    )
    .reading_with([current.as_str()])
    .filter(
        "sessions.last_used_at > ?",
        Some(now.plus(-REFRESH_TOKEN_LIFE)),
    )
    .ordered("sessions.last_used_at", Direction::Descending)
}
