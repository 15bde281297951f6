// API keys: shown once, hashed at rest, good for what they say until they say or somebody says so.
// That each operation asks for its scope is in matrix.test.mjs.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hashed } from '../support/credentials.mjs';
import { connect } from '../support/frames.mjs';
import { eventually, startWorld } from '../support/harness.mjs';
import { invalidAt, refused } from '../support/problem.mjs';

const world = await startWorld();
const maya = await world.person({ name: 'Maya' });
const anyone = world.anonymous();
const KEY = /^dlk_[0-9a-hjkmnp-tv-z]{26}_[0-9a-hjkmnp-tv-z]{26}_[A-Za-z0-9_-]{43}$/;
const bearer = (key) => ({ headers: { authorization: `Bearer ${key}` } });
const make = async (person, input = {}) => {
  const answer = await person.post('/users/me/api-keys', { name: 'A program', scopes: ['tasks:read', 'account:read'], ...input });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
};
const me = (key) => anyone.get('/users/me', bearer(key));

test('a key is shown when it is made and never again', async () => {
  const answer = await maya.post('/users/me/api-keys', { name: '  Backup of täsks ', scopes: ['tasks:read', 'live', 'tasks:read'], expires_at: '2099-01-01T00:00:00Z' });
  assert.equal(answer.status, 201, answer.text);
  const { key, id, created_at, updated_at, ...rest } = answer.body;
  assert.match(key, KEY);
  assert.deepEqual(rest, { name: 'Backup of täsks', scopes: ['tasks:read', 'live'], expires_at: '2099-01-01T00:00:00.000Z', last_used_at: null });
  assert.equal(answer.location, `/api/v1/users/me/api-keys/${id}`);
  assert.match(answer.headers.get('cache-control'), /no-store/);
  const read = await maya.get(`/users/me/api-keys/${id}`);
  assert.deepEqual(read.body, { id, created_at, updated_at, ...rest });
  const [listed] = (await maya.get('/users/me/api-keys')).body.items;
  assert.deepEqual(listed, read.body);
  const secret = key.slice(-43);
  for (const text of [read.text, (await maya.get('/users/me/api-keys')).text, (await maya.get('/users/me/audit')).text]) {
    assert.ok(!text.includes(secret) && !text.includes(hashed(key)));
  }
});

test('a key is nowhere in the database but as its hash', async () => {
  const { key, id } = await make(maya);
  assert.equal((await world.database.first('SELECT key_hash FROM api_keys WHERE id = ?', id)).key_hash, hashed(key));
  assert.equal((await me(key)).status, 200);
  const tables = await world.database.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'");
  for (const { name } of tables) {
    assert.ok(!JSON.stringify(await world.database.all(`SELECT * FROM "${name}"`)).includes(key.slice(-43)), name);
  }
});

test('a key that can\'t be is not made', async () => {
  const before = await world.database.count('api_keys');
  const wrong = (input, pointers) => maya.post('/users/me/api-keys', input).then((answer) => invalidAt(answer, pointers, JSON.stringify(input)));
  await wrong({ scopes: ['tasks:read'] }, '');
  await wrong({ name: ' ', scopes: ['tasks:read'] }, '/name');
  await wrong({ name: 'x'.repeat(101), scopes: ['tasks:read'] }, '/name');
  await wrong({ name: 'x', scopes: [] }, '/scopes');
  await wrong({ name: 'x' }, '');
  for (const scope of ['tasks', 'tasks:delete', 'session', 'owner', '*', 'TASKS:READ', '']) {
    refused(await maya.post('/users/me/api-keys', { name: 'x', scopes: [scope] }), 422, undefined, scope);
  }
  for (const expires_at of ['2020-01-01T00:00:00Z', 'tomorrow', '2099-01-01']) {
    await wrong({ name: 'x', scopes: ['tasks:read'], expires_at }, '/expires_at');
  }
  refused(await maya.post('/users/me/api-keys', { name: 'x', scopes: ['tasks:read'], key: 'dlk_mine' }), 422);
  assert.equal(await world.database.count('api_keys'), before);
});

