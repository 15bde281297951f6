//! Where the components of a file stand (RFC 5545, 3.6), found in one pass that decodes nothing.
//!
//! Invariant: components do not overlap and stand in the order of the file. What goes wrong inside
//! one is a fault of that one; where it ends is then decided by the next component that can only
//! stand in a calendar, so that it takes no other with it. Nesting is a stack of at most
//! [`MAX_DEPTH`] names, never a recursion.

use std::borrow::Cow;

use super::line::{Line, RawLine, RawLines, decode};
use super::{IcsError, MAX_COMPONENTS, MAX_DEPTH, MAX_FILE_BYTES, MAX_LINE_BYTES, MAX_LINES};

/// How many lines of the calendar itself are looked at: there are about ten.
const MAX_CALENDAR_LINES: usize = 200;

/// How long a line of the calendar itself may be to be looked at.
const MAX_CALENDAR_LINE_BYTES: usize = 10_000;

/// What stands only in a calendar, so that its beginning ends whatever stands open.
const TOP_LEVEL: [&str; 7] = [
    "VEVENT",
    "VTIMEZONE",
    "VTODO",
    "VJOURNAL",
    "VFREEBUSY",
    "VAVAILABILITY",
    "VCALENDAR",
];

/// What a component is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A `VEVENT`.
    Event,
    /// A `VTIMEZONE`.
    Zone,
    /// Anything else.
    Other,
}

/// What is wrong with a component as such: a code and a sentence.
pub(super) type Fault = (&'static str, &'static str);

/// A component of a calendar, with what is inside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Component {
    pub(super) kind: Kind,
    /// The first byte of its `BEGIN`.
    pub(super) start: usize,
    /// The first byte behind its `END`.
    pub(super) end: usize,
    /// The line of its `BEGIN`.
    pub(super) line: u32,
    pub(super) fault: Option<Fault>,
}

/// The components of a file.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) components: Vec<Component>,
    /// The properties of the calendar itself: names in upper case, and values as they stand.
    pub(super) properties: Vec<(String, String)>,
}

/// A component that has not ended yet.
struct Open<'a> {
    component: Component,
    name: Cow<'a, [u8]>,
    inside: Vec<Cow<'a, [u8]>>,
    lines: usize,
}

impl Open<'_> {
    fn blame(&mut self, code: &'static str, message: &'static str) {
        self.component.fault.get_or_insert((code, message));
    }
}

