//! A row of checks that all run, and a verdict over them on the last line.
//!
//! The output of each runner stays on the terminal as it is: CI reads its closing lines.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use console::style;

use crate::interrupt::Interrupted;
use crate::process::Program;
use crate::terminal;

/// How a stage ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    Passed,
    Failed(String),
    /// It could not run here, for this reason.
    Skipped(String),
}

/// The stages that ran.
#[derive(Debug)]
pub(crate) struct Stages {
    command: &'static str,
    /// Only stages whose name contains this.
    filter: String,
    ended: Vec<(&'static str, Outcome, Duration)>,
}

impl Stages {
    pub(crate) fn of(command: &'static str) -> Self {
        Self {
            command,
            filter: String::new(),
            ended: Vec::new(),
        }
    }

    /// Leaves out the stages whose name does not contain the text.
    pub(crate) fn only(mut self, filter: Option<&str>) -> Self {
        filter.unwrap_or_default().clone_into(&mut self.filter);
        self
    }

    /// Runs one stage. A failure is kept for the verdict and the next stage runs all the same;
    /// only an interrupt ends the row.
    pub(crate) fn run(
        &mut self,
        name: &'static str,
        stage: impl FnOnce() -> Result<Outcome>,
    ) -> Result<()> {
        if !name.contains(&self.filter) {
            return Ok(());
        }
        terminal::say(&format!(
            "\n{}",
            style(format!("── {name}")).for_stderr().cyan().bold()
        ));
        let started = Instant::now();
        let outcome = match stage() {
            Ok(outcome) => outcome,
            Err(error) if error.is::<Interrupted>() => return Err(error),
            Err(error) => {
                terminal::complain(&error);
                Outcome::Failed(error.to_string())
            }
        };
        if let Outcome::Skipped(reason) = &outcome {
            terminal::say(&format!("skipped: {reason}"));
        }
        self.ended.push((name, outcome, started.elapsed()));
        Ok(())
    }

    /// Runs a program as a stage: its exit status is the verdict.
    pub(crate) fn program(&mut self, name: &'static str, program: Program) -> Result<()> {
        self.run(name, || program.shown().map(|()| Outcome::Passed))
    }

    /// Prints every verdict and the sum of them.
    pub(crate) fn close(self) -> ExitCode {
        println!();
        let (mut passed, mut failed, mut skipped) = (0, 0, 0);
        for (name, outcome, time) in &self.ended {
            let time = style(terminal::elapsed(*time)).dim();
            match outcome {
                Outcome::Passed => {
                    passed += 1;
                    println!("{} {name} {time}", style("✓").green());
                }
                Outcome::Failed(reason) => {
                    failed += 1;
                    println!("{} {name} {time}: {reason}", style("✗").red());
                }
                Outcome::Skipped(reason) => {
                    skipped += 1;
                    println!("{} {name}: skipped, {reason}", style("-").yellow());
                }
            }
        }
        println!(
            "{}: {passed} passed, {failed} failed, {skipped} skipped",
            self.command
        );
        if failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}
