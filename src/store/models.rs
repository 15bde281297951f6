//! What models are used for, in D1: the day's use, the ledger of calls, answers that can be used again,
//! and how it stands with each provider.
//!
//! A call is paid for before it is made ([`reserve`]): one batch asks whether the same content was
//! answered already, whether it is being asked about, and whether the day has room, and writes the row of
//! the call where all is well. [`conclude`] gives back what was not used. So nothing is asked twice at
//! cost, two calls can't spend the same rest of a day, and a call whose end nobody saw stays on the ledger
//! and paid for.

use chrono::TimeDelta;
use delegate_core::analysis::consulting::Call;
use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{EmailId, EventId, ModelCallId, UserId};
use delegate_core::model::breaker::Breaker;
use delegate_core::model::budget::{Budget, Spending};
use delegate_core::time::Timestamp;
use serde::Deserialize;

use super::list::List;
use crate::platform::database::{Answer, Statement, sql};

/// How long a call can be under way. After that its end is not known, and will not be.
pub(crate) const LONGEST_CALL: TimeDelta = TimeDelta::minutes(5);

/// A person's key at a provider.
#[derive(Debug, Deserialize)]
pub(crate) struct OwnKey {
    pub(crate) provider: String,
    pub(crate) sealed_key: String,
}

/// The keys that a person has of their own.
pub(crate) fn find_keys(user: &UserId) -> Statement {
    sql("SELECT provider, sealed_key FROM model_keys WHERE user_id = ?").bind(user.as_str())
}

/// A call that is about to be made.
pub(crate) struct NewCall<'a> {
    pub(crate) id: &'a ModelCallId,
    pub(crate) day: &'a str,
    pub(crate) work: Option<&'a str>,
    pub(crate) email: &'a EmailId,
    pub(crate) prompt: (&'static str, u32),
    pub(crate) provider: &'a str,
    pub(crate) model: &'a str,
    pub(crate) content_key: &'a str,
    /// Whether the breaker of a key of the person's own counts, and not the deployment's.
    pub(crate) has_own_key: bool,
    /// The most that it can cost, with the second call that mends an answer.
    pub(crate) most: Spending,
    /// The most that the first call alone can cost.
    pub(crate) most_of_first: Spending,
}

/// Where a call stands that [`reserve`] was asked about.
pub(crate) struct Reserved {
    /// Whether it is paid for and may be made.
    pub(crate) is_paid: bool,
    /// The answer that the same content had.
    pub(crate) answer: Option<String>,
    /// Whether the same content is being asked about.
    pub(crate) is_under_way: bool,
    /// Whether an earlier try of the same step made a call that gave no answer and may have been paid
    /// for.
    pub(crate) was_tried: bool,
    /// How it stands with the provider.
    pub(crate) breaker: Breaker,
}

/// The breaker's row: the deployment's, or a person's own.
const OF_BREAKER: &str = "provider = ?2 AND owner = iif(?3, ?1, '')";

/// What was asked by the same step, gave no answer and may have been paid for. Interrupted or not, it is
/// not asked again, however often the step is carried out.
const TRIED: &str = "EXISTS (SELECT 1 FROM model_calls WHERE work_id = ?6 AND user_id = ?1
     AND (status IN ('started', 'unknown') OR (status = 'failed' AND tokens > 0)))";

