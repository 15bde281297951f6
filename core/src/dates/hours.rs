//! Hours in words: `3pm`, `half past nine`, `halb zehn`, `a las nueve y media`; which half of the day
//! they are in, and the zone behind them.

use chrono::{NaiveTime, Timelike};

use super::PartOfDay;
use super::clock::clock_time;
use super::mentions::Reader;
use super::neighbours::{ends_clause, is_free};
use super::terms::PARTS_OF_DAY;
use super::vocabulary::{PARTS, Part, digits, number};
use super::zones::{Zones, zone};

/// An hour as the words give it.
#[expect(clippy::struct_field_names, reason = "an hour has an hour")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Hour {
    pub(super) hour: u32,
    pub(super) minute: u32,
    /// Whether the words settle the half of the day.
    pub(super) settled: bool,
    /// `midnight`, which ends a day as well as it begins one.
    pub(super) midnight: bool,
    pub(super) zones: Option<Zones>,
    /// Whether it is only a number, which wants an `at`.
    pub(super) bare: bool,
}

impl Hour {
    fn new(hour: u32, minute: u32, settled: bool) -> Self {
        Self {
            hour,
            minute,
            settled,
            midnight: false,
            zones: None,
            bare: false,
        }
    }

    /// The same hour in a part of the day: `7` in the evening.
    pub(super) fn within(self, part: PartOfDay) -> Self {
        if self.settled {
            return self;
        }
        let hour = match part {
            PartOfDay::Morning => self.hour % 12 + if self.hour == 12 { 12 } else { 0 },
            PartOfDay::Night if self.hour < 6 || self.hour == 12 => self.hour % 12,
            _ => self.hour % 12 + 12,
        };
        Self {
            hour,
            settled: true,
            bare: false,
            ..self
        }
    }

    /// The times that it can be: what offices are open at, else both halves of the day.
    pub(super) fn times(self) -> Option<(NaiveTime, Option<NaiveTime>)> {
        let time = |hour| NaiveTime::from_hms_opt(hour, self.minute, 0);
        match self.hour {
            24 => Some((time(0)?, None)),
            _ if self.settled => Some((time(self.hour)?, None)),
            1..=5 => Some((time(self.hour + 12)?, None)),
            6..=8 => Some((time(self.hour)?, time(self.hour + 12))),
            _ => Some((time(self.hour)?, None)),
        }
    }
}

/// The hour that a word spells, or its digits.
fn spelled(word: &str) -> Option<u32> {
    number(word)
        .filter(|hour| (1..=12).contains(hour) && !matches!(word, "a" | "an" | "ein" | "un"))
}

impl Reader<'_, '_> {
    /// An hour, its half of the day and its zone: where it ends, and which.
    pub(super) fn hour(&self, at: usize) -> Option<(usize, Hour)> {
        let words = self.words;
        let (mut end, mut hour) = self.plain_hour(at)?;
        if matches!(
            words.get(end),
            "ish" | "sharp" | "precises" | "pile" | "punkt" | "o'clock" | "hrs" | "hours"
        ) && !(matches!(words.get(end), "hrs" | "hours") && hour.bare)
        {
            hour.bare &= words.get(end) != "o'clock" && words.get(end) != "ish";
            end += 1;
            if words.get(end) == "sharp" {
                end += 1;
            }
        }
        // `3 in the afternoon`, `a las 3 de la tarde`, `8 tonight`
        if !hour.midnight
            && let Some((length, (part, _))) = PARTS_OF_DAY.longest_at(words, end)
            && self.is_close(end)
        {
            let today = matches!(words.get(end), "this" | "tonight" | "ce" | "esta" | "heute");
            if hour.hour <= 12
                && (!hour.settled || matches!(words.before(end), "heures" | "h" | "horas" | "uhr"))
            {
                hour = Hour {
                    settled: false,
                    ..hour
                }
                .within(part);
            }
            if !today {
                end += length;
            }
        }
        if let Some((after, zones)) = zone(words, end) {
            hour.zones = Some(zones);
            end = after;
        }
        Some((end, hour))
    }

