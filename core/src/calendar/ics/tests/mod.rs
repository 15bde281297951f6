//! Laws of reading and writing, over events and files that are made up.

mod exchange;
mod hostile;
mod samples;
mod zones;

use chrono::NaiveDate;
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::calendar::event::{
    Attendee, Organizer, Reminder, ReminderMethod, Response, Role, Status, Transparency, Visibility,
};
use crate::time::{CalendarTime, Timestamp, parse_zone};

fn zone(name: &str) -> Tz {
    parse_zone(name).expect("a zone")
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-25T12:00:00Z").expect("an instant")
}

fn calendar(events: &[IcsEvent]) -> CalendarText<'_> {
    CalendarText {
        name: "Work, and more",
        method: None,
        events,
        now: now(),
        detail: Detail::Full,
    }
}

fn written(events: &[IcsEvent]) -> String {
    write(&calendar(events))
}

fn read_text(text: &str) -> File {
    read(text.as_bytes(), zone("Europe/Berlin")).expect("a calendar")
}

/// The one event of a file with these lines in it.
fn event_of(lines: &str) -> IcsEvent {
    let file = file_of(lines);
    let [event] = <[IcsEvent; 1]>::try_from(file.events).expect("one event");
    event
}

fn file_of(lines: &str) -> File {
    let lines: Vec<&str> = lines.lines().map(str::trim_start).collect();
    let lines = lines.join("\r\n") + "\r\n";
    read_text(&format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n"
    ))
}

fn some_zone() -> impl Strategy<Value = Tz> {
    prop::sample::select(vec![
        Tz::UTC,
        zone("Europe/Berlin"),
        zone("America/New_York"),
        zone("Australia/Lord_Howe"),
        zone("Africa/Casablanca"),
        zone("Asia/Kathmandu"),
        zone("Africa/Cairo"),
    ])
}

fn some_text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[a-zA-Z ;,:\\\\\"^\n\t\u{e4}\u{1f642}=()]{1,90}",
    ]
}

fn some_instant() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_000_000_000).prop_map(|seconds| Timestamp::from_milliseconds(seconds * 1000))
}

fn some_time(zone: Tz, days: i32, second: u32) -> CalendarTime {
    let date = NaiveDate::default() + chrono::TimeDelta::days(days.into());
    CalendarTime::DateTime {
        date_time: date.and_time(
            chrono::NaiveTime::from_num_seconds_from_midnight_opt(second, 0).expect("a time"),
        ),
        time_zone: zone,
    }
}

fn some_times() -> impl Strategy<Value = (CalendarTime, CalendarTime, Option<Duration>)> {
    prop_oneof![
        (-40_000..60_000, 1..400).prop_map(|(day, length)| {
            let date = |day: i32| NaiveDate::default() + chrono::TimeDelta::days(day.into());
            (
                CalendarTime::Date(date(day)),
                CalendarTime::Date(date(day + length)),
                None,
            )
        }),
        (
            some_zone(),
            some_zone(),
            0..30_000,
            0_u32..86_400,
            2..9_i32,
            0_u32..86_400
        )
            .prop_map(|(zone, other, day, second, length, end)| {
                (
                    some_time(zone, day, second),
                    some_time(other, day + length, end),
                    None,
                )
            }),
        (some_zone(), 0..30_000, 0_u32..86_400, 0..20, 0..200_000).prop_map(
            |(zone, day, second, days, seconds)| {
                let start = some_time(zone, day, second);
                let duration = Duration { days, seconds };
                let end = duration.after(start).expect("a time");
                (start, end, Some(duration))
            }
        ),
        (some_zone(), 0..30_000, 0_u32..86_400).prop_map(|(zone, day, second)| {
            let start = some_time(zone, day, second);
            (start, start, None)
        }),
    ]
}

