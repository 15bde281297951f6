//! Which days and times a period of a rule has: the table of RFC 5545, 3.3.10 (what expands, what
//! limits), with what DTSTART adds where the rule says nothing.
//!
//! A period is named by a number: the year, the months since year 0, the weeks since 1970 under WKST,
//! the days, hours, minutes or seconds since 1970. With BYWEEKNO the year of a day is that of its
//! week, so that week 1 is one week also where it begins in December.

use super::period::{Days, Period, Times};
use super::rule::{Frequency, Rule};
use crate::calendar::civil::{
    self, CivilSeconds, Day, day_of, days_in_month, days_in_year, second_of_day, weekday,
    year_month_day,
};

const EVERY_HOUR: u64 = (1 << 24) - 1;
const EVERY_SIXTIETH: u64 = (1 << 60) - 1;
const EVERY_MONTH: u64 = (1 << 12) - 1;
const EVERY_WEEKDAY: u64 = (1 << 7) - 1;

/// A rule with what DTSTART adds to it.
#[derive(Debug, Clone)]
pub(super) struct Pattern<'r> {
    pub(super) rule: &'r Rule,
    times: Times,
    weekdays: u64,
    month_days: u64,
    months: u64,
    /// Whether a numbered weekday is one of its month (else of its year).
    numbers_months: bool,
}

/// A month with those of its days that fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Month {
    first: Day,
    length: u32,
    bits: u64,
}

impl Month {
    /// A month without days.
    pub(super) const NONE: Self = Self {
        first: 0,
        length: 0,
        bits: 0,
    };

    /// How many days it is from its first to another.
    fn distance(self, day: Day) -> Option<u32> {
        let at = u32::try_from(day.checked_sub(self.first)?).ok()?;
        (at < self.length).then_some(at)
    }
}

/// The weekdays of a set, beginning with a certain one: bit 0 is that, bit 6 the one before it.
fn beginning_with(weekdays: u64, first: u32) -> u64 {
    (weekdays << 7 | weekdays) >> first & EVERY_WEEKDAY
}

/// The first day of the first week of a year: the first week with at least four days in it (RFC
/// 5545, 3.3.10, BYWEEKNO).
fn first_week(year: i32, week_start: u32) -> Day {
    let new_year = civil::day(year, 1, 1);
    let behind = (weekday(new_year) + 7 - week_start) % 7;
    // Less than seven.
    let behind = i32::try_from(behind).unwrap_or_default();
    new_year - behind + if behind > 3 { 7 } else { 0 }
}

impl<'r> Pattern<'r> {
    pub(super) fn new(rule: &'r Rule, start: CivilSeconds) -> Self {
        let (day, second) = (day_of(start), second_of_day(start));
        let (_, month, day_of_month) = year_month_day(day);
        let frequency = rule.frequency;
        let given = |bits: u64, every: u64, finer: bool, place: i64| match bits {
            0 if finer => every,
            0 => 1 << place,
            bits => bits,
        };
        let times = Times {
            hours: given(
                rule.hours,
                EVERY_HOUR,
                frequency >= Frequency::Hourly,
                second / 3_600,
            ),
            minutes: given(
                rule.minutes,
                EVERY_SIXTIETH,
                frequency >= Frequency::Minutely,
                second / 60 % 60,
            ),
            seconds: given(
                rule.seconds,
                EVERY_SIXTIETH,
                frequency >= Frequency::Secondly,
                second % 60,
            ),
        };
        let times = times.on_grid(frequency, rule.interval, second);
        let day_from_start = frequency <= Frequency::Weekly && !rule.has_days();
        let weekday_from_start = match frequency {
            Frequency::Weekly => day_from_start,
            Frequency::Yearly => {
                rule.has_weeks()
                    && !rule.has_weekdays()
                    && !rule.has_month_days()
                    && rule.year_days.is_empty()
            }
            _ => false,
        };
        let month_day_from_start = day_from_start && frequency != Frequency::Weekly;
        // The days of a month alone do not say of which: BYDAY, BYYEARDAY and BYWEEKNO do, since they
        // name days of the year.
        let only_month_days = rule.has_month_days()
            && !rule.has_weekdays()
            && !rule.has_weeks()
            && rule.year_days.is_empty();
        let month_from_start =
            frequency == Frequency::Yearly && (month_day_from_start || only_month_days);
        Self {
            rule,
            times,
            weekdays: if weekday_from_start {
                1 << weekday(day)
            } else {
                rule.weekdays
            },
            month_days: if month_day_from_start {
                1 << (day_of_month - 1)
            } else {
                rule.month_days
            },
            months: match rule.months {
                0 if month_from_start => 1 << (month - 1),
                0 => EVERY_MONTH,
                months => months,
            },
            numbers_months: frequency == Frequency::Monthly || rule.months != 0,
        }
    }

    /// Whether no time of any day is ever reached.
    pub(super) fn is_never(&self) -> bool {
        self.times.count() == 0
    }

