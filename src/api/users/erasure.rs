use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{AuditId, EventId, UserId, WorkId};
use delegate_core::secret::{encode, token_hash};
use delegate_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::auth::RECENTLY;
use crate::api::document::ReadProblems;
use crate::http::call::Call;
use crate::http::caller::{SignedIn, distrust};
use crate::http::limits;
use crate::http::reply::{Outcome, Reply};
use crate::hub;
use crate::platform::database::{Answer, Statement};
use crate::platform::random;
use crate::store::attempts;
use crate::store::audit::{Action, Entry, Source};
use crate::store::erasures::{self, OtherSide, Traces};
use crate::store::passwords::{self, Current};

/// What is left to somebody who leaves.
#[derive(Serialize, ToSchema)]
pub(crate) struct Receipt {
    /// Tells how far the erasure is, and what was erased. It needs no login and is told only here.
    receipt_url: String,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    requested_at: Timestamp,
}

/// Erase the account and everything in it. Every device is signed out at once; the rest follows
/// within minutes, and can't be stopped or undone
#[utoipa::path(
    delete, path = "/api/v1/users/me", tag = "users", security(("access_token" = ["session"])),
    responses((status = 202, body = Receipt, headers(("location"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn delete_me(call: Call, caller: SignedIn) -> Outcome {
    let now = call.started();
    let user = &caller.user;
    // Who is to be told must be known, and what was counted: a round trip of its own.
    let read = vec![
        erasures::other_sides(user),
        erasures::traces(user),
        passwords::find_current(user, caller.session.as_str()),
    ];
    let [others, traces, current]: [Answer; 3] = call
        .database()
        .batch(read)
        .await?
        .try_into()
        .map_err(|_| Error::internal("D1 answered fewer results than statements"))?;
    check_recent(current.first::<Current>()?, now)?;
    let others: Vec<(String, UserId)> = others
        .rows::<OtherSide>()?
        .into_iter()
        .filter_map(|side| Some((side.id, UserId::parse(&side.user_id).ok()?)))
        .collect();
    let receipt = encode(&random::bytes::<32>()?);
    let first = WorkId::new(now, call.entropy()?);
    let entry = AuditId::new(now, call.entropy()?);
    let hash = token_hash(&receipt);
    let mut statements = erasures::begin(user, (&hash, &first), &entry, now)?;
    statements.extend(forget_attempts(&call, user, traces.first::<Traces>()?)?);
    for (delegation, other) in &others {
        let event = EventId::new(now, call.entropy()?);
        let id = AuditId::new(now, call.entropy()?);
        let service = Source::service();
        let entry = Entry::new(id, &service, Action::DelegationDeleted).on(delegation);
        statements.push(erasures::tell_other_side(delegation, other, &event, now)?);
        statements.push(entry.written_where(other, now, "FROM users WHERE id = ?2"));
    }
    call.database().batch(statements).await?;
    distrust(user);
    call.wake(vec![first.to_string()]);
    for (_, other) in &others {
        call.announce(other);
    }
    // Before the answer: who is told that the account is gone must not hear anything any more. If
    // this fails, the end of the erasure does it.
    let closed = hub::erase(call.env(), user).await;
    let place = format!("/api/v1/erasures/{receipt}");
    let body = Receipt {
        receipt_url: format!("{}{place}", call.configuration().public_url),
        requested_at: now,
    };
    Ok(Reply::of(&body)?
        .with_status(202)
        .with_header("location", place)
        .with_cause(closed.as_ref().err().and_then(Error::cause)))
}

/// Who signed in a while ago signs in again first: there is no way back, and an access token that
/// somebody else got hold of must not be enough.
fn check_recent(current: Option<Current>, now: Timestamp) -> Result<(), Error> {
    if current.is_some_and(|current| current.signed_in_at.plus(RECENTLY) > now) {
        return Ok(());
    }
    Err(Error::new(
        Kind::Forbidden,
        "recent_sign_in_needed",
        "To erase the account, sign in again and ask within ten minutes.",
    ))
}

/// What was counted of tries to sign in, as far as the networks are known that it was from.
fn forget_attempts(
    call: &Call,
    user: &UserId,
    traces: Option<Traces>,
) -> Result<Option<Statement>, Error> {
    let Some(Traces {
        email_key,
        addresses,
    }) = traces
    else {
        return Ok(None);
    };
    let addresses: Vec<String> = serde_json::from_str(&addresses)
        .map_err(|error| Error::internal(format!("network addresses: {error}")))?;
    let subjects = limits::of_account(call, user.as_str(), &email_key, &addresses);
    Ok(Some(attempts::forget_all(&subjects)))
}
