//! The hub's log: the frames of one person in its SQLite, and where it stands.
//!
//! Invariant: what is written between two awaits is committed together by the platform, so frames,
//! their numbers and the outbox cursor never disagree, whenever the object is killed.

use delegate_core::event::EventType;
use delegate_core::hub::{KEPT_FRAMES, Log, OutboxEvent};
use delegate_core::time::Timestamp;
use delegate_core::token::ACCESS_TOKEN_LIFE;
use serde::Deserialize;
use worker::{Result, SqlStorage, SqlStorageValue};

/// The log of one person.
pub(crate) struct FrameLog {
    sql: SqlStorage,
}

#[derive(Deserialize)]
struct Standing {
    latest: f64,
    oldest: f64,
    read: f64,
}

#[derive(Deserialize)]
struct Cursor {
    position: f64,
}

#[derive(Deserialize)]
struct Owner {
    owner: String,
}

/// A row of which only its being there matters.
#[derive(Deserialize)]
struct Present {
    #[serde(rename = "present")]
    _present: f64,
}

#[derive(Deserialize)]
struct End {
    latest: f64,
    position: f64,
}

#[derive(Deserialize)]
struct FrameRow {
    frame: String,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of frames are whole, not negative and far below 2^53"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

#[expect(
    clippy::cast_possible_wrap,
    reason = "numbers of frames are far below 2^53"
)]
fn value(number: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(number as i64)
}

fn milliseconds(moment: Timestamp) -> u64 {
    u64::try_from(moment.milliseconds()).unwrap_or(0)
}

impl FrameLog {
    /// Opens the log, and makes its tables where they are missing.
    pub(crate) fn open(sql: SqlStorage) -> Result<Self> {
        sql.exec(
            "CREATE TABLE IF NOT EXISTS frames (seq INTEGER PRIMARY KEY, frame TEXT NOT NULL);
             CREATE TABLE IF NOT EXISTS standing (
               one INTEGER PRIMARY KEY CHECK (one = 1),
               latest INTEGER NOT NULL, read INTEGER NOT NULL,
               position INTEGER NOT NULL, owner TEXT NOT NULL);
             CREATE TABLE IF NOT EXISTS used_tickets (
               nonce TEXT PRIMARY KEY, expires_ms INTEGER NOT NULL);
             CREATE TABLE IF NOT EXISTS ended_sessions (
               session TEXT PRIMARY KEY, until_ms INTEGER NOT NULL);
             CREATE TABLE IF NOT EXISTS expected_ends (
               session TEXT PRIMARY KEY, until_ms INTEGER NOT NULL);
             INSERT OR IGNORE INTO standing VALUES (1, 0, 0, 0, '');",
            None,
        )?;
        Ok(Self { sql })
    }

    /// Where the log stands.
    pub(crate) fn standing(&self) -> Result<Log> {
        let row: Standing = self
            .sql
            .exec(
                "SELECT latest, read,
                        COALESCE((SELECT MIN(seq) FROM frames), latest + 1) AS oldest
                 FROM standing",
                None,
            )?
            .one()?;
        let latest = whole(row.latest);
        // Pruning comes later than appending; what it will take is gone as far as devices know.
        let first_kept = latest.saturating_sub(KEPT_FRAMES) + 1;
        Ok(Log {
            latest,
            oldest: whole(row.oldest).max(first_kept),
            read: whole(row.read),
        })
    }

    /// Forgets the oldest frames beyond those that are kept.
    pub(crate) fn prune(&self) -> Result<()> {
        self.sql.exec(
            "DELETE FROM frames WHERE seq <= (SELECT latest FROM standing) - ?",
            vec![value(KEPT_FRAMES)],
        )?;
        Ok(())
    }

    /// Up to which position of the outbox everything is in the log.
    pub(crate) fn position(&self) -> Result<u64> {
        let row: Cursor = self
            .sql
            .exec("SELECT position FROM standing", None)?
            .one()?;
        Ok(whole(row.position))
    }

    /// Whose log it is, for the alarm, which brings no name. Empty before the first drain.
    pub(crate) fn owner(&self) -> Result<String> {
        let row: Owner = self.sql.exec("SELECT owner FROM standing", None)?.one()?;
        Ok(row.owner)
    }

    /// Remembers whose log it is.
    pub(crate) fn set_owner(&self, owner: &str) -> Result<()> {
        self.sql.exec(
            "UPDATE standing SET owner = ? WHERE owner = ''",
            vec![owner.to_owned().into()],
        )?;
        Ok(())
    }

