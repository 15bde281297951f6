// What bad input gets: a precise 4xx, never a 5xx, and nothing of it is kept.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startWorld } from '../support/harness.mjs';
import { importMessage } from '../support/mail.mjs';
import { invalidAt, invalidParameter, refused } from '../support/problem.mjs';
import { routes } from '../support/routes.mjs';

const world = await startWorld();
const faults = [];
world.observers = [({ method, path, answer }) => {
  if (answer.status >= 500) faults.push(`${method} ${path}: ${answer.status} ${answer.text}`);
}];
const maya = await world.person();
const { body: task } = await maya.post('/tasks', { title: 'Steady' });
const { email } = await importMessage(maya);
const MEETING = 'mtg_01m81q693dfvparr9432s4tb40';

// Every operation that takes JSON, with a body that it would take.
const TAKES_JSON = [
  ['POST', '/auth/register', { email: 'new@example.com', password: 'long enough' }],
  ['POST', '/auth/login', { email: 'new@example.com', password: 'long enough' }],
  ['POST', '/auth/refresh', { refresh_token: 'x' }],
  ['PATCH', '/users/me', { name: 'Maya' }],
  ['POST', '/users/me/addresses', { address: 'alias@example.com' }],
  ['POST', '/tasks', { title: 'x' }],
  ['PATCH', `/tasks/${task.id}`, { title: 'x' }],
  ['POST', `/tasks/${task.id}/links`, { kind: 'meeting', id: MEETING }],
  ['PATCH', `/emails/${email.id}`, { is_read: true }],
  ['PATCH', `/emails/${email.id}/analysis`, { needs_reply: true }],
];

// The extractors are shared, so everything that is odd is tried on these and some of it on the rest.
const THOROUGH = new Set(['POST /tasks', 'PATCH /tasks/{id}', 'POST /auth/register']);

/** What is stored, to see that nothing was added. */
const stored = () => world.database.first(`SELECT
  (SELECT json_group_array(json_array(id, title, version)) FROM tasks) AS tasks,
  (SELECT json_group_array(json_array(id, version)) FROM users) AS users,
  (SELECT json_group_array(json_array(id, version)) FROM emails) AS emails`);
const before = await stored();

const utf8 = (text) => new TextEncoder().encode(text);
const bytes = (...parts) => new Uint8Array(parts.flatMap((part) => [...(typeof part === 'string' ? utf8(part) : part)]));
const trickle = (chunks) => new ReadableStream({
  async start(controller) {
    for (const chunk of chunks) controller.enqueue(chunk);
    controller.close();
  },
});

