//! The finder on small cases, as people would tell them.

use crate::calendar::busy::{BusyStatus, BusyStretch};
use crate::calendar::hours::absence::Away;
use crate::calendar::hours::document::WorkingHours;
use crate::calendar::hours::weights::Weights;
use crate::calendar::interval::Interval;
use crate::calendar::slots::answer::{RelaxedConstraint, Slots};
use crate::calendar::slots::attendee::Stored;
use crate::calendar::slots::request::SlotsInput;
use crate::calendar::slots::search::Search;
use crate::identifier::UserId;
use crate::time::{Timestamp, parse_zone};

fn at(text: &str) -> i64 {
    Timestamp::parse(text).expect("an instant").milliseconds()
}

fn between(start: &str, end: &str) -> Interval {
    Interval {
        start: at(start),
        end: at(end),
    }
}

/// What is found for a request, by somebody in Berlin, with what is stored of its attendees.
fn find_stored(json: &str, stored: &[Stored]) -> Slots<'static> {
    let me = UserId::new(Timestamp::from_milliseconds(1), [1; 10]);
    let input: SlotsInput = serde_json::from_str(json).expect("readable");
    let request = input
        .check(&me, chrono_tz::Europe::Berlin)
        .expect("a request");
    let now = at("2026-11-01T00:00:00Z");
    let search = Search::prepare(&request, stored, Weights::default(), now);
    // What is found borrows from the search.
    Box::leak(Box::new(search)).find()
}

fn find(json: &str) -> Slots<'static> {
    find_stored(json, &[])
}

fn starts(slots: &Slots<'_>) -> Vec<String> {
    let all = slots.items.iter();
    all.map(|slot| slot.start.to_string().replace(":00.000Z", ""))
        .collect()
}

fn texts<'a>(slots: &'a Slots<'_>) -> Vec<&'a str> {
    let first = slots.items.first().expect("a slot");
    first
        .reasons
        .iter()
        .map(|reason| reason.text.as_str())
        .collect()
}

#[test]
fn alone_and_with_nothing_on_the_first_hours_of_work_are_best() {
    let slots = find(
        r#"{"duration_minutes":60,"window":{"start":"2026-11-25T00:00:00Z","end":"2026-11-27T00:00:00Z"},
            "step_minutes":60,"limit":3,"attendees":[{"email":"ana@example.com","name":"Ana"}]}"#,
    );
    assert_eq!(
        starts(&slots),
        ["2026-11-25T08:00", "2026-11-25T09:00", "2026-11-25T10:00"]
    );
    assert_eq!(slots.items[0].score.to_string(), "100");
    assert_eq!(
        texts(&slots),
        [
            "Ana is free.",
            "Within the working hours of everybody who comes."
        ]
    );
}

#[test]
fn two_who_share_no_hours_meet_outside_of_them_where_that_is_allowed_and_are_told_whose() {
    let request = |hours: &str| {
        find(&format!(
            r#"{{"duration_minutes":30,"window":{{"start":"2026-11-25T00:00:00Z","end":"2026-11-26T00:00:00Z"}},
                "limit":1,"constraints":{{"working_hours":"{hours}"}},
                "attendees":[{{"email":"ana@example.com","name":"Ana","time_zone":"America/Los_Angeles"}},
                             {{"email":"raj@example.com","name":"Raj","time_zone":"Asia/Kolkata"}}]}}"#
        ))
    };
    let slots = request("prefer");
    // The first start is in the afternoon of Ana, and long before the morning of Raj.
    assert_eq!(starts(&slots), ["2026-11-25T00:00"]);
    assert_eq!(
        texts(&slots)[1..],
        [
            "Outside the working hours of Raj (05:30 Asia/Kolkata).",
            "More than two hours outside the working hours of Raj (05:30 Asia/Kolkata).",
        ]
    );
    assert_eq!(
        slots.items[0].score.to_string(),
        "62.5",
        "10,000 / (100 + 30 + 30)"
    );
    let none = request("require");
    assert!(none.items.is_empty());
    let given_up: Vec<_> = none
        .relaxations
        .iter()
        .map(|one| (one.constraint, one.attendee.as_deref()))
        .collect();
    assert_eq!(
        given_up,
        [
            (RelaxedConstraint::WorkingHours, Some("Raj")),
            (RelaxedConstraint::WorkingHours, Some("Ana")),
            (RelaxedConstraint::RequiredAttendee, Some("Raj")),
            (RelaxedConstraint::RequiredAttendee, Some("Ana")),
        ]
    );
    assert_eq!(
        none.relaxations[1].text,
        "Meeting outside the working hours of Ana would give Wednesday, 25 November 2026, 04:30 (Europe/Berlin)."
    );
}

