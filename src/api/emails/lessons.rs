use delegate_core::analysis::lesson::{Lesson, LessonInput, LessonPatchInput, MAX_LESSONS, Taught};
use delegate_core::error::{Error, Kind};
use delegate_core::identifier::{EventId, LessonId, TaskId, UserId};
use serde::Deserialize;

use super::versioned;
use crate::api::document::{
    ChangeProblems, DeleteProblems, LessonPage, ReadProblems, WriteProblems,
};
use crate::http::body::{Creation, Patch};
use crate::http::call::Call;
use crate::http::caller::{Caller, EmailsRead, EmailsWrite, Teaching};
use crate::http::idempotency::{Idempotency, commit, earlier};
use crate::http::path::Id;
use crate::http::precondition::IfMatch;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::planning;
use crate::store::guard::too_many;
use crate::store::list::page_json;
use crate::store::tasks::json;
use crate::store::{lessons, tasks};

/// What one has taught about one's mail, newest first
#[utoipa::path(
    get, path = "/api/v1/emails/lessons", tag = "emails", security(("access_token" = ["emails:read"])),
    params(
        ("sender" = Option<String>, Query, description = "An address, or a domain behind @, as it was taught"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = LessonPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_lessons(call: Call, caller: Caller<EmailsRead>, query: Query) -> Outcome {
    let query = query.known(&["sender", "limit", "cursor"])?;
    let scope = query.scope(caller.user.as_str(), "lessons");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let page = lessons::list(&caller.user)
        .filter("l.sender = ?", query.text("sender").map(str::to_lowercase))
        .page(position.as_ref(), limit);
    let answer = call.database().run(page).await?;
    Ok(Reply::passing(page_json(&answer, &scope, limit)?))
}

/// Teach how mail of a sender is to be judged, or that a task is none
///
/// It holds at once: mail of the sender that was read before is judged anew, and a task that is none is
/// deleted.
#[utoipa::path(
    post, path = "/api/v1/emails/lessons", tag = "emails", security(("access_token" = ["emails:write", "tasks:write"])),
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = LessonInput,
    responses((status = 201, body = Lesson, headers(("location"), ("etag"))), WriteProblems)
)]
#[worker::send]
pub(crate) async fn create_lesson(
    call: Call,
    caller: Caller<Teaching>,
    Creation { input, idempotency }: Creation<LessonInput>,
) -> Outcome {
    let user = &caller.user;
    let idempotency = idempotency.as_ref();
    let (lesson, task) = match taught(&call, user, input).await {
        Ok(taught) => taught,
        Err(error) => return again(&call, user, idempotency, error).await,
    };
    let event = EventId::new(lesson.created_at, call.entropy()?);
    let body = json(&lesson)?;
    let mut statements = lessons::insert(user, &lesson, &body, &event)?;
    if let Some(task) = task {
        let event = EventId::new(lesson.created_at, call.entropy()?);
        statements.extend(tasks::delete(user, &task, None, &event, lesson.created_at));
    }
    let reply = Reply::json(body)
        .created(format!("/api/v1/emails/lessons/{}", lesson.id))
        .with_version(1);
    match commit(&call, user, idempotency, statements, reply).await {
        Ok(committed) => {
            call.announce(user);
            planning::mend(&call, user);
            Ok(committed.reply())
        }
        Err(error) => {
            let error = too_many(error, MAX_LESSONS, "lessons", "too_many_lessons");
            again(&call, user, idempotency, error).await
        }
    }
}

/// The answer that the same request had before, for what is refused now perhaps because it was carried out
/// then: a task that is none is gone, and the last lesson there was room for is there.
async fn again(
    call: &Call,
    user: &UserId,
    idempotency: Option<&Idempotency>,
    refusal: Error,
) -> Outcome {
    let before = earlier(call, user, idempotency).await?;
    Ok(before.ok_or(refusal)?)
}

