//! The outbox: what happened, written in the batch that commits it. The hub reads it in the order
//! of the commits and clears what it has.

use delegate_core::event::EventType;
use delegate_core::identifier::{EventId, UserId};
use delegate_core::time::Timestamp;

use crate::platform::database::{Statement, sql};

/// An event with its data, as JSON.
pub(crate) fn append(
    user: &UserId,
    id: &EventId,
    event: EventType,
    data: &str,
    now: Timestamp,
) -> Statement {
    sql("INSERT INTO outbox (id, user_id, type, data, occurred_at) VALUES (?, ?, ?, ?, ?)")
        .bind(id.as_str())
        .bind(user.as_str())
        .bind(event.as_str())
        .bind(data)
        .bind(now)
}

/// An event with its data, as JSON, if the statement right before changed something.
pub(crate) fn append_if_changed(
    user: &UserId,
    id: &EventId,
    event: EventType,
    data: &str,
    now: Timestamp,
) -> Statement {
    append_from(user, id, event, now, "? WHERE changes() > 0").bind(data)
}

/// An event whose data is read from the row that the statement right before changed: `select` gives
/// it, and gives nothing where nothing changed. Its values are bound behind the four here.
pub(crate) fn append_from(
    user: &UserId,
    id: &EventId,
    event: EventType,
    now: Timestamp,
    select: &str,
) -> Statement {
    sql(format!(
        "INSERT INTO outbox (id, user_id, type, occurred_at, data) SELECT ?, ?, ?, ?, {select}"
    ))
    .bind(id.as_str())
    .bind(user.as_str())
    .bind(event.as_str())
    .bind(now)
}

/// One of many events, with its data as JSON, for [`append_all`].
pub(crate) fn item(id: &EventId, event: EventType, data: &str) -> String {
    let event = event.as_str();
    format!(r#"{{"id":"{id}","type":"{event}","data":{data}}}"#)
}

/// Many events, in their order.
pub(crate) fn append_all(user: &UserId, items: &[String], now: Timestamp) -> Statement {
    sql("INSERT INTO outbox (id, user_id, type, data, occurred_at)
         SELECT value ->> '$.id', ?1, value ->> '$.type', value -> '$.data', ?3
         FROM json_each(?2) ORDER BY key")
    .bind(user.as_str())
    .bind(format!("[{}]", items.join(",")))
    .bind(now)
}
