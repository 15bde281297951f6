//! Events of calendars in D1.
//!
//! An event is written from one JSON text that SQLite takes apart, since a value that is bound costs
//! more at the border than a field that is read; the same statement stores one event or five hundred.
//! Every read takes the person first.

use chrono_tz::Tz;
use delegate_core::calendar::event::{Event, EventRef};
use delegate_core::calendar::interval::Interval;
use delegate_core::calendar::series::{LONG_MS, Placement, SeriesChange, Shape, StoredEvent};
use delegate_core::calendar::window::Place;
use delegate_core::error::Error;
use delegate_core::event::EventType;
use delegate_core::identifier::{CalendarId, EventId, PlanId, UserId};
use delegate_core::time::Timestamp;
use serde::Serialize;

use super::exports::Pieces;
use super::guard::must_hold;
use super::list::List;
use super::outbox;
use super::tasks::json;
use crate::platform::database::{Answer, Statement, sql};

/// The fields of an event but for its times and its rule, of the row `e`.
macro_rules! rest_fields {
    () => {
        "'calendar_id', e.calendar_id, 'ical_uid', e.ical_uid, 'summary', e.summary, \
         'description', e.description, 'location', e.location, \
         'attendees', json(e.attendees), 'organizer', json(e.organizer), 'status', e.status, \
         'transparency', e.transparency, 'visibility', e.visibility, \
         'reminders', json(e.reminders), 'conference_url', e.conference_url, 'color', e.color, \
         'sequence', e.sequence, 'origin', e.origin, 'task_id', e.task_id, \
         'created_at', e.created_at, 'updated_at', e.updated_at"
    };
}

/// The JSON of an event, as `delegate_core::calendar::event::Event` serialises.
macro_rules! event_json {
    () => {
        concat!(
            "json_object('id', e.id, 'start', json(e.starts), 'end', json(e.ends), \
             'recurrence', json(e.recurrence), 'recurring_event_id', e.series_id, \
             'original_start', json(e.original_start), ",
            rest_fields!(),
            ")"
        )
    };
}

/// The same, for who reads it beside other things from `calendar_events AS e`.
pub(super) const JSON: &str = event_json!();

/// A row as it goes into the database.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    event: &'a Event,
    overridden: &'a [String],
    key: String,
    extra: &'a [String],
    origin_id: Option<&'a str>,
    shape: &'static str,
    first_at: i64,
    last_at: i64,
    is_long: u8,
}

impl<'a> Row<'a> {
    /// The row of an event.
    pub(super) fn of(
        stored: &'a StoredEvent,
        extra: &'a [String],
        origin_id: Option<&'a str>,
    ) -> Result<Self, Error> {
        let event = &stored.event;
        let placement: Placement = event.placement()?;
        Ok(Self {
            event,
            overridden: &stored.overridden,
            key: event
                .id
                .original
                .map(|original| original.to_string())
                .unwrap_or_default(),
            extra,
            origin_id,
            shape: placement.shape.as_str(),
            first_at: placement.first_at,
            last_at: placement.last_at,
            is_long: u8::from(placement.is_long()),
        })
    }

    /// The row, for what replaces an occurrence also where its series is not there.
    pub(super) fn replacing(mut self, key: &str) -> Self {
        key.clone_into(&mut self.key);
        self
    }
}

/// What an event does to the time of the person ?1, of the JSON `v.value -> '$.event'`: nothing where
/// it is cancelled, transparent or declined; perhaps, where it or the person's answer is tentative or
/// they have not answered somebody else's invitation.
const BUSY: &str = "CASE
  WHEN v.value ->> '$.event.status' = 'cancelled'
    OR v.value ->> '$.event.transparency' = 'transparent' THEN 'free'
  ELSE COALESCE(
    (SELECT CASE a.value ->> '$.response' WHEN 'declined' THEN 'free' WHEN 'tentative' THEN 'tentative'
       WHEN 'needs_action' THEN iif(EXISTS (SELECT 1 FROM user_addresses AS o WHERE o.user_id = ?1
         AND o.address = lower(v.value ->> '$.event.organizer.email')), 'busy', 'tentative') END
     FROM json_each(v.value, '$.event.attendees') AS a
     JOIN user_addresses AS u ON u.user_id = ?1 AND u.address = lower(a.value ->> '$.email')
     ORDER BY a.value ->> '$.response' LIMIT 1),
    iif(v.value ->> '$.event.status' = 'tentative', 'tentative', 'busy'))
  END";

