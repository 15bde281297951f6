//! The text of a rule (RFC 5545, 3.3.10): read into its parts, checked, and written again in one
//! canonical form.
//!
//! Names and values are read in any case. A semicolon at the end is passed over, as are `X-` parts
//! (RFC 2445 allowed them). RSCALE and SKIP (RFC 7529) may say what holds anyway: the Gregorian
//! calendar, and that dates which don't exist are left out.

use std::fmt::Write;

use chrono_tz::Tz;

use super::cursor::{End, end_of_count};
use super::dates::{Form, seconds_of, wall_of};
use super::line::Fault;
use super::rule::{Bound, Frequency, NumberedDay, Rule};
use super::{LAST_CIVIL, MOST_VALUES, Start};
use crate::calendar::civil::{DAY_SECONDS, day_of, midnight};

/// The names of weekdays, Monday first.
const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// The parts that a rule may have.
const PARTS: [&str; 16] = [
    "FREQ",
    "UNTIL",
    "COUNT",
    "INTERVAL",
    "BYSECOND",
    "BYMINUTE",
    "BYHOUR",
    "BYDAY",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYMONTH",
    "BYSETPOS",
    "WKST",
    "RSCALE",
    "SKIP",
];

fn out_of_range(part: &str, value: &str) -> Fault {
    Fault::new("out_of_range", format!("{part} can't be {}", shown(value)))
}

fn invalid(part: &str, value: &str) -> Fault {
    Fault::new(
        "invalid_value",
        format!("{part} can't be read: {}", shown(value)),
    )
}

fn conflict(message: &str) -> Fault {
    Fault::new("conflicting_parts", message.to_owned())
}

/// As much of what was sent as a message should repeat.
pub(super) fn shown(text: &str) -> String {
    let start: String = text.chars().take(40).collect();
    format!("{start:?}")
}

/// The weekday of a name; 0 is Monday.
fn weekday(name: &str) -> Option<u32> {
    let place = WEEKDAYS
        .iter()
        .position(|one| name.eq_ignore_ascii_case(one))?;
    u32::try_from(place).ok()
}

/// The number of digits behind a sign.
fn number(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let only_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    only_digits.then(|| text.parse().ok()).flatten()
}

/// The numbers of a list, each from 1 (or, where none is negative, from `low`) to `high`.
fn numbers(part: &str, value: &str, low: i32, high: i32, signed: bool) -> Result<Vec<i32>, Fault> {
    let mut found = Vec::new();
    for text in value.split(',') {
        let number = number(text).ok_or_else(|| invalid(part, text))?;
        let fits = (low..=high).contains(&number)
            || (signed && (low..=high).contains(&number.saturating_neg()));
        if !fits || (!signed && text.starts_with(['+', '-'])) {
            return Err(out_of_range(part, text));
        }
        found.push(number);
        if found.len() > MOST_VALUES {
            return Err(Fault::new(
                "too_many_values",
                format!("{part} has more than {MOST_VALUES} values"),
            ));
        }
    }
    Ok(found)
}

/// A set of those numbers that are not negative, the lowest bit being `low`.
fn ahead(numbers: &[i32], low: i32) -> u64 {
    numbers
        .iter()
        .filter_map(|number| u32::try_from(number - low).ok())
        .fold(0, |bits, place| bits | 1 << place)
}

/// A set of those that are negative, the lowest bit being -1.
fn behind(numbers: &[i32]) -> u64 {
    numbers
        .iter()
        .filter_map(|number| u32::try_from(-1 - number).ok())
        .fold(0, |bits, place| bits | 1 << place)
}

/// A list in its order, none twice.
fn sorted(numbers: &[i32]) -> Vec<i16> {
    let mut sorted: Vec<i16> = numbers
        .iter()
        .filter_map(|number| i16::try_from(*number).ok())
        .collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
}

