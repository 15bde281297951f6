//! Full-text search: what goes into the index and how a person's words become a query.
//!
//! Made for `SQLite` FTS5 with `unicode61 remove_diacritics 2`, which cuts words at spaces and
//! punctuation and so takes a whole sentence of Chinese or Japanese for one word. Both sides
//! therefore spell such scripts out in single characters.
//!
//! Invariant: whatever a person types, a match expression holds only quoted strings, `*` behind
//! one, and spaces between them (FTS5 reads a space as AND). Nothing typed can act as syntax.

use crate::analysis::is_unspaced;

/// How many terms a query can have; the rest is dropped. FTS5 intersects a list for each.
pub const MAX_TERMS: usize = 16;

/// How many characters of a term count.
const MAX_TERM_CHARS: usize = 64;

/// From how many characters on the last word matches words that only start with it.
const PREFIX_CHARS: usize = 3;

/// The text as the index wants it: characters of unspaced scripts stand alone, all else as it is.
pub fn index_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let mut previous: Option<char> = None;
    for ch in text.chars() {
        let apart = match previous {
            Some(before) => {
                !before.is_whitespace()
                    && !ch.is_whitespace()
                    && !joins(ch)
                    && (stands_alone(before) || stands_alone(ch))
            }
            None => false,
        };
        if apart {
            out.push(' ');
        }
        out.push(ch);
        if !joins(ch) {
            previous = Some(ch);
        }
    }
    out
}

/// Turns what a person types into an FTS5 expression; `None` if there is nothing to search for.
pub fn match_expression(query: &str) -> Option<String> {
    let mut terms: Vec<String> = Vec::new();
    let mut last_is_prefix = false;
    for piece in query.split(|ch: char| ch.is_whitespace() || ch.is_control()) {
        if terms.len() >= MAX_TERMS {
            last_is_prefix = false;
            break;
        }
        let Some((phrase, is_prefix)) = phrase(piece) else {
            continue;
        };
        terms.push(phrase);
        last_is_prefix = is_prefix;
    }
    let mut expression = terms.join(" ");
    if last_is_prefix {
        expression.push('*');
    }
    (!expression.is_empty()).then_some(expression)
}

/// One typed word as a quoted phrase, and whether it may match as a prefix.
fn phrase(piece: &str) -> Option<(String, bool)> {
    let piece: String = piece.chars().take(MAX_TERM_CHARS).collect();
    if !piece.chars().any(is_token) {
        return None;
    }
    let latin = !piece.chars().any(stands_alone);
    // `foo.` is done being typed; a prefix needs its last characters in one word.
    let tail = piece.chars().rev().take_while(|ch| is_token(*ch)).count();
    let spelled = index_text(&piece).replace('"', "\"\"");
    Some((format!("\"{spelled}\""), latin && tail >= PREFIX_CHARS))
}

/// Whether the tokenizer makes a token of it: letters and digits.
fn is_token(ch: char) -> bool {
    ch.is_alphanumeric() && !joins(ch)
}

/// Whether the character is a word by itself in the index.
fn stands_alone(ch: char) -> bool {
    is_unspaced(ch) && ch.is_alphanumeric()
}

/// Marks that belong to the character before (Thai vowels and tones, voiced kana, accents).
fn joins(ch: char) -> bool {
    matches!(ch, '\u{300}'..='\u{36f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{3099}' | '\u{309a}' | '\u{fe00}'..='\u{fe0f}' | '\u{ff9e}' | '\u{ff9f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn unspaced_scripts_are_spelled_out_and_all_else_stays() {
        for (text, expected) in [
            ("Hello, wörld!", "Hello, wörld!"),
            ("東京に行く", "東 京 に 行 く"),
            ("会議meeting資料", "会 議 meeting 資 料"),
            ("資料。次", "資 料 。 次"),
            ("안녕하세요 Bob", "안 녕 하 세 요 Bob"),
            ("สวัสดี", "ส วั ส ดี"),
            ("ハード ディスク", "ハ ー ド デ ィ ス ク"),
            ("", ""),
        ] {
            assert_eq!(index_text(text), expected, "{text}");
        }
    }

    #[test]
    fn typed_words_become_quoted_terms() {
        for (query, expected) in [
            ("quarterly rep", Some("\"quarterly\" \"rep\"*")),
            ("a b", Some("\"a\" \"b\"")),
            ("cats AND dogs", Some("\"cats\" \"AND\" \"dogs\"*")),
            ("NOT", Some("\"NOT\"*")),
            ("NEAR(a b)", Some("\"NEAR(a\" \"b)\"")),
            ("foo@bar.com", Some("\"foo@bar.com\"*")),
            ("c++", Some("\"c++\"")),
            ("subject:hello", Some("\"subject:hello\"*")),
            ("say \"hi there\"", Some("\"say\" \"\"\"hi\" \"there\"\"\"")),
            ("- * \" ()", None),
            ("東京 会議", Some("\"東 京\" \"会 議\"")),
            ("東京 rep", Some("\"東 京\" \"rep\"*")),
            ("done.", Some("\"done.\"")),
            ("", None),
            ("   ", None),
            ("nul\0byte", Some("\"nul\" \"byte\"*")),
        ] {
            assert_eq!(match_expression(query).as_deref(), expected, "{query}");
        }
    }

    #[test]
    fn a_query_has_a_bounded_number_of_terms() {
        let query = "word ".repeat(1000);
        assert_eq!(
            match_expression(&query)
                .unwrap_or_default()
                .matches("\"word\"")
                .count(),
            MAX_TERMS
        );
    }

    /// The phrases of an expression, or `None` where something stands outside of quotes.
    fn parse(expression: &str) -> Option<Vec<String>> {
        let mut phrases = Vec::new();
        let mut chars = expression.chars().peekable();
        while let Some(ch) = chars.next() {
            match ch {
                ' ' => continue,
                '*' if chars.peek().is_none() && !phrases.is_empty() => continue,
                '"' => {}
                _ => return None,
            }
            let mut phrase = String::new();
            loop {
                match chars.next()? {
                    '"' if chars.peek() == Some(&'"') => {
                        chars.next();
                        phrase.push('"');
                    }
                    '"' => break,
                    other => phrase.push(other),
                }
            }
            phrases.push(phrase);
        }
        Some(phrases)
    }

    proptest! {
        #[test]
        fn nothing_typed_stands_outside_of_quotes(query in "\\PC{0,80}|[\"*:^(){}+\\-a-z東 ]{0,40}") {
            if let Some(expression) = match_expression(&query) {
                let phrases = parse(&expression);
                prop_assert!(phrases.is_some(), "{expression}");
                let phrases = phrases.unwrap_or_default();
                prop_assert!(!phrases.is_empty() && phrases.len() <= MAX_TERMS);
                prop_assert!(phrases.iter().all(|phrase| phrase.chars().any(char::is_alphanumeric)));
            }
        }

        #[test]
        fn spelling_out_loses_nothing_and_is_stable(text in "\\PC{0,80}") {
            let spelled = index_text(&text);
            let bare = |text: &str| text.chars().filter(|ch| !ch.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&spelled), bare(&text));
            prop_assert_eq!(index_text(&spelled), spelled);
        }
    }
}
