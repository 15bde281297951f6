//! Days counted from others: `a week from Friday`, `two days before the board meeting`.

use crate::calendar::civil::{self, Day};

use super::days::Read;
use super::facts::{Ask, DayFact, Days, Said, Side};
use super::plain;
use super::reader::Reader;
use super::vocabulary::{DAY, Lead, lead, skip_articles};

impl Reader<'_> {
    /// So many days before or after a day: where the words end.
    pub(super) fn say_offset(&mut self, at: usize) -> Option<usize> {
        let (middle, days) = self.whole_days(at)?;
        let (length, side) = match lead(&self.words, middle)? {
            (length, Lead::Before) => (length, Side::Before),
            (length, Lead::After | Lead::From) => (length, Side::After),
            _ => return None,
        };
        let from = middle + length;
        let moved = |day: Day| {
            if side == Side::Before {
                day - days
            } else {
                day + days
            }
        };
        // `the day after`, behind another day.
        let last = self.facts.days.last().map(|said| said.what);
        let Some((end, bases)) = self.bases(from, side) else {
            let Some(DayFact::On(Days::Range(first, last))) = last.filter(|_| days == 1) else {
                return None;
            };
            let day = moved(if side == Side::Before { first } else { last });
            self.facts.days.push(Said {
                words: at..from,
                what: DayFact::On(Days::Range(day, day)),
            });
            return Some(from);
        };
        let mut found: Vec<Day> = bases
            .into_iter()
            .map(moved)
            .filter(|day| *day >= self.today)
            .collect();
        found.sort_unstable();
        found.dedup();
        if let [day] = found.as_slice() {
            self.facts.days.push(Said {
                words: at..end,
                what: DayFact::On(Days::Range(*day, *day)),
            });
        } else {
            let text = format!("Which day is {}?", self.slice(at..end));
            let ask = found
                .into_iter()
                .take(6)
                .fold(Ask::new("which_date", at..end, text), |ask, day| {
                    ask.or(plain::day(day), plain::iso(day))
                });
            self.ask(ask);
        }
        Some(end)
    }

    /// A number of whole days or weeks: `two days`, `a week`, `the day`.
    fn whole_days(&self, at: usize) -> Option<(usize, i32)> {
        let named = match (self.words.get(at), self.words.get(at + 1)) {
            ("the", "day") | ("am", "tag") | ("le", "jour") | ("el", "dia") => Some((at + 2, DAY)),
            ("the", "week") => Some((at + 2, 7 * DAY)),
            _ => None,
        };
        let (end, minutes) = named.or_else(|| self.counted_minutes(at))?;
        let days = i32::try_from(minutes / DAY)
            .ok()
            .filter(|days| (1..=366).contains(days))?;
        minutes.is_multiple_of(DAY).then_some((end, days))
    }

    /// The days that others can be counted from, to one of their sides.
    fn bases(&self, from: usize, side: Side) -> Option<(usize, Vec<Day>)> {
        let place = skip_articles(&self.words, from);
        if matches!(
            self.words.get(from),
            "now" | "jetzt" | "maintenant" | "ahora"
        ) {
            return Some((from + 1, vec![self.today]));
        }
        for place in [from, place] {
            match self.single(place, false) {
                Some((end, Read::Days(Days::Range(first, last)))) if first == last => {
                    return Some((end, vec![first]));
                }
                Some((end, Read::Days(Days::Weekdays(mask)))) => {
                    let weekday = mask.trailing_zeros();
                    let mut days = vec![self.coming(weekday)];
                    if civil::weekday(self.today) == weekday {
                        days.push(self.today);
                    }
                    return Some((end, days));
                }
                _ => {}
            }
        }
        let (end, events) = self.named_events(from)?;
        // After an event of some days is after the last of them.
        let instant = |place: &usize| {
            let event = self.context.events.get(*place)?;
            Some(if side == Side::Before {
                event.interval.start
            } else {
                event.interval.end - 1
            })
        };
        let days = events
            .iter()
            .filter_map(instant)
            .map(|instant| civil::day_of(self.wall(instant)));
        Some((end, days.collect()))
    }

    /// `an hour before the board meeting`: a length and a limit, or a time. The length is the words
    /// from `at` to `middle`.
    pub(super) fn ask_length_or_offset(
        &mut self,
        at: usize,
        middle: usize,
        minutes: u32,
    ) -> Option<usize> {
        if !self.words.gap_after(middle - 1).trim().is_empty() {
            return None;
        }
        let (length, side) = match lead(&self.words, middle)? {
            (length, Lead::Before) => (length, Side::Before),
            (length, Lead::After) => (length, Side::After),
            _ => return None,
        };
        let (end, events) = self.named_events(middle + length)?;
        let [only] = events.as_slice() else {
            return None;
        };
        let event = self.context.events.get(*only)?;
        let distance = i64::from(minutes) * 60_000;
        let start = if side == Side::Before {
            event.interval.start - distance
        } else {
            event.interval.end + distance
        };
        let civil = self.wall(start);
        let minute = u16::try_from(civil::second_of_day(civil) / 60).ok()?;
        let (long, limit) = (self.slice(at..middle), self.slice(middle..end));
        let text = format!("Is it {long} long, or is {long} the time until then?");
        let ask = Ask::new("length_or_offset", at..end, text)
            .or(
                format!("{long} long, {limit}"),
                format!("{minutes} minutes, {limit}"),
            )
            .or(
                format!("it starts on {}", self.instant_text(start)),
                format!(
                    "{} at {}",
                    plain::iso(civil::day_of(civil)),
                    plain::minute(minute)
                ),
            );
        self.ask(ask);
        Some(end)
    }
}
