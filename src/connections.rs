//! Connections with providers: what is done at the provider itself.

use delegate_core::error::Error;
use delegate_core::identifier::UserId;
use worker::Env;

use crate::platform::database::Database;

/// Takes the tokens of a connection back at its provider, as far as the provider offers that, and
/// answers whether it did. Asking twice does no harm. The row stays: whoever asks deletes it.
///
/// Nothing stores tokens yet, so there is nothing to take back.
#[expect(
    clippy::unused_async,
    reason = "asks the provider once there are tokens to take back"
)]
pub(crate) async fn disconnect(
    _env: &Env,
    _database: &Database,
    _user: &UserId,
    _connection: &str,
) -> Result<bool, Error> {
    Ok(false)
}
