//! What is said besides days, hours and people: what is welcome, wished for or allowed, how people
//! meet, how often, and what about.

use std::ops::Range;

use super::days::Read;
use super::facts::{Ask, DayFact, Days, Facts, Said, TimeFact};
use super::plain;
use super::reader::{Reader, is_weekend};
use super::vocabulary::{EVENINGS, Lead, REMARKS, Remark, lead, skip_articles};
use crate::calendar::hours::document::MeetingKind;

impl Reader<'_> {
    /// What is said of what stands before: that it is welcome, or that it is not.
    pub(super) fn say_verdict(&mut self, at: usize) -> Option<usize> {
        let (length, remark) = REMARKS.longest_at(&self.words, at)?;
        let fine = match remark {
            Remark::Fine => true,
            Remark::NotFine => false,
            _ => return None,
        };
        if at == 0 || !self.words.gap_after(at - 1).trim().is_empty() {
            return None;
        }
        let end = at + length;
        let allowed = |facts: &Facts| -> Option<Range<usize>> {
            let said = facts.days.last().filter(|said| said.words.end == at)?;
            let is_weekend = matches!(said.what, DayFact::On(days) if is_weekend(days));
            is_weekend.then(|| said.words.clone())
        };
        if fine {
            if let Some(words) = allowed(&self.facts) {
                self.facts.days.pop();
                self.say_outside(words.start..end);
                return Some(end);
            }
            if let Some(said) = self.facts.times.last().filter(|said| said.words.end == at)
                && matches!(said.what, TimeFact::Part(part) if part.0 >= EVENINGS.0)
            {
                let words = said.words.start..end;
                self.facts.times.pop();
                self.say_outside(words);
                return Some(end);
            }
            let said = self.facts.days.last().map(|said| said.words.end) == Some(at)
                || self.facts.times.last().map(|said| said.words.end) == Some(at);
            return said.then_some(end);
        }
        match lead(&self.words, at) {
            // `nicht vor 10 Uhr` says more.
            Some((length, _)) if at + length > end => return None,
            Some((length, Lead::Not)) if at + length == end && self.goes_on_with_time(end) => {
                return None;
            }
            // `tomorrow doesn't work between 12 and 2`
            _ if self.goes_on_with_time(end) => return self.leave_out(at, end),
            _ => {}
        }
        if let Some(end) = self.ask_which_is_not_fine(at, end) {
            return Some(end);
        }
        if let Some(said) = self.facts.times.last().filter(|said| said.words.end == at)
            && let TimeFact::At(clock) = said.what
        {
            // `3pm doesn't work`
            let words = said.words.start..end;
            self.facts.times.pop();
            if clock.other.is_some() {
                self.ask_which_half(words, clock, "not ");
            } else {
                self.say_time(words, TimeFact::NotAt(clock.minute));
            }
            return Some(end);
        }
        if let Some(said) = self
            .facts
            .times
            .last_mut()
            .filter(|said| said.words.end == at)
            && let TimeFact::Part(part) = said.what
        {
            said.what = TimeFact::Not(part);
            said.words.end = end;
            return Some(end);
        }
        if let Some(said) = self
            .facts
            .days
            .last_mut()
            .filter(|said| said.words.end == at)
            && let DayFact::On(days) = said.what
        {
            said.what = DayFact::Not(days);
            said.words.end = end;
            return Some(end);
        }
        None
    }

    /// `3pm on Friday doesn't work`: are the hours left out, or the day?
    fn ask_which_is_not_fine(&mut self, at: usize, end: usize) -> Option<usize> {
        let days = self.facts.days.last()?;
        let time = self.facts.times.last()?;
        let (DayFact::On(_), TimeFact::Part(_) | TimeFact::At(_)) = (days.what, time.what) else {
            return None;
        };
        let (one, two) = if days.words.start < time.words.start {
            (&days.words, &time.words)
        } else {
            (&time.words, &days.words)
        };
        let apart = !self
            .words
            .gap_after(one.end.saturating_sub(1))
            .trim()
            .is_empty();
        if two.end != at || one.end != two.start || apart {
            return None;
        }
        let whole = one.start..end;
        let days = self.slice(days.words.clone());
        let hours = match time.what {
            TimeFact::At(clock) if clock.other.is_none() => {
                format!("at {}", plain::minute(clock.minute))
            }
            _ => self.slice(time.words.clone()).to_owned(),
        };
        let text =
            "A request leaves out whole days, or the same hours of all days. What is left out?";
        let ask = Ask::new("left_out", whole, text)
            .or(format!("all of {days}"), format!("not {days}"))
            .or(format!("{hours} on all days"), format!("not {hours}"))
            .or(
                format!("{days} is wanted, but not {hours}"),
                format!("{days}, not {hours}"),
            );
        self.facts.days.pop();
        self.facts.times.pop();
        self.ask(ask);
        Some(end)
    }

    /// `morgen nicht zwischen 12 und 14 Uhr`: whether a negation behind days belongs to what follows.
    fn goes_on_with_time(&self, end: usize) -> bool {
        if !self.words.gap_after(end - 1).trim().is_empty() {
            return false;
        }
        let (place, both, and) = self.two_ends(end);
        let (hour_at, introduced) = match lead(&self.words, end) {
            Some((length, Lead::At | Lead::Before | Lead::After | Lead::From)) => {
                (end + length, true)
            }
            _ => (end, false),
        };
        self.hours(place, both, and).is_some()
            || self.clock(hour_at, introduced).is_some()
            || self.part_of_day(end).is_some()
            || [end, hour_at, place, skip_articles(&self.words, place)]
                .into_iter()
                .any(|place| self.days(place).is_some())
    }

    fn say_outside(&mut self, words: Range<usize>) {
        self.note(words.clone(), "outside of working hours will do, too");
        self.facts.outside.push(Said { words, what: true });
    }

    /// `even in the evening`: it is not only then, but then as well.
    pub(super) fn say_allowed(&mut self, at: usize, from: usize) -> Option<usize> {
        let place = match lead(&self.words, from) {
            Some((length, Lead::On)) => from + length,
            _ => from,
        };
        for place in [from, place] {
            if let Some((end, _, false)) = self.part_of_day(place) {
                self.say_outside(at..end);
                return Some(end);
            }
            if let Some((end, read)) = self.days(place) {
                let weekend = match &read {
                    Read::Days(days) => is_weekend(*days),
                    Read::Ask(ask) => ask.code == "which_weekend",
                };
                if weekend {
                    self.say_outside(at..end);
                    return Some(end);
                }
            }
            if let Some((length, Remark::OutsideHours)) = REMARKS.longest_at(&self.words, place) {
                self.say_outside(at..place + length);
                return Some(place + length);
            }
        }
        None
    }

    /// `if possible Kim`, `Kim if possible`, `if possible in the morning`.
    pub(super) fn say_optional(&mut self, at: usize, from: usize) -> Option<usize> {
        let place = match lead(&self.words, from) {
            Some((length, Lead::With)) => from + length,
            _ => from,
        };
        if self.is_person(place)
            || place > from
            || self.words.before(from) == "with"
            || self.words.before(from) == "mit"
        {
            return self.say_people(place, false);
        }
        self.say_wish(at, from)
    }

    /// A wish is no must: what is wished for is asked about.
    pub(super) fn say_wish(&mut self, at: usize, from: usize) -> Option<usize> {
        if self.is_person(from) {
            return self.say_people(from, false);
        }
        let place = match lead(&self.words, from) {
            Some((length, Lead::On | Lead::At)) => from + length,
            _ => from,
        };
        let end = [from, place].into_iter().find_map(|place| {
            let hours = self.hours(place, false, false).map(|(end, _)| end);
            let part = self.part_of_day(place).map(|(end, _, _)| end);
            let days = self.days(place).map(|(end, _)| end);
            let clock = self.clock(place, place > from).map(|(end, _)| end);
            let bound = match lead(&self.words, place) {
                Some((length, Lead::After | Lead::Before | Lead::From | Lead::By)) => {
                    self.clock(place + length, true).map(|(end, _)| end)
                }
                _ => None,
            };
            hours.or(part).or(days).or(clock).or(bound)
        })?;
        let wish = self.slice(from..end).to_owned();
        let ask = Ask::new("wish", at..end, format!("Must it be {wish}?"))
            .or(format!("yes, only {wish}"), wish)
            .or("no, any time will do", "");
        self.ask(ask);
        Some(end)
    }

    /// What the meeting is about, up to the next thing that is understood.
    pub(super) fn say_topic(&mut self, at: usize, from: usize) -> Option<usize> {
        if self.clock(from, true).is_some() || self.length(from).is_some() {
            return None;
        }
        let ends = |end: &usize| {
            *end >= self.words.len()
                || self
                    .words
                    .gap_after(end - 1)
                    .contains(['.', ',', ';', '!', '?', '\n'])
                || (self.starts_something(*end)
                    && !matches!(lead(&self.words, *end), Some((_, Lead::Optional))))
                || matches!(lead(&self.words, *end), Some((length, Lead::On | Lead::At)) if self.days(*end + length).is_some() || self.clock(*end + length, true).is_some())
        };
        if from >= self.words.len() {
            return None;
        }
        let end = (from + 1..=self.words.len()).find(ends)?;
        if self.facts.topic.is_none() {
            self.facts.topic = Some(from..end);
            self.note(at..end, format!("about {}", self.slice(from..end)));
        }
        Some(end)
    }

    /// `every Monday`
    pub(super) fn say_every(&mut self, at: usize, from: usize) -> Option<usize> {
        if let Some(end) = self.say_remark(at, at) {
            return Some(end);
        }
        let (end, Read::Days(days)) = self.days(from)? else {
            return None;
        };
        let (Days::Weekdays(mask) | Days::Every(mask)) = days else {
            return None;
        };
        let mut rule = "RRULE:FREQ=WEEKLY".to_owned();
        if !mask.is_power_of_two() {
            // One day needs no name: it is that of the meeting.
            let days: Vec<&str> = (0..7)
                .filter(|number| mask >> number & 1 == 1)
                .map(plain::two_letters)
                .collect();
            rule = format!("{rule};BYDAY={}", days.join(","));
        }
        self.say_recurrence(at..end, rule);
        self.say_days(at..end, DayFact::On(Days::Every(mask)));
        Some(end)
    }

    fn say_recurrence(&mut self, words: Range<usize>, rule: String) {
        let often = match rule.as_str() {
            "RRULE:FREQ=DAILY" => "every day",
            "RRULE:FREQ=WEEKLY;INTERVAL=2" => "every two weeks",
            "RRULE:FREQ=MONTHLY" => "every month",
            _ => "every week",
        };
        self.note(words.clone(), format!("it comes again {often}"));
        self.facts.recurrence.push(Said { words, what: rule });
    }

    /// What is neither a time nor a person.
    pub(super) fn say_remark(&mut self, at: usize, from: usize) -> Option<usize> {
        let (place, (length, remark)) = [at, from].into_iter().find_map(|place| {
            REMARKS
                .longest_at(&self.words, place)
                .map(|found| (place, found))
        })?;
        let end = place + length;
        match remark {
            Remark::Kind(kind) => {
                let text = match kind {
                    MeetingKind::InPerson => "in person",
                    MeetingKind::Phone => "by phone",
                    MeetingKind::Video => "by video",
                };
                self.note(at..end, text);
                self.facts.kinds.push(Said {
                    words: at..end,
                    what: kind,
                });
            }
            Remark::Repeats(rule) => self.say_recurrence(at..end, rule.to_owned()),
            Remark::Biweekly => self.ask(
                Ask::new("how_often", at..end, "Once in two weeks, or twice a week?")
                    .or("once in two weeks", "every two weeks")
                    .or("twice a week: this request is for one of the two", "weekly"),
            ),
            Remark::Bimonthly => self.ask(
                Ask::new(
                    "how_often",
                    at..end,
                    "Once in two months, or twice a month?",
                )
                .or("twice a month, every two weeks", "every two weeks")
                .or("once in two months: this request is for the first", ""),
            ),
            Remark::OutsideHours => {
                let behind = REMARKS.longest_at(&self.words, end);
                let end = match behind {
                    Some((more, Remark::Fine)) => end + more,
                    _ => end,
                };
                self.say_outside(at..end);
                return Some(end);
            }
            Remark::InsideHours => {
                self.note(at..end, "within working hours");
                self.facts.outside.push(Said {
                    words: at..end,
                    what: false,
                });
            }
            Remark::Buffer | Remark::Notice => return self.say_length(place),
            Remark::Fine | Remark::NotFine | Remark::Vague => return None,
        }
        Some(end)
    }
}
