//! One call: what a handler and its extractors need to know of the request and the platform.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::Future;
use std::rc::Rc;

use axum::extract::{FromRequestParts, MatchedPath};
use chrono::TimeDelta;
use delegate_core::error::Error;
use delegate_core::identifier::{Entropy, UserId};
use delegate_core::time::Timestamp;
use http::request::Parts;
use worker::Env;
use worker::send::SendWrapper;

use super::headers::RequestHeaders;
use crate::configuration::Configuration;
use crate::hub;
use crate::platform::database::Database;
use crate::platform::log::{Level, Line};
use crate::platform::{clock, random};
use crate::queue;

/// The most characters of a network address: an IPv6 one with a zone.
const MAX_ADDRESS: usize = 64;
/// How much of a `User-Agent` is kept.
const MAX_USER_AGENT: usize = 200;

/// One call. Cloning it is cheap and shares it.
#[derive(Clone)]
pub(crate) struct Call(SendWrapper<Rc<Inner>>);

struct Inner {
    env: Env,
    platform: worker::Context,
    request: RefCell<Option<web_sys::Request>>,
    headers: RequestHeaders,
    configuration: Rc<Configuration>,
    database: Database,
    started: Timestamp,
    request_id: String,
    user: RefCell<Option<String>>,
    actor: RefCell<Option<String>>,
    route: RefCell<String>,
    hides_times: Cell<bool>,
}

impl Call {
    /// A call that begins now.
    pub(crate) fn new(
        request: web_sys::Request,
        headers: RequestHeaders,
        env: Env,
        platform: worker::Context,
        configuration: Rc<Configuration>,
        request_id: String,
    ) -> Result<Self, Error> {
        let database = Database::of(&env)?;
        Ok(Self(SendWrapper(Rc::new(Inner {
            headers,
            request: RefCell::new(Some(request)),
            database,
            env,
            platform,
            configuration,
            started: clock::now(),
            request_id,
            user: RefCell::new(None),
            actor: RefCell::new(None),
            route: RefCell::default(),
            hides_times: Cell::new(false),
        }))))
    }

    /// The platform's bindings.
    pub(crate) fn env(&self) -> &Env {
        &self.0.env
    }

    /// What the deployment is told from outside.
    pub(crate) fn configuration(&self) -> &Configuration {
        &self.0.configuration
    }

    /// The database; what it costs is counted for this call.
    pub(crate) fn database(&self) -> &Database {
        &self.0.database
    }

    /// When the call began.
    pub(crate) fn started(&self) -> Timestamp {
        self.0.started
    }

    /// What the client, the log and the answer call this request.
    pub(crate) fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// A header of the request.
    pub(crate) fn header(&self, name: &'static str) -> Option<String> {
        self.0.headers.get(name)
    }

    /// Takes the platform's request, for its body. A second time there is none.
    pub(crate) fn take_request(&self) -> Result<web_sys::Request, Error> {
        let taken = self.0.request.borrow_mut().take();
        taken.ok_or_else(|| Error::internal("the body of the request was taken twice"))
    }

    /// Random bytes for an identifier.
    #[expect(clippy::unused_self, reason = "where a handler gets what it needs")]
    pub(crate) fn entropy(&self) -> Result<Entropy, Error> {
        random::bytes()
    }

    /// Notes whose things the call is about, for the log.
    pub(crate) fn set_user(&self, user: &UserId) {
        *self.0.user.borrow_mut() = Some(user.to_string());
    }

    /// Notes who is calling, for the log.
    pub(crate) fn set_actor(&self, actor: &UserId) {
        *self.0.actor.borrow_mut() = Some(actor.to_string());
    }

    /// Whose things the call is about, if it is known.
    pub(crate) fn user(&self) -> Option<String> {
        self.0.user.borrow().clone()
    }

    /// Who is calling, if it is known and somebody else than whom it is about.
    pub(crate) fn other_actor(&self) -> Option<String> {
        let actor = self.0.actor.borrow().clone();
        actor.filter(|actor| Some(actor) != self.0.user.borrow().as_ref())
    }

    /// Keeps from the client how long the database was waited for: that can tell what it found.
    pub(crate) fn hide_times(&self) {
        self.0.hides_times.set(true);
    }

    /// Whether the client is told how long the database was waited for.
    pub(crate) fn hides_times(&self) -> bool {
        self.0.hides_times.get()
    }

    /// The network address that the call comes from, as the platform tells it. Empty where it does
    /// not, which is only so on a machine of one's own.
    pub(crate) fn network_address(&self) -> String {
        let address = self.header("cf-connecting-ip").unwrap_or_default();
        address.chars().take(MAX_ADDRESS).collect()
    }

    /// What calls: its `User-Agent`, cut.
    pub(crate) fn user_agent(&self) -> String {
        let agent = self.header("user-agent").unwrap_or_default();
        agent.chars().take(MAX_USER_AGENT).collect()
    }

    /// Goes on with something after the answer has left.
    pub(crate) fn afterwards(&self, work: impl Future<Output = ()> + 'static) {
        self.0.platform.wait_until(work);
    }

    /// Tells the hub of a person that something was committed. If that fails, the sweep does it.
    pub(crate) fn announce(&self, user: &UserId) {
        let (env, user) = (self.env().clone(), user.clone());
        self.afterwards(async move { hub::drain_or_log(&env, &user).await });
    }

    /// Wakes the queue for work that was committed. If that fails, the sweep does it.
    pub(crate) fn wake(&self, work: Vec<String>) {
        let env = self.env().clone();
        self.afterwards(async move {
            if let Err(error) = queue::wake(&env, work, TimeDelta::zero()).await {
                Line::new(Level::Warn, "queue.send_failed")
                    .with("error", error.cause().unwrap_or_default())
                    .write();
            }
        });
    }
}

impl<S: Sync> FromRequestParts<S> for Call {
    type Rejection = Infallible;

    #[expect(
        clippy::expect_used,
        reason = "the adapter, the only way in, puts it there"
    )]
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts).expect("every request carries its call"))
    }
}

impl Call {
    /// Puts the call where the extractors look for it.
    pub(crate) fn attach(&self, extensions: &mut http::Extensions) {
        extensions.insert(self.clone());
    }

    /// The call of a request; the route that it took is noted on the way.
    pub(crate) fn of(parts: &Parts) -> Option<Self> {
        let call = parts.extensions.get::<Self>()?;
        if let Some(route) = parts.extensions.get::<MatchedPath>() {
            route.as_str().clone_into(&mut call.0.route.borrow_mut());
        }
        Some(call.clone())
    }

    /// The route that was taken; empty where there is none.
    pub(crate) fn route(&self) -> String {
        self.0.route.borrow().clone()
    }
}
