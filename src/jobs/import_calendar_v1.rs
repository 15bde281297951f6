//! Takes some events of a file into a calendar, and goes on behind them. The file is read whole, since
//! its zones can stand anywhere in it; what is held of its events is what one step takes.

use delegate_core::calendar::ics::{IcsError, MAX_FILE_BYTES, Reader};
use delegate_core::calendar::import::{Fault, Found, Import};
use delegate_core::error::Error;
use delegate_core::identifier::{CalendarEventId, CalendarId, EventId};
use delegate_core::work::{ImportPass, Work};

use super::{Effect, Step};
use crate::platform::clock;
use crate::store::jobs::{JobError, Progress, note_errors};
use crate::store::{events, imports};

/// How many events a step takes.
pub(crate) const EVENTS_PER_STEP: u32 = 500;
/// After how many bytes of events a step takes no more …
const BYTES_TAKEN: usize = 1024 * 1024;
/// … and looks no further.
const BYTES_READ: usize = 4 * 1024 * 1024;

/// Where a step stands.
pub(super) struct At<'a> {
    pub(super) key: &'a str,
    pub(super) calendar: &'a CalendarId,
    pub(super) pass: ImportPass,
    pub(super) offset: u64,
    pub(super) has_occurrences: bool,
    pub(super) most: u32,
}

/// What a step takes of a file.
#[derive(Default)]
struct Taken {
    events: Vec<Found>,
    faults: Vec<Fault>,
    has_occurrences: bool,
    /// Where the next step goes on; nothing where the file is over.
    next: Option<u64>,
    /// How many events the file has.
    total: u32,
}

pub(super) async fn run(step: &Step<'_>, at: &At<'_>) -> Result<Effect, Error> {
    let Some(bytes) = read(step, at.key).await? else {
        return refused(step, "upload_gone", "The upload is no longer there.");
    };
    let target = imports::target(&step.user, at.calendar);
    let target = step.database.run(target).await?;
    if target.number("present").is_none_or(|present| present < 1.0) {
        return refused(step, "calendar_gone", "The calendar is no longer there.");
    }
    let taken = match take(&bytes, events::zone(&target), at) {
        Ok(taken) => taken,
        Err(error) => return refused(step, error.code, &error.message),
    };
    drop(bytes);
    let mut done = u32::try_from(taken.events.len()).unwrap_or(u32::MAX);
    let now = clock::now();
    let mut effect = Effect::default();
    let mut faults = taken.faults;
    // Those that can't be read are told of, and counted, once.
    done += u32::try_from(faults.len()).unwrap_or(u32::MAX);
    if !taken.events.is_empty() {
        let mut uids: Vec<&str> = taken
            .events
            .iter()
            .map(|found| found.event.uid.as_str())
            .collect();
        uids.sort_unstable();
        uids.dedup();
        let known = imports::known(&step.user, at.calendar, &uids)?;
        let known = imports::read_known(&step.database.run(known).await?)?;
        let new_id = || Ok(CalendarEventId::new(now, step.entropy()?));
        let mut import = Import::new(at.calendar, &known, new_id, now);
        for found in taken.events {
            match at.pass {
                ImportPass::Wholes => import.take_whole(found)?,
                ImportPass::Occurrences => import.take_occurrence(found)?,
            }
        }
        let outcome = import.outcome();
        effect.statements = imports::take_in(
            &step.user,
            &outcome,
            (at.calendar, step.claimed.job_id.as_deref()),
            || Ok(EventId::new(now, step.entropy()?)),
            now,
        )?;
        faults.extend(outcome.faults);
    }
    if let (Some(job), false) = (&step.claimed.job_id, faults.is_empty()) {
        let errors: Vec<JobError> = faults.into_iter().map(job_error).collect();
        let noted = note_errors(job, &step.claimed.id, &errors)?;
        effect.statements.push(noted);
    }
    effect
        .follow_ups
        .extend(next(at, taken.next, taken.has_occurrences));
    effect.progress = Progress {
        done,
        total: (at.offset == 0 && at.pass == ImportPass::Wholes).then_some(taken.total),
    };
    Ok(effect)
}

/// The step that follows.
fn next(at: &At<'_>, offset: Option<u64>, has_occurrences: bool) -> Option<Work> {
    let has_occurrences = at.has_occurrences || has_occurrences;
    let (pass, offset) = match (at.pass, offset) {
        (pass, Some(offset)) => (pass, offset),
        (ImportPass::Wholes, None) if has_occurrences => (ImportPass::Occurrences, 0),
        _ => return None,
    };
    Some(Work::ImportCalendarV1 {
        key: at.key.to_owned(),
        calendar_id: at.calendar.clone(),
        pass,
        offset,
        has_occurrences,
        most: EVENTS_PER_STEP,
    })
}

/// The events of a file that a step takes.
fn take(bytes: &[u8], zone: chrono_tz::Tz, at: &At<'_>) -> Result<Taken, IcsError> {
    let begin = usize::try_from(at.offset).unwrap_or(usize::MAX);
    let mut reader = Reader::resume(bytes, zone, begin)?;
    let mut taken = Taken {
        total: u32::try_from(reader.total()).unwrap_or(u32::MAX),
        ..Taken::default()
    };
    let most = usize::try_from(at.most).unwrap_or(usize::MAX);
    let mut bytes_taken = 0;
    loop {
        let before = reader.offset();
        let is_full = taken.events.len() + taken.faults.len() >= most
            || bytes_taken >= BYTES_TAKEN
            || before.saturating_sub(begin) >= BYTES_READ;
        if is_full {
            taken.next = Some(before as u64);
            return Ok(taken);
        }
        let Some(event) = reader.next() else {
            return Ok(taken);
        };
        let line = reader.line();
        match event {
            Ok(event) => {
                let is_occurrence = event.recurrence_id.is_some();
                taken.has_occurrences |= is_occurrence;
                if is_occurrence == (at.pass == ImportPass::Occurrences) {
                    bytes_taken += reader.offset().saturating_sub(before);
                    taken.events.push(Found { line, event });
                }
            }
            Err(skipped) if at.pass == ImportPass::Wholes => taken.faults.push(Fault {
                line,
                code: skipped.code,
                message: skipped.message,
            }),
            Err(_) => {}
        }
    }
}

async fn read(step: &Step<'_>, key: &str) -> Result<Option<Vec<u8>>, Error> {
    let failed = |error: worker::Error| Error::unavailable(format!("R2: {error:?}"));
    let bucket = step.env.bucket("MAIL").map_err(failed)?;
    let object = bucket.get(key).execute().await.map_err(failed)?;
    let object = object.filter(|object| object.size() <= MAX_FILE_BYTES as u64);
    match object.as_ref().and_then(worker::Object::body) {
        Some(body) => body.bytes().await.map(Some).map_err(failed),
        None => Ok(None),
    }
}

fn job_error(fault: Fault) -> JobError {
    JobError {
        item: format!("line {}", fault.line),
        code: fault.code,
        detail: fault.message,
    }
}

/// The effect where nothing more of the file can be taken in.
fn refused(step: &Step<'_>, code: &'static str, detail: &str) -> Result<Effect, Error> {
    let error = JobError {
        item: "upload".to_owned(),
        code,
        detail: detail.to_owned(),
    };
    let job = step.claimed.job_id.as_ref();
    let noted = job.map(|job| note_errors(job, &step.claimed.id, &[error]));
    Ok(Effect {
        statements: noted.transpose()?.into_iter().collect(),
        progress: Progress {
            done: 0,
            total: Some(0),
        },
        ..Effect::default()
    })
}
