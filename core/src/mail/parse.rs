//! Taking one message apart: from raw bytes to a [`Message`].
//!
//! Owns which parts are the text, what the headers say about the message, and its identity.
//! Invariant: [`parse`] returns for every input, in time linear in its length and with memory for
//! a few megabytes beside it; it never panics and never recurses. The bounds: 256 KiB of headers,
//! 20 levels and 1,000 parts of MIME, 4 MiB of each text part before decoding. What lies beyond a
//! bound is as if it were not there, and stays in the raw message.
//!
//! Attached messages (`message/rfc822`) are attachments and are not opened.

use std::collections::HashSet;
use std::fmt;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::mail::header::Headers;
use crate::mail::html::render;
use crate::mail::mime::{Leaf, leaves};
use crate::mail::text::{clean, cut};

use super::message::{
    Attachment, MAX_ATTACHMENTS, MAX_REFERENCES, MAX_TEXT_BYTES, Mailbox, Message, Signals,
};

/// How large a page beside a plain text may be to be searched for hidden text.
const MAX_SIDE_PAGE_BYTES: usize = 512 * 1024;

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParseError {
    /// There is nothing but white space.
    Empty,
    /// There is no header field before the first empty line.
    NoHeader,
}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Empty => "the message is empty",
            Self::NoHeader => "the message has no header",
        })
    }
}

impl std::error::Error for ParseError {}

/// Takes a raw message (RFC 5322, CRLF or LF line ends) apart.
pub fn parse(raw: &[u8]) -> Result<Message, ParseError> {
    let raw = raw
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(raw)
        .trim_ascii_start();
    if raw.is_empty() {
        return Err(ParseError::Empty);
    }
    let (headers, body) = Headers::split(raw);
    if headers.is_empty() {
        return Err(ParseError::NoHeader);
    }

    let message_id = headers.ids("Message-ID").into_iter().next();
    let (subject, subject_had_hidden) = headers.phrase("Subject");
    let from = headers.mailboxes("From").into_iter().next();
    let reply_to = headers.mailboxes("Reply-To");
    let mut signals = header_signals(&headers, from.as_ref(), &reply_to);
    let mut message = Message {
        references: references(&headers, message_id.as_deref()),
        message_id,
        from,
        to: headers.mailboxes("To"),
        cc: headers.mailboxes("Cc"),
        reply_to,
        subject,
        sent_at: headers.date("Date"),
        received_at: headers.received_at(),
        text: String::new(),
        text_truncated: false,
        attachments: Vec::new(),
        signals: Signals::default(),
    };
    let content = Content::read(&leaves(headers, body));
    signals.had_hidden_text |= subject_had_hidden || content.had_hidden_text;
    signals.is_bounce |= content.has_delivery_status;
    signals.is_automatic |= content.has_delivery_status;
    signals.calendar_method = content.calendar_method;
    message.signals = signals;
    message.text = content.text;
    message.text_truncated = content.text_truncated;
    message.attachments = content.attachments;
    Ok(message)
}

/// The SHA-256 of the raw bytes, as 64 lower-case hexadecimal digits.
pub fn content_hash(raw: &[u8]) -> String {
    let mut hash = String::with_capacity(64);
    for byte in Sha256::digest(raw) {
        // Writing to a String cannot fail.
        let _ = write!(hash, "{byte:02x}");
    }
    hash
}

/// What makes two copies of a message the same one: its `Message-ID`, else its content.
///
/// The prefixes keep an identifier that looks like a hash from meeting one.
pub fn dedupe_key(message: &Message, raw: &[u8]) -> String {
    match &message.message_id {
        Some(id) => format!("mid:{id}"),
        None => format!("sha256:{}", content_hash(raw)),
    }
}

/// `References` and then `In-Reply-To` (RFC 5322 section 3.6.4), oldest first, each once. A message
/// that names itself is not its own ancestor.
fn references(headers: &Headers<'_>, own_id: Option<&str>) -> Vec<String> {
    let mut ids = headers.ids("References");
    ids.extend(headers.ids("In-Reply-To"));
    let mut seen = HashSet::new();
    ids.retain(|id| Some(id.as_str()) != own_id && seen.insert(id.clone()));
    let surplus = ids.len().saturating_sub(MAX_REFERENCES);
    ids.drain(..surplus);
    ids
}

