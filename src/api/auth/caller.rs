use delegate_core::identifier::UserId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::document::ReadProblems;
use crate::http::call::Call;
use crate::http::caller::{AccountRead, Caller};
use crate::http::reply::{Outcome, Reply};

/// What a call with this credential stands for.
#[derive(Serialize, ToSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "identifiers, as the answer names them"
)]
pub(crate) struct CallerIdentity {
    /// Whose things it is about.
    #[schema(value_type = String, example = "usr_01kab0s3fpe2s9m8rtkx6hdzqv")]
    user_id: UserId,
    /// Who acts: the same, or somebody whom they let act for them (`Acting-For`).
    #[schema(example = "usr_01kab0s3fpe2s9m8rtkx6hdzqv")]
    actor_id: String,
    /// The session (`ses_…`) or the API key (`key_…`) that the call proves itself with.
    #[schema(example = "ses_01kab0s3fpe2s9m8rtkx6hdzqv")]
    credential_id: String,
}

/// Whether a credential is good, and what it stands for. Asks the database only where that is due
/// anyhow: for an access token every 30 seconds, for a key or a delegation each time
#[utoipa::path(
    get, path = "/api/v1/auth/caller", tag = "auth", security(("access_token" = ["account:read"])),
    responses((status = 200, body = CallerIdentity), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_caller(call: Call, caller: Caller<AccountRead>) -> Outcome {
    let actor_id = call.other_actor();
    Ok(Reply::of(&CallerIdentity {
        actor_id: actor_id.unwrap_or_else(|| caller.user.to_string()),
        credential_id: caller.credential.as_str().to_owned(),
        user_id: caller.user,
    })?)
}
