//! What a sentence asks, proposes or promises, and where in it the action starts.
//!
//! [`act`] answers for one sentence alone. Whose work follows from it is [`super::people`]'s
//! question, whether it is worth a task [`super::task`]'s.

use super::act::{CUES, Cue, NOUN_VERBS, PLAIN_VERBS, WORK_VERBS};
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

/// What a sentence does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Act {
    /// What kind of act it is.
    pub(super) kind: Kind,
    /// The word the action starts with (`send` in `could you please send`).
    pub(super) action: usize,
    /// How sure, from 0 to 1.
    pub(super) confidence: f64,
    /// Whether it is a bare imperative: a colleague's order, or an advertisement's.
    pub(super) bare: bool,
}

impl Act {
    pub(super) fn new(kind: Kind, action: usize, confidence: f64) -> Self {
        Self {
            kind,
            action,
            confidence,
            bare: false,
        }
    }
}

/// What stands before a sentence's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Head {
    /// The first word after greeting, names and connectives.
    pub(super) start: usize,
    /// The words that name whom the sentence is for: from, and up to but not including.
    pub(super) addressee: Option<(usize, usize)>,
    /// Whether a greeting came first, so that the name is the whole message's addressee.
    pub(super) greets: bool,
}

/// Words that may stand before an imperative without changing it.
#[rustfmt::skip] // a table: packed, not one word a line
const CONNECTIVES: &[&str] = &[
    "also", "and", "so", "but", "then", "ok", "okay", "well", "now", "again", "finally", "first",
    "firstly", "second", "secondly", "third", "lastly", "otherwise", "meanwhile", "however",
    "instead", "just", "fyi", "ps", "thanks", "sorry", "anyway", "plus", "additionally", "next",
    "yes", "no", "sure", "great", "perfect", "therefore", "thus", "actually", "btw", "urgent",
    "reminder", "important", "action", "required", "todo", "hinweis", "todos", "re", "und", "aber",
    "dann", "also", "ja", "nein", "et", "mais", "donc", "alors", "oui", "y", "pero", "entonces",
    "si", "always", "immediately", "quickly", "maybe",
];

#[rustfmt::skip] // a table: packed, not one word a line
const GREETINGS: &[&str] = &[
    "hi", "hello", "hey", "dear", "hallo", "liebe", "lieber", "bonjour", "salut", "cher", "chere",
    "hola", "querido", "querida", "estimado", "estimada", "ciao", "ola", "moin", "morning",
    "afternoon", "evening",
];

/// Capitalised words that open a sentence and name nobody.
#[rustfmt::skip] // a table: packed, not one word a line
const NOT_NAMES: &[&str] = &[
    "yes", "no", "ok", "okay", "thanks", "thank", "also", "however", "please", "sorry", "first",
    "second", "finally", "today", "tomorrow", "then", "well", "so", "now", "again", "if", "when",
    "as", "in", "on", "at", "for", "and", "but", "or", "the", "this", "that", "it", "we", "i",
    "you", "he", "she", "they", "there", "here", "what", "how", "why", "who", "just", "subject",
    "date", "time", "where", "note", "reminder", "question", "update", "hi", "hello", "hey",
    "dear", "good", "great", "sure", "otherwise", "meanwhile", "instead", "anyway",
    "unfortunately", "actually", "obviously", "basically", "hopefully", "once", "since", "after",
    "before", "bitte", "danke", "ja", "nein", "merci", "oui", "non", "gracias", "si", "urgent",
    "important", "fyi", "ps", "asap", "action", "agenda", "todo", "to", "from", "cc", "re",
    "additionally", "furthermore",
];

/// Finds where a sentence's own words start.
pub(super) fn head(words: &Words<'_>) -> Head {
    let mut head = Head::default();
    // Three connectives or names in a row are many; more is no sentence.
    for _ in 0..4 {
        let at = head.start;
        if GREETINGS.contains(&words.get(at))
            && !words.is_capital(at + 2) | words.gap_after(at + 1).contains(',')
        {
            head.greets = true;
            head.start = at + 1;
            continue;
        }
        if let Some(end) = vocative(words, at, head.greets) {
            head.addressee = Some((at, end));
            head.start = end;
            continue;
        }
        if words.get(at) == "good" && GREETINGS.contains(&words.get(at + 1)) {
            head.greets = true;
            head.start = at + 2;
            continue;
        }
        if CONNECTIVES.contains(&words.get(at)) && at + 1 < words.len() {
            head.start = at + 1;
            continue;
        }
        break;
    }
    head
}

