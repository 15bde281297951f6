//! Asking a model about a message, once and within the day's bounds.
//!
//! Two commits: one pays for the call and notes it before it is made, one notes its end and keeps the
//! answer before anything is done with it. A kill between the two leaves a call that is paid for and whose
//! end is not known; the step that made it finds that and does not ask again.

use std::time::Duration;

use chrono::TimeDelta;
use delegate_core::analysis::consulting::{ANALYZE, Call, Consultation, MAX_CALLS, Question};
use delegate_core::error::Error;
use delegate_core::identifier::{EmailId, EventId, ModelCallId, UserId};
use delegate_core::model::Failure;
use delegate_core::model::breaker::Breaker;
use delegate_core::model::budget::Spending;
use delegate_core::model::catalog::Protocol;
use worker::Env;

use super::client::Client;
use super::{Advisor, Session};
use crate::platform::database::{Database, Statement};
use crate::platform::log::{Level, Line};
use crate::platform::{clock, random};
use crate::store::models::{self, Charged, Day, NewCall};
use crate::store::work::{self, Claimed};

/// Why a message is read without a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Without {
    /// The day's use is up.
    Spent,
    /// The provider is left alone for so long.
    Resting(TimeDelta),
    /// The same content is being asked about.
    UnderWay,
    /// An earlier try of the same step gave no answer, and may have been paid for.
    Tried,
    /// It was asked and gave no answer; after how long it may be asked again, where that costs nothing
    /// twice.
    Failed(Failure, Option<TimeDelta>),
}

impl Without {
    /// The code of the reason in the analysis.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Spent => "model_budget_spent",
            _ => "model_unavailable",
        }
    }

    /// The reason in plain words.
    pub(crate) fn text(&self) -> &'static str {
        match self {
            Self::Spent => "The day's use of models is up; the rules read it.",
            _ => "The model gave no answer; the rules read it.",
        }
    }

    /// After how long trying again is free and may help.
    pub(crate) fn is_worth_waiting(&self) -> Option<TimeDelta> {
        match self {
            Self::Resting(rest) | Self::Failed(_, Some(rest)) => Some(*rest),
            Self::UnderWay => Some(UNDER_WAY),
            _ => None,
        }
    }
}

/// How long a copy waits for the answer to what is being asked: a few times this is as long as a model
/// has for both of its calls.
const UNDER_WAY: TimeDelta = TimeDelta::seconds(30);

/// What came of asking.
pub(crate) enum Advice {
    /// The answer, for [`Question::take`].
    Answer(String),
    /// None, and why.
    None(Without),
}

/// What came of asking, and whom.
pub(crate) struct Asked {
    pub(crate) engine: String,
    pub(crate) advice: Advice,
}

