//! What takes up somebody's time, read from their rows: events, series, holds and absences become
//! stretches of busy time.
//!
//! The database gives the rows of many people in one answer, each cut to what is computed with.

use std::borrow::Cow;

use chrono_tz::Tz;
use serde::Deserialize;

use super::busy::{BusyStatus, BusyStretch};
use super::event::{Original, event_time, instant_ms, is_day};
use super::hours::absence::{Away, StoredAbsence};
use super::hours::document::WorkingHours;
use super::interval::Interval;
use super::series::Rule;
use crate::error::Error;
use crate::time::{CalendarTime, parse_zone};

/// How many occurrences of one series are looked at in a window. What a rule gives beyond that counts
/// as busy to its end: somebody who is busy every second is not asked a million times.
const MAX_OCCURRENCES: usize = 10_000;

/// The rows of one person.
#[derive(Debug, Deserialize)]
pub struct Agenda<'a> {
    /// Who.
    #[serde(borrow)]
    pub user_id: Cow<'a, str>,
    /// What they are called.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// Their zone.
    #[serde(borrow)]
    pub time_zone: Cow<'a, str>,
    /// What must not have moved when something is written that follows from these rows.
    pub revision: i64,
    /// What takes place once at instants: how firmly, from when, until when.
    pub timed: Vec<(Firmness, i64, i64)>,
    /// Series and all-day events.
    #[serde(borrow)]
    pub others: Vec<Other<'a>>,
    /// Times that are held: from when, until when.
    pub holds: Vec<(i64, i64)>,
    /// Times out of office, and journeys.
    pub absences: Vec<StoredAbsence>,
    /// When they work; `None` where they never said.
    pub hours: Option<WorkingHours>,
}

/// How firmly an event takes up time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Firmness {
    /// It does.
    Busy,
    /// It may.
    Tentative,
}

impl Firmness {
    fn status(self) -> BusyStatus {
        match self {
            Self::Busy => BusyStatus::Busy,
            Self::Tentative => BusyStatus::Tentative,
        }
    }
}

/// A series, or an event on days.
#[derive(Debug, Deserialize)]
pub struct Other<'a> {
    busy: Firmness,
    #[serde(borrow)]
    when: Timing<'a>,
}

/// When a series takes place, or an event on days.
#[derive(Debug, Deserialize)]
pub struct Timing<'a> {
    #[serde(with = "event_time")]
    start: CalendarTime,
    #[serde(with = "event_time")]
    end: CalendarTime,
    recurrence: Vec<String>,
    #[serde(borrow)]
    overridden: Vec<Cow<'a, str>>,
    last_at: i64,
}

impl Agenda<'_> {
    /// The zone of the person.
    pub fn zone(&self) -> Tz {
        parse_zone(&self.time_zone).unwrap_or(Tz::UTC)
    }

    /// When they are away from the usual.
    pub fn away(&self) -> Vec<Away> {
        let zone = self.zone();
        let absences = self.absences.iter().cloned();
        absences
            .map(|absence| absence.resolved(zone).away())
            .collect()
    }

    /// Their busy time in a window, as it was found: in any order, and over one another. Days are
    /// those of their zone.
    pub fn stretches(&self, window: Interval) -> Result<Vec<BusyStretch>, Error> {
        let mut found = Vec::with_capacity(self.timed.len() + self.holds.len());
        let mut add = |start: i64, end: i64, status| {
            let interval = Interval { start, end };
            if interval.overlaps(window) {
                found.push(BusyStretch { interval, status });
            }
        };
        for (firmness, start, end) in &self.timed {
            add(*start, *end, firmness.status());
        }
        for (start, end) in &self.holds {
            add(*start, *end, BusyStatus::Hold);
        }
        for away in self.away() {
            if away.zone.is_none() {
                add(
                    away.interval.start,
                    away.interval.end,
                    BusyStatus::OutOfOffice,
                );
            }
        }
        let zone = self.zone();
        for other in &self.others {
            let mut each = |one: Interval| add(one.start, one.end, other.busy.status());
            let rest = other.when.each(window, zone, MAX_OCCURRENCES, &mut each)?;
            rest.into_iter().for_each(each);
        }
        Ok(found)
    }
}

impl Timing<'_> {
    /// Gives `each` the times that lie in a window, in their order, for somebody in `zone`; of a rule
    /// at most `most`. Answers with the rest of the window where the rule gives more than that.
    pub(super) fn each(
        &self,
        window: Interval,
        zone: Tz,
        most: usize,
        each: &mut impl FnMut(Interval),
    ) -> Result<Option<Interval>, Error> {
        if self.recurrence.is_empty() {
            each(Interval {
                start: instant_ms(self.start, zone),
                end: instant_ms(self.end, zone),
            });
            return Ok(None);
        }
        let rule = Rule::of(self.start, self.end, &self.recurrence)?;
        let is_day = is_day(self.start);
        let end = window.end.min(self.last_at.saturating_add(1));
        let window = Interval { end, ..window };
        for (number, found) in rule.series().occurrences(window, zone).enumerate() {
            if number == most {
                let start = found.interval.start;
                return Ok(Some(Interval { start, end }));
            }
            let is_overridden = !self.overridden.is_empty() && {
                let civil = found.original;
                let key = Original { civil, is_day }.to_string();
                self.overridden.iter().any(|one| *one == key)
            };
            if !is_overridden {
                each(found.interval);
            }
        }
        Ok(None)
    }
}
