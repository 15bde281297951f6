//! From bytes to content lines (RFC 5545, 3.1): unfolding, decoding, and the parts of a line.
//!
//! Reading is liberal: LF or CRLF, folds inside a character, bytes that are not UTF-8, control
//! characters. What comes out is not: a [`Line`] has a name of letters, digits, `-` and `_`, and
//! nothing in it needs to be looked at again before it is written.

use std::borrow::Cow;

use mail_parser::decoders::charsets::map::charset_decoder;
use memchr::{memchr, memchr3};

use super::text::{LINE_END, ODD, class, is_unwritable, unquoted};

/// How far a closing bracket is looked for: the longest name of a zone has 60 bytes.
const LONGEST_BRACKETS: usize = 128;

/// A line with all of its folds, as bytes of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawLine<'a> {
    /// Where it starts in what is read.
    pub(super) start: usize,
    /// Where the next one starts.
    pub(super) end: usize,
    /// Which line of the text it starts on, from 1.
    pub(super) number: u32,
    /// Whether it has folds.
    pub(super) is_folded: bool,
    /// Everything but the end of its last line.
    pub(super) bytes: &'a [u8],
}

/// The lines of some bytes.
#[derive(Debug, Clone)]
pub(super) struct RawLines<'a> {
    bytes: &'a [u8],
    position: usize,
    number: u32,
}

impl<'a> RawLines<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            position: 0,
            number: 1,
        }
    }
}

impl<'a> Iterator for RawLines<'a> {
    type Item = RawLine<'a>;

    fn next(&mut self) -> Option<RawLine<'a>> {
        let (start, number) = (self.position, self.number);
        let mut is_folded = false;
        if start >= self.bytes.len() {
            return None;
        }
        let end = loop {
            let rest = self.bytes.get(self.position..).unwrap_or_default();
            let Some(found) = memchr(b'\n', rest) else {
                self.position = self.bytes.len();
                break self.position;
            };
            self.position += found + 1;
            self.number = self.number.saturating_add(1);
            if !matches!(self.bytes.get(self.position), Some(b' ' | b'\t')) {
                break self.position - 1;
            }
            is_folded = true;
        };
        Some(RawLine {
            start,
            end: self.position,
            number,
            is_folded,
            bytes: without_carriage_returns(self.bytes.get(start..end).unwrap_or_default()),
        })
    }
}

fn without_carriage_returns(mut line: &[u8]) -> &[u8] {
    while let [before @ .., b'\r'] = line {
        line = before;
    }
    line
}

impl<'a> RawLine<'a> {
    /// The line without its folds.
    pub(super) fn unfolded(&self) -> Cow<'a, [u8]> {
        if self.is_folded {
            Cow::Owned(unfold(self.bytes))
        } else {
            Cow::Borrowed(self.bytes)
        }
    }
}

/// Lines without their folds, each ended by LF.
fn unfold(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr(b'\n', rest)
        && let Some((line, [_, behind @ ..])) = rest.split_at_checked(at)
    {
        out.extend_from_slice(without_carriage_returns(line));
        rest = if let [b' ' | b'\t', behind @ ..] = behind {
            behind
        } else {
            out.push(b'\n');
            behind
        };
    }
    out.extend_from_slice(without_carriage_returns(rest));
    out
}

/// What had to be done to bytes to make text of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mended {
    /// Some were not UTF-8 and were read as Latin-1.
    pub(super) encoding: bool,
    /// Control characters were left out.
    pub(super) controls: bool,
}

/// Bytes as text, one line of the text for each unfolded line. Borrows where nothing is to be done.
pub(super) fn decode(bytes: &[u8]) -> (Cow<'_, str>, Mended) {
    let mut mended = Mended::default();
    let (is_odd, is_folded) = survey(bytes);
    if !is_odd && !is_folded {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return (Cow::Borrowed(text), mended);
        }
    } else if !is_odd && let Ok(text) = String::from_utf8(unfold(bytes)) {
        return (Cow::Owned(text), mended);
    }
    let mut out = String::with_capacity(bytes.len());
    for line in RawLines::new(bytes) {
        let unfolded = line.unfolded();
        let text = if let Ok(text) = std::str::from_utf8(&unfolded) {
            Cow::Borrowed(text)
        } else {
            mended.encoding = true;
            latin_1(&unfolded)
        };
        if text.contains(is_unwritable) {
            mended.controls = true;
            out.extend(text.chars().filter(|one| !is_unwritable(*one)));
        } else {
            out.push_str(&text);
        }
        out.push('\n');
    }
    (Cow::Owned(out), mended)
}

