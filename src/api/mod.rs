//! The handlers: one folder a resource, one file a verb or a few that belong together. A handler
//! checks, calls, answers; rules live in the domain, statements in the stores.

pub(crate) mod auth;
pub(crate) mod calendar;
pub mod document;
pub(crate) mod emails;
pub(crate) mod erasures;
pub(crate) mod jobs;
pub(crate) mod notifications;
pub(crate) mod operations;
pub(crate) mod tasks;
pub(crate) mod users;
