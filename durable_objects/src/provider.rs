//! What is asked of a provider over the network, by the edge and by the hub alike: a client for
//! `delegate_core::oauth`, and its metadata and keys, kept by the isolate for a while.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use delegate_core::oauth::{
    Decision, HttpRequest, HttpResponse, KeySet, MAX_ANSWER, METADATA_LIFE, Metadata, Provider,
    ProviderSettings,
};
use delegate_core::seal::SealingKeys;
use delegate_core::time::Timestamp;
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use worker::{
    AbortController, Delay, Fetch, Headers, Method, Request, RequestInit, RequestRedirect,
};

use crate::clock::now;

/// How long a provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a deployment is told of providers, and of the keys that seal what they give.
pub struct ProviderConfiguration {
    /// `TOKEN_ENCRYPTION_KEYS`.
    pub sealing_keys: SealingKeys,
    providers: Vec<ProviderSettings>,
}

/// A variable that can't be taken, and its rule.
#[derive(Debug)]
pub struct BrokenVariable {
    /// Which one.
    pub name: &'static str,
    /// What it must be.
    pub rule: &'static str,
}

impl ProviderConfiguration {
    /// Reads the variables. A provider without a client is left out.
    pub fn read(variable: impl Fn(&'static str) -> String) -> Result<Self, BrokenVariable> {
        let name = "TOKEN_ENCRYPTION_KEYS";
        let rule = "base64url of 32 bytes each, separated by commas";
        let sealing_keys =
            SealingKeys::parse(&variable(name)).ok_or(BrokenVariable { name, rule })?;
        let google = ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "GOOGLE_ISSUER"];
        let microsoft = [
            "MICROSOFT_CLIENT_ID",
            "MICROSOFT_CLIENT_SECRET",
            "MICROSOFT_ISSUER",
        ];
        let mut providers = Vec::new();
        for (provider, [id, secret, issuer]) in
            [(Provider::Google, google), (Provider::Microsoft, microsoft)]
        {
            let (client_id, client_secret) = (variable(id), variable(secret));
            if client_id.is_empty() && client_secret.is_empty() {
                continue;
            }
            let address = variable(issuer);
            let address = Some(address.as_str()).filter(|text| !text.is_empty());
            let settings = ProviderSettings::new(provider, &client_id, &client_secret, address);
            providers.push(settings.map_err(|refusal| {
                use delegate_core::oauth::SettingsRefusal as Refusal;
                let (name, rule) = match refusal {
                    Refusal::ClientId => (id, "the identifier of the client"),
                    Refusal::ClientSecret => (secret, "the secret of the client"),
                    Refusal::Issuer => (issuer, "an https address without query and fragment"),
                };
                BrokenVariable { name, rule }
            })?);
        }
        Ok(Self {
            sealing_keys,
            providers,
        })
    }

    /// Who we are for a provider; `None` where the deployment has no client there.
    pub fn settings(&self, provider: Provider) -> Option<&ProviderSettings> {
        let mut all = self.providers.iter();
        all.find(|settings| settings.provider() == provider)
    }
}

/// Why a provider gave no answer that can be used. For the log.
#[derive(Debug)]
pub struct Unanswered(pub String);

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unanswered {}

impl From<worker::Error> for Unanswered {
    fn from(error: worker::Error) -> Self {
        Self(format!("{error}").chars().take(200).collect())
    }
}

/// Sends a request and reads the answer, within some seconds; redirects are answers.
pub async fn send(request: HttpRequest) -> Result<HttpResponse, Unanswered> {
    let abort = AbortController::default();
    let signal = abort.signal();
    let answer = pin!(answered(request, &signal));
    match select(answer, Delay::from(PATIENCE)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => {
            abort.abort();
            Err(Unanswered("the provider took too long".to_owned()))
        }
    }
}