    /// Appends events that are behind the cursor, in their order, and answers with their frames.
    /// Those at or before it were appended already.
    pub(crate) fn append(&self, events: &[OutboxEvent]) -> Result<Vec<String>> {
        let end: End = self
            .sql
            .exec("SELECT latest, position FROM standing", None)?
            .one()?;
        let (mut latest, position) = (whole(end.latest), whole(end.position));
        let mut frames = Vec::with_capacity(events.len());
        let mut reached = position;
        for event in events.iter().filter(|event| event.position > position) {
            latest += 1;
            let frame = event.frame(latest);
            self.sql.exec(
                "INSERT INTO frames (seq, frame) VALUES (?, ?)",
                vec![value(latest), frame.clone().into()],
            )?;
            frames.push(frame);
            reached = event.position;
        }
        if !frames.is_empty() {
            self.sql.exec(
                "UPDATE standing SET latest = ?, position = ?",
                vec![value(latest), value(reached)],
            )?;
        }
        Ok(frames)
    }

    /// The kept frames after a number, in order, some at a time.
    pub(crate) fn after(&self, seq: u64, limit: u64) -> Result<Vec<String>> {
        let rows: Vec<FrameRow> = self
            .sql
            .exec(
                "SELECT frame FROM frames WHERE seq > ? ORDER BY seq LIMIT ?",
                vec![value(seq), value(limit)],
            )?
            .to_array()?;
        Ok(rows.into_iter().map(|row| row.frame).collect())
    }

    /// Makes of every frame that tells of a delegation with a person one that only says that it is
    /// gone. The numbers stay as they are.
    pub(crate) fn forget(&self, person: &str) -> Result<()> {
        self.sql.exec(
            "UPDATE frames SET frame = json_set(frame, '$.type', ?2,
               '$.data', json_object('id', frame ->> '$.data.id'))
             WHERE instr(frame, ?1) > 0 AND frame ->> '$.type' = ?3",
            vec![
                person.to_owned().into(),
                EventType::DelegationDeleted.as_str().to_owned().into(),
                EventType::DelegationUpdated.as_str().to_owned().into(),
            ],
        )?;
        Ok(())
    }

    /// Remembers how far the person has read; it never goes back.
    pub(crate) fn mark_read(&self, seq: u64) -> Result<()> {
        self.sql
            .exec("UPDATE standing SET read = MAX(read, ?)", vec![value(seq)])?;
        Ok(())
    }

    /// Remembers that a session has ended, for as long as a token of it may be good.
    pub(crate) fn end_session(&self, session: &str, now: Timestamp) -> Result<()> {
        let until = milliseconds(now.plus(ACCESS_TOKEN_LIFE));
        self.sql.exec(
            "DELETE FROM ended_sessions WHERE until_ms < ?",
            vec![value(milliseconds(now))],
        )?;
        self.sql.exec(
            "INSERT OR REPLACE INTO ended_sessions (session, until_ms) VALUES (?, ?)",
            vec![session.to_owned().into(), value(until)],
        )?;
        Ok(())
    }

    /// Remembers when the sockets of a key end by themselves: with the key.
    pub(crate) fn expect_end(&self, key: &str, until_ms: u64) -> Result<()> {
        self.sql.exec(
            "INSERT OR REPLACE INTO expected_ends (session, until_ms) VALUES (?, ?)",
            vec![key.to_owned().into(), value(until_ms)],
        )?;
        Ok(())
    }

    /// Those whose time has come. Each is told once.
    pub(crate) fn expired(&self, now: Timestamp) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Expired {
            session: String,
        }
        let rows: Vec<Expired> = self
            .sql
            .exec(
                "DELETE FROM expected_ends WHERE until_ms <= ? RETURNING session",
                vec![value(milliseconds(now))],
            )?
            .to_array()?;
        Ok(rows.into_iter().map(|row| row.session).collect())
    }

    /// Whether a session has ended.
    pub(crate) fn has_ended(&self, session: &str) -> Result<bool> {
        let cursor = self.sql.exec(
            "SELECT 1 AS present FROM ended_sessions WHERE session = ?",
            vec![session.to_owned().into()],
        )?;
        Ok(!cursor.to_array::<Present>()?.is_empty())
    }

    /// Uses a ticket up. False where it was used before.
    pub(crate) fn use_ticket(&self, nonce: &str, expires_ms: u64, now: Timestamp) -> Result<bool> {
        let now_ms = milliseconds(now);
        self.sql.exec(
            "DELETE FROM used_tickets WHERE expires_ms < ?",
            vec![value(now_ms)],
        )?;
        let cursor = self.sql.exec(
            "INSERT OR IGNORE INTO used_tickets (nonce, expires_ms) VALUES (?, ?) RETURNING 1 AS present",
            vec![nonce.to_owned().into(), value(expires_ms)],
        )?;
        Ok(!cursor.to_array::<Present>()?.is_empty())
    }
}
