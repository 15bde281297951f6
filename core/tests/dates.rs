//! Dates in words: the set of `dates.tsv`, and the laws that hold for any text.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use chrono::{Duration, NaiveDate, NaiveDateTime};
use delegate_core::dates::{self, Context, NotAMoment, Value, Zone};
use delegate_core::time::{CalendarTime, parse_zone};
use proptest::prelude::*;

#[path = "support/dates_set.rs"]
mod set;

use self::set::told;

/// A context that a test is sure of.
fn context(text: &str) -> Context {
    set::context(text).unwrap()
}

/// Wednesday, 4 March 2026, 10:00 in New York.
fn wednesday() -> Context {
    context("2026-03-04T10:00 America/New_York")
}

#[test]
fn every_row_of_the_set_means_what_it_says() {
    let (mut clock, mut misses, mut rows) = ("", Vec::new(), 0);
    for line in include_str!("dates.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let columns: Vec<&str> = line.split('\t').collect();
        let [language, kind, now, text, expected] = columns[..] else {
            panic!("five columns: {line}");
        };
        if now != "=" {
            clock = now;
        }
        rows += 1;
        let actual = told(text, &context(clock));
        if actual != expected {
            misses.push(format!(
                "{language} {kind}: {text}\n   expected {expected}\n   found    {actual}"
            ));
        }
    }
    assert!(rows >= 350, "only {rows} rows");
    assert!(
        misses.is_empty(),
        "{} of {rows}:\n{}",
        misses.len(),
        misses.join("\n")
    );
}

/// Prints what the sentences of a message cost; run with `--release -- --nocapture --ignored`.
#[test]
#[ignore = "a measurement, not a check"]
#[expect(clippy::print_stderr, reason = "a measurement says what it found")]
fn time_of_a_text() {
    let sentence = "Could you please send the plan to Raj by Friday? I'll talk to the vendor tomorrow at 3pm.\nLet me know. ";
    for bytes in [4096, 1 << 20] {
        let text: String = sentence.chars().cycle().take(bytes).collect();
        let start = std::time::Instant::now();
        std::hint::black_box(dates::find(&text, &wednesday()));
        let first = start.elapsed();
        let start = std::time::Instant::now();
        std::hint::black_box(dates::find(&text, &wednesday()));
        eprintln!("{bytes} bytes: {first:?}, then {:?}", start.elapsed());
    }
}

#[test]
fn hostile_texts_cost_linear_time() {
    for piece in [
        "early ",
        "the day after ",
        "3-",
        "March 3 to ",
        "every ",
        "from ",
        "between 3 and ",
        "next ",
        "1/",
        "10:",
        "Friday ",
        "half past ",
        "a week from ",
        "in ",
        "2026-03-03T",
        "first ",
        "twice a ",
        "by ",
        "the ",
        "un mardi sur ",
        "hier ",
        "  \n",
    ] {
        let text: String = piece.chars().cycle().take(1 << 16).collect();
        let start = std::time::Instant::now();
        let _ = dates::find(&text, &wednesday());
        let took = start.elapsed();
        assert!(
            took < std::time::Duration::from_secs(12),
            "{piece:?} took {took:?}"
        );
    }
}

#[test]
fn a_mention_says_where_it_stands() {
    let text = "Könnten wir – wenn möglich – by Friday reden, or on Monday at 3pm?";
    let found: Vec<&str> = dates::find(text, &wednesday())
        .into_iter()
        .map(|mention| &text[mention.span])
        .collect();
    assert_eq!(found, ["by Friday", "on Monday at 3pm"]);
}

