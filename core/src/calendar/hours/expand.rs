//! Hours of a week as stretches of time over a window.
//!
//! Hours are civil: nine o'clock is nine o'clock before and after the clocks change, and where an end
//! falls into the gap or the overlap, the one rule of [`crate::time`] says which instant it is. While
//! a person travels, their hours are read in the zone they are in, from that moment to that moment;
//! hours that name a zone themselves are always read in that one.
//!
//! Many people keep the same hours in the same zone, so an [`Expansion`] works each out once and
//! shares it: who asks for 88 people in six zones pays for six.

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;

use super::absence::Away;
use super::document::{Override, WeeklyHours, WorkingHours};
use super::values::{TimeSpan, Weekdays};
use crate::calendar::civil::{self, CivilSeconds, Day};
use crate::calendar::interval::{Interval, IntervalSet};
use crate::calendar::zone::{Offsets, Steady};

/// The longest window that is looked at: two years. What lies beyond has no hours.
pub const LONGEST_WINDOW_MS: i64 = 732 * 86_400_000;

/// How far from a day its hours can lie: they go on over midnight, and a gap can be a day (Samoa
/// skipped one in 2011).
const DAYS_AROUND: Day = 2;

/// Which of a person's weekly hours are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weekly {
    /// When they work, with the dates that have other hours.
    Working,
    /// When they want to be left alone.
    Focus,
    /// When lunch can be, on every day of the week.
    Lunch,
    /// When it suits them best.
    Preferred,
}

/// A week that somebody keeps, and its hours.
type ExpandedWeek = (Vec<WeeklyHours>, Arc<IntervalSet>);

/// Hours over one window, each worked out once.
#[derive(Debug)]
pub struct Expansion {
    window: Interval,
    offsets: HashMap<Tz, Arc<Offsets>>,
    sets: HashMap<Tz, Vec<ExpandedWeek>>,
    midnights: HashMap<Tz, Arc<[Interval]>>,
    nothing: Arc<IntervalSet>,
}

impl Expansion {
    /// Hours over a window, or over its first [`LONGEST_WINDOW_MS`].
    pub fn over(window: Interval) -> Self {
        let longest = window.start.saturating_add(LONGEST_WINDOW_MS);
        Self {
            window: Interval {
                end: window.end.min(longest),
                ..window
            },
            offsets: HashMap::new(),
            sets: HashMap::new(),
            midnights: HashMap::new(),
            nothing: Arc::default(),
        }
    }

    /// The window that is looked at.
    pub fn window(&self) -> Interval {
        self.window
    }

    /// The offsets of a zone over the window.
    pub fn offsets(&mut self, zone: Tz) -> Arc<Offsets> {
        let window = self.window;
        let known = self.offsets.entry(zone);
        Arc::clone(known.or_insert_with(|| Arc::new(Offsets::over(zone, window))))
    }

    /// The days of a zone that the window has something of, in their order.
    pub fn days(&mut self, zone: Tz) -> Arc<[Interval]> {
        let (offsets, window) = (self.offsets(zone), self.window);
        let known = self.midnights.entry(zone);
        Arc::clone(known.or_insert_with(|| {
            if window.is_empty() {
                return Arc::default();
            }
            let day = |instant| civil::day_of(offsets.civil(instant));
            let mut walls = Walls::of(&offsets);
            let mut start = walls.instant(civil::midnight(day(window.start)));
            let days = (day(window.start)..=day(window.end)).map(|day| {
                let end = walls.instant(civil::midnight(day.saturating_add(1)));
                let day = Interval { start, end };
                start = end;
                day
            });
            days.collect()
        }))
    }

