//! Events as a calendar (RFC 5545, 3.4).
//!
//! The text depends on nothing but what is given, and is well formed whatever that is. Every zone
//! that an event uses is defined in it, for the stretch of time of those events.

use std::borrow::Cow;
use std::fmt::Write as _;

use chrono_tz::Tz;

use super::event::{BusyStatus, IcsEvent};
use super::line::Line;
use super::property::{
    CONFERENCES, PROPERTIES, address, alarm_of, conference_line, fingerprint, is_web_address,
    reminder_of,
};
use super::text::{end_line, escaped, quoted, write_line};
use super::timezone::write_timezone;
use super::value::{Stamp, instant, parse_instant, push_civil, push_date};
use crate::calendar::civil::from_date_time;
use crate::calendar::event::{
    Attendee, Reminder, Response, Role, Status, Transparency, Visibility,
};
use crate::calendar::interval::Interval;
use crate::time::{CalendarTime, Timestamp, parse_zone};

/// Who writes (3.7.3).
const PRODUCT: &str = "-//Delegate//Calendar//EN";

/// How much a calendar tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Everything.
    Full,
    /// Everything of public events, and of the others when they are.
    Shared,
    /// When its events are, and no more. Those that take up no time are left out.
    Busy,
}

/// A calendar to be written.
#[derive(Debug, Clone, Copy)]
pub struct CalendarText<'a> {
    /// What it is called; may be empty.
    pub name: &'a str,
    /// What is meant by it (RFC 5546); `None` for a calendar that is published or exported.
    pub method: Option<&'a str>,
    /// Its events: masters, and what replaces their occurrences.
    pub events: &'a [IcsEvent],
    /// The stamp of events that have none, and the present for the rules of zones.
    pub now: Timestamp,
    /// How much is told.
    pub detail: Detail,
}

/// The text of a calendar, with CRLF.
pub fn write(calendar: &CalendarText<'_>) -> String {
    let mut out = String::with_capacity(512 + calendar.events.len() * 512);
    let events: Vec<&IcsEvent> = match calendar.detail {
        Detail::Busy => busy_events(calendar.events),
        _ => calendar.events.iter().collect(),
    };
    let zones = zones(&events, calendar.now);
    write_head(&mut out, calendar.name, calendar.method, &zones);
    write_events(&mut out, events, calendar.now, calendar.detail);
    write_tail(&mut out);
    out
}

/// What a calendar begins with: its name, which may be empty, what is meant by it, and the zones that
/// its events use, each with the stretch of time for which it is defined.
pub fn write_head(out: &mut String, name: &str, method: Option<&str>, zones: &[(Tz, Interval)]) {
    write_line(out, "BEGIN:VCALENDAR");
    write_line(out, &format!("PRODID:{PRODUCT}"));
    write_line(out, "VERSION:2.0");
    write_line(out, "CALSCALE:GREGORIAN");
    if let Some(method) = method {
        write_line(out, &format!("METHOD:{}", escaped(method)));
    }
    if !name.is_empty() {
        let name = escaped(name);
        write_line(out, &format!("NAME:{name}"));
        write_line(out, &format!("X-WR-CALNAME:{name}"));
    }
    for (zone, stretch) in zones {
        write_timezone(out, *zone, *stretch);
    }
}

/// Some events of a calendar whose beginning was written. All of them: whom [`Detail::Busy`] leaves out
/// is chosen before.
pub fn write_events<'e>(
    out: &mut String,
    events: impl IntoIterator<Item = &'e IcsEvent>,
    now: Timestamp,
    detail: Detail,
) {
    for event in events {
        let is_hidden = match detail {
            Detail::Full => false,
            Detail::Shared => event.visibility != Visibility::Public,
            Detail::Busy => true,
        };
        let mut writer = Writer {
            out,
            extra: Extra::of(if is_hidden { &[] } else { &event.extra }),
        };
        writer.event(event, now, is_hidden);
    }
}

/// What a calendar ends with.
pub fn write_tail(out: &mut String) {
    write_line(out, "END:VCALENDAR");
}

/// The events that take up time, with what frees single occurrences of them.
fn busy_events(events: &[IcsEvent]) -> Vec<&IcsEvent> {
    let is_busy = |event: &IcsEvent| {
        event.transparency == Transparency::Opaque && event.status != Status::Cancelled
    };
    let mut masters: Vec<&str> = events
        .iter()
        .filter(|event| event.recurrence_id.is_none() && is_busy(event))
        .map(|event| event.uid.as_str())
        .collect();
    masters.sort_unstable();
    let frees_a_busy_one = |event: &IcsEvent| {
        event.recurrence_id.is_some() && masters.binary_search(&event.uid.as_str()).is_ok()
    };
    events
        .iter()
        .filter(|event| is_busy(event) || frees_a_busy_one(event))
        .collect()
}

