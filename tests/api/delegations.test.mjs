// One person acts for another: within what was let, while it was let, and on the record of both.
// That each operation asks for its scope is in matrix.test.mjs.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { actingFor, headersOf } from '../support/credentials.mjs';
import { connect } from '../support/frames.mjs';
import { eventually, startWorld } from '../support/harness.mjs';
import { identifier } from '../support/operations.mjs';
import { invalidAt, invalidParameter, refused } from '../support/problem.mjs';

const world = await startWorld();
const maya = await world.person({ name: 'Maya' });
const anyone = world.anonymous();
const brief = ({ user }) => ({ id: user.id, name: user.name, email: user.email });

/** Requests of one person for another. */
const forMaya = (helper, more = {}) => ({ headers: { ...actingFor(maya.id, headersOf(helper)), ...more } });

/** Somebody whom Maya lets act for her. */
async function helperWith(scopes, input = {}) {
  const helper = await world.person();
  const answer = await maya.post('/users/me/delegations', { user_id: helper.id, scopes, ...input });
  assert.equal(answer.status, 201, answer.text);
  return { helper, delegation: answer.body, etag: answer.etag };
}

const trail = async (person, object) => (await person.everything('/users/me/audit')).filter((entry) => entry.object === object);

test('a delegation is seen by both, each from their side', async () => {
  const helper = await world.person({ name: 'Ben' });
  const answer = await maya.post('/users/me/delegations', { user_id: helper.id, scopes: ['tasks:write', 'tasks:read'], expires_at: '2099-01-01T00:00:00Z' });
  assert.equal(answer.status, 201, answer.text);
  const { id, created_at, updated_at, ...rest } = answer.body;
  assert.deepEqual(rest, {
    direction: 'given', owner: brief(maya), delegate: brief(helper), scopes: ['tasks:read', 'tasks:write'], expires_at: '2099-01-01T00:00:00.000Z',
  });
  assert.equal(answer.location, `/api/v1/users/me/delegations/${id}`);
  const [mine, theirs] = [await maya.get(`/users/me/delegations/${id}`), await helper.get(`/users/me/delegations/${id}`)];
  assert.deepEqual(mine.body, answer.body);
  assert.deepEqual(theirs.body, { ...answer.body, direction: 'received' });
  assert.equal(mine.etag, answer.etag);
  for (const [person, direction, count] of [[maya, 'given', 1], [maya, 'received', 0], [helper, 'received', 1], [helper, 'given', 0]]) {
    const { items } = (await person.get(`/users/me/delegations?direction=${direction}`)).body;
    assert.equal(items.filter((item) => item.id === id).length, count, direction);
  }
  invalidParameter(await maya.get('/users/me/delegations?direction=sideways'), 'direction');
});

test('both are told of it, and both find it on record', async () => {
  const helper = await world.person();
  const devices = [await connect(world, maya), await connect(world, helper)];
  const { body: { id } } = await maya.post('/users/me/delegations', { user_id: helper.id, scopes: ['tasks:read'] });
  await maya.patch(`/users/me/delegations/${id}`, { scopes: ['emails:read'] });
  await helper.delete(`/users/me/delegations/${id}`);
  for (const device of devices) {
    const about = () => device.events.filter(({ data }) => data.id === id).map(({ type, data }) => [type, data.scopes]);
    await eventually(() => assert.deepEqual(about(), [['delegation.updated', ['tasks:read']], ['delegation.updated', ['emails:read']], ['delegation.deleted', undefined]]));
    await device.close();
  }
  const [ofMaya, ofHelper] = [await trail(maya, id), await trail(helper, id)];
  assert.deepEqual(ofMaya.map(({ action, actor }) => [action, actor.id]),
    [['delegation.deleted', helper.id], ['delegation.updated', maya.id], ['delegation.created', maya.id]]);
  assert.deepEqual(ofHelper.filter(({ action }) => action !== 'delegation.updated').map(({ action, actor }) => [action, actor.id]),
    [['delegation.deleted', helper.id], ['delegation.created', maya.id]]);
  assert.equal(ofMaya[0].address + ofMaya[0].user_agent, '', 'from where the other did it is theirs to know');
});

