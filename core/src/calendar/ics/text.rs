//! Text in iCalendar: the escaping of values (RFC 5545, 3.3.11), the quoting of parameters
//! (RFC 6868) and the folding of lines (RFC 5545, 3.1), in both directions.
//!
//! Invariant: what [`write_line`] writes is well formed whatever it is given: no control character
//! but the tab, no line of more than 75 bytes, no fold inside a character.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// The longest line in bytes, without its end (3.1).
pub(super) const FOLD_BYTES: usize = 75;

/// Whether a character may not stand in a line (3.1: control characters other than the tab).
pub(super) fn is_unwritable(character: char) -> bool {
    character.is_control() && character != '\t'
}

/// May begin a character that is not written: control characters, and the byte that those beyond
/// ASCII begin with in UTF-8.
pub(super) const ODD: u8 = 1;
/// Ends a line.
pub(super) const LINE_END: u8 = 2;
/// Is escaped in a value.
const VALUE: u8 = 4;
/// Is escaped in a parameter.
const PARAMETER: u8 = 8;

/// What each byte is to the writer, so that most text is passed over byte by byte.
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a constant: what went wrong would not compile"
)]
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < classes.len() {
        classes[byte] = match byte as u8 {
            b'\t' => 0,
            b'\n' | b'\r' => LINE_END,
            0..0x20 | 0x7f | 0xc2 => ODD,
            b'\\' | b';' | b',' => VALUE,
            b'^' | b'"' => PARAMETER,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// The class of a byte.
pub(super) fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(0)
}

/// The classes of which there are bytes.
fn classes(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |found, byte| found | class(*byte))
}

/// Appends a text with other texts for some characters, whose bytes are of the classes `special`; a
/// line end of two characters is one. What may not be written is left out.
fn push_replaced(
    out: &mut String,
    text: &str,
    special: u8,
    replacement: fn(char) -> Option<&'static str>,
) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| class(byte) & special != 0)
        && let Some((plain, behind)) = rest.split_at_checked(at)
    {
        out.push_str(plain);
        let mut characters = behind.chars();
        match characters.next() {
            Some('\r') if behind.starts_with("\r\n") => {}
            Some(one) => match replacement(one) {
                Some(other) => out.push_str(other),
                None if is_unwritable(one) => {}
                None => out.push(one),
            },
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
}

/// Writes a content line, folded where it is too long. What may not stand in one is left out.
pub fn write_line(out: &mut String, content: &str) {
    let mut clean = String::new();
    let mut rest = content;
    if classes(content.as_bytes()) & (ODD | LINE_END) != 0 {
        push_replaced(&mut clean, content, ODD | LINE_END, |_| None);
        rest = &clean;
    }
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

/// Makes a line of what stands behind `start`, by the same rules.
pub(super) fn end_line(out: &mut String, start: usize) {
    let line = out.get(start..).unwrap_or_default();
    if line.len() <= FOLD_BYTES && classes(line.as_bytes()) & (ODD | LINE_END) == 0 {
        out.push_str("\r\n");
    } else {
        let line = line.to_owned();
        out.truncate(start);
        write_line(out, &line);
    }
}

/// A text in the form of a value. What may not stand in one at all is left out; every kind of line
/// end becomes the one there is.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if classes(text.as_bytes()) & (ODD | LINE_END | VALUE) == 0 {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    push_replaced(&mut out, text, ODD | LINE_END | VALUE, |one| match one {
        '\\' => Some("\\\\"),
        ';' => Some("\\;"),
        ',' => Some("\\,"),
        '\n' | '\r' => Some("\\n"),
        _ => None,
    });
    Cow::Owned(out)
}

/// The text of a value: the inverse of [`escaped`]. A colon or a quote that somebody escaped, as
/// some writers do, loses its backslash; any other backslash stands for itself.
pub fn unescaped(value: &str) -> Cow<'_, str> {
    let mut rest = value;
    let mut out = String::new();
    while let Some(at) = memchr(b'\\', rest.as_bytes())
        && let Some((plain, behind)) = rest.split_at_checked(at)
    {
        if out.is_empty() {
            out.reserve(value.len());
        }
        out.push_str(plain);
        let mut characters = behind.chars();
        characters.next();
        rest = characters.as_str();
        match characters.next() {
            Some('n' | 'N') => out.push('\n'),
            Some(plain @ ('\\' | ';' | ',' | ':' | '"')) => out.push(plain),
            _ => {
                out.push('\\');
                continue;
            }
        }
        rest = characters.as_str();
    }
    if rest.len() == value.len() {
        return Cow::Borrowed(value);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A text in the form of a parameter's value (RFC 6868), quoted where it needs to be.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let must = text.contains([';', ':', ',', '(', '=']) || text.trim() != text;
    let quote = if must { "\"" } else { "" };
    out.push_str(quote);
    push_replaced(
        &mut out,
        text,
        ODD | LINE_END | PARAMETER,
        |one| match one {
            '^' => Some("^^"),
            '"' => Some("^'"),
            '\n' | '\r' => Some("^n"),
            _ => None,
        },
    );
    out.push_str(quote);
    out
}

/// The text of a parameter's value: the inverse of [`quoted`].
pub(super) fn unquoted(value: &str) -> Cow<'_, str> {
    let inside = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(value);
    if memchr2(b'^', b'"', inside.as_bytes()).is_none() {
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
