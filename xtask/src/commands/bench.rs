//! `cargo xtask bench`: the figures of Delegate, each beside that of a JavaScript Worker where there
//! is one to compare with.
//!
//! What is measured and how stands in `bench/README.md`; this builds what is measured and runs it.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::commands::build::{self, Output, Profile};
use crate::commands::setup;
use crate::commands::test::node;
use crate::project::Project;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Print one JSON object a line: name, value, unit, peer, `peer_value`, ratio
    #[arg(long)]
    json: bool,
    /// Only these figures, such as `api_read`; all unless told otherwise
    names: Vec<String>,
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<ExitCode> {
    setup::run(project)?;
    // The figures have the standard output for themselves.
    build::ensure(project, Profile::Release, Output::Step)?;
    let mut program = node(project)?.arg("bench/run.mjs");
    if options.json {
        program = program.arg("--json");
    }
    let status = program.args(&options.names).shown_status()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
