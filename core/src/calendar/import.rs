//! What becomes of the events of a file in a calendar: which are new, which take the place of what is
//! there, and which are left because what is there is newer.
//!
//! A file is gone through twice: first its events and series, then what replaces single occurrences, so
//! that the order in a file does not matter. Whatever part is looked at again comes to the same.
//!
//! Invariant: an event of a calendar has its UID alone, an occurrence its UID and its original start.

use std::collections::HashMap;

use serde::Deserialize;

use super::event::{Event, EventRef, Original, event_time};
use super::ics::{IcsEvent, Place, original, replaced, without_replaced};
use super::series::{StoredEvent, divide};
use crate::error::Error;
use crate::identifier::{CalendarEventId, CalendarId};
use crate::time::{CalendarTime, Timestamp};

/// What is known of an event that is in the calendar.
#[derive(Debug, Clone, Deserialize)]
pub struct Known {
    /// Its identifier.
    pub id: EventRef,
    /// What files call it.
    pub ical_uid: String,
    /// Which occurrence it replaces, where it is not the whole; also where its series is not there.
    pub original_key: String,
    /// Whether it stands under a series.
    pub is_occurrence: bool,
    /// Whether it is a series.
    pub is_series: bool,
    /// How often it was changed in a way that matters to those invited.
    pub sequence: u32,
    /// When it was changed.
    pub updated_at: Timestamp,
    /// When it starts.
    pub start: CalendarTime,
    /// Of a series: the occurrences that have a row of their own.
    pub overridden: Vec<String>,
    /// Where its series is not there: what is kept of it beside its fields.
    pub extra: Vec<String>,
    /// The version that this holds of.
    pub version: u32,
}

impl Known {
    /// Whether it replaces an occurrence of a series that is not there.
    fn is_orphan(&self) -> bool {
        !self.is_occurrence && !self.original_key.is_empty()
    }
}

/// An event of a file, with the line on which it stands.
#[derive(Debug, Clone)]
pub struct Found {
    /// The line, from 1.
    pub line: u32,
    /// The event.
    pub event: IcsEvent,
}

/// Something that could not be taken in, or not as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: u32,
    /// A stable code.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

/// A row to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The event, with the occurrences that have a row of their own.
    pub stored: StoredEvent,
    /// What is kept beside its fields.
    pub extra: Vec<String>,
    /// Which occurrence it replaces, where it is not the whole.
    pub key: String,
}

/// An event that is there already and comes under the series that it belongs to.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Adopted {
    /// What it is called until now.
    pub from: EventRef,
    /// What it is called then.
    pub id: EventRef,
    /// The series.
    pub series_id: CalendarEventId,
    /// Which occurrence it is.
    pub key: String,
    /// The same as a calendar time.
    #[serde(with = "event_time")]
    pub original_start: CalendarTime,
    /// What is kept of it beside its fields.
    pub extra: Vec<String>,
}

/// What some events of a file come to.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Rows that are stored: new ones, or in the place of those of the same identifier.
    pub stored: Vec<Stored>,
    /// Series that have occurrences of their own from now on, and which.
    pub overridden: Vec<(EventRef, Vec<String>)>,
    /// Rows that come under a series.
    pub adopted: Vec<Adopted>,
    /// Rows that go.
    pub dropped: Vec<String>,
    /// What was looked at, and in which version.
    pub seen: Vec<(EventRef, u32)>,
    /// What could not be taken in, or not as it stands.
    pub faults: Vec<Fault>,
}

/// Takes events of files into a calendar.
pub struct Import<'a, N> {
    calendar: &'a CalendarId,
    known: &'a [Known],
    /// Makes identifiers.
    new_id: N,
    now: Timestamp,
    outcome: Outcome,
    /// Where in the outcome an identifier stands.
    places: HashMap<String, usize>,
    /// The identifiers of events that were not there.
    new: HashMap<(String, String), CalendarEventId>,
}

