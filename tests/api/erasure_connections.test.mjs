// What becomes of the tokens of providers when their person leaves.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Browser } from '../support/browser.mjs';
import { EVERY_MINUTE, eventually, startWorld } from '../support/harness.mjs';
import { ok } from '../support/mailbox.mjs';
import { configuredFor } from '../support/providers.mjs';
import { faults, ScriptedProvider } from '../support/scripted_provider.mjs';

const [google, microsoft] = [await ScriptedProvider.start({ kind: 'google' }), await ScriptedProvider.start({ kind: 'microsoft' })];
after(() => Promise.all([google.close(), microsoft.close()]));
const world = await startWorld(configuredFor({ google, microsoft }));

/** Connects an account at a provider. */
async function connected(person, provider) {
  const { authorization_url: address } = ok(await person.post('/users/me/connections', { provider, access: ['mail'] }), 201);
  const arrived = await Browser.of(world).open(address);
  const code = new URL(arrived.url).searchParams.get('connection_code');
  assert.ok(code, `${arrived.status} ${arrived.url}`);
  return ok(await person.post('/users/me/connections/complete', { code }), 201);
}

const ended = (receipt) => eventually(async () => {
  // What backs off is due at once.
  await world.database.run("UPDATE work_items SET not_before = '2026-01-01T00:00:00.000Z'");
  await world.scheduled(EVERY_MINUTE);
  const { body } = await world.anonymous().get(new URL(receipt).pathname.replace('/api/v1', ''));
  return body.status === 'finished' && body;
}, { seconds: 30, every: 100 });

test('they are revoked where the provider lets them be, and the receipt says where not', async () => {
  const person = await world.person();
  google.person = { sub: 'leaver', email: 'leaver@gmail.example', email_verified: true, name: 'Leaver' };
  await connected(person, 'google');
  await connected(person, 'microsoft');
  const tokens = [...google.refreshTokens.keys()];
  const { receipt_url: receipt } = ok(await person.delete('/users/me'), 202);
  const { erased } = await ended(receipt);
  assert.deepEqual(erased.connections.toSorted((a, b) => (a.provider < b.provider ? -1 : 1)),
    [{ provider: 'google', revoked: 'revoked' }, { provider: 'microsoft', revoked: 'not_offered' }]);
  for (const token of tokens) assert.notEqual(google.ended(token), null, 'the grant has ended at the provider');
  assert.equal(await world.database.count('connections'), 0);
});

test('a provider that does not answer does not keep anybody from leaving', async () => {
  const person = await world.person();
  google.reset();
  google.person = { sub: 'second-leaver', email: 'second@gmail.example', email_verified: true, name: 'Second' };
  await connected(person, 'google');
  google.fault('revoke', faults.answer(503, { error: 'temporarily_unavailable' }), 100);
  const { receipt_url: receipt } = ok(await person.delete('/users/me'), 202);
  const { erased } = await ended(receipt);
  assert.deepEqual(erased.connections, [{ provider: 'google', revoked: 'unknown' }]);
  assert.ok(google.asked('revoke').length >= 3, 'it was asked more than once');
  assert.equal(await world.database.count('users', 'id = ?', person.id), 0);
});
