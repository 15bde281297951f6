//! `Idempotency-Key`: an answer that was given once is given again to the same request.
//!
//! The record is written in the batch that commits the request's effect, so the two exist together
//! or not at all. Of two requests with one key at the same time one commits and the other runs into
//! the record: a request that is "still in flight" is never seen from outside.

use delegate_core::error::{Error, Kind};
use delegate_core::identifier::UserId;
use delegate_core::secret::sha256_hex;

use super::call::Call;
use super::reply::Reply;
use crate::platform::database::{Statement, violates};
use crate::store::idempotency::{self as store, Record};

/// A key and the request that it stands for.
#[derive(Debug, Clone)]
pub(crate) struct Idempotency {
    key: String,
    /// A digest of the method, the path and the body.
    request_hash: String,
}

/// The key of a call, if it sent one.
pub(crate) fn key(call: &Call) -> Result<Option<String>, Error> {
    let Some(key) = call.header("idempotency-key") else {
        return Ok(None);
    };
    let printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    if (1..=255).contains(&key.len()) && key.bytes().all(printable) {
        Ok(Some(key))
    } else {
        Err(Error::invalid_parameter(
            "Idempotency-Key",
            "invalid_key",
            "must be 1 to 255 printable ASCII characters",
        ))
    }
}

impl Idempotency {
    /// A key for a request, by its method and path and its body (or a digest of it).
    pub(crate) fn new(key: String, request: &str, body: &[u8]) -> Self {
        let mut hashed = request.as_bytes().to_vec();
        hashed.push(0);
        hashed.extend_from_slice(body);
        Self {
            key,
            request_hash: sha256_hex(&hashed),
        }
    }
}

impl Idempotency {
    /// The same for somebody without an account, whose keys are kept apart from those of the person
    /// whose things they are about.
    pub(crate) fn of_guest(mut self) -> Self {
        self.key.insert_str(0, "guest ");
        self
    }
}

/// What a commit came to.
pub(crate) enum Committed {
    /// The statements were carried out.
    Now(Reply),
    /// They had been before; nothing was done, and this was the answer.
    Before(Reply),
}

impl Committed {
    /// The answer, whichever time it was given first.
    pub(crate) fn reply(self) -> Reply {
        match self {
            Self::Now(reply) | Self::Before(reply) => reply,
        }
    }
}

/// Commits statements and answers with `reply`, once for a key. With a key that was used before
/// nothing is committed and the first answer is given again (one round trip more).
pub(crate) async fn commit(
    call: &Call,
    user: &UserId,
    idempotency: Option<&Idempotency>,
    mut statements: Vec<Statement>,
    reply: Reply,
) -> Result<Committed, Error> {
    let database = call.database();
    let Some(idempotency) = idempotency else {
        database.batch(statements).await?;
        return Ok(Committed::Now(reply));
    };
    let record = record(idempotency, &reply);
    statements.push(store::insert(
        user,
        &idempotency.key,
        &record,
        call.started(),
    ));
    match database.batch(statements).await {
        Ok(_) => Ok(Committed::Now(reply)),
        Err(error) if violates(&error, store::KEY_TAKEN) => {
            let before = earlier(call, user, Some(idempotency)).await?;
            // The sweep can take the record between the two statements.
            before
                .map(Committed::Before)
                .ok_or_else(|| Error::unavailable("an idempotency record that was there is gone"))
        }
        Err(error) => Err(error),
    }
}

/// The answer that was given to the same request before, if there was one: for who finds that what
/// is asked for can't be done, perhaps because it was.
pub(crate) async fn earlier(
    call: &Call,
    user: &UserId,
    idempotency: Option<&Idempotency>,
) -> Result<Option<Reply>, Error> {
    let Some(idempotency) = idempotency else {
        return Ok(None);
    };
    let asked = store::find(user, &idempotency.key);
    let found = call.database().run(asked).await?;
    let record = found.first::<Record>()?;
    record.map(|record| replay(record, idempotency)).transpose()
}

fn record(idempotency: &Idempotency, reply: &Reply) -> Record {
    Record {
        request_hash: idempotency.request_hash.clone(),
        status: reply.status,
        location: reply.header("location").map(str::to_owned),
        etag: reply.header("etag").map(str::to_owned),
        body: reply.body().unwrap_or_default().to_owned(),
    }
}

/// The first answer, if it was given to the same request.
fn replay(record: Record, idempotency: &Idempotency) -> Result<Reply, Error> {
    if record.request_hash != idempotency.request_hash {
        return Err(Error::new(
            Kind::Invalid,
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request.",
        ));
    }
    let headers = [("location", record.location), ("etag", record.etag)];
    let reply = Reply::json(record.body)
        .with_status(record.status)
        .with_header("idempotent-replayed", "true");
    Ok(headers
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .fold(reply, |reply, (name, value)| reply.with_header(name, value)))
}
