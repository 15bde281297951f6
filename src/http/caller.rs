//! Who is calling, and whether they may. A handler takes one of the extractors here and can't run
//! without what it asks for:
//!
//! - [`Caller`] with a scope: the person on a device, a program with a key that has the scope, or
//!   somebody whom the person let do it (`Acting-For`).
//! - [`SignedIn`]: only the person on a device, whose session has not ended.
//! - [`Owner`]: the same, and they own the deployment.
//! - [`Session`]: the person on a device, by the token alone; for what the hub checks.
//!
//! What the token can't tell is asked in the first batch of the handler (`store::permits`), so that
//! it costs no round trip and nothing happens where the answer is no.

use std::cell::RefCell;
use std::collections::HashMap;
use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use chrono::TimeDelta;
use delegate_core::api_key;
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{ApiKeyId, AuditId, SessionId, UserId};
use delegate_core::scope::Scope;
use delegate_core::secret::token_hash;
use delegate_core::time::Timestamp;
use delegate_core::token::{Credential, Identity};
use http::Method;
use http::request::Parts;

use super::call::Call;
use super::reply::Failure;
use super::source;
use crate::platform::database::{Answer, Preamble, Statement};
use crate::platform::random;
use crate::store::audit::{Action, Entry};
use crate::store::permits::{self, Permit};

/// What a handler needs, as a type that it can name.
pub(crate) trait Needs {
    /// The scope of what it is about.
    const SCOPE: Scope;
    /// The scope of what else it shows, where there is something.
    const ALSO: Option<Scope> = None;
}

macro_rules! needs {
    ($($name:ident),*) => {$(
        /// The scope of this name.
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $name;

        impl Needs for $name {
            const SCOPE: Scope = Scope::$name;
        }
    )*};
}

needs!(
    AccountRead,
    AccountWrite,
    TasksRead,
    TasksWrite,
    EmailsRead,
    EmailsWrite,
    CalendarRead,
    CalendarWrite,
    FreeBusy,
    JobsRead,
    JobsWrite,
    Live
);

/// To plan tasks into the calendar, where whoever reads it sees what they are called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Planning;

impl Needs for Planning {
    const SCOPE: Scope = Scope::CalendarWrite;
    const ALSO: Option<Scope> = Some(Scope::TasksRead);
}

/// To teach about mail, which can delete a task.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Teaching;

impl Needs for Teaching {
    const SCOPE: Scope = Scope::EmailsWrite;
    const ALSO: Option<Scope> = Some(Scope::TasksWrite);
}

/// Somebody who may do what a scope covers.
#[derive(Debug)]
pub(crate) struct Caller<S> {
    /// Whose things it is about.
    pub(crate) user: UserId,
    /// With what the one who acts proves who they are.
    pub(crate) credential: Credential,
    scope: PhantomData<S>,
}

/// The person on a device; checked in the first batch that their session has not ended.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    /// Who.
    pub(crate) user: UserId,
    /// On which device.
    pub(crate) session: SessionId,
}

/// The person who owns the deployment, on a device.
#[derive(Debug, Clone)]
pub(crate) struct Owner(pub(crate) SignedIn);

/// The person on a device, by the token alone.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// Who.
    pub(crate) user: UserId,
    /// On which device.
    pub(crate) session: SessionId,
}

/// How many verified tokens an isolate remembers, twice over: when the young generation is full
/// it becomes the old one. An entry is some 200 bytes, so this is 2 MB at most.
const GENERATION: usize = 4_096;

/// For how long an isolate trusts that a session which it has seen going on still does.
const TRUSTED: TimeDelta = TimeDelta::seconds(30);

#[derive(Clone)]
struct Verified {
    identity: Identity,
    /// When the database last said that the session goes on.
    seen: Option<Timestamp>,
}

/// By the SHA-256 of the token: the cache holds nothing that somebody could sign in with.
#[derive(Default)]
struct Cache {
    young: HashMap<String, Verified>,
    old: HashMap<String, Verified>,
}

impl Cache {
    fn get(&mut self, hash: &str) -> Option<Verified> {
        if let Some(verified) = self.young.get(hash) {
            return Some(verified.clone());
        }
        let (hash, verified) = self.old.remove_entry(hash)?;
        self.insert(hash, verified.clone());
        Some(verified)
    }

