//! Goes on with the archive of an export: the tasks, as the API shows them and as other programs
//! read them.

use delegate_core::error::Error;
use delegate_core::export::calendar::{Todo, calendar};
use delegate_core::export::cut_name;
use delegate_core::identifier::TaskId;
use delegate_core::work::{ExportPlace, Work};

use super::archiving::{Parts, job, read_file};
use super::{Effect, Step};
use crate::platform::clock;
use crate::store::jobs::Progress;
use crate::store::tasks;

pub(super) async fn run(step: &Step<'_>, place: &ExportPlace<TaskId>) -> Result<Effect, Error> {
    let job = job(step)?;
    let after = place.after.as_ref().map(TaskId::as_str);
    let Some(found) = read_file(step, &job, &tasks::PIECES, after).await? else {
        return Ok(Effect {
            follow_ups: vec![Work::ExportEventsV1 {
                place: ExportPlace::first(place.part),
            }],
            ..Effect::default()
        });
    };
    let todos: Vec<Todo> = serde_json::from_str(&found.json)
        .map_err(|error| Error::internal(format!("stored tasks: {error}")))?;
    let now = clock::now();
    let mut parts = Parts::from(step, job, place.part);
    let name = cut_name("tasks", "json", place.file);
    parts.file(&name, found.json.as_bytes(), now).await?;
    let name = cut_name("tasks", "ics", place.file);
    parts.file(&name, calendar(&todos).as_bytes(), now).await?;
    let (statements, part) = parts.end().await?;
    Ok(Effect {
        statements,
        follow_ups: vec![Work::ExportTasksV1 {
            place: ExportPlace {
                after: Some(found.last(TaskId::parse)?),
                file: place.file + 1,
                part,
            },
        }],
        progress: Progress {
            done: found.number,
            total: None,
        },
        ..Effect::default()
    })
}
