//! One hub a person: takes in their devices' sockets and sends every committed event to all of
//! them, numbered without a gap.
//!
//! Fields are a cache that a hibernation or a panic drops; the truth is in the log. Sockets are
//! asked of the platform each time, since a list of ours would not survive hibernation.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use delegate_core::hub::{self, Rate, Reaction, close};
use delegate_core::identifier::{ConnectionId, UserId};
use delegate_core::secret::encode;
use serde::{Deserialize, Serialize};
use worker::{
    D1Database, DurableObject, Env, Error, Request, Response, Result, State, WebSocket,
    WebSocketIncomingMessage, WebSocketPair, WebSocketRequestResponsePair, console_error,
    durable_object,
};

use crate::clock::now;
use crate::command::{Command, UsedTicket};
use crate::credentials::{self, Credentials, Look};
use crate::log::FrameLog;
use crate::outbox;
use crate::provider::ProviderConfiguration;

/// How long the hub waits before it clears the outbox: once for many drains, and off the way of
/// the frames.
const CLEAR_AFTER_MS: i64 = 1_000;

/// For how long a drain is trusted to be still running: D1 answers or fails long before.
const DRAIN_TRUSTED_MS: i64 = 10_000;

/// How many frames a replay reads at a time.
const REPLAY_PAGE: u64 = 500;

/// What the hub remembers of a socket through hibernation.
#[derive(Debug, Serialize, Deserialize)]
struct Attachment {
    /// Tells sockets apart.
    connection: String,
}

/// The hub of one person.
#[durable_object]
pub struct UserHub {
    state: State,
    env: Env,
    log: Option<FrameLog>,
    rates: RefCell<HashMap<String, Rate>>,
    draining_since_ms: Cell<Option<i64>>,
    drain_again: Cell<bool>,
    alarm_is_set: Cell<bool>,
    owner_is_set: Cell<bool>,
    is_erased: Cell<bool>,
    credentials: Credentials,
}

impl DurableObject for UserHub {
    fn new(state: State, env: Env) -> Self {
        let log = credentials::prepare(&state.storage().sql())
            .and_then(|()| FrameLog::open(state.storage().sql()))
            .map_err(|error| {
                let error = format!("{error:?}");
                let line =
                    serde_json::json!({"level": "error", "message": "hub.log", "error": error});
                console_error!("{line}");
            })
            .ok();
        if let Ok(pair) = WebSocketRequestResponsePair::new(hub::PING, hub::PONG) {
            state.set_websocket_auto_response(&pair);
        }
        Self {
            state,
            env,
            log,
            rates: RefCell::default(),
            draining_since_ms: Cell::new(None),
            drain_again: Cell::new(false),
            alarm_is_set: Cell::new(false),
            owner_is_set: Cell::new(false),
            is_erased: Cell::new(false),
            credentials: Credentials::default(),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        match Command::parse(&request.inner().url()) {
            Some(Command::Ping) => Response::empty(),
            Some(Command::Erase) => {
                self.erase().await?;
                Response::empty()
            }
            Some(Command::Connect(..)) if self.is_erased.get() => {
                Response::error("the account is gone", 410)
            }
            Some(_) if self.is_erased.get() => Response::empty(),
            Some(Command::Drain(user)) => {
                self.drain(user.as_str()).await?;
                Response::empty()
            }
            Some(Command::Forget(user)) => {
                self.log()?.forget(user.as_str())?;
                Response::empty()
            }
            Some(Command::CheckConnection(user, connection)) => {
                self.check_connection(&user, &connection).await
            }
            Some(Command::End(credentials)) => {
                for credential in &credentials {
                    self.end(credential.as_str())?;
                }
                Response::empty()
            }
            Some(Command::Connect(credential, ticket, until)) => {
                self.take_in(credential.as_str(), ticket, until)
            }
            None => Response::error("no such command", 404),
        }
    }

    async fn websocket_message(
        &self,
        socket: WebSocket,
        message: WebSocketIncomingMessage,
    ) -> Result<()> {
        if self.is_erased.get() {
            return Ok(());
        }
        if !self.allow(&socket)? {
            return socket.close(Some(close::POLICY_VIOLATION), Some("too many frames"));
        }
        let frame = match message {
            WebSocketIncomingMessage::String(frame) => frame,
            // Only text frames are of the protocol; what is in others does not matter, but their
            // size does.
            WebSocketIncomingMessage::Binary(bytes) => "\0".repeat(bytes.len()),
        };
        self.react(&socket, &frame)
    }

    async fn websocket_close(
        &self,
        socket: WebSocket,
        code: usize,
        reason: String,
        _: bool,
    ) -> Result<()> {
        self.forget(&socket);
        // The platform does not answer the close of a socket that can hibernate. Codes that may
        // not be sent (RFC 6455, 7.4.1) are answered with the normal one.
        let code = match u16::try_from(code) {
            Ok(1005 | 1006 | 1015) | Err(_) => close::NORMAL,
            Ok(code) => code,
        };
        // One that is gone already needs no answer.
        let _ = socket.close(Some(code), Some(reason));
        Ok(())
    }

    async fn websocket_error(&self, socket: WebSocket, _: Error) -> Result<()> {
        self.forget(&socket);
        Ok(())
    }

    /// Clears the outbox of what the log has, and the log of what is too old. The platform tries a
    /// failure again; clearing twice does no harm.
    async fn alarm(&self) -> Result<Response> {
        self.alarm_is_set.set(false);
        if self.is_erased.get() {
            return Response::empty();
        }
        let log = self.log()?;
        log.prune()?;
        let (owner, position) = (log.owner()?, log.position()?);
        if !owner.is_empty() {
            outbox::clear(&self.database()?, &owner, position).await?;
        }
        Response::empty()
    }
}

impl UserHub {
    fn log(&self) -> Result<&FrameLog> {
        self.log
            .as_ref()
            .ok_or_else(|| Error::RustError("the log could not be opened".to_owned()))
    }

