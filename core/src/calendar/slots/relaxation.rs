//! What stands in the way where there is no slot: which one constraint to give up to get one, or
//! which two.
//!
//! Everything that bars starts is put up as a bar ([`super::deals`]), with what would lift it; then the
//! first start is looked for that each constraint would give, alone or with another. A shorter meeting
//! and a later end of the window are searches of their own, at most seven of them.

use std::collections::HashSet;

use super::answer::{Given, Relaxation, RelaxedConstraint};
use super::attendee::Attendee;
use super::constraints::{Strictness, Tentative};
use super::deals::{Barred, Concession, Deal, FREE, OUT};
use super::grid::Grid;
use super::request::{LOOK_BEYOND_MS, STEPS_MINUTES};
use super::rules::{self, Rule};
use super::search::{Limit, Search};
use crate::calendar::civil;
use crate::calendar::interval::Interval;
use crate::time::Timestamp;

/// The most relaxations that are answered.
pub(super) const MAX_RELAXATIONS: usize = 10;

const MINUTE_MS: i64 = 60_000;

/// What to give up to get a slot, the least first.
pub(super) fn relaxations(search: &Search) -> Vec<Relaxation> {
    let grid = search.grid();
    let barred = all_bars(search);
    // A meeting without all who must come is none.
    let required = search.attendees.iter().filter(|person| person.required);
    let required = required.count();
    let leaves_somebody = |deal: &Deal| {
        let without = |one: &Concession| one.constraint() == RelaxedConstraint::RequiredAttendee;
        deal.iter().filter(without).count() < required.max(1)
    };
    let mut singles: Vec<(Concession, Interval)> = Vec::new();
    let mut seen = HashSet::new();
    let mut pair: Option<(Deal, i64)> = None;
    for (stretch, place) in barred.iter().filter(|(_, place)| *place != OUT) {
        let start = grid.at_or_after(stretch.start);
        if start >= stretch.end {
            continue;
        }
        for deal in barred.deals(place).iter().filter(leaves_somebody) {
            match (deal.first, deal.second) {
                (Some(one), None) => {
                    if seen.insert(one) {
                        singles.push((one, meeting(start, search.duration_ms)));
                    }
                }
                _ => {
                    if pair.is_none_or(|(known, _)| deal.price() < known.price()) {
                        pair = Some((deal, start));
                    }
                }
            }
        }
    }
    let finest = STEPS_MINUTES.first().copied().unwrap_or(1);
    for (constraint, found) in [
        (
            RelaxedConstraint::StepMinutes,
            first_free(search, &barred, finest),
        ),
        (RelaxedConstraint::DurationMinutes, shorter(search, &grid)),
        (RelaxedConstraint::WindowEnd, later(search, &grid)),
    ] {
        if let Some(meeting) = found {
            singles.push((Concession::of_all(constraint), meeting));
        }
    }
    singles.sort_unstable_by_key(|(one, meeting)| (one.price(), meeting.start, *one));
    singles.truncate(MAX_RELAXATIONS);
    let mut found: Vec<Relaxation> = singles
        .into_iter()
        .map(|(one, meeting)| describe(search, one, None, meeting))
        .collect();
    if let (true, Some((deal, start))) = (found.is_empty(), pair)
        && let Some(first) = deal.first
    {
        let meeting = meeting(start, search.duration_ms);
        found.push(describe(search, first, deal.second, meeting));
    }
    found
}

