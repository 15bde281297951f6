//! Changing an event: read it, decide what becomes of it, write that if nothing has changed meanwhile.

use delegate_core::calendar::event::{Event, EventPatchInput, EventRef};
use delegate_core::calendar::series::{Extent, SeriesChange, StoredEvent};
use delegate_core::error::Error;
use delegate_core::identifier::{CalendarEventId, EventId, UserId};
use delegate_core::time::Timestamp;

use super::{MAX_TRIES, contended, explained};
use crate::http::call::Call;
use crate::http::precondition::IfMatch;
use crate::http::query::Query;
use crate::planning;
use crate::store::events::{self, Found};
use crate::store::guard;

/// How much of a series a request is about: `extent`, which only an occurrence has.
pub(super) fn extent(query: Query, id: &EventRef) -> Result<Extent, Error> {
    let query = query.known(&["extent"])?;
    let given = query.word::<Extent>("extent")?;
    match (id.original, given) {
        (None, Some(Extent::This | Extent::Following)) => {
            let rule = "needs the identifier of an occurrence";
            Err(Error::invalid_parameter("extent", "no_occurrence", rule))
        }
        (None, _) => Ok(Extent::All),
        (Some(_), given) => Ok(given.unwrap_or_default()),
    }
}

/// What a change comes to.
pub(super) enum Change {
    /// A change of an event or a series.
    Series(Box<SeriesChange>),
    /// A change of an occurrence that has a row of its own.
    Occurrence(Box<Event>),
}

/// A change by a patch, of as much of a series as was asked for.
pub(super) struct Edit<'a> {
    id: &'a EventRef,
    extent: Extent,
    /// What a series is called that goes on from an occurrence.
    new_id: CalendarEventId,
    now: Timestamp,
}

impl<'a> Edit<'a> {
    pub(super) fn new(call: &Call, id: &'a EventRef, query: Query) -> Result<Self, Error> {
        let now = call.started();
        Ok(Self {
            id,
            extent: extent(query, id)?,
            new_id: CalendarEventId::new(now, call.entropy()?),
            now,
        })
    }

    /// The change of what was found; `patch` says what changes of the event that is named.
    pub(super) fn of(
        &self,
        whole: &Found,
        own: Option<&Found>,
        patch: impl Fn(&Event) -> Result<EventPatchInput, Error>,
    ) -> Result<Change, Error> {
        let series = whole.stored.clone();
        if let (Some(_), Extent::This, Some(own)) = (self.id.original, self.extent, own) {
            let event = own.stored.event.clone();
            let patch = patch(&event)?;
            return Ok(Change::Occurrence(Box::new(
                event.patched(patch, self.now)?,
            )));
        }
        let patch = patch(&series.event)?;
        Ok(Change::Series(Box::new(
            match (self.id.original, self.extent) {
                (None, _) => series.changed(patch, self.now)?,
                (Some(at), Extent::This) => series.occurrence_changed(at, patch, self.now)?,
                (Some(at), Extent::Following) => {
                    series.following_changed(at, patch, self.new_id.clone(), self.now)?
                }
                (Some(at), Extent::All) => series.all_changed(at, patch, self.now)?,
            },
        )))
    }
}

/// Reads an event, lets `decide` say what becomes of it, and writes that if nothing has changed in
/// between; otherwise it is read again. Two round trips, because a rule is expanded between them.
/// Answers with what was changed and its version; `None` where it is gone.
pub(super) async fn change_event(
    call: &Call,
    user: &UserId,
    id: &EventRef,
    if_match: &IfMatch,
    decide: impl Fn(&Found, Option<&Found>) -> Result<Change, Error>,
) -> Result<Option<(Event, u32)>, Error> {
    let now = call.started();
    for _ in 0..MAX_TRIES {
        let answer = call.database().run(events::find(user, id)).await?;
        let (whole, occurrence) = events::found(&answer)?;
        let whole = whole.ok_or_else(Error::not_found)?;
        let named = occurrence.as_ref().unwrap_or(&whole);
        if !if_match.allows(named.version) {
            return Err(IfMatch::failure(true));
        }
        let told = [
            &EventId::new(now, call.entropy()?),
            &EventId::new(now, call.entropy()?),
        ];
        let (statements, answered) = match decide(&whole, occurrence.as_ref())? {
            Change::Occurrence(event) => {
                let new = StoredEvent::new(*event);
                let statements = events::replace(user, named, &new, told[0])?;
                (statements, Some((new.event, named.version + 1)))
            }
            Change::Series(change) => {
                let statements = events::change(user, &whole, &change, told, now)?;
                let SeriesChange {
                    series,
                    occurrence,
                    following,
                    ..
                } = *change;
                let answered = occurrence
                    .map(|event| (event, 1))
                    .or(following.map(|stored| (stored.event, 1)))
                    .or(series.map(|stored| (stored.event, whole.version + 1)));
                (statements, answered)
            }
        };
        match call.database().batch(statements).await {
            Ok(_) => {
                call.announce(user);
                planning::mend(call, user);
                return Ok(answered);
            }
            Err(error) if guard::has_failed(&error) => {}
            Err(error) => return Err(explained(error)),
        }
    }
    Err(contended())
}
