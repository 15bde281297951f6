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
//! **The law of least change.** A block that began is never touched, and its time counts as worked. A
//! block whose time is still free and before its task is due stays, unless a task needs it by the
//! order above. A task that loses its block and gets another keeps the block's identifier. Planning
//! again in a world that has not changed changes nothing.
//!
//! A task is split only where the rules allow it, and then into as few blocks as the earliest free
//! time allows: whole blocks first, and smaller ones where those do not fit.
//!
//! Cost: for each task that has to be placed a few passes over the free intervals and the blocks.

mod explain;
mod fit;
#[cfg(test)]
mod tests;
pub mod wire;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::analysis::Priority;
use crate::calendar::interval::{Interval, IntervalSet};
use crate::identifier::TaskId;

use self::fit::Needs;

/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60_000;

/// How often the tasks without a place are tried again after others have moved.
const MOST_ROUNDS: usize = 8;

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

/// Where a task's work stands: a place in [`Input::tasks`].
type Place = usize;

/// A block on the plan while it is made.
#[derive(Debug, Clone, Copy)]
struct Placed {
    interval: Interval,
    /// The task, unless the block stays whatever comes.
    task: Option<Place>,
    /// The block that it was, by its place in [`Input::blocks`].
    was: Option<usize>,
}

/// A plan while it is made.
struct Planner<'a> {
    input: Input<'a>,
    /// By start.
    placed: Vec<Placed>,
    /// For each task what of it has begun, in milliseconds.
    begun: Vec<i64>,
    /// Tasks that have to be placed, by rank.
    queue: BTreeSet<(Rank, Place)>,
    unplaced: BTreeSet<Place>,
}

/// Who goes first; the least does.
type Rank = (Reverse<Priority>, i64, TaskId);

fn rank(task: &PlanTask) -> Rank {
    (
        Reverse(task.priority),
        task.due_ms.unwrap_or(i64::MAX),
        task.id.clone(),
    )
}

/// The plan for tasks: what of an earlier one changes.
pub fn plan(input: Input<'_>) -> Changes {
    let mut planner = Planner {
        input,
        placed: Vec::with_capacity(input.blocks.len()),
        begun: vec![0; input.tasks.len()],
        queue: BTreeSet::new(),
        unplaced: BTreeSet::new(),
    };
    planner.keep_what_holds();
    for _ in 0..MOST_ROUNDS {
        let waiting = std::mem::take(&mut planner.unplaced);
        for place in &waiting {
            planner.enqueue(*place);
        }
        while let Some((_, task)) = planner.queue.pop_first() {
            planner.place(task);
        }
        // Who made room for a lower one may have left some for one in between.
        if planner.unplaced.is_empty() || planner.unplaced == waiting {
            break;
        }
    }
    planner.finish()
}

