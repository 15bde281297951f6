// What becomes of mail once it is stored: threads, search, lists, analyses, tasks.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { eventually, startWorld } from '../support/harness.mjs';
import { email, emails, message, ok, scalars, take, mbox, takeAll } from '../support/mailbox.mjs';

const world = await startWorld();

/** Which subjects lie in one thread, thread by thread. */
async function threads(person) {
  const byThread = Map.groupBy(await emails(person), (each) => each.thread_id);
  return [...byThread.values()].map((group) => group.map((each) => each.subject).toSorted()).toSorted();
}

const tasks = (person) => person.everything('/tasks');
const day = (n) => new Date(Date.UTC(2026, 2, 1 + n, 9)).toUTCString().replace('GMT', '+0000');
const toMe = (person, parts) => message({ to: person.user.email, ...parts });

suite('threads', () => {
  test('follow References and In-Reply-To', async () => {
    const person = await world.person();
    await takeAll(person,
      message({ subject: 'Plan', id: 'a@x', date: day(0) }),
      message({ subject: 'Re: Plan', id: 'b@x', references: ['a@x'], date: day(1) }),
      message({ subject: 'New name for it', id: 'c@x', inReplyTo: 'b@x', date: day(2) }),
      message({ subject: 'Plan', id: 'd@x', date: day(3) }));
    assert.deepEqual(await threads(person), [['New name for it', 'Plan', 'Re: Plan'], ['Plan']]);
    const { thread_id: id } = await email(person, 'Re: Plan');
    const thread = ok(await person.get(`/emails/threads/${id}`));
    assert.deepEqual(thread.items.map((each) => each.subject), ['Plan', 'Re: Plan', 'New name for it']);
    assert.equal(thread.subject, 'Plan');
    assert.equal((await emails(person, `&thread_id=${id}`)).length, 3);
  });

  test('are summed up: what is still asked and of whom, each sentence with its place; what was answered is not', async () => {
    const person = await world.person();
    const own = person.user.email;
    const asked = 'Could you please send me the signed lease by Friday?';
    await takeAll(person,
      toMe(person, { subject: 'Lease', id: 'l1@x', date: day(0), text: 'Could you please tell me the size of the garage?' }),
      message({ from: `Me <${own}>`, to: 'ana@example.org', subject: 'Re: Lease', id: 'l2@x', references: ['l1@x'], date: day(1), text: 'It has forty square metres.' }),
      toMe(person, { subject: 'Re: Lease', id: 'l3@x', references: ['l1@x', 'l2@x'], date: day(2), text: asked }));
    const all = await emails(person);
    const last = all.find(({ message_id: id }) => id === 'l3@x');
    const summary = ok(await person.get(`/emails/threads/${last.thread_id}/summary`));
    assert.ok(summary.sentences.length >= 1 && summary.sentences.length <= 3);
    const ask = summary.sentences.find(({ act }) => act === 'asks');
    assert.equal(ask.email_id, last.id);
    assert.equal(ask.source.quote, asked);
    assert.equal(ask.of, 'you');
    const { text } = ok(await person.get(`/emails/${last.id}`));
    assert.equal(scalars(text, ask.source.start, ask.source.end), asked);
    assert.ok(!summary.sentences.some(({ act, source }) => act === 'asks' && source.quote.includes('garage')), summary.text);
    const nobody = await world.person();
    assert.equal((await nobody.get(`/emails/threads/${last.thread_id}/summary`)).status, 404);
  });

  test('are the same whatever the order in which the messages arrive', async () => {
    const source = [
      message({ subject: '1', id: 'o1@x' }),
      message({ subject: '2', id: 'o2@x', references: ['o1@x'] }),
      message({ subject: '3', id: 'o3@x', references: ['o1@x', 'o2@x'] }),
      message({ subject: '4', id: 'o4@x', references: ['o1@x', 'o2@x', 'o3@x'] }),
    ];
    for (const order of [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]]) {
      const together = await world.person();
      await takeAll(together, ...order.map((n) => source[n]));
      assert.deepEqual(await threads(together), [['1', '2', '3', '4']], `${order} in one mailbox`);
      const apart = await world.person();
      for (const n of order) await takeAll(apart, source[n]);
      assert.deepEqual(await threads(apart), [['1', '2', '3', '4']], `${order} one by one`);
    }
  });

  test('two that answer the same message that is not here are one', async () => {
    const person = await world.person();
    await takeAll(person,
      message({ subject: 'Re: Lost', id: 's1@x', references: ['lost@x'] }),
      message({ subject: 'AW: Lost', id: 's2@x', inReplyTo: 'lost@x' }));
    assert.deepEqual(await threads(person), [['AW: Lost', 'Re: Lost']]);
  });

  test('a message that names two of them makes one of them', async () => {
    const person = await world.person();
    const join = message({ subject: 'Both', id: 'j3@x', references: ['j1@x', 'j2@x'] });
    await takeAll(person,
      message({ subject: 'One', id: 'j1@x' }),
      message({ subject: 'Re: One', id: 'j1b@x', references: ['j1@x'] }),
      message({ subject: 'Two', id: 'j2@x' }),
      message({ subject: 'Re: Two', id: 'j2b@x', references: ['j2@x'] }));
    assert.equal((await threads(person)).length, 2);
    await takeAll(person, join);
    assert.deepEqual(await threads(person), [['Both', 'One', 'Re: One', 'Re: Two', 'Two']]);
    await takeAll(person, message({ subject: 'Later', id: 'j4@x', references: ['j2b@x'] }));
    assert.equal((await threads(person)).length, 1, 'what answers either is in the one');
  });

  test('an answer that names nothing joins by subject, a shared participant and thirty days', async () => {
    const person = await world.person();
    const bob = 'Bob <bob@partner.example>';
    await takeAll(person,
      toMe(person, { subject: 'Lunch', date: day(10) }),
      toMe(person, { subject: 'RE: [team] Lunch', date: day(39) }),
      toMe(person, { subject: 'Budget', date: day(0) }),
      toMe(person, { subject: 'Re: Budget', date: day(31) }),
      toMe(person, { subject: 'Garden', date: day(10) }),
      toMe(person, { subject: 'Re: Garden', from: bob, date: day(11) }),
      toMe(person, { subject: 'Invoice', date: day(10) }),
      toMe(person, { subject: 'Invoice', date: day(11) }));
    assert.deepEqual(await threads(person), [
      ['Budget'], ['Garden'], ['Invoice'], ['Invoice'],
      ['Lunch', 'RE: [team] Lunch'], ['Re: Budget'], ['Re: Garden'],
    ]);
  });

  test('the reader shares every message and so joins none', async () => {
    const person = await world.person();
    ok(await person.post('/users/me/addresses', { address: 'me.too@delegate.test' }), 201);
    await takeAll(person,
      message({ to: 'ME.too@delegate.test', subject: 'Offer', date: day(1) }),
      message({ to: 'me.too@delegate.test', from: 'bob@partner.example', subject: 'Re: Offer', date: day(2) }),
      // The reader's own answer to Ada joins hers: Ada is the participant that they share.
      message({ to: 'ada@partner.example', from: 'me.too@delegate.test', subject: 'AW: Offer', date: day(3) }));
    assert.deepEqual(await threads(person), [['AW: Offer', 'Offer'], ['Re: Offer']]);
  });
});

