// Feeds: calendars under an address that nobody guesses, until it is revoked.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect } from '../support/frames.mjs';
import { startWorld } from '../support/harness.mjs';
import { ok } from '../support/mailbox.mjs';
import { invalidAt, refused } from '../support/problem.mjs';

const world = await startWorld();
const anyone = world.anonymous();

const day = 86_400_000;
const ahead = new Date(Date.now() + 10 * day).toISOString().slice(0, 10);
const at = (hour, date = ahead) => ({ date_time: `${date}T${String(hour).padStart(2, '0')}:00:00`, time_zone: 'Europe/Berlin' });
const add = async (person, summary, hour, more = {}) => ok(await person.post('/calendar/events', { summary, start: at(hour), end: at(hour + 1), ...more }), 201);
const feed = async (person, detail, more = {}) => ok(await person.post('/calendar/feeds', { name: 'Phone', detail, ...more }), 201);
/** Reads a feed as a calendar program does. */
const read = (made, headers = {}) => anyone.get(`/${new URL(made.url).pathname}`, { headers });
const lines = (answer) => {
  assert.equal(answer.status, 200, answer.text);
  return answer.text.replaceAll('\r\n ', '').split('\r\n');
};
const summaries = (answer) => lines(answer).filter((line) => line.startsWith('SUMMARY:')).map((line) => line.slice(8)).toSorted();

test('a calendar can be subscribed to by an address that is shown once', async () => {
  const person = await world.person();
  const device = await connect(world, person);
  await add(person, 'Lunch with Ana', 12);
  const made = await person.post('/calendar/feeds', { name: ' Phone ', detail: 'full' });
  const { url, ...shown } = ok(made, 201);
  assert.match(url, /^https:\/\/delegate\.test\/feeds\/[\w-]{43}\.ics$/);
  assert.deepEqual([shown.name, shown.detail, shown.calendar_ids], ['Phone', 'full', null]);
  assert.equal(made.location, `/api/v1/calendar/feeds/${shown.id}`);
  assert.deepEqual(ok(await person.get(`/calendar/feeds/${shown.id}`)), shown);
  assert.deepEqual(ok(await person.get('/calendar/feeds')).items, [shown]);
  assert.deepEqual((await device.next('feed.created')).data, shown);
  const answer = await read(made.body);
  assert.match(answer.headers.get('content-type'), /^text\/calendar/);
  assert.match(answer.headers.get('cache-control'), /private/);
  assert.deepEqual(summaries(answer), ['Lunch with Ana']);
  assert.ok(lines(answer).includes('X-WR-CALNAME:Phone') && lines(answer).includes('TZID:Europe/Berlin'));
  const secret = new URL(url).pathname.slice('/feeds/'.length, -'.ics'.length);
  const rows = await world.database.all('SELECT * FROM calendar_feeds');
  assert.ok(rows.length > 0 && !JSON.stringify(rows).includes(secret), 'only its hash is kept');
  await device.close();
});

test('a feed that has not changed is not sent again', async () => {
  const person = await world.person();
  const event = await add(person, 'Before', 9);
  const made = await feed(person, 'full');
  const first = await read(made);
  assert.match(first.etag, /^"[0-9a-f]{32}"$/);
  const known = (etag) => read(made, { 'if-none-match': etag });
  const same = await known(first.etag);
  assert.deepEqual([same.status, same.text, same.etag], [304, '', first.etag]);
  assert.equal((await known(`"x", W/${first.etag}`)).status, 304);
  assert.equal((await read(made)).text, first.text, 'to the byte');
  const tags = new Set([first.etag]);
  const changed = async (what) => {
    const answer = await known([...tags].at(-1));
    assert.equal(answer.status, 200, what);
    assert.ok(!tags.has(answer.etag), what);
    tags.add(answer.etag);
    return answer;
  };
  ok(await person.patch(`/calendar/events/${event.id}`, { summary: 'After' }));
  assert.deepEqual(summaries(await changed('a change')), ['After']);
  await add(person, 'Another', 11);
  await changed('one more');
  assert.equal((await person.delete(`/calendar/events/${event.id}`)).status, 204);
  assert.deepEqual(summaries(await changed('one less')), ['Another']);
});

test('who only may know when somebody is busy learns nothing else', async () => {
  const person = await world.person();
  const { body: quiet } = await person.post('/calendar/calendars', { name: 'Birthdays', is_busy: false });
  await add(person, 'Open secret', 9);
  await add(person, 'Top secret', 10, { visibility: 'private', description: 'secret words', location: 'secret place', attendees: [{ email: 'secret@example.com' }] });
  await add(person, 'Free secret', 11, { transparency: 'transparent' });
  await add(person, 'Quiet secret', 12, { calendar_id: quiet.id });
  await add(person, 'Declined secret', 13, { organizer: { email: 'boss@example.com' }, attendees: [{ email: person.user.email, response: 'declined' }] });
  const [full, shared, busy] = [await feed(person, 'full'), await feed(person, 'shared'), await feed(person, 'busy')];
  assert.equal(summaries(await read(full)).length, 5);
  assert.deepEqual(summaries(await read(shared)), ['Busy', 'Declined secret', 'Free secret', 'Open secret', 'Quiet secret']);
  const told = await read(busy);
  assert.deepEqual(summaries(told), ['Busy', 'Busy']);
  assert.ok(!/secret/i.test(told.text), told.text);
  assert.ok(lines(told).some((line) => line.startsWith('DTSTART;TZID=Europe/Berlin:') && line.endsWith('T100000')));
});

