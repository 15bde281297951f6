//! Messages, threads and analyses in D1.

use chrono::Offset as _;
use delegate_core::analysis::Analysis;
use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{EmailId, EventId, JobId, ThreadId, UserId};
use delegate_core::mail::body;
use delegate_core::mail::mbox::Span;
use delegate_core::mail::message::Message;
use delegate_core::mail::thread::{self, SUBJECT_WINDOW};
use delegate_core::time::Timestamp;
use serde::Deserialize;

use super::exports;
use super::lessons::taught;
use super::list::List;
use super::outbox;
use super::search_index::index_email;
use super::tasks::{json, word};
use crate::platform::database::{Statement, sql};

/// The JSON of an analysis, null where there is none.
macro_rules! analysis_json {
    () => {
        "CASE WHEN a.email_id IS NULL THEN NULL ELSE json_object( \
         'email_id', a.email_id, 'category', a.category, 'priority', a.priority, \
         'sentiment', json(a.sentiment), 'summary', a.summary, \
         'summary_sources', json(a.summary_sources), \
         'needs_reply', json(iif(a.needs_reply, 'true', 'false')), 'language', a.language, \
         'reasons', json(a.reasons), 'engine', a.engine, 'version', a.engine_version, \
         'confidence', a.confidence, 'corrections', json(a.corrections), \
         'judged', json_object('category', a.judged_category, 'priority', a.judged_priority, \
           'needs_reply', CASE a.judged_needs_reply WHEN 1 THEN json('true') \
             WHEN 0 THEN json('false') END), \
         'created_at', a.created_at, 'updated_at', a.updated_at) END"
    };
}

/// The members of a message's JSON that a list shows.
macro_rules! email_members {
    () => {
        concat!(
            "'id', emails.id, 'message_id', emails.message_id, 'thread_id', emails.thread_id, \
             'from', json(emails.sender), 'to', json(emails.recipients), \
             'cc', json(emails.copied), 'reply_to', json(emails.reply_to), \
             'subject', emails.subject, 'sent_at', emails.sent_at, \
             'received_at', emails.received_at, 'snippet', emails.snippet, \
             'has_attachments', json(iif(emails.has_attachments, 'true', 'false')), \
             'attachments', json(emails.attachments), 'labels', json(emails.labels), \
             'is_read', json(iif(emails.is_read, 'true', 'false')), \
             'analysis', json(",
            analysis_json!(),
            "), 'created_at', emails.created_at, 'updated_at', emails.updated_at"
        )
    };
}

const FROM: &str = "emails LEFT JOIN email_analyses AS a ON a.email_id = emails.id";

/// A message's version counts the changes of its analysis, too: both are in its JSON.
const VERSION: &str = "emails.version + COALESCE(a.version, 0)";

/// Messages that a search finds.
pub(crate) const SEARCH: &str =
    "emails.row IN (SELECT rowid FROM email_search WHERE email_search MATCH ?)";

/// The messages of a person.
pub(crate) fn list(user: &UserId) -> List {
    const ITEM: &str = concat!("json_object(", email_members!(), ")");
    List::of(user.as_str(), FROM, ITEM, "emails.user_id = ?", "emails.id")
}

/// The JSON of a message with its text.
const WITH_TEXT: &str = concat!(
    "json_object(",
    email_members!(),
    ", 'text', emails.text, \
     'text_truncated', json(iif(emails.text_truncated, 'true', 'false')))"
);

/// One message with its text, and its version.
pub(crate) fn find(user: &UserId, id: &EmailId) -> Statement {
    sql(format!(
        "SELECT {WITH_TEXT} AS email, {VERSION} AS version
         FROM {FROM} WHERE emails.user_id = ? AND emails.id = ?"
    ))
    .bind(user.as_str())
    .bind(id.as_str())
}

