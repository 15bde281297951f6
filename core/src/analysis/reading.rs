//! A message read once: sentences with what each does, whom it means and when it is due.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::LazyLock;

use super::deadline::{self, Clock, Found};
use super::needles::Needles;
use super::people::{Meant, People, Role};
use super::phrases::Openers;
use super::request::{self, Act, Form, Head, Kind};
use super::sentence::sentences;
use super::words::Words;
use super::{AnalysisInput, intent, language, planted};

/// One sentence of the message.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    /// Its words.
    pub(super) words: Words<'a>,
    /// Where it begins to speak, behind greetings and names.
    head: Head,
    /// What it does.
    pub(super) act: Option<Act>,
    /// Whom it calls by name, if anybody.
    pub(super) meant: Option<Meant>,
    /// When it wants something, if it does anything.
    pub(super) deadline: Option<Found>,
    /// Whether it stands with orders for machines.
    pub(super) planted: bool,
    /// Whether it wants it at once.
    pub(super) at_once: bool,
    /// What the classifier said of it, once it was asked.
    probability: OnceCell<f64>,
}

impl Line<'_> {
    /// Whether it does this.
    pub(super) fn is(&self, kind: Kind) -> bool {
        self.act.is_some_and(|act| act.kind == kind)
    }

    /// The word it begins to speak with, behind greetings and names.
    pub(super) fn start(&self) -> usize {
        self.head.start
    }

    /// Whether it plainly asks for something, of the reader or of nobody by name.
    pub(super) fn counts_as_request(&self) -> bool {
        !self.planted
            && self.meant != Some(Meant::Other)
            && self.act.is_some_and(|act| {
                act.kind == Kind::Request && act.confidence >= super::task::LEAST_CONFIDENCE
            })
    }
}

/// A rule hit below this is weak: the classifier can take it back.
const WEAK_CONFIDENCE: f64 = 0.7;

/// Below this the classifier takes a weak hit for none.
const DOUBTED: f64 = 0.15;

/// A message, read.
#[derive(Debug, Clone)]
pub(super) struct Reading<'a> {
    /// The subject's words.
    pub(super) subject: Words<'a>,
    /// The sentences of the author's own words.
    pub(super) lines: Vec<Line<'a>>,
    /// The language of the author's words, ISO 639-1, or `und` where it can't be told; the subject is
    /// asked where those say nothing.
    pub(super) language: String,
    /// Who is who.
    pub(super) people: People,
    /// When it was written.
    pub(super) clock: Clock,
    /// Whether it opens with a greeting of one person.
    pub(super) greets_reader: bool,
    /// Whether it reads as written for many: it can be unsubscribed from, or is full of links.
    pub(super) is_mass: bool,
    /// Whether its greeting is for somebody else.
    pub(super) greets_other: bool,
}

impl<'a> Reading<'a> {
    /// Reads a message.
    pub(super) fn of(input: &AnalysisInput<'a>) -> Self {
        let people = People::of(input);
        let clock = Clock::of(input);
        let mut lines = Vec::new();
        let mut paragraphs = Vec::new();
        let (mut greets_reader, mut greets_other) = (false, false);
        let mut called: Option<(usize, Meant)> = None;
        for (index, sentence) in sentences(input.text).into_iter().enumerate() {
            let words = Words::new(input.text, sentence.range);
            let head = request::head(&words);
            let meant = addressee(&words, head, &people);
            if head.greets && index < 3 {
                greets_reader |= head.addressee.is_some() && meant != Some(Meant::Other);
                greets_other |= meant == Some(Meant::Other);
            }
            // `Raj: the arms ship on Tuesday. Can we make it?`: the name stands for the paragraph.
            if head.addressee.is_some() && !head.greets && people.recipients > 1 {
                called = meant.map(|meant| (sentence.paragraph, meant));
            }
            let meant = meant.or(called
                .filter(|(paragraph, meant)| {
                    *paragraph == sentence.paragraph && *meant == Meant::Other
                })
                .map(|(_, meant)| meant));
            let mut act = request::act(&words, head);
            let deadline = act
                .filter(|act| !matches!(act.kind, Kind::Courtesy | Kind::Click))
                .and_then(|_| deadline::find(&words, clock));
            // What is missing by a day is asked for by that day.
            if let Some(act) = &mut act
                && act.form == Form::Lack
                && deadline.as_ref().is_some_and(|found| found.firm)
            {
                act.confidence = act.confidence.max(0.7);
            }
            let planted = planted::is_planted(&words);
            let at_once = wants_at_once(&words);
            paragraphs.push(sentence.paragraph);
            lines.push(Line {
                words,
                head,
                act,
                meant,
                deadline,
                planted,
                at_once,
                probability: OnceCell::new(),
            });
        }
        // What follows an order to a machine in its paragraph belongs to it.
        let mut poisoned = None;
        for (line, paragraph) in lines.iter_mut().zip(&paragraphs) {
            if line.planted {
                poisoned = Some(*paragraph);
            }
            line.planted |= poisoned == Some(*paragraph);
        }
        let subject = Words::new(input.subject, 0..input.subject.len());
        let own = lines.iter().map(|line| &line.words);
        let mut language = language::language(own.clone());
        if language == language::UNKNOWN {
            language = language::language(own.chain([&subject]));
        }
        Self {
            subject,
            lines,
            language,
            people,
            clock,
            greets_reader,
            is_mass: is_mass(input),
            greets_other,
        }
    }

