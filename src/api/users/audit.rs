use crate::api::document::{AuditPage, ReadProblems};
use crate::http::call::Call;
use crate::http::caller::SignedIn;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::store::audit;
use crate::store::list::page_json;

/// What was done in the account, newest first: by whom, from where, on whose behalf
#[utoipa::path(
    get, path = "/api/v1/users/me/audit", tag = "users", security(("access_token" = ["session"])),
    params(
        ("action" = Option<String>, Query, max_length = 100, description = "Only this kind"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = AuditPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_audit_entries(call: Call, caller: SignedIn, query: Query) -> Outcome {
    let query = query.known(&["action", "limit", "cursor"])?;
    let scope = query.scope(caller.user.as_str(), "audit");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let page = audit::list(&caller.user)
        .filter("a.action = ?", query.text("action"))
        .page(position.as_ref(), limit);
    let answer = call.database().run(page).await?;
    Ok(Reply::passing(page_json(&answer, &scope, limit)?))
}
