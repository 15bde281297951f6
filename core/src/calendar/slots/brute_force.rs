//! The finder against one that tries every start: same slots, same order, same points; and against one
//! that gives up every constraint, and every two, one after the other.
//!
//! What is asked of a start here is asked of the request itself and of stretches as they came in, five
//! minutes at a time, without the sets that the finder works with.

use chrono_tz::Tz;
use proptest::prelude::*;

use super::answer::{RelaxedConstraint, Slots};
use super::attendee::Stored;
use super::constraints::{Constraints, Strictness, Tentative};
use super::relaxation::{MAX_RELAXATIONS, price};
use super::request::{LOOK_BEYOND_MS, RequestedAttendee, STEPS_MINUTES, SlotsRequest, Who};
use super::search::Search;
use crate::calendar::busy::{BusyStatus, BusyStretch};
use crate::calendar::civil;
use crate::calendar::hours::absence::Away;
use crate::calendar::hours::document::{
    Buffer, Buffers, DailyLimit, Lunch, WeeklyHours, WorkingHours,
};
use crate::calendar::hours::expand::{Expansion, Weekly, working_time};
use crate::calendar::hours::values::{Date, TimeOfDay, TimeSpan, Weekday, Zone};
use crate::calendar::hours::weights::{Weights, WeightsInput};
use crate::calendar::interval::{Interval, IntervalSet};
use crate::time::{Timestamp, parse_zone, resolve};

const MINUTE: i64 = 60_000;
const CELL: i64 = 5 * MINUTE;
const DAY: i64 = 86_400_000;

/// What the finder is given.
#[derive(Debug, Clone)]
struct Case {
    request: SlotsRequest,
    stored: Vec<Stored>,
    now: i64,
}

/// A person with what can be said of them beforehand.
struct Person {
    required: bool,
    home: Tz,
    document: WorkingHours,
    stretches: Vec<BusyStretch>,
    working: IntervalSet,
    at_all_hours: bool,
    focus: IntervalSet,
    lunch: IntervalSet,
    preferred: IntervalSet,
}

