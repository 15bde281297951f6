//! Files as the programs that most people use write them, made up and small.

use super::*;

pub(super) const ALL: [&str; 5] = [GOOGLE, EXCHANGE, APPLE, THUNDERBIRD, ZOOM];

const GOOGLE: &str = r"BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:ana@example.org
X-WR-TIMEZONE:America/New_York
BEGIN:VTIMEZONE
TZID:America/New_York
X-LIC-LOCATION:America/New_York
BEGIN:DAYLIGHT
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
DTSTART:19700308T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
DTSTART:19701101T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=America/New_York:20260302T093000
DTEND;TZID=America/New_York:20260302T101500
RRULE:FREQ=WEEKLY;WKST=SU;UNTIL=20260630T035959Z;BYDAY=MO,WE
EXDATE;TZID=America/New_York:20260316T093000
EXDATE;TZID=America/New_York:20260318T093000
DTSTAMP:20261101T101010Z
ORGANIZER;CN=Ana Ruiz:mailto:ana@example.org
UID:4k2vq0@google.com
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Ana Rui
 z;X-NUM-GUESTS=0:mailto:ana@example.org
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=
 TRUE;CN=raj@example.com;X-NUM-GUESTS=0:mailto:raj@example.com
X-GOOGLE-CONFERENCE:https://meet.google.com/abc-defg-hij
CREATED:20260220T100000Z
DESCRIPTION:Plan\, review\; decide\n\nJoin: https://meet.google.com/abc-defg
 -hij
LAST-MODIFIED:20260225T113000Z
LOCATION:Room 3
SEQUENCE:2
STATUS:CONFIRMED
SUMMARY:Weekly
TRANSP:OPAQUE
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:This is an event reminder
TRIGGER:-P0DT0H10M0S
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=America/New_York:20260304T140000
DTEND;TZID=America/New_York:20260304T144500
DTSTAMP:20261101T101010Z
UID:4k2vq0@google.com
RECURRENCE-ID;TZID=America/New_York:20260304T093000
SUMMARY:Weekly (moved)
SEQUENCE:3
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20260704
DTEND;VALUE=DATE:20260705
DTSTAMP:20261101T101010Z
UID:holiday@google.com
CLASS:PUBLIC
SUMMARY:Independence Day
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
DTSTART:20260501T120000
DTSTAMP:20261101T101010Z
UID:floating@google.com
SUMMARY:Lunch
END:VEVENT
END:VCALENDAR
";

const EXCHANGE: &str = r#"BEGIN:VCALENDAR
METHOD:REQUEST
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:+0545
TZOFFSETTO:+0545
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
ORGANIZER;CN=Weber, Ute:MAILTO:ute.weber@example.de
ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN="Roe; Jane"
	:MAILTO:jane@example.de
ATTENDEE;ROLE=NON-PARTICIPANT;PARTSTAT=NEEDS-ACTION;CUTYPE=RESOURCE;CN=Raum
 :MAILTO:raum@example.de
DESCRIPTION;LANGUAGE=de-DE:Bitte vorbereiten.\n
UID:040000008200E00074C5B7101A82E00800000000
SUMMARY;LANGUAGE=de-DE:Besprechung
DTSTART;TZID=W. Europe Standard Time:20260330T100000
DTEND;TZID=W. Europe Standard Time:20260330T110000
CLASS:PRIVATE
PRIORITY:5
DTSTAMP:20260301T080000Z
TRANSP:OPAQUE
STATUS:CONFIRMED
SEQUENCE:0
LOCATION;LANGUAGE=de-DE:Raum 1
X-MICROSOFT-CDO-APPT-SEQUENCE:0
X-MICROSOFT-CDO-BUSYSTATUS:OOF
X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY
X-MICROSOFT-CDO-ALLDAYEVENT:FALSE
X-MICROSOFT-SKYPETEAMSMEETINGURL:https://teams.microsoft.com/l/meetup-join/1
BEGIN:VALARM
DESCRIPTION:REMINDER
TRIGGER;RELATED=START:-PT15M
ACTION:DISPLAY
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:custom
SUMMARY:Call
DTSTART;TZID=Customized Time Zone:20260330T100000
DURATION:PT30M
END:VEVENT
BEGIN:VEVENT
UID:shown
SUMMARY:Shown
DTSTART;TZID=(UTC-05:00) Eastern Time (US & Canada):20260330T100000
DTEND;TZID="(UTC-05:00) Eastern Time (US & Canada)":20260330T110000
X-MICROSOFT-CDO-BUSYSTATUS:FREE
END:VEVENT
END:VCALENDAR
"#;