fn some_attendee() -> impl Strategy<Value = Attendee> {
    (
        "[a-z]{1,8}@[a-z]{1,8}\\.org",
        "[a-zA-Z ;,:\"^\n\u{e4}(=]{0,20}",
        prop::sample::select(vec![
            Role::Chair,
            Role::Required,
            Role::Optional,
            Role::Informed,
        ]),
        prop::sample::select(vec![
            Response::NeedsAction,
            Response::Accepted,
            Response::Declined,
            Response::Tentative,
            Response::Delegated,
        ]),
    )
        .prop_map(|(email, name, role, response)| Attendee {
            email,
            name,
            role,
            response,
        })
}

fn some_reminder() -> impl Strategy<Value = Reminder> {
    let method = prop_oneof![
        Just(ReminderMethod::Notification),
        Just(ReminderMethod::Email)
    ];
    (-40_320..=40_320, method).prop_map(|(minutes_before, method)| Reminder {
        minutes_before,
        method,
    })
}

fn some_recurrence() -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(
        vec![
            "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20301231T235959Z",
            "RRULE:FREQ=MONTHLY;BYDAY=-1FR",
            "EXRULE:FREQ=YEARLY",
            "RDATE;VALUE=DATE:20260401,20260402",
            "RDATE;VALUE=PERIOD:20260401T090000Z/PT1H,20260402T090000Z/20260402T100000Z",
            "EXDATE;TZID=Asia/Tokyo:20260401T090000",
            "EXDATE:20260401T090000Z,20260408T090000Z",
        ],
        0..4,
    )
    .prop_map(|lines| lines.into_iter().map(str::to_owned).collect())
}

fn some_extra() -> impl Strategy<Value = Vec<String>> {
    let property = prop::sample::select(vec![
        "X-FOO;X-BAR=\"a;b\":c\\,d",
        "CATEGORIES:ONE,TWO",
        "x-lower:as it stands \\n",
        "URL:https://example.org/e",
        "ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY:QUJD",
        "GEO:1;2",
    ]);
    let component = prop::sample::select(vec![
        vec![
            "BEGIN:X-ROOM",
            "X-A:1",
            "BEGIN:X-SEAT",
            "END:X-SEAT",
            "END:X-ROOM",
        ],
        vec![
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER;RELATED=END:-PT5M",
            "END:VALARM",
        ],
        vec![
            "BEGIN:VALARM",
            "TRIGGER;VALUE=DATE-TIME:20260401T090000Z",
            "ACTION:AUDIO",
            "END:VALARM",
        ],
    ]);
    (
        prop::collection::vec(property, 0..4),
        prop::collection::vec(component, 0..3),
    )
        .prop_map(|(properties, components)| {
            let lines = properties
                .into_iter()
                .chain(components.into_iter().flatten());
            lines.map(str::to_owned).collect()
        })
}