/// The zones that events use, by name, each with the stretch of time in which it is used. The
/// present belongs to it, so that whoever reads the file knows the zone by its rules of today.
fn zones(events: &[&IcsEvent], now: Timestamp) -> Vec<(Tz, Interval)> {
    let mut zones: Vec<(Tz, Interval)> = Vec::new();
    let mut used = |zone: Tz, civil: chrono::NaiveDateTime| {
        let at = from_date_time(civil) * 1000;
        let end = at.max(now.milliseconds());
        // A civil time is less than a day from its instant.
        let stretch = Interval { start: at, end }.widened(86_400_000, 86_400_000);
        match zones.iter_mut().find(|(one, _)| *one == zone) {
            _ if zone == Tz::UTC => {}
            Some((_, known)) => {
                known.start = known.start.min(stretch.start);
                known.end = known.end.max(stretch.end);
            }
            None => zones.push((zone, stretch)),
        }
    };
    for event in events {
        let original = event.recurrence_id.map(|original| original.time);
        for time in [Some(event.start), Some(event.end), original] {
            if let Some(CalendarTime::DateTime {
                date_time,
                time_zone,
            }) = time
            {
                used(time_zone, date_time);
            }
        }
        for line in event.recurrence.iter().filter_map(|line| Line::parse(line)) {
            let zone = line.parameter("TZID").and_then(|name| parse_zone(&name));
            let Some(zone) = zone else { continue };
            for value in line.value.split([',', '/']) {
                if let Some(Stamp::Civil(civil)) = Stamp::parse(value) {
                    used(zone, civil);
                }
            }
        }
    }
    zones.sort_by_key(|(zone, _)| zone.name());
    zones
}

/// What stands in [`IcsEvent::extra`], in its three parts.
struct Extra<'e> {
    /// Of properties with a field.
    said_more: Vec<Line<'e>>,
    /// The numbers in `said_more` of attendees with an address, sorted by it.
    people: Vec<(String, usize)>,
    properties: Vec<&'e str>,
    components: Vec<&'e [String]>,
}

impl<'e> Extra<'e> {
    fn of(lines: &'e [String]) -> Self {
        let mut extra = Self {
            said_more: Vec::new(),
            people: Vec::new(),
            properties: Vec::new(),
            components: Vec::new(),
        };
        let mut at = 0;
        while let Some(text) = lines.get(at) {
            at += 1;
            let Some(line) = Line::parse(text) else {
                continue;
            };
            match &*line.name {
                "BEGIN" => {
                    let rest = lines.get(at - 1..).unwrap_or_default();
                    let length = length_of_component(rest);
                    extra.components.extend(rest.get(..length));
                    at += length.max(1) - 1;
                }
                "END" => {}
                name if PROPERTIES.contains(&name) => {
                    if name == "ATTENDEE"
                        && let Some((address, _)) = address(&line)
                    {
                        extra.people.push((address, extra.said_more.len()));
                    }
                    extra.said_more.push(line);
                }
                _ => extra.properties.push(text),
            }
        }
        extra.people.sort();
        extra
    }

    /// The parameters that were told of a text, if it still is that text.
    fn parameters_of_text(&self, name: &str, text: &str) -> &'e str {
        if self.said_more.is_empty() {
            return "";
        }
        self.parameters(name, &fingerprint(text))
    }

    /// The parameters of the line of a property that has this value.
    fn parameters(&self, name: &str, value: &str) -> &'e str {
        let mut lines = self.said_more.iter();
        lines
            .find(|line| line.name == name && line.value == value)
            .map_or("", Line::raw_parameters)
    }

    fn person(&self, address: &str) -> Option<&Line<'e>> {
        let at = self
            .people
            .partition_point(|(one, _)| one.as_str() < address);
        let (found, number) = self.people.get(at)?;
        if found != address {
            return None;
        }
        self.said_more.get(*number)
    }
}

