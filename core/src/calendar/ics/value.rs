//! Values with a form of their own: dates, times and durations (RFC 5545, 3.3.4 to 3.3.6).

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use chrono_tz::Tz;

use crate::calendar::event::civil_time;
use crate::time::{CalendarTime, Timestamp, YEARS, resolve};

/// A date or a time as it stands in a value, before it has a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    /// A date.
    Date(NaiveDate),
    /// A civil time; its zone stands elsewhere.
    Civil(NaiveDateTime),
    /// A civil time in UTC.
    Utc(NaiveDateTime),
}

impl Stamp {
    /// Reads `20260329`, `20260329T023000` or `20260329T023000Z`; also without the seconds, and
    /// with the dashes and colons of ISO 8601, as some writers have them. A `Z` behind a date says
    /// nothing (Google has it in birthdays).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut digits = [0_u32; 14];
        let (mut count, mut is_time, mut is_utc) = (0, false, false);
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' if !is_utc => {
                    *digits.get_mut(count)? = u32::from(byte - b'0');
                    count += 1;
                }
                b'T' | b't' if count == 8 && !is_time && !is_utc => is_time = true,
                b'Z' | b'z' if (is_time || count == 8) && !is_utc => is_utc = true,
                b'-' if count < 8 => {}
                b':' if is_time => {}
                _ => return None,
            }
        }
        let [y1, y2, y3, y4, m1, m2, d1, d2, h1, h2, n1, n2, s1, s2] = digits;
        let year = i32::try_from(y1 * 1000 + y2 * 100 + y3 * 10 + y4).ok()?;
        let date = NaiveDate::from_ymd_opt(year, m1 * 10 + m2, d1 * 10 + d2)?;
        if !YEARS.contains(&year) {
            return None;
        }
        match (count, is_time) {
            (8, false) => Some(Self::Date(date)),
            (12 | 14, true) => {
                // A leap second is the second before it (3.3.12).
                let second = (s1 * 10 + s2).min(if s1 == 6 && s2 == 0 { 59 } else { 99 });
                let time = date.and_hms_opt(h1 * 10 + h2, n1 * 10 + n2, second)?;
                Some(if is_utc {
                    Self::Utc(time)
                } else {
                    Self::Civil(time)
                })
            }
            _ => None,
        }
    }

    /// The day of it.
    pub(super) fn date(self) -> NaiveDate {
        match self {
            Self::Date(date) => date,
            Self::Civil(time) | Self::Utc(time) => time.date(),
        }
    }
}

/// Whether a year may be in a calendar.
pub(super) fn is_in_range(date: NaiveDate) -> bool {
    YEARS.contains(&date.year())
}

/// Writes a day, `20260329`.
pub(super) fn push_date(out: &mut String, date: NaiveDate) {
    let _ = write!(
        out,
        "{:04}{:02}{:02}",
        date.year(),
        date.month(),
        date.day()
    );
}

/// Writes a civil time, `20260329T023000`.
pub(super) fn push_civil(out: &mut String, time: NaiveDateTime) {
    push_date(out, time.date());
    let _ = write!(
        out,
        "T{:02}{:02}{:02}",
        time.hour(),
        time.minute(),
        time.second()
    );
}

/// An instant, to the second, `20260329T013000Z`.
pub fn instant(moment: Timestamp) -> String {
    let mut out = String::with_capacity(16);
    push_civil(&mut out, moment.to_utc().naive_utc());
    out.push('Z');
    out
}

/// Reads an instant: a time in UTC. One without a zone is taken for UTC, as writers mean it.
pub(super) fn parse_instant(text: &str) -> Option<Timestamp> {
    match Stamp::parse(text)? {
        Stamp::Utc(time) | Stamp::Civil(time) => Some(time.and_utc().into()),
        Stamp::Date(_) => None,
    }
}

/// A length of time (3.3.6): days are nominal, however long the clocks make them, and the rest is
/// exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration {
    /// Days as a calendar counts them; weeks are seven.
    pub days: i32,
    /// Seconds, exactly.
    pub seconds: i32,
}

