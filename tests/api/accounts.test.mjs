// Accounts in an open deployment: passwords, sessions, tokens, and what a person sets about themselves.

import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';

import { secret, startWorld } from '../support/harness.mjs';
import { refused } from '../support/problem.mjs';
import { hmac, opened, publicJwk, signed, unsigned } from '../support/tokens.mjs';

const signingKeys = [secret(), secret()];
const world = await startWorld({ signingKeys });
const maya = await world.person({ email: 'Maya@Northwind.Example', name: 'Maya', password: 'correct horse battery' });
const anyone = world.anonymous();
const login = (email, password, options) => anyone.post('/auth/login', { email, password }, options);
const refresh = (token) => anyone.post('/auth/refresh', { refresh_token: token });
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

test('the first person owns the deployment, the next are members', async () => {
  assert.equal(maya.user.role, 'owner');
  assert.equal((await world.person()).user.role, 'member');
});

test('registering answers tokens and the person', async () => {
  const answer = await anyone.post('/auth/register', { email: ' Bare@Example.com ', password: 'long enough' });
  assert.equal(answer.status, 201, answer.text);
  const { access_token, refresh_token, user, ...rest } = answer.body;
  assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 900 });
  assert.match(refresh_token, TOKEN);
  assert.equal(user.email, 'Bare@Example.com');
  assert.equal(user.name, 'Bare');
  assert.equal(user.time_zone, 'UTC');
  assert.deepEqual(user.addresses, ['bare@example.com']);
  const me = await anyone.get('/users/me', { headers: { authorization: `Bearer ${access_token}` } });
  assert.deepEqual(me.body, user);
  assert.equal(answer.location, '/api/v1/users/me');
  assert.doesNotMatch(answer.text, /password|argon|hash/i);
});

test('an address is one account, in whatever case', async () => {
  for (const email of ['Maya@Northwind.Example', 'maya@northwind.example', ' MAYA@NORTHWIND.EXAMPLE ']) {
    refused(await anyone.post('/auth/register', { email, password: 'long enough' }), 409, 'address_taken');
  }
});

test('of many registrations of one address at once one makes the account', async () => {
  const before = await world.database.count('users');
  const answers = await Promise.all(Array.from({ length: 8 }, (_, n) =>
    anyone.post('/auth/register', { email: 'race@example.com', password: `long enough ${n}` })));
  const winners = answers.filter((answer) => answer.status === 201);
  assert.equal(winners.length, 1);
  for (const answer of answers.filter(({ status }) => status !== 201)) refused(answer, 409, 'address_taken');
  assert.equal(await world.database.count('users'), before + 1);
  assert.equal(await world.database.count('sessions', 'user_id = ?', winners[0].body.user.id), 1);
  const password = `long enough ${answers.indexOf(winners[0])}`;
  assert.equal((await login('race@example.com', password)).status, 200);
});

test('a password signs in, in another session each time', async () => {
  const [one, two] = [await login('maya@northwind.example', maya.password), await login(' MAYA@northwind.example', maya.password)];
  assert.equal(one.status, 200, one.text);
  assert.equal(two.status, 200);
  assert.notEqual(one.body.refresh_token, two.body.refresh_token);
  assert.notEqual(opened(one.body.access_token)[1].sid, opened(two.body.access_token)[1].sid);
  const me = await anyone.get('/users/me', { headers: { authorization: `bearer ${two.body.access_token}` } });
  assert.equal(me.body.id, maya.id, 'the scheme is read in any case');
});

test('a wrong password and an unknown address get the same answer', async () => {
  const same = ({ status, headers, body }) => {
    const { request_id, ...rest } = body;
    return { status, rest, names: [...headers.keys()].filter((name) => name !== 'server-timing').sort() };
  };
  const wrong = refused(await login('maya@northwind.example', 'wrong horse'), 401, 'invalid_credentials');
  for (const [email, password] of [['nobody@example.com', 'wrong horse'], ['not an address', 'x'], ['', ''],
    ['maya@northwind.example', ''], ['maya@northwind.example', 'Correct horse battery'],
    ['maya@northwind.example', `${maya.password} `], ['maya@northwind.example', 'x'.repeat(5000)],
    ['nobody@example.com', 'x'.repeat(5000)], ['a\u0000@b.c', '\u0000']]) {
    assert.deepEqual(same(await login(email, password)), same(wrong), `${email} ${password.slice(0, 20)}`);
  }
});

// Made by crypt(3), as passlib made those of the FastAPI system: [password, hash].
const BCRYPT = [
  ['abc', '$2b$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i'],
  ['pässwörd 🐎', '$2y$05$If6bvum7DFjUnE9p2uDeDuxrsPOwnWy3KNeB8bCks2BOJtM4nUW5.'],
  ['x'.repeat(80), '$2b$05$If6bvum7DFjUnE9p2uDeDuaMMaJfgu1QFTXAzQmyQA/N52zp.Rzeu'],
  ['abc', '$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i'],
];

