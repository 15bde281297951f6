//! What a `VTIMEZONE` says (RFC 5545, 3.6.5), and which zone of the IANA database does the same.
//!
//! A definition is a list of observances, each with its onsets: the local times at which it begins,
//! as told by the offset before it. Only what writers of zones use is understood of rules
//! (`FREQ=YEARLY` with a month and a weekday or days of the month); a definition with another rule
//! is matched by nothing.

use chrono_tz::{TZ_VARIANTS, Tz};

use super::line::Line;
use super::value::Stamp;
use super::windows::WINDOWS_ZONES;
use crate::calendar::civil::{self, CivilSeconds};
use crate::calendar::interval::Interval;
use crate::calendar::zone::offset_ms;
use crate::time::parse_zone;

/// How many onsets a definition may have in the years that are looked at: two a year are usual,
/// four where a fast interrupts summer time.
const MAX_ONSETS: usize = 1_000;

/// How many observances are read of a definition: Apple writes one for each change of history.
const MAX_OBSERVANCES: usize = 200;

/// The years that are compared, one stretch after the other: a definition that agrees with a zone
/// in the present is that zone even where its past is made up, and one from the past is compared
/// with the past. The database has no rules beyond 2037 in some of its zones.
const AGES: [(i32, i32); 4] = [(1990, 2034), (2020, 2034), (2007, 2020), (1990, 2007)];

/// How far apart offsets are compared between the onsets.
const SAMPLE_MS: i64 = 11 * 86_400_000;

/// How far an onset may be from that of a zone: Outlook writes midnight as 23:59:59 of the day before.
const SLACK_MS: i64 = 60_000;

/// Which zone is meant where many do the same: the ones that most people live in.
const COMMON: [&str; 10] = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tokyo",
];

/// A zone as a file defines it.
#[derive(Debug, Clone, Default)]
pub(super) struct Definition {
    /// The name that the events of the file use.
    pub(super) id: String,
    /// The IANA name that some writers add.
    pub(super) location: Option<String>,
    observances: Vec<Observance>,
    is_beyond_us: bool,
}

/// A stretch of the year with an offset.
#[derive(Debug, Clone, Default)]
struct Observance {
    is_standard: bool,
    start: Option<CivilSeconds>,
    /// Seconds east of UTC before its onsets, and from them on.
    from: Option<i64>,
    to: Option<i64>,
    rule: Option<YearlyRule>,
    dates: Vec<CivilSeconds>,
}

/// A rule for one onset a year.
#[derive(Debug, Clone, Default)]
struct YearlyRule {
    month: Option<u32>,
    /// A weekday (0 is Monday) and which one of the month: 0 is every one, less is from the end.
    weekday: Option<(i32, u32)>,
    month_days: Vec<i32>,
    interval: i32,
    /// The last onset, and whether it is told in UTC.
    until: Option<(CivilSeconds, bool)>,
}

/// From when on an offset holds; both in milliseconds.
type Onset = (i64, i64);

/// Onsets in order, and the offset before the first of them.
pub(super) struct Onsets {
    pub(super) list: Vec<Onset>,
    pub(super) before: i64,
}

