//! From the lines of a `VEVENT` to an event.
//!
//! Invariant: nothing that a `VEVENT` says is lost, but what contradicts itself (a second summary,
//! a second entry of one attendee) and what can't be read at all; both are noted.
//! [`IcsEvent::extra`] tells how the rest is kept.

use std::collections::HashSet;
use std::fmt::Write as _;

use chrono::NaiveDate;
use chrono_tz::Tz;
use sha2::{Digest, Sha256};

use super::Notes;
use super::event::{BusyStatus, IcsEvent, RecurrenceId};
use super::line::{Line, Parameter};
use super::property::{
    CONFERENCES, PROPERTIES, address, alarm_of, conference_line, fingerprint, is_web_address,
    reminder_of,
};
use super::text::{unescaped, unquoted};
use super::value::{Duration, Stamp, order, parse_instant, push_civil, push_date};
use super::zone::Zones;
use crate::calendar::event::{
    Attendee, Organizer, Response, Role, Status, Transparency, Visibility, series_start,
};
use crate::calendar::recurrence::{Last, Length, MOST_RULES, Recurrence, Series};
use crate::time::CalendarTime;

/// The properties of which an event may have several.
const REPEATED: [&str; 5] = ["RRULE", "EXRULE", "RDATE", "EXDATE", "ATTENDEE"];

/// Why an event can't be read: a code and a sentence.
pub(super) type Failure = (&'static str, String);

/// What reading an event needs to know of its file.
pub(super) struct Context<'r> {
    pub(super) zones: &'r mut Zones,
    pub(super) notes: &'r mut Notes,
    /// The zone of times without one, unless the event starts in a zone.
    pub(super) floating: Tz,
    /// The line on which the event starts.
    pub(super) line: u32,
}

/// Reads the text of a `VEVENT`, its `BEGIN` and `END` included.
pub(super) fn read(text: &str, context: Context<'_>) -> Result<IcsEvent, Failure> {
    let epoch = CalendarTime::Date(NaiveDate::default());
    let mut reading = Reading {
        event: IcsEvent::new(String::new(), epoch, epoch),
        context,
        seen: 0,
        start: None,
        zone_of_start: None,
        end: None,
        is_transparency_told: false,
        conference_rank: CONFERENCES.len(),
        said_more: Vec::new(),
        properties: Vec::new(),
        alarms: Vec::new(),
        components: Vec::new(),
        known: HashSet::new(),
    };
    // The start goes first, since other lines are read by it.
    let start = own_line(text, "DTSTART").and_then(|(at, text)| Some((at, Line::parse(text)?)));
    if let Some((_, line)) = &start {
        reading.take_start(line)?;
    }
    let taken = start.map(|(at, _)| at);
    let mut lines = text.lines().enumerate().skip(1);
    while let Some((at, text)) = lines.next() {
        match Line::parse(text) {
            _ if taken == Some(at) => {}
            Some(line) if line.name == "BEGIN" => {
                reading.take_component(text, &mut lines.by_ref().map(|(_, text)| text));
            }
            Some(line) if line.name == "END" => break,
            Some(line) => reading.take_property(&line)?,
            None => reading.note_odd_line(text),
        }
    }
    reading.finish(text)
}

/// The first line of a name that is not inside another component, and which line of the text it is.
fn own_line<'t>(text: &'t str, name: &str) -> Option<(usize, &'t str)> {
    let begins_with = |text: &str, name: &str| {
        text.get(..name.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(name))
    };
    let mut depth = 0_usize;
    text.lines().enumerate().skip(1).find(|(_, text)| {
        if begins_with(text, "BEGIN:") {
            depth += 1;
        } else if begins_with(text, "END:") {
            depth = depth.saturating_sub(1);
        }
        let is_it = || {
            text.as_bytes()
                .get(name.len())
                .is_some_and(|byte| b":;".contains(byte))
        };
        depth == 0 && begins_with(text, name) && is_it()
    })
}

/// The UID of the text of a `VEVENT` that can't be read otherwise.
pub(super) fn uid_of(text: &str) -> Option<String> {
    let mut lines = text.lines().filter_map(Line::parse);
    let line = lines.find(|line| line.name == "UID")?;
    Some(unescaped(line.value.trim()).into_owned()).filter(|uid| !uid.is_empty())
}

