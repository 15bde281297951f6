//! `cargo xtask openapi`: the committed API description, made from the code.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::commands::test::cargo;
use crate::project::Project;
use crate::terminal;

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
    let path = project.path("openapi.json");
    let wanted = cargo(project, GENERATOR)
        .captured()
        .context("the code did not print its API description")?;
    let committed = fs::read_to_string(&path).unwrap_or_default();
    if wanted == committed {
        println!("openapi.json is up to date");
        return Ok(ExitCode::SUCCESS);
    }
    if options.check {
        terminal::warn("openapi.json is not what the code says; run `cargo xtask openapi`");
        return Ok(ExitCode::FAILURE);
    }
    fs::write(&path, wanted).with_context(|| format!("could not write {}", path.display()))?;
    println!("wrote openapi.json");
    Ok(ExitCode::SUCCESS)
}
