// api_read, api_write and health_floor: requests a second against the peer.
//
// Beside requests a second stands what a request cost in time of the processor: other programs disturb
// that far less.

import { fill, PEOPLE, reader, writer } from "./fixtures.mjs";
import { bearer, figures, get, inTurn, startGenerator } from "./rounds.mjs";
import { Running } from "./workers.mjs";

const NEW_TASK = JSON.stringify({
  title: "Send the signed contract to Ana Souza",
  description: "She needs it before the board meets; the numbers of the third quarter are in the annex.",
  priority: "high",
  duration_minutes: 30,
});

const read = (who) => get("/api/v1/tasks", bearer(who));
const write = (who) =>
  `POST /api/v1/tasks HTTP/1.1\r\nhost: delegate\r\n${bearer(who)}content-type: application/json\r\n` +
  `content-length: ${Buffer.byteLength(NEW_TASK)}\r\n\r\n${NEW_TASK}`;
const everybody = (person, request) => Array.from({ length: PEOPLE }, (_, n) => request(person(n)));

const CASES = {
  health_floor: { health_floor: [get("/health")] },
  api_read: { api_read: [read(reader(0))], api_read_1000_tokens: everybody(reader, read) },
  api_write: { api_write: [write(writer(0))], api_write_1000_tokens: everybody(writer, write) },
};

/** Yields the figures of these names. */
export async function* throughput(names, progress) {
  const cases = names.flatMap((name) => Object.entries(CASES[name]));
  const workers = [];
  const generator = startGenerator();
  try {
    for (const kind of ["rust", "peer"]) {
      const worker = await Running.start(kind);
      workers.push(worker);
      await fill(worker.database);
    }
    for (const [name, requests] of cases) {
      const contestants = workers.map((worker) => ({ worker, requests }));
      const rounds = await inTurn(generator, contestants, (text) => progress(`${name}, ${text}`));
      yield* figures(name, rounds, { peer: "JavaScript Worker" });
    }
  } finally {
    generator.kill();
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}
