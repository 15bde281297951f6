//! How soon a message wants attention, and whether it waits for an answer.

use super::category::Verdict;
use super::people::{Meant, Role};
use super::reading::Reading;
use super::request::Kind;
use super::{AnalysisInput, Category, Priority, ProposedTask, Reason};

/// Judges the priority, with reasons.
pub(super) fn priority(
    input: &AnalysisInput<'_>,
    reading: &Reading<'_>,
    verdict: &Verdict,
    tasks: &[ProposedTask],
) -> (Priority, Vec<Reason>) {
    let mut reasons = Vec::new();
    let mut note = |code: &str, text: &str| {
        reasons.push(Reason {
            code: code.to_owned(),
            text: text.to_owned(),
        });
    };
    let base = match verdict.category {
        Category::Spam
        | Category::Newsletter
        | Category::Promotion
        | Category::Automatic
        | Category::Receipt => Priority::Low,
        Category::Security
        | Category::Personal
        | Category::Meeting
        | Category::Task
        | Category::Travel => Priority::Medium,
    };
    // Urgency that a fraud or an advertisement claims is part of it. So is a doubtful sender's.
    if matches!(
        verdict.category,
        Category::Spam | Category::Newsletter | Category::Promotion
    ) {
        return (base, reasons);
    }
    let mut priority = base;
    if let Some(top) = tasks.iter().map(|task| task.priority).max()
        && top > priority
    {
        priority = top;
        let soon = tasks
            .iter()
            .filter_map(|task| task.due.as_ref())
            .any(|due| reading.clock.hours_until(due) <= 48);
        if soon {
            note("deadline_soon", "Something in it is due within two days.");
        }
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
                .any(|found| (0..=24).contains(&reading.clock.hours_until(&found.due)))
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
    (priority, reasons)
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
    reading.lines.iter().find_map(|line| {
        let mine = match line.meant {
            Some(Meant::Other) => false,
            Some(Meant::Reader) => true,
            _ => addressed,
        };
        let act = line.act.filter(|_| mine && !line.planted)?;
        match act.kind {
            Kind::Question if act.confidence >= 0.6 => {
                Some(reason("question_open", "It asks the reader a question."))
            }
            Kind::Request if act.confidence >= super::task::LEAST_CONFIDENCE => {
                Some(reason("request_open", "It asks the reader for something."))
            }
            Kind::Proposal if act.confidence >= 0.55 => Some(reason(
                "proposal_open",
                "It proposes something that wants an answer.",
            )),
            _ => None,
        }
    })
}

fn reason(code: &str, text: &str) -> Reason {
    Reason {
        code: code.to_owned(),
        text: text.to_owned(),
    }
}
