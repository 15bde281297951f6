// Sessions: what a person sees of their devices, how one ends, and refreshing against all odds.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hashed } from '../support/credentials.mjs';
import { connect } from '../support/frames.mjs';
import { eventually, startWorld } from '../support/harness.mjs';
import { identifier } from '../support/operations.mjs';
import { refused } from '../support/problem.mjs';
import { opened } from '../support/tokens.mjs';

const world = await startWorld();
const anyone = world.anonymous();
const bearer = (token, more = {}) => ({ headers: { authorization: `Bearer ${token}`, ...more } });
const refresh = (token, options) => anyone.post('/auth/refresh', { refresh_token: token }, options);
const sessionOf = (token) => opened(token)[1].sid;
/** How long an isolate trusts that a session goes on, in ms (src/http/caller.rs). */
const TRUSTED = 30_000;
/** How long a used refresh token still gives its successor, in ms (core/src/token.rs). */
const GRACE = 30_000;

/** Another device of somebody: `{access_token, refresh_token, id}`. */
async function device(person, agent = 'a device') {
  const answer = await anyone.post('/auth/login', { email: person.user.email, password: person.password }, { headers: { 'user-agent': agent } });
  assert.equal(answer.status, 200, answer.text);
  return { ...answer.body, id: sessionOf(answer.body.access_token) };
}

/** Puts the use of a person's refresh tokens out of the grace. */
const afterTheGrace = (session) => world.database.run(
  'UPDATE refresh_tokens SET used_at = ? WHERE used_at IS NOT NULL AND session_id = ?', new Date(Date.now() - GRACE - 1000).toISOString(), session);

// Ended now, looked at in the last test, when the longest time is over that anything may trust it.
const early = await (async () => {
  const person = await world.person();
  const other = await device(person);
  const seen = () => anyone.get('/tasks', bearer(other.access_token));
  assert.equal((await seen()).status, 200);
  assert.equal((await person.delete(`/users/me/sessions/${other.id}`)).status, 204);
  return { person, seen, endedAt: Date.now() };
})();

test('a person sees their devices, the one used last first', async () => {
  const person = await world.person();
  const [phone, laptop] = [await device(person, 'Phone/1'), await device(person, 'Laptop/2')];
  await refresh(phone.refresh_token);
  const { items } = (await anyone.get('/users/me/sessions', bearer(laptop.access_token))).body;
  assert.deepEqual(items.map(({ id }) => id), [phone.id, laptop.id, sessionOf(person.token)]);
  assert.deepEqual(items.map(({ is_current }) => is_current), [false, true, false]);
  assert.deepEqual(items.slice(0, 2).map(({ user_agent }) => user_agent), ['Phone/1', 'Laptop/2']);
  for (const { last_used_at, created_at, address } of items) {
    assert.ok(last_used_at >= created_at);
    assert.equal(typeof address, 'string');
  }
});

