// Rules of recurring events, the same in every run: as people have them, and some as only RFC 5545 does.

import { core } from "./calendar_wasm.mjs";
import { Choices } from "./random.mjs";

const DAY = 86_400;
const ZONES = [
  "Europe/Berlin",
  "Europe/London",
  "America/New_York",
  "America/Los_Angeles",
  "America/Sao_Paulo",
  "Asia/Kathmandu",
  "Asia/Tokyo",
  "Australia/Sydney",
  "Australia/Lord_Howe",
  "UTC",
];
const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const WORKDAYS = "MO,TU,WE,TH,FR";

/** Seconds since 1970 on the wall. */
export const wall = (year, month, day) => Date.UTC(year, month - 1, day) / 1000;

/** So many rules: `{ zone, start, rule }`, `start` in seconds on the wall. Every start is an occurrence of
 * its rule, since what a start means that is none is read differently. With `endless` none ends. */
export function rules(count, { endless = false } = {}) {
  const choices = new Choices(5545);
  return Array.from({ length: count }, () => {
    const zone = choices.of(ZONES);
    const { frequency, parts } = choices.of(MIX)(choices);
    // Hours at which no clock changes, mostly.
    const time = choices.is(0.1) ? choices.number(0, 47) * 1800 : choices.number(16, 36) * 1800;
    const ends = endOf(choices);
    const rule = [`FREQ=${frequency}`, ...parts].join(";");
    const begin = frequency === "YEARLY" ? wall(2025, 1, 1) : wall(2026, 1, 1);
    const start = aligned(zone, begin + choices.number(0, 25) * DAY + time, rule);
    return { zone, start, rule: endless ? rule : `${rule}${ends}` };
  });
}

/** The first occurrence behind a start. */
function aligned(zone, start, rule) {
  const series = new core.Rule(zone, start, rule);
  // A day around, since these are instants.
  const [, second = start] = series.walls((start - DAY) * 1000, (start + 367 * DAY) * 1000);
  series.free();
  return second;
}

/** One in four ends; the last instant is one on the wall, as the peers want it. */
function endOf(choices) {
  if (choices.is(0.12)) return `;COUNT=${choices.number(3, 60)}`;
  if (choices.is(0.12)) return `;UNTIL=2026${String(choices.number(6, 12)).padStart(2, "0")}15T235959`;
  return "";
}

const interval = (choices, most) => (choices.is(0.4) ? [`INTERVAL=${choices.number(2, most)}`] : []);
const days = (choices, most) => choices.some(WEEKDAYS.slice(0, 5), choices.number(1, most)).join(",");
const nth = (choices) => `${choices.of([1, 2, 3, 4, -1, -2])}${choices.of(WEEKDAYS)}`;

const daily = (choices) => ({
  frequency: "DAILY",
  parts: choices.of([
    () => interval(choices, 5),
    () => [`BYDAY=${WORKDAYS}`],
    () => [`BYMONTH=${choices.some([1, 3, 4, 6, 9, 11], 3).join(",")}`, ...interval(choices, 3)],
    () => ["BYHOUR=9,15", "BYMINUTE=0,30", ...interval(choices, 4)],
    () => [`BYMONTHDAY=${choices.number(1, 28)},-1`],
  ])(),
});

const weekly = (choices) => ({
  frequency: "WEEKLY",
  parts: choices.of([
    () => [`BYDAY=${days(choices, 3)}`],
    () => [`BYDAY=${days(choices, 2)}`, ...interval(choices, 4)],
    () => interval(choices, 3),
    () => [`INTERVAL=2`, `WKST=SU`, `BYDAY=${choices.some(WEEKDAYS, 2).join(",")}`],
    () => [`BYDAY=${WORKDAYS}`, `BYMONTH=${choices.some([2, 5, 7, 8, 10, 12], 3).join(",")}`],
    () => [`BYDAY=${WORKDAYS}`, `BYSETPOS=${choices.of(["1", "-1", "2,4"])}`],
  ])(),
});

const monthly = (choices) => ({
  frequency: "MONTHLY",
  parts: choices.of([
    () => [`BYMONTHDAY=${choices.of(["1", "15", "-1", "31", "1,15", "13"])}`, ...interval(choices, 3)],
    () => [`BYDAY=${nth(choices)}`],
    () => [`BYDAY=${nth(choices)}`, ...interval(choices, 3)],
    () => [`BYDAY=${WORKDAYS}`, `BYSETPOS=${choices.of(["1", "-1", "2", "1,-1"])}`],
    () => ["BYDAY=FR", "BYMONTHDAY=13"],
    () => [`BYDAY=${choices.of(WEEKDAYS)}`],
  ])(),
});

const yearly = (choices) => ({
  frequency: "YEARLY",
  parts: choices.of([
    () => [`BYMONTH=${choices.number(1, 12)}`, `BYMONTHDAY=${choices.number(1, 28)}`],
    () => [`BYMONTH=${choices.some([3, 6, 9, 12], 2).join(",")}`, `BYDAY=${nth(choices)}`],
    () => [`BYYEARDAY=${choices.some([1, 50, 100, 200, 300, -1], 3).join(",")}`],
    () => [`BYWEEKNO=${choices.some([1, 10, 20, 30, 40, 52], 2).join(",")}`, `BYDAY=${choices.of(WEEKDAYS)}`],
    () => [`BYDAY=${choices.number(2, 50)}${choices.of(WEEKDAYS)}`],
    () => [`BYMONTH=1,4,7,10`, `BYDAY=${WORKDAYS}`, `BYSETPOS=${choices.of(["1", "-1", "5,-5"])}`],
  ])(),
});

const hourly = (choices) => ({
  frequency: "HOURLY",
  parts: choices.of([
    () => [`INTERVAL=${choices.of([4, 6, 8, 12])}`],
    () => [`BYHOUR=9,12,15`, `BYDAY=${days(choices, 2)}`],
    () => [`INTERVAL=2`, `BYMONTHDAY=1`],
  ])(),
});

/** What is chosen from: as many of each as people have, roughly. */
const MIX = [
  ...Array(20).fill(daily),
  ...Array(37).fill(weekly),
  ...Array(27).fill(monthly),
  ...Array(12).fill(yearly),
  ...Array(4).fill(hourly),
];
