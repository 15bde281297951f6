//! Makes a plan: keeps what holds, and finds places for the rest in the order of their ranks.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::calendar::interval::Interval;
use crate::identifier::TaskId;

use super::fit::{Needs, Stretches};
use super::{Changes, Input, MINUTE_MS, Move, NewBlock, PlanTask, PlannedBlock, Removal, Unplaced};

/// How often the tasks without a place are tried again after others have moved.
const MOST_ROUNDS: usize = 8;

/// Where a task's work stands: a place in [`Input::tasks`].
pub(super) type Place = usize;

/// A block on the plan while it is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub(super) interval: Interval,
    /// The task, unless the block stays whatever comes.
    task: Option<Place>,
    /// The block that it was, by its place in [`Input::blocks`].
    was: Option<usize>,
}

/// A plan while it is made.
pub(super) struct Planner<'a> {
    pub(super) input: Input<'a>,
    /// By start.
    placed: Vec<Placed>,
    /// For each task what of it has begun, in milliseconds.
    begun: Vec<i64>,
    /// For each task its rank; the least goes first.
    ranks: Vec<usize>,
    /// Tasks that have to be placed, by rank.
    queue: BTreeSet<(usize, Place)>,
    unplaced: BTreeSet<Place>,
    /// For each task whether it had to be placed from the beginning.
    stirred: Vec<bool>,
    /// Whether all others stay where they are.
    is_calm: bool,
}

/// For each task its rank among all.
fn ranks(tasks: &[PlanTask]) -> Vec<usize> {
    let mut by_rank: Vec<(Place, &PlanTask)> = tasks.iter().enumerate().collect();
    by_rank.sort_by_key(|(_, task)| (Reverse(task.priority), due(task), &task.id));
    let mut ranks = vec![0; tasks.len()];
    for (rank, (place, _)) in by_rank.into_iter().enumerate() {
        if let Some(slot) = ranks.get_mut(place) {
            *slot = rank;
        }
    }
    ranks
}

/// The instant by which a task must be done; the end of time where nobody said one.
fn due(task: &PlanTask) -> i64 {
    task.due_ms.unwrap_or(i64::MAX)
}

