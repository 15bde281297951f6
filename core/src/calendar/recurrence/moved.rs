//! A series that is moved as a whole: what its rules and dates say from another start on.
//!
//! Everything moves by the same days and the same time on the wall, so that what was left out stays
//! left out and what was last stays last. Of a rule that names a day of a month it is the day in each
//! month that moves, since months differ in length.

use super::cursor::Cursor;
use super::dates::{Addition, Moment, seconds_of, wall_of};
use super::rule::{Bound, Frequency, NumberedDay, Rule};
use super::{LAST_CIVIL, Recurrence, Start};
use crate::calendar::civil::{
    CivilSeconds, DAY_SECONDS, Day, day, day_of, days_in_month, days_in_year, midnight,
    second_of_day, weekday, year_month_day,
};

/// From one start to another of the same kind.
#[derive(Debug, Clone, Copy)]
struct Step {
    from: Start,
    to: Start,
}

/// How a series was moved: where each of its occurrences went.
#[derive(Debug, Clone)]
pub struct Shift {
    step: Step,
    /// The rules before, and after.
    rules: Vec<(Rule, Rule)>,
    added: Vec<CivilSeconds>,
}

impl Step {
    /// Days, and seconds of the day.
    fn parts(self) -> (Day, i64) {
        let [from, to] = [self.from.civil(), self.to.civil()];
        (
            day_of(to) - day_of(from),
            second_of_day(to) - second_of_day(from),
        )
    }

    fn months(self) -> i64 {
        let [from, to] = [self.from, self.to].map(|start| month_of(start.civil()));
        to - from
    }
}

/// Months since year 0.
fn month_of(civil: CivilSeconds) -> i64 {
    let (year, month, _) = year_month_day(day_of(civil));
    i64::from(year) * 12 + i64::from(month) - 1
}

/// What dates of a series are compared by.
fn key(start: Start, civil: CivilSeconds) -> i64 {
    Moment::on_wall(civil, start.zone()).key
}

impl Shift {
    /// Where the occurrence with an original time went.
    pub fn of(&self, civil: CivilSeconds) -> CivilSeconds {
        let step = self.step;
        let from = step.from.civil();
        let moved = civil.saturating_add(step.to.civil() - from);
        let (days, seconds) = step.parts();
        if days == 0 || civil == from || self.added.contains(&civil) {
            return moved;
        }
        let by_month = self
            .rules
            .iter()
            .find(|(before, _)| before.goes_by_months() && Cursor::has(before, from, civil));
        by_month
            .and_then(|(_, after)| {
                let month = month_of(civil) + step.months();
                let year = i32::try_from(month.div_euclid(12)).ok()?;
                let month = u32::try_from(month.rem_euclid(12)).ok()? + 1;
                let first = midnight(day(year, month, 1));
                let last = first + i64::from(days_in_month(year, month)) * DAY_SECONDS - 1;
                let found = Cursor::new(&after.endless(), step.to.civil(), first, last).next()?;
                Some(midnight(day_of(found)) + second_of_day(civil) + seconds)
            })
            .unwrap_or(moved)
    }

    /// The end of a rule, so that the same occurrences are before it.
    fn until(&self, rule: &Rule, until: i64) -> i64 {
        let Step { from, to } = self.step;
        let (wall, gap) = match from.zone() {
            Some(zone) => (wall_of(until, zone), 1),
            None => (until, DAY_SECONDS),
        };
        if day_of(until) >= day_of(LAST_CIVIL) {
            return until;
        }
        let mut moved = key(to, wall.saturating_add(to.civil() - from.civil()));
        let days = match rule.frequency {
            Frequency::Yearly => 400 * i64::from(rule.interval),
            Frequency::Monthly => 62 * i64::from(rule.interval),
            _ => 3,
        };
        let reach = days * DAY_SECONDS;
        let first = wall.saturating_sub(reach).max(from.civil());
        let last = wall.saturating_add(reach).min(LAST_CIVIL);
        for civil in Cursor::new(&rule.endless(), from.civil(), first, last) {
            let there = key(to, self.of(civil));
            if key(from, civil) > until {
                moved = moved.min(there - gap);
                break;
            }
            moved = moved.max(there);
        }
        moved.min(LAST_CIVIL)
    }
}

