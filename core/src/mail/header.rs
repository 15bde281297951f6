//! The header fields of a message or a part (RFC 5322 section 2.2).
//!
//! Owns finding fields and the bounds on their size; mail-parser reads the values. Invariant: a
//! field is only parsed after it was cut to [`MAX_FIELD_BYTES`], and where it holds so many
//! encoded words that the parser, which looks for each one's end anew, would go quadratic, to
//! [`MAX_SUSPICIOUS_FIELD_BYTES`].

use std::borrow::Cow;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::parsers::MessageStream;
use mail_parser::{Address, ContentType, HeaderValue};
use memchr::{memchr, memmem};

use crate::mail::message::Mailbox;
use crate::mail::text::clean_line;

/// The most bytes of a header block that are read. Real ones with long traces and thousands of
/// recipients stay below 200 KB; Postfix and Exchange refuse more than 100 to 256 KB.
pub(crate) const MAX_HEADER_BYTES: usize = 256 * 1024;

/// The most bytes of one field that are parsed: some two thousand recipients.
const MAX_FIELD_BYTES: usize = 64 * 1024;

/// What is parsed of a field that is full of markers of encoded words.
const MAX_SUSPICIOUS_FIELD_BYTES: usize = 4 * 1024;

/// Markers times bytes from which on a field is suspicious: 32 million steps, some 50 ms.
const MAX_FIELD_WORK: usize = 32 * 1024 * 1024;

/// How many addresses of a field are kept.
pub(crate) const MAX_ADDRESSES: usize = 1000;

/// The longest identifier that is kept in bytes: a line's limit (RFC 5322 section 2.1.1). A longer
/// one is dropped, not cut, since two cut ones could look the same.
pub(crate) const MAX_ID_BYTES: usize = 998;

/// The last year that a date can be in.
const LAST_YEAR: i32 = 2100;

/// The longest name or subject that is kept in bytes.
const MAX_PHRASE_BYTES: usize = 998;

