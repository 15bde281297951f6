//! Days in words: which ones, or between which readings the person has to choose.
//!
//! What a weekday, a month or the numbers of a date mean is mail's rule
//! ([`crate::dates`]). Where that rule takes nothing rather than guess, a question is
//! asked here.

use std::ops::Range;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::calendar::civil::{self, Day};
use crate::dates::FARTHEST_DAYS;
use crate::dates::numbers::{coming, day_of_month, friday, is_ordinal, year_at};
use crate::dates::vocabulary::{PARTS, Part, digits, month};

use super::counted::number_at;
use super::dates::far;
use super::facts::{Ask, Days};
use super::plain;
use super::reader::Reader;
use super::vocabulary::{
    DAY, JOINS, Join, MONTH, Portion, STRETCHES, Stretch, UNITS, skip_articles,
};

/// What words that are days come to.
#[derive(Debug, Clone)]
pub(super) enum Read {
    Days(Days),
    Ask(Ask),
}

/// The words up to an end, and what they are.
pub(super) type Found = Option<(usize, Read)>;

#[expect(clippy::unnecessary_wraps, reason = "what readers of days end with")]
pub(super) fn found(end: usize, days: Days) -> Found {
    Some((end, Read::Days(days)))
}

#[expect(clippy::unnecessary_wraps, reason = "what readers of days end with")]
pub(super) fn ask(ask: Ask) -> Found {
    Some((ask.words.end, Read::Ask(ask)))
}

/// The Monday of a day's week.
pub(super) fn monday(day: Day) -> Day {
    day.saturating_sub(i32::try_from(civil::weekday(day)).unwrap_or(0))
}

/// The first day of a month, and its last.
pub(super) fn whole_month(year: i32, month: u32) -> (Day, Day) {
    let first = civil::day(year, month, 1);
    let length = i32::try_from(civil::days_in_month(year, month)).unwrap_or(28);
    (first, first + length - 1)
}

/// The month so many months after (or before) one.
fn month_after(year: i32, month: u32, more: i32) -> (i32, u32) {
    let months = year * 12 + i32::try_from(month).unwrap_or(1) - 1 + more;
    (
        months.div_euclid(12),
        u32::try_from(months.rem_euclid(12) + 1).unwrap_or(1),
    )
}

/// A part of a whole stretch. Of a week these are its working days, of all else thirds and halves.
fn portion(part: Portion, (first, last): (Day, Day)) -> (Day, Day) {
    let length = last - first + 1;
    if length <= 7 {
        let monday = (first..=last)
            .find(|day| civil::weekday(*day) == 0)
            .unwrap_or(first);
        let (from, to) = match part {
            Portion::Early => (0, 1),
            Portion::Middle => (1, 3),
            Portion::FirstHalf => (0, 2),
            Portion::SecondHalf => (2, 4),
            Portion::FirstWeek | Portion::SecondWeek | Portion::ThirdWeek | Portion::LastWeek => {
                (0, 6)
            }
            Portion::Late | Portion::End => (3, 4),
        };
        return (monday + from, monday + to);
    }
    let third = (length + 1) / 3;
    match part {
        Portion::Early => (first, first + third - 1),
        Portion::Middle => (first + third, first + 2 * third - 1),
        Portion::Late => (first + 2 * third, last),
        Portion::FirstHalf => (first, first + length / 2 - 1),
        Portion::SecondHalf => (first + length / 2, last),
        Portion::FirstWeek => (first, first + 6),
        Portion::SecondWeek => (first + 7, first + 13),
        Portion::ThirdWeek => (first + 14, first + 20),
        Portion::End | Portion::LastWeek => (last - 6, last),
    }
}

