//! What a model is shown of a message: quoted data with its origin, and nothing that a reader would not
//! see, that opens or pays for something, or that gives orders to machines.
//!
//! It is one JSON document, so no text in it can end the quotation. Sentences are numbered, so that an
//! answer can point at them without repeating them.

use std::collections::HashSet;
use std::ops::Range;

use serde::Serialize;

use super::super::planted;
use super::super::reading::Reading;
use super::super::unmask;
use super::super::words::{Words, fold, is_unspaced};
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
    /// The beginnings of all words that are shown, of the sentences, the subject and the names.
    stems: HashSet<String>,
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
            let redacted = clean_line(&redaction::redacted(text, within, &findings)).0;
            let mut sentence = without_code(redacted);
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
        let json = serde_json::to_string(&document).unwrap_or_default();
        // A name that is a sentence is none.
        let author = document.from.iter().filter_map(|from| from.name.as_deref());
        let names = author
            .chain(document.reader.as_deref())
            .chain(document.to.iter().map(String::as_str))
            .filter(|name| name.split_whitespace().count() <= MAX_NAME_WORDS);
        let told = shown
            .iter()
            .map(|(_, text)| text.as_str())
            .chain(names)
            .chain([document.subject.as_str()]);
        let stems = told.flat_map(stems).collect();
        Self {
            json,
            words,
            shown,
            stems,
        }
    }

    /// Which line of the reading a number stands for.
    pub(super) fn line(&self, number: usize) -> Option<usize> {
        Some(self.shown.get(number.checked_sub(1)?)?.0)
    }

    /// How many of a text's telling words are shown, and how many are not.
    pub(super) fn known(&self, text: &str) -> (usize, usize) {
        let (mut known, mut foreign) = (0, 0);
        for stem in stems(text) {
            if REPORTING.contains(&stem.as_str()) {
                continue;
            }
            if self.stems.contains(&stem) {
                known += 1;
            } else {
                foreign += 1;
            }
        }
        (known, foreign)
    }

    /// The text that is shown under a number.
    pub(super) fn text(&self, number: usize) -> Option<&str> {
        Some(self.shown.get(number.checked_sub(1)?)?.1.as_str())
    }
}

/// How many words the name of a person, a firm or a department has.
const MAX_NAME_WORDS: usize = 5;

/// How many letters two forms of a word have in common.
const STEM_CHARS: usize = 4;

/// Words that whoever tells of a letter needs, and that no letter has: by their first letters.
#[rustfmt::skip] // a table: packed, not one word a line
const REPORTING: &[&str] = &[
    "want", "wish", "asks", "aske", "aski", "need", "woul", "coul", "shou", "will", "requ", "reca",
    "says", "told", "reci", "send", "writ", "read", "that", "this", "they", "them", "thei", "with",
    "from", "abou", "into", "have", "been", "also", "whet", "when", "and", "the", "for", "are", "was",
    "her", "his", "him", "she", "you", "has", "who", "its", "but", "not", "all", "can", "out", "may",
    "moch", "bitt", "frag", "will", "wunsc", "brau", "soll", "dass", "sich", "eine", "mit", "und",
    "der", "die", "das", "den", "dem", "von", "bis", "fur", "auf", "ist", "ein", "zum", "zur",
    "dema", "veut", "souh", "doit", "pour", "avec", "dans", "les", "des", "une", "que", "qui", "est",
    "par", "sur", "pide", "quie", "nece", "debe", "para", "con", "los", "las", "del", "una", "por",
];

/// The beginnings of a text's words, folded. Scripts without spaces count every letter for one.
fn stems(text: &str) -> impl Iterator<Item = String> {
    let folded = fold(&unmask::plain(text));
    let mut stems = Vec::new();
    for word in folded.split(|ch: char| !ch.is_alphanumeric()) {
        if word.chars().any(is_unspaced) {
            stems.extend(word.chars().filter(|ch| is_han(*ch)).map(String::from));
        } else if word.chars().nth(2).is_some() {
            stems.push(word.chars().take(STEM_CHARS).collect());
        }
    }
    stems.into_iter()
}

/// Whether a letter of a script without spaces carries meaning by itself: most syllables do not.
fn is_han(ch: char) -> bool {
    matches!(ch, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{30a1}'..='\u{30fa}')
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
    let line = clean_line(text).0;
    if planted::is_planted(&Words::new(&line, 0..line.len())) {
        return LEFT_OUT.to_owned();
    }
    let mut line = without_code(redaction::redact(&line));
    cut(&mut line, MAX_LINE_BYTES);
    line
}

/// A line without what is text in another code: no reader reads it, and a model could.
fn without_code(line: String) -> String {
    let mut shown = String::new();
    let mut at = 0;
    for code in unmask::blobs(&line) {
        if code.start >= at {
            shown.push_str(line.get(at..code.start).unwrap_or_default());
            shown.push_str(LEFT_OUT);
            at = code.end;
        }
    }
    if at == 0 {
        return line;
    }
    shown.push_str(line.get(at..).unwrap_or_default());
    shown
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
