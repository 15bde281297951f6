use chrono::TimeDelta;
use delegate_core::account::{Address, PasswordChange, Verdict, hash_password, verify_password};
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{AuditId, EventId};
use delegate_core::limit::{GUESSES, too_many};

use crate::api::document::AttemptProblems;
use crate::api::users::ended_sessions;
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::caller::SignedIn;
use crate::http::reply::{Outcome, Reply};
use crate::http::{limits, source};
use crate::hub;
use crate::platform::database::violates;
use crate::platform::random;
use crate::store::attempts;
use crate::store::audit::{Action, Entry};
use crate::store::passwords::{self, Current};
use crate::store::sessions::{self, Ending, Which};

/// How long after signing in somebody without a password may give themselves one.
pub(crate) const RECENTLY: TimeDelta = TimeDelta::minutes(10);

/// Change the password; every other device is signed out. Two round trips: the hash must be verified
/// between reading it and replacing it
#[utoipa::path(
    post, path = "/api/v1/auth/password", tag = "auth", security(("access_token" = ["session"])),
    request_body = PasswordChange,
    responses((status = 204, description = "Changed"), AttemptProblems)
)]
#[worker::send]
pub(crate) async fn change_password(
    call: Call,
    caller: SignedIn,
    Json(change): Json<PasswordChange>,
) -> Outcome {
    let (current, new) = change.check()?;
    let now = call.started();
    let guesses = limits::current_password(&call, caller.user.as_str());
    let statements = vec![
        attempts::from_anywhere(&guesses, None, GUESSES, now),
        attempts::standing(&guesses, None, now),
        passwords::find_current(&caller.user, caller.session.as_str()),
    ];
    let answers = call.database().batch(statements).await?;
    let [counted, standing, found] = answers.as_slice() else {
        return Err(Error::internal("D1 answered fewer results than statements").into());
    };
    let judgement = attempts::judge(std::slice::from_ref(counted), standing, None)?;
    judgement.may.map_err(|until| too_many(until, now))?;
    let found = found
        .first::<Current>()?
        .ok_or_else(|| Error::internal("a session without its person"))?;
    let is_wrong = match found.password_hash.as_deref() {
        Some(stored) => verify_password(&current, Some(stored))? == Verdict::Wrong,
        None => !current.is_empty(),
    };
    if is_wrong {
        return Err(wrong_password().into());
    }
    if found.password_hash.is_none() && found.signed_in_at.plus(RECENTLY) <= now {
        return Err(Error::new(
            Kind::Forbidden,
            "recent_sign_in_needed",
            "The account has no password. Sign in again and set one within ten minutes.",
        )
        .into());
    }
    if Address::parse(&found.email_key).is_none() {
        return Err(Error::new(
            Kind::Conflict,
            "no_address_to_sign_in_with",
            "No mail address is known to be yours, so there is nothing to type with a password. Go \
             on signing in with your provider.",
        )
        .into());
    }
    let hash = hash_password(&new, &random::bytes()?)?;
    let event = EventId::new(now, call.entropy()?);
    let source = source::signed_in(&call, &caller);
    let entry = Entry::new(
        AuditId::new(now, call.entropy()?),
        &source,
        Action::PasswordChanged,
    );
    let others = Which::Others(&caller.session);
    let [ended, told] =
        sessions::end_some(&caller.user, others, Ending::PasswordChanged, &event, now);
    let statements = vec![
        passwords::replace(&caller.user, found.password_hash.as_deref(), &hash),
        ended,
        told,
        passwords::void_resets(&caller.user),
        attempts::forget(&guesses),
        entry.written(&caller.user, now),
    ];
    let answers = call.database().batch(statements).await.map_err(|error| {
        if violates(&error, passwords::OVERTAKEN) {
            wrong_password()
        } else {
            error
        }
    })?;
    let ended = answers.get(1).map(ended_sessions).transpose()?;
    hub::end_or_log(call.env(), &caller.user, &ended.unwrap_or_default()).await;
    call.announce(&caller.user);
    Ok(Reply::no_content())
}

/// Not a 401, which would make a client drop a session that is good.
fn wrong_password() -> Error {
    Error::new(
        Kind::Forbidden,
        "wrong_password",
        "The current password is not that.",
    )
}
