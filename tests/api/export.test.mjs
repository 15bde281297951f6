// Taking everything along: one archive that other programs open, with nothing in it that opens doors.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { joined, takeOut, unpack } from '../support/archive.mjs';
import { EVERY_HOUR, startWorld } from '../support/harness.mjs';
import { emails, mbox, message, ok, raw, take, takeAll } from '../support/mailbox.mjs';
import { refused } from '../support/problem.mjs';

const world = await startWorld();
const { database } = world;

/** A message that does not fit into one part, does not compress, and that an mbox escapes. */
function large(subject) {
  const lines = Array.from({ length: 70_000 }, (_, n) =>
    n % 1000 === 7 ? '>From the archive' : n % 1000 === 8 ? 'From now on' : randomBytes(60).toString('base64'));
  return message({ subject, text: lines.join('\n') });
}

const folded = 'An unusually long title, with; every \\ character that needs care, and Überlänge 🙂 '.repeat(4).trim();

test('before the first archive is finished there is none', async () => {
  const person = await world.person();
  refused(await person.get('/users/me/export'), 404, 'no_export');
  refused(await world.anonymous().post('/users/me/export'), 401);
  refused(await world.anonymous().get('/users/me/export'), 401);
});

test('an archive holds what the API shows, and opens with the tar of the system', async (t) => {
  const [person, assistant] = [await world.person({ name: 'Leaving Soon' }), await world.person()];
  await person.post('/users/me/addresses', { address: 'alias@example.com' });
  await person.post('/tasks', { title: folded, description: 'one\ntwo\r\nthree\t;', due: { date: '2026-12-24' }, priority: 'urgent' });
  await person.post('/tasks', { title: 'At an hour', due: { date_time: '2026-03-29T02:30:00', time_zone: 'Europe/Berlin' } });
  const { body: done } = await person.post('/tasks', { title: 'Done', status: 'completed' });
  await person.patch(`/tasks/${done.id}`, { title: 'Done, and renamed' });
  await takeAll(person, message({ subject: 'Escaped', text: 'Hello\n\nFrom here on\n>From there\n' }),
    message({ subject: 'A request', text: 'Could you send me the report by Friday?' }), large('Large'), message({ subject: 'After it' }));
  await takeAll(person, message({ subject: 'In an upload of its own' }));
  ok(await person.post('/users/me/api-keys', { name: 'A script', scopes: ['tasks:read'] }), 201);
  ok(await person.post('/users/me/delegations', { user_id: assistant.id, scopes: ['tasks:read'] }), 201);

  const { job, answer, files } = await takeOut(person);
  const tasks = await person.everything('/tasks');
  const stored = await emails(person);
  assert.deepEqual([job.kind, job.status, job.errors, job.done], ['export', 'succeeded', [], job.total]);
  assert.equal(job.total, 1 + tasks.length + stored.length);
  t.diagnostic(`${answer.bytes.length} bytes in ${await database.count('export_parts')} parts`);

  assert.equal(answer.headers.get('content-type'), 'application/gzip');
  assert.equal(answer.headers.get('content-length'), String(answer.bytes.length));
  assert.match(answer.headers.get('content-disposition'), /^attachment; filename="delegate-\d{4}-\d\d-\d\d\.tar\.gz"$/);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.etag, `"${job.id}"`);
  assert.ok(Math.abs(Date.parse(answer.headers.get('last-modified')) - Date.parse(job.finished_at)) < 2000);
  assert.ok(await database.count('export_parts') > 6, 'the large message is in parts of its own');

  const [first] = Object.keys(files);
  assert.equal(first, 'README.txt');
  assert.match(files[first].toString(), new RegExp(person.user.email));
  const account = JSON.parse(files['account.json']);
  const { has_password, ...shown } = account.account;
  const { addresses, ...me } = ok(await person.get('/users/me'));
  assert.deepEqual([shown, has_password], [me, true]);
  assert.deepEqual(account.addresses.map((each) => each.address).toSorted(), addresses.toSorted());
  assert.deepEqual(account.api_keys.map((each) => [each.name, each.scopes]), [['A script', ['tasks:read']]]);
  assert.equal(account.sessions.length, 1);
  assert.deepEqual(account.delegations_given.map((each) => [each.to.id, each.scopes]), [[assistant.id, ['tasks:read']]]);
  assert.deepEqual([account.delegations_received, account.connections, account.invitations], [[], [], []]);
  const trail = joined(files, /^audit/).map((entry) => entry.action);
  for (const action of ['api_key.created', 'delegation.created', 'export.requested']) assert.ok(trail.includes(action), action);

  assert.deepEqual(joined(files, /^tasks.*json$/).toSorted(byId), tasks.toSorted(byId));
  const calendar = files['tasks.ics'].toString().replaceAll('\r\n ', '');
  assert.equal(calendar.match(/^BEGIN:VTODO/gm).length, tasks.length);
  assert.ok(calendar.includes('DUE;VALUE=DATE:20261224') && calendar.includes('DUE:20260329T013000Z'));
  const summary = folded.replaceAll('\\', '\\\\').replaceAll(';', '\\;').replaceAll(',', '\\,');
  assert.ok(calendar.includes(`SUMMARY:${summary}\r\n`), calendar);
  assert.ok(calendar.includes('DESCRIPTION:one\\ntwo\\nthree\t\\;\r\n'));

  const exported = joined(files, /^emails\/\d{4}\.json$/);
  for (const each of stored) {
    assert.deepEqual(exported.find((one) => one.id === each.id), ok(await person.get(`/emails/${each.id}`)));
    const source = files[`mail/${each.id}.eml`];
    assert.ok(source.equals(await raw(person, each.id)), `the source of ${each.subject}`);
  }
  assert.equal(exported.length, stored.length);
  assert.equal(Object.keys(files).filter((name) => name.startsWith('mail/')).length, stored.length);
  const { bytes } = await person.send('HEAD', '/users/me/export');
  assert.equal(bytes.length, 0);
});

