// What a device is told and may say.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { suite, test } from 'node:test';

import { Client } from '../support/client.mjs';
import { connect, PROTOCOL } from '../support/frames.mjs';
import { eventually, secret, startWorld } from '../support/harness.mjs';
import { ok } from '../support/mailbox.mjs';

const ORIGIN = 'https://app.example';
const SECRET = secret();
const world = await startWorld({ origins: ORIGIN, secrets: { DELEGATE_SECRET: SECRET } });

const task = async (person, title) => ok(await person.post('/tasks', { title }), 201);
const seqs = (device) => device.events.map((frame) => frame.seq);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

/** Everything that was sent to the device until now has come. */
async function settled(device) {
  const from = device.frames.length;
  device.send({ type: 'ping' });
  await device.next('pong', { from });
}

/** A device that had its greeting. */
async function device(person, options) {
  const opened = await connect(world, person, options);
  opened.hello = await opened.next('hello');
  return opened;
}

/** A person with some tasks, and what was sent of them. */
async function personWithEvents(count) {
  const person = await world.person();
  for (let n = 0; n < count; n += 1) await task(person, `Task ${n}`);
  return person;
}

/** The same person, signed in once more. */
async function anotherSession(person) {
  const credentials = { email: person.user.email, password: person.password };
  const tokens = ok(await world.anonymous().post('/auth/login', credentials));
  return new Client(world, { ...tokens, user: person.user, password: person.password });
}

