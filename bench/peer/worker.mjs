// What Delegate is measured against: the same four endpoints and the same hub in JavaScript, as
// somebody would write them who knows the platform and wants them fast. No framework, and no dependency
// but where rules of events are expanded; the statements, headers, rules and log fields are those of
// src/ and durable_objects/.
//
// It is a little less strict than Delegate: a repeated key in a body goes unnoticed, and an error
// has less to say. Neither is on the way of a request that succeeds.

import { Hub } from "./hub.mjs";
import { identifier, PageCursor } from "./identifiers.mjs";
import { caller, permit, Unauthenticated } from "./caller.mjs";
import { Invalid, taskOf } from "./task.mjs";
import { page } from "./window.mjs";

export { Hub as UserHub };

const HEADERS = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000; includeSubDomains",
  "x-content-type-options": "nosniff",
};

const MAX_JSON_BYTES = 256 * 1024;

const TASK_JSON = `json_object('id', tasks.id, 'title', tasks.title, 'description', tasks.description, \
'status', tasks.status, 'priority', tasks.priority, 'due', json(tasks.due), \
'duration_minutes', tasks.duration_minutes, 'completed_at', tasks.completed_at, \
'source', json(tasks.source), 'confidence', tasks.confidence, \
'links', json(tasks.links), 'created_at', tasks.created_at, \
'updated_at', tasks.updated_at)`;

const ORDERS = {
  "-created_at": ["tasks.id", "DESC"],
  created_at: ["tasks.id", "ASC"],
  due: ["tasks.due_order", "ASC"],
  "-due": ["tasks.due_order", "DESC"],
  priority: ["tasks.priority_order", "ASC"],
  "-priority": ["tasks.priority_order", "DESC"],
  updated_at: ["tasks.updated_at", "ASC"],
  "-updated_at": ["tasks.updated_at", "DESC"],
};
const FILTERS = {
  status: "tasks.status = ?",
  priority: "tasks.priority = ?",
  due_from: "tasks.due_at >= ?",
  due_until: "tasks.due_at < ?",
};

const EVENT_ROW = `json_object('id', e.id, 'start', json(e.starts), 'end', json(e.ends), \
'recurrence', json(e.recurrence), 'overridden', json(e.overridden), \
'series_id', e.series_id, 'original_start', json(e.original_start), \
'last_at', e.last_at, 'rest', json_object(\
'calendar_id', e.calendar_id, 'ical_uid', e.ical_uid, 'summary', e.summary, \
'description', e.description, 'location', e.location, \
'attendees', json(e.attendees), 'organizer', json(e.organizer), 'status', e.status, \
'transparency', e.transparency, 'visibility', e.visibility, \
'reminders', json(e.reminders), 'conference_url', e.conference_url, 'color', e.color, \
'sequence', e.sequence, 'origin', e.origin, 'task_id', e.task_id, \
'created_at', e.created_at, 'updated_at', e.updated_at)) AS item`;
const LONG_MS = 32 * 86_400_000;
const WANTED = `e.user_id = ?1 AND (?6 IS NULL OR e.calendar_id = ?6)
        AND (?7 IS NULL OR ?7 IN (e.id, e.series_id))`;
const SHORT = `FROM calendar_events AS e WHERE ${WANTED} AND e.is_long = 0
           AND e.first_at > ?2 - ${LONG_MS} - 1 AND e.first_at < ?3
           AND (e.last_at > ?2 OR e.first_at >= ?2)`;
const LONG = `FROM calendar_events AS e WHERE ${WANTED} AND e.is_long = 1
           AND e.last_at > ?2 AND e.first_at < ?3`;
const WINDOW = `SELECT '[' || group_concat(item) || ']' AS items FROM (
           SELECT * FROM (SELECT ${EVENT_ROW} ${SHORT} AND e.shape = 'timed'
                            AND (?4 IS NULL OR (e.first_at, e.id) > (?4, ?5))
                          ORDER BY e.first_at, e.id LIMIT ?8)
           UNION ALL SELECT ${EVENT_ROW} ${SHORT} AND e.shape <> 'timed'
           UNION ALL SELECT ${EVENT_ROW} ${LONG})`;

const ROUTES = {
  "/health": { GET: () => ({ status: 200, body: '{"status":"ok"}' }) },
  "/api/v1/calendar/events": { GET: listEvents },
  "/api/v1/tasks": { GET: listTasks, POST: createTask },
};

