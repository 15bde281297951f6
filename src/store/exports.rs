//! Exports in D1: what goes into an archive, read in pieces that one step can hold, and the parts
//! that an archive is made of.
//!
//! An export holds what was there when it was asked for: every piece leaves out what is younger
//! than its row in `exports`, so that an export ends however much comes in meanwhile.

use chrono::TimeDelta;
use delegate_core::error::Error;
use delegate_core::export::ARCHIVES_KEPT;
use delegate_core::identifier::{JobId, UserId, WorkId};
use delegate_core::time::Timestamp;
use delegate_core::work::Work;
use serde::Deserialize;

use super::absences::absence_json;
use super::audit::Entry;
use super::calendars::calendar_json;
use super::feeds::feed_json;
use super::lessons::lesson_json;
use super::plans::{instant, plan_json};
use super::{jobs, work};
use crate::platform::database::{Statement, sql};

/// The kind of job that an export is.
pub(crate) const JOB: &str = "export";

/// How many rows one piece has at most.
const ROWS_PER_PIECE: u32 = 1_000;

/// After how many characters a piece ends: D1 gives no text of more than 2 MB, and a character has
/// at most 4 bytes. The first row is always in it.
const CHARACTERS_PER_PIECE: u32 = 400_000;

/// How long an export may take before its row is swept.
const MADE_WITHIN: TimeDelta = ARCHIVES_KEPT;

/// The statements that begin an export unless one is under way, and the job that then runs (at the
/// end). What the second-last changed tells whether it is a new one.
pub(crate) fn begin(
    user: &UserId,
    (job, first): (&JobId, &WorkId),
    entry: Entry<'_>,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    Ok(vec![
        jobs::insert_unless_running(user, job, JOB, now),
        work::insert(user, job, first, &Work::ExportAccountV1, now)?,
        sql("INSERT INTO exports (id, user_id, expires_at, created_at)
             SELECT id, user_id, ?, created_at FROM jobs WHERE id = ?")
        .bind(now.plus(MADE_WITHIN))
        .bind(job.as_str()),
        entry.written_if_changed(user, now),
        jobs::find_running(user, JOB),
    ])
}

/// Lists of an account that one step reads at once, by the names they have in its file. Those that
/// could be long are cut; nobody has a thousand devices.
const LISTS: [(&str, &str); 15] = [
    (
        "addresses",
        "SELECT json_object('address', address, 'created_at', created_at) AS item
         FROM user_addresses WHERE user_id = ?1 ORDER BY created_at, address",
    ),
    (
        "connections",
        "SELECT json_object('id', id, 'provider', provider, 'issuer', issuer, 'subject', subject,
           'email', email, 'scopes', json(scopes), 'status', status,
           'last_success_at', last_success_at, 'last_error', last_error, 'checked_at', checked_at,
           'created_at', created_at, 'updated_at', updated_at) AS item
         FROM connections WHERE user_id = ?1 ORDER BY id",
    ),
    (
        "sessions",
        "SELECT json_object('id', id, 'user_agent', user_agent, 'address', address,
           'created_at', created_at, 'last_used_at', last_used_at, 'ended_at', ended_at) AS item
         FROM sessions WHERE user_id = ?1 ORDER BY id DESC LIMIT 1000",
    ),
    (
        "api_keys",
        "SELECT json_object('id', id, 'name', name, 'scopes', json(scopes),
           'expires_at', expires_at, 'last_used_at', last_used_at,
           'created_at', created_at, 'updated_at', updated_at) AS item
         FROM api_keys WHERE user_id = ?1 ORDER BY id LIMIT 1000",
    ),
    (
        "delegations_given",
        "SELECT json_object('id', d.id, 'scopes', json(d.scopes), 'expires_at', d.expires_at,
           'to', json_object('id', u.id, 'name', u.name, 'email', u.email),
           'created_at', d.created_at, 'updated_at', d.updated_at) AS item
         FROM delegations AS d JOIN users AS u ON u.id = d.delegate_id
         WHERE d.user_id = ?1 ORDER BY d.id LIMIT 1000",
    ),
    (
        "delegations_received",
        "SELECT json_object('id', d.id, 'scopes', json(d.scopes), 'expires_at', d.expires_at,
           'from', json_object('id', u.id, 'name', u.name, 'email', u.email),
           'created_at', d.created_at, 'updated_at', d.updated_at) AS item
         FROM delegations AS d JOIN users AS u ON u.id = d.user_id
         WHERE d.delegate_id = ?1 ORDER BY d.id LIMIT 1000",
    ),
    (
        "invitations",
        "SELECT json_object('created_at', created_at, 'expires_at', expires_at,
           'used_at', used_at) AS item
         FROM invitations WHERE created_by = ?1 ORDER BY created_at DESC LIMIT 1000",
    ),
    (
        "calendars",
        concat!(
            "SELECT ",
            calendar_json!(),
            " AS item FROM calendars WHERE user_id = ?1 ORDER BY id"
        ),
    ),
    (
        "feeds",
        concat!(
            "SELECT ",
            feed_json!(),
            " AS item FROM calendar_feeds AS f WHERE f.user_id = ?1 ORDER BY f.id"
        ),
    ),
    (
        "working_hours",
        "SELECT json_set(document, '$.updated_at', updated_at) AS item
         FROM calendar_hours WHERE user_id = ?1",
    ),
    (
        "absences",
        concat!(
            "SELECT ",
            absence_json!(),
            " AS item FROM calendar_absences AS a WHERE a.user_id = ?1 ORDER BY a.id"
        ),
    ),
    (
        "preferences",
        "SELECT json_set(document, '$.updated_at', updated_at) AS item
         FROM preferences WHERE user_id = ?1",
    ),
    (
        "lessons",
        concat!(
            "SELECT ",
            lesson_json!(),
            " AS item FROM lessons AS l WHERE l.user_id = ?1 ORDER BY l.id"
        ),
    ),
    (
        "model_usage",
        "SELECT json_object('day', day, 'tokens', tokens, 'cost', cost_micros / 1e6) AS item
         FROM model_usage WHERE user_id = ?1 ORDER BY day",
    ),
    (
        "plans",
        concat!(
            "SELECT ",
            plan_json!(),
            " AS item FROM calendar_plans AS p WHERE p.user_id = ?1 ORDER BY p.id DESC LIMIT 1000"
        ),
    ),
];