impl Definition {
    /// Reads the lines of a `VTIMEZONE`.
    pub(super) fn read<'a>(lines: impl Iterator<Item = Line<'a>>) -> Self {
        let mut zone = Self::default();
        let mut current: Option<Observance> = None;
        for line in lines {
            let value = line.value.trim();
            match (&*line.name, &mut current) {
                ("BEGIN", _)
                    if ["STANDARD", "DAYLIGHT"]
                        .iter()
                        .any(|name| name.eq_ignore_ascii_case(value)) =>
                {
                    current = Some(Observance {
                        is_standard: value.eq_ignore_ascii_case("STANDARD"),
                        ..Observance::default()
                    });
                }
                ("END", current) => {
                    let Some(observance) = current.take() else {
                        continue;
                    };
                    if zone.observances.len() < MAX_OBSERVANCES {
                        zone.observances.push(observance);
                    } else {
                        zone.is_beyond_us = true;
                    }
                }
                ("TZID", None) => value.clone_into(&mut zone.id),
                ("X-LIC-LOCATION", None) => zone.location = Some(value.to_owned()),
                ("DTSTART", Some(observance)) => observance.start = civil_seconds(value),
                ("TZOFFSETFROM", Some(observance)) => observance.from = parse_offset(value),
                ("TZOFFSETTO", Some(observance)) => observance.to = parse_offset(value),
                ("RDATE", Some(observance)) => {
                    observance
                        .dates
                        .extend(value.split(',').take(MAX_ONSETS).filter_map(civil_seconds));
                }
                ("RRULE", Some(observance)) => {
                    observance.rule = YearlyRule::parse(value);
                    zone.is_beyond_us |= observance.rule.is_none();
                }
                _ => {}
            }
        }
        zone
    }

    /// A zone that is always so many seconds east of UTC.
    pub(super) fn fixed(offset: i64) -> Self {
        Self {
            observances: vec![Observance {
                is_standard: true,
                start: Some(0),
                from: Some(offset),
                to: Some(offset),
                ..Observance::default()
            }],
            ..Self::default()
        }
    }

    /// The onsets in some years. `None` where the definition can't be understood.
    pub(super) fn onsets(&self, years: (i32, i32)) -> Option<Onsets> {
        if self.is_beyond_us {
            return None;
        }
        let mut onsets: Vec<(i64, i64, i64)> = Vec::new();
        for observance in &self.observances {
            let (start, from, to) = (observance.start?, observance.from?, observance.to?);
            let mut locals = vec![start];
            locals.extend(&observance.dates);
            if let Some(rule) = &observance.rule {
                rule.expand(start, from, years, &mut locals);
            }
            if onsets.len() + locals.len() > MAX_ONSETS {
                return None;
            }
            onsets.extend(
                locals
                    .into_iter()
                    .map(|local| ((local - from) * 1000, to * 1000, from * 1000)),
            );
        }
        onsets.sort_unstable();
        let before = onsets.first()?.2;
        let list = onsets.into_iter().map(|(at, to, _)| (at, to)).collect();
        Some(Onsets { list, before })
    }

    /// Whether it says what a zone of the database does, in any of the ages as far as it speaks of
    /// them: many files have the rules of another year. `None` where that can't be told.
    pub(super) fn agrees_with(&self, zone: Tz) -> Option<bool> {
        let [whole, ..] = AGES;
        let onsets = self.onsets(whole)?;
        let mut answer = None;
        for years in AGES {
            let samples = self.samples(&onsets, years, false);
            if !samples.is_empty() {
                answer = Some(agrees(&samples, zone));
            }
            if answer == Some(true) {
                break;
            }
        }
        answer
    }

    /// Whether a zone of the database has the same standard time, whatever either says of summer
    /// time. It is what the latest standard time says, and the least offset of the zone in the years
    /// around the present.
    pub(super) fn has_standard_time_of(&self, zone: Tz) -> bool {
        let standard = self.observances.iter().filter(|one| one.is_standard);
        let latest = standard.max_by_key(|one| one.start);
        let [_, (from, until), ..] = AGES;
        let [from, until] = [from, until].map(|year| i64::from(civil::day(year, 1, 1)));
        let samples = (from..until)
            .step_by(30)
            .map(|day| offset_ms(zone, day * 86_400_000));
        let least = samples.min();
        latest
            .and_then(|one| one.to)
            .is_some_and(|to| Some(to * 1000) == least)
    }

    /// The zone of the database that does the same.
    pub(super) fn find_zone(&self) -> Option<Tz> {
        let named = COMMON.iter().copied().filter_map(parse_zone);
        let windows = WINDOWS_ZONES
            .iter()
            .filter_map(|(_, name)| parse_zone(name));
        let candidates: Vec<Tz> = named.chain(windows).chain(TZ_VARIANTS).collect();
        let [whole, ..] = AGES;
        let onsets = self.onsets(whole)?;
        let lasting = AGES.iter().map(|years| (*years, true));
        let ending = AGES.iter().map(|years| (*years, false));
        lasting.chain(ending).find_map(|(years, is_lasting)| {
            let samples = self.samples(&onsets, years, is_lasting);
            let mut zones = candidates.iter().copied();
            zones.find(|zone| !samples.is_empty() && agrees(&samples, *zone))
        })
    }

    /// Instants and the offsets at them: around every onset, and in between. A list of onsets may
    /// be meant to hold behind the last of them (`is_lasting`), or just end there.
    fn samples(&self, onsets: &Onsets, years: (i32, i32), is_lasting: bool) -> Vec<Onset> {
        let Onsets { list, before } = onsets;
        let instant = |year| civil::midnight(civil::day(year, 1, 1)) * 1000;
        let is_open = self.observances.iter().any(|observance| {
            let rule = observance.rule.as_ref();
            rule.is_some_and(|rule| rule.until.is_none())
        });
        let (first, last) = match (list.first(), list.last()) {
            (Some((first, _)), Some((last, _))) => (*first, *last),
            _ => return Vec::new(),
        };
        let stretch = Interval {
            start: instant(years.0).max(first),
            // The only onset is that of a zone without changes.
            end: if is_open || is_lasting || first == last {
                instant(years.1)
            } else {
                instant(years.1).min(last + 1)
            },
        };
        let around = list.iter().flat_map(|(at, _)| [*at - 1, *at]);
        let between = (0..).map(|step| stretch.start + step * SAMPLE_MS);
        let mut instants: Vec<i64> = around
            .filter(|at| stretch.contains(*at))
            .chain(between.take_while(|at| stretch.contains(*at)))
            .collect();
        instants.sort_unstable();
        let mut behind = list.iter().peekable();
        let mut offset = *before;
        let offset_at = |at| {
            while let Some((_, to)) = behind.next_if(|(onset, _)| *onset <= at) {
                offset = *to;
            }
            (at, offset)
        };
        instants.into_iter().map(offset_at).collect()
    }
}