/// What fails where the calendar of an event is not one of the person's.
pub(crate) const NO_SUCH_CALENDAR: &str = "NOT NULL constraint failed: calendar_events.calendar_id";

/// The columns that a row fills, and where each is in `v.value`.
const COLUMNS: [(&str, &str); 31] = [
    ("id", "v.value ->> '$.event.id'"),
    ("user_id", "?1"),
    (
        "calendar_id",
        "(SELECT id FROM calendars WHERE id = v.value ->> '$.event.calendar_id' AND user_id = ?1)",
    ),
    ("ical_uid", "v.value ->> '$.event.ical_uid'"),
    ("series_id", "v.value ->> '$.event.recurring_event_id'"),
    (
        "original_start",
        "NULLIF(v.value -> '$.event.original_start', 'null')",
    ),
    ("original_key", "v.value ->> '$.key'"),
    ("summary", "v.value ->> '$.event.summary'"),
    ("description", "v.value ->> '$.event.description'"),
    ("location", "v.value ->> '$.event.location'"),
    ("starts", "v.value -> '$.event.start'"),
    ("ends", "v.value -> '$.event.end'"),
    ("recurrence", "v.value -> '$.event.recurrence'"),
    ("overridden", "v.value -> '$.overridden'"),
    ("attendees", "v.value -> '$.event.attendees'"),
    (
        "organizer",
        "NULLIF(v.value -> '$.event.organizer', 'null')",
    ),
    ("status", "v.value ->> '$.event.status'"),
    ("transparency", "v.value ->> '$.event.transparency'"),
    ("visibility", "v.value ->> '$.event.visibility'"),
    ("reminders", "v.value -> '$.event.reminders'"),
    ("conference_url", "v.value ->> '$.event.conference_url'"),
    ("color", "v.value ->> '$.event.color'"),
    ("sequence", "v.value ->> '$.event.sequence'"),
    ("extra", "v.value -> '$.extra'"),
    ("origin", "v.value ->> '$.event.origin'"),
    ("origin_id", "v.value ->> '$.origin_id'"),
    ("task_id", "v.value ->> '$.event.task_id'"),
    ("shape", "v.value ->> '$.shape'"),
    ("first_at", "v.value ->> '$.first_at'"),
    ("last_at", "v.value ->> '$.last_at'"),
    ("is_long", "v.value ->> '$.is_long'"),
];

/// The text of the statement that stores rows. A row that is there is replaced; `unless_same` it says
/// what it said before.
fn store_sql(unless_same: bool) -> String {
    let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    let values: Vec<&str> = COLUMNS.iter().map(|(_, value)| *value).collect();
    let replaced = || {
        let all = names.iter().chain(&["busy", "updated_at"]);
        all.filter(|name| !["id", "user_id", "origin", "origin_id", "task_id"].contains(name))
    };
    let set: Vec<String> = replaced()
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    let differ: Vec<String> = replaced()
        .map(|name| format!("calendar_events.{name} IS NOT excluded.{name}"))
        .collect();
    let differ = if unless_same {
        format!(" WHERE {}", differ.join(" OR "))
    } else {
        String::new()
    };
    format!(
        "INSERT INTO calendar_events ({}, busy, created_at, updated_at)
         SELECT {}, {BUSY}, v.value ->> '$.event.created_at', v.value ->> '$.event.updated_at'
         FROM json_each(?2) AS v WHERE 1
         ON CONFLICT (id) DO UPDATE SET {}, version = version + 1{differ}",
        names.join(", "),
        values.join(", "),
        set.join(", ")
    )
}

