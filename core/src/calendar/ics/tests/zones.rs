//! Zones written and read again by nothing but what was written of them.

use chrono_tz::TZ_VARIANTS;

use super::super::definition::Definition;
use super::super::line::{Line, decode};
use super::super::timezone::write_timezone;
use super::*;
use crate::calendar::civil;
use crate::calendar::interval::Interval;
use crate::calendar::zone::{Offsets, offset_ms};

fn stretch(first_year: i32, last_year: i32) -> Interval {
    let instant = |year| civil::midnight(civil::day(year, 1, 1)) * 1000;
    Interval {
        start: instant(first_year),
        end: instant(last_year + 1),
    }
}

fn text_of(zone: Tz, stretch: Interval) -> String {
    let mut out = String::new();
    write_timezone(&mut out, zone, stretch);
    decode(out.as_bytes()).0.into_owned()
}

fn definition(text: &str) -> Definition {
    Definition::read(text.lines().skip(1).filter_map(Line::parse))
}

/// Instants of a stretch: one every ten days, and those around the changes of a zone.
fn instants(zone: Tz, stretch: Interval) -> Vec<i64> {
    let mut instants: Vec<i64> = (stretch.start..stretch.end).step_by(864_000_000).collect();
    // As many years as are looked up at once.
    for part in (stretch.start..stretch.end).step_by(40 * 366 * 86_400_000) {
        let part = Interval {
            start: part,
            end: stretch.end,
        };
        instants.extend(
            Offsets::over(zone, part)
                .changes()
                .flat_map(|(at, _)| [at - 1, at]),
        );
    }
    instants.retain(|at| stretch.contains(*at));
    instants
}

#[test]
fn every_zone_is_known_again_by_what_is_written_of_it() {
    let stretch = stretch(2015, 2030);
    for zone in TZ_VARIANTS {
        let text = text_of(zone, stretch);
        let found = definition(&text).find_zone();
        let found = found.unwrap_or_else(|| panic!("{zone} is not found by {text}"));
        for at in instants(zone, stretch)
            .into_iter()
            .chain(instants(found, stretch))
        {
            assert_eq!(
                offset_ms(found, at),
                offset_ms(zone, at),
                "{zone} as {found} at {at}"
            );
        }
    }
}

#[test]
fn what_is_written_agrees_with_the_zone_over_the_stretch_whatever_it_is() {
    for (first, last) in [
        (1900, 1901),
        (1969, 1990),
        (2000, 2060),
        (2026, 2026),
        (1850, 2090),
    ] {
        let stretch = stretch(first, last);
        for zone in TZ_VARIANTS.into_iter().step_by(7) {
            let text = text_of(zone, stretch);
            let onsets = definition(&text).onsets((1600, 2100)).expect("onsets");
            for at in instants(zone, stretch) {
                let behind = onsets.list.partition_point(|(onset, _)| *onset <= at);
                let last = behind.checked_sub(1).map(|last| onsets.list[last].1);
                let offset = last.unwrap_or(onsets.before);
                assert_eq!(offset, offset_ms(zone, at), "{zone} at {at} by {text}");
            }
        }
    }
}

fn lines(zone_name: &str) -> String {
    text_of(zone(zone_name), stretch(2026, 2026))
}

#[test]
fn a_zone_with_yearly_rules_has_two() {
    let text = lines("Europe/Berlin");
    assert_eq!(text.matches("BEGIN:").count(), 3, "{text}");
    assert!(
        text.contains("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"),
        "{text}"
    );
    assert!(
        text.contains("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"),
        "{text}"
    );
    assert!(text.contains("TZNAME:CEST"), "{text}");
    assert!(lines("America/New_York").contains("BYMONTH=3;BYDAY=2SU"));
    let santiago = lines("America/Santiago");
    assert!(
        santiago.contains("BYMONTHDAY=2,3,4,5,6,7,8;BYDAY=SU"),
        "{santiago}"
    );
}

#[test]
fn a_zone_without_changes_has_one_part() {
    let text = lines("Asia/Kathmandu");
    assert_eq!(text.matches("BEGIN:").count(), 2, "{text}");
    assert!(text.contains("TZOFFSETTO:+0545"), "{text}");
    assert!(!text.contains("RRULE") && !text.contains("RDATE"), "{text}");
}

#[test]
fn a_zone_that_follows_the_moon_has_dates() {
    let text = lines("Africa/Casablanca");
    assert!(text.contains("RDATE:") && !text.contains("RRULE"), "{text}");
}