test('a bcrypt hash of the former system signs in and becomes argon2id', async () => {
  for (const [password, hash] of BCRYPT) {
    const person = await world.person();
    const stored = async () => (await world.database.first('SELECT password_hash FROM users WHERE id = ?', person.id)).password_hash;
    assert.match(await stored(), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    await world.database.run('UPDATE users SET password_hash = ? WHERE id = ?', hash, person.id);
    refused(await login(person.user.email, 'wrong'), 401, 'invalid_credentials');
    assert.equal(await stored(), hash, 'a wrong password upgrades nothing');
    const before = await person.get('/users/me');
    assert.equal((await login(person.user.email, password)).status, 200, hash);
    assert.match(await stored(), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.equal((await login(person.user.email, password)).status, 200, 'after the upgrade');
    refused(await login(person.user.email, 'wrong'), 401);
    const after = await person.get('/users/me');
    if (after.text !== before.text) {
      assert.notEqual(after.etag, before.etag, 'a body that differs has another validator');
    }
  }
});

test('a hash that can\'t be read, or none, signs nobody in', async () => {
  const person = await world.person();
  for (const hash of [null, '$2b$broken', '$2b$99$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i']) {
    await world.database.run('UPDATE users SET password_hash = ? WHERE id = ?', hash, person.id);
    refused(await login(person.user.email, 'abc'), 401, 'invalid_credentials', hash);
  }
});

test('a refresh token is exchanged for the next', async () => {
  const person = await world.person();
  const next = await refresh(person.refreshToken);
  assert.equal(next.status, 200, next.text);
  assert.match(next.body.refresh_token, TOKEN);
  assert.notEqual(next.body.refresh_token, person.refreshToken);
  assert.equal(opened(next.body.access_token)[1].sid, opened(person.token)[1].sid, 'the session stays');
  const after = await refresh(next.body.refresh_token);
  assert.equal(after.status, 200);
  const me = await anyone.get('/users/me', { headers: { authorization: `Bearer ${after.body.access_token}` } });
  assert.equal(me.body.id, person.id);
  const tokens = await world.database.all(
    'SELECT token_hash FROM refresh_tokens WHERE session_id = ?', opened(person.token)[1].sid);
  assert.equal(tokens.length, 3);
  const known = [person.refreshToken, next.body.refresh_token, after.body.refresh_token];
  for (const { token_hash } of tokens) assert.ok(!known.includes(token_hash), 'no readable token is stored');
});

test('two tabs that refresh at once are given the same successor', async () => {
  const person = await world.person();
  const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(person.refreshToken)));
  for (const answer of answers) assert.equal(answer.status, 200, answer.text);
  assert.equal(new Set(answers.map((answer) => answer.body.refresh_token)).size, 1);
  assert.equal((await refresh(answers[0].body.refresh_token)).status, 200);
});

test('a refresh token that comes back after the grace ends the session', async () => {
  const person = await world.person();
  const other = await login(person.user.email, person.password);
  const next = await refresh(person.refreshToken);
  assert.equal((await refresh(person.refreshToken)).body.refresh_token, next.body.refresh_token, 'within the grace');
  await world.database.run(
    "UPDATE refresh_tokens SET used_at = '2020-01-01T00:00:00.000Z' WHERE used_at IS NOT NULL AND session_id = ?",
    opened(person.token)[1].sid);
  refused(await refresh(person.refreshToken), 401, 'invalid_refresh_token');
  refused(await refresh(next.body.refresh_token), 401, 'invalid_refresh_token');
  assert.equal((await refresh(other.body.refresh_token)).status, 200, 'another session goes on');
});

test('a refresh token that lay too long, or that nobody gave out, is refused', async () => {
  const person = await world.person();
  await world.database.run(
    "UPDATE refresh_tokens SET expires_at = '2020-01-01T00:00:00.000Z' WHERE session_id = ?", opened(person.token)[1].sid);
  for (const token of [person.refreshToken, '', 'x', person.token, 'A'.repeat(43), '\u0000', 'x'.repeat(10_000)]) {
    refused(await refresh(token), 401, 'invalid_refresh_token', token.slice(0, 20));
  }
});

test('signing out ends this session and no other', async () => {
  const person = await world.person();
  const other = await login(person.user.email, person.password);
  const gone = await person.post('/auth/logout');
  assert.equal(gone.status, 204, gone.text);
  assert.equal(gone.text, '');
  refused(await refresh(person.refreshToken), 401, 'invalid_refresh_token');
  assert.equal((await refresh(other.body.refresh_token)).status, 200);
  assert.equal((await person.post('/auth/logout')).status, 204, 'twice does no harm');
});

