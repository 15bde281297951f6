// Limits against guessing: what an attacker gets, and what the person they are after notices.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { startWorld } from '../support/harness.mjs';
import { refused } from '../support/problem.mjs';
import { resetToken } from '../support/reset.mjs';

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const PASSWORD = 'correct horse battery';

/** Asks as if from another network. */
const from = (world, address) => ({
  post: (path, body) => world.anonymous().post(path, body, { headers: { 'cf-connecting-ip': address } }),
  login: (email, password = PASSWORD) => world.anonymous().post('/auth/login', { email, password }, { headers: { 'cf-connecting-ip': address } }),
});
const tally = (answers) => {
  const statuses = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  return statuses;
};
const waitOf = (answer) => Number(refused(answer, 429, 'too_many_attempts').headers.get('retry-after'));
const HOME = '127.0.0.1';
const ELSEWHERE = '203.0.113.7';

const world = await startWorld();
const home = from(world, HOME);

/** Tries at once, so that none waits for the answer of another: what is counted is counted at the beginning. */
const burst = (number, attempt) => Promise.all(Array.from({ length: number }, (_, n) => attempt(n)));

test('five wrong passwords are free, then the wait grows, for somebody and for nobody alike', async () => {
  const person = await world.person();
  const stories = [];
  for (const email of [person.user.email, 'nobody@example.com', 'no address at all']) {
    const stranger = from(world, ELSEWHERE);
    const story = [];
    for (const [number, longest] of [[8, 1], [4, 2], [4, 4]]) {
      const answers = await burst(number, () => stranger.login(email, 'wrong'));
      const waits = answers.filter(({ status }) => status === 429).map(waitOf);
      assert.ok(waits.every((wait) => wait >= 1 && wait <= longest), `${waits}`);
      story.push(tally(answers), ...answers.map(({ status, body: { request_id: _, ...body } }) =>
        JSON.stringify([status, body])).sort());
      if (longest < 4) await pause(longest + 0.05);
    }
    assert.deepEqual(story.filter((each) => each['401']), [{ 401: 5, 429: 3 }, { 401: 1, 429: 3 }, { 401: 1, 429: 3 }]);
    stories.push(story);
  }
  assert.deepEqual(stories[0], stories[1]);
  assert.deepEqual(stories[0], stories[2]);
});

test('a burst at one account from many networks passes as few as a burst from one', async () => {
  const person = await world.person();
  const answers = await Promise.all(Array.from({ length: 60 }, (_, n) =>
    from(world, `198.51.100.${n}`).login(person.user.email, 'wrong')));
  assert.deepEqual(tally(answers), { 401: 5, 429: 55 });
  for (const answer of answers.filter(({ status }) => status === 429)) assert.ok(waitOf(answer) <= 60);
});

test('a person under attack signs in from where they have signed in before', async () => {
  const person = await world.person();
  await Promise.all(Array.from({ length: 20 }, (_, n) => from(world, `198.51.100.${n}`).login(person.user.email, 'wrong')));
  // As if it had gone on for longer.
  const later = new Date(Date.now() + 40_000).toISOString();
  await world.database.run('UPDATE attempts SET blocked_until = ? WHERE count = 5', later);
  waitOf(await from(world, ELSEWHERE).login(person.user.email));
  const answer = await home.login(person.user.email);
  assert.equal(answer.status, 200, answer.text);
  const entry = await world.database.first(
    "SELECT detail FROM audit_entries WHERE user_id = ? AND action = 'session.opened'", person.id);
  assert.deepEqual(JSON.parse(entry.detail), { failed_attempts: 0, failed_attempts_elsewhere: 5 });
  waitOf(await from(world, ELSEWHERE).login(person.user.email));
});

test('a person under attack in a new place waits a minute at most, or sets the password anew', async () => {
  const person = await world.person();
  await Promise.all(Array.from({ length: 8 }, (_, n) => from(world, `198.51.100.${n}`).login(person.user.email, 'wrong')));
  // As if it had gone on for long.
  await world.database.run("UPDATE attempts SET count = 5000 WHERE count = 5 AND expires_at > ?", new Date().toISOString());
  await pause(1.05);
  refused(await from(world, '198.51.100.1').login(person.user.email, 'wrong'), 401);
  const away = from(world, ELSEWHERE);
  const wait = waitOf(await away.login(person.user.email));
  assert.ok(wait > 50 && wait <= 60, `${wait}`);
  const token = await resetToken(world, person);
  const set = await away.post('/auth/password/reset/confirm', { token, new_password: 'another long one' });
  assert.equal(set.status, 204, set.text);
  await Promise.all(Array.from({ length: 8 }, (_, n) => from(world, `198.51.100.${n}`).login(person.user.email, 'wrong')));
  assert.equal((await away.login(person.user.email, 'another long one')).status, 200);
});

