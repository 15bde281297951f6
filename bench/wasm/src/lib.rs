//! The calendar and the analysis of `delegate-core` as the figures of `cargo xtask bench` call them:
//! from Node, compiled to Wasm with the profile of the Worker. Nothing of it is in the Worker.
//!
//! What is measured is kept apart from what only makes it ready: a constructor reads, a method runs.

use wasm_bindgen::JsError;

pub mod analyze;
pub mod ics;
pub mod recurrence;
pub mod slots;

/// What is thrown where what a bench hands in can't be read.
fn unreadable(error: impl std::fmt::Display) -> JsError {
    JsError::new(&error.to_string())
}
