// Work that goes wrong: what cannot be read, what always fails, what crashed, and what is tried again.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { connect } from '../support/frames.mjs';
import { EVERY_HOUR, eventually, startWorld } from '../support/harness.mjs';
import { emails, mbox, MESSAGE, message, ok, take, upload } from '../support/mailbox.mjs';

const world = await startWorld();
const { database } = world;

const LONG_AGO = '2026-01-01T00:00:00.000Z';
let items = 0;

/** A row of work, as it would be committed. */
async function workItem(person, payload, { attempts = 0, job = null, id } = {}) {
  items += 1;
  const name = id ?? `wrk_${String(items).padStart(26, '0')}`;
  await database.run(
    `INSERT INTO work_items (id, user_id, job_id, payload, attempts, not_before, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    name, person.id, job, typeof payload === 'string' ? payload : JSON.stringify(payload), attempts, LONG_AGO, LONG_AGO);
  return name;
}

/** A job that exists and runs. */
async function jobRow(person, total = 1) {
  items += 1;
  const id = `job_${String(items).padStart(26, '0')}`;
  await database.run(
    `INSERT INTO jobs (id, user_id, kind, status, total, created_at, updated_at)
     VALUES (?, ?, 'email_import', 'running', ?, ?, ?)`, id, person.id, total, LONG_AGO, LONG_AGO);
  return id;
}

const isGone = (id) => eventually(async () =>
  (await database.count('work_items', 'id = ?', id)) === 0, { what: `${id} is done` });

/** Lets time pass for whatever waits: what is claimed or backs off is due at once. */
async function hurry(person) {
  await database.run('UPDATE work_items SET not_before = ? WHERE user_id = ?', LONG_AGO, person.id);
  await world.scheduled();
}

/** The job when it has ended, where nothing that it waits for has to be waited for. */
function ended(person, id) {
  return eventually(async () => {
    const job = ok(await person.get(`/jobs/${id}`));
    if (job.status === 'succeeded' || job.status === 'failed') return job;
    await hurry(person);
    return false;
  }, { seconds: 30, every: 150, what: `job ${id} ends` });
}

suite('a message of the queue', () => {
  test('that cannot be read is kept as a dead letter while the rest of the batch is done', async () => {
    const person = await world.person();
    const before = await database.count('dead_letters');
    const [first, last] = [await workItem(person, { kind: 'resolve_dues_v1' }), await workItem(person, { kind: 'rebuild_search_v1' })];
    await world.env.WORK.sendBatch([
      { body: first, contentType: 'text' },
      { body: { not: 'an identifier' }, contentType: 'json' },
      { body: 'nonsense', contentType: 'text' },
      { body: 'wrk_', contentType: 'text' },
      { body: person.id, contentType: 'text' },
      { body: null, contentType: 'json' },
      { body: new Uint8Array([1, 2, 3]), contentType: 'bytes' },
      { body: last, contentType: 'text' },
    ]);
    await isGone(first);
    await isGone(last);
    await eventually(async () => assert.equal(await database.count('dead_letters'), before + 6));
    const letters = await database.all('SELECT * FROM dead_letters WHERE user_id IS NULL ORDER BY id');
    assert.deepEqual(letters.slice(before).map((letter) => letter.payload).toSorted(),
      ['{"not":"an identifier"}', '"nonsense"', '"wrk_"', `"${person.id}"`, 'null', '{}'].toSorted());
    for (const letter of letters) assert.match(letter.reason, /identifier/);
  });

  test('whose work is done, or was never there, is no fault', async () => {
    const before = await database.count('dead_letters');
    const person = await world.person();
    const id = await workItem(person, { kind: 'resolve_dues_v1' });
    const body = { body: id, contentType: 'text' };
    await world.env.WORK.sendBatch([body, body, { body: 'wrk_0000000000000000000000zzzz', contentType: 'text' }, body]);
    await isGone(id);
    const probe = await workItem(person, { kind: 'resolve_dues_v1' });
    await world.env.WORK.send(probe, { contentType: 'text' });
    await isGone(probe);
    assert.equal(await database.count('dead_letters'), before);
  });

  test('that is lost costs nothing: the tick of the clock finds the work', async () => {
    const person = await world.person();
    const id = await workItem(person, { kind: 'resolve_dues_v1' });
    await world.scheduled();
    await isGone(id);
  });
});

suite('work that fails', () => {
  const poison = async (table, condition, name) => {
    await database.run(
      `CREATE TRIGGER ${name} BEFORE INSERT ON ${table} WHEN ${condition} BEGIN SELECT RAISE(ABORT, 'poisoned'); END`);
    return () => database.run(`DROP TRIGGER IF EXISTS ${name}`);
  };

  test('each time is tried, divided, buried, shown, and done when it is tried again after mending', async () => {
    const person = await world.person();
    const device = await connect(world, person);
    const mend = await poison('emails', "NEW.subject = 'Poison to store'", 'poison_store');
    try {
      const sources = ['One', 'Poison to store', 'Two'].map((subject) => message({ subject }));
      const { id } = ok(await upload(person, mbox(sources)), 202);
      const failed = await ended(person, id);
      assert.equal(failed.status, 'failed');
      assert.equal(failed.total, 3);
      assert.deepEqual(failed.errors.map((error) => error.code), ['gave_up']);
      assert.match(failed.errors[0].item, /^byte \d+$/);
      assert.match(failed.errors[0].detail, /poisoned/);
      assert.ok(failed.finished_at);
      assert.deepEqual((await emails(person)).map((each) => each.subject).toSorted(), ['One', 'Two']);
      for (const each of await emails(person)) assert.ok(each.analysis, 'the others are analysed, too');
      const listed = (await person.everything('/jobs?status=failed')).find((job) => job.id === id);
      assert.deepEqual(listed, failed);
      const [letter] = await database.all('SELECT * FROM dead_letters WHERE job_id = ?', id);
      assert.equal(letter.attempts, 5);
      assert.match(letter.reason, /poisoned/);
      const told = await device.next((frame) => frame.type === 'job.progressed' && frame.data.status === 'failed');
      assert.deepEqual([told.data.id, told.data.error_count], [id, 1]);
      assert.ok(world.logs().some((line) => line.message === 'job.failed' && /poisoned/.test(line.error)));

      const stillBroken = ok(await person.post(`/jobs/${id}/retry`, undefined), 202);
      assert.deepEqual([stillBroken.status, stillBroken.errors, stillBroken.finished_at], ['running', [], null]);
      assert.equal((await ended(person, id)).status, 'failed', 'tried again without mending it fails again');

      await mend();
      ok(await person.post(`/jobs/${id}/retry`, undefined), 202);
      const mended = await ended(person, id);
      assert.deepEqual([mended.status, mended.done, mended.total, mended.errors], ['succeeded', 3, 3, []]);
      assert.equal((await emails(person)).length, 3);
      assert.equal(await database.count('dead_letters', 'job_id = ?', id), 0);
      await device.next((frame) => frame.type === 'job.progressed' && frame.data.status === 'succeeded');
    } finally {
      await mend();
      device.drop();
    }
  });

  test('in the analysis of one message leaves the others theirs', async () => {
    const person = await world.person();
    const subjects = ['A', 'B', 'C', 'D'];
    await take(person, mbox(subjects.map((subject) => message({ subject }))));
    const ids = (await emails(person)).map((each) => each.id);
    const [broken] = ids;
    await database.run("UPDATE emails SET recipients = '{\"not\":\"a list\"}' WHERE id = ?", broken);
    await database.run('DELETE FROM email_analyses WHERE user_id = ?', person.id);
    const job = await jobRow(person, 4);
    await workItem(person, { kind: 'analyze_emails_v1', email_ids: ids }, { job });
    const failed = await ended(person, job);
    assert.deepEqual([failed.status, failed.done], ['failed', 3]);
    assert.deepEqual(failed.errors.map((error) => [error.item, error.code]), [[broken, 'gave_up']]);
    assert.match(failed.errors[0].detail, /stored JSON/);
    const analysed = await database.all('SELECT email_id FROM email_analyses WHERE user_id = ?', person.id);
    assert.deepEqual(analysed.map((row) => row.email_id).toSorted(), ids.slice(1).toSorted());
    await database.run("UPDATE emails SET recipients = '[]' WHERE id = ?", broken);
    ok(await person.post(`/jobs/${job}/retry`, undefined), 202);
    const mended = await ended(person, job);
    assert.deepEqual([mended.status, mended.done, mended.errors], ['succeeded', 4, []]);
  });

  test('because its step cannot be read is buried at once and can be tried again', async () => {
    const person = await world.person();
    for (const payload of [{ kind: 'from_the_future_v9' }, 'not json', { kind: 'analyze_emails_v1' }]) {
      const job = await jobRow(person);
      const id = await workItem(person, payload, { job });
      await world.scheduled();
      await isGone(id);
      const failed = ok(await person.get(`/jobs/${job}`));
      assert.deepEqual([failed.status, failed.errors.map((error) => [error.item, error.code])],
        ['failed', [['unreadable', 'gave_up']]]);
      assert.match(failed.errors[0].detail, /can't be read/);
      await database.run(`UPDATE dead_letters SET payload = '{"kind":"resolve_dues_v1"}' WHERE id = ?`, id);
      ok(await person.post(`/jobs/${job}/retry`, undefined), 202);
      assert.equal((await ended(person, job)).status, 'succeeded');
    }
  });

  test('waits longer after each attempt and is left alone until then', async () => {
    const person = await world.person();
    await take(person, message({ subject: 'Backoff' }), { type: MESSAGE });
    const [{ id: email }] = await emails(person);
    await database.run("UPDATE emails SET signals = 'null' WHERE id = ?", email);
    await database.run('DELETE FROM email_analyses WHERE email_id = ?', email);
    const id = await workItem(person, { kind: 'analyze_emails_v1', email_ids: [email] });
    for (const [attempt, least, most] of [[1, 2, 3], [2, 8, 12], [3, 32, 48], [4, 128, 192]]) {
      await hurry(person);
      // A claim is taken back by its failure, which leaves an error.
      const row = await eventually(async () => {
        const now = await database.first('SELECT * FROM work_items WHERE id = ?', id);
        return now?.attempts === attempt && now.last_error !== null && now;
      }, { what: `attempt ${attempt}` });
      await database.run('UPDATE work_items SET last_error = NULL WHERE id = ?', id);
      const waits = (Date.parse(row.not_before) - Date.now()) / 1000;
      assert.ok(waits <= most && waits >= least - 1.5, `attempt ${attempt} waits for ${waits} s`);
      await world.scheduled();
      await world.env.WORK.send(id, { contentType: 'text' });
    }
    const probe = await workItem(person, { kind: 'resolve_dues_v1' });
    await world.env.WORK.send(probe, { contentType: 'text' });
    await isGone(probe);
    assert.equal((await database.first('SELECT attempts FROM work_items WHERE id = ?', id)).attempts, 4,
      'neither a tick nor a message hurries what is put off');
    await hurry(person);
    await isGone(id);
    assert.equal(await database.count('dead_letters', 'id = ?', id), 1);
  });

  test('by crashing each time is buried, its items one by one', async () => {
    const person = await world.person();
    await take(person, mbox(['E', 'F'].map((subject) => message({ subject }))));
    const ids = (await emails(person)).map((each) => each.id);
    await database.run('DELETE FROM email_analyses WHERE user_id = ?', person.id);
    const job = await jobRow(person, 2);
    await workItem(person, { kind: 'analyze_emails_v1', email_ids: ids }, { job, attempts: 5 });
    const divided = await ended(person, job);
    assert.equal(divided.status, 'succeeded', 'divided, each gets attempts of its own');
    const single = await jobRow(person);
    const id = await workItem(person, { kind: 'analyze_emails_v1', email_ids: [ids[0]] }, { job: single, attempts: 5 });
    const failed = await ended(person, single);
    assert.deepEqual([failed.status, failed.errors.map((error) => [error.item, error.code])],
      ['failed', [[ids[0], 'gave_up']]]);
    assert.match(failed.errors[0].detail, /crash/);
    assert.equal((await database.first('SELECT attempts FROM dead_letters WHERE id = ?', id)).attempts, 6);
    ok(await person.post(`/jobs/${single}/retry`, undefined), 202);
    assert.equal((await ended(person, single)).status, 'succeeded', 'tried again it starts counting anew');
  });

  test('of somebody else is not for retrying', async () => {
    const [person, stranger] = [await world.person(), await world.person()];
    const job = await jobRow(person);
    const id = await workItem(person, 'not json', { job });
    await world.scheduled();
    await isGone(id);
    assert.equal((await stranger.post(`/jobs/${job}/retry`, undefined)).status, 404);
    assert.equal(await database.count('dead_letters', 'id = ?', id), 1);
    assert.equal(ok(await person.get(`/jobs/${job}`)).status, 'failed');
    assert.equal((await stranger.get(`/jobs/${job}`)).status, 404);
  });
});

suite('what is past its time', () => {
  test('goes with the hourly tick, and nothing else does', async () => {
    const person = await world.person();
    const day = 86_400_000;
    const ago = (days) => new Date(Date.now() - days * day).toISOString();
    for (const [key, days] of [['old', 1.01], ['young', 0.99]]) {
      await database.run(
        `INSERT INTO idempotency_records (user_id, key, request_hash, status, body, created_at)
         VALUES (?, ?, 'x', 201, '{}', ?)`, person.id, key, ago(days));
    }
    for (const [id, days] of [['dead_old', 30.01], ['dead_young', 29.99]]) {
      await database.run(
        `INSERT INTO dead_letters (id, user_id, payload, attempts, reason, created_at)
         VALUES (?, ?, '{}', 5, 'x', ?)`, id, person.id, ago(days));
    }
    const finished = async (days, status = 'succeeded') => {
      const job = await jobRow(person);
      await database.run('UPDATE jobs SET status = ?, finished_at = ? WHERE id = ?', status, ago(days), job);
      return job;
    };
    const [oldJob, youngJob, oldWithLetter] = [await finished(90.01), await finished(89.99), await finished(95, 'failed')];
    const running = await jobRow(person);
    await database.run(
      `INSERT INTO job_errors (job_id, item, code, detail) VALUES (?, 'x', 'y', 'z')`, oldJob);
    await database.run(
      `INSERT INTO dead_letters (id, user_id, job_id, payload, attempts, reason, created_at)
       VALUES ('dead_of_job', ?, ?, '{}', 5, 'x', ?)`, person.id, oldWithLetter, ago(1));
    const outbox = 'evn_00000000000000000000000009';
    await database.run(
      `INSERT INTO outbox (id, user_id, type, data, occurred_at) VALUES (?, ?, 'task.updated', '{"id":"x"}', ?)`,
      outbox, person.id, ago(365));
    const records = await database.count('idempotency_records');
    await world.scheduled(EVERY_HOUR);
    await eventually(async () => assert.equal(await database.count('jobs', 'id = ?', oldJob), 0));
    const left = async (table, column) => (await database.all(
      `SELECT ${column} AS id FROM ${table} WHERE user_id = ? ORDER BY 1`, person.id)).map((row) => row.id);
    assert.deepEqual(await left('idempotency_records', 'key'), ['young']);
    assert.equal(await database.count('idempotency_records'), records - 1);
    assert.deepEqual(await left('dead_letters', 'id'), ['dead_of_job', 'dead_young']);
    assert.deepEqual(await left('jobs', 'id'), [youngJob, oldWithLetter, running].toSorted());
    assert.equal(await database.count('job_errors', 'job_id = ?', oldJob), 0);
    assert.equal(await database.count('outbox', 'id = ?', outbox), 1, 'what no hub has must stay');
    await world.scheduled();
    await eventually(async () => (await database.count('outbox', 'user_id = ?', person.id)) === 0);
  });

  // That old ones without a reference go is tested where time can be turned back: kill.test.mjs.
  test('an upload that is young stays, whether anything refers to it or not', async () => {
    const person = await world.person();
    await take(person, message({ subject: 'Keeps its source' }), { type: MESSAGE });
    const orphan = `uploads/${person.id}/job_orphan`;
    await world.env.MAIL.put(orphan, 'an upload that waits for its commit');
    await world.scheduled(EVERY_HOUR);
    const { objects } = await world.env.MAIL.list({ prefix: `uploads/${person.id}/` });
    assert.equal(objects.length, 2);
    await world.env.MAIL.delete(orphan);
  });
});
