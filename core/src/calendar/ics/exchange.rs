//! Events between the form that files have and the one that is kept.
//!
//! What a kept event has no field for stays in its `extra`: the lines that [`IcsEvent::extra`] has, and
//! with them a length, how busy Outlook shows somebody, and which occurrence an event replaces whose
//! series is not there.
//!
//! Invariant: what a kept event is written as is taken in as the same event.

use chrono_tz::Tz;

use super::event::{BusyStatus, IcsEvent, RecurrenceId};
use super::line::Line;
use super::value::{Duration, Stamp, push_civil, push_date};
use crate::calendar::civil::{self, from_date, from_date_time};
use crate::calendar::event::{
    Event, EventRef, MAX_DAYS, MAX_RECURRENCE_LINES, Original, Transparency, at, check_color,
    instant_ms, is_day, series_start, wall,
};
use crate::calendar::recurrence::Recurrence;
use crate::error::Violations;
use crate::identifier::{CalendarEventId, CalendarId};
use crate::time::{CalendarTime, Timestamp, parse_zone, resolve};

/// The longest UID that is kept, in bytes.
const MAX_UID_BYTES: usize = 1_000;

/// The most that an event may take in storage, in bytes of its texts: those of a few hundred people, or
/// of a long description, but none that hundreds of could not be written at once.
const MAX_EVENT_BYTES: usize = 256 * 1024;

/// What an event of a file becomes.
#[derive(Debug, Clone)]
pub enum Place {
    /// An event by itself, or a series; and where it replaces an occurrence of a series that is not
    /// there, an event all the same.
    Whole(CalendarEventId),
    /// An occurrence of a series that is kept under this identifier and starts at this time.
    Occurrence {
        /// The series.
        series: CalendarEventId,
        /// When it starts.
        start: CalendarTime,
        /// Which occurrence.
        original: Original,
    },
}

