// A window of a calendar in JavaScript: rows become occurrences in their order, as
// core/src/calendar/window.rs makes them. Rules are expanded by rrule.js, on the wall and without its
// cache as in recurrence.mjs; zones are those of the platform, asked through @date-fns/tz and remembered.

import { tzOffset } from "@date-fns/tz";
import { RRule } from "rrule";

const DAY_MS = 86_400_000;
/** Offsets change at whole quarters of an hour. */
const CELL_MS = 900_000;
/** How many offsets are remembered of a zone. */
const MAX_CELLS = 20_000;

const known = new Map();

/** The first occurrences in a window, as somebody in a zone sees it. */
export function page(rows, window, viewer, limit) {
  const found = rows.flatMap((row) => (row.recurrence.length === 0 ? once(row, window, viewer) : series(row, window, viewer)));
  found.sort((one, other) => one.at - other.at || (one.item.id < other.item.id ? -1 : 1));
  return found.slice(0, limit).map(({ item }) => item);
}

function once(row, window, viewer) {
  const [start, end] = [timeOf(row.start, viewer), timeOf(row.end, viewer)];
  if (!isIn(start.at, end.at, window)) return [];
  return [occurrence(row, row.id, start, end, row.series_id, row.original_start)];
}

function series(row, window, viewer) {
  const zone = row.start.time_zone ?? viewer;
  const first = wallOf(row.start);
  const lengthMs = timeOf(row.end, viewer).at - timeOf(row.start, viewer).at;
  const isDay = row.start.date !== undefined;
  const days = isDay ? wallOf(row.end) - first : undefined;
  const overridden = new Set(row.overridden);
  // A day around, since these are instants.
  const from = window.start - lengthMs - DAY_MS;
  const until = Math.min(window.end, row.last_at) + DAY_MS;
  const items = [];
  for (const wall of walls(row.recurrence, first, zone, from, until)) {
    const start = isDay ? timeOf(dateOf(wall), viewer) : civil(wall, row.start.time_zone, instantOf(wall, zone));
    const end = isDay ? timeOf(dateOf(wall + days), viewer) : endOf(row.end.time_zone, start.at + lengthMs);
    const key = new Date(wall).toISOString().slice(0, isDay ? 10 : 19).replaceAll(/[-:]/g, "");
    if (isIn(start.at, end.at, window) && !overridden.has(key)) {
      items.push(occurrence(row, `${row.id}_${key}`, start, end, row.id, start.time));
    }
  }
  return items;
}

function occurrence(row, id, start, end, series, original) {
  const item = {
    id,
    start: start.time,
    end: end.time,
    recurring_event_id: series,
    original_start: original,
    recurrence: [],
    ...row.rest,
  };
  return { at: start.at, item };
}

/** What the wall shows at the occurrences of a rule between two times. */
function walls(lines, first, zone, from, until) {
  const found = new Set();
  const removed = new Set();
  for (const line of lines) {
    const [, name, zoneOfLine, value] = /^(RRULE|RDATE|EXDATE)(?:;VALUE=DATE|;TZID=([^:]*))?:(.*)$/.exec(line);
    if (name === "RRULE") {
      const options = RRule.parseString(value);
      if (options.until && value.includes("Z")) options.until = new Date(shownAt(zone, options.until.getTime()));
      const rule = new RRule({ ...options, dtstart: new Date(first) }, true);
      for (const date of rule.between(new Date(from), new Date(until), true)) found.add(date.getTime());
    } else {
      const some = name === "RDATE" ? found : removed;
      for (const one of value.split(",")) some.add(wallOfText(one, zoneOfLine, zone));
    }
  }
  return [...found].filter((wall) => !removed.has(wall));
}

/** What the wall in a zone shows at a time of a content line. */
function wallOfText(text, zoneOfLine, zone) {
  const [, year, month, day, hour = 0, minute = 0, second = 0] = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d))?/.exec(text);
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  if (text.endsWith("Z")) return shownAt(zone, wall);
  return zoneOfLine === undefined || zoneOfLine === zone ? wall : shownAt(zone, instantOf(wall, zoneOfLine));
}

/** Whether some of an event lies in a window, or it takes no time and starts in it. */
const isIn = (start, end, window) =>
  start < window.end && (end > window.start || (start === end && start === window.start));

const dateOf = (wall) => ({ date: new Date(wall).toISOString().slice(0, 10) });
const wallOf = ({ date, date_time }) => Date.parse(`${date_time ?? `${date}T00:00:00`}Z`);

/** A calendar time as answers show it, and its instant; a day begins where somebody is. */
function timeOf(time, viewer) {
  const wall = wallOf(time);
  if (time.date !== undefined) return { at: instantOf(wall, viewer), time };
  return civil(wall, time.time_zone, instantOf(wall, time.time_zone));
}

/** The end of an occurrence, by its instant. */
const endOf = (zone, at) => civil(shownAt(zone, at), zone, at);

function civil(wall, zone, at) {
  const date_time = new Date(wall).toISOString().slice(0, 19);
  return { at, time: { date_time, time_zone: zone, instant: new Date(at).toISOString() } };
}

const shownAt = (zone, instant) => instant + offset(zone, instant);

/** The instant of a time on the wall: in the gap of spring by the offset before it, and of two in autumn
 * the first (RFC 5545, 3.3.5). */
function instantOf(wall, zone) {
  const before = offset(zone, wall - DAY_MS);
  const early = wall - before;
  if (offset(zone, early) === before) return early;
  const behind = offset(zone, wall + DAY_MS);
  return offset(zone, wall - behind) === behind ? wall - behind : early;
}

/** How much later the wall is than UTC, in milliseconds. */
function offset(zone, instant) {
  let cells = known.get(zone);
  if (cells === undefined || cells.size > MAX_CELLS) {
    cells = new Map();
    known.set(zone, cells);
  }
  const cell = Math.floor(instant / CELL_MS);
  let found = cells.get(cell);
  if (found === undefined) {
    found = tzOffset(zone, new Date(cell * CELL_MS)) * 60_000;
    cells.set(cell, found);
  }
  return found;
}
