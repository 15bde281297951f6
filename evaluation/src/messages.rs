//! The score on `tests/judgement`: kind, priority, answer, language, tone and summary of messages
//! that a person judged. The folder's README defines every label.
//!
//! A message is read as the Worker reads it: split, unescaped, parsed, analysed. Of every kind the
//! odd messages are for working on rules and the even ones are held back; both are scored.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use delegate_core::analysis::builtin::BuiltinEngine;
use delegate_core::analysis::{Analysis, AnalysisInput};
use delegate_core::mail::mbox::{Splitter, unescape};
use delegate_core::mail::parse::parse;

use crate::section::Section;

/// The reader of all messages.
const READER: &str = "mia@acme.example";

/// The kinds in the order of the matrix.
const CATEGORIES: [&str; 10] = [
    "personal",
    "meeting",
    "task",
    "newsletter",
    "promotion",
    "receipt",
    "automatic",
    "security",
    "travel",
    "spam",
];

const PRIORITIES: [&str; 4] = ["low", "medium", "high", "urgent"];

/// What is compared, with the figure's name.
const MEASURES: [(&str, &str); 6] = [
    ("category", "category_accuracy"),
    ("priority", "priority_accuracy"),
    ("needs-reply", "needs_reply_accuracy"),
    ("language", "language_accuracy"),
    ("sentiment", "sentiment_accuracy"),
    ("key", "summary_key_share"),
];

/// One judged message with what the engine says of it.
struct Judged {
    file: String,
    subject: String,
    kind: String,
    held_back: bool,
    expected: BTreeMap<String, String>,
    analysis: Analysis,
}

/// Scores the built-in engine on every mbox of `tests/judgement`.
pub(crate) fn section(root: &Path, misses: bool) -> Result<Section> {
    let judged = read_all(&root.join("tests/judgement"))?;
    let mut section = Section {
        title: format!("Messages ({} judged)", judged.len()),
        ..Section::default()
    };
    for (half, held_back) in [
        ("", None),
        ("_worked_on", Some(false)),
        ("_held_back", Some(true)),
    ] {
        for (measure, figure) in MEASURES {
            let (right, all) = judged
                .iter()
                .filter(|message| held_back.is_none_or(|half| message.held_back == half))
                .filter_map(|message| message.agrees(measure))
                .fold((0, 0), |(right, all), agrees| {
                    (right + u32::from(agrees), all + 1)
                });
            section
                .figures
                .insert(format!("{figure}{half}"), share(right, all));
        }
    }
    section.text = matrix("category", &CATEGORIES, &judged)?
        + &matrix("priority", &PRIORITIES, &judged)?
        + &matrix("sentiment", &["positive", "neutral", "negative"], &judged)?
        + &languages(&judged)?;
    if misses {
        section.text += &list(&judged)?;
    }
    Ok(section)
}

fn read_all(folder: &Path) -> Result<Vec<Judged>> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .with_context(|| format!("{}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "mbox"));
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bytes = fs::read(&path)?;
        let mut splitter = Splitter::new();
        let mut spans = splitter
            .push(0, &bytes)
            .map_err(|error| anyhow!("{name}: {error}"))?;
        spans.extend(
            splitter
                .finish()
                .map_err(|error| anyhow!("{name}: {error}"))?,
        );
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for span in spans {
            let start = usize::try_from(span.offset)?;
            let end = start + usize::try_from(span.length)?;
            let raw = unescape(
                bytes
                    .get(start..end)
                    .context("a span outside of its file")?,
            );
            let mut message = judge(&name, &raw).with_context(|| format!("{name} at {start}"))?;
            let nth = seen.entry(message.kind.clone()).or_default();
            message.held_back = *nth % 2 == 1;
            *nth += 1;
            all.push(message);
        }
    }
    Ok(all)
}

/// Reads one message as the Worker does, and the judgement from its headers.
fn judge(file: &str, raw: &[u8]) -> Result<Judged> {
    let message = parse(raw).map_err(|error| anyhow!("{error}"))?;
    let mut expected = judgement(raw)?;
    let sent_at = message.sent_at.context("no date")?;
    let analysis = BuiltinEngine.read(&AnalysisInput {
        from: message.from.as_ref(),
        to: &message.to,
        cc: &message.cc,
        subject: &message.subject,
        text: &message.text,
        sent_at: Some(sent_at),
        received_at: sent_at.to_utc(),
        attachments: &message.attachments,
        signals: &message.signals,
        own_addresses: &[READER.to_owned()],
        reader_zone: chrono_tz::Europe::Berlin,
    });
    Ok(Judged {
        file: file.to_owned(),
        subject: message.subject,
        kind: expected.remove("kind").context("no X-Kind")?,
        held_back: false,
        expected,
        analysis,
    })
}

