use chrono::TimeDelta;
use delegate_core::identifier::AuditId;
use delegate_core::secret::{encode, token_hash};
use delegate_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::document::{Problem, ReadProblems};
use crate::http::call::Call;
use crate::http::caller::Owner;
use crate::http::reply::{Outcome, Reply};
use crate::http::source;
use crate::platform::random;
use crate::store::accounts;
use crate::store::audit::{Action, Entry};

/// How long an invitation is good.
const LIFE: TimeDelta = TimeDelta::days(7);

/// An invitation. Its text is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct Invitation {
    /// What to register with.
    invitation: String,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Invite somebody to register; the owner of the deployment may
#[utoipa::path(
    post, path = "/api/v1/auth/invitations", tag = "auth", security(("access_token" = ["owner"])),
    responses((status = 201, body = Invitation), (status = 403, description = "Not the owner", body = Problem,
         content_type = "application/problem+json"), ReadProblems)
)]
#[worker::send]
pub(crate) async fn create_invitation(call: Call, Owner(owner): Owner) -> Outcome {
    let now = call.started();
    let expires_at = now.plus(LIFE);
    let invitation = encode(&random::bytes::<24>()?);
    let source = source::signed_in(&call, &owner);
    let entry = Entry::new(AuditId::new(now, call.entropy()?), &source, Action::Invited);
    let statements = vec![
        accounts::invite(&owner.user, &token_hash(&invitation), expires_at, now),
        entry.written(&owner.user, now),
    ];
    call.database().batch(statements).await?;
    Ok(Reply::of(&Invitation {
        invitation,
        expires_at,
    })?
    .with_status(201))
}
