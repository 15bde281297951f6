//! Sentences that people labelled, `Yes` or `No` and a tab before each, and how they are divided
//! into folds.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use delegate_core::analysis::intent::{self, View};

/// Where the set for training is, beside the checkout; it is no part of the project.
pub(crate) const TRAINING_SET: &str = "../shared/data/email-intent/train.tsv";

/// How many folds.
pub(crate) const FOLDS: usize = 10;

/// A sentence, what people say of it, and what the classifier sees of it.
#[derive(Debug)]
pub(crate) struct Labelled {
    pub(crate) text: String,
    pub(crate) is_task: bool,
    /// The features in order, each with how often it occurs by the square root of how many its view
    /// has, as the engine sums them.
    pub(crate) features: Vec<(u32, f64)>,
}

/// Reads a file of labelled sentences; `None` where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<Labelled>>> {
    if !path.is_file() {
        return Ok(None);
    }
    let data = fs::read_to_string(path)
        .with_context(|| format!("{} could not be read", path.display()))?;
    let sentences = data.lines().filter_map(|line| {
        let (label, text) = line.split_once('\t')?;
        Some(Labelled {
            text: text.to_owned(),
            is_task: label == "Yes",
            features: features(text),
        })
    });
    Ok(Some(sentences.collect()))
}

fn features(text: &str) -> Vec<(u32, f64)> {
    let mut counts = BTreeMap::new();
    let (mut wording, mut rules) = (0.0_f64, 0.0_f64);
    intent::features(text, |view, feature| {
        counts.entry(feature).or_insert((view, 0.0)).1 += 1.0;
        *match view {
            View::Wording => &mut wording,
            View::Rules => &mut rules,
        } += 1.0;
    });
    counts
        .into_iter()
        .map(|(feature, (view, count))| {
            let all = match view {
                View::Wording => wording,
                View::Rules => rules,
            };
            (feature, count / all.max(1.0).sqrt())
        })
        .collect()
}

/// The fold of each sentence. The file is sorted, so that neighbours, which are alike, are dealt
/// out in turn, the tasks apart from the rest.
pub(crate) fn folds(sentences: &[Labelled]) -> Vec<usize> {
    let (mut tasks, mut others) = (0, 0);
    sentences
        .iter()
        .map(|sentence| {
            let next = if sentence.is_task {
                &mut tasks
            } else {
                &mut others
            };
            *next += 1;
            (*next - 1) % FOLDS
        })
        .collect()
}

/// Folds that keep together what begins alike (its first 24 letters), so that no near copy of a
/// sentence is learnt and then asked for.
pub(crate) fn grouped_folds(sentences: &[Labelled]) -> Vec<usize> {
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    sentences
        .iter()
        .map(|sentence| {
            let letters = sentence.text.chars().filter(|ch| ch.is_alphabetic());
            let start = letters.flat_map(char::to_lowercase).take(24).collect();
            let next = groups.len();
            *groups.entry(start).or_insert(next) % FOLDS
        })
        .collect()
}
