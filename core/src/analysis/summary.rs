//! Summaries: at most three sentences of the message, the ones that say who wants what.

use super::reading::{Line, Reading};
use super::request::Kind;

/// How many sentences.
const MAX_SENTENCES: usize = 3;

/// How long a sentence may be before it is cut, in characters.
const MAX_SENTENCE_CHARS: usize = 240;

/// Picks the sentences; the subject stands in where the text says nothing.
pub(super) fn summary(subject: &str, reading: &Reading<'_>) -> String {
    let mut ranked: Vec<(i32, usize)> = Vec::new();
    let mut told = 0;
    for (index, line) in reading.lines.iter().enumerate() {
        if let Some(score) = score(line, told) {
            ranked.push((score, index));
        }
        told += usize::from(line.words.len() >= 5);
    }
    ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut chosen: Vec<usize> = ranked
        .into_iter()
        .take(MAX_SENTENCES)
        .map(|(_, index)| index)
        .collect();
    chosen.sort_unstable();
    let sentences: Vec<String> = chosen
        .into_iter()
        .filter_map(|index| reading.lines.get(index))
        .map(|line| cut(line.words.piece()))
        .collect();
    if sentences.is_empty() {
        cut(subject)
    } else {
        sentences.join(" ")
    }
}

/// How much a sentence tells; `None` where it tells nothing.
fn score(line: &Line<'_>, told: usize) -> Option<i32> {
    let wide = line.words.piece().chars().any(super::words::is_unspaced);
    if line.planted || (line.words.len() < 4 && line.act.is_none() && !wide) {
        return None;
    }
    let piece = line.words.piece();
    let letters = piece.chars().filter(|ch| ch.is_alphabetic()).count();
    if letters * 2 < piece.chars().count() {
        return None; // a rule, a table, a number
    }
    let act = match line.act.map(|act| (act.kind, act.confidence)) {
        Some((Kind::Courtesy | Kind::Click, _)) => return None,
        Some((Kind::Request, sure)) if sure >= 0.6 => 6,
        Some((Kind::Commitment | Kind::Proposal, _)) => 5,
        Some((Kind::Question, sure)) if sure >= 0.6 => 5,
        Some(_) => 2,
        None => 1,
    };
    let due = if line.deadline.is_some() { 2 } else { 0 };
    // The sentence that opens a letter mostly says what it is about.
    let opening = if told == 0 { 3 } else { 0 };
    Some(act + due + opening)
}

fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX_SENTENCE_CHARS {
        return line;
    }
    let cut: String = line.chars().take(MAX_SENTENCE_CHARS - 1).collect();
    let kept = cut.rsplit_once(' ').map_or(cut.as_str(), |(kept, _)| kept);
    format!("{kept}…")
}
