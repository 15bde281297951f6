//! Resolves the all-day due times of a person's tasks again, after they changed their zone.

use delegate_core::error::Error;
use delegate_core::identifier::{EventId, TaskId};
use delegate_core::task::Due;
use delegate_core::time::{CalendarTime, parse_zone};
use delegate_core::work::Work;
use serde::Deserialize;

use super::{Effect, Step};
use crate::platform::clock;
use crate::store::tasks;

/// How many tasks one step takes; what is left is the next one's.
const TASKS_PER_STEP: u32 = 100;

#[derive(Deserialize)]
struct Misplaced {
    id: String,
    date: String,
    time_zone: String,
}

pub(super) async fn run(step: &Step<'_>) -> Result<Effect, Error> {
    let found = step
        .database
        .run(tasks::find_misplaced(&step.user, TASKS_PER_STEP))
        .await?;
    let rows = found.rows::<Misplaced>()?;
    let mut effect = Effect::default();
    if rows.len() >= TASKS_PER_STEP as usize {
        effect.follow_ups.push(Work::ResolveDuesV1);
    }
    for row in rows {
        let (Ok(id), Ok(date), Some(zone)) = (
            TaskId::parse(&row.id),
            row.date.parse(),
            parse_zone(&row.time_zone),
        ) else {
            return Err(Error::internal(format!(
                "a task whose due can't be read: {}",
                row.id
            )));
        };
        let now = clock::now();
        let due = Due::resolve(CalendarTime::Date(date), zone);
        let event = EventId::new(now, step.entropy()?);
        effect
            .statements
            .extend(tasks::replace_due(&step.user, &id, &due, &event, now)?);
    }
    Ok(effect)
}
