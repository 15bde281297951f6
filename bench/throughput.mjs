// api_read, api_write and health_floor: requests a second against the peer.
//
// Both workerd processes run all the time and are asked in turn, Delegate first, in five rounds; a
// figure is the median of its rounds, and its ratio that of the two medians; `rounds` lists the ratio
// of each round, which shows how noisy the machine was. Beside requests a second stands what a request
// cost in time of the processor: other programs disturb that far less.

import { fork } from "node:child_process";
import path from "node:path";

import { fill, PEOPLE, reader, writer } from "./fixtures.mjs";
import { median } from "./statistics.mjs";
import { Running } from "./workers.mjs";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 4);
const WARM_UP_SECONDS = 2;
const CONNECTIONS = 16;

const NEW_TASK = JSON.stringify({
  title: "Send the signed contract to Ana Souza",
  description: "She needs it before the board meets; the numbers of the third quarter are in the annex.",
  priority: "high",
  duration_minutes: 30,
});

const get = (path, headers = "") => `GET ${path} HTTP/1.1\r\nhost: delegate\r\n${headers}\r\n`;
const bearer = ({ token }) => `authorization: Bearer ${token}\r\n`;
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
  const generator = fork(path.join(import.meta.dirname, "load.mjs"), { stdio: "inherit" });
  try {
    for (const kind of ["rust", "peer"]) {
      const worker = await Running.start(kind);
      workers.push(worker);
      await fill(worker.database);
    }
    for (const [name, requests] of cases) {
      const rounds = [];
      for (const worker of workers) await drive(generator, worker, requests, WARM_UP_SECONDS);
      for (let round = 1; round <= ROUNDS; round += 1) {
        progress(`${name}, round ${round} of ${ROUNDS}`);
        const results = [];
        for (const worker of workers) results.push(await drive(generator, worker, requests, SECONDS));
        rounds.push(results);
      }
      yield* figures(name, rounds);
    }
  } finally {
    generator.kill();
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

function* figures(name, rounds) {
  const column = (index, key) => median(rounds.map((results) => results[index][key]));
  const line = (suffix, key, unit) => ({
    name: `${name}${suffix}`,
    value: column(0, key),
    unit,
    peer: "JavaScript Worker",
    peer_value: column(1, key),
    ratio: column(0, key) / column(1, key),
    rounds: rounds.map(([ours, theirs]) => Number((ours[key] / theirs[key]).toFixed(3))),
  });
  yield line("", "rate", "requests/s");
  if (rounds[0][0].cpu !== undefined) yield line("_cpu", "cpu", "µs of CPU/request");
}

async function drive(generator, worker, requests, seconds) {
  const cpuBefore = await worker.cpuSeconds();
  const { hostname: host, port } = worker.url;
  const answered = new Promise((resolve, reject) => {
    generator.once("message", resolve);
    generator.once("exit", (code) => reject(new Error(`the load generator ended with ${code}`)));
  });
  generator.send({ host, port: Number(port), requests, connections: CONNECTIONS, seconds });
  const result = await answered;
  generator.removeAllListeners("exit");
  if (result.good !== result.answered) {
    throw new Error(`${worker.kind} answered otherwise than 2xx: ${JSON.stringify(result.statuses)}\n${worker.lastWords}`);
  }
  const cpuAfter = await worker.cpuSeconds();
  return {
    rate: result.answered / result.seconds,
    cpu: cpuBefore === undefined ? undefined : ((cpuAfter - cpuBefore) * 1e6) / result.answered,
  };
}
