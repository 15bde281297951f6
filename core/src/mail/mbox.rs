//! Where the messages of an mbox file lie, found in one pass over a stream and in bounded memory.
//!
//! Owns the rule for what separates two messages (RFC 4155, and the `mboxrd` and `mboxo` families
//! it describes) and its undoing of `>From ` escapes. Invariant: the spans found do not depend on
//! how the file was cut into chunks, and the splitter never holds more than
//! [`MAX_SEPARATOR_BYTES`] bytes of the file. Its state serialises, so that an import can stop
//! after any chunk and go on in another invocation.

use std::borrow::Cow;
use std::fmt;

use memchr::{memchr, memmem};
use serde::{Deserialize, Serialize};

/// The longest line that can be a separator. An address is at most 254 bytes (RFC 5321) and a date
/// some 40; twice that leaves room for `remote from` tails of old UUCP systems.
pub const MAX_SEPARATOR_BYTES: usize = 600;

/// UTF-8's byte order mark, which some export tools write first.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Where one message lies in the file, without its separator line and the empty line after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first byte, counted from the start of the file.
    pub offset: u64,
    /// The length in bytes; 0 where a separator has nothing after it.
    pub length: u64,
}

/// Why a file was not split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MboxError {
    /// The first line with anything on it is no separator: this is not an mbox.
    NotAnMbox,
    /// The file holds nothing but white space.
    Empty,
    /// A chunk does not start where the one before it ended.
    Gap {
        /// Where the next chunk has to start.
        expected: u64,
        /// Where it started.
        found: u64,
    },
}

impl fmt::Display for MboxError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnMbox => formatter.write_str("the file does not start with a \"From \" line"),
            Self::Empty => formatter.write_str("the file is empty"),
            Self::Gap { expected, found } => {
                write!(formatter, "the chunk starts at {found}, not at {expected}")
            }
        }
    }
}

impl std::error::Error for MboxError {}

/// Finds the messages of an mbox file that is pushed to it chunk by chunk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Splitter {
    /// Where the next chunk starts.
    offset: u64,
    /// Where the message in progress starts; `None` before the first separator.
    message_start: Option<u64>,
    /// Where the line before this one starts, if it is empty. A separator has to follow one.
    blank_line_start: Option<u64>,
    /// Whether nothing but white space was seen.
    at_file_start: bool,
    /// The start of a line whose end has not been seen, cut at one byte beyond the limit.
    line_head: Vec<u8>,
    /// The length of that line so far in bytes.
    line_length: u64,
}

impl Default for Splitter {
    fn default() -> Self {
        Self::new()
    }
}

impl Splitter {
    /// A splitter at the start of a file.
    pub fn new() -> Self {
        Self {
            offset: 0,
            message_start: None,
            blank_line_start: None,
            at_file_start: true,
            line_head: Vec::new(),
            line_length: 0,
        }
    }

    /// Where the next chunk has to start, in bytes from the start of the file.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Reads the chunk that starts at `offset` and returns the messages that ended in it.
    pub fn push(&mut self, offset: u64, chunk: &[u8]) -> Result<Vec<Span>, MboxError> {
        if offset != self.offset {
            return Err(MboxError::Gap {
                expected: self.offset,
                found: offset,
            });
        }
        let mut spans = Vec::new();
        let mut rest = chunk;
        while let Some(length) = memchr(b'\n', rest) {
            let (line, tail) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            rest = tail.get(1..).unwrap_or_default();
            if self.line_length == 0 {
                let start = self.offset;
                self.offset = start.saturating_add(byte_count(line)).saturating_add(1);
                spans.extend(self.end_line(line, start, self.offset)?);
            } else {
                self.hold(line);
                spans.extend(self.end_held_line(1)?);
            }
        }
        self.hold(rest);
        Ok(spans)
    }

    /// Ends the file and returns the last message.
    pub fn finish(mut self) -> Result<Option<Span>, MboxError> {
        // A file that ends right after a line end has no further line, not an empty one.
        let mut last = None;
        if self.line_length > 0 {
            last = self.end_held_line(0)?;
        }
        if last.is_some() {
            // The last line was a separator: what follows it is empty and no message.
            return Ok(last);
        }
        match self.message_start {
            Some(start) => Ok(Some(self.span(start, self.offset))),
            None => Err(MboxError::Empty),
        }
    }