fn header_signals(headers: &Headers<'_>, from: Option<&Mailbox>, reply_to: &[Mailbox]) -> Signals {
    let token = |name: &str| headers.token(name).unwrap_or_default();
    let precedence = token("Precedence");
    // RFC 3834 section 5: a keyword, perhaps with parameters.
    let auto_submitted = token("Auto-Submitted");
    let auto_submitted = auto_submitted.split([';', ' ']).next().unwrap_or_default();
    let has_null_return_path = token("Return-Path") == "<>";
    let is_daemon = from.is_some_and(|from| from.address.starts_with("mailer-daemon@"));
    let is_list = [
        "List-Id",
        "List-Post",
        "List-Help",
        "List-Subscribe",
        "List-Owner",
        "List-Archive",
        "Mailing-List",
        "X-Mailing-List",
        "X-BeenThere",
    ]
    .iter()
    .any(|name| headers.has(name))
        || precedence == "list";
    // A vacation notice has a null return path as well, but says that it is a reply.
    let is_bounce = is_daemon
        || headers.has("X-Failed-Recipients")
        || (has_null_return_path && auto_submitted != "auto-replied");
    let priority = token("X-Priority");
    Signals {
        is_list,
        has_unsubscribe: headers.has("List-Unsubscribe"),
        is_automatic: is_bounce
            || !matches!(auto_submitted, "" | "no")
            || precedence == "auto_reply"
            || ["X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress"]
                .iter()
                .any(|name| headers.has(name)),
        is_bulk: matches!(precedence.as_str(), "bulk" | "junk" | "list"),
        is_bounce,
        calendar_method: None,
        is_marked_urgent: token("Importance") == "high"
            || priority.starts_with(['1', '2'])
            || token("Priority") == "urgent"
            || token("X-MSMail-Priority") == "high",
        had_hidden_text: false,
        sender_is_doubtful: has_failed_authentication(headers)
            || (!is_list && from.is_some_and(|from| is_contradicted(from, reply_to))),
    }
}

/// Whether the topmost `Authentication-Results` (RFC 8601) speaks against the author. Lower ones
/// may have been written by anybody.
fn has_failed_authentication(headers: &Headers<'_>) -> bool {
    let results = headers.token("Authentication-Results").unwrap_or_default();
    let result = |method: &str| {
        results
            .split([';', ' '])
            .find_map(|word| word.strip_prefix(method)?.strip_prefix('='))
            .unwrap_or_default()
    };
    match result("dmarc") {
        "fail" => true,
        "" | "none" => {
            matches!(result("spf"), "fail" | "softfail") && !matches!(result("dkim"), "pass")
                || result("dkim") == "fail" && result("spf") != "pass"
        }
        _ => false,
    }
}

/// Whether answers would go to another domain, or the name shows another domain's address.
fn is_contradicted(from: &Mailbox, reply_to: &[Mailbox]) -> bool {
    let Some((_, own)) = from.address.rsplit_once('@') else {
        return false;
    };
    let is_foreign = |address: &str| {
        address
            .rsplit_once('@')
            .is_some_and(|(_, other)| !are_related_domains(own, other))
    };
    let answers_elsewhere =
        !reply_to.is_empty() && reply_to.iter().all(|mailbox| is_foreign(&mailbox.address));
    let name = from.name.as_deref().unwrap_or_default().to_lowercase();
    let shows_another = name
        .split(|character: char| character.is_whitespace() || "<>()[],;:\"'".contains(character))
        .filter(|word| {
            word.split_once('@')
                .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
        })
        .any(is_foreign);
    answers_elsewhere || shows_another
}

/// Whether one domain is the other or lies below it, or both lie below the same registered name.
///
/// Without the public suffix list, two labels count as the registered name, three where the second
/// is as short as in `co.uk`.
fn are_related_domains(one: &str, other: &str) -> bool {
    fn registered(domain: &str) -> String {
        let labels: Vec<&str> = domain.rsplit('.').collect();
        let wanted = match labels.as_slice() {
            [country, second, ..] if country.len() == 2 && second.len() <= 3 => 3,
            _ => 2,
        };
        labels
            .into_iter()
            .take(wanted)
            .collect::<Vec<_>>()
            .join(".")
    }
    registered(one) == registered(other)
}

/// What the parts hold.
#[derive(Default)]
struct Content {
    text: String,
    text_truncated: bool,
    had_hidden_text: bool,
    has_delivery_status: bool,
    calendar_method: Option<String>,
    attachments: Vec<Attachment>,
}

/// A text part that may be shown.
struct Candidate<'l, 'a> {
    leaf: &'l Leaf<'a>,
    is_html: bool,
}