impl Recurrence {
    /// What the series says from another start of the same kind on, and where its occurrences went.
    /// `None` where a rule names days or times that can't be moved along with the same meaning.
    pub fn moved(&self, from: Start, to: Start) -> Option<(Self, Shift)> {
        let step = Step { from, to };
        let pairs = |rules: &[Rule]| -> Option<Vec<(Rule, Rule)>> {
            let pair = |rule: &Rule| Some((rule.clone(), rule.with_parts_moved(step)?));
            rules.iter().map(pair).collect()
        };
        let mut shift = Shift {
            step,
            rules: pairs(&self.rules)?,
            added: self.added.iter().map(|one| one.at.civil).collect(),
        };
        let mut moved = Self::empty(to);
        for (before, after) in &shift.rules {
            moved.rules.push(shift.ended(before, after));
        }
        for (before, after) in pairs(&self.excluding)? {
            moved.excluding.push(shift.ended(&before, &after));
        }
        let there = |civil| Moment::on_wall(shift.of(civil), to.zone());
        moved.added = self
            .added
            .iter()
            .map(|one| Addition {
                at: there(one.at.civil),
                length: one.length,
            })
            .collect();
        moved.removed = self
            .removed
            .iter()
            .map(|one| there(self.original_of(*one, from)))
            .collect();
        let time = second_of_day(from.civil());
        moved.removed_days = self
            .removed_days
            .iter()
            .map(|day| day_of(shift.of(midnight(*day) + time)))
            .collect();
        moved.put_in_order();
        for (pair, rule) in shift.rules.iter_mut().zip(&moved.rules) {
            pair.1 = rule.clone();
        }
        Some((moved, shift))
    }

    /// The original time of what is taken out: in the gap of spring it is not what the wall shows.
    fn original_of(&self, removed: Moment, start: Start) -> CivilSeconds {
        let civil = removed.civil;
        let day_before = civil.saturating_sub(DAY_SECONDS);
        let Some(zone) = start.zone() else {
            return civil;
        };
        if seconds_of(day_before, zone) + DAY_SECONDS == removed.key {
            // No clock was changed.
            return civil;
        }
        let found = self.rules.iter().find_map(|rule| {
            let mut around = Cursor::new(rule, start.civil(), day_before, civil);
            around.find(|one| seconds_of(*one, zone) == removed.key)
        });
        found.unwrap_or(civil)
    }
}

impl Shift {
    /// A rule whose parts were moved, with its end moved as well.
    fn ended(&self, before: &Rule, after: &Rule) -> Rule {
        let mut rule = after.clone();
        if let Bound::Until(until) = before.bound {
            rule.bound = Bound::Until(self.until(before, until));
        }
        // What can't be counted is told of when the lines are read.
        let _ = rule.find_last(self.step.to);
        rule
    }
}

impl Rule {
    /// The rule without its end.
    fn endless(&self) -> Self {
        Self {
            bound: Bound::Never,
            last: LAST_CIVIL,
            ..self.clone()
        }
    }

    /// Whether it is the day in each month that moves.
    fn goes_by_months(&self) -> bool {
        self.frequency <= Frequency::Monthly && self.weekdays == 0
    }

    /// The rule with the days and times that it names moved along.
    fn with_parts_moved(&self, step: Step) -> Option<Self> {
        let mut rule = self.clone();
        let (days, seconds) = step.parts();
        if seconds != 0 {
            rule.move_times(step)?;
        }
        if days != 0 {
            rule.move_days(step, days)?;
        }
        Some(rule)
    }

    fn move_times(&mut self, step: Step) -> Option<()> {
        if self.frequency > Frequency::Daily {
            // What limits an hourly rule stays where it is while its hours move.
            let is_limited =
                self.has_days() || self.months | self.hours | self.minutes | self.seconds != 0;
            return (!is_limited).then_some(());
        }
        let [from, to] = [step.from, step.to].map(|start| second_of_day(start.civil()));
        for (part, unit, size) in [
            (&mut self.hours, 3_600, 24),
            (&mut self.minutes, 60, 60),
            (&mut self.seconds, 1, 60),
        ] {
            let by = to / unit % size - from / unit % size;
            *part = moved_bits(*part, by, size)?;
        }
        Some(())
    }

