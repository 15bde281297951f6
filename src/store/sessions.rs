//! Sessions and their refresh tokens in D1.

use delegate_core::identifier::{SessionId, UserId};
use delegate_core::secret::token_hash;
use delegate_core::time::Timestamp;
use delegate_core::token::{REFRESH_GRACE, REFRESH_TOKEN_LIFE};
use serde::Deserialize;

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

/// The statements that use a refresh token and put its successor in its place. A token that was
/// used within the grace still leads to the successor; one that was used before that was stolen by
/// somebody, and ends the session. How it then stands comes last; before it, whether a session
/// was ended.
pub(crate) fn refresh(token: &str, successor: &str, now: Timestamp) -> Vec<Statement> {
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
