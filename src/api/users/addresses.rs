use delegate_core::account::{MAX_ADDRESSES, check_address};
use delegate_core::error::{Error, Kind, Violations};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::document::{AddressPage, DeleteProblems, ReadProblems, WriteProblems};
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::caller::{AccountRead, AccountWrite, Caller, unauthenticated};
use crate::http::path::Id;
use crate::http::reply::{Outcome, Reply};
use crate::store::accounts;

/// An address that is "me".
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressInput {
    /// The address; compared in lower case.
    #[schema(max_length = 254, format = "email")]
    address: String,
}

/// The addresses that are "me" in a message
#[utoipa::path(
    get, path = "/api/v1/users/me/addresses", tag = "users", security(("access_token" = ["account:read"])),
    responses((status = 200, body = AddressPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_addresses(call: Call, caller: Caller<AccountRead>) -> Outcome {
    let answer = call
        .database()
        .run(accounts::list_addresses(&caller.user))
        .await?;
    Ok(Reply::json(
        answer.text("page").ok_or_else(unauthenticated)?,
    ))
}

/// Make an address "me"; one that is already stays
#[utoipa::path(
    post, path = "/api/v1/users/me/addresses", tag = "users", security(("access_token" = ["account:write"])),
    request_body = AddressInput,
    responses((status = 201, description = "The address is \"me\"", body = Object), WriteProblems)
)]
#[worker::send]
pub(crate) async fn add_address(
    call: Call,
    caller: Caller<AccountWrite>,
    Json(input): Json<AddressInput>,
) -> Outcome {
    let mut violations = Violations::default();
    let address = check_address(&input.address, "/address", &mut violations);
    let address = violations.into_result(address)?;
    let now = call.started();
    let statements = accounts::add_address(&caller.user, address.key(), MAX_ADDRESSES, now);
    let answers = call.database().batch(statements).await?;
    let present = answers
        .last()
        .and_then(|answer| answer.number("present"))
        .unwrap_or(0.0);
    if present < 1.0 {
        let detail = format!("A person has at most {MAX_ADDRESSES} addresses.");
        return Err(Error::new(Kind::Conflict, "too_many_addresses", detail).into());
    }
    let body = serde_json::json!({ "address": address.key() });
    Ok(Reply::of(&body)?.created("/api/v1/users/me/addresses".to_owned()))
}

/// Make an address somebody else's; the one to sign in with stays
#[utoipa::path(
    delete, path = "/api/v1/users/me/addresses/{address}", tag = "users", security(("access_token" = ["account:write"])),
    params(("address" = String, Path)),
    responses((status = 204, description = "No longer \"me\""), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn remove_address(
    call: Call,
    caller: Caller<AccountWrite>,
    Id(address): Id<String>,
) -> Outcome {
    let address = address.trim().to_lowercase();
    let statements = accounts::remove_address(&caller.user, &address, call.started());
    let answers = call.database().batch(statements).await?;
    if answers
        .last()
        .is_some_and(|answer| answer.number("present").is_some())
    {
        let detail = "The address to sign in with can't be removed.";
        return Err(Error::new(Kind::Conflict, "login_address", detail).into());
    }
    if answers.first().is_none_or(|answer| answer.changes() == 0) {
        return Err(Error::not_found().into());
    }
    Ok(Reply::no_content())
}
