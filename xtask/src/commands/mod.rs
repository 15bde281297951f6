//! The commands, one module each.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::project::Project;

pub(crate) mod accounts;
pub(crate) mod backup;
pub(crate) mod bench;
pub(crate) mod build;
pub(crate) mod demo;
pub(crate) mod deploy;
pub(crate) mod dev;
pub(crate) mod doctor;
pub(crate) mod eval;
pub(crate) mod import;
pub(crate) mod mailbox;
pub(crate) mod openapi;
pub(crate) mod setup;
pub(crate) mod test;
pub(crate) mod verify;

/// What `cargo xtask` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Install what is missing: the wasm target, the pinned tools, the npm packages
    Setup,
    /// Build the Worker and its static pages
    Build(build::Options),
    /// Serve on this machine, and build again when the source changes
    Dev(dev::Options),
    /// Show what Delegate makes of a week of sample mail, and keep serving
    Demo(demo::Options),
    /// Import mail files into a running Delegate
    Import(import::Options),
    /// Check form and lints, and run the tests: native ones and those on workerd
    Test(test::Options),
    /// Measure, against a JavaScript Worker where there is one to compare with
    Bench(bench::Options),
    /// Score the built-in analysis on its labelled sets
    Eval(eval::Options),
    /// Train the classifier of sentences again
    Train(eval::Options),
    /// Run the wider checks: dependencies, API description, fuzzing
    Verify(verify::Options),
    /// Write openapi.json from the code
    Openapi(openapi::Options),
    /// Say what is missing or misconfigured, and how to mend it
    Doctor,
    /// Deploy to Cloudflare, after checks
    Deploy(deploy::Options),
    /// Show the mail that a deployment without a mail service would have sent
    Mailbox(mailbox::Options),
    /// Take over the accounts of the former system
    ImportAccounts(accounts::Options),
    /// Write everything a deployment holds into a folder
    Backup(backup::BackupOptions),
    /// Read a backup into an empty deployment
    Restore(backup::RestoreOptions),
}

impl Command {
    /// Runs it. A command that judges answers its verdict as the exit code; one that cannot do its
    /// work answers an error.
    pub(crate) fn run(self, project: &Project) -> Result<ExitCode> {
        match self {
            Self::Setup => setup::run(project),
            Self::Build(options) => build::run(project, &options),
            Self::Dev(options) => dev::run(project, &options),
            Self::Demo(options) => demo::run(project, &options),
            Self::Import(options) => return import::run(&options),
            Self::Test(options) => return test::run(project, &options),
            Self::Bench(options) => return bench::run(project, &options),
            Self::Eval(options) => return eval::run(project, "eval", &options),
            Self::Train(options) => return eval::run(project, "train", &options),
            Self::ImportAccounts(options) => return accounts::run(project, &options),
            Self::Mailbox(options) => mailbox::run(project, &options),
            Self::Backup(options) => backup::back_up(project, &options),
            Self::Restore(options) => backup::restore(project, &options),
            Self::Doctor => return Ok(doctor::run(project)),
            Self::Deploy(options) => deploy::run(project, &options),
            Self::Verify(options) => return verify::run(project, &options),
            Self::Openapi(options) => return openapi::run(project, &options),
        }
        .map(|()| ExitCode::SUCCESS)
    }
}
