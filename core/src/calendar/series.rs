//! Series and their occurrences: where an event lies in time, and what becomes of a series when one,
//! some or all of its occurrences are changed.
//!
//! Nothing is stored twice: a series is its rule, and an occurrence has a row only where it differs
//! from the rule. Which ones do is noted with the series (`overridden`), so that a series is expanded
//! from its own row alone.

use chrono_tz::Tz;

use super::civil::CivilSeconds;
use super::event::{
    Event, EventPatchInput, EventRef, Original, at, civil_time, is_day, series_start, wall,
};
use super::interval::Interval;
use super::moving::{self, MovedRow};
use super::recurrence::{Last, Length, Occurrence, Recurrence, Series, Start};
use crate::error::{Error, Kind};
use crate::identifier::CalendarEventId;
use crate::time::{CalendarTime, Timestamp};

/// Where a series that never ends is said to end: the greatest integer that JavaScript and SQLite
/// both hold exactly.
pub const NEVER: i64 = 9_007_199_254_740_991;

/// What is more than this is long: windows look for it in another way.
pub const LONG_MS: i64 = 32 * 86_400_000;

/// A day begins at most this long before its midnight in UTC (Kiribati) …
pub(crate) const EARLIEST_MIDNIGHT_MS: i64 = 14 * 3_600_000;
/// … and at most this long after it (Baker Island).
pub(crate) const LATEST_MIDNIGHT_MS: i64 = 12 * 3_600_000;

/// What is computed with when a window is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// It takes place once, at instants.
    Timed,
    /// It takes place once, on days: its instants depend on where somebody is.
    AllDay,
    /// It is expanded.
    Series,
}

impl Shape {
    /// The word in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timed => "timed",
            Self::AllDay => "all_day",
            Self::Series => "series",
        }
    }
}

/// Where an event lies in time, as storage keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// What it is computed with.
    pub shape: Shape,
    /// Nothing of it is before.
    pub first_at: i64,
    /// Nothing of it is after; [`NEVER`] where it does not end.
    pub last_at: i64,
}

impl Placement {
    /// Whether windows look for it among the long ones.
    pub fn is_long(self) -> bool {
        self.last_at.saturating_sub(self.first_at) > LONG_MS
    }
}

/// A series that was read from its event, ready to be expanded.
#[derive(Debug, Clone)]
pub struct Rule {
    /// When it starts.
    pub start: CalendarTime,
    /// The lines, taken apart.
    pub recurrence: Recurrence,
    length: Length,
}

impl Rule {
    /// The rule of an event. Its lines were checked when they came in.
    pub fn of(start: CalendarTime, end: CalendarTime, lines: &[String]) -> Result<Self, Error> {
        let recurrence = Recurrence::parse(lines, series_start(start)).map_err(|errors| {
            let first = errors.into_iter().next();
            Error::internal(format!("a stored rule that can't be read: {first:?}"))
        })?;
        Ok(Self {
            start,
            recurrence,
            length: length(start, end),
        })
    }

    /// The series to be expanded.
    pub fn series(&self) -> Series<'_> {
        Series {
            start: series_start(self.start),
            length: self.length,
            recurrence: &self.recurrence,
        }
    }

    /// The occurrence that the rule has at a wall time, by exactly that one; days are those of UTC.
    pub fn at(&self, original: CivilSeconds) -> Option<Occurrence> {
        let start = super::event::instant_ms(at(self.start, original), Tz::UTC);
        let window = Interval {
            start,
            end: start.saturating_add(1),
        };
        let mut around = self.series().occurrences(window, Tz::UTC);
        around.find(|found| found.original == original)
    }

    /// The times of an occurrence, as the event that it is shows them.
    pub fn times(&self, occurrence: Occurrence, end: CalendarTime) -> (CalendarTime, CalendarTime) {
        let start = at(self.start, occurrence.original);
        let end = match (self.length, end) {
            (Length::Days(days), _) => at(
                self.start,
                occurrence.original.saturating_add(i64::from(days) * 86_400),
            ),
            (_, CalendarTime::DateTime { time_zone, .. }) => {
                civil_time(occurrence.interval.end, time_zone)
            }
            (_, end) => end,
        };
        (start, end)
    }
}