impl<'a, N: FnMut() -> Result<CalendarEventId, Error>> Import<'a, N> {
    /// An import into a calendar of which something is known: everything that has the UID of an event
    /// that is taken in.
    pub fn new(calendar: &'a CalendarId, known: &'a [Known], new_id: N, now: Timestamp) -> Self {
        Self {
            calendar,
            known,
            new_id,
            now,
            outcome: Outcome::default(),
            places: HashMap::new(),
            new: HashMap::new(),
        }
    }

    /// What all of it comes to.
    pub fn outcome(self) -> Outcome {
        self.outcome
    }

    /// Takes in an event or a series.
    pub fn take_whole(&mut self, found: Found) -> Result<(), Error> {
        let uid = found.event.uid.clone();
        let known = self.whole(&uid);
        let id = match known {
            Some(known) => known.id.id.clone(),
            None => self.new_id(&uid, "")?,
        };
        let Some((event, extra)) = self.taken(found, Place::Whole(id), known) else {
            return Ok(());
        };
        let keys = known.map(|known| known.overridden.clone());
        let (mut overridden, dropped) = divide(&event, keys.unwrap_or_default())?;
        let of = |key: &String| format!("{}_{key}", event.id);
        self.outcome.dropped.extend(dropped.iter().map(of));
        if event.is_series() {
            self.adopt(&event, &mut overridden);
        }
        self.store(StoredEvent { event, overridden }, extra, String::new());
        Ok(())
    }

    /// Brings what replaces occurrences of a series, and was there before it, under it.
    fn adopt(&mut self, series: &Event, overridden: &mut Vec<String>) {
        let orphans = self.known.iter().filter(|known| known.is_orphan());
        for orphan in orphans.filter(|known| known.ical_uid == series.ical_uid) {
            let Some(time) = replaced(&orphan.extra) else {
                continue;
            };
            let original = original(time, series.start);
            let key = original.to_string();
            self.outcome.seen.push((orphan.id.clone(), orphan.version));
            if overridden.contains(&key) {
                self.outcome.dropped.push(orphan.id.to_string());
                continue;
            }
            overridden.push(key.clone());
            self.outcome.adopted.push(Adopted {
                from: orphan.id.clone(),
                id: EventRef {
                    id: series.id.id.clone(),
                    original: Some(original),
                },
                series_id: series.id.id.clone(),
                key,
                original_start: original.calendar_time(series.start),
                extra: without_replaced(orphan.extra.clone()),
            });
        }
    }

    /// Takes in what replaces an occurrence. Where its series is not there it stays by itself.
    pub fn take_occurrence(&mut self, found: Found) -> Result<(), Error> {
        let Some(replaces) = found.event.recurrence_id else {
            return Ok(());
        };
        let uid = found.event.uid.clone();
        let Some(series) = self.whole(&uid).filter(|known| known.is_series) else {
            return self.take_orphan(found, original(replaces.time, replaces.time));
        };
        let line = found.line;
        let original = original(replaces.time, series.start);
        let key = original.to_string();
        let place = Place::Occurrence {
            series: series.id.id.clone(),
            start: series.start,
            original,
        };
        let of_series = self.known.iter().filter(|known| known.ical_uid == uid);
        let known = of_series
            .clone()
            .find(|known| known.is_occurrence && known.original_key == key);
        let Some((event, extra)) = self.taken(found, place, known) else {
            return Ok(());
        };
        // What stood for it as long as its series was not there.
        let stands_for_it = |orphan: &&Known| {
            let time = replaced(&orphan.extra);
            orphan.is_orphan()
                && time.is_some_and(|time| super::ics::original(time, series.start) == original)
        };
        for orphan in of_series.filter(stands_for_it) {
            self.outcome.dropped.push(orphan.id.to_string());
        }
        if replaces.this_and_future {
            self.outcome.faults.push(Fault {
                line,
                code: "this_occurrence_only",
                message: "The change is kept for its one occurrence; those behind it are as the series has them.".to_owned(),
            });
        }
        if !series.overridden.contains(&key) {
            let overridden = &mut self.outcome.overridden;
            match overridden.iter_mut().find(|(id, _)| *id == series.id) {
                Some((_, keys)) if keys.contains(&key) => {}
                Some((_, keys)) => keys.push(key.clone()),
                None => {
                    self.outcome.seen.push((series.id.clone(), series.version));
                    overridden.push((series.id.clone(), vec![key.clone()]));
                }
            }
        }
        self.store(StoredEvent::new(event), extra, key);
        Ok(())
    }