/// Whether a zone has the offsets of all samples, its onsets a minute earlier or later. The latest
/// are looked at first: they differ most often.
fn agrees(samples: &[Onset], zone: Tz) -> bool {
    samples.iter().rev().all(|(at, offset)| {
        [0, SLACK_MS, -SLACK_MS]
            .iter()
            .any(|slack| offset_ms(zone, at + slack) == *offset)
    })
}

/// Local seconds of a date or time in a definition; what ends with `Z` there is meant locally too.
fn civil_seconds(text: &str) -> Option<CivilSeconds> {
    Some(match Stamp::parse(text)? {
        Stamp::Date(date) => civil::midnight(civil::from_date(date)),
        Stamp::Civil(time) | Stamp::Utc(time) => civil::from_date_time(time),
    })
}

/// Reads an offset (3.3.14) such as `+0100`, `-003015` or `+01:00`, in seconds.
pub(super) fn parse_offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let mut value = 0_i64;
    let mut count = 0;
    for byte in digits.bytes().filter(|byte| !matches!(byte, b':' | b'.')) {
        value = value * 10 + i64::from(char::from(byte).to_digit(10)?);
        count += 1;
        if count > 6 {
            return None;
        }
    }
    let (hours, minutes, seconds) = match count {
        1 | 2 => (value, 0, 0),
        4 => (value / 100, value % 100, 0),
        6 => (value / 10_000, value / 100 % 100, value % 100),
        _ => return None,
    };
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    Some(sign * (hours * 3600 + minutes * 60 + seconds))
}

