//! The sample week, read by the built-in engine and held against what a person would make of it.
//!
//! The floors are what the engine reaches today, less a little; raising them is progress. What must
//! never happen (a task from a fraud, an obeyed instruction) is asserted without a floor.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may fail loudly, and this one reports"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use delegate_core::analysis::builtin::BuiltinEngine;
use delegate_core::analysis::{Analysis, AnalysisInput, Deadline};
use delegate_core::mail::parse::parse;
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    file: String,
    category: String,
    needs_reply: bool,
    priority: String,
    tasks: Vec<ExpectedTask>,
}

#[derive(Deserialize)]
struct ExpectedTask {
    quote: String,
    due: Option<String>,
}

fn samples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../samples")
}

fn read(file: &str) -> Analysis {
    let raw = fs::read(samples().join("week").join(file)).expect("the sample");
    let message = parse(&raw).expect("a message");
    let own = ["maya.lindqvist@northwind.example", "maya@northwind.example"].map(str::to_owned);
    let sent_at = message.sent_at;
    let received_at: DateTime<Utc> = message
        .received_at
        .or(sent_at)
        .expect("a date")
        .with_timezone(&Utc);
    BuiltinEngine.read(&AnalysisInput {
        from: message.from.as_ref(),
        to: &message.to,
        cc: &message.cc,
        subject: &message.subject,
        text: &message.text,
        sent_at,
        received_at,
        attachments: &message.attachments,
        signals: &message.signals,
        own_addresses: &own,
        reader_zone: chrono_tz::Europe::Berlin,
    })
}

fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .expect("JSON")
        .as_str()
        .expect("a word")
        .to_owned()
}

fn due(deadline: Option<&Deadline>) -> Option<String> {
    deadline.map(|deadline| match deadline {
        Deadline::Date(date) => date.to_string(),
        Deadline::DateTime(time, _) => time.format("%Y-%m-%dT%H:%M:%S").to_string(),
    })
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_engine_agrees_with_a_person_about_the_sample_week() {
    let expected: Vec<Expected> =
        serde_json::from_str(&fs::read_to_string(samples().join("expected.json")).expect("file"))
            .expect("JSON");
    let mut score: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut frauds_with_tasks: Vec<String> = Vec::new();
    let mut count = |what, agrees: bool| {
        let entry = score.entry(what).or_default();
        entry.0 += usize::from(agrees);
        entry.1 += 1;
        agrees
    };
    for wanted in &expected {
        let got = read(&wanted.file);
        let say = |what: &str, agrees: bool, detail: String| {
            if !agrees {
                println!("{} {what}: {detail}", wanted.file);
            }
        };
        let (category, priority) = (word(got.category), word(got.priority));
        let agrees = count("category", category == wanted.category);
        say(
            "category",
            agrees,
            format!("{category}, not {}", wanted.category),
        );
        let agrees = count("priority", priority == wanted.priority);
        say(
            "priority",
            agrees,
            format!("{priority}, not {}", wanted.priority),
        );
        let agrees = count("needs_reply", got.needs_reply == wanted.needs_reply);
        say("needs_reply", agrees, got.needs_reply.to_string());
        for task in &wanted.tasks {
            let found = got
                .tasks
                .iter()
                .find(|found| squeezed(&found.quote).contains(&squeezed(&task.quote)));
            let agrees = count("task found", found.is_some());
            say("task missed", agrees, task.quote.clone());
            if let Some(found) = found {
                let found_due = due(found.due.as_ref());
                let agrees = count("due", found_due == task.due);
                say(
                    "due",
                    agrees,
                    format!("{found_due:?}, not {:?}: {}", task.due, found.quote),
                );
            }
        }
        for found in &got.tasks {
            let quote = squeezed(&found.quote);
            let wanted_it = wanted
                .tasks
                .iter()
                .any(|task| quote.contains(&squeezed(&task.quote)));
            let agrees = count("task wanted", wanted_it);
            say("junk task", agrees, quote);
        }
        if (category == "spam" || wanted.category == "spam") && !got.tasks.is_empty() {
            frauds_with_tasks.push(wanted.file.clone());
        }
    }
    println!("{score:?}");
    assert!(
        frauds_with_tasks.is_empty(),
        "frauds that give tasks: {frauds_with_tasks:?}"
    );
    for (what, floor) in [
        ("category", 95),
        ("priority", 95),
        ("needs_reply", 95),
        ("task found", 95),
        ("task wanted", 95),
        ("due", 95),
    ] {
        let (good, all) = score[what];
        assert!(
            good * 100 >= all * floor,
            "{what}: {good} of {all} is below {floor} %"
        );
    }
}
