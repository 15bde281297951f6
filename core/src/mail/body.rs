//! The regions of a message's text: who wrote which part of it.
//!
//! Owns telling the author's own words from quotations, signatures and small print. The text is
//! not changed, so that offsets into it stay true. Invariant: the regions of a text follow each
//! other without gap or overlap, start and end at line starts, and cover all of it; finding them
//! takes time linear in the text.
//!
//! A forward whose author adds nothing of his own, or nothing but "FYI", is still about something:
//! what it forwards is then its content, and [`own_text`] gives that. So is what follows a copied
//! header or a memo's head at the top of a text.

/// Whose words a region holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The author's own words.
    Own,
    /// The line or block that introduces quoted text ("On ... wrote:", `-----Original Message-----`).
    QuoteHeader,
    /// Quoted text.
    Quote,
    /// The line or block that introduces a forwarded message.
    ForwardHeader,
    /// A forwarded message's text.
    Forwarded,
    /// A closing formula, name and contact data.
    Signature,
    /// Legal notices, and advertisements of mail providers.
    Disclaimer,
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Whose words it holds.
    pub kind: Kind,
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

/// The length of a snippet in characters: two lines of a list on a wide screen.
pub const SNIPPET_CHARACTERS: usize = 180;

/// How many lines an attribution ("On ... wrote:") can be wrapped over.
const MAX_ATTRIBUTION_LINES: usize = 3;

/// How many bytes of a line are looked at.
const MAX_LINE_BYTES: usize = 400;

/// How many lines a block of copied header fields can have, wrapped recipients included.
const MAX_HEADER_LINES: usize = 200;

/// How many lines of a letterhead can stand between a separator and the copied header.
const MAX_LETTERHEAD_LINES: usize = 5;

/// How many lines can stand between the sender's line of a Notes header and its `To:`.
const MAX_NOTES_LINES: usize = 6;

/// How many lines a signature can have.
const MAX_SIGNATURE_LINES: usize = 14;

/// How long a line of a signature can be, in characters.
const MAX_SIGNATURE_LINE_CHARACTERS: usize = 72;

/// One line: its text without white space around it, and its bytes with the line end.
#[derive(Clone, Copy)]
struct Line<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

/// Cuts a text into its regions.
pub fn regions(text: &str) -> Vec<Region> {
    let lines = lines(text);
    let mut kinds = mark_quotes(&lines);
    mark_closings(&lines, &mut kinds);
    promote_forward(&lines, &mut kinds);
    // An empty line belongs to what stands before it.
    let mut regions: Vec<Region> = Vec::new();
    for (line, kind) in lines.iter().zip(kinds) {
        match regions.last_mut() {
            Some(last) if last.kind == kind || line.text.is_empty() => last.end = line.end,
            _ => regions.push(Region {
                kind,
                start: line.start,
                end: line.end,
            }),
        }
    }
    regions
}

/// The pieces of a text that are its content: the author's own words, or, where there are none,
/// what is forwarded. Signatures and small print are left out.
pub fn own_text<'a>(text: &'a str, regions: &[Region]) -> impl Iterator<Item = (Region, &'a str)> {
    let any = |kind: Kind, test: fn(&str) -> bool| {
        regions
            .iter()
            .any(|region| region.kind == kind && test(slice(text, *region)))
    };
    let wanted = if !any(Kind::Own, says_something) && any(Kind::Forwarded, holds_words) {
        Kind::Forwarded
    } else {
        Kind::Own
    };
    let found: Vec<Region> = regions
        .iter()
        .copied()
        .filter(|region| region.kind == wanted)
        .collect();
    found
        .into_iter()
        .map(move |region| (region, slice(text, region)))
}

/// The start of the content on one line, cut at a word, with an ellipsis where it goes on.
///
/// A message with nothing but quotations shows those.
pub fn snippet(text: &str) -> String {
    let regions = regions(text);
    let mut words: Vec<&str> = own_text(text, &regions)
        .flat_map(|(_, piece)| piece.split_whitespace())
        .collect();
    if words.is_empty() {
        words = regions
            .iter()
            .filter(|region| matches!(region.kind, Kind::Quote | Kind::Signature))
            .flat_map(|region| slice(text, *region).split_whitespace())
            .collect();
    }
    let mut snippet = String::new();
    let mut length = 0;
    // Rules of dashes, stars and underscores are no words.
    for word in words.into_iter().filter(|word| !is_rule(word)) {
        let characters = word.chars().count();
        if length + characters + usize::from(length > 0) > SNIPPET_CHARACTERS {
            if length == 0 {
                snippet.extend(word.chars().take(SNIPPET_CHARACTERS));
            }
            snippet.push('…');
            return snippet;
        }
        if length > 0 {
            snippet.push(' ');
            length += 1;
        }
        snippet.push_str(word);
        length += characters;
    }
    snippet
}

/// How many Unicode scalar values stand before a byte of a text. A byte inside a character counts
/// as its start, one behind the text as its end.
pub fn scalar_offset(text: &str, byte_offset: usize) -> usize {
    text.bytes()
        .take(byte_offset.saturating_add(1))
        .filter(|byte| (byte & 0xc0) != 0x80)
        .count()
        - usize::from(byte_offset < text.len())
}

fn slice(text: &str, region: Region) -> &str {
    text.get(region.start..region.end).unwrap_or_default()
}

