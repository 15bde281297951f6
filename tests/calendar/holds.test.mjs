// Holds and free time: nobody gets the same time twice, and only who may see it sees it.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { EVERY_HOUR, eventually, startWorld } from '../support/harness.mjs';

const world = await startWorld();
const maya = await world.person({ name: 'Maya', zone: 'Europe/Berlin' });

const berlin = (date_time) => ({ date_time, time_zone: 'Europe/Berlin' });
const at = (day, hour, minute = 0) => new Date(Date.UTC(2031, 0, day, hour, minute)).toISOString();
const hold = (client, start, end, more = {}, options = {}) => client.post('/calendar/holds', { start, end, ...more }, options);
const busy = async (client, start, end, users = ['me']) => {
  const answer = await client.post('/calendar/availability', { start, end, users });
  assert.equal(answer.status, 200, answer.text);
  return answer.body.items;
};
const short = (items) => items[0].busy.map(({ start, end, status }) => `${start.slice(11, 16)}-${end.slice(11, 16)} ${status}`);

test('a hold counts as busy, and no other overlaps it', async () => {
  const held = await hold(maya, at(1, 9), at(1, 10), { note: 'Interview' });
  assert.equal(held.status, 201, held.text);
  assert.deepEqual(short(await busy(maya, at(1, 0), at(2, 0))), ['09:00-10:00 hold']);
  for (const [start, end] of [[at(1, 9), at(1, 10)], [at(1, 9, 59), at(1, 11)], [at(1, 8), at(1, 9, 1)], [at(1, 9, 20), at(1, 9, 40)]]) {
    const refused = await hold(maya, start, end);
    assert.equal(refused.status, 409, `${start} ${end}`);
    assert.equal(refused.body.code, 'slot_taken');
  }
  assert.equal((await hold(maya, at(1, 10), at(1, 11))).status, 201, 'one begins where the other ends');
  assert.deepEqual((await maya.get(held.location.replace('/api/v1', ''))).body, held.body);
});

test('what stands in the calendar is not held: an event, a series, a day, but not what is free', async () => {
  const make = async (event) => assert.equal((await maya.post('/calendar/events', event)).status, 201);
  await make({ summary: 'Once', start: berlin('2031-02-03T10:00:00'), end: berlin('2031-02-03T11:00:00') });
  await make({ summary: 'Series', start: berlin('2026-02-04T10:00:00'), end: berlin('2026-02-04T11:00:00'), recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=WE'] });
  await make({ summary: 'Day', start: { date: '2031-02-07' }, end: { date: '2031-02-08' } });
  await make({ summary: 'Free', start: { date: '2031-02-10' }, end: { date: '2031-02-11' }, transparency: 'transparent' });
  await make({ summary: 'Off', start: berlin('2031-02-11T10:00:00'), end: berlin('2031-02-11T11:00:00'), status: 'cancelled' });
  const statuses = {};
  for (const day of [3, 5, 7, 10, 11, 12]) {
    statuses[day] = (await hold(maya, `2031-02-${String(day).padStart(2, '0')}T09:30:00Z`, `2031-02-${String(day).padStart(2, '0')}T09:45:00Z`)).status;
  }
  // The 5th and the 12th are Wednesdays.
  assert.deepEqual(statuses, { 3: 409, 5: 409, 7: 409, 10: 201, 11: 201, 12: 409 });
});

test('of two hundred who want one time at once, one gets it', async () => {
  const person = await world.person({ name: 'Wanted' });
  await person.post('/calendar/events', { summary: 'Daily', start: berlin('2026-01-01T06:00:00'), end: berlin('2026-01-01T06:30:00'), recurrence: ['RRULE:FREQ=DAILY'] });
  const answers = await Promise.all(Array.from({ length: 200 }, (_, number) => hold(person, at(5, 14), at(5, 15), { note: `Caller ${number}` })));
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual([...new Set(statuses)], [201, 409]);
  assert.equal(statuses.filter((status) => status === 201).length, 1);
  assert.equal((await person.everything('/calendar/holds')).length, 1);
});

test('those who want different times at once all get theirs', async () => {
  const person = await world.person({ name: 'Popular' });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, number) => hold(person, at(6, number), at(6, number + 1))));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201]);
});

test('a series that is made while somebody looks for a time is not overlooked', async () => {
  const person = await world.person({ name: 'Racing' });
  const series = Array.from({ length: 10 }, (_, number) => person.post('/calendar/events', {
    summary: `S${number}`, start: { date_time: `2031-01-0${1 + number % 5}T12:00:00`, time_zone: 'UTC' }, end: { date_time: `2031-01-0${1 + number % 5}T13:00:00`, time_zone: 'UTC' }, recurrence: ['RRULE:FREQ=DAILY;COUNT=60'],
  }));
  const holds = Array.from({ length: 20 }, (_, number) => hold(person, at(1 + number, 12, 30), at(1 + number, 12, 45)));
  const answers = await Promise.all([...series, ...holds].sort(() => Math.random() - 0.5));
  assert.ok(answers.every(({ status }) => [201, 409, 503].includes(status)), answers.map(({ status }) => status).join());
  // Whatever came first: who asks now is refused everywhere.
  assert.equal((await hold(person, at(20, 12, 50), at(20, 12, 55))).status, 409);
});

