//! Anthropic's messages with JSON outputs.
//!
//! Shapes: platform.claude.com/docs/en/api/messages, and /docs/en/build-with-claude/structured-outputs
//! (`output_config.format`). Not a forced tool, which newer models refuse, and no sampling settings,
//! which newer versions of the API refuse.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::model::stream::Piece;
use crate::model::{Ask, Failed, Failure, Reply, Usage};

/// The version of the API that these shapes are of.
pub(super) const VERSION: &str = "2023-06-01";

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    system: &'a str,
    messages: Vec<Message<'a>>,
    output_config: OutputConfig<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: std::borrow::Cow<'a, str>,
}

#[derive(Serialize)]
struct OutputConfig<'a> {
    format: Format<'a>,
}

#[derive(Serialize)]
struct Format<'a> {
    r#type: &'static str,
    schema: &'a RawValue,
}

pub(super) fn body(ask: &Ask<'_>) -> Option<String> {
    let mut messages = vec![Message {
        role: "user",
        content: ask.subject.into(),
    }];
    if let Some((answer, reason)) = ask.mend {
        messages.push(Message {
            role: "assistant",
            content: answer.into(),
        });
        messages.push(Message {
            role: "user",
            content: Ask::mending(reason).into(),
        });
    }
    let body = Body {
        model: &ask.model.name,
        max_tokens: ask.max_output_tokens(),
        system: ask.prompt.system,
        messages,
        output_config: OutputConfig {
            format: Format {
                r#type: "json_schema",
                schema: super::schema(ask)?,
            },
        },
        stream: ask.is_streamed.then_some(true),
    };
    serde_json::to_string(&body).ok()
}

#[derive(Deserialize)]
struct Answer {
    content: Vec<Block>,
    stop_reason: Option<String>,
    usage: Option<Counts>,
}

#[derive(Deserialize)]
struct Block {
    r#type: String,
    #[serde(default)]
    text: String,
}

/// Tokens that were read from or written to a cache are read, too: at another price, and never a higher
/// one than a quarter more, which the estimate that was reserved covers.
#[derive(Deserialize, Default)]
#[expect(clippy::struct_field_names, reason = "the provider's names")]
struct Counts {
    #[serde(default)]
    input_tokens: u32,
    #[serde(default)]
    cache_creation_input_tokens: Option<u32>,
    #[serde(default)]
    cache_read_input_tokens: Option<u32>,
    #[serde(default)]
    output_tokens: u32,
}

impl From<Counts> for Usage {
    fn from(counts: Counts) -> Self {
        Self {
            input_tokens: counts
                .input_tokens
                .saturating_add(counts.cache_creation_input_tokens.unwrap_or(0))
                .saturating_add(counts.cache_read_input_tokens.unwrap_or(0)),
            output_tokens: counts.output_tokens,
        }
    }
}

fn stopped(reason: Option<&str>) -> Option<Failure> {
    match reason {
        Some("max_tokens" | "model_context_window_exceeded") => Some(Failure::TooLong),
        Some("refusal") => Some(Failure::Declined),
        _ => None,
    }
}

pub(super) fn read(body: &[u8]) -> Result<Reply, Failed> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| Failure::Unreadable)?;
    let usage = answer.usage.map(Usage::from);
    if let Some(failure) = stopped(answer.stop_reason.as_deref()) {
        return Err(Failed { failure, usage });
    }
    let texts = answer
        .content
        .into_iter()
        .filter(|block| block.r#type == "text");
    let text: String = texts.map(|block| block.text).collect();
    Ok(Reply { text, usage })
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart {
        message: Started,
    },
    ContentBlockDelta {
        delta: Delta,
    },
    MessageDelta {
        delta: Stop,
        usage: Option<Counts>,
    },
    MessageStop,
    Error {
        error: Fault,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Started {
    usage: Option<Counts>,
}

#[derive(Deserialize)]
struct Delta {
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct Stop {
    stop_reason: Option<String>,
}

#[derive(Deserialize)]
struct Fault {
    #[serde(default)]
    r#type: String,
}

/// One event of a stream; `message_stop` ends it. The input's count comes with the first event, the
/// output's with the last but one.
pub(super) fn piece(data: &str) -> Result<Piece, Failure> {
    let event: Event = serde_json::from_str(data).map_err(|_| Failure::Unreadable)?;
    let mut piece = Piece::default();
    match event {
        Event::MessageStart { message } => piece.usage = message.usage.map(Usage::from),
        Event::ContentBlockDelta { delta } => piece.text = delta.text,
        Event::MessageDelta { delta, usage } => {
            piece.failure = stopped(delta.stop_reason.as_deref());
            piece.usage = usage.map(Usage::from);
            piece.is_whole = delta.stop_reason.is_some();
        }
        Event::MessageStop => piece.is_last = true,
        Event::Error { error } => {
            // An answer had begun, so tokens may be paid for: no `Overloaded`, which is free.
            return Err(if error.r#type == "overloaded_error" {
                Failure::Cut
            } else {
                Failure::Faulty(500)
            });
        }
        Event::Other => {}
    }
    Ok(piece)
}