    fn insert(&mut self, hash: String, verified: Verified) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, verified);
    }

    fn note_seen(&mut self, hash: &str, now: Timestamp) {
        if let Some(verified) = self.young.get_mut(hash) {
            verified.seen = Some(now);
        }
    }
}

thread_local! {
    /// Tokens whose signature was verified by this isolate: verifying costs some 100 µs, looking
    /// up some 5. Expiry is checked each time, the session now and then.
    static VERIFIED: RefCell<Cache> = RefCell::default();
}

/// Lets this isolate ask again whether the sessions of a person go on. Others do so within
/// [`TRUSTED`].
pub(crate) fn distrust(user: &UserId) {
    VERIFIED.with_borrow_mut(|cache| {
        let known = cache.young.values_mut().chain(cache.old.values_mut());
        for verified in known.filter(|verified| verified.identity.user == *user) {
            verified.seen = None;
        }
    });
}

/// Why a bearer token is not taken. Says no more than a client needs.
pub(crate) fn unauthenticated() -> Error {
    Error::new(
        Kind::Unauthenticated,
        "unauthenticated",
        "A valid access token is needed.",
    )
}

/// Why somebody who is known may not do this.
pub(crate) fn insufficient_scope(detail: &'static str) -> Error {
    Error::new(Kind::Forbidden, "insufficient_scope", detail)
}

/// Who a request says is acting, as far as the request itself can prove it.
enum Claimed {
    Session {
        identity: Identity,
        hash: String,
        seen: Option<Timestamp>,
    },
    Key {
        key: ApiKeyId,
        user: UserId,
        hash: String,
    },
}

/// Reads the `Authorization` header (RFC 6750, 2.1).
fn claimed(call: &Call) -> Result<Claimed, Error> {
    let header = call.header("authorization").ok_or_else(unauthenticated)?;
    let token = match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Err(unauthenticated()),
    };
    let hash = token_hash(token);
    if token.starts_with(api_key::PREFIX) {
        let (key, user) = api_key::read_text(token).ok_or_else(unauthenticated)?;
        return Ok(Claimed::Key { key, user, hash });
    }
    let verified = match VERIFIED.with_borrow_mut(|cache| cache.get(&hash)) {
        Some(verified) if verified.identity.expires_at > call.started() => verified,
        Some(_) => return Err(unauthenticated()),
        None => {
            let keys = &call.configuration().keys;
            let identity = keys
                .verify(token, call.started())
                .map_err(|_| unauthenticated())?;
            let verified = Verified {
                identity,
                seen: None,
            };
            VERIFIED.with_borrow_mut(|cache| cache.insert(hash.clone(), verified.clone()));
            verified
        }
    };
    Ok(Claimed::Session {
        identity: verified.identity,
        hash,
        seen: verified.seen,
    })
}

/// Puts the question whether a session goes on into the first batch of the call.
fn ask_for_session(call: &Call, identity: &Identity, hash: String, role: Option<&'static str>) {
    let permit = Permit {
        session: Some(&identity.session),
        role,
        ..Permit::of_account(&identity.user)
    };
    let now = call.started();
    call.database().begin_with(Preamble {
        statements: vec![permits::check(&permit, now)],
        refusal: permits::refusal,
        granted: Some(Box::new(move || {
            VERIFIED.with_borrow_mut(|cache| cache.note_seen(&hash, now));
        })),
    });
}

/// For whom a call says that it is made, where that is somebody else.
fn acting_for(call: &Call) -> Result<Option<UserId>, Error> {
    let Some(header) = call.header("acting-for") else {
        return Ok(None);
    };
    UserId::parse(header.trim()).map(Some).map_err(|_| {
        Error::invalid_parameter(
            "Acting-For",
            "not_an_identifier",
            "must be of the form usr_…",
        )
    })
}

fn call_of(parts: &Parts) -> Result<Call, Error> {
    Call::of(parts).ok_or_else(unauthenticated)
}

