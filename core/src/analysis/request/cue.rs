//! What a phrase that asks, proposes or promises makes of its sentence.

use super::{Act, Form, Kind};
use crate::analysis::act::{Cue, NOUN_VERBS, PLAIN_VERBS, WORK_VERBS};
use crate::analysis::words::Words;

/// Verbs that make a question of `could you`.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) const IDLE_VERBS: &[&str] = &[
    "believe", "imagine", "think", "recall", "stop", "guess", "see", "hear", "remember", "have",
    "say", "know", "be", "please",
];

/// Verbs of meeting: a wish to do these is a proposal.
pub(super) const MEETING_VERBS: &[&str] = &[
    "meet", "discuss", "schedule", "talk", "set", "speak", "chat", "catch", "see",
];

/// Verbs too general to promise much.
pub(super) const WEAK_VERBS: &[&str] = &[
    "be", "have", "see", "go", "get", "let", "give", "take", "try", "work", "make",
];

#[expect(
    clippy::too_many_lines,
    reason = "one arm for each cue, read side by side"
)]
pub(super) fn from_cue(
    words: &Words<'_>,
    at: usize,
    length: usize,
    cue: Cue,
    question: bool,
    at_head: bool,
) -> Option<Act> {
    let next = past_adverbs(words, at + length);
    let verb = words.get(next);
    let some = |kind, action, confidence| Some(Act::new(kind, action, confidence));
    let is_verb = PLAIN_VERBS.contains(&verb) || NOUN_VERBS.contains(&verb);
    match cue {
        Cue::Ask => {
            if verb.is_empty() {
                return None;
            }
            if IDLE_VERBS.contains(&verb) && question {
                return some(Kind::Question, at, 0.6);
            }
            // `Would you mind sending`
            let participle = verb.ends_with("ing") && verb.len() > 5;
            some(
                Kind::Request,
                next,
                if is_verb || participle { 0.88 } else { 0.68 },
            )
        }
        Cue::Please => {
            if verb.is_empty()
                || words
                    .gap_after(next.saturating_sub(1))
                    .contains(['.', '!', '?'])
            {
                return None;
            }
            if is_verb {
                return some(Kind::Request, next, 0.85);
            }
            if matches!(verb, "don't" | "do" | "not" | "never") {
                return some(Kind::Request, next, 0.55);
            }
            some(Kind::Request, next, 0.6)
        }
        Cue::AskForeign => {
            // A polite word that ends the sentence asks for what stands before it.
            if verb.is_empty() {
                return (at >= 2).then_some(Act::new(Kind::Request, 0, 0.7));
            }
            some(Kind::Request, next, if at_head { 0.82 } else { 0.72 })
        }
        Cue::Action => {
            let objectless = verb.is_empty() && length < 3;
            let confidence = match (at_head, objectless) {
                (true, false) => 0.8,
                (true, true) => 0.7,
                (false, _) if opens_clause(words, at) => 0.64,
                (false, _) => 0.5,
            };
            some(Kind::Request, past_please(words, at), confidence)
        }
        Cue::Lack => {
            let missing = at + length;
            if words.get(missing).is_empty() || words.get(missing) == "to" {
                return None;
            }
            let article = words.get(missing.saturating_sub(1));
            let from = if matches!(
                article,
                "the" | "a" | "die" | "der" | "den" | "das" | "el" | "la"
            ) {
                missing - 1
            } else {
                missing
            };
            let repeats = (at..missing)
                .any(|word| matches!(words.get(word), "still" | "noch" | "toujours" | "sigo"));
            Some(Act {
                form: Form::Lack,
                ..Act::new(Kind::Request, from, if repeats { 0.65 } else { 0.56 })
            })
        }
        Cue::Await => some(Kind::Question, at, 0.7),
        Cue::Oblige => {
            if verb.is_empty() {
                return None;
            }
            let opens = at_head || opens_clause(words, at);
            some(
                Kind::Request,
                next,
                match (is_verb, opens) {
                    (true, true) if verb != "be" && verb != "have" => 0.75,
                    (true, _) => 0.55,
                    (false, _) => 0.5,
                },
            )
        }
        Cue::Propose => {
            // `Can I join?` asks leave; there is nothing to do but to answer.
            if words.get(at + 1) == "i" && matches!(words.get(at), "can" | "could" | "may") {
                return some(Kind::Question, at, 0.7);
            }
            let is_work = WORK_VERBS.contains(&verb) && verb != "be";
            if !is_work {
                return question.then_some(Act::new(Kind::Question, at, 0.55));
            }
            let wish = matches!(words.get(at + 1), "want" | "would")
                || matches!(words.get(at), "i'd" | "we'd");
            let meets = MEETING_VERBS.contains(&verb);
            if wish && !meets {
                return some(Kind::Question, at, 0.4);
            }
            some(
                Kind::Proposal,
                next,
                if at_head {
                    0.7
                } else if opens_clause(words, at) {
                    0.6
                } else {
                    0.5
                },
            )
        }
        Cue::Meet => {
            let own = matches!(words.get(at), "can" | "could" | "will")
                && matches!(words.get(at + 1), "you" | "we");
            let wants = matches!(words.get(at), "want" | "wanna" | "care");
            some(
                Kind::Proposal,
                if own { at + 2 } else { at },
                if question { 0.58 } else { 0.45 },
            )
            .filter(|_| question || (at_head && !wants))
        }
        Cue::Promise => {
            let can = matches!((words.get(at), words.get(at + 1)), ("i", "can"));
            let letting = words.get(at) == "let";
            if !WORK_VERBS.contains(&verb)
                || (can && question)
                || (letting && matches!(verb, "be" | "know" | "go" | "have" | "see"))
            {
                return None;
            }
            let weak = can || WEAK_VERBS.contains(&verb);
            some(Kind::Commitment, next, if weak { 0.55 } else { 0.8 })
        }
        Cue::PromiseForeign => some(Kind::Commitment, at, 0.75),
        Cue::Courtesy | Cue::Click | Cue::Told => None,
    }
}