const APPLE: &str = r#"BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Apple Inc.//macOS 15.1//EN
CALSCALE:GREGORIAN
X-WR-CALNAME:Home
X-APPLE-CALENDAR-COLOR:#1BADF8
BEGIN:VEVENT
UID:6D0B3C2E-1111
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Paris:20260410T183000
DTEND;TZID=Europe/Paris:20260410T200000
SUMMARY:Dîner
ATTENDEE;CN="Ana";CUTYPE=INDIVIDUAL;EMAIL="ana@example.org";PARTSTAT=ACCEPT
 ED:urn:uuid:0c1
ATTENDEE;CN="Zoé";CUTYPE=INDIVIDUAL:/aMjQ/principal/
X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-ADDRESS="1 rue A\nParis";X-TITLE=Ch
 ez A:geo:48.8,2.3
X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC
BEGIN:VALARM
X-WR-ALARMUID:9F
UID:9F
TRIGGER:-PT1H
ATTACH;VALUE=URI:Chord
ACTION:AUDIO
ACKNOWLEDGED:20260410T150000Z
END:VALARM
BEGIN:VALARM
UID:A0
TRIGGER;VALUE=DATE-TIME:19760401T005545Z
ACTION:NONE
END:VALARM
END:VEVENT
BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
DTSTART:19810329T020000
TZNAME:GMT+2
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
DTSTART:19961027T030000
TZNAME:GMT+1
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
END:VCALENDAR
"#;

const THUNDERBIRD: &str = r"BEGIN:VCALENDAR
PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN
VERSION:2.0
BEGIN:VTODO
UID:todo
SUMMARY:Not ours
END:VTODO
BEGIN:VEVENT
CREATED:20260105T090000Z
LAST-MODIFIED:20260105T090100Z
DTSTAMP:20260105T090100Z
UID:tb-1
SUMMARY:Yoga
CATEGORIES:Health,Personal
RRULE:FREQ=DAILY;COUNT=5
RDATE;VALUE=PERIOD;TZID=/mozilla.org/20050126_1/Europe/Berlin:20260201T100000/PT1H
DTSTART;TZID=/mozilla.org/20050126_1/Europe/Berlin:20260105T180000
DURATION:PT1H30M
X-MOZ-GENERATION:1
X-MOZ-LASTACK:20260105T170000Z
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER;VALUE=DURATION:-PT15M
DESCRIPTION:Default Mozilla Description
END:VALARM
END:VEVENT
BEGIN:VJOURNAL
UID:journal
END:VJOURNAL
END:VCALENDAR
";

const ZOOM: &str = r"BEGIN:VCALENDAR
PRODID:-//zoom.us//iCalendar Event//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
CLASS:PUBLIC
BEGIN:VTIMEZONE
TZID:America/Sao_Paulo
LAST-MODIFIED:20230407T050750Z
TZURL:https://www.tzurl.org/zoneinfo-outlook/America/Sao_Paulo
X-LIC-LOCATION:America/Sao_Paulo
BEGIN:STANDARD
TZNAME:-03
TZOFFSETFROM:-0300
TZOFFSETTO:-0300
DTSTART:19700101T000000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTAMP:20260401T120000Z
DTSTART;TZID=America/Sao_Paulo:20260406T110000
DTEND;TZID=America/Sao_Paulo:20260406T120000
SUMMARY:Sales call
UID:ZOOM1234567890
TZID:America/Sao_Paulo
DESCRIPTION:Join\nhttps://us02web.zoom.us/j/123?pwd=a\\b
LOCATION:https://us02web.zoom.us/j/123
BEGIN:VALARM
TRIGGER:-PT10M
ACTION:DISPLAY
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
END:VCALENDAR
";

