//! What words say, one statement after the other, before the statements are put together.

use std::ops::Range;

use chrono_tz::Tz;

use crate::calendar::civil::Day;

use super::interpretation::Choice;
use super::vocabulary::Minutes;
use crate::calendar::hours::document::MeetingKind;

/// A statement, and the words that make it.
#[derive(Debug, Clone)]
pub(super) struct Said<T> {
    pub(super) words: Range<usize>,
    pub(super) what: T,
}

/// Some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Days {
    /// From the first to the last.
    Range(Day, Day),
    /// The days that end something; as a limit only the last of them.
    End(Day, Day),
    /// Weekdays of the seven days that begin with a Monday. In a mask of weekdays bit 0 is Monday.
    InWeek(Day, u8),
    /// Weekdays: of the stretch that is talked about, or the next ones.
    Weekdays(u8),
    /// Weekdays, whenever they come.
    Every(u8),
    /// From a weekday up to another.
    Span(u32, u32),
}

impl Days {
    /// The first and the last day, where it is known without the rest of the text.
    pub(super) fn known(self) -> Option<(Day, Day)> {
        match self {
            Self::Range(first, last) | Self::End(first, last) => Some((first, last)),
            Self::InWeek(_, _) => Some((self.each().min()?, self.each().max()?)),
            Self::Weekdays(_) | Self::Every(_) | Self::Span(_, _) => None,
        }
    }

    /// The days of [`Self::InWeek`].
    pub(super) fn each(self) -> impl Iterator<Item = Day> {
        let (monday, mask) = match self {
            Self::InWeek(monday, mask) => (monday, mask),
            _ => (0, 0),
        };
        (0..7)
            .filter(move |number| mask >> number & 1 == 1)
            .map(move |number| monday.saturating_add(number))
    }
}

/// Monday to Friday, as a mask of weekdays.
pub(super) const WORKING_DAYS: u8 = 0b001_1111;

/// Which side of a time a limit leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// From it on, itself included.
    From,
    /// What comes behind it.
    After,
    /// Up to it, itself included.
    By,
    /// What comes before it.
    Before,
}

impl Side {
    /// Whether it says when to begin, and not when to end.
    pub(super) fn is_start(self) -> bool {
        matches!(self, Self::From | Self::After)
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::After => "after",
            Self::By => "until",
            Self::Before => "before",
        }
    }
}

/// What is said of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayFact {
    On(Days),
    Not(Days),
    /// A limit, at a time of the day if one is said.
    Bound(Side, Days, Option<u16>),
}

/// A time on a clock, in minutes since midnight; the second one where the words can mean both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) minute: u16,
    pub(super) other: Option<u16>,
}

/// What is said of times of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeFact {
    Part(Minutes),
    Not(Minutes),
    /// Two ends of what is left out, exactly.
    NotBetween(Minutes),
    /// A time at which there shall be no meeting.
    NotAt(u16),
    At(Clock),
    /// At it, half an hour sooner or later.
    Around(Clock),
    Bound(Side, Clock),
}

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// By the place among the people that are known.
    Known(usize),
    Address(String),
}

/// A zone, and the offset it must have (hours east of UTC) where the words name that as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ZoneFact {
    pub(super) zone: Tz,
    pub(super) offset_hours: Option<i32>,
}

/// A limit that is an event.
#[derive(Debug, Clone)]
pub(super) struct EventFact {
    pub(super) side: Side,
    /// The events that they can mean, by their places.
    pub(super) candidates: Vec<usize>,
}

/// Words that can't be read in one way only.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) code: &'static str,
    pub(super) text: String,
    pub(super) words: Range<usize>,
    pub(super) choices: Vec<Choice>,
}

impl Ask {
    pub(super) fn new(code: &'static str, words: Range<usize>, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            words,
            choices: Vec::new(),
        }
    }

    /// The same with one more reading: in plain words, and in words that say it.
    pub(super) fn or(mut self, text: impl Into<String>, words: impl Into<String>) -> Self {
        self.choices.push(Choice {
            text: text.into(),
            words: words.into(),
        });
        self
    }
}

/// All that a text says.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) lengths: Vec<Said<u32>>,
    pub(super) people: Vec<Said<(Who, bool)>>,
    pub(super) absent: Vec<Said<Who>>,
    pub(super) days: Vec<Said<DayFact>>,
    pub(super) times: Vec<Said<TimeFact>>,
    /// Limits that are instants, in milliseconds since 1970.
    pub(super) instants: Vec<Said<(Side, i64)>>,
    pub(super) events: Vec<Said<EventFact>>,
    pub(super) zones: Vec<Said<ZoneFact>>,
    pub(super) buffers: Vec<Said<(Option<u32>, Option<u32>)>>,
    pub(super) notice: Vec<Said<u32>>,
    /// Whether time outside of working hours will do.
    pub(super) outside: Vec<Said<bool>>,
    pub(super) kinds: Vec<Said<MeetingKind>>,
    pub(super) recurrence: Vec<Said<String>>,
    pub(super) topic: Option<Range<usize>>,
}