    /// Keeps what is needed of a line whose end is in a later chunk.
    fn hold(&mut self, part: &[u8]) {
        let room = (MAX_SEPARATOR_BYTES + 1).saturating_sub(self.line_head.len());
        self.line_head.extend(part.iter().take(room));
        self.line_length = self.line_length.saturating_add(byte_count(part));
        self.offset = self.offset.saturating_add(byte_count(part));
    }

    /// Judges the held line, which `line_end_bytes` (0 or 1) follow.
    fn end_held_line(&mut self, line_end_bytes: u64) -> Result<Option<Span>, MboxError> {
        let head = std::mem::take(&mut self.line_head);
        let start = self.offset.saturating_sub(self.line_length);
        self.line_length = 0;
        self.offset = self.offset.saturating_add(line_end_bytes);
        self.end_line(&head, start, self.offset)
    }

    /// Judges one whole line (without its LF, cut beyond [`MAX_SEPARATOR_BYTES`]). `end` is the
    /// first byte after it.
    fn end_line(&mut self, line: &[u8], start: u64, end: u64) -> Result<Option<Span>, MboxError> {
        let mut line = line;
        if self.at_file_start {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            self.blank_line_start = Some(start);
            return Ok(None);
        }
        let may_separate = self.at_file_start || self.blank_line_start.is_some();
        self.at_file_start = false;
        if may_separate && is_separator(line) {
            let span = self
                .message_start
                .map(|message_start| self.span(message_start, start));
            self.message_start = Some(end);
            self.blank_line_start = None;
            return Ok(span);
        }
        self.blank_line_start = None;
        if self.message_start.is_none() {
            return Err(MboxError::NotAnMbox);
        }
        Ok(None)
    }

    /// The message from `start` to the line at `end`, without the empty line before that.
    fn span(&self, start: u64, end: u64) -> Span {
        let end = self.blank_line_start.unwrap_or(end).max(start);
        Span {
            offset: start,
            length: end - start,
        }
    }
}

fn byte_count(bytes: &[u8]) -> u64 {
    // usize is at most 64 bits wide on every target.
    bytes.len() as u64
}

/// Whether a line can be a `From_` line.
///
/// `From ` after an empty line is not enough: mboxo writers that do not escape, and people who
/// write "From Monday on ...", put it into bodies. Every writer in use puts the sender and then
/// a date there, in many forms (asctime, RFC 5322, ISO 8601, with and without a zone), so what is
/// asked for is what all of them share: a word for the sender, and after it a time of day and a
/// year. The words "From 9:30 on in 2001" at the start of a paragraph would pass, which is rarer
/// than any stricter rule's misses.
fn is_separator(line: &[u8]) -> bool {
    if line.len() > MAX_SEPARATOR_BYTES {
        return false;
    }
    let Some(rest) = line.strip_prefix(b"From ") else {
        return false;
    };
    let mut words = rest
        .split(|byte| matches!(byte, b' ' | b'\t'))
        .filter(|word| !word.is_empty());
    if words.next().is_none() {
        return false;
    }
    let (mut has_time, mut has_year) = (false, false);
    for word in words {
        for (index, piece) in word
            .split(|byte| matches!(byte, b'-' | b'T' | b',' | b'/'))
            .enumerate()
        {
            has_time |= is_time(piece);
            // "-2000" is a zone, "2001-09-13" a date.
            let is_zone = index == 1 && word.starts_with(b"-");
            has_year |= !is_zone && is_year(piece);
        }
    }
    has_time && has_year
}

fn is_time(word: &[u8]) -> bool {
    let digits = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
    matches!(digits, 1 | 2)
        && matches!(
            word.get(digits..),
            Some([b':', tens, ones, ..]) if tens.is_ascii_digit() && ones.is_ascii_digit()
        )
}

fn is_year(word: &[u8]) -> bool {
    matches!(
        word,
        [b'1', b'9', tens, ones] | [b'2', b'0', tens, ones]
            if tens.is_ascii_digit() && ones.is_ascii_digit()
    )
}

