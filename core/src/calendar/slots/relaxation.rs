//! What stands in the way where there is no slot: which one constraint to give up to get one, or
//! which two.
//!
//! Every start is barred by something. Each bar can be lifted in few ways: a buffer by doing without
//! buffers, or without that person. For every stretch of starts the ways to lift all its bars that give
//! up at most two things are kept, of which there are at most nine; a stretch that has none left is out.
//! Each bar is one pass over the stretches, so that all single constraints and all pairs are tried at
//! once, for about what the search itself costs.

use std::collections::HashMap;

use super::answer::{Given, Relaxation, RelaxedConstraint};
use super::attendee::Attendee;
use super::constraints::{Strictness, Tentative};
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

/// Something to give up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Concession {
    /// How much it is to ask, the least first.
    price: u8,
    constraint: u8,
    /// Whose it is: the place among the attendees, or nobody's.
    person: u16,
}

const NOBODY: u16 = u16::MAX;

/// What can be given up, from what is least to ask for to what is most. Preferences of people who come
/// anyway are less than to change what was asked for; to do without somebody is the last resort.
const BY_PRICE: [(RelaxedConstraint, u8); 17] = [
    (RelaxedConstraint::StepMinutes, 1),
    (RelaxedConstraint::Tentative, 2),
    (RelaxedConstraint::Buffers, 2),
    (RelaxedConstraint::FocusTime, 3),
    (RelaxedConstraint::Lunch, 3),
    (RelaxedConstraint::DailyLimit, 3),
    (RelaxedConstraint::MinimumNotice, 4),
    (RelaxedConstraint::Times, 5),
    (RelaxedConstraint::Days, 5),
    (RelaxedConstraint::Dates, 6),
    (RelaxedConstraint::ExceptDates, 6),
    (RelaxedConstraint::After, 6),
    (RelaxedConstraint::Before, 6),
    (RelaxedConstraint::DurationMinutes, 6),
    (RelaxedConstraint::WorkingHours, 7),
    (RelaxedConstraint::WindowEnd, 7),
    (RelaxedConstraint::RequiredAttendee, 9),
];

/// How much it is to ask for something.
#[cfg(test)]
pub(super) fn price(constraint: RelaxedConstraint) -> u8 {
    Concession::new(constraint, NOBODY).price
}

impl Concession {
    fn new(constraint: RelaxedConstraint, person: u16) -> Self {
        let place = BY_PRICE.iter().position(|(one, _)| *one == constraint);
        let place = place.unwrap_or_default();
        Self {
            price: BY_PRICE.get(place).map_or(u8::MAX, |(_, price)| *price),
            constraint: u8::try_from(place).unwrap_or_default(),
            person,
        }
    }

    fn constraint(self) -> RelaxedConstraint {
        let found = BY_PRICE.get(usize::from(self.constraint));
        found.map_or(RelaxedConstraint::WindowEnd, |(constraint, _)| *constraint)
    }
}

/// At most two things to give up together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Deal {
    price: u8,
    first: Option<Concession>,
    second: Option<Concession>,
}

impl Deal {
    const NOTHING: Self = Self {
        price: 0,
        first: None,
        second: None,
    };

    fn contains(self, one: Concession) -> bool {
        self.first == Some(one) || self.second == Some(one)
    }

    /// The deal with one more thing given up, if there is room for it.
    fn with(self, one: Concession) -> Option<Self> {
        let price = self.price.saturating_add(one.price);
        let (first, second) = match (self.first, self.second) {
            (None, _) => (one, None),
            (Some(first), None) => (first.min(one), Some(first.max(one))),
            (Some(_), Some(_)) => return None,
        };
        Some(Self {
            price,
            first: Some(first),
            second,
        })
    }

    /// Whether what it gives up is all given up by another.
    fn includes(self, other: Self) -> bool {
        [other.first, other.second]
            .into_iter()
            .flatten()
            .all(|one| self.contains(one))
    }
}

/// The deals that lift all bars of a stretch of starts, none of which includes another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Deals {
    deals: [Deal; 9],
    count: u8,
}

impl Deals {
    /// Nothing bars them: to give up nothing is a deal.
    const FREE: Self = Self {
        deals: [Deal::NOTHING; 9],
        count: 1,
    };
    /// No two things lift all that bars them.
    const OUT: Self = Self {
        count: 0,
        ..Self::FREE
    };

