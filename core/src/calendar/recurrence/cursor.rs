//! The civil times of one rule, rising, from anywhere on.
//!
//! A search that finds nothing ends. The calendar repeats itself after 400 years, which are 4,800
//! months, 20,871 weeks or 146,097 days; a rule looks at every INTERVAL-th of them, and those are
//! through all the places that they ever come to after so many periods at most. What found nothing
//! in that many will never find anything. Periods shorter than a day are not looked at one by one:
//! what does not fit is jumped over by months, days, hours and minutes; [`FINER_STEPS`] is enough
//! for every day of the 400 years.

use super::pattern::{Month, Pattern};
use super::period::Period;
use super::rule::{Frequency, Rule};
use super::{FIRST_CIVIL, LAST_CIVIL};
use crate::calendar::civil::{CivilSeconds, DAY_SECONDS, Day, day_of, midnight, second_of_day};

const YEARS: u32 = 400;
const MONTHS: u32 = 4_800;
const WEEKS: u32 = 20_871;
const DAYS: u32 = 146_097;

/// A jump each for the day, the hour, the minute and the second, on every day of 400 years.
const FINER_STEPS: u32 = 4 * DAYS;

/// How many periods are counted one by one for a COUNT: all months of the years 1 to 9998.
pub(super) const COUNTED_PERIODS: u32 = 120_000;

/// How many steps a search may take between two civil times.
fn steps_of(frequency: Frequency) -> u32 {
    match frequency {
        Frequency::Yearly => YEARS,
        Frequency::Monthly => MONTHS,
        Frequency::Weekly => WEEKS,
        Frequency::Daily => DAYS,
        _ => FINER_STEPS,
    }
}

/// Where a rule stands.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'r> {
    pattern: Pattern<'r>,
    /// The period of DTSTART, of which the others are a multiple of the interval away.
    origin: i64,
    index: i64,
    period: Period<'r>,
    last: CivilSeconds,
    last_index: i64,
    month: Month,
    /// How many steps this search may still take, and how many all of them took.
    steps: u32,
    spent: u32,
    ended: bool,
}

/// The civil time at which a COUNT ends a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// This is the last.
    At(CivilSeconds),
    /// It never ends: the years do first, or it has nothing that could be counted.
    Beyond,
    /// Counting would take too long.
    Uncounted,
}

impl<'r> Cursor<'r> {
    /// What a rule has from `from` to `last`, both of them included.
    pub(super) fn new(
        rule: &'r Rule,
        start: CivilSeconds,
        from: CivilSeconds,
        last: CivilSeconds,
    ) -> Self {
        let start = start.clamp(FIRST_CIVIL, LAST_CIVIL);
        let from = from.clamp(start, LAST_CIVIL);
        let last = last.min(rule.last).min(LAST_CIVIL);
        let pattern = Pattern::new(rule, start);
        let mut cursor = Self {
            origin: pattern.index_of(start),
            index: 0,
            period: Period::EMPTY,
            last,
            last_index: pattern.index_of(last),
            month: Month::NONE,
            steps: steps_of(rule.frequency),
            spent: 0,
            ended: last < from || pattern.is_never(),
            pattern,
        };
        let first = cursor.pattern.index_of(from);
        if !cursor.ended && cursor.enter(first) && cursor.index == first {
            cursor.period.skip_to(from);
        }
        cursor
    }

    /// Whether a civil time is one of a rule's.
    pub(super) fn has(rule: &'r Rule, start: CivilSeconds, civil: CivilSeconds) -> bool {
        Self::new(rule, start, civil, civil).next().is_some()
    }

    /// Whether the last search was given up.
    pub(super) fn is_exhausted(&self) -> bool {
        self.ended && self.steps == 0
    }

    /// How many steps it took until now.
    pub(super) fn spent(&self) -> u32 {
        self.spent
    }

    fn interval(&self) -> i64 {
        i64::from(self.pattern.rule.interval)
    }

    /// The first period from one on that is a multiple of the interval away from the origin.
    fn on_grid(&self, index: i64) -> i64 {
        let behind = (index - self.origin).max(0);
        let rest = behind % self.interval();
        self.origin + behind + if rest == 0 { 0 } else { self.interval() - rest }
    }

    /// Goes to the first period from one on that may hold something.
    fn enter(&mut self, index: i64) -> bool {
        let found = self.fitting(index);
        self.ended = found.is_none();
        if let Some(index) = found {
            self.index = index;
            self.period = self.pattern.period(index);
        }
        !self.ended
    }