fn at(date_time: &str, name: &str) -> CalendarTime {
    serde_json::from_value(serde_json::json!({"date_time": date_time, "time_zone": name}))
        .expect("a time")
}

fn day(date: &str) -> CalendarTime {
    serde_json::from_value(serde_json::json!({ "date": date })).expect("a day")
}

fn codes(file: &File) -> Vec<&'static str> {
    file.notes.iter().map(|note| note.code).collect()
}

#[test]
fn a_calendar_of_google_is_read() {
    let file = read_text(GOOGLE);
    assert_eq!(file.name.as_deref(), Some("ana@example.org"));
    assert_eq!(file.method.as_deref(), Some("PUBLISH"));
    assert_eq!(file.time_zone, zone("America/New_York"));
    assert_eq!(codes(&file), ["floating_time"]);
    let [weekly, moved, holiday, lunch] = <[IcsEvent; 4]>::try_from(file.events).expect("four");
    assert_eq!(weekly.start, at("2026-03-02T09:30", "America/New_York"));
    assert_eq!(weekly.end, at("2026-03-02T10:15", "America/New_York"));
    assert_eq!(
        weekly.recurrence,
        [
            "RRULE:FREQ=WEEKLY;WKST=SU;UNTIL=20260630T035959Z;BYDAY=MO,WE",
            "EXDATE;TZID=America/New_York:20260316T093000",
            "EXDATE;TZID=America/New_York:20260318T093000",
        ]
    );
    assert_eq!(
        weekly.description,
        "Plan, review; decide\n\nJoin: https://meet.google.com/abc-defg-hij"
    );
    let organizer = weekly.organizer.expect("an organizer");
    assert_eq!(
        (organizer.email.as_str(), organizer.name.as_str()),
        ("ana@example.org", "Ana Ruiz")
    );
    assert_eq!(weekly.attendees[0].response, Response::Accepted);
    assert_eq!(weekly.attendees[1].role, Role::Optional);
    assert_eq!(
        weekly.conference_url.as_deref(),
        Some("https://meet.google.com/abc-defg-hij")
    );
    assert_eq!(weekly.sequence, 2);
    assert_eq!(weekly.created_at, Timestamp::parse("2026-02-20T10:00:00Z"));
    assert_eq!(
        weekly.reminders,
        [Reminder {
            minutes_before: 10,
            method: ReminderMethod::Notification
        }]
    );
    assert_eq!(
        moved.recurrence_id,
        Some(RecurrenceId {
            time: at("2026-03-04T09:30", "America/New_York"),
            this_and_future: false
        })
    );
    assert_eq!(
        (holiday.start, holiday.end),
        (day("2026-07-04"), day("2026-07-05"))
    );
    assert_eq!(holiday.transparency, Transparency::Transparent);
    assert_eq!(lunch.start, at("2026-05-01T12:00", "America/New_York"));
    assert_eq!(lunch.end, lunch.start);
}

#[test]
fn an_invitation_of_exchange_is_read() {
    let file = read_text(EXCHANGE);
    assert_eq!(codes(&file), ["zone_guessed", "zone_guessed"]);
    let [meeting, custom, shown] = <[IcsEvent; 3]>::try_from(file.events).expect("three");
    assert_eq!(meeting.start, at("2026-03-30T10:00", "Europe/Berlin"));
    assert_eq!(meeting.summary, "Besprechung");
    assert_eq!(meeting.visibility, Visibility::Private);
    assert_eq!(meeting.busy_status, Some(BusyStatus::OutOfOffice));
    assert_eq!(meeting.organizer.as_ref().expect("one").name, "Weber, Ute");
    assert_eq!(meeting.attendees[0].name, "Roe; Jane");
    assert_eq!(meeting.attendees[1].role, Role::Informed);
    assert_eq!(
        meeting.conference_url.as_deref(),
        Some("https://teams.microsoft.com/l/meetup-join/1")
    );
    assert_eq!(meeting.reminders[0].minutes_before, 15);
    for kept in [
        "PRIORITY:5",
        "X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY",
        "ATTENDEE;CUTYPE=RESOURCE:MAILTO:raum@example.de",
    ] {
        assert!(meeting.extra.iter().any(|line| line == kept), "{kept}");
    }
    assert_eq!(custom.start, at("2026-03-30T10:00", "Asia/Kathmandu"));
    assert_eq!(custom.end, at("2026-03-30T10:30", "Asia/Kathmandu"));
    assert_eq!(shown.start, at("2026-03-30T10:00", "America/New_York"));
    assert_eq!(shown.end, at("2026-03-30T11:00", "America/New_York"));
    assert_eq!(shown.transparency, Transparency::Transparent);
}

