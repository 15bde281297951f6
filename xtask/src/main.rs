//! Everything that is done with Delegate's code and deployments, behind `cargo xtask`.
//!
//! One module a command under [`commands`]; beside it the nouns they share: the project's folders,
//! the programs it starts, the local Worker, the terminal. Every command first makes sure that the
//! tools are there (see [`commands::setup`]), so none of them needs instructions.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks to the person in front of it; logs are the Worker's business"
)]

mod api;
mod commands;
mod database;
mod identifier;
mod interrupt;
mod local;
mod mailbox;
mod process;
mod project;
mod report;
mod stages;
mod stamp;
mod symbols;
mod terminal;
mod versions;
mod wrangler;

use std::process::ExitCode;

use clap::Parser;

use crate::commands::Command;
use crate::interrupt::Interrupted;
use crate::project::Project;

/// Build, try, test and run Delegate.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    process::adopt_orphans();
    let outcome = interrupt::listen()
        .and_then(|()| Project::locate())
        .and_then(|project| arguments.command.run(&project));
    match outcome {
        Ok(code) => code,
        // What a shell reports for a command that Ctrl-C ended.
        Err(error) if error.is::<Interrupted>() => ExitCode::from(130),
        Err(error) => {
            terminal::complain(&error);
            ExitCode::FAILURE
        }
    }
}
