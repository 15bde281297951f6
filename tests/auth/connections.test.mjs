// Accounts at providers: connected by who began it, kept sealed, refreshed by one flight at a time,
// shown as they are, and gone when they are disconnected.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Browser } from '../support/browser.mjs';
import { connect } from '../support/frames.mjs';
import { EVERY_HOUR, eventually, secret, startWorld } from '../support/harness.mjs';
import { identifier, plantConnection } from '../support/operations.mjs';
import { invalidAt, refused } from '../support/problem.mjs';
import { configuredFor, google as emulatedGoogle, microsoft as emulatedMicrosoft, strict } from '../support/providers.mjs';
import { faults, ScriptedProvider } from '../support/scripted_provider.mjs';
import { APP, BACK, codeOf, connectAccount, connectVisit, leftBehind, pair, signIn, visit } from '../support/visits.mjs';

const google = await ScriptedProvider.start();
const microsoft = await ScriptedProvider.start({ kind: 'microsoft' });
const others = await Promise.all([emulatedGoogle(), emulatedMicrosoft(), strict()]);
const [atGoogle, atMicrosoft, strictOne] = others;
after(() => Promise.all([google, microsoft, ...others].map((provider) => provider.close())));
const settings = configuredFor({ google, microsoft });
const world = await startWorld({ origins: APP, ...settings });
const real = await startWorld({ origins: APP, ...configuredFor({ google: atGoogle, microsoft: atMicrosoft }) });
const rigid = await startWorld({ origins: APP, ...configuredFor({ google: strictOne }) });
const anyone = world.anonymous();
await signIn(world, 'google');

const REFRESH = 'refresh_token';
/** So short that an access token is never begun with. */
const STALE = 30;

let accounts = 0;
/** Somebody with a password, and an account of theirs at a provider. */
async function owner({ provider = google, expiresIn = 3600, ...change } = {}) {
  accounts += 1;
  provider.reset();
  provider.expiresIn = expiresIn;
  provider.person = { ...provider.person, sub: `account-${accounts}`, email: `account${accounts}@example.org`, ...change };
  return world.person();
}
/** The same, connected. */
async function connected(options = {}) {
  const person = await owner(options);
  const connection = await connectAccount(world, person, options.provider?.kind ?? 'google');
  return { person, connection, sub: (options.provider ?? google).person.sub };
}
const complete = (person, code, more = {}) => person.post('/users/me/connections/complete', { code, ...more });
const check = (person, { id }) => person.post(`/users/me/connections/${id}/check`);
const refreshes = (provider = google) => provider.asked('token', REFRESH);
const rowOf = ({ id }) => world.database.first('SELECT * FROM connections WHERE id = ?', id);
/** The newest refresh token of an account at the provider. */
const newest = (sub, provider = google) => [...provider.refreshTokens].filter(([, { family }]) => family.person.sub === sub).at(-1)[0];

test('an account is connected, by the scopes that were asked for, and both sides see it', async () => {
  const person = await owner();
  const device = await connect(world, person);
  const begun = await person.post('/users/me/connections', { provider: 'google', access: ['calendar', 'mail'], return_to: BACK, login_hint: 'account@example.org' });
  assert.equal(begun.status, 201, begun.text);
  const address = new URL(begun.body.authorization_url);
  assert.equal(address.origin + address.pathname, `${world.publicUrl}/api/v1/auth/google/connect`);
  assert.ok(begun.body.expires_at > new Date().toISOString());
  const page = await Browser.of(world).open(address);
  const [{ parameters }] = google.asked('authorize');
  assert.deepEqual(parameters.scope.split(' ').sort(), ['email', ...['calendar.calendarlist.readonly', 'calendar.events', 'gmail.modify'].map((scope) => `https://www.googleapis.com/auth/${scope}`), 'openid', 'profile']);
  assert.deepEqual([parameters.access_type, parameters.login_hint, parameters.include_granted_scopes], ['offline', 'account@example.org', 'true']);
  assert.equal(page.url.searchParams.get('code'), null, 'it is no code to sign in with');
  assert.equal(await world.database.count('connections', 'user_id = ?', person.id), 0, 'nothing is connected yet');
  const answer = await complete(person, codeOf(page, 'connection_code'));
  assert.equal(answer.status, 201, answer.text);
  const { id, created_at, updated_at, last_success_at, checked_at, scopes, ...rest } = answer.body;
  assert.deepEqual(rest, { provider: 'google', email: google.person.email, status: 'healthy', last_error: null });
  assert.ok(scopes.includes('https://www.googleapis.com/auth/gmail.modify'));
  assert.ok(last_success_at >= created_at);
  assert.equal(answer.location, `/api/v1/users/me/connections/${id}`);
  const read = await person.get(`/users/me/connections/${id}`);
  assert.deepEqual(read.body, answer.body);
  assert.equal(read.etag, answer.etag);
  assert.deepEqual((await person.get('/users/me/connections')).body.items, [answer.body]);
  assert.deepEqual((await device.next('connection.updated')).data, answer.body);
  await device.close();
  const [entry] = (await person.get('/users/me/audit?action=connection.created')).body.items;
  assert.ok([id, 'google'].includes(entry.object) && entry.detail.email === google.person.email, JSON.stringify(entry));
});

