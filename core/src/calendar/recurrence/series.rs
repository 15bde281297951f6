//! A series: its occurrences in a window, its end, and whether something is one of them.

use std::borrow::Cow;
use std::slice;

use chrono_tz::Tz;

use super::cursor::Cursor;
use super::dates::{Addition, seconds_of};
use super::rule::{Bound, Rule};
use super::stream::{Beginning, Stream, beginning, civil_range};
use super::{FIRST_CIVIL, LAST_CIVIL, Length, Recurrence, Start};
use crate::calendar::civil::{CivilSeconds, DAY_SECONDS, day_of, midnight};
use crate::calendar::interval::Interval;
use crate::calendar::zone::Offsets;

/// How many in a row may be left out before the search ends: a day of seconds, or the days of 400
/// years.
const MOST_LEFT_OUT: u32 = 146_097;

/// How many steps the search for the last occurrence may take: some forty searches that find
/// something take a few hundred each.
const PATIENCE: u32 = 20_000;

/// All instants that are computed with, and a margin of a day.
const ALL: Interval = Interval {
    start: (FIRST_CIVIL - DAY_SECONDS) * 1_000,
    end: (LAST_CIVIL + DAY_SECONDS) * 1_000,
};

/// When something happens again and again, and for how long each time.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// The first time (DTSTART).
    pub start: Start,
    /// How long each is.
    pub length: Length,
    /// What was read with this start.
    pub recurrence: &'a Recurrence,
}

/// One time that a series happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// What the wall in the series' zone shows when it begins, as the rule says it: its
    /// RECURRENCE-ID. Midnight in a series of days.
    pub original: CivilSeconds,
    /// The instants that it takes.
    pub interval: Interval,
}

/// How a series ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    /// It goes on beyond the years that are computed with.
    Never,
    /// From the beginning of the last occurrence until everything is over: the end of that
    /// occurrence, unless an earlier one has a length of its own. Where the search is given up, since
    /// nearly everything is taken out, it begins when the rules end.
    Ends(Interval),
    /// Nothing happens: all of it was taken out.
    Empty,
}

impl<'a> Series<'a> {
    /// The zone in which its wall hangs.
    fn zone(&self, viewer: Tz) -> Tz {
        self.start.zone().unwrap_or(viewer)
    }

