//! A model's reading of a message: what it is shown, what of its answer is believed, and the engine that
//! stands behind the same port as the built-in one.
//!
//! The built-in engine always reads first. It decides whether a model is worth asking at all
//! ([`Question::is_worth_asking`]), numbers the sentences that the model is shown, and stays the answer
//! where the model gives none. A model can label a message, rank it, say which sentences matter and which
//! of them are work. It can't do anything else: there is no field for it.

mod answer;
mod frame;

use std::cell::OnceCell;

use self::answer::Answer;
use self::frame::Frame;
use super::builtin::BuiltinEngine;
use super::people::Role;
use super::reading::Reading;
use super::{
    Analysis, AnalysisEngine, AnalysisInput, Category, Outcome, Priority, Reason, SourceSpan,
    summary, task,
};
use crate::model::{Ask, Failed, Failure, Model, ModelClient, Prompt, Reply, Usage};
use crate::secret::sha256_hex;

/// The prompt of an analysis.
pub const ANALYZE: Prompt = Prompt {
    name: "analyze",
    version: 1,
    system: include_str!("prompts/analyze.md"),
    schema: include_str!("prompts/analyze.schema.json"),
    max_output_tokens: 1000,
};

/// One call of a model, for the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What it cost, as the provider counts; `None` where that is not known.
    pub usage: Option<Usage>,
    /// How long it took.
    pub latency_ms: i64,
    /// `answered`, or the code of the failure.
    pub outcome: &'static str,
}

/// How many calls one question makes at most: the first, and one to mend its answer.
pub const MAX_CALLS: u32 = 2;

/// The codes of reasons that stay whatever a model says: they are about whether to trust the sender.
const WARNINGS: [&str; 6] = [
    "doubtful_sender",
    "lookalike_sender",
    "account_changed",
    "instruction_in_text",
    "hidden_text",
    "hidden_orders",
];

/// A message about to be read by a model.
pub struct Question<'a> {
    input: &'a AnalysisInput<'a>,
    reading: Reading<'a>,
    base: Analysis,
    /// Made where it is first needed: most mail is not worth asking about.
    frame: OnceCell<Frame>,
}

impl<'a> Question<'a> {
    /// Reads a message with the built-in engine and makes what a model would be shown.
    pub fn of(input: &'a AnalysisInput<'a>) -> Self {
        let reading = Reading::of(input);
        let base = BuiltinEngine::judge(input, &reading);
        Self {
            input,
            reading,
            base,
            frame: OnceCell::new(),
        }
    }

    fn frame(&self) -> &Frame {
        self.frame
            .get_or_init(|| Frame::of(self.input, &self.reading))
    }

    /// What the built-in engine says.
    pub fn base(&self) -> &Analysis {
        &self.base
    }

    /// Whether a model could say more than the rules: only of what a person wrote, and only where
    /// there is something to read. Newsletters, receipts, notices and fraud never are.
    pub fn is_worth_asking(&self) -> bool {
        matches!(
            self.base.category,
            Category::Personal | Category::Meeting | Category::Task
        ) && self.input.signals.calendar_method.is_none()
            && !self.input.signals.is_automatic
            && !self.input.signals.is_bounce
            && self.frame().words >= MIN_WORDS
    }

    /// What the model is shown.
    pub fn subject(&self) -> &str {
        &self.frame().json
    }

    /// What the same content has in common: hexadecimal, of the prompt's version, the model and all that
    /// it is shown. Neither the message's identifier nor its date is among that, so a copy is the same.
    pub fn key(&self, model: &str) -> String {
        // Each part with its length before it: no two lists of parts give the same bytes.
        let mut bytes = Vec::new();
        for part in [
            ANALYZE.name,
            &ANALYZE.version.to_string(),
            model,
            &self.frame().json,
        ] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        sha256_hex(&bytes)
    }

    /// The most that asking can cost, the mending of an answer included.
    pub fn most(&self, model: &Model) -> Usage {
        let first = self.most_of_first(model);
        // The second call repeats the first and has its answer, of at most some four bytes a token.
        Usage {
            input_tokens: first
                .input_tokens
                .saturating_mul(MAX_CALLS)
                .saturating_add(first.output_tokens.saturating_mul(2)),
            output_tokens: first.output_tokens.saturating_mul(MAX_CALLS),
        }
    }

    /// The most that the first call alone can cost.
    pub fn most_of_first(&self, model: &Model) -> Usage {
        self.ask(model, None, false).most_tokens()
    }

