//! Identifiers in paths. One that is not of its form is as absent as one that does not exist.

use axum::extract::{FromRequestParts, RawPathParams};
use delegate_core::error::Error;
use delegate_core::identifier::{
    AbsenceId, ApiKeyId, BookingLinkId, CalendarId, ConnectionId, DelegationId, EmailId, FeedId,
    HoldId, JobId, LessonId, PlanId, SessionId, TaskId, ThreadId,
};
use http::request::Parts;

use super::reply::Failure;

/// An identifier that can stand in a path.
pub(crate) trait Identifier: Sized {
    /// Reads it.
    fn read(text: &str) -> Option<Self>;
}

macro_rules! identifiers {
    ($($name:ident),*) => {$(
        impl Identifier for $name {
            fn read(text: &str) -> Option<Self> {
                Self::parse(text).ok()
            }
        }
    )*};
}

identifiers!(
    BookingLinkId,
    AbsenceId,
    ApiKeyId,
    CalendarId,
    ConnectionId,
    DelegationId,
    EmailId,
    FeedId,
    HoldId,
    JobId,
    LessonId,
    PlanId,
    SessionId,
    TaskId,
    ThreadId
);

impl Identifier for String {
    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// The first parameter of the path.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: Identifier, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let parameters = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| Error::not_found())?;
        let first = parameters.iter().next();
        let id = first
            .and_then(|(_, value)| T::read(value))
            .ok_or_else(Error::not_found)?;
        Ok(Self(id))
    }
}