/// Undoes the escaping of mboxrd: a line of one or more `>` and then `From ` loses one `>`.
///
/// mboxo escapes only `From ` itself, so a line that its author began with `>From ` loses a mark
/// that was his: nothing in such a file tells the two apart, and one quote mark is the lesser harm.
pub fn unescape(message: &[u8]) -> Cow<'_, [u8]> {
    let mut kept: Vec<u8> = Vec::new();
    let mut copied = 0;
    for found in memmem::find_iter(message, b">From ") {
        let before = message.get(..found).unwrap_or_default();
        let marks = before
            .iter()
            .rev()
            .take_while(|&&byte| byte == b'>')
            .count();
        let line_start = found - marks;
        let starts_line = line_start == 0
            || message
                .get(line_start - 1)
                .is_some_and(|&byte| byte == b'\n');
        if starts_line {
            kept.extend_from_slice(message.get(copied..line_start).unwrap_or_default());
            copied = line_start + 1;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(message);
    }
    kept.extend_from_slice(message.get(copied..).unwrap_or_default());
    Cow::Owned(kept)
}

/// What follows the marks of an escaped line.
const ESCAPED: &[u8] = b"From ";

/// Undoes the same escaping for a message that comes in chunks. What comes out is what
/// [`unescape`] makes of the whole, however it was cut; at most six bytes wait for what follows.
#[derive(Debug)]
pub struct Unescaper {
    /// Whether everything since the line began may still be an escape.
    may_be_escape: bool,
    /// Whether the last of the marks waits: the one that an escape loses.
    has_mark: bool,
    /// How much of [`ESCAPED`] was seen behind the marks.
    matched: usize,
}

impl Default for Unescaper {
    fn default() -> Self {
        Self {
            may_be_escape: true,
            has_mark: false,
            matched: 0,
        }
    }
}

