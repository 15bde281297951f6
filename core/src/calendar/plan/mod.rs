//! Planning: tasks into free time.
//!
//! [`plan`] is a pure function of the tasks, the free time, and what an earlier plan placed. It owns
//! the blocks that it made and nothing else: all other time is either free or not, and what is not
//! free is never used.
//!
//! **The order.** Tasks have a rank: priority first, then the due time (none is last), then the
//! identifier. They are placed in that order, each in the earliest time that is free and before it is
//! due. Where there is none:
//!
//! 1. tasks that are due later make room, whatever their rank, if all of them still fit before they
//!    are due (earliest due first, within what is feasible);
//! 2. else tasks of lower rank make room, the lowest first, even if no time is left for them.
//!
//! So no task is without a place because of one of lower rank.
//!
//! **The law of least change.** A block that began, or that the person fixed, is never touched, and its
//! time counts as worked. A block whose time is still free and before its task is due stays. Others get their places around
//! it, and only a task that finds none there makes it move, by the order above. A task that loses its
//! block and gets another keeps the block's identifier. Planning again in a world that has not changed
//! changes nothing.
//!
//! A task is split only where the rules allow it, and then into as few blocks as the earliest free
//! time allows: whole blocks first, and smaller ones where those do not fit.
//!
//! Cost: for each task that has to be placed a few passes over the free intervals and the blocks.

mod explain;
mod fit;
pub mod free;
mod planner;
#[cfg(test)]
mod tests;
pub mod wire;

use crate::analysis::Priority;
use crate::calendar::interval::{Interval, IntervalSet};
use crate::identifier::TaskId;

use self::planner::Planner;

/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60_000;

/// A task that shall have time, or that had some.
#[derive(Debug, Clone)]
pub struct PlanTask {
    /// Which one.
    pub id: TaskId,
    /// How soon.
    pub priority: Priority,
    /// The instant by which it must be done, in milliseconds since 1970.
    pub due_ms: Option<i64>,
    /// How long it takes, all of it.
    pub duration_minutes: u32,
    /// Whether it is still to be done. One that is not loses the blocks that have not begun.
    pub is_open: bool,
}

/// A stretch of time that an earlier plan gave to a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedBlock {
    /// Which one.
    pub id: String,
    /// What it is for.
    pub task: TaskId,
    /// When it is.
    pub interval: Interval,
    /// Whether it stays whatever comes, because the person moved or changed it. It counts as its
    /// task's time.
    pub is_fixed: bool,
}

/// What a plan keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The longest block.
    pub longest_block_minutes: u32,
    /// The shortest block that a task may be split into; `None` where tasks stay in one piece.
    pub shortest_block_minutes: Option<u32>,
    /// Free time between two blocks.
    pub break_minutes: u32,
    /// How long before it starts a block must be known.
    pub notice_minutes: u32,
    /// Blocks start at multiples of this, counted from midnight in UTC.
    pub step_minutes: u32,
}

/// A new place for a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBlock {
    /// What it is for.
    pub task: TaskId,
    /// When it is.
    pub interval: Interval,
}

/// A block that gets another time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The block, with the time that it had.
    pub block: PlannedBlock,
    /// The time that it gets.
    pub to: Interval,
}

/// Why a block goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// Its task is done, or will not be.
    TaskClosed,
    /// Its task needs less time, or fewer pieces.
    NotNeeded,
    /// There is no time for its task any more.
    NoTime,
}

/// Why a task has no place, or not all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It was due before the first time that can be planned.
    Overdue,
    /// There is not enough free time before it is due.
    NoTimeBeforeDue,
    /// There is not enough free time before the plan ends.
    NoTimeInWindow,
    /// It is longer than a block may be, and may not be split.
    LongerThanABlock,
    /// Blocks for all of its time have begun, and it is not done.
    TimeUsedUp,
}

/// A task without a place, and what would help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplaced {
    /// Which one.
    pub task: TaskId,
    /// How much of it has no place.
    pub missing_minutes: u32,
    /// Why.
    pub reason: Reason,
    /// How much time is free for it before it is due (or the plan ends).
    pub free_minutes: u32,
    /// The longest free stretch of that time.
    pub longest_free: Option<Interval>,
    /// The first time that it would have were it not due.
    pub first_fit: Option<Interval>,
    /// Whether it would have a place if it could be split.
    pub splitting_helps: bool,
}

/// What a plan changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Blocks that stay as they are.
    pub keep: Vec<PlannedBlock>,
    /// New blocks.
    pub add: Vec<NewBlock>,
    /// Blocks that get another time.
    pub moves: Vec<Move>,
    /// Blocks that go, and why.
    pub remove: Vec<(PlannedBlock, Removal)>,
    /// Tasks that have no place.
    pub unplaced: Vec<Unplaced>,
}

/// What is planned with.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The tasks. A block whose task is not among them stays as it is.
    pub tasks: &'a [PlanTask],
    /// The time that may be used: working hours without what is busy, buffers and lunch. The blocks
    /// of the plan itself are not taken out of it.
    pub free: &'a IntervalSet,
    /// What an earlier plan placed.
    pub blocks: &'a [PlannedBlock],
    /// The present instant, in milliseconds since 1970.
    pub now_ms: i64,
    /// The end of what is planned.
    pub end_ms: i64,
    /// What the plan keeps to.
    pub rules: Rules,
}

/// The plan for tasks: what of an earlier one changes.
pub fn plan(input: Input<'_>) -> Changes {
    Planner::new(input).plan()
}