impl YearlyRule {
    /// Reads a rule; `None` where it is more than this type can say.
    fn parse(text: &str) -> Option<Self> {
        let mut rule = Self {
            interval: 1,
            ..Self::default()
        };
        let mut is_yearly = false;
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=')?;
            match name.to_ascii_uppercase().as_str() {
                "FREQ" => is_yearly = value.eq_ignore_ascii_case("YEARLY"),
                "INTERVAL" => {
                    rule.interval = value.parse().ok().filter(|interval| *interval > 0)?;
                }
                "UNTIL" => {
                    let is_utc = matches!(Stamp::parse(value)?, Stamp::Utc(_));
                    rule.until = Some((civil_seconds(value)?, is_utc));
                }
                "BYMONTH" => rule.month = Some(value.parse().ok()?),
                "BYMONTHDAY" => {
                    rule.month_days = value
                        .split(',')
                        .map(str::parse)
                        .collect::<Result<_, _>>()
                        .ok()?;
                }
                "BYDAY" => rule.weekday = Some(parse_weekday(value)?),
                "WKST" => {}
                _ => return None,
            }
        }
        // Without a month, the ordinals of weekdays count through the year.
        let is_told =
            rule.month.is_some() || (rule.weekday.is_none() && rule.month_days.is_empty());
        (is_yearly && is_told).then_some(rule)
    }

    /// Adds the local times of its onsets in some years.
    fn expand(
        &self,
        start: CivilSeconds,
        from: i64,
        years: (i32, i32),
        out: &mut Vec<CivilSeconds>,
    ) {
        let (first_year, first_month, first_day) = civil::year_month_day(civil::day_of(start));
        let time = civil::second_of_day(start);
        let (until, is_utc) = self.until.unwrap_or((CivilSeconds::MAX, false));
        // From a year early, so that the offset at the beginning is known.
        let skipped = (years.0 - 1 - first_year).max(0) / self.interval * self.interval;
        let mut year = first_year + skipped;
        while year <= years.1 {
            let month = self.month.unwrap_or(first_month);
            for day in 1..=civil::days_in_month(year, month) {
                let at = civil::midnight(civil::day(year, month, day)) + time;
                let told = if is_utc { at - from } else { at };
                if at > start && told <= until && self.has(year, month, day, first_day) {
                    out.push(at);
                }
            }
            year = year.saturating_add(self.interval);
        }
    }

    fn has(&self, year: i32, month: u32, day: u32, first_day: u32) -> bool {
        let length = civil::days_in_month(year, month);
        if self.weekday.is_none() && self.month_days.is_empty() {
            return day == first_day;
        }
        let from_end =
            i32::try_from(day).unwrap_or_default() - i32::try_from(length).unwrap_or_default() - 1;
        let from_start = i32::try_from(day).unwrap_or_default();
        let is_weekday = self.weekday.is_none_or(|(which, weekday)| {
            civil::weekday(civil::day(year, month, day)) == weekday
                && match which {
                    0 => true,
                    1.. => (from_start - 1) / 7 + 1 == which,
                    _ => (from_end + 1) / 7 - 1 == which,
                }
        });
        let is_day = self.month_days.is_empty()
            || self.month_days.contains(&from_start)
            || self.month_days.contains(&from_end);
        is_weekday && is_day
    }
}

