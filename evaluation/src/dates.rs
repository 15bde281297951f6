//! Dates in words: how much of a set is understood, by kind and by language.
//!
//! The form of a set, and the notation of its values, stand at the head of `core/tests/dates.tsv`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use self::set::{context, told};
use crate::section::Section;

#[path = "../../core/tests/support/dates_set.rs"]
mod set;

/// The set that `date_accuracy` is about.
const OWN: &str = "core/tests/dates.tsv";

/// How many rows were right, of how many.
#[derive(Debug, Default, Clone, Copy)]
struct Score {
    right: u32,
    rows: u32,
}

impl Score {
    fn add(&mut self, right: bool) {
        self.right += u32::from(right);
        self.rows += 1;
    }

    fn share(self) -> f64 {
        f64::from(self.right) / f64::from(self.rows.max(1))
    }
}

/// Scores the own set.
pub(crate) fn own(root: &Path, misses: bool) -> Result<Section> {
    let section = score(&root.join(OWN), misses)?;
    let title = "Dates in words".to_owned();
    Ok(Section { title, ..section })
}

/// Scores any set of the same form.
pub(crate) fn score(path: &Path, misses: bool) -> Result<Section> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let mut all = Score::default();
    let mut kinds: BTreeMap<&str, Score> = BTreeMap::new();
    let mut languages: BTreeMap<&str, Score> = BTreeMap::new();
    let (mut clock, mut report) = ("", String::new());
    for (number, line) in (1..).zip(text.lines()) {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let columns: Vec<&str> = line.split('\t').collect();
        let [language, kind, now, sentence, expected] = columns.as_slice() else {
            bail!("{}:{number}: five columns, between tabs", path.display());
        };
        if *now != "=" {
            clock = now;
        }
        let context =
            context(clock).with_context(|| format!("{}:{number}: {clock}", path.display()))?;
        let found = told(sentence, &context);
        let right = found == *expected;
        all.add(right);
        kinds.entry(kind).or_default().add(right);
        languages.entry(language).or_default().add(right);
        if misses && !right {
            writeln!(
                report,
                "{number} {language} {kind}: {sentence}\n    expected {expected}\n    found    {found}"
            )?;
        }
    }
    let mut section = Section {
        title: format!("Dates in words: {}", path.display()),
        text: report,
        ..Section::default()
    };
    for (heading, scores) in [("language", &languages), ("kind", &kinds)] {
        writeln!(section.text, "{heading:<12} right  rows")?;
        for (name, score) in scores {
            writeln!(
                section.text,
                "{name:<12} {:>5} {:>5}",
                score.right, score.rows
            )?;
        }
        section.text.push('\n');
    }
    section
        .figures
        .insert("date_accuracy".to_owned(), all.share());
    for (language, score) in languages {
        section
            .figures
            .insert(format!("date_accuracy_{language}"), score.share());
    }
    Ok(section)
}
