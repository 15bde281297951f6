//! A finder that tries every start.
//!
//! What is asked of a start here is asked of the request itself and of stretches as they came in, five
//! minutes at a time, without the sets that the finder works with.

use chrono_tz::Tz;

use super::cases::{CELL, Case, DAY, MINUTE};
use crate::calendar::busy::{BusyStatus, BusyStretch};
use crate::calendar::civil;
use crate::calendar::hours::absence::Away;
use crate::calendar::hours::document::{DailyLimit, WorkingHours};
use crate::calendar::hours::expand::{Expansion, Weekly, working_time};
use crate::calendar::hours::values::{Date, TimeSpan, Zone};
use crate::calendar::hours::weights::Weights;
use crate::calendar::interval::{Interval, IntervalSet};
use crate::calendar::slots::constraints::{Constraints, Strictness, Tentative};
use crate::calendar::slots::request::SlotsRequest;
use crate::time::{Timestamp, resolve};

/// A person with what can be said of them beforehand.
pub(super) struct Person {
    required: bool,
    home: Tz,
    document: WorkingHours,
    stretches: Vec<BusyStretch>,
    working: IntervalSet,
    pub(super) at_all_hours: bool,
    focus: IntervalSet,
    lunch: IntervalSet,
    preferred: IntervalSet,
}

pub(super) struct BruteForce<'a> {
    request: &'a SlotsRequest,
    window: Interval,
    now: i64,
    pub(super) people: Vec<Person>,
}

fn cells(meeting: Interval) -> impl Iterator<Item = i64> {
    (0..)
        .map(move |cell| meeting.start + cell * CELL)
        .take_while(move |at| *at < meeting.end)
}

fn wall(instant: i64, zone: Tz) -> i64 {
    let moment = Timestamp::from_milliseconds(instant).to_utc();
    civil::from_date_time(moment.with_timezone(&zone).naive_local())
}

fn instant(civil: i64, zone: Tz) -> i64 {
    resolve(civil::to_date_time(civil), zone).milliseconds()
}

fn covers(set: &IntervalSet, meeting: Interval) -> bool {
    set.iter().any(|one| one.covers(meeting))
}

fn overlaps(set: &IntervalSet, meeting: Interval) -> bool {
    set.iter().any(|one| one.overlaps(meeting))
}

impl<'a> BruteForce<'a> {
    pub(super) fn new(case: &'a Case) -> Self {
        let request = &case.request;
        let horizon = request.horizon();
        let people = request.attendees.iter().zip(&case.stored);
        let people = people.map(|(asked, stored)| {
            let account = stored.account_zone.unwrap_or(request.zone);
            let mut document = stored.hours.clone().unwrap_or_default();
            document.time_zone = asked.zone.map(Zone).or(document.time_zone);
            if let Some(week) = &asked.working_hours {
                document.working_hours.clone_from(week);
            }
            let only_travel: Vec<Away> = stored
                .away
                .iter()
                .copied()
                .filter(|one| one.zone.is_some())
                .collect();
            let mut expansion = Expansion::over(horizon);
            let mut hours = |which| expansion.hours(which, &document, account, &stored.away);
            let (focus, lunch) = (hours(Weekly::Focus), hours(Weekly::Lunch));
            let preferred = hours(Weekly::Preferred);
            let out = stored.away.iter().filter(|one| one.zone.is_none());
            let out = out.map(|one| BusyStretch {
                interval: one.interval,
                status: BusyStatus::OutOfOffice,
            });
            let all = stored.busy.iter().chain(&asked.busy).copied().chain(out);
            Person {
                required: asked.required,
                home: document.zone(account),
                stretches: all.filter(|one| !one.interval.is_empty()).collect(),
                working: working_time(&document, account, &only_travel, horizon),
                at_all_hours: false,
                focus: (*focus).clone(),
                lunch: (*lunch).clone(),
                preferred: (*preferred).clone(),
                document,
            }
        });
        Self {
            request,
            window: request.window,
            now: case.now,
            people: people.collect(),
        }
    }

    fn constraints(&self) -> &Constraints {
        &self.request.constraints
    }

    fn counts_as_busy(&self, status: BusyStatus) -> bool {
        status != BusyStatus::OutOfOffice
            && (status != BusyStatus::Tentative || self.constraints().tentative == Tentative::Busy)
    }

    fn buffers(&self, person: &Person) -> (i64, i64) {
        let own = person.document.buffers.around(self.request.kind);
        let constraints = self.constraints();
        let before = constraints
            .buffer_before_minutes
            .unwrap_or(own.before_minutes);
        let after = constraints
            .buffer_after_minutes
            .unwrap_or(own.after_minutes);
        (i64::from(before) * MINUTE, i64::from(after) * MINUTE)
    }