impl Rule {
    /// Reads a rule for a series with a certain start.
    pub(super) fn parse(text: &str, start: Start) -> Result<Self, Vec<Fault>> {
        let mut rule = Self::new(Frequency::Yearly);
        let mut faults = Vec::new();
        let mut seen = 0_u32;
        let text = text.strip_suffix(';').unwrap_or(text);
        for part in text.split(';') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            if name
                .get(..2)
                .is_some_and(|start| start.eq_ignore_ascii_case("X-"))
            {
                continue;
            }
            let Some(place) = PARTS.iter().position(|one| name.eq_ignore_ascii_case(one)) else {
                faults.push(Fault::new(
                    "unknown_part",
                    format!("a rule has no part {}", shown(name)),
                ));
                // Nobody is helped by a thousand of them.
                break;
            };
            let name = PARTS.get(place).copied().unwrap_or_default();
            if seen >> place & 1 == 1 {
                faults.push(Fault::new(
                    "repeated_part",
                    format!("{name} is there twice"),
                ));
                break;
            }
            if name == "UNTIL" && seen & 0b100 != 0 || name == "COUNT" && seen & 0b10 != 0 {
                faults.push(conflict("COUNT and UNTIL can't both be there"));
            }
            seen |= 1 << place;
            if let Err(fault) = rule.read(name, value, start) {
                faults.push(fault);
            }
        }
        if seen & 1 == 0 {
            faults.push(Fault::new(
                "missing_frequency",
                "FREQ is missing".to_owned(),
            ));
        }
        if start.zone().is_none() {
            (rule.hours, rule.minutes, rule.seconds) = (0, 0, 0);
        }
        if faults.is_empty() {
            faults = rule.conflicts(start);
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        rule.find_last(start).map_err(|fault| vec![fault])?;
        Ok(rule)
    }

    fn read(&mut self, name: &'static str, value: &str, start: Start) -> Result<(), Fault> {
        let list = |low, high, signed| numbers(name, value, low, high, signed);
        match name {
            "FREQ" => {
                self.frequency = Frequency::NAMES
                    .iter()
                    .find(|(name, _)| value.eq_ignore_ascii_case(name))
                    .map(|(_, frequency)| *frequency)
                    .ok_or_else(|| invalid(name, value))?;
            }
            "INTERVAL" => self.interval = positive(name, value)?,
            "COUNT" => self.bound = Bound::Count(positive(name, value)?),
            "UNTIL" => {
                let form = Form::parse_until(value).ok_or_else(|| invalid(name, value))?;
                self.bound = Bound::Until(until(form, start.zone()));
            }
            "WKST" => self.week_start = weekday(value).ok_or_else(|| invalid(name, value))?,
            "BYSECOND" => {
                self.seconds = ahead(&list(0, 60, false)?, 0);
                // Who knows no leap seconds reads 60 as 59 (RFC 5545, 3.3.12).
                self.seconds = self.seconds & ((1 << 60) - 1) | self.seconds >> 60 << 59;
            }
            "BYMINUTE" => self.minutes = ahead(&list(0, 59, false)?, 0),
            "BYHOUR" => self.hours = ahead(&list(0, 23, false)?, 0),
            "BYDAY" => self.read_days(name, value)?,
            "BYMONTHDAY" => {
                let list = list(1, 31, true)?;
                (self.month_days, self.month_days_back) = (ahead(&list, 1), behind(&list));
            }
            "BYYEARDAY" => self.year_days = sorted(&list(1, 366, true)?),
            "BYWEEKNO" => {
                let list = list(1, 53, true)?;
                (self.weeks, self.weeks_back) = (ahead(&list, 1), behind(&list));
            }
            "BYMONTH" => self.months = ahead(&list(1, 12, false)?, 1),
            "BYSETPOS" => self.places = sorted(&list(1, 366, true)?),
            "RSCALE" if value.eq_ignore_ascii_case("GREGORIAN") => {}
            "SKIP" if value.eq_ignore_ascii_case("OMIT") => {}
            _ => {
                return Err(Fault::new(
                    "unsupported_calendar",
                    format!("{name} can't be {} here", shown(value)),
                ));
            }
        }
        Ok(())
    }

