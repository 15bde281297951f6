// Times to meet: what is stored and what a request carries, in one answer that explains itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startWorld } from '../support/harness.mjs';

const world = await startWorld();
const [maya, raj] = await Promise.all([
  world.person({ name: 'Maya', zone: 'Europe/Berlin' }),
  world.person({ name: 'Raj', zone: 'Asia/Kolkata' }),
]);
const grant = (from, to, scopes = ['calendar:free_busy']) => from.post('/users/me/delegations', { user_id: to.id, scopes });

const slots = async (client, request) => {
  const answer = await client.post('/calendar/slots', request);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
};
const utc = (date_time) => ({ date_time, time_zone: 'UTC' });
const times = ({ items }) => items.map(({ start }) => start);

test('a time is found among one’s own events, and the answer says why it is good', async () => {
  await maya.post('/calendar/events', { summary: 'Daily', start: utc('2031-03-03T08:00:00'), end: utc('2031-03-03T15:00:00'), recurrence: ['RRULE:FREQ=DAILY;COUNT=5'] });
  const found = await slots(maya, { duration_minutes: 60, window: { start: '2031-03-03T00:00:00Z', end: '2031-03-08T00:00:00Z' }, limit: 5 });
  // Nine to five in Berlin is eight to four in UTC: one hour is left of each day.
  assert.deepEqual(times(found).sort(), [3, 4, 5, 6, 7].map((day) => `2031-03-0${day}T15:00:00.000Z`));
  for (const { score, reasons } of found.items) {
    assert.ok(typeof score === 'number');
    assert.ok(reasons.every(({ code, text, effect }) => code && text && effect !== undefined));
  }
  assert.deepEqual(found.relaxations, []);
});

test('somebody else counts with their zone, hours and events, once they let it be seen', async () => {
  const request = { duration_minutes: 30, window: { start: '2031-04-07T00:00:00Z', end: '2031-04-08T00:00:00Z' }, limit: 100, attendees: [{ user_id: 'me' }, { user_id: raj.id }] };
  const refused = await maya.post('/calendar/slots', request);
  assert.equal(refused.status, 422);
  assert.deepEqual(refused.body.errors.map(({ pointer, code }) => [pointer, code]), [['/attendees/1/user_id', 'not_shared']]);
  assert.equal((await grant(raj, maya)).status, 201);
  await raj.post('/calendar/events', { summary: 'Private', start: utc('2031-04-07T09:00:00'), end: utc('2031-04-07T10:00:00') });
  const found = await slots(maya, request);
  // Berlin 07:00-15:00 UTC and Kolkata 03:30-11:30 UTC, without 09:00-10:00.
  const expected = ['07:00', '07:15', '07:30', '07:45', '08:00', '08:15', '08:30', '10:00', '10:15', '10:30', '10:45', '11:00'];
  assert.deepEqual(times(found).map((start) => start.slice(11, 16)).sort(), expected);
  assert.ok(!JSON.stringify(found).includes('Private'));
});

test('what an attendee brings along counts beside what is stored', async () => {
  const found = await slots(maya, {
    duration_minutes: 60,
    window: { start: '2031-05-05T00:00:00Z', end: '2031-05-06T00:00:00Z' },
    time_zone: 'UTC',
    step_minutes: 30,
    limit: 100,
    attendees: [
      { user_id: 'me' },
      { email: 'ana@example.com', time_zone: 'America/New_York', working_hours: [{ days: ['MO'], start: '08:00', end: '12:00' }], busy: [{ start: '2031-05-05T12:00:00Z', end: '2031-05-05T13:00:00Z' }] },
    ],
  });
  assert.deepEqual(times(found).map((start) => start.slice(11, 16)).sort(), ['13:00', '13:30', '14:00']);
});

test('where nothing fits, the answer says what would have to give way, and what that gives', async () => {
  await maya.post('/calendar/events', { summary: 'All of it', start: utc('2031-06-02T00:00:00'), end: utc('2031-06-02T15:00:00') });
  const found = await slots(maya, { duration_minutes: 60, window: { start: '2031-06-02T00:00:00Z', end: '2031-06-03T00:00:00Z' } });
  assert.deepEqual(found.items, []);
  const hours = found.relaxations.find(({ constraint }) => /working_hours/.test(constraint));
  assert.ok(hours, JSON.stringify(found.relaxations));
  assert.equal(hours.gives.start, '2031-06-02T15:00:00.000Z');
});

test('hours, absences and holds that are stored shape what is found', async () => {
  const person = await world.person({ name: 'Shaped', zone: 'Europe/London' });
  await person.send('PUT', '/calendar/working-hours', { working_hours: [{ days: ['MO', 'TU', 'WE'], start: '10:00', end: '12:00' }] });
  const away = await person.post('/calendar/absences', { kind: 'out_of_office', start: { date: '2031-01-07' }, end: { date: '2031-01-08' } });
  assert.equal(away.status, 201, away.text);
  const held = await person.post('/calendar/holds', { start: '2031-01-06T10:00:00Z', end: '2031-01-06T11:00:00Z' });
  assert.equal(held.status, 201, held.text);
  const found = await slots(person, { duration_minutes: 60, window: { start: '2031-01-06T00:00:00Z', end: '2031-01-13T00:00:00Z' }, step_minutes: 60, limit: 100 });
  assert.deepEqual(times(found).sort(), ['2031-01-06T11:00:00.000Z', '2031-01-08T10:00:00.000Z', '2031-01-08T11:00:00.000Z']);
  const busy = await person.post('/calendar/availability', { start: '2031-01-06T00:00:00Z', end: '2031-01-08T12:00:00Z', users: ['me'] });
  assert.deepEqual(busy.body.items[0].busy.map(({ status }) => status), ['hold', 'out_of_office']);
});

test('a search is one round trip', async () => {
  const answer = await maya.post('/calendar/slots', { duration_minutes: 30, window: { start: '2031-04-07T00:00:00Z', end: '2031-05-07T00:00:00Z' }, attendees: [{ user_id: 'me' }, { user_id: raj.id }] });
  assert.match(answer.headers.get('server-timing'), /round trips: 1"/);
});
