// Working hours and absences: when people work, and when they are away from it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { joined, takeOut } from '../support/archive.mjs';
import { connect } from '../support/frames.mjs';
import { startWorld } from '../support/harness.mjs';
import { ok } from '../support/mailbox.mjs';
import { identifier } from '../support/operations.mjs';
import { invalidAt, invalidParameter, refused } from '../support/problem.mjs';

const world = await startWorld();
const { database } = world;
const HOURS = '/calendar/working-hours';
const ABSENCES = '/calendar/absences';
const match = (etag) => ({ headers: { 'if-match': etag } });
const revision = async (person) => (await database.first('SELECT calendar_revision AS at FROM users WHERE id = ?', person.id)).at;
const days = (start, end, more = {}) => ({ kind: 'out_of_office', start: { date: start }, end: { date: end }, ...more });
const travel = (start, end, time_zone) => ({ kind: 'travel', start: { date: start }, end: { date: end }, time_zone });
const away = async (person, absence) => ok(await person.post(ABSENCES, absence), 201);

test('before anything is said somebody works Monday to Friday, nine to five', async () => {
  const person = await world.person();
  const answer = await person.get(HOURS);
  const { created_at, updated_at, weights, ...rest } = ok(answer);
  assert.deepEqual(rest, {
    time_zone: null,
    working_hours: [{ days: ['MO', 'TU', 'WE', 'TH', 'FR'], start: '09:00', end: '17:00' }],
    overrides: [],
    buffers: { default: { before_minutes: 0, after_minutes: 0 } },
    minimum_notice_minutes: 0,
    daily_limit: { meetings: null, minutes: null },
    focus_time: [],
    lunch: null,
    preferred_times: [],
  });
  assert.ok(Object.values(weights).every(Number.isInteger), JSON.stringify(weights));
  assert.deepEqual([created_at, updated_at], [person.user.created_at, person.user.created_at]);
  assert.equal(answer.etag, '"0"');
  assert.equal(await database.count('calendar_hours'), 0, 'reading writes nothing');
});

test('a document takes the place of the one before, whole, and an answer can be sent back', async () => {
  const person = await world.person();
  const device = await connect(world, person);
  const said = {
    time_zone: 'Asia/Kathmandu',
    working_hours: [{ days: ['MO', 'SU'], start: '22:00', end: '06:00', time_zone: 'Europe/Berlin' }],
    overrides: [{ date: '2026-12-31', hours: [{ start: '09:00', end: '12:00' }], note: 'half' }, { date: '2026-12-24' }],
    lunch: { start: '12:00', end: '14:00', minutes: 45 },
    buffers: { in_person: { before_minutes: 30 } },
  };
  const first = await person.put(HOURS, said, match('"0"'));
  const kept = ok(first);
  assert.equal(first.etag, '"1"');
  assert.deepEqual([kept.time_zone, kept.working_hours, kept.lunch], [said.time_zone, said.working_hours, said.lunch]);
  assert.deepEqual(kept.overrides.map((one) => one.date), ['2026-12-24', '2026-12-31'], 'by date');
  assert.deepEqual(kept.buffers.in_person, { before_minutes: 30, after_minutes: 0 });
  assert.deepEqual((await device.next('working_hours.updated')).data, kept);
  const read = await person.get(HOURS);
  assert.deepEqual([read.body, read.etag], [kept, '"1"']);

  const back = ok(await person.put(HOURS, kept));
  assert.deepEqual({ ...back, updated_at: '' }, { ...kept, updated_at: '' });
  const cleared = ok(await person.put(HOURS, { minimum_notice_minutes: 60 }));
  assert.deepEqual([cleared.time_zone, cleared.overrides, cleared.lunch, cleared.minimum_notice_minutes], [null, [], null, 60]);
  refused(await person.put(HOURS, said, match('"1"')), 412, 'precondition_failed');
  assert.deepEqual(ok(await person.get(HOURS)), cleared);
  await device.close();
});

