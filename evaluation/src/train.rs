//! Training the classifier of sentences: linear support vector machines whose features are scaled by
//! how rare they are, made one and brought to probabilities.
//!
//! Everything is in a fixed order on one thread with no random numbers: the same sentences give
//! the same bytes. No crate does this for sparse features (`linfa` is dense, the bindings of
//! LIBLINEAR bring C++), and the method is short: dual coordinate descent (Hsieh et al., "A Dual
//! Coordinate Descent Method for Large-scale Linear SVM", ICML 2008) with the squared hinge loss.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use delegate_core::analysis::intent::{Learnt, Weights};

use crate::sentences::{self, FOLDS, Labelled, TRAINING_SET};

/// Where the weights are, from the checkout's root.
const WEIGHTS: &str = "core/src/analysis/intent/weights.bin";

/// The table's slots as a power of two: two bytes each.
pub(crate) const BITS: u8 = 16;

/// What an error costs against large weights.
const COST: f64 = 0.2;

/// Passes over the sentences.
const PASSES: usize = 60;

#[derive(Debug, Args)]
pub(crate) struct Train {
    /// Only say whether training gives the committed weights
    #[arg(long)]
    check: bool,
    /// The checkout whose weights are written
    #[arg(long, default_value = ".")]
    root: PathBuf,
}

/// Trains on the set beside the checkout, where there is one.
#[allow(clippy::print_stdout, reason = "a command line talks")]
pub(crate) fn run(options: &Train) -> Result<()> {
    let set = options.root.join(TRAINING_SET);
    let Some(sentences) = sentences::read(&set)? else {
        println!("skipped: there is no {}", set.display());
        return Ok(());
    };
    let all: Vec<&Labelled> = sentences.iter().collect();
    let bytes = train(&all).write(BITS);
    let path = options.root.join(WEIGHTS);
    if options.check {
        if fs::read(&path)? != bytes {
            bail!("training gives other weights than {}", path.display());
        }
        println!("training gives the committed weights, byte for byte");
    } else {
        write(&path, &bytes)?;
        println!(
            "{} sentences gave {} bytes: {}",
            all.len(),
            bytes.len(),
            path.display()
        );
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    Ok(fs::write(path, bytes)?)
}

/// Learns from sentences, and how sure to be from folds of them.
pub(crate) fn train(sentences: &[&Labelled]) -> Learnt {
    let learnt = fit(sentences);
    let (slope, offset) = calibration(sentences);
    Learnt {
        weights: learnt
            .weights
            .into_iter()
            .map(|(feature, weight)| (feature, weight * slope))
            .collect(),
        bias: learnt.bias * slope + offset,
    }
}

/// How far a sentence is on the side of the tasks, by weights that were not stored yet.
fn distance(weights: &BTreeMap<u32, f64>, bias: f64, sentence: &Labelled) -> f64 {
    let sum: f64 = sentence
        .features
        .iter()
        .map(|(feature, value)| weights.get(feature).unwrap_or(&0.0) * value)
        .sum();
    sum + bias
}

/// What sentences are made of, by columns.
struct Columns {
    features: Vec<u32>,
    rows: Vec<Vec<(usize, f64)>>,
    labels: Vec<f64>,
    /// In how many sentences each feature is.
    seen: Vec<f64>,
}

impl Columns {
    fn of(sentences: &[&Labelled], least: u32) -> Self {
        let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
        for (feature, _) in sentences.iter().flat_map(|sentence| &sentence.features) {
            *counts.entry(*feature).or_insert(0) += 1;
        }
        counts.retain(|_, count| *count >= least);
        let columns: BTreeMap<u32, usize> = counts.keys().copied().zip(0..).collect();
        let seen = counts.values().map(|count| f64::from(*count)).collect();
        let mut rows = Vec::with_capacity(sentences.len());
        for sentence in sentences {
            let row: Vec<(usize, f64)> = sentence
                .features
                .iter()
                .filter_map(|(feature, value)| Some((*columns.get(feature)?, *value)))
                .collect();
            rows.push(row);
        }
        let labels = sentences.iter().map(|sentence| sign(sentence)).collect();
        Self {
            features: columns.into_keys().collect(),
            rows,
            labels,
            seen,
        }
    }

    /// Weights of the features scaled by `scales`, and the bias.
    fn machine(&self, scales: &[f64], cost: f64) -> (Vec<f64>, f64) {
        let rows: Vec<Vec<(usize, f64)>> = self
            .rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|(column, value)| (*column, value * scales.get(*column).unwrap_or(&0.0)))
                    .collect()
            })
            .collect();
        let (weights, bias) = descend(&rows, &self.labels, scales.len(), cost);
        let unscaled = weights
            .iter()
            .zip(scales)
            .map(|(weight, scale)| weight * scale);
        (unscaled.collect(), bias)
    }
}

fn sign(sentence: &Labelled) -> f64 {
    if sentence.is_task { 1.0 } else { -1.0 }
}

