//! Goes on with the archive of an export: the events of calendars, as the API shows them.

use delegate_core::calendar::event::EventRef;
use delegate_core::error::Error;
use delegate_core::export::cut_name;
use delegate_core::work::{ExportPlace, Work};

use super::archiving::{Parts, job, read_file};
use super::{Effect, Step};
use crate::platform::clock;
use crate::store::events;
use crate::store::jobs::Progress;

pub(super) async fn run(step: &Step<'_>, place: &ExportPlace<EventRef>) -> Result<Effect, Error> {
    let job = job(step)?;
    let after = place.after.as_ref().map(ToString::to_string);
    let Some(found) = read_file(step, &job, &events::PIECES, after.as_deref()).await? else {
        return Ok(Effect {
            follow_ups: vec![Work::ExportMailV1 {
                place: ExportPlace::first(place.part),
            }],
            ..Effect::default()
        });
    };
    let mut parts = Parts::from(step, job, place.part);
    let name = cut_name("events", "json", place.file);
    parts
        .file(&name, found.json.as_bytes(), clock::now())
        .await?;
    let (statements, part) = parts.end().await?;
    Ok(Effect {
        statements,
        follow_ups: vec![Work::ExportEventsV1 {
            place: ExportPlace {
                after: Some(found.last(EventRef::parse)?),
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