test('a person changes their name and zone, guarded by the version', async () => {
  const person = await world.person({ name: 'Old' });
  const read = await person.get('/users/me');
  assert.deepEqual(read.body, person.user);
  const named = await person.patch('/users/me', { name: '  New Näme ' }, { headers: { 'if-match': read.etag } });
  assert.equal(named.status, 200, named.text);
  assert.equal(named.body.name, 'New Näme');
  assert.equal(named.body.time_zone, 'Europe/Berlin');
  assert.notEqual(named.etag, read.etag);
  refused(await person.patch('/users/me', { name: 'Late' }, { headers: { 'if-match': read.etag } }), 412, 'precondition_failed');
  refused(await person.patch('/users/me', { time_zone: 'UTC' }, { headers: { 'if-match': `W/${named.etag}` } }), 412);
  assert.equal(await world.database.count('work_items', 'user_id = ?', person.id), 0, 'what was refused made no work');
  const moved = await person.patch('/users/me', { time_zone: 'Asia/Tokyo' }, { headers: { 'if-match': '*' } });
  assert.equal(moved.body.time_zone, 'Asia/Tokyo');
  const now = await person.get('/users/me');
  assert.deepEqual(now.body, moved.body);
  assert.equal(now.etag, moved.etag);
  assert.equal(now.body.name, 'New Näme');
});

test('a person says which addresses are theirs; the one to sign in with stays', async () => {
  const person = await world.person();
  const before = await person.get('/users/me');
  const added = await person.post('/users/me/addresses', { address: ' P+Tag/Ü@Example.ORG ' });
  assert.equal(added.status, 201, added.text);
  assert.equal(added.body.address, 'p+tag/ü@example.org');
  const after = await person.get('/users/me');
  assert.deepEqual(after.body.addresses, [person.user.email, 'p+tag/ü@example.org']);
  assert.notEqual(after.etag, before.etag);
  assert.equal((await person.post('/users/me/addresses', { address: 'p+tag/ü@example.org' })).status, 201, 'again');
  assert.equal((await person.get('/users/me')).etag, after.etag, 'nothing changed');
  const list = await person.get('/users/me/addresses');
  assert.deepEqual(list.body.items.map(({ address, is_login }) => [address, is_login]),
    [[person.user.email, true], ['p+tag/ü@example.org', false]]);
  refused(await person.delete(`/users/me/addresses/${person.user.email}`), 409, 'login_address');
  const gone = await person.delete(`/users/me/addresses/${encodeURIComponent('P+Tag/Ü@example.org')}`);
  assert.equal(gone.status, 204, gone.text);
  refused(await person.delete(`/users/me/addresses/${encodeURIComponent('p+tag/ü@example.org')}`), 404);
  assert.equal((await person.post('/users/me/addresses', { address: maya.user.email })).status, 201, 'mail of a shared box is both\'s');
});

test('a person has at most fifty addresses', async () => {
  const person = await world.person();
  const answers = await Promise.all(Array.from({ length: 52 }, (_, n) =>
    person.post('/users/me/addresses', { address: `alias${n}@example.org` })));
  const statuses = answers.map((answer) => answer.status);
  assert.equal(statuses.filter((status) => status === 201).length, 49);
  for (const answer of answers.filter(({ status }) => status !== 201)) refused(answer, 409, 'too_many_addresses');
  const { addresses } = (await person.get('/users/me')).body;
  assert.equal(addresses.length, 50);
  assert.equal((await person.post('/users/me/addresses', { address: addresses[7] })).status, 201, 'one that is there');
});