/// Whether there may be characters that are left out, and whether there are folds.
fn survey(bytes: &[u8]) -> (bool, bool) {
    let (mut found, mut is_folded) = (0, false);
    for (at, &byte) in bytes.iter().enumerate() {
        let class = class(byte);
        found |= class;
        if class == LINE_END {
            match (byte, bytes.get(at + 1)) {
                (b'\n', Some(b' ' | b'\t')) => is_folded = true,
                (b'\n', _) | (_, Some(b'\n')) => {}
                // A CR that no LF follows ends no line.
                _ => found |= ODD,
            }
        }
    }
    (found & ODD != 0, is_folded)
}

/// What is not UTF-8 is Latin-1 in the form that is in use, windows-1252.
fn latin_1(bytes: &[u8]) -> Cow<'_, str> {
    match charset_decoder(b"windows-1252") {
        Some(decoder) => Cow::Owned(decoder(bytes)),
        None => String::from_utf8_lossy(bytes),
    }
}

/// A content line: a name, parameters, a value.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    /// All of it.
    pub(super) text: &'a str,
    /// The name, in upper case.
    pub(super) name: Cow<'a, str>,
    /// The parameters, each behind its `;`.
    parameters: &'a str,
    /// The value, as it stands.
    pub(super) value: &'a str,
}

/// A parameter of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameter<'a> {
    /// All of it, without the `;` in front.
    pub(super) text: &'a str,
    /// Its name, as it stands.
    pub(super) name: &'a str,
    /// Its value or values, with their quotes.
    pub(super) value: &'a str,
}

impl<'a> Line<'a> {
    /// The parts of a line; `None` where it is no content line.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let length = text.bytes().position(|byte| !is_name(&byte))?;
        let (name, rest) = text.split_at_checked(length)?;
        let colon = end_of_part(rest, b':').or_else(|| rest.find(':'))?;
        let (parameters, value) = rest.split_at_checked(colon)?;
        if name.is_empty() || !(parameters.is_empty() || parameters.starts_with(';')) {
            return None;
        }
        // What begins or ends a component has no parameters.
        if !parameters.is_empty()
            && ["BEGIN", "END"]
                .iter()
                .any(|mark| name.eq_ignore_ascii_case(mark))
        {
            return None;
        }
        let name = if name.bytes().any(|byte| byte.is_ascii_lowercase()) {
            Cow::Owned(name.to_ascii_uppercase())
        } else {
            Cow::Borrowed(name)
        };
        Some(Self {
            text,
            name,
            parameters,
            value: value.strip_prefix(':').unwrap_or(value),
        })
    }

    /// Its parameters as they stand, each behind its `;`.
    pub(super) fn raw_parameters(&self) -> &'a str {
        self.parameters
    }

    /// Its parameters.
    pub(super) fn parameters(&self) -> impl Iterator<Item = Parameter<'a>> + use<'a> {
        let mut rest = self.parameters;
        std::iter::from_fn(move || {
            let inside = rest.strip_prefix(';')?;
            let end = end_of_part(inside, b';').unwrap_or(inside.len());
            let (text, behind) = inside.split_at_checked(end)?;
            rest = behind;
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            Some(Parameter {
                text,
                name: name.trim(),
                value,
            })
        })
    }

    /// The value of a parameter, as a text.
    pub(super) fn parameter(&self, name: &str) -> Option<Cow<'a, str>> {
        if self.parameters.is_empty() {
            return None;
        }
        self.parameters()
            .find(|parameter| parameter.name.eq_ignore_ascii_case(name))
            .map(|parameter| unquoted(parameter.value))
    }

    /// The parameters that `is_known` does not know, each behind its `;`.
    pub(super) fn other_parameters(
        &self,
        mut is_known: impl FnMut(Parameter<'a>) -> bool,
    ) -> String {
        let mut others = String::new();
        for parameter in self.parameters() {
            if !is_known(parameter) && !parameter.text.is_empty() {
                if others.is_empty() {
                    others.reserve(self.parameters.len());
                }
                others.push(';');
                others.push_str(parameter.text);
            }
        }
        others
    }
}

