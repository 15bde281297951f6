//! Words: which parts of a text are the author's own, and those parts cut into folded words.
//!
//! Everything above this file compares *folded* words (lower case, no diacritics, straight
//! apostrophes), so that every table of rules is plain ASCII and `mañana` equals `manana`.

use std::ops::Range;

use crate::mail::body::{self, Kind, Region};

use super::phrases::key;

/// The parts of a text that its author wrote: no quotes, no signature. Where the author wrote
/// nothing and forwards something, that is what they say; "FYI" above it is something, and what is
/// asked below it was asked of somebody else. Ranges are bytes on line boundaries, in order.
pub(super) fn own_words(text: &str) -> Vec<Range<usize>> {
    let regions = body::regions(text);
    let is_written = |region: &&Region| {
        region.kind == Kind::Own
            && text
                .get(region.start..region.end)
                .is_some_and(|own| !own.trim().is_empty())
    };
    let own: Vec<_> = regions
        .iter()
        .filter(is_written)
        .map(|own| own.start..own.end)
        .collect();
    if !own.is_empty() {
        return own;
    }
    body::own_text(text, &regions)
        .map(|(region, _)| region.start..region.end)
        .collect()
}

/// One word: where it stands, and its folded form.
#[derive(Debug, Clone)]
struct Word {
    span: Range<usize>,
    folded: Range<usize>,
    key: u64,
}

/// The words of a piece of text. Indexes past the end read as empty, so rules need no bounds.
#[derive(Debug, Clone)]
pub(crate) struct Words<'a> {
    text: &'a str,
    folded: String,
    items: Vec<Word>,
    range: Range<usize>,
    /// Whether some of it is of a script without spaces between words.
    unspaced: bool,
}

impl<'a> Words<'a> {
    /// Cuts `text[range]` into words; spans count in `text`.
    pub(crate) fn new(text: &'a str, range: Range<usize>) -> Self {
        let piece = text.get(range.clone()).unwrap_or_default();
        let mut folded = String::with_capacity(piece.len());
        let mut words = Vec::with_capacity(piece.len() / 5 + 1);
        let mut open: Option<(usize, usize)> = None;
        let mut previous = ' ';
        let mut unspaced = false;
        let mut chars = piece.char_indices().peekable();
        while let Some((at, ch)) = chars.next() {
            let joins = match ch {
                '\'' | '’' | 'ʼ' => {
                    open.is_some() && chars.peek().is_some_and(|(_, next)| next.is_alphabetic())
                }
                '\u{300}'..='\u{36f}' => open.is_some(),
                _ => ch.is_alphanumeric(),
            };
            // `3pm` and `15th` are two words each; `q3` stays one.
            let splits = previous.is_ascii_digit() && ch.is_alphabetic();
            if let Some((start, from)) = open
                && (!joins || splits)
            {
                words.push(Word {
                    span: range.start + start..range.start + at,
                    key: key(folded.get(from..).unwrap_or_default()),
                    folded: from..folded.len(),
                });
                open = None;
            }
            if joins {
                if open.is_none() {
                    open = Some((at, folded.len()));
                }
                fold_into(&mut folded, ch);
            }
            unspaced |= !ch.is_ascii() && is_unspaced(ch);
            previous = ch;
        }
        if let Some((start, from)) = open {
            words.push(Word {
                span: range.start + start..range.start + piece.len(),
                key: key(folded.get(from..).unwrap_or_default()),
                folded: from..folded.len(),
            });
        }
        Self {
            text,
            folded,
            items: words,
            range,
            unspaced,
        }
    }

    /// How many words there are.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// The folded word, empty past the end.
    pub(crate) fn get(&self, index: usize) -> &str {
        self.items
            .get(index)
            .and_then(|word| self.folded.get(word.folded.clone()))
            .unwrap_or_default()
    }

    /// The word's key for tables; that of no word past the end.
    #[inline]
    pub(crate) fn key(&self, index: usize) -> u64 {
        self.items.get(index).map_or(u64::MAX, |word| word.key)
    }

    /// The folded word before `index`, empty before the start.
    pub(crate) fn before(&self, index: usize) -> &str {
        index.checked_sub(1).map_or("", |index| self.get(index))
    }

    /// Where a word stands in the text; past the end, the empty range at the end.
    pub(crate) fn span(&self, index: usize) -> Range<usize> {
        self.items
            .get(index)
            .map_or(self.range.end..self.range.end, |word| word.span.clone())
    }

