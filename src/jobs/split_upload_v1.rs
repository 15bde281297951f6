//! Finds the messages of an upload, in one pass over the object and in bounded memory.

use delegate_core::error::Error;
use delegate_core::mail::mbox::{MboxError, Span, Splitter};
use delegate_core::work::{Work, item_at};
use futures_util::StreamExt as _;

use super::{Effect, Step};
use crate::platform::log::{Level, Line};
use crate::store::jobs::{self, Progress};

/// The largest message that is taken in: what the platform takes by mail, too.
pub(crate) const MAX_MESSAGE_BYTES: u64 = 25 * 1024 * 1024;
/// How many messages one step stores: 4 statements each and 7 for an answer, 350 at most.
const MESSAGES_PER_STEP: usize = 50;
/// How many bytes one step reads, so that memory stays bounded; one message may be larger.
const BYTES_PER_STEP: u64 = 2 * 1024 * 1024;

pub(super) async fn run(step: &Step<'_>, key: &str, is_mbox: bool) -> Result<Effect, Error> {
    let found = if is_mbox {
        split(step, key).await?
    } else {
        whole(step, key).await?
    };
    let spans = match found {
        Ok(spans) => spans,
        Err((code, detail)) => return Ok(refused(step, code, detail)),
    };
    let total = u32::try_from(spans.len()).unwrap_or(u32::MAX);
    let (fitting, large): (Vec<_>, Vec<_>) = spans
        .into_iter()
        .partition(|span| span.length <= MAX_MESSAGE_BYTES);
    let statements = match &step.claimed.job_id {
        Some(job) => large
            .iter()
            .map(|span| {
                let detail = format!("The message has {} bytes; 25 MiB is the most.", span.length);
                let item = item_at(*span);
                jobs::note_error(job, &step.claimed.id, &item, "message_too_large", &detail)
            })
            .collect(),
        None => Vec::new(),
    };
    let follow_ups = steps(fitting)
        .into_iter()
        .map(|spans| Work::StoreMessagesV1 {
            key: key.to_owned(),
            escaped: is_mbox,
            spans,
        })
        .collect();
    let done = u32::try_from(large.len()).unwrap_or(u32::MAX);
    let progress = Progress {
        done,
        total: Some(total),
    };
    Ok(Effect {
        statements,
        follow_ups,
        progress,
        ..Effect::default()
    })
}

/// Why an upload as a whole was not taken: a code and a sentence.
type Refusal = (&'static str, &'static str);

/// Where the messages of an mbox lie. One with nothing in it is no message.
async fn split(step: &Step<'_>, key: &str) -> Result<Result<Vec<Span>, Refusal>, Error> {
    let failed = |error: worker::Error| Error::unavailable(format!("R2: {error:?}"));
    let bucket = step.env.bucket("MAIL").map_err(failed)?;
    let Some(object) = bucket.get(key).execute().await.map_err(failed)? else {
        return Ok(Err(GONE));
    };
    let Some(body) = object.body() else {
        return Ok(Err(GONE));
    };
    let mut stream = body.stream().map_err(failed)?;
    let (mut splitter, mut spans, mut offset) = (Splitter::new(), Vec::new(), 0_u64);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(failed)?;
        match splitter.push(offset, &chunk) {
            Ok(found) => spans.extend(found),
            Err(error) => return refusal(error).map(Err),
        }
        offset += chunk.len() as u64;
    }
    match splitter.finish() {
        Ok(last) => spans.extend(last),
        Err(error) => return refusal(error).map(Err),
    }
    spans.retain(|span| span.length > 0);
    Ok(Ok(spans))
}

const GONE: Refusal = ("upload_gone", "The upload is no longer there.");

fn refusal(error: MboxError) -> Result<Refusal, Error> {
    match error {
        MboxError::NotAnMbox => Ok((
            "not_an_mbox",
            "The file does not begin as an mbox does, with a \"From \" line.",
        )),
        MboxError::Empty => Ok(("empty", "The file is empty.")),
        MboxError::Gap { .. } => Err(Error::internal(format!("splitting: {error}"))),
    }
}

/// The one message that the object is.
async fn whole(step: &Step<'_>, key: &str) -> Result<Result<Vec<Span>, Refusal>, Error> {
    let failed = |error: worker::Error| Error::unavailable(format!("R2: {error:?}"));
    let bucket = step.env.bucket("MAIL").map_err(failed)?;
    let Some(object) = bucket.head(key).await.map_err(failed)? else {
        return Ok(Err(GONE));
    };
    Ok(Ok(vec![Span {
        offset: 0,
        length: object.size(),
    }]))
}

/// Spans in groups that one step takes. A step reads from its first message to the end of its last,
/// so what is bounded is that range, whatever lies between.
fn steps(spans: Vec<Span>) -> Vec<Vec<Span>> {
    let mut groups: Vec<Vec<Span>> = Vec::new();
    for span in spans {
        let end = span.offset + span.length;
        match groups.last_mut() {
            Some(group)
                if group.len() < MESSAGES_PER_STEP
                    && group
                        .first()
                        .is_some_and(|first| end - first.offset <= BYTES_PER_STEP) =>
            {
                group.push(span);
            }
            _ => groups.push(vec![span]),
        }
    }
    groups
}

/// The effect where nothing of the upload can be taken.
fn refused(step: &Step<'_>, code: &str, detail: &str) -> Effect {
    Line::new(Level::Warn, "import.refused")
        .with("work.id", step.claimed.id.as_str())
        .with("code", code)
        .write();
    let note = step
        .claimed
        .job_id
        .as_ref()
        .map(|job| jobs::note_error(job, &step.claimed.id, "upload", code, detail));
    Effect {
        statements: note.into_iter().collect(),
        progress: Progress {
            done: 0,
            total: Some(0),
        },
        ..Effect::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(lengths: &[u64]) -> Vec<usize> {
        let mut offset = 0;
        let spans = lengths.iter().map(|length| {
            let span = Span {
                offset,
                length: *length,
            };
            offset += length;
            span
        });
        steps(spans.collect()).iter().map(Vec::len).collect()
    }

    #[test]
    fn a_step_takes_some_messages_and_some_bytes_but_a_large_message_alone() {
        assert_eq!(sizes(&[1; 120]), [50, 50, 20]);
        assert_eq!(sizes(&[1, BYTES_PER_STEP, 1, 1]), [1, 1, 2]);
        assert_eq!(sizes(&[MAX_MESSAGE_BYTES]), [1]);
        assert!(sizes(&[]).is_empty());
    }

    #[test]
    fn a_message_that_was_refused_is_not_read_between_two_that_were_not() {
        let spans = [(0, 10), (90_000_000, 10)];
        let spans = spans.map(|(offset, length)| Span { offset, length });
        assert_eq!(steps(spans.to_vec()).len(), 2);
    }
}
