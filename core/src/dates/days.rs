//! Days in words: counted from today, named, by their numbers, as a part of something larger.

use chrono::{Datelike, Days as Count, NaiveDate, Weekday};

use super::amounts::{Length, Unit, amount, count, nearest};
use super::mentions::Reader;
use super::neighbours::{OWNERS, ends_clause, is_before_noun, is_free};
use super::numbers::{Numbers, friday, is_ordinal, month_end, numbers, year_at};
use super::terms::{
    BEFORE_TODAY, COMING, EDGES, Edge, HOLIDAYS, Holiday, ORDINALS, STEPS, STEPS_AFTER, UNITS,
};
use super::vocabulary::{PARTS, Part, digits, month};
use super::{DayOrder, FARTHEST_DAYS, Prefer, Reason, Value};

/// A day, or from one to another, as the words name it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Days {
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
    /// What the words can mean as well.
    pub(super) other: Option<(NaiveDate, NaiveDate, Reason)>,
    /// Whether the words might as well be a part of a name: a bare weekday, `the 15th`.
    pub(super) loose: bool,
    /// Whether it is a weekday that a later one of a range can follow.
    pub(super) weekday: bool,
    /// Whether it is a whole stretch, even if of one day.
    pub(super) whole: bool,
}

impl Days {
    pub(super) fn day(date: NaiveDate) -> Self {
        Self::range(date, date)
    }

    pub(super) fn range(first: NaiveDate, last: NaiveDate) -> Self {
        Self {
            first,
            last,
            other: None,
            loose: false,
            weekday: false,
            whole: first != last,
        }
    }

    fn or(self, other: Option<NaiveDate>, reason: Reason) -> Self {
        let other = other
            .filter(|other| *other != self.first)
            .map(|other| (other, other, reason));
        Self { other, ..self }
    }

    fn loose(self) -> Self {
        Self {
            loose: true,
            ..self
        }
    }
}

/// How deep `the day after the day before` is followed.
const DEEPEST: u32 = 1;

/// The day on which something is due that is due in these days: a week's Friday, else the last one.
pub(crate) fn last_due(value: &Value, last: NaiveDate) -> NaiveDate {
    match value {
        Value::Dates(Some(first), _)
            if (last - *first).num_days() == 6
                && matches!(first.weekday(), Weekday::Mon | Weekday::Sun) =>
        {
            nearest(*first, Weekday::Fri, true).unwrap_or(last)
        }
        _ => last,
    }
}

/// The month so many months after (or before) that of a day.
fn month_after(date: NaiveDate, more: i32) -> Option<(NaiveDate, NaiveDate)> {
    let months = date.year() * 12 + i32::try_from(date.month0()).ok()? + more;
    let (year, month) = (
        months.div_euclid(12),
        u32::try_from(months.rem_euclid(12)).ok()? + 1,
    );
    whole_month(year, month)
}

fn whole_month(year: i32, month: u32) -> Option<(NaiveDate, NaiveDate)> {
    Some((
        NaiveDate::from_ymd_opt(year, month, 1)?,
        month_end(year, month)?,
    ))
}

fn whole_year(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    Some((
        NaiveDate::from_ymd_opt(year, 1, 1)?,
        NaiveDate::from_ymd_opt(year, 12, 31)?,
    ))
}

fn quarter(year: i32, number: u32) -> Option<(NaiveDate, NaiveDate)> {
    Some((
        whole_month(year, number * 3 - 2)?.0,
        whole_month(year, number * 3)?.1,
    ))
}

/// Easter Sunday (the anonymous Gregorian computus).
#[expect(clippy::many_single_char_names, reason = "the letters of the computus")]
fn easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - b / 4 - g + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

/// The weekday of this place in a stretch; -1 is the last.
pub(super) fn nth_weekday(
    (first, last): (NaiveDate, NaiveDate),
    weekday: Weekday,
    place: i32,
) -> Option<NaiveDate> {
    let found = if place < 0 {
        nearest(last.succ_opt()?, weekday, false)?
    } else {
        let start = nearest(first.pred_opt()?, weekday, true)?;
        start.checked_add_days(Count::new(u64::try_from(place - 1).ok()? * 7))?
    };
    (first..=last).contains(&found).then_some(found)
}

impl Holiday {
    fn in_year(self, year: i32) -> Option<NaiveDate> {
        match self {
            Self::Fixed(month, day) => NaiveDate::from_ymd_opt(year, month, day),
            Self::Easter(days) => easter(year)?.checked_add_signed(chrono::Duration::days(days)),
            Self::Nth(month, weekday, place, after) => {
                let weekday = Weekday::try_from(u8::try_from(weekday).ok()?).ok()?;
                nth_weekday(whole_month(year, month)?, weekday, place)?
                    .checked_add_signed(chrono::Duration::days(after))
            }
        }
    }
}

/// The part of a stretch that an edge names.
fn edge_of(edge: Edge, (first, last): (NaiveDate, NaiveDate), is_week: bool) -> Option<Days> {
    let plus = |days: i64| first.checked_add_signed(chrono::Duration::days(days));
    if is_week {
        let monday = i64::from((7 - first.weekday().num_days_from_monday()) % 7);
        let (from, to) = match edge {
            Edge::Start => (0, 0),
            Edge::Early => (0, 1),
            Edge::Middle => (1, 3),
            Edge::Late => (3, 4),
            Edge::End => (4, 4),
        };
        return Some(Days::range(plus(monday + from)?, plus(monday + to)?));
    }
    let days = (last - first).num_days();
    // Of a year these are months.
    if days > 360 && !matches!(edge, Edge::Start | Edge::End) {
        let (from, to) = match edge {
            Edge::Early | Edge::Start => (1, 4),
            Edge::Middle => (5, 8),
            Edge::Late | Edge::End => (9, 12),
        };
        let year = first.year();
        return Some(Days::range(
            whole_month(year, from)?.0,
            whole_month(year, to)?.1,
        ));
    }
    let third = (days + 2) / 3;
    let whole = match edge {
        Edge::Start => (first, first),
        Edge::End => (last, last),
        Edge::Early => (first, plus(third - 1)?),
        Edge::Middle => (plus(third)?, plus(2 * third - 1)?),
        Edge::Late => (plus(2 * third)?, last),
    };
    Some(Days::range(whole.0, whole.1))
}

