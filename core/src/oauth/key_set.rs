//! A provider's public keys (RFC 7517), and when to fetch them again.
//!
//! Keys rotate without notice: a token with an unknown key is a reason to look again, but not more
//! often than once a minute, or made-up tokens would have us ask for each. A key that was
//! withdrawn is good for an hour at most.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use jwt_compact::alg::{RsaPublicKey, StrongKey};
use jwt_compact::jwk::JsonWebKey;
use serde::Deserialize;

use super::MAX_ANSWER;
use crate::time::Timestamp;

/// How long a set is good for.
const LIFE: TimeDelta = TimeDelta::hours(1);
/// How old a set must be before an unknown key is a reason to fetch it again.
const RETRY_AFTER: TimeDelta = TimeDelta::seconds(60);
/// How many keys of a set are read. Microsoft's has about ten.
const MAX_KEYS: usize = 100;

/// Why a set is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySetRefusal {
    /// More than [`MAX_ANSWER`] bytes.
    TooLarge,
    /// Not the JSON that a set of keys is.
    Malformed,
    /// No key in it that could verify a token.
    Empty,
}

/// What to do for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Verify with the keys at hand, whether the token's is among them or not.
    Use,
    /// Fetch the keys first.
    Fetch,
}

/// A provider's keys as they were at some time.
#[derive(Debug, Clone)]
pub struct KeySet {
    keys: Vec<Key>,
    fetched_at: Timestamp,
}

#[derive(Debug, Clone)]
pub(super) struct Key {
    id: String,
    /// At least 2,048 bits, by its type (RFC 7518, section 3.3).
    pub(super) verifying: StrongKey<RsaPublicKey>,
    /// Whose tokens this key may sign: Microsoft's keys for all tenants say so each for itself.
    pub(super) issuer: Option<String>,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct KeyForm {
    kty: String,
    kid: String,
    n: String,
    e: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    issuer: Option<String>,
}

impl KeySet {
    /// Reads what `jwks_uri` answered. Keys that are not for RS256 are passed over, and so are those
    /// that can't be read: one odd key must not lock everybody out.
    pub fn parse(body: &[u8], fetched_at: Timestamp) -> Result<Self, KeySetRefusal> {
        if body.len() > MAX_ANSWER {
            return Err(KeySetRefusal::TooLarge);
        }
        let document: Document =
            serde_json::from_slice(body).map_err(|_| KeySetRefusal::Malformed)?;
        let keys: Vec<_> = document
            .keys
            .into_iter()
            .take(MAX_KEYS)
            .filter_map(|key| serde_json::from_value(key).ok())
            .filter_map(Key::read)
            .collect();
        if keys.is_empty() {
            return Err(KeySetRefusal::Empty);
        }
        Ok(Self { keys, fetched_at })
    }

    /// Whether the keys at hand (if any) are good for a token with this key.
    pub fn decide(at_hand: Option<&Self>, key_id: &str, now: Timestamp) -> Decision {
        let Some(set) = at_hand else {
            return Decision::Fetch;
        };
        let is_stale = set.fetched_at.plus(LIFE) <= now;
        let may_ask = set.fetched_at.plus(RETRY_AFTER) <= now;
        if is_stale || (may_ask && set.find(key_id).is_none()) {
            Decision::Fetch
        } else {
            Decision::Use
        }
    }

    pub(super) fn find(&self, key_id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == key_id)
    }
}

impl Key {
    fn read(form: KeyForm) -> Option<Self> {
        let is_for_signatures = form.purpose.is_none_or(|purpose| purpose == "sig");
        let is_for_rs256 = form.kty == "RSA" && form.alg.is_none_or(|alg| alg == "RS256");
        if !is_for_signatures || !is_for_rs256 {
            return None;
        }
        let number = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let key = JsonWebKey::Rsa {
            modulus: number(&form.n)?.into(),
            public_exponent: number(&form.e)?.into(),
            private_parts: None,
        };
        let key = RsaPublicKey::try_from(&key).ok()?;
        Some(Self {
            id: form.kid,
            verifying: StrongKey::try_from(key).ok()?,
            issuer: form.issuer,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::test_support::{KEY, OTHER_KEY, WEAK_KEY, at};
    use serde_json::{Value, json};

    fn set(keys: &[Value]) -> Result<KeySet, KeySetRefusal> {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes(), at(0))
    }

    #[test]
    fn a_fresh_set_is_used_for_the_keys_that_it_has() {
        let set = set(&[KEY.public("a")]).expect("keys");
        assert_eq!(KeySet::decide(Some(&set), "a", at(3599)), Decision::Use);
        assert_eq!(KeySet::decide(Some(&set), "a", at(3600)), Decision::Fetch);
        assert_eq!(KeySet::decide(None, "a", at(0)), Decision::Fetch);
    }

    #[test]
    fn an_unknown_key_has_the_set_fetched_but_not_for_every_token() {
        let set = set(&[KEY.public("a")]).expect("keys");
        assert_eq!(KeySet::decide(Some(&set), "b", at(59)), Decision::Use);
        assert_eq!(KeySet::decide(Some(&set), "b", at(60)), Decision::Fetch);
    }

    #[test]
    fn keys_that_are_not_for_rs256_are_passed_over() {
        let mut encryption = KEY.public("encryption");
        encryption["use"] = json!("enc");
        let mut other = KEY.public("other");
        other["alg"] = json!("RS512");
        let mut curve = KEY.public("curve");
        curve["kty"] = json!("EC");
        let mut garbled = KEY.public("garbled");
        garbled["n"] = json!("!");
        let set = set(&[
            encryption,
            other,
            curve,
            garbled,
            json!("a"),
            json!({}),
            json!({ "kty": "oct", "kid": "symmetric", "k": "AAAA" }),
            OTHER_KEY.public("good"),
        ])
        .expect("keys");
        assert_eq!(set.keys.len(), 1);
        assert!(set.find("good").is_some());
    }

    #[test]
    fn a_key_of_fewer_than_2048_bits_is_passed_over() {
        assert_eq!(
            set(&[WEAK_KEY.public("weak")]).err(),
            Some(KeySetRefusal::Empty)
        );
    }

    #[test]
    fn what_is_no_set_is_refused() {
        let parse = |body: &[u8]| KeySet::parse(body, at(0)).err();
        for body in ["", "{}", "[]", r#"{"keys":{}}"#] {
            assert_eq!(parse(body.as_bytes()), Some(KeySetRefusal::Malformed));
        }
        assert_eq!(parse(br#"{"keys":[]}"#), Some(KeySetRefusal::Empty));
        assert_eq!(
            parse(&vec![b' '; MAX_ANSWER + 1]),
            Some(KeySetRefusal::TooLarge)
        );
    }
}
