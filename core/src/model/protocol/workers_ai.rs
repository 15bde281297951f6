//! Workers AI through the Worker's binding: `env.AI.run(model, inputs)`.
//!
//! Shapes: developers.cloudflare.com/workers-ai/features/json-mode. The answer's `response` is an
//! object in JSON mode and a text without it; models that speak OpenAI's shape answer in that.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::openai::{self, Counts, Message};
use crate::model::stream::Piece;
use crate::model::{Ask, Failure, Reply, Usage};

#[derive(Serialize)]
struct Inputs<'a> {
    messages: Vec<Message<'a>>,
    response_format: Format<'a>,
    max_tokens: u32,
}

#[derive(Serialize)]
struct Format<'a> {
    r#type: &'static str,
    json_schema: &'a RawValue,
}

/// What the binding is given, as JSON. Never streamed: the binding gives an answer whole or fails.
pub fn inputs(ask: &Ask<'_>) -> Option<String> {
    serde_json::to_string(&Inputs {
        messages: openai::messages(ask),
        response_format: Format {
            r#type: "json_schema",
            json_schema: super::schema(ask)?,
        },
        max_tokens: ask.prompt.max_output_tokens,
    })
    .ok()
}

#[derive(Deserialize)]
struct Answer {
    response: Option<Box<RawValue>>,
    usage: Option<Counts>,
}

/// What the binding answered, as JSON.
pub fn read(body: &[u8]) -> Result<Reply, Failure> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| Failure::Unreadable)?;
    let Some(response) = answer.response else {
        return openai::read(body);
    };
    let text = serde_json::from_str::<String>(response.get())
        .unwrap_or_else(|_| response.get().to_owned());
    Ok(Reply {
        text,
        usage: answer.usage.map(Usage::from),
    })
}

/// The binding is never asked to stream.
pub(super) fn piece(_data: &str) -> Result<Piece, Failure> {
    Err(Failure::Unreadable)
}

/// What an error of the binding means. It is told by a text that begins with a number of Cloudflare's:
/// developers.cloudflare.com/workers-ai/platform/errors.
pub fn failure(text: &str) -> Failure {
    let number = text
        .split(|ch: char| !ch.is_ascii_digit())
        .find(|number| number.len() == 4);
    match number {
        Some("3036" | "3040") => Failure::RateLimited(None),
        Some("5007" | "3003" | "5004" | "5018" | "5016" | "3041" | "5005") => Failure::Refused(400),
        Some("3007") => Failure::TimedOut,
        Some(_) => Failure::Faulty(500),
        None => Failure::Unreachable,
    }
}
