use delegate_core::account::{Registration, Role, User, hash_password};
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{SessionId, UserId};
use delegate_core::secret::token_hash;
use delegate_core::token::new_refresh_token;
use serde::Serialize;
use utoipa::ToSchema;

use super::Tokens;
use crate::api::document::WriteProblems;
use crate::configuration::RegistrationPolicy;
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::reply::{Outcome, Reply};
use crate::platform::database::violates;
use crate::platform::random;
use crate::store::{accounts, sessions};

/// Tokens, and who they are for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Registered {
    #[serde(flatten)]
    tokens: Tokens,
    /// The new person.
    user: User,
}

/// Register with a password; the first one owns the deployment
#[utoipa::path(
    post, path = "/api/v1/auth/register", tag = "auth", security(()),
    request_body = Registration,
    responses((status = 201, body = Registered, headers(("location"))), WriteProblems)
)]
#[worker::send]
pub(crate) async fn register(call: Call, Json(registration): Json<Registration>) -> Outcome {
    let new = registration.check()?;
    let now = call.started();
    let user = UserId::new(now, call.entropy()?);
    let session = SessionId::new(now, call.entropy()?);
    let refresh_token = new_refresh_token(&random::bytes()?);
    let hash = hash_password(&new.password, &random::bytes()?)?;
    let is_open = call.configuration().registration == RegistrationPolicy::Open;
    let invitation = new.invitation.as_deref().map(token_hash);
    let mut statements =
        accounts::register(&user, &new, &hash, invitation.as_deref(), is_open, now);
    statements.extend(sessions::open(
        &user,
        &session,
        (&call.network_address(), &call.user_agent()),
        &refresh_token,
        now,
    ));
    statements.push(accounts::find_role(&user));
    let answers = call.database().batch(statements).await.map_err(|error| {
        if violates(&error, accounts::ADDRESS_TAKEN) {
            Error::new(
                Kind::Conflict,
                "address_taken",
                "Somebody has this address already.",
            )
        } else {
            error
        }
    })?;
    let role = match answers
        .last()
        .and_then(|answer| answer.text("role"))
        .as_deref()
    {
        Some("owner") => Role::Owner,
        Some(_) => Role::Member,
        None => {
            return Err(Error::new(
                Kind::Forbidden,
                "invitation_needed",
                "Registration needs an invitation that is not used or expired.",
            )
            .into());
        }
    };
    let registered = Registered {
        tokens: Tokens::new(&call, &user, &session, refresh_token)?,
        user: User {
            id: user,
            email: new.email.as_str().to_owned(),
            name: new.name,
            time_zone: new.time_zone.name().to_owned(),
            role,
            addresses: vec![new.email.key().to_owned()],
            created_at: now,
            updated_at: now,
        },
    };
    Ok(Reply::of(&registered)?.created("/api/v1/users/me".to_owned()))
}
