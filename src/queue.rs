//! The queue: wakes consumers for work that is committed, and settles every message by name.
//!
//! A message is the identifier of a row of `work_items` and nothing else, so one that is lost is
//! found by the sweep and one that comes twice finds the row gone.

use chrono::TimeDelta;
use delegate_core::error::Error;
use delegate_core::identifier::WorkId;
use futures_util::{StreamExt as _, stream};
use wasm_bindgen::JsValue;
use worker::{
    BatchMessageBuilder, Env, MessageBatch, MessageExt as _, QueueContentType, RawMessageBuilder,
};

use crate::jobs;
use crate::platform::database::Database;
use crate::platform::log::{Level, Line};
use crate::platform::{clock, random};
use crate::store::work;

/// How many messages one send takes on the platform.
const SEND_BATCH: usize = 100;

/// The queue that messages end in whose delivery failed again and again.
const DEAD: &str = "delegate-work-dead";

/// Wakes the consumers for these steps, after a while.
pub(crate) async fn wake(env: &Env, work: Vec<String>, delay: TimeDelta) -> Result<(), Error> {
    let failed = |error: worker::Error| Error::unavailable(format!("queue: {error:?}"));
    let queue = env.queue("WORK").map_err(failed)?;
    // Rounded up: a message that comes early finds the step not yet due.
    let delay_seconds = u32::try_from((delay.num_milliseconds() + 999) / 1000).unwrap_or(0);
    for ids in work.chunks(SEND_BATCH) {
        let messages = ids.iter().map(|id| {
            RawMessageBuilder::new(JsValue::from_str(id))
                .build_with_content_type(QueueContentType::Text)
        });
        let batch = BatchMessageBuilder::new()
            .delay_seconds(delay_seconds)
            .messages(messages)
            .build();
        queue.send_raw_batch(batch).await.map_err(failed)?;
    }
    Ok(())
}

/// How many messages of a batch are carried out at a time. Steps that ask a model wait for a minute or
/// two, and ten of them one after the other would be longer than a batch may take (15 minutes); a step
/// that parses mail or packs an archive has some megabytes in memory.
const AT_A_TIME: usize = 4;

/// Takes a batch. What one message does has no bearing on the others.
pub(crate) async fn consume(batch: &MessageBatch<String>, env: &Env) {
    let dead = batch.queue() == DEAD;
    let messages = stream::iter(batch.raw_iter());
    messages
        .for_each_concurrent(AT_A_TIME, |message| async move {
            let body = message.body();
            let fate = match body.as_string().as_deref().map(WorkId::parse) {
                Some(Ok(_)) if dead => Ok(()),
                Some(Ok(id)) => jobs::run(env, &id).await,
                Some(Err(_)) | None => bury(env, &body).await,
            };
            match fate {
                Ok(()) => message.ack(),
                Err(error) => {
                    Line::new(Level::Error, "queue.message_failed")
                        .with("error", error.cause().unwrap_or_default())
                        .write();
                    message.retry();
                }
            }
        })
        .await;
}

/// Keeps a message that nobody can read. (One in the dead-letter queue that can be read needs
/// nothing: its row is still there, and the sweep wakes it.)
async fn bury(env: &Env, body: &JsValue) -> Result<(), Error> {
    let text = js_sys::JSON::stringify(body).map_or_else(|_| String::new(), String::from);
    let id = WorkId::new(clock::now(), random::bytes()?);
    Line::new(Level::Error, "queue.message_unreadable")
        .with("dead_letter.id", id.as_str())
        .write();
    let reason = "the queue message is not the identifier of a step";
    let statement = work::bury_message(&id, &text, reason, clock::now());
    Database::of(env)?.run(statement).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::DEAD;

    #[test]
    fn the_dead_letter_queue_is_the_one_that_is_configured() {
        let configuration = include_str!("../wrangler.toml");
        assert!(configuration.contains(&format!("dead_letter_queue = \"{DEAD}\"")));
    }
}
