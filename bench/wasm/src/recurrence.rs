//! Rules, expanded as the Worker expands those of events.

use chrono_tz::Tz;
use delegate_core::calendar::civil;
use delegate_core::calendar::interval::Interval;
use delegate_core::calendar::recurrence::{Length, Occurrence, Recurrence, Series, Start};
use delegate_core::time::parse_zone;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::unreadable;

/// A series that was read.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Rule {
    zone: Tz,
    start: Start,
    recurrence: Recurrence,
}

impl Rule {
    /// Reads what a rule says (`FREQ=…`), of a series that starts at a civil time (in seconds since
    /// 1970 on the wall) in a zone.
    pub fn read(zone: &str, start: f64, rule: &str) -> Result<Self, String> {
        let zone = parse_zone(zone).ok_or("no such zone")?;
        let civil = whole(start);
        let start = Start::Civil { civil, zone };
        let line = format!("RRULE:{rule}");
        let recurrence =
            Recurrence::parse(&[line], start).map_err(|errors| format!("{rule}: {errors:?}"))?;
        Ok(Self {
            zone,
            start,
            recurrence,
        })
    }

    /// The occurrences that begin between two instants.
    fn occurrences(&self, from: f64, until: f64) -> impl Iterator<Item = Occurrence> {
        let window = Interval {
            start: whole(from),
            end: whole(until),
        };
        let series = Series {
            start: self.start,
            length: Length::Exact(0),
            recurrence: &self.recurrence,
        };
        series.occurrences(window, self.zone)
    }

    /// The instants at which occurrences begin between two instants, all in milliseconds since 1970.
    pub fn between(&self, from: f64, until: f64) -> Vec<f64> {
        self.occurrences(from, until)
            .map(|one| number(one.interval.start))
            .collect()
    }
}

#[wasm_bindgen]
impl Rule {
    /// See [`Rule::read`].
    #[wasm_bindgen(constructor)]
    pub fn new(zone: &str, start: f64, rule: &str) -> Result<Self, JsError> {
        Self::read(zone, start, rule).map_err(unreadable)
    }

    /// See [`Rule::between`].
    pub fn instants(&self, from: f64, until: f64) -> Vec<f64> {
        self.between(from, until)
    }

    /// What the wall shows then by the rule, in seconds since 1970.
    pub fn walls(&self, from: f64, until: f64) -> Vec<f64> {
        self.occurrences(from, until)
            .map(|one| number(one.original))
            .collect()
    }
}

/// Reads a rule and expands it.
#[wasm_bindgen]
pub fn expand(
    zone: &str,
    start: f64,
    rule: &str,
    from: f64,
    until: f64,
) -> Result<Vec<f64>, JsError> {
    Ok(Rule::new(zone, start, rule)?.between(from, until))
}

/// The instants (milliseconds since 1970) of civil times in a zone, none twice: what a peer that
/// counts on the wall means.
#[wasm_bindgen]
pub fn resolve(zone: &str, walls: &[f64]) -> Result<Vec<f64>, JsError> {
    let zone = parse_zone(zone).ok_or_else(|| unreadable("no such zone"))?;
    let civil = walls.iter().map(|wall| civil::to_date_time(whole(*wall)));
    let mut instants: Vec<i64> = civil
        .map(|civil| delegate_core::time::resolve(civil, zone).milliseconds())
        .collect();
    instants.sort_unstable();
    instants.dedup();
    Ok(instants.into_iter().map(number).collect())
}

#[expect(clippy::cast_possible_truncation, reason = "whole, and far below 2^53")]
fn whole(value: f64) -> i64 {
    value as i64
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn number(value: i64) -> f64 {
    value as f64
}
