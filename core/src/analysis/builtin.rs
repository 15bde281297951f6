//! The built-in engine: rules, and a small classifier for English; no language model, no network,
//! the same answer every time.
//!
//! It reads a message once ([`super::reading`]) and asks each rule module for its part. It is
//! also the yardstick and the fallback for every engine that comes after it.

use super::category::Verdict;
use super::people::Role;
use super::reading::Reading;
use super::words::Words;
use super::{
    Analysis, AnalysisEngine, AnalysisInput, Category, Outcome, ProposedTask, Reason, TaskKind,
};
use super::{category, priority, sentiment, summary, task};

/// Raise it with every change of rules that should reach messages already analysed.
const VERSION: u32 = 3;

/// What answers call it.
pub const NAME: &str = "builtin";

/// Rules, and a small classifier.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuiltinEngine;

impl BuiltinEngine {
    /// Reads one message. It can't fail.
    pub fn read(self, input: &AnalysisInput<'_>) -> Analysis {
        Self::judge(input, &Reading::of(input))
    }

    /// Judges a message that was read.
    pub(super) fn judge(input: &AnalysisInput<'_>, reading: &Reading<'_>) -> Analysis {
        let lines: Vec<&Words<'_>> = reading.lines.iter().map(|line| &line.words).collect();
        let mut verdict = category::category(input, reading);
        let tasks = task::tasks(input, reading, &verdict);
        settle(input, reading, &mut verdict, &tasks);
        let reply = priority::needs_reply(input, reading, &verdict);
        let needs_reply = reply.is_some();
        let (priority, urgency) = priority::priority(input, reading, &verdict, &tasks, needs_reply);
        let (summary, summary_sources) = summary::summary(input, reading);
        let mut reasons = verdict.reasons.clone();
        reasons.extend(urgency);
        reasons.push(reply.unwrap_or_else(|| priority::no_reply(input, reading, &verdict)));
        Analysis {
            category: verdict.category,
            priority,
            sentiment: sentiment::sentiment(&lines, verdict.category),
            summary,
            summary_sources,
            needs_reply,
            language: reading.language.clone(),
            reasons,
            confidence: verdict.confidence,
            tasks,
        }
    }
}

/// Makes kind and tasks agree: `Task` is for a person's letter with work for the reader. A request
/// that is somebody else's leaves a letter, and an appointment to be confirmed by Wednesday is work.
fn settle(
    input: &AnalysisInput<'_>,
    reading: &Reading<'_>,
    verdict: &mut Verdict,
    tasks: &[ProposedTask],
) {
    let by_reader = reading.people.role == Role::Author;
    match verdict.category {
        Category::Task if tasks.is_empty() && (by_reader || !reading.addresses_reader()) => {
            verdict.category = Category::Personal;
            verdict
                .reasons
                .retain(|reason| reason.code != "asks_for_something");
        }
        Category::Personal | Category::Meeting
            if !by_reader
                && input.signals.calendar_method.is_none()
                && reading.lines.iter().any(|line| {
                    (line.counts_as_request() || line.act.is_none())
                        && !(verdict.category == Category::Meeting
                            && category::asks_for_a_time(line))
                        && tasks.iter().any(|task| {
                            task.kind == TaskKind::Request && task.quote == line.words.piece()
                        })
                }) =>
        {
            verdict.category = Category::Task;
            verdict.reasons.push(Reason {
                code: "asks_for_something".to_owned(),
                text: "It asks for something.".to_owned(),
            });
        }
        _ => {}
    }
}

impl AnalysisEngine for BuiltinEngine {
    fn name(&self) -> &str {
        NAME
    }

    fn version(&self) -> u32 {
        VERSION
    }

    async fn analyze(&self, input: &AnalysisInput<'_>) -> Outcome {
        Outcome {
            result: Ok(self.read(input)),
            calls: Vec::new(),
        }
    }
}