/// The statements that pay for a call, if it is to be made: three, and [`reserved`] reads what they say.
pub(crate) fn reserve(
    user: &UserId,
    call: &NewCall<'_>,
    budget: &Budget,
    now: Timestamp,
) -> Vec<Statement> {
    let (most, bound) = (call.most, budget.most);
    let standing = sql(format!(
        "SELECT (SELECT answer FROM model_answers WHERE user_id = ?1 AND content_key = ?4) AS answer,
           EXISTS (SELECT 1 FROM model_calls WHERE user_id = ?1 AND content_key = ?4
                     AND status = 'started' AND created_at > ?5
                     AND COALESCE(work_id, '') <> COALESCE(?6, '-')) AS is_under_way,
           {TRIED} AS was_tried,
           (SELECT failures FROM model_breakers WHERE {OF_BREAKER}) AS failures,
           (SELECT rests_until FROM model_breakers WHERE {OF_BREAKER}) AS rests_until"
    ))
    .bind(user.as_str())
    .bind(call.provider)
    .bind(call.has_own_key)
    .bind(call.content_key)
    .bind(now.plus(-LONGEST_CALL))
    .bind(call.work);
    let pay = sql(format!(
        "INSERT INTO model_usage (user_id, day, tokens, cost_micros)
         SELECT ?1, ?7, ?8, ?9
         WHERE ?8 <= ?10 AND ?9 <= ?11
           AND NOT EXISTS (SELECT 1 FROM model_answers WHERE user_id = ?1 AND content_key = ?4)
           AND NOT EXISTS (SELECT 1 FROM model_calls WHERE user_id = ?1 AND content_key = ?4
                             AND status = 'started' AND created_at > ?5)
           AND NOT {TRIED}
           AND NOT EXISTS (SELECT 1 FROM model_breakers WHERE {OF_BREAKER} AND rests_until > ?12)
         ON CONFLICT (user_id, day) DO UPDATE SET tokens = tokens + excluded.tokens,
           cost_micros = cost_micros + excluded.cost_micros
         WHERE tokens + excluded.tokens <= ?10 AND cost_micros + excluded.cost_micros <= ?11"
    ))
    .bind(user.as_str())
    .bind(call.provider)
    .bind(call.has_own_key)
    .bind(call.content_key)
    .bind(now.plus(-LONGEST_CALL))
    .bind(call.work)
    .bind(call.day)
    .bind(most.tokens)
    .bind(most.cost_micros)
    .bind(bound.tokens)
    .bind(bound.cost_micros)
    .bind(now);
    let note = sql(
        "INSERT INTO model_calls (id, user_id, day, work_id, email_id, purpose, prompt_version,
           provider, model, content_key, status, tokens, cost_micros, created_at)
         SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'started', ?, ?, ? WHERE changes() > 0",
    )
    .bind(call.id.as_str())
    .bind(user.as_str())
    .bind(call.day)
    .bind(call.work)
    .bind(call.email.as_str())
    .bind(call.prompt.0)
    .bind(call.prompt.1)
    .bind(call.provider)
    .bind(call.model)
    .bind(call.content_key)
    .bind(most.tokens)
    .bind(most.cost_micros)
    .bind(now);
    vec![standing, pay, note]
}

/// What [`reserve`] says; its answers are the last three.
pub(crate) fn reserved(answers: &[Answer]) -> Result<Reserved, Error> {
    #[derive(Deserialize)]
    struct Row {
        answer: Option<String>,
        is_under_way: f64,
        was_tried: f64,
        failures: Option<u32>,
        rests_until: Option<Timestamp>,
    }
    let [.., standing, _pay, note] = answers else {
        return Err(Error::internal("D1 answered fewer results than statements"));
    };
    let row = standing
        .first::<Row>()?
        .ok_or_else(|| Error::internal("a row of subqueries is missing"))?;
    Ok(Reserved {
        is_paid: note.changes() > 0,
        answer: row.answer,
        is_under_way: row.is_under_way > 0.0,
        was_tried: row.was_tried > 0.0,
        breaker: Breaker {
            failures: row.failures.unwrap_or(0),
            rests_until: row.rests_until,
        },
    })
}

/// A call that was made, and what it is charged.
pub(crate) struct Charged<'a> {
    pub(crate) id: &'a ModelCallId,
    pub(crate) call: &'a Call,
    /// What it cost, or the most that it can have cost.
    pub(crate) cost: Spending,
}

