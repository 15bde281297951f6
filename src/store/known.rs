//! What a person's words can name, in one answer: the people they have to do with, and the events
//! that lie ahead. Everything is found by an index and cut, so that it costs the same however much a
//! person keeps.

use delegate_core::calendar::interval::Interval;
use delegate_core::calendar::series::{LONG_MS, Shape};
use delegate_core::calendar::words::known::{Known, MOST_EVENTS, MOST_PEOPLE};
use delegate_core::error::Error;
use delegate_core::identifier::UserId;
use delegate_core::scope::Scope;
use delegate_core::time::Timestamp;

use super::agendas::TIMING;
use crate::platform::database::{Answer, Statement, sql};

/// How long ago an event may be whose people are known, in milliseconds: half a year.
const BEHIND_MS: i64 = 183 * 86_400_000;
/// How many events, series and messages are looked through for people.
const LOOKED_THROUGH: u32 = 500;

/// What somebody's words can name, with the events of a window: those who let them see when they are
/// free, then those they meet, then (if `with_mail`) those they write to and who write to them.
pub(crate) fn find(user: &UserId, ahead: Interval, with_mail: bool, now: Timestamp) -> Statement {
    let (read, free_busy) = (Scope::CalendarRead.as_str(), Scope::FreeBusy.as_str());
    let timed = Shape::Timed.as_str();
    let short = "FROM calendar_events WHERE user_id = ?1 AND is_long = 0 AND first_at < ?3";
    let long = "FROM calendar_events WHERE user_id = ?1 AND is_long = 1 AND first_at < ?3";
    let named = "AND e.status <> 'cancelled' AND e.last_at > ?2";
    let other = format!("json_object('summary', e.summary, 'when', {TIMING}) AS item");
    let invited = format!(
        "SELECT * FROM (SELECT attendees, organizer {short} AND first_at > ?2 - {BEHIND_MS}
           ORDER BY first_at DESC LIMIT {LOOKED_THROUGH})
         UNION ALL SELECT * FROM (SELECT attendees, organizer {long} AND last_at > ?2 - {BEHIND_MS}
           ORDER BY last_at DESC LIMIT {LOOKED_THROUGH})"
    );
    // Of a message from the person those it goes to, and they count for more; of another its author.
    let written = format!(
        "SELECT sender, recipients, sender_address IN (
           SELECT address FROM user_addresses WHERE user_id = ?1) AS is_own
         FROM emails WHERE user_id = ?1 AND ?4 ORDER BY received_at DESC, id DESC
         LIMIT {LOOKED_THROUGH}"
    );
    sql(format!(
        "SELECT json_object(
           'time_zone', u.time_zone,
           'people', (SELECT json_group_array(json_object('user_id', user_id, 'address', address,
             'name', name, 'time_zone', time_zone)) FROM (
               SELECT o.id AS user_id, lower(o.email) AS address, o.name, o.time_zone,
                 0 AS source, 0 AS often
               FROM delegations AS d JOIN users AS o ON o.id = d.user_id
               WHERE d.delegate_id = ?1 AND o.erasing_at IS NULL
                 AND (d.expires_at IS NULL OR d.expires_at > ?5)
                 AND EXISTS (SELECT 1 FROM json_each(d.scopes) WHERE value IN ('{free_busy}', '{read}'))
               UNION ALL
               SELECT NULL, lower(p.value ->> '$.email'), max(p.value ->> '$.name'), NULL, 1, COUNT(*)
               FROM ({invited}) AS e, json_each(iif(e.organizer IS NULL, e.attendees,
                 json_insert(e.attendees, '$[#]', json(e.organizer)))) AS p
               GROUP BY 2
               UNION ALL
               SELECT NULL, lower(p.value ->> '$.address'), max(p.value ->> '$.name'), NULL, 2,
                 SUM(iif(m.is_own, 10, 1))
               FROM ({written}) AS m, json_each(iif(m.is_own, m.recipients,
                 json_array(json(m.sender)))) AS p
               GROUP BY 2
               ORDER BY source, often DESC, address)
             WHERE address IS NOT NULL AND name <> ''
               AND address NOT IN (SELECT address FROM user_addresses WHERE user_id = ?1)
             LIMIT {MOST_PEOPLE}),
           'timed', (SELECT json_group_array(json_array(summary, first_at, last_at)) FROM (
             SELECT e.summary, e.first_at, e.last_at FROM calendar_events AS e
             WHERE e.user_id = ?1 AND e.is_long = 0 AND e.shape = '{timed}' {named}
               AND e.first_at > ?2 - {LONG_MS} - 1 AND e.first_at < ?3
             ORDER BY e.first_at LIMIT {MOST_EVENTS})),
           'others', (SELECT json_group_array(json(item)) FROM (
             SELECT {other} FROM calendar_events AS e
             WHERE e.user_id = ?1 AND e.is_long = 0 AND e.shape <> '{timed}' {named}
               AND e.first_at > ?2 - {LONG_MS} - 1 AND e.first_at < ?3
             UNION ALL SELECT {other} FROM calendar_events AS e
             WHERE e.user_id = ?1 AND e.is_long = 1 AND e.first_at < ?3 {named}
             LIMIT {MOST_EVENTS}))
         ) AS known FROM users AS u WHERE u.id = ?1"
    ))
    .bind(user.as_str())
    .bind(ahead.start)
    .bind(ahead.end)
    .bind(with_mail)
    .bind(now)
}

/// The text that [`find`] found.
pub(crate) fn text(answer: &Answer) -> Result<String, Error> {
    answer.text("known").ok_or_else(Error::not_found)
}

/// Reads it.
pub(crate) fn read(text: &str) -> Result<Known<'_>, Error> {
    serde_json::from_str(text)
        .map_err(|error| Error::internal(format!("what words can name: {error}")))
}
