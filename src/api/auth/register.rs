use delegate_core::account::{Registration, Role, User, hash_password};
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{AuditId, SessionId, UserId};
use delegate_core::secret::token_hash;
use delegate_core::token::new_refresh_token;
use serde::Serialize;
use utoipa::ToSchema;

use super::Tokens;
use crate::api::document::AttemptProblems;
use crate::configuration::RegistrationPolicy;
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::limits::{self, Subjects};
use crate::http::reply::{Outcome, Reply};
use crate::http::source;
use crate::platform::database::violates;
use crate::platform::random;
use crate::store::audit::{Action, Entry};
use crate::store::{accounts, attempts, sessions};

/// Tokens, and who they are for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Registered {
    #[serde(flatten)]
    tokens: Tokens,
    /// The new person.
    user: User,
}

/// Register with a password; the first one owns the deployment. Two round trips: nothing is hashed
/// for somebody who may not
#[utoipa::path(
    post, path = "/api/v1/auth/register", tag = "auth", security(()),
    request_body = Registration,
    responses((status = 201, body = Registered, headers(("location"))), AttemptProblems)
)]
#[worker::send]
pub(crate) async fn register(call: Call, Json(registration): Json<Registration>) -> Outcome {
    let new = registration.check()?;
    let now = call.started();
    let user = UserId::new(now, call.entropy()?);
    let session = SessionId::new(now, call.entropy()?);
    let refresh_token = new_refresh_token(&random::bytes()?);
    let is_open = call.configuration().registration == RegistrationPolicy::Open;
    let invitation = new.invitation.as_deref().map(token_hash);
    limits::enter(&call).await?;
    let asked = accounts::may_register(invitation.as_deref(), is_open, now);
    let answer = call.database().run(asked).await?;
    answer.number("may").ok_or_else(invitation_needed)?;
    let hash = hash_password(&new.password, &random::bytes()?)?;
    let mut statements =
        accounts::register(&user, &new, &hash, invitation.as_deref(), is_open, now);
    // Right behind the statement that changes something where the person was registered.
    let source = source::session(&call, &user, &session);
    let entry = Entry::new(
        AuditId::new(now, call.entropy()?),
        &source,
        Action::Registered,
    );
    statements.push(entry.on(session.as_str()).written_if_changed(&user, now));
    let place = Subjects::of(&call, new.email.key()).place;
    statements.push(attempts::know_place(&place, now));
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
            return Err(invitation_needed().into());
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

/// The same whether or not somebody has the address.
fn invitation_needed() -> Error {
    Error::new(
        Kind::Forbidden,
        "invitation_needed",
        "Registration needs an invitation that is not used or expired.",
    )
}
