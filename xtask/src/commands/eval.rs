//! `cargo xtask eval` and `cargo xtask train`: the crate `evaluation/` does both, since it knows the
//! engine and this crate knows none of the product's. `eval --peer` asks scikit-learn as well.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::commands::test::cargo;
use crate::commands::verify::python;
use crate::process::Program;
use crate::project::Project;
use crate::stages::Outcome;
use crate::terminal;

/// Labelled sentences, where somebody has put them beside the checkout.
pub(crate) const TRAINING_SET: &str = "../shared/data/email-intent/train.tsv";

/// The folder of what asks scikit-learn, and of the packages that it needs.
const PEER: &str = "evaluation/peer";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What is handed on; `--help` tells. `--peer`, alone and first, scores scikit-learn on the same
    /// folds instead
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// The program of the crate `evaluation/`, built if need be.
pub(crate) fn evaluation(project: &Project) -> Program {
    cargo(
        project,
        [
            "run",
            "--quiet",
            "--profile",
            "evaluation",
            "--package",
            "delegate-evaluation",
            "--",
        ],
    )
}

/// Runs one of its commands, such as `eval`.
pub(crate) fn run(project: &Project, command: &str, options: &Options) -> Result<ExitCode> {
    if command == "eval" && matches!(options.arguments.as_slice(), [only] if only == "--peer") {
        return peer(project);
    }
    evaluation(project)
        .arg(command)
        .args(&options.arguments)
        .within(project.root())
        .shown()?;
    Ok(ExitCode::SUCCESS)
}

/// Scores scikit-learn. Where it can't be, that is said and is no failure.
fn peer(project: &Project) -> Result<ExitCode> {
    let set = project.path(TRAINING_SET);
    if !set.is_file() {
        terminal::say(&format!("skipped: there is no {TRAINING_SET}"));
        return Ok(ExitCode::SUCCESS);
    }
    let pinned = project.path(PEER).join("requirements.txt");
    let pinned = fs::read_to_string(&pinned)
        .with_context(|| format!("could not read {}", pinned.display()))?;
    let packages: Vec<(&str, &str)> = pinned
        .lines()
        .filter_map(|line| line.split_once("=="))
        .collect();
    let Some(programs) = python::environment(project, "peer", &packages)? else {
        if let Outcome::Skipped(why) = python::missing() {
            terminal::say(&format!("skipped: {why}"));
        }
        return Ok(ExitCode::SUCCESS);
    };
    Program::new(programs.join("python"))
        .arg(project.path(PEER).join("tasks.py"))
        .arg(set)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .shown()?;
    Ok(ExitCode::SUCCESS)
}
