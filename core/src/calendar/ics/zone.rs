//! From the name of a zone in a file to a zone of the IANA database.
//!
//! A name that says which zone it is (an IANA name, also behind a path; a name of Windows) is
//! believed, whatever the `VTIMEZONE` of that name says: its rules are often of another year. Any
//! other name is a guess, and counts only if the definition in the file does not speak against it;
//! then comes a zone that does what the definition says, and last a guess with the same standard time:
//! summer time changes from year to year (Brazil has none since 2019), and files go on with what was.
//! What stays is an error of the events that
//! use it: a wrong instant is worse than a missing event.

use std::cell::Cell;

use chrono_tz::{TZ_VARIANTS, Tz};

use super::definition::{Definition, parse_offset};
use super::windows::WINDOWS_ZONES;
use super::{MAX_ZONES, Notes};
use crate::time::parse_zone;

/// How often all zones of the database are searched for one that does the same as a definition. A
/// search may take 50 ms where many zones nearly do; files in use need one or two.
const MAX_SEARCHES: usize = 20;

/// The longest name that is looked for.
const MAX_NAME_BYTES: usize = 255;

/// Words in the names that Outlook shows which are neither names in Windows nor cities of the
/// database.
const PLACES: [(&str, &str); 11] = [
    ("Alaska", "America/Anchorage"),
    ("Arizona", "America/Phoenix"),
    ("Baja California", "America/Tijuana"),
    ("Brasilia", "America/Sao_Paulo"),
    ("Bras\u{ed}lia", "America/Sao_Paulo"),
    ("Coordinated Universal", "UTC"),
    ("Hawaii", "Pacific/Honolulu"),
    ("Indiana", "America/Indiana/Indianapolis"),
    ("Saskatchewan", "America/Regina"),
    ("West Central Africa", "Africa/Lagos"),
    ("Z", "UTC"),
];

/// The zones of a file: what it defines, and what was found for the names that were asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Zones {
    definitions: Vec<Definition>,
    /// Sorted by name.
    found: Vec<(String, Option<Tz>)>,
    /// How often all zones were searched.
    searches: Cell<usize>,
}

impl Zones {
    /// Takes a definition; the first of a name counts, and those beyond the bound do not.
    pub(super) fn define(&mut self, definition: Definition) {
        if self.definitions.len() < MAX_ZONES && self.definition(&definition.id).is_none() {
            self.definitions.push(definition);
        }
    }

    fn definition(&self, name: &str) -> Option<&Definition> {
        self.definitions.iter().find(|zone| zone.id == name)
    }

    /// The zone of a name; `None` where nobody knows.
    pub(super) fn resolve(&mut self, name: &str, line: u32, notes: &mut Notes) -> Option<Tz> {
        let name = name.trim();
        match self
            .found
            .binary_search_by(|(known, _)| known.as_str().cmp(name))
        {
            Ok(at) => self.found.get(at).and_then(|(_, zone)| *zone),
            // The search for a name is the dearest thing here, so it has a bound of its own.
            Err(_) if self.found.len() >= MAX_ZONES || name.len() > MAX_NAME_BYTES => None,
            Err(at) => {
                let zone = self.look_up(name, line, notes);
                self.found.insert(at, (name.to_owned(), zone));
                zone
            }
        }
    }

    /// The zone that does what a definition says.
    fn find_zone(&self, definition: &Definition) -> Option<Tz> {
        let searches = self.searches.get();
        self.searches.set(searches + 1);
        (searches < MAX_SEARCHES)
            .then(|| definition.find_zone())
            .flatten()
    }

    fn look_up(&self, name: &str, line: u32, notes: &mut Notes) -> Option<Tz> {
        let definition = self.definition(name);
        if let Some(zone) = by_name(name) {
            if definition.and_then(|definition| definition.agrees_with(zone)) == Some(false) {
                notes.add("zone_differs", line, || {
                    format!("The file defines {name:?} otherwise than {zone}, which is used.")
                });
            }
            return Some(zone);
        }
        let location = definition.and_then(|definition| definition.location.as_deref());
        let told = location.and_then(by_name).or_else(|| by_place(name));
        let guess = told
            .filter(|zone| definition.and_then(|one| one.agrees_with(*zone)) != Some(false))
            .or_else(|| self.find_zone(definition?))
            .or_else(|| {
                told.filter(|zone| definition.is_some_and(|one| one.has_standard_time_of(*zone)))
            })
            .or_else(|| self.find_zone(&by_offset(name)?));
        if let Some(zone) = guess {
            notes.add("zone_guessed", line, || {
                format!("The zone {name:?} was taken for {zone}.")
            });
        }
        guess
    }
}

