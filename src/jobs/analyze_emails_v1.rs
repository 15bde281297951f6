//! Reads stored messages with the analysis engine and stores what it makes of them.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;
use delegate_core::analysis::builtin::BuiltinEngine;
use delegate_core::analysis::similarity::{fingerprint, same_request};
use delegate_core::analysis::{
    Analysis, AnalysisEngine as _, AnalysisInput, Deadline, EngineError, ProposedTask,
};
use delegate_core::error::Error;
use delegate_core::identifier::{EmailId, EventId, TaskId, UserId};
use delegate_core::mail::message::{Attachment, Mailbox, Signals};
use delegate_core::task::{Due, Link, NewTask, Source, Status, Task};
use delegate_core::time::{CalendarTime, Timestamp, parse_zone};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Effect, Step};
use crate::platform::database::{Answer, Database, Statement};
use crate::platform::{clock, random};
use crate::store::emails::{self, Readable};
use crate::store::jobs::Progress;
use crate::store::tasks;

pub(super) async fn run(step: &Step<'_>, email_ids: &[EmailId]) -> Result<Effect, Error> {
    let mut session = Session::read(&step.database, &step.user, email_ids).await?;
    let mut statements = vec![session.unchanged(&step.user)?];
    for email in std::mem::take(&mut session.emails) {
        if email.analyzed_version < BuiltinEngine.version() {
            statements.extend(session.analyze(&step.user, &email).await?);
        }
    }
    // A message that is gone, or was read before, is finished, too.
    let done = u32::try_from(email_ids.len()).unwrap_or(u32::MAX);
    Ok(Effect {
        statements,
        follow_ups: Vec::new(),
        progress: Progress { done, total: None },
    })
}

/// The statements that analyse one message, whether it was before or not; none where it is gone.
pub(crate) async fn analyze_one(
    database: &Database,
    user: &UserId,
    id: &EmailId,
) -> Result<Vec<Statement>, Error> {
    let mut session = Session::read(database, user, std::slice::from_ref(id)).await?;
    let Some(email) = session.emails.pop() else {
        return Ok(Vec::new());
    };
    let mut statements = vec![session.unchanged(user)?];
    statements.extend(session.analyze(user, &email).await?);
    Ok(statements)
}

/// What was read before some messages are analysed.
struct Session {
    emails: Vec<Readable>,
    zone: Tz,
    own_addresses: Vec<String>,
    /// The requests that each thread gave already.
    requests: HashMap<String, Vec<String>>,
    /// The threads, and how many requests they had given together.
    threads: Vec<String>,
    requests_read: usize,
}

#[derive(Deserialize)]
struct Reader {
    time_zone: String,
    addresses: String,
}

#[derive(Deserialize)]
struct Request {
    thread_id: String,
    quote: String,
}

impl Session {
    async fn read(database: &Database, user: &UserId, ids: &[EmailId]) -> Result<Self, Error> {
        let statements = emails::find_readable(user, ids, BuiltinEngine.name())?;
        let answers = database.batch(statements).await?;
        let [emails, reader, requests]: [Answer; 3] = answers
            .try_into()
            .map_err(|_| Error::internal("D1 answered fewer results than statements"))?;
        let reader = reader.first::<Reader>()?.ok_or_else(Error::not_found)?;
        let mut by_thread: HashMap<String, Vec<String>> = HashMap::new();
        for request in requests.rows::<Request>()? {
            by_thread
                .entry(request.thread_id)
                .or_default()
                .push(request.quote);
        }
        let emails = emails.rows::<Readable>()?;
        let threads: BTreeSet<&str> = emails
            .iter()
            .map(|email| email.thread_id.as_str())
            .collect();
        Ok(Self {
            threads: threads.into_iter().map(str::to_owned).collect(),
            requests_read: by_thread.values().map(Vec::len).sum(),
            emails,
            zone: parse_zone(&reader.time_zone).unwrap_or(Tz::UTC),
            own_addresses: read_json(&reader.addresses)?,
            requests: by_thread,
        })
    }

    /// The statement that a commit begins with: it fails where a thread has given another request
    /// since it was read. A reminder that repeats a request in other words is told by reading both,
    /// so whoever comes second has to read again.
    fn unchanged(&self, user: &UserId) -> Result<Statement, Error> {
        tasks::requests_unchanged(user, &self.threads, self.requests_read)
    }