    /// Some of a person's hours, within the window. Out of office is not taken out of them: it is
    /// busy time.
    pub fn hours(
        &mut self,
        which: Weekly,
        document: &WorkingHours,
        account_zone: Tz,
        away: &[Away],
    ) -> Arc<IntervalSet> {
        let lunch: [WeeklyHours; 1];
        let (week, overrides): (&[WeeklyHours], &[Override]) = match (which, document.lunch) {
            (Weekly::Working, _) => (&document.working_hours, &document.overrides),
            (Weekly::Focus, _) => (&document.focus_time, &[]),
            (Weekly::Preferred, _) => (&document.preferred_times, &[]),
            (Weekly::Lunch, None) => (&[], &[]),
            (Weekly::Lunch, Some(one)) => {
                lunch = [WeeklyHours {
                    days: Weekdays::EVERY,
                    start: one.start,
                    end: one.end,
                    time_zone: None,
                }];
                (&lunch, &[])
            }
        };
        if week.is_empty() && overrides.is_empty() {
            return Arc::clone(&self.nothing);
        }
        let home = document.zone(account_zone);
        let travels = away.iter().any(|one| one.zone.is_some());
        if overrides.is_empty() && !travels {
            return self.shared(home, week);
        }
        let mut all = IntervalSet::EMPTY;
        let Stays {
            home: at_home,
            elsewhere,
        } = stays(self.window, away);
        for (zone, stays) in elsewhere.into_iter().chain([(home, at_home)]) {
            let hours = if overrides.is_empty() {
                self.shared(zone, week)
            } else {
                Arc::new(self.expand(zone, week, overrides))
            };
            all = all.union(&hours.intersection(&stays));
        }
        // What names its zone does not travel.
        let fixed: Vec<WeeklyHours> = week
            .iter()
            .filter(|hours| hours.time_zone.is_some())
            .cloned()
            .collect();
        if !fixed.is_empty() {
            all = all.union(&self.expand(home, &fixed, &without_hours(overrides)));
        }
        Arc::new(all)
    }

    /// The hours of a week in a zone, within the window.
    pub fn week(&mut self, zone: Tz, week: &[WeeklyHours]) -> IntervalSet {
        self.expand(zone, week, &[])
    }

    fn shared(&mut self, zone: Tz, week: &[WeeklyHours]) -> Arc<IntervalSet> {
        let of_zone = self.sets.get(&zone).into_iter().flatten();
        if let Some((_, known)) = of_zone.into_iter().find(|(known, _)| known == week) {
            return Arc::clone(known);
        }
        let set = Arc::new(self.expand(zone, week, &[]));
        let of_zone = self.sets.entry(zone).or_default();
        of_zone.push((week.to_vec(), Arc::clone(&set)));
        set
    }

    /// The hours of a week, and of the dates that have other ones, read in a zone.
    fn expand(&mut self, zone: Tz, week: &[WeeklyHours], overrides: &[Override]) -> IntervalSet {
        let mut by_date: Vec<(Day, &[TimeSpan])> = overrides
            .iter()
            .map(|one| (one.date.day(), one.hours.as_slice()))
            .collect();
        by_date.sort_unstable_by_key(|(day, _)| *day);
        let mut stretches = Vec::new();
        for hours in week {
            let offsets = self.offsets(hours.time_zone.map_or(zone, |own| own.0));
            let mut walls = Walls::of(&offsets);
            for day in days(&offsets, self.window) {
                let has_others = by_date.binary_search_by_key(&day, |(day, _)| *day).is_ok();
                if hours.days.contains(day) && !has_others {
                    stretches.push(walls.stretch(hours.span(), day));
                }
            }
        }
        let offsets = self.offsets(zone);
        let covered = days(&offsets, self.window);
        let mut walls = Walls::of(&offsets);
        for (day, spans) in by_date.iter().filter(|(day, _)| covered.contains(day)) {
            stretches.extend(spans.iter().map(|span| walls.stretch(*span, *day)));
        }
        let window = self.window;
        let inside = stretches
            .into_iter()
            .filter_map(|one| one.intersection(window));
        inside.collect()
    }
}

/// The days whose hours can reach into a window.
fn days(offsets: &Offsets, window: Interval) -> std::ops::Range<Day> {
    if window.is_empty() {
        return 0..0;
    }
    let day = |instant| civil::day_of(offsets.civil(instant));
    day(window.start).saturating_sub(DAYS_AROUND)..day(window.end).saturating_add(DAYS_AROUND)
}

/// Turns what the wall shows into instants, one after the other: most have the offset of the one
/// before.
struct Walls<'a> {
    offsets: &'a Offsets,
    steady: Option<Steady>,
}

impl<'a> Walls<'a> {
    fn of(offsets: &'a Offsets) -> Self {
        Self {
            offsets,
            steady: None,
        }
    }

