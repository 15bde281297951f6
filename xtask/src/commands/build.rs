//! `cargo xtask build`: the Worker in `build/` and its static pages in `dist/site/`.
//!
//! Wrangler runs it as well, as the custom build command of `wrangler.toml`, at every start and
//! after every change. It therefore does nothing where nothing changed, and takes no lock while
//! another `cargo xtask` only serves.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::commands::setup;
use crate::interrupt::Interrupted;
use crate::process::Program;
use crate::project::{Lock, Project};
use crate::stamp::{Fingerprint, Stamp};
use crate::symbols;
use crate::terminal::{self, Step};
use crate::versions;

/// What the Worker is made of. `migrations` and `openapi.json` may be embedded.
const SOURCES: [&str; 11] = [
    "src",
    "core/src",
    "core/Cargo.toml",
    "durable_objects/src",
    "durable_objects/Cargo.toml",
    "migrations",
    "openapi.json",
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    ".cargo/config.toml",
];

/// The files of npm packages that the documentation pages load: where from, and where to.
const VENDORED: [(&str, &str); 6] = [
    (
        "swagger-ui-dist/swagger-ui.css",
        "vendor/swagger-ui/swagger-ui.css",
    ),
    (
        "swagger-ui-dist/swagger-ui-bundle.js",
        "vendor/swagger-ui/swagger-ui-bundle.js",
    ),
    ("swagger-ui-dist/LICENSE", "vendor/swagger-ui/LICENSE.txt"),
    ("swagger-ui-dist/NOTICE", "vendor/swagger-ui/NOTICE.txt"),
    (
        "redoc/bundles/redoc.standalone.js",
        "vendor/redoc/redoc.standalone.js",
    ),
    ("redoc/LICENSE", "vendor/redoc/LICENSE.txt"),
];

/// Set for the builds that `wrangler dev` runs. A failed build ends `wrangler dev`, and somebody who
/// mistyped wants to read the error and keep the Worker that served before.
pub(crate) const SERVING: &str = "DELEGATE_SERVING";

/// Names the [`Profile`] of the builds that wrangler runs for somebody who started it through us.
pub(crate) const PROFILE: &str = "DELEGATE_PROFILE";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Leave the last optimisation out (wasm-opt, about a minute), as `dev`, `demo` and `test` do
    #[arg(long)]
    quick: bool,
    /// Build without any optimisation: a slow and large Worker, for a debugger
    #[arg(long, conflicts_with = "quick")]
    dev: bool,
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<()> {
    setup::run(project)?;
    let asked_by_us = env::var_os(PROFILE).is_some_and(|name| name == Profile::Quick.name());
    let profile = match options {
        Options { dev: true, .. } => Profile::Dev,
        Options { quick: true, .. } => Profile::Quick,
        Options { .. } if asked_by_us => Profile::Quick,
        Options { .. } => Profile::Release,
    };
    match ensure(project, profile, Output::Shown) {
        Err(error) if is_serving(project) && !error.is::<Interrupted>() => {
            terminal::complain(&error);
            terminal::say("the Worker that was built before keeps serving");
            Ok(())
        }
        outcome => outcome,
    }
}

fn is_serving(project: &Project) -> bool {
    env::var_os(SERVING).is_some() && project.path("build/index.js").is_file()
}

/// How the Worker is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// What is deployed and measured.
    Release,
    /// The same without wasm-opt, which takes four times as long as compiling after a change.
    Quick,
    Dev,
}

impl Profile {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Quick => "quick",
            Self::Dev => "dev",
        }
    }

    fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Release => &["--release"],
            Self::Quick => &["--release", "--no-opt"],
            Self::Dev => &["--dev", "--no-opt"],
        }
    }

    /// The builds that do for this profile.
    fn served_by(self) -> &'static [Self] {
        match self {
            Self::Release => &[Self::Release],
            Self::Quick => &[Self::Quick, Self::Release],
            Self::Dev => &[Self::Dev],
        }
    }
}

/// Where the compiler's words go.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Output {
    /// To the terminal, as they come.
    Shown,
    /// Into the step's line, and to the terminal only after a failure.
    Step,
}

