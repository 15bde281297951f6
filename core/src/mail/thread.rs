//! The rules that put messages into threads.
//!
//! Owns what a subject says about belonging together; looking messages up is the storage's part.
//! A message belongs to the thread that any of its `references` lies in, and joins them where they
//! lie in several. Only where it
//! names none, [`subject_key`] may find it one. Invariant: pure functions of their arguments.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::message::Message;

/// How far apart two messages may be that only their subject joins: a month, since meetings and
/// reports come back monthly under the same subject.
pub const SUBJECT_WINDOW: TimeDelta = TimeDelta::days(30);

/// How many prefixes of a subject are taken off. Bounds the work.
const MAX_PREFIXES: usize = 50;

/// What stands before the colon of an answer's subject: English, and what Outlook and others make
/// of it in German, Swedish and Danish, Spanish, Italian, Finnish, Polish, Turkish, Portuguese and
/// Chinese. "Ref" is missing on purpose: offices begin first letters with it.
const REPLY_PREFIXES: [&str; 13] = [
    "re", "aw", "antw", "antwort", "sv", "rv", "rif", "vs", "odp", "ynt", "res", "回复", "答复",
];

/// The same for forwarded messages. "I" (Italian) is missing on purpose: it is an English word.
const FORWARD_PREFIXES: [&str; 11] = [
    "fwd", "fw", "wg", "tr", "vb", "vl", "enc", "doorst", "ilt", "pd", "转发",
];

/// A subject without what mail programs and lists put before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseSubject {
    /// The base subject (RFC 5256 section 2.1), in lower case; empty where nothing is left.
    pub text: String,
    /// Whether an answer's prefix was taken off.
    pub is_reply: bool,
    /// Whether a forward's prefix was taken off.
    pub is_forward: bool,
}

/// Takes prefixes such as `Re:` and `[list]` tags off a subject.
///
/// RFC 5256 knows `re`, `fw` and `fwd`; mail programs in other languages write their own.
pub fn normalise_subject(subject: &str) -> BaseSubject {
    let lower = subject.to_lowercase();
    let mut rest = lower.trim();
    let mut base = BaseSubject {
        text: String::new(),
        is_reply: false,
        is_forward: false,
    };
    for _ in 0..MAX_PREFIXES {
        if let Some((prefix, tail)) = split_prefix(rest) {
            base.is_reply |= REPLY_PREFIXES.contains(&prefix);
            base.is_forward |= FORWARD_PREFIXES.contains(&prefix);
            rest = tail;
            continue;
        }
        // A tag goes only if something stays, as in RFC 5256: "[urgent]" alone is the subject.
        if let Some(tail) = after_tag(rest).filter(|tail| !tail.is_empty()) {
            rest = tail;
            continue;
        }
        if let Some(inner) = rest.strip_suffix("(fwd)") {
            base.is_forward = true;
            rest = inner.trim_end();
            continue;
        }
        break;
    }
    base.text = rest.split_whitespace().collect::<Vec<_>>().join(" ");
    base
}

/// A known prefix and what follows it: `re:`, `re[2]:`, `re (3):`, `re^2:`, `re :`, `回复：`.
fn split_prefix(subject: &str) -> Option<(&str, &str)> {
    let (head, tail) = subject.split_once([':', '：'])?;
    let word_end = head
        .find(|character: char| !character.is_alphabetic())
        .unwrap_or(head.len());
    let (word, counter) = head.split_at_checked(word_end)?;
    let is_counter = counter
        .chars()
        .all(|character| character.is_ascii_digit() || "[]()^* ".contains(character));
    let is_known = REPLY_PREFIXES.contains(&word) || FORWARD_PREFIXES.contains(&word);
    (is_known && is_counter && counter.len() <= 8).then(|| (word, tail.trim_start()))
}

/// What follows a `[tag]` of a mailing list.
fn after_tag(subject: &str) -> Option<&str> {
    let (tag, tail) = subject.strip_prefix('[')?.split_once(']')?;
    (!tag.contains('[')).then(|| tail.trim_start())
}

/// The base subject under which a message may join an older one that it does not name.
///
/// Only an answer may: its prefix says that something came before, while equal subjects without
/// one ("Invoice", "Lunch?") are as often chance, and a forward begins a talk with other people.
/// It must name no ancestors, since those that do name theirs belong there and nowhere else, and
/// it must not come from a machine or a list, which reuse subjects. An empty base never threads.
pub fn subject_key(message: &Message) -> Option<String> {
    let signals = &message.signals;
    if !message.references.is_empty() || signals.is_automatic || signals.is_bulk || signals.is_list
    {
        return None;
    }
    let base = normalise_subject(&message.subject);
    (base.is_reply && !base.text.is_empty()).then_some(base.text)
}

/// Everybody whom a message came from or went to: sorted, each once, without empty addresses.
pub fn participants(message: &Message) -> Vec<String> {
    let everybody: BTreeSet<&str> = message
        .from
        .iter()
        .chain(&message.to)
        .chain(&message.cc)
        .map(|mailbox| mailbox.address.as_str())
        .filter(|address| !address.is_empty())
        .collect();
    everybody.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;
    use crate::mail::parse::parse;

    fn message(head: &str) -> Message {
        parse(format!("{head}\n\ntext\n").as_bytes()).unwrap()
    }

    #[test]
    fn prefixes_and_tags_come_off() {
        for (subject, text, is_reply, is_forward) in [
            ("Budget", "budget", false, false),
            ("Re: Budget", "budget", true, false),
            ("RE: FW:  Budget  2001", "budget 2001", true, true),
            ("AW: WG: Termin", "termin", true, true),
            ("Re[2]: Budget", "budget", true, false),
            ("Re (3) : Budget", "budget", true, false),
            ("[team] Re: [team] Budget", "budget", true, false),
            ("Antw: Budget (fwd)", "budget", true, true),
            ("SV: RV: TR: Budget", "budget", true, true),
            ("回复：预算", "预算", true, false),
            ("[urgent]", "[urgent]", false, false),
            ("Result: good", "result: good", false, false),
            ("Ref: 12", "ref: 12", false, false),
            ("Re: ", "", true, false),
            ("", "", false, false),
        ] {
            let expected = BaseSubject {
                text: text.to_owned(),
                is_reply,
                is_forward,
            };
            assert_eq!(normalise_subject(subject), expected, "{subject}");
        }
    }

    #[test]
    fn only_an_answer_without_references_joins_by_subject() {
        assert_eq!(
            subject_key(&message("Subject: Re: Lunch")),
            Some("lunch".to_owned())
        );
        assert_eq!(subject_key(&message("Subject: Lunch")), None);
        assert_eq!(subject_key(&message("Subject: Fwd: Lunch")), None);
        assert_eq!(subject_key(&message("Subject: Re:")), None);
        assert_eq!(
            subject_key(&message("Subject: Re: Lunch\nIn-Reply-To: <a@b>")),
            None
        );
        assert_eq!(
            subject_key(&message("Subject: Re: Lunch\nPrecedence: bulk")),
            None
        );
    }
}
