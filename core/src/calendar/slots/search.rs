//! The finder: from a request and what is known of its people to the slots, or to what stands in
//! their way.

use std::sync::Arc;

use super::answer::Slots;
use super::attendee::{Attendee, Stored};
use super::constraints::{Constraints, Strictness, Tentative};
use super::grid::Grid;
use super::ranking;
use super::reasons;
use super::relaxation;
use super::request::SlotsRequest;
use super::rules::{self, Rule};
use crate::calendar::civil;
use crate::calendar::hours::document::WeeklyHours;
use crate::calendar::hours::expand::Expansion;
use crate::calendar::hours::values::{Date, TimeSpan, Weekdays};
use crate::calendar::hours::weights::Weights;
use crate::calendar::interval::{Interval, IntervalSet};
use crate::calendar::zone::Offsets;

const MINUTE_MS: i64 = 60_000;

/// A constraint on days and times, which holds for the meeting whoever comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    Days,
    Times,
    Dates,
    ExceptDates,
}

/// A search for slots: all that is asked for, with everything worked out that does not depend on
/// where the meeting lies.
#[derive(Debug, Clone)]
pub struct Search {
    /// How long the meeting takes.
    pub(super) duration_ms: i64,
    /// Within which it lies.
    pub(super) window: Interval,
    /// What the clock shows: nothing starts before.
    pub(super) now: i64,
    /// The offsets of the zone that days and times are read in.
    pub(super) offsets: Arc<Offsets>,
    /// How many minutes apart slots can start.
    pub(super) step_minutes: u32,
    /// How many slots are answered at most.
    pub(super) count: usize,
    /// What the time must and should keep to.
    pub(super) constraints: Constraints,
    /// What counts how much.
    pub(super) weights: Weights,
    /// Who is asked to come.
    pub(super) attendees: Vec<Attendee>,
    /// Within what the meeting lies, by constraint.
    pub(super) limits: Vec<(Limit, IntervalSet)>,
}

/// The rules that nobody who comes may break, with these constraints.
pub(super) fn hard_rules(constraints: &Constraints) -> impl Iterator<Item = Rule> {
    [Some(Rule::OutOfOffice), Some(Rule::BusyOrTooClose)]
        .into_iter()
        .chain(rules_that_are(constraints, Strictness::Require))
        .flatten()
}

/// The rules that have a strictness, where it is that one.
fn rules_that_are(
    constraints: &Constraints,
    strictness: Strictness,
) -> impl Iterator<Item = Option<Rule>> {
    [
        (Rule::WorkingHours, constraints.working_hours),
        (Rule::FocusTime, constraints.focus_time),
        (Rule::Lunch, constraints.lunch),
        (Rule::DailyLimit, constraints.daily_limit),
    ]
    .into_iter()
    .map(move |(rule, wanted)| (wanted == strictness).then_some(rule))
}

/// How many points a broken rule costs.
fn points(rule: Rule, weights: &Weights) -> u32 {
    match rule {
        Rule::WorkingHours => weights.outside_hours,
        Rule::FarOutside => weights.far_outside_hours,
        Rule::FocusTime => weights.focus_time,
        Rule::Lunch => weights.lunch,
        Rule::DailyLimit => weights.daily_limit,
        Rule::BackToBack => weights.back_to_back,
        Rule::Tentative => weights.tentative,
        Rule::PreferredTimes => weights.preferred_times,
        // What nobody can do costs nothing: it is not offered.
        _ => 0,
    }
}

impl Search {
    /// The search that a request asks for. `stored` is what is known of its attendees, in their
    /// order (nothing of those it is too short for); `kept` are the weights of who asks.
    pub fn prepare(request: &SlotsRequest, stored: &[Stored], kept: Weights, now: i64) -> Self {
        let mut expansion = Expansion::over(request.horizon());
        let nothing = Stored::default();
        let stored = stored.iter().chain(std::iter::repeat(&nothing));
        let attendees = request.attendees.iter().zip(stored);
        let attendees = attendees
            .map(|(asked, stored)| Attendee::prepare(asked, stored, request, &mut expansion))
            .collect();
        Self {
            duration_ms: i64::from(request.duration_minutes) * MINUTE_MS,
            window: request.window,
            now,
            offsets: expansion.offsets(request.zone),
            step_minutes: request.step_minutes,
            count: request.limit,
            constraints: request.constraints.clone(),
            weights: request.weights.over(kept),
            attendees,
            limits: limits(request, &mut expansion),
        }
    }