fn holds_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Whether there are words that say more than that something follows ("FYI", "see below").
fn says_something(text: &str) -> bool {
    const POINTERS: [&str; 15] = [
        "fyi",
        "fyr",
        "see",
        "please",
        "pls",
        "below",
        "attached",
        "for",
        "your",
        "info",
        "information",
        "the",
        "zk",
        "zur",
        "kenntnis",
    ];
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .any(|word| !POINTERS.contains(&word.to_lowercase().as_str()))
}

fn is_rule(word: &str) -> bool {
    word.len() >= 3
        && word
            .chars()
            .all(|character| "-_=*~#.+–—".contains(character))
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let end = start + line.len();
            let seen = (0..=line.len().min(MAX_LINE_BYTES))
                .rev()
                .find_map(|cut| line.get(..cut))
                .unwrap_or_default();
            let line = Line {
                text: seen.trim(),
                start,
                end,
            };
            start = end;
            line
        })
        .collect()
}

/// Marks quotations and forwarded messages; what remains is the author's.
fn mark_quotes(lines: &[Line<'_>]) -> Vec<Kind> {
    let mut kinds = Vec::with_capacity(lines.len());
    // What a line is that nothing else is known of: after a copied header, all is quoted.
    let mut rest = Kind::Own;
    while let Some(line) = lines.get(kinds.len()) {
        let ahead = lines.get(kinds.len()..).unwrap_or_default();
        let starts_paragraph = kinds
            .len()
            .checked_sub(1)
            .and_then(|before| lines.get(before))
            .is_none_or(|before| before.text.is_empty());
        if is_quoted(line.text) {
            kinds.push(if rest == Kind::Forwarded {
                Kind::Forwarded
            } else {
                Kind::Quote
            });
        } else if let Some(header) = find_header(ahead, starts_paragraph) {
            // Within a quotation everything is older still.
            let (head, body) = match rest {
                Kind::Own if header.is_forward => (Kind::ForwardHeader, Kind::Forwarded),
                _ => (Kind::QuoteHeader, Kind::Quote),
            };
            kinds.extend(std::iter::repeat_n(head, header.lines));
            if !header.is_attribution || !is_followed_by_marks(lines, kinds.len()) {
                rest = body;
            }
        } else {
            kinds.push(rest);
        }
    }
    kinds
}

/// A quote mark, perhaps after the initials of who is quoted, or a bar.
fn is_quoted(line: &str) -> bool {
    let mark = line.trim_start_matches(|character: char| character.is_ascii_uppercase());
    line.len() - mark.len() <= 3
        && (mark.starts_with('>') || (mark.len() == line.len() && mark.starts_with("| ")))
        && !mark.starts_with(">>>>>>>")
}

/// Whether the next line with anything on it is marked as a quotation.
fn is_followed_by_marks(lines: &[Line<'_>], from: usize) -> bool {
    lines
        .get(from..)
        .unwrap_or_default()
        .iter()
        .find(|line| !line.text.is_empty())
        .is_some_and(|line| is_quoted(line.text))
}

/// What introduces a quotation.
struct Header {
    lines: usize,
    is_forward: bool,
    /// Whether it is a sentence, which also introduces quotations that answers stand between.
    is_attribution: bool,
}

fn find_header(ahead: &[Line<'_>], starts_paragraph: bool) -> Option<Header> {
    let first = ahead.first()?.text;
    if first.is_empty() {
        return None;
    }
    if let Some((lines, is_forward)) = separator(ahead) {
        let after = ahead.get(lines..).unwrap_or_default();
        let fields = (0..=MAX_LETTERHEAD_LINES).find_map(|skipped| {
            let is_direct = after.iter().take(skipped).all(|line| line.text.is_empty());
            let after = after.get(skipped..)?;
            let fields = header_fields(after, if is_direct { 1 } else { 3 })
                .or_else(|| notes_header(after))
                .or_else(|| raw_header(after))?;
            Some(skipped + fields)
        });
        let lines = lines + fields.unwrap_or(0);
        return Some(Header {
            lines,
            is_forward,
            is_attribution: false,
        });
    }
    if let Some(lines) = attribution(ahead) {
        return Some(Header {
            lines,
            is_forward: false,
            is_attribution: true,
        });
    }
    if let Some(lines) = starts_paragraph.then(|| raw_header(ahead)).flatten() {
        return Some(Header {
            lines,
            is_forward: true,
            is_attribution: false,
        });
    }
    let lines = header_fields(ahead, 3).or_else(|| notes_header(ahead))?;
    Some(Header {
        lines,
        is_forward: false,
        is_attribution: false,
    })
}

/// A line of dashes with words in between, or one of the other separators: how many lines it has
/// and whether it introduces a forward.
fn separator(ahead: &[Line<'_>]) -> Option<(usize, bool)> {
    const ORIGINAL: [&str; 9] = [
        "original message",
        "ursprüngliche nachricht",
        "originalnachricht",
        "message d'origine",
        "message original",
        "mensaje original",
        "messaggio originale",
        "oorspronkelijk bericht",
        "reply message",
    ];
    const FORWARD: [&str; 9] = [
        "forwarded by",
        "forwarded message",
        "weitergeleitete nachricht",
        "weitergeleitet von",
        "message transféré",
        "mensaje reenviado",
        "reenviado por",
        "messaggio inoltrato",
        "transféré par",
    ];
    let first = ahead.first()?.text;
    if first.starts_with("--") || first.starts_with("__") {
        let words = first
            .trim_matches(|character: char| "-_ ".contains(character))
            .to_lowercase();
        if ORIGINAL.iter().any(|phrase| words.starts_with(phrase)) {
            return Some((1, false));
        }
        if FORWARD.iter().any(|phrase| words.starts_with(phrase)) {
            // "---- Forwarded by A B/HOU/ECT on 01/02/2001" and the time on the next line.
            let is_open = !first.ends_with("--");
            let goes_on = is_open && ahead.get(1).is_some_and(|line| line.text.ends_with("---"));
            return Some((if goes_on { 2 } else { 1 }, true));
        }
        // Outlook's rule before a copied header.
        if words.is_empty() && first.len() >= 20 {
            let blank = ahead
                .iter()
                .skip(1)
                .take_while(|line| line.text.is_empty())
                .count()
                .min(2);
            header_fields(ahead.get(1 + blank..)?, 3)?;
            return Some((1, false));
        }
        return None;
    }
    if !first.ends_with(':') {
        return None;
    }
    let lower = first.to_lowercase();
    let is_begin = [
        "begin forwarded message",
        "anfang der weitergeleiteten",
        "début du message réexpédié",
        "início da mensagem",
    ]
    .iter()
    .any(|phrase| lower.starts_with(phrase));
    is_begin.then_some((1, true))
}

/// "On Monday, Ada wrote:" in some languages, on up to three lines.
fn attribution(ahead: &[Line<'_>]) -> Option<usize> {
    const STARTS: [&str; 10] = [
        "on ", "am ", "le ", "el ", "il ", "em ", "op ", "den ", "on\u{a0}", "at ",
    ];
    const ENDS: [&str; 14] = [
        "wrote:",
        "writes:",
        "wrote",
        "said:",
        "schrieb:",
        "a écrit :",
        "a écrit:",
        "a écrit\u{a0}:",
        "escribió:",
        "ha scritto:",
        "escreveu:",
        "schreef:",
        "skrev:",
        "écrit :",
    ];
    let first = ahead.first()?.text;
    // Every line of a text comes here, and nearly none needs a copy in small letters.
    let begins = |start: &str| {
        let bytes = first.as_bytes().get(..start.len());
        bytes.is_some_and(|bytes| bytes.eq_ignore_ascii_case(start.as_bytes()))
    };
    let may_end = first.ends_with([':', 'e', 'E']) || first.contains('@');
    if !may_end
        && !STARTS.iter().any(|start| begins(start))
        && !first
            .as_bytes()
            .windows(7)
            .any(|bytes| bytes.eq_ignore_ascii_case(b"schrieb"))
    {
        return None;
    }
    let first = first.to_lowercase();
    let starts = STARTS.iter().any(|start| first.starts_with(start));
    let names = first.contains('@') || first.contains("schrieb");
    let mut joined = first;
    for (index, line) in ahead.iter().take(MAX_ATTRIBUTION_LINES).enumerate() {
        if line.text.is_empty() {
            return None;
        }
        if index > 0 {
            joined.push(' ');
            joined.push_str(&line.text.to_lowercase());
        }
        let ends = ENDS.iter().any(|end| joined.ends_with(end))
            // "Am 3.5.2024 um 10:00 schrieb Ada <ada@x.example>:"
            || (joined.ends_with(':') && joined.contains(" schrieb "));
        if ends {
            let is_dated = joined.bytes().any(|byte| byte.is_ascii_digit());
            let is_short = joined.chars().count() <= 250;
            let is_bare = index == 0 && joined.ends_with(':') && joined.split(' ').count() <= 8;
            return (is_short
                && ((starts && (is_dated || joined.contains('@')))
                    || names
                    || (is_bare
                        && ahead
                            .get(1..)
                            .is_some_and(|rest| is_followed_by_marks(rest, 0)))))
            .then_some(index + 1);
        }
        if !starts && !names {
            return None;
        }
    }
    None
}

/// The name of a copied header field that starts a line, in lower case.
fn field_name(line: &str) -> Option<&'static str> {
    const FIELDS: [(&str, &[&str]); 5] = [
        ("from", &["from", "von", "de", "da", "van", "från"]),
        (
            "date",
            &[
                "sent",
                "date",
                "gesendet",
                "datum",
                "envoyé",
                "enviado",
                "fecha",
                "data",
                "inviato",
                "verzonden",
                "skickat",
            ],
        ),
        ("to", &["to", "an", "à", "para", "a", "aan", "till"]),
        ("cc", &["cc", "bcc", "kopie"]),
        (
            "subject",
            &[
                "subject",
                "betreff",
                "thema",
                "objet",
                "asunto",
                "assunto",
                "oggetto",
                "onderwerp",
                "ämne",
                "re",
            ],
        ),
    ];
    let line = line.trim_start_matches(['*', ' ']);
    let (name, _) = line.split_once(':')?;
    let name = name.trim_end_matches(['*', ' ', '\u{a0}']);
    if name.len() > 12 {
        return None;
    }
    let name = name.to_lowercase();
    FIELDS
        .iter()
        .find(|(_, names)| names.contains(&name.as_str()))
        .map(|(field, _)| *field)
}

/// How many lines a copied header has. It needs `least` different fields, and starts with `From:`,
/// or else, as in memos and in what Notes makes of an answer, with `To:` or `Date:` and has three.
fn header_fields(ahead: &[Line<'_>], least: usize) -> Option<usize> {
    match field_name(ahead.first()?.text)? {
        "from" => block_of_fields(ahead, least),
        "to" | "date" => block_of_fields(ahead, 3),
        _ => None,
    }
}

/// How many lines a header has that was copied whole (RFC 5322), as AOL forwarded mail.
fn raw_header(ahead: &[Line<'_>]) -> Option<usize> {
    let first = ahead.first()?.text;
    if !first.get(..14)?.contains(": ") {
        return None;
    }
    let first = first.to_lowercase();
    let is_trace = [
        "return-path: ",
        "received: from ",
        "message-id: <",
        "delivered-to: ",
    ]
    .iter()
    .any(|start| first.starts_with(start));
    if !is_trace {
        return None;
    }
    let block = ahead
        .iter()
        .take(MAX_HEADER_LINES)
        .take_while(|line| !line.text.is_empty());
    let (mut length, mut has_from, mut has_subject) = (0, false, false);
    for line in block {
        length += 1;
        has_from |= field_name(line.text) == Some("from");
        has_subject |= field_name(line.text) == Some("subject");
    }
    (has_from && has_subject).then_some(length)
}

/// The lines up to the last of a run of fields. Lines between two fields are folded recipients.
fn block_of_fields(ahead: &[Line<'_>], least: usize) -> Option<usize> {
    let mut seen: Vec<&str> = Vec::new();
    let mut end = 0;
    for (index, line) in ahead.iter().take(MAX_HEADER_LINES).enumerate() {
        match field_name(line.text) {
            Some(field) if !seen.contains(&field) => {
                seen.push(field);
                end = index + 1;
            }
            Some(_) => break,
            // Nothing is folded below a subject, and what stands there is soon somebody's words.
            None if seen.last() == Some(&"subject") => break,
            None if line.text.is_empty() => {
                // Some converters put empty lines between the fields.
                let next = ahead
                    .iter()
                    .skip(index + 1)
                    .take(2)
                    .find(|line| !line.text.is_empty())
                    .and_then(|line| field_name(line.text));
                if next.is_none_or(|next| seen.contains(&next)) {
                    break;
                }
            }
            None => {}
        }
    }
    if seen.len() < least {
        return None;
    }
    let others = ahead
        .iter()
        .skip(end)
        .take_while(|line| is_minor_field(line.text))
        .count();
    Some(end + others)
}

/// Fields that follow the known ones in copied headers.
fn is_minor_field(line: &str) -> bool {
    const FIELDS: [&str; 12] = [
        "date",
        "importance",
        "priority",
        "sensitivity",
        "attachments",
        "reply-to",
        "message-id",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "wichtigkeit",
        "anlagen",
    ];
    line.split_once(':').is_some_and(|(name, _)| {
        let name = name.trim_matches(['*', ' ']).to_lowercase();
        FIELDS.contains(&name.as_str()) || name.starts_with("x-")
    })
}

/// The header that Lotus Notes puts before what it quotes: a name, a date, and then fields.
fn notes_header(ahead: &[Line<'_>]) -> Option<usize> {
    let to = ahead
        .iter()
        .take(MAX_NOTES_LINES)
        .position(|line| field_name(line.text) == Some("to"))
        .filter(|to| *to > 0)?;
    let sender = ahead.first()?.text;
    let is_sentence = sender.ends_with(['.', '!', '?', ':', ',']) || sender.starts_with("--");
    if is_sentence || sender.is_empty() || sender.split_whitespace().count() > 14 {
        return None;
    }
    // The date stands in one of the first three lines, with no empty one before it.
    let date = ahead
        .iter()
        .take(to.min(3))
        .position(|line| holds_date_and_time(line.text))?;
    if ahead.iter().take(date).any(|line| line.text.is_empty()) {
        return None;
    }
    Some(to + block_of_fields(ahead.get(to..)?, 2)?)
}

/// `09/04/2001 05:29 PM` and the like.
fn holds_date_and_time(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.windows(2).any(|pair| {
        let [date, time] = pair else { return false };
        let date = date.trim_end_matches(',');
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let parts: Vec<&str> = date.split(['/', '.', '-']).collect();
        let is_date = parts.len() == 3
            && parts
                .iter()
                .all(|part| !part.is_empty() && part.len() <= 4 && digits(part));
        let is_time = time.split_once(':').is_some_and(|(hour, rest)| {
            !hour.is_empty()
                && digits(hour)
                && rest.bytes().take(2).filter(u8::is_ascii_digit).count() == 2
        });
        is_date && is_time
    })
}

/// Marks small print and signatures in each run of own or forwarded words.
fn mark_closings(lines: &[Line<'_>], kinds: &mut [Kind]) {
    let mut start = 0;
    while let Some(&kind) = kinds.get(start) {
        let length = kinds
            .get(start..)
            .unwrap_or_default()
            .iter()
            .take_while(|other| **other == kind)
            .count();
        let end = start + length;
        if matches!(kind, Kind::Own | Kind::Forwarded)
            && let (Some(lines), Some(kinds)) = (lines.get(start..end), kinds.get_mut(start..end))
        {
            mark_disclaimers(lines, kinds);
            let before = kinds
                .iter()
                .position(|other| *other != kind)
                .unwrap_or(length);
            if let Some(from) = signature_start(lines.get(..before).unwrap_or_default()) {
                for other in kinds.iter_mut().take(before).skip(from) {
                    *other = Kind::Signature;
                }
            }
        }
        start = end;
    }
}

/// Marks the paragraphs at the end of a run that are small print. One in the middle of own words
/// would be a quotation from a contract, so only the end counts.
fn mark_disclaimers(lines: &[Line<'_>], kinds: &mut [Kind]) {
    let mut end = lines.len();
    let mut first = None;
    while end > 0 {
        let paragraph_end = end;
        let mut start = end;
        while start > 0
            && lines
                .get(start - 1)
                .is_some_and(|line| !line.text.is_empty())
        {
            start -= 1;
        }
        if start < paragraph_end {
            let paragraph = lines.get(start..paragraph_end).unwrap_or_default();
            let is_only_rule = paragraph.iter().all(|line| is_rule(line.text));
            match disclaimer_start(paragraph) {
                Some(offset) => {
                    first = Some(start + offset);
                    if offset > 0 {
                        break;
                    }
                }
                // A rule belongs to the small print below it.
                None if is_only_rule && first.is_some() => first = Some(start),
                // Below the small print nothing but its own leftovers.
                None => break,
            }
        }
        end = start.saturating_sub(1);
        if start == 0 {
            break;
        }
    }
    if let Some(first) = first {
        for kind in kinds.iter_mut().skip(first) {
            *kind = Kind::Disclaimer;
        }
    }
}

/// Where small print starts in a paragraph.
fn disclaimer_start(paragraph: &[Line<'_>]) -> Option<usize> {
    const MARKS: [&str; 14] = [
        "intended recipient",
        "intended only for",
        "intended solely for",
        "intended for the use of",
        "intended for the sole use",
        "received this message in error",
        "received this e-mail in error",
        "received this email in error",
        "received this communication in error",
        "confidential",
        "privileged",
        "prohibited",
        "vertrauliche",
        "destinataire",
    ];
    const OPENINGS: [&str; 22] = [
        "confidentiality notice",
        "confidentiality note",
        "disclaimer",
        "legal notice",
        "privileged and confidential",
        "privileged/confidential",
        "this e-mail is the property",
        "this email is the property",
        "this e-mail message is for the sole use",
        "this email message is for the sole use",
        "do you yahoo!?",
        "get your free download of msn",
        "get your free e-mail",
        "get your private, free email",
        "get free email",
        "join the world's largest e-mail",
        "send and receive hotmail",
        "chat with friends online, try msn",
        "msn photos is the easiest",
        "yahoo! ",
        "diese e-mail enthält vertrauliche",
        "ce message et toutes les pièces jointes",
    ];
    let is_opening = |line: &Line<'_>| {
        let lower = line
            .text
            .trim_start_matches(['*', '_', ' ', '"', '('])
            .to_lowercase();
        OPENINGS.iter().any(|opening| lower.starts_with(opening))
    };
    if let Some(position) = paragraph.iter().take(40).position(is_opening) {
        let rule = position > 0
            && paragraph
                .get(position - 1)
                .is_some_and(|line| is_rule(line.text));
        return Some(position - usize::from(rule));
    }
    let mut joined = String::new();
    for line in paragraph.iter().take(40) {
        joined.push_str(&line.text.to_lowercase());
        joined.push(' ');
    }
    let marks = MARKS.iter().filter(|mark| joined.contains(*mark)).count();
    // Three marks, or two in a paragraph that speaks of the message itself.
    let is_about_itself = [
        "this e-mail",
        "this email",
        "this message",
        "this communication",
        "this transmission",
        "diese e-mail",
        "ce message",
    ]
    .iter()
    .any(|phrase| joined.contains(phrase));
    (marks >= 3 || (marks >= 2 && is_about_itself)).then(|| {
        // Rules above it in the same paragraph included, other lines not.
        paragraph
            .iter()
            .position(|line| {
                let lower = line.text.to_lowercase();
                is_rule(line.text)
                    || MARKS.iter().any(|mark| lower.contains(mark))
                    || lower.contains("this ")
                    || lower.contains("the information")
            })
            .unwrap_or(0)
    })
}

/// Where the signature of a run of lines starts.
fn signature_start(lines: &[Line<'_>]) -> Option<usize> {
    // RFC 3676 section 4.3: "-- " alone on a line. Trailing spaces get lost on the way.
    if let Some(position) = lines.iter().rposition(|line| line.text == "--")
        && lines.len() - position <= 3 * MAX_SIGNATURE_LINES
    {
        return Some(position);
    }
    let last = lines.iter().rposition(|line| !line.text.is_empty())?;
    let from = last.saturating_sub(MAX_SIGNATURE_LINES);
    let tail = lines.get(from..=last)?;

    if let Some(position) = tail.iter().position(|line| is_device_note(line.text)) {
        let above = lines.get(..from + position)?;
        return Some(signature_start_in(above).unwrap_or(from + position));
    }
    signature_start_in(lines.get(..=last)?)
}

fn signature_start_in(lines: &[Line<'_>]) -> Option<usize> {
    let last = lines.iter().rposition(|line| !line.text.is_empty())?;
    let from = last.saturating_sub(MAX_SIGNATURE_LINES);
    let tail = lines.get(from..=last)?;
    // The first closing formula after which nothing but a signature's lines follow.
    for (index, line) in tail.iter().enumerate() {
        if is_sign_off(line.text)
            && tail
                .get(index + 1..)?
                .iter()
                .all(|line| is_signature_line(line.text))
        {
            return Some(from + index);
        }
    }
    // Initials alone on the last line.
    let initials = tail.last()?.text;
    let is_initials = matches!(initials.len(), 2 | 3)
        && initials.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !matches!(
            initials.to_ascii_lowercase().as_str(),
            "ok" | "yes" | "no" | "fyi" | "thx" | "now" | "hi" | "hey" | "bye" | "it" | "me"
        );
    if is_initials && lines.get(..last)?.iter().any(|line| holds_words(line.text)) {
        return Some(last);
    }
    // A name alone on the line below the last sentence.
    let is_name_below = initials.split_whitespace().count() <= 2
        && is_name(initials)
        && tail
            .iter()
            .rev()
            .nth(1)
            .is_some_and(|line| line.text.ends_with(['.', '!', '?']));
    if is_name_below {
        return Some(last);
    }
    // Without a formula: a last paragraph that is a name, or that holds contact data.
    let paragraph = tail
        .iter()
        .rposition(|line| line.text.is_empty())
        .map(|blank| blank + 1)?;
    let block = tail.get(paragraph..)?;
    let has_words_before = lines
        .get(..from + paragraph)
        .is_some_and(|before| before.iter().any(|line| holds_words(line.text)));
    let first = block.first()?.text;
    let is_name_only = block.len() <= 2 && block.iter().all(|line| is_name(line.text));
    let is_contact = block.len() >= 2
        && block.iter().all(|line| is_signature_line(line.text))
        && is_name(first)
        && block.iter().any(|line| holds_contact(line.text));
    (has_words_before && (is_name_only || is_contact)).then_some(from + paragraph)
}

fn is_device_note(line: &str) -> bool {
    const NOTES: [&str; 10] = [
        "sent from my ",
        "sent via blackberry",
        "sent from mail for",
        "get outlook for",
        "sent from outlook",
        "von meinem ",
        "gesendet von ",
        "envoyé de mon",
        "enviado desde mi",
        "inviato da ",
    ];
    let lower = line.to_lowercase();
    line.chars().count() <= 80 && NOTES.iter().any(|note| lower.starts_with(note))
}

/// "Regards," and its like, alone on a line or with a name behind it.
fn is_sign_off(line: &str) -> bool {
    const FORMULAS: [&str; 45] = [
        "regards",
        "love you",
        "thanks and regards",
        "thanks & regards",
        "thanks and best regards",
        "with best regards",
        "best regards",
        "kind regards",
        "warm regards",
        "kindest regards",
        "with regards",
        "best",
        "all the best",
        "best wishes",
        "warmest regards",
        "sincerely",
        "sincerely yours",
        "yours sincerely",
        "yours truly",
        "yours",
        "very truly yours",
        "respectfully",
        "cordially",
        "thanks",
        "thanks again",
        "many thanks",
        "thank you",
        "thanks in advance",
        "thx",
        "cheers",
        "love",
        "take care",
        "talk soon",
        "see you",
        "rgds",
        "mit freundlichen grüßen",
        "viele grüße",
        "liebe grüße",
        "beste grüße",
        "mfg",
        "cordialement",
        "bien à vous",
        "saludos",
        "un saludo",
        "cordiali saluti",
    ];
    let lower = line.to_lowercase();
    let words = lower.trim_end_matches(|character: char| !character.is_alphabetic());
    if FORMULAS.contains(&words) {
        return true;
    }
    // "Thanks, Ada" and "Best regards, Ada Lovelace"
    line.split_once(',').is_some_and(|(head, name)| {
        FORMULAS.contains(&head.trim().to_lowercase().as_str()) && is_name(name.trim())
    })
}

/// A short line that is no sentence.
fn is_signature_line(line: &str) -> bool {
    let characters = line.chars().count();
    let words = line.split_whitespace().count();
    let is_sentence = words > 4 && line.ends_with(['.', '!']) && !holds_contact(line);
    characters <= MAX_SIGNATURE_LINE_CHARACTERS
        && words <= 10
        && !is_sentence
        && !line.ends_with(['?', ':'])
}

/// One to four capitalised words or initials, as "Ada", "Ada K. Lovelace" or "- Ada".
fn is_name(line: &str) -> bool {
    let line = line
        .trim_start_matches(['-', '–', '—', '~', ' '])
        .trim_end_matches(['.', ',', ' ']);
    let words: Vec<&str> = line.split_whitespace().collect();
    (1..=4).contains(&words.len())
        && line.chars().count() <= 40
        && !line.chars().any(|character| character.is_ascii_digit() || "?!:;@/<>()*=_".contains(character))
        && words.iter().all(|word| {
            word.chars().next().is_some_and(char::is_uppercase)
                || matches!(*word, "von" | "van" | "de" | "der" | "del" | "la" | "di")
        })
        // Words of an order or a form rather than a name.
        && !words.iter().any(|word| word.len() > 3 && word.chars().all(char::is_uppercase) && words.len() > 3)
}

/// A telephone number, an address or a web page.
fn holds_contact(line: &str) -> bool {
    let lower = line.to_lowercase();
    let digits = line.bytes().filter(u8::is_ascii_digit).count();
    let grouped = line
        .chars()
        .filter(|character| character.is_ascii_digit() || "()-.+/ x".contains(*character))
        .count();
    (digits >= 7 && grouped * 2 >= line.chars().count())
        || lower.contains('@')
        || lower.contains("www.")
        || lower.contains("http")
        || (digits >= 5
            && [
                "phone", "tel", "fax", "cell", "mobile", "pager", "office", "ext", "(o)", "(f)",
                "(c)",
            ]
            .iter()
            .any(|word| lower.contains(word)))
}

/// Where the author wrote nothing, the first quotation that a copied header introduces is what he
/// sends on.
fn promote_forward(lines: &[Line<'_>], kinds: &mut [Kind]) {
    let has_own = lines.iter().zip(kinds.iter()).any(|(line, kind)| {
        *kind == Kind::Forwarded || (*kind == Kind::Own && says_something(line.text))
    });
    if has_own {
        return;
    }
    let Some(start) = kinds.iter().position(|kind| *kind == Kind::QuoteHeader) else {
        return;
    };
    let is_attribution = lines.get(start..).and_then(attribution).is_some();
    if is_attribution {
        return;
    }
    let mut end = start;
    for kind in kinds
        .iter_mut()
        .skip(start)
        .take_while(|kind| **kind == Kind::QuoteHeader)
    {
        *kind = Kind::ForwardHeader;
        end += 1;
    }
    let mut body_end = end;
    for kind in kinds
        .iter_mut()
        .skip(end)
        .take_while(|kind| **kind == Kind::Quote)
    {
        *kind = Kind::Forwarded;
        body_end += 1;
    }
    if let (Some(lines), Some(kinds)) = (lines.get(end..body_end), kinds.get_mut(end..body_end)) {
        mark_closings(lines, kinds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The regions as pairs of kind and text without white space around it.
    fn pieces(text: &str) -> Vec<(Kind, &str)> {
        regions(text)
            .into_iter()
            .map(|region| (region.kind, slice(text, region).trim()))
            .collect()
    }

    fn own(text: &str) -> String {
        let regions = regions(text);
        own_text(text, &regions)
            .map(|(_, piece)| piece.trim())
            .collect::<Vec<_>>()
            .join(" | ")
    }

    #[test]
    fn answers_between_marked_quotations_are_own_words() {
        let text = "Hi,\n\nOn Mon, 2 Feb 2026 at 10:00, Ada Lovelace\n<ada@x.example> wrote:\n> Shall we?\n> Soon?\n\nYes.\n\n> Where?\nHere.\n";
        assert_eq!(
            pieces(text),
            [
                (Kind::Own, "Hi,"),
                (
                    Kind::QuoteHeader,
                    "On Mon, 2 Feb 2026 at 10:00, Ada Lovelace\n<ada@x.example> wrote:"
                ),
                (Kind::Quote, "> Shall we?\n> Soon?"),
                (Kind::Own, "Yes."),
                (Kind::Quote, "> Where?"),
                (Kind::Own, "Here."),
            ]
        );
    }

    #[test]
    fn attributions_in_other_languages_are_known() {
        for line in [
            "Am 02.02.2026 um 10:00 schrieb Ada Lovelace <ada@x.example>:",
            "Am Mo., 2. Feb. 2026 um 10:00 Uhr schrieb Ada:",
            "Le lun. 2 févr. 2026 à 10:00, Ada <ada@x.example> a écrit :",
            "El lun, 2 feb 2026 a las 10:00, Ada (<ada@x.example>) escribió:",
            "Il giorno lun 2 feb 2026 alle ore 10:00 Ada <ada@x.example> ha scritto:",
            "Ada Lovelace <ada@x.example> wrote:",
        ] {
            let text = format!("Ja.\n\n{line}\n\nold words\n");
            assert_eq!(
                pieces(&text),
                [
                    (Kind::Own, "Ja."),
                    (Kind::QuoteHeader, line),
                    (Kind::Quote, "old words")
                ]
            );
        }
        for prose in [
            "On Monday she wrote a letter.",
            "As Ada wrote:\nnothing",
            "On the list:\n- a",
        ] {
            assert_eq!(pieces(prose), [(Kind::Own, prose)]);
        }
    }

    #[test]
    fn outlook_headers_start_quotations() {
        for header in [
            "-----Original Message-----\nFrom: Ada\nSent: Monday, February 02, 2026 10:00 AM\nTo: Bob;\n  Carl\nSubject: Plan",
            "From: Ada <ada@x.example>\nSent: Monday, February 2, 2026 10:00\nTo: Bob\nSubject: Plan",
            "________________________________\nVon: Ada\nGesendet: Montag\nAn: Bob\nBetreff: Plan",
            "*From:* Ada\n*Date:* Monday\n*To:* Bob\n*Subject:* Plan",
            "De : Ada\nEnvoyé : lundi\nÀ : Bob\nObjet : Plan",
        ] {
            let text = format!("Done.\n\n{header}\n\nPlease do it.\nFrom: here\n");
            assert_eq!(
                pieces(&text),
                [
                    (Kind::Own, "Done."),
                    (Kind::QuoteHeader, header),
                    (Kind::Quote, "Please do it.\nFrom: here")
                ]
            );
        }
    }

    #[test]
    fn notes_headers_start_quotations() {
        let text = "Fine.\n\n\t\"Ada\" <ada@x.example>\n\t09/04/2001 05:29 PM\n\t\t \n\t\t To: bob@x.example\n\t\t cc: \n\t\t Subject: Plan\n\nShall we?\n";
        let kinds: Vec<Kind> = pieces(text).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, [Kind::Own, Kind::QuoteHeader, Kind::Quote]);
        assert_eq!(own(text), "Fine.");
    }

    #[test]
    fn a_forward_without_own_words_is_its_content() {
        let forwarded = "---------- Forwarded message ---------\nFrom: Ada <ada@x.example>\nDate: Mon, 2 Feb 2026\nSubject: Plan\nTo: Bob\n\nPlease send the plan.\n\nThanks,\nAda\n";
        assert_eq!(own(forwarded), "Please send the plan.");
        assert_eq!(own(&format!("FYI\n\n{forwarded}")), "Please send the plan.");
        assert_eq!(
            own(&format!("Can you do this?\n\n{forwarded}")),
            "Can you do this?"
        );
        let outlook = "-----Original Message-----\nFrom: Ada\nSent: Monday\nTo: Bob\nSubject: Plan\n\nPlease send it.\n";
        assert_eq!(own(outlook), "Please send it.");
        assert_eq!(snippet(outlook), "Please send it.");
    }

    #[test]
    fn signatures_and_small_print_are_told_apart() {
        for signature in [
            "-- \nAda Lovelace\nEngines Ltd",
            "Best regards,\n\nAda Lovelace\nEngines Ltd\n+44 20 7946 0000",
            "Thanks, Ada",
            "Sent from my iPhone",
            "Viele Grüße\nAda",
            "Ada Lovelace\nEngines Ltd\nTel: +44 20 7946 0000",
            "Ada",
            "- Ada\n\nSent from my iPhone",
            "AL",
        ] {
            let text = format!("Please send the plan.\n\n{signature}\n");
            assert_eq!(
                pieces(&text),
                [
                    (Kind::Own, "Please send the plan."),
                    (Kind::Signature, signature)
                ],
            );
        }
        let text = "Please send the plan.\n\nThis e-mail is confidential and intended only for the addressee. If you are not the intended recipient, delete it.\n";
        assert_eq!(
            pieces(text).last().map(|(kind, _)| *kind),
            Some(Kind::Disclaimer)
        );
        assert_eq!(own(text), "Please send the plan.");
    }

    #[test]
    fn a_name_below_the_last_sentence_is_a_signature() {
        assert_eq!(own("Please send the plan.\nAda"), "Please send the plan.");
        assert_eq!(own("Bring these:\nMilk"), "Bring these:\nMilk");
    }

    #[test]
    fn closing_sentences_are_no_signature() {
        for text in [
            "Thanks, I will send it on Friday.",
            "Ada",
            "Thank you for the plan.\n\nWhen will you come?",
            "Buy milk\n\nCall 020 7946 0000 about the engine and ask for a new offer.",
        ] {
            assert_eq!(own(text), text.trim());
        }
    }

    #[test]
    fn snippets_are_short_and_end_at_a_word() {
        assert_eq!(
            snippet("Hello,\n\n*****\n  it works\n> old"),
            "Hello, it works"
        );
        let long = snippet(&"wörds ".repeat(100));
        assert!(long.ends_with("wörds…") && long.chars().count() <= SNIPPET_CHARACTERS + 1);
        assert_eq!(
            snippet(&"x".repeat(500)).chars().count(),
            SNIPPET_CHARACTERS + 1
        );
        assert_eq!(snippet("> only a quotation"), "> only a quotation");
        assert_eq!(snippet(""), "");
    }

    #[test]
    fn scalar_offsets_count_characters() {
        let text = "aé漢😀b";
        for (count, (byte, _)) in text.char_indices().enumerate() {
            assert_eq!(scalar_offset(text, byte), count);
        }
        assert_eq!(scalar_offset(text, text.len()), 5);
        assert_eq!(scalar_offset(text, 1000), 5);
        assert_eq!(scalar_offset(text, 2), 1);
        assert_eq!(scalar_offset("", 0), 0);
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "measures natively, where there is a clock"
    )]
    fn hostile_text_costs_little() {
        let started = std::time::Instant::now();
        for line in [
            "From: a\n",
            "To: a\nDate: b\n",
            "1/1/01 1:11\nTo: x\n",
            "a\n1/1/01 1:11\n",
            "On 1 a@b\n",
            "---- Forwarded by a\n",
            "-----Original Message-----\nx\n",
            "Received: from a\n",
            "> a\nb\n",
            "Regards,\n",
            "-- \n",
            "*****\n\n",
            "confidential\n\n",
            "\n",
            ">",
            "a ",
            "\u{e9}:",
        ] {
            let text = line.repeat(256 * 1024 / line.len());
            assert_eq!(
                regions(&text).last().map(|region| region.end),
                Some(text.len())
            );
            snippet(&text);
        }
        // Debug builds are some ten times slower than what ships.
        assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    }

    proptest! {
        #[test]
        fn regions_cover_the_text_in_order(
            lines in proptest::collection::vec(
                prop_oneof![
                    Just("> quoted"), Just("From: a"), Just("Sent: b"), Just("To: c"), Just("Subject: d"),
                    Just("-----Original Message-----"), Just("On 1 Jan 2026 a@b wrote:"), Just(""),
                    Just("09/04/2001 05:29 PM"), Just("-- "), Just("Regards,"), Just("Ada"),
                    Just("Received: from x"), Just("FYI"), Just("confidential intended recipient prohibited"),
                    Just("---- Forwarded by x"), Just("words é 漢\u{2028}"), Just("*****"),
                ],
                0..40,
            ),
            newline in any::<bool>(),
        ) {
            let text = lines.join("\n") + if newline { "\n" } else { "" };
            let mut end = 0;
            for region in regions(&text) {
                prop_assert_eq!(region.start, end);
                prop_assert!(region.end > region.start);
                prop_assert!(text.is_char_boundary(region.end));
                end = region.end;
            }
            prop_assert_eq!(end, text.len());
            snippet(&text);
        }
    }
}
