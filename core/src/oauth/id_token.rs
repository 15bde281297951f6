//! Who has signed in: the checks of an ID token (OpenID Connect Core 1.0, section 3.1.3.7).
//!
//! The token comes from the provider itself, by TLS, yet it is checked in full: its signature ties
//! it to the provider, its nonce to the visit and its audience to us. The algorithm is RS256
//! whatever the token's header says, and the key is one of the provider's set.
//!
//! A person is their issuer and their subject, and never their mail address. An address can be
//! given to another person, and in many tenants at Microsoft an administrator, or the person, can
//! set it to anything: who took it for an identity let one tenant into the accounts of another.
//! So nothing is ever found or linked by [`SignedInAs::email`], whatever it says of itself.

use chrono::TimeDelta;
use jwt_compact::alg::{Rsa, StrongAlg};
use jwt_compact::prelude::*;
use jwt_compact::{Algorithm as _, ValidationError};
use serde::{Deserialize, Serialize};

use super::discovery::Metadata;
use super::key_set::{Key, KeySet};
use super::provider::{Provider, ProviderSettings, issuer_of_tenant};
use crate::account::{MAX_ADDRESS, MAX_NAME};
use crate::time::Timestamp;

/// How far the provider's clock may be off.
pub const LEEWAY: TimeDelta = TimeDelta::minutes(5);
/// The most characters of a subject (OpenID Connect Core 1.0, section 2).
pub const MAX_SUBJECT: usize = 255;
/// The most characters of a token that is looked at.
const MAX_TOKEN: usize = 64 * 1024;
/// Not a way to choose: the only one.
const ALGORITHM: StrongAlg<Rsa> = StrongAlg(Rsa::rs256());

/// Why an ID token is refused. The browser is told no more than that it is; which it was goes to
/// the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Not a token, or claims of other types than they have.
    Malformed,
    /// Signed in another way than RS256, or not at all.
    Algorithm,
    /// A header that must be understood and is not (RFC 7515, section 4.1.11).
    Critical,
    /// No key named, or none that the provider has.
    Key,
    /// Not signed with that key.
    Signature,
    /// Made by somebody else.
    Issuer,
    /// Signed with a key that is not this tenant's.
    KeyIssuer,
    /// Made for somebody else.
    Audience,
    /// Given to somebody else, or to several without saying to whom.
    AuthorizedParty,
    /// Past its time, or without one.
    Expired,
    /// Before its time.
    NotYetValid,
    /// Made in the future, or nobody says when.
    IssuedAt,
    /// Of another visit.
    Nonce,
    /// About nobody.
    Subject,
}

/// A person, as a provider knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedInAs {
    /// Which provider.
    pub provider: Provider,
    /// Who says so: at Microsoft the person's own tenant.
    pub issuer: String,
    /// Who it is, for this issuer.
    pub subject: String,
    /// What the provider calls them: to be shown and never compared.
    pub email: Option<String>,
    /// Whether the provider says that the address is theirs. Always false for Microsoft, whose
    /// tenants can claim any address.
    pub is_email_verified: bool,
    /// What they are called.
    pub name: Option<String>,
}

/// What a token is checked against.
#[derive(Clone, Copy)]
pub struct Expectation<'a> {
    /// Who we are for the provider.
    pub settings: &'a ProviderSettings,
    /// Who the provider is.
    pub metadata: &'a Metadata,
    /// The provider's keys.
    pub keys: &'a KeySet,
    /// The nonce of the visit.
    pub nonce: &'a str,
    /// The time.
    pub now: Timestamp,
}

/// The part of the header that must be empty.
#[derive(Deserialize, Clone)]
struct Extensions {
    crit: Option<serde_json::Value>,
}

/// Claims that are missing are refused one by one, so every one may be missing here.
#[derive(Deserialize)]
struct IdClaims {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    azp: Option<String>,
    nonce: Option<String>,
    tid: Option<String>,
    email: Option<String>,
    email_verified: Option<serde_json::Value>,
    preferred_username: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }
}

