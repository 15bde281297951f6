use delegate_core::calendar::feed::{BACK_MS, Feed, FeedDetail, FeedInput, MAX_FEEDS};
use delegate_core::error::Error;
use delegate_core::identifier::{AuditId, EventId, FeedId, UserId};
use delegate_core::secret::{encode, sha256_hex, token_hash};
use delegate_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::too_many;
use crate::api::document::{DeleteProblems, FeedPage, ReadProblems, WriteProblems};
use crate::calendar_text::{self, Writing};
use crate::http::body::Json;
use crate::http::call::Call;
use crate::http::caller::SignedIn;
use crate::http::path::Id;
use crate::http::query::Query;
use crate::http::reply::{Outcome, Reply};
use crate::http::source;
use crate::platform::database::violates;
use crate::platform::random;
use crate::store::audit::{Action, Entry};
use crate::store::feeds::{self, Chosen};
use crate::store::list::page_json;

/// A new feed, with its address.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedFeed {
    /// Where the calendar is read, without signing in. It is shown this once.
    #[schema(format = "uri")]
    url: String,
    #[serde(flatten)]
    feed: Feed,
}

/// The feeds, newest first
#[utoipa::path(
    get, path = "/api/v1/calendar/feeds", tag = "calendar", security(("access_token" = ["session"])),
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = FeedPage), ReadProblems)
)]
#[worker::send]
pub(crate) async fn list_feeds(call: Call, caller: SignedIn, query: Query) -> Outcome {
    let query = query.known(&["limit", "cursor"])?;
    let scope = query.scope(caller.user.as_str(), "feeds");
    let (position, limit) = (query.position(&scope)?, query.limit()?);
    let page = feeds::list(&caller.user).page(position.as_ref(), limit);
    let answer = call.database().run(page).await?;
    Ok(Reply::passing(page_json(&answer, &scope, limit)?))
}

/// Make a feed: an address under which calendars can be subscribed to. It is in the answer and nowhere
/// else
#[utoipa::path(
    post, path = "/api/v1/calendar/feeds", tag = "calendar", security(("access_token" = ["session"])),
    request_body = FeedInput,
    responses((status = 201, body = CreatedFeed, headers(("location"))), WriteProblems)
)]
#[worker::send]
pub(crate) async fn create_feed(
    call: Call,
    caller: SignedIn,
    Json(input): Json<FeedInput>,
) -> Outcome {
    let now = call.started();
    let feed = input.into_feed(FeedId::new(now, call.entropy()?), now)?;
    let secret = encode(&random::bytes::<32>()?);
    let source = source::signed_in(&call, &caller);
    let id = AuditId::new(now, call.entropy()?);
    let entry = Entry::new(id, &source, Action::FeedCreated)
        .on(feed.id.as_str())
        .with(&json!({ "name": feed.name, "detail": feed.detail }));
    let body = crate::store::tasks::json(&feed)?;
    let event = EventId::new(now, call.entropy()?);
    let hash = token_hash(&secret);
    let mut statements = feeds::insert(&caller.user, &feed, (&body, &hash), MAX_FEEDS, &event)?;
    statements.push(entry.written(&caller.user, now));
    let stored = call.database().batch(statements).await;
    stored.map_err(|error| {
        if violates(&error, feeds::NO_SUCH_CALENDAR) {
            let rule = "must be calendars of the person";
            return Error::invalid_at("/calendar_ids", "no_such_calendar", rule);
        }
        too_many(error, MAX_FEEDS, "feeds", "too_many_feeds")
    })?;
    call.announce(&caller.user);
    let location = format!("/api/v1/calendar/feeds/{}", feed.id);
    let url = format!("{}/feeds/{secret}.ics", call.configuration().public_url);
    Ok(Reply::of(&CreatedFeed { url, feed })?.created(location))
}

/// One feed, without its address
#[utoipa::path(
    get, path = "/api/v1/calendar/feeds/{id}", tag = "calendar", security(("access_token" = ["session"])),
    params(("id" = String, Path)),
    responses((status = 200, body = Feed), ReadProblems)
)]
#[worker::send]
pub(crate) async fn get_feed(call: Call, caller: SignedIn, Id(id): Id<FeedId>) -> Outcome {
    let answer = call.database().run(feeds::find(&caller.user, &id)).await?;
    let feed = answer.passing("feed").ok_or_else(Error::not_found)?;
    Ok(Reply::passing(feed))
}

