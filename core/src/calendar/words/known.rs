//! What a person's words can name, read from their rows: the people they have to do with, and the
//! events that lie ahead.
//!
//! The database gives the rows in one answer, those that matter most first. None of it is kept.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono_tz::Tz;
use serde::Deserialize;

use super::reader::{NamedEvent, Person};
use crate::calendar::agenda::Timing;
use crate::calendar::interval::Interval;
use crate::calendar::window::is_in;
use crate::error::Error;
use crate::time::parse_zone;

/// How far ahead events are known by their names: 60 days.
pub const AHEAD_MS: i64 = 60 * 86_400_000;
/// The most occurrences of one series that are known: a daily one has fewer.
const MOST_OCCURRENCES: usize = 100;
/// The most events that are known.
pub const MOST_EVENTS: usize = super::events::MOST_EVENTS;
/// The most people that are known.
pub const MOST_PEOPLE: usize = super::people::MOST_PEOPLE;

/// What somebody's words can name.
#[derive(Debug, Deserialize)]
pub struct Known<'a> {
    #[serde(borrow)]
    time_zone: Cow<'a, str>,
    #[serde(borrow)]
    people: Vec<KnownPerson<'a>>,
    /// What takes place once at instants: its name, from when, until when.
    timed: Vec<(String, i64, i64)>,
    #[serde(borrow)]
    others: Vec<Named<'a>>,
}

#[derive(Debug, Deserialize)]
struct KnownPerson<'a> {
    user_id: Option<Cow<'a, str>>,
    address: Cow<'a, str>,
    name: Cow<'a, str>,
    time_zone: Option<Cow<'a, str>>,
}

/// A series, or an event on days, with its name.
#[derive(Debug, Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    summary: Cow<'a, str>,
    #[serde(borrow)]
    when: Timing<'a>,
}

impl Known<'_> {
    /// The zone of the person.
    pub fn zone(&self) -> Tz {
        parse_zone(&self.time_zone).unwrap_or(Tz::UTC)
    }

    /// The people, each address once, as it came first.
    pub fn people(&self) -> Vec<Person> {
        let mut seen = BTreeSet::new();
        let of_address = |known: &&KnownPerson<'_>| seen.insert(known.address.to_lowercase());
        let people = self.people.iter().filter(of_address);
        people
            .take(MOST_PEOPLE)
            .map(|known| Person {
                user_id: known.user_id.as_deref().map(str::to_owned),
                email: Some(known.address.clone().into_owned()),
                name: known.name.clone().into_owned(),
                time_zone: known.time_zone.as_deref().and_then(parse_zone),
            })
            .collect()
    }

    /// The events in a window, the first first.
    pub fn events(&self, window: Interval) -> Result<Vec<NamedEvent>, Error> {
        let zone = self.zone();
        let mut events: Vec<NamedEvent> = Vec::with_capacity(self.timed.len());
        let mut add = |summary: &str, interval: Interval| {
            if is_in(interval, window) {
                events.push(NamedEvent {
                    summary: summary.to_owned(),
                    interval,
                });
            }
        };
        for (summary, start, end) in &self.timed {
            let (start, end) = (*start, *end);
            add(summary, Interval { start, end });
        }
        for Named { summary, when } in &self.others {
            when.each(window, zone, MOST_OCCURRENCES, &mut |interval| {
                add(summary, interval);
            })?;
        }
        events.sort_by_key(|event| event.interval.start);
        events.truncate(MOST_EVENTS);
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 86_400_000;

    fn known(people: &str, timed: &str, others: &str) -> String {
        format!(
            r#"{{"time_zone":"Europe/Berlin","people":[{people}],"timed":[{timed}],"others":[{others}]}}"#
        )
    }

    #[test]
    fn an_address_is_one_person_however_often_it_comes() {
        let text = known(
            r#"{"user_id":"usr_1","address":"ana@example.com","name":"Ana","time_zone":"Asia/Tokyo"},
               {"user_id":null,"address":"ANA@example.com","name":"Ana S.","time_zone":null},
               {"user_id":null,"address":"raj@example.com","name":"Raj","time_zone":null}"#,
            "",
            "",
        );
        let known: Known<'_> = serde_json::from_str(&text).expect("known");
        let names: Vec<String> = known.people().into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["Ana", "Raj"]);
        assert_eq!(known.people()[0].time_zone, Some(Tz::Asia__Tokyo));
    }

    #[test]
    fn a_series_is_known_by_each_of_its_occurrences_among_the_events() {
        // 1970-01-05 is a Monday.
        let series = r#"{"summary":"Board","when":{"start":{"date_time":"1970-01-05T10:00:00","time_zone":"UTC"},
            "end":{"date_time":"1970-01-05T11:00:00","time_zone":"UTC"},"recurrence":["RRULE:FREQ=WEEKLY"],
            "overridden":["19700112T100000"],"last_at":9007199254740991}}"#;
        let timed = format!(r#"["Flight",{},{}]"#, 6 * DAY_MS, 6 * DAY_MS + 1);
        let text = known("", &timed, series);
        let known: Known<'_> = serde_json::from_str(&text).expect("known");
        let window = Interval {
            start: 0,
            end: 21 * DAY_MS,
        };
        let found = known.events(window).expect("events");
        let found: Vec<(&str, i64)> = found
            .iter()
            .map(|event| (event.summary.as_str(), event.interval.start / DAY_MS))
            .collect();
        assert_eq!(found, [("Board", 4), ("Flight", 6), ("Board", 18)]);
    }

    #[test]
    fn a_rule_of_every_second_is_no_burden() {
        let series = r#"{"summary":"Tick","when":{"start":{"date_time":"1970-01-01T00:00:00","time_zone":"UTC"},
            "end":{"date_time":"1970-01-01T00:00:01","time_zone":"UTC"},"recurrence":["RRULE:FREQ=SECONDLY"],
            "overridden":[],"last_at":9007199254740991}}"#;
        let text = known("", "", series);
        let known: Known<'_> = serde_json::from_str(&text).expect("known");
        let window = Interval {
            start: DAY_MS,
            end: 61 * DAY_MS,
        };
        assert_eq!(
            known.events(window).expect("events").len(),
            MOST_OCCURRENCES
        );
    }
}
