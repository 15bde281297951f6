//! One structured line a request and one a job; a person's words are never in them.

use std::fmt::Write as _;

use serde_json::Value;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn log(line: &str);
    #[wasm_bindgen(js_namespace = console)]
    fn warn(line: &str);
    #[wasm_bindgen(js_namespace = console)]
    fn error(line: &str);
}

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// As it should be.
    Info,
    /// Somebody should look when there is time.
    Warn,
    /// Somebody should look.
    Error,
}

/// A line of the log: one JSON object with flat, dotted names.
pub(crate) struct Line {
    level: Level,
    text: String,
}

impl Line {
    /// A line about `message`, a fixed text that a search can find.
    pub(crate) fn new(level: Level, message: &'static str) -> Self {
        let name = match level {
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let mut text = String::with_capacity(512);
        text.extend([r#"{"level":""#, name, r#"","message":""#, message, "\""]);
        Self { level, text }
    }

    /// The line with one field more.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.text.extend([",\"", name, "\":"]);
        // Writing to a text can't fail.
        let _ = write!(self.text, "{}", value.into());
        self
    }

    /// Writes the line.
    pub(crate) fn write(mut self) {
        self.text.push('}');
        match self.level {
            Level::Info => log(&self.text),
            Level::Warn => warn(&self.text),
            Level::Error => error(&self.text),
        }
    }
}
