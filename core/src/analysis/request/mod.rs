//! What a sentence asks, proposes or promises, and where in it the action starts.
//!
//! [`act`] answers for one sentence alone. Whose work follows from it is [`super::people`]'s
//! question, whether it is worth a task [`super::task`]'s.

mod cue;
mod head;
mod unspaced;

use self::cue::from_cue;
use self::head::CONNECTIVES;
pub(super) use self::head::{Head, head};
use super::act::{CUES, Cue};
use super::imperative;
use super::words::Words;

/// The kind of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The author asks somebody to do something.
    Request,
    /// The author proposes to do something together.
    Proposal,
    /// The author promises to do something.
    Commitment,
    /// The author wants to know something.
    Question,
    /// A set phrase: it sounds like a request, and nobody waits.
    Courtesy,
    /// A call to click, buy or unsubscribe.
    Click,
}

/// How a request is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// With words of asking.
    Plain,
    /// As a bare imperative: a colleague's order, or an advertisement's.
    Bare,
    /// By saying what is missing; the action is what somebody has to provide.
    Lack,
}

/// What a sentence does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Act {
    /// What kind of act it is.
    pub(super) kind: Kind,
    /// The word the action starts with (`send` in `could you please send`).
    pub(super) action: usize,
    /// How sure, from 0 to 1.
    pub(super) confidence: f64,
    /// How it is put.
    pub(super) form: Form,
}

impl Act {
    pub(super) fn new(kind: Kind, action: usize, confidence: f64) -> Self {
        Self {
            kind,
            action,
            confidence,
            form: Form::Plain,
        }
    }
}

/// What a sentence does, if it does anything.
pub(super) fn act(words: &Words<'_>, head: Head) -> Option<Act> {
    if words.len() == 0 {
        return None;
    }
    if words.has_unspaced()
        && let Some(act) = unspaced::act(words)
    {
        return Some(act);
    }
    let question = words
        .piece()
        .trim_end_matches(['"', '\'', ')', ' ', '”'])
        .ends_with(['?', '？']);
    let mut best: Option<Act> = None;
    let mut courtesy: Option<Act> = None;
    let mut click: Option<Act> = None;
    let mut told = false;
    for (at, length, cue) in CUES.all(words) {
        let at_head = at <= head.start + 1;
        match cue {
            Cue::Courtesy => {
                courtesy.get_or_insert(Act::new(Kind::Courtesy, at, 0.7));
                continue;
            }
            Cue::Click => {
                click.get_or_insert(Act::new(Kind::Click, at, 0.7));
                continue;
            }
            Cue::Told => {
                told = true;
                continue;
            }
            _ => {}
        }
        let found = from_cue(words, at, length, cue, question, at_head);
        if let Some(found) = found
            && best.is_none_or(|best| found.confidence > best.confidence)
        {
            best = Some(found);
        }
    }
    let imperative = imperative::imperative(words, head.start)
        .or_else(|| imperative::after_condition(words))
        .filter(|_| !question);
    if let Some(found) = imperative
        && best.is_none_or(|best| found.confidence > best.confidence)
    {
        best = Some(found);
    }
    if let Some(found) = click {
        return Some(found);
    }
    if let Some(found) = courtesy {
        // `Thanks for the deck, could you also send the numbers?`: the request stands, if it is
        // no part of the set phrase.
        let stands = best.filter(|best| {
            best.action > found.action + 3
                && best.kind == Kind::Request
                && best.confidence > 0.75
                && question
        });
        return stands.or(Some(found));
    }
    // `Do you still need the table?` asks; only a statement says what is missing.
    if let Some(found) = best
        && found.form == Form::Lack
        && question
    {
        return Some(Act::new(Kind::Question, found.action, 0.7));
    }
    if let Some(mut found) = best
        && !(told && found.confidence < 0.8)
    {
        if found.kind == Kind::Request && offers_help(words) {
            found.confidence -= 0.25;
        }
        return Some(found);
    }
    if question && words.len() >= 2 {
        return Some(Act::new(
            Kind::Question,
            head.start,
            question_confidence(words, head.start),
        ));
    }
    best.filter(|_| !told)
}

/// Whom a conditional offer is for, or what about.
#[rustfmt::skip] // a table: packed, not one word a line
const WHOEVER: &[&str] = &[
    "you", "you'd", "you've", "you're", "anyone", "any", "order", "questions", "details", "more",
    "receive", "requesting",
];

/// What somebody must have or want for an offer to be for them.
#[rustfmt::skip] // a table: packed, not one word a line
const NEEDS: &[&str] = &[
    "have", "need", "want", "would", "wish", "wishing", "are", "prefer", "experience", "cannot",
    "can't", "you'd", "you've", "you're", "questions", "more", "order", "receive", "requesting",
    "choose", "like",
];

/// `If you have a question on your form, please contact Ann`: help for whoever needs it, no work.
fn offers_help(words: &Words<'_>) -> bool {
    let from = usize::from(CONNECTIVES.contains(&words.get(0)));
    let conditional = matches!(words.get(from), "if" | "should" | "when" | "to" | "for")
        && (0..4).any(|ahead| WHOEVER.contains(&words.get(from + ahead)));
    conditional && (1..5).any(|ahead| NEEDS.contains(&words.get(from + ahead)))
}

