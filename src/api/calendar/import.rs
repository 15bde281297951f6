use axum::extract::Request;
use delegate_core::calendar::event::primary_calendar;
use delegate_core::calendar::ics::MAX_FILE_BYTES;
use delegate_core::error::{Error, Kind};
use delegate_core::work::{ImportPass, Work};

use super::{calendar_of, no_such_calendar};
use crate::api::document::{JobView, WriteProblems};
use crate::http::body::media_type;
use crate::http::call::Call;
use crate::http::caller::{CalendarWrite, Caller};
use crate::http::query::Query;
use crate::http::reply::Outcome;
use crate::jobs::import_calendar_v1::EVENTS_PER_STEP;
use crate::store::{calendars, guard};
use crate::uploads::{self, Upload};

/// The kind of job that an import is.
const JOB: &str = "calendar_import";

/// Take the events of a file (`text/calendar`) into a calendar. The body is streamed and needs a
/// `Content-Length` of at most 10 MiB
///
/// An event that is there, by its UID and RECURRENCE-ID, is replaced unless it is newer by its SEQUENCE
/// and LAST-MODIFIED. What could not be taken in is an error of the job, by its line.
#[utoipa::path(
    post, path = "/api/v1/calendar/import", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(
        ("calendar_id" = Option<String>, Query, description = "The primary one unless told otherwise"),
        ("Idempotency-Key" = Option<String>, Header, max_length = 255),
    ),
    request_body(content(("text/calendar"))),
    responses(
        (status = 202, body = JobView, headers(("location"))),
        (status = 411, description = "No Content-Length", body = crate::api::document::Problem,
         content_type = "application/problem+json"),
        WriteProblems
    )
)]
#[worker::send]
pub(crate) async fn import_calendar(
    call: Call,
    caller: Caller<CalendarWrite>,
    query: Query,
    _: Request,
) -> Outcome {
    if media_type(&call) != "text/calendar" {
        return Err(Error::new(
            Kind::UnsupportedMediaType,
            "unsupported_media_type",
            "The body must be text/calendar.",
        )
        .into());
    }
    let query = query.known(&["calendar_id"])?;
    let calendar_id = calendar_of(&query)?.unwrap_or_else(|| primary_calendar(&caller.user));
    let upload = Upload {
        user: &caller.user,
        job: JOB,
        request: format!("calendar import {calendar_id}"),
        max_bytes: MAX_FILE_BYTES as u64,
        conditions: vec![
            calendars::ensure_primary(&caller.user, call.started()),
            calendars::must_exist(&caller.user, &calendar_id),
        ],
    };
    let step = |key| Work::ImportCalendarV1 {
        key,
        calendar_id: calendar_id.clone(),
        pass: ImportPass::Wholes,
        offset: 0,
        has_occurrences: false,
        most: EVENTS_PER_STEP,
    };
    let accepted = uploads::accept(&call, upload, step).await;
    Ok(accepted.map_err(|error| {
        if guard::has_failed(&error) {
            return no_such_calendar();
        }
        error
    })?)
}
