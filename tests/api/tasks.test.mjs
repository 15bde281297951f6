// Tasks: what api.md promises of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually, startWorld } from '../support/harness.mjs';

const world = await startWorld();
const maya = await world.person({ name: 'Maya', zone: 'Europe/Berlin' });

const ID = (prefix, n = 1) => `${prefix}_01m81q693dfvparr9432s4t${String(n).padStart(3, '0')}`;
const EMAIL = ID('eml');
const MEETING = ID('mtg');
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const STRONG = /^"[^"]+"$/;

const make = async (client, task) => {
  const answer = await client.post('/tasks', task);
  assert.equal(answer.status, 201, answer.text);
  return answer;
};
const titles = (page) => page.map((task) => task.title).sort();
const pointers = (answer) => answer.body.errors.map((error) => error.pointer);

test('a task with only a title gets the usual values and says where it is', async () => {
  const made = await make(maya, { title: '  Call Ana ' });
  const { id, created_at, updated_at, ...rest } = made.body;
  assert.match(id, /^tsk_[0-9a-hjkmnp-tv-z]{26}$/);
  assert.match(created_at, TIME);
  assert.equal(updated_at, created_at);
  assert.deepEqual(rest, {
    title: 'Call Ana',
    description: '',
    status: 'todo',
    priority: 'medium',
    due: null,
    duration_minutes: null,
    completed_at: null,
    source: null,
    confidence: null,
    links: [],
  });
  assert.equal(made.location, `/api/v1/tasks/${id}`);
  assert.match(made.etag, STRONG);
});

test('what is read is what was made, whole, with the same validator', async () => {
  const made = await make(maya, {
    title: 'Prepare the board meeting “Ω” 🙂',
    description: 'Two\nlines\tand "quotes" \\ and \u2028 and 日本語',
    status: 'in_progress',
    priority: 'urgent',
    due: { date_time: '2026-12-01T09:30:00', time_zone: 'America/New_York' },
    duration_minutes: 90,
    links: [{ kind: 'meeting', id: MEETING }, { kind: 'email', id: EMAIL }],
  });
  const read = await maya.get(`/tasks/${made.body.id}`);
  assert.equal(read.status, 200);
  assert.deepEqual(read.body, made.body);
  assert.equal(read.etag, made.etag);
  const listed = (await maya.everything('/tasks')).find((task) => task.id === made.body.id);
  assert.deepEqual(listed, made.body);
});

test('a deleted task is gone from everywhere', async () => {
  const { body } = await make(maya, { title: 'Ephemeral zebra' });
  const gone = await maya.delete(`/tasks/${body.id}`);
  assert.equal(gone.status, 204);
  assert.equal(gone.text, '');
  for (const answer of [
    await maya.get(`/tasks/${body.id}`),
    await maya.patch(`/tasks/${body.id}`, { title: 'x' }),
    await maya.delete(`/tasks/${body.id}`),
    await maya.get(`/tasks/${body.id}/links`),
  ]) {
    assert.equal(answer.status, 404, answer.text);
  }
  assert.deepEqual(await maya.everything('/tasks?q=ephemeral'), []);
});

test('a patch leaves what is absent, clears what is null and replaces lists whole', async () => {
  const { body } = await make(maya, {
    title: 'Patch me',
    description: 'long',
    due: { date: '2026-12-24' },
    duration_minutes: 30,
    priority: 'high',
    links: [{ kind: 'email', id: EMAIL }, { kind: 'meeting', id: MEETING }],
  });
  const path = `/tasks/${body.id}`;
  const renamed = await maya.patch(path, { title: 'Patched' });
  assert.equal(renamed.status, 200, renamed.text);
  assert.deepEqual({ ...renamed.body, updated_at: 0 }, { ...body, title: 'Patched', updated_at: 0 });
  const cleared = await maya.patch(path, { due: null, duration_minutes: null, description: null });
  assert.equal(cleared.body.due, null);
  assert.equal(cleared.body.duration_minutes, null);
  assert.equal(cleared.body.description, '');
  assert.equal(cleared.body.priority, 'high');
  const links = [{ kind: 'meeting', id: ID('mtg', 2) }];
  assert.deepEqual((await maya.patch(path, { links })).body.links, links);
  assert.deepEqual((await maya.patch(path, { links: null })).body.links, []);
  const plain = await maya.patch(path, { priority: 'low' }, {
    headers: { 'content-type': 'application/json; charset=utf-8' },
  });
  assert.equal(plain.status, 200, plain.text);
  assert.deepEqual((await maya.get(path)).body, plain.body);
  for (const field of ['title', 'status', 'priority']) {
    const refused = await maya.patch(path, { [field]: null });
    assert.equal(refused.status, 422, field);
    assert.deepEqual(pointers(refused), [`/${field}`]);
  }
});

