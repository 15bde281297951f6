use delegate_core::calendar::event::EventRef;
use delegate_core::calendar::interval::Interval;
use delegate_core::calendar::window::{self, Place, Row};
use delegate_core::error::Error;
use delegate_core::identifier::{CalendarId, UserId};
use delegate_core::page::{self, Position};

use super::window;
use crate::api::document::{EventPage, ReadProblems};
use crate::http::call::Call;
use crate::http::caller::{CalendarRead, Caller};
use crate::http::path::Id;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::store::events::{self, WindowQuery};

/// Occurrences of an event in a window, in their order
#[utoipa::path(
    get, path = "/api/v1/calendar/events/{id}/occurrences", tag = "calendar", security(("access_token" = ["calendar:read"])),
    params(
        ("id" = String, Path),
        ("start" = String, Query, format = DateTime, description = "What ends after this instant"),
        ("end" = String, Query, format = DateTime, description = "What starts before this instant"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = EventPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_occurrences(
    call: Call,
    caller: Caller<CalendarRead>,
    Id(id): Id<EventRef>,
    query: Query,
) -> Outcome {
    let query = query.known(&["start", "end", "limit", "cursor"])?;
    let window = window(&query)?
        .ok_or_else(|| Error::invalid_parameter("start", "missing", "must be given with `end`"))?;
    let list = format!("occurrences of {id}");
    let wanted = Wanted {
        window,
        calendar: None,
        series: Some(&id),
    };
    expanded(&call, &caller.user, &wanted, &query, &list).await
}

/// Which occurrences are asked for.
pub(super) struct Wanted<'a> {
    pub(super) window: Interval,
    pub(super) calendar: Option<&'a CalendarId>,
    pub(super) series: Option<&'a EventRef>,
}

/// A page of occurrences, in one round trip.
pub(super) async fn expanded(
    call: &Call,
    user: &UserId,
    wanted: &Wanted<'_>,
    query: &Query,
    list: &str,
) -> Outcome {
    let scope = query.scope(user.as_str(), list);
    let after = query.position(&scope)?.map(place).transpose()?;
    let limit = query.limit()?;
    let asked = WindowQuery {
        window: wanted.window,
        calendar: wanted.calendar,
        series: wanted.series,
        after: after.as_ref(),
        limit,
    };
    let [zone, rows] = events::window(user, &asked);
    let mut statements = vec![zone, rows];
    statements.extend(wanted.series.map(|series| events::exists(user, series)));
    let answers = call.database().batch(statements).await?;
    let [zone, rows, rest @ ..] = answers.as_slice() else {
        return Err(Error::internal("D1 answered fewer results than statements").into());
    };
    if rest
        .first()
        .is_some_and(|answer| answer.number("present").is_none())
    {
        return Err(Error::not_found().into());
    }
    let rows = rows.text("items").unwrap_or_else(|| "[]".to_owned());
    let rows: Vec<Row<'_>> = serde_json::from_str(&rows)
        .map_err(|error| Error::internal(format!("a stored event: {error}")))?;
    // What is behind the place is found anew; what is before it is not looked for.
    let from = after
        .as_ref()
        .map_or(wanted.window.start, |place| place.start);
    let window = Interval {
        start: wanted.window.start.max(from.min(wanted.window.end)),
        ..wanted.window
    };
    let page = window::page(
        &rows,
        window,
        events::zone(zone),
        after.as_ref(),
        limit as usize,
    )?;
    let next = page.next.map_or_else(
        || "null".to_owned(),
        |place| {
            let position = Position {
                key: place.start.to_string(),
                id: place.id,
            };
            format!("\"{}\"", page::encode(&position, &scope))
        },
    );
    Ok(Reply::json(format!(
        r#"{{"items":{},"next_cursor":{next}}}"#,
        page.items
    )))
}

/// The occurrence behind which a page begins.
fn place(position: Position) -> Result<Place, Error> {
    let start = position.key.parse().map_err(|_| {
        Error::invalid_parameter(
            "cursor",
            "invalid_cursor",
            "is not a cursor that this list gave out",
        )
    })?;
    Ok(Place {
        start,
        id: position.id,
    })
}