test('a patch merges objects, replaces lists whole, and what is null has its default', async () => {
  const person = await world.person();
  ok(await person.put(HOURS, {
    buffers: { default: { before_minutes: 5 }, video: { after_minutes: 10 } }, minimum_notice_minutes: 90,
    focus_time: [{ days: ['TU'], start: '09:00', end: '12:00' }], daily_limit: { meetings: 5, minutes: 300 }, weights: { lunch: 7 },
  }));
  const patched = ok(await person.patch(HOURS, {
    buffers: { default: { after_minutes: 15 }, video: null }, daily_limit: { meetings: null }, focus_time: [], minimum_notice_minutes: null,
  }, match('"1"')));
  assert.deepEqual(patched.buffers, { default: { before_minutes: 5, after_minutes: 15 } });
  assert.deepEqual([patched.daily_limit, patched.focus_time], [{ meetings: null, minutes: 300 }, []]);
  assert.deepEqual([patched.minimum_notice_minutes, patched.weights.lunch], [0, 7]);
  refused(await person.patch(HOURS, {}, match('"1"')), 412, 'precondition_failed');
});

test('of changes at the same time none is lost', async () => {
  const person = await world.person();
  const weights = Object.keys(ok(await person.get(HOURS)).weights).slice(0, 4);
  const answers = await Promise.all(weights.map((name, n) => person.patch(HOURS, { weights: { [name]: 500 + n } })));
  for (const answer of answers) assert.equal(answer.status, 200, answer.text);
  const kept = ok(await person.get(HOURS));
  assert.deepEqual(weights.map((name) => kept.weights[name]), weights.map((_, n) => 500 + n));
});

test('what can\'t be kept is named, and nothing is', async () => {
  const person = await world.person();
  invalidAt(await person.put(HOURS, {
    working_hours: [{ days: [], start: '24:00', end: '06:00' }], minimum_notice_minutes: 600_000, weights: { lunch: 1001 },
  }), ['/working_hours/0/days', '/working_hours/0/start', '/minimum_notice_minutes', '/weights/lunch']);
  invalidAt(await person.patch(HOURS, { working_hours: [{ days: ['MO'], start: '9', end: '17:00' }] }), ['/working_hours/0/start']);
  invalidAt(await person.patch(HOURS, { colour: 'red' }), ['/colour']);
  invalidAt(await person.put(HOURS, { time_zone: 'Mars/Phobos' }), ['/time_zone']);
  for (const method of ['PUT', 'PATCH']) {
    refused(await person.send(method, HOURS, '{"lunch":null,"lunch":null}'), 400, 'repeated_key');
    refused(await person.send(method, HOURS, '{"buffers":{"video":{},"video":{}}}'), 400, 'repeated_key');
    refused(await person.send(method, HOURS, '[]'), 422);
  }
  assert.equal((await person.get(HOURS)).etag, '"0"');
});

test('an absence is made, read, changed and deleted, and every device hears of it', async () => {
  const person = await world.person({ zone: 'Europe/Berlin' });
  const device = await connect(world, person);
  const made = await person.post(ABSENCES, days('2026-12-24', '2026-12-27', { note: '  Holidays ' }));
  const { id, created_at, updated_at, ...rest } = ok(made, 201);
  assert.match(id, /^abs_[0-9a-hjkmnp-tv-z]{26}$/);
  assert.equal(created_at, updated_at);
  assert.deepEqual(rest, {
    kind: 'out_of_office', note: 'Holidays', time_zone: null,
    start: { date: '2026-12-24', instant: '2026-12-23T23:00:00.000Z' }, end: { date: '2026-12-27', instant: '2026-12-26T23:00:00.000Z' },
  });
  assert.deepEqual([made.location, made.etag], [`/api/v1${ABSENCES}/${id}`, '"1"']);
  assert.deepEqual((await device.next('absence.created')).data, made.body);
  const place = `${ABSENCES}/${id}`;
  const read = await person.get(place);
  assert.deepEqual([read.body, read.etag], [made.body, '"1"']);

  const changed = await person.patch(place, { end: { date: '2026-12-28' }, note: null }, match('"1"'));
  assert.deepEqual([ok(changed).end.date, changed.body.note, changed.etag], ['2026-12-28', null, '"2"']);
  assert.deepEqual((await device.next('absence.updated')).data, changed.body);
  assert.deepEqual(ok(await person.get(place)), changed.body);
  refused(await person.patch(place, { note: 'x' }, match('"1"')), 412, 'precondition_failed');
  refused(await person.delete(place, match('"1"')), 412, 'precondition_failed');
  invalidAt(await person.patch(place, { kind: 'travel' }), ['/time_zone']);
  invalidAt(await person.patch(place, { end: { date: '2026-12-24' } }), ['/end']);
  assert.equal((await person.delete(place, match('"2"'))).status, 204);
  assert.deepEqual((await device.next('absence.deleted')).data, { id });
  for (const method of ['GET', 'PATCH', 'DELETE']) refused(await person.send(method, place, method === 'PATCH' ? {} : undefined), 404, 'not_found');
  await device.close();
});

