// Leaving: everything of a person goes, everything of everybody else stays, and a receipt says so.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { takeOut } from '../support/archive.mjs';
import { connect } from '../support/frames.mjs';
import { EVERY_MINUTE, eventually, startWorld } from '../support/harness.mjs';
import { emails, message, MESSAGE, ok, take, takeAll } from '../support/mailbox.mjs';
import { refused } from '../support/problem.mjs';
import { remains } from '../support/remains.mjs';
import { routes } from '../support/routes.mjs';

const world = await startWorld();
const { database } = world;
const anyone = world.anonymous();

const erased = (receipt, { seconds = 30 } = {}) => eventually(async () => {
  const answer = await anyone.get(new URL(receipt).pathname.replace('/api/v1', ''));
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.status, 'finished', answer.text);
  return answer;
}, { seconds, every: 50 });

/** Everything that somebody sees of theirs. */
const seen = async (person) => Promise.all(['/users/me', '/tasks', '/emails', '/emails?q=lighthouse', '/tasks?q=lighthouse', '/users/me/addresses']
  .map(async (path) => ok(await person.get(path))));

const stored = async (prefix) => (await world.env.MAIL.list({ prefix })).objects.map((object) => object.key);

/**
 * What names somebody in the search index, where the beginning of a word is left out if the word
 * before it begins the same way.
 */
const hidden = (person, word) => [person.id.slice(-16), `${word}q`];

/** A person with one of everything, and what names them. */
async function somebody(name) {
  const word = name.toLowerCase();
  const person = await world.person({ name: `${name} Of-The-Many-Names`, email: `${word}@${word}.example` });
  await person.post('/users/me/addresses', { address: `alias-${word}@example.com` });
  ok(await person.post('/tasks', { title: `Lighthouse ${word}`, description: `About the ${word}description` }), 201);
  const [start, end] = [9, 10].map((hour) => ({ date_time: `2030-03-04T${String(hour).padStart(2, '0')}:00:00`, time_zone: 'Europe/Berlin' }));
  for (const summary of [`Seeing ${word}event`, 'Another']) ok(await person.post('/calendar/events', { summary, start, end }), 201);
  ok(await person.put('/calendar/working-hours', { overrides: [{ date: '2030-03-05', note: `For ${word}hours` }] }));
  ok(await person.post('/calendar/absences', { kind: 'out_of_office', start: { date: '2030-03-06' }, end: { date: '2030-03-07' }, note: `With ${word}absence` }), 201);
  await takeAll(person, message({ subject: `Lighthouse ${word}subject`, from: `Pen <pen@${word}friend.example>`, text: `Could you send me the ${word}paper by Friday? q${word}q` }),
    message({ subject: `Another ${word}subject` }));
  return { person, needles: [person.id, `${word}@${word}.example`, `${name} Of-The-Many-Names`, `alias-${word}`, `${word}subject`, `${word}paper`,
    `${word}description`, `${word}friend`,
    `${word}event`, `${word}hours`, `${word}absence`, ...hidden(person, word)] };
}

/** What identifiers of the calendar begin with, by their place in a path. */
const PREFIXES = { calendars: 'cal', events: 'evt', holds: 'hld', absences: 'abs', 'booking-links': 'bkl', feeds: 'fed', plans: 'pln', lessons: 'les' };

