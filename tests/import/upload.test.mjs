// Mail on its way in: what an upload must be, and what becomes of one that is not.

import assert from 'node:assert/strict';
import http from 'node:http';
import { suite, test } from 'node:test';

import { eventually, startWorld } from '../support/harness.mjs';
import {
  email, emails, mbox, MBOX, MESSAGE, message, ok, oddMessages, raw, take, takeAll, upload,
} from '../support/mailbox.mjs';

const world = await startWorld();

/** The uploads of a person that lie in R2. */
async function objects(person) {
  const { objects: found } = await world.env.MAIL.list({ prefix: `uploads/${person.id}/` });
  return found;
}

const jobs = (person) => person.everything('/jobs');

/** An upload by hand: headers as given, and only as much of the body as `write` sends. */
function byHand(person, headers, write) {
  return new Promise((resolve, reject) => {
    const request = http.request(new URL('/api/v1/emails/import', world.url), {
      method: 'POST',
      agent: false,
      headers: { authorization: `Bearer ${person.token}`, 'content-type': MBOX, ...headers },
    });
    request.on('response', (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        request.destroy();
        resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() });
      });
    });
    request.on('error', reject);
    write(request);
  });
}

suite('an upload', () => {
  test('of one message is stored, with its source byte for byte', async () => {
    const person = await world.person();
    const source = message({
      subject: 'One message', eol: '\r\n',
      text: 'First\n>From here it is mine\n>>From there, too\nFrom the start\n',
    });
    const answer = await upload(person, source, { type: MESSAGE });
    assert.equal(answer.status, 202, answer.text);
    assert.equal(answer.location, `/api/v1/jobs/${answer.body.id}`);
    assert.equal(answer.body.status, 'queued');
    const job = await person.job(answer.body.id);
    assert.deepEqual([job.status, job.done, job.total, job.errors], ['succeeded', 1, 1, []]);
    assert.ok(job.finished_at);
    const stored = await email(person, 'One message');
    assert.equal((await raw(person, stored.id)).toString(), source);
    assert.ok(stored.text.includes('\n>From here it is mine\n>>From there, too\nFrom the start'));
    assert.ok(!stored.text.includes('\r'));
    assert.deepEqual(stored.from, { name: 'Ada Byron', address: 'ada@partner.example' });
    assert.equal(stored.sent_at, '2026-03-23T08:00:00.000Z');
    assert.equal(stored.is_read, false);
    assert.deepEqual(stored.labels, []);
  });

  test('of an mboxrd gives every message back as it was before it was escaped', async () => {
    const person = await world.person();
    const texts = [
      'From the start\n',
      '>From with one mark\n>>From with two\nand From inside a line\n',
      'A paragraph.\n\nFrom ada@example.org Thu Sep 13 17:02:09 2001\nstill the same message\n',
      'Ends without an empty line',
      '\n\n\nBegins and ends with empty lines\n\n\n',
      'Umlaute äöü, 日本語, 🎉\n',
      `A long line: ${'x'.repeat(10_000)}\n`,
    ];
    const sources = texts.map((text, n) =>
      message({ subject: `Escaped ${n}`, text, eol: n % 2 ? '\r\n' : '\n' }));
    await takeAll(person, ...sources);
    for (const [n, source] of sources.entries()) {
      const stored = await email(person, `Escaped ${n}`);
      assert.equal((await raw(person, stored.id)).toString(), source, texts[n]);
    }
  });

  test('without a Content-Length is 411', async () => {
    const person = await world.person();
    const answer = await byHand(person, { 'transfer-encoding': 'chunked' }, (request) => {
      request.end(mbox([message()]));
    });
    assert.equal(answer.status, 411, answer.text);
    assert.equal(JSON.parse(answer.text).code, 'length_required');
    assert.deepEqual([await jobs(person), await objects(person)], [[], []]);
  });

  test('of more than 100 MiB is 413 before it is sent', async () => {
    const person = await world.person();
    const length = 100 * 1024 * 1024 + 1;
    const answer = await byHand(person, { 'content-length': length }, (request) => {
      request.write('From a Mon Mar 23 08:00:00 2026\n');
    });
    assert.equal(answer.status, 413, answer.text);
    assert.deepEqual([await jobs(person), await objects(person)], [[], []]);
  });

  test('of another type is 415, an empty one 422, a stranger\'s 401', async () => {
    const person = await world.person();
    for (const type of ['text/plain', 'application/json', 'application/octet-stream']) {
      assert.equal((await upload(person, message(), { type })).status, 415, type);
    }
    for (const type of [MBOX, MESSAGE]) {
      assert.equal((await upload(person, '', { type })).status, 422, type);
    }
    assert.equal((await upload(world.anonymous(), message(), { type: MESSAGE })).status, 401);
    assert.equal((await upload(person, message(), { type: 'Message/RFC822; charset=utf-8' })).status, 202);
    assert.equal((await jobs(person)).length, 1);
  });

  test('that is cut short makes no job and leaves no object', async () => {
    const person = await world.person();
    for (const part of [100, 100_000]) {
      await assert.rejects(byHand(person, { 'content-length': 5_000_000 }, (request) => {
        request.write(Buffer.alloc(part, 'From a Mon Mar 23 08:00:00 2026\n'), () => {
          setImmediate(() => request.destroy(new Error('cut')));
        });
      }), /cut/);
    }
    // Another whole upload goes the same way, and behind it nothing is left but its own.
    assert.equal((await take(person, mbox([message()]))).status, 'succeeded');
    await eventually(async () => {
      assert.equal((await objects(person)).length, 1);
      assert.equal((await jobs(person)).length, 1);
    });
    assert.equal(await world.database.count('work_items', 'user_id = ?', person.id), 0);
  });

  test('with a key that was used gets the first answer and is not taken twice', async () => {
    const person = await world.person();
    const [content, key] = [mbox([message({ subject: 'Once' })]), 'import-1'];
    const first = await upload(person, content, { key });
    assert.equal(first.status, 202);
    await person.job(first.body.id);
    const again = await upload(person, content, { key });
    assert.equal(again.status, 202);
    assert.equal(again.headers.get('idempotent-replayed'), 'true');
    assert.deepEqual(again.body, first.body);
    assert.equal(again.location, first.location);
    const other = await upload(person, mbox([message({ subject: 'Other' })]), { key });
    assert.equal(other.status, 422, other.text);
    assert.equal((await upload(person, content, { key, type: MESSAGE })).status, 422);
    assert.equal((await jobs(person)).length, 1);
    await eventually(async () => assert.equal((await objects(person)).length, 1));
    const atOnce = await Promise.all([1, 2, 3].map(() => upload(person, content, { key: 'import-2' })));
    assert.deepEqual(new Set(atOnce.map((answer) => answer.status)), new Set([202]));
    assert.equal(new Set(atOnce.map((answer) => answer.body.id)).size, 1);
    await person.job(atOnce[0].body.id);
    assert.equal((await emails(person)).length, 1);
  });
});

