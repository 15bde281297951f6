//! The protocols of providers: a question as an HTTP request, and what came back as a reply or a typed
//! failure. One file a protocol; each cites the page that its shapes are from.

pub mod anthropic;
pub mod openai;
pub mod workers_ai;

use serde_json::value::RawValue;

use super::catalog::{Protocol, Provider};
use super::stream::Piece;
use super::{Ask, Failure, Reply};
use crate::oauth::{HttpRequest, HttpResponse};

/// The most bytes of an answer. The longest that a prompt allows has some 20,000.
pub const MAX_ANSWER: usize = 512 * 1024;

/// The request that asks a provider, with this key. `None` where the provider is asked by a binding,
/// or where its address and key make no request.
pub fn request(provider: &Provider, key: &str, ask: &Ask<'_>) -> Option<HttpRequest> {
    let (path, body) = match provider.protocol {
        Protocol::Openai => ("/chat/completions", openai::body(ask, true)),
        Protocol::OpenaiCompatible => ("/chat/completions", openai::body(ask, false)),
        Protocol::Anthropic => ("/messages", anthropic::body(ask)),
        Protocol::WorkersAi => return None,
    };
    let accepted = if ask.is_streamed {
        "text/event-stream"
    } else {
        "application/json"
    };
    let mut request = oauth2::http::Request::post(format!("{}{path}", provider.base_url))
        .header("content-type", "application/json")
        .header("accept", accepted);
    match provider.protocol {
        Protocol::Anthropic => {
            request = request
                .header("anthropic-version", anthropic::VERSION)
                .header("x-api-key", key);
        }
        _ if key.is_empty() => {}
        _ => request = request.header("authorization", format!("Bearer {key}")),
    }
    request.body(body?.into_bytes()).ok()
}

/// What a whole answer says.
pub fn read(protocol: Protocol, response: &HttpResponse) -> Result<Reply, Failure> {
    check_status(response)?;
    match protocol {
        Protocol::Openai | Protocol::OpenaiCompatible => openai::read(response.body()),
        Protocol::Anthropic => anthropic::read(response.body()),
        Protocol::WorkersAi => workers_ai::read(response.body()),
    }
}

/// A failure where the status is none of success.
fn check_status(response: &HttpResponse) -> Result<(), Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let retry_after = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok());
    Err(Failure::of_status(status.as_u16(), retry_after))
}

/// What one event of a streamed answer adds.
pub fn piece(protocol: Protocol, data: &str) -> Result<Piece, Failure> {
    match protocol {
        Protocol::Anthropic => anthropic::piece(data),
        Protocol::WorkersAi => workers_ai::piece(data),
        Protocol::Openai | Protocol::OpenaiCompatible => openai::piece(data),
    }
}

/// A prompt's schema as it goes into a body.
fn schema<'a>(ask: &Ask<'a>) -> Option<&'a RawValue> {
    serde_json::from_str(ask.prompt.schema).ok()
}