    /// Looks at a connection; what it found is in D1, and told.
    async fn check_connection(&self, user: &UserId, connection: &ConnectionId) -> Result<Response> {
        let variable = |name: &'static str| {
            let value = self.env.var(name).map(|value| value.to_string());
            value.unwrap_or_default()
        };
        let configuration = ProviderConfiguration::read(variable).map_err(|broken| {
            Error::RustError(format!("{} must be {}", broken.name, broken.rule))
        })?;
        let look = Look {
            configuration: &configuration,
            d1: &self.database()?,
            sql: self.state.storage().sql(),
            user,
            connection,
            version: Cell::new(0.0),
        };
        if !self.credentials.look(look).await? {
            return Response::error("no such connection", 404);
        }
        self.drain(user.as_str()).await?;
        Response::empty()
    }

    fn database(&self) -> Result<D1Database> {
        self.env.d1("DB")
    }

    /// Takes a socket in: with a ticket, once.
    fn take_in(
        &self,
        session: &str,
        ticket: Option<UsedTicket>,
        until: Option<u64>,
    ) -> Result<Response> {
        let now = now();
        if self.log()?.has_ended(session)? {
            return Response::error("the session has ended", 410);
        }
        if let Some(UsedTicket { nonce, expires_ms }) = ticket
            && !self.log()?.use_ticket(&nonce, expires_ms, now)?
        {
            return Response::error("the ticket was used", 409);
        }
        if let Some(until) = until {
            self.log()?.expect_end(session, until)?;
        }
        let pair = WebSocketPair::new()?;
        self.state
            .accept_websocket_with_tags(&pair.server, &[session]);
        let mut random = [0; 12];
        getrandom::fill(&mut random).map_err(|error| Error::RustError(error.to_string()))?;
        let connection = encode(&random);
        pair.server
            .serialize_attachment(Attachment { connection })?;
        pair.server
            .send_with_str(hub::hello(self.log()?.standing()?, session))?;
        let response = Response::from_websocket(pair.client)?;
        response
            .headers()
            .set("sec-websocket-protocol", hub::PROTOCOL)?;
        Ok(response)
    }

    /// Reads the outbox past the cursor until it is empty. A drain that comes while another waits
    /// for D1 makes that one look once more and returns at once. The platform may drop a request
    /// half-way, so one that waits for long is not relied on; two at a time do no harm, since what
    /// is appended is checked against the cursor without an await in between.
    async fn drain(&self, user: &str) -> Result<()> {
        let now_ms = now().milliseconds();
        let running = self.draining_since_ms.get();
        if running.is_some_and(|since_ms| now_ms - since_ms < DRAIN_TRUSTED_MS) {
            self.drain_again.set(true);
            return Ok(());
        }
        self.draining_since_ms.set(Some(now_ms));
        let outcome = self.drain_until_empty(user).await;
        // No await since the last look at `drain_again`: who comes now begins anew.
        self.draining_since_ms.set(None);
        outcome?;
        self.clear_later().await
    }

