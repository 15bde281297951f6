//! Durable Objects: one hub a person, in which everything that must happen once does.

mod clock;
pub mod command;
mod connections;
mod credentials;
mod log;
mod outbox;
pub mod provider;
#[expect(
    missing_docs,
    reason = "the attribute writes undocumented glue into the module"
)]
mod user_hub;

pub use user_hub::UserHub;
