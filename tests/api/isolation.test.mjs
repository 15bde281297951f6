// What belongs to somebody else is not there.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startWorld } from '../support/harness.mjs';
import { importMessage, message } from '../support/mail.mjs';
import { invalidParameter, refused } from '../support/problem.mjs';
import { openapi, routes } from '../support/routes.mjs';

const world = await startWorld();
const owner = await world.person();
const stranger = await world.person();
const link = { kind: 'email', id: 'eml_01m81q693dfvparr9432s4tb40' };

const { body: task } = await owner.post('/tasks', { title: 'Secret plan', links: [link] });
await owner.post('/tasks', { title: 'Second secret' });
await importMessage(owner, message({ subject: 'Secret merger' }));
const { email, job } = await importMessage(owner, message({ subject: 'Secret dinner' }));
await owner.post('/users/me/addresses', { address: 'alias@example.com' });

// A valid body for each change, so that nothing but the identifier can be refused.
const BODIES = {
  'PATCH /api/v1/tasks/{id}': { title: 'Taken over' },
  'POST /api/v1/tasks/{id}/links': { kind: 'meeting', id: 'mtg_01m81q693dfvparr9432s4tb40' },
  'PATCH /api/v1/emails/{id}': { is_read: true },
  'PATCH /api/v1/emails/{id}/analysis': { needs_reply: true },
};

/** The owner's identifiers for a path. */
function filled(path, ids) {
  return path
    .replace('{address}', encodeURIComponent(ids.address))
    .replace('{kind}', link.kind)
    .replace('{target}', link.id)
    .replace('/tasks/{id}', `/tasks/${ids.task}`)
    .replace('/threads/{id}', `/threads/${ids.thread}`)
    .replace('/emails/{id}', `/emails/${ids.email}`)
    .replace('/jobs/{id}', `/jobs/${ids.job}`);
}

const mine = { task: task.id, email: email.id, thread: email.thread_id, job: job.id, address: 'alias@example.com' };
const z = 'zzzzzzzzzzzzzzzzzzzzzzzzzz';
const NOWHERE = {
  absent: { task: 'tsk_01m81q693dfvparr9432s4tb40', email: 'eml_01m81q693dfvparr9432s4tb40', thread: 'thr_01m81q693dfvparr9432s4tb40', job: 'job_01m81q693dfvparr9432s4tb40', address: 'nobody@example.com' },
  'of another kind': { task: email.id, email: task.id, thread: job.id, job: email.thread_id, address: owner.id },
  'of no form': { task: 'x', email: '%00', thread: '%F0%9F%98%80', job: '..%2f..', address: '%' },
  'out of range': { task: `tsk_${z}`, email: `eml_${z}`, thread: `thr_${z}`, job: `job_${z}`, address: 'ANYBODY@EXAMPLE.COM' },
  'in another case': { task: task.id.toUpperCase(), email: email.id.toUpperCase(), thread: email.thread_id.toUpperCase(), job: job.id.toUpperCase(), address: 'x' },
};

const document = openapi();
const operations = document
  ? Object.entries(document.paths).flatMap(([path, item]) => Object.keys(item)
    .filter((name) => /^(get|post|put|patch|delete)$/.test(name))
    .map((name) => ({ method: name.toUpperCase(), path })))
  : routes().flatMap(({ path, methods }) => methods.map((method) => ({ method, path })));
const owned = operations.filter(({ path }) => path.includes('{'));

const ask = (client, method, path, ids) =>
  client.send(method, `/${filled(path, ids)}`, BODIES[`${method} ${path}`]);

// Nothing is awaited below this line: the runner takes a file whose tests are done for finished.
const before = await snapshot();

test('every operation with an identifier is known to this file', () => {
  assert.ok(owned.length >= 14, `${owned.length}`);
  for (const { path } of owned) assert.doesNotMatch(filled(path, mine), /[{}]/, path);
});

for (const { method, path } of owned) {
  test(`${method} ${path} does not find what is somebody else's`, async () => {
    const answer = refused(await ask(stranger, method, path, mine), 404, 'not_found');
    const absent = refused(await ask(stranger, method, path, NOWHERE.absent), 404, 'not_found');
    assert.equal(answer.body.detail, absent.body.detail, 'the two can\'t be told apart');
    if (method !== 'GET' && method !== 'HEAD') {
      const { body } = await world.anonymous().send(method, `/${filled(path, mine)}`, BODIES[`${method} ${path}`]);
      assert.equal(body.code, 'unauthenticated');
    }
  });

  for (const [kind, ids] of Object.entries(NOWHERE)) {
    test(`${method} ${path} does not find an identifier ${kind}`, async () => {
      refused(await ask(owner, method, path, ids), 404, 'not_found');
    });
  }
}