/// Why an event can't be kept: a code and a sentence.
pub type Refusal = (&'static str, String);

impl IcsEvent {
    /// Which occurrence this replaces, of a series that starts at a time: by the wall of the series.
    pub fn original(&self, series_start: CalendarTime) -> Option<Original> {
        let replaced = self.recurrence_id?.time;
        Some(original(replaced, series_start))
    }

    /// The event that is kept of this one, and its `extra`. It is made `now`, unless it says otherwise.
    pub fn taken(
        self,
        place: Place,
        calendar: &CalendarId,
        now: Timestamp,
    ) -> Result<(Event, Vec<String>), Refusal> {
        if self.uid.len() > MAX_UID_BYTES {
            let rule = format!("Its UID has more than {MAX_UID_BYTES} bytes.");
            return Err(("uid_too_long", rule));
        }
        let (recurrence, id, series) = match place {
            Place::Whole(id) => (
                lines_of(&self.recurrence, self.start)?,
                EventRef::whole(id),
                None,
            ),
            Place::Occurrence {
                series,
                start,
                original,
            } => {
                let id = EventRef {
                    id: series.clone(),
                    original: Some(original),
                };
                (
                    Vec::new(),
                    id,
                    Some((series, original.calendar_time(start))),
                )
            }
        };
        let longest = MAX_DAYS * civil::DAY_SECONDS * 1000;
        let length = instant_ms(self.end, Tz::UTC).saturating_sub(instant_ms(self.start, Tz::UTC));
        if !recurrence.is_empty() && length > longest {
            let rule = format!("Its occurrences are longer than {MAX_DAYS} days.");
            return Err(("too_long", rule));
        }
        let extra = self.kept_extra(series.is_some());
        let (recurring_event_id, original_start) = series.unzip();
        let color = self.color.as_deref().and_then(|color| {
            let mut violations = Violations::default();
            let color = check_color(color, &mut violations);
            violations.into_result(color).ok()
        });
        let updated_at = self.updated_at.or(self.stamped_at).unwrap_or(now).min(now);
        let event = Event {
            id,
            calendar_id: calendar.clone(),
            ical_uid: self.uid,
            summary: self.summary,
            description: self.description,
            location: self.location,
            start: self.start,
            end: self.end,
            recurrence,
            recurring_event_id,
            original_start,
            attendees: self.attendees,
            organizer: self.organizer,
            status: self.status,
            transparency: self.transparency,
            visibility: self.visibility,
            reminders: self.reminders,
            conference_url: self.conference_url,
            color,
            sequence: self.sequence,
            origin: "import".to_owned(),
            task_id: None,
            created_at: self.created_at.unwrap_or(updated_at).min(updated_at),
            updated_at,
        };
        if size(&event, &extra) > MAX_EVENT_BYTES {
            let rule = format!("Its texts have more than {} KiB.", MAX_EVENT_BYTES / 1024);
            return Err(("event_too_large", rule));
        }
        match event.placement() {
            Ok(_) => Ok((event, extra)),
            Err(_) => Err(("no_occurrence", "Its rule leaves no occurrence.".to_owned())),
        }
    }

    /// What is kept beside the fields: first what has one here and none there.
    fn kept_extra(&self, is_occurrence: bool) -> Vec<String> {
        let mut extra = Vec::new();
        if let Some(duration) = self.duration {
            extra.push(format!("DURATION:{}", duration.text()));
        }
        if let Some(replaced) = self.recurrence_id
            && (!is_occurrence || replaced.this_and_future)
        {
            extra.push(replaced_line(replaced));
        }
        if let Some(busy) = self
            .busy_status
            .filter(|busy| goes_with(*busy, self.transparency))
        {
            extra.push(format!("{BUSY}:{}", busy.ical()));
        }
        extra.extend(self.extra.iter().cloned());
        extra
    }
}

/// Whether what Outlook shows is what the event does to the person's time.
fn goes_with(busy: BusyStatus, transparency: Transparency) -> bool {
    (busy == BusyStatus::Free) == (transparency == Transparency::Transparent)
}

const BUSY: &str = "X-MICROSOFT-CDO-BUSYSTATUS";

impl Event {
    /// The event as a file has it, with what is kept beside it.
    pub fn told(self, extra: Vec<String>) -> IcsEvent {
        let (mut duration, mut busy_status) = (None, None);
        let mut recurrence_id = self.original_start.map(|time| RecurrenceId {
            time,
            this_and_future: false,
        });
        let mut others = Vec::with_capacity(extra.len());
        for text in extra {
            let line = Line::parse(&text);
            let plain = line.filter(|line| line.parameters().next().is_none());
            match plain.as_ref().map(|line| (&*line.name, line.value)) {
                Some(("DURATION", value)) if duration.is_none() => {
                    duration = Duration::parse(value);
                }
                Some((BUSY, value)) if BusyStatus::of_ical(value).is_some() => {
                    busy_status = BusyStatus::of_ical(value);
                }
                _ => match replaced_of(&text) {
                    Some(replaced) if recurrence_id.is_none() => recurrence_id = Some(replaced),
                    Some(replaced) => {
                        if let Some(own) = &mut recurrence_id {
                            own.this_and_future = replaced.this_and_future;
                        }
                    }
                    None => others.push(text),
                },
            }
        }
        busy_status = busy_status.filter(|busy| goes_with(*busy, self.transparency));
        IcsEvent {
            uid: self.ical_uid,
            recurrence_id,
            start: self.start,
            end: self.end,
            duration,
            recurrence: self.recurrence,
            summary: self.summary,
            description: self.description,
            location: self.location,
            status: self.status,
            transparency: self.transparency,
            visibility: self.visibility,
            busy_status,
            organizer: self.organizer,
            attendees: self.attendees,
            reminders: self.reminders,
            conference_url: self.conference_url,
            color: self.color,
            sequence: self.sequence,
            stamped_at: Some(self.updated_at),
            created_at: Some(self.created_at),
            updated_at: Some(self.updated_at),
            extra: others,
        }
    }
}

/// Which occurrence an event replaces whose series is not there, by its `extra`.
pub fn replaced(extra: &[String]) -> Option<CalendarTime> {
    extra.iter().find_map(|text| Some(replaced_of(text)?.time))
}

/// An `extra` without what [`replaced`] reads.
pub fn without_replaced(extra: Vec<String>) -> Vec<String> {
    let is_other = |text: &String| replaced_of(text).is_none_or(|one| one.this_and_future);
    extra.into_iter().filter(is_other).collect()
}

/// Which occurrence of a series that starts at a time is the one at another time.
pub fn original(replaced: CalendarTime, series_start: CalendarTime) -> Original {
    let wall_time = match (replaced, series_start) {
        (CalendarTime::Date(date), CalendarTime::DateTime { date_time, .. }) => {
            from_date_time(date.and_time(date_time.time()))
        }
        (CalendarTime::DateTime { date_time, .. }, CalendarTime::Date(_)) => {
            civil::midnight(from_date(date_time.date()))
        }
        (
            CalendarTime::DateTime {
                date_time,
                time_zone,
            },
            CalendarTime::DateTime {
                time_zone: home, ..
            },
        ) if time_zone != home => {
            let instant = resolve(date_time, time_zone).to_utc();
            from_date_time(instant.with_timezone(&home).naive_local())
        }
        _ => wall(replaced),
    };
    Original {
        civil: wall(at(series_start, wall_time)),
        is_day: is_day(series_start),
    }
}

fn replaced_line(replaced: RecurrenceId) -> String {
    let mut line = "RECURRENCE-ID".to_owned();
    if replaced.this_and_future {
        line.push_str(";RANGE=THISANDFUTURE");
    }
    match replaced.time {
        CalendarTime::Date(date) => {
            line.push_str(";VALUE=DATE:");
            push_date(&mut line, date);
        }
        CalendarTime::DateTime {
            date_time,
            time_zone,
        } => {
            line.push_str(";TZID=");
            line.push_str(time_zone.name());
            line.push(':');
            push_civil(&mut line, date_time);
        }
    }
    line
}

/// Reads what [`replaced_line`] writes. Lines of the reader that say more of a RECURRENCE-ID have no
/// value.
fn replaced_of(text: &str) -> Option<RecurrenceId> {
    let line = Line::parse(text).filter(|line| line.name == "RECURRENCE-ID")?;
    let zone = line.parameter("TZID").and_then(|name| parse_zone(&name));
    let time = match (Stamp::parse(line.value)?, zone) {
        (Stamp::Civil(date_time), Some(time_zone)) => CalendarTime::DateTime {
            date_time,
            time_zone,
        },
        (stamp, _) => CalendarTime::Date(stamp.date()),
    };
    Some(RecurrenceId {
        time,
        this_and_future: line.parameter("RANGE").is_some(),
    })
}

/// The lines of a rule in their form.
fn lines_of(lines: &[String], start: CalendarTime) -> Result<Vec<String>, Refusal> {
    let begin = series_start(start);
    match Recurrence::parse(lines, begin) {
        Ok(recurrence) => {
            let lines = recurrence.lines(begin);
            if lines.len() > MAX_RECURRENCE_LINES {
                let rule = format!("Its rule has more than {MAX_RECURRENCE_LINES} lines.");
                return Err(("too_many_rules", rule));
            }
            Ok(lines)
        }
        Err(errors) => Err(errors.into_iter().next().map_or_else(
            || ("invalid_rule", "Its rule can't be read.".to_owned()),
            |error| {
                (
                    error.code,
                    format!("Its rule can't be read: {}.", error.message),
                )
            },
        )),
    }
}

/// About how many bytes an event takes in storage.
fn size(event: &Event, extra: &[String]) -> usize {
    let texts = [&event.summary, &event.description, &event.location];
    let people = event
        .attendees
        .iter()
        .map(|one| one.email.len() + one.name.len() + 80);
    let lines = extra
        .iter()
        .chain(&event.recurrence)
        .map(|line| line.len() + 3);
    let reminders = event.reminders.len() * 50;
    let url = event.conference_url.as_ref().map_or(0, String::len);
    let texts: usize = texts.into_iter().map(String::len).sum();
    texts + people.sum::<usize>() + lines.sum::<usize>() + reminders + url
}
