//! The hub's side of the outbox in D1: reading past the cursor, and clearing what the log has.

use delegate_core::hub::OutboxEvent;
use wasm_bindgen::JsValue;
use worker::{D1Database, Result};

/// How many events are read in one go.
pub(crate) const PAGE: usize = 500;

#[expect(clippy::cast_precision_loss, reason = "positions are far below 2^53")]
fn position_value(position: u64) -> JsValue {
    JsValue::from_f64(position as f64)
}

/// The events of a person behind a position, in the order of their commits. SQLite makes one text
/// of them: one value crosses from JavaScript, not five a row.
pub(crate) async fn after(d1: &D1Database, user: &str, position: u64) -> Result<Vec<OutboxEvent>> {
    let json: Option<String> = d1
        .prepare(
            "SELECT json_group_array(json_object(
               'position', position, 'id', id, 'type', type,
               'occurred_at', occurred_at, 'data', data)) AS events
             FROM (SELECT * FROM outbox WHERE user_id = ?1 AND position > ?2
                   ORDER BY position LIMIT ?3)",
        )
        .bind(&[
            JsValue::from_str(user),
            position_value(position),
            position_value(PAGE as u64),
        ])?
        .first(Some("events"))
        .await?;
    serde_json::from_str(json.as_deref().unwrap_or("[]"))
        .map_err(|error| worker::Error::RustError(format!("outbox: {error}")))
}

/// Clears the events that the log has.
pub(crate) async fn clear(d1: &D1Database, user: &str, position: u64) -> Result<()> {
    d1.prepare("DELETE FROM outbox WHERE user_id = ?1 AND position <= ?2")
        .bind(&[JsValue::from_str(user), position_value(position)])?
        .run()
        .await
        .map(|_| ())
}
