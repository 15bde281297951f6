use delegate_core::calendar::event::{Event, EventInput, EventPatchInput, EventRef};
use delegate_core::calendar::series::{Extent, SeriesChange};
use delegate_core::error::Error;
use delegate_core::identifier::{CalendarEventId, CalendarId, EventId};

use super::edit::{Change, Edit, change_event, extent};
use super::occurrences::{Wanted, expanded};
use super::{calendar_of, explained};
use crate::api::document::{
    ChangeProblems, DeleteProblems, EventPage, ReadProblems, WriteProblems,
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
use crate::store::events;
use crate::store::list::page_json;
use crate::store::tasks::json;

/// Events: what takes place in a window, in its order; or all as they are kept, the newest first
///
/// With `expand=true`, `start` and `end`: what takes place between the two instants, a series as its
/// occurrences. Without, a series is one item.
#[utoipa::path(
    get, path = "/api/v1/calendar/events", tag = "calendar", security(("access_token" = ["calendar:read"])),
    params(
        ("start" = Option<String>, Query, format = DateTime, description = "What ends after this instant"),
        ("end" = Option<String>, Query, format = DateTime, description = "What starts before this instant"),
        ("expand" = Option<bool>, Query, description = "Occurrences in place of their series; needs `start` and `end`"),
        ("calendar_id" = Option<String>, Query),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = EventPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_events(call: Call, caller: Caller<CalendarRead>, query: Query) -> Outcome {
    let query = query.known(&["start", "end", "expand", "calendar_id", "limit", "cursor"])?;
    let user = &caller.user;
    let calendar = calendar_of(&query)?;
    let window = super::window(&query)?;
    if query.flag("expand")?.unwrap_or(false) {
        let window = window.ok_or_else(|| {
            Error::invalid_parameter("expand", "needs_a_window", "needs `start` and `end`")
        })?;
        let wanted = Wanted {
            window,
            calendar: calendar.as_ref(),
            series: None,
        };
        return expanded(&call, user, &wanted, &query, "occurrences").await;
    }
    let scope = query.scope(user.as_str(), "events");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let page = events::list(user)
        .filter(
            "e.calendar_id = ?",
            calendar.as_ref().map(CalendarId::as_str),
        )
        .filter("e.first_at < ?", window.map(|window| window.end))
        .filter("e.last_at > ?", window.map(|window| window.start))
        .page(position.as_ref(), limit);
    let answer = call.database().run(page).await?;
    Ok(Reply::passing(page_json(&answer, &scope, limit)?))
}

/// Make an event or a series
#[utoipa::path(
    post, path = "/api/v1/calendar/events", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = EventInput,
    responses((status = 201, body = Event, headers(("location"), ("etag"))), WriteProblems)
)]
#[worker::send]
pub(crate) async fn create_event(
    call: Call,
    caller: Caller<CalendarWrite>,
    Creation { input, idempotency }: Creation<EventInput>,
) -> Outcome {
    let now = call.started();
    let user = &caller.user;
    let event = input.into_event(user, CalendarEventId::new(now, call.entropy()?), now)?;
    let body = json(&event)?;
    let told = EventId::new(now, call.entropy()?);
    let statements = events::insert(user, &event, None, (&body, &told))?;
    let reply = Reply::json(body)
        .created(format!("/api/v1/calendar/events/{}", event.id))
        .with_version(1);
    let committed = commit(&call, user, idempotency.as_ref(), statements, reply).await;
    let reply = committed.map_err(explained)?.reply();
    call.announce(user);
    planning::mend(&call, user);
    Ok(reply)
}

/// One event, one series, or one occurrence of a series
#[utoipa::path(
    get, path = "/api/v1/calendar/events/{id}", tag = "calendar", security(("access_token" = ["calendar:read"])),
    params(("id" = String, Path)),
    responses((status = 200, body = Event, headers(("etag"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_event(
    call: Call,
    caller: Caller<CalendarRead>,
    Id(id): Id<EventRef>,
) -> Outcome {
    let answer = call.database().run(events::find(&caller.user, &id)).await?;
    let (whole, occurrence) = events::found(&answer)?;
    let whole = whole.ok_or_else(Error::not_found)?;
    let (event, version) = match (id.original, occurrence) {
        (None, _) => (whole.stored.event, whole.version),
        (Some(_), Some(own)) => (own.stored.event, own.version),
        (Some(original), None) => (whole.stored.occurrence(original)?, whole.version),
    };
    Ok(Reply::of(&event)?.with_version(version))
}

/// Change an event, a series, an occurrence, or an occurrence and those after it
///
/// Of an occurrence, `extent` says how much is changed: `this` (unless told otherwise), `following`
/// or `all`.
#[utoipa::path(
    patch, path = "/api/v1/calendar/events/{id}", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("id" = String, Path), ("extent" = inline(Option<Extent>), Query), ("If-Match" = Option<String>, Header)),
    request_body(content = EventPatchInput, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Event, headers(("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn update_event(
    call: Call,
    caller: Caller<CalendarWrite>,
    Id(id): Id<EventRef>,
    query: Query,
    if_match: IfMatch,
    Patch(patch): Patch<EventPatchInput>,
) -> Outcome {
    let edit = Edit::new(&call, &id, query)?;
    let changed = change_event(&call, &caller.user, &id, &if_match, |whole, own| {
        edit.of(whole, own, |_| Ok(patch.clone()))
    });
    let (event, version) = changed.await?.ok_or_else(Error::not_found)?;
    Ok(Reply::of(&event)?.with_version(version))
}

/// Delete an event, a series, an occurrence, or an occurrence and those after it
#[utoipa::path(
    delete, path = "/api/v1/calendar/events/{id}", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("id" = String, Path), ("extent" = inline(Option<Extent>), Query), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Deleted"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn delete_event(
    call: Call,
    caller: Caller<CalendarWrite>,
    Id(id): Id<EventRef>,
    query: Query,
    if_match: IfMatch,
) -> Outcome {
    let extent = extent(query, &id)?;
    let now = call.started();
    if let (Some(original), Extent::This | Extent::Following) = (id.original, extent) {
        change_event(&call, &caller.user, &id, &if_match, |whole, _| {
            let series = whole.stored.clone();
            let change: SeriesChange = match extent {
                Extent::This => series.occurrence_deleted(original, now)?,
                Extent::Following | Extent::All => series.following_deleted(original, now)?,
            };
            Ok(Change::Series(Box::new(change)))
        })
        .await?;
        return Ok(Reply::no_content());
    }
    let told = EventId::new(now, call.entropy()?);
    let versions = if_match.versions();
    let whole = EventRef::whole(id.id);
    let statements = events::delete(&caller.user, &whole, versions.as_deref(), &told, now);
    let answers = call.database().batch(statements).await?;
    if answers.first().is_none_or(|deleted| deleted.changes() == 0) {
        let exists = answers
            .last()
            .is_some_and(|answer| answer.number("present").is_some());
        return Err(IfMatch::failure(exists).into());
    }
    call.announce(&caller.user);
    Ok(Reply::no_content())
}
