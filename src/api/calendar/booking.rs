//! What people outside reach by a booking link: the times that can be booked, booking one, cancelling
//! it. They need no account, and learn nothing but when a meeting of the link's length can start.

use delegate_core::calendar::agenda::Agenda;
use delegate_core::calendar::booking::{
    Booking, BookingInput, BookingRules, check_listed, not_bookable,
};
use delegate_core::calendar::civil;
use delegate_core::calendar::event::{Event, EventPatchInput, EventRef, Status};
use delegate_core::calendar::hours::document::Buffer;
use delegate_core::calendar::interval::Interval;
use delegate_core::calendar::slots::request::{SlotsRequest, horizon};
use delegate_core::calendar::slots::search::Search;
use delegate_core::calendar::zone::Offsets;
use delegate_core::error::Error;
use delegate_core::identifier::{CalendarEventId, EventId};
use delegate_core::secret::{Purpose, encode, is_same};
use delegate_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::claim::attempt;
use super::edit::{Change, change_event};
use super::slots::stored;
use crate::api::document::{ReadProblems, WriteProblems};
use crate::http::body::Creation;
use crate::http::call::Call;
use crate::http::idempotency::{Idempotency, commit, earlier};
use crate::http::limits;
use crate::http::path::Id;
use crate::http::precondition::IfMatch;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::store::booking_links::{self, Open};
use crate::store::tasks::json;
use crate::store::{agendas, events, guard};

/// The longest that a meeting takes: what must be known behind its start.
const DAY_MS: i64 = 86_400_000;

/// A link as its guests see it.
#[derive(Serialize, ToSchema)]
pub(crate) struct BookingPage {
    /// What is booked.
    title: String,
    /// What people read before they book.
    description: String,
    /// How long it takes.
    duration_minutes: u32,
    /// How many days ahead can be booked.
    days_ahead: u32,
    /// Where.
    location: String,
    /// Whose time it is.
    with: String,
    /// The zone in which its days are meant.
    time_zone: String,
}

/// Times that can be booked.
#[derive(Serialize, ToSchema)]
pub(crate) struct BookableTimes {
    /// In their order; at most a hundred.
    items: Vec<BookableTime>,
    /// From where on there may be more; null where all of the window is listed.
    #[schema(value_type = Option<String>, format = DateTime)]
    more_from: Option<Timestamp>,
}

/// A time that can be booked.
#[derive(Serialize, ToSchema)]
struct BookableTime {
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    end: Timestamp,
}

