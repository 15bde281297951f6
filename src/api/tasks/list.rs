use delegate_core::analysis::Priority;
use delegate_core::error::Error;
use delegate_core::task::Status;

use crate::api::document::{ReadProblems, TaskPage};
use crate::http::call::Call;
use crate::http::caller::{Caller, TasksRead};
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::store::list::{Direction, EMPTY_PAGE, page_json};
use crate::store::tasks;

const PARAMETERS: [&str; 8] = [
    "status",
    "priority",
    "due_from",
    "due_until",
    "q",
    "sort",
    "limit",
    "cursor",
];

/// The orders a list of tasks can have: the parameter, the column, the direction.
const ORDERS: [(&str, &str, Direction); 8] = [
    ("-created_at", "tasks.id", Direction::Descending),
    ("created_at", "tasks.id", Direction::Ascending),
    ("due", "tasks.due_order", Direction::Ascending),
    ("-due", "tasks.due_order", Direction::Descending),
    ("priority", "tasks.priority_order", Direction::Ascending),
    ("-priority", "tasks.priority_order", Direction::Descending),
    ("updated_at", "tasks.updated_at", Direction::Ascending),
    ("-updated_at", "tasks.updated_at", Direction::Descending),
];

/// Tasks, newest first unless told otherwise
#[utoipa::path(
    get, path = "/api/v1/tasks", tag = "tasks", security(("access_token" = ["tasks:read"])),
    params(
        ("status" = Option<Status>, Query),
        ("priority" = Option<Priority>, Query),
        ("due_from" = Option<String>, Query, format = DateTime, description = "Due at or after this instant"),
        ("due_until" = Option<String>, Query, format = DateTime, description = "Due before this instant"),
        ("q" = Option<String>, Query, max_length = 1000, description = "Words to find"),
        ("sort" = Option<String>, Query,
         description = "`created_at`, `due`, `priority` or `updated_at`; `-` in front for the other direction"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = TaskPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_tasks(call: Call, caller: Caller<TasksRead>, query: Query) -> Outcome {
    let query = query.known(&PARAMETERS)?;
    let status = query.word::<Status>("status")?.map(Status::as_str);
    let priority = query
        .word::<Priority>("priority")?
        .map(|word| tasks::word(&word))
        .transpose()?;
    let scope = query.scope(caller.user.as_str(), "tasks");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let (_, key, direction) = match query.text("sort") {
        None => ORDERS[0],
        Some(sort) => *ORDERS
            .iter()
            .find(|(name, ..)| *name == sort)
            .ok_or_else(|| {
                Error::invalid_parameter("sort", "invalid_value", "is not an order of this list")
            })?,
    };
    let search = query.search(&caller.user)?;
    let page = tasks::list(&caller.user)
        .filter("tasks.status = ?", status)
        .filter("tasks.priority = ?", priority)
        .filter("tasks.due_at >= ?", query.instant("due_from")?)
        .filter("tasks.due_at < ?", query.instant("due_until")?)
        .filter(tasks::SEARCH, search.expression())
        .ordered(key, direction)
        .page(position.as_ref(), limit);
    if search.is_for_nothing() {
        return Ok(Reply::json(EMPTY_PAGE.to_owned()));
    }
    let answer = call.database().run(page).await?;
    Ok(Reply::passing(page_json(&answer, &scope, limit)?))
}