/// Units that have no number and no end.
#[rustfmt::skip] // a table: packed, not one word a line
const PLURAL_UNITS: &[&str] = &[
    "weeks", "months", "quarters", "years", "days", "wochen", "monaten", "jahren", "tagen", "semanas", "meses", "anos",
    "semaines", "annees", "jours", "dias",
];

fn is_of(word: &str) -> bool {
    matches!(
        word,
        "of" | "in" | "im" | "des" | "de" | "del" | "du" | "d" | "vom" | "next" | "this"
    )
}

impl Reader<'_, '_> {
    pub(super) fn today(&self) -> NaiveDate {
        self.context.now.date()
    }

    pub(super) fn articles(&self, at: usize) -> usize {
        at + usize::from(matches!(
            self.words.get(at),
            "the"
                | "den"
                | "dem"
                | "der"
                | "die"
                | "das"
                | "le"
                | "la"
                | "les"
                | "el"
                | "los"
                | "las"
        ))
    }

    /// The first day of the week that a day is in.
    fn week(&self, date: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let start = nearest(date.succ_opt()?, self.context.week_start, false)?;
        Some((start, start.checked_add_days(Count::new(6))?))
    }

    fn in_week(&self, weeks: i64, weekday: Weekday) -> Option<NaiveDate> {
        let (start, _) = self.week(self.today())?;
        let start = nearest(start.pred_opt()?, weekday, true)?;
        start.checked_add_signed(chrono::Duration::days(weeks.checked_mul(7)?))
    }

    /// Days: where their words end, and which. `led` says that the word before wants a time.
    pub(super) fn days(&self, at: usize, led: bool) -> Option<(usize, Days)> {
        self.days_within(at, led, 0)
    }

    fn days_within(&self, at: usize, led: bool, depth: u32) -> Option<(usize, Days)> {
        let words = self.words;
        if at >= words.len() || depth > DEEPEST || !self.opens(at) {
            return None;
        }
        let day = |date: Option<NaiveDate>, end: usize| Some((end, Days::day(date?)));
        let today = self.today();
        if let Some((length, back)) = BEFORE_TODAY.longest_at(words, at)
            && (words.get(at) != "hier" || self.is_french_near(at))
        {
            return day(
                today.checked_sub_signed(chrono::Duration::days(back)),
                at + length,
            );
        }
        if let Some((length, part)) = PARTS.longest_at(words, at) {
            let end = at + length;
            match part {
                Part::Days(days) if !matches!(words.before(at), "guten" | "good" | "goden") => {
                    let date = today.checked_add_days(Count::new(days))?;
                    if words.get(end) == "week" && self.is_close(end) {
                        return day(date.checked_add_days(Count::new(7)), end + 1);
                    }
                    let (end, date) = self.weeks_on(end, date).unwrap_or((end, date));
                    return day(Some(date), end);
                }
                Part::EndOfWeek => return day(self.week_end(0), end),
                Part::EndOfNextWeek => return day(self.week_end(1), end),
                Part::EndOfMonth => return day(month_end(today.year(), today.month()), end),
                Part::EndOfNextMonth => {
                    return day(month_end(today.year(), today.month() + 1), end);
                }
                Part::EndOfQuarter => {
                    return day(
                        quarter(today.year(), today.month0() / 3 + 1).map(|quarter| quarter.1),
                        end,
                    );
                }
                Part::EndOfYear => return day(whole_year(today.year()).map(|year| year.1), end),
                _ => {}
            }
        }
        self.nth(at)
            .or_else(|| self.edge(at))
            .or_else(|| self.beside(at, depth))
            .or_else(|| self.stretch(at, led))
            .or_else(|| self.weekday(at))
            .or_else(|| self.dated(at, led))
            .or_else(|| self.holiday(at))
    }

    /// The Friday of a week.
    fn week_end(&self, weeks: u64) -> Option<NaiveDate> {
        friday(self.today(), weeks)
    }

    /// Whether `hier` is French here, not German.
    fn is_french_near(&self, at: usize) -> bool {
        let german = [
            "ist", "bin", "ich", "wir", "die", "der", "das", "es", "und", "sind", "von",
        ];
        let from = at.saturating_sub(5);
        !(from..at + 6).any(|place| german.contains(&self.words.get(place)))
    }

