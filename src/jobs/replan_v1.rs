//! Makes a plan anew, after something landed on its blocks or one of its tasks changed. Again: it
//! changes nothing.

use delegate_core::error::Error;
use delegate_core::identifier::PlanId;

use super::{Effect, Step};
use crate::planning::{self, Extent};
use crate::platform::clock;
use crate::store::plans;

pub(super) async fn run(step: &Step<'_>, plan: &PlanId) -> Result<Effect, Error> {
    let (database, user, extent) = (&step.database, &step.user, Extent::AsMuchAsGoes);
    let made = planning::make_anew(database, user, plan, extent, clock::now()).await?;
    let statements = match made {
        // What landed since it was read has found this step waiting.
        Some(made) if made.statements.is_empty() => vec![plans::still(user, plan, made.version)],
        Some(made) => made.statements,
        None => Vec::new(),
    };
    Ok(Effect {
        statements,
        ..Effect::default()
    })
}