test('whoever leaves is gone everywhere, and whoever stays has lost nothing', async (t) => {
  const { person: stays } = await somebody('Remaining');
  const { person: leaves, needles } = await somebody('Departing');
  const { person: friend } = await somebody('Befriended');
  const second = ok(await anyone.post('/auth/login', { email: leaves.user.email, password: leaves.password }));
  const key = ok(await leaves.post('/users/me/api-keys', { name: 'departing script', scopes: ['tasks:read'] }), 201);
  const given = ok(await leaves.post('/users/me/delegations', { user_id: friend.id, scopes: ['tasks:read', 'tasks:write'] }), 201);
  const received = ok(await friend.post('/users/me/delegations', { user_id: leaves.id, scopes: ['tasks:read', 'tasks:write'] }), 201);
  const acting = { headers: { 'acting-for': friend.id, 'user-agent': 'departing-browser' } };
  ok(await leaves.post('/tasks', { title: 'Done for a friend' }, acting), 201);
  await takeOut(leaves);
  await database.run(`INSERT INTO connections (id, user_id, provider, issuer, subject, email, scopes, status, sealed_tokens, sealed_with,
      created_at, updated_at) VALUES ('con_01m81q693dfvparr9432s4tb41', ?, 'google', 'https://accounts.google.com', 'departing-subject',
      'p@gmail.example', '[]', 'healthy', 'departing-sealed', 'k', ?2, ?2)`, leaves.id, new Date().toISOString());
  const devices = [await connect(world, leaves), await connect(world, leaves)];
  for (const device of devices) {
    device.send({ type: 'resume', after: 0 });
    await device.next('task.created');
  }
  const ticket = ok(await leaves.post('/ws/tickets'), 201).ticket;
  const friendly = await connect(world, friend);
  friendly.send({ type: 'resume', after: 0 });
  await friendly.next('delegation.updated');
  needles.push(key.id, key.key, given.delegate.id === friend.id ? 'departing-browser' : '', 'departing-subject', 'departing-sealed',
    'departing script', ...(await database.all('SELECT id FROM sessions WHERE user_id = ?', leaves.id)).map((row) => row.id),
    ...(await database.all("SELECT id FROM tasks WHERE user_id = ? UNION SELECT id FROM emails WHERE user_id = ?1", leaves.id)).map((row) => row.id));
  const all = (sql) => database.all(sql);
  const found = await remains(all, needles);
  assert.ok(found.length > 20 && found.some((place) => place.startsWith('email_search_data')), found.join('\n'));
  const before = [await seen(stays), await seen(friend)];
  assert.ok((await stored(`uploads/${leaves.id}/`)).length > 0 && (await stored(`exports/${leaves.id}/`)).length > 0);

  world.clearLogs();
  const answer = await leaves.delete('/users/me');
  const receipt = ok(answer, 202);
  assert.deepEqual(Object.keys(receipt).toSorted(), ['receipt_url', 'requested_at']);
  assert.match(receipt.receipt_url, /^https:\/\/delegate\.test\/api\/v1\/erasures\/[\w-]{43}$/);
  assert.equal(answer.location, new URL(receipt.receipt_url).pathname);
  for (const device of devices) assert.equal((await device.closing()).code, 4401);
  refused(await leaves.get('/tasks'), 401, 'unauthenticated');
  refused(await leaves.post('/tasks', { title: 'Too late' }), 401, 'unauthenticated');

  const { body: end, headers } = await erased(receipt.receipt_url);
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(end.requested_at, receipt.requested_at);
  assert.ok(end.finished_at >= end.requested_at);
  const { audit_entries: entries, tasks, objects, ...rest } = end.erased;
  assert.deepEqual(rest, { emails: 2, events: 2, sessions: 2, api_keys: 1, delegations: 2, connections: [{ provider: 'google', revoked: 'unknown' }] });
  assert.ok(tasks >= 1 && entries >= 4 && objects >= 5, JSON.stringify(end.erased));
  assert.ok(end.kept.length >= 4);
  for (const kept of end.kept) assert.deepEqual(Object.keys(kept), ['what', 'how_long', 'why']);
  assert.ok(end.kept.some((kept) => /Time Travel/.test(kept.what)) && end.kept.some((kept) => /[Bb]ackups/.test(kept.what)));

  assert.deepEqual(await remains(all, needles), []);
  assert.deepEqual([await stored(`uploads/${leaves.id}`), await stored(`exports/${leaves.id}`)], [[], []]);
  assert.deepEqual(await database.all('SELECT user_id, finished_at IS NULL AS running FROM erasures'), [{ user_id: null, running: 0 }]);
  assert.deepEqual([await seen(stays), await seen(friend)], before);

  await t.test('no token, password, key or ticket of theirs is good', async () => {
    refused(await anyone.post('/auth/login', { email: leaves.user.email, password: leaves.password }), 401);
    refused(await anyone.post('/auth/refresh', { refresh_token: leaves.refreshToken }), 401);
    refused(await anyone.post('/auth/refresh', { refresh_token: second.refresh_token }), 401);
    const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });
    refused(await anyone.get('/tasks', bearer(key.key)), 401, 'unauthenticated');
    refused(await anyone.get('/tasks', bearer(second.access_token)), 401, 'unauthenticated');
    await assert.rejects(connect(world, leaves), { status: 401 });
    await assert.rejects(connect(world, null, { ticket }), { status: 401 });
    const id = '01m81q693dfvparr9432s4tb40';
    for (const { path, methods } of routes().filter((route) => route.path.startsWith('/api/v1') && !/auth\/|erasures|booking\//.test(route.path))) {
      const place = path.replace('/api/v1', '').replace('{kind}', 'email').replace('{target}', `eml_${id}`).replace('{address}', 'x@example.com')
        .replace('/tasks/{id}', `/tasks/tsk_${id}`).replace('/threads/{id}', `/threads/thr_${id}`).replace('/emails/{id}', `/emails/eml_${id}`)
        .replace('/jobs/{id}', `/jobs/job_${id}`).replace('/sessions/{id}', `/sessions/ses_${id}`).replace('/api-keys/{id}', `/api-keys/key_${id}`)
        .replace('/delegations/{id}', `/delegations/dlg_${id}`).replace('/connections/{id}', `/connections/con_${id}`)
        .replace(/\/(calendars|events|holds|absences|booking-links|feeds|plans|lessons)\/\{id\}/, (_, kind) => `/${kind}/${PREFIXES[kind]}_${id}`);
      for (const method of methods) {
        if (path.endsWith('/import')) {
          refused(await leaves.post('/emails/import', 'Subject: x\n\nx', { headers: { 'content-type': MESSAGE } }), 401, 'unauthenticated', path);
          continue;
        }
        const answered = await leaves.send(method, place, /POST|PUT|PATCH/.test(method) ? {} : undefined);
        assert.ok([401, 422, 400].includes(answered.status), `${method} ${path}: ${answered.status} ${answered.text}`);
        if (!/POST|PUT|PATCH/.test(method)) assert.equal(answered.status, 401, `${method} ${path}`);
      }
    }
    assert.deepEqual(await stored(`uploads/${leaves.id}`), [], 'an upload of theirs leaves nothing');
    assert.deepEqual(await remains(all, needles), []);
  });

  await t.test('who was on the other side of a delegation is told, and keeps a trail without a name', async () => {
    await eventually(() => friendly.events.filter((frame) => frame.type === 'delegation.deleted').length >= 2);
    const told = friendly.events.filter((frame) => frame.type === 'delegation.deleted').map((frame) => frame.data.id);
    assert.deepEqual(told.toSorted(), [given.id, received.id].toSorted());
    const trail = await friend.everything('/users/me/audit');
    const done = trail.find((entry) => entry.action === 'tasks:write');
    assert.match(done.object, /^POST \S*\/tasks$/);
    assert.deepEqual([done.actor, done.address, done.user_agent, done.via_id], [null, '', '', null]);
    assert.ok(trail.some((entry) => entry.action === 'delegation.created' && entry.detail.delegate_id === 'erased'));
    assert.equal(trail.filter((entry) => entry.action === 'delegation.deleted').length, 2);
    assert.deepEqual((await friend.everything('/users/me/delegations')), []);
    const anew = await connect(world, friend);
    const { seq } = await anew.next('hello');
    anew.send({ type: 'resume', after: 0 });
    await anew.until(seq);
    for (const needle of needles) assert.ok(!JSON.stringify(anew.events).includes(needle), `a frame names ${needle}`);
    assert.deepEqual(anew.events.map((frame) => frame.seq), Array.from({ length: seq }, (_, n) => n + 1));
    anew.drop();
  });
  friendly.drop();

  await t.test('the log of it names nothing but the identifier', () => {
    const lines = world.logs().map((line) => JSON.stringify(line)).join('\n');
    for (const needle of needles.filter((each) => !/^(usr|ses|key|tsk|eml)_/.test(each) && !leaves.id.includes(each))) assert.ok(!lines.includes(needle), needle);
  });
});

