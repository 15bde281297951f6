//! The hub's side of the outbox in D1: reading past the cursor, and clearing what the log has.

use delegate_core::hub::OutboxEvent;
use wasm_bindgen::JsValue;
use worker::{D1Database, Result};

/// How many events are read in one go.
const PAGE: usize = 500;

/// After how many characters of data a page ends: D1 gives no text of more than 2 MB, and a
/// character has at most 4 bytes. The first event of a page is always in it.
const PAGE_CHARACTERS: usize = 400_000;

#[expect(clippy::cast_precision_loss, reason = "positions are far below 2^53")]
fn position_value(position: u64) -> JsValue {
    JsValue::from_f64(position as f64)
}

/// Some events of a person, and whether there may be more.
pub(crate) struct Page {
    /// In the order of their commits.
    pub(crate) events: Vec<OutboxEvent>,
    /// Whether the page ended before the outbox did.
    pub(crate) is_full: bool,
}

/// The events of a person behind a position. SQLite makes one text
/// of them: one value crosses from JavaScript, not five a row.
pub(crate) async fn after(d1: &D1Database, user: &str, position: u64) -> Result<Page> {
    let json: Option<String> = d1
        .prepare(
            "SELECT json_group_array(json_object(
               'position', position, 'id', id, 'type', type,
               'occurred_at', occurred_at, 'data', data)) AS events
             FROM (SELECT *, SUM(length(data)) OVER (ORDER BY position) - length(data) AS before
                   FROM outbox WHERE user_id = ?1 AND position > ?2
                   ORDER BY position LIMIT ?3)
             WHERE before < ?4",
        )
        .bind(&[
            JsValue::from_str(user),
            position_value(position),
            position_value(PAGE as u64),
            position_value(PAGE_CHARACTERS as u64),
        ])?
        .first(Some("events"))
        .await?;
    let events: Vec<OutboxEvent> = serde_json::from_str(json.as_deref().unwrap_or("[]"))
        .map_err(|error| worker::Error::RustError(format!("outbox: {error}")))?;
    let characters: usize = events.iter().map(|event| event.data.chars().count()).sum();
    let is_full = events.len() >= PAGE || characters >= PAGE_CHARACTERS;
    Ok(Page { events, is_full })
}

/// Clears the events that the log has.
pub(crate) async fn clear(d1: &D1Database, user: &str, position: u64) -> Result<()> {
    d1.prepare("DELETE FROM outbox WHERE user_id = ?1 AND position <= ?2")
        .bind(&[JsValue::from_str(user), position_value(position)])?
        .run()
        .await
        .map(|_| ())
}
