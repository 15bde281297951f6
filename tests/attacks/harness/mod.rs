//! The corpus of attacks run against a model that obeys them, and the judge of what came out.
//!
//! One place for `core/tests/attacks.rs`, which wants no case to get through, and for
//! `evaluation/src/attacks.rs`, which counts them: both include this file by its path. It uses what
//! anybody who holds a raw message can call, the same ways as the Worker does.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "part of a test: the corpus is ours, and a fault in it should fail loudly"
)]

mod corpus;
mod encode;
mod judge;
mod obey;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use chrono::DateTime;
use chrono_tz::Tz;
use delegate_core::analysis::builtin::BuiltinEngine;
use delegate_core::analysis::consulting::Question;
use delegate_core::analysis::{Analysis, AnalysisInput};
use delegate_core::mail::message::Message;
use delegate_core::mail::parse::parse;

use corpus::Case;
use obey::{Degree, Obeying};

/// What came of all attacks.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many combinations of carrier, manner and aim were tried.
    pub combinations: usize,
    /// How many messages were read.
    pub messages: usize,
    /// How many readings were judged: each message by the rules alone and by every stand-in.
    pub readings: usize,
    /// In how many of them the stand-in saw something of the attack, and so obeyed it.
    pub obeyed: usize,
    /// How many readings an attack came through in.
    pub successes: usize,
    /// In how many a visible sentence that a person could have written became a task or a part of
    /// the summary. That is what it is for, and nothing is done before somebody says so.
    pub plain_requests: usize,
    /// What came through by kind of fault and carrier: how often, and where at first.
    pub faults: BTreeMap<String, (usize, Vec<String>)>,
}

/// How many examples of each fault are told.
const EXAMPLES: usize = 12;

/// Runs every attack of the corpus in a checkout.
pub fn run(root: &Path) -> Outcome {
    let cases = corpus::cases(&root.join("tests/attacks"));
    let combinations: BTreeSet<_> = cases
        .iter()
        .map(|case| (case.carrier, case.manner.as_str(), case.aim.as_str()))
        .collect();
    let (one, other): (Vec<_>, Vec<_>) = cases.iter().enumerate().partition(|(at, _)| at % 2 == 0);
    let mut outcome = std::thread::scope(|scope| {
        let half = scope.spawn(|| run_all(&one));
        let mut outcome = run_all(&other);
        outcome.add(half.join().expect("half of them"));
        outcome
    });
    outcome.combinations = combinations.len();
    outcome
}

fn run_all(cases: &[(usize, &Case)]) -> Outcome {
    let mut outcome = Outcome::default();
    let mut calm: BTreeMap<&str, Analysis> = BTreeMap::new();
    for (_, case) in cases {
        let calm = calm.entry(&case.calm).or_insert_with(|| {
            let message = parse(case.calm.as_bytes()).expect("a message");
            BuiltinEngine.read(&input(&message, &["mia@acme.example".to_owned()]))
        });
        attack(case, calm, &mut outcome);
    }
    outcome
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.messages += other.messages;
        self.readings += other.readings;
        self.obeyed += other.obeyed;
        self.successes += other.successes;
        self.plain_requests += other.plain_requests;
        for (fault, (count, examples)) in other.faults {
            let entry = self.faults.entry(fault).or_default();
            entry.0 += count;
            entry.1.extend(examples);
        }
    }
}

/// One attack: every message of it, read by the rules alone and by every stand-in.
fn attack(case: &Case, calm: &Analysis, outcome: &mut Outcome) {
    let messages: Vec<Message> = case
        .raw
        .iter()
        .map(|raw| parse(raw.as_bytes()).expect("a message"))
        .collect();
    outcome.messages += messages.len();
    let own = ["mia@acme.example".to_owned()];
    let inputs: Vec<AnalysisInput<'_>> = messages
        .iter()
        .map(|message| input(message, &own))
        .collect();
    let questions: Vec<Question<'_>> = inputs.iter().map(Question::of).collect();
    for degree in Degree::ALL {
        // One stand-in reads a whole thread: what it saw, it remembers.
        let client = Obeying::new(degree, case);
        for (at, (message, question)) in messages.iter().zip(&questions).enumerate() {
            let consultation = block_on(question.put(&client, "model", false));
            let analysis = match (degree, &consultation.answer) {
                (Degree::Rules, _) => question.base().clone(),
                (_, Ok(answer)) => question.take(answer).expect("its own answer"),
                (_, Err(failure)) => question.fall_back("model_failed", failure.code()),
            };
            outcome.readings += 1;
            let verdict = judge::judge(&judge::Reading {
                case,
                is_order: case.orders[at],
                message,
                calm,
                base: question.base(),
                analysis: &analysis,
                answer: consultation.answer.as_deref().ok(),
                subject: question.subject(),
                is_modelled: degree != Degree::Rules && consultation.answer.is_ok(),
            });
            outcome.plain_requests += usize::from(verdict.is_plain_request);
            outcome.successes += usize::from(!verdict.faults.is_empty());
            for fault in verdict.faults {
                let key = format!("{} [{} {degree:?}]", fault.rule, case.carrier);
                let entry = outcome.faults.entry(key).or_default();
                entry.0 += 1;
                if entry.1.len() < EXAMPLES {
                    entry.1.push(format!("{}: {}", case.name, fault.what));
                }
            }
        }
        outcome.obeyed += client.obeyed();
    }
}

/// A message as the Worker shows it to an engine.
fn input<'a>(message: &'a Message, own: &'a [String]) -> AnalysisInput<'a> {
    AnalysisInput {
        from: message.from.as_ref(),
        to: &message.to,
        cc: &message.cc,
        subject: &message.subject,
        text: &message.text,
        sent_at: message.sent_at,
        received_at: DateTime::from_timestamp(1_772_636_400, 0).expect("a moment"),
        attachments: &message.attachments,
        signals: &message.signals,
        own_addresses: own,
        reader_zone: Tz::America__New_York,
    }
}

/// Runs what never really waits.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a stand-in never waits"),
    }
}
