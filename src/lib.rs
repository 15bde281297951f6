//! The edge: translates between Cloudflare and the domain.
//!
//! Three ways in: a request (`http`), a batch of the queue (`queue`), a tick of the clock (`cron`).
//! Each translates what comes in, calls the domain and the stores, and never panics: in Wasm that
//! would reset the instance and fail every request in flight.

mod api;
mod calendar_text;
mod configuration;
mod cron;
mod erasure;
mod exports;
mod http;
mod hub;
mod jobs;
mod outgoing_mail;
mod planning;
mod platform;
mod queue;
mod reading;
mod store;
mod uploads;

// Named here because a Durable Object of a dependency is left out of the module otherwise.
pub use delegate_durable_objects::UserHub;

pub use api::document;

use worker::{Context, Env, MessageBatch, ScheduleContext, ScheduledEvent, event};

/// A request, as the platform has it: `worker::Request` copies what the adapter may not need.
#[event(fetch)]
async fn fetch(
    request: web_sys::Request,
    env: Env,
    context: Context,
) -> worker::Result<web_sys::Response> {
    http::adapter::handle(request, env, context).await
}

/// A batch of the queue. Every message is settled one by one; an error would be a panic.
#[event(queue)]
async fn consume(batch: MessageBatch<String>, env: Env, _: Context) -> worker::Result<()> {
    queue::consume(&batch, &env).await;
    Ok(())
}

/// A tick of the clock.
#[event(scheduled)]
async fn tick(event: ScheduledEvent, env: Env, _: ScheduleContext) {
    cron::tick(&env, &event.cron()).await;
}
