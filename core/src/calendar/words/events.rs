//! Events in words: `before the board meeting`, `after my flight`.

use std::ops::Range;

use crate::analysis::words::fold;

use super::facts::{Ask, EventFact, Said, Side};
use super::people::MOST_CHOICES;
use super::reader::{NamedEvent, Reader};
use super::vocabulary::{JOINS, Join, is_article, skip_articles};

/// The most events that are looked at.
pub(super) const MOST_EVENTS: usize = 1_000;
/// The most words of a summary that are looked at.
const MOST_WORDS: usize = 12;

/// Words that join the words of a name.
const INNER: &[&str] = &[
    "to", "with", "in", "of", "the", "for", "and", "de", "du", "del", "la", "mit", "nach", "von",
    "zum", "a",
];

/// Words for any event: behind a name they add nothing.
const GENERIC: &[&str] = &[
    "meeting",
    "call",
    "session",
    "appointment",
    "event",
    "termin",
    "sitzung",
    "treffen",
    "besprechung",
    "reunion",
    "rendez",
    "cita",
];

/// Those events of whose summaries a word is in the text: their places, and the folded words.
pub(super) fn summaries(
    events: &[NamedEvent],
    has: impl Fn(&str) -> bool,
) -> Vec<(usize, Vec<String>)> {
    let words = |event: &NamedEvent| -> Vec<String> {
        let folded = fold(&event.summary);
        let parts = folded.split(|ch: char| !ch.is_alphanumeric());
        parts
            .filter(|part| !part.is_empty())
            .take(MOST_WORDS)
            .map(str::to_owned)
            .collect()
    };
    let named = events.iter().take(MOST_EVENTS).map(words).enumerate();
    named
        .filter(|(_, words)| words.iter().any(|word| has(word)))
        .collect()
}