test('completed_at follows the status and is nobody\'s to set', async () => {
  const done = await make(maya, { title: 'Done already', status: 'completed' });
  assert.equal(done.body.completed_at, done.body.created_at);
  const { body } = await make(maya, { title: 'To be done' });
  const path = `/tasks/${body.id}`;
  const completed = await maya.patch(path, { status: 'completed' });
  assert.match(completed.body.completed_at, TIME);
  const again = await maya.patch(path, { status: 'completed', title: 'Done' });
  assert.equal(again.body.completed_at, completed.body.completed_at, 'it was completed once');
  assert.equal((await maya.patch(path, { status: 'in_progress' })).body.completed_at, null);
  await maya.patch(path, { status: 'completed' });
  assert.equal((await maya.patch(path, { status: 'cancelled' })).body.completed_at, null);
  for (const field of ['completed_at', 'source', 'confidence', 'id', 'created_at']) {
    const refused = await maya.patch(path, { [field]: null });
    assert.equal(refused.status, 422, field);
    assert.equal(refused.body.errors[0].code, 'unknown_field');
  }
});

test('If-Match keeps one change from overwriting another', async () => {
  const made = await make(maya, { title: 'Guarded giraffe' });
  const path = `/tasks/${made.body.id}`;
  const matching = (tag) => ({ headers: { 'if-match': tag } });
  const first = await maya.patch(path, { title: 'Guarded gnu' }, matching(made.etag));
  assert.equal(first.status, 200);
  assert.notEqual(first.etag, made.etag);
  assert.equal((await maya.get(path)).etag, first.etag);
  for (const tag of [made.etag, `W/${first.etag}`, '"nonsense"', '""', 'nonsense', '"9999"']) {
    const late = await maya.patch(path, { title: 'Lost lemur' }, matching(tag));
    assert.equal(late.status, 412, tag);
    assert.equal(late.body.code, 'precondition_failed');
    assert.equal((await maya.delete(path, matching(tag))).status, 412, tag);
  }
  assert.equal((await maya.get(path)).body.title, 'Guarded gnu');
  assert.deepEqual(titles(await maya.everything('/tasks?q=guarded')), ['Guarded gnu']);
  assert.deepEqual(await maya.everything('/tasks?q=lemur'), [], 'nothing of it is findable');
  const starred = await maya.patch(path, { title: 'Guarded owl' }, matching('*'));
  assert.equal(starred.status, 200);
  const listed = await maya.patch(path, { priority: 'low' }, matching(`"77", ${starred.etag}`));
  assert.equal(listed.status, 200);
  assert.equal((await maya.delete(path, matching(listed.etag))).status, 204);
  assert.equal((await maya.delete(path, matching('*'))).status, 404);
});

test('of many changes from one version exactly one holds', async () => {
  const made = await make(maya, { title: 'Contended' });
  const path = `/tasks/${made.body.id}`;
  const answers = await Promise.all(Array.from({ length: 8 }, (_, n) =>
    maya.patch(path, { title: `Version ${n}` }, { headers: { 'if-match': made.etag } })));
  const statuses = answers.map((answer) => answer.status).sort();
  assert.deepEqual(statuses, [200, ...Array(7).fill(412)]);
  const winner = answers.find((answer) => answer.status === 200);
  assert.deepEqual((await maya.get(path)).body, winner.body);
});