impl<'a> Planner<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        Self {
            input,
            placed: Vec::with_capacity(input.blocks.len()),
            begun: vec![0; input.tasks.len()],
            ranks: ranks(input.tasks),
            queue: BTreeSet::new(),
            unplaced: BTreeSet::new(),
            stirred: vec![false; input.tasks.len()],
            is_calm: true,
        }
    }

    /// The whole plan: first with all in their places that have one, and only if some task finds none
    /// that way, with everybody who must make room for it.
    pub(super) fn plan(mut self) -> Changes {
        self.keep_what_holds();
        for (_, place) in &self.queue {
            if let Some(stirred) = self.stirred.get_mut(*place) {
                *stirred = true;
            }
        }
        self.place_all();
        self.is_calm = false;
        self.place_all();
        self.finish()
    }

    /// Places what is queued, and what had no place before.
    fn place_all(&mut self) {
        for _ in 0..MOST_ROUNDS {
            let waiting = std::mem::take(&mut self.unplaced);
            for place in &waiting {
                self.enqueue(*place);
            }
            while let Some((_, task)) = self.queue.pop_first() {
                self.place(task);
            }
            // Who made room for a lower one may have left some for one in between.
            if self.unplaced.is_empty() || self.unplaced == waiting {
                break;
            }
        }
    }

    fn rank(&self, place: Place) -> usize {
        self.ranks.get(place).copied().unwrap_or(usize::MAX)
    }

    fn enqueue(&mut self, place: Place) {
        self.queue.insert((self.rank(place), place));
    }

    /// The first instant at which a block may be put.
    pub(super) fn earliest(&self) -> i64 {
        self.input
            .now_ms
            .saturating_add(i64::from(self.input.rules.notice_minutes) * MINUTE_MS)
    }

    /// The instant by which a task must end.
    pub(super) fn latest(&self, task: &PlanTask) -> i64 {
        task.due_ms.unwrap_or(i64::MAX).min(self.input.end_ms)
    }

    /// What of a task is still to be placed or stands on the plan, in milliseconds.
    pub(super) fn remaining(&self, place: Place) -> i64 {
        let Some(task) = self.input.tasks.get(place) else {
            return 0;
        };
        let begun = self.begun.get(place).copied().unwrap_or(0);
        (i64::from(task.duration_minutes) * MINUTE_MS)
            .saturating_sub(begun)
            .max(0)
    }

    fn pause(&self) -> i64 {
        i64::from(self.input.rules.break_minutes) * MINUTE_MS
    }

    /// The time that is free besides what is placed.
    pub(super) fn available(&self, window: Interval) -> Stretches<'_> {
        let free = self.input.free.as_slice();
        let from = free.partition_point(|stretch| stretch.end <= window.start);
        Stretches {
            free: free.get(from..).unwrap_or_default(),
            placed: &self.placed,
            pause: self.pause(),
            window,
            rest: None,
        }
    }

    /// Whether all of an interval is free besides what is placed.
    fn is_free(&self, interval: Interval, window: Interval) -> bool {
        let around = interval.widened(self.pause(), self.pause());
        let mut others = self
            .placed
            .iter()
            .take_while(|placed| placed.interval.start < around.end);
        window.covers(interval)
            && self.input.free.covers(interval)
            && !others.any(|placed| placed.interval.end > around.start)
    }

    pub(super) fn needs(&self, length: i64) -> Needs {
        let rules = self.input.rules;
        Needs {
            length,
            longest: i64::from(rules.longest_block_minutes) * MINUTE_MS,
            shortest: rules
                .shortest_block_minutes
                .map(|minutes| i64::from(minutes) * MINUTE_MS),
            pause: self.pause(),
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
            if task.is_none() || block.is_fixed || block.interval.start <= input.now_ms {
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
            if interval.length() <= longest && self.is_free(interval, window) {
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
    pub(super) fn length_placed(&self, place: Place) -> i64 {
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
        let possible = self.needs(self.remaining(place)).is_possible();
        if possible
            && (self.put_rest(place)
                || self.make_room(place, task, true)
                || self.make_room(place, task, false))
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
                || block.is_fixed
                || block.interval.start <= self.input.now_ms
                || self.placed.iter().any(|placed| placed.was == Some(was))
            {
                continue;
            }
            let rest = self.remaining(place) - self.length_placed(place) - block.interval.length();
            let longest = i64::from(self.input.rules.longest_block_minutes) * MINUTE_MS;
            if (rest == 0 || (rest > 0 && self.needs(rest).is_a_part()))
                && block.interval.length() <= longest
                && self.is_free(block.interval, window)
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
        let latest = self.latest(task);
        let (ours, our_due) = (self.rank(place), due(task));
        // Who is due last goes first where all find a place again, else who has the lowest rank.
        let mut victims: Vec<(Reverse<i64>, Reverse<usize>, Place)> = Vec::new();
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
            if self.is_calm && !self.stirred.get(other).copied().unwrap_or(false) {
                continue;
            }
            let rank = self.rank(other);
            if shift && due(theirs) > our_due {
                victims.push((Reverse(due(theirs)), Reverse(rank), other));
            } else if !shift && rank > ours {
                victims.push((Reverse(0), Reverse(rank), other));
            }
        }
        victims.sort_unstable();
        victims.dedup();
        let mut turn = vec![usize::MAX; self.input.tasks.len()];
        for (at, (_, _, other)) in victims.iter().enumerate() {
            if let Some(slot) = turn.get_mut(*other) {
                *slot = at;
            }
        }
        let before = self.placed.clone();
        let is_among = |placed: &Placed, count: usize| {
            let turn = placed.task.and_then(|task| turn.get(task));
            turn.is_some_and(|turn| *turn < count)
        };
        let without = |count: usize| -> Vec<Placed> {
            before
                .iter()
                .filter(|placed| !is_among(placed, count))
                .copied()
                .collect()
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
        let mut gone: Vec<Place> = victims
            .iter()
            .take(enough)
            .map(|(_, _, other)| *other)
            .collect();
        let stood: Vec<Placed> = before
            .iter()
            .filter(|placed| is_among(placed, enough))
            .copied()
            .collect();
        if shift {
            gone.sort_by_key(|other| (self.input.tasks.get(*other).map(due), self.rank(*other)));
            for other in &gone {
                self.put_back(&stood, *other);
            }
            let all_fit = gone.iter().all(|other| self.put_rest(*other));
            if !all_fit {
                self.placed = before;
            }
            return all_fit;
        }
        for other in gone.into_iter().rev() {
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
            if self.is_free(placed.interval, all) {
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
        unplaced.sort_by_key(|place| self.rank(*place));
        changes.unplaced = unplaced
            .into_iter()
            .filter_map(|place| self.explain(place))
            .collect();
        let lies_ahead = |task: &PlanTask| {
            let fixed = input.blocks.iter().filter(|block| block.is_fixed);
            let mut its = fixed.filter(|block| block.task == task.id);
            its.any(|block| block.interval.end > input.now_ms)
        };
        let used_up = input.tasks.iter().zip(0..).filter(|(task, place)| {
            task.is_open
                && self.remaining(*place) == 0
                && !self.unplaced.contains(place)
                && !lies_ahead(task)
        });
        changes
            .unplaced
            .extend(used_up.map(|(task, _)| Unplaced::used_up(task.id.clone())));
        changes
    }
}