    fn is_free(&self, person: &Person, meeting: Interval) -> bool {
        let (before, after) = self.buffers(person);
        let wide = meeting.widened(before, after);
        !person.stretches.iter().any(|one| {
            (one.status == BusyStatus::OutOfOffice && one.interval.overlaps(meeting))
                || (self.counts_as_busy(one.status) && one.interval.overlaps(wide))
        })
    }

    fn is_tentative(person: &Person, meeting: Interval) -> bool {
        let mut all = person.stretches.iter();
        all.any(|one| one.status == BusyStatus::Tentative && one.interval.overlaps(meeting))
    }

    /// The longest run of five minutes in which somebody could eat.
    fn longest_lunch(person: &Person, window: Interval, meeting: Option<Interval>) -> i64 {
        let (mut run, mut longest) = (0, 0);
        for at in cells(window) {
            let cell = Interval {
                start: at,
                end: at + CELL,
            };
            let firm =
                |one: &&BusyStretch| matches!(one.status, BusyStatus::Busy | BusyStatus::Hold);
            let mut busy = person.stretches.iter().filter(firm);
            let taken = busy.any(|one| one.interval.overlaps(cell))
                || meeting.is_some_and(|one| one.overlaps(cell));
            run = if taken { 0 } else { run + CELL };
            longest = longest.max(run);
        }
        longest
    }

    fn takes_lunch(person: &Person, meeting: Interval) -> bool {
        let Some(lunch) = person.document.lunch else {
            return false;
        };
        let needed = i64::from(lunch.minutes) * MINUTE;
        person.lunch.iter().any(|window| {
            overlaps(&person.working, window)
                && Self::longest_lunch(person, window, None) >= needed
                && Self::longest_lunch(person, window, Some(meeting)) < needed
        })
    }

    fn has_enough(person: &Person, meeting: Interval) -> bool {
        let day = |at| wall(at, person.home).div_euclid(86_400);
        let that_day = person.stretches.iter().filter(|one| {
            one.status != BusyStatus::OutOfOffice
                && one.interval.length() < DAY
                && day(one.interval.start) == day(meeting.start)
        });
        let minutes: i64 = that_day
            .clone()
            .map(|one| one.interval.length() / MINUTE)
            .sum();
        let DailyLimit {
            meetings,
            minutes: most,
        } = person.document.daily_limit;
        meetings.is_some_and(|most| that_day.count() + 1 > most as usize)
            || most.is_some_and(|most| minutes + meeting.length() / MINUTE > i64::from(most))
    }

    fn is_back_to_back(&self, person: &Person, meeting: Interval) -> bool {
        let all = || {
            person
                .stretches
                .iter()
                .filter(|one| self.counts_as_busy(one.status))
                .map(|one| one.interval)
        };
        let close = 10 * MINUTE;
        !all().any(|one| one.overlaps(meeting))
            && all().any(|one| {
                (0..close).contains(&(meeting.start - one.end))
                    || (0..close).contains(&(one.start - meeting.end))
            })
    }

    fn works(person: &Person, meeting: Interval) -> bool {
        person.at_all_hours || covers(&person.working, meeting)
    }

    /// Whether a person can come.
    pub(super) fn can_come(&self, person: &Person, meeting: Interval) -> bool {
        let constraints = self.constraints();
        let keeps =
            |strictness, broken: &dyn Fn() -> bool| strictness != Strictness::Require || !broken();
        self.is_free(person, meeting)
            && keeps(constraints.working_hours, &|| !Self::works(person, meeting))
            && keeps(constraints.focus_time, &|| overlaps(&person.focus, meeting))
            && keeps(constraints.lunch, &|| Self::takes_lunch(person, meeting))
            && keeps(constraints.daily_limit, &|| {
                Self::has_enough(person, meeting)
            })
    }

