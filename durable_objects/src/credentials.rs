//! The credentials of a person's connections: refreshed by one flight at a time, stored before they
//! are used.
//!
//! A provider may void a refresh token with the answer that brings its successor. So the answer goes
//! into the object's own storage before anything else is awaited, then into D1; killed in between,
//! the next look finds it there and carries on. Killed before the answer came, the former token is
//! tried again: a provider that has voided it says so, and the connection asks for its person.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use delegate_core::connection::{open_tokens, seal_tokens};
use delegate_core::identifier::{AuditId, ConnectionId, EventId, UserId};
use delegate_core::oauth::{self, Provider, ProviderSettings, TokenError, Tokens};
use delegate_core::seal;
use futures_util::lock::Mutex;
use serde::Deserialize;
use worker::{D1Database, Error, Result, SqlStorage, SqlStorageValue, console_warn};

use crate::clock::now;
use crate::connections::{self, Credential, Replacement, Verdict};
use crate::provider::{self, ProviderConfiguration};

/// The locks of a person's connections. Lost with the object, as whoever held them is.
#[derive(Default)]
pub(crate) struct Credentials {
    flights: RefCell<HashMap<String, Rc<Mutex<()>>>>,
}

/// What one look needs.
pub(crate) struct Look<'a> {
    pub(crate) configuration: &'a ProviderConfiguration,
    pub(crate) d1: &'a D1Database,
    pub(crate) sql: SqlStorage,
    pub(crate) user: &'a UserId,
    pub(crate) connection: &'a ConnectionId,
    /// The version of the row, as far as this look knows: what it judges.
    pub(crate) version: Cell<f64>,
}

/// Makes the table of answers on their way to D1.
pub(crate) fn prepare(sql: &SqlStorage) -> Result<()> {
    sql.exec(
        "CREATE TABLE IF NOT EXISTS refreshed (
           connection TEXT PRIMARY KEY, version REAL NOT NULL, sealed_tokens TEXT NOT NULL,
           sealed_with TEXT NOT NULL, expires_at TEXT NOT NULL, scopes TEXT NOT NULL)",
        None,
    )
    .map(|_| ())
}

impl Credentials {
    /// Looks whether a provider still takes the token of a connection, with a new one where the
    /// former has expired, and notes what it found. False where there is no such connection.
    pub(crate) async fn look(&self, look: Look<'_>) -> Result<bool> {
        let key = look.connection.to_string();
        let flight = Rc::clone(self.flights.borrow_mut().entry(key).or_default());
        let _one_at_a_time = flight.lock().await;
        look.carry_out().await
    }
}

/// Why a look goes no further.
enum Obstacle {
    /// As the connection shows it.
    Found(Verdict),
    /// The person has connected the account again, or is disconnecting it: what was looked at is
    /// not there any more.
    Overtaken,
    /// A fault of ours.
    Broken(Error),
}

impl From<Error> for Obstacle {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

impl From<TokenError> for Obstacle {
    fn from(error: TokenError) -> Self {
        let line = serde_json::json!({
            "level": "warn", "message": "provider.refused", "code": error.code(),
            "error": error.cause(),
        });
        console_warn!("{line}");
        Self::Found(if error.needs_person() {
            Verdict::Reauthorize(error.code())
        } else {
            Verdict::Failing(error.code())
        })
    }
}

impl From<provider::Unanswered> for Obstacle {
    fn from(unanswered: provider::Unanswered) -> Self {
        let line = serde_json::json!({
            "level": "warn", "message": "provider.unanswered", "error": unanswered.0,
        });
        console_warn!("{line}");
        Self::Found(Verdict::Failing("provider_unavailable"))
    }
}

impl Look<'_> {
    async fn carry_out(&self) -> Result<bool> {
        self.recover().await?;
        let Some(credential) = connections::find(self.d1, self.user, self.connection).await? else {
            return Ok(false);
        };
        let Some(sealed) = &credential.sealed_tokens else {
            // Nothing to look with: it is `reauthorize` already.
            return Ok(true);
        };
        self.version.set(credential.version);
        let verdict = match self.verdict(&credential, sealed).await {
            Ok(()) => Verdict::Healthy,
            Err(Obstacle::Found(verdict)) => verdict,
            Err(Obstacle::Overtaken) => return Ok(true),
            Err(Obstacle::Broken(error)) => return Err(error),
        };
        let now = now();
        let ids = (EventId::new(now, random()?), AuditId::new(now, random()?));
        connections::judge(
            self.d1,
            self.user,
            self.connection,
            (&verdict, self.version.get()),
            (&ids.0, &ids.1),
            now,
        )
        .await?;
        Ok(true)
    }

