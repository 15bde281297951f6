//! What one period of a rule holds: some days, times the same hours, minutes and seconds on each of
//! them. Everything is a set of bits, so that a period is made without allocation, is counted and
//! entered anywhere by arithmetic, and is walked by taking the lowest bit.

use super::rule::Frequency;
use crate::calendar::civil::{CivilSeconds, Day, day_of, midnight, second_of_day};

/// Words of the set of days: a year of 53 weeks has 371 days.
const WORDS: usize = 6;

/// Removes the lowest bit and returns its place.
fn take_lowest(bits: &mut u64) -> Option<u32> {
    if *bits == 0 {
        return None;
    }
    let place = bits.trailing_zeros();
    *bits &= *bits - 1;
    Some(place)
}

/// The place of the bit before which `before` others are set.
fn place_of(mut bits: u64, before: u32) -> Option<u32> {
    for _ in 0..before {
        take_lowest(&mut bits)?;
    }
    take_lowest(&mut bits)
}

/// The bits from a place on.
fn from_place(place: u32) -> u64 {
    u64::MAX.checked_shl(place).unwrap_or(0)
}

fn greatest_common_divisor(mut one: u64, mut other: u64) -> u64 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

/// Some of 384 days in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Days {
    first: Day,
    words: [u64; WORDS],
    /// How many of the words were ever set or are yet to be taken from.
    word: usize,
    used: usize,
}

impl Days {
    /// None of the days from `first` on.
    pub(super) fn none(first: Day) -> Self {
        Self {
            first,
            words: [0; WORDS],
            word: 0,
            used: 0,
        }
    }

    /// Those of the 64 days from `first` on whose bit is set.
    pub(super) fn of(first: Day, bits: u64) -> Self {
        let mut days = Self::none(first);
        days.insert(0, bits);
        days
    }

    /// Adds the days whose bit is set, the lowest bit being `at` days behind the first.
    pub(super) fn insert(&mut self, at: u32, bits: u64) {
        let (word, shift) = ((at / 64) as usize, at % 64);
        for (word, bits) in [
            (word, bits << shift),
            (word + 1, bits.checked_shr(64 - shift).unwrap_or(0)),
        ] {
            if let Some(there) = self.words.get_mut(word)
                && bits != 0
            {
                *there |= bits;
                self.used = self.used.max(word + 1);
            }
        }
    }

    /// Keeps what is in the other as well, which begins on the same day.
    pub(super) fn intersect(&mut self, other: &Self) {
        for (ours, theirs) in self.words.iter_mut().zip(&other.words) {
            *ours &= theirs;
        }
    }

    /// Keeps the days for which something holds.
    pub(super) fn retain(&mut self, mut holds: impl FnMut(Day) -> bool) {
        let mut all = *self;
        while let Some(day) = all.take_first() {
            if !holds(day) {
                self.remove(day);
            }
        }
    }

    fn remove(&mut self, day: Day) {
        let at = u32::try_from(day - self.first).unwrap_or(u32::MAX);
        if let Some(word) = self.words.get_mut((at / 64) as usize) {
            *word &= !(1 << (at % 64));
        }
    }

    fn count(&self) -> u32 {
        self.words
            .iter()
            .take(self.used)
            .map(|word| word.count_ones())
            .sum()
    }

    /// How many are before a day.
    fn count_before(&self, day: Day) -> u32 {
        let mut before = *self;
        before.keep(day, false);
        before.count()
    }

    /// The day before which so many others are in.
    fn nth(&self, mut before: u32) -> Option<Day> {
        for (index, word) in (0_i32..).zip(self.words) {
            let here = word.count_ones();
            if before < here {
                let place = i32::try_from(place_of(word, before)?).ok()?;
                return Some(self.first + 64 * index + place);
            }
            before -= here;
        }
        None
    }

    fn take_first(&mut self) -> Option<Day> {
        while self.word < self.used {
            if let Some(place) = self.words.get_mut(self.word).and_then(take_lowest) {
                let at = i32::try_from(self.word * 64).ok()? + i32::try_from(place).ok()?;
                return Some(self.first + at);
            }
            self.word += 1;
        }
        None
    }