/// Sends a request and gives the answer as it begins to come in; redirects are answers.
pub async fn begin(
    request: &HttpRequest,
    signal: &worker::AbortSignal,
) -> Result<worker::Response, Unanswered> {
    let headers = Headers::new();
    for (name, value) in request.headers() {
        let value = value.to_str().map_err(|_| unusable("a header"))?;
        headers.append(name.as_str(), value)?;
    }
    let mut init = RequestInit::new();
    init.with_headers(headers)
        .with_method(Method::from(request.method().as_str().to_owned()))
        .with_redirect(RequestRedirect::Manual);
    if !request.body().is_empty() {
        let body = js_sys::Uint8Array::from(request.body().as_slice());
        init.with_body(Some(body.into()));
    }
    let outgoing = Request::new_with_init(&request.uri().to_string(), &init)?;
    Ok(Fetch::Request(outgoing).send_with_signal(signal).await?)
}

async fn answered(
    request: HttpRequest,
    signal: &worker::AbortSignal,
) -> Result<HttpResponse, Unanswered> {
    let mut incoming = begin(&request, signal).await?;
    let mut response = http::Response::builder().status(incoming.status_code());
    for (name, value) in incoming.headers().entries() {
        response = response.header(name, value);
    }
    let mut body = Vec::new();
    if !matches!(incoming.status_code(), 204 | 304) {
        let mut stream = incoming.stream()?;
        while let Some(chunk) = stream.next().await {
            body.extend_from_slice(&chunk?);
            // One byte more than is taken is enough to be refused.
            if body.len() > MAX_ANSWER {
                break;
            }
        }
    }
    response.body(body).map_err(|_| unusable("the answer"))
}

fn unusable(what: &str) -> Unanswered {
    Unanswered(format!("{what} can't be used"))
}

async fn get(address: &str) -> Result<Vec<u8>, Unanswered> {
    let request = http::Request::get(address)
        .header("accept", "application/json")
        .body(Vec::new())
        .map_err(|_| unusable("the address"))?;
    let response = send(request).await?;
    if response.status().is_success() {
        Ok(response.into_body())
    } else {
        Err(Unanswered(format!(
            "the provider answered {}",
            response.status()
        )))
    }
}

/// Something that was fetched, and when.
type Fetched<T> = HashMap<String, (Timestamp, Rc<T>)>;

thread_local! {
    /// By the issuer that is configured. Never awaited by one request for another.
    static METADATA: RefCell<Fetched<Metadata>> = RefCell::default();
    /// By the address of the key set.
    static KEYS: RefCell<HashMap<String, Rc<KeySet>>> = RefCell::default();
}

/// The metadata of a provider.
pub async fn metadata(settings: &ProviderSettings) -> Result<Rc<Metadata>, Unanswered> {
    let now = now();
    let kept = METADATA.with_borrow(|kept| kept.get(settings.issuer()).cloned());
    if let Some((fetched_at, metadata)) = kept
        && fetched_at.plus(METADATA_LIFE) > now
    {
        return Ok(metadata);
    }
    let body = get(&settings.discovery_url()).await?;
    let metadata = Metadata::parse(&body, settings)
        .map_err(|refusal| Unanswered(format!("the provider's metadata: {refusal:?}")))?;
    let metadata = Rc::new(metadata);
    METADATA.with_borrow_mut(|kept| {
        kept.insert(settings.issuer().to_owned(), (now, Rc::clone(&metadata)));
    });
    Ok(metadata)
}

/// The keys of a provider, with the one of this name if it has it.
pub async fn keys(metadata: &Metadata, key_id: &str) -> Result<Rc<KeySet>, Unanswered> {
    let now = now();
    let kept = KEYS.with_borrow(|kept| kept.get(metadata.jwks_uri()).cloned());
    if let Decision::Use = KeySet::decide(kept.as_deref(), key_id, now)
        && let Some(keys) = kept
    {
        return Ok(keys);
    }
    let body = get(metadata.jwks_uri()).await?;
    let keys = KeySet::parse(&body, now)
        .map_err(|refusal| Unanswered(format!("the provider's keys: {refusal:?}")))?;
    let keys = Rc::new(keys);
    KEYS.with_borrow_mut(|kept| {
        kept.insert(metadata.jwks_uri().to_owned(), Rc::clone(&keys));
    });
    Ok(keys)
}
