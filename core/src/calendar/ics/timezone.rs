//! A zone of the IANA database as a `VTIMEZONE` (RFC 5545, 3.6.5), true for a stretch of time.
//!
//! Where the zone follows yearly rules to the end of the stretch and some years beyond, they are
//! written as rules without an end; every other onset is written by its date. So a reader that
//! knows nothing of the zone has the same offsets over the stretch, and where there are rules, also
//! behind it.

use chrono::{DateTime, TimeZone};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

use super::text::write_line;
use super::value::push_civil;
use crate::calendar::civil::{self, CivilSeconds};
use crate::calendar::interval::Interval;
use crate::calendar::zone::{Offsets, offset_ms};

/// How many years behind the stretch are looked at: a rule has to hold for that long.
const YEARS_AHEAD: i32 = 12;

/// How many years make a rule.
const MIN_YEARS: usize = 4;

/// How many years the offsets are asked for at once.
const YEARS_AT_ONCE: i32 = 35;

/// The first year that is looked at: the database knows no change before 1835.
const FIRST_YEAR: i32 = 1830;

/// The last year that the database has all of its changes of.
const LAST_YEAR: i32 = 2099;

/// An onset: when, and the offsets before and after, all in milliseconds.
#[derive(Debug, Clone, Copy)]
struct Change {
    at: i64,
    from: i64,
    to: i64,
}

impl Change {
    /// What the wall shows, by the offset before.
    fn wall(self) -> CivilSeconds {
        (self.at + self.from) / 1000
    }
}

/// Which days of a month a rule chooses from, of one weekday.
#[derive(Debug, Clone, Copy)]
enum Days {
    /// The last.
    Last,
    /// The first, the second and so on.
    Nth(u32),
    /// The one among seven days from this one on.
    From(u32),
}

/// One `STANDARD` or `DAYLIGHT`.
struct Observance {
    first: Change,
    others: Vec<Change>,
    days: Option<Days>,
}

/// Writes a zone.
pub(super) fn write_timezone(out: &mut String, zone: Tz, stretch: Interval) {
    write_line(out, "BEGIN:VTIMEZONE");
    write_line(out, &format!("TZID:{}", zone.name()));
    for observance in observances(zone, stretch) {
        observance.write(out, zone);
    }
    write_line(out, "END:VTIMEZONE");
}

fn instant_of_year(year: i32) -> i64 {
    civil::midnight(civil::day(year, 1, 1)) * 1000
}

fn year_of(instant: i64) -> i32 {
    civil::year_month_day(civil::day_of(instant.div_euclid(1000))).0
}

/// The changes of a zone in some years, the last of them included.
fn changes(zone: Tz, years: std::ops::RangeInclusive<i32>) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let mut offset = offset_ms(zone, instant_of_year(*years.start()));
    let mut start = instant_of_year(*years.start());
    let end = instant_of_year(*years.end() + 1);
    while start < end {
        let until = instant_of_year(year_of(start) + YEARS_AT_ONCE).min(end);
        let stretch = Interval { start, end: until };
        for (at, to) in Offsets::over(zone, stretch).changes() {
            if stretch.contains(at) && to != offset {
                changes.push(Change {
                    at,
                    from: offset,
                    to,
                });
                offset = to;
            }
        }
        start = until;
    }
    changes
}

fn observances(zone: Tz, stretch: Interval) -> Vec<Observance> {
    // A zone without changes is written from 1970 on, or from before its first event.
    let first_year = year_of(stretch.start).clamp(1, 1970);
    let last_year = year_of(stretch.end)
        .saturating_add(YEARS_AHEAD)
        .clamp(1970, LAST_YEAR);
    let mut changes = changes(zone, first_year.max(FIRST_YEAR)..=last_year);
    // From the one on that holds at the beginning.
    let before = changes.partition_point(|change| change.at <= stretch.start);
    if before == 0 {
        let offset = offset_ms(zone, stretch.start);
        let at = instant_of_year(first_year) - offset;
        changes.insert(
            0,
            Change {
                at,
                from: offset,
                to: offset,
            },
        );
    } else {
        changes.drain(..before - 1);
    }

    let mut observances: Vec<Observance> = Vec::new();
    let mut dated = rules(&changes, last_year, &mut observances);
    dated.sort_unstable_by_key(|change| (change.from, change.to, change.at));
    for group in dated.chunk_by(|one, other| (one.from, one.to) == (other.from, other.to)) {
        // One that is daylight time in one year may be standard time in another.
        let (daylight, standard): (Vec<Change>, Vec<Change>) =
            group.iter().partition(|change| is_daylight(zone, **change));
        for changes in [daylight, standard] {
            if let Some((first, others)) = changes.split_first() {
                observances.push(Observance {
                    first: *first,
                    others: others.to_vec(),
                    days: None,
                });
            }
        }
    }
    observances.sort_by_key(|observance| observance.first.at);
    observances
}

/// Finds the yearly rules; gives back the changes that follow none. All rules that hold at the end
/// are found, or none is used: one alone would never be ended.
fn rules(changes: &[Change], last_year: i32, out: &mut Vec<Observance>) -> Vec<Change> {
    let mut left = changes.to_vec();
    let mut found = Vec::new();
    loop {
        let at_end = left
            .iter()
            .rposition(|change| year_of(change.wall() * 1000) >= last_year);
        let Some(last) = at_end else { break };
        let Some((rule, members)) = rule_of(&left, last) else {
            return changes.to_vec();
        };
        left.retain(|change| !members.contains(&change.at));
        found.push(rule);
    }
    out.append(&mut found);
    left
}