const byId = (one, other) => (one.id < other.id ? -1 : 1);

test('no secret is in an archive', async () => {
  const person = await world.person();
  const { key } = ok(await person.post('/users/me/api-keys', { name: 'A script', scopes: ['tasks:read'] }), 201);
  await database.run(`INSERT INTO connections (id, user_id, provider, issuer, subject, email, scopes, status, sealed_tokens, sealed_with,
      created_at, updated_at)
    VALUES ('con_01m81q693dfvparr9432s4tb40', ?, 'google', 'https://accounts.google.com', 'subject-7', 'p@gmail.example', '["openid"]',
      'healthy', 'sealed-tokens-of-this-person', 'seal-key', ?, ?)`, person.id, new Date().toISOString(), new Date().toISOString());
  await person.post('/auth/refresh', { refresh_token: person.refreshToken });
  const { files } = await takeOut(person);
  const [{ password_hash }] = await database.all('SELECT password_hash FROM users WHERE id = ?', person.id);
  const hashes = await database.all(`SELECT token_hash AS hash FROM refresh_tokens WHERE session_id IN
    (SELECT id FROM sessions WHERE user_id = ?1) UNION SELECT key_hash FROM api_keys WHERE user_id = ?1`, person.id);
  assert.ok(hashes.length >= 2 && key.startsWith('dlk_') && password_hash.length > 20);
  const secrets = [person.token, person.refreshToken, person.password, key, password_hash, 'sealed-tokens-of-this-person', 'seal-key',
    ...hashes.map((row) => row.hash)];
  for (const [name, content] of Object.entries(files)) {
    for (const secret of secrets) assert.ok(!content.includes(secret), `${name} holds a secret`);
  }
  const [connection] = JSON.parse(files['account.json']).connections;
  assert.deepEqual([connection.provider, connection.subject, connection.status], ['google', 'subject-7', 'healthy']);
});

test('one archive is made at a time, however often it is asked for', async () => {
  const person = await world.person();
  const asked = await Promise.all(Array.from({ length: 6 }, () => person.post('/users/me/export')));
  for (const answer of asked) {
    assert.equal(answer.status, 202, answer.text);
    assert.equal(answer.location, `/api/v1/jobs/${answer.body.id}`);
  }
  const ids = new Set(asked.map((answer) => answer.body.id));
  // All but one may have come after the first was done, which is quick for somebody who has nothing.
  assert.equal(await database.count('jobs', "user_id = ? AND kind = 'export'", person.id), ids.size);
  for (const id of ids) assert.equal((await person.job(id)).status, 'succeeded');
  assert.equal(await database.count('exports', 'user_id = ?', person.id), 1, 'the newest is the one that stays');
});