    /// The first period from one on that may hold something; `None` where there is none until the
    /// end, and where it was searched for long enough.
    fn fitting(&mut self, index: i64) -> Option<i64> {
        let frequency = self.pattern.rule.frequency;
        let mut index = self.on_grid(index);
        loop {
            if index > self.last_index {
                return None;
            }
            self.steps = self.steps.checked_sub(1)?;
            self.spent = self.spent.saturating_add(1);
            let next = match frequency {
                Frequency::Yearly | Frequency::Monthly | Frequency::Weekly => return Some(index),
                Frequency::Daily => {
                    let day = Day::try_from(index).unwrap_or_default();
                    i64::from(self.fitting_day(day))
                }
                finer => {
                    let civil = index * finer.seconds();
                    let (day, second) = (day_of(civil), second_of_day(civil));
                    let next_day = self.fitting_day(day);
                    let next = if next_day > day {
                        midnight(next_day)
                    } else {
                        let second = self.pattern.next_time(second).unwrap_or(DAY_SECONDS);
                        midnight(day) + second
                    };
                    next.div_euclid(finer.seconds())
                }
            };
            if next == index {
                return Some(index);
            }
            index = self.on_grid(next);
        }
    }

    /// The first day from one on that fits, or a later one before which none does.
    fn fitting_day(&mut self, day: Day) -> Day {
        if !self.pattern.limits_days() {
            return day;
        }
        match self.pattern.fits_day(day, &mut self.month) {
            Ok(day) | Err(day) => day,
        }
    }

    /// Goes so many periods on, of which all but the first are known to hold something.
    fn step(&mut self, periods: i64) {
        self.steps = steps_of(self.pattern.rule.frequency);
        let distance = self.interval().saturating_mul(periods);
        self.enter(self.index.saturating_add(distance).min(self.last_index + 1));
    }
}

impl Iterator for Cursor<'_> {
    type Item = CivilSeconds;

    #[inline]
    fn next(&mut self) -> Option<CivilSeconds> {
        while !self.ended {
            if let Some(civil) = self.period.next() {
                self.steps = steps_of(self.pattern.rule.frequency);
                self.ended = civil > self.last;
                return (!self.ended).then_some(civil);
            }
            self.enter(self.index + self.interval());
        }
        None
    }
}

/// Where a COUNT ends a rule. DTSTART counts, also where it is not one of the rule's.
pub(super) fn end_of_count(rule: &Rule, start: CivilSeconds, count: u32) -> End {
    let mut cursor = Cursor::new(rule, start, start, LAST_CIVIL);
    let is_own = Cursor::has(rule, start, start);
    let mut wanted = u64::from(count).saturating_sub(u64::from(!is_own));
    if wanted == 0 {
        return End::At(start);
    }
    if cursor.clone().next().is_none() {
        return End::Beyond;
    }
    for number in 0..COUNTED_PERIODS {
        if cursor.ended {
            return End::Beyond;
        }
        let period = cursor.pattern.period(cursor.index);
        if number == 0 {
            wanted += period.count_before(start);
        }
        let size = period.size();
        if let Some(before) = wanted.checked_sub(1).filter(|before| *before < size) {
            return period.nth(before).map_or(End::Beyond, End::At);
        }
        wanted -= size;
        let mut periods = 1;
        if rule.is_uniform() && wanted > 0 {
            // The next period that is looked at is the last one.
            let whole = wanted.saturating_sub(1).checked_div(size).unwrap_or(0);
            wanted -= whole * size;
            periods += i64::try_from(whole).unwrap_or(i64::MAX - 1);
        }
        cursor.step(periods);
    }
    End::Uncounted
}

/// How many civil times of a rule are before one, where its COUNT could be counted.
pub(super) fn count_before(rule: &Rule, start: CivilSeconds, at: CivilSeconds) -> u64 {
    let mut cursor = Cursor::new(rule, start, start, at.saturating_sub(1));
    let before_start = if cursor.ended {
        0
    } else {
        cursor.pattern.period(cursor.index).count_before(start)
    };
    let mut count = 0_u64;
    for _ in 0..COUNTED_PERIODS {
        if cursor.ended {
            break;
        }
        let period = cursor.pattern.period(cursor.index);
        if cursor.index == cursor.last_index {
            count += period.count_before(cursor.last.saturating_add(1));
            break;
        }
        let mut periods = 1;
        if rule.is_uniform() {
            periods = ((cursor.last_index - cursor.index) / cursor.interval()).max(1);
        }
        count += period.size() * u64::try_from(periods).unwrap_or_default();
        cursor.step(periods);
    }
    count.saturating_sub(before_start)
}
