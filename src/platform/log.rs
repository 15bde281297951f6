//! One structured line a request and one a job; a person's words are never in them.

use serde_json::{Map, Value};

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
    fields: Map<String, Value>,
}

impl Line {
    /// A line about `message`, a fixed text that a search can find.
    pub(crate) fn new(level: Level, message: &'static str) -> Self {
        let name = match level {
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let mut fields = Map::new();
        fields.insert("level".to_owned(), name.into());
        fields.insert("message".to_owned(), message.into());
        Self { level, fields }
    }

    /// The line with one field more.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// Writes the line.
    pub(crate) fn write(self) {
        let text = Value::Object(self.fields).to_string();
        match self.level {
            Level::Info => worker::console_log!("{text}"),
            Level::Warn => worker::console_warn!("{text}"),
            Level::Error => worker::console_error!("{text}"),
        }
    }
}
