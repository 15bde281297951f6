//! Dates in words: which times a text names, resolved from the clock and the zone of who wrote it.
//!
//! [`find`] gives every mention of a time in a text: days, times, parts of a day, ranges, lengths, rules
//! of what comes again. [`moment`] reads a whole text as one time. Mail's deadlines
//! ([`crate::analysis`]) and the words of scheduling ([`crate::calendar::words`]) stand on the same
//! tables; neither depends on the other.
//!
//! A mention never guesses: what has several readings carries all of them, each with the [`Reason`],
//! first the one that the rules prefer (`docs/ANALYSIS.md`, "Dates in words"). What a caller does then is
//! its own affair: mail takes the first reading or none, by the reason; scheduling asks.
//!
//! There is no clock in here and nothing to fail: a text that is no time has no mentions. Each word is
//! looked at a bounded number of times.
//!
//! [`vocabulary`] and `terms` are the tables; `hours`, `days`, `amounts`, `zones` and `again` read one
//! kind of phrase each; `moments` puts days and hours together and `mentions` decides what counts.

mod again;
mod amounts;
pub(crate) mod clock;
mod days;
mod hours;
mod mentions;
mod moments;
mod neighbours;
pub(crate) mod numbers;
mod terms;
mod unspaced;
pub(crate) mod vocabulary;
pub(crate) mod zones;

use std::fmt;
use std::ops::Range;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeZone, Weekday};
use chrono_tz::Tz;

pub use self::amounts::Length;
pub(crate) use self::days::last_due as due_day;
pub(crate) use self::neighbours::{OWNERS, ends_clause};
pub(crate) use self::vocabulary::{is_month, is_weekday};
use crate::analysis::words::Words;
use crate::time::{CalendarTime, parse_zone};

/// How far ahead a date without a year can lie before it may as well be past: three quarters of a year.
pub(crate) const FARTHEST_DAYS: i64 = 274;

/// The zone of whose words they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// An offset from UTC, which is what a mail says.
    Offset(FixedOffset),
    /// A zone of the database.
    Named(Tz),
}

/// Which way a time looks that the words leave open: `Friday`, `March 3`, `at 9am`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prefer {
    /// The next one.
    #[default]
    Forward,
    /// The last one.
    Past,
    /// The nearest one.
    Both,
}

/// The order of `3/4`, where it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOrder {
    /// The third of April.
    DayFirst,
    /// The fourth of March.
    MonthFirst,
}

/// From when and where words of time are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// The time on the clock of who wrote the words.
    pub now: NaiveDateTime,
    /// The zone of that clock.
    pub zone: Zone,
    /// Which way an incomplete time looks.
    pub prefer: Prefer,
    /// The order of days and months in numbers.
    pub day_order: Option<DayOrder>,
    /// The first day of a week.
    pub week_start: Weekday,
}

impl Context {
    /// Looks forward from `now`, with no order of `3/4` known and weeks that start on Monday.
    pub fn new(now: NaiveDateTime, zone: Zone) -> Self {
        Self {
            now,
            zone,
            prefer: Prefer::Forward,
            day_order: None,
            week_start: Weekday::Mon,
        }
    }

    fn instant(
        &self,
        civil: NaiveDateTime,
        offset: Option<FixedOffset>,
    ) -> Option<DateTime<FixedOffset>> {
        let offset = offset.or_else(|| self.zone.offset(civil))?;
        offset.from_local_datetime(&civil).single()
    }
}

/// A part of a day that is no hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartOfDay {
    /// Until noon.
    Morning,
    /// From noon to six.
    Afternoon,
    /// From six on.
    Evening,
    /// The night that begins on that day.
    Night,
}

