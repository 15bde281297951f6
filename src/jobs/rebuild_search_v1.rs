//! Fills the search index of a person again, after a restore.

use delegate_core::error::Error;
use delegate_core::work::Work;
use serde::Deserialize;

use super::{Effect, Step};
use crate::store::search_index;

/// How many rows one step takes.
const ROWS_PER_STEP: u32 = 100;

/// A row of either table, told apart by the columns that it has.
#[derive(Deserialize)]
struct Row {
    row: f64,
}

pub(super) async fn run(step: &Step<'_>, after: i64) -> Result<Effect, Error> {
    let answers =
        step.database.batch(search_index::missing(&step.user, after, ROWS_PER_STEP)).await?;
    let mut effect = Effect::default();
    let mut last = 0.0_f64;
    let mut is_full = false;
    for answer in &answers {
        let rows = answer.rows::<Row>()?;
        is_full |= rows.len() >= ROWS_PER_STEP as usize;
        last = rows.iter().fold(last, |last, row| last.max(row.row));
    }
    let _ = (last, is_full);
    effect.statements = search_index::fill(&step.user, &answers)?;
    if is_full {
        effect.follow_ups.push(Work::RebuildSearchV1 { after });
    }
    Ok(effect)
}
