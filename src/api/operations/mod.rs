//! Whether the deployment is alive, and whether it is well.

use delegate_core::error::Error;
use delegate_core::time::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::http::call::Call;
use crate::http::reply::{Outcome, Reply};
use crate::hub;
use crate::platform::database::{Answer, sql};
use crate::store::sweep;

/// The newest migration that this version needs.
const NEWEST_MIGRATION: &str = "0009_models.sql";

/// Alive
#[utoipa::path(
    get, path = "/health", tag = "operations", security(()),
    responses((status = 200, description = "Alive", body = Object))
)]
#[worker::send]
pub(crate) async fn get_health(_: Call) -> Outcome {
    Ok(Reply::json(r#"{"status":"ok"}"#.to_owned()))
}

/// Well: the database answers and is migrated, hubs answer, nothing waits in the outbox for long
#[utoipa::path(
    get, path = "/health/ready", tag = "operations", security(()),
    responses(
        (status = 200, description = "Ready", body = Object),
        (status = 503, description = "Not ready; the body says which part is not", body = Object)
    )
)]
#[worker::send]
pub(crate) async fn get_readiness(call: Call) -> Outcome {
    let migrated =
        sql("SELECT 1 AS present FROM d1_migrations WHERE name = ?").bind(NEWEST_MIGRATION);
    let database = call
        .database()
        .batch(vec![sweep::oldest_event(), migrated])
        .await;
    let hub = hub::ping(call.env()).await;
    let (age, is_migrated) = match &database {
        Ok(answers) => {
            let present = answers.last().and_then(|answer| answer.number("present"));
            (oldest_age(answers, call.started())?, present.is_some())
        }
        Err(_) => (None, false),
    };
    // A minute's tick finds what was left behind; twice that means that it does not.
    let is_moving = age.is_none_or(|age| age < 120);
    let checks = json!({
        "d1": word(database.is_ok()),
        "migrations": word(is_migrated),
        "hub": word(hub.is_ok()),
        "outbox": word(is_moving),
    });
    let is_ready = database.is_ok() && is_migrated && hub.is_ok() && is_moving;
    let body = json!({
        "status": if is_ready { "ready" } else { "not_ready" },
        "checks": checks,
        "outbox_age_seconds": age,
    });
    let reply = Reply::of(&body)?;
    Ok(if is_ready {
        reply
    } else {
        reply.with_status(503).with_header("retry-after", "5")
    })
}

fn word(is_well: bool) -> &'static str {
    if is_well { "ok" } else { "failing" }
}

/// For how many seconds the oldest event has waited.
fn oldest_age(answers: &[Answer], now: Timestamp) -> Result<Option<i64>, Error> {
    #[derive(Deserialize)]
    struct Oldest {
        oldest: Option<String>,
    }
    let Some(answer) = answers.first() else {
        return Ok(None);
    };
    let oldest = answer.first::<Oldest>()?.and_then(|row| row.oldest);
    Ok(oldest
        .and_then(|text| Timestamp::parse(&text))
        .map(|at| (now.milliseconds() - at.milliseconds()).max(0) / 1000))
}

#[cfg(test)]
mod tests {
    use super::NEWEST_MIGRATION;

    #[test]
    fn readiness_asks_for_the_newest_migration() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let newest = std::fs::read_dir(folder)
            .expect("the migrations")
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .max();
        assert_eq!(newest.as_deref(), Some(NEWEST_MIGRATION));
    }
}