/// Every start of the window with what bars it.
fn all_bars(search: &Search) -> Barred {
    let range = search.range(search.duration_ms, search.window.end);
    let mut barred = Barred::new(range);
    let mut starts = Vec::new();
    let of_all = Concession::of_all;
    for (limit, within) in &search.limits {
        starts.clear();
        rules::not_within(within, search.duration_ms, range, &mut starts);
        let constraint = match limit {
            Limit::Days => RelaxedConstraint::Days,
            Limit::Times => RelaxedConstraint::Times,
            Limit::Dates => RelaxedConstraint::Dates,
            Limit::ExceptDates => RelaxedConstraint::ExceptDates,
        };
        barred.bar(&starts, &[of_all(constraint)]);
    }
    let constraints = &search.constraints;
    let until = |end: i64| Interval {
        start: range.start,
        end,
    };
    if let Some(after) = constraints.after {
        let bar = until(after.milliseconds());
        barred.bar(&[bar], &[of_all(RelaxedConstraint::After)]);
    }
    if let Some(before) = constraints.before {
        let last = before.milliseconds().saturating_sub(search.duration_ms);
        let bar = Interval {
            start: last.saturating_add(1),
            end: range.end,
        };
        barred.bar(&[bar], &[of_all(RelaxedConstraint::Before)]);
    }
    let notice = of_all(RelaxedConstraint::MinimumNotice);
    if constraints.minimum_notice_minutes.is_some() {
        let bar = until(search.now.saturating_add(search.notice_ms()));
        barred.bar(&[bar], &[notice]);
    }
    for (place, person) in search.attendees.iter().enumerate() {
        if !person.required {
            continue;
        }
        let without = Concession::of_one(RelaxedConstraint::RequiredAttendee, place);
        if constraints.minimum_notice_minutes.is_none() {
            let bar = until(search.now.saturating_add(person.notice_ms));
            barred.bar(&[bar], &[notice, without]);
        }
        for (rule, lifts) in person_bars(search, person) {
            rules::breaking(rule, person, search.duration_ms, &[range], &mut starts);
            let whose = |constraint| match constraint {
                RelaxedConstraint::WorkingHours => Concession::of_one(constraint, place),
                _ => Concession::of_all(constraint),
            };
            let lifts = lifts.into_iter().flatten().map(whose);
            barred.bar(&starts, &lifts.chain([without]).collect::<Vec<_>>());
        }
    }
    barred
}

type Bar = (Rule, [Option<RelaxedConstraint>; 2]);

/// The rules that a person must not have broken, and what lifts each, apart from doing without them.
fn person_bars(search: &Search, person: &Attendee) -> impl Iterator<Item = Bar> {
    use RelaxedConstraint as Relaxed;
    let constraints = &search.constraints;
    let required = |strictness| strictness == Strictness::Require;
    let tentative = constraints.tentative == Tentative::Busy && !person.busy.tentative.is_empty();
    let buffers = person.buffer_before_ms > 0 || person.buffer_after_ms > 0;
    [
        (true, Rule::OutOfOffice, [None, None]),
        (true, Rule::Firm, [None, None]),
        (
            required(constraints.working_hours),
            Rule::WorkingHours,
            [Some(Relaxed::WorkingHours), None],
        ),
        (tentative, Rule::Tentative, [Some(Relaxed::Tentative), None]),
        (
            buffers,
            Rule::FirmOrTooClose,
            [Some(Relaxed::Buffers), None],
        ),
        (
            buffers && tentative,
            Rule::TentativeOrTooClose,
            [Some(Relaxed::Buffers), Some(Relaxed::Tentative)],
        ),
        (
            required(constraints.focus_time),
            Rule::FocusTime,
            [Some(Relaxed::FocusTime), None],
        ),
        (
            required(constraints.lunch),
            Rule::Lunch,
            [Some(Relaxed::Lunch), None],
        ),
        (
            required(constraints.daily_limit),
            Rule::DailyLimit,
            [Some(Relaxed::DailyLimit), None],
        ),
    ]
    .into_iter()
    .filter_map(|(holds, rule, lifts)| holds.then_some((rule, lifts)))
}

/// The first start that nothing bars, where slots start at more minutes of the hour.
fn first_free(search: &Search, barred: &Barred, step_minutes: u32) -> Option<Interval> {
    let grid = Grid::new(std::sync::Arc::clone(&search.offsets), step_minutes);
    let free = barred.iter().filter(|(_, place)| *place == FREE);
    first_on(&grid, free.map(|(stretch, _)| stretch))
        .map(|start| meeting(start, search.duration_ms))
}

/// The meeting of a length that starts then.
fn meeting(start: i64, length_ms: i64) -> Interval {
    Interval {
        start,
        end: start.saturating_add(length_ms),
    }
}

/// The first start on a grid of some stretches.
fn first_on(grid: &Grid, stretches: impl IntoIterator<Item = Interval>) -> Option<i64> {
    stretches.into_iter().find_map(|stretch| {
        let start = grid.at_or_after(stretch.start);
        (start < stretch.end).then_some(start)
    })
}

