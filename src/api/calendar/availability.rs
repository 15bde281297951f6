use delegate_core::calendar::busy::{AvailabilityInput, BusyPeriod, busy_periods};
use delegate_core::error::Violations;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::document::WriteProblems;
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::caller::{Caller, FreeBusy};
use crate::http::reply::{Outcome, Reply};
use crate::store::agendas;

/// When people are not free.
#[derive(Serialize, ToSchema)]
pub(crate) struct Availability {
    /// One for each that was asked for.
    items: Vec<PersonAvailability>,
}

/// When somebody is not free.
#[derive(Serialize, ToSchema)]
struct PersonAvailability {
    /// Who.
    user_id: String,
    /// In order, not overlapping; what is busy twice has the firmer status.
    busy: Vec<BusyPeriod>,
}

/// When people are free: oneself, and others who let one see it
///
/// Somebody lets it be seen by a delegation with the scope `calendar:free_busy` or `calendar:read`.
#[utoipa::path(
    post, path = "/api/v1/calendar/availability", tag = "calendar", security(("access_token" = ["calendar:free_busy"])),
    request_body = AvailabilityInput,
    responses((status = 200, body = Availability), WriteProblems)
)]
#[worker::send]
pub(crate) async fn get_availability(
    call: Call,
    caller: Caller<FreeBusy>,
    Json(input): Json<AvailabilityInput>,
) -> Outcome {
    let names = input.users.clone();
    let request = input.check(&caller.user)?;
    let asked = agendas::find(&caller.user, &request.users, request.window, call.started())?;
    let texts = agendas::texts(&call.database().run(asked).await?)?;
    let found = texts
        .iter()
        .map(|text| agendas::read(text))
        .collect::<Result<Vec<_>, _>>()?;
    let mut violations = Violations::default();
    let mut items = Vec::with_capacity(request.users.len());
    for user in &request.users {
        let Some(agenda) = found.iter().find(|agenda| agenda.user_id == user.as_str()) else {
            let place = names.iter().position(|name| name == user.as_str());
            let pointer = format!("/users/{}", place.unwrap_or_default());
            violations.add(&pointer, "not_shared", agendas::NOT_SHARED);
            continue;
        };
        items.push(PersonAvailability {
            user_id: user.to_string(),
            busy: busy_periods(&agenda.stretches(request.window)?, request.window),
        });
    }
    let items = violations.into_result(items)?;
    Ok(Reply::of(&Availability { items })?)
}
