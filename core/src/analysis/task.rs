//! Tasks: which sentences are the reader's work, with title, deadline and urgency.
//!
//! Nobody forgives junk tasks, so the rule is to leave out: a sentence gives a task if it asks
//! plainly, of the reader, in a message that a person wrote and that is no fraud.

use super::category::Verdict;
use super::deadline::Found;
use super::people::{Meant, Role};
use super::priority::SOON_DAYS;
use super::reading::{Line, Reading};
use super::request::{Act, Form, Kind};
use super::similarity::same_request;
use super::title;
use super::{AnalysisInput, Category, Deadline, MAX_TASKS, Priority, ProposedTask, TaskKind};

/// Below this a sentence gives no task.
pub(super) const LEAST_CONFIDENCE: f64 = 0.6;

/// The tasks of a message, in the order of its text.
pub(super) fn tasks(
    input: &AnalysisInput<'_>,
    reading: &Reading<'_>,
    verdict: &Verdict,
) -> Vec<ProposedTask> {
    let mut tasks: Vec<ProposedTask> = Vec::new();
    let mut characters = Characters::new(input.text);
    for line in &reading.lines {
        if tasks.len() >= MAX_TASKS {
            break;
        }
        let Some(confidence) = worth(input, reading, verdict, line) else {
            continue;
        };
        let Some(task) = proposed(input, reading, line, confidence, &mut characters) else {
            continue;
        };
        if !tasks
            .iter()
            .any(|earlier| earlier.quote == task.quote || same_request(&earlier.quote, &task.quote))
        {
            tasks.push(task);
        }
    }
    tasks
}

/// How sure it is that a line is the reader's work; `None` where it is not.
fn worth(
    input: &AnalysisInput<'_>,
    reading: &Reading<'_>,
    verdict: &Verdict,
    line: &Line<'_>,
) -> Option<f64> {
    if line.planted {
        return None;
    }
    match verdict.category {
        Category::Spam
        | Category::Newsletter
        | Category::Promotion
        | Category::Security
        | Category::Travel => return None,
        Category::Automatic => return decision(input, reading, verdict, line),
        // A bill with a day to pay by is real work, and people miss it. Security notices are not
        // worth the same: few name a day, and those that do are mostly fraud.
        Category::Receipt => return bill(verdict, line).filter(|_| line.is(Kind::Request)),
        Category::Personal | Category::Meeting | Category::Task => {}
    }
    let by_reader = reading.people.role == Role::Author;
    let (base, form) = match line.act {
        Some(act) => match (act.kind, by_reader) {
            (Kind::Request | Kind::Proposal, false) => (weighed(reading, line, act)?, act.form),
            (Kind::Commitment, true) => (act.confidence, act.form),
            _ => return None,
        },
        // What only the classifier knows is as doubtful as a bare imperative.
        None if !by_reader => (admitted(reading, line)?, Form::Bare),
        None => return None,
    };
    if line.meant == Some(Meant::Other) {
        return None;
    }
    // `Can we make the 10th?` wants an answer, and that is all there is to do.
    if line.is(Kind::Proposal) && line.words.piece().trim_end().ends_with(['?', '？']) {
        return None;
    }
    let named = line.meant == Some(Meant::Reader);
    if !by_reader && !named && !reading.addresses_reader() {
        return None;
    }
    let mut confidence = base;
    if line.deadline.as_ref().is_some_and(|found| found.firm) {
        confidence += 0.08;
    }
    if named {
        confidence += 0.05;
    } else if !by_reader && reading.people.recipients > 3 {
        confidence -= 0.1;
    }
    if reading.people.role == Role::Absent && !named {
        confidence -= 0.15;
    }
    // What goes to everybody orders nobody by its imperatives.
    if reading.is_mass && !named {
        if form == Form::Bare {
            return None;
        }
        confidence -= 0.2;
    }
    // Very long sentences are seldom one request, very short ones seldom a whole one.
    if line.words.len() > 45 {
        confidence -= 0.1;
    }
    (confidence >= LEAST_CONFIDENCE).then_some(confidence.min(0.97))
}

/// From here on the classifier is sure enough to speak where the rules are silent, and to raise
/// what they say.
const SURE: f64 = 0.85;

/// How much surer a rule's hit is that the classifier agrees with.
const AGREED: f64 = 0.04;

/// The confidence of a rule's hit in the light of the classifier; `None` where it is taken back.
fn weighed(reading: &Reading<'_>, line: &Line<'_>, act: Act) -> Option<f64> {
    if reading.doubts(line) {
        return None;
    }
    let agreed = reading
        .probability(line)
        .is_some_and(|probability| probability >= SURE);
    Some(act.confidence + if agreed { AGREED } else { 0.0 })
}