    /// Keeps the days from one on, or those before it.
    fn keep(&mut self, day: Day, behind: bool) {
        let at = day.saturating_sub(self.first);
        for (index, word) in (0_i32..).zip(&mut self.words) {
            let place = u32::try_from(at.saturating_sub(64 * index)).unwrap_or(0);
            let mask = from_place(place);
            *word &= if behind { mask } else { !mask };
        }
    }
}

/// The times of a day: every set hour with every set minute with every set second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) hours: u64,
    pub(super) minutes: u64,
    pub(super) seconds: u64,
}

impl Times {
    const NONE: Self = Self {
        hours: 0,
        minutes: 0,
        seconds: 0,
    };

    /// Keeps the times that periods shorter than a day come to at all, in steps of an interval from
    /// a second of the day: every 40 minutes from 09:10 come to the minutes 10, 30 and 50.
    pub(super) fn on_grid(mut self, frequency: Frequency, interval: u32, second: i64) -> Self {
        let mut interval = u64::from(interval);
        for (finest, part, size, place) in [
            (Frequency::Secondly, &mut self.seconds, 60, second % 60),
            (Frequency::Minutely, &mut self.minutes, 60, second / 60 % 60),
            (Frequency::Hourly, &mut self.hours, 24, second / 3_600),
        ] {
            if frequency < finest {
                continue;
            }
            let step = greatest_common_divisor(interval, size);
            let place = u64::try_from(place).unwrap_or_default() % step;
            let reached = (0..size).filter(|one| one % step == place);
            *part &= reached.fold(0, |bits, one| bits | 1 << one);
            if interval % size != 0 {
                break;
            }
            interval /= size;
        }
        self
    }

    pub(super) fn count(self) -> u32 {
        self.hours.count_ones() * self.minutes.count_ones() * self.seconds.count_ones()
    }

    /// The second of the day before which so many other times are.
    fn nth(self, before: u32) -> Option<i64> {
        let (seconds, minutes) = (self.seconds.count_ones(), self.minutes.count_ones());
        let (rest, second) = (before.checked_div(seconds)?, before.checked_rem(seconds)?);
        let (hour, minute) = (rest.checked_div(minutes)?, rest.checked_rem(minutes)?);
        let second = place_of(self.seconds, second)?;
        let minute = place_of(self.minutes, minute)?;
        let hour = place_of(self.hours, hour)?;
        Some(i64::from(hour * 3_600 + minute * 60 + second))
    }

    /// How many times are before a second of the day.
    fn count_before(self, second: i64) -> u32 {
        let second = u32::try_from(second).unwrap_or(u32::MAX);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        let before = |bits: u64, place: u32| (bits & !from_place(place)).count_ones();
        let seconds = self.seconds.count_ones();
        let mut count = before(self.hours, hour) * self.minutes.count_ones() * seconds;
        if self.hours >> hour & 1 == 1 {
            count += before(self.minutes, minute) * seconds;
            if self.minutes >> minute & 1 == 1 {
                count += before(self.seconds, second);
            }
        }
        count
    }
}

/// One period: its days with its times, or those of them at some places (BYSETPOS).
#[derive(Debug, Clone)]
pub(super) struct Period<'r> {
    days: Days,
    times: Times,
    /// Places from the end (negative, rising) and from the start (positive, rising).
    places: Option<(&'r [i16], &'r [i16])>,
    /// What is left of the hour and the minute that the walk is in.
    left: Times,
    day: CivilSeconds,
    hour: CivilSeconds,
    minute: CivilSeconds,
}

impl<'r> Period<'r> {
    /// A period with nothing in it.
    pub(super) const EMPTY: Self = Self {
        days: Days {
            first: 0,
            words: [0; WORDS],
            word: 0,
            used: 0,
        },
        times: Times::NONE,
        places: None,
        left: Times::NONE,
        day: 0,
        hour: 0,
        minute: 0,
    };

    /// Days with times; `places` are those of BYSETPOS, rising, and none of them 0.
    pub(super) fn new(days: Days, times: Times, places: &'r [i16]) -> Self {
        let behind = places.partition_point(|place| *place < 0);
        Self {
            days,
            times,
            places: (!places.is_empty()).then(|| places.split_at(behind)),
            ..Self::EMPTY
        }
    }

    /// How many civil times it has when BYSETPOS is left out.
    fn full_size(&self) -> u32 {
        // At most the seconds of 371 days.
        self.days.count() * self.times.count()
    }