struct BruteForce<'a> {
    request: &'a SlotsRequest,
    window: Interval,
    now: i64,
    people: Vec<Person>,
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
    fn new(case: &'a Case) -> Self {
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
    fn can_come(&self, person: &Person, meeting: Interval) -> bool {
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
    fn meetings(&self, duration_minutes: u32, step_minutes: u32) -> impl Iterator<Item = Interval> {
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

    fn first(&self) -> Option<Interval> {
        self.meetings(self.request.duration_minutes, self.request.step_minutes)
            .next()
    }

    fn best(&self, weights: &Weights) -> Vec<(i64, i64)> {
        let all = self.meetings(self.request.duration_minutes, self.request.step_minutes);
        let mut all: Vec<_> = all
            .map(|meeting| (self.points(meeting, weights), meeting.start))
            .collect();
        all.sort_unstable();
        all.truncate(self.request.limit);
        all
    }
}

fn found(slots: &Slots) -> Vec<(i64, i64)> {
    let points =
        |slot: &super::answer::Slot| -slot.reasons.iter().map(|reason| reason.effect).sum::<i64>();
    slots
        .items
        .iter()
        .map(|slot| (points(slot), slot.start.milliseconds()))
        .collect()
}

fn search(case: &Case) -> Search {
    Search::prepare(
        &case.request,
        case.stored.clone(),
        Weights::default(),
        case.now,
    )
}

/// A constraint to give up, and whose.
type Concession = (RelaxedConstraint, Option<usize>);

/// The same case with a constraint given up; who meets at all hours is told apart.
fn without(case: &Case, (constraint, person): Concession) -> (Case, Option<usize>) {
    let mut case = case.clone();
    let constraints = &mut case.request.constraints;
    match constraint {
        RelaxedConstraint::Tentative => constraints.tentative = Tentative::Free,
        RelaxedConstraint::Buffers => {
            constraints.buffer_before_minutes = Some(0);
            constraints.buffer_after_minutes = Some(0);
        }
        RelaxedConstraint::FocusTime => constraints.focus_time = Strictness::Ignore,
        RelaxedConstraint::Lunch => constraints.lunch = Strictness::Ignore,
        RelaxedConstraint::DailyLimit => constraints.daily_limit = Strictness::Ignore,
        RelaxedConstraint::MinimumNotice => constraints.minimum_notice_minutes = Some(0),
        RelaxedConstraint::Times => constraints.times = None,
        RelaxedConstraint::Days => constraints.days = None,
        RelaxedConstraint::Dates => constraints.dates = None,
        RelaxedConstraint::ExceptDates => constraints.except_dates = None,
        RelaxedConstraint::After => constraints.after = None,
        RelaxedConstraint::Before => constraints.before = None,
        RelaxedConstraint::StepMinutes => case.request.step_minutes = STEPS_MINUTES[0],
        RelaxedConstraint::RequiredAttendee => {
            case.request.attendees[person.expect("somebody")].required = false;
        }
        RelaxedConstraint::WindowEnd => {
            let beyond = case.request.window.length().min(LOOK_BEYOND_MS);
            case.request.window.end += beyond;
        }
        RelaxedConstraint::WorkingHours => return (case, person),
        RelaxedConstraint::DurationMinutes => unreachable!("has many lengths"),
    }
    (case, None)
}

/// The first slot of a case with some constraints given up.
fn first_without(case: &Case, concessions: &[Concession]) -> Option<Interval> {
    let mut relaxed = case.clone();
    let mut at_all_hours = Vec::new();
    for concession in concessions {
        let (next, person) = without(&relaxed, *concession);
        relaxed = next;
        at_all_hours.extend(person);
    }
    let mut finder = BruteForce::new(&relaxed);
    for person in at_all_hours {
        finder.people[person].at_all_hours = true;
    }
    finder.first()
}

fn concessions(case: &Case) -> Vec<Concession> {
    let mut all: Vec<Concession> = [
        RelaxedConstraint::Tentative,
        RelaxedConstraint::Buffers,
        RelaxedConstraint::FocusTime,
        RelaxedConstraint::Lunch,
        RelaxedConstraint::DailyLimit,
        RelaxedConstraint::MinimumNotice,
        RelaxedConstraint::Times,
        RelaxedConstraint::Days,
        RelaxedConstraint::Dates,
        RelaxedConstraint::ExceptDates,
        RelaxedConstraint::After,
        RelaxedConstraint::Before,
    ]
    .map(|constraint| (constraint, None))
    .to_vec();
    let required: Vec<usize> = (0..case.request.attendees.len())
        .filter(|index| case.request.attendees[*index].required)
        .collect();
    for index in &required {
        all.push((RelaxedConstraint::WorkingHours, Some(*index)));
        if required.len() > 1 {
            all.push((RelaxedConstraint::RequiredAttendee, Some(*index)));
        }
    }
    all
}

/// What the finder should say where there is no slot: each concession with its first slot.
fn expected_relaxations(case: &Case) -> Vec<(Concession, Interval)> {
    let mut all = concessions(case);
    all.push((RelaxedConstraint::StepMinutes, None));
    all.push((RelaxedConstraint::WindowEnd, None));
    let given = all
        .into_iter()
        .filter_map(|one| Some((one, first_without(case, &[one])?)));
    let mut given: Vec<_> = given.collect();
    let finder = BruteForce::new(case);
    let lengths = (1..48).rev().map(|half| half * 30).chain([15]);
    let shorter = lengths.filter(|length| *length < case.request.duration_minutes);
    let shorter = shorter
        .filter_map(|length| finder.meetings(length, case.request.step_minutes).next())
        .next();
    given.extend(shorter.map(|meeting| ((RelaxedConstraint::DurationMinutes, None), meeting)));
    given.sort_by_key(|((constraint, _), meeting)| (price(*constraint), meeting.start));
    given
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
    (
        prop::bool::ANY,
        some_zone(),
        prop::option::of(some_document()),
        away,
        busy,
    )
        .prop_map(|(required, zone, hours, away, (stored, inline))| {
            let asked = RequestedAttendee {
                who: Who::Email(String::new()),
                name: None,
                required,
                zone: None,
                working_hours: None,
                busy: inline,
            };
            let account_zone = Some(zone);
            (
                asked,
                Stored {
                    name: None,
                    account_zone,
                    hours,
                    away,
                    busy: stored,
                },
            )
        })
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

fn some_case(most_busy: usize) -> impl Strategy<Value = Case> {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_slots_are_those_that_trying_every_start_finds(case in some_case(3)) {
        let finder = BruteForce::new(&case);
        let slots = search(&case).find();
        let weights = case.request.weights.over(Weights::default());
        prop_assert_eq!(found(&slots), finder.best(&weights));
        for slot in &slots.items {
            let points = -slot.reasons.iter().map(|reason| reason.effect).sum::<i64>();
            prop_assert_eq!(slot.score, super::reasons::score(points));
            let meeting = Interval { start: slot.start.milliseconds(), end: slot.end.milliseconds() };
            let missing = finder.people.iter().filter(|person| !finder.can_come(person, meeting));
            prop_assert_eq!(slot.missing_optional.len(), missing.count());
        }
        prop_assert!(slots.items.is_empty() || slots.relaxations.is_empty());
    }

    #[test]
    fn what_is_to_be_given_up_is_all_that_gives_a_slot(case in some_case(6)) {
        let slots = search(&case).find();
        if slots.items.is_empty() {
            let expected = expected_relaxations(&case);
            let shown: Vec<_> = slots.relaxations.iter()
                .map(|one| (one.constraint, one.gives.start.milliseconds(), one.gives.end.milliseconds()))
                .collect();
            if expected.is_empty() {
                prop_assert!(shown.len() <= 1);
                let all = concessions(&case);
                let pairs = all.iter().enumerate().flat_map(|(index, one)| all[index + 1..].iter().map(move |two| (*one, *two)));
                let cheapest = pairs
                    .filter_map(|(one, two)| Some((price(one.0) + price(two.0), first_without(&case, &[one, two])?.start)))
                    .min();
                let answered = slots.relaxations.first().map(|one| {
                    (price(one.constraint) + price(one.also.expect("a pair")), one.gives.start.milliseconds())
                });
                prop_assert_eq!(answered, cheapest);
            } else {
                let mut expected: Vec<_> = expected.iter()
                    .map(|((constraint, _), meeting)| (*constraint, meeting.start, meeting.end))
                    .collect();
                expected.truncate(MAX_RELAXATIONS);
                let key = |one: &(RelaxedConstraint, i64, i64)| (price(one.0), one.1, one.2, format!("{:?}", one.0));
                let (mut shown, mut expected) = (shown, expected);
                shown.sort_by_key(key);
                expected.sort_by_key(key);
                prop_assert_eq!(shown, expected);
            }
        }
    }
}