test('links are added once, listed and taken away', async () => {
  const made = await make(maya, { title: 'Linked' });
  const path = `/tasks/${made.body.id}/links`;
  const link = { kind: 'email', id: EMAIL };
  const added = await maya.post(path, link);
  assert.equal(added.status, 201, added.text);
  assert.deepEqual(added.body.links, [link]);
  assert.equal(added.location, `/api/v1${path}`);
  assert.notEqual(added.etag, made.etag);
  const again = await maya.post(path, link);
  assert.deepEqual(again.body.links, [link]);
  assert.equal(again.etag, added.etag, 'nothing changed');
  await maya.post(path, { kind: 'meeting', id: MEETING });
  assert.deepEqual((await maya.get(path)).body, {
    items: [link, { kind: 'meeting', id: MEETING }],
    next_cursor: null,
  });
  assert.equal((await maya.delete(`${path}/email/${EMAIL}`)).status, 204);
  assert.deepEqual((await maya.get(path)).body.items, [{ kind: 'meeting', id: MEETING }]);
  assert.equal((await maya.delete(`${path}/nonsense/${EMAIL}`)).status, 404);
  assert.equal((await maya.delete(`${path}/email/${MEETING}`)).status, 404);
  const wrong = await maya.post(path, { kind: 'email', id: MEETING });
  assert.equal(wrong.status, 422);
  assert.equal((await maya.post(path, { kind: 'planet', id: EMAIL })).status, 422);
});

test('a task takes fifty links and no more, and repeats count once', async () => {
  const links = Array.from({ length: 50 }, (_, n) => ({ kind: 'email', id: ID('eml', 100 + n) }));
  const { body } = await make(maya, { title: 'Well linked', links });
  assert.equal(body.links.length, 50);
  const more = await maya.post(`/tasks/${body.id}/links`, { kind: 'meeting', id: MEETING });
  assert.equal(more.status, 409);
  const same = await maya.post(`/tasks/${body.id}/links`, links[0]);
  assert.equal(same.status, 201, 'it is there already');
  const refused = await maya.post('/tasks', { title: 'x', links: [...links, { kind: 'meeting', id: MEETING }] });
  assert.equal(refused.status, 422);
  assert.deepEqual(pointers(refused), ['/links']);
  const once = await make(maya, { title: 'Once', links: [links[0], links[0]] });
  assert.deepEqual(once.body.links, [links[0]]);
});

// Due times: [the person's zone, the due time as given, its instant].
const DUES = [
  ['Europe/Berlin', { date_time: '2026-12-01T09:30:00', time_zone: 'America/New_York' }, '2026-12-01T14:30:00.000Z'],
  ['Europe/Berlin', { date_time: '2026-03-29T02:30:00', time_zone: 'Europe/Berlin' }, '2026-03-29T01:30:00.000Z'],
  ['Europe/Berlin', { date_time: '2026-10-25T02:30:00', time_zone: 'Europe/Berlin' }, '2026-10-25T00:30:00.000Z'],
  ['Europe/Berlin', { date: '2026-03-28' }, '2026-03-28T23:00:00.000Z'],
  ['Europe/Berlin', { date: '2026-03-29' }, '2026-03-29T22:00:00.000Z'],
  ['Asia/Kathmandu', { date: '2026-05-01' }, '2026-05-01T18:15:00.000Z'],
  ['America/Sao_Paulo', { date: '2018-11-03' }, '2018-11-04T03:00:00.000Z'],
  ['Pacific/Apia', { date: '2011-12-29' }, '2011-12-30T10:00:00.000Z'],
  ['Australia/Lord_Howe', { date_time: '2026-10-04T02:10:00', time_zone: 'Australia/Lord_Howe' }, '2026-10-03T15:40:00.000Z'],
];

test('a due time stays as it was meant, with its instant beside it', async () => {
  const people = new Map([['Europe/Berlin', maya]]);
  for (const [zone, due, instant] of DUES) {
    if (!people.has(zone)) people.set(zone, await world.person({ zone }));
    const person = people.get(zone);
    const { body } = await make(person, { title: 'Due', due });
    assert.deepEqual(body.due, { ...due, instant }, `${zone} ${JSON.stringify(due)}`);
    const back = await person.patch(`/tasks/${body.id}`, { due: { ...body.due, instant: '1999-01-01T00:00:00Z' } });
    assert.equal(back.status, 200, back.text);
    assert.deepEqual(back.body.due, body.due, 'an answer can be sent back, its instant is not believed');
  }
});