test('what is done for somebody is theirs, and on their record with both names', async () => {
  const { helper } = await helperWith(['tasks:write', 'tasks:read']);
  const answer = await anyone.post('/tasks', { title: 'For Maya' }, forMaya(helper, { 'user-agent': 'helper-app/1', 'idempotency-key': 'a' }));
  assert.equal(answer.status, 201, answer.text);
  const { id } = answer.body;
  assert.equal((await maya.get(`/tasks/${id}`)).body.title, 'For Maya');
  refused(await helper.get(`/tasks/${id}`), 404);
  assert.equal((await anyone.get(`/tasks/${id}`, forMaya(helper))).status, 200);
  const entries = (await maya.everything('/users/me/audit')).filter(({ actor }) => actor?.id === helper.id);
  const written = entries.find(({ action }) => action === 'tasks:write');
  assert.deepEqual(written.actor, brief(helper));
  assert.deepEqual(written.on_behalf_of, brief(maya));
  assert.equal(written.via, 'delegation');
  assert.match(written.object, /^POST \/.*tasks$/);
  assert.equal(written.user_agent, 'helper-app/1');
});

test('of what is read for somebody one entry an hour stays', async () => {
  const { helper } = await helperWith(['tasks:read', 'account:read']);
  for (let n = 0; n < 3; n += 1) await anyone.get('/tasks', forMaya(helper));
  await anyone.get('/users/me', forMaya(helper));
  const entries = (await maya.everything('/users/me/audit')).filter(({ actor, via }) => actor?.id === helper.id && via === 'delegation');
  assert.deepEqual(entries.map(({ action }) => action), ['account:read', 'tasks:read']);
});

test('what was refused is not on record as done', async () => {
  const { helper } = await helperWith(['tasks:read']);
  refused(await anyone.post('/tasks', { title: 'x' }, forMaya(helper)), 403, 'insufficient_scope');
  refused(await anyone.get('/emails', forMaya(helper)), 403, 'insufficient_scope');
  assert.deepEqual((await maya.everything('/users/me/audit')).filter(({ actor, via }) => actor?.id === helper.id && via === 'delegation'), []);
});

test('what came to nothing is not on record as done', { todo: 'the entry stands in the first batch, whatever comes of the request' }, async () => {
  const { helper } = await helperWith(['tasks:write']);
  refused(await anyone.post('/tasks', { title: '' }, forMaya(helper)), 422);
  refused(await anyone.patch(`/tasks/${identifier('tsk')}`, { title: 'x' }, forMaya(helper)), 404);
  assert.deepEqual((await maya.everything('/users/me/audit')).filter(({ actor, via }) => actor?.id === helper.id && via === 'delegation'), []);
});

test('who acts for somebody sees only what is that person\'s', async () => {
  const { helper } = await helperWith(['tasks:read', 'tasks:write', 'account:read']);
  const { body: own } = await helper.post('/tasks', { title: 'Ben\'s own' });
  refused(await anyone.get(`/tasks/${own.id}`, forMaya(helper)), 404);
  refused(await anyone.delete(`/tasks/${own.id}`, forMaya(helper)), 404);
  assert.equal((await anyone.get('/users/me', forMaya(helper))).body.id, maya.id);
  const { items } = (await anyone.get('/tasks?limit=100', forMaya(helper))).body;
  assert.ok(!items.some(({ id }) => id === own.id));
  const mine = (await helper.get('/tasks?limit=1')).body;
  assert.equal(mine.items.length, 1);
  const page = await anyone.get('/tasks?limit=1', forMaya(helper));
  if (page.body.next_cursor) refused(await helper.get(`/tasks?limit=1&cursor=${page.body.next_cursor}`), 422, undefined, 'a cursor is its person\'s');
});

test('the person hears of what was done for them', async () => {
  const { helper } = await helperWith(['tasks:write']);
  const device = await connect(world, maya);
  const { body } = await anyone.post('/tasks', { title: 'Heard' }, forMaya(helper));
  assert.equal((await device.next((frame) => frame.type === 'task.created' && frame.data.id === body.id)).data.title, 'Heard');
  await device.close();
});

