//! Feeds in D1, and what calendars are written from for them and for exports.

use delegate_core::calendar::feed::Feed;
use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{CalendarId, EventId, FeedId, UserId};
use delegate_core::time::Timestamp;

use super::events::JSON;
use super::guard::must_have_room;
use super::list::List;
use super::outbox;
use super::tasks::json;
use crate::platform::database::{Statement, sql};

/// The JSON of a feed, as `delegate_core::calendar::feed::Feed` serialises.
macro_rules! feed_json {
    () => {
        "json_object('id', f.id, 'name', f.name, 'calendar_ids', json(f.calendar_ids), \
         'detail', f.detail, 'created_at', f.created_at, 'updated_at', f.updated_at)"
    };
}

pub(super) use feed_json;

/// What fails where a calendar of a feed is not one of the person's.
pub(crate) const NO_SUCH_CALENDAR: &str = "NOT NULL constraint failed: calendar_feeds.user_id";

/// The statements that store a feed and tell of it. They fail where the person has `most` already
/// (`guard`), or a calendar is not theirs ([`NO_SUCH_CALENDAR`]).
pub(crate) fn insert(
    user: &UserId,
    feed: &Feed,
    (feed_json, token_hash): (&str, &str),
    most: u32,
    event: &EventId,
) -> Result<Vec<Statement>, Error> {
    let calendars = feed.calendar_ids.as_ref().map(json).transpose()?;
    Ok(vec![
        super::calendars::ensure_primary(user, feed.created_at),
        must_have_room!(most, "calendar_feeds WHERE user_id = ?").bind(user.as_str()),
        sql(
            "INSERT INTO calendar_feeds (id, user_id, name, calendar_ids, detail, token_hash,
               created_at, updated_at)
             SELECT ?1, iif(EXISTS (SELECT 1 FROM json_each(?4) AS c WHERE c.value NOT IN (
               SELECT id FROM calendars WHERE user_id = ?2)), NULL, ?2), ?3, ?4, ?5, ?6, ?7, ?7",
        )
        .bind(feed.id.as_str())
        .bind(user.as_str())
        .bind(&feed.name)
        .bind(calendars)
        .bind(feed.detail.as_str())
        .bind(token_hash)
        .bind(feed.created_at),
        outbox::append(
            user,
            event,
            EventType::FeedCreated,
            feed_json,
            feed.created_at,
        ),
    ])
}

/// The feeds of a person.
pub(crate) fn list(user: &UserId) -> List {
    List::of(
        user.as_str(),
        "calendar_feeds AS f",
        feed_json!(),
        "f.user_id = ?",
        "f.id",
    )
}

/// One feed.
pub(crate) fn find(user: &UserId, id: &FeedId) -> Statement {
    sql(concat!(
        "SELECT ",
        feed_json!(),
        " AS feed FROM calendar_feeds AS f WHERE f.user_id = ? AND f.id = ?"
    ))
    .bind(user.as_str())
    .bind(id.as_str())
}

/// The statements that revoke a feed, the revocation first.
pub(crate) fn delete(
    user: &UserId,
    id: &FeedId,
    event: &EventId,
    now: Timestamp,
) -> [Statement; 2] {
    [
        sql("DELETE FROM calendar_feeds WHERE user_id = ? AND id = ?")
            .bind(user.as_str())
            .bind(id.as_str()),
        outbox::append_from(
            user,
            event,
            EventType::FeedDeleted,
            now,
            "json_object('id', ?) WHERE changes() > 0",
        )
        .bind(id.as_str()),
    ]
}