/// How many lines a component has, from its `BEGIN` on to its `END`; 0 if it has none.
fn length_of_component(lines: &[String]) -> usize {
    let mut depth = 0_usize;
    for (at, text) in lines.iter().enumerate() {
        match Line::parse(text).as_ref().map(|line| &*line.name) {
            Some("BEGIN") => depth += 1,
            Some("END") => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    0
}

struct Writer<'w, 'e> {
    out: &'w mut String,
    extra: Extra<'e>,
}

impl Writer<'_, '_> {
    fn put(&mut self, name: &str, parameters: &str, value: &str) {
        let start = self.out.len();
        for part in [name, parameters, ":", value] {
            self.out.push_str(part);
        }
        end_line(self.out, start);
    }

    fn event(&mut self, event: &IcsEvent, now: Timestamp, is_hidden: bool) {
        write_line(self.out, "BEGIN:VEVENT");
        self.text("UID", &event.uid);
        let stamp = event.stamped_at.unwrap_or(now);
        self.moment("DTSTAMP", Some(stamp));
        if !is_hidden {
            self.moment("CREATED", event.created_at);
            self.moment("LAST-MODIFIED", event.updated_at);
        }
        let sequence = event.sequence;
        self.word("SEQUENCE", Some(&sequence.to_string()), &|value| {
            value.parse().unwrap_or(0) == sequence
        });
        self.times(event);
        if is_hidden {
            let is_busy = event.transparency == Transparency::Opaque;
            self.put("SUMMARY", "", if is_busy { "Busy" } else { "Free" });
        } else {
            self.text("SUMMARY", &event.summary);
            self.text("DESCRIPTION", &event.description);
            self.text("LOCATION", &event.location);
        }
        self.word("STATUS", Some(event.status.ical()), &|value| {
            Status::of_ical(value).unwrap_or(Status::Confirmed) == event.status
        });
        self.word("TRANSP", Some(event.transparency.ical()), &|value| {
            Transparency::of_ical(value).unwrap_or(Transparency::Opaque) == event.transparency
        });
        let visibility = event.visibility;
        let class = (visibility != Visibility::Public).then_some(visibility.ical());
        self.word("CLASS", class, &|value| {
            Visibility::of_ical(value).unwrap_or(Visibility::Private) == visibility
        });
        let busy = event.busy_status.map(BusyStatus::ical);
        self.word("X-MICROSOFT-CDO-BUSYSTATUS", busy, &|value| {
            BusyStatus::of_ical(value) == event.busy_status
        });
        if !is_hidden {
            self.rest(event);
        }
        write_line(self.out, "END:VEVENT");
    }

    /// A text; nothing where it is empty.
    fn text(&mut self, name: &str, text: &str) {
        let others = self.extra.parameters_of_text(name, text);
        if !text.is_empty() || !others.is_empty() {
            self.put(name, others, &escaped(text));
        }
    }

    fn moment(&mut self, name: &str, moment: Option<Timestamp>) {
        let value = moment.map(instant);
        self.word(name, value.as_deref(), &|said| {
            // To the second, as it is written.
            parse_instant(said).map(instant) == value
        });
    }

    /// A property of one word, as it stood where it still says the same.
    fn word(&mut self, name: &str, value: Option<&str>, is_said_by: &dyn Fn(&str) -> bool) {
        let mut lines = self.extra.said_more.iter();
        let said = lines.find(|line| line.name == name && is_said_by(line.value.trim()));
        if let Some(line) = said {
            write_line(self.out, line.text);
        } else if let Some(value) = value {
            self.put(name, "", value);
        }
    }

    fn times(&mut self, event: &IcsEvent) {
        self.time("DTSTART", "", event.start);
        let by_length = event
            .duration
            .filter(|duration| duration.after(event.start) == Some(event.end));
        if let Some(duration) = by_length {
            let text = duration.text();
            self.word("DURATION", Some(&text), &|said| {
                super::Duration::parse(said) == Some(duration)
            });
        } else if event.end != event.start {
            self.time("DTEND", "", event.end);
        }
        if let Some(original) = event.recurrence_id {
            let range = if original.this_and_future {
                ";RANGE=THISANDFUTURE"
            } else {
                ""
            };
            self.time("RECURRENCE-ID", range, original.time);
        }
        for text in &event.recurrence {
            let Some(line) = Line::parse(text) else {
                continue;
            };
            let others = self.extra.parameters_of_text(&line.name, line.text);
            let parameters = format!("{}{others}", line.raw_parameters());
            self.put(&line.name, &parameters, line.value);
        }
    }

    fn time(&mut self, name: &str, parameters: &str, time: CalendarTime) {
        let mut value = String::with_capacity(16);
        let kind = match time {
            CalendarTime::Date(date) => {
                push_date(&mut value, date);
                Cow::Borrowed(";VALUE=DATE")
            }
            CalendarTime::DateTime {
                date_time,
                time_zone,
            } => {
                push_civil(&mut value, date_time);
                if time_zone == Tz::UTC {
                    value.push('Z');
                    Cow::Borrowed("")
                } else {
                    Cow::Owned(format!(";TZID={}", time_zone.name()))
                }
            }
        };
        let others = self.extra.parameters(name, "");
        self.put(name, &format!("{parameters}{kind}{others}"), &value);
    }

    /// What only those see who may see all of it.
    fn rest(&mut self, event: &IcsEvent) {
        if let Some(color) = &event.color {
            let others = self.extra.parameters_of_text("COLOR", color);
            self.put("COLOR", others, &escaped(color));
        }
        self.people(event);
        self.properties(event.conference_url.as_deref());
        let (alarms, others): (Vec<&[String]>, Vec<&[String]>) = self
            .extra
            .components
            .iter()
            .partition(|lines| reminder_in(lines).is_some());
        for reminder in &event.reminders {
            let mut said = alarms
                .iter()
                .filter(|lines| reminder_in(lines) == Some(*reminder))
                .peekable();
            if said.peek().is_none() {
                for line in alarm_of(*reminder) {
                    write_line(self.out, &line);
                }
            }
            for line in said.copied().flatten() {
                write_line(self.out, line);
            }
        }
        for line in others.into_iter().flatten() {
            write_line(self.out, line);
        }
    }

    fn people(&mut self, event: &IcsEvent) {
        let mut organizers = self.extra.said_more.iter();
        let said = organizers.find(|line| line.name == "ORGANIZER").cloned();
        match (&event.organizer, said) {
            (Some(organizer), said) => {
                let said = said.filter(|line| {
                    address(line).is_some_and(|(email, _)| email == organizer.email)
                });
                let name = common_name(&organizer.name);
                let (others, value) = person(said.as_ref(), &organizer.email, &["CN"]);
                self.put("ORGANIZER", &format!("{name}{others}"), &value);
            }
            (None, Some(line)) if address(&line).is_none() => write_line(self.out, line.text),
            (None, _) => {}
        }
        for attendee in &event.attendees {
            self.attendee(attendee);
        }
        for line in &self.extra.said_more {
            if line.name == "ATTENDEE" && address(line).is_none() {
                write_line(self.out, line.text);
            }
        }
    }

    fn attendee(&mut self, attendee: &Attendee) {
        let said = self.extra.person(&attendee.email);
        let mut parameters = common_name(&attendee.name);
        let mut written = vec!["CN"];
        let (role, response) = (attendee.role, attendee.response);
        for (name, word, is_default) in [
            ("ROLE", role.ical(), role == Role::Required),
            (
                "PARTSTAT",
                response.ical(),
                response == Response::NeedsAction,
            ),
        ] {
            // A word that nobody knows stays as long as nothing else is meant.
            if !is_default || said.is_none_or(|line| line.parameter(name).is_none()) {
                written.push(name);
                let _ = write!(parameters, ";{name}={word}");
            }
        }
        let (others, value) = person(said, &attendee.email, &written);
        self.put("ATTENDEE", &format!("{parameters}{others}"), &value);
    }

    /// The properties without a field, and the conference. The lines that tell of conferences are
    /// written as long as the address is among them.
    fn properties(&mut self, url: Option<&str>) {
        let conference = |text: &str| {
            Line::parse(text)
                .filter(|line| CONFERENCES.contains(&&*line.name))
                .map(|line| line.value.trim().to_owned())
        };
        let mut told = self
            .extra
            .properties
            .iter()
            .filter_map(|text| conference(text));
        let is_told = url.is_some_and(|url| told.any(|one| one == url));
        if let (Some(url), false) = (url, is_told) {
            write_line(self.out, &conference_line(url));
        }
        for text in &self.extra.properties {
            let is_stale = !is_told
                && conference(text).is_some_and(|one| url.is_some() || is_web_address(&one));
            if !is_stale {
                write_line(self.out, text);
            }
        }
    }
}

fn reminder_in(lines: &[String]) -> Option<Reminder> {
    let begin = lines.first()?;
    if !begin.trim_end().eq_ignore_ascii_case("BEGIN:VALARM") {
        return None;
    }
    reminder_of(lines.iter().map(String::as_str))
}

fn common_name(name: &str) -> String {
    if name.is_empty() {
        String::new()
    } else {
        format!(";CN={}", quoted(name))
    }
}

/// The parameters that are not written already, and the value, of the line of a person.
fn person(said: Option<&Line<'_>>, email: &str, written: &[&str]) -> (String, String) {
    let Some(line) = said else {
        return (String::new(), format!("mailto:{email}"));
    };
    let others = line.other_parameters(|parameter| {
        let name = parameter.name;
        written.iter().any(|one| one.eq_ignore_ascii_case(name))
    });
    (others, line.value.to_owned())
}