/// What words of time mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A day.
    Date(NaiveDate),
    /// A time on the clock; the offset is there where the words name a zone or the clock shows it twice.
    DateTime(NaiveDateTime, Option<FixedOffset>),
    /// A part of a day.
    Part(NaiveDate, PartOfDay),
    /// Days, the first and the last included; one end may be open.
    Dates(Option<NaiveDate>, Option<NaiveDate>),
    /// Between two times; one end may be open.
    Times(
        Option<NaiveDateTime>,
        Option<NaiveDateTime>,
        Option<FixedOffset>,
    ),
    /// A length of time.
    Duration(Length),
    /// What comes again: the rule as RFC 5545 writes it, and the first time.
    Recurrence(String, Box<Value>),
    /// Comes again, but so that no rule says when: `twice a week`.
    Again,
}

impl fmt::Display for Value {
    /// The plain notation that is documented at the head of `core/tests/dates.tsv`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn end<T>(end: Option<T>, show: impl Fn(T) -> String) -> String {
            end.map(show).unwrap_or_default()
        }
        let zone = |offset: &Option<FixedOffset>| end(*offset, |offset| offset.to_string());
        let time = |time: NaiveDateTime| time.format("%Y-%m-%dT%H:%M").to_string();
        match self {
            Self::Date(date) => write!(out, "{date}"),
            Self::DateTime(civil, offset) => write!(out, "{}{}", time(*civil), zone(offset)),
            Self::Part(date, part) => {
                let part = match part {
                    PartOfDay::Morning => "morning",
                    PartOfDay::Afternoon => "afternoon",
                    PartOfDay::Evening => "evening",
                    PartOfDay::Night => "night",
                };
                write!(out, "{date} {part}")
            }
            Self::Dates(first, last) => {
                let day = |date: NaiveDate| date.to_string();
                write!(out, "{}..{}", end(*first, day), end(*last, day))
            }
            Self::Times(first, last, offset) => {
                let show = |civil| format!("{}{}", time(civil), zone(offset));
                write!(out, "{}..{}", end(*first, show), end(*last, show))
            }
            Self::Duration(length) => write!(out, "{length}"),
            Self::Recurrence(rule, first) => write!(out, "{rule} @ {first}"),
            Self::Again => out.write_str("again"),
        }
    }
}

/// Why words of time have several readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A weekday, said on that very day.
    SameDay,
    /// `next Friday`, said when one is still ahead in this week; `last Friday` likewise.
    NextOrThis,
    /// `this Monday`, said when it is over.
    Over,
    /// `3/4`.
    DayOrder,
    /// A date without a year that would lie very far ahead, or just past.
    Year,
    /// `at 6`: in the morning or in the evening.
    Half,
    /// `the 31st`, in a month that lacks it.
    ShortMonth,
    /// A time that the clock skips when it is set forward.
    Gap,
    /// A time that the clock shows twice when it is set back.
    Overlap,
    /// `midnight on Friday`: its first or its last minute.
    Midnight,
    /// A time of today that is over.
    Passed,
    /// A weekday and a date that contradict each other.
    Contradiction,
    /// The short name of several zones.
    Zone,
    /// `every second Tuesday`: of all of them, or of the month; `biweekly`.
    Interval,
}

/// One of several things that words can mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What they then mean.
    pub value: Value,
    /// Why it is not the only reading.
    pub reason: Reason,
}

/// What the word before a time makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lead {
    /// Nothing, or an `on`.
    On,
    /// An hour follows, even if only as a number.
    At,
    /// A month or a year can follow alone: `in May`, `in 2027`.
    In,
    /// What follows is the last that will do.
    By,
    /// What follows is a limit.
    Before,
    /// What follows ends it.
    Until,
    /// What follows comes first.
    After,
    /// What follows began it.
    Since,
    /// What follows begins it.
    From,
    /// Two ends follow.
    Between,
}

impl Lead {
    /// Whether what follows is a limit.
    pub fn is_firm(self) -> bool {
        matches!(self, Self::By | Self::Before | Self::Until)
    }
}

/// A time that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Where it stands, in bytes; with the word that makes a limit or an open range of it.
    pub span: Range<usize>,
    /// What it means, by the reading that the rules prefer.
    pub value: Value,
    /// All readings, the preferred one first; empty where there is only one.
    pub readings: Vec<Reading>,
    /// What the word before makes of it.
    pub lead: Lead,
    /// The words of the span in the [`Words`] that it was found in.
    pub(crate) words: Range<usize>,
    /// Whether the words might as well be a part of a name: a bare weekday, `the 15th`.
    pub(crate) loose: bool,
    /// Whether the words name the day, not only an hour of it.
    pub(crate) dated: bool,
}