    /// A weekday's name: where it ends, and which.
    pub(super) fn weekday_name(&self, at: usize) -> Option<(usize, Weekday)> {
        match PARTS.longest_at(self.words, at)? {
            (length, Part::Day(weekday)) => Some((at + length, weekday)),
            (length, Part::ShortDay(weekday)) if self.words.is_capital(at) => {
                Some((at + length, weekday))
            }
            _ => None,
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one form after the other: the first that fits wins"
    )]
    fn weekday(&self, at: usize) -> Option<(usize, Days)> {
        let words = self.words;
        let today = self.today();
        let day = |date: Option<NaiveDate>, end: usize| Some((end, Days::day(date?)));
        if let Some((length, step)) = STEPS.longest_at(words, at)
            && let Some((end, weekday)) = self.weekday_name(at + length)
        {
            // `this Friday the 13th`
            let (end, days) = self.stepped(step, weekday).map(|days| (end, days))?;
            let doubled = match (words.get(end), words.get(end + 1)) {
                ("after", "next") => Some(7),
                ("before", "last") => Some(-7),
                _ => None,
            };
            if let Some(days_more) = doubled {
                return day(
                    days.first
                        .checked_add_signed(chrono::Duration::days(days_more)),
                    end + 2,
                );
            }
            return Some((end, days));
        }
        let start = self.articles(at);
        let (end, weekday) = self.weekday_name(start)?;
        // The short names of days are words of other languages too: `mon ami`, `Mar 3`.
        let coming = nearest(today, weekday, true)?;
        let weeks = |date: NaiveDate, weeks: i64| {
            date.checked_add_signed(chrono::Duration::days(weeks * 7))
        };
        match (words.get(end), words.get(end + 1)) {
            ("after", "next") => return day(weeks(self.in_week(1, weekday)?, 1), end + 2),
            ("before", "last") => return day(weeks(nearest(today, weekday, false)?, -1), end + 2),
            ("week", _) if self.is_close(end) && ends_clause(words, end + 1) => {
                return day(weeks(coming, 1), end + 1);
            }
            _ => {}
        }
        // `Tuesday of next week`, `Tuesday next week`, `Dienstag nächster Woche`
        let place = end + usize::from(matches!(words.get(end), "of" | "in" | "de" | "der"));
        if let Some((step_length, step)) = STEPS.longest_at(words, place)
            && let Some((unit_length, Unit::Week)) = UNITS.longest_at(words, place + step_length)
        {
            let step = if step == COMING { 1 } else { step };
            return day(
                self.in_week(step.into(), weekday),
                place + step_length + unit_length,
            );
        }
        if let Some((end, date)) = self.weeks_on(end, coming) {
            return day(Some(date), end);
        }
        // `the Friday after Thanksgiving`
        let after = matches!(words.get(end), "after" | "nach" | "apres");
        if (after || matches!(words.get(end), "before" | "vor" | "avant"))
            && let Some((end, days)) = self.holiday(end + 1).or_else(|| self.dated(end + 1, true))
        {
            return day(nearest(days.first, weekday, after), end);
        }
        // `Friday, March 13`, `Friday the 13th`, `vendredi 13 mars`
        let date_at = end
            + usize::from(matches!(
                words.get(end),
                "the" | "den" | "dem" | "le" | "el" | "on"
            ));
        if !words.gap_after(end - 1).contains(['\n', ';', '?', '!'])
            && let Some((date_end, days)) = self.dated(date_at, true)
            && days.first == days.last
        {
            let fits = |date: NaiveDate| date.weekday() == weekday;
            let other = days.other.map(|(other, _, _)| other);
            if fits(days.first) {
                return day(Some(days.first), date_end);
            }
            if let Some(other) = other.filter(|other| fits(*other)) {
                return day(Some(other), date_end);
            }
            // A day of a month is any month's: `Friday the 13th` is the next one that is a Friday.
            if days.loose {
                let fitting = (0..14).find_map(|more| {
                    let (first, _) = month_after(days.first, more)?;
                    first.with_day(days.first.day()).filter(|date| fits(*date))
                });
                return day(fitting, date_end);
            }
            return Some((date_end, days.or(Some(coming), Reason::Contradiction)));
        }
        if let Some((length, step)) = STEPS_AFTER
            .longest_at(words, end)
            .filter(|_| self.is_close(end))
        {
            return day(nearest(today, weekday, step > 0), end + length);
        }
        if words.get(end) == "last" && ends_clause(words, end + 1) && self.is_close(end) {
            return day(nearest(today.succ_opt()?, weekday, false), end + 1);
        }
        let days = match self.context.prefer {
            Prefer::Past => {
                let last = nearest(today, weekday, false)?;
                Days::day(last).or(
                    (today.weekday() == weekday).then_some(today),
                    Reason::SameDay,
                )
            }
            _ => Days::day(coming).or(
                (today.weekday() == weekday).then_some(today),
                Reason::SameDay,
            ),
        };
        Some((
            end,
            Days {
                weekday: true,
                ..days.loose()
            },
        ))
    }

    /// `Montag in einer Woche`, `heute in zwei Wochen`: so many weeks after a day.
    fn weeks_on(&self, at: usize, date: NaiveDate) -> Option<(usize, NaiveDate)> {
        if !matches!(self.words.get(at), "in" | "en" | "dans") {
            return None;
        }
        let amount = amount(self.words, at + 1)?;
        let length = amount.length;
        let weeks = length.days > 0
            && length.days.is_multiple_of(7)
            && length.months == 0
            && length.seconds == 0;
        Some((amount.end, length.day_from(date, true)?)).filter(|_| weeks)
    }

    /// `next Friday`, `last Friday`: a weekday a step away.
    fn stepped(&self, step: i32, weekday: Weekday) -> Option<Days> {
        let today = self.today();
        let coming = nearest(today, weekday, true)?;
        let (_, week_last) = self.week(today)?;
        Some(match step {
            COMING => Days::day(coming),
            0 => {
                let date = self.in_week(0, weekday)?;
                Days::day(date).or(Some(coming).filter(|_| date < today), Reason::Over)
            }
            1 => Days::day(self.in_week(1, weekday)?).or(
                Some(coming).filter(|coming| *coming <= week_last),
                Reason::NextOrThis,
            ),
            -1 => Days::day(nearest(today, weekday, false)?),
            step => Days::day(self.in_week(step.into(), weekday)?),
        })
    }

