//! Titles: a short imperative made from the sentence that asks.

use std::ops::Range;

use super::people::People;
use super::request::{Act, Form, Kind};
use super::words::Words;

/// How long a title can be, in characters.
pub(super) const MAX_CHARS: usize = 80;

/// Makes a title of the sentence's words from the action on, without its deadline.
pub(super) fn title(
    text: &str,
    words: &Words<'_>,
    act: &Act,
    deadline: Option<&Range<usize>>,
    people: &People,
    by_reader: bool,
) -> String {
    let from = words.span(act.action).start;
    // `me rappeler`: French and Spanish put first whom the act is for.
    let fronted = !by_reader && act.action + 1 < words.len() && words.get(act.action) == "me";
    let from = if fronted {
        words.span(act.action + 1).start
    } else {
        from
    };
    let from = if act.action == 0 {
        words.range().start
    } else {
        from
    };
    let mut end = words.range().end;
    let mut cut = None;
    if let Some(range) = deadline.filter(|range| range.start > act.action && !range.is_empty()) {
        let phrase = words.span(range.start).start..words.span(range.end.saturating_sub(1)).end;
        let tail = text.get(phrase.end..end).unwrap_or_default();
        if tail.chars().all(|ch| !ch.is_alphanumeric()) || is_farewell(tail) {
            end = phrase.start;
        } else if words.get(range.start) == "bis" {
            // German puts its verb last: the phrase comes out of the middle as cleanly.
            cut = Some(phrase);
        }
    }
    let mut pieces: Vec<String> = Vec::new();
    let other = if by_reader {
        people.counterpart.as_deref()
    } else {
        people.author.as_deref()
    };
    let mut at = from;
    let mut index = act.action + usize::from(fronted);
    // Word by word, so that `me` can become the one who wrote it.
    while index < words.len() {
        let span = words.span(index);
        if span.start >= end {
            break;
        }
        let before = text.get(at.min(span.start)..span.start).unwrap_or_default();
        if cut.as_ref().is_some_and(|cut| cut.contains(&span.start)) {
            at = span.end;
            index += 1;
            continue;
        }
        pieces.push(before.to_owned());
        let word = match (words.get(index), other, by_reader) {
            ("me", Some(name), false) | ("you", Some(name), true) => name.to_owned(),
            ("my", Some(name), false) | ("your", Some(name), true) => possessive(name),
            _ => words.source(index).to_owned(),
        };
        pieces.push(word);
        at = span.end;
        index += 1;
    }
    if pieces.is_empty() {
        pieces.push(text.get(from..end).unwrap_or_default().to_owned());
    } else if end > at {
        pieces.push(text.get(at..end).unwrap_or_default().to_owned());
    }
    let mut title = squeeze(&pieces.concat());
    if act.form == Form::Lack {
        title = provide(words, &title);
    } else if act.kind == Kind::Request && act.action > 0 {
        title = base_form(&title);
    }
    finish(&title)
}

/// A title made of a sentence that no rule knows: as it stands, cut to a title's length.
pub(super) fn of_sentence(sentence: &str) -> String {
    finish(&squeeze(sentence))
}

fn possessive(name: &str) -> String {
    format!("{name}'s")
}

/// What may follow a deadline at the end of a sentence.
#[rustfmt::skip] // a table: packed, not one word a line
const FAREWELLS: &[&str] = &[
    "please", "thanks", "thank you", "if possible", "if you can", "at the latest", "bitte",
    "danke", "svp", "por favor", "ok", "or so", "pls", "schicken danke",
];