    /// How probable the classifier finds it that a line is a task. It knows English only.
    pub(super) fn probability(&self, line: &Line<'_>) -> Option<f64> {
        (self.language == "en").then(|| {
            *line
                .probability
                .get_or_init(|| intent::of_read(&line.words, line.head, line.act))
        })
    }

    /// Whether the rules' hit is weak and the classifier sees none. Promises stand: it misses many.
    /// So do questions: they want an answer in any case.
    pub(super) fn doubts(&self, line: &Line<'_>) -> bool {
        line.act.is_some_and(|act| {
            matches!(act.kind, Kind::Request | Kind::Proposal) && act.confidence < WEAK_CONFIDENCE
        }) && !line.words.piece().trim_end().ends_with(['?', '？'])
            && self
                .probability(line)
                .is_some_and(|probability| probability < DOUBTED)
    }

    /// Whether requests in it can be the reader's at all.
    pub(super) fn addresses_reader(&self) -> bool {
        match self.people.role {
            Role::Author => false,
            Role::To => !self.greets_other,
            // Copied, or reached by a list: only what names the reader.
            Role::Copied => self.greets_reader,
            Role::Absent => true,
        }
    }
}

/// Phrases at the foot of what goes to many, in lower case.
#[rustfmt::skip] // a table: packed, not one word a line
const MASS_MARKS: &[&str] = &[
    "unsubscribe", "to be removed", "remove yourself", "removed from this", "to remove your",
    "subscription", "subscribe", "you are receiving this", "you received this",
    "all rights reserved", "privacy policy", "newsletter abbestellen", "abmelden", "abbestellen",
    "désabonner", "desabonner", "désinscrire", "darse de baja", "cancelar la suscripción",
];

/// Those and the beginning of a link.
static MASS_NEEDLES: LazyLock<Needles> =
    LazyLock::new(|| Needles::of(MASS_MARKS.iter().copied().chain([LINK])));

const LINK: &str = "http";

/// How many links make a message one for many.
const MANY_LINKS: usize = 6;

fn is_mass(input: &AnalysisInput<'_>) -> bool {
    let talk = super::category::is_reply(input.subject);
    if (input.signals.has_unsubscribe || input.signals.is_bulk) && !(talk && input.signals.is_list)
    {
        return true;
    }
    if talk {
        return false;
    }
    // Capitals beyond ASCII are the rare case that is worth a copy.
    let text = if input.text.is_ascii() {
        Cow::Borrowed(input.text)
    } else {
        Cow::Owned(input.text.to_lowercase())
    };
    let mut links = 0;
    let found = MASS_NEEDLES.find(&text, |mark| {
        links += usize::from(mark == LINK);
        mark != LINK || links == MANY_LINKS
    });
    found.is_some()
}

fn addressee(words: &Words<'_>, head: Head, people: &People) -> Option<Meant> {
    head.addressee
        .map(|(from, to)| people.meant(words, from, to))
}

/// Words that want something at once.
#[rustfmt::skip] // a table: packed, not one word a line
const AT_ONCE: &[&str] = &[
    "asap", "urgent", "urgently", "immediately", "dringend", "umgehend", "sofort",
    "schnellstmoglich", "urgente", "immediatement", "urgence", "inmediatamente", "urgentemente",
    "至急",
];

/// Those and what opens the phrases that say the same.
static AT_ONCE_OPENERS: LazyLock<Openers> = LazyLock::new(|| {
    Openers::of(
        AT_ONCE
            .iter()
            .copied()
            .chain(["as", "right", "des", "lo", "so"]),
    )
});

fn wants_at_once(words: &Words<'_>) -> bool {
    (0..words.len()).filter(|at| AT_ONCE_OPENERS.has(words.key(*at))).any(|at| {
        AT_ONCE.contains(&words.get(at)) && !matches!(words.before(at), "not" | "nicht" | "pas" | "no" | "isn't")
            || matches!((words.get(at), words.get(at + 1), words.get(at + 2)), ("as", "soon", "as") if words.get(at + 3) == "possible")
            || matches!((words.get(at), words.get(at + 1)), ("right", "away"))
            || matches!((words.get(at), words.get(at + 1), words.get(at + 2)), ("des", "que", "possible"))
            || matches!((words.get(at), words.get(at + 1), words.get(at + 2)), ("lo", "antes", "posible") | ("so", "bald" | "schnell", "wie"))
    }) || (words.has_unspaced() && (words.piece().contains("至急") || words.piece().contains("尽快")))
}