impl Unescaper {
    /// Takes the next chunk, and appends to `out` what is certain.
    pub fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        let mut rest = chunk;
        loop {
            while self.may_be_escape {
                let Some((byte, tail)) = rest.split_first() else {
                    return;
                };
                if *byte == b'>' && self.matched == 0 {
                    if self.has_mark {
                        out.push(b'>');
                    }
                    self.has_mark = true;
                } else if ESCAPED.get(self.matched) == Some(byte) {
                    self.matched += 1;
                    if self.matched == ESCAPED.len() {
                        self.has_mark = false;
                        self.release(out);
                    }
                } else {
                    self.release(out);
                    // This byte is of the line, and may end it.
                    break;
                }
                rest = tail;
            }
            let Some(end) = memchr(b'\n', rest) else {
                out.extend_from_slice(rest);
                return;
            };
            let (line, tail) = rest.split_at_checked(end + 1).unwrap_or((rest, &[]));
            out.extend_from_slice(line);
            self.may_be_escape = true;
            rest = tail;
        }
    }

    /// Ends the message, and appends what still waited.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        self.release(out);
    }

    /// Appends what waited; the rest of the line is as it is.
    fn release(&mut self, out: &mut Vec<u8>) {
        if self.has_mark {
            out.push(b'>');
        }
        out.extend_from_slice(ESCAPED.get(..self.matched).unwrap_or_default());
        *self = Self {
            may_be_escape: false,
            has_mark: false,
            matched: 0,
        };
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may fail by panicking"
    )]

    use super::*;
    use proptest::prelude::*;

    const SEPARATOR: &str = "From ada@example.org Thu Sep 13 17:02:09 2001";

    fn split(file: &[u8], chunk_bytes: usize) -> Result<Vec<Span>, MboxError> {
        let mut splitter = Splitter::new();
        let mut spans = Vec::new();
        let mut offset = 0;
        for chunk in file.chunks(chunk_bytes) {
            spans.extend(splitter.push(offset, chunk)?);
            offset += chunk.len() as u64;
        }
        spans.extend(splitter.finish()?);
        Ok(spans)
    }

    fn messages(file: &str) -> Vec<String> {
        let spans = split(file.as_bytes(), 7).unwrap();
        assert_eq!(spans, split(file.as_bytes(), usize::MAX).unwrap());
        spans
            .iter()
            .map(|span| {
                let start = usize::try_from(span.offset).unwrap();
                let end = start + usize::try_from(span.length).unwrap();
                String::from_utf8(file.as_bytes()[start..end].to_vec()).unwrap()
            })
            .collect()
    }

    fn escape(message: &str) -> String {
        message
            .split_inclusive('\n')
            .map(|line| {
                if line.trim_start_matches('>').starts_with("From ") {
                    format!(">{line}")
                } else {
                    line.to_owned()
                }
            })
            .collect()
    }

    #[test]
    fn messages_are_found_without_separator_and_trailing_blank_line() {
        let file = format!("{SEPARATOR}\nSubject: a\n\none\n\n{SEPARATOR}\nSubject: b\n\ntwo\n");
        assert_eq!(
            messages(&file),
            ["Subject: a\n\none\n", "Subject: b\n\ntwo\n"]
        );
    }

    #[test]
    fn byte_order_mark_blank_lines_and_crlf_are_tolerated() {
        let file = format!(
            "\u{feff}{SEPARATOR}\r\nSubject: a\r\n\r\none\r\n\r\n{SEPARATOR}\r\nSubject: b\r\n"
        );
        assert_eq!(
            messages(&file),
            ["Subject: a\r\n\r\none\r\n", "Subject: b\r\n"]
        );
        let file = format!("\n\r\n{SEPARATOR}\nSubject: a\n");
        assert_eq!(messages(&file), ["Subject: a\n"]);
        let file = format!("\u{feff}\n\n{SEPARATOR}\nSubject: a\n");
        assert_eq!(messages(&file), ["Subject: a\n"]);
    }

    #[test]
    fn prose_that_starts_with_from_does_not_split() {
        for prose in [
            "From Monday on we meet at noon.",
            "From what I hear, 2001 was better.",
            "From 17:02 to 18:00 the line is open.",
            "From ",
            "From",
        ] {
            let file = format!("{SEPARATOR}\nSubject: a\n\n{prose}\nmore\n");
            assert_eq!(messages(&file).len(), 1, "{prose}");
        }
        // Without an empty line before it, even a perfect separator is text.
        let file = format!("{SEPARATOR}\nSubject: a\n\ntext\n{SEPARATOR}\n");
        assert_eq!(messages(&file).len(), 1);
    }

    #[test]
    fn separators_of_many_writers_are_known() {
        for line in [
            "From - Thu Sep 13 17:02:09 2001",
            "From MAILER-DAEMON Thu Sep  3 17:02 2001",
            "From 1234@xxx Thu Sep 13 17:02:09 +0000 2001",
            "From ada@example.org Thu, 13 Sep 2001 17:02:09 -0700",
            "From ada@example.org 2001-09-13T17:02:09Z",
            "From ???@??? Thu Sep 13 17:02:09 2001",
            "From ada Thu Sep 13 17:02:09 PDT 2001 remote from mars",
        ] {
            assert!(is_separator(line.as_bytes()), "{line}");
        }
        assert!(!is_separator(b"From a@b Thu 17:02:09 -2000"));
    }

    #[test]
    fn other_files_are_refused_with_a_reason() {
        assert_eq!(split(b"Subject: a\n\ntext\n", 4), Err(MboxError::NotAnMbox));
        assert_eq!(split(b"PK\x03\x04", 4), Err(MboxError::NotAnMbox));
        assert_eq!(split(b"", 4), Err(MboxError::Empty));
        assert_eq!(split(b"\n\r\n", 1), Err(MboxError::Empty));
        assert_eq!(
            Splitter::new().push(5, b"x"),
            Err(MboxError::Gap {
                expected: 0,
                found: 5
            })
        );
    }

    #[test]
    fn a_line_without_end_is_not_kept() {
        let mut splitter = Splitter::new();
        let head = format!("{SEPARATOR}\n\n");
        splitter.push(0, head.as_bytes()).unwrap();
        let mut offset = head.len() as u64;
        for _ in 0..1000 {
            splitter.push(offset, &[b'x'; 1000]).unwrap();
            offset += 1000;
        }
        assert!(splitter.line_head.len() <= MAX_SEPARATOR_BYTES + 1);
        assert_eq!(splitter.finish().unwrap().unwrap().length, 1_000_001);
    }

    #[test]
    fn an_interrupted_split_goes_on_from_its_stored_state() {
        let file = format!("{SEPARATOR}\nSubject: a\n\none\n\n{SEPARATOR}\nSubject: b\n\ntwo\n");
        let expected = split(file.as_bytes(), usize::MAX).unwrap();
        for cut in 0..file.len() {
            let (head, tail) = file.as_bytes().split_at(cut);
            let mut splitter = Splitter::new();
            let mut spans = splitter.push(0, head).unwrap();
            let stored = serde_json::to_string(&splitter).unwrap();
            let mut splitter: Splitter = serde_json::from_str(&stored).unwrap();
            spans.extend(splitter.push(splitter.offset(), tail).unwrap());
            spans.extend(splitter.finish().unwrap());
            assert_eq!(spans, expected);
        }
    }

    #[test]
    fn unescape_takes_one_mark_from_escaped_lines_only() {
        assert_eq!(
            *unescape(b">From a\n>>From b\n> From c\nx >From d\n"),
            *b"From a\n>From b\n> From c\nx >From d\n"
        );
        assert!(matches!(unescape(b"nothing to do"), Cow::Borrowed(_)));
    }

    fn line() -> impl Strategy<Value = String> {
        prop_oneof![
            Just(String::new()),
            Just(SEPARATOR.to_owned()),
            Just(format!(">{SEPARATOR}")),
            Just(">>From here".to_owned()),
            Just("From here".to_owned()),
            "[ -~]{0,20}",
        ]
    }

    fn message() -> impl Strategy<Value = String> {
        proptest::collection::vec(line(), 0..8)
            .prop_map(|lines| format!("Subject: x\n{}\n", lines.join("\n")))
    }

    proptest! {
        #[test]
        fn splitting_does_not_depend_on_the_chunks(
            lines in proptest::collection::vec(line(), 0..30),
            crlf in any::<bool>(),
            cuts in proptest::collection::vec(1usize..40, 1..40),
        ) {
            let file = format!("{SEPARATOR}\n{}", lines.join("\n"));
            let file = if crlf { file.replace('\n', "\r\n") } else { file };
            let whole = split(file.as_bytes(), usize::MAX);
            prop_assert_eq!(&split(file.as_bytes(), 1), &whole);
            let mut splitter = Splitter::new();
            let mut spans = Vec::new();
            let mut rest = file.as_bytes();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break; }
                let (chunk, tail) = rest.split_at((*cut).min(rest.len()));
                spans.extend(splitter.push(splitter.offset(), chunk).unwrap());
                rest = tail;
            }
            spans.extend(splitter.finish().unwrap());
            prop_assert_eq!(spans, whole.unwrap());
        }

        #[test]
        fn joining_and_splitting_gives_the_messages_back(
            originals in proptest::collection::vec(message(), 1..6),
        ) {
            let mut file = String::new();
            for original in &originals {
                file.push_str(SEPARATOR);
                file.push('\n');
                file.push_str(&escape(original));
                file.push('\n');
            }
            let spans = split(file.as_bytes(), 11).unwrap();
            let found: Vec<String> = spans
                .iter()
                .map(|span| {
                    let start = usize::try_from(span.offset).unwrap();
                    let end = start + usize::try_from(span.length).unwrap();
                    String::from_utf8(unescape(&file.as_bytes()[start..end]).into_owned()).unwrap()
                })
                .collect();
            prop_assert_eq!(found, originals);
        }

        #[test]
        fn unescaping_does_not_depend_on_the_chunks(
            message in "(>{0,3}(From )?|[Fromx \n>]){0,20}",
            cuts in proptest::collection::vec(1usize..9, 1..9),
        ) {
            let mut unescaper = Unescaper::default();
            let mut out = Vec::new();
            let mut rest = message.as_bytes();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break; }
                let (chunk, tail) = rest.split_at((*cut).min(rest.len()));
                unescaper.push(chunk, &mut out);
                rest = tail;
            }
            unescaper.finish(&mut out);
            prop_assert_eq!(out, unescape(message.as_bytes()).into_owned());
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = split(&bytes, 5);
            let _ = unescape(&bytes);
        }
    }
}
