//! What the classifier looks at in a sentence: its words in ones, twos and threes, how it starts
//! and ends, its length, and what the rules found.
//!
//! A feature is a number: the hash of its kind and its parts. Nothing is allocated, so that a
//! sentence costs a few microseconds.

use crate::analysis::act::{CUES, Cue};
use crate::analysis::request::{Act, Form, Head, Kind};
use crate::analysis::words::Words;

/// The kinds of features; a number is part of the stored weights' meaning.
#[derive(Debug, Clone, Copy)]
enum Looks {
    Word = 1,
    Pair = 2,
    Triple = 3,
    Mark = 4,
    End = 5,
    First = 6,
    FirstTwo = 7,
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

/// A number up to 255, which is all larger ones are too.
fn small(number: usize) -> u32 {
    u8::try_from(number).map_or(255, u32::from)
}

/// A word as the classifier sees it: of a number only its length, and a placeholder such as
/// `$LINK` apart from the word.
fn seen(words: &Words<'_>, at: usize) -> u32 {
    let word = words.get(at);
    if word.is_empty() {
        return EDGE;
    }
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return mix(1, small(word.len().min(5)));
    }
    let placeholder = words.before_is_dollar(at);
    word.bytes()
        .fold(if placeholder { 2 } else { 3 }, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        })
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
pub(super) fn each(words: &Words<'_>, head: Head, act: Option<Act>, found: &mut impl FnMut(u32)) {
    let piece = words.piece();
    let end = end_mark(piece);
    let mut is = |looks: Looks, part: u32, other: u32| {
        found(mix(mix(mix(0, looks as u32), part), other));
    };
    is(Looks::Length, length(words.len()), 0);
    is(Looks::End, end, 0);
    for ch in piece.chars().filter(|ch| is_mark(*ch)) {
        is(Looks::Mark, u32::from(ch), 0);
    }
    let (mut before, mut last) = (EDGE, EDGE);
    let mut persons = 0;
    for at in 0..words.len() {
        let word = seen(words, at);
        persons |= person(words.get(at));
        is(Looks::Word, word, 0);
        is(Looks::Pair, last, word);
        if at > 0 {
            is(Looks::Triple, mix(before, last), word);
        }
        (before, last) = (last, word);
    }
    is(Looks::Pair, last, EDGE);
    is(Looks::Triple, mix(before, last), EDGE);
    is(Looks::Persons, persons, 0);
    let (first, second) = (seen(words, 0), seen(words, 1));
    is(Looks::First, first, 0);
    is(Looks::FirstTwo, first, second);
    is(Looks::FirstAndEnd, first, end);
    let (opening, next) = (seen(words, head.start), seen(words, head.start + 1));
    is(Looks::HeadWord, opening, 0);
    is(Looks::HeadTwo, opening, next);
    is(
        Looks::HeadAt,
        small(head.start.min(3)),
        u32::from(head.addressee.is_some()),
    );
    let kind = act.map_or(0, |act| 1 + number(act.kind) * 4 + form(act.form));
    is(Looks::Kind, kind, 0);
    is(Looks::KindAndEnd, kind, u32::from(end == u32::from('?')));
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