suite('search', async () => {
  let person;
  const found = async (words) => {
    const answer = await person.get(`/emails?q=${encodeURIComponent(words)}`);
    assert.equal(answer.status, 200, `${words}: ${answer.text}`);
    return answer.body.items.map((each) => each.subject).toSorted();
  };

  test('finds words of the subject, the people and the text', async () => {
    person = await world.person();
    const other = await world.person();
    await takeAll(person,
      message({ subject: 'Quarterly figures', text: 'The margin of the Gdańsk line improved.' }),
      message({ subject: '見積書', from: '中村 健一 <nakamura@aozora.example>', text: '可搬重量8kg仕様の見積書を金曜日までにお送りください。' }),
      message({ subject: 'Café', cc: 'Zoë Müller <zoe@partner.example>', text: 'Nothing but C++ and "quotes".' }));
    await takeAll(other, message({ subject: 'Quarterly secrets', text: 'margin' }));
    assert.deepEqual(await found('quarterly'), ['Quarterly figures']);
    assert.deepEqual(await found('margin gdansk'), ['Quarterly figures']);
    assert.deepEqual(await found('margin unheard'), []);
    assert.deepEqual(await found('zoe@partner.example'), ['Café']);
    assert.deepEqual(await found('zoë muller'), ['Café']);
    assert.deepEqual(await found('cafe'), ['Café']);
    assert.deepEqual(await found('nakamura'), ['見積書']);
  });

  test('finds a Japanese word inside a sentence', async () => {
    for (const words of ['見積書', '金曜日', '可搬重量', 'お送り', '中村']) {
      assert.deepEqual(await found(words), ['見積書'], words);
    }
    assert.deepEqual(await found('木曜日'), []);
    assert.deepEqual(await found('日曜'), [], 'the characters in another order are another word');
  });

  test('takes nothing that is typed for syntax', async () => {
    for (const words of ['"', 'foo@bar.com', 'c++', 'NEAR(a b)', 'a AND', 'OR', 'NOT x', '*', '(', ')', "'",
      'subject:', 'owner : x', '^a', 'a -b', '{a b}', '"unclosed', '\u0000', '-', '...', 'x"y', '; DROP TABLE emails']) {
      await found(words);
    }
    assert.deepEqual(await found('quarterly OR café'), []);
    assert.deepEqual(await found('subject : figures OR owner : usr'), []);
    assert.deepEqual(await found('"Quarterly" (figures)'), ['Quarterly figures']);
  });
});