impl Duration {
    /// Reads `P1DT2H`, `-PT15M`, `P2W`. Parts may stand in any order, as some writers have them;
    /// none may be repeated.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let rest = rest.strip_prefix(['P', 'p'])?;
        let (mut days, mut seconds) = (0_i64, 0_i64);
        let (mut number, mut is_time, mut seen) = (None, false, 0_u8);
        for byte in rest.bytes() {
            let (unit, bit, is_day) = match byte.to_ascii_uppercase() {
                digit @ b'0'..=b'9' => {
                    let before: i64 = number.unwrap_or(0);
                    number = Some(
                        before
                            .saturating_mul(10)
                            .saturating_add(i64::from(digit - b'0')),
                    );
                    continue;
                }
                b'T' if !is_time && number.is_none() => {
                    is_time = true;
                    continue;
                }
                b'W' if !is_time => (7, 1, true),
                b'D' if !is_time => (1, 2, true),
                b'H' if is_time => (3600, 4, false),
                b'M' if is_time => (60, 8, false),
                b'S' if is_time => (1, 16, false),
                _ => return None,
            };
            let length = number.take()?.saturating_mul(unit);
            if seen & bit != 0 {
                return None;
            }
            seen |= bit;
            let sum = if is_day { &mut days } else { &mut seconds };
            *sum = sum.saturating_add(length);
        }
        if seen == 0 || number.is_some() {
            return None;
        }
        Some(Self {
            days: i32::try_from(days * sign).ok()?,
            seconds: i32::try_from(seconds * sign).ok()?,
        })
    }

    /// Its text. Days and seconds of different signs have none, and are written as if they were of
    /// the sign of the days.
    pub(super) fn text(self) -> String {
        let mut out = String::new();
        if self.days < 0 || (self.days == 0 && self.seconds < 0) {
            out.push('-');
        }
        out.push('P');
        let (days, seconds) = (self.days.unsigned_abs(), self.seconds.unsigned_abs());
        if days > 0 {
            let _ = write!(out, "{days}D");
        }
        if seconds > 0 || days == 0 {
            out.push('T');
            for (length, unit) in [
                (seconds / 3600, 'H'),
                (seconds / 60 % 60, 'M'),
                (seconds % 60, 'S'),
            ] {
                if length > 0 || (seconds == 0 && unit == 'S') {
                    let _ = write!(out, "{length}{unit}");
                }
            }
        }
        out
    }

    /// The time that much after another: the days on the calendar, then the rest on the clock.
    /// `None` where that is no time a calendar can have.
    pub(super) fn after(self, start: CalendarTime) -> Option<CalendarTime> {
        let later = |date: NaiveDate, days: i32| {
            let count = Days::new(u64::from(days.unsigned_abs()));
            if days < 0 {
                date.checked_sub_days(count)
            } else {
                date.checked_add_days(count)
            }
            .filter(|date| is_in_range(*date))
        };
        match start {
            CalendarTime::Date(date) => {
                let days = self.days.checked_add(self.seconds / 86_400)?;
                later(date, days).map(CalendarTime::Date)
            }
            CalendarTime::DateTime {
                date_time,
                time_zone,
            } => {
                let nominal = later(date_time.date(), self.days)?.and_time(date_time.time());
                if self.seconds == 0 {
                    return Some(CalendarTime::DateTime {
                        date_time: nominal,
                        time_zone,
                    });
                }
                let exact =
                    resolve(nominal, time_zone).plus(TimeDelta::seconds(i64::from(self.seconds)));
                is_in_range(civil(exact, time_zone).date())
                    .then(|| civil_time(exact.milliseconds(), time_zone))
            }
        }
    }
}

/// What the wall of a zone shows at an instant.
pub(super) fn civil(instant: Timestamp, zone: Tz) -> NaiveDateTime {
    let moment: DateTime<Tz> = instant.to_utc().with_timezone(&zone);
    moment.naive_local()
}

/// The instant at which a calendar time begins; a day begins at midnight in UTC. It orders times of
/// one kind.
pub(super) fn order(time: CalendarTime) -> Timestamp {
    match time {
        CalendarTime::Date(date) => date.and_time(NaiveTime::MIN).and_utc().into(),
        CalendarTime::DateTime {
            date_time,
            time_zone,
        } => resolve(date_time, time_zone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::parse_zone;
    use proptest::prelude::*;

    fn civil_time(text: &str, zone: &str) -> CalendarTime {
        let time_zone = parse_zone(zone).expect("a zone");
        match Stamp::parse(text).expect("a stamp") {
            Stamp::Civil(date_time) => CalendarTime::DateTime {
                date_time,
                time_zone,
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn times_are_read_in_the_forms_that_writers_have() {
        let civil = |text: &str| match Stamp::parse(text) {
            Some(Stamp::Civil(time)) => time.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(civil("20260329T023000"), "2026-03-29 02:30:00");
        assert_eq!(civil(" 2026-03-29T02:30 "), "2026-03-29 02:30:00");
        assert_eq!(civil("20261231T235960"), "2026-12-31 23:59:59");
        assert_eq!(Stamp::parse("20131210Z"), Stamp::parse("20131210"));
        assert!(matches!(Stamp::parse("20131210Z"), Some(Stamp::Date(_))));
        for nonsense in [
            "",
            "2026",
            "20260230",
            "20260329T",
            "20260329T2500Z",
            "20260329T023000+0100",
            "00000101",
            "99990101",
            "20260329T023061",
            "20260329ZT",
            "20260329Z0230",
            "2026032Z",
            "202603290230",
            "T20260329",
        ] {
            assert_eq!(Stamp::parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_day_is_nominal_and_24_hours_are_exact() {
        let start = civil_time("20260328T120000", "Europe/Berlin");
        let after = |text| Duration::parse(text).expect("one").after(start);
        assert_eq!(
            after("P1D"),
            Some(civil_time("20260329T120000", "Europe/Berlin"))
        );
        assert_eq!(
            after("PT24H"),
            Some(civil_time("20260329T130000", "Europe/Berlin"))
        );
        assert_eq!(
            after("P1W"),
            Some(civil_time("20260404T120000", "Europe/Berlin"))
        );
        assert_eq!(after("P2000000000D"), None);
    }

    #[test]
    fn what_is_no_duration_is_none() {
        for text in [
            "",
            "P",
            "PT",
            "P1",
            "1D",
            "P1H",
            "PT1D",
            "P1D1D",
            "PT5",
            "P99999999999D",
        ] {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_duration_reads_back(days in 0..1_000_000, seconds in 0..100_000_000, is_negative: bool) {
            let sign = if is_negative { -1 } else { 1 };
            let duration = Duration { days: days * sign, seconds: seconds * sign };
            prop_assert_eq!(Duration::parse(&duration.text()), Some(duration));
        }

        #[test]
        fn no_text_panics(text in "[-+PpTtZWDHMS0-9: ]{0,20}") {
            let _ = Stamp::parse(&text);
            if let Some(duration) = Duration::parse(&text) {
                let _ = duration.after(civil_time("20260328T120000", "Europe/Berlin"));
            }
        }
    }
}