/// The zone of an IANA name in any case, also behind a path such as
/// `/freeassociation.sourceforge.net/Tzfile/`, or of a name in Windows.
fn by_name(name: &str) -> Option<Tz> {
    let name = name.trim().trim_matches(['"', '\'']);
    if let Some(zone) = parse_zone(name) {
        return Some(zone);
    }
    let mut rest = name;
    loop {
        if let Some(zone) = parse_zone_in_any_case(rest) {
            return Some(zone);
        }
        match rest.split_once('/') {
            Some((_, behind)) => rest = behind,
            None => break,
        }
    }
    // Those few whose name in Windows does not end so have a number or a country in it.
    let is_whole = name.contains(" Time ") || name.starts_with("UTC");
    match name
        .strip_suffix(" Standard Time")
        .or_else(|| name.strip_suffix(" Daylight Time"))
    {
        Some(short) => by_windows_name(short),
        None if is_whole => by_windows_name(name),
        None => None,
    }
}

fn parse_zone_in_any_case(name: &str) -> Option<Tz> {
    TZ_VARIANTS
        .into_iter()
        .find(|zone| zone.name().eq_ignore_ascii_case(name))
}

fn by_windows_name(name: &str) -> Option<Tz> {
    in_table(&WINDOWS_ZONES, name)
}

fn in_table(table: &[(&str, &str)], name: &str) -> Option<Tz> {
    table
        .iter()
        .find(|(one, _)| one.eq_ignore_ascii_case(name))
        .and_then(|(_, zone)| parse_zone(zone))
}

/// The zone of a name for people, such as Outlook shows: `(UTC-05:00) Eastern Time (US & Canada)`,
/// `(GMT+01.00) Amsterdam / Berlin / Bern`. Of its cities, one that stands for a zone of Windows
/// goes first.
fn by_place(name: &str) -> Option<Tz> {
    let shown = match name.strip_prefix('(') {
        Some(rest) => rest.split_once(')')?.1,
        None => name,
    };
    let places = || {
        shown.split([',', '/']).map(|place| {
            let place = place.split('(').next().unwrap_or(place).trim();
            place.strip_suffix(" Time").unwrap_or(place)
        })
    };
    let in_windows = places().find_map(|place| {
        let by_city = || {
            let mut zones = WINDOWS_ZONES.iter().map(|(_, zone)| *zone);
            zones.find(|zone| is_city_of(zone, place))
        };
        by_windows_name(place)
            .or_else(|| in_table(&PLACES, place))
            .or_else(|| by_city().and_then(parse_zone))
    });
    in_windows.or_else(|| {
        places().find_map(|place| {
            TZ_VARIANTS
                .into_iter()
                .find(|zone| is_city_of(zone.name(), place))
        })
    })
}

/// Whether the last part of an IANA name is this city.
fn is_city_of(zone: &str, city: &str) -> bool {
    let last = zone.rsplit('/').next().unwrap_or(zone);
    last.len() == city.len()
        && last
            .bytes()
            .zip(city.bytes())
            .all(|(one, other)| one.eq_ignore_ascii_case(&other) || (one == b'_' && other == b' '))
}

/// What a name defines that is an offset, such as `GMT+0100` or `UTC -05:00`.
fn by_offset(name: &str) -> Option<Definition> {
    let name = name.trim_matches(['(', ')']);
    let offset = name
        .strip_prefix("UTC")
        .or_else(|| name.strip_prefix("GMT"))
        .unwrap_or(name);
    parse_offset(offset.trim()).map(Definition::fixed)
}

#[cfg(test)]
mod tests {
    use super::super::line::Line;
    use super::*;