    /// Noon, by its word or none.
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "reads as the other hours do"
    )]
    pub(super) fn noon(&self) -> Option<(usize, Hour)> {
        Some((0, Hour::new(12, 0, true)))
    }

    fn plain_hour(&self, at: usize) -> Option<(usize, Hour)> {
        let words = self.words;
        if let Some((length, Part::Noon)) = PARTS.longest_at(words, at) {
            let noon = Hour::new(12, 0, true);
            let end = at + length;
            return Some(match self.minutes_after(end) {
                Some((end, minutes)) => (end, shifted(noon, minutes)),
                None => (end, noon),
            });
        }
        if matches!(
            words.get(at),
            "midnight" | "mitternacht" | "minuit" | "medianoche"
        ) {
            let midnight = Hour {
                midnight: true,
                ..Hour::new(0, 0, true)
            };
            return Some((at + 1, midnight));
        }
        if let Some(found) = self.phrase(at) {
            return Some(found);
        }
        let word = words.get(at);
        if word.starts_with(|first: char| first.is_ascii_digit()) {
            return self.digital(at);
        }
        // `nine o'clock`, `neuf heures et demie`, `nine thirty`
        let hour = spelled(word)?;
        let mut end = at + 1;
        let mut found = Hour {
            bare: true,
            ..Hour::new(hour, 0, false)
        };
        if matches!(words.get(end), "am" | "pm") {
            found = Hour::new(
                hour % 12 + if words.get(end) == "pm" { 12 } else { 0 },
                0,
                true,
            );
            return Some((end + 1, found));
        }
        if words.get(end) == "uhr" {
            found.bare = false;
            found.settled = true;
            end += 1;
        } else if matches!(words.get(end), "heures" | "heure" | "horas") {
            found.bare = words.get(end) == "horas";
            end += 1;
        }
        if let Some((after, minute)) = self.minutes_after(end) {
            end = after;
            found = shifted(found, minute);
        } else if let Some(minute @ (15 | 20 | 30 | 40 | 45 | 50)) = number(words.get(end))
            && self.is_close(end)
            && words
                .get(end)
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic())
        {
            found.minute = minute;
            end += 1;
            // `seven thirty pm`
            if let half @ ("am" | "pm") = words.get(end) {
                found = found.within(if half == "am" {
                    PartOfDay::Morning
                } else {
                    PartOfDay::Afternoon
                });
                end += 1;
            }
        }
        Some((end, found))
    }

    /// An hour in digits.
    fn digital(&self, at: usize) -> Option<(usize, Hour)> {
        let words = self.words;
        if let Some((length, time)) = clock_time(words, at) {
            let time = time?;
            let mut end = at + length;
            // `09:30:15`
            if words.gap_after(end - 1) == ":"
                && digits(words.get(end), 2).is_some_and(|_| !words.get(end).is_empty())
            {
                end += 1;
            }
            // `1h30m` is a length.
            let length = words.get(end) == "m" && words.gap_after(end - 1).is_empty();
            if length || !self.is_clock_free(at, end) {
                return None;
            }
            // `14 Uhr 30`
            let mut minute = time.minute();
            if words.get(end - 1) == "uhr"
                && minute == 0
                && let Some(more) =
                    digits(words.get(end), 2).filter(|more| *more < 60 && words.get(end).len() == 2)
            {
                minute = more;
                end += 1;
            }
            return Some((end, Hour::new(time.hour(), minute, true)));
        }
        let hour = digits(words.get(at), 2).filter(|hour| *hour <= 24)?;
        let mut end = at + 1;
        let mut found = Hour {
            bare: true,
            ..Hour::new(hour, 0, hour > 12 || hour == 0)
        };
        if words.gap_after(at) == ":" {
            found.minute = digits(words.get(end), 2)
                .filter(|minute| *minute < 60 && words.get(end).len() == 2)?;
            found.bare = false;
            end += 1;
        } else if matches!(words.get(end), "heures" | "heure" | "horas") && hour >= 7 {
            found.settled = true;
            found.bare = hour < 13;
            end += 1;
        }
        // What follows would make minutes of it: `4.30`, or a share: `10%`.
        if !self.is_clock_free(at, end)
            || (found.bare && words.gap_after(end - 1).starts_with(['\'', '"']))
        {
            return None;
        }
        if found.bare
            && let Some((after, minute)) = self.minutes_after(end)
        {
            end = after;
            found = shifted(found, minute);
        }
        Some((end, found))
    }

    /// Whether an hour in digits stands free: a range may follow it, no fraction.
    fn is_clock_free(&self, at: usize, end: usize) -> bool {
        let dash = matches!(self.words.gap_after(end - 1), "-" | "–");
        let dashed = at > 0 && matches!(self.words.gap_after(at - 1), "-" | "–");
        (dash
            && (dashed || is_free(self.words, at, at + 1) || !self.words.gap_after(at).is_empty()))
            || dashed
            || is_free(self.words, at, end)
            || (at + 1 == end
                && self.words.gap_after(at).is_empty()
                && is_free(self.words, at, end))
    }

    /// What stands behind an hour and changes its minutes: `et demie`, `y cuarto`, `menos diez`.
    fn minutes_after(&self, at: usize) -> Option<(usize, i32)> {
        let words = self.words;
        let minus = matches!(words.get(at), "menos" | "moins");
        if !minus && !matches!(words.get(at), "y" | "et") {
            return None;
        }
        let at = at + 1 + usize::from(minus && words.get(at + 1) == "le");
        let minute = match words.get(at) {
            "media" | "demie" | "demi" => 30,
            "cuarto" | "quart" => 15,
            word => {
                i32::try_from(number(word).filter(|minute| *minute < 60 && *minute >= 5)?).ok()?
            }
        };
        Some((at + 1, if minus { -minute } else { minute }))
    }

    /// `half past nine`, `quarter to five`, `ten to four`, `halb zehn`, `Viertel nach drei`.
    fn phrase(&self, at: usize) -> Option<(usize, Hour)> {
        let words = self.words;
        let start = at + usize::from(matches!(words.get(at), "a"));
        let (place, minutes) = match words.get(start) {
            "half" | "quarter"
                if matches!(
                    words.get(start + 1),
                    "past" | "to" | "after" | "of" | "till" | "before"
                ) =>
            {
                (start + 1, if words.get(start) == "half" { 30 } else { 15 })
            }
            // British: half past.
            "half" => (start + 1, 30),
            "halb" => {
                let (end, hour) = self.named_hour(start + 1)?;
                return Some((end, shifted(hour, -30)));
            }
            "viertel" => (start + 1, 15),
            word => {
                let minutes =
                    number(word).filter(|minutes| matches!(minutes, 5 | 10 | 12 | 20 | 25))?;
                let unit = usize::from(matches!(
                    words.get(start + 1),
                    "minutes" | "minuten" | "mins"
                ));
                (start + 1 + unit, i32::try_from(minutes).ok()?)
            }
        };
        let minus = match words.get(place) {
            "past" | "after" | "nach" => false,
            "to" | "of" | "till" | "before" | "vor" => true,
            _ if words.get(start) == "half" && start == at => {
                let (end, hour) = self.named_hour(place)?;
                return ends_clause(words, end).then(|| (end, shifted(hour, 30)));
            }
            _ => return None,
        };
        let (end, hour) = self.named_hour(place + 1)?;
        // Where minutes are digits, `5 to 1` may as well be a score.
        let digits = words.get(start).bytes().all(|byte| byte.is_ascii_digit());
        if digits && !self.is_led_to_hour(at) {
            return None;
        }
        Some((end, shifted(hour, if minus { -minutes } else { minutes })))
    }

    /// The hour of a phrase: a word or a number, with the half of the day if it is there.
    fn named_hour(&self, at: usize) -> Option<(usize, Hour)> {
        let words = self.words;
        let hour = spelled(words.get(at))?;
        if matches!(words.get(at + 1), "am" | "pm") {
            let half = if words.get(at + 1) == "pm" { 12 } else { 0 };
            return Some((at + 2, Hour::new(hour % 12 + half, 0, true)));
        }
        let end = at + 1 + usize::from(matches!(words.get(at + 1), "uhr" | "o'clock"));
        Some((end, Hour::new(hour, 0, false)))
    }
}

/// An hour some minutes later or earlier.
fn shifted(hour: Hour, minutes: i32) -> Hour {
    let total = i32::try_from(hour.hour * 60 + hour.minute).unwrap_or(0) + minutes;
    let total = u32::try_from(total.rem_euclid(24 * 60)).unwrap_or(0);
    // `half past` twelve is in the afternoon, `quarter to` one too.
    let hours = if total / 60 == 0 && !hour.settled {
        12
    } else {
        total / 60
    };
    Hour {
        hour: hours,
        minute: total % 60,
        bare: false,
        ..hour
    }
}
