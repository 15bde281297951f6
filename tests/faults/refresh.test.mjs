// workerd killed while it refreshes a credential that its provider rotates: afterwards the connection
// is healthy with the newest token, or asks for its person; never silent.
//
// `DELEGATE_SEED=…` repeats a run's moments.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';

import { Deployment } from '../support/dev.mjs';
import { eventually } from '../support/harness.mjs';
import { randomOf, SEED } from '../support/kill.mjs';
import { configuredFor } from '../support/providers.mjs';
import { faults, ScriptedProvider } from '../support/scripted_provider.mjs';
import { APP, connectAccount } from '../support/visits.mjs';

/** How often it is killed as the answer arrives. */
const KILLS = Number(process.env.DELEGATE_KILLS ?? 4);
/** The longest time between the provider's answer and a kill. */
const LONGEST_MS = 25;
/** So short that an access token is never begun with. */
const STALE = 30;

const provider = await ScriptedProvider.start({ redirects: ['http://127.0.0.1:8787/api/v1/auth/google/callback'] });
const { vars, secrets } = configuredFor({ google: provider });

suite('a deployment that is killed while it refreshes', () => {
  const deployment = new Deployment({ vars: { ...vars, ...secrets, ALLOWED_ORIGINS: APP } });
  let person;
  let connection;
  before(async () => {
    await deployment.prepare();
    await deployment.start();
    person = await deployment.person('refreshing@delegate.test');
    provider.expiresIn = STALE;
    connection = await connectAccount(deployment, person, 'google');
  });
  after(async () => {
    await deployment.close();
    await provider.close();
  });

  const check = () => person.post(`/users/me/connections/${connection.id}/check`);
  const refreshes = () => provider.asked('token', 'refresh_token');
  const newest = () => [...provider.refreshTokens.keys()].at(-1);
  const rowOf = () => deployment.sqlite('d1', 'connections', (d1) => ({ ...d1.prepare('SELECT * FROM connections WHERE id = ?').get(connection.id) }));

  /** Begins a refresh, and kills when its answer has been on the way for so long; never sent without. */
  async function killed(ms) {
    const count = refreshes().length;
    let go;
    provider.fault('token', faults.answersWhen(new Promise((resolve) => { go = resolve; })));
    const looking = check().catch(() => {});
    await eventually(() => refreshes().length > count && refreshes().at(-1).status === 200, { every: 2 });
    if (ms !== undefined) {
      go();
      // The one pause that is no waiting for something: the moment of the kill.
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
    await deployment.kill();
    go();
    await looking;
    await deployment.start();
  }

  /** Asserts that the connection is as good as it says, or says that it is not. */
  async function isHonest(hint) {
    const { status, body } = await check();
    assert.equal(status, 200, hint);
    if (body.status === 'healthy') {
      assert.equal(provider.ended(newest()), null, hint);
      assert.equal((await check()).body.status, 'healthy', `${hint}: and the token that is kept is good`);
      return true;
    }
    assert.deepEqual([body.status, body.last_error], ['reauthorize', 'grant_ended'], hint);
    assert.equal((await person.get('/users/me/audit?action=connection.refused&limit=1')).body.items[0].object, connection.id);
    const renewed = await connectAccount(deployment, person, 'google');
    assert.deepEqual([renewed.id, renewed.status], [connection.id, 'healthy'], hint);
    return false;
  }

  test('before the answer came: the connection asks for its person', async () => {
    await killed();
    assert.equal(await isHonest('no answer'), false, 'nobody has the token that was given');
  });

  test(`${KILLS} times as the answer arrives: recovered, or it asks for its person`, async (t) => {
    t.diagnostic(`DELEGATE_SEED=${SEED}`);
    const random = randomOf(SEED);
    let recovered = 0;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const moment = Math.round(random() * LONGEST_MS);
      await killed(moment);
      if (await isHonest(`kill ${kill} after ${moment} ms`)) recovered += 1;
    }
    t.diagnostic(`${recovered} of ${KILLS} recovered`);
  });

  test('with the answer in the hub\'s storage and not in the database: it carries on with it', async () => {
    const before_ = rowOf();
    assert.equal((await check()).body.status, 'healthy');
    const after_ = rowOf();
    assert.notEqual(after_.sealed_tokens, before_.sealed_tokens);
    const count = refreshes().length;
    await deployment.kill();
    deployment.sqlite('d1', 'connections', (d1) => d1.prepare('UPDATE connections SET sealed_tokens = ?, sealed_with = ?, expires_at = ?, version = ? WHERE id = ?')
      .run(before_.sealed_tokens, before_.sealed_with, before_.expires_at, before_.version, connection.id));
    deployment.sqlite('do', 'refreshed', (hub) => hub.prepare('INSERT INTO refreshed (connection, version, sealed_tokens, sealed_with, expires_at, scopes) VALUES (?, ?, ?, ?, ?, ?)')
      .run(connection.id, before_.version, after_.sealed_tokens, after_.sealed_with, after_.expires_at, after_.scopes));
    await deployment.start();
    assert.equal((await check()).body.status, 'healthy');
    assert.equal(provider.ended(newest()), null, 'the token that was used up is not sent again');
    assert.equal(refreshes().length, count + 1);
    await deployment.kill();
    deployment.sqlite('do', 'refreshed', (hub) => assert.equal(hub.prepare('SELECT COUNT(*) AS n FROM refreshed').get().n, 0));
    await deployment.start();
  });
});
