//! What the tests of this module share: providers as they describe themselves, and keys to sign
//! with. The keys are of no use but here: whoever reads them may have them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use jwt_compact::alg::{Rsa, RsaPrivateKey};
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{Algorithm as _, AlgorithmSignature as _};
use oauth2::http::Response;
use oauth2::url::form_urlencoded;
use serde_json::{Value, json};

use super::{
    HttpRequest, HttpResponse, KeySet, Metadata, Provider, ProviderSettings, Sensitive, Tokens,
};
use crate::secret::encode;
use crate::time::Timestamp;

/// A tenant at Microsoft.
pub(super) const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

static KEYS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("test_keys.json")).expect("test keys"));

/// A key by its name in `test_keys.json`.
pub(super) struct TestKey(&'static str);

pub(super) const KEY: TestKey = TestKey("first");
pub(super) const OTHER_KEY: TestKey = TestKey("other");
pub(super) const WEAK_KEY: TestKey = TestKey("weak");

impl TestKey {
    /// The public half as a provider lists it.
    pub(super) fn public(&self, id: &str) -> Value {
        let key = &KEYS[self.0];
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id, "n": key["n"], "e": key["e"],
        })
    }

    fn private(&self) -> RsaPrivateKey {
        let key: JsonWebKey<'_> = serde_json::from_value(KEYS[self.0].clone()).expect("a key");
        RsaPrivateKey::try_from(&key).expect("a private key")
    }

    /// A token with this header and these claims, signed with RS256 whatever the header says.
    pub(super) fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = unsigned(header, claims);
        let signature = Rsa::rs256().sign(&self.private(), message.as_bytes());
        format!("{message}.{}", encode(&signature.as_bytes()))
    }
}

/// The two parts of a token that are signed.
pub(super) fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| encode(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

/// A moment by seconds.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_milliseconds((1_774_000_000 + seconds) * 1000)
}

/// A set of keys, fetched at `at(0)`.
pub(super) fn key_set(keys: &[Value]) -> KeySet {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes(), at(0)).expect("keys")
}

pub(super) fn google() -> ProviderSettings {
    ProviderSettings::new(Provider::Google, "client-of-google", "the-secret", None)
        .expect("settings")
}

pub(super) fn microsoft() -> ProviderSettings {
    ProviderSettings::new(
        Provider::Microsoft,
        "client-of-microsoft",
        "the-secret",
        None,
    )
    .expect("settings")
}

pub(super) fn metadata_of(settings: &ProviderSettings, document: &Value) -> Metadata {
    Metadata::parse(document.to_string().as_bytes(), settings).expect("metadata")
}

/// What of this Google's document has.
pub(super) fn google_metadata() -> Value {
    json!({
        "issuer": "https://accounts.google.com",
        "authorization_endpoint": "https://accounts.google.com/o/oauth2/v2/auth",
        "token_endpoint": "https://oauth2.googleapis.com/token",
        "userinfo_endpoint": "https://openidconnect.googleapis.com/v1/userinfo",
        "revocation_endpoint": "https://oauth2.googleapis.com/revoke",
        "jwks_uri": "https://www.googleapis.com/oauth2/v3/certs",
        "response_types_supported": ["code", "token", "id_token", "none"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    })
}

/// What of this Microsoft's document for all tenants has.
pub(super) fn microsoft_metadata() -> Value {
    let base = "https://login.microsoftonline.com/common";
    json!({
        "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_post", "private_key_jwt", "client_secret_basic",
        ],
    })
}

/// Tokens with an access token "at" that ends at a time.
pub(super) fn tokens(refresh_token: Option<&str>, expires_at: Timestamp) -> Tokens {
    Tokens {
        access_token: Sensitive::new("at"),
        refresh_token: refresh_token.map(Sensitive::new),
        expires_at,
        scopes: vec!["openid".to_owned()],
        id_token: None,
    }
}

/// What a future gives that waits for nothing.
pub(super) fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing to wait for"),
    }
}

/// A JSON answer.
pub(super) fn reply(status: u16, body: &str) -> HttpResponse {
    Response::builder()
        .status(status)
        .header("content-type", "application/json; charset=utf-8")
        .body(body.as_bytes().to_vec())
        .expect("an answer")
}

/// A network that broke.
#[derive(Debug)]
pub(super) struct Broken(String);

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

type Pending<'a> = Pin<Box<dyn Future<Output = Result<HttpResponse, Broken>> + 'a>>;

/// A provider that gives the same answer to everything, and remembers what it was asked.
pub(super) struct Script {
    answer: Result<HttpResponse, String>,
    requests: RefCell<Vec<HttpRequest>>,
}

impl Script {
    pub(super) fn new(answer: HttpResponse) -> Self {
        Self {
            answer: Ok(answer),
            requests: RefCell::default(),
        }
    }

    pub(super) fn failing(cause: &str) -> Self {
        Self {
            answer: Err(cause.to_owned()),
            requests: RefCell::default(),
        }
    }

    /// The client that a caller would give, whose futures are not `Send`.
    pub(super) fn client<'a>(&'a self) -> impl Fn(HttpRequest) -> Pending<'a> {
        move |request: HttpRequest| {
            let not_send = Rc::new(());
            self.requests.borrow_mut().push(request);
            Box::pin(async move {
                drop(not_send);
                self.answer.clone().map_err(Broken)
            })
        }
    }

    pub(super) fn requests(&self) -> Vec<HttpRequest> {
        self.requests.borrow().clone()
    }

    pub(super) fn only_request(&self) -> HttpRequest {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1);
        requests.remove(0)
    }
}

/// The pairs of a form that was sent.
pub(super) fn form_of(request: &HttpRequest) -> BTreeMap<String, String> {
    form_urlencoded::parse(request.body())
        .into_owned()
        .collect()
}