fn some_event() -> impl Strategy<Value = IcsEvent> {
    let text = (
        some_text(),
        some_text(),
        some_text(),
        "[a-zA-Z0-9@;,-]{1,60}",
    );
    let words = (
        prop::sample::select(vec![
            Status::Confirmed,
            Status::Tentative,
            Status::Cancelled,
        ]),
        prop::sample::select(vec![Transparency::Opaque, Transparency::Transparent]),
        prop::sample::select(vec![
            Visibility::Public,
            Visibility::Private,
            Visibility::Confidential,
        ]),
        prop::option::of(prop::sample::select(vec![
            BusyStatus::Free,
            BusyStatus::OutOfOffice,
            BusyStatus::WorkingElsewhere,
        ])),
        0..5_u32,
    );
    let people = (
        prop::collection::vec(some_attendee(), 0..4),
        prop::option::of(some_attendee()),
        prop::collection::vec(some_reminder(), 0..3),
    );
    let moments = (
        some_instant(),
        prop::option::of(some_instant()),
        prop::option::of(some_instant()),
    );
    let rest = (
        prop::option::of("https://example\\.org/[a-z0-9?=&;,]{0,80}"),
        prop::option::of(prop::sample::select(vec!["red", "dark blue"])),
        some_recurrence(),
        prop::option::of((some_zone(), 0..30_000, any::<bool>())),
        some_extra(),
    );
    (some_times(), text, words, people, moments, rest).prop_map(
        |(times, text, words, people, moments, rest)| {
            let mut attendees: Vec<Attendee> = people.0;
            attendees.sort_by(|one, other| one.email.cmp(&other.email));
            attendees.dedup_by(|one, other| one.email == other.email);
            let mut reminders: Vec<Reminder> = people.2;
            reminders.dedup();
            IcsEvent {
                duration: times.2,
                summary: text.0,
                description: text.1,
                location: text.2,
                status: words.0,
                transparency: words.1,
                visibility: words.2,
                busy_status: words.3,
                sequence: words.4,
                attendees,
                organizer: people.1.map(|one| Organizer {
                    email: one.email,
                    name: one.name,
                }),
                reminders,
                stamped_at: Some(moments.0),
                created_at: moments.1,
                updated_at: moments.2,
                conference_url: rest.0,
                color: rest.1.map(str::to_owned),
                recurrence: rest.2,
                recurrence_id: rest.3.map(|(zone, day, this_and_future)| RecurrenceId {
                    time: some_time(zone, day, 3600),
                    this_and_future,
                }),
                extra: rest.4,
                ..IcsEvent::new(text.3, times.0, times.1)
            }
        },
    )
}

/// A line of an event, such as a program might write it or as chance has it.
fn some_line() -> impl Strategy<Value = String> {
    let whole = prop::sample::select(vec![
        "SUMMARY;LANGUAGE=en:Standup",
        "SUMMARY:Second",
        "DESCRIPTION;ALTREP=\"cid:x\";X-A=1:Text\\nmore",
        "STATUS:BOOKED",
        "STATUS;X-A=1:TENTATIVE",
        "CLASS:X-SECRET",
        "TRANSP;X-A=1:TRANSPARENT",
        "TRANSP:SEE-THROUGH",
        "SEQUENCE:-1",
        "CREATED:yesterday",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "X-MICROSOFT-CDO-BUSYSTATUS:ASLEEP",
        "DTEND;X-A=1;TZID=Europe/Berlin:20260401T120000",
        "DTEND:20260301T120000Z",
        "DURATION;X-A=1:PT1H",
        "DURATION:-PT1H",
        "RECURRENCE-ID;X-A=1;RANGE=THISANDPRIOR:20260401T090000Z",
        "RRULE;X-A=1:freq=daily; count=3",
        "RDATE;X-A=1:20260402T090000,20260403T090000Z,soon",
        "EXDATE;VALUE=DATE:20260402",
        "ORGANIZER;CN=Ana;SENT-BY=\"mailto:x@y.org\":MAILTO:ana@x.org",
        "ORGANIZER:urn:uuid:1",
        "ATTENDEE;CUTYPE=ROOM;ROLE=X-ROOM;PARTSTAT=ACCEPTED:mailto:room@x.org",
        "ATTENDEE;EMAIL=bo@x.org;CN=Bo:urn:uuid:2",
        "ATTENDEE;CN=Nobody:invalid:nomail",
        "ATTENDEE:mailto:room@x.org",
        "ATTENDEE;CN=\"Unclosed:mailto:un@x.org",
        "CONFERENCE;VALUE=URI:https://a.org/1",
        "CONFERENCE;VALUE=URI;FEATURE=PHONE:tel:+1",
        "X-GOOGLE-CONFERENCE:https://meet.google.com/abc",
        "COLOR;X-A=1:red",
        "UID;X-A=1:two",
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM",
        "BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT15M\r\nX-A:1\r\nEND:VALARM",
        "BEGIN:VALARM\r\nACTION:EMAIL\r\nTRIGGER:PT0S\r\nEND:VALARM",
        "BEGIN:VALARM\r\nACTION:EMAIL\r\nTRIGGER;RELATED=END:PT0S\r\nEND:VALARM",
        "BEGIN:X-A\r\nX-B:1\r\nEND:X-A",
        "not a line",
        "DTSTAMP:never",
        "",
    ]);
    prop_oneof![
        6 => whole.prop_map(str::to_owned),
        1 => "[A-Z]{1,3};?[A-Z\"=:;,(]{0,20}:[^\r\n]{0,60}",
        1 => "(ATTENDEE|RDATE|DTEND|SUMMARY|DURATION)[A-Z\"=:;,(@]{0,20}:[ -~\u{e4}\u{0}\u{85}]{0,60}",
    ]
}

