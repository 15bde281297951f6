//! The stores: SQL and nothing else. The first argument of every finder that a request reaches is
//! the person whose rows it may see (signing in, which finds out who that is, and the steps of work,
//! which carry their person, are the exceptions), and what is read leaves as JSON that SQLite built, so that a page is one value and not
//! fifty rows crossing from JavaScript.

pub(crate) mod absences;
pub(crate) mod accounts;
pub(crate) mod agendas;

pub(crate) mod api_keys;
pub(crate) mod attempts;
pub(crate) mod audit;
pub(crate) mod authorizations;
pub(crate) mod booking_links;
pub(crate) mod calendars;
pub(crate) mod connections;
pub(crate) mod delegations;
pub(crate) mod documents;

pub(crate) mod emails;
pub(crate) mod erasures;
pub(crate) mod events;
pub(crate) mod exports;
pub(crate) mod feeds;
pub(crate) mod guard;
pub(crate) mod holds;
pub(crate) mod idempotency;
pub(crate) mod imports;
pub(crate) mod jobs;
pub(crate) mod known;
pub(crate) mod lessons;
pub(crate) mod list;
pub(crate) mod model_keys;
pub(crate) mod models;
pub(crate) mod outbox;
pub(crate) mod passwords;
pub(crate) mod permits;
pub(crate) mod plans;
pub(crate) mod search_index;
pub(crate) mod sessions;
pub(crate) mod sweep;
pub(crate) mod tasks;
pub(crate) mod work;
