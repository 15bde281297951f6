//! Puts together what a text says: the window, the days, the times, the people.

mod account;
mod days;
mod times;
mod window;

use chrono_tz::Tz;

use crate::calendar::civil;
use crate::calendar::hours::values::{Date, TimeOfDay, TimeSpan, Weekday, Weekdays, Zone};
use crate::calendar::interval::Interval;
use crate::calendar::slots::constraints::{Constraints, Strictness};
use crate::calendar::zone::Offsets;
use crate::time::Timestamp;

use crate::calendar::words::facts::{Ask, DayFact, Days, Said, TimeFact, Who};
use crate::calendar::words::interpretation::{AttendeeDraft, Interpretation, RequestDraft, Window};
use crate::calendar::words::plain;
use crate::calendar::words::reader::{Reader, is_weekend};
use crate::calendar::words::vocabulary::{EVENINGS, Minutes, is_lunch};

/// How long a meeting is that nobody said the length of, in minutes.
const USUAL_LENGTH: u32 = 30;
/// How many days are looked at where nobody said which.
const USUAL_DAYS: i32 = 14;
/// The minutes of a day.
const DAY: u16 = 24 * 60;
/// The most days that are listed one by one.
const MOST_DATES: usize = 366;
/// Before and after these hours hardly anybody works: who asks for such a time means it.
const EARLY: u16 = 8 * 60;

fn weekdays(mask: u8) -> Weekdays {
    Weekday::ALL
        .into_iter()
        .filter(|day| mask >> (*day as u8) & 1 == 1)
        .collect()
}

