//! Reading mail: what is needed for it in one round trip, which engine reads a message, and the
//! statements that store what it made of it.
//!
//! The steps of work and the request that asks for a new reading share it. [`consulting`] asks a model,
//! [`client`] is the way to one, [`keys`] are people's own.

mod client;
mod consulting;
pub(crate) mod keys;

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use chrono_tz::Tz;
use delegate_core::analysis::builtin::{self, BuiltinEngine};
use delegate_core::analysis::consulting::{ANALYZE, Question};
use delegate_core::analysis::lesson::{self, Lesson};
use delegate_core::analysis::similarity::{fingerprint, same_request};
use delegate_core::analysis::thread_summary::{ThreadMessage, ThreadSummary, thread_summary};
use delegate_core::analysis::{
    Analysis, AnalysisEngine as _, AnalysisInput, Category, Deadline, ProposedTask,
};
use delegate_core::error::Error;
use delegate_core::identifier::{EmailId, EventId, TaskId, ThreadId, UserId};
use delegate_core::mail::message::{Attachment, Mailbox, Signals};
use delegate_core::model::budget::{self, Budget};
use delegate_core::preferences::{BUILTIN, Preferences};
use delegate_core::task::{Due, Link, NewTask, Source, Status, Task};
use delegate_core::time::{CalendarTime, Timestamp, parse_zone};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use worker::Env;

pub(crate) use self::consulting::{Advice, Asked, Without, consult};
use crate::configuration::Configuration;
use crate::platform::database::{Answer, Database, Statement};
use crate::platform::{clock, random};
use crate::store::emails::{self, Readable};
use crate::store::models::{self, OwnKey};
use crate::store::{documents, lessons, tasks};

/// What was read before some messages are analysed.
pub(crate) struct Session {
    user: UserId,
    configuration: Rc<Configuration>,
    /// The messages that were asked for and are there.
    pub(crate) emails: Vec<Readable>,
    zone: Tz,
    own_addresses: Vec<String>,
    preferences: Preferences,
    keys: Vec<OwnKey>,
    lessons: Vec<Lesson>,
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
    preferences: Option<String>,
}

#[derive(Deserialize)]
struct Request {
    thread_id: String,
    quote: String,
}

