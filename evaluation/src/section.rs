//! What one labelled set says: a text for people and figures for programs.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Result;

/// The score on one labelled set.
#[derive(Debug, Default)]
pub(crate) struct Section {
    /// What was scored.
    pub(crate) title: String,
    /// Tables and misses, ready to print.
    pub(crate) text: String,
    /// The figures by name, such as `task_accuracy`.
    pub(crate) figures: BTreeMap<String, f64>,
}

impl fmt::Display for Section {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "## {}\n", self.title)?;
        if !self.text.is_empty() {
            writeln!(formatter, "{}\n", self.text.trim_end())?;
        }
        for (name, value) in &self.figures {
            writeln!(formatter, "{name:<32} {value:.4}")?;
        }
        Ok(())
    }
}

/// The figures of all sections as one JSON object.
pub(crate) fn figures(sections: &[Section]) -> Result<String> {
    let all: BTreeMap<&str, f64> = sections
        .iter()
        .flat_map(|section| &section.figures)
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    Ok(serde_json::to_string_pretty(&all)?)
}
