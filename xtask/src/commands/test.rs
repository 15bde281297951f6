//! `cargo xtask test`: what must hold before a change is merged, with Rust and Node alone.
//!
//! From the quickest check to the slowest: the form of the code, the lints, the native tests, the
//! Worker, and the tests that drive it on workerd.

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;

use crate::commands::build::{self, Output, Profile};
use crate::commands::openapi;
use crate::commands::setup;
use crate::process::Program;
use crate::project::Project;
use crate::stages::{Outcome, Stages};
use crate::wrangler;

/// The tests that run on workerd, as a pattern that Node's runner resolves.
const WORKERD_TESTS: &str = "tests/**/*.test.{js,mjs}";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only tests whose name contains this; the form and the lints are left out
    filter: Option<String>,
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<ExitCode> {
    setup::run(project)?;
    let mut stages = Stages::of("test");
    if options.filter.is_none() {
        stages.program("format", cargo(project, ["fmt", "--all", "--check"]))?;
        stages.program(
            "lints",
            cargo(
                project,
                [
                    "clippy",
                    "--workspace",
                    "--all-targets",
                    "--",
                    "-D",
                    "warnings",
                ],
            ),
        )?;
        stages.run("API description", || openapi::compare(project))?;
    }
    let native = cargo(project, ["test", "--workspace"]).args(&options.filter);
    stages.program("native tests", native)?;

    let mut built = false;
    stages.run("the Worker", || {
        build::ensure(project, Profile::Quick, Output::Shown)?;
        built = true;
        Ok(Outcome::Passed)
    })?;
    stages.run("tests on workerd", || {
        if !built {
            bail!("there is no Worker to test");
        }
        workerd_tests(project, options.filter.as_deref())
    })?;
    Ok(stages.close())
}

/// Cargo in the checkout.
pub(crate) fn cargo<'a>(
    project: &Project,
    arguments: impl IntoIterator<Item = &'a str>,
) -> Program {
    Program::new("cargo").args(arguments).within(project.root())
}

fn workerd_tests(project: &Project, filter: Option<&str>) -> Result<Outcome> {
    if !project.path("tests").is_dir() {
        return Ok(Outcome::Skipped("there is no folder tests".to_owned()));
    }
    let profile = Profile::Quick.name();
    let mut program = node(project)?.env(build::PROFILE, profile).arg("--test");
    if let Some(filter) = filter {
        program = program.args(["--test-name-pattern", filter]);
    }
    program.arg(WORKERD_TESTS).shown()?;
    Ok(Outcome::Passed)
}

/// The project's own Node in the checkout, with wrangler kept quiet for what runs in it.
pub(crate) fn node(project: &Project) -> Result<Program> {
    let program = Program::new(project.npm_tool("node")).within(project.root());
    Ok(wrangler::quiet(program).env("PATH", project.search_path()?))
}