struct Reading<'r> {
    event: IcsEvent,
    context: Context<'r>,
    /// A bit for each of [`PROPERTIES`].
    seen: u32,
    start: Option<CalendarTime>,
    /// The zone that stands with the start.
    zone_of_start: Option<Tz>,
    end: Option<CalendarTime>,
    is_transparency_told: bool,
    /// Which of [`CONFERENCES`] the address is from.
    conference_rank: usize,
    /// Lines of properties with a field that say more than it, each with its rank.
    said_more: Vec<(usize, String)>,
    properties: Vec<String>,
    /// `VALARM`s that are reminders and say more, each with the number of its reminder.
    alarms: Vec<(usize, Vec<String>)>,
    components: Vec<String>,
    /// The addresses of attendees and the lines of the recurrence, to know one again.
    known: HashSet<String>,
}

impl Reading<'_> {
    fn note(&mut self, code: &'static str, message: impl FnOnce() -> String) {
        self.context.notes.add(code, self.context.line, message);
    }

    fn note_odd_line(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.note("not_a_line", || {
                let start: String = text.chars().take(40).collect();
                format!("A line that is no property was left out: {start:?}.")
            });
        }
    }

    fn note_value(&mut self, line: &Line<'_>) {
        self.note("value_left_out", || {
            format!("A value of {} that can't be one was left out.", line.name)
        });
    }

    /// Takes the DTSTART, before any other line. Its zone is that of times beside it without one:
    /// writers that leave it out of an EXDATE or a RECURRENCE-ID name an occurrence, and those are
    /// where the start is.
    fn take_start(&mut self, line: &Line<'_>) -> Result<(), Failure> {
        self.take_property(line)?;
        let is_floating = line.parameter("TZID").is_none()
            && matches!(Stamp::parse(line.value), Some(Stamp::Civil(_)));
        if let Some(CalendarTime::DateTime { time_zone, .. }) = self.start
            && !is_floating
        {
            self.zone_of_start = Some(time_zone);
        }
        Ok(())
    }

    fn take_property(&mut self, line: &Line<'_>) -> Result<(), Failure> {
        let name = &*line.name;
        let Some(rank) = PROPERTIES.iter().position(|one| *one == name) else {
            self.take_other(line);
            return Ok(());
        };
        let bit = 1_u32 << rank;
        if self.seen & bit != 0 && !REPEATED.contains(&name) {
            self.note("repeated", || {
                format!("A second {name} of one event was left out.")
            });
            return Ok(());
        }
        self.seen |= bit;
        let value = line.value.trim();
        match name {
            "UID" => self.event.uid = self.text(rank, line, value),
            "SUMMARY" => self.event.summary = self.text(rank, line, line.value),
            "DESCRIPTION" => self.event.description = self.text(rank, line, line.value),
            "LOCATION" => self.event.location = self.text(rank, line, line.value),
            "COLOR" => self.event.color = Some(self.text(rank, line, value)),
            "DTSTAMP" => match parse_instant(value) {
                Some(moment) => self.event.stamped_at = self.known(rank, line, Some(moment)),
                None => self.note_value(line),
            },
            "CREATED" => self.event.created_at = self.known(rank, line, parse_instant(value)),
            "LAST-MODIFIED" => self.event.updated_at = self.known(rank, line, parse_instant(value)),
            "SEQUENCE" => {
                self.event.sequence = self.known(rank, line, value.parse().ok()).unwrap_or(0);
            }
            "STATUS" => {
                let status = self.known(rank, line, Status::of_ical(value));
                self.event.status = status.unwrap_or(Status::Confirmed);
            }
            "TRANSP" => {
                let transparency = self.known(rank, line, Transparency::of_ical(value));
                self.event.transparency = transparency.unwrap_or(Transparency::Opaque);
                self.is_transparency_told = true;
            }
            // A class that nobody knows is private (3.8.1.3).
            "CLASS" => {
                let visibility = self.known(rank, line, Visibility::of_ical(value));
                self.event.visibility = visibility.unwrap_or(Visibility::Private);
            }
            "X-MICROSOFT-CDO-BUSYSTATUS" => {
                self.event.busy_status = self.known(rank, line, BusyStatus::of_ical(value));
            }
            "DTSTART" => self.start = Some(self.time(rank, line)?),
            "DTEND" => self.end = Some(self.time(rank, line)?),
            "RECURRENCE-ID" => {
                let range = line.parameter("RANGE");
                self.event.recurrence_id = Some(RecurrenceId {
                    time: self.time(rank, line)?,
                    this_and_future: range
                        .is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE")),
                });
            }
            "DURATION" => {
                let duration = Duration::parse(value)
                    .filter(|duration| duration.days >= 0 && duration.seconds >= 0);
                if duration.is_some() {
                    self.event.duration = self.known(rank, line, duration);
                } else {
                    self.note_value(line);
                }
            }
            "RRULE" | "EXRULE" => {
                let rule: String = value.split_ascii_whitespace().collect();
                let rule = self.mended(line, &rule.to_ascii_uppercase());
                if rule.is_empty() {
                    self.note_value(line);
                } else {
                    self.take_recurrence(rank, line, "", &rule);
                }
            }
            "RDATE" | "EXDATE" => self.take_dates(rank, line)?,
            "ORGANIZER" => self.take_organizer(rank, line),
            _ => self.take_attendee(rank, line),
        }
        Ok(())
    }

    /// A property without a field.
    fn take_other(&mut self, line: &Line<'_>) {
        let value = line.value.trim();
        if let Some(rank) = CONFERENCES.iter().position(|name| *name == line.name)
            && is_web_address(value)
            && rank < self.conference_rank
        {
            self.conference_rank = rank;
            self.event.conference_url = Some(value.to_owned());
        }
        self.properties.push(line.text.to_owned());
    }

    /// The text of a line; its parameters are kept.
    fn text(&mut self, rank: usize, line: &Line<'_>, value: &str) -> String {
        let text = unescaped(value).into_owned();
        let others = line.other_parameters(|_| false);
        if !others.is_empty() {
            let line = format!("{}{others}:{}", line.name, fingerprint(&text));
            self.said_more.push((rank, line));
        }
        text
    }

    /// What a line was understood as; the line is kept where it wasn't, or has parameters.
    fn known<T>(&mut self, rank: usize, line: &Line<'_>, value: Option<T>) -> Option<T> {
        if value.is_none() || line.parameters().next().is_some() {
            self.said_more.push((rank, line.text.to_owned()));
        }
        value
    }

    fn time(&mut self, rank: usize, line: &Line<'_>) -> Result<CalendarTime, Failure> {
        let (mut zone, mut is_date) = (None, false);
        let others = line.other_parameters(|parameter| {
            let is = |value: &str| parameter.value.eq_ignore_ascii_case(value);
            if is_named(parameter, "TZID") {
                zone = Some(unquoted(parameter.value));
                true
            } else if is_named(parameter, "VALUE") {
                is_date = is("DATE");
                is_date || is("DATE-TIME")
            } else {
                is_named(parameter, "RANGE") && is("THISANDFUTURE")
            }
        });
        if !others.is_empty() {
            self.said_more
                .push((rank, format!("{}{others}:", line.name)));
        }
        let stamp = Stamp::parse(line.value).ok_or_else(|| {
            let message = format!("{} is no time that a calendar can have.", line.name);
            ("invalid_time", message)
        })?;
        Ok(match stamp {
            _ if is_date => CalendarTime::Date(stamp.date()),
            Stamp::Date(date) => CalendarTime::Date(date),
            Stamp::Utc(date_time) => CalendarTime::DateTime {
                date_time,
                time_zone: Tz::UTC,
            },
            Stamp::Civil(date_time) => CalendarTime::DateTime {
                date_time,
                time_zone: self.zone(zone.as_deref())?,
            },
        })
    }

    /// The zone of civil times by the name that stands with them.
    fn zone(&mut self, name: Option<&str>) -> Result<Tz, Failure> {
        let zone_of_start = self.zone_of_start;
        let Context {
            zones,
            notes,
            floating,
            line,
        } = &mut self.context;
        if let (None, Some(zone)) = (name, zone_of_start) {
            notes.add_once("zone_of_start", *line, || {
                "Times without a zone were read in that of the start beside them.".to_owned()
            });
            return Ok(zone);
        }
        let Some(name) = name else {
            notes.add_once("floating_time", *line, || {
                format!("Times without a zone were read in {floating}.")
            });
            return Ok(*floating);
        };
        zones.resolve(name, *line, notes).ok_or_else(|| {
            let name: String = name.chars().take(80).collect();
            let message = format!("Nobody knows the time zone {name:?}.");
            ("unknown_time_zone", message)
        })
    }

    /// `RDATE` and `EXDATE`: one line for each kind of value in them.
    fn take_dates(&mut self, rank: usize, line: &Line<'_>) -> Result<(), Failure> {
        let mut kinds: Vec<(String, String)> = Vec::new();
        let is_date = line
            .parameter("VALUE")
            .is_some_and(|kind| kind.eq_ignore_ascii_case("DATE"));
        let zone_name = line.parameter("TZID");
        for value in line
            .value
            .split(',')
            .filter(|value| !value.trim().is_empty())
        {
            let (start, end) = value
                .split_once('/')
                .map_or((value, None), |(start, end)| (start, Some(end)));
            let end = end.map(|end| match (Stamp::parse(end), Duration::parse(end)) {
                (Some(Stamp::Utc(time) | Stamp::Civil(time)), _) => Some(Ok(time)),
                (_, Some(length)) => Some(Err(length)),
                _ => None,
            });
            let (Some(start), None | Some(Some(_))) = (Stamp::parse(start), end) else {
                self.note_value(line);
                continue;
            };
            let mut kind = String::new();
            let mut text = String::new();
            if is_date || matches!(start, Stamp::Date(_)) {
                kind.push_str(";VALUE=DATE");
                push_date(&mut text, start.date());
            } else if let Stamp::Utc(time) | Stamp::Civil(time) = start {
                if end.is_some() {
                    kind.push_str(";VALUE=PERIOD");
                }
                let zone = match start {
                    Stamp::Utc(_) => Tz::UTC,
                    _ => self.zone(zone_name.as_deref())?,
                };
                let suffix = if zone == Tz::UTC { "Z" } else { "" };
                if suffix.is_empty() {
                    let _ = write!(kind, ";TZID={}", zone.name());
                }
                push_civil(&mut text, time);
                text.push_str(suffix);
                match end.flatten() {
                    Some(Ok(end)) => {
                        text.push('/');
                        push_civil(&mut text, end);
                        text.push_str(suffix);
                    }
                    Some(Err(length)) => {
                        let _ = write!(text, "/{}", length.text());
                    }
                    None => {}
                }
            }
            match kinds.iter_mut().find(|(one, _)| *one == kind) {
                Some((_, values)) => {
                    values.push(',');
                    values.push_str(&text);
                }
                None => kinds.push((kind, text)),
            }
        }
        for (kind, values) in kinds {
            self.take_recurrence(rank, line, &kind, &values);
        }
        Ok(())
    }

    /// A rule in upper case without what some writers put in and no rule may have: parts with nothing
    /// in them, and a COUNT beside an UNTIL, of which the one that ends earlier stays, or that can be
    /// read at all.
    fn mended(&mut self, line: &Line<'_>, rule: &str) -> String {
        let is_empty =
            |part: &str| part.is_empty() || (part.starts_with("BY") && part.ends_with('='));
        let all = rule.strip_suffix(';').unwrap_or(rule);
        let parts: Vec<&str> = all.split(';').filter(|part| !is_empty(part)).collect();
        if !all.is_empty() && parts.len() < all.split(';').count() {
            self.note("rule_mended", || {
                format!("Parts of {} with nothing in them were left out.", line.name)
            });
        }
        let without = |name: &str| {
            let others = parts.iter().copied().filter(|part| !part.starts_with(name));
            others.collect::<Vec<_>>().join(";")
        };
        let has = |name: &str| parts.iter().any(|part| part.starts_with(name));
        let may_have_more = self.event.recurrence.len() < MOST_RULES;
        if has("COUNT=")
            && has("UNTIL=")
            && may_have_more
            && let Some(start) = self.start
        {
            let [until, count] = ["COUNT=", "UNTIL="].map(without);
            let ends = (end_of(&until, start), end_of(&count, start));
            let is_until = match ends {
                (Some(until), Some(count)) => until <= count,
                (until, _) => until.is_some(),
            };
            if ends != (None, None) {
                self.note("rule_mended", || {
                    format!(
                        "Of COUNT and UNTIL in one {} the one that ends earlier counts.",
                        line.name
                    )
                });
                return if is_until { until } else { count };
            }
        }
        parts.join(";")
    }

    fn take_recurrence(&mut self, rank: usize, line: &Line<'_>, parameters: &str, value: &str) {
        let name = &line.name;
        let text = format!("{name}{parameters}:{value}");
        if !self.known.insert(text.clone()) {
            self.note("repeated", || {
                format!("A second {name} like another was left out.")
            });
            return;
        }
        let others = line.other_parameters(|parameter| {
            is_named(parameter, "VALUE") || is_named(parameter, "TZID")
        });
        if !others.is_empty() {
            self.said_more
                .push((rank, format!("{name}{others}:{}", fingerprint(&text))));
        }
        self.event.recurrence.push(text);
    }

    fn take_organizer(&mut self, rank: usize, line: &Line<'_>) {
        let Some((email, is_plain)) = address(line) else {
            self.said_more.push((rank, line.text.to_owned()));
            return;
        };
        let mut name = String::new();
        let others = line.other_parameters(|parameter| {
            let is_name = is_named(parameter, "CN");
            if is_name {
                name = unquoted(parameter.value).into_owned();
            }
            is_name
        });
        self.keep_person(rank, line, &others, is_plain);
        self.event.organizer = Some(Organizer { email, name });
    }

    fn take_attendee(&mut self, rank: usize, line: &Line<'_>) {
        let Some((email, is_plain)) = address(line) else {
            // Those without an address are written behind the others.
            self.said_more.push((rank + 1, line.text.to_owned()));
            return;
        };
        if !self.known.insert(email.clone()) {
            self.note("repeated", || {
                "A second entry of one attendee was left out.".to_owned()
            });
            return;
        }
        let mut name = String::new();
        // The first of each counts; a word that nobody knows is kept among the others.
        let (mut role, mut response) = (None, None);
        let others = line.other_parameters(|parameter| {
            let value = unquoted(parameter.value);
            if is_named(parameter, "CN") {
                name = value.into_owned();
                true
            } else if is_named(parameter, "ROLE") {
                let is_first = role.is_none();
                let known = *role.get_or_insert_with(|| Role::of_ical(&value));
                !is_first || known.is_some()
            } else if is_named(parameter, "PARTSTAT") {
                let is_first = response.is_none();
                let known = *response.get_or_insert_with(|| Response::of_ical(&value));
                !is_first || known.is_some()
            } else {
                false
            }
        });
        let attendee = Attendee {
            email,
            name,
            role: role.flatten().unwrap_or(Role::Required),
            response: response.flatten().unwrap_or(Response::NeedsAction),
        };
        self.keep_person(rank, line, &others, is_plain);
        self.event.attendees.push(attendee);
    }

    fn keep_person(&mut self, rank: usize, line: &Line<'_>, others: &str, is_plain: bool) {
        if !others.is_empty() || !is_plain {
            let line = [&*line.name, others, ":", line.value.trim()].concat();
            self.said_more.push((rank, line));
        }
    }

    /// Takes a component from behind its `BEGIN` on to its `END`.
    fn take_component<'a>(&mut self, begin: &'a str, lines: &mut impl Iterator<Item = &'a str>) {
        let name_of = |line: &Line<'a>| line.value.trim_end();
        let mut open: Vec<&str> = Line::parse(begin).iter().map(name_of).collect();
        let mut block = vec![begin.to_owned()];
        while let Some(last) = open.last()
            && let Some(text) = lines.next()
        {
            let Some(line) = Line::parse(text) else {
                self.note_odd_line(text);
                continue;
            };
            match &*line.name {
                "BEGIN" => open.push(name_of(&line)),
                "END" if last.eq_ignore_ascii_case(name_of(&line)) => {
                    open.pop();
                }
                "END" => break,
                _ => {}
            }
            block.push(text.to_owned());
        }
        if !open.is_empty() {
            // Its marks are not those that were counted: control characters were left out of them.
            self.note_odd_line(begin);
            return;
        }
        let is_alarm = begin.trim_end().eq_ignore_ascii_case("BEGIN:VALARM");
        let reminder = if is_alarm {
            reminder_of(block.iter().map(String::as_str))
        } else {
            None
        };
        let Some(reminder) = reminder else {
            self.components.append(&mut block);
            return;
        };
        let reminders = &mut self.event.reminders;
        let known = reminders.iter().position(|one| *one == reminder);
        let number = known.unwrap_or(reminders.len());
        if known.is_none() {
            reminders.push(reminder);
        }
        let plain = alarm_of(reminder);
        if block.len() != plain.len() || !block.iter().all(|line| plain.contains(line)) {
            self.alarms.push((number, block));
        }
    }

    fn finish(mut self, text: &str) -> Result<IcsEvent, Failure> {
        let start = self
            .start
            .ok_or_else(|| ("no_start", "It has no DTSTART.".to_owned()))?;
        self.event.start = start;
        self.event.end = self.find_end(start)?;
        if self.event.uid.is_empty() {
            self.said_more.retain(|(rank, _)| *rank > 0);
            let mut digest = Sha256::new();
            for line in text.lines() {
                digest.update(line);
                digest.update(b"\n");
            }
            for byte in digest.finalize().iter().take(16) {
                let _ = write!(self.event.uid, "{byte:02x}");
            }
            self.note("no_uid", || {
                "An event without a UID got one that is made of its content.".to_owned()
            });
        }
        if !self.is_transparency_told && self.event.busy_status == Some(BusyStatus::Free) {
            self.event.transparency = Transparency::Transparent;
        }
        self.forget_what_is_not_written();
        // In the order in which they are written, so that what is read again is the same.
        self.said_more.sort_by_key(|(rank, _)| *rank);
        self.alarms.sort_by_key(|(number, _)| *number);
        let alarms = self.alarms.into_iter().flat_map(|(_, block)| block);
        let said_more = self.said_more.into_iter().map(|(_, line)| line);
        self.event.extra = said_more
            .chain(self.properties)
            .chain(alarms)
            .chain(self.components)
            .collect();
        Ok(self.event)
    }

    /// Lines of which a part is not written again, so that reading what was written is the same.
    fn forget_what_is_not_written(&mut self) {
        let event = &self.event;
        let unwritten = match (event.duration.is_some(), event.end == event.start) {
            (true, _) => "DTEND",
            (false, true) => "DTEND DURATION",
            (false, false) => "DURATION",
        };
        self.said_more.retain(|(rank, _)| {
            let name = PROPERTIES.get(*rank).unwrap_or(&"");
            !unwritten.split(' ').any(|one| one == *name)
        });
        // The one way in which we write a conference needs no line.
        let Some(url) = &event.conference_url else {
            return;
        };
        let mut conferences = self.properties.iter().enumerate().filter(|(_, text)| {
            Line::parse(text).is_some_and(|line| CONFERENCES.contains(&&*line.name))
        });
        if let (Some((at, text)), None) = (conferences.next(), conferences.next())
            && *text == conference_line(url)
        {
            self.properties.remove(at);
        }
    }

    /// The end (3.6.1): as it stands, or by the length, or a day after a day, or the start itself.
    fn find_end(&mut self, start: CalendarTime) -> Result<CalendarTime, Failure> {
        let is_day = matches!(start, CalendarTime::Date(_));
        if let Some(end) = self.end {
            self.event.duration = None;
            let is_later = match (start, end) {
                (CalendarTime::Date(start), CalendarTime::Date(end)) => end > start,
                (CalendarTime::DateTime { .. }, CalendarTime::DateTime { .. }) => {
                    order(end) >= order(start)
                }
                _ => false,
            };
            if is_later {
                return Ok(end);
            }
            self.note("end_left_out", || {
                "An end that is not behind its start was left out.".to_owned()
            });
        }
        let default = Duration {
            days: i32::from(is_day),
            seconds: 0,
        };
        let length = self.event.duration.unwrap_or(default);
        length.after(start).ok_or_else(|| {
            let message = "It ends at a time that no calendar can have.";
            ("invalid_time", message.to_owned())
        })
    }
}

/// When the last occurrence of a rule begins; `None` where the rule can't be read.
fn end_of(rule: &str, start: CalendarTime) -> Option<i64> {
    let start = series_start(start);
    let recurrence = Recurrence::parse(&[format!("RRULE:{rule}")], start).ok()?;
    let series = Series {
        start,
        length: Length::Exact(0),
        recurrence: &recurrence,
    };
    Some(match series.last(Tz::UTC) {
        Last::Never => i64::MAX,
        Last::Ends(last) => last.start,
        Last::Empty => i64::MIN,
    })
}

fn is_named(parameter: Parameter<'_>, name: &str) -> bool {
    parameter.name.eq_ignore_ascii_case(name)
}
