//! How good the built-in analysis is. `cargo xtask train` and `cargo xtask eval` run this.
//!
//! One file a labelled set; each gives a [`Section`]: a text for people and figures for programs.

#![allow(
    clippy::print_stdout,
    reason = "a command line talks to the person in front of it"
)]

mod attacks;
mod dates;
mod messages;
mod section;
mod sentences;
mod tasks;
mod train;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::section::Section;

#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Score the built-in engine on the labelled sets
    Eval(Eval),
    /// Train the classifier of sentences again
    Train(train::Train),
}

#[derive(Debug, Args)]
struct Eval {
    /// Print the figures as one JSON object
    #[arg(long)]
    json: bool,
    /// Score only this set of dates in words, a file of the form of core/tests/dates.tsv
    #[arg(long, value_name = "FILE")]
    dates: Option<PathBuf>,
    /// Print what was missed, of the messages only in the half that rules are worked on with
    #[arg(long)]
    misses: bool,
    /// The checkout whose sets are read
    #[arg(long, default_value = ".")]
    root: PathBuf,
    /// Score how tasks are told on this file instead, `Yes` or `No` and a tab before each sentence
    #[arg(long, value_name = "FILE")]
    tasks: Option<PathBuf>,
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Eval(options) => eval(&options),
        Command::Train(options) => train::run(&options),
    }
}

fn eval(options: &Eval) -> Result<()> {
    let sections: Vec<Section> = match (&options.dates, &options.tasks) {
        (Some(file), _) => vec![dates::score(file, options.misses)?],
        (None, Some(file)) => vec![tasks::of_file(file, options.misses)?],
        (None, None) => vec![
            dates::own(&options.root, options.misses)?,
            messages::section(&options.root, options.misses)?,
            attacks::section(&options.root),
            tasks::cross_validated(&options.root, options.misses)?,
        ],
    };
    if options.json {
        println!("{}", section::figures(&sections)?);
    } else {
        for section in &sections {
            println!("{section}");
        }
    }
    Ok(())
}
