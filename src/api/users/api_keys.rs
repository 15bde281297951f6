use delegate_core::api_key::{ApiKey, ApiKeyInput, MAX_KEYS, new_text};
use delegate_core::error::{Error, Kind};
use delegate_core::event::EventType;
use delegate_core::identifier::{ApiKeyId, AuditId, EventId};
use delegate_core::secret::token_hash;
use delegate_core::token::Credential;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::api::document::{ApiKeyPage, DeleteProblems, ReadProblems, WriteProblems};
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::caller::SignedIn;
use crate::http::path::Id;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::http::source;
use crate::hub;
use crate::platform::random;
use crate::store::api_keys;
use crate::store::audit::{Action, Entry};
use crate::store::list::page_json;
use crate::store::outbox;

/// A new key, with its text.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedApiKey {
    /// What goes into the `Authorization` header. It is shown this once.
    key: String,
    #[serde(flatten)]
    api_key: ApiKey,
}

/// The API keys, newest first
#[utoipa::path(
    get, path = "/api/v1/users/me/api-keys", tag = "users", security(("access_token" = ["session"])),
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = ApiKeyPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_api_keys(call: Call, caller: SignedIn, query: Query) -> Outcome {
    let query = query.known(&["limit", "cursor"])?;
    let scope = query.scope(caller.user.as_str(), "api-keys");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let page = api_keys::list(&caller.user).page(position.as_ref(), limit);
    let answer = call.database().run(page).await?;
    Ok(Reply::passing(page_json(&answer, &scope, limit)?))
}

/// Make an API key; its text is in the answer and nowhere else
#[utoipa::path(
    post, path = "/api/v1/users/me/api-keys", tag = "users", security(("access_token" = ["session"])),
    request_body = ApiKeyInput,
    responses((status = 201, body = CreatedApiKey, headers(("location"))), WriteProblems)
)]
#[worker::send]
pub(crate) async fn create_api_key(
    call: Call,
    caller: SignedIn,
    Json(input): Json<ApiKeyInput>,
) -> Outcome {
    let now = call.started();
    let new = input.check(now)?;
    let id = ApiKeyId::new(now, call.entropy()?);
    let key = new_text(&id, &caller.user, &random::bytes()?);
    let source = source::signed_in(&call, &caller);
    let entry = Entry::new(
        AuditId::new(now, call.entropy()?),
        &source,
        Action::ApiKeyCreated,
    )
    .on(id.as_str())
    .with(&json!({ "name": new.name, "scopes": new.scopes, "expires_at": new.expires_at }));
    let statements = vec![
        api_keys::insert(&caller.user, &id, &new, &token_hash(&key), now)?,
        entry.written_if_changed(&caller.user, now),
    ];
    let answers = call.database().batch(statements).await?;
    if answers.first().is_none_or(|answer| answer.changes() == 0) {
        let detail = format!("A person has at most {MAX_KEYS} API keys.");
        return Err(Error::new(Kind::Conflict, "too_many_api_keys", detail).into());
    }
    let location = format!("/api/v1/users/me/api-keys/{id}");
    let created = CreatedApiKey {
        key,
        api_key: ApiKey {
            id,
            name: new.name,
            scopes: new.scopes,
            expires_at: new.expires_at,
            last_used_at: None,
            created_at: now,
            updated_at: now,
        },
    };
    Ok(Reply::of(&created)?.created(location))
}

/// One API key, without its text
#[utoipa::path(
    get, path = "/api/v1/users/me/api-keys/{id}", tag = "users", security(("access_token" = ["session"])),
    params(("id" = String, Path)),
    responses((status = 200, body = ApiKey), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_api_key(call: Call, caller: SignedIn, Id(id): Id<ApiKeyId>) -> Outcome {
    let answer = call
        .database()
        .run(api_keys::find(&caller.user, &id))
        .await?;
    let key = answer.passing("key").ok_or_else(Error::not_found)?;
    Ok(Reply::passing(key))
}

/// Revoke an API key: its next request is refused and its sockets close
#[utoipa::path(
    delete, path = "/api/v1/users/me/api-keys/{id}", tag = "users", security(("access_token" = ["session"])),
    params(("id" = String, Path)),
    responses((status = 204, description = "Revoked"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn revoke_api_key(call: Call, caller: SignedIn, Id(id): Id<ApiKeyId>) -> Outcome {
    let now = call.started();
    let source = source::signed_in(&call, &caller);
    let entry = Entry::new(
        AuditId::new(now, call.entropy()?),
        &source,
        Action::ApiKeyRevoked,
    );
    let event = EventId::new(now, call.entropy()?);
    let data = json!({ "id": id }).to_string();
    let statements = vec![
        api_keys::delete(&caller.user, &id),
        outbox::append_if_changed(&caller.user, &event, EventType::ApiKeyRevoked, &data, now),
        entry.on(id.as_str()).written_if_changed(&caller.user, now),
    ];
    let answers = call.database().batch(statements).await?;
    if answers.first().is_none_or(|answer| answer.changes() == 0) {
        return Err(Error::not_found().into());
    }
    hub::end_or_log(call.env(), &caller.user, &[Credential::Key(id)]).await;
    call.announce(&caller.user);
    Ok(Reply::no_content())
}