for (const [method, path, valid] of TAKES_JSON) {
  const name = `${method} ${path.replace(/[a-z]{3}_[0-9a-z]{26}/, '{id}')}`;
  const text = JSON.stringify(valid);
  const [key] = Object.keys(valid);
  const send = (body, options) => maya.send(method, path, body, options);
  const some = (list, few) => (THOROUGH.has(name) ? list : list.slice(0, few));

  test(`${name} answers 400 to what is not JSON`, async () => {
    for (const broken of some(['', `${text}x`, text.slice(0, -1), ' ', '{', `${text}${text}`, "{'a': 1}", '{"a": 1,}', '{a: 1}',
      '{"a": NaN}', '{"a": 01}', `\ufeff${text}`, '// x\n{}', '{"a": "\n"}', '{"a": "\\x"}', 'undefined'], 3)) {
      refused(await send(broken), 400, 'not_json', broken);
    }
    refused(await send(bytes('{"', key, '": "', [0xff, 0xfe], '"}')), 400, 'not_utf8');
    refused(await send(bytes('{"', key, '": "', [0xed, 0xa0, 0x80], '"}')), 400, 'not_utf8', 'CESU');
  });

  test(`${name} answers 400 to a repeated key`, async () => {
    const twice = `{${JSON.stringify(key)}: ${JSON.stringify(valid[key])}, ${text.slice(1)}`;
    refused(await send(twice), 400, 'repeated_key', twice);
  });

  test(`${name} answers 422 to an unknown field, at its place`, async () => {
    for (const unknown of ['colour', '', 'a/b~c', '__proto__']) {
      const body = `${text.slice(0, -1)}, ${JSON.stringify(unknown)}: 1}`;
      const pointer = `/${unknown.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const answer = invalidAt(await send(body), pointer, unknown);
      assert.equal(answer.body.errors[0].code, 'unknown_field');
    }
  });

  test(`${name} takes an object and nothing else`, async () => {
    for (const other of ['null', 'true', '12', '"x"', '[]', '[null]', JSON.stringify(Object.values(valid)), JSON.stringify([valid])]) {
      invalidAt(await send(other), '', other);
    }
  });

  test(`${name} answers 422 to a value of another type, at its place`, async () => {
    for (const [field, value] of Object.entries(valid)) {
      for (const wrong of [12, [], { a: 1 }, typeof value === 'boolean' ? 'yes' : true]) {
        invalidAt(await send({ ...valid, [field]: wrong }), `/${field}`, JSON.stringify(wrong));
      }
    }
  });

  test(`${name} survives what no keyboard types`, async () => {
    for (const odd of some(['"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '1e400', '-0.0', `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
      `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`, '9'.repeat(5000)], 1)) {
      for (const body of [`{"colour": ${odd}}`, odd, `{${JSON.stringify(key)}: ${odd}}`, `{"a": ${odd}, ${text.slice(1)}`]) {
        const answer = await send(body);
        const isFine = path === '/auth/login' || path === '/auth/refresh' ? [400, 401, 422] : [400, 422];
        assert.ok(isFine.includes(answer.status), `${body.slice(0, 60)}: ${answer.status} ${answer.text}`);
        refused(answer, answer.status);
      }
    }
  });

  test(`${name} takes bodies of its own media type`, async () => {
    for (const type of some([method === 'POST' ? 'application/merge-patch+json' : 'application/json-patch+json', 'text/plain',
      'application/x-www-form-urlencoded', 'application/jsonx', 'json', '*/*', 'multipart/form-data; boundary=x'], 2)) {
      refused(await send(text, { headers: { 'content-type': type } }), 415, 'unsupported_media_type', type);
    }
    const typeless = await maya.send(method, path, utf8(text), { headers: { 'content-type': '' } });
    refused(typeless, 415, 'unsupported_media_type', 'none');
  });

  test(`${name} answers 413 beyond 256 KiB, whether or not the length is announced`, async () => {
    const padded = utf8(text + ' '.repeat(256 * 1024 + 1 - text.length));
    refused(await send(padded), 413, 'body_too_large', 'announced');
    const half = padded.length >> 1;
    const chunks = [padded.subarray(0, half), padded.subarray(half)];
    refused(await send(trickle(chunks)), 413, 'body_too_large', 'not announced');
  });
}

test('a body of 256 KiB is taken, whole and in pieces', async () => {
  const other = await world.person();
  const text = JSON.stringify({ title: 'Exactly' });
  const padded = utf8(text + ' '.repeat(256 * 1024 - text.length));
  assert.equal((await other.post('/tasks', padded)).status, 201);
  const chunks = Array.from({ length: 16 }, (_, n) => padded.subarray(n * 16384, (n + 1) * 16384));
  assert.equal((await other.post('/tasks', trickle(chunks))).status, 201);
  const apart = [...utf8('{"title":"Käse 🧀"}')].map((byte) => Uint8Array.of(byte));
  const answer = await other.post('/tasks', trickle(apart));
  assert.equal(answer.body.title, 'Käse 🧀', 'characters may be cut apart');
  await Promise.all((await other.everything('/tasks')).map(({ id }) => other.delete(`/tasks/${id}`)));
  await world.database.run('DELETE FROM users WHERE id = ?', other.id);
});

test('a value inside a value is named by its whole pointer', async () => {
  const links = [{ kind: 'meeting', id: MEETING }, { kind: 'meeting', id: 12 }];
  for (const [method, path] of [['POST', '/tasks'], ['PATCH', `/tasks/${task.id}`]]) {
    const send = (body) => maya.send(method, path, body);
    invalidAt(await send({ title: 'x', links }), '/links/1/id');
    invalidAt(await send({ title: 'x', links: [links[0], 'x'] }), '/links/1');
    invalidAt(await send({ title: 'x', links: [{ ...links[0], colour: 1 }] }), '/links/0/colour');
    invalidAt(await send({ title: 'x', due: { date: 12 } }), '/due/date');
    invalidAt(await send({ title: 'x', due: { date: '2026-01-01', colour: 1 } }), '/due/colour');
    refused(await send('{"title":"x","due":{"date":"2026-01-01","date":"2026-01-01"}}'), 400, 'repeated_key');
    refused(await send(`{"title":"x","links":[{"kind":"meeting","id":"${MEETING}","id":"${MEETING}"}]}`), 400, 'repeated_key');
    refused(await send('{"title":"x","colour":1,"colour":2}'), 400, 'repeated_key', 'unknown keys, too');
  }
  invalidAt(await maya.patch(`/emails/${email.id}`, { labels: ['a', 12] }), '/labels/1');
  invalidAt(await maya.patch(`/emails/${email.id}`, { labels: ['a', ' ', 'x'.repeat(101)] }), ['/labels/1', '/labels/2']);
});

