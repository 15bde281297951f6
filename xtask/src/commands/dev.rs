//! `cargo xtask dev`: the Worker on this machine, built again after every change.

use anyhow::Result;
use clap::Args;

use crate::commands::build::{self, Output, Profile};
use crate::commands::setup;
use crate::local::log::Style;
use crate::local::state::State;
use crate::local::{self, LocalWorker, Settings};
use crate::project::Project;

/// Where the Worker listens and what it starts with; the same for `dev` and `demo`.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The port on 127.0.0.1
    #[arg(long, default_value_t = local::DEFAULT_PORT)]
    pub(crate) port: u16,
    /// Begin with empty state
    #[arg(long)]
    pub(crate) fresh: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    place: Place,
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<()> {
    let state = prepare(project, &options.place, "state")?;
    let worker = start(project, &options.place, &state, Style::Raw)?;
    let url = worker.url();
    println!("\nDelegate serves at {url} and is built again when its source changes.");
    println!("The API: {url}/docs (to try) and {url}/redoc (to read). Ctrl-C ends it.\n");
    worker.serve()
}

/// Checks what can fail at once, then brings everything up to date.
pub(crate) fn prepare(project: &Project, place: &Place, name: &str) -> Result<State> {
    local::require_port(place.port)?;
    let state = State::open(project, name, place.fresh)?;
    setup::run(project)?;
    build::ensure(project, Profile::Quick, Output::Step)?;
    Ok(state)
}

/// Starts the Worker open to registration: nobody but this machine can reach it.
pub(crate) fn start(
    project: &Project,
    place: &Place,
    state: &State,
    style: Style,
) -> Result<LocalWorker> {
    let url = format!("http://127.0.0.1:{}", place.port);
    let variables = [("REGISTRATION", "open".to_owned()), ("PUBLIC_URL", url)];
    LocalWorker::start(
        project,
        &Settings {
            port: place.port,
            state,
            style,
            variables: &variables,
        },
    )
}
