//! People's own keys at providers of models: sealed as providers' tokens are, and sealed anew where the
//! key that sealed them is not the first one any more.

use delegate_core::error::Error;
use delegate_core::identifier::UserId;
use delegate_core::oauth::Sensitive;
use delegate_core::seal::{Belonging, NONCE_BYTES};

use crate::configuration::Configuration;
use crate::platform::database::Database;
use crate::platform::log::{Level, Line};
use crate::platform::random;
use crate::store::model_keys::{self, SealedOtherwise};
use crate::store::models::OwnKey;

/// How many keys one hourly tick seals anew.
const PER_TICK: u32 = 200;

/// Where a sealed key belongs.
fn belonging<'a>(user: &'a UserId, provider: &'a str) -> Belonging<'a> {
    Belonging {
        table: "model_keys",
        row: provider,
        user: Some(user),
    }
}

/// Opens a key.
pub(super) fn open(
    configuration: &Configuration,
    user: &UserId,
    key: &OwnKey,
) -> Result<Sensitive, Error> {
    let keys = &configuration.providers.sealing_keys;
    let opened = keys
        .open(&key.sealed_key, belonging(user, &key.provider))
        .map_err(|refusal| Error::internal(format!("a sealed key of a model: {refusal:?}")))?;
    String::from_utf8(opened)
        .map(Sensitive::new)
        .map_err(|_| Error::internal("a sealed key of a model is no text"))
}

/// Tells the log of a key that does not open: its sealing key may be gone.
pub(super) fn report(user: &UserId, provider: &str, error: &Error) {
    Line::new(Level::Error, "model.key_unusable")
        .with("user.id", user.as_str())
        .with("model.provider", provider)
        .with("error", error.cause().unwrap_or_default())
        .write();
}

/// Seals a key.
pub(crate) fn seal(
    configuration: &Configuration,
    user: &UserId,
    provider: &str,
    key: &str,
) -> Result<String, Error> {
    let nonce = random::bytes::<NONCE_BYTES>()?;
    let keys = &configuration.providers.sealing_keys;
    keys.seal(key.as_bytes(), belonging(user, provider), &nonce)
        .ok_or_else(|| Error::internal("a key of a model can't be sealed"))
}

/// Seals anew what a former key sealed, so that it can go.
pub(crate) async fn seal_anew(
    configuration: &Configuration,
    database: &Database,
) -> Result<(), Error> {
    let current = configuration.providers.sealing_keys.current_id();
    let find = model_keys::find_sealed_otherwise(current, PER_TICK);
    let mut statements = Vec::new();
    for row in database.run(find).await?.rows::<SealedOtherwise>()? {
        let user = UserId::parse(&row.user_id);
        let user = user.map_err(|error| Error::internal(error.to_string()))?;
        // One that does not open must not keep the others from it.
        match open(configuration, &user, &row.key) {
            Ok(key) => {
                let sealed = seal(configuration, &user, &row.key.provider, key.expose())?;
                statements.push(model_keys::seal_anew(&user, &row.key, (&sealed, current)));
            }
            Err(error) => report(&user, &row.key.provider, &error),
        }
    }
    if !statements.is_empty() {
        database.batch(statements).await?;
    }
    Ok(())
}
