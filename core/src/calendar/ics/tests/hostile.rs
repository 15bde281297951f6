//! Files that are broken, on purpose or not: a clear answer in bounded time, and no event lost but
//! those that are broken.

use super::*;

fn error_of(bytes: &[u8]) -> &'static str {
    read(bytes, Tz::UTC).expect_err("no calendar").code
}

/// The UIDs that were read, and the codes of what was not.
fn outcome(text: &str) -> (Vec<String>, Vec<&'static str>) {
    let file = read_text(text);
    (
        file.events.into_iter().map(|event| event.uid).collect(),
        file.skipped.iter().map(|one| one.code).collect(),
    )
}

fn event(uid: &str) -> String {
    format!("BEGIN:VEVENT\nUID:{uid}\nDTSTART:20260401T090000Z\nEND:VEVENT\n")
}

#[test]
fn what_is_no_calendar_is_told() {
    for bytes in [
        b"".as_slice(),
        b"\0\0\0",
        b"<html>",
        event("a").as_bytes(),
        b"\xff\xfeB\0E\0G\0I\0N\0",
        b"END:VCALENDAR",
    ] {
        assert_eq!(error_of(bytes), "not_a_calendar");
    }
}

#[test]
fn a_file_that_is_too_large_is_not_looked_at() {
    assert_eq!(error_of(&vec![b'x'; MAX_FILE_BYTES + 1]), "file_too_large");
}

#[test]
fn a_million_tiny_components_are_too_many() {
    let tiny = "BEGIN:A\nEND:A\n".repeat(700_000);
    assert_eq!(
        error_of(format!("BEGIN:VCALENDAR\n{tiny}").as_bytes()),
        "too_many_components"
    );
}

#[test]
fn ten_megabytes_of_properties_are_one_bad_event() {
    let many = "X-A:1234567890\n".repeat(600_000);
    let bad = format!("BEGIN:VEVENT\nUID:bad\nDTSTART:20260401\n{many}END:VEVENT\n");
    let text = format!(
        "BEGIN:VCALENDAR\n{}{bad}{}END:VCALENDAR",
        event("a"),
        event("b")
    );
    assert_eq!(
        outcome(&text),
        (vec!["a".into(), "b".into()], vec!["too_many_lines"])
    );
    let skipped = read_text(&text).skipped;
    assert_eq!(skipped[0].uid.as_deref(), Some("bad"));
    assert_eq!(skipped[0].line, 6);
}

#[test]
fn ten_megabytes_of_one_line_are_one_bad_event() {
    for long in [
        "X-A:".to_owned() + &"x".repeat(9_000_000),
        "X-A:".to_owned() + &"\n x".repeat(3_000_000),
    ] {
        let bad = format!("BEGIN:VEVENT\nUID:bad\nDTSTART:20260401\n{long}\nEND:VEVENT\n");
        let text = format!("BEGIN:VCALENDAR\n{bad}{}END:VCALENDAR", event("b"));
        assert_eq!(outcome(&text), (vec!["b".into()], vec!["line_too_long"]));
    }
}

#[test]
fn deep_nesting_is_one_bad_event() {
    let deep = "BEGIN:X-A\n".repeat(10_000) + &"END:X-A\n".repeat(10_000);
    let bad = format!("BEGIN:VEVENT\nUID:bad\nDTSTART:20260401\n{deep}END:VEVENT\n");
    let text = format!("BEGIN:VCALENDAR\n{bad}{}END:VCALENDAR", event("b"));
    assert_eq!(outcome(&text), (vec!["b".into()], vec!["too_deep"]));
    let text = text.replace(
        &deep,
        "BEGIN:X-A\nBEGIN:X-A\nBEGIN:X-A\nBEGIN:X-A\nBEGIN:X-A\nBEGIN:X-A\nBEGIN:X-A\n",
    );
    assert_eq!(outcome(&text), (vec!["b".into()], vec!["too_deep"]));
}

#[test]
fn an_event_that_is_not_ended_loses_no_other() {
    let open = "BEGIN:VEVENT\nUID:open\nDTSTART:20260401\n";
    for (text, codes) in [
        (
            format!(
                "BEGIN:VCALENDAR\n{}{open}{}END:VCALENDAR",
                event("a"),
                event("b")
            ),
            "not_ended",
        ),
        (
            format!(
                "BEGIN:VCALENDAR\n{}{}{open}END:VCALENDAR",
                event("a"),
                event("b")
            ),
            "not_ended",
        ),
        (
            format!("BEGIN:VCALENDAR\n{}{}{open}", event("a"), event("b")),
            "not_ended",
        ),
        (
            format!(
                "BEGIN:VCALENDAR\n{}{open}BEGIN:VALARM\nEND:VEVENT\n{}",
                event("a"),
                event("b")
            ),
            "unbalanced",
        ),
        (
            format!(
                "BEGIN:VCALENDAR\n{}{open}END:VALARM\nEND:VEVENT\n{}",
                event("a"),
                event("b")
            ),
            "unbalanced",
        ),
    ] {
        assert_eq!(
            outcome(&text),
            (vec!["a".into(), "b".into()], vec![codes]),
            "{text}"
        );
    }
}