/// The statements that end what [`reserve`] began: each call on the ledger, and what was not used given
/// back.
pub(crate) fn conclude(
    user: &UserId,
    new: &NewCall<'_>,
    made: &[Charged<'_>],
    now: Timestamp,
) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut spent = Spending::default();
    for (index, Charged { id, call, cost }) in made.iter().enumerate() {
        spent = spent.and(*cost);
        let status = match (call.outcome, call.usage) {
            ("answered", _) => "answered",
            (_, Some(_)) => "failed",
            (_, None) => "unknown",
        };
        let (input, output) = (
            call.usage.map(|usage| usage.input_tokens),
            call.usage.map(|usage| usage.output_tokens),
        );
        // The second call's row is a copy of the first one's.
        if index > 0 {
            statements.push(
                sql(
                    "INSERT INTO model_calls (id, user_id, day, work_id, email_id, purpose,
                       prompt_version, provider, model, content_key, status, tokens, cost_micros,
                       created_at)
                     SELECT ?1, user_id, day, work_id, email_id, purpose, prompt_version, provider,
                       model, content_key, 'unknown', 0, 0, ?2
                     FROM model_calls WHERE id = ?3 ON CONFLICT DO NOTHING",
                )
                .bind(id.as_str())
                .bind(now)
                .bind(new.id.as_str()),
            );
        }
        statements.push(
            sql(
                "UPDATE model_calls SET status = ?, outcome = ?, tokens = ?, cost_micros = ?,
                   input_tokens = ?, output_tokens = ?, latency_ms = ?, finished_at = ?
                 WHERE id = ? AND user_id = ?",
            )
            .bind(status)
            .bind(if status == "answered" {
                ""
            } else {
                call.outcome
            })
            .bind(cost.tokens)
            .bind(cost.cost_micros)
            .bind(input)
            .bind(output)
            .bind(call.latency_ms.unsigned_abs())
            .bind(now)
            .bind(id.as_str())
            .bind(user.as_str()),
        );
    }
    statements.push(
        sql("UPDATE model_usage SET tokens = MAX(0, tokens - ? + ?),
               cost_micros = MAX(0, cost_micros - ? + ?)
             WHERE user_id = ? AND day = ?")
        .bind(new.most.tokens)
        .bind(spent.tokens)
        .bind(new.most.cost_micros)
        .bind(spent.cost_micros)
        .bind(user.as_str())
        .bind(new.day),
    );
    statements
}

/// Says of calls of a step whose end nobody saw that it will not be known. They stay paid for.
pub(crate) fn give_up_interrupted(user: &UserId, work: &str, now: Timestamp) -> Statement {
    sql(
        "UPDATE model_calls SET status = 'unknown', outcome = 'interrupted', finished_at = ?
         WHERE user_id = ? AND work_id = ? AND status = 'started'",
    )
    .bind(now)
    .bind(user.as_str())
    .bind(work)
}

/// The same of all calls that have been under way for too long: those of requests, whose client may be
/// gone.
pub(crate) fn give_up_old(now: Timestamp) -> Statement {
    sql(
        "UPDATE model_calls SET status = 'unknown', outcome = 'interrupted', finished_at = ?1
         WHERE status = 'started' AND created_at < ?2",
    )
    .bind(now)
    .bind(now.plus(-LONGEST_CALL))
}

/// Keeps an answer, so that the same content is not asked about again.
pub(crate) fn keep_answer(
    user: &UserId,
    content_key: &str,
    answer: &str,
    now: Timestamp,
) -> Statement {
    sql(
        "INSERT INTO model_answers (user_id, content_key, answer, created_at) VALUES (?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
    )
    .bind(user.as_str())
    .bind(content_key)
    .bind(answer)
    .bind(now)
}

/// Keeps how it stands with a provider. A rest that somebody else was asked for meanwhile stays.
pub(crate) fn put_breaker(
    user: &UserId,
    provider: &str,
    has_own_key: bool,
    breaker: Breaker,
    now: Timestamp,
) -> Statement {
    sql(
        "INSERT INTO model_breakers (provider, owner, user_id, failures, rests_until)
         VALUES (?1, iif(?2, ?3, ''), iif(?2, ?3, NULL), ?4, ?5)
         ON CONFLICT (provider, owner) DO UPDATE SET failures = excluded.failures,
           rests_until = NULLIF(MAX(COALESCE(excluded.rests_until, ''),
             iif(rests_until > ?6, rests_until, '')), '')",
    )
    .bind(provider)
    .bind(has_own_key)
    .bind(user.as_str())
    .bind(breaker.failures)
    .bind(breaker.rests_until)
    .bind(now)
}

/// The JSON of a day's use.
const USAGE_JSON: &str = "json_object('day', ?2, 'tokens', COALESCE(u.tokens, 0),
     'cost', COALESCE(u.cost_micros, 0) / 1e6,
     'daily_tokens', ?3, 'daily_cost', ?4 / 1e6, 'currency', ?5, 'resets_at', ?6,
     'warned_at', u.warned_at, 'exhausted_at', u.exhausted_at)";