export default {
  async fetch(request, env, ctx) {
    const call = {
      request,
      env,
      ctx,
      started: Date.now(),
      id: requestId(request),
      user: undefined,
      unseen: undefined,
      roundTrips: 0,
      waited: 0,
    };
    const url = new URL(request.url);
    const route = ROUTES[url.pathname];
    const handler = route?.[request.method];
    let answer;
    try {
      if (handler === undefined) answer = problem(call, route === undefined ? 404 : 405, "not_found");
      else answer = await handler(call, url);
    } catch (error) {
      answer = failed(call, error);
    }
    const origin = request.headers.get("origin");
    const headers = new Headers(HEADERS);
    headers.set("x-request-id", call.id);
    if (call.roundTrips > 0) {
      headers.set("server-timing", `d1;desc="round trips: ${call.roundTrips}";dur=${call.waited}`);
    }
    for (const name in answer.headers) headers.set(name, answer.headers[name]);
    if (origin !== null) headers.set("vary", "origin");
    log(call, route === undefined ? "" : url.pathname, answer.status);
    return new Response(answer.body, { status: answer.status, headers });
  },
};

function requestId(request) {
  const given = request.headers.get("x-request-id");
  if (given !== null && /^[\w\-.:]{1,128}$/.test(given)) return given;
  const random = crypto.getRandomValues(new Uint8Array(12));
  return btoa(String.fromCharCode(...random)).replaceAll("+", "-").replaceAll("/", "_");
}

function log(call, route, status) {
  const line = {
    level: status >= 500 ? "error" : "info",
    message: "request",
    "request.id": call.id,
    "http.method": call.request.method,
    "http.route": route,
    "http.status": status,
    duration_ms: Date.now() - call.started,
    "d1.round_trips": call.roundTrips,
    "d1.waited_ms": call.waited,
    "user.id": call.user,
    "trace.id": traceId(call.request),
  };
  console.log(JSON.stringify(line));
}

function traceId(request) {
  const header = request.headers.get("traceparent");
  return header === null ? undefined : /^[^-]*-([0-9a-f]{32})(-|$)/.exec(header)?.[1];
}

/** One round trip and one transaction; the first of a call begins with what the caller must show. */
async function batch(call, statements) {
  const { unseen } = call;
  call.unseen = undefined;
  const started = Date.now();
  try {
    if (unseen === undefined) return await call.env.DB.batch(statements);
    const [, ...answers] = await call.env.DB.batch([permit(call, unseen), ...statements]);
    unseen.seen = call.started;
    return answers;
  } catch (error) {
    if (String(error).includes("permit: ")) throw new Unauthenticated();
    throw error;
  } finally {
    call.roundTrips += 1;
    call.waited += Date.now() - started;
  }
}

async function listTasks(call, url) {
  const { user } = await caller(call);
  const conditions = ["tasks.user_id = ?"];
  const values = [user];
  let [key, order] = ORDERS["-created_at"];
  let limit = 50;
  let cursor;
  for (const [name, value] of url.searchParams) {
    if (name === "limit") {
      limit = Number(value);
      if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw new Invalid("limit", "out_of_range");
    } else if (name === "sort") {
      if (!Object.hasOwn(ORDERS, value)) throw new Invalid("sort", "invalid_value");
      [key, order] = ORDERS[value];
    } else if (name === "cursor") {
      cursor = value;
    } else if (Object.hasOwn(FILTERS, name)) {
      conditions.push(FILTERS[name]);
      values.push(value);
    } else {
      throw new Invalid(name, "unknown_parameter");
    }
  }
  if (cursor !== undefined) {
    const position = await PageCursor.read(cursor, user, url.searchParams);
    if (position === undefined) throw new Invalid("cursor", "invalid_cursor");
    conditions.push(`(${key}, tasks.id) ${order === "ASC" ? ">" : "<"} (?, ?)`);
    values.push(position.key, position.id);
  }
  const statement = call.env.DB.prepare(
    `WITH page AS MATERIALIZED (
               SELECT ${TASK_JSON} AS item, ${key} AS key, tasks.id AS id FROM tasks
               WHERE ${conditions.join(" AND ")} ORDER BY ${key} ${order}, tasks.id ${order} LIMIT ?)
             SELECT (SELECT json_group_array(json(item)) FROM (SELECT item FROM page LIMIT ?)) AS items,
                    last.key AS key, last.id AS id, (SELECT COUNT(*) FROM page) AS number
             FROM (SELECT 1) LEFT JOIN (SELECT key, id FROM page LIMIT 1 OFFSET ?) AS last`,
  ).bind(...values, limit + 1, limit, limit - 1);
  const [{ results }] = await batch(call, [statement]);
  const { items, key: last, id, number } = results[0];
  const next =
    number > limit ? `"${await PageCursor.write({ key: last, id }, user, url.searchParams)}"` : "null";
  return { status: 200, body: `{"items":${items},"next_cursor":${next}}` };
}

/** What takes place in a window, a series as its occurrences. Only this: no other filter, and no page but
 * the first. */
