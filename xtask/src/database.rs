//! A deployment's D1 database and R2 bucket, through wrangler: on this machine or at Cloudflare.
//!
//! Statements are text here, because that is what wrangler takes; every value goes through
//! [`literal`].

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::local::state::State;
use crate::process::Program;
use crate::project::Project;
use crate::wrangler;

/// D1 takes a statement of up to 100 KB. What is longer is put together from pieces of this many
/// bytes, which leaves room for quotes that are doubled.
const PIECE: usize = 40_000;

/// One row, its columns by name.
pub(crate) type Row = Map<String, Value>;

/// Where the data lies.
#[derive(Debug)]
pub(crate) struct Storage<'a> {
    project: &'a Project,
    place: Place<'a>,
    /// The file in which statements are handed over.
    statements: PathBuf,
}

/// A local state that this process holds or only looks into, or the deployment at Cloudflare.
#[derive(Debug)]
enum Place<'a> {
    Own(State),
    Lent(&'a State),
    /// A folder that a Worker may be using.
    Seen(PathBuf),
    Cloudflare,
}

impl Place<'_> {
    fn state(&self) -> Option<&State> {
        match self {
            Self::Own(state) => Some(state),
            Self::Lent(state) => Some(state),
            Self::Seen(_) | Self::Cloudflare => None,
        }
    }

    fn folder(&self) -> Option<&Path> {
        match self {
            Self::Seen(folder) => Some(folder),
            Self::Own(_) | Self::Lent(_) | Self::Cloudflare => self.state().map(State::folder),
        }
    }
}

/// The results of one statement, as `wrangler d1 execute --json` prints them.
#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    results: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Configuration {
    r2_buckets: Vec<Bucket>,
}

#[derive(Debug, Deserialize)]
struct Bucket {
    bucket_name: String,
}

impl<'a> Storage<'a> {
    /// The deployment at Cloudflare, or the state of `cargo xtask dev`, brought up to date.
    pub(crate) fn open(project: &'a Project, remote: bool) -> Result<Self> {
        let place = if remote {
            Place::Cloudflare
        } else {
            Place::Own(State::open(project, "state", false)?)
        };
        Self::at(project, place)
    }

    /// The state of this name, as it is, to be asked only: a Worker may run on it.
    pub(crate) fn looking(project: &'a Project, name: &str) -> Result<Self> {
        let folder = project.path(".delegate").join(name);
        if !folder.is_dir() {
            bail!("there is nothing in {} yet", folder.display());
        }
        Self::at(project, Place::Seen(folder))
    }

    /// A local state, brought up to date. No Worker may run on it.
    pub(crate) fn of_state(project: &'a Project, state: &'a State) -> Result<Self> {
        Self::at(project, Place::Lent(state))
    }

    fn at(project: &'a Project, place: Place<'a>) -> Result<Self> {
        if let Some(state) = place.state() {
            state.migrate(project)?;
        }
        let scratch = project.path(".delegate/scratch");
        fs::create_dir_all(&scratch)
            .with_context(|| format!("could not create {}", scratch.display()))?;
        // Two commands may be at work at once, each on a state of its own.
        let name = place.state().map_or("remote", State::name);
        let statements = scratch.join(format!("{name}.sql"));
        Ok(Self {
            project,
            place,
            statements,
        })
    }

    /// The rows that a query answers.
    pub(crate) fn query(&self, statement: &str) -> Result<Vec<Row>> {
        let answers = self.query_all(&[statement.to_owned()])?;
        Ok(answers.into_iter().flatten().collect())
    }

    /// The rows that each of some queries answers. They run one after another, in their order;
    /// wrangler, whose start takes longer than most queries, is started once.
    pub(crate) fn query_all(&self, statements: &[String]) -> Result<Vec<Vec<Row>>> {
        let text = self
            .wrangler(&[
                "d1",
                "execute",
                "DB",
                "--json",
                "--yes",
                "--command",
                &statements.join("; "),
            ])?
            .captured()?;
        // Warnings may stand before the JSON.
        let json = text
            .find('[')
            .and_then(|start| text.get(start..))
            .unwrap_or_default();
        let answers: Vec<Answer> = serde_json::from_str(json)
            .with_context(|| format!("wrangler's answer is not as expected: {text}"))?;
        if answers.len() != statements.len() {
            bail!(
                "wrangler answered {} of {} queries",
                answers.len(),
                statements.len()
            );
        }
        Ok(answers.into_iter().map(|answer| answer.results).collect())
    }

    /// Runs many statements, in their order.
    pub(crate) fn execute(&self, statements: &[String]) -> Result<()> {
        let file = &self.statements;
        fs::write(file, statements.join("\n"))
            .with_context(|| format!("could not write {}", file.display()))?;
        let outcome = self
            .wrangler(&["d1", "execute", "DB", "--yes"])?
            .arg("--file")
            .arg(file)
            .captured();
        fs::remove_file(file).ok();
        outcome.map(|_| ())
    }

