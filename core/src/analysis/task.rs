//! Tasks: which sentences are the reader's work, with title, deadline and urgency.
//!
//! Nobody forgives junk tasks, so the rule is to leave out: a sentence gives a task if it asks
//! plainly, of the reader, in a message that a person wrote and that is no fraud.

use super::category::Verdict;
use super::deadline::Found;
use super::people::{Meant, Role};
use super::priority::SOON_DAYS;
use super::reading::{Line, Reading};
use super::request::{Form, Kind};
use super::similarity::same_request;
use super::title;
use super::{AnalysisInput, Category, Deadline, MAX_TASKS, Priority, ProposedTask};

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
    let act = line.act?;
    match verdict.category {
        Category::Spam
        | Category::Newsletter
        | Category::Promotion
        | Category::Security
        | Category::Travel => return None,
        Category::Automatic => return decision(input, reading, verdict, line),
        // A bill with a day to pay by is real work, and people miss it. Security notices are not
        // worth the same: few name a day, and those that do are mostly fraud.
        Category::Receipt => return bill(verdict, line).filter(|_| act.kind == Kind::Request),
        Category::Personal | Category::Meeting | Category::Task => {}
    }
    let by_reader = reading.people.role == Role::Author;
    let base = match (act.kind, by_reader) {
        (Kind::Request | Kind::Proposal, false) | (Kind::Commitment, true) => act.confidence,
        _ => return None,
    };
    if line.meant == Some(Meant::Other) {
        return None;
    }
    // `Can we make the 10th?` wants an answer, and that is all there is to do.
    if act.kind == Kind::Proposal && line.words.piece().trim_end().ends_with(['?', '？']) {
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
        if act.form == Form::Bare {
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
    let act = line.act?;
    let range = line.words.range();
    let quote = input.text.get(range.clone())?.to_owned();
    let by_reader = reading.people.role == Role::Author;
    let title = title::title(
        input.text,
        &line.words,
        &act,
        line.deadline.as_ref().map(|found| &found.words),
        &reading.people,
        by_reader,
    );
    if says_nothing(&title) {
        return None;
    }
    let start = characters.at(range.start);
    let end = characters.at(range.end);
    let due = line
        .deadline
        .as_ref()
        .map(|found: &Found| found.due.clone());
    let priority = priority(reading, line, due.as_ref(), input.signals.is_marked_urgent);
    Some(ProposedTask {
        title,
        quote,
        start,
        end,
        due,
        priority,
        confidence: (confidence * 100.0).round() / 100.0,
    })
}

/// The tasks that somebody else found, a model or a person: each a line's number and a title, or none
/// where the sentence makes one. What the rules found in the same sentence keeps its urgency and its day.
pub(super) fn adopted<'t>(
    input: &AnalysisInput<'_>,
    reading: &Reading<'_>,
    known: &[ProposedTask],
    found: impl Iterator<Item = (usize, Option<&'t str>)>,
) -> Vec<ProposedTask> {
    let mut tasks: Vec<ProposedTask> = Vec::new();
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|(line, _)| *line);
    let mut characters = Characters::new(input.text);
    for (number, title) in found {
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
