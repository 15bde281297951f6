//! Tasks.

mod create;
mod delete;
mod get;
mod links;
mod list;
mod update;

pub(crate) use create::*;
pub(crate) use delete::*;
pub(crate) use get::*;
pub(crate) use links::*;
pub(crate) use list::*;
pub(crate) use update::*;

use chrono_tz::Tz;
use delegate_core::error::Error;
use delegate_core::identifier::UserId;
use delegate_core::time::parse_zone;

use crate::http::precondition::IfMatch;
use crate::http::reply::Reply;
use crate::platform::database::{Answer, Database};
use crate::store::accounts;

/// The zone of a person where a due day needs it: one round trip more, because the midnight that
/// ends a day is the person's, and they may have moved since their token was made.
async fn zone(database: &Database, user: &UserId, needed: bool) -> Result<Tz, Error> {
    if !needed {
        return Ok(Tz::UTC);
    }
    let answer = database.run(accounts::find_zone(user)).await?;
    Ok(answer
        .text("time_zone")
        .as_deref()
        .and_then(parse_zone)
        .unwrap_or(Tz::UTC))
}

/// The task that the last statement of a change read, or why there is none.
fn changed(answers: &[Answer]) -> Result<Reply, Error> {
    let did_change = answers.first().is_some_and(|answer| answer.changes() > 0);
    match answers.last().and_then(task) {
        Some(reply) if did_change => Ok(reply),
        found => Err(IfMatch::failure(found.is_some())),
    }
}

/// The task that a statement read.
fn task(answer: &Answer) -> Option<Reply> {
    let version = answer.version()?;
    Some(Reply::json(answer.text("task")?).with_version(version))
}
