//! Documents that everybody has one of, in D1: read and written whole, and for who never said anything
//! that of the type's default. Their tables have the columns `user_id`, `document`, `version` and
//! `updated_at`.

use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{EventId, UserId};
use delegate_core::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::outbox;
use super::tasks::json;
use crate::platform::database::{Answer, Statement, sql};

/// One kind of document.
pub(crate) struct Documents {
    /// The table that they are in.
    pub(crate) table: &'static str,
    /// What is told when one changes.
    pub(crate) changed: EventType,
}

/// When people work, and how they like their meetings.
pub(crate) const WORKING_HOURS: Documents = Documents {
    table: "calendar_hours",
    changed: EventType::WorkingHoursUpdated,
};

/// What people prefer: which model reads their mail, what it may cost, what stays here.
pub(crate) const PREFERENCES: Documents = Documents {
    table: "preferences",
    changed: EventType::PreferencesUpdated,
};

/// A document and its version, which is 0 before anything was said.
pub(crate) struct Found<D> {
    pub(crate) document: D,
    /// When the account was made.
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) version: u32,
}

impl Documents {
    /// The document of a person.
    pub(crate) fn find(&self, user: &UserId) -> Statement {
        sql(format!(
            "SELECT d.document, COALESCE(d.version, 0) AS version, u.created_at,
               COALESCE(d.updated_at, u.created_at) AS updated_at
             FROM users AS u LEFT JOIN {} AS d ON d.user_id = u.id WHERE u.id = ?",
            self.table
        ))
        .bind(user.as_str())
    }

    /// The statements that put a document in the place of the one that is there, tell of it, and read
    /// what is there then. The first changes nothing where the version is none of these.
    pub(crate) fn replace(
        &self,
        user: &UserId,
        document: &impl Serialize,
        versions: Option<&str>,
        event: &EventId,
        now: Timestamp,
    ) -> Result<Vec<Statement>, Error> {
        let table = self.table;
        let told = format!(
            "json_set(d.document, '$.created_at', u.created_at, '$.updated_at', d.updated_at)
             FROM {table} AS d JOIN users AS u ON u.id = d.user_id
             WHERE u.id = ? AND changes() > 0"
        );
        Ok(vec![
            sql(format!(
                "INSERT INTO {table} (user_id, document, updated_at)
                 SELECT u.id, ?2, ?3 FROM users AS u LEFT JOIN {table} AS d ON d.user_id = u.id
                 WHERE u.id = ?1 AND (?4 IS NULL
                   OR COALESCE(d.version, 0) IN (SELECT value FROM json_each(?4)))
                 ON CONFLICT (user_id) DO UPDATE SET document = excluded.document,
                   version = version + 1, updated_at = excluded.updated_at"
            ))
            .bind(user.as_str())
            .bind(json(document)?)
            .bind(now)
            .bind(versions),
            outbox::append_from(user, event, self.changed, now, &told).bind(user.as_str()),
            self.find(user),
        ])
    }
}

/// What [`Documents::find`] found; nothing where the account is gone.
pub(crate) fn found<D: DeserializeOwned + Default>(
    answer: &Answer,
) -> Result<Option<Found<D>>, Error> {
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
        document: read(row.document.as_deref())?,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    }))
}

/// A document as it is stored, or that of who never said anything.
pub(crate) fn read<D: DeserializeOwned + Default>(document: Option<&str>) -> Result<D, Error> {
    document.map_or_else(
        || Ok(D::default()),
        |text| {
            serde_json::from_str(text)
                .map_err(|error| Error::internal(format!("a stored document: {error}")))
        },
    )
}
