//! What happens where clocks change, in every way in which they do.

use super::*;

#[test]
fn a_daily_time_in_the_gap_moves_by_the_gap_and_comes_back() {
    assert_eq!(
        instants(
            3,
            &["RRULE:FREQ=DAILY"],
            start("20260328T023000", "Europe/Berlin")
        ),
        ["20260328T013000Z", "20260329T013000Z", "20260330T003000Z"]
    );
    // Half an hour in Lord Howe.
    assert_eq!(
        instants(
            3,
            &["RRULE:FREQ=DAILY"],
            start("20261003T021500", "Australia/Lord_Howe")
        ),
        ["20261002T154500Z", "20261003T154500Z", "20261004T151500Z"]
    );
}

#[test]
fn a_time_that_comes_twice_happens_the_first_time() {
    assert_eq!(
        instants(
            3,
            &["RRULE:FREQ=DAILY"],
            start("20261024T023000", "Europe/Berlin")
        ),
        ["20261024T003000Z", "20261025T003000Z", "20261026T013000Z"]
    );
}

#[test]
fn hours_step_on_the_wall() {
    // 02:00 is moved to where 03:00 is, and they are one.
    assert_eq!(
        instants(
            4,
            &["RRULE:FREQ=HOURLY"],
            start("20260329T010000", "Europe/Berlin")
        ),
        [
            "20260329T000000Z",
            "20260329T010000Z",
            "20260329T020000Z",
            "20260329T030000Z"
        ]
    );
    assert_eq!(
        walls(
            3,
            &["RRULE:FREQ=HOURLY"],
            start("20260329T010000", "Europe/Berlin")
        ),
        ["20260329T010000", "20260329T030000", "20260329T040000"]
    );
    // The second 02:00 of autumn is not one of the wall's.
    assert_eq!(
        instants(
            4,
            &["RRULE:FREQ=HOURLY"],
            start("20261025T010000", "Europe/Berlin")
        ),
        [
            "20261024T230000Z",
            "20261025T000000Z",
            "20261025T020000Z",
            "20261025T030000Z"
        ]
    );
}

#[test]
fn instants_rise_also_behind_a_gap() {
    let found = instants(
        7,
        &["RRULE:FREQ=MINUTELY;INTERVAL=25"],
        start("20260329T015000", "Europe/Berlin"),
    );
    // 02:15 and 02:40 are moved between 03:05, 03:30 and 03:55.
    assert_eq!(
        found,
        [
            "20260329T005000Z",
            "20260329T010500Z",
            "20260329T011500Z",
            "20260329T013000Z",
            "20260329T014000Z",
            "20260329T015500Z",
            "20260329T022000Z",
        ]
    );
}

#[test]
fn a_start_in_a_gap_is_the_first() {
    let start = start("20260329T023000", "Europe/Berlin");
    // 03:00 would be before it.
    assert_eq!(
        instants(3, &["RRULE:FREQ=MINUTELY;INTERVAL=30"], start),
        ["20260329T013000Z", "20260329T020000Z", "20260329T023000Z"]
    );
}

#[test]
fn the_day_that_samoa_skipped() {
    assert_eq!(
        instants(
            4,
            &["RRULE:FREQ=DAILY"],
            start("20111228T120000", "Pacific/Apia")
        ),
        [
            "20111228T220000Z",
            "20111229T220000Z",
            "20111230T220000Z",
            "20111231T220000Z"
        ]
    );
    // 30 and 31 December are one: the clock that was to show the first showed the second.
    assert_eq!(
        walls(
            4,
            &["RRULE:FREQ=DAILY"],
            start("20111228T120000", "Pacific/Apia")
        ),
        [
            "20111228T120000",
            "20111229T120000",
            "20111231T120000",
            "20120101T120000"
        ]
    );
}

#[test]
fn until_is_an_instant_that_is_still_in() {
    let start = start("20260327T090000", "Europe/Berlin");
    let ends = |until: &str| {
        let rule = format!("RRULE:FREQ=DAILY;UNTIL={until}");
        first(10, &[&rule], start).len()
    };
    assert_eq!(ends("20260329T070000Z"), 3);
    assert_eq!(ends("20260329T065959Z"), 2);
    // Other forms are read in the series' zone.
    assert_eq!(ends("20260329T090000"), 3);
    assert_eq!(ends("20260329T085959"), 2);
    assert_eq!(ends("20260329"), 3);
    // Before the start nothing is left: so it is written that all of it was taken back.
    assert_eq!(ends("20260327T075959Z"), 0);
    assert_eq!(ends("20260327T080000Z"), 1);
}

