//! Reads stored messages with the built-in engine and stores what it makes of them. Those that a model
//! may read as well are asked about in a step of their own; until then they have what the rules say.

use delegate_core::analysis::AnalysisEngine as _;
use delegate_core::analysis::builtin::BuiltinEngine;
use delegate_core::analysis::consulting::Question;
use delegate_core::error::Error;
use delegate_core::identifier::EmailId;
use delegate_core::work::Work;

use super::{Effect, Step};
use crate::configuration::Configuration;
use crate::reading::Session;
use crate::store::jobs::Progress;

pub(super) async fn run(step: &Step<'_>, email_ids: &[EmailId]) -> Result<Effect, Error> {
    let configuration = Configuration::of(step.env)?;
    let mut session = Session::read(&step.database, configuration, &step.user, email_ids).await?;
    let mut statements = vec![session.unchanged()?];
    let mut follow_ups = Vec::new();
    for email in std::mem::take(&mut session.emails) {
        if email.analyzed_version >= BuiltinEngine.version() {
            continue;
        }
        let letter = session.letter(&email)?;
        let input = letter.input();
        let (analysis, is_asked) = if session.advisor(&letter)?.is_some() {
            let question = Question::of(&input);
            (question.base().clone(), question.is_worth_asking())
        } else {
            (BuiltinEngine.read(&input), false)
        };
        statements.extend(session.store_first(&email, &analysis, !is_asked)?);
        if is_asked {
            let email_id = EmailId::parse(&email.id);
            follow_ups.push(Work::ConsultModelV1 {
                email_id: email_id.map_err(|error| Error::internal(error.to_string()))?,
                postponed: 0,
            });
        }
    }
    // A message that is gone, or was read before, is finished, too.
    let done = u32::try_from(email_ids.len()).unwrap_or(u32::MAX);
    Ok(Effect {
        statements,
        follow_ups,
        progress: Progress { done, total: None },
        ..Effect::default()
    })
}