test('an account at Microsoft is connected, and asks for what lasts', async () => {
  const { connection } = await connected({ provider: microsoft });
  assert.deepEqual([connection.provider, connection.status], ['microsoft', 'healthy']);
  const { parameters } = microsoft.asked('authorize').at(-1);
  assert.deepEqual(parameters.scope.split(' ').sort(), ['email', 'https://graph.microsoft.com/Mail.ReadWrite', 'https://graph.microsoft.com/Mail.Send', 'offline_access', 'openid', 'profile']);
  assert.equal(parameters.access_type, undefined);
});

test('stand-ins for Google, Microsoft and a strict provider are connected, checked and disconnected', async () => {
  for (const [there, kind, provider, who] of [[real, 'google', atGoogle, 'ada@gmail.com'], [real, 'microsoft', atMicrosoft, 'ada@contoso.example'], [rigid, 'google', strictOne, 'ada']]) {
    const person = await there.person();
    const connection = await connectAccount(there, person, kind, { via: (browser, page) => provider.signIn(browser, page, who) });
    assert.equal(connection.status, 'healthy', kind);
    const checked = await check(person, connection);
    assert.deepEqual([checked.status, checked.body.status], [200, 'healthy'], checked.text);
    assert.equal((await person.delete(`/users/me/connections/${connection.id}`)).status, 204);
    await eventually(async () => (await person.get(`/users/me/connections/${connection.id}`)).status === 404);
  }
});

test('tokens are kept sealed, for this person and this account', async () => {
  const { person, connection, sub } = await connected();
  const row = await rowOf(connection);
  assert.match(row.sealed_tokens, /^v1\.[\w-]{8}\./);
  assert.equal(row.sealed_with, row.sealed_tokens.split('.')[1]);
  const other = await connected();
  const theirs = await rowOf(other.connection);
  assert.notEqual(row.sealed_tokens, theirs.sealed_tokens);
  await world.database.run('UPDATE connections SET sealed_tokens = ?, version = version + 1 WHERE id = ?', theirs.sealed_tokens, connection.id);
  const moved = await check(person, connection);
  assert.deepEqual([moved.body.status, moved.body.last_error], ['failing', 'tokens_unreadable'], 'what is moved does not open');
  await world.database.run('UPDATE connections SET sealed_tokens = ?, version = version + 1 WHERE id = ?', row.sealed_tokens, connection.id);
  assert.equal((await check(person, connection)).body.status, 'healthy');
  assert.equal(google.ended(newest(sub)), null);
});

test('who was lured to a provider gives nothing away', async () => {
  const attacker = await owner();
  const victim = await world.person();
  const before = await leftBehind(world);
  const page = await connectVisit(world, attacker, 'google', { browser: Browser.of(world) });
  const code = codeOf(page, 'connection_code');
  refused(await complete(victim, code), 403, 'invalid_code', 'the page of the victim is signed in as the victim');
  refused(await complete(attacker, code), 403, 'invalid_code', 'and then it is used up');
  assert.deepEqual({ ...await leftBehind(world), codes: before.codes }, before);
});

