//! Imperatives: sentences that open with a verb in its base form and something to do it to.

use std::sync::LazyLock;

use super::act::{NOUN_VERBS, PLAIN_VERBS};
use super::phrases::Openers;
use super::request::{Act, Form, Kind};
use super::words::Words;

/// What common verbs need behind them to be work.
#[rustfmt::skip] // a table: packed, not one word a line
const WORKING_PAIRS: &[(&str, &[&str])] = &[
    ("take", &["a", "care", "this", "the", "it"]),
    ("get", &["the", "this", "it", "with", "back", "me", "a"]),
    ("make", &["the", "sure", "a", "it"]),
    ("find", &["out", "the", "a"]),
    ("look", &["at", "into", "up", "over"]),
    ("read", &["the", "this", "it", "through"]),
    ("have", &["him", "her", "them", "your", "someone"]),
    ("use", &["the", "this"]),
    ("keep", &["me", "us", "the", "an"]),
    ("do", &["this", "the", "it"]),
    ("help", &["me", "us"]),
    ("show", &["me", "us", "him", "her"]),
    ("hold", &["off", "the"]),
    ("start", &["the", "with", "on"]),
    ("try", &["to", "the", "this"]),
    ("close", &["the", "out", "this"]),
    ("stop", &["the", "by"]),
    ("wait", &["for", "until"]),
];

/// Verbs that colleagues order with; advertisements have others.
#[rustfmt::skip] // a table: packed, not one word a line
const DIRECT_VERBS: &[&str] = &[
    "send", "forward", "confirm", "submit", "approve", "reply", "resend", "cancel", "remind",
    "ask", "tell", "prepare", "arrange", "finalize", "schedule", "review", "update", "call",
    "email", "coordinate",
];

fn bare(action: usize, confidence: f64) -> Act {
    Act {
        form: Form::Bare,
        ..Act::new(Kind::Request, action, confidence)
    }
}

/// Words after which a verb was none.
#[rustfmt::skip] // a table: packed, not one word a line
const NO_OBJECTS: &[&str] = &[
    "is", "are", "was", "were", "has", "had", "will", "would", "can", "should", "of", "you", "we",
    "i", "he", "she", "they", "forward", "to", "not", "care", "been",
];

/// Verbs that `to` can follow.
const VERBS_WITH_TO: &[&str] = &[
    "talk", "speak", "write", "respond", "reply", "remember", "go", "send", "try",
];

/// Verbs so common in advertisements and set phrases that only [`WORKING_PAIRS`] count.
#[rustfmt::skip] // a table: packed, not one word a line
const LOOSE_VERBS: &[&str] = &[
    "be", "have", "do", "go", "see", "say", "think", "work", "come", "hold", "help", "open",
    "wait", "stay", "let", "use", "keep", "find", "get", "take", "make", "show", "visit",
    "download", "save", "apply", "buy", "start", "join", "try", "enter", "choose", "select",
    "clear", "double", "close", "look", "register", "donate", "stop", "hire", "read", "sell",
    "turn", "type", "click",
];

/// Words that start an object, or go with a verb.
#[rustfmt::skip] // a table: packed, not one word a line
const OBJECTS: &[&str] = &[
    "me", "us", "him", "her", "them", "it", "the", "this", "that", "these", "those", "a", "an",
    "your", "my", "our", "his", "their", "all", "any", "both", "each", "back", "up", "out", "over",
    "off", "with", "if", "whether", "by", "in", "on", "and",
];

/// Every verb that a request can open with.
static VERBS: LazyLock<Openers> =
    LazyLock::new(|| Openers::of(PLAIN_VERBS.iter().chain(NOUN_VERBS).copied()));

/// A sentence that opens with a verb in its base form and an object or particle.
pub(super) fn imperative(words: &Words<'_>, start: usize) -> Option<Act> {
    let mut at = start;
    let negated =
        matches!((words.get(at), words.get(at + 1)), ("do", "not")) || words.get(at) == "don't";
    if negated {
        return None; // a warning makes no work
    }
    if matches!(words.get(at), "please" | "pls") {
        at += 1;
    }
    let verb = words.get(at);
    let next = words.get(at + 1);
    // `Return-Path: x`, `Call: 555`, `<!-- add -->` are no sentences.
    let gap = words.gap_after(at);
    if next.is_empty()
        || gap.starts_with(['-', ':', '_', '/', '@', '.', '='])
        || words.piece().starts_with(['<', '{', '|'])
    {
        return None;
    }
    if !VERBS.has(words.key(at)) {
        return None;
    }
    let plain = PLAIN_VERBS.contains(&verb);
    if !plain && !NOUN_VERBS.contains(&verb) {
        return None;
    }
    if NO_OBJECTS.contains(&next) && !(VERBS_WITH_TO.contains(&verb) && next == "to") {
        return None;
    }
    if LOOSE_VERBS.contains(&verb) {
        let is_work = WORKING_PAIRS
            .iter()
            .any(|(known, objects)| *known == verb && objects.contains(&next));
        return is_work.then_some(bare(at, 0.6));
    }
    let object = OBJECTS.contains(&next);
    // A short heading (`Call agenda`, `Review meeting`) is no order.
    if !plain && !object {
        let enough = words.is_capital(at + 1) && words.len() > at + 3 && !words.is_capital(at + 2);
        return enough.then_some(bare(at, 0.52));
    }
    let strong = object || words.len() >= at + 3;
    let direct = DIRECT_VERBS.contains(&verb);
    let confidence = match (object, direct) {
        (true, true) => 0.74,
        (true, false) => 0.68,
        (false, true) => 0.63,
        (false, false) => 0.56,
    };
    strong.then_some(bare(at, confidence))
}

/// Words that open a condition.
const CONDITIONS: &[&str] = &[
    "if", "when", "once", "as", "after", "before", "for", "in", "to",
];

/// `If you agree, send it on.`; `When you have a moment, call Ann.`
pub(super) fn after_condition(words: &Words<'_>) -> Option<Act> {
    if !CONDITIONS.contains(&words.get(0)) {
        return None;
    }
    let comma = (0..words.len()).find(|at| words.gap_after(*at).contains(','))?;
    let found = imperative(words, comma + 1)?;
    Some(Act {
        confidence: found.confidence - 0.08,
        ..found
    })
}