test('a list is not an object, wherever it stands', async () => {
  for (const body of [{ title: 'x', due: ['2026-03-01', null, null, null] }, { title: 'x', due: [] }]) {
    invalidAt(await maya.post('/tasks', body), '/due', JSON.stringify(body));
  }
  invalidAt(await maya.post('/tasks', { title: 'x', links: [['meeting', MEETING]] }), '/links/0');
  invalidAt(await maya.post(`/tasks/${task.id}/links`, ['meeting', MEETING]), '');
});

const REFUSED = [
  ['POST', '/tasks', {}, '/title'],
  ['POST', '/tasks', { title: '' }, '/title'],
  ['POST', '/tasks', { title: ' \t ' }, '/title'],
  ['POST', '/tasks', { title: 'x'.repeat(501) }, '/title'],
  ['POST', '/tasks', { title: 'a\nb' }, '/title'],
  ['POST', '/tasks', { title: 'a\u0000b' }, '/title'],
  ['POST', '/tasks', { title: 'x', description: 'a\u0000b' }, '/description'],
  ['POST', '/tasks', { title: 'x', description: 'x'.repeat(20_001) }, '/description'],
  ['POST', '/tasks', { title: 'x', status: 'done' }, '/status'],
  ['POST', '/tasks', { title: 'x', status: 'TODO' }, '/status'],
  ['POST', '/tasks', { title: 'x', priority: 'asap' }, '/priority'],
  ['POST', '/tasks', { title: 'x', priority: null }, '/priority'],
  ['POST', '/tasks', { title: 'x', duration_minutes: 0 }, '/duration_minutes'],
  ['POST', '/tasks', { title: 'x', duration_minutes: -1 }, '/duration_minutes'],
  ['POST', '/tasks', { title: 'x', duration_minutes: 1.5 }, '/duration_minutes'],
  ['POST', '/tasks', { title: 'x', duration_minutes: '30' }, '/duration_minutes'],
  ['POST', '/tasks', { title: 'x', duration_minutes: 10_081 }, '/duration_minutes'],
  ['POST', '/tasks', { title: 'x', duration_minutes: 2 ** 53 }, '/duration_minutes'],
  ['POST', '/tasks', { title: '', description: 'a\u0000', duration_minutes: 0 }, ['/title', '/description', '/duration_minutes']],
  ['PATCH', `/tasks/${task.id}`, { title: '', duration_minutes: 0 }, ['/title', '/duration_minutes']],
  ['PATCH', `/tasks/${task.id}`, { status: 'done' }, '/status'],
  ['PATCH', '/users/me', { time_zone: 'Mars/Olympus' }, '/time_zone'],
  ['PATCH', '/users/me', { time_zone: '' }, '/time_zone'],
  ['PATCH', '/users/me', { name: '' }, '/name'],
  ['PATCH', '/users/me', { name: 'x'.repeat(201) }, '/name'],
  ['PATCH', '/users/me', { name: null }, '/name'],
  ['PATCH', '/users/me', { role: 'owner' }, '/role'],
  ['POST', '/users/me/addresses', { address: 'nobody' }, '/address'],
  ['POST', '/users/me/addresses', { address: `${'x'.repeat(250)}@example.com` }, '/address'],
  ['POST', '/users/me/addresses', { address: 'a\u0000@example.com' }, '/address'],
  ['POST', '/auth/register', { email: 'a b@c.d', password: 'short', time_zone: 'x', name: '' }, ['/email', '/password', '/time_zone', '/name']],
  ['POST', '/auth/register', { email: 'a@b.c', password: 'x'.repeat(1025) }, '/password'],
  ['POST', '/auth/register', { email: 'a@b.c', password: 'long enough', role: 'owner' }, '/role'],
  ['POST', '/auth/login', { email: 'a@b.c' }, '/password'],
  ['PATCH', `/emails/${email.id}`, { subject: 'x' }, '/subject'],
  ['PATCH', `/emails/${email.id}`, { is_read: null }, '/is_read'],
  ['PATCH', `/emails/${email.id}`, { labels: Array.from({ length: 51 }, (_, n) => `${n}`) }, '/labels'],
  ['PATCH', `/emails/${email.id}/analysis`, { category: 'nonsense' }, '/category'],
  ['PATCH', `/emails/${email.id}/analysis`, { needs_reply: 'yes' }, '/needs_reply'],
];

