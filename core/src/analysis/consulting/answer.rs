//! What of a model's answer is believed.
//!
//! The shape must hold to the letter; where it does not, the answer is refused with a reason that the model
//! is told once. Within the shape, what can't be checked against the sentences it points at goes without a
//! word: a number of no sentence, an address, a link or a figure that stands nowhere in them.

use serde::{Deserialize, Serialize};

use super::super::planted;
use super::super::title;
use super::super::unmask;
use super::super::words::Words;
use super::super::{Category, MAX_TASKS, Priority, Sentiment, SentimentLabel, TaskKind};
use super::frame::Frame;
use crate::mail::text::clean_line;

/// How many sentences a summary has.
const MAX_SUMMARY: usize = 3;
/// How long one of them may be, in characters.
const MAX_SUMMARY_CHARS: usize = 280;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    pub(super) category: Category,
    pub(super) priority: Priority,
    pub(super) needs_reply: bool,
    pub(super) sentiment: SentimentLabel,
    summary: Vec<Said>,
    pub(super) tasks: Vec<Work>,
}

/// A sentence of the summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    text: String,
    sentences: Vec<usize>,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Work {
    pub(super) sentence: usize,
    pub(super) title: Option<String>,
    pub(super) kind: TaskKind,
    owner: Owner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Owner {
    Reader,
    Author,
    Other,
}

impl Work {
    /// Whether the reader has to do it: what they are asked, and what they promised themselves.
    pub(super) fn is_the_readers(&self, by_reader: bool) -> bool {
        match self.owner {
            Owner::Reader => !by_reader || self.kind == TaskKind::Promise,
            Owner::Author => by_reader && self.kind == TaskKind::Promise,
            Owner::Other => false,
        }
    }
}

impl Answer {
    /// Reads an answer. The error says which rule it breaks, and repeats nothing of it.
    pub(super) fn read(text: &str, frame: &Frame) -> Result<Self, String> {
        let text = text.trim();
        // Some servers wrap JSON into a code fence whatever they are told.
        let text = text
            .strip_prefix("```json")
            .or_else(|| text.strip_prefix("```"))
            .and_then(|inner| inner.strip_suffix("```"))
            .unwrap_or(text);
        let mut answer: Self = serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            match error.classify() {
                serde_json::error::Category::Data => {
                    format!("it is not of the schema (line {line}, column {column})")
                }
                _ => format!("it is no JSON (line {line}, column {column})"),
            }
        })?;
        if answer.summary.len() > 4 * MAX_SUMMARY || answer.tasks.len() > 4 * MAX_TASKS {
            return Err("it has too many entries".to_owned());
        }
        answer.summary.retain_mut(|said| said.is_believed(frame));
        answer.summary.truncate(MAX_SUMMARY);
        let mut seen = Vec::new();
        answer.tasks.retain_mut(|work| {
            let is_new = !seen.contains(&work.sentence);
            seen.push(work.sentence);
            is_new && work.is_believed(frame)
        });
        answer.tasks.truncate(MAX_TASKS);
        Ok(answer)
    }

    /// The answer as it is kept.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The summary on one line.
    pub(super) fn summary_text(&self) -> String {
        let texts: Vec<&str> = self.summary.iter().map(|said| said.text.as_str()).collect();
        texts.join(" ")
    }

    /// The numbers of the sentences that the summary is taken from, in order, each once.
    pub(super) fn summary_sentences(&self) -> Vec<usize> {
        let mut numbers: Vec<usize> = self
            .summary
            .iter()
            .flat_map(|said| said.sentences.iter().copied())
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// The tone with a strength, which models are not asked for: they have no scale.
    pub(super) fn tone(&self) -> Sentiment {
        let score = match self.sentiment {
            SentimentLabel::Positive => 0.5,
            SentimentLabel::Neutral => 0.0,
            SentimentLabel::Negative => -0.5,
        };
        Sentiment {
            label: self.sentiment,
            score,
        }
    }
}

impl Said {
    fn is_believed(&mut self, frame: &Frame) -> bool {
        let sources: Option<Vec<&str>> = self
            .sentences
            .iter()
            .map(|number| frame.text(*number))
            .collect();
        let Some(sources) = sources.filter(|sources| !sources.is_empty()) else {
            return false;
        };
        self.text = clean_line(&self.text).0;
        let length = self.text.chars().count();
        (1..=MAX_SUMMARY_CHARS).contains(&length)
            && is_grounded(&self.text, &sources)
            && is_told(&self.text, frame)
            && !gives_orders(&self.text)
    }
}

impl Work {
    /// A title that can't be believed leaves the task with one of our own.
    fn is_believed(&mut self, frame: &Frame) -> bool {
        let Some(source) = frame.text(self.sentence) else {
            return false;
        };
        self.title = self
            .title
            .take()
            .map(|title| clean_line(&title).0)
            .filter(|title| {
                (1..=title::MAX_CHARS).contains(&title.chars().count())
                    && is_grounded(title, &[source])
                    && is_told(title, frame)
                    && !gives_orders(title)
            });
        true
    }
}