/// Brings the pages and the Worker up to date. Needs [`setup::run`] to have run.
pub(crate) fn ensure(project: &Project, profile: Profile, output: Output) -> Result<()> {
    let _lock = Lock::wait(
        &project.path(".tools/build.lock"),
        "waiting for another build of this checkout",
    )?;
    ensure_site(project)?;
    ensure_worker(project, profile, output)
}

fn ensure_worker(project: &Project, profile: Profile, output: Output) -> Result<()> {
    let wasm_bindgen = versions::wasm_bindgen(project)?;
    let fingerprint = |profile: Profile| {
        let settings = [profile.name(), versions::WORKER_BUILD, &wasm_bindgen];
        Fingerprint::of(project.root(), &SOURCES, &settings)
    };
    let stamp = Stamp::at(project.path(".tools/worker-stamp"));
    if project.path("build/index.js").is_file() {
        for sufficient in profile.served_by() {
            if stamp.holds(&fingerprint(*sufficient)?) {
                return Ok(());
            }
        }
    }
    stamp.clear()?;
    match output {
        Output::Shown => worker_build(project, profile)?.shown()?,
        Output::Step => {
            let step = Step::begin("building the Worker (the first time takes some minutes)");
            worker_build(project, profile)?.during(&step)?;
            step.done();
        }
    }
    if profile == Profile::Release {
        let module = project.path("build/index_bg.wasm");
        symbols::set_aside(&module, &project.path("target/symbols"))?;
    }
    stamp.set(&fingerprint(profile)?)
}

/// `worker-build` with each of its tools given, for it downloads what it does not find.
fn worker_build(project: &Project, profile: Profile) -> Result<Program> {
    let mut program = Program::new(project.tool("worker-build"))
        .args(profile.flags())
        .within(project.root())
        // It would follow every compiler error with a backtrace of its own.
        .env("RUST_BACKTRACE", "0")
        .env("PATH", project.search_path()?);
    for (variable, tool) in [
        ("WASM_BINDGEN_BIN", project.tool("wasm-bindgen")),
        ("WASM_OPT_BIN", project.npm_tool("wasm-opt")),
        ("ESBUILD_BIN", project.npm_tool("esbuild")),
    ] {
        // A value that does not resolve is only a warning to it, followed by the download.
        if !tool.is_file() {
            bail!(
                "{} is missing; remove .tools and node_modules and try again",
                tool.display()
            );
        }
        program = program.env(variable, tool);
    }
    Ok(program)
}

/// Puts the documentation pages, what they load, and `openapi.json` into `dist/site`.
fn ensure_site(project: &Project) -> Result<()> {
    let inputs = ["site", "openapi.json", "package-lock.json"];
    let list: Vec<&str> = VENDORED
        .iter()
        .flat_map(|(from, to)| [*from, *to])
        .collect();
    let fingerprint = Fingerprint::of(project.root(), &inputs, &list)?;
    let stamp = Stamp::at(project.path(".tools/site-stamp"));
    if stamp.holds(&fingerprint) {
        return Ok(());
    }
    stamp.clear()?;
    let site = project.path("dist/site");
    if site.is_dir() {
        fs::remove_dir_all(&site).with_context(|| format!("could not empty {}", site.display()))?;
    }
    copy_folder(&project.path("site"), &site)?;
    for (from, to) in VENDORED {
        copy(&project.path("node_modules").join(from), &site.join(to))?;
    }
    let document = project.path("openapi.json");
    if document.is_file() {
        copy(&document, &site.join("openapi.json"))?;
    } else {
        terminal::warn("there is no openapi.json yet, so /docs and /redoc will be empty");
    }
    stamp.set(&fingerprint)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    let entries =
        fs::read_dir(from).with_context(|| format!("could not list {}", from.display()))?;
    for entry in entries {
        let path = entry
            .with_context(|| format!("could not list {}", from.display()))?
            .path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            copy_folder(&path, &to.join(name))?;
        } else {
            copy(&path, &to.join(name))?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("could not create {}", folder.display()))?;
    }
    fs::copy(from, to)
        .map(|_| ())
        .with_context(|| format!("could not copy {} to {}", from.display(), to.display()))
}
