//! The steps of work. One file a step; its name is the step's.
//!
//! A step is claimed (which counts the attempt before anything can go wrong with it), reads what it
//! needs, and commits its effect together with the deletion of its row, provided that nobody claimed
//! it since. Killed anywhere before the commit it leaves nothing behind and is claimed again; killed
//! after, it is done.

mod analyze_emails_v1;
mod archiving;
mod consult_model_v1;
pub(crate) mod disconnect_v1;
mod erase_account_v1;
mod export_account_v1;
mod export_audit_v1;
mod export_events_v1;
mod export_mail_v1;
mod export_tasks_v1;
mod finish_export_v1;
pub(crate) mod import_calendar_v1;
mod rebuild_search_v1;
mod replan_v1;
mod resolve_dues_v1;
mod send_password_reset_v1;
mod split_upload_v1;
mod store_messages_v1;

use chrono::TimeDelta;
use delegate_core::error::Error;
use delegate_core::identifier::{Entropy, UserId, WorkId};
use delegate_core::work::{ErasureStage, Fate, Work, fate, fate_after_crash, overtaken};
use worker::Env;

use crate::platform::database::{Database, Statement, violates};
use crate::platform::log::{Level, Line};
use crate::platform::{clock, random};
use crate::store::jobs::Progress;
use crate::store::work::{self, Claimed, FollowUp};
use crate::{erasure, hub, planning, queue};

/// What a step has at hand.
pub(crate) struct Step<'a> {
    pub(crate) env: &'a Env,
    pub(crate) database: Database,
    pub(crate) user: UserId,
    pub(crate) claimed: Claimed,
}

/// What a step leads to.
#[derive(Default)]
pub(crate) struct Effect {
    /// What it changes.
    pub(crate) statements: Vec<Statement>,
    /// What follows from it.
    pub(crate) follow_ups: Vec<Work>,
    /// What follows from it after a while.
    pub(crate) later: Vec<(Work, TimeDelta)>,
    /// How far it brings its job.
    pub(crate) progress: Progress,
}

impl Step<'_> {
    /// Random bytes for an identifier.
    #[expect(clippy::unused_self, reason = "where a step gets what it needs")]
    pub(crate) fn entropy(&self) -> Result<Entropy, Error> {
        random::bytes()
    }
}

/// Carries one step out, if it is there and due. An error means that not even its failure could be
/// recorded: the queue delivers it again.
pub(crate) async fn run(env: &Env, id: &WorkId) -> Result<(), Error> {
    let database = Database::of(env)?;
    let started = clock::now();
    let Some(claimed) = database
        .run(work::claim(id, started))
        .await?
        .first::<Claimed>()?
    else {
        return Ok(());
    };
    let user = UserId::parse(&claimed.user_id)
        .map_err(|error| Error::internal(format!("a work item without its person: {error}")))?;
    let step = Step {
        env,
        database,
        user,
        claimed,
    };
    // Somebody who is being erased is told nothing any more: it would only wake their hub.
    let mut tell = true;
    let kind = match serde_json::from_str::<Work>(&step.claimed.payload) {
        Ok(work) => {
            settle(&step, &work).await?;
            tell = !matches!(work, Work::EraseAccountV1 { .. });
            if let Work::EraseAccountV1 {
                stage: ErasureStage::Person,
            } = work
            {
                erasure::conclude_or_log(env, &step.database, &step.user).await;
            }
            work.kind()
        }
        Err(error) => {
            let reason = format!("the step can't be read: {error}");
            give_up(&step, "unreadable", &reason).await?;
            "unreadable"
        }
    };
    if tell {
        hub::drain_or_log(env, &step.user).await;
    }
    let meter = step.database.meter();
    Line::new(Level::Info, "job")
        .with("job.kind", kind)
        .with("work.id", step.claimed.id.as_str())
        .with("job.id", step.claimed.job_id.clone())
        .with("user.id", step.claimed.user_id.as_str())
        .with("attempts", step.claimed.attempts)
        .with(
            "duration_ms",
            clock::now().milliseconds() - started.milliseconds(),
        )
        .with("d1.round_trips", meter.round_trips())
        .with("d1.waited_ms", meter.waited_ms())
        .write();
    Ok(())
}

/// Carries a claimed step out and commits what comes of it, success or failure.
async fn settle(step: &Step<'_>, work: &Work) -> Result<(), Error> {
    if let Some(fate) = fate_after_crash(work, step.claimed.attempts) {
        return meet(step, work, fate, "every attempt so far ended in a crash").await;
    }
    let outcome = match carry_out(step, work).await {
        Ok(effect) => commit(step, effect).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(()),
        Err(error) => {
            let reason = error.cause().unwrap_or(error.detail.as_ref());
            let [jitter] = random::bytes::<1>()?;
            // A plan that was overtaken is read again, however often.
            let is_overtaken =
                matches!(work, Work::ReplanV1 { .. }) && planning::is_overtaken(&error);
            let fate = if is_overtaken {
                overtaken(step.claimed.attempts, jitter)
            } else {
                fate(work, step.claimed.attempts, error.is_transient(), jitter)
            };
            meet(step, work, fate, reason).await
        }
    }
}

