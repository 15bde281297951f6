//! `cargo xtask backup` and `cargo xtask restore`: a deployment in a folder, and back.
//!
//! D1's own export refuses a database with full-text search, so every table is read in pages, as
//! JSON lines. The search tables are left out: the Worker fills them again. Secrets are not part of
//! a backup, and neither is the log of a person's hub: after a restore devices are told to start
//! over (`reset`).
//!
//! Tables are read in the reverse of the order in which they were made, so a row is read before
//! what it refers to, and what was written meanwhile leaves no reference hanging. They are restored
//! in that order's reverse.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::commands::setup;
use crate::database::{Row, Storage, insert, text_literal};
use crate::identifier;
use crate::project::Project;
use crate::stamp::sha256;
use crate::terminal::Step;

/// Rows that are read at once: a message's text can be long, and the answer passes through Node.
const PAGE: u64 = 500;

/// Statements that are written at once, in bytes.
const BATCH_BYTES: usize = 4_000_000;

/// The shape of the folder. A restore refuses what it does not know.
const FORMAT: u32 = 1;

#[derive(Debug, Args)]
pub(crate) struct BackupOptions {
    /// A folder that does not exist yet or is empty
    #[arg(long)]
    to: PathBuf,
    /// Of the deployment at Cloudflare instead of the state of `cargo xtask dev`
    #[arg(long)]
    remote: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreOptions {
    /// The folder of a backup
    #[arg(long)]
    from: PathBuf,
    /// Into the deployment at Cloudflare instead of the state of `cargo xtask dev`
    #[arg(long)]
    remote: bool,
}

/// What a backup holds, and by which every file is checked before anything is restored.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    /// The migrations that the database had: rows fit only the same tables.
    migrations: Vec<String>,
    /// In the order in which they were made.
    tables: Vec<TableContent>,
    objects: Vec<ObjectContent>,
}

#[derive(Debug, Serialize, Deserialize)]
struct TableContent {
    name: String,
    rows: usize,
    sha256: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct ObjectContent {
    key: String,
    file: String,
    bytes: usize,
    sha256: String,
}

/// A table as the database describes it.
#[derive(Debug)]
struct Table {
    name: String,
    columns: Columns,
}

#[derive(Debug, Default, Clone)]
struct Columns {
    /// Those that are stored; generated ones are left to be generated.
    stored: Vec<String>,
    /// The primary key, by which pages are ordered.
    key: Vec<String>,
}

pub(crate) fn back_up(project: &Project, options: &BackupOptions) -> Result<()> {
    setup::run(project)?;
    let folder = &options.to;
    require_empty(folder)?;
    let storage = Storage::open(project, options.remote)?;
    let tables = tables(&storage)?;
    let migrations = migrations(&storage)?;

    let step = Step::count("reading the tables", u64::try_from(tables.len())?);
    fs::create_dir_all(folder.join("tables"))
        .with_context(|| format!("could not create {}", folder.display()))?;
    let mut contents = Vec::new();
    for (done, table) in (1..).zip(tables.iter().rev()) {
        step.detail(&table.name);
        contents.push(dump(&storage, table, &table_file(folder, &table.name))?);
        step.advance(done, u64::try_from(tables.len())?);
    }
    contents.reverse();
    step.done();

    let objects = dump_objects(&storage, folder)?;
    let manifest = Manifest {
        format: FORMAT,
        migrations,
        tables: contents,
        objects,
    };
    // Last: a folder without it is a backup that was cut short.
    write(
        &manifest_file(folder),
        &serde_json::to_vec_pretty(&manifest)?,
    )?;
    println!(
        "{} rows of {} tables and {} objects are in {}",
        manifest
            .tables
            .iter()
            .map(|table| table.rows)
            .sum::<usize>(),
        manifest.tables.len(),
        manifest.objects.len(),
        folder.display()
    );
    Ok(())
}

pub(crate) fn restore(project: &Project, options: &RestoreOptions) -> Result<()> {
    setup::run(project)?;
    let folder = &options.from;
    let manifest = check(folder)?;
    let storage = Storage::open(project, options.remote)?;
    require_same_tables(&storage, &manifest)?;
    require_nobody(&storage)?;

    // Objects first: a row may name one, and an object that no row names is only swept.
    restore_objects(&storage, folder, &manifest)?;
    let step = Step::count("writing the tables", u64::try_from(manifest.tables.len())?);
    let tables = tables(&storage)?;
    for (done, content) in (1..).zip(&manifest.tables) {
        step.detail(&content.name);
        let table = tables
            .iter()
            .find(|table| table.name == content.name)
            .with_context(|| format!("this version has no table {}", content.name))?;
        fill(&storage, table, &table_file(folder, &content.name))?;
        step.advance(done, u64::try_from(manifest.tables.len())?);
    }
    order_search_index(&storage)?;
    step.done();
    require_rows(&storage, &manifest)?;
    println!(
        "{} rows and {} objects restored; the Worker fills the search index within a minute",
        manifest
            .tables
            .iter()
            .map(|table| table.rows)
            .sum::<usize>(),
        manifest.objects.len()
    );
    Ok(())
}

// The database

/// The tables that hold data, in the order in which they were made.
fn tables(storage: &Storage<'_>) -> Result<Vec<Table>> {
    let rows = storage.query(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' \
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' \
         AND name <> 'd1_migrations' ORDER BY rowid",
    )?;
    let described: Vec<(&str, &str)> = rows
        .iter()
        .filter_map(|row| Some((text(row, "name")?, text(row, "sql")?)))
        .collect();
    let is_virtual = |sql: &str| sql.to_ascii_uppercase().starts_with("CREATE VIRTUAL TABLE");
    let searched: Vec<&str> = described
        .iter()
        .filter(|(_, sql)| is_virtual(sql))
        .map(|(name, _)| *name)
        .collect();
    // A virtual table keeps its data in tables named after it.
    let is_data = |name: &str| {
        !searched
            .iter()
            .any(|it| name == *it || name.starts_with(&format!("{it}_")))
    };
    let columns = columns(storage)?;
    Ok(described
        .into_iter()
        .filter(|(name, _)| is_data(name))
        .filter_map(|(name, _)| {
            Some(Table {
                name: name.to_owned(),
                columns: columns.get(name)?.clone(),
            })
        })
        .collect())
}

/// The columns of each table: all that are stored, and those of the primary key in its order.
fn columns(storage: &Storage<'_>) -> Result<BTreeMap<String, Columns>> {
    let rows = storage.query(
        "SELECT m.name AS of_table, c.name AS name, c.pk AS key_position \
         FROM sqlite_master AS m, pragma_table_xinfo(m.name) AS c \
         WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' AND c.hidden = 0 \
         AND m.name NOT LIKE '\\_cf\\_%' ESCAPE '\\' ORDER BY m.rowid, c.pk, c.cid",
    )?;
    let mut columns: BTreeMap<String, Columns> = BTreeMap::new();
    for row in &rows {
        let (Some(table), Some(name)) = (text(row, "of_table"), text(row, "name")) else {
            bail!("the database described a column without a name");
        };
        let of_table = columns.entry(table.to_owned()).or_default();
        of_table.stored.push(name.to_owned());
        if row.get("key_position").and_then(Value::as_u64) > Some(0) {
            of_table.key.push(name.to_owned());
        }
    }
    Ok(columns)
}

fn migrations(storage: &Storage<'_>) -> Result<Vec<String>> {
    let rows = storage.query("SELECT name FROM d1_migrations ORDER BY name")?;
    Ok(rows
        .iter()
        .filter_map(|row| text(row, "name"))
        .map(str::to_owned)
        .collect())
}

fn count(storage: &Storage<'_>, table: &str) -> Result<u64> {
    let rows = storage.query(&format!("SELECT COUNT(*) AS number FROM {table}"))?;
    rows.first()
        .and_then(|row| row.get("number")?.as_u64())
        .with_context(|| format!("could not count the rows of {table}"))
}

fn text<'r>(row: &'r Row, column: &str) -> Option<&'r str> {
    row.get(column)?.as_str()
}

