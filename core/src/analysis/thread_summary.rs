//! What a conversation comes to: at most three sentences of it, with who wrote them and where.
//!
//! What is still asked goes first, then the newest promise or decision. A request counts as
//! answered once somebody it was for has written after it, or its author has said that it is
//! settled. Sentences are quoted, never made; only `Dana asks you:` before them is ours.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::category;
use super::people::{Meant, Role};
use super::phrases::Phrases;
use super::reading::{Line, Reading};
use super::request::Kind;
use super::similarity::same_request;
use super::summary::{self, MAX_SENTENCES};
use super::words::Words;
use super::{AnalysisInput, Category, Mailbox, SourceSpan};

/// How many messages of a thread are read: the newest.
const MAX_MESSAGES: usize = 30;

/// How many of the sentences are open requests, as long as there is a promise or decision to tell.
const MOST_ASKS: usize = 2;

/// One message of a thread.
#[derive(Debug, Clone)]
pub struct ThreadMessage<'a> {
    /// The email's identifier.
    pub email_id: &'a str,
    /// The message.
    pub input: AnalysisInput<'a>,
}

/// What a sentence of a thread's summary does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThreadAct {
    /// Asks for something, and nobody has answered.
    Asks,
    /// Proposes something, and nobody has answered.
    Proposes,
    /// Promises something.
    Promises,
    /// Decides or settles something.
    Decides,
    /// Says what it is about.
    Says,
}

/// One sentence of a thread's summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ThreadSentence {
    /// The email that it stands in.
    pub email_id: String,
    /// Its author's name; the address where there is no name, `You` for the reader.
    pub author: String,
    /// What it does.
    pub act: ThreadAct,
    /// Of whom something is wanted, if that can be told: a name, or `you`.
    pub of: Option<String>,
    /// The sentence on one line, with its author and act: `Dana asks you: Could you ...?`
    pub text: String,
    /// Where it stands in the email's text.
    pub source: SourceSpan,
}

/// What a thread comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ThreadSummary {
    /// The sentences' texts, a line each.
    pub text: String,
    /// At most three, in the order they were written.
    pub sentences: Vec<ThreadSentence>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// A request is settled, says who asked.
    Settled,
    /// Something is decided.
    Decided,
}

#[rustfmt::skip] // a table: packed, not one word a line
static MARKS: LazyLock<Phrases<Mark>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            Mark::Settled,
            &[
                "got it", "never mind", "nevermind", "no longer needed", "is resolved",
                "is settled", "already have it", "found it", "sorted", "all set", "received thanks",
                "many thanks for the quick", "hat sich erledigt", "erledigt", "ist angekommen",
                "habe ich bekommen", "danke fur die schnelle", "bien recu", "c'est regle",
                "plus besoin", "recibido", "ya no hace falta", "ya lo tengo", "ricevuto",
                "non serve piu", "recebido", "ontvangen", "niet meer nodig", "otrzymalem",
                "otrzymalam",
            ],
        ),
        (
            Mark::Decided,
            &[
                "we decided", "we have decided", "we've decided", "i decided", "i have decided",
                "i've decided", "it is decided", "we go with", "we'll go with", "we will go with",
                "let's go with", "going with", "go with", "we agreed", "agreed", "is agreed",
                "is approved", "i approve", "approved", "confirmed", "is confirmed", "i confirm",
                "we chose", "wir haben beschlossen", "beschlossen", "entschieden", "wir nehmen",
                "genehmigt", "bestatigt", "freigegeben", "wir machen es", "nous avons decide",
                "decide de", "c'est decide", "approuve", "confirme", "on part sur", "d'accord pour",
                "hemos decidido", "he decidido", "acordado", "aprobado", "confirmado", "abbiamo deciso",
                "approvato", "confermato", "decidimos", "aprovado", "we hebben besloten", "besloten",
                "akkoord", "vi har bestamt", "godkant", "zdecydowalismy", "zatwierdzone",
            ],
        ),
    ])
});

/// A sentence that may be chosen.
struct Candidate<'r, 'a> {
    /// Which message, in order of time.
    message: usize,
    line: &'r Line<'a>,
    act: ThreadAct,
    score: i32,
}

struct Read<'m, 'a> {
    message: &'m ThreadMessage<'a>,
    reading: Reading<'a>,
}

impl Read<'_, '_> {
    fn author_address(&self) -> &str {
        self.message
            .input
            .from
            .map_or("", |from| from.address.as_str())
    }

    fn by_reader(&self) -> bool {
        self.reading.people.role == Role::Author
    }

