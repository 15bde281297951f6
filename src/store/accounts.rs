//! People and the addresses that are them, in D1.

use chrono_tz::Tz;
use delegate_core::account::{NewUser, UserPatch};
use delegate_core::identifier::{JobId, UserId, WorkId};
use delegate_core::time::Timestamp;
use delegate_core::work::Work;
use serde::Deserialize;

use super::{events, jobs, work};
use crate::platform::database::{Statement, sql};

/// The JSON of a person, as `delegate_core::account::User` serialises.
macro_rules! user_json {
    () => {
        "json_object('id', users.id, 'email', users.email, 'name', users.name, \
         'time_zone', users.time_zone, 'role', users.role, \
         'addresses', (SELECT json_group_array(address) FROM (SELECT address FROM user_addresses \
                       WHERE user_id = users.id ORDER BY created_at, address)), \
         'created_at', users.created_at, 'updated_at', users.updated_at)"
    };
}

/// What signing in needs to know of an account.
#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    /// Who.
    pub(crate) id: String,
    /// The hash of the password; none where there is no password.
    pub(crate) password_hash: Option<String>,
}

/// The statements that register a person, if they may: the first, or anybody where `is_open`, or
/// whoever has an unused invitation. The first one owns the deployment.
pub(crate) fn register(
    id: &UserId,
    new: &NewUser,
    password_hash: &str,
    invitation_hash: Option<&str>,
    is_open: bool,
    now: Timestamp,
) -> Vec<Statement> {
    vec![
        sql("INSERT INTO users
               (id, email, email_key, name, time_zone, role, password_hash, created_at, updated_at)
             SELECT ?1, ?2, ?3, ?4, ?5,
               CASE WHEN EXISTS (SELECT 1 FROM users) THEN 'member' ELSE 'owner' END, ?6, ?7, ?7
             WHERE ?8 = 1 OR NOT EXISTS (SELECT 1 FROM users) OR EXISTS (
               SELECT 1 FROM invitations
               WHERE token_hash = ?9 AND used_at IS NULL AND expires_at > ?7)")
        .bind(id.as_str())
        .bind(new.email.as_str())
        .bind(new.email.key())
        .bind(&new.name)
        .bind(new.time_zone.name())
        .bind(password_hash)
        .bind(now)
        .bind(is_open)
        .bind(invitation_hash),
        sql("UPDATE invitations SET used_by = ?1, used_at = ?2
             WHERE token_hash = ?3 AND used_at IS NULL
               AND EXISTS (SELECT 1 FROM users WHERE id = ?1)")
        .bind(id.as_str())
        .bind(now)
        .bind(invitation_hash),
        sql("INSERT INTO user_addresses (user_id, address, created_at)
             SELECT id, email_key, created_at FROM users WHERE id = ?")
        .bind(id.as_str()),
    ]
}

/// What SQLite says when somebody has the address already.
pub(crate) const ADDRESS_TAKEN: &str = "UNIQUE constraint failed: users.email_key";

/// The account behind an address.
pub(crate) fn find_account(address_key: &str) -> Statement {
    sql("SELECT id, password_hash FROM users WHERE email_key = ? AND erasing_at IS NULL")
        .bind(address_key)
}

/// Whether somebody may register: the first, or anybody where `is_open`, or whoever has an unused
/// invitation. Asked before anything is hashed for them; [`register`] decides.
pub(crate) fn may_register(
    invitation_hash: Option<&str>,
    is_open: bool,
    now: Timestamp,
) -> Statement {
    sql(
        "SELECT 1 AS may WHERE ?1 = 1 OR NOT EXISTS (SELECT 1 FROM users) OR EXISTS (
           SELECT 1 FROM invitations
           WHERE token_hash = ?2 AND used_at IS NULL AND expires_at > ?3)",
    )
    .bind(is_open)
    .bind(invitation_hash)
    .bind(now)
}

/// A person, as they see themselves, with the version.
pub(crate) fn find(user: &UserId) -> Statement {
    sql(concat!(
        "SELECT ",
        user_json!(),
        " AS user, version FROM users WHERE id = ?"
    ))
    .bind(user.as_str())
}

/// The zone a person's clock runs in.
pub(crate) fn find_zone(user: &UserId) -> Statement {
    sql("SELECT time_zone FROM users WHERE id = ?").bind(user.as_str())
}

/// The statements of a change to oneself, and what one then is (at the end). A new zone moves the
/// midnights that all-day tasks end with, which is work for later.
pub(crate) fn update(
    user: &UserId,
    patch: &UserPatch,
    versions: Option<&str>,
    (job, first): (&JobId, &WorkId),
    now: Timestamp,
) -> Result<Vec<Statement>, delegate_core::error::Error> {
    let zone = patch.time_zone.map(Tz::name);
    let mut statements = vec![
        sql("UPDATE users SET
               name = COALESCE(?1, name), time_zone = COALESCE(?2, time_zone),
               version = version + 1, updated_at = ?3
             WHERE id = ?4 AND (?5 IS NULL OR version IN (SELECT value FROM json_each(?5)))")
        .bind(patch.name.as_deref())
        .bind(zone)
        .bind(now)
        .bind(user.as_str())
        .bind(versions),
    ];
    if zone.is_some() {
        let resolve = Work::ResolveDuesV1;
        statements.push(jobs::insert_if_changed(user, job, "due_resolution", now));
        statements.push(work::insert(user, job, first, &resolve, now)?);
    }
    statements.push(find(user));
    Ok(statements)
}

/// The statements that make an address "me", and what one then is (at the end).
pub(crate) fn add_address(
    user: &UserId,
    address: &str,
    most: usize,
    now: Timestamp,
) -> Vec<Statement> {
    vec![
        sql("INSERT INTO user_addresses (user_id, address, created_at)
             SELECT ?1, ?2, ?3
             WHERE (SELECT COUNT(*) FROM user_addresses WHERE user_id = ?1) < ?4
             ON CONFLICT DO NOTHING")
        .bind(user.as_str())
        .bind(address)
        .bind(now)
        .bind(most),
        touch_if_changed(user, now),
        events::judge_again(user, address),
        sql("SELECT COUNT(*) AS number,
                    COALESCE(SUM(address = ?2), 0) AS present
             FROM user_addresses WHERE user_id = ?1")
        .bind(user.as_str())
        .bind(address),
    ]
}

/// The statements that make an address somebody else's. The one to sign in with stays.
pub(crate) fn remove_address(user: &UserId, address: &str, now: Timestamp) -> Vec<Statement> {
    vec![
        sql(
            "DELETE FROM user_addresses WHERE user_id = ?1 AND address = ?2
               AND address <> (SELECT email_key FROM users WHERE id = ?1)",
        )
        .bind(user.as_str())
        .bind(address),
        touch_if_changed(user, now),
        events::judge_again(user, address),
        sql("SELECT 1 AS present FROM user_addresses WHERE user_id = ? AND address = ?")
            .bind(user.as_str())
            .bind(address),
    ]
}

/// The addresses that are "me", as a page.
pub(crate) fn list_addresses(user: &UserId) -> Statement {
    sql("SELECT json_object(
           'items', (SELECT json_group_array(json_object(
                       'address', a.address, 'created_at', a.created_at,
                       'is_login', json(iif(a.address = u.email_key, 'true', 'false'))))
                     FROM (SELECT * FROM user_addresses WHERE user_id = u.id
                           ORDER BY created_at, address) AS a),
           'next_cursor', NULL) AS page
         FROM users AS u WHERE u.id = ?")
    .bind(user.as_str())
}

fn touch_if_changed(user: &UserId, now: Timestamp) -> Statement {
    sql("UPDATE users SET version = version + 1, updated_at = ? WHERE id = ? AND changes() > 0")
        .bind(now)
        .bind(user.as_str())
}

/// An invitation by somebody who owns the deployment.
pub(crate) fn invite(
    owner: &UserId,
    token_hash: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Statement {
    sql(
        "INSERT INTO invitations (token_hash, created_by, created_at, expires_at)
         VALUES (?, ?, ?, ?)",
    )
    .bind(token_hash)
    .bind(owner.as_str())
    .bind(now)
    .bind(expires_at)
}

/// What a person may do with the deployment; no row where there is no such person.
pub(crate) fn find_role(user: &UserId) -> Statement {
    sql("SELECT role FROM users WHERE id = ?").bind(user.as_str())
}