/// What the account's file is made of: the person first, then one list after the other.
pub(crate) fn account(user: &UserId, job: &JobId) -> Vec<Statement> {
    let person = sql(
        "SELECT json_object('id', id, 'email', email, 'name', name, 'time_zone', time_zone,
           'role', role, 'has_password', json(iif(password_hash IS NULL, 'false', 'true')),
           'created_at', created_at, 'updated_at', updated_at) AS person,
           email,
           1 + (SELECT COUNT(*) FROM tasks, exports AS e WHERE tasks.user_id = users.id
                  AND e.id = ?2 AND tasks.created_at <= e.created_at)
             + (SELECT COUNT(*) FROM calendar_events AS c, exports AS e WHERE c.user_id = users.id
                  AND e.id = ?2 AND c.created_at <= e.created_at)
             + (SELECT COUNT(*) FROM emails, exports AS e WHERE emails.user_id = users.id
                  AND e.id = ?2 AND emails.created_at <= e.created_at) AS total
         FROM users WHERE id = ?1",
    )
    .bind(user.as_str())
    .bind(job.as_str());
    let lists = LISTS.iter().map(|(_, select)| {
        sql(format!(
            "SELECT json_group_array(json(item)) AS items FROM ({select})"
        ))
        .bind(user.as_str())
    });
    std::iter::once(person).chain(lists).collect()
}

/// The names of the lists of [`account`], in their order.
pub(crate) fn list_names() -> impl Iterator<Item = &'static str> {
    LISTS.iter().map(|(name, _)| *name)
}

/// What a piece is read from.
pub(crate) struct Pieces {
    /// `FROM …`, with joins.
    pub(crate) from: &'static str,
    /// The JSON of one row.
    pub(crate) item: &'static str,
    /// The column of the person.
    pub(crate) owner: &'static str,
    /// The column of the identifier, by which pieces are ordered.
    pub(crate) id: &'static str,
    /// The column of when it came in.
    pub(crate) created: &'static str,
}

impl Pieces {
    /// The rows after one, as many as a step can hold: `items` is their JSON, `number` how many
    /// they are, `last` the identifier of the last.
    pub(crate) fn after(&self, user: &UserId, job: &JobId, after: Option<&str>) -> Statement {
        let Self {
            from,
            item,
            owner,
            id,
            created,
        } = self;
        sql(format!(
            "SELECT json_group_array(json(item)) AS items, COUNT(*) AS number, MAX(id) AS last
             FROM (
               SELECT item, id, SUM(length(item)) OVER (ORDER BY id) - length(item) AS before
               FROM (
                 SELECT {item} AS item, {id} AS id FROM {from}
                 WHERE {owner} = ?1 AND {id} > ?2
                   AND {created} <= (SELECT created_at FROM exports WHERE id = ?3)
                 ORDER BY {id} LIMIT ?4))
             WHERE before < ?5"
        ))
        .bind(user.as_str())
        .bind(after.unwrap_or_default())
        .bind(job.as_str())
        .bind(ROWS_PER_PIECE)
        .bind(CHARACTERS_PER_PIECE)
    }
}

