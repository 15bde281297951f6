use delegate_core::calendar::hours::values::Weekday;
use delegate_core::calendar::interval::Interval;
use delegate_core::calendar::words::interpret;
use delegate_core::calendar::words::interpretation::{Interpretation, RequestInWords};
use delegate_core::calendar::words::known::AHEAD_MS;
use delegate_core::calendar::words::reader::Context;
use delegate_core::token::Credential;

use crate::api::document::WriteProblems;
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::caller::{CalendarRead, Caller};
use crate::http::reply::{Outcome, Reply};
use crate::store::known;

/// What a request for a meeting in words means: the request for times that it is, what was taken as
/// usual, and what has to be asked
///
/// Names are those of people who let one see when they are free, of those one meets, and, for the
/// person on a device, of those they exchange mail with; events are those of the next 60 days. Nothing
/// is stored, and nothing is looked for: `request` is what `POST /calendar/slots` takes.
#[utoipa::path(
    post, path = "/api/v1/calendar/slots/interpretation", tag = "calendar", security(("access_token" = ["calendar:read"])),
    request_body = RequestInWords,
    responses((status = 200, body = Interpretation), WriteProblems)
)]
#[worker::send]
pub(crate) async fn interpret_request(
    call: Call,
    caller: Caller<CalendarRead>,
    Json(input): Json<RequestInWords>,
) -> Outcome {
    let text = input.check()?;
    let now = call.started();
    let start = now.milliseconds();
    let ahead = Interval {
        start,
        end: start.saturating_add(AHEAD_MS),
    };
    // Whom one exchanges mail with is more than the calendar tells.
    let is_person =
        matches!(caller.credential, Credential::Session(_)) && call.other_actor().is_none();
    let asked = known::find(&caller.user, ahead, is_person, now);
    let found = known::text(&call.database().run(asked).await?)?;
    let known = known::read(&found)?;
    let (people, events) = (known.people(), known.events(ahead)?);
    let interpretation = interpret(
        &text,
        &Context {
            now,
            time_zone: known.zone(),
            week_start: Weekday::Mo,
            people: &people,
            events: &events,
        },
    );
    Ok(Reply::of(&interpretation)?)
}