#[test]
fn a_whole_text_is_read_as_one_due_time() {
    let new_york = parse_zone("America/New_York").unwrap();
    let at = |civil: &str| CalendarTime::DateTime {
        date_time: NaiveDateTime::parse_from_str(civil, "%Y-%m-%dT%H:%M").unwrap(),
        time_zone: new_york,
    };
    let on = |date: &str| CalendarTime::Date(date.parse().unwrap());
    for (text, expected) in [
        ("Friday 5pm", at("2026-03-06T17:00")),
        ("in two weeks", on("2026-03-18")),
        ("by end of day Friday", on("2026-03-06")),
        ("next week", on("2026-03-13")),
        ("EOM", on("2026-03-31")),
        ("in Q3", on("2026-09-30")),
        ("2026-03-09", on("2026-03-09")),
        ("tomorrow at 15:00 CET", at("2026-03-05T09:00")),
        ("morgen um 15 Uhr", at("2026-03-05T15:00")),
        ("until Friday", on("2026-03-06")),
    ] {
        assert_eq!(dates::moment(text, &wednesday()), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_not_one_due_time_is_refused_with_the_reason() {
    for text in [
        "",
        "soon",
        "Friday or Monday",
        "call Ana on Friday",
        "two hours",
        "every Monday",
        "since Monday",
    ] {
        assert_eq!(
            dates::moment(text, &wednesday()),
            Err(NotAMoment::NotUnderstood),
            "{text}"
        );
    }
    for text in ["3/4", "tomorrow at 6", "next Friday"] {
        let Err(NotAMoment::Ambiguous(readings)) = dates::moment(text, &wednesday()) else {
            panic!("{text} has two readings");
        };
        assert_eq!(readings.len(), 2, "{text}");
    }
}

/// Pieces that words of time are made of, and what stands between them.
const PIECES: &[&str] = &[
    "the",
    "day",
    "after",
    "before",
    "next",
    "last",
    "this",
    "every",
    "other",
    "Friday",
    "Mon",
    "week",
    "weeks",
    "month",
    "March",
    "May",
    "3",
    "3rd",
    "31",
    "12",
    "2026",
    "99999999",
    "20260303T0930Z",
    "T",
    "Z",
    "at",
    "by",
    "until",
    "from",
    "to",
    "between",
    "and",
    "half",
    "past",
    "quarter",
    "an",
    "a",
    "hour",
    "in",
    "ago",
    "early",
    "mid",
    "end",
    "of",
    "EOM",
    "noon",
    "midnight",
    "pm",
    "Uhr",
    "h30",
    "halb",
    "zehn",
    "jeden",
    "zweiten",
    "tous",
    "les",
    "mardis",
    "d'ici",
    "fin",
    "du",
    "mois",
    "/",
    "-",
    ":",
    ".",
    ",",
    "\n",
    "Q3",
    "KW",
    "twice",
    "second",
    "ET",
    "UTC",
    "+",
    "14",
    "Easter",
    "Thanksgiving",
    "couple",
    "business",
    "days",
    "4000",
    "years",
    "two",
    "monthly",
    "on",
    "15th",
    "金曜日",
    "3月",
    "ü",
    "’",
    "€",
    "9999",
    "0001",
];

fn pieces() -> impl Strategy<Value = String> {
    proptest::collection::vec((0..PIECES.len(), any::<bool>()), 0..14).prop_map(|picks| {
        picks.iter().fold(String::new(), |mut text, (pick, space)| {
            text.push_str(PIECES[*pick]);
            if *space {
                text.push(' ');
            }
            text
        })
    })
}

/// A day between 1970 and 2105, at any minute.
fn moments() -> impl Strategy<Value = NaiveDateTime> {
    (0i64..49_000, 0i64..1440).prop_map(|(day, minute)| {
        NaiveDate::from_ymd_opt(1970, 1, 1)
            .unwrap()
            .and_hms_opt(0, 0, 0)
            .unwrap()
            + Duration::days(day)
            + Duration::minutes(minute)
    })
}

fn values(text: &str, context: &Context) -> Vec<Value> {
    dates::find(text, context)
        .into_iter()
        .map(|mention| mention.value)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_panics_and_every_mention_lies_in_it(text in prop_oneof![".{0,60}", pieces()], now in moments()) {
        let context = Context { now, ..wednesday() };
        let mut end = 0;
        for mention in dates::find(&text, &context) {
            prop_assert!(mention.span.start >= end && text.get(mention.span.clone()).is_some());
            end = mention.span.end;
            prop_assert!(mention.readings.len() != 1);
            if let Some(first) = mention.readings.first() {
                prop_assert_eq!(&first.value, &mention.value);
            }
        }
        let _ = dates::moment(&text, &context);
    }

    #[test]
    fn what_looks_forward_is_never_past(now in moments(), which in 0usize..12) {
        let texts = [
            "on Friday", "on Wednesday", "on March 13", "the 13th of May", "on the 31st", "on the 3rd", "at 3pm", "at 9:30",
            "at noon", "at 6", "on Christmas", "coming Monday",
        ];
        let context = Context { now, zone: Zone::Named(chrono_tz::UTC), ..wednesday() };
        for value in values(texts[which], &context) {
            match value {
                Value::Date(date) => prop_assert!(date >= now.date(), "{} on {now}: {date}", texts[which]),
                Value::DateTime(civil, _) => prop_assert!(civil > now, "{} on {now}: {civil}", texts[which]),
                other => prop_assert!(false, "{other}"),
            }
        }
    }

    #[test]
    fn weeks_later_a_weekday_is_weeks_later(now in moments(), weeks in 1i64..200, which in 0usize..9) {
        let text = [
            "on Friday", "next Tuesday", "last Monday", "this Sunday", "tomorrow", "in two weeks", "Monday week", "the weekend",
            "end of next week",
        ][which];
        let utc = Context { zone: Zone::Named(chrono_tz::UTC), ..wednesday() };
        let shift = Duration::weeks(weeks);
        let before = values(text, &Context { now, ..utc });
        let after = values(text, &Context { now: now + shift, ..utc });
        prop_assert!(!before.is_empty());
        for (before, after) in before.iter().zip(&after) {
            match (before, after) {
                (Value::Date(before), Value::Date(after)) => prop_assert_eq!(*before + shift, *after),
                (Value::Dates(Some(a), Some(b)), Value::Dates(Some(c), Some(d))) => {
                    prop_assert_eq!((*a + shift, *b + shift), (*c, *d));
                }
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
}
