use delegate_core::account::{Address, Credentials, Verdict, hash_password, verify_password};
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{SessionId, UserId};
use delegate_core::token::new_refresh_token;

use super::Tokens;
use crate::api::document::WriteProblems;
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::reply::{Outcome, Reply};
use crate::platform::random;
use crate::store::accounts::{self, Account};
use crate::store::sessions;

/// Sign in with a password. Two round trips: the hash must be verified between reading it and
/// opening the session
#[utoipa::path(
    post, path = "/api/v1/auth/login", tag = "auth", security(()),
    request_body = Credentials,
    responses((status = 200, body = Tokens), WriteProblems)
)]
#[worker::send]
pub(crate) async fn login(call: Call, Json(credentials): Json<Credentials>) -> Outcome {
    let account = match Address::parse(&credentials.email) {
        Some(address) => call
            .database()
            .run(accounts::find_account(&address))
            .await?
            .first::<Account>()?,
        None => None,
    };
    let stored = account
        .as_ref()
        .and_then(|account| account.password_hash.as_deref());
    let verdict = verify_password(&credentials.password, stored)?;
    let (Some(account), Some(stored), Verdict::Good | Verdict::GoodButOld) =
        (&account, stored, verdict)
    else {
        return Err(refused().into());
    };
    let user = UserId::parse(&account.id).map_err(|error| Error::internal(error.to_string()))?;
    call.set_user(&user);
    let now = call.started();
    let session = SessionId::new(now, call.entropy()?);
    let refresh_token = new_refresh_token(&random::bytes()?);
    let mut statements = sessions::open(
        &user,
        &session,
        (&call.network_address(), &call.user_agent()),
        &refresh_token,
        now,
    );
    if verdict == Verdict::GoodButOld {
        let hash = hash_password(&credentials.password, &random::bytes()?)?;
        statements.push(accounts::replace_hash(&user, stored, &hash));
    }
    call.database().batch(statements).await?;
    Ok(Reply::of(&Tokens::new(
        &call,
        &user,
        &session,
        refresh_token,
    )?)?)
}

/// The same for an address that nobody has and for a password that is not theirs.
fn refused() -> Error {
    Error::new(
        Kind::Unauthenticated,
        "invalid_credentials",
        "The address and the password do not belong together.",
    )
}
