//! A series that is moved takes everything along: what was left out of it, its end, and the
//! occurrences that have rows of their own.

use serde::Serialize;

use super::civil::day_of;
use super::event::{Event, EventPatchInput, Original, event_time, is_day, series_start, wall};
use super::recurrence::Shift;
use super::series::{LONG_MS, Rule, divide};
use crate::error::Error;
use crate::time::CalendarTime;

/// A row of an occurrence that goes on under another original start, or under another series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MovedRow {
    /// The original start that it had.
    pub from: String,
    /// The one that it has from now on.
    pub to: String,
    /// Where the series was moved: what that makes of its times.
    pub times: Option<MovedTimes>,
}

impl MovedRow {
    /// A row whose original start stays what it was.
    pub(super) fn unmoved(key: String) -> Self {
        Self {
            from: key.clone(),
            to: key,
            times: None,
        }
    }
}

/// The times of an occurrence whose series was moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MovedTimes {
    /// When the rule had it: who has it still at that time moves along, other rows stay.
    pub was: Times,
    /// When the rule has it now.
    pub becomes: Times,
    /// The same in milliseconds since 1970, as storage keeps it.
    pub first_at: i64,
    /// Its end.
    pub last_at: i64,
    /// Whether windows look for it among the long ones.
    pub is_long: u8,
}

/// From when until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Times {
    /// When it starts.
    #[serde(with = "event_time")]
    pub start: CalendarTime,
    /// When it ends.
    #[serde(with = "event_time")]
    pub end: CalendarTime,
}

/// What is said where a rule can't be moved along.
pub(super) fn rule_names_days() -> Error {
    let rule = "can't be moved there, since the rule names days or times that would not move along; give `recurrence` as well";
    Error::invalid_at("/start", "rule_names_days", rule)
}

/// Where a patch moves a series and gives it no other rule, puts the rule into it that moves along.
pub(super) fn moved(event: &Event, patch: &mut EventPatchInput) -> Result<Option<Shift>, Error> {
    let moves = |start: &CalendarTime| {
        *start != event.start && is_day(*start) == is_day(event.start) && event.is_series()
    };
    let Some(start) = patch.start.filter(moves) else {
        return Ok(None);
    };
    if patch.recurrence.is_some() {
        return Ok(None);
    }
    let rule = Rule::of(event.start, event.end, &event.recurrence)?;
    let (from, to) = (series_start(event.start), series_start(start));
    let (recurrence, shift) = rule
        .recurrence
        .moved(from, to)
        .ok_or_else(rule_names_days)?;
    patch.recurrence = Some(Some(recurrence.lines(to)));
    Ok(Some(shift))
}

/// Whether a patch moves an occurrence to another day, and does not give the series another rule.
pub(super) fn changes_day(occurrence: &Event, patch: &EventPatchInput) -> Option<CalendarTime> {
    patch.start.filter(|start| {
        patch.recurrence.is_none()
            && is_day(*start) == is_day(occurrence.start)
            && day_of(wall(*start)) != day_of(wall(occurrence.start))
    })
}

/// What becomes of the rows of a series that has changed from one event into another: those that move
/// with it, and those that go.
pub(super) fn rows(
    before: &Event,
    after: &Event,
    shift: Option<&Shift>,
    keys: Vec<String>,
) -> Result<(Vec<MovedRow>, Vec<String>), Error> {
    let Some(shift) = shift.filter(|_| !keys.is_empty()) else {
        let (stay, go) = divide(after, keys)?;
        return Ok((stay.into_iter().map(MovedRow::unmoved).collect(), go));
    };
    let [old, new] = [before, after].map(|one| Rule::of(one.start, one.end, &one.recurrence));
    let (old, new) = (old?, new?);
    let (mut moved, mut dropped) = (Vec::<MovedRow>::new(), Vec::new());
    for key in keys {
        let row = Original::parse(&key).and_then(|original| {
            let civil = shift.of(original.civil);
            let was = old.times(old.at(original.civil)?, before.end);
            let becomes = new.times(new.at(civil)?, after.end);
            let to = Original { civil, ..original }.to_string();
            let is_free = moved.iter().all(|other| other.to != to);
            is_free.then(|| MovedRow {
                from: key.clone(),
                to,
                times: Some(MovedTimes::new(was, becomes)),
            })
        });
        match row {
            Some(row) => moved.push(row),
            None => dropped.push(key),
        }
    }
    Ok((moved, dropped))
}

