use delegate_core::connection::{
    Connection, ConnectionInput, Grant, MAX_CONNECTIONS, VISIT_LIFE, account_key, grant_belongs,
    seal_tokens,
};
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{AuditId, ConnectionId, EventId, JobId, WorkId};
use delegate_core::secret::{encode, token_hash};
use delegate_core::time::Timestamp;
use delegate_core::work::Work;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::api::auth::{Exchange, invalid_code, return_page, settings};
use crate::api::document::{ConnectionPage, DeleteProblems, ReadProblems, WriteProblems};
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::caller::SignedIn;
use crate::http::path::Id;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::http::source;
use crate::hub;
use crate::platform::database::Answer;
use crate::platform::random;
use crate::store::audit::{Action, Entry};
use crate::store::authorizations::{self, Used, Visit};
use crate::store::connections::{self, Sealed};
use crate::store::list::page_json;
use crate::store::{jobs, work};

/// Where to go to connect an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Authorization {
    /// To be opened in the person's browser, once.
    authorization_url: String,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// The accounts at providers, newest first
#[utoipa::path(
    get, path = "/api/v1/users/me/connections", tag = "users", security(("access_token" = ["session"])),
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = ConnectionPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_connections(call: Call, caller: SignedIn, query: Query) -> Outcome {
    let query = query.known(&["limit", "cursor"])?;
    let scope = query.scope(caller.user.as_str(), "connections");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let page = connections::list(&caller.user).page(position.as_ref(), limit);
    let answer = call.database().run(page).await?;
    Ok(Reply::passing(page_json(&answer, &scope, limit)?))
}

/// Begin to connect an account at a provider, or to connect one again. The browser ends at
/// `return_to` with a `connection_code`, which `/users/me/connections/complete` takes
#[utoipa::path(
    post, path = "/api/v1/users/me/connections", tag = "users", security(("access_token" = ["session"])),
    request_body = ConnectionInput,
    responses((status = 201, body = Authorization), WriteProblems)
)]
#[worker::send]
pub(crate) async fn begin_connection(
    call: Call,
    caller: SignedIn,
    Json(input): Json<ConnectionInput>,
) -> Outcome {
    let access = input.check()?;
    let settings = settings(call.configuration(), input.provider)?;
    let return_to = return_page(&call, input.return_to.as_deref())?;
    let access = serde_json::to_string(&access)
        .map_err(|error| Error::internal(format!("the parts of an account: {error}")))?;
    let ticket = encode(&random::bytes::<32>()?);
    let visit = Visit {
        state_hash: "",
        browser_hash: "",
        provider: settings.provider().as_str(),
        nonce: "",
        sealed_verifier: "",
        return_to: &return_to,
        challenge: input.challenge.as_deref(),
        invitation: None,
        access: &access,
    };
    let now = call.started();
    let hint = input.login_hint.as_deref();
    let plan = authorizations::plan(&caller.user, &token_hash(&ticket), &visit, hint, now);
    call.database().run(plan).await?;
    let authorization = Authorization {
        authorization_url: format!(
            "{}/api/v1/auth/{}/connect?ticket={ticket}",
            call.configuration().public_url,
            settings.provider().as_str()
        ),
        expires_at: now.plus(VISIT_LIFE),
    };
    Ok(Reply::of(&authorization)?.with_status(201))
}

/// Complete what was begun: the account becomes the person's who began. Two round trips: the code
/// is used up before it is looked at
#[utoipa::path(
    post, path = "/api/v1/users/me/connections/complete", tag = "users", security(("access_token" = ["session"])),
    request_body = Exchange,
    responses((status = 201, body = Connection, headers(("location"), ("etag"))), WriteProblems)
)]
#[worker::send]
pub(crate) async fn complete_connection(
    call: Call,
    caller: SignedIn,
    Json(input): Json<Exchange>,
) -> Outcome {
    let now = call.started();
    let code_hash = token_hash(&input.code);
    let use_code = authorizations::use_code(&code_hash, true, now);
    let used = call.database().run(use_code).await?.first::<Used>()?;
    // Whoever was sent to a provider by somebody else ends here, signed in as themselves.
    let sealed = used
        .filter(|used| used.user_id == caller.user.as_str())
        .filter(|used| input.is_of(used.challenge.as_deref()))
        .and_then(|used| used.grant_json)
        .ok_or_else(|| invalid_code(Kind::Forbidden))?;
    let keys = &call.configuration().providers.sealing_keys;
    let opened = keys.open(&sealed, grant_belongs(&code_hash, &caller.user));
    let Grant { account, tokens } = opened
        .ok()
        .and_then(|plain| serde_json::from_slice(&plain).ok())
        .ok_or_else(|| Error::internal("a grant that does not open"))?;
    let key = account_key(account.provider.as_str(), &account.issuer, &account.subject);
    let tokens_sealed = seal_tokens(keys, &key, &caller.user, &tokens, &random::bytes()?)
        .ok_or_else(|| Error::internal("sealing tokens"))?;
    let sealed = Sealed {
        tokens: &tokens_sealed,
        with: keys.current_id(),
        expires_at: tokens.expires_at,
        scopes: &serde_json::to_string(&tokens.scopes)
            .map_err(|error| Error::internal(format!("scopes: {error}")))?,
    };
    let id = ConnectionId::new(now, call.entropy()?);
    let event = EventId::new(now, call.entropy()?);
    let source = source::signed_in(&call, &caller);
    let entry = Entry::new(
        AuditId::new(now, call.entropy()?),
        &source,
        Action::Connected,
    )
    .on(account.provider.as_str())
    .with(&json!({ "email": account.email, "scopes": tokens.scopes }));
    let statements = vec![
        connections::connect(&caller.user, &id, &account, &sealed, now),
        connections::tell_of_account(&caller.user, &account, &event, now),
        entry.written_if_changed(&caller.user, now),
        connections::find_of_account(&caller.user, &account),
    ];
    let answers = call.database().batch(statements).await?;
    let did_change = answers.first().is_some_and(|answer| answer.changes() > 0);
    let found = answers.last();
    let (Some(reply), true) = (found.and_then(connection), did_change) else {
        return Err(not_connected(found.is_some_and(|answer| answer.version().is_some())).into());
    };
    call.announce(&caller.user);
    let id = found
        .and_then(|answer| answer.text("id"))
        .unwrap_or_default();
    Ok(reply.created(format!("/api/v1/users/me/connections/{id}")))
}

