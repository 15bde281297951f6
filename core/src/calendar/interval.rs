//! Stretches of time as integers, and sets of them: what free and busy time is computed with.
//!
//! An interval is half open, `[start, end)`, in milliseconds since 1970 in UTC. A set holds intervals
//! that are not empty, sorted, and neither overlapping nor touching, so that equal sets of instants
//! are equal values. Every operation is one pass over its operands.

use serde::{Deserialize, Serialize};

/// A stretch of time `[start, end)`, in milliseconds since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// The first millisecond.
    pub start: i64,
    /// The first millisecond that does not belong to it.
    pub end: i64,
}

impl Interval {
    /// How long it is; nothing where it ends before it starts.
    pub fn length(self) -> i64 {
        self.end.saturating_sub(self.start).max(0)
    }

    /// Whether no instant belongs to it.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether an instant belongs to it.
    pub fn contains(self, instant: i64) -> bool {
        self.start <= instant && instant < self.end
    }

    /// Whether all of another belongs to it.
    pub fn covers(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether some instant belongs to both.
    pub fn overlaps(self, other: Self) -> bool {
        self.intersection(other).is_some()
    }

    /// What belongs to both.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let common = Self {
            start: self.start.max(other.start),
            end: self.end.min(other.end),
        };
        (!common.is_empty()).then_some(common)
    }

    /// The interval with more time before and after it (less, where that is negative).
    #[must_use]
    pub fn widened(self, before: i64, after: i64) -> Self {
        Self {
            start: self.start.saturating_sub(before),
            end: self.end.saturating_add(after),
        }
    }
}

/// A set of instants, as intervals: not empty, sorted, not touching.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntervalSet(Vec<Interval>);

impl<'a> IntoIterator for &'a IntervalSet {
    type Item = Interval;
    type IntoIter = std::iter::Copied<std::slice::Iter<'a, Interval>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<Interval> for IntervalSet {
    fn from_iter<I: IntoIterator<Item = Interval>>(intervals: I) -> Self {
        let mut all: Vec<Interval> = intervals
            .into_iter()
            .filter(|one| !one.is_empty())
            .collect();
        if !all.is_sorted_by_key(|one| one.start) {
            all.sort_unstable_by_key(|one| one.start);
        }
        all.dedup_by(|next, last| {
            let touches = next.start <= last.end;
            if touches {
                last.end = last.end.max(next.end);
            }
            touches
        });
        Self(all)
    }
}

impl IntervalSet {
    /// The set of nothing.
    pub const EMPTY: Self = Self(Vec::new());

    /// The intervals, in their order.
    pub fn as_slice(&self) -> &[Interval] {
        &self.0
    }

