//! Taking a time that nobody else may have: the agenda is read and computed with, and the batch that
//! writes begins with a claim, which fails where anything of that does not hold any more.

use delegate_core::calendar::busy::blocked;
use delegate_core::calendar::interval::Interval;
use delegate_core::error::Error;
use delegate_core::identifier::UserId;

use super::{MAX_TRIES, contended};
use crate::http::call::Call;
use crate::platform::database::Statement;
use crate::store::agendas::{self, Refusal};

/// Attempts something that ends with a claim, again where the calendar changed meanwhile. An attempt
/// that fails has done nothing.
pub(super) async fn attempt<T>(attempt: impl AsyncFn() -> Result<T, Error>) -> Result<T, Error> {
    for _ in 0..MAX_TRIES {
        match attempt().await {
            Err(error) => match agendas::refusal(&error) {
                Some(Refusal::Taken) => return Err(agendas::taken()),
                Some(Refusal::Stale) => {}
                None => return Err(error),
            },
            done => return done,
        }
    }
    Err(contended())
}

/// Takes a time for a person. `write` is given the claim to put at the head of its batch, and does
/// nothing but that batch. Two round trips, because series are expanded between them.
pub(super) async fn take<T>(
    call: &Call,
    user: &UserId,
    time: Interval,
    write: impl AsyncFn(Statement) -> Result<T, Error>,
) -> Result<T, Error> {
    let now = call.started();
    attempt(async || {
        let asked = agendas::find(user, std::slice::from_ref(user), time, now)?;
        let texts = agendas::texts(&call.database().run(asked).await?)?;
        let agenda = agendas::read(texts.first().ok_or_else(Error::not_found)?)?;
        if blocked(&agenda.stretches(time)?).overlaps(time) {
            return Err(agendas::taken());
        }
        write(agendas::claim(user, time, agenda.revision, now)).await
    })
    .await
}
