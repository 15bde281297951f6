use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{AuditId, EventId, SessionId, UserId};
use delegate_core::secret::token_hash;
use delegate_core::time::Timestamp;
use delegate_core::token::{Credential, refresh_successor};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Tokens;
use crate::api::document::AttemptProblems;
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::reply::{Outcome, Reply};
use crate::http::{limits, source};
use crate::hub;
use crate::store::sessions::{self, Refreshed};

/// What refreshing takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    /// The refresh token of the last answer.
    #[schema(max_length = 200)]
    refresh_token: String,
}

/// Exchange a refresh token for new tokens
#[utoipa::path(
    post, path = "/api/v1/auth/refresh", tag = "auth", security(()),
    request_body = Refresh,
    responses((status = 200, body = Tokens), AttemptProblems)
)]
#[worker::send]
pub(crate) async fn refresh(call: Call, Json(input): Json<Refresh>) -> Outcome {
    let now = call.started();
    let hash = token_hash(&input.refresh_token);
    limits::enter_unless(&call, Some((sessions::TOKEN_IS_GOOD, &hash))).await?;
    let successor = refresh_successor(&call.configuration().secret, &input.refresh_token);
    let event = EventId::new(now, call.entropy()?);
    let audit = AuditId::new(now, call.entropy()?);
    let told = (&event, &audit, &source::request(&call));
    let statements = sessions::refresh(&input.refresh_token, &successor, told, now);
    let answers = call.database().batch(statements).await?;
    let refreshed = match answers.as_slice() {
        [.., last] => last.first::<Refreshed>()?.ok_or_else(refused)?,
        [] => return Err(Error::internal("D1 answered nothing").into()),
    };
    let user = UserId::parse(&refreshed.user_id).map_err(|_| refused())?;
    let session = SessionId::parse(&refreshed.session_id).map_err(|_| refused())?;
    call.set_user(&user);
    let reuse = answers.get(sessions::REUSE);
    if reuse.is_some_and(|answer| answer.changes() > 0) {
        let ended = [Credential::Session(session.clone())];
        hub::end_or_log(call.env(), &user, &ended).await;
        call.announce(&user);
    }
    let expired = Timestamp::parse(&refreshed.expires_at).is_none_or(|at| at <= now);
    if refreshed.ended_at.is_some() || expired {
        return Err(refused().into());
    }
    Ok(Reply::of(&Tokens::new(&call, &user, &session, successor)?)?)
}

fn refused() -> Error {
    Error::new(
        Kind::Unauthenticated,
        "invalid_refresh_token",
        "The refresh token is unknown, expired, or was used before. Sign in again.",
    )
}
