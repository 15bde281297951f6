//! A deployment that is used, backed up, restored into an empty one, and used on.
//!
//! Three starts of the Worker: on the state that is backed up, on the one that it is restored into,
//! and on that one with the hubs of the first, as where only the database was lost.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::api::objects::{JobStatus, Session};
use crate::api::{Api, Feed, Person};
use crate::commands::backup::{self, SEARCH_REBUILD};
use crate::commands::build::{self, Output, Profile};
use crate::commands::demo::SAMPLE;
use crate::commands::import;
use crate::database::Storage;
use crate::interrupt;
use crate::local::log::Style;
use crate::local::state::State;
use crate::local::{LocalWorker, Settings};
use crate::mailbox;
use crate::project::Project;
use crate::stages::Outcome;
use crate::terminal::Step;

const PERSON: Person<'static> = Person {
    email: "keeper@delegate.example",
    password: "the same after the restore",
    name: "Keeper",
    time_zone: "Europe/Berlin",
};

/// What is looked for: words of the sample's mail and of its tasks.
const SEARCHES: [&str; 2] = ["/api/v1/emails?q=contract", "/api/v1/tasks?q=ledger"];

/// How long an event, and a job of the Worker, may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a person sees: the answers by the path that was asked.
#[derive(Debug, Default)]
struct View {
    answers: BTreeMap<String, Value>,
    sources: BTreeMap<String, Vec<u8>>,
}

pub(super) fn check(project: &Project) -> Result<Outcome> {
    build::ensure(project, Profile::Release, Output::Step)?;
    let first = State::open(project, "verify-backup", true)?;
    let second = State::open(project, "verify-restore", true)?;

    let worker = start(project, &first)?;
    let mut api = Api::at(worker.url())?;
    api.enter(&PERSON)?;
    use_it(project, &api)?;
    let before = View::of(&api)?;
    let found = searched(&api)?;
    drop(worker);

    let (backup, again) = (folder(&first)?, folder(&second)?);
    backup::write_backup(&Storage::of_state(project, &first)?, &backup)?;
    let manifest = backup::check(&backup)?;
    {
        let storage = Storage::of_state(project, &second)?;
        backup::read_backup(&storage, &backup, &manifest)?;
        backup::write_backup(&storage, &again)?;
    }
    if let Some(difference) = backup::difference(&backup, &again)? {
        bail!("a backup of the restored state is not the one it was restored from: {difference}");
    }

    let worker = start(project, &second)?;
    sign_in(&worker, &mut api)?;
    worker.tick();
    await_search_index(&api)?;
    let after = View::of(&api).map_err(|error| {
        // The verdict's line shows the outermost sentence, which only names the path.
        let sentence = format!("after the restore an answer is missing: {error:#}");
        error.context(sentence)
    })?;
    before.require_same(&after)?;
    require_same_finds(&found, &searched(&api)?)?;
    require_event(&api, "an empty hub")?;
    drop(worker);

    lend_hubs(&first, &second)?;
    let worker = start(project, &second)?;
    sign_in(&worker, &mut api)?;
    require_event(&api, "a hub that outlived its database")?;
    Ok(Outcome::Passed)
}

fn start(project: &Project, state: &State) -> Result<LocalWorker> {
    let port = super::free_port()?;
    let url = format!("http://127.0.0.1:{port}");
    let variables = [
        ("REGISTRATION", "open".to_owned()),
        ("PUBLIC_URL", url),
        // A check makes more requests than people do.
        ("ATTEMPTS_PER_MINUTE", "1000000".to_owned()),
    ];
    let settings = Settings {
        port,
        state,
        style: Style::Silent,
        variables: &variables,
    };
    LocalWorker::start(project, &settings)
}

/// An empty folder for a backup, beside the database and in nobody's way.
fn folder(state: &State) -> Result<PathBuf> {
    let folder = state.folder().join("backup");
    fs::create_dir_all(&folder)
        .with_context(|| format!("could not create {}", folder.display()))?;
    Ok(folder)
}

