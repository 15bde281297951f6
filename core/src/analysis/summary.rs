//! Summaries: at most three sentences of the message, the ones that say who wants what.
//!
//! Every sentence is taken from the text as it stands and says where: a reader can always go and
//! look. Nothing that was planted for a machine is ever chosen.

use std::sync::LazyLock;

use crate::mail::body::scalar_offset;

use super::phrases::Phrases;
use super::reading::{Line, Reading};
use super::request::Kind;
use super::{AnalysisInput, SourceSpan};

/// How many sentences.
pub(super) const MAX_SENTENCES: usize = 3;

/// How long a sentence may be before it is cut, in characters.
const MAX_SENTENCE_CHARS: usize = 240;

/// Words by which an author says what they want without asking for it.
#[rustfmt::skip] // a table: packed, not one word a line
static WANTS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::new(&[(
        (),
        &[
            "i expect", "we expect", "i need", "we need", "i want", "we want", "i'd like",
            "i would like", "we would like", "we require", "i ask", "i propose", "we propose",
            "ich erwarte", "wir erwarten", "ich brauche", "wir brauchen", "ich mochte",
            "wir mochten", "ich schlage", "wir benotigen", "je demande", "je vous demande",
            "j'ai besoin", "nous avons besoin", "je souhaite", "nous souhaitons", "je voudrais",
            "j'attends", "necesito", "necesitamos", "quiero", "queremos", "quisiera", "espero",
            "ho bisogno", "abbiamo bisogno", "vorrei", "preciso", "precisamos", "gostaria",
            "ik wil", "wij willen", "we hebben", "jag behover", "vi behover", "potrzebuje",
            "potrzebujemy",
        ],
    )])
});

/// Picks the sentences: the text to show, and where each comes from. The subject stands in where
/// the text says nothing, and has no place in it.
pub(super) fn summary(
    input: &AnalysisInput<'_>,
    reading: &Reading<'_>,
) -> (String, Vec<SourceSpan>) {
    let mut ranked = ranked(reading);
    ranked.truncate(MAX_SENTENCES);
    ranked.sort_unstable_by_key(|(_, index)| *index);
    let chosen: Vec<&Line<'_>> = ranked
        .iter()
        .filter_map(|(_, index)| reading.lines.get(*index))
        .collect();
    if chosen.is_empty() {
        return (cut(input.subject), Vec::new());
    }
    let text: Vec<String> = chosen.iter().map(|line| cut(line.words.piece())).collect();
    let sources = chosen.iter().map(|line| source(input.text, line)).collect();
    (text.join(" "), sources)
}

/// The sentences that tell something, the most telling first: how much, and which.
pub(super) fn ranked(reading: &Reading<'_>) -> Vec<(i32, usize)> {
    let mut ranked: Vec<(i32, usize)> = Vec::new();
    let mut told = 0;
    for (index, line) in reading.lines.iter().enumerate() {
        if let Some(score) = score(line, told) {
            ranked.push((score, index));
        }
        told += usize::from(line.words.len() >= 5);
    }
    ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    ranked
}

/// Where a sentence stands.
pub(super) fn source(text: &str, line: &Line<'_>) -> SourceSpan {
    let range = line.words.range();
    let start = scalar_offset(text, range.start);
    SourceSpan {
        quote: line.words.piece().to_owned(),
        start,
        end: start + line.words.piece().chars().count(),
    }
}

/// How much a sentence tells; `None` where it tells nothing.
fn score(line: &Line<'_>, told: usize) -> Option<i32> {
    let wide = line.words.has_unspaced();
    if line.planted || (line.words.len() < 4 && line.act.is_none() && !wide) {
        return None;
    }
    let piece = line.words.piece();
    let letters = piece.chars().filter(|ch| ch.is_alphabetic()).count();
    if letters * 2 < piece.chars().count() {
        return None; // a rule, a table, a number
    }
    let wants = WANTS.all(&line.words).next().is_some();
    let act = match line.act.map(|act| (act.kind, act.confidence)) {
        Some((Kind::Courtesy | Kind::Click, _)) => return None,
        Some((Kind::Request, sure)) if sure >= 0.6 => 6,
        Some((Kind::Commitment | Kind::Proposal, _)) => 5,
        Some((Kind::Question, sure)) if sure >= 0.6 => 5,
        _ if wants => 4,
        Some(_) => 2,
        None => 1,
    };
    let due = if line.deadline.is_some() { 2 } else { 0 };
    // The sentence that opens a letter mostly says what it is about.
    let opening = if told == 0 { 3 } else { 0 };
    Some(act + due + opening)
}

/// A sentence on one line, cut at a word where it is too long.
pub(super) fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX_SENTENCE_CHARS {
        return line;
    }
    let cut: String = line.chars().take(MAX_SENTENCE_CHARS - 1).collect();
    let kept = cut.rsplit_once(' ').map_or(cut.as_str(), |(kept, _)| kept);
    format!("{kept}…")
}
