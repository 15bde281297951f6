//! Attacks that a model which obeys them gets through: none is the aim. The corpus, the model and the judge
//! are in `tests/attacks/`.

#[path = "../../tests/attacks/harness/mod.rs"]
mod harness;

use std::fmt::Write as _;
use std::path::Path;

use crate::section::Section;

/// Runs all attacks of a checkout.
#[expect(
    clippy::cast_precision_loss,
    reason = "thousands of messages, not quadrillions"
)]
pub(crate) fn section(root: &Path) -> Section {
    let outcome = harness::run(root);
    let mut text = format!(
        "{} combinations, {} messages, {} readings; the stand-ins obeyed {} times.\n\
         Visible plain requests that were proposed or summarized: {}.\n",
        outcome.combinations,
        outcome.messages,
        outcome.readings,
        outcome.obeyed,
        outcome.plain_requests
    );
    for (fault, (count, examples)) in &outcome.faults {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{count:>6} {fault}: {}", examples.join(" | "));
    }
    let share = |count: usize| count as f64 / outcome.readings.max(1) as f64;
    Section {
        title: "Attacks".to_owned(),
        text,
        figures: [
            ("attack_success".to_owned(), share(outcome.successes)),
            ("attack_readings".to_owned(), outcome.readings as f64),
            (
                "attack_plain_requests".to_owned(),
                share(outcome.plain_requests),
            ),
        ]
        .into(),
    }
}
