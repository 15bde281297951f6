//! Answers that were given once and are given again to the same request.
//!
//! The record is written in the batch that commits the request's effect, so the two exist together
//! or not at all. Of two requests with one key at the same time one commits and the other runs into
//! the record: a request that is "still in flight" is never seen from outside.

use delegate_core::error::{Error, Kind};
use delegate_core::identifier::UserId;
use delegate_core::time::Timestamp;
use serde::Deserialize;

use crate::http::body::Idempotency;
use crate::http::reply::Reply;
use crate::platform::database::{Answer, Database, Statement, sql, violates};

/// What SQLite says when a key is there already.
const CONSTRAINT: &str = "UNIQUE constraint failed: idempotency_records.user_id";

#[derive(Deserialize)]
struct Record {
    request_hash: String,
    status: u16,
    location: Option<String>,
    etag: Option<String>,
    body: String,
}

/// Commits statements and answers with `reply`, once for a key. With a key that was used before,
/// nothing is committed and the first answer is given again (one round trip more).
pub(crate) async fn commit(
    database: &Database,
    user: &UserId,
    idempotency: Option<&Idempotency>,
    mut statements: Vec<Statement>,
    reply: Reply,
    now: Timestamp,
) -> Result<(Reply, Vec<Answer>), Error> {
    let Some(idempotency) = idempotency else {
        let answers = database.batch(statements).await?;
        return Ok((reply, answers));
    };
    statements.push(record(user, idempotency, &reply, now));
    match database.batch(statements).await {
        Ok(answers) => Ok((reply, answers)),
        Err(error) if violates(&error, CONSTRAINT) => {
            Ok((replay(database, user, idempotency).await?, Vec::new()))
        }
        Err(error) => Err(error),
    }
}

fn record(user: &UserId, idempotency: &Idempotency, reply: &Reply, now: Timestamp) -> Statement {
    sql("INSERT INTO idempotency_records
           (user_id, key, request_hash, status, location, etag, body, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
    .bind(user.as_str())
    .bind(&idempotency.key)
    .bind(&idempotency.request_hash)
    .bind(reply.status)
    .bind(reply.header("location"))
    .bind(reply.header("etag"))
    .bind(reply.body().unwrap_or_default())
    .bind(now)
}

/// The first answer for a key, if it was given to the same request.
pub(crate) async fn find(
    database: &Database,
    user: &UserId,
    idempotency: &Idempotency,
) -> Result<Option<Reply>, Error> {
    let answer = database
        .run(
            sql("SELECT request_hash, status, location, etag, body
                 FROM idempotency_records WHERE user_id = ? AND key = ?")
            .bind(user.as_str())
            .bind(&idempotency.key),
        )
        .await?;
    let Some(record) = answer.first::<Record>()? else {
        return Ok(None);
    };
    if record.request_hash != idempotency.request_hash {
        return Err(Error::new(
            Kind::Invalid,
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request.",
        ));
    }
    let mut reply = Reply::json(record.body)
        .with_status(record.status)
        .with_header("idempotent-replayed", "true");
    if let Some(location) = record.location {
        reply = reply.with_header("location", location);
    }
    if let Some(etag) = record.etag {
        reply = reply.with_header("etag", etag);
    }
    Ok(Some(reply))
}

async fn replay(
    database: &Database,
    user: &UserId,
    idempotency: &Idempotency,
) -> Result<Reply, Error> {
    find(database, user, idempotency).await?.ok_or_else(|| {
        // The sweep took the record between the two statements.
        Error::unavailable("an idempotency record that was there is gone")
    })
}