test('a code to connect with is good once, for a while, for the page that began, and to connect', async () => {
  const person = await owner();
  const { verifier, challenge } = pair();
  const begin = async (more) => codeOf(await connectVisit(world, person, 'google', more), 'connection_code');
  const late = await begin();
  await world.database.run("UPDATE exchange_codes SET expires_at = '2026-01-01T00:00:00.000Z'");
  refused(await complete(person, late), 403, 'invalid_code', 'late');
  const bound = await begin({ challenge });
  refused(await complete(person, bound), 403, 'invalid_code', 'without the verifier');
  refused(await complete(person, await begin({ challenge }), { verifier: pair().verifier }), 403, 'invalid_code', 'with another one');
  const used = await begin({ challenge });
  assert.equal((await complete(person, used, { verifier })).status, 201);
  refused(await complete(person, used, { verifier }), 403, 'invalid_code', 'twice');
  const connecting = await begin();
  refused(await anyone.post('/auth/exchange', { code: connecting }), 401, 'invalid_code', 'it signs nobody in');
  assert.equal((await complete(person, connecting)).status, 201, 'which does not use it up');
  google.person = { ...google.person, sub: `account-to-sign-in-${accounts}`, email: `other${accounts}@example.org` };
  const signing = codeOf(await visit(world, 'google'));
  refused(await complete(person, signing), 403, 'invalid_code', 'nor does a code to sign in connect');
  assert.equal((await anyone.post('/auth/exchange', { code: signing })).status, 200);
});

test('a link to connect is good once, for its provider and for ten minutes', async () => {
  const person = await owner();
  const begin = async () => (await person.post('/users/me/connections', { provider: 'google', access: ['mail'], return_to: BACK })).body.authorization_url;
  const open = (address) => Browser.of(world).open(address);
  const used = await begin();
  codeOf(await open(used), 'connection_code');
  const again = await open(used);
  assert.deepEqual([again.status, /invalid_ticket/.test(again.text)], [422, true]);
  const elsewhere = (await begin()).replace('/google/', '/microsoft/');
  assert.equal((await open(elsewhere)).status, 422);
  const late = await begin();
  await world.database.run("UPDATE authorizations SET expires_at = '2026-01-01T00:00:00.000Z'");
  assert.equal((await open(late)).status, 422);
  for (const ticket of ['', 'x', 'A'.repeat(43)]) assert.equal((await open(`${world.publicUrl}/api/v1/auth/google/connect?ticket=${ticket}`)).status, 422, ticket);
});

test('a request to connect that can\'t be is refused', async () => {
  const person = await owner();
  const ask = (input) => person.post('/users/me/connections', { provider: 'google', access: ['mail'], ...input });
  invalidAt(await ask({ access: [] }), '/access');
  for (const input of [{ provider: 'yahoo' }, { access: ['files'] }, { access: 'mail' }, { challenge: 'x' }, { return_to: 'https://evil.example/' }, { scope: 'x' }, { login_hint: 'x'.repeat(300) }]) {
    refused(await ask(input), 422, undefined, JSON.stringify(input));
  }
  refused(await anyone.post('/users/me/connections', { provider: 'google', access: ['mail'] }), 401);
});

test('an account that somebody signs in with becomes one that is connected', async () => {
  accounts += 1;
  google.reset();
  google.person = { ...google.person, sub: `account-${accounts}`, email: `account${accounts}@example.org` };
  const person = await signIn(world, 'google');
  const [before] = (await person.get('/users/me/connections')).body.items;
  const connection = await connectAccount(world, person, 'google');
  assert.equal(connection.id, before.id);
  assert.deepEqual([before.status, connection.status], ['sign_in_only', 'healthy']);
  const again = await signIn(world, 'google');
  assert.equal(again.id, person.id, 'and signs in as before');
  assert.equal((await again.get(`/users/me/connections/${connection.id}`)).body.status, 'healthy');
});

test('an account that was connected signs its person in', async () => {
  const { person } = await connected();
  assert.equal((await signIn(world, 'google')).id, person.id);
});