/// The rule that ends with a change, and the instants of its changes.
fn rule_of(changes: &[Change], last: usize) -> Option<(Observance, Vec<i64>)> {
    let end = Onset::of(*changes.get(last)?);
    // The latest first.
    let alike: Vec<Onset> = changes
        .iter()
        .rev()
        .map(|change| Onset::of(*change))
        .filter(|one| one.is_like(end))
        .collect();
    let recent = alike.iter().take(MIN_YEARS * 3).map(|one| one.day);
    let first_day = recent.min()?.min(civil::days_in_month(2025, end.month) - 6);
    let (mut days, mut length) = (Days::Last, 0);
    for shape in [
        Days::Last,
        Days::Nth((end.day - 1) / 7 + 1),
        Days::From(first_day),
    ] {
        let years = (0..).map(|back| end.year - back);
        let fits = alike
            .iter()
            .zip(years)
            .take_while(|(one, year)| one.year == *year && shape.has(**one))
            .count();
        if fits > length {
            (days, length) = (shape, fits);
        }
    }
    if length < MIN_YEARS {
        return None;
    }
    let members = alike.get(..length)?;
    let rule = Observance {
        first: members.last()?.change,
        others: Vec::new(),
        days: Some(days),
    };
    Some((rule, members.iter().map(|one| one.change.at).collect()))
}

/// A change, and when it is on the wall.
#[derive(Clone, Copy)]
struct Onset {
    change: Change,
    year: i32,
    month: u32,
    day: u32,
    weekday: u32,
    second: i64,
}

impl Onset {
    fn of(change: Change) -> Self {
        let wall = change.wall();
        let number = civil::day_of(wall);
        let (year, month, day) = civil::year_month_day(number);
        Self {
            change,
            year,
            month,
            day,
            weekday: civil::weekday(number),
            second: civil::second_of_day(wall),
        }
    }

    /// Whether one rule could have both.
    fn is_like(self, other: Self) -> bool {
        let key = |one: Self| {
            let Change { from, to, .. } = one.change;
            (from, to, one.month, one.weekday, one.second)
        };
        key(self) == key(other)
    }
}

impl Days {
    fn has(self, onset: Onset) -> bool {
        match self {
            Self::Last => onset.day + 7 > civil::days_in_month(onset.year, onset.month),
            Self::Nth(number) => (onset.day - 1) / 7 + 1 == number,
            Self::From(first) => (first..first + 7).contains(&onset.day),
        }
    }
}

fn is_daylight(zone: Tz, change: Change) -> bool {
    let has_dst = |at| {
        let moment = DateTime::from_timestamp_millis(at).unwrap_or_default();
        let offset = zone.offset_from_utc_datetime(&moment.naive_utc());
        !offset.dst_offset().is_zero()
    };
    change.to > change.from && (has_dst(change.at) || has_dst(change.at - 1))
        || (change.to == change.from && has_dst(change.at))
}

fn offset_text(offset_ms: i64) -> String {
    let seconds = (offset_ms / 1000).unsigned_abs();
    let sign = if offset_ms < 0 { '-' } else { '+' };
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if seconds == 0 {
        format!("{sign}{hours:02}{minutes:02}")
    } else {
        format!("{sign}{hours:02}{minutes:02}{seconds:02}")
    }
}

fn local_text(change: Change) -> String {
    let mut text = String::new();
    push_civil(&mut text, civil::to_date_time(change.wall()));
    text
}

impl Observance {
    fn write(&self, out: &mut String, zone: Tz) {
        const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
        let first = self.first;
        let kind = if is_daylight(zone, first) {
            "DAYLIGHT"
        } else {
            "STANDARD"
        };
        write_line(out, &format!("BEGIN:{kind}"));
        write_line(out, &format!("DTSTART:{}", local_text(first)));
        write_line(out, &format!("TZOFFSETFROM:{}", offset_text(first.from)));
        write_line(out, &format!("TZOFFSETTO:{}", offset_text(first.to)));
        let moment = DateTime::from_timestamp_millis(first.at).unwrap_or_default();
        let offset = zone.offset_from_utc_datetime(&moment.naive_utc());
        if let Some(name) = offset.abbreviation() {
            write_line(out, &format!("TZNAME:{name}"));
        }
        if !self.others.is_empty() {
            let dates: Vec<String> = self.others.iter().copied().map(local_text).collect();
            write_line(out, &format!("RDATE:{}", dates.join(",")));
        }
        if let Some(days) = self.days {
            let day = civil::day_of(first.wall());
            let month = civil::year_month_day(day).1;
            let weekday = usize::try_from(civil::weekday(day)).unwrap_or_default();
            let weekday = WEEKDAYS.get(weekday).unwrap_or(&"SU");
            let rule = match days {
                Days::Last => format!("BYMONTH={month};BYDAY=-1{weekday}"),
                Days::Nth(number) => format!("BYMONTH={month};BYDAY={number}{weekday}"),
                Days::From(first) => {
                    let days: Vec<String> = (first..first + 7).map(|day| day.to_string()).collect();
                    format!(
                        "BYMONTH={month};BYMONTHDAY={};BYDAY={weekday}",
                        days.join(",")
                    )
                }
            };
            write_line(out, &format!("RRULE:FREQ=YEARLY;{rule}"));
        }
        write_line(out, &format!("END:{kind}"));
    }
}
