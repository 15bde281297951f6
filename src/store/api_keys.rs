//! API keys in D1. What a key may do is checked in `store::permits`.

use delegate_core::api_key::{MAX_KEYS, NewApiKey};
use delegate_core::error::Error;
use delegate_core::identifier::{ApiKeyId, UserId};
use delegate_core::time::Timestamp;

use super::list::List;
use super::tasks::json;
use crate::platform::database::{Statement, sql};

/// The JSON of a key, as `delegate_core::api_key::ApiKey` serialises.
macro_rules! key_json {
    () => {
        "json_object('id', api_keys.id, 'name', api_keys.name, 'scopes', json(api_keys.scopes), \
         'expires_at', api_keys.expires_at, 'last_used_at', api_keys.last_used_at, \
         'created_at', api_keys.created_at, 'updated_at', api_keys.updated_at)"
    };
}

/// A new key, unless the person has too many: then nothing changes.
pub(crate) fn insert(
    user: &UserId,
    id: &ApiKeyId,
    new: &NewApiKey,
    key_hash: &str,
    now: Timestamp,
) -> Result<Statement, Error> {
    Ok(sql(
        "INSERT INTO api_keys (id, user_id, name, key_hash, scopes, expires_at, created_at, updated_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7
         WHERE (SELECT COUNT(*) FROM api_keys WHERE user_id = ?2) < ?8",
    )
    .bind(id.as_str())
    .bind(user.as_str())
    .bind(&new.name)
    .bind(key_hash)
    .bind(json(&new.scopes)?)
    .bind(new.expires_at)
    .bind(now)
    .bind(MAX_KEYS))
}

/// The keys of a person.
pub(crate) fn list(user: &UserId) -> List {
    List::of(
        user.as_str(),
        "api_keys",
        key_json!(),
        "api_keys.user_id = ?",
        "api_keys.id",
    )
}

/// One key.
pub(crate) fn find(user: &UserId, id: &ApiKeyId) -> Statement {
    sql(concat!(
        "SELECT ",
        key_json!(),
        " AS key FROM api_keys WHERE user_id = ? AND id = ?"
    ))
    .bind(user.as_str())
    .bind(id.as_str())
}

/// When a key ends; null where it does not.
pub(crate) fn find_end(user: &UserId, id: &ApiKeyId) -> Statement {
    sql("SELECT expires_at FROM api_keys WHERE user_id = ? AND id = ?")
        .bind(user.as_str())
        .bind(id.as_str())
}

/// Revokes a key.
pub(crate) fn delete(user: &UserId, id: &ApiKeyId) -> Statement {
    sql("DELETE FROM api_keys WHERE user_id = ? AND id = ?")
        .bind(user.as_str())
        .bind(id.as_str())
}
