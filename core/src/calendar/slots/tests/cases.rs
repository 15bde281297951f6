//! Cases that look random: weeks in which clocks change, people in odd zones, constraints of all kinds.

use chrono_tz::Tz;
use proptest::prelude::*;

use crate::calendar::busy::{BusyStatus, BusyStretch};
use crate::calendar::civil;
use crate::calendar::hours::absence::Away;
use crate::calendar::hours::document::{
    Buffer, Buffers, DailyLimit, Lunch, WeeklyHours, WorkingHours,
};
use crate::calendar::hours::values::{Date, TimeOfDay, TimeSpan, Weekday};
use crate::calendar::hours::weights::WeightsInput;
use crate::calendar::interval::Interval;
use crate::calendar::slots::attendee::Stored;
use crate::calendar::slots::constraints::{Constraints, Strictness, Tentative};
use crate::calendar::slots::request::{RequestedAttendee, STEPS_MINUTES, SlotsRequest, Who};
use crate::time::{Timestamp, parse_zone};

pub(super) const MINUTE: i64 = 60_000;
/// Everything begins and ends at multiples of five minutes.
pub(super) const CELL: i64 = 5 * MINUTE;
pub(super) const DAY: i64 = 86_400_000;

/// What the finder is given.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) request: SlotsRequest,
    pub(super) stored: Vec<Stored>,
    pub(super) now: i64,
}

fn some_zone() -> impl Strategy<Value = Tz> {
    let names = [
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Africa/Casablanca",
        "America/New_York",
        "Pacific/Apia",
    ];
    prop::sample::select(names.map(|name| parse_zone(name).expect("a zone")).to_vec())
}

fn some_span() -> impl Strategy<Value = TimeSpan> {
    (0..24_u16, 1..25_u16, prop::bool::ANY).prop_map(|(start, end, half)| TimeSpan {
        start: TimeOfDay::new(start, if half { 30 } else { 0 }).expect("a time"),
        end: TimeOfDay::new(end, 0).expect("a time"),
    })
}

fn some_week(most: usize) -> impl Strategy<Value = Vec<WeeklyHours>> {
    let days = prop::collection::vec(prop::sample::select(Weekday::ALL.to_vec()), 3..8);
    let hours = (days, some_span()).prop_map(|(days, span)| WeeklyHours {
        days: days.into_iter().collect(),
        start: span.start,
        end: span.end,
        time_zone: None,
    });
    prop::collection::vec(hours, 0..=most)
}

fn some_strictness() -> impl Strategy<Value = Strictness> {
    prop::sample::select(vec![
        Strictness::Require,
        Strictness::Prefer,
        Strictness::Ignore,
    ])
}

/// Stretches within some days of an instant.
fn some_busy(start: i64, days: i64, most: usize) -> impl Strategy<Value = Vec<BusyStretch>> {
    let statuses = vec![
        BusyStatus::Busy,
        BusyStatus::Busy,
        BusyStatus::Hold,
        BusyStatus::Tentative,
        BusyStatus::OutOfOffice,
    ];
    let one = (-288..days * 288, 0..60_i64, prop::sample::select(statuses));
    let one = one.prop_map(move |(from, length, status)| BusyStretch {
        interval: Interval {
            start: start + from * CELL,
            end: start + (from + length) * CELL,
        },
        status,
    });
    prop::collection::vec(one, 0..=most)
}

fn some_document() -> impl Strategy<Value = WorkingHours> {
    let minutes = || prop::sample::select(vec![0_u32, 0, 5, 15, 30]);
    let lunch = (10..13_u16, 1..4_u16, 1..7_u16).prop_map(|(from, hours, cells)| Lunch {
        start: TimeOfDay::new(from, 0).expect("a time"),
        end: TimeOfDay::new(from + hours, 0).expect("a time"),
        minutes: cells * 10,
    });
    let limit = (prop::option::of(0..3_u32), prop::option::of(30..200_u32));
    let weeks = (prop::option::of(some_week(3)), some_week(1), some_week(2));
    let notice = prop::sample::select(vec![0_u32, 0, 60, 1440]);
    (
        weeks,
        minutes(),
        minutes(),
        prop::option::of(lunch),
        limit,
        notice,
    )
        .prop_map(
            |(
                (week, focus, preferred),
                before_minutes,
                after_minutes,
                lunch,
                (meetings, minutes),
                notice,
            )| {
                let usual = WorkingHours::default();
                WorkingHours {
                    working_hours: week.unwrap_or(usual.working_hours),
                    focus_time: focus,
                    preferred_times: preferred,
                    lunch,
                    daily_limit: DailyLimit { meetings, minutes },
                    buffers: Buffers {
                        default: Buffer {
                            before_minutes,
                            after_minutes,
                        },
                        ..Buffers::default()
                    },
                    minimum_notice_minutes: notice,
                    ..WorkingHours::default()
                }
            },
        )
}

