//! How often something was tried lately, in D1. Whom a row is about can't be read from it: `subject`
//! is a hash with a key (`http::limits` makes them). The rules are in `delegate_core::limit`.
//!
//! A try is counted by the statement that asks whether it may be made, so that of many at once no
//! more pass than of as many in a row.

use delegate_core::limit::{FORGOTTEN_AFTER, PLACE_KNOWN_FOR, Rule, window_end};
use delegate_core::time::Timestamp;
use serde::Deserialize;

use crate::platform::database::{Answer, Statement, sql};

/// What SQLite says when a network has had its tries of this minute.
pub(crate) const EXHAUSTED: &str = "NOT NULL constraint failed: attempts.count";

/// Counts a try of a network in this minute, unless `excused` (the rest of a `SELECT` that takes
/// `?5`) finds something. Where the network has had `most`, the statement fails ([`EXHAUSTED`]) and
/// takes the batch with it, this count included.
pub(crate) fn count_network(
    network: &str,
    most: u32,
    excused: Option<(&str, &str)>,
    now: Timestamp,
) -> Statement {
    let (from, value) = excused.unwrap_or(("(SELECT 1) WHERE ?5 <> ''", ""));
    sql(format!(
        "INSERT INTO attempts (subject, count, blocked_until, expires_at)
         SELECT ?1, 1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM {from})
         ON CONFLICT (subject) DO UPDATE SET expires_at = ?3, count =
           CASE WHEN expires_at <= ?2 THEN 1 WHEN count < ?4 THEN count + 1 END"
    ))
    .bind(network)
    .bind(now)
    .bind(window_end(now))
    .bind(most)
    .bind(value)
}

/// Counts a try for a subject, if it need not wait; answers with a row if so. From a `place` that is
/// known it is not counted here ([`from_place`]).
pub(crate) fn from_anywhere(
    subject: &str,
    place: Option<&str>,
    rule: Rule,
    now: Timestamp,
) -> Statement {
    let waits = rule.waits_from(now);
    sql(
        "INSERT INTO attempts (subject, count, blocked_until, expires_at)
         SELECT ?1, 1, json_extract(?2, '$[1]'), ?5
         WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE subject = ?7 AND expires_at > ?4)
         ON CONFLICT (subject) DO UPDATE SET
           count = iif(blocked_until <= ?6, 1, count + 1),
           blocked_until = json_extract(?2,
             '$[' || CAST(min(iif(blocked_until <= ?6, 1, count + 1), ?3) AS INTEGER) || ']'),
           expires_at = ?5
         WHERE blocked_until <= ?4
         RETURNING count",
    )
    .bind(subject)
    .bind(json(&waits))
    .bind(waits.len().saturating_sub(1))
    .bind(now)
    .bind(now.plus(rule.longest).plus(FORGOTTEN_AFTER))
    .bind(now.plus(-FORGOTTEN_AFTER))
    .bind(place)
}

/// Counts a try from a place that is known, if it need not wait; answers with a row if so. Does
/// nothing where the place is not known.
pub(crate) fn from_place(place: &str, rule: Rule, now: Timestamp) -> Statement {
    let waits = rule.waits_from(now);
    sql("UPDATE attempts SET
           count = iif(blocked_until <= ?5, 1, count + 1),
           blocked_until = json_extract(?2,
             '$[' || CAST(min(iif(blocked_until <= ?5, 1, count + 1), ?3) AS INTEGER) || ']')
         WHERE subject = ?1 AND expires_at > ?4 AND blocked_until <= ?4
         RETURNING count")
    .bind(place)
    .bind(json(&waits))
    .bind(waits.len().saturating_sub(1))
    .bind(now)
    .bind(now.plus(-FORGOTTEN_AFTER))
}

/// The list of instants as SQLite reads it; an instant has nothing to be escaped. What picks from it
/// is cast: D1 binds every number as one with a fraction.
fn json(waits: &[Timestamp]) -> String {
    let texts: Vec<_> = waits.iter().map(|wait| format!("\"{wait}\"")).collect();
    format!("[{}]", texts.join(","))
}

/// How tries for a subject stand.
#[derive(Debug, Deserialize)]
pub(crate) struct Standing {
    /// Which subject.
    subject: String,
    /// How many failed in a row.
    count: u32,
    /// Until when to wait.
    blocked_until: Timestamp,
}

/// How tries for these subjects stand.
pub(crate) fn standing(subject: &str, place: Option<&str>, now: Timestamp) -> Statement {
    sql("SELECT subject, count, blocked_until FROM attempts
         WHERE subject IN (?1, ?2) AND expires_at > ?3")
    .bind(subject)
    .bind(place)
    .bind(now)
}

/// What the two statements that count, and [`standing`], found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// Whether the try may be made, or until when to wait.
    pub(crate) may: Result<(), Timestamp>,
    /// Whether it came from a place that is known.
    pub(crate) is_known_place: bool,
    /// How many tries failed before this one, from where it came.
    pub(crate) failed: u32,
    /// How many failed elsewhere, where the place is known.
    pub(crate) failed_elsewhere: u32,
}

/// Reads what the statements answered: `counted` are those of [`from_place`] and [`from_anywhere`],
/// `standing` the one of that name.
pub(crate) fn judge(
    counted: &[Answer],
    standing: &Answer,
    place: Option<&str>,
) -> Result<Judgement, delegate_core::error::Error> {
    let was_counted = counted
        .iter()
        .any(|answer| answer.number("count").is_some());
    let rows = standing.rows::<Standing>()?;
    let at_place = rows.iter().find(|row| Some(row.subject.as_str()) == place);
    let anywhere = rows.iter().find(|row| Some(row.subject.as_str()) != place);
    let relevant = at_place.or(anywhere);
    Ok(Judgement {
        may: match relevant {
            Some(row) if !was_counted => Err(row.blocked_until),
            _ => Ok(()),
        },
        is_known_place: at_place.is_some(),
        failed: relevant.map_or(0, |row| row.count.saturating_sub(1)),
        failed_elsewhere: match (at_place, anywhere) {
            (Some(_), Some(row)) => row.count,
            _ => 0,
        },
    })
}

/// Forgets what was tried for a subject.
pub(crate) fn forget(subject: &str) -> Statement {
    sql("DELETE FROM attempts WHERE subject = ?").bind(subject)
}

/// Forgets what was tried for these subjects.
pub(crate) fn forget_all(subjects: &[String]) -> Statement {
    sql("DELETE FROM attempts WHERE subject IN (SELECT value FROM json_each(?))")
        .bind(serde_json::Value::from(subjects).to_string())
}

/// Makes a place known, and forgets what was tried from there.
pub(crate) fn know_place(place: &str, now: Timestamp) -> Statement {
    sql(
        "INSERT INTO attempts (subject, count, blocked_until, expires_at) VALUES (?1, 0, ?2, ?3)
         ON CONFLICT (subject) DO UPDATE SET count = 0, blocked_until = ?2, expires_at = ?3",
    )
    .bind(place)
    .bind(now)
    .bind(now.plus(PLACE_KNOWN_FOR))
}
