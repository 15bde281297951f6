//! Who is who: whether the reader wrote a message, was written to, and is meant by a name.

use super::words::{Words, fold};
use super::{AnalysisInput, Mailbox};

/// What the reader has to do with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Wrote it.
    Author,
    /// Is in `To`, or nothing is known of own addresses.
    To,
    /// Is in `Cc` only.
    Copied,
    /// Got it by other ways: a list, a blind copy, an alias.
    Absent,
}

/// Whom words can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meant {
    /// The reader.
    Reader,
    /// Somebody else.
    Other,
    /// Nobody can tell.
    Unclear,
}

/// The people of a message, by the names that sentences can call them.
#[derive(Debug, Clone)]
pub(super) struct People {
    /// The reader's part.
    pub(super) role: Role,
    /// How many people it went to.
    pub(super) recipients: usize,
    /// The author's first name, as written, if the header has one that can stand in a title.
    pub(super) author: Option<String>,
    /// The only recipient's first name, likewise.
    pub(super) counterpart: Option<String>,
    reader_names: Vec<String>,
    other_names: Vec<String>,
    name_is_known: bool,
}

/// How many recipients' names are looked at.
const MAX_NAMED: usize = 50;

/// Short forms that share no beginning with the name they stand for.
const NICKNAMES: &[(&str, &str)] = &[
    ("bob", "robert"),
    ("rob", "robert"),
    ("bill", "william"),
    ("will", "william"),
    ("liam", "william"),
    ("mike", "michael"),
    ("dick", "richard"),
    ("rick", "richard"),
    ("rich", "richard"),
    ("jim", "james"),
    ("jack", "john"),
    ("peggy", "margaret"),
    ("meg", "margaret"),
    ("betty", "elizabeth"),
    ("liz", "elizabeth"),
    ("beth", "elizabeth"),
    ("kate", "catherine"),
    ("kate", "katherine"),
    ("tony", "anthony"),
    ("ted", "edward"),
    ("ned", "edward"),
    ("chuck", "charles"),
    ("sasha", "alexander"),
    ("sandy", "alexandra"),
    ("hank", "henry"),
    ("harry", "henry"),
    ("pepe", "jose"),
    ("paco", "francisco"),
    ("larry", "lawrence"),
    ("peter", "pete"),
    ("dave", "david"),
    ("joe", "joseph"),
    ("tom", "thomas"),
    ("steve", "stephen"),
    ("steve", "steven"),
    ("jeff", "jeffrey"),
    ("geoff", "geoffrey"),
    ("gene", "eugene"),
    ("jerry", "gerald"),
    ("tina", "christina"),
    ("fritz", "friedrich"),
    ("hans", "johannes"),
    ("uli", "ulrich"),
    ("lola", "dolores"),
];

/// Words that call everybody.
#[rustfmt::skip] // a table: packed, not one word a line
const EVERYBODY: &[&str] = &[
    "all", "everyone", "everybody", "team", "folks", "guys", "both", "colleagues", "alle", "tous",
    "todos", "zusammen", "there",
];

impl People {
    /// Reads the headers.
    pub(super) fn of(input: &AnalysisInput<'_>) -> Self {
        let own = |mailbox: &Mailbox| {
            input
                .own_addresses
                .iter()
                .any(|address| address.eq_ignore_ascii_case(&mailbox.address))
        };
        let role = if input.from.is_some_and(own) {
            Role::Author
        } else if input.own_addresses.is_empty() || input.to.iter().any(own) {
            Role::To
        } else if input.cc.iter().any(own) {
            Role::Copied
        } else {
            Role::Absent
        };
        let mut reader_names = Vec::new();
        let mut other_names = Vec::new();
        let mut name_is_known = false;
        for mailbox in input
            .from
            .into_iter()
            .chain(input.to)
            .chain(input.cc)
            .take(MAX_NAMED)
        {
            let is_reader = own(mailbox);
            let names = if is_reader {
                &mut reader_names
            } else {
                &mut other_names
            };
            name_is_known |= is_reader
                && mailbox
                    .name
                    .as_deref()
                    .is_some_and(|name| !fold(name).contains('@') && !name.trim().is_empty());
            names.extend(names_of(mailbox));
        }
        for address in input.own_addresses.iter().take(10) {
            reader_names.extend(local_names(address));
        }
        let mut recipients = input.to.iter().chain(input.cc);
        let counterpart = match (input.to, input.cc) {
            ([only], []) => first_name(only),
            _ => None,
        };
        Self {
            role,
            recipients: recipients.by_ref().count(),
            author: input.from.and_then(first_name),
            counterpart,
            reader_names,
            other_names,
            name_is_known,
        }
    }

    /// Whether a folded word is the author's first name.
    pub(super) fn is_author(&self, word: &str) -> bool {
        self.author
            .as_deref()
            .is_some_and(|name| same_name(&fold(name), word))
    }

    /// Whom the words from `from` up to `to` name.
    pub(super) fn meant(&self, words: &Words<'_>, from: usize, to: usize) -> Meant {
        let mut other = false;
        for at in from..to {
            let word = words.get(at);
            if EVERYBODY.contains(&word) {
                return Meant::Reader;
            }
            if self.reader_names.iter().any(|name| same_name(name, word)) {
                return Meant::Reader;
            }
            other |=
                self.other_names.iter().any(|name| same_name(name, word)) || self.name_is_known;
        }
        if other { Meant::Other } else { Meant::Unclear }
    }
}

pub(crate) fn same_name(name: &str, word: &str) -> bool {
    let related = |short: &str, long: &str| short.len() >= 3 && long.starts_with(short);
    name == word
        || related(word, name)
        || related(name, word)
        || NICKNAMES.iter().any(|(short, long)| {
            (*short == word && *long == name) || (*short == name && *long == word)
        })
}

fn names_of(mailbox: &Mailbox) -> Vec<String> {
    let mut names: Vec<String> = fold(mailbox.name.as_deref().unwrap_or_default())
        .split(|ch: char| !ch.is_alphanumeric())
        .filter(|part| part.chars().count() >= 2)
        .take(6)
        .map(str::to_owned)
        .collect();
    names.extend(local_names(&mailbox.address));
    names
}

fn local_names(address: &str) -> Vec<String> {
    let local = address.split('@').next().unwrap_or_default();
    fold(local)
        .split(|ch: char| !ch.is_alphabetic())
        .filter(|part| part.len() >= 3)
        .take(4)
        .map(str::to_owned)
        .collect()
}

/// Words before a name.
const HONORIFICS: &[&str] = &["mr", "mrs", "ms", "dr", "prof", "herr", "frau", "the"];

/// A first name fit for a title, from a display name of the usual forms.
fn first_name(mailbox: &Mailbox) -> Option<String> {
    let name = mailbox.name.as_deref()?.trim().trim_matches(['"', '\'']);
    if name.contains('@') || name.chars().count() > 60 {
        return None;
    }
    // `Doe, Jane` and `Jane Doe`
    let given = match name.split_once(',') {
        Some((_, given)) => given.trim(),
        None => name,
    };
    let mut parts = given.split_whitespace();
    let mut first = parts.next()?;
    if HONORIFICS.contains(&fold(first).trim_end_matches('.')) {
        first = parts.next()?;
    }
    let is_name = first.chars().count() >= 2
        && first
            .chars()
            .all(|ch| ch.is_alphabetic() || ch == '-' || ch == '\'')
        && first.chars().next().is_some_and(char::is_uppercase)
        && !first.chars().all(char::is_uppercase);
    is_name.then(|| first.to_owned())
}