test('an absence with a key is made once', async () => {
  const person = await world.person();
  const key = { headers: { 'idempotency-key': 'away' } };
  const answers = [];
  for (let n = 0; n < 3; n += 1) answers.push(await person.post(ABSENCES, days('2026-12-24', '2026-12-25'), key));
  assert.deepEqual(answers.map((answer) => [answer.status, answer.text]), Array(3).fill([201, answers[0].text]));
  assert.equal(ok(await person.get(ABSENCES)).items.length, 1);
  refused(await person.post(ABSENCES, days('2026-12-24', '2026-12-26'), key), 422, 'idempotency_key_reused');
});

test('days out of office go with who moves, days of a travel stay with the place', async () => {
  const person = await world.person({ zone: 'Europe/Berlin' });
  const out = await away(person, days('2026-12-24', '2026-12-25'));
  const trip = await away(person, travel('2026-12-28', '2026-12-29', 'Asia/Kathmandu'));
  ok(await person.patch('/users/me', { time_zone: 'America/New_York' }));
  const moved = await person.get(`${ABSENCES}/${out.id}`);
  assert.equal(ok(moved).start.instant, '2026-12-24T05:00:00.000Z');
  assert.deepEqual([moved.etag, moved.body.updated_at], ['"1"', out.updated_at], 'nothing was changed');
  assert.equal(ok(await person.get(`${ABSENCES}/${trip.id}`)).start.instant, '2026-12-27T18:15:00.000Z');
  const { items } = ok(await person.get(ABSENCES));
  assert.deepEqual(items, [moved.body, trip]);
  // From 2026-12-24T05:00Z to 2026-12-25T05:00Z, to the moment.
  const between = async (start, end) => ok(await person.get(`${ABSENCES}?start=${start}&end=${end}`)).items.map((absence) => absence.id);
  assert.deepEqual(await between('2026-12-23T00:00:00Z', '2026-12-24T05:00:00Z'), []);
  assert.deepEqual(await between('2026-12-23T00:00:00Z', '2026-12-24T05:00:01Z'), [out.id]);
  assert.deepEqual(await between('2026-12-25T05:00:00Z', '2026-12-26T00:00:00Z'), []);
  assert.deepEqual(await between('2026-12-25T04:59:59Z', '2027-01-01T00:00:00Z'), [out.id, trip.id]);
  await person.job((await person.get('/jobs')).body.items[0].id);
});

test('absences are listed in the order in which they start, page by page', async () => {
  const person = await world.person({ zone: 'UTC' });
  for (const day of ['09', '03', '07', '01', '05']) await away(person, days(`2027-03-${day}`, `2027-03-${String(Number(day) + 1).padStart(2, '0')}`));
  const listed = await person.everything(ABSENCES, 2);
  assert.deepEqual(listed.map((absence) => absence.start.date), ['2027-03-01', '2027-03-03', '2027-03-05', '2027-03-07', '2027-03-09']);
  assert.equal(listed.pages, 3);
  const window = await person.everything(`${ABSENCES}?start=2027-03-04T00:00:00Z&end=2027-03-09T00:00:00Z`, 1);
  assert.deepEqual(window.map((absence) => absence.start.date), ['2027-03-05', '2027-03-07'], 'the days beside it are not in it');
  invalidParameter(await person.get(`${ABSENCES}?start=2027-03-04T00:00:00Z`), ['end']);
  invalidParameter(await person.get(`${ABSENCES}?start=2027-03-04T00:00:00Z&end=2027-03-04T00:00:00Z`), ['end']);
});

