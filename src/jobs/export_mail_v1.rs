//! Goes on with the archive of an export: messages, as the API shows them and as they came in.
//!
//! What a step holds is bounded: sources are read in ranges of their uploads of a few MiB, and a
//! message that is larger than that goes from R2 into the archive in chunks.

use delegate_core::error::Error;
use delegate_core::identifier::EmailId;
use delegate_core::mail::mbox::{self, Unescaper};
use delegate_core::time::Timestamp;
use delegate_core::work::{ExportPlace, Work};
use futures_util::StreamExt as _;
use worker::{Bucket, Range};

use super::archiving::{Parts, job};
use super::{Effect, Step};
use crate::platform::clock;
use crate::platform::database::Statement;
use crate::store::emails;
use crate::store::exports::Message;
use crate::store::jobs::{self, Progress};

/// How many messages one step takes.
const MESSAGES_PER_STEP: u32 = 200;

/// How many bytes of sources one step takes, and how many it reads at once. One message may be
/// larger.
const BYTES_PER_STEP: u32 = 4 * 1024 * 1024;

pub(super) async fn run(step: &Step<'_>, place: &ExportPlace<EmailId>) -> Result<Effect, Error> {
    let job = job(step)?;
    let after = place.after.as_ref().map(EmailId::as_str);
    let most = (MESSAGES_PER_STEP, BYTES_PER_STEP);
    let page = emails::export(&step.user, &job, after, most);
    let messages = step.database.run(page).await?.rows::<Message>()?;
    let Some(last) = messages.last() else {
        return Ok(Effect {
            follow_ups: vec![Work::FinishExportV1 { part: place.part }],
            ..Effect::default()
        });
    };
    let last = EmailId::parse(&last.id).map_err(|error| Error::internal(error.to_string()))?;
    let bucket = step.env.bucket("MAIL").map_err(|error| failed(&error))?;
    let mut parts = Parts::from(step, job, place.part);
    let items: Vec<&str> = messages
        .iter()
        .map(|message| message.item.as_str())
        .collect();
    let name = format!("emails/{:04}.json", place.file);
    let json = format!("[{}]", items.join(",\n"));
    parts.file(&name, json.as_bytes(), clock::now()).await?;
    let mut gone = Vec::new();
    for run in runs(&messages) {
        gone.extend(write(&bucket, run, &mut parts).await?);
    }
    let (mut statements, part) = parts.end().await?;
    statements.extend(gone.iter().filter_map(|id| note_gone(step, id)));
    Ok(Effect {
        statements,
        follow_ups: vec![Work::ExportMailV1 {
            place: ExportPlace {
                after: Some(last),
                file: place.file + 1,
                part,
            },
        }],
        progress: Progress {
            done: u32::try_from(messages.len()).unwrap_or(u32::MAX),
            total: None,
        },
        ..Effect::default()
    })
}

fn failed(error: &worker::Error) -> Error {
    Error::unavailable(format!("R2: {error:?}"))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "offsets are whole, not negative and below 2^53"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

impl Message {
    fn start(&self) -> u64 {
        whole(self.offset)
    }

    fn end(&self) -> u64 {
        self.start() + whole(self.length)
    }

    fn name(&self) -> String {
        format!("mail/{}.eml", self.id)
    }

    fn modified(&self) -> Timestamp {
        Timestamp::parse(&self.received_at).unwrap_or_else(clock::now)
    }
}

/// Messages in groups that lie one behind the other in one upload, near enough to be read at once.
fn runs(messages: &[Message]) -> Vec<Vec<&Message>> {
    let mut runs: Vec<Vec<&Message>> = Vec::new();
    for message in messages {
        let near = |run: &Vec<&Message>| {
            let (Some(first), Some(last)) = (run.first(), run.last()) else {
                return false;
            };
            first.key == message.key
                && last.end() <= message.start()
                && message.end() - first.start() <= u64::from(BYTES_PER_STEP)
        };
        match runs.last_mut() {
            Some(run) if near(run) => run.push(message),
            _ => runs.push(vec![message]),
        }
    }
    runs
}

/// Writes the sources of some messages. Answers which of them are gone.
async fn write<'m>(
    bucket: &Bucket,
    run: Vec<&'m Message>,
    parts: &mut Parts<'_>,
) -> Result<Vec<&'m str>, Error> {
    if let [message] = run.as_slice()
        && whole(message.length) > u64::from(BYTES_PER_STEP)
    {
        let is_there = pass_on(bucket, message, parts).await?;
        return Ok(if is_there {
            Vec::new()
        } else {
            vec![&message.id]
        });
    }
    let (Some(first), Some(last)) = (run.first(), run.last()) else {
        return Ok(Vec::new());
    };
    let (start, end) = (first.start(), last.end());
    let Some(bytes) = read(bucket, &first.key, start, end).await? else {
        return Ok(run.iter().map(|message| message.id.as_str()).collect());
    };
    for message in run {
        let source = slice(&bytes, message.start() - start, message.end() - start);
        let source = if message.escaped == 1 {
            mbox::unescape(source)
        } else {
            source.into()
        };
        parts
            .file(&message.name(), &source, message.modified())
            .await?;
    }
    Ok(Vec::new())
}

