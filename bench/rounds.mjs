// Two things measured against each other: both are there all the time and are asked in turn, in some
// rounds. A figure is the median of its rounds, and its ratio that of the two medians; `rounds` lists
// the ratio of each round, which shows how noisy the machine was.

import { fork } from "node:child_process";
import path from "node:path";

import { median } from "./statistics.mjs";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 4);
const WARM_UP_SECONDS = 2;
const CONNECTIONS = 16;

/** A request as the load generator sends it. */
export const get = (path, headers = "") => `GET ${path} HTTP/1.1\r\nhost: delegate\r\n${headers}\r\n`;
export const bearer = ({ token }) => `authorization: Bearer ${token}\r\n`;

/** The process that makes the requests; to be killed in the end. */
export const startGenerator = () => fork(path.join(import.meta.dirname, "load.mjs"), { stdio: "inherit" });

/** Asks two contestants (`worker` and the `requests` that it is sent) in turn: what each round gave. */
export async function inTurn(generator, contestants, progress) {
  for (const { worker, requests } of contestants) await drive(generator, worker, requests, WARM_UP_SECONDS);
  const rounds = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    progress(`round ${round} of ${ROUNDS}`);
    const results = [];
    for (const { worker, requests } of contestants) results.push(await drive(generator, worker, requests, SECONDS));
    rounds.push(results);
  }
  return rounds;
}

/** The figures of rounds: requests a second and, where it is known, the time of the processor. */
export function* figures(name, rounds, more) {
  const column = (index, key) => median(rounds.map((results) => results[index][key]));
  const line = (suffix, key, unit) => ({
    name: `${name}${suffix}`,
    value: column(0, key),
    unit,
    ...more,
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
