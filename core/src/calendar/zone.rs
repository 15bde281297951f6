//! From a wall to an instant and back, fast: the offsets of a zone over a stretch of time.
//!
//! The rule is that of [`crate::time`] (RFC 5545, 3.3.5): a civil time in the gap of spring is read
//! with the offset before the gap; one that comes twice in autumn means the first.
//!
//! `chrono-tz` looks through its tables at every question. Here they are asked once for a stretch,
//! and what is left is a search among a handful of changes.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::civil::CivilSeconds;
use super::interval::Interval;

/// How far apart the zone is asked. No zone is known to have changed its offset and changed it back
/// within a week since 1970: a test looks at all of them.
const PROBE_MS: i64 = 5 * 86_400_000;

/// What is looked at on both sides of the stretch: an offset is less than a day, and a gap a day.
const MARGIN_MS: i64 = 3 * 86_400_000;

/// The longest stretch that is looked up beforehand; beyond its end every question is put to the
/// zone itself.
const LONGEST_MS: i64 = 40 * 366 * 86_400_000;

/// The civil times that are computed with: the years 1 to 9998, as everywhere in Delegate. What lies
/// outside is moved to the nearest of them.
pub const CIVIL: std::ops::RangeInclusive<CivilSeconds> = -62_135_596_800..=253_370_764_799;

/// The offsets of a zone over a stretch of time.
#[derive(Debug, Clone)]
pub struct Offsets {
    zone: Tz,
    stretch: Interval,
    spans: Vec<Span>,
}

/// The civil times `[from, until)`, none of which is in a gap, and the one offset that makes them
/// instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steady {
    /// The first civil time.
    pub from: CivilSeconds,
    /// The first civil time that does not belong to it.
    pub until: CivilSeconds,
    /// Milliseconds east of UTC.
    pub offset_ms: i64,
}

impl Steady {
    /// The instant (milliseconds since 1970) of a civil time, where it belongs to the stretch.
    pub fn instant(&self, civil: CivilSeconds) -> Option<i64> {
        (self.from <= civil && civil < self.until).then(|| civil * 1000 - self.offset_ms)
    }
}

/// From when on an offset holds, in milliseconds all of it.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: i64,
    offset: i64,
    /// What the wall shows when it ends.
    wall_end: i64,
}

/// The offset of a zone at an instant, in milliseconds east of UTC.
pub(crate) fn offset_ms(zone: Tz, instant_ms: i64) -> i64 {
    let moment = DateTime::from_timestamp_millis(instant_ms).unwrap_or_default();
    i64::from(
        zone.offset_from_utc_datetime(&moment.naive_utc())
            .fix()
            .local_minus_utc(),
    ) * 1000
}

impl Offsets {
    /// The offsets of a zone over a stretch; questions about other times are answered as well, but
    /// not as fast.
    pub fn over(zone: Tz, stretch: Interval) -> Self {
        let start = stretch.start.saturating_sub(MARGIN_MS);
        let longest = start.saturating_add(LONGEST_MS);
        let end = stretch.end.saturating_add(MARGIN_MS).clamp(start, longest);
        let mut spans = vec![Span {
            start,
            offset: offset_ms(zone, start),
            wall_end: i64::MAX,
        }];
        let (mut at, mut here) = (start, offset_ms(zone, start));
        while at < end && zone != Tz::UTC {
            let next = at.saturating_add(PROBE_MS).min(end);
            let there = offset_ms(zone, next);
            if there != here {
                let change = find_change(zone, at, next, here);
                // Two changes in one step: what holds right behind the first is asked.
                let behind = offset_ms(zone, change);
                if let Some(last) = spans.last_mut() {
                    last.wall_end = change.saturating_add(last.offset);
                }
                spans.push(Span {
                    start: change,
                    offset: behind,
                    wall_end: i64::MAX,
                });
                (at, here) = (change, behind);
                continue;
            }
            at = next;
        }
        Self {
            zone,
            stretch: Interval { start, end },
            spans,
        }
    }

    /// The zone.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// From when on which offset holds, both in milliseconds; the first is the one at the beginning
    /// of what was looked up, a few days before the stretch.
    pub fn changes(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.spans.iter().map(|span| (span.start, span.offset))
    }

    /// What the wall shows at an instant (milliseconds since 1970).
    pub fn civil(&self, instant_ms: i64) -> CivilSeconds {
        let offset = if self.stretch.contains(instant_ms) {
            let behind = self.spans.partition_point(|span| span.start <= instant_ms);
            self.spans
                .get(behind.saturating_sub(1))
                .map_or(0, |span| span.offset)
        } else {
            offset_ms(self.zone, instant_ms)
        };
        instant_ms.saturating_add(offset).div_euclid(1000)
    }