    fn move_days(&mut self, step: Step, days: Day) -> Option<()> {
        let [from, to] = [step.from, step.to].map(|start| day_of(start.civil()));
        if !self.has_days() && self.months == 0 {
            return Some(());
        }
        if self.has_weeks() || !self.year_days.is_empty() || self.month_days_back != 0 {
            return None;
        }
        let only_weekdays =
            self.weekdays != 0 && self.numbered_days.is_empty() && self.month_days == 0;
        if only_weekdays && self.months == 0 {
            let is_any_week = match self.frequency {
                Frequency::Weekly => self.interval == 1 && self.places.is_empty(),
                Frequency::Monthly | Frequency::Yearly => {
                    return (self.interval == 1 && self.places.is_empty())
                        .then(|| self.weekdays = rotated(self.weekdays, days));
                }
                _ => true,
            };
            return (is_any_week || self.stays_in_week(from, days))
                .then(|| self.weekdays = rotated(self.weekdays, days));
        }
        if self.frequency > Frequency::Monthly || self.weekdays != 0 || !self.places.is_empty() {
            return None;
        }
        self.move_in_month(from, to)
    }

    /// Whether all weekdays of the rule, and that of the start, stay in a week of theirs together.
    fn stays_in_week(&self, from: Day, days: Day) -> bool {
        let named = self.weekdays | 1 << weekday(from);
        let forward = i64::from(days.rem_euclid(7));
        [forward, forward - 7].into_iter().any(|by| {
            (0_u32..7).filter(|one| named >> one & 1 == 1).all(|one| {
                let place = i64::from((one + 7 - self.week_start) % 7);
                (0..7).contains(&(place + by))
            })
        }) || forward == 0
    }

    /// Moves the one day that the rule names of a month, or the one numbered weekday.
    fn move_in_month(&mut self, from: Day, to: Day) -> Option<()> {
        let [(year, month, old), (new_year, new_month, new)] = [from, to].map(year_month_day);
        if (year, month) != (new_year, new_month) {
            let is_its_month =
                self.frequency == Frequency::Yearly && self.months == 1 << (month - 1);
            if !is_its_month {
                return None;
            }
            self.months = 1 << (new_month - 1);
        }
        match self.numbered_days.as_slice() {
            [] if self.month_days == 0 => Some(()),
            [] if self.month_days == 1 << (old - 1) => {
                self.month_days = 1 << (new - 1);
                Some(())
            }
            [named] if self.month_days == 0 => {
                let in_month = self.frequency == Frequency::Monthly || self.months != 0;
                let fits = |day: Day, weekday_of| {
                    weekday(day) == weekday_of && number_of(day, in_month).contains(&named.number)
                };
                let weekday = weekday(to);
                if !fits(from, named.weekday) || !fits(to, weekday) {
                    return None;
                }
                let number = named.number;
                self.numbered_days = vec![NumberedDay { number, weekday }];
                Some(())
            }
            _ => None,
        }
    }
}

/// Which of its weekdays a day is in its month or its year, from the start and from the end.
fn number_of(of: Day, in_month: bool) -> [i32; 2] {
    let (year, month, day_of_month) = year_month_day(of);
    let (behind, length) = if in_month {
        let behind = i32::try_from(day_of_month).unwrap_or_default() - 1;
        (behind, days_in_month(year, month))
    } else {
        (of - day(year, 1, 1), days_in_year(year))
    };
    let length = i32::try_from(length).unwrap_or_default();
    [behind / 7 + 1, -((length - 1 - behind) / 7) - 1]
}

/// A set of weekdays so many days later.
fn rotated(weekdays: u64, days: Day) -> u64 {
    let by = days.rem_euclid(7);
    (weekdays << by | weekdays >> (7 - by)) & 0b111_1111
}

/// A set of hours, minutes or seconds moved; `None` where one of them leaves the day, the hour or the
/// minute.
fn moved_bits(bits: u64, by: i64, size: i64) -> Option<u64> {
    let mut moved = 0;
    for place in (0..size).filter(|place| bits >> place & 1 == 1) {
        let place = place + by;
        if !(0..size).contains(&place) {
            return None;
        }
        moved |= 1 << place;
    }
    Some(moved)
}