#[test]
fn a_bad_value_is_one_bad_event() {
    for (line, code) in [
        ("DTSTART:soon", "invalid_time"),
        ("DTSTART:00000101T000000Z", "invalid_time"),
        ("DTSTART:99990101", "invalid_time"),
        ("DTSTART;VALUE=DATE:99981231", "invalid_time"),
        (
            "DTSTART;TZID=Mars/Phobos:20260401T090000",
            "unknown_time_zone",
        ),
        ("DTEND:20260401T090000Z", "no_start"),
        ("DTSTART:20260401\nDTEND:20261301", "invalid_time"),
        ("DTSTART:20260401\nRECURRENCE-ID:x", "invalid_time"),
    ] {
        let text = format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:bad\n{line}\nEND:VEVENT\n{}",
            event("b")
        );
        assert_eq!(outcome(&text), (vec!["b".into()], vec![code]), "{line}");
    }
}

#[test]
fn broken_folding_costs_the_lines_that_it_breaks() {
    let text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20260401\nDESCRIPTION:one\ntwo and\nthree: four\n\n\nSUMMARY:S\nEND:VEVENT\n";
    let file = read_text(text);
    assert_eq!(file.events[0].description, "one");
    assert_eq!(file.events[0].summary, "S");
    // `three: four` has the form of a property.
    assert_eq!(file.events[0].extra, ["three: four"]);
    assert_eq!(file.notes[0].code, "not_a_line");
}

#[test]
fn marks_in_odd_writing_count() {
    let text = "\u{feff}begin:vcalendar\nBegin:VEvent \nuid:a\ndtstart:20260401\nBEG\n IN:X-A\nEND:X\n -A\nend:VEVENT\t";
    let (uids, codes) = outcome(text);
    assert_eq!((uids, codes), (vec!["a".to_owned()], vec![]));
}

#[test]
fn control_characters_that_hide_a_mark_hide_nothing_else() {
    let text = format!(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20260401\nBEG\0IN:X-A\nEND:VEVENT\n{}",
        event("b")
    );
    let file = read_text(&text);
    assert_eq!(file.events.len(), 2);
    assert!(
        file.notes
            .iter()
            .any(|note| note.code == "control_characters")
    );
    assert_eq!(file.events[0].extra, Vec::<String>::new());
}

#[test]
fn many_zones_and_many_notes_are_bounded() {
    let mut text = "BEGIN:VCALENDAR\n".to_owned();
    for number in 0..2_000 {
        let zone = format!(
            "BEGIN:VTIMEZONE\nTZID:Z{number}\nBEGIN:STANDARD\nDTSTART:16010101T000000\nRRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=MO\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0{}00\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nDTSTART;TZID=Z{number}:20260401T090000\nEND:VEVENT\n",
            number % 7,
        );
        text.push_str(&zone);
    }
    let file = read_text(&text);
    assert!(file.notes.len() <= MAX_NOTES);
    assert_eq!(file.events.len() + file.skipped.len(), 2_000);
}

#[test]
fn a_long_name_of_a_zone_is_nobodys() {
    let name = "/".repeat(100_000);
    let text = format!(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART;TZID={name}:20260401T090000\nEND:VEVENT\n"
    );
    assert_eq!(outcome(&text).1, ["unknown_time_zone"]);
}

#[test]
fn thousands_of_attendees_are_read_and_written_in_time() {
    let lines: Vec<String> = (0..9_000)
        .map(|number| format!("ATTENDEE;CUTYPE=ROOM;CN=(((=(:mailto:{number:05}@x.org\n"))
        .collect();
    let lines = lines.concat();
    let event = event_of(&format!("DTSTART:20260401\n{lines}"));
    assert_eq!(event.attendees.len(), 9_000);
    assert_eq!(
        read_text(&written(std::slice::from_ref(&event))).events[0],
        event
    );
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        let mut file = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n".to_vec();
        file.extend(bytes);
        let _ = read(&file, Tz::UTC);
    }

    /// Real files with some of their bytes changed, cut out or repeated.
    #[test]
    fn no_change_of_a_real_file_panics(
        which in 0..samples::ALL.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..5_u8, any::<u8>()), 1..12),
    ) {
        let mut bytes = samples::ALL[which].as_bytes().to_vec();
        for (at, to, kind, byte) in changes {
            if bytes.is_empty() {
                break;
            }
            let (at, to) = (at.index(bytes.len()), to.index(bytes.len()));
            match kind {
                0 => bytes[at] = byte,
                1 => bytes[at] = b"\r\n ;:,\"\\=0\0TZ"[usize::from(byte) % 13],
                2 => { bytes.drain(at.min(to)..at.max(to).min(at.min(to) + 40)); }
                3 => { let piece = bytes[at.min(to)..at.max(to).min(at.min(to) + 200)].to_vec(); bytes.splice(at..at, piece); }
                _ => bytes.swap(at, to),
            }
        }
        if let Ok(file) = read(&bytes, Tz::UTC) {
            let events = stamped(file.events);
            let text = written(&events);
            let again = read_text(&text);
            prop_assert_eq!(&again.events, &events, "{}", text);
            prop_assert_eq!(written(&again.events), text);
        }
    }
}
