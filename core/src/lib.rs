//! Delegate's domain: types, rules and ports, with no platform in sight.
//!
//! Nothing in this crate knows of Cloudflare, HTTP, SQL or JavaScript. It compiles and tests
//! natively in seconds, and every function is given the time and the random bytes it needs.

pub mod account;
pub mod analysis;
pub mod api_key;
pub mod calendar;
pub mod connection;
pub mod dates;
pub mod delegation;
pub mod error;
pub mod event;
pub mod export;
pub mod hub;
pub mod identifier;
pub mod limit;
pub mod mail;
pub mod model;
pub mod oauth;
pub mod object;
pub mod outgoing_mail;
pub mod page;
pub mod patch;
pub mod preferences;
pub mod schema;
pub mod scope;
pub mod seal;
pub mod search;
pub mod secret;
pub mod task;
pub mod text;
pub mod time;
pub mod token;
pub mod work;