/// What a day's use is shown beside.
pub(crate) struct Day<'a> {
    /// The date.
    pub(crate) date: &'a str,
    /// Its bounds.
    pub(crate) budget: Budget,
    /// What costs are in.
    pub(crate) currency: &'a str,
    /// When the next one begins.
    pub(crate) ends_at: Timestamp,
}

fn bind_day(statement: Statement, user: &UserId, day: &Day<'_>) -> Statement {
    statement
        .bind(user.as_str())
        .bind(day.date)
        .bind(day.budget.most.tokens)
        .bind(day.budget.most.cost_micros)
        .bind(day.currency)
        .bind(day.ends_at)
}

/// The statements that tell the person, once a day each, that most of the day's use is up, and that all
/// of it is.
pub(crate) fn tell_of_use(
    user: &UserId,
    day: &Day<'_>,
    is_exhausted: bool,
    event: &EventId,
    now: Timestamp,
) -> Vec<Statement> {
    let from = day.budget.warns_from();
    let (mark, kind) = if is_exhausted {
        (
            sql(
                "INSERT INTO model_usage (user_id, day, exhausted_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (user_id, day) DO UPDATE SET exhausted_at = excluded.exhausted_at
                 WHERE exhausted_at IS NULL",
            )
            .bind(user.as_str())
            .bind(day.date)
            .bind(now),
            EventType::UsageExhausted,
        )
    } else {
        (
            sql("UPDATE model_usage SET warned_at = ?
                 WHERE user_id = ? AND day = ? AND warned_at IS NULL
                   AND (tokens >= ? OR cost_micros >= ?)")
            .bind(now)
            .bind(user.as_str())
            .bind(day.date)
            .bind(from.tokens)
            .bind(from.cost_micros),
            EventType::UsageWarned,
        )
    };
    // The values of the event come first: its own `?` are numbered behind them.
    let tell = sql(format!(
        "INSERT INTO outbox (user_id, id, type, occurred_at, data)
         SELECT ?1, ?7, ?8, ?9, {USAGE_JSON}
         FROM model_usage AS u WHERE u.user_id = ?1 AND u.day = ?2 AND changes() > 0"
    ));
    let tell = bind_day(tell, user, day)
        .bind(event.as_str())
        .bind(kind.as_str())
        .bind(now);
    vec![mark, tell]
}

/// A day's use, with what each model took of it.
pub(crate) fn usage(user: &UserId, day: &Day<'_>) -> Statement {
    let statement = sql(format!(
        "SELECT json_set({USAGE_JSON}, '$.models', (
           SELECT json_group_array(json_object('model', model, 'calls', calls, 'failed', failed,
                    'tokens', tokens, 'cost', cost_micros / 1e6))
           FROM (SELECT provider || '/' || model AS model, COUNT(*) AS calls,
                   SUM(status IN ('failed', 'unknown')) AS failed, SUM(tokens) AS tokens,
                   SUM(cost_micros) AS cost_micros
                 FROM model_calls WHERE user_id = ?1 AND day = ?2
                 GROUP BY provider, model ORDER BY 1))) AS usage
         FROM (SELECT 1) LEFT JOIN model_usage AS u ON u.user_id = ?1 AND u.day = ?2"
    ));
    bind_day(statement, user, day)
}

/// The calls of a person, newest first.
pub(crate) fn list(user: &UserId) -> List {
    const ITEM: &str = "json_object('id', c.id, 'day', c.day, 'email_id', c.email_id,
         'purpose', c.purpose, 'prompt_version', c.prompt_version,
         'model', c.provider || '/' || c.model, 'status', c.status,
         'outcome', iif(c.outcome = '', NULL, c.outcome), 'tokens', c.tokens,
         'cost', c.cost_micros / 1e6, 'input_tokens', c.input_tokens,
         'output_tokens', c.output_tokens, 'latency_ms', c.latency_ms,
         'created_at', c.created_at, 'updated_at', COALESCE(c.finished_at, c.created_at))";
    List::of(
        user.as_str(),
        "model_calls AS c",
        ITEM,
        "c.user_id = ?",
        "c.id",
    )
}
