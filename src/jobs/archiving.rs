//! What the steps of an export share: parts of the archive on their way into R2.

use delegate_core::error::Error;
use delegate_core::export::archive::{ArchiveError, Writer};
use delegate_core::identifier::{JobId, NotAnIdentifier};
use delegate_core::time::Timestamp;

use super::Step;
use crate::exports;
use crate::platform::database::Statement;
use crate::store::exports::{Pieces, insert_part};

/// After how many compressed bytes a part ends.
const PART_BYTES: usize = 4 * 1024 * 1024;

/// How much JSON a step reads for one file: some six pieces.
const FILE_BYTES: usize = 8 * 1024 * 1024;

/// Which export a step is of.
pub(super) fn job(step: &Step<'_>) -> Result<JobId, Error> {
    let id = step.claimed.job_id.as_deref().map(JobId::parse);
    id.and_then(Result::ok)
        .ok_or_else(|| Error::internal("a step of an export without its job"))
}

/// The parts that one step makes.
pub(super) struct Parts<'a> {
    step: &'a Step<'a>,
    job: JobId,
    writer: Writer,
    number: u32,
    statements: Vec<Statement>,
}

impl<'a> Parts<'a> {
    /// Parts from this number on.
    pub(super) fn from(step: &'a Step<'a>, job: JobId, number: u32) -> Self {
        Self {
            step,
            job,
            writer: Writer::default(),
            number,
            statements: Vec::new(),
        }
    }

    /// Writes a whole file.
    pub(super) async fn file(
        &mut self,
        name: &str,
        content: &[u8],
        modified: Timestamp,
    ) -> Result<(), Error> {
        self.writer
            .entry(name, content, modified)
            .map_err(|error| fault(&error))?;
        self.cut_if_full().await
    }

    /// Begins a file of this length.
    pub(super) fn begin(
        &mut self,
        name: &str,
        length: u64,
        modified: Timestamp,
    ) -> Result<(), Error> {
        self.writer
            .begin(name, length, modified)
            .map_err(|error| fault(&error))
    }

    /// Goes on with the file that was begun.
    pub(super) async fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.writer.push(bytes).map_err(|error| fault(&error))?;
        self.cut_if_full().await
    }

    async fn cut_if_full(&mut self) -> Result<(), Error> {
        if self.writer.part_length() < PART_BYTES {
            return Ok(());
        }
        let bytes = self.writer.cut().map_err(|error| fault(&error))?;
        self.store(bytes).await
    }

    async fn store(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        let attempt = self.step.claimed.attempts;
        let key = exports::key(&self.step.user, &self.job, self.number, attempt);
        let length = bytes.len();
        exports::store(self.step.env, &key, bytes).await?;
        self.statements
            .push(insert_part(&self.job, self.number, &key, length));
        self.number += 1;
        Ok(())
    }

    /// Ends the last part. Answers the statements that make them parts of the archive, and the
    /// number of the next one.
    pub(super) async fn end(mut self) -> Result<(Vec<Statement>, u32), Error> {
        let writer = std::mem::take(&mut self.writer);
        let bytes = writer.finish().map_err(|error| fault(&error))?;
        self.store(bytes).await?;
        Ok((self.statements, self.number))
    }

    /// Ends the last part and the archive with it.
    pub(super) async fn close(mut self) -> Result<Vec<Statement>, Error> {
        let writer = std::mem::take(&mut self.writer);
        let bytes = writer.close().map_err(|error| fault(&error))?;
        self.store(bytes).await?;
        Ok(self.statements)
    }
}

fn fault(error: &ArchiveError) -> Error {
    Error::internal(error.to_string())
}

/// What a step read for one file.
pub(super) struct Rows {
    /// A JSON array.
    pub(super) json: String,
    /// How many rows are in it.
    pub(super) number: u32,
    last: String,
}

impl Rows {
    /// The identifier of the last row.
    pub(super) fn last<Id>(
        &self,
        parse: fn(&str) -> Result<Id, NotAnIdentifier>,
    ) -> Result<Id, Error> {
        parse(&self.last).map_err(|error| Error::internal(error.to_string()))
    }
}

/// The rows after one, until there are no more or the file is long enough; `None` where there is
/// none.
pub(super) async fn read_file(
    step: &Step<'_>,
    job: &JobId,
    pieces: &Pieces,
    after: Option<&str>,
) -> Result<Option<Rows>, Error> {
    let mut rows: Option<Rows> = None;
    loop {
        let last = rows.as_ref().map_or(after, |rows| Some(rows.last.as_str()));
        let piece = pieces.after(&step.user, job, last);
        let answer = step.database.run(piece).await?;
        let (Some(items), Some(last)) = (answer.text("items"), answer.text("last")) else {
            break;
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count"
        )]
        let number = answer.number("number").unwrap_or_default() as u32;
        match &mut rows {
            None => {
                rows = Some(Rows {
                    json: items,
                    number,
                    last,
                });
            }
            Some(rows) => {
                rows.json.pop();
                rows.json.push(',');
                rows.json
                    .push_str(items.strip_prefix('[').unwrap_or_default());
                rows.number += number;
                rows.last = last;
            }
        }
        if rows
            .as_ref()
            .is_some_and(|rows| rows.json.len() >= FILE_BYTES)
        {
            break;
        }
    }
    Ok(rows)
}
