//! `cargo xtask verify`: wider checks that need more than Rust and Node, or more time.
//!
//! What a check needs is installed into `.tools`. Where its language is missing the check is
//! skipped with a message, and the closing line counts it.

pub(crate) mod python;
mod recurrence;
mod restoring;

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};

use crate::api::objects::Email;
use crate::api::{Api, Feed, Person};
use crate::commands::build::{self, Output, Profile};
use crate::commands::demo::SAMPLE;
use crate::commands::eval;
use crate::commands::import;
use crate::commands::setup::{self, TARGET};
use crate::commands::test::{cargo, node};
use crate::local::log::Style;
use crate::local::state::State;
use crate::local::{LocalWorker, Settings};
use crate::mailbox;
use crate::process::Program;
use crate::project::Project;
use crate::stages::{Outcome, Stages};
use crate::terminal::Step;
use crate::versions;

/// Who the fuzzer acts as.
const FUZZER: Person<'static> = Person {
    email: "fuzzer@delegate.example",
    password: "nothing here is kept",
    name: "Fuzzer",
    time_zone: "Europe/Berlin",
};

/// What the fuzzer must not call: the first two end the session that it works with, the third is a
/// WebSocket, which it can't speak.
const LEFT_OUT: [&str; 3] = ["logout", "delete_me", "connect"];

/// No 5xx and no undocumented answer. Left out is what judges by the description alone whether a
/// request should have been taken: no schema can tell a known time zone or a cursor that was given
/// out.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,\
                      unsupported_method,use_after_free,ensure_resource_availability";

/// How the fuzzer writes the media types that it does not know.
const HOOKS: &str = "xtask/schemathesis/hooks.py";

/// Real mail, where somebody has put it beside the checkout.
const MAILBOX: &str = "../shared/data/enron/dev.mbox";

/// The tests that read it, as a pattern that Node's runner resolves.
const WIDER_TESTS: &str = "wider/*.test.mjs";

/// Enough to reach the odd corners of every operation in a few minutes.
const EXAMPLES: &str = "50";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only the checks whose name contains this, such as "fuzz"
    filter: Option<String>,
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<ExitCode> {
    setup::run(project)?;
    let mut stages = Stages::of("verify").only(options.filter.as_deref());
    stages.run("dependencies: bans, licences, sources", || {
        dependencies(project)
    })?;
    stages.program("lints for the Worker's target", target_lints(project))?;
    stages.run("form of the API description", || description(project))?;
    stages.run("recurrence beside Python", || recurrence::check(project))?;
    stages.run("the classifier reproduces", || classifier(project))?;
    stages.run("backup and restore", || restoring::check(project))?;
    stages.run("fuzzing the API", || fuzz(project))?;
    stages.run("a real mailbox, killed", || real_mailbox(project))?;
    Ok(stages.close())
}

fn dependencies(project: &Project) -> Result<Outcome> {
    setup::install_tool(project, "cargo-deny", versions::CARGO_DENY)?;
    setup::remove_leftovers(project);
    // Not its advisories: they come from GitHub, and a check must not fail by itself.
    Program::new(project.tool("cargo-deny"))
        .args(["--locked", "check", "bans", "licenses", "sources"])
        .within(project.root())
        .shown()?;
    Ok(Outcome::Passed)
}

fn target_lints(project: &Project) -> Program {
    cargo(
        project,
        [
            "clippy",
            "--workspace",
            "--exclude",
            "xtask",
            "--lib",
            "--target",
            TARGET,
        ],
    )
    .args(["--", "-D", "warnings"])
}

/// Training again gives the committed weights, byte for byte.
fn classifier(project: &Project) -> Result<Outcome> {
    if !project.path(eval::TRAINING_SET).is_file() {
        return Ok(Outcome::Skipped(format!(
            "there is no {}",
            eval::TRAINING_SET
        )));
    }
    eval::evaluation(project)
        .args(["train", "--check"])
        .within(project.root())
        .shown()?;
    Ok(Outcome::Passed)
}

/// Redocly's linter, whose settings are in `redocly.yaml`.
fn description(project: &Project) -> Result<Outcome> {
    if !project.path("openapi.json").is_file() {
        return Ok(Outcome::Skipped("there is no openapi.json".to_owned()));
    }
    let folder = project.path(".tools/redocly");
    let package = format!("@redocly/cli@{}", versions::REDOCLY);
    let program = folder.join("node_modules/@redocly/cli/bin/cli.js");
    let notes = folder.join(format!("installed-{}", versions::REDOCLY));
    if !notes.is_file() {
        let step = Step::begin(format!("installing {package}"));
        Program::new("npm")
            .args([
                "install",
                "--loglevel=error",
                "--no-audit",
                "--no-fund",
                "--no-save",
            ])
            .arg("--prefix")
            .arg(&folder)
            .arg(&package)
            .env("SCARF_ANALYTICS", "false")
            .during(&step)?;
        fs::write(&notes, "").context("could not note the installation")?;
        step.done();
    }
    node(project)?
        .arg(program)
        .args(["lint", "openapi.json"])
        .env("REDOCLY_TELEMETRY", "off")
        .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")
        .shown()?;
    Ok(Outcome::Passed)
}