impl Content {
    fn read(leaves: &[Leaf<'_>]) -> Self {
        let mut content = Self::default();
        let mut candidates = Vec::new();
        let is_single = leaves.len() == 1;
        for leaf in leaves {
            let disposition = leaf.headers.parameters("Content-Disposition");
            let is_attachment = disposition
                .as_ref()
                .is_some_and(|disposition| disposition.ctype().eq_ignore_ascii_case("attachment"));
            if leaf.media_type == "text/calendar" && content.calendar_method.is_none() {
                content.calendar_method = calendar_method(leaf);
            }
            content.has_delivery_status |= matches!(
                leaf.media_type.as_str(),
                "message/delivery-status" | "message/global-delivery-status"
            );
            let filename = leaf.filename(disposition.as_ref());
            let is_shown = !is_attachment
                && !leaf.is_related
                && match leaf.media_type.as_str() {
                    "text/plain" | "text/html" => {
                        filename.is_none() || is_single || is_inline(disposition.as_ref())
                    }
                    // Better some odd text than none.
                    other => is_single && other.starts_with("text/") && other != "text/calendar",
                };
            if is_shown {
                candidates.push(Candidate {
                    leaf,
                    is_html: leaf.media_type == "text/html",
                });
            } else if content.attachments.len() < MAX_ATTACHMENTS && !is_hollow(leaf) {
                content.attachments.push(Attachment {
                    filename,
                    content_type: leaf.media_type.clone(),
                    size_bytes: leaf.size_bytes(),
                    inline: !is_attachment
                        && (leaf.is_related
                            || leaf.headers.has("Content-ID")
                            || is_inline(disposition.as_ref())),
                });
            }
        }
        content.read_text(&candidates);
        content
    }

    /// Joins the parts that are shown. Of alternatives, the plain one is, unless it is blank.
    fn read_text(&mut self, candidates: &[Candidate<'_, '_>]) {
        let mut texts: Vec<String> = Vec::new();
        let mut length = 0;
        let mut index = 0;
        while let Some(candidate) = candidates.get(index) {
            let group = candidate.leaf.alternative;
            let count = match group {
                None => 1,
                Some(_) => candidates
                    .iter()
                    .skip(index)
                    .take_while(|other| other.leaf.alternative == group)
                    .count(),
            };
            let members = candidates.get(index..index + count).unwrap_or_default();
            index += count;
            let plain: Vec<String> = members
                .iter()
                .filter(|member| !member.is_html)
                .map(|member| self.read_plain(member.leaf))
                .filter(|text| !text.is_empty())
                .collect();
            let has_plain = !plain.is_empty();
            let pages = members.iter().filter(|member| member.is_html);
            let mut shown = plain;
            for page in pages {
                if !has_plain {
                    let rendered = render(&page.leaf.text(), MAX_TEXT_BYTES);
                    self.had_hidden_text |= rendered.had_hidden_text;
                    shown.push(rendered.text);
                } else if page.leaf.body.len() <= MAX_SIDE_PAGE_BYTES {
                    // The page is not used, but what it hides tells about its author.
                    self.had_hidden_text |=
                        render(&page.leaf.text(), MAX_TEXT_BYTES).had_hidden_text;
                }
            }
            for text in shown.into_iter().filter(|text| !text.is_empty()) {
                length += text.len();
                texts.push(text);
            }
            if length > MAX_TEXT_BYTES {
                break;
            }
        }
        self.text = texts.join("\n\n");
        self.text_truncated = cut(&mut self.text, MAX_TEXT_BYTES);
    }

    fn read_plain(&mut self, leaf: &Leaf<'_>) -> String {
        let (text, had_invisible) = clean(&leaf.text());
        self.had_hidden_text |= had_invisible;
        let text = text.trim_end();
        // Empty lines before the text go, the first line's indentation stays.
        let start = text
            .char_indices()
            .take_while(|(_, character)| character.is_whitespace())
            .filter(|(_, character)| *character == '\n')
            .last()
            .map_or(0, |(position, _)| position + 1);
        text.get(start..).unwrap_or_default().to_owned()
    }
}

fn is_inline(disposition: Option<&mail_parser::ContentType<'_>>) -> bool {
    disposition.is_some_and(|disposition| disposition.ctype().eq_ignore_ascii_case("inline"))
}

/// Whether a part has neither a name nor content: the leftovers of broken multiparts.
fn is_hollow(leaf: &Leaf<'_>) -> bool {
    leaf.headers.is_empty() && leaf.body.trim_ascii().is_empty()
}

/// The method of an invitation (RFC 6047 section 2.4), from the header or the calendar itself.
fn calendar_method(leaf: &Leaf<'_>) -> Option<String> {
    let named = leaf
        .content_type
        .as_ref()
        .and_then(|content_type| content_type.attribute("method"))
        .map(str::to_owned);
    let method = named.or_else(|| {
        leaf.text()
            .lines()
            .take(50)
            .find_map(|line| line.strip_prefix("METHOD:").map(str::to_owned))
    })?;
    let method = method.trim().to_ascii_uppercase();
    let is_token = !method.is_empty()
        && method.len() <= 32
        && method
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_token.then_some(method)
}
