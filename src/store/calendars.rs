//! Calendars in D1.
//!
//! Everybody has one from the start: its row is made by the first batch that needs it
//! ([`ensure_primary`]), under an identifier that follows from the person's.

use delegate_core::calendar::collection::{Calendar, CalendarPatch};
use delegate_core::calendar::event::primary_calendar;
use delegate_core::event::EventType;
use delegate_core::identifier::{CalendarId, EventId, UserId};
use delegate_core::time::Timestamp;

use super::guard::{must_have_room, must_hold};
use super::list::List;
use super::outbox;
use crate::platform::database::{Statement, sql};

/// The JSON of a calendar, as `delegate_core::calendar::collection::Calendar` serialises.
macro_rules! calendar_json {
    () => {
        "json_object('id', calendars.id, 'name', calendars.name, \
         'description', calendars.description, 'color', calendars.color, \
         'time_zone', calendars.time_zone, \
         'is_primary', json(iif(calendars.is_primary, 'true', 'false')), \
         'is_busy', json(iif(calendars.is_busy, 'true', 'false')), \
         'created_at', calendars.created_at, 'updated_at', calendars.updated_at)"
    };
}

pub(super) use calendar_json;

/// Makes the calendar that everybody has, unless it is there. For somebody whose account is gone it
/// makes nothing.
pub(crate) fn ensure_primary(user: &UserId, now: Timestamp) -> Statement {
    sql(
        "INSERT INTO calendars (id, user_id, name, description, is_primary, is_busy, created_at, updated_at)
         SELECT ?1, id, iif(name = '', email, name), '', 1, 1, ?3, ?3 FROM users
         WHERE id = ?2 AND NOT EXISTS (SELECT 1 FROM calendars WHERE id = ?1)",
    )
    .bind(primary_calendar(user).as_str())
    .bind(user.as_str())
    .bind(now)
}

/// The statements that store a calendar and tell of it. They fail (`guard`) where the person has
/// `most` already.
pub(crate) fn insert(
    user: &UserId,
    calendar: &Calendar,
    json: &str,
    most: u32,
    event: &EventId,
) -> Vec<Statement> {
    vec![
        must_have_room!(most, "calendars WHERE user_id = ?").bind(user.as_str()),
        sql(
            "INSERT INTO calendars (id, user_id, name, description, color, time_zone, is_primary,
               is_busy, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?8)",
        )
        .bind(calendar.id.as_str())
        .bind(user.as_str())
        .bind(&calendar.name)
        .bind(&calendar.description)
        .bind(calendar.color.as_deref())
        .bind(calendar.time_zone.as_deref())
        .bind(calendar.is_busy)
        .bind(calendar.created_at),
        outbox::append(
            user,
            event,
            EventType::CalendarCreated,
            json,
            calendar.created_at,
        ),
    ]
}

/// What a calendar is called; no row where there is none. The primary one need not have been made.
pub(crate) fn find_name(user: &UserId, id: &CalendarId) -> Statement {
    sql("SELECT COALESCE(c.name, '') AS name FROM users AS u
         LEFT JOIN calendars AS c ON c.user_id = u.id AND c.id = ?1
         WHERE u.id = ?2 AND (c.id IS NOT NULL OR ?1 = ?3)")
    .bind(id.as_str())
    .bind(user.as_str())
    .bind(primary_calendar(user).as_str())
}

/// Fails (`guard`) where a calendar is not one of the person's.
pub(crate) fn must_exist(user: &UserId, id: &CalendarId) -> Statement {
    must_hold!("EXISTS (SELECT 1 FROM calendars WHERE user_id = ? AND id = ?)")
        .bind(user.as_str())
        .bind(id.as_str())
}

/// One calendar, and its version.
pub(crate) fn find(user: &UserId, id: &CalendarId) -> Statement {
    sql(concat!(
        "SELECT ",
        calendar_json!(),
        " AS calendar, version FROM calendars WHERE user_id = ? AND id = ?"
    ))
    .bind(user.as_str())
    .bind(id.as_str())
}

/// The calendars of a person.
pub(crate) fn list(user: &UserId) -> List {
    List::of(
        user.as_str(),
        "calendars",
        calendar_json!(),
        "calendars.user_id = ?",
        "calendars.id",
    )
}

/// The statements of a change: the change itself, the event, and what the calendar then is (at the
/// end).
pub(crate) fn update(
    user: &UserId,
    id: &CalendarId,
    patch: &CalendarPatch,
    versions: Option<&str>,
    event: &EventId,
    now: Timestamp,
) -> Vec<Statement> {
    let told = concat!(
        calendar_json!(),
        " FROM calendars WHERE user_id = ? AND id = ? AND changes() > 0"
    );
    vec![
        sql("UPDATE calendars SET
               name = COALESCE(?1, name),
               description = COALESCE(?2, description),
               color = CASE ?3 WHEN 1 THEN ?4 ELSE color END,
               time_zone = CASE ?5 WHEN 1 THEN ?6 ELSE time_zone END,
               is_busy = COALESCE(?7, is_busy),
               version = version + 1,
               updated_at = ?8
             WHERE user_id = ?9 AND id = ?10
               AND (?11 IS NULL OR version IN (SELECT value FROM json_each(?11)))")
        .bind(patch.name.as_deref())
        .bind(patch.description.as_deref())
        .bind(patch.color.is_some())
        .bind(patch.color.as_ref().and_then(Option::as_deref))
        .bind(patch.time_zone.is_some())
        .bind(patch.time_zone.as_ref().and_then(Option::as_deref))
        .bind(patch.is_busy)
        .bind(now)
        .bind(user.as_str())
        .bind(id.as_str())
        .bind(versions),
        outbox::append_from(user, event, EventType::CalendarUpdated, now, told)
            .bind(user.as_str())
            .bind(id.as_str()),
        find(user, id),
    ]
}

/// The statements that delete a calendar with its events, and whether it exists (at the end). The
/// first is the deletion; the primary calendar stays.
pub(crate) fn delete(
    user: &UserId,
    id: &CalendarId,
    versions: Option<&str>,
    event: &EventId,
    now: Timestamp,
) -> Vec<Statement> {
    vec![
        sql(
            "DELETE FROM calendars WHERE user_id = ? AND id = ? AND is_primary = 0
               AND (?3 IS NULL OR version IN (SELECT value FROM json_each(?3)))",
        )
        .bind(user.as_str())
        .bind(id.as_str())
        .bind(versions),
        outbox::append_from(
            user,
            event,
            EventType::CalendarDeleted,
            now,
            "json_object('id', ?) WHERE changes() > 0",
        )
        .bind(id.as_str()),
        sql("SELECT is_primary FROM calendars WHERE user_id = ? AND id = ?")
            .bind(user.as_str())
            .bind(id.as_str()),
    ]
}
