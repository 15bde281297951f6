//! Weekdays in words: alone, in lists, with the date or the week that belongs to them.

use std::ops::Range;

use crate::calendar::civil::{self, Day};
use crate::dates::numbers::numbers;
use crate::dates::vocabulary::{PARTS, Part};
use crate::dates::{OWNERS, ends_clause};

use super::days::{Found, Read, ask, found, monday, whole_month};
use super::facts::{Ask, Days};
use super::plain;
use super::reader::Reader;
use super::vocabulary::{JOINS, Join, ORDINALS, STRETCHES, Stretch, skip_articles};

impl Reader<'_> {
    /// Weekdays that stand together, with the date or the week that belongs to them.
    pub(super) fn weekdays(&self, at: usize, together: bool) -> Found {
        let (mut end, mask, every) = self.weekday_list(at, together)?;
        if every {
            return found(end, Days::Every(mask));
        }
        if mask.is_power_of_two() {
            if let Some(dated) = self.dated_weekday(at, end, mask.trailing_zeros()) {
                return dated;
            }
            if matches!(self.words.get(end), "prochain" | "proximo" | "que") {
                let spanish = self.words.get(end) == "que" && self.words.get(end + 1) == "viene";
                if spanish || self.words.get(end) != "que" {
                    let coming = self.coming(mask.trailing_zeros());
                    return found(end + 1 + usize::from(spanish), Days::Range(coming, coming));
                }
            }
        }
        // `Tuesday of next week`: the week belongs to them.
        let linked = end + usize::from(matches!(self.words.get(end), "of" | "in" | "de" | "der"));
        if self.words.gap_after(end - 1).trim().is_empty()
            && let Some((week_end, Read::Days(Days::Range(first, last)))) =
                self.week_behind(end).or_else(|| self.week_behind(linked))
            && last - first < 7
        {
            end = week_end;
            let week = self.week(last);
            let days = (0..7).map(|number| week + number);
            let monday = monday(week);
            if monday == week {
                return self.in_week(at..end, monday, mask);
            }
            // The week begins with another day: its days are of two Mondays' weeks.
            let chosen: Vec<Day> = days
                .filter(|day| mask >> civil::weekday(*day) & 1 == 1)
                .collect();
            let (first, last) = (*chosen.first()?, *chosen.last()?);
            if first < self.today {
                return self.over(at..end, first);
            }
            if chosen.len() == 1 {
                return found(end, Days::Range(first, last));
            }
            return self.in_week(at..end, monday + 7 * i32::from(first >= monday + 7), mask);
        }
        // `the Friday report`
        if OWNERS.contains(&self.words.before(at)) && !ends_clause(&self.words, end) {
            return None;
        }
        found(end, Days::Weekdays(mask))
    }

    /// A week that is named behind weekdays.
    fn week_behind(&self, at: usize) -> Found {
        let is_week = matches!(
            PARTS.longest_at(&self.words, at),
            Some((_, Part::ThisWeek | Part::NextWeek))
        ) || matches!(
            STRETCHES.longest_at(&self.words, at),
            Some((_, Stretch::WeekAfterNext | Stretch::WeekOf | Stretch::In))
        );
        is_week.then(|| self.single(at, false)).flatten()
    }

    /// Weekdays of one week (Monday to Sunday), if they are not over.
    fn in_week(&self, words: Range<usize>, monday: Day, mask: u8) -> Found {
        let days = Days::InWeek(monday, mask);
        match days.each().find(|day| *day < self.today) {
            Some(day) => self.over(words, day),
            None => found(words.end, days),
        }
    }

    /// The weekdays that stand together: where they end, which, and whether they are meant whenever
    /// they come.
    fn weekday_list(&self, at: usize, together: bool) -> Option<(usize, u8, bool)> {
        let one = |at: usize| -> Option<(usize, u8, bool)> {
            if let Some((length, Stretch::Every(mask))) = STRETCHES.longest_at(&self.words, at)
                && mask.is_power_of_two()
            {
                return Some((at + length, mask, true));
            }
            if let Some(weekday) = self.short_german(at) {
                return Some((at + 1, 1 << weekday, false));
            }
            match PARTS.longest_at(&self.words, at)? {
                (length, Part::Day(weekday)) => {
                    Some((at + length, 1 << weekday.num_days_from_monday(), false))
                }
                (length, Part::ShortDay(weekday)) if self.words.is_capital(at) => {
                    Some((at + length, 1 << weekday.num_days_from_monday(), false))
                }
                _ => None,
            }
        };
        let (mut end, mut mask, mut every) = one(at)?;
        if !together {
            return Some((end, mask, every));
        }
        loop {
            let gap = self.words.gap_after(end - 1).trim();
            let next = match JOINS.longest_at(&self.words, end) {
                Some((length, Join::And | Join::Or)) => end + length,
                None if matches!(gap, "," | "/" | "&") => end,
                _ => break,
            };
            let next = next
                + usize::from(matches!(
                    self.words.get(next),
                    "on" | "am" | "le" | "el" | "los"
                ));
            let Some((more, another, plural)) = one(next) else {
                break;
            };
            // A weekday with a date of its own is its own phrase.
            if self
                .dated_weekday(next, more, another.trailing_zeros())
                .is_some()
            {
                break;
            }
            (end, mask, every) = (more, mask | another, every || plural);
        }
        Some((end, mask, every))
    }

    /// `am Di`, `Mo oder Di`, `Di, 10.3.`: two letters are a weekday only in such company.
    pub(super) fn short_german(&self, at: usize) -> Option<u32> {
        const SHORT: [&str; 7] = ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"];
        let words = &self.words;
        let number = |at: usize| {
            (0..)
                .zip(SHORT)
                .find(|(_, short)| *short == words.source(at))
                .map(|(number, _)| number)
        };
        let found = number(at)?;
        let led = matches!(
            words.before(at),
            "am" | "bis"
                | "ab"
                | "vom"
                | "nachsten"
                | "kommenden"
                | "diesen"
                | "nicht"
                | "ausser"
                | "zwischen"
        );
        let joins = |at: usize| matches!(words.get(at), "oder" | "und" | "bis" | "o" | "y");
        let before = joins(at.wrapping_sub(1)) && number(at.wrapping_sub(2)).is_some();
        let gap = words.gap_after(at);
        let behind = (joins(at + 1) && number(at + 2).is_some())
            || (matches!(gap, "-" | "–" | "/") && number(at + 1).is_some());
        let hyphen = at > 0
            && matches!(words.gap_after(at - 1), "-" | "–" | "/")
            && number(at - 1).is_some();
        let dated = (gap.starts_with('.') || gap.starts_with(','))
            && words
                .get(at + 1)
                .starts_with(|ch: char| ch.is_ascii_digit());
        (led || before || behind || hyphen || dated).then_some(found)
    }

    /// A weekday and the date behind it, which must agree.
    fn dated_weekday(&self, at: usize, end: usize, weekday: u32) -> Option<Found> {
        let place = end
            + usize::from(matches!(
                self.words.get(end),
                "the" | "den" | "dem" | "le" | "el" | "on"
            ));
        let place = place + usize::from(matches!(self.words.get(place), "the"));
        let date = numbers(&self.words, place)?;
        let (end, day) = match self.of_numbers(place, date)? {
            (end, Read::Days(days)) => (end, days.known()?.0),
            asked @ (_, Read::Ask(_)) => return Some(Some(asked)),
        };
        if civil::weekday(day) == weekday {
            return Some(found(end, Days::Range(day, day)));
        }
        let nearest = (day - 3..=day + 3).find(|near| civil::weekday(*near) == weekday)?;
        let text = format!(
            "{} is a {}. Which day do you mean?",
            plain::iso(day),
            plain::weekday(civil::weekday(day))
        );
        Some(ask(Ask::new("which_date", at..end, text)
            .or(plain::day(day), plain::iso(day))
            .or(plain::day(nearest), plain::iso(nearest))))
    }

    /// `this Friday`, `next Tuesday or Wednesday`.
    pub(super) fn nearby(&self, at: usize, length: usize, part: Part, together: bool) -> Found {
        let (end, mask, every) = self.weekday_list(at + length, together)?;
        if every {
            return None;
        }
        let this = monday(self.today);
        let coming = || {
            (0..7_u32)
                .filter(|number| mask >> number & 1 == 1)
                .map(|number| self.coming(number))
        };
        match part {
            Part::This => self.in_week(at..end, this, mask),
            Part::Next => {
                let next = Days::InWeek(this + 7, mask);
                if next.each().eq(coming()) {
                    return found(end, next);
                }
                let name = |days: &mut dyn Iterator<Item = Day>| {
                    let days: Vec<Day> = days.collect();
                    let said = plain::list(days.iter().copied().map(plain::day).collect(), "or");
                    (
                        said,
                        plain::list(days.into_iter().map(plain::iso).collect(), "or"),
                    )
                };
                let (sooner, sooner_words) = name(&mut coming());
                let (later, later_words) = name(&mut next.each());
                ask(
                    Ask::new("which_week", at..end, "This week's, or next week's?")
                        .or(sooner, sooner_words)
                        .or(later, later_words),
                )
            }
            _ => {
                let days: Vec<Day> = coming().collect();
                match (days.iter().min(), days.iter().max()) {
                    (Some(first), Some(last)) if first == last => {
                        found(end, Days::Range(*first, *last))
                    }
                    // Not of one week (Monday to Sunday): the ones that come anyway.
                    _ => found(end, Days::Weekdays(mask)),
                }
            }
        }
    }

    /// `last Friday of the month`, `second Tuesday in April`.
    pub(super) fn ordinal_weekday(&self, at: usize) -> Found {
        let words = &self.words;
        let (length, nth) = ORDINALS.longest_at(words, at)?;
        let (end, mask, false) = self.weekday_list(at + length, false)? else {
            return None;
        };
        if !matches!(
            words.get(end),
            "of" | "in" | "im" | "des" | "du" | "de" | "del"
        ) {
            return None;
        }
        let place = if words.get(end + 1) == "mes" {
            end + 1
        } else {
            skip_articles(words, end + 1)
        };
        let month = match PARTS.longest_at(words, place) {
            Some((length, Part::ThisMonth)) => Some((place + length, self.month_of_today())),
            Some((length, Part::NextMonth)) => {
                let next = whole_month_of(self.month_of_today().1 + 1);
                Some((place + length, next))
            }
            _ if matches!(words.get(place), "month" | "monats" | "mois" | "mes") => {
                Some((place + 1, self.month_of_today()))
            }
            _ => match self.month_at(place)? {
                (end, Read::Days(days)) => Some((end, whole_month_of(days.known()?.1))),
                asked @ (_, Read::Ask(_)) => return Some(asked),
            },
        };
        let (end, (first, last)) = month?;
        let weekday = mask.trailing_zeros();
        let mut all = (first..=last).filter(|day| civil::weekday(*day) == weekday);
        let day = match nth {
            Some(nth) => all.nth(usize::try_from(nth).ok()?)?,
            None => all.next_back()?,
        };
        if day < self.today {
            return self.over(at..end, day);
        }
        found(end, Days::Range(day, day))
    }

    fn month_of_today(&self) -> (Day, Day) {
        whole_month_of(self.today)
    }
}

/// The month that a day lies in: its first day and its last.
fn whole_month_of(day: Day) -> (Day, Day) {
    let (year, month, _) = civil::year_month_day(day);
    whole_month(year, month)
}
