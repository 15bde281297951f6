//! Reads a text from its first word to its last, and keeps what it says.

use std::ops::Range;

use chrono_tz::Tz;

use crate::analysis::deadline::vocabulary::{PARTS, Part};
use crate::analysis::words::Words;
use crate::calendar::civil::{self, CivilSeconds, Day};
use crate::calendar::hours::values::Weekday;
use crate::calendar::interval::Interval;
use crate::calendar::zone::Offsets;
use crate::time::Timestamp;

use super::days::Read;
use super::facts::{Ask, DayFact, Days, Facts, Said, Side, TimeFact};
use super::hours::Stretch;
use super::plain;
use super::vocabulary::{
    EVENINGS, JOINS, Join, Lead, REMARKS, Remark, is_lunch, lead, skip_articles,
};
use super::{events, people, zones};

/// Somebody whom words can name.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// Their identifier, where they use Delegate.
    pub user_id: Option<String>,
    /// Their address.
    pub email: Option<String>,
    /// Their name as the person who asks knows it.
    pub name: String,
    /// Their zone, for "Ana's time".
    pub time_zone: Option<Tz>,
}

/// An event that words can name.
#[derive(Debug, Clone)]
pub struct NamedEvent {
    /// What it is called.
    pub summary: String,
    /// When it is.
    pub interval: Interval,
}

/// What the words are understood by: who says them, when, and what they can name.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The moment at which they are said.
    pub now: Timestamp,
    /// The zone of who says them.
    pub time_zone: Tz,
    /// The day with which their weeks begin.
    pub week_start: Weekday,
    /// The people they know; of more than 2,000 the first.
    pub people: &'a [Person],
    /// The events of theirs that lie ahead; of more than 1,000 the first.
    pub events: &'a [NamedEvent],
}

/// A text that is being read.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) words: Words<'a>,
    pub(super) context: &'a Context<'a>,
    /// Today, on the calendar of who says the words.
    pub(super) today: Day,
    pub(super) facts: Facts,
    pub(super) asks: Vec<Ask>,
    /// What was understood of which words.
    pub(super) notes: Vec<(Range<usize>, String)>,
    /// Which words were taken for something.
    pub(super) taken: Vec<bool>,
    pub(super) names: Vec<Vec<String>>,
    pub(super) summaries: Vec<Vec<String>>,
    pub(super) offsets: Offsets,
    /// Where a list of what is left out may go on.
    left_out_until: Option<usize>,
}

impl<'a> Reader<'a> {
    /// Reads all of a text.
    pub(super) fn read(text: &'a str, context: &'a Context<'a>) -> Self {
        let words = Words::new(text, 0..text.len());
        let now = context.now.milliseconds();
        let offsets = Offsets::over(
            context.time_zone,
            Interval {
                start: now,
                end: now.saturating_add(86_400_000),
            },
        );
        let mut reader = Self {
            text,
            context,
            today: civil::day_of(offsets.civil(now)),
            facts: Facts::default(),
            asks: Vec::new(),
            notes: Vec::new(),
            taken: vec![false; words.len()],
            names: people::names(context.people),
            summaries: events::summaries(context.events),
            offsets,
            left_out_until: None,
            words,
        };
        let mut at = 0;
        while at < reader.words.len() {
            let end = reader.step(at).filter(|end| *end > at);
            if let Some(end) = end {
                reader.take(at..end);
            }
            at = end.unwrap_or(at + 1);
        }
        reader
    }

    fn take(&mut self, words: Range<usize>) {
        for taken in self.taken.iter_mut().take(words.end).skip(words.start) {
            *taken = true;
        }
    }

