//! Makes a plan anew, after something landed on its blocks or one of its tasks changed. Again: it
//! changes nothing.

use delegate_core::error::Error;
use delegate_core::identifier::PlanId;

use super::{Effect, Step};
use crate::planning;
use crate::platform::clock;
use crate::store::plans;

pub(super) async fn run(step: &Step<'_>, plan: &PlanId) -> Result<Effect, Error> {
    let made = planning::make_anew(&step.database, &step.user, plan, clock::now()).await;
    let statements = match made {
        // Also where nothing changes: what landed since it was read has found this step waiting.
        Ok(Some(made)) if made.statements.is_empty() => {
            vec![plans::still(&step.user, plan, made.version)]
        }
        Ok(made) => made.map(|made| made.statements).unwrap_or_default(),
        // It stays as it is until the person asks for it anew, and is told.
        Err(error) if error.code == planning::TOO_MANY_BLOCKS => Vec::new(),
        Err(error) => return Err(error),
    };
    Ok(Effect {
        statements,
        ..Effect::default()
    })
}
