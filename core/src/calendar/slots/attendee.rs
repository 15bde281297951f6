//! People as slots are found with: their time as sorted stretches, worked out once for a request.

use std::borrow::Cow;
use std::sync::Arc;

use chrono_tz::Tz;

use super::constraints::Tentative;
use super::request::{RequestedAttendee, SlotsRequest, Who};
use crate::calendar::busy::{BusyStatus, BusyStretch, BusyTime};
use crate::calendar::hours::absence::Away;
use crate::calendar::hours::document::{DailyLimit, WorkingHours};
use crate::calendar::hours::expand::{Expansion, Weekly, out_of_office, stays};
use crate::calendar::interval::{Interval, IntervalSet};
use crate::calendar::zone::Offsets;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// What is stored of a person who is asked to come; the default of somebody of whom nothing is.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// What they are called.
    pub name: Option<String>,
    /// The zone of their account.
    pub account_zone: Option<Tz>,
    /// When they work.
    pub hours: Option<WorkingHours>,
    /// When they are away, within the horizon of the request.
    pub away: Vec<Away>,
    /// When they are busy, within the horizon of the request; one stretch for each event, so that
    /// events can be counted.
    pub busy: Vec<BusyStretch>,
}

/// What meetings already take of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayLoad {
    /// The day, in the zone of the person.
    pub day: Interval,
    /// How many meetings start on it.
    pub meetings: u32,
    /// How long they are together.
    pub minutes: u32,
}

/// Somebody who is asked to come.
#[derive(Debug, Clone)]
pub struct Attendee {
    /// Who.
    pub who: Who,
    /// What texts call them.
    pub name: String,
    /// Whether there is no meeting without them.
    pub required: bool,
    /// The zone they are usually in.
    pub offsets: Arc<Offsets>,
    /// The zones they travel to, and when they are there.
    pub elsewhere: Vec<(Arc<Offsets>, IntervalSet)>,
    /// When they are busy.
    pub busy: BusyTime,
    /// Firm and tentative time together, where the request counts it as busy and there is any.
    pub firm_or_tentative: Option<IntervalSet>,
    /// When they work.
    pub working: Arc<IntervalSet>,
    /// When they want to be left alone.
    pub focus: Arc<IntervalSet>,
    /// When lunch can be, every day.
    pub lunch: Arc<IntervalSet>,
    /// How long lunch takes.
    pub lunch_ms: i64,
    /// When it suits them best; nothing where they have no such times.
    pub preferred: Arc<IntervalSet>,
    /// Free time they need before the meeting.
    pub buffer_before_ms: i64,
    /// Free time they need after the meeting.
    pub buffer_after_ms: i64,
    /// How long beforehand it has to be arranged.
    pub notice_ms: i64,
    /// How much of a day meetings may take.
    pub daily_limit: DailyLimit,
    /// The days that have a limit, in order; empty where there is none.
    pub days: Vec<DayLoad>,
}

impl Attendee {
    /// When something else is on that counts as busy, apart from being out of office.
    pub fn meetings(&self) -> &IntervalSet {
        self.firm_or_tentative.as_ref().unwrap_or(&self.busy.firm)
    }

    /// The offsets of the zone they are in at an instant.
    pub fn offsets_at(&self, instant: i64) -> &Offsets {
        let there = self
            .elsewhere
            .iter()
            .find(|(_, when)| when.contains(instant));
        there.map_or(&self.offsets, |(offsets, _)| offsets)
    }

    /// The person of a request, with what is stored of them.
    pub(super) fn prepare(
        asked: &RequestedAttendee,
        stored: &Stored,
        request: &SlotsRequest,
        expansion: &mut Expansion,
    ) -> Self {
        let account_zone = stored.account_zone.unwrap_or(request.zone);
        let mut document = stored
            .hours
            .as_ref()
            .map_or_else(Cow::default, Cow::Borrowed);
        if let Some(zone) = asked.zone {
            document.to_mut().time_zone = Some(crate::calendar::hours::values::Zone(zone));
        }
        if let Some(week) = &asked.working_hours {
            document.to_mut().working_hours.clone_from(week);
        }
        let mut stretches = Cow::Borrowed(&stored.busy);
        if !asked.busy.is_empty() {
            stretches.to_mut().extend_from_slice(&asked.busy);
        }
        let mut busy = BusyTime::of(&stretches);
        let absent = out_of_office(&stored.away);
        if !absent.is_empty() {
            busy.out_of_office = busy.out_of_office.union(&absent);
        }
        let counts = request.constraints.tentative == Tentative::Busy && !busy.tentative.is_empty();
        let firm_or_tentative = counts.then(|| busy.firm.union(&busy.tentative));
        let home = document.zone(account_zone);
        let offsets = expansion.offsets(home);
        let elsewhere = stays(expansion.window(), &stored.away).elsewhere;
        let elsewhere = elsewhere
            .into_iter()
            .map(|(zone, when)| (expansion.offsets(zone), when))
            .collect();
        let mut hours = |which| expansion.hours(which, &document, account_zone, &stored.away);
        let (working, focus) = (hours(Weekly::Working), hours(Weekly::Focus));
        let (lunch, preferred) = (hours(Weekly::Lunch), hours(Weekly::Preferred));
        let buffer = document.buffers.around(request.kind);
        let constraints = &request.constraints;
        let minutes = |own: u32, asked: Option<u32>| i64::from(asked.unwrap_or(own)) * MINUTE_MS;
        let days = if document.daily_limit == DailyLimit::default() {
            Vec::new()
        } else {
            day_loads(&stretches, &expansion.days(home))
        };
        let name = asked.name.as_ref().or(stored.name.as_ref()).cloned();
        Self {
            name: name.unwrap_or_else(|| match &asked.who {
                Who::User(user) => user.as_str().to_owned(),
                Who::Email(address) => address.clone(),
            }),
            who: asked.who.clone(),
            required: asked.required,
            offsets,
            elsewhere,
            busy,
            firm_or_tentative,
            working,
            focus,
            lunch,
            lunch_ms: document
                .lunch
                .map_or(0, |lunch| i64::from(lunch.minutes) * MINUTE_MS),
            preferred,
            buffer_before_ms: minutes(buffer.before_minutes, constraints.buffer_before_minutes),
            buffer_after_ms: minutes(buffer.after_minutes, constraints.buffer_after_minutes),
            notice_ms: i64::from(document.minimum_notice_minutes) * MINUTE_MS,
            daily_limit: document.daily_limit,
            days,
        }
    }
}

/// What meetings take of each day, for who limits that. A meeting belongs to the day it starts on;
/// what takes a day or longer is no meeting.
fn day_loads(stretches: &[BusyStretch], days: &[Interval]) -> Vec<DayLoad> {
    let mut days: Vec<DayLoad> = days
        .iter()
        .map(|day| DayLoad {
            day: *day,
            meetings: 0,
            minutes: 0,
        })
        .collect();
    let mut at = 0;
    for stretch in stretches {
        let start = stretch.interval.start;
        let length = stretch.interval.length();
        let is_meeting = stretch.status != BusyStatus::OutOfOffice && (1..DAY_MS).contains(&length);
        // Mostly the day of the one before.
        if !days.get(at).is_some_and(|load| load.day.contains(start)) {
            at = days.partition_point(|load| load.day.end <= start);
        }
        if let Some(load) = days.get_mut(at)
            && is_meeting
            && load.day.contains(start)
        {
            load.meetings += 1;
            load.minutes += u32::try_from(length / MINUTE_MS).unwrap_or(0);
        }
    }
    days
}