    /// Every occurrence that overlaps a window (of no length: that begins in it), rising. Days are
    /// those of the viewer's zone.
    pub fn occurrences(&self, window: Interval, viewer: Tz) -> Occurrences<'a> {
        let first = self.recurrence.added.first().map(|one| one.at.civil);
        let first = self.start.civil().min(first.unwrap_or(i64::MAX));
        // Nothing is before that, in whatever zone.
        let start = first.saturating_sub(DAY_SECONDS).saturating_mul(1_000);
        let stretch = Interval {
            start: window.start.max(start),
            end: window.end,
        };
        let offsets = Offsets::over(self.zone(viewer), stretch);
        Occurrences::new(*self, window, Cow::Owned(offsets))
    }

    /// The same, for many series: `offsets` are those of the series' zone (of the viewer's, for days)
    /// over the window. Where they are another zone's they are not used.
    pub fn occurrences_with(
        &self,
        window: Interval,
        offsets: &'a Offsets,
        viewer: Tz,
    ) -> Occurrences<'a> {
        if self.zone(viewer) == offsets.zone() {
            Occurrences::new(*self, window, Cow::Borrowed(offsets))
        } else {
            self.occurrences(window, viewer)
        }
    }

    /// Whether an occurrence has that original time. Instants are compared, so that of an occurrence
    /// which a gap moves both times are known: that of the rule, and what the wall shows.
    pub fn contains(&self, original: CivilSeconds) -> bool {
        let zone = self.zone(Tz::UTC);
        if !(FIRST_CIVIL..=LAST_CIVIL).contains(&original) {
            return false;
        }
        let original = match self.start {
            Start::Date(_) => midnight(day_of(original)),
            Start::Civil { .. } => original,
        };
        let instant = seconds_of(original, zone).saturating_mul(1_000);
        let window = Interval {
            start: instant,
            end: instant.saturating_add(1),
        };
        let mut around = self.beginnings().occurrences(window, zone);
        around.any(|one| one.interval.start == instant)
    }

    /// When it ends. What the store keeps as the span of a series follows from this and the start.
    pub fn last(&self, viewer: Tz) -> Last {
        let end = match self.start {
            Start::Date(_) => midnight(day_of(LAST_CIVIL)),
            Start::Civil { .. } => LAST_CIVIL,
        };
        let goes_on = |rule: &&Rule| matches!(rule.bound, Bound::Never) || rule.last >= end;
        let endless = self.recurrence.rules.iter().filter(goes_on).any(|rule| {
            let start = self.start.civil();
            Cursor::new(rule, start, start.saturating_add(1), LAST_CIVIL)
                .next()
                .is_some()
        });
        if endless {
            return Last::Never;
        }
        let rules = self.recurrence.rules.iter().filter(|rule| !goes_on(rule));
        let last_civil = rules
            .map(|rule| rule.last)
            .chain(self.recurrence.added.iter().map(|one| one.at.civil))
            .fold(self.start.civil(), i64::max);
        let zone = self.zone(viewer);
        // Nothing begins behind this: offsets are less than a day, and so are the gaps.
        let end = last_civil.saturating_add(2 * DAY_SECONDS) * 1_000;
        let offsets = Offsets::over(
            zone,
            Interval {
                start: end - 366 * DAY_SECONDS * 1_000,
                end,
            },
        );
        let found = match self.latest(end, &offsets) {
            Ok(None) => return Last::Empty,
            Ok(Some(found)) => beginning(found.original, &offsets),
            // At any rate it is over then.
            Err(GivenUp) => beginning(last_civil, &offsets),
        };
        Last::Ends(self.span_from(found, &offsets))
    }

    /// The occurrence that begins last, before `end`: the latest instant from which on there is one.
    /// Steps back that grow find a stretch with one in it, halving finds the instant.
    fn latest(&self, end: i64, offsets: &Offsets) -> Result<Option<Occurrence>, GivenUp> {
        let mut spent = 0_u32;
        let mut first_from = |from: i64| {
            let window = Interval { start: from, end };
            let mut all = Occurrences::new(self.beginnings(), window, Cow::Borrowed(offsets));
            // What was added with a length of its own may reach in.
            let found = all.find(|one| one.interval.start >= from);
            spent = spent.saturating_add(all.spent());
            if spent < PATIENCE {
                Ok(found)
            } else {
                Err(GivenUp)
            }
        };
        let (mut without, mut step) = (end, DAY_SECONDS * 1_000);
        let mut found = loop {
            let from = end.saturating_sub(step).max(ALL.start);
            if let Some(found) = first_from(from)? {
                break found;
            }
            if from == ALL.start {
                return Ok(None);
            }
            (without, step) = (from, step.saturating_mul(4));
        };
        while without - found.interval.start > 1_000 {
            let middle = found.interval.start + (without - found.interval.start) / 2;
            match first_from(middle)? {
                Some(later) => found = later,
                None => without = middle,
            }
        }
        Ok(Some(found))
    }

    /// From an occurrence that is the last to begin, until the last one ends.
    fn span_from(&self, last: Beginning, offsets: &Offsets) -> Interval {
        let mut span = Interval {
            start: last.instant,
            end: end_of(last, self.length, offsets),
        };
        let own = self.recurrence.added.iter().filter_map(|one| {
            let at = Beginning {
                instant: one.at.key.saturating_mul(1_000),
                civil: one.at.civil,
            };
            // Those that are taken out are not asked about: this is an upper bound.
            Some(end_of(at, one.length?, offsets))
        });
        span.end = own.fold(span.end, i64::max);
        span
    }

    /// The series with occurrences of no length.
    fn beginnings(&self) -> Self {
        Self {
            length: Length::Exact(0),
            ..*self
        }
    }
}

/// A search was given up.
struct GivenUp;

/// When something of a certain length ends, in milliseconds since 1970.
fn end_of(from: Beginning, length: Length, offsets: &Offsets) -> i64 {
    let (days, milliseconds) = length.parts();
    let from = if days == 0 {
        from.instant
    } else {
        let civil = from.civil.saturating_add(days * DAY_SECONDS);
        offsets.instant(civil).max(from.instant)
    };
    from.saturating_add(milliseconds)
}

/// The occurrences of a series in a window.
#[derive(Debug, Clone)]
pub struct Occurrences<'a> {
    series: Series<'a>,
    window: Interval,
    offsets: Cow<'a, Offsets>,
    /// The start, until it was passed.
    start: Option<Beginning>,
    added: slice::Iter<'a, Addition>,
    rules: Vec<Stream<'a>>,
    /// How many were left out since the last one.
    left_out: u32,
    ended: bool,
}

