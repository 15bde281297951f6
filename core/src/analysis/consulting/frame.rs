//! What a model is shown of a message: quoted data with its origin, and nothing that a reader would not
//! see, that opens or pays for something, or that gives orders to machines.
//!
//! It is one JSON document, so no text in it can end the quotation. Sentences are numbered, so that an
//! answer can point at them without repeating them.

use std::ops::Range;

use serde::Serialize;

use super::super::planted;
use super::super::reading::Reading;
use super::super::words::Words;
use super::super::{AnalysisInput, Mailbox};
use crate::mail::text::{clean_line, cut};
use crate::model::redaction;

/// How many sentences are shown.
const MAX_SENTENCES: usize = 120;
/// How many bytes of them.
const MAX_BYTES: usize = 12_000;
/// How many bytes one may have.
const MAX_SENTENCE_BYTES: usize = 1_200;
/// How many bytes the subject, a name or a file name may have.
const MAX_LINE_BYTES: usize = 300;
/// How many recipients and attachments are shown.
const MAX_LISTED: usize = 10;

/// What stands for a text that gives orders to machines.
const LEFT_OUT: &str = "[left out]";

/// What a model is shown, and how its numbers are read back.
#[derive(Debug)]
pub(super) struct Frame {
    /// The document.
    pub(super) json: String,
    /// How many words the sentences have together.
    pub(super) words: usize,
    /// By number, from 1: which line of the reading it is, and the text that is shown.
    shown: Vec<(usize, String)>,
}

#[derive(Serialize)]
struct Document<'a> {
    origin: &'static str,
    from: Option<Person>,
    reader: Option<String>,
    to: Vec<String>,
    subject: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<String>,
    sentences: Vec<Numbered<'a>>,
    #[serde(skip_serializing_if = "is_none")]
    sentences_left_out: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_none(number: &usize) -> bool {
    *number == 0
}

#[derive(Serialize)]
struct Person {
    name: Option<String>,
    address: String,
}

#[derive(Serialize)]
struct Numbered<'a> {
    n: usize,
    text: &'a str,
}

impl Frame {
    /// Makes the document.
    pub(super) fn of(input: &AnalysisInput<'_>, reading: &Reading<'_>) -> Self {
        let window = window(reading);
        // A password can stand in the line after the word that announces it: the text is looked at as a
        // whole, and only then cut.
        let text = input.text.get(window.clone()).unwrap_or_default();
        let findings = redaction::find(text);
        let mut shown = Vec::new();
        let (mut bytes, mut words, mut left_out) = (0, 0, 0);
        for (index, line) in reading.lines.iter().enumerate() {
            let range = line.words.range();
            let fits = bytes < MAX_BYTES && shown.len() < MAX_SENTENCES && range.end <= window.end;
            if line.planted || !fits {
                left_out += 1;
                continue;
            }
            let within = range.start - window.start..range.end - window.start;
            let mut sentence = clean_line(&redaction::redacted(text, within, &findings)).0;
            cut(&mut sentence, MAX_SENTENCE_BYTES);
            if sentence.is_empty() {
                continue;
            }
            bytes += sentence.len();
            words += line.words.len();
            shown.push((index, sentence));
        }
        let document = Document {
            origin: "e-mail",
            from: input.from.map(|from| Person {
                name: from.name.as_deref().map(safe_line),
                address: safe_line(&from.address),
            }),
            reader: reader(input),
            to: input.to.iter().take(MAX_LISTED).map(called).collect(),
            subject: safe_line(input.subject),
            attachments: input
                .attachments
                .iter()
                .filter_map(|attachment| attachment.filename.as_deref())
                .take(MAX_LISTED)
                .map(safe_line)
                .collect(),
            sentences: shown
                .iter()
                .enumerate()
                .map(|(at, (_, text))| Numbered { n: at + 1, text })
                .collect(),
            sentences_left_out: left_out,
        };
        Self {
            json: serde_json::to_string(&document).unwrap_or_default(),
            words,
            shown,
        }
    }

    /// Which line of the reading a number stands for.
    pub(super) fn line(&self, number: usize) -> Option<usize> {
        Some(self.shown.get(number.checked_sub(1)?)?.0)
    }

    /// The text that is shown under a number.
    pub(super) fn text(&self, number: usize) -> Option<&str> {
        Some(self.shown.get(number.checked_sub(1)?)?.1.as_str())
    }
}

/// The bytes of the text that the sentences to be shown lie in, with those before and between them.
fn window(reading: &Reading<'_>) -> Range<usize> {
    let start = reading
        .lines
        .first()
        .map_or(0, |line| line.words.range().start);
    let mut end = start;
    for line in &reading.lines {
        let range = line.words.range();
        // Quotes between the sentences count, too: what is looked at stays bounded.
        if range.end - start > 4 * MAX_BYTES {
            break;
        }
        end = range.end;
    }
    start..end
}

/// A header's text as it may be shown: on one line, redacted, and not at all where it gives orders.
fn safe_line(text: &str) -> String {
    let mut line = redaction::redact(&clean_line(text).0);
    if planted::is_planted(&Words::new(&line, 0..line.len())) {
        return LEFT_OUT.to_owned();
    }
    cut(&mut line, MAX_LINE_BYTES);
    line
}

fn called(mailbox: &Mailbox) -> String {
    safe_line(mailbox.name.as_deref().unwrap_or(&mailbox.address))
}

/// The reader's name, as the message writes it.
fn reader(input: &AnalysisInput<'_>) -> Option<String> {
    input
        .to
        .iter()
        .chain(input.cc)
        .chain(input.from)
        .find(|mailbox| input.own_addresses.contains(&mailbox.address))
        .map(called)
}