impl Reader<'_> {
    /// The events whose summaries hold the words from `at` on: where the words end, and which.
    fn events_called(&self, at: usize) -> Option<(usize, Vec<usize>)> {
        let words = &self.words;
        let mut best: (usize, Vec<usize>) = (0, Vec::new());
        for (place, summary) in &self.summaries {
            let holds = |at: usize| summary.iter().any(|word| word == words.get(at));
            if !holds(at) || self.is_over(*place) {
                continue;
            }
            let mut end = at + 1;
            loop {
                let inner = usize::from(INNER.contains(&words.get(end)) && !holds(end));
                if !words
                    .gap_after(end - 1)
                    .trim_matches(['-', '/', ':'])
                    .trim()
                    .is_empty()
                    || !holds(end + inner)
                {
                    break;
                }
                end += inner + 1;
            }
            if end > best.0 {
                best = (end, Vec::new());
            }
            if end == best.0 {
                best.1.push(*place);
            }
        }
        let (end, found) = best;
        if found.is_empty() {
            return None;
        }
        Some((
            end + usize::from(GENERIC.contains(&words.get(end)) && words.gap_after(end - 1) == " "),
            found,
        ))
    }

    /// The events that the words from `from` on name, articles and `next` included.
    pub(super) fn named_events(&self, from: usize) -> Option<(usize, Vec<usize>)> {
        let place = skip_articles(&self.words, from);
        if let Some(found) = self
            .events_called(place)
            .or_else(|| self.events_called(from))
        {
            return Some(found);
        }
        if !matches!(
            self.words.get(place),
            "next"
                | "nachsten"
                | "nachster"
                | "nachste"
                | "prochain"
                | "prochaine"
                | "proximo"
                | "proxima"
        ) {
            return None;
        }
        let (end, candidates) = self.events_called(place + 1)?;
        let start = |place: &usize| {
            self.context
                .events
                .get(*place)
                .map(|event| event.interval.start)
        };
        let first = candidates.into_iter().min_by_key(start)?;
        Some((end, vec![first]))
    }

    /// The events behind `between`: after the first of them and before the second.
    pub(super) fn say_between_events(&mut self, at: usize, from: usize) -> Option<usize> {
        let (middle, first) = self.named_events(from)?;
        let (length, Join::And) = JOINS.longest_at(&self.words, middle)? else {
            return None;
        };
        let (end, second) = self.named_events(middle + length)?;
        for (words, side, candidates) in [
            (at..middle, Side::After, first),
            (middle..end, Side::Before, second),
        ] {
            self.facts.events.push(Said {
                words,
                what: EventFact { side, candidates },
            });
        }
        Some(end)
    }

    fn is_over(&self, place: usize) -> bool {
        let now = self.context.now.milliseconds();
        self.context
            .events
            .get(place)
            .is_none_or(|event| event.interval.end <= now)
    }

    /// An event behind a limit. `at` is where the limit starts, `from` what follows it.
    pub(super) fn say_event(&mut self, at: usize, from: usize, side: Side) -> Option<usize> {
        let place = skip_articles(&self.words, from);
        if let Some((end, candidates)) = self.named_events(from) {
            self.facts.events.push(Said {
                words: at..end,
                what: EventFact { side, candidates },
            });
            return Some(end);
        }
        let named =
            place > from || is_article(self.words.before(from)) || self.words.is_capital(place);
        if !named || self.words.get(place).is_empty() || self.starts_something(place) {
            return None;
        }
        let end = self.end_of_name(place);
        let name = self.slice(from..end);
        let text = format!("No event is known by the name of {name}. When is it?");
        let mut ask = Ask::new("unknown_event", at..end, text);
        let mut upcoming: Vec<&NamedEvent> = (0..self.context.events.len().min(MOST_EVENTS))
            .filter(|place| !self.is_over(*place))
            .filter_map(|place| self.context.events.get(place))
            .collect();
        upcoming.sort_by_key(|event| event.interval.start);
        for event in upcoming.into_iter().take(MOST_CHOICES - 1) {
            ask = ask.or(self.event_text(event), event_words(event, side));
        }
        self.ask(ask.or("no event: leave it out", ""));
        Some(end)
    }

    /// Where a name ends that nothing is known of.
    fn end_of_name(&self, place: usize) -> usize {
        let ends = |end: &usize| {
            *end >= self.words.len()
                || *end >= place + 4
                || !self
                    .words
                    .gap_after(end - 1)
                    .trim_matches('-')
                    .trim()
                    .is_empty()
                || matches!(
                    self.words.get(*end),
                    "and" | "or" | "und" | "oder" | "et" | "ou" | "y" | "o" | "with" | "but" | "if"
                )
                || self.starts_something(*end)
        };
        (place + 1..place + 5)
            .find(ends)
            .unwrap_or(place + 1)
            .min(self.words.len())
    }

    /// An event in plain words.
    pub(super) fn event_text(&self, event: &NamedEvent) -> String {
        format!(
            "{}, {}",
            event.summary,
            self.instant_text(event.interval.start)
        )
    }

    /// An instant of RFC 3339 (as answers to questions have it): where its words end.
    pub(super) fn instant(&self, at: usize) -> Option<(usize, i64)> {
        if self.words.get(at).len() != 4 {
            return None;
        }
        let start = self.words.span(at).start;
        let rest = self.text.get(start..)?;
        let token = rest
            .split(char::is_whitespace)
            .next()?
            .trim_end_matches([',', ';', '.', '?', '!', ')']);
        let instant = crate::time::Timestamp::parse(token)?;
        let end = start + token.len();
        let after = (at..self.words.len()).find(|place| self.words.span(*place).start >= end);
        Some((after.unwrap_or(self.words.len()), instant.milliseconds()))
    }

    /// Words of a limit that leaves an event's name out.
    pub(super) fn candidates(
        &self,
        fact: &EventFact,
        leaves_time: impl Fn(&NamedEvent) -> bool,
    ) -> Vec<usize> {
        let fits = |place: &usize| self.context.events.get(*place).is_some_and(&leaves_time);
        fact.candidates
            .iter()
            .copied()
            .filter(|place| fits(place))
            .collect()
    }

    /// The question which of several events is meant.
    pub(super) fn which_event(
        &self,
        fact: &EventFact,
        candidates: &[usize],
        words: Range<usize>,
    ) -> Ask {
        let text = format!("Which one is {}?", self.slice(words.clone()));
        let mut ask = Ask::new("which_event", words, text);
        let mut events: Vec<&NamedEvent> = candidates
            .iter()
            .filter_map(|place| self.context.events.get(*place))
            .collect();
        events.sort_by_key(|event| event.interval.start);
        for event in events.into_iter().take(MOST_CHOICES) {
            ask = ask.or(self.event_text(event), event_words(event, fact.side));
        }
        ask
    }
}

/// The limit that an event is, in words that can't be misread.
fn event_words(event: &NamedEvent, side: Side) -> String {
    let instant = if side.is_start() {
        event.interval.end
    } else {
        event.interval.start
    };
    format!(
        "{} {}",
        side.word(),
        crate::time::Timestamp::from_milliseconds(instant)
    )
}