test('whoever comes back after Retry-After is let in, and then begins anew', async () => {
  const person = await world.person();
  const stranger = from(world, ELSEWHERE);
  const answers = await burst(6, () => stranger.login(person.user.email, 'wrong'));
  assert.deepEqual(tally(answers), { 401: 5, 429: 1 });
  await pause(waitOf(answers.find(({ status }) => status === 429)));
  const answer = await stranger.login(person.user.email);
  assert.equal(answer.status, 200, answer.text);
  const entry = await world.database.first(
    "SELECT detail FROM audit_entries WHERE user_id = ? AND action = 'session.opened'", person.id);
  assert.deepEqual(JSON.parse(entry.detail), { failed_attempts: 5 });
  for (let n = 0; n < 5; n += 1) refused(await stranger.login(person.user.email, 'wrong'), 401);
});

test('failures are forgotten an hour after the last wait', async () => {
  const person = await world.person();
  const stranger = from(world, ELSEWHERE);
  const guesses = () => burst(6, () => stranger.login(person.user.email, 'wrong'));
  assert.deepEqual(tally(await guesses()), { 401: 5, 429: 1 });
  await world.database.run('UPDATE attempts SET blocked_until = ? WHERE count = 5', new Date(Date.now() - 3_601_000).toISOString());
  assert.deepEqual(tally(await guesses()), { 401: 5, 429: 1 });
});

test('what is counted can\'t be read', async () => {
  const rows = await world.database.all('SELECT subject FROM attempts');
  assert.ok(rows.length > 0);
  for (const { subject } of rows) assert.match(subject, /^[\w-]{43}$/);
});

test('how long a refusal takes does not tell whether there is an account, nor of which kind its hash is', async () => {
  const kinds = {
    argon2: (await world.person()).user.email,
    bcrypt: (await world.person()).user.email,
    none: (await world.person()).user.email,
    nobody: 'nobody.at.all@example.com',
    malformed: 'not an address, either',
  };
  await world.database.run('UPDATE users SET password_hash = ? WHERE email = ?',
    '$2b$12$If6bvum7DFjUnE9p2uDeDuaMMaJfgu1QFTXAzQmyQA/N52zp.Rzeu', kinds.bcrypt);
  await world.database.run('UPDATE users SET password_hash = NULL WHERE email = ?', kinds.none);
  const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const measure = async (of) => {
    const times = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
    // In turn, so that what the machine does meanwhile meets all of them alike.
    for (let round = 0; round < 7; round += 1) {
      await world.database.run('DELETE FROM attempts');
      for (const [kind, email] of Object.entries(kinds)) {
        const begin = performance.now();
        const answer = await of(email);
        times[kind].push(performance.now() - begin);
        assert.match(answer.headers.get('server-timing'), /^d1;desc="round trips: 1";dur=0$/, kind);
      }
    }
    return Object.fromEntries(Object.entries(times).map(([kind, values]) => [kind, median(values)]));
  };
  for (const [name, of] of [
    ['login', (email) => home.login(email, 'wrong')],
    ['reset', (email) => home.post('/auth/password/reset', { email })],
  ]) {
    // A machine that is busy with something else can need longer for bcrypt than refusals wait: such
    // a measurement tells nothing of the code, so there are three.
    let spread = Infinity;
    let told;
    for (let attempt = 0; attempt < 3 && spread >= 10; attempt += 1) {
      const medians = await measure(of);
      spread = Math.max(...Object.values(medians)) - Math.min(...Object.values(medians));
      told = Object.entries(medians).map(([kind, ms]) => `${kind} ${ms.toFixed(1)}`).join(', ');
      console.log(`# ${name}: medians in ms: ${told}`);
    }
    assert.ok(spread < 10, `${name}: ${told}`);
  }
});

const LIMIT = 8;
const limited = await startWorld({ vars: { ATTEMPTS_PER_MINUTE: String(LIMIT) } });
const reopen = () => limited.database.run('DELETE FROM attempts');
const member = await limited.person();

