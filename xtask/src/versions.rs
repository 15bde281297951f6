//! The tools that are installed into `.tools`, each at one version.
//!
//! What comes from npm is pinned in `package-lock.json` instead.

use anyhow::{Context, Result};

use crate::project::Project;

/// Turns the crate into a Worker. Goes together with the `worker` crate of the same number.
pub(crate) const WORKER_BUILD: &str = "0.8.7";

/// Judges the dependency tree in `cargo xtask verify`.
pub(crate) const CARGO_DENY: &str = "0.20.2";

/// Fuzzes the API from its description in `cargo xtask verify`.
pub(crate) const SCHEMATHESIS: &str = "4.32.5";

/// Expands recurrence beside us in `cargo xtask verify`, as does the next.
pub(crate) const PYTHON_DATEUTIL: &str = "2.9.0.post0";

/// The other one: it reads whole calendars, by means of the next.
pub(crate) const RECURRING_ICAL_EVENTS: &str = "3.8.2";

/// The reader of calendars of the other one.
pub(crate) const PYTHON_ICALENDAR: &str = "7.3.2";

/// The time zones that both of them see: the first release that `icalendar` accepts. Its rules for
/// the years that are compared are those of `chrono-tz` (2025b).
pub(crate) const PYTHON_TZDATA: &str = "2025.3";

/// Judges the form of `openapi.json` in `cargo xtask verify`.
pub(crate) const REDOCLY: &str = "2.77.0";

/// The oldest Node that wrangler runs under; `package.json` brings a newer one of its own.
pub(crate) const OLDEST_NODE_MAJOR: u32 = 24;

/// The version of wasm-bindgen in `Cargo.lock`: the library and the tool must be of one version,
/// because the format between them changes with every release.
pub(crate) fn wasm_bindgen(project: &Project) -> Result<String> {
    let path = project.path("Cargo.lock");
    let lockfile = std::fs::read_to_string(&path)
        .with_context(|| format!("could not read {}", path.display()))?;
    locked_version(&lockfile, "wasm-bindgen")
        .context("Cargo.lock names no wasm-bindgen; the Worker can't be built without it")
}

fn locked_version(lockfile: &str, package: &str) -> Option<String> {
    let wanted = format!("name = \"{package}\"");
    let mut lines = lockfile.lines();
    lines.find(|line| *line == wanted)?;
    let version = lines
        .next()?
        .strip_prefix("version = \"")?
        .strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    #[test]
    fn version_is_read_from_the_lockfile() {
        let lockfile = "[[package]]\nname = \"wasm-bindgen-shared\"\nversion = \"0.1.0\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.129\"\n";
        assert_eq!(
            locked_version(lockfile, "wasm-bindgen").as_deref(),
            Some("0.2.129")
        );
        assert_eq!(locked_version(lockfile, "worker"), None);
    }
}
