//! Tokens: access tokens that anybody can verify, refresh tokens that only we know, and tickets
//! that open one WebSocket.
//!
//! - An access token is a JWT (RFC 7519) signed with Ed25519 (RFC 8037), good for 15 minutes. Its
//!   `kid` is the thumbprint of the key (RFC 7638). The first configured key signs, all verify,
//!   so a new key is put in front and the old one removed 15 minutes later.
//! - A refresh token is 256 bits. Its successor is derived from it with a key only we have: two
//!   tabs that refresh with the same token at once are given the same successor, and nothing
//!   readable is stored.
//! - A ticket names the person and the session, expires after a minute and is authenticated, so
//!   a forged one is refused before a Durable Object is woken; the hub lets each in once.

use chrono::{DateTime, TimeDelta, Utc};
use jwt_compact::alg::Ed25519;
use jwt_compact::alg::SigningKey as _;
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::identifier::{ApiKeyId, ResetId, SessionId, UserId};
use crate::secret::{Purpose, Secret, decode_32, encode, is_same};
use crate::time::Timestamp;

/// How long an access token is good for.
pub const ACCESS_TOKEN_LIFE: TimeDelta = TimeDelta::minutes(15);
/// How long a refresh token can lie unused.
pub const REFRESH_TOKEN_LIFE: TimeDelta = TimeDelta::days(30);
/// How long a used refresh token still gives its successor: for the loser of a race.
pub const REFRESH_GRACE: TimeDelta = TimeDelta::seconds(30);
/// How long a ticket is good for.
pub const TICKET_LIFE: TimeDelta = TimeDelta::seconds(60);
/// Whom access tokens are for.
pub const AUDIENCE: &str = "delegate-api";

type SigningKey = <Ed25519 as jwt_compact::Algorithm>::SigningKey;
type VerifyingKey = <Ed25519 as jwt_compact::Algorithm>::VerifyingKey;

/// Who is calling, as an access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The person.
    pub user: UserId,
    /// The session the token was given to.
    pub session: SessionId,
    /// Until when the token is good.
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct AccessClaims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
}

/// Why a token is refused. The client is told no more than that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Not a token, another algorithm, another key, or changed.
    NotOurs,
    /// Past its time.
    Expired,
    /// Made by or for somebody else.
    WrongParty,
}

struct Key {
    id: String,
    signing: SigningKey,
    verifying: VerifyingKey,
}

/// The keys of the deployment. Has no `Debug`, so that they can't be logged.
pub struct KeyRing {
    issuer: String,
    current: Key,
    former: Vec<Key>,
}

impl KeyRing {
    /// Reads the configured form: seeds of 32 bytes in base64url, separated by commas, the one
    /// that signs first. `None` where one is not of that form.
    pub fn parse(seeds: &str, issuer: &str) -> Option<Self> {
        let mut keys = seeds.split(',').map(|seed| {
            let signing = SigningKey::from_bytes(&decode_32(seed)?);
            let verifying = signing.to_verifying_key();
            let id = encode(&JsonWebKey::from(&verifying).thumbprint::<Sha256>());
            Some(Key {
                id,
                signing,
                verifying,
            })
        });
        let current = keys.next()??;
        let former = keys.collect::<Option<_>>()?;
        Some(Self {
            issuer: issuer.to_owned(),
            current,
            former,
        })
    }

