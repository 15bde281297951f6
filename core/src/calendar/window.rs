//! A window of a calendar: rows become occurrences, in their order, a page at a time.
//!
//! A row comes as the database built it: the little that is computed with, and the rest of the event
//! as JSON that nothing here reads. Series are expanded lazily and merged, so that a page costs what
//! it shows, whatever a rule would give.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::civil::CivilSeconds;
use super::event::{self, Original, event_time, instant_ms};
use super::interval::Interval;
use super::recurrence::{Occurrence, Occurrences};
use super::series::Rule;
use crate::error::Error;
use crate::time::CalendarTime;

/// A row of a window, as the database gives it.
#[derive(Debug, Deserialize)]
pub struct Row<'a> {
    /// The identifier.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// When it starts; of a series, its first.
    #[serde(with = "event_time")]
    pub start: CalendarTime,
    /// When it ends.
    #[serde(with = "event_time")]
    pub end: CalendarTime,
    /// The rule of a series.
    pub recurrence: Vec<String>,
    /// Occurrences that have a row of their own.
    #[serde(borrow)]
    pub overridden: Vec<Cow<'a, str>>,
    /// Of an occurrence with a row of its own: its series.
    #[serde(borrow)]
    pub series_id: Option<Cow<'a, str>>,
    /// Of an occurrence with a row of its own: when the rule has it.
    #[serde(borrow)]
    pub original_start: Option<&'a RawValue>,
    /// Where the series ends at the latest, in milliseconds since 1970.
    pub last_at: i64,
    /// The rest of the event: a JSON object with at least one field.
    #[serde(borrow)]
    pub rest: &'a RawValue,
}

/// Where a page begins: behind the occurrence that starts here and has this identifier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Milliseconds since 1970.
    pub start: i64,
    /// The identifier.
    pub id: String,
}

/// A page of occurrences.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The occurrences, as a JSON array.
    pub items: String,
    /// Where the next page begins, if there is one.
    pub next: Option<Place>,
}

/// What a row still has to give.
enum Source<'r> {
    /// It takes place once.
    Once(Option<Interval>),
    /// It is expanded.
    Series(Box<Occurrences<'r>>),
}

/// The next occurrence of a row, ordered as a page is.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Next {
    place: Place,
    row: usize,
    end: i64,
    /// Of a series: the wall time at which the rule has it.
    original: Option<CivilSeconds>,
}

/// The occurrences of rows that lie in a window, as somebody in `viewer` sees it, behind a place.
pub fn page(
    rows: &[Row<'_>],
    window: Interval,
    viewer: Tz,
    after: Option<&Place>,
    limit: usize,
) -> Result<Page, Error> {
    let rules = rows.iter().map(rule).collect::<Result<Vec<_>, _>>()?;
    let mut sources: Vec<Source<'_>> = rows
        .iter()
        .zip(&rules)
        .map(|(row, rule)| source(row, rule.as_ref(), window, viewer))
        .collect();
    let mut merged: BinaryHeap<Reverse<Next>> = BinaryHeap::new();
    for (number, (row, source)) in rows.iter().zip(&mut sources).enumerate() {
        merged.extend(next(source, row, number).map(Reverse));
    }
    let mut items = "[".to_owned();
    let mut shown = 0;
    let mut last: Option<Place> = None;
    while let Some(Reverse(found)) = merged.pop() {
        let (Some(row), Some(source)) = (rows.get(found.row), sources.get_mut(found.row)) else {
            break;
        };
        merged.extend(next(source, row, found.row).map(Reverse));
        if after.is_some_and(|after| found.place <= *after) {
            continue;
        }
        if shown == limit {
            items.push(']');
            return Ok(Page { items, next: last });
        }
        if shown > 0 {
            items.push(',');
        }
        let rule = rules.get(found.row).and_then(Option::as_ref);
        write_item(&mut items, row, rule, &found);
        shown += 1;
        last = Some(found.place);
    }
    items.push(']');
    Ok(Page { items, next: None })
}

fn rule(row: &Row<'_>) -> Result<Option<Rule>, Error> {
    let is_series = !row.recurrence.is_empty();
    is_series
        .then(|| Rule::of(row.start, row.end, &row.recurrence))
        .transpose()
}

fn source<'r>(row: &Row<'_>, rule: Option<&'r Rule>, window: Interval, viewer: Tz) -> Source<'r> {
    let Some(rule) = rule else {
        let interval = Interval {
            start: instant_ms(row.start, viewer),
            end: instant_ms(row.end, viewer),
        };
        return Source::Once(is_in(interval, window).then_some(interval));
    };
    // Behind the last occurrence nothing is looked for.
    let window = Interval {
        end: window.end.min(row.last_at.saturating_add(1)),
        ..window
    };
    Source::Series(Box::new(rule.series().occurrences(window, viewer)))
}

/// Whether an event lies in a window: some of it does, or it takes no time and starts in it.
pub fn is_in(interval: Interval, window: Interval) -> bool {
    interval.overlaps(window) || (interval.is_empty() && window.contains(interval.start))
}

fn next(source: &mut Source<'_>, row: &Row<'_>, number: usize) -> Option<Next> {
    match source {
        Source::Once(interval) => interval.take().map(|interval| Next {
            place: Place {
                start: interval.start,
                id: row.id.clone().into_owned(),
            },
            row: number,
            end: interval.end,
            original: None,
        }),
        Source::Series(occurrences) => loop {
            let found = occurrences.next()?;
            let key = original(row, found.original).to_string();
            if !row.overridden.iter().any(|one| *one == key) {
                return Some(Next {
                    place: Place {
                        start: found.interval.start,
                        id: format!("{}_{key}", row.id),
                    },
                    row: number,
                    end: found.interval.end,
                    original: Some(found.original),
                });
            }
        },
    }
}

fn original(row: &Row<'_>, civil: CivilSeconds) -> Original {
    Original {
        civil,
        is_day: event::is_day(row.start),
    }
}

/// Writes an occurrence: what is computed here, then the rest as it came.
fn write_item(items: &mut String, row: &Row<'_>, rule: Option<&Rule>, found: &Next) {
    let rest = row.rest.get().trim_start().strip_prefix('{').unwrap_or("}");
    let Next { place, end, .. } = found;
    items.push_str("{\"id\":\"");
    items.push_str(&place.id);
    items.push_str("\",\"start\":");
    if let Some((rule, original)) = rule.zip(found.original) {
        let interval = Interval {
            start: place.start,
            end: *end,
        };
        let (start, end) = rule.times(Occurrence { original, interval }, row.end);
        event_time::write(items, start, interval.start);
        items.push_str(",\"end\":");
        event_time::write(items, end, interval.end);
        items.push_str(",\"recurring_event_id\":\"");
        items.push_str(&row.id);
        items.push_str("\",\"original_start\":");
        event_time::write(items, event::at(row.start, original), interval.start);
    } else {
        event_time::write(items, row.start, place.start);
        items.push_str(",\"end\":");
        event_time::write(items, row.end, *end);
        items.push_str(",\"recurring_event_id\":");
        match &row.series_id {
            None => items.push_str("null"),
            Some(id) => items.extend(["\"", id, "\""]),
        }
        items.push_str(",\"original_start\":");
        items.push_str(row.original_start.map_or("null", RawValue::get));
    }
    items.push_str(",\"recurrence\":[],");
    items.push_str(rest);
}