#[test]
fn until_in_the_hour_that_comes_twice() {
    // 02:30 happens at 00:30Z; the wall shows less again at the UNTIL.
    let found = instants(
        9,
        &["RRULE:FREQ=MINUTELY;INTERVAL=30;UNTIL=20261025T011500Z"],
        start("20261025T013000", "Europe/Berlin"),
    );
    assert_eq!(
        found,
        ["20261024T233000Z", "20261025T000000Z", "20261025T003000Z"]
    );
}

#[test]
fn dates_in_utc_and_in_other_zones_are_instants() {
    let start = start("20260328T023000", "Europe/Berlin");
    // The occurrence that a gap moved to 03:30 is 01:30 in UTC, and 21:30 in New York.
    for date in [
        "EXDATE:20260329T013000Z",
        "EXDATE;TZID=America/New_York:20260328T213000",
        "EXDATE;TZID=Europe/Berlin:20260329T033000",
        "EXDATE:20260329T023000",
        "EXDATE;VALUE=DATE:20260329",
        "EXDATE:20260329",
    ] {
        assert_eq!(
            walls(2, &["RRULE:FREQ=DAILY", date], start),
            ["20260328T023000", "20260330T023000"],
            "{date}"
        );
    }
}

#[test]
fn elapsed_time_is_exact_and_days_are_nominal() {
    let start = start("20260328T120000", "Europe/Berlin");
    let recurrence = read(&["RRULE:FREQ=DAILY;COUNT=2"], start);
    let ends = |length: Length| {
        let series = Series {
            start,
            length,
            recurrence: &recurrence,
        };
        let first = series.occurrences(EVER, Tz::UTC).next().expect("the start");
        written(first.interval.end / 1_000)
    };
    // The night between has 23 hours.
    assert_eq!(ends(Length::Exact(DAY_MS)), "20260329T110000");
    assert_eq!(ends(Length::Days(1)), "20260329T100000");
    let both = Length::Nominal {
        days: 1,
        milliseconds: HOUR_MS,
    };
    assert_eq!(ends(both), "20260329T110000");
    assert_eq!(ends(Length::Exact(-5)), "20260328T110000");
}

#[test]
fn days_are_those_of_the_viewer() {
    let start = start("20260328", "");
    let recurrence = read(&["RRULE:FREQ=DAILY;UNTIL=20260330"], start);
    let series = Series {
        start,
        length: Length::Days(1),
        recurrence: &recurrence,
    };
    let hours = |name: &str| -> Vec<(String, i64)> {
        let occurrences = series.occurrences(EVER, zone(name));
        occurrences
            .map(|one| {
                (
                    written(one.interval.start / 1_000),
                    one.interval.length() / HOUR_MS,
                )
            })
            .collect()
    };
    assert_eq!(
        hours("Europe/Berlin"),
        [
            ("20260327T230000".to_owned(), 24),
            ("20260328T230000".to_owned(), 23),
            ("20260329T220000".to_owned(), 24),
        ]
    );
    for (name, first) in [
        ("Pacific/Apia", "20260327T110000"),
        ("America/New_York", "20260328T040000"),
    ] {
        assert_eq!(hours(name).len(), 3, "{name}");
        assert_eq!(hours(name).first(), Some(&(first.to_owned(), 24)));
    }
}

#[test]
fn a_day_that_begins_late_begins_late() {
    // In São Paulo clocks went from 00:00 to 01:00 on 4 November 2018.
    let start = start("20181103", "");
    let recurrence = read(&["RRULE:FREQ=DAILY;COUNT=3"], start);
    let series = Series {
        start,
        length: Length::Days(1),
        recurrence: &recurrence,
    };
    let found: Vec<i64> = series
        .occurrences(EVER, zone("America/Sao_Paulo"))
        .map(|one| one.interval.length() / HOUR_MS)
        .collect();
    assert_eq!(found, [24, 23, 24]);
}

#[test]
fn in_a_series_of_days_only_the_day_of_a_date_counts() {
    let start = start("20260328", "");
    assert_eq!(
        walls(
            9,
            &[
                "RRULE:FREQ=DAILY;UNTIL=20260331T220000Z;BYHOUR=9",
                "EXDATE;TZID=Europe/Berlin:20260329T000000",
                "RDATE:20260405T120000Z",
            ],
            start
        ),
        [
            "20260328T000000",
            "20260330T000000",
            "20260331T000000",
            "20260405T000000"
        ]
    );
}

