//! Tables of phrases: the form all word rules take, so that a rule is a line of data.
//!
//! A lookup is a binary search over numbers, whatever the size of the table: every word has a key
//! (its first eight bytes), and only words longer than that are compared as text. `_` in a phrase
//! stands for any one word.

use super::words::Words;

/// Phrases with a meaning each.
#[derive(Debug)]
pub(crate) struct Phrases<T> {
    /// A bit for each of the keys, by [`place`]: most words open no phrase, and this says so at once.
    openers: [u64; OPENERS],
    /// The keys of the phrases' first words, ascending; in step with `entries`.
    keys: Vec<u64>,
    entries: Vec<Entry<T>>,
    /// The words of all phrases, one phrase after the other.
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Entry<T> {
    from: usize,
    to: usize,
    /// The key of the second word; `None` where there is none or it is a blank. Common words open
    /// dozens of phrases, and this turns nearly all of them away with one comparison.
    second: Option<u64>,
    tag: T,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    key: u64,
    text: &'static str,
}

impl Part {
    fn is(self, key: u64, word: &str) -> bool {
        self.key == key && (word.len() < KEY_BYTES || self.text == word)
    }
}

/// How many bytes of a word its key holds. A shorter word's key is the word.
const KEY_BYTES: usize = 8;

/// How many times 64 bits a table's openers have: several for each of the largest table's phrases,
/// or most words would be searched for in vain.
const OPENERS: usize = 256;

/// Where a key's bit is among the openers: which number, and the bit in it.
#[inline]
fn place(key: u64) -> (usize, u64) {
    // The upper bits of the product depend on all of the key.
    let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let slot = usize::try_from(mixed >> 56).unwrap_or(0);
    (slot, 1 << ((mixed >> 50) & 63))
}

/// The first bytes of a word as a number.
pub(crate) fn key(word: &str) -> u64 {
    let bytes = word.as_bytes();
    if let Some(first) = bytes.first_chunk() {
        return u64::from_be_bytes(*first);
    }
    let short = bytes
        .iter()
        .fold(0, |key: u64, byte| key << 8 | u64::from(*byte));
    // An empty word has nothing to shift, and 64 places would be too many.
    short
        .checked_shl(8 * u32::try_from(KEY_BYTES - bytes.len()).unwrap_or(0))
        .unwrap_or(0)
}

/// The first words of several tables: one look says that a word opens nothing in any of them.
#[derive(Debug)]
pub(crate) struct Openers([u64; OPENERS]);

impl Openers {
    /// Those of single words; tables are [`Self::and`] added.
    pub(crate) fn of<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        Self::of_keys(words.map(key))
    }

    /// Those of words with these keys.
    pub(crate) fn of_keys(keys: impl Iterator<Item = u64>) -> Self {
        let mut openers = Self([0; OPENERS]);
        for (slot, bit) in keys.map(place) {
            if let Some(bits) = openers.0.get_mut(slot) {
                *bits |= bit;
            }
        }
        openers
    }

    pub(crate) fn and<T>(mut self, table: &Phrases<T>) -> Self {
        for (bits, more) in self.0.iter_mut().zip(table.openers) {
            *bits |= more;
        }
        self
    }

    /// Whether a word of this key may open a phrase; a few that open none pass as well.
    #[inline]
    pub(crate) fn has(&self, key: u64) -> bool {
        let (slot, bit) = place(key);
        self.0.get(slot).is_some_and(|bits| bits & bit != 0)
    }
}

