//! Reads a text from its first word to its last, and keeps what it says.

use std::ops::Range;

use chrono_tz::Tz;

use crate::analysis::phrases::key;
use crate::analysis::words::Words;
use crate::calendar::civil::{self, CivilSeconds, Day};
use crate::calendar::hours::values::Weekday;
use crate::calendar::interval::Interval;
use crate::calendar::zone::Offsets;
use crate::dates::ends_clause;
use crate::time::Timestamp;

use super::days::Read;
use super::facts::{Ask, DayFact, Days, Facts, Said, Side, TimeFact, WORKING_DAYS};
use super::hours::Stretch;
use super::plain;
use super::vocabulary::{JOINS, Join, Lead, REMARKS, Remark, is_lunch, lead};
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
    /// People and events of whose names a word is in the text, by their places.
    pub(super) names: Vec<(usize, Vec<String>)>,
    pub(super) summaries: Vec<(usize, Vec<String>)>,
    pub(super) offsets: Offsets,
    /// Where a list of what is left out may go on.
    pub(super) left_out_until: Option<usize>,
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
        // `Ana's time` has the word `ana`, too.
        let owners = (0..words.len()).filter_map(|at| words.get(at).strip_suffix("'s"));
        let mut keys: Vec<u64> = (0..words.len())
            .map(|at| words.key(at))
            .chain(owners.map(key))
            .collect();
        keys.sort_unstable();
        let has = |word: &str| keys.binary_search(&key(word)).is_ok();
        let mut reader = Self {
            text,
            context,
            today: civil::day_of(offsets.civil(now)),
            facts: Facts::default(),
            asks: Vec::new(),
            notes: Vec::new(),
            taken: vec![false; words.len()],
            names: people::names(context.people, has),
            summaries: events::summaries(context.events, has),
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

    pub(super) fn take(&mut self, words: Range<usize>) {
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
        if let Some(end) = self.go_on_listing(at) {
            return Some(end);
        }
        if let Some(end) = self.say_offset(at) {
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
        // `vor Ort`
        if let Some((length, remark)) = REMARKS.longest_at(&self.words, at)
            && !matches!(remark, Remark::Fine | Remark::NotFine | Remark::Vague)
            && led.is_some_and(|(lead, _)| length > lead)
            && let Some(end) = self.say_remark(at, at)
        {
            return Some(end);
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
            // `not before 10 or after 4pm`
            if length > 1
                && matches!(lead, Lead::From | Lead::By)
                && matches!(
                    self.words.get(at),
                    "not" | "no" | "nicht" | "pas" | "never" | "nie"
                )
                && self.goes_on_with_limit(end)
            {
                self.left_out_until = Some(end);
            }
            return Some(end);
        }
        self.plain(at, at, false)
    }

    /// Whether a limit is joined to one that ends at a word.
    fn goes_on_with_limit(&self, end: usize) -> bool {
        let joined = JOINS
            .longest_at(&self.words, end)
            .filter(|(_, join)| *join == Join::Or)
            .and_then(|(length, _)| lead(&self.words, end + length));
        matches!(joined, Some((_, Lead::Before | Lead::After)))
    }

    /// What follows a word that says how to take it.
    fn led(&mut self, at: usize, from: usize, lead: Lead) -> Option<usize> {
        match lead {
            Lead::On => self.plain(at, from, false),
            Lead::At => self.plain(at, from, true),
            Lead::Around => self.say_around(at, from),
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
            // `No, tomorrow`, `Monday not, Tuesday ok`
            Lead::Not if self.words.gap_after(from - 1).contains(CLAUSE_ENDS) => None,
            Lead::Not => self.say_left_out(at, from),
            Lead::NotOnly => {
                let part = self.part_of_day(from).map(|(end, _, _)| end);
                let end = part.or_else(|| self.days(from).map(|(end, _)| end))?;
                self.note(at..end, "not only then: it leaves nothing out");
                Some(end)
            }
            Lead::Without => {
                let absent = self.say_absent(at, from);
                absent.or_else(|| self.leave_out(at, from))
            }
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
        if from > at {
            return None;
        }
        self.ask_for_hour(at).or_else(|| self.say_known(at))
    }

    /// `tomorrow 10`: a number alone behind a day.
    fn ask_for_hour(&mut self, at: usize) -> Option<usize> {
        let said = self.facts.days.last().filter(|said| said.words.end == at)?;
        let is_one = matches!(said.what, DayFact::On(Days::Weekdays(_)))
            || matches!(said.what, DayFact::On(Days::Range(first, last)) if first == last);
        let (end, clock) = self.clock(at, true).filter(|_| is_one)?;
        if !ends_clause(&self.words, end) {
            return None;
        }
        let ask = Ask::new(
            "hour",
            at..end,
            format!("Is {} the hour?", self.slice(at..end)),
        );
        let readings = [Some(clock.minute), clock.other]
            .into_iter()
            .flatten()
            .map(plain::minute);
        let ask = readings.fold(ask, |ask, time| {
            ask.or(format!("yes, {time}"), format!("at {time}"))
        });
        self.ask(ask.or("no: leave it out", ""));
        Some(end)
    }

    pub(super) fn say_days(&mut self, words: Range<usize>, what: DayFact) {
        self.facts.days.push(Said { words, what });
    }

    pub(super) fn say_time(&mut self, words: Range<usize>, what: TimeFact) {
        self.facts.times.push(Said { words, what });
    }

    /// Keeps days, or asks about them.
    pub(super) fn say_read(
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

    pub(super) fn say_stretch(&mut self, at: usize, end: usize, stretch: Stretch) -> usize {
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

    /// `around 3`, `around the 15th`, and with `about` what the meeting is about.
    fn say_around(&mut self, at: usize, from: usize) -> Option<usize> {
        if let Some((end, clock)) = self.clock(from, true) {
            self.say_time(at..end, TimeFact::Around(clock));
            return Some(end);
        }
        let place = skip_day_article(&self.words, from);
        let is_day = self
            .days(place)
            .is_some_and(|(end, _)| ends_clause(&self.words, end));
        if self.words.get(at) == "about" && !is_day && self.length(from).is_none() {
            return self.say_topic(at, from);
        }
        self.plain(at, from, false)
    }
}

/// What ends a clause.
pub(super) const CLAUSE_ENDS: [char; 6] = [',', '.', ';', '!', '?', '\n'];

/// Whether days are no others than those of a weekend.
pub(super) fn is_weekend(days: Days) -> bool {
    match days {
        Days::Every(mask) | Days::Weekdays(mask) | Days::InWeek(_, mask) => {
            mask & WORKING_DAYS == 0
        }
        Days::Range(first, last) | Days::End(first, last) => {
            last - first < 2 && civil::weekday(first) > 4 && civil::weekday(last) > 4
        }
        Days::Span(_, _) => false,
    }
}

/// The word behind the articles that can stand before a day.
pub(super) fn skip_day_article(words: &Words<'_>, at: usize) -> usize {
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
