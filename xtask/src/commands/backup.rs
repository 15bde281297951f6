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

use std::collections::{BTreeMap, BTreeSet};
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

/// The shape of the folder. A restore refuses what it does not know. Version 1 had no sequences.
const FORMAT: u32 = 2;

/// How far the positions of events jump with a restore. A hub that outlived its database remembers
/// a position that may be later than the backup, and passes over every event up to it. A billion
/// is more than anybody's deployment writes between two backups; 2^53 are there.
const SKIPPED_POSITIONS: u64 = 1_000_000_000;

/// The table whose positions the hubs remember.
const OUTBOX: &str = "outbox";

/// The numbers that SQLite keeps for AUTOINCREMENT.
const SEQUENCES: &str = "SELECT name, seq FROM sqlite_sequence";

/// Archives that people had made of what is theirs: everything in them is in the backup already, and
/// they can be made again.
const ARCHIVES: [&str; 2] = ["exports", "export_parts"];

/// The sources of all messages, and the uploads that are still being read.
const OBJECTS: &str = "SELECT raw_key AS key FROM emails UNION \
     SELECT payload ->> '$.key' FROM work_items WHERE payload ->> '$.key' IS NOT NULL UNION \
     SELECT payload ->> '$.key' FROM dead_letters \
     WHERE json_valid(payload) AND payload ->> '$.key' IS NOT NULL";

/// What the jobs are called that fill the search index of a person again.
pub(crate) const SEARCH_REBUILD: &str = "search_rebuild";

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
pub(crate) struct Manifest {
    format: u32,
    /// The migrations that the database had: rows fit only the same tables.
    migrations: Vec<String>,
    /// In the order in which they were made.
    tables: Vec<TableContent>,
    /// The last number that each table with AUTOINCREMENT gave. No number is given twice, not even
    /// one whose row is gone.
    #[serde(default)]
    sequences: BTreeMap<String, u64>,
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
    let manifest = write_backup(&Storage::open(project, options.remote)?, folder)?;
    println!(
        "{} rows of {} tables and {} objects are in {}",
        manifest.rows(),
        manifest.tables.len(),
        manifest.objects.len(),
        folder.display()
    );
    Ok(())
}

pub(crate) fn restore(project: &Project, options: &RestoreOptions) -> Result<()> {
    setup::run(project)?;
    let folder = &options.from;
    // Before anything is opened: what is wrong with the folder is said at once.
    let manifest = check(folder)?;
    read_backup(&Storage::open(project, options.remote)?, folder, &manifest)?;
    println!(
        "{} rows and {} objects restored; the Worker fills the search index within a minute",
        manifest.rows(),
        manifest.objects.len()
    );
    Ok(())
}

/// Writes what a storage holds into an empty folder.
pub(crate) fn write_backup(storage: &Storage<'_>, folder: &Path) -> Result<Manifest> {
    require_empty(folder)?;
    fs::create_dir_all(folder.join("tables"))
        .with_context(|| format!("could not create {}", folder.display()))?;
    let Schema { tables, migrations } = schema(storage)?;
    let contents = dump_tables(storage, &tables, folder)?;
    // After the rows, so that none of them has a later number.
    let behind = storage.query_all(&[SEQUENCES.to_owned(), OBJECTS.to_owned()])?;
    let [numbers, keys] = behind.as_slice() else {
        bail!("the database answered otherwise than it was asked");
    };
    let sequences = sequences(numbers, &tables);
    let objects = dump_objects(storage, keys, folder)?;
    let manifest = Manifest {
        format: FORMAT,
        migrations,
        tables: contents,
        sequences,
        objects,
    };
    // Last: a folder without it is a backup that was cut short.
    write(
        &manifest_file(folder),
        &serde_json::to_vec_pretty(&manifest)?,
    )?;
    Ok(manifest)
}

