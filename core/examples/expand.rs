//! Expands series for whoever wants to hold them against another engine: `xtask/oracle/recurrence.py`.
//!
//! Reads one JSON object a line: `start` (`20260329T023000` or `20260329`), `zone`, `lines`,
//! `seconds` or `days` (how long each is), `window` (two instants in seconds). Writes one line for
//! each: the occurrences as `[start, end]` in seconds, or the code of the first error.

use std::io::{BufRead, Write, stdin, stdout};

use chrono::{NaiveDate, NaiveDateTime};
use delegate_core::calendar::civil;
use delegate_core::calendar::interval::Interval;
use delegate_core::calendar::recurrence::{Length, Recurrence, Series, Start};
use delegate_core::time::parse_zone;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    start: String,
    zone: String,
    lines: Vec<String>,
    #[serde(default)]
    seconds: i64,
    #[serde(default)]
    days: i32,
    window: (i64, i64),
}

fn start(case: &Case) -> Option<Start> {
    if let Ok(date) = NaiveDate::parse_from_str(&case.start, "%Y%m%d") {
        return Some(Start::Date(civil::from_date(date)));
    }
    let date_time = NaiveDateTime::parse_from_str(&case.start, "%Y%m%dT%H%M%S").ok()?;
    Some(Start::Civil {
        civil: civil::from_date_time(date_time),
        zone: parse_zone(&case.zone)?,
    })
}

fn expand(text: &str) -> Result<Vec<(i64, i64)>, String> {
    let case: Case = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let start = start(&case).ok_or("no such start")?;
    let viewer = parse_zone(&case.zone).ok_or("no such zone")?;
    let recurrence = Recurrence::parse(&case.lines, start)
        .map_err(|errors| errors.first().map_or("", |error| error.code).to_owned())?;
    let length = if case.days > 0 {
        Length::Days(case.days)
    } else {
        Length::Exact(case.seconds * 1_000)
    };
    let series = Series {
        start,
        length,
        recurrence: &recurrence,
    };
    let window = Interval {
        start: case.window.0 * 1_000,
        end: case.window.1 * 1_000,
    };
    let occurrences = series.occurrences(window, viewer);
    Ok(occurrences
        .map(|one| (one.interval.start / 1_000, one.interval.end / 1_000))
        .collect())
}

fn main() -> std::io::Result<()> {
    let mut output = stdout().lock();
    for line in stdin().lock().lines() {
        match expand(&line?) {
            Ok(occurrences) => serde_json::to_writer(&mut output, &occurrences)?,
            Err(code) => serde_json::to_writer(&mut output, &code)?,
        }
        writeln!(output)?;
    }
    output.flush()
}