impl Outline {
    /// Looks through a file.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, IcsError> {
        if bytes.len() > MAX_FILE_BYTES {
            return Err(IcsError {
                code: "file_too_large",
                line: 0,
                message: format!("A calendar may have at most {MAX_FILE_BYTES} bytes."),
            });
        }
        let mut outline = Self::default();
        let mut open: Option<Open<'_>> = None;
        let (mut is_calendar, mut calendar_lines) = (false, 0);
        for line in RawLines::new(bytes) {
            let mark = Mark::of(&line);
            let is_calendars_own = match &mark {
                Some(Mark::Begin(name)) => is_one_of(name, &TOP_LEVEL),
                Some(Mark::End(name)) => is_one_of(name, &["VCALENDAR"]),
                None => false,
            };
            if is_calendars_own {
                outline.close_unended(open.take(), line.start);
            }
            match (&mut open, mark) {
                (Some(current), mark) => {
                    if current.ends_with(&line, mark) {
                        outline.close(open.take(), line.end);
                    }
                }
                (None, Some(Mark::Begin(name))) if is_one_of(&name, &["VCALENDAR"]) => {
                    is_calendar = true;
                }
                (None, Some(Mark::Begin(_))) if outline.components.len() >= MAX_COMPONENTS => {
                    return Err(IcsError {
                        code: "too_many_components",
                        line: line.number,
                        message: format!(
                            "A calendar may have at most {MAX_COMPONENTS} components."
                        ),
                    });
                }
                (None, Some(Mark::Begin(name))) => open = Some(Open::at(&line, name)),
                (None, None) if calendar_lines < MAX_CALENDAR_LINES => {
                    calendar_lines += 1;
                    outline.keep_property(&line);
                }
                (None, _) => {}
            }
        }
        outline.close_unended(open.take(), bytes.len());
        if is_calendar {
            Ok(outline)
        } else {
            Err(IcsError {
                code: "not_a_calendar",
                line: 1,
                message: "There is no BEGIN:VCALENDAR in it.".to_owned(),
            })
        }
    }

    fn close(&mut self, open: Option<Open<'_>>, end: usize) {
        if let Some(open) = open {
            let mut component = open.component;
            component.end = end;
            self.components.push(component);
        }
    }

    fn close_unended(&mut self, mut open: Option<Open<'_>>, end: usize) {
        if let Some(open) = &mut open {
            open.blame("not_ended", "It has no END of its own.");
        }
        self.close(open, end);
    }

    fn keep_property(&mut self, raw: &RawLine<'_>) {
        if raw.bytes.len() > MAX_CALENDAR_LINE_BYTES {
            return;
        }
        let unfolded = raw.unfolded();
        let (text, _) = decode(&unfolded);
        if let Some(line) = text.lines().next().and_then(Line::parse) {
            self.properties
                .push((line.name.into_owned(), line.value.trim().to_owned()));
        }
    }

    /// The value of a property of the calendar, as it stands; the first where there are several.
    pub(super) fn property(&self, name: &str) -> Option<&str> {
        let found = self.properties.iter().find(|(other, _)| other == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

impl<'a> Open<'a> {
    fn at(line: &RawLine<'a>, name: Cow<'a, [u8]>) -> Self {
        let kind = if is_one_of(&name, &["VEVENT"]) {
            Kind::Event
        } else if is_one_of(&name, &["VTIMEZONE"]) {
            Kind::Zone
        } else {
            Kind::Other
        };
        Self {
            component: Component {
                kind,
                start: line.start,
                end: line.end,
                line: line.number,
                fault: None,
            },
            name,
            inside: Vec::new(),
            lines: 0,
        }
    }

    /// Takes a line; whether it is the end.
    fn ends_with(&mut self, line: &RawLine<'_>, mark: Option<Mark<'a>>) -> bool {
        self.lines += 1;
        if self.lines > MAX_LINES {
            self.blame("too_many_lines", "It has too many properties.");
        }
        if line.bytes.len() > MAX_LINE_BYTES {
            self.blame("line_too_long", "It has a line that is too long.");
        }
        match mark {
            // The calendar and the component itself are two levels.
            Some(Mark::Begin(_)) if self.inside.len() + 2 >= MAX_DEPTH => {
                self.blame("too_deep", "Its components are nested too deeply.");
            }
            Some(Mark::Begin(name)) => self.inside.push(name),
            Some(Mark::End(name)) => {
                let is_own = name.eq_ignore_ascii_case(&self.name);
                match self.inside.last() {
                    Some(last) if last.eq_ignore_ascii_case(&name) => {
                        self.inside.pop();
                        return false;
                    }
                    None if is_own => {}
                    _ => self.blame("unbalanced", "A BEGIN in it has no END, or the reverse."),
                }
                return is_own;
            }
            None => {}
        }
        false
    }
}

/// A line that begins or ends a component, with its name.
enum Mark<'a> {
    Begin(Cow<'a, [u8]>),
    End(Cow<'a, [u8]>),
}

impl<'a> Mark<'a> {
    fn of(line: &RawLine<'a>) -> Option<Self> {
        let first = line.bytes.first()?.to_ascii_uppercase();
        if first != b'B' && first != b'E' {
            return None;
        }
        let unfolded = line.unfolded();
        let (rest, make): (_, fn(_) -> _) = if first == b'B' {
            (behind(&unfolded, b"BEGIN:")?, Self::Begin)
        } else {
            (behind(&unfolded, b"END:")?, Self::End)
        };
        let skipped = unfolded.len() - rest.len();
        let kept = rest.trim_ascii_end().len();
        Some(make(match unfolded {
            Cow::Borrowed(all) => Cow::Borrowed(all.get(skipped..skipped + kept)?),
            Cow::Owned(all) => Cow::Owned(all.get(skipped..skipped + kept)?.to_owned()),
        }))
    }
}

fn behind<'a>(line: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    let (front, rest) = line.split_at_checked(mark.len())?;
    front.eq_ignore_ascii_case(mark).then_some(rest)
}

fn is_one_of(name: &[u8], names: &[&str]) -> bool {
    names
        .iter()
        .any(|one| one.as_bytes().eq_ignore_ascii_case(name))
}
