//! `cargo xtask import-accounts`: the people of the former system (on `FastAPI`), with their passwords.
//!
//! The file has one JSON object a line. Hashes are taken as they are; at the next sign-in the Worker
//! replaces what is not of today's kind. Running it again changes nothing: an address that is known
//! is left alone and reported.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use clap::Args;
use serde::Deserialize;

use crate::commands::setup;
use crate::database::{Storage, text_literal};
use crate::identifier;
use crate::project::Project;
use crate::terminal::{self, Step};

/// Accounts that are looked up and written at once.
const CHUNK: usize = 200;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// JSON lines: email, name, `time_zone`, `password_hash` (bcrypt or argon2id), `created_at`
    file: PathBuf,
    /// Into the deployment at Cloudflare instead of the state of `cargo xtask dev`
    #[arg(long)]
    remote: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    email: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    time_zone: String,
    password_hash: String,
    created_at: String,
}

/// A line that was checked.
#[derive(Debug)]
struct Account {
    email: String,
    /// In lower case: what is compared.
    key: String,
    name: String,
    time_zone: String,
    password_hash: String,
    created_at: DateTime<Utc>,
}

pub(crate) fn run(project: &Project, options: &Options) -> Result<ExitCode> {
    setup::run(project)?;
    let text = fs::read_to_string(&options.file)
        .with_context(|| format!("could not read {}", options.file.display()))?;
    let (accounts, refused) = read(&text);
    let storage = Storage::open(project, options.remote)?;

    let step = Step::count("importing accounts", u64::try_from(accounts.len())?);
    let (mut imported, mut known) = (0, 0);
    for chunk in accounts.chunks(CHUNK) {
        let present = present(&storage, chunk)?;
        let new: Vec<&Account> = chunk
            .iter()
            .filter(|account| !present.contains(&account.key))
            .collect();
        for account in chunk
            .iter()
            .filter(|account| present.contains(&account.key))
        {
            terminal::say(&format!("{} has an account already", account.email));
        }
        let statements: Result<Vec<Vec<String>>> = new.iter().map(|it| it.statements()).collect();
        if !new.is_empty() {
            storage.execute(&statements?.concat())?;
        }
        imported += new.len();
        known += chunk.len() - new.len();
        step.advance(
            u64::try_from(imported + known)?,
            u64::try_from(accounts.len())?,
        );
    }
    step.done();
    println!("{imported} accounts imported, {known} known already, {refused} refused");
    Ok(if refused == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The accounts of a file, and how many lines were refused.
fn read(text: &str) -> (Vec<Account>, usize) {
    let mut accounts = Vec::new();
    let mut refused = 0;
    let mut seen = HashSet::new();
    for (number, line) in (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let account = serde_json::from_str::<Line>(line)
            .context("not the JSON of an account")
            .and_then(|line| Account::check(&line));
        match account {
            Ok(account) if seen.insert(account.key.clone()) => accounts.push(account),
            Ok(account) => {
                terminal::warn(&format!(
                    "line {number}: {} stands there twice",
                    account.email
                ));
                refused += 1;
            }
            Err(error) => {
                terminal::warn(&format!("line {number}: {error:#}"));
                refused += 1;
            }
        }
    }
    (accounts, refused)
}

impl Account {
    fn check(line: &Line) -> Result<Self> {
        let email = line.email.trim().to_owned();
        let Some((local, _)) = email.rsplit_once('@').filter(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !email.contains(char::is_whitespace)
        }) else {
            bail!("{email:?} is not a mail address");
        };
        let hash = &line.password_hash;
        if !["$2a$", "$2b$", "$2y$", "$argon2id$"]
            .iter()
            .any(|kind| hash.starts_with(kind))
        {
            bail!("the hash of {email} is neither bcrypt nor argon2id");
        }
        let Some(created_at) = instant(&line.created_at) else {
            bail!("{:?} is not a time", line.created_at);
        };
        let name = if line.name.trim().is_empty() {
            local
        } else {
            line.name.trim()
        };
        let time_zone = if line.time_zone.is_empty() {
            "UTC"
        } else {
            &line.time_zone
        };
        Ok(Self {
            key: email.to_lowercase(),
            name: name.to_owned(),
            time_zone: time_zone.to_owned(),
            password_hash: line.password_hash.clone(),
            created_at,
            email,
        })
    }

    /// What `src/store/accounts.rs` does at a registration, for an account that has its hash. The
    /// conflict clause covers somebody who registers between the look and the insert.
    fn statements(&self) -> Result<Vec<String>> {
        let id = text_literal(&identifier::new("usr")?);
        let created_at =
            text_literal(&self.created_at.to_rfc3339_opts(SecondsFormat::Millis, true));
        let [email, key, name, time_zone, hash] = [
            &self.email,
            &self.key,
            &self.name,
            &self.time_zone,
            &self.password_hash,
        ]
        .map(|text| text_literal(text));
        Ok(vec![
            format!(
                "INSERT INTO users (id, email, email_key, name, time_zone, role, password_hash, \
                 created_at, updated_at) SELECT {id}, {email}, {key}, {name}, {time_zone}, \
                 CASE WHEN EXISTS (SELECT 1 FROM users) THEN 'member' ELSE 'owner' END, {hash}, \
                 {created_at}, {created_at} WHERE true ON CONFLICT (email_key) DO NOTHING;"
            ),
            format!(
                "INSERT INTO user_addresses (user_id, address, created_at) \
                 SELECT id, email_key, created_at FROM users WHERE id = {id};"
            ),
        ])
    }
}

/// RFC 3339, or what Python's `isoformat` writes of a time without a zone, which was UTC.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .map(|instant| instant.to_utc())
        .or_else(|_| {
            NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|it| it.and_utc())
        })
        .ok()
}