impl Reader<'_> {
    pub(super) fn date(&self) -> NaiveDate {
        civil::to_date(self.today)
    }

    /// The next such weekday after today, by mail's rule. A weekday is a number, Monday's is 0.
    pub(super) fn coming(&self, weekday: u32) -> Day {
        let name = Weekday::try_from(u8::try_from(weekday).unwrap_or(0)).unwrap_or(Weekday::Mon);
        coming(self.date(), name).map_or(self.today, civil::from_date)
    }

    /// The first day of the week of a day, as the person counts weeks.
    pub(super) fn week(&self, day: Day) -> Day {
        let start = self.context.week_start as u32;
        let back = (civil::weekday(day) + 7 - start) % 7;
        day.saturating_sub(i32::try_from(back).unwrap_or(0))
    }

    /// Days that start at a word: a stretch with both its ends, one that is named, or weekdays.
    pub(super) fn days(&self, at: usize) -> Found {
        self.both_ends(at, false).or_else(|| self.single(at, true))
    }

    /// Two days with what joins them. `and` does so only where it was said that two ends follow.
    pub(super) fn both_ends(&self, at: usize, and: bool) -> Found {
        enum End {
            Days(Days),
            /// A day of the month that the other end names.
            Number(i32),
            Ask(Ask),
        }
        let read = |at: usize| match self.single(at, false) {
            Some((end, Read::Days(days))) => Some((end, End::Days(days))),
            Some((end, Read::Ask(ask))) => Some((end, End::Ask(ask))),
            None => {
                let value = digits(self.words.get(at), 2).filter(|day| (1..=31).contains(day))?;
                let end = at + 1 + usize::from(is_ordinal(&self.words, at + 1));
                Some((end, End::Number(i32::try_from(value).ok()?)))
            }
        };
        let (end, first) = read(at)?;
        let next = match JOINS.longest_at(&self.words, end) {
            Some((length, Join::To)) => end + length,
            Some((length, Join::And)) if and => end + length,
            // `7.–9. December`
            _ if matches!(
                self.words.gap_after(end - 1).trim_start_matches('.').trim(),
                "-" | "–" | "—"
            ) =>
            {
                end
            }
            _ => return None,
        };
        let (end, second) = read(skip_articles(&self.words, next))?;
        let of_month = |day: Day| i32::try_from(civil::year_month_day(day).2).unwrap_or(1);
        let (first, last) = match (first, second) {
            (End::Days(Days::Weekdays(one)), End::Days(Days::Weekdays(two))) => {
                let span = Days::Span(one.trailing_zeros(), two.trailing_zeros());
                return found(end, span);
            }
            (End::Days(first), End::Days(Days::Weekdays(mask))) => {
                let first = first.known()?.0;
                let ahead = (mask.trailing_zeros() + 7 - civil::weekday(first)) % 7;
                (first, first + i32::try_from(ahead).ok()?)
            }
            (End::Days(Days::Weekdays(mask)), End::Days(last)) => {
                (self.coming(mask.trailing_zeros()), last.known()?.1)
            }
            (End::Days(first), End::Days(last)) => (first.known()?.0, last.known()?.1),
            (End::Number(number), End::Days(last)) => {
                let (first, last) = last.known().filter(|(first, last)| first == last)?;
                (first - (of_month(last) - number), last)
            }
            (End::Days(first), End::Number(number)) => {
                // `Dec 3-5`, and not `3 May to 5 people`.
                let (first, last) = first.known().filter(|(first, last)| first == last)?;
                if month(self.words.get(at)).is_none() || self.is_counted(end) {
                    return None;
                }
                (first, last + number - of_month(last))
            }
            // Once it is answered, both ends are read again.
            (End::Ask(asked), _) | (_, End::Ask(asked)) => return Some((end, Read::Ask(asked))),
            (End::Number(_), End::Number(_)) => return None,
        };
        if first > last || last - first > 366 {
            return None;
        }
        found(end, Days::Range(first, last))
    }

    /// Whether something that numbers count stands at a word.
    pub(super) fn is_counted(&self, at: usize) -> bool {
        // `a las 3 hora de Madrid`
        (UNITS.longest_at(&self.words, at).is_some() && self.zone(at).is_none())
            || matches!(
                self.words.get(at),
                "people"
                    | "persons"
                    | "person"
                    | "participants"
                    | "pm"
                    | "am"
                    | "uhr"
                    | "h"
                    | "times"
                    | "personen"
                    | "leute"
                    | "personnes"
                    | "personas"
                    | "slots"
                    | "options"
                    | "sites"
            )
    }

    /// One phrase of days, without what may be its other end; of weekdays all that stand together,
    /// if they may.
    pub(super) fn single(&self, at: usize, together: bool) -> Found {
        let own = STRETCHES.longest_at(&self.words, at);
        let shared = PARTS.longest_at(&self.words, at);
        let own_first = match (own, shared) {
            (Some(own), Some(shared)) => own.0 >= shared.0,
            _ => true,
        };
        let by_own =
            || own.and_then(|(length, stretch)| self.stretch(at, length, stretch, together));
        let by_shared = || shared.and_then(|(length, part)| self.part(at, length, part, together));
        let named = if own_first {
            by_own().or_else(by_shared)
        } else {
            by_shared().or_else(by_own)
        };
        named
            .or_else(|| {
                self.short_german(at)
                    .and_then(|_| self.weekdays(at, together))
            })
            .or_else(|| self.ordinal_weekday(at))
            .or_else(|| self.numbered(at))
            .or_else(|| self.month(at))
    }

    /// What mail has a word for.
    fn part(&self, at: usize, length: usize, part: Part, together: bool) -> Found {
        let end = at + length;
        let today = self.today;
        let (year, month, _) = civil::year_month_day(today);
        let end_of = |(_, last): (Day, Day)| found(end, Days::End(last - 6, last));
        match part {
            Part::Days(count) => {
                let day = today + i32::try_from(count).ok()?;
                // `today in a week`
                self.counted_from(at, end, day)
                    .or_else(|| found(end, Days::Range(day, day)))
            }
            Part::Day(_) => self.weekdays(at, together),
            Part::ShortDay(_) if self.words.is_capital(at) => self.weekdays(at, together),
            Part::This | Part::Next | Part::Coming => self.nearby(at, length, part, together),
            Part::ThisWeek => self.this_week(at..end),
            Part::NextWeek => self.next_week(at..end),
            Part::EndOfWeek | Part::EndOfNextWeek => {
                let weeks = u64::from(part == Part::EndOfNextWeek);
                let friday = civil::from_date(friday(self.date(), weeks)?);
                found(end, Days::End(friday - 1, friday))
            }
            Part::ThisMonth => found(end, Days::Range(today, whole_month(year, month).1)),
            Part::NextMonth | Part::EndOfNextMonth => {
                let (year, month) = month_after(year, month, 1);
                let whole = whole_month(year, month);
                if part == Part::NextMonth {
                    found(end, Days::Range(whole.0, whole.1))
                } else {
                    end_of(whole)
                }
            }
            Part::EndOfMonth => end_of(whole_month(year, month)),
            Part::EndOfQuarter => end_of(quarter(year, (month - 1) / 3 + 1)),
            Part::EndOfYear => end_of(whole_month(year, 12)),
            _ => None,
        }
    }

    fn this_week(&self, words: Range<usize>) -> Found {
        let last = self.week(self.today) + 6;
        if (self.today..=last).all(|day| civil::weekday(day) > 4) {
            let week = last + 1;
            let text = "The working days of this week are over. Which days do you mean?";
            return ask(Ask::new("which_week", words, text)
                .or(
                    plain::stretch(self.today, last),
                    plain::iso_stretch(self.today, last),
                )
                .or(
                    plain::stretch(week, week + 6),
                    plain::iso_stretch(week, week + 6),
                ));
        }
        found(words.end, Days::Range(self.today, last))
    }

    fn next_week(&self, words: Range<usize>) -> Found {
        let week = self.week(self.today) + 7;
        if civil::weekday(self.today) == 6 && week > self.today + 1 {
            // For who counts weeks from Sunday, said on one.
            let tomorrow = self.today + 1;
            let text = "Does next week begin tomorrow, or in a week?";
            return ask(Ask::new("which_week", words, text)
                .or(
                    plain::stretch(tomorrow, week - 1),
                    plain::iso_stretch(tomorrow, week - 1),
                )
                .or(
                    plain::stretch(week, week + 6),
                    plain::iso_stretch(week, week + 6),
                ));
        }
        found(words.end, Days::Range(week, week + 6))
    }

    /// What only scheduling has a word for.
    fn stretch(&self, at: usize, length: usize, stretch: Stretch, together: bool) -> Found {
        let end = at + length;
        let today = self.today;
        let last_of_week = self.week(today) + 6;
        let (year, month, _) = civil::year_month_day(today);
        let this_quarter = (month - 1) / 3 + 1;
        let range = |first: Day, last: Day| found(end, Days::Range(first, last));
        match stretch {
            Stretch::Every(mask) if mask.is_power_of_two() => self.weekdays(at, together),
            Stretch::Every(mask) => found(end, Days::Every(mask)),
            Stretch::Weekend => self.weekend(at..end),
            Stretch::NextWeekend => self.next_weekend(at..end),
            Stretch::RestOfWeek => range(today, last_of_week),
            Stretch::LaterThisWeek if today < last_of_week => range(today + 1, last_of_week),
            Stretch::LaterThisWeek => self.this_week(at..end),
            Stretch::WeekAfterNext => {
                let week = self.week(today) + 14;
                range(week, week + 6)
            }
            Stretch::ThisQuarter => range(today, quarter(year, this_quarter).1),
            Stretch::NextQuarter => {
                let (year, month) = month_after(year, this_quarter * 3, 1);
                let (first, last) = quarter(year, (month - 1) / 3 + 1);
                range(first, last)
            }
            Stretch::Quarter(number) => {
                let said = year_at(&self.words, end);
                let next = year + i32::from(number < this_quarter);
                let (first, last) = quarter(said.unwrap_or(next), number);
                let end = end + usize::from(said.is_some());
                if last < today {
                    return self.over(at..end, first);
                }
                found(end, Days::Range(first.max(today), last))
            }
            Stretch::ThisYear => range(today, whole_month(year, 12).1),
            Stretch::NextYear => range(civil::day(year + 1, 1, 1), civil::day(year + 1, 12, 31)),
            Stretch::WeekOf => self.week_of(at, end),
            Stretch::WeekNumber => self.week_number(at, end),
            Stretch::Next | Stretch::In => self.counted(at, end, stretch),
            Stretch::Portion(part) => self.portion_of(at, end, part),
        }
    }

    fn weekend(&self, words: Range<usize>) -> Found {
        let saturday = monday(self.today) + 5;
        if self.today == saturday + 1 {
            let text = "Today is Sunday. Which weekend do you mean?";
            return ask(Ask::new("which_weekend", words, text)
                .or(
                    format!("today, {}", plain::day(self.today)),
                    plain::iso(self.today),
                )
                .or(
                    plain::stretch(saturday + 7, saturday + 8),
                    plain::iso_stretch(saturday + 7, saturday + 8),
                ));
        }
        found(
            words.end,
            Days::Range(saturday.max(self.today), saturday + 1),
        )
    }

    fn next_weekend(&self, words: Range<usize>) -> Found {
        let saturday = monday(self.today) + 5;
        let (next, behind) = (saturday + 7, saturday + 8);
        if self.today >= saturday {
            return found(words.end, Days::Range(next, behind));
        }
        ask(
            Ask::new("which_weekend", words, "Which weekend do you mean?")
                .or(
                    plain::stretch(saturday, saturday + 1),
                    plain::iso_stretch(saturday, saturday + 1),
                )
                .or(
                    plain::stretch(next, behind),
                    plain::iso_stretch(next, behind),
                ),
        )
    }

    /// `week of the 7th`: the words up to `end` lead to a date.
    fn week_of(&self, at: usize, end: usize) -> Found {
        let place = skip_articles(&self.words, end);
        let (end, day) = match self.single(place, false) {
            Some((end, Read::Days(Days::Weekdays(mask)))) => {
                (end, self.coming(mask.trailing_zeros()))
            }
            Some((end, Read::Days(days))) => (end, days.known()?.0),
            Some((end, Read::Ask(inner))) => {
                return Some((end, Read::Ask(inner)));
            }
            None => {
                let number = digits(self.words.get(place), 2)?;
                (
                    place + 1,
                    civil::from_date(day_of_month(self.date(), number)?),
                )
            }
        };
        let week = self.week(day);
        if week + 6 < self.today {
            return self.over(at..end, day);
        }
        found(end, Days::Range(week.max(self.today), week + 6))
    }

    /// `KW 11`: the week of that number (ISO 8601) that is not over.
    fn week_number(&self, at: usize, end: usize) -> Found {
        let number = digits(self.words.get(end), 2).filter(|number| *number > 0)?;
        if self.is_counted(end + 1) {
            return None;
        }
        let year = self.date().iso_week().year();
        let week = (year..=year + 6)
            .filter_map(|year| NaiveDate::from_isoywd_opt(year, number, Weekday::Mon))
            .map(civil::from_date)
            .find(|monday| monday + 6 >= self.today)?;
        if i64::from(week - self.today) > FARTHEST_DAYS {
            return far(at..end + 1, week, week + 6);
        }
        found(end + 1, Days::Range(week.max(self.today), week + 6))
    }

    /// `next 10 days`, `in two weeks`: the words up to `end` lead to a number and its unit.
    fn counted(&self, at: usize, end: usize, stretch: Stretch) -> Found {
        let mut place = end
            + usize::from(
                self.words.get(end) == "a" && matches!(self.words.get(end + 1), "few" | "couple"),
            );
        let count = match self.words.get(place) {
            "few" | "several" | "einige" | "einigen" | "paar" | "quelques" | "unos" | "pocos" => {
                None
            }
            "couple" => Some(2),
            _ => {
                let (length, count) = number_at(&self.words, place)?;
                place += length - 1;
                Some(count)
            }
        };
        place += 1 + usize::from(self.words.get(place + 1) == "of");
        let count = count.and_then(|count| i32::try_from(count).ok());
        let working = matches!(self.words.get(place), "working" | "business" | "work");
        if working
            || matches!(
                self.words.get(place),
                "prochains" | "prochaines" | "nachsten" | "kommenden" | "full" | "proximos"
            )
        {
            place += 1;
        }
        let (length, unit) = UNITS.longest_at(&self.words, place)?;
        if unit < DAY {
            return None;
        }
        let end = place + length;
        let Some(count) = count else {
            let name = self.words.source(place);
            let lead = self.slice(at..at + 1);
            let mut which = Ask::new("how_many", at..end, format!("How many {name}?"));
            for count in [2, 3, 5] {
                which = which.or(format!("{count} {name}"), format!("{lead} {count} {name}"));
            }
            return ask(which);
        };
        if stretch == Stretch::In
            && let Some(asked) = self.idiom(at..end, place, self.today)
        {
            return ask(asked);
        }
        let ahead = self.ahead(count, unit, working);
        if stretch == Stretch::Next {
            return found(end, Days::Range(self.today, ahead));
        }
        if unit == DAY {
            return found(end, Days::Range(ahead, ahead));
        }
        let week = self.week(ahead);
        found(end, Days::Range(week, week + 6))
    }

    /// The day so many units from now.
    fn ahead(&self, count: i32, unit: u32, working: bool) -> Day {
        if working && unit == DAY {
            return (self.today + 1..)
                .filter(|day| civil::weekday(*day) < 5)
                .nth(usize::try_from(count - 1).unwrap_or(0))
                .unwrap_or(self.today);
        }
        if unit == MONTH {
            let (year, month, day) = civil::year_month_day(self.today);
            let (year, month) = month_after(year, month, count);
            return civil::day(year, month, day.min(civil::days_in_month(year, month)));
        }
        let days = i32::try_from(unit / DAY).unwrap_or(1);
        self.today + count.min(4000) * days
    }

    /// `early next week`, `first half of January`: the words up to `end` lead to the whole.
    fn portion_of(&self, at: usize, end: usize, part: Portion) -> Found {
        let place = skip_articles(&self.words, end);
        let place = place + usize::from(matches!(self.words.get(place), "in" | "im" | "of" | "en"));
        let whole = match PARTS.longest_at(&self.words, place) {
            Some((length, Part::ThisWeek)) => Some((place + length, self.week(self.today))),
            Some((length, Part::NextWeek)) => Some((place + length, self.week(self.today) + 7)),
            _ if matches!(
                self.words.get(place),
                "week" | "woche" | "semaine" | "semana"
            ) =>
            {
                Some((place + 1, self.week(self.today)))
            }
            _ => None,
        };
        let (end, whole) = if let Some((end, week)) = whole {
            (end, (week, week + 6))
        } else if let Some((length, Part::ThisMonth)) = PARTS.longest_at(&self.words, place) {
            let (year, month, _) = civil::year_month_day(self.today);
            (place + length, whole_month(year, month))
        } else {
            // A month, a quarter, a year: the words before them say that they are one. Of a part
            // there is no part, which also bounds the work on `early early early`.
            if matches!(
                STRETCHES.longest_at(&self.words, place),
                Some((_, Stretch::Portion(_) | Stretch::WeekOf))
            ) {
                return None;
            }
            let next = self.month_at(place).or_else(|| self.single(place, false))?;
            let (end, Read::Days(Days::Range(first, last))) = next else {
                return None;
            };
            // Of a month that has begun, its part is one of the whole month.
            let first = if last - first < 31 && first == self.today {
                let (year, month, _) = civil::year_month_day(last);
                whole_month(year, month).0
            } else {
                first
            };
            if last - first < 6 {
                return None;
            }
            (end, (first, last))
        };
        let (first, last) = portion(part, whole);
        if last < self.today {
            return self.over(at..end, first);
        }
        let days = if part == Portion::End {
            Days::End(first, last)
        } else {
            Days::Range(first.max(self.today), last)
        };
        found(end, days)
    }
}

/// The first and the last day of a quarter, 1 to 4.
fn quarter(year: i32, number: u32) -> (Day, Day) {
    let last = number.clamp(1, 4) * 3;
    (whole_month(year, last - 2).0, whole_month(year, last).1)
}
