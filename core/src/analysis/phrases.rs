//! Tables of phrases: the form all word rules take, so that a rule is a line of data.
//!
//! A lookup costs a binary search on the first word, whatever the size of the table. `_` in a
//! phrase stands for any one word.

use super::words::Words;

/// Phrases with a meaning each.
#[derive(Debug)]
pub(super) struct Phrases<T> {
    entries: Vec<(&'static str, &'static str, T)>,
}

impl<T: Copy> Phrases<T> {
    /// Builds the table: every group is a meaning and its phrases, folded, words joined by a space.
    pub(super) fn new(groups: &[(T, &[&'static str])]) -> Self {
        let mut entries: Vec<(&str, &str, T)> = groups
            .iter()
            .flat_map(|(tag, phrases)| {
                phrases.iter().map(|phrase| {
                    let (first, rest) = phrase.split_once(' ').unwrap_or((phrase, ""));
                    (first, rest, *tag)
                })
            })
            .collect();
        entries.sort_by_key(|(first, _, _)| *first);
        Self { entries }
    }

    /// The longest phrase that starts at word `at`: how many words it has, and what it means.
    pub(super) fn longest_at(&self, words: &Words<'_>, at: usize) -> Option<(usize, T)> {
        let first = words.get(at);
        if first.is_empty() {
            return None;
        }
        let from = self.entries.partition_point(|(key, _, _)| *key < first);
        let mut best: Option<(usize, T)> = None;
        for (_, rest, tag) in self
            .entries
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|(key, _, _)| *key == first)
        {
            let mut length = 1;
            let fits = rest.split_ascii_whitespace().all(|part| {
                let word = words.get(at + length);
                length += 1;
                part == word || (part == "_" && !word.is_empty())
            });
            if fits && best.is_none_or(|(longest, _)| length > longest) {
                best = Some((length, *tag));
            }
        }
        best
    }

    /// Every phrase in the words, longest first at each place, not overlapping.
    pub(super) fn all<'s>(
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
    pub(super) fn tags_of(&self, word: &str) -> impl Iterator<Item = T> {
        let from = self.entries.partition_point(|(key, _, _)| *key < word);
        let entries = self.entries.get(from..).unwrap_or_default();
        let count = entries
            .iter()
            .take_while(|(key, _, _)| *key == word)
            .count();
        entries
            .iter()
            .take(count)
            .filter(|(_, rest, _)| rest.is_empty())
            .map(|(_, _, tag)| *tag)
    }

    /// Whether any phrase stands anywhere in the words.
    pub(super) fn any(&self, words: &Words<'_>) -> bool {
        self.all(words).next().is_some()
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
}