    /// Puts into the rule what its start says and another start would say differently.
    pub(super) fn spell_out(&self, other: &Self, rule: &mut Rule) {
        let say = |part: &mut u64, ours: u64, theirs: u64| {
            if ours != theirs {
                *part = ours;
            }
        };
        say(&mut rule.hours, self.times.hours, other.times.hours);
        say(&mut rule.minutes, self.times.minutes, other.times.minutes);
        say(&mut rule.seconds, self.times.seconds, other.times.seconds);
        say(&mut rule.weekdays, self.weekdays, other.weekdays);
        if (self.months, self.month_days) != (other.months, other.month_days) {
            // A day alone would be one of every month.
            rule.month_days = self.month_days;
            if self.months != EVERY_MONTH {
                rule.months = self.months;
            }
        }
    }

    /// The period that a civil time belongs to.
    pub(super) fn index_of(&self, civil: CivilSeconds) -> i64 {
        let day = day_of(civil);
        match self.rule.frequency {
            Frequency::Yearly => {
                let (year, ..) = year_month_day(day);
                i64::from(if !self.rule.has_weeks() {
                    year
                } else if day < first_week(year, self.rule.week_start) {
                    year - 1
                } else if day >= first_week(year + 1, self.rule.week_start) {
                    year + 1
                } else {
                    year
                })
            }
            Frequency::Monthly => {
                let (year, month, _) = year_month_day(day);
                i64::from(year) * 12 + i64::from(month) - 1
            }
            Frequency::Weekly => {
                (i64::from(day) + 3 - i64::from(self.rule.week_start)).div_euclid(7)
            }
            Frequency::Daily => i64::from(day),
            finer => civil.div_euclid(finer.seconds()),
        }
    }