/// Words that open a question.
#[rustfmt::skip] // a table: packed, not one word a line
const QUESTION_WORDS: &[&str] = &[
    "do", "did", "does", "have", "has", "is", "are", "was", "were", "will", "would", "can",
    "could", "should", "any", "what", "when", "where", "which", "who", "how", "why", "what's",
    "where's", "when's", "how's", "hast", "haben", "ist", "sind", "wann", "wie", "wer", "wo",
    "est", "avez", "quand", "comment", "que", "cuando", "como", "tienes",
];

/// Words that mean the reader.
#[rustfmt::skip] // a table: packed, not one word a line
const READER_WORDS: &[&str] = &[
    "you", "your", "you're", "you've", "u", "du", "sie", "dir", "ihnen", "vous", "votre", "tu",
    "usted",
];

/// How sure it is that a question wants an answer of the reader.
fn question_confidence(words: &Words<'_>, start: usize) -> f64 {
    let asks = QUESTION_WORDS.contains(&words.get(start));
    let to_reader = (0..words.len()).any(|at| READER_WORDS.contains(&words.get(at)));
    match (asks, to_reader) {
        (true, true) => 0.8,
        (true, false) | (false, true) => 0.6,
        (false, false) => 0.45,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<Kind> {
        let words = Words::new(text, 0..text.len());
        act(&words, head(&words)).map(|act| act.kind)
    }

    #[test]
    fn sentences_are_told_apart_by_what_they_do() {
        for (text, expected) in [
            ("Could you please send me the report?", Some(Kind::Request)),
            ("Please review the attached contract.", Some(Kind::Request)),
            ("Send me the numbers.", Some(Kind::Request)),
            ("Let me know if Friday works.", Some(Kind::Request)),
            ("I need you to sign the lease.", Some(Kind::Request)),
            ("Raj, can you book the room?", Some(Kind::Request)),
            (
                "Thanks for the deck, could you also send the numbers?",
                Some(Kind::Request),
            ),
            ("I'll send you the deck by Friday.", Some(Kind::Commitment)),
            (
                "Let's meet on Tuesday to discuss the budget.",
                Some(Kind::Proposal),
            ),
            ("Are you free on Tuesday?", Some(Kind::Proposal)),
            ("Did you get my mail?", Some(Kind::Question)),
            (
                "Let me know if you have any questions.",
                Some(Kind::Courtesy),
            ),
            ("Please feel free to call me.", Some(Kind::Courtesy)),
            ("Please find attached the minutes.", Some(Kind::Courtesy)),
            ("Click here to view your statement.", Some(Kind::Click)),
            ("The report was sent yesterday.", None),
            ("Call agenda", None),
            ("He asked me to call you.", None),
            (
                "Kannst du mir bitte den Bericht schicken?",
                Some(Kind::Request),
            ),
            ("Pourriez-vous m'envoyer le rapport ?", Some(Kind::Request)),
            ("¿Podrías enviarme el informe?", Some(Kind::Request)),
            ("資料を送ってください。", Some(Kind::Request)),
            ("よろしくお願いします。", Some(Kind::Courtesy)),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    /// Sentences of real mail labelled by people; the file is not part of the project.
    #[test]
    #[allow(
        clippy::print_stdout,
        clippy::print_stderr,
        reason = "a measurement says what it found"
    )]
    fn most_labelled_sentences_are_judged_as_people_do() {
        let path = std::env::var("INTENT_TSV").unwrap_or_default();
        let Ok(data) = std::fs::read_to_string(&path) else {
            eprintln!("skipped: INTENT_TSV names no file of labelled sentences");
            return;
        };
        let (mut right, mut all, mut hits, mut said, mut meant) =
            (0_u32, 0_u32, 0_u32, 0_u32, 0_u32);
        for line in data.lines() {
            let Some((label, text)) = line.split_once('\t') else {
                continue;
            };
            let words = Words::new(text, 0..text.len());
            let found = act(&words, head(&words));
            let yes = found.is_some_and(|act| {
                asks(&act) || (matches!(act.kind, Kind::Courtesy | Kind::Click) && polite(&words))
            });
            let labelled = label == "Yes";
            all += 1;
            right += u32::from(yes == labelled);
            said += u32::from(yes);
            meant += u32::from(labelled);
            hits += u32::from(yes && labelled);
            if yes != labelled && std::env::var("INTENT_SHOW").is_ok() {
                println!(
                    "{} {:?} {text}",
                    if labelled { "MISSED" } else { "EXTRA" },
                    found.map(|act| (act.kind, act.confidence))
                );
            }
        }
        println!(
            "accuracy {:.3} precision {:.3} recall {:.3} of {all}",
            f64::from(right) / f64::from(all),
            f64::from(hits) / f64::from(said),
            f64::from(hits) / f64::from(meant)
        );
        assert!(f64::from(right) / f64::from(all) >= 0.75);
    }

    /// The labels' notion of a task is wide: it counts courtesies and calls to action too.
    fn asks(act: &Act) -> bool {
        match act.kind {
            Kind::Request | Kind::Proposal | Kind::Commitment => true,
            Kind::Question => act.confidence >= 0.6,
            Kind::Courtesy | Kind::Click => false,
        }
    }

    fn polite(words: &Words<'_>) -> bool {
        (0..words.len()).any(|at| {
            matches!(
                words.get(at),
                "please" | "pls" | "hesitate" | "feel" | "questions"
            ) || (words.get(at) == "let" && words.get(at + 2) == "know")
        })
    }
}