/// The `X-Expected-*` and `X-Kind` headers by the rest of their names. They are parsed as a
/// message's subject, so that encoded words and folded lines are undone.
fn judgement(raw: &[u8]) -> Result<BTreeMap<String, String>> {
    let text = String::from_utf8_lossy(raw);
    let head = text.split("\n\n").next().unwrap_or_default();
    let mut found = BTreeMap::new();
    for line in head.replace("\n ", " ").lines() {
        let Some((name, value)) = line.split_once(": ") else {
            continue;
        };
        let name = name.to_lowercase();
        let Some(name) = name
            .strip_prefix("x-expected-")
            .or_else(|| name.strip_prefix("x-"))
        else {
            continue;
        };
        let decoded = parse(format!("From: a@b.example\nSubject: {value}\n\n.").as_bytes())
            .map_err(|error| anyhow!("{error}"))?;
        found.insert(name.to_owned(), decoded.subject);
    }
    Ok(found)
}

impl Judged {
    /// What the engine says, in the words of the labels.
    fn answer(&self, measure: &str) -> String {
        let word = |value: serde_json::Result<serde_json::Value>| {
            value
                .ok()
                .and_then(|value| value.as_str().map(str::to_owned))
                .unwrap_or_default()
        };
        match measure {
            "category" => word(serde_json::to_value(self.analysis.category)),
            "priority" => word(serde_json::to_value(self.analysis.priority)),
            "sentiment" => word(serde_json::to_value(self.analysis.sentiment.label)),
            "needs-reply" => if self.analysis.needs_reply {
                "yes"
            } else {
                "no"
            }
            .to_owned(),
            "language" => self.analysis.language.clone(),
            _ => self.analysis.summary.clone(),
        }
    }

    /// Whether the engine agrees with the person; `None` where the person did not judge.
    fn agrees(&self, measure: &str) -> Option<bool> {
        let expected = self.expected.get(measure)?;
        let answer = self.answer(measure);
        Some(if measure == "key" {
            expected.split(" / ").all(|key| answer.contains(key))
        } else {
            *expected == answer
        })
    }
}

fn share(right: u32, all: u32) -> f64 {
    if all == 0 {
        0.0
    } else {
        f64::from(right) / f64::from(all)
    }
}

/// A confusion matrix: a row for what a person says, a column for what the engine says.
fn matrix(measure: &str, labels: &[&str], judged: &[Judged]) -> Result<String> {
    let mut text = format!("{:<12}", format!("{measure} ↓→"));
    for label in labels {
        write!(text, "{:>7}", label.chars().take(6).collect::<String>())?;
    }
    text.push('\n');
    for row in labels {
        write!(text, "{row:<12}")?;
        for column in labels {
            let count = judged
                .iter()
                .filter(|message| {
                    message.expected.get(measure).map(String::as_str) == Some(row)
                        && message.answer(measure) == *column
                })
                .count();
            if count == 0 {
                write!(text, "{:>7}", "·")?;
            } else {
                write!(text, "{count:>7}")?;
            }
        }
        text.push('\n');
    }
    text.push('\n');
    Ok(text)
}

/// How each language fares.
fn languages(judged: &[Judged]) -> Result<String> {
    let mut by_language: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
    for message in judged {
        if let Some(language) = message.expected.get("language") {
            by_language.entry(language).or_default().push(message);
        }
    }
    let mut text = String::from("language  messages  category  priority  reply  language\n");
    for (language, messages) in by_language {
        write!(text, "{language:<8}{:>10}", messages.len())?;
        for (measure, width) in [
            ("category", 10),
            ("priority", 10),
            ("needs-reply", 7),
            ("language", 10),
        ] {
            let agreed = messages
                .iter()
                .filter_map(|message| message.agrees(measure));
            let (right, all) = agreed.fold((0, 0), |(right, all), agrees| {
                (right + u32::from(agrees), all + 1)
            });
            write!(text, "{:>width$.2}", share(right, all))?;
        }
        text.push('\n');
    }
    text.push('\n');
    Ok(text)
}

/// Every disagreement in the half for working on. Those of the other half stay unseen.
fn list(judged: &[Judged]) -> Result<String> {
    let mut text = String::new();
    for message in judged.iter().filter(|message| !message.held_back) {
        for (measure, _) in MEASURES {
            if message.agrees(measure) == Some(false) {
                let codes: Vec<&str> = message
                    .analysis
                    .reasons
                    .iter()
                    .map(|reason| reason.code.as_str())
                    .collect();
                writeln!(
                    text,
                    "{measure}: {} [{}] {}: wanted {}, got {} ({})",
                    message.file,
                    message.kind,
                    message.subject,
                    message.expected.get(measure).map_or("", String::as_str),
                    message.answer(measure).replace('\n', " "),
                    codes.join(", ")
                )?;
            }
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What no change of rules may fall below: some messages under what is reached, so that a better rule
    /// for many may be a worse one for a few.
    const FLOORS: [(&str, f64); 6] = [
        ("category_accuracy", 0.93),
        ("priority_accuracy", 0.94),
        ("needs_reply_accuracy", 0.95),
        ("language_accuracy", 0.97),
        ("sentiment_accuracy", 0.92),
        ("category_accuracy_held_back", 0.93),
    ];

    #[test]
    fn the_engine_judges_the_labelled_messages_as_well_as_it_did() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let section = section(&root, false).expect("the labelled messages");
        for (figure, floor) in FLOORS {
            let value = section.figures.get(figure).copied().unwrap_or_default();
            assert!(value >= floor, "{figure} is {value:.4}, under {floor}");
        }
    }
}
