//! Puts together what a text says: the window, the days, the times, the people.

use std::ops::Range;

use chrono_tz::Tz;

use crate::calendar::civil::{self, Day};
use crate::calendar::hours::values::{Date, TimeOfDay, TimeSpan, Weekday, Weekdays, Zone};
use crate::calendar::interval::Interval;
use crate::calendar::slots::constraints::{Constraints, Strictness};
use crate::calendar::zone::Offsets;
use crate::time::Timestamp;

use super::facts::{Ask, Clock, DayFact, Days, Said, Side, TimeFact, Who};
use super::interpretation::{
    Assumption, AttendeeDraft, Ignored, Interpretation, MeetingDraft, Question, RequestDraft,
    Understood, Window,
};
use super::plain;
use super::reader::{Reader, is_weekend};
use super::vocabulary::{EVENINGS, JOINS, Minutes, REMARKS, Remark, is_lunch};

/// How long a meeting is that nobody said the length of, in minutes.
const USUAL_LENGTH: u32 = 30;
/// How many days are looked at where nobody said which.
const USUAL_DAYS: i32 = 14;
/// The minutes of a day.
const DAY: u16 = 24 * 60;
/// When the morning begins, as a part of the day.
const MORNING: u16 = 6 * 60;
/// The most days that are listed one by one.
const MOST_DATES: usize = 366;
/// Before and after these hours hardly anybody works: who asks for such a time means it.
const EARLY: u16 = 8 * 60;

/// The days that a text leaves.
#[derive(Debug, Default)]
struct Calendar {
    /// Stretches that were named, if any was.
    ranges: Vec<(Day, Day)>,
    /// Weekdays that were asked for, and those that were left out. Bit 0 is Monday.
    only: u8,
    not: u8,
    except: Vec<(Day, Day)>,
    lower: Option<Day>,
    upper: Option<Day>,
    after: Option<i64>,
    before: Option<i64>,
}

impl Calendar {
    fn bound(&mut self, side: Side, instant: i64) {
        if side.is_start() {
            self.after = Some(self.after.map_or(instant, |known| known.max(instant)));
        } else {
            self.before = Some(self.before.map_or(instant, |known| known.min(instant)));
        }
    }

    fn mask(&self) -> u8 {
        let only = if self.only == 0 {
            0b111_1111
        } else {
            self.only
        };
        only & !self.not
    }
}

fn mask_of_span(from: u32, to: u32) -> u8 {
    let length = (to + 7 - from) % 7;
    (0..=length).fold(0, |mask, more| mask | 1 << ((from + more) % 7))
}

fn weekdays(mask: u8) -> Weekdays {
    Weekday::ALL
        .into_iter()
        .filter(|day| mask >> (*day as u8) & 1 == 1)
        .collect()
}

/// What belongs to the stretches and to a part of the day.
fn within(times: &[Minutes], (from, to): Minutes) -> Vec<Minutes> {
    let common = times
        .iter()
        .map(|(start, end)| ((*start).max(from), (*end).min(to)));
    common.filter(|(start, end)| start < end).collect()
}

/// What belongs to the stretches and not to a part of the day.
fn without(times: &[Minutes], (from, to): Minutes) -> Vec<Minutes> {
    let mut left = within(times, (0, from));
    left.extend(within(times, (to, DAY)));
    left
}

/// The same stretches, sorted and not touching.
fn merged(mut times: Vec<Minutes>) -> Vec<Minutes> {
    times.sort_unstable();
    times.dedup_by(|next, last| {
        let touches = next.0 <= last.1;
        if touches {
            last.1 = last.1.max(next.1);
        }
        touches
    });
    times
}

fn part_of(side: Side, minute: u16) -> Minutes {
    if side.is_start() {
        (minute, DAY)
    } else {
        (0, minute)
    }
}

