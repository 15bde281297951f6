// Changing the password, and setting it anew by mail.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { connect } from '../support/frames.mjs';
import { EVERY_HOUR, eventually, startWorld } from '../support/harness.mjs';
import { invalidAt, refused } from '../support/problem.mjs';
import { messagesOf, resetToken, tokenOf } from '../support/reset.mjs';

const world = await startWorld();
const anyone = world.anonymous();
const NEW = 'another long one';
const login = (person, password = person.password) => anyone.post('/auth/login', { email: person.user.email, password });
const refresh = (token) => anyone.post('/auth/refresh', { refresh_token: token });
const confirm = (token, password = NEW) => anyone.post('/auth/password/reset/confirm', { token, new_password: password });
const request = (email) => anyone.post('/auth/password/reset', { email });
const actions = async (person) => (await world.database.all(
  'SELECT action FROM audit_entries WHERE user_id = ? ORDER BY id', person.id)).map(({ action }) => action);
const nothingIsLeft = () => eventually(async () => (await world.database.count('work_items')) === 0);
const tokens = [];
const tokenFor = async (person) => {
  const token = await resetToken(world, person);
  tokens.push(token);
  return token;
};

// Whatever happened here, no line of the log holds a secret.
after(() => {
  const lines = JSON.stringify(world.logs());
  for (const secret of [...tokens, NEW]) assert.ok(!lines.includes(secret), 'a secret is in the log');
});

test('a changed password signs in, and every other device is signed out', async () => {
  const person = await world.person();
  const other = Object.assign(world.anonymous(), { user: person.user, token: (await login(person)).body.access_token });
  const { body: second } = await login(person);
  const here = await connect(world, person);
  const there = await connect(world, other);
  const answer = await person.post('/auth/password', { current_password: person.password, new_password: NEW });
  assert.equal(answer.status, 204, answer.text);
  refused(await refresh(second.refresh_token), 401, 'invalid_refresh_token');
  assert.equal((await refresh(person.refreshToken)).status, 200, 'this device stays signed in');
  refused(await login(person), 401, 'invalid_credentials');
  assert.equal((await login(person, NEW)).status, 200);
  const told = await here.next((frame) => frame.type === 'session.ended');
  assert.equal(told.data.reason, 'password_changed');
  await here.close();
  await there.close();
  assert.ok((await actions(person)).includes('password.changed'));
});

test('a wrong current password changes nothing and signs nobody out', async () => {
  const person = await world.person();
  const { body: other } = await login(person);
  for (const current_password of ['wrong', '', undefined, null, 'x'.repeat(2000)]) {
    refused(await person.post('/auth/password', { current_password, new_password: NEW }), 403, 'wrong_password');
  }
  assert.equal((await refresh(other.refresh_token)).status, 200);
  assert.equal((await person.get('/users/me')).status, 200);
});

test('the current password can\'t be guessed quickly', async () => {
  const person = await world.person();
  const change = (current_password) => person.post('/auth/password', { current_password, new_password: NEW });
  const answers = await Promise.all(Array.from({ length: 12 }, () => change('wrong')));
  assert.equal(answers.filter(({ status }) => status === 403).length, 5);
  for (const answer of answers.filter(({ status }) => status !== 403)) refused(answer, 429, 'too_many_attempts');
});

test('whoever guessed has to wait, with the right password too', async () => {
  const person = await world.person();
  const change = (current_password) => person.post('/auth/password', { current_password, new_password: NEW });
  for (let guess = 0; guess < 5; guess += 1) assert.equal((await change('wrong')).status, 403);
  const late = refused(await change(person.password), 429, 'too_many_attempts');
  assert.ok(Number(late.headers.get('retry-after')) <= 1);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assert.equal((await change(person.password)).status, 204);
});

test('of two changes at once one counts', async () => {
  const person = await world.person();
  const answers = await Promise.all(['first new one', 'second new one'].map((new_password) =>
    person.post('/auth/password', { current_password: person.password, new_password })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 403]);
});

test('a new password keeps to the rules', async () => {
  const person = await world.person();
  for (const new_password of ['short', 'x'.repeat(1025)]) {
    invalidAt(await person.post('/auth/password', { current_password: person.password, new_password }), '/new_password');
    invalidAt(await confirm('x', new_password), '/new_password');
  }
});

