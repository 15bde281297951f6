// A panic in a handler resets the whole Wasm instance. What must survive it.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { connect } from '../support/frames.mjs';
import { eventually, startWorld } from '../support/harness.mjs';
import { emails, mbox, message, ok, upload } from '../support/mailbox.mjs';

const world = await startWorld();
let keys = 0;

/**
 * Makes a handler panic: the source of a message lies where no number of JavaScript reaches, and
 * the worker crate asserts that it does not.
 */
async function panic(person) {
  keys += 1;
  ok(await upload(person, message({ subject: `To panic ${keys}` }), { type: 'message/rfc822' }), 202);
  const email = await eventually(async () =>
    (await emails(person)).find(({ subject, analysis }) => subject === `To panic ${keys}` && analysis) ?? false);
  await world.database.run('UPDATE emails SET raw_offset = 9.2e18 WHERE id = ?', email.id);
  return () => person.get(`/emails/${email.id}/raw`).catch((error) => error);
}

const isPanic = (answer) => !(answer.status < 500);

/** How often Rust panicked until now, as the platform's log tells. */
const panics = () => world.logs().filter((line) => /Rust panic/.test(line.text ?? line.message)).length;

suite('after a panic in a handler', () => {
  test('the next request is served and nothing committed is lost', async () => {
    const person = await world.person();
    const made = ok(await person.post('/tasks', { title: 'Before' }), 201);
    const provoke = await panic(person);
    for (let round = 0; round < 3; round += 1) {
      const answer = await provoke();
      assert.ok(isPanic(answer), `the handler did not panic: ${answer.status} ${answer.text}`);
      assert.ok(panics() > round, 'the answer is a panic\'s');
      assert.doesNotMatch(answer.text ?? '', /panicked|unwrap|RangeError|\.rs:/, 'a 500 says nothing of its cause');
      assert.deepEqual(ok(await person.get(`/tasks/${made.id}`)), made);
      ok(await person.post('/tasks', { title: `After ${round}` }), 201);
    }
    const titles = (await person.everything('/tasks')).map((task) => task.title).toSorted();
    assert.deepEqual(titles, ['After 0', 'After 1', 'After 2', 'Before']);
  });

  test('devices keep their sockets or connect again, and no number is missing', async () => {
    const person = await world.person();
    let device = await connect(world, person);
    await device.next('hello');
    const provoke = await panic(person);
    await eventually(() => device.events.some(({ type, data }) => type === 'job.progressed' && data.status === 'succeeded'));
    const before = device.events.at(-1).seq;
    let reconnected = 0;
    const seen = [...device.events];
    for (let round = 0; round < 3; round += 1) {
      assert.ok(isPanic(await provoke()));
      ok(await person.post('/tasks', { title: `After ${round}` }), 201);
      const wanted = before + round + 1;
      await eventually(async () => {
        if (device.events.at(-1)?.seq === wanted) return true;
        await world.scheduled();
        return device.closed !== null || device.events.at(-1)?.seq === wanted;
      }, { what: `event ${wanted}, or a close` });
      if (device.closed) {
        reconnected += 1;
        device = await connect(world, person);
        await device.next('hello');
        device.send({ type: 'resume', after: seen.at(-1).seq });
        await eventually(() => device.events.at(-1)?.seq === wanted);
      }
      seen.push(...device.events.filter((frame) => frame.seq > seen.at(-1).seq));
      assert.deepEqual(seen.map((frame) => frame.seq), Array.from({ length: wanted }, (_, n) => n + 1));
    }
    const fresh = await connect(world, person);
    fresh.send({ type: 'resume', after: 0 });
    await fresh.until(before + 3);
    assert.deepEqual(fresh.events.slice(before).map((frame) => [frame.seq - before, frame.data.title]),
      [[1, 'After 0'], [2, 'After 1'], [3, 'After 2']]);
    assert.ok(reconnected <= 3);
    for (const each of [device, fresh]) each.drop();
  });

  test('requests at the same time are done or fail whole', async () => {
    const person = await world.person();
    const provoke = await panic(person);
    const outcomes = await Promise.all(Array.from({ length: 30 }, (_, n) =>
      (n % 10 === 5 ? provoke() : person.post('/tasks', { title: `At once ${n}` }).catch((error) => error))
        .then((answer) => ({ n, answer }))));
    const made = outcomes.filter(({ answer }) => answer.status === 201);
    const titles = new Set((await person.everything('/tasks')).map((task) => task.title));
    for (const { n } of made) assert.ok(titles.has(`At once ${n}`), `answered 201 and lost: ${n}`);
    ok(await person.post('/tasks', { title: 'Afterwards' }), 201);
  });

  test('an import that it interrupts is finished', async () => {
    const person = await world.person();
    const provoke = await panic(person);
    const sources = Array.from({ length: 120 }, (_, n) => message({ subject: `Interrupted ${n}` }));
    const { id } = ok(await upload(person, mbox(sources)), 202);
    for (let round = 0; round < 5; round += 1) await provoke();
    assert.ok(panics() >= 5);
    const job = await eventually(async () => {
      const now = ok(await person.get(`/jobs/${id}`));
      if (now.status === 'succeeded' || now.status === 'failed') return now;
      await world.database.run("UPDATE work_items SET not_before = '2026-01-01T00:00:00.000Z' WHERE user_id = ?", person.id);
      await world.scheduled();
      return false;
    }, { seconds: 30, every: 300 });
    assert.deepEqual([job.status, job.done, job.total, job.errors], ['succeeded', 120, 120, []]);
    const stored = await emails(person);
    assert.equal(stored.length, 121);
    for (const each of stored) assert.ok(each.analysis);
  });
});
