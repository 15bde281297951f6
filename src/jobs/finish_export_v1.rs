//! Ends the archive of an export, from when on it can be fetched.

use delegate_core::error::Error;

use super::archiving::{Parts, job};
use super::{Effect, Step};
use crate::platform::clock;
use crate::store::exports;

pub(super) async fn run(step: &Step<'_>, part: u32) -> Result<Effect, Error> {
    let job = job(step)?;
    let parts = Parts::from(step, job.clone(), part);
    let mut statements = parts.close().await?;
    statements.extend(exports::finish(&step.user, &job, clock::now()));
    Ok(Effect {
        statements,
        ..Effect::default()
    })
}
