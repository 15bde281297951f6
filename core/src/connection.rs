//! Connections: a person's accounts at providers, by which they sign in and, where they allowed it,
//! whose mail and calendars are read.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, Violations};
use crate::identifier::{ConnectionId, UserId};
use crate::oauth::id_token::SignedInAs;
use crate::oauth::{Access, Provider, Tokens};
use crate::seal::{Belonging, NONCE_BYTES, SealingKeys};
use crate::time::Timestamp;

/// How long a visit to a provider may take.
pub const VISIT_LIFE: chrono::TimeDelta = chrono::TimeDelta::minutes(10);
/// How long the one-time code is good that a visit ends with. A page exchanges it at once; a person
/// who pastes it into a terminal takes a while.
pub const CODE_LIFE: chrono::TimeDelta = chrono::TimeDelta::minutes(2);
/// How many provider accounts a person can have.
pub const MAX_CONNECTIONS: u32 = 20;
/// The most characters of a page's address.
pub const MAX_RETURN_TO: usize = 1_000;

/// How a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConnectionStatus)]
pub enum Status {
    /// It is there to sign in with; nothing of the account is read.
    SignInOnly,
    /// The provider takes its token.
    Healthy,
    /// The provider could not be asked, or answered with something else than yes or no.
    Failing,
    /// The provider no longer takes its token: the person has to connect it again.
    Reauthorize,
    /// It is being disconnected: its tokens are revoked, then erased.
    Disconnecting,
}

impl Status {
    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignInOnly => "sign_in_only",
            Self::Healthy => "healthy",
            Self::Failing => "failing",
            Self::Reauthorize => "reauthorize",
            Self::Disconnecting => "disconnecting",
        }
    }
}

/// A provider account of a person, as they see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Connection {
    /// Which one.
    #[schema(value_type = String)]
    pub id: ConnectionId,
    /// Which provider.
    pub provider: Provider,
    /// What the provider calls the account.
    pub email: String,
    /// What the provider has granted, in its own words.
    pub scopes: Vec<String>,
    /// How it stands.
    pub status: Status,
    /// When the provider last took its token; null: never tried.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub last_success_at: Option<Timestamp>,
    /// Why it is not healthy, as a stable word; null where it is.
    #[schema(required = true)]
    pub last_error: Option<String>,
    /// When it was last looked at.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub checked_at: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When this last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// What connecting takes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionInput {
    /// Which provider.
    pub provider: Provider,
    /// Which parts of the account. At Microsoft these take the place of what was granted before.
    #[schema(min_items = 1)]
    pub access: Vec<Access>,
    /// The page that the browser comes back to, of an origin that is allowed; the deployment's own
    /// page unless told otherwise.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub return_to: Option<String>,
    /// For a page: the SHA-256 of a verifier that it keeps, in base64url, as in PKCE (RFC 7636).
    #[serde(default)]
    #[schema(min_length = 43, max_length = 43)]
    pub challenge: Option<String>,
    /// The address of the account that is meant, such as that of a connection to be renewed.
    #[serde(default)]
    #[schema(max_length = 254)]
    pub login_hint: Option<String>,
}

impl ConnectionInput {
    /// The parts, in a fixed order, or what is wrong with them.
    pub fn check(&self) -> Result<Vec<Access>, Error> {
        let mut violations = Violations::default();
        if self.access.is_empty() {
            violations.add("/access", "empty", "must name at least one part");
        }
        if self
            .challenge
            .as_deref()
            .is_some_and(|text| !is_challenge(text))
        {
            violations.add(
                "/challenge",
                "invalid_challenge",
                "must be a SHA-256 in base64url",
            );
        }
        if self
            .login_hint
            .as_deref()
            .is_some_and(|text| text.len() > crate::account::MAX_ADDRESS)
        {
            violations.add("/login_hint", "too_long", "must have at most 254 octets");
        }
        let wanted = Access::ALL.into_iter();
        violations.into_result(wanted.filter(|part| self.access.contains(part)).collect())
    }
}

/// Whether a text is the S256 challenge of some verifier (RFC 7636, section 4.2).
pub fn is_challenge(text: &str) -> bool {
    text.len() == 43
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// The challenge of a verifier (RFC 7636, section 4.2).
pub fn challenge_of(verifier: &str) -> String {
    crate::secret::token_hash(verifier)
}

/// What a visit that connects has come back with. It is serialized only to be sealed, until the
/// person who began has said that it is theirs.
#[derive(Serialize, Deserialize)]
pub struct Grant {
    /// Whose account at the provider.
    pub account: SignedInAs,
    /// What it gave.
    pub tokens: Tokens,
}

/// What the rows of a provider account are known by, whichever connection they are of: where its
/// sealed tokens belong.
pub fn account_key(provider: &str, issuer: &str, subject: &str) -> String {
    format!("{provider} {issuer} {subject}")
}

/// Where the sealed tokens of a connection belong.
fn tokens_belong<'a>(account_key: &'a str, user: &'a UserId) -> Belonging<'a> {
    Belonging {
        table: "connections",
        row: account_key,
        user: Some(user),
    }
}

/// Seals the tokens of a connection. `None` only where they can't be written down.
pub fn seal_tokens(
    keys: &SealingKeys,
    account_key: &str,
    user: &UserId,
    tokens: &Tokens,
    nonce: &[u8; NONCE_BYTES],
) -> Option<String> {
    let plain = serde_json::to_vec(tokens).ok()?;
    keys.seal(&plain, tokens_belong(account_key, user), nonce)
}

/// Opens the tokens of a connection. `None` where the key is not configured any more, or they are
/// of another place.
pub fn open_tokens(
    keys: &SealingKeys,
    account_key: &str,
    user: &UserId,
    sealed: &str,
) -> Option<Tokens> {
    let plain = keys.open(sealed, tokens_belong(account_key, user)).ok()?;
    serde_json::from_slice(&plain).ok()
}

/// Where a grant belongs that waits under a one-time code.
pub fn grant_belongs<'a>(code_hash: &'a str, user: &'a UserId) -> Belonging<'a> {
    Belonging {
        table: "exchange_codes",
        row: code_hash,
        user: Some(user),
    }
}

/// Where the verifier of a visit belongs.
pub fn verifier_belongs(state_hash: &str) -> Belonging<'_> {
    Belonging {
        table: "authorizations",
        row: state_hash,
        user: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_that_of_rfc_7636() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(challenge_of(verifier), challenge);
        assert!(is_challenge(challenge));
        assert!(!is_challenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"));
    }

    #[test]
    fn connecting_names_at_least_one_part_and_each_once() {
        let input = |json: &str| serde_json::from_str::<ConnectionInput>(json).expect("readable");
        let twice = input(r#"{"provider":"google","access":["calendar","mail","calendar"]}"#);
        assert_eq!(
            twice.check().expect("good"),
            [Access::Mail, Access::Calendar]
        );
        assert!(
            input(r#"{"provider":"google","access":[]}"#)
                .check()
                .is_err()
        );
    }
}
