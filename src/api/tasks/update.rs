use delegate_core::identifier::{EventId, TaskId};
use delegate_core::task::{DueInput, Task, TaskPatchInput};

use super::{changed, zone};
use crate::api::document::ChangeProblems;
use crate::http::body::Patch;
use crate::http::call::Call;
use crate::http::caller::{Caller, TasksWrite};
use crate::http::path::Id;
use crate::http::precondition::IfMatch;
use crate::http::reply::Outcome;
use crate::planning;
use crate::store::tasks;

/// Change a task
#[utoipa::path(
    patch, path = "/api/v1/tasks/{id}", tag = "tasks", security(("access_token" = ["tasks:write"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body(content = TaskPatchInput, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Task, headers(("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn update_task(
    call: Call,
    caller: Caller<TasksWrite>,
    Id(id): Id<TaskId>,
    if_match: IfMatch,
    Patch(input): Patch<TaskPatchInput>,
) -> Outcome {
    let database = call.database();
    let due = input.due.as_ref().and_then(Option::as_ref);
    let zone = zone(
        database,
        &caller.user,
        due.is_some_and(DueInput::needs_zone),
    )
    .await?;
    let now = call.started();
    let patch = input.into_patch(now, zone)?;
    let event = EventId::new(now, call.entropy()?);
    let versions = if_match.versions();
    let statements = tasks::update(&caller.user, &id, &patch, versions.as_deref(), &event, now)?;
    let reply = changed(&database.batch(statements).await?)?;
    call.announce(&caller.user);
    planning::mend(&call, &caller.user);
    Ok(reply)
}