/// Words that join clauses.
pub(super) const JOINTS: &[&str] = &[
    "and", "but", "so", "then", "please", "just", "also", "or", "pls",
];

/// Whether a clause of its own starts at a word: after a comma or a word that joins clauses.
pub(super) fn opens_clause(words: &Words<'_>, at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else {
        return true;
    };
    words
        .gap_after(before)
        .contains([',', ';', ':', '-', '–', '—', '(', '\n'])
        || JOINTS.contains(&words.get(before))
}

/// Words that may stand between asking and the action.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) const ADVERBS: &[&str] = &[
    "please", "pls", "also", "just", "kindly", "possibly", "maybe", "perhaps", "quickly", "then",
    "now", "at", "to", "still", "both", "all", "either", "and", "try", "simply", "first", "always",
    "ensure", "go", "bitte", "mal", "kurz", "auch", "noch", "mir", "uns", "s'il", "te", "vous",
    "plait", "por", "favor", "per", "favore", "bien", "vouloir",
];

/// Steps over words that stand between asking and the action.
pub(super) fn past_adverbs(words: &Words<'_>, mut at: usize) -> usize {
    for _ in 0..5 {
        let adverb = ADVERBS.contains(&words.get(at));
        let keeps = match words.get(at) {
            "at" => words.get(at + 1) != "least",
            "try" => words.get(at + 1) != "to",
            "go" => words.get(at + 1) != "ahead",
            "and" | "all" => true,
            "bien" => words.get(at + 1) != "vouloir",
            "vous" | "te" => words.get(at + 1) != "plait",
            _ => false,
        };
        if !adverb || keeps {
            if words.get(at) == "ahead" && words.get(at + 1) == "and" {
                at += 2;
                continue;
            }
            break;
        }
        at += 1;
    }
    at
}

pub(super) fn past_please(words: &Words<'_>, at: usize) -> usize {
    if matches!(words.get(at), "please" | "just" | "pls") {
        at + 1
    } else {
        at
    }
}