/// Where a byte stands that is neither in quotes nor in brackets that open a parameter's value:
/// Outlook writes the names of its zones so, `TZID=(UTC+01:00) Amsterdam, Berlin`.
fn end_of_part(text: &str, wanted: u8) -> Option<usize> {
    // Most have neither quotes nor brackets in front of it.
    let first = memchr3(b'"', b'(', wanted, text.as_bytes())?;
    if text.as_bytes().get(first) == Some(&wanted) {
        return Some(first);
    }
    let mut is_quoted = false;
    let mut before = 0;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'(' if before == b'=' && !is_quoted => {
                let rest = text.bytes().skip(at).take(LONGEST_BRACKETS);
                if let Some(length) = rest.into_iter().position(|byte| byte == b')') {
                    bytes.nth(length.saturating_sub(1));
                }
            }
            _ if byte == wanted && !is_quoted => return Some(at),
            _ => {}
        }
        before = byte;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str) -> Vec<&str> {
        text.lines().collect()
    }

    #[test]
    fn a_fold_may_stand_inside_a_character_and_with_either_line_end() {
        let text = "SUMMARY:Gr\u{fc}n".as_bytes();
        let (front, back) = text.split_at(text.len() - 2);
        for fold in ["\r\n ", "\n\t", "\r\r\n "] {
            let bytes = [front, fold.as_bytes(), back].concat();
            let (decoded, mended) = decode(&bytes);
            assert_eq!(lines(&decoded), ["SUMMARY:Gr\u{fc}n"]);
            assert_eq!(mended, Mended::default());
        }
    }

    #[test]
    fn text_without_folds_is_borrowed() {
        assert!(matches!(decode(b"A:1\r\nB:2\r\n").0, Cow::Borrowed(_)));
        assert!(matches!(decode("A:\u{fc}".as_bytes()).0, Cow::Borrowed(_)));
        assert!(matches!(decode(b"A:1\n 2").0, Cow::Owned(_)));
    }

    #[test]
    fn only_the_line_that_is_not_utf_8_is_read_as_latin_1() {
        let (text, mended) = decode(b"A:gr\xfcn\x93\nB:gr\xc3\xbcn\n");
        assert_eq!(lines(&text), ["A:gr\u{fc}n\u{201c}", "B:gr\u{fc}n"]);
        assert!(mended.encoding && !mended.controls);
    }

    #[test]
    fn control_characters_are_left_out() {
        let (text, mended) = decode(b"A:1\0\x01\x7f2\r3\xc2\x854\t5\n");
        assert_eq!(lines(&text), ["A:1234\t5"]);
        assert!(mended.controls && !mended.encoding);
    }

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        let numbers: Vec<_> = RawLines::new(b"A:1\n\n 2\nB:3\r\nC:4")
            .map(|line| (line.number, line.start))
            .collect();
        assert_eq!(numbers, [(1, 0), (2, 4), (4, 8), (5, 13)]);
    }

    #[test]
    fn a_line_has_a_name_parameters_and_a_value() {
        let line =
            Line::parse("attendee;CN=\"Doe; J: ^'x^'\";ROLE=CHAIR;x:mailto:a@b").expect("one");
        assert_eq!(line.name, "ATTENDEE");
        assert_eq!(line.value, "mailto:a@b");
        assert_eq!(line.parameter("cn").as_deref(), Some("Doe; J: \"x\""));
        assert_eq!(line.parameter("X").as_deref(), Some(""));
        assert_eq!(line.parameter("PARTSTAT"), None);
        let others = line.other_parameters(|parameter| parameter.name == "CN");
        assert_eq!(others, ";ROLE=CHAIR;x");
    }

    #[test]
    fn the_name_of_a_zone_in_brackets_needs_no_quotes() {
        let line =
            Line::parse("DTSTART;TZID=(UTC+01:00) Amsterdam, Bern;X=1:20240101T0900").expect("one");
        assert_eq!(
            line.parameter("TZID").as_deref(),
            Some("(UTC+01:00) Amsterdam, Bern")
        );
        assert_eq!(line.value, "20240101T0900");
    }

    #[test]
    fn a_quote_that_is_never_closed_ends_with_its_parameter() {
        let line = Line::parse("ATTENDEE;CN=\"Ana:mailto:a@b").expect("one");
        assert_eq!(line.value, "mailto:a@b");
        assert_eq!(line.parameter("CN").as_deref(), Some("Ana"));
    }

    #[test]
    fn what_has_no_name_or_no_colon_is_no_line() {
        for text in [
            "",
            ":x",
            "and so on",
            "NAME",
            "NAME;X=1",
            "a b:c",
            "\u{fc}:1",
        ] {
            assert!(Line::parse(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let (text, _) = decode(&bytes);
            for line in text.lines().filter_map(Line::parse) {
                let _ = line.parameters().count();
            }
        }

        #[test]
        fn every_text_is_a_line_or_none(text in "[A-Z;=:\"(),^ ]{0,30}") {
            if let Some(line) = Line::parse(&text) {
                prop_assert!(line.text.ends_with(line.value));
                let parameters = line.parameters().flat_map(|one| [";", one.text]);
                prop_assert_eq!(parameters.collect::<String>(), line.raw_parameters());
            }
        }
    }
}
