//! `cargo xtask deploy`: the Worker to Cloudflare, after what would fail there was checked here.
//!
//! The order is the one that keeps the old version serving: build, check, migrate (migrations
//! expand before they contract, so the old version works on the new tables), then deploy.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::commands::build::{self, Output, Profile};
use crate::commands::setup;
use crate::project::Project;
use crate::terminal::{self, Step};
use crate::wrangler;

/// What `wrangler.toml` holds before somebody has a database of their own.
const PLACEHOLDER: &str = "00000000-0000-0000-0000-000000000000";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Do everything but the deployment itself; needs no account
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<()> {
    setup::run(project)?;
    let obstacles = Deployment::read(project)?.obstacles();
    for obstacle in &obstacles {
        terminal::warn(obstacle);
    }
    if !obstacles.is_empty() && !options.dry_run {
        bail!("wrangler.toml is not ready for a deployment");
    }
    build::ensure(project, Profile::Release, Output::Step)?;
    if options.dry_run {
        let outcome = project.path(".delegate/dry-run");
        return wrangler::program(project, ["deploy", "--dry-run", "--outdir"])?
            .arg(outcome)
            .shown();
    }

    let secrets = MissingSecrets::make(project)?;
    wrangler::program(project, ["d1", "migrations", "apply", "DB", "--remote"])?.interactive()?;
    let mut deploy = wrangler::program(project, ["deploy"])?;
    if let Some(secrets) = &secrets {
        deploy = deploy.arg("--secrets-file").arg(&secrets.path);
    }
    deploy.interactive()
}

/// Where `wrangler.toml` would deploy to.
#[derive(Debug, Deserialize)]
pub(crate) struct Deployment {
    #[serde(default)]
    vars: Map<String, Value>,
    #[serde(default)]
    d1_databases: Vec<Database>,
}

#[derive(Debug, Deserialize)]
struct Database {
    database_name: String,
    database_id: String,
}

impl Deployment {
    pub(crate) fn read(project: &Project) -> Result<Self> {
        let path = project.path("wrangler.toml");
        let text = fs::read_to_string(&path)
            .with_context(|| format!("could not read {}", path.display()))?;
        toml::from_str(&text).context("wrangler.toml is not as expected")
    }

    /// The variables that are no secrets.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.vars.iter()
    }

    /// What keeps it from being deployed, each with how to mend it.
    pub(crate) fn obstacles(&self) -> Vec<String> {
        let mut obstacles = Vec::new();
        for database in &self.d1_databases {
            if database.database_id == PLACEHOLDER {
                obstacles.push(format!(
                    "wrangler.toml has a placeholder as database_id; \
                     `node_modules/.bin/wrangler d1 create {}` makes a database and tells its id",
                    database.database_name
                ));
            }
        }
        let url = self
            .vars
            .get("PUBLIC_URL")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !url.starts_with("https://") {
            obstacles.push(format!(
                "PUBLIC_URL in wrangler.toml is {url:?}; set it to the https:// address that \
                 people will use"
            ));
        }
        obstacles
    }
}

/// Secrets that the deployment does not have yet, in a file that is gone when this is dropped.
#[derive(Debug)]
struct MissingSecrets {
    path: PathBuf,
}

impl MissingSecrets {
    /// Makes those that are missing. A secret that is there is never replaced: sessions and what
    /// was derived from it depend on it.
    fn make(project: &Project) -> Result<Option<Self>> {
        let step = Step::begin("looking at the deployment's secrets");
        let present = present(project)?;
        step.done();
        let missing: Vec<&str> = setup::SECRETS
            .into_iter()
            .filter(|name| !present.iter().any(|it| it == name))
            .collect();
        if missing.is_empty() {
            return Ok(None);
        }
        let mut secrets = Map::new();
        for name in &missing {
            secrets.insert((*name).to_owned(), Value::String(setup::random_secret()?));
        }
        terminal::say(&format!(
            "making {} for the deployment",
            missing.join(" and ")
        ));
        let path = project.path(".delegate/deploy-secrets.json");
        write_private(&path, &Value::Object(secrets).to_string())?;
        Ok(Some(Self { path }))
    }
}

impl Drop for MissingSecrets {
    fn drop(&mut self) {
        if fs::remove_file(&self.path).is_err() {
            terminal::warn(&format!("remove {}: it holds secrets", self.path.display()));
        }
    }
}

/// The names of the secrets that the deployment has. One that does not exist yet has none.
pub(crate) fn present(project: &Project) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Secret {
        name: String,
    }
    let (status, out, error) =
        wrangler::program(project, ["secret", "list", "--format", "json"])?.captured_all()?;
    if status.success() {
        let secrets: Vec<Secret> =
            serde_json::from_str(&out).context("wrangler's list of secrets is not as expected")?;
        return Ok(secrets.into_iter().map(|secret| secret.name).collect());
    }
    // 10007 is Cloudflare's code for a Worker that does not exist.
    if error.contains("10007") || out.contains("10007") {
        return Ok(Vec::new());
    }
    Err(anyhow!("it said: {}", format!("{error}\n{out}").trim()))
        .context("could not list the deployment's secrets; is `wrangler login` done?")
}

/// Writes a file that nobody else can read, not even for a moment.
fn write_private(path: &Path, text: &str) -> Result<()> {
    let _ = fs::remove_file(path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("could not create {}", folder.display()))?;
    }
    fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("could not write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::Deployment;

    #[test]
    fn a_placeholder_and_a_local_address_are_named_as_obstacles() -> anyhow::Result<()> {
        let fresh: Deployment = toml::from_str(
            r#"
            [vars]
            PUBLIC_URL = "http://127.0.0.1:8787"
            [[d1_databases]]
            database_name = "delegate"
            database_id = "00000000-0000-0000-0000-000000000000"
            "#,
        )?;
        assert_eq!(fresh.obstacles().len(), 2);
        let ready: Deployment = toml::from_str(
            r#"
            [vars]
            PUBLIC_URL = "https://delegate.example"
            [[d1_databases]]
            database_name = "delegate"
            database_id = "4f7d…"
            "#,
        )?;
        assert!(ready.obstacles().is_empty());
        Ok(())
    }
}
