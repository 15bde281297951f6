//! OpenAI's chat completions with structured outputs, and every server that speaks the same.
//!
//! Shapes: platform.openai.com/docs/api-reference/chat, and /docs/guides/structured-outputs. Where a
//! compatible server ignores `response_format`, the schema's check of the answer still stands.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::model::stream::Piece;
use crate::model::{Ask, Failed, Failure, Reply, Usage};

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    response_format: ResponseFormat<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
pub(super) struct Message<'a> {
    role: &'static str,
    content: std::borrow::Cow<'a, str>,
}

#[derive(Serialize)]
struct ResponseFormat<'a> {
    r#type: &'static str,
    json_schema: JsonSchema<'a>,
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    name: &'a str,
    strict: bool,
    schema: &'a RawValue,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// The turns of a conversation: what the model is told, the data, and what is to be mended.
pub(super) fn messages<'a>(ask: &Ask<'a>) -> Vec<Message<'a>> {
    let message = |role, content: &'a str| Message {
        role,
        content: content.into(),
    };
    let mut messages = vec![
        message("system", ask.prompt.system),
        message("user", ask.subject),
    ];
    if let Some((answer, reason)) = ask.mend {
        messages.push(message("assistant", answer));
        messages.push(Message {
            role: "user",
            content: Ask::mending(reason).into(),
        });
    }
    messages
}

/// The body that asks. OpenAI's newer models refuse `max_tokens`, most others know nothing else.
pub(super) fn body(ask: &Ask<'_>, is_newer: bool) -> Option<String> {
    let most = ask.max_output_tokens();
    let body = Body {
        model: &ask.model.name,
        reasoning_effort: ask.model.reasoning_effort.as_deref(),
        messages: messages(ask),
        response_format: ResponseFormat {
            r#type: "json_schema",
            json_schema: JsonSchema {
                name: ask.prompt.name,
                strict: true,
                schema: super::schema(ask)?,
            },
        },
        max_completion_tokens: is_newer.then_some(most),
        max_tokens: (!is_newer).then_some(most),
        stream: ask.is_streamed.then_some(true),
        stream_options: ask.is_streamed.then_some(StreamOptions {
            include_usage: true,
        }),
    };
    serde_json::to_string(&body).ok()
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
    usage: Option<Counts>,
}

#[derive(Deserialize)]
struct Choice {
    message: Said,
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
struct Said {
    content: Option<String>,
    refusal: Option<String>,
}

/// Servers that are only compatible leave some of it out.
#[derive(Deserialize)]
pub(super) struct Counts {
    prompt_tokens: Option<u32>,
    completion_tokens: Option<u32>,
}

impl Counts {
    /// What was used; `None` where the server does not really say.
    pub(super) fn usage(&self) -> Option<Usage> {
        Some(Usage {
            input_tokens: self.prompt_tokens.filter(|count| *count > 0)?,
            output_tokens: self.completion_tokens.unwrap_or(0),
        })
    }
}

/// Why an answer is none that ended by itself.
fn ended(finish_reason: Option<&str>, said: &Said) -> Option<Failure> {
    match finish_reason {
        Some("length") => Some(Failure::TooLong),
        Some("content_filter") => Some(Failure::Declined),
        _ if said.refusal.as_ref().is_some_and(|text| !text.is_empty()) => Some(Failure::Declined),
        _ => None,
    }
}

pub(super) fn read(body: &[u8]) -> Result<Reply, Failed> {
    let completion: Completion = serde_json::from_slice(body).map_err(|_| Failure::Unreadable)?;
    let usage = completion.usage.as_ref().and_then(Counts::usage);
    let choice = completion.choices.into_iter().next();
    let choice = choice.ok_or(Failure::Unreadable)?;
    if let Some(failure) = ended(choice.finish_reason.as_deref(), &choice.message) {
        return Err(Failed { failure, usage });
    }
    Ok(Reply {
        text: choice.message.content.ok_or(Failure::Unreadable)?,
        usage,
    })
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<ChunkChoice>,
    usage: Option<Counts>,
    error: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct ChunkChoice {
    delta: Option<Said>,
    finish_reason: Option<String>,
}

/// One event of a stream; `[DONE]` ends it.
pub(super) fn piece(data: &str) -> Result<Piece, Failure> {
    if data.trim() == "[DONE]" {
        return Ok(Piece {
            is_last: true,
            ..Piece::default()
        });
    }
    let chunk: Chunk = serde_json::from_str(data).map_err(|_| Failure::Unreadable)?;
    if chunk.error.is_some() {
        return Err(Failure::Faulty(500));
    }
    let mut piece = Piece {
        usage: chunk.usage.as_ref().and_then(Counts::usage),
        ..Piece::default()
    };
    if let Some(choice) = chunk.choices.into_iter().next() {
        let delta = choice.delta.unwrap_or_default();
        // What it cost comes behind the end, so a failure is kept until then.
        piece.failure = ended(choice.finish_reason.as_deref(), &delta);
        piece.text = delta.content.unwrap_or_default();
        piece.is_whole = choice.finish_reason.is_some();
    }
    Ok(piece)
}