/// Two machines made one: one knows all features, the other only what several sentences have. Half
/// of what a single sentence teaches is a little better than all of it and than nothing.
fn fit(sentences: &[&Labelled]) -> Learnt {
    let (common, first) = fit_one(sentences, 2);
    let (mut all, second) = fit_one(sentences, 1);
    for (feature, weight) in &mut all {
        *weight = f64::midpoint(*weight, common.get(feature).copied().unwrap_or(0.0));
    }
    Learnt {
        weights: all.into_iter().collect(),
        bias: f64::midpoint(first, second),
    }
}

/// One machine of the features that at least so many sentences have, scaled by rarity.
fn fit_one(sentences: &[&Labelled], least: u32) -> (BTreeMap<u32, f64>, f64) {
    let columns = Columns::of(sentences, least);
    let count: f64 = columns.labels.iter().map(|label| label.abs()).sum();
    let rarity: Vec<f64> = columns
        .seen
        .iter()
        .map(|seen| (count / seen).ln().max(0.1).sqrt())
        .collect();
    let (weights, bias) = columns.machine(&rarity, COST);
    (columns.features.into_iter().zip(weights).collect(), bias)
}

/// Minimises the squared hinge loss and the weights' length, one sentence after the other.
fn descend(
    rows: &[Vec<(usize, f64)>],
    labels: &[f64],
    columns: usize,
    cost: f64,
) -> (Vec<f64>, f64) {
    let mut weights = vec![0.0; columns];
    let mut bias = 0.0;
    let softness = 0.5 / cost;
    let mut alphas = vec![0.0_f64; rows.len()];
    let squares: Vec<f64> = rows
        .iter()
        .map(|row| row.iter().map(|(_, value)| value * value).sum::<f64>() + 1.0 + softness)
        .collect();
    for _ in 0..PASSES {
        // The set is sorted, tasks last: a stride mixes them.
        for start in 0..STRIDE {
            for at in (start..rows.len()).step_by(STRIDE) {
                let (Some(row), Some(label), Some(alpha), Some(square)) = (
                    rows.get(at),
                    labels.get(at),
                    alphas.get_mut(at),
                    squares.get(at),
                ) else {
                    continue;
                };
                let sum: f64 = row
                    .iter()
                    .map(|(column, value)| weights.get(*column).unwrap_or(&0.0) * value)
                    .sum();
                let gradient = label * (sum + bias) - 1.0 + softness * *alpha;
                let next = (*alpha - gradient / square).max(0.0);
                let step = (next - *alpha) * label;
                *alpha = next;
                for (column, value) in row {
                    if let Some(weight) = weights.get_mut(*column) {
                        *weight += step * value;
                    }
                }
                bias += step;
            }
        }
    }
    (weights, bias)
}

/// How far apart the sentences are that follow each other in a pass.
const STRIDE: usize = 61;

/// Slope and offset that make log-odds of distances (Platt), found on sentences that were held
/// back from the weights that judge them.
fn calibration(sentences: &[&Labelled]) -> (f64, f64) {
    let mut judged = Vec::with_capacity(sentences.len());
    for fold in 0..FOLDS / 2 {
        let held = |at: &usize| at % (FOLDS / 2) == fold;
        let rest: Vec<&Labelled> = sentences
            .iter()
            .enumerate()
            .filter(|(at, _)| !held(at))
            .map(|(_, sentence)| *sentence)
            .collect();
        let learnt = fit(&rest);
        let weights: BTreeMap<u32, f64> = learnt.weights.into_iter().collect();
        judged.extend(sentences.iter().enumerate().filter(|(at, _)| held(at)).map(
            |(_, sentence)| {
                let distance = distance(&weights, learnt.bias, sentence);
                (distance, f64::from(u8::from(sentence.is_task)))
            },
        ));
    }
    platt(&judged)
}

/// Newton's method on two numbers.
fn platt(judged: &[(f64, f64)]) -> (f64, f64) {
    let (mut slope, mut offset) = (1.0, 0.0);
    for _ in 0..30 {
        let (mut ga, mut gb, mut aa, mut ab, mut bb) = (1e-6 * slope, 0.0, 1e-6, 0.0, 1e-6);
        for (distance, truth) in judged {
            let probability = 1.0 / (1.0 + (-(slope * distance + offset)).exp());
            let (error, spread) = (probability - truth, probability * (1.0 - probability));
            ga += error * distance;
            gb += error;
            aa += spread * distance * distance;
            ab += spread * distance;
            bb += spread;
        }
        let determinant = aa * bb - ab * ab;
        slope -= (bb * ga - ab * gb) / determinant;
        offset -= (aa * gb - ab * ga) / determinant;
    }
    (slope, offset)
}

/// What weights say of a sentence, as the engine will read them.
pub(crate) fn judges(weights: &Weights<'_>, sentence: &Labelled) -> f64 {
    delegate_core::analysis::intent::probability(weights, &sentence.text)
}