test('an address that was erased can register again, and finds nothing', async () => {
  const { person } = await somebody('Returning');
  const { receipt_url: receipt } = ok(await person.delete('/users/me'), 202);
  await erased(receipt);
  const again = await world.person({ email: person.user.email });
  assert.notEqual(again.id, person.id);
  for (const path of ['/tasks', '/emails', '/jobs', '/tasks?q=lighthouse', '/emails?q=lighthouse']) {
    assert.deepEqual(ok(await again.get(path)).items, [], path);
  }
});

test('when the owner leaves the oldest of those who stay becomes one', async () => {
  const fresh = await startWorld();
  const [owner, older, younger] = [await fresh.person(), await fresh.person(), await fresh.person()];
  assert.deepEqual([owner, older, younger].map((each) => each.user.role), ['owner', 'member', 'member']);
  const { body } = await owner.delete('/users/me');
  assert.equal(ok(await older.get('/users/me')).role, 'owner', 'at once');
  ok(await older.post('/auth/invitations'), 201);
  assert.equal(ok(await younger.get('/users/me')).role, 'member');
  const trail = await older.everything('/users/me/audit');
  assert.deepEqual(trail.filter((entry) => entry.action === 'account.became_owner').map((entry) => [entry.via, entry.actor]), [['service', null]]);
  await eventually(async () => assert.equal((await fresh.request(new URL(body.receipt_url).pathname).then((r) => r.json())).status, 'finished'));
  assert.equal(await fresh.database.count('attempts', 'count = 0'), 2, 'from where each signed in');
  for (const person of [younger, older]) ok(await person.delete('/users/me'), 202);
  await eventually(async () => assert.equal(await fresh.database.count('users'), 0));
  assert.equal(await fresh.database.count('attempts', 'count = 0'), 0);
  assert.equal((await fresh.person()).user.role, 'owner', 'in an empty deployment the first person owns it again');
});