fn is_farewell(tail: &str) -> bool {
    let tail = super::words::fold(tail);
    let rest: String = tail
        .chars()
        .filter(|ch| ch.is_alphabetic() || *ch == ' ')
        .collect();
    FAREWELLS.contains(&rest.trim())
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is missing is to be provided, in the sentence's own language.
fn provide(words: &Words<'_>, missing: &str) -> String {
    let missing = missing.trim_end_matches(|ch: char| !ch.is_alphanumeric());
    let says = |marks: &[&str]| (0..words.len()).any(|at| marks.contains(&words.get(at)));
    if says(&["brauche", "brauchen", "fehlt", "fehlen"]) {
        format!("{missing} liefern")
    } else if says(&["faut", "manque", "besoin", "j'attends", "attendons"]) {
        format!("Fournir {missing}")
    } else if says(&["necesito", "necesitamos", "falta", "esperando"]) {
        format!("Aportar {missing}")
    } else {
        format!("Provide {missing}")
    }
}

/// `sending me the report` (after `would you mind`) and `m'envoyer` become what they ask for.
fn base_form(title: &str) -> String {
    for elided in ["m'", "m’"] {
        if let Some(rest) = title.strip_prefix(elided) {
            return rest.to_owned();
        }
    }
    let (first, rest) = title.split_once(' ').unwrap_or((title, ""));
    if first.len() > 5
        && let Some(stem) = first.strip_suffix("ing")
    {
        let verbs = [stem.to_owned(), format!("{stem}e")];
        if let Some(verb) = verbs.iter().find(|verb| {
            super::act::PLAIN_VERBS.contains(&verb.as_str())
                || super::act::NOUN_VERBS.contains(&verb.as_str())
        }) {
            return format!("{verb} {rest}").trim_end().to_owned();
        }
    }
    title.to_owned()
}

/// Trailing words that a title does not need.
#[rustfmt::skip] // a table: packed, not one word a line
const TAILS: &[&str] = &[
    "please", "thanks", "thank you", "asap", "a.s.a.p", "as soon as possible", "if possible",
    "if you can", "if you could", "when you get a chance", "when you have a chance",
    "when you can", "when you get a minute", "when you have a moment",
    "at your earliest convenience", "soon", "for me", "bitte", "danke", "so bald wie möglich",
    "s'il te plaît", "s'il vous plaît", "svp", "stp", "por favor", "lo antes posible",
    "dès que possible", "and", "or", "-", "–",
];

/// Marks after which a sentence explains instead of asking.
#[rustfmt::skip] // a table: packed, not one word a line
const EXPLANATIONS: &[&str] = &[
    " - ", " -- ", " – ", " — ", "...", "…", "; ", " because ", ", so ", " so that ",
    " so we can ", " so I can ", ", as we ", ", as I ", ", since ", ", da ", ", weil ", ", damit ",
    ", car ", " parce que ", " porque ",
];

/// The title up to where the sentence starts to explain, if enough comes before; and without a
/// parenthesis that was cut open.
fn first_clause(title: &str) -> &str {
    let mut kept = title;
    for mark in EXPLANATIONS {
        if let Some((before, _)) = kept.split_once(mark)
            && before.split_whitespace().count() >= 3
        {
            kept = before;
        }
    }
    match kept.rfind('(') {
        Some(open) if !kept.get(open..).unwrap_or_default().contains(')') && open > 8 => {
            kept.get(..open).unwrap_or_default().trim_end()
        }
        _ => kept,
    }
}

fn finish(title: &str) -> String {
    let mut title = title
        .trim_end_matches([
            ' ', '.', '!', '?', ',', ';', ':', '…', '"', ')', '(', '-', '–', '。', '！', '？', '»',
            '”',
        ])
        .to_owned();
    for _ in 0..3 {
        let lower = title.to_lowercase();
        let Some(tail) = TAILS.iter().find(|tail| {
            lower.len() == title.len()
                && lower.strip_suffix(**tail).is_some_and(|rest| {
                    rest.ends_with([' ', ',']) && rest.trim().chars().count() > 6
                })
        }) else {
            break;
        };
        let kept = title.len() - tail.len();
        title = title
            .get(..kept)
            .unwrap_or_default()
            .trim_end_matches([' ', ',', ';', ':', '-', '–'])
            .to_owned();
    }
    let title = first_clause(&title);
    let title = title.trim_start_matches([' ', '?', '¿', '¡', '"', '(', '«', '“', '-', ',', ':']);
    let mut chars = title.chars();
    let capital: String = match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    };
    if capital.chars().count() <= MAX_CHARS {
        return capital;
    }
    let cut: String = capital.chars().take(MAX_CHARS - 1).collect();
    let kept = match cut.rsplit_once(' ') {
        Some((kept, _)) if kept.chars().count() >= MAX_CHARS / 2 => kept,
        _ => cut.as_str(),
    };
    format!("{}…", kept.trim_end_matches([' ', ',', ';', ':', '-', '(']))
}
