use delegate_core::calendar::hours::document::{KeptWorkingHours, SHOWN, WorkingHours};
use delegate_core::error::Error;
use delegate_core::identifier::{EventId, UserId};
use delegate_core::patch::Draft;

use super::{MAX_TRIES, contended};
use crate::api::document::{ChangeProblems, ReadProblems};
use crate::http::body::{Json, Patch, parse};
use crate::http::call::Call;
use crate::http::caller::{CalendarRead, CalendarWrite, Caller, unauthenticated};
use crate::http::precondition::IfMatch;
use crate::http::reply::{Outcome, Reply};
use crate::store::documents::{self, Found, WORKING_HOURS};

/// When one works, and how one likes one's meetings
///
/// Before anything was said: Monday to Friday, nine to five, in the zone of the account.
#[utoipa::path(
    get, path = "/api/v1/calendar/working-hours", tag = "calendar", security(("access_token" = ["calendar:read"])),
    responses((status = 200, body = KeptWorkingHours, headers(("etag"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_working_hours(call: Call, caller: Caller<CalendarRead>) -> Outcome {
    let answer = call
        .database()
        .run(WORKING_HOURS.find(&caller.user))
        .await?;
    let found = documents::found(&answer)?.ok_or_else(unauthenticated)?;
    Ok(reply(found)?)
}

/// Say anew when one works: what is left out has its default
#[utoipa::path(
    put, path = "/api/v1/calendar/working-hours", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("If-Match" = Option<String>, Header)),
    request_body = WorkingHours,
    responses((status = 200, body = KeptWorkingHours, headers(("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn set_working_hours(
    call: Call,
    caller: Caller<CalendarWrite>,
    if_match: IfMatch,
    Json(input): Json<Draft>,
) -> Outcome {
    let document = read(input, None)?;
    let versions = if_match.versions();
    let replaced = replace(&call, &caller.user, &document, versions.as_deref()).await?;
    Ok(replaced.ok_or_else(|| IfMatch::failure(true))?)
}

/// Change when one works: objects are merged, lists are replaced whole, what is null has its default
#[utoipa::path(
    patch, path = "/api/v1/calendar/working-hours", tag = "calendar", security(("access_token" = ["calendar:write"])),
    params(("If-Match" = Option<String>, Header)),
    request_body(content = WorkingHours, content_type = "application/merge-patch+json"),
    responses((status = 200, body = KeptWorkingHours, headers(("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn update_working_hours(
    call: Call,
    caller: Caller<CalendarWrite>,
    if_match: IfMatch,
    Patch(input): Patch<Draft>,
) -> Outcome {
    let user = &caller.user;
    for _ in 0..MAX_TRIES {
        let answer = call.database().run(WORKING_HOURS.find(user)).await?;
        let found: Found<WorkingHours> = documents::found(&answer)?.ok_or_else(unauthenticated)?;
        let version = found.version;
        if !if_match.allows(version) {
            return Err(IfMatch::failure(true).into());
        }
        let document = read(input.clone(), Some(&found.document))?;
        let only = format!("[{version}]");
        if let Some(reply) = replace(&call, user, &document, Some(&only)).await? {
            return Ok(reply);
        }
    }
    Err(contended().into())
}

/// The document that is to be kept, or everything that is wrong with it.
fn read(input: Draft, other: Option<&WorkingHours>) -> Result<WorkingHours, Error> {
    let merged = input.over(other, &SHOWN);
    let merged = merged.map_err(|error| Error::internal(format!("merging: {error}")))?;
    parse::<WorkingHours>(merged.as_bytes())?.check()
}

/// Keeps a document in the place of one of these versions; `None` where there is another by now.
async fn replace(
    call: &Call,
    user: &UserId,
    document: &WorkingHours,
    versions: Option<&str>,
) -> Result<Option<Reply>, Error> {
    let now = call.started();
    let event = EventId::new(now, call.entropy()?);
    let statements = WORKING_HOURS.replace(user, document, versions, &event, now)?;
    let answers = call.database().batch(statements).await?;
    let found = answers.last().map(documents::found).transpose()?.flatten();
    let found = found.ok_or_else(unauthenticated)?;
    if answers.first().is_none_or(|answer| answer.changes() == 0) {
        return Ok(None);
    }
    call.announce(user);
    reply(found).map(Some)
}

fn reply(found: Found<WorkingHours>) -> Result<Reply, Error> {
    let kept = KeptWorkingHours {
        document: found.document,
        created_at: found.created_at,
        updated_at: found.updated_at,
    };
    Ok(Reply::of(&kept)?.with_version(found.version))
}
