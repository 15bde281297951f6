//! Times of the day in words.
//!
//! What an hour without `am` or `pm` means is mail's rule: from nine to noon the morning's, from one
//! to five the afternoon's. From six to eight it can be both, and whoever said it is asked, unless
//! the rest of the text leaves one of the two.

use std::ops::Range;

use crate::dates::clock::{clock_time, office_hour};
use crate::dates::numbers::is_ordinal;
use crate::dates::vocabulary::{PARTS, Part, digits, is_month, number};
use chrono::Timelike;

use super::facts::{Ask, Clock};
use super::plain;
use super::reader::Reader;
use super::vocabulary::{EVENINGS, HALVES, JOINS, Join, LATE_AFTERNOON, Minutes, PARTS_OF_DAY};

/// The minutes of half a day.
const HALF: u16 = 12 * 60;

/// A stretch of the day, or the choice between two.
#[derive(Debug, Clone)]
pub(super) enum Stretch {
    Part(Minutes),
    Ask(Ask),
}

impl Clock {
    pub(super) fn exact(minute: u16) -> Self {
        Self {
            minute,
            other: None,
        }
    }

    /// What a number without `am` or `pm` says.
    fn bare(hour: u16, minute: u16) -> Option<Self> {
        match (hour, office_hour(u32::from(hour))) {
            (24, _) if minute == 0 => Some(Self::exact(2 * HALF)),
            (6..=8, _) => Some(Self {
                minute: hour * 60 + minute,
                other: Some(hour * 60 + minute + HALF),
            }),
            (_, Some(hour)) => Some(Self::exact(u16::try_from(hour).ok()? * 60 + minute)),
            _ => None,
        }
    }
}

/// The numbers of an hour: where they end, the hour and the minute.
type Numbers = (usize, u16, u16);

