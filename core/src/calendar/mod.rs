//! The calendar: what an event is, when it happens, when people are free, and which times suit all.
//!
//! Time has two forms here. What people mean is civil: a day, or a time on a wall in a zone; that is
//! what is stored. What is computed with is an integer: milliseconds since 1970 in UTC
//! ([`interval`]), or seconds on a wall ([`civil`]). [`zone`] is the one way from one to the other.
//!
//! Nothing here asks a clock or a database: the edge reads rows, calls in, and writes what comes out.

pub mod agenda;
pub mod booking;
pub mod busy;
pub mod civil;
pub mod collection;
pub mod event;
pub mod feed;
pub mod hold;
pub mod hours;
pub mod ics;
pub mod import;
pub mod interval;
pub mod moving;
pub mod plan;
pub mod recurrence;
pub mod series;
pub mod slots;
pub mod window;
pub mod words;
pub mod zone;
