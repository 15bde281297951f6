// People who are to meet, with their hours and their busy time: a request and agendas, in the form in
// which the Worker has them (the body of `POST /api/v1/calendar/slots`, and what D1 answers).

import { TZDate } from "@date-fns/tz";

import { Choices } from "./random.mjs";
import { identifier } from "./tokens.mjs";

export const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

// A company with its head office in Europe; some are far away.
const ZONES = [
  ...Array(6).fill("Europe/Berlin"),
  ...Array(3).fill("Europe/London"),
  ...Array(4).fill("America/New_York"),
  ...Array(2).fill("America/Los_Angeles"),
  ...Array(2).fill("Asia/Kolkata"),
  "America/Sao_Paulo",
  "Asia/Tokyo",
  "Australia/Sydney",
];
/** Who must come is near enough to have hours in common. */
const NEAR_ZONES = ["Europe/Berlin", "Europe/London"];

const MO_FR = ["MO", "TU", "WE", "TH", "FR"];
const week = (days, start, end) => ({ days, start, end });
const WEEKS = [
  [week(MO_FR, "09:00", "17:00")],
  [week(MO_FR, "08:00", "16:30")],
  [week(MO_FR, "10:00", "18:00")],
  [week(["MO", "TU", "WE", "TH"], "08:30", "17:30")],
  [week(["MO", "TU", "TH"], "09:00", "17:00"), week(["WE"], "09:00", "12:30")],
  [week(MO_FR, "09:00", "12:00"), week(MO_FR, "13:00", "18:00")],
];

/** So many people with so many days of busy time, of whom `required` must come: `{ request, agendas, now,
 * intervals }`. The window begins on 1 March 2027 in Berlin; the clocks of America and Europe change
 * within its first thirty days. */
export function people({ count, required, days, constraints, limit = 10 }) {
  const choices = new Choices(20270301 + count);
  const start = new TZDate(2027, 2, 1, 0, 0, "Europe/Berlin").getTime();
  const request = {
    duration_minutes: 30,
    // Every twenty minutes, 72 a day: the last slot that ends within the window is number 72 × days.
    window: { start: iso(start), end: iso(start + days * DAY_MS + 10 * MINUTE_MS) },
    time_zone: "Europe/Berlin",
    step_minutes: 20,
    limit,
    constraints,
    attendees: Array.from({ length: count }, (_, n) => ({ user_id: identifier("usr", n), required: n < required })),
  };
  const agendas = Array.from({ length: count }, (_, n) => agenda(n, n < required, start, days, choices));
  const intervals = agendas.reduce((sum, { timed, holds, absences }) => sum + timed.length + holds.length + absences.length, 0);
  return { request, agendas, now: start - 3 * DAY_MS, intervals };
}

const iso = (instant) => new Date(instant).toISOString();

function agenda(n, isRequired, start, days, choices) {
  const zone = isRequired ? NEAR_ZONES[n % NEAR_ZONES.length] : choices.of(ZONES);
  const { timed, holds } = busy(zone, start, days, choices);
  return {
    user_id: identifier("usr", n),
    name: `Person ${n}`,
    time_zone: zone,
    revision: 1,
    timed,
    others: [],
    holds,
    absences: absences(n, start, days, choices),
    hours: hours(choices),
  };
}

/** Two to four meetings on a working day, in the hours of the person, and now and then one outside. */
function busy(zone, start, days, choices) {
  const timed = [];
  const holds = [];
  for (let day = -2; day < days + 2; day += 1) {
    const { noon, isWorkday } = dayOf(zone, start + day * DAY_MS + DAY_MS / 2);
    const meetings = isWorkday ? choices.number(2, 4) : Number(choices.is(0.05));
    for (let n = 0; n < meetings; n += 1) {
      const quarter = choices.number(isWorkday ? 35 : 48, 68);
      // No clock changes between nine o'clock and noon.
      const from = noon + (quarter * 15 - 720) * MINUTE_MS;
      const until = from + choices.of([30, 30, 30, 45, 60, 60, 90]) * MINUTE_MS;
      if (choices.is(0.03)) holds.push([from, until]);
      else timed.push([choices.is(0.15) ? "tentative" : "busy", from, until]);
    }
  }
  timed.sort(([, one], [, other]) => one - other);
  return { timed, holds };
}

const known = new Map();

/** Noon of the day of an instant somewhere, and whether people work there on that day. */
function dayOf(zone, instant) {
  const key = `${zone} ${instant}`;
  if (!known.has(key)) {
    const date = new TZDate(instant, zone);
    const noon = new TZDate(date.getFullYear(), date.getMonth(), date.getDate(), 12, zone).getTime();
    known.set(key, { noon, isWorkday: date.getDay() % 6 !== 0 });
  }
  return known.get(key);
}

/** One in six is out of office for some days. */
function absences(n, start, days, choices) {
  if (!choices.is(1 / 6)) return [];
  const first = start + choices.number(0, days - 5) * DAY_MS + DAY_MS / 2;
  const date = (instant) => ({ date: iso(instant).slice(0, 10) });
  const at = iso(start - 30 * DAY_MS);
  return [
    {
      id: identifier("abs", n),
      kind: "out_of_office",
      start: date(first),
      end: date(first + choices.number(1, 5) * DAY_MS),
      time_zone: null,
      note: null,
      created_at: at,
      updated_at: at,
    },
  ];
}

/** The document of a person: one in five never wrote one. */
function hours(choices) {
  if (choices.is(0.2)) return null;
  const document = { working_hours: choices.of(WEEKS) };
  if (choices.is(0.6)) document.lunch = { start: "11:30", end: "14:00", minutes: choices.of([30, 45]) };
  if (choices.is(0.4)) document.focus_time = [week(choices.some(MO_FR, 2), "09:00", "11:00")];
  if (choices.is(0.3)) document.preferred_times = [week(MO_FR, "13:00", "17:00")];
  if (choices.is(0.3)) document.buffers = { default: { before_minutes: 5, after_minutes: 10 } };
  if (choices.is(0.25)) document.daily_limit = { meetings: choices.number(3, 4), minutes: null };
  return document;
}