#[test]
fn parameters_of_a_text_live_as_long_as_the_text() {
    let mut meeting = read_text(EXCHANGE).events.remove(0);
    assert!(written(&[meeting.clone()]).contains("SUMMARY;LANGUAGE=de-DE:Besprechung"));
    meeting.summary = "Meeting".to_owned();
    let text = written(&[meeting]);
    assert!(text.contains("SUMMARY:Meeting") && text.contains("LOCATION;LANGUAGE=de-DE:Raum 1"));
}

#[test]
fn an_event_of_apple_is_read_with_its_zone_behind_it() {
    let file = read_text(APPLE);
    assert_eq!(codes(&file), [""; 0]);
    let event = &file.events[0];
    assert_eq!(event.start, at("2026-04-10T18:30", "Europe/Paris"));
    assert_eq!(event.summary, "Dîner");
    // Whoever has no address is kept, but is nobody to invite.
    assert_eq!(event.attendees.len(), 1);
    assert_eq!(event.attendees[0].email, "ana@example.org");
    assert_eq!(event.reminders.len(), 1);
    let text = written(&file.events).replace("\r\n ", "");
    for line in [
        "ATTENDEE;CN=Ana;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CUTYPE=INDIVIDUAL;EMAIL=\"ana@example.org\":urn:uuid:0c1",
        "ATTENDEE;CN=\"Zoé\";CUTYPE=INDIVIDUAL:/aMjQ/principal/",
        "X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-ADDRESS=\"1 rue A\\nParis\";X-TITLE=Chez A:geo:48.8,2.3",
        "X-WR-ALARMUID:9F",
        "TRIGGER;VALUE=DATE-TIME:19760401T005545Z",
    ] {
        assert!(
            text.contains(&format!("\r\n{line}\r\n")),
            "{line} in {text}"
        );
    }
}

#[test]
fn a_reminder_that_is_taken_away_takes_its_alarm_along() {
    let mut event = read_text(APPLE).events.remove(0);
    event.reminders.clear();
    let text = written(&[event]);
    assert!(
        !text.contains("X-WR-ALARMUID:9F") && text.contains("ACTION:NONE"),
        "{text}"
    );
}

#[test]
fn an_event_of_thunderbird_is_read_and_what_is_no_event_is_counted() {
    let file = read_text(THUNDERBIRD);
    assert_eq!((file.events.len(), file.others), (1, 2));
    assert_eq!(codes(&file), [""; 0]);
    let event = &file.events[0];
    assert_eq!(event.start, at("2026-01-05T18:00", "Europe/Berlin"));
    assert_eq!(event.end, at("2026-01-05T19:30", "Europe/Berlin"));
    assert_eq!(
        event.recurrence[1],
        "RDATE;VALUE=PERIOD;TZID=Europe/Berlin:20260201T100000/PT1H"
    );
    assert!(written(&file.events).contains("DURATION:PT1H30M"));
    assert!(
        event
            .extra
            .contains(&"CATEGORIES:Health,Personal".to_owned())
    );
}

#[test]
fn an_event_of_zoom_is_read() {
    let file = read_text(ZOOM);
    assert_eq!(codes(&file), [""; 0]);
    let event = &file.events[0];
    assert_eq!(event.start, at("2026-04-06T11:00", "America/Sao_Paulo"));
    assert_eq!(
        event.description,
        "Join\nhttps://us02web.zoom.us/j/123?pwd=a\\b"
    );
    assert_eq!(event.extra, ["TZID:America/Sao_Paulo"]);
    assert_eq!(event.reminders[0].minutes_before, 10);
}

