use delegate_core::error::Error;
use delegate_core::identifier::EmailId;
use delegate_core::mail::mbox;
use worker::Range;

use crate::api::document::ReadProblems;
use crate::http::call::Call;
use crate::http::caller::{Caller, EmailsRead};
use crate::http::path::Id;
use crate::http::reply::{Outcome, Reply};
use crate::store::emails::{self, Source};

/// The source of a message (RFC 5322)
#[utoipa::path(
    get, path = "/api/v1/emails/{id}/raw", tag = "emails", security(("access_token" = ["emails:read"])),
    params(("id" = String, Path)),
    responses(
        (status = 200, description = "The message as it came in", content_type = "message/rfc822"),
        ReadProblems
    )
)]
#[worker::send]
pub(crate) async fn get_raw(
    call: Call,
    caller: Caller<EmailsRead>,
    Id(id): Id<EmailId>,
) -> Outcome {
    let answer = call
        .database()
        .run(emails::find_source(&caller.user, &id))
        .await?;
    let source = answer.first::<Source>()?.ok_or_else(Error::not_found)?;
    let failed = |error: worker::Error| Error::unavailable(format!("R2: {error:?}"));
    let bucket = call.env().bucket("MAIL").map_err(failed)?;
    let range = range(&source);
    let object = bucket
        .get(&source.key)
        .range(range)
        .execute()
        .await
        .map_err(failed)?;
    let body = object
        .as_ref()
        .and_then(worker::Object::body)
        .ok_or_else(Error::not_found)?;
    let bytes = body.bytes().await.map_err(failed)?;
    let bytes = if source.escaped == 1 {
        mbox::unescape(&bytes).into_owned()
    } else {
        bytes
    };
    Ok(Reply::bytes(bytes)
        .with_header("content-type", "message/rfc822")
        // Never shown inside a page of ours: a message is untrusted, and some are HTML at heart.
        .with_header(
            "content-disposition",
            format!("attachment; filename=\"{id}.eml\""),
        ))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "offsets are whole, not negative and below 2^53"
)]
fn range(source: &Source) -> Range {
    Range::OffsetWithLength {
        offset: source.offset as u64,
        length: source.length as u64,
    }
}
