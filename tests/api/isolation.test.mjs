// What belongs to somebody else is not there.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startWorld } from '../support/harness.mjs';
import { headersOf } from '../support/credentials.mjs';
import { importMessage, message } from '../support/mail.mjs';
import { Estate, operations } from '../support/operations.mjs';
import { invalidParameter, refused } from '../support/problem.mjs';

const world = await startWorld();
const owner = await world.person();
const stranger = await world.person();

const { body: task } = await owner.post('/tasks', { title: 'Secret plan' });
await owner.post('/tasks', { title: 'Second secret' });
await importMessage(owner, message({ subject: 'Secret merger' }));
const { email } = await importMessage(owner, message({ subject: 'Secret dinner' }));

const estate = new Estate(world, owner);
// That a right identifier is not found by somebody else is in matrix.test.mjs.
const owned = operations().filter(({ path, access }) => path.includes('{') && access.kind !== 'public');

/** What can stand where an identifier should, by what is there. */
const NOWHERE = {
  'of another kind': (own) => (own.startsWith('tsk_') ? email.id : task.id),
  'of no form': () => 'x',
  'with a null': () => '%00',
  'of an emoji': () => '%F0%9F%98%80',
  'with a path': () => '..%2f..',
  'that is badly encoded': () => '%',
  'out of range': (own) => `${own.split('_')[0]}_${'z'.repeat(26)}`,
  'in another case': (own) => (own.includes('%40') ? 'ANYBODY%40EXAMPLE.COM' : own.toUpperCase()),
};

for (const operation of owned) await estate.place(operation);
const before = await snapshot();
// Nothing is awaited below this line: the runner takes a file whose tests are done for finished.

for (const operation of owned) {
  test(`${operation.name} does not find an identifier that is none`, async () => {
    const segments = (await estate.place(operation)).split('/');
    const first = operation.path.split('/').findIndex((segment) => segment.startsWith('{'));
    for (const [kind, replace] of Object.entries(NOWHERE)) {
      const place = segments.with(first, replace(segments[first])).join('/');
      refused(await estate.ask(operation, headersOf(owner), { place }), 404, 'not_found', kind);
    }
  });
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