    fn read_days(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        for (index, text) in value.split(',').enumerate() {
            if index == MOST_VALUES {
                return Err(Fault::new(
                    "too_many_values",
                    format!("{name} has more than {MOST_VALUES} values"),
                ));
            }
            let split = text
                .len()
                .checked_sub(2)
                .and_then(|at| text.split_at_checked(at));
            let (count, day) = split.ok_or_else(|| invalid(name, text))?;
            let weekday = weekday(day).ok_or_else(|| invalid(name, text))?;
            if count.is_empty() {
                self.weekdays |= 1 << weekday;
                continue;
            }
            let number = number(count).ok_or_else(|| invalid(name, text))?;
            if number == 0 || !(-53..=53).contains(&number) {
                return Err(out_of_range(name, text));
            }
            self.numbered_days.push(NumberedDay { number, weekday });
        }
        self.numbered_days.sort_unstable();
        self.numbered_days.dedup();
        Ok(())
    }

    /// What may not stand together (RFC 5545, 3.3.10).
    fn conflicts(&self, start: Start) -> Vec<Fault> {
        let frequency = self.frequency;
        let coarse = frequency <= Frequency::Monthly;
        let has_others =
            self.has_days() || self.months != 0 || self.hours | self.minutes | self.seconds != 0;
        [
            (
                start.zone().is_none() && frequency > Frequency::Daily,
                "a series of days can't repeat within a day",
            ),
            (
                self.has_weeks() && frequency != Frequency::Yearly,
                "BYWEEKNO is for YEARLY only",
            ),
            (
                !self.year_days.is_empty()
                    && (Frequency::Monthly..=Frequency::Daily).contains(&frequency),
                "BYYEARDAY is not for MONTHLY, WEEKLY and DAILY",
            ),
            (
                self.has_month_days() && frequency == Frequency::Weekly,
                "BYMONTHDAY is not for WEEKLY",
            ),
            (
                !self.numbered_days.is_empty() && !coarse,
                "BYDAY has numbers only with MONTHLY and YEARLY",
            ),
            (
                !self.numbered_days.is_empty() && self.has_weeks(),
                "BYDAY has no numbers beside BYWEEKNO",
            ),
            (
                !self.places.is_empty() && !has_others,
                "BYSETPOS needs another BY part",
            ),
        ]
        .iter()
        .filter(|(is_so, _)| *is_so)
        .map(|(_, message)| conflict(message))
        .collect()
    }

    /// Finds out what follows from the bound: behind which civil time nothing is.
    pub(super) fn find_last(&mut self, start: Start) -> Result<(), Fault> {
        self.last = LAST_CIVIL;
        self.last = match (self.bound, start.zone()) {
            (Bound::Never, _) => LAST_CIVIL,
            (Bound::Until(midnight), None) => midnight,
            // A day more than the wall shows then: the exact end is an instant, and where clocks
            // change, walls show more than once or never what belongs to the instants before it.
            (Bound::Until(seconds), Some(zone)) => wall_of(seconds, zone) + DAY_SECONDS,
            (Bound::Count(count), _) => match end_of_count(self, start.civil(), count) {
                End::At(civil) => civil,
                End::Beyond => LAST_CIVIL,
                End::Uncounted => {
                    return Err(Fault::new(
                        "count_too_large",
                        format!("COUNT={count} is further away than is counted; use UNTIL"),
                    ));
                }
            },
        };
        Ok(())
    }