    fn received(&self, address: &str) -> bool {
        let input = &self.message.input;
        let mut all = input.to.iter().chain(input.cc);
        all.any(|mailbox| mailbox.address.eq_ignore_ascii_case(address))
    }

    /// Whether this message, coming after `asked`, answers what `line` of it asks.
    fn answers(&self, asked: &Read<'_, '_>, line: &Line<'_>) -> bool {
        let author = self.author_address();
        if author.eq_ignore_ascii_case(asked.author_address()) {
            return self
                .reading
                .lines
                .iter()
                .any(|later| holds(&later.words, Mark::Settled));
        }
        match line.meant {
            Some(Meant::Reader) if asked.reading.people.recipients > 1 => self.by_reader(),
            Some(Meant::Other) => !self.by_reader(),
            // Who got the question and writes back has answered it, as far as words can tell.
            _ => asked.received(author) || asked.reading.people.recipients == 0,
        }
    }
}

/// Reads a thread, in any order, and says what it comes to.
pub fn thread_summary(messages: &[ThreadMessage<'_>]) -> ThreadSummary {
    let mut ordered: Vec<&ThreadMessage<'_>> = messages.iter().collect();
    ordered.sort_by_key(|message| {
        let input = &message.input;
        input
            .sent_at
            .map_or(input.received_at, |sent| sent.to_utc())
    });
    let skipped = ordered.len().saturating_sub(MAX_MESSAGES);
    // A fraud in a thread is no voice in it.
    let thread: Vec<Read<'_, '_>> = ordered
        .into_iter()
        .skip(skipped)
        .map(|message| Read {
            message,
            reading: Reading::of(&message.input),
        })
        .filter(|read| {
            category::category(&read.message.input, &read.reading).category != Category::Spam
        })
        .collect();
    let mut chosen = choose(&thread);
    chosen.sort_by_key(|candidate| (candidate.message, candidate.line.words.range().start));
    let sentences: Vec<ThreadSentence> = chosen
        .iter()
        .filter_map(|candidate| {
            thread
                .get(candidate.message)
                .map(|read| sentence(read, candidate))
        })
        .collect();
    let texts: Vec<&str> = sentences
        .iter()
        .map(|sentence| sentence.text.as_str())
        .collect();
    ThreadSummary {
        text: texts.join("\n"),
        sentences,
    }
}

fn choose<'r, 'a>(thread: &'r [Read<'_, 'a>]) -> Vec<Candidate<'r, 'a>> {
    let mut asks = open_asks(thread);
    let mut settled = promises_and_decisions(thread);
    // The newest first, and within a message the most telling.
    let newest = |candidate: &Candidate<'_, '_>| {
        (
            std::cmp::Reverse(candidate.message),
            std::cmp::Reverse(candidate.score),
        )
    };
    asks.sort_by_key(newest);
    settled.sort_by_key(newest);
    let most_asks = if settled.is_empty() {
        MAX_SENTENCES
    } else {
        MOST_ASKS
    };
    let mut chosen: Vec<Candidate<'_, '_>> = Vec::new();
    let mut rest: Vec<Candidate<'_, '_>> = Vec::new();
    for (count, ask) in asks.into_iter().enumerate() {
        if count < most_asks {
            chosen.push(ask);
        } else {
            rest.push(ask);
        }
    }
    for candidate in settled.into_iter().chain(rest).chain(openings(thread)) {
        let is_new = |other: &Candidate<'_, '_>| {
            other.message != candidate.message
                || other.line.words.range() != candidate.line.words.range()
        };
        // What it is about is worth saying only of a message that is not quoted already.
        let is_told = candidate.act == ThreadAct::Says
            && chosen
                .iter()
                .any(|other| other.message == candidate.message);
        if chosen.len() < MAX_SENTENCES && !is_told && chosen.iter().all(is_new) {
            chosen.push(candidate);
        }
    }
    chosen
}

/// Requests, questions and proposals that nobody has answered; of one that was repeated the last.
fn open_asks<'r, 'a>(thread: &'r [Read<'_, 'a>]) -> Vec<Candidate<'r, 'a>> {
    let mut open: Vec<Candidate<'_, '_>> = Vec::new();
    for (index, read) in thread.iter().enumerate() {
        let later = thread.get(index + 1..).unwrap_or_default();
        for (score, at) in summary::ranked(&read.reading) {
            let Some(line) = read.reading.lines.get(at) else {
                continue;
            };
            let Some(act) = asks(line) else {
                continue;
            };
            if later.iter().any(|after| after.answers(read, line)) {
                continue;
            }
            open.retain(|earlier| {
                earlier.message == index
                    || !same_request(earlier.line.words.piece(), line.words.piece())
            });
            open.push(Candidate {
                message: index,
                line,
                act,
                score,
            });
        }
    }
    open
}

fn asks(line: &Line<'_>) -> Option<ThreadAct> {
    const LEAST_SURE: f64 = 0.55;
    let act = line.act.filter(|act| act.confidence >= LEAST_SURE)?;
    match act.kind {
        Kind::Request | Kind::Question => Some(ThreadAct::Asks),
        Kind::Proposal => Some(ThreadAct::Proposes),
        _ => None,
    }
}

fn promises_and_decisions<'r, 'a>(thread: &'r [Read<'_, 'a>]) -> Vec<Candidate<'r, 'a>> {
    let mut found = Vec::new();
    for (index, read) in thread.iter().enumerate() {
        for (score, at) in summary::ranked(&read.reading) {
            let Some(line) = read.reading.lines.get(at) else {
                continue;
            };
            let act = if line.is(Kind::Commitment) {
                ThreadAct::Promises
            } else if asks(line).is_none() && holds(&line.words, Mark::Decided) {
                ThreadAct::Decides
            } else {
                continue;
            };
            found.push(Candidate {
                message: index,
                line,
                act,
                score,
            });
        }
    }
    found
}

/// What the newest and the first message are about.
fn openings<'r, 'a>(thread: &'r [Read<'_, 'a>]) -> Vec<Candidate<'r, 'a>> {
    let last = thread.len().saturating_sub(1);
    [last, 0]
        .into_iter()
        .filter_map(|index| {
            let read = thread.get(index)?;
            // An answered request would read as an open one.
            summary::ranked(&read.reading)
                .into_iter()
                .filter_map(|(score, at)| Some((score, read.reading.lines.get(at)?)))
                .find(|(_, line)| asks(line).is_none())
                .map(|(score, line)| Candidate {
                    message: index,
                    line,
                    act: ThreadAct::Says,
                    score,
                })
        })
        .collect()
}

fn holds(words: &Words<'_>, mark: Mark) -> bool {
    MARKS.all(words).any(|(at, _, found)| {
        found == mark && !matches!(words.before(at), "not" | "nicht" | "pas" | "no" | "non")
    })
}

fn sentence(read: &Read<'_, '_>, candidate: &Candidate<'_, '_>) -> ThreadSentence {
    let by_reader = read.by_reader();
    let author = if by_reader {
        "You".to_owned()
    } else {
        read.message
            .input
            .from
            .map_or_else(|| "Somebody".to_owned(), name)
    };
    let wants = matches!(candidate.act, ThreadAct::Asks | ThreadAct::Proposes);
    let of = if wants {
        of(read, candidate.line)
    } else {
        None
    };
    let verb = match (candidate.act, by_reader) {
        (ThreadAct::Asks, false) => "asks",
        (ThreadAct::Asks, true) => "ask",
        (ThreadAct::Proposes, false) => "proposes",
        (ThreadAct::Proposes, true) => "propose",
        (ThreadAct::Promises, false) => "promises",
        (ThreadAct::Promises, true) => "promise",
        (ThreadAct::Decides, false) => "decides",
        (ThreadAct::Decides, true) => "decide",
        (ThreadAct::Says, false) => "writes",
        (ThreadAct::Says, true) => "write",
    };
    let quoted = summary::cut(candidate.line.words.piece());
    let text = match (&of, candidate.act) {
        (Some(of), ThreadAct::Asks) => format!("{author} {verb} {of}: {quoted}"),
        _ => format!("{author} {verb}: {quoted}"),
    };
    ThreadSentence {
        email_id: read.message.email_id.to_owned(),
        author,
        act: candidate.act,
        of,
        text,
        source: summary::source(read.message.input.text, candidate.line),
    }
}

/// Of whom a line wants something.
fn of(read: &Read<'_, '_>, line: &Line<'_>) -> Option<String> {
    if line.meant == Some(Meant::Other) {
        return None;
    }
    let input = &read.message.input;
    if !read.by_reader() && (line.meant == Some(Meant::Reader) || read.reading.addresses_reader()) {
        return Some("you".to_owned());
    }
    match (input.to, input.cc) {
        ([only], _) => Some(name(only)),
        _ => None,
    }
}

/// The longest name that is shown, in characters.
const MAX_NAME_CHARACTERS: usize = 60;

/// A display name, or the address where there is none.
fn name(mailbox: &Mailbox) -> String {
    let shown = mailbox
        .name
        .as_deref()
        .map(|name| name.trim().trim_matches(['"', '\'']))
        .filter(|name| !name.is_empty())
        .unwrap_or(&mailbox.address);
    shown
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(MAX_NAME_CHARACTERS)
        .collect()
}
