//! The stores: SQL and nothing else. Every finder's first argument is the person whose rows it may
//! see, and what is read leaves as JSON that SQLite built, so that a page is one value and not
//! fifty rows crossing from JavaScript.

pub(crate) mod accounts;
pub(crate) mod emails;
pub(crate) mod idempotency;
pub(crate) mod jobs;
pub(crate) mod list;
pub(crate) mod outbox;
pub(crate) mod search_index;
pub(crate) mod sessions;
pub(crate) mod sweep;
pub(crate) mod tasks;
pub(crate) mod work;