    fn instant(&mut self, civil: CivilSeconds) -> i64 {
        if let Some(instant) = self.steady.and_then(|steady| steady.instant(civil)) {
            return instant;
        }
        self.steady = self.offsets.steady(civil);
        self.offsets.instant(civil)
    }

    /// A span of a day.
    fn stretch(&mut self, span: TimeSpan, day: Day) -> Interval {
        let (start, end) = span.on(day);
        Interval {
            start: self.instant(start),
            end: self.instant(end),
        }
    }
}

/// The same dates, on which nothing starts.
fn without_hours(overrides: &[Override]) -> Vec<Override> {
    let mut dates = overrides.to_vec();
    for one in &mut dates {
        one.hours.clear();
    }
    dates
}

/// Where a person is when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stays {
    /// When they are at home.
    pub home: IntervalSet,
    /// In which zones they are otherwise, and when; no two at once.
    pub elsewhere: Vec<(Tz, IntervalSet)>,
}

/// Where a person is within a window. Of two journeys at once, the one that started later counts.
pub fn stays(window: Interval, away: &[Away]) -> Stays {
    let mut journeys: Vec<(Interval, Tz)> = away
        .iter()
        .filter_map(|one| Some((one.interval, one.zone?)))
        .collect();
    journeys.sort_by_key(|(interval, _)| std::cmp::Reverse(interval.start));
    let mut home: IntervalSet = [window].into_iter().collect();
    let mut elsewhere = Vec::new();
    for (interval, zone) in journeys {
        let there = home.clipped(interval);
        if !there.is_empty() {
            home = home.difference(&there);
            elsewhere.push((zone, there));
        }
    }
    Stays { home, elsewhere }
}

/// When a person is out of office.
pub fn out_of_office(away: &[Away]) -> IntervalSet {
    let out = away.iter().filter(|one| one.zone.is_none());
    out.map(|one| one.interval).collect()
}

