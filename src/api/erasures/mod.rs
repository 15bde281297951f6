//! Receipts of accounts that left. Whoever has the address of one may read it; it says nothing of
//! whose it is.

use delegate_core::error::Error;
use delegate_core::secret::token_hash;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::document::{Erasure, ReadProblems};
use crate::http::call::Call;
use crate::http::path::Id;
use crate::http::reply::{Outcome, Reply};
use crate::store::erasures;

/// Something that an erasure does not reach, or not at once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Kept {
    /// What.
    what: &'static str,
    /// For how long.
    how_long: &'static str,
    /// Why.
    why: &'static str,
}

/// docs/OPERATIONS.md says the same to who operates a deployment.
const KEPT: [Kept; 6] = [
    Kept {
        what: "Earlier states of the database (Cloudflare D1 Time Travel, Durable Objects)",
        how_long: "30 days; 7 days for the database on Cloudflare's free plan",
        why: "The platform keeps them to undo accidents, and offers no way to take one account out.",
    },
    Kept {
        what: "Lines of the log, with the identifier of the account but without its content",
        how_long: "7 days; 3 days on Cloudflare's free plan; longer where the operator sends them on",
        why: "To find the causes of faults.",
    },
    Kept {
        what: "Backups that the operator made",
        how_long: "As long as the operator keeps them",
        why: "They are outside of this service. An account that comes back with one can be erased again.",
    },
    Kept {
        what: "What the account did for others, in their audit trails, without its name and address",
        how_long: "As long as those accounts exist",
        why: "Others may know what was done in their accounts.",
    },
    Kept {
        what: "That somebody signed in from a network whose session had ended before, as a hash that nothing leads back from",
        how_long: "30 days after the last time",
        why: "It is part of the defence against guessed passwords, and can't be told apart from that of others.",
    },
    Kept {
        what: "This receipt",
        how_long: "Not limited",
        why: "So that you can show it. It does not say whose it is.",
    },
];

/// How an erasure stands: what was erased, and what the platform keeps for how long
#[utoipa::path(
    get, path = "/api/v1/erasures/{receipt}", tag = "users", security(()),
    params(("receipt" = String, Path)),
    responses((status = 200, body = Erasure), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_erasure(call: Call, Id(receipt): Id<String>) -> Outcome {
    let answer = call
        .database()
        .run(erasures::find(&token_hash(&receipt)))
        .await?;
    let mut text = answer.text("erasure").ok_or_else(Error::not_found)?;
    let kept = serde_json::to_string(&KEPT)
        .map_err(|error| Error::internal(format!("serialising: {error}")))?;
    text.pop();
    text.extend([",\"kept\":", &kept, "}"]);
    Ok(Reply::json(text))
}
