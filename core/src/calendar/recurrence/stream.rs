//! The occurrences of one rule as instants, rising.
//!
//! Civil times rise, and so do their instants, except around a gap: what falls into it is moved
//! behind what follows. Only there some are kept back and sorted.

use std::collections::VecDeque;

use super::cursor::Cursor;
use super::rule::Rule;
use super::{FIRST_CIVIL, LAST_CIVIL};
use crate::calendar::civil::CivilSeconds;
use crate::calendar::interval::Interval;
use crate::calendar::zone::{Offsets, Steady};

/// How far around an instant a zone is asked whether it changes its clocks: more than any gap.
const AROUND_MS: i64 = 26 * 3_600_000;

/// When something begins, in both forms. In the order of instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Beginning {
    /// Milliseconds since 1970 in UTC.
    pub(super) instant: i64,
    pub(super) civil: CivilSeconds,
}

/// The civil times that may begin in a stretch of instants, both ends included.
pub(super) fn civil_range(offsets: &Offsets, instants: Interval) -> (CivilSeconds, CivilSeconds) {
    let shown = |instant: i64, around: i64| {
        let offset = |at: i64| offsets.civil(at).saturating_sub(at.div_euclid(1_000));
        // Far outside of the years there is nothing to be asked for.
        let instant = instant.clamp(
            FIRST_CIVIL * 1_000 - AROUND_MS,
            LAST_CIVIL * 1_000 + AROUND_MS,
        );
        let here = offset(instant);
        let offset = [offset(instant - AROUND_MS), offset(instant + AROUND_MS)]
            .into_iter()
            .fold(here, |found, one| {
                if around < 0 {
                    found.min(one)
                } else {
                    found.max(one)
                }
            });
        instant.div_euclid(1_000) + offset
    };
    (shown(instants.start, -1), shown(instants.end, 1))
}

/// One rule with a zone.
#[derive(Debug, Clone)]
pub(super) struct Stream<'r> {
    cursor: Cursor<'r>,
    /// No instant behind this one belongs to it.
    until: i64,
    /// The offset that held last.
    steady: Option<Steady>,
    waiting: VecDeque<Beginning>,
    /// What comes next.
    pub(super) head: Option<Beginning>,
}

impl<'r> Stream<'r> {
    /// What a rule has in a range of civil times, from the start's instant on. `until` is the last
    /// instant that it may have.
    pub(super) fn new(
        rule: &'r Rule,
        start: Beginning,
        (from, last): (CivilSeconds, CivilSeconds),
        until: i64,
        offsets: &Offsets,
    ) -> Self {
        let mut stream = Self {
            cursor: Cursor::new(rule, start.civil, from, last),
            until,
            steady: None,
            waiting: VecDeque::new(),
            head: None,
        };
        stream.advance(offsets);
        while stream.head.is_some_and(|head| head.instant < start.instant) {
            stream.advance(offsets);
        }
        stream
    }

    /// Whether its last search was given up.
    pub(super) fn is_exhausted(&self) -> bool {
        self.cursor.is_exhausted()
    }

    /// How many steps it took until now.
    pub(super) fn spent(&self) -> u32 {
        self.cursor.spent()
    }

    /// Goes on to the next.
    #[inline]
    pub(super) fn advance(&mut self, offsets: &Offsets) {
        self.head = if self.waiting.is_empty() {
            match self.cursor.next() {
                None => None,
                Some(civil) => match self.steady.and_then(|steady| steady.instant(civil)) {
                    Some(instant) => Some(Beginning { instant, civil }),
                    None => Some(self.resolve(civil, offsets)),
                },
            }
        } else {
            self.waiting.pop_front()
        };
        if self.head.is_some_and(|head| head.instant > self.until) {
            // What is left is later, unless it waits behind a gap, where it is sorted.
            self.head = None;
            self.waiting.clear();
        }
    }

    /// The instant of a civil time for which no offset is at hand. In a gap it looks ahead as far as
    /// what follows may come before.
    fn resolve(&mut self, civil: CivilSeconds, offsets: &Offsets) -> Beginning {
        self.steady = offsets.steady(civil);
        let first = beginning(civil, offsets);
        let shown = offsets.civil(first.instant);
        if shown == civil {
            return first;
        }
        // The gap is as long as the wall jumps. Behind it, what is as long shows the instants to
        // which the gap's are moved.
        let behind = shown.saturating_add(shown - civil);
        let mut all = vec![first];
        for civil in self.cursor.by_ref() {
            all.push(beginning(civil, offsets));
            if civil >= behind {
                break;
            }
        }
        // Of two at one instant, what the wall shows is the later one.
        all.sort_unstable();
        self.waiting = all.into();
        self.waiting.pop_front().unwrap_or(first)
    }
}

/// A civil time with its instant.
pub(super) fn beginning(civil: CivilSeconds, offsets: &Offsets) -> Beginning {
    Beginning {
        instant: offsets.instant(civil),
        civil,
    }
}
