//! The end of an erasure: what is left when the person's row is gone, and what the clock's tick does
//! for one that was left behind.
//!
//! Until the row is gone, steps of work drive an erasure (`jobs/erase_account_v1.rs`). They go with
//! the row. From then on the receipt's own row is what says that something is still to be done.

use chrono::TimeDelta;
use delegate_core::error::Error;
use delegate_core::identifier::{UserId, WorkId};
use delegate_core::time::Timestamp;
use worker::Env;

use crate::platform::database::Database;
use crate::platform::log::{Level, Line};
use crate::platform::{clock, random};
use crate::store::erasures::{self, Unfinished};
use crate::{exports, hub, queue, uploads};

/// How many erasures one tick looks at.
const ERASURES_PER_TICK: u32 = 20;

/// Erases what may have come in while the person's row went, and finishes the receipt. The hub comes
/// after the row: no event of the person can be committed any more, so it stays as it is.
pub(crate) async fn conclude(env: &Env, database: &Database, user: &UserId) -> Result<(), Error> {
    let mut objects = 0;
    for prefix in [uploads::PREFIX, exports::PREFIX] {
        loop {
            match uploads::delete_some(env, prefix, user).await? {
                0 => break,
                some => objects += some,
            }
        }
    }
    hub::erase(env, user).await?;
    let statements = vec![
        erasures::add(user, "$.objects", objects),
        erasures::finish(user, clock::now()),
    ];
    database.batch(statements).await.map(|_| ())
}

/// The same, where nobody waits for it: a failure is logged and left to the tick.
pub(crate) async fn conclude_or_log(env: &Env, database: &Database, user: &UserId) {
    if let Err(error) = conclude(env, database, user).await {
        Line::new(Level::Warn, "erasure.put_off")
            .with("error", error.cause().unwrap_or_default())
            .write();
    }
}

/// Goes on with erasures that were left behind: those whose person is gone are finished, those that
/// have no step any more get one.
pub(crate) async fn go_on(env: &Env, database: &Database, now: Timestamp) -> Result<(), Error> {
    let answer = database
        .run(erasures::unfinished(ERASURES_PER_TICK))
        .await?;
    for Unfinished {
        user_id,
        has_person,
        has_step,
    } in answer.rows::<Unfinished>()?
    {
        let Ok(user) = UserId::parse(&user_id) else {
            continue;
        };
        if has_person == 0 {
            conclude_or_log(env, database, &user).await;
        } else if has_step == 0 {
            let id = WorkId::new(now, random::bytes()?);
            database
                .run(erasures::begin_again(&user, &id, now)?)
                .await?;
            queue::wake(env, vec![id.to_string()], TimeDelta::zero()).await?;
        }
    }
    Ok(())
}
