//! Which of the allowed starts lose the fewest points.
//!
//! Every broken rule costs the same over a stretch of starts, so the sum is constant between the
//! instants at which such a stretch begins or ends. Those are sorted once, and walked through once.
//! Of a stretch over which the sum is constant, only as many of its first starts as are asked for can
//! be among the best; and once so many are found, a stretch that loses more than the worst of them
//! is passed over without a look at its starts.

use std::collections::BinaryHeap;
use std::sync::Arc;

use super::attendee::Attendee;
use super::rules::{self, Rule};
use super::search::{Search, Starts};
use crate::calendar::civil;
use crate::calendar::interval::{Interval, IntervalSet};

/// A start and what it loses. The order is that of the answer: fewer points first, then the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ranked {
    pub(super) points: i64,
    pub(super) start: i64,
}

/// How many bits of a change are its points, moved up so that they are never negative. What a
/// thousand people can lose by one rule is less than 2^20.
const POINTS_BITS: u32 = 24;
const POINTS_ZERO: i64 = 1 << (POINTS_BITS - 1);

/// What starts lose, as a function that is constant in between its changes.
struct Losses<'a> {
    /// The starts that there are.
    starts: &'a [Interval],
    /// What the first of each stretch of them loses.
    first: Vec<i64>,
    /// Where the loss changes within a stretch, and by how much: both in one number, the instant
    /// first, so that they sort fast.
    changes: Vec<u64>,
    origin: i64,
}

impl<'a> Losses<'a> {
    fn new(starts: &'a [Interval]) -> Self {
        Self {
            starts,
            first: vec![0; starts.len()],
            changes: Vec::new(),
            origin: starts.first().map_or(0, |one| one.start),
        }
    }

    fn change(&mut self, at: i64, points: i64) {
        let instant = at.saturating_sub(self.origin).max(0).unsigned_abs();
        let points = points.saturating_add(POINTS_ZERO).unsigned_abs();
        self.changes.push(instant << POINTS_BITS | points);
    }

    /// Lets starts that are both in `within` (parts of those that there are) and in `broken` lose
    /// points. Both are in order and do not touch.
    fn add(&mut self, within: &[Interval], broken: &[Interval], points: i64) {
        let (mut index, mut next) = (0, 0);
        for part in within {
            while self
                .starts
                .get(index)
                .is_some_and(|one| one.end <= part.start)
            {
                index += 1;
            }
            let Some(&stretch) = self.starts.get(index) else {
                return;
            };
            while let Some(bad) = broken.get(next).filter(|bad| bad.start < part.end) {
                if bad.end > part.start {
                    let (from, until) = (bad.start.max(part.start), bad.end.min(part.end));
                    if from > stretch.start {
                        self.change(from, points);
                    } else if let Some(first) = self.first.get_mut(index) {
                        *first += points;
                    }
                    if until < stretch.end {
                        self.change(until, -points);
                    }
                    if bad.end > part.end {
                        break;
                    }
                }
                next += 1;
            }
        }
    }

    /// Lets starts lose points for every day that they are later than the first.
    fn add_days(&mut self, search: &Search, points: i64) {
        let offsets = &search.offsets;
        let day = |instant| civil::day_of(offsets.civil(instant));
        let first_day = day(search.window.start);
        for (stretch, first) in self.starts.iter().zip(&mut self.first) {
            let begins = day(stretch.start);
            *first += points * i64::from(begins - first_day);
        }
        for stretch in self.starts {
            for next in day(stretch.start) + 1..=day(stretch.end - 1) {
                self.change(offsets.instant(civil::midnight(next)), points);
            }
        }
    }

    /// The best starts of a search, the best first.
    fn best(mut self, search: &Search) -> Vec<Ranked> {
        self.changes.sort_unstable();
        let mut best = Best {
            grid: search.grid(),
            count: search.count,
            worst_first: BinaryHeap::with_capacity(search.count.saturating_add(1)),
        };
        let mut changes = self.changes.iter().peekable();
        for (stretch, first) in self.starts.iter().zip(&self.first) {
            let (mut from, mut points) = (stretch.start, *first);
            while let Some(change) = changes.peek() {
                let instant = i64::try_from(**change >> POINTS_BITS).unwrap_or(i64::MAX);
                let at = instant.saturating_add(self.origin);
                if at >= stretch.end {
                    break;
                }
                if at > from {
                    best.offer(
                        Interval {
                            start: from,
                            end: at,
                        },
                        points,
                    );
                    from = at;
                }
                let packed = **change & ((1 << POINTS_BITS) - 1);
                points += i64::try_from(packed).unwrap_or(0) - POINTS_ZERO;
                changes.next();
            }
            best.offer(
                Interval {
                    start: from,
                    ..*stretch
                },
                points,
            );
        }
        best.worst_first.into_sorted_vec()
    }
}

