// Booking links: what people outside can do with one, and what they can't.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { startWorld } from '../support/harness.mjs';

const world = await startWorld({ vars: { ATTEMPTS_PER_MINUTE: '100000' } });
const guest = world.anonymous();

const day = 86_400_000;
/** The Monday after next, at midnight in UTC: ahead, and within what a link opens. */
const monday = (() => {
  const today = Math.floor(Date.now() / day);
  return (today + (11 - (today % 7)) % 7 + 7) * day;
})();
const at = (days, hour, minute = 0) => new Date(monday + days * day + hour * 3_600_000 + minute * 60_000).toISOString();
const offer = async (owner, rules = {}) => {
  const made = await owner.post('/calendar/booking-links', { title: 'Intro call', duration_minutes: 30, ...rules });
  assert.equal(made.status, 201, made.text);
  return made.body;
};
const times = async (link, start, end) => {
  const answer = await guest.get(`/booking/${link.slug}/slots?start=${start}&end=${end}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.body.items.map((item) => item.start);
};
const book = (link, start, more = {}, options = {}) => guest.post(`/booking/${link.slug}/bookings`, { start, name: 'Gina', email: 'gina@example.org', ...more }, options);

test('a guest sees when a meeting can start, and not why at other times it cannot', async () => {
  const owner = await world.person({ name: 'Olga', zone: 'UTC' });
  await owner.post('/calendar/events', { summary: 'Top secret', start: { date_time: at(0, 9).slice(0, 19), time_zone: 'UTC' }, end: { date_time: at(0, 16).slice(0, 19), time_zone: 'UTC' } });
  const link = await offer(owner, { step_minutes: 30 });
  const page = await guest.get(`/booking/${link.slug}`);
  assert.equal(page.body.with, 'Olga');
  assert.deepEqual(await times(link, at(0, 0), at(1, 0)), [at(0, 16), at(0, 16, 30)]);
  assert.ok(!page.text.includes('secret'));
});

test('what is booked stands in the calendar, and nobody else gets it', async () => {
  const owner = await world.person({ name: 'Olga', zone: 'Europe/Berlin' });
  const link = await offer(owner, { location: 'Room 1' });
  const [start] = await times(link, at(0, 0), at(1, 0));
  const answers = await Promise.all(Array.from({ length: 50 }, (_, number) => book(link, start, { email: `guest${number}@example.org` })));
  const statuses = answers.map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 201).length, 1, statuses.join());
  assert.ok(statuses.every((status) => status === 201 || status === 409));
  const won = statuses.indexOf(201);
  const events = await owner.everything(`/calendar/events?start=${at(0, 0)}&end=${at(1, 0)}&expand=true`);
  assert.equal(events.length, 1);
  assert.equal(events[0].origin, 'booking');
  assert.deepEqual(events[0].attendees, [{ email: `guest${won}@example.org`, name: 'Gina', role: 'required', response: 'accepted' }]);
  assert.equal(events[0].start.instant, start);
  assert.ok(!(await times(link, at(0, 0), at(1, 0))).includes(start));
});

test('a time that the link does not give is not booked', async () => {
  const owner = await world.person({ name: 'Olga', zone: 'UTC' });
  const link = await offer(owner, { days_ahead: 14, constraints: { days: ['MO'], minimum_notice_minutes: 60 } });
  for (const [start, why] of [[at(0, 9, 5), 'off the grid'], [at(0, 3), 'outside hours'], [at(1, 10), 'not a Monday'], [new Date(Date.now() - day).toISOString(), 'over'], [at(28, 10), 'too far ahead']]) {
    const refused = await book(link, start);
    assert.equal(refused.status, 409, `${why}: ${refused.text}`);
    assert.equal(refused.body.code, 'slot_taken');
  }
  assert.equal((await book(link, at(0, 10), { email: 'nobody' })).status, 422);
});

test('buffers and a day’s limit hold between bookings that come at once', async () => {
  const owner = await world.person({ name: 'Olga', zone: 'UTC' });
  const buffered = await offer(owner, { constraints: { buffer_before_minutes: 30, buffer_after_minutes: 30 } });
  const answers = await Promise.all([book(buffered, at(2, 10)), book(buffered, at(2, 10, 30)), book(buffered, at(2, 11))]);
  const booked = answers.filter(({ status }) => status === 201).map(({ body }) => body.start).sort();
  assert.ok(booked.length === 1 || (booked.length === 2 && booked[0] === at(2, 10) && booked[1] === at(2, 11)), booked.join());
  const limited = await offer(owner, { most_a_day: 1 });
  const two = await Promise.all([book(limited, at(3, 10)), book(limited, at(3, 15))]);
  assert.deepEqual(two.map(({ status }) => status).sort(), [201, 409]);
});

test('who booked cancels, and nobody else', async () => {
  const owner = await world.person({ name: 'Olga', zone: 'UTC' });
  const link = await offer(owner);
  const { body } = await book(link, at(0, 10));
  const place = new URL(body.cancel_url).pathname.replace('/api/v1', '');
  assert.equal((await guest.delete(`${place.slice(0, -4)}AAAA`)).status, 404);
  assert.equal((await guest.delete(place)).status, 204);
  assert.ok((await times(link, at(0, 0), at(1, 0))).includes(at(0, 10)));
  const [event] = await owner.everything('/calendar/events');
  assert.equal(event.status, 'cancelled');
});

test('the same booking again is the same booking', async () => {
  const owner = await world.person({ name: 'Olga', zone: 'UTC' });
  const link = await offer(owner);
  const headers = { 'idempotency-key': randomUUID() };
  const [one, two] = [await book(link, at(0, 10), {}, { headers }), await book(link, at(0, 10), {}, { headers })];
  assert.equal(one.status, 201, one.text);
  assert.deepEqual(two.body, one.body);
});

test('a link is changed, switched off and deleted by its owner', async () => {
  const owner = await world.person({ name: 'Olga', zone: 'UTC' });
  const other = await world.person({ name: 'Other' });
  const link = await offer(owner);
  const path = `/calendar/booking-links/${link.id}`;
  const changed = await owner.patch(path, { duration_minutes: 60, description: 'An hour' });
  assert.equal(changed.body.duration_minutes, 60);
  assert.equal(changed.body.slug, link.slug);
  assert.equal((await owner.patch(path, { duration_minutes: 0 })).status, 422);
  assert.equal((await other.get(path)).status, 404);
  assert.deepEqual(await owner.everything('/calendar/booking-links'), [(await owner.get(path)).body]);
  await owner.patch(path, { is_active: false });
  assert.equal((await guest.get(`/booking/${link.slug}`)).status, 404);
  await owner.patch(path, { is_active: true });
  assert.equal((await owner.delete(path)).status, 204);
  assert.equal((await book(link, at(0, 10))).status, 404);
});

test('a link books into a calendar of its owner only', async () => {
  const [owner, other] = [await world.person({ name: 'Owner', zone: 'UTC' }), await world.person({ name: 'Other' })];
  const calendar = async (client) => (await client.post('/calendar/calendars', { name: 'Team' })).body.id;
  const [own, foreign] = [await calendar(owner), await calendar(other)];
  const link = await offer(owner, { calendar_id: own });
  for (const calendar_id of [foreign, 'cal_01m81q693dfvparr9432s4tb40']) {
    const made = await owner.post('/calendar/booking-links', { title: 'A call', duration_minutes: 30, calendar_id });
    assert.deepEqual([made.status, made.body.errors[0].pointer], [422, '/calendar_id'], made.text);
    assert.equal((await owner.patch(`/calendar/booking-links/${link.id}`, { calendar_id })).status, 422);
  }
  assert.equal((await owner.get(`/calendar/booking-links/${link.id}`)).body.calendar_id, own);
});
