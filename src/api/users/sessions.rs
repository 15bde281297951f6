use delegate_core::error::Error;
use delegate_core::identifier::{AuditId, EventId, SessionId};
use delegate_core::token::Credential;
use serde::Deserialize;

use crate::api::document::{DeleteProblems, ReadProblems, SessionPage};
use crate::http::call::Call;
use crate::http::caller::SignedIn;
use crate::http::path::Id;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::http::source;
use crate::hub;
use crate::platform::database::Answer;
use crate::store::audit::{Action, Entry};
use crate::store::list::page_json;
use crate::store::sessions::{self, Ending, Which};

/// The devices that are signed in, the one used last first
#[utoipa::path(
    get, path = "/api/v1/users/me/sessions", tag = "users", security(("access_token" = ["session"])),
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = SessionPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_sessions(call: Call, caller: SignedIn, query: Query) -> Outcome {
    let query = query.known(&["limit", "cursor"])?;
    let scope = query.scope(caller.user.as_str(), "sessions");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let page = sessions::list(&caller.user, &caller.session, call.started())
        .page(position.as_ref(), limit);
    let answer = call.database().run(page).await?;
    Ok(Reply::passing(page_json(&answer, &scope, limit)?))
}

/// Sign one device out; it can be the one that asks
#[utoipa::path(
    delete, path = "/api/v1/users/me/sessions/{id}", tag = "users", security(("access_token" = ["session"])),
    params(("id" = String, Path)),
    responses((status = 204, description = "Signed out"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn end_session(call: Call, caller: SignedIn, Id(id): Id<SessionId>) -> Outcome {
    match end(&call, &caller, Which::One(&id)).await? {
        0 => Err(Error::not_found().into()),
        _ => Ok(Reply::no_content()),
    }
}

/// Sign every other device out
#[utoipa::path(
    delete, path = "/api/v1/users/me/sessions", tag = "users", security(("access_token" = ["session"])),
    responses((status = 204, description = "Only this device is signed in"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn end_other_sessions(call: Call, caller: SignedIn) -> Outcome {
    end(&call, &caller, Which::Others(&caller.session)).await?;
    Ok(Reply::no_content())
}

/// Ends sessions; answers how many.
async fn end(call: &Call, caller: &SignedIn, which: Which<'_>) -> Result<usize, Error> {
    let now = call.started();
    let event = EventId::new(now, call.entropy()?);
    let source = source::signed_in(call, caller);
    let object = match which {
        Which::One(session) => session.as_str(),
        Which::Others(_) | Which::All => "others",
    };
    let entry = Entry::new(
        AuditId::new(now, call.entropy()?),
        &source,
        Action::SessionEnded,
    );
    let [ended, told] = sessions::end_some(&caller.user, which, Ending::Revoked, &event, now);
    let entry = entry.on(object).written_if_changed(&caller.user, now);
    let answers = call.database().batch(vec![ended, told, entry]).await?;
    let ended = answers
        .first()
        .map(ended_sessions)
        .transpose()?
        .unwrap_or_default();
    hub::end_or_log(call.env(), &caller.user, &ended).await;
    call.announce(&caller.user);
    Ok(ended.len())
}

/// The sessions that a statement has ended.
pub(crate) fn ended_sessions(answer: &Answer) -> Result<Vec<Credential>, Error> {
    #[derive(Deserialize)]
    struct Ended {
        id: String,
    }
    let rows = answer.rows::<Ended>()?;
    let sessions = rows.iter().filter_map(|row| Credential::parse(&row.id));
    Ok(sessions.collect())
}
