use delegate_core::identifier::{EventId, TaskId};

use crate::api::document::DeleteProblems;
use crate::http::call::Call;
use crate::http::caller::{Caller, TasksWrite};
use crate::http::path::Id;
use crate::http::precondition::IfMatch;
use crate::http::reply::{Outcome, Reply};
use crate::planning;
use crate::store::tasks;

/// Delete a task
#[utoipa::path(
    delete, path = "/api/v1/tasks/{id}", tag = "tasks", security(("access_token" = ["tasks:write"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Deleted"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn delete_task(
    call: Call,
    caller: Caller<TasksWrite>,
    Id(id): Id<TaskId>,
    if_match: IfMatch,
) -> Outcome {
    let now = call.started();
    let event = EventId::new(now, call.entropy()?);
    let versions = if_match.versions();
    let statements = tasks::delete(&caller.user, &id, versions.as_deref(), &event, now);
    let answers = call.database().batch(statements).await?;
    if answers.get(1).is_none_or(|deleted| deleted.changes() == 0) {
        let exists = answers
            .last()
            .is_some_and(|answer| answer.number("present").is_some());
        return Err(IfMatch::failure(exists).into());
    }
    call.announce(&caller.user);
    planning::mend(&call, &caller.user);
    Ok(Reply::no_content())
}
