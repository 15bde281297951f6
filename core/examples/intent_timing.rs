//! How long the classifier of sentences takes:
//! `cargo run --release -p delegate-core --example intent_timing`.
//!
//! Prints microseconds a sentence, reading its words and asking the rules included.

#![expect(
    clippy::disallowed_methods,
    reason = "measures natively, where there is a clock"
)]
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "an example talks, and may fail loudly"
)]

use std::hint::black_box;
use std::time::Instant;

use delegate_core::analysis::intent::{COMMITTED, Weights, probability};

const SENTENCES: [&str; 6] = [
    "Please call me.",
    "Could you please send me the signed contract by Friday, with the annex that Ann asked for?",
    "The report was sent to the auditors yesterday, and they had nothing to add to it.",
    "I'll let you know as soon as the figures are in.",
    "Thanks for the lovely evening!",
    "As discussed on Monday, we would like you and Raj to go through the draft once more before it \
     goes to the board, since the numbers of the third quarter have changed a little.",
];

const ROUNDS: u32 = 2_000;

fn main() {
    let weights = Weights::read(COMMITTED).expect("the committed weights are whole");
    for sentence in SENTENCES {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            black_box(probability(&weights, black_box(sentence)));
        }
        let took = start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS);
        let words = sentence.split_whitespace().count();
        println!("{words:>3} words {took:>8.2} microseconds");
    }
}
