//! API keys: what a program signs in with, for some scopes and until some day.
//!
//! The text of a key names the key and the person, so that the tenant of a request is known before
//! the database is asked, and ends with 256 random bits. It is shown once and stored as its hash.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, Violations};
use crate::identifier::{ApiKeyId, UserId};
use crate::scope::{Scope, check_scopes};
use crate::secret::encode;
use crate::text;
use crate::time::Timestamp;

/// What every key begins with: something that scanners for leaked secrets can look for.
pub const PREFIX: &str = "dlk_";
/// How many keys a person can have.
pub const MAX_KEYS: usize = 50;
/// The most characters of a key's name.
pub const MAX_NAME: usize = 100;

/// What making a key takes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyInput {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// What it may do.
    #[schema(min_items = 1)]
    pub scopes: Vec<Scope>,
    /// Until when it is good; for ever unless told otherwise.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<String>,
}

/// A key to be made, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// Until when it is good.
    pub expires_at: Option<Timestamp>,
}

impl ApiKeyInput {
    /// The key to be made, or everything that is wrong with it.
    pub fn check(self, now: Timestamp) -> Result<NewApiKey, Error> {
        let mut violations = Violations::default();
        let name = text::line(&self.name, "/name", MAX_NAME, &mut violations);
        let scopes = check_scopes(&self.scopes, "/scopes", &mut violations);
        let expires_at = check_expiry(self.expires_at.as_deref(), now, &mut violations);
        violations.into_result(NewApiKey {
            name,
            scopes,
            expires_at,
        })
    }
}

/// An expiry of a request body, which must lie ahead.
pub fn check_expiry(
    value: Option<&str>,
    now: Timestamp,
    violations: &mut Violations,
) -> Option<Timestamp> {
    let value = value?;
    match Timestamp::parse(value) {
        Some(at) if at > now => return Some(at),
        Some(_) => violations.add("/expires_at", "in_the_past", "must lie ahead"),
        None => violations.add(
            "/expires_at",
            "not_an_instant",
            "must be an instant (RFC 3339)",
        ),
    }
    None
}

/// A key, as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKey {
    /// Which one.
    #[schema(value_type = String)]
    pub id: ApiKeyId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// Until when it is good; null: for ever.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to within a minute; null: never.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When this last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// The text of a new key.
pub fn new_text(key: &ApiKeyId, user: &UserId, random: &[u8; 32]) -> String {
    let part = |id: &str| id.split_once('_').map_or("", |(_, part)| part).to_owned();
    format!(
        "{PREFIX}{}_{}_{}",
        part(key.as_str()),
        part(user.as_str()),
        encode(random)
    )
}

/// Which key of which person a text claims to be. Whether it is, the stored hash tells.
pub fn read_text(text: &str) -> Option<(ApiKeyId, UserId)> {
    let mut parts = text.strip_prefix(PREFIX)?.splitn(3, '_');
    let (key, user, secret) = (parts.next()?, parts.next()?, parts.next()?);
    if secret.len() != 43 {
        return None;
    }
    let key = ApiKeyId::parse(&format!("{}_{key}", ApiKeyId::PREFIX)).ok()?;
    let user = UserId::parse(&format!("{}_{user}", UserId::PREFIX)).ok()?;
    Some((key, user))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_names_itself_and_its_person() {
        let at = Timestamp::from_milliseconds(1_000);
        let (key, user) = (ApiKeyId::new(at, [1; 10]), UserId::new(at, [2; 10]));
        let text = new_text(&key, &user, &[255; 32]);
        assert_eq!(read_text(&text), Some((key, user)));
        assert_eq!(read_text(text.trim_end_matches('_')), read_text(&text));
        assert_eq!(
            read_text(text.get(..text.len() - 1).unwrap_or_default()),
            None
        );
        assert_eq!(read_text("dlk_"), None);
    }

    #[test]
    fn an_expiry_lies_ahead() {
        let now = Timestamp::from_milliseconds(1_000_000);
        let input = |expires_at: &str| ApiKeyInput {
            name: "a".to_owned(),
            scopes: vec![Scope::TasksRead],
            expires_at: Some(expires_at.to_owned()),
        };
        assert!(input("1970-01-01T00:00:01Z").check(now).is_err());
        assert!(input("tomorrow").check(now).is_err());
        assert!(input("2040-01-01T00:00:00Z").check(now).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,140}") {
            let _ = read_text(&text);
        }
    }
}
