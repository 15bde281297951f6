//! Holds in D1. A hold is written behind the claim of its time (`super::agendas`), in one batch.

use delegate_core::calendar::hold::Hold;
use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{EventId, HoldId, UserId};
use delegate_core::time::Timestamp;
use serde_json::json;

use super::guard::{must_have_room, must_hold};
use super::list::List;
use super::outbox;
use crate::platform::database::{Statement, sql};

/// The JSON of a hold, as `delegate_core::calendar::hold::Hold` serialises.
macro_rules! hold_json {
    () => {
        "json_object('id', h.id, \
         'start', strftime('%Y-%m-%dT%H:%M:%S', h.start_at / 1000, 'unixepoch') || '.000Z', \
         'end', strftime('%Y-%m-%dT%H:%M:%S', h.end_at / 1000, 'unixepoch') || '.000Z', \
         'note', h.note, 'expires_at', h.expires_at, \
         'created_at', h.created_at, 'updated_at', h.created_at)"
    };
}

/// The statements that store a hold and tell of it. They fail (`guard`) where the person has
/// `most` already.
pub(crate) fn insert(
    user: &UserId,
    hold: &Hold,
    json: &str,
    most: u32,
    told: &EventId,
) -> Vec<Statement> {
    vec![
        must_have_room!(most, "calendar_holds WHERE user_id = ? AND expires_at > ?")
            .bind(user.as_str())
            .bind(hold.created_at),
        sql(
            "INSERT INTO calendar_holds (id, user_id, start_at, end_at, note, expires_at, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(hold.id.as_str())
        .bind(user.as_str())
        .bind(hold.start.milliseconds())
        .bind(hold.end.milliseconds())
        .bind(&hold.note)
        .bind(hold.expires_at)
        .bind(hold.created_at),
        outbox::append(user, told, EventType::HoldCreated, json, hold.created_at),
    ]
}

/// One hold that has not expired.
pub(crate) fn find(user: &UserId, id: &HoldId, now: Timestamp) -> Statement {
    sql(concat!(
        "SELECT ",
        hold_json!(),
        " AS hold, u.time_zone FROM calendar_holds AS h JOIN users AS u ON u.id = h.user_id
         WHERE h.user_id = ? AND h.id = ? AND h.expires_at > ?"
    ))
    .bind(user.as_str())
    .bind(id.as_str())
    .bind(now)
}

/// The holds of a person that have not expired.
pub(crate) fn list(user: &UserId, now: Timestamp) -> List {
    List::of(
        user.as_str(),
        "calendar_holds AS h",
        hold_json!(),
        "h.user_id = ?",
        "h.id",
    )
    .filter("h.expires_at > ?", Some(now))
}

/// Fails (`guard`) where a hold is over.
pub(crate) fn still(user: &UserId, id: &HoldId, now: Timestamp) -> Statement {
    must_hold!(
        "EXISTS (SELECT 1 FROM calendar_holds WHERE user_id = ? AND id = ? AND expires_at > ?)"
    )
    .bind(user.as_str())
    .bind(id.as_str())
    .bind(now)
}

/// The statements that end a hold, and tell of it. The first is the deletion.
pub(crate) fn end(
    user: &UserId,
    id: &HoldId,
    reason: &str,
    told: &EventId,
    now: Timestamp,
) -> Result<[Statement; 2], Error> {
    let data = super::tasks::json(&json!({ "id": id, "reason": reason }))?;
    Ok([
        sql("DELETE FROM calendar_holds WHERE user_id = ? AND id = ? AND expires_at > ?")
            .bind(user.as_str())
            .bind(id.as_str())
            .bind(now),
        outbox::append_if_changed(user, told, EventType::HoldEnded, &data, now),
    ])
}
