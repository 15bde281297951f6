// recurrence and recurrence_seek: how long it takes to expand rules.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { Asked } from "./asked.mjs";
import { core } from "./calendar_wasm.mjs";
import { libraries } from "./peer/recurrence.mjs";
import { python } from "./python.mjs";
import { faster, race, ROUNDS } from "./race.mjs";
import { rules, wall } from "./rules.mjs";
import { ROOT } from "./workers.mjs";

const COUNT = 1000;
/** How many rules a library walks ten years of. */
const WALKED = 50;
const DATEUTIL = "python-dateutil";

/** Where a peer is known to be wrong by RFC 5545. A rule on which it differs from ours is left out of its
 * time and counted under one of these; if it is none of these kinds, somebody has to look. */
const FIRST_WEEK = "BYSETPOS counts the first week from its start only (3.3.10: the whole interval)";
const FAULTS = {
  "rrule.js": { [FIRST_WEEK]: /FREQ=WEEKLY;.*BYSETPOS/ },
  [DATEUTIL]: { [FIRST_WEEK]: /FREQ=WEEKLY;.*BYSETPOS/ },
  "ical.js": {
    "the last day of the month is missing in a daily rule": /FREQ=DAILY;BYMONTHDAY=.*-1/,
    "BYSETPOS of a week, or of the months of a year": /BYSETPOS/,
    "BYWEEKNO is not understood": /BYWEEKNO/,
    "the 20th Monday of a year is another": /FREQ=YEARLY;BYDAY=\d/,
  },
};

/** Yields the figures of these names. */
export async function* recurrence(names, progress) {
  if (names.includes("recurrence")) yield* year(progress);
  if (names.includes("recurrence_seek")) yield* seek(progress);
}

/** Rules with a window of some years: from, until on the wall; first, last as instants in their zones. */
function withWindow(all, fromYear, untilYear) {
  const [from, until] = [wall(fromYear, 1, 1), wall(untilYear, 1, 1)];
  const known = new Map();
  return all.map((rule) => {
    if (!known.has(rule.zone)) known.set(rule.zone, core.resolve(rule.zone, [from, until]));
    const [first, last] = known.get(rule.zone);
    return { ...rule, from, until, first, last };
  });
}

const ourInstants = ({ zone, start, rule, first, last }) => core.expand(zone, start, rule, first, last);

/** The seconds on the wall that a library finds; nothing where it fails. */
function theirWalls(library, rule) {
  try {
    return library.walls(library.expand(library.read(rule), rule.from, rule.until));
  } catch {
    return undefined;
  }
}

const agrees = (rule, ours, walls) => {
  if (walls === undefined) return false;
  const theirs = core.resolve(rule.zone, walls);
  return ours.length === theirs.length && ours.every((instant, at) => instant === theirs[at]);
};

async function* year(progress) {
  const all = withWindow(rules(COUNT), 2026, 2027);
  progress("recurrence, comparing the answers");
  const ours = all.map(ourInstants);
  for (const [peer, library] of Object.entries(libraries)) {
    const [shared, more] = common(peer, all, ours, all.map((rule) => theirWalls(library, rule)));
    const fromText = await race(
      {
        ours: () => shared.forEach(ourInstants),
        [peer]: () => shared.forEach((rule) => library.expand(library.read(rule), rule.from, rule.until)),
      },
      (text) => progress(`recurrence, ${peer}, ${text}`),
    );
    yield faster("recurrence", fromText, "ours", peer, { of: `from text, ${peer}`, ...more });
    const ourRules = shared.map(({ zone, start, rule }) => new core.Rule(zone, start, rule));
    const theirRules = shared.map(library.read);
    const read = await race(
      {
        ours: () => ourRules.forEach((rule, at) => rule.instants(shared[at].first, shared[at].last)),
        [peer]: () => theirRules.forEach((rule, at) => library.expand(rule, shared[at].from, shared[at].until)),
      },
      (text) => progress(`recurrence, ${peer}, read before, ${text}`),
    );
    yield faster("recurrence", read, "ours", peer, { of: `read before, ${peer}`, ...more });
    for (const rule of ourRules) rule.free();
  }
  yield* natively(all, ours, progress);
}

