//! A rule read the plain way: every day is held against the definitions of RFC 5545, 3.3.10, one
//! after the other, and every time of it is listed. Slow, and shares nothing with the engine but
//! the calendar; what it gives is what the engine must give.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::calendar::civil::{
    DAY_SECONDS, Day, day, day_of, days_in_month, days_in_year, second_of_day, weekday,
    year_month_day,
};

const FREQUENCIES: [&str; 7] = [
    "YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY",
];
const NAMES: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// The parts of a rule as lists of numbers; empty where a part is absent.
#[derive(Debug, Clone, Default)]
pub(super) struct Plain {
    /// 0 is YEARLY, 6 SECONDLY.
    pub(super) frequency: usize,
    pub(super) interval: i64,
    pub(super) week_start: u32,
    pub(super) seconds: Vec<i64>,
    pub(super) minutes: Vec<i64>,
    pub(super) hours: Vec<i64>,
    /// The number, 0 for none, and the weekday.
    pub(super) weekdays: Vec<(i64, u32)>,
    pub(super) month_days: Vec<i64>,
    pub(super) year_days: Vec<i64>,
    pub(super) weeks: Vec<i64>,
    pub(super) months: Vec<i64>,
    pub(super) places: Vec<i64>,
}

/// A number's place in a list of so many, from the start or from the end.
fn is_listed(list: &[i64], number: i64, of: i64) -> bool {
    list.contains(&number) || list.contains(&(number - of - 1))
}

impl Plain {
    /// The value of an RRULE.
    pub(super) fn text(&self) -> String {
        let mut text = format!("FREQ={}", FREQUENCIES[self.frequency]);
        if self.interval > 1 {
            let _ = write!(text, ";INTERVAL={}", self.interval);
        }
        let weekdays: Vec<String> = self
            .weekdays
            .iter()
            .map(|(number, weekday)| match number {
                0 => NAMES[*weekday as usize].to_owned(),
                number => format!("{number}{}", NAMES[*weekday as usize]),
            })
            .collect();
        let list = |list: &[i64]| list.iter().map(i64::to_string).collect();
        for (name, values) in [
            ("BYSECOND", list(&self.seconds)),
            ("BYMINUTE", list(&self.minutes)),
            ("BYHOUR", list(&self.hours)),
            ("BYDAY", weekdays),
            ("BYMONTHDAY", list(&self.month_days)),
            ("BYYEARDAY", list(&self.year_days)),
            ("BYWEEKNO", list(&self.weeks)),
            ("BYMONTH", list(&self.months)),
            ("BYSETPOS", list(&self.places)),
        ] {
            let values: Vec<String> = values;
            if !values.is_empty() {
                let _ = write!(text, ";{name}={}", values.join(","));
            }
        }
        if self.week_start != 0 {
            let _ = write!(text, ";WKST={}", NAMES[self.week_start as usize]);
        }
        text
    }

    /// The first day of the week that a day is in.
    fn week(&self, day: Day) -> Day {
        (0..7)
            .map(|back| day - back)
            .find(|day| weekday(*day) == self.week_start)
            .expect("every weekday is among seven days")
    }

    /// The year that the week of a day belongs to: the one that has four of its days or more.
    fn week_year(&self, day: Day) -> i64 {
        let week = self.week(day);
        i64::from(year_month_day(week + 3).0)
    }

    /// Which week of its year a day is in, and how many that year has.
    fn week_number(&self, day: Day) -> (i64, i64) {
        let year = self.week_year(day);
        let starts = |from: Day, step: i32| {
            let mut count = 0;
            let week = self.week(from);
            while self.week_year(week + 7 * step * count) == year {
                count += 1;
            }
            i64::from(count)
        };
        let number = starts(day, -1);
        (number, number + starts(day, 1) - 1)
    }