impl Reader<'_> {
    /// What the whole text asks for.
    pub(super) fn compose(mut self) -> Interpretation {
        self.ask_about_negated();
        self.ask_about_yesterday();
        let duration_minutes = self.duration();
        let zone = self.request_zone();
        let mut calendar = self.calendar(zone);
        self.ask_for_mixed_hours();
        let times = self.times(duration_minutes);
        self.resolve_events(&mut calendar, zone);
        let (first, last) = self.window_days(&calendar, zone);
        let dates = calendar.dates(first, last);
        let window = self.window(
            &calendar,
            first,
            last,
            zone,
            times.as_deref(),
            duration_minutes,
        );
        self.check_offset(window, zone);
        let mut constraints = Constraints {
            times: times.map(|times| times.into_iter().filter_map(span).collect()),
            dates: dates.map(|dates| dates.into_iter().filter_map(Date::new).collect()),
            after: calendar.after.map(Timestamp::from_milliseconds),
            before: calendar.before.map(Timestamp::from_milliseconds),
            ..Constraints::default()
        };
        if calendar.mask_matters(first, last) {
            constraints.days = Some(weekdays(calendar.mask()));
        }
        if constraints.dates.is_none() {
            let except = calendar.except.iter().flat_map(|(from, to)| *from..=*to);
            let mut except: Vec<Date> = except
                .filter(|day| (first..=last).contains(day))
                .take(MOST_DATES)
                .filter_map(Date::new)
                .collect();
            except.sort_unstable();
            except.dedup();
            constraints.except_dates = Some(except).filter(|except| !except.is_empty());
        }
        for said in &self.facts.buffers {
            let (before, after) = said.what;
            constraints.buffer_before_minutes = before.or(constraints.buffer_before_minutes);
            constraints.buffer_after_minutes = after.or(constraints.buffer_after_minutes);
        }
        constraints.minimum_notice_minutes = self.facts.notice.iter().map(|said| said.what).max();
        self.hours_of_work(&mut constraints);
        let request = RequestDraft {
            duration_minutes,
            window,
            time_zone: Zone(zone),
            attendees: self.attendees(),
            kind: self.facts.kinds.last().map(|said| said.what),
            constraints,
        };
        self.finish(request, &calendar)
    }

    fn duration(&mut self) -> u32 {
        let lengths = std::mem::take(&mut self.facts.lengths);
        let Some(first) = lengths.first() else {
            return USUAL_LENGTH;
        };
        let others: Vec<&Said<u32>> = lengths
            .iter()
            .filter(|said| said.what != first.what)
            .collect();
        if let Some(last) = others.last() {
            let whole = first.words.start..last.words.end;
            let mut ask = Ask::new("which_length", whole, "How long shall it be?");
            for minutes in std::iter::once(first.what)
                .chain(others.iter().map(|said| said.what))
                .take(6)
            {
                ask = ask.or(plain::length(minutes), format!("{minutes} minutes"));
            }
            self.ask(ask);
        } else {
            for said in &lengths {
                self.note(
                    said.words.clone(),
                    format!("{} long", plain::length(said.what)),
                );
            }
        }
        let longest = lengths
            .iter()
            .map(|said| said.what)
            .max()
            .unwrap_or(first.what);
        self.facts.lengths = lengths;
        longest
    }

    fn request_zone(&mut self) -> Tz {
        let zones = std::mem::take(&mut self.facts.zones);
        let Some(first) = zones.first() else {
            return self.context.time_zone;
        };
        let others: Vec<_> = zones
            .iter()
            .filter(|said| said.what.zone != first.what.zone)
            .collect();
        if let (Some(_), Some(last)) = (others.first(), zones.last()) {
            let whole = first.words.start..last.words.end;
            let mut ask = Ask::new(
                "which_zone",
                whole.clone(),
                "A request has one zone. Which one is it?",
            );
            for chosen in std::iter::once(first).chain(others) {
                // All of it, with this zone in the place of every one.
                let mut words = String::new();
                let mut at = whole.start;
                for said in &zones {
                    if at < said.words.start {
                        words.push_str(self.slice(at..said.words.start));
                        words.push(' ');
                    }
                    words.push_str(self.slice(chosen.words.clone()));
                    words.push(' ');
                    at = said.words.end;
                }
                ask = ask.or(chosen.what.zone.name().replace('_', " "), words.trim_end());
            }
            self.ask(ask);
        } else {
            for said in &zones {
                self.note(
                    said.words.clone(),
                    format!(
                        "on the clock of {}",
                        said.what.zone.name().replace('_', " ")
                    ),
                );
            }
        }
        let zone = first.what.zone;
        self.facts.zones = zones;
        zone
    }

    /// `EST` in summer: the zone keeps another time then.
    fn check_offset(&mut self, window: Option<Window>, zone: Tz) {
        let Some(window) = window else { return };
        let at = window.start.milliseconds();
        let offset_ms = Offsets::over(zone, Interval { start: at, end: at }).civil(at) * 1000
            - at.div_euclid(1000) * 1000;
        for said in std::mem::take(&mut self.facts.zones) {
            let Some(hours) = said
                .what
                .offset_hours
                .filter(|hours| i64::from(*hours) * 3_600_000 != offset_ms)
            else {
                continue;
            };
            let name = said.what.zone.name();
            let sign = if hours < 0 { '-' } else { '+' };
            let fixed = format!("UTC{sign}{}", hours.abs());
            let text = format!(
                "{} is not the time of {} then.",
                self.slice(said.words.clone()),
                name.replace('_', " ")
            );
            self.ask(
                Ask::new("which_zone", said.words, text)
                    .or(format!("the clock of {}", name.replace('_', " ")), name)
                    .or(format!("{fixed} all the same"), fixed.clone()),
            );
        }
    }

    /// Whether time outside of working hours, or at lunch, is asked for.
    fn hours_of_work(&self, constraints: &mut Constraints) {
        let said = self.facts.outside.iter().map(|said| said.what).next_back();
        let late = constraints.times.as_ref().is_some_and(|times| {
            times.iter().all(|span| {
                span.start.minutes() >= EVENINGS.0
                    || (span.end > span.start && span.end.minutes() <= EARLY)
            })
        });
        let on: Vec<Days> = self
            .facts
            .days
            .iter()
            .filter_map(|said| match said.what {
                DayFact::On(days) => Some(days),
                _ => None,
            })
            .collect();
        let weekend = !on.is_empty() && on.iter().copied().all(is_weekend);
        if said == Some(true) || (said.is_none() && (late || weekend)) {
            constraints.working_hours = Strictness::Prefer;
        }
        let at_lunch =
            |said: &Said<TimeFact>| matches!(said.what, TimeFact::Part(part) if is_lunch(part));
        if self.facts.times.iter().any(at_lunch) {
            constraints.lunch = Strictness::Ignore;
        }
    }

    fn attendees(&mut self) -> Vec<AttendeeDraft> {
        let mut all: Vec<(Who, bool)> = Vec::new();
        for said in std::mem::take(&mut self.facts.people) {
            let (who, required) = said.what;
            let name = match &who {
                Who::Known(place) => self
                    .context
                    .people
                    .get(*place)
                    .map_or("", |person| person.name.as_str())
                    .to_owned(),
                Who::Address(address) => address.clone(),
            };
            let if_possible = if required { "" } else { ", if possible" };
            self.note(said.words, format!("with {name}{if_possible}"));
            match all.iter_mut().find(|(known, _)| *known == who) {
                Some(known) => known.1 = required,
                None => all.push((who, required)),
            }
        }
        for said in std::mem::take(&mut self.facts.absent) {
            let name = self.slice(said.words.clone()).to_owned();
            self.note(said.words, name);
            all.retain(|(who, _)| *who != said.what);
        }
        let draft = |(who, required): (Who, bool)| match who {
            Who::Address(address) => Some(AttendeeDraft {
                user_id: None,
                email: Some(address),
                name: None,
                required,
            }),
            Who::Known(place) => self.context.people.get(place).map(|person| AttendeeDraft {
                user_id: person.user_id.clone(),
                email: person.email.clone().filter(|_| person.user_id.is_none()),
                name: Some(person.name.clone()),
                required,
            }),
        };
        std::iter::once(AttendeeDraft::asking())
            .chain(all.into_iter().filter_map(draft))
            .collect()
    }
}

/// The instant of a civil time in a zone.
fn instant(zone: Tz, civil: civil::CivilSeconds) -> i64 {
    crate::time::resolve(civil::to_date_time(civil), zone).milliseconds()
}

/// A part of the day as the wire has it.
fn span((from, to): Minutes) -> Option<TimeSpan> {
    Some(TimeSpan {
        start: TimeOfDay::new(from / 60, from % 60)?,
        end: TimeOfDay::new(to / 60, to % 60)?,
    })
}
