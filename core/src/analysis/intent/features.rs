//! What the classifier looks at in a sentence: its words and marks in ones, twos and threes, and,
//! counted apart from them, how it starts and ends, its length, and what the rules found.
//!
//! A feature is a number: the hash of its kind and its parts. Nothing is allocated, so that a
//! sentence costs a few microseconds.

use crate::analysis::act::{CUES, Cue, PLAIN_VERBS};
use crate::analysis::request::{Act, Form, Head, Kind};
use crate::analysis::words::Words;

/// The parts of what is looked at. Each counts as much as the other, however many features it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The words and marks in a row.
    Wording,
    /// What the rules found, and how it starts and ends.
    Rules,
}

/// The kinds of features; a number is part of the stored weights' meaning.
#[derive(Debug, Clone, Copy)]
enum Looks {
    Token = 1,
    Pair = 2,
    Triple = 3,
    Mark = 4,
    End = 5,
    First = 6,
    FirstTwo = 7,
    LastTwo = 8,
    FirstAndEnd = 9,
    Length = 10,
    Kind = 11,
    Surety = 12,
    KindAndEnd = 13,
    Cue = 14,
    CueAtHead = 15,
    CueAndNext = 16,
    HeadWord = 17,
    HeadTwo = 18,
    HeadAt = 19,
    Persons = 20,
    Action = 21,
    CueAndEnd = 22,
    KindAndPersons = 23,
    KindAndLength = 24,
    PlainVerb = 25,
    PersonAndNext = 26,
    BeforePerson = 27,
}

/// Stands for the start and the end of a sentence among its words.
const EDGE: u32 = 0x5bd1_e995;

/// One step of the hash.
const fn mix(hash: u32, part: u32) -> u32 {
    let mixed = (hash ^ part).wrapping_mul(0x85eb_ca6b);
    (mixed ^ (mixed >> 15))
        .wrapping_mul(0x9e37_79b1)
        .rotate_left(13)
}

/// The hash of a feature.
const fn feature(looks: Looks, part: u32, other: u32) -> u32 {
    mix(mix(mix(0, looks as u32), part), other)
}

/// A number up to 255, which is all larger ones are too.
fn small(number: usize) -> u32 {
    u8::try_from(number).map_or(255, u32::from)
}

/// The hash of letters, lower-cased.
fn letters(word: &str, seed: u32) -> u32 {
    word.chars()
        .flat_map(char::to_lowercase)
        .fold(seed, |hash, ch| {
            let ch = if ch == '’' { '\'' } else { ch };
            (hash ^ u32::from(ch)).wrapping_mul(0x0100_0193)
        })
}

/// A word as the rules see it: of a number only its length, and a placeholder such as `$LINK`
/// apart from the word.
fn seen(words: &Words<'_>, at: usize) -> u32 {
    let word = words.get(at);
    if word.is_empty() {
        return EDGE;
    }
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return mix(1, small(word.len().min(5)));
    }
    letters(word, if words.before_is_dollar(at) { 2 } else { 3 })
}

/// How web addresses begin; all are the same token, that of the placeholder.
const ADDRESSES: [&str; 3] = ["http://", "https://", "www."];

/// An apostrophe that was read in the wrong encoding twice.
const DEBRIS: &str = "ï¿½";

/// Splits the first token off: a word with what follows an apostrophe in it, a number, or a single
/// mark. Marks count as words do: `, please` and `! Click` say much.
fn token(text: &str) -> Option<(u32, &str)> {
    let text = text.trim_start();
    let first = text.chars().next()?;
    if let Some(rest) = text.strip_prefix(DEBRIS) {
        return Some((mix(2, u32::from('\'')), rest));
    }
    if ADDRESSES.iter().any(|start| text.starts_with(start)) {
        let rest = text.find(char::is_whitespace);
        let rest = rest.and_then(|end| text.get(end..)).unwrap_or_default();
        return Some((letters("$link", 3), rest));
    }
    if first.is_ascii_digit() {
        let rest = text.trim_start_matches(|ch: char| ch.is_ascii_digit());
        return Some((mix(1, small((text.len() - rest.len()).min(4))), rest));
    }
    let unmarked = text.strip_prefix('$').unwrap_or(text);
    let mut rest = unmarked.trim_start_matches(char::is_alphabetic);
    if rest.len() == unmarked.len() {
        let rest = text.get(first.len_utf8()..).unwrap_or_default();
        return Some((
            mix(2, u32::from(if first == '’' { '\'' } else { first })),
            rest,
        ));
    }
    if let Some(more) = rest.strip_prefix(['\'', '’']) {
        let end = more.trim_start_matches(char::is_alphabetic);
        if end.len() < more.len() {
            rest = end;
        }
    }
    let word = text.get(..text.len() - rest.len()).unwrap_or_default();
    Some((letters(word, 3), rest))
}

/// The last mark of a sentence, of those that say something.
fn end_mark(piece: &str) -> u32 {
    let last = piece
        .trim_end_matches(['"', '\'', ')', ' ', '”', '\u{a0}'])
        .chars()
        .next_back()
        .unwrap_or(' ');
    match last {
        '?' | '!' | '.' | ':' | ',' => u32::from(last),
        _ => 0,
    }
}

/// Calls `found` with each feature.
pub(super) fn each(
    words: &Words<'_>,
    head: Head,
    act: Option<Act>,
    found: &mut impl FnMut(View, u32),
) {
    wording(words.piece(), &mut |feature| found(View::Wording, feature));
    rules(words, head, act, &mut |looks, part, other| {
        found(View::Rules, feature(looks, part, other));
    });
}