    /// A whole stretch that another phrase is a part of: where it ends, which, and whether a week.
    pub(super) fn period(&self, at: usize) -> Option<(usize, (NaiveDate, NaiveDate), bool)> {
        let words = self.words;
        let today = self.today();
        let unit_at = |at: usize| {
            UNITS
                .longest_at(words, at)
                .map(|(length, unit)| (at + length, unit))
        };
        let whole = |unit: Unit, step: i32| {
            let step = if step == COMING { 1 } else { step };
            match unit {
                Unit::Week => self
                    .week(today.checked_add_signed(chrono::Duration::days(i64::from(step) * 7))?),
                Unit::Month => month_after(today, step),
                Unit::Quarter => {
                    let (first, _) = month_after(today, step * 3)?;
                    quarter(first.year(), first.month0() / 3 + 1)
                }
                Unit::Year => whole_year(today.year() + step),
                _ => None,
            }
        };
        if let Some((length, step)) = STEPS.longest_at(words, at)
            && let Some((end, unit)) = unit_at(at + length)
        {
            // `the coming months` have no end.
            if PLURAL_UNITS.contains(&words.get(end - 1)) {
                return None;
            }
            let (end, step) = match (step, words.get(end), words.get(end + 1)) {
                (_, "after", "next") => (end + 2, 2),
                (_, "before", "last") => (end + 2, -2),
                _ => (end, step),
            };
            return Some((end, whole(unit, step)?, unit == Unit::Week));
        }
        let start = self.articles(at);
        if let Some((end, unit)) = unit_at(start) {
            let after = STEPS_AFTER
                .longest_at(words, end)
                .filter(|_| self.is_close(end));
            let (end, step) = match (after, words.get(end), words.get(end + 1)) {
                (Some((length, step)), _, _) => (end + length, step),
                (None, "after", "next") => (end + 2, 2),
                (None, "before", "last") => (end + 2, -2),
                _ => (end, 0),
            };
            return Some((end, whole(unit, step)?, unit == Unit::Week));
        }
        if let Some((end, days)) = self.month_name(start, true) {
            return Some((end, (days.first, days.last), false));
        }
        self.numbered(start)
            .map(|(end, days)| {
                (
                    end,
                    (days.first, days.last),
                    (days.last - days.first).num_days() == 6,
                )
            })
            .or_else(|| {
                let year = year_at(words, start).filter(|_| words.get(start).len() == 4)?;
                Some((start + 1, whole_year(year)?, false))
            })
    }

    /// `next week`, `the week after next`, `in May`, `Q3`, `KW 12`, `2027`, `the weekend`.
    fn stretch(&self, at: usize, led: bool) -> Option<(usize, Days)> {
        let words = self.words;
        let today = self.today();
        let start = self.articles(at);
        if let Some(found) = self.weekend(at) {
            return Some(found);
        }
        let stepped = STEPS.longest_at(words, at);
        // `the next two weeks`, `the last three days`
        let counted = stepped.or_else(|| STEPS.longest_at(words, start).filter(|_| start > at));
        if let Some((length, step)) = counted {
            let place = if stepped.is_some() { at } else { start } + length;
            if let Some((_, number)) = count(words, place).filter(|(_, number)| *number > 1)
                && let Some(amount) = amount(words, place)
                && !amount.length.is_clock()
                && number > 0
            {
                let days = if step == -1 {
                    Days::range(amount.length.day_from(today, false)?, today.pred_opt()?)
                } else if step == 1 || step == COMING {
                    Days::range(today.succ_opt()?, amount.length.day_from(today, true)?)
                } else {
                    return None;
                };
                return Some((amount.end, days));
            }
            // `last May`, `next Christmas`
            if let Some(found) = self.stepped_name(place, step) {
                return Some(found);
            }
        }
        // `the week of March 16`
        if let Some((length, Unit::Week)) = UNITS.longest_at(words, start) {
            let end = start + length;
            if matches!(
                words.get(end),
                "of" | "vom" | "du" | "del" | "commencing" | "starting" | "beginning"
            ) {
                let place = end + 1;
                let place = place + usize::from(words.get(place) == "the");
                if let Some((end, days)) = self.dated(place, true) {
                    let (first, last) = self.week(days.first)?;
                    return Some((end, Days::range(first, last)));
                }
            }
        }
        // `last week's Tuesday`
        if let Some((length, step)) = stepped
            && words.get(at + length) == "week's"
            && let Some((end, weekday)) = self.weekday_name(at + length + 1)
        {
            let step = if step == COMING { 1 } else { step };
            return Some((end, Days::day(self.in_week(step.into(), weekday)?)));
        }
        // `week 20`
        if digits(words.get(start + 1), 2).is_some()
            && let Some(found) = self.numbered(start)
        {
            return Some(found);
        }
        let is_unit = UNITS.longest_at(words, start).is_some();
        let stepped_unit =
            stepped.is_some_and(|(length, _)| UNITS.longest_at(words, at + length).is_some());
        if stepped_unit || is_unit {
            let (end, (first, last), _) = self.period(at)?;
            // `the week` alone is no time; `the week after next` and `la semana que viene` are.
            let bare = !stepped_unit
                && UNITS
                    .longest_at(words, start)
                    .is_some_and(|(length, _)| start + length == end);
            // `Next week Tuesday`
            if !bare
                && (last - first).num_days() == 6
                && let Some((end, weekday)) = self
                    .weekday_name(end + usize::from(words.get(end) == "on"))
                    .filter(|_| self.is_close(end))
            {
                return Some((end, Days::day(nearest(first.pred_opt()?, weekday, true)?)));
            }
            return (!bare).then(|| {
                (
                    end,
                    Days {
                        whole: true,
                        ..Days::range(first, last)
                    },
                )
            });
        }
        if let Some(found) = self.numbered(start) {
            return (led || !is_before_noun(words, found.0))
                .then_some(found)
                .filter(|(end, _)| !is_before_noun(words, *end));
        }
        if let Some(found) = self.month_name(at, led) {
            return Some(found);
        }
        let year = year_at(words, at).filter(|_| led && words.get(at).len() == 4)?;
        let (first, last) = whole_year(year)?;
        (is_free(words, at, at + 1) && !is_before_noun(words, at + 1) && words.get(at + 1) != "of")
            .then(|| (at + 1, Days::range(first, last)))
    }

