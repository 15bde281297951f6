// The audit trail: who did what to what, from where, on whose behalf; nothing of it changes.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { actingFor, headersOf, plantDelegation, plantKey } from '../support/credentials.mjs';
import { startWorld } from '../support/harness.mjs';
import { identifier } from '../support/operations.mjs';
import { invalidParameter, refused } from '../support/problem.mjs';
import { opened } from '../support/tokens.mjs';

const world = await startWorld();
const maya = await world.person({ name: 'Maya' });
const anyone = world.anonymous();
const brief = ({ user }) => ({ id: user.id, name: user.name, email: user.email });

test('what somebody does about their account is on record, with who, by what and from where', async () => {
  const agent = { headers: { 'user-agent': 'maya-browser/1' } };
  const session = opened(maya.token)[1].sid;
  const { body: key } = await maya.post('/users/me/api-keys', { name: 'Backup', scopes: ['tasks:read'] }, agent);
  await maya.delete(`/users/me/api-keys/${key.id}`, agent);
  await maya.post('/auth/invitations', undefined, agent);
  const entries = (await maya.everything('/users/me/audit')).slice(0, 3).reverse();
  assert.deepEqual(entries.map(({ action }) => action), ['api_key.created', 'api_key.revoked', 'invitation.created']);
  for (const entry of entries) {
    assert.deepEqual(entry.actor, brief(maya));
    assert.deepEqual([entry.via, entry.via_id, entry.on_behalf_of, entry.user_agent], ['session', session, null, 'maya-browser/1']);
    assert.notEqual(entry.address, '');
    assert.equal(entry.updated_at, entry.created_at);
  }
  assert.equal(entries[0].object, key.id);
  assert.deepEqual(entries[0].detail, { name: 'Backup', scopes: ['tasks:read'], expires_at: null });
});

test('signing up, in and out are on record', async () => {
  const person = await world.person();
  const login = await anyone.post('/auth/login', { email: person.user.email, password: person.password }, { headers: { 'user-agent': 'other/1' } });
  await anyone.post('/auth/logout', undefined, { headers: { authorization: `Bearer ${login.body.access_token}`, 'user-agent': 'other/1' } });
  const entries = (await person.everything('/users/me/audit')).reverse();
  const own = entries.filter(({ user_agent }) => user_agent === 'other/1');
  assert.deepEqual(own.map(({ action }) => action), ['session.opened', 'session.closed']);
  for (const { via_id } of own) assert.equal(via_id, opened(login.body.access_token)[1].sid);
  assert.equal(entries[0].action, 'account.registered');
});

test('the trail is read newest first, in pages, one kind at a time if so asked', async () => {
  const person = await world.person();
  for (let n = 0; n < 12; n += 1) await person.post('/users/me/api-keys', { name: `${n}`, scopes: ['tasks:read'] });
  const all = await person.everything('/users/me/audit', 5);
  assert.deepEqual(all.map(({ id }) => id), all.map(({ id }) => id).sort().reverse());
  const made = await person.everything('/users/me/audit?action=api_key.created', 5);
  assert.deepEqual(made.map(({ detail }) => detail.name), Array.from({ length: 12 }, (_, n) => `${11 - n}`));
  assert.deepEqual((await person.get('/users/me/audit?action=nothing.known')).body.items, []);
  invalidParameter(await person.get('/users/me/audit?colour=red'), 'colour');
  const { next_cursor } = (await person.get('/users/me/audit?limit=1')).body;
  invalidParameter(await person.get(`/users/me/audit?cursor=${next_cursor}&action=api_key.created`), 'cursor');
  invalidParameter(await maya.get(`/users/me/audit?cursor=${next_cursor}`), 'cursor');
});

test('a trail is its person\'s alone', async () => {
  const person = await world.person();
  await person.post('/users/me/api-keys', { name: 'Mine', scopes: ['tasks:read'] });
  for (const entry of await maya.everything('/users/me/audit')) assert.notEqual(entry.actor?.id, person.id);
  await plantDelegation(world, person.id, maya.id, ['account:read']);
  refused(await anyone.get('/users/me/audit', { headers: actingFor(person.id, headersOf(maya)) }), 403);
  refused(await anyone.get('/users/me/audit', { headers: (await plantKey(world, person.id, ['account:read'])).headers }), 403);
});

