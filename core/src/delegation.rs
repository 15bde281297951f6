//! Delegations: what one person lets another do for them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api_key::check_expiry;
use crate::error::{Error, Violations};
use crate::identifier::{DelegationId, UserId};
use crate::patch::{nullable, present};
use crate::scope::{Scope, check_scopes};
use crate::time::Timestamp;

/// How many people a person can let act for them.
pub const MAX_DELEGATIONS: u32 = 50;

/// What delegating takes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DelegationInput {
    /// Who may act: the identifier that they see as theirs under `/users/me`.
    #[schema(example = "usr_01kab0s3fpe2s9m8rtkx6hdzqv")]
    pub user_id: String,
    /// What they may do.
    #[schema(min_items = 1)]
    pub scopes: Vec<Scope>,
    /// Until when; until it is revoked unless told otherwise.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<String>,
}

/// A delegation to be made, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelegation {
    /// Who may act.
    pub delegate: UserId,
    /// What they may do.
    pub scopes: BTreeSet<Scope>,
    /// Until when.
    pub expires_at: Option<Timestamp>,
}

impl DelegationInput {
    /// The delegation to be made, or everything that is wrong with it.
    pub fn check(self, owner: &UserId, now: Timestamp) -> Result<NewDelegation, Error> {
        let mut violations = Violations::default();
        let delegate = UserId::parse(&self.user_id).unwrap_or_else(|_| {
            violations.add("/user_id", "not_an_identifier", "must be of the form usr_…");
            owner.clone()
        });
        if delegate == *owner && UserId::parse(&self.user_id).is_ok() {
            violations.add("/user_id", "oneself", "must be somebody else");
        }
        let scopes = check_delegated(&self.scopes, &mut violations);
        let expires_at = check_expiry(self.expires_at.as_deref(), now, &mut violations);
        violations.into_result(NewDelegation {
            delegate,
            scopes,
            expires_at,
        })
    }
}

fn check_delegated(scopes: &[Scope], violations: &mut Violations) -> BTreeSet<Scope> {
    for scope in scopes.iter().filter(|scope| !scope.can_be_delegated()) {
        let rule = format!("`{}` can't be delegated", scope.as_str());
        violations.add("/scopes", "not_delegable", rule);
    }
    check_scopes(scopes, "/scopes", violations)
}

/// A change to a delegation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DelegationPatch)]
pub struct DelegationPatchInput {
    /// What they may do from now on.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Vec<Scope>, required = false, min_items = 1)]
    pub scopes: Option<Vec<Scope>>,
    /// Until when; null: until it is revoked.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, format = DateTime, required = false)]
    pub expires_at: Option<Option<String>>,
}

/// A change to a delegation, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegationPatch {
    /// The new scopes.
    pub scopes: Option<BTreeSet<Scope>>,
    /// The new end.
    pub expires_at: Option<Option<Timestamp>>,
}

impl DelegationPatchInput {
    /// The change, or everything that is wrong with it.
    pub fn check(self, now: Timestamp) -> Result<DelegationPatch, Error> {
        let mut violations = Violations::default();
        let scopes = self
            .scopes
            .map(|scopes| check_delegated(&scopes, &mut violations));
        let expires_at = self
            .expires_at
            .map(|value| check_expiry(value.as_deref(), now, &mut violations));
        violations.into_result(DelegationPatch { scopes, expires_at })
    }
}

/// A person, as another sees them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Person {
    /// Who.
    pub id: String,
    /// What they are called.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
}

/// Which side of a delegation one is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Somebody may act for the one who asks.
    Given,
    /// The one who asks may act for somebody.
    Received,
}

/// A delegation, as either side sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Delegation {
    /// Which one.
    #[schema(value_type = String)]
    pub id: DelegationId,
    /// On which side the one who asks is.
    pub direction: Direction,
    /// Whose things.
    pub owner: Person,
    /// Who acts.
    pub delegate: Person,
    /// What they may do.
    pub scopes: BTreeSet<Scope>,
    /// Until when; null: until it is revoked.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When this last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> UserId {
        UserId::new(Timestamp::from_milliseconds(1), [1; 10])
    }

    #[test]
    fn nobody_delegates_to_themselves_nor_the_live_channel() {
        let input = DelegationInput {
            user_id: owner().to_string(),
            scopes: vec![Scope::Live],
            expires_at: None,
        };
        let error = input
            .check(&owner(), Timestamp::from_milliseconds(1))
            .expect_err("refused");
        let codes: Vec<_> = error.fields.iter().map(|field| field.code).collect();
        assert_eq!(codes, ["oneself", "not_delegable"]);
    }

    #[test]
    fn a_change_tells_absent_from_null() {
        let patch = |json: &str| {
            serde_json::from_str::<DelegationPatchInput>(json)
                .expect("readable")
                .check(Timestamp::from_milliseconds(1))
                .expect("good")
        };
        assert_eq!(patch("{}").expires_at, None);
        assert_eq!(patch(r#"{"expires_at":null}"#).expires_at, Some(None));
    }
}
