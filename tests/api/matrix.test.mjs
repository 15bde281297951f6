// Who may do what: every operation of the OpenAPI document with every kind of credential.
//
// The document says of each operation who may carry it out: anybody, a scope, a session, the owner.
// Every refusal comes before every success, and between them nothing of the person may have
// changed. A new operation is part of this by being in the document.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { actingFor, badTokens, headersOf, keyText, plantDelegation, planted, plantKey } from '../support/credentials.mjs';
import { startWorld } from '../support/harness.mjs';
import { Estate, identifier, operations, scopes, WITH_PROVIDER } from '../support/operations.mjs';
import { refused } from '../support/problem.mjs';

const SCOPES = ['account:read', 'account:write', 'calendar:free_busy', 'calendar:read', 'calendar:write', 'emails:read', 'emails:write', 'jobs:read', 'jobs:write', 'live', 'tasks:read', 'tasks:write'];
/** Hearing everything at once is more than one area, so nobody can let somebody else do it. */
const DELEGABLE = SCOPES.filter((scope) => scope !== 'live');
const OWN = 'the person on a device';

/** What is meant to be otherwise: `operation: {credential: status}`. */
const EXCEPTIONS = {
  // Signing out of a session that has ended does what was asked for.
  'POST /api/v1/auth/logout': { 'a session that has ended': 204, 'a session that has just ended': 204 },
};

/** What can't succeed here, and the answer that shows that nobody was kept from it. */
const BEYOND = {
  // The code comes from a visit to a provider: connections.test.mjs.
  'POST /api/v1/users/me/connections/complete': [403, 'invalid_code'],
};

const world = await startWorld(WITH_PROVIDER);
// The first person owns the deployment, so that what only they may do is theirs to do.
const maya = await world.person({ name: 'Maya' });
const [stranger, helper, program, former] = await Promise.all(
  ['Stranger', 'Helper', 'Program', 'Former'].map((name) => world.person({ name })));
const estate = new Estate(world, maya);
const all = operations();
const guarded = all.filter(({ access }) => access.kind !== 'public');
const scoped = guarded.filter(({ access }) => access.kind === 'scope')
  .sort((a, b) => SCOPES.indexOf(a.access.scopes[0]) - SCOPES.indexOf(b.access.scopes[0]));
const personal = guarded.filter(({ access }) => access.kind === 'session' || access.kind === 'owner');

/** A session of Maya's own that has ended, with a token that the Worker has or has not seen before. */
async function endedSession(isSeen) {
  const { body } = await world.anonymous().post('/auth/login', { email: maya.user.email, password: maya.password });
  const headers = headersOf({ token: body.access_token });
  if (isSeen) assert.equal((await world.anonymous().get('/users/me', { headers })).status, 200);
  assert.equal((await world.anonymous().post('/auth/logout', undefined, { headers })).status, 204);
  return headers;
}

const ended = await endedSession(false);
const endedJustNow = await endedSession(true);
const badTokensOfMaya = [['no token', {}], ...badTokens(world, maya), ['a session that has ended', ended]];
const badKeys = [
  ['a key that nobody made', { authorization: `Bearer ${keyText(maya.id)}` }],
  ['a key that has expired', (await plantKey(world, maya.id, SCOPES, { expires_at: '2026-01-01T00:00:00.000Z' })).headers],
  ['a key that was revoked', await revokedKey()],
  ['a key of somebody else that names this person', await foreignKey()],
];
const keyOfStranger = await plantKey(world, stranger.id, SCOPES);
const keyOfMaya = await plantKey(world, maya.id, SCOPES);
const keyOfHelper = await plantKey(world, helper.id, SCOPES);
await plantDelegation(world, maya.id, program.id, DELEGABLE);
await plantDelegation(world, helper.id, maya.id, SCOPES);
await plantDelegation(world, maya.id, former.id, SCOPES, { expires_at: '2026-01-01T00:00:00.000Z' });

async function revokedKey() {
  const key = await plantKey(world, maya.id, SCOPES);
  assert.equal((await world.anonymous().get('/users/me', { headers: key.headers })).status, 200);
  await world.database.run('DELETE FROM api_keys WHERE id = ?', key.id);
  return key.headers;
}

/** The hash is in the database, but the row is a stranger's. */
async function foreignKey() {
  return (await plantKey(world, stranger.id, SCOPES, { text: keyText(maya.id) })).headers;
}

const before = await (async () => {
  for (const operation of guarded) await estate.place(operation);
  await world.leavesNothingBehind();
  return snapshot();
})();