/// Where names that open a sentence end: `Raj, can you`, `@raj can you`, `Raj and Tom - please`.
fn vocative(words: &Words<'_>, at: usize, greeted: bool) -> Option<usize> {
    if at >= words.len() {
        return None;
    }
    let mention = words
        .piece()
        .get(..words.span(at).start.saturating_sub(words.range().start))
        .is_some_and(|before| before.ends_with('@'));
    let mut end = at;
    for _ in 0..5 {
        let name = words.get(end);
        // The cheap question first: most sentences do not even open with two capitals.
        if name.len() < 2
            || !(words.is_capital(end) || mention || greeted)
            || !name.chars().all(char::is_alphabetic)
        {
            return None;
        }
        let known = !NOT_NAMES.contains(&name)
            && !super::deadline::is_month(name)
            && !super::deadline::is_weekday(name)
            && !PLAIN_VERBS.contains(&name);
        if !known {
            return None;
        }
        end += 1;
        let gap = words.gap_after(end - 1);
        if mention && gap.starts_with(' ') && !gap.contains('@') {
            return Some(end);
        }
        if matches!(words.get(end), "and" | "und" | "et" | "y")
            || gap.trim() == "&"
            || gap.trim() == "/"
        {
            end += usize::from(matches!(words.get(end), "and" | "und" | "et" | "y"));
            continue;
        }
        if gap.contains(',')
            || gap.contains(':')
            || gap.contains(" -")
            || gap.contains('–')
            || gap.contains('—')
            || gap.contains('\n')
            || gap.contains('!')
        {
            // `Raj, Tom, can you`
            let next_is_name = gap.contains(',')
                && words.is_capital(end)
                && words.gap_after(end).contains(',')
                && !CONNECTIVES.contains(&words.get(end))
                && !NOT_NAMES.contains(&words.get(end));
            if next_is_name {
                continue;
            }
            return Some(end);
        }
        if words.get(end).is_empty() {
            return greeted.then_some(end);
        }
        if !words.is_capital(end) {
            return None;
        }
    }
    None
}

/// What a sentence does, if it does anything.
pub(super) fn act(words: &Words<'_>, head: Head) -> Option<Act> {
    if words.len() == 0 {
        return None;
    }
    if words.piece().chars().any(super::words::is_unspaced)
        && let Some(act) = super::wide::act(words)
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

/// Verbs that make a question of `could you`.
#[rustfmt::skip] // a table: packed, not one word a line
const IDLE_VERBS: &[&str] = &[
    "believe", "imagine", "think", "recall", "stop", "guess", "see", "hear", "remember", "have",
    "say", "know", "be", "please",
];

/// Verbs of meeting: a wish to do these is a proposal.
const MEETING_VERBS: &[&str] = &[
    "meet", "discuss", "schedule", "talk", "set", "speak", "chat", "catch", "see",
];

/// Verbs too general to promise much.
const WEAK_VERBS: &[&str] = &[
    "be", "have", "see", "go", "get", "let", "give", "take", "try", "work", "make",
];

#[expect(
    clippy::too_many_lines,
    reason = "one arm for each cue, read side by side"
)]
fn from_cue(
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
const JOINTS: &[&str] = &[
    "and", "but", "so", "then", "please", "just", "also", "or", "pls",
];

/// Whether a clause of its own starts at a word: after a comma or a word that joins clauses.
fn opens_clause(words: &Words<'_>, at: usize) -> bool {
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
const ADVERBS: &[&str] = &[
    "please", "pls", "also", "just", "kindly", "possibly", "maybe", "perhaps", "quickly", "then",
    "now", "at", "to", "still", "both", "all", "either", "and", "try", "simply", "first", "always",
    "ensure", "go", "bitte", "mal", "kurz", "auch", "noch", "mir", "uns", "s'il", "te", "vous",
    "plait", "por", "favor", "per", "favore", "bien", "vouloir",
];

/// Steps over words that stand between asking and the action.
fn past_adverbs(words: &Words<'_>, mut at: usize) -> usize {
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

fn past_please(words: &Words<'_>, at: usize) -> usize {
    if matches!(words.get(at), "please" | "just" | "pls") {
        at + 1
    } else {
        at
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