impl Session {
    /// Reads what is needed to analyse these messages: one round trip.
    pub(crate) async fn read(
        database: &Database,
        configuration: Rc<Configuration>,
        user: &UserId,
        ids: &[EmailId],
    ) -> Result<Self, Error> {
        let mut statements = emails::find_readable(user, ids, BuiltinEngine.name())?;
        statements.extend([models::find_keys(user), lessons::all(user)]);
        let answers = database.batch(statements).await?;
        let [emails, reader, requests, keys, lessons]: [Answer; 5] = answers
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
            user: user.clone(),
            configuration,
            threads: threads.into_iter().map(str::to_owned).collect(),
            requests_read: by_thread.values().map(Vec::len).sum(),
            emails,
            zone: parse_zone(&reader.time_zone).unwrap_or(Tz::UTC),
            own_addresses: read_json(&reader.addresses)?,
            preferences: documents::read(reader.preferences.as_deref())?,
            keys: keys.rows::<OwnKey>()?,
            lessons: lessons::read_all(&lessons)?,
            requests: by_thread,
        })
    }

    /// The statement that a commit begins with: it fails where a thread has given another request
    /// since it was read. A reminder that repeats a request in other words is told by reading both,
    /// so whoever comes second has to read again.
    pub(crate) fn unchanged(&self) -> Result<Statement, Error> {
        tasks::requests_unchanged(&self.user, &self.threads, self.requests_read)
    }

    /// A message as engines are told of it.
    pub(crate) fn letter(&self, email: &Readable) -> Result<Letter, Error> {
        Letter::of(email, &self.own_addresses, self.zone)
    }

    /// The model that may read a message; none where the deployment has none, the person chose none, or
    /// they keep the message from it.
    pub(crate) fn advisor(&self, letter: &Letter) -> Option<Advisor<'_>> {
        let analysis = &self.preferences.analysis;
        let sender = letter.from.as_ref().map(|from| from.address.as_str());
        if analysis.keep_local.keeps(sender, &letter.labels) {
            return None;
        }
        let catalog = &self.configuration.models;
        // A model that the deployment does not have any more is nobody's choice.
        let offer = analysis
            .model
            .as_deref()
            .or(catalog.default.as_deref())
            .filter(|name| *name != BUILTIN)
            .and_then(|name| catalog.find(name))?;
        let own = self
            .keys
            .iter()
            .find(|key| offer.provider.takes_own_keys && key.provider == offer.provider.name);
        let own_key = match own {
            None => None,
            // A key that does not open any more is no reason to read nothing, nor to let the deployment
            // pay instead.
            Some(own) => match keys::open(&self.configuration, &self.user, own) {
                Ok(key) => Some(key),
                Err(error) => {
                    keys::report(&self.user, &own.provider, &error);
                    return None;
                }
            },
        };
        Some(Advisor { offer, own_key })
    }

    /// The person's day, and what it may cost.
    pub(crate) fn day(&self, now: Timestamp) -> (NaiveDate, Timestamp, Budget) {
        let (date, ends_at) = budget::day(now, self.zone);
        (date, ends_at, self.configuration.budget(&self.preferences))
    }

    /// The statements that store what the built-in engine makes of a message. Where a model is to be
    /// asked as well, its tasks wait for that.
    pub(crate) fn store_first(
        &mut self,
        email: &Readable,
        analysis: &Analysis,
        with_tasks: bool,
    ) -> Result<Vec<Statement>, Error> {
        let engine = (builtin::NAME, BuiltinEngine.version());
        self.store(email, analysis, engine, with_tasks)
    }

    /// The statements that store what a model, or else the built-in engine, makes of a message.
    pub(crate) fn store_advised(
        &mut self,
        email: &Readable,
        question: &Question<'_>,
        asked: &Asked,
    ) -> Result<Vec<Statement>, Error> {
        let advised = match &asked.advice {
            // Rules that have changed since may not take an answer that was taken once.
            Advice::Answer(answer) => question.take(answer).ok_or(Without::Tried),
            Advice::None(without) => Err(without.clone()),
        };
        match advised {
            Ok(analysis) => {
                let engine = (asked.engine.as_str(), ANALYZE.version);
                self.store(email, &analysis, engine, true)
            }
            Err(without) => {
                let analysis = question.fall_back(without.code(), without.text());
                self.store_first(email, &analysis, true)
            }
        }
    }

    fn store(
        &mut self,
        email: &Readable,
        analysis: &Analysis,
        engine: (&str, u32),
        with_tasks: bool,
    ) -> Result<Vec<Statement>, Error> {
        let now = clock::now();
        let user = self.user.clone();
        let id = EmailId::parse(&email.id).map_err(|error| Error::internal(error.to_string()))?;
        let event = EventId::new(now, random::bytes()?);
        let mut statements = emails::put_analysis(&user, &id, analysis, engine, &event, now)?;
        if !with_tasks {
            return Ok(statements);
        }
        let mut proposals = analysis.tasks.clone();
        let sender: Option<Mailbox> = email.sender.as_deref().map(read_json).transpose()?;
        let sender = sender.as_ref().map(|sender| sender.address.as_str());
        lesson::leave_out(&self.lessons, sender, &mut proposals);
        for proposed in &proposals {
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
                &user,
                &new,
                &email.thread_id,
                &fingerprint(&proposed.quote),
                &proposed.quote,
                &EventId::new(now, random::bytes()?),
            )?);
        }
        Ok(statements)
    }
}

/// The statements that analyse one message, whether it was before or not; none where it is gone. A model
/// is asked if there is one, also about what it is not asked about by itself, once: `asked` keeps what it
/// said for who has to read again.
pub(crate) async fn analyze_again(
    (env, database): (&Env, &Database),
    user: &UserId,
    id: &EmailId,
    asked: &mut Option<Asked>,
) -> Result<Vec<Statement>, Error> {
    let configuration = Configuration::of(env)?;
    let ids = std::slice::from_ref(id);
    let mut session = Session::read(database, configuration, user, ids).await?;
    let Some(email) = session.emails.pop() else {
        return Ok(Vec::new());
    };
    let letter = session.letter(&email)?;
    let input = letter.input();
    let question = Question::of(&input);
    if asked.is_none()
        && question.base().category != Category::Spam
        && let Some(advisor) = session.advisor(&letter)
    {
        let way = (env, database);
        *asked = Some(consult(way, &session, &advisor, id, &question, None).await?);
    }
    let is_settled = match asked.as_ref().map(|asked| &asked.advice) {
        Some(Advice::None(Without::UnderWay)) => true,
        Some(Advice::None(_)) => email.analyzed_version == emails::READ_BY_A_MODEL,
        _ => false,
    };
    if is_settled {
        // What a model said stays where it says nothing this time, and so does what it is just being
        // asked about.
        return Ok(Vec::new());
    }
    let mut statements = vec![session.unchanged()?];
    statements.extend(match asked {
        Some(asked) => session.store_advised(&email, &question, asked)?,
        None => session.store_first(&email, question.base(), true)?,
    });
    Ok(statements)
}

