//! Delegations in D1, as either side sees them. What one covers is checked in `store::permits`.

use delegate_core::delegation::{DelegationPatch, MAX_DELEGATIONS, NewDelegation};
use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{DelegationId, EventId, UserId};
use delegate_core::time::Timestamp;

use super::list::List;
use super::tasks::json;
use crate::platform::database::{Statement, sql};

/// What of a delegation's JSON is the same for both sides, with `d`, `owner` and `delegate` joined.
macro_rules! common {
    () => {
        "'owner', json_object('id', owner.id, 'name', owner.name, 'email', owner.email), \
         'delegate', json_object('id', delegate.id, 'name', delegate.name, 'email', delegate.email), \
         'scopes', json(d.scopes), 'expires_at', d.expires_at, \
         'created_at', d.created_at, 'updated_at', d.updated_at)"
    };
}

macro_rules! people {
    () => {
        "JOIN users AS owner ON owner.id = d.user_id \
         JOIN users AS delegate ON delegate.id = d.delegate_id"
    };
}

/// What the database says when the one has a delegation by the other already.
pub(crate) const DELEGATED_ALREADY: &str =
    "UNIQUE constraint failed: delegations.user_id, delegations.delegate_id";

/// A new delegation to somebody who is there, unless there are too many: then nothing changes.
pub(crate) fn insert(
    owner: &UserId,
    id: &DelegationId,
    new: &NewDelegation,
    now: Timestamp,
) -> Result<Statement, Error> {
    Ok(sql(
        "INSERT INTO delegations (id, user_id, delegate_id, scopes, expires_at, created_at, updated_at)
         SELECT ?1, ?2, id, ?3, ?4, ?5, ?5 FROM users
         WHERE id = ?6 AND erasing_at IS NULL
           AND (SELECT COUNT(*) FROM delegations WHERE user_id = ?2) < ?7",
    )
    .bind(id.as_str())
    .bind(owner.as_str())
    .bind(json(&new.scopes)?)
    .bind(new.expires_at)
    .bind(now)
    .bind(new.delegate.as_str())
    .bind(MAX_DELEGATIONS))
}

/// How many delegations a person has given.
pub(crate) fn count(owner: &UserId) -> Statement {
    sql("SELECT COUNT(*) AS number FROM delegations WHERE user_id = ?").bind(owner.as_str())
}

/// Changes a delegation that the person has given.
pub(crate) fn update(
    owner: &UserId,
    id: &DelegationId,
    patch: &DelegationPatch,
    versions: Option<&str>,
    now: Timestamp,
) -> Result<Statement, Error> {
    let scopes = patch.scopes.as_ref().map(json).transpose()?;
    Ok(sql("UPDATE delegations SET scopes = COALESCE(?1, scopes),
           expires_at = CASE WHEN ?2 = 1 THEN ?3 ELSE expires_at END,
           version = version + 1, updated_at = ?4
         WHERE user_id = ?5 AND id = ?6
           AND (?7 IS NULL OR version IN (SELECT value FROM json_each(?7)))")
    .bind(scopes)
    .bind(patch.expires_at.is_some())
    .bind(patch.expires_at.flatten())
    .bind(now)
    .bind(owner.as_str())
    .bind(id.as_str())
    .bind(versions))
}

/// Tells both sides of a delegation, if the statement right before changed it.
pub(crate) fn tell(id: &DelegationId, event: &EventId, now: Timestamp) -> Statement {
    sql(concat!(
        "INSERT INTO outbox (id, user_id, type, occurred_at, data)
         SELECT ?1, side.value, ?2, ?3, json_object('id', d.id, ",
        common!(),
        " FROM delegations AS d ",
        people!(),
        " JOIN json_each(json_array(d.user_id, d.delegate_id)) AS side
         WHERE d.id = ?4 AND changes() > 0"
    ))
    .bind(event.as_str())
    .bind(EventType::DelegationUpdated.as_str())
    .bind(now)
    .bind(id.as_str())
}

/// The delegations of a person: those that they have given and those that they were given.
pub(crate) fn list(user: &UserId) -> List {
    List::of(
        user.as_str(),
        concat!(
            "(SELECT id, 'given' AS direction FROM delegations WHERE user_id = ? \
              UNION ALL SELECT id, 'received' FROM delegations WHERE delegate_id = ?) AS mine \
             JOIN delegations AS d ON d.id = mine.id ",
            people!()
        ),
        concat!(
            "json_object('id', d.id, 'direction', mine.direction, ",
            common!()
        ),
        "? IN (d.user_id, d.delegate_id)",
        "d.id",
    )
    .reading_with([user.as_str(), user.as_str()])
}

/// One delegation of a person, on whichever side they are.
pub(crate) fn find(user: &UserId, id: &DelegationId) -> Statement {
    sql(concat!(
        "SELECT json_object('id', d.id, 'direction', iif(d.user_id = ?1, 'given', 'received'), ",
        common!(),
        " AS delegation, d.version, d.user_id, d.delegate_id FROM delegations AS d ",
        people!(),
        " WHERE d.id = ?2 AND ?1 IN (d.user_id, d.delegate_id)"
    ))
    .bind(user.as_str())
    .bind(id.as_str())
}

/// Takes a delegation back, or gives it up, and tells both sides. Who they were comes first.
pub(crate) fn delete(
    user: &UserId,
    id: &DelegationId,
    events: [&EventId; 2],
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let data = json(&serde_json::json!({ "id": id }))?;
    let told = |event: &EventId, side: &'static str| {
        sql(format!(
            "INSERT INTO outbox (id, user_id, type, data, occurred_at)
             SELECT ?, {side}, ?, ?, ? FROM delegations
             WHERE id = ? AND ? IN (user_id, delegate_id)"
        ))
        .bind(event.as_str())
        .bind(EventType::DelegationDeleted.as_str())
        .bind(&data)
        .bind(now)
        .bind(id.as_str())
        .bind(user.as_str())
    };
    let [first, second] = events;
    Ok(vec![
        find(user, id),
        told(first, "user_id"),
        told(second, "delegate_id"),
        sql("DELETE FROM delegations WHERE id = ? AND ? IN (user_id, delegate_id)")
            .bind(id.as_str())
            .bind(user.as_str()),
    ])
}
