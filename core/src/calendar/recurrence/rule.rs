//! One rule (RFC 5545, 3.3.10), its parts as sets of bits. A value of this type was checked: its
//! parts are within their bounds and may stand together.

use crate::calendar::civil::CivilSeconds;

/// How far apart the periods of a rule are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Frequency {
    Yearly,
    Monthly,
    Weekly,
    Daily,
    Hourly,
    Minutely,
    Secondly,
}

impl Frequency {
    pub(super) const NAMES: [(&'static str, Self); 7] = [
        ("YEARLY", Self::Yearly),
        ("MONTHLY", Self::Monthly),
        ("WEEKLY", Self::Weekly),
        ("DAILY", Self::Daily),
        ("HOURLY", Self::Hourly),
        ("MINUTELY", Self::Minutely),
        ("SECONDLY", Self::Secondly),
    ];

    /// How long a period is, for those that are shorter than a day.
    pub(super) fn seconds(self) -> i64 {
        match self {
            Self::Minutely => 60,
            Self::Secondly => 1,
            _ => 3_600,
        }
    }
}

/// When a rule ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    Never,
    /// COUNT, with DTSTART as the first.
    Count(u32),
    /// UNTIL, which is still in: seconds since 1970 in UTC, or the midnight of a day in a series of
    /// days.
    Until(i64),
}

/// A weekday with its number in the month or the year, as in `-1FR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NumberedDay {
    pub(super) number: i32,
    /// 0 is Monday.
    pub(super) weekday: u32,
}

/// A rule. A part that is absent is 0 or empty; in a set, the lowest bit is the lowest value that the
/// part may have (the second 0, the first day of a month, Monday).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) frequency: Frequency,
    pub(super) interval: u32,
    pub(super) bound: Bound,
    /// 0 is Monday.
    pub(super) week_start: u32,
    pub(super) seconds: u64,
    pub(super) minutes: u64,
    pub(super) hours: u64,
    pub(super) weekdays: u64,
    pub(super) numbered_days: Vec<NumberedDay>,
    pub(super) month_days: u64,
    /// Counted from the end: the lowest bit is the last day.
    pub(super) month_days_back: u64,
    pub(super) year_days: Vec<i16>,
    pub(super) weeks: u64,
    /// Counted from the end: the lowest bit is the last week.
    pub(super) weeks_back: u64,
    pub(super) months: u64,
    pub(super) places: Vec<i16>,
    /// No civil time behind this one belongs to the rule. It follows from the bound and DTSTART.
    pub(super) last: CivilSeconds,
}

impl Rule {
    pub(super) fn new(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            bound: Bound::Never,
            week_start: 0,
            seconds: 0,
            minutes: 0,
            hours: 0,
            weekdays: 0,
            numbered_days: Vec::new(),
            month_days: 0,
            month_days_back: 0,
            year_days: Vec::new(),
            weeks: 0,
            weeks_back: 0,
            months: 0,
            places: Vec::new(),
            last: super::LAST_CIVIL,
        }
    }

    /// The last key that UNTIL allows: seconds since 1970, or the midnight of a day.
    pub(super) fn until(&self) -> i64 {
        match self.bound {
            Bound::Until(until) => until,
            Bound::Never | Bound::Count(_) => i64::MAX,
        }
    }

    pub(super) fn has_weekdays(&self) -> bool {
        self.weekdays != 0 || !self.numbered_days.is_empty()
    }

    pub(super) fn has_month_days(&self) -> bool {
        self.month_days | self.month_days_back != 0
    }

    pub(super) fn has_weeks(&self) -> bool {
        self.weeks | self.weeks_back != 0
    }

    /// Whether anything says which days are meant, apart from DTSTART.
    pub(super) fn has_days(&self) -> bool {
        self.has_weekdays()
            || self.has_month_days()
            || self.has_weeks()
            || !self.year_days.is_empty()
    }

    /// Whether every period holds the same number of civil times: nothing limits it.
    pub(super) fn is_uniform(&self) -> bool {
        let unlimited_hours = self.frequency <= Frequency::Daily || self.hours == 0;
        let unlimited_minutes = self.frequency <= Frequency::Hourly || self.minutes == 0;
        let unlimited_seconds = self.frequency <= Frequency::Minutely || self.seconds == 0;
        let unlimited_days =
            self.months == 0 && (self.frequency == Frequency::Weekly || !self.has_days());
        self.frequency >= Frequency::Weekly
            && unlimited_days
            && unlimited_hours
            && unlimited_minutes
            && unlimited_seconds
    }
}