#[test]
fn who_need_not_come_is_missed_by_name_and_reason() {
    let slots = find(
        r#"{"duration_minutes":60,"window":{"start":"2026-11-25T08:00:00Z","end":"2026-11-25T10:00:00Z"},
            "step_minutes":60,"attendees":[{"email":"ana@example.com","name":"Ana"},
            {"email":"raj@example.com","name":"Raj","required":false,"busy":[{"start":"2026-11-25T08:30:00Z","end":"2026-11-25T08:45:00Z"}]},
            {"email":"eve@example.com","name":"Eve","required":false,"busy":[{"start":"2026-11-25T08:00:00Z","end":"2026-11-25T12:00:00Z","status":"out_of_office"}]}]}"#,
    );
    assert_eq!(starts(&slots), ["2026-11-25T09:00", "2026-11-25T08:00"]);
    let missing: Vec<_> = slots.items[1]
        .missing_optional
        .iter()
        .map(|one| one.text.as_str())
        .collect();
    assert_eq!(missing, ["Busy: Raj.", "Out of office: Eve."]);
    assert_eq!(
        slots.items[1].reasons[0].text,
        "Without Raj and Eve, who need not come."
    );
    assert_eq!(slots.items[1].reasons[0].effect, -40);
    assert_eq!(
        slots.items[1].missing_optional[0].email,
        Some("raj@example.com")
    );
}

#[test]
fn a_full_day_between_two_meetings_says_what_would_help() {
    let slots = find(
        r#"{"duration_minutes":60,"window":{"start":"2026-11-25T08:00:00Z","end":"2026-11-25T16:00:00Z"},
            "constraints":{"buffer_before_minutes":30},
            "attendees":[{"email":"ana@example.com","name":"Ana","busy":[
                {"start":"2026-11-25T08:00:00Z","end":"2026-11-25T11:00:00Z"},
                {"start":"2026-11-25T12:00:00Z","end":"2026-11-25T14:00:00Z"},
                {"start":"2026-11-25T14:00:00Z","end":"2026-11-25T16:00:00Z","status":"tentative"}]}]}"#,
    );
    assert!(slots.items.is_empty());
    let given: Vec<_> = slots
        .relaxations
        .iter()
        .map(|one| {
            (
                one.constraint,
                one.gives.start.to_string(),
                one.gives.end.to_string(),
            )
        })
        .collect();
    let slot = |constraint, start: &str, end: &str| {
        (
            constraint,
            format!("2026-11-{start}:00.000Z"),
            format!("2026-11-{end}:00.000Z"),
        )
    };
    assert_eq!(
        given,
        [
            slot(RelaxedConstraint::Buffers, "25T11:00", "25T12:00"),
            slot(RelaxedConstraint::Tentative, "25T14:30", "25T15:30"),
            slot(RelaxedConstraint::DurationMinutes, "25T11:30", "25T12:00"),
        ]
    );
    assert_eq!(
        slots.relaxations[2].text,
        "A meeting of 30 minutes would give Wednesday, 25 November 2026, 12:30 (Europe/Berlin)."
    );
}

