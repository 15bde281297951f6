//! The events of a file, one at a time.
//!
//! A reader looks through the whole file once, which costs little beside reading events, and from
//! then on holds one event. It can go on at any offset that another reader of the same bytes stood
//! at, and reads from there on what that one would have read: zones and the names of the calendar
//! come from the whole file.

use chrono_tz::Tz;

use super::component::{Component, Kind, Outline};
use super::definition::Definition;
use super::event::IcsEvent;
use super::line::{Line, decode};
use super::parse::{self, Context};
use super::text::unescaped;
use super::zone::Zones;
use super::{IcsError, MAX_ZONES, Note, Notes, Skipped};

/// How much of an event that can't be read is looked at for its UID.
const LOOKED_AT_BYTES: usize = 64 * 1024;

/// A file that was read as a whole.
#[derive(Debug, Clone)]
pub struct File {
    /// What the calendar is called.
    pub name: Option<String>,
    /// What is meant by the file (`METHOD`, RFC 5546), such as `REQUEST`.
    pub method: Option<String>,
    /// What wrote it (`PRODID`).
    pub producer: Option<String>,
    /// The zone of times without one.
    pub time_zone: Tz,
    /// Its events.
    pub events: Vec<IcsEvent>,
    /// The events that were not read.
    pub skipped: Vec<Skipped>,
    /// How many components are of a kind that is not read, such as `VTODO`.
    pub others: usize,
    /// What was read otherwise than it stands.
    pub notes: Vec<Note>,
}

/// Reads a whole file; times without a zone are read in that of the file, or in `default_zone`.
pub fn read(bytes: &[u8], default_zone: Tz) -> Result<File, IcsError> {
    let mut reader = Reader::new(bytes, default_zone)?;
    let (mut events, mut skipped) = (Vec::new(), Vec::new());
    for found in &mut reader {
        match found {
            Ok(event) => events.push(event),
            Err(one) => skipped.push(one),
        }
    }
    Ok(File {
        name: reader.name(),
        method: reader.method(),
        producer: reader.producer(),
        time_zone: reader.time_zone(),
        others: reader.others(),
        events,
        skipped,
        notes: reader.notes.0,
    })
}

/// Reads the events of a file one after the other.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    outline: Outline,
    zones: Zones,
    floating: Tz,
    notes: Notes,
    /// The number of the next component.
    next: usize,
}

impl<'a> Reader<'a> {
    /// A reader that stands at the beginning. Times without a zone are read in that of the file, or
    /// in `default_zone`.
    pub fn new(bytes: &'a [u8], default_zone: Tz) -> Result<Self, IcsError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let outline = Outline::of(bytes)?;
        let (mut zones, mut notes) = (Zones::default(), Notes::default());
        let definitions = outline
            .components
            .iter()
            .filter(|component| component.kind == Kind::Zone);
        for component in definitions.take(MAX_ZONES) {
            let (text, _) = decode(bytes_of(bytes, component));
            let lines = text.lines().skip(1).filter_map(Line::parse);
            zones.define(Definition::read(lines));
        }
        let told = outline.property("X-WR-TIMEZONE");
        let found = told.and_then(|name| zones.resolve(name, 1, &mut notes));
        if told.is_some() && found.is_none() {
            notes.add("unknown_time_zone", 1, || {
                "Nobody knows the time zone of the calendar.".to_owned()
            });
        }
        let floating = found.unwrap_or(default_zone);
        Ok(Self {
            bytes,
            outline,
            zones,
            floating,
            notes,
            next: 0,
        })
    }

    /// A reader that stands where another of the same bytes stood.
    pub fn resume(bytes: &'a [u8], default_zone: Tz, offset: usize) -> Result<Self, IcsError> {
        let mut reader = Self::new(bytes, default_zone)?;
        let components = &reader.outline.components;
        reader.next = components.partition_point(|component| component.start < offset);
        Ok(reader)
    }

    /// Where it stands: what [`Self::resume`] takes.
    pub fn offset(&self) -> usize {
        let next = self.outline.components.get(self.next);
        next.map_or(self.bytes.len(), |component| component.start)
    }

    /// The line on which the component before that starts, from 1; 0 at the beginning.
    pub fn line(&self) -> u32 {
        let before = self.next.checked_sub(1);
        let before = before.and_then(|before| self.outline.components.get(before));
        before.map_or(0, |component| component.line)
    }

    /// How many events the file has, those that can't be read included.
    pub fn total(&self) -> usize {
        self.count(Kind::Event)
    }

    /// How many components are of a kind that is not read.
    pub fn others(&self) -> usize {
        self.count(Kind::Other)
    }

    fn count(&self, kind: Kind) -> usize {
        let components = self.outline.components.iter();
        components
            .filter(|component| component.kind == kind)
            .count()
    }

    fn text(&self, name: &str) -> Option<String> {
        let value = self.outline.property(name);
        value.map(|value| unescaped(value).into_owned())
    }

    /// What the calendar is called (RFC 7986, 5.1, or what was used before).
    pub fn name(&self) -> Option<String> {
        self.text("NAME").or_else(|| self.text("X-WR-CALNAME"))
    }

    /// What is meant by the file (`METHOD`, RFC 5546).
    pub fn method(&self) -> Option<String> {
        self.text("METHOD")
            .map(|method| method.to_ascii_uppercase())
    }

    /// What wrote it (`PRODID`).
    pub fn producer(&self) -> Option<String> {
        self.text("PRODID")
    }

    /// The zone of times without one.
    pub fn time_zone(&self) -> Tz {
        self.floating
    }

    /// What was read otherwise than it stands, up to here.
    pub fn notes(&self) -> &[Note] {
        self.notes.all()
    }

    fn read_event(&mut self, component: &Component) -> Result<IcsEvent, Skipped> {
        let line = component.line;
        let skipped = |text: &str, code, message| Skipped {
            line,
            uid: parse::uid_of(text),
            code,
            message,
        };
        let bytes = bytes_of(self.bytes, component);
        if let Some((code, message)) = component.fault {
            let (front, _) = bytes.split_at(bytes.len().min(LOOKED_AT_BYTES));
            return Err(skipped(&decode(front).0, code, message.to_owned()));
        }
        let (text, mended) = decode(bytes);
        if mended.encoding {
            self.notes.add("not_utf_8", line, || {
                "A line that is not UTF-8 was read as Latin-1.".to_owned()
            });
        }
        if mended.controls {
            self.notes.add("control_characters", line, || {
                "Control characters were left out.".to_owned()
            });
        }
        let context = Context {
            zones: &mut self.zones,
            notes: &mut self.notes,
            floating: self.floating,
            line,
        };
        parse::read(&text, context).map_err(|(code, message)| skipped(&text, code, message))
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<IcsEvent, Skipped>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let component = *self.outline.components.get(self.next)?;
            self.next += 1;
            if component.kind == Kind::Event {
                return Some(self.read_event(&component));
            }
        }
    }
}

fn bytes_of<'a>(bytes: &'a [u8], component: &Component) -> &'a [u8] {
    bytes
        .get(component.start..component.end)
        .unwrap_or_default()
}