async function listEvents(call, url) {
  const { user } = await caller(call);
  const asked = { limit: 50 };
  for (const [name, value] of url.searchParams) {
    if (name === "start" || name === "end") {
      asked[name] = Date.parse(value);
      if (Number.isNaN(asked[name])) throw new Invalid(name, "invalid_value");
    } else if (name === "limit") {
      asked.limit = Number(value);
      if (!(Number.isInteger(asked.limit) && asked.limit >= 1 && asked.limit <= 100)) throw new Invalid("limit", "out_of_range");
    } else if (name !== "expand" || value !== "true") {
      throw new Invalid(name, "unknown_parameter");
    }
  }
  const { start, end, limit } = asked;
  if (!(start < end)) throw new Invalid("end", "out_of_order");
  const [zone, rows] = await batch(call, [
    call.env.DB.prepare("SELECT time_zone FROM users WHERE id = ?").bind(user),
    call.env.DB.prepare(WINDOW).bind(user, start, end, null, null, null, null, limit + 1),
  ]);
  const items = page(JSON.parse(rows.results[0].items ?? "[]"), { start, end }, zone.results[0].time_zone, limit);
  return { status: 200, body: `{"items":${JSON.stringify(items)},"next_cursor":null}` };
}

async function createTask(call) {
  const { user } = await caller(call);
  const { request, env, ctx } = call;
  const type = (request.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
  if (type !== "application/json") return problem(call, 415, "unsupported_media_type");
  if (Number(request.headers.get("content-length")) > MAX_JSON_BYTES) return problem(call, 413, "body_too_large");
  const text = await request.text();
  const key = request.headers.get("idempotency-key");
  const now = new Date(call.started).toISOString();
  const { task, dueAt, dueZone } = await taskOf(text, identifier("tsk", call.started), now, () => zoneOf(call, user));
  const body = JSON.stringify(task);
  const location = `/api/v1/tasks/${task.id}`;
  const statements = [
    env.DB.prepare(
      `INSERT INTO tasks (id, user_id, title, description, status, priority, due, due_at,
               due_zone, duration_minutes, completed_at, source, confidence, links,
               created_at, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).bind(
      task.id,
      user,
      task.title,
      task.description,
      task.status,
      task.priority,
      task.due === null ? null : JSON.stringify(task.due),
      dueAt,
      dueZone,
      task.duration_minutes,
      task.completed_at,
      null,
      null,
      JSON.stringify(task.links),
      now,
      now,
    ),
    env.DB.prepare(
      `INSERT INTO task_search (rowid, owner, title, description)
         SELECT row, ?, ?, ? FROM tasks WHERE id = ?`,
    ).bind(user, indexText(task.title), indexText(task.description), task.id),
    env.DB.prepare("INSERT INTO outbox (id, user_id, type, data, occurred_at) VALUES (?, ?, ?, ?, ?)").bind(
      identifier("evt", call.started),
      user,
      "task.created",
      body,
      now,
    ),
  ];
  if (key !== null) statements.push(await idempotencyRecord(call, user, key, text, location, body, now));
  await batch(call, statements);
  ctx.waitUntil(notify(env, user));
  return { status: 201, body, headers: { location, etag: '"1"' } };
}

async function notify(env, user) {
  try {
    const response = await env.HUB.getByName(user).fetch(`https://hub/drain?user=${user}`);
    if (!response.ok) throw new Error(`hub answered ${response.status}`);
  } catch (error) {
    console.warn(JSON.stringify({ level: "warn", message: "hub.drain_failed", "user.id": user, error: String(error) }));
  }
}

async function zoneOf(call, user) {
  const statement = call.env.DB.prepare("SELECT time_zone FROM users WHERE id = ?").bind(user);
  const [{ results }] = await batch(call, [statement]);
  return results[0]?.time_zone ?? "UTC";
}

async function idempotencyRecord(call, user, key, text, location, body, now) {
  const request = new TextEncoder().encode(`POST /api/v1/tasks\0${text}`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", request)).toHex();
  return call.env.DB.prepare(
    `INSERT INTO idempotency_records
           (user_id, key, request_hash, status, location, etag, body, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).bind(user, key, hash, 201, location, '"1"', body, now);
}

const UNSPACED = /([\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}])/gu;

/** The text as the search index wants it: characters of scripts without spaces stand alone. */
function indexText(text) {
  return text.replace(UNSPACED, " $1 ");
}

function failed(call, error) {
  if (error instanceof Unauthenticated) return problem(call, 401, "unauthenticated");
  if (error instanceof Invalid) return problem(call, 422, error.code, error.place);
  console.error(JSON.stringify({ level: "error", message: "request.failed", error: String(error) }));
  return problem(call, 500, "internal");
}

function problem(call, status, code, pointer) {
  const body = JSON.stringify({ type: "about:blank", status, code, request_id: call.id, pointer });
  return { status, body, headers: { "content-type": "application/problem+json" } };
}