test('an account without a password is given one soon after signing in, and not later', async () => {
  const person = await world.person();
  await world.database.run('UPDATE users SET password_hash = NULL WHERE id = ?', person.id);
  refused(await person.post('/auth/password', { current_password: 'x', new_password: NEW }), 403, 'wrong_password');
  await world.database.run('UPDATE sessions SET created_at = ? WHERE user_id = ?',
    new Date(Date.now() - 601_000).toISOString(), person.id);
  refused(await person.post('/auth/password', { new_password: NEW }), 403, 'recent_sign_in_needed');
  await world.database.run('UPDATE sessions SET created_at = ? WHERE user_id = ?',
    new Date(Date.now() - 590_000).toISOString(), person.id);
  assert.equal((await person.post('/auth/password', { new_password: NEW })).status, 204);
  assert.equal((await login(person, NEW)).status, 200);
});

test('a session that has ended changes no password', async () => {
  const person = await world.person();
  await person.post('/auth/logout');
  refused(await person.post('/auth/password', { current_password: person.password, new_password: NEW }), 401, 'unauthenticated');
});

test('a password is set anew with the token of the message, once, and every device is signed out', async () => {
  const person = await world.person();
  const { body: other } = await login(person);
  const token = await tokenFor(person);
  const [row] = await world.database.all('SELECT * FROM password_resets WHERE user_id = ?', person.id);
  assert.ok(!JSON.stringify(row).includes(token), 'only its hash is stored');
  assert.equal(new Date(row.expires_at) - new Date(row.created_at), 1_800_000);
  const answer = await confirm(token);
  assert.equal(answer.status, 204, answer.text);
  for (const refreshToken of [person.refreshToken, other.refresh_token]) {
    refused(await refresh(refreshToken), 401, 'invalid_refresh_token');
  }
  refused(await login(person), 401, 'invalid_credentials');
  assert.equal((await login(person, NEW)).status, 200);
  refused(await confirm(token, 'a third long one'), 401, 'invalid_reset_token');
  assert.deepEqual((await actions(person)).filter((action) => action.startsWith('password')),
    ['password.reset_requested', 'password.reset']);
});

test('many who use one token at once are one', async () => {
  const person = await world.person();
  const token = await tokenFor(person);
  const answers = await Promise.all(Array.from({ length: 5 }, (_, n) => confirm(token, `long enough ${n}`)));
  assert.equal(answers.filter(({ status }) => status === 204).length, 1);
  for (const answer of answers.filter(({ status }) => status !== 204)) refused(answer, 401, 'invalid_reset_token');
  const right = answers.findIndex(({ status }) => status === 204);
  assert.equal((await login(person, `long enough ${right}`)).status, 200);
});

test('a newer message, a changed password and half an hour make a token void', async () => {
  const person = await world.person();
  const first = await tokenFor(person);
  const second = await tokenFor(person);
  assert.notEqual(first, second);
  refused(await confirm(first), 401, 'invalid_reset_token');
  assert.equal((await person.post('/auth/password', { current_password: person.password, new_password: 'in between' })).status, 204);
  refused(await confirm(second), 401, 'invalid_reset_token');
  const third = await tokenFor(person);
  await world.database.run("UPDATE password_resets SET expires_at = '2020-01-01T00:00:00.000Z' WHERE user_id = ?", person.id);
  refused(await confirm(third), 401, 'invalid_reset_token');
  for (const token of ['', 'x', 'A'.repeat(43), '\u0000', 'x'.repeat(10_000)]) refused(await confirm(token), 401, 'invalid_reset_token');
});

test('whether somebody has an address is not told by the answer', async () => {
  const person = await world.person();
  const same = ({ status, text, headers }) => [status, text, ...headers].flat().filter((value) => !/^[\w-]{16}$/.test(value));
  const known = await request(person.user.email);
  assert.equal(known.status, 202);
  assert.deepEqual(known.body, { expires_in: 1800 });
  for (const email of ['nobody@example.com', 'not an address', '', '\u0000', 'x'.repeat(5000), person.user.email]) {
    assert.deepEqual(same(await request(email)), same(known), email.slice(0, 20));
  }
});

test('an account gets three messages, and then one every ten minutes', async () => {
  const person = await world.person();
  for (let n = 0; n < 5; n += 1) assert.equal((await request(person.user.email.toUpperCase())).status, 202);
  await nothingIsLeft();
  const messages = await messagesOf(world, person.id);
  assert.ok(messages.length <= 3);
  assert.equal((await actions(person)).filter((action) => action === 'password.reset_requested').length, 3);
  const token = tokenOf(world, messages.at(-1));
  tokens.push(token);
  assert.equal((await confirm(token)).status, 204, 'the last one is good');
});

