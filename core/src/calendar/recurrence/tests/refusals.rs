//! What is refused, and what is let pass.

use super::*;

fn codes(line: &str) -> Vec<&'static str> {
    let start = start("20260328T120000", "Europe/Berlin");
    match Recurrence::parse(&["RRULE:FREQ=DAILY", line], start) {
        Ok(_) => Vec::new(),
        Err(errors) => errors
            .iter()
            .map(|error| {
                assert_eq!(error.line, 1);
                error.code
            })
            .collect(),
    }
}

#[test]
fn parts_that_may_not_stand_together_are_refused() {
    for rule in [
        "FREQ=DAILY;COUNT=1;UNTIL=20270101T000000Z",
        "FREQ=DAILY;UNTIL=20270101T000000Z;COUNT=1",
        "FREQ=MONTHLY;BYWEEKNO=3",
        "FREQ=DAILY;BYWEEKNO=3",
        "FREQ=MONTHLY;BYYEARDAY=3",
        "FREQ=WEEKLY;BYYEARDAY=3",
        "FREQ=DAILY;BYYEARDAY=3",
        "FREQ=WEEKLY;BYMONTHDAY=3",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=DAILY;BYDAY=MO,-1TU",
        "FREQ=YEARLY;BYWEEKNO=3;BYDAY=1MO",
        "FREQ=MONTHLY;BYSETPOS=1",
    ] {
        assert_eq!(
            codes(&format!("RRULE:{rule}")),
            ["conflicting_parts"],
            "{rule}"
        );
    }
}

#[test]
fn values_outside_their_bounds_are_refused() {
    for part in [
        "INTERVAL=0",
        "INTERVAL=4294967296",
        "COUNT=0",
        "BYSECOND=61",
        "BYSECOND=-1",
        "BYMINUTE=60",
        "BYHOUR=24",
        "BYMONTHDAY=0",
        "BYMONTHDAY=32",
        "BYMONTHDAY=-32",
        "BYMONTH=13",
        "BYMONTH=0",
        "BYMONTH=-1",
        "BYMONTHDAY=1;BYSETPOS=0",
        "BYMONTHDAY=1;BYSETPOS=367",
        "BYDAY=0MO",
        "BYDAY=54MO",
        "BYYEARDAY=367",
        "BYWEEKNO=54",
    ] {
        let line = format!("RRULE:FREQ=YEARLY;{part}");
        assert_eq!(codes(&line), ["out_of_range"], "{part}");
    }
}

#[test]
fn text_that_is_no_rule_is_refused() {
    for (line, code) in [
        ("RRULE:FREQ=OFTEN", "invalid_value"),
        ("RRULE:FREQ=DAILY;INTERVAL=x", "invalid_value"),
        ("RRULE:FREQ=DAILY;INTERVAL=", "invalid_value"),
        ("RRULE:FREQ=DAILY;UNTIL=tomorrow", "invalid_value"),
        ("RRULE:FREQ=DAILY;UNTIL=20260230", "invalid_value"),
        ("RRULE:FREQ=DAILY;UNTIL=20260401T240000Z", "invalid_value"),
        ("RRULE:FREQ=WEEKLY;BYDAY=XX", "invalid_value"),
        ("RRULE:FREQ=WEEKLY;BYDAY=", "invalid_value"),
        ("RRULE:FREQ=WEEKLY;BYDAY=é", "invalid_value"),
        ("RRULE:FREQ=WEEKLY;WKST=1", "invalid_value"),
        ("RRULE:FREQ=DAILY;BYHOUR=1,,2", "invalid_value"),
        ("RRULE:FREQ=DAILY;FREQ=DAILY", "repeated_part"),
        ("RRULE:FREQ=DAILY;BYEASTER=1", "unknown_part"),
        ("RRULE:FREQ=DAILY;;COUNT=1", "unknown_part"),
        ("RRULE:INTERVAL=2", "missing_frequency"),
        ("RRULE:FREQ=DAILY;RSCALE=CHINESE", "unsupported_calendar"),
        ("RRULE:FREQ=DAILY;SKIP=FORWARD", "unsupported_calendar"),
        (
            "RRULE:FREQ=MINUTELY;BYHOUR=9;COUNT=4000000000",
            "count_too_large",
        ),
        ("FREQ=DAILY", "invalid_line"),
        ("", "invalid_line"),
        ("SUMMARY:Standup", "unknown_property"),
        ("EXDATE:never", "invalid_date"),
        ("EXDATE:20260401T0900", "invalid_date"),
        ("RDATE:20260401T090000/PT", "invalid_date"),
        ("RDATE:20260401T090000/20260331T090000", "invalid_date"),
        (
            "EXDATE;TZID=Mars/Olympus:20260401T090000",
            "unknown_time_zone",
        ),
    ] {
        assert_eq!(codes(line), [code], "{line}");
    }
}