#[test]
fn an_added_period_has_its_own_length() {
    let start = start("20260328T120000", "Europe/Berlin");
    let recurrence = read(
        &[
            "RRULE:FREQ=DAILY;COUNT=2",
            "RDATE;VALUE=PERIOD:20260328T150000Z/PT3H,20260329T100000Z/20260329T100500Z",
        ],
        start,
    );
    let series = Series {
        start,
        length: Length::Exact(HOUR_MS),
        recurrence: &recurrence,
    };
    let minutes: Vec<i64> = series
        .occurrences(EVER, Tz::UTC)
        .map(|one| one.interval.length() / 60_000)
        .collect();
    // The last is the rule's as well; what was said for it alone holds.
    assert_eq!(minutes, [60, 180, 5]);
    // A window behind the start of the period and inside of it.
    let window = Interval {
        start: instant("20260328T170000Z"),
        end: instant("20260328T170001Z"),
    };
    assert_eq!(series.occurrences(window, Tz::UTC).count(), 1);
}

#[test]
fn a_window_has_what_overlaps_it() {
    let start = start("20260328T120000", "UTC");
    let recurrence = read(&["RRULE:FREQ=DAILY"], start);
    let count = |length: i64, from: &str, until: &str| {
        let series = Series {
            start,
            length: Length::Exact(length),
            recurrence: &recurrence,
        };
        let window = Interval {
            start: instant(from),
            end: instant(until),
        };
        series.occurrences(window, Tz::UTC).count()
    };
    let hour = HOUR_MS;
    // It ends where the window begins; it begins where the window ends; it reaches in by a second.
    assert_eq!(count(hour, "20260330T130000Z", "20260331T120000Z"), 0);
    assert_eq!(count(hour, "20260330T125959Z", "20260331T120000Z"), 1);
    assert_eq!(count(hour, "20260330T130000Z", "20260331T120001Z"), 1);
    // Of no length: where it begins in it.
    assert_eq!(count(0, "20260330T120000Z", "20260331T120000Z"), 1);
    assert_eq!(count(0, "20260330T120001Z", "20260331T120000Z"), 0);
    // Several reach in.
    assert_eq!(
        count(3 * 24 * hour, "20260410T123000Z", "20260410T124000Z"),
        3
    );
}

#[test]
fn the_last_one_is_found() {
    let last = |lines: &[&str], text: &str| {
        let start = start(text, "Europe/Berlin");
        let recurrence = read(lines, start);
        let series = Series {
            start,
            length: Length::Exact(HOUR_MS),
            recurrence: &recurrence,
        };
        match series.last(Tz::UTC) {
            Last::Never => "never".to_owned(),
            Last::Empty => "empty".to_owned(),
            Last::Ends(span) => {
                assert_eq!(span.length(), HOUR_MS);
                written(span.start / 1_000)
            }
        }
    };
    let begin = "20260328T120000";
    assert_eq!(last(&[], begin), "20260328T110000");
    // One with a length of its own reaches into whatever lies behind its start.
    let period = [
        "RRULE:FREQ=DAILY;COUNT=2",
        "RDATE;VALUE=PERIOD:20260401T100000Z/PT1H",
    ];
    assert_eq!(last(&period, begin), "20260401T100000");
    assert_eq!(last(&["EXDATE:20260328T120000"], begin), "empty");
    assert_eq!(last(&["RRULE:FREQ=DAILY"], begin), "never");
    assert_eq!(last(&["RRULE:FREQ=DAILY;UNTIL=99981231"], begin), "never");
    assert_eq!(
        last(&["RRULE:FREQ=DAILY;COUNT=3"], begin),
        "20260330T100000"
    );
    assert_eq!(
        last(
            &["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260330T120000"],
            begin
        ),
        "20260329T100000"
    );
    assert_eq!(
        last(
            &["RRULE:FREQ=MONTHLY;BYMONTH=1;UNTIL=20401231T000000Z"],
            begin
        ),
        "20400128T110000"
    );
    assert_eq!(
        last(
            &["RRULE:FREQ=SECONDLY;BYMONTH=1;UNTIL=20301231T000000Z"],
            begin
        ),
        "20300131T225959"
    );
    assert_eq!(
        last(
            &["RRULE:FREQ=DAILY;COUNT=3", "RDATE:20270101T000000"],
            begin
        ),
        "20261231T230000"
    );
    // A rule that fits nothing leaves the start.
    assert_eq!(
        last(&["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"], begin),
        "20260328T110000"
    );
}

#[test]
fn an_original_time_is_known() {
    let start = start("20260328T023000", "Europe/Berlin");
    let recurrence = read(&["RRULE:FREQ=DAILY", "EXDATE:20260401T023000"], start);
    let series = Series {
        start,
        length: Length::Exact(HOUR_MS),
        recurrence: &recurrence,
    };
    for (text, known) in [
        ("20260328T023000", true),
        ("20260327T023000", false),
        ("20260330T023000", true),
        ("20260330T023001", false),
        // Moved by the gap: both.
        ("20260329T023000", true),
        ("20260329T033000", true),
        ("20260401T023000", false),
        ("90260330T023000", true),
    ] {
        assert_eq!(series.contains(civil(text)), known, "{text}");
    }
}
