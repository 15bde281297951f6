// workerd killed at random moments of an import, and what of it is left on the state that stays.
//
// `DELEGATE_SEED=…` repeats a run's moments.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';

import { connect } from '../support/frames.mjs';
import { Deployment } from '../support/dev.mjs';
import { killRepeatedly } from '../support/kill.mjs';
import { EVERY_HOUR, EVERY_MINUTE, eventually } from '../support/harness.mjs';
import { email, emails, mbox, message, MESSAGE, ok, take, upload } from '../support/mailbox.mjs';

const MESSAGES = Number(process.env.DELEGATE_KILL_MESSAGES ?? 500);
const KILLS = Number(process.env.DELEGATE_KILLS ?? 10);

const request = (n) => `Could you send me the inspection report of machine ${1000 + n} by Friday?`;

/** Messages that each ask for something of their own; every third has no Message-ID. */
function generated(person) {
  return Array.from({ length: MESSAGES }, (_, n) => message({
    to: person.user.email,
    subject: `Machine ${1000 + n}`,
    id: n % 3 === 2 ? null : `machine-${n}@partner.example`,
    date: new Date(Date.UTC(2026, 2, 23, 8, 0, n)).toUTCString().replace('GMT', '+0000'),
    text: `Hello,\n\n${request(n)}\n\nThe last one was in ${1990 + (n % 30)}.\n\nAda\n`,
  }));
}

suite('a deployment that is killed', () => {
  const deployment = new Deployment();
  before(async () => {
    await deployment.prepare();
    await deployment.start();
  });
  after(() => deployment.close());

  test(`${KILLS} times while it imports ${MESSAGES} messages has each of them once`, async (t) => {
    const person = await deployment.person('killed@delegate.test');
    const sources = generated(person);
    const { id: job } = ok(await upload(person, mbox(sources)), 202);
    const inTheMiddle = await killRepeatedly(deployment, KILLS, t);
    const restarted = Date.now();
    // The clock ticks on: what a kill left without a message in the queue is woken by it.
    const ended = await eventually(async () => {
      await deployment.tick(EVERY_MINUTE);
      const now = ok(await person.get(`/jobs/${job}`));
      assert.ok(['succeeded', 'failed'].includes(now.status), JSON.stringify(now));
      return now;
    }, { seconds: 120, every: 500, what: 'the job ends' });
    t.diagnostic(`the job ended ${Date.now() - restarted} ms after the last start`);
    const { status, done, total, errors } = ended;
    assert.deepEqual({ status, done, total, errors }, { status: 'succeeded', done: MESSAGES, total: MESSAGES, errors: [] });
    assert.ok(inTheMiddle >= KILLS * 0.3, `only ${inTheMiddle} kills hit work`);

    const stored = await emails(person);
    assert.deepEqual(stored.map((each) => each.subject).toSorted(),
      sources.map((_, n) => `Machine ${1000 + n}`).toSorted(), 'every message once');
    const versions = new Set(stored.map((each) => each.analysis?.version));
    assert.equal(versions.size, 1, 'one analysis of the version each');
    assert.ok(!versions.has(undefined));
    const tasks = await person.everything('/tasks');
    assert.deepEqual(tasks.map((task) => task.source.quote).toSorted(), sources.map((_, n) => request(n)).toSorted());
    assert.equal(new Set(tasks.map((task) => task.source.id)).size, MESSAGES);

    // Events that were committed when the hub died are its with the next tick.
    const device = await connect(deployment, person);
    const all = 3 * MESSAGES;
    await eventually(async () => {
      await deployment.tick(EVERY_MINUTE);
      const outbox = await eventually(() => deployment.sqlite('d1', 'work_items', (d1) =>
        d1.prepare('SELECT COUNT(*) AS left FROM outbox').get()));
      assert.equal(outbox.left, 0);
    }, { seconds: 40, every: 500, what: 'the outbox empties' });
    device.drop();
    const fresh = await connect(deployment, person);
    const { seq } = await fresh.next('hello');
    fresh.send({ type: 'resume', after: 0 });
    await fresh.until(seq);
    assert.deepEqual(fresh.events.map((frame) => frame.seq), Array.from({ length: seq }, (_, n) => n + 1));
    const about = (type) => fresh.events.filter((frame) => frame.type === type).map((frame) => frame.data.id).toSorted();
    const ids = stored.map((each) => each.id).toSorted();
    assert.deepEqual(about('email.received'), ids);
    assert.deepEqual(about('email.analyzed'), ids);
    assert.deepEqual(about('task.created'), tasks.map((task) => task.id).toSorted());
    assert.equal(new Set(fresh.events.map((frame) => frame.id)).size, seq, 'no event has two numbers');
    assert.ok(seq > all);
    const last = fresh.events.findLast((frame) => frame.type === 'job.progressed');
    assert.deepEqual([last.data.status, last.data.done], ['succeeded', MESSAGES]);
    fresh.drop();
  });

  test('sweeps uploads that nothing refers to after an hour, and keeps all others', async () => {
    if (!deployment.process) await deployment.start();
    const person = await deployment.person('uploads@delegate.test');
    const names = ['kept', 'orphaned', 'waited for', 'dead', 'young'];
    const keys = {};
    for (const name of names) {
      const job = await take(person, message({ subject: name }), { type: MESSAGE });
      keys[name] = `uploads/${person.id}/${job.id}`;
    }
    const { id: kept } = await email(person, 'kept');
    await deployment.kill();
    deployment.sqlite('d1', 'emails', (d1) => {
      for (const name of names.slice(1)) d1.prepare('DELETE FROM emails WHERE raw_key = ?').run(keys[name]);
      const payload = (name) => JSON.stringify({ kind: 'split_upload_v1', key: keys[name], is_mbox: false });
      d1.prepare(`INSERT INTO work_items (id, user_id, payload, not_before, created_at)
        VALUES ('wrk_00000000000000000000000001', ?, ?, '2099-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')`)
        .run(person.id, payload('waited for'));
      d1.prepare(`INSERT INTO dead_letters (id, user_id, payload, attempts, reason, created_at)
        VALUES ('wrk_00000000000000000000000002', ?, ?, 5, 'x', ?)`)
        .run(person.id, payload('dead'), new Date().toISOString());
    });
    deployment.sqlite('r2', '_mf_objects', (r2) => {
      const { changes } = r2.prepare('UPDATE _mf_objects SET uploaded = uploaded - 3600001 WHERE key <> ?').run(keys.young);
      assert.ok(changes >= names.length);
    });
    await deployment.start();
    await deployment.tick(EVERY_HOUR);
    const source = await person.get(`/emails/${kept}/raw`);
    assert.equal(source.status, 200, 'what a message refers to stays');
    assert.match(source.text, /Subject: kept/);
    await deployment.kill();
    const left = deployment.sqlite('r2', '_mf_objects', (r2) =>
      r2.prepare('SELECT key FROM _mf_objects').all().map((row) => row.key));
    for (const name of names) assert.equal(left.includes(keys[name]), name !== 'orphaned', name);
  });
});
