//! `cargo xtask import`: mail files into a running Delegate.
//!
//! A file goes up as a stream, however large it is, and its job is followed to the end.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::api::objects::{Job, JobStatus};
use crate::api::{Api, Feed, Person, Problem};
use crate::terminal::{self, Step};

pub(crate) const MAILBOX: &str = "application/mbox";
const MESSAGE: &str = "message/rfc822";

/// Who imports where nobody says otherwise. Such a deployment is this machine's own.
const LOCAL_PERSON: Person<'static> = Person {
    email: "me@delegate.example",
    password: "only on this machine",
    name: "Me",
    time_zone: "UTC",
};

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("mail").required(true).args(["mbox", "eml"]))]
pub(crate) struct Options {
    /// A mailbox file (mbox)
    #[arg(long, value_name = "FILE")]
    mbox: Option<PathBuf>,
    /// Message files
    #[arg(long, value_name = "FILE", num_args = 1..)]
    eml: Vec<PathBuf>,
    /// Where Delegate runs
    #[arg(long, default_value = "http://127.0.0.1:8787")]
    url: String,
    /// Whose mail it is (registered if unknown); a person of this machine if left out
    #[arg(long, requires = "password", conflicts_with = "token")]
    email: Option<String>,
    #[arg(long, requires = "email")]
    password: Option<String>,
    /// The person's time zone, should they be registered now
    #[arg(long, default_value = LOCAL_PERSON.time_zone)]
    time_zone: String,
    /// An access token instead of address and password
    #[arg(long)]
    token: Option<String>,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let files: Vec<(&Path, &str)> = options
        .mbox
        .iter()
        .map(|path| (path.as_path(), MAILBOX))
        .chain(options.eml.iter().map(|path| (path.as_path(), MESSAGE)))
        .collect();
    let api = enter(options)?;
    let mut feed = Feed::connect(&api)?;
    let mut refused = 0;
    for (path, media_type) in &files {
        match import(&api, &mut feed, path, media_type) {
            Ok(job) if job.status == JobStatus::Succeeded => report_errors(&job),
            Ok(job) => {
                report_errors(&job);
                refused += 1;
            }
            // A message that is refused does not keep the others out.
            Err(error) if error.is::<Problem>() && files.len() > 1 => {
                terminal::complain(&error);
                refused += 1;
            }
            Err(error) => return Err(error),
        }
    }
    if files.len() > 1 {
        println!(
            "{} of {} files imported",
            files.len() - refused,
            files.len()
        );
    }
    Ok(if refused == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn enter(options: &Options) -> Result<Api> {
    let mut api = Api::at(&options.url)?;
    if let Some(token) = &options.token {
        return Ok(api.with_token(token));
    }
    let person = if let (Some(email), Some(password)) = (&options.email, &options.password) {
        let name = email.split('@').next().unwrap_or(email);
        Person {
            email,
            password,
            name,
            time_zone: &options.time_zone,
        }
    } else {
        terminal::say(&format!(
            "importing for {} (password “{}”); --email and --password or --token choose somebody \
             else",
            LOCAL_PERSON.email, LOCAL_PERSON.password
        ));
        Person {
            time_zone: &options.time_zone,
            ..LOCAL_PERSON
        }
    };
    api.enter(&person).with_context(|| {
        format!(
            "could not sign in at {}; does `cargo xtask dev` run there?",
            options.url
        )
    })?;
    Ok(api)
}

fn import(api: &Api, feed: &mut Feed, path: &Path, media_type: &str) -> Result<Job> {
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let mut file =
        File::open(path).with_context(|| format!("could not open {}", path.display()))?;
    let about = file
        .metadata()
        .with_context(|| format!("could not read {}", path.display()))?;
    if !about.is_file() {
        bail!("{} is not a file", path.display());
    }
    let upload = Step::count(format!("sending {name} up (KiB)"), about.len() / 1024);
    let mut counted = Counted {
        inner: &mut file,
        sent: 0,
        total: about.len(),
        step: &upload,
    };
    let job = api
        .import(&mut counted, about.len(), media_type, None)
        .with_context(|| format!("{} was not imported", path.display()))?;
    upload.done();

    let step = Step::count(format!("reading {name}"), job.total.unwrap_or_default());
    let job = follow(api, feed, job, &step)?;
    step.done();
    println!(
        "{name}: {} of {} messages done",
        job.done,
        job.total.unwrap_or(job.done)
    );
    Ok(job)
}

/// Follows an import to its end, the step showing how far it is.
pub(crate) fn follow(api: &Api, feed: &mut Feed, job: Job, step: &Step) -> Result<Job> {
    feed.follow(api, job, |job| {
        step.advance(job.done, job.total.unwrap_or(job.done));
    })
}

/// Says what of an import could not be done.
pub(crate) fn report_errors(job: &Job) {
    for error in &job.errors {
        terminal::warn(&format!(
            "{}: {} ({})",
            error.item, error.detail, error.code
        ));
    }
    if job.status == JobStatus::Failed {
        terminal::warn(&format!(
            "job {} failed; POST /api/v1/jobs/{0}/retry tries it again",
            job.id
        ));
    }
}

/// A reader that tells how much was read.
struct Counted<'a> {
    inner: &'a mut File,
    sent: u64,
    total: u64,
    step: &'a Step,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.sent += u64::try_from(length).unwrap_or_default();
        self.step.advance(self.sent / 1024, self.total / 1024);
        Ok(length)
    }
}
