//! Content lines (RFC 5545, 3.1) of RRULE, EXRULE, RDATE and EXDATE, read into a [`Recurrence`] and
//! written again.

use chrono_tz::Tz;

use super::dates::{Addition, Form, Moment, parse_duration, write_duration};
use super::rule::Rule;
use super::rule_text::shown;
use super::{Length, MOST_DATES, MOST_RULES, Recurrence, Start};
use crate::calendar::civil::second_of_day;
use crate::time::parse_zone;

/// The most faults that are told of.
const MOST_FAULTS: usize = 50;

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    /// Which one, counted from 0.
    pub line: usize,
    /// What kind of fault it is, for programs.
    pub code: &'static str,
    /// The same for people.
    pub message: String,
}

/// A fault before it is known in which line.
#[derive(Debug)]
pub(super) struct Fault {
    code: &'static str,
    message: String,
}

impl Fault {
    pub(super) fn new(code: &'static str, message: String) -> Self {
        Self { code, message }
    }
}

/// A content line, taken apart.
struct Line<'a> {
    name: &'a str,
    zone: Option<Tz>,
    value: &'a str,
}

impl<'a> Line<'a> {
    fn parse(text: &'a str) -> Result<Self, Fault> {
        let text = text.trim_end_matches(['\r', '\n']);
        let mut quoted = false;
        let colon = text.find(|character| {
            quoted ^= character == '"';
            character == ':' && !quoted
        });
        let split = colon.and_then(|colon| text.split_at_checked(colon));
        let Some((head, value)) = split else {
            let message = format!("a line needs a name and a colon: {}", shown(text));
            return Err(Fault::new("invalid_line", message));
        };
        let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
        let mut zone = None;
        for parameter in parameters.split(';') {
            let Some((key, value)) = parameter.split_once('=') else {
                continue;
            };
            if key.eq_ignore_ascii_case("TZID") {
                let value = value.trim_matches('"');
                zone = Some(parse_zone(value).ok_or_else(|| {
                    let message = format!("there is no time zone {}", shown(value));
                    Fault::new("unknown_time_zone", message)
                })?);
            }
        }
        Ok(Self {
            name,
            zone,
            value: value.get(1..).unwrap_or_default(),
        })
    }
}

