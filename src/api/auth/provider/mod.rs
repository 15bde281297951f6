//! Signing in with a provider, and connecting an account there: the way of a browser.
//!
//! It departs (`depart.rs`) with a state that only this browser can come back with, and comes back
//! to the callback of the same provider (`callback.rs`), which ends at a page of an origin that is
//! allowed, with a one-time code. A page exchanges that code for tokens (`exchange.rs`); connecting
//! is completed by the person who began it (`api::users::connections`).

mod callback;
mod depart;
mod exchange;

pub(crate) use callback::*;
pub(crate) use depart::*;
pub(crate) use exchange::*;

use std::rc::Rc;

use axum::extract::FromRequestParts;
use delegate_core::connection::MAX_RETURN_TO;
use delegate_core::error::{Error, Kind};
use delegate_core::oauth::{Metadata, Provider, ProviderSettings};
use delegate_core::secret::encode;
use delegate_durable_objects::provider;
use http::Method;
use http::request::Parts;
use worker::Url;

use crate::configuration::Configuration;
use crate::http::call::Call;
use crate::http::page::Link;
use crate::http::reply::Failure;
use crate::platform::random;

/// The title of the pages that tell why a visit came to nothing.
const FAILED: &str = "That did not work";

/// What is added to the address of a page; it must not be there already.
const ADDED: [&str; 4] = ["code", "connection_code", "error", "error_description"];

/// Where a browser ends that came from no page: it shows the code.
const OWN_PAGE: &str = "/signed-in";

/// What the cookie that ties a visit to its browser is called. The prefix makes browsers take it
/// from this very host only; they want TLS for it, which a machine of one's own does not have.
fn cookie_name(configuration: &Configuration) -> &'static str {
    if configuration.public_url.starts_with("https://") {
        "__Host-delegate-visit"
    } else {
        "delegate-visit"
    }
}

/// What a browser keeps through its visits, if it has it: several at once share it.
fn browser_key(call: &Call) -> Option<String> {
    let name = cookie_name(call.configuration());
    let header = call.header("cookie")?;
    let mut pairs = header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    let is_key = value.len() == 43
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    is_key.then(|| value.to_owned())
}

/// The provider of a path, with who we are there.
fn configured<'a>(
    configuration: &'a Configuration,
    name: &str,
) -> Result<&'a ProviderSettings, Error> {
    let provider = Provider::parse(name).ok_or_else(Error::not_found)?;
    settings(configuration, provider)
}

/// Who we are for a provider.
pub(crate) fn settings(
    configuration: &Configuration,
    provider: Provider,
) -> Result<&ProviderSettings, Error> {
    configuration.providers.settings(provider).ok_or_else(|| {
        let detail = format!(
            "This deployment is not set up for {}. docs/PROVIDERS.md tells how.",
            provider.title()
        );
        Error::new(Kind::NotFound, "provider_not_configured", detail)
    })
}

async fn metadata(settings: &ProviderSettings) -> Result<Rc<Metadata>, Error> {
    provider::metadata(settings)
        .await
        .map_err(|unanswered| unreachable(settings.provider(), &unanswered.0))
}

/// A provider that can't be asked.
fn unreachable(provider: Provider, cause: &str) -> Error {
    let mut error = Error::unavailable(cause);
    error.code = "provider_unavailable";
    error.detail = format!(
        "{} does not answer at the moment. Try again in a few minutes.",
        provider.title()
    )
    .into();
    error
}

/// Where a provider sends browsers back to.
fn redirect_uri(configuration: &Configuration, provider: Provider) -> String {
    format!(
        "{}/api/v1/auth/{}/callback",
        configuration.public_url,
        provider.as_str()
    )
}

/// The page that a visit ends at, if it may: of an origin that is allowed.
pub(crate) fn return_page(call: &Call, wanted: Option<&str>) -> Result<String, Error> {
    let configuration = call.configuration();
    let Some(wanted) = wanted else {
        return Ok(format!("{}{OWN_PAGE}", configuration.public_url));
    };
    let page = Url::parse(wanted).ok().filter(|page| {
        wanted.len() <= MAX_RETURN_TO
            && matches!(page.scheme(), "http" | "https")
            && !page.query_pairs().any(|(name, _)| ADDED.contains(&&*name))
            && page.username().is_empty()
            && page.password().is_none()
            && page.fragment().is_none()
            && configuration.allows_origin(&page.origin().ascii_serialization())
    });
    page.map(String::from).ok_or_else(|| {
        Error::invalid_parameter(
            "return_to",
            "origin_not_allowed",
            "must be a page of this deployment or of an origin of ALLOWED_ORIGINS, without a \
             parameter that is added to it",
        )
    })
}

/// A page with more parameters.
fn with_parameters(page: &str, parameters: &[(&str, &str)]) -> Result<String, Error> {
    let mut page = Url::parse(page)
        .map_err(|error| Error::internal(format!("a page that was allowed: {error}")))?;
    page.query_pairs_mut().extend_pairs(parameters);
    Ok(page.into())
}

fn back_to(page: &str) -> Vec<Link> {
    vec![Link {
        text: "Go back".to_owned(),
        address: page.to_owned(),
    }]
}

/// A `GET` that somebody's browser makes: what it begins or ends happens once, so `HEAD`, which
/// link checkers send, is not taken for it.
pub(crate) struct Navigation;

impl<S: Sync> FromRequestParts<S> for Navigation {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        if parts.method == Method::GET {
            return Ok(Self);
        }
        let detail = "The resource does not have this method.";
        Err(Error::new(Kind::MethodNotAllowed, "method_not_allowed", detail).into())
    }
}

/// 32 random bytes as text.
fn random_text() -> Result<String, Error> {
    Ok(encode(&random::bytes::<32>()?))
}
