//! Lays one length of work into free time.

use super::planner::Placed;
use crate::calendar::interval::Interval;

/// Free time without what is placed in it and the pauses around that, from stretch to stretch.
#[derive(Debug, Clone)]
pub(super) struct Stretches<'a> {
    /// The stretches that are still to come.
    pub(super) free: &'a [Interval],
    /// The blocks that are still to come, by start.
    pub(super) placed: &'a [Placed],
    pub(super) pause: i64,
    pub(super) window: Interval,
    /// What is left of a stretch behind a block.
    pub(super) rest: Option<Interval>,
}

impl Iterator for Stretches<'_> {
    type Item = Interval;

    fn next(&mut self) -> Option<Interval> {
        loop {
            let piece = if let Some(rest) = self.rest.take() {
                rest
            } else {
                let (first, rest) = self.free.split_first()?;
                self.free = rest;
                first.intersection(self.window)?
            };
            let taken = |placed: &Placed| placed.interval.widened(self.pause, self.pause);
            while let Some((_, rest)) = self
                .placed
                .split_first()
                .filter(|(first, _)| taken(first).end <= piece.start)
            {
                self.placed = rest;
            }
            let Some(block) = self
                .placed
                .first()
                .map(taken)
                .filter(|block| block.start < piece.end)
            else {
                return Some(piece);
            };
            let (before, behind) = (
                Interval {
                    end: block.start,
                    ..piece
                },
                Interval {
                    start: block.end,
                    ..piece
                },
            );
            self.rest = Some(behind).filter(|behind| !behind.is_empty());
            if !before.is_empty() {
                return Some(before);
            }
        }
    }
}

/// What has to be placed, and in which pieces it may be; all in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needs {
    pub(super) length: i64,
    /// The longest piece.
    pub(super) longest: i64,
    /// The shortest piece, where there may be several.
    pub(super) shortest: Option<i64>,
    /// Free time between two pieces.
    pub(super) pause: i64,
    /// Pieces start at its multiples.
    pub(super) step: i64,
}

impl Needs {
    /// Whether the length can be placed in pieces beside others of its task.
    pub(super) fn is_a_part(self) -> bool {
        self.shortest
            .is_some_and(|shortest| self.can_be_cut(self.length, shortest))
    }

    /// Whether there can be free time for it at all.
    pub(super) fn is_possible(self) -> bool {
        self.length <= self.longest || self.is_a_part()
    }

    /// Whether a length can be cut into pieces none of which is too short or too long.
    fn can_be_cut(self, length: i64, shortest: i64) -> bool {
        let longest = self.longest.max(1);
        let pieces = length.saturating_add(longest - 1) / longest;
        pieces.saturating_mul(shortest) <= length
    }

    /// The pieces in the earliest free time, or nothing if not all of them find some: one piece if
    /// possible, else pieces as long as they may be, else what fits.
    pub(super) fn fit(self, free: &Stretches<'_>) -> Option<Vec<Interval>> {
        let one = (self.length <= self.longest)
            .then(|| self.lay(free, self.length, self.length))
            .flatten();
        one.or_else(|| {
            let shortest = self
                .shortest
                .filter(|shortest| (1..=self.length).contains(shortest))?;
            self.lay(free, self.longest, shortest)
                .or_else(|| self.lay(free, shortest, shortest))
        })
    }

    /// The pieces in the earliest free time: each of at least `least`, but for the last two, which
    /// are of at least `shortest`.
    fn lay(self, free: &Stretches<'_>, least: i64, shortest: i64) -> Option<Vec<Interval>> {
        let mut pieces = Vec::new();
        let mut rest = self.length;
        for stretch in free.clone() {
            let mut start = self.aligned(stretch.start);
            while rest > 0
                && let Some(length) =
                    self.piece(rest, stretch.end.saturating_sub(start), least, shortest)
            {
                let end = start.saturating_add(length);
                pieces.push(Interval { start, end });
                rest -= length;
                start = self.aligned(end.saturating_add(self.pause));
            }
        }
        (rest == 0).then_some(pieces)
    }

    /// The longest piece that has room and leaves a rest which can be cut.
    fn piece(self, rest: i64, room: i64, least: i64, shortest: i64) -> Option<i64> {
        let most = self.longest.min(rest).min(room);
        if most >= least.min(rest)
            && most >= shortest.min(rest)
            && self.can_be_cut(rest - most, shortest)
        {
            return Some(most);
        }
        // The rest would be too short for a piece: leave as much as one needs.
        let length = rest - shortest;
        (length >= shortest && length <= most).then_some(length)
    }

    /// The first multiple of the step that is not before an instant.
    fn aligned(self, instant: i64) -> i64 {
        let over = instant.rem_euclid(self.step);
        if over == 0 {
            instant
        } else {
            instant.saturating_add(self.step - over)
        }
    }
}