/// Messages of a person, as an export has them (`exports::messages` says how many).
pub(crate) fn export(
    user: &UserId,
    job: &JobId,
    after: Option<&str>,
    most: (u32, u32),
) -> Statement {
    exports::messages(user, job, after, (WITH_TEXT, FROM), most)
}

/// The analysis of a message, null where there is none yet; no row where there is no message.
pub(crate) fn find_analysis(user: &UserId, id: &EmailId) -> Statement {
    sql(format!(
        "SELECT {} AS analysis, {VERSION} AS version
         FROM {FROM} WHERE emails.user_id = ? AND emails.id = ?",
        analysis_json!()
    ))
    .bind(user.as_str())
    .bind(id.as_str())
}

/// A thread: its messages in the order of time, without their texts. At most 500, which
/// stays below the 2 MB of a text that D1 gives.
pub(crate) fn find_thread(user: &UserId, id: &ThreadId) -> Statement {
    sql(format!(
        "SELECT json_object('id', ?2, 'subject', MIN(subject), 'items', json_group_array(json(item)),
           'created_at', MIN(created_at), 'updated_at', MAX(updated_at)) AS thread,
           COUNT(*) AS number
         FROM (SELECT json_object({}) AS item, emails.created_at, emails.updated_at,
                 FIRST_VALUE(emails.subject) OVER (ORDER BY emails.received_at, emails.id) AS subject
               FROM {FROM} WHERE emails.user_id = ?1 AND emails.thread_id = ?2
               ORDER BY emails.received_at, emails.id LIMIT 500)",
        email_members!()
    ))
    .bind(user.as_str())
    .bind(id.as_str())
}

/// How many messages of a thread its summary is made of: the newest.
const SUMMARISED: u32 = 30;
/// How many characters of each: the author's own words come first.
const SUMMARISED_CHARACTERS: u32 = 16_000;

/// What a summary of a thread is made of, oldest first: the messages, and the person's zone and addresses.
pub(crate) fn find_thread_readable(user: &UserId, id: &ThreadId) -> Vec<Statement> {
    vec![
        sql("SELECT * FROM (
               SELECT e.id, e.thread_id, e.sender, e.recipients, e.copied, e.subject,
                 substr(e.text, 1, ?3) AS text, e.sent_at, e.sent_offset, e.received_at,
                 e.attachments, e.signals, e.labels, 0 AS analyzed_version
               FROM emails AS e WHERE e.user_id = ?1 AND e.thread_id = ?2
               ORDER BY e.received_at DESC, e.id DESC LIMIT ?4)
             ORDER BY received_at, id")
        .bind(user.as_str())
        .bind(id.as_str())
        .bind(SUMMARISED_CHARACTERS)
        .bind(SUMMARISED),
        reader(user),
    ]
}

/// A person's zone, addresses and preferences.
fn reader(user: &UserId) -> Statement {
    sql("SELECT time_zone,
           (SELECT json_group_array(address) FROM user_addresses WHERE user_id = users.id)
           AS addresses,
           (SELECT document FROM preferences WHERE user_id = users.id) AS preferences
         FROM users WHERE id = ?")
    .bind(user.as_str())
}

/// Where the source of a message lies.
#[derive(Debug, Deserialize)]
pub(crate) struct Source {
    /// The R2 object.
    pub(crate) key: String,
    /// The first byte.
    pub(crate) offset: f64,
    /// The number of bytes.
    pub(crate) length: f64,
    /// 1 where lines are escaped as in an mboxrd.
    pub(crate) escaped: u8,
}

/// Where the source of a message lies.
pub(crate) fn find_source(user: &UserId, id: &EmailId) -> Statement {
    sql(
        "SELECT raw_key AS key, raw_offset AS \"offset\", raw_length AS length,
           raw_escaped AS escaped
         FROM emails WHERE user_id = ? AND id = ?",
    )
    .bind(user.as_str())
    .bind(id.as_str())
}

/// A message that is about to be stored, with what its upload knows.
pub(crate) struct NewEmail<'a> {
    /// Its identifier, should it be new.
    pub(crate) id: EmailId,
    /// Its thread, should it begin one.
    pub(crate) thread: ThreadId,
    /// The event that tells of it.
    pub(crate) event: EventId,
    /// What makes it one of a kind.
    pub(crate) dedupe_key: String,
    /// The message.
    pub(crate) message: &'a Message,
    /// Where its source lies.
    pub(crate) raw_key: &'a str,
    /// Where in the object.
    pub(crate) span: Span,
    /// Whether lines are escaped as in an mboxrd.
    pub(crate) escaped: bool,
}

