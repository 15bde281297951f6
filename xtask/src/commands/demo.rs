//! `cargo xtask demo`: what Delegate does, shown on the mail of a week.
//!
//! A person who never saw it gets from a fresh checkout to a running service with a mailbox read.
//! The state stays between starts, so a second start only shows the report again.

use std::fs;

use anyhow::{Context, Result};
use clap::Args;
use console::style;

use crate::api::objects::{Email, Task};
use crate::api::{Api, Feed, Person};
use crate::commands::dev::{self, Place};
use crate::local::log::Style;
use crate::local::state::State;
use crate::project::Project;
use crate::report::Report;
use crate::stamp::sha256;
use crate::terminal::{self, Step};
use crate::{commands::import, mailbox};

/// The reader of the sample mail. Her password is no secret: only this machine can reach her.
const MAYA: Person<'static> = Person {
    email: "maya.lindqvist@northwind.example",
    password: "a calm week in Berlin",
    name: "Maya Lindqvist",
    time_zone: "Europe/Berlin",
};

/// Some people write to her by this one.
const SECOND_ADDRESS: &str = "maya@northwind.example";

/// The week of mail, one file a message.
pub(crate) const SAMPLE: &str = "samples/week";

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    place: Place,
    /// End after the report instead of serving on
    #[arg(long)]
    exit: bool,
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<()> {
    let state = dev::prepare(project, &options.place, "demo")?;
    let worker = dev::start(project, &options.place, &state, Style::Silent)?;

    let mut api = Api::at(worker.url())?;
    api.enter(&MAYA)
        .context("could not sign up the sample person")?;
    api.add_address(SECOND_ADDRESS)?;
    load_sample(project, &state, &api)?;
    print_report(&api)?;
    if options.exit {
        return Ok(());
    }

    let token = state.folder().join("access-token");
    fs::write(&token, api.token())
        .with_context(|| format!("could not write {}", token.display()))?;
    let token = token
        .strip_prefix(project.root())
        .unwrap_or(&token)
        .display()
        .to_string();
    print_invitation(worker.url(), &token);
    worker.show_log(Style::Compact);
    worker.serve()
}

/// Imports the sample, unless this state has it.
fn load_sample(project: &Project, state: &State, api: &Api) -> Result<()> {
    let mailbox = mailbox::of_folder(&project.path(SAMPLE))?;
    let digest = sha256(&mailbox);
    let note = state.folder().join("sample-loaded");
    if fs::read_to_string(&note).is_ok_and(|loaded| loaded == digest) {
        return Ok(());
    }
    let mut feed = Feed::connect(api)?;
    let length = u64::try_from(mailbox.len()).unwrap_or(u64::MAX);
    let key = format!("demo-{digest}");
    let job = api
        .import(&mut mailbox.as_slice(), length, import::MAILBOX, Some(&key))
        .context("the sample could not be imported")?;
    let step = Step::count(
        "reading a week of Maya's mail",
        job.total.unwrap_or_default(),
    );
    let job = import::follow(api, &mut feed, job, &step)?;
    step.done();
    import::report_errors(&job);
    fs::write(&note, digest).with_context(|| format!("could not write {}", note.display()))
}

fn print_report(api: &Api) -> Result<()> {
    let emails: Vec<Email> = api.all("/api/v1/emails")?;
    let tasks: Vec<Task> = api.all("/api/v1/tasks")?;
    println!("\n{}", style(format!("The week of {}", MAYA.name)).bold());
    for line in Report::of(emails, tasks, MAYA.time_zone).lines(terminal::width()) {
        println!("{line}");
    }
    Ok(())
}

fn print_invitation(url: &str, token: &str) {
    println!("{}", style("Try it").cyan().bold());
    println!();
    println!("  TOKEN=$(cat {token})");
    for path in [
        "/api/v1/tasks?sort=due&limit=5",
        "/api/v1/emails?needs_reply=true",
        "/api/v1/emails?q=contract",
    ] {
        println!("  curl -s -H \"Authorization: Bearer $TOKEN\" '{url}{path}'");
    }
    println!();
    println!("  Documentation: {url}/docs (to try) and {url}/redoc (to read).");
    println!(
        "  Sign in as {} with the password “{}”.",
        MAYA.email, MAYA.password
    );
    println!("  Your own mail: cargo xtask import --url {url} --mbox FILE");
    println!();
    println!("Serving at {url} until Ctrl-C; what the Worker does follows.");
}
