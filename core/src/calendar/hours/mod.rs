//! When a person works: the document they keep, what is away from it, and both as stretches of time.
//!
//! What is written here is civil (a time on a wall, on a weekday, in a zone) and stays that way in
//! storage. It becomes instants only over a window that somebody asks about, by the one rule of
//! [`crate::time`].

pub mod absence;
pub mod document;
pub mod expand;
pub mod values;
pub mod weights;
