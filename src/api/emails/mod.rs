//! Messages: taking them in, finding them, and what was made of them.

mod analysis;
mod get;
mod import;
mod lessons;
mod list;
mod raw;
mod threads;
mod update;

pub(crate) use analysis::*;
pub(crate) use get::*;
pub(crate) use import::*;
pub(crate) use lessons::*;
pub(crate) use list::*;
pub(crate) use raw::*;
pub(crate) use threads::*;
pub(crate) use update::*;

use delegate_core::error::Error;

use crate::http::precondition::IfMatch;
use crate::http::reply::Reply;
use crate::platform::database::Answer;

/// What a statement read under this name, with its version.
fn versioned(answer: &Answer, name: &'static str) -> Option<Reply> {
    let version = answer.version()?;
    Some(Reply::passing(answer.passing(name)?).with_version(version))
}

/// What the last statement of a change read, or why there is nothing.
fn changed(answers: &[Answer], name: &'static str) -> Result<Reply, Error> {
    let did_change = answers.first().is_some_and(|answer| answer.changes() > 0);
    match answers.last().and_then(|answer| versioned(answer, name)) {
        Some(reply) if did_change => Ok(reply),
        found => Err(IfMatch::failure(found.is_some())),
    }
}
