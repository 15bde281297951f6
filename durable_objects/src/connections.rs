//! The hub's side of `connections` in D1: a credential is read, replaced and judged here only, so
//! that whoever asks for it at the same time gets the same one.

use delegate_core::connection::{Status, account_key};
use delegate_core::event::EventType;
use delegate_core::identifier::{AuditId, ConnectionId, EventId, UserId};
use delegate_core::time::Timestamp;
use serde::Deserialize;
use wasm_bindgen::JsValue;
use worker::{D1Database, Result};

/// The JSON of a connection, as `delegate_core::connection::Connection` serialises.
#[macro_export]
macro_rules! connection_json {
    () => {
        "json_object('id', connections.id, 'provider', connections.provider, \
         'email', connections.email, 'scopes', json(connections.scopes), \
         'status', connections.status, 'last_success_at', connections.last_success_at, \
         'last_error', connections.last_error, 'checked_at', connections.checked_at, \
         'created_at', connections.created_at, 'updated_at', connections.updated_at)"
    };
}

/// A connection and what opens it.
#[derive(Debug, Deserialize)]
pub(crate) struct Credential {
    pub(crate) provider: String,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) sealed_tokens: Option<String>,
    pub(crate) version: f64,
}

impl Credential {
    /// Where its tokens belong.
    pub(crate) fn account_key(&self) -> String {
        account_key(&self.provider, &self.issuer, &self.subject)
    }
}

/// Sealed tokens on their way into a row.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Replacement {
    /// The version of the row that they take the place in.
    pub(crate) version: f64,
    pub(crate) sealed_tokens: String,
    pub(crate) sealed_with: String,
    pub(crate) expires_at: String,
    /// JSON array.
    pub(crate) scopes: String,
}

/// What a look at a connection has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The provider takes its token.
    Healthy,
    /// It could not be asked, or said neither yes nor no; a stable word.
    Failing(&'static str),
    /// It does not take the token any more; a stable word.
    Reauthorize(&'static str),
}

impl Verdict {
    fn status(&self) -> Status {
        match self {
            Self::Healthy => Status::Healthy,
            Self::Failing(_) => Status::Failing,
            Self::Reauthorize(_) => Status::Reauthorize,
        }
    }

    fn error(&self) -> Option<&'static str> {
        match self {
            Self::Healthy => None,
            Self::Failing(code) | Self::Reauthorize(code) => Some(code),
        }
    }
}

/// A connection of a person that has been let in, unless it is being taken away.
pub(crate) async fn find(
    d1: &D1Database,
    user: &UserId,
    connection: &ConnectionId,
) -> Result<Option<Credential>> {
    d1.prepare(
        "SELECT provider, issuer, subject, sealed_tokens, version FROM connections
         WHERE user_id = ?1 AND id = ?2 AND status NOT IN ('disconnecting', 'sign_in_only')",
    )
    .bind(&[user.as_str().into(), connection.as_str().into()])?
    .first(None)
    .await
}

/// Puts new tokens into a row, unless it has changed since it was read: then it has newer ones, or
/// is to be taken away, with the newest tokens that there are. Answers whether it was done.
pub(crate) async fn replace(
    d1: &D1Database,
    user: &UserId,
    connection: &ConnectionId,
    new: &Replacement,
    now: Timestamp,
) -> Result<bool> {
    let outcome = d1
        .prepare(
        "UPDATE connections SET sealed_tokens = ?1, sealed_with = ?2, expires_at = ?3, scopes = ?4,
           version = version + 1, updated_at = ?5
         WHERE user_id = ?6 AND id = ?7
           AND (version = ?8 OR (status = 'disconnecting' AND sealed_tokens IS NOT NULL))",
    )
    .bind(&[
        new.sealed_tokens.as_str().into(),
        new.sealed_with.as_str().into(),
        new.expires_at.as_str().into(),
        new.scopes.as_str().into(),
        now.to_string().into(),
        user.as_str().into(),
        connection.as_str().into(),
        JsValue::from_f64(new.version),
    ])?
    .run()
    .await?;
    let changes = outcome.meta()?.and_then(|meta| meta.changes);
    Ok(changes.is_some_and(|changes| changes > 0))
}

/// Notes what a look has found, in one batch with the event and the audit entry where that is news.
/// Tokens that the provider no longer takes are erased. What was found of tokens that others have
/// taken the place of since says nothing of the row any more.
pub(crate) async fn judge(
    d1: &D1Database,
    user: &UserId,
    connection: &ConnectionId,
    (verdict, version): (&Verdict, f64),
    (event, audit): (&EventId, &AuditId),
    now: Timestamp,
) -> Result<()> {
    let text = JsValue::from_str;
    let (status, now) = (verdict.status().as_str(), now.to_string());
    let error = verdict.error().map_or(JsValue::NULL, text);
    let success = match verdict {
        Verdict::Healthy => text(&now),
        Verdict::Failing(_) | Verdict::Reauthorize(_) => JsValue::NULL,
    };
    let version = JsValue::from_f64(version);
    let is_refused = matches!(verdict, Verdict::Reauthorize(_));
    let statements = vec![
        d1.prepare(
            "UPDATE connections SET checked_at = ?1, last_success_at = COALESCE(?2, last_success_at)
             WHERE user_id = ?3 AND id = ?4 AND version = ?5",
        )
        .bind(&[
            text(&now),
            success,
            user.as_str().into(),
            connection.as_str().into(),
            version.clone(),
        ])?,
        d1.prepare(
            "UPDATE connections SET status = ?1, last_error = ?2,
               sealed_tokens = iif(?1 = 'reauthorize', NULL, sealed_tokens),
               version = version + 1, updated_at = ?3
             WHERE user_id = ?4 AND id = ?5 AND version = ?6
               AND (status <> ?1 OR last_error IS NOT ?2)",
        )
        .bind(&[
            text(status),
            error.clone(),
            text(&now),
            user.as_str().into(),
            connection.as_str().into(),
            version,
        ])?,
        d1.prepare(concat!(
            "INSERT INTO outbox (id, user_id, type, occurred_at, data)
             SELECT ?1, user_id, ?2, ?3, ",
            connection_json!(),
            " FROM connections WHERE user_id = ?4 AND id = ?5 AND changes() > 0"
        ))
        .bind(&[
            event.as_str().into(),
            text(EventType::ConnectionUpdated.as_str()),
            text(&now),
            user.as_str().into(),
            connection.as_str().into(),
        ])?,
        d1.prepare(
            "INSERT INTO audit_entries (id, user_id, via, action, object, detail, address,
               user_agent, created_at)
             SELECT ?1, ?2, 'service', 'connection.refused', ?3, json_object('reason', ?4), '', '', ?5
             WHERE changes() > 0 AND ?6 = 1",
        )
        .bind(&[
            audit.as_str().into(),
            user.as_str().into(),
            connection.as_str().into(),
            error,
            text(&now),
            JsValue::from_f64(f64::from(u8::from(is_refused))),
        ])?,
    ];
    d1.batch(statements).await.map(|_| ())
}