async fn read(bucket: &Bucket, key: &str, start: u64, end: u64) -> Result<Option<Vec<u8>>, Error> {
    let range = Range::OffsetWithLength {
        offset: start,
        length: end - start,
    };
    let got = bucket.get(key).range(range).execute().await;
    let object = got.map_err(|error| failed(&error))?;
    match object.as_ref().and_then(worker::Object::body) {
        Some(body) => body.bytes().await.map(Some).map_err(|error| failed(&error)),
        None => Ok(None),
    }
}

/// Less where the object is shorter than it was.
fn slice(bytes: &[u8], start: u64, end: u64) -> &[u8] {
    let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    bytes.get(index(start)..index(end)).unwrap_or_default()
}

/// Passes the source of a large message on in chunks. Twice, since an entry begins with its length,
/// and how many marks an mbox added is only known at its end. False where the source is gone.
async fn pass_on(bucket: &Bucket, message: &Message, parts: &mut Parts<'_>) -> Result<bool, Error> {
    let Some(mut source) = Chunks::of(bucket, message).await? else {
        return Ok(false);
    };
    let mut length = 0;
    while let Some(chunk) = source.next().await? {
        length += chunk.len() as u64;
    }
    let Some(mut source) = Chunks::of(bucket, message).await? else {
        return Ok(false);
    };
    parts.begin(&message.name(), length, message.modified())?;
    while let Some(chunk) = source.next().await? {
        parts.push(&chunk).await?;
    }
    Ok(true)
}

/// The source of a message as it was sent, chunk by chunk.
struct Chunks {
    stream: worker::ByteStream,
    unescaper: Option<Unescaper>,
    is_at_end: bool,
}

impl Chunks {
    async fn of(bucket: &Bucket, message: &Message) -> Result<Option<Self>, Error> {
        let range = Range::OffsetWithLength {
            offset: message.start(),
            length: whole(message.length),
        };
        let got = bucket.get(&message.key).range(range).execute().await;
        let object = got.map_err(|error| failed(&error))?;
        let Some(body) = object.as_ref().and_then(worker::Object::body) else {
            return Ok(None);
        };
        Ok(Some(Self {
            stream: body.stream().map_err(|error| failed(&error))?,
            unescaper: (message.escaped == 1).then(Unescaper::default),
            is_at_end: false,
        }))
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if self.is_at_end {
            return Ok(None);
        }
        let chunk = self
            .stream
            .next()
            .await
            .transpose()
            .map_err(|error| failed(&error))?;
        let mut out = Vec::new();
        match (chunk, self.unescaper.as_mut()) {
            (Some(chunk), None) => return Ok(Some(chunk)),
            (Some(chunk), Some(unescaper)) => unescaper.push(&chunk, &mut out),
            (None, _) => {
                self.is_at_end = true;
                if let Some(unescaper) = self.unescaper.take() {
                    unescaper.finish(&mut out);
                }
            }
        }
        Ok(Some(out))
    }
}

fn note_gone(step: &Step<'_>, id: &str) -> Option<Statement> {
    let job = step.claimed.job_id.as_ref()?;
    let detail = "The source of the message is no longer there.";
    let work = &step.claimed.id;
    Some(jobs::note_error(job, work, id, "source_gone", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(key: &str, offset: u32, length: u32) -> Message {
        Message {
            id: String::new(),
            item: String::new(),
            received_at: String::new(),
            key: key.to_owned(),
            offset: offset.into(),
            length: length.into(),
            escaped: 0,
        }
    }

    fn sizes(messages: &[Message]) -> Vec<usize> {
        runs(messages).iter().map(Vec::len).collect()
    }

    #[test]
    fn messages_that_lie_together_are_read_together() {
        let together = [
            message("a", 0, 10),
            message("a", 20, 10),
            message("a", 30, 5),
        ];
        assert_eq!(sizes(&together), [3]);
    }

    #[test]
    fn messages_of_other_uploads_or_far_away_or_before_are_read_apart() {
        assert_eq!(sizes(&[message("a", 0, 10), message("b", 10, 10)]), [1, 1]);
        let far = [message("a", 0, 10), message("a", BYTES_PER_STEP, 10)];
        assert_eq!(sizes(&far), [1, 1]);
        assert_eq!(sizes(&[message("a", 20, 10), message("a", 0, 10)]), [1, 1]);
    }
}