    /// The days and times of a period. Of one that is not longer than a day it is taken for granted
    /// that it fits ([`Pattern::fits_day`], [`Pattern::next_time`]).
    pub(super) fn period(&self, index: i64) -> Period<'r> {
        let mut times = self.times;
        let days = match self.rule.frequency {
            Frequency::Yearly => {
                let year = i32::try_from(index).unwrap_or_default();
                if self.rule.has_weeks() {
                    self.days_of_weeks(year)
                } else {
                    self.days_of_year(year)
                }
            }
            Frequency::Monthly => {
                let year = i32::try_from(index.div_euclid(12)).unwrap_or_default();
                let month = u32::try_from(index.rem_euclid(12)).unwrap_or_default() + 1;
                let month = self.month(year, month, civil::day(year, month, 1));
                Days::of(month.first, month.bits)
            }
            Frequency::Weekly => {
                let first = index * 7 - 3 + i64::from(self.rule.week_start);
                let first = Day::try_from(first).unwrap_or_default();
                let mut days = Days::of(first, beginning_with(self.weekdays, self.rule.week_start));
                if self.months != EVERY_MONTH {
                    days.retain(|day| self.months >> (year_month_day(day).1 - 1) & 1 == 1);
                }
                days
            }
            Frequency::Daily => Days::of(Day::try_from(index).unwrap_or_default(), 1),
            finer => {
                let civil = index * finer.seconds();
                let second = second_of_day(civil);
                times.hours = 1 << (second / 3_600);
                if finer >= Frequency::Minutely {
                    times.minutes = 1 << (second / 60 % 60);
                }
                if finer >= Frequency::Secondly {
                    times.seconds = 1 << (second % 60);
                }
                Days::of(day_of(civil), 1)
            }
        };
        Period::new(days, times, &self.rule.places)
    }

    /// Whether something limits the days of a rule whose periods are not longer than a day.
    pub(super) fn limits_days(&self) -> bool {
        self.months != EVERY_MONTH || self.rule.has_days()
    }

    /// The first day from one on that fits, within its month; or the first day of the next month.
    /// `month` is kept between calls.
    pub(super) fn fits_day(&self, day: Day, month: &mut Month) -> Result<Day, Day> {
        let at = month.distance(day).unwrap_or_else(|| {
            let (year, number, day_of_month) = year_month_day(day);
            let at = day_of_month - 1;
            let first = day - i32::try_from(at).unwrap_or_default();
            *month = self.month(year, number, first);
            at
        });
        let rest = month.bits >> at;
        if rest == 0 {
            return Err(month.first + i32::try_from(month.length).unwrap_or_default());
        }
        Ok(day + i32::try_from(rest.trailing_zeros()).unwrap_or_default())
    }

    /// The first second of the day from one on whose hour, minute and second are in their sets;
    /// for periods shorter than a day, of whose length the second is a multiple.
    pub(super) fn next_time(&self, second_of_day: i64) -> Option<i64> {
        let step = self.rule.frequency.seconds();
        let place = u32::try_from(second_of_day).unwrap_or_default();
        let (hour, minute, second) = (place / 3_600, place / 60 % 60, place % 60);
        let next = |bits: u64, place: u32| {
            let rest = bits >> place;
            (rest != 0).then(|| i64::from(place + rest.trailing_zeros()))
        };
        let at = next(self.times.hours, hour)? * 3_600;
        if step == 3_600 || at > second_of_day {
            return Some(at);
        }
        let Some(minute) = next(self.times.minutes, minute) else {
            return Some(at + 3_600);
        };
        let at = at + minute * 60;
        if step == 60 || at > second_of_day {
            return Some(at);
        }
        let Some(second) = next(self.times.seconds, second) else {
            return Some(at + 60);
        };
        Some(at + second)
    }

    /// The days of a month that fit.
    fn month(&self, year: i32, month: u32, first: Day) -> Month {
        let length = days_in_month(year, month);
        let mut bits = if self.months >> (month - 1) & 1 == 1 {
            (1 << length) - 1
        } else {
            0
        };
        if self.month_days | self.rule.month_days_back != 0 {
            let back = self.rule.month_days_back.reverse_bits() >> (64 - length);
            bits &= self.month_days | back;
        }
        let has_weekdays = self.weekdays != 0 || !self.rule.numbered_days.is_empty();
        if has_weekdays && !self.year_numbers_days() {
            let week = beginning_with(self.weekdays, weekday(first));
            let mut named = week | week << 7 | week << 14 | week << 21 | week << 28;
            for at in self.numbered(first, length) {
                named |= 1 << at;
            }
            bits &= named;
        }
        if bits != 0 && !self.rule.year_days.is_empty() {
            bits &= self.year_days(year, first, length);
        }
        Month {
            first,
            length,
            bits,
        }
    }

    /// Whether weekdays can only be told from the whole year.
    fn year_numbers_days(&self) -> bool {
        !self.numbers_months && !self.rule.numbered_days.is_empty()
    }

    /// Where the numbered weekdays are in a month or a year.
    fn numbered(&self, first: Day, length: u32) -> impl Iterator<Item = u32> + use<'_, 'r> {
        let begins_with = weekday(first);
        self.rule.numbered_days.iter().filter_map(move |numbered| {
            let first = (numbered.weekday + 7 - begins_with) % 7;
            let weeks = if numbered.number > 0 {
                numbered.number - 1
            } else {
                // The last one is so many weeks behind the first.
                i32::try_from((length - 1 - first) / 7).ok()? + 1 + numbered.number
            };
            let at = first + 7 * u32::try_from(weeks).ok()?;
            (at < length).then_some(at)
        })
    }

    /// Which days of a month BYYEARDAY names.
    fn year_days(&self, year: i32, first: Day, length: u32) -> u64 {
        let length_of_year = i32::try_from(days_in_year(year)).unwrap_or_default();
        let begins_at = first - civil::day(year, 1, 1);
        let mut bits = 0;
        for number in &self.rule.year_days {
            let number = i32::from(*number);
            let at = if number > 0 {
                number - 1
            } else {
                length_of_year + number
            };
            match u32::try_from(at - begins_at) {
                Ok(at) if at < length => bits |= 1 << at,
                _ => {}
            }
        }
        bits
    }

    fn days_of_year(&self, year: i32) -> Days {
        let new_year = civil::day(year, 1, 1);
        let mut days = Days::none(new_year);
        let mut at = 0;
        for number in 1..=12 {
            let length = days_in_month(year, number);
            if self.months >> (number - 1) & 1 == 1 {
                let first = new_year + i32::try_from(at).unwrap_or_default();
                days.insert(at, self.month(year, number, first).bits);
            }
            at += length;
        }
        if self.year_numbers_days() {
            let mut named = Days::none(new_year);
            let week = beginning_with(self.weekdays, weekday(new_year));
            for number in 0..53 {
                named.insert(7 * number, week);
            }
            for at in self.numbered(new_year, at) {
                named.insert(at, 1);
            }
            days.intersect(&named);
        }
        days
    }

    fn days_of_weeks(&self, year: i32) -> Days {
        let week_start = self.rule.week_start;
        let first = first_week(year, week_start);
        let count = (first_week(year + 1, week_start) - first) / 7;
        let count = u32::try_from(count).unwrap_or_default();
        let back = self.rule.weeks_back.reverse_bits() >> (64 - count);
        let weeks = (self.rule.weeks | back) & ((1 << count) - 1);
        let week = match self.weekdays {
            0 => EVERY_WEEKDAY,
            weekdays => beginning_with(weekdays, week_start),
        };
        let mut days = Days::none(first);
        for number in 0..count {
            if weeks >> number & 1 == 1 {
                days.insert(7 * number, week);
            }
        }
        let limited = self.months != EVERY_MONTH
            || self.rule.has_month_days()
            || !self.rule.year_days.is_empty();
        if limited {
            let mut month = Month::NONE;
            days.retain(|day| self.fits_day(day, &mut month) == Ok(day));
        }
        days
    }
}