/** Everything in D1 that is Maya's, less when something of hers was last used. */
async function snapshot() {
  const tables = await world.database.all(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE '%\\_search\\_%' ESCAPE '\\' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'd1_*' AND name NOT GLOB '_cf_*'");
  const held = {};
  for (const { name } of tables) {
    const columns = (await world.database.all(`SELECT name FROM pragma_table_info('${name}')`)).map((column) => column.name);
    if (!columns.includes('user_id')) continue;
    const rows = await world.database.all(`SELECT * FROM ${name} WHERE user_id = ?`, maya.id);
    held[name] = rows.filter(({ id }) => !planted.has(id)).map(({ last_used_at, ...row }) => JSON.stringify(row)).sort();
  }
  held.me = await world.database.all('SELECT * FROM users WHERE id = ?', maya.id);
  return held;
}

/** Asserts what each of these is answered, and names all that are answered otherwise. */
async function holds(operation, rows, options) {
  const wrong = [];
  for (const [what, headers, status, code] of rows) {
    const expected = EXCEPTIONS[operation.name]?.[what] ?? status;
    const answer = await estate.ask(operation, headers, options);
    if (expected < 400) {
      if (answer.status !== expected) wrong.push(`${what}: ${answer.status} ${answer.text.slice(0, 200)}, not ${expected}`);
      continue;
    }
    try {
      refused(answer, expected, expected === status ? code : undefined);
    } catch {
      wrong.push(`${what}: ${answer.status} ${answer.text.slice(0, 200)}, not ${expected} ${code}`);
    }
  }
  assert.deepEqual(wrong, []);
}

test('the document says of every operation who may carry it out', () => {
  assert.ok(all.length >= 35, `${all.length}`);
  assert.deepEqual(all.filter(({ access }) => access.kind === 'unsaid').map(({ name }) => name), []);
  assert.deepEqual(scopes(), SCOPES, 'the scopes that are in use are those that this file knows');
});

test('the document says how an operation that asks for something refuses', () => {
  for (const { name, operation } of guarded) {
    for (const status of ['401', '403', '404']) assert.ok(operation.responses[status], `${name} does not describe ${status}`);
  }
});

test('what only reads asks for a scope to read, and what writes for one to write', () => {
  // Hearing everything, and whether somebody is free, are areas of their own.
  for (const { name, method, access: { scopes: [scope] } } of scoped) {
    if (['live', 'calendar:free_busy'].includes(scope)) continue;
    // What is only computed, of a body, is a look, too.
    const isLook = method === 'GET' || name.endsWith('/interpretation');
    assert.match(scope, isLook ? /:read$/ : /:write$/, name);
  }
});

test('what anybody may do is little, and known', () => {
  const open = all.filter(({ access }) => access.kind === 'public').map(({ name }) => name);
  const known = /^GET \/(health(\/ready)?|\.well-known\/[\w.-]+)$|^(GET|POST) \/api\/v1\/auth\/[\w/{}-]+$|^GET \/api\/v1\/erasures\/\{\w+\}$|^(GET|POST|DELETE) \/api\/v1\/booking\/[\w/{}]+$|^GET \/feeds\/\{\w+\}$/;
  assert.deepEqual(open.filter((name) => !known.test(name)), []);
});

for (const operation of all.filter(({ access }) => access.kind === 'public')) {
  test(`${operation.name} is for anybody, whatever else they come with`, async () => {
    const place = operation.path.replace(/\{[^}]+\}/g, 'x');
    const ask = (headers) => world.anonymous().send(operation.method, `/${place}`, operation.operation.requestBody ? {} : undefined, { headers });
    const plain = await ask({});
    assert.ok(!['unauthenticated', 'insufficient_scope'].includes(plain.body?.code), plain.text);
    for (const [what, headers] of [...badTokensOfMaya, ...badKeys, ['a good token', headersOf(stranger)], ['for somebody else', actingFor(maya.id, headersOf(stranger))]]) {
      const answer = await ask(headers);
      assert.deepEqual([answer.status, answer.body?.code], [plain.status, plain.body?.code], what);
    }
  });
}

for (const operation of guarded) {
  test(`${operation.name} refuses who can't show who they are`, async () => {
    await holds(operation, badTokensOfMaya.map(([what, headers]) => [what, headers, 401, 'unauthenticated']));
    // Where no key is good enough nobody looks whether this one is good.
    const refusal = operation.access.kind === 'scope' ? [401, 'unauthenticated'] : [403, 'insufficient_scope'];
    await holds(operation, badKeys.map(([what, headers]) => [what, headers, ...refusal]));
  });
}

/** What stands in the path is the deployment's, and anybody may have one of their own there. */
const EVERYBODYS = ['PUT /api/v1/users/me/model-keys/{provider}'];

for (const operation of guarded.filter(({ name, path }) => path.includes('{') && !EVERYBODYS.includes(name))) {
  test(`${operation.name} does not find what is somebody else's`, async () => {
    const theirs = refused(await estate.ask(operation, headersOf(stranger)), 404, 'not_found');
    const nobodys = refused(await estate.ask(operation, headersOf(stranger), { absent: true }), 404, 'not_found');
    assert.equal(theirs.body.detail, nobodys.body.detail, 'the two can\'t be told apart');
    const refusal = operation.access.kind === 'scope' ? [404, 'not_found'] : [403, 'insufficient_scope'];
    await holds(operation, [['a key of somebody else', keyOfStranger.headers, ...refusal]]);
  });
}