/// Shorter sentences are seldom a whole request, longer ones seldom one.
const ADMITTED_LENGTHS: std::ops::RangeInclusive<usize> = 4..=40;

/// Words that make a sentence one to the reader.
#[rustfmt::skip] // a table: packed, not one word a line
const READER_WORDS: &[&str] = &["you", "your", "you'd", "you'll", "u"];

/// Words that make the author a party to it. Advertisements order as well, and speak of the reader
/// alone: `Apply for your card today`.
#[rustfmt::skip] // a table: packed, not one word a line
const AUTHOR_WORDS: &[&str] = &["i", "me", "my", "we", "us", "our", "i'd", "we'd"];

/// Openings of an author who tells of themselves or of others.
#[rustfmt::skip] // a table: packed, not one word a line
const TELLING_OPENERS: &[&str] = &[
    "i", "i'm", "i'll", "i've", "i'd", "we", "we'll", "we're", "we've", "he", "she", "they", "it",
    "it's", "thanks", "thank", "if", "sorry", "hope", "attached", "fyi",
];

/// Words that make a wish of an author's `I`.
const WISHES: &[&str] = &["need", "want", "would", "appreciate"];

/// How sure it is that a sentence without a rule's hit asks the reader for something. The classifier
/// was taught that questions and promises are tasks as well; those stay out.
fn admitted(reading: &Reading<'_>, line: &Line<'_>) -> Option<f64> {
    let words = &line.words;
    let piece = words.piece().trim_end();
    let from = line.start();
    let opener = words.get(from);
    let tells = TELLING_OPENERS.contains(&opener)
        && !(matches!(opener, "i" | "we") && WISHES.contains(&words.get(from + 1)));
    let names = |some: &[&str]| (0..words.len()).any(|at| some.contains(&words.get(at)));
    if !ADMITTED_LENGTHS.contains(&words.len())
        || piece.ends_with(['?', '？', ':'])
        || tells
        || !names(READER_WORDS)
        || !names(AUTHOR_WORDS)
    {
        return None;
    }
    let probability = reading.probability(line).filter(|sure| *sure >= SURE)?;
    Some(LEAST_CONFIDENCE + (probability - SURE) * 0.5)
}

/// Words of paying.
#[rustfmt::skip] // a table: packed, not one word a line
const BILL_WORDS: &[&str] = &[
    "pay", "payment", "invoice", "balance", "amount", "rechnung", "zahlung", "zahlen",
    "uberweisen", "betrag", "facture", "payer", "regler", "factura", "pagar", "pago",
];

/// A bill's sentence that names the sum's last day.
fn bill(verdict: &Verdict, line: &Line<'_>) -> Option<f64> {
    let words = &line.words;
    let pays = (0..words.len()).any(|at| BILL_WORDS.contains(&words.get(at)));
    let firm = line.deadline.as_ref().is_some_and(|found| found.firm);
    (pays && firm && verdict.fraud_points == 0).then_some(0.6)
}

/// What a machine asks of the reader by a day: leave to approve, a parcel to collect. Without a
/// day machines ask for everything.
fn decision(
    input: &AnalysisInput<'_>,
    reading: &Reading<'_>,
    verdict: &Verdict,
    line: &Line<'_>,
) -> Option<f64> {
    let firm = line.deadline.as_ref().is_some_and(|found| found.firm);
    let sound = verdict.fraud_points == 0 && !input.signals.is_bounce && !reading.is_mass;
    (line.is(Kind::Request) && firm && sound && line.meant != Some(Meant::Other)).then_some(0.62)
}

fn proposed(
    input: &AnalysisInput<'_>,
    reading: &Reading<'_>,
    line: &Line<'_>,
    confidence: f64,
    characters: &mut Characters<'_>,
) -> Option<ProposedTask> {
    let range = line.words.range();
    let quote = input.text.get(range.clone())?.to_owned();
    let by_reader = reading.people.role == Role::Author;
    let title = match &line.act {
        Some(act) => title::title(
            input.text,
            &line.words,
            act,
            line.deadline.as_ref().map(|found| &found.words),
            &reading.people,
            by_reader,
        ),
        None => title::of_sentence(&quote),
    };
    if says_nothing(&title) {
        return None;
    }
    let start = characters.at(range.start);
    let end = characters.at(range.end);
    // Days are only looked for where the rules found an act.
    let looked_for = || super::deadline::find(&line.words, reading.clock);
    let due = match (&line.deadline, &line.act) {
        (None, None) => looked_for().map(|found| found.due),
        (found, _) => found.as_ref().map(|found: &Found| found.due.clone()),
    };
    let priority = priority(reading, line, due.as_ref(), input.signals.is_marked_urgent);
    Some(ProposedTask {
        kind: kind(line),
        title,
        quote,
        start,
        end,
        due,
        priority,
        confidence: (confidence * 100.0).round() / 100.0,
    })
}