/// The best starts so far.
struct Best {
    grid: super::grid::Grid,
    count: usize,
    worst_first: BinaryHeap<Ranked>,
}

impl Best {
    /// Takes from a stretch of starts that lose the same those that are among the best. Stretches
    /// come in order, so of starts that lose the same those that are there already stay.
    fn offer(&mut self, stretch: Interval, points: i64) {
        let mut from = stretch.start;
        loop {
            let is_full = self.worst_first.len() >= self.count;
            if is_full
                && self
                    .worst_first
                    .peek()
                    .is_none_or(|worst| worst.points <= points)
            {
                return;
            }
            let start = self.grid.at_or_after(from);
            if start >= stretch.end {
                return;
            }
            if is_full {
                self.worst_first.pop();
            }
            self.worst_first.push(Ranked { points, start });
            from = start + 1;
        }
    }
}

/// The best of these starts, the best first, where nobody comes who would break one of `hard`, and
/// the rules of `costs` cost that many points.
pub(super) fn best(
    search: &Search,
    starts: &[Interval],
    hard: &[Rule],
    costs: &[(Rule, u32)],
) -> Vec<Ranked> {
    let (Some(first), Some(last)) = (starts.first(), starts.last()) else {
        return Vec::new();
    };
    let range = Interval {
        start: first.start,
        end: last.end,
    };
    let mut losses = Losses::new(starts);
    losses.add_days(search, i64::from(search.weights.later_by_a_day));
    let mut broken = Vec::new();
    let length_ms = search.duration_ms;
    let required = || search.attendees.iter().filter(|person| person.required);
    for &(rule, points) in costs {
        let points = i64::from(points);
        let Some(hours) = shared_hours(rule) else {
            for person in required() {
                rules::breaking(rule, person, length_ms, starts, &mut broken);
                losses.add(starts, &broken, points);
            }
            continue;
        };
        // People who share their hours lose by the same starts.
        let mut people: Vec<&Attendee> = required().collect();
        people.sort_unstable_by_key(|person| Arc::as_ptr(hours(person)));
        for alike in people.chunk_by(|one, other| Arc::ptr_eq(hours(one), hours(other))) {
            let Some(person) = alike.first() else {
                continue;
            };
            rules::breaking(rule, person, length_ms, starts, &mut broken);
            let count = i64::try_from(alike.len()).unwrap_or(0);
            losses.add(starts, &broken, points * count);
        }
    }
    // Who need not come costs either that they can't, or what the meeting costs them.
    let mut can_come = Starts::of(range);
    let missing = i64::from(search.weights.missing_optional);
    let mut missing_all = 0;
    for person in search.attendees.iter().filter(|person| !person.required) {
        can_come.reset(starts);
        for rule in hard {
            can_come.keep(*rule, person, length_ms);
        }
        missing_all += missing;
        if can_come.left.is_empty() {
            continue;
        }
        losses.add(&can_come.left, &[range], -missing);
        for &(rule, points) in costs {
            rules::breaking(rule, person, length_ms, &can_come.left, &mut broken);
            losses.add(&can_come.left, &broken, i64::from(points));
        }
    }
    losses.add(starts, &[range], missing_all);
    losses.best(search)
}

/// The hours that a rule looks at and nothing else, so that it is the same for who shares them.
fn shared_hours(rule: Rule) -> Option<fn(&Attendee) -> &Arc<IntervalSet>> {
    match rule {
        Rule::WorkingHours | Rule::FarOutside => Some(|person| &person.working),
        Rule::FocusTime => Some(|person| &person.focus),
        Rule::PreferredTimes => Some(|person| &person.preferred),
        _ => None,
    }
}
