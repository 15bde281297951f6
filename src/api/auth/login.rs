use delegate_core::account::{Address, Credentials, Verdict, hash_password, verify_password};
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{AuditId, SessionId, UserId};
use delegate_core::limit::{GUESSES, too_many};
use delegate_core::token::new_refresh_token;
use serde_json::json;

use super::Tokens;
use crate::api::document::AttemptProblems;
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::deadline::Deadline;
use crate::http::limits::{self, Subjects};
use crate::http::reply::{Outcome, Reply};
use crate::http::source;
use crate::platform::database::violates;
use crate::platform::random;
use crate::store::accounts::{self, Account};
use crate::store::attempts::{self, Judgement};
use crate::store::audit::{Action, Entry};
use crate::store::passwords;
use crate::store::sessions;

/// Sign in with a password. Two round trips: the hash must be verified between reading it and
/// opening the session
#[utoipa::path(
    post, path = "/api/v1/auth/login", tag = "auth", security(()),
    request_body = Credentials,
    responses((status = 200, body = Tokens), AttemptProblems)
)]
#[worker::send]
pub(crate) async fn login(call: Call, Json(credentials): Json<Credentials>) -> Outcome {
    let deadline = Deadline::begin();
    limits::enter(&call).await?;
    let subjects = Subjects::of(&call, &credentials.email);
    let (judgement, account) = look_up(&call, &credentials, &subjects).await?;
    let stored = account
        .as_ref()
        .and_then(|account| account.password_hash.as_deref());
    let verdict = verify_password(&credentials.password, stored)?;
    let (Some(account), Some(stored), Verdict::Good | Verdict::GoodButOld) =
        (&account, stored, verdict)
    else {
        call.hide_times();
        deadline.passed().await;
        return Err(refused().into());
    };
    let user = UserId::parse(&account.id).map_err(|error| Error::internal(error.to_string()))?;
    call.set_user(&user);
    let now = call.started();
    let session = SessionId::new(now, call.entropy()?);
    let refresh_token = new_refresh_token(&random::bytes()?);
    let place = (&*call.network_address(), &*call.user_agent());
    let rehashed = match verdict {
        Verdict::GoodButOld => Some(hash_password(&credentials.password, &random::bytes()?)?),
        Verdict::Good | Verdict::Wrong => None,
    };
    let hash = rehashed.as_deref().unwrap_or(stored);
    let mut statements = vec![passwords::replace(&user, Some(stored), hash)];
    statements.extend(sessions::open(&user, &session, place, &refresh_token, now));
    let source = source::session(&call, &user, &session);
    let entry = Entry::new(
        AuditId::new(now, call.entropy()?),
        &source,
        Action::SignedIn,
    );
    statements.push(
        noting(entry, judgement)
            .on(session.as_str())
            .written(&user, now),
    );
    statements.push(attempts::know_place(&subjects.place, now));
    if !judgement.is_known_place {
        statements.push(attempts::forget(&subjects.anywhere));
    }
    let opened = call.database().batch(statements).await;
    opened.map_err(|error| {
        if violates(&error, passwords::OVERTAKEN) {
            refused()
        } else {
            error
        }
    })?;
    Ok(Reply::of(&Tokens::new(
        &call,
        &user,
        &session,
        refresh_token,
    )?)?)
}

/// Counts the try and, if it may be made, looks for the account: one round trip, whatever was typed.
async fn look_up(
    call: &Call,
    credentials: &Credentials,
    subjects: &Subjects,
) -> Result<(Judgement, Option<Account>), Error> {
    let now = call.started();
    let address = Address::parse(&credentials.email);
    let place = Some(subjects.place.as_str());
    let statements = vec![
        attempts::from_place(&subjects.place, GUESSES, now),
        attempts::from_anywhere(&subjects.anywhere, place, GUESSES, now),
        attempts::standing(&subjects.anywhere, place, now),
        accounts::find_account(address.as_ref().map_or("", Address::key)),
    ];
    let answers = call.database().batch(statements).await?;
    let [counted @ .., standing, account] = answers.as_slice() else {
        return Err(Error::internal("D1 answered fewer results than statements"));
    };
    let judgement = attempts::judge(counted, standing, place)?;
    judgement.may.map_err(|until| too_many(until, now))?;
    Ok((judgement, account.first::<Account>()?))
}

/// The entry with the tries that failed before, where there were some.
fn noting(entry: Entry<'_>, judgement: Judgement) -> Entry<'_> {
    match (judgement.failed, judgement.failed_elsewhere) {
        (0, 0) => entry,
        (failed, 0) => entry.with(&json!({"failed_attempts": failed})),
        (failed, elsewhere) => entry.with(&json!({
            "failed_attempts": failed, "failed_attempts_elsewhere": elsewhere,
        })),
    }
}

/// The same for an address that nobody has and for a password that is not theirs.
fn refused() -> Error {
    Error::new(
        Kind::Unauthenticated,
        "invalid_credentials",
        "The address and the password do not belong together.",
    )
}