test('a person has a thousand absences at most', async () => {
  const person = await world.person();
  const { id } = await away(person, days('2026-12-24', '2026-12-25'));
  const values = Array.from({ length: 999 }, () => `('${identifier('abs')}')`).join(',');
  await database.run(`INSERT INTO calendar_absences (id, user_id, kind, starts, ends, start_at, end_at, created_at, updated_at)
    SELECT n.column1, user_id, kind, starts, ends, start_at, end_at, created_at, updated_at FROM calendar_absences, (VALUES ${values}) AS n WHERE id = ?`, id);
  refused(await person.post(ABSENCES, days('2026-12-24', '2026-12-25')), 409, 'too_many_absences');
  assert.equal((await person.everything(ABSENCES)).length, 1000);
  assert.equal((await person.delete(`${ABSENCES}/${id}`)).status, 204);
  await away(person, days('2026-12-24', '2026-12-25'));
});

test('whatever a time is found with counts the revision of the calendar', async () => {
  const person = await world.person();
  let last = await revision(person);
  const counts = async (what, answer) => {
    assert.ok(answer.status < 300, `${what}: ${answer.text}`);
    const now = await revision(person);
    assert.ok(now > last, what);
    last = now;
    return answer.body;
  };
  await counts('hours', await person.put(HOURS, {}));
  await counts('hours that change', await person.patch(HOURS, { minimum_notice_minutes: 1 }));
  const { id } = await counts('an absence', await person.post(ABSENCES, days('2026-12-24', '2026-12-25')));
  await counts('one that changes', await person.patch(`${ABSENCES}/${id}`, { note: 'x' }));
  await counts('one that goes', await person.delete(`${ABSENCES}/${id}`));
  await counts('a zone', await person.patch('/users/me', { time_zone: 'Asia/Tokyo' }));
  await person.patch('/users/me', { time_zone: 'Asia/Tokyo', name: 'Same zone' });
  assert.equal(await revision(person), last, 'the same zone again is no change');
  for (const job of (await person.get('/jobs')).body.items) await person.job(job.id);
});

test('calendars, events, hours and absences are in an archive', async () => {
  const person = await world.person();
  const calendar = ok(await person.post('/calendar/calendars', { name: 'Club', color: '#3366cc' }), 201);
  const start = { date_time: '2026-12-01T09:00:00', time_zone: 'Europe/Berlin' };
  const end = { ...start, date_time: '2026-12-01T10:00:00' };
  for (const summary of ['One', 'Two']) ok(await person.post('/calendar/events', { summary, start, end, calendar_id: calendar.id }), 201);
  ok(await person.put(HOURS, { minimum_notice_minutes: 5 }));
  const absence = await away(person, days('2026-12-24', '2026-12-25'));
  const { files, job } = await takeOut(person);
  const account = JSON.parse(files['account.json']);
  assert.deepEqual(account.calendars.map((one) => one.id).toSorted(), (await person.everything('/calendar/calendars')).map((one) => one.id).toSorted());
  assert.deepEqual(account.working_hours.map((one) => one.minimum_notice_minutes), [5]);
  assert.deepEqual(account.absences.map((one) => [one.id, one.start]), [[absence.id, { date: '2026-12-24' }]]);
  const events = joined(files, /^events.*json$/);
  assert.deepEqual(events.toSorted(byId), (await person.everything('/calendar/events')).toSorted(byId));
  assert.deepEqual([job.done, job.total], [3, 3]);
});

const byId = (one, other) => (one.id < other.id ? -1 : 1);
