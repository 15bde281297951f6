//! Delegate's domain: types, rules and ports, with no platform in sight.
//!
//! Nothing in this crate knows of Cloudflare, HTTP, SQL or JavaScript. It compiles and tests
//! natively in seconds, and every function is given the time and the random bytes it needs.

pub mod analysis;
pub mod mail;
pub mod search;
