//! OpenAI's chat completions with structured outputs, and every server that speaks the same.
//!
//! Shapes: platform.openai.com/docs/api-reference/chat, and /docs/guides/structured-outputs. Where a
//! compatible server ignores `response_format`, the schema's check of the answer still stands.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::model::stream::Piece;
use crate::model::{Ask, Failure, Reply, Usage};

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    response_format: ResponseFormat<'a>,
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
    let most = ask.prompt.max_output_tokens;
    let body = Body {
        model: ask.model,
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

#[derive(Deserialize)]
pub(super) struct Counts {
    prompt_tokens: u32,
    #[serde(default)]
    completion_tokens: u32,
}

impl From<Counts> for Usage {
    fn from(counts: Counts) -> Self {
        Self {
            input_tokens: counts.prompt_tokens,
            output_tokens: counts.completion_tokens,
        }
    }
}

/// How an answer ended that ended by itself.
fn ended(finish_reason: Option<&str>) -> Result<(), Failure> {
    match finish_reason {
        Some("length") => Err(Failure::TooLong),
        Some("content_filter") => Err(Failure::Declined),
        _ => Ok(()),
    }
}

pub(super) fn read(body: &[u8]) -> Result<Reply, Failure> {
    let completion: Completion = serde_json::from_slice(body).map_err(|_| Failure::Unreadable)?;
    let choice = completion.choices.into_iter().next();
    let choice = choice.ok_or(Failure::Unreadable)?;
    ended(choice.finish_reason.as_deref())?;
    if choice.message.refusal.is_some_and(|text| !text.is_empty()) {
        return Err(Failure::Declined);
    }
    Ok(Reply {
        text: choice.message.content.ok_or(Failure::Unreadable)?,
        usage: completion.usage.map(Usage::from),
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
    #[serde(default)]
    delta: Said,
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
        usage: chunk.usage.map(Usage::from),
        ..Piece::default()
    };
    if let Some(choice) = chunk.choices.into_iter().next() {
        if choice.delta.refusal.is_some_and(|text| !text.is_empty()) {
            return Err(Failure::Declined);
        }
        ended(choice.finish_reason.as_deref())?;
        piece.text = choice.delta.content.unwrap_or_default();
        piece.is_whole = choice.finish_reason.is_some();
    }
    Ok(piece)
}