/// The fields of one header block, in their order.
#[derive(Debug, Default)]
pub(crate) struct Headers<'a> {
    fields: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Headers<'a> {
    /// Takes the header block off `entity` and returns it with the body.
    pub(crate) fn split(entity: &'a [u8]) -> (Self, &'a [u8]) {
        let mut fields: Vec<(&[u8], &[u8])> = Vec::new();
        let mut position = 0;
        // Where the last field's value starts, so that continuation lines can extend it.
        let mut open: Option<(&[u8], usize)> = None;
        let mut close = |open: &mut Option<(&'a [u8], usize)>, end: usize| {
            if let Some((name, start)) = open.take() {
                fields.push((name, entity.get(start..end).unwrap_or_default()));
            }
        };
        loop {
            let line_start = position;
            let rest = entity.get(line_start..).unwrap_or_default();
            let line_length = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            let line = rest.get(..line_length).unwrap_or_default();
            position += line_length;
            if line.is_empty() {
                close(&mut open, line_start);
                break;
            }
            if matches!(line, b"\n" | b"\r\n") {
                close(&mut open, line_start);
                break;
            }
            if matches!(line.first(), Some(b' ' | b'\t')) {
                continue;
            }
            close(&mut open, line_start);
            if line_start >= MAX_HEADER_BYTES {
                // Not read, but the body still starts after it.
                continue;
            }
            if let Some(colon) = memchr(b':', line) {
                let name = line.get(..colon).unwrap_or_default().trim_ascii_end();
                // RFC 5322 section 2.2: printable ASCII without colon.
                if !name.is_empty() && name.iter().all(u8::is_ascii_graphic) {
                    open = Some((name, line_start + colon + 1));
                }
            }
        }
        (Self { fields }, entity.get(position..).unwrap_or_default())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// The first field of that name, unfolded only by whoever parses it.
    fn raw(&self, name: &str) -> Option<&'a [u8]> {
        self.fields
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| *value)
    }

    /// The first field of that name as it stands, on one line and in lower case.
    pub(crate) fn token(&self, name: &str) -> Option<String> {
        let value = self.raw(name)?;
        let value = value.get(..MAX_SUSPICIOUS_FIELD_BYTES).unwrap_or(value);
        Some(clean_line(&String::from_utf8_lossy(value)).0.to_lowercase())
    }

    /// The field as decoded text on one line, and whether it held invisible characters.
    pub(crate) fn phrase(&self, name: &str) -> (String, bool) {
        let Some(raw) = self.raw(name) else {
            return (String::new(), false);
        };
        let value = prepare(raw);
        let value = value
            .get(..MAX_SUSPICIOUS_FIELD_BYTES * 2)
            .unwrap_or(&value);
        let mut line = value.to_vec();
        line.push(b'\n');
        let parsed = MessageStream::new(&line).parse_unstructured();
        let (mut text, had_invisible) = clean_line(parsed.as_text().unwrap_or_default());
        crate::mail::text::cut(&mut text, MAX_PHRASE_BYTES);
        (text, had_invisible)
    }

    /// The addresses of every field of that name; groups are flattened.
    pub(crate) fn mailboxes(&self, name: &str) -> Vec<Mailbox> {
        let mut mailboxes = Vec::new();
        for (found, raw) in &self.fields {
            if found.eq_ignore_ascii_case(name.as_bytes()) && mailboxes.len() < MAX_ADDRESSES {
                add_mailboxes(&prepare(raw), &mut mailboxes);
            }
        }
        mailboxes
    }

    /// The identifiers of every field of that name, without brackets.
    pub(crate) fn ids(&self, name: &str) -> Vec<String> {
        let mut ids = Vec::new();
        for (found, raw) in &self.fields {
            if !found.eq_ignore_ascii_case(name.as_bytes()) {
                continue;
            }
            let value = prepare(raw);
            match MessageStream::new(&value).parse_id() {
                HeaderValue::Text(id) => ids.extend(clean_id(&id)),
                HeaderValue::TextList(list) => {
                    ids.extend(list.iter().filter_map(|id| clean_id(id)));
                }
                _ => {}
            }
        }
        ids
    }

    /// The field as a date, in the zone it was written in.
    pub(crate) fn date(&self, name: &str) -> Option<DateTime<FixedOffset>> {
        read_date(&prepare(self.raw(name)?))
    }

    /// The date of the topmost `Received` field, which stands after its last semicolon
    /// (RFC 5321 section 4.4).
    pub(crate) fn received_at(&self) -> Option<DateTime<FixedOffset>> {
        let value = prepare(self.raw("Received")?);
        let semicolon = memchr::memrchr(b';', &value)?;
        read_date(value.get(semicolon + 1..)?)
    }

    /// A field with parameters: `Content-Type` or `Content-Disposition`.
    pub(crate) fn parameters(&self, name: &str) -> Option<ContentType<'static>> {
        let value = prepare(self.raw(name)?);
        MessageStream::new(&value)
            .parse_content_type()
            .into_content_type()
            .map(own_content_type)
    }
}