/// The caller of a call that needs a scope.
pub(crate) fn authorize<S: Needs>(
    call: &Call,
    method: &Method,
    path: &str,
) -> Result<Caller<S>, Error> {
    let now = call.started();
    let claimed = claimed(call)?;
    let (actor, credential, key_hash) = match &claimed {
        Claimed::Session { identity, .. } => (
            identity.user.clone(),
            Credential::Session(identity.session.clone()),
            None,
        ),
        Claimed::Key { key, user, hash } => (
            user.clone(),
            Credential::Key(key.clone()),
            Some(hash.clone()),
        ),
    };
    call.set_actor(&actor);
    let user = acting_for(call)?.unwrap_or_else(|| actor.clone());
    call.set_user(&user);
    match claimed {
        Claimed::Session {
            identity,
            hash,
            seen,
        } if user == actor => {
            if seen.is_none_or(|seen| seen.plus(TRUSTED) <= now) {
                ask_for_session(call, &identity, hash, None);
            }
        }
        Claimed::Session { .. } | Claimed::Key { .. } => {
            let session = match &credential {
                Credential::Session(session) => Some(session),
                Credential::Key(_) => None,
            };
            let permit = |scope| Permit {
                user: &user,
                actor: &actor,
                session,
                key_hash: key_hash.as_deref(),
                scope: Some(scope),
                role: None,
            };
            let mut statements = vec![permits::check(&permit(S::SCOPE), now)];
            statements.extend(S::ALSO.map(|scope| permits::check(&permit(scope), now)));
            if user != actor {
                let request = format!("{method} {path}");
                let is_look = method == Method::GET || method == Method::HEAD;
                let acting = (&actor, &credential, S::SCOPE);
                statements.push(delegated(call, &user, acting, &request, is_look)?);
            }
            let noted = key_hash.filter(|hash| permits::is_use_to_be_noted(hash, now));
            if let Some(hash) = &noted {
                statements.push(permits::note_use(hash, now));
            }
            call.database().begin_with(Preamble {
                statements,
                refusal: permits::refusal,
                granted: noted.map(|hash| -> Box<dyn FnOnce()> {
                    Box::new(move || permits::remember_noted(hash, now))
                }),
            });
        }
    }
    Ok(Caller {
        user,
        credential,
        scope: PhantomData,
    })
}

/// Asks whether the account goes on, together with what is still to be asked: for who does something
/// outside of the database before the first batch. What else is asked along is answered.
pub(crate) async fn confirm_account(
    call: &Call,
    user: &UserId,
    along: Option<Statement>,
) -> Result<Vec<Answer>, Error> {
    let permit = Permit::of_account(user);
    let asked = std::iter::once(permits::check(&permit, call.started()));
    let answers = call.database().batch(asked.chain(along).collect()).await;
    answers.map_err(|error| error.cause().and_then(permits::refusal).unwrap_or(error))
}

/// What somebody did for somebody else, for the trail: every change, and the first look of an hour.
fn delegated(
    call: &Call,
    user: &UserId,
    (actor, credential, scope): (&UserId, &Credential, Scope),
    request: &str,
    is_look: bool,
) -> Result<Statement, Error> {
    let now = call.started();
    let id = AuditId::new(now, random::bytes()?);
    let source = source::delegate(call, actor, credential);
    let entry = Entry::new(id, &source, Action::Acted(scope)).on(request);
    Ok(if is_look {
        entry.written_hourly(user, now)
    } else {
        entry.written(user, now)
    })
}

impl<N: Needs, S: Sync> FromRequestParts<S> for Caller<N> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let call = call_of(parts)?;
        Ok(authorize(&call, &parts.method, parts.uri.path())?)
    }
}

/// The session behind a call that neither a key nor somebody else can make.
fn session(call: &Call) -> Result<(Identity, String), Error> {
    let (identity, hash) = match claimed(call)? {
        Claimed::Session { identity, hash, .. } => (identity, hash),
        Claimed::Key { user, .. } => {
            call.set_actor(&user);
            return Err(insufficient_scope(
                "This needs the person, signed in on a device; an API key can't do it.",
            ));
        }
    };
    call.set_actor(&identity.user);
    call.set_user(&identity.user);
    if acting_for(call)?.is_some() {
        return Err(insufficient_scope("This can't be done for somebody else."));
    }
    Ok((identity, hash))
}

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let (identity, _) = session(&call_of(parts)?)?;
        Ok(Self {
            user: identity.user,
            session: identity.session,
        })
    }
}

fn signed_in(parts: &Parts, role: Option<&'static str>) -> Result<SignedIn, Error> {
    let call = call_of(parts)?;
    let (identity, hash) = session(&call)?;
    ask_for_session(&call, &identity, hash, role);
    Ok(SignedIn {
        user: identity.user,
        session: identity.session,
    })
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(signed_in(parts, None)?)
    }
}

impl<S: Sync> FromRequestParts<S> for Owner {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(Self(signed_in(parts, Some("owner"))?))
    }
}