    fn period(&self, civil: CivilSeconds) -> i64 {
        let day = day_of(civil);
        let (year, month, _) = year_month_day(day);
        match self.frequency {
            0 if !self.weeks.is_empty() => self.week_year(day),
            0 => i64::from(year),
            1 => i64::from(year) * 12 + i64::from(month),
            2 => i64::from(self.week(day)).div_euclid(7),
            3 => i64::from(day),
            4 => civil.div_euclid(3_600),
            5 => civil.div_euclid(60),
            _ => civil,
        }
    }

    fn is_weekday(&self, number: i64, of: u32, day: Day) -> bool {
        if weekday(day) != of {
            return false;
        }
        let (year, month, day_of_month) = year_month_day(day);
        let in_month = self.frequency == 1 || !self.months.is_empty();
        let (first, length) = if in_month {
            let first = day - i32::try_from(day_of_month).expect("small") + 1;
            (first, days_in_month(year, month))
        } else {
            (crate::calendar::civil::day(year, 1, 1), days_in_year(year))
        };
        let same = |from: Day, until: Day| {
            let count = (from..=until).filter(|day| weekday(*day) == of).count();
            i64::try_from(count).expect("small")
        };
        let last = first + i32::try_from(length).expect("small") - 1;
        number == 0 || number == same(first, day) || -number == same(day, last)
    }

    fn has_day(&self, day: Day, start: CivilSeconds) -> bool {
        let (year, month, day_of_month) = year_month_day(day);
        let (_, start_month, start_day) = year_month_day(day_of(start));
        let first = crate::calendar::civil::day(year, 1, 1);
        let day_of_year = i64::from(day - first) + 1;
        let day_of_month = i64::from(day_of_month);
        let names_days = !(self.weekdays.is_empty()
            && self.month_days.is_empty()
            && self.year_days.is_empty()
            && self.weeks.is_empty());
        let names_more_than_weeks =
            !(self.weekdays.is_empty() && self.month_days.is_empty() && self.year_days.is_empty());
        let same_weekday = weekday(day) == weekday(day_of(start));
        let from_start = match self.frequency {
            0 if names_days && !names_more_than_weeks => same_weekday,
            0 if !names_days => {
                day_of_month == i64::from(start_day)
                    && (!self.months.is_empty() || month == start_month)
            }
            0 if self.weekdays.is_empty() && self.year_days.is_empty() && self.weeks.is_empty() => {
                !self.months.is_empty() || month == start_month
            }
            1 if !names_days => day_of_month == i64::from(start_day),
            2 if !names_days => same_weekday,
            _ => true,
        };
        let in_month = || {
            is_listed(
                &self.month_days,
                day_of_month,
                days_in_month(year, month).into(),
            )
        };
        let in_year = || is_listed(&self.year_days, day_of_year, days_in_year(year).into());
        let in_week = || {
            let (week, weeks) = self.week_number(day);
            is_listed(&self.weeks, week, weeks)
        };
        let weekday = || {
            self.weekdays
                .iter()
                .any(|(number, of)| self.is_weekday(*number, *of, day))
        };
        from_start
            && (self.months.is_empty() || self.months.contains(&i64::from(month)))
            && (self.month_days.is_empty() || in_month())
            && (self.year_days.is_empty() || in_year())
            && (self.weeks.is_empty() || in_week())
            && (self.weekdays.is_empty() || weekday())
    }

    /// The times of a day, as seconds of it.
    fn times(&self, start: CivilSeconds) -> BTreeSet<i64> {
        let from_start = second_of_day(start);
        let values = |list: &[i64], finer: usize, all: i64, one: i64| -> Vec<i64> {
            if !list.is_empty() {
                list.to_vec()
            } else if self.frequency >= finer {
                (0..all).collect()
            } else {
                vec![one]
            }
        };
        let hours = values(&self.hours, 4, 24, from_start / 3_600);
        let minutes = values(&self.minutes, 5, 60, from_start / 60 % 60);
        let seconds = values(&self.seconds, 6, 60, from_start % 60);
        let mut times = BTreeSet::new();
        for hour in &hours {
            for minute in &minutes {
                times.extend(
                    seconds
                        .iter()
                        .map(|second| hour * 3_600 + minute * 60 + second.min(&59)),
                );
            }
        }
        times
    }

