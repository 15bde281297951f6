//! Takes a connection away: revokes its tokens at the provider, then erases it here.

use delegate_core::connection::open_tokens;
use delegate_core::error::{Error, Kind};
use delegate_core::event::EventType;
use delegate_core::identifier::{ConnectionId, EventId, UserId};
use delegate_core::oauth::{Provider, Revocation, TokenError, revoke};
use delegate_core::work::MAX_ATTEMPTS;
use delegate_durable_objects::provider;
use serde_json::json;

use super::{Effect, Progress, Step};
use crate::configuration::Configuration;
use crate::hub;
use crate::platform::clock;
use crate::platform::log::{Level, Line};
use crate::store::connections::{self, Revocable};
use crate::store::outbox;

/// What the last attempt does not get done at the provider, it leaves: here the tokens are erased
/// in any case, and the person is told to look.
const LAST_ATTEMPT: u32 = MAX_ATTEMPTS - 1;

pub(super) async fn run(step: &Step<'_>, id: &ConnectionId) -> Result<Effect, Error> {
    // The hub first ends a refresh that is under way, and writes what came of it to the row.
    match hub::check_connection(step.env, &step.user, id).await {
        Ok(()) => {}
        Err(error) if error.kind == Kind::NotFound => {}
        Err(error) => return Err(error),
    }
    let find = connections::find_disconnecting(&step.user, id);
    let found = step.database.run(find).await?.first::<Revocable>()?;
    let mut effect = Effect {
        progress: Progress {
            done: 1,
            total: Some(1),
        },
        ..Effect::default()
    };
    let Some(connection) = found else {
        return Ok(effect);
    };
    let configuration = Configuration::of(step.env)?;
    let revoked = match revoke_tokens(&configuration, &step.user, &connection).await {
        Ok(revoked) => revoked,
        Err(error) if step.claimed.attempts < LAST_ATTEMPT => return Err(error),
        Err(error) => {
            Line::new(Level::Warn, "provider.not_revoked")
                .with("work.id", step.claimed.id.as_str())
                .with("error", error.cause().unwrap_or_default())
                .write();
            Revoked::Unknown
        }
    };
    let now = clock::now();
    let event = EventId::new(now, step.entropy()?);
    let data = json!({ "id": id, "revoked": revoked.as_str() }).to_string();
    effect.statements = vec![
        connections::delete(&step.user, id),
        outbox::append(&step.user, &event, EventType::ConnectionDeleted, &data, now),
    ];
    Ok(effect)
}

/// What became of tokens at their provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Revoked {
    /// They are void.
    Done,
    /// There were none.
    NothingToRevoke,
    /// The provider has no way to be told: the person removes the application in their account.
    NotOffered,
    /// The provider could not be told, however often it was tried.
    Unknown,
}

impl Revoked {
    /// The name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Done => "revoked",
            Self::NothingToRevoke => "nothing_to_revoke",
            Self::NotOffered => "not_offered",
            Self::Unknown => "unknown",
        }
    }
}

/// Revokes the tokens of a connection at their provider. Doing it twice does no harm.
pub(crate) async fn revoke_tokens(
    configuration: &Configuration,
    user: &UserId,
    connection: &Revocable,
) -> Result<Revoked, Error> {
    let Some(sealed) = &connection.sealed_tokens else {
        return Ok(Revoked::NothingToRevoke);
    };
    let settings = Provider::parse(&connection.provider)
        .and_then(|provider| configuration.providers.settings(provider));
    let Some(settings) = settings else {
        return Ok(Revoked::Unknown);
    };
    let keys = &configuration.providers.sealing_keys;
    let tokens = open_tokens(keys, &connection.account_key(), user, sealed);
    let Some(tokens) = tokens else {
        return Ok(Revoked::Unknown);
    };
    let metadata = provider::metadata(settings)
        .await
        .map_err(|unanswered| Error::unavailable(unanswered.0))?;
    let outcome = revoke(settings, &metadata, &tokens, clock::now(), &provider::send).await;
    match outcome {
        // Or the grant was over before.
        Ok(Revocation::Revoked) | Err(TokenError::InvalidGrant(_)) => Ok(Revoked::Done),
        Ok(Revocation::NotOffered) => Ok(Revoked::NotOffered),
        Err(error) => Err(Error::unavailable(error.cause().to_owned())),
    }
}