    async fn drain_until_empty(&self, user: &str) -> Result<()> {
        let database = self.database()?;
        loop {
            self.drain_again.set(false);
            let position = self.log()?.position()?;
            let page = outbox::after(&database, user, position).await?;
            if self.is_erased.get() {
                return Ok(());
            }
            // No await from here to the broadcast: the frames are committed together, and the
            // platform holds back what is sent until they are.
            if !page.events.is_empty() && !self.owner_is_set.get() {
                self.log()?.set_owner(user)?;
                self.owner_is_set.set(true);
            }
            let frames = self.log()?.append(&page.events)?;
            for expired in self.log()?.expired(now())? {
                self.end(&expired)?;
            }
            self.broadcast(&frames);
            // Who ended them tried to say so at once; said here, it is not lost.
            for ended in page.events.iter().flat_map(hub::ended_by) {
                self.end(&ended)?;
            }
            if !page.is_full && !self.drain_again.get() {
                return Ok(());
            }
        }
    }

    async fn clear_later(&self) -> Result<()> {
        if self.alarm_is_set.get() || self.is_erased.get() {
            return Ok(());
        }
        self.state.storage().set_alarm(CLEAR_AFTER_MS).await?;
        self.alarm_is_set.set(true);
        Ok(())
    }

    /// Sends frames to every socket. A dead one must not keep the others from theirs.
    fn broadcast(&self, frames: &[String]) {
        if frames.is_empty() {
            return;
        }
        for socket in self.state.get_websockets() {
            for frame in frames {
                if socket.send_with_str(frame).is_err() {
                    break;
                }
            }
        }
    }

    fn react(&self, socket: &WebSocket, frame: &str) -> Result<()> {
        let log = self.log()?;
        match hub::react(frame, log.standing()?) {
            Reaction::Answer(answer) => socket.send_with_str(answer),
            Reaction::Replay { after } => replay(log, socket, after),
            Reaction::MarkRead(seq) => {
                log.mark_read(seq)?;
                self.broadcast(&[hub::read(log.standing()?.read)]);
                Ok(())
            }
            Reaction::Close(code, reason) => socket.close(Some(code), Some(reason)),
        }
    }

    /// Closes the sockets of a session or a key, and lets no new ones in: an access token of it may
    /// be good for some minutes more.
    fn end(&self, session: &str) -> Result<()> {
        self.log()?.end_session(session, now())?;
        for socket in self.state.get_websockets_with_tag(session) {
            // One that is gone already needs no closing.
            let _ = socket.close(Some(close::SESSION_ENDED), Some("the session has ended"));
        }
        Ok(())
    }

    /// Closes every socket and deletes all that is kept. Until the object leaves memory it takes
    /// nothing in any more; should it be woken after that, it is one that knows nothing of anybody.
    async fn erase(&self) -> Result<()> {
        self.is_erased.set(true);
        for socket in self.state.get_websockets() {
            // One that is gone already needs no closing.
            let _ = socket.close(Some(close::SESSION_ENDED), Some("the account is gone"));
        }
        self.rates.borrow_mut().clear();
        let storage = self.state.storage();
        storage.delete_alarm().await?;
        storage.delete_all().await
    }

    /// Counts a frame of a device. The count is a cache: whoever hibernates was not talking.
    fn allow(&self, socket: &WebSocket) -> Result<bool> {
        let Some(attachment) = socket.deserialize_attachment::<Attachment>()? else {
            return Ok(true);
        };
        Ok(self
            .rates
            .borrow_mut()
            .entry(attachment.connection)
            .or_default()
            .allow(now()))
    }

    fn forget(&self, socket: &WebSocket) {
        if let Ok(Some(attachment)) = socket.deserialize_attachment::<Attachment>() {
            self.rates.borrow_mut().remove(&attachment.connection);
        }
    }
}

/// Sends every kept frame after a number. Nothing is awaited, so no new frame comes in between.
fn replay(log: &FrameLog, socket: &WebSocket, after: u64) -> Result<()> {
    let latest = log.standing()?.latest;
    let mut sent = after;
    while sent < latest {
        let frames = log.after(sent, REPLAY_PAGE)?;
        for frame in &frames {
            socket.send_with_str(frame)?;
        }
        if frames.is_empty() {
            break;
        }
        sent += frames.len() as u64;
    }
    Ok(())
}
