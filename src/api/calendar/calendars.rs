use delegate_core::calendar::collection::{
    Calendar, CalendarInput, CalendarPatchInput, MAX_CALENDARS,
};
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{CalendarId, EventId};

use super::too_many;
use crate::api::document::{
    CalendarPage, ChangeProblems, DeleteProblems, ReadProblems, WriteProblems,
};
use crate::http::body::{Creation, Patch};
use crate::http::call::Call;
use crate::http::caller::{CalendarRead, CalendarWrite, Caller};
use crate::http::idempotency::commit;
use crate::http::path::Id;
use crate::http::precondition::IfMatch;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::planning;
use crate::platform::database::Answer;
use crate::store::calendars;
use crate::store::list::{Direction, page_json};
use crate::store::tasks::json;

fn calendar(answer: &Answer) -> Option<Reply> {
    let version = answer.version()?;
    Some(Reply::json(answer.text("calendar")?).with_version(version))
}

/// Calendars, the oldest first; everybody has one from the start
#[utoipa::path(
    get, path = "/api/v1/calendar/calendars", tag = "calendar", security(("access_token" = ["calendar:read"])),
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = CalendarPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_calendars(
    call: Call,
    caller: Caller<CalendarRead>,
    query: Query,
) -> Outcome {
    let query = query.known(&["limit", "cursor"])?;
    let scope = query.scope(caller.user.as_str(), "calendars");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let page = calendars::list(&caller.user)
        .ordered("calendars.id", Direction::Ascending)
        .page(position.as_ref(), limit);
    let ensured = calendars::ensure_primary(&caller.user, call.started());
    let answers = call.database().batch(vec![ensured, page]).await?;
    let answer = answers.last().ok_or_else(Error::not_found)?;
    Ok(Reply::passing(page_json(answer, &scope, limit)?))
}

/// Make a calendar
#[utoipa::path(
    post, path = "/api/v1/calendar/calendars", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = CalendarInput,
    responses((status = 201, body = Calendar, headers(("location"), ("etag"))), WriteProblems)
)]
#[worker::send]
pub(crate) async fn create_calendar(
    call: Call,
    caller: Caller<CalendarWrite>,
    Creation { input, idempotency }: Creation<CalendarInput>,
) -> Outcome {
    let now = call.started();
    let user = &caller.user;
    let calendar = input.into_calendar(CalendarId::new(now, call.entropy()?), now)?;
    let body = json(&calendar)?;
    let event = EventId::new(now, call.entropy()?);
    let statements = calendars::insert(user, &calendar, &body, MAX_CALENDARS, &event);
    let reply = Reply::json(body)
        .created(format!("/api/v1/calendar/calendars/{}", calendar.id))
        .with_version(1);
    let committed = commit(&call, user, idempotency.as_ref(), statements, reply).await;
    let committed = committed
        .map_err(|error| too_many(error, MAX_CALENDARS, "calendars", "too_many_calendars"))?;
    call.announce(user);
    Ok(committed.reply())
}

/// One calendar
#[utoipa::path(
    get, path = "/api/v1/calendar/calendars/{id}", tag = "calendar", security(("access_token" = ["calendar:read"])),
    params(("id" = String, Path)),
    responses((status = 200, body = Calendar, headers(("etag"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_calendar(
    call: Call,
    caller: Caller<CalendarRead>,
    Id(id): Id<CalendarId>,
) -> Outcome {
    let statements = vec![
        calendars::ensure_primary(&caller.user, call.started()),
        calendars::find(&caller.user, &id),
    ];
    let answers = call.database().batch(statements).await?;
    Ok(answers
        .last()
        .and_then(calendar)
        .ok_or_else(Error::not_found)?)
}

/// Change a calendar
#[utoipa::path(
    patch, path = "/api/v1/calendar/calendars/{id}", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body(content = CalendarPatchInput, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Calendar, headers(("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn update_calendar(
    call: Call,
    caller: Caller<CalendarWrite>,
    Id(id): Id<CalendarId>,
    if_match: IfMatch,
    Patch(input): Patch<CalendarPatchInput>,
) -> Outcome {
    let patch = input.check()?;
    let now = call.started();
    let event = EventId::new(now, call.entropy()?);
    let versions = if_match.versions();
    let mut statements = vec![calendars::ensure_primary(&caller.user, now)];
    statements.extend(calendars::update(
        &caller.user,
        &id,
        &patch,
        versions.as_deref(),
        &event,
        now,
    ));
    let answers = call.database().batch(statements).await?;
    let did_change = answers.get(1).is_some_and(|answer| answer.changes() > 0);
    let found = answers.last().and_then(calendar);
    let reply = match found {
        Some(reply) if did_change => reply,
        found => return Err(IfMatch::failure(found.is_some()).into()),
    };
    call.announce(&caller.user);
    planning::mend(&call, &caller.user);
    Ok(reply)
}

/// Delete a calendar with its events; not the primary one
#[utoipa::path(
    delete, path = "/api/v1/calendar/calendars/{id}", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Deleted"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn delete_calendar(
    call: Call,
    caller: Caller<CalendarWrite>,
    Id(id): Id<CalendarId>,
    if_match: IfMatch,
) -> Outcome {
    let now = call.started();
    let event = EventId::new(now, call.entropy()?);
    let versions = if_match.versions();
    let statements = calendars::delete(&caller.user, &id, versions.as_deref(), &event, now);
    let answers = call.database().batch(statements).await?;
    if answers.first().is_none_or(|deleted| deleted.changes() == 0) {
        let is_primary = answers
            .last()
            .and_then(|answer| answer.number("is_primary"));
        if is_primary.is_some_and(|number| number > 0.0) {
            let detail = "The primary calendar can't be deleted.";
            return Err(Error::new(Kind::Conflict, "primary_calendar", detail).into());
        }
        return Err(IfMatch::failure(is_primary.is_some()).into());
    }
    call.announce(&caller.user);
    Ok(Reply::no_content())
}
