// Accounts in a deployment that strangers can't join.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startWorld } from '../support/harness.mjs';
import { refused } from '../support/problem.mjs';

const world = await startWorld({ registration: 'invitation' });
const anyone = world.anonymous();
let counter = 0;
const register = (invitation, email = `guest${counter += 1}@example.com`) =>
  anyone.post('/auth/register', { email, password: 'long enough', ...(invitation !== undefined && { invitation }) });

// Who comes first is settled once, before the tests.
const firsts = await Promise.all(Array.from({ length: 5 }, () => register()));
const owner = Object.assign(world.anonymous(), { token: firsts.find(({ status }) => status === 201)?.body.access_token });
const invite = async () => (await owner.post('/auth/invitations')).body.invitation;

test('of those who come first at once one owns the deployment and the others need an invitation', () => {
  assert.equal(firsts.filter(({ status }) => status === 201).length, 1);
  assert.equal(firsts.find(({ status }) => status === 201).body.user.role, 'owner');
  for (const answer of firsts.filter(({ status }) => status !== 201)) refused(answer, 403, 'invitation_needed');
});

test('the second person needs an invitation', async () => {
  for (const invitation of [undefined, null, '', 'x', 'A'.repeat(32), '\u0000', "' OR 1=1 --"]) {
    refused(await register(invitation), 403, 'invitation_needed', invitation);
  }
  assert.equal(await world.database.count('users'), 1);
  assert.equal(await world.database.count('user_addresses'), 1);
  assert.equal(await world.database.count('sessions'), 1);
  assert.equal(await world.database.count('refresh_tokens'), 1);
});

test('an invitation lets one person in, once', async () => {
  const made = await owner.post('/auth/invitations');
  assert.equal(made.status, 201, made.text);
  const days = (new Date(made.body.expires_at) - Date.now()) / 86_400_000;
  assert.ok(days > 6.9 && days <= 7, `${days}`);
  const stored = await world.database.first('SELECT token_hash FROM invitations');
  assert.notEqual(stored.token_hash, made.body.invitation, 'only its hash is stored');
  const guest = await register(made.body.invitation);
  assert.equal(guest.status, 201, guest.text);
  assert.equal(guest.body.user.role, 'member');
  refused(await register(made.body.invitation), 403, 'invitation_needed');
});

test('many who use one invitation at once are one person', async () => {
  const invitation = await invite();
  const answers = await Promise.all(Array.from({ length: 6 }, () => register(invitation)));
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  for (const answer of answers.filter(({ status }) => status !== 201)) refused(answer, 403, 'invitation_needed');
});

test('an invitation whose address was taken is not used up', async () => {
  const invitation = await invite();
  const taken = await register(await invite(), 'taken@example.com');
  assert.equal(taken.status, 201);
  refused(await register(invitation, 'Taken@example.com'), 409, 'address_taken');
  assert.equal((await register(invitation)).status, 201);
});

test('without an invitation nobody learns who is registered', async () => {
  refused(await register(undefined, firsts.find(({ status }) => status === 201).body.user.email), 403, 'invitation_needed');
});

test('an invitation expires', async () => {
  const invitation = await invite();
  await world.database.run("UPDATE invitations SET expires_at = '2020-01-01T00:00:00.000Z' WHERE used_at IS NULL");
  refused(await register(invitation), 403, 'invitation_needed');
});

test('only the owner invites', async () => {
  const guest = await register(await invite());
  const member = Object.assign(world.anonymous(), { token: guest.body.access_token });
  refused(await member.post('/auth/invitations'), 403, 'owner_only');
  refused(await anyone.post('/auth/invitations'), 401, 'unauthenticated');
});