#[test]
fn every_sample_is_the_same_once_it_was_written() {
    for sample in ALL {
        for text in [sample.to_owned(), sample.replace('\n', "\r\n")] {
            let events = stamped(read_text(&text).events);
            let text = written(&events);
            assert_eq!(read_text(&text).events, events);
            assert_eq!(written(&events), text);
        }
    }
}

#[test]
fn an_event_without_a_uid_has_always_the_same() {
    let text = ZOOM.replace("UID:ZOOM1234567890\n", "");
    let file = read_text(&text);
    assert_eq!(codes(&file), ["no_uid"]);
    assert_eq!(file.events[0].uid.len(), 32);
    assert_eq!(
        read_text(&text.replace('\n', "\r\n")).events[0].uid,
        file.events[0].uid
    );
}

#[test]
fn a_conference_that_was_changed_forgets_its_old_address() {
    let mut event = read_text(GOOGLE).events.remove(0);
    event.conference_url = Some("https://example.org/new".to_owned());
    let text = written(&[event.clone()]);
    assert!(text.contains("CONFERENCE;VALUE=URI:https://example.org/new"));
    assert!(!text.contains("X-GOOGLE-CONFERENCE"));
    event.conference_url = None;
    assert!(!written(&[event]).contains("CONFERENCE"));
}

#[test]
fn an_answer_keeps_what_else_is_said_of_somebody() {
    let mut event = read_text(GOOGLE).events.remove(0);
    event.attendees[1].response = Response::Declined;
    let text = written(&[event]).replace("\r\n ", "");
    assert!(text.contains("ATTENDEE;CN=raj@example.com;ROLE=OPT-PARTICIPANT;PARTSTAT=DECLINED;CUTYPE=INDIVIDUAL;RSVP=TRUE;X-NUM-GUESTS=0:mailto:raj@example.com"), "{text}");
}

fn with_detail(events: &[IcsEvent], detail: Detail) -> String {
    write(&CalendarText {
        detail,
        ..calendar(events)
    })
}

