use delegate_core::error::Error;
use delegate_core::identifier::EmailId;

use super::versioned;
use crate::api::document::{EmailView, ReadProblems};
use crate::http::call::Call;
use crate::http::caller::{Caller, EmailsRead};
use crate::http::path::Id;
use crate::http::reply::Outcome;
use crate::store::emails;

/// One message, with its text
#[utoipa::path(
    get, path = "/api/v1/emails/{id}", tag = "emails", security(("access_token" = ["emails:read"])),
    params(("id" = String, Path)),
    responses((status = 200, body = EmailView, headers(("etag"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_email(
    call: Call,
    caller: Caller<EmailsRead>,
    Id(id): Id<EmailId>,
) -> Outcome {
    let answer = call.database().run(emails::find(&caller.user, &id)).await?;
    Ok(versioned(&answer, "email").ok_or_else(Error::not_found)?)
}