// Windows begin with the minute: a test that would cross it waits for the next.
const inOneMinute = async () => {
  const left = 60 - (Date.now() / 1000) % 60;
  if (left < 20) await pause(left + 0.1);
  await reopen();
};

for (const [name, path, body, status] of [
  ['sign-ins', '/auth/login', (n) => ({ email: `nobody${n}@example.com`, password: 'wrong' }), 401],
  ['registrations', '/auth/register', (n) => ({ email: `new${n}@example.com`, password: PASSWORD }), 201],
  ['refreshes', '/auth/refresh', (n) => ({ refresh_token: `wrong${n}` }), 401],
  ['messages', '/auth/password/reset', (n) => ({ email: `nobody${n}@example.com` }), 202],
  ['reset tokens', '/auth/password/reset/confirm', (n) => ({ token: `wrong${n}`, new_password: PASSWORD }), 401],
]) {
  test(`a network has a number of ${name} a minute, and others have their own`, async () => {
    await inOneMinute();
    const here = from(limited, ELSEWHERE);
    const answers = await Promise.all(Array.from({ length: LIMIT + 12 }, (_, n) => here.post(path, body(n))));
    assert.deepEqual(tally(answers), { [status]: LIMIT, 429: 12 });
    for (const answer of answers.filter((each) => each.status === 429)) {
      const wait = waitOf(answer);
      assert.ok(wait >= 1 && wait <= 60, `${wait}`);
    }
    const neighbour = await from(limited, '203.0.113.8').post(path, body(100));
    assert.equal(neighbour.status, status, neighbour.text);
    await limited.database.run('UPDATE attempts SET expires_at = ?', new Date(Date.now() - 1).toISOString());
    const next = await here.post(path, body(101));
    assert.equal(next.status, status, 'in the next minute');
  });
}

test('the tries of a network are counted together, whatever it tries', async () => {
  await inOneMinute();
  const here = from(limited, '2001:db8:1:2::1');
  const there = from(limited, '2001:db8:1:2:ffff::9');
  for (let n = 0; n < LIMIT / 2; n += 1) {
    refused(await here.post('/auth/refresh', { refresh_token: 'wrong' }), 401);
    refused(await there.post('/auth/password/reset/confirm', { token: 'wrong', new_password: PASSWORD }), 401);
  }
  waitOf(await here.login('nobody@example.com'));
  waitOf(await there.login('nobody@example.com'));
  refused(await from(limited, '2001:db8:1:3::1').login('nobody@example.com'), 401);
});

test('who has a good refresh token is not kept out by a neighbour who tries', async () => {
  await inOneMinute();
  const here = from(limited, ELSEWHERE);
  await Promise.all(Array.from({ length: LIMIT + 2 }, () => here.post('/auth/refresh', { refresh_token: 'wrong' })));
  waitOf(await here.post('/auth/refresh', { refresh_token: 'wrong' }));
  const answer = await here.post('/auth/refresh', { refresh_token: member.refreshToken });
  assert.equal(answer.status, 200, answer.text);
  const rows = await limited.database.count('attempts', 'count > ?', LIMIT);
  assert.equal(rows, 0, 'what is refused is not counted');
});

test('a body that can\'t be read is nobody\'s try', async () => {
  await inOneMinute();
  const here = from(limited, ELSEWHERE);
  for (let n = 0; n < LIMIT + 2; n += 1) refused(await here.post('/auth/login', '{'), 400);
  assert.equal(await limited.database.count('attempts'), 0);
});

test('the platform\'s limiter keeps a flood from the database', async () => {
  await inOneMinute();
  const here = from(limited, '192.0.2.77');
  const answers = [];
  for (let n = 0; n < 13; n += 1) {
    answers.push(...await Promise.all(Array.from({ length: 50 }, () => here.post('/auth/refresh', { refresh_token: 'wrong' }))));
  }
  assert.deepEqual(tally(answers), { 401: LIMIT, 429: 650 - LIMIT });
  const unasked = answers.filter(({ headers }) => headers.get('server-timing') === null);
  assert.equal(unasked.length, 50, 'what is beyond 600 did not reach D1');
  for (const answer of unasked) waitOf(answer);
});

after(() => {
  for (const each of [world, limited]) {
    assert.deepEqual(each.logs().filter(({ message }) => message === 'limit.unavailable'), []);
  }
});