// Out

fn dump(storage: &Storage<'_>, table: &Table, file: &Path) -> Result<TableContent> {
    let (columns, key) = (
        table.columns.stored.join(", "),
        table.columns.key.join(", "),
    );
    let mut content = Vec::new();
    let mut rows = 0;
    loop {
        let page = storage.query(&format!(
            "SELECT {columns} FROM {} ORDER BY {key} LIMIT {PAGE} OFFSET {rows}",
            table.name
        ))?;
        for row in &page {
            serde_json::to_writer(&mut content, row)?;
            content.push(b'\n');
        }
        rows += page.len();
        if u64::try_from(page.len())? < PAGE {
            break;
        }
    }
    write(file, &content)?;
    Ok(TableContent {
        name: table.name.clone(),
        rows,
        sha256: sha256(&content),
    })
}

/// The sources of all messages, and the uploads that are still being read.
fn dump_objects(storage: &Storage<'_>, folder: &Path) -> Result<Vec<ObjectContent>> {
    let rows = storage.query(
        "SELECT raw_key AS key FROM emails UNION \
         SELECT payload ->> '$.key' FROM work_items WHERE payload ->> '$.key' IS NOT NULL UNION \
         SELECT payload ->> '$.key' FROM dead_letters \
         WHERE json_valid(payload) AND payload ->> '$.key' IS NOT NULL",
    )?;
    let keys: Vec<&str> = rows.iter().filter_map(|row| text(row, "key")).collect();
    let step = Step::count("reading the mail's sources", u64::try_from(keys.len())?);
    fs::create_dir_all(folder.join("objects"))
        .with_context(|| format!("could not create {}", folder.display()))?;
    let mut objects = Vec::new();
    for (done, key) in (1_u64..).zip(&keys) {
        let name = format!("{done:06}");
        let file = object_file(folder, &name);
        storage.get_object(key, &file)?;
        let bytes = read(&file)?;
        objects.push(ObjectContent {
            key: (*key).to_owned(),
            file: name,
            bytes: bytes.len(),
            sha256: sha256(&bytes),
        });
        step.advance(done, u64::try_from(keys.len())?);
    }
    step.done();
    Ok(objects)
}