suite('what is stored', () => {
  test('is stored once, however often it comes', async () => {
    const person = await world.person();
    const sources = [
      message({ subject: 'With an id', text: 'Could you send me the lease by Friday?' }),
      message({ subject: 'Without an id', id: null }),
    ];
    await takeAll(person, ...sources, sources[0]);
    const before = await emails(person);
    assert.equal(before.length, 2);
    await takeAll(person, ...sources);
    const single = await take(person, sources[1], { type: MESSAGE });
    assert.deepEqual([single.status, single.done, single.total], ['succeeded', 1, 1]);
    assert.deepEqual(await emails(person), before, 'nothing changed');
    assert.equal((await person.everything('/tasks')).length, 1);
    assert.equal(await world.database.count('email_analyses', 'user_id = ?', person.id), 2);
  });

  test('is everybody\'s own: the same message for two people', async () => {
    const [one, other] = [await world.person(), await world.person()];
    const source = message({ subject: 'For both' });
    await takeAll(one, source);
    await takeAll(other, source);
    const [mine, theirs] = [await email(one, 'For both'), await email(other, 'For both')];
    assert.notEqual(mine.id, theirs.id);
    assert.notEqual(mine.thread_id, theirs.thread_id);
    for (const path of ['', '/raw', '/analysis']) {
      assert.equal((await one.get(`/emails/${theirs.id}${path}`)).status, 404);
    }
    assert.equal((await one.get(`/emails/threads/${theirs.thread_id}`)).status, 404);
  });

  test('comes in the order of time, whatever the order of its arrival', async () => {
    const person = await world.person();
    const sources = [3, 1, 2].map((n) =>
      message({ subject: `Day ${n}`, date: `Mon, ${20 + n} Apr 2026 09:00:00 +0000` }));
    await takeAll(person, ...sources);
    assert.deepEqual((await emails(person)).map((each) => each.subject), ['Day 1', 'Day 2', 'Day 3']);
  });
});