    /// An access token for a session, good from `now` for [`ACCESS_TOKEN_LIFE`].
    pub fn sign(&self, user: &UserId, session: &SessionId, now: Timestamp) -> Option<String> {
        let claims = Claims::new(AccessClaims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user.clone(),
            sid: session.clone(),
        })
        .set_duration_and_issuance(&stopped_at(now), ACCESS_TOKEN_LIFE);
        let header = Header::empty().with_key_id(self.current.id.clone());
        Ed25519.token(&header, &claims, &self.current.signing).ok()
    }

    /// Who a token says is calling. A token of another algorithm (`none` and HMAC included) is
    /// refused whatever its header claims: the algorithm is ours to choose, not the token's.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Identity, Refusal> {
        let untrusted = UntrustedToken::new(token).map_err(|_| Refusal::NotOurs)?;
        let key_id = untrusted
            .header()
            .key_id
            .as_deref()
            .ok_or(Refusal::NotOurs)?;
        let key = std::iter::once(&self.current)
            .chain(&self.former)
            .find(|key| key.id == key_id)
            .ok_or(Refusal::NotOurs)?;
        let token = Ed25519
            .validator::<AccessClaims>(&key.verifying)
            .validate(&untrusted)
            .map_err(|_| Refusal::NotOurs)?;
        let claims = token.claims();
        claims
            .validate_expiration(&stopped_at(now))
            .map_err(|_| Refusal::Expired)?;
        if claims.custom.iss != self.issuer || claims.custom.aud != AUDIENCE {
            return Err(Refusal::WrongParty);
        }
        Ok(Identity {
            user: claims.custom.sub.clone(),
            session: claims.custom.sid.clone(),
            expires_at: claims
                .expiration
                .map(Timestamp::from)
                .ok_or(Refusal::NotOurs)?,
        })
    }

    /// The public keys as a JWK Set (RFC 7517).
    pub fn key_set(&self) -> String {
        let keys: Vec<_> = std::iter::once(&self.current)
            .chain(&self.former)
            .map(|key| {
                serde_json::json!({
                    "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
                    "kid": key.id, "x": encode(key.verifying.as_bytes()),
                })
            })
            .collect();
        serde_json::json!({ "keys": keys }).to_string()
    }
}

/// No leeway: tokens are made and verified by the same clock.
fn stopped_at(now: Timestamp) -> TimeOptions<impl Fn() -> DateTime<Utc>> {
    TimeOptions::new(TimeDelta::zero(), move || now.to_utc())
}

/// A new refresh token.
pub fn new_refresh_token(random: &[u8; 32]) -> String {
    encode(random)
}

/// The one successor of a refresh token.
pub fn refresh_successor(secret: &Secret, token: &str) -> String {
    encode(&secret.authenticate(Purpose::RefreshToken, token.as_bytes()))
}

/// The token that lets a password be set anew. It is derived, so that the message with it can be
/// composed again and nothing readable is stored.
pub fn reset_token(secret: &Secret, reset: &ResetId) -> String {
    encode(&secret.authenticate(Purpose::PasswordReset, reset.as_str().as_bytes()))
}

/// With what somebody proves who they are; also what the hub knows their sockets by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// The access token of a session.
    Session(SessionId),
    /// An API key.
    Key(ApiKeyId),
}

impl Credential {
    /// Reads the identifier of a session or of a key.
    pub fn parse(text: &str) -> Option<Self> {
        let session = SessionId::parse(text).map(Self::Session);
        session
            .or_else(|_| ApiKeyId::parse(text).map(Self::Key))
            .ok()
    }

    /// The identifier of the session or the key.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Session(session) => session.as_str(),
            Self::Key(key) => key.as_str(),
        }
    }
}

/// What a ticket says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The person.
    pub user: UserId,
    /// The session that asked for it.
    pub session: SessionId,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// What makes it one of a kind: the hub remembers it until it has expired.
    pub nonce: String,
}

impl Ticket {
    /// The ticket's text: what it says and the code that proves that we said it.
    pub fn seal(&self, secret: &Secret) -> String {
        let body = format!(
            "{}.{}.{}.{}",
            self.user,
            self.session,
            self.expires_at.milliseconds(),
            self.nonce
        );
        let code = encode(&secret.authenticate(Purpose::Ticket, body.as_bytes()));
        format!("{body}.{code}")
    }

