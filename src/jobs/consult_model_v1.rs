//! Asks a model about a message that the rules have read, and makes its tasks: the model's, or those of the
//! rules where it gives no answer. A provider that wants to be left alone for a while is come back to.

use chrono::TimeDelta;
use delegate_core::analysis::consulting::Question;
use delegate_core::error::Error;
use delegate_core::identifier::EmailId;
use delegate_core::work::Work;

use super::{Effect, Step};
use crate::configuration::Configuration;
use crate::platform::random;
use crate::reading::{Advice, Session, consult};

/// How often a message is come back to.
const MAX_POSTPONED: u32 = 5;
/// How long it waits at most each time. A provider that is down for longer is not waited for.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(10);

pub(super) async fn run(
    step: &Step<'_>,
    email_id: &EmailId,
    postponed: u32,
) -> Result<Effect, Error> {
    let configuration = Configuration::of(step.env)?;
    let ids = std::slice::from_ref(email_id);
    let mut session = Session::read(&step.database, configuration, &step.user, ids).await?;
    let Some(email) = session.emails.pop() else {
        return Ok(Effect::default());
    };
    let letter = session.letter(&email)?;
    let input = letter.input();
    let mut statements = vec![session.unchanged()?];
    // What the person prefers may have changed since the step was made.
    let Some(advisor) = session.advisor(&letter)? else {
        let question = Question::of(&input);
        statements.extend(session.store_first(&email, question.base(), true)?);
        return Ok(Effect {
            statements,
            ..Effect::default()
        });
    };
    let question = Question::of(&input);
    let way = (step.env, &step.database);
    let asked = consult(
        way,
        &session,
        &advisor,
        email_id,
        &question,
        Some(&step.claimed),
    )
    .await?;
    if let Advice::None(without) = &asked.advice
        && let Some(wait) = without.is_worth_waiting()
        && wait <= LONGEST_WAIT
        && postponed < MAX_POSTPONED
    {
        // Those that wait for the same provider do not all come back at once.
        let [jitter] = random::bytes::<1>()?;
        let work = Work::ConsultModelV1 {
            email_id: email_id.clone(),
            postponed: postponed + 1,
        };
        let wait = wait + TimeDelta::milliseconds(500 + 10 * i64::from(jitter));
        return Ok(Effect {
            later: vec![(work, wait)],
            ..Effect::default()
        });
    }
    statements.extend(session.store_advised(&email, &question, &asked)?);
    Ok(Effect {
        statements,
        ..Effect::default()
    })
}
