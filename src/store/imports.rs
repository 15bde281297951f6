//! Events of files on their way into a calendar, in D1. What becomes of each is decided by
//! `delegate_core::calendar::import` between the two: what is known is read, and what comes of it is
//! written only if it is still so.

use delegate_core::calendar::event::EventRef;
use delegate_core::calendar::import::{Known, Outcome};
use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{CalendarId, EventId, UserId};
use delegate_core::time::Timestamp;
use serde::Deserialize;

use super::events::{Row, store_changed};
use super::guard::must_be_as_seen;
use super::outbox;
use super::tasks::json;
use crate::platform::database::{Answer, Statement, sql};

/// How many bytes of JSON one statement takes: D1 takes no text of more than 2 MB.
const STATEMENT_BYTES: usize = 1_000_000;

/// The zone of a person, and whether a calendar is theirs.
pub(crate) fn target(user: &UserId, calendar: &CalendarId) -> Statement {
    sql(
        "SELECT u.time_zone, c.id IS NOT NULL AS present FROM users AS u
         LEFT JOIN calendars AS c ON c.user_id = u.id AND c.id = ? WHERE u.id = ?",
    )
    .bind(calendar.as_str())
    .bind(user.as_str())
}

/// Everything in a calendar that has one of these UIDs.
pub(crate) fn known(
    user: &UserId,
    calendar: &CalendarId,
    uids: &[&str],
) -> Result<Statement, Error> {
    let orphan = "e.series_id IS NULL AND e.original_key <> ''";
    Ok(sql(format!(
        "SELECT json_object('id', e.id, 'ical_uid', e.ical_uid, 'original_key', e.original_key,
           'is_occurrence', json(iif(e.series_id IS NULL, 'false', 'true')),
           'is_series', json(iif(e.shape = 'series', 'true', 'false')),
           'sequence', e.sequence, 'updated_at', e.updated_at, 'start', json(e.starts),
           'overridden', json(e.overridden),
           'extra', json(iif({orphan}, e.extra, '[]')), 'version', e.version) AS known
         FROM json_each(?3) AS uid
         JOIN calendar_events AS e ON e.calendar_id = ?2 AND e.ical_uid = uid.value
         WHERE e.user_id = ?1"
    ))
    .bind(user.as_str())
    .bind(calendar.as_str())
    .bind(json(&uids)?))
}

/// What [`known`] found.
pub(crate) fn read_known(answer: &Answer) -> Result<Vec<Known>, Error> {
    #[derive(Deserialize)]
    struct Read {
        known: String,
    }
    let rows = answer.rows::<Read>()?;
    let read = rows.iter().map(|row| serde_json::from_str(&row.known));
    read.collect::<Result<_, _>>()
        .map_err(|error| Error::internal(format!("a stored event: {error}")))
}

/// The statements that write what events of a file come to, and tell of it: all of it, or nothing where
/// something of what was looked at has changed since.
pub(crate) fn take_in(
    user: &UserId,
    outcome: &Outcome,
    (calendar, job): (&CalendarId, Option<&str>),
    mut event: impl FnMut() -> Result<EventId, Error>,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let mut statements = vec![still(user, &outcome.seen)?];
    if !outcome.dropped.is_empty() {
        statements.push(
            sql("DELETE FROM calendar_events
                 WHERE user_id = ? AND id IN (SELECT value FROM json_each(?))")
            .bind(user.as_str())
            .bind(json(&outcome.dropped)?),
        );
    }
    for rows in pieces(outcome)? {
        statements.push(store_changed(user, &rows));
        let told = "json_object('id', ?, 'job_id', ?, 'changed', changes()) WHERE changes() > 0";
        let told = outbox::append_from(user, &event()?, EventType::CalendarImported, now, told);
        statements.push(told.bind(calendar.as_str()).bind(job));
    }
    if !outcome.overridden.is_empty() {
        statements.push(
            sql(
                "UPDATE calendar_events SET version = version + 1, overridden = (
                   SELECT json_group_array(value) FROM (
                     SELECT value FROM json_each(calendar_events.overridden)
                     UNION SELECT value FROM json_each(more.value, '$[1]')))
                 FROM json_each(?2) AS more
                 WHERE calendar_events.user_id = ?1
                   AND calendar_events.id = more.value ->> '$[0]'",
            )
            .bind(user.as_str())
            .bind(json(&outcome.overridden)?),
        );
    }
    if !outcome.adopted.is_empty() {
        statements.push(
            sql("UPDATE calendar_events SET id = a.value ->> '$.id',
                   series_id = a.value ->> '$.series_id', original_key = a.value ->> '$.key',
                   original_start = a.value -> '$.original_start', extra = a.value -> '$.extra',
                   version = version + 1
                 FROM json_each(?2) AS a
                 WHERE calendar_events.user_id = ?1
                   AND calendar_events.id = a.value ->> '$.from'")
            .bind(user.as_str())
            .bind(json(&outcome.adopted)?),
        );
    }
    Ok(statements)
}

/// Fails (`guard`) where one of these events has another version since.
fn still(user: &UserId, seen: &[(EventRef, u32)]) -> Result<Statement, Error> {
    Ok(must_be_as_seen!("calendar_events")
        .bind(user.as_str())
        .bind(json(&seen)?))
}

/// The rows as JSON arrays, each of which one statement takes.
fn pieces(outcome: &Outcome) -> Result<Vec<String>, Error> {
    let mut pieces: Vec<String> = Vec::new();
    for row in &outcome.stored {
        let row = json(&Row::of(&row.stored, &row.extra, None)?.replacing(&row.key))?;
        match pieces.last_mut() {
            Some(piece) if piece.len() + row.len() < STATEMENT_BYTES => {
                piece.push(',');
                piece.push_str(&row);
            }
            _ => pieces.push(format!("[{row}")),
        }
    }
    for piece in &mut pieces {
        piece.push(']');
    }
    Ok(pieces)
}
