//! How soon a message wants attention, and whether it waits for an answer.
//!
//! A task due on the day of writing is urgent, within two days high, otherwise medium, and the
//! message is as its most pressing task. Without a task only what wants a look is above low.

use super::alarm;
use super::category::Verdict;
use super::people::{Meant, Role};
use super::pressing;
use super::reading::{Line, Reading};
use super::request::{Act, Kind};
use super::{AnalysisInput, Category, Priority, ProposedTask, Reason};

/// Judges the priority, with reasons.
pub(super) fn priority(
    input: &AnalysisInput<'_>,
    reading: &Reading<'_>,
    verdict: &Verdict,
    tasks: &[ProposedTask],
    waits: bool,
) -> (Priority, Vec<Reason>) {
    let mut reasons = Vec::new();
    let mut note = |code: &str, text: &str| {
        reasons.push(Reason {
            code: code.to_owned(),
            text: text.to_owned(),
        });
    };
    // Urgency that a fraud or an advertisement claims is part of it. So is a doubtful sender's.
    if matches!(
        verdict.category,
        Category::Spam | Category::Newsletter | Category::Promotion
    ) {
        note("kind_can_wait", "What is of this kind can always wait.");
        return (Priority::Low, reasons);
    }
    let mut priority = match tasks.iter().map(|task| task.priority).max() {
        Some(top) => {
            if tasks
                .iter()
                .filter_map(|task| task.due.as_ref())
                .any(|due| reading.clock.days_until(due) <= SOON_DAYS)
            {
                note("deadline_soon", "Something in it is due within two days.");
            }
            top
        }
        None => without_task(reading, verdict, waits),
    };
    if verdict.category == Category::Automatic
        && let Some((alarm, code, text)) = alarm::alarm(input, reading)
    {
        note(code, text);
        priority = priority.max(alarm);
    }
    if let Some((pressing, code, text)) = pressing::pressing(input, reading, verdict.category)
        && pressing > priority
    {
        note(code, text);
        priority = pressing;
    }
    let by_person = matches!(
        verdict.category,
        Category::Personal | Category::Meeting | Category::Task
    );
    let says_so = by_person
        && (shouts(reading)
            || reading.lines.iter().any(|line| {
                line.at_once
                    && !line.planted
                    && line
                        .act
                        .is_some_and(|act| !matches!(act.kind, Kind::Courtesy | Kind::Click))
            }));
    if says_so || (input.signals.is_marked_urgent && by_person) {
        if says_so {
            note("says_urgent", "Its words say that it is urgent.");
        } else {
            note("marked_urgent", "The sender marked it as urgent.");
        }
        priority = priority.max(Priority::High);
        if says_so
            && reading
                .lines
                .iter()
                .filter_map(|line| line.deadline.as_ref())
                .any(|found| (0..=1).contains(&reading.clock.days_until(&found.due)))
        {
            priority = Priority::Urgent;
        }
    }
    if input.signals.sender_is_doubtful || verdict.fraud_points >= 3 {
        priority = priority.min(Priority::Medium);
    }
    if matches!(reading.people.role, Role::Copied | Role::Author) && tasks.is_empty() {
        priority = priority.min(Priority::Medium);
    }
    if reasons.is_empty() {
        let (code, text) = usual(priority, verdict, tasks, waits);
        reasons.push(reason(code, text));
    }
    (priority, reasons)
}

/// The reason for a priority that nothing in particular speaks for.
fn usual(
    priority: Priority,
    verdict: &Verdict,
    tasks: &[ProposedTask],
    waits: bool,
) -> (&'static str, &'static str) {
    match (priority, verdict.category) {
        (Priority::Low, _) => ("nothing_wanted", "It wants nothing of you."),
        _ if !tasks.is_empty() => ("work_can_wait", "Its work is due later, or without a day."),
        _ if waits => ("answer_awaited", "Somebody waits for an answer."),
        (_, Category::Travel) => ("booking", "A booking is worth a look."),
        (_, Category::Security) => (
            "account_notice",
            "What happens to an account is worth a look.",
        ),
        _ => ("worth_a_look", "It is worth a look."),
    }
}

/// Why nobody waits for an answer.
pub(super) fn no_reply(
    input: &AnalysisInput<'_>,
    reading: &Reading<'_>,
    verdict: &Verdict,
) -> Reason {
    let by_person = matches!(
        verdict.category,
        Category::Personal | Category::Meeting | Category::Task
    );
    let text = if reading.people.role == Role::Author {
        "No answer is wanted: you wrote it."
    } else if input.signals.is_automatic || input.signals.is_bounce || !by_person {
        "No answer is wanted: nobody waits for one to such mail."
    } else if !reading.addresses_reader() {
        "No answer is wanted of you: it is for somebody else."
    } else {
        "No answer is wanted: it asks nothing that takes words."
    };
    reason("no_answer_wanted", text)
}

/// Up to how many days ahead a task is soon.
pub(super) const SOON_DAYS: i64 = 2;

/// How soon what asks for no work wants attention: what wants a look, or nothing.
fn without_task(reading: &Reading<'_>, verdict: &Verdict, waits: bool) -> Priority {
    let wants_a_look = match verdict.category {
        Category::Security | Category::Travel => true,
        Category::Personal | Category::Meeting | Category::Task => {
            waits && reading.people.role != Role::Author
        }
        _ => false,
    };
    if wants_a_look {
        Priority::Medium
    } else {
        Priority::Low
    }
}