test('a due time of no form is refused at its place', async () => {
  for (const due of [
    {},
    { date: '2026-02-30' },
    { date: '2026-3-1' },
    { date: '2026-03-01T00:00:00' },
    { date: 20260301 },
    { date: '2026-03-01', time_zone: 'Europe/Berlin' },
    { date: '2026-03-01', date_time: '2026-03-01T00:00:00', time_zone: 'Europe/Berlin' },
    { date_time: '2026-03-01T00:00:00' },
    { date_time: '2026-03-01T00:00:00Z', time_zone: 'Europe/Berlin' },
    { date_time: '2026-03-01T25:00:00', time_zone: 'Europe/Berlin' },
    { date_time: '2026-03-01T00:00:00', time_zone: 'Mars/Olympus' },
    { date: '10000-01-01' },
    { date: '2026-03-01', colour: 'red' },
    '2026-03-01',
    12,
  ]) {
    const answer = await maya.post('/tasks', { title: 'x', due });
    assert.equal(answer.status, 422, `${JSON.stringify(due)}: ${answer.text}`);
    assert.match(pointers(answer)[0], /^\/due(\/|$)/, JSON.stringify(due));
  }
});

test('who moves to another zone takes the ends of their days along', async () => {
  const nomad = await world.person({ zone: 'Europe/Berlin' });
  const allDay = await make(nomad, { title: 'All day', due: { date: '2026-12-24' } });
  const timed = await make(nomad, {
    title: 'Timed',
    due: { date_time: '2026-12-24T10:00:00', time_zone: 'Europe/Berlin' },
  });
  assert.equal(allDay.body.due.instant, '2026-12-24T23:00:00.000Z');
  const moved = await nomad.patch('/users/me', { time_zone: 'America/New_York' });
  assert.equal(moved.status, 200, moved.text);
  await eventually(async () => {
    const { body, etag } = await nomad.get(`/tasks/${allDay.body.id}`);
    assert.deepEqual(body.due, { date: '2026-12-24', instant: '2026-12-25T05:00:00.000Z' });
    assert.notEqual(etag, allDay.etag);
  });
  assert.deepEqual((await nomad.get(`/tasks/${timed.body.id}`)).body, timed.body);
  const range = '/tasks?due_from=2026-12-25T05:00:00Z&due_until=2026-12-25T05:00:01Z';
  assert.deepEqual(titles(await nomad.everything(range)), ['All day'], 'filters see it, too');
});

test('filters hold together and ranges are half open', async () => {
  const ben = await world.person();
  const at = (date_time) => ({ date_time, time_zone: 'UTC' });
  await make(ben, { title: 'a', status: 'todo', priority: 'low', due: at('2026-12-01T00:00:00') });
  await make(ben, { title: 'b', status: 'completed', priority: 'low', due: at('2026-12-02T00:00:00') });
  await make(ben, { title: 'c', status: 'todo', priority: 'urgent', due: at('2026-12-03T00:00:00') });
  await make(ben, { title: 'd', status: 'cancelled', priority: 'high' });
  const found = async (query) => titles(await ben.everything(`/tasks?${query}`)).join('');
  assert.equal(await found(''), 'abcd');
  assert.equal(await found('status=todo'), 'ac');
  assert.equal(await found('status=todo&priority=low'), 'a');
  assert.equal(await found('priority=high'), 'd');
  assert.equal(await found('due_from=2026-12-02T00:00:00Z'), 'bc');
  assert.equal(await found('due_until=2026-12-02T00:00:00Z'), 'a');
  assert.equal(await found('due_from=2026-12-01T00:00:00Z&due_until=2026-12-03T00:00:00Z'), 'ab');
  assert.equal(await found('due_from=2026-12-02T02:00:00%2B02:00'), 'bc', 'in any offset');
  assert.equal(await found('status=in_progress'), '');
});

/** Somebody with tasks that tie in every way. */
async function crowded() {
  const cara = await world.person();
  const priorities = ['low', 'medium', 'high', 'urgent'];
  const dues = [null, { date: '2026-12-01' }, { date: '2026-12-02' }, null, { date_time: '2026-12-01T23:00:00', time_zone: 'UTC' }];
  const made = await Promise.all(Array.from({ length: 23 }, (_, n) => make(cara, {
    title: `Task ${n}`,
    priority: priorities[n % 3],
    due: dues[n % dues.length],
    status: n % 2 ? 'todo' : 'in_progress',
  })));
  await world.database.run(
    `UPDATE tasks SET updated_at = '2026-11-2' || (row % 3) || 'T00:00:00.000Z' WHERE user_id = ?`, cara.id);
  return { cara, ids: made.map(({ body }) => body.id).sort() };
}
const crowd = crowded();

