// The OpenAPI document against what the Worker answers.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { takeOut } from '../support/archive.mjs';
import { headersOf } from '../support/credentials.mjs';
import { Document } from '../support/document.mjs';
import { connect } from '../support/frames.mjs';
import { eventually, startWorld } from '../support/harness.mjs';
import { importMessage, message } from '../support/mail.mjs';
import { Estate, operations } from '../support/operations.mjs';
import { configuredFor } from '../support/providers.mjs';
import { resetToken } from '../support/reset.mjs';
import { openapi, routes } from '../support/routes.mjs';
import { ScriptedProvider } from '../support/scripted_provider.mjs';
import { APP, BACK, comeBack } from '../support/visits.mjs';

const source = openapi();
const skip = source === null && 'openapi.json was not generated yet';

const provider = await ScriptedProvider.start();
after(() => provider.close());
const world = await startWorld({ origins: APP, ...configuredFor({ google: provider }) });
const document = source && new Document(source);
const reached = new Set();
const faults = new Set();
world.observers = [(seen) => {
  const verdict = document?.judge(seen);
  if (!verdict) return;
  reached.add(verdict.name);
  for (const fault of verdict.faults) faults.add(fault);
}];

test('the document describes the routes of the router, no more and no fewer', { skip }, () => {
  const routed = routes().flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`)).sort();
  assert.deepEqual(document.operations, routed);
});

test('the document is a document', { skip }, () => {
  assert.match(source.openapi, /^3\.1/);
  const ids = Object.values(source.paths).flatMap((item) => Object.values(item)).map((operation) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length, 'every operation has its own id');
  for (const [, name] of JSON.stringify(source).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
    assert.ok(source.components.schemas[name], name);
  }
});

test('what holds answers against the document sees what is wrong with them', { skip }, async () => {
  const answer = (body, change = {}) => {
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    return { status: 200, headers: new Headers({ 'content-type': 'application/json', etag: '"1"' }), body, bytes, text: '', ...change };
  };
  const judged = (change) => document.judge({ method: 'GET', path: '/tasks/x', answer: change }).faults.length;
  const good = {
    id: 'x', title: 'x', description: '', status: 'todo', priority: 'low', due: null, duration_minutes: null, completed_at: null,
    source: null, confidence: null, links: [], created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-01T00:00:00.000Z',
  };
  assert.equal(judged(answer(good)), 0);
  for (const bad of [{ ...good, title: 1 }, { ...good, status: 'done' }, { ...good, colour: 'red' }, { ...good, id: undefined },
    { ...good, due: { date: '2026-01-01' } }, { ...good, links: [{ kind: 'email', id: 'x', colour: 'red' }] }, { ...good, created_at: 'today' }]) {
    assert.notEqual(judged(answer(JSON.parse(JSON.stringify(bad)))), 0, JSON.stringify(bad));
  }
  assert.notEqual(judged(answer(good, { status: 418 })), 0);
  assert.notEqual(judged(answer(good, { headers: new Headers({ 'content-type': 'application/json' }) })), 0, 'no etag');
  assert.notEqual(judged(answer(good, { headers: new Headers({ 'content-type': 'text/html', etag: '"1"' }) })), 0);
});

test('what succeeds is answered as it is described', { skip }, async () => {
  const owner = await world.person();
  const anyone = world.anonymous();
  for (const path of ['//health', '//health/ready', '//.well-known/jwks.json']) await anyone.get(path);
  await anyone.post('/auth/login', { email: owner.user.email, password: owner.password });
  await anyone.post('/auth/refresh', { refresh_token: owner.refreshToken });
  await owner.post('/auth/invitations');
  await owner.post('/ws/tickets');
  await owner.get('/users/me');
  await owner.patch('/users/me', { name: 'Someone' });
  await owner.post('/users/me/addresses', { address: 'alias@example.com' });
  await owner.get('/users/me/addresses');
  await owner.delete('/users/me/addresses/alias@example.com');

  const { body: bare } = await owner.post('/tasks', { title: 'Bare' });
  await owner.get(`/tasks/${bare.id}`);
  const link = { kind: 'meeting', id: 'mtg_01m81q693dfvparr9432s4tb40' };
  const full = {
    title: 'Full', description: 'All of it', status: 'completed', priority: 'urgent',
    due: { date_time: '2026-12-01T10:00:00', time_zone: 'Europe/Berlin' }, duration_minutes: 5, links: [link],
  };
  const { body: task } = await owner.post('/tasks', full);
  await owner.get(`/tasks/${task.id}`);
  await owner.patch(`/tasks/${task.id}`, { due: { date: '2026-12-01' } });
  await owner.get(`/tasks/${task.id}/links`);
  await owner.post(`/tasks/${task.id}/links`, { kind: 'email', id: 'eml_01m81q693dfvparr9432s4tb40' });
  await owner.delete(`/tasks/${task.id}/links/meeting/${link.id}`);

  const attachment = [
    '--b', 'Content-Type: text/plain', '', 'Please sign the enclosed agreement by Friday, 27 November.', '',
    '--b', 'Content-Type: application/pdf; name="agreement.pdf"', 'Content-Disposition: attachment; filename="agreement.pdf"',
    'Content-Transfer-Encoding: base64', '', 'JVBERi0xLjQK', '--b--', '',
  ].join('\r\n');
  const { email, job } = await importMessage(owner, message({
    subject: 'Agreement', to: 'person1@example.com, "Ben" <ben@example.org>', text: attachment,
    headers: { 'Content-Type': 'multipart/mixed; boundary=b', Cc: 'c@example.org', 'Reply-To': 'desk@example.org' },
  }));
  await owner.get(`/emails/${email.id}`);
  await owner.get(`/emails/${email.id}/raw`);
  await owner.patch(`/emails/${email.id}`, { labels: ['a', 'b'], is_read: true });
  await owner.get(`/emails/threads/${email.thread_id}`);
  await owner.get(`/emails/threads/${email.thread_id}/summary`);
  await owner.get(`/emails/${email.id}/analysis`);
  await owner.patch(`/emails/${email.id}/analysis`, { category: 'personal', priority: 'high', needs_reply: true });
  await owner.post(`/emails/${email.id}/analyze`);
  const { job: broken } = await importMessage(owner, 'no message at all');
  for (const id of [job.id, broken.id]) {
    await owner.get(`/jobs/${id}`);
    await owner.post(`/jobs/${id}/retry`);
  }
  await owner.job(job.id);
  await owner.job(broken.id);
  for (const list of ['/tasks', '/tasks?limit=1', '/emails', '/emails?limit=1', '/jobs', '/jobs?limit=1', '/tasks?q=-']) await owner.get(list);
  // Tasks that an engine found carry a source and a confidence: at least one must be among them.
  assert.ok((await owner.everything('/tasks')).some((found) => found.source !== null), 'no task came from the message');
  await owner.delete(`/tasks/${bare.id}`);
  const device = await connect(world, owner);
  reached.add('GET /ws/connect 101');
  await device.close();
  await takeOut(owner);
  const signingIn = await comeBack(world, `/auth/google/login?return_to=${encodeURIComponent(BACK)}`);
  await anyone.post('/auth/exchange', { code: signingIn.code });
  await anyone.get('/auth/microsoft/callback?admin_consent=True');
  await anyone.get('/auth/google/callback?admin_consent=True');
  const connecting = await owner.post('/users/me/connections', { provider: 'google', access: ['mail'], return_to: BACK });
  provider.person = { ...provider.person, sub: 'somebody-to-connect' };
  const back = await comeBack(world, new URL(connecting.body.authorization_url));
  await owner.post('/users/me/connections/complete', { code: back.connection_code });
  const { body: feed } = await owner.post('/calendar/feeds', { name: 'Phone', detail: 'shared' });
  const address = `/${new URL(feed.url).pathname}`;
  const { etag: seen } = await anyone.get(address);
  await anyone.get(address, { headers: { 'if-none-match': seen } });
  const estate = new Estate(world, owner);
  for (const operation of operations().filter(({ path }) => /^\/api\/v1\/(calendar|booking|emails\/lessons|users\/me\/(usage|preferences))/.test(path))) {
    await estate.ask(operation, headersOf(owner), { fresh: true });
  }
  // What only a person on a device may do, by somebody else each time: some of it ends the session.
  for (const operation of operations().filter(({ access }) => access.kind === 'session')) {
    const person = await world.person();
    await new Estate(world, person).ask(operation, headersOf(person));
  }
  await owner.post('/auth/password', { current_password: owner.password, new_password: 'another long one' });
  const token = await resetToken(world, owner);
  await owner.get('/auth/caller');
  await owner.post('/auth/logout');
  await anyone.post('/auth/password/reset', { email: owner.user.email });
  await anyone.post('/auth/password/reset/confirm', { token: await resetToken(world, owner), new_password: 'a third long one' });
  await anyone.post('/auth/password/reset/confirm', { token, new_password: 'a third long one' });
  // What a reset takes away is found by the tick of the clock.
  await world.scheduled();
  const leaver = await world.person();
  const { body: receipt } = await leaver.delete('/users/me');
  await eventually(async () => assert.equal((await anyone.get(new URL(receipt.receipt_url).pathname.replace('/api/v1', ''))).body.status, 'finished'));
  assert.deepEqual([...faults], []);
  assert.deepEqual(document.successes.filter((name) => !reached.has(name)), [], 'every success was reached');
});

test('what fails is answered as it is described', { skip }, async () => {
  const person = await world.person();
  const anyone = world.anonymous();
  const { body: task } = await person.post('/tasks', { title: 'x' });
  const id = '01m81q693dfvparr9432s4tb40';
  for (const { path, methods } of routes()) {
    const place = `/${path.replace('{kind}', 'email').replace('{target}', `eml_${id}`).replace('{address}', 'x@example.com')
      .replace('/tasks/{id}', `/tasks/tsk_${id}`).replace('/threads/{id}', `/threads/thr_${id}`)
      .replace('/emails/{id}', `/emails/eml_${id}`).replace('/jobs/{id}', `/jobs/job_${id}`)}`;
    for (const method of methods) {
      const takesBody = ['POST', 'PUT', 'PATCH'].includes(method);
      await anyone.send(method, place, takesBody ? {} : undefined);
      if (path.endsWith('/logout') || (method === 'DELETE' && path.endsWith('/users/me'))) continue;
      await person.send(method, place, takesBody ? {} : undefined);
      await person.send(method, `${place}?colour=red`, takesBody ? { colour: 'red' } : undefined);
      await person.send(method, place, takesBody ? {} : undefined, { headers: { 'if-match': '"9"', 'idempotency-key': 'x'.repeat(300) } });
      if (!takesBody) continue;
      await person.send(method, place, '{');
      await person.send(method, place, 'x', { headers: { 'content-type': 'text/plain' } });
      await person.send(method, place, ' '.repeat(256 * 1024 + 1));
    }
  }
  await anyone.post('/auth/register', { email: person.user.email, password: 'long enough' });
  await person.post('/auth/invitations');
  await person.patch(`/tasks/${task.id}`, { title: 'y' }, { headers: { 'if-match': '"9"' } });
  await person.patch('/users/me', { name: 'y' }, { headers: { 'if-match': '"9"' } });
  await person.delete(`/tasks/${task.id}`, { headers: { 'if-match': '"9"' } });
  await person.delete(`/users/me/addresses/${person.user.email}`);
  const trickle = new ReadableStream({ start(controller) { controller.enqueue(new TextEncoder().encode('x')); controller.close(); } });
  await person.post('/emails/import', trickle, { headers: { 'content-type': 'application/mbox' } });
  await person.post('/emails/import', new Uint8Array(), { headers: { 'content-type': 'application/mbox' } });
  await person.get('//ws/connect?ticket=x', { headers: { 'sec-websocket-protocol': 'delegate.v1' } });
  assert.deepEqual([...faults], []);
});
