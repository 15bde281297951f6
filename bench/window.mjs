// calendar_window: what takes place in a month, of a calendar with many events, against the peer.

import { Client } from "./client.mjs";
import { fill, reader } from "./fixtures.mjs";
import { icsFile } from "./ics_file.mjs";
import { bearer, figures, get, inTurn, startGenerator } from "./rounds.mjs";
import { Running } from "./workers.mjs";

const EVENTS = 10_000;
/** Fifteen years: a month fits into one page. */
const FILE = { count: EVENTS, days: 15 * 365, repeats: 0.002 };
const MONTH = "/api/v1/calendar/events?start=2033-03-01T00:00:00Z&end=2033-04-01T00:00:00Z&expand=true&limit=100";
const MAX_TEXT = 1_000_000;

/** Yields the figure: requests a second, and what a request costs. */
export async function* window(_, progress) {
  const workers = [];
  const generator = startGenerator();
  try {
    for (const kind of ["rust", "peer"]) {
      const worker = await Running.start(kind);
      workers.push(worker);
      await fill(worker.database);
    }
    const [ours, theirs] = workers;
    progress("calendar_window, importing the events");
    const rows = await imported(ours);
    await copy("calendars", ours, theirs);
    await copy("calendar_events", ours, theirs);
    progress("calendar_window, comparing the answers");
    const found = await sameAnswers(workers);
    const requests = [get(MONTH, bearer(reader(0)))];
    const contestants = workers.map((worker) => ({ worker, requests }));
    const rounds = await inTurn(generator, contestants, (text) => progress(`calendar_window, ${text}`));
    yield* figures("calendar_window", rounds, { peer: "JavaScript Worker", events: rows, ...found });
  } finally {
    generator.kill();
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

/** Has Delegate import a file; how many rows that gave. */
async function imported(worker) {
  const { bytes, events } = icsFile(FILE);
  const client = new Client(worker.url, reader(0).token);
  const { json } = await client.ask("POST", "/api/v1/calendar/import", bytes, { "content-type": "text/calendar" });
  const job = await client.finish(json.id);
  const { results } = await worker.database.prepare("SELECT COUNT(*) AS number FROM calendar_events").run();
  const [{ number }] = results;
  if (job.status !== "succeeded" || number !== events) {
    throw new Error(`calendar_window: ${number} of ${events} events were imported: ${JSON.stringify(job)}`);
  }
  return number;
}

/** Puts the rows of a table into the other's database as they are. */
async function copy(table, from, to) {
  const { results } = await from.database.prepare(`SELECT * FROM ${table}`).run();
  const names = Object.keys(results[0]);
  const insert = to.database.prepare(
    `INSERT INTO ${table} (${names.join(", ")})
     SELECT ${names.map((name) => `value ->> '$.${name}'`).join(", ")} FROM json_each(?)`,
  );
  for (let at = 0; at < results.length; ) {
    const part = [];
    for (let length = 0; at < results.length && length < MAX_TEXT; at += 1) {
      part.push(results[at]);
      length += JSON.stringify(results[at]).length;
    }
    await insert.bind(JSON.stringify(part)).run();
  }
}

/** Asks both for the month, and throws where they do not answer the same on one page and with one round
 * trip each; how much is found. */
async function sameAnswers(workers) {
  const answers = [];
  for (const { kind, url } of workers) {
    const client = new Client(url, reader(0).token);
    const { headers, json, text } = await client.ask("GET", MONTH);
    const trips = /round trips: (\d+)/.exec(headers.get("server-timing"))?.[1];
    if (trips !== "1") throw new Error(`calendar_window: ${trips} round trips of ${kind}`);
    answers.push({ json, bytes: Buffer.byteLength(text) });
  }
  const [ours, theirs] = answers.map(({ json }) => json);
  const at = ours.items.findIndex((item, number) => JSON.stringify(item) !== JSON.stringify(theirs.items[number]));
  if (at !== -1 || ours.items.length !== theirs.items.length || ours.next_cursor !== null) {
    throw new Error(`calendar_window: number ${at}: ${JSON.stringify([ours.items[at], theirs.items[at]])}; ${ours.next_cursor}`);
  }
  const occurrences = ours.items.filter(({ recurring_event_id }) => recurring_event_id !== null).length;
  if (occurrences === 0) throw new Error("calendar_window: no occurrence of a series");
  return { items: ours.items.length, occurrences, bytes: answers[0].bytes };
}