    async fn verdict(
        &self,
        credential: &Credential,
        sealed: &str,
    ) -> std::result::Result<(), Obstacle> {
        let settings = Provider::parse(&credential.provider)
            .and_then(|provider| self.configuration.settings(provider))
            .ok_or(Obstacle::Found(Verdict::Failing("provider_not_configured")))?;
        let mut tokens = self.open(credential, sealed)?;
        let is_fresh = tokens.is_fresh(now());
        if !is_fresh {
            tokens = self.refresh(settings, credential, &tokens).await?;
        } else if seal::id_of(sealed) != Some(self.configuration.sealing_keys.current_id()) {
            self.store(credential, &tokens).await?;
        }
        if is_taken(settings, &tokens).await? {
            return Ok(());
        }
        // One that should be good is not taken: whether the grant is over, a refresh tells.
        if is_fresh {
            tokens = self.refresh(settings, credential, &tokens).await?;
            if is_taken(settings, &tokens).await? {
                return Ok(());
            }
        }
        Err(Obstacle::Found(Verdict::Failing("token_not_taken")))
    }

    fn open(&self, credential: &Credential, sealed: &str) -> std::result::Result<Tokens, Obstacle> {
        let keys = &self.configuration.sealing_keys;
        let tokens = open_tokens(keys, &credential.account_key(), self.user, sealed);
        // A key that was taken away too early comes back; the tokens stay.
        tokens.ok_or(Obstacle::Found(Verdict::Failing("tokens_unreadable")))
    }

    /// Gets the successor of tokens and stores it: here first, before anything else is awaited.
    async fn refresh(
        &self,
        settings: &ProviderSettings,
        credential: &Credential,
        former: &Tokens,
    ) -> std::result::Result<Tokens, Obstacle> {
        let metadata = provider::metadata(settings).await?;
        let now = now();
        let tokens = oauth::refresh(settings, &metadata, former, now, &provider::send).await?;
        self.store(credential, &tokens).await?;
        Ok(tokens)
    }

    /// Seals tokens with the current key and stores them, unless the row has others by now.
    async fn store(
        &self,
        credential: &Credential,
        tokens: &Tokens,
    ) -> std::result::Result<(), Obstacle> {
        let keys = &self.configuration.sealing_keys;
        let key = credential.account_key();
        let sealed = seal_tokens(keys, &key, self.user, tokens, &random()?);
        let new = Replacement {
            version: self.version.get(),
            sealed_tokens: sealed.ok_or_else(|| fault("tokens that can't be sealed"))?,
            sealed_with: keys.current_id().to_owned(),
            expires_at: tokens.expires_at.to_string(),
            scopes: serde_json::to_string(&tokens.scopes).map_err(fault)?,
        };
        self.park(&new)?;
        if self.settle(&new).await? {
            Ok(())
        } else {
            Err(Obstacle::Overtaken)
        }
    }

    fn park(&self, new: &Replacement) -> Result<()> {
        self.sql
            .exec(
                "INSERT OR REPLACE INTO refreshed
                   (connection, version, sealed_tokens, sealed_with, expires_at, scopes)
                 VALUES (?, ?, ?, ?, ?, ?)",
                vec![
                    self.connection.to_string().into(),
                    SqlStorageValue::Float(new.version),
                    new.sealed_tokens.clone().into(),
                    new.sealed_with.clone().into(),
                    new.expires_at.clone().into(),
                    new.scopes.clone().into(),
                ],
            )
            .map(|_| ())
    }

    /// Writes parked tokens to D1. What D1 did not take is older than what it has.
    async fn settle(&self, new: &Replacement) -> Result<bool> {
        let now = now();
        let is_done = connections::replace(self.d1, self.user, self.connection, new, now).await?;
        if is_done {
            self.version.set(new.version + 1.0);
        }
        let connection = self.connection.to_string().into();
        self.sql.exec(
            "DELETE FROM refreshed WHERE connection = ?",
            vec![connection],
        )?;
        Ok(is_done)
    }

    /// Carries on where a kill came between the provider's answer and D1.
    async fn recover(&self) -> Result<()> {
        #[derive(Deserialize)]
        struct Row {
            #[serde(flatten)]
            new: Replacement,
        }
        let connection = self.connection.to_string().into();
        let rows: Vec<Row> = self
            .sql
            .exec(
                "SELECT version, sealed_tokens, sealed_with, expires_at, scopes FROM refreshed
                 WHERE connection = ?",
                vec![connection],
            )?
            .to_array()?;
        for row in rows {
            self.settle(&row.new).await?;
        }
        Ok(())
    }
}

/// Whether a provider takes an access token, by asking it who that is.
async fn is_taken(
    settings: &ProviderSettings,
    tokens: &Tokens,
) -> std::result::Result<bool, Obstacle> {
    let metadata = provider::metadata(settings).await?;
    let Some(endpoint) = metadata.userinfo_endpoint() else {
        return Ok(true);
    };
    let request = http::Request::get(endpoint)
        .header("accept", "application/json")
        .header(
            "authorization",
            format!("Bearer {}", tokens.access_token.expose()),
        )
        .body(Vec::new())
        .map_err(|_| provider::Unanswered("the address can't be used".to_owned()))?;
    let status = provider::send(request).await?.status();
    match status.as_u16() {
        200..=299 => Ok(true),
        401 | 403 => Ok(false),
        _ => Err(provider::Unanswered(format!("the provider answered {status}")).into()),
    }
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(fault)?;
    Ok(bytes)
}

fn fault(error: impl std::fmt::Display) -> Error {
    Error::RustError(error.to_string())
}
