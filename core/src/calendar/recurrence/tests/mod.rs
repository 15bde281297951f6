//! Tests of recurrence, by what they hold it against.

mod clocks;
mod hostile;
mod plain;
mod properties;
mod refusals;
mod rfc;

use chrono_tz::Tz;

use super::dates::Form;
use super::{Last, Length, Occurrence, Recurrence, Series, Start};
use crate::calendar::civil::CivilSeconds;
use crate::calendar::interval::Interval;
use crate::time::parse_zone;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn zone(name: &str) -> Tz {
    parse_zone(name).expect("a zone")
}

/// A civil time as RFC 5545 writes it; a day is its midnight.
fn civil(text: &str) -> CivilSeconds {
    match Form::parse(text).expect("a date") {
        Form::Day(day) => super::midnight(day),
        Form::Wall(civil) | Form::Utc(civil) => civil,
    }
}

fn written(civil: CivilSeconds) -> String {
    let mut text = String::new();
    Form::Wall(civil).write(&mut text);
    text
}

fn written_day(civil: CivilSeconds) -> String {
    let mut text = String::new();
    Form::Day(super::day_of(civil)).write(&mut text);
    text
}

/// An instant of the form `20260329T013000Z`, in milliseconds.
fn instant(text: &str) -> i64 {
    let Some(Form::Utc(seconds)) = Form::parse(text) else {
        panic!("{text} is no instant");
    };
    seconds * 1_000
}

/// A start in a zone, or a day.
fn start(text: &str, zone_name: &str) -> Start {
    match Form::parse(text).expect("a date") {
        Form::Day(day) => Start::Date(day),
        form => Start::Civil {
            civil: civil(text),
            zone: match form {
                Form::Utc(_) => Tz::UTC,
                _ => zone(zone_name),
            },
        },
    }
}

fn read(lines: &[&str], start: Start) -> Recurrence {
    Recurrence::parse(lines, start).unwrap_or_else(|errors| panic!("{lines:?}: {errors:?}"))
}

const EVER: Interval = Interval {
    start: i64::MIN,
    end: i64::MAX,
};

/// The first occurrences of no length.
fn first(count: usize, lines: &[&str], start: Start) -> Vec<Occurrence> {
    let recurrence = read(lines, start);
    let series = Series {
        start,
        length: Length::Exact(0),
        recurrence: &recurrence,
    };
    series.occurrences(EVER, Tz::UTC).take(count).collect()
}

/// The wall times of the first occurrences.
fn walls(count: usize, lines: &[&str], start: Start) -> Vec<String> {
    let occurrences = first(count, lines, start);
    occurrences
        .iter()
        .map(|one| written(one.original))
        .collect()
}

/// Their instants in UTC.
fn instants(count: usize, lines: &[&str], start: Start) -> Vec<String> {
    let occurrences = first(count, lines, start);
    occurrences
        .iter()
        .map(|one| written(one.interval.start / 1_000) + "Z")
        .collect()
}