test('anybody can verify an access token with the published keys', async () => {
  const set = await anyone.get('//.well-known/jwks.json');
  assert.equal(set.status, 200);
  assert.match(set.headers.get('cache-control'), /max-age=\d+/);
  assert.deepEqual(set.body.keys.map((key) => key.x), signingKeys.map((seed) => publicJwk(seed).x));
  for (const key of set.body.keys) assert.equal(key.d, undefined, 'no private key');
  const [header, claims] = opened(maya.token);
  const jwk = set.body.keys.find((key) => key.kid === header.kid);
  assert.equal(header.alg, 'EdDSA');
  const [text, signature] = [maya.token.slice(0, maya.token.lastIndexOf('.')), maya.token.split('.')[2]];
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  assert.ok(verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url')));
  assert.equal(claims.iss, world.publicUrl);
  assert.equal(claims.sub, maya.id);
  assert.equal(claims.exp - claims.iat, 900);
});

test('a token of a former key is good while that key is configured', async () => {
  const { body } = await anyone.get('//.well-known/jwks.json');
  const [header, claims] = opened(maya.token);
  const former = signed(signingKeys[1], { ...header, kid: body.keys[1].kid }, claims);
  const answer = await anyone.get('/users/me', { headers: { authorization: `Bearer ${former}` } });
  assert.equal(answer.status, 200, answer.text);
});

test('a token that is not ours, or not good any more, is refused', async () => {
  const [header, claims] = opened(maya.token);
  const jwk = publicJwk(signingKeys[0]);
  const raw = Buffer.from(jwk.x, 'base64url');
  const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'pem', type: 'spki' });
  const stranger = secret();
  const [head, body, signature] = maya.token.split('.');
  const past = { ...claims, iat: claims.iat - 7200, exp: claims.exp - 7200 };
  const made = (change) => signed(signingKeys[0], header, { ...claims, ...change });
  const { exp, ...endless } = claims;
  const control = await anyone.get('/users/me', { headers: { authorization: `Bearer ${made({})}` } });
  assert.equal(control.status, 200, 'what is made here is made right');
  const refusals = {
    'no header': undefined,
    'an empty header': '',
    'no scheme': maya.token,
    'another scheme': `Basic ${Buffer.from('maya:x').toString('base64')}`,
    'no token': 'Bearer',
    'an empty token': 'Bearer ',
    'garbage': 'Bearer x.y.z',
    'two tokens': `Bearer ${maya.token} ${maya.token}`,
    'a refresh token': `Bearer ${maya.refreshToken}`,
    'alg none': `Bearer ${unsigned({ ...header, alg: 'none' }, claims)}`,
    'alg None with the signature': `Bearer ${unsigned({ ...header, alg: 'None' }, claims)}${signature}`,
    'no signature': `Bearer ${head}.${body}.`,
    'two parts': `Bearer ${head}.${body}`,
    'HS256 of the public key': `Bearer ${hmac(raw, { ...header, alg: 'HS256' }, claims)}`,
    'HS256 of the public key in text': `Bearer ${hmac(jwk.x, { ...header, alg: 'HS256' }, claims)}`,
    'HS256 of the public key in PEM': `Bearer ${hmac(pem, { ...header, alg: 'HS256' }, claims)}`,
    'HS256 under our algorithm': `Bearer ${hmac(raw, header, claims)}`,
    'another key under our name': `Bearer ${signed(stranger, header, claims)}`,
    'another key': `Bearer ${signed(stranger, { ...header, kid: 'x' }, claims)}`,
    'another key in the header': `Bearer ${signed(stranger, { ...header, jwk: publicJwk(stranger) }, claims)}`,
    'no name of a key': `Bearer ${signed(signingKeys[0], { alg: 'EdDSA' }, claims)}`,
    'the name of another of our keys': `Bearer ${signed(signingKeys[1], header, claims)}`,
    'other claims under the signature': `Bearer ${head}.${Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 9 })).toString('base64url')}.${signature}`,
    'expired': `Bearer ${signed(signingKeys[0], header, past)}`,
    'without an end': `Bearer ${signed(signingKeys[0], header, endless)}`,
    'of another issuer': `Bearer ${made({ iss: 'https://evil.example' })}`,
    'for somebody else': `Bearer ${made({ aud: 'other-api' })}`,
    'about no person': `Bearer ${made({ sub: 'x' })}`,
    'of no session': `Bearer ${made({ sid: undefined })}`,
    'beyond reason': `Bearer ${'x'.repeat(10_000)}`,
  };
  for (const [name, authorization] of Object.entries(refusals)) {
    const headers = authorization === undefined ? {} : { authorization };
    refused(await anyone.get('/users/me', { headers }), 401, 'unauthenticated', name);
    refused(await anyone.post('/tasks', { title: name }, { headers }), 401, 'unauthenticated', name);
  }
  assert.equal(await world.database.count('tasks', 'user_id = ?', maya.id), 0);
});

test('the token of somebody who is gone opens nothing', async () => {
  const person = await world.person();
  const { body: task } = await person.post('/tasks', { title: 'Left' });
  await world.database.run('DELETE FROM users WHERE id = ?', person.id);
  refused(await person.get('/users/me'), 401, 'unauthenticated');
  refused(await person.patch('/users/me', { name: 'x' }), 401, 'unauthenticated');
  refused(await person.get('/users/me/addresses'), 401, 'unauthenticated');
  refused(await person.get(`/tasks/${task.id}`), 404);
  refused(await person.post('/tasks', { title: 'x' }), 401, 'unauthenticated');
  refused(await person.post('/users/me/addresses', { address: 'x@example.com' }), 401, 'unauthenticated');
});
