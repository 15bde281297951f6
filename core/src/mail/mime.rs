//! The tree of MIME parts (RFC 2046), flattened.
//!
//! Owns the walk over the parts and its bounds; mail-parser decodes what is in them. mail-parser's
//! own walk is not used: it builds a tree that overflows the stack when it is dropped (10,000
//! nested `message/rfc822`, also inside base64, where nothing could count them beforehand), and it
//! scans to the end of the message for each boundary that never comes. Invariant: the walk keeps
//! its own stack, goes [`MAX_DEPTH`] levels deep, visits [`MAX_PARTS`] parts, and what lies beyond
//! is left in the raw message, as are the insides of attached messages.

use std::borrow::Cow;

use mail_parser::ContentType;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::parsers::MessageStream;
use memchr::{memchr, memmem};

use crate::mail::header::Headers;

/// How deep multiparts are followed. Each level scans its bytes once more; real mail has five.
pub(crate) const MAX_DEPTH: usize = 20;

/// How many parts are looked at.
pub(crate) const MAX_PARTS: usize = 1000;

/// How much of a text part's encoded bytes is decoded: HTML is some ten times its text, and the
/// text is cut to 256 KiB.
const MAX_DECODED_BYTES: usize = 4 * 1024 * 1024;

/// A part that is no multipart.
#[derive(Debug)]
pub(crate) struct Leaf<'a> {
    pub(crate) headers: Headers<'a>,
    /// The media type in lower case, such as `text/plain`.
    pub(crate) media_type: String,
    pub(crate) content_type: Option<ContentType<'static>>,
    pub(crate) body: &'a [u8],
    /// The outermost `multipart/alternative` that the part stands in, by number.
    pub(crate) alternative: Option<usize>,
    /// Whether the part belongs to another one, as the images of a page do (RFC 2387).
    pub(crate) is_related: bool,
}

struct Pending<'a> {
    entity: &'a [u8],
    depth: usize,
    alternative: Option<usize>,
    is_related: bool,
    in_digest: bool,
}

/// The parts of a message in their order. `headers` and `body` are the message's own.
pub(crate) fn leaves<'a>(headers: Headers<'a>, body: &'a [u8]) -> Vec<Leaf<'a>> {
    let mut leaves = Vec::new();
    let mut stack = Vec::new();
    let mut visited = 1;
    visit(
        headers,
        body,
        &Pending {
            entity: &[],
            depth: 0,
            alternative: None,
            is_related: false,
            in_digest: false,
        },
        &mut stack,
        &mut leaves,
    );
    while let Some(pending) = stack.pop() {
        visited += 1;
        if visited > MAX_PARTS {
            break;
        }
        let (headers, body) = Headers::split(pending.entity);
        visit(headers, body, &pending, &mut stack, &mut leaves);
    }
    leaves
}

fn visit<'a>(
    headers: Headers<'a>,
    body: &'a [u8],
    pending: &Pending<'a>,
    stack: &mut Vec<Pending<'a>>,
    leaves: &mut Vec<Leaf<'a>>,
) {
    let content_type = headers.parameters("Content-Type");
    let media_type = media_type(content_type.as_ref(), pending.in_digest);
    let mut is_broken = false;
    if let Some(subtype) = media_type.strip_prefix("multipart/") {
        let boundary = content_type
            .as_ref()
            .and_then(|content_type| content_type.attribute("boundary"))
            .map_or_else(
                || guess_boundary(body),
                |boundary| Some(boundary.as_bytes()),
            );
        let parts = match boundary {
            Some(boundary) if pending.depth < MAX_DEPTH => {
                split_parts(body, boundary.trim_ascii_end())
            }
            _ => Vec::new(),
        };
        if !parts.is_empty() {
            let alternative = match pending.alternative {
                None if subtype == "alternative" => Some(leaves.len()),
                outer => outer,
            };
            for (index, entity) in parts.into_iter().enumerate().rev() {
                stack.push(Pending {
                    entity,
                    depth: pending.depth + 1,
                    alternative,
                    is_related: pending.is_related || (subtype == "related" && index > 0),
                    in_digest: subtype == "digest",
                });
            }
            return;
        }
        // No boundary in sight: what there is, is shown as text. Beyond the depth, nothing is.
        is_broken = pending.depth < MAX_DEPTH;
    }
    leaves.push(Leaf {
        headers,
        media_type: if is_broken {
            "text/plain".to_owned()
        } else {
            media_type
        },
        content_type,
        body,
        alternative: pending.alternative,
        is_related: pending.is_related,
    });
}