    /// The intervals, in their order.
    pub fn iter(&self) -> std::iter::Copied<std::slice::Iter<'_, Interval>> {
        self.0.iter().copied()
    }

    /// Whether no instant belongs to it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How long all of them are together.
    pub fn length(&self) -> i64 {
        self.iter()
            .map(Interval::length)
            .fold(0, i64::saturating_add)
    }

    /// The first interval that ends behind an instant: the one that it belongs to, or the next.
    fn first_ending_behind(&self, instant: i64) -> usize {
        self.0.partition_point(|one| one.end <= instant)
    }

    /// Whether an instant belongs to it.
    pub fn contains(&self, instant: i64) -> bool {
        self.0
            .get(self.first_ending_behind(instant))
            .is_some_and(|one| one.contains(instant))
    }

    /// Whether some instant of an interval belongs to it.
    pub fn overlaps(&self, interval: Interval) -> bool {
        self.0
            .get(self.first_ending_behind(interval.start))
            .is_some_and(|one| one.overlaps(interval))
    }

    /// Whether all of an interval belongs to it.
    pub fn covers(&self, interval: Interval) -> bool {
        self.0
            .get(self.first_ending_behind(interval.start))
            .is_some_and(|one| one.covers(interval))
    }

    /// What belongs to one or the other.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let (mut ours, mut theirs) = (self.as_slice(), other.as_slice());
        let mut joined: Vec<Interval> = Vec::with_capacity(ours.len() + theirs.len());
        loop {
            let next = match (ours.split_first(), theirs.split_first()) {
                (Some((one, _)), Some((two, rest))) if two.start < one.start => {
                    theirs = rest;
                    two
                }
                (Some((one, rest)), _) => {
                    ours = rest;
                    one
                }
                (None, Some((two, rest))) => {
                    theirs = rest;
                    two
                }
                (None, None) => return Self(joined),
            };
            match joined.last_mut() {
                Some(last) if next.start <= last.end => last.end = last.end.max(next.end),
                _ => joined.push(*next),
            }
        }
    }

    /// What belongs to both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut common = Vec::new();
        let (mut ours, mut theirs) = (self.iter().peekable(), other.iter().peekable());
        while let (Some(one), Some(two)) = (ours.peek(), theirs.peek()) {
            common.extend(one.intersection(*two));
            if one.end < two.end {
                ours.next();
            } else {
                theirs.next();
            }
        }
        // Parts of sorted intervals that do not touch are sorted and do not touch.
        Self(common)
    }

    /// What of an interval does not belong to it.
    #[must_use]
    pub fn gaps_in(&self, interval: Interval) -> Self {
        let mut gaps = Vec::new();
        let mut at = interval.start;
        let busy = self
            .0
            .get(self.first_ending_behind(interval.start)..)
            .unwrap_or_default();
        for one in busy.iter().take_while(|one| one.start < interval.end) {
            gaps.push(Interval {
                start: at,
                end: one.start,
            });
            at = one.end;
        }
        gaps.push(Interval {
            start: at,
            end: interval.end,
        });
        gaps.retain(|gap| !gap.is_empty());
        Self(gaps)
    }

    /// What belongs to it and not to the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else {
            return Self::EMPTY;
        };
        let all = Interval {
            start: first.start,
            end: last.end,
        };
        self.intersection(&other.gaps_in(all))
    }

    /// What of it lies in an interval.
    #[must_use]
    pub fn clipped(&self, interval: Interval) -> Self {
        let from = self.first_ending_behind(interval.start);
        let inside = self.0.get(from..).unwrap_or_default().iter();
        Self(inside.map_while(|one| one.intersection(interval)).collect())
    }

    /// Every interval with more time before and after it.
    #[must_use]
    pub fn widened(&self, before: i64, after: i64) -> Self {
        self.iter().map(|one| one.widened(before, after)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const END: i64 = 60;

    fn some_intervals() -> impl Strategy<Value = Vec<Interval>> {
        let one = (0..END, 0..12_i64).prop_map(|(start, length)| Interval {
            start,
            end: (start + length).min(END),
        });
        prop::collection::vec(one, 0..10)
    }

    /// Which instants belong to some of the intervals, the plain way.
    fn instants(intervals: &[Interval]) -> Vec<bool> {
        (0..END)
            .map(|at| intervals.iter().any(|one| one.contains(at)))
            .collect()
    }

    fn is_normal(set: &IntervalSet) -> bool {
        set.iter().all(|one| !one.is_empty())
            && set
                .as_slice()
                .is_sorted_by(|one, next| one.end < next.start)
    }

    proptest! {
        #[test]
        fn operations_on_sets_are_those_on_their_instants(ours in some_intervals(), theirs in some_intervals(), within in (0..END, 0..END)) {
            let (one, two): (IntervalSet, IntervalSet) = (ours.iter().copied().collect(), theirs.iter().copied().collect());
            let (first, second) = (instants(&ours), instants(&theirs));
            let window = Interval { start: within.0, end: within.1 };
            let both = |combine: fn(bool, bool) -> bool| -> Vec<bool> {
                first.iter().zip(&second).map(|(a, b)| combine(*a, *b)).collect()
            };
            let inside: Vec<bool> = (0..END).map(|at| window.contains(at)).collect();
            for (set, expected) in [
                (one.clone(), first.clone()),
                (one.union(&two), both(|a, b| a || b)),
                (one.intersection(&two), both(|a, b| a && b)),
                (one.difference(&two), both(|a, b| a && !b)),
                (one.clipped(window), first.iter().zip(&inside).map(|(a, b)| *a && *b).collect()),
                (one.gaps_in(window), first.iter().zip(&inside).map(|(a, b)| !*a && *b).collect()),
            ] {
                prop_assert!(is_normal(&set), "{:?}", set);
                prop_assert_eq!(instants(set.as_slice()), expected);
            }
            let any = (0..END).any(|at| window.contains(at) && one.contains(at));
            prop_assert_eq!(one.overlaps(window), any);
            if !window.is_empty() {
                let all = (0..END).filter(|at| window.contains(*at)).all(|at| one.contains(at));
                prop_assert_eq!(one.covers(window), all);
            }
        }

        #[test]
        fn splitting_and_merging_change_nothing(intervals in some_intervals(), cut in 0..END) {
            let whole: IntervalSet = intervals.iter().copied().collect();
            let split: IntervalSet = intervals
                .iter()
                .flat_map(|one| [Interval { end: one.end.min(cut), ..*one }, Interval { start: one.start.max(cut), ..*one }])
                .collect();
            prop_assert_eq!(split, whole);
        }
    }
}
