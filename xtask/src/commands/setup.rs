//! `cargo xtask setup`: everything a machine with Rust and Node lacks, inside the checkout.
//!
//! Every other command runs it first, so the usual case, in which nothing is to be done, costs a
//! few files read and one program started. Nothing outside the checkout changes, except that rustup
//! gets the wasm target.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::process::Program;
use crate::project::{Lock, Project};
use crate::stamp::{Fingerprint, Stamp};
use crate::terminal::Step;
use crate::{terminal, versions};

/// What the Worker is compiled to.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The secrets of `.dev.vars`, each 32 random bytes in base64url.
pub(crate) const SECRETS: [&str; 3] = [
    "TOKEN_SIGNING_KEYS",
    "TOKEN_ENCRYPTION_KEYS",
    "DELEGATE_SECRET",
];

pub(crate) fn run(project: &Project) -> Result<()> {
    let _lock = Lock::wait(
        &project.path(".tools/setup.lock"),
        "waiting for another cargo xtask that is setting up this checkout",
    )?;
    add_target(project)?;
    install_tool(project, "worker-build", versions::WORKER_BUILD)?;
    install_tool(
        project,
        "wasm-bindgen-cli",
        &versions::wasm_bindgen(project)?,
    )?;
    remove_leftovers(project);
    install_npm_packages(project)?;
    make_secrets(project)
}

/// Makes sure that rustc can compile to the Worker's target.
fn add_target(project: &Project) -> Result<()> {
    if has_target(project)? {
        return Ok(());
    }
    let step = Step::begin(format!("adding the Rust target {TARGET}"));
    Program::new("rustup")
        .args(["target", "add", TARGET])
        .within(project.root())
        .during(&step)
        .with_context(|| {
            format!(
                "Rust here can't compile to {TARGET}; with rustup run `rustup target add {TARGET}`, \
                 with a distribution's Rust install its package for that target"
            )
        })?;
    step.done();
    Ok(())
}

pub(crate) fn has_target(project: &Project) -> Result<bool> {
    let sysroot = Program::new("rustc")
        .args(["--print", "sysroot"])
        .within(project.root())
        .captured()
        .context("rustc does not run; install Rust with rustup")?;
    Ok(Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib")
        .is_dir())
}

/// Installs a program of the cargo registry into `.tools`, unless it is there in this version.
pub(crate) fn install_tool(project: &Project, package: &str, version: &str) -> Result<()> {
    if installed_version(project, package).as_deref() == Some(version) {
        return Ok(());
    }
    let step = Step::begin(format!(
        "installing {package} {version} (once, takes a minute or two)"
    ));
    Program::new("cargo")
        .named(&format!("cargo install {package}"))
        .args([
            "install",
            package,
            "--version",
            version,
            "--locked",
            "--force",
        ])
        // A debug build is compiled in a third of the time and makes a Worker build only two
        // seconds slower; nobody debugs the tools, so their symbols are left out.
        .args([
            "--debug",
            "--root",
            ".tools",
            "--target-dir",
            ".tools/target",
        ])
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .within(project.root())
        .during(&step)?;
    step.done();
    Ok(())
}

/// The version of a package that cargo noted as installed into `.tools`.
pub(crate) fn installed_version(project: &Project, package: &str) -> Option<String> {
    let notes = fs::read_to_string(project.path(".tools/.crates.toml")).ok()?;
    let prefix = format!("\"{package} ");
    let line = notes.lines().find_map(|line| line.strip_prefix(&prefix))?;
    let version = line.split(' ').next()?;
    Some(version.to_owned())
}

/// What the tools were compiled in is a gigabyte that nothing needs again.
pub(crate) fn remove_leftovers(project: &Project) {
    let target = project.path(".tools/target");
    if target.is_dir() && fs::remove_dir_all(&target).is_err() {
        terminal::warn(&format!("{} could not be removed", target.display()));
    }
}

