//! How well tasks are told from what is none: ten folds of the training set, and any labelled file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use delegate_core::analysis::intent::{COMMITTED, Weights};

use crate::section::Section;
use crate::sentences::{self, FOLDS, Labelled, TRAINING_SET};
use crate::train;

/// How often each answer was given to each truth.
#[derive(Debug, Default, Clone, Copy)]
struct Matrix {
    hits: u32,
    missed: u32,
    wrong: u32,
    rest: u32,
}

impl Matrix {
    fn add(&mut self, said: bool, meant: bool) {
        *match (said, meant) {
            (true, true) => &mut self.hits,
            (false, true) => &mut self.missed,
            (true, false) => &mut self.wrong,
            (false, false) => &mut self.rest,
        } += 1;
    }

    fn accuracy(&self) -> f64 {
        share(
            self.hits + self.rest,
            self.hits + self.rest + self.missed + self.wrong,
        )
    }

    fn precision(&self) -> f64 {
        share(self.hits, self.hits + self.wrong)
    }

    fn recall(&self) -> f64 {
        share(self.hits, self.hits + self.missed)
    }

    fn f1(&self) -> f64 {
        share(2 * self.hits, 2 * self.hits + self.missed + self.wrong)
    }

    fn table(&self) -> String {
        format!(
            "            said Yes  said No\n\
             is Yes      {:>8} {:>8}\n\
             is No       {:>8} {:>8}\n",
            self.hits, self.missed, self.wrong, self.rest
        )
    }

    fn figures(&self, prefix: &str) -> BTreeMap<String, f64> {
        [
            ("accuracy", self.accuracy()),
            ("precision", self.precision()),
            ("recall", self.recall()),
            ("f1", self.f1()),
        ]
        .map(|(name, value)| (format!("{prefix}_{name}"), value))
        .into()
    }
}

fn share(part: u32, whole: u32) -> f64 {
    f64::from(part) / f64::from(whole.max(1))
}

/// Ten folds of the set beside the checkout; `None` where there is none.
pub(crate) fn cross_validated(root: &Path, show_misses: bool) -> Result<Section> {
    let path = root.join(TRAINING_SET);
    let mut section = Section {
        title: "Tasks: ten folds of labelled sentences".to_owned(),
        ..Section::default()
    };
    let Some(sentences) = sentences::read(&path)? else {
        section.text = format!("skipped: there is no {}", path.display());
        return Ok(section);
    };
    let (matrix, misses) = validate(&sentences, &sentences::folds(&sentences))?;
    let (grouped, _) = validate(&sentences, &sentences::grouped_folds(&sentences))?;
    section.text = matrix.table();
    if show_misses {
        section.text += &misses;
    }
    section.figures = matrix.figures("task");
    section
        .figures
        .insert("task_accuracy_grouped".to_owned(), grouped.accuracy());
    Ok(section)
}

/// Scores the committed weights on a file.
pub(crate) fn of_file(path: &Path, show_misses: bool) -> Result<Section> {
    let sentences =
        sentences::read(path)?.with_context(|| format!("there is no {}", path.display()))?;
    let weights = Weights::read(COMMITTED)?;
    let (mut matrix, mut misses) = (Matrix::default(), String::new());
    for sentence in &sentences {
        judge(&weights, sentence, &mut matrix, &mut misses);
    }
    let mut text = matrix.table();
    if show_misses {
        text += &misses;
    }
    Ok(Section {
        title: format!("Tasks: the committed weights on {}", path.display()),
        text,
        figures: matrix.figures("task"),
    })
}

fn validate(sentences: &[Labelled], folds: &[usize]) -> Result<(Matrix, String)> {
    let (mut matrix, mut misses) = (Matrix::default(), String::new());
    for fold in 0..FOLDS {
        let of = |wanted: bool| -> Vec<&Labelled> {
            sentences
                .iter()
                .zip(folds)
                .filter(|(_, at)| (**at == fold) == wanted)
                .map(|(sentence, _)| sentence)
                .collect()
        };
        let bytes = train::train(&of(false)).write(train::BITS);
        let weights = Weights::read(&bytes)?;
        for sentence in of(true) {
            judge(&weights, sentence, &mut matrix, &mut misses);
        }
    }
    Ok((matrix, misses))
}

fn judge(weights: &Weights<'_>, sentence: &Labelled, matrix: &mut Matrix, misses: &mut String) {
    let probability = train::judges(weights, sentence);
    let said = probability >= 0.5;
    matrix.add(said, sentence.is_task);
    if said != sentence.is_task {
        let kind = if said { "extra " } else { "missed" };
        // Writing to a string can't fail.
        let _ = writeln!(misses, "{kind} {probability:.2} {}", sentence.text);
    }
}
