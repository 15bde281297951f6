//! Numbers of days and weeks in words, counted from a day.

use std::ops::Range;

use crate::analysis::words::Words;
use crate::calendar::civil::Day;
use crate::dates::vocabulary::{digits, number};

use super::days::{Found, ask, found};
use super::facts::{Ask, Days};
use super::plain;
use super::reader::Reader;
use super::vocabulary::{DAY, MONTH, UNITS};

/// Numbers up to 31 that mail has no word for.
#[rustfmt::skip] // a table: packed, not one word a line
const NUMBERS: &[(u32, &[&str])] = &[
    (13, &["thirteen", "dreizehn", "treize", "trece"]),
    (14, &["fourteen", "vierzehn", "quatorze", "catorce"]),
    (16, &["sixteen", "sechzehn", "seize", "dieciseis"]),
    (17, &["seventeen", "siebzehn", "diecisiete"]),
    (18, &["eighteen", "achtzehn", "dieciocho"]),
    (19, &["nineteen", "neunzehn", "diecinueve"]),
    (21, &["einundzwanzig", "veintiun", "veintiuno", "veintiuna"]),
    (22, &["zweiundzwanzig", "veintidos"]),
    (23, &["dreiundzwanzig", "veintitres"]),
    (24, &["vierundzwanzig", "veinticuatro"]),
    (25, &["funfundzwanzig", "veinticinco"]),
    (26, &["sechsundzwanzig", "veintiseis"]),
    (27, &["siebenundzwanzig", "veintisiete"]),
    (28, &["achtundzwanzig", "veintiocho"]),
    (29, &["neunundzwanzig", "veintinueve"]),
    (31, &["einunddreissig"]),
];

/// A number at a word: how many words, and which. `twenty-one`, `vingt et un`, `treinta y uno`,
/// `dix-sept` are several words.
pub(super) fn number_at(words: &Words<'_>, at: usize) -> Option<(usize, u32)> {
    let word = words.get(at);
    let known = NUMBERS.iter().find(|(_, names)| names.contains(&word));
    let tens = known.map(|(value, _)| *value).or_else(|| number(word))?;
    if digits(word, 4).is_none()
        && matches!(tens, 10 | 20 | 30)
        && matches!(
            words.gap_after(at).trim(),
            "" | "-" | "\u{2010}" | "\u{2011}"
        )
    {
        let place = at + 1 + usize::from(matches!(words.get(at + 1), "et" | "y"));
        let one = words.get(place);
        let least = if tens == 10 { 7 } else { 1 };
        if digits(one, 4).is_none()
            && !matches!(one, "a" | "an")
            && let Some(more) = number(one).filter(|more| (least..=9).contains(more))
        {
            return Some((place + 1 - at, tens + more));
        }
    }
    (1..=400).contains(&tens).then_some((1, tens))
}

impl Reader<'_> {
    /// `today in a week`: the words from `at` up to `end` are a day, counted from which others follow.
    pub(super) fn counted_from(&self, at: usize, end: usize, day: Day) -> Found {
        if !matches!(self.words.get(end), "in" | "dans" | "en")
            || self.words.gap_after(end - 1) != " "
        {
            return None;
        }
        let place = end + 1;
        let (length, count) = number_at(&self.words, place)?;
        let unit_at = place + length;
        let (more, unit) = UNITS.longest_at(&self.words, unit_at)?;
        let end = unit_at + more;
        if !(DAY..MONTH).contains(&unit) {
            return None;
        }
        if let Some(asked) = self.idiom(at..end, unit_at, day) {
            return ask(asked);
        }
        let days = i32::try_from(unit / DAY * count).ok()?;
        found(end, Days::Range(day + days, day + days))
    }

    /// `in acht Tagen`, `dans quinze jours`: in words they are a week and two weeks for some, and so
    /// many days for others. The unit of them stands at a word.
    pub(super) fn idiom(&self, words: Range<usize>, unit_at: usize, from: Day) -> Option<Ask> {
        let days = matches!(self.words.get(unit_at), "tage" | "tagen" | "jours" | "dias");
        let (weeks, count) = match self.words.before(unit_at) {
            "acht" | "huit" | "ocho" => (1, 8),
            "quinze" | "quince" => (2, 15),
            _ => return None,
        };
        let (one, other) = (from + 7 * weeks, from + count);
        days.then(|| {
            Ask::new(
                "how_many",
                words,
                format!("Is that {} days, or {count}?", 7 * weeks),
            )
            .or(plain::day(one), plain::iso(one))
            .or(plain::day(other), plain::iso(other))
        })
    }
}
