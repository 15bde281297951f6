//! Zones in words: their short names, the cities they go by, offsets from UTC.

use chrono::{FixedOffset, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::Zone;
use crate::analysis::words::Words;
use crate::time::parse_zone;

/// Short names: the zones that each can mean, and the offset that it names beside the zone.
#[rustfmt::skip] // a table: packed, not one word a line
pub(crate) const SHORT: &[(&str, Option<i32>, &[&str])] = &[
    ("utc", None, &["UTC"]),
    ("gmt", None, &["UTC"]),
    ("z", None, &["UTC"]),
    ("et", None, &["America/New_York"]),
    ("ct", None, &["America/Chicago"]),
    ("mt", None, &["America/Denver"]),
    ("pt", None, &["America/Los_Angeles"]),
    ("est", Some(-5), &["America/New_York"]),
    ("edt", Some(-4), &["America/New_York"]),
    ("cdt", Some(-5), &["America/Chicago"]),
    ("mst", Some(-7), &["America/Denver"]),
    ("mdt", Some(-6), &["America/Denver"]),
    ("pst", Some(-8), &["America/Los_Angeles"]),
    ("pdt", Some(-7), &["America/Los_Angeles"]),
    ("cet", Some(1), &["Europe/Paris"]),
    ("cest", Some(2), &["Europe/Paris"]),
    ("mez", Some(1), &["Europe/Berlin"]),
    ("mesz", Some(2), &["Europe/Berlin"]),
    ("eet", Some(2), &["Europe/Helsinki"]),
    ("eest", Some(3), &["Europe/Helsinki"]),
    ("wet", Some(0), &["Europe/Lisbon"]),
    ("west", Some(1), &["Europe/Lisbon"]),
    ("msk", None, &["Europe/Moscow"]),
    ("jst", None, &["Asia/Tokyo"]),
    ("kst", None, &["Asia/Seoul"]),
    ("sgt", None, &["Asia/Singapore"]),
    ("hkt", None, &["Asia/Hong_Kong"]),
    ("aest", Some(10), &["Australia/Sydney"]),
    ("aedt", Some(11), &["Australia/Sydney"]),
    ("nzst", Some(12), &["Pacific/Auckland"]),
    ("nzdt", Some(13), &["Pacific/Auckland"]),
    ("brt", None, &["America/Sao_Paulo"]),
    ("ist", None, &["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"]),
    ("bst", None, &["Europe/London", "Asia/Dhaka"]),
    ("cst", None, &["America/Chicago", "Asia/Shanghai", "America/Havana"]),
    ("ast", None, &["America/Halifax", "Asia/Riyadh"]),
];

/// Names that are no zone's of the database.
#[rustfmt::skip] // a table: packed, not one word a line
const PLACES: &[(&str, &str)] = &[
    ("eastern", "America/New_York"), ("east coast", "America/New_York"), ("central", "America/Chicago"),
    ("mountain", "America/Denver"), ("pacific", "America/Los_Angeles"), ("west coast", "America/Los_Angeles"),
    ("boston", "America/New_York"), ("washington", "America/New_York"), ("miami", "America/New_York"),
    ("atlanta", "America/New_York"), ("houston", "America/Chicago"), ("dallas", "America/Chicago"),
    ("austin", "America/Chicago"), ("san francisco", "America/Los_Angeles"), ("seattle", "America/Los_Angeles"),
    ("california", "America/Los_Angeles"), ("montreal", "America/Toronto"), ("uk", "Europe/London"),
    ("british", "Europe/London"), ("london", "Europe/London"), ("edinburgh", "Europe/London"),
    ("german", "Europe/Berlin"), ("munich", "Europe/Berlin"), ("munchen", "Europe/Berlin"),
    ("munchn", "Europe/Berlin"), ("hamburg", "Europe/Berlin"), ("frankfurt", "Europe/Berlin"),
    ("koln", "Europe/Berlin"), ("cologne", "Europe/Berlin"), ("french", "Europe/Paris"), ("lyon", "Europe/Paris"),
    ("barcelona", "Europe/Madrid"), ("spanish", "Europe/Madrid"), ("geneva", "Europe/Zurich"),
    ("genf", "Europe/Zurich"), ("milan", "Europe/Rome"), ("wien", "Europe/Vienna"), ("londres", "Europe/London"),
    ("nueva york", "America/New_York"), ("londoner", "Europe/London"), ("india", "Asia/Kolkata"),
    ("indian", "Asia/Kolkata"), ("delhi", "Asia/Kolkata"), ("mumbai", "Asia/Kolkata"),
    ("bangalore", "Asia/Kolkata"), ("bengaluru", "Asia/Kolkata"), ("china", "Asia/Shanghai"),
    ("beijing", "Asia/Shanghai"), ("peking", "Asia/Shanghai"), ("japan", "Asia/Tokyo"), ("osaka", "Asia/Tokyo"),
    ("tokio", "Asia/Tokyo"), ("tel aviv", "Asia/Jerusalem"), ("central european", "Europe/Paris"),
];

/// The zone of a city, by its folded name.
pub(crate) fn of_place(name: &str) -> Option<Tz> {
    if let Some((_, zone)) = PLACES.iter().find(|(place, _)| *place == name) {
        return parse_zone(zone);
    }
    let is_city = |zone: &&Tz| {
        let full = zone.name();
        let city = full.rsplit('/').next().unwrap_or_default();
        full.contains('/')
            && !full.starts_with("Etc/")
            && !full.starts_with("US/")
            && city.len() == name.len()
            && city.bytes().zip(name.bytes()).all(|(ours, theirs)| {
                ours.eq_ignore_ascii_case(&theirs) || (ours == b'_' && theirs == b' ')
            })
    };
    chrono_tz::TZ_VARIANTS.iter().find(is_city).copied()
}

/// The zones that words behind an hour can mean: one, or several of the same short name.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Zones([Option<Zone>; 3]);

impl Zones {
    fn only(zone: Zone) -> Self {
        Self([Some(zone), None, None])
    }

    /// The offsets from UTC that a civil time can have in them.
    pub(super) fn offsets(self, civil: NaiveDateTime) -> impl Iterator<Item = FixedOffset> {
        self.0
            .into_iter()
            .flatten()
            .filter_map(move |zone| zone.offset(civil))
    }
}

impl Zone {
    /// The offset at a civil time; none in the gap of a clock that is set forward.
    pub(super) fn offset(self, civil: NaiveDateTime) -> Option<FixedOffset> {
        match self {
            Self::Offset(offset) => Some(offset),
            Self::Named(zone) => {
                let offset = zone.offset_from_local_datetime(&civil).earliest()?;
                Some(offset.fix())
            }
        }
    }
}

/// A zone behind an hour: the word after it, and which it can be.
pub(super) fn zone(words: &Words<'_>, at: usize) -> Option<(usize, Zones)> {
    if at == 0 || at >= words.len() || !words.gap_after(at - 1).trim_matches([' ', '(']).is_empty()
    {
        return None;
    }
    let name = words.get(at);
    let source = words.source(at);
    if matches!(name, "utc" | "gmt") && source.chars().all(char::is_uppercase) {
        let sign = match words.gap_after(at).trim() {
            "+" => 1,
            "-" | "−" => -1,
            _ => return Some((at + 1, Zones::only(Zone::Offset(FixedOffset::east_opt(0)?)))),
        };
        let hours: i32 = words
            .get(at + 1)
            .parse()
            .ok()
            .filter(|hours| *hours <= 14)?;
        let minutes: Option<i32> = (words.gap_after(at + 1) == ":")
            .then(|| {
                words
                    .get(at + 2)
                    .parse()
                    .ok()
                    .filter(|minutes| *minutes < 60)
            })
            .flatten();
        let seconds = sign * (hours * 3600 + minutes.unwrap_or(0) * 60);
        let end = at + 2 + usize::from(minutes.is_some());
        return Some((
            end,
            Zones::only(Zone::Offset(FixedOffset::east_opt(seconds)?)),
        ));
    }
    let time = |at: usize| usize::from(matches!(words.get(at), "time" | "zeit"));
    let short = SHORT.iter().find(|(short, _, _)| *short == name);
    if let Some((_, hours, zones)) = short
        && source.chars().all(char::is_uppercase)
    {
        let end = at + 1 + time(at + 1);
        if let Some(hours) = hours {
            return Some((
                end,
                Zones::only(Zone::Offset(FixedOffset::east_opt(hours * 3600)?)),
            ));
        }
        let mut found = Zones::default();
        for (slot, zone) in found.0.iter_mut().zip(*zones) {
            *slot = parse_zone(zone).map(Zone::Named);
        }
        return Some((end, found));
    }
    // `9am Pacific`; the name of a city wants its `time`.
    if !words.is_capital(at) {
        return None;
    }
    let region = ["eastern", "central", "mountain", "pacific"].contains(&name);
    if region || time(at + 1) == 1 {
        let german = || name.strip_suffix("er").and_then(of_place);
        let zone = of_place(name).or_else(german)?;
        return Some((at + 1 + time(at + 1), Zones::only(Zone::Named(zone))));
    }
    if time(at + 2) == 1 {
        let name = format!("{name} {}", words.get(at + 1));
        return Some((at + 3, Zones::only(Zone::Named(of_place(&name)?))));
    }
    None
}