test('work that is under way when somebody leaves does not bring anything back', async () => {
  const { person, needles } = await somebody('Hasty');
  const many = Array.from({ length: 120 }, (_, n) => message({ subject: `hastysubject ${n}`, text: 'Could you send me the hastypaper by Friday?' }));
  const parts = Buffer.from(many.map((each) => `From MAILER-DAEMON Mon Mar 23 08:00:00 2026\n${each}\n`).join(''));
  ok(await person.post('/emails/import', parts, { headers: { 'content-type': 'application/mbox' } }), 202);
  ok(await person.post('/users/me/export'), 202);
  const { receipt_url: receipt } = ok(await person.delete('/users/me'), 202);
  await erased(receipt);
  await world.leavesNothingBehind();
  assert.deepEqual(await remains((sql) => database.all(sql), needles), []);
  assert.deepEqual([await stored(`uploads/${person.id}`), await stored(`exports/${person.id}`)], [[], []]);
});

test('a receipt that nobody was given is not found', async () => {
  refused(await anyone.get(`/erasures/${'A'.repeat(43)}`), 404, 'not_found');
  refused(await anyone.get('/erasures/%00'), 404, 'not_found');
});

test('only the person on a device can erase the account', async () => {
  const [person, other] = [await world.person(), await world.person()];
  const { key } = ok(await person.post('/users/me/api-keys', { name: 'All', scopes: ['account:read', 'account:write'] }), 201);
  ok(await person.post('/users/me/delegations', { user_id: other.id, scopes: ['account:read', 'account:write'] }), 201);
  refused(await anyone.delete('/users/me', { headers: { authorization: `Bearer ${key}` } }), 403, 'insufficient_scope');
  refused(await other.delete('/users/me', { headers: { 'acting-for': person.id } }), 403, 'insufficient_scope');
  refused(await anyone.delete('/users/me'), 401);
  assert.equal((await person.get('/users/me')).status, 200);
});

test('who signed in a while ago signs in again before the account is erased', async () => {
  const person = await world.person();
  await database.run('UPDATE sessions SET created_at = ? WHERE user_id = ?', new Date(Date.now() - 601_000).toISOString(), person.id);
  refused(await person.delete('/users/me'), 403, 'recent_sign_in_needed');
  assert.equal((await person.get('/users/me')).status, 200);
  const { access_token: token } = ok(await anyone.post('/auth/login', { email: person.user.email, password: person.password }));
  ok(await anyone.delete('/users/me', { headers: { authorization: `Bearer ${token}` } }), 202);
});

test('an erasure that lost its step, or its end, is found by the tick of the clock', async () => {
  const [stuck, cut] = [await world.person(), await world.person()];
  const at = '2026-01-01T00:00:00.000Z';
  for (const [person, hash] of [[stuck, 'a'], [cut, 'b']]) {
    await database.run('UPDATE users SET erasing_at = ? WHERE id = ?', at, person.id);
    await database.run(`INSERT INTO erasures (receipt_hash, user_id, erased, requested_at) VALUES (?, ?,
      '{"emails":0,"tasks":0,"objects":0,"sessions":0,"api_keys":0,"delegations":0,"audit_entries":0,"connections":[]}', ?)`, hash, person.id, at);
  }
  await world.env.MAIL.put(`uploads/${cut.id}/job_01m81q693dfvparr9432s4tb40`, 'left behind');
  await database.run('DELETE FROM users WHERE id = ?', cut.id);
  await world.scheduled(EVERY_MINUTE);
  await eventually(async () => assert.equal(await database.count('erasures', "receipt_hash IN ('a', 'b') AND finished_at IS NOT NULL AND user_id IS NULL"), 2));
  assert.equal(await database.count('users', 'id = ?', stuck.id), 0);
  assert.deepEqual(await stored(`uploads/${cut.id}`), []);
});
