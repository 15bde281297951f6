use chrono_tz::Tz;
use delegate_core::calendar::agenda::Agenda;
use delegate_core::calendar::interval::Interval;
use delegate_core::calendar::slots::answer::Slots;
use delegate_core::calendar::slots::attendee::Stored;
use delegate_core::calendar::slots::request::{SlotsInput, Who};
use delegate_core::calendar::slots::search::Search;
use delegate_core::error::{Error, Violations};
use delegate_core::identifier::UserId;

use crate::api::document::WriteProblems;
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::caller::{Caller, FreeBusy};
use crate::http::reply::{Outcome, Reply};
use crate::store::agendas;

/// Times to meet, the best first, each with what speaks for and against it
///
/// Who is named by `user_id` must let one see when they are free, by a delegation with the scope
/// `calendar:free_busy` or `calendar:read`. Where no time suits, `relaxations` say what would have to
/// give way to get one.
#[utoipa::path(
    post, path = "/api/v1/calendar/slots", tag = "calendar", security(("access_token" = ["calendar:free_busy"])),
    request_body = SlotsInput,
    responses((status = 200, body = Slots), WriteProblems)
)]
#[worker::send]
pub(crate) async fn find_slots(
    call: Call,
    caller: Caller<FreeBusy>,
    Json(input): Json<SlotsInput>,
) -> Outcome {
    let is_zone_given = input.time_zone.is_some();
    let asking = &caller.user;
    // The zone of the account comes with everything else, in one round trip.
    let mut request = input.check(asking, Tz::UTC)?;
    let mut users = vec![asking.clone()];
    for attendee in &request.attendees {
        if let Who::User(user) = &attendee.who
            && user != asking
        {
            users.push(user.clone());
        }
    }
    let horizon = request.horizon();
    let asked = agendas::find(asking, &users, horizon, call.started())?;
    let texts = agendas::texts(&call.database().run(asked).await?)?;
    let found = texts
        .iter()
        .map(|text| agendas::read(text))
        .collect::<Result<Vec<_>, _>>()?;
    let of = |user: &UserId| found.iter().find(|agenda| agenda.user_id == user.as_str());
    let own = of(asking).ok_or_else(Error::not_found)?;
    if !is_zone_given {
        request.zone = own.zone();
    }
    let mut violations = Violations::default();
    let mut known = Vec::with_capacity(request.attendees.len());
    for (number, attendee) in request.attendees.iter().enumerate() {
        let agenda = match &attendee.who {
            Who::Email(_) => None,
            Who::User(user) => {
                let agenda = of(user);
                if agenda.is_none() {
                    let pointer = format!("/attendees/{number}/user_id");
                    violations.add(&pointer, "not_shared", agendas::NOT_SHARED);
                }
                agenda
            }
        };
        let stored = agenda.map(|agenda| stored(agenda, horizon)).transpose()?;
        known.push(stored.unwrap_or_default());
    }
    violations.into_result(())?;
    let weights = own
        .hours
        .as_ref()
        .map(|hours| hours.weights)
        .unwrap_or_default();
    let now = call.started().milliseconds();
    let search = Search::prepare(&request, &known, weights, now);
    Ok(Reply::of(&search.find())?)
}

/// What a search needs to know of a person.
pub(super) fn stored(agenda: &Agenda<'_>, horizon: Interval) -> Result<Stored, Error> {
    Ok(Stored {
        name: Some(agenda.name.clone().into_owned()).filter(|name| !name.is_empty()),
        account_zone: Some(agenda.zone()),
        hours: agenda.hours.clone(),
        away: agenda.away(),
        busy: agenda.stretches(horizon)?,
    })
}