    /// The word as written.
    pub(crate) fn source(&self, index: usize) -> &'a str {
        self.text.get(self.span(index)).unwrap_or_default()
    }

    /// What stands between a word and the one after it (or the end).
    pub(crate) fn gap_after(&self, index: usize) -> &'a str {
        self.text
            .get(self.span(index).end..self.span(index + 1).start)
            .unwrap_or_default()
    }

    /// Whether a dollar sign stands right before the word: a sum, or a placeholder such as `$LINK`.
    pub(crate) fn before_is_dollar(&self, index: usize) -> bool {
        self.text
            .get(..self.span(index).start)
            .is_some_and(|before| before.ends_with('$'))
    }

    /// Whether the word starts with a capital.
    pub(crate) fn is_capital(&self, index: usize) -> bool {
        self.source(index)
            .chars()
            .next()
            .is_some_and(char::is_uppercase)
    }

    /// The whole piece.
    pub(crate) fn piece(&self) -> &'a str {
        self.text.get(self.range.clone()).unwrap_or_default()
    }

    /// Whether some of it is of a script that puts no spaces between words.
    pub(crate) fn has_unspaced(&self) -> bool {
        self.unspaced
    }

    /// Where the piece stands in the text.
    pub(crate) fn range(&self) -> Range<usize> {
        self.range.clone()
    }
}

/// Folds a whole string.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for ch in text.chars() {
        fold_into(&mut folded, ch);
    }
    folded
}

fn fold_into(out: &mut String, ch: char) {
    if ch.is_ascii() {
        out.push(ch.to_ascii_lowercase());
        return;
    }
    match ch {
        '’' | 'ʼ' => out.push('\''),
        '\u{300}'..='\u{36f}' => {}
        _ => {
            for lower in ch.to_lowercase() {
                match lower {
                    'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => out.push('a'),
                    'ç' | 'ć' | 'č' => out.push('c'),
                    'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => out.push('e'),
                    'ì' | 'í' | 'î' | 'ï' | 'ī' => out.push('i'),
                    'ñ' | 'ń' | 'ň' => out.push('n'),
                    'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => out.push('o'),
                    'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => out.push('u'),
                    'ý' | 'ÿ' => out.push('y'),
                    'š' | 'ś' => out.push('s'),
                    'ž' | 'ź' | 'ż' => out.push('z'),
                    'ł' => out.push('l'),
                    'ß' => out.push_str("ss"),
                    'æ' => out.push_str("ae"),
                    'œ' => out.push_str("oe"),
                    '\u{300}'..='\u{36f}' => {}
                    other => out.push(other),
                }
            }
        }
    }
}

/// Whether a character belongs to a script written without spaces between words.
pub(crate) fn is_unspaced(ch: char) -> bool {
    matches!(ch,
        '\u{0e00}'..='\u{0eff}'      // Thai, Lao
        | '\u{1000}'..='\u{109f}'    // Myanmar
        | '\u{1100}'..='\u{11ff}'    // Hangul Jamo
        | '\u{1780}'..='\u{17ff}'    // Khmer
        | '\u{3005}'..='\u{3007}'    // iteration mark, closing mark, zero
        | '\u{3040}'..='\u{30ff}'    // Hiragana, Katakana
        | '\u{3130}'..='\u{318f}'    // Hangul compatibility Jamo
        | '\u{31f0}'..='\u{31ff}'    // Katakana extensions
        | '\u{3400}'..='\u{4dbf}'    // Han extension A
        | '\u{4e00}'..='\u{9fff}'    // Han
        | '\u{ac00}'..='\u{d7af}'    // Hangul
        | '\u{f900}'..='\u{faff}'    // Han compatibility
        | '\u{ff66}'..='\u{ff9f}'    // halfwidth Katakana
        | '\u{20000}'..='\u{3ffff}') // Han extensions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_keep_their_place() {
        let text = "¿Envíame el INFORME mañana a las 3pm? I’ll";
        let words = Words::new(text, 0..text.len());
        let all: Vec<&str> = (0..words.len()).map(|index| words.get(index)).collect();
        assert_eq!(
            all,
            [
                "enviame", "el", "informe", "manana", "a", "las", "3", "pm", "i'll"
            ]
        );
        assert_eq!(words.source(3), "mañana");
        assert_eq!(words.gap_after(7), "? ");
        assert_eq!(words.get(99), "");
    }
}