impl Reader<'_> {
    /// What the whole text asks for.
    pub(super) fn compose(mut self) -> Interpretation {
        let duration_minutes = self.duration();
        let zone = self.request_zone();
        let mut calendar = self.calendar(zone);
        let times = self.times(duration_minutes);
        self.ask_for_mixed_hours();
        self.resolve_events(&mut calendar, zone);
        let (first, last) = self.window_days(&calendar, zone);
        let dates = self.dates(&calendar, first, last);
        let window = self.window(
            &calendar,
            first,
            last,
            zone,
            times.as_deref(),
            duration_minutes,
        );
        self.check_offset(window, zone);
        let mut constraints = Constraints {
            times: times.map(|times| times.into_iter().filter_map(span).collect()),
            dates: dates.map(|dates| dates.into_iter().filter_map(Date::new).collect()),
            after: calendar.after.map(Timestamp::from_milliseconds),
            before: calendar.before.map(Timestamp::from_milliseconds),
            ..Constraints::default()
        };
        if calendar.mask() != 0b111_1111 && calendar.mask() != 0 {
            constraints.days = Some(weekdays(calendar.mask()));
        }
        if constraints.dates.is_none() {
            let except = calendar.except.iter().flat_map(|(from, to)| *from..=*to);
            let mut except: Vec<Date> = except
                .filter(|day| (first..=last).contains(day))
                .take(MOST_DATES)
                .filter_map(Date::new)
                .collect();
            except.sort_unstable();
            except.dedup();
            constraints.except_dates = Some(except).filter(|except| !except.is_empty());
        }
        for said in &self.facts.buffers {
            let (before, after) = said.what;
            constraints.buffer_before_minutes = before.or(constraints.buffer_before_minutes);
            constraints.buffer_after_minutes = after.or(constraints.buffer_after_minutes);
        }
        constraints.minimum_notice_minutes = self.facts.notice.iter().map(|said| said.what).max();
        self.hours_of_work(&mut constraints);
        let request = RequestDraft {
            duration_minutes,
            window,
            time_zone: Zone(zone),
            attendees: self.attendees(),
            constraints,
        };
        self.finish(request, &calendar)
    }

    fn duration(&mut self) -> u32 {
        let lengths = std::mem::take(&mut self.facts.lengths);
        let Some(first) = lengths.first() else {
            return USUAL_LENGTH;
        };
        let others: Vec<&Said<u32>> = lengths
            .iter()
            .filter(|said| said.what != first.what)
            .collect();
        if let Some(last) = others.last() {
            let whole = first.words.start..last.words.end;
            let mut ask = Ask::new("which_length", whole, "How long shall it be?");
            for minutes in std::iter::once(first.what)
                .chain(others.iter().map(|said| said.what))
                .take(6)
            {
                ask = ask.or(plain::length(minutes), format!("{minutes} minutes"));
            }
            self.ask(ask);
        } else {
            for said in &lengths {
                self.note(
                    said.words.clone(),
                    format!("{} long", plain::length(said.what)),
                );
            }
        }
        let longest = lengths
            .iter()
            .map(|said| said.what)
            .max()
            .unwrap_or(first.what);
        self.facts.lengths = lengths;
        longest
    }

    fn request_zone(&mut self) -> Tz {
        let zones = std::mem::take(&mut self.facts.zones);
        let Some(first) = zones.first() else {
            return self.context.time_zone;
        };
        let others: Vec<_> = zones
            .iter()
            .filter(|said| said.what.zone != first.what.zone)
            .collect();
        if let (Some(_), Some(last)) = (others.first(), zones.last()) {
            let whole = first.words.start..last.words.end;
            let mut ask = Ask::new(
                "which_zone",
                whole.clone(),
                "A request has one zone. Which one is it?",
            );
            for chosen in std::iter::once(first).chain(others) {
                // All of it, with this zone in the place of every one.
                let mut words = String::new();
                let mut at = whole.start;
                for said in &zones {
                    if at < said.words.start {
                        words.push_str(self.slice(at..said.words.start));
                        words.push(' ');
                    }
                    words.push_str(self.slice(chosen.words.clone()));
                    words.push(' ');
                    at = said.words.end;
                }
                ask = ask.or(chosen.what.zone.name().replace('_', " "), words.trim_end());
            }
            self.ask(ask);
        } else {
            for said in &zones {
                self.note(
                    said.words.clone(),
                    format!(
                        "on the clock of {}",
                        said.what.zone.name().replace('_', " ")
                    ),
                );
            }
        }
        let zone = first.what.zone;
        self.facts.zones = zones;
        zone
    }

    /// `EST` in summer: the zone keeps another time then.
    fn check_offset(&mut self, window: Option<Window>, zone: Tz) {
        let Some(window) = window else { return };
        let at = window.start.milliseconds();
        let offset_ms = Offsets::over(zone, Interval { start: at, end: at }).civil(at) * 1000
            - at.div_euclid(1000) * 1000;
        for said in std::mem::take(&mut self.facts.zones) {
            let Some(hours) = said
                .what
                .offset_hours
                .filter(|hours| i64::from(*hours) * 3_600_000 != offset_ms)
            else {
                continue;
            };
            let name = said.what.zone.name();
            let sign = if hours < 0 { '-' } else { '+' };
            let fixed = format!("UTC{sign}{}", hours.abs());
            let text = format!(
                "{} is not the time of {} then.",
                self.slice(said.words.clone()),
                name.replace('_', " ")
            );
            self.ask(
                Ask::new("which_zone", said.words, text)
                    .or(format!("the clock of {}", name.replace('_', " ")), name)
                    .or(format!("{fixed} all the same"), fixed.clone()),
            );
        }
    }

    /// What is said of days.
    fn calendar(&mut self, zone: Tz) -> Calendar {
        let mut calendar = Calendar::default();
        let facts = std::mem::take(&mut self.facts.days);
        let multiple = |said: &Said<DayFact>| match said.what {
            DayFact::On(Days::Range(first, last) | Days::End(first, last)) if first < last => {
                Some((first, last))
            }
            _ => None,
        };
        let stretches: Vec<(Day, Day)> = facts.iter().filter_map(multiple).collect();
        for said in &facts {
            match said.what {
                DayFact::On(days) => {
                    self.say_on(&mut calendar, said.words.clone(), days, &stretches)
                }
                DayFact::Not(days) => {
                    match days {
                        Days::Range(first, last) | Days::End(first, last) => {
                            calendar.except.push((first, last))
                        }
                        Days::InWeek(_, _) => {
                            calendar.except.extend(days.each().map(|day| (day, day)))
                        }
                        Days::Weekdays(mask) | Days::Every(mask) => calendar.not |= mask,
                        Days::Span(first, last) => calendar.not |= mask_of_span(first, last),
                    }
                    self.note(said.words.clone(), format!("not on {}", plain::days(days)));
                }
                DayFact::Bound(side, days, minute) => {
                    self.say_limit(
                        &mut calendar,
                        said.words.clone(),
                        (side, days, minute),
                        &stretches,
                        zone,
                    );
                }
            }
        }
        self.facts.days = facts;
        for said in std::mem::take(&mut self.facts.instants) {
            let (side, instant) = said.what;
            calendar.bound(side, instant);
            self.note(
                said.words,
                format!("{} {}", side.word(), self.instant_text(instant)),
            );
        }
        calendar
    }

    /// Days that are asked for.
    fn say_on(
        &mut self,
        calendar: &mut Calendar,
        words: Range<usize>,
        days: Days,
        stretches: &[(Day, Day)],
    ) {
        let meaning = match days {
            Days::Range(first, last) | Days::End(first, last) => {
                calendar.ranges.push((first, last));
                plain::days(days)
            }
            Days::InWeek(_, _) => {
                calendar.ranges.extend(days.each().map(|day| (day, day)));
                plain::days(days)
            }
            Days::Every(mask) => {
                calendar.only |= mask;
                format!("only on {}", plain::days(days))
            }
            Days::Weekdays(mask) if !stretches.is_empty() => {
                calendar.only |= mask;
                format!("only on {}", plain::days(days))
            }
            Days::Span(first, last) if !stretches.is_empty() => {
                calendar.only |= mask_of_span(first, last);
                format!("only on {}", plain::days(days))
            }
            Days::Weekdays(mask) => {
                let numbers: Vec<u32> = (0..7).filter(|number| mask >> number & 1 == 1).collect();
                let coming: Vec<Day> = numbers.iter().map(|number| self.coming(*number)).collect();
                if numbers.contains(&civil::weekday(self.today)) {
                    self.today_or_next(words, &coming);
                    return;
                }
                let mut coming = coming;
                coming.sort_unstable();
                calendar
                    .ranges
                    .extend(coming.iter().map(|day| (*day, *day)));
                plain::list(coming.into_iter().map(plain::day).collect(), "or")
            }
            Days::Span(first, last) => {
                let from = self.coming(first);
                let length = i32::try_from((last + 7 - first) % 7).unwrap_or(0);
                if civil::weekday(self.today) == first {
                    let text = "From today, or from this day in a week?";
                    let ask = [from - 7, from].into_iter().fold(
                        Ask::new("today_or_next", words, text),
                        |ask, from| {
                            ask.or(
                                plain::stretch(from, from + length),
                                plain::iso_stretch(from, from + length),
                            )
                        },
                    );
                    self.ask(ask);
                    return;
                }
                calendar.ranges.push((from, from + length));
                plain::stretch(from, from + length)
            }
        };
        self.note(words, meaning);
    }

    /// A weekday that is today's: today, or the one in a week? `coming` are the next ones.
    fn today_or_next(&mut self, words: Range<usize>, coming: &[Day]) {
        let said = |today: Day| {
            let day = |day: &Day| if *day == self.today + 7 { today } else { *day };
            let days: Vec<Day> = coming.iter().map(day).collect();
            let plain = plain::list(days.iter().copied().map(plain::day).collect(), "or");
            (
                plain,
                plain::list(days.into_iter().map(plain::iso).collect(), "or"),
            )
        };
        let ((today, today_words), (next, next_words)) = (said(self.today), said(self.today + 7));
        let ask = Ask::new("today_or_next", words, "Today, or this day in a week?")
            .or(today, today_words)
            .or(next, next_words);
        self.ask(ask);
    }

    /// A limit.
    fn say_limit(
        &mut self,
        calendar: &mut Calendar,
        words: Range<usize>,
        (side, days, minute): (Side, Days, Option<u16>),
        stretches: &[(Day, Day)],
        zone: Tz,
    ) {
        let (first, last) = match (days.known(), days) {
            (Some(known), _) => known,
            (None, Days::Weekdays(mask) | Days::Every(mask)) if mask.count_ones() == 1 => {
                let weekday = mask.trailing_zeros();
                let named = stretches.iter().flat_map(|(first, last)| *first..=*last);
                let among: Vec<Day> = named
                    .filter(|day| civil::weekday(*day) == weekday)
                    .take(7)
                    .collect();
                let day = match among.as_slice() {
                    [only] => *only,
                    [] if civil::weekday(self.today) == weekday => {
                        let coming = self.coming(weekday);
                        let ask = [self.today, coming].into_iter().fold(
                            Ask::new("today_or_next", words, "Today, or this day in a week?"),
                            |ask, day| ask.or(plain::day(day), bound_words(side, day, minute)),
                        );
                        self.ask(ask);
                        return;
                    }
                    [] => self.coming(weekday),
                    several => {
                        let text = format!("Which {} is it?", plain::weekday(weekday));
                        let ask = several
                            .iter()
                            .take(6)
                            .fold(Ask::new("which_date", words, text), |ask, day| {
                                ask.or(plain::day(*day), bound_words(side, *day, minute))
                            });
                        self.ask(ask);
                        return;
                    }
                };
                (day, day)
            }
            _ => return,
        };
        let day = if matches!(side, Side::From | Side::Before) {
            first
        } else {
            last
        };
        if let Some(minute) = minute {
            let civil = civil::midnight(day) + i64::from(minute) * 60;
            calendar.bound(side, instant(zone, civil));
            self.note(
                words,
                format!(
                    "{} {}, {}",
                    side.word(),
                    plain::day(day),
                    plain::minute(minute)
                ),
            );
            return;
        }
        let (lower, upper) = match side {
            Side::From => (Some(first), None),
            Side::After => (Some(last + 1), None),
            Side::By => (None, Some(last)),
            Side::Before => (None, Some(first - 1)),
        };
        calendar.lower = calendar.lower.max(lower);
        calendar.upper = match (calendar.upper, upper) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        self.note(words, format!("{} {}", side.word(), plain::day(day)));
    }

    /// Finds out which events the limits are.
    fn resolve_events(&mut self, calendar: &mut Calendar, zone: Tz) {
        for said in std::mem::take(&mut self.facts.events) {
            let (first, last) = self.window_days(calendar, zone);
            let start = instant(zone, civil::midnight(first)).max(self.context.now.milliseconds());
            let end = instant(zone, civil::midnight(last + 1));
            let named = !calendar.ranges.is_empty() || calendar.upper.is_some();
            let side = said.what.side;
            let leaves_time = self.candidates(&said.what, |event| {
                if side.is_start() {
                    !named || event.interval.end < end
                } else {
                    event.interval.start > start
                }
            });
            let cuts: Vec<usize> = leaves_time
                .iter()
                .copied()
                .filter(|place| {
                    self.context.events.get(*place).is_some_and(|event| {
                        if side.is_start() {
                            event.interval.end > start
                        } else {
                            !named || event.interval.start < end
                        }
                    })
                })
                .collect();
            let found = match (
                cuts.as_slice(),
                leaves_time.as_slice(),
                said.what.candidates.as_slice(),
            ) {
                ([only], _, _) | ([], [only], _) | ([], [], [only]) => *only,
                (cuts, leaves, all) => {
                    let among = [cuts, leaves, all]
                        .into_iter()
                        .find(|some| !some.is_empty())
                        .unwrap_or_default();
                    let ask = self.which_event(&said.what, among, said.words.clone());
                    self.ask(ask);
                    continue;
                }
            };
            if let Some(event) = self.context.events.get(found) {
                let at = if side.is_start() {
                    event.interval.end
                } else {
                    event.interval.start
                };
                calendar.bound(side, at);
                let when = if side.is_start() {
                    "which ends"
                } else {
                    "which starts"
                };
                let meaning = format!(
                    "{} \u{201c}{}\u{201d}, {when} on {}",
                    side.word(),
                    event.summary,
                    self.instant_text(at)
                );
                self.note(said.words, meaning);
            }
        }
    }

    /// The first and the last day that are looked at.
    fn window_days(&self, calendar: &Calendar, zone: Tz) -> (Day, Day) {
        let offsets = |instant: i64| {
            let over = Interval {
                start: instant,
                end: instant,
            };
            civil::day_of(Offsets::over(zone, over).civil(instant))
        };
        let after = calendar.after.map(offsets);
        // What ends with a midnight ends with the day before.
        let before = calendar.before.map(|instant| offsets(instant - 1));
        let named_first = calendar.ranges.iter().map(|(first, _)| *first).min();
        let named_last = calendar.ranges.iter().map(|(_, last)| *last).max();
        let first = named_first.unwrap_or(self.today).max(self.today);
        let first = first.max(calendar.lower.unwrap_or(first));
        let first = if named_first.is_none() {
            first.max(after.unwrap_or(first))
        } else {
            first
        };
        let usual = match (calendar.upper, before) {
            (Some(upper), _) => upper,
            (None, Some(before)) => before,
            (None, None) => first + USUAL_DAYS - 1,
        };
        let last = named_last.unwrap_or(usual);
        (first, last.min(calendar.upper.unwrap_or(last)))
    }

    /// The days one by one, where they are not all of a stretch.
    fn dates(&self, calendar: &Calendar, first: Day, last: Day) -> Option<Vec<Day>> {
        let mut ranges = calendar.ranges.clone();
        ranges.sort_unstable();
        let whole = ranges.iter().skip(1).try_fold(
            ranges.first().map(|(_, last)| *last)?,
            |end, (next, last)| (*next <= end + 1).then_some(end.max(*last)),
        );
        if whole.is_some() {
            return None;
        }
        let excepted = |day: &Day| {
            calendar
                .except
                .iter()
                .any(|(from, to)| (from..=to).contains(&day))
        };
        let mut days: Vec<Day> = ranges
            .iter()
            .flat_map(|(from, to)| *from.max(&first)..=*to.min(&last))
            .filter(|day| !excepted(day))
            .take(MOST_DATES)
            .collect();
        days.sort_unstable();
        days.dedup();
        Some(days).filter(|days| !days.is_empty())
    }

    /// The window, if the words leave time in it.
    fn window(
        &mut self,
        calendar: &Calendar,
        first: Day,
        last: Day,
        zone: Tz,
        times: Option<&[Minutes]>,
        duration_minutes: u32,
    ) -> Option<Window> {
        let now = self.context.now.milliseconds();
        let start = instant(zone, civil::midnight(first)).max(now);
        let end = instant(zone, civil::midnight(last + 1));
        let end_of_bounds = calendar.before.map_or(end, |before| before.min(end));
        let start_of_bounds = calendar.after.map_or(start, |after| after.max(start));
        let excepted = |day: &Day| {
            calendar
                .except
                .iter()
                .any(|(from, to)| (from..=to).contains(&day))
        };
        let named = |day: &Day| {
            calendar.ranges.is_empty()
                || calendar
                    .ranges
                    .iter()
                    .any(|(from, to)| (from..=to).contains(&day))
        };
        let is_open = |day: &Day| {
            calendar.mask() >> civil::weekday(*day) & 1 == 1 && !excepted(day) && named(day)
        };
        let any_day = (first..=last).take(800).any(|day| is_open(&day));
        let length = i64::from(duration_minutes) * 60_000;
        if !any_day || end_of_bounds - start_of_bounds < length {
            self.ask_about_contradiction(now >= end);
            return None;
        }
        if first == last
            && let Some(latest) = times.and_then(|times| times.last())
        {
            let until = instant(zone, civil::midnight(first) + i64::from(latest.1) * 60);
            if until - length < now {
                self.ask_about_hours_that_are_over(first);
                return None;
            }
        }
        // Where nothing else is said, the window ends where the limit is.
        let end = if calendar.ranges.is_empty() {
            end_of_bounds
        } else {
            end
        };
        Some(Window {
            start: Timestamp::from_milliseconds(start),
            end: Timestamp::from_milliseconds(end),
        })
    }

    /// Words that leave no time at all.
    fn ask_about_contradiction(&mut self, over: bool) {
        if !self.asks.is_empty() {
            // What was asked already may mend it.
            return;
        }
        let limits = self.facts.days.iter().map(|said| &said.words);
        let Some(words) = limits
            .chain(self.notes.iter().map(|(words, _)| words))
            .max_by_key(|words| words.start)
            .cloned()
        else {
            return;
        };
        let limits: Vec<Range<usize>> = self
            .facts
            .days
            .iter()
            .map(|said| said.words.clone())
            .collect();
        let words = limits
            .into_iter()
            .max_by_key(|words| words.start)
            .unwrap_or(words);
        let text = if over {
            "That time is over.".to_owned()
        } else {
            format!(
                "No time is left with \u{201c}{}\u{201d}.",
                self.slice(words.clone())
            )
        };
        self.ask(Ask::new("contradiction", words, text).or("leave it out", ""));
    }

    /// `this morning`, said in the afternoon.
    fn ask_about_hours_that_are_over(&mut self, day: Day) {
        if !self.asks.is_empty() {
            return;
        }
        let fact = self
            .facts
            .days
            .iter()
            .find(|said| matches!(said.what, DayFact::On(_)))
            .map(|said| said.words.clone());
        let part = self
            .facts
            .times
            .iter()
            .find(|said| Some(&said.words) == fact.as_ref())
            .map(|said| said.what);
        let Some(words) = fact else { return };
        let tomorrow = day + 1;
        let said = match part {
            Some(TimeFact::Part((from, to))) => {
                format!(
                    "{} {} to {}",
                    plain::iso(tomorrow),
                    plain::minute(from),
                    plain::minute(to)
                )
            }
            _ => plain::iso(tomorrow),
        };
        let text = "That time of the day is over. Which day do you mean?";
        self.ask(Ask::new("over", words, text).or(plain::day(tomorrow), said));
    }

    /// The times of the day that are left; none where all of it is.
    fn times(&mut self, duration_minutes: u32) -> Option<Vec<Minutes>> {
        let facts = std::mem::take(&mut self.facts.times);
        if facts.is_empty() {
            return None;
        }
        let length = u16::try_from(duration_minutes).unwrap_or(DAY);
        let parts: Vec<Minutes> = facts
            .iter()
            .filter_map(|said| match said.what {
                TimeFact::Part(part) => Some(part),
                _ => None,
            })
            .collect();
        let inside = |minute: u16| {
            parts
                .iter()
                .any(|(from, to)| (*from..*to).contains(&minute))
        };
        let mut starts: Vec<(u16, Minutes)> = Vec::new();
        let mut bounds: Vec<Minutes> = Vec::new();
        let mut not: Vec<Minutes> = Vec::new();
        for said in &facts {
            let words = said.words.clone();
            match said.what {
                TimeFact::Part((from, to)) => {
                    self.note(
                        words,
                        format!("between {} and {}", plain::minute(from), plain::minute(to)),
                    );
                }
                TimeFact::Not((from, to)) => {
                    // Who does not want mornings does not want nights, either.
                    let from = if from == MORNING { 0 } else { from };
                    let to = if to == EVENINGS.1 { DAY } else { to };
                    not.push((from, to));
                    self.note(
                        words,
                        format!(
                            "not between {} and {}",
                            plain::minute(from),
                            plain::minute(to)
                        ),
                    );
                }
                TimeFact::At(clock) => {
                    let readings = [Some(clock.minute), clock.other];
                    let Some(minute) = one_of(readings, inside) else {
                        self.which_half_of(words, clock, "at");
                        continue;
                    };
                    starts.push((minute, (minute, minute.saturating_add(length).min(DAY))));
                    self.note(words, format!("at {}", plain::minute(minute)));
                }
                TimeFact::Around(clock) => {
                    let readings = [Some(clock.minute), clock.other];
                    let Some(minute) = one_of(readings, inside) else {
                        self.which_half_of(words, clock, "around");
                        continue;
                    };
                    let (from, to) = (
                        minute.saturating_sub(30),
                        minute.saturating_add(30).min(DAY),
                    );
                    starts.push((minute, (from, to.saturating_add(length).min(DAY))));
                    self.note(
                        words,
                        format!(
                            "starting between {} and {}",
                            plain::minute(from),
                            plain::minute(to)
                        ),
                    );
                }
                TimeFact::Bound(side, clock) => {
                    // A reading counts if it leaves some of the parts of the day that were named.
                    let leaves = |minute: u16| {
                        let left = within(&parts, part_of(side, minute));
                        !left.is_empty() && left != parts
                    };
                    let readings = [Some(clock.minute), clock.other];
                    let Some(minute) = one_of(readings, leaves) else {
                        self.which_half_of(words, clock, side.word());
                        continue;
                    };
                    bounds.push(part_of(side, minute));
                    self.note(words, format!("{} {}", side.word(), plain::minute(minute)));
                }
            }
        }
        // A time within a part of the day says it more exactly.
        let mut allowed: Vec<Minutes> = parts
            .iter()
            .copied()
            .filter(|(from, to)| {
                !starts
                    .iter()
                    .any(|(minute, _)| (*from..*to).contains(minute))
            })
            .collect();
        allowed.extend(starts.iter().map(|(_, span)| *span));
        if allowed.is_empty() {
            allowed.push((0, DAY));
        }
        for bound in bounds {
            allowed = within(&allowed, bound);
        }
        for part in not {
            allowed = without(&allowed, part);
        }
        let allowed = merged(allowed);
        let last = facts
            .last()
            .map(|said| said.words.clone())
            .unwrap_or_default();
        self.facts.times = facts;
        if allowed.as_slice() == [(0, DAY)] {
            return None;
        }
        if !allowed
            .iter()
            .any(|(from, to)| u32::from(to - from) >= duration_minutes)
        {
            if self.asks.is_empty() {
                let text = format!(
                    "There is no time of the day for {} then.",
                    plain::length(duration_minutes)
                );
                self.ask(Ask::new("contradiction", last, text).or("leave it out", ""));
            }
            return None;
        }
        Some(allowed)
    }

    fn which_half_of(&mut self, words: Range<usize>, clock: Clock, lead: &str) {
        let readings = [Some(clock.minute), clock.other];
        let ask = readings.into_iter().flatten().fold(
            Ask::new("which_half", words, "In the morning, or in the evening?"),
            |ask, minute| {
                ask.or(
                    plain::minute(minute),
                    format!("{lead} {}", plain::minute(minute)),
                )
            },
        );
        self.ask(ask);
    }

    /// `Tuesday afternoon or Wednesday morning`: a request has the same hours on all of its days.
    fn ask_for_mixed_hours(&mut self) {
        #[derive(Clone, Copy, PartialEq)]
        enum Item {
            Day,
            Time(TimeFact),
        }
        let days = self.facts.days.iter().filter_map(|said| match said.what {
            DayFact::On(Days::Range(first, last)) if first < last => None,
            DayFact::On(Days::End(_, _) | Days::Every(_)) => None,
            DayFact::On(_) => Some((said.words.clone(), Item::Day)),
            _ => None,
        });
        let times = self.facts.times.iter().filter_map(|said| match said.what {
            TimeFact::Not(_) => None,
            what => Some((said.words.clone(), Item::Time(what))),
        });
        let mut items: Vec<(Range<usize>, Item)> = days.chain(times).collect();
        items.sort_by_key(|(words, item)| (words.start, *item != Item::Day));
        // Groups of what stands together: each begins with another sort than the one before ended.
        let Some((_, opening)) = items.first() else {
            return;
        };
        let opens_with_day = *opening == Item::Day;
        let mut groups: Vec<(Range<usize>, Vec<TimeFact>, bool)> = Vec::new();
        let mut last_was_day = !opens_with_day;
        for (words, item) in &items {
            let is_day = *item == Item::Day;
            if is_day == opens_with_day && last_was_day != opens_with_day {
                groups.push((words.clone(), Vec::new(), false));
            }
            last_was_day = is_day;
            if let Some((whole, times, has_day)) = groups.last_mut() {
                whole.end = whole.end.max(words.end);
                match item {
                    Item::Day => *has_day = true,
                    Item::Time(time) => times.push(*time),
                }
            }
        }
        let with_days = groups.iter().filter(|(_, _, has_day)| *has_day).count();
        let same = groups
            .windows(2)
            .all(|pair| matches!(pair, [one, two] if one.1 == two.1));
        let (Some(first), Some(last)) = (groups.first(), groups.last()) else {
            return;
        };
        if with_days < 2 || same {
            return;
        }
        let whole = first.0.start..last.0.end;
        let text = "All days of a request have the same hours. Which of them is it?";
        let mut ask = Ask::new("different_hours", whole, text);
        for (words, _, _) in groups.iter().take(6) {
            let mut end = words.end;
            while end > words.start + 1 && JOINS.longest_at(&self.words, end - 1).is_some() {
                end -= 1;
            }
            let said = self.slice(words.start..end).to_owned();
            ask = ask.or(said.clone(), said);
        }
        self.ask(ask);
    }

    /// Whether time outside of working hours, or at lunch, is asked for.
    fn hours_of_work(&self, constraints: &mut Constraints) {
        let said = self.facts.outside.iter().map(|said| said.what).next_back();
        let late = constraints.times.as_ref().is_some_and(|times| {
            times.iter().all(|span| {
                span.start.minutes() >= EVENINGS.0
                    || (span.end > span.start && span.end.minutes() <= EARLY)
            })
        });
        let on: Vec<Days> = self
            .facts
            .days
            .iter()
            .filter_map(|said| match said.what {
                DayFact::On(days) => Some(days),
                _ => None,
            })
            .collect();
        let weekend = !on.is_empty() && on.iter().copied().all(is_weekend);
        if said == Some(true) || (said.is_none() && (late || weekend)) {
            constraints.working_hours = Strictness::Prefer;
        }
        let at_lunch =
            |said: &Said<TimeFact>| matches!(said.what, TimeFact::Part(part) if is_lunch(part));
        if self.facts.times.iter().any(at_lunch) {
            constraints.lunch = Strictness::Ignore;
        }
    }

    fn attendees(&mut self) -> Vec<AttendeeDraft> {
        let mut all: Vec<(Who, bool)> = Vec::new();
        for said in std::mem::take(&mut self.facts.people) {
            let (who, required) = said.what;
            let name = match &who {
                Who::Known(place) => self
                    .context
                    .people
                    .get(*place)
                    .map_or("", |person| person.name.as_str())
                    .to_owned(),
                Who::Address(address) => address.clone(),
            };
            let if_possible = if required { "" } else { ", if possible" };
            self.note(said.words, format!("with {name}{if_possible}"));
            match all.iter_mut().find(|(known, _)| *known == who) {
                Some(known) => known.1 = required,
                None => all.push((who, required)),
            }
        }
        for said in std::mem::take(&mut self.facts.absent) {
            let name = self.slice(said.words.clone()).to_owned();
            self.note(said.words, name);
            all.retain(|(who, _)| *who != said.what);
        }
        let draft = |(who, required): (Who, bool)| match who {
            Who::Address(address) => Some(AttendeeDraft {
                user_id: None,
                email: Some(address),
                name: None,
                required,
            }),
            Who::Known(place) => self.context.people.get(place).map(|person| AttendeeDraft {
                user_id: person.user_id.clone(),
                email: person.email.clone().filter(|_| person.user_id.is_none()),
                name: Some(person.name.clone()),
                required,
            }),
        };
        all.into_iter().filter_map(draft).collect()
    }

    /// What was taken as usual, what was passed over, and everything with its place in the text.
    fn finish(mut self, request: RequestDraft, calendar: &Calendar) -> Interpretation {
        let mut defaults = Vec::new();
        let mut assume = |code: &'static str, text: &str| {
            defaults.push(Assumption {
                code,
                text: text.to_owned(),
            });
        };
        let asked = self
            .asks
            .iter()
            .any(|ask| matches!(ask.code, "which_length" | "length_or_hour"));
        if self.facts.lengths.is_empty() && !asked {
            assume("duration", "30 minutes, since no length is said");
        }
        if calendar.ranges.is_empty() && calendar.upper.is_none() && calendar.before.is_none() {
            assume("window", "within two weeks, since no days are said");
        }
        match (
            request.constraints.working_hours,
            self.facts.outside.is_empty(),
        ) {
            (Strictness::Require, true) => {
                assume("working_hours", "within everybody's working hours")
            }
            (_, true) => assume(
                "working_hours",
                "outside of working hours, too, since the words ask for it",
            ),
            _ => {}
        }
        let meeting = MeetingDraft {
            kind: self.facts.kinds.last().map(|said| said.what),
            recurrence: self
                .facts
                .recurrence
                .last()
                .map(|said| said.what.to_owned()),
            topic: self
                .facts
                .topic
                .clone()
                .map(|words| self.slice(words).to_owned()),
        };
        let ignored = self.ignored();
        self.notes.sort_by_key(|(words, _)| words.start);
        self.asks.sort_by_key(|ask| ask.words.start);
        let places = Places::of(self.text);
        let place = |words: &Range<usize>| {
            let bytes = self.words.span(words.start).start
                ..self.words.span(words.end.saturating_sub(1)).end;
            (
                self.slice(words.clone()).to_owned(),
                places.at(bytes.start),
                places.at(bytes.end),
            )
        };
        let understood = self.notes.iter().map(|(words, meaning)| {
            let (text, start, end) = place(words);
            Understood {
                text,
                start,
                end,
                meaning: meaning.clone(),
            }
        });
        let questions = self.asks.iter().map(|ask| {
            let (about, start, end) = place(&ask.words);
            Question {
                code: ask.code,
                text: ask.text.clone(),
                about,
                start,
                end,
                choices: ask.choices.clone(),
            }
        });
        let ignored = ignored.iter().map(|words| {
            let (text, start, end) = place(words);
            Ignored { text, start, end }
        });
        Interpretation {
            understood: understood.collect(),
            questions: questions.collect(),
            ignored: ignored.collect(),
            request,
            meeting,
            defaults,
        }
    }

    /// Words that nothing was made of and that look as if something should have been.
    fn ignored(&self) -> Vec<Range<usize>> {
        let mut ignored: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        while at < self.words.len() {
            let vague = match REMARKS.longest_at(&self.words, at) {
                Some((length, Remark::Vague)) => Some(length),
                _ => None,
            };
            let is_taken = self.taken.get(at).copied().unwrap_or(true);
            if !is_taken && (vague.is_some() || self.matters(at)) {
                let end = at + vague.unwrap_or(1);
                match ignored.last_mut() {
                    Some(last) if last.end == at => last.end = end,
                    _ => ignored.push(at..end),
                }
                at = end;
            } else {
                at += 1;
            }
        }
        ignored
    }

    fn matters(&self, at: usize) -> bool {
        let word = self.words.get(at);
        let opens = at == 0
            || self
                .words
                .gap_after(at - 1)
                .contains(['.', '!', '?', '\n', ':']);
        let is_name = self.words.is_capital(at)
            && !opens
            && word.len() > 1
            && !COMMON.contains(&word)
            && !word.starts_with("i'");
        is_name || word.bytes().any(|byte| byte.is_ascii_digit()) || LIMITING.contains(&word)
    }
}