test('an account belongs to one person, and is not taken from them', async () => {
  const { person, connection } = await connected();
  const other = await world.person();
  const page = await connectVisit(world, other, 'google');
  refused(await complete(other, codeOf(page, 'connection_code')), 409, 'not_connectable');
  assert.equal((await person.get(`/users/me/connections/${connection.id}`)).body.status, 'healthy');
  assert.deepEqual((await other.get('/users/me/connections')).body.items, []);
});

test('a person connects at most twenty accounts', async () => {
  const person = await owner();
  for (let n = 0; n < 20; n += 1) await plantConnection(world, person.id);
  const page = await connectVisit(world, person, 'google');
  refused(await complete(person, codeOf(page, 'connection_code')), 409, 'not_connectable');
  assert.equal((await person.everything('/users/me/connections', 7)).length, 20);
});

test('what was granted is what is shown, not what was asked for', async () => {
  const person = await owner();
  google.grants = (scopes) => scopes.filter((scope) => !/gmail/.test(scope));
  const connection = await connectAccount(world, person, 'google', { access: ['mail', 'calendar'] });
  assert.ok(!connection.scopes.some((scope) => /gmail/.test(scope)), `${connection.scopes}`);
});

test('who gives no lasting access is told so, and nothing is kept', async () => {
  const person = await owner();
  google.gives = ({ refresh_token, ...tokens }) => tokens;
  const page = await connectVisit(world, person, 'google');
  assert.equal(page.status, 409);
  assert.match(page.text, /no_lasting_access/);
  assert.equal(await world.database.count('connections', 'user_id = ?', person.id), 0);
});

test('what goes wrong on the way leaves the account unconnected', async () => {
  for (const bend of [
    () => { google.claims = (claims) => ({ ...claims, nonce: 'A'.repeat(43) }); },
    () => { google.fault('token', faults.cut()); },
    () => { google.refuse('access_denied', 'x'); },
    () => { google.fault('token', faults.tooMany(5)); },
  ]) {
    const person = await owner();
    bend();
    const page = await connectVisit(world, person, 'google');
    assert.ok(page.isOutside ? page.url.searchParams.get('error') : page.status >= 400);
    assert.equal(page.url.searchParams.get('connection_code'), null);
    assert.equal(await world.database.count('connections', 'user_id = ?', person.id), 0);
  }
});

test('a look at an account with a token that is good asks who it is and refreshes nothing', async () => {
  const { person, connection } = await connected();
  const before = (await person.get(`/users/me/connections/${connection.id}`)).body;
  const answer = await check(person, connection);
  assert.equal(answer.status, 200, answer.text);
  assert.ok(answer.body.checked_at > before.checked_at && answer.body.last_success_at > before.last_success_at);
  assert.equal(answer.body.status, 'healthy');
  assert.equal(google.asked('userinfo').length, 1);
  assert.equal(refreshes().length, 0);
});

test('many looks at once at a token that is over make one refresh, and lose none', async () => {
  const { person, connection, sub } = await connected({ expiresIn: STALE });
  google.expiresIn = 3600;
  const answers = await Promise.all(Array.from({ length: 12 }, () => check(person, connection)));
  for (const answer of answers) assert.deepEqual([answer.status, answer.body.status], [200, 'healthy'], answer.text);
  assert.equal(refreshes().length, 1);
  const token = newest(sub);
  assert.equal(google.ended(token), null);
  google.expireAccess(sub);
  assert.equal((await check(person, connection)).body.status, 'healthy', 'the one that is kept is the newest');
  assert.deepEqual(refreshes().map(({ status }) => status), [200, 200]);
});

test('a token is refreshed again and again while its provider rotates', async () => {
  const { person, connection, sub } = await connected({ expiresIn: STALE });
  for (let round = 1; round <= 15; round += 1) {
    const [one, two] = await Promise.all([check(person, connection), check(person, connection)]);
    assert.deepEqual([one.body.status, two.body.status], ['healthy', 'healthy'], `round ${round}`);
  }
  assert.ok(refreshes().every(({ status }) => status === 200));
  const used = refreshes().map(({ parameters }) => parameters.refresh_token);
  assert.equal(new Set(used).size, used.length, 'none is used twice');
  assert.equal(google.ended(newest(sub)), null);
});