#[test]
fn where_no_single_constraint_is_enough_two_are_named() {
    let slots = find(
        r#"{"duration_minutes":60,"window":{"start":"2026-11-28T00:00:00Z","end":"2026-11-29T00:00:00Z"},
            "constraints":{"days":["MO"]},"attendees":[{"email":"ana@example.com","name":"Ana"}]}"#,
    );
    let first = slots.relaxations.first().expect("a way");
    assert_eq!(
        (first.constraint, first.also),
        (
            RelaxedConstraint::Days,
            Some(RelaxedConstraint::WorkingHours)
        )
    );
    assert_eq!(first.also_attendee.as_deref(), Some("Ana"));
    assert_eq!(
        first.text,
        "Other days of the week and meeting outside the working hours of Ana would give Saturday, 28 November 2026, 01:00 (Europe/Berlin)."
    );
    assert_eq!(slots.relaxations.len(), 1);
}

#[test]
fn what_is_stored_counts_beside_what_the_request_carries() {
    let hours = r#"{"working_hours":[{"days":["WE"],"start":"09:00","end":"13:00"}],
        "buffers":{"video":{"before_minutes":60}},"focus_time":[{"days":["WE"],"start":"09:00","end":"10:00"}]}"#;
    let hours: WorkingHours = serde_json::from_str(hours).expect("a document");
    let ana = Stored {
        name: Some("Ana".to_owned()),
        account_zone: parse_zone("Asia/Tokyo"),
        hours: Some(hours),
        away: vec![Away {
            interval: between("2026-11-20T00:00:00Z", "2026-12-01T00:00:00Z"),
            zone: parse_zone("Europe/Berlin"),
        }],
        busy: vec![BusyStretch {
            interval: between("2026-11-25T09:00:00Z", "2026-11-25T09:30:00Z"),
            status: BusyStatus::Hold,
        }],
    };
    let slots = find_stored(
        r#"{"duration_minutes":30,"window":{"start":"2026-11-25T00:00:00Z","end":"2026-11-26T00:00:00Z"},"kind":"video",
            "step_minutes":30,"attendees":[{"user_id":"me","busy":[{"start":"2026-11-25T11:30:00Z","end":"2026-11-25T12:00:00Z"}]}]}"#,
        &[ana],
    );
    // At work in Berlin from 08:00 to 12:00 UTC; on hold at 09:00, and an hour is kept free before.
    assert_eq!(
        starts(&slots),
        [
            "2026-11-25T10:30",
            "2026-11-25T11:00",
            "2026-11-25T08:00",
            "2026-11-25T08:30"
        ]
    );
    assert!(
        slots.items[2]
            .reasons
            .iter()
            .any(|one| one.text == "Breaks the focus time of Ana (09:00 Europe/Berlin).")
    );
}

#[test]
fn slots_start_by_the_wall_of_the_request_on_both_sides_of_a_change() {
    let slots = find(
        r#"{"duration_minutes":30,"window":{"start":"2027-04-03T13:30:00Z","end":"2027-04-03T16:30:00Z"},
            "time_zone":"Australia/Lord_Howe","step_minutes":60,"constraints":{"working_hours":"ignore"}}"#,
    );
    // Eleven hours before UTC until 15:00, and ten and a half from then on.
    assert_eq!(starts(&slots), ["2027-04-03T14:00", "2027-04-03T15:30"]);
}

#[test]
fn many_names_are_counted() {
    let people: Vec<_> = (1..=6)
        .map(|index| format!(r#"{{"email":"p{index}@example.com","name":"P{index}","required":false,"busy":[{{"start":"2026-11-25T08:00:00Z","end":"2026-11-25T09:00:00Z"}}]}}"#))
        .collect();
    let slots = find(&format!(
        r#"{{"duration_minutes":60,"window":{{"start":"2026-11-25T08:00:00Z","end":"2026-11-25T09:00:00Z"}},"attendees":[{}]}}"#,
        people.join(",")
    ));
    assert_eq!(
        texts(&slots)[0],
        "Without P1, P2, P3 and 3 others, who need not come."
    );
}