/** Everything of the owner's, as they see it. */
async function snapshot() {
  const paths = ['/tasks', '/emails', '/jobs', '/users/me', '/users/me/addresses', `/emails/threads/${email.thread_id}`];
  return Promise.all(paths.map(async (path) => (await owner.get(path)).body));
}

test('none of it changed anything', async () => {
  assert.deepEqual(await snapshot(), before);
});

test('the lists of somebody else are empty, whatever they ask for', async () => {
  for (const path of ['/tasks', '/tasks?q=secret', '/emails', '/emails?q=secret', '/emails?q=ana', '/jobs',
    `/emails?thread_id=${email.thread_id}`, '/tasks?q=usr', `/tasks?q=${owner.id}`, `/emails?q=${owner.id}`]) {
    const answer = await stranger.get(path);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.body, { items: [], next_cursor: null }, path);
  }
  const [own] = (await stranger.get('/users/me/addresses')).body.items;
  assert.equal(own.address, stranger.user.email);
});

test('a cursor holds for its person, its list, its filters and its order only', async () => {
  const cursors = {};
  for (const list of ['/tasks', '/emails', '/jobs']) {
    const page = await owner.get(`${list}?limit=1`);
    assert.equal(typeof page.body.next_cursor, 'string', list);
    cursors[list] = page.body.next_cursor;
  }
  for (const [list, cursor] of Object.entries(cursors)) {
    assert.equal((await owner.get(`${list}?limit=100&cursor=${cursor}`)).status, 200, 'another limit is fine');
    invalidParameter(await stranger.get(`${list}?cursor=${cursor}`), 'cursor', list);
    for (const other of Object.keys(cursors).filter((name) => name !== list)) {
      invalidParameter(await owner.get(`${other}?cursor=${cursor}`), 'cursor', `${list} on ${other}`);
    }
  }
  for (const query of ['status=todo', 'priority=low', 'sort=due', 'sort=created_at', 'q=secret', 'due_from=2026-01-01T00:00:00Z']) {
    invalidParameter(await owner.get(`/tasks?${query}&cursor=${cursors['/tasks']}`), 'cursor', query);
  }
  for (const query of ['is_read=true', 'sort=received_at', 'from=ana@example.org']) {
    invalidParameter(await owner.get(`/emails?${query}&cursor=${cursors['/emails']}`), 'cursor', query);
  }
});

test('a cursor that nobody gave out is refused', async () => {
  const { body } = await owner.get('/tasks?limit=1');
  const genuine = JSON.parse(Buffer.from(body.next_cursor, 'base64url'));
  const forged = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  for (const cursor of ['', 'x', '!!!', 'null', '%00', forged('{}'), forged('[]'), forged('nonsense'), forged('\u0000'),
    forged({ ...genuine, s: '' }), forged({ k: genuine.k, i: genuine.i }), `${body.next_cursor}x`, body.next_cursor.slice(0, -3),
    'A'.repeat(5000)]) {
    for (const list of ['/tasks', '/emails', '/jobs']) {
      invalidParameter(await owner.get(`${list}?cursor=${encodeURIComponent(cursor)}`), 'cursor', cursor.slice(0, 40));
    }
  }
});

test('a cursor that was bent stays inside the list of its person', async () => {
  const own = new Set((await owner.everything('/tasks')).map((item) => item.id));
  const { body } = await owner.get('/tasks?limit=1');
  const genuine = JSON.parse(Buffer.from(body.next_cursor, 'base64url'));
  for (const bent of [{ k: '', i: '' }, { k: '~', i: '~' }, { k: "' OR 1=1 --", i: 'x' }, { k: '\u0000', i: '\u0000' }]) {
    const cursor = Buffer.from(JSON.stringify({ ...genuine, ...bent })).toString('base64url');
    const answer = await owner.get(`/tasks?cursor=${cursor}`);
    assert.ok([200, 422].includes(answer.status), answer.text);
    for (const item of answer.body.items ?? []) assert.ok(own.has(item.id), item.title);
  }
});