const RANK = { low: 0, medium: 1, high: 2, urgent: 3 };
const KEYS = {
  created_at: (task) => task.id,
  due: (task) => task.due?.instant ?? '~',
  priority: (task) => RANK[task.priority],
  updated_at: (task) => task.updated_at,
};

for (const [name, key] of Object.entries(KEYS)) {
  for (const sort of [name, `-${name}`]) {
    test(`pages in the order ${sort} show every task once, ties and nulls included`, async () => {
      const { cara, ids } = await crowd;
      const whole = await cara.get(`/tasks?sort=${sort}&limit=100`);
      assert.equal(whole.status, 200, whole.text);
      assert.equal(whole.body.next_cursor, null);
      assert.deepEqual(whole.body.items.map((task) => task.id).sort(), ids);
      const direction = sort.startsWith('-') ? -1 : 1;
      for (let n = 1; n < whole.body.items.length; n += 1) {
        const [before, after] = [key(whole.body.items[n - 1]), key(whole.body.items[n])];
        assert.ok((before < after ? -1 : before > after ? 1 : 0) * direction <= 0, `${before} ${after}`);
      }
      for (const limit of [1, 5]) {
        const pages = await cara.everything(`/tasks?sort=${sort}`, limit);
        assert.deepEqual(pages.map((task) => task.id), whole.body.items.map((task) => task.id));
        assert.equal(pages.pages, Math.ceil(ids.length / limit));
      }
    });
  }
}

test('without an order the newest come first', async () => {
  const { cara, ids } = await crowd;
  assert.deepEqual((await cara.everything('/tasks', 7)).map((task) => task.id), ids.toReversed());
});

test('pages of a filtered list stay filtered, and what comes meanwhile doubles nothing', async () => {
  const { cara } = await crowd;
  const path = '/tasks?status=todo&sort=-created_at';
  const before = await cara.everything(path);
  const first = await cara.get(`${path}&limit=4`);
  const extra = await make(cara, { title: 'Meanwhile', status: 'todo' });
  const rest = [];
  let cursor = first.body.next_cursor;
  while (cursor) {
    const page = await cara.get(`${path}&limit=4&cursor=${cursor}`);
    rest.push(...page.body.items);
    cursor = page.body.next_cursor;
  }
  const seen = [...first.body.items, ...rest];
  assert.deepEqual(seen.map((task) => task.id), before.map((task) => task.id));
  await cara.delete(`/tasks/${extra.body.id}`);
});

test('a page is fifty items long unless told otherwise, and a full last page ends the list', async () => {
  const { cara } = await crowd;
  const exact = await cara.get('/tasks?limit=23');
  assert.equal(exact.body.items.length, 23);
  assert.equal(exact.body.next_cursor, null);
  const dora = await world.person();
  await Promise.all(Array.from({ length: 51 }, (_, n) => make(dora, { title: `${n}` })));
  const page = await dora.get('/tasks');
  assert.equal(page.body.items.length, 50);
  assert.equal(typeof page.body.next_cursor, 'string');
});

test('search finds words whatever their accents and case, in titles and descriptions', async () => {
  const eve = await world.person();
  await make(eve, { title: 'Rückruf an Herrn Müller', description: 'wegen der Façade' });
  await make(eve, { title: '明日東京で会議があります', description: '资料请查收' });
  await make(eve, { title: 'Quarterly report' });
  const found = async (q) => titles(await eve.everything(`/tasks?q=${encodeURIComponent(q)}`));
  for (const q of ['müller', 'Muller', 'MÜLLER', 'ruckruf', 'facade', 'herrn müller', 'müller facade', 'müll']) {
    assert.deepEqual(await found(q), ['Rückruf an Herrn Müller'], q);
  }
  for (const q of ['会議', '東京', '明日', '查收']) {
    assert.deepEqual(await found(q), ['明日東京で会議があります'], q);
  }
  assert.deepEqual(await found('議会'), [], 'the order of characters counts');
  assert.deepEqual(await found('quarterly müller'), [], 'every word counts');
  assert.deepEqual(await found('quarterl'), ['Quarterly report'], 'the last word may be unfinished');
});

