use delegate_core::account::{User, UserPatchInput};
use delegate_core::error::Error;
use delegate_core::identifier::{JobId, WorkId};

use crate::api::document::{ChangeProblems, ReadProblems};
use crate::http::body::Patch;
use crate::http::call::Call;
use crate::http::caller::{AccountRead, AccountWrite, Caller, unauthenticated};
use crate::http::precondition::IfMatch;
use crate::http::reply::{Outcome, Reply};
use crate::platform::database::Answer;
use crate::store::accounts;

/// Who is signed in
#[utoipa::path(
    get, path = "/api/v1/users/me", tag = "users", security(("access_token" = ["account:read"])),
    responses((status = 200, body = User, headers(("etag"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_me(call: Call, caller: Caller<AccountRead>) -> Outcome {
    let answer = call.database().run(accounts::find(&caller.user)).await?;
    Ok(user(&answer).ok_or_else(unauthenticated)?)
}

/// Change one's name or time zone
#[utoipa::path(
    patch, path = "/api/v1/users/me", tag = "users", security(("access_token" = ["account:write"])),
    params(("If-Match" = Option<String>, Header)),
    request_body(content = UserPatchInput, content_type = "application/merge-patch+json"),
    responses((status = 200, body = User, headers(("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn update_me(
    call: Call,
    caller: Caller<AccountWrite>,
    if_match: IfMatch,
    Patch(input): Patch<UserPatchInput>,
) -> Outcome {
    let patch = input.check()?;
    let now = call.started();
    let job = JobId::new(now, call.entropy()?);
    let first = WorkId::new(now, call.entropy()?);
    let versions = if_match.versions();
    let statements = accounts::update(
        &caller.user,
        &patch,
        versions.as_deref(),
        (&job, &first),
        now,
    )?;
    let answers = call.database().batch(statements).await?;
    let found = answers.last().and_then(user);
    if answers.first().is_none_or(|answer| answer.changes() == 0) {
        let error = if found.is_some() {
            IfMatch::failure(true)
        } else {
            unauthenticated()
        };
        return Err(error.into());
    }
    if patch.time_zone.is_some() {
        call.wake(vec![first.to_string()]);
    }
    Ok(found.ok_or_else(|| Error::internal("a person who was changed is gone"))?)
}

fn user(answer: &Answer) -> Option<Reply> {
    let version = answer.version()?;
    Some(Reply::passing(answer.passing("user")?).with_version(version))
}