fn own_content_type(value: ContentType<'_>) -> ContentType<'static> {
    match HeaderValue::ContentType(value).into_owned() {
        HeaderValue::ContentType(value) => value,
        // `into_owned` keeps the variant.
        _ => ContentType {
            c_type: Cow::Borrowed(""),
            c_subtype: None,
            attributes: None,
        },
    }
}

/// Bounds a value, makes it UTF-8, and gives it the line end that mail-parser waits for.
fn prepare(value: &[u8]) -> Vec<u8> {
    let mut value = value.get(..MAX_FIELD_BYTES).unwrap_or(value);
    let markers = memmem::find_iter(value, b"=?").count();
    if markers.saturating_mul(value.len()) > MAX_FIELD_WORK {
        value = value.get(..MAX_SUSPICIOUS_FIELD_BYTES).unwrap_or(value);
    }
    // Raw eight-bit fields are UTF-8 (RFC 6532) or, from old senders, mostly windows-1252.
    let value = match (std::str::from_utf8(value), charset_decoder(b"windows-1252")) {
        (Err(error), Some(decode)) if error.error_len().is_some() => {
            Cow::Owned(decode(value).into_bytes())
        }
        _ => Cow::Borrowed(value),
    };
    let mut line = value.trim_ascii_end().to_vec();
    line.push(b'\n');
    line
}

fn add_mailboxes(value: &[u8], mailboxes: &mut Vec<Mailbox>) {
    let parsed = MessageStream::new(value).parse_address().into_address();
    let addresses = match parsed {
        Some(Address::List(list)) => list,
        Some(Address::Group(groups)) => groups
            .into_iter()
            .flat_map(|group| group.addresses)
            .collect(),
        None => return,
    };
    for parsed in addresses {
        if mailboxes.len() >= MAX_ADDRESSES {
            return;
        }
        let name = parsed
            .name
            .map(|name| clean_line(&name).0)
            .filter(|name| !name.is_empty());
        let address = parsed
            .address
            .map(|address| clean_address(&address))
            .unwrap_or_default();
        push_mailbox(name, &address, mailboxes);
    }
}

/// Mends what senders make of one address: several of them, or words before it.
fn push_mailbox(name: Option<String>, address: &str, mailboxes: &mut Vec<Mailbox>) {
    if address.starts_with("undisclosed-recipient") {
        return;
    }
    let bounded = |mut name: String| {
        crate::mail::text::cut(&mut name, MAX_PHRASE_BYTES);
        name
    };
    if address.contains(' ') && address.contains('@') {
        let words: Vec<&str> = address.split(' ').collect();
        let (addresses, others): (Vec<&str>, Vec<&str>) =
            words.into_iter().partition(|word| word.contains('@'));
        let name = name
            .or_else(|| (!others.is_empty()).then(|| others.join(" ")))
            .map(bounded);
        for address in addresses {
            mailboxes.push(Mailbox {
                name: name.clone(),
                address: clean_address(address),
            });
        }
        return;
    }
    match name {
        // An address that stands where only a name is expected.
        Some(name) if address.is_empty() && name.contains('@') && !name.contains(' ') => {
            mailboxes.push(Mailbox {
                name: None,
                address: clean_address(&name),
            });
        }
        None if address.is_empty() => {}
        name => mailboxes.push(Mailbox {
            name: name.map(bounded),
            address: address.to_owned(),
        }),
    }
}

/// An address in lower case without anything that is no part of it.
///
/// RFC 5321 lets the part before the `@` depend on case; no provider in use does, and people do
/// not.
fn clean_address(address: &str) -> String {
    let (line, _) = clean_line(address);
    let line = line.trim_matches(|character: char| {
        character.is_whitespace() || matches!(character, '<' | '>' | ',' | ';' | '"' | '\'')
    });
    let mut line = line.strip_prefix("mailto:").unwrap_or(line).to_lowercase();
    crate::mail::text::cut(&mut line, MAX_PHRASE_BYTES);
    line
}

/// An identifier without brackets and folds; `None` where nothing usable is left.
fn clean_id(id: &str) -> Option<String> {
    let (line, _) = clean_line(id);
    let line = line.trim_matches(['<', '>', ' ']);
    // White space inside comes from folding in brackets; elsewhere it is a sentence, no id.
    let id: String = if line.contains('@') || !line.contains(' ') {
        line.split(' ').collect()
    } else {
        return None;
    };
    (!id.is_empty() && id.len() <= MAX_ID_BYTES).then_some(id)
}

fn read_date(value: &[u8]) -> Option<DateTime<FixedOffset>> {
    let mut value = value.to_vec();
    if value.last() != Some(&b'\n') {
        value.push(b'\n');
    }
    let HeaderValue::DateTime(parsed) = MessageStream::new(&value).parse_date() else {
        return None;
    };
    let seconds = i32::from(parsed.tz_hour) * 3600 + i32::from(parsed.tz_minute) * 60;
    let offset = FixedOffset::east_opt(if parsed.tz_before_gmt {
        -seconds
    } else {
        seconds
    })?;
    NaiveDate::from_ymd_opt(
        i32::from(parsed.year),
        u32::from(parsed.month),
        u32::from(parsed.day),
    )?
    // A leap second is the second before it: chrono has no other place for it.
    .and_hms_opt(
        u32::from(parsed.hour),
        u32::from(parsed.minute),
        u32::from(parsed.second.min(59)),
    )
    // Before 1970 there was no mail: such dates are defaults of broken clocks. Spam dates itself
    // far ahead to stay on top of the list.
    .filter(|civil| civil.and_utc().timestamp() > 0 && civil.year() <= LAST_YEAR)?
    .and_local_timezone(offset)
    .single()
}
