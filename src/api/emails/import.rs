use axum::extract::Request;
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{JobId, WorkId};
use delegate_core::work::Work;

use crate::api::document::{JobView, WriteProblems};
use crate::http::body::media_type;
use crate::http::call::Call;
use crate::http::caller::{Caller, EmailsWrite};
use crate::http::idempotency::{Committed, Idempotency, commit, key};
use crate::http::reply::{Outcome, Reply};
use crate::store::{jobs, work};
use crate::uploads;

/// The largest upload.
const MAX_UPLOAD_BYTES: u64 = 100 * 1024 * 1024;

/// The kind of job that an import is.
const JOB: &str = "email_import";

/// Take in a message (`message/rfc822`) or a mailbox (`application/mbox`). The body is streamed
/// and needs a `Content-Length` of at most 100 MiB; a message may have 25 MiB
#[utoipa::path(
    post, path = "/api/v1/emails/import", tag = "emails", security(("access_token" = ["emails:write"])),
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body(content(("application/mbox"), ("message/rfc822"))),
    responses(
        (status = 202, body = JobView, headers(("location"))),
        (status = 411, description = "No Content-Length", body = crate::api::document::Problem,
         content_type = "application/problem+json"),
        WriteProblems
    )
)]
#[worker::send]
pub(crate) async fn import_emails(call: Call, caller: Caller<EmailsWrite>, _: Request) -> Outcome {
    let is_mbox = is_mbox(&call)?;
    check_length(&call)?;
    let idempotency_key = key(&call)?;
    // Before the body is stored, which can take as long as who sends it likes; and again after.
    call.database().confirm_now_and_then().await?;
    let now = call.started();
    let job = JobId::new(now, call.entropy()?);
    let first = WorkId::new(now, call.entropy()?);
    let object = uploads::key(&caller.user, &job);
    let body = call.take_request()?.body().ok_or_else(empty)?;
    let digest = uploads::store(call.env(), &object, body).await?;
    let idempotency = idempotency_key
        .map(|key| Idempotency::new(key, &format!("import {is_mbox}"), digest.as_bytes()));
    let split = Work::SplitUploadV1 {
        key: object.clone(),
        is_mbox,
    };
    let statements = vec![
        jobs::insert(&caller.user, &job, JOB, now),
        work::insert(&caller.user, &job, &first, &split, now)?,
    ];
    let reply = Reply::json(jobs::new_json(&job, JOB, now))
        .with_status(202)
        .with_header("location", format!("/api/v1/jobs/{job}"));
    let user = &caller.user;
    let database = call.database();
    match commit(database, user, idempotency.as_ref(), statements, reply, now).await {
        Ok(Committed::Now(reply)) => {
            call.wake(vec![first.to_string()]);
            Ok(reply)
        }
        Ok(Committed::Before(reply)) => {
            uploads::discard(call.env(), &object).await;
            Ok(reply)
        }
        Err(error) => {
            uploads::discard(call.env(), &object).await;
            Err(error.into())
        }
    }
}

fn is_mbox(call: &Call) -> Result<bool, Error> {
    match media_type(call).as_str() {
        "application/mbox" => Ok(true),
        "message/rfc822" => Ok(false),
        _ => Err(Error::new(
            Kind::UnsupportedMediaType,
            "unsupported_media_type",
            "The body must be message/rfc822 or application/mbox.",
        )),
    }
}

fn check_length(call: &Call) -> Result<(), Error> {
    let length = call
        .header("content-length")
        .and_then(|length| length.parse::<u64>().ok());
    match length {
        None => Err(Error::new(
            Kind::LengthRequired,
            "length_required",
            "An upload needs a Content-Length.",
        )),
        Some(0) => Err(empty()),
        Some(length) if length > MAX_UPLOAD_BYTES => Err(Error::new(
            Kind::TooLarge,
            "upload_too_large",
            format!("An upload may have at most {MAX_UPLOAD_BYTES} bytes."),
        )),
        Some(_) => Ok(()),
    }
}

fn empty() -> Error {
    Error::invalid_at("", "empty", "must not be empty")
}