/// The statements that store a message once, put it into its thread, make it findable and tell of
/// it. A message that is there already changes nothing.
///
/// The thread is found inside the batch, so two messages of one thread that are stored at the same
/// time end in the same one: by any message it names or that named it; else, for an answer that
/// names none, by subject and a shared participant within 30 days; else it begins one. A message
/// that joins two threads makes one of them.
pub(crate) fn insert(
    user: &UserId,
    new: &NewEmail<'_>,
    own_addresses: &[String],
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let message = new.message;
    let mut named: Vec<&str> = message.references.iter().map(String::as_str).collect();
    named.extend(message.message_id.as_deref());
    let named = json(&named)?;
    Ok(vec![
        insert_row(user, new, own_addresses, &named, now)?,
        sql(
            "INSERT INTO message_references (user_id, message_id, thread_id)
             SELECT e.user_id, named.value, e.thread_id
             FROM emails AS e, json_each(?1) AS named WHERE e.id = ?2
             ON CONFLICT DO NOTHING",
        )
        .bind(&named)
        .bind(new.id.as_str()),
        index(user, new),
        announce(user, new, now),
    ])
}

fn insert_row(
    user: &UserId,
    new: &NewEmail<'_>,
    own_addresses: &[String],
    named: &str,
    now: Timestamp,
) -> Result<Statement, Error> {
    let message = new.message;
    let sent_at = message.sent_at.map(Timestamp::from);
    let received_at = message
        .received_at
        .map(Timestamp::from)
        .or(sent_at)
        .unwrap_or(now);
    let participants: Vec<String> = thread::participants(message)
        .into_iter()
        .filter(|address| !own_addresses.contains(address))
        .collect();
    Ok(sql(
        "INSERT INTO emails (id, user_id, dedupe_key, message_id, thread_id,
           sender, sender_address, recipients, copied, reply_to, participants,
           subject, subject_key, sent_at, sent_offset, received_at, snippet, text, text_truncated,
           has_attachments, attachments, signals, labels, is_read, origin,
           raw_key, raw_offset, raw_length, raw_escaped, created_at, updated_at)
         SELECT ?1, ?2, ?3, ?4,
           COALESCE(
             (SELECT thread_id FROM message_references
              WHERE user_id = ?2 AND message_id IN (SELECT value FROM json_each(?5))
              ORDER BY thread_id LIMIT 1),
             (SELECT e.thread_id FROM emails AS e
              WHERE ?6 IS NOT NULL AND e.user_id = ?2 AND e.subject_key = ?6
                AND e.subject_key <> '' AND e.received_at BETWEEN ?7 AND ?8
                AND EXISTS (SELECT 1 FROM json_each(e.participants) AS theirs
                            JOIN json_each(?9) AS ours ON ours.value = theirs.value)
              ORDER BY e.received_at DESC LIMIT 1),
             ?10),
           ?11, ?12, ?13, ?14, ?15, ?9, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26,
           '[]', 0, 'import', ?27, ?28, ?29, ?30, ?31, ?31
         WHERE 1
         ON CONFLICT (user_id, dedupe_key) DO NOTHING",
    )
    .bind(new.id.as_str())
    .bind(user.as_str())
    .bind(&new.dedupe_key)
    .bind(message.message_id.as_deref())
    .bind(named)
    .bind(thread::subject_key(message))
    .bind(received_at.plus(-SUBJECT_WINDOW))
    .bind(received_at.plus(SUBJECT_WINDOW))
    .bind(json(&participants)?)
    .bind(new.thread.as_str())
    .bind(message.from.as_ref().map(json).transpose()?)
    .bind(message.from.as_ref().map(|from| from.address.as_str()))
    .bind(json(&message.to)?)
    .bind(json(&message.cc)?)
    .bind(json(&message.reply_to)?)
    .bind(&message.subject)
    .bind(thread::normalise_subject(&message.subject).text)
    .bind(sent_at)
    .bind(
        message
            .sent_at
            .map(|sent| sent.offset().fix().local_minus_utc() / 60),
    )
    .bind(received_at)
    .bind(body::snippet(&message.text))
    .bind(&message.text)
    .bind(message.text_truncated)
    .bind(!message.attachments.is_empty())
    .bind(json(&message.attachments)?)
    .bind(json(&message.signals)?)
    .bind(new.raw_key)
    .bind(new.span.offset)
    .bind(new.span.length)
    .bind(new.escaped)
    .bind(now))
}

