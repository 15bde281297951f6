//! What comes of a request in words, as it goes over the wire.
//!
//! Offsets count the Unicode scalar values of the text, as everywhere in the API.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::calendar::busy::ME;
use crate::calendar::hours::document::MeetingKind;
use crate::calendar::hours::values::Zone;
use crate::calendar::slots::constraints::Constraints;
use crate::error::{Error, Violations};
use crate::text;
use crate::time::Timestamp;

/// The most characters of a request that are read.
pub const MAX_TEXT: usize = 1_000;

/// A request for a meeting as a person says it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestInWords {
    /// The words, such as "45 minutes with Ana and Raj next week, afternoons, not Friday".
    #[schema(min_length = 1, max_length = 1000)]
    pub text: String,
}

impl RequestInWords {
    /// The words, or what is wrong with them. They stay as they are: offsets count in them.
    pub fn check(self) -> Result<String, Error> {
        let mut violations = Violations::default();
        let checked = text::block(self.text.clone(), "/text", MAX_TEXT, &mut violations);
        if checked.trim().is_empty() {
            violations.add("/text", "empty", "must not be empty");
        }
        violations.into_result(self.text)
    }
}

/// What was made of a request in words.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Interpretation {
    /// The request for times that the words are, as far as they are understood.
    pub request: RequestDraft,
    /// What the words say of the meeting and not of its time.
    pub meeting: MeetingDraft,
    /// The words that count, and what each was taken for; in the order of the text.
    pub understood: Vec<Understood>,
    /// What was not said and is taken as usual.
    pub defaults: Vec<Assumption>,
    /// What can be read in more than one way. As long as there is one, the request is not complete.
    pub questions: Vec<Question>,
    /// Words that look as if they mattered, and were not understood.
    pub ignored: Vec<Ignored>,
}

/// A request for times to meet, in the form that `POST /calendar/slots` takes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RequestDraft {
    /// How long the meeting is.
    pub duration_minutes: u32,
    /// Within which time it lies. Missing where the words leave none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// The zone that days and times of the constraints are in.
    #[schema(value_type = String, example = "Europe/Berlin")]
    pub time_zone: Zone,
    /// Who meets; the person who asks (`me`) is the first.
    pub attendees: Vec<AttendeeDraft>,
    /// How people meet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<MeetingKind>,
    /// What the time must keep to.
    pub constraints: Constraints,
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WordsWindow)]
pub struct Window {
    /// Its first instant.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// The first instant behind it.
    #[schema(value_type = String, format = DateTime)]
    pub end: Timestamp,
}

/// Somebody who shall be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttendeeDraft {
    /// Who it is, for people who use Delegate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The address, for everybody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The name, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether the meeting can't be without them.
    pub required: bool,
}

impl AttendeeDraft {
    /// The person who asks.
    pub(super) fn asking() -> Self {
        Self {
            user_id: Some(ME.to_owned()),
            email: None,
            name: None,
            required: true,
        }
    }
}

/// What a meeting is, besides when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct MeetingDraft {
    /// How often it comes again (RFC 5545).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "RRULE:FREQ=WEEKLY")]
    pub recurrence: Option<String>,
    /// What it is about, in the words of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
}

/// Words, and what they were taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WordsUnderstood)]
pub struct Understood {
    /// The words.
    pub text: String,
    /// Where they start.
    pub start: usize,
    /// Where they end (exclusive).
    pub end: usize,
    /// What they were taken for, in plain words.
    #[serde(rename = "as")]
    pub meaning: String,
}

/// Something that was not said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WordsAssumption)]
pub struct Assumption {
    /// A stable code: `duration`, `window`, `working_hours`.
    #[schema(value_type = String)]
    pub code: &'static str,
    /// What is taken instead, in plain words.
    pub text: String,
}

/// Words that can be read in more than one way, or not at all. It is answered by asking again, with
/// one of the choices in the place of the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WordsQuestion)]
pub struct Question {
    /// A stable code, such as `which_week`.
    #[schema(value_type = String)]
    pub code: &'static str,
    /// The question, in plain words.
    pub text: String,
    /// The words that it is about.
    pub about: String,
    /// Where they start.
    pub start: usize,
    /// Where they end (exclusive).
    pub end: usize,
    /// What they may mean. Empty where only the person knows.
    pub choices: Vec<Choice>,
}

/// One reading of words that have several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WordsChoice)]
pub struct Choice {
    /// The reading, in plain words.
    pub text: String,
    /// What says it and nothing else: put in the place of the words that were asked about, it
    /// answers the question. Empty words leave them out.
    pub words: String,
}

/// Words that were not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WordsIgnored)]
pub struct Ignored {
    /// The words.
    pub text: String,
    /// Where they start.
    pub start: usize,
    /// Where they end (exclusive).
    pub end: usize,
}
