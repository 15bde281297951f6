use delegate_core::account::{Address, PasswordReset, hash_password};
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{AuditId, EventId, ResetId, UserId, WorkId};
use delegate_core::limit::{RESET_LIFE, RESET_MAILS};
use delegate_core::secret::token_hash;
use delegate_core::token::reset_token;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::document::AttemptProblems;
use crate::api::users::ended_sessions;
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::deadline::Deadline;
use crate::http::limits::{self, Subjects};
use crate::http::reply::{Outcome, Reply};
use crate::http::source;
use crate::hub;
use crate::platform::database::violates;
use crate::platform::random;
use crate::store::attempts;
use crate::store::audit::{Action, Entry};
use crate::store::passwords::{self, Resettable};
use crate::store::sessions::{self, Ending, Which};

/// Whose password is to be set anew.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetRequest {
    /// The address that they sign in with.
    #[schema(max_length = 1000)]
    email: String,
}

/// The same for everybody.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResetRequested {
    /// For how many seconds the message is good, if one was sent.
    #[schema(example = 1800)]
    expires_in: i64,
}

/// Ask for a message that lets the password be set anew. The answer is the same, and takes as long,
/// whether or not somebody has the address
#[utoipa::path(
    post, path = "/api/v1/auth/password/reset", tag = "auth", security(()),
    request_body = ResetRequest,
    responses((status = 202, body = ResetRequested), AttemptProblems)
)]
#[worker::send]
pub(crate) async fn request_password_reset(
    call: Call,
    Json(request): Json<ResetRequest>,
) -> Outcome {
    let deadline = Deadline::begin();
    call.hide_times();
    limits::enter(&call).await?;
    begin(&call, &request.email).await?;
    deadline.passed().await;
    let requested = ResetRequested {
        expires_in: RESET_LIFE.num_seconds(),
    };
    Ok(Reply::of(&requested)?.with_status(202))
}

async fn begin(call: &Call, email: &str) -> Result<(), Error> {
    let now = call.started();
    let reset = ResetId::new(now, call.entropy()?);
    let work = WorkId::new(now, call.entropy()?);
    let audit = AuditId::new(now, call.entropy()?);
    let token = reset_token(&call.configuration().secret, &reset);
    let subjects = Subjects::of(call, email);
    // What is no address is nobody's, and takes the same way.
    let address = Address::parse(email);
    let key = address.as_ref().map_or("", Address::key);
    let mut statements = vec![attempts::from_anywhere(
        &subjects.mails,
        None,
        RESET_MAILS,
        now,
    )];
    statements.extend(passwords::begin_reset(
        key,
        (&reset, &token),
        &work,
        (&audit, &source::request(call)),
        now,
    )?);
    let answers = call.database().batch(statements).await?;
    if let Some(user) = answers.get(1).and_then(|answer| answer.text("user_id")) {
        if let Ok(user) = UserId::parse(&user) {
            call.set_user(&user);
        }
        call.wake(vec![work.to_string()]);
    }
    Ok(())
}

/// Set the password anew with the token of the message, once; every device is signed out. Two round
/// trips: nothing is hashed for a token that is not good
#[utoipa::path(
    post, path = "/api/v1/auth/password/reset/confirm", tag = "auth", security(()),
    request_body = PasswordReset,
    responses((status = 204, description = "Set"), AttemptProblems)
)]
#[worker::send]
pub(crate) async fn confirm_password_reset(
    call: Call,
    Json(reset): Json<PasswordReset>,
) -> Outcome {
    let (token, new) = reset.check()?;
    let now = call.started();
    let hash_of_token = token_hash(&token);
    limits::enter_unless(&call, Some((passwords::TOKEN_IS_GOOD, &hash_of_token))).await?;
    let found = call
        .database()
        .run(passwords::find_reset(&hash_of_token, now))
        .await?
        .first::<Resettable>()?
        .ok_or_else(refused)?;
    let user = UserId::parse(&found.user_id).map_err(|_| refused())?;
    call.set_user(&user);
    let hash = hash_password(&new, &random::bytes()?)?;
    let event = EventId::new(now, call.entropy()?);
    let source = source::request(&call);
    let entry = Entry::new(
        AuditId::new(now, call.entropy()?),
        &source,
        Action::PasswordReset,
    );
    let subjects = Subjects::of(&call, &found.email_key);
    let [ended, told] = sessions::end_some(&user, Which::All, Ending::PasswordReset, &event, now);
    let mut statements = vec![
        passwords::still_good(&hash_of_token),
        ended,
        told,
        passwords::set(&user, &hash),
        passwords::void_resets(&user),
        attempts::forget(&subjects.anywhere),
        attempts::forget(&subjects.mails),
        attempts::forget(&limits::current_password(&call, user.as_str())),
        attempts::know_place(&subjects.place, now),
        entry.written(&user, now),
    ];
    statements.extend(passwords::shut_out(&user, now)?);
    let answers = call.database().batch(statements).await.map_err(|error| {
        if violates(&error, passwords::USED) {
            refused()
        } else {
            error
        }
    })?;
    let ended = answers.get(1).map(ended_sessions).transpose()?;
    hub::end_or_log(call.env(), &user, &ended.unwrap_or_default()).await;
    call.announce(&user);
    Ok(Reply::no_content())
}

fn refused() -> Error {
    Error::new(
        Kind::Unauthenticated,
        "invalid_reset_token",
        "The token is unknown, expired, or was used before. Ask for a new message.",
    )
}