/// Why an account was not connected.
fn not_connected(is_ours: bool) -> Error {
    let (code, detail) = if is_ours {
        (
            "being_disconnected",
            "This account is just being disconnected. Try again in a minute.".to_owned(),
        )
    } else {
        (
            "not_connectable",
            format!(
                "The account belongs to somebody else here, or there are {MAX_CONNECTIONS} \
                 connections already."
            ),
        )
    };
    Error::new(Kind::Conflict, code, detail)
}

/// One account at a provider
#[utoipa::path(
    get, path = "/api/v1/users/me/connections/{id}", tag = "users", security(("access_token" = ["session"])),
    params(("id" = String, Path)),
    responses((status = 200, body = Connection, headers(("etag"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_connection(
    call: Call,
    caller: SignedIn,
    Id(id): Id<ConnectionId>,
) -> Outcome {
    let find = connections::find(&caller.user, &id);
    let answer = call.database().run(find).await?;
    Ok(connection(&answer).ok_or_else(Error::not_found)?)
}

/// Look whether the provider still takes the token of a connection
#[utoipa::path(
    post, path = "/api/v1/users/me/connections/{id}/check", tag = "users", security(("access_token" = ["session"])),
    params(("id" = String, Path)),
    responses((status = 200, body = Connection, headers(("etag"))), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn check_connection(
    call: Call,
    caller: SignedIn,
    Id(id): Id<ConnectionId>,
) -> Outcome {
    call.database().confirm().await?;
    hub::check_connection(call.env(), &caller.user, &id).await?;
    let find = connections::find(&caller.user, &id);
    let answer = call.database().run(find).await?;
    Ok(connection(&answer).ok_or_else(Error::not_found)?)
}

/// Disconnect an account: its tokens are revoked at the provider and erased here. A job does it;
/// the connection is gone from the list when it has
#[utoipa::path(
    delete, path = "/api/v1/users/me/connections/{id}", tag = "users", security(("access_token" = ["session"])),
    params(("id" = String, Path)),
    responses((status = 204, description = "Being disconnected"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn disconnect(call: Call, caller: SignedIn, Id(id): Id<ConnectionId>) -> Outcome {
    let now = call.started();
    let job = JobId::new(now, call.entropy()?);
    let first = WorkId::new(now, call.entropy()?);
    let event = EventId::new(now, call.entropy()?);
    let source = source::signed_in(&call, &caller);
    let entry = Entry::new(
        AuditId::new(now, call.entropy()?),
        &source,
        Action::Disconnected,
    );
    let revoke = Work::DisconnectV1 {
        connection_id: id.clone(),
    };
    let statements = vec![
        connections::begin_disconnecting(&caller.user, &id, now),
        connections::tell(&caller.user, &id, &event, now),
        entry.on(id.as_str()).written_if_changed(&caller.user, now),
        jobs::insert_if_changed(&caller.user, &job, "disconnection", now),
        work::insert(&caller.user, &job, &first, &revoke, now)?,
        connections::find(&caller.user, &id),
    ];
    let answers = call.database().batch(statements).await?;
    if answers.first().is_none_or(|answer| answer.changes() == 0) {
        return Err(not_disconnected(answers.last()).into());
    }
    call.announce(&caller.user);
    call.wake(vec![first.to_string()]);
    Ok(Reply::no_content())
}

/// Why an account is not being disconnected. One that is already is as good as gone.
fn not_disconnected(found: Option<&Answer>) -> Error {
    let status = found.and_then(|answer| answer.text("status"));
    match status.as_deref() {
        None | Some("disconnecting") => Error::not_found(),
        Some(_) => Error::new(
            Kind::Conflict,
            "last_way_in",
            "You could not sign in any more: set a password first (/auth/password), or connect \
             another account.",
        ),
    }
}

fn connection(answer: &Answer) -> Option<Reply> {
    let version = answer.version()?;
    Some(Reply::passing(answer.passing("connection")?).with_version(version))
}
