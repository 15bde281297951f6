//! The days that a text leaves: those that are asked for, those that are left out, and the limits.

use std::ops::Range;

use chrono_tz::Tz;

use crate::calendar::civil::{self, Day};

use super::{MOST_DATES, instant};
use crate::calendar::words::facts::{Ask, DayFact, Days, Said, Side};
use crate::calendar::words::plain;
use crate::calendar::words::reader::Reader;

/// The days that a text leaves.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    /// Stretches that were named, if any was.
    pub(super) ranges: Vec<(Day, Day)>,
    /// Weekdays that were asked for, and those that were left out. Bit 0 is Monday.
    pub(super) only: u8,
    pub(super) not: u8,
    pub(super) except: Vec<(Day, Day)>,
    pub(super) lower: Option<Day>,
    pub(super) upper: Option<Day>,
    pub(super) after: Option<i64>,
    pub(super) before: Option<i64>,
}

impl Calendar {
    pub(super) fn bound(&mut self, side: Side, instant: i64) {
        if side.is_start() {
            self.after = Some(self.after.map_or(instant, |known| known.max(instant)));
        } else {
            self.before = Some(self.before.map_or(instant, |known| known.min(instant)));
        }
    }

    pub(super) fn mask(&self) -> u8 {
        let only = if self.only == 0 {
            0b111_1111
        } else {
            self.only
        };
        only & !self.not
    }

    /// Whether the weekdays say more than the days that were named.
    pub(super) fn mask_matters(&self, first: Day, last: Day) -> bool {
        let mask = self.mask();
        let leaves = |day: Day| mask >> civil::weekday(day) & 1 == 1;
        let named = self
            .ranges
            .iter()
            .flat_map(|(from, to)| (*from).max(first)..=(*to).min(last));
        let some_go = if self.ranges.is_empty() {
            mask != 0b111_1111
        } else {
            named.take(MOST_DATES).any(|day| !leaves(day))
        };
        mask != 0 && some_go
    }

    /// Whether a day was left out by its date.
    fn excepts(&self, day: Day) -> bool {
        self.except
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&day))
    }

    /// Whether a day is among those that were asked for, and not left out.
    pub(super) fn leaves(&self, day: Day) -> bool {
        let named = self.ranges.is_empty()
            || self
                .ranges
                .iter()
                .any(|(from, to)| (*from..=*to).contains(&day));
        self.mask() >> civil::weekday(day) & 1 == 1 && named && !self.excepts(day)
    }

    /// The days one by one, where they are not all of a stretch.
    pub(super) fn dates(&self, first: Day, last: Day) -> Option<Vec<Day>> {
        let mut ranges = self.ranges.clone();
        ranges.sort_unstable();
        let whole = ranges.iter().skip(1).try_fold(
            ranges.first().map(|(_, last)| *last)?,
            |end, (next, last)| (*next <= end + 1).then_some(end.max(*last)),
        );
        if whole.is_some() {
            return None;
        }
        let mut days: Vec<Day> = ranges
            .iter()
            .flat_map(|(from, to)| *from.max(&first)..=*to.min(&last))
            .filter(|day| !self.excepts(*day))
            .take(MOST_DATES)
            .collect();
        days.sort_unstable();
        days.dedup();
        Some(days).filter(|days| !days.is_empty())
    }
}

fn mask_of_span(from: u32, to: u32) -> u8 {
    let length = (to + 7 - from) % 7;
    (0..=length).fold(0, |mask, more| mask | 1 << ((from + more) % 7))
}

/// A limit in words that can't be misread.
fn bound_words(side: Side, day: Day, minute: Option<u16>) -> String {
    let time = minute
        .map(|minute| format!(" {}", plain::minute(minute)))
        .unwrap_or_default();
    format!("{} {}{time}", side.word(), plain::iso(day))
}