impl<'a> Occurrences<'a> {
    fn new(series: Series<'a>, window: Interval, offsets: Cow<'a, Offsets>) -> Self {
        let (days, milliseconds) = series.length.parts();
        let (from, last) = civil_range(
            &offsets,
            Interval {
                start: window.start.saturating_sub(milliseconds),
                end: window.end,
            },
        );
        let range = (from.saturating_sub(days * DAY_SECONDS), last);
        let start = beginning(series.start.civil(), &offsets);
        let recurrence = series.recurrence;
        let is_of_days = recurrence.zone.is_none();
        // Where all rules ended before the start it does not happen: that is how calendars write that
        // nothing is left from the first on.
        let start_key = if is_of_days {
            start.civil
        } else {
            start.instant.div_euclid(1_000)
        };
        let mut ends = recurrence.rules.iter().map(Rule::until);
        let happens = recurrence.rules.is_empty() || ends.any(|until| start_key <= until);
        let rules = recurrence.rules.iter().map(|rule| {
            let until = if is_of_days {
                // Its last day is exact on the wall, whatever instant that is for the viewer.
                i64::MAX
            } else {
                rule.until().saturating_mul(1_000)
            };
            Stream::new(rule, start, range, until, &offsets)
        });
        let rules = rules.collect();
        // Those with a length of their own may reach into the window from anywhere.
        let skipped = if recurrence.added.iter().any(|one| one.length.is_some()) {
            0
        } else {
            recurrence
                .added
                .partition_point(|one| one.at.civil < range.0)
        };
        let added = recurrence.added.get(skipped..).unwrap_or_default();
        Self {
            series,
            window,
            start: happens.then_some(start),
            added: added.iter(),
            rules,
            left_out: 0,
            ended: false,
            offsets,
        }
    }

    /// Whether the search was given up instead of finding an end: a rule that fits nothing, or one
    /// of which everything is taken out.
    pub fn is_exhausted(&self) -> bool {
        self.left_out >= MOST_LEFT_OUT || self.rules.iter().any(Stream::is_exhausted)
    }

    /// How many steps it took until now.
    fn spent(&self) -> u32 {
        let streams = self.rules.iter().map(Stream::spent);
        streams.fold(self.left_out, u32::saturating_add)
    }

    /// What is added next, if anything.
    fn addition(&self) -> Option<(Beginning, Option<Length>)> {
        let next = self.added.as_slice().first()?;
        let beginning = match self.series.start.zone() {
            Some(_) => Beginning {
                instant: next.at.key.saturating_mul(1_000),
                civil: next.at.civil,
            },
            None => beginning(next.at.civil, &self.offsets),
        };
        Some((beginning, next.length))
    }

    /// The next beginning, of whatever comes first, and the length where it has its own. What begins
    /// at the same instant is passed with it; it has the later civil time, which is what the wall
    /// shows.
    #[inline]
    fn take_next(&mut self) -> Option<(Beginning, Option<Length>)> {
        let mut next: Option<Beginning> = self.start;
        let addition = self.addition();
        let heads = self.rules.iter().filter_map(|stream| stream.head);
        for one in heads.chain(addition.map(|(one, _)| one)) {
            let is_first =
                next.is_none_or(|next| (one.instant, -one.civil) < (next.instant, -next.civil));
            if is_first {
                next = Some(one);
            }
        }
        let mut next = next?;
        if self
            .start
            .is_some_and(|start| start.instant == next.instant)
        {
            self.start = None;
        }
        let mut length = None;
        if let Some((one, own)) = addition
            && one.instant == next.instant
        {
            length = own;
            self.added.next();
        }
        for stream in &mut self.rules {
            while let Some(head) = stream.head
                && head.instant == next.instant
            {
                next.civil = next.civil.max(head.civil);
                stream.advance(&self.offsets);
            }
        }
        Some((next, length))
    }

    fn is_removed(&self, at: Beginning) -> bool {
        let recurrence = self.series.recurrence;
        let key = match recurrence.zone {
            Some(_) => at.instant.div_euclid(1_000),
            None => at.civil,
        };
        let start = self.series.start.civil();
        let removed = &recurrence.removed;
        let days = &recurrence.removed_days;
        removed.binary_search_by_key(&key, |one| one.key).is_ok()
            || days.binary_search(&day_of(at.civil)).is_ok()
            || recurrence
                .excluding
                .iter()
                .any(|rule| key <= rule.until() && Cursor::has(rule, start, at.civil))
    }
}

impl Iterator for Occurrences<'_> {
    type Item = Occurrence;

    fn next(&mut self) -> Option<Occurrence> {
        self.left_out = 0;
        while !self.ended {
            let Some((next, own_length)) = self.take_next() else {
                break;
            };
            if next.instant >= self.window.end {
                // All that is left is later.
                break;
            }
            let length = own_length.unwrap_or(self.series.length);
            let end = end_of(next, length, &self.offsets);
            let overlaps = end > self.window.start || next.instant >= self.window.start;
            if !self.is_removed(next) && overlaps {
                return Some(Occurrence {
                    original: next.civil,
                    interval: Interval {
                        start: next.instant,
                        end,
                    },
                });
            }
            self.left_out += 1;
            self.ended = self.left_out >= MOST_LEFT_OUT;
        }
        self.ended = true;
        None
    }
}
