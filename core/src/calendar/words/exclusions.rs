//! What is left out: hours, and the net under words of negation that nothing was made of.

use std::ops::Range;

use super::days::Read;
use super::facts::{Ask, Clock, DayFact, Days, Said, Side, TimeFact};
use super::hours::Stretch;
use super::people::MOST_CHOICES;
use super::plain;
use super::reader::{CLAUSE_ENDS, Reader};
use super::vocabulary::{Lead, Minutes, lead, skip_articles};

/// Words that turn what follows into its opposite, even with a word or two between.
#[rustfmt::skip] // a table: packed, not one word a line
const NEGATIONS: &[&str] = &[
    "not", "never", "except", "excepting", "excluding", "cannot", "can't", "don't", "doesn't", "won't",
    "isn't", "aren't", "wouldn't", "shouldn't", "couldn't", "unless", "avoid", "avoiding", "nicht", "nie",
    "niemals", "ausser", "ausgenommen", "jamais", "sauf", "excepte", "hormis", "nunca", "jamas", "excepto",
    "salvo", "tampoco", "no", "none", "nothing", "kein", "keine", "keinen", "keinem", "keiner", "keinesfalls",
    "keineswegs", "nichts", "pas", "rien", "aucun", "aucune", "nada", "ningun", "ninguna",
];

/// Words that do so only with what stands directly behind them: `without slides` leaves no day out.
#[rustfmt::skip] // a table: packed, not one word a line
const NO: &[&str] = &[
    "without", "nor", "neither", "minus", "ohne", "weder", "sans", "hors", "point", "sin", "ni", "menos",
];

