//! Provider accounts in D1: signing in by one, connecting one, taking one away. What their tokens
//! are worth is for the hub to find out (`delegate_durable_objects::connections`).

use delegate_core::connection::{MAX_CONNECTIONS, Status, account_key};
use delegate_core::event::EventType;
use delegate_core::identifier::{ConnectionId, EventId, UserId};
use delegate_core::oauth::id_token::SignedInAs;
use delegate_core::time::Timestamp;
use delegate_durable_objects::connection_json;
use serde::Deserialize;

use super::list::List;
use crate::platform::database::{Statement, sql};

/// A new account for who a provider says it is, unless they have one or may not. What
/// `accounts::register` asks is asked here, too: the first, or anybody where `is_open`, or whoever
/// has an unused invitation.
pub(crate) struct Newcomer<'a> {
    /// The identifier they would get.
    pub(crate) user: &'a UserId,
    /// The identifier of the connection they would get.
    pub(crate) connection: &'a ConnectionId,
    /// The address as told, and the key of the account: the address in lower case where it is
    /// theirs. None where none can be had.
    pub(crate) email: Option<(&'a str, &'a str)>,
    /// Whether the address is theirs, as the provider says.
    pub(crate) is_vouched: bool,
    /// What they are called.
    pub(crate) name: &'a str,
    /// The hash of an invitation.
    pub(crate) invitation: Option<&'a str>,
    /// Whether anybody may register.
    pub(crate) is_open: bool,
}

const OF_ACCOUNT: &str = "provider = ? AND issuer = ? AND subject = ?";

fn bind_account(statement: Statement, account: &SignedInAs) -> Statement {
    statement
        .bind(account.provider.as_str())
        .bind(&account.issuer)
        .bind(&account.subject)
}

