//! Who is calling. A handler that takes a [`Caller`] can't run without one.

use std::cell::RefCell;
use std::collections::HashMap;

use axum::extract::FromRequestParts;
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{SessionId, UserId};
use delegate_core::time::Timestamp;
use delegate_core::token::Identity;
use http::request::Parts;

use super::call::Call;
use super::reply::Failure;

/// The person who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// Who.
    pub(crate) user: UserId,
    /// On which device.
    pub(crate) session: SessionId,
}

/// How many verified tokens an isolate remembers, twice over: when the young generation is full
/// it becomes the old one. A token and its identity are some 500 bytes, so this is 4 MB at most.
const GENERATION: usize = 4_096;

#[derive(Default)]
struct Verified {
    young: HashMap<String, Identity>,
    old: HashMap<String, Identity>,
}

impl Verified {
    fn get(&mut self, token: &str) -> Option<Identity> {
        if let Some(identity) = self.young.get(token) {
            return Some(identity.clone());
        }
        let (token, identity) = self.old.remove_entry(token)?;
        self.insert(token, identity.clone());
        Some(identity)
    }

    fn insert(&mut self, token: String, identity: Identity) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(token, identity);
    }
}

thread_local! {
    /// Tokens whose signature was verified by this isolate: verifying costs some 100 µs, looking
    /// up one. Expiry is checked each time; nothing else about a token can change.
    static VERIFIED: RefCell<Verified> = RefCell::default();
}

/// Why a bearer token is not taken. Says no more than a client needs.
pub(crate) fn unauthenticated() -> Error {
    Error::new(
        Kind::Unauthenticated,
        "unauthenticated",
        "A valid access token is needed.",
    )
}

/// The identity behind an access token.
fn identify(call: &Call, token: &str, now: Timestamp) -> Result<Identity, Error> {
    if let Some(identity) = VERIFIED.with_borrow_mut(|verified| verified.get(token)) {
        return if identity.expires_at > now {
            Ok(identity)
        } else {
            Err(unauthenticated())
        };
    }
    let identity = call
        .configuration()
        .keys
        .verify(token, now)
        .map_err(|_| unauthenticated())?;
    VERIFIED.with_borrow_mut(|verified| verified.insert(token.to_owned(), identity.clone()));
    Ok(identity)
}

/// The caller of a call, from its `Authorization` header (RFC 6750, 2.1).
pub(crate) fn authenticate(call: &Call) -> Result<Caller, Error> {
    let header = call.header("authorization").ok_or_else(unauthenticated)?;
    let token = match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Err(unauthenticated()),
    };
    let identity = identify(call, token, call.started())?;
    call.set_user(&identity.user);
    Ok(Caller {
        user: identity.user,
        session: identity.session,
    })
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let call = Call::of(parts).ok_or_else(unauthenticated)?;
        Ok(authenticate(&call)?)
    }
}