/// Gives the person something of everything that a backup carries.
fn use_it(project: &Project, api: &Api) -> Result<()> {
    let step = Step::begin("importing the sample and changing what came of it");
    let mail = mailbox::of_folder(&project.path(SAMPLE))?;
    let length = u64::try_from(mail.len())?;
    let job = api.import(&mut mail.as_slice(), length, import::MAILBOX, None)?;
    let job = Feed::connect(api)?.follow(api, job, |_| {})?;
    if job.status != JobStatus::Succeeded {
        bail!("the sample was not imported: {:?}", job.errors);
    }
    let task: Value = api.post(
        "/api/v1/tasks",
        &json!({
            "title": "Balance the ledger – it's “due”; --",
            "description": "A text that a statement must not end at: ';\nnor here: \\ \u{1F4BE}",
            "due": {"date": "2027-03-01"},
        }),
    )?;
    let path = format!("/api/v1/tasks/{}", id_of(&task)?);
    let _: Value = api.patch(&path, &json!({"status": "completed"}))?;
    // The last task is gone, and its number in the table is not to be given again.
    let gone: Value = api.post("/api/v1/tasks", &json!({"title": "Gone"}))?;
    api.delete(&format!("/api/v1/tasks/{}", id_of(&gone)?))?;
    api.add_address("k@delegate.example")?;

    let emails: Vec<Value> = api.all("/api/v1/emails")?;
    let email = emails.first().context("the import brought no message")?;
    let path = format!("/api/v1/emails/{}/analysis", id_of(email)?);
    let analysis: Value = api.get(&path)?;
    // Whatever the engine said, the person says otherwise.
    let category = match analysis.get("category").and_then(Value::as_str) {
        Some("travel") => "receipt",
        _ => "travel",
    };
    let corrected: Value = api.patch(&path, &json!({"category": category}))?;
    if corrected.get("category").and_then(Value::as_str) != Some(category) {
        bail!("the correction was not taken: {corrected}");
    }
    use_calendar(api)?;
    step.done();
    Ok(())
}

/// Gives the person a series of which one occurrence was changed, and one of everything beside it.
fn use_calendar(api: &Api) -> Result<()> {
    let berlin = |date_time: &str| json!({"date_time": date_time, "time_zone": "Europe/Berlin"});
    let calendar: Value = api.post("/api/v1/calendar/calendars", &json!({"name": "Team"}))?;
    let series: Value = api.post(
        "/api/v1/calendar/events",
        &json!({
            "summary": "Weekly",
            "calendar_id": id_of(&calendar)?,
            "start": berlin("2027-03-01T09:00:00"),
            "end": berlin("2027-03-01T10:00:00"),
            "recurrence": ["RRULE:FREQ=WEEKLY"],
        }),
    )?;
    let occurrence = format!(
        "/api/v1/calendar/events/{}_20270308T090000",
        id_of(&series)?
    );
    let _: Value = api.patch(&occurrence, &json!({"location": "Elsewhere"}))?;
    for (path, body) in [
        (
            "/api/v1/calendar/absences",
            json!({"kind": "out_of_office", "start": {"date": "2027-03-02"}, "end": {"date": "2027-03-04"}}),
        ),
        (
            "/api/v1/calendar/holds",
            json!({"start": "2030-03-04T09:00:00Z", "end": "2030-03-04T10:00:00Z", "expires_in_seconds": 86_400}),
        ),
        (
            "/api/v1/calendar/booking-links",
            json!({"title": "Intro", "duration_minutes": 30}),
        ),
    ] {
        let _: Value = api.post(path, &body)?;
    }
    Ok(())
}

