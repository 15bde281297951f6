//! Signing in and out with a password, and the password itself.

mod caller;
mod invitations;
mod key_set;
mod login;
mod logout;
mod password;
mod password_reset;
mod provider;
mod refresh;
mod register;

pub(crate) use caller::*;
pub(crate) use invitations::*;
pub(crate) use key_set::*;
pub(crate) use login::*;
pub(crate) use logout::*;
pub(crate) use password::*;
pub(crate) use password_reset::*;
pub(crate) use provider::*;
pub(crate) use refresh::*;
pub(crate) use register::*;

use delegate_core::error::Error;
use delegate_core::identifier::{SessionId, UserId};
use delegate_core::token::ACCESS_TOKEN_LIFE;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::call::Call;

/// What a device signs in with from now on.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// A JWT for the `Authorization` header.
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// For how many seconds the access token is good.
    expires_in: i64,
    /// What `/auth/refresh` takes, once.
    refresh_token: String,
}

impl Tokens {
    fn new(
        call: &Call,
        user: &UserId,
        session: &SessionId,
        refresh_token: String,
    ) -> Result<Self, Error> {
        let access_token = call
            .configuration()
            .keys
            .sign(user, session, call.started())
            .ok_or_else(|| Error::internal("signing an access token"))?;
        Ok(Self {
            access_token,
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_LIFE.num_seconds(),
            refresh_token,
        })
    }
}