/// How long every occurrence takes: days for days, and for times exactly what lies between the
/// instants of the first (RFC 5545, 3.8.5.3).
fn length(start: CalendarTime, end: CalendarTime) -> Length {
    if is_day(start) {
        let seconds = wall(end).saturating_sub(wall(start));
        return Length::Days(i32::try_from(seconds / 86_400).unwrap_or(i32::MAX));
    }
    let [start, end] = [start, end].map(|time| super::event::instant_ms(time, Tz::UTC));
    Length::Exact(end.saturating_sub(start).max(0))
}

impl Event {
    /// Where it lies in time. An error where a series has no occurrence at all.
    pub fn placement(&self) -> Result<Placement, Error> {
        let (start, end) = self.bounds(Tz::UTC);
        let (shape, last) = if self.is_series() {
            let rule = Rule::of(self.start, self.end, &self.recurrence)?;
            let last = match rule.series().last(Tz::UTC) {
                Last::Never => NEVER,
                Last::Ends(interval) => interval.end.max(end),
                Last::Empty => {
                    let rule = "leaves no occurrence";
                    return Err(Error::invalid_at("/recurrence", "no_occurrence", rule));
                }
            };
            (Shape::Series, last)
        } else if is_day(self.start) {
            (Shape::AllDay, end)
        } else {
            (Shape::Timed, end)
        };
        let (before, after) = margins(self.start);
        Ok(Placement {
            shape,
            first_at: start.saturating_sub(before),
            last_at: last.saturating_add(after).min(NEVER),
        })
    }
}

/// How much earlier and later than in UTC it may be where somebody is.
fn margins(start: CalendarTime) -> (i64, i64) {
    if is_day(start) {
        (EARLIEST_MIDNIGHT_MS, LATEST_MIDNIGHT_MS)
    } else {
        (0, 0)
    }
}

/// Where something lies that takes place once, as storage keeps it.
pub(super) fn stretch(start: CalendarTime, end: CalendarTime) -> (i64, i64) {
    let (before, after) = margins(start);
    let [start, end] = [start, end].map(|time| super::event::instant_ms(time, Tz::UTC));
    (start.saturating_sub(before), end.saturating_add(after))
}

/// How much of a series a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// The one occurrence that the identifier names.
    #[default]
    This,
    /// It and those after it.
    Following,
    /// The whole series.
    All,
}

/// A series with what is stored beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEvent {
    /// The event.
    pub event: Event,
    /// The occurrences that have a row of their own, as they stand in their identifiers.
    pub overridden: Vec<String>,
}

/// What a change of a series comes to. Everything of it is stored in one batch.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesChange {
    /// What the series becomes; `None` where nothing is left of it.
    pub series: Option<StoredEvent>,
    /// An occurrence that has a row of its own from now on.
    pub occurrence: Option<Event>,
    /// The series that goes on from an occurrence.
    pub following: Option<StoredEvent>,
    /// Rows of occurrences that go.
    pub dropped: Vec<String>,
    /// Rows of occurrences that go on under the following series, or at another original start.
    pub moved: Vec<MovedRow>,
}

impl SeriesChange {
    fn to(series: StoredEvent) -> Self {
        Self {
            series: Some(series),
            occurrence: None,
            following: None,
            dropped: Vec::new(),
            moved: Vec::new(),
        }
    }
}

/// What is said of an occurrence that the series does not have.
fn no_such_occurrence() -> Error {
    Error::not_found()
}

impl StoredEvent {
    /// One event, or a series, that nothing was changed of.
    pub fn new(event: Event) -> Self {
        Self {
            event,
            overridden: Vec::new(),
        }
    }

    fn rule(&self) -> Result<Rule, Error> {
        let Event {
            start,
            end,
            recurrence,
            ..
        } = &self.event;
        Rule::of(*start, *end, recurrence)
    }