    /// Appends the canonical text.
    pub(super) fn write(&self, is_of_days: bool, text: &mut String) {
        let frequency = Frequency::NAMES
            .iter()
            .find(|(_, frequency)| *frequency == self.frequency);
        let _ = write!(text, "FREQ={}", frequency.map_or("", |(name, _)| name));
        match self.bound {
            Bound::Never => {}
            Bound::Count(count) => {
                let _ = write!(text, ";COUNT={count}");
            }
            Bound::Until(until) => {
                text.push_str(";UNTIL=");
                let form = Form::Utc(until);
                let form = if is_of_days {
                    Form::Day(form.day())
                } else {
                    form
                };
                form.write(text);
            }
        }
        if self.interval != 1 {
            let _ = write!(text, ";INTERVAL={}", self.interval);
        }
        let days = (0_u32..).zip(WEEKDAYS);
        let days = days.filter(|(place, _)| self.weekdays >> place & 1 == 1);
        let days = days.map(|(_, name)| name.to_owned());
        let numbered = self.numbered_days.iter().map(|day| {
            let name = WEEKDAYS.get(day.weekday as usize).copied();
            format!("{}{}", day.number, name.unwrap_or_default())
        });
        let days = days.chain(numbered).collect();
        let wide = |list: &[i16]| list.iter().copied().map(i32::from).collect::<Vec<_>>();
        for (name, values) in [
            ("BYSECOND", texts(&listed(self.seconds, 0, 0))),
            ("BYMINUTE", texts(&listed(self.minutes, 0, 0))),
            ("BYHOUR", texts(&listed(self.hours, 0, 0))),
            ("BYDAY", days),
            (
                "BYMONTHDAY",
                texts(&listed(self.month_days, 1, self.month_days_back)),
            ),
            ("BYYEARDAY", texts(&wide(&self.year_days))),
            ("BYWEEKNO", texts(&listed(self.weeks, 1, self.weeks_back))),
            ("BYMONTH", texts(&listed(self.months, 1, 0))),
            ("BYSETPOS", texts(&wide(&self.places))),
        ] {
            if !values.is_empty() {
                let _ = write!(text, ";{name}={}", values.join(","));
            }
        }
        if self.week_start != 0 {
            let name = WEEKDAYS.get(self.week_start as usize).copied();
            let _ = write!(text, ";WKST={}", name.unwrap_or_default());
        }
    }
}

/// The numbers of a set: those from `low` on, and those counted from the end.
fn listed(ahead: u64, low: i32, behind: u64) -> Vec<i32> {
    let places = || 0_i32..64;
    let from_end = places().rev().filter(|place| behind >> place & 1 == 1);
    let from_start = places().filter(|place| ahead >> place & 1 == 1);
    from_end
        .map(|place| -1 - place)
        .chain(from_start.map(|place| low + place))
        .collect()
}

fn texts(numbers: &[i32]) -> Vec<String> {
    numbers.iter().map(i32::to_string).collect()
}

/// A number of INTERVAL and COUNT.
fn positive(name: &str, value: &str) -> Result<u32, Fault> {
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid(name, value));
    }
    match value.parse() {
        Ok(0) | Err(_) => Err(out_of_range(name, value)),
        Ok(number) => Ok(number),
    }
}

/// What UNTIL means in a series: the head of the module [`super`] has the rule. What is beyond the
/// years that are computed with is the end of them.
fn until(form: Form, zone: Option<Tz>) -> i64 {
    let is_beyond = form.day() > day_of(LAST_CIVIL);
    let until = match (form, zone) {
        (_, None) => return midnight(form.day()).min(midnight(day_of(LAST_CIVIL))),
        (_, Some(_)) if is_beyond => LAST_CIVIL,
        (Form::Day(day), Some(zone)) => seconds_of(midnight(day) + DAY_SECONDS - 1, zone),
        (Form::Wall(civil), Some(zone)) => seconds_of(civil, zone),
        (Form::Utc(seconds), Some(_)) => seconds,
    };
    until.min(LAST_CIVIL)
}
