//! Virtual environments of Python, each with certain packages, in `.tools`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::process::Program;
use crate::project::Project;
use crate::stages::Outcome;
use crate::terminal::Step;

/// The folder of the programs of an environment with certain packages, each at one version, which is
/// made where it is not there yet; or `None` without a usable Python.
pub(crate) fn environment(
    project: &Project,
    name: &str,
    packages: &[(&str, &str)],
) -> Result<Option<PathBuf>> {
    let environment = project.path(".tools").join(name);
    let programs = environment.join("bin");
    let wanted: Vec<String> = packages
        .iter()
        .map(|(package, version)| format!("{package}=={version}"))
        .collect();
    let notes = environment.join("installed");
    let is_there = fs::read_to_string(&notes).is_ok_and(|there| there == wanted.join("\n"));
    if is_there && programs.join("python").exists() {
        return Ok(Some(programs));
    }
    let made = Program::new("python3")
        .args(["-m", "venv"])
        .arg(&environment)
        .captured();
    if let Err(error) = made {
        return if error.is::<crate::interrupt::Interrupted>() {
            Err(error)
        } else {
            Ok(None)
        };
    }
    let step = Step::begin(format!("installing {}", wanted.join(" ")));
    Program::new(programs.join("python"))
        .named("pip")
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .args(&wanted)
        .during(&step)?;
    fs::write(&notes, wanted.join("\n")).context("could not note the installation")?;
    step.done();
    Ok(Some(programs))
}

/// What is said of a check that needs Python where there is none.
pub(crate) fn missing() -> Outcome {
    Outcome::Skipped("there is no python3 that makes virtual environments".to_owned())
}