/// When a person works within a window (or its first [`LONGEST_WINDOW_MS`]): their hours, read where
/// they are, without the time that they are out of office.
pub fn working_time(
    document: &WorkingHours,
    account_zone: Tz,
    away: &[Away],
    window: Interval,
) -> IntervalSet {
    let mut expansion = Expansion::over(window);
    let hours = expansion.hours(Weekly::Working, document, account_zone, away);
    hours.difference(&out_of_office(away))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::hours::values::{Date, TimeOfDay, Weekday, Zone};
    use crate::time::{Timestamp, parse_zone};
    use proptest::prelude::*;

    const MINUTE_MS: i64 = 60_000;
    const DAY_MS: i64 = 86_400_000;

    fn zone(name: &str) -> Tz {
        parse_zone(name).expect("a zone")
    }

    fn at(text: &str) -> i64 {
        Timestamp::parse(text).expect("an instant").milliseconds()
    }

    fn between(start: &str, end: &str) -> Interval {
        Interval {
            start: at(start),
            end: at(end),
        }
    }

    fn document(json: &str) -> WorkingHours {
        let document: WorkingHours = serde_json::from_str(json).expect("a document");
        document.check().expect("a valid document")
    }

    fn shown(set: &IntervalSet) -> Vec<String> {
        let text = |instant| {
            Timestamp::from_milliseconds(instant)
                .to_string()
                .replace(":00.000Z", "")
        };
        set.iter()
            .map(|one| format!("{} {}", text(one.start), text(one.end)))
            .collect()
    }

    #[test]
    fn nine_o_clock_stays_nine_o_clock_when_the_clocks_change() {
        let usual = WorkingHours::default();
        // Berlin's clocks go forward on Sunday, 2026-03-29.
        let window = between("2026-03-27T00:00:00Z", "2026-03-31T00:00:00Z");
        let time = working_time(&usual, zone("Europe/Berlin"), &[], window);
        assert_eq!(
            shown(&time),
            [
                "2026-03-27T08:00 2026-03-27T16:00",
                "2026-03-30T07:00 2026-03-30T15:00"
            ]
        );
    }

    #[test]
    fn hours_that_end_in_the_gap_or_the_overlap_follow_the_one_rule() {
        let night =
            document(r#"{"working_hours":[{"days":["SU"],"start":"01:00","end":"02:30"}]}"#);
        let berlin = zone("Europe/Berlin");
        let on = |start, end| shown(&working_time(&night, berlin, &[], between(start, end)));
        assert_eq!(
            on("2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z"),
            ["2026-03-29T00:00 2026-03-29T01:30"],
            "02:30 is not there and means 03:30"
        );
        assert_eq!(
            on("2026-10-24T12:00:00Z", "2026-10-26T00:00:00Z"),
            ["2026-10-24T23:00 2026-10-25T00:30"],
            "02:30 comes twice and means the first"
        );
    }

    #[test]
    fn a_shift_goes_on_over_midnight_and_into_the_window() {
        let night =
            document(r#"{"working_hours":[{"days":["FR"],"start":"22:00","end":"06:00"}]}"#);
        let window = between("2026-11-28T00:00:00Z", "2026-11-28T03:00:00Z");
        let time = working_time(&night, Tz::UTC, &[], window);
        assert_eq!(
            time.as_slice(),
            [window],
            "of the shift that began on Friday"
        );
    }

    #[test]
    fn a_date_with_its_own_hours_has_only_those() {
        let holidays = document(
            r#"{"overrides":[{"date":"2026-12-24","hours":[{"start":"09:00","end":"12:00"}]},
                {"date":"2026-12-25"},{"date":"2026-12-26","hours":[{"start":"10:00","end":"11:00"}]}]}"#,
        );
        let window = between("2026-12-23T00:00:00Z", "2026-12-29T00:00:00Z");
        assert_eq!(
            shown(&working_time(&holidays, Tz::UTC, &[], window)),
            [
                "2026-12-23T09:00 2026-12-23T17:00",
                "2026-12-24T09:00 2026-12-24T12:00",
                "2026-12-26T10:00 2026-12-26T11:00",
                "2026-12-28T09:00 2026-12-28T17:00",
            ]
        );
    }

    #[test]
    fn who_travels_works_by_the_clocks_of_the_place_unless_hours_name_a_zone() {
        let mixed = document(
            r#"{"working_hours":[{"days":["MO","TU","WE"],"start":"09:00","end":"10:00"},
                {"days":["TU"],"start":"12:00","end":"13:00","time_zone":"UTC"}]}"#,
        );
        let away = [
            Away {
                interval: between("2026-11-23T12:00:00Z", "2026-11-25T00:00:00Z"),
                zone: Some(zone("Asia/Kathmandu")),
            },
            Away {
                interval: between("2026-11-24T12:30:00Z", "2026-11-24T18:00:00Z"),
                zone: None,
            },
        ];
        let window = between("2026-11-23T00:00:00Z", "2026-11-28T00:00:00Z");
        assert_eq!(
            shown(&working_time(&mixed, Tz::UTC, &away, window)),
            [
                "2026-11-23T09:00 2026-11-23T10:00",
                "2026-11-24T03:15 2026-11-24T04:15",
                "2026-11-24T12:00 2026-11-24T12:30",
                "2026-11-25T09:00 2026-11-25T10:00",
            ]
        );
    }

    #[test]
    fn people_who_keep_the_same_hours_share_them() {
        let mut expansion =
            Expansion::over(between("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"));
        let usual = WorkingHours::default();
        let berlin = zone("Europe/Berlin");
        let mut hours = |zone| expansion.hours(Weekly::Working, &usual, zone, &[]);
        let (one, two, three) = (hours(berlin), hours(berlin), hours(Tz::UTC));
        assert!(Arc::ptr_eq(&one, &two));
        assert_ne!(one, three);
    }

    fn some_zone() -> impl Strategy<Value = Tz> {
        let names = [
            "Europe/Berlin",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
            "Africa/Casablanca",
            "Pacific/Apia",
            "America/New_York",
        ];
        prop::sample::select(names.map(zone).to_vec())
    }

    fn some_span() -> impl Strategy<Value = TimeSpan> {
        (0..48_u16, 0..49_u16).prop_map(|(start, end)| TimeSpan {
            start: TimeOfDay::new(start / 2, start % 2 * 30).expect("a time"),
            end: TimeOfDay::new(end / 2, end % 2 * 30).expect("a time"),
        })
    }

    fn some_week() -> impl Strategy<Value = Vec<WeeklyHours>> {
        let days = prop::collection::vec(prop::sample::select(Weekday::ALL.to_vec()), 1..4);
        let hours = (days, some_span(), prop::option::of(some_zone()));
        let hours = hours.prop_map(|(days, span, zone)| WeeklyHours {
            days: days.into_iter().collect(),
            start: span.start,
            end: span.end,
            time_zone: zone.map(Zone),
        });
        prop::collection::vec(hours, 0..4)
    }

    prop_compose! {
        /// Twelve days that begin up to a year from 2026-01-01, in which most zones change clocks.
        fn some_case()(
            offset in 0..365_i64, week in some_week(),
            dates in prop::collection::btree_map(0..14_i32, prop::collection::vec(some_span(), 0..3), 0..3),
            trips in prop::collection::vec((0..288_i64, 1..200_i64, prop::option::of(some_zone())), 0..3),
        ) -> (Interval, WorkingHours, Vec<Away>) {
            let start = at("2026-01-01T00:00:00Z") + offset * DAY_MS;
            let overrides = dates.into_iter().map(|(day, hours)| Override {
                date: Date::new(civil::day(2026, 1, 1) + i32::try_from(offset).expect("small") + day).expect("a date"),
                hours, note: None,
            });
            let document = WorkingHours { working_hours: week, overrides: overrides.collect(), ..WorkingHours::default() };
            let hour = 60 * MINUTE_MS;
            let away = trips.into_iter().map(|(from, length, zone)| Away {
                interval: Interval { start: start + from * hour, end: start + (from + length) * hour }, zone,
            });
            (Interval { start, end: start + 12 * DAY_MS }, document, away.collect())
        }
    }

    /// Whether somebody works at an instant, by what the document says: whether one of the days
    /// around it has a span that covers it.
    fn works(document: &WorkingHours, home: Tz, away: &[Away], instant: i64) -> bool {
        let here = away
            .iter()
            .filter(|one| one.interval.contains(instant) && one.zone.is_some())
            .max_by_key(|one| one.interval.start)
            .and_then(|one| one.zone)
            .unwrap_or(home);
        let covers = |zone: Tz, day: Day, span: TimeSpan| {
            let (start, end) = span.on(day);
            let instant_of =
                |civil| crate::time::resolve(civil::to_date_time(civil), zone).milliseconds();
            (instant_of(start)..instant_of(end)).contains(&instant)
        };
        let middle = civil::day_of(instant / 1000);
        let is_out = away
            .iter()
            .any(|one| one.zone.is_none() && one.interval.contains(instant));
        !is_out
            && (middle - 3..=middle + 3).any(|day| {
                let others: Vec<_> = document
                    .overrides
                    .iter()
                    .filter(|one| one.date.day() == day)
                    .collect();
                others
                    .iter()
                    .flat_map(|one| &one.hours)
                    .any(|span| covers(here, day, *span))
                    || (others.is_empty()
                        && document.working_hours.iter().any(|hours| {
                            let zone = hours.time_zone.map_or(here, |own| own.0);
                            hours.days.contains(day) && covers(zone, day, hours.span())
                        }))
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn somebody_works_when_their_document_says_so((window, document, mut away) in some_case(), home in some_zone()) {
            // Which of two journeys that start at once counts is nobody's business.
            away.dedup_by_key(|one| one.interval.start);
            away.sort_by_key(|one| one.interval.start);
            away.dedup_by_key(|one| one.interval.start);
            let time = working_time(&document, home, &away, window);
            for minute in (window.start..window.end).step_by(usize::try_from(15 * MINUTE_MS).expect("small")) {
                prop_assert_eq!(time.contains(minute), works(&document, home, &away, minute), "{}", Timestamp::from_milliseconds(minute));
            }
        }

        #[test]
        fn a_window_has_what_a_larger_one_has_there((window, document, away) in some_case(), home in some_zone(), cut in (0..12_i64 * 24, 0..12_i64 * 24)) {
            let part = Interval { start: window.start + cut.0 * 3_600_000, end: window.start + cut.1 * 3_600_000 };
            let whole = working_time(&document, home, &away, window);
            prop_assert_eq!(working_time(&document, home, &away, part), whole.clipped(part));
        }

        #[test]
        fn no_window_panics(start: i64, length in -DAY_MS..4 * DAY_MS, home in some_zone()) {
            let window = Interval { start, end: start.saturating_add(length) };
            let _ = working_time(&WorkingHours::default(), home, &[], window);
        }
    }
}