/// The statements that make the account of a newcomer. The first tells by its changes whether one
/// was made. An address that somebody has is nobody else's: the account is not made.
pub(crate) fn register(new: &Newcomer<'_>, account: &SignedInAs, now: Timestamp) -> Vec<Statement> {
    let (email, key) = new.email.unwrap_or(("", ""));
    let user = bind_account(
        sql("INSERT INTO users
               (id, email, email_key, name, time_zone, role, created_at, updated_at,
                address_verified_at)
             SELECT ?1, ?2, ?3, ?4, 'UTC',
               CASE WHEN EXISTS (SELECT 1 FROM users) THEN 'member' ELSE 'owner' END, ?5, ?5,
               iif(?11 = 1, ?5, NULL)
             WHERE ?3 <> '' AND NOT EXISTS (SELECT 1 FROM users WHERE email_key = ?3)
               AND (?6 = 1 OR NOT EXISTS (SELECT 1 FROM users) OR EXISTS (
                 SELECT 1 FROM invitations
                 WHERE token_hash = ?7 AND used_at IS NULL AND expires_at > ?5))
               AND NOT EXISTS (SELECT 1 FROM connections
                 WHERE provider = ?8 AND issuer = ?9 AND subject = ?10)")
        .bind(new.user.as_str())
        .bind(email)
        .bind(key)
        .bind(new.name)
        .bind(now)
        .bind(new.is_open)
        .bind(new.invitation),
        account,
    )
    .bind(new.is_vouched);
    vec![
        user,
        sql("UPDATE invitations SET used_by = ?1, used_at = ?2
             WHERE token_hash = ?3 AND used_at IS NULL
               AND EXISTS (SELECT 1 FROM users WHERE id = ?1)")
        .bind(new.user.as_str())
        .bind(now)
        .bind(new.invitation),
        sql("INSERT INTO user_addresses (user_id, address, created_at)
             SELECT id, email_key, created_at FROM users WHERE id = ? AND ? = 1")
        .bind(new.user.as_str())
        .bind(new.is_vouched),
        bind_account(
            sql(
                "INSERT INTO connections (id, user_id, email, scopes, status, created_at,
                   updated_at, provider, issuer, subject)
                 SELECT ?1, id, email, '[\"openid\",\"email\",\"profile\"]', 'sign_in_only', ?2,
                   ?2, ?4, ?5, ?6 FROM users WHERE id = ?3",
            )
            .bind(new.connection.as_str())
            .bind(now)
            .bind(new.user.as_str()),
            account,
        ),
    ]
}

/// What there is of who a provider says it is: whose the provider account is, and whether the
/// address is somebody's.
#[derive(Debug, Deserialize)]
pub(crate) struct Standing {
    /// Whose.
    pub(crate) user_id: Option<String>,
    /// How the connection stands.
    pub(crate) status: Option<String>,
    /// 1 where somebody has the address.
    pub(crate) is_address_taken: f64,
}

/// How it stands with a provider account.
pub(crate) fn standing(account: &SignedInAs, email_key: Option<&str>) -> Statement {
    let statement = sql(format!(
        "SELECT c.user_id, c.status,
           EXISTS (SELECT 1 FROM users WHERE email_key = ?) AS is_address_taken
         FROM (SELECT 1) LEFT JOIN (
           SELECT user_id, status FROM connections WHERE {OF_ACCOUNT}) AS c"
    ));
    bind_account(statement.bind(email_key), account)
}

/// From where [`super::authorizations::keep`] takes the person of a provider account; bind the
/// account with [`for_account`].
pub(crate) const PERSON_OF_ACCOUNT: &str =
    "users JOIN connections ON connections.user_id = users.id
     WHERE connections.status <> 'disconnecting' AND users.erasing_at IS NULL
       AND connections.provider = ? AND connections.issuer = ? AND connections.subject = ?";

/// A statement that ends in [`PERSON_OF_ACCOUNT`], with its values.
pub(crate) fn for_account(statement: Statement, account: &SignedInAs) -> Statement {
    bind_account(statement, account)
}

/// What connecting writes.
pub(crate) struct Sealed<'a> {
    /// The tokens.
    pub(crate) tokens: &'a str,
    /// With which key.
    pub(crate) with: &'a str,
    /// When the access token ends.
    pub(crate) expires_at: Timestamp,
    /// What was granted, as JSON.
    pub(crate) scopes: &'a str,
}

/// Connects an account to a person, or connects it again. Nothing changes where it is somebody
/// else's, or the person has too many.
pub(crate) fn connect(
    user: &UserId,
    id: &ConnectionId,
    account: &SignedInAs,
    sealed: &Sealed<'_>,
    now: Timestamp,
) -> Statement {
    sql(
        "INSERT INTO connections (id, user_id, provider, issuer, subject, email, scopes, status,
           sealed_tokens, sealed_with, expires_at, last_success_at, checked_at, created_at,
           updated_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, 'healthy', ?8, ?9, ?10, ?11, ?11, ?11, ?11
         WHERE (SELECT COUNT(*) FROM connections WHERE user_id = ?2) < ?12
           OR EXISTS (SELECT 1 FROM connections
                      WHERE provider = ?3 AND issuer = ?4 AND subject = ?5)
         ON CONFLICT (provider, issuer, subject) DO UPDATE SET
           email = excluded.email, scopes = excluded.scopes, status = 'healthy',
           sealed_tokens = excluded.sealed_tokens, sealed_with = excluded.sealed_with,
           expires_at = excluded.expires_at, last_success_at = excluded.last_success_at,
           last_error = NULL, checked_at = excluded.checked_at, version = version + 1,
           updated_at = excluded.updated_at
         WHERE connections.user_id = excluded.user_id AND connections.status <> 'disconnecting'",
    )
    .bind(id.as_str())
    .bind(user.as_str())
    .bind(account.provider.as_str())
    .bind(&account.issuer)
    .bind(&account.subject)
    .bind(account.email.as_deref().unwrap_or_default())
    .bind(sealed.scopes)
    .bind(sealed.tokens)
    .bind(sealed.with)
    .bind(sealed.expires_at)
    .bind(now)
    .bind(MAX_CONNECTIONS)
}

/// Tells the person of a connection, if the statement right before changed it.
pub(crate) fn tell_of_account(
    user: &UserId,
    account: &SignedInAs,
    event: &EventId,
    now: Timestamp,
) -> Statement {
    let statement = sql(concat!(
        "INSERT INTO outbox (id, user_id, type, occurred_at, data)
         SELECT ?, user_id, ?, ?, ",
        connection_json!(),
        " FROM connections
         WHERE changes() > 0 AND user_id = ? AND provider = ? AND issuer = ? AND subject = ?"
    ))
    .bind(event.as_str())
    .bind(EventType::ConnectionUpdated.as_str())
    .bind(now)
    .bind(user.as_str());
    bind_account(statement, account)
}

/// The connection of a person to a provider account.
pub(crate) fn find_of_account(user: &UserId, account: &SignedInAs) -> Statement {
    let statement = sql(concat!(
        "SELECT ",
        connection_json!(),
        " AS connection, id, version FROM connections
         WHERE user_id = ? AND provider = ? AND issuer = ? AND subject = ?"
    ))
    .bind(user.as_str());
    bind_account(statement, account)
}

/// The connections of a person.
pub(crate) fn list(user: &UserId) -> List {
    List::of(
        user.as_str(),
        "connections",
        connection_json!(),
        "connections.user_id = ?",
        "connections.id",
    )
}

/// One connection, and its version.
pub(crate) fn find(user: &UserId, id: &ConnectionId) -> Statement {
    sql(concat!(
        "SELECT ",
        connection_json!(),
        " AS connection, version, status FROM connections WHERE user_id = ? AND id = ?"
    ))
    .bind(user.as_str())
    .bind(id.as_str())
}

/// Marks a connection as being taken away, unless it is the last way for its person to sign in.
pub(crate) fn begin_disconnecting(user: &UserId, id: &ConnectionId, now: Timestamp) -> Statement {
    sql(
        "UPDATE connections SET status = 'disconnecting', version = version + 1, updated_at = ?1
         WHERE user_id = ?2 AND id = ?3 AND status <> 'disconnecting' AND (
           (SELECT password_hash FROM users WHERE id = ?2) IS NOT NULL
           OR EXISTS (SELECT 1 FROM connections
                      WHERE user_id = ?2 AND id <> ?3 AND status <> 'disconnecting'))",
    )
    .bind(now)
    .bind(user.as_str())
    .bind(id.as_str())
}

/// Tells the person of a connection, if the statement right before changed it.
pub(crate) fn tell(user: &UserId, id: &ConnectionId, event: &EventId, now: Timestamp) -> Statement {
    sql(concat!(
        "INSERT INTO outbox (id, user_id, type, occurred_at, data)
         SELECT ?, user_id, ?, ?, ",
        connection_json!(),
        " FROM connections WHERE user_id = ? AND id = ? AND changes() > 0"
    ))
    .bind(event.as_str())
    .bind(EventType::ConnectionUpdated.as_str())
    .bind(now)
    .bind(user.as_str())
    .bind(id.as_str())
}

/// What revoking a connection's tokens takes.
#[derive(Debug, Deserialize)]
pub(crate) struct Revocable {
    /// Which connection.
    pub(crate) id: String,
    /// Which provider.
    pub(crate) provider: String,
    /// Of the ID token.
    pub(crate) issuer: String,
    /// Who, for that issuer.
    pub(crate) subject: String,
    /// The tokens; none where it is there to sign in with, or asks for its person.
    pub(crate) sealed_tokens: Option<String>,
}

impl Revocable {
    /// Where its tokens belong.
    pub(crate) fn account_key(&self) -> String {
        account_key(&self.provider, &self.issuer, &self.subject)
    }
}

/// A connection that is being taken away.
pub(crate) fn find_disconnecting(user: &UserId, id: &ConnectionId) -> Statement {
    sql(
        "SELECT id, provider, issuer, subject, sealed_tokens FROM connections
         WHERE user_id = ? AND id = ? AND status = 'disconnecting'",
    )
    .bind(user.as_str())
    .bind(id.as_str())
}

/// The connections of a person that are left, to be revoked with their account; the first of them.
pub(crate) fn find_next_revocable(user: &UserId) -> Statement {
    sql(
        "SELECT id, provider, issuer, subject, sealed_tokens FROM connections
         WHERE user_id = ? ORDER BY id LIMIT 1",
    )
    .bind(user.as_str())
}

/// Erases a connection that is being taken away.
pub(crate) fn delete(user: &UserId, id: &ConnectionId) -> Statement {
    sql("DELETE FROM connections WHERE user_id = ? AND id = ? AND status = ?")
        .bind(user.as_str())
        .bind(id.as_str())
        .bind(Status::Disconnecting.as_str())
}

/// Picks connections with tokens that nobody has looked at since, those that wait longest first. A
/// picked one counts as looked at, so that one which always fails does not keep the others waiting.
pub(crate) fn pick_unchecked(since: Timestamp, limit: u32, now: Timestamp) -> Statement {
    sql("UPDATE connections SET checked_at = ?1 WHERE id IN (
           SELECT connections.id FROM connections
           JOIN users ON users.id = connections.user_id AND users.erasing_at IS NULL
           WHERE sealed_tokens IS NOT NULL AND status IN ('healthy', 'failing') AND checked_at < ?2
           ORDER BY checked_at LIMIT ?3)
         RETURNING id, user_id")
    .bind(now)
    .bind(since)
    .bind(limit)
}