    /// The words as they are written.
    pub(super) fn slice(&self, words: Range<usize>) -> &'a str {
        let from = self.words.span(words.start).start;
        let to = self.words.span(words.end.saturating_sub(1)).end;
        self.text.get(from..to).unwrap_or_default()
    }

    pub(super) fn note(&mut self, words: Range<usize>, meaning: impl Into<String>) {
        self.notes.push((words, meaning.into()));
    }

    pub(super) fn ask(&mut self, ask: Ask) {
        self.asks.push(ask);
    }

    /// An instant on the wall of who asks.
    pub(super) fn wall(&self, instant: i64) -> CivilSeconds {
        self.offsets.civil(instant)
    }

    /// An instant in plain words.
    pub(super) fn instant_text(&self, instant: i64) -> String {
        let civil = self.wall(instant);
        let minute = u16::try_from(civil::second_of_day(civil) / 60).unwrap_or(0);
        format!(
            "{}, {}",
            plain::day(civil::day_of(civil)),
            plain::minute(minute)
        )
    }

    /// Whether something stands at a word that is no name.
    pub(super) fn starts_something(&self, at: usize) -> bool {
        self.days(at).is_some()
            || self.clock(at, false).is_some()
            || self.part_of_day(at).is_some()
            || self.length(at).is_some()
            || REMARKS.longest_at(&self.words, at).is_some()
            || self.zone(at).is_some()
            || matches!(
                lead(&self.words, at),
                Some((
                    _,
                    Lead::With
                        | Lead::Without
                        | Lead::By
                        | Lead::Before
                        | Lead::After
                        | Lead::Between
                        | Lead::Not
                        | Lead::Optional
                ))
            )
    }

    /// Reads what stands at a word: where the words end that were understood.
    fn step(&mut self, at: usize) -> Option<usize> {
        if let Some(end) = self.go_on_leaving_out(at) {
            return Some(end);
        }
        if let Some(end) = self.say_verdict(at) {
            return Some(end);
        }
        // `1:1`: a meeting of two.
        if self.words.get(at) == "1"
            && self.words.gap_after(at) == ":"
            && self.words.get(at + 1) == "1"
        {
            return Some(at + 2);
        }
        let part = self.part_of_day(at);
        let led = lead(&self.words, at);
        // `after lunch`, `before lunch`: a part of the day that begins like a limit.
        if let Some((end, _, _)) = part
            && led.is_none_or(|(length, _)| end > at + length)
            && !matches!(led, Some((_, Lead::Not | Lead::Even | Lead::Prefer)))
        {
            return self.say_part(at, at);
        }
        // `après-demain`, `last week of March`: so do days.
        if let Some((length, Lead::After | Lead::Before | Lead::Past)) = led
            && let Some((end, read)) = self.days(at).filter(|(end, _)| *end > at + length)
        {
            return Some(self.say_read(at..end, read, DayFact::On));
        }
        if let Some((length, lead)) = led
            && let Some(end) = self.led(at, at + length, lead)
        {
            return Some(end);
        }
        self.plain(at, at, false)
    }

    /// What follows a word that says how to take it.
    fn led(&mut self, at: usize, from: usize, lead: Lead) -> Option<usize> {
        match lead {
            Lead::On => self.plain(at, from, false),
            Lead::At => self.plain(at, from, true),
            Lead::Around => self
                .say_around(at, from)
                .or_else(|| self.plain(at, from, false)),
            Lead::By => self.say_bound(at, from, Side::By),
            Lead::Before => self.say_bound(at, from, Side::Before),
            Lead::After => self.say_bound(at, from, Side::After),
            Lead::From => {
                let both = self.say_between(at, from, false);
                both.or_else(|| self.say_bound(at, from, Side::From))
            }
            Lead::Of => {
                let both = self.say_between(at, from, false);
                both.or_else(|| self.plain(at, from, false))
            }
            Lead::Between => self.say_between(at, from, true),
            Lead::Not => self.say_left_out(at, from),
            Lead::Without => self.say_absent(at, from),
            Lead::With => self.say_people(from, true),
            Lead::Optional => self.say_optional(at, from),
            Lead::Prefer => self.say_wish(at, from),
            Lead::Even => self.say_allowed(at, from),
            Lead::Topic => self.say_topic(at, from),
            Lead::Every => self.say_every(at, from),
            Lead::Past => {
                // `as discussed last week`
                let (end, _) = self.days(from)?;
                Some(end)
            }
        }
    }

    /// What stands there without a word before it, or with one that only says that it comes.
    /// `introduced`: whether an hour was announced.
    fn plain(&mut self, at: usize, from: usize, introduced: bool) -> Option<usize> {
        if let Some(end) = self.say_remark(at, from) {
            return Some(end);
        }
        if let Some(end) = self.say_soon(at, at, false) {
            return Some(end);
        }
        let from_days = skip_day_article(&self.words, from);
        // `tomorrow 2-4`, `8 to 10 tomorrow`: numbers are hours beside a day.
        let beside = introduced
            || self
                .facts
                .days
                .last()
                .is_some_and(|said| said.words.end == at);
        if let Some((end, stretch)) = self.hours(from, false, false).or_else(|| {
            let numbers = self.hours(from, true, false)?;
            (beside || self.days(numbers.0).is_some()).then_some(numbers)
        }) {
            return Some(self.say_stretch(at, end, stretch));
        }
        if !introduced && let Some(end) = self.say_length(from) {
            return Some(end);
        }
        // The lead belongs to some phrases: `in two weeks`, `in the afternoon`.
        for place in [at, from, from_days] {
            if let Some((end, read)) = self.days(place) {
                return Some(self.say_read(at..end, read, DayFact::On));
            }
        }
        if let Some(end) = self.say_part(at, from) {
            return Some(end);
        }
        if let Some((end, clock)) = self.clock(from, introduced) {
            self.say_time(at..end, TimeFact::At(clock));
            return Some(end);
        }
        if let Some((end, read)) = self.zone(from) {
            match read {
                zones::Read::Zone(zone) => self.facts.zones.push(Said {
                    words: at..end,
                    what: zone,
                }),
                zones::Read::Ask(ask) => self.ask(ask),
            }
            return Some(end);
        }
        if at == from {
            return self.say_known(at);
        }
        None
    }

    fn say_days(&mut self, words: Range<usize>, what: DayFact) {
        self.facts.days.push(Said { words, what });
    }

    pub(super) fn say_time(&mut self, words: Range<usize>, what: TimeFact) {
        self.facts.times.push(Said { words, what });
    }

    /// Keeps days, or asks about them.
    fn say_read(
        &mut self,
        words: Range<usize>,
        read: Read,
        fact: impl Fn(Days) -> DayFact,
    ) -> usize {
        let end = words.end;
        match read {
            Read::Days(days) => self.say_days(words, fact(days)),
            Read::Ask(ask) => self.ask(ask),
        }
        end
    }

    fn say_stretch(&mut self, at: usize, end: usize, stretch: Stretch) -> usize {
        match stretch {
            Stretch::Part(part) => self.say_time(at..end, TimeFact::Part(part)),
            Stretch::Ask(ask) => self.ask(ask),
        }
        end
    }

    fn say_part(&mut self, at: usize, from: usize) -> Option<usize> {
        // `lunch with Ana` is one at noon; `lunch break` is none.
        let (end, part, today) = self.part_of_day(from)?;
        if is_lunch(part) && matches!(self.words.get(end), "break" | "pause") {
            return None;
        }
        if today {
            self.say_days(at..end, DayFact::On(Days::Range(self.today, self.today)));
        }
        self.say_time(at..end, TimeFact::Part(part));
        Some(end)
    }

    fn say_around(&mut self, at: usize, from: usize) -> Option<usize> {
        let (end, clock) = self.clock(from, true)?;
        self.say_time(at..end, TimeFact::Around(clock));
        Some(end)
    }

    /// A limit: an hour, a day, both, an instant, or an event.
    fn say_bound(&mut self, at: usize, from: usize, side: Side) -> Option<usize> {
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
                return Some(match self.days(next) {
                    Some((end, read)) => self.say_read(at..end, read, |days| {
                        DayFact::Bound(side_of_end(side), days, None)
                    }),
                    None => {
                        let today = Days::Range(self.today, self.today);
                        self.say_days(at..end, DayFact::Bound(side_of_end(side), today, None));
                        end
                    }
                });
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
    fn say_between(&mut self, at: usize, from: usize, and: bool) -> Option<usize> {
        let place = skip_articles(&self.words, from);
        if let Some((end, stretch)) = self.hours(from, true, and) {
            return Some(self.say_stretch(at, end, stretch));
        }
        for place in [from, place] {
            if let Some((end, read)) = self.from_to(place, and) {
                return Some(self.say_read(at..end, read, DayFact::On));
            }
        }
        if and && let Some((end, _, Some(ask))) = self.length(from) {
            self.ask(ask);
            return Some(end);
        }
        None
    }

    /// What is left out: days, a part of the day, somebody, or the next hours.
    fn say_left_out(&mut self, at: usize, from: usize) -> Option<usize> {
        if let Some(end) = self.say_soon(at, from, true) {
            return Some(end);
        }
        let place = match lead(&self.words, from) {
            Some((length, Lead::On)) => from + length,
            _ => from,
        };
        for place in [from, place, skip_articles(&self.words, place)] {
            if let Some((end, part, today)) = self.part_of_day(place) {
                if today {
                    return None;
                }
                self.say_time(at..end, TimeFact::Not(part));
                self.left_out_until = Some(end);
                return Some(end);
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
                self.left_out_until = Some(end);
                return Some(self.say_read(at..end, read, DayFact::Not));
            }
        }
        self.say_absent(at, from)
    }

    /// `not Monday or in the evening`: what is joined to something left out is left out as well.
    fn go_on_leaving_out(&mut self, at: usize) -> Option<usize> {
        if self.left_out_until != Some(at) {
            return None;
        }
        let (length, Join::Or | Join::And) = JOINS.longest_at(&self.words, at)? else {
            return None;
        };
        // `not Friday and ideally …` says something new.
        if matches!(lead(&self.words, at + length), Some((_, lead)) if !matches!(lead, Lead::On | Lead::Not))
        {
            return None;
        }
        self.say_left_out(at, at + length)
    }

    /// What is said of what stands before: that it is welcome, or that it is not.
    fn say_verdict(&mut self, at: usize) -> Option<usize> {
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

    fn say_outside(&mut self, words: Range<usize>) {
        self.note(words.clone(), "outside of working hours will do, too");
        self.facts.outside.push(Said { words, what: true });
    }

    /// `even in the evening`: it is not only then, but then as well.
    fn say_allowed(&mut self, at: usize, from: usize) -> Option<usize> {
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
    fn say_optional(&mut self, at: usize, from: usize) -> Option<usize> {
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
    fn say_wish(&mut self, at: usize, from: usize) -> Option<usize> {
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
    fn say_topic(&mut self, at: usize, from: usize) -> Option<usize> {
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
        let end = (from + 1..).find(ends)?;
        if self.facts.topic.is_none() {
            self.facts.topic = Some(from..end);
            self.note(at..end, format!("about {}", self.slice(from..end)));
        }
        Some(end)
    }

    /// `every Monday`
    fn say_every(&mut self, at: usize, from: usize) -> Option<usize> {
        if let Some(end) = self.say_remark(at, at) {
            return Some(end);
        }
        let (end, Read::Days(days)) = self.days(from)? else {
            return None;
        };
        let (Days::Weekdays(mask) | Days::Every(mask)) = days else {
            return None;
        };
        self.say_recurrence(at..end, "RRULE:FREQ=WEEKLY");
        self.say_days(at..end, DayFact::On(Days::Every(mask)));
        Some(end)
    }

    fn say_recurrence(&mut self, words: Range<usize>, rule: &'static str) {
        let often = match rule {
            "RRULE:FREQ=DAILY" => "every day",
            "RRULE:FREQ=WEEKLY" => "every week",
            "RRULE:FREQ=MONTHLY" => "every month",
            _ => "every two weeks",
        };
        self.note(words.clone(), format!("it comes again {often}"));
        self.facts.recurrence.push(Said { words, what: rule });
    }

    /// What is neither a time nor a person.
    fn say_remark(&mut self, at: usize, from: usize) -> Option<usize> {
        let (place, (length, remark)) = [at, from].into_iter().find_map(|place| {
            REMARKS
                .longest_at(&self.words, place)
                .map(|found| (place, found))
        })?;
        let end = place + length;
        match remark {
            Remark::Kind(kind) => {
                let text = match kind {
                    super::interpretation::MeetingKind::InPerson => "in person",
                    super::interpretation::MeetingKind::Phone => "by phone",
                    super::interpretation::MeetingKind::Video => "by video",
                };
                self.note(at..end, text);
                self.facts.kinds.push(Said {
                    words: at..end,
                    what: kind,
                });
            }
            Remark::Repeats(rule) => self.say_recurrence(at..end, rule),
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

/// The end of a day as a limit belongs to the day.
fn side_of_end(side: Side) -> Side {
    if side == Side::Before { Side::By } else { side }
}

/// Whether days are no others than those of a weekend.
pub(super) fn is_weekend(days: Days) -> bool {
    match days {
        Days::Every(mask) | Days::Weekdays(mask) => mask & 0b001_1111 == 0,
        Days::Range(first, last) | Days::End(first, last) => {
            last - first < 2 && civil::weekday(first) > 4 && civil::weekday(last) > 4
        }
        Days::InWeek(_, mask) => mask & 0b001_1111 == 0,
        Days::Span(_, _) => false,
    }
}

/// The word behind the articles that can stand before a day.
fn skip_day_article(words: &Words<'_>, at: usize) -> usize {
    let skipped = matches!(
        words.get(at),
        "the"
            | "on"
            | "of"
            | "le"
            | "el"
            | "la"
            | "den"
            | "dem"
            | "der"
            | "am"
            | "les"
            | "los"
            | "this"
    );
    at + usize::from(skipped && words.get(at) != "this")
}