fn require_empty(folder: &Path) -> Result<()> {
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!(
            "{} is not empty; a backup goes into a folder of its own",
            folder.display()
        );
    }
    Ok(())
}

// Back

/// The manifest of a backup whose every file is as it was written.
fn check(folder: &Path) -> Result<Manifest> {
    let manifest = fs::read(manifest_file(folder)).with_context(|| {
        format!(
            "{} holds no complete backup: it has no manifest",
            folder.display()
        )
    })?;
    let manifest: Manifest = serde_json::from_slice(&manifest).context("the manifest")?;
    if manifest.format != FORMAT {
        bail!(
            "the backup has format {} and this version reads {FORMAT}",
            manifest.format
        );
    }
    let tables = manifest
        .tables
        .iter()
        .map(|table| (table_file(folder, &table.name), &table.sha256));
    let objects = manifest
        .objects
        .iter()
        .map(|object| (object_file(folder, &object.file), &object.sha256));
    for (file, digest) in tables.chain(objects) {
        if sha256(&read(&file)?) != *digest {
            bail!("{} is not what was backed up", file.display());
        }
    }
    Ok(manifest)
}

fn require_same_tables(storage: &Storage<'_>, manifest: &Manifest) -> Result<()> {
    let present = migrations(storage)?;
    if present != manifest.migrations {
        bail!(
            "the backup was made with the migrations {:?} and this deployment has {present:?}; \
             restore with the version that made it, then upgrade",
            manifest.migrations
        );
    }
    Ok(())
}

fn require_nobody(storage: &Storage<'_>) -> Result<()> {
    let people = count(storage, "users")?;
    if people > 0 {
        bail!("this deployment has {people} people; a backup is restored into an empty one");
    }
    Ok(())
}

/// Compares what is there with what was backed up; the steps that fill the index came on top.
fn require_rows(storage: &Storage<'_>, manifest: &Manifest) -> Result<()> {
    let counts: Vec<String> = manifest
        .tables
        .iter()
        .map(|table| format!("(SELECT COUNT(*) FROM {0}) AS {0}", table.name))
        .collect();
    let rows = storage.query(&format!("SELECT {}", counts.join(", ")))?;
    for table in &manifest.tables {
        let present = rows.first().and_then(|row| row.get(&table.name)?.as_u64());
        if present < Some(u64::try_from(table.rows)?) {
            bail!(
                "{} has {present:?} rows instead of {}",
                table.name,
                table.rows
            );
        }
    }
    Ok(())
}

fn restore_objects(storage: &Storage<'_>, folder: &Path, manifest: &Manifest) -> Result<()> {
    let total = u64::try_from(manifest.objects.len())?;
    let step = Step::count("writing the mail's sources", total);
    for (done, object) in (1_u64..).zip(&manifest.objects) {
        storage.put_object(&object.key, &object_file(folder, &object.file))?;
        step.advance(done, total);
    }
    step.done();
    Ok(())
}

fn fill(storage: &Storage<'_>, table: &Table, file: &Path) -> Result<()> {
    let content =
        fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
    let mut batch = Vec::new();
    let mut bytes = 0;
    for line in content.lines() {
        let row: Row =
            serde_json::from_str(line).with_context(|| format!("a row in {}", file.display()))?;
        let statements = insert(&table.name, &table.columns.key, &row);
        bytes += statements.iter().map(String::len).sum::<usize>();
        batch.extend(statements);
        if bytes > BATCH_BYTES {
            storage.execute(&batch)?;
            batch.clear();
            bytes = 0;
        }
    }
    if batch.is_empty() {
        Ok(())
    } else {
        storage.execute(&batch)
    }
}

/// Leaves a step of work for each person, which the Worker's sweep finds.
fn order_search_index(storage: &Storage<'_>) -> Result<()> {
    let now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
    let people = storage.query("SELECT id FROM users")?;
    let statements: Result<Vec<String>> = people
        .iter()
        .filter_map(|row| text(row, "id"))
        .map(|person| {
            Ok(format!(
                "INSERT INTO work_items (id, user_id, payload, not_before, created_at) \
                 VALUES ({}, {}, '{{\"kind\":\"rebuild_search_v1\"}}', {now}, {now});",
                text_literal(&identifier::new("wrk")?),
                text_literal(person)
            ))
        })
        .collect();
    let statements = statements?;
    if statements.is_empty() {
        Ok(())
    } else {
        storage.execute(&statements)
    }
}

// Files

fn manifest_file(folder: &Path) -> PathBuf {
    folder.join("manifest.json")
}

fn table_file(folder: &Path, table: &str) -> PathBuf {
    folder.join("tables").join(format!("{table}.jsonl"))
}

fn object_file(folder: &Path, name: &str) -> PathBuf {
    folder.join("objects").join(name)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("could not read {}", file.display()))
}

fn write(file: &Path, content: &[u8]) -> Result<()> {
    File::create(file)
        .map(BufWriter::new)
        .and_then(|mut writer| writer.write_all(content).and_then(|()| writer.flush()))
        .with_context(|| format!("could not write {}", file.display()))
}
