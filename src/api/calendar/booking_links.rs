use delegate_core::calendar::booking::{BookingLink, BookingRules, MAX_LINKS, SHOWN};
use delegate_core::error::Error;
use delegate_core::identifier::BookingLinkId;
use delegate_core::patch::Draft;
use delegate_core::secret::encode;

use super::{MAX_TRIES, contended, explained, too_many};
use crate::api::document::{
    BookingLinkPage, ChangeProblems, DeleteProblems, ReadProblems, WriteProblems,
};
use crate::http::body::{Creation, Patch, parse};
use crate::http::call::Call;
use crate::http::caller::{CalendarRead, CalendarWrite, Caller};
use crate::http::idempotency::commit;
use crate::http::path::Id;
use crate::http::precondition::IfMatch;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::platform::random;
use crate::store::booking_links;
use crate::store::list::page_json;

/// Booking links, the newest first
#[utoipa::path(
    get, path = "/api/v1/calendar/booking-links", tag = "calendar", security(("access_token" = ["calendar:read"])),
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = BookingLinkPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_booking_links(
    call: Call,
    caller: Caller<CalendarRead>,
    query: Query,
) -> Outcome {
    let query = query.known(&["limit", "cursor"])?;
    let scope = query.scope(caller.user.as_str(), "booking-links");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let page = booking_links::list(&caller.user).page(position.as_ref(), limit);
    let answer = call.database().run(page).await?;
    Ok(Reply::passing(page_json(&answer, &scope, limit)?))
}

/// Make a link by which people outside book a time
#[utoipa::path(
    post, path = "/api/v1/calendar/booking-links", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = BookingRules,
    responses((status = 201, body = BookingLink, headers(("location"), ("etag"))), WriteProblems)
)]
#[worker::send]
pub(crate) async fn create_booking_link(
    call: Call,
    caller: Caller<CalendarWrite>,
    Creation { input, idempotency }: Creation<BookingRules>,
) -> Outcome {
    let now = call.started();
    let user = &caller.user;
    let link = BookingLink {
        id: BookingLinkId::new(now, call.entropy()?),
        slug: encode(&random::bytes::<15>()?),
        rules: input.check()?,
        created_at: now,
        updated_at: now,
    };
    let statements = booking_links::insert(user, &link, MAX_LINKS)?;
    let reply = Reply::of(&link)?
        .created(format!("/api/v1/calendar/booking-links/{}", link.id))
        .with_version(1);
    let committed = commit(&call, user, idempotency.as_ref(), statements, reply).await;
    let committed = committed.map_err(|error| {
        too_many(
            explained(error),
            MAX_LINKS,
            "booking links",
            "too_many_booking_links",
        )
    })?;
    Ok(committed.reply())
}

/// One booking link
#[utoipa::path(
    get, path = "/api/v1/calendar/booking-links/{id}", tag = "calendar", security(("access_token" = ["calendar:read"])),
    params(("id" = String, Path)),
    responses((status = 200, body = BookingLink, headers(("etag"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_booking_link(
    call: Call,
    caller: Caller<CalendarRead>,
    Id(id): Id<BookingLinkId>,
) -> Outcome {
    let answer = call
        .database()
        .run(booking_links::find(&caller.user, &id))
        .await?;
    let (link, version) = booking_links::found(&answer)?.ok_or_else(Error::not_found)?;
    Ok(Reply::of(&link)?.with_version(version))
}

/// Change the rules of a booking link
#[utoipa::path(
    patch, path = "/api/v1/calendar/booking-links/{id}", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body(content = BookingRules, content_type = "application/merge-patch+json"),
    responses((status = 200, body = BookingLink, headers(("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn update_booking_link(
    call: Call,
    caller: Caller<CalendarWrite>,
    Id(id): Id<BookingLinkId>,
    if_match: IfMatch,
    Patch(draft): Patch<Draft>,
) -> Outcome {
    let user = &caller.user;
    for _ in 0..MAX_TRIES {
        let answer = call.database().run(booking_links::find(user, &id)).await?;
        let (link, version) = booking_links::found(&answer)?.ok_or_else(Error::not_found)?;
        if !if_match.allows(version) {
            return Err(IfMatch::failure(true).into());
        }
        let merged = draft.clone().over(Some(&link.rules), &SHOWN);
        let merged = merged.map_err(|error| Error::internal(format!("merging: {error}")))?;
        let rules = parse::<BookingRules>(merged.as_bytes())?.check()?;
        let statements = booking_links::update(user, &id, &rules, version, call.started())?;
        let answers = call.database().batch(statements).await;
        let answers = answers.map_err(explained)?;
        let found = answers
            .last()
            .map(booking_links::found)
            .transpose()?
            .flatten();
        let (link, version) = found.ok_or_else(Error::not_found)?;
        if answers.get(1).is_some_and(|answer| answer.changes() > 0) {
            return Ok(Reply::of(&link)?.with_version(version));
        }
    }
    Err(contended().into())
}

/// Delete a booking link; what was booked by it stays
#[utoipa::path(
    delete, path = "/api/v1/calendar/booking-links/{id}", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Deleted"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn delete_booking_link(
    call: Call,
    caller: Caller<CalendarWrite>,
    Id(id): Id<BookingLinkId>,
    if_match: IfMatch,
) -> Outcome {
    let versions = if_match.versions();
    let statements = booking_links::delete(&caller.user, &id, versions.as_deref());
    let answers = call.database().batch(statements).await?;
    if answers.first().is_none_or(|deleted| deleted.changes() == 0) {
        let found = answers
            .last()
            .map(booking_links::found)
            .transpose()?
            .flatten();
        return Err(IfMatch::failure(found.is_some()).into());
    }
    Ok(Reply::no_content())
}
