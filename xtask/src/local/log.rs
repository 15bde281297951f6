//! The Worker's log on the terminal.
//!
//! The Worker writes one JSON object a line; wrangler adds lines of its own. A log file gets all of
//! it; what the terminal shows is a choice.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use console::style;
use serde_json::{Map, Value};

/// How much of the log the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Nothing.
    Silent,
    /// The Worker's lines, shortened, and what went wrong.
    Compact,
    /// Everything as it comes.
    Raw,
}

/// A style that can be changed while the log is being shown.
#[derive(Debug, Clone)]
pub(crate) struct StyleSwitch(Arc<AtomicU8>);

impl StyleSwitch {
    pub(crate) fn new(style: Style) -> Self {
        let switch = Self(Arc::default());
        switch.set(style);
        switch
    }

    pub(crate) fn set(&self, style: Style) {
        self.0.store(style as u8, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> Style {
        match self.0.load(Ordering::Relaxed) {
            0 => Style::Silent,
            1 => Style::Compact,
            _ => Style::Raw,
        }
    }
}

impl Style {
    /// A line as this style shows it, if it does.
    pub(crate) fn render(self, line: &str) -> Option<String> {
        match self {
            Self::Silent => None,
            Self::Raw => Some(line.to_owned()),
            Self::Compact => compact(line),
        }
    }
}

fn compact(line: &str) -> Option<String> {
    if let Some(Value::Object(fields)) = line
        .find('{')
        .and_then(|start| line.get(start..))
        .and_then(|json| serde_json::from_str(json).ok())
    {
        return Some(compact_entry(&fields));
    }
    // Of wrangler's own words only complaints matter to somebody who tries the product.
    let complains = ["ERROR", "WARNING", "✘", "▲", "error", "panicked"];
    complains
        .iter()
        .any(|word| line.contains(word))
        .then(|| line.to_owned())
}

/// The fields that tell what happened, in the order a person reads them, then the others.
fn compact_entry(fields: &Map<String, Value>) -> String {
    const HEADLINE: [&str; 5] = [
        "message",
        "http.method",
        "http.route",
        "http.status",
        "duration_ms",
    ];
    // Of use in a search through stored logs, not on a screen.
    const LEFT_OUT: [&str; 4] = ["level", "request.id", "user.id", "trace.id"];

    let mut text = match fields.get("level").and_then(Value::as_str) {
        Some("error") => style("error").red().to_string(),
        Some("warn") => style("warn").yellow().to_string(),
        _ => style("·").dim().to_string(),
    };
    for name in HEADLINE {
        match (name, fields.get(name)) {
            (_, None) => {}
            // The method and the route say as much.
            ("message", Some(value)) if value == "request" => {}
            ("duration_ms", Some(value)) => {
                let _ = write!(text, " {}", style(format!("{value} ms")).dim());
            }
            (_, Some(value)) => {
                let _ = write!(text, " {}", plain(value));
            }
        }
    }
    for (name, value) in fields {
        if !HEADLINE.contains(&name.as_str()) && !LEFT_OUT.contains(&name.as_str()) {
            let _ = write!(text, " {}", style(format!("{name}={}", plain(value))).dim());
        }
    }
    text
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::Style;

    #[test]
    fn an_entry_is_shortened_to_what_happened() {
        let line = r#"{"level":"info","message":"request","request.id":"r1","http.method":"GET","http.route":"/api/v1/tasks","http.status":200,"duration_ms":3,"d1.round_trips":1}"#;
        let shown = Style::Compact.render(line).unwrap_or_default();
        let shown = console::strip_ansi_codes(&shown);
        assert_eq!(shown, "· GET /api/v1/tasks 200 3 ms d1.round_trips=1");
    }

    #[test]
    fn chatter_of_wrangler_is_left_out_and_its_complaints_are_not() {
        assert_eq!(Style::Compact.render("⎔ Starting local server..."), None);
        assert!(Style::Compact.render("✘ [ERROR] no such table").is_some());
        assert_eq!(Style::Silent.render("✘ [ERROR] no such table"), None);
    }
}
