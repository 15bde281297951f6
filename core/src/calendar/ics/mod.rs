//! iCalendar (RFC 5545, with what is common of RFC 7986) read and written.
//!
//! Reading goes from bytes (`component`, `line`) to events (`parse`), whose zones are found by their
//! names or by what the file says of them (`zone`, `definition`). It is liberal and total: one event
//! that can't be read is told and loses no other, and the constants below bound time and memory
//! whatever comes in. An [`IcsEvent`] keeps what it has no field for in [`IcsEvent::extra`], so that
//! [`write`] gives it back, with the zones that it uses (`timezone`).
//!
//! Invariant: what was written reads back as it was, and writing that gives the same text.

mod component;
mod definition;
mod event;
mod exchange;
mod line;
mod parse;
mod property;
mod reader;
mod text;
mod timezone;
mod value;
mod windows;
mod write;
mod zone;

#[cfg(test)]
mod tests;

pub use event::{BusyStatus, IcsEvent, RecurrenceId};
pub use exchange::{Place, Refusal, original, replaced, without_replaced};
pub use reader::{File, Reader, read};
pub use text::{escaped, unescaped, write_line};
pub use value::{Duration, instant};
pub use write::{CalendarText, Detail, write, write_events, write_head, write_tail};

/// The largest file.
pub const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;

/// How many components a file may have, those inside others not counted.
pub const MAX_COMPONENTS: usize = 50_000;

/// How deep components may be nested, the calendar itself counted: RFC 5545 has three levels.
pub const MAX_DEPTH: usize = 8;

/// How many content lines a component may have, with what is inside.
pub const MAX_LINES: usize = 10_000;

/// The longest content line, with its folds.
pub const MAX_LINE_BYTES: usize = 1024 * 1024;

/// How many zones a file may define, and how many are remembered.
pub const MAX_ZONES: usize = 500;

/// How many notes are kept of a file.
pub const MAX_NOTES: usize = 100;

/// Why a file can't be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IcsError {
    /// A stable code: `file_too_large`, `not_a_calendar` or `too_many_components`.
    pub code: &'static str,
    /// The line of the file, from 1; 0 where it is none.
    pub line: u32,
    /// A sentence for people.
    pub message: String,
}

/// An event that was not read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The line of its `BEGIN`, from 1.
    pub line: u32,
    /// Its UID, where it has one.
    pub uid: Option<String>,
    /// A stable code.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

/// Something that was read otherwise than it stands, and that somebody may want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// A stable code.
    pub code: &'static str,
    /// The line of the component, from 1.
    pub line: u32,
    /// A sentence for people.
    pub message: String,
}

/// The notes of a file, the first [`MAX_NOTES`] of them.
#[derive(Debug, Clone, Default)]
struct Notes(Vec<Note>);

impl Notes {
    fn add(&mut self, code: &'static str, line: u32, message: impl FnOnce() -> String) {
        if self.0.len() < MAX_NOTES {
            let message = message();
            self.0.push(Note {
                code,
                line,
                message,
            });
        }
    }

    /// The same for what one note is enough of.
    fn add_once(&mut self, code: &'static str, line: u32, message: impl FnOnce() -> String) {
        if self.0.iter().all(|note| note.code != code) {
            self.add(code, line, message);
        }
    }

    fn all(&self) -> &[Note] {
        &self.0
    }
}