/** The rules on which a peer agrees with ours, and what is told of the others. */
function common(peer, all, ours, walls) {
  const shared = [];
  const faults = {};
  let occurrences = 0;
  all.forEach((rule, at) => {
    if (agrees(rule, ours[at], walls[at])) {
      shared.push(rule);
      occurrences += ours[at].length;
      return;
    }
    const found = Object.entries(FAULTS[peer]).find(([, kind]) => kind.test(rule.rule));
    if (found === undefined) throw new Error(`recurrence: ${peer} differs on ${JSON.stringify(rule)}`);
    faults[found[0]] = (faults[found[0]] ?? 0) + 1;
  });
  return [shared, { rules: shared.length, occurrences, left_out: all.length - shared.length, faults }];
}

/** Against Python, where there is one. */
async function* natively(all, ours, progress) {
  const { program, why } = await python("recurrence");
  if (program === undefined) {
    process.stderr.write(`recurrence: ${DATEUTIL} is left out: ${why}\n`);
    return;
  }
  const folder = await mkdtemp(path.join(tmpdir(), "delegate-rules-"));
  const write = async (name, some, fields) => {
    const file = path.join(folder, name);
    await writeFile(file, some.map((rule) => `${fields(rule).join("\t")}\n`).join(""));
    return file;
  };
  const ask = async (file) => new Asked(program, [path.join(ROOT, "bench/peer/recurrence.py"), file]);
  const asked = {};
  const onWall = ({ start, rule, from, until }) => [start, rule, from, until];
  try {
    asked.judge = await ask(await write("all", all, onWall));
    const [shared, more] = common(DATEUTIL, all, ours, JSON.parse(await asked.judge.ask("walls")));
    const instants = ({ zone, start, rule, first, last }) => [zone, start, rule, first, last];
    asked.ours = new Asked(path.join(ROOT, "target/release/recurrence"), [await write("ours", shared, instants)]);
    asked.theirs = await ask(await write("theirs", shared, onWall));
    const times = { ours: [], [DATEUTIL]: [] };
    // Of the first round nothing is kept: it warms up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      progress(`recurrence, ${DATEUTIL}, round ${round} of ${ROUNDS}`);
      const ourTime = Math.min(...(await runs(asked.ours, 10)));
      const theirTime = Math.min(...(await runs(asked.theirs, 2)));
      if (round === 0) continue;
      times.ours.push(ourTime);
      times[DATEUTIL].push(theirTime);
    }
    yield faster("recurrence", times, "ours", DATEUTIL, { of: `natively, from text, ${DATEUTIL}`, ...more });
  } finally {
    for (const program of Object.values(asked)) program.stop();
    await rm(folder, { recursive: true });
  }
}

/** The milliseconds of some runs of a program. */
async function runs(asked, number) {
  const times = [];
  for (let run = 0; run < number; run += 1) times.push(Number((await asked.ask("run")).split("\t")[0]) / 1000);
  return times;
}

/** A year ten years behind the start against the first one, of rules that don't end. The libraries, which
 * walk there, have only some of them to do. */
async function* seek(progress) {
  const all = rules(COUNT, { endless: true });
  const contestants = { Wasm: [all, ourInstants] };
  for (const [name, library] of Object.entries(libraries)) {
    const walk = (rule) => library.expand(library.read(rule), rule.from, rule.until);
    contestants[name] = [all.slice(0, WALKED), walk];
  }
  for (const [of, [some, expand]] of Object.entries(contestants)) {
    const years = { "the first year": withWindow(some, 2026, 2027), "ten years later": withWindow(some, 2036, 2037) };
    const runners = Object.entries(years).map(([name, windows]) => [name, () => windows.forEach(expand)]);
    const times = await race(Object.fromEntries(runners), (text) => progress(`recurrence_seek, ${of}, ${text}`));
    // Which is how many times faster than the other, is here how much longer it takes.
    const { value, peer_value, ...rest } = faster("recurrence_seek", times, "the first year", "ten years later", { of, rules: some.length });
    yield { ...rest, value: peer_value, peer: "the first year", peer_value: value };
  }
}
