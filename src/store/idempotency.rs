//! The first answers to requests that carried an Idempotency-Key, in D1.

use delegate_core::identifier::UserId;
use delegate_core::time::Timestamp;
use serde::Deserialize;

use crate::platform::database::{Statement, sql};

/// What SQLite says when a key is there already.
pub(crate) const KEY_TAKEN: &str = "UNIQUE constraint failed: idempotency_records.user_id";

/// An answer that was given.
#[derive(Debug, Deserialize)]
pub(crate) struct Record {
    /// A digest of the request that it was given to.
    pub(crate) request_hash: String,
    /// The status.
    pub(crate) status: u16,
    /// The `Location` header.
    pub(crate) location: Option<String>,
    /// The `ETag` header.
    pub(crate) etag: Option<String>,
    /// The body.
    pub(crate) body: String,
}

/// Keeps the answer to a key. Fails with [`KEY_TAKEN`], and the whole batch with it, where there
/// is one.
pub(crate) fn insert(user: &UserId, key: &str, record: &Record, now: Timestamp) -> Statement {
    sql("INSERT INTO idempotency_records
           (user_id, key, request_hash, status, location, etag, body, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
    .bind(user.as_str())
    .bind(key)
    .bind(&record.request_hash)
    .bind(record.status)
    .bind(record.location.as_deref())
    .bind(record.etag.as_deref())
    .bind(&record.body)
    .bind(now)
}

/// The answer to a key.
pub(crate) fn find(user: &UserId, key: &str) -> Statement {
    sql("SELECT request_hash, status, location, etag, body
         FROM idempotency_records WHERE user_id = ? AND key = ?")
    .bind(user.as_str())
    .bind(key)
}
