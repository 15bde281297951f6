use delegate_core::error::Error;
use delegate_core::identifier::TaskId;
use delegate_core::task::Task;

use super::task;
use crate::api::document::ReadProblems;
use crate::http::call::Call;
use crate::http::caller::{Caller, TasksRead};
use crate::http::path::Id;
use crate::http::reply::Outcome;
use crate::store::tasks;

/// One task
#[utoipa::path(
    get, path = "/api/v1/tasks/{id}", tag = "tasks", security(("access_token" = ["tasks:read"])),
    params(("id" = String, Path)),
    responses((status = 200, body = Task, headers(("etag"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_task(call: Call, caller: Caller<TasksRead>, Id(id): Id<TaskId>) -> Outcome {
    let answer = call.database().run(tasks::find(&caller.user, &id)).await?;
    Ok(task(&answer).ok_or_else(Error::not_found)?)
}
