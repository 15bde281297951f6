//! Files of iCalendar, read as an import reads them.

use chrono_tz::Tz;
use delegate_core::calendar::event::instant_ms;
use delegate_core::calendar::ics::{self, File};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::unreadable;

/// Reads a file; how many events it has.
#[wasm_bindgen]
pub fn read_ics(bytes: &[u8]) -> Result<usize, JsError> {
    Ok(file(bytes)?.events.len())
}

/// What a file says, as JSON: what is compared before anything is measured.
#[wasm_bindgen]
pub fn ics_events(bytes: &[u8]) -> Result<String, JsError> {
    let file = file(bytes)?;
    let events = file.events.iter().map(|event| {
        serde_json::json!({
            "uid": event.uid,
            "start": instant_ms(event.start, file.time_zone),
            "end": instant_ms(event.end, file.time_zone),
            "summary": event.summary,
            "description": event.description,
            "location": event.location,
            "attendees": event.attendees,
        })
    });
    serde_json::to_string(&events.collect::<Vec<_>>()).map_err(unreadable)
}

fn file(bytes: &[u8]) -> Result<File, JsError> {
    ics::read(bytes, Tz::UTC).map_err(|error| unreadable(error.message))
}