test('a step that is carried out again sends the same message', async () => {
  const person = await world.person();
  await tokenFor(person);
  const [message] = await messagesOf(world, person.id);
  const { id } = await world.database.first('SELECT id FROM password_resets WHERE user_id = ?', person.id);
  await world.database.run('DELETE FROM development_mailbox WHERE user_id = ?', person.id);
  await world.database.run(
    "INSERT INTO work_items (id, user_id, payload, not_before, created_at) VALUES (?, ?, ?, '2020-01-01T00:00:00.000Z', '2020-01-01T00:00:00.000Z')",
    'wrk_01m81q693dfvparr9432s4tb40', person.id, JSON.stringify({ kind: 'send_password_reset_v1', reset_id: id }));
  await world.scheduled();
  const [again] = await eventually(async () => {
    const found = await messagesOf(world, person.id);
    return found.length > 0 ? found : false;
  });
  const withoutDate = (text) => text.replace(/^Date: .*$/m, '');
  assert.equal(withoutDate(again), withoutDate(message));
  assert.match(message, new RegExp(`^Message-ID: <${id}@`, 'm'));
  assert.match(message, new RegExp(`^To: <${person.user.email}>`, 'm'));
});

test('somebody without a password sets one by mail', async () => {
  const person = await world.person();
  await world.database.run('UPDATE users SET password_hash = NULL WHERE id = ?', person.id);
  assert.equal((await confirm(await tokenFor(person))).status, 204);
  assert.equal((await login(person, NEW)).status, 200);
});

test('what is past its time is swept', async () => {
  const person = await world.person();
  await tokenFor(person);
  for (const [table, column] of [['password_resets', 'expires_at'], ['development_mailbox', 'created_at'], ['attempts', 'expires_at']]) {
    await world.database.run(`UPDATE ${table} SET ${column} = '2020-01-01T00:00:00.000Z'`);
  }
  await world.scheduled(EVERY_HOUR);
  for (const table of ['password_resets', 'development_mailbox', 'attempts']) assert.equal(await world.database.count(table), 0, table);
});

test('the page behind the link runs no script but its own and is kept by nobody', async () => {
  const page = await world.request('/reset-password');
  assert.equal(page.status, 200);
  const html = await page.text();
  assert.match(page.headers.get('content-type'), /^text\/html/);
  assert.match(page.headers.get('cache-control'), /no-store/);
  assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
  const policy = page.headers.get('content-security-policy');
  assert.match(policy, /^default-src 'none'; script-src 'self';/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.doesNotMatch(html, /<script>|<style|\son\w+=|\sstyle=/);
  for (const [, file] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
    assert.equal((await world.request(file)).status, 200, file);
  }
});

/** The message that Miniflare wrote into a file of its temporary folder, as it does with what a Worker sends. */
function sentTo(address) {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith('miniflare-'))) {
    const folder = path.join(tmpdir(), name, 'email');
    let files = [];
    try {
      files = readdirSync(folder, { recursive: true });
    } catch {
      // Another world's, which sent nothing or has been closed.
    }
    for (const file of files.filter((each) => each.endsWith('.eml'))) {
      const message = readFileSync(path.join(folder, file), 'utf8');
      if (message.includes(`To: <${address}>`)) return message;
    }
  }
  return false;
}

test('a deployment with an address to send from sends', async () => {
  const sending = await startWorld({ vars: { MAIL_FROM: 'Delegate <post@delegate.example>' } });
  const person = await sending.person({ email: `sent.${Date.now()}@example.com` });
  assert.equal((await sending.anonymous().post('/auth/password/reset', { email: person.user.email })).status, 202);
  const message = await eventually(() => sentTo(person.user.email), { what: 'the platform took the message' });
  assert.match(message, /^From: "?Delegate"? <post@delegate\.example>\r$/m);
  const token = tokenOf(sending, message);
  assert.ok(!JSON.stringify(sending.logs()).includes(token));
  const answer = await sending.anonymous().post('/auth/password/reset/confirm', { token, new_password: NEW });
  assert.equal(answer.status, 204, answer.text);
  assert.equal(await sending.database.count('development_mailbox'), 0);
});
