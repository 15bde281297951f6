//! Events of files that are kept, and told again.

use super::samples::ALL;
use super::*;
use crate::calendar::event::{Event, Original};
use crate::calendar::series::StoredEvent;
use crate::identifier::{CalendarEventId, CalendarId};

fn id() -> CalendarEventId {
    CalendarEventId::new(now(), [7; 10])
}

fn home() -> CalendarId {
    CalendarId::new(now(), [8; 10])
}

fn taken(event: IcsEvent) -> Result<(Event, Vec<String>), Refusal> {
    event.taken(Place::Whole(id()), &home(), now())
}

/// The code with which the one event of a file is refused.
fn refused(lines: &str) -> &'static str {
    taken(event_of(lines)).expect_err("a refusal").0
}

/// Takes in what an event is written as.
fn again((event, extra): (Event, Vec<String>)) -> (Event, Vec<String>) {
    let text = written(&[event.told(extra)]);
    let [event] = <[IcsEvent; 1]>::try_from(read_text(&text).events).expect("one event");
    taken(event).expect("an event")
}

#[test]
fn what_a_kept_sample_is_written_as_is_taken_in_as_the_same() {
    for sample in ALL {
        for event in read_text(sample).events {
            let kept = taken(event).expect("an event");
            assert_eq!(again(kept.clone()), kept);
        }
    }
}

#[test]
fn what_has_no_field_is_given_back() {
    let event = event_of(
        "DTSTART:20261201T090000Z
        DURATION:PT45M
        RECURRENCE-ID;TZID=Asia/Tokyo:20261201T170000
        X-MICROSOFT-CDO-BUSYSTATUS:OOF
        X-SOMETHING;A=1:else",
    );
    let (kept, extra) = taken(event.clone()).expect("an event");
    assert_eq!(
        (kept.recurring_event_id.clone(), kept.original_start),
        (None, None)
    );
    assert_eq!(replaced(&extra), event.recurrence_id.map(|one| one.time));
    let told = kept.clone().told(extra.clone());
    assert_eq!(told.duration, event.duration);
    assert_eq!(told.recurrence_id, event.recurrence_id);
    assert_eq!(told.busy_status, Some(BusyStatus::OutOfOffice));
    assert_eq!(told.extra, event.extra);
    assert_eq!(replaced(&without_replaced(extra.clone())), None);
    let free = Event {
        transparency: Transparency::Transparent,
        ..kept
    };
    assert_eq!(
        free.told(extra).busy_status,
        None,
        "it would say something else"
    );
}

#[test]
fn an_occurrence_is_found_by_the_wall_of_its_series() {
    let key = |replaced, start| original(replaced, start).to_string();
    let berlin = some_time(zone("Europe/Berlin"), 20_000, 9 * 3600);
    let of = |name, second| some_time(zone(name), 20_010, second);
    assert_eq!(key(of("Europe/Berlin", 32_400), berlin), "20241014T090000");
    assert_eq!(key(of("UTC", 25_200), berlin), "20241014T090000");
    assert_eq!(key(of("Asia/Tokyo", 57_600), berlin), "20241014T090000");
    let day = CalendarTime::Date(NaiveDate::from_ymd_opt(2024, 10, 14).expect("a day"));
    assert_eq!(key(day, berlin), "20241014T090000");
    assert_eq!(key(day, day), "20241014");
    assert_eq!(key(of("Asia/Tokyo", 57_600), day), "20241014");
}

#[test]
fn an_occurrence_stands_under_its_series() {
    let master = event_of(
        "DTSTART;TZID=Europe/Berlin:20261201T090000\nDTEND;TZID=Europe/Berlin:20261201T100000\nRRULE:FREQ=DAILY",
    );
    let moved =
        event_of("DTSTART:20261203T120000Z\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261202T080000Z");
    let start = master.start;
    let original = moved.original(start).expect("an occurrence");
    assert_eq!(original, Original::parse("20261202T090000").expect("a key"));
    let (master, _) = taken(master).expect("a series");
    let expected = StoredEvent::new(master)
        .occurrence(original)
        .expect("an occurrence");
    let place = Place::Occurrence {
        series: id(),
        start,
        original,
    };
    let (kept, extra) = moved.taken(place, &home(), now()).expect("an event");
    assert_eq!(kept.id, expected.id);
    assert_eq!(kept.recurring_event_id, expected.recurring_event_id);
    assert_eq!(kept.original_start, expected.original_start);
    let told = kept.told(extra).recurrence_id.expect("an occurrence");
    assert_eq!(
        (Some(told.time), told.this_and_future),
        (expected.original_start, true)
    );
}

#[test]
fn what_cannot_be_kept_is_refused_with_its_reason() {
    let daily = "DTSTART:20261201T090000Z\nDTEND:20261201T100000Z\n";
    assert_eq!(
        refused(&format!("{daily}RRULE:FREQ=NEVER")),
        "invalid_value"
    );
    let nothing = format!("{daily}RRULE:FREQ=DAILY;COUNT=1\nEXDATE:20261201T090000Z");
    assert_eq!(refused(&nothing), "no_occurrence");
    let long = "DTSTART:20261201T090000Z\nDTEND:20281201T100000Z\n";
    assert_eq!(refused(&format!("{long}RRULE:FREQ=DAILY")), "too_long");
    assert!(taken(event_of(long)).is_ok(), "once it is only long");
    let description = "x".repeat(300_000);
    assert_eq!(
        refused(&format!("{daily}DESCRIPTION:{description}")),
        "event_too_large"
    );
    let mut event = event_of(daily);
    event.uid = "u".repeat(1_001);
    assert_eq!(taken(event).expect_err("a refusal").0, "uid_too_long");
}

#[test]
fn nothing_is_older_or_newer_than_it_can_be() {
    let event = event_of(
        "DTSTART:20261201T090000Z\nCREATED:20990101T000000Z\nLAST-MODIFIED:20990101T000000Z",
    );
    let (kept, _) = taken(event).expect("an event");
    assert_eq!((kept.created_at, kept.updated_at), (now(), now()));
    let (stamped, _) = taken(event_of("DTSTART:20261201T090000Z")).expect("an event");
    assert_eq!(
        stamped.updated_at.to_string(),
        "2026-01-01T00:00:00.000Z",
        "its DTSTAMP"
    );
}

proptest! {
    #[test]
    fn what_a_kept_event_is_written_as_is_taken_in_as_the_same(event in some_event()) {
        if let Ok(kept) = taken(event) {
            prop_assert_eq!(again(kept.clone()), kept);
        }
    }
}
