//! A Worker under `wrangler dev` on this machine: started, watched, given its cron, ended.
//!
//! Only loopback can reach it. Its state is a folder that one Worker uses at a time.

pub(crate) mod log;
mod schedule;
pub(crate) mod state;

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use crate::commands::build;
use crate::interrupt;
use crate::local::log::{Style, StyleSwitch};
use crate::local::schedule::Cron;
use crate::local::state::State;
use crate::process::{Group, Running};
use crate::project::Project;
use crate::terminal::Step;
use crate::wrangler;

/// Where a Worker listens unless told otherwise; wrangler's own default.
pub(crate) const DEFAULT_PORT: u16 = 8787;

/// From wrangler's start to the first answer takes two seconds on a quiet machine.
const START_PATIENCE: Duration = Duration::from_mins(2);

/// What a failed start shows of the log.
const TAIL: usize = 25;

/// How to start a Worker.
#[derive(Debug)]
pub(crate) struct Settings<'a> {
    pub(crate) port: u16,
    pub(crate) state: &'a State,
    pub(crate) style: Style,
    /// Variables that differ from `wrangler.toml`.
    pub(crate) variables: &'a [(&'a str, String)],
}

/// A Worker that serves. Dropping it ends it and everything it started.
#[derive(Debug)]
pub(crate) struct LocalWorker {
    url: String,
    style: StyleSwitch,
    tail: Tail,
    // Dropped in this order: the cron first, so that it doesn't call a Worker that is going.
    _clock: Clock,
    crons: Vec<Cron>,
    group: Group,
    forwarder: Option<JoinHandle<()>>,
}