/// What is booked by a link
#[utoipa::path(
    get, path = "/api/v1/booking/{slug}", tag = "booking", security(()),
    params(("slug" = String, Path)),
    responses((status = 200, body = BookingPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_booking_page(call: Call, Id(slug): Id<String>) -> Outcome {
    let answer = call.database().run(booking_links::find_open(&slug)).await?;
    let Open {
        rules, owner, zone, ..
    } = booking_links::open(&answer)?;
    Ok(Reply::of(&BookingPage {
        time_zone: rules
            .time_zone
            .map_or(zone, |zone| zone.0)
            .name()
            .to_owned(),
        title: rules.title,
        description: rules.description,
        duration_minutes: rules.duration_minutes,
        days_ahead: rules.days_ahead,
        location: rules.location,
        with: owner.name,
    })?)
}

/// The times that can be booked in a window of at most 31 days
#[utoipa::path(
    get, path = "/api/v1/booking/{slug}/slots", tag = "booking", security(()),
    params(
        ("slug" = String, Path),
        ("start" = String, Query, format = DateTime),
        ("end" = String, Query, format = DateTime, description = "At most 31 days later"),
    ),
    responses((status = 200, body = BookableTimes), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_bookable_times(call: Call, Id(slug): Id<String>, query: Query) -> Outcome {
    let query = query.known(&["start", "end"])?;
    let missing = |name| Error::invalid_parameter(name, "missing", "must be given");
    let start = query.instant("start")?.ok_or_else(|| missing("start"))?;
    let end = query.instant("end")?.ok_or_else(|| missing("end"))?;
    let window = check_listed(start, end)?;
    let now = call.started();
    let (open, text) = read(&call, &slug, horizon(window)).await?;
    let agenda = agendas::read(&text)?;
    let Some(request) = open.rules.search(&open.owner.id, window, open.zone, now) else {
        let items = Vec::new();
        return Ok(Reply::of(&BookableTimes {
            items,
            more_from: None,
        })?);
    };
    let starts = search(&request, &agenda, now)?.first_starts(request.limit.saturating_add(1));
    let more_from = starts.get(request.limit).copied();
    let length = i64::from(request.duration_minutes) * 60_000;
    let items = starts
        .into_iter()
        .take(request.limit)
        .map(|start| BookableTime {
            start: Timestamp::from_milliseconds(start),
            end: Timestamp::from_milliseconds(start.saturating_add(length)),
        });
    Ok(Reply::of(&BookableTimes {
        items: items.collect(),
        more_from: more_from.map(Timestamp::from_milliseconds),
    })?)
}

/// Book one of the times
///
/// Two guests never get the same time: who comes second is answered 409 (`slot_taken`).
#[utoipa::path(
    post, path = "/api/v1/booking/{slug}/bookings", tag = "booking", security(()),
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = BookingInput,
    responses((status = 201, body = Booking), WriteProblems)
)]
#[worker::send]
pub(crate) async fn create_booking(
    call: Call,
    Id(slug): Id<String>,
    Creation { input, idempotency }: Creation<BookingInput>,
) -> Outcome {
    limits::enter(&call).await?;
    let now = call.started();
    let idempotency = idempotency.map(Idempotency::of_guest);
    let id = CalendarEventId::new(now, call.entropy()?);
    let told = EventId::new(now, call.entropy()?);
    let start = input.start.milliseconds();
    let around = horizon(Interval {
        start,
        end: start.saturating_add(DAY_MS),
    });
    let booked = attempt(async || {
        let (open, text) = read(&call, &slug, around).await?;
        let agenda = agendas::read(&text)?;
        let Open {
            rules, owner, zone, ..
        } = &open;
        let time = input.time(rules);
        let event = input
            .clone()
            .into_event(rules, owner, *zone, id.clone(), now)?;
        let request = rules.search(&owner.id, time, *zone, now);
        let is_free = request.filter(|request| request.window == time);
        let is_free = is_free
            .map(|request| search(&request, &agenda, now))
            .transpose()?;
        if is_free.is_none_or(|search| search.first_starts(1) != [start]) {
            let before = earlier(&call, &owner.id, idempotency.as_ref()).await?;
            return before
                .map(|reply| (owner.id.clone(), reply))
                .ok_or_else(not_bookable);
        }
        let mut statements = vec![agendas::claim(
            &owner.id,
            claimed(rules, &agenda, time),
            agenda.revision,
            now,
        )];
        if let Some(most) = rules.most_a_day {
            statements.push(booking_links::room_on(
                &open.id,
                day(rules, *zone, start),
                most,
            ));
        }
        let event_json = json(&event)?;
        statements.extend(events::insert(
            &owner.id,
            &event,
            Some(open.id.as_str()),
            (&event_json, &told),
        )?);
        let reply = Reply::of(&booking(&call, &slug, &open, &event, time))?.with_status(201);
        let committed = commit(&call, &owner.id, idempotency.as_ref(), statements, reply).await?;
        Ok((owner.id.clone(), committed.reply()))
    })
    .await;
    let (owner, reply) = booked.map_err(|error| {
        let is_full = guard::has_failed(&error) || error.code == agendas::taken().code;
        if is_full { not_bookable() } else { error }
    })?;
    call.announce(&owner);
    Ok(reply)
}

/// Cancel what was booked
#[utoipa::path(
    delete, path = "/api/v1/booking/{slug}/bookings/{booking}", tag = "booking", security(()),
    params(("slug" = String, Path), ("booking" = String, Path)),
    responses((status = 204, description = "Cancelled"), WriteProblems)
)]
#[worker::send]
pub(crate) async fn cancel_booking(
    call: Call,
    axum::extract::Path((slug, booking)): axum::extract::Path<(String, String)>,
) -> Outcome {
    limits::enter(&call).await?;
    let id = opened(&call, &booking).ok_or_else(Error::not_found)?;
    let answer = call.database().run(booking_links::find_open(&slug)).await?;
    let open = booking_links::open(&answer)?;
    let id = EventRef::whole(id);
    let now = call.started();
    let any = IfMatch::any();
    let cancelled = change_event(&call, &open.owner.id, &id, &any, |whole, _| {
        let patch = EventPatchInput {
            status: Some(Status::Cancelled),
            ..EventPatchInput::default()
        };
        let changed = whole.stored.clone().changed(patch, now)?;
        Ok(Change::Series(Box::new(changed)))
    });
    cancelled.await?;
    Ok(Reply::no_content())
}