    fn take_orphan(&mut self, found: Found, original: Original) -> Result<(), Error> {
        let (uid, key) = (found.event.uid.clone(), original.to_string());
        let known = self
            .known
            .iter()
            .find(|known| known.ical_uid == uid && known.original_key == key);
        let id = match known {
            // Under what is no series any more: it stays as it is.
            Some(known) if known.is_occurrence => return Ok(()),
            Some(known) => known.id.id.clone(),
            None => self.new_id(&uid, &key)?,
        };
        if let Some((event, extra)) = self.taken(found, Place::Whole(id), known) {
            self.store(StoredEvent::new(event), extra, key);
        }
        Ok(())
    }

    fn whole(&self, uid: &str) -> Option<&'a Known> {
        let mut known = self.known.iter();
        known.find(|known| known.ical_uid == uid && known.original_key.is_empty())
    }

    fn new_id(&mut self, uid: &str, key: &str) -> Result<CalendarEventId, Error> {
        let name = (uid.to_owned(), key.to_owned());
        if let Some(id) = self.new.get(&name) {
            return Ok(id.clone());
        }
        let id = (self.new_id)()?;
        self.new.insert(name, id.clone());
        Ok(id)
    }

    /// An event as it is kept; nothing where it can't be, or where what is known or was taken in before
    /// is newer.
    fn taken(
        &mut self,
        found: Found,
        place: Place,
        known: Option<&Known>,
    ) -> Option<(Event, Vec<String>)> {
        let Found { line, event } = found;
        let (event, extra) = match event.taken(place, self.calendar, self.now) {
            Ok(taken) => taken,
            Err((code, message)) => {
                self.outcome.faults.push(Fault {
                    line,
                    code,
                    message,
                });
                return None;
            }
        };
        let before = self.places.get(&event.id.to_string());
        let before = before.and_then(|at| self.outcome.stored.get(*at));
        let other = match (before, known) {
            (Some(before), _) => {
                Some((before.stored.event.sequence, before.stored.event.updated_at))
            }
            (None, Some(known)) => Some((known.sequence, known.updated_at)),
            (None, None) => None,
        };
        if other.is_some_and(|other| is_older((event.sequence, event.updated_at), other)) {
            return None;
        }
        if let (None, Some(known)) = (before, known) {
            self.outcome.seen.push((known.id.clone(), known.version));
        }
        Some((event, extra))
    }

    fn store(&mut self, stored: StoredEvent, extra: Vec<String>, key: String) {
        let id = stored.event.id.to_string();
        let row = Stored { stored, extra, key };
        let at = *self.places.entry(id).or_insert(self.outcome.stored.len());
        match self.outcome.stored.get_mut(at) {
            Some(before) => *before = row,
            None => self.outcome.stored.push(row),
        }
    }
}