/// Fills an empty storage from a folder whose manifest was checked.
pub(crate) fn read_backup(storage: &Storage<'_>, folder: &Path, manifest: &Manifest) -> Result<()> {
    let Schema { tables, migrations } = schema(storage)?;
    require_same_tables(&migrations, manifest)?;
    require_nobody(storage)?;

    // Objects first: a row may name one, and an object that no row names is only swept.
    restore_objects(storage, folder, manifest)?;
    let total = u64::try_from(manifest.tables.len())?;
    let step = Step::count("writing the tables", total);
    let mut writer = Writer::of(storage);
    for (done, content) in (1..).zip(&manifest.tables) {
        step.detail(&content.name);
        let table = tables
            .iter()
            .find(|table| table.name == content.name)
            .with_context(|| format!("this version has no table {}", content.name))?;
        fill(&mut writer, table, &table_file(folder, &content.name))?;
        step.advance(done, total);
    }
    // After the rows, which raise them only to the last row that is still there.
    let mut sequences = manifest.sequences.clone();
    *sequences.entry(OUTBOX.to_owned()).or_default() += SKIPPED_POSITIONS;
    for (table, last) in &sequences {
        writer.add(continue_sequence(table, *last))?;
    }
    order_search_index(&mut writer, folder)?;
    writer.finish()?;
    step.done();
    require_rows(storage, &tables, manifest)
}

impl Manifest {
    fn rows(&self) -> usize {
        self.tables.iter().map(|table| table.rows).sum()
    }
}

/// What a backup of a restored state has otherwise than the backup that it was restored from, in a
/// sentence. Restoring adds a job and a step for each person, and lets the positions of events
/// jump; everything else must be the same to the byte.
pub(crate) fn difference(original: &Path, copy: &Path) -> Result<Option<String>> {
    let (before, after) = (check(original)?, check(copy)?);
    if before.migrations != after.migrations {
        return Ok(Some("the migrations differ".to_owned()));
    }
    let names = |manifest: &Manifest| -> Vec<String> {
        let names = manifest.tables.iter().map(|table| table.name.clone());
        names.collect()
    };
    if names(&before) != names(&after) {
        return Ok(Some("the tables differ".to_owned()));
    }
    let people = table_rows(original, "users")?.len();
    for TableContent { name, .. } in &before.tables {
        let (had, mut has) = (table_rows(original, name)?, table_rows(copy, name)?);
        if let Some(lost) = had.iter().find(|row| !has.remove(*row)) {
            return Ok(Some(format!("{name} lacks the row {lost}")));
        }
        let marker = match name.as_str() {
            "jobs" => Some(format!("\"kind\":\"{SEARCH_REBUILD}\"")),
            "work_items" => Some("rebuild_search_v1".to_owned()),
            _ => None,
        };
        let expected = marker.as_ref().map_or(0, |_| people);
        let is_added = |row: &String| marker.as_ref().is_some_and(|marker| row.contains(marker));
        if let Some(row) = has.iter().find(|row| !is_added(row)) {
            return Ok(Some(format!(
                "{name} has the row {row}, which was not there"
            )));
        }
        if has.len() != expected {
            return Ok(Some(format!(
                "restoring added {} rows to {name} instead of {expected}",
                has.len()
            )));
        }
    }
    let mut expected = before.sequences.clone();
    *expected.entry(OUTBOX.to_owned()).or_default() += SKIPPED_POSITIONS;
    if expected != after.sequences {
        return Ok(Some(format!(
            "the tables go on behind {:?} instead of {expected:?}",
            after.sequences
        )));
    }
    let digests = |manifest: &Manifest| -> BTreeMap<String, String> {
        let objects = manifest.objects.iter();
        objects
            .map(|object| (object.key.clone(), object.sha256.clone()))
            .collect()
    };
    Ok((digests(&before) != digests(&after)).then(|| "the objects differ".to_owned()))
}

/// The rows of a table in a backup.
fn table_rows(folder: &Path, table: &str) -> Result<BTreeSet<String>> {
    let text = String::from_utf8(read(&table_file(folder, table))?)
        .with_context(|| format!("the rows of {table}"))?;
    Ok(text.lines().map(str::to_owned).collect())
}

// The database

/// What a database is made of.
#[derive(Debug)]
struct Schema {
    /// Those that hold data, in the order in which they were made.
    tables: Vec<Table>,
    migrations: Vec<String>,
}

const TABLES: &str = "SELECT name, sql FROM sqlite_master WHERE type = 'table' \
     AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' \
     AND name <> 'd1_migrations' ORDER BY rowid";

/// Not the count of what changed in a calendar: it means something only to who computes at the moment,
/// and the triggers count again what is restored.
const COLUMNS: &str = "SELECT m.name AS of_table, c.name AS name, c.pk AS key_position \
     FROM sqlite_master AS m, pragma_table_xinfo(m.name) AS c \
     WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' AND c.hidden = 0 \
     AND m.name NOT LIKE '\\_cf\\_%' ESCAPE '\\' \
     AND (m.name, c.name) <> ('users', 'calendar_revision') ORDER BY m.rowid, c.pk, c.cid";