test('a provider that does not rotate keeps its token', async () => {
  const { person, connection } = await connected({ expiresIn: STALE });
  google.rotates = false;
  for (let round = 0; round < 3; round += 1) assert.equal((await check(person, connection)).body.status, 'healthy');
  assert.equal(new Set(refreshes().map(({ parameters }) => parameters.refresh_token)).size, 1);
});

test('a grant that is over asks for its person: an event, an entry, and no tokens kept', async () => {
  for (const expiresIn of [STALE, 3600]) {
    const { person, connection, sub } = await connected({ expiresIn });
    const device = await connect(world, person);
    google.forgetPerson(sub);
    const answer = await check(person, connection);
    assert.deepEqual([answer.status, answer.body.status, answer.body.last_error], [200, 'reauthorize', 'grant_ended'], answer.text);
    const told = await device.next((frame) => frame.type === 'connection.updated' && frame.data.status === 'reauthorize');
    assert.equal(told.data.id, connection.id);
    await device.close();
    assert.equal((await rowOf(connection)).sealed_tokens, null);
    const [entry] = (await person.get('/users/me/audit?action=connection.refused')).body.items;
    assert.deepEqual([entry.object, entry.detail.reason, entry.via, entry.actor], [connection.id, 'grant_ended', 'service', null]);
    const asked = google.seen.length;
    assert.equal((await check(person, connection)).body.status, 'reauthorize');
    assert.equal(google.seen.length, asked, 'nobody is asked about it any more');
    assert.equal((await person.everything('/users/me/audit?action=connection.refused')).length, 1);
    google.expiresIn = 3600;
    const renewed = await connectAccount(world, person, 'google');
    assert.deepEqual([renewed.id, renewed.status, renewed.last_error], [connection.id, 'healthy', null]);
    assert.equal((await check(person, connection)).body.status, 'healthy');
  }
});

test('a provider that is out of order is out of order, and its token is kept', async () => {
  for (const [what, fault, times] of [['500', faults.answer(500, 'x'), 1], ['429', faults.tooMany(7), 1], ['reset', faults.reset(), 2], ['html', faults.answer(200, '<html>'), 1], ['empty', faults.answer(200, {}), 1]]) {
    const { person, connection, sub } = await connected({ expiresIn: STALE });
    google.fault('token', fault, times);
    const answer = await check(person, connection);
    assert.equal(answer.status, 200, `${what}: ${answer.text}`);
    assert.equal(answer.body.status, 'failing', what);
    assert.match(answer.body.last_error, /^[a-z_]+$/);
    assert.equal(google.ended(newest(sub)), null, what);
    google.reset();
    const healed = await check(person, connection);
    assert.deepEqual([healed.body.status, healed.body.last_error], ['healthy', null], what);
  }
});

test('a provider that does not know whether a token is good is failing, and nothing is thrown away', async () => {
  const { person, connection } = await connected();
  google.fault('userinfo', faults.answer(503, 'x'));
  assert.equal((await check(person, connection)).body.status, 'failing');
  assert.equal((await check(person, connection)).body.status, 'healthy');
  google.fault('userinfo', faults.answer(401, { error: 'invalid_token' }), 2);
  assert.equal((await check(person, connection)).body.last_error, 'token_not_taken');
  assert.equal((await check(person, connection)).body.status, 'healthy');
});

test('an answer that is lost on its way heals or asks for its person, and says so', async () => {
  for (const fault of [faults.lose(), faults.cut()]) {
    const { person, connection, sub } = await connected({ expiresIn: STALE });
    google.fault('token', fault);
    const first = (await check(person, connection)).body;
    const second = (await check(person, connection)).body;
    if (second.status === 'healthy') assert.equal(google.ended(newest(sub)), null);
    else assert.deepEqual([second.status, second.last_error], ['reauthorize', 'grant_ended']);
    assert.ok(['failing', 'reauthorize', 'healthy'].includes(first.status));
    const renewed = await connectAccount(world, person, 'google');
    assert.equal(renewed.status, 'healthy');
  }
});

