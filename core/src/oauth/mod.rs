//! Signing in with Google and Microsoft, and connecting an account there: the client side of
//! OAuth 2.1 and OpenID Connect, without a network, a clock or a source of randomness.
//!
//! The caller brings those, and what a visit to a provider needs is made of these pieces, in this
//! order:
//!
//! 1. [`ProviderSettings`] says who we are for a provider. [`Metadata::parse`] reads what
//!    [`ProviderSettings::discovery_url`] answers; it is good for [`METADATA_LIFE`].
//! 2. [`authorization_url`] is where the browser goes. Its state, its nonce and its [`Verifier`]
//!    are 32 random bytes each, kept until the browser is back.
//! 3. [`Callback::parse`] reads what it comes back with. The state finds what was kept; what it
//!    was kept for says the provider, never the callback. [`Answer::into_code`] then checks who
//!    answered and gives the code, or says what was denied and what to do about it.
//! 4. [`exchange_code`] gives [`Tokens`].
//! 5. [`id_token::key_id`], [`KeySet::decide`] and [`KeySet::parse`] see to the keys;
//!    [`id_token::verify`] tells who has signed in.
//! 6. [`refresh`] and [`revoke`] are for what was connected.
//!
//! Every request goes through a client that the caller gives: `Fn(HttpRequest) -> Future` with
//! the bytes of the body in and out. It must not follow redirects, should give up after some
//! seconds, and need not read more than [`MAX_ANSWER`] bytes of an answer: more is refused here.
//! The futures need not be `Send`.
//!
//! Invariant: nothing that opens something can be printed. Codes, tokens, verifiers and client
//! secrets are [`Sensitive`], no error holds a body, and what an error tells the log of a
//! provider's answer is its code, never its description.

mod authorization;
mod denial;
mod discovery;
pub mod id_token;
mod key_set;
mod provider;
mod revocation;
mod sensitive;
#[cfg(test)]
mod test_support;
mod token;

pub use authorization::{
    Answer, AnswerRefusal, AuthorizationRequest, Callback, CallbackRefusal, Verifier,
    admin_consent_url, authorization_url,
};
pub use denial::{Denial, Denied};
pub use discovery::{METADATA_LIFE, Metadata, MetadataRefusal};
pub use key_set::{Decision, KeySet, KeySetRefusal};
pub use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
pub use provider::{Access, Intent, Provider, ProviderSettings, SettingsRefusal};
pub use revocation::{Revocation, revoke};
pub use sensitive::Sensitive;
pub use token::{CodeExchange, TokenError, Tokens, exchange_code, refresh};

/// The most bytes that an answer of a provider may have. The largest we know, Microsoft's set of
/// keys, has 20,000.
pub const MAX_ANSWER: usize = 256 * 1024;