    /// Reads a ticket that came from outside.
    pub fn open(text: &str, secret: &Secret, now: Timestamp) -> Result<Self, Refusal> {
        let (body, code) = text.rsplit_once('.').ok_or(Refusal::NotOurs)?;
        let expected = encode(&secret.authenticate(Purpose::Ticket, body.as_bytes()));
        if !is_same(&expected, code) {
            return Err(Refusal::NotOurs);
        }
        let mut parts = body.split('.');
        let (Some(user), Some(session), Some(expiry), Some(nonce), None) = (
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ) else {
            return Err(Refusal::NotOurs);
        };
        let ticket = Self {
            user: UserId::parse(user).map_err(|_| Refusal::NotOurs)?,
            session: SessionId::parse(session).map_err(|_| Refusal::NotOurs)?,
            expires_at: expiry
                .parse()
                .map(Timestamp::from_milliseconds)
                .map_err(|_| Refusal::NotOurs)?,
            nonce: nonce.to_owned(),
        };
        if ticket.expires_at <= now {
            Err(Refusal::Expired)
        } else {
            Ok(ticket)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: i64 = 1_774_000_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_milliseconds(NOW + seconds * 1000)
    }

    fn ring(seeds: &[u8]) -> KeyRing {
        let seeds: Vec<_> = seeds.iter().map(|seed| encode(&[*seed; 32])).collect();
        KeyRing::parse(&seeds.join(","), "https://delegate.example").expect("a ring")
    }

    fn someone() -> (UserId, SessionId) {
        (UserId::new(at(0), [1; 10]), SessionId::new(at(0), [2; 10]))
    }

    #[test]
    fn a_token_tells_who_it_was_made_for_until_it_expires() {
        let (user, session) = someone();
        let ring = ring(&[1]);
        let token = ring.sign(&user, &session, at(0)).expect("signed");
        let identity = ring.verify(&token, at(899)).expect("good");
        assert_eq!((identity.user, identity.session), (user, session));
        assert_eq!(ring.verify(&token, at(901)), Err(Refusal::Expired));
    }

    #[test]
    fn a_token_of_a_former_key_is_good_and_one_of_an_unknown_key_is_not() {
        let (user, session) = someone();
        let token = ring(&[1]).sign(&user, &session, at(0)).expect("signed");
        assert!(ring(&[2, 1]).verify(&token, at(1)).is_ok());
        assert_eq!(ring(&[2]).verify(&token, at(1)), Err(Refusal::NotOurs));
    }

    #[test]
    fn a_token_of_another_issuer_is_refused() {
        let (user, session) = someone();
        let other = KeyRing::parse(&encode(&[1; 32]), "https://elsewhere.example").expect("ring");
        let token = other.sign(&user, &session, at(0)).expect("signed");
        assert_eq!(ring(&[1]).verify(&token, at(1)), Err(Refusal::WrongParty));
    }

    #[test]
    fn a_ticket_opens_once_sealed_and_not_when_changed_or_late() {
        let secret = Secret::parse(&encode(&[9; 32])).expect("a secret");
        let (user, session) = someone();
        let ticket = Ticket {
            user,
            session,
            expires_at: at(60),
            nonce: "n".into(),
        };
        let text = ticket.seal(&secret);
        assert_eq!(Ticket::open(&text, &secret, at(59)), Ok(ticket));
        assert_eq!(Ticket::open(&text, &secret, at(60)), Err(Refusal::Expired));
        let changed = text.replacen("usr_0", "usr_1", 1);
        assert_eq!(
            Ticket::open(&changed, &secret, at(0)),
            Err(Refusal::NotOurs)
        );
    }

    #[test]
    fn a_refresh_token_has_one_successor_that_only_we_can_tell() {
        let ours = Secret::parse(&encode(&[9; 32])).expect("a secret");
        let theirs = Secret::parse(&encode(&[8; 32])).expect("a secret");
        assert_eq!(refresh_successor(&ours, "a"), refresh_successor(&ours, "a"));
        assert_ne!(
            refresh_successor(&ours, "a"),
            refresh_successor(&theirs, "a")
        );
    }

    proptest! {
        #[test]
        fn no_text_is_a_token_and_none_panics(text in ".{0,120}") {
            prop_assert!(ring(&[1]).verify(&text, at(0)).is_err());
        }
    }
}
