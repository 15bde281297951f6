//! What takes up people's time, read for many of them in one answer, and the claim by which a time
//! that was found free is taken (docs/decisions/0015-a-time-is-claimed-in-the-batch.md).

use delegate_core::calendar::agenda::Agenda;
use delegate_core::calendar::interval::Interval;
use delegate_core::calendar::series::{LONG_MS, NEVER, Shape};
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{PlanId, UserId};
use delegate_core::scope::Scope;
use delegate_core::time::Timestamp;
use serde::Deserialize;

use super::tasks::json;
use crate::platform::database::{Answer, Statement, sql, violates};

/// When the event `e` takes place, as `delegate_core::calendar::agenda::Timing` reads it.
pub(super) const TIMING: &str = "json_object('start', json(e.starts), 'end', json(e.ends),
    'recurrence', json(e.recurrence), 'overridden', json(e.overridden), 'last_at', e.last_at)";

/// The agendas of people in a window: of who asks, and of those who let them see when they are free.
/// Others are left out, whether there is such a person or not.
pub(crate) fn find(
    asking: &UserId,
    users: &[UserId],
    window: Interval,
    now: Timestamp,
) -> Result<Statement, Error> {
    let read = Scope::CalendarRead.as_str();
    let free_busy = Scope::FreeBusy.as_str();
    let ids: Vec<&str> = users.iter().map(UserId::as_str).collect();
    let whose = format!(
        "json_each(?1) AS w JOIN users AS u ON u.id = w.value
         WHERE u.erasing_at IS NULL AND (u.id = ?2 OR EXISTS (
           SELECT 1 FROM delegations AS d, json_each(d.scopes) AS s
           WHERE d.user_id = u.id AND d.delegate_id = ?2 AND s.value IN ('{free_busy}', '{read}')
             AND (d.expires_at IS NULL OR d.expires_at > ?5)))"
    );
    let first = json(&ids)?;
    Ok(agendas(&whose, &first, asking.as_str(), window, None, now))
}

/// The agenda of a person without the blocks that a plan has written and may move.
pub(crate) fn find_for_plan(
    user: &UserId,
    window: Interval,
    plan: Option<&PlanId>,
    now: Timestamp,
) -> Statement {
    let whose = "users AS u WHERE u.id = ?1";
    agendas(whose, user.as_str(), "", window, plan, now)
}

/// The agenda of the person whose booking link has this slug.
pub(crate) fn find_by_link(slug: &str, window: Interval, now: Timestamp) -> Statement {
    let whose = "booking_links AS l JOIN users AS u ON u.id = l.user_id
         WHERE l.slug = ?1 AND u.erasing_at IS NULL";
    agendas(whose, slug, "", window, None, now)
}

