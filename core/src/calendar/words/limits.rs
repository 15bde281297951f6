//! Limits in words, and what is left out.

use std::ops::Range;

use crate::calendar::civil;
use crate::dates::is_month;
use crate::dates::numbers::is_ordinal;
use crate::dates::vocabulary::{PARTS, Part, digits};

use super::days::Read;
use super::exclusions::opposite;
use super::facts::{Ask, DayFact, Days, Said, Side, TimeFact};
use super::plain;
use super::reader::{Reader, skip_day_article};
use super::vocabulary::{JOINS, Join, Lead, lead, skip_articles};

impl Reader<'_> {
    /// A limit: an hour, a day, both, an instant, or an event.
    pub(super) fn say_bound(&mut self, at: usize, from: usize, side: Side) -> Option<usize> {
        let place = skip_articles(&self.words, from);
        for place in [from, place] {
            if let Some((end, instant)) = self.instant(place) {
                self.facts.instants.push(Said {
                    words: at..end,
                    what: (side, instant),
                });
                return Some(end);
            }
        }
        if side == Side::By
            && let Some((end, _, Some(ask))) = self.length(from)
        {
            self.ask(ask);
            return Some(end);
        }
        if side == Side::By
            && let Some((end, minutes, None)) = self.length(from)
        {
            // `up to an hour`
            self.facts.lengths.push(Said {
                words: at..end,
                what: minutes,
            });
            return Some(end);
        }
        // `by EOD Friday`, `by the end of the day`
        for place in [from, place] {
            if let Some((length, Part::EndOfDay)) = PARTS.longest_at(&self.words, place) {
                let end = place + length;
                let next = skip_day_article(&self.words, end);
                let fact = |days| DayFact::Bound(side_of_end(side), days, None);
                if let Some((end, read)) = self.days(next) {
                    return Some(self.say_read(at..end, read, fact));
                }
                self.say_days(at..end, fact(Days::Range(self.today, self.today)));
                return Some(end);
            }
        }
        // A number alone is an hour, unless days begin with it.
        let day = [from, place].into_iter().find_map(|place| self.days(place));
        if day.is_none()
            && let Some((end, clock)) = [from, place]
                .into_iter()
                .find_map(|place| self.clock(place, true))
        {
            self.say_time(at..end, TimeFact::Bound(side, clock));
            return Some(end);
        }
        if let Some((end, read)) = day {
            let days = match read {
                Read::Days(days) => days,
                Read::Ask(ask) => {
                    self.ask(ask);
                    return Some(end);
                }
            };
            let hour_at = match lead(&self.words, end) {
                Some((length, Lead::At | Lead::On)) => end + length,
                _ => end,
            };
            let introduced = hour_at > end;
            let single = !matches!(days, Days::Range(first, last) if first != last);
            if single
                && !self.words.gap_after(end - 1).contains([',', ';'])
                && let Some((end, clock)) = self.clock(hour_at, introduced)
                && clock.other.is_none()
                && self.hours(hour_at, false, false).is_none()
            {
                self.say_days(at..end, DayFact::Bound(side, days, Some(clock.minute)));
                return Some(end);
            }
            // `before Friday afternoon`
            if single
                && self.words.gap_after(end - 1).trim().is_empty()
                && let Some((end, (from, to), false)) = self.part_of_day(end)
            {
                let minute = if matches!(side, Side::From | Side::Before) {
                    from
                } else {
                    to
                };
                self.say_days(at..end, DayFact::Bound(side, days, Some(minute)));
                return Some(end);
            }
            let fact = match (side, days) {
                // The end of a month is a limit that belongs to it.
                (Side::Before, Days::End(_, last)) => {
                    DayFact::Bound(Side::By, Days::Range(last, last), None)
                }
                (_, Days::End(_, last)) => DayFact::Bound(side, Days::Range(last, last), None),
                _ => DayFact::Bound(side, days, None),
            };
            self.say_days(at..end, fact);
            return Some(end);
        }
        if matches!(side, Side::Before | Side::After) {
            return self.say_event(at, from, side);
        }
        None
    }

    /// Both limits: of hours or of days.
    pub(super) fn say_between(&mut self, at: usize, from: usize, and: bool) -> Option<usize> {
        let place = skip_articles(&self.words, from);
        if let Some((end, stretch)) = self.hours(from, true, and) {
            return Some(self.say_stretch(at, end, stretch));
        }
        for place in [from, place] {
            if let Some((end, read)) = self.both_ends(place, and) {
                return Some(self.say_read(at..end, read, DayFact::On));
            }
        }
        if and && let Some((end, _, Some(ask))) = self.length(from) {
            self.ask(ask);
            return Some(end);
        }
        if and {
            self.say_between_events(at, from)
        } else {
            None
        }
    }

    /// What is left out: days, a part of the day, somebody, or the next hours.
    pub(super) fn say_left_out(&mut self, at: usize, from: usize) -> Option<usize> {
        if let Some(end) = self.say_soon(at, from, true) {
            return Some(end);
        }
        // `not with Ana`
        let who = match lead(&self.words, from) {
            Some((length, Lead::With)) => from + length,
            _ => from,
        };
        self.leave_out(at, from)
            .or_else(|| self.say_absent(at, who))
            .or_else(|| self.ask_whether_left_out(at, from))
    }

    /// What is left out where nothing else can be meant: hours, days, a part of the day.
    pub(super) fn leave_out(&mut self, at: usize, from: usize) -> Option<usize> {
        // `no meetings on Friday`
        let named = (from..from + 3).find(|place| !NOTHING_NAMED.contains(&self.words.get(*place)));
        let place = named.unwrap_or(from);
        if let Some(end) = self.leave_out_between(at, place) {
            return Some(end);
        }
        // `no meetings before 10`
        if let Some((length, led @ (Lead::Before | Lead::After | Lead::From))) =
            lead(&self.words, place)
        {
            let side = match led {
                Lead::Before => Side::Before,
                Lead::After => Side::After,
                _ => Side::From,
            };
            let is_event = self.named_events(place + length).is_some();
            if !is_event && let Some(end) = self.say_bound(at, place + length, opposite(side)) {
                self.left_out_until = Some(end);
                return Some(end);
            }
        }
        let clock = place;
        let place = match lead(&self.words, place) {
            Some((length, Lead::On)) => place + length,
            _ => place,
        };
        for place in [from, place, skip_articles(&self.words, place)] {
            if let Some((end, part, today)) = self.part_of_day(place) {
                if today {
                    // `this afternoon`, `tonight`
                    let hours = match self.slice(place + 1..end) {
                        "" => "evening",
                        hours => hours,
                    };
                    self.ask_days_or_hours(at..end, "today", Some(hours));
                    return Some(end);
                }
                return Some(self.leave_out_time(at, place..end, TimeFact::Not(part)));
            }
            if let Some((end, read)) = self.days(place) {
                let list = self.slice(place..end);
                let joined = (place..end).any(|word| JOINS.longest_at(&self.words, word).is_some());
                if let (Read::Days(Days::Weekdays(mask)), true, false) =
                    (&read, list.contains(','), joined)
                {
                    // `not Monday, Tuesday`: is Tuesday left out as well, or wanted?
                    let named: Vec<&str> = list.split(',').map(str::trim).collect();
                    let (first, rest) = named.split_first()?;
                    let text = format!("Is {} left out as well?", rest.join(", "));
                    let ask = Ask::new("left_out", at..end, text)
                        .or(
                            format!("not on {}", plain::weekdays(*mask)),
                            format!("not {}", named.join(" or ")),
                        )
                        .or(
                            format!("only {first} is left out"),
                            format!("{}, not {first}", rest.join(" or ")),
                        );
                    self.ask(ask);
                    return Some(end);
                }
                if let Some(end) = self.ask_what_is_left_out(at, place, end) {
                    return Some(end);
                }
                self.left_out_until = Some(end);
                return Some(self.say_read(at..end, read, DayFact::Not));
            }
        }
        self.leave_out_clock(at, clock)
    }

    /// `not Friday afternoon`: only all of the days or the hours of all days can be left out. The days
    /// are the words from `place` to `end`.
    fn ask_what_is_left_out(&mut self, at: usize, place: usize, end: usize) -> Option<usize> {
        if !self.words.gap_after(end - 1).trim().is_empty() {
            return None;
        }
        let introduced = match lead(&self.words, end) {
            Some((
                length,
                Lead::At
                | Lead::On
                | Lead::After
                | Lead::Before
                | Lead::From
                | Lead::By
                | Lead::Around,
            )) => end + length,
            _ => end,
        };
        let (first, both, and) = self.two_ends(end);
        let hours = self.hours(first, both, and).map(|(end, _)| end);
        let part = [end, introduced]
            .into_iter()
            .find_map(|place| self.part_of_day(place))
            .map(|(end, _, _)| end);
        let behind = part
            .or(hours)
            .or_else(|| self.clock(introduced, introduced > end).map(|(end, _)| end))?;
        let (days, said) = (self.slice(place..end), self.slice(end..behind));
        self.ask_days_or_hours(at..behind, days, part.or(hours).map(|_| said));
        self.left_out_until = Some(behind);
        Some(behind)
    }

    fn ask_days_or_hours(&mut self, words: Range<usize>, days: &str, hours: Option<&str>) {
        let text =
            "A request leaves out whole days, or the same hours of all days. What is left out?";
        let mut ask =
            Ask::new("left_out", words, text).or(format!("all of {days}"), format!("not {days}"));
        if let Some(hours) = hours {
            ask = ask.or(format!("{hours} on all days"), format!("not {hours}"));
        }
        self.ask(ask.or("nothing", ""));
    }

    /// `not so good on Friday`: some words on there are days. Whether they are left out is asked.
    fn ask_whether_left_out(&mut self, at: usize, from: usize) -> Option<usize> {
        for place in from..(from + 4).min(self.words.len()) {
            if self
                .words
                .gap_after(place.saturating_sub(1))
                .contains([',', '.', ';', '!', '?', '\n'])
            {
                return None;
            }
            let start = match lead(&self.words, place) {
                Some((length, Lead::On)) => place + length,
                Some(_) if place > from => return None,
                _ => place,
            };
            let days = self.days(start).map(|(end, _)| end);
            if let Some(end) = days.or_else(|| self.part_of_day(start).map(|(end, _, _)| end)) {
                let days = self.slice(start..end).to_owned();
                let ask = Ask::new("left_out", at..end, format!("Is {days} left out?"))
                    .or(format!("yes, not {days}"), format!("not {days}"))
                    .or(format!("no, {days}"), days);
                self.ask(ask);
                return Some(end);
            }
        }
        None
    }

    /// `not Monday or in the evening`: what is joined to something left out is left out as well.
    pub(super) fn go_on_leaving_out(&mut self, at: usize) -> Option<usize> {
        if self.left_out_until != Some(at) {
            return None;
        }
        let (length, join @ (Join::Or | Join::And)) = JOINS.longest_at(&self.words, at)? else {
            return None;
        };
        let from = at + length;
        // `not Friday and at 3` says something new, `not at 2 and at 3` does not.
        let is_time = self.facts.times.last().map(|said| said.words.end) == Some(at);
        let goes_on = is_time || join == Join::Or;
        match lead(&self.words, from) {
            None | Some((_, Lead::On)) => self.say_left_out(at, from),
            Some((_, Lead::At | Lead::Between | Lead::Of)) if goes_on => {
                self.say_left_out(at, from)
            }
            // `not in the morning or after 5pm`
            Some((length, led @ (Lead::Before | Lead::After))) if join == Join::Or => {
                let side = if led == Lead::Before {
                    Side::Before
                } else {
                    Side::After
                };
                self.say_bound(at, from + length, opposite(side))
            }
            Some((length, Lead::Not)) => self.say_left_out(at, from + length),
            // `not Friday and ideally …` says something new.
            _ => None,
        }
    }

    /// `March 12, 13 or 14`, `at 10 or 11`: a number that is joined to a date or an hour is one, too.
    pub(super) fn go_on_listing(&mut self, at: usize) -> Option<usize> {
        let place = match JOINS.longest_at(&self.words, at) {
            Some((length, Join::Or | Join::And)) => at + length,
            None if at > 0 && self.words.gap_after(at - 1).trim() == "," => at,
            _ => return None,
        };
        let number = digits(self.words.get(place), 2)?;
        let end = place + 1 + usize::from(is_ordinal(&self.words, place + 1));
        let gap = self.words.gap_after(place);
        if self.is_counted(end) || is_month(self.words.get(end)) || gap.starts_with([':', '/', '.'])
        {
            return None;
        }
        if let Some(said) = self.facts.times.last().filter(|said| said.words.end == at)
            && let TimeFact::At(_) = said.what
        {
            let (end, clock) = self.clock(place, true)?;
            self.say_time(at..end, TimeFact::At(clock));
            return Some(end);
        }
        let said = self.facts.days.last().filter(|said| said.words.end == at)?;
        let DayFact::On(Days::Range(first, last)) = said.what else {
            return None;
        };
        let has_number = said
            .words
            .clone()
            .any(|word| digits(self.words.get(word), 2).is_some());
        let (year, month, _) = civil::year_month_day(first);
        let day = i32::try_from(number)
            .ok()
            .map(|number| civil::day(year, month, 1) + number - 1)?;
        let is_date = first == last
            && has_number
            && (1..=civil::days_in_month(year, month)).contains(&number);
        if !is_date || day < self.today {
            return None;
        }
        self.say_days(at..end, DayFact::On(Days::Range(day, day)));
        Some(end)
    }
}

/// Words between `no` and the days that are left out.
const NOTHING_NAMED: &[&str] = &[
    "meeting",
    "meetings",
    "anything",
    "appointment",
    "appointments",
    "de",
    "call",
    "calls",
    "meet",
    "make",
    "do",
    "work",
    "working",
    "available",
    "free",
    "possible",
    "it",
    "termin",
    "termine",
    "treffen",
    "reunion",
    "reunions",
    "reuniones",
    "disponible",
    "moglich",
    "verfugbar",
];

/// The end of a day as a limit belongs to the day.
fn side_of_end(side: Side) -> Side {
    if side == Side::Before { Side::By } else { side }
}