test('a delegation that is taken back or changed holds from the next request on', async () => {
  const { helper, delegation: { id }, etag } = await helperWith(['tasks:read', 'tasks:write']);
  const read = () => anyone.get('/tasks', forMaya(helper));
  const write = (key) => anyone.post('/tasks', { title: 'Once' }, forMaya(helper, { 'idempotency-key': key }));
  assert.equal((await write('kept')).status, 201);
  const narrowed = await maya.patch(`/users/me/delegations/${id}`, { scopes: ['tasks:read'] }, { headers: { 'if-match': etag } });
  assert.equal(narrowed.status, 200, narrowed.text);
  assert.notEqual(narrowed.etag, etag);
  assert.equal((await read()).status, 200);
  refused(await write('kept'), 403, 'insufficient_scope', 'nor is an answer repeated that was given before');
  refused(await maya.patch(`/users/me/delegations/${id}`, { scopes: ['tasks:write'] }, { headers: { 'if-match': etag } }), 412);
  assert.equal((await maya.delete(`/users/me/delegations/${id}`)).status, 204);
  refused(await read(), 404, 'not_found');
  refused(await write('kept'), 404, 'not_found');
  for (const person of [maya, helper]) refused(await person.get(`/users/me/delegations/${id}`), 404);
  refused(await maya.delete(`/users/me/delegations/${id}`), 404);
});

test('a delegation ends when its time is over, and can be made to last', async () => {
  const { helper, delegation: { id } } = await helperWith(['tasks:read'], { expires_at: new Date(Date.now() + 1500).toISOString() });
  const read = () => anyone.get('/tasks', forMaya(helper));
  assert.equal((await read()).status, 200);
  await eventually(async () => (await read()).status === 404, { seconds: 5, every: 100, what: 'it expires' });
  assert.equal((await maya.patch(`/users/me/delegations/${id}`, { expires_at: null })).body.expires_at, null);
  assert.equal((await read()).status, 200);
  invalidAt(await maya.patch(`/users/me/delegations/${id}`, { expires_at: '2020-01-01T00:00:00Z' }), '/expires_at');
});

test('only who gave a delegation can change it; either can end it', async () => {
  const { helper, delegation: { id } } = await helperWith(['tasks:read']);
  refused(await helper.patch(`/users/me/delegations/${id}`, { scopes: ['emails:read'] }), 403, 'not_yours_to_change');
  assert.deepEqual((await maya.get(`/users/me/delegations/${id}`)).body.scopes, ['tasks:read']);
  assert.equal((await helper.delete(`/users/me/delegations/${id}`)).status, 204);
  refused(await anyone.get('/tasks', forMaya(helper)), 404);
});

test('a delegation goes one way, one step, to one person', async () => {
  const { helper } = await helperWith(['tasks:read', 'tasks:write']);
  const third = await world.person();
  await helper.post('/users/me/delegations', { user_id: third.id, scopes: ['tasks:read'] });
  refused(await anyone.get('/tasks', { headers: actingFor(helper.id, headersOf(maya)) }), 404, 'not_found', 'not the other way round');
  refused(await anyone.get('/tasks', { headers: actingFor(maya.id, headersOf(third)) }), 404, 'not_found', 'not through somebody');
  assert.equal((await anyone.get('/tasks', { headers: actingFor(helper.id, headersOf(third)) })).status, 200);
});

test('somebody can\'t let somebody else do what they may only do themselves', async () => {
  const { helper } = await helperWith(['account:read', 'account:write']);
  for (const [method, path, body] of [['GET', '/users/me/sessions'], ['POST', '/users/me/api-keys', { name: 'x', scopes: ['tasks:read'] }],
    ['POST', '/users/me/delegations', { user_id: (await world.person()).id, scopes: ['tasks:read'] }], ['GET', '/users/me/audit'], ['POST', '/auth/logout']]) {
    refused(await anyone.send(method, path, body, forMaya(helper)), 403, 'insufficient_scope', path);
  }
  assert.equal((await maya.get('/users/me')).status, 200);
});

