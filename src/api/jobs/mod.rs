//! Jobs: long pieces of work to watch, and to try again where something was given up.

use delegate_core::error::Error;
use delegate_core::identifier::JobId;
use serde::Deserialize;

use crate::api::document::{DeleteProblems, JobPage, JobView, ReadProblems};
use crate::http::call::Call;
use crate::http::caller::{Caller, JobsRead, JobsWrite};
use crate::http::path::Id;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::platform::database::Answer;
use crate::store::list::page_json;
use crate::store::{jobs, work};

/// Jobs, newest first
#[utoipa::path(
    get, path = "/api/v1/jobs", tag = "jobs", security(("access_token" = ["jobs:read"])),
    params(
        ("status" = Option<String>, Query),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = JobPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_jobs(call: Call, caller: Caller<JobsRead>, query: Query) -> Outcome {
    let query = query.known(&["status", "limit", "cursor"])?;
    let status = query.text("status");
    if status.is_some_and(|word| !["queued", "running", "succeeded", "failed"].contains(&word)) {
        let rule = "must be queued, running, succeeded or failed";
        return Err(Error::invalid_parameter("status", "invalid_value", rule).into());
    }
    let scope = query.scope(caller.user.as_str(), "jobs");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let page = jobs::list(&caller.user)
        .filter("jobs.status = ?", status)
        .page(position.as_ref(), limit);
    let answer = call.database().run(page).await?;
    Ok(Reply::passing(page_json(&answer, &scope, limit)?))
}

/// One job
#[utoipa::path(
    get, path = "/api/v1/jobs/{id}", tag = "jobs", security(("access_token" = ["jobs:read"])),
    params(("id" = String, Path)),
    responses((status = 200, body = JobView, headers(("etag"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_job(call: Call, caller: Caller<JobsRead>, Id(id): Id<JobId>) -> Outcome {
    let answer = call.database().run(jobs::find(&caller.user, &id)).await?;
    Ok(job(&answer).ok_or_else(Error::not_found)?)
}

/// Try again what of a job was given up
#[utoipa::path(
    post, path = "/api/v1/jobs/{id}/retry", tag = "jobs", security(("access_token" = ["jobs:write"])),
    params(("id" = String, Path)),
    responses((status = 202, body = JobView), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn retry_job(call: Call, caller: Caller<JobsWrite>, Id(id): Id<JobId>) -> Outcome {
    #[derive(Deserialize)]
    struct Revived {
        id: String,
    }
    let statements = work::revive(&caller.user, &id, call.started());
    let answers = call.database().batch(statements).await?;
    let [.., revived, found] = answers.as_slice() else {
        return Err(Error::internal("D1 answered fewer results than statements").into());
    };
    let reply = job(found).ok_or_else(Error::not_found)?;
    let work = revived
        .rows::<Revived>()?
        .into_iter()
        .map(|row| row.id)
        .collect();
    call.wake(work);
    Ok(reply.with_status(202))
}

fn job(answer: &Answer) -> Option<Reply> {
    let version = answer.version()?;
    Some(Reply::passing(answer.passing("job")?).with_version(version))
}