    /// The statements that store what the engine makes of a message.
    async fn analyze(&mut self, user: &UserId, email: &Readable) -> Result<Vec<Statement>, Error> {
        let analysis = self.ask(email).await?;
        let now = clock::now();
        let id = EmailId::parse(&email.id).map_err(|error| Error::internal(error.to_string()))?;
        let engine = (BuiltinEngine.name(), BuiltinEngine.version());
        let event = EventId::new(now, random::bytes()?);
        let mut statements = emails::put_analysis(user, &id, &analysis, engine, &event, now)?;
        for proposed in &analysis.tasks {
            let known = self.requests.entry(email.thread_id.clone()).or_default();
            if known
                .iter()
                .any(|quote| same_request(quote, &proposed.quote))
            {
                continue;
            }
            known.push(proposed.quote.clone());
            let new = task(&id, proposed, self.zone, now)?;
            statements.extend(tasks::insert_proposed(
                user,
                &new,
                &email.thread_id,
                &fingerprint(&proposed.quote),
                &proposed.quote,
                &EventId::new(now, random::bytes()?),
            )?);
        }
        Ok(statements)
    }

    async fn ask(&self, email: &Readable) -> Result<Analysis, Error> {
        let from: Option<Mailbox> = email.sender.as_deref().map(read_json).transpose()?;
        let (to, cc): (Vec<Mailbox>, Vec<Mailbox>) =
            (read_json(&email.recipients)?, read_json(&email.copied)?);
        let attachments: Vec<Attachment> = read_json(&email.attachments)?;
        let signals: Signals = read_json(&email.signals)?;
        let input = AnalysisInput {
            from: from.as_ref(),
            to: &to,
            cc: &cc,
            subject: &email.subject,
            text: &email.text,
            sent_at: sent_at(email),
            received_at: Timestamp::parse(&email.received_at)
                .map_or(DateTime::<Utc>::UNIX_EPOCH, Timestamp::to_utc),
            attachments: &attachments,
            signals: &signals,
            own_addresses: &self.own_addresses,
            reader_zone: self.zone,
        };
        BuiltinEngine
            .analyze(&input)
            .await
            .map_err(|error| match error {
                EngineError::Unavailable(cause) => Error::unavailable(cause),
                EngineError::Refused(cause) => Error::not_found().caused_by(cause),
            })
    }
}

/// When a message was sent, on its sender's clock.
fn sent_at(email: &Readable) -> Option<DateTime<FixedOffset>> {
    let sent = Timestamp::parse(email.sent_at.as_deref()?)?;
    let offset = FixedOffset::east_opt(email.sent_offset.unwrap_or(0) * 60)?;
    Some(sent.to_utc().with_timezone(&offset))
}

fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::internal(format!("stored JSON: {error}")))
}

/// The task that an engine's proposal makes. A deadline with a time of day is kept as the moment
/// it is, on the reader's clock; a day stays a day.
fn task(
    email: &EmailId,
    proposed: &ProposedTask,
    zone: Tz,
    now: Timestamp,
) -> Result<NewTask, Error> {
    let due = proposed.due.as_ref().map(|deadline| match deadline {
        Deadline::Date(date) => Due::resolve(CalendarTime::Date(*date), zone),
        Deadline::DateTime(civil, offset) => {
            let moment = (*civil - *offset).and_utc();
            let date_time = moment.with_timezone(&zone).naive_local();
            let time = CalendarTime::DateTime {
                date_time,
                time_zone: zone,
            };
            Due {
                resolved: time.with_instant(Timestamp::from(moment)),
                zone: None,
            }
        }
    });
    Ok(NewTask {
        due_zone: due.as_ref().and_then(|due| due.zone),
        task: Task {
            id: TaskId::new(now, random::bytes()?),
            title: proposed.title.clone(),
            description: String::new(),
            status: Status::Todo,
            priority: proposed.priority,
            due: due.map(|due| due.resolved),
            duration_minutes: None,
            completed_at: None,
            source: Some(Source {
                kind: "email".to_owned(),
                id: email.clone(),
                quote: proposed.quote.clone(),
                start: proposed.start,
                end: proposed.end,
            }),
            confidence: Some(proposed.confidence),
            links: vec![Link::Email(email.clone())],
            created_at: now,
            updated_at: now,
        },
    })
}