const MIGRATIONS: &str = "SELECT name FROM d1_migrations ORDER BY name";

fn schema(storage: &Storage<'_>) -> Result<Schema> {
    let queries = [TABLES, COLUMNS, MIGRATIONS].map(str::to_owned);
    let answers = storage.query_all(&queries)?;
    let [tables, columns, migrations] = answers.as_slice() else {
        bail!("the database answered otherwise than it was asked");
    };
    Ok(Schema {
        tables: data_tables(tables, &columns_by_table(columns)?),
        migrations: migrations
            .iter()
            .filter_map(|row| text(row, "name"))
            .map(str::to_owned)
            .collect(),
    })
}

/// The tables that hold data, of all those that were described.
fn data_tables(rows: &[Row], columns: &BTreeMap<String, Columns>) -> Vec<Table> {
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
    described
        .into_iter()
        .filter(|(name, _)| is_data(name) && !ARCHIVES.contains(name))
        .filter_map(|(name, _)| {
            Some(Table {
                name: name.to_owned(),
                columns: columns.get(name)?.clone(),
            })
        })
        .collect()
}

/// The columns of each table: all that are stored, and those of the primary key in its order.
fn columns_by_table(rows: &[Row]) -> Result<BTreeMap<String, Columns>> {
    let mut columns: BTreeMap<String, Columns> = BTreeMap::new();
    for row in rows {
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

/// The last number that each table with AUTOINCREMENT gave; nothing for one that never gave any.
fn sequences(rows: &[Row], tables: &[Table]) -> BTreeMap<String, u64> {
    rows.iter()
        .filter_map(|row| Some((text(row, "name")?, row.get("seq")?.as_u64()?)))
        .filter(|(name, _)| tables.iter().any(|table| table.name == *name))
        .map(|(name, last)| (name.to_owned(), last))
        .collect()
}

/// The statements that let a table go on behind a number.
fn continue_sequence(table: &str, last: u64) -> Vec<String> {
    let name = text_literal(table);
    // SQLite keeps this table without a key, so an upsert can't be had.
    vec![
        format!("UPDATE sqlite_sequence SET seq = MAX(seq, {last}) WHERE name = {name};"),
        format!(
            "INSERT INTO sqlite_sequence (name, seq) SELECT {name}, {last} \
             WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = {name});"
        ),
    ]
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

/// Reads the tables, the newest first. Those that fit on a page are read together, for each start
/// of wrangler takes longer than reading them.
fn dump_tables(
    storage: &Storage<'_>,
    tables: &[Table],
    folder: &Path,
) -> Result<Vec<TableContent>> {
    let total = u64::try_from(tables.len())?;
    let step = Step::count("reading the tables", total);
    let sizes = sizes(storage, tables)?;
    let is_small = |table: &Table| sizes.get(&table.name).is_some_and(|rows| *rows < PAGE / 2);
    let mut contents = Vec::new();
    let mut rest: Vec<&Table> = tables.iter().rev().collect();
    while let Some(first) = rest.first() {
        step.detail(&first.name);
        let together = rest
            .iter()
            .take_while(|table| is_small(table))
            .count()
            .max(1);
        let queries: Vec<String> = rest
            .iter()
            .take(together)
            .map(|table| table.page(0))
            .collect();
        for page in storage.query_all(&queries)? {
            let Some(table) = rest.first().copied() else {
                break;
            };
            rest.remove(0);
            let is_full = u64::try_from(page.len())? >= PAGE;
            let file = table_file(folder, &table.name);
            contents.push(dump(storage, table, page, &file)?);
            step.advance(u64::try_from(contents.len())?, total);
            if is_full {
                // It grew meanwhile. What was read behind it may be older than its last rows and
                // lack what they refer to, so that is read again.
                break;
            }
        }
    }
    contents.reverse();
    step.done();
    Ok(contents)
}

/// How many rows each table has.
fn sizes(storage: &Storage<'_>, tables: &[Table]) -> Result<BTreeMap<String, u64>> {
    let counts: Vec<String> = tables
        .iter()
        .map(|table| format!("(SELECT COUNT(*) FROM {0}) AS {0}", table.name))
        .collect();
    let rows = storage.query(&format!("SELECT {}", counts.join(", ")))?;
    Ok(rows
        .iter()
        .flatten()
        .filter_map(|(name, rows)| Some((name.clone(), rows.as_u64()?)))
        .collect())
}

impl Table {
    /// The query for the page behind so many rows.
    fn page(&self, rows: usize) -> String {
        format!(
            "SELECT {} FROM {} ORDER BY {} LIMIT {PAGE} OFFSET {rows}",
            self.columns.stored.join(", "),
            self.name,
            self.columns.key.join(", "),
        )
    }
}

/// Writes a table, whose first page was read, into a file.
fn dump(
    storage: &Storage<'_>,
    table: &Table,
    first: Vec<Row>,
    file: &Path,
) -> Result<TableContent> {
    let mut content = Vec::new();
    let mut rows = 0;
    let mut page = first;
    loop {
        for row in &page {
            serde_json::to_writer(&mut content, row)?;
            content.push(b'\n');
        }
        rows += page.len();
        if u64::try_from(page.len())? < PAGE {
            break;
        }
        page = storage.query(&table.page(rows))?;
    }
    write(file, &content)?;
    Ok(TableContent {
        name: table.name.clone(),
        rows,
        sha256: sha256(&content),
    })
}

fn dump_objects(storage: &Storage<'_>, rows: &[Row], folder: &Path) -> Result<Vec<ObjectContent>> {
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
pub(crate) fn check(folder: &Path) -> Result<Manifest> {
    let manifest = fs::read(manifest_file(folder)).with_context(|| {
        format!(
            "{} holds no complete backup: it has no manifest",
            folder.display()
        )
    })?;
    let manifest: Manifest = serde_json::from_slice(&manifest).context("the manifest")?;
    if !(1..=FORMAT).contains(&manifest.format) {
        bail!(
            "the backup has format {} and this version reads up to {FORMAT}",
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

fn require_same_tables(present: &[String], manifest: &Manifest) -> Result<()> {
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
fn require_rows(storage: &Storage<'_>, tables: &[Table], manifest: &Manifest) -> Result<()> {
    let present = sizes(storage, tables)?;
    for table in &manifest.tables {
        let present = present.get(&table.name).copied();
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

/// Statements on their way into a storage, many at a time.
#[derive(Debug)]
struct Writer<'s> {
    storage: &'s Storage<'s>,
    batch: Vec<String>,
    bytes: usize,
}

impl<'s> Writer<'s> {
    fn of(storage: &'s Storage<'s>) -> Self {
        Self {
            storage,
            batch: Vec::new(),
            bytes: 0,
        }
    }

    fn add(&mut self, statements: Vec<String>) -> Result<()> {
        self.bytes += statements.iter().map(String::len).sum::<usize>();
        self.batch.extend(statements);
        if self.bytes > BATCH_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if !self.batch.is_empty() {
            self.storage.execute(&self.batch)?;
            self.batch.clear();
            self.bytes = 0;
        }
        Ok(())
    }

    /// Writes what is left.
    fn finish(mut self) -> Result<()> {
        self.flush()
    }
}

fn fill(writer: &mut Writer<'_>, table: &Table, file: &Path) -> Result<()> {
    let content =
        fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
    for line in content.lines() {
        let row: Row =
            serde_json::from_str(line).with_context(|| format!("a row in {}", file.display()))?;
        writer.add(insert(&table.name, &table.columns.key, &row))?;
    }
    Ok(())
}

/// Leaves a job with a step of work for each person, which the Worker's sweep finds.
fn order_search_index(writer: &mut Writer<'_>, folder: &Path) -> Result<()> {
    let now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
    let kind = text_literal(SEARCH_REBUILD);
    for row in table_rows(folder, "users")? {
        let row: Row = serde_json::from_str(&row).context("a row of users")?;
        let person = text(&row, "id").map(text_literal);
        let person = person.context("a row of users has no id")?;
        let job = text_literal(&identifier::new("job")?);
        let step = text_literal(&identifier::new("wrk")?);
        writer.add(vec![
            format!(
                "INSERT INTO jobs (id, user_id, kind, status, created_at, updated_at) \
                 VALUES ({job}, {person}, {kind}, 'queued', {now}, {now});"
            ),
            format!(
                "INSERT INTO work_items (id, user_id, job_id, payload, not_before, created_at) \
                 VALUES ({step}, {person}, {job}, '{{\"kind\":\"rebuild_search_v1\"}}', {now}, \
                 {now});"
            ),
        ])?;
    }
    Ok(())
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
