//! From where a call comes, as the audit trail tells it.

use delegate_core::identifier::{SessionId, UserId};
use delegate_core::token::Credential;

use super::call::Call;
use super::caller::SignedIn;
use crate::store::audit::Source;

/// The person on the device that calls.
pub(crate) fn signed_in(call: &Call, caller: &SignedIn) -> Source {
    session(call, &caller.user, &caller.session)
}

/// A person on a device.
pub(crate) fn session(call: &Call, user: &UserId, session: &SessionId) -> Source {
    source(call, Some(user), "session", Some(session.as_str()))
}

/// Somebody who acts for somebody else.
pub(crate) fn delegate(call: &Call, actor: &UserId, credential: &Credential) -> Source {
    source(call, Some(actor), "delegation", Some(credential.as_str()))
}

/// The service itself, in answer to somebody who is not signed in.
pub(crate) fn request(call: &Call) -> Source {
    source(call, None, "service", None)
}

fn source(call: &Call, actor: Option<&UserId>, via: &'static str, via_id: Option<&str>) -> Source {
    Source {
        actor: actor.map(UserId::to_string),
        via,
        via_id: via_id.map(str::to_owned),
        address: call.network_address(),
        user_agent: call.user_agent(),
    }
}