impl Planner<'_> {
    fn enqueue(&mut self, place: Place) {
        if let Some(task) = self.input.tasks.get(place) {
            self.queue.insert((rank(task), place));
        }
    }

    /// The first instant at which a block may be put.
    fn earliest(&self) -> i64 {
        self.input
            .now_ms
            .saturating_add(i64::from(self.input.rules.notice_minutes) * MINUTE_MS)
    }

    /// The instant by which a task must end.
    fn latest(&self, task: &PlanTask) -> i64 {
        task.due_ms.unwrap_or(i64::MAX).min(self.input.end_ms)
    }

    /// What of a task is still to be placed or stands on the plan, in milliseconds.
    fn remaining(&self, place: Place) -> i64 {
        let Some(task) = self.input.tasks.get(place) else {
            return 0;
        };
        let begun = self.begun.get(place).copied().unwrap_or(0);
        (i64::from(task.duration_minutes) * MINUTE_MS)
            .saturating_sub(begun)
            .max(0)
    }

    /// The time that is free besides what is placed.
    fn available(&self, window: Interval) -> IntervalSet {
        let pause = i64::from(self.input.rules.break_minutes) * MINUTE_MS;
        let taken: IntervalSet = self
            .placed
            .iter()
            .map(|placed| placed.interval.widened(pause, pause))
            .collect();
        self.input.free.clipped(window).difference(&taken)
    }

    fn needs(&self, length: i64) -> Needs {
        let rules = self.input.rules;
        Needs {
            length,
            longest: i64::from(rules.longest_block_minutes) * MINUTE_MS,
            shortest: rules
                .shortest_block_minutes
                .map(|minutes| i64::from(minutes) * MINUTE_MS),
            pause: i64::from(rules.break_minutes) * MINUTE_MS,
            step: i64::from(rules.step_minutes.max(1)) * MINUTE_MS,
        }
    }

    fn put(&mut self, placed: Placed) {
        let at = self
            .placed
            .partition_point(|other| other.interval.start <= placed.interval.start);
        self.placed.insert(at, placed);
    }

    /// Sorts the blocks of the earlier plan: what began or is not ours to plan stays whatever comes,
    /// what still holds stays for now.
    fn keep_what_holds(&mut self) {
        let input = self.input;
        let mut places: Vec<(&TaskId, Place)> =
            input.tasks.iter().map(|task| &task.id).zip(0..).collect();
        places.sort_unstable();
        let place_of = |id: &TaskId| {
            let at = places
                .binary_search_by(|(known, _)| (*known).cmp(id))
                .ok()?;
            places.get(at).map(|(_, place)| *place)
        };
        let mut by_start: Vec<(usize, &PlannedBlock)> = input.blocks.iter().enumerate().collect();
        by_start.sort_by_key(|(_, block)| (block.interval.start, block.interval.end));
        let mut future: Vec<(usize, Place, Interval)> = Vec::new();
        for (was, block) in by_start {
            let task = place_of(&block.task);
            if task.is_none() || block.interval.start <= input.now_ms {
                if let Some(begun) = task.and_then(|place| self.begun.get_mut(place)) {
                    *begun = begun.saturating_add(block.interval.length());
                }
                self.put(Placed {
                    interval: block.interval,
                    task: None,
                    was: Some(was),
                });
            } else if let Some(place) = task {
                future.push((was, place, block.interval));
            }
        }
        for (was, place, interval) in future {
            let Some(task) = input.tasks.get(place).filter(|task| task.is_open) else {
                continue;
            };
            let window = Interval {
                start: input.now_ms,
                end: self.latest(task),
            };
            let longest = i64::from(input.rules.longest_block_minutes) * MINUTE_MS;
            if interval.length() <= longest && self.available(window).covers(interval) {
                self.put(Placed {
                    interval,
                    task: Some(place),
                    was: Some(was),
                });
            }
        }
        for (place, task) in input.tasks.iter().enumerate() {
            if task.is_open {
                self.trim(place);
                if self.remaining(place) > self.length_placed(place) {
                    self.enqueue(place);
                }
            }
        }
    }

    /// How much of a task stands on the plan.
    fn length_placed(&self, place: Place) -> i64 {
        let of_task = self
            .placed
            .iter()
            .filter(|placed| placed.task == Some(place));
        of_task.map(|placed| placed.interval.length()).sum()
    }

    /// Takes blocks of a task off the plan, the last first, until what is left of it can be placed
    /// beside the others.
    fn trim(&mut self, place: Place) {
        loop {
            let missing = self.remaining(place) - self.length_placed(place);
            let blocks = self
                .placed
                .iter()
                .filter(|placed| placed.task == Some(place))
                .count();
            let whole =
                missing == 0 && (blocks <= 1 || self.input.rules.shortest_block_minutes.is_some());
            if blocks == 0 || whole || (missing > 0 && self.needs(missing).is_a_part()) {
                return;
            }
            if let Some(last) = self
                .placed
                .iter()
                .rposition(|placed| placed.task == Some(place))
            {
                self.placed.remove(last);
            }
        }
    }

    /// Finds time for what of a task has none.
    fn place(&mut self, place: Place) {
        let Some(task) = self.input.tasks.get(place) else {
            return;
        };
        self.restore(place);
        if self.put_rest(place) {
            return;
        }
        // Beside what it has there is no room for the rest: all of it anew, or, if that does not help,
        // what it has and no more.
        let held: Vec<Placed> = self
            .placed
            .iter()
            .filter(|placed| placed.task == Some(place))
            .copied()
            .collect();
        self.placed.retain(|placed| placed.task != Some(place));
        if self.put_rest(place)
            || self.make_room(place, task, true)
            || self.make_room(place, task, false)
        {
            return;
        }
        for placed in held {
            self.put(placed);
        }
        self.unplaced.insert(place);
    }

    /// Puts the blocks back that a task had, where they are free and of use.
    fn restore(&mut self, place: Place) {
        let Some(task) = self.input.tasks.get(place) else {
            return;
        };
        let window = Interval {
            start: self.input.now_ms,
            end: self.latest(task),
        };
        for (was, block) in self.input.blocks.iter().enumerate() {
            if block.task != task.id
                || block.interval.start <= self.input.now_ms
                || self.placed.iter().any(|placed| placed.was == Some(was))
            {
                continue;
            }
            let rest = self.remaining(place) - self.length_placed(place) - block.interval.length();
            let longest = i64::from(self.input.rules.longest_block_minutes) * MINUTE_MS;
            if (rest == 0 || (rest > 0 && self.needs(rest).is_a_part()))
                && block.interval.length() <= longest
                && self.available(window).covers(block.interval)
            {
                self.put(Placed {
                    interval: block.interval,
                    task: Some(place),
                    was: Some(was),
                });
            }
        }
    }

    /// Puts what of a task has no place into free time, if all of it finds some.
    fn put_rest(&mut self, place: Place) -> bool {
        match self.fit(place) {
            Some(blocks) => {
                for interval in blocks {
                    self.put(Placed {
                        interval,
                        task: Some(place),
                        was: None,
                    });
                }
                true
            }
            None => false,
        }
    }

    fn fit(&self, place: Place) -> Option<Vec<Interval>> {
        let task = self.input.tasks.get(place)?;
        let missing = self.remaining(place) - self.length_placed(place);
        if missing == 0 {
            return (self.remaining(place) > 0).then(Vec::new);
        }
        let window = Interval {
            start: self.earliest(),
            end: self.latest(task),
        };
        self.needs(missing).fit(&self.available(window))
    }

    /// Takes others off the plan until a task fits: those that are due later and find another place
    /// (`shift`), or those of lower rank.
    fn make_room(&mut self, place: Place, task: &PlanTask, shift: bool) -> bool {
        let (own_rank, due) = (rank(task), task.due_ms.unwrap_or(i64::MAX));
        let latest = self.latest(task);
        let mut victims: Vec<(Reverse<i64>, Reverse<Rank>, Place)> = Vec::new();
        for placed in self
            .placed
            .iter()
            .filter(|placed| placed.interval.start < latest)
        {
            let Some((other, theirs)) = placed
                .task
                .and_then(|other| Some((other, self.input.tasks.get(other)?)))
            else {
                continue;
            };
            let their_due = theirs.due_ms.unwrap_or(i64::MAX);
            let gives_way = if shift {
                their_due > due
            } else {
                rank(theirs) > own_rank
            };
            if gives_way && other != place {
                // Who is due last goes first where all find a place again, else who has the lowest rank.
                let key = if shift { their_due } else { 0 };
                victims.push((Reverse(key), Reverse(rank(theirs)), other));
            }
        }
        victims.sort_unstable();
        victims.dedup();
        let victims: Vec<Place> = victims.into_iter().map(|(_, _, other)| other).collect();
        let before = self.placed.clone();
        let without = |count: usize| {
            let gone = victims.get(..count).unwrap_or_default();
            let stays = |placed: &&Placed| placed.task.is_none_or(|task| !gone.contains(&task));
            before
                .iter()
                .filter(stays)
                .copied()
                .collect::<Vec<Placed>>()
        };
        // The fewest that have to go; more never hurt.
        let (mut too_few, mut enough) = (0, victims.len());
        self.placed = without(enough);
        if self.fit(place).is_none() {
            self.placed = before;
            return false;
        }
        while enough - too_few > 1 {
            let middle = too_few + (enough - too_few) / 2;
            self.placed = without(middle);
            if self.fit(place).is_some() {
                enough = middle;
            } else {
                too_few = middle;
            }
        }
        self.placed = without(enough);
        self.put_rest(place);
        let mut gone: Vec<Place> = victims.get(..enough).unwrap_or_default().to_vec();
        if shift {
            gone.sort_by_key(|other| {
                self.input
                    .tasks
                    .get(*other)
                    .map(|task| (task.due_ms.unwrap_or(i64::MAX), rank(task)))
            });
            let stood: Vec<Placed> = before
                .iter()
                .filter(|placed| placed.task.is_some_and(|task| gone.contains(&task)))
                .copied()
                .collect();
            for other in &gone {
                self.put_back(&stood, *other);
            }
            let all_fit = gone.iter().all(|other| self.put_rest(*other));
            if !all_fit {
                self.placed = before;
            }
            return all_fit;
        }
        let stood: Vec<Placed> = before
            .into_iter()
            .filter(|placed| placed.task.is_some_and(|task| gone.contains(&task)))
            .collect();
        gone.reverse();
        for other in gone {
            self.put_back(&stood, other);
            if self.remaining(other) > self.length_placed(other) {
                self.enqueue(other);
            }
        }
        true
    }

    /// Puts blocks of a task back where they stood, as far as they are still free, and as far as what
    /// is missing beside them can be placed.
    fn put_back(&mut self, stood: &[Placed], place: Place) {
        let all = Interval {
            start: i64::MIN,
            end: i64::MAX,
        };
        for placed in stood.iter().filter(|placed| placed.task == Some(place)) {
            if self.available(all).covers(placed.interval) {
                self.put(*placed);
            }
        }
        self.trim(place);
    }

    /// What has changed, in the order of time.
    fn finish(self) -> Changes {
        let mut changes = Changes::default();
        let input = self.input;
        let mut is_placed = vec![false; input.blocks.len()];
        for placed in &self.placed {
            if let Some(slot) = placed.was.and_then(|was| is_placed.get_mut(was)) {
                *slot = true;
            }
            changes
                .keep
                .extend(placed.was.and_then(|was| input.blocks.get(was)).cloned());
        }
        // A new block takes the identity of one that its task lost.
        let mut lost: Vec<&PlannedBlock> = input
            .blocks
            .iter()
            .zip(&is_placed)
            .filter(|(_, placed)| !**placed)
            .map(|(block, _)| block)
            .collect();
        lost.sort_by_key(|block| Reverse(block.interval.start));
        for placed in self.placed.iter().filter(|placed| placed.was.is_none()) {
            let Some(task) = placed.task.and_then(|task| input.tasks.get(task)) else {
                continue;
            };
            match lost.iter().rposition(|block| block.task == task.id) {
                Some(at) => changes.moves.push(Move {
                    block: lost.remove(at).clone(),
                    to: placed.interval,
                }),
                None => changes.add.push(NewBlock {
                    task: task.id.clone(),
                    interval: placed.interval,
                }),
            }
        }
        for block in lost.into_iter().rev() {
            let task = input
                .tasks
                .iter()
                .zip(0..)
                .find(|(task, _)| task.id == block.task);
            let removal = match task {
                Some((task, _)) if !task.is_open => Removal::TaskClosed,
                Some((_, place)) if self.unplaced.contains(&place) => Removal::NoTime,
                _ => Removal::NotNeeded,
            };
            changes.remove.push((block.clone(), removal));
        }
        let mut unplaced: Vec<Place> = self.unplaced.iter().copied().collect();
        unplaced.sort_by_key(|place| input.tasks.get(*place).map(rank));
        changes.unplaced = unplaced
            .into_iter()
            .filter_map(|place| self.explain(place))
            .collect();
        let used_up = input.tasks.iter().zip(0..).filter(|(task, place)| {
            task.is_open && self.remaining(*place) == 0 && !self.unplaced.contains(place)
        });
        changes
            .unplaced
            .extend(used_up.map(|(task, _)| Unplaced::used_up(task.id.clone())));
        changes
    }
}
