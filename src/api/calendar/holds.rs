use delegate_core::calendar::event::Event;
use delegate_core::calendar::hold::{ConfirmInput, Hold, HoldInput, MAX_HOLDS};
use delegate_core::calendar::interval::Interval;
use delegate_core::error::Error;
use delegate_core::identifier::{CalendarEventId, EventId, HoldId};
use delegate_core::time::parse_zone;

use super::claim::take;
use super::{explained, too_many};
use crate::api::document::{ChangeProblems, DeleteProblems, HoldPage, ReadProblems, WriteProblems};
use crate::http::body::{Creation, OptionalCreation};
use crate::http::call::Call;
use crate::http::caller::{CalendarRead, CalendarWrite, Caller};
use crate::http::idempotency::{commit, earlier};
use crate::http::path::Id;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::platform::database::Answer;
use crate::store::list::page_json;
use crate::store::tasks::json;
use crate::store::{agendas, events, guard, holds};

/// Times that are held, the newest first
#[utoipa::path(
    get, path = "/api/v1/calendar/holds", tag = "calendar", security(("access_token" = ["calendar:read"])),
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = HoldPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_holds(call: Call, caller: Caller<CalendarRead>, query: Query) -> Outcome {
    let query = query.known(&["limit", "cursor"])?;
    let scope = query.scope(caller.user.as_str(), "holds");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let page = holds::list(&caller.user, call.started()).page(position.as_ref(), limit);
    let answer = call.database().run(page).await?;
    Ok(Reply::passing(page_json(&answer, &scope, limit)?))
}

/// Hold a time: it counts as busy until the hold expires, is released, or becomes an event
///
/// Two people never hold the same time: where busy time or another hold overlaps the answer is 409
/// (`slot_taken`).
#[utoipa::path(
    post, path = "/api/v1/calendar/holds", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = HoldInput,
    responses((status = 201, body = Hold, headers(("location"))), WriteProblems)
)]
#[worker::send]
pub(crate) async fn create_hold(
    call: Call,
    caller: Caller<CalendarWrite>,
    Creation { input, idempotency }: Creation<HoldInput>,
) -> Outcome {
    let now = call.started();
    let user = &caller.user;
    let hold = input.into_hold(HoldId::new(now, call.entropy()?), now)?;
    let body = json(&hold)?;
    let told = EventId::new(now, call.entropy()?);
    let time = Interval {
        start: hold.start.milliseconds(),
        end: hold.end.milliseconds(),
    };
    let taken = take(&call, user, time, async |claim| {
        let mut statements = vec![claim];
        statements.extend(holds::insert(user, &hold, &body, MAX_HOLDS, &told));
        let reply =
            Reply::json(body.clone()).created(format!("/api/v1/calendar/holds/{}", hold.id));
        commit(&call, user, idempotency.as_ref(), statements, reply).await
    })
    .await;
    match taken {
        Ok(committed) => {
            call.announce(user);
            Ok(committed.reply())
        }
        // What stands in the way may be what the same request made before.
        Err(error) if error.code == agendas::taken().code => {
            let before = earlier(&call, user, idempotency.as_ref()).await?;
            Ok(before.ok_or(error)?)
        }
        Err(error) => Err(too_many(error, MAX_HOLDS, "holds at once", "too_many_holds").into()),
    }
}

/// One hold that has not expired
#[utoipa::path(
    get, path = "/api/v1/calendar/holds/{id}", tag = "calendar", security(("access_token" = ["calendar:read"])),
    params(("id" = String, Path)),
    responses((status = 200, body = Hold), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_hold(
    call: Call,
    caller: Caller<CalendarRead>,
    Id(id): Id<HoldId>,
) -> Outcome {
    let found = holds::find(&caller.user, &id, call.started());
    let answer = call.database().run(found).await?;
    Ok(Reply::json(
        answer.text("hold").ok_or_else(Error::not_found)?,
    ))
}

/// Release a hold
#[utoipa::path(
    delete, path = "/api/v1/calendar/holds/{id}", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("id" = String, Path)),
    responses((status = 204, description = "Released"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn release_hold(
    call: Call,
    caller: Caller<CalendarWrite>,
    Id(id): Id<HoldId>,
) -> Outcome {
    let now = call.started();
    let told = EventId::new(now, call.entropy()?);
    let statements = holds::end(&caller.user, &id, "released", &told, now)?;
    let answers = call.database().batch(statements.into()).await?;
    if answers.first().is_none_or(|deleted| deleted.changes() == 0) {
        return Err(Error::not_found().into());
    }
    call.announce(&caller.user);
    Ok(Reply::no_content())
}

/// Make an event of a hold; what the body leaves out is taken from the hold
#[utoipa::path(
    post, path = "/api/v1/calendar/holds/{id}/confirm", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body(content = Option<ConfirmInput>),
    responses((status = 201, body = Event, headers(("location"), ("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn confirm_hold(
    call: Call,
    caller: Caller<CalendarWrite>,
    Id(id): Id<HoldId>,
    OptionalCreation(Creation { input, idempotency }): OptionalCreation<ConfirmInput>,
) -> Outcome {
    let now = call.started();
    let user = &caller.user;
    let found = call.database().run(holds::find(user, &id, now)).await?;
    let Some((hold, zone)) = read(&found)? else {
        // It may be gone because the same request made an event of it.
        let before = earlier(&call, user, idempotency.as_ref()).await?;
        return Ok(before.ok_or_else(Error::not_found)?);
    };
    let input = input.into_event(&hold, zone)?;
    let mut event = input.into_event(user, CalendarEventId::new(now, call.entropy()?), now)?;
    "hold".clone_into(&mut event.origin);
    let body = json(&event)?;
    let told = (
        EventId::new(now, call.entropy()?),
        EventId::new(now, call.entropy()?),
    );
    let mut statements = vec![holds::still(user, &id, now)];
    statements.extend(events::insert(
        user,
        &event,
        Some(id.as_str()),
        (&body, &told.0),
    )?);
    statements.extend(holds::end(user, &id, "confirmed", &told.1, now)?);
    let reply = Reply::json(body)
        .created(format!("/api/v1/calendar/events/{}", event.id))
        .with_version(1);
    let committed = commit(&call, user, idempotency.as_ref(), statements, reply).await;
    match committed {
        Ok(committed) => {
            call.announce(user);
            Ok(committed.reply())
        }
        Err(error) if guard::has_failed(&error) => {
            let before = earlier(&call, user, idempotency.as_ref()).await?;
            Ok(before.ok_or_else(Error::not_found)?)
        }
        Err(error) => Err(explained(error).into()),
    }
}

/// A hold and the zone of its person.
fn read(answer: &Answer) -> Result<Option<(Hold, chrono_tz::Tz)>, Error> {
    let Some(text) = answer.text("hold") else {
        return Ok(None);
    };
    let hold = serde_json::from_str(&text)
        .map_err(|error| Error::internal(format!("a stored hold: {error}")))?;
    let zone = answer.text("time_zone").as_deref().and_then(parse_zone);
    Ok(Some((hold, zone.unwrap_or(chrono_tz::Tz::UTC))))
}
