use delegate_core::calendar::ics::Detail;
use delegate_core::error::Error;

use super::calendar_of;
use crate::api::document::ReadProblems;
use crate::calendar_text::{self, Writing};
use crate::http::call::Call;
use crate::http::caller::{CalendarRead, Caller};
use crate::http::query::Query;
use crate::http::reply::Outcome;
use crate::store::calendars;
use crate::store::feeds::Chosen;

/// A calendar, or all of them, as other programs read it (iCalendar, RFC 5545)
#[utoipa::path(
    get, path = "/api/v1/calendar/export.ics", tag = "calendar", security(("access_token" = ["calendar:read"])),
    params(("calendar_id" = Option<String>, Query, description = "All of them unless told otherwise")),
    responses((status = 200, content_type = "text/calendar", body = String), ReadProblems)
)]
#[worker::send]
pub(crate) async fn export_calendar(
    call: Call,
    caller: Caller<CalendarRead>,
    query: Query,
) -> Outcome {
    let query = query.known(&["calendar_id"])?;
    let calendar = calendar_of(&query)?;
    let name = match &calendar {
        None => String::new(),
        Some(id) => {
            let named = calendars::find_name(&caller.user, id);
            let answer = call.database().run(named).await?;
            answer.text("name").ok_or_else(Error::not_found)?
        }
    };
    let now = call.started();
    let writing = Writing {
        chosen: Chosen {
            user: caller.user.clone(),
            calendars: calendar.map(|id| vec![id]),
            from: None,
            busy_only: false,
        },
        name,
        detail: Detail::Full,
        now,
    };
    let reply = calendar_text::reply(&call, writing).await?;
    let day = now.to_utc().format("%Y-%m-%d");
    let disposition = format!("attachment; filename=\"delegate-{day}.ics\"");
    Ok(reply.with_header("content-disposition", disposition))
}