    fn iter(&self) -> impl Iterator<Item = Deal> {
        self.deals.iter().copied().take(usize::from(self.count))
    }

    fn insert(&mut self, deal: Deal) {
        if self.iter().any(|known| deal.includes(known)) {
            return;
        }
        if let Some(free) = self.deals.get_mut(usize::from(self.count)) {
            *free = deal;
            self.count += 1;
        }
    }

    /// The deals that lift one more bar, which each of these concessions lifts.
    fn barred(&self, lifted_by: &[Concession]) -> Self {
        let mut deals = Self::OUT;
        let lifts = |deal: &Deal| lifted_by.iter().any(|one| deal.contains(*one));
        // Those that lift it already come first: what only adds to them is not needed.
        for deal in self.iter().filter(lifts) {
            deals.insert(deal);
        }
        for deal in self.iter().filter(|deal| !lifts(deal)) {
            for one in lifted_by {
                if let Some(larger) = deal.with(*one) {
                    deals.insert(larger);
                }
            }
        }
        deals
    }
}

/// The place of [`Deals::OUT`] and of [`Deals::FREE`] among those that there are.
const OUT: u32 = 0;
const FREE: u32 = 1;

/// All starts of a window, as stretches over which the same deals lift all bars.
///
/// Many stretches have the same deals, so each is kept once and known by its place: a stretch is two
/// numbers, and what a bar does to the deals is worked out once for each of them.
struct Barred {
    /// Where a stretch begins, and its deals; in order, and neighbours differ.
    stretches: Vec<(i64, u32)>,
    end: i64,
    next: Vec<(i64, u32)>,
    known: Vec<Deals>,
    places: HashMap<Deals, u32>,
    /// What the deals of each place became by a bar, with the number of that bar.
    became: Vec<(u32, u32)>,
    bars: u32,
}

impl Barred {
    fn new(range: Interval) -> Self {
        let mut stretches = Vec::new();
        if !range.is_empty() {
            stretches.push((range.start, FREE));
        }
        Self {
            stretches,
            end: range.end,
            next: Vec::new(),
            known: vec![Deals::OUT, Deals::FREE],
            places: HashMap::from([(Deals::OUT, OUT), (Deals::FREE, FREE)]),
            became: vec![(0, OUT); 2],
            bars: 0,
        }
    }

    /// The stretches with their ends, and the places of their deals.
    fn iter(&self) -> impl Iterator<Item = (Interval, u32)> {
        let ends = self.stretches.iter().skip(1).map(|(start, _)| *start);
        let stretches = self.stretches.iter().zip(ends.chain([self.end]));
        stretches.map(|((start, deals), end)| (Interval { start: *start, end }, *deals))
    }

    fn deals(&self, place: u32) -> Deals {
        let place = usize::try_from(place).unwrap_or_default();
        self.known.get(place).copied().unwrap_or(Deals::OUT)
    }

    /// The place of the deals that also lift the bar that is being put up.
    fn with_bar(&mut self, place: u32, lifted_by: &[Concession]) -> u32 {
        let index = usize::try_from(place).unwrap_or_default();
        if let Some((_, known)) = self.became.get(index).filter(|(bar, _)| *bar == self.bars) {
            return *known;
        }
        let deals = self.deals(place).barred(lifted_by);
        let count = u32::try_from(self.known.len()).unwrap_or(OUT);
        let then = *self.places.entry(deals).or_insert(count);
        if then == count {
            self.known.push(deals);
            self.became.push((0, OUT));
        }
        if let Some(became) = self.became.get_mut(index) {
            *became = (self.bars, then);
        }
        then
    }

    /// Bars starts (in order, not touching) with something that each of these concessions lifts.
    fn bar(&mut self, starts: &[Interval], lifted_by: &[Concession]) {
        self.bars += 1;
        let before = std::mem::take(&mut self.stretches);
        let mut after = std::mem::take(&mut self.next);
        after.clear();
        let ends = before.iter().skip(1).map(|(start, _)| *start);
        let mut next = 0;
        for ((start, place), end) in before.iter().zip(ends.chain([self.end])) {
            let mut at = *start;
            // What is out stays out.
            while *place != OUT
                && let Some(bar) = starts.get(next).filter(|bar| bar.start < end)
            {
                if bar.end > at {
                    if at < bar.start {
                        put(&mut after, at, *place);
                        at = bar.start;
                    }
                    put(&mut after, at, self.with_bar(*place, lifted_by));
                    at = bar.end.min(end);
                    if bar.end > end {
                        break;
                    }
                }
                next += 1;
            }
            if at < end {
                put(&mut after, at, *place);
            }
        }
        self.stretches = after;
        self.next = before;
    }
}

