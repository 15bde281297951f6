//! HTTP as Delegate speaks it: from the platform's request to a handler and back.
//!
//! The way of a request: `adapter` -> `router` -> the extractors (`caller`, `body`, `query`,
//! `path`, `precondition`) -> a handler of `crate::api` -> `reply` -> `adapter`.

pub(crate) mod adapter;
pub(crate) mod body;
pub(crate) mod call;
pub(crate) mod caller;
pub(crate) mod cross_origin;
pub(crate) mod deadline;
pub(crate) mod headers;
pub(crate) mod idempotency;
pub(crate) mod limits;
pub(crate) mod page;
pub(crate) mod path;
pub(crate) mod precondition;
pub(crate) mod problem;
pub(crate) mod query;
pub(crate) mod reply;
pub(crate) mod router;
pub(crate) mod source;
