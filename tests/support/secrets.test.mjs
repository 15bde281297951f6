// The net that every test file ends in: a secret that comes out is found. What is tried here by hand
// is what `startWorld` does for each file.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { takeOut } from './archive.mjs';
import { plantKey } from './credentials.mjs';
import { eventually, startWorld } from './harness.mjs';
import { ScriptedProvider } from './scripted_provider.mjs';
import { Secrets, watch } from './secrets.mjs';

const world = await startWorld({ leaks: true });
const maya = await world.person({ password: 'a password like no other' });
const anyone = world.anonymous();

const keeps = () => world.keepsItsSecrets();
const shows = (where, what) => assert.rejects(keeps(), (error) => error.message.startsWith(where) && error.actual.some((from) => what.test(from)));
/** The log has the line of a request. */
const logged = (id) => eventually(() => world.logs().some((line) => line['request.id'] === id));

test('what comes in and goes out as it should is no leak', async () => {
  const { body } = await maya.post('/users/me/api-keys', { name: 'x', scopes: ['tasks:read'] });
  await anyone.get('/tasks', { headers: { authorization: `Bearer ${body.key}` } });
  await anyone.post('/auth/refresh', { refresh_token: maya.refreshToken });
  await maya.post('/ws/tickets');
  await maya.post('/auth/invitations');
  assert.ok(world.secrets.size >= 9, `${world.secrets.size}`);
  await keeps();
});

test('a secret in an error is found', async () => {
  const id = maya.refreshToken;
  await maya.get('/nope', { headers: { 'x-request-id': id } });
  await logged(id);
  await assert.rejects(async () => world.secrets.assertNoneInErrors(), /the error of GET \/nope/);
});

test('a secret in the log is found, whoever it was given to', async () => {
  await shows('the log', /^refresh_token of POST \/auth\/register$/);
  assert.throws(() => world.clearLogs(), /the log/, 'nor does it help to forget the lines');
});

test('a secret in the database is found', async () => {
  const { body: task } = await maya.post('/tasks', { title: `my password is ${maya.password}` });
  assert.throws(() => world.secrets.assertNoneIn(maya.password, 'a text'), /a text/);
  const dump = await world.database.dump();
  assert.throws(() => world.secrets.assertNoneIn(dump, 'the database'), /the database/);
  await maya.delete(`/tasks/${task.id}`);
});

test('of a token its signature is enough, of a key its random end', async () => {
  const secrets = new Secrets();
  const key = await plantKey(world, maya.id, ['tasks:read']);
  secrets.keep(maya.token, 'token');
  secrets.keep(key.text, 'key');
  assert.throws(() => secrets.assertNoneIn(maya.token.split('.')[2], 'x'));
  assert.throws(() => secrets.assertNoneIn(key.text.slice(-43), 'x'));
  secrets.assertNoneIn(maya.token.split('.')[0], 'x');
});

test('what is sent to a provider and comes back is known', async () => {
  const secrets = new Secrets();
  const provider = await ScriptedProvider.start();
  const unwatch = watch(secrets);
  try {
    const headers = { authorization: `Basic ${Buffer.from(`${provider.clientId}:${provider.clientSecret}`).toString('base64')}` };
    await fetch(`${provider.url}/token`, { method: 'POST', headers, body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'a refresh token of theirs' }) });
    await fetch(`${provider.url}/userinfo`, { headers: { authorization: 'Bearer an-access-token-of-theirs' } });
  } finally {
    unwatch();
    await provider.close();
  }
  for (const text of [provider.clientSecret, 'a refresh token of theirs', 'an-access-token-of-theirs']) {
    assert.throws(() => secrets.assertNoneIn(`… ${text} …`, 'a text'), /a text/, text);
  }
});

test('what a person takes out has no secret of theirs or of a provider', async () => {
  const person = await world.person({ password: 'another password like no other' });
  await person.post('/users/me/api-keys', { name: 'x', scopes: ['tasks:read'] });
  const before = world.secrets.size;
  await takeOut(person);
  world.secrets.assertNoneInExports();
  assert.ok(world.secrets.size >= before);
  const { body } = await person.post('/tasks', { title: `It is ${person.password}` });
  assert.ok(body.id);
  await person.post('/users/me/export');
  await takeOut(person);
  assert.throws(() => world.secrets.assertNoneInExports(), /the archive of GET \/users\/me\/export/);
});
