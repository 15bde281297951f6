use delegate_core::connection::challenge_of;
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{AuditId, SessionId, UserId};
use delegate_core::secret::token_hash;
use delegate_core::token::new_refresh_token;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::auth::Tokens;
use crate::api::document::AttemptProblems;
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::reply::{Outcome, Reply};
use crate::http::{limits, source};
use crate::platform::random;
use crate::store::audit::{Action, Entry};
use crate::store::authorizations::{self, Used};
use crate::store::sessions;

/// What a page brings back from a visit to a provider.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    /// The one-time code of the page's address.
    #[schema(max_length = 100)]
    pub(crate) code: String,
    /// What the page kept, where it began with a challenge.
    #[serde(default)]
    #[schema(max_length = 128)]
    pub(crate) verifier: Option<String>,
}

impl Exchange {
    /// Whether it is the page that began. One that shows a verifier is not the page of a visit
    /// that began without a challenge: somebody put another visit's code into its address
    /// (RFC 9700, 4.8.2).
    pub(crate) fn is_of(&self, challenge: Option<&str>) -> bool {
        let shown = self.verifier.as_deref().map(challenge_of);
        shown.as_deref() == challenge
    }
}

/// Exchange the one-time code that a sign-in ended with for tokens. Two round trips: the code is
/// used up before it is looked at
#[utoipa::path(
    post, path = "/api/v1/auth/exchange", tag = "auth", security(()),
    request_body = Exchange,
    responses((status = 200, body = Tokens), AttemptProblems)
)]
#[worker::send]
pub(crate) async fn exchange(call: Call, Json(input): Json<Exchange>) -> Outcome {
    let now = call.started();
    let hash = token_hash(&input.code);
    limits::enter_unless(&call, Some((authorizations::CODE_IS_GOOD, &hash))).await?;
    let use_code = authorizations::use_code(&hash, false, now);
    let used = call.database().run(use_code).await?.first::<Used>()?;
    let used = used
        .filter(|used| input.is_of(used.challenge.as_deref()))
        .ok_or_else(unknown)?;
    let user = UserId::parse(&used.user_id).map_err(|_| unknown())?;
    call.set_user(&user);
    let session = SessionId::new(now, call.entropy()?);
    let refresh_token = new_refresh_token(&random::bytes()?);
    let device = (&*call.network_address(), &*call.user_agent());
    let mut statements = sessions::open(&user, &session, device, &refresh_token, now);
    let source = source::session(&call, &user, &session);
    let entry = Entry::new(
        AuditId::new(now, call.entropy()?),
        &source,
        Action::SignedIn,
    );
    statements.push(entry.on(session.as_str()).written_if_changed(&user, now));
    let answers = call.database().batch(statements).await?;
    if answers.first().is_none_or(|answer| answer.changes() == 0) {
        return Err(unknown().into());
    }
    let tokens = Tokens::new(&call, &user, &session, refresh_token)?;
    Ok(Reply::of(&tokens)?)
}

fn unknown() -> Error {
    invalid_code(Kind::Unauthenticated)
}

/// The same for a code that never was, is used up or too old, and for another page than began.
pub(crate) fn invalid_code(kind: Kind) -> Error {
    Error::new(
        kind,
        "invalid_code",
        "The code is unknown, expired, was used before, or belongs to another page. Begin again.",
    )
}