test('what is typed into a search is never syntax', async () => {
  const finn = await world.person();
  const other = await world.person();
  const texts = ['c++ and c#', 'mail foo@bar.com', 'say "hi there"', 'cats AND dogs', 'NEAR(a b)', 'x OR y', 'a-b*c^d:e', "it's 100% {done} [ok]"];
  for (const title of texts) await make(finn, { title });
  await make(other, { title: 'cats of somebody else' });
  const found = async (q) => {
    const answer = await finn.get(`/tasks?q=${encodeURIComponent(q)}&limit=100`);
    assert.equal(answer.status, 200, `${q}: ${answer.text}`);
    return titles(answer.body.items);
  };
  for (const title of texts) assert.deepEqual(await found(title), [title], title);
  assert.deepEqual(await found('foo@bar.com'), ['mail foo@bar.com']);
  assert.deepEqual(await found('cats OR quarterly'), [], 'OR is a word');
  assert.deepEqual(await found('NOT cats'), []);
  for (const q of ['"', '*', '""', "'", '(', ')', ':', '^', '-', '+', 'title:', '{title}: x', 'a AND', 'NEAR(', '\u0000', 'a\u0000b', '\ud83d\ude00', '%', ';--', ' ']) {
    await found(q);
  }
  assert.deepEqual(await found('cats" OR owner:"'), []);
});

test('a search looks at the words of a task, not at whose it is', async () => {
  const gus = await world.person();
  await make(gus, { title: 'Plain' });
  for (const q of ['usr', gus.id, gus.id.slice(4), `owner:${gus.id}`]) {
    assert.deepEqual(titles(await gus.everything(`/tasks?q=${encodeURIComponent(q)}`)), [], q);
  }
});

test('the index follows every change', async () => {
  const hal = await world.person();
  const { body } = await make(hal, { title: 'Alpha', description: 'one' });
  const found = async (q) => (await hal.everything(`/tasks?q=${q}`)).length;
  assert.equal(await found('alpha'), 1);
  await hal.patch(`/tasks/${body.id}`, { title: 'Omega' });
  assert.equal(await found('alpha'), 0);
  assert.equal(await found('omega'), 1);
  assert.equal(await found('one'), 1, 'what was not changed stays findable');
  await hal.patch(`/tasks/${body.id}`, { description: '二つ目' });
  assert.equal(await found('one'), 0);
  assert.equal(await found('二つ目'), 1);
  await hal.patch(`/tasks/${body.id}`, { description: null });
  assert.equal(await found('二つ目'), 0);
});

test('a search is sorted, filtered and paged like any list', async () => {
  const ida = await world.person();
  await Promise.all(Array.from({ length: 9 }, (_, n) =>
    make(ida, { title: `Budget ${n}`, priority: ['low', 'urgent'][n % 2], status: n < 6 ? 'todo' : 'completed' })));
  const pages = await ida.everything('/tasks?q=budget&status=todo&sort=-priority', 2);
  assert.equal(pages.length, 6);
  assert.deepEqual(pages.map((task) => task.priority), ['urgent', 'urgent', 'urgent', 'low', 'low', 'low']);
});

test('a due time in words is understood on the person\'s clock, and what has several readings is refused with them', async () => {
  const kyoto = await world.person({ zone: 'Asia/Tokyo' });
  const { body: made } = await kyoto.post('/tasks', { title: 'Call', due: { words: 'tomorrow at 5pm' } });
  const tomorrow = new Date(Date.now() + 86_400_000).toLocaleDateString('sv', { timeZone: 'Asia/Tokyo' });
  assert.equal(made.due.date_time, `${tomorrow}T17:00:00`);
  assert.equal(made.due.time_zone, 'Asia/Tokyo');
  const changed = await kyoto.patch(`/tasks/${made.id}`, { due: { words: 'in two weeks' } });
  assert.match(changed.body.due.date, /^\d{4}-\d\d-\d\d$/);
  const refusedFor = async (words) => (await kyoto.post('/tasks', { title: 'x', due: { words } })).body.errors[0];
  const ambiguous = await refusedFor('3/4');
  assert.deepEqual([ambiguous.pointer, ambiguous.code], ['/due/words', 'ambiguous']);
  assert.match(ambiguous.message, /-03-04 or \d{4}-04-03|-04-03 or \d{4}-03-04/);
  assert.equal((await refusedFor('when I can')).code, 'not_understood');
});
