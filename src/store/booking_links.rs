//! Booking links in D1. What guests reach is found by the slug, which is all that they have to show;
//! everything else takes the person first.

use delegate_core::calendar::booking::{BookingLink, BookingRules, Owner};
use delegate_core::calendar::interval::Interval;
use delegate_core::error::Error;
use delegate_core::identifier::{BookingLinkId, CalendarId, UserId};
use delegate_core::time::{Timestamp, parse_zone};
use serde::Deserialize;

use super::calendars::ensure_primary;
use super::guard::must_have_room;
use super::list::List;
use super::tasks::json;
use crate::platform::database::{Answer, Statement, sql};

/// The JSON of a link, as `delegate_core::calendar::booking::BookingLink` serialises.
macro_rules! link_json {
    () => {
        "json_patch(l.rules, json_object('id', l.id, 'slug', l.slug, \
         'created_at', l.created_at, 'updated_at', l.updated_at))"
    };
}

/// What fails where the calendar of a link is not one of the person's.
pub(crate) const NO_SUCH_CALENDAR: &str = "NOT NULL constraint failed: booking_links.user_id";

/// The person, if a calendar is theirs or none is meant.
macro_rules! owner {
    ($user:literal, $calendar:literal) => {
        concat!(
            "iif(",
            $calendar,
            " IS NULL OR EXISTS (SELECT 1 FROM calendars WHERE id = ",
            $calendar,
            " AND user_id = ",
            $user,
            "), ",
            $user,
            ", NULL)"
        )
    };
}

/// The statements that store a link. They fail (`guard`) where the person has `most` already, or the
/// calendar is not theirs ([`NO_SUCH_CALENDAR`]).
pub(crate) fn insert(
    user: &UserId,
    link: &BookingLink,
    most: u32,
) -> Result<Vec<Statement>, Error> {
    Ok(vec![
        ensure_primary(user, link.created_at),
        must_have_room!(most, "booking_links WHERE user_id = ?").bind(user.as_str()),
        sql(concat!(
            "INSERT INTO booking_links (id, user_id, slug, rules, created_at, updated_at)
             VALUES (?1, ",
            owner!("?2", "?6"),
            ", ?3, ?4, ?5, ?5)"
        ))
        .bind(link.id.as_str())
        .bind(user.as_str())
        .bind(&link.slug)
        .bind(json(&link.rules)?)
        .bind(link.created_at)
        .bind(link.rules.calendar_id.as_ref().map(CalendarId::as_str)),
    ])
}

/// One link with its version.
pub(crate) fn find(user: &UserId, id: &BookingLinkId) -> Statement {
    sql(
        "SELECT l.id, l.slug, l.rules, l.created_at, l.updated_at, l.version
         FROM booking_links AS l WHERE l.user_id = ? AND l.id = ?",
    )
    .bind(user.as_str())
    .bind(id.as_str())
}

/// What [`find`] found.
pub(crate) fn found(answer: &Answer) -> Result<Option<(BookingLink, u32)>, Error> {
    #[derive(Deserialize)]
    struct Row {
        id: BookingLinkId,
        slug: String,
        rules: String,
        created_at: Timestamp,
        updated_at: Timestamp,
        version: u32,
    }
    let Some(row) = answer.first::<Row>()? else {
        return Ok(None);
    };
    let link = BookingLink {
        id: row.id,
        slug: row.slug,
        rules: rules(&row.rules)?,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(Some((link, row.version)))
}

fn rules(text: &str) -> Result<BookingRules, Error> {
    serde_json::from_str(text).map_err(|error| Error::internal(format!("stored rules: {error}")))
}

/// The links of a person.
pub(crate) fn list(user: &UserId) -> List {
    List::of(
        user.as_str(),
        "booking_links AS l",
        link_json!(),
        "l.user_id = ?",
        "l.id",
    )
}

/// The statements that give a link other rules, if it is of this version, and what it then is (at the
/// end). The first is the change.
pub(crate) fn update(
    user: &UserId,
    id: &BookingLinkId,
    rules: &BookingRules,
    version: u32,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    Ok(vec![
        ensure_primary(user, now),
        sql(concat!(
            "UPDATE booking_links SET rules = ?1, version = version + 1, updated_at = ?2, user_id = ",
            owner!("?3", "?6"),
            " WHERE user_id = ?3 AND id = ?4 AND version = ?5"
        ))
        .bind(json(rules)?)
        .bind(now)
        .bind(user.as_str())
        .bind(id.as_str())
        .bind(version)
        .bind(rules.calendar_id.as_ref().map(CalendarId::as_str)),
        find(user, id),
    ])
}

/// The statements that delete a link, and whether it exists (at the end). What was booked stays.
pub(crate) fn delete(user: &UserId, id: &BookingLinkId, versions: Option<&str>) -> Vec<Statement> {
    vec![
        sql("DELETE FROM booking_links WHERE user_id = ? AND id = ?
               AND (?3 IS NULL OR version IN (SELECT value FROM json_each(?3)))")
        .bind(user.as_str())
        .bind(id.as_str())
        .bind(versions),
        find(user, id),
    ]
}

/// A link as guests meet it.
pub(crate) struct Open {
    pub(crate) id: BookingLinkId,
    pub(crate) rules: BookingRules,
    pub(crate) owner: Owner,
    pub(crate) zone: chrono_tz::Tz,
}

/// The link of a slug, with whose time it is. Where its calendar is gone, the primary one stands in.
pub(crate) fn find_open(slug: &str) -> Statement {
    sql(
        "SELECT l.id, l.rules, u.id AS user_id, u.name, u.email, u.time_zone,
           EXISTS (SELECT 1 FROM calendars WHERE id = l.rules ->> '$.calendar_id'
             AND user_id = u.id) AS has_calendar
         FROM booking_links AS l JOIN users AS u ON u.id = l.user_id
         WHERE l.slug = ? AND u.erasing_at IS NULL",
    )
    .bind(slug)
}

/// What [`find_open`] found, if it can be booked.
pub(crate) fn open(answer: &Answer) -> Result<Open, Error> {
    #[derive(Deserialize)]
    struct Row {
        id: BookingLinkId,
        rules: String,
        user_id: UserId,
        name: String,
        email: String,
        time_zone: String,
        has_calendar: u8,
    }
    let row = answer.first::<Row>()?.ok_or_else(Error::not_found)?;
    let mut rules = rules(&row.rules)?;
    if !rules.is_active {
        return Err(Error::not_found());
    }
    if row.has_calendar == 0 {
        rules.calendar_id = None;
    }
    Ok(Open {
        id: row.id,
        rules,
        owner: Owner {
            id: row.user_id,
            name: row.name,
            email: row.email,
        },
        zone: parse_zone(&row.time_zone).unwrap_or(chrono_tz::Tz::UTC),
    })
}

/// Fails (`guard`) where so many were booked by a link on a day.
pub(crate) fn room_on(link: &BookingLinkId, day: Interval, most: u32) -> Statement {
    must_have_room!(
        most,
        "calendar_events WHERE origin_id = ? AND busy <> 'free' AND first_at >= ? AND first_at < ?"
    )
    .bind(link.as_str())
    .bind(day.start)
    .bind(day.end)
}