/// Which key a token names: for [`KeySet::decide`], before anything of it is believed.
pub fn key_id(token: &str) -> Option<String> {
    read(token).ok()?.header().key_id.clone()
}

fn read(token: &str) -> Result<UntrustedToken<'_, Extensions>, Refusal> {
    if token.len() > MAX_TOKEN {
        return Err(Refusal::Malformed);
    }
    UntrustedToken::try_from(token).map_err(|_| Refusal::Malformed)
}

/// Who the token is about, if it is good.
pub fn verify(token: &str, expectation: Expectation<'_>) -> Result<SignedInAs, Refusal> {
    let token = read(token)?;
    if token.algorithm() != ALGORITHM.name() {
        return Err(Refusal::Algorithm);
    }
    if token.header().other_fields.crit.is_some() {
        return Err(Refusal::Critical);
    }
    let key = token
        .header()
        .key_id
        .as_deref()
        .and_then(|id| expectation.keys.find(id))
        .ok_or(Refusal::Key)?;
    let token = ALGORITHM
        .validator::<IdClaims>(&key.verifying)
        .validate(&token)
        .map_err(|error| match error {
            ValidationError::InvalidSignature
            | ValidationError::InvalidSignatureLen { .. }
            | ValidationError::MalformedSignature(_) => Refusal::Signature,
            _ => Refusal::Malformed,
        })?;
    let claims = &token.claims().custom;
    let issuer = check_issuer(claims, key, expectation.metadata)?;
    check_audience(claims, expectation.settings.client_id())?;
    check_times(token.claims(), expectation.now)?;
    if claims.nonce.as_deref() != Some(expectation.nonce) {
        return Err(Refusal::Nonce);
    }
    let subject = claims
        .sub
        .as_deref()
        .filter(|subject| (1..=MAX_SUBJECT).contains(&subject.len()))
        .filter(|subject| subject.bytes().all(|byte| byte.is_ascii_graphic()))
        .ok_or(Refusal::Subject)?;
    Ok(SignedInAs {
        provider: expectation.settings.provider(),
        issuer,
        subject: subject.to_owned(),
        email: shown_address(claims),
        is_email_verified: is_address_verified(claims, expectation.settings.provider()),
        name: claims
            .name
            .as_deref()
            .and_then(|name| shown(name, MAX_NAME)),
    })
}

/// The issuer to the letter. Microsoft's is the template of the metadata with the tenant that the
/// token names, and a key of its set that names an issuer signs for that one only.
fn check_issuer(claims: &IdClaims, key: &Key, metadata: &Metadata) -> Result<String, Refusal> {
    let issuer = claims.iss.as_deref().ok_or(Refusal::Issuer)?;
    let tenant = claims.tid.as_deref();
    if issuer_of_tenant(&metadata.issuer, tenant).as_deref() != Some(issuer) {
        return Err(Refusal::Issuer);
    }
    if let Some(of_key) = &key.issuer
        && issuer_of_tenant(of_key, tenant).as_deref() != Some(issuer)
    {
        return Err(Refusal::KeyIssuer);
    }
    Ok(issuer.to_owned())
}

fn check_audience(claims: &IdClaims, client_id: &str) -> Result<(), Refusal> {
    let audience = claims.aud.as_ref().map(Audience::all).unwrap_or_default();
    if !audience.iter().any(|one| one == client_id) {
        return Err(Refusal::Audience);
    }
    match claims.azp.as_deref() {
        Some(party) if party != client_id => Err(Refusal::AuthorizedParty),
        None if audience.len() > 1 => Err(Refusal::AuthorizedParty),
        _ => Ok(()),
    }
}