impl Reader<'_> {
    /// What is said of days.
    pub(super) fn calendar(&mut self, zone: Tz) -> Calendar {
        let mut calendar = Calendar::default();
        let facts = std::mem::take(&mut self.facts.days);
        let multiple = |said: &Said<DayFact>| match said.what {
            DayFact::On(Days::Range(first, last) | Days::End(first, last)) if first < last => {
                Some((first, last))
            }
            _ => None,
        };
        let stretches: Vec<(Day, Day)> = facts.iter().filter_map(multiple).collect();
        for said in &facts {
            match said.what {
                DayFact::On(days) => {
                    self.say_on(&mut calendar, said.words.clone(), days, &stretches);
                }
                DayFact::Not(days) => {
                    match days {
                        Days::Range(first, last) | Days::End(first, last) => {
                            calendar.except.push((first, last));
                        }
                        Days::InWeek(_, _) => {
                            calendar.except.extend(days.each().map(|day| (day, day)));
                        }
                        Days::Weekdays(mask) | Days::Every(mask) => calendar.not |= mask,
                        Days::Span(first, last) => calendar.not |= mask_of_span(first, last),
                    }
                    self.note(said.words.clone(), format!("not on {}", plain::days(days)));
                }
                DayFact::Bound(side, days, minute) => {
                    self.say_limit(
                        &mut calendar,
                        said.words.clone(),
                        (side, days, minute),
                        &stretches,
                        zone,
                    );
                }
            }
        }
        self.facts.days = facts;
        for said in std::mem::take(&mut self.facts.instants) {
            let (side, instant) = said.what;
            calendar.bound(side, instant);
            self.note(
                said.words,
                format!("{} {}", side.word(), self.instant_text(instant)),
            );
        }
        calendar
    }

    /// Days that are asked for.
    fn say_on(
        &mut self,
        calendar: &mut Calendar,
        words: Range<usize>,
        days: Days,
        stretches: &[(Day, Day)],
    ) {
        let meaning = match days {
            Days::Range(first, last) | Days::End(first, last) => {
                calendar.ranges.push((first, last));
                plain::days(days)
            }
            Days::InWeek(_, _) => {
                calendar.ranges.extend(days.each().map(|day| (day, day)));
                plain::days(days)
            }
            Days::Every(mask) => {
                calendar.only |= mask;
                format!("only on {}", plain::days(days))
            }
            Days::Weekdays(mask) if !stretches.is_empty() => {
                calendar.only |= mask;
                format!("only on {}", plain::days(days))
            }
            Days::Span(first, last) if !stretches.is_empty() => {
                calendar.only |= mask_of_span(first, last);
                format!("only on {}", plain::days(days))
            }
            Days::Weekdays(mask) => {
                let numbers: Vec<u32> = (0..7).filter(|number| mask >> number & 1 == 1).collect();
                let coming: Vec<Day> = numbers.iter().map(|number| self.coming(*number)).collect();
                if numbers.contains(&civil::weekday(self.today)) {
                    self.today_or_next(words, &coming);
                    return;
                }
                let mut coming = coming;
                coming.sort_unstable();
                calendar
                    .ranges
                    .extend(coming.iter().map(|day| (*day, *day)));
                plain::list(coming.into_iter().map(plain::day).collect(), "or")
            }
            Days::Span(first, last) => {
                let from = self.coming(first);
                let length = i32::try_from((last + 7 - first) % 7).unwrap_or(0);
                if civil::weekday(self.today) == first {
                    let text = "From today, or from this day in a week?";
                    let ask = [from - 7, from].into_iter().fold(
                        Ask::new("today_or_next", words, text),
                        |ask, from| {
                            ask.or(
                                plain::stretch(from, from + length),
                                plain::iso_stretch(from, from + length),
                            )
                        },
                    );
                    self.ask(ask);
                    return;
                }
                calendar.ranges.push((from, from + length));
                plain::stretch(from, from + length)
            }
        };
        self.note(words, meaning);
    }

    /// A weekday that is today's: today, or the one in a week? `coming` are the next ones.
    fn today_or_next(&mut self, words: Range<usize>, coming: &[Day]) {
        let said = |today: Day| {
            let day = |day: &Day| if *day == self.today + 7 { today } else { *day };
            let mut days: Vec<Day> = coming.iter().map(day).collect();
            days.sort_unstable();
            let plain = plain::list(days.iter().copied().map(plain::day).collect(), "or");
            (
                plain,
                plain::list(days.into_iter().map(plain::iso).collect(), "or"),
            )
        };
        let ((today, today_words), (next, next_words)) = (said(self.today), said(self.today + 7));
        let ask = Ask::new("today_or_next", words, "Today, or this day in a week?")
            .or(today, today_words)
            .or(next, next_words);
        self.ask(ask);
    }

    /// A limit.
    fn say_limit(
        &mut self,
        calendar: &mut Calendar,
        words: Range<usize>,
        (side, days, minute): (Side, Days, Option<u16>),
        stretches: &[(Day, Day)],
        zone: Tz,
    ) {
        let (first, last) = match (days.known(), days) {
            (Some(known), _) => known,
            (None, Days::Weekdays(mask) | Days::Every(mask)) if mask.is_power_of_two() => {
                let weekday = mask.trailing_zeros();
                let named = stretches.iter().flat_map(|(first, last)| *first..=*last);
                let among: Vec<Day> = named
                    .filter(|day| civil::weekday(*day) == weekday)
                    .take(7)
                    .collect();
                // `in the next two weeks, not before Monday`: the first one to come.
                let coming = self.coming(weekday);
                let begun = stretches.iter().all(|(first, _)| *first <= self.today);
                let among = if begun && among.contains(&coming) {
                    vec![coming]
                } else {
                    among
                };
                let day = match among.as_slice() {
                    [only] => *only,
                    [] if civil::weekday(self.today) == weekday => {
                        let ask = [self.today, coming].into_iter().fold(
                            Ask::new("today_or_next", words, "Today, or this day in a week?"),
                            |ask, day| ask.or(plain::day(day), bound_words(side, day, minute)),
                        );
                        self.ask(ask);
                        return;
                    }
                    [] => coming,
                    several => {
                        let text = format!("Which {} is it?", plain::weekday(weekday));
                        let ask = several
                            .iter()
                            .take(6)
                            .fold(Ask::new("which_date", words, text), |ask, day| {
                                ask.or(plain::day(*day), bound_words(side, *day, minute))
                            });
                        self.ask(ask);
                        return;
                    }
                };
                (day, day)
            }
            _ => return,
        };
        let day = if matches!(side, Side::From | Side::Before) {
            first
        } else {
            last
        };
        if let Some(minute) = minute {
            let civil = civil::midnight(day) + i64::from(minute) * 60;
            calendar.bound(side, instant(zone, civil));
            self.note(
                words,
                format!(
                    "{} {}, {}",
                    side.word(),
                    plain::day(day),
                    plain::minute(minute)
                ),
            );
            return;
        }
        let (lower, upper) = match side {
            Side::From => (Some(first), None),
            Side::After => (Some(last + 1), None),
            Side::By => (None, Some(last)),
            Side::Before => (None, Some(first - 1)),
        };
        calendar.lower = calendar.lower.max(lower);
        calendar.upper = match (calendar.upper, upper) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        self.note(words, format!("{} {}", side.word(), plain::day(day)));
    }

    /// Finds out which events the limits are.
    pub(super) fn resolve_events(&mut self, calendar: &mut Calendar, zone: Tz) {
        for said in std::mem::take(&mut self.facts.events) {
            let (first, last) = self.window_days(calendar, zone);
            let start = instant(zone, civil::midnight(first)).max(self.context.now.milliseconds());
            let end = instant(zone, civil::midnight(last + 1));
            let named = !calendar.ranges.is_empty() || calendar.upper.is_some();
            let side = said.what.side;
            let leaves_time = self.candidates(&said.what, |event| {
                if side.is_start() {
                    !named || event.interval.end < end
                } else {
                    event.interval.start > start
                }
            });
            let cuts: Vec<usize> = leaves_time
                .iter()
                .copied()
                .filter(|place| {
                    self.context.events.get(*place).is_some_and(|event| {
                        if side.is_start() {
                            event.interval.end > start
                        } else {
                            !named || event.interval.start < end
                        }
                    })
                })
                .collect();
            let found = match (
                cuts.as_slice(),
                leaves_time.as_slice(),
                said.what.candidates.as_slice(),
            ) {
                ([only], _, _) | ([], [only], _) | ([], [], [only]) => *only,
                (cuts, leaves, all) => {
                    let among = [cuts, leaves, all]
                        .into_iter()
                        .find(|some| !some.is_empty())
                        .unwrap_or_default();
                    let ask = self.which_event(&said.what, among, said.words.clone());
                    self.ask(ask);
                    continue;
                }
            };
            if let Some(event) = self.context.events.get(found) {
                let at = if side.is_start() {
                    event.interval.end
                } else {
                    event.interval.start
                };
                calendar.bound(side, at);
                let when = if side.is_start() {
                    "which ends"
                } else {
                    "which starts"
                };
                let meaning = format!(
                    "{} \u{201c}{}\u{201d}, {when} on {}",
                    side.word(),
                    event.summary,
                    self.instant_text(at)
                );
                self.note(said.words, meaning);
            }
        }
    }
}