/// Goes on with these deals from there.
fn put(stretches: &mut Vec<(i64, u32)>, at: i64, place: u32) {
    if stretches.last().is_none_or(|(_, last)| *last != place) {
        stretches.push((at, place));
    }
}

/// What to give up to get a slot, the least first.
pub(super) fn relaxations(search: &Search) -> Vec<Relaxation> {
    let grid = search.grid();
    let barred = all_bars(search);
    let mut singles: Vec<(Concession, Interval)> = Vec::new();
    let mut pair: Option<(Deal, i64)> = None;
    for (stretch, place) in barred.iter().filter(|(_, place)| *place != OUT) {
        let start = grid.at_or_after(stretch.start);
        if start >= stretch.end {
            continue;
        }
        for deal in barred.deals(place).iter() {
            match (deal.first, deal.second) {
                (Some(one), None) => {
                    if !singles.iter().any(|(known, _)| *known == one) {
                        singles.push((one, search.meeting_at(start, search.duration_ms)));
                    }
                }
                _ => {
                    if pair.is_none_or(|(known, _)| deal.price < known.price) {
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
            singles.push((Concession::new(constraint, NOBODY), meeting));
        }
    }
    singles.sort_unstable_by_key(|(one, meeting)| (one.price, meeting.start, *one));
    singles.truncate(MAX_RELAXATIONS);
    let mut found: Vec<Relaxation> = singles
        .into_iter()
        .map(|(one, meeting)| describe(search, one, None, meeting))
        .collect();
    if let (true, Some((deal, start))) = (found.is_empty(), pair)
        && let Some(first) = deal.first
    {
        let meeting = search.meeting_at(start, search.duration_ms);
        found.push(describe(search, first, deal.second, meeting));
    }
    found
}

/// Every start of the window with what bars it.
fn all_bars(search: &Search) -> Barred {
    let range = search.range(search.duration_ms, search.window.end);
    let mut barred = Barred::new(range);
    let mut starts = Vec::new();
    let of_all = |constraint| Concession::new(constraint, NOBODY);
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
    let required = search.attendees.iter().filter(|person| person.required);
    // A meeting without the only one who must come is none.
    let can_do_without = required.count() > 1;
    for (place, person) in search.attendees.iter().enumerate() {
        if !person.required {
            continue;
        }
        let place = u16::try_from(place).unwrap_or(NOBODY);
        let without = Concession::new(RelaxedConstraint::RequiredAttendee, place);
        let without = can_do_without.then_some(without);
        if constraints.minimum_notice_minutes.is_none() {
            let bar = until(search.now.saturating_add(person.notice_ms));
            let lifted_by = [Some(notice), without];
            barred.bar(&[bar], &lifted_by.into_iter().flatten().collect::<Vec<_>>());
        }
        for (rule, lifts) in person_bars(search, person) {
            rules::breaking(rule, person, search.duration_ms, range, &mut starts);
            let mut lifted_by = [without, None, None];
            for (constraint, free) in lifts
                .into_iter()
                .flatten()
                .zip(lifted_by.iter_mut().skip(1))
            {
                let whose = match constraint {
                    RelaxedConstraint::WorkingHours => place,
                    _ => NOBODY,
                };
                *free = Some(Concession::new(constraint, whose));
            }
            barred.bar(
                &starts,
                &lifted_by.into_iter().flatten().collect::<Vec<_>>(),
            );
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
        .map(|start| search.meeting_at(start, search.duration_ms))
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
        Some(search.meeting_at(start, length_ms))
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
    first_on(grid, starts).map(|start| search.meeting_at(start, search.duration_ms))
}

impl Search {
    /// The meeting of a length that starts then.
    fn meeting_at(&self, start: i64, length_ms: i64) -> Interval {
        Interval {
            start,
            end: start.saturating_add(length_ms),
        }
    }

    /// The name of who a concession is about.
    fn name_of(&self, one: Concession) -> Option<&str> {
        let person = self.attendees.get(usize::from(one.person))?;
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