test('a series is one event with its exceptions, and what freed one frees it for who sees only busy time', async () => {
  const person = await world.person();
  const series = await add(person, 'Daily', 9, { recurrence: ['RRULE:FREQ=DAILY;COUNT=5'] });
  const key = (n) => new Date(Date.parse(ahead) + n * day).toISOString().slice(0, 10).replaceAll('-', '');
  ok(await person.patch(`/calendar/events/${series.id}_${key(1)}T090000`, { status: 'cancelled' }));
  const told = lines(await read(await feed(person, 'busy')));
  assert.equal(told.filter((line) => line === 'BEGIN:VEVENT').length, 2);
  assert.ok(told.includes(`RECURRENCE-ID;TZID=Europe/Berlin:${key(1)}T090000`) && told.includes('STATUS:CANCELLED'));
  assert.ok(told.includes('RRULE:FREQ=DAILY;COUNT=5'));
});

test('a feed has the calendars that it names, what ended within a year, and all ahead', async () => {
  const person = await world.person();
  const { body: club } = await person.post('/calendar/calendars', { name: 'Club' });
  const when = (days) => new Date(Date.now() + days * day).toISOString().slice(0, 10);
  for (const [summary, days] of [['Long ago', -400], ['Last year', -300], ['Far ahead', 3000]]) {
    await add(person, summary, 9, { start: at(9, when(days)), end: at(10, when(days)) });
  }
  await add(person, 'Since long ago', 9, { start: at(9, when(-800)), end: at(10, when(-800)), recurrence: ['RRULE:FREQ=WEEKLY'] });
  await add(person, 'Over long ago', 9, { start: at(9, when(-800)), end: at(10, when(-800)), recurrence: ['RRULE:FREQ=WEEKLY;COUNT=3'] });
  await add(person, 'Of the club', 15, { calendar_id: club.id });
  assert.deepEqual(summaries(await read(await feed(person, 'full'))), ['Far ahead', 'Last year', 'Of the club', 'Since long ago']);
  assert.deepEqual(summaries(await read(await feed(person, 'full', { calendar_ids: [club.id] }))), ['Of the club']);
});

test('a feed that was revoked is not there any more', async () => {
  const person = await world.person();
  const stranger = await world.person();
  const made = await feed(person, 'full');
  const other = await feed(person, 'busy');
  refused(await stranger.delete(`/calendar/feeds/${made.id}`), 404, 'not_found');
  assert.equal((await read(made)).status, 200);
  assert.equal((await person.delete(`/calendar/feeds/${made.id}`)).status, 204);
  const gone = refused(await read(made), 404, 'not_found');
  const never = refused(await anyone.get(`//feeds/${'x'.repeat(43)}.ics`), 404, 'not_found');
  assert.equal(gone.body.detail, never.body.detail, 'the two can\'t be told apart');
  refused(await anyone.get(`/${new URL(other.url).pathname.replace(/\.ics$/, '')}`), 404, 'not_found');
  assert.equal((await read(other)).status, 200);
  refused(await person.delete(`/calendar/feeds/${made.id}`), 404, 'not_found');
  const trail = (await person.everything('/users/me/audit')).map((entry) => entry.action);
  assert.ok(trail.includes('calendar_feed.created') && trail.includes('calendar_feed.revoked'));
});

test('a feed of calendars that are not one\'s own is refused, as is one too many', async () => {
  const person = await world.person();
  const stranger = await world.person();
  const { body: theirs } = await stranger.post('/calendar/calendars', { name: 'Theirs' });
  invalidAt(await person.post('/calendar/feeds', { name: 'x', detail: 'full', calendar_ids: [theirs.id] }), ['/calendar_ids']);
  invalidAt(await person.post('/calendar/feeds', { name: 'x', detail: 'all' }), ['/detail']);
  invalidAt(await person.post('/calendar/feeds', { name: ' ', detail: 'full', calendar_ids: [] }), ['/name', '/calendar_ids']);
  for (let n = 0; n < 50; n += 1) await feed(person, 'busy');
  refused(await person.post('/calendar/feeds', { name: 'x', detail: 'full' }), 409, 'too_many_feeds');
  assert.equal((await person.everything('/calendar/feeds')).length, 50);
});

test('whoever leaves is read by nobody', async () => {
  const person = await world.person();
  const made = await feed(person, 'full');
  await add(person, 'Last', 9);
  assert.equal((await read(made)).status, 200);
  ok(await person.delete('/users/me'), 202);
  refused(await read(made), 404, 'not_found');
});
