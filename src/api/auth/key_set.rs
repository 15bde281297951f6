use crate::http::call::Call;
use crate::http::reply::{Outcome, Reply};

/// The public keys of access tokens (RFC 7517)
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "auth", security(()),
    responses((status = 200, description = "A JWK Set", body = Object))
)]
#[worker::send]
pub(crate) async fn get_key_set(call: Call) -> Outcome {
    // Kept for five minutes at most: that long somebody who verifies may not know a new key.
    Ok(Reply::json(call.configuration().keys.key_set())
        .with_header("cache-control", "public, max-age=300"))
}
