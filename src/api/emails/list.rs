use delegate_core::analysis::{Category, Priority};
use delegate_core::error::Error;
use delegate_core::identifier::ThreadId;

use crate::api::document::{EmailPage, ReadProblems};
use crate::http::call::Call;
use crate::http::caller::{Caller, EmailsRead};
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::store::list::{Direction, EMPTY_PAGE, page_json};
use crate::store::{emails, tasks};

const PARAMETERS: [&str; 14] = [
    "category",
    "priority",
    "needs_reply",
    "is_read",
    "has_attachments",
    "from",
    "label",
    "thread_id",
    "received_from",
    "received_until",
    "q",
    "sort",
    "limit",
    "cursor",
];

/// Messages, newest first
#[utoipa::path(
    get, path = "/api/v1/emails", tag = "emails", security(("access_token" = ["emails:read"])),
    params(
        ("category" = Option<Category>, Query),
        ("priority" = Option<Priority>, Query),
        ("needs_reply" = Option<bool>, Query),
        ("is_read" = Option<bool>, Query),
        ("has_attachments" = Option<bool>, Query),
        ("from" = Option<String>, Query, description = "The address of the author"),
        ("label" = Option<String>, Query),
        ("thread_id" = Option<String>, Query),
        ("received_from" = Option<String>, Query, format = DateTime),
        ("received_until" = Option<String>, Query, format = DateTime),
        ("q" = Option<String>, Query, max_length = 1000, description = "Words to find"),
        ("sort" = Option<String>, Query, description = "`received_at` or `-received_at`"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = EmailPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_emails(call: Call, caller: Caller<EmailsRead>, query: Query) -> Outcome {
    let query = query.known(&PARAMETERS)?;
    let category = query
        .word::<Category>("category")?
        .map(|word| tasks::word(&word))
        .transpose()?;
    let priority = query
        .word::<Priority>("priority")?
        .map(|word| tasks::word(&word))
        .transpose()?;
    let thread = query
        .text("thread_id")
        .map(ThreadId::parse)
        .transpose()
        .map_err(|error| {
            Error::invalid_parameter("thread_id", "invalid_value", error.to_string())
        })?;
    let direction = match query.text("sort") {
        None | Some("-received_at") => Direction::Descending,
        Some("received_at") => Direction::Ascending,
        Some(_) => {
            let rule = "must be received_at or -received_at";
            return Err(Error::invalid_parameter("sort", "invalid_value", rule).into());
        }
    };
    let scope = query.scope(caller.user.as_str(), "emails");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let search = query.search(&caller.user)?;
    let page = emails::list(&caller.user)
        .filter("a.category = ?", category)
        .filter("a.priority = ?", priority)
        .filter("a.needs_reply = ?", query.flag("needs_reply")?)
        .filter("emails.is_read = ?", query.flag("is_read")?)
        .filter("emails.has_attachments = ?", query.flag("has_attachments")?)
        .filter(
            "emails.sender_address = ?",
            query.text("from").map(str::to_lowercase),
        )
        .filter(
            "EXISTS (SELECT 1 FROM json_each(emails.labels) WHERE value = ?)",
            query.text("label"),
        )
        .filter(
            "emails.thread_id = ?",
            thread.as_ref().map(ThreadId::as_str),
        )
        .filter("emails.received_at >= ?", query.instant("received_from")?)
        .filter("emails.received_at < ?", query.instant("received_until")?)
        .filter(emails::SEARCH, search.expression())
        .ordered("emails.received_at", direction)
        .page(position.as_ref(), limit);
    if search.is_for_nothing() {
        return Ok(Reply::json(EMPTY_PAGE.to_owned()));
    }
    let answer = call.database().run(page).await?;
    Ok(Reply::passing(page_json(&answer, &scope, limit)?))
}