#[test]
fn a_series_of_days_does_not_repeat_within_a_day() {
    let start = start("20260328", "");
    let errors = Recurrence::parse(&["RRULE:FREQ=HOURLY"], start).expect_err("is refused");
    assert_eq!(
        errors.first().map(|error| error.code),
        Some("conflicting_parts")
    );
}

#[test]
fn every_line_that_is_wrong_is_told_of() {
    let start = start("20260328T120000", "Europe/Berlin");
    let errors = Recurrence::parse(
        &["RRULE:FREQ=NEVER", "RDATE:20260401T090000", "EXDATE:x"],
        start,
    )
    .expect_err("two are wrong");
    let lines: Vec<usize> = errors.iter().map(|error| error.line).collect();
    assert_eq!(lines, [0, 2]);
}

#[test]
fn a_start_beyond_the_years_that_are_computed_with_is_refused() {
    let beyond = civil("99981231T235959") + 1;
    for start in [
        Start::Date(super::super::day_of(beyond)),
        Start::Date(i32::MAX),
        Start::Civil {
            civil: beyond,
            zone: Tz::UTC,
        },
        Start::Civil {
            civil: i64::MIN,
            zone: zone("Asia/Kathmandu"),
        },
    ] {
        for lines in [vec![], vec!["RRULE:FREQ=DAILY"]] {
            let errors = Recurrence::parse(&lines, start).expect_err("is refused");
            assert_eq!(errors.len(), 1, "{start:?}");
            assert_eq!(errors[0].code, "start_out_of_range", "{start:?}");
        }
    }
    let last = start("99981231T235959", "Pacific/Apia");
    assert_eq!(walls(3, &["RRULE:FREQ=DAILY"], last), ["99981231T235959"]);
}

#[test]
fn until_the_year_9999_is_for_ever() {
    for (begin, canonical) in [
        ("20260328T120000", "UNTIL=99981231T235959Z"),
        ("20260328", "UNTIL=99981231"),
    ] {
        for zone_name in ["America/New_York", "Pacific/Apia"] {
            let start = start(begin, zone_name);
            for until in [
                "99991231T235959Z",
                "99991231T235959",
                "99991231",
                "99990101",
            ] {
                let line = format!("RRULE:FREQ=WEEKLY;UNTIL={until}");
                let recurrence = read(&[&line], start);
                let canonical = format!("RRULE:FREQ=WEEKLY;{canonical}");
                assert_eq!(recurrence.lines(start), [canonical.as_str()], "{until}");
                assert_eq!(read(&[&canonical], start), recurrence, "{until}");
                let series = Series {
                    start,
                    length: Length::Exact(0),
                    recurrence: &recurrence,
                };
                assert_eq!(series.last(Tz::UTC), Last::Never, "{until}");
            }
        }
    }
    assert_eq!(codes("RRULE:FREQ=DAILY;UNTIL=99990230"), ["invalid_value"]);
    assert_eq!(codes("RDATE:99990101T000000"), ["invalid_date"]);
}

