//! Erases an account, a piece at a time. Which piece is decided anew by each step from what is left,
//! so it does not matter what a step that was killed had done already.

use delegate_core::error::Error;
use delegate_core::identifier::{AuditId, UserId};
use delegate_core::work::{ErasureStage, MAX_ATTEMPTS, Work};
use serde::Deserialize;

use super::disconnect_v1::{Revoked, revoke_tokens};
use super::{Effect, Step};
use crate::configuration::Configuration;
use crate::platform::clock;
use crate::platform::database::{Answer, Statement};
use crate::store::connections::{self, Revocable};
use crate::store::erasures;
use crate::{exports, hub, uploads};

/// How often one step merges the search index; each time is some 50 ms of the database.
const MERGES_PER_STEP: usize = 10;

pub(super) async fn run(step: &Step<'_>, stage: ErasureStage) -> Result<Effect, Error> {
    match stage {
        ErasureStage::Others => others(step).await,
        ErasureStage::Connections => one_connection(step).await,
        ErasureStage::Objects => objects(step).await,
        ErasureStage::Rows => rows(step).await,
        ErasureStage::Index => index(step, true).await,
        ErasureStage::IndexRest => index(step, false).await,
        ErasureStage::Person => {
            let entry = AuditId::new(clock::now(), step.entropy()?);
            Ok(Effect {
                statements: erasures::delete_person(&step.user, &entry, clock::now()),
                ..Effect::default()
            })
        }
    }
}

fn then(stage: ErasureStage, statements: Vec<Statement>) -> Effect {
    Effect {
        statements,
        follow_ups: vec![Work::EraseAccountV1 { stage }],
        ..Effect::default()
    }
}

/// Lets the hubs of those who had to do with the person forget them.
async fn others(step: &Step<'_>) -> Result<Effect, Error> {
    #[derive(Deserialize)]
    struct Row {
        id: String,
    }
    let found = step
        .database
        .run(erasures::acquaintances(&step.user))
        .await?;
    for row in found.rows::<Row>()? {
        if let Ok(other) = UserId::parse(&row.id) {
            hub::forget(step.env, &other, &step.user).await?;
        }
    }
    Ok(then(ErasureStage::Connections, Vec::new()))
}

/// Takes the tokens of one connection back. A provider that does not answer for long is not waited
/// for: the tokens are deleted here, and the receipt says that they were not taken back there.
async fn one_connection(step: &Step<'_>) -> Result<Effect, Error> {
    let next = connections::find_next_revocable(&step.user);
    let Some(connection) = step.database.run(next).await?.first::<Revocable>()? else {
        return Ok(then(ErasureStage::Objects, Vec::new()));
    };
    let configuration = Configuration::of(step.env)?;
    let revoked = match revoke_tokens(&configuration, &step.user, &connection).await {
        Ok(revoked) => revoked,
        Err(error) if step.claimed.attempts < MAX_ATTEMPTS => return Err(error),
        Err(_) => Revoked::Unknown,
    };
    let statements = erasures::delete_connection(&step.user, &connection, revoked.as_str());
    Ok(then(ErasureStage::Connections, statements))
}

async fn objects(step: &Step<'_>) -> Result<Effect, Error> {
    let mut deleted = 0;
    for prefix in [uploads::PREFIX, exports::PREFIX] {
        deleted += uploads::delete_some(step.env, prefix, &step.user).await?;
    }
    Ok(if deleted == 0 {
        then(ErasureStage::Rows, Vec::new())
    } else {
        let counted = erasures::add(&step.user, "$.objects", deleted);
        then(ErasureStage::Objects, vec![counted])
    })
}

async fn rows(step: &Step<'_>) -> Result<Effect, Error> {
    let left = step.database.run(erasures::has_rows(&step.user)).await?;
    Ok(if left.number("number") == Some(0.0) {
        then(ErasureStage::Index, Vec::new())
    } else {
        then(ErasureStage::Rows, erasures::delete_rows(&step.user))
    })
}

/// Merges the search index. Nothing of it is part of the step's commit: a merge changes nothing that
/// anybody can tell by searching, and goes on from wherever the last one ended.
async fn index(step: &Step<'_>, is_first: bool) -> Result<Effect, Error> {
    if is_first {
        step.database.batch(erasures::merge_index(true)).await?;
        return Ok(then(ErasureStage::IndexRest, Vec::new()));
    }
    for _ in 0..MERGES_PER_STEP {
        let answers = step.database.batch(erasures::merge_index(false)).await?;
        if is_merged(&answers) {
            return Ok(then(ErasureStage::Person, Vec::new()));
        }
    }
    Ok(then(ErasureStage::IndexRest, Vec::new()))
}

/// A merge that has nothing to do changes one row at most (FTS5, the `merge` command).
fn is_merged(answers: &[Answer]) -> bool {
    let changed: Vec<f64> = answers
        .iter()
        .filter_map(|answer| answer.number("number"))
        .collect();
    changed
        .windows(2)
        .all(|pair| matches!(pair, [before, after] if after - before < 2.0))
}
