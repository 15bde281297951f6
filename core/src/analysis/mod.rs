//! Making sense of a message: the port every engine stands behind, and the built-in engine.
//!
//! An engine reads and answers; it has no tools and no credentials. Whatever a message says,
//! the worst it can cause is a wrong label.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::mail::message::{Attachment, Mailbox, Signals};
use crate::model::Failure;

pub mod builtin;
pub mod consulting;
pub mod intent;
pub mod lesson;
pub mod similarity;
pub mod thread_summary;

mod act;
mod alarm;
mod category;
mod commands;
pub(crate) mod deadline;
mod disguise;
mod fraud;
mod imperative;
mod kind_words;
mod language;
mod needles;
pub(crate) mod people;
pub(crate) mod phrases;
mod planted;
mod pressing;
mod priority;
mod reading;
mod request;
mod sentence;
mod sentiment;
mod summary;
mod task;
mod title;
mod unmask;
pub(crate) mod words;

pub(crate) use planted::gives_orders;
pub(crate) use words::is_unspaced;

/// What an engine is told of a message. Built from what is stored, so that analysis can run again.
#[derive(Debug, Clone)]
pub struct AnalysisInput<'a> {
    /// The author.
    pub from: Option<&'a Mailbox>,
    /// `To`.
    pub to: &'a [Mailbox],
    /// `Cc`.
    pub cc: &'a [Mailbox],
    /// The decoded subject.
    pub subject: &'a str,
    /// The text as stored, quoted parts included; offsets in the answer count its characters.
    pub text: &'a str,
    /// When the author sent it, in the author's own offset.
    pub sent_at: Option<DateTime<FixedOffset>>,
    /// When it came in; stands in where `sent_at` is missing.
    pub received_at: DateTime<Utc>,
    /// The attachments' names and types.
    pub attachments: &'a [Attachment],
    /// What the headers say.
    pub signals: &'a Signals,
    /// The addresses that are the reader, in lower case.
    pub own_addresses: &'a [String],
    /// The reader's zone: for what the author's offset can't say.
    pub reader_zone: Tz,
}

/// The kind of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// One person writes to others.
    Personal,
    /// An invitation, or talk about when to meet.
    Meeting,
    /// Somebody asks the reader for something.
    Task,
    /// A periodical that the reader can unsubscribe from.
    Newsletter,
    /// An advertisement.
    Promotion,
    /// A bill, an order or a payment.
    Receipt,
    /// Written by a machine: builds, tickets, deliveries, bounces.
    Automatic,
    /// Sign-ins, codes, changes to an account.
    Security,
    /// Bookings and itineraries.
    Travel,
    /// Fraud, phishing, junk.
    Spam,
}

/// How soon a message or a task wants attention.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Can wait, or needs nothing.
    Low,
    /// The usual.
    Medium,
    /// Soon.
    High,
    /// Now.
    Urgent,
}

/// The tone of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SentimentLabel {
    /// Friendly, pleased.
    Positive,
    /// Neither.
    Neutral,
    /// Displeased, worried.
    Negative,
}

/// The tone of a message, with its strength.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Sentiment {
    /// The tone.
    pub label: SentimentLabel,
    /// From -1 (negative) to 1 (positive).
    pub score: f64,
}

/// One reason for a verdict: a stable code for programs and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// A stable code such as `deadline_soon`.
    pub code: String,
    /// The reason in plain words.
    pub text: String,
}

/// When something is due, as far as the words say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deadline {
    /// A day without a time.
    Date(NaiveDate),
    /// A civil time in the author's zone: the civil time and the offset it is meant in.
    DateTime(NaiveDateTime, FixedOffset),
}

/// Who owes whom by a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// The author asks the reader: the reader owes the author.
    Request,
    /// The author proposes to do something together: both owe it, if the reader agrees.
    Proposal,
    /// The author promises, and owes it. The rules make a task of it where the author is the reader.
    Promise,
}

/// A piece of work that a sentence of the message asks for, proposes or promises.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedTask {
    /// Who owes whom by it.
    pub kind: TaskKind,
    /// A short imperative title made from the sentence.
    pub title: String,
    /// The sentence, exactly as it stands in the text.
    pub quote: String,
    /// Where the sentence starts in the text, in Unicode scalar values.
    pub start: usize,
    /// Where it ends (exclusive), in Unicode scalar values.
    pub end: usize,
    /// When it is due, if the words say so.
    pub due: Option<Deadline>,
    /// How soon it wants attention.
    pub priority: Priority,
    /// How sure the engine is, from 0 to 1.
    pub confidence: f64,
}

/// A sentence that something was made of, and its place in the email's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceSpan {
    /// The sentence, exactly as it stands in the text.
    pub quote: String,
    /// Where it starts in the text, in Unicode scalar values.
    pub start: usize,
    /// Where it ends (exclusive), in Unicode scalar values.
    pub end: usize,
}

/// What an engine makes of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// The kind.
    pub category: Category,
    /// How soon it wants attention.
    pub priority: Priority,
    /// The tone.
    pub sentiment: Sentiment,
    /// At most three sentences, taken from the message.
    pub summary: String,
    /// Where the sentences of the summary stand, in order; empty where the subject stands in.
    pub summary_sources: Vec<SourceSpan>,
    /// Whether the sender waits for an answer from the reader.
    pub needs_reply: bool,
    /// ISO 639-1, or `und` where it can't be told.
    pub language: String,
    /// Why.
    pub reasons: Vec<Reason>,
    /// How sure the engine is of the category, from 0 to 1.
    pub confidence: f64,
    /// The tasks, in the order of the text, at most [`MAX_TASKS`].
    pub tasks: Vec<ProposedTask>,
}

/// How many tasks one message can give.
pub const MAX_TASKS: usize = 10;

/// An engine that reads messages.
#[allow(
    async_fn_in_trait,
    reason = "Workers are single-threaded: no future here needs Send"
)]
pub trait AnalysisEngine {
    /// The engine's name, as answers show it: `builtin`, or `provider/model`.
    fn name(&self) -> &str;
    /// The version of its rules or of its prompt: a higher one analyses again.
    fn version(&self) -> u32;
    /// Reads one message.
    async fn analyze(&self, input: &AnalysisInput<'_>) -> Outcome;
}

/// What an engine makes of a message, and what that took.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The analysis, or why there is none.
    pub result: Result<Analysis, Failure>,
    /// Every call of a model that was made.
    pub calls: Vec<consulting::Call>,
}