    /// `last May`, `next Christmas`: a named stretch before or after today.
    fn stepped_name(&self, at: usize, step: i32) -> Option<(usize, Days)> {
        let words = self.words;
        let today = self.today();
        let ahead = match step {
            -1 => false,
            0 | 1 | COMING => true,
            _ => return None,
        };
        let fits = |date: NaiveDate| if ahead { date >= today } else { date < today };
        let mut years: [i32; 3] = [today.year() - 1, today.year(), today.year() + 1];
        if !ahead {
            years.reverse();
        }
        if let Some((length, holiday)) = HOLIDAYS.longest_at(words, at) {
            let date = years
                .into_iter()
                .filter_map(|year| holiday.in_year(year))
                .find(|date| fits(*date))?;
            return Some((at + length, Days::day(date)));
        }
        let month = month(words.get(at)).filter(|_| words.is_capital(at))?;
        // `last March 3` is not read.
        if digits(words.get(at + 1), 2).is_some() || is_before_noun(words, at + 1) {
            return None;
        }
        let (first, last) = years
            .into_iter()
            .filter_map(|year| whole_month(year, month))
            .find(|(first, last)| {
                if ahead {
                    fits(*last)
                } else {
                    fits(*first) && !(*first..=*last).contains(&today)
                }
            })?;
        Some((at + 1, Days::range(first, last)))
    }

    fn weekend(&self, at: usize) -> Option<(usize, Days)> {
        let words = self.words;
        let today = self.today();
        let is_weekend = |at: usize| match UNITS.longest_at(words, at) {
            Some((length, Unit::Weekend)) => Some(at + length),
            _ => None,
        };
        let days = |saturday: NaiveDate| Some(Days::range(saturday, saturday.succ_opt()?));
        let this = || {
            let saturday = self.in_week(0, Weekday::Sat)?;
            days(if today.weekday() == Weekday::Sun && saturday > today {
                saturday.checked_sub_days(Count::new(7))?
            } else {
                saturday
            })
        };
        if let Some((length, step)) = STEPS.longest_at(words, at)
            && let Some(end) = is_weekend(at + length)
        {
            let this = this()?;
            let moved = |weeks: i64| {
                days(
                    this.first
                        .checked_add_signed(chrono::Duration::days(weeks * 7))?,
                )
            };
            return Some((
                end,
                match step {
                    0 => this,
                    COMING => {
                        if this.first > today {
                            this
                        } else {
                            moved(1)?
                        }
                    }
                    1 if this.first > today => Days {
                        other: Some((this.first, this.last, Reason::NextOrThis)),
                        ..moved(1)?
                    },
                    step => moved(step.into())?,
                },
            ));
        }
        let start = self.articles(at);
        let end = is_weekend(start)?;
        if is_before_noun(words, end)
            && !matches!(words.get(end), "dernier" | "prochain" | "pasado")
        {
            return None;
        }
        // `the weekend of March 14`
        if matches!(words.get(end), "of" | "vom" | "du" | "del")
            && let Some((end, date)) = self.dated(end + 1, true)
        {
            let (monday, _) = self.week(date.first)?;
            return Some((end, days(nearest(monday, Weekday::Sat, true)?)?));
        }
        let this = this()?;
        if let Some((length, step)) = STEPS_AFTER
            .longest_at(words, end)
            .filter(|_| self.is_close(end))
        {
            let saturday = this
                .first
                .checked_add_signed(chrono::Duration::days(i64::from(step) * 7))?;
            return Some((end + length, days(saturday)?));
        }
        Some((end, this))
    }

    /// `Q3`, `Q1 2027`, `H2 2026`, `week 12`, `KW 12`.
    fn numbered(&self, at: usize) -> Option<(usize, Days)> {
        let words = self.words;
        let word = words.get(at);
        let today = self.today();
        let year_after = |end: usize| {
            let place = end + usize::from(matches!(words.get(end), "of" | "de" | "in"));
            let year = year_at(words, place).filter(|_| words.get(place).len() == 4);
            year.map_or((end, None), |year| (place + 1, Some(year)))
        };
        let forward = |find: &dyn Fn(i32) -> Option<(NaiveDate, NaiveDate)>, year: Option<i32>| {
            let whole = find(year.unwrap_or(today.year()))?;
            if year.is_none() && whole.1 < today && self.context.prefer == Prefer::Forward {
                return find(today.year() + 1);
            }
            Some(whole)
        };
        if word.len() == 2
            && let Some(number) = word.get(1..).and_then(|digit| digits(digit, 1))
        {
            let parts = match word.get(..1)? {
                "q" | "t" if (1..=4).contains(&number) => 4,
                "h" if (1..=2).contains(&number) => 2,
                _ => return None,
            };
            let (end, year) = year_after(at + 1);
            if (word.starts_with('h') || word.starts_with('t')) && year.is_none()
                || !is_free(words, at, at + 1)
            {
                return None;
            }
            let months = 12 / parts;
            let find = |year: i32| {
                Some((
                    whole_month(year, (number - 1) * months + 1)?.0,
                    whole_month(year, number * months)?.1,
                ))
            };
            let (first, last) = forward(&find, year)?;
            return Some((end, Days::range(first, last)));
        }
        let place = match word {
            "kw" | "cw" | "kalenderwoche" | "week" | "woche" => at + 1,
            "calendar" if words.get(at + 1) == "week" => at + 2,
            _ => return None,
        };
        let number = digits(words.get(place), 2).filter(|number| (1..=53).contains(number))?;
        if !is_free(words, place, place + 1) || words.get(place).is_empty() {
            return None;
        }
        let (end, year) = year_after(place + 1);
        let find = |year: i32| {
            let monday = NaiveDate::from_isoywd_opt(year, number, Weekday::Mon)?;
            Some((monday, monday.checked_add_days(Count::new(6))?))
        };
        let (first, last) = forward(&find, year)?;
        Some((end, Days::range(first, last)))
    }