impl LocalWorker {
    /// Starts it and waits until it is ready.
    pub(crate) fn start(project: &Project, settings: &Settings<'_>) -> Result<Self> {
        let crons = Cron::of_configuration(project)?;
        settings.state.migrate(project)?;

        let step = Step::begin("starting the Worker");
        let running = spawn(project, settings)?;
        let url = format!("http://127.0.0.1:{}", settings.port);
        let style = StyleSwitch::new(settings.style);
        let tail = Tail::default();
        let log = project.log(settings.state.name())?;
        let file =
            File::create(&log).with_context(|| format!("could not create {}", log.display()))?;
        let Running { mut group, lines } = running;
        let forwarder = forward(lines, file, style.clone(), tail.clone());

        wait_until_ready(&url, &mut group, &tail)?;
        step.done();
        let clock = Clock::start(url.clone(), crons.clone());
        Ok(Self {
            url,
            style,
            tail,
            _clock: clock,
            crons,
            group,
            forwarder: Some(forwarder),
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Fires the triggers of this minute now, for a check that has no time to wait for the next.
    pub(crate) fn tick(&self) {
        let minute = schedule::minute_now();
        for cron in self.crons.iter().filter(|cron| cron.matches(minute)) {
            fire(&self.url, cron);
        }
    }

    /// Changes how its log is shown from now on.
    pub(crate) fn show_log(&self, style: Style) {
        self.style.set(style);
    }

    /// Serves until the person ends it.
    pub(crate) fn serve(mut self) -> Result<()> {
        while !interrupt::requested() {
            if let Some(status) = self.group.ended()? {
                return Err(anyhow!("its last words were:\n{}", self.tail.text()))
                    .context(format!("the Worker ended by itself ({status})"));
            }
            thread::sleep(Duration::from_millis(100));
        }
        eprintln!();
        let step = Step::begin("ending the Worker");
        self.style.set(Style::Silent);
        drop(self);
        step.done();
        Ok(())
    }
}

impl Drop for LocalWorker {
    fn drop(&mut self) {
        self.group.stop();
        if let Some(forwarder) = self.forwarder.take() {
            forwarder.join().ok();
        }
    }
}

/// Fails with advice where the port is in use, before anything that takes time was done.
pub(crate) fn require_port(port: u16) -> Result<()> {
    if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
        return Ok(());
    }
    bail!(
        "port {port} on 127.0.0.1 is taken; end what listens there \
         (`lsof -i :{port}` names it) or choose another with `--port {}`",
        port.checked_add(1).unwrap_or(DEFAULT_PORT)
    )
}

fn spawn(project: &Project, settings: &Settings<'_>) -> Result<Running> {
    let port = settings.port.to_string();
    let mut program = wrangler::program(project, ["dev", "--local", "--ip", "127.0.0.1"])?
        .args(["--port", &port])
        // 0 lets the system choose, so that two Workers can run.
        .args(["--inspector-port", "0"])
        .args(["--show-interactive-dev-session", "false"])
        .arg("--persist-to")
        .arg(settings.state.folder())
        // Running Workers find each other by this folder; ours has nobody to find.
        .env(
            "WRANGLER_REGISTRY_PATH",
            settings.state.folder().join("registry"),
        )
        // Tells the build that wrangler runs after a change to spare what serves already.
        .env(build::SERVING, "1")
        .env(build::PROFILE, build::Profile::Quick.name());
    for (name, value) in settings.variables {
        program = program.arg("--var").arg(format!("{name}:{value}"));
    }
    program.start()
}

fn wait_until_ready(url: &str, group: &mut Group, tail: &Tail) -> Result<()> {
    let agent = short_agent();
    let began = Instant::now();
    let mut last = String::from("it did not answer");
    loop {
        interrupt::check()?;
        if let Some(status) = group.ended()? {
            return Err(anyhow!("it said:\n{}", tail.text())).context(format!(
                "wrangler ended before the Worker served ({status})"
            ));
        }
        if let Ok(mut response) = agent.get(format!("{url}/health/ready")).call() {
            if response.status().is_success() {
                return Ok(());
            }
            last = format!(
                "/health/ready answered {}: {}",
                response.status(),
                response.body_mut().read_to_string().unwrap_or_default()
            );
        }
        if began.elapsed() > START_PATIENCE {
            return Err(anyhow!("its log ends with:\n{}", tail.text())).context(format!(
                "the Worker was not ready after {} s: {last}",
                START_PATIENCE.as_secs()
            ));
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// For questions that a healthy Worker answers at once.
fn short_agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(5)))
        .http_status_as_error(false)
        .build()
        .into()
}

/// Writes every line to the log file, and to the terminal as the style says.
fn forward(
    lines: Receiver<String>,
    mut file: File,
    style: StyleSwitch,
    tail: Tail,
) -> JoinHandle<()> {
    thread::spawn(move || {
        for line in lines {
            writeln!(file, "{line}").ok();
            if let Some(text) = style.get().render(&line) {
                println!("{text}");
            }
            tail.push(line);
        }
    })
}

/// The last lines of the Worker's log.
#[derive(Debug, Clone, Default)]
struct Tail(Arc<Mutex<VecDeque<String>>>);

impl Tail {
    fn push(&self, line: String) {
        if let Ok(mut lines) = self.0.lock() {
            if lines.len() == TAIL {
                lines.pop_front();
            }
            lines.push_back(line);
        }
    }

    fn text(&self) -> String {
        self.0
            .lock()
            .map(|lines| {
                lines
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join("\n")
            })
            .unwrap_or_default()
    }
}

/// Fires the cron triggers on their schedule, which `wrangler dev` leaves to us.
#[derive(Debug)]
struct Clock {
    stopped: Arc<AtomicBool>,
}

impl Clock {
    fn start(url: String, crons: Vec<Cron>) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stopped);
        thread::spawn(move || {
            let mut fired = schedule::minute_now();
            while !flag.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(200));
                let minute = schedule::minute_now();
                if minute == fired {
                    continue;
                }
                fired = minute;
                for cron in crons.iter().filter(|cron| cron.matches(minute)) {
                    fire(&url, cron);
                }
            }
        });
        Self { stopped }
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

/// Fires one trigger without waiting for it; what it does is in the Worker's own log.
fn fire(url: &str, cron: &Cron) {
    let address = format!("{url}/cdn-cgi/local/scheduled?cron={}", cron.query());
    thread::spawn(move || short_agent().get(address).call().ok());
}
