//! What comes again: `every other Tuesday at 9`, `monthly on the 15th`, `jeden zweiten Montag`.

use chrono::{Datelike, Days as Count, NaiveDate, Weekday};

use super::amounts::{Unit, count};
use super::days::{Days, nth_weekday};
use super::mentions::Reader;
use super::moments::{Hours, When};
use super::neighbours::{ends_clause, is_before_noun};
use super::numbers::month_end;
use super::terms::{EVERY, OFTEN, PARTS_OF_DAY, PLURALS, UNITS};
use super::vocabulary::{PARTS, Part, month};
use super::{PartOfDay, Reading, Reason, Value};

/// A rule, before its text is made.
#[derive(Debug, Clone, Copy)]
struct Rule {
    unit: Unit,
    interval: u32,
    /// Weekdays: Monday is bit 0.
    weekdays: u8,
    /// Which of the weekdays of a month; 0 is all.
    place: i32,
    month_day: Option<u32>,
    month: Option<u32>,
    part: Option<PartOfDay>,
}

const WORKING: u8 = 31;
const NAMES: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

fn bit(weekday: Weekday) -> u8 {
    1 << weekday.num_days_from_monday()
}

impl Rule {
    fn every(unit: Unit, interval: u32) -> Self {
        let (unit, interval) = match unit {
            Unit::Fortnight => (Unit::Week, interval * 2),
            Unit::Quarter => (Unit::Month, interval * 3),
            unit => (unit, interval),
        };
        let weekdays = match unit {
            Unit::WorkingDay => WORKING,
            Unit::Weekend => 96,
            _ => 0,
        };
        Self {
            unit: if weekdays > 0 { Unit::Week } else { unit },
            interval,
            weekdays,
            place: 0,
            month_day: None,
            month: None,
            part: None,
        }
    }

    fn on(weekdays: u8) -> Self {
        Self {
            weekdays,
            ..Self::every(Unit::Week, 1)
        }
    }

    /// The rule as RFC 5545 writes it.
    fn text(self) -> String {
        let frequency = match self.unit {
            Unit::Second => "SECONDLY",
            Unit::Minute => "MINUTELY",
            Unit::Hour => "HOURLY",
            Unit::Week => "WEEKLY",
            Unit::Month => "MONTHLY",
            Unit::Year => "YEARLY",
            _ => "DAILY",
        };
        let mut text = format!("FREQ={frequency}");
        if self.interval > 1 {
            text.push_str(";INTERVAL=");
            text.push_str(&self.interval.to_string());
        }
        if let Some(month) = self.month {
            text.push_str(";BYMONTH=");
            text.push_str(&month.to_string());
        }
        if self.weekdays > 0 {
            let days: Vec<String> = (0u8..)
                .zip(NAMES)
                .filter(|(place, _)| self.weekdays & (1 << place) != 0)
                .map(|(_, name)| match self.place {
                    0 => name.to_owned(),
                    place => format!("{place}{name}"),
                })
                .collect();
            text.push_str(";BYDAY=");
            text.push_str(&days.join(","));
        }
        if let Some(day) = self.month_day {
            text.push_str(";BYMONTHDAY=");
            text.push_str(&day.to_string());
        }
        text
    }

    /// The first day of the rule, from a day on.
    fn first(self, from: NaiveDate) -> Option<NaiveDate> {
        let fits = |date: &NaiveDate| {
            let weekday = self.weekdays == 0 || self.weekdays & bit(date.weekday()) != 0;
            let place = || {
                let month = (date.with_day(1), month_end(date.year(), date.month()));
                match month {
                    (Some(first), Some(last)) => {
                        nth_weekday((first, last), date.weekday(), self.place) == Some(*date)
                    }
                    _ => false,
                }
            };
            let day = match self.month_day {
                None => true,
                Some(day) => date.day() == day,
            };
            weekday
                && self.month.is_none_or(|month| date.month() == month)
                && day
                && (self.place == 0 || place())
        };
        // Eight years and a bit: until the next 29 February.
        (0..3000).find_map(|days| from.checked_add_days(Count::new(days)).filter(fits))
    }
}

impl Reader<'_, '_> {
    /// What comes again: where its words end, and its readings.
    pub(super) fn again(&self, at: usize) -> Option<(usize, Vec<Reading>)> {
        self.again_at(at, None)
    }