test('no entry can be changed or taken away while its account is there', async () => {
  const person = await world.person();
  await person.post('/users/me/api-keys', { name: 'Mine', scopes: ['tasks:read'] });
  const before = await person.everything('/users/me/audit');
  const { id } = before[0];
  for (const change of ["action = 'x'", "object = 'x'", "detail = '{\"x\":1}'", "created_at = '2020-01-01T00:00:00.000Z'", "via = 'x'", "id = 'aud_x'",
    `user_id = '${maya.id}'`, `actor_id = '${maya.id}'`, "address = 'x'", "user_agent = 'x'", "via_id = 'x'"]) {
    await assert.rejects(world.database.run(`UPDATE audit_entries SET ${change} WHERE id = ?`, id), /not changed/, change);
  }
  await assert.rejects(world.database.run('DELETE FROM audit_entries WHERE id = ?', id), /not deleted/);
  assert.deepEqual(await person.everything('/users/me/audit'), before);
  for (const method of ['POST', 'PATCH', 'DELETE', 'PUT']) refused(await person.send(method, '/users/me/audit', {}), 405);
});

test('to lose the name of who left is the one change there is', async () => {
  const person = await world.person();
  await person.post('/users/me/api-keys', { name: 'Mine', scopes: ['tasks:read'] });
  const [{ id }] = await person.everything('/users/me/audit');
  for (const change of ["address = 'x'", "user_agent = 'x'", "via_id = 'x'"]) {
    await assert.rejects(world.database.run(`UPDATE audit_entries SET actor_id = NULL, ${change} WHERE id = ?`, id), /not changed/, change);
  }
  const columns = 'id, user_id, actor_id, via, via_id, action, object, detail, address, user_agent, created_at';
  const forged = columns.replace('action', "'forged'");
  await assert.rejects(world.database.run(`INSERT OR REPLACE INTO audit_entries (${columns}) SELECT ${forged} FROM audit_entries WHERE id = ?`, id));
});

test('who left keeps no name in the trail of others, and what they did stays', async () => {
  const helper = await world.person({ name: 'Leaves Soon' });
  await plantDelegation(world, maya.id, helper.id, ['tasks:write']);
  await anyone.post('/tasks', { title: 'Left behind' }, { headers: actingFor(maya.id, headersOf(helper)) });
  const find = async () => (await maya.everything('/users/me/audit')).find(({ action, via }) => action === 'tasks:write' && via === 'delegation');
  const before = await find();
  assert.equal(before.actor.name, 'Leaves Soon');
  await world.database.run("UPDATE users SET erasing_at = '2026-01-01T00:00:00.000Z' WHERE id = ?", helper.id);
  await world.database.run('DELETE FROM users WHERE id = ?', helper.id);
  const after = await find();
  assert.deepEqual(after, { ...before, actor: null });
  assert.deepEqual(await world.database.all('SELECT * FROM audit_entries WHERE user_id = ?', helper.id), [], 'their own goes with them');
});

test('no secret is in a trail', async () => {
  const person = await world.person({ password: 'a password of its own' });
  const { body } = await person.post('/users/me/api-keys', { name: 'x', scopes: ['live'] });
  const rows = JSON.stringify(await world.database.all('SELECT * FROM audit_entries WHERE user_id = ?', person.id));
  for (const secret of [body.key, body.key.slice(-43), person.password, person.token, person.refreshToken]) assert.ok(!rows.includes(secret));
});

test('an entry that was written by hand can be read, whatever is in it', async () => {
  const person = await world.person();
  await world.database.run(`INSERT INTO audit_entries (id, user_id, via, action, detail, address, user_agent, created_at)
    VALUES (?, ?, 'service', 'x', '{}', '', '"><script>', ?)`, identifier('aud'), person.id, new Date().toISOString());
  const entry = (await person.everything('/users/me/audit')).find(({ action }) => action === 'x');
  assert.deepEqual([entry.actor, entry.object, entry.via_id, entry.user_agent], [null, null, null, '"><script>']);
});