    /// An occurrence as the rule has it, as an event. Not found where the rule does not have it.
    pub fn occurrence(&self, original: Original) -> Result<Event, Error> {
        let event = &self.event;
        if !event.is_series() || original.is_day != is_day(event.start) {
            return Err(no_such_occurrence());
        }
        let rule = self.rule()?;
        let found = rule.at(original.civil).ok_or_else(no_such_occurrence)?;
        let (start, end) = rule.times(found, event.end);
        Ok(Event {
            id: EventRef {
                id: event.id.id.clone(),
                original: Some(original),
            },
            start,
            end,
            recurrence: Vec::new(),
            recurring_event_id: Some(event.id.id.clone()),
            original_start: Some(start),
            ..event.clone()
        })
    }

    /// The whole event with a change. Where it moves the start, everything moves along; rows of
    /// occurrences that a new rule does not have are dropped.
    pub fn changed(
        self,
        mut patch: EventPatchInput,
        now: Timestamp,
    ) -> Result<SeriesChange, Error> {
        let shift = moving::moved(&self.event, &mut patch)?;
        let event = self.event.clone().patched(patch, now)?;
        let (mut moved, dropped) =
            moving::rows(&self.event, &event, shift.as_ref(), self.overridden)?;
        let overridden = moved.iter().map(|row| row.to.clone()).collect();
        moved.retain(|row| row.times.is_some());
        Ok(SeriesChange {
            dropped,
            moved,
            ..SeriesChange::to(Self { event, overridden })
        })
    }

    /// The whole series with a change that was made to one of its occurrences: what it is moved by,
    /// all are.
    pub fn all_changed(
        self,
        original: Original,
        mut patch: EventPatchInput,
        now: Timestamp,
    ) -> Result<SeriesChange, Error> {
        let occurrence = self.occurrence(original)?;
        let wanted = moving::changes_day(&occurrence, &patch);
        let back = wall(occurrence.start).saturating_sub(wall(self.event.start));
        let earlier = |time| at(time, wall(time).saturating_sub(back));
        patch.start = patch.start.map(earlier);
        patch.end = patch.end.map(earlier);
        let change = self.changed(patch, now)?;
        // Of the second Friday of one month and that of another, the days after are not both the
        // second Saturday: it has to come to lie where it was put.
        if let (Some(wanted), Some(series)) = (wanted, &change.series)
            && series.rule()?.at(wall(wanted)).is_none()
        {
            return Err(moving::rule_names_days());
        }
        Ok(change)
    }

    /// The series with one occurrence changed that has no row of its own yet.
    pub fn occurrence_changed(
        mut self,
        original: Original,
        patch: EventPatchInput,
        now: Timestamp,
    ) -> Result<SeriesChange, Error> {
        let mut occurrence = self.occurrence(original)?;
        occurrence.created_at = now;
        let occurrence = occurrence.patched(patch, now)?;
        self.overridden.push(original.to_string());
        Ok(SeriesChange {
            occurrence: Some(occurrence),
            ..SeriesChange::to(self)
        })
    }

    /// The series ended before an occurrence, and another one that begins with it and has the change.
    /// Where the occurrence is the first, the series itself has it.
    pub fn following_changed(
        self,
        original: Original,
        mut patch: EventPatchInput,
        new_id: CalendarEventId,
        now: Timestamp,
    ) -> Result<SeriesChange, Error> {
        if original.civil == wall(self.event.start) {
            return self.changed(patch, now);
        }
        let first = self.occurrence(original)?;
        let rule = self.rule()?;
        let begin = series_start(self.event.start);
        let (before, after) = rule.recurrence.split(begin, original.civil);
        let event = Event {
            ical_uid: format!("{new_id}@delegate"),
            id: EventRef::whole(new_id),
            recurrence: after.lines(series_start(first.start)),
            recurring_event_id: None,
            original_start: None,
            sequence: 0,
            created_at: now,
            ..first
        };
        let shift = moving::moved(&event, &mut patch)?;
        let changed = event.clone().patched(patch, now)?;
        let (stay, go) = cut(self.overridden, original);
        let (moved, dropped) = moving::rows(&event, &changed, shift.as_ref(), go)?;
        let following = Self {
            event: changed,
            overridden: moved.iter().map(|row| row.to.clone()).collect(),
        };
        let ended = Self {
            event: ended(self.event, &before, begin, now),
            overridden: stay,
        };
        Ok(SeriesChange {
            following: Some(following),
            moved,
            dropped,
            ..SeriesChange::to(ended)
        })
    }