impl Reader<'_> {
    /// A part of the day: where its words end, its minutes, and whether it is today's.
    pub(super) fn part_of_day(&self, at: usize) -> Option<(usize, Minutes, bool)> {
        let own = PARTS_OF_DAY.longest_at(&self.words, at);
        let mail = PARTS
            .longest_at(&self.words, at)
            .and_then(|(length, part)| {
                let minutes = match part {
                    Part::Morning => (6 * 60, HALF),
                    Part::Afternoon => (HALF, EVENINGS.0),
                    Part::EndOfDay => LATE_AFTERNOON,
                    Part::Evening if self.words.get(at + length - 1) != "midnight" => EVENINGS,
                    _ => return None,
                };
                let today = matches!(
                    self.words.get(at),
                    "this" | "tonight" | "heute" | "ce" | "cet" | "cette" | "esta" | "este"
                );
                Some((length, minutes, today))
            });
        match (own, mail) {
            (Some((length, _)), Some(mail)) if mail.0 > length => {
                Some((at + mail.0, mail.1, mail.2))
            }
            (Some((length, minutes)), _) => Some((at + length, minutes, false)),
            (None, mail) => mail.map(|(length, minutes, today)| (at + length, minutes, today)),
        }
    }

    /// A time on the clock: where its words end, and which. A number alone is one only where it was
    /// said that an hour follows.
    pub(super) fn clock(&self, at: usize, introduced: bool) -> Option<(usize, Clock)> {
        let words = &self.words;
        if let Some((length, Part::Noon)) = PARTS.longest_at(words, at) {
            return Some((at + length, Clock::exact(HALF)));
        }
        if matches!(
            words.get(at),
            "midnight" | "mitternacht" | "minuit" | "medianoche"
        ) {
            return Some((at + 1, Clock::exact(2 * HALF)));
        }
        if let Some(found) = self.half_hour(at) {
            return Some(found);
        }
        if let Some((length, time)) = clock_time(words, at) {
            // `2h` is a length, and only behind `at` an hour.
            let french = words.get(at + 1).starts_with('h');
            if french && !introduced && digits(words.get(at), 2).is_some_and(|hour| hour <= 8) {
                return None;
            }
            let time = time?;
            let minute = u16::try_from(time.hour() * 60 + time.minute()).ok()?;
            let german = words.get(at + length - 1) == "uhr";
            let end = at + length;
            // `3 Uhr nachmittags`
            if german && let Some((more, before_noon)) = HALVES.longest_at(words, end) {
                let minute = if !before_noon && minute < HALF {
                    minute + HALF
                } else {
                    minute
                };
                return Some((end + more, Clock::exact(minute)));
            }
            // `15 Uhr 30`
            if german
                && let Some(more) =
                    digits(words.get(end), 2).filter(|more| *more < 60 && words.get(end).len() == 2)
                && !self.is_counted(end + 1)
            {
                return Some((end + 1, Clock::exact(minute + u16::try_from(more).ok()?)));
            }
            return Some((end, Clock::exact(minute)));
        }
        let (end, hour, minute) = self.bare_hour(at)?;
        if let Some((length, before_noon)) = HALVES.longest_at(words, end)
            && hour <= 12
        {
            let hour = hour % 12 + if before_noon { 0 } else { 12 };
            return Some((end + length, Clock::exact(hour * 60 + minute)));
        }
        if introduced || words.gap_after(at) == ":" {
            return Some((end, Clock::bare(hour, minute)?));
        }
        None
    }

    /// `half past two`, `halb drei`.
    fn half_hour(&self, at: usize) -> Option<(usize, Clock)> {
        let words = &self.words;
        let hour = |at: usize| {
            number(words.get(at))
                .and_then(|hour| u16::try_from(hour).ok())
                .filter(|hour| (1..=12).contains(hour))
        };
        match (words.get(at), words.get(at + 1)) {
            ("half", "past") => Some((at + 3, Clock::bare(hour(at + 2)?, 30)?)),
            ("quarter", "past") => Some((at + 3, Clock::bare(hour(at + 2)?, 15)?)),
            ("halb", _) => {
                let hour = hour(at + 1)?;
                let found = Clock::bare(if hour == 1 { 12 } else { hour - 1 }, 30)?;
                Some((at + 2, found))
            }
            _ => None,
        }
    }

    /// The numbers of an hour without anything that says so.
    fn bare_hour(&self, at: usize) -> Option<Numbers> {
        let words = &self.words;
        let word = words.get(at);
        let hour = match digits(word, 2) {
            Some(hour) => hour,
            // `at a …` is no hour.
            None if matches!(
                word,
                "a" | "an" | "un" | "une" | "ein" | "eine" | "einer" | "einem" | ""
            ) =>
            {
                return None;
            }
            None => number(word).filter(|hour| (1..=12).contains(hour))?,
        };
        let hour = u16::try_from(hour).ok().filter(|hour| *hour <= 24)?;
        let mut end = at + 1;
        let mut minute = 0;
        if words.gap_after(at) == ":" && words.get(end).len() != 2 {
            return None;
        }
        if matches!(words.gap_after(at), ":" | ".")
            && words.get(end).len() == 2
            && let Some(value) = digits(words.get(end), 2).filter(|value| *value < 60)
        {
            minute = u16::try_from(value).ok()?;
            end += 1;
        }
        // `ten thirty`
        if digits(word, 2).is_none()
            && let Some(value) = number(words.get(end)).filter(|value| (10..60).contains(value))
            && digits(words.get(end), 2).is_none()
            && !self.is_counted(end + 1)
        {
            minute = u16::try_from(value).ok()?;
            end += 1;
        }
        if words.get(end) == "en" && words.get(end + 1) == "punto" {
            end += 2;
        }
        end += usize::from(matches!(words.get(end), "sharp" | "o'clock"));
        let gap = words.gap_after(end - 1);
        let is_date = is_ordinal(words, end)
            || is_month(words.get(end))
            || (matches!(words.get(end), "of" | "de") && is_month(words.get(end + 1)))
            || gap.starts_with(['/', '%', '€', '$'])
            || (minute == 0 && gap.starts_with(". ") && is_month(words.get(end)));
        let is_count = self.is_counted(end) && HALVES.longest_at(words, end).is_none();
        (!is_date && !is_count).then_some((end, hour, minute))
    }

    /// Two times with what joins them. `and` does so only where it was said that two ends follow, and
    /// two numbers are times only where that was said, too.
    pub(super) fn hours(&self, at: usize, led: bool, and: bool) -> Option<(usize, Stretch)> {
        let words = &self.words;
        // What leaves no doubt: `2pm`, `14h`, `noon`. A number with minutes is no more than a number.
        let exact = |at: usize| {
            let noon = matches!(PARTS.longest_at(words, at), Some((_, Part::Noon)));
            let half = || {
                self.bare_hour(at)
                    .is_some_and(|(end, _, _)| HALVES.longest_at(words, end).is_some())
            };
            if noon || clock_time(words, at).is_some() || half() {
                self.clock(at, true)
            } else {
                None
            }
        };
        let explicit = exact(at);
        let numbers = self.bare_hour(at);
        let (end, first_minute) = match (explicit, numbers) {
            (Some((end, clock)), _) => (end, Some(clock)),
            (None, Some((end, _, _))) => (end, None),
            (None, None) => return None,
        };
        let next = match JOINS.longest_at(words, end) {
            Some((length, Join::To)) => end + length,
            Some((length, Join::And)) if and => end + length,
            _ if matches!(words.gap_after(end - 1).trim(), "-" | "–" | "—") => end,
            _ => return None,
        };
        let next = next + usize::from(matches!(words.get(next), "las" | "la" | "um"));
        let second = exact(next);
        let led = led || words.gap_after(at) == ":" || words.gap_after(next) == ":";
        let later = |from: u16, hour: u16, minute: u16| {
            let early = hour * 60 + minute;
            [early, early + HALF]
                .into_iter()
                .find(|end| *end > from && *end <= 2 * HALF)
        };
        let (end, part) = match (first_minute, second, numbers, self.bare_hour(next)) {
            (Some(first), Some((end, second)), _, _) => (end, (first.minute, second.minute)),
            (None, Some((end, second)), Some((_, hour, minute)), _) => {
                // `2-4 pm`: the mark holds for both.
                let early = hour * 60 + minute;
                let of_twelve = matches!(words.get(end - 1), "pm" | "am" | "m")
                    || HALVES.longest_at(words, next + 1).is_some();
                let readings = if of_twelve && hour <= 12 {
                    [early % HALF + HALF, early % HALF]
                } else {
                    [early, early]
                };
                (
                    end,
                    (
                        readings
                            .into_iter()
                            .find(|first| *first < second.minute)
                            .or(led.then_some(early))?,
                        second.minute,
                    ),
                )
            }
            (Some(first), None, _, Some((end, hour, minute))) => {
                (end, (first.minute, later(first.minute, hour, minute)?))
            }
            (None, None, Some((_, hour, minute)), Some((end, last_hour, last_minute))) if led => {
                let first = Clock::bare(hour, minute)?;
                let early = (first.minute, later(first.minute, last_hour, last_minute)?);
                if let Some(evening) = first.other.filter(|_| last_hour > 5 && last_hour <= 12)
                    && let Some(late) = later(evening, last_hour, last_minute)
                {
                    return Some((
                        end,
                        Stretch::Ask(self.which_half(at..end, early, (evening, late))),
                    ));
                }
                (end, early)
            }
            _ => return None,
        };
        if part.0 > part.1 {
            return Some((end, Stretch::Ask(self.ends_too_soon(at..end, part))));
        }
        (part.0 < part.1).then_some((end, Stretch::Part(part)))
    }

    /// `between 5pm and 3pm`
    fn ends_too_soon(&self, words: Range<usize>, (from, to): Minutes) -> Ask {
        let (from_text, to_text) = (plain::minute(from), plain::minute(to));
        let text = format!("From {from_text} to {to_text} is no time of one day. When is it?");
        let join = self.join_of(words.start);
        Ask::new("contradiction", words, text)
            .or(
                format!("{to_text} to {from_text}"),
                format!("{to_text} {join} {from_text}"),
            )
            .or(
                format!("{from_text} to midnight"),
                format!("{from_text} {join} 24:00"),
            )
    }

    /// `and` stays what joins two ends behind `between`.
    fn join_of(&self, start: usize) -> &'static str {
        let between = self.words.before(start);
        if matches!(between, "between" | "zwischen" | "entre") {
            "and"
        } else {
            "to"
        }
    }

    fn which_half(&self, words: Range<usize>, early: Minutes, late: Minutes) -> Ask {
        let name =
            |(from, to): Minutes| format!("{} to {}", plain::minute(from), plain::minute(to));
        let said = |(from, to): Minutes| {
            let join = self.join_of(words.start);
            format!("{} {join} {}", plain::minute(from), plain::minute(to))
        };
        Ask::new(
            "which_half",
            words.clone(),
            "In the morning, or in the evening?",
        )
        .or(name(early), said(early))
        .or(name(late), said(late))
    }
}
