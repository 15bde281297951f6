use delegate_core::analysis::thread_summary::ThreadSummary;
use delegate_core::error::Error;
use delegate_core::identifier::ThreadId;

use crate::api::document::{ReadProblems, ThreadView};
use crate::http::call::Call;
use crate::http::caller::{Caller, EmailsRead};
use crate::http::path::Id;
use crate::http::reply::{Outcome, Reply};
use crate::reading::summarize_thread;
use crate::store::emails;

/// A conversation: its messages in the order of time
#[utoipa::path(
    get, path = "/api/v1/emails/threads/{id}", tag = "emails", security(("access_token" = ["emails:read"])),
    params(("id" = String, Path)),
    responses((status = 200, body = ThreadView), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_thread(
    call: Call,
    caller: Caller<EmailsRead>,
    Id(id): Id<ThreadId>,
) -> Outcome {
    let answer = call
        .database()
        .run(emails::find_thread(&caller.user, &id))
        .await?;
    let is_there = answer.number("number").is_some_and(|number| number > 0.0);
    let thread = answer
        .text("thread")
        .filter(|_| is_there)
        .ok_or_else(Error::not_found)?;
    Ok(Reply::json(thread))
}

/// What a conversation comes to: who wants what of whom, at most three sentences with their places
#[utoipa::path(
    get, path = "/api/v1/emails/threads/{id}/summary", tag = "emails", security(("access_token" = ["emails:read"])),
    params(("id" = String, Path)),
    responses((status = 200, body = ThreadSummary), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_thread_summary(
    call: Call,
    caller: Caller<EmailsRead>,
    Id(id): Id<ThreadId>,
) -> Outcome {
    let summary = summarize_thread(call.database(), &caller.user, &id).await?;
    Ok(Reply::of(&summary.ok_or_else(Error::not_found)?)?)
}
