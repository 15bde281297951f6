//! A text that opens something. It goes into requests and into what is sealed, and nowhere else.

use serde::{Deserialize, Serialize};

/// A code, a token, a verifier or a client's secret. Has neither `Debug` nor `Display`, so that it
/// can't be logged; it is serialized only to be sealed (`core/src/seal.rs`).
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sensitive(String);

impl Sensitive {
    /// Takes a text out of sight.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the request that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
