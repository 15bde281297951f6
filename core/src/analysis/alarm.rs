//! What machines report: an alarm that stands, something broken, something to decide, or nothing.

use std::sync::LazyLock;

use super::phrases::Phrases;
use super::reading::Reading;
use super::words::Words;
use super::{AnalysisInput, Priority};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Something is down now.
    Down,
    /// Something went wrong, or waits for a decision.
    Look,
    /// It is over.
    Over,
}

/// Read in the subject, where monitors put what matters.
#[rustfmt::skip] // a table: packed, not one word a line
static STATES: LazyLock<Phrases<State>> = LazyLock::new(|| {
    Phrases::new(&[
        (
            State::Down,
            &[
                "critical", "down", "is down", "outage", "unreachable", "offline", "emergency",
                "firing", "alarm", "sev1", "sev 1", "sev0", "p1", "p0", "fatal", "disaster",
                "heartbeat lost", "not responding", "kritisch", "ausfall", "storung", "notfall",
                "critique", "panne", "critico", "caida",
            ],
        ),
        (
            State::Look,
            &[
                "failed", "failure", "failing", "fails", "broken", "error", "errors", "warning",
                "degraded", "problem", "alert", "rejected", "undeliverable", "undelivered",
                "not delivered", "expired", "expires", "decision", "approval", "approve",
                "action required", "needs your", "waiting for you", "fehlgeschlagen", "fehler",
                "warnung", "echec", "erreur", "fallo", "error de", "genehmigung", "unzustellbar",
            ],
        ),
        (
            State::Over,
            &[
                "recovered", "recovery", "resolved", "ok", "cleared", "is up", "back up",
                "back online", "back to normal", "fixed", "restored", "closed", "succeeded",
                "passed", "up again", "no longer", "behoben", "wiederhergestellt", "resolu",
                "retabli", "resuelto", "all clear", "0 failed", "0 errors", "no errors",
            ],
        ),
    ])
});

/// How pressing a machine's report is, with a code and a sentence for it; `None` for what only
/// informs.
pub(super) fn alarm(
    input: &AnalysisInput<'_>,
    reading: &Reading<'_>,
) -> Option<(Priority, &'static str, &'static str)> {
    let says = |state: State| shows(&reading.subject, state);
    if says(State::Over) {
        return None;
    }
    if says(State::Down) {
        return Some((
            Priority::Urgent,
            "alarm",
            "A machine reports that something is down.",
        ));
    }
    if input.signals.is_bounce || says(State::Look) {
        return Some((
            Priority::Medium,
            "something_failed",
            "A machine reports a failure or waits for a decision.",
        ));
    }
    None
}

fn shows(words: &Words<'_>, state: State) -> bool {
    STATES.all(words).any(|(_, _, found)| found == state)
}