fn shouts(reading: &Reading<'_>) -> bool {
    let subject = &reading.subject;
    (0..subject.len()).any(|at| {
        matches!(
            subject.get(at),
            "urgent" | "asap" | "dringend" | "urgente" | "emergency" | "notfall" | "urgence"
        ) && subject.before(at) != "not"
    })
}

/// Whether the sender waits for an answer from the reader.
pub(super) fn needs_reply(
    input: &AnalysisInput<'_>,
    reading: &Reading<'_>,
    verdict: &Verdict,
) -> Option<Reason> {
    let machine = input.signals.is_automatic || input.signals.is_bounce;
    if machine
        || reading.people.role == Role::Author
        || !matches!(
            verdict.category,
            Category::Personal | Category::Meeting | Category::Task
        )
    {
        return None;
    }
    if let Some(method) = &input.signals.calendar_method {
        return (method == "REQUEST" || method == "COUNTER")
            .then(|| reason("invitation_open", "An invitation waits for an answer."));
    }
    let addressed = reading.addresses_reader();
    let known = reading.lines.iter().find_map(|line| {
        let mine = match line.meant {
            Some(Meant::Other) => false,
            Some(Meant::Reader) => true,
            _ => addressed,
        };
        let act = line
            .act
            .filter(|_| mine && !line.planted && !reading.doubts(line))?;
        match act.kind {
            Kind::Question if act.confidence >= 0.6 => {
                Some(reason("question_open", "It asks the reader a question."))
            }
            Kind::Request
                if act.confidence >= super::task::LEAST_CONFIDENCE
                    && !is_done_elsewhere(reading, line, act) =>
            {
                Some(reason("request_open", "It asks the reader for something."))
            }
            Kind::Proposal if act.confidence >= 0.55 => Some(reason(
                "proposal_open",
                "It proposes something that wants an answer.",
            )),
            _ => None,
        }
    });
    known.or_else(|| {
        (addressed && reading.people.recipients == 1 && reading.lines.iter().any(asks_somehow))
            .then(|| reason("question_open", "It asks the reader a question."))
    })
}

/// A question in words that no table knows: in a letter to one person it is that person's.
fn asks_somehow(line: &Line<'_>) -> bool {
    const SHORTEST: usize = 3;
    let piece = line.words.piece().trim_end();
    line.act.is_none_or(|act| act.kind == Kind::Question)
        && !line.planted
        && line.meant != Some(Meant::Other)
        && piece.ends_with(['?', '？'])
        && (line.words.len() >= SHORTEST || line.words.has_unspaced())
}

/// What is done with a paper, a form or a till, and not with an answer.
#[rustfmt::skip] // a table: packed, not one word a line
const ELSEWHERE_VERBS: &[&str] = &[
    "sign", "submit", "pay", "register", "enter", "upload", "fill", "complete", "hand", "drop",
    "collect", "pick", "bring", "wear", "print", "abgeben", "mitbringen", "ausfullen",
    "unterschreiben", "unterzeichnen", "uberweisen", "abholen", "remettre", "remplir", "signer",
    "payer", "regler", "apporter", "entregar", "rellenar", "firmar", "pagar", "traer", "lamna",
];

/// Words that make the author the one who gets something.
#[rustfmt::skip] // a table: packed, not one word a line
const AUTHOR_WORDS: &[&str] = &[
    "me", "us", "my", "our", "send", "return", "email", "fax", "mir", "uns", "mich", "zuruck", "moi", "nous", "nos", "mig",
    "know", "confirm", "tell", "reply", "mit", "bescheid",
];

/// Verbs of handing something to somebody, who is named next.
#[rustfmt::skip] // a table: packed, not one word a line
const HANDING_VERBS: &[&str] = &[
    "send", "give", "forward", "email", "mail", "tell", "call", "remind", "show", "pay", "ask",
    "bring",
];

/// Whether a request is over once it is done, without a word to its author: a slip for the
/// school, a form to sign, a note to somebody else.
fn is_done_elsewhere(reading: &Reading<'_>, line: &Line<'_>, act: Act) -> bool {
    let words = &line.words;
    if words.piece().trim_end().ends_with(['?', '？'])
        || (act.action + 1..words.len()).any(|at| AUTHOR_WORDS.contains(&words.get(at)))
    {
        return false;
    }
    let verb = words.get(act.action);
    let last = words.get(words.len().saturating_sub(1));
    let parted = matches!(verb, "geben" | "gib" | "gebt") && last == "ab";
    let receiver = act.action + 1;
    let to_another = HANDING_VERBS.contains(&verb)
        && words.is_capital(receiver)
        && !reading.people.is_author(words.get(receiver))
        && !crate::dates::is_weekday(words.get(receiver))
        && !crate::dates::is_month(words.get(receiver));
    ELSEWHERE_VERBS.contains(&verb) || parted || to_another
}

fn reason(code: &str, text: &str) -> Reason {
    Reason {
        code: code.to_owned(),
        text: text.to_owned(),
    }
}
