// A request with an Idempotency-Key happens once, however often it is sent.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect } from '../support/frames.mjs';
import { EVERY_HOUR, startWorld } from '../support/harness.mjs';
import { message } from '../support/mail.mjs';
import { invalidParameter, refused } from '../support/problem.mjs';

const world = await startWorld();
const maya = await world.person();
const key = (value) => ({ headers: { 'idempotency-key': value } });
const count = (person, table = 'tasks') => world.database.count(table, 'user_id = ?', person.id);
const REPLAYED = 'idempotent-replayed';

test('a replayed creation answers the first answer and makes nothing twice', async () => {
  const before = await count(maya);
  const first = await maya.post('/tasks', { title: 'Once', due: { date: '2026-12-24' } }, key('replay'));
  assert.equal(first.status, 201, first.text);
  assert.equal(first.headers.get(REPLAYED), null);
  await maya.patch(`/tasks/${first.body.id}`, { title: 'Changed since' });
  const again = await maya.post('/tasks', { title: 'Once', due: { date: '2026-12-24' } }, key('replay'));
  assert.equal(again.status, 201);
  assert.equal(again.text, first.text, 'the first answer, to the byte');
  assert.equal(again.location, first.location);
  assert.equal(again.etag, first.etag);
  assert.equal(again.headers.get(REPLAYED), 'true');
  assert.notEqual(again.requestId, first.requestId);
  assert.equal(await count(maya), before + 1);
});

test('a replay outlives what it made', async () => {
  const first = await maya.post('/tasks', { title: 'Short-lived' }, key('outlives'));
  await maya.delete(first.location.replace('/api/v1', ''));
  const again = await maya.post('/tasks', { title: 'Short-lived' }, key('outlives'));
  assert.equal(again.text, first.text);
  assert.equal((await maya.get(`/tasks/${first.body.id}`)).status, 404);
});

test('a key that was used for another request is refused', async () => {
  const before = await count(maya);
  await maya.post('/tasks', { title: 'Mine' }, key('reused'));
  for (const body of [{ title: 'Other' }, { title: 'Mine', priority: 'high' }, '{"title": "Mine"}']) {
    refused(await maya.post('/tasks', body, key('reused')), 422, 'idempotency_key_reused');
  }
  const upload = await maya.post('/emails/import', message(), {
    headers: { 'content-type': 'message/rfc822', 'idempotency-key': 'reused' },
  });
  refused(upload, 422, 'idempotency_key_reused');
  assert.equal(await count(maya), before + 1);
  assert.equal(await count(maya, 'jobs'), 0, 'the refused upload made no job');
  const { objects } = await world.env.MAIL.list();
  assert.deepEqual(objects.map((object) => object.key), [], 'and left nothing in storage');
});

test('fifty requests at once with one key make one task and all hear of it', async () => {
  const ben = await world.person();
  const device = await connect(world, ben);
  const answers = await Promise.all(Array.from({ length: 50 }, () =>
    ben.post('/tasks', { title: 'Stampede' }, key('stampede'))));
  const statuses = new Set(answers.map((answer) => answer.status));
  assert.deepEqual([...statuses], [201], answers.find((answer) => answer.status !== 201)?.text);
  assert.equal(new Set(answers.map((answer) => answer.text)).size, 1);
  assert.equal(answers.filter((answer) => answer.headers.get(REPLAYED) === null).length, 1);
  assert.equal(await count(ben), 1);
  await ben.post('/tasks', { title: 'Marker' });
  await device.until(2);
  assert.deepEqual(device.events.map((event) => event.data.title), ['Stampede', 'Marker'], 'it is told once');
  await device.close();
});

test('fifty different bodies at once with one key make one task', async () => {
  const ben = await world.person();
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) =>
    ben.post('/tasks', { title: `Rival ${n}` }, key('rivals'))));
  assert.equal(answers.filter((answer) => answer.status === 201).length, 1);
  for (const answer of answers.filter(({ status }) => status !== 201)) refused(answer, 422, 'idempotency_key_reused');
  assert.equal(await count(ben), 1);
});

test('keys are per person', async () => {
  const [ana, bob] = [await world.person(), await world.person()];
  const [first, second] = [
    await ana.post('/tasks', { title: 'Same' }, key('shared')),
    await bob.post('/tasks', { title: 'Same' }, key('shared')),
  ];
  assert.equal(second.status, 201);
  assert.equal(second.headers.get(REPLAYED), null);
  assert.notEqual(first.body.id, second.body.id);
});

test('keys differ by every character', async () => {
  const ana = await world.person();
  const keys = ['k', 'K', 'k1', 'a key with spaces', '"quoted"', "'; DROP TABLE tasks; --", 'x'.repeat(255), 'k'.repeat(254)];
  for (const value of keys) {
    const answer = await ana.post('/tasks', { title: 'x' }, key(value));
    assert.equal(answer.status, 201, value);
    assert.equal(answer.headers.get(REPLAYED), null, value);
  }
  assert.equal(await count(ana), keys.length);
});

test('a key that can\'t be taken is named', async () => {
  const before = await count(maya);
  const empty = await world.raw('/api/v1/tasks', {
    method: 'POST',
    headers: { authorization: `Bearer ${maya.token}`, 'content-type': 'application/json', 'idempotency-key': '' },
    body: '{"title":"x"}',
  });
  invalidParameter(empty, 'Idempotency-Key', 'empty');
  for (const value of ['x'.repeat(256), 'käse', 'a\tb']) {
    invalidParameter(await maya.post('/tasks', { title: 'x' }, key(value)), 'Idempotency-Key', value);
  }
  assert.equal(await count(maya), before);
});

test('a request that was refused leaves its key free', async () => {
  refused(await maya.post('/tasks', { title: '' }, key('second try')), 422);
  const second = await maya.post('/tasks', { title: 'Better' }, key('second try'));
  assert.equal(second.status, 201);
  assert.equal(second.headers.get(REPLAYED), null);
});

test('an upload that is sent again makes no second job', async () => {
  const ana = await world.person();
  const source = message();
  const send = () => ana.post('/emails/import', source, {
    headers: { 'content-type': 'message/rfc822', 'idempotency-key': 'upload' },
  });
  const [first, ...others] = await Promise.all([send(), send(), send()]);
  for (const answer of others) assert.equal(answer.body.id, first.body.id, answer.text);
  const again = await send();
  assert.equal(again.status, 202);
  assert.equal(again.headers.get(REPLAYED), 'true');
  assert.equal(again.location, `/api/v1/jobs/${first.body.id}`);
  await ana.job(first.body.id);
  assert.equal(await count(ana, 'jobs'), 1);
  assert.equal(await count(ana, 'emails'), 1);
  const { objects } = await world.env.MAIL.list({ prefix: `uploads/${ana.id}/` });
  assert.equal(objects.length, 1, 'the uploads that were not needed are gone');
});

test('a key is forgotten after a day', async () => {
  const ana = await world.person();
  const first = await ana.post('/tasks', { title: 'Daily' }, key('daily'));
  await world.database.run(
    "UPDATE idempotency_records SET created_at = '2020-01-01T00:00:00.000Z' WHERE user_id = ?", ana.id);
  await world.scheduled(EVERY_HOUR);
  const second = await ana.post('/tasks', { title: 'Daily' }, key('daily'));
  assert.equal(second.headers.get(REPLAYED), null);
  assert.notEqual(second.body.id, first.body.id);
});