    /// Whether a meeting keeps to what does not depend on people.
    fn keeps_to_constraints(&self, meeting: Interval) -> bool {
        let constraints = self.constraints();
        let zone = self.request.zone;
        let required = self.people.iter().filter(|person| person.required);
        let own = required
            .map(|person| person.document.minimum_notice_minutes)
            .max();
        let notice = constraints
            .minimum_notice_minutes
            .unwrap_or(own.unwrap_or(0));
        let day = |at| civil::day_of(wall(at, zone));
        let has = |dates: &[Date], at| dates.iter().any(|date| date.day() == day(at));
        let in_times = |times: &[TimeSpan], at: i64| {
            times.iter().any(|span| {
                (-2..=1).any(|around| {
                    let (start, end) = span.on(day(at) + around);
                    (instant(start, zone)..instant(end, zone)).contains(&at)
                })
            })
        };
        meeting.start >= self.now + i64::from(notice) * MINUTE
            && constraints
                .after
                .is_none_or(|after| meeting.start >= after.milliseconds())
            && constraints
                .before
                .is_none_or(|before| meeting.end <= before.milliseconds())
            && cells(meeting).all(|at| {
                constraints.days.is_none_or(|days| days.contains(day(at)))
                    && constraints
                        .times
                        .as_ref()
                        .is_none_or(|times| in_times(times, at))
                    && constraints
                        .dates
                        .as_ref()
                        .is_none_or(|dates| has(dates, at))
                    && constraints
                        .except_dates
                        .as_ref()
                        .is_none_or(|dates| !has(dates, at))
            })
    }

    /// What it costs a person who comes.
    fn points_of(&self, person: &Person, meeting: Interval, weights: &Weights) -> u32 {
        let constraints = self.constraints();
        let costs = |strictness, weight| {
            if strictness == Strictness::Prefer {
                weight
            } else {
                0
            }
        };
        let tentative = constraints.tentative == Tentative::Prefer;
        let wide = person.working.widened(120 * MINUTE, 120 * MINUTE);
        let hours = constraints.working_hours;
        [
            (
                !Self::works(person, meeting),
                costs(hours, weights.outside_hours),
            ),
            (
                !covers(&wide, meeting),
                costs(hours, weights.far_outside_hours),
            ),
            (
                overlaps(&person.focus, meeting),
                costs(constraints.focus_time, weights.focus_time),
            ),
            (
                Self::takes_lunch(person, meeting),
                costs(constraints.lunch, weights.lunch),
            ),
            (
                Self::has_enough(person, meeting),
                costs(constraints.daily_limit, weights.daily_limit),
            ),
            (self.is_back_to_back(person, meeting), weights.back_to_back),
            (
                tentative && Self::is_tentative(person, meeting),
                weights.tentative,
            ),
            (
                !person.preferred.is_empty() && !covers(&person.preferred, meeting),
                weights.preferred_times,
            ),
        ]
        .into_iter()
        .map(|(broken, weight)| if broken { weight } else { 0 })
        .sum()
    }

    fn points(&self, meeting: Interval, weights: &Weights) -> i64 {
        let people = self.people.iter().map(|person| {
            if person.required || self.can_come(person, meeting) {
                self.points_of(person, meeting, weights)
            } else {
                weights.missing_optional
            }
        });
        let day = |at| i64::from(civil::day_of(wall(at, self.request.zone)));
        let days = day(meeting.start) - day(self.window.start);
        i64::from(people.sum::<u32>()) + days * i64::from(weights.later_by_a_day)
    }

    fn is_allowed(&self, meeting: Interval) -> bool {
        let mut required = self.people.iter().filter(|person| person.required);
        self.keeps_to_constraints(meeting) && required.all(|person| self.can_come(person, meeting))
    }

    /// Every meeting of a length that starts on a grid and is allowed.
    pub(super) fn meetings(
        &self,
        duration_minutes: u32,
        step_minutes: u32,
    ) -> impl Iterator<Item = Interval> {
        let length = i64::from(duration_minutes) * MINUTE;
        let first = self.window.start.max(self.now);
        let first = first + (-first).rem_euclid(MINUTE);
        (0..)
            .map(move |minute| Interval {
                start: first + minute * MINUTE,
                end: first + minute * MINUTE + length,
            })
            .take_while(|meeting| meeting.end <= self.window.end)
            .filter(move |meeting| {
                wall(meeting.start, self.request.zone) % (i64::from(step_minutes) * 60) == 0
            })
            .filter(|meeting| self.is_allowed(*meeting))
    }

    pub(super) fn first(&self) -> Option<Interval> {
        self.meetings(self.request.duration_minutes, self.request.step_minutes)
            .next()
    }

    pub(super) fn best(&self, weights: &Weights) -> Vec<(i64, i64)> {
        let all = self.meetings(self.request.duration_minutes, self.request.step_minutes);
        let mut all: Vec<_> = all
            .map(|meeting| (self.points(meeting, weights), meeting.start))
            .collect();
        all.sort_unstable();
        all.truncate(self.request.limit);
        all
    }
}