fn some_file() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::collection::vec(some_line(), 0..12), 1..4).prop_map(|events| {
        let mut text = "BEGIN:VCALENDAR\r\n".to_owned();
        for lines in events {
            text.push_str("BEGIN:VEVENT\r\nDTSTART;X-B=2;TZID=Europe/Berlin:20260401T090000\r\n");
            text.extend(lines.iter().flat_map(|line| [line, "\r\n"]));
            text.push_str("END:VEVENT\r\n");
        }
        text + "END:VCALENDAR\r\n"
    })
}

/// The events with the stamp that the writer gives to those without.
fn stamped(mut events: Vec<IcsEvent>) -> Vec<IcsEvent> {
    for event in &mut events {
        event.stamped_at.get_or_insert(now());
    }
    events
}

proptest! {
    #[test]
    fn what_is_written_reads_back(events in prop::collection::vec(some_event(), 0..3)) {
        let text = written(&events);
        prop_assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])));
        let file = read_text(&text);
        prop_assert_eq!(&file.skipped, &[]);
        prop_assert_eq!(&file.notes, &[]);
        prop_assert_eq!(file.name.as_deref(), Some("Work, and more"));
        prop_assert_eq!(&file.events, &events);
        prop_assert_eq!(written(&file.events), text);
    }

    #[test]
    fn what_anybody_wrote_stays_the_same_once_it_was_read(text in some_file()) {
        let events = stamped(read_text(&text).events);
        let text = written(&events);
        let again = read_text(&text);
        prop_assert_eq!(&again.skipped, &[], "{}", text);
        prop_assert_eq!(&again.events, &events, "{}", text);
        prop_assert_eq!(written(&again.events), text);
    }

    #[test]
    fn reading_can_go_on_wherever_it_stopped(text in some_file(), steps in prop::collection::vec(0_usize..3, 0..4)) {
        let bytes = text.as_bytes();
        let whole = read_text(&text);
        let mut reader = Reader::new(bytes, zone("Europe/Berlin")).expect("a calendar");
        let mut found = Vec::new();
        for step in steps.into_iter().chain([usize::MAX]) {
            found.extend(reader.by_ref().take(step).filter_map(Result::ok));
            let offset = reader.offset();
            reader = Reader::resume(bytes, zone("Europe/Berlin"), offset).expect("a calendar");
            prop_assert_eq!(reader.offset(), offset);
        }
        prop_assert_eq!(found, whole.events);
    }

    #[test]
    fn other_programs_read_what_is_written(events in prop::collection::vec(some_event(), 0..3)) {
        use icalendar::Component;
        let text = written(&events);
        let calendar: icalendar::Calendar = text.parse().expect("a calendar");
        let read: Vec<_> = calendar.components.iter().filter_map(|one| one.as_event()).collect();
        prop_assert_eq!(read.len(), events.len());
        for (read, event) in read.iter().zip(&events) {
            prop_assert_eq!(read.get_uid(), Some(event.uid.as_str()));
            prop_assert_eq!(read.get_summary().unwrap_or_default(), event.summary.as_str());
        }
    }
}
