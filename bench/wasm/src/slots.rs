//! Times to meet, from a request and the agendas of its people, as `POST /api/v1/calendar/slots` finds
//! them (`src/api/calendar/slots.rs`).

use chrono_tz::Tz;
use delegate_core::calendar::agenda::Agenda;
use delegate_core::calendar::hours::weights::Weights;
use delegate_core::calendar::slots::attendee::Stored;
use delegate_core::calendar::slots::request::{SlotsInput, SlotsRequest, Who};
use delegate_core::calendar::slots::search::Search;
use delegate_core::identifier::UserId;
use delegate_core::time::Timestamp;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::unreadable;

/// A request and what is known of its people, read.
#[wasm_bindgen]
pub struct Meeting {
    request: SlotsRequest,
    stored: Vec<Stored>,
    now: i64,
}

#[wasm_bindgen]
impl Meeting {
    /// Reads the body of a request and the agendas (a JSON array) of the people it names, as D1
    /// answers them. `now` is in milliseconds since 1970.
    #[wasm_bindgen(constructor)]
    pub fn new(request: &str, agendas: &str, now: f64) -> Result<Self, JsError> {
        let input: SlotsInput = serde_json::from_str(request).map_err(unreadable)?;
        let agendas: Vec<Agenda<'_>> = serde_json::from_str(agendas).map_err(unreadable)?;
        let asking = agendas.first().map(|agenda| UserId::parse(&agenda.user_id));
        let asking = asking.transpose().map_err(|_| unreadable("not a user"))?;
        let asking = asking.ok_or_else(|| unreadable("nobody asks"))?;
        let request = input.check(&asking, Tz::UTC).map_err(|error| {
            let faults = error.fields.iter().map(|fault| format!("{fault:?}"));
            unreadable(faults.collect::<Vec<_>>().join(", "))
        })?;
        let horizon = request.horizon();
        let stored = request.attendees.iter().map(|attendee| {
            let agenda = agendas.iter().find(
                |agenda| matches!(&attendee.who, Who::User(user) if user.as_str() == agenda.user_id),
            );
            let agenda = agenda.ok_or_else(|| unreadable("an attendee without an agenda"))?;
            let busy = agenda.stretches(horizon);
            Ok(Stored {
                name: Some(agenda.name.clone().into_owned()),
                account_zone: Some(agenda.zone()),
                hours: agenda.hours.clone(),
                away: agenda.away(),
                busy: busy.map_err(|_| unreadable("a stored rule"))?,
            })
        });
        Ok(Self {
            stored: stored.collect::<Result<_, JsError>>()?,
            request,
            now: milliseconds(now),
        })
    }

    /// The answer, as JSON: what a request does once it is read.
    pub fn find(&self) -> Result<String, JsError> {
        let (weights, now) = (Weights::default(), self.now);
        let search = Search::prepare(&self.request, &self.stored, weights, now);
        serde_json::to_string(&search.find()).map_err(unreadable)
    }
}

/// The same from text to text.
#[wasm_bindgen]
pub fn find_slots(request: &str, agendas: &str, now: f64) -> Result<String, JsError> {
    Meeting::new(request, agendas, now)?.find()
}

/// An instant that JavaScript has as a number.
fn milliseconds(now: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "instants are whole and far below 2^53"
    )]
    let milliseconds = now as i64;
    Timestamp::from_milliseconds(milliseconds).milliseconds()
}
