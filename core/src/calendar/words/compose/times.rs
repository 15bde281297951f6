//! The times of the day that a text leaves.

use std::ops::Range;

use super::DAY;
use crate::calendar::words::facts::{Ask, Clock, DayFact, Days, Said, Side, TimeFact};
use crate::calendar::words::plain;
use crate::calendar::words::reader::Reader;
use crate::calendar::words::vocabulary::{DAWN, EVENINGS, JOINS, Minutes};

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

/// How a time on the clock was meant.
#[derive(Debug, Clone, Copy)]
enum Lead {
    At,
    Around,
    Limit(Side),
}

impl Lead {
    fn word(self) -> &'static str {
        match self {
            Self::At => "at",
            Self::Around => "around",
            Self::Limit(side) => side.word(),
        }
    }

    /// What a time leaves of the day for a meeting of some minutes, in plain words and as minutes.
    fn span(self, minute: u16, length: u16) -> (String, Minutes) {
        let said = format!("{} {}", self.word(), plain::minute(minute));
        match self {
            Self::At => (said, (minute, minute.saturating_add(length).min(DAY))),
            Self::Limit(side) => (said, part_of(side, minute)),
            Self::Around => {
                let (from, to) = (
                    minute.saturating_sub(30),
                    minute.saturating_add(30).min(DAY),
                );
                let said = format!(
                    "starting between {} and {}",
                    plain::minute(from),
                    plain::minute(to)
                );
                (said, (from, to.saturating_add(length).min(DAY)))
            }
        }
    }
}

impl TimeFact {
    /// The time that is meant, and how; or what can't be decided. Of two readings the one is meant
    /// that goes with a part of the day that was named.
    fn read(self, parts: &[Minutes]) -> Result<(Lead, u16), (Lead, Clock)> {
        let (lead, clock) = match self {
            Self::At(clock) => (Lead::At, clock),
            Self::Around(clock) => (Lead::Around, clock),
            Self::Bound(side, clock) => (Lead::Limit(side), clock),
            Self::Part((minute, _))
            | Self::Not((minute, _))
            | Self::NotBetween((minute, _))
            | Self::NotAt(minute) => (Lead::At, Clock::exact(minute)),
        };
        let Some(other) = clock.other else {
            return Ok((lead, clock.minute));
        };
        let fits = |minute: u16| match lead {
            Lead::Limit(side) => {
                let left = within(parts, part_of(side, minute));
                !left.is_empty() && left != parts
            }
            _ => parts
                .iter()
                .any(|(from, to)| (*from..*to).contains(&minute)),
        };
        match (fits(clock.minute), fits(other)) {
            (true, false) => Ok((lead, clock.minute)),
            (false, true) => Ok((lead, other)),
            _ => Err((lead, clock)),
        }
    }
}

impl Reader<'_> {
    /// The times of the day that are left; none where all of it is.
    pub(super) fn times(&mut self, duration_minutes: u32) -> Option<Vec<Minutes>> {
        let facts = std::mem::take(&mut self.facts.times);
        let last = facts.last()?.words.clone();
        let length = u16::try_from(duration_minutes).unwrap_or(DAY);
        let part = |said: &Said<TimeFact>| match said.what {
            TimeFact::Part(part) => Some(part),
            _ => None,
        };
        let parts: Vec<Minutes> = facts.iter().filter_map(part).collect();
        let mut starts: Vec<(u16, Minutes)> = Vec::new();
        let mut limits: Vec<Minutes> = Vec::new();
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
                    let from = if from == DAWN { 0 } else { from };
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
                TimeFact::NotBetween((from, to)) => {
                    not.push((from, to));
                    let (from, to) = (plain::minute(from), plain::minute(to));
                    self.note(words, format!("not between {from} and {to}"));
                }
                TimeFact::NotAt(minute) => {
                    let minute = minute % DAY;
                    not.push((minute, minute.saturating_add(length).min(DAY)));
                    self.note(words, format!("not at {}", plain::minute(minute)));
                }
                TimeFact::At(_) | TimeFact::Around(_) | TimeFact::Bound(_, _) => {
                    match said.what.read(&parts) {
                        Ok((side, minute)) => {
                            let (meaning, span) = side.span(minute, length);
                            self.note(words, meaning);
                            if matches!(side, Lead::Limit(_)) {
                                limits.push(span);
                            } else {
                                starts.push((minute, span));
                            }
                        }
                        Err((lead, clock)) => self.which_half_of(words, clock, lead),
                    }
                }
            }
        }
        self.facts.times = facts;
        // A time within a part of the day says it more exactly.
        let unsaid = |(from, to): &Minutes| {
            !starts
                .iter()
                .any(|(minute, _)| (*from..*to).contains(minute))
        };
        let mut allowed: Vec<Minutes> = parts.into_iter().filter(unsaid).collect();
        allowed.extend(starts.iter().map(|(_, span)| *span));
        if allowed.is_empty() {
            allowed.push((0, DAY));
        }
        for limit in limits {
            allowed = within(&allowed, limit);
        }
        for part in not {
            allowed = without(&allowed, part);
        }
        let allowed = merged(allowed);
        if allowed.as_slice() == [(0, DAY)] {
            return None;
        }
        if allowed
            .iter()
            .any(|(from, to)| u32::from(to - from) >= duration_minutes)
        {
            return Some(allowed);
        }
        if self.asks.is_empty() {
            let text = format!(
                "There is no time of the day for {} then.",
                plain::length(duration_minutes)
            );
            self.ask(Ask::new("contradiction", last, text).or("leave it out", ""));
        }
        None
    }

    fn which_half_of(&mut self, words: Range<usize>, clock: Clock, lead: Lead) {
        let readings = [Some(clock.minute), clock.other];
        let ask = readings.into_iter().flatten().fold(
            Ask::new("which_half", words, "In the morning, or in the evening?"),
            |ask, minute| {
                ask.or(
                    plain::minute(minute),
                    format!("{} {}", lead.word(), plain::minute(minute)),
                )
            },
        );
        self.ask(ask);
    }

    /// `Tuesday afternoon or Wednesday morning`: a request has the same hours on all of its days.
    pub(super) fn ask_for_mixed_hours(&mut self) {
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
            TimeFact::Not(_) | TimeFact::NotBetween(_) | TimeFact::NotAt(_) => None,
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
}
