//! Calendars and what stands in them.

mod absences;
mod availability;
mod booking;
mod booking_links;
mod calendars;
mod claim;
mod edit;
mod events;
mod export;
mod feeds;
mod holds;
mod hours;
mod import;
mod interpretation;
mod occurrences;
mod plans;
mod respond;
mod slots;

pub(crate) use absences::*;
pub(crate) use availability::*;
pub(crate) use booking::*;
pub(crate) use booking_links::*;
pub(crate) use calendars::*;
pub(crate) use events::*;
pub(crate) use export::*;
pub(crate) use feeds::*;
pub(crate) use holds::*;
pub(crate) use hours::*;
pub(crate) use import::*;
pub(crate) use interpretation::*;
pub(crate) use occurrences::*;
pub(crate) use plans::*;
pub(crate) use respond::*;
pub(crate) use slots::*;

use delegate_core::calendar::event::EventRef;
use delegate_core::calendar::interval::Interval;
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::CalendarId;
use delegate_core::time::Timestamp;

use crate::http::path::Identifier;
use crate::http::query::Query;
use crate::platform::database::violates;
use crate::store::booking_links::NO_SUCH_CALENDAR as NO_SUCH_CALENDAR_OF_A_LINK;
use crate::store::events::NO_SUCH_CALENDAR;
use crate::store::guard::too_many;

/// The longest window that can be asked for: ten years and a bit.
const MAX_WINDOW_MS: i64 = 3_660 * 86_400_000;

/// How often a change is tried again where somebody else changed the same thing meanwhile.
const MAX_TRIES: u32 = 12;

/// What is said where that was not often enough.
fn contended() -> Error {
    let detail = "The calendar is being changed by others at the same time. Try again shortly.";
    let mut error = Error::new(Kind::Unavailable, "contended", detail);
    error.retry_after_seconds = Some(1);
    error
}

impl Identifier for EventRef {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

/// The window between the instants `start` and `end`, if it is given.
fn window(query: &Query) -> Result<Option<Interval>, Error> {
    match (query.instant("start")?, query.instant("end")?) {
        (None, None) => Ok(None),
        (Some(start), Some(end)) => check_window(start, end, "end").map(Some),
        (None, Some(_)) => Err(Error::invalid_parameter(
            "start",
            "missing",
            "must be given with `end`",
        )),
        (Some(_), None) => Err(Error::invalid_parameter(
            "end",
            "missing",
            "must be given with `start`",
        )),
    }
}

fn check_window(start: Timestamp, end: Timestamp, name: &'static str) -> Result<Interval, Error> {
    let window = Interval {
        start: start.milliseconds(),
        end: end.milliseconds(),
    };
    if window.is_empty() {
        return Err(Error::invalid_parameter(
            name,
            "before_start",
            "must be after `start`",
        ));
    }
    if window.length() > MAX_WINDOW_MS {
        let rule = "must be at most ten years after `start`";
        return Err(Error::invalid_parameter(name, "too_long", rule));
    }
    Ok(window)
}

/// The calendar that `calendar_id` names, if it is given.
fn calendar_of(query: &Query) -> Result<Option<CalendarId>, Error> {
    let calendar = query.text("calendar_id").map(CalendarId::parse).transpose();
    calendar.map_err(|_| {
        Error::invalid_parameter(
            "calendar_id",
            "not_an_identifier",
            "must be of the form cal_…",
        )
    })
}

/// What is said where `calendar_id` names a calendar that is not there.
fn no_such_calendar() -> Error {
    Error::invalid_parameter(
        "calendar_id",
        "no_such_calendar",
        "must be one of the person's calendars",
    )
}

/// What a write failed with: a calendar that is not there is the client's to mend.
fn explained(error: Error) -> Error {
    if violates(&error, NO_SUCH_CALENDAR) || violates(&error, NO_SUCH_CALENDAR_OF_A_LINK) {
        return Error::invalid_at(
            "/calendar_id",
            "no_such_calendar",
            "must be one of the person's calendars",
        );
    }
    error
}