impl Reader<'_> {
    /// `not between 12 and 14`, `not between Monday and Wednesday`: two ends of what is left out.
    pub(super) fn leave_out_between(&mut self, at: usize, from: usize) -> Option<usize> {
        let (place, both, and) = self.two_ends(from);
        if let Some((end, stretch)) = self.hours(place, both, and) {
            match stretch {
                Stretch::Part(part) => {
                    return Some(self.leave_out_time(at, from..end, TimeFact::NotBetween(part)));
                }
                Stretch::Ask(ask) => self.ask(ask),
            }
            return Some(end);
        }
        if !both {
            return None;
        }
        let ends = [place, skip_articles(&self.words, place)];
        let (end, read) = ends
            .into_iter()
            .find_map(|place| self.both_ends(place, and))?;
        self.left_out_until = Some(end);
        Some(self.say_read(at..end, read, DayFact::Not))
    }

    /// `not at 3pm`, `not 3pm`, `not 2-4`.
    pub(super) fn leave_out_clock(&mut self, at: usize, from: usize) -> Option<usize> {
        let (place, introduced) = match lead(&self.words, from) {
            Some((length, Lead::At)) => (from + length, true),
            Some((length, Lead::On)) => (from + length, false),
            Some(_) => return None,
            // `not at 3 or 4`
            None => {
                let last = self.facts.times.last();
                let goes_on = last.is_some_and(|said| {
                    said.words.end == at && matches!(said.what, TimeFact::NotAt(_))
                });
                (from, goes_on)
            }
        };
        if let Some((end, Stretch::Part(part))) = self.hours(place, true, false) {
            return Some(self.leave_out_time(at, from..end, TimeFact::NotBetween(part)));
        }
        let (end, clock) = self.clock(place, introduced)?;
        if clock.other.is_some() {
            self.ask_which_half(from..end, clock, "");
            return Some(end);
        }
        Some(self.leave_out_time(at, from..end, TimeFact::NotAt(clock.minute)))
    }

    /// Of an hour with two readings, which one is left out.
    pub(super) fn ask_which_half(&mut self, words: Range<usize>, clock: Clock, before: &str) {
        let ask = Ask::new("which_half", words, "In the morning, or in the evening?");
        let readings = [Some(clock.minute), clock.other].into_iter().flatten();
        let ask = readings.map(plain::minute).fold(ask, |ask, time| {
            let said = format!("{before}at {time}");
            ask.or(time, said)
        });
        self.ask(ask);
    }

    /// Leaves hours out, unless they belong to one day: `not at 3pm on Friday`. The words from `at` on
    /// say that they are left out, `hours` which.
    pub(super) fn leave_out_time(
        &mut self,
        at: usize,
        hours: Range<usize>,
        fact: TimeFact,
    ) -> usize {
        let behind = match lead(&self.words, hours.end) {
            Some((length, Lead::On)) => hours.end + length,
            _ => hours.end,
        };
        let goes_on = self.words.gap_after(hours.end - 1).trim().is_empty();
        let days = [hours.end, behind, skip_articles(&self.words, behind)];
        let days = days.into_iter().find_map(|place| {
            let (end, read) = self.days(place).filter(|_| goes_on)?;
            let several = matches!(&read, Read::Days(Days::Range(first, last) | Days::End(first, last)) if first < last)
                || matches!(read, Read::Days(Days::Every(_)));
            (!several).then_some(place..end)
        });
        let Some(days) = days else {
            self.say_time(at..hours.end, fact);
            self.left_out_until = Some(hours.end);
            return hours.end;
        };
        let (end, days, hours) = (days.end, self.slice(days), self.slice(hours));
        let text =
            "A request leaves out whole days, or the same hours of all days. What is left out?";
        let ask = Ask::new("left_out", at..end, text)
            .or(
                format!("{days} is wanted, but not {hours}"),
                format!("{days}, not {hours}"),
            )
            .or(format!("{hours} on all days"), format!("not {hours}"))
            .or(format!("all of {days}"), format!("not {days}"));
        self.ask(ask);
        end
    }

    /// Where two ends begin that may stand at a word, whether it says that they follow, and whether
    /// `and` joins them.
    pub(super) fn two_ends(&self, at: usize) -> (usize, bool, bool) {
        match lead(&self.words, at) {
            Some((length, Lead::Between)) => (at + length, true, true),
            Some((length, Lead::From | Lead::Of)) => (at + length, true, false),
            Some((length, Lead::At | Lead::On)) => (at + length, false, false),
            _ => (at, false, false),
        }
    }

    /// A word of negation that stands before a word, and that nothing was made of.
    fn negation_before(&self, start: usize) -> Option<usize> {
        for distance in 0..3 {
            let at = start.checked_sub(distance + 1)?;
            let gap = self.words.gap_after(at);
            let ends = gap.contains(CLAUSE_ENDS)
                || (matches!(gap.trim(), "-" | "–" | "—") && gap.trim() != gap);
            if ends || self.taken.get(at).copied().unwrap_or(true) {
                return None;
            }
            let word = self.words.get(at);
            // `any time tomorrow but 3pm`
            let of_all = || {
                (at.saturating_sub(4)..at).any(|place| {
                    matches!(
                        self.words.get(place),
                        "any" | "anytime" | "every" | "everything" | "all"
                    )
                })
            };
            // `any time after 10 but before 4`
            let limits = matches!(
                lead(&self.words, start),
                Some((_, Lead::Before | Lead::After | Lead::From | Lead::By))
            );
            if word == "but" && distance == 0 && !limits && of_all() {
                return Some(at);
            }
            if NEGATIONS.contains(&word) || (distance == 0 && NO.contains(&word)) {
                return Some(at);
            }
        }
        None
    }

    /// `mañana no`: a word of negation that ends a clause, and that nothing was made of.
    fn negation_behind(&self, end: usize) -> bool {
        let word = self.words.get(end);
        matches!(
            word,
            "no" | "not" | "non" | "nicht" | "pas" | "nope" | "nunca" | "jamais" | "never" | "nie"
        ) && !self.taken.get(end).copied().unwrap_or(true)
            && self
                .words
                .gap_after(end.saturating_sub(1))
                .trim()
                .is_empty()
            && (end + 1 >= self.words.len() || self.words.gap_after(end).contains(CLAUSE_ENDS))
    }

    /// All words of a statement and of the negation that stands before or behind it.
    fn negated(&self, words: &Range<usize>) -> Option<Range<usize>> {
        match self.negation_before(words.start) {
            Some(start) => Some(start..words.end),
            None => self
                .negation_behind(words.end)
                .then_some(words.start..words.end + 1),
        }
    }

    /// The net: what was understood as wanted behind a word of negation that was not understood is
    /// asked about, and never taken for its opposite.
    pub(super) fn ask_about_negated(&mut self) {
        let mut asked: Vec<(Range<usize>, Vec<String>)> = Vec::new();
        let mut keep = |words: &Range<usize>, without: Vec<String>| match asked
            .iter_mut()
            .find(|(known, _)| known == words)
        {
            Some((_, choices)) => choices.extend(without),
            None => asked.push((words.clone(), without)),
        };
        let negated = |words: &Range<usize>| self.negated(words).is_some();
        for said in self.facts.days.iter().filter(|said| negated(&said.words)) {
            keep(&said.words, self.without_days(said));
        }
        for said in self.facts.times.iter().filter(|said| negated(&said.words)) {
            keep(&said.words, without_time(said.what));
        }
        for said in self.facts.events.iter().filter(|said| negated(&said.words)) {
            let lead = lead(&self.words, said.words.start).map_or(0, |(length, _)| length);
            let name = self.slice(said.words.start + lead..said.words.end);
            let other = if said.what.side.is_start() {
                "before"
            } else {
                "after"
            };
            keep(&said.words, vec![format!("{other} {name}")]);
        }
        // What says that something is left out already is no matter of the net.
        asked.retain(|(_, choices)| !choices.is_empty());
        for (words, choices) in asked {
            let Some(whole) = self.negated(&words) else {
                continue;
            };
            self.facts.days.retain(|said| said.words != words);
            self.facts.times.retain(|said| said.words != words);
            self.facts.events.retain(|said| said.words != words);
            self.facts.recurrence.retain(|said| said.words != words);
            let wanted = self.slice(words.clone()).to_owned();
            let ask = Ask::new("left_out", whole.clone(), format!("Is {wanted} left out?"));
            let ask = choices
                .into_iter()
                .take(MOST_CHOICES)
                .fold(ask, |ask, words| match words.as_str() {
                    "" => ask.or("yes: leave it out", words),
                    _ => ask.or(format!("yes: {words}"), words),
                });
            self.ask(ask.or(format!("no, {wanted}"), wanted));
            self.take(whole);
        }
    }

    /// `yesterday at 3pm`: a day that is over, where no other day is wanted. Behind other words
    /// (`as discussed yesterday`) it is passed over.
    pub(super) fn ask_about_yesterday(&mut self) {
        if self
            .facts
            .days
            .iter()
            .any(|said| matches!(said.what, DayFact::On(_)))
        {
            return;
        }
        let is_over = |at: &usize| {
            let opens = *at == 0
                || self.words.gap_after(at - 1).contains(CLAUSE_ENDS)
                || self.taken.get(at - 1).copied().unwrap_or(false);
            let goes_on = self.words.gap_after(*at).trim().is_empty();
            // German has the word for `here`.
            let french = || {
                at + 1 == self.words.len()
                    || matches!(self.words.get(at + 1), "a" | "matin" | "soir")
            };
            !self.taken.get(*at).copied().unwrap_or(true)
                && opens
                && match self.words.get(*at) {
                    "yesterday" | "gestern" | "vorgestern" | "ayer" | "anteayer" => {
                        goes_on || at + 1 == self.words.len()
                    }
                    "hier" => french(),
                    _ => false,
                }
        };
        let Some(at) = (0..self.words.len()).find(is_over) else {
            return;
        };
        let text = "That day is over. Which day do you mean?";
        let ask = [self.today, self.today + 1]
            .into_iter()
            .fold(Ask::new("over", at..at + 1, text), |ask, day| {
                ask.or(plain::day(day), plain::iso(day))
            });
        self.ask(ask);
        self.take(at..at + 1);
    }

    /// Words that leave out what was said of days; none for what leaves days out.
    fn without_days(&self, said: &Said<DayFact>) -> Vec<String> {
        let days = match said.what {
            DayFact::Not(_) => return Vec::new(),
            DayFact::On(days) | DayFact::Bound(_, days, _) => days,
        };
        let names = match days {
            Days::Range(first, last) | Days::End(first, last) => {
                Some(plain::iso_stretch(first, last))
            }
            Days::InWeek(_, _) => Some(plain::list(days.each().map(plain::iso).collect(), "or")),
            Days::Weekdays(mask) => Some(plain::weekdays(mask)),
            Days::Every(mask) => {
                let numbers = (0..7_u32).filter(|number| mask >> number & 1 == 1);
                let names = numbers.map(|number| format!("{}s", plain::weekday(number)));
                Some(plain::list(names.collect(), "or"))
            }
            Days::Span(_, _) => None,
        };
        let words = match (said.what, names) {
            (DayFact::Bound(side, days, minute), names) => {
                let side = opposite(side);
                let names = match days.known() {
                    Some((first, last)) if side.is_start() == (side == Side::After) => {
                        Some(plain::iso(if side.is_start() { last } else { first }))
                    }
                    Some((first, last)) => {
                        Some(plain::iso(if side.is_start() { first } else { last }))
                    }
                    None => names,
                };
                let time = minute.map(plain::minute).unwrap_or_default();
                let words = names.map(|names| format!("{} {names} {time}", side.word()));
                words.map(|words| words.trim_end().to_owned())
            }
            (_, names) => {
                let said = || self.slice(said.words.clone()).to_owned();
                Some(format!("not {}", names.unwrap_or_else(said)))
            }
        };
        vec![words.unwrap_or_default()]
    }
}

