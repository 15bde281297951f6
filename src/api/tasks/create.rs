use delegate_core::identifier::{EventId, TaskId};
use delegate_core::task::{DueInput, Task, TaskInput};

use super::zone;
use crate::api::document::WriteProblems;
use crate::http::body::Creation;
use crate::http::call::Call;
use crate::http::caller::{Caller, TasksWrite};
use crate::http::idempotency::commit;
use crate::http::reply::{Outcome, Reply};
use crate::store::tasks;

/// Make a task
#[utoipa::path(
    post, path = "/api/v1/tasks", tag = "tasks", security(("access_token" = ["tasks:write"])),
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = TaskInput,
    responses((status = 201, body = Task, headers(("location"), ("etag"))), WriteProblems)
)]
#[worker::send]
pub(crate) async fn create_task(
    call: Call,
    caller: Caller<TasksWrite>,
    Creation { input, idempotency }: Creation<TaskInput>,
) -> Outcome {
    let database = call.database();
    let needs_zone = input.due.as_ref().is_some_and(DueInput::needs_zone);
    let zone = zone(database, &caller.user, needs_zone).await?;
    let now = call.started();
    let new = input.into_task(TaskId::new(now, call.entropy()?), now, zone)?;
    let json = tasks::json(&new.task)?;
    let event = EventId::new(now, call.entropy()?);
    let statements = tasks::insert(&caller.user, &new, &json, &event)?;
    let reply = Reply::json(json)
        .created(format!("/api/v1/tasks/{}", new.task.id))
        .with_version(1);
    let user = &caller.user;
    let committed = commit(&call, user, idempotency.as_ref(), statements, reply).await?;
    call.announce(user);
    Ok(committed.reply())
}