/** The keys that seal, from now on. */
let sealing = settings.secrets.TOKEN_ENCRYPTION_KEYS;
function sealWith(...keys) {
  sealing = keys.join(',');
  return world.configure({ TOKEN_ENCRYPTION_KEYS: sealing });
}

test('a refresh right after what a former key sealed was sealed anew is not lost', async () => {
  const { person, connection, sub } = await connected();
  const before = await rowOf(connection);
  await sealWith(secret(), sealing);
  // The token should be good by its time, is sealed with a former key, and the provider takes it no more.
  google.expireAccess(sub);
  assert.equal((await check(person, connection)).body.status, 'healthy');
  assert.notEqual((await rowOf(connection)).sealed_with, before.sealed_with);
  google.expireAccess(sub);
  assert.equal((await check(person, connection)).body.status, 'healthy', 'the newest tokens are those that were kept');
  assert.equal(google.ended(newest(sub)), null);
});

test('when the key that seals changes, the old one opens until all is sealed anew', async () => {
  const { person, connection } = await connected();
  const before = await rowOf(connection);
  const [newer, former] = [secret(), sealing.split(',')[0]];
  await sealWith(newer, former);
  const middle = await rowOf(connection);
  assert.equal(middle.sealed_with, before.sealed_with, 'nothing is rewritten by itself');
  await world.database.run("UPDATE connections SET checked_at = '2026-01-01T00:00:00.000Z' WHERE id = ?", connection.id);
  await world.scheduled(EVERY_HOUR);
  await eventually(async () => (await rowOf(connection)).sealed_with !== before.sealed_with, { what: 'the tick seals it anew' });
  await sealWith(newer);
  assert.equal((await check(person, connection)).body.status, 'healthy', 'the former key is needed no more');
  assert.equal(google.asked('token', REFRESH).length, 0);
  await sealWith(former);
  assert.equal((await check(person, connection)).body.last_error, 'tokens_unreadable', 'and does not open what the newer sealed');
  await sealWith(former, newer);
  assert.equal((await check(person, connection)).body.status, 'healthy', 'a key that comes back opens again');
});

test('accounts that nobody looked at for a day are looked at', async () => {
  const { person, connection, sub } = await connected();
  google.forgetPerson(sub);
  await world.scheduled(EVERY_HOUR);
  assert.equal((await person.get(`/users/me/connections/${connection.id}`)).body.status, 'healthy', 'looked at not long ago');
  await world.database.run("UPDATE connections SET checked_at = '2026-01-01T00:00:00.000Z' WHERE id = ?", connection.id);
  await world.scheduled(EVERY_HOUR);
  await eventually(async () => (await person.get(`/users/me/connections/${connection.id}`)).body.status === 'reauthorize');
});

test('disconnecting revokes at the provider and erases here', async () => {
  const { person, connection, sub } = await connected();
  const device = await connect(world, person);
  const token = newest(sub);
  assert.equal((await person.delete(`/users/me/connections/${connection.id}`)).status, 204);
  const told = await device.next('connection.deleted');
  assert.deepEqual(told.data, { id: connection.id, revoked: 'revoked' });
  await device.close();
  assert.deepEqual(google.revoked.map(({ token: one }) => one), [token]);
  assert.equal(google.ended(token), 'revoked');
  assert.equal(await rowOf(connection), null);
  refused(await person.get(`/users/me/connections/${connection.id}`), 404);
  refused(await person.delete(`/users/me/connections/${connection.id}`), 404);
  refused(await check(person, connection), 404);
  assert.equal((await person.everything('/users/me/audit?action=connection.deleted')).length, 1);
  const page = await visit(world, 'google');
  assert.equal((await anyone.post('/auth/exchange', { code: codeOf(page) })).status, 200, 'who comes back is a newcomer');
});

test('disconnecting at Microsoft erases here, and tells that there was nothing to revoke with', async () => {
  const { person, connection } = await connected({ provider: microsoft });
  const device = await connect(world, person);
  assert.equal((await person.delete(`/users/me/connections/${connection.id}`)).status, 204);
  assert.deepEqual((await device.next('connection.deleted')).data, { id: connection.id, revoked: 'not_offered' });
  await device.close();
});