test('every value that can\'t be taken is named, all of them at once', async () => {
  for (const [method, path, body, wrong] of REFUSED) {
    // A missing field is named where it should be, or by its object.
    const answer = await maya.send(method, path, body);
    refused(answer, 422, undefined, JSON.stringify(body).slice(0, 80));
    const named = (answer.body.errors ?? []).map((error) => error.pointer).sort();
    const isMissing = answer.body.errors?.[0]?.code === 'missing';
    const expected = isMissing ? [''] : [wrong].flat().sort();
    assert.deepEqual(named, expected, `${JSON.stringify(body).slice(0, 80)} ${answer.text}`);
    if (isMissing) assert.match(answer.body.errors[0].message, new RegExp(wrong.slice(1)));
  }
});

test('lengths count characters, and the longest is taken', async () => {
  const guest = await world.person();
  const made = await guest.post('/tasks', { title: '🧀'.repeat(500), description: '日'.repeat(20_000), duration_minutes: 10_080 });
  assert.equal(made.status, 201, made.text);
  await guest.delete(`/tasks/${made.body.id}`);
  await world.database.run('DELETE FROM users WHERE id = ?', guest.id);
});

const PARAMETERS = [
  ['/tasks', 'limit', ['0', '101', '-1', '1.5', 'x', '', '1e1', ' 5', '99999999999999999999', '٣']],
  ['/tasks', 'status', ['done', '', 'TODO', 'todo,completed', 'todo ']],
  ['/tasks', 'priority', ['asap', '', '1']],
  ['/tasks', 'sort', ['title', '', '--due', 'due,priority', '+due', 'tasks.id']],
  ['/tasks', 'due_from', ['yesterday', '', '2026-01-01', '2026-01-01T00:00:00', '2026-13-01T00:00:00Z', '1767225600', '2026-01-01T00:00:00 02:00']],
  ['/tasks', 'due_until', ['tomorrow', '2026-02-30T00:00:00Z']],
  ['/tasks', 'q', ['x'.repeat(1001)]],
  ['/emails', 'limit', ['0', '101']],
  ['/emails', 'category', ['nonsense', '']],
  ['/emails', 'priority', ['asap']],
  ['/emails', 'needs_reply', ['1', 'yes', 'TRUE', '']],
  ['/emails', 'is_read', ['null']],
  ['/emails', 'has_attachments', ['2']],
  ['/emails', 'thread_id', ['x', 'thr_', email.id, '']],
  ['/emails', 'sort', ['subject', '']],
  ['/emails', 'received_from', ['x']],
  ['/emails', 'received_until', ['x']],
  ['/emails', 'q', ['x'.repeat(1001)]],
  ['/jobs', 'status', ['done', '']],
  ['/jobs', 'limit', ['0', '101']],
];

test('a parameter out of its range is named', async () => {
  for (const [list, name, values] of PARAMETERS) {
    for (const value of values) {
      const answer = await maya.get(`${list}?${name}=${encodeURIComponent(value)}`);
      invalidParameter(answer, name, `${list}?${name}=${value.slice(0, 40)}`);
    }
  }
});

test('parameters are each given once, and known', async () => {
  for (const list of ['/tasks', '/emails', '/jobs']) {
    invalidParameter(await maya.get(`${list}?limit=5&limit=5`), 'limit', list);
    invalidParameter(await maya.get(`${list}?colour=red`), 'colour', list);
    invalidParameter(await maya.get(`${list}?colour=red&taste=sweet`), ['colour', 'taste'], list);
    invalidParameter(await maya.get(`${list}?Limit=5`), 'Limit', list);
    invalidParameter(await maya.get(`${list}?%00=5`), '\u0000', list);
    invalidParameter(await maya.get(`${list}?=5`), '', list);
  }
  invalidParameter(await maya.get('/tasks?status=todo&status=completed'), 'status');
});

test('a search for nothing is still told of its other faults', async () => {
  invalidParameter(await maya.get('/tasks?q=-&due_from=x'), 'due_from');
  invalidParameter(await maya.get('/emails?q=-&needs_reply=x'), 'needs_reply');
});