#[test]
fn lists_are_bounded() {
    let many = |text: &str, count: usize| vec![text; count].join(",");
    let dates = many("20260401T090000", 1_001);
    assert_eq!(codes(&format!("EXDATE:{dates}")), ["too_many_dates"]);
    assert_eq!(codes(&format!("RDATE:{dates}")), ["too_many_dates"]);
    let numbers = many("1", 733);
    assert_eq!(
        codes(&format!("RRULE:FREQ=YEARLY;BYYEARDAY={numbers}")),
        ["too_many_values"]
    );
    let days = many("MO", 733);
    assert_eq!(
        codes(&format!("RRULE:FREQ=YEARLY;BYDAY={days}")),
        ["too_many_values"]
    );
    let start = start("20260328T120000", "Europe/Berlin");
    let errors =
        Recurrence::parse(&vec!["RRULE:FREQ=DAILY"; 21], start).expect_err("is one too many");
    assert_eq!(
        errors.first().map(|error| (error.line, error.code)),
        Some((20, "too_many_rules"))
    );
}

#[test]
fn there_is_room_for_so_many_exceptions() {
    let start = start("20260328", "");
    let mut recurrence = read(&["RRULE:FREQ=DAILY"], start);
    let day = civil("20260328");
    for number in 0..1_000 {
        assert!(recurrence.without(day + number * 86_400));
    }
    assert!(!recurrence.without(day + 1_000 * 86_400));
    // One that is out already needs no room.
    assert!(recurrence.without(day));
    let again = Recurrence::parse(&recurrence.lines(start), start);
    assert_eq!(again.as_ref(), Ok(&recurrence));
}

#[test]
fn what_others_write_is_read() {
    let start = start("20260328T120000", "Europe/Berlin");
    for (line, canonical) in [
        (
            "rrule:freq=weekly;byday=mo,su",
            "RRULE:FREQ=WEEKLY;BYDAY=MO,SU",
        ),
        ("RRULE:FREQ=DAILY;INTERVAL=1;", "RRULE:FREQ=DAILY"),
        ("RRULE:FREQ=DAILY;X-WHY=7", "RRULE:FREQ=DAILY"),
        ("RRULE;X-A=\"a:b\":FREQ=DAILY\r\n", "RRULE:FREQ=DAILY"),
        ("RRULE:WKST=SU;FREQ=DAILY", "RRULE:FREQ=DAILY;WKST=SU"),
        (
            "RRULE:RSCALE=GREGORIAN;FREQ=DAILY;SKIP=OMIT",
            "RRULE:FREQ=DAILY",
        ),
        (
            "RRULE:FREQ=MONTHLY;BYDAY=+1MO,-1FR",
            "RRULE:FREQ=MONTHLY;BYDAY=-1FR,1MO",
        ),
        (
            "RRULE:FREQ=DAILY;BYSECOND=60",
            "RRULE:FREQ=DAILY;BYSECOND=59",
        ),
        (
            "RRULE:FREQ=DAILY;UNTIL=20260401",
            "RRULE:FREQ=DAILY;UNTIL=20260401T215959Z",
        ),
        (
            "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1,15,1,15",
            "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1,1,15",
        ),
        (
            "EXDATE:20260401T100000Z",
            "EXDATE;TZID=Europe/Berlin:20260401T120000",
        ),
        // The second 02:30 of that night can't be said in Berlin's time.
        ("EXDATE:20261025T013000Z", "EXDATE:20261025T013000Z"),
        (
            "RDATE;VALUE=PERIOD:20260401T100000Z/20260401T113000Z",
            "RDATE;VALUE=PERIOD;TZID=Europe/Berlin:20260401T120000/PT5400S",
        ),
        ("EXDATE:20260401", "EXDATE;VALUE=DATE:20260401"),
        // A day with a `Z` is a day: Google writes birthdays so.
        ("EXDATE:20260401Z", "EXDATE;VALUE=DATE:20260401"),
        (
            "RDATE:20260401Z",
            "RDATE;TZID=Europe/Berlin:20260401T120000",
        ),
        (
            "RRULE:FREQ=DAILY;UNTIL=20260401Z",
            "RRULE:FREQ=DAILY;UNTIL=20260401T215959Z",
        ),
    ] {
        assert_eq!(read(&[line], start).lines(start), [canonical], "{line}");
    }
}
