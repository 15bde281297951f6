//! The window, and the questions about words that leave no time in it.

use chrono_tz::Tz;

use super::days::Calendar;
use super::{USUAL_DAYS, instant};
use crate::calendar::civil::{self, Day};
use crate::calendar::interval::Interval;
use crate::calendar::words::facts::{Ask, DayFact, Said, TimeFact};
use crate::calendar::words::interpretation::Window;
use crate::calendar::words::plain;
use crate::calendar::words::reader::Reader;
use crate::calendar::words::vocabulary::Minutes;
use crate::calendar::zone::Offsets;
use crate::time::Timestamp;

impl Reader<'_> {
    /// The first and the last day that are looked at.
    pub(super) fn window_days(&self, calendar: &Calendar, zone: Tz) -> (Day, Day) {
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

    /// The window, if the words leave time in it.
    pub(super) fn window(
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
        let any_day = (first..=last).take(800).any(|day| calendar.leaves(day));
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

    /// Words that leave no time at all: the last that were said of days, or else of anything.
    fn ask_about_contradiction(&mut self, over: bool) {
        if !self.asks.is_empty() {
            // What was asked already may mend it.
            return;
        }
        let days = self.facts.days.iter().map(|said| &said.words);
        let last = days.max_by_key(|words| words.start);
        let any = || {
            self.notes
                .iter()
                .map(|(words, _)| words)
                .max_by_key(|words| words.start)
        };
        let words = last.or_else(any).cloned().unwrap_or(0..self.words.len());
        if words.is_empty() {
            return; // no words, at the end of time
        }
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
        let on = |said: &&Said<DayFact>| matches!(said.what, DayFact::On(_));
        let Some(words) = self
            .facts
            .days
            .iter()
            .find(on)
            .map(|said| said.words.clone())
        else {
            self.ask_about_contradiction(true);
            return;
        };
        if !self.asks.is_empty() {
            return;
        }
        let same = self.facts.times.iter().find(|said| said.words == words);
        let tomorrow = day + 1;
        let said = match same.map(|said| said.what) {
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
}
