//! How long finding slots takes: `cargo run --release -p delegate-core --example slots_timing`.
//!
//! Prints, for several numbers of people and months, the time to prepare the people of a request and
//! the time to find its slots, beside the number of busy stretches.

use std::time::Instant;

use delegate_core::calendar::busy::{BusyStatus, BusyStretch};
use delegate_core::calendar::hours::weights::{Weights, WeightsInput};
use delegate_core::calendar::interval::Interval;
use delegate_core::calendar::slots::attendee::Stored;
use delegate_core::calendar::slots::constraints::Constraints;
use delegate_core::calendar::slots::request::{RequestedAttendee, SlotsRequest, Who};
use delegate_core::calendar::slots::search::Search;
use delegate_core::time::parse_zone;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
/// 2026-11-02, a Monday.
const START: i64 = 1_793_577_600_000;
const ZONES: [&str; 6] = [
    "Europe/Berlin",
    "Europe/London",
    "Europe/Lisbon",
    "Africa/Casablanca",
    "Europe/Athens",
    "Europe/Madrid",
];

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 33).unwrap_or(0) % most
    }
}

/// A case: so many people, the first of whom must come, and what each has on a day.
fn case(people: usize, required: usize, days: i64, meetings: i64) -> (SlotsRequest, Vec<Stored>) {
    let mut numbers = Numbers(88_172_645_463_325_252);
    let attendees = (0..people).map(|index| RequestedAttendee {
        who: Who::Email(format!("{index}@example.com")),
        name: Some(format!("Person {index}")),
        required: index < required,
        zone: None,
        working_hours: None,
        busy: Vec::new(),
    });
    let stored = (0..people).map(|index| Stored {
        account_zone: ZONES
            .get(index % ZONES.len())
            .and_then(|name| parse_zone(name)),
        busy: (0..days * meetings)
            .map(|_| {
                let day = numbers.below(days) * DAY_MS;
                let start = START + day + (7 * 60 + numbers.below(40) * 15) * MINUTE_MS;
                let end = start + (1 + numbers.below(4)) * 15 * MINUTE_MS;
                let interval = Interval { start, end };
                let status = BusyStatus::Busy;
                BusyStretch { interval, status }
            })
            .collect(),
        ..Stored::default()
    });
    let stored = stored.collect();
    let request = SlotsRequest {
        duration_minutes: 30,
        window: Interval {
            start: START,
            end: START + days * DAY_MS,
        },
        zone: parse_zone("Europe/Berlin").unwrap_or(chrono_tz::UTC),
        step_minutes: 20,
        limit: 10,
        attendees: attendees.collect(),
        kind: None,
        constraints: Constraints::default(),
        weights: WeightsInput::default(),
    };
    (request, stored)
}

/// The shortest of many runs, in microseconds.
#[expect(clippy::disallowed_methods, reason = "natively there is a clock")]
fn shortest<T>(runs: u32, mut run: impl FnMut() -> T) -> f64 {
    let times = (0..runs).map(|_| {
        let start = Instant::now();
        std::hint::black_box(run());
        start.elapsed().as_secs_f64() * 1e6
    });
    times.fold(f64::INFINITY, f64::min)
}

#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn main() {
    println!("people required days busy | prepare us, find us | slots");
    let only: Option<usize> = std::env::args().nth(1).and_then(|text| text.parse().ok());
    for (people, required, days, meetings) in [
        (10, 10, 30, 1),
        (88, 2, 30, 3),
        (88, 8, 30, 3),
        (88, 88, 30, 0),
        (88, 88, 30, 1),
        (88, 88, 30, 4),
        (100, 5, 30, 4),
        (100, 5, 365, 4),
        (1000, 5, 30, 4),
        (1000, 5, 365, 4),
        (1000, 1000, 365, 4),
    ]
    .into_iter()
    .enumerate()
    .filter(|(index, _)| only.is_none_or(|only| only == *index))
    .map(|(_, case)| case)
    {
        let (request, stored) = case(people, required, days, meetings);
        let runs = if people * usize::try_from(days).unwrap_or(0) > 10_000 {
            5
        } else {
            200
        };
        let prepare = || Search::prepare(&request, &stored, Weights::default(), START);
        let preparing = shortest(runs, prepare);
        let search = prepare();
        let finding = shortest(runs, || search.find());
        let busy: usize = stored.iter().map(|one| one.busy.len()).sum();
        let found = search.find();
        println!(
            "{people:6} {required:8} {days:4} {busy:7} | {preparing:9.0} {finding:9.0} | {} slots, {} relaxations",
            found.items.len(),
            found.relaxations.len()
        );
    }
}
