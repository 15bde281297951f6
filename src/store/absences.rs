//! Absences in D1. They are kept as they were written; what becomes of days is decided where they are
//! read, in the zone that the person is then in, which is read along with them.

use chrono_tz::Tz;
use delegate_core::calendar::hours::absence::{Absence, StoredAbsence};
use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{AbsenceId, EventId, UserId};
use delegate_core::time::{ResolvedTime, Timestamp};
use serde::Deserialize;

use super::guard::must_have_room;
use super::list::{Direction, List};
use super::outbox;
use super::tasks::json;
use crate::platform::database::{Answer, Statement, sql};

/// The JSON of an absence, as `StoredAbsence` reads it.
macro_rules! absence_json {
    () => {
        "json_object('id', a.id, 'kind', a.kind, 'start', json(a.starts), 'end', json(a.ends), \
         'time_zone', a.time_zone, 'note', a.note, \
         'created_at', a.created_at, 'updated_at', a.updated_at)"
    };
}

pub(super) use absence_json;

/// The same, for who reads it beside other things from `calendar_absences AS a`.
pub(crate) const JSON: &str = absence_json!();

/// A calendar time as it was said.
fn said(time: &ResolvedTime) -> Result<String, Error> {
    let ResolvedTime {
        date,
        date_time,
        time_zone,
        instant: _,
    } = time;
    match date {
        Some(date) => json(&serde_json::json!({ "date": date })),
        None => json(&serde_json::json!({ "date_time": date_time, "time_zone": time_zone })),
    }
}

/// Binds what an absence says: `kind`, `starts`, `ends`, `start_at`, `end_at`, `time_zone`, `note`,
/// `updated_at`.
fn bind(statement: Statement, absence: &Absence) -> Result<Statement, Error> {
    let span = absence.span();
    Ok(statement
        .bind(absence.kind.as_str())
        .bind(said(&absence.start)?)
        .bind(said(&absence.end)?)
        .bind(span.start)
        .bind(span.end)
        .bind(absence.time_zone.map(|zone| zone.0.name()))
        .bind(absence.note.as_deref())
        .bind(absence.updated_at))
}

/// The statements that store an absence and tell of it. They fail (`guard`) where the person has
/// `most` already.
pub(crate) fn insert(
    user: &UserId,
    absence: &Absence,
    absence_json: &str,
    most: u32,
    event: &EventId,
) -> Result<Vec<Statement>, Error> {
    let insert = sql(
        "INSERT INTO calendar_absences (kind, starts, ends, start_at, end_at, time_zone, note,
           updated_at, id, user_id, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    let now = absence.created_at;
    Ok(vec![
        must_have_room!(most, "calendar_absences WHERE user_id = ?").bind(user.as_str()),
        bind(insert, absence)?
            .bind(absence.id.as_str())
            .bind(user.as_str())
            .bind(now),
        outbox::append(user, event, EventType::AbsenceCreated, absence_json, now),
    ])
}

/// An absence, and the zone of its person.
pub(crate) fn find(user: &UserId, id: &AbsenceId) -> Statement {
    sql(concat!(
        "SELECT ",
        absence_json!(),
        " AS absence, a.version, u.time_zone
         FROM calendar_absences AS a JOIN users AS u ON u.id = a.user_id
         WHERE a.user_id = ? AND a.id = ?"
    ))
    .bind(user.as_str())
    .bind(id.as_str())
}

/// What is found of an absence.
pub(crate) struct Found {
    pub(crate) absence: Absence,
    pub(crate) version: u32,
    /// The zone that its days are read in, unless it is a travel.
    pub(crate) person_zone: Tz,
}

/// What [`find`] found.
pub(crate) fn found(answer: &Answer) -> Result<Option<Found>, Error> {
    let (Some(text), Some(version)) = (answer.text("absence"), answer.version()) else {
        return Ok(None);
    };
    let person_zone = super::events::zone(answer);
    Ok(Some(Found {
        absence: read::<StoredAbsence>(&text)?.resolved(person_zone),
        version,
        person_zone,
    }))
}

/// The absences of a page.
pub(crate) fn items(answer: &Answer, person_zone: Tz) -> Result<Vec<Absence>, Error> {
    let text = answer.text("items").unwrap_or_else(|| "[]".to_owned());
    let stored: Vec<StoredAbsence> = read(&text)?;
    Ok(stored
        .into_iter()
        .map(|absence| absence.resolved(person_zone))
        .collect())
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Error> {
    serde_json::from_str(text)
        .map_err(|error| Error::internal(format!("a stored absence: {error}")))
}

/// The absences of a person, in the order in which they start.
pub(crate) fn list(user: &UserId) -> List {
    List::of(
        user.as_str(),
        "calendar_absences AS a",
        absence_json!(),
        "a.user_id = ?",
        "a.id",
    )
    .ordered("a.start_at", Direction::Ascending)
}

/// The statements that put what an absence has become in the place of this version, and tell of it.
/// The first changes nothing where it has another version since.
pub(crate) fn replace(
    user: &UserId,
    absence: &Absence,
    version: u32,
    event: &EventId,
) -> Result<Vec<Statement>, Error> {
    let update = sql(
        "UPDATE calendar_absences SET kind = ?, starts = ?, ends = ?, start_at = ?, end_at = ?,
           time_zone = ?, note = ?, updated_at = ?, version = version + 1
         WHERE user_id = ? AND id = ? AND version = ?",
    );
    let (kind, now) = (EventType::AbsenceUpdated, absence.updated_at);
    Ok(vec![
        bind(update, absence)?
            .bind(user.as_str())
            .bind(absence.id.as_str())
            .bind(version),
        outbox::append_if_changed(user, event, kind, &json(absence)?, now),
    ])
}

/// The statements that delete an absence, and whether it exists (at the end). The first is the
/// deletion.
pub(crate) fn delete(
    user: &UserId,
    id: &AbsenceId,
    versions: Option<&str>,
    event: &EventId,
    now: Timestamp,
) -> Vec<Statement> {
    vec![
        sql("DELETE FROM calendar_absences WHERE user_id = ? AND id = ?
               AND (?3 IS NULL OR version IN (SELECT value FROM json_each(?3)))")
        .bind(user.as_str())
        .bind(id.as_str())
        .bind(versions),
        outbox::append_from(
            user,
            event,
            EventType::AbsenceDeleted,
            now,
            "json_object('id', ?) WHERE changes() > 0",
        )
        .bind(id.as_str()),
        sql("SELECT 1 AS present FROM calendar_absences WHERE user_id = ? AND id = ?")
            .bind(user.as_str())
            .bind(id.as_str()),
    ]
}