/// The feed behind a secret, whose it is, and what changes whenever one of its events or calendars does.
/// Nothing where there is none, or where the account is being erased.
pub(crate) fn find_by_secret(token_hash: &str) -> Statement {
    sql(concat!(
        "SELECT f.user_id, ",
        feed_json!(),
        " AS feed, (
           SELECT json_array(COUNT(*), SUM(e.version), MAX(e.updated_at), MAX(e.id),
             SUM(e.busy = 'free'))
           FROM calendar_events AS e WHERE e.user_id = f.user_id AND (f.calendar_ids IS NULL
             OR e.calendar_id IN (SELECT value FROM json_each(f.calendar_ids)))) AS events, (
           SELECT json_array(COUNT(*), SUM(c.version), MAX(c.id))
           FROM calendars AS c WHERE c.user_id = f.user_id) AS calendars
         FROM calendar_feeds AS f JOIN users AS u ON u.id = f.user_id
         WHERE f.token_hash = ? AND u.erasing_at IS NULL"
    ))
    .bind(token_hash)
}

/// Which events are written.
#[derive(Clone)]
pub(crate) struct Chosen {
    /// Whose.
    pub(crate) user: UserId,
    /// Of which calendars; of all where it says nothing.
    pub(crate) calendars: Option<Vec<CalendarId>>,
    /// Only those that end after this instant, in milliseconds since 1970.
    pub(crate) from: Option<i64>,
    /// Only those that take up time, with what frees single occurrences of them.
    pub(crate) busy_only: bool,
}

/// The condition of events that are chosen, of the row `e`; the values are the first four.
const CHOSEN: &str = "e.user_id = ?1
    AND (?2 IS NULL OR e.calendar_id IN (SELECT value FROM json_each(?2)))
    AND (?3 IS NULL OR e.last_at > ?3 OR EXISTS (
      SELECT 1 FROM calendar_events AS s WHERE s.id = e.series_id AND s.last_at > ?3))
    AND (?4 = 0 OR (EXISTS (SELECT 1 FROM calendars AS c WHERE c.id = e.calendar_id AND c.is_busy = 1)
      AND (e.busy <> 'free' OR EXISTS (
        SELECT 1 FROM calendar_events AS s WHERE s.id = e.series_id AND s.busy <> 'free'))))";

/// How many events are read at once, and how many characters of them.
const PER_PAGE: u32 = 500;
const CHARACTERS_PER_PAGE: u32 = 400_000;

impl Chosen {
    fn bound(&self, text: String) -> Result<Statement, Error> {
        Ok(sql(text)
            .bind(self.user.as_str())
            .bind(self.calendars.as_ref().map(json).transpose()?)
            .bind(self.from)
            .bind(self.busy_only))
    }

    /// The zones in which they are said, and between which instants: rows of `zone`, `first_at` and
    /// `last_at`.
    pub(crate) fn zones(&self) -> Result<Statement, Error> {
        self.bound(format!(
            "SELECT zone, MIN(first_at) AS first_at, MAX(last_at) AS last_at FROM (
               SELECT t.value ->> '$.time_zone' AS zone, e.first_at,
                 iif(e.shape = 'series', e.first_at, e.last_at) AS last_at
               FROM calendar_events AS e,
                 json_each(json_array(json(e.starts), json(e.ends), json(e.original_start))) AS t
               WHERE {CHOSEN})
             WHERE zone IS NOT NULL AND zone <> 'UTC' GROUP BY zone"
        ))
    }

    /// Some of them, behind one: `items` is a JSON array of the event, what it does to the person's time
    /// and what is kept beside it; `last` the identifier of the last, where others may follow.
    pub(crate) fn page(&self, after: Option<&str>) -> Result<Statement, Error> {
        let page = self.bound(format!(
            "SELECT json_group_array(json(item)) AS items,
               iif(MAX(total) = {PER_PAGE} OR COUNT(*) < MAX(total), MAX(id), NULL) AS last
             FROM (
               SELECT item, id, SUM(length(item)) OVER (ORDER BY id) - length(item) AS before,
                 COUNT(*) OVER () AS total
               FROM (
                 SELECT json_object('event', {JSON}, 'extra', json(e.extra), 'busy', e.busy) AS item,
                   e.id FROM calendar_events AS e
                 WHERE {CHOSEN} AND e.id > ?5 ORDER BY e.id LIMIT {PER_PAGE}))
             WHERE before < {CHARACTERS_PER_PAGE}"
        ))?;
        Ok(page.bind(after.unwrap_or_default()))
    }
}
