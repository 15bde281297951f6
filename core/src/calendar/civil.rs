//! Civil time as integers: days and seconds on a wall clock, without a zone.
//!
//! A day is the number of days since 1970-01-01 in the proleptic Gregorian calendar; a civil time is
//! the number of seconds since midnight of that day, as the wall counts them. Both may be negative.
//! Arithmetic on them is what makes expanding a rule cheap; the types of `chrono` stand at the edges.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};

/// Seconds of a civil day.
pub const DAY_SECONDS: i64 = 86_400;

/// 1970-01-01 in the days that `chrono` counts from the year 1.
const EPOCH_FROM_COMMON_ERA: i32 = 719_163;

/// A civil day: days since 1970-01-01.
pub type Day = i32;

/// A civil time: seconds since 1970-01-01T00:00:00 on the wall.
pub type CivilSeconds = i64;

/// The day of a civil time.
pub fn day_of(civil: CivilSeconds) -> Day {
    Day::try_from(civil.div_euclid(DAY_SECONDS)).unwrap_or(if civil < 0 {
        Day::MIN
    } else {
        Day::MAX
    })
}

/// The second of its day of a civil time, 0 to 86,399.
pub fn second_of_day(civil: CivilSeconds) -> i64 {
    civil.rem_euclid(DAY_SECONDS)
}

/// Midnight of a day.
pub fn midnight(day: Day) -> CivilSeconds {
    i64::from(day) * DAY_SECONDS
}

/// The day of a year, a month (1 to 12) and a day of the month (1 to 31; what is beyond the end of
/// the month counts on into the next). After Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", `days_from_civil`.
pub fn day(year: i32, month: u32, day_of_month: u32) -> Day {
    let month = i64::from(month);
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(day_of_month) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Day::try_from(era * 146_097 + day_of_era - 719_468).unwrap_or(Day::MAX)
}

/// The year, the month (1 to 12) and the day of the month (1 to 31) of a day. The inverse of [`day`]
/// (`civil_from_days` of the same source).
pub fn year_month_day(day: Day) -> (i32, u32, u32) {
    let shifted = i64::from(day) + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (
        i32::try_from(year).unwrap_or_default(),
        u32::try_from(month).unwrap_or_default(),
        u32::try_from(day_of_month).unwrap_or_default(),
    )
}

/// The weekday of a day: 0 is Monday, 6 is Sunday.
pub fn weekday(day: Day) -> u32 {
    // 1970-01-01 was a Thursday.
    u32::try_from((i64::from(day) + 3).rem_euclid(7)).unwrap_or_default()
}

/// The same as `chrono` has it.
pub fn weekday_name(day: Day) -> Weekday {
    Weekday::try_from(u8::try_from(weekday(day)).unwrap_or_default()).unwrap_or(Weekday::Mon)
}

/// Whether a year has a 29 February.
pub fn is_leap_year(year: i32) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

/// How many days a month has.
pub fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 => 28 + u32::from(is_leap_year(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// How many days a year has.
pub fn days_in_year(year: i32) -> u32 {
    365 + u32::from(is_leap_year(year))
}

/// From `chrono`.
pub fn from_date(date: NaiveDate) -> Day {
    date.num_days_from_ce() - EPOCH_FROM_COMMON_ERA
}

/// From `chrono`; fractions of a second are left out.
pub fn from_date_time(date_time: NaiveDateTime) -> CivilSeconds {
    midnight(from_date(date_time.date())) + i64::from(date_time.time().num_seconds_from_midnight())
}

/// To `chrono`; days outside of its range are moved to its ends.
pub fn to_date(day: Day) -> NaiveDate {
    let found = day
        .checked_add(EPOCH_FROM_COMMON_ERA)
        .and_then(NaiveDate::from_num_days_from_ce_opt);
    found.unwrap_or(if day < 0 {
        NaiveDate::MIN
    } else {
        NaiveDate::MAX
    })
}

/// To `chrono`.
pub fn to_date_time(civil: CivilSeconds) -> NaiveDateTime {
    let second = u32::try_from(second_of_day(civil)).unwrap_or_default();
    let time = NaiveTime::from_num_seconds_from_midnight_opt(second, 0).unwrap_or(NaiveTime::MIN);
    to_date(day_of(civil)).and_time(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn days_agree_with_chrono(day in -800_000_i32..3_000_000) {
            let date = to_date(day);
            prop_assert_eq!(from_date(date), day);
            prop_assert_eq!(year_month_day(day), (date.year(), date.month(), date.day()));
            prop_assert_eq!(super::day(date.year(), date.month(), date.day()), day);
            prop_assert_eq!(weekday_name(day), date.weekday());
            prop_assert_eq!(is_leap_year(date.year()), date.leap_year());
        }

        #[test]
        fn civil_times_agree_with_chrono(civil in -70_000_000_000_i64..250_000_000_000) {
            prop_assert_eq!(from_date_time(to_date_time(civil)), civil);
            prop_assert_eq!(midnight(day_of(civil)) + second_of_day(civil), civil);
        }

        #[test]
        fn no_day_panics(day: i32, civil: i64) {
            let _ = (year_month_day(day), weekday(day), to_date(day), day_of(civil));
            let _ = to_date_time(civil);
        }
    }
}