/// Schemathesis makes requests from the description, sensible ones and nasty ones, and judges the
/// answers by it.
fn fuzz(project: &Project) -> Result<Outcome> {
    if !project.path("openapi.json").is_file() {
        return Ok(Outcome::Skipped("there is no openapi.json".to_owned()));
    }
    let packages = [("schemathesis", versions::SCHEMATHESIS)];
    let Some(programs) = python::environment(project, "python", &packages)? else {
        return Ok(python::missing());
    };
    build::ensure(project, Profile::Release, Output::Step)?;
    let state = State::open(project, "verify", true)?;
    let port = free_port()?;
    let url = format!("http://127.0.0.1:{port}");
    let variables = [
        ("REGISTRATION", "open".to_owned()),
        ("PUBLIC_URL", url),
        // A check makes more requests than people do.
        ("ATTEMPTS_PER_MINUTE", "1000000".to_owned()),
    ];
    let settings = Settings {
        port,
        state: &state,
        style: Style::Silent,
        variables: &variables,
    };
    let worker = LocalWorker::start(project, &settings)?;
    let mut api = Api::at(worker.url())?;
    api.enter(&FUZZER)?;

    let folder = state.folder();
    fs::write(
        folder.join("schemathesis.toml"),
        fuzzer_settings(project, &api)?,
    )
    .context("could not write the fuzzer's settings")?;

    let mut program = Program::new(programs.join("schemathesis"))
        .arg("run")
        .arg(format!("{}/openapi.json", worker.url()))
        .args([
            "--header",
            &format!("Authorization: Bearer {}", api.token()),
        ])
        .args([
            "--max-examples",
            EXAMPLES,
            "--seed",
            "1",
            "--checks",
            CHECKS,
        ])
        .env("SCHEMATHESIS_HOOKS", project.path(HOOKS))
        .within(folder);
    for operation in LEFT_OUT {
        program = program.args(["--exclude-operation-id", operation]);
    }
    program.shown()?;
    Ok(Outcome::Passed)
}

/// Gives the person some mail, and tells the fuzzer the ids that it could not guess: with random
/// ones most operations would only ever answer 404.
fn fuzzer_settings(project: &Project, api: &Api) -> Result<String> {
    let mailbox = mailbox::of_folder(&project.path(SAMPLE))?;
    let length = u64::try_from(mailbox.len())?;
    let job = api.import(&mut mailbox.as_slice(), length, import::MAILBOX, None)?;
    let job = Feed::connect(api)?.follow(api, job, |_| {})?;
    let emails: Vec<Email> = api.all("/api/v1/emails")?;
    let email = emails.first().context("the import brought no message")?;
    let task: Value = api.post(
        "/api/v1/tasks",
        &json!({"title": "Tied", "links": [{"kind": "email", "id": email.id}]}),
    )?;
    let task = task.get("id").and_then(Value::as_str);
    let task = task.context("a task without an id")?;
    let known = [
        ("emails/\\{id\\}", vec![("id", email.id.as_str())]),
        ("emails/threads/\\{id\\}", vec![("id", &email.thread_id)]),
        ("jobs/\\{id\\}", vec![("id", &job.id)]),
        ("tasks/\\{id\\}/links$", vec![("id", task)]),
        (
            "tasks/\\{id\\}/links/",
            vec![("id", task), ("kind", "email"), ("target", &email.id)],
        ),
    ];
    let sections: Vec<String> = known
        .iter()
        .map(|(paths, parameters)| {
            let parameters: Vec<String> = parameters
                .iter()
                .map(|(name, value)| format!("{name} = '{value}'"))
                .collect();
            format!(
                "[[operations]]\ninclude-path-regex = '^/api/v1/{paths}'\nparameters = {{ {} }}\n",
                parameters.join(", ")
            )
        })
        .collect();
    Ok(sections.join("\n"))
}

/// Tests of the same kind as `cargo xtask test` runs, on data that is no part of the project.
fn real_mailbox(project: &Project) -> Result<Outcome> {
    if !project.path(MAILBOX).is_file() {
        return Ok(Outcome::Skipped(format!("there is no {MAILBOX}")));
    }
    build::ensure(project, Profile::Release, Output::Step)?;
    node(project)?.args(["--test", WIDER_TESTS]).shown()?;
    Ok(Outcome::Passed)
}

fn free_port() -> Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .context("the system has no free port")
}