/// Who owes whom: as the rules have it, and where they have nothing the reader was asked.
fn kind(line: &Line<'_>) -> TaskKind {
    match line.act.map(|act| act.kind) {
        Some(Kind::Proposal) => TaskKind::Proposal,
        Some(Kind::Commitment) => TaskKind::Promise,
        _ => TaskKind::Request,
    }
}

/// The tasks that somebody else found, a model or a person: each a line's number, what it does, and a title, or none
/// where the sentence makes one. What the rules found in the same sentence keeps its urgency and its day.
pub(super) fn adopted<'t>(
    input: &AnalysisInput<'_>,
    reading: &Reading<'_>,
    known: &[ProposedTask],
    found: impl Iterator<Item = (usize, TaskKind, Option<&'t str>)>,
) -> Vec<ProposedTask> {
    let mut tasks: Vec<ProposedTask> = Vec::new();
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|(line, ..)| *line);
    let mut characters = Characters::new(input.text);
    for (number, kind, title) in found {
        let Some(line) = reading.lines.get(number).filter(|line| !line.planted) else {
            continue;
        };
        let range = line.words.range();
        let quote = line.words.piece();
        let by_rules = known.iter().find(|task| task.quote == quote).cloned();
        let mut task = by_rules.unwrap_or_else(|| {
            let due = super::deadline::find(&line.words, reading.clock).map(|found| found.due);
            let marked = input.signals.is_marked_urgent;
            ProposedTask {
                kind,
                title: title::of_sentence(quote),
                quote: quote.to_owned(),
                start: characters.at(range.start),
                end: characters.at(range.end),
                priority: priority(reading, line, due.as_ref(), marked),
                due,
                confidence: ADOPTED_CONFIDENCE,
            }
        });
        if let Some(title) = title {
            title.clone_into(&mut task.title);
        }
        let is_new = !tasks
            .iter()
            .any(|earlier| same_request(&earlier.quote, &task.quote));
        if is_new && tasks.len() < MAX_TASKS {
            tasks.push(task);
        }
    }
    tasks
}

/// How sure a task is that only a model found.
const ADOPTED_CONFIDENCE: f64 = 0.75;

/// Verbs that are a task by themselves.
#[rustfmt::skip] // a table: packed, not one word a line
const WHOLE_ACTS: &[&str] = &[
    "rsvp", "reply", "respond", "register", "vote", "pay", "rappeler", "repondre", "confirmer",
    "signer", "antworten", "zuruckrufen", "unterschreiben", "bestatigen", "responder", "confirmar",
    "firmar",
];

/// Words that only point at something.
const POINTERS: &[&str] = &[
    "it", "them", "this", "that", "me", "us", "so", "of", "one", "here", "there", "now", "up",
    "soon",
];

/// Whether a title is no more than `Let Ann know` or `Print them`.
fn says_nothing(title: &str) -> bool {
    if title.chars().any(super::words::is_unspaced) {
        return title.chars().count() < 3;
    }
    let folded = super::words::fold(title);
    let words: Vec<&str> = folded.split_whitespace().collect();
    match words.as_slice() {
        [only] => !WHOLE_ACTS.contains(only),
        [] | ["let", _, "know"] => true,
        [_, last] => POINTERS.contains(last),
        _ => false,
    }
}

fn priority(
    reading: &Reading<'_>,
    line: &Line<'_>,
    due: Option<&Deadline>,
    marked: bool,
) -> Priority {
    match due.map(|due| reading.clock.days_until(due)) {
        Some(days) if days <= 0 => Priority::Urgent,
        Some(days) if days <= 1 && (line.at_once || marked) => Priority::Urgent,
        Some(days) if days <= SOON_DAYS => Priority::High,
        _ if line.at_once || marked => Priority::High,
        _ => Priority::Medium,
    }
}

/// Counts characters up to byte places that come in order, in one pass.
struct Characters<'a> {
    text: &'a str,
    byte: usize,
    count: usize,
}

impl<'a> Characters<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            byte: 0,
            count: 0,
        }
    }

    fn at(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            *self = Self::new(self.text);
        }
        self.count += self
            .text
            .get(self.byte..byte)
            .unwrap_or_default()
            .chars()
            .count();
        self.byte = byte;
        self.count
    }
}
