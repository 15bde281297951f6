//! Preferences in D1: one document a person, and for who never said anything none; and the keys that
//! people have at providers of models.

use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{EventId, UserId};
use delegate_core::preferences::{KeptPreferences, Preferences};
use delegate_core::time::Timestamp;
use serde::Deserialize;

use super::outbox;
use super::tasks::json;
use crate::platform::database::{Answer, Statement, sql};

/// A document and its version, which is 0 before anything was said.
pub(crate) struct Found {
    pub(crate) kept: KeptPreferences,
    pub(crate) version: u32,
}

/// The document of a person.
pub(crate) fn find(user: &UserId) -> Statement {
    sql(
        "SELECT p.document, COALESCE(p.version, 0) AS version, u.created_at,
           COALESCE(p.updated_at, u.created_at) AS updated_at
         FROM users AS u LEFT JOIN preferences AS p ON p.user_id = u.id WHERE u.id = ?",
    )
    .bind(user.as_str())
}

/// What [`find`] found; nothing where the account is gone.
pub(crate) fn found(answer: &Answer) -> Result<Option<Found>, Error> {
    #[derive(Deserialize)]
    struct Row {
        document: Option<String>,
        version: u32,
        created_at: Timestamp,
        updated_at: Timestamp,
    }
    let Some(row) = answer.first::<Row>()? else {
        return Ok(None);
    };
    Ok(Some(Found {
        kept: KeptPreferences {
            document: read(row.document.as_deref())?,
            created_at: row.created_at,
            updated_at: row.updated_at,
        },
        version: row.version,
    }))
}

/// A document as it is stored, or that of who never said anything.
pub(crate) fn read(document: Option<&str>) -> Result<Preferences, Error> {
    document.map_or_else(
        || Ok(Preferences::default()),
        |text| {
            serde_json::from_str(text)
                .map_err(|error| Error::internal(format!("stored preferences: {error}")))
        },
    )
}

/// The statements that put a document in the place of the one that is there, tell of it, and read
/// what is there then. The first changes nothing where the version is none of these.
pub(crate) fn replace(
    user: &UserId,
    document: &Preferences,
    versions: Option<&str>,
    event: &EventId,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let told = "json_set(p.document, '$.created_at', u.created_at, '$.updated_at', p.updated_at)
         FROM preferences AS p JOIN users AS u ON u.id = p.user_id
         WHERE u.id = ? AND changes() > 0";
    Ok(vec![
        sql("INSERT INTO preferences (user_id, document, updated_at)
             SELECT u.id, ?2, ?3 FROM users AS u LEFT JOIN preferences AS p ON p.user_id = u.id
             WHERE u.id = ?1 AND (?4 IS NULL
               OR COALESCE(p.version, 0) IN (SELECT value FROM json_each(?4)))
             ON CONFLICT (user_id) DO UPDATE SET document = excluded.document,
               version = version + 1, updated_at = excluded.updated_at")
        .bind(user.as_str())
        .bind(json(document)?)
        .bind(now)
        .bind(versions),
        outbox::append_from(user, event, EventType::PreferencesUpdated, now, told)
            .bind(user.as_str()),
        find(user),
    ])
}

/// Keeps a sealed key at a provider, in the place of another.
pub(crate) fn put_key(
    user: &UserId,
    provider: &str,
    (sealed_key, sealed_with): (&str, &str),
    now: Timestamp,
) -> Statement {
    sql(
        "INSERT INTO model_keys (user_id, provider, sealed_key, sealed_with, created_at)
         VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (user_id, provider) DO UPDATE SET sealed_key = excluded.sealed_key,
           sealed_with = excluded.sealed_with, created_at = excluded.created_at",
    )
    .bind(user.as_str())
    .bind(provider)
    .bind(sealed_key)
    .bind(sealed_with)
    .bind(now)
}

/// Forgets a key, and how it stood with its provider.
pub(crate) fn delete_key(user: &UserId, provider: &str) -> Vec<Statement> {
    let of_provider = |text| sql(text).bind(user.as_str()).bind(provider);
    vec![
        of_provider("DELETE FROM model_keys WHERE user_id = ? AND provider = ?"),
        of_provider("DELETE FROM model_breakers WHERE user_id = ? AND provider = ?"),
    ]
}

/// A key that is sealed with another key than the one that seals now.
#[derive(Debug, Deserialize)]
pub(crate) struct SealedOtherwise {
    pub(crate) user_id: String,
    pub(crate) provider: String,
    pub(crate) sealed_key: String,
}

/// Some keys that are sealed with another key than this one.
pub(crate) fn find_sealed_otherwise(current: &str, most: u32) -> Statement {
    sql("SELECT user_id, provider, sealed_key FROM model_keys WHERE sealed_with <> ? LIMIT ?")
        .bind(current)
        .bind(most)
}

/// Puts a key that was sealed anew in the place of what was read, unless another is there by now.
pub(crate) fn seal_anew(
    user: &UserId,
    read: &SealedOtherwise,
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
pub(crate) fn list_keys(user: &UserId) -> Statement {
    sql("SELECT json_group_array(json_object('provider', provider, 'created_at', created_at)) AS items
         FROM (SELECT * FROM model_keys WHERE user_id = ? ORDER BY provider)")
        .bind(user.as_str())
}