    /// A month: with a year, or where the word before wants a time.
    fn month_name(&self, at: usize, led: bool) -> Option<(usize, Days)> {
        let words = self.words;
        let number = month(words.get(at))?;
        let word = words.get(at);
        if matches!(
            word,
            "may" | "march" | "mar" | "sept" | "mars" | "sep" | "jan"
        ) && !words.is_capital(at)
            && word != "mars"
        {
            return None;
        }
        let mut end = at + 1;
        let place = end + usize::from(matches!(words.get(end), "of" | "de" | "del"));
        if let Some(year) = year_at(words, place).filter(|_| words.get(place).len() == 4)
            && matches!(words.gap_after(place - 1).trim(), "" | "," | ".")
        {
            let (first, last) = whole_month(year, number)?;
            return Some((place + 1, Days::range(first, last)));
        }
        let day = digits(words.get(end), 2).is_some() && !words.get(end).is_empty();
        let yearly = words.get(end) == "of" && words.get(end + 2) == "year";
        if !(led || yearly) || day || is_before_noun(words, end) {
            return None;
        }
        let today = self.today();
        let mut year = today.year();
        end += usize::from(yearly);
        if words.get(end) == "this" && words.get(end + 1) == "year" {
            end += 2;
        } else if words.get(end) == "next" && words.get(end + 1) == "year" {
            (end, year) = (end + 2, year + 1);
        } else if words.get(end) == "last" && words.get(end + 1) == "year" {
            (end, year) = (end + 2, year - 1);
        } else if number < today.month() && self.context.prefer == Prefer::Forward {
            year += 1;
        } else if number > today.month() && self.context.prefer == Prefer::Past {
            year -= 1;
        }
        let (first, last) = whole_month(year, number)?;
        Some((end, Days::range(first, last)))
    }

    /// `early next week`, `mid-March`, `Ende Mai`, `end of Q2`.
    fn edge(&self, at: usize) -> Option<(usize, Days)> {
        let words = self.words;
        let (length, edge) = EDGES.longest_at(words, at)?;
        // `end` and `fin` alone are words like others.
        let mut place = at + length;
        place += usize::from(
            matches!(
                words.get(place),
                "of" | "des" | "der" | "du" | "de" | "del" | "in" | "im" | "dieses"
            ) && edge_wants_of(words.get(place)),
        );
        let (end, whole, is_week) = self.period(place)?;
        if length == 1
            && words.get(at) == "end"
            && place == at + 1
            && STEPS.longest_at(words, place).is_none()
        {
            // `end May` is said, `end week` is not.
            month(words.get(place))?;
        }
        Some((end, edge_of(edge, whole, is_week)?))
    }