/// Revoke a feed: nobody reads anything under its address any more
#[utoipa::path(
    delete, path = "/api/v1/calendar/feeds/{id}", tag = "calendar", security(("access_token" = ["session"])),
    params(("id" = String, Path)),
    responses((status = 204, description = "Revoked"), DeleteProblems)
)]
#[worker::send]
pub(crate) async fn revoke_feed(call: Call, caller: SignedIn, Id(id): Id<FeedId>) -> Outcome {
    let now = call.started();
    let source = source::signed_in(&call, &caller);
    let entry = AuditId::new(now, call.entropy()?);
    let entry = Entry::new(entry, &source, Action::FeedRevoked).on(id.as_str());
    let event = EventId::new(now, call.entropy()?);
    let [delete, told] = feeds::delete(&caller.user, &id, &event, now);
    let written = entry.written_if_changed(&caller.user, now);
    let answers = call.database().batch(vec![delete, told, written]).await?;
    if answers.first().is_none_or(|deleted| deleted.changes() == 0) {
        return Err(Error::not_found().into());
    }
    call.announce(&caller.user);
    Ok(Reply::no_content())
}

/// What is read by the secret of a feed.
#[derive(Deserialize)]
struct Found {
    user_id: UserId,
    feed: String,
    events: String,
    calendars: String,
}

/// The calendar of a feed (iCalendar, RFC 5545): what ended less than a year ago, and all ahead
///
/// Who has the address needs nothing else. `secret` has `.ics` behind it.
#[utoipa::path(
    get, path = "/feeds/{secret}", tag = "calendar", security(()),
    params(("secret" = String, Path), ("If-None-Match" = Option<String>, Header)),
    responses(
        (status = 200, content_type = "text/calendar", body = String, headers(("etag"), ("cache-control"))),
        (status = 304, description = "It is what it was"),
        ReadProblems
    )
)]
#[worker::send]
pub(crate) async fn read_feed(call: Call, Id(file): Id<String>) -> Outcome {
    let secret = file.strip_suffix(".ics").ok_or_else(Error::not_found)?;
    let found = feeds::find_by_secret(&token_hash(secret));
    let found = call.database().run(found).await?.first::<Found>()?;
    let found = found.ok_or_else(Error::not_found)?;
    let feed: Feed = serde_json::from_str(&found.feed)
        .map_err(|error| Error::internal(format!("a stored feed: {error}")))?;
    // What is written depends on the day, and on nothing else that passes.
    let today = midnight(call.started());
    let state = [
        &found.feed,
        &found.events,
        &found.calendars,
        &today.to_string(),
    ];
    let digest = sha256_hex(state.map(String::as_str).join("\n").as_bytes());
    let etag = format!("\"{}\"", digest.get(..32).unwrap_or_default());
    let asked = call.header("if-none-match").unwrap_or_default();
    let is_known = asked
        .split(',')
        .any(|tag| tag.trim().trim_start_matches("W/") == etag || tag.trim() == "*");
    let reply = if is_known {
        Reply::no_content()
            .with_status(304)
            .with_header("content-type", calendar_text::TYPE)
    } else {
        let writing = Writing {
            chosen: Chosen {
                user: found.user_id,
                calendars: feed.calendar_ids,
                from: Some(today.milliseconds() - BACK_MS),
                busy_only: feed.detail == FeedDetail::Busy,
            },
            name: feed.name,
            detail: feed.detail.detail(),
            now: today,
        };
        calendar_text::reply(&call, writing).await?
    };
    Ok(reply
        .with_header("etag", etag)
        .with_header("cache-control", "private, no-cache"))
}

/// The midnight before a moment, in UTC.
fn midnight(moment: Timestamp) -> Timestamp {
    const DAY_MS: i64 = 86_400_000;
    Timestamp::from_milliseconds(moment.milliseconds().div_euclid(DAY_MS) * DAY_MS)
}