/// A model that may be asked, and with which key.
pub(crate) struct Advisor<'a> {
    pub(crate) offer: delegate_core::model::catalog::Offer<'a>,
    /// The person's own key; the deployment's where they have none.
    pub(crate) own_key: Option<delegate_core::oauth::Sensitive>,
}

/// A message as engines are told of it, with what it is read by.
pub(crate) struct Letter {
    from: Option<Mailbox>,
    to: Vec<Mailbox>,
    cc: Vec<Mailbox>,
    subject: String,
    text: String,
    sent_at: Option<DateTime<FixedOffset>>,
    received_at: DateTime<Utc>,
    attachments: Vec<Attachment>,
    signals: Signals,
    labels: Vec<String>,
    own_addresses: Vec<String>,
    reader_zone: Tz,
}

impl Letter {
    fn of(email: &Readable, own_addresses: &[String], zone: Tz) -> Result<Self, Error> {
        Ok(Self {
            from: email.sender.as_deref().map(read_json).transpose()?,
            to: read_json(&email.recipients)?,
            cc: read_json(&email.copied)?,
            subject: email.subject.clone(),
            text: email.text.clone(),
            sent_at: sent_at(email),
            received_at: Timestamp::parse(&email.received_at)
                .map_or(DateTime::<Utc>::UNIX_EPOCH, Timestamp::to_utc),
            attachments: read_json(&email.attachments)?,
            signals: read_json(&email.signals)?,
            labels: read_json(&email.labels)?,
            own_addresses: own_addresses.to_vec(),
            reader_zone: zone,
        })
    }

    /// What an engine is told.
    pub(crate) fn input(&self) -> AnalysisInput<'_> {
        AnalysisInput {
            from: self.from.as_ref(),
            to: &self.to,
            cc: &self.cc,
            subject: &self.subject,
            text: &self.text,
            sent_at: self.sent_at,
            received_at: self.received_at,
            attachments: &self.attachments,
            signals: &self.signals,
            own_addresses: &self.own_addresses,
            reader_zone: self.reader_zone,
        }
    }
}

/// What a thread comes to: who wants what of whom. One round trip; no model is asked.
pub(crate) async fn summarize_thread(
    database: &Database,
    user: &UserId,
    id: &ThreadId,
) -> Result<Option<ThreadSummary>, Error> {
    let answers = database
        .batch(emails::find_thread_readable(user, id))
        .await?;
    let [emails, reader] = answers.as_slice() else {
        return Err(Error::internal("D1 answered fewer results than statements"));
    };
    let Some(reader) = reader.first::<Reader>()? else {
        return Ok(None);
    };
    let own_addresses: Vec<String> = read_json(&reader.addresses)?;
    let zone = parse_zone(&reader.time_zone).unwrap_or(Tz::UTC);
    let emails = emails.rows::<Readable>()?;
    let letters = emails
        .iter()
        .map(|email| Letter::of(email, &own_addresses, zone))
        .collect::<Result<Vec<_>, Error>>()?;
    let messages: Vec<ThreadMessage<'_>> = emails
        .iter()
        .zip(&letters)
        .map(|(email, letter)| ThreadMessage {
            email_id: &email.id,
            input: letter.input(),
        })
        .collect();
    Ok((!messages.is_empty()).then(|| thread_summary(&messages)))
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
                act: Some(proposed.kind),
            }),
            confidence: Some(proposed.confidence),
            links: vec![Link::Email(email.clone())],
            created_at: now,
            updated_at: now,
        },
    })
}
