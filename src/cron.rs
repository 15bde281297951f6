//! The clock's tick: finds what a kill or a lost message left behind, and sweeps what is past its
//! time. Everything here may run twice.

use chrono::TimeDelta;
use delegate_core::error::Error;
use delegate_core::identifier::{ConnectionId, UserId};
use delegate_core::time::Timestamp;
use futures_util::future::join_all;
use serde::Deserialize;
use worker::Env;

use crate::configuration::Configuration;
use crate::platform::clock;
use crate::platform::database::{Answer, Database, Statement};
use crate::platform::log::{Level, Line};
use crate::reading::keys;
use crate::store::{self, connections, sweep};
use crate::uploads::{self, collect};
use crate::{erasure, exports, hub, queue};

/// How many steps one tick wakes the queue for.
const STEPS_PER_TICK: u32 = 500;
/// How many hubs one tick wakes.
const HUBS_PER_TICK: u32 = 100;

#[derive(Deserialize)]
struct Row {
    id: String,
}

/// How often somebody looks at a connection.
const LOOKED_AT_EVERY: TimeDelta = TimeDelta::hours(24);
/// How many connections one hourly tick has looked at: each asks a provider twice at most.
const LOOKS_PER_TICK: u32 = 200;
/// How many of them at a time: a provider that hangs takes half a minute each.
const LOOKS_AT_ONCE: usize = 6;

/// The trigger that sweeps; the other one, every minute, wakes.
const HOUSEKEEPING: &str = "17 * * * *";

/// What lies in R2, and what of it nothing refers to.
type Objects = (&'static str, fn(&str) -> Statement);
const UPLOADS: Objects = (uploads::PREFIX, sweep::unreferenced);
const ARCHIVES: Objects = (exports::PREFIX, store::exports::unreferenced);

/// One tick. A failure of one part is logged and does not keep the others from their work.
pub(crate) async fn tick(env: &Env, cron: &str) {
    let database = match Database::of(env) {
        Ok(database) => database,
        Err(error) => return report("binding", &error),
    };
    let now = clock::now();
    let outcomes = if cron == HOUSEKEEPING {
        vec![
            ("retention", retention(&database, now).await),
            ("uploads", collect(env, &database, UPLOADS, now).await),
            ("archives", collect(env, &database, ARCHIVES, now).await),
            ("model keys", seal_model_keys_anew(env, &database).await),
            (
                "connections",
                look_at_connections(env, &database, now).await,
            ),
        ]
    } else {
        vec![
            ("wake", wake(env, &database, now).await),
            ("erasures", erasure::go_on(env, &database, now).await),
        ]
    };
    for (part, outcome) in outcomes {
        if let Err(error) = outcome {
            report(part, &error);
        }
    }
}

fn report(part: &'static str, error: &Error) {
    Line::new(Level::Error, "cron.failed")
        .with("part", part)
        .with("error", error.cause().unwrap_or(error.detail.as_ref()))
        .write();
}

/// Wakes the queue for steps that are due, and the hubs whose outbox nobody has read.
async fn wake(env: &Env, database: &Database, now: Timestamp) -> Result<(), Error> {
    let answers = database
        .batch(sweep::left_behind(now, STEPS_PER_TICK, HUBS_PER_TICK))
        .await?;
    let ids = |answer: &Answer| -> Result<Vec<String>, Error> {
        Ok(answer
            .rows::<Row>()?
            .into_iter()
            .map(|row| row.id)
            .collect())
    };
    let [steps, hubs] = answers.as_slice() else {
        return Err(Error::internal("D1 answered fewer results than statements"));
    };
    let (steps, hubs) = (ids(steps)?, ids(hubs)?);
    if !steps.is_empty() || !hubs.is_empty() {
        Line::new(Level::Info, "cron.left_behind")
            .with("work_items", steps.len())
            .with("hubs", hubs.len())
            .write();
    }
    queue::wake(env, steps, TimeDelta::zero()).await?;
    for user in hubs.iter().filter_map(|id| UserId::parse(id).ok()) {
        hub::drain_or_log(env, &user).await;
    }
    Ok(())
}

/// Lets the hubs look at connections that nobody has looked at for a day: so a grant that was
/// withdrawn is noticed, and what a former key sealed is sealed again.
async fn look_at_connections(env: &Env, database: &Database, now: Timestamp) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Unchecked {
        id: String,
        user_id: String,
    }
    let pick = connections::pick_unchecked(now.plus(-LOOKED_AT_EVERY), LOOKS_PER_TICK, now);
    let picked = database.run(pick).await?.rows::<Unchecked>()?;
    for some in picked.chunks(LOOKS_AT_ONCE) {
        join_all(
            some.iter()
                .map(|row| look_at_connection(env, &row.user_id, &row.id)),
        )
        .await;
    }
    Ok(())
}

async fn look_at_connection(env: &Env, user: &str, connection: &str) {
    if let (Ok(user), Ok(id)) = (UserId::parse(user), ConnectionId::parse(connection))
        && let Err(error) = hub::check_connection(env, &user, &id).await
    {
        report("connection", &error);
    }
}

/// Seals anew people's keys at providers of models that a former key sealed.
async fn seal_model_keys_anew(env: &Env, database: &Database) -> Result<(), Error> {
    let configuration = Configuration::of(env)?;
    keys::seal_anew(&configuration, database).await
}

async fn retention(database: &Database, now: Timestamp) -> Result<(), Error> {
    let answers = database.batch(sweep::expired(now)).await?;
    let swept: u32 = answers.iter().map(Answer::changes).sum();
    if swept > 0 {
        Line::new(Level::Info, "cron.swept")
            .with("rows", swept)
            .write();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::HOUSEKEEPING;

    #[test]
    fn the_housekeeping_trigger_is_configured() {
        let configuration = include_str!("../wrangler.toml");
        assert!(configuration.contains(&format!("\"{HOUSEKEEPING}\"")));
    }
}
