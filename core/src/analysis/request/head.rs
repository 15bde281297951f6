//! What stands before a sentence's own words: greetings, names and connectives.

use std::sync::LazyLock;

use crate::analysis::act::PLAIN_VERBS;
use crate::analysis::phrases::Openers;
use crate::analysis::words::Words;
use crate::dates;

/// What stands before a sentence's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::analysis) struct Head {
    /// The first word after greeting, names and connectives.
    pub(in crate::analysis) start: usize,
    /// The words that name whom the sentence is for: from, and up to but not including.
    pub(in crate::analysis) addressee: Option<(usize, usize)>,
    /// Whether a greeting came first, so that the name is the whole message's addressee.
    pub(in crate::analysis) greets: bool,
}

/// Words that may stand before an imperative without changing it.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) const CONNECTIVES: &[&str] = &[
    "also", "and", "so", "but", "then", "ok", "okay", "well", "now", "again", "finally", "first",
    "firstly", "second", "secondly", "third", "lastly", "otherwise", "meanwhile", "however",
    "instead", "just", "fyi", "ps", "thanks", "sorry", "anyway", "plus", "additionally", "next",
    "yes", "no", "sure", "great", "perfect", "therefore", "thus", "actually", "btw", "urgent",
    "reminder", "important", "action", "required", "todo", "hinweis", "todos", "re", "und", "aber",
    "dann", "also", "ja", "nein", "et", "mais", "donc", "alors", "oui", "y", "pero", "entonces",
    "si", "always", "immediately", "quickly", "maybe",
];

#[rustfmt::skip] // a table: packed, not one word a line
pub(super) const GREETINGS: &[&str] = &[
    "hi", "hello", "hey", "dear", "hallo", "liebe", "lieber", "bonjour", "salut", "cher", "chere",
    "hola", "querido", "querida", "estimado", "estimada", "ciao", "ola", "moin", "morning",
    "afternoon", "evening",
];

/// Capitalised words that open a sentence and name nobody.
#[rustfmt::skip] // a table: packed, not one word a line
pub(super) const NOT_NAMES: &[&str] = &[
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

/// What may stand before a sentence's own words, names aside.
static OPENING: LazyLock<Openers> = LazyLock::new(|| {
    let words = GREETINGS.iter().chain(CONNECTIVES).copied();
    Openers::of(words.chain(["good"]))
});

/// Words that are no names, though they open sentences.
static NAMELESS: LazyLock<Openers> =
    LazyLock::new(|| Openers::of(NOT_NAMES.iter().chain(PLAIN_VERBS).copied()));

/// Finds where a sentence's own words start.
pub(in crate::analysis) fn head(words: &Words<'_>) -> Head {
    let mut head = Head::default();
    // Three connectives or names in a row are many; more is no sentence.
    for _ in 0..4 {
        let at = head.start;
        let may_open = OPENING.has(words.key(at));
        if may_open
            && GREETINGS.contains(&words.get(at))
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
        if may_open && words.get(at) == "good" && GREETINGS.contains(&words.get(at + 1)) {
            head.greets = true;
            head.start = at + 2;
            continue;
        }
        if may_open && CONNECTIVES.contains(&words.get(at)) && at + 1 < words.len() {
            head.start = at + 1;
            continue;
        }
        break;
    }
    head
}

/// Where names that open a sentence end: `Raj, can you`, `@raj can you`, `Raj and Tom - please`.
pub(super) fn vocative(words: &Words<'_>, at: usize, greeted: bool) -> Option<usize> {
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
        let is_nameless = NAMELESS.has(words.key(end))
            && (NOT_NAMES.contains(&name) || PLAIN_VERBS.contains(&name));
        let known = !is_nameless && !dates::is_month(name) && !dates::is_weekday(name);
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