test('asking twice makes two keys, whatever the Idempotency-Key', async () => {
  const ask = () => maya.post('/users/me/api-keys', { name: 'x', scopes: ['tasks:read'] }, { headers: { 'idempotency-key': 'once' } });
  const [one, two] = [await ask(), await ask()];
  assert.deepEqual([one.status, two.status], [201, 201], `${one.text} ${two.text}`);
  assert.notEqual(one.body.key, two.body.key);
  assert.equal(two.headers.get('idempotent-replayed'), null);
  assert.equal(await world.database.count('idempotency_records', 'user_id = ?', maya.id), 0, 'the answer is kept nowhere');
});

test('a key expires', async () => {
  const { key } = await make(maya, { expires_at: new Date(Date.now() + 1500).toISOString() });
  assert.equal((await me(key)).status, 200);
  await eventually(async () => (await me(key)).status === 401, { seconds: 5, every: 100, what: 'the key expires' });
  refused(await me(key), 401, 'unauthenticated');
});

test('a text that is not quite a key is none', async () => {
  const { key } = await make(maya);
  const other = await make(maya);
  const last = key.at(-1);
  for (const text of [key.slice(0, -1), `${key}x`, key.slice(0, -1) + (last === 'A' ? 'B' : 'A'), key.toUpperCase(), key.replace('dlk_', 'dlk-'),
    `${key.slice(0, 58)}${other.key.slice(58)}`, `${key.slice(0, -43)}${'A'.repeat(43)}`, 'dlk_', `dlk_${'_'.repeat(100)}`, `${key} ${key}`, `dlk_${'x'.repeat(10_000)}`]) {
    refused(await me(text), 401, 'unauthenticated', text.slice(0, 120));
  }
  assert.equal((await anyone.get('/users/me', { headers: { authorization: `bearer  ${key} ` } })).status, 200, 'the scheme has no case');
  refused(await anyone.get('/users/me', { headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` } }), 401);
  refused(await anyone.get(`/users/me?access_token=${key}`), 401);
});

test('a key is a key and nothing else', async () => {
  const { key } = await make(maya, { scopes: ['live', 'tasks:read'] });
  refused(await anyone.post('/auth/refresh', { refresh_token: key }), 401, 'invalid_refresh_token');
  refused(await anyone.post('/auth/login', { email: maya.user.email, password: key }), 401, 'invalid_credentials');
  await assert.rejects(connect(world, null, { ticket: key }), { status: 401 });
});

test('the last use of a key is to be seen', async () => {
  const { key, id } = await make(maya);
  const used = async () => (await maya.get(`/users/me/api-keys/${id}`)).body.last_used_at;
  assert.equal(await used(), null);
  const before = new Date().toISOString();
  assert.equal((await me(key)).status, 200);
  const first = await used();
  assert.ok(first >= before && first <= new Date().toISOString(), first);
  assert.equal((await me(key)).status, 200);
  assert.equal(await used(), first, 'and is written once a minute at most');
});

test('a use that was refused is no use, and hides none', async () => {
  const { key, id } = await make(maya, { scopes: ['account:read'] });
  refused(await anyone.get('/tasks', bearer(key)), 403, 'insufficient_scope');
  assert.equal((await maya.get(`/users/me/api-keys/${id}`)).body.last_used_at, null);
  assert.equal((await me(key)).status, 200);
  assert.notEqual((await maya.get(`/users/me/api-keys/${id}`)).body.last_used_at, null, 'the use after it is told');
});

test('a key that is revoked opens nothing from its next request on, and its sockets close', async () => {
  const person = await world.person();
  const { key, id } = await make(person, { scopes: ['live', 'account:read'] });
  const device = await connect(world, { token: key });
  await device.next('hello');
  device.send({ type: 'resume', after: 0 });
  assert.equal((await me(key)).status, 200);
  assert.equal((await person.delete(`/users/me/api-keys/${id}`)).status, 204);
  refused(await me(key), 401, 'unauthenticated');
  assert.equal((await device.closing()).code, 4401);
  await assert.rejects(connect(world, { token: key }), { status: 401 });
  refused(await person.get(`/users/me/api-keys/${id}`), 404);
  refused(await person.delete(`/users/me/api-keys/${id}`), 404);
  const actions = (await person.get('/users/me/audit')).body.items.map(({ action, object }) => [action, object]);
  assert.deepEqual(actions.filter(([, object]) => object === id), [['api_key.revoked', id], ['api_key.created', id]]);
});

test('a key with the live channel hears what happens', async () => {
  const person = await world.person();
  const { key } = await make(person, { scopes: ['live'] });
  const device = await connect(world, { token: key });
  const { body: task } = await person.post('/tasks', { title: 'Heard' });
  assert.equal((await device.next('task.created')).data.id, task.id);
  await device.close();
});

test('a ticket is for browsers, which have sessions: a key gets none', async () => {
  const { key } = await make(await world.person(), { scopes: ['live'] });
  refused(await anyone.post('/ws/tickets', undefined, bearer(key)), 403, 'insufficient_scope');
});

test('the sockets of a key close when it expires', async () => {
  const person = await world.person();
  const { key } = await make(person, { scopes: ['live'], expires_at: new Date(Date.now() + 1_500).toISOString() });
  const device = await connect(world, { token: key });
  await device.next('hello');
  device.send({ type: 'resume', after: 0 });
  await new Promise((resolve) => setTimeout(resolve, 1_600));
  await person.post('/tasks', { title: 'Not heard' });
  assert.equal((await device.closing()).code, 4401);
});

test('what a key did stays when the session that made it ends', async () => {
  const person = await world.person();
  const { key } = await make(person);
  assert.equal((await person.post('/auth/logout')).status, 204);
  assert.equal((await me(key)).status, 200);
});

test('a key of an account that is gone opens nothing', async () => {
  const person = await world.person();
  const { key } = await make(person);
  assert.equal((await me(key)).status, 200);
  await world.database.run("UPDATE users SET erasing_at = '2026-01-01T00:00:00.000Z' WHERE id = ?", person.id);
  refused(await me(key), 401, 'unauthenticated', 'while it is being erased');
  await world.database.run('DELETE FROM users WHERE id = ?', person.id);
  refused(await me(key), 401, 'unauthenticated');
});

test('a person has at most fifty keys, and their list has pages', async () => {
  const person = await world.person();
  const answers = await Promise.all(Array.from({ length: 54 }, (_, n) => person.post('/users/me/api-keys', { name: `${n}`, scopes: ['tasks:read'] })));
  assert.equal(answers.filter(({ status }) => status === 201).length, 50);
  for (const answer of answers.filter(({ status }) => status !== 201)) refused(answer, 409, 'too_many_api_keys');
  const listed = await person.everything('/users/me/api-keys', 7);
  assert.equal(listed.pages, 8);
  assert.deepEqual(listed.map(({ id }) => id), listed.map(({ id }) => id).sort().reverse(), 'newest first');
  assert.equal(new Set(listed.map(({ id }) => id)).size, 50);
  const entries = await person.everything('/users/me/audit?action=api_key.created');
  assert.equal(entries.length, 50, 'what was refused was not done');
  assert.equal((await maya.get(`/users/me/api-keys?cursor=${(await person.get('/users/me/api-keys?limit=1')).body.next_cursor}`)).status, 422);
  assert.equal((await person.delete(`/users/me/api-keys/${listed[0].id}`)).status, 204);
  assert.equal((await person.post('/users/me/api-keys', { name: 'Room', scopes: ['tasks:read'] })).status, 201);
});

test('a key can\'t make a key, and a session can\'t be had for one', async () => {
  const { key } = await make(maya, { scopes: ['account:read', 'account:write'] });
  refused(await anyone.post('/users/me/api-keys', { name: 'x', scopes: ['tasks:write'] }, bearer(key)), 403, 'insufficient_scope');
  refused(await anyone.get('/users/me/sessions', bearer(key)), 403, 'insufficient_scope');
});
