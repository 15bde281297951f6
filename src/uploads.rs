//! Uploads in R2: how one comes in. And what holds for all objects there: how one that nothing
//! refers to is collected, and how those of a person are deleted.
//!
//! A message's source is a range of the upload it came in, so importing a mailbox writes one
//! object and not one a message. An object is kept as long as a message refers to it.

use chrono::TimeDelta;
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{JobId, UserId, WorkId};
use delegate_core::time::Timestamp;
use delegate_core::work::Work;
use serde::Deserialize;
use worker::{Data, Env};

use crate::http::call::Call;
use crate::http::idempotency::{Committed, Idempotency, commit, key as key_of};
use crate::http::reply::Reply;
use crate::platform::database::{Database, Statement};
use crate::platform::log::{Level, Line};
use crate::store::{jobs, work};

/// Under which prefix uploads lie.
pub(crate) const PREFIX: &str = "uploads/";

/// How old an object is before it is looked at: its upload may still wait for its commit.
const COLLECTED_AFTER: TimeDelta = TimeDelta::hours(1);

/// How many objects a page of the listing has.
const OBJECTS_PER_PAGE: u32 = 500;

/// Where an upload lies.
pub(crate) fn key(user: &UserId, job: &JobId) -> String {
    format!("{PREFIX}{user}/{job}")
}

/// Streams a body into R2 without holding it. Answers with its digest, as R2 tells it. A body that
/// ends before its announced length leaves nothing behind.
pub(crate) async fn store(
    env: &Env,
    key: &str,
    body: web_sys::ReadableStream,
) -> Result<String, Error> {
    let bucket = env
        .bucket("MAIL")
        .map_err(|error| Error::internal(format!("{error:?}")))?;
    let stored = bucket.put(key, Data::ReadableStream(body)).execute().await;
    match stored {
        Ok(Some(object)) => Ok(object.etag()),
        Ok(None) => Err(Error::unavailable("R2 stored nothing")),
        // A client that broke off is not there to be told; one that is told met a fault of R2.
        Err(error) => Err(Error::unavailable(format!("R2: {error:?}"))),
    }
}

/// What is taken in.
pub(crate) struct Upload<'a> {
    pub(crate) user: &'a UserId,
    /// The kind of job that deals with it.
    pub(crate) job: &'static str,
    /// What is asked for with it, for a request that is repeated.
    pub(crate) request: String,
    /// The most bytes.
    pub(crate) max_bytes: u64,
    /// What must hold: the statements fail where it does not.
    pub(crate) conditions: Vec<Statement>,
}

/// Streams the body of a request into R2 and makes a job of it, whose first step `step` makes of where
/// it lies. Nothing is left where that fails, or was done before.
pub(crate) async fn accept(
    call: &Call,
    upload: Upload<'_>,
    step: impl FnOnce(String) -> Work,
) -> Result<Reply, Error> {
    check_length(call, upload.max_bytes)?;
    let idempotency_key = key_of(call)?;
    // Before the body is stored, which can take as long as who sends it likes; and again after.
    call.database().confirm_now_and_then().await?;
    let (user, now) = (upload.user, call.started());
    let job = JobId::new(now, call.entropy()?);
    let first = WorkId::new(now, call.entropy()?);
    let object = key(user, &job);
    let body = call.take_request()?.body().ok_or_else(empty)?;
    let digest = store(call.env(), &object, body).await?;
    let idempotency =
        idempotency_key.map(|key| Idempotency::new(key, &upload.request, digest.as_bytes()));
    let mut statements = upload.conditions;
    statements.push(jobs::insert(user, &job, upload.job, now));
    statements.push(work::insert(
        user,
        &job,
        &first,
        &step(object.clone()),
        now,
    )?);
    let reply = Reply::json(jobs::new_json(&job, upload.job, now))
        .with_status(202)
        .with_header("location", format!("/api/v1/jobs/{job}"));
    let idempotency = idempotency.as_ref();
    match commit(call, user, idempotency, statements, reply).await {
        Ok(Committed::Now(reply)) => {
            call.wake(vec![first.to_string()]);
            Ok(reply)
        }
        Ok(Committed::Before(reply)) => {
            discard(call.env(), &object).await;
            Ok(reply)
        }
        Err(error) => {
            discard(call.env(), &object).await;
            Err(error)
        }
    }
}

fn check_length(call: &Call, most: u64) -> Result<(), Error> {
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
        Some(length) if length > most => Err(Error::new(
            Kind::TooLarge,
            "upload_too_large",
            format!("An upload may have at most {most} bytes."),
        )),
        Some(_) => Ok(()),
    }
}

fn empty() -> Error {
    Error::invalid_at("", "empty", "must not be empty")
}

/// Deletes an upload that was not committed. If that fails, the sweep finds it.
pub(crate) async fn discard(env: &Env, key: &str) {
    if let Ok(bucket) = env.bucket("MAIL") {
        let _ = bucket.delete(key).await;
    }
}

/// Deletes some of a person's objects under a prefix, and answers how many; none is left where it
/// was none.
pub(crate) async fn delete_some(env: &Env, prefix: &str, user: &UserId) -> Result<usize, Error> {
    let failed = |error: worker::Error| Error::unavailable(format!("R2: {error:?}"));
    let bucket = env.bucket("MAIL").map_err(failed)?;
    let page = bucket
        .list()
        .prefix(format!("{prefix}{user}/"))
        .limit(OBJECTS_PER_PAGE)
        .execute()
        .await
        .map_err(failed)?;
    let keys: Vec<String> = page.objects().iter().map(worker::Object::key).collect();
    let number = keys.len();
    if number > 0 {
        bucket.delete_multiple(keys).await.map_err(failed)?;
    }
    Ok(number)
}

/// Deletes objects under a prefix that nothing refers to, a page of the listing at a time.
pub(crate) async fn collect(
    env: &Env,
    database: &Database,
    (prefix, unreferenced): (&str, fn(&str) -> Statement),
    now: Timestamp,
) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Row {
        id: String,
    }
    let failed = |error: worker::Error| Error::unavailable(format!("R2: {error:?}"));
    let bucket = env.bucket("MAIL").map_err(failed)?;
    let old = now.plus(-COLLECTED_AFTER).milliseconds();
    let mut cursor: Option<String> = None;
    loop {
        let mut listing = bucket.list().prefix(prefix).limit(OBJECTS_PER_PAGE);
        if let Some(cursor) = cursor.take() {
            listing = listing.cursor(cursor);
        }
        let page = listing.execute().await.map_err(failed)?;
        let keys: Vec<String> = page
            .objects()
            .iter()
            .filter(|object| i64::try_from(object.uploaded().as_millis()).is_ok_and(|at| at < old))
            .map(worker::Object::key)
            .collect();
        if !keys.is_empty() {
            let json =
                serde_json::to_string(&keys).map_err(|error| Error::internal(error.to_string()))?;
            let orphans = database.run(unreferenced(&json)).await?.rows::<Row>()?;
            let orphans: Vec<String> = orphans.into_iter().map(|row| row.id).collect();
            if !orphans.is_empty() {
                Line::new(Level::Info, "objects.collected")
                    .with("prefix", prefix)
                    .with("objects", orphans.len())
                    .write();
                bucket.delete_multiple(orphans).await.map_err(failed)?;
            }
        }
        match page.cursor() {
            Some(next) if page.truncated() => cursor = Some(next),
            _ => return Ok(()),
        }
    }
}
