//! Sentences with their places, in text as people mail it: wrapped lines, bullets, abbreviations.
//!
//! A sentence never starts or ends in white space, never crosses a range of own words, and is
//! always a substring of the text.

use std::ops::Range;

use super::words::{fold, own_words};

/// How many sentences are read; a message that says more than this says nothing more to us.
const MAX_SENTENCES: usize = 600;

/// How many bytes a line may have in common with its neighbours to count as wrapped at a margin.
const USUAL_MARGIN: usize = 60;

/// One sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    /// Its bytes in the text.
    pub(super) range: Range<usize>,
    /// The number of its paragraph (a list item is one of its own).
    pub(super) paragraph: usize,
}

/// Cuts the author's own words into sentences.
pub(super) fn sentences(text: &str) -> Vec<Sentence> {
    let mut out = Vec::new();
    let mut paragraph = 0;
    for own in own_words(text) {
        for block in blocks(text, own) {
            if block.opens_paragraph {
                paragraph += 1;
            }
            split_block(text, block.range, paragraph, &mut out);
            if out.len() >= MAX_SENTENCES {
                out.truncate(MAX_SENTENCES);
                return out;
            }
        }
        paragraph += 1;
    }
    out
}

/// A run of lines that one sentence may cross.
struct Block {
    range: Range<usize>,
    opens_paragraph: bool,
}

fn blocks(text: &str, own: Range<usize>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut at = own.start;
    let lines: Vec<(usize, &str)> = text
        .get(own)
        .unwrap_or_default()
        .split_inclusive('\n')
        .map(|line| {
            let start = at;
            at += line.len();
            (start, line.trim_end())
        })
        .collect();
    let mut previous: Option<&str> = None;
    // The widest of the lines near by: a margin is a local habit, and this keeps the pass linear.
    let mut margin = USUAL_MARGIN;
    for (index, (start, line)) in lines.iter().enumerate() {
        if line.trim().is_empty() {
            previous = None;
            continue;
        }
        if previous.is_none() {
            margin = lines
                .get(index..)
                .unwrap_or_default()
                .iter()
                .take(12)
                .take_while(|(_, near)| !near.trim().is_empty())
                .map(|(_, near)| near.len())
                .fold(USUAL_MARGIN, usize::max)
                .min(100);
        }
        let marker = marker_length(line);
        let continues = marker == 0 && previous.is_some_and(|above| wraps(above, line, margin));
        let end = start + line.len();
        match blocks.last_mut() {
            Some(block) if continues => block.range.end = end,
            _ => blocks.push(Block {
                range: start + marker..end,
                opens_paragraph: previous.is_none() || marker > 0,
            }),
        }
        previous = Some(line);
    }
    blocks
}

/// Whether a line goes on in the next one.
fn wraps(above: &str, line: &str, margin: usize) -> bool {
    let above = above.trim();
    let line = line.trim();
    let ends = above.chars().next_back().unwrap_or(' ');
    if matches!(ends, ',' | ':' | '!') && above.split_ascii_whitespace().count() <= 4 {
        return false; // a greeting or a heading on a line of its own
    }
    let first = line.split_whitespace().next().unwrap_or_default();
    if above.len() + 1 + first.len() > margin {
        return true; // it would not have fitted: the margin broke the line, not the author
    }
    let lower = first.chars().next().is_some_and(char::is_lowercase);
    lower && !matches!(ends, '.' | '!' | '?' | ':' | ';')
}

/// The length of a bullet or number that opens a list item, with the space after it.
fn marker_length(line: &str) -> usize {
    let indent = line.len() - line.trim_start().len();
    let rest = line.trim_start();
    let mut chars = rest.char_indices();
    let Some((_, first)) = chars.next() else {
        return 0;
    };
    let after = if matches!(
        first,
        '-' | '*' | '•' | '‣' | '◦' | '–' | '—' | '·' | '+' | '▪' | '□' | '☐'
    ) {
        first.len_utf8()
    } else if first.is_ascii_digit() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        match rest.as_bytes().get(digits) {
            Some(b'.' | b')') if digits <= 2 => digits + 1,
            _ => return 0,
        }
    } else if first.is_ascii_alphabetic() && rest.as_bytes().get(1) == Some(&b')') {
        2
    } else if first == '[' && matches!(rest.as_bytes().get(2), Some(b']')) {
        3
    } else {
        return 0;
    };
    let tail = rest.get(after..).unwrap_or_default();
    let spaces = tail.len() - tail.trim_start().len();
    if spaces == 0 || tail.trim().is_empty() {
        0
    } else {
        indent + after + spaces
    }
}

fn split_block(text: &str, block: Range<usize>, paragraph: usize, out: &mut Vec<Sentence>) {
    let piece = text.get(block.clone()).unwrap_or_default();
    let mut start = piece.len() - piece.trim_start().len();
    let mut chars = piece.char_indices().peekable();
    while let Some((at, ch)) = chars.next() {
        let wide = matches!(ch, '。' | '！' | '？' | '｡');
        if !wide && !matches!(ch, '.' | '!' | '?' | '…') {
            continue;
        }
        let mut end = at + ch.len_utf8();
        while let Some((next_at, next)) = chars.peek().copied() {
            if !matches!(
                next,
                '.' | '!'
                    | '?'
                    | '…'
                    | '。'
                    | '！'
                    | '？'
                    | '"'
                    | '\''
                    | ')'
                    | ']'
                    | '”'
                    | '’'
                    | '»'
                    | '」'
                    | '』'
            ) {
                break;
            }
            end = next_at + next.len_utf8();
            chars.next();
        }
        let spaced = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        if !(wide || spaced) {
            continue;
        }
        if ch == '.' && end == at + 1 {
            let before = piece.get(start..at).unwrap_or_default();
            let after = piece.get(end..).unwrap_or_default();
            if !period_ends(before, after) {
                continue;
            }
        }
        push(text, block.start + start..block.start + end, paragraph, out);
        let rest = piece.get(end..).unwrap_or_default();
        start = end + (rest.len() - rest.trim_start().len());
        if out.len() > MAX_SENTENCES {
            return;
        }
    }
    push(text, block.start + start..block.end, paragraph, out);
}