    /// Copies an object of the bucket into a file.
    pub(crate) fn get_object(&self, key: &str, file: &Path) -> Result<()> {
        let object = format!("{}/{key}", self.bucket()?);
        self.wrangler(&["r2", "object", "get", &object])?
            .arg("--file")
            .arg(file)
            .captured()
            .with_context(|| format!("the object {key}"))?;
        Ok(())
    }

    /// Copies a file into the bucket.
    pub(crate) fn put_object(&self, key: &str, file: &Path) -> Result<()> {
        let object = format!("{}/{key}", self.bucket()?);
        self.wrangler(&["r2", "object", "put", &object])?
            .arg("--file")
            .arg(file)
            .captured()
            .with_context(|| format!("the object {key}"))?;
        Ok(())
    }

    fn bucket(&self) -> Result<String> {
        let text = fs::read_to_string(self.project.path("wrangler.toml"))
            .context("could not read wrangler.toml")?;
        let configuration: Configuration =
            toml::from_str(&text).context("wrangler.toml is not as expected")?;
        let [bucket] = configuration.r2_buckets.as_slice() else {
            bail!("wrangler.toml should name one bucket");
        };
        Ok(bucket.bucket_name.clone())
    }

    fn wrangler(&self, arguments: &[&str]) -> Result<Program> {
        let program = wrangler::program(self.project, arguments)?;
        Ok(match self.place.folder() {
            Some(folder) => program.arg("--local").arg("--persist-to").arg(folder),
            None => program.arg("--remote"),
        })
    }
}

/// A value as SQL writes it.
pub(crate) fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(value) => u8::from(*value).to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text_literal(text),
        // D1 answers no such thing; as text it is at least not lost.
        Value::Array(_) | Value::Object(_) => text_literal(&value.to_string()),
    }
}

/// A text as SQL writes it. NUL would end the statement, so it is put in as a code.
pub(crate) fn text_literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    format!("'{}'", quoted.replace('\0', "' || char(0) || '"))
}

/// The statements that insert a row: one, and for each text that is too long for a statement some
/// that append to it. `key` are the columns by which the row is found again.
pub(crate) fn insert(table: &str, key: &[String], row: &Row) -> Vec<String> {
    let mut later = Vec::new();
    let mut columns = Vec::new();
    let mut values = Vec::new();
    let which: Vec<String> = key
        .iter()
        .map(|column| {
            format!(
                "{column} = {}",
                literal(row.get(column).unwrap_or(&Value::Null))
            )
        })
        .collect();
    let which = which.join(" AND ");
    for (column, value) in row {
        columns.push(column.as_str());
        let mut pieces = pieces(value);
        values.push(pieces.next().map_or_else(|| literal(value), text_literal));
        for piece in pieces {
            let piece = text_literal(piece);
            later.push(format!(
                "UPDATE {table} SET {column} = {column} || {piece} WHERE {which};"
            ));
        }
    }
    let columns = columns.join(", ");
    let mut statements = vec![format!(
        "INSERT INTO {table} ({columns}) VALUES ({});",
        values.join(", ")
    )];
    statements.append(&mut later);
    statements
}

/// A long text in pieces; nothing for what fits into a statement as it is.
fn pieces(value: &Value) -> impl Iterator<Item = &str> {
    let mut rest = value
        .as_str()
        .filter(|text| text.len() > PIECE)
        .unwrap_or_default();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{insert, literal};

    #[test]
    fn values_cannot_break_out_of_their_literal() {
        assert_eq!(
            literal(&json!("it's'; DROP TABLE users; --")),
            "'it''s''; DROP TABLE users; --'"
        );
        assert_eq!(literal(&json!("a\u{0}b")), "'a' || char(0) || 'b'");
        assert_eq!(literal(&Value::Null), "NULL");
        assert_eq!(literal(&json!(0.5)), "0.5");
    }

    #[test]
    fn a_long_text_is_put_together_from_pieces() {
        let text = "ä".repeat(50_000);
        let row = json!({"id": "x", "text": text});
        let statements = row
            .as_object()
            .map(|row| insert("emails", &["id".to_owned()], row))
            .unwrap_or_default();
        assert_eq!(statements.len(), 3);
        assert!(statements.iter().all(|statement| statement.len() < 100_000));
        let letters: usize = statements.iter().map(|it| it.matches('ä').count()).sum();
        assert_eq!(letters, 50_000);
        assert!(
            statements
                .iter()
                .skip(1)
                .all(|it| it.ends_with("WHERE id = 'x';"))
        );
    }
}
