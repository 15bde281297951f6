//! The way to a person's hub, their Durable Object: the commands it takes from the edge.

use delegate_core::error::Error;
use delegate_core::identifier::{ConnectionId, UserId};
use delegate_core::time::Timestamp;
use delegate_core::token::Credential;
use delegate_durable_objects::command::{Command, UsedTicket};
use worker::{Env, Request, Response, Stub};

use crate::platform::log::{Level, Line};

fn stub(env: &Env, user: &UserId) -> Result<Stub, Error> {
    env.durable_object("HUB")
        .and_then(|namespace| namespace.get_by_name(user.as_str()))
        .map_err(|error| Error::internal(format!("binding HUB: {error:?}")))
}

async fn send(env: &Env, user: &UserId, command: &Command) -> Result<Response, Error> {
    stub(env, user)?
        .fetch_with_str(&command.to_string())
        .await
        .map_err(|error| Error::unavailable(format!("hub: {error:?}")))
}

/// Tells the hub that something was committed: it reads the outbox past its cursor.
pub(crate) async fn drain(env: &Env, user: &UserId) -> Result<(), Error> {
    settled(&send(env, user, &Command::Drain(user.clone())).await?)
}

fn settled(response: &Response) -> Result<(), Error> {
    if response.status_code() < 300 {
        Ok(())
    } else {
        Err(Error::unavailable(format!(
            "hub answered {}",
            response.status_code()
        )))
    }
}

/// The same, where nobody waits for it: a failure is logged and left to the sweep.
pub(crate) async fn drain_or_log(env: &Env, user: &UserId) {
    if let Err(error) = drain(env, user).await {
        Line::new(Level::Warn, "hub.drain_failed")
            .with("user.id", user.as_str())
            .with("error", error.cause().unwrap_or_default())
            .write();
    }
}

/// How many sessions one command ends: an address stays short.
const ENDED_AT_ONCE: usize = 100;

/// Closes the sockets of sessions that have ended, or of keys that were revoked.
pub(crate) async fn end(env: &Env, user: &UserId, credentials: &[Credential]) -> Result<(), Error> {
    for some in credentials.chunks(ENDED_AT_ONCE) {
        send(env, user, &Command::End(some.to_vec())).await?;
    }
    Ok(())
}

/// The same, where an event that was committed says so, too: should this fail, the hub closes them
/// when it reads that.
pub(crate) async fn end_or_log(env: &Env, user: &UserId, credentials: &[Credential]) {
    if let Err(error) = end(env, user, credentials).await {
        Line::new(Level::Warn, "hub.end_failed")
            .with("user.id", user.as_str())
            .with("error", error.cause().unwrap_or_default())
            .write();
    }
}

/// Closes every socket of a person and deletes what their hub keeps.
pub(crate) async fn erase(env: &Env, user: &UserId) -> Result<(), Error> {
    settled(&send(env, user, &Command::Erase).await?)
}

/// Lets the hub of one person forget what it told of another.
pub(crate) async fn forget(env: &Env, user: &UserId, other: &UserId) -> Result<(), Error> {
    settled(&send(env, user, &Command::Forget(other.clone())).await?)
}

/// Lets the hub look whether a provider still takes the token of a connection.
pub(crate) async fn check_connection(
    env: &Env,
    user: &UserId,
    connection: &ConnectionId,
) -> Result<(), Error> {
    let command = Command::CheckConnection(user.clone(), connection.clone());
    match send(env, user, &command).await?.status_code() {
        200..=299 => Ok(()),
        404 => Err(Error::not_found()),
        status => Err(Error::unavailable(format!("hub answered {status}"))),
    }
}

/// Whether hubs answer at all. Asks one that belongs to nobody.
pub(crate) async fn ping(env: &Env) -> Result<(), Error> {
    let namespace = env
        .durable_object("HUB")
        .and_then(|namespace| namespace.get_by_name("health"))
        .map_err(|error| Error::internal(format!("binding HUB: {error:?}")))?;
    namespace
        .fetch_with_str(&Command::Ping.to_string())
        .await
        .map(|_| ())
        .map_err(|error| Error::unavailable(format!("hub: {error:?}")))
}

/// Hands a device's upgrade request over to the hub of its person.
pub(crate) async fn connect(
    env: &Env,
    user: &UserId,
    credential: Credential,
    ticket: Option<UsedTicket>,
    until: Option<Timestamp>,
) -> Result<Response, Error> {
    let failed = |error: worker::Error| Error::internal(format!("hub: {error:?}"));
    let headers = worker::Headers::new();
    headers.set("upgrade", "websocket").map_err(failed)?;
    let mut init = worker::RequestInit::new();
    init.with_headers(headers);
    let until = until.and_then(|until| u64::try_from(until.milliseconds()).ok());
    let command = Command::Connect(credential, ticket, until);
    let request = Request::new_with_init(&command.to_string(), &init).map_err(failed)?;
    stub(env, user)?
        .fetch_with_request(request)
        .await
        .map_err(|error| Error::unavailable(format!("hub: {error:?}")))
}