impl MovedTimes {
    fn new(was: (CalendarTime, CalendarTime), becomes: (CalendarTime, CalendarTime)) -> Self {
        let times = |(start, end)| Times { start, end };
        let (first_at, last_at) = super::series::stretch(becomes.0, becomes.1);
        Self {
            was: times(was),
            becomes: times(becomes),
            first_at,
            last_at,
            is_long: u8::from(last_at.saturating_sub(first_at) > LONG_MS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::EventInput;
    use super::super::interval::Interval;
    use super::super::series::{SeriesChange, StoredEvent};
    use super::*;
    use crate::identifier::{CalendarEventId, UserId};
    use crate::time::Timestamp;
    use chrono_tz::Tz;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn now() -> Timestamp {
        Timestamp::from_milliseconds(1_790_000_000_000)
    }

    fn id(random: u8) -> CalendarEventId {
        CalendarEventId::new(now(), [random; 10])
    }

    fn time(date_time: &str, zone: &str) -> Value {
        json!({"date_time": date_time, "time_zone": zone})
    }

    /// Of an hour from nine.
    fn series(day: &str, zone: &str, recurrence: &[&str]) -> StoredEvent {
        let input = json!({
            "summary": "Standup",
            "start": time(&format!("{day}T09:00:00"), zone),
            "end": time(&format!("{day}T10:00:00"), zone),
            "recurrence": recurrence,
        });
        made(input)
    }

    fn made(input: Value) -> StoredEvent {
        let input: EventInput = serde_json::from_value(input).expect("of its shape");
        let user = UserId::new(now(), [1; 10]);
        StoredEvent::new(input.into_event(&user, id(2), now()).expect("an event"))
    }

    fn to(start: &Value) -> EventPatchInput {
        serde_json::from_value(json!({ "start": start })).expect("a patch")
    }

    fn berlin(date_time: &str) -> EventPatchInput {
        to(&time(date_time, "Europe/Berlin"))
    }

    fn occurrences(stored: &StoredEvent) -> Vec<(String, i64)> {
        let Event {
            start,
            end,
            recurrence,
            ..
        } = &stored.event;
        let rule = Rule::of(*start, *end, recurrence).expect("a rule");
        let all = Interval {
            start: 0,
            end: 4_102_444_800_000,
        };
        let is_day = is_day(*start);
        rule.series()
            .occurrences(all, Tz::UTC)
            .map(|found| {
                let civil = found.original;
                let original = Original { civil, is_day }.to_string();
                (original, found.interval.start)
            })
            .collect()
    }

    fn originals(stored: &StoredEvent) -> Vec<String> {
        let found = occurrences(stored);
        found.into_iter().map(|(original, _)| original).collect()
    }

    fn left(change: &SeriesChange) -> &StoredEvent {
        change.series.as_ref().expect("the series stays")
    }

    fn moved_to(change: &SeriesChange) -> Vec<[&str; 2]> {
        let rows = change.moved.iter();
        rows.map(|row| [row.from.as_str(), row.to.as_str()])
            .collect()
    }

    fn code(refused: Result<SeriesChange, Error>) -> (&'static str, String) {
        let error = refused.expect_err("refused");
        let field = error.fields.first().expect("a field");
        (field.code, format!("{:?}", field.place))
    }

    #[test]
    fn what_was_deleted_stays_deleted_and_what_was_changed_stays_changed() {
        let mut stored = series(
            "2027-03-05",
            "Europe/Berlin",
            &[
                "RRULE:FREQ=WEEKLY;COUNT=5",
                "EXDATE;TZID=Europe/Berlin:20270319T090000",
                "RDATE;TZID=Europe/Berlin:20270320T150000",
            ],
        );
        stored.overridden = vec!["20270312T090000".to_owned()];
        let whole = stored
            .clone()
            .changed(berlin("2027-03-05T10:00:00"), now())
            .expect("moved");
        let of_one = stored
            .all_changed(
                Original::parse("20270326T090000").expect("one"),
                berlin("2027-03-26T10:00:00"),
                now(),
            )
            .expect("moved");
        for change in [whole, of_one] {
            assert_eq!(
                originals(left(&change)),
                [
                    "20270305T100000",
                    "20270312T100000",
                    "20270320T160000",
                    "20270326T100000",
                    "20270402T100000"
                ]
            );
            assert_eq!(moved_to(&change), [["20270312T090000", "20270312T100000"]]);
            assert_eq!(left(&change).overridden, ["20270312T100000"]);
            assert!(change.dropped.is_empty());
            let row = change.moved.first().expect("one");
            let text = serde_json::to_value(row).expect("JSON");
            assert_eq!(
                text.pointer("/times/was/end/date_time"),
                Some(&json!("2027-03-12T10:00:00"))
            );
            assert_eq!(
                text.pointer("/times/becomes/end/date_time"),
                Some(&json!("2027-03-12T11:00:00"))
            );
        }
    }

    #[test]
    fn what_follows_moves_with_all_that_is_its() {
        let mut stored = series(
            "2027-03-05",
            "Europe/Berlin",
            &[
                "RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=5",
                "EXDATE;TZID=Europe/Berlin:20270319T090000",
            ],
        );
        stored.overridden = vec!["20270305T090000".to_owned(), "20270326T090000".to_owned()];
        let change = stored
            .following_changed(
                Original::parse("20270312T090000").expect("one"),
                berlin("2027-03-13T08:00:00"),
                id(7),
                now(),
            )
            .expect("moved");
        assert_eq!(originals(left(&change)), ["20270305T090000"]);
        let following = change.following.as_ref().expect("it goes on");
        assert_eq!(
            originals(following),
            ["20270313T080000", "20270327T080000", "20270403T080000"]
        );
        assert_eq!(moved_to(&change), [["20270326T090000", "20270327T080000"]]);
        assert_eq!(following.overridden, ["20270327T080000"]);
    }

    #[test]
    fn the_last_occurrence_before_an_end_stays_the_last() {
        for (zone, until) in [
            ("Europe/Berlin", "20270309T080000Z"),
            ("Europe/Berlin", "20270309T090000"),
            ("Europe/Berlin", "20270309"),
            ("UTC", "20270309T090000Z"),
        ] {
            let rule = format!("RRULE:FREQ=DAILY;UNTIL={until}");
            let stored = series("2027-03-06", zone, &[rule.as_str()]);
            for (hour, day) in [("17", "06"), ("01", "06"), ("09", "08"), ("23", "01")] {
                let start = time(&format!("2027-03-{day}T{hour}:00:00"), zone);
                let change = stored.clone().changed(to(&start), now()).expect("moved");
                let found = originals(left(&change));
                assert_eq!(found.len(), 4, "{zone} {until} {hour} {day}: {found:?}");
            }
        }
    }

    #[test]
    fn days_move_with_all_that_is_theirs() {
        let mut stored = made(json!({
            "summary": "Fast", "start": {"date": "2027-03-05"}, "end": {"date": "2027-03-06"},
            "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=FR;UNTIL=20270326", "EXDATE;VALUE=DATE:20270312"],
        }));
        stored.overridden = vec!["20270319".to_owned()];
        let change = stored
            .changed(to(&json!({"date": "2027-03-07"})), now())
            .expect("moved");
        assert_eq!(
            originals(left(&change)),
            ["20270307", "20270321", "20270328"]
        );
        assert_eq!(moved_to(&change), [["20270319", "20270321"]]);
    }

    #[test]
    fn another_zone_takes_the_wall_times_along() {
        let mut stored = series(
            "2027-03-05",
            "Europe/Berlin",
            &[
                "RRULE:FREQ=WEEKLY;UNTIL=20270402T070000Z",
                "EXDATE;TZID=Europe/Berlin:20270319T090000",
            ],
        );
        stored.overridden = vec!["20270312T090000".to_owned()];
        let change = stored
            .changed(to(&time("2027-03-05T09:00:00", "America/New_York")), now())
            .expect("moved");
        assert_eq!(
            originals(left(&change)),
            [
                "20270305T090000",
                "20270312T090000",
                "20270326T090000",
                "20270402T090000"
            ]
        );
        assert_eq!(
            change.moved.len(),
            1,
            "its original start is in another zone"
        );
    }

    #[test]
    fn the_days_that_a_rule_names_move_along() {
        for (day, rule, target, expected) in [
            (
                "2027-03-12",
                "FREQ=WEEKLY;BYDAY=FR;COUNT=3",
                "2027-03-13",
                "FREQ=WEEKLY;COUNT=3;BYDAY=SA",
            ),
            (
                "2027-03-12",
                "FREQ=WEEKLY;BYDAY=MO,FR;COUNT=3",
                "2027-03-09",
                "FREQ=WEEKLY;COUNT=3;BYDAY=TU,FR",
            ),
            (
                "2027-03-12",
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
                "2027-03-14",
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",
            ),
            (
                "2027-03-12",
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
                "2027-03-19",
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
            ),
            (
                "2027-03-14",
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",
                "2027-03-18",
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH",
            ),
            (
                "2027-03-12",
                "FREQ=MONTHLY;BYMONTHDAY=12",
                "2027-03-15",
                "FREQ=MONTHLY;BYMONTHDAY=15",
            ),
            (
                "2027-03-12",
                "FREQ=MONTHLY;BYDAY=2FR",
                "2027-03-13",
                "FREQ=MONTHLY;BYDAY=2SA",
            ),
            (
                "2027-03-26",
                "FREQ=MONTHLY;BYDAY=-1FR",
                "2027-03-29",
                "FREQ=MONTHLY;BYDAY=-1MO",
            ),
            (
                "2027-03-12",
                "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=12",
                "2027-04-02",
                "FREQ=YEARLY;BYMONTHDAY=2;BYMONTH=4",
            ),
            (
                "2027-03-12",
                "FREQ=MONTHLY;COUNT=4",
                "2027-04-02",
                "FREQ=MONTHLY;COUNT=4",
            ),
        ] {
            let stored = series(day, "Europe/Berlin", &[&format!("RRULE:{rule}")]);
            let change = stored
                .changed(berlin(&format!("{target}T10:00:00")), now())
                .expect(rule);
            assert_eq!(
                left(&change).event.recurrence,
                [format!("RRULE:{expected}")],
                "{rule}"
            );
        }
    }

    #[test]
    fn days_that_can_not_move_with_the_same_meaning_need_a_rule() {
        for (day, rule, target) in [
            (
                "2027-03-12",
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
                "2027-03-15T09:00:00",
            ),
            (
                "2027-03-12",
                "FREQ=MONTHLY;BYMONTHDAY=12,20",
                "2027-03-13T09:00:00",
            ),
            (
                "2027-03-12",
                "FREQ=MONTHLY;BYMONTHDAY=12",
                "2027-04-02T09:00:00",
            ),
            (
                "2027-03-31",
                "FREQ=MONTHLY;BYMONTHDAY=-1",
                "2027-03-30T09:00:00",
            ),
            (
                "2027-03-12",
                "FREQ=MONTHLY;BYDAY=2FR",
                "2027-03-20T09:00:00",
            ),
            (
                "2027-03-31",
                "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
                "2027-03-30T09:00:00",
            ),
            (
                "2027-03-12",
                "FREQ=DAILY;BYHOUR=9,23",
                "2027-03-12T10:00:00",
            ),
            ("2027-03-12", "FREQ=HOURLY;BYDAY=FR", "2027-03-12T10:00:00"),
        ] {
            let stored = series(day, "Europe/Berlin", &[&format!("RRULE:{rule}")]);
            let (code, place) = code(stored.changed(berlin(target), now()));
            assert_eq!(code, "rule_names_days", "{rule}");
            assert!(place.contains("/start"), "{place}");
        }
    }

    #[test]
    fn a_move_of_the_time_touches_no_day() {
        for rule in [
            "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
            "FREQ=YEARLY;BYYEARDAY=-1",
            "FREQ=MONTHLY;BYMONTHDAY=-2,15",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
        ] {
            let line = format!("RRULE:{rule}");
            let stored = series("2027-03-12", "Europe/Berlin", &[line.as_str()]);
            let change = stored
                .clone()
                .changed(berlin("2027-03-12T10:30:00"), now())
                .expect(rule);
            assert_eq!(
                left(&change).event.recurrence,
                stored.event.recurrence,
                "{rule}"
            );
        }
        let stored = series(
            "2027-03-12",
            "Europe/Berlin",
            &["RRULE:FREQ=DAILY;BYHOUR=9,13"],
        );
        let change = stored
            .changed(berlin("2027-03-12T10:00:00"), now())
            .expect("hours move together");
        assert_eq!(
            left(&change).event.recurrence,
            ["RRULE:FREQ=DAILY;BYHOUR=10,14"]
        );
    }

    #[test]
    fn an_occurrence_comes_to_lie_where_it_is_put_or_the_move_is_refused() {
        let stored = series(
            "2027-03-12",
            "Europe/Berlin",
            &["RRULE:FREQ=MONTHLY;BYDAY=2FR"],
        );
        // The second Friday in May is the 14th; the day after is the third Saturday.
        let at = Original::parse("20270514T090000").expect("one");
        let refused = stored.all_changed(at, berlin("2027-05-15T09:00:00"), now());
        assert_eq!(code(refused).0, "rule_names_days");
    }

    #[test]
    fn what_was_taken_out_of_a_month_stays_out_in_a_month_of_another_length() {
        let stored = series(
            "2027-03-12",
            "Europe/Berlin",
            &[
                "RRULE:FREQ=MONTHLY;UNTIL=20270801T000000Z",
                "EXDATE;TZID=Europe/Berlin:20270412T090000",
            ],
        );
        let change = stored
            .changed(berlin("2027-04-02T09:00:00"), now())
            .expect("moved");
        assert_eq!(
            originals(left(&change)),
            [
                "20270402T090000",
                "20270602T090000",
                "20270702T090000",
                "20270802T090000"
            ]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Moved and moved back, a series in UTC is what it was; moved, it is as many, each as far.
        #[test]
        fn a_series_that_is_moved_and_moved_back_is_the_same(
            rule in prop::sample::select(vec![
                "FREQ=DAILY;COUNT=9", "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=7", "FREQ=DAILY;INTERVAL=3;UNTIL=20260501T000000Z",
                "FREQ=WEEKLY;BYDAY=TH;UNTIL=20260430T090000Z", "FREQ=DAILY;BYDAY=MO,TU,WE;COUNT=8", "FREQ=HOURLY;INTERVAL=5;COUNT=20",
            ]),
            out in 0_usize..9,
            by in -3_000_000_i64..3_000_000,
        ) {
            let mut stored = series("2026-03-26", "UTC", &[&format!("RRULE:{rule}")]);
            let whole = originals(&stored);
            let out = whole.get(out % whole.len()).expect("one");
            stored.event.recurrence.push(format!("EXDATE:{out}Z"));
            stored.event.recurrence.push("RDATE:20260405T113000Z".to_owned());
            let before = occurrences(&stored);
            stored.overridden = originals(&stored);
            let start = super::super::event::at(stored.event.start, wall(stored.event.start) + by);
            let patch = |start| EventPatchInput { start: Some(start), ..EventPatchInput::default() };
            let there = stored.clone().changed(patch(start), now()).expect("moved");
            prop_assert!(there.dropped.is_empty());
            let there = there.series.expect("stays");
            let expected: Vec<i64> = before.iter().map(|(_, at)| at + by * 1_000).collect();
            let found: Vec<i64> = occurrences(&there).iter().map(|(_, at)| *at).collect();
            prop_assert_eq!(found, expected);
            let back = there.changed(patch(stored.event.start), now()).expect("moved back").series.expect("stays");
            prop_assert_eq!(occurrences(&back), before);
            prop_assert_eq!(back.overridden, stored.overridden);
        }
    }
}