    /// For how many days the plain way is not too slow.
    pub(super) fn patience_days(&self, start: CivilSeconds) -> i64 {
        let times = i64::try_from(self.times(start).len()).expect("small");
        let days = match self.frequency {
            0 => 12 * 366,
            1 => 4 * 366,
            2 | 3 => 500,
            _ => 400,
        };
        (20_000 / times).clamp(1, days)
    }

    /// What the rule has from the start to a civil time, both included.
    pub(super) fn expand(&self, start: CivilSeconds, until: CivilSeconds) -> Vec<CivilSeconds> {
        let times = self.times(start);
        let mut periods: BTreeMap<i64, Vec<CivilSeconds>> = BTreeMap::new();
        let origin = self.period(start);
        // The whole of the periods at both ends, for BYSETPOS.
        let around = if self.places.is_empty() {
            1
        } else {
            [372, 32, 8, 2, 1, 1, 1][self.frequency]
        };
        for day in day_of(start) - around..=day_of(until) + around {
            if !self.has_day(day, start) {
                continue;
            }
            for time in &times {
                let civil = super::super::midnight(day) + time;
                let period = self.period(civil);
                if period >= origin && (period - origin) % self.interval == 0 {
                    periods.entry(period).or_default().push(civil);
                }
            }
        }
        let mut found = Vec::new();
        for all in periods.values() {
            let size = i64::try_from(all.len()).expect("small");
            for (place, civil) in (1..).zip(all) {
                let is_in = self.places.is_empty() || is_listed(&self.places, place, size);
                if is_in && (start..=until).contains(civil) {
                    found.push(*civil);
                }
            }
        }
        found
    }
}

/// Some numbers of a range, perhaps from the end.
fn some(low: i64, high: i64, signed: bool, most: usize) -> BoxedStrategy<Vec<i64>> {
    let one = (low..=high, any::<bool>())
        .prop_map(move |(number, negative)| if negative && signed { -number } else { number });
    prop::collection::vec(one, 1..=most).boxed()
}

/// A part that is there sometimes.
fn maybe(weight: u32, part: BoxedStrategy<Vec<i64>>) -> BoxedStrategy<Vec<i64>> {
    prop_oneof![
        10 - weight => Just(Vec::new()),
        weight => part,
    ]
    .boxed()
}

/// Rules of every frequency with parts that may stand together.
pub(super) fn some_rule() -> impl Strategy<Value = Plain> {
    let intervals = prop_oneof![3 => Just(1_i64), 3 => 1..8_i64, 1 => 1..100_i64];
    (0..7_usize, intervals, 0..7_u32).prop_flat_map(|(frequency, interval, week_start)| {
        let may = |is: bool, weight: u32| if is { weight } else { 0 };
        let numbers = match frequency {
            0 => (-53..=53_i64).boxed(),
            1 => (-5..=5_i64).boxed(),
            _ => Just(0).boxed(),
        };
        let weekdays = prop_oneof![
            3 => Just(Vec::new()),
            1 => prop::collection::vec((Just(0), 0..7_u32), 1..4),
            1 => prop::collection::vec((numbers, 0..7_u32), 1..4),
        ];
        let times = (
            maybe(2, some(0, 60, false, 4)),
            maybe(2, some(0, 59, false, 4)),
            maybe(3, some(0, 23, false, 4)),
        );
        let days = (
            weekdays,
            maybe(may(frequency != 2, 3), some(1, 31, true, 6)),
            maybe(
                may(frequency == 0 || frequency > 3, 2),
                some(1, 366, true, 6),
            ),
            maybe(may(frequency == 0, 2), some(1, 53, true, 6)),
            maybe(3, some(1, 12, false, 4)),
            maybe(
                2,
                prop_oneof![some(1, 5, true, 3), some(1, 366, true, 5)].boxed(),
            ),
        );
        (times, days).prop_map(move |(times, days)| {
            let (seconds, minutes, hours) = times;
            let (mut weekdays, month_days, year_days, weeks, months, mut places) = days;
            if !weeks.is_empty() {
                for (number, _) in &mut weekdays {
                    *number = 0;
                }
            }
            let mut rule = Plain {
                frequency,
                interval,
                week_start,
                seconds,
                minutes,
                hours,
                weekdays,
                month_days,
                year_days,
                weeks,
                months,
                places: Vec::new(),
            };
            if !rule.text().contains(";BY") {
                places.clear();
            }
            rule.places = places;
            rule
        })
    })
}