/// Asks a model about a message. `step` is the step of work that does; a person waits where there is none,
/// and then the answer is streamed, so that silence is noticed early.
pub(crate) async fn consult(
    (env, database): (&Env, &Database),
    session: &Session,
    advisor: &Advisor<'_>,
    email: &EmailId,
    question: &Question<'_>,
    step: Option<&Claimed>,
) -> Result<Asked, Error> {
    let offer = advisor.offer;
    let engine = offer.name();
    let key = advisor.own_key.as_ref().unwrap_or(&offer.provider.key);
    let is_open = !key.expose().is_empty()
        || !matches!(
            offer.provider.protocol,
            Protocol::Openai | Protocol::Anthropic
        );
    if !is_open {
        let advice = Advice::None(Without::Failed(Failure::Refused(401), None));
        return Ok(Asked { engine, advice });
    }
    let now = clock::now();
    let (date, ends_at, budget) = session.day(now);
    let date = date.to_string();
    let content_key = question.key(&engine);
    let id = ModelCallId::new(now, random::bytes()?);
    let new = NewCall {
        id: &id,
        day: &date,
        work: step.map(|claimed| claimed.id.as_str()),
        email,
        prompt: (ANALYZE.name, ANALYZE.version),
        provider: &offer.provider.name,
        model: &offer.model.name,
        content_key: &content_key,
        has_own_key: advisor.own_key.is_some(),
        most: Spending::of(offer.model, question.most(offer.model)),
        most_of_first: Spending::of(offer.model, question.most_of_first(offer.model)),
    };
    let patience = session.configuration.model_patience();
    let mut statements = Vec::new();
    if let Some(claimed) = step {
        // Two calls, each with all of its time, and a minute for what is around them.
        let most = TimeDelta::from_std(patience * MAX_CALLS + Duration::from_mins(1))
            .unwrap_or(models::LONGEST_CALL);
        statements.extend([
            work::still_ours(claimed),
            work::extend_lease(claimed, now.plus(most)),
        ]);
    }
    statements.extend(models::reserve(&session.user, &new, &budget, now));
    let answers = database.batch(statements).await?;
    let reserved = models::reserved(&answers)?;
    let day = Day {
        date: &date,
        budget,
        currency: &session.configuration.models.currency,
        ends_at,
    };
    let none = |without| Advice::None(without);
    let advice = if reserved.is_paid {
        let client = Client {
            env,
            offer,
            key,
            patience,
        };
        let consultation = question.put(&client, offer.model, step.is_none()).await;
        conclude(
            database,
            session,
            (&new, &day),
            reserved.breaker,
            consultation,
            &offer,
        )
        .await?
    } else if let Some(answer) = reserved.answer {
        Advice::Answer(answer)
    } else if reserved.was_tried {
        let unknown =
            step.map(|claimed| models::give_up_interrupted(&session.user, &claimed.id, now));
        database.batch(unknown.into_iter().collect()).await?;
        none(Without::Tried)
    } else if reserved.is_under_way {
        none(Without::UnderWay)
    } else if let Some(rest) = reserved.breaker.rest(now) {
        none(Without::Resting(rest))
    } else {
        let event = EventId::new(now, random::bytes()?);
        let told = models::tell_of_use(&session.user, &day, true, &event, now);
        database.batch(told).await?;
        none(Without::Spent)
    };
    Ok(Asked { engine, advice })
}

/// Notes the end of what was begun, and keeps the answer.
async fn conclude(
    database: &Database,
    session: &Session,
    (new, day): (&NewCall<'_>, &Day<'_>),
    before: Breaker,
    consultation: Consultation,
    offer: &delegate_core::model::catalog::Offer<'_>,
) -> Result<Advice, Error> {
    let user = &session.user;
    let now = clock::now();
    let second = ModelCallId::new(now, random::bytes()?);
    let mut left = new.most;
    let mut made = Vec::new();
    for (call, id) in consultation.calls.iter().zip([new.id, &second]) {
        // What is not known costs the most that it can: of a first call its own part of what was paid
        // for, of a second one all that is left.
        let most = if id == new.id {
            new.most_of_first
        } else {
            left
        };
        let cost = call
            .usage
            .map_or(most, |usage| Spending::of(offer.model, usage));
        left = Spending {
            tokens: left.tokens.saturating_sub(cost.tokens),
            cost_micros: left.cost_micros.saturating_sub(cost.cost_micros),
        };
        made.push(Charged { id, call, cost });
    }
    let mut statements: Vec<Statement> = models::conclude(user, new, &made, now);
    let after = match &consultation.answer {
        Ok(_) => Breaker::after_answer(),
        Err(failure) => before.after(failure, now),
    };
    if after != before {
        let breaker = models::put_breaker(user, new.provider, new.has_own_key, after, now);
        statements.push(breaker);
    }
    if let Ok(answer) = &consultation.answer {
        statements.push(models::keep_answer(user, new.content_key, answer, now));
    }
    let event = EventId::new(now, random::bytes()?);
    statements.extend(models::tell_of_use(user, day, false, &event, now));
    database.batch(statements).await?;
    log(user, new, &consultation.calls);
    Ok(match consultation.answer {
        Ok(answer) => Advice::Answer(answer),
        Err(failure) => {
            let again = failure.can_be_asked_again();
            let rest = after.rest(now).filter(|_| again);
            Advice::None(Without::Failed(failure, rest))
        }
    })
}

fn log(user: &UserId, new: &NewCall<'_>, calls: &[Call]) {
    for call in calls {
        Line::new(Level::Info, "model")
            .with("user.id", user.as_str())
            .with("email.id", new.email.as_str())
            .with("model.provider", new.provider)
            .with("model.name", new.model)
            .with("model.outcome", call.outcome)
            .with("duration_ms", call.latency_ms)
            .with(
                "model.input_tokens",
                call.usage.map(|usage| usage.input_tokens),
            )
            .with(
                "model.output_tokens",
                call.usage.map(|usage| usage.output_tokens),
            )
            .write();
    }
}
