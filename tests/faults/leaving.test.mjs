// workerd killed at random moments of an export and of an erasure.
//
// `DELEGATE_SEED=…` repeats a run's moments.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';

import { joined, unpack } from '../support/archive.mjs';
import { connect } from '../support/frames.mjs';
import { Deployment } from '../support/dev.mjs';
import { killRepeatedly } from '../support/kill.mjs';
import { EVERY_HOUR, EVERY_MINUTE, eventually } from '../support/harness.mjs';
import { emails, mbox, message, ok, raw, take } from '../support/mailbox.mjs';
import { remains } from '../support/remains.mjs';

const MESSAGES = Number(process.env.DELEGATE_KILL_MESSAGES ?? 500) * 2;
const KILLS = Number(process.env.DELEGATE_KILLS ?? 10);
// A step of an export that crashed whoever tried it five times is given up, and on a slow machine all
// kills may hit the same one.
const KILLS_OF_EXPORT = Math.min(KILLS, 4);

const generated = (word) => Array.from({ length: MESSAGES }, (_, n) => message({
  subject: `${word} ${n}`, text: `From ${n} on\n\n${`${word}text ${n} `.repeat(300)}q${word}q`,
}));

const keys = (deployment, prefix) => deployment.sqlite('r2', '_mf_objects', (r2) =>
  r2.prepare('SELECT key FROM _mf_objects').all().map((row) => row.key).filter((key) => key.startsWith(prefix)));

suite('a deployment that is killed', () => {
  const deployment = new Deployment();
  let person;
  before(async () => {
    await deployment.prepare();
    await deployment.start();
  });
  after(() => deployment.close());

  test(`${KILLS_OF_EXPORT} times while it makes an archive has everything in it once`, async (t) => {
    person = await deployment.person('departing@departing.example');
    await take(person, mbox(generated('departing')), { seconds: 120 });
    const { id } = ok(await person.post('/users/me/export'), 202);
    const inTheMiddle = await killRepeatedly(deployment, KILLS_OF_EXPORT, t);
    const job = await person.job(id, { seconds: 90 });
    assert.deepEqual([job.status, job.errors, job.done], ['succeeded', [], job.total]);
    assert.ok(inTheMiddle >= 2, `only ${inTheMiddle} kills hit the export`);
    const answer = await person.get('/users/me/export');
    assert.equal(answer.headers.get('content-length'), String(answer.bytes.length));
    const files = await unpack(answer.bytes);
    const stored = await emails(person);
    assert.deepEqual(joined(files, /^emails/).map((each) => each.id).toSorted(), stored.map((each) => each.id).toSorted());
    for (const each of stored.slice(0, 20)) assert.ok(files[`mail/${each.id}.eml`].equals(await raw(person, each.id)));
    assert.equal(Object.keys(files).filter((name) => name.startsWith('mail/')).length, MESSAGES);
  });

  test('sweeps the parts of archives that no archive has, and keeps the others', async () => {
    const parts = () => deployment.sqlite('d1', 'work_items', (d1) => d1.prepare('SELECT key FROM export_parts').all().map((row) => row.key));
    await deployment.kill();
    deployment.sqlite('r2', '_mf_objects', (r2) => r2.exec(`INSERT INTO _mf_objects SELECT 'exports/${person.id}/job_x/1.1', blob_id, version, size,
      etag, uploaded, checksums, http_metadata, custom_metadata FROM _mf_objects LIMIT 1`));
    deployment.sqlite('r2', '_mf_objects', (r2) => r2.exec('UPDATE _mf_objects SET uploaded = uploaded - 3600001'));
    await deployment.start();
    await deployment.tick(EVERY_HOUR);
    await deployment.kill();
    assert.deepEqual(keys(deployment, 'exports/').toSorted(), parts().toSorted());
    await deployment.start();
    assert.equal((await person.get('/users/me/export')).status, 200);
  });

  test(`${KILLS} times while it erases an account leaves nothing of it, and all of the others`, async (t) => {
    const stays = await deployment.person('staying@staying.example');
    await take(stays, mbox(generated('staying').slice(0, 60)), { seconds: 60 });
    const kept = await emails(stays);
    const device = await connect(deployment, person);
    device.send({ type: 'resume', after: 0 });
    await device.next('email.received');
    const answer = await person.delete('/users/me');
    const { pathname } = new URL(ok(answer, 202).receipt_url);
    const inTheMiddle = await killRepeatedly(deployment, KILLS, t, { longestMs: 120 });
    device.drop();
    const receipt = await eventually(async () => {
      await deployment.tick(EVERY_MINUTE);
      const body = await (await deployment.request(pathname)).json();
      return body.status === 'finished' && body;
    }, { seconds: 90, every: 250, what: 'the erasure ends' });
    t.diagnostic(`${inTheMiddle} kills hit the erasure: ${JSON.stringify(receipt.erased)}`);
    assert.ok(inTheMiddle >= 1, 'no kill hit the erasure');
    assert.deepEqual([receipt.erased.emails, receipt.erased.sessions], [MESSAGES, 1]);
    assert.deepEqual((await emails(stays)).map((each) => each.id), kept.map((each) => each.id));
    assert.equal((await stays.get('/emails?q=staying&limit=100')).body.items.length, 60);
    await deployment.kill();

    const needles = [person.id, person.id.slice(-16), 'departing@departing.example', 'departingtext', 'departing 7', 'departingq'];
    const look = (file) => remains((sql) => file.prepare(sql).all(), needles, { secluded: false });
    assert.deepEqual((await deployment.everySqlite('d1', look)).flat(), []);
    assert.deepEqual([keys(deployment, `uploads/${person.id}`), keys(deployment, `exports/${person.id}`)], [[], []]);
    const hubs = await deployment.everySqlite('do', look);
    assert.ok(hubs.length >= 2);
    assert.deepEqual(hubs.flat(), []);
  });
});