/// Whether a state of an event is older than another (RFC 5546, 2.1.5). Files tell times to the second.
fn is_older(one: (u32, Timestamp), other: (u32, Timestamp)) -> bool {
    let key = |(sequence, at): (u32, Timestamp)| (sequence, at.milliseconds().div_euclid(1000));
    key(one) < key(other)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::calendar::ics::read;

    const SERIES: &str = "UID:s\nDTSTART;TZID=Europe/Berlin:20261201T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=5";

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-25T12:00:00Z").expect("an instant")
    }

    fn calendar() -> CalendarId {
        CalendarId::new(now(), [1; 10])
    }

    fn id(number: u8) -> CalendarEventId {
        CalendarEventId::new(now(), [number; 10])
    }

    /// What events come to, each given by its lines; `LAST-MODIFIED` is 2026-01-DD for `@DD`.
    fn import(events: &[String], known: &[Known]) -> Outcome {
        let events: Vec<String> = events
            .iter()
            .map(|lines| format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT\n"))
            .collect();
        let text = format!("BEGIN:VCALENDAR\n{}END:VCALENDAR\n", events.concat());
        let file = read(text.as_bytes(), Tz::UTC).expect("a calendar");
        assert_eq!(file.skipped, []);
        let home = calendar();
        let mut number = 100;
        let new_id = || {
            number += 1;
            Ok(id(number))
        };
        let mut import = Import::new(&home, known, new_id, now());
        for event in file.events {
            let found = Found { line: 7, event };
            if found.event.recurrence_id.is_none() {
                import.take_whole(found).expect("taken");
            } else {
                import.take_occurrence(found).expect("taken");
            }
        }
        import.outcome()
    }

    fn at(lines: &str, day: u32) -> String {
        format!("{lines}\nLAST-MODIFIED:202601{day:02}T000000Z")
    }

    /// What is known once this was stored.
    fn known(outcome: &Outcome) -> Vec<Known> {
        let rows = outcome.stored.iter().map(|row| {
            let event = &row.stored.event;
            Known {
                id: event.id.clone(),
                ical_uid: event.ical_uid.clone(),
                original_key: row.key.clone(),
                is_occurrence: event.recurring_event_id.is_some(),
                is_series: event.is_series(),
                sequence: event.sequence,
                updated_at: event.updated_at,
                start: event.start,
                overridden: row.stored.overridden.clone(),
                extra: row.extra.clone(),
                version: 1,
            }
        });
        rows.collect()
    }

    fn moved(day: u32, hour: u32) -> String {
        format!(
            "UID:s\nRECURRENCE-ID;TZID=Europe/Berlin:202612{day:02}T090000\nDTSTART:202612{day:02}T{hour:02}0000Z"
        )
    }

    #[test]
    fn an_event_that_is_there_is_replaced_unless_it_is_newer() {
        let lines = "UID:a\nDTSTART:20261201T090000Z\nSUMMARY:One";
        let first = import(&[at(lines, 5)], &[]);
        let [row] = first.stored.as_slice() else {
            panic!("one row");
        };
        assert_eq!((first.seen.len(), row.stored.event.id.original), (0, None));
        let there = known(&first);
        for (day, sequence, is_taken) in [(5, 0, true), (6, 0, true), (4, 0, false), (1, 1, true)] {
            let again = import(
                &[format!("{}\nSEQUENCE:{sequence}", at(lines, day))],
                &there,
            );
            assert_eq!(
                again.stored.len(),
                usize::from(is_taken),
                "{day} {sequence}"
            );
            let ids = again.stored.iter().map(|row| &row.stored.event.id);
            assert!(ids.clone().all(|id| *id == row.stored.event.id));
            assert_eq!(again.seen.len(), ids.count());
        }
    }

    #[test]
    fn of_one_event_told_twice_the_newer_stays() {
        let named = |name: &str, day| {
            at(
                &format!("UID:a\nDTSTART:20261201T090000Z\nSUMMARY:{name}"),
                day,
            )
        };
        for (first, second, stays) in [(1, 2, "second"), (2, 1, "first"), (1, 1, "second")] {
            let outcome = import(&[named("first", first), named("second", second)], &[]);
            let stayed: Vec<_> = outcome
                .stored
                .iter()
                .map(|row| &row.stored.event.summary)
                .collect();
            assert_eq!(stayed, [stays]);
        }
    }

    #[test]
    fn what_replaces_an_occurrence_stands_under_its_series() {
        let there = known(&import(&[SERIES.to_owned()], &[]));
        let outcome = import(&[moved(2, 12), moved(3, 12), moved(3, 13)], &there);
        let series = there[0].id.clone();
        let ids: Vec<String> = outcome
            .stored
            .iter()
            .map(|row| row.stored.event.id.to_string())
            .collect();
        assert_eq!(
            ids,
            [
                format!("{series}_20261202T090000"),
                format!("{series}_20261203T090000")
            ]
        );
        let keys = ["20261202T090000", "20261203T090000"].map(str::to_owned);
        assert_eq!(outcome.overridden, [(series.clone(), keys.to_vec())]);
        assert_eq!(outcome.seen, [(series.clone(), 1)]);
        // Again: the series knows of them.
        let mut there = [there, known(&outcome)].concat();
        there[0].overridden = keys.to_vec();
        let again = import(&[moved(2, 12), moved(3, 13)], &there);
        assert_eq!((again.stored.len(), again.overridden.len()), (2, 0));
        // A series with another rule loses those that it does not have.
        let shorter = SERIES.replace("COUNT=5", "COUNT=2");
        let outcome = import(&[shorter], &there);
        assert_eq!(outcome.stored[0].stored.overridden, keys[..1]);
        assert_eq!(outcome.dropped, [format!("{series}_20261203T090000")]);
    }

    #[test]
    fn what_replaces_an_occurrence_of_nothing_stays_and_comes_under_its_series_later() {
        let alone = import(&[moved(2, 12), moved(3, 12)], &[]);
        let there = known(&alone);
        assert!(
            there
                .iter()
                .all(|one| one.is_orphan() && one.id.original.is_none())
        );
        assert_eq!(
            import(&[moved(2, 13)], &there).stored[0].stored.event.id,
            there[0].id
        );
        let outcome = import(&[SERIES.to_owned()], &there);
        let series = outcome.stored[0].stored.event.id.clone();
        let adopted: Vec<_> = outcome
            .adopted
            .iter()
            .map(|one| (&one.from, one.id.to_string()))
            .collect();
        assert_eq!(
            adopted,
            [
                (&there[0].id, format!("{series}_20261202T090000")),
                (&there[1].id, format!("{series}_20261203T090000"))
            ]
        );
        assert_eq!(
            outcome.stored[0].stored.overridden,
            ["20261202T090000", "20261203T090000"]
        );
        assert!(
            outcome
                .adopted
                .iter()
                .all(|one| replaced(&one.extra).is_none())
        );
        assert_eq!(outcome.seen.len(), 2);
    }

    #[test]
    fn an_occurrence_takes_the_place_of_what_stood_for_it() {
        let series = known(&import(&[SERIES.to_owned()], &[]));
        let mut alone = known(&import(
            &["UID:s\nRECURRENCE-ID:20261202T080000Z\nDTSTART:20261202T120000Z".to_owned()],
            &[],
        ));
        alone[0].id = EventRef::whole(id(50));
        let outcome = import(&[moved(2, 14)], &[series, alone].concat());
        assert_eq!(outcome.dropped, [id(50).to_string()]);
        assert_eq!(outcome.stored[0].key, "20261202T090000");
    }

    #[test]
    fn what_cannot_be_taken_in_is_told_by_its_line() {
        let outcome = import(
            &["UID:a\nDTSTART:20261201T090000Z\nRRULE:FREQ=NEVER".to_owned()],
            &[],
        );
        assert_eq!(outcome.stored, []);
        assert_eq!(
            (outcome.faults[0].line, outcome.faults[0].code),
            (7, "invalid_value")
        );
        let there = known(&import(&[SERIES.to_owned()], &[]));
        let lines = moved(2, 12).replace("RECURRENCE-ID", "RECURRENCE-ID;RANGE=THISANDFUTURE");
        let outcome = import(&[lines], &there);
        assert_eq!(
            (outcome.stored.len(), outcome.faults[0].code),
            (1, "this_occurrence_only")
        );
    }
}