/// Words that limit what follows; alone they are a limit that was missed.
const LIMITING: &[&str] = &[
    "not", "except", "before", "after", "until", "unless", "without", "nicht", "ausser", "ohne",
    "sauf", "sans", "excepto",
];

/// Words with a capital that are no names.
#[rustfmt::skip] // a table: packed, not one word a line
const COMMON: &[&str] = &[
    "termin", "besprechung", "treffen", "meeting", "gesprach", "uhr", "zeit", "stunde", "stunden", "minuten", "woche",
    "tag", "sie", "ihnen", "call", "sync", "please", "thanks", "danke", "bitte", "ok", "hi", "hello", "dear", "hallo",
];

/// The reading that is meant: the only one, or the only one that fits.
fn one_of(readings: [Option<u16>; 2], fits: impl Fn(u16) -> bool) -> Option<u16> {
    match readings {
        [Some(one), Some(two)] => match (fits(one), fits(two)) {
            (true, false) => Some(one),
            (false, true) => Some(two),
            _ => None,
        },
        [one, two] => one.or(two),
    }
}

/// The instant of a civil time in a zone.
fn instant(zone: Tz, civil: civil::CivilSeconds) -> i64 {
    crate::time::resolve(civil::to_date_time(civil), zone).milliseconds()
}

/// A limit in words that can't be misread.
fn bound_words(side: Side, day: Day, minute: Option<u16>) -> String {
    let time = minute
        .map(|minute| format!(" {}", plain::minute(minute)))
        .unwrap_or_default();
    format!("{} {}{time}", side.word(), plain::iso(day))
}

/// A part of the day as the wire has it.
fn span((from, to): Minutes) -> Option<TimeSpan> {
    Some(TimeSpan {
        start: TimeOfDay::new(from / 60, from % 60)?,
        end: TimeOfDay::new(to / 60, to % 60)?,
    })
}

/// Places in a text, counted in Unicode scalar values.
struct Places<'a> {
    text: &'a str,
}

impl<'a> Places<'a> {
    fn of(text: &'a str) -> Self {
        Self { text }
    }

    fn at(&self, byte: usize) -> usize {
        self.text.get(..byte).unwrap_or_default().chars().count()
    }
}
