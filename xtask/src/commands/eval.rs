//! `cargo xtask eval` and `cargo xtask train`: the crate `evaluation/` does both, since it knows the
//! engine and this crate knows none of the product's.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::commands::test::cargo;
use crate::project::Project;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What is handed on; `--help` tells
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs one of its commands, such as `eval`.
pub(crate) fn run(project: &Project, command: &str, options: &Options) -> Result<ExitCode> {
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
            command,
        ],
    )
    .args(&options.arguments)
    .within(project.root())
    .shown()?;
    Ok(ExitCode::SUCCESS)
}
