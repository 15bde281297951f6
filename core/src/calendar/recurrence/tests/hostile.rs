//! Rules and texts that were made to do harm: an answer in bounded time, and no panic.

use proptest::prelude::*;

use super::*;

fn series_of(start: Start, recurrence: &Recurrence) -> Series<'_> {
    Series {
        start,
        length: Length::Exact(HOUR_MS),
        recurrence,
    }
}

#[test]
fn a_rule_that_never_matches_ends() {
    let start = start("20260328T120001", "Europe/Berlin");
    for rule in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=1;BYYEARDAY=366",
        "FREQ=YEARLY;BYDAY=MO;BYSETPOS=366",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
        "FREQ=SECONDLY;BYSECOND=1;BYSETPOS=2",
        // 2026 is not a leap year, nor is any that is an even number of years away from 2025.
        "FREQ=YEARLY;INTERVAL=400;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=1",
        // 28 March 2026 is a Saturday.
        "FREQ=DAILY;INTERVAL=7;BYDAY=SU",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=3",
        "FREQ=MINUTELY;INTERVAL=60;BYMINUTE=1",
        "FREQ=SECONDLY;INTERVAL=2;BYSECOND=0",
        "FREQ=SECONDLY;INTERVAL=86400;BYHOUR=3",
        "FREQ=SECONDLY;INTERVAL=604800;BYDAY=MO",
        "FREQ=YEARLY;INTERVAL=4294967295;BYMONTH=1",
        "FREQ=SECONDLY;INTERVAL=4294967295;BYMONTH=1;BYMONTHDAY=1;BYHOUR=1;BYMINUTE=1;BYSECOND=1",
    ] {
        for bound in ["", ";COUNT=9", ";UNTIL=99981231"] {
            let recurrence = read(&[&format!("RRULE:{rule}{bound}")], start);
            let mut occurrences = series_of(start, &recurrence).occurrences(EVER, Tz::UTC);
            assert!(occurrences.next().is_some(), "{rule}: the start");
            assert_eq!(occurrences.next(), None, "{rule}");
        }
    }
}

#[test]
fn giving_up_is_told() {
    let start = start("20260328T120001", "Europe/Berlin");
    for (rule, is_exhausted) in [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", true),
        ("FREQ=SECONDLY;INTERVAL=7;BYSECOND=0;BYSETPOS=2", true),
        ("FREQ=DAILY;COUNT=3", false),
        ("FREQ=DAILY;UNTIL=20260401", false),
    ] {
        let recurrence = read(&[&format!("RRULE:{rule}")], start);
        let mut occurrences = series_of(start, &recurrence).occurrences(EVER, Tz::UTC);
        for _ in occurrences.by_ref() {}
        assert_eq!(occurrences.is_exhausted(), is_exhausted, "{rule}");
    }
    // Everything is taken out.
    let recurrence = read(&["RRULE:FREQ=SECONDLY", "EXRULE:FREQ=SECONDLY"], start);
    let mut occurrences = series_of(start, &recurrence).occurrences(EVER, Tz::UTC);
    assert_eq!(occurrences.next(), None);
    assert!(occurrences.is_exhausted());
}

#[test]
fn what_is_rare_is_found() {
    let start = start("20260328T120001", "UTC");
    // Found by stepping through the days one by one.
    for (rule, expected) in [
        (
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU",
            "20320229T120001",
        ),
        ("FREQ=DAILY;INTERVAL=1461;BYMONTH=4", "25020401T120001"),
        (
            "FREQ=DAILY;INTERVAL=365;BYMONTHDAY=28;BYMONTH=3;BYDAY=MO",
            "35320328T120001",
        ),
        (
            "FREQ=YEARLY;INTERVAL=37;BYMONTH=2;BYMONTHDAY=29",
            "22480229T120001",
        ),
        (
            "FREQ=MONTHLY;INTERVAL=11;BYDAY=5SU;BYMONTH=2",
            "20600229T120001",
        ),
        // By a second less every day, and by a minute.
        (
            "FREQ=SECONDLY;INTERVAL=86399;BYHOUR=12;BYMINUTE=0;BYSECOND=0",
            "20260329T120000",
        ),
        (
            "FREQ=SECONDLY;INTERVAL=86399;BYHOUR=0;BYMINUTE=0;BYSECOND=0",
            "21440708T000000",
        ),
        (
            "FREQ=MINUTELY;INTERVAL=1439;BYHOUR=0;BYMINUTE=0;BYMONTHDAY=1",
            "20630901T000001",
        ),
        (
            "FREQ=SECONDLY;BYMONTH=1;BYHOUR=3;BYMINUTE=0;BYSECOND=0",
            "20270101T030000",
        ),
    ] {
        let walls = walls(2, &[&format!("RRULE:{rule}")], start);
        assert_eq!(walls.get(1).map(String::as_str), Some(expected), "{rule}");
    }
}