fn sign_in(worker: &LocalWorker, api: &mut Api) -> Result<()> {
    *api = Api::at(worker.url())?;
    let _: Session = api
        .log_in(PERSON.email, PERSON.password)
        .context("the person can't sign in with the same password after the restore")?;
    Ok(())
}

fn id_of(object: &Value) -> Result<&str> {
    object
        .get("id")
        .and_then(Value::as_str)
        .with_context(|| format!("an object without an id: {object}"))
}

fn is_rebuild(job: &Value) -> bool {
    job.get("kind").and_then(Value::as_str) == Some(SEARCH_REBUILD)
}

impl View {
    fn of(api: &Api) -> Result<Self> {
        let step = Step::begin("reading everything as the person sees it");
        let mut view = Self::default();
        view.ask(api, "/api/v1/users/me".to_owned())?;
        view.list(api, "/api/v1/users/me/addresses")?;
        let mut threads = BTreeSet::new();
        for email in view.list(api, "/api/v1/emails")? {
            let path = format!("/api/v1/emails/{}", id_of(&email)?);
            let source = format!("{path}/raw");
            view.sources.insert(source.clone(), api.bytes(&source)?);
            view.ask(api, format!("{path}/analysis"))?;
            view.ask(api, path)?;
            let thread = email.get("thread_id").and_then(Value::as_str);
            threads.extend(thread.map(|id| format!("/api/v1/emails/threads/{id}")));
        }
        for path in threads {
            view.ask(api, path)?;
        }
        for task in view.list(api, "/api/v1/tasks")? {
            let path = format!("/api/v1/tasks/{}", id_of(&task)?);
            view.ask(api, format!("{path}/links"))?;
            view.ask(api, path)?;
        }
        for path in [
            "/api/v1/calendar/calendars",
            "/api/v1/calendar/events",
            "/api/v1/calendar/events?start=2027-03-01T00:00:00Z&end=2027-04-01T00:00:00Z&expand=true",
            "/api/v1/calendar/absences",
            "/api/v1/calendar/holds",
            "/api/v1/calendar/booking-links",
        ] {
            view.list(api, path)?;
        }
        for job in view.list(api, "/api/v1/jobs")? {
            view.ask(api, format!("/api/v1/jobs/{}", id_of(&job)?))?;
        }
        step.done();
        Ok(view)
    }

    fn ask(&mut self, api: &Api, path: String) -> Result<()> {
        let answer = api.get(&path)?;
        self.answers.insert(path, answer);
        Ok(())
    }

    /// A whole list, without the jobs that restoring added.
    fn list(&mut self, api: &Api, path: &str) -> Result<Vec<Value>> {
        let mut items: Vec<Value> = api.all(path)?;
        items.retain(|item| !is_rebuild(item));
        if items.is_empty() {
            bail!("GET {path} answers an empty list, so nothing of it is checked");
        }
        self.answers
            .insert(path.to_owned(), Value::Array(items.clone()));
        Ok(items)
    }

    fn require_same(&self, after: &Self) -> Result<()> {
        for (path, had) in &self.answers {
            let has = after.answers.get(path).unwrap_or(&Value::Null);
            if let Some(difference) = difference(had, has, "") {
                bail!("GET {path} answers otherwise after the restore: {difference}");
            }
        }
        for (path, had) in &self.sources {
            if after.sources.get(path) != Some(had) {
                bail!("GET {path} answers other bytes after the restore");
            }
        }
        let extra = |path: &&String| !self.answers.contains_key(*path);
        if let Some(path) = after.answers.keys().find(extra) {
            bail!("GET {path} answers after the restore and there was no such thing before");
        }
        Ok(())
    }
}

