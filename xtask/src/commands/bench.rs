//! `cargo xtask bench`: the figures of Delegate, each beside that of a JavaScript Worker or library
//! where there is one to compare with.
//!
//! What is measured and how stands in `bench/README.md`; this builds what is measured and runs it.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::commands::build::{self, Output, Profile};
use crate::commands::setup::{self, TARGET};
use crate::commands::test::{cargo, node};
use crate::process::Program;
use crate::project::Project;
use crate::stamp::{Fingerprint, Stamp};
use crate::terminal::Step;
use crate::versions;

/// The figures for which `core` runs in Node, and no Worker.
const IN_NODE: [&str; 7] = [
    "slots",
    "slots_scale",
    "recurrence",
    "recurrence_seek",
    "ics_import",
    "analyze",
    "analyze_us_per_message",
];

/// What `core` in Node is made of.
const SOURCES: [&str; 6] = [
    "bench/wasm",
    "core/src",
    "core/Cargo.toml",
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
];

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Print one JSON object a line: name, value, unit, peer, `peer_value`, ratio
    #[arg(long)]
    json: bool,
    /// Write the plots and tables of docs/figures anew
    #[arg(long)]
    plot: bool,
    /// Only these figures, such as `api_read`; all unless told otherwise
    names: Vec<String>,
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<ExitCode> {
    setup::run(project)?;
    let is_in_node = |name: &String| IN_NODE.contains(&name.as_str());
    let (names, all) = (&options.names, options.names.is_empty());
    // The figures have the standard output for themselves.
    if all || !names.iter().all(is_in_node) {
        build::ensure(project, Profile::Release, Output::Step)?;
    }
    if all || names.iter().any(is_in_node) {
        ensure_core(project)?;
    }
    let mut program = node(project)?.arg("bench/run.mjs");
    for (flag, is_set) in [("--json", options.json), ("--plot", options.plot)] {
        if is_set {
            program = program.arg(flag);
        }
    }
    let status = program.args(&options.names).shown_status()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Compiles `bench/wasm` into `target/bench`, as the Worker is compiled, and the native program that
/// is measured against Python.
fn ensure_core(project: &Project) -> Result<()> {
    let fingerprint = Fingerprint::of(
        project.root(),
        &SOURCES,
        &[&versions::wasm_bindgen(project)?],
    )?;
    let stamp = Stamp::at(project.path("target/bench/stamp"));
    if stamp.holds(&fingerprint) {
        return Ok(());
    }
    stamp.clear()?;
    let step = Step::begin("building core for Node (the first time takes some minutes)");
    for kind in [&["--lib", "--target", TARGET][..], &["--bins"]] {
        cargo(
            project,
            ["build", "--release", "--package", "delegate-bench"],
        )
        .args(kind)
        .during(&step)?;
    }
    let folder = project.path("target/bench");
    Program::new(project.tool("wasm-bindgen"))
        .args(["--target", "experimental-nodejs-module", "--out-dir"])
        .arg(&folder)
        .arg(project.path(format!("target/{TARGET}/release/delegate_bench.wasm")))
        .within(project.root())
        .during(&step)?;
    // The passes of the Worker (Cargo.toml).
    let module = folder.join("delegate_bench_bg.wasm");
    let optimised = folder.join("optimised.wasm");
    Program::new(project.npm_tool("wasm-opt"))
        .args(["-O", "--skip-pass=memory-packing", "--output"])
        .args([&optimised, &module])
        .env("PATH", project.search_path()?)
        .within(project.root())
        .during(&step)?;
    fs::rename(&optimised, &module)
        .with_context(|| format!("could not replace {}", module.display()))?;
    step.done();
    stamp.set(&fingerprint)
}