/// The tokens in ones, twos and threes.
fn wording(piece: &str, found: &mut impl FnMut(u32)) {
    let (mut before, mut last, mut rest) = (EDGE, EDGE, piece);
    let mut is_first = true;
    while let Some((token, behind)) = token(rest) {
        found(feature(Looks::Token, token, 0));
        found(feature(Looks::Pair, last, token));
        if !is_first {
            found(feature(Looks::Triple, mix(before, last), token));
        }
        (before, last, rest, is_first) = (last, token, behind, false);
    }
    found(feature(Looks::Pair, last, EDGE));
    found(feature(Looks::Triple, mix(before, last), EDGE));
}

/// What the rules found, and the places that they look at.
fn rules(words: &Words<'_>, head: Head, act: Option<Act>, is: &mut impl FnMut(Looks, u32, u32)) {
    let piece = words.piece();
    let end = end_mark(piece);
    let asks = u32::from(end == u32::from('?'));
    let length = length(words.len());
    is(Looks::Length, length, 0);
    is(Looks::End, end, 0);
    for ch in piece.chars().filter(|ch| is_mark(*ch)) {
        is(Looks::Mark, u32::from(ch), 0);
    }
    let mut persons = 0;
    for at in 0..words.len() {
        let (one, next) = (person(words.get(at)), person(words.get(at + 1)));
        persons |= one;
        if matches!(one, 1 | 2 | 4) && at + 1 < words.len() {
            is(Looks::PersonAndNext, one, seen(words, at + 1));
        }
        if matches!(next, 1 | 2 | 4) {
            is(Looks::BeforePerson, next, seen(words, at));
        }
    }
    is(Looks::Persons, persons, 0);
    let (first, second) = (seen(words, 0), seen(words, 1));
    is(Looks::First, first, 0);
    is(Looks::FirstTwo, first, second);
    is(Looks::FirstAndEnd, first, end);
    let last = words.len().saturating_sub(1);
    is(
        Looks::LastTwo,
        seen(words, last.saturating_sub(1)),
        seen(words, last),
    );
    let (opening, next) = (seen(words, head.start), seen(words, head.start + 1));
    is(Looks::HeadWord, opening, 0);
    is(Looks::HeadTwo, opening, next);
    is(
        Looks::HeadAt,
        small(head.start.min(3)),
        u32::from(head.addressee.is_some()),
    );
    if PLAIN_VERBS.contains(&words.get(head.start)) {
        is(Looks::PlainVerb, 0, 0);
        is(Looks::PlainVerb, 1, persons);
    }
    let kind = act.map_or(0, |act| 1 + number(act.kind) * 4 + form(act.form));
    is(Looks::Kind, kind, 0);
    is(Looks::KindAndEnd, kind, asks);
    is(Looks::KindAndPersons, kind, persons);
    is(Looks::KindAndLength, kind, length / 3);
    if let Some(act) = act {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a confidence is between 0 and 1"
        )]
        let surety = (act.confidence * 20.0) as u32;
        is(Looks::Surety, kind, surety);
        is(Looks::Action, kind, seen(words, act.action));
    }
    for (at, length, cue) in CUES.all(words) {
        let cue = cue_number(cue);
        is(Looks::Cue, cue, 0);
        is(Looks::CueAtHead, cue, u32::from(at <= head.start + 1));
        is(Looks::CueAndNext, cue, seen(words, at + length));
        is(Looks::CueAndEnd, cue, asks);
    }
}

/// Lengths by steps that grow.
fn length(words: usize) -> u32 {
    match words {
        0..=6 => small(words),
        7..=8 => 7,
        9..=11 => 8,
        12..=15 => 9,
        16..=22 => 10,
        23..=31 => 11,
        32..=45 => 12,
        _ => 13,
    }
}

/// Marks that say something of a sentence.
fn is_mark(ch: char) -> bool {
    matches!(
        ch,
        '?' | '!'
            | '.'
            | ','
            | ':'
            | ';'
            | '$'
            | '@'
            | '/'
            | '>'
            | '|'
            | '*'
            | '%'
            | '&'
            | '"'
            | '('
            | '-'
    )
}

/// Who a word is about: the author, both, the reader, or others, a bit each.
fn person(word: &str) -> u32 {
    match word {
        "i" | "i'll" | "i'd" | "i'm" | "i've" | "me" | "my" => 1,
        "we" | "us" | "our" | "we'll" | "let's" | "we're" => 2,
        "you" | "your" | "you'll" | "you're" | "you've" | "you'd" => 4,
        "he" | "she" | "they" | "his" | "her" | "their" | "him" | "them" => 8,
        _ => 0,
    }
}

const fn number(kind: Kind) -> u32 {
    match kind {
        Kind::Request => 0,
        Kind::Proposal => 1,
        Kind::Commitment => 2,
        Kind::Question => 3,
        Kind::Courtesy => 4,
        Kind::Click => 5,
    }
}

const fn form(form: Form) -> u32 {
    match form {
        Form::Plain => 0,
        Form::Bare => 1,
        Form::Lack => 2,
    }
}

const fn cue_number(cue: Cue) -> u32 {
    match cue {
        Cue::Ask => 0,
        Cue::Please => 1,
        Cue::AskForeign => 2,
        Cue::Action => 3,
        Cue::Lack => 4,
        Cue::Await => 5,
        Cue::Oblige => 6,
        Cue::Propose => 7,
        Cue::Meet => 8,
        Cue::Promise => 9,
        Cue::PromiseForeign => 10,
        Cue::Courtesy => 11,
        Cue::Click => 12,
        Cue::Told => 13,
    }
}
