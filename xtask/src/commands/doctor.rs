//! `cargo xtask doctor`: what is missing or misconfigured, and how to mend it.
//!
//! It looks and changes nothing. A finding that stops the work makes the exit code 1; a remark
//! concerns only some of it.

mod models;
mod providers;

use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;

use anyhow::Result;
use console::style;

use crate::commands::deploy::Deployment;
use crate::commands::setup;
use crate::local::DEFAULT_PORT;
use crate::process::Program;
use crate::project::Project;
use crate::versions;

/// The compiler's output, the tools and the npm packages take about this much.
const DISK_NEEDED_MIB: u64 = 5 * 1024;

const SETUP: &str = "`cargo xtask setup` installs it";

/// What one look found.
enum Finding {
    Fine(String),
    /// Stops some work only.
    Remark(String),
    /// Stops the work.
    Blocks(String),
}

use Finding::{Blocks, Fine, Remark};

pub(crate) fn run(project: &Project) -> ExitCode {
    let looks: [(&str, Vec<Finding>); 5] = [
        (
            "This machine",
            vec![
                rust(project),
                target(project),
                npm(),
                disk(project),
                port(),
                python(),
            ],
        ),
        (
            "Tools of the checkout",
            vec![
                tool(
                    project,
                    "worker-build",
                    Ok(versions::WORKER_BUILD.to_owned()),
                ),
                tool(project, "wasm-bindgen-cli", versions::wasm_bindgen(project)),
                node(project),
            ],
        ),
        (
            "Local configuration",
            vec![secrets(project), description(project)],
        ),
        (
            "Keys and providers of local runs",
            providers::local(project),
        ),
        ("Deployment", deployment(project)),
    ];
    let mut blocked = false;
    for (title, findings) in looks {
        println!("{}", style(title).bold());
        for finding in findings {
            blocked |= matches!(finding, Blocks(_));
            print(&finding);
        }
        println!();
    }
    println!(
        "{}",
        if blocked {
            "something above blocks the work"
        } else {
            "nothing blocks the work"
        }
    );
    if blocked {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn print(finding: &Finding) {
    match finding {
        Fine(text) => println!("  {} {text}", style("✓").green()),
        Remark(text) => println!("  {} {text}", style("!").yellow()),
        Blocks(text) => println!("  {} {text}", style("✗").red()),
    }
}

fn rust(project: &Project) -> Finding {
    match Program::new("rustc")
        .arg("--version")
        .within(project.root())
        .captured()
    {
        Ok(version) => Fine(version.trim().to_owned()),
        Err(error) => Blocks(format!(
            "rustc does not run here ({error:#}); rust-toolchain.toml names the version, and \
             `rustup toolchain install` in the checkout installs it"
        )),
    }
}

fn target(project: &Project) -> Finding {
    match setup::has_target(project) {
        Ok(true) => Fine(format!("the target {}", setup::TARGET)),
        _ => Blocks(format!("the target {} is missing; {SETUP}", setup::TARGET)),
    }
}

fn npm() -> Finding {
    match (version_of("node"), version_of("npm")) {
        (Ok(node), Ok(npm)) => Fine(format!(
            "Node {node} and npm {npm}, to install the packages with"
        )),
        _ => Blocks("Node or npm is missing; install Node 20 or newer from your system".to_owned()),
    }
}

fn version_of(program: &str) -> Result<String> {
    let version = Program::new(program).arg("--version").captured()?;
    Ok(version.trim().trim_start_matches('v').to_owned())
}

fn disk(project: &Project) -> Finding {
    match free_mib(project) {
        Some(free) if free < DISK_NEEDED_MIB => Remark(format!(
            "{free} MiB of disk are free; a build from nothing takes up to {DISK_NEEDED_MIB}"
        )),
        Some(free) => Fine(format!("{} GiB of disk are free", free / 1024)),
        None => Remark("`df` did not tell how much disk is free".to_owned()),
    }
}

/// What POSIX has `df -Pk` print: the free KiB are in the fourth column of the second line.
fn free_mib(project: &Project) -> Option<u64> {
    let table = Program::new("df")
        .arg("-Pk")
        .arg(project.root())
        .captured()
        .ok()?;
    let free: u64 = table
        .lines()
        .nth(1)?
        .split_whitespace()
        .nth(3)?
        .parse()
        .ok()?;
    Some(free / 1024)
}

fn port() -> Finding {
    if TcpListener::bind((Ipv4Addr::LOCALHOST, DEFAULT_PORT)).is_ok() {
        Fine(format!("port {DEFAULT_PORT} is free"))
    } else {
        Remark(format!(
            "port {DEFAULT_PORT} is taken; `--port N` serves on another"
        ))
    }
}

fn python() -> Finding {
    match Program::new("python3")
        .args(["-c", "import venv, ensurepip"])
        .captured()
    {
        Ok(_) => Fine("python3, for `cargo xtask verify`".to_owned()),
        Err(_) => Remark(
            "there is no python3 with venv, so `cargo xtask verify` leaves the fuzzing out"
                .to_owned(),
        ),
    }
}

fn tool(project: &Project, package: &str, wanted: Result<String>) -> Finding {
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(error) => return Blocks(format!("{error:#}")),
    };
    match setup::installed_version(project, package) {
        Some(version) if version == wanted => Fine(format!("{package} {version}")),
        Some(version) => Blocks(format!(
            "{package} is {version} and should be {wanted}; {SETUP}"
        )),
        None => Blocks(format!("{package} {wanted} is missing; {SETUP}")),
    }
}

fn node(project: &Project) -> Finding {
    match setup::node_version(project) {
        Ok(version) if version.major >= versions::OLDEST_NODE_MAJOR => {
            Fine(format!("Node {} for wrangler", version.text))
        }
        Ok(version) => Blocks(format!(
            "the Node of node_modules is {}; remove node_modules and run `cargo xtask setup`",
            version.text
        )),
        Err(_) => Blocks(format!("the npm packages are missing; {SETUP}")),
    }
}

fn secrets(project: &Project) -> Finding {
    let file = std::fs::read_to_string(project.path(".dev.vars")).unwrap_or_default();
    let missing: Vec<&str> = setup::SECRETS
        .into_iter()
        .filter(|name| !setup::defines(&file, name))
        .collect();
    if missing.is_empty() {
        Fine(".dev.vars has the local secrets".to_owned())
    } else {
        Blocks(format!(
            ".dev.vars lacks {}; `cargo xtask setup` makes them",
            missing.join(" and ")
        ))
    }
}

fn description(project: &Project) -> Finding {
    if project.path("openapi.json").is_file() {
        Fine("openapi.json is there".to_owned())
    } else {
        Remark("openapi.json is missing; `cargo xtask openapi` writes it".to_owned())
    }
}

fn deployment(project: &Project) -> Vec<Finding> {
    let mut findings = match Deployment::read(project) {
        Ok(deployment) => deployment.obstacles().into_iter().map(Remark).collect(),
        Err(error) => vec![Blocks(format!("{error:#}"))],
    };
    if findings.is_empty() {
        findings.push(Fine(
            "wrangler.toml names what a deployment needs".to_owned(),
        ));
    }
    findings.push(Remark(
        "a deployment needs the Workers Paid plan: a sign-in hashes the password with Argon2id, \
         about 35 ms of CPU time, and the free plan stops a request at 10 ms"
            .to_owned(),
    ));
    findings.extend(providers::deployed(project));
    findings
}
