//! Working hours in D1: one document a person, and for who never said anything none.

use delegate_core::calendar::hours::document::{KeptWorkingHours, WorkingHours};
use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{EventId, UserId};
use delegate_core::time::Timestamp;
use serde::Deserialize;

use super::outbox;
use super::tasks::json;
use crate::platform::database::{Answer, Statement, sql};

/// A document and its version, which is 0 before anything was said.
pub(crate) struct Found {
    pub(crate) kept: KeptWorkingHours,
    pub(crate) version: u32,
}

/// The document of a person.
pub(crate) fn find(user: &UserId) -> Statement {
    sql(
        "SELECT h.document, COALESCE(h.version, 0) AS version, u.created_at,
           COALESCE(h.updated_at, u.created_at) AS updated_at
         FROM users AS u LEFT JOIN calendar_hours AS h ON h.user_id = u.id WHERE u.id = ?",
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
    let document = match &row.document {
        None => WorkingHours::default(),
        Some(text) => serde_json::from_str(text)
            .map_err(|error| Error::internal(format!("stored working hours: {error}")))?,
    };
    Ok(Some(Found {
        kept: KeptWorkingHours {
            document,
            created_at: row.created_at,
            updated_at: row.updated_at,
        },
        version: row.version,
    }))
}

/// The statements that put a document in the place of the one that is there, tell of it, and read
/// what is there then. The first changes nothing where the version is none of these.
pub(crate) fn replace(
    user: &UserId,
    document: &WorkingHours,
    versions: Option<&str>,
    event: &EventId,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let told = "json_set(h.document, '$.created_at', u.created_at, '$.updated_at', h.updated_at)
         FROM calendar_hours AS h JOIN users AS u ON u.id = h.user_id
         WHERE u.id = ? AND changes() > 0";
    Ok(vec![
        sql("INSERT INTO calendar_hours (user_id, document, updated_at)
             SELECT u.id, ?2, ?3 FROM users AS u LEFT JOIN calendar_hours AS h ON h.user_id = u.id
             WHERE u.id = ?1 AND (?4 IS NULL
               OR COALESCE(h.version, 0) IN (SELECT value FROM json_each(?4)))
             ON CONFLICT (user_id) DO UPDATE SET document = excluded.document,
               version = version + 1, updated_at = excluded.updated_at")
        .bind(user.as_str())
        .bind(json(document)?)
        .bind(now)
        .bind(versions),
        outbox::append_from(user, event, EventType::WorkingHoursUpdated, now, told)
            .bind(user.as_str()),
        find(user),
    ])
}