/// Words that leave out what was said of times; none for what leaves times out.
fn without_time(fact: TimeFact) -> Vec<String> {
    let between = |(from, to): Minutes| {
        let (from, to) = (plain::minute(from), plain::minute(to));
        format!("not between {from} and {to}")
    };
    let both = |clock: Clock| [Some(clock.minute), clock.other].into_iter().flatten();
    match fact {
        TimeFact::Not(_) | TimeFact::NotBetween(_) | TimeFact::NotAt(_) => Vec::new(),
        TimeFact::Part(part) => vec![between(part)],
        TimeFact::At(clock) => both(clock)
            .map(|minute| format!("not at {}", plain::minute(minute)))
            .collect(),
        TimeFact::Around(clock) => both(clock)
            .map(|minute| between((minute.saturating_sub(30), (minute + 30).min(24 * 60))))
            .collect(),
        TimeFact::Bound(side, clock) => both(clock)
            .map(|minute| format!("{} {}", opposite(side).word(), plain::minute(minute)))
            .collect(),
    }
}

/// The limit that leaves what another one does not.
pub(super) fn opposite(side: Side) -> Side {
    match side {
        Side::From => Side::Before,
        Side::After => Side::By,
        Side::By => Side::After,
        Side::Before => Side::From,
    }
}
