//! Keys of people's own at providers of models, in D1, sealed.

use delegate_core::identifier::UserId;
use delegate_core::time::Timestamp;
use serde::Deserialize;

use super::models::OwnKey;
use crate::platform::database::{Statement, sql};

/// The statements that keep a sealed key at a provider in the place of another, and forget how it stood
/// with that one.
pub(crate) fn put(
    user: &UserId,
    provider: &str,
    (sealed_key, sealed_with): (&str, &str),
    now: Timestamp,
) -> Vec<Statement> {
    let put = sql(
        "INSERT INTO model_keys (user_id, provider, sealed_key, sealed_with, created_at)
         VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (user_id, provider) DO UPDATE SET sealed_key = excluded.sealed_key,
           sealed_with = excluded.sealed_with, created_at = excluded.created_at",
    )
    .bind(user.as_str())
    .bind(provider)
    .bind(sealed_key)
    .bind(sealed_with)
    .bind(now);
    vec![put, forget_breaker(user, provider)]
}

fn forget_breaker(user: &UserId, provider: &str) -> Statement {
    sql("DELETE FROM model_breakers WHERE owner = ? AND provider = ?")
        .bind(user.as_str())
        .bind(provider)
}

/// Forgets a key, and how it stood with its provider.
pub(crate) fn delete(user: &UserId, provider: &str) -> Vec<Statement> {
    vec![
        sql("DELETE FROM model_keys WHERE user_id = ? AND provider = ?")
            .bind(user.as_str())
            .bind(provider),
        forget_breaker(user, provider),
    ]
}

/// A key that is sealed with another key than the one that seals now.
#[derive(Debug, Deserialize)]
pub(crate) struct SealedOtherwise {
    pub(crate) user_id: String,
    #[serde(flatten)]
    pub(crate) key: OwnKey,
}

/// Some keys that are sealed with another key than this one, any of them: those that can't be opened do
/// not stand before the others for ever.
pub(crate) fn find_sealed_otherwise(current: &str, most: u32) -> Statement {
    sql(
        "SELECT user_id, provider, sealed_key FROM model_keys WHERE sealed_with <> ?
         ORDER BY random() LIMIT ?",
    )
    .bind(current)
    .bind(most)
}

/// Puts a key that was sealed anew in the place of what was read, unless another is there by now.
pub(crate) fn seal_anew(
    user: &UserId,
    read: &OwnKey,
    (sealed_key, sealed_with): (&str, &str),
) -> Statement {
    sql("UPDATE model_keys SET sealed_key = ?, sealed_with = ?
         WHERE user_id = ? AND provider = ? AND sealed_key = ?")
    .bind(sealed_key)
    .bind(sealed_with)
    .bind(user.as_str())
    .bind(&read.provider)
    .bind(&read.sealed_key)
}

/// The providers that a person has a key at.
pub(crate) fn list(user: &UserId) -> Statement {
    sql("SELECT json_group_array(json_object('provider', provider, 'created_at', created_at)) AS items
         FROM (SELECT * FROM model_keys WHERE user_id = ? ORDER BY provider)")
        .bind(user.as_str())
}
