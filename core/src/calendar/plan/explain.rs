//! Why a task has no place, and what would give it one.

use crate::calendar::interval::Interval;
use crate::identifier::TaskId;

use super::planner::{Place, Planner};
use super::{MINUTE_MS, Reason, Unplaced};

impl Unplaced {
    /// A task all of whose time has begun.
    pub(super) fn used_up(task: TaskId) -> Self {
        Self {
            task,
            missing_minutes: 0,
            reason: Reason::TimeUsedUp,
            free_minutes: 0,
            longest_free: None,
            first_fit: None,
            splitting_helps: false,
        }
    }
}

impl Planner<'_> {
    /// Why a task has no place on the finished plan.
    pub(super) fn explain(&self, place: Place) -> Option<Unplaced> {
        let task = self.input.tasks.get(place)?;
        let missing = self.remaining(place) - self.length_placed(place);
        let mut needs = self.needs(missing);
        let before_due = Interval {
            start: self.earliest(),
            end: self.latest(task),
        };
        let free = self.available(before_due);
        let anytime = self.available(Interval {
            start: self.earliest(),
            end: self.input.end_ms,
        });
        let first_fit = needs
            .fit(&anytime)
            .and_then(|pieces| pieces.first().copied());
        let possible = needs.is_possible();
        let reason = if !possible {
            Reason::LongerThanABlock
        } else if task.due_ms.is_some_and(|due| due <= before_due.start) {
            Reason::Overdue
        } else if task.due_ms.is_some_and(|due| due < self.input.end_ms) {
            Reason::NoTimeBeforeDue
        } else {
            Reason::NoTimeInWindow
        };
        // Pieces of a quarter of an hour: shorter ones are no help to anybody.
        needs.shortest = Some(15 * MINUTE_MS);
        let splitting_helps =
            self.input.rules.shortest_block_minutes.is_none() && needs.fit(&free).is_some();
        let minutes = |length: i64| u32::try_from(length / MINUTE_MS).unwrap_or(u32::MAX);
        // Of the longest the first.
        let longest_free = free
            .clone()
            .fold(None, |longest: Option<Interval>, stretch| match longest {
                Some(longest) if longest.length() >= stretch.length() => Some(longest),
                _ => Some(stretch),
            });
        Some(Unplaced {
            task: task.id.clone(),
            missing_minutes: minutes(missing),
            reason,
            free_minutes: minutes(free.map(Interval::length).sum()),
            longest_free,
            first_fit,
            splitting_helps,
        })
    }
}