impl<T: Copy> Phrases<T> {
    /// Builds the table: every group is a meaning and its phrases, folded, words joined by a space.
    pub(crate) fn new(groups: &[(T, &[&'static str])]) -> Self {
        let mut parts = Vec::new();
        let mut entries = Vec::new();
        for (tag, phrases) in groups {
            for phrase in *phrases {
                let from = parts.len();
                parts.extend(phrase.split(' ').map(|text| Part {
                    key: key(text),
                    text,
                }));
                entries.push(Entry {
                    from,
                    to: parts.len(),
                    second: parts
                        .get(from + 1)
                        .filter(|part| part.text != "_")
                        .map(|part| part.key),
                    tag: *tag,
                });
            }
        }
        let first = |entry: &Entry<T>| parts.get(entry.from).map_or(0, |part| part.key);
        entries.sort_by_key(first);
        let keys: Vec<u64> = entries.iter().map(first).collect();
        let mut openers = [0; OPENERS];
        for (slot, bit) in keys.iter().map(|key| place(*key)) {
            if let Some(bits) = openers.get_mut(slot) {
                *bits |= bit;
            }
        }
        Self {
            openers,
            keys,
            entries,
            parts,
        }
    }

    /// Whether a word of this key may open a phrase. Asked of every word for every table: it is
    /// worth a copy at each place, where the answer to nearly all of them is no.
    #[inline]
    fn opens(&self, key: u64) -> bool {
        let (slot, bit) = place(key);
        self.openers.get(slot).is_some_and(|bits| bits & bit != 0)
    }

    /// The phrases whose first word has this key.
    fn starting_with(&self, key: u64) -> &[Entry<T>] {
        if !self.opens(key) {
            return &[];
        }
        let from = self.keys.partition_point(|known| *known < key);
        let keys = self.keys.get(from..).unwrap_or_default();
        let count = keys.iter().take_while(|known| **known == key).count();
        self.entries.get(from..from + count).unwrap_or_default()
    }

    /// The words of a phrase.
    fn parts(&self, entry: &Entry<T>) -> &[Part] {
        self.parts.get(entry.from..entry.to).unwrap_or_default()
    }

    /// The longest phrase that starts at word `at`: how many words it has, and what it means.
    #[inline]
    pub(crate) fn longest_at(&self, words: &Words<'_>, at: usize) -> Option<(usize, T)> {
        if self.opens(words.key(at)) {
            self.longest_of(words, at)
        } else {
            None
        }
    }

    fn longest_of(&self, words: &Words<'_>, at: usize) -> Option<(usize, T)> {
        let mut best: Option<(usize, T)> = None;
        let next = words.key(at.saturating_add(1));
        for entry in self.starting_with(words.key(at)) {
            if entry.second.is_some_and(|second| second != next)
                || best.is_some_and(|(longest, _)| entry.to - entry.from <= longest)
            {
                continue;
            }
            let parts = self.parts(entry);
            let fits = (at..).zip(parts).all(|(index, part)| {
                part.is(words.key(index), words.get(index))
                    || (part.text == "_" && index < words.len())
            });
            if fits {
                best = Some((parts.len(), entry.tag));
            }
        }
        best
    }

    /// Every phrase in the words, longest first at each place, not overlapping.
    pub(crate) fn all<'s>(
        &'s self,
        words: &'s Words<'_>,
    ) -> impl Iterator<Item = (usize, usize, T)> + 's {
        let mut at = 0;
        std::iter::from_fn(move || {
            while at < words.len() {
                let start = at;
                if let Some((length, tag)) = self.longest_at(words, start) {
                    at = start + length;
                    return Some((start, length, tag));
                }
                at += 1;
            }
            None
        })
    }

    /// The meanings of a single word (a word may have several).
    pub(crate) fn tags_of(&self, word: &str) -> impl Iterator<Item = T> {
        self.tags_of_key(key(word), word)
    }

    /// The same of a word whose key is known.
    pub(crate) fn tags_of_key(&self, key: u64, word: &str) -> impl Iterator<Item = T> {
        self.starting_with(key)
            .iter()
            .filter_map(move |entry| match self.parts(entry) {
                [part] if part.is(key, word) => Some(entry.tag),
                _ => None,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_phrase_wins_and_a_blank_stands_for_one_word() {
        let table = Phrases::new(&[(1, &["let me", "let me know"]), (2, &["any _ questions"])]);
        let text = "please let me know of any further questions";
        let words = Words::new(text, 0..text.len());
        assert_eq!(
            table.all(&words).collect::<Vec<_>>(),
            [(1, 3, 1), (5, 3, 2)]
        );
    }

    #[test]
    fn words_with_the_same_first_letters_are_told_apart() {
        let table = Phrases::new(&[(1, &["question", "questions", "questionnaire form"])]);
        let found = |text: &str| table.all(&Words::new(text, 0..text.len())).count();
        assert_eq!(
            (found("question"), found("questions"), found("questioning")),
            (1, 1, 0)
        );
        assert_eq!(
            (found("questionnaire form"), found("questionnaire")),
            (1, 0)
        );
        assert_eq!(table.tags_of("questions").count(), 1);
    }
}
