//! Our expansion of recurrence beside that of two libraries of Python.

use anyhow::Result;

use super::python;
use crate::commands::test::cargo;
use crate::process::Program;
use crate::project::Project;
use crate::stages::Outcome;
use crate::terminal::Step;
use crate::versions;

/// Makes the cases, asks all three, and judges.
const ORACLE: &str = "xtask/oracle/recurrence.py";

/// Expands what it reads, with our engine.
const EXPAND: &str = "target/release/examples/expand";

pub(super) fn check(project: &Project) -> Result<Outcome> {
    let packages = [
        ("python-dateutil", versions::PYTHON_DATEUTIL),
        ("recurring-ical-events", versions::RECURRING_ICAL_EVENTS),
        ("icalendar", versions::PYTHON_ICALENDAR),
        ("tzdata", versions::PYTHON_TZDATA),
    ];
    let Some(programs) = python::environment(project, "recurrence", &packages)? else {
        return Ok(python::missing());
    };
    let step = Step::begin("building what expands");
    cargo(
        project,
        [
            "build",
            "--quiet",
            "--release",
            "--package",
            "delegate-core",
            "--example",
            "expand",
        ],
    )
    .during(&step)?;
    step.done();
    Program::new(programs.join("python"))
        .arg(project.path(ORACLE))
        .arg(project.path(EXPAND))
        // The package's time zones, and not those of the system.
        .env("PYTHONTZPATH", "")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .shown()?;
    Ok(Outcome::Passed)
}