fn some_constraints(start: i64, days: i64) -> impl Strategy<Value = Constraints> {
    let day = civil::day_of(start / 1000);
    let dates = move || {
        let date = (0..5_i32).prop_map(move |after| Date::new(day + after).expect("a date"));
        prop::option::weighted(0.2, prop::collection::vec(date, 1..4))
    };
    let weekdays = prop::collection::vec(prop::sample::select(Weekday::ALL.to_vec()), 2..7);
    let weekdays = weekdays.prop_map(|days| days.into_iter().collect());
    let at = move || {
        let at = (0..days * 24)
            .prop_map(move |hour| Timestamp::from_milliseconds(start + hour * 3_600_000));
        prop::option::weighted(0.2, at)
    };
    let buffer = || prop::option::weighted(0.2, prop::sample::select(vec![0_u32, 10, 60]));
    let notice = prop::option::weighted(0.2, prop::sample::select(vec![0_u32, 120, 2000]));
    let tentative = prop::sample::select(vec![Tentative::Busy, Tentative::Prefer, Tentative::Free]);
    let strictness = (
        some_strictness(),
        some_strictness(),
        some_strictness(),
        some_strictness(),
        tentative,
    );
    let times = prop::option::weighted(0.3, prop::collection::vec(some_span(), 1..3));
    let days = prop::option::weighted(0.3, weekdays);
    (
        (days, times, dates(), dates(), at(), at()),
        notice,
        buffer(),
        buffer(),
        strictness,
    )
        .prop_map(
            |(
                (days, times, dates, except_dates, after, before),
                notice,
                before_buffer,
                after_buffer,
                strictness,
            )| Constraints {
                days,
                times,
                dates,
                except_dates,
                after,
                before,
                minimum_notice_minutes: notice,
                buffer_before_minutes: before_buffer,
                buffer_after_minutes: after_buffer,
                working_hours: strictness.0,
                focus_time: strictness.1,
                lunch: strictness.2,
                daily_limit: strictness.3,
                tentative: strictness.4,
            },
        )
}

fn some_person(
    start: i64,
    days: i64,
    most_busy: usize,
) -> impl Strategy<Value = (RequestedAttendee, Stored)> {
    let hour = 3_600_000;
    let away = (0..days * 24, 1..40_i64, prop::option::of(some_zone()));
    let away = away.prop_map(move |(from, hours, zone)| Away {
        interval: Interval {
            start: start + from * hour,
            end: start + (from + hours) * hour,
        },
        zone,
    });
    let away = prop::collection::vec(away, 0..2);
    let busy = (
        some_busy(start, days, most_busy),
        some_busy(start, days, most_busy),
    );
    let carried = (
        prop::option::weighted(0.3, some_zone()),
        prop::option::weighted(0.3, some_week(2)),
    );
    let required = prop::bool::ANY;
    let kept = (some_zone(), prop::option::of(some_document()), away);
    (required, carried, kept, busy).prop_map(
        |(required, (zone, working_hours), (account_zone, hours, away), (stored, inline))| {
            let asked = RequestedAttendee {
                who: Who::Email(String::new()),
                name: None,
                required,
                zone,
                working_hours,
                busy: inline,
            };
            let stored = Stored {
                name: None,
                account_zone: Some(account_zone),
                hours,
                away,
                busy: stored,
            };
            (asked, stored)
        },
    )
}

/// Weeks in which clocks change somewhere, and others.
fn some_start() -> impl Strategy<Value = i64> {
    let days = [
        "2026-03-07",
        "2026-03-28",
        "2026-04-04",
        "2026-10-03",
        "2026-10-24",
        "2026-10-31",
        "2026-02-14",
        "2026-12-01",
    ];
    (prop::sample::select(days.to_vec()), 0..96_i64).prop_map(|(day, quarters)| {
        let date = Date::parse(day).expect("a date");
        civil::midnight(date.day()) * 1000 + quarters * 15 * MINUTE
    })
}

pub(super) fn some_case(most_busy: usize) -> impl Strategy<Value = Case> {
    (some_start(), 1..4_i64).prop_flat_map(move |(start, days)| {
        let people = prop::collection::vec(some_person(start, days, most_busy), 1..4);
        let durations = prop::sample::select(vec![15_u32, 30, 45, 60, 90, 240]);
        let steps = prop::sample::select(STEPS_MINUTES.to_vec());
        let limits = prop::sample::select(vec![1_usize, 3, 10, 100]);
        let weights = prop::option::of((0..40_u32, 0..40_u32, 0..3_u32));
        let now = -30..30_i64;
        (
            people,
            durations,
            steps,
            limits,
            some_zone(),
            some_constraints(start, days),
            weights,
            now,
        )
            .prop_map(
                move |(
                    people,
                    duration_minutes,
                    step_minutes,
                    limit,
                    zone,
                    constraints,
                    weights,
                    now,
                )| {
                    let (attendees, stored) = people.into_iter().unzip();
                    let weights = weights.map(|(a, b, c)| WeightsInput {
                        back_to_back: Some(a),
                        missing_optional: Some(b),
                        later_by_a_day: Some(c),
                        ..WeightsInput::default()
                    });
                    let request = SlotsRequest {
                        duration_minutes,
                        window: Interval {
                            start,
                            end: start + days * DAY,
                        },
                        zone,
                        step_minutes,
                        limit,
                        attendees,
                        kind: None,
                        constraints,
                        weights: weights.unwrap_or_default(),
                    };
                    Case {
                        request,
                        stored,
                        now: start + now * 3_600_000,
                    }
                },
            )
    })
}
