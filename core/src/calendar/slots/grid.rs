//! The instants at which a meeting may start: when the wall shows a multiple of the step.
//!
//! The wall is the one of the request's zone. Where its clocks change by less than the step (Lord Howe
//! by half an hour) the grid goes on behind the change as the wall then shows it, and where they go
//! back, both passes over an hour have their starts.

use std::sync::Arc;

use crate::calendar::zone::Offsets;

/// The starts that a request can have.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    offsets: Arc<Offsets>,
    step_ms: i64,
}

impl Grid {
    pub(super) fn new(offsets: Arc<Offsets>, step_minutes: u32) -> Self {
        let step_ms = i64::from(step_minutes.max(1)) * 60_000;
        Self { offsets, step_ms }
    }

    /// How much later the wall is than UTC, in milliseconds.
    fn offset(&self, instant: i64) -> i64 {
        let whole = instant.saturating_sub(instant.rem_euclid(1000));
        let wall = self.offsets.civil(instant).saturating_mul(1000);
        wall.saturating_sub(whole)
    }

    /// The first start that is not before an instant.
    pub(super) fn at_or_after(&self, instant: i64) -> i64 {
        let offset = self.offset(instant);
        let wall = instant.saturating_add(offset);
        let over = wall.rem_euclid(self.step_ms);
        let wait = if over == 0 { 0 } else { self.step_ms - over };
        let found = instant.saturating_add(wait);
        if self.offset(found) == offset {
            return found;
        }
        // The clocks change on the way: the first instant with the new offset is looked for, and the
        // grid goes on from there. No zone changes twice within a step.
        let (mut before, mut behind) = (instant, found);
        while behind.saturating_sub(before) > 1 {
            let middle = before + (behind - before) / 2;
            if self.offset(middle) == offset {
                before = middle;
            } else {
                behind = middle;
            }
        }
        let over = behind
            .saturating_add(self.offset(behind))
            .rem_euclid(self.step_ms);
        let wait = if over == 0 { 0 } else { self.step_ms - over };
        behind.saturating_add(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::interval::Interval;
    use crate::time::parse_zone;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_start_is_the_next_minute_at_which_the_wall_shows_a_multiple_of_the_step(
            zone in prop::sample::select(vec!["Australia/Lord_Howe", "Asia/Kathmandu", "Europe/Berlin", "Pacific/Apia", "America/St_Johns"]),
            step in prop::sample::select(vec![5_u32, 10, 15, 20, 30, 60]),
            change in 0..8_usize, from in 0..600_i64,
        ) {
            let zone = parse_zone(zone).expect("a zone");
            // Changes of 2026 and 2027, as the zone itself has them.
            let start = 1_767_225_600_000_i64;
            let wide = Offsets::over(zone, Interval { start, end: start + 730 * 86_400_000 });
            let offset = |minute: i64| wide.civil(start + minute * 60_000) - (start / 1000 + minute * 60);
            let mut changes: Vec<i64> = (1..730 * 24 * 2).map(|half| half * 30).filter(|at| offset(*at) != offset(at - 1)).collect();
            changes.push(5000);
            let near = changes[change % changes.len()] - 300 + from;
            let grid = Grid::new(Arc::new(wide.clone()), step);
            let expected = (near..near + 180).find(|minute| wide.civil(start + minute * 60_000) % (i64::from(step) * 60) == 0);
            prop_assert_eq!(grid.at_or_after(start + near * 60_000), start + expected.expect("a start") * 60_000);
            prop_assert_eq!(grid.at_or_after(start + near * 60_000 - 59_999), start + expected.expect("a start") * 60_000);
        }

        #[test]
        fn no_instant_panics(instant: i64) {
            let offsets = Offsets::over(chrono_tz::Europe::Berlin, Interval { start: 0, end: 1 });
            let _ = Grid::new(Arc::new(offsets), 15).at_or_after(instant);
        }
    }
}