/// The first slot of the longest meeting that is shorter: so many half hours, or a quarter.
fn shorter(search: &Search, grid: &Grid) -> Option<Interval> {
    let half_hour = 30 * MINUTE_MS;
    let first = |length_ms: i64| {
        let starts = search.allowed_starts(length_ms, search.window.end);
        let start = first_on(grid, starts)?;
        Some(meeting(start, length_ms))
    };
    // A time that is long enough for a meeting is so for a shorter one: half hours can be halved.
    let (mut fits, mut found) = (0, None);
    let mut too_long = (search.duration_ms - 1).div_euclid(half_hour) + 1;
    while too_long - fits > 1 {
        let middle = fits + (too_long - fits) / 2;
        match first(middle * half_hour) {
            Some(meeting) => (fits, found) = (middle, Some(meeting)),
            None => too_long = middle,
        }
    }
    let quarter = half_hour / 2;
    found.or_else(|| first(quarter).filter(|_| quarter < search.duration_ms))
}

/// The first slot behind the end of the window.
fn later(search: &Search, grid: &Grid) -> Option<Interval> {
    let beyond = search.window.length().min(LOOK_BEYOND_MS);
    let end = search.window.end.saturating_add(beyond);
    let starts = search.allowed_starts(search.duration_ms, end);
    first_on(grid, starts).map(|start| meeting(start, search.duration_ms))
}

impl Search {
    /// The name of who a concession is about.
    fn name_of(&self, one: Concession) -> Option<&str> {
        let person = self.attendees.get(one.attendee()?)?;
        Some(&person.name)
    }
}

fn describe(
    search: &Search,
    first: Concession,
    second: Option<Concession>,
    meeting: Interval,
) -> Relaxation {
    let mut text = phrase(search, first, meeting);
    if let Some(second) = second {
        text.push_str(" and ");
        text.push_str(&phrase(search, second, meeting));
    }
    let mut letters = text.chars();
    let text: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect();
    let start = civil::to_date_time(search.offsets.civil(meeting.start));
    Relaxation {
        constraint: first.constraint(),
        attendee: search.name_of(first).map(str::to_owned),
        also: second.map(Concession::constraint),
        also_attendee: second
            .and_then(|second| search.name_of(second))
            .map(str::to_owned),
        text: format!(
            "{text} would give {} ({}).",
            start.format("%A, %-d %B %Y, %H:%M"),
            search.offsets.zone().name()
        ),
        gives: Given {
            start: Timestamp::from_milliseconds(meeting.start),
            end: Timestamp::from_milliseconds(meeting.end),
        },
    }
}

/// What it is to give something up, as the subject of a sentence.
fn phrase(search: &Search, one: Concession, meeting: Interval) -> String {
    let name = search.name_of(one).unwrap_or_default();
    let fixed = match one.constraint() {
        RelaxedConstraint::WorkingHours => {
            return format!("meeting outside the working hours of {name}");
        }
        RelaxedConstraint::RequiredAttendee => return format!("meeting without {name}"),
        RelaxedConstraint::DurationMinutes => {
            let minutes = meeting.length() / MINUTE_MS;
            return format!("a meeting of {minutes} minutes");
        }
        RelaxedConstraint::StepMinutes => "starting at other minutes of the hour",
        RelaxedConstraint::Tentative => "counting tentative time as free",
        RelaxedConstraint::Buffers => "doing without free time around the meeting",
        RelaxedConstraint::FocusTime => "breaking focus time",
        RelaxedConstraint::Lunch => "leaving no time for lunch",
        RelaxedConstraint::DailyLimit => "going over a daily limit",
        RelaxedConstraint::MinimumNotice => "shorter notice",
        RelaxedConstraint::Times => "other times of day",
        RelaxedConstraint::Days => "other days of the week",
        RelaxedConstraint::Dates => "other dates",
        RelaxedConstraint::ExceptDates => "the dates that were left out",
        RelaxedConstraint::After => "starting before the earliest time",
        RelaxedConstraint::Before => "ending after the latest time",
        RelaxedConstraint::WindowEnd => "looking beyond the end of the window",
    };
    fixed.to_owned()
}