/// Stores events under their identifiers: new ones are made, those that are there are replaced.
fn store(user: &UserId, rows: &[Row<'_>]) -> Result<Statement, Error> {
    thread_local! {
        static TEXT: String = store_sql(false);
    }
    let text = TEXT.with(String::clone);
    Ok(sql(text).bind(user.as_str()).bind(json(&rows)?))
}

/// The same, given as a JSON array of rows, and without touching those that say the same already.
pub(super) fn store_changed(user: &UserId, rows: &str) -> Statement {
    sql(store_sql(true)).bind(user.as_str()).bind(rows)
}

/// Fails (`guard`) where an event is not of this version any more.
fn still(user: &UserId, id: &str, version: u32) -> Statement {
    must_hold!(
        "EXISTS (SELECT 1 FROM calendar_events WHERE user_id = ? AND id = ? AND version = ?)"
    )
    .bind(user.as_str())
    .bind(id)
    .bind(version)
}

/// The statements that store a new event, and tell of it.
pub(crate) fn insert(
    user: &UserId,
    event: &Event,
    origin_id: Option<&str>,
    (event_json, told): (&str, &EventId),
) -> Result<Vec<Statement>, Error> {
    let stored = StoredEvent::new(event.clone());
    Ok(vec![
        super::calendars::ensure_primary(user, event.created_at),
        store(user, &[Row::of(&stored, &[], origin_id)?])?,
        outbox::append(
            user,
            told,
            EventType::EventCreated,
            event_json,
            event.created_at,
        ),
    ])
}

/// The statement that stores the blocks of a plan, new ones and those that are there.
pub(crate) fn store_blocks(
    user: &UserId,
    blocks: &[Event],
    plan: &PlanId,
) -> Result<Statement, Error> {
    let stored: Vec<StoredEvent> = blocks.iter().cloned().map(StoredEvent::new).collect();
    let rows = stored
        .iter()
        .map(|block| Row::of(block, &[], Some(plan.as_str())))
        .collect::<Result<Vec<_>, _>>()?;
    store(user, &rows)
}

/// What an event is when it is read to be changed.
pub(crate) struct Found {
    /// The event with what is stored beside it.
    pub(crate) stored: StoredEvent,
    /// Its version.
    pub(crate) version: u32,
    /// Which addresses are the person's, in lower case.
    pub(crate) addresses: Vec<String>,
    extra: Vec<String>,
}

/// An event or a series, and where one is named, the row of its occurrence.
pub(crate) fn find(user: &UserId, id: &EventRef) -> Statement {
    sql(concat!(
        "SELECT ",
        event_json!(),
        " AS event, e.overridden, e.extra, e.version, e.series_id IS NOT NULL AS is_occurrence,
           (SELECT json_group_array(address) FROM user_addresses WHERE user_id = ?1) AS addresses
         FROM calendar_events AS e WHERE e.user_id = ?1 AND e.id IN (?2, ?3)
         ORDER BY e.series_id IS NOT NULL"
    ))
    .bind(user.as_str())
    .bind(id.id.as_str())
    .bind(id.to_string())
}

/// What [`find`] found: the event or the series, and the row of its occurrence.
pub(crate) fn found(answer: &Answer) -> Result<(Option<Found>, Option<Found>), Error> {
    #[derive(serde::Deserialize)]
    struct Read {
        event: String,
        overridden: String,
        extra: String,
        version: u32,
        addresses: String,
        is_occurrence: u8,
    }
    let unreadable = |error: serde_json::Error| Error::internal(format!("a stored event: {error}"));
    let (mut whole, mut occurrence) = (None, None);
    for row in answer.rows::<Read>()? {
        let found = Found {
            stored: StoredEvent {
                event: serde_json::from_str(&row.event).map_err(unreadable)?,
                overridden: serde_json::from_str(&row.overridden).map_err(unreadable)?,
            },
            version: row.version,
            addresses: serde_json::from_str(&row.addresses).map_err(unreadable)?,
            extra: serde_json::from_str(&row.extra).map_err(unreadable)?,
        };
        if row.is_occurrence == 1 {
            occurrence = Some(found);
        } else {
            whole = Some(found);
        }
    }
    Ok((whole, occurrence))
}

/// The statements that put what an event has become in the place of what was read, and tell of it.
pub(crate) fn replace(
    user: &UserId,
    found: &Found,
    new: &StoredEvent,
    told: &EventId,
) -> Result<Vec<Statement>, Error> {
    let id = new.event.id.to_string();
    Ok(vec![
        still(user, &id, found.version),
        store(user, &[Row::of(new, &found.extra, None)?])?,
        outbox::append(
            user,
            told,
            EventType::EventUpdated,
            &json(&new.event)?,
            new.event.updated_at,
        ),
    ])
}

/// The statements of a change of a series: all of it, or nothing where it has changed since it was
/// read. `told` are the identifiers of the events that tell of it.
pub(crate) fn change(
    user: &UserId,
    found: &Found,
    change: &SeriesChange,
    told: [&EventId; 2],
    now: Timestamp,
) -> Result<Vec<Statement>, Error> {
    let [first, second] = told;
    let id = found.stored.event.id.to_string();
    let mut statements = vec![still(user, &id, found.version)];
    let rows: Vec<&StoredEvent> = change.series.iter().chain(&change.following).collect();
    let occurrence = change.occurrence.clone().map(StoredEvent::new);
    let rows = rows.into_iter().chain(&occurrence);
    let rows = rows
        .map(|stored| Row::of(stored, &found.extra, None))
        .collect::<Result<Vec<_>, _>>()?;
    if !rows.is_empty() {
        statements.push(store(user, &rows)?);
    }
    if !change.dropped.is_empty() {
        statements.push(
            sql(
                "DELETE FROM calendar_events WHERE user_id = ? AND series_id = ?
                   AND original_key IN (SELECT value FROM json_each(?))",
            )
            .bind(user.as_str())
            .bind(&id)
            .bind(json(&change.dropped)?),
        );
    }
    if !change.moved.is_empty() {
        let whole = change.following.as_ref().or(change.series.as_ref());
        let whole = &whole.map_or(&found.stored, |stored| stored).event;
        statements.extend(move_rows(user, &id, whole, &json(&change.moved)?));
    }
    let mut tell = |event: &EventId, kind, data: &str| {
        statements.push(outbox::append(user, event, kind, data, now));
    };
    match (&change.occurrence, &change.series) {
        (Some(occurrence), _) => tell(first, EventType::EventUpdated, &json(occurrence)?),
        (None, Some(series)) => tell(first, EventType::EventUpdated, &json(&series.event)?),
        (None, None) => tell(
            first,
            EventType::EventDeleted,
            &json(&serde_json::json!({ "id": id }))?,
        ),
    }
    if let Some(following) = &change.following {
        tell(second, EventType::EventCreated, &json(&following.event)?);
    }
    match &change.series {
        None => statements.push(
            sql("DELETE FROM calendar_events WHERE user_id = ? AND id = ?")
                .bind(user.as_str())
                .bind(&id),
        ),
        // Its occurrences go where the series goes.
        Some(series) if series.event.calendar_id != found.stored.event.calendar_id => {
            statements.push(
                sql("UPDATE calendar_events SET calendar_id = ?1
                     WHERE user_id = ?2 AND series_id = ?3 AND calendar_id <> ?1")
                .bind(series.event.calendar_id.as_str())
                .bind(user.as_str())
                .bind(&id),
            );
        }
        Some(_) => {}
    }
    Ok(statements)
}

/// Whether the row of an occurrence still is at the times that the rule gave it, of `m.value`.
const AS_THE_RULE_HAD_IT: &str = "(starts ->> '$.date' IS m.value ->> '$.times.was.start.date'
   AND starts ->> '$.date_time' IS m.value ->> '$.times.was.start.date_time'
   AND starts ->> '$.time_zone' IS m.value ->> '$.times.was.start.time_zone'
   AND ends ->> '$.date' IS m.value ->> '$.times.was.end.date'
   AND ends ->> '$.date_time' IS m.value ->> '$.times.was.end.date_time'
   AND ends ->> '$.time_zone' IS m.value ->> '$.times.was.end.time_zone'
   AND m.value ->> '$.times' IS NOT NULL)";

/// The statements that bring rows of occurrences under a series, each under its original start. In
/// two steps, since one may come to where another has been.
fn move_rows(user: &UserId, from: &str, whole: &Event, rows: &str) -> [Statement; 2] {
    let away = sql(
        "UPDATE calendar_events SET id = id || '_moving', original_key = original_key || '_moving'
         WHERE user_id = ? AND series_id = ?
           AND original_key IN (SELECT value ->> '$.from' FROM json_each(?))",
    )
    .bind(user.as_str())
    .bind(from)
    .bind(rows);
    let moved = |column: &str, path: &str| {
        format!("{column} = iif({AS_THE_RULE_HAD_IT}, m.value {path}, {column})")
    };
    let there = sql(format!(
        "UPDATE calendar_events SET id = ?1 || '_' || (m.value ->> '$.to'), series_id = ?1,
           ical_uid = ?2, original_key = m.value ->> '$.to',
           original_start = COALESCE(m.value -> '$.times.becomes.start', original_start),
           {}, {}, {}, {}, {}, version = version + 1
         FROM json_each(?5) AS m
         WHERE user_id = ?3 AND series_id = ?4
           AND original_key = (m.value ->> '$.from') || '_moving'",
        moved("starts", "-> '$.times.becomes.start'"),
        moved("ends", "-> '$.times.becomes.end'"),
        moved("first_at", "->> '$.times.first_at'"),
        moved("last_at", "->> '$.times.last_at'"),
        moved("is_long", "->> '$.times.is_long'"),
    ))
    .bind(whole.id.to_string())
    .bind(&whole.ical_uid)
    .bind(user.as_str())
    .bind(from)
    .bind(rows);
    [away, there]
}

/// The statements that delete an event, or a series with its occurrences, and whether it exists (at
/// the end). The first is the deletion.
pub(crate) fn delete(
    user: &UserId,
    id: &EventRef,
    versions: Option<&str>,
    told: &EventId,
    now: Timestamp,
) -> Vec<Statement> {
    vec![
        sql("DELETE FROM calendar_events WHERE user_id = ? AND id = ?
               AND (?3 IS NULL OR version IN (SELECT value FROM json_each(?3)))")
        .bind(user.as_str())
        .bind(id.id.as_str())
        .bind(versions),
        outbox::append_from(
            user,
            told,
            EventType::EventDeleted,
            now,
            "json_object('id', ?) WHERE changes() > 0",
        )
        .bind(id.id.as_str()),
        exists(user, id),
    ]
}

/// Whether an event or a series is there.
pub(crate) fn exists(user: &UserId, id: &EventRef) -> Statement {
    sql("SELECT 1 AS present FROM calendar_events WHERE user_id = ? AND id = ?")
        .bind(user.as_str())
        .bind(id.id.as_str())
}

/// Events and series as they are, not expanded, the newest first.
pub(crate) fn list(user: &UserId) -> List {
    List::of(
        user.as_str(),
        "calendar_events AS e",
        event_json!(),
        "e.user_id = ?",
        "e.id",
    )
}

/// Events and series on their way into an archive.
pub(crate) const PIECES: Pieces = Pieces {
    from: "calendar_events AS e",
    item: event_json!(),
    owner: "e.user_id",
    id: "e.id",
    created: "e.created_at",
};

/// What a window is read with.
pub(crate) struct WindowQuery<'a> {
    pub(crate) window: Interval,
    /// Only of this calendar.
    pub(crate) calendar: Option<&'a CalendarId>,
    /// Only of this series.
    pub(crate) series: Option<&'a EventRef>,
    /// Behind this occurrence.
    pub(crate) after: Option<&'a Place>,
    pub(crate) limit: u32,
}

/// Everything that can give a page of occurrences in a window: the zone of the person, then rows that
/// `delegate_core::calendar::window` reads. Those that take place once at an instant come in order and
/// no more of them than a page shows; the others are few and come whole.
pub(crate) fn window(user: &UserId, query: &WindowQuery<'_>) -> [Statement; 2] {
    const ROW: &str = concat!(
        "json_object('id', e.id, 'start', json(e.starts), 'end', json(e.ends), \
         'recurrence', json(e.recurrence), 'overridden', json(e.overridden), \
         'series_id', e.series_id, 'original_start', json(e.original_start), \
         'last_at', e.last_at, 'rest', json_object(",
        rest_fields!(),
        ")) AS item"
    );
    const WANTED: &str = "e.user_id = ?1 AND (?6 IS NULL OR e.calendar_id = ?6)
        AND (?7 IS NULL OR ?7 IN (e.id, e.series_id))";
    const BEHIND: &str = "(?4 IS NULL OR (e.first_at, e.id) > (?4, ?5))";
    let short = format!(
        "FROM calendar_events AS e WHERE {WANTED} AND e.is_long = 0
           AND e.first_at > ?2 - {LONG_MS} - 1 AND e.first_at < ?3
           AND (e.last_at > ?2 OR e.first_at >= ?2)"
    );
    let long = format!(
        "FROM calendar_events AS e WHERE {WANTED} AND e.is_long = 1
           AND e.last_at > ?2 AND e.first_at < ?3"
    );
    let timed = Shape::Timed.as_str();
    // Joined as text: every item is JSON, which `json_group_array` would read once more.
    let rows = sql(format!(
        "SELECT '[' || group_concat(item) || ']' AS items FROM (
           SELECT * FROM (SELECT {ROW} {short} AND e.shape = '{timed}' AND {BEHIND}
                          ORDER BY e.first_at, e.id LIMIT ?8)
           UNION ALL SELECT {ROW} {short} AND e.shape <> '{timed}'
           UNION ALL SELECT {ROW} {long})"
    ))
    .bind(user.as_str())
    .bind(query.window.start)
    .bind(query.window.end)
    .bind(query.after.map(|place| place.start))
    .bind(query.after.map(|place| place.id.as_str()))
    .bind(query.calendar.map(CalendarId::as_str))
    .bind(query.series.map(ToString::to_string))
    .bind(query.limit + 1);
    [super::accounts::find_zone(user), rows]
}

/// The zone that [`window`] answers first.
pub(crate) fn zone(answer: &Answer) -> Tz {
    let name = answer.text("time_zone");
    name.as_deref()
        .and_then(delegate_core::time::parse_zone)
        .unwrap_or(Tz::UTC)
}

/// Judges again what events do to the person's time, after an address became theirs or somebody
/// else's.
pub(crate) fn judge_again(user: &UserId, address: &str) -> Statement {
    let judged = BUSY.replace("v.value", "v.item");
    sql(format!(
        "UPDATE calendar_events SET busy = v.busy FROM (
           SELECT v.id, {judged} AS busy FROM (
             SELECT e.id, json_object('event', {}) AS item FROM calendar_events AS e
             WHERE e.user_id = ?1
               AND instr(lower(e.attendees || COALESCE(e.organizer, '')), ?2) > 0) AS v) AS v
         WHERE calendar_events.id = v.id AND calendar_events.busy <> v.busy",
        event_json!()
    ))
    .bind(user.as_str())
    .bind(address)
}