/// Installs the npm packages, unless they are those of the lockfile.
fn install_npm_packages(project: &Project) -> Result<()> {
    let inputs = ["package.json", "package-lock.json", ".npmrc"];
    let fingerprint = Fingerprint::of(project.root(), &inputs, &[])?;
    let stamp = Stamp::at(project.path("node_modules/.delegate-stamp"));
    if stamp.holds(&fingerprint) {
        return Ok(());
    }
    let step = Step::begin("installing the npm packages (wrangler, Node, esbuild, …)");
    // Errors only: the machine's Node may be older than wrangler wants, which is why the packages
    // bring a Node, and npm would warn of it for each package.
    Program::new("npm")
        .args(["ci", "--loglevel=error", "--no-audit", "--no-fund"])
        .env("SCARF_ANALYTICS", "false")
        .within(project.root())
        .during(&step)
        .context("the npm packages could not be installed; is npm there?")?;
    step.detail("looking at the Node they brought");
    require_node(project)?;
    stamp.set(&fingerprint)?;
    step.done();
    Ok(())
}

fn require_node(project: &Project) -> Result<()> {
    let version = node_version(project).context(
        "the npm package `node` brought no Node; allow its install script \
         (`npm config get ignore-scripts` should say false) and run `cargo xtask setup` again",
    )?;
    if version.major < versions::OLDEST_NODE_MAJOR {
        bail!(
            "node_modules/.bin/node is {}, which is too old for wrangler",
            version.text
        );
    }
    Ok(())
}

/// The version that a Node says it has.
#[derive(Debug)]
pub(crate) struct NodeVersion {
    pub(crate) major: u32,
    pub(crate) text: String,
}

/// The version of the Node that runs wrangler.
pub(crate) fn node_version(project: &Project) -> Result<NodeVersion> {
    let text = Program::new(project.npm_tool("node"))
        .arg("--version")
        .captured()?;
    let text = text.trim().to_owned();
    let major = text
        .strip_prefix('v')
        .and_then(|rest| rest.split('.').next())
        .and_then(|major| major.parse().ok())
        .with_context(|| format!("{text:?} is no version"))?;
    Ok(NodeVersion { major, text })
}

/// Adds the secrets that local runs need to `.dev.vars`; what stands there is never changed.
fn make_secrets(project: &Project) -> Result<()> {
    let path = project.path(".dev.vars");
    let present = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(error).with_context(|| format!("could not read {}", path.display()));
        }
    };
    let missing: Vec<&str> = SECRETS
        .into_iter()
        .filter(|name| !defines(&present, name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut addition = String::new();
    if present.is_empty() {
        addition
            .push_str("# Secrets of local runs, made by cargo xtask. Never commit this file.\n");
    } else if !present.ends_with('\n') {
        addition.push('\n');
    }
    for name in &missing {
        let secret = random_secret()?;
        addition.extend([name, "=", &secret, "\n"]);
    }
    fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(addition.as_bytes()))
        .with_context(|| format!("could not write {}", path.display()))?;
    terminal::say(&format!("made {} in .dev.vars", missing.join(" and ")));
    Ok(())
}

/// Whether a file in the format of `.env` gives the variable a value.
pub(crate) fn defines(file: &str, name: &str) -> bool {
    file.lines()
        .filter_map(|line| line.trim_start().split_once('='))
        .any(|(key, value)| key.trim() == name && !value.trim().is_empty())
}

/// 32 random bytes in base64url without padding.
pub(crate) fn random_secret() -> Result<String> {
    let mut bytes = [0_u8; 32];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("the system gave no random bytes")?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::{defines, random_secret};

    #[test]
    fn a_commented_or_empty_variable_is_missing() {
        let file = "# A=1\nB=\n C = 2\nDD=3\n";
        assert!(!defines(file, "A"));
        assert!(!defines(file, "B"));
        assert!(defines(file, "C"));
        assert!(!defines(file, "D"));
    }

    #[test]
    fn secrets_are_32_bytes_and_differ() -> anyhow::Result<()> {
        let (one, other) = (random_secret()?, random_secret()?);
        assert_eq!(one.len(), 43);
        assert_ne!(one, other);
        Ok(())
    }
}
