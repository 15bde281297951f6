//! Goes on with the archive of an export: the audit trail.

use delegate_core::error::Error;
use delegate_core::export::cut_name;
use delegate_core::identifier::AuditId;
use delegate_core::work::{ExportPlace, Work};

use super::archiving::{Parts, job, read_file};
use super::{Effect, Step};
use crate::platform::clock;
use crate::store::audit;

pub(super) async fn run(step: &Step<'_>, place: &ExportPlace<AuditId>) -> Result<Effect, Error> {
    let job = job(step)?;
    let after = place.after.as_ref().map(AuditId::as_str);
    let Some(found) = read_file(step, &job, &audit::PIECES, after).await? else {
        return Ok(Effect {
            follow_ups: vec![Work::ExportTasksV1 {
                place: ExportPlace::first(place.part),
            }],
            ..Effect::default()
        });
    };
    let mut parts = Parts::from(step, job, place.part);
    let name = cut_name("audit", "json", place.file);
    parts
        .file(&name, found.json.as_bytes(), clock::now())
        .await?;
    let (statements, part) = parts.end().await?;
    Ok(Effect {
        statements,
        follow_ups: vec![Work::ExportAuditV1 {
            place: ExportPlace {
                after: Some(found.last(AuditId::parse)?),
                file: place.file + 1,
                part,
            },
        }],
        ..Effect::default()
    })
}