/// The lesson that is taught, and the task that is none. The sentence of one is read first: it is what the
/// lesson keeps.
async fn taught(
    call: &Call,
    user: &UserId,
    input: LessonInput,
) -> Result<(Lesson, Option<TaskId>), Error> {
    #[derive(Deserialize)]
    struct Sentence {
        quote: Option<String>,
        sender: Option<String>,
    }
    let now = call.started();
    let id = LessonId::new(now, call.entropy()?);
    let task = match input.check()? {
        Taught::Sender(lesson) => return Ok((lesson.taught(id, now), None)),
        Taught::NotATask(task) => task,
    };
    let answer = call
        .database()
        .run(lessons::find_sentence(user, &task))
        .await?;
    let found = answer.first::<Sentence>()?;
    let quote = found.as_ref().and_then(|found| found.quote.clone());
    let Some(quote) = quote else {
        let rule = "must be a task of one's own that came from a message";
        return Err(Error::invalid_at("/task_id", "not_from_mail", rule));
    };
    let sender = found.and_then(|found| found.sender);
    Ok((Lesson::not_a_task(id, sender, quote, now), Some(task)))
}

/// One lesson
#[utoipa::path(
    get, path = "/api/v1/emails/lessons/{id}", tag = "emails", security(("access_token" = ["emails:read"])),
    params(("id" = String, Path)),
    responses((status = 200, body = Lesson, headers(("etag"))), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_lesson(
    call: Call,
    caller: Caller<EmailsRead>,
    Id(id): Id<LessonId>,
) -> Outcome {
    let answer = call
        .database()
        .run(lessons::find(&caller.user, &id))
        .await?;
    Ok(versioned(&answer, "lesson").ok_or_else(Error::not_found)?)
}

/// Change what was taught of a sender
#[utoipa::path(
    patch, path = "/api/v1/emails/lessons/{id}", tag = "emails", security(("access_token" = ["emails:write"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body(content = LessonPatchInput, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Lesson, headers(("etag"))), ChangeProblems)
)]
#[worker::send]
pub(crate) async fn update_lesson(
    call: Call,
    caller: Caller<EmailsWrite>,
    Id(id): Id<LessonId>,
    if_match: IfMatch,
    Patch(patch): Patch<LessonPatchInput>,
) -> Outcome {
    let (user, now) = (&caller.user, call.started());
    let answer = call.database().run(lessons::find(user, &id)).await?;
    let before = lessons::found(&answer)?.ok_or_else(Error::not_found)?;
    let version = answer.version().unwrap_or_default();
    if !if_match.allows(version) {
        return Err(IfMatch::failure(true).into());
    }
    let changed = before.changed(patch).ok_or_else(|| {
        let detail = "What is no task can only be taken back.";
        Error::new(Kind::Conflict, "not_of_a_sender", detail)
    })??;
    let event = EventId::new(now, call.entropy()?);
    let statements = lessons::replace(user, &before, version, &changed, &event, now)?;
    let answers = call.database().batch(statements).await?;
    if answers.first().is_none_or(|answer| answer.changes() == 0) {
        return Err(IfMatch::failure(true).into());
    }
    call.announce(user);
    let found = answers.last();
    let found = found.and_then(|answer| versioned(answer, "lesson"));
    Ok(found.ok_or_else(Error::not_found)?)
}

/// Take a lesson back: what the engine said counts again
#[utoipa::path(
    delete, path = "/api/v1/emails/lessons/{id}", tag = "emails", security(("access_token" = ["emails:write"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Taken back"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn delete_lesson(
    call: Call,
    caller: Caller<EmailsWrite>,
    Id(id): Id<LessonId>,
    if_match: IfMatch,
) -> Outcome {
    let (user, now) = (&caller.user, call.started());
    let answer = call.database().run(lessons::find(user, &id)).await?;
    let before = lessons::found(&answer)?.ok_or_else(Error::not_found)?;
    let event = EventId::new(now, call.entropy()?);
    let versions = if_match.versions();
    let statements = lessons::delete(user, &before, versions.as_deref(), &event, now)?;
    let answers = call.database().batch(statements).await?;
    if answers.first().is_none_or(|deleted| deleted.changes() == 0) {
        let exists = answers
            .last()
            .is_some_and(|answer| answer.version().is_some());
        return Err(IfMatch::failure(exists).into());
    }
    call.announce(user);
    Ok(Reply::no_content())
}
