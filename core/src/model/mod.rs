//! Language models: who offers them, how they are asked, what they may cost.
//!
//! Everything here is sans I/O and knows nothing of mail: a purpose (see
//! [`crate::analysis::consulting`]) makes an [`Ask`], a [`ModelClient`] carries it, and what comes
//! back is a [`Reply`] or a typed [`Failure`]. A model has no tools and no credentials; its answer
//! is text, which the purpose has to believe or not.

pub mod breaker;
pub mod budget;
pub mod catalog;
pub mod failure;
pub mod protocol;
pub mod redaction;
pub mod stream;

pub use catalog::{Catalog, Model, Provider};
pub use failure::{Failed, Failure};

use serde::{Deserialize, Serialize};

/// A prompt: a versioned file, its schema, and how long an answer to it can be.
#[derive(Debug, Clone, Copy)]
pub struct Prompt {
    /// What it is for, such as `analyze`.
    pub name: &'static str,
    /// Raised with every change of its text or schema: what an older one was answered is not reused.
    pub version: u32,
    /// What the model is told of its work. Nothing of a message ever stands in it.
    pub system: &'static str,
    /// The JSON Schema (2020-12, in the subset that all providers take) of the answer.
    pub schema: &'static str,
    /// The most tokens of an answer.
    pub max_output_tokens: u32,
}

/// One question to a model.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// The model.
    pub model: &'a Model,
    /// The prompt.
    pub prompt: &'a Prompt,
    /// What it is asked about: JSON, quoted data.
    pub subject: &'a str,
    /// An answer that could not be taken and why, where this asks to mend it.
    pub mend: Option<(&'a str, &'a str)>,
    /// Whether the answer is to come in pieces, so that silence is noticed early.
    pub is_streamed: bool,
}

impl Ask<'_> {
    /// What the model is told when its answer could not be taken. It names the rule that was broken,
    /// never a text of ours that a message could imitate.
    pub fn mending(reason: &str) -> String {
        format!(
            "That answer can't be taken: {reason}. Answer again, with nothing but one JSON object \
             of the schema."
        )
    }

    /// The most tokens of the answer, those included that the model thinks in.
    pub fn max_output_tokens(&self) -> u32 {
        let thinking = self.model.reasoning_tokens;
        self.prompt.max_output_tokens.saturating_add(thinking)
    }

    /// The most tokens that asking can cost, answer included, whichever way the model cuts text: of prose
    /// in our own words some three bytes make a token at the least, of ASCII that somebody else wrote two,
    /// and one of all else.
    pub fn most_tokens(&self) -> Usage {
        let ours = self.prompt.system.len() + self.prompt.schema.len();
        let mend = self
            .mend
            .map_or(0, |(answer, reason)| answer.len() + reason.len() + 120);
        let foreign = self.subject.bytes().filter(|byte| !byte.is_ascii()).count();
        let ascii = self.subject.len() - foreign;
        let tokens = ours / 3 + ascii / 2 + mend / 2 + foreign + 64;
        Usage {
            input_tokens: u32::try_from(tokens).unwrap_or(u32::MAX),
            output_tokens: self.max_output_tokens(),
        }
    }
}

/// Tokens that were read and written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Read by the model.
    pub input_tokens: u32,
    /// Written by it.
    pub output_tokens: u32,
}

impl Usage {
    /// Both together.
    pub fn total(self) -> u64 {
        u64::from(self.input_tokens) + u64::from(self.output_tokens)
    }
}

/// What a model answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Its text: JSON, if it did as it was told.
    pub text: String,
    /// What it cost, as the provider counts; `None` where it does not say.
    pub usage: Option<Usage>,
}

/// What carries a question to a model.
#[allow(
    async_fn_in_trait,
    reason = "Workers are single-threaded: no future here needs Send"
)]
pub trait ModelClient {
    /// Asks once. Never asks again by itself: whether that is right is the caller's to know.
    async fn ask(&self, ask: &Ask<'_>) -> Result<Reply, Failed>;
    /// Milliseconds since the epoch: what a call's latency is taken from.
    fn now_ms(&self) -> i64;
}
