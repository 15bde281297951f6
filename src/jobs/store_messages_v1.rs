//! Takes some messages of an upload apart and stores each of them once.

use delegate_core::error::Error;
use delegate_core::identifier::{EmailId, EventId, ThreadId};
use delegate_core::mail::mbox::{self, Span};
use delegate_core::mail::parse::{self, ParseError};
use delegate_core::work::{Work, item_at};
use serde::Deserialize;
use worker::Range;

use super::{Effect, Step};
use crate::platform::clock;
use crate::store::emails::{self, NewEmail};
use crate::store::jobs::{self, Progress};

pub(super) async fn run(
    step: &Step<'_>,
    key: &str,
    escaped: bool,
    spans: &[Span],
) -> Result<Effect, Error> {
    let own_addresses = own_addresses(step).await?;
    let Some(bytes) = read(step, key, spans).await? else {
        return Ok(all_refused(
            step,
            spans,
            "upload_gone",
            "The upload is no longer there.",
        ));
    };
    let base = spans.first().map_or(0, |span| span.offset);
    let mut effect = Effect::default();
    let mut stored = Vec::new();
    for span in spans {
        let raw = slice(&bytes, base, *span);
        let raw = if escaped {
            mbox::unescape(raw)
        } else {
            raw.into()
        };
        match parse::parse(&raw) {
            Ok(message) => {
                let now = clock::now();
                let new = NewEmail {
                    id: EmailId::new(now, step.entropy()?),
                    thread: ThreadId::new(now, step.entropy()?),
                    event: EventId::new(now, step.entropy()?),
                    dedupe_key: parse::dedupe_key(&message, &raw),
                    message: &message,
                    raw_key: key,
                    span: *span,
                    escaped,
                };
                effect
                    .statements
                    .extend(emails::insert(&step.user, &new, &own_addresses, now)?);
                let mut named: Vec<&str> = message.references.iter().map(String::as_str).collect();
                if !named.is_empty() {
                    named.extend(message.message_id.as_deref());
                    effect
                        .statements
                        .extend(emails::merge_threads(&step.user, &named)?);
                }
                stored.push(new.id);
            }
            Err(error) => {
                effect.statements.extend(refuse(step, *span, error));
                effect.progress.done += 1;
            }
        }
    }
    if !stored.is_empty() {
        effect
            .follow_ups
            .push(Work::AnalyzeEmailsV1 { email_ids: stored });
    }
    Ok(effect)
}

async fn own_addresses(step: &Step<'_>) -> Result<Vec<String>, Error> {
    #[derive(Deserialize)]
    struct Row {
        address: String,
    }
    let rows = step
        .database
        .run(emails::own_addresses(&step.user))
        .await?
        .rows::<Row>()?;
    Ok(rows.into_iter().map(|row| row.address).collect())
}

/// The bytes from the first message to the end of the last, in one read.
async fn read(step: &Step<'_>, key: &str, spans: &[Span]) -> Result<Option<Vec<u8>>, Error> {
    let failed = |error: worker::Error| Error::unavailable(format!("R2: {error:?}"));
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else {
        return Ok(Some(Vec::new()));
    };
    let length = (last.offset + last.length).saturating_sub(first.offset);
    let range = Range::OffsetWithLength {
        offset: first.offset,
        length,
    };
    let bucket = step.env.bucket("MAIL").map_err(failed)?;
    let object = bucket
        .get(key)
        .range(range)
        .execute()
        .await
        .map_err(failed)?;
    match object.as_ref().and_then(worker::Object::body) {
        Some(body) => body.bytes().await.map(Some).map_err(failed),
        None => Ok(None),
    }
}

/// A message out of the bytes that were read; less of it where the object is shorter than it was.
fn slice(bytes: &[u8], base: u64, span: Span) -> &[u8] {
    let start = usize::try_from(span.offset.saturating_sub(base)).unwrap_or(usize::MAX);
    let length = usize::try_from(span.length).unwrap_or(usize::MAX);
    let end = start.saturating_add(length).min(bytes.len());
    bytes.get(start..end).unwrap_or_default()
}

fn refuse(
    step: &Step<'_>,
    span: Span,
    error: ParseError,
) -> Option<crate::platform::database::Statement> {
    let job = step.claimed.job_id.as_ref()?;
    let detail = error.to_string();
    Some(jobs::note_error(
        job,
        &step.claimed.id,
        &item_at(span),
        "not_a_message",
        &detail,
    ))
}

fn all_refused(step: &Step<'_>, spans: &[Span], code: &str, detail: &str) -> Effect {
    let statements = match &step.claimed.job_id {
        Some(job) => spans
            .iter()
            .map(|span| jobs::note_error(job, &step.claimed.id, &item_at(*span), code, detail))
            .collect(),
        None => Vec::new(),
    };
    let done = u32::try_from(spans.len()).unwrap_or(u32::MAX);
    Effect {
        statements,
        progress: Progress { done, total: None },
        ..Effect::default()
    }
}