async fn carry_out(step: &Step<'_>, work: &Work) -> Result<Effect, Error> {
    match work {
        Work::SplitUploadV1 { key, is_mbox } => split_upload_v1::run(step, key, *is_mbox).await,
        Work::StoreMessagesV1 {
            key,
            escaped,
            spans,
        } => store_messages_v1::run(step, key, *escaped, spans).await,
        Work::AnalyzeEmailsV1 { email_ids } => analyze_emails_v1::run(step, email_ids).await,
        Work::ConsultModelV1 {
            email_id,
            postponed,
        } => consult_model_v1::run(step, email_id, *postponed).await,
        Work::ImportCalendarV1 {
            key,
            calendar_id,
            pass,
            offset,
            has_occurrences,
            most,
        } => {
            let at = import_calendar_v1::At {
                key,
                calendar: calendar_id,
                pass: *pass,
                offset: *offset,
                has_occurrences: *has_occurrences,
                most: *most,
            };
            import_calendar_v1::run(step, &at).await
        }
        Work::ResolveDuesV1 => resolve_dues_v1::run(step).await,
        Work::DisconnectV1 { connection_id } => disconnect_v1::run(step, connection_id).await,
        Work::ReplanV1 { plan_id } => replan_v1::run(step, plan_id).await,
        Work::RebuildSearchV1 => rebuild_search_v1::run(step).await,
        Work::ExportAccountV1 => export_account_v1::run(step).await,
        Work::ExportAuditV1 { place } => export_audit_v1::run(step, place).await,
        Work::ExportTasksV1 { place } => export_tasks_v1::run(step, place).await,
        Work::ExportEventsV1 { place } => export_events_v1::run(step, place).await,
        Work::ExportMailV1 { place } => export_mail_v1::run(step, place).await,
        Work::FinishExportV1 { part } => finish_export_v1::run(step, *part).await,
        Work::EraseAccountV1 { stage } => erase_account_v1::run(step, *stage).await,
        Work::SendPasswordResetV1 { reset_id } => send_password_reset_v1::run(step, reset_id).await,
    }
}

/// Commits the effect of a step and its end in one batch, then wakes the queue for what follows.
async fn commit(step: &Step<'_>, effect: Effect) -> Result<(), Error> {
    let now = clock::now();
    let mut statements = vec![work::still_ours(&step.claimed)];
    statements.extend(effect.statements);
    let mut follow_ups = Vec::new();
    let mut wakes: Vec<(Vec<String>, TimeDelta)> = vec![(Vec::new(), TimeDelta::zero())];
    let at_once = effect
        .follow_ups
        .into_iter()
        .map(|work| (work, TimeDelta::zero()));
    for (work, delay) in at_once.chain(effect.later) {
        let id = WorkId::new(now, random::bytes()?);
        match wakes.first_mut().filter(|_| delay.is_zero()) {
            Some((ids, _)) => ids.push(id.to_string()),
            None => wakes.push((vec![id.to_string()], delay)),
        }
        follow_ups.push(FollowUp::new(&id, work, now.plus(delay)));
    }
    if !follow_ups.is_empty() {
        statements.push(work::insert_after(&step.claimed, &follow_ups, now)?);
    }
    statements.extend(work::finish(&step.claimed, &effect.progress, now)?);
    unless_overtaken(step.database.batch(statements).await)?;
    for (ids, delay) in wakes {
        wake(step, ids, delay).await;
    }
    Ok(())
}

/// Wakes the queue, after a while. If that fails, the sweep does it.
async fn wake(step: &Step<'_>, ids: Vec<String>, delay: TimeDelta) {
    if let Err(error) = queue::wake(step.env, ids, delay).await {
        Line::new(Level::Warn, "queue.send_failed")
            .with("error", error.cause().unwrap_or_default())
            .write();
    }
}

/// Commits what becomes of a step that failed.
async fn meet(step: &Step<'_>, work: &Work, fate: Fate, reason: &str) -> Result<(), Error> {
    Line::new(Level::Error, "job.failed")
        .with("job.kind", work.kind())
        .with("work.id", step.claimed.id.as_str())
        .with("attempts", step.claimed.attempts)
        .with("error", reason)
        .write();
    match fate {
        Fate::Retry(delay) => {
            let until = clock::now().plus(delay);
            let postpone = work::postpone(&step.claimed, until, reason);
            step.database.run(postpone).await?;
            wake(step, vec![step.claimed.id.clone()], delay).await;
            Ok(())
        }
        Fate::Divide(pieces) => {
            let effect = Effect {
                follow_ups: pieces,
                ..Effect::default()
            };
            commit(step, effect).await
        }
        Fate::Bury => give_up(step, &work.item(), reason).await,
    }
}

async fn give_up(step: &Step<'_>, item: &str, reason: &str) -> Result<(), Error> {
    let mut statements = vec![work::still_ours(&step.claimed)];
    statements.extend(work::bury(&step.claimed, item, reason, clock::now())?);
    unless_overtaken(step.database.batch(statements).await)
}

/// A commit that failed because somebody claimed the step since is theirs to make.
fn unless_overtaken<T>(outcome: Result<T, Error>) -> Result<(), Error> {
    match outcome {
        Err(error) if !violates(&error, work::NO_LONGER_OURS) => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}