/// The media type in lower case; RFC 2045 section 5.2 and RFC 2046 section 5.1.5 give the defaults.
fn media_type(content_type: Option<&ContentType<'_>>, in_digest: bool) -> String {
    match content_type {
        Some(content_type) => match content_type.subtype() {
            Some(subtype) => format!("{}/{subtype}", content_type.ctype()).to_ascii_lowercase(),
            // "Content-Type: text" is what some old systems wrote for plain text.
            None => "text/plain".to_owned(),
        },
        None if in_digest => "message/rfc822".to_owned(),
        None => "text/plain".to_owned(),
    }
}

/// The first line of a multipart that looks like a boundary, for senders that forgot to name it.
fn guess_boundary(body: &[u8]) -> Option<&[u8]> {
    let head = body.get(..4096).unwrap_or(body);
    head.split(|&byte| byte == b'\n')
        .filter_map(|line| line.trim_ascii_end().strip_prefix(b"--"))
        .find(|boundary| boundary.len() > 3 && !boundary.contains(&b' '))
}

/// The bytes between the boundary lines (RFC 2046 section 5.1.1). The line end before a boundary
/// belongs to it. A last part without end goes to the end.
fn split_parts<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    if boundary.is_empty() {
        return Vec::new();
    }
    let delimiter = [b"--", boundary].concat();
    let finder = memmem::Finder::new(&delimiter);
    let mut parts = Vec::new();
    let mut part_start: Option<usize> = None;
    let mut position = 0;
    while let Some(found) = body.get(position..).and_then(|rest| finder.find(rest)) {
        let found = position + found;
        position = found + delimiter.len();
        if found > 0 && body.get(found - 1) != Some(&b'\n') {
            continue;
        }
        let after = body.get(position..).unwrap_or_default();
        let line_length = memchr(b'\n', after).unwrap_or(after.len());
        let tail = after.get(..line_length).unwrap_or_default();
        let (is_last, padding) = match tail.strip_prefix(b"--") {
            Some(padding) => (true, padding),
            None => (false, tail),
        };
        // Another boundary that starts with this one is not this one.
        if !padding.trim_ascii().is_empty() {
            continue;
        }
        if let Some(start) = part_start {
            let part = body.get(start..found).unwrap_or_default();
            let part = part.strip_suffix(b"\n").unwrap_or(part);
            parts.push(part.strip_suffix(b"\r").unwrap_or(part));
        }
        position = (position + line_length + 1).min(body.len());
        part_start = Some(position);
        if is_last {
            return parts;
        }
        if parts.len() >= MAX_PARTS {
            return parts;
        }
    }
    if let Some(part) = part_start.and_then(|start| body.get(start..)) {
        parts.push(part);
    }
    parts
}