fn check_times(claims: &Claims<IdClaims>, now: Timestamp) -> Result<(), Refusal> {
    let earliest = now.plus(-LEEWAY);
    let latest = now.plus(LEEWAY);
    if claims
        .expiration
        .is_none_or(|moment| Timestamp::from(moment) <= earliest)
    {
        return Err(Refusal::Expired);
    }
    if claims
        .not_before
        .is_some_and(|moment| Timestamp::from(moment) > latest)
    {
        return Err(Refusal::NotYetValid);
    }
    if claims
        .issued_at
        .is_none_or(|moment| Timestamp::from(moment) > latest)
    {
        return Err(Refusal::IssuedAt);
    }
    Ok(())
}

/// The address, or where there is none (a work account without a mailbox) the name to sign in
/// with, which looks like one.
fn shown_address(claims: &IdClaims) -> Option<String> {
    [&claims.email, &claims.preferred_username]
        .into_iter()
        .flatten()
        .find_map(|text| shown(text, MAX_ADDRESS))
}

/// Only for an address that came as one, and only from who checks addresses.
fn is_address_verified(claims: &IdClaims, provider: Provider) -> bool {
    let is_there = claims
        .email
        .as_deref()
        .and_then(|email| shown(email, MAX_ADDRESS))
        .is_some();
    let is_said = matches!(claims.email_verified, Some(serde_json::Value::Bool(true)));
    provider == Provider::Google && is_there && is_said
}