    /// `the last Friday of June`, `the first week of May`, `the second half of 2026`.
    #[expect(
        clippy::too_many_lines,
        reason = "one form after the other: the first that fits wins"
    )]
    fn nth(&self, at: usize) -> Option<(usize, Days)> {
        let words = self.words;
        let (end, place) = self.ordinal(self.articles(at))?;
        let whole_at = |end: usize| {
            let of = is_of(words.get(end));
            let skip = usize::from(of && !matches!(words.get(end), "next" | "this"));
            if !of && STEPS.longest_at(words, end).is_none() {
                return None;
            }
            self.period(end + skip)
        };
        // `the first two weeks of May`
        if let Some(amount) =
            amount(words, end).filter(|amount| !amount.article && !amount.length.is_clock())
            && let Some((end, (first, last), _)) = whole_at(amount.end)
        {
            let days = match place {
                1 => Days::range(first, amount.length.day_from(first, true)?.pred_opt()?),
                -1 => Days::range(amount.length.day_from(last, false)?.succ_opt()?, last),
                _ => return None,
            };
            return (days.first >= first && days.last <= last).then_some((end, days));
        }
        if let Some((end, weekday)) = self.weekday_name(end) {
            let (end, whole, _) = whole_at(end)?;
            return Some((end, Days::day(nth_weekday(whole, weekday, place)?)));
        }
        if matches!(words.get(end), "half" | "halfte" | "moitie" | "mitad") {
            let (end, (first, last), _) = whole_at(end + 1)?;
            let middle = if (last - first).num_days() > 300 {
                NaiveDate::from_ymd_opt(first.year(), 7, 1)?
            } else {
                first.checked_add_signed(chrono::Duration::days(
                    ((last - first).num_days() + 1) / 2,
                ))?
            };
            let days = match place {
                1 => Days::range(first, middle.pred_opt()?),
                2 => Days::range(middle, last),
                _ => return None,
            };
            return Some((end, days));
        }
        if let Some((
            length,
            unit @ (Unit::Day | Unit::WorkingDay | Unit::Week | Unit::Quarter | Unit::Weekend),
        )) = UNITS.longest_at(words, end)
        {
            // `the third quarter` is this year's, or the next one's.
            let after = end + length;
            if unit == Unit::Quarter
                && (1..=4).contains(&place)
                && words.get(after) != "of"
                && !is_before_noun(words, after)
            {
                let number = u32::try_from(place).ok()?;
                let (first, last) = quarter(self.today().year(), number)?;
                let over = last < self.today() && self.context.prefer == Prefer::Forward;
                let (first, last) = if over {
                    quarter(first.year() + 1, number)?
                } else {
                    (first, last)
                };
                return Some((after, Days::range(first, last)));
            }
            let (end, (first, last), _) = whole_at(after)?;
            let plus =
                |date: NaiveDate, days: i64| date.checked_add_signed(chrono::Duration::days(days));
            let n = i64::from(place);
            let days = match (unit, place) {
                (Unit::Week, -1) => Days::range(plus(last, -6)?, last),
                (Unit::Week, _) => Days::range(plus(first, (n - 1) * 7)?, plus(first, n * 7 - 1)?),
                (Unit::Quarter, 1..=4) => {
                    let (first, last) = quarter(first.year(), u32::try_from(place).ok()?)?;
                    Days::range(first, last)
                }
                (Unit::Day, -1) => Days::day(last),
                (Unit::Day, _) => Days::day(plus(first, n - 1)?),
                (Unit::WorkingDay, _) if place > 0 => Days::day(
                    Length::of(u32::try_from(place).ok()?, Unit::WorkingDay)
                        .day_from(first.pred_opt()?, true)?,
                ),
                (Unit::WorkingDay, _) => {
                    Days::day(Length::of(1, Unit::WorkingDay).day_from(last.succ_opt()?, false)?)
                }
                (Unit::Weekend, _) => {
                    let saturday = nth_weekday((first, last), Weekday::Sat, place)?;
                    Days::range(saturday, saturday.succ_opt()?)
                }
                _ => return None,
            };
            return (days.last <= last).then_some((end, days));
        }
        // `the thirteenth of March`
        let month_at = end + usize::from(matches!(words.get(end), "of"));
        if place > 0
            && month_at > end
            && let Some(month) = month(words.get(month_at))
        {
            let after = month_at + 1;
            let year = year_at(words, after).filter(|_| words.get(after).len() == 4);
            let days = self.on_day(year, month, u32::try_from(place).ok()?)?;
            return Some((after + usize::from(year.is_some()), days));
        }
        None
    }

    /// `third`, `3rd`, `last`: where it ends, and the place it says.
    pub(super) fn ordinal(&self, at: usize) -> Option<(usize, i32)> {
        if let Some((length, place)) = ORDINALS.longest_at(self.words, at) {
            return Some((at + length, place));
        }
        let number = digits(self.words.get(at), 2).filter(|_| !self.words.get(at).is_empty())?;
        let stop = self.words.gap_after(at).starts_with(". ");
        if is_ordinal(self.words, at + 1) {
            return Some((at + 2, i32::try_from(number).ok()?));
        }
        stop.then_some((at + 1, i32::try_from(number).ok()?))
    }

    /// `the day after Thanksgiving`.
    fn beside(&self, at: usize, depth: u32) -> Option<(usize, Days)> {
        let words = self.words;
        let start = self.articles(at);
        if !matches!(words.get(start), "day" | "tag" | "jour" | "dia" | "morning") {
            return None;
        }
        let ahead = match words.get(start + 1) {
            "after" | "nach" | "apres" | "following" => true,
            "before" | "vor" | "avant" => false,
            _ => return None,
        };
        let (end, days) = self.days_within(start + 2, true, depth + 1)?;
        let date = if ahead {
            days.last.succ_opt()?
        } else {
            days.first.pred_opt()?
        };
        Some((end, Days::day(date)))
    }

    /// A date by its numbers.
    fn dated(&self, at: usize, led: bool) -> Option<(usize, Days)> {
        let words = self.words;
        // `20260313`
        let word = words.get(at);
        if word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit()) {
            let date = NaiveDate::parse_from_str(word, "%Y%m%d").ok()?;
            let free = is_free(words, at, at + 1) && (1970..2200).contains(&date.year());
            return free.then(|| (at + 1, Days::day(date)));
        }
        let start = self.articles(at);
        // `March third`
        if let Some(number) = month(words.get(start))
            && words.is_capital(start)
            && let Some((length, place)) = ORDINALS.longest_at(words, start + 1)
            && place > 0
        {
            let end = start + 1 + length;
            let days = self.on_day(year_at(words, end), number, u32::try_from(place).ok()?)?;
            return Some((end + usize::from(year_at(words, end).is_some()), days));
        }
        // `the 3rd of next month`
        if is_ordinal(words, start + 1)
            && words.get(start + 2) == "of"
            && month(words.get(start + 3)).is_none()
        {
            return self.day_alone(start, start + 2, digits(words.get(start), 2)?, led);
        }
        let mut found = self
            .dashed(start)
            .or_else(|| numbers(words, start))
            .or_else(|| self.small(start).filter(|_| led))
            .or_else(|| self.spelled(start, led))
            .or_else(|| self.romance(start))?;
        // `el 9 de marzo del 2026`
        let after = start + found.length;
        if found.year.is_none()
            && words.get(after) == "del"
            && words.get(after + 1).len() == 4
            && let Some(year) = year_at(words, after + 1)
        {
            found.year = Some(year);
            found.length += 2;
        }
        // `5.16.2026`
        if found.year.is_some() && found.month.is_some_and(|month| month > 12) && found.day <= 12 {
            found = Numbers {
                month: Some(found.day),
                day: found.month?,
                ..found
            };
        }
        let spelled = month(words.get(start)).is_some();
        // The 17 of `March 13-17` is no year.
        if spelled && found.year.is_some() && words.get(start + found.length - 1).len() == 2 {
            found.year = None;
            found.length -= 1;
        }
        let end = start + found.length;
        // `4.5.` may as well be a number at the end of a sentence.
        if !led
            && !spelled
            && words.gap_after(start) == "."
            && found.year.is_none()
            && found.month.is_some()
            && digits(words.get(start + 1), 2).is_some()
        {
            return None;
        }
        let slash = words.gap_after(start) == "/" || words.gap_after(start) == "-";
        let named = (start..end).any(|place| month(words.get(place)).is_some());
        let dash = |gap: &str| matches!(gap, "-" | "–");
        let slashes = words.gap_after(start) == "/";
        let ranged = (named || slashes)
            && (dash(words.gap_after(end - 1)) || (start > 0 && dash(words.gap_after(start - 1))));
        if !ranged && !is_free(words, start, end) {
            return None;
        }
        let Some(month) = found.month else {
            return self.day_alone(start, end, found.day, led);
        };
        if spelled
            && found.length == 2
            && (is_before_noun(words, end)
                || words.gap_after(start).contains(['\n', '?', '!', ',']))
        {
            return None;
        }
        if slash && found.year.is_none() {
            let share = is_before_noun(words, end)
                || words.get(end) == "of"
                || (found.month, found.day) == (Some(9), 11);
            if share {
                return None;
            }
        }
        if found.either && self.context.day_order != Some(DayOrder::MonthFirst) {
            let swapped = self.on_day(found.year, found.day, month)?;
            if self.context.day_order == Some(DayOrder::DayFirst) {
                return Some((end, swapped));
            }
            let days = self.on_day(found.year, month, found.day)?;
            let days = Days {
                other: None,
                ..days
            };
            return Some((end, days.or(Some(swapped.first), Reason::DayOrder)));
        }
        Some((end, self.on_day(found.year, month, found.day)?))
    }

    /// `on march 20`: a month that is a word too, without its capital.
    fn small(&self, at: usize) -> Option<Numbers> {
        let words = self.words;
        let month = month(words.get(at))?;
        let day = digits(words.get(at + 1), 2).filter(|_| !words.get(at + 1).is_empty())?;
        Some(Numbers {
            length: 2 + usize::from(is_ordinal(words, at + 2)),
            year: None,
            month: Some(month),
            day,
            either: false,
        })
    }

    /// `le 9`, `el 9`: a number alone at the end of a clause.
    fn romance(&self, at: usize) -> Option<Numbers> {
        let day = digits(self.words.get(at), 2).filter(|_| !self.words.get(at).is_empty())?;
        let led = matches!(self.words.before(at), "le" | "el" | "dia");
        (led && ends_clause(self.words, at + 1) && self.words.gap_after(at) != ":").then_some(
            Numbers {
                length: 1,
                year: None,
                month: None,
                day,
                either: false,
            },
        )
    }

    /// `the twenty-first`; `the second` is too often no day.
    fn spelled(&self, at: usize, led: bool) -> Option<Numbers> {
        let (length, place) = ORDINALS.longest_at(self.words, at)?;
        let sure = place > 12 || (led && place > 3 && ends_clause(self.words, at + length));
        Some(Numbers {
            length,
            year: None,
            month: None,
            day: u32::try_from(place).ok().filter(|_| sure)?,
            either: false,
        })
    }

    /// `13-Mar-2026`
    fn dashed(&self, at: usize) -> Option<Numbers> {
        let words = self.words;
        let day = digits(words.get(at), 2).filter(|_| !words.get(at).is_empty())?;
        let month = month(words.get(at + 1)).filter(|_| words.gap_after(at) == "-")?;
        let year = (words.gap_after(at + 1) == "-")
            .then(|| year_at(words, at + 2))
            .flatten();
        Some(Numbers {
            length: 2 + usize::from(year.is_some()),
            year,
            month: Some(month),
            day,
            either: false,
        })
    }

    /// A month and a day, with a year or without.
    pub(super) fn on_day(&self, year: Option<i32>, month: u32, day: u32) -> Option<Days> {
        if let Some(year) = year {
            return Some(Days::day(NaiveDate::from_ymd_opt(year, month, day)?));
        }
        let today = self.today();
        // A 29 February is at most eight years away.
        let next = (today.year()..today.year() + 9)
            .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
            .find(|date| *date >= today)?;
        let last = (0..9)
            .filter_map(|back| NaiveDate::from_ymd_opt(today.year() - back, month, day))
            .find(|date| *date <= today)?;
        let (ahead, back) = ((next - today).num_days(), (today - last).num_days());
        Some(match self.context.prefer {
            Prefer::Forward if ahead > FARTHEST_DAYS => {
                Days::day(next).or(Some(last), Reason::Year)
            }
            Prefer::Forward => Days::day(next),
            Prefer::Past if back > FARTHEST_DAYS => Days::day(last).or(Some(next), Reason::Year),
            Prefer::Past => Days::day(last),
            Prefer::Both => Days::day(if ahead <= back { next } else { last }),
        })
    }

    /// `the 15th`, `am 15.`, `the 3rd of next month`.
    fn day_alone(&self, start: usize, end: usize, day: u32, led: bool) -> Option<(usize, Days)> {
        let words = self.words;
        let today = self.today();
        if day == 0 || day > 31 {
            return None;
        }
        if matches!(
            words.get(end),
            "of" | "des" | "du" | "de" | "del" | "dieses" | "nachsten"
        ) {
            let place =
                end + usize::from(matches!(words.get(end), "of" | "des" | "du" | "de" | "del"));
            if let Some((end, (first, last), false)) = self.period(place)
                && (last - first).num_days() < 31
            {
                return Some((end, Days::day(first.with_day(day)?)));
            }
        }
        let article = start > 0
            && matches!(
                words.before(start),
                "le" | "el" | "dia" | "the" | "den" | "dem" | "am" | "zum" | "vom" | "der"
            );
        if !(article || led) || is_before_noun(words, end) || OWNERS.contains(&words.get(end)) {
            return None;
        }
        let back = self.context.prefer == Prefer::Past;
        let fits = |date: &NaiveDate| if back { *date <= today } else { *date >= today };
        let months = |more: i32| month_after(today, if back { -more } else { more });
        let date = (0..4).find_map(|more| months(more)?.0.with_day(day).filter(fits))?;
        // A month on the way that lacks the day has a last one.
        let short = (0..2).find_map(|more| {
            let (first, last) = months(more)?;
            (first.with_day(day).is_none() && fits(&last) && first < date).then_some(last)
        });
        Some((end, Days::day(date).or(short, Reason::ShortMonth).loose()))
    }

    fn holiday(&self, at: usize) -> Option<(usize, Days)> {
        let words = self.words;
        let start = self.articles(at);
        let (length, holiday) = HOLIDAYS.longest_at(words, start)?;
        if matches!(
            words.before(at),
            "happy"
                | "merry"
                | "frohe"
                | "frohes"
                | "joyeux"
                | "joyeuses"
                | "feliz"
                | "schone"
                | "bonne"
                | "bon"
        ) {
            return None;
        }
        let end = start + length;
        let today = self.today();
        let place = end + usize::from(matches!(words.get(end), "of" | "in" | "de"));
        if let Some(year) = year_at(words, place).filter(|_| words.get(place).len() == 4) {
            return Some((place + 1, Days::day(holiday.in_year(year)?)));
        }
        if is_before_noun(words, end) {
            return None;
        }
        let date = match self.context.prefer {
            Prefer::Past => (0..2)
                .filter_map(|back| holiday.in_year(today.year() - back))
                .find(|date| *date <= today)?,
            _ => (0..2)
                .filter_map(|more| holiday.in_year(today.year() + more))
                .find(|date| *date >= today)?,
        };
        Some((end, Days::day(date)))
    }
}

/// Whether an `of` stands between an edge and its whole.
fn edge_wants_of(word: &str) -> bool {
    word != "dieses"
}