    fn ask<'b>(
        &'b self,
        model: &'b Model,
        mend: Option<(&'b str, &'b str)>,
        is_streamed: bool,
    ) -> Ask<'b> {
        Ask {
            model,
            prompt: &ANALYZE,
            subject: &self.frame().json,
            mend,
            is_streamed,
        }
    }

    /// Asks a model, and once more where its answer is not of the schema.
    pub async fn put(
        &self,
        client: &impl ModelClient,
        model: &Model,
        is_streamed: bool,
    ) -> Consultation {
        let mut calls = Vec::new();
        let mut refused: Option<(String, String)> = None;
        for _ in 0..MAX_CALLS {
            let mend = refused
                .as_ref()
                .map(|(answer, reason)| (answer.as_str(), reason.as_str()));
            let ask = self.ask(model, mend, is_streamed);
            let began = client.now_ms();
            let replied = client.ask(&ask).await;
            let latency_ms = client.now_ms() - began;
            let Reply { text, usage } = match replied {
                Ok(reply) => reply,
                Err(Failed { failure, usage }) => {
                    calls.push(Call {
                        usage,
                        latency_ms,
                        outcome: failure.code(),
                    });
                    return Consultation {
                        answer: Err(failure),
                        calls,
                    };
                }
            };
            match Answer::read(&text, self.frame()) {
                Ok(answer) => {
                    calls.push(Call {
                        usage,
                        latency_ms,
                        outcome: "answered",
                    });
                    return Consultation {
                        answer: Ok(answer.to_json()),
                        calls,
                    };
                }
                Err(reason) => {
                    calls.push(Call {
                        usage,
                        latency_ms,
                        outcome: Failure::Misshapen.code(),
                    });
                    let mut text = text;
                    crate::mail::text::cut(&mut text, MAX_MENDED_BYTES);
                    refused = Some((text, reason));
                }
            }
        }
        Consultation {
            answer: Err(Failure::Misshapen),
            calls,
        }
    }

    /// The analysis that an answer makes, this moment's or an earlier one to the same content; `None`
    /// where the text is no answer.
    pub fn take(&self, answer: &str) -> Option<Analysis> {
        let answer = Answer::read(answer, self.frame()).ok()?;
        Some(self.adopt(&answer))
    }

    /// The built-in engine's analysis, which says why no model's is there.
    pub fn fall_back(&self, code: &'static str, text: &'static str) -> Analysis {
        let mut analysis = self.base.clone();
        analysis.reasons.push(reason(code, text));
        analysis
    }

    fn adopt(&self, answer: &Answer) -> Analysis {
        let base = &self.base;
        let is_doubtful = self.input.signals.sender_is_doubtful || base.category == Category::Spam;
        // Urgency that a doubtful sender claims is part of the doubt, whoever repeats it.
        let priority = if is_doubtful {
            answer.priority.min(Priority::Medium)
        } else {
            answer.priority
        };
        // What the rules take for fraud stays fraud: a message can talk to a model, not to them.
        let category = if base.category == Category::Spam {
            Category::Spam
        } else {
            answer.category
        };
        let needs_reply = answer.needs_reply && self.reading.people.role != Role::Author;
        let agrees = category == base.category
            && priority == base.priority
            && needs_reply == base.needs_reply;
        let mut reasons: Vec<Reason> = base
            .reasons
            .iter()
            .filter(|reason| agrees || WARNINGS.contains(&reason.code.as_str()))
            .cloned()
            .collect();
        reasons.push(reason(
            "model_judged",
            if agrees {
                "A model read it and agrees with the rules."
            } else {
                "A model read it and judges it otherwise than the rules do."
            },
        ));
        let mut sentiment = base.sentiment;
        if sentiment.label != answer.sentiment {
            sentiment = answer.tone();
        }
        let (summary, summary_sources) = match answer.summary_text() {
            text if text.is_empty() => (base.summary.clone(), base.summary_sources.clone()),
            text => (text, self.sources(answer)),
        };
        Analysis {
            category,
            priority,
            sentiment,
            summary,
            summary_sources,
            needs_reply,
            reasons,
            confidence: if agrees { 0.95 } else { 0.75 },
            tasks: if category == Category::Spam {
                Vec::new()
            } else {
                self.tasks(answer)
            },
            ..base.clone()
        }
    }

    /// Where the sentences stand that a summary points at.
    fn sources(&self, answer: &Answer) -> Vec<SourceSpan> {
        let numbers = answer.summary_sentences().into_iter();
        numbers
            .filter_map(|number| self.reading.lines.get(self.frame().line(number)?))
            .map(|line| summary::source(self.input.text, line))
            .collect()
    }

    /// The tasks of an answer. When each is due is worked out here, from its sentence: a model never
    /// computes a date.
    fn tasks(&self, answer: &Answer) -> Vec<super::ProposedTask> {
        let by_reader = self.reading.people.role == Role::Author;
        let mine = answer
            .tasks
            .iter()
            .filter(|task| task.is_the_readers(by_reader));
        task::adopted(
            self.input,
            &self.reading,
            &self.base.tasks,
            mine.filter_map(|task| {
                let line = self.frame().line(task.sentence)?;
                Some((line, task.kind, task.title.as_deref()))
            }),
        )
    }
}

/// How many words a message must have to be worth a model.
const MIN_WORDS: usize = 4;

/// How much of an answer that can't be taken is shown again.
const MAX_MENDED_BYTES: usize = 6000;

/// What came of asking.
#[derive(Debug, Clone)]
pub struct Consultation {
    /// The answer, checked and without what could not be believed, as JSON that [`Question::take`]
    /// reads; or why there is none.
    pub answer: Result<String, Failure>,
    /// Every call that was made.
    pub calls: Vec<Call>,
}

/// A model behind the port of engines.
pub struct ModelEngine<'c, C> {
    /// What carries questions.
    pub client: &'c C,
    /// `provider/model`, as answers show it.
    pub name: String,
    /// The model.
    pub model: &'c Model,
}

impl<C: ModelClient> AnalysisEngine for ModelEngine<'_, C> {
    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> u32 {
        ANALYZE.version
    }

    async fn analyze(&self, input: &AnalysisInput<'_>) -> Outcome {
        let question = Question::of(input);
        let consultation = question.put(self.client, self.model, false).await;
        Outcome {
            result: consultation
                .answer
                .and_then(|answer| question.take(&answer).ok_or(Failure::Misshapen)),
            calls: consultation.calls,
        }
    }
}

fn reason(code: &str, text: &str) -> Reason {
    Reason {
        code: code.to_owned(),
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