suite('lists', () => {
  test('are filtered by what the messages are', async () => {
    const person = await world.person();
    await takeAll(person,
      message({ subject: 'Mine', from: 'Ada Byron <ADA@partner.example>', date: day(0) }),
      message({ subject: 'Paper', from: 'bob@partner.example', date: day(1), type: 'multipart/mixed; boundary=b',
        text: '--b\nContent-Type: text/plain\n\nsee the paper\n--b\nContent-Type: application/pdf\n'
          + 'Content-Disposition: attachment; filename="p.pdf"\nContent-Transfer-Encoding: base64\n\nJVBERg==\n--b--\n' }),
      message({ subject: 'News', from: 'letter@press.example', date: day(2),
        headers: { 'List-Unsubscribe': '<https://press.example/u>', 'List-Id': '<press.example>' },
        text: 'This week in gears. Unsubscribe at the foot of this letter.' }));
    const subjects = async (query) => (await emails(person, query)).map((each) => each.subject);
    assert.deepEqual(await subjects(''), ['Mine', 'Paper', 'News']);
    assert.deepEqual(await subjects('&from=ada@partner.example'), ['Mine']);
    assert.deepEqual(await subjects('&has_attachments=true'), ['Paper']);
    assert.deepEqual((await emails(person, '&has_attachments=true'))[0].attachments,
      [{ filename: 'p.pdf', content_type: 'application/pdf', size_bytes: 4, inline: false }]);
    assert.deepEqual(await subjects('&category=newsletter'), ['News']);
    assert.deepEqual(await subjects('&needs_reply=true&category=newsletter'), []);
    assert.deepEqual(await subjects('&received_from=2026-03-02T00:00:00Z&received_until=2026-03-03T00:00:00Z'), ['Paper']);
    assert.deepEqual(await subjects('&q=paper&from=bob@partner.example'), ['Paper']);
    const [mine] = await emails(person);
    const changed = ok(await person.patch(`/emails/${mine.id}`, { is_read: true, labels: ['Board', 'Board', 'später'] }));
    assert.deepEqual([changed.is_read, changed.labels], [true, ['Board', 'später']]);
    assert.deepEqual(await subjects('&is_read=true'), ['Mine']);
    assert.deepEqual(await subjects('&is_read=false'), ['Paper', 'News']);
    assert.deepEqual(await subjects(`&label=${encodeURIComponent('später')}`), ['Mine']);
    assert.deepEqual(ok(await person.patch(`/emails/${mine.id}`, { labels: null })).labels, []);
    assert.equal(ok(await person.get(`/emails/${mine.id}`)).is_read, true, 'what is not in the patch stays');
    for (const patch of [{ subject: 'x' }, { is_read: 'yes' }, { is_read: null }, { labels: [''] }]) {
      assert.equal((await person.patch(`/emails/${mine.id}`, patch)).status, 422, JSON.stringify(patch));
    }
  });

  test('come in pages without a gap or a double, also where times are the same', async () => {
    const person = await world.person();
    await takeAll(person, ...Array.from({ length: 25 }, (_, n) => message({ subject: `Page ${n}`, date: day(n % 3) })));
    for (const sort of ['received_at', '-received_at']) {
      const whole = await person.everything(`/emails?sort=${sort}`);
      const pages = await person.everything(`/emails?sort=${sort}`, 7);
      assert.equal(pages.pages, 4);
      assert.deepEqual(pages.map((each) => each.id), whole.map((each) => each.id));
      assert.equal(new Set(pages.map((each) => each.id)).size, 25);
      const times = whole.map((each) => each.received_at);
      assert.deepEqual(times, sort === 'received_at' ? times.toSorted() : times.toSorted().reverse());
    }
    const filtered = await person.everything('/emails?q=page&is_read=false', 4);
    assert.equal(filtered.length, 25);
    for (const query of ['limit=0', 'limit=101', 'sort=subject', 'cursor=x', 'category=nonsense', 'nonsense=1', 'is_read=maybe']) {
      assert.equal((await person.get(`/emails?${query}`)).status, 422, query);
    }
  });
});