/// A message on its way into an archive.
#[derive(Debug, Deserialize)]
pub(crate) struct Message {
    /// Which one.
    pub(crate) id: String,
    /// Its JSON, with its text.
    pub(crate) item: String,
    /// When it came in.
    pub(crate) received_at: String,
    /// The R2 object that holds its source.
    pub(crate) key: String,
    /// The first byte.
    pub(crate) offset: f64,
    /// The number of bytes.
    pub(crate) length: f64,
    /// 1 where lines are escaped as in an mboxrd.
    pub(crate) escaped: u8,
}

/// The messages after one, as many as a step can hold: by their number, the length of their JSON,
/// and the bytes of their sources. The first is always among them.
pub(crate) fn messages(
    user: &UserId,
    job: &JobId,
    after: Option<&str>,
    (item, from): (&str, &str),
    (most, most_bytes): (u32, u32),
) -> Statement {
    sql(format!(
        "SELECT id, item, received_at, key, \"offset\", length, escaped FROM (
           SELECT *, SUM(length(item)) OVER w - length(item) AS characters_before,
             SUM(length) OVER w AS bytes, ROW_NUMBER() OVER w AS number
           FROM (
             SELECT emails.id, {item} AS item, emails.received_at, emails.raw_key AS key,
               emails.raw_offset AS \"offset\", emails.raw_length AS length,
               emails.raw_escaped AS escaped
             FROM {from}
             WHERE emails.user_id = ?1 AND emails.id > ?2
               AND emails.created_at <= (SELECT created_at FROM exports WHERE id = ?3)
             ORDER BY emails.id LIMIT ?4)
           WINDOW w AS (ORDER BY id))
         WHERE number = 1 OR (characters_before < ?5 AND bytes <= ?6) ORDER BY id"
    ))
    .bind(user.as_str())
    .bind(after.unwrap_or_default())
    .bind(job.as_str())
    .bind(most)
    .bind(CHARACTERS_PER_PIECE)
    .bind(most_bytes)
}

/// A part of an archive, as an object in R2.
#[derive(Debug, Deserialize)]
pub(crate) struct Part {
    /// The R2 object.
    pub(crate) key: String,
    /// The number of bytes.
    pub(crate) length: f64,
}

/// Notes a part that lies in R2. Nothing happens where the export is gone.
pub(crate) fn insert_part(job: &JobId, number: u32, key: &str, length: usize) -> Statement {
    sql("INSERT INTO export_parts (export_id, number, key, length)
         SELECT id, ?, ?, ? FROM exports WHERE id = ?
         ON CONFLICT DO UPDATE SET key = excluded.key, length = excluded.length")
    .bind(number)
    .bind(key)
    .bind(length)
    .bind(job.as_str())
}

/// The statements that end an export. The archives before it go: the newest is the one that counts.
pub(crate) fn finish(user: &UserId, job: &JobId, now: Timestamp) -> Vec<Statement> {
    vec![
        sql("UPDATE exports SET finished_at = ?, expires_at = ? WHERE id = ?")
            .bind(now)
            .bind(now.plus(ARCHIVES_KEPT))
            .bind(job.as_str()),
        sql("DELETE FROM exports WHERE user_id = ? AND id < ? AND changes() > 0")
            .bind(user.as_str())
            .bind(job.as_str()),
    ]
}

/// Which archive is the newest that is finished and not expired.
const NEWEST: &str = "SELECT id FROM exports
     WHERE user_id = ?1 AND finished_at IS NOT NULL AND expires_at > ?2 ORDER BY id DESC LIMIT 1";

/// An archive that can be fetched.
#[derive(Debug, Deserialize)]
pub(crate) struct Archive {
    /// Which one: its job's identifier.
    pub(crate) id: String,
    /// When it was finished.
    pub(crate) finished_at: String,
}

/// The newest archive, and its parts in their order; no row where there is none.
pub(crate) fn newest(user: &UserId, now: Timestamp) -> Vec<Statement> {
    let archive = format!("SELECT id, finished_at FROM exports WHERE id = ({NEWEST})");
    let parts = format!(
        "SELECT key, length FROM export_parts WHERE export_id = ({NEWEST}) ORDER BY number"
    );
    [archive, parts]
        .into_iter()
        .map(|select| sql(select).bind(user.as_str()).bind(now))
        .collect()
}

/// Notes in the trail that the newest archive was fetched, if there is one.
pub(crate) fn note_fetched(entry: Entry<'_>, user: &UserId, now: Timestamp) -> Statement {
    entry.written_where(
        user,
        now,
        "WHERE EXISTS (SELECT 1 FROM exports
           WHERE user_id = ?2 AND finished_at IS NOT NULL AND expires_at > ?11)",
    )
}

/// Which of these R2 objects are no part of an archive.
pub(crate) fn unreferenced(keys_json: &str) -> Statement {
    sql("SELECT key.value AS id FROM json_each(?) AS key
         WHERE key.value NOT IN (SELECT key FROM export_parts)")
    .bind(keys_json)
}
