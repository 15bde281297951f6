use delegate_core::calendar::event::{Event, EventRef, Response};
use delegate_core::calendar::series::Extent;
use delegate_core::error::{Error, Kind};
use serde::Deserialize;
use utoipa::ToSchema;

use super::edit::{Edit, change_event};
use crate::api::document::ChangeProblems;
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::caller::{CalendarWrite, Caller};
use crate::http::path::Id;
use crate::http::precondition::IfMatch;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};

/// An answer to an invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answered {
    /// What the person answers.
    response: Response,
}

/// Answer an invitation: the person's own entry among those invited has the answer
///
/// Of an occurrence, `extent` says how much is answered: `this` (unless told otherwise), `following`
/// or `all`.
#[utoipa::path(
    post, path = "/api/v1/calendar/events/{id}/response", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("id" = String, Path), ("extent" = inline(Option<Extent>), Query), ("If-Match" = Option<String>, Header)),
    request_body = Answered,
    responses((status = 200, body = Event, headers(("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn respond_to_event(
    call: Call,
    caller: Caller<CalendarWrite>,
    Id(id): Id<EventRef>,
    query: Query,
    if_match: IfMatch,
    Json(answered): Json<Answered>,
) -> Outcome {
    let edit = Edit::new(&call, &id, query)?;
    let changed = change_event(&call, &caller.user, &id, &if_match, |whole, own| {
        edit.of(whole, own, |event| {
            let patch = event.answered(&whole.addresses, answered.response);
            patch.ok_or_else(not_invited)
        })
    });
    let (event, version) = changed.await?.ok_or_else(Error::not_found)?;
    Ok(Reply::of(&event)?.with_version(version))
}

fn not_invited() -> Error {
    Error::new(
        Kind::Conflict,
        "not_invited",
        "None of the person's addresses is among those invited.",
    )
}