/// Days at which a calendar does something special, and others.
pub(super) fn some_day() -> impl Strategy<Value = Day> {
    let special = prop::sample::select(vec![
        day(2023, 12, 31),
        day(2024, 1, 1),
        day(2024, 2, 29),
        day(2026, 12, 31),
        day(2027, 1, 31),
        day(2020, 12, 28),
        day(2021, 1, 3),
    ]);
    prop_oneof![special, day(2015, 1, 1)..day(2035, 1, 1)]
}

pub(super) fn some_start() -> impl Strategy<Value = CivilSeconds> {
    (some_day(), prop_oneof![Just(32_400), 0..DAY_SECONDS])
        .prop_map(|(day, second)| super::super::midnight(day) + second)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn the_engine_gives_what_the_definitions_give(rule in some_rule(), begin in some_start(), skipped in 0.0..1.0_f64) {
        let text = rule.text();
        let start = Start::Civil { civil: begin, zone: Tz::UTC };
        let recurrence = read(&[&format!("RRULE:{text}")], start);
        let patience = rule.patience_days(begin) * DAY_SECONDS;
        let until = begin + patience;
        let mut expected = rule.expand(begin, until);
        if expected.first() != Some(&begin) {
            expected.insert(0, begin);
        }
        let series = Series { start, length: Length::Exact(0), recurrence: &recurrence };
        let found = |from: CivilSeconds| -> Vec<CivilSeconds> {
            let window = Interval { start: from * 1_000, end: until * 1_000 + 1 };
            series.occurrences(window, Tz::UTC).map(|one| one.original).collect()
        };
        prop_assert_eq!(found(begin), expected.clone(), "{} from {}", text, written(begin));
        // From the middle, at and beside an occurrence.
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any place will do")]
        let somewhere = begin + (patience as f64 * skipped) as i64;
        let near = expected.iter().copied().find(|one| *one >= somewhere).unwrap_or(somewhere);
        for from in [somewhere, near, near + 1, near - 1] {
            let rest: Vec<CivilSeconds> = expected.iter().copied().filter(|one| *one >= from).collect();
            prop_assert_eq!(found(from), rest, "{} from {}, seen from {}", text, written(begin), written(from));
        }
        // A COUNT ends it where it says.
        for count in [1, 2, expected.len() / 2, expected.len()] {
            let Some(last) = count.checked_sub(1).and_then(|last| expected.get(last)) else { continue };
            let counted = Recurrence::parse(&[format!("RRULE:{text};COUNT={count}")], start);
            let Ok(counted) = counted else { continue };
            let series = Series { recurrence: &counted, ..series };
            let all: Vec<CivilSeconds> = series.occurrences(EVER, Tz::UTC).map(|one| one.original).collect();
            prop_assert_eq!(all.len(), count, "{};COUNT={}", text, count);
            prop_assert_eq!(all.last(), Some(last));
            let span = Interval { start: last * 1_000, end: last * 1_000 };
            prop_assert_eq!(series.last(Tz::UTC), Last::Ends(span));
        }
    }
}
