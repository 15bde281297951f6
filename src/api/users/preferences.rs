use delegate_core::error::{Error, Kind};
use delegate_core::identifier::EventId;
use delegate_core::patch::Draft;
use delegate_core::preferences::{KeptPreferences, Preferences, SHOWN};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::document::{
    ChangeProblems, DeleteProblems, ModelKeyPage, ReadProblems, WriteProblems,
};
use crate::http::body::{Json, Patch, parse};
use crate::http::call::Call;
use crate::http::caller::{AccountRead, Caller, SignedIn, unauthenticated};
use crate::http::path::Id;
use crate::http::precondition::IfMatch;
use crate::http::reply::{Outcome, Reply};
use crate::reading::keys;
use crate::store::documents::{self, Found, PREFERENCES};
use crate::store::model_keys;

/// What one prefers: which model reads one's mail, what it may cost, what stays here
#[utoipa::path(
    get, path = "/api/v1/users/me/preferences", tag = "users", security(("access_token" = ["account:read"])),
    responses((status = 200, body = KeptPreferences, headers(("etag"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_preferences(call: Call, caller: Caller<AccountRead>) -> Outcome {
    let answer = call.database().run(PREFERENCES.find(&caller.user)).await?;
    let found = documents::found(&answer)?.ok_or_else(unauthenticated)?;
    Ok(reply(found)?)
}

/// How often a document is merged anew because it changed meanwhile.
const MAX_TRIES: u32 = 5;

/// Change what one prefers: objects are merged, lists are replaced whole, what is null has its default
///
/// Only the person on a device may: it decides where their mail goes.
#[utoipa::path(
    patch, path = "/api/v1/users/me/preferences", tag = "users", security(("access_token" = ["session"])),
    params(("If-Match" = Option<String>, Header)),
    request_body(content = Preferences, content_type = "application/merge-patch+json"),
    responses((status = 200, body = KeptPreferences, headers(("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn update_preferences(
    call: Call,
    caller: SignedIn,
    if_match: IfMatch,
    Patch(input): Patch<Draft>,
) -> Outcome {
    let (user, now) = (&caller.user, call.started());
    let configuration = call.configuration();
    for _ in 0..MAX_TRIES {
        let answer = call.database().run(PREFERENCES.find(user)).await?;
        let found: Found<Preferences> = documents::found(&answer)?.ok_or_else(unauthenticated)?;
        let version = found.version;
        if !if_match.allows(version) {
            return Err(IfMatch::failure(true).into());
        }
        let merged = input.clone().over(Some(&found.document), &SHOWN);
        let merged = merged.map_err(|error| Error::internal(format!("merging: {error}")))?;
        let document = parse::<Preferences>(merged.as_bytes())?
            .check(found.document.analysis.model.as_deref(), |name| {
                configuration.models.find(name).is_some()
            })?;
        let only = format!("[{version}]");
        let event = EventId::new(now, call.entropy()?);
        let statements = PREFERENCES.replace(user, &document, Some(&only), &event, now)?;
        let answers = call.database().batch(statements).await?;
        if answers.first().is_some_and(|answer| answer.changes() > 0) {
            call.announce(user);
            let found = answers.last().map(documents::found).transpose()?.flatten();
            return Ok(reply(found.ok_or_else(unauthenticated)?)?);
        }
    }
    Err(Error::unavailable("the preferences changed again and again").into())
}

fn reply(found: Found<Preferences>) -> Result<Reply, Error> {
    let kept = KeptPreferences {
        document: found.document,
        created_at: found.created_at,
        updated_at: found.updated_at,
    };
    Ok(Reply::of(&kept)?.with_version(found.version))
}

/// The providers of models that one has a key of one's own at
#[utoipa::path(
    get, path = "/api/v1/users/me/model-keys", tag = "users", security(("access_token" = ["session"])),
    responses((status = 200, body = ModelKeyPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_model_keys(call: Call, caller: SignedIn) -> Outcome {
    let answer = call.database().run(model_keys::list(&caller.user)).await?;
    let items = answer.text("items").unwrap_or_else(|| "[]".to_owned());
    Ok(Reply::json(format!(
        r#"{{"items":{items},"next_cursor":null}}"#
    )))
}

/// The longest key that a provider gives out, with room.
const MAX_KEY: usize = 500;

/// A key at a provider.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelKey {
    /// The key. It is kept sealed and never shown.
    #[schema(min_length = 1, max_length = 500)]
    key: String,
}

/// Use a key of one's own at a provider of models
#[utoipa::path(
    put, path = "/api/v1/users/me/model-keys/{provider}", tag = "users", security(("access_token" = ["session"])),
    params(("provider" = String, Path)),
    request_body = ModelKey,
    responses((status = 204, description = "Kept"), WriteProblems, (status = 404, description = "No such provider, or it takes no keys of people's own", content_type = "application/problem+json", body = crate::api::document::Problem))
)]
#[worker::send]
pub(crate) async fn set_model_key(
    call: Call,
    caller: SignedIn,
    Id(provider): Id<String>,
    Json(input): Json<ModelKey>,
) -> Outcome {
    let configuration = call.configuration();
    let known = configuration.models.provider(&provider);
    known
        .filter(|provider| provider.takes_own_keys)
        .ok_or_else(Error::not_found)?;
    let key = input.key.trim();
    if key.is_empty() || key.len() > MAX_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let rule = "must be 1 to 500 visible characters of ASCII";
        return Err(Error::invalid_at("/key", "invalid_value", rule).into());
    }
    let sealed = keys::seal(configuration, &caller.user, &provider, key)?;
    let sealed_with = configuration.providers.sealing_keys.current_id();
    let put = model_keys::put(
        &caller.user,
        &provider,
        (&sealed, sealed_with),
        call.started(),
    );
    call.database().batch(put).await?;
    Ok(Reply::no_content())
}

/// Forget a key of one's own: from then on the deployment's is used, if it has one
#[utoipa::path(
    delete, path = "/api/v1/users/me/model-keys/{provider}", tag = "users", security(("access_token" = ["session"])),
    params(("provider" = String, Path)),
    responses((status = 204, description = "Forgotten"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn delete_model_key(
    call: Call,
    caller: SignedIn,
    Id(provider): Id<String>,
) -> Outcome {
    let statements = model_keys::delete(&caller.user, &provider);
    let answers = call.database().batch(statements).await?;
    if answers.first().is_none_or(|answer| answer.changes() == 0) {
        return Err(Error::new(Kind::NotFound, "not_found", "There is no such key.").into());
    }
    Ok(Reply::no_content())
}