    /// The best slots, or what would give one.
    pub fn find(&self) -> Slots<'_> {
        let starts = self.allowed_starts(self.duration_ms, self.window.end);
        let costs = self.costs();
        let hard: Vec<Rule> = hard_rules(&self.constraints).collect();
        let best = ranking::best(self, &starts, &hard, &costs);
        Slots {
            relaxations: if best.is_empty() {
                relaxation::relaxations(self)
            } else {
                Vec::new()
            },
            items: best
                .iter()
                .map(|ranked| reasons::explain(self, *ranked, &hard, &costs))
                .collect(),
        }
    }

    /// The first instants at which the meeting may start, in their order and not ranked.
    pub fn first_starts(&self, count: usize) -> Vec<i64> {
        let grid = self.grid();
        let mut starts = Vec::new();
        for stretch in self.allowed_starts(self.duration_ms, self.window.end) {
            let mut at = grid.at_or_after(stretch.start);
            while at < stretch.end && starts.len() < count {
                starts.push(at);
                at = grid.at_or_after(at.saturating_add(1));
            }
        }
        starts
    }

    /// The rules that cost points where they are broken, and how many; only those that somebody has
    /// something for.
    fn costs(&self) -> Vec<(Rule, u32)> {
        let constraints = &self.constraints;
        let outside = constraints.working_hours == Strictness::Prefer;
        let tentative = constraints.tentative == Tentative::Prefer;
        rules_that_are(constraints, Strictness::Prefer)
            .chain([
                outside.then_some(Rule::FarOutside),
                tentative.then_some(Rule::Tentative),
                Some(Rule::BackToBack),
                Some(Rule::PreferredTimes),
            ])
            .flatten()
            .map(|rule| (rule, points(rule, &self.weights)))
            .filter(|(rule, points)| {
                let mut people = self.attendees.iter();
                *points > 0 && people.any(|person| rules::concerns(*rule, person))
            })
            .collect()
    }

    /// The instants at which slots may start.
    pub(super) fn grid(&self) -> Grid {
        Grid::new(Arc::clone(&self.offsets), self.step_minutes)
    }

    /// How long beforehand the meeting has to be arranged, by the constraints or by who must come.
    pub(super) fn notice_ms(&self) -> i64 {
        let asked = self.constraints.minimum_notice_minutes;
        asked.map_or_else(
            || {
                let required = self.attendees.iter().filter(|person| person.required);
                required.map(|person| person.notice_ms).max().unwrap_or(0)
            },
            |minutes| i64::from(minutes) * MINUTE_MS,
        )
    }

    /// The starts that a meeting of a length has within a window that ends then, as
    /// `[first, behind the last)`; none of them lies in the past.
    pub(super) fn range(&self, length_ms: i64, window_end: i64) -> Interval {
        Interval {
            start: self.window.start.max(self.now),
            end: window_end.saturating_sub(length_ms).saturating_add(1),
        }
    }

    /// The starts of a meeting of a length, within a window that ends then, which break nothing that
    /// must be kept: as stretches `[first, behind the last)`, in order and not touching.
    pub(super) fn allowed_starts(&self, length_ms: i64, window_end: i64) -> Vec<Interval> {
        let (after, before) = (self.constraints.after, self.constraints.before);
        let mut range = self.range(length_ms, window_end);
        let earliest = self.now.saturating_add(self.notice_ms());
        range.start = range.start.max(earliest);
        if let Some(after) = after {
            range.start = range.start.max(after.milliseconds());
        }
        if let Some(before) = before {
            let last = before.milliseconds().saturating_sub(length_ms);
            range.end = range.end.min(last.saturating_add(1));
        }
        let mut starts = Starts::of(range);
        for (_, within) in &self.limits {
            starts.broken.clear();
            rules::not_within(within, length_ms, range, &mut starts.broken);
            starts.take_away();
        }
        // Hours that several people share are looked at once.
        let mut last_hours: Option<&Arc<IntervalSet>> = None;
        for person in self.attendees.iter().filter(|person| person.required) {
            for rule in hard_rules(&self.constraints) {
                if starts.left.is_empty() {
                    return starts.left;
                }
                if rule == Rule::WorkingHours {
                    if last_hours.is_some_and(|last| Arc::ptr_eq(last, &person.working)) {
                        continue;
                    }
                    last_hours = Some(&person.working);
                }
                starts.keep(rule, person, length_ms);
            }
        }
        starts.left
    }
}

