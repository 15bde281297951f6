//! `cargo xtask openapi`: the committed API description, made from the code.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::commands::test::cargo;
use crate::project::Project;
use crate::stages::Outcome;
use crate::terminal;

/// Where it is committed.
const DOCUMENT: &str = "openapi.json";

/// Prints the description that the code makes.
const GENERATOR: [&str; 6] = [
    "run",
    "--quiet",
    "--package",
    "delegate",
    "--example",
    "openapi",
];

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only compare, and fail where openapi.json is not what the code says
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<ExitCode> {
    if options.check {
        let outcome = compare(project)?;
        if let Outcome::Failed(reason) = &outcome {
            terminal::warn(reason);
        }
        let passed = matches!(outcome, Outcome::Passed);
        return Ok(if passed {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    let path = project.path(DOCUMENT);
    fs::write(&path, generate(project)?)
        .with_context(|| format!("could not write {}", path.display()))?;
    println!("wrote {DOCUMENT}");
    Ok(ExitCode::SUCCESS)
}

/// Whether the committed description is what the code says.
pub(crate) fn compare(project: &Project) -> Result<Outcome> {
    let committed = fs::read_to_string(project.path(DOCUMENT)).unwrap_or_default();
    if generate(project)? == committed {
        println!("{DOCUMENT} is up to date");
        return Ok(Outcome::Passed);
    }
    let advice = format!("{DOCUMENT} is not what the code says; `cargo xtask openapi` writes it");
    Ok(Outcome::Failed(advice))
}

fn generate(project: &Project) -> Result<String> {
    cargo(project, GENERATOR)
        .captured()
        .context("the code did not print its API description")
}