suite('what a device is told', () => {
  test('the greeting says where the log stands and names the session', async () => {
    const person = await world.person();
    const first = await device(person);
    assert.equal(first.protocol, PROTOCOL);
    assert.equal(first.frames[0], first.hello);
    assert.equal(first.hello.v, 1);
    assert.equal(first.hello.seq, 0);
    assert.match(first.hello.session, /^ses_/);
    const made = await task(person, 'One');
    await first.next('task.created');
    const second = await device(person);
    assert.equal(second.hello.seq, 1);
    assert.equal(second.hello.session, first.hello.session, 'one token, one session');
    assert.deepEqual(first.events[0].data, made, 'the data of an event is the resource');
    for (const each of [first, second]) each.drop();
  });

  test('a task made by HTTP reaches every device of the person with the next number and nobody else', async () => {
    const [person, stranger] = [await personWithEvents(1), await world.person()];
    const mine = [await device(person), await device(await anotherSession(person))];
    const theirs = await device(stranger);
    await eventually(async () => (await device(person)).hello.seq === 1, { what: 'the first event' });
    const made = await task(person, 'For two devices');
    for (const one of mine) {
      const frame = await one.next((got) => got.type === 'task.created' && got.data.id === made.id);
      assert.equal(frame.v, 1);
      assert.equal(frame.seq, 2);
      assert.match(frame.id, /^evn_/);
      assert.match(frame.occurred_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.deepEqual(frame.data, made);
    }
    const foreign = await task(stranger, 'Of somebody else');
    await theirs.next((got) => got.data?.id === foreign.id);
    await Promise.all(mine.map(settled));
    assert.deepEqual(seqs(theirs), [1]);
    for (const one of mine) assert.ok(!one.events.some((frame) => frame.data.id === foreign.id));
    for (const each of [...mine, theirs]) each.drop();
  });

  test('changes and deletions are told as they were committed', async () => {
    const person = await world.person();
    const one = await device(person);
    const made = await task(person, 'To change');
    const changed = ok(await person.patch(`/tasks/${made.id}`, { status: 'completed' }));
    ok(await person.delete(`/tasks/${made.id}`), 204);
    await one.until(3);
    assert.deepEqual(one.events.map((frame) => [frame.seq, frame.type]),
      [[1, 'task.created'], [2, 'task.updated'], [3, 'task.deleted']]);
    assert.deepEqual(one.events[1].data, changed);
    assert.deepEqual(one.events[2].data, { id: made.id });
    one.drop();
  });

  test('the outbox in D1 empties when the hub has what was in it', async () => {
    const person = await personWithEvents(3);
    await eventually(async () => (await world.database.count('outbox', 'user_id = ?', person.id)) === 0,
      { what: 'the alarm clears the outbox' });
    const one = await device(person);
    assert.equal(one.hello.seq, 3, 'what was cleared is in the log');
    one.drop();
  });

  test('an event whose hub was never told arrives with the tick of the clock', async () => {
    const person = await world.person();
    const one = await device(person);
    await world.database.run(
      `INSERT INTO outbox (id, user_id, type, data, occurred_at) VALUES (?, ?, ?, ?, ?)`,
      'evn_00000000000000000000000000', person.id, 'task.updated', '{"id":"tsk_x"}',
      '2026-01-01T00:00:00.000Z');
    await settled(one);
    assert.deepEqual(seqs(one), []);
    await world.scheduled();
    const frame = await one.next('task.updated');
    assert.equal(frame.seq, 1);
    assert.deepEqual(frame.data, { id: 'tsk_x' });
    one.drop();
  });
});

suite('what a device may say', () => {
  test('resume gives everything after a number, in order, each once', async () => {
    const person = await personWithEvents(6);
    const one = await device(person);
    await eventually(async () => (await device(person)).hello.seq === 6);
    one.send({ type: 'resume', after: 2 });
    await one.until(4);
    await settled(one);
    assert.deepEqual(seqs(one), [3, 4, 5, 6]);
    const all = await device(person);
    all.send({ type: 'resume', after: 0 });
    await all.until(6);
    await settled(all);
    assert.deepEqual(seqs(all), range(1, 6));
    assert.deepEqual(all.events.slice(2), one.events, 'a frame is the same each time');
    const none = await device(person);
    none.send({ type: 'resume', after: 6 });
    await settled(none);
    assert.deepEqual(seqs(none), []);
    for (const each of [one, all, none]) each.drop();
  });

  test('a device that resumes while others write misses nothing and gets nothing twice', async () => {
    const person = await personWithEvents(5);
    const one = await device(person);
    const writing = Promise.all(range(1, 20).map((n) => task(person, `While resuming ${n}`)));
    const late = await device(person);
    late.send({ type: 'resume', after: 0 });
    await writing;
    const wanted = range(1, 25);
    await eventually(() => {
      assert.ok(seqs(late).includes(1), 'the replay has begun');
      assert.equal(late.events.at(-1)?.seq, 25);
    });
    const fromHello = seqs(late);
    // What came live before the replay began is in the replay once more, and nothing else is.
    const replayed = fromHello.slice(fromHello.indexOf(1));
    assert.deepEqual(replayed, wanted);
    for (const each of [one, late]) each.drop();
  });

  test('a device that is too far behind or ahead is told to start anew', async () => {
    const person = await personWithEvents(5);
    const one = await device(person);
    await eventually(async () => (await device(person)).hello.seq === 5);
    one.send({ type: 'resume', after: 6 });
    assert.deepEqual(await one.next('reset'), { v: 1, type: 'reset', seq: 5 });
    await settled(one);
    assert.deepEqual(seqs(one), [], 'a reset comes alone');
    one.drop();
    // The hub keeps 10,000 frames; with 10,007 the first seven are gone.
    await world.database.run(
      `INSERT INTO outbox (id, user_id, type, data, occurred_at)
       WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10002)
       SELECT printf('evn_%026d', i), ?, 'task.updated', json_object('id', i), '2026-01-01T00:00:00.000Z'
       FROM n`, person.id);
    await world.scheduled();
    const late = await device(person);
    assert.deepEqual([late.hello.seq, late.hello.oldest], [10_007, 8]);
    for (const after of [0, 6]) {
      const from = late.frames.length;
      late.send({ type: 'resume', after });
      assert.equal((await late.next('reset', { from })).seq, 10_007);
    }
    await settled(late);
    assert.deepEqual(seqs(late), []);
    late.send({ type: 'resume', after: 7 });
    await late.until(10_000);
    assert.deepEqual(seqs(late), range(8, 10_007));
    late.drop();
  });

  test('a ping is answered', async () => {
    const one = await device(await world.person());
    one.send({ type: 'ping' });
    assert.equal((await one.next('pong')).v, 1);
    one.drop();
  });

  test('what one device has read, all have, and it never goes back', async () => {
    const person = await personWithEvents(3);
    const [one, other] = [await device(person), await device(await anotherSession(person))];
    await eventually(async () => (await device(person)).hello.seq === 3);
    one.send({ type: 'read', seq: 2 });
    for (const each of [one, other]) assert.equal((await each.next('read')).seq, 2);
    const from = one.frames.length;
    other.send({ type: 'read', seq: 1 });
    assert.equal((await one.next('read', { from })).seq, 2);
    const later = await device(person);
    assert.equal(later.hello.read, 2);
    later.send({ type: 'read', seq: 4 });
    assert.equal((await later.next('error')).code, 'unknown_seq');
    for (const each of [one, other, later]) each.drop();
  });

  test('a frame that cannot be understood gets its fault told, and the socket stays open', async () => {
    const person = await world.person();
    const one = await device(person);
    const faults = [
      ['{', 'not_json'],
      ['', 'not_json'],
      [new Uint8Array([1, 2, 3]), 'not_json'],
      ['null', 'unknown_type'],
      ['[]', 'unknown_type'],
      ['"ping"', 'unknown_type'],
      [{ type: 'dance' }, 'unknown_type'],
      [{ type: 'resume' }, 'invalid_frame'],
      [{ type: 'resume', after: -1 }, 'invalid_frame'],
      [{ type: 'resume', after: 1.5 }, 'invalid_frame'],
      [{ type: 'resume', after: '1' }, 'invalid_frame'],
      [{ type: 'read', seq: 1 }, 'unknown_seq'],
      ['{"type":"resume","after":99999999999999999999}', 'invalid_frame'],
    ];
    for (const [frame, code] of faults) {
      const from = one.frames.length;
      one.send(frame);
      assert.equal((await one.next('error', { from })).code, code, String(frame));
    }
    await task(person, 'Still here');
    await one.next('task.created');
    assert.equal(one.closed, null);
    one.drop();
  });

  test('a device that talks too much is closed with 1008 and the others are not', async () => {
    const person = await world.person();
    const [loud, quiet] = [await device(person), await device(person)];
    // Not byte for byte the ping that the platform answers without waking the hub.
    for (let n = 0; n < 101; n += 1) loud.send({ type: 'ping', n });
    assert.equal((await loud.closing()).code, 1008);
    assert.equal(loud.frames.filter((frame) => frame.type === 'pong').length, 100);
    await task(person, 'For the quiet one');
    await quiet.next('task.created');
    quiet.drop();
  });

  test('a frame that is too large closes the socket with 1008', async () => {
    const person = await world.person();
    for (const frame of [
      JSON.stringify({ type: 'ping', padding: 'x'.repeat(5000) }),
      'x'.repeat(900_000),
    ]) {
      const one = await device(person);
      one.send(frame);
      assert.equal((await one.closing()).code, 1008);
    }
  });

  test('so does one of bytes', async () => {
    const one = await device(await world.person());
    one.send(Buffer.alloc(5000, 32));
    assert.equal((await one.closing({ seconds: 3 })).code, 1008);
  });

  test('a device that closes is answered with a close', async () => {
    const one = await device(await world.person());
    one.socket.close(1000);
    assert.equal((await one.closing({ seconds: 3 })).code, 1000);
  });
});

suite('the door', () => {
  const refused = async (person, options) => {
    const outcome = await connect(world, person, options).catch((refusal) => refusal);
    if (outcome.status === undefined) {
      outcome.drop?.();
      assert.fail(`the handshake was not refused: ${outcome}`);
    }
    return outcome;
  };
  const ticketOf = async (person) => ok(await person.post('/ws/tickets', undefined), 201).ticket;
  const seal = (body) => {
    const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
    const key = hmac(Buffer.from(SECRET, 'base64url'), 'delegate/ticket/v1');
    return `${body}.${hmac(key, body).toString('base64url')}`;
  };

  test('without a token, or with a wrong one, it stays shut', async () => {
    const none = await refused(null);
    assert.equal(none.status, 401);
    assert.ok(none.headers['www-authenticate']);
    const wrong = await refused(null, { headers: { authorization: 'Bearer nonsense' } });
    assert.equal(wrong.status, 401);
    const ticket = await refused(null, { ticket: 'nonsense' });
    assert.equal(ticket.status, 401);
  });

  test('pages of other origins are refused, allowed ones and programs are not', async () => {
    const person = await world.person();
    const wrong = await refused(person, { headers: { origin: 'https://evil.example' } });
    assert.equal(wrong.status, 403);
    assert.equal(wrong.body.code, 'origin_not_allowed');
    assert.equal((await refused(person, { headers: { origin: 'null' } })).status, 403);
    for (const origin of [ORIGIN, world.publicUrl]) {
      (await device(person, { headers: { origin } })).drop();
    }
  });

  test('the subprotocol must be offered, among others if need be', async () => {
    const person = await world.person();
    assert.equal((await refused(person, { protocol: null })).status, 422);
    assert.equal((await refused(person, { protocol: 'delegate.v2' })).status, 422);
    const one = await device(person, { protocol: ['delegate.v2', PROTOCOL] });
    assert.equal(one.protocol, PROTOCOL);
    one.drop();
  });

  test('without an upgrade it answers 426', async () => {
    const person = await world.person();
    const answer = await person.get('//ws/connect');
    assert.equal(answer.status, 426);
    assert.equal(answer.body.code, 'upgrade_required');
  });

  test('a ticket lets one socket in', async () => {
    const person = await world.person();
    const ticket = await ticketOf(person);
    const one = await device(null, { ticket });
    const made = await task(person, 'For the browser');
    assert.equal((await one.next('task.created')).data.id, made.id);
    assert.equal((await refused(null, { ticket })).status, 401);
    const contested = await ticketOf(person);
    const tries = await Promise.allSettled(range(1, 5).map(() => connect(world, null, { ticket: contested })));
    assert.equal(tries.filter((attempt) => attempt.status === 'fulfilled').length, 1);
    for (const attempt of tries) attempt.value?.drop();
    one.drop();
  });

  test('a used ticket stays used when the hub was evicted', async () => {
    const person = await world.person();
    const ticket = await ticketOf(person);
    (await device(null, { ticket })).drop();
    await world.evict(person.id);
    assert.equal((await refused(null, { ticket })).status, 401);
  });

  test('a ticket lives for a minute', async () => {
    const person = await world.person();
    const issued = ok(await person.post('/ws/tickets', undefined), 201);
    const life = Date.parse(issued.expires_at) - Date.now();
    assert.ok(life > 50_000 && life <= 60_000, `${life} ms`);
    const [user, session] = issued.ticket.split('.');
    const alive = seal(`${user}.${session}.${Date.now() + 5_000}.one`);
    (await device(null, { ticket: alive })).drop();
    const expired = seal(`${user}.${session}.${Date.now() - 1}.two`);
    assert.equal((await refused(null, { ticket: expired })).status, 401);
  });

  test('a ticket is good for nobody else and for nothing else', async () => {
    const [person, other] = [await world.person(), await world.person()];
    const ticket = await ticketOf(person);
    const forged = ticket.replace(person.id, other.id);
    assert.notEqual(forged, ticket);
    assert.equal((await refused(null, { ticket: forged })).status, 401);
    const client = new Client(world, { access_token: ticket, user: person.user });
    assert.equal((await client.get('/tasks')).status, 401);
    // The other's token does not make the ticket theirs.
    const one = await device(null, { ticket, headers: { authorization: `Bearer ${other.token}` } });
    const made = await task(person, 'Of the one whose ticket it is');
    assert.equal((await one.next('task.created')).data.id, made.id);
    one.drop();
  });

  test('signing out closes the sockets of that session with 4401 and leaves the others', async () => {
    const person = await world.person();
    const other = await anotherSession(person);
    const [first, second] = [await device(person), await device(person)];
    const third = await device(other);
    for (const one of [first, second]) await settled(one);
    const ticket = await ticketOf(person);
    ok(await person.post('/auth/logout', undefined), 204);
    assert.equal((await first.closing()).code, 4401);
    assert.equal((await second.closing()).code, 4401);
    const made = await task(other, 'For the session that stays');
    assert.equal((await third.next('task.created')).data.id, made.id);
    assert.equal(third.closed, null);
    third.drop();
  });

  test('neither the ticket nor the token of a session that has ended opens a socket', async () => {
    const person = await world.person();
    const ticket = await ticketOf(person);
    ok(await person.post('/auth/logout', undefined), 204);
    assert.equal((await refused(null, { ticket })).status, 401);
    assert.equal((await refused(person)).status, 401);
  });

  test('a device that never said anything hears nothing any more once it is signed out', async () => {
    const person = await world.person();
    const other = await anotherSession(person);
    const [silent, loud] = [await device(person), await device(other)];
    ok(await person.post('/auth/logout', undefined), 204);
    await eventually(async () => {
      const made = await task(other, 'After signing out');
      await loud.next((frame) => frame.data?.id === made.id);
      return !silent.events.some((frame) => frame.data.id === made.id);
    });
    const heard = silent.events.length;
    await task(other, 'Not for the one that left');
    await loud.next((frame) => frame.data?.title === 'Not for the one that left');
    assert.equal(silent.events.length, heard);
    loud.drop();
  });

  const LOST = 'workerd 1.20261117 loses a close that the server begins on a hibernatable socket '
    + 'whose device has not sent a frame yet, also from plain JavaScript';
  test('and it is closed with 4401, too', { todo: LOST }, async () => {
    const person = await world.person();
    const silent = await device(person);
    ok(await person.post('/auth/logout', undefined), 204);
    assert.equal((await silent.closing({ seconds: 2 })).code, 4401);
  });
});