impl Leaf<'_> {
    fn encoding(&self) -> String {
        self.headers
            .token("Content-Transfer-Encoding")
            .map(|encoding| {
                encoding
                    .split(';')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_owned()
            })
            .unwrap_or_default()
    }

    /// The size of the decoded content in bytes, found without decoding it where that is possible.
    pub(crate) fn size_bytes(&self) -> u64 {
        let size = match self.encoding().as_str() {
            "base64" => {
                let symbols = self
                    .body
                    .iter()
                    .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
                    .count();
                symbols / 4 * 3 + (symbols % 4).saturating_sub(1)
            }
            "quoted-printable" => {
                let escapes = memchr::memchr_iter(b'=', self.body);
                let mut removed = 0;
                for escape in escapes {
                    removed += match self.body.get(escape + 1..) {
                        Some([b'\n', ..]) => 2,
                        Some([b'\r', b'\n', ..]) => 3,
                        Some([first, second, ..])
                            if first.is_ascii_hexdigit() && second.is_ascii_hexdigit() =>
                        {
                            2
                        }
                        _ => 0,
                    };
                }
                self.body.len().saturating_sub(removed)
            }
            _ => self.body.len(),
        };
        // usize is at most 64 bits wide on every target.
        size as u64
    }

    /// The start of the content as text, whatever its charset and encoding claim to be.
    pub(crate) fn text(&self) -> String {
        let body = self.body.get(..MAX_DECODED_BYTES).unwrap_or(self.body);
        let bytes = match self.encoding().as_str() {
            "base64" => decode_base64(body),
            "quoted-printable" => {
                let (_, decoded) = MessageStream::new(body).decode_quoted_printable_mime(b"");
                decoded
            }
            _ => Cow::Borrowed(body),
        };
        let named = self
            .content_type
            .as_ref()
            .and_then(|content_type| content_type.attribute("charset"));
        let charset = match named {
            Some(charset) => charset.trim().to_ascii_lowercase(),
            None if self.media_type == "text/html" => charset_of_page(&bytes).unwrap_or_default(),
            None => String::new(),
        };
        decode_charset(&bytes, &charset)
    }

    /// The name that the sender gave the part (RFC 2183, or the older `name` parameter).
    pub(crate) fn filename(&self, disposition: Option<&ContentType<'_>>) -> Option<String> {
        let name = disposition
            .and_then(|disposition| disposition.attribute("filename"))
            .or_else(|| {
                self.content_type
                    .as_ref()
                    .and_then(|content_type| content_type.attribute("name"))
            })?;
        // Only the last piece of a path is a name; separators would let it point elsewhere.
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let (mut name, _) = crate::mail::text::clean_line(name);
        crate::mail::text::cut(&mut name, 255);
        (!name.is_empty()).then_some(name)
    }
}

/// Base64 that forgives whatever is no symbol (RFC 2045 section 6.8), up to the padding.
fn decode_base64(body: &[u8]) -> Cow<'_, [u8]> {
    if let Some(decoded) = base64_decode(body) {
        return Cow::Owned(decoded);
    }
    // What follows the padding was appended by a list or a virus scanner.
    let end = memchr(b'=', body).unwrap_or(body.len());
    let encoded = body.get(..end).unwrap_or_default();
    let symbols: Vec<u8> = encoded
        .iter()
        .copied()
        .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
        .collect();
    // Prose has a space in every sixth place and more besides: it was never base64.
    if symbols.len() < encoded.len() / 10 * 9 {
        return Cow::Borrowed(body);
    }
    base64_decode(&symbols).map_or(Cow::Borrowed(body), Cow::Owned)
}

/// Text in a named charset. UTF-8 is tried first where the name is missing, unknown or `us-ascii`,
/// since it cannot be mistaken for anything else; windows-1252 is what remains.
fn decode_charset(bytes: &[u8], charset: &str) -> String {
    let is_vague = matches!(charset, "" | "us-ascii" | "ascii" | "utf-8" | "utf8");
    let named = if is_vague {
        None
    } else {
        charset_decoder(charset.as_bytes())
    };
    if let Some(decode) = named {
        return decode(bytes);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // Cut inside a character, or told to be UTF-8.
        Err(error) if error.error_len().is_none() || charset.starts_with("utf") => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        Err(_) => match charset_decoder(b"windows-1252") {
            Some(decode) => decode(bytes),
            None => String::from_utf8_lossy(bytes).into_owned(),
        },
    }
}

/// The charset that a page names for itself in its first kilobyte.
fn charset_of_page(page: &[u8]) -> Option<String> {
    let head = page.get(..1024).unwrap_or(page).to_ascii_lowercase();
    let start = memmem::find(&head, b"charset=")? + b"charset=".len();
    let name: Vec<u8> = head
        .get(start..)?
        .iter()
        .copied()
        .skip_while(|byte| matches!(byte, b'"' | b'\''))
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        .collect();
    String::from_utf8(name).ok()
}