fn present(storage: &Storage<'_>, accounts: &[Account]) -> Result<HashSet<String>> {
    let keys: Vec<String> = accounts
        .iter()
        .map(|account| text_literal(&account.key))
        .collect();
    let rows = storage.query(&format!(
        "SELECT email_key FROM users WHERE email_key IN ({})",
        keys.join(", ")
    ))?;
    Ok(rows
        .iter()
        .filter_map(|row| row.get("email_key")?.as_str())
        .map(str::to_owned)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::{instant, read};

    #[test]
    fn lines_that_are_no_account_are_refused_and_the_others_kept() {
        let text = r#"
{"email": "Ann@Example.com", "name": "Ann", "time_zone": "Europe/Paris", "password_hash": "$2b$12$x", "created_at": "2024-05-01T10:00:00"}
{"email": "ann@example.com", "password_hash": "$2b$12$x", "created_at": "2024-05-01T10:00:00Z"}
{"email": "bob", "password_hash": "$2b$12$x", "created_at": "2024-05-01T10:00:00Z"}
{"email": "eve@example.com", "password_hash": "plain", "created_at": "2024-05-01T10:00:00Z"}
{"email": "o'hara@example.com", "password_hash": "$argon2id$v=19$m=1,t=1,p=1$a$b", "created_at": "2024-05-01T10:00:00+02:00"}
not json"#;
        let (accounts, refused) = read(text);
        let keys: Vec<&str> = accounts
            .iter()
            .map(|account| account.key.as_str())
            .collect();
        assert_eq!(keys, ["ann@example.com", "o'hara@example.com"]);
        assert_eq!(refused, 4);
    }

    #[test]
    fn a_quote_in_a_name_stays_inside_its_literal() -> anyhow::Result<()> {
        let text = r#"{"email": "o'hara@example.com", "password_hash": "$2b$12$x", "created_at": "2024-05-01T10:00:00Z"}"#;
        let (accounts, _) = read(text);
        let statements = accounts
            .first()
            .map(super::Account::statements)
            .transpose()?
            .unwrap_or_default();
        assert!(statements.concat().contains("'o''hara@example.com'"));
        Ok(())
    }

    #[test]
    fn times_without_a_zone_are_utc() {
        assert_eq!(
            instant("2024-05-01T10:00:00.250000"),
            instant("2024-05-01T12:00:00.25+02:00")
        );
        assert_eq!(instant("yesterday"), None);
    }
}
