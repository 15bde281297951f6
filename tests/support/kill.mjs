// A deployment that is killed again and again while it works.
//
// `DELEGATE_SEED=…` repeats a run's moments.

import assert from 'node:assert/strict';

import { EVERY_MINUTE } from './harness.mjs';

/** The longest time between the start of work and a kill. */
const LONGEST_MS = 500;
export const SEED = Number(process.env.DELEGATE_SEED ?? Math.floor(Math.random() * 2 ** 32));

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How far the work is, from the file of D1 while nothing runs. */
const standing = (deployment) => deployment.sqlite('d1', 'work_items', (d1) => d1.prepare(
  `SELECT (SELECT COUNT(*) FROM emails) AS stored, (SELECT COUNT(*) FROM email_analyses) AS analysed,
     (SELECT COUNT(*) FROM tasks) AS tasks, (SELECT COUNT(*) FROM work_items) AS steps,
     (SELECT COUNT(*) FROM outbox) AS outbox`).get());

/**
 * Kills workerd at random moments and starts it again on the same state, so many times. Answers how
 * often there was work left. `longestMs` is for work that is done sooner.
 */
export async function killRepeatedly(deployment, kills, t, { longestMs = LONGEST_MS } = {}) {
  t.diagnostic(`DELEGATE_SEED=${SEED}`);
  const random = randomOf(SEED);
  let inTheMiddle = 0;
  for (let kill = 1; kill <= kills; kill += 1) {
    const moment = Math.round(random() * longestMs);
    // The one pause that is no waiting for something: the moment of the kill.
    await new Promise((resume) => setTimeout(resume, moment));
    assert.ok(await deployment.kill() >= 1, 'a workerd was killed');
    const left = standing(deployment);
    t.diagnostic(`kill ${kill} after ${moment} ms: ${JSON.stringify(left)}`);
    if (left.steps > 0) inTheMiddle += 1;
    // What was claimed is left to its claimer for 15 s: let them pass, and an hour with them, so that
    // what waits is due in its order.
    deployment.sqlite('d1', 'work_items', (d1) =>
      d1.exec("UPDATE work_items SET not_before = strftime('%Y-%m-%dT%H:%M:%fZ', not_before, '-1 hour')"));
    await deployment.start();
    await deployment.tick(EVERY_MINUTE);
  }
  return inTheMiddle;
}
