//! Recurrence (RFC 5545, 3.8.5): when a series happens.
//!
//! A [`Recurrence`] is what the content lines say: rules, dates that are added and dates that are
//! taken out. With a start and a length it is a [`Series`], which gives its occurrences in a window,
//! lazily, beginning anywhere: a window ten years behind the start costs what the first one does.
//!
//! # What holds
//!
//! - A rule is expanded on the wall clock of the series' zone, whatever its frequency: an hourly rule
//!   gives 01:00, 02:00 and 03:00 also where the clocks change. What falls into the gap of spring is
//!   moved behind it, and what comes twice in autumn happens the first time
//!   ([`zone::Offsets`](super::zone)). Occurrences that thereby begin at one instant are one.
//! - The start (DTSTART) is the first occurrence, also where no rule has it, and the first that COUNT
//!   counts (3.8.5.3). Nothing of a rule is before it. An EXDATE takes it out like any other; and
//!   where every rule has an UNTIL before it nothing of them is left, as calendars write a series of
//!   which all was taken back.
//! - Days that don't exist (30 February) are left out and not counted. RSCALE and SKIP (RFC 7529) are
//!   accepted where they say just that.
//! - What a rule doesn't say comes from the start: the time of day, and the day where no part names
//!   days. BYWEEKNO alone means the start's weekday in those weeks, and in a yearly rule BYMONTHDAY
//!   alone means those days of the start's month (3.3.10: the month "would have been retrieved from
//!   the DTSTART property"). With BYDAY it is every month: a Friday the 13th is a day of the year.
//! - BYWEEKNO: a week belongs to one year as a whole, also where it begins in December or ends in
//!   January, and it is years of weeks that INTERVAL and BYSETPOS then count.
//! - BYSETPOS counts what its whole period holds, also the part of the first one before the start.
//! - UNTIL is an instant in a series of times, and a day in one of days. Where it is written in
//!   another form: a time without `Z` is one of the series' zone; a day ends with that day in the
//!   series' zone; and of a time in a series of days the day counts as it is written. The year 9999,
//!   with which many say that a rule never ends, is read as the end of the years below.
//! - EXDATE: instants are compared, so UTC and other zones are understood. A day takes out all that
//!   happens on it, and EXRULE (RFC 2445) what has one of its wall times. RDATE: a day in a series of times is that day at the start's time of day, and a
//!   time in a series of days is its day.
//! - BYHOUR, BYMINUTE and BYSECOND are ignored in a series of days, as 3.3.10 wants it; frequencies
//!   shorter than a day are refused there.
//!
//! # Bounds
//!
//! Years are 1 to 9998; a start beyond them is refused. Every search ends ([`cursor`]); lists are bounded ([`MOST_DATES`],
//! [`MOST_RULES`], [`MOST_VALUES`]). Nothing is allocated for an occurrence.

mod cursor;
mod dates;
mod line;
mod moved;
mod pattern;
mod period;
mod rule;
mod rule_text;
mod series;
mod split;
mod stream;

#[cfg(test)]
mod tests;

use chrono_tz::Tz;

use self::dates::{Addition, Moment};
use self::rule::Rule;
use super::civil::{CivilSeconds, Day, day_of, midnight};
use super::zone::CIVIL;

pub use self::line::LineError;
pub use self::moved::Shift;
pub use self::series::{Last, Occurrence, Occurrences, Series};

/// The most dates that the RDATE lines, and that the EXDATE lines of a series may have together.
pub const MOST_DATES: usize = 1_000;

/// The most rules of a series; several are joined.
pub const MOST_RULES: usize = 20;

/// The most values of one part of a rule: no part has more different ones.
pub const MOST_VALUES: usize = 732;

const FIRST_CIVIL: CivilSeconds = *CIVIL.start();
const LAST_CIVIL: CivilSeconds = *CIVIL.end();

/// When a series begins (DTSTART).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// A day, in whatever zone it is looked at.
    Date(Day),
    /// A civil time in a zone.
    Civil {
        /// What the wall shows.
        civil: CivilSeconds,
        /// Where that wall is.
        zone: Tz,
    },
}

impl Start {
    /// The civil time, midnight for a day; within the years 1 to 9998.
    pub fn civil(self) -> CivilSeconds {
        let civil = match self {
            Self::Date(day) => midnight(day),
            Self::Civil { civil, .. } => civil,
        };
        civil.clamp(FIRST_CIVIL, LAST_CIVIL)
    }

    /// Whether it is within the years that are computed with.
    fn is_in_range(self) -> bool {
        let civil = match self {
            Self::Date(day) => midnight(day),
            Self::Civil { civil, .. } => civil,
        };
        CIVIL.contains(&civil)
    }

    /// The zone; `None` for a day.
    pub fn zone(self) -> Option<Tz> {
        match self {
            Self::Date(_) => None,
            Self::Civil { zone, .. } => Some(zone),
        }
    }

    /// A start of the same kind at another civil time.
    #[must_use]
    pub fn at(self, civil: CivilSeconds) -> Self {
        match self {
            Self::Date(_) => Self::Date(day_of(civil)),
            Self::Civil { zone, .. } => Self::Civil { civil, zone },
        }
    }
}

/// How long an occurrence is. What is negative is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// So many milliseconds of elapsed time: what DTSTART and DTEND make (RFC 5545, 3.8.5.3).
    Exact(i64),
    /// So many days on the wall: all-day events, and a DURATION in days or weeks.
    Days(i32),
    /// Days on the wall and then milliseconds: a DURATION such as `P1DT2H` (3.3.6).
    Nominal {
        /// Days on the wall.
        days: i32,
        /// Elapsed time behind them.
        milliseconds: i64,
    },
}

impl Length {
    /// Days on the wall, and elapsed milliseconds behind them.
    pub(self) fn parts(self) -> (i64, i64) {
        let (days, milliseconds) = match self {
            Self::Exact(milliseconds) => (0, milliseconds),
            Self::Days(days) => (days, 0),
            Self::Nominal { days, milliseconds } => (days, milliseconds),
        };
        (i64::from(days).max(0), milliseconds.max(0))
    }
}

/// What the recurrence lines of an event say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    /// Of the series; `None` where it is one of days.
    zone: Option<Tz>,
    rules: Vec<Rule>,
    /// EXRULE, which RFC 5545 deprecated and others still send: what has such a wall time is out.
    excluding: Vec<Rule>,
    /// In their order, none twice.
    added: Vec<Addition>,
    removed: Vec<Moment>,
    /// Days on which nothing of a series of times happens.
    removed_days: Vec<Day>,
}

impl Recurrence {
    /// What has no rules and no dates, for a series of the kind of `start`.
    fn empty(start: Start) -> Self {
        Self {
            zone: start.zone(),
            rules: Vec::new(),
            excluding: Vec::new(),
            added: Vec::new(),
            removed: Vec::new(),
            removed_days: Vec::new(),
        }
    }

    /// Whether only the start happens.
    pub fn is_single(&self) -> bool {
        self.rules.is_empty() && self.added.is_empty()
    }

    /// Takes out the occurrence with a certain original time (an EXDATE), whether or not there is
    /// one. `false`, and nothing is done, where [`MOST_DATES`] are out already.
    #[must_use]
    pub fn without(&mut self, original: CivilSeconds) -> bool {
        let moment = Moment::on_wall(original, self.zone);
        let Err(place) = self.removed.binary_search(&moment) else {
            return true;
        };
        let room = self.removed.len() + self.removed_days.len() < MOST_DATES;
        if room {
            self.removed.insert(place, moment);
        }
        room
    }
}
