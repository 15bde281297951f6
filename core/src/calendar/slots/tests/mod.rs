//! The finder against one that tries every start: same slots, same order, same points; and against one
//! that gives up every constraint, and every two, one after the other.

use proptest::prelude::*;

use super::answer::{RelaxedConstraint, Slot, Slots};
use super::constraints::{Strictness, Tentative};
use super::deals::price;
use super::relaxation::MAX_RELAXATIONS;
use super::request::{LOOK_BEYOND_MS, STEPS_MINUTES};
use super::rules::{self, Rule};
use super::search::Search;
use crate::calendar::hours::weights::Weights;
use crate::calendar::interval::Interval;

mod brute_force;
mod cases;
mod examples;

use brute_force::BruteForce;
use cases::{Case, some_case};

fn found(slots: &Slots<'_>) -> Vec<(i64, i64)> {
    let points = |slot: &Slot<'_>| -slot.reasons.iter().map(|reason| reason.effect).sum::<i64>();
    slots
        .items
        .iter()
        .map(|slot| (points(slot), slot.start.milliseconds()))
        .collect()
}

fn search(case: &Case) -> Search {
    Search::prepare(&case.request, &case.stored, Weights::default(), case.now)
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
    let step = case.request.step_minutes;
    let shorter = shorter
        .into_iter()
        .find_map(|length| finder.meetings(length, step).next());
    given.extend(shorter.map(|meeting| ((RelaxedConstraint::DurationMinutes, None), meeting)));
    given.sort_by_key(|((constraint, _), meeting)| (price(*constraint), meeting.start));
    given
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(90))]

    #[test]
    fn the_slots_are_those_that_trying_every_start_finds(case in some_case(3)) {
        let finder = BruteForce::new(&case);
        let search = search(&case);
        let slots = search.find();
        let weights = case.request.weights.over(Weights::default());
        prop_assert_eq!(found(&slots), finder.best(&weights));
        for slot in &slots.items {
            let points = -slot.reasons.iter().map(|reason| reason.effect).sum::<i64>();
            prop_assert_eq!(slot.score.to_bits(), super::reasons::score(points).to_bits());
            let meeting = Interval { start: slot.start.milliseconds(), end: slot.end.milliseconds() };
            let missing = finder.people.iter().filter(|person| !finder.can_come(person, meeting));
            prop_assert_eq!(slot.missing_optional.len(), missing.count());
        }
        prop_assert!(slots.items.is_empty() || slots.relaxations.is_empty());
    }

    #[test]
    fn what_is_to_be_given_up_is_all_that_gives_a_slot(case in some_case(6)) {
        let search = search(&case);
        let slots = search.find();
        if slots.items.is_empty() {
            let expected = expected_relaxations(&case);
            let shown: Vec<_> = slots.relaxations.iter()
                .map(|one| (one.constraint, one.gives.start.milliseconds(), one.gives.end.milliseconds()))
                .collect();
            if expected.is_empty() {
                prop_assert!(shown.len() <= 1);
                let all = concessions(&case);
                let pairs = all.iter().enumerate().flat_map(|(index, one)| all[index + 1..].iter().map(move |two| (*one, *two)));
                // A meeting without all who must come is none.
                let required = case.request.attendees.iter().filter(|one| one.required).count();
                let without = |one: &Concession| usize::from(one.0 == RelaxedConstraint::RequiredAttendee);
                let cheapest = pairs
                    .filter(|(one, two)| without(one) + without(two) < required.max(1))
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_starts_that_break_a_rule_are_those_that_are_said_to_break_it(case in some_case(6), cut in (0..600_i64, 1..600_i64), piece in 1..800_usize) {
        let search = search(&case);
        let length_ms = search.duration_ms;
        let start = case.request.window.start + cut.0 * cases::CELL;
        // All of a range, or pieces with as much in between.
        let cell = |number: i64| start + number * cases::CELL;
        let length = i64::try_from(piece).expect("small");
        let of: Vec<Interval> = (0..cut.1).step_by(2 * piece)
            .map(|from| Interval { start: cell(from), end: cell((from + length).min(cut.1)) })
            .collect();
        let mut broken = Vec::new();
        for person in &search.attendees {
            for rule in Rule::ALL {
                rules::breaking(rule, person, length_ms, &of, &mut broken);
                prop_assert!(broken.is_sorted_by(|one, next| one.end < next.start), "{:?} {:?}", rule, broken);
                prop_assert!(broken.is_empty() || rules::concerns(rule, person), "{:?}", rule);
                for at in (0..cut.1).flat_map(|number| [-1, 0, 1].map(|around| cell(number) + around)) {
                    if of.iter().any(|one| one.contains(at)) {
                        let expected = rules::breaks(rule, person, Interval { start: at, end: at + length_ms });
                        let found = broken.iter().any(|one| one.contains(at));
                        prop_assert_eq!(found, expected, "{:?} {}", rule, at);
                    }
                }
            }
        }
    }
}