    /// The same with the hour that stands before it.
    pub(super) fn again_at(
        &self,
        at: usize,
        before: Option<Hours>,
    ) -> Option<(usize, Vec<Reading>)> {
        let words = self.words;
        let reading = |value: Value| Reading {
            value,
            reason: Reason::Interval,
        };
        if let Some(end) = self.times_a(at) {
            return Some((end, vec![reading(Value::Again)]));
        }
        let (end, rule, or) = self
            .every(at)
            .or_else(|| self.of_every(at))
            .or_else(|| self.often(at))
            .or_else(|| self.plural(at))
            .or_else(|| self.one_in_two(at))?;
        // `every day at 9`, `weekly on Mondays at 10am`
        let skip = usize::from(matches!(words.get(end), "at" | "um" | "a"));
        let (end, hours) = match self.is_close(end).then(|| self.hours(end, true)).flatten() {
            Some((after, hours @ (Hours::At(_) | Hours::Part(_) | Hours::Span(..))))
                if skip > 0 || !hours.is_bare() =>
            {
                (after, Some(hours))
            }
            _ => (end, before),
        };
        let mut readings = vec![reading(self.first_of(rule, hours)?)];
        // `every day at 8` is in the morning or in the evening.
        if let Some(Hours::At(hour)) = hours
            && rule.part.is_none()
            && hour.times().is_some_and(|(_, other)| other.is_some())
        {
            let evening = Hours::At(hour.within(PartOfDay::Evening));
            readings.push(Reading {
                value: self.first_of(rule, Some(evening))?,
                reason: Reason::Half,
            });
        }
        match or {
            Or::Nothing => {}
            Or::Rule(rule) => readings.push(reading(self.first_of(rule, hours)?)),
            Or::Again => readings.push(reading(Value::Again)),
        }
        Some((end, readings))
    }

    /// The rule with the first time that it gives.
    fn first_of(&self, rule: Rule, hours: Option<Hours>) -> Option<Value> {
        let now = self.context.now;
        let text = rule.text();
        let date = rule.first(now.date())?;
        let first = match (hours, rule.part) {
            (Some(Hours::At(hour)), part) => {
                let hour = part.map_or(hour, |part| hour.within(part));
                let (time, _) = hour.times()?;
                let date = if date.and_time(time) < now {
                    rule.first(now.date().succ_opt()?)?
                } else {
                    date
                };
                Value::DateTime(date.and_time(time), None)
            }
            (Some(hours @ Hours::Span(..)), _) => {
                let when = When {
                    hours: Some(hours),
                    ..When::on(Days::day(date))
                };
                self.readings(when).into_iter().next()?.value
            }
            (Some(Hours::Part(part)), _) | (None, Some(part)) => {
                let over = part == PartOfDay::Morning
                    && date == now.date()
                    && now.time() > chrono::NaiveTime::from_hms_opt(9, 0, 0)?;
                Value::Part(
                    if over {
                        rule.first(now.date().succ_opt()?)?
                    } else {
                        date
                    },
                    part,
                )
            }
            _ if matches!(rule.unit, Unit::Second | Unit::Minute | Unit::Hour) => {
                Value::DateTime(now, None)
            }
            _ => Value::Date(date),
        };
        Some(Value::Recurrence(text, Box::new(first)))
    }

    /// `twice a week`, `three times a month`, `dreimal pro Woche`
    fn times_a(&self, at: usize) -> Option<usize> {
        let words = self.words;
        let end = match words.get(at) {
            "twice" | "thrice" | "zweimal" | "dreimal" | "viermal" => at + 1,
            _ => {
                let (end, number) = count(words, at)?;
                (number > 1 && matches!(words.get(end), "times" | "mal" | "fois" | "veces"))
                    .then_some(end + 1)?
            }
        };
        let end = matches!(
            words.get(end),
            "a" | "per" | "every" | "each" | "pro" | "par" | "por" | "in" | "im" | "al"
        )
        .then_some(end + 1)?;
        let end = end + usize::from(matches!(words.get(end), "la" | "der"));
        let (length, _) = UNITS.longest_at(words, end)?;
        Some(end + length)
    }