/// Starts that are left, and room to take some away without allocating for each rule.
#[derive(Debug)]
pub(super) struct Starts {
    /// What is left, in order and not touching.
    pub(super) left: Vec<Interval>,
    /// What is to be taken away next.
    broken: Vec<Interval>,
    next: Vec<Interval>,
}

impl Starts {
    /// All of a range.
    pub(super) fn of(range: Interval) -> Self {
        let mut left = Vec::new();
        if !range.is_empty() {
            left.push(range);
        }
        Self {
            left,
            broken: Vec::new(),
            next: Vec::new(),
        }
    }

    /// Begins anew with these.
    pub(super) fn reset(&mut self, starts: &[Interval]) {
        self.left.clear();
        self.left.extend_from_slice(starts);
    }

    /// Keeps the starts that do not break a rule for a person.
    pub(super) fn keep(&mut self, rule: Rule, person: &Attendee, length_ms: i64) {
        rules::breaking(rule, person, length_ms, &self.left, &mut self.broken);
        if !self.broken.is_empty() {
            self.take_away();
        }
    }

    /// Takes away what is broken.
    fn take_away(&mut self) {
        self.next.clear();
        let mut next = 0;
        for one in &self.left {
            let mut from = one.start;
            while let Some(bad) = self.broken.get(next).filter(|bad| bad.start < one.end) {
                if bad.end > from {
                    if from < bad.start {
                        self.next.push(Interval {
                            start: from,
                            end: bad.start,
                        });
                    }
                    from = bad.end;
                    if bad.end > one.end {
                        break;
                    }
                }
                next += 1;
            }
            if from < one.end {
                self.next.push(Interval {
                    start: from,
                    end: one.end,
                });
            }
        }
        std::mem::swap(&mut self.left, &mut self.next);
    }
}

/// Within what the meeting has to lie, by the constraints on days and times.
fn limits(request: &SlotsRequest, expansion: &mut Expansion) -> Vec<(Limit, IntervalSet)> {
    let constraints = &request.constraints;
    let offsets = expansion.offsets(request.zone);
    let mut weekly = |days: Weekdays, spans: &[TimeSpan]| {
        let week: Vec<WeeklyHours> = spans
            .iter()
            .map(|span| WeeklyHours {
                days,
                start: span.start,
                end: span.end,
                time_zone: None,
            })
            .collect();
        expansion.week(request.zone, &week)
    };
    let mut limits = Vec::new();
    if let Some(days) = constraints.days {
        limits.push((Limit::Days, weekly(days, &[TimeSpan::DAY])));
    }
    if let Some(times) = &constraints.times {
        limits.push((Limit::Times, weekly(Weekdays::EVERY, times)));
    }
    let on = |dates: &[Date]| -> IntervalSet {
        let midnight = |day| offsets.instant(civil::midnight(day));
        dates
            .iter()
            .map(|date| Interval {
                start: midnight(date.day()),
                end: midnight(date.day().saturating_add(1)),
            })
            .collect()
    };
    if let Some(dates) = &constraints.dates {
        limits.push((Limit::Dates, on(dates)));
    }
    if let Some(dates) = &constraints.except_dates {
        let rest = on(dates).gaps_in(request.horizon());
        limits.push((Limit::ExceptDates, rest));
    }
    limits
}
