// Functions measured against each other in one Node: all are warm, and run in turn in some rounds.
//
// A round takes the fastest of some runs of each, since what else the machine does only ever makes one
// slower; a figure is the median of its rounds, and `rounds` lists the ratio of each.

import { median } from "./statistics.mjs";

export const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const WARM_UP_MS = 400;
const ROUND_MS = 250;
const FEWEST_RUNS = 3;

/** The milliseconds of the fastest run in each round, of each function by its name. */
export async function race(runners, progress = () => {}) {
  const entries = Object.entries(runners);
  for (const [, run] of entries) fastest(run, WARM_UP_MS);
  const times = Object.fromEntries(entries.map(([name]) => [name, []]));
  for (let round = 1; round <= ROUNDS; round += 1) {
    progress(`round ${round} of ${ROUNDS}`);
    for (const [name, run] of entries) {
      times[name].push(fastest(run, ROUND_MS));
      // What one has left behind is not cleared away in the time of the next.
      globalThis.gc?.();
      await null;
    }
  }
  return times;
}

/** A figure in which less is better: the time of `ours` against that of `peer`. The ratio says how many
 * times faster ours is. */
export function faster(name, times, ours, peer, more) {
  const value = median(times[ours]);
  const peerValue = median(times[peer]);
  return {
    name,
    value,
    unit: "ms",
    peer,
    peer_value: peerValue,
    ratio: peerValue / value,
    rounds: times[ours].map((time, round) => Number((times[peer][round] / time).toPrecision(3))),
    ...more,
  };
}

/** The milliseconds of the fastest of some runs. */
export function fastest(run, forMs = ROUND_MS) {
  let best = Infinity;
  let total = 0;
  for (let runs = 0; runs < FEWEST_RUNS || total < forMs; runs += 1) {
    const started = performance.now();
    run();
    const time = performance.now() - started;
    best = Math.min(best, time);
    total += time;
  }
  return best;
}
