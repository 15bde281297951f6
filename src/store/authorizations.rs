//! Visits to providers in D1: one that has begun, and what it came back with until the page that
//! began it exchanges its one-time code. Each is good once.

use delegate_core::connection::{CODE_LIFE, VISIT_LIFE};
use delegate_core::identifier::UserId;
use delegate_core::time::Timestamp;
use serde::Deserialize;

use crate::platform::database::{Statement, sql};

/// A visit that begins.
pub(crate) struct Visit<'a> {
    /// The hash of its state.
    pub(crate) state_hash: &'a str,
    /// The hash of what its browser keeps.
    pub(crate) browser_hash: &'a str,
    /// To which provider.
    pub(crate) provider: &'a str,
    /// What the ID token repeats.
    pub(crate) nonce: &'a str,
    /// What the exchange proves, sealed.
    pub(crate) sealed_verifier: &'a str,
    /// Which page it ends at.
    pub(crate) return_to: &'a str,
    /// The challenge of that page, if it gave one.
    pub(crate) challenge: Option<&'a str>,
    /// The hash of an invitation that a new account may use.
    pub(crate) invitation: Option<&'a str>,
    /// What is to be connected, as JSON; empty for signing in.
    pub(crate) access: &'a str,
}

/// A visit of somebody who is not known yet.
pub(crate) fn begin(visit: &Visit<'_>, now: Timestamp) -> Statement {
    sql(
        "INSERT INTO authorizations (state_hash, browser_hash, provider, nonce, verifier,
           return_to, challenge, invitation, scopes, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(visit.state_hash)
    .bind(visit.browser_hash)
    .bind(visit.provider)
    .bind(visit.nonce)
    .bind(visit.sealed_verifier)
    .bind(visit.return_to)
    .bind(visit.challenge)
    .bind(visit.invitation)
    .bind(visit.access)
    .bind(now.plus(VISIT_LIFE))
}

/// A visit that a person has asked for, before a browser makes it: it has a ticket in place of its
/// browser, and is moved on by [`depart`].
pub(crate) fn plan(
    user: &UserId,
    ticket_hash: &str,
    visit: &Visit<'_>,
    login_hint: Option<&str>,
    now: Timestamp,
) -> Statement {
    sql(
        "INSERT INTO authorizations (state_hash, browser_hash, provider, nonce, verifier,
           return_to, challenge, login_hint, user_id, scopes, expires_at)
         VALUES (?, '', ?, '', '', ?, ?, ?, ?, ?, ?)",
    )
    .bind(ticket_hash)
    .bind(visit.provider)
    .bind(visit.return_to)
    .bind(visit.challenge)
    .bind(login_hint)
    .bind(user.as_str())
    .bind(visit.access)
    .bind(now.plus(VISIT_LIFE))
}

/// What a planned visit was planned for.
#[derive(Debug, Deserialize)]
pub(crate) struct Planned {
    /// What is to be connected, as JSON.
    pub(crate) scopes: String,
    /// Which account is meant.
    pub(crate) login_hint: Option<String>,
}

/// Uses a ticket up, once: the plan becomes a visit of a browser.
pub(crate) fn depart(
    ticket_hash: &str,
    provider: &str,
    (state_hash, browser_hash): (&str, &str),
    (nonce, sealed_verifier): (&str, &str),
    now: Timestamp,
) -> Statement {
    sql(
        "UPDATE authorizations SET state_hash = ?, browser_hash = ?, nonce = ?, verifier = ?
         WHERE state_hash = ? AND provider = ? AND browser_hash = '' AND expires_at > ?
         RETURNING scopes, login_hint",
    )
    .bind(state_hash)
    .bind(browser_hash)
    .bind(nonce)
    .bind(sealed_verifier)
    .bind(ticket_hash)
    .bind(provider)
    .bind(now)
}

/// A visit that has come back.
#[derive(Debug, Deserialize)]
pub(crate) struct Claimed {
    /// What the ID token must repeat.
    pub(crate) nonce: String,
    /// What the exchange proves, sealed.
    pub(crate) verifier: String,
    /// Which page it ends at.
    pub(crate) return_to: String,
    /// The challenge of that page.
    pub(crate) challenge: Option<String>,
    /// The hash of an invitation.
    pub(crate) invitation: Option<String>,
    /// Whose account it connects to; none for signing in.
    pub(crate) user_id: Option<String>,
    /// What is to be connected, as JSON.
    pub(crate) scopes: String,
}

/// Claims a visit for the callback of its provider in its browser, once.
pub(crate) fn claim(
    state_hash: &str,
    browser_hash: &str,
    provider: &str,
    now: Timestamp,
) -> Statement {
    sql("UPDATE authorizations SET used_at = ?1
         WHERE state_hash = ?2 AND browser_hash = ?3 AND provider = ?4
           AND used_at IS NULL AND expires_at > ?1
         RETURNING nonce, verifier, return_to, challenge, invitation, user_id, scopes")
    .bind(now)
    .bind(state_hash)
    .bind(browser_hash)
    .bind(provider)
}

/// Keeps what a visit has come back with under a one-time code, for whom the statement's account
/// is: `users.id` of `from`, whose values are bound behind the three here.
pub(crate) fn keep(
    code_hash: &str,
    challenge: Option<&str>,
    grant: Option<&str>,
    from: &'static str,
    now: Timestamp,
) -> Statement {
    sql(format!(
        "INSERT INTO exchange_codes (code_hash, challenge, grant_json, expires_at, user_id)
         SELECT ?, ?, ?, ?, users.id FROM {from} AND users.erasing_at IS NULL"
    ))
    .bind(code_hash)
    .bind(challenge)
    .bind(grant)
    .bind(now.plus(CODE_LIFE))
}

/// A one-time code that was used.
#[derive(Debug, Deserialize)]
pub(crate) struct Used {
    /// Whose.
    pub(crate) user_id: String,
    /// The challenge of the page that began.
    pub(crate) challenge: Option<String>,
    /// What is to be connected, sealed.
    pub(crate) grant_json: Option<String>,
}

/// The rest of a `SELECT` that finds a code (its hash is `?5`, the moment `?2`), so that who has one
/// is not counted as a guesser.
pub(crate) const CODE_IS_GOOD: &str = "exchange_codes WHERE code_hash = ?5 AND expires_at > ?2";

/// Uses a code up, whoever brings it: one that was brought by somebody else is not good any more.
/// `connects` tells the kind of code.
pub(crate) fn use_code(code_hash: &str, connects: bool, now: Timestamp) -> Statement {
    sql("DELETE FROM exchange_codes
         WHERE code_hash = ? AND expires_at > ? AND (grant_json IS NOT NULL) = ?
         RETURNING user_id, challenge, grant_json")
    .bind(code_hash)
    .bind(now)
    .bind(connects)
}
