//! Laws: of windows, of text, of splitting.

use proptest::prelude::*;

use super::plain::{some_rule, some_start};
use super::*;
use crate::calendar::civil::DAY_SECONDS;

fn some_zone() -> impl Strategy<Value = Tz> {
    prop::sample::select(
        [
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
            "Africa/Casablanca",
            "America/Sao_Paulo",
            "Pacific/Apia",
            "America/St_Johns",
            "Pacific/Chatham",
            "Asia/Tehran",
            "UTC",
        ]
        .map(zone)
        .to_vec(),
    )
}

/// Civil times within two days of where the clocks of many zones change, or anywhere.
fn some_civil() -> impl Strategy<Value = CivilSeconds> {
    let changes = prop::sample::select(
        [
            "20260308T030000",
            "20260329T030000",
            "20261025T030000",
            "20261101T010000",
            "20261004T020000",
            "20260405T030000",
            "20111230T120000",
            "20181104T003000",
        ]
        .map(civil)
        .to_vec(),
    );
    prop_oneof![
        (changes, -2 * 96..2 * 96_i64).prop_map(|(change, quarters)| change + quarters * 900),
        some_start(),
    ]
}

/// Starts in a zone, and days.
fn some_series_start() -> impl Strategy<Value = Start> {
    (some_civil(), some_zone(), 0..6).prop_map(|(civil, zone, kind)| match kind {
        0 => Start::Date(super::super::day_of(civil)),
        _ => Start::Civil { civil, zone },
    })
}

fn some_length() -> impl Strategy<Value = Length> {
    prop_oneof![
        Just(Length::Exact(0)),
        (0..50 * HOUR_MS).prop_map(Length::Exact),
        (0..4).prop_map(Length::Days),
        (0..3, 0..30 * HOUR_MS)
            .prop_map(|(days, milliseconds)| Length::Nominal { days, milliseconds }),
    ]
}

/// Lines that may be wrong for a start; those are taken out.
fn some_lines() -> impl Strategy<Value = Vec<String>> {
    let bound = prop_oneof![
        2 => Just(String::new()),
        1 => (1..60_u32).prop_map(|count| format!(";COUNT={count}")),
        1 => some_civil().prop_map(|until| format!(";UNTIL={}Z", written(until))),
        1 => some_civil().prop_map(|until| format!(";UNTIL={}", written_day(until))),
    ];
    let rule = (some_rule(), bound)
        .prop_map(|(rule, bound)| rule.text() + &bound)
        .boxed();
    let date = (some_civil(), 0..5)
        .prop_map(|(civil, form)| {
            let text = written(civil);
            match form {
                0 => format!(";VALUE=DATE:{}", written_day(civil)),
                1 => format!(":{text}Z"),
                2 => format!(";TZID=America/St_Johns:{text}"),
                _ => format!(":{text}"),
            }
        })
        .boxed();
    let period = (some_civil(), 0..100_000)
        .prop_map(|(civil, seconds)| format!("RDATE;VALUE=PERIOD:{}/PT{seconds}S", written(civil)));
    (
        prop::collection::vec(rule.clone().prop_map(|rule| format!("RRULE:{rule}")), 0..3),
        prop_oneof![
            4 => Just(Vec::new()),
            1 => rule.prop_map(|rule| vec![format!("EXRULE:{rule}")]),
        ],
        prop::collection::vec(date.clone().prop_map(|date| format!("RDATE{date}")), 0..3),
        prop::collection::vec(date.prop_map(|date| format!("EXDATE{date}")), 0..3),
        prop::collection::vec(period, 0..2),
    )
        .prop_map(|(rules, excluding, added, removed, periods)| {
            [rules, excluding, added, removed, periods].concat()
        })
}

fn read_what_is_right(lines: &[String], start: Start) -> Recurrence {
    let right: Vec<&String> = lines
        .iter()
        .filter(|line| Recurrence::parse(&[line], start).is_ok())
        .collect();
    Recurrence::parse(&right, start).expect("every line is right")
}

/// What is looked at of a series: the offsets of a zone over all of its time take a while.
fn some_years(start: Start) -> Interval {
    Interval {
        start: i64::MIN,
        end: start.civil() * 1_000 + 6 * 366 * DAY_MS,
    }
}