suite('an analysis', () => {
  test('stands on every message, says what made it, and why', async () => {
    const person = await world.person();
    await takeAll(person, toMe(person, { subject: 'Lease', text: 'Could you send me the signed lease by Friday?' }));
    const stored = await email(person, 'Lease');
    const { analysis } = stored;
    assert.equal(analysis.engine, 'builtin');
    assert.ok(Number.isInteger(analysis.version) && analysis.version > 0);
    assert.equal(analysis.category, 'task');
    assert.equal(analysis.needs_reply, true);
    assert.equal(analysis.language, 'en');
    assert.ok(['positive', 'neutral', 'negative'].includes(analysis.sentiment.label));
    assert.ok(Math.abs(analysis.sentiment.score) <= 1);
    assert.ok(analysis.confidence >= 0 && analysis.confidence <= 1);
    assert.ok(analysis.summary.length > 0);
    assert.ok(analysis.reasons.length > 0);
    for (const reason of analysis.reasons) assert.ok(reason.code && reason.text);
    assert.deepEqual(ok(await person.get(`/emails/${stored.id}/analysis`)), analysis);
  });

  test('corrected by the person keeps their word when the message is read again', async () => {
    const person = await world.person();
    await takeAll(person, toMe(person, { subject: 'Lease', text: 'Could you send me the signed lease by Friday?' }));
    const { id, analysis: first } = await email(person, 'Lease');
    const path = `/emails/${id}/analysis`;
    const corrected = ok(await person.patch(path, { category: 'personal', needs_reply: false }));
    assert.deepEqual([corrected.category, corrected.needs_reply, corrected.priority],
      ['personal', false, first.priority]);
    const again = ok(await person.post(`/emails/${id}/analyze`, undefined));
    assert.deepEqual([again.category, again.needs_reply], ['personal', false]);
    assert.equal((await emails(person, '&category=personal')).length, 1);
    assert.equal((await emails(person, '&category=task')).length, 0);
    // A new version of the engine reads everything again.
    await world.database.run('UPDATE email_analyses SET engine_version = 0 WHERE email_id = ?', id);
    await world.database.run(
      `INSERT INTO work_items (id, user_id, payload, not_before, created_at)
       VALUES (?, ?, ?, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')`,
      'wrk_00000000000000000000000001', person.id,
      JSON.stringify({ kind: 'analyze_emails_v1', email_ids: [id] }));
    await world.scheduled();
    await eventually(async () => {
      const now = ok(await person.get(path));
      assert.equal(now.version, first.version);
      assert.deepEqual([now.category, now.needs_reply], ['personal', false]);
    });
    ok(await person.patch(path, { category: null }));
    const back = ok(await person.post(`/emails/${id}/analyze`, undefined));
    assert.deepEqual([back.category, back.needs_reply], ['task', false], 'what was taken back is the engine\'s');
    assert.equal((await person.patch(path, { category: 'nonsense' })).status, 422);
    assert.equal((await person.patch(path, { summary: 'mine' })).status, 422);
  });
});

