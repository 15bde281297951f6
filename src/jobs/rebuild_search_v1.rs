//! Fills the search index of a person again, after a restore.

use delegate_core::error::Error;
use delegate_core::work::Work;

use super::{Effect, Step};
use crate::store::search_index;

/// How many messages, and how many tasks, one step takes; what is left is the next one's.
const ROWS_PER_STEP: u32 = 100;

pub(super) async fn run(step: &Step<'_>) -> Result<Effect, Error> {
    let missing = search_index::missing(&step.user, ROWS_PER_STEP);
    let statements = search_index::fill(&step.user, &step.database.batch(missing).await?)?;
    let follow_ups = if statements.is_empty() {
        Vec::new()
    } else {
        vec![Work::RebuildSearchV1]
    };
    Ok(Effect {
        statements,
        follow_ups,
        ..Effect::default()
    })
}
