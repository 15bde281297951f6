use delegate_core::calendar::plan::wire::{KeptPlan, PlanInput};
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{EventId, PlanId};

use super::{MAX_TRIES, contended, too_many};
use crate::api::document::{DeleteProblems, PlanPage, ReadProblems, WriteProblems};
use crate::http::body::Creation;
use crate::http::call::Call;
use crate::http::caller::{CalendarRead, CalendarWrite, Caller, Planning};
use crate::http::idempotency::{commit, earlier};
use crate::http::path::Id;
use crate::http::precondition::IfMatch;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::planning::{self, Extent};
use crate::platform::database::Answer;
use crate::store::list::page_json;
use crate::store::{guard, plans};

/// The most plans that go on at once.
const MAX_PLANS: u32 = 20;

/// Plans, the newest first, without their blocks
#[utoipa::path(
    get, path = "/api/v1/calendar/plans", tag = "calendar", security(("access_token" = ["calendar:read"])),
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = PlanPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_plans(call: Call, caller: Caller<CalendarRead>, query: Query) -> Outcome {
    let query = query.known(&["limit", "cursor"])?;
    let scope = query.scope(caller.user.as_str(), "plans");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let page = plans::list(&caller.user).page(position.as_ref(), limit);
    let answer = call.database().run(page).await?;
    Ok(Reply::passing(page_json(&answer, &scope, limit)?))
}

/// Plan tasks into free time
///
/// The blocks are events of the primary calendar and take up time like any other. When something
/// lands on one, or its task changes, the plan is made anew within a minute. What the person moved or
/// changed themselves stays where it is and counts as the task's time.
#[utoipa::path(
    post, path = "/api/v1/calendar/plans", tag = "calendar", security(("access_token" = ["calendar:write", "tasks:read"])),
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = PlanInput,
    responses((status = 201, body = KeptPlan, headers(("location"), ("etag"))), WriteProblems)
)]
#[worker::send]
pub(crate) async fn create_plan(
    call: Call,
    caller: Caller<Planning>,
    Creation { input, idempotency }: Creation<PlanInput>,
) -> Outcome {
    let now = call.started();
    let (database, user) = (call.database(), &caller.user);
    let new = input.check(now)?;
    let id = PlanId::new(now, call.entropy()?);
    for _ in 0..MAX_TRIES {
        let made = match planning::make(database, user, &id, &new, MAX_PLANS, now).await {
            Ok(made) => made,
            // What can't be planned any more may have been by the same request.
            Err(error)
                if guard::has_failed(&error)
                    || matches!(error.kind, Kind::Conflict | Kind::Invalid) =>
            {
                let before = earlier(&call, user, idempotency.as_ref()).await?;
                return Ok(before.ok_or_else(|| {
                    too_many(error, MAX_PLANS, "plans that go on", "too_many_plans")
                })?);
            }
            Err(error) => return Err(error.into()),
        };
        let reply = Reply::of(&made.kept)?
            .created(format!("/api/v1/calendar/plans/{id}"))
            .with_version(made.version);
        let committed = commit(&call, user, idempotency.as_ref(), made.statements, reply);
        match committed.await {
            Ok(committed) => {
                call.announce(user);
                return Ok(committed.reply());
            }
            Err(error) if planning::is_overtaken(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(contended().into())
}

/// One plan, with its blocks as they stand in the calendar and what found no place
#[utoipa::path(
    get, path = "/api/v1/calendar/plans/{id}", tag = "calendar", security(("access_token" = ["calendar:read"])),
    params(("id" = String, Path)),
    responses((status = 200, body = KeptPlan, headers(("etag"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_plan(
    call: Call,
    caller: Caller<CalendarRead>,
    Id(id): Id<PlanId>,
) -> Outcome {
    let answer = call.database().run(plans::find(&caller.user, &id)).await?;
    Ok(shown(&answer).ok_or_else(Error::not_found)?)
}

/// The plan that a statement read.
fn shown(answer: &Answer) -> Option<Reply> {
    let version = answer.version()?;
    Some(Reply::passing(answer.passing("plan")?).with_version(version))
}

/// Make a plan anew, with as little change as possible
///
/// A block that began, or that the person moved or changed, stays. A block that the person deleted is
/// planned again as long as its task is open.
#[utoipa::path(
    post, path = "/api/v1/calendar/plans/{id}/replan", tag = "calendar", security(("access_token" = ["calendar:write", "tasks:read"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = KeptPlan, headers(("etag"))), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn replan(
    call: Call,
    caller: Caller<Planning>,
    Id(id): Id<PlanId>,
    if_match: IfMatch,
) -> Outcome {
    let (database, user) = (call.database(), &caller.user);
    for _ in 0..MAX_TRIES {
        let made = planning::make_anew(database, user, &id, Extent::All, call.started()).await?;
        let made = made.ok_or_else(Error::not_found)?;
        let before = made.version - u32::from(!made.statements.is_empty());
        if !if_match.allows(before) {
            return Err(IfMatch::failure(true).into());
        }
        let reply = Reply::of(&made.kept)?.with_version(made.version);
        if made.statements.is_empty() {
            return Ok(reply);
        }
        match database.batch(made.statements).await {
            Ok(_) => {
                call.announce(user);
                return Ok(reply);
            }
            Err(error) if planning::is_overtaken(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(contended().into())
}

/// Take a plan back: its blocks that are still ahead go
///
/// What began, and what the person moved or changed, stays as an ordinary event.
#[utoipa::path(
    delete, path = "/api/v1/calendar/plans/{id}", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Taken back"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn delete_plan(
    call: Call,
    caller: Caller<CalendarWrite>,
    Id(id): Id<PlanId>,
    if_match: IfMatch,
) -> Outcome {
    let now = call.started();
    let told = EventId::new(now, call.entropy()?);
    let versions = if_match.versions();
    let statements = plans::delete(&caller.user, &id, versions.as_deref(), &told, now);
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