/// The link of a slug and the agenda of its owner, in one round trip.
async fn read(call: &Call, slug: &str, horizon: Interval) -> Result<(Open, String), Error> {
    let asked = vec![
        booking_links::find_open(slug),
        agendas::find_by_link(slug, horizon, call.started()),
    ];
    let answers = call.database().batch(asked).await?;
    let [link, agenda] = answers.as_slice() else {
        return Err(Error::internal("D1 answered fewer results than statements"));
    };
    let open = booking_links::open(link)?;
    let text = agendas::texts(agenda)?.into_iter().next();
    Ok((open, text.ok_or_else(Error::not_found)?))
}

fn search(request: &SlotsRequest, agenda: &Agenda<'_>, now: Timestamp) -> Result<Search, Error> {
    let known = stored(agenda, request.horizon())?;
    let weights = delegate_core::calendar::hours::weights::Weights::default();
    let known = std::slice::from_ref(&known);
    Ok(Search::prepare(request, known, weights, now.milliseconds()))
}

/// The time that a booking keeps from others: with the buffers that are kept around it.
fn claimed(rules: &BookingRules, agenda: &Agenda<'_>, time: Interval) -> Interval {
    let own = agenda
        .hours
        .as_ref()
        .map(|hours| hours.buffers.around(rules.kind));
    let Buffer {
        before_minutes,
        after_minutes,
    } = own.unwrap_or_default();
    let minutes = |link: Option<u32>, own: u32| i64::from(link.unwrap_or(own)) * 60_000;
    time.widened(
        minutes(rules.constraints.buffer_before_minutes, before_minutes),
        minutes(rules.constraints.buffer_after_minutes, after_minutes),
    )
}

/// The day of an instant, in the zone of the rules.
fn day(rules: &BookingRules, account_zone: chrono_tz::Tz, instant: i64) -> Interval {
    let zone = rules.time_zone.map_or(account_zone, |zone| zone.0);
    let near = Interval {
        start: instant,
        end: instant.saturating_add(1),
    };
    let offsets = Offsets::over(zone, near.widened(2 * DAY_MS, 2 * DAY_MS));
    let day = civil::day_of(offsets.civil(instant));
    Interval {
        start: offsets.instant(civil::midnight(day)),
        end: offsets.instant(civil::midnight(day.saturating_add(1))),
    }
}

fn booking(call: &Call, slug: &str, open: &Open, event: &Event, time: Interval) -> Booking {
    let public_url = &call.configuration().public_url;
    let (id, code) = (&event.id.id, code(call, &event.id.id));
    Booking {
        title: event.summary.clone(),
        start: Timestamp::from_milliseconds(time.start),
        end: Timestamp::from_milliseconds(time.end),
        location: event.location.clone(),
        conference_url: event.conference_url.clone(),
        with: open.owner.name.clone(),
        cancel_url: format!("{public_url}/api/v1/booking/{slug}/bookings/{id}.{code}"),
    }
}

/// What proves that somebody booked an event.
fn code(call: &Call, id: &CalendarEventId) -> String {
    let secret = &call.configuration().secret;
    encode(&secret.authenticate(Purpose::Booking, id.as_str().as_bytes()))
}

/// The event that a guest proves to have booked.
fn opened(call: &Call, booking: &str) -> Option<CalendarEventId> {
    let (id, given) = booking.split_once('.')?;
    let id = CalendarEventId::parse(id).ok()?;
    is_same(given, &code(call, &id)).then_some(id)
}