test('a device is shown with the address that the platform told, not one that it made up', async () => {
  const person = await world.person();
  const login = { email: person.user.email, password: person.password };
  const { body } = await anyone.post('/auth/login', login, { headers: { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9', forwarded: 'for=203.0.113.9' } });
  const { items } = (await anyone.get('/users/me/sessions', bearer(body.access_token))).body;
  assert.notEqual(items.find(({ is_current }) => is_current).address, '203.0.113.9');
});

test('what a device calls itself is cut, and does no harm', async () => {
  const person = await world.person();
  const one = await device(person, `"><script>'; DROP TABLE users; --${'x'.repeat(5000)}`);
  const { items } = (await anyone.get('/users/me/sessions', bearer(one.access_token))).body;
  assert.ok(items.find(({ id }) => id === one.id).user_agent.length <= 200);
});

test('a session that is ended from another device is over there at once', async () => {
  const person = await world.person();
  const other = await device(person);
  const [live, waiting] = [await connect(world, { token: other.access_token }), await connect(world, person)];
  live.send({ type: 'resume', after: 0 });
  await live.next('hello');
  const { body: { ticket } } = await anyone.post('/ws/tickets', undefined, bearer(other.access_token));
  assert.equal((await person.delete(`/users/me/sessions/${other.id}`)).status, 204);
  refused(await refresh(other.refresh_token), 401, 'invalid_refresh_token');
  refused(await anyone.get('/users/me/sessions', bearer(other.access_token)), 401, 'unauthenticated');
  refused(await anyone.post('/users/me/api-keys', { name: 'x', scopes: ['tasks:read'] }, bearer(other.access_token)), 401, 'unauthenticated');
  assert.equal((await live.closing()).code, 4401);
  await assert.rejects(connect(world, { token: other.access_token }), { status: 401 });
  await assert.rejects(connect(world, null, { ticket }), { status: 401 });
  const told = await waiting.next('session.ended');
  assert.deepEqual(told.data, { ids: [other.id], reason: 'revoked' });
  await waiting.close();
  const { items } = (await person.get('/users/me/sessions')).body;
  assert.deepEqual(items.map(({ id }) => id), [sessionOf(person.token)]);
  refused(await person.delete(`/users/me/sessions/${other.id}`), 404);
  const [entry] = (await person.get('/users/me/audit?action=session.ended')).body.items;
  assert.deepEqual([entry.object, entry.actor.id, entry.via_id], [other.id, person.id, sessionOf(person.token)]);
});

test('a socket of a session closes though the call that ended it was cut short', async () => {
  const person = await world.person();
  const other = await device(person);
  const live = await connect(world, { token: other.access_token });
  live.send({ type: 'resume', after: 0 });
  await live.next('hello');
  // What the batch of the call writes; the call was killed right after it.
  const now = new Date().toISOString();
  await world.database.run('UPDATE sessions SET ended_at = ? WHERE id = ?', now, other.id);
  await world.database.run('INSERT INTO outbox (id, user_id, type, occurred_at, data) VALUES (?, ?, ?, ?, ?)',
    identifier('evt'), person.id, 'session.ended', now, JSON.stringify({ ids: [other.id], reason: 'revoked' }));
  await person.post('/tasks', { title: 'Whatever wakes the hub' });
  await world.leavesNothingBehind();
  assert.equal((await live.closing({ seconds: 3 })).code, 4401);
});

test('all others are ended at once, and this one goes on', async () => {
  const person = await world.person();
  const others = await Promise.all([device(person), device(person), device(person)]);
  const sockets = await Promise.all(others.map(({ access_token }) => connect(world, { token: access_token })));
  for (const socket of sockets) socket.send({ type: 'resume', after: 0 });
  await Promise.all(sockets.map((socket) => socket.next('hello')));
  assert.equal((await person.delete('/users/me/sessions')).status, 204);
  for (const { refresh_token } of others) refused(await refresh(refresh_token), 401, 'invalid_refresh_token');
  for (const socket of sockets) assert.equal((await socket.closing()).code, 4401);
  assert.equal((await person.get('/users/me/sessions')).body.items.length, 1);
  assert.equal((await refresh(person.refreshToken)).status, 200);
  assert.equal((await person.delete('/users/me/sessions')).status, 204, 'twice does no harm');
  assert.equal((await person.everything('/users/me/audit?action=session.ended')).length, 1, 'and is no news');
});

test('a person can end the session that asks', async () => {
  const person = await world.person();
  const id = sessionOf(person.token);
  assert.equal((await person.delete(`/users/me/sessions/${id}`)).status, 204);
  refused(await person.get('/users/me/sessions'), 401, 'unauthenticated');
  refused(await refresh(person.refreshToken), 401, 'invalid_refresh_token');
});

test('many devices are many pages', async () => {
  const person = await world.person();
  const now = Date.now();
  for (let n = 0; n < 30; n += 1) {
    await world.database.run("INSERT INTO sessions (id, user_id, user_agent, created_at, last_used_at) VALUES (?, ?, 'x', ?, ?)",
      identifier('ses'), person.id, new Date(now - 1e6).toISOString(), new Date(now - 1000 * (n % 7)).toISOString());
  }
  const listed = await person.everything('/users/me/sessions', 4);
  assert.equal(listed.length, 31);
  assert.equal(new Set(listed.map(({ id }) => id)).size, 31);
  const used = listed.map(({ last_used_at }) => last_used_at);
  assert.deepEqual(used, [...used].sort().reverse());
});

test('two tabs that share a token and refresh it at once 200 times stay signed in', async () => {
  const person = await world.person();
  let token = person.refreshToken;
  for (let round = 0; round < 200; round += 1) {
    const [one, two] = await Promise.all([refresh(token), refresh(token)]);
    assert.deepEqual([one.status, two.status], [200, 200], `round ${round}: ${one.text} ${two.text}`);
    assert.equal(one.body.refresh_token, two.body.refresh_token, 'both have the same successor');
    assert.notEqual(one.body.refresh_token, token);
    token = one.body.refresh_token;
    if (round % 50 === 0) assert.equal((await anyone.get('/users/me', bearer(two.body.access_token))).status, 200);
  }
  assert.equal((await person.get('/users/me/sessions')).body.items.length, 1);
  assert.equal(await world.database.count('audit_entries', "user_id = ? AND action = 'session.token_reused'", person.id), 0);
});

test('two tabs that each keep a token of their own stay signed in, whoever comes first', async (t) => {
  const seed = Number(process.env.DELEGATE_SEED ?? Math.floor(Math.random() * 2 ** 32));
  t.diagnostic(`DELEGATE_SEED=${seed}`);
  let state = seed >>> 0;
  const random = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32);
  const person = await world.person();
  const tabs = [person.refreshToken, person.refreshToken];
  for (let round = 0; round < 100; round += 1) {
    const who = random() < 0.4 ? [0, 1] : [random() < 0.5 ? 0 : 1];
    await Promise.all(who.map(async (n) => {
      const answer = await refresh(tabs[n]);
      assert.equal(answer.status, 200, `round ${round}, tab ${n}: ${answer.text}`);
      // Now and then the answer is lost, and the same token is sent again.
      if (random() < 0.9) tabs[n] = answer.body.refresh_token;
    }));
  }
  const after = await refresh(tabs[0]);
  assert.equal((await anyone.get('/users/me/sessions', bearer(after.body.access_token))).body.items.length, 1);
});

test('a stolen token that is used again ends the session, whoever comes second, and tells the person', async () => {
  for (const first of ['the thief', 'the person']) {
    const person = await world.person();
    const victim = await device(person);
    const [elsewhere, live] = [await connect(world, person), await connect(world, { token: victim.access_token })];
    live.send({ type: 'resume', after: 0 });
    await live.next('hello');
    // Both have the token; one refreshes, and the other comes when the grace is over.
    const next = await refresh(victim.refresh_token);
    assert.equal(next.status, 200, first);
    const further = await refresh(next.body.refresh_token);
    await afterTheGrace(victim.id);
    refused(await refresh(victim.refresh_token, { headers: { 'user-agent': 'second/1' } }), 401, 'invalid_refresh_token', first);
    for (const token of [next.body.refresh_token, further.body.refresh_token, victim.refresh_token]) refused(await refresh(token), 401, 'invalid_refresh_token');
    refused(await anyone.get('/users/me/sessions', bearer(further.body.access_token)), 401, 'unauthenticated');
    assert.equal((await live.closing()).code, 4401);
    const told = await elsewhere.next('session.ended');
    assert.deepEqual(told.data, { ids: [victim.id], reason: 'token_reused' });
    const entries = await person.everything('/users/me/audit?action=session.token_reused');
    assert.equal(entries.length, 1, 'once, however often it is tried');
    assert.deepEqual([entries[0].object, entries[0].user_agent, entries[0].actor, entries[0].via], [victim.id, 'second/1', null, 'service']);
    assert.equal((await refresh(person.refreshToken)).status, 200, 'the other device goes on');
    await elsewhere.close();
  }
});

test('a token that comes back just before the grace is over is a race, just after it a theft', async () => {
  const person = await world.person();
  const id = sessionOf(person.token);
  const next = await refresh(person.refreshToken);
  const usedAgo = (ms) => world.database.run('UPDATE refresh_tokens SET used_at = ? WHERE token_hash = ?', new Date(Date.now() - ms).toISOString(), hashed(person.refreshToken));
  await usedAgo(GRACE - 3000);
  assert.equal((await refresh(person.refreshToken)).body.refresh_token, next.body.refresh_token);
  await usedAgo(GRACE + 500);
  refused(await refresh(person.refreshToken), 401, 'invalid_refresh_token');
  assert.notEqual((await world.database.first('SELECT ended_at FROM sessions WHERE id = ?', id)).ended_at, null);
});

test('of a refresh and the end of its session at once nothing survives', async () => {
  const person = await world.person();
  for (let round = 0; round < 10; round += 1) {
    const other = await device(person);
    const [refreshed] = await Promise.all([refresh(other.refresh_token), person.delete(`/users/me/sessions/${other.id}`)]);
    for (const token of [other.refresh_token, refreshed.body.refresh_token].filter(Boolean)) refused(await refresh(token), 401, 'invalid_refresh_token');
    const access = refreshed.body.access_token ?? other.access_token;
    refused(await anyone.get('/users/me/sessions', bearer(access)), 401, 'unauthenticated');
  }
});

test('a refresh does not move to another session, person or deployment', async () => {
  const [one, two] = [await world.person(), await world.person()];
  const answer = await refresh(one.refreshToken, bearer(two.token));
  assert.equal(sessionOf(answer.body.access_token), sessionOf(one.token), 'whatever token comes with it');
  assert.equal(opened(answer.body.access_token)[1].sub, one.id);
});

test('at the latest after thirty seconds an ended session opens nothing any more', async () => {
  const { seen, endedAt } = early;
  const rest = endedAt + TRUSTED - Date.now();
  if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
  refused(await eventually(async () => {
    const answer = await seen();
    return answer.status === 401 && answer;
  }, { seconds: 1.5, every: 100, what: 'the token is refused' }), 401, 'unauthenticated');
});