    /// The series without an occurrence, whether it has a row of its own or not.
    pub fn occurrence_deleted(
        mut self,
        original: Original,
        now: Timestamp,
    ) -> Result<SeriesChange, Error> {
        self.occurrence(original)?;
        let key = original.to_string();
        let mut recurrence = self.rule()?.recurrence;
        if !recurrence.without(original.civil) {
            let detail =
                "No more occurrences can be taken out of the series; change its rule instead.";
            return Err(Error::new(Kind::Conflict, "too_many_exceptions", detail));
        }
        let (dropped, overridden) = self.overridden.into_iter().partition(|one| *one == key);
        let begin = series_start(self.event.start);
        self.event = ended(self.event, &recurrence, begin, now);
        self.overridden = overridden;
        Ok(SeriesChange {
            dropped,
            ..SeriesChange::to(self)
        }
        .unless_empty())
    }

    /// The series ended before an occurrence.
    pub fn following_deleted(
        mut self,
        original: Original,
        now: Timestamp,
    ) -> Result<SeriesChange, Error> {
        self.occurrence(original)?;
        let begin = series_start(self.event.start);
        let (before, _) = self.rule()?.recurrence.split(begin, original.civil);
        let (overridden, dropped) = cut(self.overridden, original);
        let is_first = original.civil == wall(self.event.start);
        self.event = ended(self.event, &before, begin, now);
        self.overridden = overridden;
        let mut change = SeriesChange {
            dropped,
            ..SeriesChange::to(self)
        };
        if is_first {
            change.series = None;
        }
        Ok(change.unless_empty())
    }
}

impl SeriesChange {
    /// A series of which no occurrence is left goes.
    fn unless_empty(mut self) -> Self {
        let is_empty = self
            .series
            .as_ref()
            .is_some_and(|series| series.event.placement().is_err());
        if is_empty {
            self.series = None;
        }
        self
    }
}

/// A series with another rule, as those invited learn of it.
fn ended(event: Event, recurrence: &Recurrence, begin: Start, now: Timestamp) -> Event {
    Event {
        recurrence: recurrence.lines(begin),
        sequence: event.sequence.saturating_add(1),
        updated_at: now,
        ..event
    }
}

/// Keys of occurrences before one, and those from it on. Keys of one series sort by time.
fn cut(keys: Vec<String>, original: Original) -> (Vec<String>, Vec<String>) {
    let key = original.to_string();
    keys.into_iter().partition(|one| *one < key)
}