test('the newest archive is the one that is answered, for seven days', async () => {
  const person = await world.person();
  await takeOut(person);
  await person.post('/tasks', { title: 'Made between two archives' });
  const { job, answer } = await takeOut(person);
  assert.equal(answer.etag, `"${job.id}"`);
  assert.equal(joined(await unpack(answer.bytes), /^tasks.*json$/).length, 1);
  const { expires_at: until } = await database.first('SELECT expires_at FROM exports WHERE id = ?', job.id);
  assert.ok(Math.abs(Date.parse(until) - Date.now() - 7 * 86_400_000) < 60_000, until);
  await database.run("UPDATE exports SET expires_at = '2026-01-01T00:00:00.000Z' WHERE id = ?", job.id);
  refused(await person.get('/users/me/export'), 404, 'no_export');
  await world.scheduled(EVERY_HOUR);
  assert.equal(await database.count('exports', 'user_id = ?', person.id), 0);
  assert.equal(await database.count('export_parts', 'export_id = ?', job.id), 0);
});

test('an archive is for the person on a device, and fetching it is noted', async () => {
  const [person, other] = [await world.person(), await world.person()];
  const { key } = ok(await person.post('/users/me/api-keys', { name: 'All', scopes: ['account:read', 'account:write'] }), 201);
  ok(await person.post('/users/me/delegations', { user_id: other.id, scopes: ['account:read', 'account:write'] }), 201);
  await takeOut(person);
  for (const method of ['GET', 'POST']) {
    refused(await world.anonymous().send(method, '/users/me/export', undefined, { headers: { authorization: `Bearer ${key}` } }), 403, 'insufficient_scope');
    refused(await other.send(method, '/users/me/export', undefined, { headers: { 'acting-for': person.id } }), 403, 'insufficient_scope');
  }
  refused(await other.get('/users/me/export'), 404, 'no_export');
  const actions = (await person.everything('/users/me/audit')).map((entry) => entry.action);
  assert.equal(actions.filter((action) => action === 'export.requested').length, 1);
  assert.equal(actions.filter((action) => action === 'export.fetched').length, 1);
  assert.ok(!(await other.everything('/users/me/audit')).some((entry) => entry.action === 'export.fetched'));
});

test('a message whose source is gone is told of, and the others are there', async () => {
  const person = await world.person();
  const gone = await take(person, message({ subject: 'Gone' }), { type: 'message/rfc822' });
  await takeAll(person, message({ subject: 'There' }));
  await world.env.MAIL.delete(`uploads/${person.id}/${gone.id}`);
  const { job, files } = await takeOut(person);
  const stored = await emails(person);
  const lost = stored.find((each) => each.subject === 'Gone');
  assert.equal(job.status, 'succeeded');
  assert.deepEqual(job.errors.map((error) => [error.item, error.code]), [[lost.id, 'source_gone']]);
  assert.deepEqual(Object.keys(files).filter((name) => name.startsWith('mail/')),
    stored.filter((each) => each !== lost).map((each) => `mail/${each.id}.eml`));
  assert.equal(joined(files, /^emails/).length, 2);
});

test('what is too much for one step is in several files, whole and once', async () => {
  const person = await world.person();
  const many = Array.from({ length: 450 }, (_, n) => message({ subject: `Number ${n}`, text: `Text ${n}` }));
  await take(person, mbox(many));
  const at = new Date().toISOString();
  const long = JSON.stringify({ note: 'é'.repeat(15_000) });
  const id = (n) => `tsk_${String(n).padStart(26, '0')}`;
  for (let n = 0; n < 700; n += 50) {
    const values = Array.from({ length: 50 }, (_, k) => `('${id(n + k)}', ?1, 'T${n + k}', ?2, 'todo', 'low', '[]', ?3, ?3)`);
    await database.run(`INSERT INTO tasks (id, user_id, title, description, status, priority, links, created_at, updated_at)
      VALUES ${values.join(', ')}`, person.id, long, at);
  }
  const { job, files } = await takeOut(person);
  assert.deepEqual([job.status, job.done], ['succeeded', job.total]);
  assert.ok(files['tasks-0002.json'] && files['tasks-0002.ics'], Object.keys(files).slice(0, 9).join());
  const titles = joined(files, /^tasks.*json$/).map((task) => task.title);
  assert.ok(titles.length >= 700);
  assert.equal(new Set(joined(files, /^tasks.*json$/).map((task) => task.id)).size, titles.length, 'each once');
  assert.ok(files['emails/0003.json']);
  assert.deepEqual(joined(files, /^emails/).map((each) => each.subject).toSorted(), many.map((_, n) => `Number ${n}`).toSorted());
});