/// The first of a window, not all of what a rule of seconds has.
const SOME: usize = 300;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_window_has_what_a_larger_one_has_there(
        lines in some_lines(), start in some_series_start(), length in some_length(), viewer in some_zone(),
        from in 0..500 * 24 * HOUR_MS, long in 0..60 * 24 * HOUR_MS,
    ) {
        let recurrence = read_what_is_right(&lines, start);
        let series = Series { start, length, recurrence: &recurrence };
        let begin = start.civil() * 1_000;
        let all = series.occurrences(Interval { start: i64::MIN, end: begin + 600 * DAY_MS }, viewer);
        let all: Vec<Occurrence> = all.take(10 * SOME).collect();
        prop_assert!(all.is_sorted_by_key(|one| one.interval.start));
        prop_assert!(all.windows(2).all(|two| two[0].interval.start < two[1].interval.start));
        // Near the start, anywhere, and as far as was looked.
        let seen = all.last().map_or(begin, |last| last.interval.start);
        for start in [begin + from % (2 * DAY_MS), begin + from, seen - long] {
            let window = Interval { start, end: (start + long + 1).min(seen) };
            let expected: Vec<Occurrence> = all
                .iter()
                .copied()
                .filter(|one| one.interval.start < window.end)
                .filter(|one| one.interval.end > window.start || one.interval.start >= window.start)
                .collect();
            let found: Vec<Occurrence> = series.occurrences(window, viewer).collect();
            prop_assert_eq!(found, expected, "{:?} {:?} in {:?}", recurrence.lines(series.start), series.start, window);
        }
    }

    #[test]
    fn reading_what_was_written_changes_nothing(lines in some_lines(), start in some_series_start()) {
        let recurrence = read_what_is_right(&lines, start);
        let written = recurrence.lines(start);
        let again = read(&written.iter().map(String::as_str).collect::<Vec<_>>(), start);
        prop_assert_eq!(&again, &recurrence, "{:?}", &written);
        prop_assert_eq!(again.lines(start), written);
    }

    #[test]
    fn what_is_before_and_what_follows_are_the_whole(
        rule in some_rule(), bound in 0..3, lines in some_lines(), start in some_series_start(),
        viewer in some_zone(), place in 0..40_usize,
    ) {
        // One rule, of which every occurrence that is not a date can go on.
        let bound = match bound {
            0 => String::new(),
            1 => format!(";COUNT={}", place + 7),
            _ => format!(";UNTIL={}Z", written(start.civil() + 90 * DAY_SECONDS)),
        };
        let dates = lines.iter().filter(|line| line.starts_with("EXDATE") || line.starts_with("RDATE"));
        let lines: Vec<String> = dates.cloned().chain([format!("RRULE:{}{bound}", rule.text())]).collect();
        let recurrence = read_what_is_right(&lines, start);
        let series = Series { start, length: Length::Exact(HOUR_MS), recurrence: &recurrence };
        let all: Vec<Occurrence> = series.occurrences(some_years(start), viewer).take(SOME).collect();
        let Some(at) = all.get(place).or(all.last()).copied() else { return Ok(()) };
        // An interval can't go on from what is not its own.
        let alone = Recurrence { added: Vec::new(), ..recurrence.clone() };
        let alone = Series { recurrence: &alone, ..series };
        let is_own = alone.contains(at.original) && at.original != start.civil();
        prop_assume!(at.original >= start.civil() && (rule.interval == 1 || is_own));

        let (before, from) = recurrence.split(start, at.original);
        let follow = start.at(at.original);
        for (part, start) in [(&before, start), (&from, follow)] {
            let text = part.lines(start);
            let again = Recurrence::parse(&text, start);
            prop_assert_eq!(again.as_ref(), Ok(part), "{:?}", text);
        }
        let first = Series { recurrence: &before, ..series };
        let second = Series { recurrence: &from, start: follow, ..series };
        let until = all.last().map_or(0, |last| last.interval.start);
        let joined: Vec<Occurrence> = first
            .occurrences(some_years(start), viewer)
            .take(SOME + 1)
            .chain(second.occurrences(some_years(start), viewer).take(SOME))
            .take_while(|one| one.interval.start <= until)
            .collect();
        prop_assert_eq!(joined, all, "{:?} from {:?} split at {}: {:?} {:?}", lines, start, written(at.original), before.lines(start), from.lines(follow));
    }

    #[test]
    fn the_last_one_is_the_last_of_all(lines in some_lines(), start in some_series_start(), length in some_length(), viewer in some_zone()) {
        let recurrence = read_what_is_right(&lines, start);
        let series = Series { start, length, recurrence: &recurrence };
        let mut all = series.occurrences(some_years(start), viewer);
        let some: Vec<Occurrence> = all.by_ref().take(10 * SOME).collect();
        match series.last(viewer) {
            Last::Empty => prop_assert_eq!(some.len(), 0),
            Last::Never => prop_assert!(!recurrence.is_single()),
            Last::Ends(span) => if some.len() < 10 * SOME && span.start < some_years(start).end {
                let last = some.last().map(|last| last.interval.start);
                // Beside rules that fit nothing the search may be given up.
                let is_plain = recurrence.excluding.is_empty() && recurrence.rules.iter().all(|rule| {
                    let alone = Recurrence { rules: vec![rule.clone()], ..Recurrence::empty(start) };
                    let alone = Series { recurrence: &alone, ..series };
                    alone.occurrences(some_years(start), viewer).nth(1).is_some()
                });
                if is_plain {
                    prop_assert_eq!(last, Some(span.start), "{:?} {:?}", recurrence.lines(start), start);
                } else {
                    prop_assert!(last <= Some(span.start), "{:?} {:?}", recurrence.lines(start), start);
                }
                prop_assert!(some.iter().all(|one| one.interval.end <= span.end));
                for one in some.iter().take(20) {
                    prop_assert!(series.contains(one.original));
                }
            },
        }
    }
}
