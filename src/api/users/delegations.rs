use delegate_core::delegation::{
    Delegation, DelegationInput, DelegationPatchInput, Direction, MAX_DELEGATIONS, NewDelegation,
};
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{AuditId, DelegationId, EventId, UserId};
use serde_json::json;

use crate::api::document::{
    ChangeProblems, DelegationPage, DeleteProblems, ReadProblems, WriteProblems,
};
use crate::http::body::{Json, Patch};
use crate::http::call::Call;
use crate::http::caller::SignedIn;
use crate::http::path::Id;
use crate::http::precondition::IfMatch;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::http::source;
use crate::platform::database::{Answer, Statement, violates};
use crate::store::audit::{Action, Entry};
use crate::store::delegations;
use crate::store::list::page_json;

/// Who may act for one, and for whom one may act; newest first
#[utoipa::path(
    get, path = "/api/v1/users/me/delegations", tag = "users", security(("access_token" = ["session"])),
    params(
        ("direction" = Option<Direction>, Query),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = DelegationPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_delegations(call: Call, caller: SignedIn, query: Query) -> Outcome {
    let query = query.known(&["direction", "limit", "cursor"])?;
    let direction = query.word::<Direction>("direction")?;
    let direction = direction.map(|direction| match direction {
        Direction::Given => "given",
        Direction::Received => "received",
    });
    let scope = query.scope(caller.user.as_str(), "delegations");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let page = delegations::list(&caller.user)
        .filter("mine.direction = ?", direction)
        .page(position.as_ref(), limit);
    let answer = call.database().run(page).await?;
    Ok(Reply::passing(page_json(&answer, &scope, limit)?))
}

/// Let somebody act for one, within some scopes: they send `Acting-For` with their requests
#[utoipa::path(
    post, path = "/api/v1/users/me/delegations", tag = "users", security(("access_token" = ["session"])),
    request_body = DelegationInput,
    responses((status = 201, body = Delegation, headers(("location"), ("etag"))), WriteProblems)
)]
#[worker::send]
pub(crate) async fn create_delegation(
    call: Call,
    caller: SignedIn,
    Json(input): Json<DelegationInput>,
) -> Outcome {
    let now = call.started();
    let new = input.check(&caller.user, now)?;
    let id = DelegationId::new(now, call.entropy()?);
    let event = EventId::new(now, call.entropy()?);
    let detail =
        json!({ "delegate_id": new.delegate, "scopes": new.scopes, "expires_at": new.expires_at });
    let [ours, theirs] = entries(
        &call,
        &caller,
        Action::DelegationCreated,
        (&id, &detail),
        &new.delegate,
    )?;
    let statements = vec![
        delegations::insert(&caller.user, &id, &new, now)?,
        delegations::tell(&id, &event, now),
        ours,
        theirs,
        delegations::find(&caller.user, &id),
    ];
    let answers = call.database().batch(statements).await.map_err(|error| {
        if violates(&error, delegations::DELEGATED_ALREADY) {
            let detail = "This person may act for you already: change that delegation instead.";
            Error::new(Kind::Conflict, "delegated_already", detail)
        } else {
            error
        }
    })?;
    if answers.first().is_none_or(|answer| answer.changes() == 0) {
        return Err(not_made(&call, &caller, &new).await?.into());
    }
    announce(&call, &caller.user, &new.delegate);
    let reply = answers.last().and_then(delegation);
    let reply = reply.ok_or_else(|| Error::internal("a delegation that was made is gone"))?;
    Ok(reply.created(format!("/api/v1/users/me/delegations/{id}")))
}

/// Why a delegation was not made. One round trip more, since it is rare.
async fn not_made(call: &Call, caller: &SignedIn, new: &NewDelegation) -> Result<Error, Error> {
    let answer = call
        .database()
        .run(delegations::count(&caller.user))
        .await?;
    let is_full = answer
        .number("number")
        .is_some_and(|number| number >= f64::from(MAX_DELEGATIONS));
    Ok(if is_full {
        let detail = format!("At most {MAX_DELEGATIONS} people can act for one.");
        Error::new(Kind::Conflict, "too_many_delegations", detail)
    } else {
        let rule = format!("there is nobody with the identifier {}", new.delegate);
        Error::invalid_at("/user_id", "unknown_person", rule)
    })
}

