use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{AuditId, JobId, WorkId};
use delegate_core::time::Timestamp;

use crate::api::document::{JobView, Problem, ReadProblems};
use crate::exports;
use crate::http::call::Call;
use crate::http::caller::SignedIn;
use crate::http::reply::{Outcome, Reply};
use crate::http::source;
use crate::store::audit::{Action, Entry};
use crate::store::exports::{self as store, Archive, Part};

/// Begin an archive of everything that is kept of you; one at a time, so where one is being made it
/// is that one's job that is answered
#[utoipa::path(
    post, path = "/api/v1/users/me/export", tag = "users", security(("access_token" = ["session"])),
    responses((status = 202, body = JobView, headers(("location"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn start_export(call: Call, caller: SignedIn) -> Outcome {
    let now = call.started();
    let job = JobId::new(now, call.entropy()?);
    let first = WorkId::new(now, call.entropy()?);
    let source = source::signed_in(&call, &caller);
    let id = AuditId::new(now, call.entropy()?);
    let entry = Entry::new(id, &source, Action::ExportRequested).on(job.as_str());
    let statements = store::begin(&caller.user, (&job, &first), entry, now)?;
    let answers = call.database().batch(statements).await?;
    let running = answers.last();
    let (Some(id), Some(body)) = (
        running.and_then(|answer| answer.text("id")),
        running.and_then(|answer| answer.passing("job")),
    ) else {
        return Err(Error::internal("an export that was begun is gone").into());
    };
    if id == job.as_str() {
        call.wake(vec![first.to_string()]);
    }
    Ok(Reply::passing(body)
        .with_status(202)
        .with_header("location", format!("/api/v1/jobs/{id}")))
}

/// The newest archive: a `.tar.gz` that can be fetched for 7 days
#[utoipa::path(
    get, path = "/api/v1/users/me/export", tag = "users", security(("access_token" = ["session"])),
    responses(
        (status = 200, description = "The archive", content_type = "application/gzip",
         headers(("content-disposition"), ("content-length"), ("etag"), ("last-modified"))),
        (status = 404, description = "No archive is finished (`no_export`)", body = Problem,
         content_type = "application/problem+json"),
        ReadProblems
    )
)]
#[worker::send]
pub(crate) async fn get_export(call: Call, caller: SignedIn) -> Outcome {
    let now = call.started();
    let source = source::signed_in(&call, &caller);
    let id = AuditId::new(now, call.entropy()?);
    let entry = Entry::new(id, &source, Action::ExportFetched);
    let mut statements = store::newest(&caller.user, now);
    statements.push(store::note_fetched(entry, &caller.user, now));
    let answers = call.database().batch(statements).await?;
    let [archive, parts, _] = answers.as_slice() else {
        return Err(Error::internal("D1 answered fewer results than statements").into());
    };
    let archive = archive.first::<Archive>()?.ok_or_else(no_export)?;
    let parts = parts.rows::<Part>()?;
    let finished_at = Timestamp::parse(&archive.finished_at).unwrap_or(now);
    let length: f64 = parts.iter().map(|part| part.length).sum();
    let day = finished_at.to_utc().format("%Y-%m-%d");
    let env = call.env().clone();
    let open = Box::new(move || {
        let (stream, filling) = exports::open(env, parts)?;
        call.afterwards(filling);
        Ok(stream)
    });
    Ok(Reply::stream(open)
        .with_header("content-type", "application/gzip")
        .with_header("content-length", format!("{length}"))
        .with_header(
            "content-disposition",
            format!("attachment; filename=\"delegate-{day}.tar.gz\""),
        )
        .with_header("etag", format!("\"{}\"", archive.id))
        .with_header("last-modified", http_date(finished_at)))
}

fn no_export() -> Error {
    Error::new(
        Kind::NotFound,
        "no_export",
        "There is no archive. POST to this path makes one; its job tells when it is finished.",
    )
}

/// A moment in the form of RFC 9110, 5.6.7.
fn http_date(moment: Timestamp) -> String {
    let format = "%a, %d %b %Y %H:%M:%S GMT";
    moment.to_utc().format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_http_wants_it() {
        let moment = Timestamp::parse("1994-11-06T08:49:37.000Z").expect("an instant");
        assert_eq!(http_date(moment), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