/// The agendas of the people `u` that `whose` finds, with its values ?1 and ?2.
fn agendas(
    whose: &str,
    first: &str,
    second: &str,
    window: Interval,
    but: Option<&PlanId>,
    now: Timestamp,
) -> Statement {
    let timed = Shape::Timed.as_str();
    let counted = "FROM calendar_events AS e JOIN calendars AS c ON c.id = e.calendar_id
        WHERE e.user_id = u.id AND c.is_busy = 1 AND e.busy <> 'free'
          AND (?6 IS NULL OR e.origin_id IS NOT ?6 OR e.version IS NOT e.planned_version)";
    let short = format!(
        "{counted} AND e.is_long = 0 AND e.first_at > ?3 - {LONG_MS} - 1 AND e.first_at < ?4
           AND e.last_at > ?3"
    );
    let long = format!("{counted} AND e.is_long = 1 AND e.last_at > ?3 AND e.first_at < ?4");
    let other = format!("json_object('busy', e.busy, 'when', {TIMING}) AS item");
    sql(format!(
        "SELECT json_object('user_id', u.id, 'name', u.name, 'time_zone', u.time_zone,
           'revision', u.calendar_revision,
           'timed', (SELECT json_group_array(json_array(busy, first_at, last_at)) FROM (
             SELECT e.busy, e.first_at, e.last_at {short} AND e.shape = '{timed}'
             UNION ALL SELECT e.busy, e.first_at, e.last_at {long} AND e.shape = '{timed}')),
           'others', (SELECT json_group_array(json(item)) FROM (
             SELECT {other} {short} AND e.shape <> '{timed}'
             UNION ALL SELECT {other} {long} AND e.shape <> '{timed}')),
           'holds', (SELECT json_group_array(json_array(start_at, end_at)) FROM calendar_holds
             WHERE user_id = u.id AND end_at > ?3 AND start_at < ?4 AND expires_at > ?5),
           'absences', (SELECT json_group_array({}) FROM calendar_absences AS a
             WHERE a.user_id = u.id AND a.end_at > ?3 AND a.start_at < ?4),
           'hours', (SELECT json(document) FROM calendar_hours WHERE user_id = u.id)
         ) AS agenda
         FROM {whose}",
        super::absences::JSON
    ))
    .bind(first)
    .bind(second)
    .bind(window.start)
    .bind(window.end)
    .bind(now)
    .bind(but.map(PlanId::as_str))
}

/// The texts that [`find`] found, which [`Agenda`]s are read from.
pub(crate) fn texts(answer: &Answer) -> Result<Vec<String>, Error> {
    #[derive(Deserialize)]
    struct Row {
        agenda: String,
    }
    Ok(answer
        .rows::<Row>()?
        .into_iter()
        .map(|row| row.agenda)
        .collect())
}

/// Reads an agenda.
pub(crate) fn read(text: &str) -> Result<Agenda<'_>, Error> {
    serde_json::from_str(text).map_err(|error| Error::internal(format!("an agenda: {error}")))
}

/// Takes a time, if it is still free and nothing has moved that was computed with: else the statement
/// fails ([`refusal`]) and takes its batch with it.
pub(crate) fn claim(user: &UserId, time: Interval, revision: i64, now: Timestamp) -> Statement {
    sql(
        "INSERT INTO time_claims (user_id, start_at, end_at, revision, now)
         VALUES (?, ?, ?, ?, ?)",
    )
    .bind(user.as_str())
    .bind(time.start)
    .bind(time.end)
    .bind(revision)
    .bind(now)
}

/// The same for many times at once, and for none: then only that nothing has moved.
pub(crate) fn claim_all(
    user: &UserId,
    times: &[Interval],
    revision: i64,
    now: Timestamp,
) -> Result<Statement, Error> {
    // A time that nothing overlaps, so that the revision is asked about in any case.
    let never = Interval {
        start: -NEVER,
        end: -NEVER,
    };
    let times: Vec<&Interval> = times.iter().chain([&never]).collect();
    Ok(sql(
        "INSERT INTO time_claims (user_id, start_at, end_at, revision, now)
         SELECT ?1, value ->> '$.start', value ->> '$.end', ?3, ?4 FROM json_each(?2)",
    )
    .bind(user.as_str())
    .bind(json(&times)?)
    .bind(revision)
    .bind(now))
}

/// Why a claim was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Somebody else has the time.
    Taken,
    /// The calendar changed since it was read: the time may still be free.
    Stale,
}

/// Reads the failure of a claim.
pub(crate) fn refusal(error: &Error) -> Option<Refusal> {
    if violates(error, "time: taken") {
        Some(Refusal::Taken)
    } else if violates(error, "time: stale") {
        Some(Refusal::Stale)
    } else {
        None
    }
}

/// What is said of somebody who is not among those that were found.
pub(crate) const NOT_SHARED: &str = "must be somebody who lets you see when they are free";

/// What is said of a time that is not free.
pub(crate) fn taken() -> Error {
    Error::new(
        Kind::Conflict,
        "slot_taken",
        "The time is not free any more.",
    )
}