test('odd text in parameters is text', async () => {
  for (const value of ['%00', '%ff', '%F0%9F%98%80', "'%20OR%201=1--", '%', '%zz', '+', '%2B', '%ED%A0%80']) {
    for (const path of [`/tasks?q=${value}`, `/emails?q=${value}`, `/emails?from=${value}`, `/emails?label=${value}`]) {
      const answer = await maya.get(path);
      assert.equal(answer.status, 200, `${path}: ${answer.text}`);
      assert.deepEqual(answer.body.items, [], path);
    }
  }
});

test('an unknown path is a problem, too', async () => {
  for (const path of ['/nope', '/api', '/api/v1', '/api/v1/', '/api/v1/nope', '/api/v2/tasks', '/api/v1/tasks/', '/api/v1//tasks',
    '/API/v1/tasks', '/api/v1/tasks/a/b/c/d', '/%ff', '/%00', '/api/v1/tasks%2f', '/.env', '/.well-known/nope', '/wp-login.php',
    '/ws', `/${'x'.repeat(4000)}`, '/api/v1/%74%61sks/x', '/health/']) {
    for (const method of ['GET', 'POST', 'DELETE', 'PUT']) {
      refused(await maya.send(method, `/${path}`), 404, 'not_found', `${method} ${path.slice(0, 50)}`);
    }
  }
});

test('a method that a resource does not have is 405, with those that it has', async () => {
  for (const { path, methods } of routes()) {
    const place = path.replace('{kind}', 'email').replace(/\{[^}]+\}/g, 'x');
    const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].sort();
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter((name) => !methods.includes(name))) {
      const answer = refused(await maya.send(method, `/${place}`), 405, 'method_not_allowed', `${method} ${path}`);
      const named = answer.headers.get('allow').split(',').map((name) => name.trim()).sort();
      assert.deepEqual(named, allowed, path);
    }
  }
});

test('without a token nothing is looked at but the token', async () => {
  const nobody = world.anonymous();
  const open = /^\/(health|\.well-known|ws\/connect|feeds|api\/v1\/(erasures|booking))|\/auth\/(register|login|refresh|exchange|password\/reset(\/confirm)?|\{provider\}\/\w+)$/;
  for (const { path, methods } of routes().filter(({ path: route }) => !open.test(route))) {
    for (const method of methods) {
      const place = path.replace(/\{[^}]+\}/g, 'x');
      refused(await nobody.send(method, `/${place}`, method === 'GET' || method === 'DELETE' ? undefined : '{'), 401, 'unauthenticated', `${method} ${path}`);
    }
  }
});

test('the live channel says what it wants of a request that is none of its own', async () => {
  refused(await maya.get('//ws/connect'), 426, 'upgrade_required');
  invalidParameter(await maya.get('//ws/connect?colour=red'), 'colour');
  invalidParameter(await maya.get('//ws/connect?ticket=a&ticket=b'), 'ticket');
});

test('an upload is measured before it is taken', async () => {
  const upload = (body, headers) => maya.post('/emails/import', body, { headers });
  refused(await upload('x', { 'content-type': 'text/plain' }), 415);
  refused(await upload(trickle([utf8('From: a@b.c\r\n\r\nx')]), { 'content-type': 'message/rfc822' }), 411, 'length_required');
  refused(await upload(new Uint8Array(), { 'content-type': 'message/rfc822' }), 422);
});

test('a fault of ours says nothing of its cause, and the log says it all', async () => {
  world.clearLogs();
  await world.database.run('ALTER TABLE invitations RENAME TO invitations_away');
  const answer = await maya.post('/auth/invitations', undefined, { headers: { 'x-request-id': 'fault-1' } });
  await world.database.run('ALTER TABLE invitations_away RENAME TO invitations');
  refused(answer, 500, 'internal');
  assert.doesNotMatch(answer.text, /invitations|sql|d1|table|panic|rust|\.rs/i);
  const lines = world.logs();
  assert.ok(lines.some((line) => /no such table/.test(line.error ?? '')), JSON.stringify(lines));
  assert.ok(lines.some((line) => line['request.id'] === 'fault-1' && line['http.status'] === 500));
  faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes('/auth/invitations')));
});

test('nothing that was refused was kept, and nothing was a fault of ours', async () => {
  assert.deepEqual(faults, []);
  assert.deepEqual(await stored(), before);
});