/// One delegation
#[utoipa::path(
    get, path = "/api/v1/users/me/delegations/{id}", tag = "users", security(("access_token" = ["session"])),
    params(("id" = String, Path)),
    responses((status = 200, body = Delegation, headers(("etag"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_delegation(
    call: Call,
    caller: SignedIn,
    Id(id): Id<DelegationId>,
) -> Outcome {
    let find = delegations::find(&caller.user, &id);
    let answer = call.database().run(find).await?;
    Ok(delegation(&answer).ok_or_else(Error::not_found)?)
}

/// Change what somebody may do for one; only who gave the delegation may
#[utoipa::path(
    patch, path = "/api/v1/users/me/delegations/{id}", tag = "users", security(("access_token" = ["session"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body(content = DelegationPatchInput, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Delegation, headers(("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn update_delegation(
    call: Call,
    caller: SignedIn,
    Id(id): Id<DelegationId>,
    if_match: IfMatch,
    Patch(input): Patch<DelegationPatchInput>,
) -> Outcome {
    let now = call.started();
    let patch = input.check(now)?;
    let versions = if_match.versions();
    let event = EventId::new(now, call.entropy()?);
    let source = source::signed_in(&call, &caller);
    let entry = Entry::new(
        AuditId::new(now, call.entropy()?),
        &source,
        Action::DelegationUpdated,
    )
    .on(id.as_str())
    .with(&json!({ "scopes": patch.scopes, "expires_at": patch.expires_at }));
    let statements = vec![
        delegations::update(&caller.user, &id, &patch, versions.as_deref(), now)?,
        delegations::tell(&id, &event, now),
        entry.written_if_changed(&caller.user, now),
        delegations::find(&caller.user, &id),
    ];
    let answers = call.database().batch(statements).await?;
    let found = answers.last();
    let did_change = answers.first().is_some_and(|answer| answer.changes() > 0);
    match found.and_then(delegation) {
        Some(reply) if did_change => {
            let other = found.and_then(|answer| side(answer, "delegate_id"));
            announce(&call, &caller.user, other.as_ref().unwrap_or(&caller.user));
            Ok(reply)
        }
        Some(_) if found.and_then(|answer| side(answer, "user_id")) != Some(caller.user) => {
            let detail =
                "Only who gave a delegation can change it; who received it can give it up.";
            Err(Error::new(Kind::Forbidden, "not_yours_to_change", detail).into())
        }
        found => Err(IfMatch::failure(found.is_some()).into()),
    }
}

/// Take a delegation back, or give up one that was received
#[utoipa::path(
    delete, path = "/api/v1/users/me/delegations/{id}", tag = "users", security(("access_token" = ["session"])),
    params(("id" = String, Path)),
    responses((status = 204, description = "Gone"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn delete_delegation(
    call: Call,
    caller: SignedIn,
    Id(id): Id<DelegationId>,
) -> Outcome {
    let now = call.started();
    let find = delegations::find(&caller.user, &id);
    // Who is on the other side must be known to write into their trail: a round trip of its own.
    let found = call.database().run(find).await?;
    let (Some(owner), Some(delegate)) = (side(&found, "user_id"), side(&found, "delegate_id"))
    else {
        return Err(Error::not_found().into());
    };
    let other = if owner == caller.user {
        delegate
    } else {
        owner
    };
    let events = [
        EventId::new(now, call.entropy()?),
        EventId::new(now, call.entropy()?),
    ];
    let [first, second] = &events;
    let mut statements = delegations::delete(&caller.user, &id, [first, second], now)?;
    statements.extend(entries(
        &call,
        &caller,
        Action::DelegationDeleted,
        (&id, &json!({})),
        &other,
    )?);
    call.database().batch(statements).await?;
    announce(&call, &caller.user, &other);
    Ok(Reply::no_content())
}

/// The entries in the trails of both sides, if the statements before them changed something.
fn entries(
    call: &Call,
    caller: &SignedIn,
    action: Action,
    (id, detail): (&DelegationId, &serde_json::Value),
    other: &UserId,
) -> Result<[Statement; 2], Error> {
    let now = call.started();
    let source = source::signed_in(call, caller);
    // From where one does something is nobody else's business.
    let elsewhere = source.clone().without_place();
    let (ours, theirs) = (call.entropy()?, call.entropy()?);
    let entry = |random, source, user: &UserId| {
        Entry::new(AuditId::new(now, random), source, action)
            .on(id.as_str())
            .with(detail)
            .written_if_changed(user, now)
    };
    Ok([
        entry(ours, &source, &caller.user),
        entry(theirs, &elsewhere, other),
    ])
}

fn announce(call: &Call, one: &UserId, other: &UserId) {
    call.announce(one);
    call.announce(other);
}

fn side(answer: &Answer, column: &'static str) -> Option<UserId> {
    UserId::parse(&answer.text(column)?).ok()
}

fn delegation(answer: &Answer) -> Option<Reply> {
    let version = answer.version()?;
    Some(Reply::passing(answer.passing("delegation")?).with_version(version))
}