    /// `every day`, `every other Tuesday`, `alle zwei Wochen`, `tous les mardis`
    fn every(&self, at: usize) -> Option<(usize, Rule, Or)> {
        let words = self.words;
        let (length, ()) = EVERY.longest_at(words, at)?;
        let place = at + length;
        let mut interval = 1;
        let mut end = place;
        let mut or = None;
        if matches!(
            words.get(place),
            "other" | "alternate" | "andere" | "anderen"
        ) {
            interval = 2;
            end = place + 1;
        } else if let Some((after, number)) =
            count(words, place).filter(|_| !matches!(words.get(place), "a" | "an"))
        {
            interval = number;
            end = after;
        } else if let Some((after, number)) = self.ordinal(place) {
            // `every first Monday of the month`, `every last Friday`
            if let Some((named, weekday)) = self.weekday_name(after) {
                let monthly = Rule {
                    place: number,
                    ..Rule {
                        weekdays: bit(weekday),
                        ..Rule::every(Unit::Month, 1)
                    }
                };
                if let Some(after) = self.of_month(named) {
                    return Some((after, monthly, Or::Nothing));
                }
                if number == 1 || number == -1 {
                    return Some((named, monthly, Or::Nothing));
                }
                or = Some(monthly);
            }
            if number < 2 {
                return self.month_day_of(after, number).filter(|_| number == 1);
            }
            interval = u32::try_from(number).ok()?;
            end = after;
            // `every 15th of the month`, `every 15th`
            if or.is_none()
                && UNITS.longest_at(words, after).is_none()
                && let Some(found) = self.month_day_of(after, number)
            {
                return Some(found);
            }
        }
        if interval == 0 {
            return None;
        }
        // `every Monday and Wednesday`
        if let Some((after, weekdays)) = self.weekday_list(end) {
            let rule = Rule {
                interval,
                ..Rule::on(weekdays)
            };
            return Some((after, rule, or.map_or(Or::Nothing, Or::Rule)));
        }
        if let Some((length, weekdays)) = PLURALS.longest_at(words, end) {
            let rule = Rule {
                interval,
                ..Rule::on(weekdays)
            };
            return Some((end + length, rule, Or::Nothing));
        }
        if matches!(words.get(end), "weekday" | "wochentag") {
            let rule = Rule {
                interval,
                ..Rule::on(WORKING)
            };
            return Some((end + 1, rule, Or::Nothing));
        }
        if let Some((length, unit)) = UNITS.longest_at(words, end) {
            let (after, rule) = self.refined(end + length, Rule::every(unit, interval));
            return (!is_before_noun(words, after)).then_some((after, rule, Or::Nothing));
        }
        // `every morning`, `jeden Morgen`
        let part = match (words.get(end), PARTS_OF_DAY.longest_at(words, end)) {
            ("morgen" | "manana", _) => Some((1, PartOfDay::Morning)),
            (_, Some((length, (part, false)))) => Some((length, part)),
            _ => None,
        };
        if let Some((length, part)) = part {
            let rule = Rule {
                part: Some(part),
                ..Rule::every(Unit::Day, interval)
            };
            return Some((end + length, rule, Or::Nothing));
        }
        // `every March 3`, `every Christmas` are each year's.
        let (after, days) = self.days(end, true)?;
        let named = month(words.get(self.articles(end))).is_some() || !days.loose;
        (named && days.first == days.last && interval == 1 && !days.weekday).then(|| {
            let rule = Rule {
                month: Some(days.first.month()),
                month_day: Some(days.first.day()),
                ..Rule::every(Unit::Year, 1)
            };
            (after, rule, Or::Nothing)
        })
    }

    /// `of the month`, `of every month`, `im Monat`: where it ends.
    fn of_month(&self, at: usize) -> Option<usize> {
        let words = self.words;
        let place = if let Some((length, ())) = EVERY.longest_at(words, at) {
            at + length
        } else {
            {
                let of = matches!(
                    words.get(at),
                    "of" | "in" | "im" | "des" | "du" | "del" | "de"
                );
                let place = self.articles(at + usize::from(of));
                if !of {
                    return None;
                }
                place + usize::from(matches!(words.get(place), "each" | "every"))
            }
        };
        match UNITS.longest_at(words, place) {
            Some((length, Unit::Month)) => Some(place + length),
            _ => None,
        }
    }

    fn month_day_of(&self, at: usize, number: i32) -> Option<(usize, Rule, Or)> {
        let day = u32::try_from(number)
            .ok()
            .filter(|day| (1..=31).contains(day))?;
        let end = self
            .of_month(at)
            .or_else(|| ends_clause(self.words, at).then_some(at))?;
        let rule = Rule {
            month_day: Some(day),
            ..Rule::every(Unit::Month, 1)
        };
        Some((end, rule, Or::Nothing))
    }

    /// `the last Friday of every month`, `on the 15th of each month`
    fn of_every(&self, at: usize) -> Option<(usize, Rule, Or)> {
        let words = self.words;
        let start = self.articles(at);
        let (end, place) = self.ordinal(start)?;
        let every = |at: usize| {
            let of = usize::from(matches!(words.get(at), "of" | "in" | "de"));
            EVERY
                .longest_at(words, at + of)
                .or_else(|| EVERY.longest_at(words, at))
                .and_then(|_| self.of_month(at).or_else(|| self.of_month(at + of)))
        };
        if let Some((named, weekday)) = self.weekday_name(end) {
            let after = every(named)?;
            let rule = Rule {
                place,
                weekdays: bit(weekday),
                ..Rule::every(Unit::Month, 1)
            };
            return Some((after, rule, Or::Nothing));
        }
        let after = every(end)?;
        let day = u32::try_from(place)
            .ok()
            .filter(|day| (1..=31).contains(day))?;
        let rule = Rule {
            month_day: Some(day),
            ..Rule::every(Unit::Month, 1)
        };
        Some((after, rule, Or::Nothing))
    }