/// The first place at which two values differ, with what is there.
fn difference(had: &Value, has: &Value, place: &str) -> Option<String> {
    match (had, has) {
        (Value::Object(had), Value::Object(has)) if had.keys().eq(has.keys()) => had
            .iter()
            .zip(has.values())
            .find_map(|((name, had), has)| difference(had, has, &format!("{place}/{name}"))),
        (Value::Array(had), Value::Array(has)) if had.len() == has.len() => (0..)
            .zip(had.iter().zip(has))
            .find_map(|(at, (had, has)): (usize, _)| {
                difference(had, has, &format!("{place}/{at}"))
            }),
        _ if had == has => None,
        _ => {
            let short = |value: &Value| value.to_string().chars().take(200).collect::<String>();
            let place = if place.is_empty() { "/" } else { place };
            Some(format!("{place} was {} and is {}", short(had), short(has)))
        }
    }
}

/// What the searches find, in their order.
fn searched(api: &Api) -> Result<Vec<Vec<String>>> {
    SEARCHES
        .iter()
        .map(|path| {
            let page: Value = api.get(path)?;
            let items = page.get("items").and_then(Value::as_array);
            items
                .into_iter()
                .flatten()
                .map(|item| id_of(item).map(str::to_owned))
                .collect()
        })
        .collect()
}

fn require_same_finds(had: &[Vec<String>], has: &[Vec<String>]) -> Result<()> {
    for (path, (had, has)) in SEARCHES.iter().zip(had.iter().zip(has)) {
        if had.is_empty() {
            bail!("GET {path} found nothing even before the backup, so it checks nothing");
        }
        if had != has {
            bail!("GET {path} finds {has:?} after the restore instead of {had:?}");
        }
    }
    Ok(())
}

/// Waits for the job that fills the search index again.
fn await_search_index(api: &Api) -> Result<()> {
    let step = Step::begin("waiting for the search index");
    let began = Instant::now();
    loop {
        interrupt::check()?;
        let jobs: Vec<Value> = api.all("/api/v1/jobs")?;
        let rebuilds: Vec<&Value> = jobs.iter().filter(|job| is_rebuild(job)).collect();
        let [job] = rebuilds.as_slice() else {
            bail!(
                "GET /api/v1/jobs lists {} jobs of the kind {SEARCH_REBUILD} after the restore \
                 instead of one",
                rebuilds.len()
            );
        };
        match job.get("status").and_then(Value::as_str) {
            Some("succeeded") => break,
            Some("failed") => bail!("the search index was not filled again: {job}"),
            _ if began.elapsed() > PATIENCE => {
                bail!("the search index was not filled within {PATIENCE:?}: {job}")
            }
            _ => thread::sleep(Duration::from_millis(200)),
        }
    }
    step.done();
    Ok(())
}

/// Makes a task and waits for its event on a socket of its own.
fn require_event(api: &Api, hub: &str) -> Result<()> {
    let mut feed = Feed::connect(api)?;
    let task: Value = api.post("/api/v1/tasks", &json!({"title": "Made after the restore"}))?;
    if !feed.hears("task.created", id_of(&task)?, PATIENCE)? {
        bail!("{hub} told nothing of a task that was made after the restore");
    }
    Ok(())
}

/// Puts the hubs of one state in the place of another's.
fn lend_hubs(from: &State, to: &State) -> Result<()> {
    let hubs = Path::new("v3/do");
    let (from, to) = (from.folder().join(hubs), to.folder().join(hubs));
    fs::remove_dir_all(&to).with_context(|| format!("could not empty {}", to.display()))?;
    copy(&from, &to).with_context(|| format!("could not copy {}", from.display()))
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::difference;

    #[test]
    fn a_difference_is_told_with_its_place() {
        let had = json!({"items": [{"id": "a", "version": 1}]});
        assert_eq!(difference(&had, &had, ""), None);
        let has = json!({"items": [{"id": "a", "version": 2}]});
        assert_eq!(
            difference(&had, &has, "").as_deref(),
            Some("/items/0/version was 1 and is 2")
        );
        let has = json!({"items": []});
        assert!(difference(&had, &has, "").is_some_and(|text| text.starts_with("/items was [{")));
    }
}
