//! Text in iCalendar: the escaping of values (RFC 5545, 3.3.11), the quoting of parameters
//! (RFC 6868) and the folding of lines (RFC 5545, 3.1), in both directions.
//!
//! Invariant: what [`write_line`] writes is well formed whatever it is given: no control character
//! but the tab, no line of more than 75 bytes, no fold inside a character.

use std::borrow::Cow;

/// The longest line in bytes, without its end (3.1).
pub(super) const FOLD_BYTES: usize = 75;

/// Whether a character may not stand in a line (3.1: control characters other than the tab).
pub(super) fn is_unwritable(character: char) -> bool {
    character.is_control() && character != '\t'
}

/// Writes a content line, folded where it is too long. What may not stand in one is left out.
pub fn write_line(out: &mut String, content: &str) {
    let content = if content.chars().any(is_unwritable) {
        Cow::Owned(content.chars().filter(|one| !is_unwritable(*one)).collect())
    } else {
        Cow::Borrowed(content)
    };
    let mut rest: &str = &content;
    let mut room = FOLD_BYTES;
    while rest.len() > room {
        let (line, behind) = rest.split_at(rest.floor_char_boundary(room));
        out.push_str(line);
        out.push_str("\r\n ");
        rest = behind;
        room = FOLD_BYTES - 1;
    }
    out.push_str(rest);
    out.push_str("\r\n");
}

/// A text in the form of a value. What may not stand in one at all is left out; every kind of line
/// end becomes the one there is.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(|one| matches!(one, '\\' | ';' | ',') || is_unwritable(one)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(character);
            }
            '\r' => {
                characters.next_if_eq(&'\n');
                out.push_str("\\n");
            }
            '\n' => out.push_str("\\n"),
            character if is_unwritable(character) => {}
            character => out.push(character),
        }
    }
    Cow::Owned(out)
}

/// The text of a value: the inverse of [`escaped`]. A colon or a quote that somebody escaped, as
/// some writers do, loses its backslash; any other backslash stands for itself.
pub fn unescaped(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.clone().next() {
            Some('n' | 'N') => out.push('\n'),
            Some(plain @ ('\\' | ';' | ',' | ':' | '"')) => out.push(plain),
            _ => {
                out.push('\\');
                continue;
            }
        }
        characters.next();
    }
    Cow::Owned(out)
}

/// A text in the form of a parameter's value (RFC 6868), quoted where it needs to be.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let must = text.contains([';', ':', ',', '(', '=']) || text.trim() != text;
    if must {
        out.push('"');
    }
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '^' => out.push_str("^^"),
            '"' => out.push_str("^'"),
            '\r' => {
                characters.next_if_eq(&'\n');
                out.push_str("^n");
            }
            '\n' => out.push_str("^n"),
            character if is_unwritable(character) => {}
            character => out.push(character),
        }
    }
    if must {
        out.push('"');
    }
    out
}

/// The text of a parameter's value: the inverse of [`quoted`].
pub(super) fn unquoted(value: &str) -> Cow<'_, str> {
    let inside = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(value);
    if !inside.contains(['^', '"']) {
        return Cow::Borrowed(inside);
    }
    let mut out = String::with_capacity(inside.len());
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        let meant = match (character, characters.clone().next()) {
            ('^', Some('n')) => '\n',
            ('^', Some('^')) => '^',
            ('^', Some('\'')) => '"',
            // A list of quoted values, read as one text.
            ('"', _) => continue,
            _ => {
                out.push(character);
                continue;
            }
        };
        out.push(meant);
        characters.next();
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a text is after its line ends are of one kind and what may not stand in it is gone.
    fn plain(text: &str) -> String {
        text.replace("\r\n", "\n")
            .replace('\r', "\n")
            .chars()
            .filter(|character| *character == '\n' || !is_unwritable(*character))
            .collect()
    }

    #[test]
    fn a_backslash_that_escapes_nothing_stands_for_itself() {
        assert_eq!(unescaped("C:\\temp\\"), "C:\\temp\\");
        assert_eq!(unescaped("12\\:30\\N\\\"x\\\""), "12:30\n\"x\"");
    }

    proptest! {
        #[test]
        fn an_escaped_text_reads_back(text in "([\\PC\r\n\t;,:\\\\\"^\u{0}\u{7f}\u{85}]|\\\\n){0,60}") {
            let value = escaped(&text);
            prop_assert!(!value.contains(is_unwritable));
            prop_assert_eq!(unescaped(&value), plain(&text));
        }

        #[test]
        fn a_quoted_text_reads_back(text in "[\\PC\r\n\t;,:(=^n'\"\u{0}\u{85}]{0,40}") {
            let value = quoted(&text);
            let inside = value.trim_matches('"');
            prop_assert!(!inside.contains('"'));
            prop_assert!(value.starts_with('"') || !value.contains([';', ':', ',']));
            prop_assert_eq!(unquoted(&value), plain(&text));
        }

        #[test]
        fn a_folded_line_unfolds_and_is_never_too_long(text in "[\\PC\t]{0,300}") {
            let mut out = String::new();
            write_line(&mut out, &text);
            prop_assert!(out.split("\r\n").all(|line| line.len() <= FOLD_BYTES));
            prop_assert_eq!(out.replace("\r\n ", ""), text + "\r\n");
        }

        #[test]
        fn no_text_breaks_out_of_its_line(text: String) {
            let mut out = String::new();
            write_line(&mut out, &text);
            let unfolded = out.replace("\r\n ", "");
            prop_assert!(!unfolded.trim_end_matches("\r\n").contains(is_unwritable));
            let _ = (unescaped(&text), unquoted(&text));
        }
    }
}