fn push(text: &str, range: Range<usize>, paragraph: usize, out: &mut Vec<Sentence>) {
    let piece = text.get(range.clone()).unwrap_or_default();
    let start = range.start + (piece.len() - piece.trim_start().len());
    let trimmed = piece.trim();
    if trimmed.chars().any(char::is_alphanumeric) {
        out.push(Sentence {
            range: start..start + trimmed.len(),
            paragraph,
        });
    }
}

/// Words after which a full stop ends nothing.
#[rustfmt::skip] // a table: packed, not one word a line
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs", "etc", "eg", "e.g", "ie", "i.e", "cf",
    "approx", "dept", "est", "fig", "inc", "ltd", "co", "corp", "no", "nr", "tel", "ext", "p.s",
    "ps", "a.m", "p.m", "u.s", "ca", "bzw", "z.b", "d.h", "u.a", "usw", "inkl", "evtl", "ggf",
    "str", "hr", "fr", "sra", "srta", "mme", "mlle", "ref", "jan", "feb", "mar", "apr", "jun",
    "jul", "aug", "sep", "sept", "oct", "nov", "dec", "gov", "sen", "rep", "ave", "blvd",
];

/// Abbreviations that may well end a sentence: they do when a capital follows.
const ENDING_ABBREVIATIONS: &[&str] = &[
    "a.m", "p.m", "etc", "inc", "ltd", "co", "corp", "u.s", "usw", "ave", "est", "no",
];

fn period_ends(before: &str, after: &str) -> bool {
    let word = before
        .rsplit(|ch: char| ch.is_whitespace() || ch == '(')
        .next()
        .unwrap_or_default();
    let next = after.trim_start();
    let next_first = next.chars().next();
    let capital_follows = next_first.is_some_and(|ch| !ch.is_lowercase() && !ch.is_ascii_digit());
    let folded = fold(word);
    if ABBREVIATIONS.contains(&folded.as_str()) {
        return next.is_empty()
            || (capital_follows && ENDING_ABBREVIATIONS.contains(&folded.as_str()));
    }
    if !word.is_empty() && word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit()) {
        // `am 15. März`, `3. Quartal`: a German ordinal; `by the 15. Thanks`: an end.
        let next_word = fold(
            next.split(|ch: char| !ch.is_alphanumeric())
                .next()
                .unwrap_or_default(),
        );
        let start_of_sentence = before.len() == word.len();
        return !start_of_sentence && !crate::dates::is_month(&next_word) && capital_follows;
    }
    // `J. Smith`; but `plan B. Then` is too rare to care.
    !(word.chars().count() == 1 && word.chars().all(char::is_uppercase) && word != "I")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text)
            .into_iter()
            .filter_map(|sentence| text.get(sentence.range))
            .collect()
    }

    #[test]
    fn abbreviations_initials_and_numbers_do_not_end_a_sentence() {
        assert_eq!(
            split("Dr. Smith saw J. Doe at 3.30 p.m. today. Costs rose, e.g. rent. Call ext. 12."),
            [
                "Dr. Smith saw J. Doe at 3.30 p.m. today.",
                "Costs rose, e.g. rent.",
                "Call ext. 12."
            ]
        );
        assert_eq!(
            split("Bitte bis zum 15. März senden. Danke!"),
            ["Bitte bis zum 15. März senden.", "Danke!"]
        );
        assert_eq!(
            split("Meet at 3 p.m. Bring Bob."),
            ["Meet at 3 p.m.", "Bring Bob."]
        );
        assert_eq!(
            split("See www.example.com/a.b?c=d for more."),
            ["See www.example.com/a.b?c=d for more."]
        );
    }

    #[test]
    fn wrapped_lines_are_one_sentence_and_greetings_their_own() {
        let text = "Hi Bob,\nCould you please send the quarterly numbers to the whole finance\nteam by Friday? Thanks\n\nAl";
        assert_eq!(
            split(text),
            [
                "Hi Bob,",
                "Could you please send the quarterly numbers to the whole finance\nteam by Friday?",
                "Thanks"
            ]
        );
    }

    #[test]
    fn every_list_item_is_its_own_sentence_without_its_marker() {
        let text =
            "To do:\n- Send the deck\n- Book a room for\n  ten people\n1. Call Ann\n2) Pay\n";
        assert_eq!(
            split(text),
            [
                "To do:",
                "Send the deck",
                "Book a room for\n  ten people",
                "Call Ann",
                "Pay"
            ]
        );
    }

    #[test]
    fn wide_punctuation_ends_sentences_without_a_space() {
        assert_eq!(
            split("資料を送ってください。明日まで！いいですか？"),
            ["資料を送ってください。", "明日まで！", "いいですか？"]
        );
    }
}
