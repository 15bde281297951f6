use axum::extract::{FromRequestParts, RawPathParams};
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{EmailId, EventId, MeetingId, TaskId};
use delegate_core::task::{Link, Task};
use http::request::Parts;

use super::task;
use crate::api::document::{ChangeProblems, DeleteProblems, LinkPage, ReadProblems};
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::caller::{Caller, TasksRead, TasksWrite};
use crate::http::path::Id;
use crate::http::reply::{Failure, Outcome, Reply};
use crate::store::tasks;

/// What a task is tied to
#[utoipa::path(
    get, path = "/api/v1/tasks/{id}/links", tag = "tasks", security(("access_token" = ["tasks:read"])),
    params(("id" = String, Path)),
    responses((status = 200, body = LinkPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_links(
    call: Call,
    caller: Caller<TasksRead>,
    Id(id): Id<TaskId>,
) -> Outcome {
    let answer = call
        .database()
        .run(tasks::find_links(&caller.user, &id))
        .await?;
    let links = answer.text("links").ok_or_else(Error::not_found)?;
    Ok(Reply::json(format!(
        r#"{{"items":{links},"next_cursor":null}}"#
    )))
}

/// Tie a task to a message or a meeting; a tie that is there already stays one
#[utoipa::path(
    post, path = "/api/v1/tasks/{id}/links", tag = "tasks", security(("access_token" = ["tasks:write"])),
    params(("id" = String, Path)),
    request_body = Link,
    responses((status = 201, body = Task, headers(("location"), ("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn add_link(
    call: Call,
    caller: Caller<TasksWrite>,
    Id(id): Id<TaskId>,
    Json(link): Json<Link>,
) -> Outcome {
    let reply = relink(&call, &caller, &id, &link, true).await?;
    if !contains(&reply, &link) {
        return Err(Error::new(
            Kind::Conflict,
            "too_many_links",
            "A task has at most 50 links.",
        )
        .into());
    }
    Ok(reply.created(format!("/api/v1/tasks/{id}/links")))
}

/// Untie a task from a message or a meeting
#[utoipa::path(
    delete, path = "/api/v1/tasks/{id}/links/{kind}/{target}", tag = "tasks", security(("access_token" = ["tasks:write"])),
    params(("id" = String, Path), ("kind" = String, Path), ("target" = String, Path)),
    responses((status = 204, description = "Untied, or was not tied"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn remove_link(
    call: Call,
    caller: Caller<TasksWrite>,
    Id(id): Id<TaskId>,
    Target(link): Target,
) -> Outcome {
    relink(&call, &caller, &id, &link, false).await?;
    Ok(Reply::no_content())
}

async fn relink(
    call: &Call,
    caller: &Caller<TasksWrite>,
    id: &TaskId,
    link: &Link,
    add: bool,
) -> Result<Reply, Error> {
    let now = call.started();
    let event = EventId::new(now, call.entropy()?);
    let statements = tasks::relink(&caller.user, id, &tasks::json(link)?, add, &event, now);
    let answers = call.database().batch(statements).await?;
    call.announce(&caller.user);
    answers.last().and_then(task).ok_or_else(Error::not_found)
}

fn contains(reply: &Reply, link: &Link) -> bool {
    let Ok(link) = tasks::json(link) else {
        return false;
    };
    reply.body().is_some_and(|body| body.contains(&link))
}

/// The link that the last two parameters of a path name.
pub(crate) struct Target(Link);

impl<S: Send + Sync> FromRequestParts<S> for Target {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let parameters = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| Error::not_found())?;
        let value = |name| {
            parameters
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value)
        };
        let link = match (value("kind"), value("target")) {
            (Some("email"), Some(id)) => EmailId::parse(id).ok().map(Link::Email),
            (Some("meeting"), Some(id)) => MeetingId::parse(id).ok().map(Link::Meeting),
            _ => None,
        };
        Ok(Self(link.ok_or_else(Error::not_found)?))
    }
}
