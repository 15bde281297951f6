// slots and slots_scale: how long it takes to find times to meet.

import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { core } from "./calendar_wasm.mjs";
import { people } from "./people.mjs";
import { logarithmicPlot } from "./plot.mjs";
import { faster, fastest, race } from "./race.mjs";
import { ROOT } from "./workers.mjs";

// Each is a module of its own, so that V8 does not compile one search for both kinds of times.
const { findSlots: findWithDates, dates } = await import("./peer/slots.mjs");
const { findSlots: findWithNumbers, numbers } = await import("./peer/slots.mjs?numbers");

const DATE_FNS = "date-fns";
const NUMBERS = "plain numbers";
/** How long a window of so many months is. */
const MONTHS = { 1: 30, 3: 91, 6: 182, 12: 365 };

/** Yields the figures of these names; with `plot` the second is written into docs/figures as well. */
export async function* slots(names, progress, { plot }) {
  if (names.includes("slots")) yield* against(progress);
  if (names.includes("slots_scale")) yield* scale(progress, plot);
}

/** 88 people, thirty days, 2,160 candidates, against the peer. */
async function* against(progress) {
  for (const [working_hours, of] of Object.entries({ prefer: "hours preferred", require: "hours required" })) {
    const meeting = { count: 88, required: 5, days: 30, constraints: { working_hours } };
    const found = sameAnswers(meeting);
    const plain = people(meeting);
    const [request, agendas] = [JSON.stringify(plain.request), JSON.stringify(plain.agendas)];
    const prepared = new core.Meeting(request, agendas, plain.now);
    const parsed = () => ({ request: JSON.parse(request), agendas: JSON.parse(agendas), now: plain.now });
    const more = { people: 88, candidates: 2160, busy_intervals: plain.intervals, slots: found };
    const read = await race(
      {
        ours: () => prepared.find(),
        [DATE_FNS]: () => findWithDates(plain, dates),
        [NUMBERS]: () => findWithNumbers(plain, numbers),
      },
      (text) => progress(`slots, ${of}, ${text}`),
    );
    for (const peer of [DATE_FNS, NUMBERS]) yield faster("slots", read, "ours", peer, { of: `${of}, ${peer}`, ...more });
    const texts = await race(
      { ours: () => core.find_slots(request, agendas, plain.now), [DATE_FNS]: () => findWithDates(parsed(), dates) },
      (text) => progress(`slots, ${of}, from JSON, ${text}`),
    );
    yield faster("slots", texts, "ours", DATE_FNS, { of: `${of}, from JSON, ${DATE_FNS}`, ...more });
  }
}

/** Finds the best hundred on all sides, and throws where they are not the same; how many there are. */
function sameAnswers(meeting) {
  const plain = people({ ...meeting, limit: 100 });
  const prepared = new core.Meeting(JSON.stringify(plain.request), JSON.stringify(plain.agendas), plain.now);
  const ours = shown(JSON.parse(prepared.find()).items);
  prepared.free();
  for (const [peer, items] of [
    [DATE_FNS, findWithDates(plain, dates)],
    [NUMBERS, findWithNumbers(plain, numbers)],
  ]) {
    const theirs = shown(items);
    const at = ours.findIndex((slot, index) => slot !== theirs[index]);
    if (at !== -1 || ours.length !== theirs.length || ours.length === 0) {
      throw new Error(`slots: ${ours.length} of ours, ${theirs.length} with ${peer}; number ${at}: ${ours[at]}, ${theirs[at]}`);
    }
  }
  return ours.length;
}

const shown = (items) =>
  items.map(({ start, end, score, missing_optional }) =>
    JSON.stringify([start, end, score, missing_optional.map(({ user_id, code }) => [user_id, code])]),
  );

/** Up to a thousand people and a year: time against the busy intervals that are looked at. */
async function* scale(progress, plot) {
  const measured = [];
  for (const count of [10, 100, 1000]) {
    for (const [months, days] of Object.entries(MONTHS)) {
      const of = `${count} people, ${months} month${months === "1" ? "" : "s"}`;
      progress(`slots_scale, ${of}`);
      const plain = people({ count, required: Math.min(5, count), days, constraints: { working_hours: "prefer" } });
      const prepared = new core.Meeting(JSON.stringify(plain.request), JSON.stringify(plain.agendas), plain.now);
      const value = fastest(() => prepared.find(), 500);
      prepared.free();
      const { intervals } = plain;
      measured.push({ count, months, days, intervals, value });
      const candidates = days * 72;
      yield { name: "slots_scale", value, unit: "ms", of, candidates, busy_intervals: intervals, ns_per_interval: Math.round((value * 1e6) / intervals) };
    }
  }
  if (plot) await write(measured);
}

async function write(measured) {
  const folder = path.join(ROOT, "docs/figures");
  await mkdir(folder, { recursive: true });
  const points = (wanted) => measured.filter(({ count }) => count === wanted).map(({ intervals, value }) => [intervals, value]);
  const picture = logarithmicPlot({
    title: "Finding times to meet",
    x: "busy intervals",
    y: "milliseconds",
    series: [10, 100, 1000].map((count) => ({ name: `${count} people`, points: points(count) })),
  });
  await writeFile(path.join(folder, "slots_scale.svg"), picture);
  const number = (value) => value.toLocaleString("en-US", { maximumSignificantDigits: value < 100 ? 3 : 15, maximumFractionDigits: 0 });
  const rows = measured.map(({ count, months, days, intervals, value }) => {
    const cells = [count, months, days * 72, intervals].map(number);
    return `| ${[...cells, value.toFixed(value < 10 ? 2 : 0), ((value * 1e6) / intervals).toFixed(0)].join(" | ")} |`;
  });
  const text = [
    "# Finding times to meet: what the time grows with",
    "",
    "Written by `cargo xtask bench slots_scale --plot`: ours in Wasm under Node's V8, from people that are read to the JSON of the ten best slots. Five must come, the others need not; candidates are every twenty minutes, working hours are preferred.",
    "",
    "![time against busy intervals](slots_scale.svg)",
    "",
    "| people | months | candidates | busy intervals | ms | ns per interval |",
    "| ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
    "",
  ];
  await writeFile(path.join(folder, "slots_scale.md"), text.join("\n"));
}
