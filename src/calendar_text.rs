//! Calendars as other programs read them (RFC 5545), written page by page while they are sent: however
//! many events there are, what one page needs is held.

use delegate_core::calendar::event::{Event, Transparency};
use delegate_core::calendar::ics::{Detail, IcsEvent, write_events, write_head, write_tail};
use delegate_core::calendar::interval::Interval;
use delegate_core::error::Error;
use delegate_core::time::{Timestamp, parse_zone};
use serde::Deserialize;

use crate::http::call::Call;
use crate::http::reply::Reply;
use crate::platform::database::{Answer, Database};
use crate::platform::log::{Level, Line};
use crate::platform::streaming::{self, Sink};
use crate::store::feeds::Chosen;

/// The media type of a calendar.
pub(crate) const TYPE: &str = "text/calendar; charset=utf-8";

/// A civil time is less than a day from its instant.
const AROUND_MS: i64 = 86_400_000;

/// What a calendar is written with.
pub(crate) struct Writing {
    pub(crate) chosen: Chosen,
    /// What it is called; may be empty.
    pub(crate) name: String,
    pub(crate) detail: Detail,
    /// The present, for the rules of zones.
    pub(crate) now: Timestamp,
}

/// An event as it is read to be written.
#[derive(Deserialize)]
struct Item {
    event: Event,
    extra: Vec<String>,
    busy: String,
}

/// A calendar as an answer. What it begins with and its first page are read before there is one, so
/// that a fault is answered as such.
pub(crate) async fn reply(call: &Call, writing: Writing) -> Result<Reply, Error> {
    let database = call.database().clone();
    let statements = vec![writing.chosen.zones()?, writing.chosen.page(None)?];
    let answers = database.batch(statements).await?;
    let [zones, page] = answers.as_slice() else {
        return Err(Error::internal("D1 answered fewer results than statements"));
    };
    let mut text = String::new();
    let zones = stretches(zones, writing.now)?;
    write_head(&mut text, &writing.name, None, &zones);
    let mut last = write_page(&mut text, page, &writing)?;
    if last.is_none() {
        write_tail(&mut text);
        return Ok(Reply::bytes(text.into_bytes()).with_header("content-type", TYPE));
    }
    let call = call.clone();
    let open = Box::new(move || {
        let (readable, sink) = streaming::open()?;
        call.afterwards(async move {
            match rest(&database, &writing, &sink, &mut text, &mut last).await {
                Ok(()) => drop(sink.close().await),
                Err(error) => {
                    sink.abort("the calendar can't be read to its end").await;
                    Line::new(Level::Warn, "calendar.cut_off")
                        .with("error", error.cause().unwrap_or_default())
                        .write();
                }
            }
        });
        Ok(readable)
    });
    Ok(Reply::stream(open).with_header("content-type", TYPE))
}

/// Writes what was begun, and what is behind it.
async fn rest(
    database: &Database,
    writing: &Writing,
    sink: &Sink,
    text: &mut String,
    last: &mut Option<String>,
) -> Result<(), Error> {
    sink.write(text).await?;
    while let Some(after) = last.take() {
        text.clear();
        let page = database.run(writing.chosen.page(Some(&after))?).await?;
        *last = write_page(text, &page, writing)?;
        if last.is_none() {
            write_tail(text);
        }
        sink.write(text).await?;
    }
    Ok(())
}

/// Writes the events of a page. Answers with the identifier of the last, where another may follow.
fn write_page(
    text: &mut String,
    page: &Answer,
    writing: &Writing,
) -> Result<Option<String>, Error> {
    let items = page.text("items").unwrap_or_else(|| "[]".to_owned());
    let items: Vec<Item> = serde_json::from_str(&items)
        .map_err(|error| Error::internal(format!("a stored event: {error}")))?;
    let told: Vec<IcsEvent> = items
        .into_iter()
        .map(|item| told(item, writing.detail))
        .collect();
    write_events(text, &told, writing.now, writing.detail);
    Ok(page.text("last"))
}

/// An event as it is told: where only busy time is, an invitation that was declined is none.
fn told(item: Item, detail: Detail) -> IcsEvent {
    let mut event = item.event.told(item.extra);
    if detail == Detail::Busy && item.busy == "free" {
        event.transparency = Transparency::Transparent;
    }
    event
}

/// The zones that events use, each with the stretch of time in which it is used; the present belongs
/// to it, so that whoever reads knows its rules of today.
fn stretches(answer: &Answer, now: Timestamp) -> Result<Vec<(chrono_tz::Tz, Interval)>, Error> {
    #[derive(Deserialize)]
    struct Row {
        zone: String,
        first_at: f64,
        last_at: f64,
    }
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds, below 2^53")]
    let stretch = |row: Row| {
        let (first, last) = (row.first_at as i64, row.last_at as i64);
        let end = first.max(last).max(now.milliseconds());
        let stretch = Interval { start: first, end }.widened(AROUND_MS, AROUND_MS);
        Some((parse_zone(&row.zone)?, stretch))
    };
    let rows = answer.rows::<Row>()?;
    Ok(rows.into_iter().filter_map(stretch).collect())
}
