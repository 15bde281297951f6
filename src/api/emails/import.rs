use axum::extract::Request;
use delegate_core::error::{Error, Kind};
use delegate_core::work::Work;

use crate::api::document::{JobView, WriteProblems};
use crate::http::body::media_type;
use crate::http::call::Call;
use crate::http::caller::{Caller, EmailsWrite};
use crate::http::reply::Outcome;
use crate::uploads::{self, Upload};

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
    let upload = Upload {
        user: &caller.user,
        job: JOB,
        request: format!("import {is_mbox}"),
        max_bytes: MAX_UPLOAD_BYTES,
        conditions: Vec::new(),
    };
    let split = |key| Work::SplitUploadV1 { key, is_mbox };
    Ok(uploads::accept(&call, upload, split).await?)
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