/// How many words a sentence of an answer may have that the message does not.
const MAX_FOREIGN_WORDS: usize = 2;

/// Whether an answer says in other words what the message says, and not something else: most of its
/// telling words are the message's own.
fn is_told(text: &str, frame: &Frame) -> bool {
    frame.known(text).0 > 0
        && text
            .split_inclusive(['.', '!', '?', '。', '！', '？', ';'])
            .all(|sentence| {
                let (known, foreign) = frame.known(sentence);
                foreign <= MAX_FOREIGN_WORDS && foreign <= known
            })
}

fn gives_orders(text: &str) -> bool {
    planted::is_planted(&Words::new(text, 0..text.len()))
}

/// Whether every part of a text that somebody could act on stands in its sources: addresses, links, and
/// whatever has a digit in it. Wide and ringed letters and those of other scripts count as what they
/// look like, and so do addresses in words.
fn is_grounded(text: &str, sources: &[&str]) -> bool {
    let text = unmask::plain(text);
    let mut lower: Option<Vec<String>> = None;
    if spells_address(&text)
        && !sources
            .iter()
            .any(|source| unmask::plain(source).contains(&*text))
    {
        return false;
    }
    text.split(|ch: char| ch.is_whitespace() || "<>()[]{}\"'“”„«»,;|".contains(ch))
        .map(|token| token.trim_matches(|ch: char| ".:!?…-–—*_/\\=".contains(ch)))
        .filter(|token| can_be_acted_on(token))
        .all(|token| {
            let lower = lower.get_or_insert_with(|| {
                let plain = sources
                    .iter()
                    .map(|text| unmask::plain(text).to_lowercase());
                plain.collect()
            });
            let token = token.to_lowercase();
            lower.iter().any(|source| stands_in(source, &token))
        })
}

/// `eve (at) evil (dot) example`, `eve AT evil DOT example`, `evil[.]example`, `hxxp`.
fn spells_address(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|ch: char| !ch.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let has = |marks: &[&str]| marks.iter().any(|mark| lower.contains(mark));
    words.contains(&"dot")
        || words.contains(&"punkt")
        || has(&[
            "(at)",
            "[at]",
            "{at}",
            "[.]",
            "(.)",
            "[@]",
            "(@)",
            "hxxp",
            "mailto",
            "javascript",
        ])
        || lower
            .split_whitespace()
            .any(|word| word.contains("](") || word.contains("=\""))
        || words
            .windows(4)
            .any(|four| four.iter().all(|word| NUMERALS.contains(word)))
        || words.iter().filter(|word| NUMERALS.contains(word)).count() >= 6
}

/// Digits in words: four in a row are a number to call.
#[rustfmt::skip] // a table: packed, not one word a line
const NUMERALS: &[&str] = &[
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "null", "eins",
    "zwei", "drei", "vier", "funf", "fünf", "sechs", "sieben", "acht", "neun", "un", "deux", "trois",
    "quatre", "cinq", "sept", "huit", "neuf", "uno", "dos", "tres", "cuatro", "cinco", "seis",
    "siete", "ocho", "nueve",
];

/// Addresses, links and names of hosts; figures of any kind.
fn can_be_acted_on(token: &str) -> bool {
    let has_digit = token.chars().any(char::is_numeric);
    let is_address = token.contains('@') || token.contains("://") || token.contains('/');
    let is_host = token
        .rsplit_once('.')
        .is_some_and(|(before, last)| !before.is_empty() && last.chars().count() >= 2);
    let is_code = token.contains(['_', '=']) && token.chars().any(char::is_alphabetic);
    has_digit || is_address || is_host || is_code
}

/// Whether a token stands in a text as a whole, not as a part of another one.
fn stands_in(source: &str, token: &str) -> bool {
    let is_part = |ch: Option<char>| ch.is_some_and(char::is_alphanumeric);
    source.match_indices(token).any(|(at, found)| {
        let before = source.get(..at).and_then(|text| text.chars().next_back());
        let after = source
            .get(at + found.len()..)
            .and_then(|text| text.chars().next());
        !is_part(before) && !is_part(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_acted_on_must_stand_in_the_source_as_a_whole() {
        let source =
            "Please pay invoice 41 at https://pay.acme.example/i/41 or ask dana@acme.example.";
        for text in [
            "Dana wants invoice 41 paid.",
            "Pay at https://pay.acme.example/i/41.",
            "Ask Dana@acme.example!",
            "Pay the invoice (see the link).",
        ] {
            assert!(is_grounded(text, &[source]), "{text}");
        }
        for text in [
            "Dana wants invoice 4 paid.",
            "Pay 1,000 euros.",
            "Pay at https://evil.example/i/41.",
            "Pay at evil.example.",
            "Ask ana@acme.example.",
            "Call ４１５５５５",
            "See acme.example/steal",
        ] {
            assert!(!is_grounded(text, &[source]), "{text}");
        }
    }
}
