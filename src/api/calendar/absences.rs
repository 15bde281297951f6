use delegate_core::calendar::hours::absence::{
    Absence, AbsenceInput, AbsencePatchInput, MAX_ABSENCES,
};
use delegate_core::error::Error;
use delegate_core::identifier::{AbsenceId, EventId};

use super::{MAX_TRIES, contended, too_many, window};
use crate::api::document::{
    AbsencePage, ChangeProblems, DeleteProblems, ReadProblems, WriteProblems,
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
use crate::store::list::next_cursor;
use crate::store::tasks::json;
use crate::store::{absences, accounts, events};

/// When one is out of office or elsewhere, in the order in which it starts
///
/// Of a window a page can have fewer items than asked for, also where another follows.
#[utoipa::path(
    get, path = "/api/v1/calendar/absences", tag = "calendar", security(("access_token" = ["calendar:read"])),
    params(
        ("start" = Option<String>, Query, format = DateTime, description = "What ends after this instant; needs `end`"),
        ("end" = Option<String>, Query, format = DateTime, description = "What starts before this instant; needs `start`"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = AbsencePage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_absences(
    call: Call,
    caller: Caller<CalendarRead>,
    query: Query,
) -> Outcome {
    let query = query.known(&["start", "end", "limit", "cursor"])?;
    let window = window(&query)?;
    let scope = query.scope(caller.user.as_str(), "absences");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let page = absences::list(&caller.user)
        .filter("a.start_at < ?", window.map(|window| window.end))
        .filter("a.end_at > ?", window.map(|window| window.start))
        .page(position.as_ref(), limit);
    let statements = vec![accounts::find_zone(&caller.user), page];
    let answers = call.database().batch(statements).await?;
    let [zone, page] = answers.as_slice() else {
        return Err(Error::internal("D1 answered fewer results than statements").into());
    };
    let mut items = absences::items(page, events::zone(zone))?;
    // The spans that were looked through are those of days in every zone.
    items.retain(|absence| window.is_none_or(|window| absence.away().interval.overlaps(window)));
    let next = next_cursor(page, &scope, limit)?;
    let items = json(&items)?;
    Ok(Reply::json(format!(
        r#"{{"items":{items},"next_cursor":{next}}}"#
    )))
}

/// Say that one is out of office or elsewhere
#[utoipa::path(
    post, path = "/api/v1/calendar/absences", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = AbsenceInput,
    responses((status = 201, body = Absence, headers(("location"), ("etag"))), WriteProblems)
)]
#[worker::send]
pub(crate) async fn create_absence(
    call: Call,
    caller: Caller<CalendarWrite>,
    Creation { input, idempotency }: Creation<AbsenceInput>,
) -> Outcome {
    let user = &caller.user;
    let zone = if input.needs_zone() {
        events::zone(&call.database().run(accounts::find_zone(user)).await?)
    } else {
        chrono_tz::Tz::UTC
    };
    let now = call.started();
    let absence = input.into_absence(AbsenceId::new(now, call.entropy()?), now, zone)?;
    let body = json(&absence)?;
    let event = EventId::new(now, call.entropy()?);
    let statements = absences::insert(user, &absence, &body, MAX_ABSENCES, &event)?;
    let reply = Reply::json(body)
        .created(format!("/api/v1/calendar/absences/{}", absence.id))
        .with_version(1);
    let idempotency = idempotency.as_ref();
    let committed = commit(&call, user, idempotency, statements, reply).await;
    let committed = committed
        .map_err(|error| too_many(error, MAX_ABSENCES, "absences", "too_many_absences"))?;
    call.announce(user);
    planning::mend(&call, user);
    Ok(committed.reply())
}

/// One absence
#[utoipa::path(
    get, path = "/api/v1/calendar/absences/{id}", tag = "calendar", security(("access_token" = ["calendar:read"])),
    params(("id" = String, Path)),
    responses((status = 200, body = Absence, headers(("etag"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_absence(
    call: Call,
    caller: Caller<CalendarRead>,
    Id(id): Id<AbsenceId>,
) -> Outcome {
    let answer = call
        .database()
        .run(absences::find(&caller.user, &id))
        .await?;
    let found = absences::found(&answer)?.ok_or_else(Error::not_found)?;
    Ok(Reply::of(&found.absence)?.with_version(found.version))
}

/// Change an absence
#[utoipa::path(
    patch, path = "/api/v1/calendar/absences/{id}", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body(content = AbsencePatchInput, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Absence, headers(("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn update_absence(
    call: Call,
    caller: Caller<CalendarWrite>,
    Id(id): Id<AbsenceId>,
    if_match: IfMatch,
    Patch(patch): Patch<AbsencePatchInput>,
) -> Outcome {
    let (user, now) = (&caller.user, call.started());
    for _ in 0..MAX_TRIES {
        let answer = call.database().run(absences::find(user, &id)).await?;
        let found = absences::found(&answer)?.ok_or_else(Error::not_found)?;
        if !if_match.allows(found.version) {
            return Err(IfMatch::failure(true).into());
        }
        let changed = found
            .absence
            .changed(patch.clone(), now, found.person_zone)?;
        let event = EventId::new(now, call.entropy()?);
        let statements = absences::replace(user, &changed, found.version, &event)?;
        let answers = call.database().batch(statements).await?;
        if answers.first().is_some_and(|answer| answer.changes() > 0) {
            call.announce(user);
            planning::mend(&call, user);
            return Ok(Reply::of(&changed)?.with_version(found.version + 1));
        }
    }
    Err(contended().into())
}

/// Delete an absence
#[utoipa::path(
    delete, path = "/api/v1/calendar/absences/{id}", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Deleted"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn delete_absence(
    call: Call,
    caller: Caller<CalendarWrite>,
    Id(id): Id<AbsenceId>,
    if_match: IfMatch,
) -> Outcome {
    let now = call.started();
    let event = EventId::new(now, call.entropy()?);
    let versions = if_match.versions();
    let statements = absences::delete(&caller.user, &id, versions.as_deref(), &event, now);
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