impl Mention {
    /// Whether it is a limit: `by Friday`, `before noon`.
    pub fn is_firm(&self) -> bool {
        self.lead.is_firm()
    }

    /// Whether it has more than one reading.
    pub fn is_ambiguous(&self) -> bool {
        self.readings.len() > 1
    }
}

impl fmt::Display for Mention {
    /// The plain notation that is documented at the head of `core/tests/dates.tsv`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lead = match self.lead {
            Lead::By => "by ",
            Lead::Before => "before ",
            _ => "",
        };
        if !self.is_ambiguous() {
            return write!(out, "{lead}{}", self.value);
        }
        for (place, reading) in self.readings.iter().enumerate() {
            let or = if place > 0 { " | " } else { "" };
            write!(out, "{or}{lead}{}", reading.value)?;
        }
        Ok(())
    }
}

/// Every time that a text names, in order; they do not overlap.
pub fn find(text: &str, context: &Context) -> Vec<Mention> {
    find_in(&Words::new(text, 0..text.len()), context)
}

/// Every time that words name, in order; they do not overlap.
pub(crate) fn find_in(words: &Words<'_>, context: &Context) -> Vec<Mention> {
    let mut found = mentions::find(words, context);
    if found.is_empty() {
        found.extend(unspaced::find(words, context));
    }
    found
}

/// Why a text is no one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAMoment {
    /// It has several readings.
    Ambiguous(Vec<Reading>),
    /// It is no time, several, or more than a time.
    NotUnderstood,
}

/// Reads a whole text as the one time at which something is due. A range is due at its end: `next
/// week` on its Friday, `Q3` on its last day.
pub fn moment(text: &str, context: &Context) -> Result<CalendarTime, NotAMoment> {
    let text = text.trim();
    let words = Words::new(text, 0..text.len());
    let mentions = find_in(&words, context);
    let [mention] = mentions.as_slice() else {
        return Err(NotAMoment::NotUnderstood);
    };
    if !neighbours::is_filler(&words, 0..mention.words.start)
        || !neighbours::is_filler(&words, mention.words.end..words.len())
    {
        return Err(NotAMoment::NotUnderstood);
    }
    if mention.is_ambiguous() {
        return Err(NotAMoment::Ambiguous(mention.readings.clone()));
    }
    due(&mention.value, context).ok_or(NotAMoment::NotUnderstood)
}

/// The moment at which something with this time is due.
fn due(value: &Value, context: &Context) -> Option<CalendarTime> {
    match value {
        Value::Date(date) | Value::Part(date, _) => Some(CalendarTime::Date(*date)),
        Value::Dates(_, Some(last)) => Some(CalendarTime::Date(due_day(value, *last))),
        Value::DateTime(civil, offset) | Value::Times(_, Some(civil), offset) => {
            let (civil, time_zone) = match (context.zone, offset) {
                (Zone::Named(zone), None) => (*civil, zone),
                (Zone::Named(zone), Some(_)) => {
                    let instant = context.instant(*civil, *offset)?;
                    (instant.with_timezone(&zone).naive_local(), zone)
                }
                (Zone::Offset(own), offset) => (*civil, zone_of(offset.unwrap_or(own))?),
            };
            Some(CalendarTime::DateTime {
                date_time: civil,
                time_zone,
            })
        }
        _ => None,
    }
}

/// The zone of the database that is nothing but an offset of whole hours.
fn zone_of(offset: FixedOffset) -> Option<Tz> {
    let seconds = offset.local_minus_utc();
    match (seconds / 3600, seconds % 3600) {
        (0, 0) => parse_zone("UTC"),
        // The database counts these westwards.
        (hours, 0) => parse_zone(&format!("Etc/GMT{:+}", -hours)),
        _ => None,
    }
}