impl Recurrence {
    /// Reads content lines such as `RRULE:FREQ=WEEKLY;BYDAY=MO`, each unfolded, for a series with a
    /// certain start. RRULE and EXRULE must be as 3.3.10 of RFC 5545 wants them; of RDATE and EXDATE
    /// every form is read, whatever VALUE says. Tells of every line that is wrong; of a start beyond
    /// the years that are computed with as if the first line were.
    pub fn parse<S: AsRef<str>>(lines: &[S], start: Start) -> Result<Self, Vec<LineError>> {
        if !start.is_in_range() {
            return Err(vec![LineError {
                line: 0,
                code: "start_out_of_range",
                message: "a series starts in the years 1 to 9998".to_owned(),
            }]);
        }
        let mut recurrence = Self::empty(start);
        let mut errors = Vec::new();
        for (line, text) in lines.iter().enumerate() {
            if errors.len() >= MOST_FAULTS {
                break;
            }
            if let Err(faults) = recurrence.read(text.as_ref(), start) {
                errors.extend(faults.into_iter().map(|Fault { code, message }| LineError {
                    line,
                    code,
                    message,
                }));
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        recurrence.put_in_order();
        Ok(recurrence)
    }

    /// Dates in their order, none twice. Of two that are added at one instant the one with a length
    /// of its own stays.
    pub(super) fn put_in_order(&mut self) {
        let key = |one: &Addition| (one.at.key, one.length.is_none());
        self.added.sort_by_key(key);
        self.added.dedup_by_key(|one| one.at.key);
        self.removed.sort_unstable();
        self.removed.dedup();
        self.removed_days.sort_unstable();
        self.removed_days.dedup();
    }

    fn read(&mut self, text: &str, start: Start) -> Result<(), Vec<Fault>> {
        let line = Line::parse(text).map_err(|fault| vec![fault])?;
        let is = |name: &str| line.name.eq_ignore_ascii_case(name);
        if is("RRULE") || is("EXRULE") {
            if self.rules.len() + self.excluding.len() >= MOST_RULES {
                let message = format!("a series has at most {MOST_RULES} rules");
                return Err(vec![Fault::new("too_many_rules", message)]);
            }
            let rule = Rule::parse(line.value, start)?;
            if is("RRULE") {
                self.rules.push(rule);
            } else {
                self.excluding.push(rule);
            }
            return Ok(());
        }
        if !is("RDATE") && !is("EXDATE") {
            let message = format!(
                "recurrence is RRULE, EXRULE, RDATE and EXDATE, not {}",
                shown(line.name)
            );
            return Err(vec![Fault::new("unknown_property", message)]);
        }
        let adds = is("RDATE");
        for text in line.value.split(',') {
            let read = if adds {
                self.read_addition(&line, text, start)
            } else {
                self.read_removal(&line, text, start)
            };
            let full = self.added.len() > MOST_DATES
                || self.removed.len() + self.removed_days.len() > MOST_DATES;
            if full {
                let message = format!("a series has at most {MOST_DATES} dates of a kind");
                return Err(vec![Fault::new("too_many_dates", message)]);
            }
            read.map_err(|fault| vec![fault])?;
        }
        Ok(())
    }

    fn read_addition(&mut self, line: &Line<'_>, text: &str, start: Start) -> Result<(), Fault> {
        let moment = |text| {
            Form::parse(text)
                .map(|form| Moment::of(form, line.zone, self.zone, second_of_day(start.civil())))
                .ok_or_else(|| unreadable(line, text))
        };
        let Some((from, until)) = text.split_once('/') else {
            let at = moment(text)?;
            self.added.push(Addition { at, length: None });
            return Ok(());
        };
        let at = moment(from)?;
        let length = if until.starts_with(['P', 'p', '+']) {
            parse_duration(until).ok_or_else(|| unreadable(line, text))?
        } else {
            let seconds = moment(until)?.key.saturating_sub(at.key);
            if seconds < 0 {
                return Err(unreadable(line, text));
            }
            Length::Nominal {
                days: 0,
                milliseconds: seconds * 1_000,
            }
        };
        // Of a period in a series of days the first day counts.
        let length = self.zone.map(|_| length);
        self.added.push(Addition { at, length });
        Ok(())
    }

    fn read_removal(&mut self, line: &Line<'_>, text: &str, start: Start) -> Result<(), Fault> {
        match (Form::parse(text), self.zone) {
            (None, _) => return Err(unreadable(line, text)),
            (Some(Form::Day(day)), Some(_)) => self.removed_days.push(day),
            (Some(form), _) => {
                let time = second_of_day(start.civil());
                self.removed
                    .push(Moment::of(form, line.zone, self.zone, time));
            }
        }
        Ok(())
    }

    /// The content lines that say the same, in one form for all that mean the same. `start` is that
    /// which they were read with.
    pub fn lines(&self, start: Start) -> Vec<String> {
        let zone = start.zone();
        let mut lines = Vec::new();
        for (name, rules) in [("RRULE:", &self.rules), ("EXRULE:", &self.excluding)] {
            for rule in rules {
                let mut line = name.to_owned();
                rule.write(zone.is_none(), &mut line);
                lines.push(line);
            }
        }
        let mut dates = Dates {
            zone,
            lines: Vec::new(),
        };
        for addition in &self.added {
            dates.add("RDATE", addition.at.form(zone), addition.length);
        }
        for moment in &self.removed {
            dates.add("EXDATE", moment.form(zone), None);
        }
        for day in &self.removed_days {
            dates.add("EXDATE", Form::Day(*day), None);
        }
        lines.extend(dates.lines.into_iter().map(|(head, values)| head + &values));
        lines
    }
}

/// Lines of dates, those of one form together.
struct Dates {
    zone: Option<Tz>,
    lines: Vec<(String, String)>,
}

impl Dates {
    fn add(&mut self, name: &str, form: Form, length: Option<Length>) {
        let mut head = name.to_owned();
        if length.is_some() {
            head.push_str(";VALUE=PERIOD");
        } else if let Form::Day(_) = form {
            head.push_str(";VALUE=DATE");
        }
        if let (Form::Wall(_), Some(zone)) = (form, self.zone) {
            head.push_str(";TZID=");
            head.push_str(zone.name());
        }
        head.push(':');
        let at = self.lines.iter().position(|(one, _)| *one == head);
        let at = at.unwrap_or_else(|| {
            self.lines.push((head, String::new()));
            self.lines.len() - 1
        });
        let Some((_, values)) = self.lines.get_mut(at) else {
            return;
        };
        if !values.is_empty() {
            values.push(',');
        }
        form.write(values);
        if let Some(length) = length {
            values.push('/');
            write_duration(length, values);
        }
    }
}

fn unreadable(line: &Line<'_>, text: &str) -> Fault {
    Fault::new(
        "invalid_date",
        format!("{} can't be read: {}", line.name, shown(text)),
    )
}