#[test]
fn a_calendar_of_busy_times_tells_nothing_else() {
    let mut events = read_text(GOOGLE).events;
    events.extend(read_text(EXCHANGE).events);
    let text = with_detail(&events, Detail::Busy);
    for secret in [
        "Weekly",
        "Besprechung",
        "Room",
        "Raum",
        "ana@",
        "jane",
        "meet.google",
        "teams",
        "review",
        "Independence",
        "Shown",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let read = read_text(&text);
    assert_eq!(read.events.len(), 5);
    assert_eq!(read.events[0].summary, "Busy");
    assert_eq!(read.events[0].recurrence.len(), 3);
}

#[test]
fn an_occurrence_that_was_freed_stays_free_among_busy_times() {
    let mut events = read_text(GOOGLE).events;
    events[1].status = Status::Cancelled;
    let read = read_text(&with_detail(&events, Detail::Busy)).events;
    assert_eq!(read[1].status, Status::Cancelled);
    events[0].transparency = Transparency::Transparent;
    let read = read_text(&with_detail(&events, Detail::Busy)).events;
    assert_eq!(read.len(), 1);
}

#[test]
fn a_shared_calendar_hides_what_is_private() {
    let events = read_text(EXCHANGE).events;
    let text = with_detail(&events, Detail::Shared);
    assert!(
        !text.contains("Besprechung") && text.contains("Call"),
        "{text}"
    );
}

#[test]
fn a_calendar_whose_zone_nobody_knows_is_read_in_the_one_given() {
    let file = read_text(&GOOGLE.replace("TIMEZONE:America/New_York", "TIMEZONE:Mars/Phobos"));
    assert_eq!(codes(&file), ["unknown_time_zone", "floating_time"]);
    assert_eq!(
        file.events[3].start,
        at("2026-05-01T12:00", "Europe/Berlin")
    );
}

#[test]
fn times_without_a_zone_are_in_the_zone_of_the_start_beside_them() {
    let file = file_of(
        "EXDATE:20240111T090000
        RECURRENCE-ID:20240111T090000
        DTEND:20240110T100000
        RDATE:20240120T090000
        RRULE:FREQ=DAILY;COUNT=4
        BEGIN:X-OTHER
        DTSTART;TZID=Asia/Tokyo:20240110T090000
        END:X-OTHER
        DTSTART;TZID=America/New_York:20240110T090000",
    );
    assert_eq!(codes(&file), ["zone_of_start"]);
    let [event] = <[IcsEvent; 1]>::try_from(file.events).expect("one event");
    assert_eq!(event.start, at("2024-01-10T09:00", "America/New_York"));
    assert_eq!(event.end, at("2024-01-10T10:00", "America/New_York"));
    assert_eq!(
        event.recurrence_id.map(|one| one.time),
        Some(at("2024-01-11T09:00", "America/New_York"))
    );
    assert_eq!(
        event.recurrence,
        [
            "EXDATE;TZID=America/New_York:20240111T090000",
            "RDATE;TZID=America/New_York:20240120T090000",
            "RRULE:FREQ=DAILY;COUNT=4",
        ]
    );
}

#[test]
fn times_without_a_zone_beside_a_start_in_utc_are_in_utc() {
    let event = event_of(
        "DTSTART:20240110T090000Z
        RRULE:FREQ=DAILY;COUNT=4
        EXDATE:20240111T090000",
    );
    assert_eq!(
        event.recurrence,
        ["RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20240111T090000Z"]
    );
    // Where the start has no zone either, all of them are in that of the reader.
    let file = file_of(
        "DTSTART:20240110T090000
        EXDATE:20240111T090000",
    );
    assert_eq!(codes(&file), ["floating_time"]);
    assert_eq!(
        file.events[0].recurrence,
        ["EXDATE;TZID=Europe/Berlin:20240111T090000"]
    );
}

#[test]
fn a_day_with_a_z_behind_it_is_a_day() {
    let event = event_of(
        "DTSTART;VALUE=DATE:20121210
        RDATE:20131210Z",
    );
    assert_eq!(event.recurrence, ["RDATE;VALUE=DATE:20131210"]);
}

#[test]
fn what_a_rule_may_not_have_and_writers_put_in_loses_no_event() {
    let rule_of = |start: &str, rule: &str| {
        let file = file_of(&format!("{start}\nRRULE:{rule}"));
        let notes = codes(&file);
        assert!(notes.iter().all(|note| *note == "rule_mended"), "{notes:?}");
        (file.events[0].recurrence.concat(), notes.len())
    };
    let utc = "DTSTART:20240101T090000Z";
    for (rule, mended, notes) in [
        ("FREQ=DAILY;COUNT=2;", "FREQ=DAILY;COUNT=2", 0),
        (
            "FREQ=WEEKLY;BYDAY=;INTERVAL=1;;COUNT=2",
            "FREQ=WEEKLY;INTERVAL=1;COUNT=2",
            1,
        ),
        (
            "FREQ=DAILY;UNTIL=20240104T000000Z;COUNT=9",
            "FREQ=DAILY;UNTIL=20240104T000000Z",
            1,
        ),
        (
            "FREQ=DAILY;COUNT=2;UNTIL=20240104T000000Z",
            "FREQ=DAILY;COUNT=2",
            1,
        ),
        (
            "FREQ=DAILY;;COUNT=2;UNTIL=20230104T000000Z",
            "FREQ=DAILY;UNTIL=20230104T000000Z",
            2,
        ),
        (
            "FREQ=DAILY;COUNT=-1;UNTIL=20240104T000000Z",
            "FREQ=DAILY;UNTIL=20240104T000000Z",
            1,
        ),
        ("FREQ=DAILY;COUNT=2;UNTIL=TOMORROW", "FREQ=DAILY;COUNT=2", 1),
        // What can't be read stays as it is.
        (
            "FREQ=OFTEN;COUNT=2;UNTIL=20240104T000000Z",
            "FREQ=OFTEN;COUNT=2;UNTIL=20240104T000000Z",
            0,
        ),
    ] {
        assert_eq!(
            rule_of(utc, rule),
            (format!("RRULE:{mended}"), notes),
            "{rule}"
        );
    }
    assert_eq!(
        rule_of(
            "DTSTART;VALUE=DATE:20240101",
            "FREQ=DAILY;COUNT=5;UNTIL=20240104"
        )
        .0,
        "RRULE:FREQ=DAILY;UNTIL=20240104"
    );
}
