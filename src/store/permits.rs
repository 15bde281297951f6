//! Permits: whether a request may do what it asks, answered by the database in the batch that does
//! it. The statement writes to the view `permits`, which stores nothing; its trigger undoes the
//! whole batch where the answer is no, and says why.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::TimeDelta;
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{SessionId, UserId};
use delegate_core::scope::Scope;
use delegate_core::time::Timestamp;

use crate::platform::database::{Statement, sql};

/// What is asked for. What is `None` is not asked.
pub(crate) struct Permit<'a> {
    /// Whose things.
    pub(crate) user: &'a UserId,
    /// Who acts.
    pub(crate) actor: &'a UserId,
    /// A session that must go on.
    pub(crate) session: Option<&'a SessionId>,
    /// The hash of a key that must be good.
    pub(crate) key_hash: Option<&'a str>,
    /// What the key, the delegation or both must cover.
    pub(crate) scope: Option<Scope>,
    /// What the one who acts must be.
    pub(crate) role: Option<&'static str>,
}

impl<'a> Permit<'a> {
    /// Asks whether somebody's account goes on, and no more.
    pub(crate) fn of_account(user: &'a UserId) -> Self {
        Self {
            user,
            actor: user,
            session: None,
            key_hash: None,
            scope: None,
            role: None,
        }
    }
}

/// The statement that asks.
pub(crate) fn check(permit: &Permit<'_>, now: Timestamp) -> Statement {
    sql(
        "INSERT INTO permits (user_id, actor_id, session_id, key_hash, scope, role, now)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(permit.user.as_str())
    .bind(permit.actor.as_str())
    .bind(permit.session.map(SessionId::as_str))
    .bind(permit.key_hash)
    .bind(permit.scope.map(Scope::as_str))
    .bind(permit.role)
    .bind(now)
}

/// The refusal that a failure of the database stands for, if it is one.
pub(crate) fn refusal(text: &str) -> Option<Error> {
    let (_, reason) = text.split_once("permit: ")?;
    let refusals = [
        (
            "account is gone",
            Kind::Unauthenticated,
            "unauthenticated",
            "The account of this token is gone.",
        ),
        (
            "session has ended",
            Kind::Unauthenticated,
            "unauthenticated",
            "The session of this token has ended.",
        ),
        (
            "key is not valid",
            Kind::Unauthenticated,
            "unauthenticated",
            "The API key is unknown, revoked or expired.",
        ),
        (
            "key lacks the scope",
            Kind::Forbidden,
            "insufficient_scope",
            "The API key does not have the scope that this needs.",
        ),
        (
            "delegation lacks the scope",
            Kind::Forbidden,
            "insufficient_scope",
            "The delegation does not cover this.",
        ),
        (
            "not the role",
            Kind::Forbidden,
            "owner_only",
            "Only the owner of the deployment may do this.",
        ),
    ];
    let found = refusals
        .into_iter()
        .find(|(sign, ..)| reason.starts_with(sign));
    // Whoever has no delegation is not told whether there is such a person.
    Some(
        found.map_or_else(Error::not_found, |(_, kind, code, detail)| {
            Error::new(kind, code, detail)
        }),
    )
}

/// How exactly the last use of a key is known.
const USE_NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// How many keys an isolate remembers to have noted; more than that and it begins anew.
const NOTED_KEYS: usize = 1_000;

thread_local! {
    /// When this isolate last noted the use of a key, by its hash.
    static NOTED: RefCell<HashMap<String, Timestamp>> = RefCell::default();
}

/// Whether the use of a key is to be written down: once a minute is enough.
pub(crate) fn is_use_to_be_noted(key_hash: &str, now: Timestamp) -> bool {
    NOTED.with_borrow(|noted| {
        noted
            .get(key_hash)
            .is_none_or(|at| at.plus(USE_NOTED_EVERY) <= now)
    })
}

/// Remembers that the use of a key, which is good, was written down.
pub(crate) fn remember_noted(key_hash: String, now: Timestamp) {
    NOTED.with_borrow_mut(|noted| {
        if noted.len() >= NOTED_KEYS {
            noted.clear();
        }
        noted.insert(key_hash, now);
    });
}

/// Notes the use of a key.
pub(crate) fn note_use(key_hash: &str, now: Timestamp) -> Statement {
    sql("UPDATE api_keys SET last_used_at = ?1
         WHERE key_hash = ?2 AND (last_used_at IS NULL OR last_used_at < ?1)")
    .bind(now)
    .bind(key_hash)
}

#[cfg(test)]
mod tests {
    use super::refusal;

    #[test]
    fn every_reason_of_the_trigger_has_its_answer() {
        let migration = include_str!("../../migrations/0003_identity.sql");
        let reasons: Vec<_> = migration
            .split("'permit: ")
            .skip(1)
            .filter_map(|rest| rest.split('\'').next())
            .collect();
        assert_eq!(reasons.len(), 7);
        let codes: Vec<_> = reasons
            .iter()
            .filter_map(|reason| refusal(&format!("D1_ERROR: permit: {reason}: SQLITE_CONSTRAINT")))
            .map(|error| error.code)
            .collect();
        assert_eq!(
            codes,
            [
                "unauthenticated",
                "unauthenticated",
                "owner_only",
                "unauthenticated",
                "insufficient_scope",
                "not_found",
                "insufficient_scope",
            ]
        );
    }
}