    /// Weekdays joined by commas and `and`: where they end, and which.
    fn weekday_list(&self, at: usize) -> Option<(usize, u8)> {
        let words = self.words;
        let named = |at: usize| {
            self.weekday_name(at)
                .map(|(end, weekday)| (end, bit(weekday)))
                .or_else(|| {
                    let (length, days) = PLURALS.longest_at(words, at)?;
                    Some((at + length, days))
                })
        };
        let (mut end, mut days) = named(at)?;
        // A week has seven.
        for _ in 0..6 {
            let and = usize::from(matches!(words.get(end), "and" | "und" | "et" | "y"));
            if and == 0 && !matches!(words.gap_after(end - 1).trim(), "," | "/" | "&") {
                break;
            }
            let Some((after, more)) = named(end + and) else {
                break;
            };
            (end, days) = (after, days | more);
        }
        Some((end, days))
    }

    /// `weekly on Mondays`, `monthly on the 15th`, `every year on June 1`: what stands behind a rule.
    fn refined(&self, at: usize, rule: Rule) -> (usize, Rule) {
        let words = self.words;
        let on = matches!(
            words.get(at),
            "on" | "am" | "le" | "el" | "les" | "los" | "jeweils"
        );
        let place = self.articles(at + usize::from(on));
        if !on {
            return (at, rule);
        }
        match rule.unit {
            Unit::Week => match self.weekday_list(place) {
                Some((end, weekdays)) => (end, Rule { weekdays, ..rule }),
                None => (at, rule),
            },
            Unit::Month => match self.ordinal(place) {
                Some((end, number)) => {
                    if let Some((end, weekday)) = self.weekday_name(end) {
                        return (
                            end,
                            Rule {
                                place: number,
                                weekdays: bit(weekday),
                                ..rule
                            },
                        );
                    }
                    match u32::try_from(number) {
                        Ok(day) if day <= 31 && !is_before_noun(words, end) => (
                            end,
                            Rule {
                                month_day: Some(day),
                                ..rule
                            },
                        ),
                        _ => (at, rule),
                    }
                }
                None => (at, rule),
            },
            Unit::Year => match self.days(place, true) {
                Some((end, days)) if days.first == days.last && !days.loose => (
                    end,
                    Rule {
                        month: Some(days.first.month()),
                        month_day: Some(days.first.day()),
                        ..rule
                    },
                ),
                _ => (at, rule),
            },
            _ => (at, rule),
        }
    }

    /// `daily`, `weekly on Mondays`, `biweekly`
    fn often(&self, at: usize) -> Option<(usize, Rule, Or)> {
        let words = self.words;
        let (length, (unit, interval)) = OFTEN.longest_at(words, at)?;
        let (end, rule) = self.refined(at + length, Rule::every(unit, interval));
        let is_time = || {
            self.hours(end, false).is_some()
                || PARTS
                    .longest_at(words, end)
                    .is_some_and(|(_, part)| part == Part::At)
        };
        // `my daily business`
        if is_before_noun(words, end) && !is_time() {
            return None;
        }
        let twice = interval == 2 && matches!(unit, Unit::Week | Unit::Month);
        Some((end, rule, if twice { Or::Again } else { Or::Nothing }))
    }

    /// `on Mondays`, `montags`, `on weekdays`
    fn plural(&self, at: usize) -> Option<(usize, Rule, Or)> {
        PLURALS.longest_at(self.words, at)?;
        let (end, weekdays) = self.weekday_list(at)?;
        Some((end, Rule::on(weekdays), Or::Nothing))
    }

    /// `un mardi sur deux`
    fn one_in_two(&self, at: usize) -> Option<(usize, Rule, Or)> {
        let words = self.words;
        if !matches!(words.get(at), "un" | "une") {
            return None;
        }
        let (end, rule) = if let Some((end, weekday)) = self.weekday_name(at + 1) {
            (end, Rule::on(bit(weekday)))
        } else {
            let (length, unit) = UNITS.longest_at(words, at + 1)?;
            (at + 1 + length, Rule::every(unit, 1))
        };
        if words.get(end) == "si" && words.get(end + 1) == "y" && words.get(end + 2) == "otro" {
            return Some((
                end + 4,
                Rule {
                    interval: 2,
                    ..rule
                },
                Or::Nothing,
            ));
        }
        if words.get(end) != "sur" {
            return None;
        }
        let (end, interval) = count(words, end + 1)?;
        (interval > 1).then_some((end, Rule { interval, ..rule }, Or::Nothing))
    }
}

/// What else a rule can mean.
#[derive(Debug, Clone, Copy)]
enum Or {
    Nothing,
    Rule(Rule),
    Again,
}
