//! Dates by their numbers and months by their names.

use std::ops::Range;

use chrono::NaiveDate;

use crate::calendar::civil::{self, Day};
use crate::dates::numbers::{Numbers, day_of_month, numbers, year_at};
use crate::dates::vocabulary::{digits, month};
use crate::dates::{FARTHEST_DAYS, ends_clause};

use super::days::{Found, ask, found, whole_month};
use super::facts::{Ask, Days};
use super::plain;
use super::reader::Reader;

impl Reader<'_> {
    /// A date by its numbers, or a day of the month behind an article that can only be one.
    pub(super) fn numbered(&self, at: usize) -> Found {
        if let Some(found) = numbers(&self.words, at) {
            return self.of_numbers(at, found);
        }
        let before = self.words.before(at);
        let day = digits(self.words.get(at), 2).filter(|day| (1..=31).contains(day))?;
        let gap = self.words.gap_after(at);
        if !matches!(before, "le" | "el" | "du" | "au" | "del" | "al")
            || self.is_counted(at + 1)
            || gap.starts_with([':', '/', '-', '.'])
        {
            return None;
        }
        let day = civil::from_date(day_of_month(self.date(), day)?);
        found(at + 1, Days::Range(day, day))
    }

    pub(super) fn of_numbers(&self, at: usize, numbers: Numbers) -> Found {
        let words = at..at + numbers.length;
        let Some(month) = numbers.month else {
            let day = civil::from_date(day_of_month(self.date(), numbers.day)?);
            return found(words.end, Days::Range(day, day));
        };
        if numbers.either {
            let mut which = Ask::new(
                "which_date",
                words,
                "Which is the day, and which the month?",
            );
            for (month, day) in [(month, numbers.day), (numbers.day, month)] {
                if let Some(day) = self.next_date(numbers.year, month, day) {
                    which = which.or(plain::day(day), plain::iso(day));
                }
            }
            return ask(which);
        }
        let year = civil::year_month_day(self.today).0;
        let Some(day) = self.next_date(numbers.year, month, numbers.day) else {
            if (1..=12).contains(&month) {
                let last = |year: i32| whole_month(year, month).1;
                let this = last(numbers.year.unwrap_or(year));
                let last = if this < self.today {
                    last(year + 1)
                } else {
                    this
                };
                let text = format!("{} does not have so many days.", plain::month(month));
                let ask_last =
                    Ask::new("no_such_date", words, text).or(plain::day(last), plain::iso(last));
                return ask(ask_last);
            }
            return None;
        };
        if day < self.today {
            return self.over(words, day);
        }
        if numbers.year.is_none() && i64::from(day - self.today) > FARTHEST_DAYS {
            return far(words, day, day);
        }
        found(words.end, Days::Range(day, day))
    }

    /// The date of its numbers; without a year the next one.
    fn next_date(&self, year: Option<i32>, month: u32, day: u32) -> Option<Day> {
        let of = |year: i32| NaiveDate::from_ymd_opt(year, month, day).map(civil::from_date);
        let (this, _, _) = civil::year_month_day(self.today);
        match year {
            Some(year) => of(year),
            // 29 February may be some years away.
            None => (this..this + 9)
                .filter_map(of)
                .find(|day| *day >= self.today),
        }
    }

    /// A month, where the words leave no doubt that it is one.
    pub(super) fn month(&self, at: usize) -> Found {
        let doubtful = matches!(
            self.words.get(at),
            "may" | "march" | "mars" | "sept" | "mar" | "mai" | "dec" | "jan" | "jun" | "juni"
        );
        let led = matches!(
            self.words.before(at),
            "in" | "en"
                | "im"
                | "of"
                | "de"
                | "this"
                | "next"
                | "until"
                | "by"
                | "bis"
                | "from"
                | "or"
                | "and"
        );
        if doubtful && !led && !(self.words.is_capital(at) && ends_clause(&self.words, at + 1)) {
            return None;
        }
        self.month_at(at)
    }

    /// A month, if a word names one.
    pub(super) fn month_at(&self, at: usize) -> Found {
        // `début d'avril`
        let word = self.words.get(at);
        let number = month(word.strip_prefix("d'").unwrap_or(word))?;
        let (year, this, _) = civil::year_month_day(self.today);
        let said = year_at(&self.words, at + 1);
        let end = at + 1 + usize::from(said.is_some());
        let (first, last) = whole_month(said.unwrap_or(year + i32::from(number < this)), number);
        if last < self.today {
            return self.over(at..end, first);
        }
        if said.is_none() && i64::from(first - self.today) > FARTHEST_DAYS {
            let (year, _, _) = civil::year_month_day(first);
            let name = format!("{} {year}", plain::month(number));
            let text = format!("That is {name}, a long way ahead. Do you mean it?");
            return ask(Ask::new("far_ahead", at..end, text).or(name.clone(), name));
        }
        found(end, Days::Range(first.max(self.today), last))
    }

    /// Words for days that are over.
    pub(super) fn over(&self, words: Range<usize>, day: Day) -> Found {
        let mut which = Ask::new(
            "over",
            words,
            format!("{} is over. Which day do you mean?", plain::day(day)),
        );
        let (year, month, of_month) = civil::year_month_day(day);
        let coming = self.coming(civil::weekday(day));
        if self.today - day < 7 {
            which = which.or(plain::day(coming), plain::iso(coming));
        } else if let Some(next) = self.next_date(None, month, of_month).filter(|_| year > 0) {
            which = which.or(plain::day(next), plain::iso(next));
        }
        ask(which)
    }
}

/// Words for days so far ahead that they may be meant otherwise.
pub(super) fn far(words: Range<usize>, first: Day, last: Day) -> Found {
    let text = format!(
        "That is {}, a long way ahead. Do you mean it?",
        plain::day(first)
    );
    ask(Ask::new("far_ahead", words, text)
        .or(plain::stretch(first, last), plain::iso_stretch(first, last)))
}