#[test]
fn every_second_for_ever_is_lazy() {
    let start = start("20260328T120000", "Europe/Berlin");
    let recurrence = read(&["RRULE:FREQ=SECONDLY"], start);
    let series = series_of(start, &recurrence);
    let mut occurrences = series.occurrences(EVER, Tz::UTC);
    assert!(occurrences.nth(100_000).is_some());
    assert_eq!(series.last(Tz::UTC), Last::Never);
    // And a window thousands of years behind the start begins at once.
    let far = Interval {
        start: instant("90260328T120000Z"),
        end: i64::MAX,
    };
    assert_eq!(
        series
            .occurrences(far, Tz::UTC)
            .nth(3_600)
            .map(|one| one.interval.start),
        Some(far.start + 1_000)
    );
}

#[test]
fn a_count_that_is_larger_than_time_is_none() {
    let start = start("20260328T120000", "Europe/Berlin");
    for rule in [
        "FREQ=SECONDLY;COUNT=4294967295",
        "FREQ=MONTHLY;COUNT=4294967295",
    ] {
        let recurrence = read(&[&format!("RRULE:{rule}")], start);
        let window = Interval {
            start: instant("20400101T000000Z"),
            end: instant("20400201T000000Z"),
        };
        let occurrences = series_of(start, &recurrence).occurrences(window, Tz::UTC);
        assert!(occurrences.take(5).count() > 0, "{rule}");
    }
}

#[test]
fn the_ends_of_time_are_no_trouble() {
    for text in ["00010101T000000", "99981231T235959", "99981231", "00010101"] {
        let start = start(text, "Pacific/Apia");
        for rule in [
            "FREQ=SECONDLY",
            "FREQ=DAILY",
            "FREQ=YEARLY;BYWEEKNO=1,-1",
            "FREQ=MONTHLY",
        ] {
            let Ok(recurrence) = Recurrence::parse(&[format!("RRULE:{rule}")], start) else {
                continue;
            };
            let series = series_of(start, &recurrence);
            let _ = series.last(Tz::UTC);
            let _ = series.contains(i64::MIN) || series.contains(i64::MAX);
            for window in [
                EVER,
                Interval {
                    start: i64::MIN,
                    end: i64::MIN + 5,
                },
                Interval {
                    start: i64::MAX - 5,
                    end: i64::MAX,
                },
            ] {
                let _ = series
                    .occurrences(window, zone("Pacific/Apia"))
                    .take(10)
                    .count();
            }
            let _ = recurrence.split(start, i64::MAX);
            let _ = recurrence.split(start, i64::MIN);
        }
    }
}

/// Texts near to rules: parts of them, cut and joined.
fn some_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "RRULE:",
        "EXRULE:",
        "RDATE",
        "EXDATE",
        ";",
        ":",
        "=",
        ",",
        "/",
        "FREQ=",
        "DAILY",
        "YEARLY",
        "SECONDLY",
        "WEEKLY",
        "BYDAY=",
        "MO",
        "-1",
        "53",
        "SU",
        "BYSETPOS=",
        "366",
        "-366",
        "COUNT=",
        "4294967295",
        "INTERVAL=",
        "UNTIL=",
        "20260230",
        "20261025T023000",
        "99981231T235959Z",
        "Z",
        "T",
        "P",
        "PT",
        "PT1H",
        "P1W",
        "TZID=",
        "Europe/Berlin",
        "Pacific/Apia",
        "\"",
        "VALUE=PERIOD",
        "BYWEEKNO=",
        "BYYEARDAY=",
        "BYMONTH=",
        "2",
        "BYMONTHDAY=",
        "30",
        "BYHOUR=",
        "é",
        "\u{0}",
        "+",
    ]);
    prop_oneof![
        1 => any::<String>(),
        6 => prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn no_text_panics(
        texts in prop::collection::vec(some_text(), 1..4), is_day: bool,
        civil in prop_oneof![1 => any::<i64>(), 9 => super::super::FIRST_CIVIL..=super::super::LAST_CIVIL],
        from: i64, until: i64, at: i64, length: i64, days: i32,
    ) {
        let start = if is_day {
            Start::Date(super::super::day_of(civil))
        } else {
            Start::Civil { civil, zone: zone("Pacific/Apia") }
        };
        let Ok(recurrence) = Recurrence::parse(&texts, start) else { return Ok(()) };
        let length = Length::Nominal { days, milliseconds: length };
        let series = Series { start, length, recurrence: &recurrence };
        for window in [EVER, Interval { start: from, end: until }] {
            let _ = series.occurrences(window, zone("America/Sao_Paulo")).take(20).count();
        }
        let _ = (series.contains(at), series.last(Tz::UTC));
        for (part, start) in {
            let (before, after) = recurrence.split(start, at);
            [(before, start), (after, start.at(at))]
        } {
            let _ = part.lines(start);
        }
    }
}