test('disconnecting is tried again until the provider answers, and the tokens go in any case', async () => {
  const { person, connection, sub } = await connected();
  google.fault('revoke', faults.answer(503, 'x'), 1);
  assert.equal((await person.delete(`/users/me/connections/${connection.id}`)).status, 204);
  assert.equal((await person.get(`/users/me/connections/${connection.id}`)).body?.status ?? 'disconnecting', 'disconnecting');
  refused(await person.delete(`/users/me/connections/${connection.id}`), 404, 'not_found', 'twice is once');
  const due = () => world.database.run("UPDATE work_items SET not_before = '2026-01-01T00:00:00.000Z'");
  await eventually(async () => {
    await due();
    await world.scheduled();
    return (await rowOf(connection)) === null;
  }, { seconds: 20, every: 300 });
  assert.equal(google.ended(newest(sub)), 'revoked');

  const other = await connected();
  google.fault('revoke', faults.answer(503, 'x'), 50);
  assert.equal((await other.person.delete(`/users/me/connections/${other.connection.id}`)).status, 204);
  await eventually(async () => {
    await due();
    await world.scheduled();
    return (await rowOf(other.connection)) === null;
  }, { seconds: 20, every: 300 });
});

test('a refresh that is on its way while its account is disconnected leaves nothing behind', async () => {
  const { person, connection, sub } = await connected({ expiresIn: STALE });
  let go;
  google.fault('token', faults.answersWhen(new Promise((resolve) => { go = resolve; })));
  const looking = check(person, connection);
  await eventually(() => refreshes().length === 1);
  assert.equal((await person.delete(`/users/me/connections/${connection.id}`)).status, 204);
  assert.notEqual(await rowOf(connection), null, 'the disconnection waits for it');
  go();
  await looking;
  await eventually(async () => (await rowOf(connection)) === null);
  assert.equal(google.ended(newest(sub)), 'revoked');
});

test('who leaves has their tokens revoked, and a receipt that says so', async () => {
  const { person, connection, sub } = await connected();
  const second = await connectAccount(world, person, 'microsoft');
  assert.notEqual(second.id, connection.id);
  const { status, body, text } = await person.delete('/users/me');
  assert.equal(status, 202, text);
  const receipt = await eventually(async () => {
    const answer = await anyone.get(`/${new URL(body.receipt_url).pathname}`);
    return answer.body.status === 'finished' && answer.body;
  }, { seconds: 30 });
  assert.equal(google.ended(newest(sub)), 'revoked');
  assert.deepEqual(receipt.erased.connections.toSorted((a, b) => (a.provider < b.provider ? -1 : 1)),
    [{ provider: 'google', revoked: 'revoked' }, { provider: 'microsoft', revoked: 'not_offered' }]);
  assert.equal(await rowOf(connection), null);
});

test('the last way in stays', async () => {
  accounts += 1;
  google.reset();
  google.person = { ...google.person, sub: `account-${accounts}`, email: `account${accounts}@example.org` };
  const person = await signIn(world, 'google');
  const [only] = (await person.get('/users/me/connections')).body.items;
  refused(await person.delete(`/users/me/connections/${only.id}`), 409, 'last_way_in');
  assert.equal((await signIn(world, 'google')).id, person.id);
  microsoft.reset();
  microsoft.person = { ...microsoft.person, sub: `account-${accounts}`, email: `account${accounts}@example.org` };
  const second = await connectAccount(world, person, 'microsoft');
  const answers = await Promise.all([only, second].map(({ id }) => person.delete(`/users/me/connections/${id}`)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 409], 'of both at once one stays');
  await eventually(async () => (await person.get('/users/me/connections')).body.items.length === 1);
});

test('nobody looks at, changes or takes away the account of somebody else', async () => {
  const { connection } = await connected();
  const stranger = await world.person();
  for (const [method, path] of [['GET', ''], ['DELETE', ''], ['POST', '/check']]) {
    refused(await stranger.send(method, `/users/me/connections/${connection.id}${path}`), 404, 'not_found', method);
    refused(await stranger.send(method, `/users/me/connections/${identifier('con')}${path}`), 404, 'not_found', method);
  }
  assert.equal(google.asked('userinfo').length, 0);
});