/// A text that may be shown: on one line, and not longer than it may be anywhere else.
fn shown(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    let is_shown =
        !text.is_empty() && !text.chars().any(char::is_control) && text.chars().count() <= most;
    is_shown.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::test_support::{
        KEY, OTHER_KEY, TENANT, TestKey, at, google, google_metadata, key_set, metadata_of,
        microsoft, microsoft_metadata, unsigned,
    };
    use crate::secret::encode;
    use hmac::digest::KeyInit;
    use hmac::{Hmac, Mac};
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use sha2::Sha256;

    fn header() -> Value {
        json!({ "alg": "RS256", "kid": "first", "typ": "JWT" })
    }

    fn google_claims() -> Value {
        json!({
            "iss": "https://accounts.google.com",
            "azp": "client-of-google",
            "aud": "client-of-google",
            "sub": "110169484474386276334",
            "email": "ada@example.com",
            "email_verified": true,
            "at_hash": "x",
            "nonce": "the-nonce",
            "name": "Ada Lovelace",
            "iat": at(0).milliseconds() / 1000,
            "exp": at(3600).milliseconds() / 1000,
        })
    }

    fn microsoft_claims() -> Value {
        json!({
            "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
            "tid": TENANT,
            "aud": "client-of-microsoft",
            "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
            "email": "ada@example.com",
            "email_verified": true,
            "preferred_username": "ada@tenant.example",
            "nonce": "the-nonce",
            "nbf": at(-300).milliseconds() / 1000,
            "iat": at(-300).milliseconds() / 1000,
            "exp": at(3600).milliseconds() / 1000,
            "ver": "2.0",
        })
    }

    fn check(
        token: &str,
        settings: &ProviderSettings,
        metadata: &Value,
        keys: &[Value],
        now: Timestamp,
    ) -> Result<SignedInAs, Refusal> {
        verify(
            token,
            Expectation {
                settings,
                metadata: &metadata_of(settings, metadata),
                keys: &key_set(keys),
                nonce: "the-nonce",
                now,
            },
        )
    }

    fn check_google(token: &str) -> Result<SignedInAs, Refusal> {
        let keys = [KEY.public("first"), OTHER_KEY.public("other")];
        check(token, &google(), &google_metadata(), &keys, at(10))
    }

    fn check_microsoft(claims: &Value, key: Value) -> Result<SignedInAs, Refusal> {
        let token = KEY.sign(&header(), claims);
        check(&token, &microsoft(), &microsoft_metadata(), &[key], at(10))
    }

    /// The refusal of Google's token with one thing about it changed.
    fn refusal(change: impl FnOnce(&mut Value)) -> Option<Refusal> {
        let mut claims = google_claims();
        change(&mut claims);
        check_google(&KEY.sign(&header(), &claims)).err()
    }

    fn without(name: &str) -> Option<Refusal> {
        refusal(|claims| {
            claims.as_object_mut().expect("an object").remove(name);
        })
    }

    fn seconds(offset: i64) -> Value {
        json!(at(10 + offset).milliseconds() / 1000)
    }

    #[test]
    fn googles_token_tells_who_it_is() {
        let token = KEY.sign(&header(), &google_claims());
        assert_eq!(key_id(&token).as_deref(), Some("first"));
        assert_eq!(
            check_google(&token),
            Ok(SignedInAs {
                provider: Provider::Google,
                issuer: "https://accounts.google.com".into(),
                subject: "110169484474386276334".into(),
                email: Some("ada@example.com".into()),
                is_email_verified: true,
                name: Some("Ada Lovelace".into()),
            })
        );
    }

    #[test]
    fn microsofts_token_tells_the_tenant_and_no_address_of_it_counts_as_verified() {
        let who = check_microsoft(&microsoft_claims(), KEY.public("first")).expect("good");
        assert_eq!(
            who.issuer,
            format!("https://login.microsoftonline.com/{TENANT}/v2.0")
        );
        assert_eq!(who.email.as_deref(), Some("ada@example.com"));
        assert!(!who.is_email_verified);
    }

    #[test]
    fn a_work_account_without_a_mailbox_is_shown_by_the_name_it_signs_in_with() {
        let mut claims = microsoft_claims();
        claims.as_object_mut().expect("an object").remove("email");
        let who = check_microsoft(&claims, KEY.public("first")).expect("good");
        assert_eq!(who.email.as_deref(), Some("ada@tenant.example"));
    }

    #[test]
    fn a_token_that_is_not_signed_is_refused() {
        for algorithm in ["none", "None", "NONE", ""] {
            let header = json!({ "alg": algorithm, "kid": "first" });
            let token = format!("{}.", unsigned(&header, &google_claims()));
            assert_eq!(check_google(&token), Err(Refusal::Algorithm), "{algorithm}");
        }
    }

    #[test]
    fn a_token_signed_with_the_public_key_as_if_it_were_a_secret_is_refused() {
        let header = json!({ "alg": "HS256", "kid": "first" });
        let message = unsigned(&header, &google_claims());
        let public = KEY.public("first").to_string();
        let code = <Hmac<Sha256> as KeyInit>::new_from_slice(public.as_bytes())
            .expect("any length")
            .chain_update(&message)
            .finalize();
        let token = format!("{message}.{}", encode(&code.into_bytes()));
        assert_eq!(check_google(&token), Err(Refusal::Algorithm));
    }

    #[test]
    fn other_algorithms_are_refused_even_with_a_good_signature() {
        for algorithm in ["RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256"] {
            let header = json!({ "alg": algorithm, "kid": "first" });
            let token = KEY.sign(&header, &google_claims());
            assert_eq!(check_google(&token), Err(Refusal::Algorithm), "{algorithm}");
        }
    }

    #[test]
    fn a_header_that_must_be_understood_is_refused() {
        let header = json!({ "alg": "RS256", "kid": "first", "crit": ["b64"], "b64": false });
        let token = KEY.sign(&header, &google_claims());
        assert_eq!(check_google(&token), Err(Refusal::Critical));
    }

    #[test]
    fn a_token_of_a_key_that_the_provider_does_not_have_is_refused() {
        for header in [
            json!({ "alg": "RS256", "kid": "unknown" }),
            json!({ "alg": "RS256" }),
        ] {
            let token = KEY.sign(&header, &google_claims());
            assert_eq!(check_google(&token), Err(Refusal::Key));
        }
    }

    #[test]
    fn a_key_that_the_token_brings_along_is_not_used() {
        let header = json!({ "alg": "RS256", "kid": "mine", "jwk": KEY.public("mine") });
        let token = KEY.sign(&header, &google_claims());
        assert_eq!(check_google(&token), Err(Refusal::Key));
    }

    #[test]
    fn a_token_of_another_key_or_with_changed_claims_is_refused() {
        let token = OTHER_KEY.sign(&header(), &google_claims());
        assert_eq!(check_google(&token), Err(Refusal::Signature));

        let token = KEY.sign(&header(), &google_claims());
        let (_, signature) = token.rsplit_once('.').expect("a signature");
        let mut claims = google_claims();
        claims["sub"] = json!("somebody-else");
        let changed = format!("{}.{signature}", unsigned(&header(), &claims));
        assert_eq!(check_google(&changed), Err(Refusal::Signature));
        let bare = format!("{}.", unsigned(&header(), &google_claims()));
        assert_eq!(check_google(&bare), Err(Refusal::Signature));
    }

    #[test]
    fn a_token_of_another_issuer_is_refused() {
        for issuer in ["accounts.google.com", "https://accounts.google.com/", ""] {
            assert_eq!(
                refusal(|claims| claims["iss"] = json!(issuer)),
                Some(Refusal::Issuer)
            );
        }
        assert_eq!(without("iss"), Some(Refusal::Issuer));
    }

    #[test]
    fn microsofts_issuer_must_be_that_of_the_tenant_that_the_token_names() {
        let key = || KEY.public("first");
        let refused = |name: &str, value: Value| {
            let mut claims = microsoft_claims();
            claims[name] = value;
            check_microsoft(&claims, key()).err()
        };
        let other = "11111111-2222-3333-4444-555555555555";
        assert_eq!(refused("tid", json!(other)), Some(Refusal::Issuer));
        assert_eq!(refused("tid", json!(null)), Some(Refusal::Issuer));
        assert_eq!(
            refused(
                "iss",
                json!("https://login.microsoftonline.com/{tenantid}/v2.0")
            ),
            Some(Refusal::Issuer)
        );
        let mut claims = microsoft_claims();
        claims["tid"] = json!("evil.example/x");
        claims["iss"] = json!("https://login.microsoftonline.com/evil.example/x/v2.0");
        assert_eq!(check_microsoft(&claims, key()).err(), Some(Refusal::Issuer));
    }

    #[test]
    fn a_key_of_one_tenant_signs_for_no_other() {
        let mut key = KEY.public("first");
        key["issuer"] = json!("https://login.microsoftonline.com/{tenantid}/v2.0");
        assert!(check_microsoft(&microsoft_claims(), key.clone()).is_ok());
        key["issuer"] =
            json!("https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0");
        assert_eq!(
            check_microsoft(&microsoft_claims(), key).err(),
            Some(Refusal::KeyIssuer)
        );
    }

    #[test]
    fn a_token_for_somebody_else_is_refused() {
        for audience in [
            json!("another-client"),
            json!([]),
            json!(["another-client"]),
        ] {
            assert_eq!(
                refusal(|claims| claims["aud"] = audience),
                Some(Refusal::Audience)
            );
        }
        assert_eq!(without("aud"), Some(Refusal::Audience));
    }

    #[test]
    fn a_token_for_several_must_say_that_it_was_given_to_us() {
        let both = json!(["client-of-google", "another-client"]);
        let with = |party: Value| {
            refusal(|claims| {
                claims["aud"] = both.clone();
                claims["azp"] = party;
            })
        };
        assert_eq!(with(json!("client-of-google")), None);
        assert_eq!(
            with(json!("another-client")),
            Some(Refusal::AuthorizedParty)
        );
        assert_eq!(with(json!(null)), Some(Refusal::AuthorizedParty));
        assert_eq!(
            refusal(|claims| claims["azp"] = json!("another-client")),
            Some(Refusal::AuthorizedParty)
        );
        assert_eq!(without("azp"), None);
    }

    #[test]
    fn a_token_past_its_time_is_refused() {
        assert_eq!(refusal(|claims| claims["exp"] = seconds(-299)), None);
        assert_eq!(
            refusal(|claims| claims["exp"] = seconds(-300)),
            Some(Refusal::Expired)
        );
        assert_eq!(without("exp"), Some(Refusal::Expired));
    }

    #[test]
    fn a_token_from_the_future_is_refused() {
        for (name, expected) in [("iat", Refusal::IssuedAt), ("nbf", Refusal::NotYetValid)] {
            assert_eq!(refusal(|claims| claims[name] = seconds(300)), None);
            assert_eq!(
                refusal(|claims| claims[name] = seconds(301)),
                Some(expected)
            );
        }
        assert_eq!(without("iat"), Some(Refusal::IssuedAt));
    }

    #[test]
    fn a_token_of_another_visit_is_refused() {
        assert_eq!(
            refusal(|claims| claims["nonce"] = json!("another")),
            Some(Refusal::Nonce)
        );
        assert_eq!(without("nonce"), Some(Refusal::Nonce));
    }

    #[test]
    fn a_token_about_nobody_is_refused() {
        for subject in ["", "two words", "line\nbreak", "\u{e4}", &"1".repeat(256)] {
            assert_eq!(
                refusal(|claims| claims["sub"] = json!(subject)),
                Some(Refusal::Subject)
            );
        }
        assert_eq!(
            refusal(|claims| claims["sub"] = json!("1".repeat(255))),
            None
        );
        assert_eq!(without("sub"), Some(Refusal::Subject));
    }

    #[test]
    fn claims_of_other_types_and_what_is_no_token_are_refused() {
        for (name, value) in [
            ("sub", json!(1)),
            ("exp", json!("tomorrow")),
            ("aud", json!({ "a": 1 })),
            ("nonce", json!(["the-nonce"])),
        ] {
            assert_eq!(
                refusal(|claims| claims[name] = value),
                Some(Refusal::Malformed),
                "{name}"
            );
        }
        for text in ["", "a.b", "a.b.c", "a.b.c.d", "....", &"a".repeat(70_000)] {
            assert_eq!(check_google(text), Err(Refusal::Malformed));
            assert_eq!(key_id(text), None);
        }
    }

    #[test]
    fn what_can_not_be_shown_is_left_out() {
        let mut claims = google_claims();
        claims["email"] = json!(format!("{}@example.com", "a".repeat(300)));
        claims["name"] = json!("Ada\u{0}");
        let who = check_google(&KEY.sign(&header(), &claims)).expect("good");
        assert_eq!((who.email, who.name), (None, None));
        assert!(!who.is_email_verified);
    }

    #[test]
    fn an_address_is_verified_only_where_google_says_so_plainly() {
        for value in [json!(false), json!("true"), json!(1), json!(null)] {
            let mut claims = google_claims();
            claims["email_verified"] = value;
            let who = check_google(&KEY.sign(&header(), &claims)).expect("good");
            assert!(!who.is_email_verified);
        }
    }

    proptest! {
        #[test]
        fn no_text_is_a_token_and_none_panics(text in "[A-Za-z0-9_.{}\":-]{0,120}") {
            prop_assert!(check_google(&text).is_err());
        }

        #[test]
        fn no_header_and_claims_panic(header in "\\PC{0,60}", claims in "\\PC{0,60}") {
            let token = format!("{}.{}.AAAA", encode(header.as_bytes()), encode(claims.as_bytes()));
            prop_assert!(check_google(&token).is_err());
        }
    }

    #[test]
    fn the_keys_of_the_tests_are_two() {
        let modulus = |key: &TestKey| key.public("x")["n"].clone();
        assert_ne!(modulus(&KEY), modulus(&OTHER_KEY));
    }
}