/// Reads one weekday with or without its ordinal, `-1SU`.
fn parse_weekday(text: &str) -> Option<(i32, u32)> {
    let (ordinal, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let weekday = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
        .iter()
        .position(|day| day.eq_ignore_ascii_case(name))?;
    let ordinal = if ordinal.is_empty() {
        0
    } else {
        ordinal.parse().ok()?
    };
    Some((ordinal, u32::try_from(weekday).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(text: &str) -> Definition {
        Definition::read(text.lines().filter_map(|line| Line::parse(line.trim())))
    }

    fn found(text: &str) -> Option<&'static str> {
        definition(text).find_zone().map(Tz::name)
    }

    const EXCHANGE_BERLIN: &str = "BEGIN:STANDARD
        DTSTART:16010101T030000
        TZOFFSETFROM:+0200
        TZOFFSETTO:+0100
        RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
        END:STANDARD
        BEGIN:DAYLIGHT
        DTSTART:16010101T020000
        TZOFFSETFROM:+0100
        TZOFFSETTO:+0200
        RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
        END:DAYLIGHT";

    #[test]
    fn a_rule_that_is_said_to_hold_since_1601_is_known_by_the_present() {
        assert_eq!(found(EXCHANGE_BERLIN), Some("Europe/Berlin"));
        let berlin = parse_zone("Europe/Berlin").expect("a zone");
        let london = parse_zone("Europe/London").expect("a zone");
        assert_eq!(definition(EXCHANGE_BERLIN).agrees_with(berlin), Some(true));
        assert_eq!(definition(EXCHANGE_BERLIN).agrees_with(london), Some(false));
    }

    #[test]
    fn an_onset_a_second_early_is_the_same() {
        let at = |standard: &str, daylight: &str| {
            EXCHANGE_BERLIN
                .replace("T030000", standard)
                .replace("T020000", daylight)
        };
        assert_eq!(found(&at("T025959", "T015959")), Some("Europe/Berlin"));
        assert_eq!(found(&at("T025800", "T015800")), None);
    }

    #[test]
    fn a_guess_agrees_if_it_does_in_any_age() {
        // Mexico had summer time until 2022.
        let text = "BEGIN:STANDARD
            DTSTART:16010101T020000
            TZOFFSETFROM:-0500
            TZOFFSETTO:-0600
            RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
            END:STANDARD
            BEGIN:DAYLIGHT
            DTSTART:16010101T020000
            TZOFFSETFROM:-0600
            TZOFFSETTO:-0500
            RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4
            END:DAYLIGHT";
        let zone = |name| parse_zone(name).expect("a zone");
        let definition = definition(text);
        assert_eq!(
            definition.agrees_with(zone("America/Mexico_City")),
            Some(true)
        );
        assert_eq!(definition.agrees_with(zone("Europe/Paris")), Some(false));
        assert!(definition.has_standard_time_of(zone("America/Chicago")));
        assert!(!definition.has_standard_time_of(zone("America/New_York")));
    }

    #[test]
    fn the_rules_of_the_past_are_known_by_the_past() {
        let text = "BEGIN:STANDARD
            DTSTART:19671029T020000
            RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
            TZOFFSETFROM:-0400
            TZOFFSETTO:-0500
            END:STANDARD
            BEGIN:DAYLIGHT
            DTSTART:19870405T020000
            RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4
            TZOFFSETFROM:-0500
            TZOFFSETTO:-0400
            END:DAYLIGHT";
        assert_eq!(found(text), Some("America/New_York"));
    }

    #[test]
    fn days_of_the_month_tell_a_weekday_as_well() {
        let text = EXCHANGE_BERLIN
            .replace(
                "BYDAY=-1SU;BYMONTH=10",
                "BYDAY=SU;BYMONTHDAY=25,26,27,28,29,30,31;BYMONTH=10",
            )
            .replace(
                "BYDAY=-1SU;BYMONTH=3",
                "BYDAY=SU;BYMONTHDAY=-7,-6,-5,-4,-3,-2,-1;BYMONTH=3",
            );
        assert_eq!(found(&text), Some("Europe/Berlin"));
    }

    #[test]
    fn a_fixed_offset_is_a_zone_that_has_it() {
        let name = |offset| Definition::fixed(offset).find_zone().map(Tz::name);
        assert_eq!(name(0), Some("UTC"));
        assert_eq!(name(19_800), Some("Asia/Kolkata"));
        assert!(name(-18_000).is_some());
        assert_eq!(name(1_234), None);
    }

    #[test]
    fn what_no_zone_does_and_what_is_not_understood_is_no_zone() {
        assert_eq!(found(&EXCHANGE_BERLIN.replace("+0200", "+0130")), None);
        assert_eq!(found(&EXCHANGE_BERLIN.replace("YEARLY", "WEEKLY")), None);
        assert_eq!(found(""), None);
    }

    #[test]
    fn an_offset_is_read_with_or_without_seconds() {
        assert_eq!(parse_offset("+0100"), Some(3600));
        assert_eq!(parse_offset("-00:25:21"), Some(-1521));
        assert_eq!(parse_offset("+5"), Some(18_000));
        for nonsense in ["", "0100", "+010", "+9900", "+01000000", "+0160", "\u{fc}"] {
            assert_eq!(parse_offset(nonsense), None, "{nonsense}");
        }
    }
}