/** What is made once for all operations of a scope, which stand together. */
function perScope(make) {
  let made = {};
  return (scope) => {
    if (made.scope !== scope) made = { scope, rows: make(scope) };
    return made.rows;
  };
}

const lacking = perScope(async (scope) => {
  const others = SCOPES.filter((each) => each !== scope);
  await plantDelegation(world, maya.id, helper.id, others);
  const [key, keyOfProgram] = [await plantKey(world, maya.id, others), await plantKey(world, program.id, others)];
  return [
    ['a key without the scope', key.headers, 403, 'insufficient_scope'],
    ['a delegate without the right', actingFor(maya.id, headersOf(helper)), 403, 'insufficient_scope'],
    ['a key of a delegate without the right', actingFor(maya.id, keyOfHelper.headers), 403, 'insufficient_scope'],
    ['a key without the scope, of a delegate with the right', actingFor(maya.id, keyOfProgram.headers), 403, 'insufficient_scope'],
    ['somebody who is no delegate', actingFor(maya.id, headersOf(stranger)), 404, 'not_found'],
    ['a key of somebody who is no delegate', actingFor(maya.id, keyOfStranger.headers), 404, 'not_found'],
    ['a delegate whose time is over', actingFor(maya.id, headersOf(former)), 404, 'not_found'],
    ['a delegate of nobody there is', actingFor(identifier('usr'), headersOf(helper)), 404, 'not_found'],
    ['a delegate without a token', actingFor(maya.id, {}), 401, 'unauthenticated'],
    ['a delegate whose session has ended', actingFor(helper.id, ended), 401, 'unauthenticated'],
  ];
});

for (const operation of scoped) {
  for (const scope of operation.access.scopes) {
    test(`${operation.name} refuses whoever lacks ${scope}`, async () => holds(operation, await lacking(scope)));
  }
}

const helped = perScope(() => plantDelegation(world, maya.id, helper.id, SCOPES));

for (const operation of personal) {
  test(`${operation.name} is for ${OWN} only`, async () => {
    await helped('all');
    await holds(operation, [
      ['a key with every scope', keyOfMaya.headers, 403, 'insufficient_scope'],
      ['a delegate with every right', actingFor(maya.id, headersOf(helper)), 403, 'insufficient_scope'],
      ['a key of a delegate with every right', actingFor(maya.id, keyOfHelper.headers), 403, 'insufficient_scope'],
      ['a session that has just ended', endedJustNow, 401, 'unauthenticated'],
      ...(operation.access.kind === 'owner' ? [['a member', headersOf(stranger), 403, 'owner_only']] : []),
    ]);
  });
}

test('none of it changed anything', async () => {
  await world.leavesNothingBehind();
  assert.deepEqual(await snapshot(), before);
});

const isSuccess = ({ status }) => status === 101 || (status >= 200 && status < 400);

const having = perScope(async (names) => {
  const scopes = names.split(' ');
  const key = await plantKey(world, maya.id, scopes);
  const rows = [[OWN, headersOf(maya)], ['a key with this scope', key.headers], ['such a key, for oneself', actingFor(maya.id, key.headers)]];
  if (!scopes.every((scope) => DELEGABLE.includes(scope))) return rows;
  await plantDelegation(world, maya.id, helper.id, scopes);
  const keyOfDelegate = await plantKey(world, helper.id, scopes);
  return [...rows, ['a delegate with this right', actingFor(maya.id, headersOf(helper))], ['a key of theirs with this scope', actingFor(maya.id, keyOfDelegate.headers)]];
});

for (const operation of scoped) {
  const names = operation.access.scopes.join(' ');
  test(`${operation.name} takes ${names} alone`, async () => {
    for (const [what, headers] of await having(names)) {
      const answer = await estate.ask(operation, headers, { fresh: true });
      assert.ok(isSuccess(answer), `${what}: ${answer.status} ${answer.text}`);
    }
  });
}

for (const operation of personal) {
  test(`${operation.name} is done for ${OWN}`, async () => {
    // Somebody else each time: some of these end the session, or the account.
    const person = await world.person();
    if (operation.access.kind === 'owner') await world.database.run("UPDATE users SET role = 'owner' WHERE id = ?", person.id);
    const own = new Estate(world, person);
    const answer = await own.ask(operation, headersOf(person));
    if (BEYOND[operation.name]) return refused(answer, ...BEYOND[operation.name]);
    assert.ok(isSuccess(answer), `${answer.status} ${answer.text}`);
  });
}
