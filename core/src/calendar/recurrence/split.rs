//! "This and following": one series divided into what was before and what goes on.

use chrono_tz::Tz;

use super::cursor::{Cursor, count_before};
use super::dates::{Addition, Moment, seconds_of};
use super::pattern::Pattern;
use super::rule::{Bound, Rule};
use super::{MOST_DATES, Recurrence, Start};
use crate::calendar::civil::{CivilSeconds, DAY_SECONDS, day_of};

impl Recurrence {
    /// Divides a series at one of its occurrences: what stays before it, for the same start, and what
    /// goes on from it, for the start `start.at(at)`. Together they have the occurrences of the
    /// whole. Of the first the rules end with an UNTIL; of the second COUNT is reduced by what came
    /// before; dates go where they belong.
    ///
    /// A rule that took something from the start (its day, its time) now says it, where the new start
    /// doesn't say the same. One thing can't be said: where `at` is an occurrence of another rule or
    /// an RDATE, the INTERVAL of a rule counts on from the period of `at`.
    #[must_use]
    pub fn split(&self, start: Start, at: CivilSeconds) -> (Self, Self) {
        let zone = start.zone();
        let first = Moment::on_wall(start.civil(), zone);
        let at = Moment::on_wall(at, zone);
        if at.key <= first.key {
            let mut nothing = Self::empty(start);
            nothing.removed.push(first);
            return (nothing, self.clone());
        }
        (self.before(start, at), self.from(start, at))
    }

    fn before(&self, start: Start, at: Moment) -> Self {
        let mut before = self.clone();
        let until = at.key
            - if start.zone().is_some() {
                1
            } else {
                DAY_SECONDS
            };
        for rule in before.rules.iter_mut().chain(&mut before.excluding) {
            match rule.bound {
                Bound::Until(earlier) if earlier <= until => {}
                Bound::Count(_) if rule.last < at.civil => {}
                _ => {
                    rule.bound = Bound::Until(until);
                    // An UNTIL is never too far to be counted.
                    let _ = rule.find_last(start);
                }
            }
        }
        before.added.retain(|one| one.at.key < at.key);
        before.removed.retain(|one| one.key < at.key);
        before.removed_days.retain(|day| *day <= day_of(at.civil));
        before
    }

    fn from(&self, start: Start, at: Moment) -> Self {
        let mut from = self.clone();
        let go_on = |rule: &Rule| rule.going_on(start, at);
        from.rules = self.rules.iter().filter_map(go_on).collect();
        from.excluding = self.excluding.iter().filter_map(go_on).collect();
        // The start is an occurrence by itself; a length of its own has to be said.
        from.added
            .retain(|one| one.at.key > at.key || (one.at.key == at.key && one.length.is_some()));
        from.removed.retain(|one| one.key >= at.key);
        from.removed_days.retain(|day| *day >= day_of(at.civil));
        if let Some(zone) = start.zone() {
            for rule in &self.rules {
                from.added.extend(moved_behind(rule, start, at, zone));
            }
            from.put_in_order();
            from.added.truncate(MOST_DATES);
        }
        from
    }
}

/// What a gap moves behind an occurrence although its wall time is before: a rule that starts with
/// the occurrence doesn't have it any more.
fn moved_behind(rule: &Rule, start: Start, at: Moment, zone: Tz) -> Vec<Addition> {
    let day_before = at.civil - DAY_SECONDS;
    if seconds_of(day_before, zone) + DAY_SECONDS == at.key {
        // No clock was changed.
        return Vec::new();
    }
    Cursor::new(rule, start.civil(), day_before, at.civil - 1)
        .map(|civil| Moment::on_wall(civil, Some(zone)))
        .filter(|one| one.key > at.key)
        .take(MOST_DATES)
        .map(|at| Addition { at, length: None })
        .collect()
}

impl Rule {
    /// The rule as it goes on from an occurrence; `None` where nothing of it is left.
    fn going_on(&self, start: Start, at: Moment) -> Option<Self> {
        let mut rule = self.clone();
        let own = Cursor::new(self, start.civil(), at.civil, at.civil)
            .next()
            .is_some();
        match rule.bound {
            Bound::Until(until) if until < at.key => return None,
            Bound::Never | Bound::Until(_) => {}
            Bound::Count(count) => {
                let civil = start.civil();
                let counts = !Cursor::has(self, civil, civil);
                let before = count_before(self, civil, at.civil) + u64::from(counts);
                let left = u64::from(count).saturating_sub(before);
                if left == 0 {
                    return None;
                }
                // The new start counts, also where it is not one of the rule's.
                let left = left + u64::from(!own);
                rule.bound = Bound::Count(u32::try_from(left).unwrap_or(u32::MAX));
            }
        }
        let other = Pattern::new(self, at.civil);
        Pattern::new(self, start.civil()).spell_out(&other, &mut rule);
        // What could be counted for the whole can be counted for a part.
        let _ = rule.find_last(start.at(at.civil));
        Some(rule)
    }
}
