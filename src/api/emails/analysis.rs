use delegate_core::analysis::{Category, Priority};
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{EmailId, EventId};
use delegate_core::patch::nullable;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::versioned;
use crate::api::document::{AnalysisView, ChangeProblems, DeleteProblems, ReadProblems};
use crate::http::body::Patch;
use crate::http::call::Call;
use crate::http::caller::{Caller, EmailsRead, EmailsWrite};
use crate::http::path::Id;
use crate::http::precondition::IfMatch;
use crate::http::reply::Outcome;
use crate::platform::database::violates;
use crate::reading::analyze_again;
use crate::store::{emails, tasks};

/// What was made of a message
#[utoipa::path(
    get, path = "/api/v1/emails/{id}/analysis", tag = "emails", security(("access_token" = ["emails:read"])),
    params(("id" = String, Path)),
    responses((status = 200, body = AnalysisView, headers(("etag"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_analysis(
    call: Call,
    caller: Caller<EmailsRead>,
    Id(id): Id<EmailId>,
) -> Outcome {
    let answer = call
        .database()
        .run(emails::find_analysis(&caller.user, &id))
        .await?;
    Ok(versioned(&answer, "analysis").ok_or_else(Error::not_found)?)
}

/// How often a message is read again because its thread changed meanwhile.
const ATTEMPTS: u32 = 5;

/// Analyse a message again, with the model if there is one
///
/// Two round trips, since what is read is what is analysed; two more where a model is asked.
#[utoipa::path(
    post, path = "/api/v1/emails/{id}/analyze", tag = "emails", security(("access_token" = ["emails:write"])),
    params(("id" = String, Path)),
    responses((status = 200, body = AnalysisView, headers(("etag"))), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn analyze_email(
    call: Call,
    caller: Caller<EmailsWrite>,
    Id(id): Id<EmailId>,
) -> Outcome {
    let mut attempt = 1;
    let mut asked = None;
    let answers = loop {
        let way = (call.env(), call.database());
        let mut statements = analyze_again(way, &caller.user, &id, &mut asked).await?;
        statements.push(emails::find_analysis(&caller.user, &id));
        match call.database().batch(statements).await {
            Err(error) if attempt < ATTEMPTS && violates(&error, tasks::REQUESTS_CHANGED) => {
                attempt += 1;
            }
            outcome => break outcome?,
        }
    };
    call.announce(&caller.user);
    let reply = answers
        .last()
        .and_then(|answer| versioned(answer, "analysis"));
    Ok(reply.ok_or_else(Error::not_found)?)
}

/// What a person says the analysis should have said. Null takes a correction back: the engine's
/// own word comes with its next reading.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Correction {
    /// The kind.
    #[serde(
        default,
        deserialize_with = "nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<Category>)]
    category: Option<Option<Category>>,
    /// How soon it wants attention.
    #[serde(
        default,
        deserialize_with = "nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<Priority>)]
    priority: Option<Option<Priority>>,
    /// Whether the sender waits for an answer.
    #[serde(
        default,
        deserialize_with = "nullable",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<bool>)]
    needs_reply: Option<Option<bool>>,
}

/// Correct an analysis; what is set here is never overwritten by an engine
#[utoipa::path(
    patch, path = "/api/v1/emails/{id}/analysis", tag = "emails", security(("access_token" = ["emails:write"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body(content = Correction, content_type = "application/merge-patch+json"),
    responses((status = 200, body = AnalysisView, headers(("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn correct_analysis(
    call: Call,
    caller: Caller<EmailsWrite>,
    Id(id): Id<EmailId>,
    if_match: IfMatch,
    Patch(correction): Patch<Correction>,
) -> Outcome {
    let now = call.started();
    let event = EventId::new(now, call.entropy()?);
    let correction = tasks::json(&correction)?;
    let versions = if_match.versions();
    let statements = emails::correct(
        &caller.user,
        &id,
        &correction,
        versions.as_deref(),
        &event,
        now,
    );
    let answers = call.database().batch(statements).await?;
    let did_change = answers.first().is_some_and(|answer| answer.changes() > 0);
    let last = answers.last();
    let exists = last.is_some_and(|answer| answer.version().is_some());
    match last.and_then(|answer| versioned(answer, "analysis")) {
        Some(reply) if did_change => {
            call.announce(&caller.user);
            Ok(reply)
        }
        None if exists => Err(Error::new(
            Kind::Conflict,
            "not_analyzed",
            "The message has no analysis yet.",
        )
        .into()),
        found => Err(IfMatch::failure(found.is_some()).into()),
    }
}
