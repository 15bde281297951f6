//! The folder in which a local Worker keeps its data between starts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::Program;
use crate::project::{Lock, Project};
use crate::stamp::sha256;
use crate::terminal::Step;
use crate::wrangler;

/// The migrations that were applied, by file name, with the digest of what they said then.
type Migrations = BTreeMap<String, String>;

/// A state folder that this process alone uses.
#[derive(Debug)]
pub(crate) struct State {
    name: String,
    folder: PathBuf,
    _lock: Lock,
}

impl State {
    /// Takes the folder; `fresh` empties it first.
    pub(crate) fn open(project: &Project, name: &str, fresh: bool) -> Result<Self> {
        let folder = project.path(".delegate").join(name);
        // Beside the folder, so that emptying it leaves the lock alone.
        let lock = folder.with_extension("lock");
        let Some(lock) = Lock::attempt(&lock)? else {
            bail!(
                "another cargo xtask serves on the state in {}; end that one first",
                folder.display()
            );
        };
        if fresh && folder.is_dir() {
            fs::remove_dir_all(&folder)
                .with_context(|| format!("could not empty {}", folder.display()))?;
        }
        fs::create_dir_all(&folder)
            .with_context(|| format!("could not create {}", folder.display()))?;
        Ok(Self {
            name: name.to_owned(),
            folder,
            _lock: lock,
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Brings the local database to the newest migration. Where nothing is new, wrangler is not
    /// even started.
    pub(crate) fn migrate(&self, project: &Project) -> Result<()> {
        let wanted = migrations(project)?;
        let notes = self.folder.join("applied-migrations.json");
        let applied: Migrations = fs::read_to_string(&notes)
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        for (name, digest) in &applied {
            if wanted.get(name) != Some(digest) {
                bail!(
                    "the state in {} was made with another version of migrations/{name}; \
                     `--fresh` begins with empty state, or check out the version that made it",
                    self.folder.display()
                );
            }
        }
        if applied == wanted {
            return Ok(());
        }
        let step = Step::begin("applying the migrations to the local database");
        apply(project, &self.folder)?.during(&step)?;
        let text = serde_json::to_string_pretty(&wanted)?;
        fs::write(&notes, text).with_context(|| format!("could not write {}", notes.display()))?;
        step.done();
        Ok(())
    }
}

fn apply(project: &Project, folder: &Path) -> Result<Program> {
    let program = wrangler::program(project, ["d1", "migrations", "apply", "DB", "--local"])?;
    Ok(program.arg("--persist-to").arg(folder))
}

fn migrations(project: &Project) -> Result<Migrations> {
    let folder = project.path("migrations");
    let entries =
        fs::read_dir(&folder).with_context(|| format!("could not list {}", folder.display()))?;
    let mut migrations = Migrations::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("could not list {}", folder.display()))?
            .path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            let content =
                fs::read(&path).with_context(|| format!("could not read {}", path.display()))?;
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            migrations.insert(name, sha256(&content));
        }
    }
    Ok(migrations)
}