/// Keys of occurrences that a series has, and those that it does not have.
pub(crate) fn divide(
    event: &Event,
    keys: Vec<String>,
) -> Result<(Vec<String>, Vec<String>), Error> {
    if keys.is_empty() {
        return Ok((keys, Vec::new()));
    }
    if !event.is_series() {
        return Ok((Vec::new(), keys));
    }
    let rule = Rule::of(event.start, event.end, &event.recurrence)?;
    Ok(keys.into_iter().partition(|key| {
        Original::parse(key).is_some_and(|original| {
            original.is_day == is_day(event.start) && rule.at(original.civil).is_some()
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::event::EventInput;
    use crate::identifier::UserId;
    use crate::time::parse_zone;
    use proptest::prelude::*;

    const NOW: i64 = 1_790_000_000_000;

    fn now() -> Timestamp {
        Timestamp::from_milliseconds(NOW)
    }

    fn id(random: u8) -> CalendarEventId {
        CalendarEventId::new(now(), [random; 10])
    }

    /// An event of an hour in Berlin, with this recurrence.
    fn series(start: &str, recurrence: &[&str]) -> StoredEvent {
        let end = start.replace("T09", "T10");
        let input = serde_json::json!({
            "summary": "Standup",
            "start": {"date_time": start, "time_zone": "Europe/Berlin"},
            "end": {"date_time": end, "time_zone": "Europe/Berlin"},
            "recurrence": recurrence,
        });
        let input: EventInput = serde_json::from_value(input).expect("of its shape");
        let user = UserId::new(now(), [1; 10]);
        StoredEvent::new(input.into_event(&user, id(2), now()).expect("an event"))
    }

    fn patch(json: &str) -> EventPatchInput {
        serde_json::from_str(json).expect("a patch")
    }

    fn original(text: &str) -> Original {
        Original::parse(text).expect("an original start")
    }

    /// The originals of all occurrences of a series that ends.
    fn originals(stored: &StoredEvent) -> Vec<String> {
        let rule = stored.rule().expect("a rule");
        let all = Interval {
            start: 0,
            end: 4_102_444_800_000,
        };
        let occurrences = rule.series().occurrences(all, Tz::UTC);
        occurrences
            .map(|found| {
                let civil = found.original;
                Original {
                    civil,
                    is_day: is_day(stored.event.start),
                }
                .to_string()
            })
            .collect()
    }

    #[test]
    fn an_event_that_is_given_a_new_start_keeps_its_length_across_a_change_of_the_clocks() {
        for start in ["2027-03-28T01:30:00", "2027-10-31T02:30:00"] {
            let moved = series("2027-03-26T09:00:00", &[]).changed(
                patch(&format!(
                    r#"{{"start": {{"date_time": "{start}", "time_zone": "Europe/Berlin"}}}}"#
                )),
                now(),
            );
            let moved = moved.expect("a change").series.expect("stays").event;
            let (start, stop) = moved.bounds(Tz::UTC);
            assert_eq!(stop - start, 3_600_000);
        }
    }

    #[test]
    fn an_occurrence_that_ends_in_the_second_hour_of_autumn_keeps_its_length_when_it_is_changed() {
        let daily = |start: &str, end: &str| {
            let input = serde_json::json!({
                "summary": "Night shift",
                "start": {"date_time": start, "time_zone": "Europe/Berlin"},
                "end": {"date_time": end, "time_zone": "Europe/Berlin"},
                "recurrence": ["RRULE:FREQ=DAILY"],
            });
            let input: EventInput = serde_json::from_value(input).expect("of its shape");
            let user = UserId::new(now(), [1; 10]);
            StoredEvent::new(input.into_event(&user, id(2), now()).expect("an event"))
        };
        let minutes = |event: &Event| {
            let (start, end) = event.bounds(Tz::UTC);
            (end - start) / 60_000
        };
        for (start, end, at, length) in [
            (
                "2027-10-01T02:30:00",
                "2027-10-01T03:30:00",
                "20271031T023000",
                60,
            ),
            (
                "2027-10-01T02:40:00",
                "2027-10-01T03:10:00",
                "20271031T024000",
                30,
            ),
        ] {
            let renamed = || patch(r#"{"summary": "renamed"}"#);
            let stored = daily(start, end);
            let this = stored
                .clone()
                .occurrence_changed(original(at), renamed(), now());
            let this = this.expect("a change").occurrence.expect("an occurrence");
            assert_eq!(minutes(&this), length);
            let following = stored.following_changed(original(at), renamed(), id(3), now());
            let following = following.expect("a change").following.expect("a series");
            assert_eq!(minutes(&following.event), length);
            let next = following.occurrence(original(&at.replace("1031", "1101")));
            assert_eq!(minutes(&next.expect("an occurrence")), length);
        }
    }

    #[test]
    fn a_span_holds_all_of_an_event_and_knows_what_never_ends() {
        let once = series("2026-03-29T09:00:00", &[])
            .event
            .placement()
            .expect("a span");
        assert_eq!(
            (once.shape, once.last_at - once.first_at),
            (Shape::Timed, 3_600_000)
        );
        let counted = series("2026-03-27T09:00:00", &["RRULE:FREQ=DAILY;COUNT=3"]);
        let counted = counted.event.placement().expect("a span");
        // Two days and an hour, less the hour that the clocks skip.
        assert_eq!(counted.last_at - counted.first_at, 2 * 86_400_000);
        assert!(!counted.is_long());
        let endless = series("2026-03-27T09:00:00", &["RRULE:FREQ=YEARLY"]);
        let endless = endless.event.placement().expect("a span");
        assert_eq!((endless.last_at, endless.is_long()), (NEVER, true));
    }

    #[test]
    fn a_series_of_which_everything_is_taken_out_is_refused() {
        let empty = series(
            "2026-03-27T09:00:00",
            &["EXDATE;TZID=Europe/Berlin:20260327T090000"],
        );
        assert!(empty.event.placement().is_err());
    }

    #[test]
    fn one_occurrence_is_changed_and_the_series_remembers_which() {
        let stored = series("2026-03-27T09:00:00", &["RRULE:FREQ=DAILY;COUNT=5"]);
        let at = original("20260329T090000");
        let change = stored
            .clone()
            .occurrence_changed(at, patch(r#"{"summary": "Moved"}"#), now())
            .expect("a change");
        let own = change.occurrence.expect("a row of its own");
        assert_eq!(
            own.id.to_string(),
            format!("{}_20260329T090000", stored.event.id)
        );
        assert_eq!((own.summary.as_str(), own.recurrence.len()), ("Moved", 0));
        let series = change.series.expect("the series stays");
        assert_eq!(series.event, stored.event, "nothing else of it changes");
        assert_eq!(series.overridden, ["20260329T090000"]);
        for absent in ["20260329T091500", "20260401T090000", "20260329"] {
            let refused = stored
                .clone()
                .occurrence_changed(original(absent), patch("{}"), now());
            assert!(refused.is_err(), "{absent}");
        }
    }

    #[test]
    fn an_occurrence_of_a_series_has_no_rule_and_no_calendar_of_its_own() {
        let stored = series("2026-03-27T09:00:00", &["RRULE:FREQ=DAILY;COUNT=5"]);
        let at = original("20260328T090000");
        for json in [
            r#"{"recurrence": ["RRULE:FREQ=DAILY"]}"#,
            r#"{"calendar_id": "cal_01h455vb4pex5vsknk084sn02q"}"#,
        ] {
            let error = stored.clone().occurrence_changed(at, patch(json), now());
            assert_eq!(error.expect_err(json).fields.len(), 1, "{json}");
        }
    }

    #[test]
    fn what_follows_goes_on_with_the_change_and_takes_changed_occurrences_along() {
        let mut stored = series("2026-03-27T09:00:00", &["RRULE:FREQ=DAILY;COUNT=6"]);
        stored.overridden = ["20260328T090000", "20260330T090000"]
            .map(str::to_owned)
            .to_vec();
        let whole = originals(&stored);
        let change = stored
            .following_changed(
                original("20260329T090000"),
                patch(r#"{"location": "Hall"}"#),
                id(7),
                now(),
            )
            .expect("a change");
        let (before, after) = (
            change.series.expect("before"),
            change.following.expect("after"),
        );
        assert_eq!([originals(&before), originals(&after)].concat(), whole);
        assert_eq!(
            (
                before.event.location.as_str(),
                after.event.location.as_str()
            ),
            ("", "Hall")
        );
        assert_eq!(before.overridden, ["20260328T090000"]);
        assert_eq!(after.overridden, ["20260330T090000"]);
        assert_eq!((change.moved.len(), change.dropped.len()), (1, 0));
    }

    #[test]
    fn occurrences_that_a_new_rule_does_not_have_are_dropped() {
        let mut stored = series("2026-03-27T09:00:00", &["RRULE:FREQ=DAILY;COUNT=6"]);
        stored.overridden = ["20260328T090000", "20260329T090000"]
            .map(str::to_owned)
            .to_vec();
        let change = stored
            .clone()
            .changed(
                patch(r#"{"recurrence": ["RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3"]}"#),
                now(),
            )
            .expect("a change");
        assert_eq!(change.dropped, ["20260328T090000"]);
        assert_eq!(
            change.series.expect("stays").overridden,
            ["20260329T090000"]
        );
        let single = stored
            .changed(patch(r#"{"recurrence": null}"#), now())
            .expect("a change");
        assert_eq!(single.dropped.len(), 2);
    }

    #[test]
    fn the_last_occurrence_that_is_deleted_takes_the_series_with_it() {
        let stored = series("2026-03-27T09:00:00", &["RRULE:FREQ=DAILY;COUNT=2"]);
        let change = stored
            .occurrence_deleted(original("20260327T090000"), now())
            .expect("one left");
        let stored = change.series.expect("one is left");
        assert_eq!(originals(&stored), ["20260328T090000"]);
        let change = stored
            .occurrence_deleted(original("20260328T090000"), now())
            .expect("none left");
        assert_eq!(change.series, None);
    }

    #[test]
    fn a_change_that_those_invited_must_know_of_counts_and_another_does_not() {
        let stored = series("2026-03-27T09:00:00", &[]);
        let sequence = |json| {
            let change = stored
                .clone()
                .changed(patch(json), now())
                .expect("a change");
            change.series.expect("stays").event.sequence
        };
        assert_eq!(sequence(r#"{"summary": "Other"}"#), 0);
        assert_eq!(sequence(r#"{"status": "tentative"}"#), 1);
        assert_eq!(
            sequence(
                r#"{"start": {"date_time": "2026-03-27T08:00:00", "time_zone": "Europe/Berlin"}}"#
            ),
            1
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Wherever a series is divided, what is before and what follows are the whole.
        #[test]
        fn a_series_that_is_divided_anywhere_is_still_whole(
            rule in prop::sample::select(vec![
                "RRULE:FREQ=DAILY;COUNT=9", "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT=7", "RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=6",
                "RRULE:FREQ=DAILY;INTERVAL=3;UNTIL=20260501T000000Z", "RRULE:FREQ=MONTHLY;BYMONTHDAY=31;COUNT=5",
            ]),
            at in 0_usize..9,
        ) {
            let stored = series("2026-03-26T09:00:00", &[rule]);
            let whole = originals(&stored);
            let at = &whole[at % whole.len()];
            let parts = stored.clone().following_changed(original(at), patch("{}"), id(9), now()).expect("divided");
            let mut together = originals(&parts.series.expect("before"));
            if let Some(following) = &parts.following {
                together.extend(originals(following));
            }
            prop_assert_eq!(&together, &whole);
            let ended = stored.following_deleted(original(at), now()).expect("ended");
            let left = ended.series.map(|series| originals(&series)).unwrap_or_default();
            prop_assert_eq!(left, whole.iter().filter(|one| *one < at).cloned().collect::<Vec<_>>());
        }

        #[test]
        fn an_occurrence_names_itself_and_is_found_by_its_name(day in 0_i64..900, zone in prop::sample::select(vec!["Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"])) {
            let mut stored = series("2026-01-01T09:00:00", &["RRULE:FREQ=DAILY"]);
            let zone = parse_zone(zone).expect("a zone");
            stored.event.start = at(CalendarTime::DateTime { date_time: chrono::NaiveDateTime::default(), time_zone: zone }, wall(stored.event.start));
            let wanted = Original { civil: wall(stored.event.start) + day * 86_400, is_day: false };
            let found = stored.occurrence(wanted).expect("an occurrence");
            prop_assert_eq!(EventRef::parse(&found.id.to_string()), Ok(found.id.clone()));
            prop_assert_eq!(wall(found.start), wanted.civil);
        }

        #[test]
        fn no_name_of_an_event_panics(text in "(evt_)?[0-9a-z_T]{0,50}") {
            let _ = EventRef::parse(&text);
        }
    }
}