suite('what cannot be taken', () => {
  test('an upload that is no mbox fails its job with a reason', async () => {
    const person = await world.person();
    for (const content of [message(), 'just some text\n', Buffer.from([0, 255, 254, 10, 0])]) {
      const job = await take(person, content);
      assert.equal(job.status, 'failed');
      assert.deepEqual(job.errors.map((error) => [error.item, error.code]), [['upload', 'not_an_mbox']]);
      assert.ok(job.errors[0].detail);
    }
    const blank = await take(person, '\n\n \n\n'.replace(' ', ''));
    assert.deepEqual([blank.status, blank.errors[0].code], ['failed', 'empty']);
    assert.deepEqual(await emails(person), []);
  });

  test('a message that is none fails its job with a reason', async () => {
    const person = await world.person();
    for (const content of ['\n\n\n', '   ', '\nno header at all\n']) {
      const job = await take(person, content, { type: MESSAGE });
      assert.deepEqual([job.status, job.done, job.total], ['failed', 1, 1], content);
      assert.equal(job.errors[0].code, 'not_a_message');
      assert.ok(job.errors[0].detail);
    }
    assert.deepEqual(await emails(person), []);
  });

  test('a job lists a hundred of its errors and counts them all', async () => {
    const person = await world.person();
    const job = await take(person, mbox([...Array(130).fill('\nno header\n'), message({ subject: 'The one' })]));
    assert.deepEqual([job.status, job.done, job.total], ['succeeded', 131, 131]);
    assert.deepEqual([job.errors.length, job.error_count], [100, 130]);
    assert.equal(new Set(job.errors.map((error) => error.item)).size, 100);
    assert.equal((await emails(person)).length, 1);
  });

  test('messages without a byte do not keep the others of their mailbox from coming in', async () => {
    const person = await world.person();
    const job = await take(person, mbox(['', message({ subject: 'Between nothings' }), '', '\n\n']));
    assert.equal(job.status, 'succeeded');
    assert.equal(job.done, job.total);
    assert.deepEqual((await emails(person)).map((each) => each.subject), ['Between nothings']);
    const nothing = await take(person, mbox(['', '', '']));
    assert.deepEqual([nothing.done, nothing.total], [0, 0]);
  });

  test('a message of 27 MiB is refused with a reason while the others of its mailbox come in', async () => {
    const person = await world.person();
    const line = `${'x'.repeat(76)}\n`;
    const large = message({ subject: 'Too large', text: line.repeat(Math.ceil(27 * 1024 * 1024 / 77)) });
    const content = mbox([message({ subject: 'Before' }), large, message({ subject: 'After' })]);
    assert.ok(Buffer.byteLength(large) > 27 * 1024 * 1024);
    const job = await take(person, content);
    assert.deepEqual([job.status, job.done, job.total], ['succeeded', 3, 3]);
    assert.deepEqual(job.errors.map((error) => error.code), ['message_too_large']);
    assert.match(job.errors[0].detail, /25 MiB/);
    assert.deepEqual((await emails(person)).map((each) => each.subject).toSorted(), ['After', 'Before']);
    const alone = await take(person, large, { type: MESSAGE });
    assert.deepEqual([alone.status, alone.errors[0].code], ['failed', 'message_too_large']);
  });

  test('a message of 24 MiB is taken in, with its text cut and its source whole', async () => {
    const person = await world.person();
    const large = message({ subject: 'Large', text: `${'y'.repeat(76)}\n`.repeat(24 * 1024 * 1024 / 77) });
    const job = await take(person, large, { type: MESSAGE });
    assert.deepEqual([job.status, job.errors], ['succeeded', []]);
    const stored = await email(person, 'Large');
    assert.equal(stored.text_truncated, true);
    assert.ok(stored.text.length > 100_000);
    assert.ok((await raw(person, stored.id)).equals(Buffer.from(large)));
  });

  test('ten thousand levels of nested messages are taken in as far as it makes sense', async () => {
    const person = await world.person();
    const level = 'Content-Type: message/rfc822\n\n';
    const nested = message({ subject: 'Nested', type: 'message/rfc822', text: `${level.repeat(10_000)}x\n` });
    const multipart = (depth) => {
      let text = 'the core\n';
      for (let n = depth; n > 0; n -= 1) {
        text = `--b${n}\nContent-Type: ${n === depth ? 'text/plain' : `multipart/mixed; boundary=b${n + 1}`}`
          + `\n\n${text}\n--b${n}--\n`;
      }
      return message({ subject: 'Parts', type: 'multipart/mixed; boundary=b1', text });
    };
    const many = message({
      subject: 'Many parts',
      type: 'multipart/mixed; boundary=b',
      text: `${'--b\n\nx\n'.repeat(10_000)}--b--\n`,
    });
    const job = await take(person, mbox([message({ subject: 'First' }), nested, multipart(500), many,
      message({ subject: 'Last' })]));
    assert.deepEqual([job.status, job.done, job.total], ['succeeded', 5, 5]);
    const stored = (await emails(person)).length;
    assert.equal(stored + job.errors.length, 5);
    for (const subject of ['First', 'Last']) assert.ok(await email(person, subject));
  });

  test('every odd message is taken in or refused with a reason, and nothing else suffers', async (t) => {
    const odd = oddMessages();
    if (!odd) return t.skip('no messages at ../shared/data/eml');
    const person = await world.person();
    const jobsOf = await Promise.all(odd.map(async ({ file, bytes }) => {
      const answer = await upload(person, bytes, { type: MESSAGE });
      assert.equal(answer.status, bytes.length > 0 ? 202 : 422, `${file}: ${answer.text}`);
      return { file, id: answer.body.id };
    }));
    assert.ok((await take(person, message({ subject: 'In between' }), { type: MESSAGE })).status === 'succeeded');
    let refusedOnes = 0;
    for (const { file, id } of jobsOf.filter((job) => job.id?.startsWith('job_'))) {
      const job = await person.job(id, { seconds: 120 });
      assert.equal(job.done, 1, file);
      assert.ok(['succeeded', 'failed'].includes(job.status));
      for (const error of job.errors) assert.ok(error.code !== 'gave_up' && error.detail, `${file}: ${error.detail}`);
      assert.equal(job.status, job.errors.length ? 'failed' : 'succeeded', file);
      refusedOnes += job.errors.length;
    }
    t.diagnostic(`${odd.length} files, ${refusedOnes} refused with a reason`);
    assert.ok(refusedOnes <= 3, `${refusedOnes} were refused`);
    const stored = await emails(person);
    for (const each of stored) assert.ok(each.analysis, `${each.subject} was analysed`);
    // All of them in one mailbox: what is there already is not stored again.
    const whole = await take(person, mbox(odd.map((each) => each.bytes)), { seconds: 120 });
    assert.equal(whole.status, 'succeeded');
    assert.equal(whole.done, whole.total);
    for (const error of whole.errors) assert.notEqual(error.code, 'gave_up', error.detail);
    assert.equal(await world.database.count('dead_letters', 'user_id = ?', person.id), 0);
    ok(await person.get(`/emails/${stored[0].id}`));
  });
});
