//! What stands beside words of time and says that they are some: or a name, a number, a price.

use std::ops::Range;

use super::vocabulary::{PARTS, Part, is_month, number};
use crate::analysis::words::Words;

/// Words that open the next clause or go with a time.
#[rustfmt::skip] // a table: packed, not one word a line
const CLAUSE_STARTS: &[&str] = &[
    "if", "so", "please", "to", "and", "at", "or", "but", "because", "for", "when", "as", "with",
    "in", "via", "thanks", "before", "whether", "works", "work", "senden", "schicken", "und", "oder", "et",
    "ou", "pour", "y", "o", "para",
];

/// Whether a clause ends before word `at`, so that a weekday there is no `Friday report`.
pub(crate) fn ends_clause(words: &Words<'_>, at: usize) -> bool {
    at >= words.len()
        || words
            .gap_after(at - 1)
            .contains([',', '.', ';', ':', '?', '!', ')', '-', '–', '—', '\n'])
        || CLAUSE_STARTS.contains(&words.get(at))
}

/// Words that make a weekday part of a name or of the past.
pub(crate) const OWNERS: &[&str] = &[
    "the", "my", "your", "our", "was", "were", "received", "sent", "got",
];

/// Words that can follow a time in its own clause, beside those that open the next one.
#[rustfmt::skip] // a table: packed, not one word a line
const FOLLOWERS: &[&str] = &[
    "is", "was", "are", "were", "will", "would", "can", "could", "should", "on", "by", "from", "until", "till",
    "after", "or", "it", "we", "i", "you", "they", "he", "she", "the", "that", "this", "then", "than", "there",
    "instead", "too", "also", "only", "latest", "ist", "war", "an", "am", "um", "von", "bis", "im", "ab", "zuruck",
    "weg", "frei", "sein", "mit", "geht", "passt", "est", "a", "de", "du", "des", "avec", "es", "por", "con", "el",
    "la", "las", "al", "between", "of", "may", "might", "must", "has", "have", "had", "sharp", "onwards", "onward",
    "through", "not", "since", "suits", "morning", "afternoon", "evening", "night", "just", "again", "late", "early",
    "around", "about", "no", "next", "last", "every", "each", "hat", "haben", "wird", "werden", "kann", "da",
];

/// Whether what follows a time is the noun that the time would belong to: `Friday report`, `3rd floor`.
pub(super) fn is_before_noun(words: &Words<'_>, at: usize) -> bool {
    !ends_clause(words, at)
        && words.gap_after(at - 1).trim() == ""
        && !FOLLOWERS.contains(&words.get(at))
        && number(words.get(at)).is_none()
        && !is_month(words.get(at))
        && PARTS
            .longest_at(words, at)
            .is_none_or(|(_, part)| matches!(part, Part::Within))
}

/// Whether numbers stand free: no price, version, telephone number or address is cut in two.
pub(super) fn is_free(words: &Words<'_>, at: usize, end: usize) -> bool {
    let before = at
        .checked_sub(1)
        .map_or(words.range().start, |before| words.span(before).end);
    let text = words.piece();
    let offset = words.range().start;
    let gap = text
        .get(before.saturating_sub(offset)..words.span(at).start.saturating_sub(offset))
        .unwrap_or_default();
    let digit = |word: &str, last: bool| {
        let mut bytes = word.bytes();
        let byte = if last {
            bytes.next_back()
        } else {
            bytes.next()
        };
        byte.is_some_and(|byte| byte.is_ascii_digit())
    };
    if gap.ends_with([
        '$', '€', '£', '¥', '#', '@', '_', '=', '+', '/', '\\', '§', '%', '&',
    ]) {
        return false;
    }
    if at > 0 && matches!(gap, "." | "-" | ":" | ",") && digit(words.get(at - 1), true) {
        return false;
    }
    if at > 0 && gap.is_empty() && !words.get(at - 1).is_empty() && digit(words.get(at - 1), true) {
        return false;
    }
    let after = words.gap_after(end - 1);
    if after.starts_with(['%', '€', '$', '£', '°', '@', '_', '=', '\\', '/']) {
        return false;
    }
    let goes_on = matches!(after, "." | ":" | "," | "-") && digit(words.get(end), false);
    let counted = ["eur", "usd", "euro", "euros", "dollars", "percent"].contains(&words.get(end));
    !goes_on && !counted
}

/// Words that a time may have beside it and still be all that a text says.
#[rustfmt::skip] // a table: packed, not one word a line
const FILLERS: &[&str] = &[
    "on", "at", "in", "the", "by", "due", "please", "for", "am", "um", "im", "le", "el", "la", "a", "en", "den", "the",
    "latest", "sharp", "o'clock", "bitte", "or", "so",
];

/// Whether nothing is said in these words.
pub(super) fn is_filler(words: &Words<'_>, range: Range<usize>) -> bool {
    let mut range = range;
    range.all(|at| FILLERS.contains(&words.get(at)) && words.get(at) != "or")
}
