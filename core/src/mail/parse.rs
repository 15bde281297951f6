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

use crate::analysis::gives_orders;
use crate::mail::domain;
use crate::mail::header::Headers;
use crate::mail::html::{Rendered, render};
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
    signals.hides_orders = content.hides_orders;
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
        hides_orders: false,
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
            .is_some_and(|(_, other)| !domain::are_related(own, other))
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

/// What the parts hold.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that hold in any combination"
)]
struct Content {
    text: String,
    text_truncated: bool,
    had_hidden_text: bool,
    hides_orders: bool,
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
                    self.note_hidden(&rendered);
                    shown.push(rendered.text);
                } else if page.leaf.body.len() <= MAX_SIDE_PAGE_BYTES {
                    // The page is not used, but what it hides tells about its author.
                    self.note_hidden(&render(&page.leaf.text(), MAX_TEXT_BYTES));
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

    fn note_hidden(&mut self, page: &Rendered) {
        self.had_hidden_text |= page.had_hidden_text;
        self.hides_orders |= gives_orders(&page.hidden_text);
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;
    use proptest::prelude::*;

    fn message(raw: &str) -> Message {
        parse(raw.as_bytes()).unwrap()
    }

    #[test]
    fn a_plain_message_is_read() {
        let message = message(
            "Message-ID: <a@x.example>\r\nIn-Reply-To: <c@x.example>\r\n\
             References: <b@x.example>\r\n <c@x.example> <b@x.example>\r\n\
             Date: Mon, 2 Feb 2026 10:00:00 -0500\r\n\
             Received: from a by b; Mon, 2 Feb 2026 15:00:01 +0000\r\n\
             Received: from c by a; Mon, 2 Feb 2026 14:00:01 +0000\r\n\
             From: =?utf-8?q?Ad=C3=A4?= <Ada@X.example>\r\n\
             To: Team: Bob <bob@x.example>, carl@x.example;\r\nCc: undisclosed-recipients:;\r\n\
             Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n and more\r\n\r\nHello\r\nBob\r\n",
        );
        assert_eq!(message.message_id.as_deref(), Some("a@x.example"));
        assert_eq!(message.references, ["b@x.example", "c@x.example"]);
        assert_eq!(
            message.sent_at.unwrap().to_rfc3339(),
            "2026-02-02T10:00:00-05:00"
        );
        assert_eq!(
            message.received_at.unwrap().to_rfc3339(),
            "2026-02-02T15:00:01+00:00"
        );
        let ada = Mailbox {
            name: Some("Adä".to_owned()),
            address: "ada@x.example".to_owned(),
        };
        assert_eq!(message.from, Some(ada));
        let to: Vec<&str> = message
            .to
            .iter()
            .map(|mailbox| mailbox.address.as_str())
            .collect();
        assert_eq!(to, ["bob@x.example", "carl@x.example"]);
        assert!(message.cc.is_empty());
        assert_eq!(message.subject, "Grüße and more");
        assert_eq!(message.text, "Hello\nBob");
        assert_eq!(message.signals, Signals::default());
    }

    #[test]
    fn what_is_no_message_is_refused_and_what_is_strange_is_not() {
        assert_eq!(parse(b""), Err(ParseError::Empty));
        assert_eq!(parse(b" \r\n\n"), Err(ParseError::Empty));
        assert_eq!(parse(b"just words\n\nX: y\n"), Err(ParseError::NoHeader));
        assert_eq!(parse(&[0xff; 100]), Err(ParseError::NoHeader));
        let strange = message("X: y");
        assert_eq!(
            (strange.text.as_str(), strange.from, strange.sent_at),
            ("", None, None)
        );
        let strange =
            message("From: nobody at all\nDate: yesterday\nSubject:\nMessage-ID: <>\n\nx\0y");
        assert_eq!(strange.message_id, None);
        assert_eq!(strange.sent_at, None);
        assert_eq!(strange.text, "xy");
        assert_eq!(
            message("Date: Mon, 31 Feb 2026 10:00:00 +0000\n\n").sent_at,
            None
        );
        assert_eq!(
            message("Date: Mon, 2 Feb 2026 25:00:00 +0000\n\n").sent_at,
            None
        );
    }

    #[test]
    fn plain_text_is_preferred_and_pages_are_rendered() {
        let alternative = |plain: &str, html: &str| {
            message(&format!(
                "Content-Type: multipart/mixed; boundary=m\n\n--m\n\
                 Content-Type: multipart/alternative; boundary=a\n\n--a\n\
                 Content-Type: text/plain; charset=utf-8\n\n{plain}\n--a\n\
                 Content-Type: multipart/related; boundary=r\n\n--r\n\
                 Content-Type: text/html\n\n{html}\n--r\n\
                 Content-Type: image/png; name=logo.png\nContent-ID: <logo>\n\
                 Content-Transfer-Encoding: base64\n\naGVsbG8=\n--r--\n--a--\n--m\n\
                 Content-Type: application/pdf\n\
                 Content-Disposition: attachment; filename*=utf-8''Pl%C3%A4ne.pdf\n\n12345\n--m\n\
                 Content-Type: text/plain\n\nfooter\n--m--\n"
            ))
        };
        let both = alternative("plain", "<p>page</p>");
        assert_eq!(both.text, "plain\n\nfooter");
        assert!(!both.signals.had_hidden_text);
        let logo = Attachment {
            filename: Some("logo.png".to_owned()),
            content_type: "image/png".to_owned(),
            size_bytes: 5,
            inline: true,
        };
        let pdf = Attachment {
            filename: Some("Pläne.pdf".to_owned()),
            content_type: "application/pdf".to_owned(),
            size_bytes: 5,
            inline: false,
        };
        assert_eq!(both.attachments, [logo, pdf]);
        assert_eq!(alternative("", "<p>page</p>").text, "page\n\nfooter");
        assert!(
            alternative("x", "<p hidden>do as I say</p>")
                .signals
                .had_hidden_text
        );
    }

    #[test]
    fn a_message_of_attachments_has_no_text() {
        let message = message(
            "Content-Type: application/pdf; name=\"../../a\u{202e}b.pdf\"\n\
             Content-Transfer-Encoding: base64\n\naGVsbG8=\n",
        );
        assert_eq!(message.text, "");
        assert_eq!(
            message.attachments,
            [Attachment {
                filename: Some("ab.pdf".to_owned()),
                content_type: "application/pdf".to_owned(),
                size_bytes: 5,
                inline: false
            }]
        );
    }

    #[test]
    fn encodings_and_charsets_are_undone() {
        let text = |head: &str, body: &[u8]| {
            let raw = [format!("From: a@b\n{head}\n\n").as_bytes(), body].concat();
            parse(&raw).unwrap().text
        };
        assert_eq!(
            text(
                "Content-Transfer-Encoding: quoted-printable",
                b"gr=C3=BC=\r\n=C3=9Fe=ZZ"
            ),
            "grüße=ZZ"
        );
        assert_eq!(
            text(
                "Content-Transfer-Encoding: BASE64",
                b"Z3LDvMOfZQ==\n-- footer of a list"
            ),
            "grüße"
        );
        assert_eq!(
            text(
                "Content-Type: text/plain; charset=iso-8859-1",
                b"gr\xfc\xdfe"
            ),
            "grüße"
        );
        assert_eq!(text("X: y", b"gr\xfc\xdfe"), "grüße");
        assert_eq!(
            text(
                "Content-Type: text/plain; charset=us-ascii",
                "grüße".as_bytes()
            ),
            "grüße"
        );
        assert_eq!(
            text(
                "Content-Type: text/html",
                b"<meta charset='iso-8859-1'>gr\xfc\xdfe"
            ),
            "grüße"
        );
        assert_eq!(
            text(
                "Content-Type: text/plain; charset=nonsense",
                "grüße".as_bytes()
            ),
            "grüße"
        );
    }

    #[test]
    fn headers_tell_the_kind_of_message() {
        let signals = |head: &str| message(&format!("{head}\n\ntext\n")).signals;
        assert!(signals("List-Id: <a.x.example>").is_list);
        assert!(signals("List-Unsubscribe: <https://x.example>").has_unsubscribe);
        assert!(!signals("List-Unsubscribe: <https://x.example>").is_list);
        assert!(signals("Auto-Submitted: auto-generated (x)").is_automatic);
        assert!(!signals("Auto-Submitted: no").is_automatic);
        assert!(signals("Precedence: Bulk").is_bulk);
        assert!(signals("Return-Path: <>").is_bounce);
        assert!(!signals("Return-Path: <>\nAuto-Submitted: auto-replied").is_bounce);
        assert!(signals("From: Mail <MAILER-DAEMON@x.example>").is_bounce);
        assert!(signals("Importance: High").is_marked_urgent);
        assert!(signals("X-Priority: 1 (Highest)").is_marked_urgent);
        assert!(!signals("X-Priority: 3").is_marked_urgent);
        assert!(signals("Subject: in\u{200b}voice").had_hidden_text);
        let report = "Content-Type: multipart/report; boundary=b\n\n--b\n\nfailed\n--b\nContent-Type: message/delivery-status\n\nStatus: 5.0.0\n--b--";
        assert!(signals(report).is_bounce);
        let invitation = "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nCome\n--b\nContent-Type: text/calendar; method=request\n\nBEGIN:VCALENDAR\n--b--";
        assert_eq!(
            signals(invitation).calendar_method.as_deref(),
            Some("REQUEST")
        );
        let invitation = "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nMETHOD:CANCEL";
        assert_eq!(
            signals(invitation).calendar_method.as_deref(),
            Some("CANCEL")
        );
    }

    #[test]
    fn a_contradicted_sender_is_doubtful() {
        let doubtful = |head: &str| {
            message(&format!("{head}\n\ntext\n"))
                .signals
                .sender_is_doubtful
        };
        assert!(!doubtful("From: a@x.example\nReply-To: a@mail.x.example"));
        assert!(!doubtful("From: a@news.x.co.uk\nReply-To: a@x.co.uk"));
        assert!(doubtful("From: a@x.co.uk\nReply-To: a@y.co.uk"));
        assert!(doubtful("From: a@x.example\nReply-To: a@evil.example"));
        assert!(!doubtful(
            "From: a@x.example\nReply-To: l@lists.example\nList-Id: <l.lists.example>"
        ));
        assert!(doubtful("From: \"help@bank.example\" <x@evil.example>"));
        let results = |results: &str| {
            doubtful(&format!(
                "From: a@x.example\nAuthentication-Results: mx.y.example; {results}"
            ))
        };
        assert!(results("dmarc=fail (p=none) header.from=x.example"));
        assert!(!results("spf=pass; dkim=pass; dmarc=pass"));
        assert!(results("spf=softfail smtp.mailfrom=x.example; dkim=none"));
        assert!(!results("spf=softfail; dkim=pass"));
    }

    #[test]
    fn keys_of_copies_agree_and_of_others_do_not() {
        let named = b"Message-ID: <a@b>\n\nx";
        assert_eq!(dedupe_key(&parse(named).unwrap(), named), "mid:a@b");
        let unnamed = b"Subject: a\n\nx";
        let hash = content_hash(unnamed);
        assert_eq!(
            (hash.len(), content_hash(b"")),
            (
                64,
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".to_owned()
            )
        );
        assert_eq!(
            dedupe_key(&parse(unnamed).unwrap(), unnamed),
            format!("sha256:{hash}")
        );
    }

    #[test]
    fn long_lists_and_identifiers_are_bounded() {
        let ids: Vec<String> = (0..100).map(|number| format!("<{number}@x>")).collect();
        let many = message(&format!(
            "References: {}\nMessage-ID: <{}@x>\n\n",
            ids.join("\n "),
            "a".repeat(1000)
        ));
        assert_eq!(many.references.len(), MAX_REFERENCES);
        assert_eq!(many.references.last().map(String::as_str), Some("99@x"));
        assert_eq!(many.message_id, None);
        let long = message(&format!("Subject: x\n\n{}", "é".repeat(MAX_TEXT_BYTES)));
        assert!(long.text_truncated && long.text.len() <= MAX_TEXT_BYTES);
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "measures natively, where there is a clock"
    )]
    fn hostile_structures_cost_little_and_keep_the_outer_text() {
        let started = std::time::Instant::now();
        // Nested messages and multiparts, ten thousand deep.
        let nested = "Content-Type: message/rfc822\n\n".repeat(10_000);
        assert_eq!(
            message(&format!("Subject: x\n{nested}")).attachments.len(),
            1
        );
        let mut deep = String::from("Subject: top\n");
        for level in 0..10_000 {
            let _ = write!(
                deep,
                "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n\nlevel {level}\n--b{level}\n"
            );
        }
        let deep = message(&deep);
        assert!(deep.text.starts_with("level 0\n\nlevel 1\n"));
        // Boundaries that never come.
        let part = "--b\nContent-Type: multipart/mixed; boundary=never\n\n";
        message(&format!(
            "Content-Type: multipart/mixed; boundary=b\n\n{}",
            part.repeat(100_000)
        ));
        // Unclosed encoded words, groups, comments and quotes.
        for junk in [
            "=?a",
            "=?utf-8?q?",
            "a@b:",
            "(",
            "\"\\",
            "<",
            "a,",
            "=?a?b?",
            ";",
            "@",
        ] {
            let value = junk.repeat(1_000_000 / junk.len());
            for name in [
                "Subject",
                "To",
                "From",
                "References",
                "Date",
                "Received",
                "Content-Type",
                "Content-Disposition",
            ] {
                message(&format!("{name}: {value}\n\ntext"));
            }
        }
        message(&format!(
            "Content-Type: text/html\n\n{}",
            "<a b='".repeat(500_000)
        ));
        message(&format!(
            "Content-Type: text/html\n\n{}",
            "</style <!--".repeat(500_000)
        ));
        // Debug builds are some thirty times slower than what ships.
        assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn arbitrary_pieces_of_mail_never_panic(
            pieces in proptest::collection::vec(
                prop_oneof![
                    Just("Content-Type: multipart/alternative; boundary=b\n"),
                    Just("Content-Type: text/html; charset=utf-16\n"),
                    Just("Content-Type: message/rfc822\n"),
                    Just("Content-Type: ;=\"\n"),
                    Just("Content-Transfer-Encoding: base64\n"),
                    Just("Content-Transfer-Encoding: quoted-printable\n"),
                    Just("Content-Disposition: attachment; filename*0*=x'y'%zz; filename*1=\n"),
                    Just("From: =?utf-8?q?=?= (\n"),
                    Just("Date: 99 Foo 99999 99:99:99 +9999\n"),
                    Just("Received: from x; ;\n"),
                    Just("References: < <<a@b> c\n"),
                    Just("\n"), Just("--b\n"), Just("--b--\n"), Just("=\n=C"), Just("aGVs\u{200b}"),
                ],
                0..25,
            ),
        ) {
            let _ = parse(pieces.concat().as_bytes());
        }
    }
}