fn index(user: &UserId, new: &NewEmail<'_>) -> Statement {
    let message = new.message;
    let people: Vec<_> = message
        .from
        .iter()
        .chain(&message.to)
        .chain(&message.cc)
        .collect();
    index_email(
        user,
        new.id.as_str(),
        &message.subject,
        &people,
        &message.text,
    )
}

fn announce(user: &UserId, new: &NewEmail<'_>, now: Timestamp) -> Statement {
    let select = "json_object('id', id, 'thread_id', thread_id, 'from', json(sender),
           'subject', subject, 'snippet', snippet, 'received_at', received_at)
         FROM emails WHERE id = ?";
    outbox::append_from(user, &new.event, EventType::EmailReceived, now, select)
        .bind(new.id.as_str())
}

/// The statements that make one thread of those that these Message-IDs lie in.
pub(crate) fn merge_threads(user: &UserId, message_ids: &[&str]) -> Result<Vec<Statement>, Error> {
    // The threads that meet: those of the references, and of the messages themselves.
    const MEETING: &str = "SELECT thread_id FROM message_references
           WHERE user_id = ?1 AND message_id IN (SELECT value FROM json_each(?2))
         UNION SELECT thread_id FROM emails
           WHERE user_id = ?1 AND message_id IN (SELECT value FROM json_each(?2))";
    let ids = json(&message_ids)?;
    let merge = |table: &str, verb: &str, and_set: &str| {
        sql(format!(
            "WITH meeting AS MATERIALIZED ({MEETING})
             {verb} {table} SET thread_id = (SELECT MIN(thread_id) FROM meeting) {and_set}
             WHERE user_id = ?1 AND (SELECT COUNT(*) FROM meeting) > 1
               AND thread_id IN (SELECT thread_id FROM meeting)"
        ))
        .bind(user.as_str())
        .bind(&ids)
    };
    // References last: they are what the other two look the threads up by.
    Ok(vec![
        merge("task_requests", "UPDATE OR IGNORE", ""),
        merge("emails", "UPDATE", ", version = version + 1"),
        merge("message_references", "UPDATE", ""),
    ])
}