    fn zone_of(name: &str) -> Option<&'static str> {
        let mut notes = Notes::default();
        Zones::default().resolve(name, 1, &mut notes).map(Tz::name)
    }

    #[test]
    fn names_of_the_database_are_found_behind_any_path_and_in_any_case() {
        for name in [
            "Europe/Berlin",
            "\"Europe/Berlin\"",
            " europe/berlin ",
            "/freeassociation.sourceforge.net/Tzfile/Europe/Berlin",
            "/mozilla.org/20050126_1/Europe/Berlin",
            "/citadel.org/20210210_1/Europe/Berlin",
        ] {
            assert_eq!(zone_of(name), Some("Europe/Berlin"), "{name}");
        }
        assert_eq!(zone_of("tzone://Microsoft/Utc"), Some("UTC"));
        assert_eq!(
            zone_of("/a/America/Argentina/Buenos_Aires"),
            Some("America/Argentina/Buenos_Aires")
        );
    }

    #[test]
    fn every_name_of_windows_is_a_zone() {
        for (name, zone) in WINDOWS_ZONES {
            let whole = if name.contains(" Time ") || name.starts_with("UTC") {
                name.to_owned()
            } else {
                format!("{name} Standard Time")
            };
            let expected = if name == "UTC" { "UTC" } else { zone };
            assert_eq!(zone_of(&whole), Some(expected), "{whole}");
        }
        assert_eq!(zone_of("eastern Daylight Time"), Some("America/New_York"));
        for (_, zone) in PLACES {
            assert!(parse_zone(zone).is_some(), "{zone}");
        }
    }

    #[test]
    fn names_for_people_are_found_by_their_words() {
        for (name, zone) in [
            (
                "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
                "Europe/Berlin",
            ),
            ("(GMT+01.00) Sarajevo / Warsaw / Zagreb", "Europe/Warsaw"),
            ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
            ("Pacific Time (US & Canada)", "America/Los_Angeles"),
            ("(UTC-07:00) Arizona", "America/Phoenix"),
            (
                "(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi",
                "Asia/Kolkata",
            ),
            (
                "(UTC-06:00) Guadalajara, Mexico City, Monterrey",
                "America/Mexico_City",
            ),
            ("(UTC) Coordinated Universal Time", "UTC"),
            ("(UTC) Dublin, Edinburgh, Lisbon, London", "Europe/London"),
            ("(UTC+06:30) Yangon (Rangoon)", "Asia/Yangon"),
            ("Z", "UTC"),
        ] {
            assert_eq!(
                zone_of(name).map(|found| same(found, zone)),
                Some(true),
                "{name}"
            );
        }
    }

    /// Whether two names are of zones that do the same (one may be an old name of the other).
    fn same(one: &str, other: &str) -> bool {
        let offsets = |name| {
            let zone = parse_zone(name).expect("a zone");
            (0..600).map(move |step| {
                crate::calendar::zone::offset_ms(zone, 1_500_000_000_000 + step * 864_000_000)
            })
        };
        offsets(one).eq(offsets(other))
    }

    #[test]
    fn an_offset_is_a_zone_without_changes() {
        assert_eq!(zone_of("GMT+05:30"), Some("Asia/Kolkata"));
        assert_eq!(zone_of("UTC"), Some("UTC"));
        assert!(zone_of("UTC -0500").is_some());
        assert_eq!(zone_of("GMT+0517"), None);
    }

    #[test]
    fn a_name_that_says_nothing_is_nobodys_zone() {
        for name in [
            "",
            "Customized Time Zone",
            "Mars/Phobos",
            "(",
            "()",
            "///",
            "\u{fc}",
        ] {
            assert_eq!(zone_of(name), None, "{name}");
        }
    }

    fn with_definition(id: &str, offset: &str, asked: &str) -> (Option<&'static str>, Notes) {
        let text = format!(
            "TZID:{id}\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}\nEND:STANDARD"
        );
        let mut zones = Zones::default();
        zones.define(Definition::read(text.lines().filter_map(Line::parse)));
        let mut notes = Notes::default();
        let zone = zones.resolve(asked, 7, &mut notes);
        (zone.map(Tz::name), notes)
    }

    fn codes(notes: &Notes) -> Vec<&'static str> {
        notes.all().iter().map(|note| note.code).collect()
    }

    #[test]
    fn a_zone_that_is_named_wins_over_what_the_file_says_of_it() {
        let (zone, notes) = with_definition("Europe/Berlin", "+0300", "Europe/Berlin");
        assert_eq!(zone, Some("Europe/Berlin"));
        assert_eq!(codes(&notes), ["zone_differs"]);
    }

    #[test]
    fn what_the_file_says_wins_over_a_guess() {
        let (zone, notes) = with_definition("Home (Berlin)", "+0530", "Home (Berlin)");
        assert_eq!(zone, Some("Asia/Kolkata"));
        assert_eq!(codes(&notes), ["zone_guessed"]);
        let (zone, _) = with_definition("Berlin, Rome", "+0530", "Berlin, Rome");
        assert_eq!(zone, Some("Asia/Kolkata"));
    }

    /// What is found for a name whose definition has these two onsets a year.
    fn with_summer_time(id: &str, standard: &str, daylight: &str) -> Option<&'static str> {
        let part = |kind: &str, rest: &str| format!("BEGIN:{kind}\n{rest}\nEND:{kind}\n");
        let text = format!(
            "TZID:{id}\n{}{}",
            part("STANDARD", standard),
            part("DAYLIGHT", daylight)
        );
        let mut zones = Zones::default();
        zones.define(Definition::read(text.lines().filter_map(Line::parse)));
        zones.resolve(id, 7, &mut Notes::default()).map(Tz::name)
    }

    #[test]
    fn a_place_is_known_by_its_standard_time_where_its_summer_time_is_of_another_year() {
        // As Outlook has it.
        let standard = "DTSTART:16010101T235959\nTZOFFSETFROM:-0200\nTZOFFSETTO:-0300\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=3SA;BYMONTH=2";
        let daylight = "DTSTART:16010101T235959\nTZOFFSETFROM:-0300\nTZOFFSETTO:-0200\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SA;BYMONTH=10";
        for name in ["(UTC-03:00) Brasilia", "(UTC-03:00) Bras\u{ed}lia"] {
            assert_eq!(
                with_summer_time(name, standard, daylight),
                Some("America/Sao_Paulo"),
                "{name}"
            );
        }
        // Of a place with another standard time it is no zone.
        assert_eq!(
            with_summer_time("(UTC-03:00) Berlin", standard, daylight),
            None
        );
    }
}
