//! Begins the archive of an export: what it is, and the account.

use delegate_core::error::Error;
use delegate_core::export::read_me;
use delegate_core::work::{ExportPlace, Work};

use super::archiving::{Parts, job};
use super::{Effect, Step};
use crate::platform::clock;
use crate::platform::database::Answer;
use crate::store::exports;
use crate::store::jobs::Progress;

/// The number of the first part.
const FIRST_PART: u32 = 1;

pub(super) async fn run(step: &Step<'_>) -> Result<Effect, Error> {
    let job = job(step)?;
    let now = clock::now();
    let answers = step
        .database
        .batch(exports::account(&step.user, &job))
        .await?;
    let [person, lists @ ..] = answers.as_slice() else {
        return Err(Error::internal("D1 answered fewer results than statements"));
    };
    let (Some(account), Some(address)) = (person.text("person"), person.text("email")) else {
        return Err(Error::not_found());
    };
    let mut parts = Parts::from(step, job, FIRST_PART);
    let content = read_me(&address, now);
    parts.file("README.txt", content.as_bytes(), now).await?;
    let content = file(&account, lists)?;
    parts.file("account.json", content.as_bytes(), now).await?;
    let (statements, part) = parts.end().await?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count"
    )]
    let total = person.number("total").map(|total| total as u32);
    Ok(Effect {
        statements,
        follow_ups: vec![Work::ExportAuditV1 {
            place: ExportPlace::first(part),
        }],
        progress: Progress { done: 1, total },
        ..Effect::default()
    })
}

/// The person, and under it the lists, a line each.
fn file(account: &str, lists: &[Answer]) -> Result<String, Error> {
    let mut text = format!("{{\n\"account\":{account}");
    for (name, answer) in exports::list_names().zip(lists) {
        let items = answer
            .text("items")
            .ok_or_else(|| Error::internal("a list of an account without its items"))?;
        text.extend([",\n\"", name, "\":", &items]);
    }
    text.push_str("\n}\n");
    Ok(text)
}