/// What an engine is told of a message, as it is stored.
#[derive(Debug, Deserialize)]
pub(crate) struct Readable {
    /// Which one.
    pub(crate) id: String,
    /// Its thread.
    pub(crate) thread_id: String,
    /// JSON.
    pub(crate) sender: Option<String>,
    /// JSON.
    pub(crate) recipients: String,
    /// JSON.
    pub(crate) copied: String,
    /// The subject.
    pub(crate) subject: String,
    /// The text.
    pub(crate) text: String,
    /// When it was sent.
    pub(crate) sent_at: Option<String>,
    /// The sender's clock, in minutes east of UTC.
    pub(crate) sent_offset: Option<i32>,
    /// When it came in.
    pub(crate) received_at: String,
    /// JSON.
    pub(crate) attachments: String,
    /// JSON.
    pub(crate) signals: String,
    /// JSON.
    pub(crate) labels: String,
    /// The version of the built-in engine that read it; 0 where none did, and the highest where a model
    /// did, which no rules replace by themselves.
    pub(crate) analyzed_version: u32,
}

/// What is read before messages are analysed: the messages, the person's zone and addresses, and
/// the requests that their threads gave already.
pub(crate) fn find_readable(
    user: &UserId,
    ids: &[EmailId],
    engine: &str,
) -> Result<Vec<Statement>, Error> {
    let ids = json(&ids)?;
    Ok(vec![
        sql(
            "SELECT e.id, e.thread_id, e.sender, e.recipients, e.copied, e.subject, e.text,
               e.sent_at, e.sent_offset, e.received_at, e.attachments, e.signals, e.labels,
               COALESCE((SELECT iif(engine = ?3, engine_version, 4294967295) FROM email_analyses
                         WHERE email_id = e.id), 0) AS analyzed_version
             FROM emails AS e
             WHERE e.user_id = ?1 AND e.id IN (SELECT value FROM json_each(?2))
             ORDER BY e.received_at, e.id",
        )
        .bind(user.as_str())
        .bind(&ids)
        .bind(engine),
        reader(user),
        sql("SELECT thread_id, quote FROM task_requests
             WHERE user_id = ?1 AND thread_id IN (
               SELECT thread_id FROM emails WHERE user_id = ?1
                 AND id IN (SELECT value FROM json_each(?2)))")
        .bind(user.as_str())
        .bind(&ids),
    ])
}

/// The addresses that are a person.
pub(crate) fn own_addresses(user: &UserId) -> Statement {
    sql("SELECT address FROM user_addresses WHERE user_id = ?").bind(user.as_str())
}

/// The statements that store an analysis and tell of it. What the person corrected stays as they
/// set it. Nothing happens where the message is gone.
pub(crate) fn put_analysis(
    user: &UserId,
    email: &EmailId,
    analysis: &Analysis,
    engine: (&str, u32),
    event: &EventId,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let put = sql(concat!(
        "INSERT INTO email_analyses (email_id, user_id, category, priority, needs_reply,
           sentiment, summary, language, reasons, engine, engine_version, confidence,
           created_at, updated_at, judged_category, judged_priority, judged_needs_reply,
           summary_sources)
         SELECT e.id, e.user_id, COALESCE(",
        taught!("category", "?12", "e.sender_address"),
        ", ?1), COALESCE(",
        taught!("priority", "?12", "e.sender_address"),
        ", ?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?1, ?2, ?3, ?14
         FROM emails AS e WHERE e.user_id = ?12 AND e.id = ?13
         ON CONFLICT (email_id) DO UPDATE SET
           category = COALESCE(corrections ->> '$.category', excluded.category),
           priority = COALESCE(corrections ->> '$.priority', excluded.priority),
           needs_reply = COALESCE(corrections ->> '$.needs_reply', excluded.needs_reply),
           judged_category = excluded.judged_category, judged_priority = excluded.judged_priority,
           judged_needs_reply = excluded.judged_needs_reply,
           summary = excluded.summary, summary_sources = excluded.summary_sources,
           sentiment = excluded.sentiment,
           language = excluded.language, reasons = excluded.reasons, engine = excluded.engine,
           engine_version = excluded.engine_version, confidence = excluded.confidence,
           version = version + 1, updated_at = excluded.updated_at"
    ))
    .bind(word(&analysis.category)?)
    .bind(word(&analysis.priority)?)
    .bind(analysis.needs_reply)
    .bind(json(&analysis.sentiment)?)
    .bind(&analysis.summary)
    .bind(&analysis.language)
    .bind(json(&analysis.reasons)?)
    .bind(engine.0)
    .bind(engine.1)
    .bind(analysis.confidence)
    .bind(now)
    .bind(user.as_str())
    .bind(email.as_str())
    .bind(json(&analysis.summary_sources)?);
    Ok(vec![put, analyzed(user, email, event, now)])
}

/// Tells of an analysis that the statement right before stored.
fn analyzed(user: &UserId, email: &EmailId, event: &EventId, now: Timestamp) -> Statement {
    let select = format!(
        "json_object('id', emails.id, 'thread_id', emails.thread_id, 'analysis', json({}))
         FROM {FROM} WHERE emails.user_id = ? AND emails.id = ? AND changes() > 0",
        analysis_json!()
    );
    outbox::append_from(user, event, EventType::EmailAnalyzed, now, &select)
        .bind(user.as_str())
        .bind(email.as_str())
}

/// The statements of a person's correction (JSON of the fields they set; null takes one back to
/// what is taught of its sender, or else to what the engine said), and what the analysis then is (at the end).
pub(crate) fn correct(
    user: &UserId,
    email: &EmailId,
    correction: &str,
    versions: Option<&str>,
    event: &EventId,
    now: Timestamp,
) -> Vec<Statement> {
    vec![
        sql(concat!(
            "UPDATE email_analyses SET
               corrections = json_patch(corrections, ?1),
               category = COALESCE(json_patch(corrections, ?1) ->> '$.category', ",
            taught!(
                "category",
                "?3",
                "(SELECT sender_address FROM emails WHERE id = ?4)"
            ),
            ", judged_category, category),
               priority = COALESCE(json_patch(corrections, ?1) ->> '$.priority', ",
            taught!(
                "priority",
                "?3",
                "(SELECT sender_address FROM emails WHERE id = ?4)"
            ),
            ", judged_priority, priority),
               needs_reply = COALESCE(json_patch(corrections, ?1) ->> '$.needs_reply',
                 judged_needs_reply, needs_reply),
               version = version + 1, updated_at = ?2
             WHERE user_id = ?3 AND email_id = ?4 AND (?5 IS NULL OR
               version + (SELECT version FROM emails WHERE id = ?4)
                 IN (SELECT value FROM json_each(?5)))"
        ))
        .bind(correction)
        .bind(now)
        .bind(user.as_str())
        .bind(email.as_str())
        .bind(versions),
        analyzed(user, email, event, now),
        find_analysis(user, email),
    ]
}

/// The statements of a change to a message's flags, and what it then is (at the end).
pub(crate) fn update(
    user: &UserId,
    id: &EmailId,
    is_read: Option<bool>,
    labels: Option<&[String]>,
    versions: Option<&str>,
    event: &EventId,
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let select = "json_object('id', id, 'is_read', json(iif(is_read, 'true', 'false')),
           'labels', json(labels))
         FROM emails WHERE user_id = ? AND id = ? AND changes() > 0";
    Ok(vec![
        sql(
            "UPDATE emails SET is_read = COALESCE(?1, is_read), labels = COALESCE(?2, labels),
               version = version + 1, updated_at = ?3
             WHERE user_id = ?4 AND id = ?5 AND (?6 IS NULL OR
               version + COALESCE((SELECT version FROM email_analyses WHERE email_id = ?5), 0)
                 IN (SELECT value FROM json_each(?6)))",
        )
        .bind(is_read)
        .bind(labels.map(|labels| json(&labels)).transpose()?)
        .bind(now)
        .bind(user.as_str())
        .bind(id.as_str())
        .bind(versions),
        outbox::append_from(user, event, EventType::EmailUpdated, now, select)
            .bind(user.as_str())
            .bind(id.as_str()),
        find(user, id),
    ])
}
