//! Whether a sentence asks for something, proposes or promises it: a linear classifier on top of
//! the rules, for English. It makes sure hits surer, takes weak ones back, and admits a request that
//! the rules missed ([`super::task`]).
//!
//! [`features`] says what is looked at, [`weights`] how what was learnt is stored. Training is
//! `cargo xtask train` (`evaluation/src/train.rs`), which uses the same features; `NOTICE` says
//! what the weights were made from.

use std::sync::LazyLock;

use super::request::{self, Act, Head};
use super::words::Words;

mod features;
mod weights;

pub use features::View;
pub use weights::{Learnt, Weights, WeightsError};

/// The committed weights, as `cargo xtask train` wrote them.
pub const COMMITTED: &[u8] = include_bytes!("weights.bin");

/// Calls `found` with each feature of a sentence, repeated ones as often as they occur.
pub fn features(sentence: &str, mut found: impl FnMut(View, u32)) {
    let words = Words::new(sentence, 0..sentence.len());
    let head = request::head(&words);
    let act = request::act(&words, head);
    features::each(&words, head, act, &mut found);
}

/// How probable it is that a sentence is a task by these weights, from 0 to 1.
pub fn probability(weights: &Weights<'_>, sentence: &str) -> f64 {
    let mut sum = weights.begin();
    features(sentence, |view, feature| sum.add(view, feature));
    sum.probability()
}

/// The committed weights, read once. Damaged ones weigh nothing; the tests keep them whole.
static WEIGHTS: LazyLock<Weights<'static>> =
    LazyLock::new(|| Weights::read(COMMITTED).unwrap_or_default());

/// How probable it is that a sentence that the rules have read is a task.
pub(super) fn of_read(words: &Words<'_>, head: Head, act: Option<Act>) -> f64 {
    let mut sum = WEIGHTS.begin();
    features::each(words, head, act, &mut |view, feature| {
        sum.add(view, feature);
    });
    sum.probability()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_weights_are_whole_and_small() {
        assert!(Weights::read(COMMITTED).is_ok());
        assert!(COMMITTED.len() <= 128 * 1024 + 64);
    }

    /// Two that it gets wrong are left out and are the rules' part: `I'll send you the contract
    /// tomorrow.` (0.15) and `You can unsubscribe at any time.` (0.70).
    #[test]
    fn what_asks_is_told_from_what_tells() {
        let weights = Weights::read(COMMITTED).unwrap();
        for (sentence, asks) in [
            ("Could you please send me the figures by Friday?", true),
            ("Please call me when you get a chance.", true),
            ("Let's meet on Tuesday to go over the budget.", true),
            ("The report was sent to Raj yesterday.", false),
            (
                "She is planning on attending the course in the fall.",
                false,
            ),
            ("Thanks for the lovely evening.", false),
            ("", false),
        ] {
            let probability = probability(&weights, sentence);
            assert_eq!(probability >= 0.5, asks, "{sentence}: {probability}");
        }
    }

    #[test]
    fn any_text_has_a_probability() {
        let weights = Weights::read(COMMITTED).unwrap();
        for text in [
            "?",
            "$",
            "$LINK",
            "’’’",
            "資料を送ってください。",
            "\u{300}a",
            "9 9 9",
        ] {
            assert!((0.0..=1.0).contains(&probability(&weights, text)), "{text}");
        }
    }
}