test('a hold expires by itself, and is swept', async () => {
  const held = await hold(maya, at(7, 9), at(7, 10), { expires_in_seconds: 1 });
  assert.equal(held.status, 201);
  await eventually(async () => (await maya.get(`/calendar/holds/${held.body.id}`)).status === 404);
  assert.equal((await hold(maya, at(7, 9), at(7, 10))).status, 201);
  await world.scheduled(EVERY_HOUR);
});

test('a hold is released', async () => {
  const held = await hold(maya, at(13, 9), at(13, 10));
  assert.equal((await maya.delete(`/calendar/holds/${held.body.id}`)).status, 204);
  assert.equal((await maya.delete(`/calendar/holds/${held.body.id}`)).status, 404);
  assert.deepEqual(short(await busy(maya, at(13, 0), at(14, 0))), []);
});

test('a hold becomes an event, once', async () => {
  const held = await hold(maya, at(9, 9), at(9, 10), { note: 'Call Ana' });
  const confirms = await Promise.all(Array.from({ length: 5 }, () => maya.post(`/calendar/holds/${held.body.id}/confirm`)));
  assert.deepEqual(confirms.map(({ status }) => status).sort(), [201, 404, 404, 404, 404]);
  const event = confirms.find(({ status }) => status === 201).body;
  assert.equal(event.summary, 'Call Ana');
  assert.equal(event.origin, 'hold');
  assert.deepEqual(event.start, { date_time: '2031-01-09T10:00:00', time_zone: 'Europe/Berlin', instant: held.body.start });
  assert.deepEqual(short(await busy(maya, at(9, 0), at(10, 0))), ['09:00-10:00 busy']);
});

test('the second of the two hours in autumn is held and booked as it was asked for', async () => {
  const held = await hold(maya, '2031-10-26T01:15:00Z', '2031-10-26T01:45:00Z');
  const { body: event } = await maya.post(`/calendar/holds/${held.body.id}/confirm`, { summary: 'Night shift' });
  assert.equal(event.start.instant, '2031-10-26T01:15:00.000Z');
  assert.equal(event.end.instant, '2031-10-26T01:45:00.000Z');
});

test('the same request again gets the same hold, and the same event', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  const first = await hold(maya, at(10, 9), at(10, 10), {}, { headers });
  const second = await hold(maya, at(10, 9), at(10, 10), {}, { headers });
  assert.deepEqual(second.body, first.body);
  assert.equal(second.headers.get('idempotent-replayed'), 'true');
  const confirm = () => maya.post(`/calendar/holds/${first.body.id}/confirm`, { summary: 'Once' }, { headers: { 'idempotency-key': 'confirm once' } });
  const [one, two] = [await confirm(), await confirm()];
  assert.equal(one.status, 201, one.text);
  assert.deepEqual(two.body, one.body);
});

test('others see when somebody is free if that was granted, and nothing of what for', async () => {
  const [ana, raj] = [await world.person({ name: 'Ana' }), await world.person({ name: 'Raj' })];
  await ana.post('/calendar/events', { summary: 'Secret', start: { date_time: '2031-03-03T09:00:00', time_zone: 'UTC' }, end: { date_time: '2031-03-03T10:00:00', time_zone: 'UTC' } });
  const ask = () => raj.post('/calendar/availability', { start: '2031-03-03T00:00:00Z', end: '2031-03-04T00:00:00Z', users: ['me', ana.id] });
  const before = await ask();
  assert.equal(before.status, 422);
  assert.deepEqual(before.body.errors.map(({ pointer, code }) => [pointer, code]), [['/users/1', 'not_shared']]);
  const granted = await ana.post('/users/me/delegations', { user_id: raj.id, scopes: ['calendar:free_busy'] });
  assert.equal(granted.status, 201, granted.text);
  const after = await ask();
  assert.equal(after.status, 200, after.text);
  assert.deepEqual(after.body.items[1], { user_id: ana.id, busy: [{ start: '2031-03-03T09:00:00.000Z', end: '2031-03-03T10:00:00.000Z', status: 'busy' }] });
  assert.ok(!after.text.includes('Secret'));
  assert.equal((await raj.get('/calendar/events', { headers: { 'acting-for': ana.id } })).status, 403);
  await ana.delete(`/users/me/delegations/${granted.body.id}`);
  assert.equal((await ask()).status, 422);
});

test('free time of twenty people is one round trip', async () => {
  const people = await Promise.all(Array.from({ length: 20 }, (_, number) => world.person({ name: `P${number}` })));
  await Promise.all(people.map((person) => person.post('/users/me/delegations', { user_id: maya.id, scopes: ['calendar:free_busy'] })));
  const answer = await maya.post('/calendar/availability', { start: '2031-03-03T00:00:00Z', end: '2031-03-04T00:00:00Z', users: people.map(({ id }) => id) });
  assert.equal(answer.body.items.length, 20);
  assert.match(answer.headers.get('server-timing'), /round trips: 1"/);
});

test('a time that no calendar can have is not held', async () => {
  const answer = await hold(maya, '9999-12-30T00:00:00Z', '9999-12-30T00:30:00Z');
  assert.deepEqual([answer.status, answer.body.errors[0].pointer], [422, '/start'], answer.text);
});
