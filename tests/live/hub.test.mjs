// What the hub keeps to when many write, when it is evicted, and when devices die.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { Client } from '../support/client.mjs';
import { connect } from '../support/frames.mjs';
import { eventually, startWorld } from '../support/harness.mjs';
import { ok } from '../support/mailbox.mjs';

const world = await startWorld();

const task = async (person, title) => ok(await person.post('/tasks', { title }), 201);
const seqs = (device) => device.events.map((frame) => frame.seq);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

async function settled(device) {
  const from = device.frames.length;
  device.send({ type: 'ping' });
  await device.next('pong', { from });
}

async function device(person) {
  const opened = await connect(world, person);
  opened.hello = await opened.next('hello');
  return opened;
}

async function anotherSession(person) {
  const credentials = { email: person.user.email, password: person.password };
  const tokens = ok(await world.anonymous().post('/auth/login', credentials));
  return new Client(world, { ...tokens, user: person.user, password: person.password });
}

/** Waits until the hub has given out this number. */
const reached = (person, seq) => eventually(async () => {
  const probe = await device(person);
  probe.drop();
  assert.equal(probe.hello.seq, seq);
});

suite('numbers follow the commits', () => {
  test('with a hundred writes at once by several clients, among those of others', async () => {
    const [person, other] = [await world.person(), await world.person()];
    const clients = [person, await anotherSession(person), await anotherSession(person)];
    const devices = [await device(clients[0]), await device(clients[1])];
    // The outbox forgets what the hub has, so a trigger writes the order of the commits down.
    await world.database.run('CREATE TABLE seen_commits (position INTEGER, id TEXT, user_id TEXT)');
    await world.database.run(
      `CREATE TRIGGER see_commits AFTER INSERT ON outbox BEGIN
         INSERT INTO seen_commits VALUES (NEW.position, NEW.id, NEW.user_id); END`);
    try {
      const foreign = range(1, 20).map((n) => task(other, `Other ${n}`));
      const made = await Promise.all(
        range(1, 100).map((n) => task(clients[n % clients.length], `Task ${n}`)));
      await Promise.all(foreign);
      for (const one of devices) await one.until(100);
      const commits = await world.database.all(
        'SELECT id FROM seen_commits WHERE user_id = ? ORDER BY position', person.id);
      for (const one of devices) {
        await settled(one);
        assert.deepEqual(seqs(one), range(1, 100));
        assert.deepEqual(one.events.map((frame) => frame.id), commits.map((row) => row.id));
        assert.deepEqual(new Set(one.events.map((frame) => frame.data.id)),
          new Set(made.map((each) => each.id)));
      }
    } finally {
      await world.database.run('DROP TRIGGER see_commits');
      await world.database.run('DROP TABLE seen_commits');
      for (const one of devices) one.drop();
    }
  });

  test('the changes of one task come in the order in which they were answered', async () => {
    const person = await world.person();
    const one = await device(person);
    const made = await task(person, 'Title 0');
    for (const n of range(1, 15)) ok(await person.patch(`/tasks/${made.id}`, { title: `Title ${n}` }));
    await one.until(16);
    assert.deepEqual(one.events.map((frame) => frame.data.title), range(0, 15).map((n) => `Title ${n}`));
    one.drop();
  });
});

suite('a hub that is evicted', () => {
  test('keeps its sockets when they hibernate, and no number is missing or doubled', async () => {
    const person = await world.person();
    const devices = [await device(person), await device(await anotherSession(person))];
    for (const n of range(1, 3)) await task(person, `Before ${n}`);
    for (const one of devices) await one.until(3);
    for (const round of range(1, 3)) {
      await world.evict(person.id);
      await task(person, `After eviction ${round}`);
      for (const one of devices) {
        await one.until(3 + round);
        assert.equal(one.closed, null);
      }
    }
    for (const one of devices) {
      await settled(one);
      assert.deepEqual(seqs(one), range(1, 6));
      const before = one.events.slice();
      const from = one.frames.length;
      one.send({ type: 'resume', after: 1 });
      await one.until(11);
      await settled(one);
      const replayed = one.frames.slice(from).filter((frame) => frame.id !== undefined);
      assert.deepEqual(replayed, before.slice(1), 'the log says what was said');
      one.drop();
    }
  });

  test('while events are on their way loses none of them', async () => {
    const person = await world.person();
    const one = await device(person);
    const writing = Promise.all(range(1, 40).map((n) => task(person, `Task ${n}`)));
    const evicting = (async () => {
      for (let n = 0; n < 5; n += 1) await world.evict(person.id).catch(() => {});
    })();
    await Promise.all([writing, evicting]);
    await eventually(async () => {
      await world.scheduled();
      return one.events.at(-1)?.seq === 40 || (await device(person)).hello.seq === 40;
    }, { seconds: 20 });
    const fresh = await device(person);
    fresh.send({ type: 'resume', after: 0 });
    await fresh.until(40);
    await settled(fresh);
    assert.deepEqual(seqs(fresh), range(1, 40));
    assert.equal(new Set(fresh.events.map((frame) => frame.data.id)).size, 40);
    const live = seqs(one);
    assert.deepEqual(live, live.toSorted((a, b) => a - b), 'live frames are in order');
    assert.equal(new Set(live).size, live.length, 'no live frame came twice');
    for (const each of [one, fresh]) each.drop();
  });

  test('and closes its sockets: who connects again and resumes has everything', async () => {
    const person = await world.person();
    const one = await device(person);
    await settled(one);
    await task(person, 'Before');
    await one.until(1);
    await world.evict(person.id, 'close');
    await one.closing();
    await task(person, 'Meanwhile');
    await reached(person, 2);
    const again = await device(person);
    again.send({ type: 'resume', after: 1 });
    await again.until(1);
    await task(person, 'Afterwards');
    await again.until(2);
    assert.deepEqual(again.events.map((frame) => [frame.seq, frame.data.title]),
      [[2, 'Meanwhile'], [3, 'Afterwards']]);
    again.drop();
  });

  test('remembers what was read and still ends sessions', async () => {
    const person = await world.person();
    const one = await device(person);
    await task(person, 'To read');
    await one.until(1);
    one.send({ type: 'read', seq: 1 });
    await one.next('read');
    await world.evict(person.id);
    const other = await device(person);
    assert.equal(other.hello.read, 1);
    await settled(other);
    await world.evict(person.id);
    ok(await person.post('/auth/logout', undefined), 204);
    for (const each of [one, other]) assert.equal((await each.closing()).code, 4401);
  });
});

suite('a dead device', () => {
  test('does not disturb the others, whether it vanished or stopped listening', async () => {
    const person = await world.person();
    const [vanished, deaf, alive] = [await device(person), await device(person), await device(person)];
    vanished.drop();
    deaf.socket.pause();
    for (const n of range(1, 30)) await task(person, `${n} ${'x'.repeat(200)}`);
    await alive.until(30);
    await settled(alive);
    assert.deepEqual(seqs(alive), range(1, 30));
    deaf.socket.resume();
    await deaf.until(30);
    assert.deepEqual(seqs(deaf), range(1, 30));
    for (const each of [deaf, alive]) each.drop();
  });

  test('many that come and go leave the channel as it was', async () => {
    const person = await world.person();
    const alive = await device(person);
    for (const round of range(1, 5)) {
      const crowd = await Promise.all(range(1, 10).map(() => connect(world, person)));
      for (const each of crowd) each.drop();
      await task(person, `Round ${round}`);
    }
    await alive.until(5);
    assert.deepEqual(seqs(alive), range(1, 5));
    alive.drop();
  });
});
