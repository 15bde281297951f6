use delegate_core::error::{Error, Violations};
use delegate_core::identifier::{EmailId, EventId};
use delegate_core::patch::{nullable, present};
use delegate_core::text;
use serde::Deserialize;
use utoipa::ToSchema;

use super::changed;
use crate::api::document::{ChangeProblems, EmailView};
use crate::http::body::Patch;
use crate::http::call::Call;
use crate::http::caller::{Caller, EmailsWrite};
use crate::http::path::Id;
use crate::http::precondition::IfMatch;
use crate::http::reply::Outcome;
use crate::store::emails;

const MAX_LABELS: usize = 50;
const MAX_LABEL: usize = 100;

/// A change to a message: only what the reader says about it can change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmailPatch {
    /// Whether it was read.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    is_read: Option<bool>,
    /// The labels; the list is replaced whole.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    labels: Option<Option<Vec<String>>>,
}

impl EmailPatch {
    fn labels(&self) -> Result<Option<Vec<String>>, Error> {
        let Some(labels) = &self.labels else {
            return Ok(None);
        };
        let mut violations = Violations::default();
        let given = labels.as_deref().unwrap_or_default();
        if given.len() > MAX_LABELS {
            let rule = format!("must have at most {MAX_LABELS} entries");
            violations.add("/labels", "too_many", rule);
        }
        let mut kept: Vec<String> = Vec::new();
        for (index, label) in given.iter().take(MAX_LABELS).enumerate() {
            let label = text::line(
                label,
                &format!("/labels/{index}"),
                MAX_LABEL,
                &mut violations,
            );
            if !kept.contains(&label) {
                kept.push(label);
            }
        }
        violations.into_result(Some(kept))
    }
}

/// Change whether a message was read, and its labels
#[utoipa::path(
    patch, path = "/api/v1/emails/{id}", tag = "emails", security(("access_token" = ["emails:write"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body(content = EmailPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, body = EmailView, headers(("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn update_email(
    call: Call,
    caller: Caller<EmailsWrite>,
    Id(id): Id<EmailId>,
    if_match: IfMatch,
    Patch(patch): Patch<EmailPatch>,
) -> Outcome {
    let labels = patch.labels()?;
    let now = call.started();
    let event = EventId::new(now, call.entropy()?);
    let statements = emails::update(
        &caller.user,
        &id,
        patch.is_read,
        labels.as_deref(),
        if_match.versions().as_deref(),
        &event,
        now,
    )?;
    let reply = changed(&call.database().batch(statements).await?, "email")?;
    call.announce(&caller.user);
    Ok(reply)
}