    /// The stretch around a civil time in which one offset turns wall into instant, for those who
    /// resolve many times in a row; `None` in a gap, and for what was not looked up beforehand.
    pub fn steady(&self, civil: CivilSeconds) -> Option<Steady> {
        let wall_ms = civil.saturating_mul(1000);
        let first = self.stretch.start.saturating_add(MARGIN_MS / 2);
        let last = self.stretch.end.saturating_sub(MARGIN_MS / 2);
        let at = self.spans.partition_point(|span| span.wall_end <= wall_ms);
        let span = self.spans.get(at)?;
        let before = at.checked_sub(1).and_then(|before| self.spans.get(before));
        let shown_from = span.start.saturating_add(span.offset);
        let from = first
            .max(shown_from)
            .max(before.map_or(i64::MIN, |before| before.wall_end));
        let until = last.min(span.wall_end);
        (from <= wall_ms && wall_ms < until).then_some(Steady {
            from: from.div_euclid(1000) + i64::from(from.rem_euclid(1000) != 0),
            until: until.div_euclid(1000),
            offset_ms: span.offset,
        })
    }

    /// The instant (milliseconds since 1970) of a civil time.
    pub fn instant(&self, civil: CivilSeconds) -> i64 {
        let civil = civil.clamp(*CIVIL.start(), *CIVIL.end());
        let wall_ms = civil.saturating_mul(1000);
        let inside = Interval {
            start: self.stretch.start.saturating_add(MARGIN_MS / 2),
            end: self.stretch.end.saturating_sub(MARGIN_MS / 2),
        };
        if !inside.contains(wall_ms) {
            return crate::time::resolve(super::civil::to_date_time(civil), self.zone)
                .milliseconds();
        }
        let at = self.spans.partition_point(|span| span.wall_end <= wall_ms);
        let Some(span) = self.spans.get(at) else {
            return wall_ms;
        };
        let instant = wall_ms - span.offset;
        match at.checked_sub(1).and_then(|before| self.spans.get(before)) {
            // In the gap: the wall never showed it, and the offset before holds.
            Some(before) if instant < span.start => wall_ms - before.offset,
            _ => instant,
        }
    }
}

/// The first millisecond at which an offset that holds at `from` does not hold any more, between
/// `from` and `until`.
fn find_change(zone: Tz, from: i64, until: i64, offset: i64) -> i64 {
    let (mut before, mut behind) = (from, until);
    while behind - before > 1 {
        let middle = before + (behind - before) / 2;
        if offset_ms(zone, middle) == offset {
            before = middle;
        } else {
            behind = middle;
        }
    }
    behind
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::civil;
    use crate::time::{parse_zone, resolve};
    use proptest::prelude::*;

    /// 1970 to 2038.
    const AGES: Interval = Interval {
        start: 0,
        end: 2_145_916_800_000,
    };

    #[test]
    fn every_zone_agrees_with_its_tables_around_every_change() {
        for zone in chrono_tz::TZ_VARIANTS {
            // By the hour around what was found, and by the day in between, so that a change which
            // was passed over is seen.
            let offsets = Offsets::over(
                zone,
                Interval {
                    start: AGES.start,
                    end: AGES.start + LONGEST_MS,
                },
            );
            let mut instants: Vec<i64> = (0..14_600)
                .map(|day| AGES.start + day * 86_400_000)
                .collect();
            for span in &offsets.spans {
                instants
                    .extend([-3_600_000, -1, 0, 1, 3_600_000].map(|around| span.start + around));
            }
            for instant in instants {
                let expected = instant + offset_ms(zone, instant);
                assert_eq!(
                    offsets.civil(instant),
                    expected.div_euclid(1000),
                    "{zone} {instant}"
                );
            }
        }
    }

    fn some_zone() -> impl Strategy<Value = Tz> {
        prop::sample::select(
            [
                "Europe/Berlin",
                "America/New_York",
                "Australia/Lord_Howe",
                "Asia/Kathmandu",
                "Africa/Casablanca",
                "America/Sao_Paulo",
                "Pacific/Apia",
                "Asia/Tehran",
                "UTC",
                "America/St_Johns",
                "Pacific/Chatham",
                "Asia/Gaza",
            ]
            .map(|name| parse_zone(name).expect("a zone"))
            .to_vec(),
        )
    }

    proptest! {
        #[test]
        fn a_civil_time_becomes_the_instant_that_the_one_rule_gives(
            zone in some_zone(), at in 0_i64..2_000_000_000, around in -200_000_i64..200_000,
        ) {
            let offsets = Offsets::over(zone, Interval { start: at * 1000, end: at * 1000 + 400 * 86_400_000 });
            // Near every change, and anywhere.
            for base in offsets.spans.iter().map(|span| span.start / 1000).chain([at]) {
                let wall = base + around;
                let expected = resolve(civil::to_date_time(wall), zone).milliseconds();
                prop_assert_eq!(offsets.instant(wall), expected, "{} {}", zone, wall);
            }
        }

        #[test]
        fn no_time_panics(zone in some_zone(), start: i64, end: i64, at: i64) {
            // A stretch is not looked through beyond its bound, whatever is asked for.
            let offsets = Offsets::over(zone, Interval { start, end: end.min(start.saturating_add(86_400_000)) });
            let _ = (offsets.civil(at), offsets.instant(at));
        }
    }
}