    /// How many civil times it has.
    pub(super) fn size(&self) -> u64 {
        if self.places.is_none() {
            return u64::from(self.full_size());
        }
        let mut rest = self.clone();
        let mut size = 0;
        while rest.take_place().is_some() {
            size += 1;
        }
        size
    }

    /// The civil time before which so many others are in it.
    pub(super) fn nth(&self, before: u64) -> Option<CivilSeconds> {
        if self.places.is_none() {
            return self.at(u32::try_from(before).ok()?);
        }
        let mut rest = self.clone();
        for _ in 0..before {
            rest.take_place()?;
        }
        rest.next()
    }

    /// How many of its civil times are before one.
    pub(super) fn count_before(&self, civil: CivilSeconds) -> u64 {
        let mut rest = self.clone();
        let mut count = 0;
        if self.places.is_some() {
            while rest.next().is_some_and(|one| one < civil) {
                count += 1;
            }
            return count;
        }
        let day = day_of(civil);
        count += u64::from(self.days.count_before(day) * self.times.count());
        rest.days.keep(day, true);
        if rest.days.take_first() == Some(day) {
            count += u64::from(self.times.count_before(second_of_day(civil)));
        }
        count
    }

    fn at(&self, before: u32) -> Option<CivilSeconds> {
        let a_day = self.times.count();
        let day = self.days.nth(before.checked_div(a_day)?)?;
        Some(midnight(day) + self.times.nth(before % a_day)?)
    }

    /// Leaves out what is before a civil time. Only before the first call of `next`.
    pub(super) fn skip_to(&mut self, civil: CivilSeconds) {
        if self.places.is_some() {
            let mut rest = self.clone();
            while rest.next().is_some_and(|one| one < civil) {
                self.places = rest.places;
            }
            return;
        }
        let (day, second) = (day_of(civil), second_of_day(civil));
        self.days.keep(day, true);
        let mut days = self.days;
        if days.take_first() != Some(day) {
            return;
        }
        self.days = days;
        let second = u32::try_from(second).unwrap_or_default();
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        self.day = midnight(day);
        self.hour = self.day + i64::from(hour) * 3_600;
        self.minute = self.hour + i64::from(minute) * 60;
        self.left.hours = self.times.hours & from_place(hour + 1);
        if self.times.hours >> hour & 1 == 1 {
            self.left.minutes = self.times.minutes & from_place(minute + 1);
            if self.times.minutes >> minute & 1 == 1 {
                self.left.seconds = self.times.seconds & from_place(second);
            }
        }
    }

    /// The lowest place that BYSETPOS asks for and that was not taken yet, counted from 0.
    fn take_place(&mut self) -> Option<u32> {
        let size = i64::from(self.full_size());
        let (behind, ahead) = self.places.as_mut()?;
        while behind
            .first()
            .is_some_and(|place| size + i64::from(*place) < 0)
        {
            *behind = behind.get(1..).unwrap_or_default();
        }
        let from_end = behind.first().map(|place| size + i64::from(*place));
        let from_start = ahead
            .first()
            .map(|place| i64::from(*place) - 1)
            .filter(|place| *place < size);
        let place = match (from_end, from_start) {
            (Some(one), Some(two)) => one.min(two),
            (one, two) => one.or(two)?,
        };
        if from_end == Some(place) {
            *behind = behind.get(1..).unwrap_or_default();
        }
        if from_start == Some(place) {
            *ahead = ahead.get(1..).unwrap_or_default();
        }
        u32::try_from(place).ok()
    }
}

impl Iterator for Period<'_> {
    type Item = CivilSeconds;

    #[inline]
    fn next(&mut self) -> Option<CivilSeconds> {
        if self.places.is_some() {
            let place = self.take_place()?;
            return self.at(place);
        }
        loop {
            if let Some(second) = take_lowest(&mut self.left.seconds) {
                return Some(self.minute + i64::from(second));
            }
            if let Some(minute) = take_lowest(&mut self.left.minutes) {
                self.minute = self.hour + i64::from(minute) * 60;
                self.left.seconds = self.times.seconds;
            } else if let Some(hour) = take_lowest(&mut self.left.hours) {
                self.hour = self.day + i64::from(hour) * 3_600;
                self.left.minutes = self.times.minutes;
            } else {
                self.day = midnight(self.days.take_first()?);
                self.left.hours = self.times.hours;
            }
        }
    }
}