test('a delegation that can\'t be is not made', async () => {
  const helper = await world.person();
  const ask = (input) => maya.post('/users/me/delegations', input);
  invalidAt(await ask({ user_id: maya.id, scopes: ['tasks:read'] }), '/user_id');
  for (const user_id of [identifier('usr'), 'usr_x', helper.user.email, identifier('tsk'), '']) {
    invalidAt(await ask({ user_id, scopes: ['tasks:read'] }), '/user_id', user_id);
  }
  invalidAt(await ask({ user_id: helper.id, scopes: [] }), '/scopes');
  invalidAt(await ask({ user_id: helper.id, scopes: ['tasks:read', 'live'] }), '/scopes', 'the channel tells of everything');
  for (const scope of ['session', 'owner', 'tasks']) refused(await ask({ user_id: helper.id, scopes: [scope] }), 422, undefined, scope);
  assert.equal((await ask({ user_id: helper.id, scopes: ['tasks:read'] })).status, 201);
  refused(await ask({ user_id: helper.id, scopes: ['emails:read'] }), 409, 'delegated_already');
  invalidAt(await maya.patch(`/users/me/delegations/${(await maya.get('/users/me/delegations?limit=1')).body.items[0].id}`, { scopes: ['live'] }), '/scopes');
});

test('for whom somebody acts must be somebody', async () => {
  const { helper } = await helperWith(['tasks:read']);
  const ask = (value) => anyone.get('/tasks', { headers: { ...headersOf(helper), 'acting-for': value } });
  for (const value of ['x', maya.user.email, `${maya.id},${helper.id}`, maya.id.toUpperCase(), identifier('tsk')]) invalidParameter(await ask(value), 'Acting-For', value);
  refused(await ask(identifier('usr')), 404, 'not_found');
  assert.equal((await ask(helper.id)).status, 200, 'for oneself');
  assert.equal((await ask(` ${maya.id} `)).status, 200);
});

test('a page of an allowed origin may act for somebody', async () => {
  const answer = await world.request('/api/v1/tasks', {
    method: 'OPTIONS', headers: { origin: world.publicUrl, 'access-control-request-method': 'GET', 'access-control-request-headers': 'acting-for' },
  });
  assert.match(answer.headers.get('access-control-allow-headers') ?? '', /\bacting-for\b/);
});

test('the log names both', async () => {
  const { helper } = await helperWith(['tasks:read']);
  const { requestId } = await anyone.get('/tasks', forMaya(helper));
  const line = await eventually(() => world.logs().find((each) => each['request.id'] === requestId) ?? false);
  assert.deepEqual([line['user.id'], line['actor.id']], [maya.id, helper.id]);
});

test('nobody acts for an account that is going, nor one that is going for anybody', async () => {
  const [owner, delegate] = [await world.person(), await world.person()];
  await owner.post('/users/me/delegations', { user_id: delegate.id, scopes: ['tasks:read'] });
  const read = () => anyone.get('/tasks', { headers: actingFor(owner.id, headersOf(delegate)) });
  assert.equal((await read()).status, 200);
  const going = (person, at) => world.database.run('UPDATE users SET erasing_at = ? WHERE id = ?', at, person.id);
  await going(owner, '2026-01-01T00:00:00.000Z');
  refused(await read(), 404, 'not_found');
  await going(owner, null);
  await going(delegate, '2026-01-01T00:00:00.000Z');
  refused(await read(), 401, 'unauthenticated');
  await going(delegate, null);
  await world.database.run('DELETE FROM users WHERE id = ?', delegate.id);
  refused(await read(), 401, 'unauthenticated');
  assert.deepEqual((await owner.get('/users/me/delegations')).body.items, []);
});

test('at most fifty people act for one', async () => {
  const owner = await world.person();
  const now = new Date().toISOString();
  for (let n = 0; n < 49; n += 1) {
    const id = identifier('usr');
    await world.database.run(`INSERT INTO users (id, email, email_key, name, time_zone, role, created_at, updated_at) VALUES (?1, ?2, ?2, 'x', 'UTC', 'member', ?3, ?3)`, id, `many${n}@example.net`, now);
    await world.database.run(`INSERT INTO delegations (id, user_id, delegate_id, scopes, created_at, updated_at) VALUES (?1, ?2, ?3, '["tasks:read"]', ?4, ?4)`, identifier('dlg'), owner.id, id, now);
  }
  const people = await Promise.all(Array.from({ length: 3 }, () => world.person()));
  const answers = await Promise.all(people.map(({ id }) => owner.post('/users/me/delegations', { user_id: id, scopes: ['tasks:read'] })));
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  for (const answer of answers.filter(({ status }) => status !== 201)) refused(answer, 409, 'too_many_delegations');
  const listed = await owner.everything('/users/me/delegations', 9);
  assert.equal(new Set(listed.map(({ id }) => id)).size, 50);
});
