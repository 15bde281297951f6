//! Lengths in words: of the meeting, of the free time around it, and of the notice before it.

use crate::calendar::slots::constraints::{MAX_BUFFER_MINUTES, MAX_NOTICE_MINUTES};
use crate::dates::ends_clause;
use crate::dates::vocabulary::{digits, number};

use super::facts::{Ask, Said, Side};
use super::plain;
use super::reader::Reader;
use super::vocabulary::{DAY, JOINS, Join, LENGTHS, REMARKS, Remark, STRETCHES, Stretch, UNITS};

/// The longest meeting that words can ask for, in minutes.
const LONGEST: u32 = 24 * 60;

/// A length: where its words end, its minutes, and what is to be asked about it.
type Length = (usize, u32, Option<Ask>);

impl Reader<'_> {
    /// A number of units, in hundredths: `1`, `1.5`, `1½`, `one and a half`, `an`.
    fn amount(&self, at: usize) -> Option<(usize, u32)> {
        const FRACTIONS: [(char, u32); 3] = [('½', 50), ('¼', 25), ('¾', 75)];
        let words = &self.words;
        let word = words.get(at);
        let fraction = word
            .chars()
            .last()
            .and_then(|last| FRACTIONS.iter().find(|(sign, _)| *sign == last));
        if let Some((sign, hundredths)) = fraction {
            let whole = word.strip_suffix(*sign).unwrap_or_default();
            let whole = if whole.is_empty() {
                0
            } else {
                digits(whole, 3)?
            };
            return Some((at + 1, whole * 100 + hundredths));
        }
        let whole = number(word)?;
        if whole > 9_999 {
            return None;
        }
        if matches!(words.gap_after(at), "." | ",")
            && let Some(decimals) = digits(words.get(at + 1), 2)
        {
            let scale = if words.get(at + 1).len() == 1 { 10 } else { 1 };
            return Some((at + 2, whole * 100 + decimals * scale));
        }
        if (words.get(at + 1), words.get(at + 2), words.get(at + 3)) == ("and", "a", "half") {
            return Some((at + 4, whole * 100 + 50));
        }
        // `forty-five`
        if whole >= 20
            && whole % 10 == 0
            && let Some(ones) = number(words.get(at + 1)).filter(|ones| (1..10).contains(ones))
            && digits(words.get(at + 1), 1).is_none()
            && !matches!(
                words.get(at + 1),
                "a" | "an" | "un" | "une" | "una" | "ein" | "eine"
            )
        {
            return Some((at + 2, (whole + ones) * 100));
        }
        Some((at + 1, whole * 100))
    }

    /// A number of minutes, hours or days, in minutes.
    pub(super) fn counted_minutes(&self, at: usize) -> Option<(usize, u32)> {
        let (end, hundredths) = self.amount(at)?;
        let (length, unit) = UNITS.longest_at(&self.words, end)?;
        let minutes = hundredths.checked_mul(unit)? / 100;
        Some((end + length, minutes))
    }

    /// A length of minutes and hours: where its words end, and how many minutes.
    pub(super) fn length(&self, at: usize) -> Option<Length> {
        let words = &self.words;
        let bounded = |(end, minutes): (usize, u32)| {
            (1..=LONGEST)
                .contains(&minutes)
                .then_some((end, minutes, None))
        };
        if let Some((length, minutes)) = LENGTHS.longest_at(words, at) {
            return bounded((at + length, minutes));
        }
        if let Some(range) = self.two_lengths(at) {
            return Some(range);
        }
        // `1:30 hours`
        if words.gap_after(at) == ":"
            && let Some(hours) = digits(words.get(at), 2)
            && let Some(minutes) = digits(words.get(at + 1), 2)
            && let Some((length, 60)) = UNITS.longest_at(words, at + 2)
        {
            return bounded((at + 2 + length, hours * 60 + minutes));
        }
        let (end, hundredths) = self.amount(at)?;
        // `1h30` is `1` and `h30`.
        let french = words
            .get(end)
            .strip_prefix('h')
            .and_then(|minutes| digits(minutes, 2));
        let (mut end, unit, more) = match (french, UNITS.longest_at(words, end)) {
            (None, Some(_)) if self.zone(end).is_some() => return None,
            (Some(minutes), _) => (end + 1, 60, minutes),
            (None, Some((length, unit))) if unit < DAY => (end + length, unit, 0),
            _ => return None,
        };
        let is_short = words.get(end - 1).starts_with('h')
            && words.get(end - 1).len() <= 3
            && words.get(end - 1) != "hr";
        let hours = hundredths / 100;
        if is_short && hours > 8 {
            return None; // an hour on the clock
        }
        let mut minutes = hundredths * unit / 100 + more;
        if is_short && hours > 4 {
            let clock = plain::minute(u16::try_from(minutes).unwrap_or(0));
            let text = "Is that how long it is, or when it is?";
            let which = Ask::new("length_or_hour", at..end, text)
                .or(plain::length(minutes), format!("{minutes} minutes"))
                .or(format!("at {clock}"), format!("at {clock}"));
            return Some((end, minutes, Some(which)));
        }
        if unit == 60 && more == 0 {
            let half = matches!(
                (words.get(end), words.get(end + 1), words.get(end + 2)),
                ("and", "a", "half") | ("und", "eine", "halbe")
            );
            if half {
                (end, minutes) = (end + 3, minutes + 30);
            } else if matches!(
                (words.get(end), words.get(end + 1)),
                ("et", "demie") | ("y", "media")
            ) {
                (end, minutes) = (end + 2, minutes + 30);
            } else if matches!(
                (words.get(end), words.get(end + 1)),
                ("et", "quart") | ("y", "cuarto")
            ) {
                (end, minutes) = (end + 2, minutes + 15);
            } else {
                let place = end + usize::from(matches!(words.get(end), "and" | "und" | "et" | "y"));
                let minute = self
                    .amount(place)
                    .filter(|_| !words.gap_after(end - 1).contains(','));
                let unit = minute.and_then(|(after, _)| UNITS.longest_at(words, after));
                if let (Some((after, value)), Some((length, 1))) = (minute, unit) {
                    (end, minutes) = (after + length, minutes + value / 100);
                } else if (is_short || matches!(words.get(end - 1), "heure" | "heures"))
                    && place == end
                    && let Some(value) = digits(words.get(end), 2).filter(|value| *value < 60)
                    && words.get(end).len() == 2
                    && !self.is_counted(end + 1)
                {
                    (end, minutes) = (end + 1, minutes + value);
                }
            }
        }
        bounded((end, minutes))
    }

    /// `30 to 45 minutes`, `one or two hours`: nobody can tell which.
    fn two_lengths(&self, at: usize) -> Option<Length> {
        let words = &self.words;
        let (mut end, first) = self.amount(at)?;
        let mut own_unit = None;
        if let Some((length, unit)) = UNITS.longest_at(words, end)
            && unit < DAY
        {
            own_unit = Some(unit);
            end += length;
        }
        let next = match JOINS.longest_at(words, end) {
            Some((length, Join::Or | Join::To)) => end + length,
            Some((length, Join::And))
                if words.before(at) == "between"
                    || words.before(at) == "entre"
                    || words.before(at) == "zwischen" =>
            {
                end + length
            }
            _ if matches!(words.gap_after(end - 1).trim(), "-" | "–" | "—") => end,
            _ => return None,
        };
        let (end, second) = self.amount(next)?;
        let (length, unit) = UNITS
            .longest_at(words, end)
            .filter(|(_, unit)| *unit < DAY)?;
        let end = end + length;
        let on_a_clock = |value: u32| value > 800 && words.get(end - 1) == "h";
        if on_a_clock(first) || on_a_clock(second) {
            return None;
        }
        let minutes = [first * own_unit.unwrap_or(unit) / 100, second * unit / 100];
        if minutes
            .iter()
            .any(|minutes| *minutes == 0 || *minutes > LONGEST)
            || minutes[0] == minutes[1]
        {
            return None;
        }
        let mut which = Ask::new("which_length", at..end, "How long shall it be?");
        for minutes in minutes {
            which = which.or(plain::length(minutes), format!("{minutes} minutes"));
        }
        Some((end, minutes[0].max(minutes[1]), Some(which)))
    }

    /// What a length is of: the free time around the meeting, the notice before it, or the meeting.
    pub(super) fn say_length(&mut self, at: usize) -> Option<usize> {
        if let Some(end) = self.say_buffer_of(at) {
            return Some(end);
        }
        let (end, minutes) = match self.length(at) {
            Some((end, minutes, None)) => (end, minutes),
            Some((end, _, Some(ask))) => {
                self.ask(ask);
                return Some(end);
            }
            None => {
                // Of days only notice is counted.
                let (end, minutes) = self.counted_minutes(at)?;
                self.remark(end)
                    .filter(|(_, remark)| *remark == Remark::Notice)?;
                (end, minutes)
            }
        };
        match self.remark(end) {
            Some((behind, Remark::Buffer)) => self.say_buffer(at, behind, minutes),
            Some((behind, Remark::Notice)) => self.say_notice(at, behind, minutes),
            _ => {
                if let Some(end) = self.ask_length_or_offset(at, end, minutes) {
                    return Some(end);
                }
                self.facts.lengths.push(Said {
                    words: at..end,
                    what: minutes,
                });
                Some(end)
            }
        }
    }

    fn remark(&self, at: usize) -> Option<(usize, Remark)> {
        let at = at + usize::from(matches!(self.words.get(at), "of" | "de" | "a"));
        let (length, remark) = REMARKS.longest_at(&self.words, at)?;
        Some((at + length, remark))
    }

    fn say_notice(&mut self, at: usize, end: usize, minutes: u32) -> Option<usize> {
        if minutes > MAX_NOTICE_MINUTES {
            return None;
        }
        self.facts.notice.push(Said {
            words: at..end,
            what: minutes,
        });
        self.note(
            at..end,
            format!("it starts at least {} from now", plain::length(minutes)),
        );
        Some(end)
    }

    /// `a buffer of 15 minutes`, `notice of a day`.
    fn say_buffer_of(&mut self, at: usize) -> Option<usize> {
        let (length, remark) = REMARKS.longest_at(&self.words, at)?;
        if !matches!(remark, Remark::Buffer | Remark::Notice) {
            return None;
        }
        let place = at + length;
        let place = place + usize::from(matches!(self.words.get(place), "of" | "von" | "de"));
        let (end, minutes) = self
            .length(place)
            .map(|(end, minutes, _)| (end, minutes))
            .or_else(|| self.counted_minutes(place))?;
        if remark == Remark::Notice {
            return self.say_notice(at, end, minutes);
        }
        self.say_buffer(at, end, minutes)
    }

    /// Which side of the meeting the free time is on, from what is said behind it.
    fn say_buffer(&mut self, at: usize, end: usize, minutes: u32) -> Option<usize> {
        if minutes > MAX_BUFFER_MINUTES {
            return None;
        }
        let words = &self.words;
        // `before Friday` is another thing.
        let ends = ends_clause(words, end + 1)
            || matches!(
                words.get(end + 1),
                "it" | "the" | "each" | "every" | "und" | "et" | "y"
            );
        let joined = matches!(words.get(end + 1), "and" | "und" | "et" | "y");
        let (end, before, after) = match words.get(end) {
            "before" | "vorher" | "davor" | "avant" | "antes" if joined => (end + 3, true, true),
            "before" | "beforehand" | "vorher" | "davor" | "avant" | "antes" if ends => {
                (end + 1, true, false)
            }
            "after" | "afterwards" | "danach" | "nachher" | "apres" | "despues" if ends => {
                (end + 1, false, true)
            }
            _ => (end, true, true),
        };
        let end = end.min(words.len());
        self.facts.buffers.push(Said {
            words: at..end,
            what: (before.then_some(minutes), after.then_some(minutes)),
        });
        let sides = match (before, after) {
            (true, true) => "before and after it",
            (true, false) => "before it",
            _ => "after it",
        };
        self.note(at..end, format!("{} free {sides}", plain::length(minutes)));
        Some(end)
    }

    /// `in 2 hours`, `within the next 90 minutes`, and with `not` before it notice.
    pub(super) fn say_soon(&mut self, at: usize, from: usize, not: bool) -> Option<usize> {
        let (length, stretch) = STRETCHES.longest_at(&self.words, from)?;
        let place = from + length;
        let hour = matches!(self.words.get(place), "hour" | "stunde" | "heure" | "hora")
            .then_some((place + 1, 60));
        let (end, minutes) = hour.or_else(|| self.counted_minutes(place))?;
        if not {
            return self.say_notice(at, end, minutes);
        }
        if minutes >= DAY
            && UNITS
                .longest_at(&self.words, end - 1)
                .is_some_and(|(_, unit)| unit >= DAY)
        {
            return None;
        }
        let side = match stretch {
            Stretch::In => Side::From,
            Stretch::Next => Side::By,
            _ => return None,
        };
        let instant = self.context.now.milliseconds() + i64::from(minutes) * 60_000;
        self.facts.instants.push(Said {
            words: at..end,
            what: (side, instant),
        });
        Some(end)
    }
}