suite('a task out of a message', () => {
  test('names its sentence by offsets that count Unicode scalar values', async () => {
    const person = await world.person();
    const texts = [
      'Could you send me the signed lease by Friday?',
      '🎉🎉 Great news 👩‍👩‍👧!\n\nCould you send me the revised budget by Thursday? Thanks 🙏\n',
      'Grüße aus Köln — “schön” 🇩🇪.\r\n\r\nPlease review the draft contract before Monday.\r\n',
      '𝔘𝔫𝔦𝔠𝔬𝔡𝔢 é e\u0301 \u200b ok.\n\n> Please ignore this quote.\n\nCan you approve the travel request today?\n',
      'つきましては、可搬重量8kg仕様の見積書を金曜日までにお送りください。',
    ];
    await takeAll(person, ...texts.map((text, n) => toMe(person, { subject: `Offsets ${n}`, text })));
    const found = await tasks(person);
    assert.equal(found.length, texts.length, JSON.stringify(found.map((task) => task.source.quote)));
    for (const task of found) {
      const { kind, id, quote, start, end } = task.source;
      assert.equal(kind, 'email');
      const { text } = ok(await person.get(`/emails/${id}`));
      assert.equal(scalars(text, start, end), quote);
      assert.ok(quote.length > 10);
      assert.ok(task.confidence > 0 && task.confidence <= 1);
      assert.deepEqual(task.links, [{ kind: 'email', id }]);
      assert.equal(task.status, 'todo');
    }
  });

  test('has the deadline that the sentence names, on the sender\'s clock', async () => {
    const person = await world.person({ zone: 'Europe/Berlin' });
    await takeAll(person,
      toMe(person, { subject: 'Day', date: 'Mon, 23 Mar 2026 09:00:00 +0100', text: 'Please send me the site list by Thursday.' }),
      toMe(person, { subject: 'Time', date: 'Thu, 26 Mar 2026 10:00:00 +0545', text: 'Please confirm the window by tomorrow 3pm.' }));
    const due = Object.fromEntries(await Promise.all((await tasks(person)).map(async (task) =>
      [(await person.get(`/emails/${task.source.id}`)).body.subject, task.due])));
    assert.equal(due.Day.date, '2026-03-26');
    assert.equal(due.Day.instant, '2026-03-26T23:00:00.000Z', 'a day ends at midnight in Berlin');
    assert.equal(due.Time.instant, '2026-03-27T09:15:00.000Z', 'three o\'clock in Kathmandu');
  });

  test('is one, however often the thread asks for it', async () => {
    const person = await world.person();
    const asks = [
      ['Could you send me the operations headcount table by Wednesday noon?', []],
      ['I still need the operations headcount table by Wednesday noon.', ['h1@x']],
      ['Please send me the operations headcount table by noon today.\n\n'
        + '> Could you send me the operations headcount table by Wednesday noon?', ['h1@x', 'h2@x']],
    ].map(([text, references], n) =>
      toMe(person, { subject: n ? 'Re: Headcount' : 'Headcount', id: `h${n + 1}@x`, references, text, date: day(n) }));
    await takeAll(person, ...asks);
    const [task, ...more] = await tasks(person);
    assert.deepEqual(more.map((each) => each.source.quote), []);
    assert.match(task.source.quote, /headcount table/);
    const apart = await world.person();
    for (const ask of asks) await takeAll(apart, ask.replaceAll(person.user.email, apart.user.email));
    assert.equal((await tasks(apart)).length, 1, 'also where the messages come one by one');
    for (const each of await emails(apart)) ok(await apart.post(`/emails/${each.id}/analyze`, undefined));
    assert.equal((await tasks(apart)).length, 1, 'and where they are read again');
  });

  test('is one also where its messages are read at the same time', async () => {
    const person = await world.person();
    await takeAll(person, ...[
      'Could you send me the operations headcount table by Wednesday noon?',
      'I still need the operations headcount table by Wednesday noon.',
      'Please send me the operations headcount table by noon today.',
    ].map((text, n) => toMe(person, { subject: 'Race', id: `r${n}@x`, references: n ? ['r0@x'] : undefined, text, date: day(n) })));
    for (const task of await tasks(person)) ok(await person.delete(`/tasks/${task.id}`), 204);
    await world.database.run('DELETE FROM task_requests WHERE user_id = ?', person.id);
    const stored = await emails(person);
    await Promise.all(stored.map(async (each) => ok(await person.post(`/emails/${each.id}/analyze`, undefined))));
    assert.deepEqual((await tasks(person)).map((task) => task.source.quote).length, 1);
  });

  test('is made in another thread, too', async () => {
    const person = await world.person();
    const text = 'Could you send me the signed lease by Friday?';
    await takeAll(person, toMe(person, { subject: 'House', text }), toMe(person, { subject: 'Boat', text }));
    assert.equal((await tasks(person)).length, 2);
  });

  test('does not come back once it was deleted, and a changed one stays as it is', async () => {
    const person = await world.person();
    await takeAll(person, toMe(person, {
      subject: 'Two things', id: 't1@x',
      text: 'Could you send me the signed lease by Friday?\n\nPlease book a room for the workshop in May.',
    }));
    const [gone, kept] = await tasks(person);
    ok(await person.delete(`/tasks/${gone.id}`), 204);
    const changed = ok(await person.patch(`/tasks/${kept.id}`, { title: 'Mine', status: 'completed' }));
    const { id } = await email(person, 'Two things');
    ok(await person.post(`/emails/${id}/analyze`, undefined));
    await takeAll(person, toMe(person, {
      subject: 'Re: Two things', references: ['t1@x'], text: gone.source.quote,
    }));
    assert.deepEqual(await tasks(person), [changed]);
  });

  test('is told to devices, and so are the message and its analysis', async () => {
    const person = await world.person();
    const { connect } = await import('../support/frames.mjs');
    const device = await connect(world, person);
    const job = await take(person, mbox([toMe(person, { subject: 'Live', text: 'Could you send me the signed lease by Friday?' })]));
    const last = await device.next((frame) => frame.type === 'job.progressed' && frame.data.status === 'succeeded');
    assert.equal(last.data.id, job.id);
    assert.equal(last.data.error_count, 0);
    const kinds = device.events.map((frame) => frame.type);
    for (const kind of ['email.received', 'email.analyzed', 'task.created']) {
      assert.equal(kinds.filter((each) => each === kind).length, 1, kind);
    }
    assert.ok(kinds.indexOf('email.received') < kinds.indexOf('email.analyzed'));
    const stored = await email(person, 'Live');
    const received = device.events.find((frame) => frame.type === 'email.received').data;
    for (const name of ['id', 'thread_id', 'from', 'subject', 'snippet', 'received_at']) {
      assert.deepEqual(received[name], stored[name], name);
    }
    assert.deepEqual(device.events.find((frame) => frame.type === 'email.analyzed').data.analysis, stored.analysis);
    assert.deepEqual(device.events.find((frame) => frame.type === 'task.created').data, (await tasks(person))[0]);
    device.drop();
  });
});
