// Calendars, events and series: what api.md promises of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect } from '../support/frames.mjs';
import { startWorld } from '../support/harness.mjs';

const world = await startWorld();
const maya = await world.person({ name: 'Maya', zone: 'Europe/Berlin' });
const raj = await world.person({ name: 'Raj', zone: 'Asia/Kolkata' });

const berlin = (date_time) => ({ date_time, time_zone: 'Europe/Berlin' });
const make = async (client, event) => {
  const answer = await client.post('/calendar/events', event);
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
};
const window = (client, start, end, more = '') =>
  client.everything(`/calendar/events?start=${start}&end=${end}&expand=true${more}`);
const starts = (events) => events.map(({ start }) => start.date ?? start.instant);
const pointers = (answer) => answer.body.errors.map((error) => `${error.pointer ?? error.parameter}: ${error.code}`);

const weekly = (client, summary, start = '2026-03-16T09:00:00') => make(client, {
  summary,
  start: berlin(start),
  end: berlin(start.replace('T09', 'T10')),
  recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO'],
});

test('everybody has a calendar from the start, which cannot be deleted', async () => {
  const somebody = await world.person({ name: 'Somebody' });
  const calendars = await somebody.everything('/calendar/calendars');
  assert.equal(calendars.length, 1);
  const [primary] = calendars;
  assert.equal(primary.is_primary, true);
  assert.equal(primary.name, 'Somebody');
  const refused = await somebody.delete(`/calendar/calendars/${primary.id}`);
  assert.equal(refused.status, 409);
  assert.equal(refused.body.code, 'primary_calendar');
});

test('a calendar is made, changed, and deleted with its events', async () => {
  const made = await maya.post('/calendar/calendars', { name: 'Choir', color: '#3366CC', is_busy: false });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.body.color, '#3366cc');
  const { id } = made.body;
  const renamed = await maya.patch(`/calendar/calendars/${id}`, { name: 'Choir practice', color: null });
  assert.equal(renamed.body.name, 'Choir practice');
  assert.equal(renamed.body.color, null);
  const stale = await maya.patch(`/calendar/calendars/${id}`, { name: 'x' }, { headers: { 'if-match': made.etag } });
  assert.equal(stale.status, 412);
  const event = await make(maya, { summary: 'Sing', calendar_id: id, start: berlin('2026-01-05T19:00:00'), end: berlin('2026-01-05T21:00:00') });
  assert.equal((await maya.delete(`/calendar/calendars/${id}`)).status, 204);
  assert.equal((await maya.get(`/calendar/events/${event.id}`)).status, 404);
});

test('an event goes into one’s own calendar only', async () => {
  const theirs = (await raj.everything('/calendar/calendars'))[0].id;
  const answer = await maya.post('/calendar/events', {
    summary: 'x', calendar_id: theirs, start: berlin('2026-01-05T19:00:00'), end: berlin('2026-01-05T21:00:00'),
  });
  assert.equal(answer.status, 422);
  assert.deepEqual(pointers(answer), ['/calendar_id: no_such_calendar']);
});

test('what is read is what was made, whole, with the instants beside the civil times', async () => {
  const made = await maya.post('/calendar/events', {
    summary: 'Board “Ω” 🙂',
    description: 'Two\nlines',
    location: 'Room 4',
    start: berlin('2026-03-29T02:30:00'),
    end: { date_time: '2026-03-29T06:00:00', time_zone: 'Asia/Kathmandu' },
    attendees: [{ email: 'ana@example.com', name: 'Ana', role: 'optional' }],
    organizer: { email: maya.user.email },
    reminders: [{ minutes_before: 10, method: 'notification' }],
    conference_url: 'https://meet.example.com/abc',
    color: 'teal',
    visibility: 'private',
    transparency: 'opaque',
    status: 'tentative',
  });
  assert.equal(made.status, 422, 'an event that would end before it starts');
  const { body: event, etag, location } = await maya.post('/calendar/events', {
    summary: 'Board “Ω” 🙂',
    description: 'Two\nlines',
    start: berlin('2026-03-29T02:30:00'),
    end: { date_time: '2026-03-29T08:00:00', time_zone: 'Asia/Kathmandu' },
    attendees: [{ email: 'ana@example.com', name: 'Ana', role: 'optional' }],
  });
  // 02:30 does not exist in Berlin on that day: it moves by the length of the gap.
  assert.equal(event.start.instant, '2026-03-29T01:30:00.000Z');
  assert.equal(event.end.instant, '2026-03-29T02:15:00.000Z');
  assert.deepEqual(event.attendees, [{ email: 'ana@example.com', name: 'Ana', role: 'optional', response: 'needs_action' }]);
  assert.equal(location, `/api/v1/calendar/events/${event.id}`);
  const read = await maya.get(`/calendar/events/${event.id}`);
  assert.deepEqual(read.body, event);
  assert.equal(read.etag, etag);
  assert.equal((await raj.get(`/calendar/events/${event.id}`)).status, 404);
});

test('every fault of an event is named at once', async () => {
  const answer = await maya.post('/calendar/events', {
    summary: ' ',
    start: { date: '2026-03-29' },
    end: { date: '2026-03-29' },
    recurrence: ['RRULE:FREQ=FORTNIGHTLY', 'RRULE:FREQ=DAILY;COUNT=2;UNTIL=20260401'],
    attendees: [{ email: 'a@example.com' }, { email: 'A@example.com' }],
    conference_url: 'javascript:alert(1)',
    color: '#12',
  });
  assert.equal(answer.status, 422);
  const found = pointers(answer);
  for (const expected of ['/summary: empty', '/end: before_start', '/attendees/1/email: repeated', '/conference_url: not_a_url', '/color: not_a_color']) {
    assert.ok(found.includes(expected), `${expected} in ${found}`);
  }
  assert.ok(found.some((one) => one.startsWith('/recurrence/0')), found.join());
  assert.ok(found.some((one) => one.startsWith('/recurrence/1')), found.join());
});

test('a series is expanded in its zone, over the change of the clocks', async () => {
  const series = await weekly(maya, 'Weekly');
  const found = (await window(maya, '2026-03-16T00:00:00Z', '2026-04-07T00:00:00Z')).filter((event) => event.recurring_event_id === series.id);
  assert.deepEqual(starts(found), ['2026-03-16T08:00:00.000Z', '2026-03-23T08:00:00.000Z', '2026-03-30T07:00:00.000Z', '2026-04-06T07:00:00.000Z']);
  assert.deepEqual(found[2].original_start, found[2].start);
  assert.equal(found[2].id, `${series.id}_20260330T090000`);
  assert.deepEqual(found[2].recurrence, []);
  const one = await maya.get(`/calendar/events/${found[2].id}`);
  assert.deepEqual(one.body, found[2]);
  assert.equal((await maya.get(`/calendar/events/${series.id}_20260331T090000`)).status, 404, 'no occurrence on a Tuesday');
  assert.equal((await maya.get(`/calendar/events/${series.id}_20260330`)).status, 404, 'no day');
});

test('days are those of the person, and stay days', async () => {
  const day = await make(raj, { summary: 'Holi', start: { date: '2026-03-04' }, end: { date: '2026-03-05' } });
  assert.deepEqual(day.start, { date: '2026-03-04' });
  // Midnight in Kolkata is 18:30 of the day before in UTC.
  const before = await window(raj, '2026-03-03T12:00:00Z', '2026-03-03T18:30:00Z');
  const inside = await window(raj, '2026-03-03T18:29:00Z', '2026-03-03T18:31:00Z');
  const after = await window(raj, '2026-03-04T18:30:00Z', '2026-03-05T12:00:00Z');
  assert.deepEqual([before, inside, after].map((events) => events.length), [0, 1, 0]);
});

test('pages of a window hold every occurrence once, in order, wherever they are cut', async () => {
  const person = await world.person({ name: 'Paging', zone: 'Europe/Berlin' });
  for (const [number, hour] of ['08', '09', '09', '10'].entries()) {
    await make(person, { summary: `S${number}`, start: berlin(`2026-06-01T${hour}:00:00`), end: berlin(`2026-06-01T${hour}:30:00`), recurrence: ['RRULE:FREQ=DAILY;COUNT=9'] });
    await make(person, { summary: `E${number}`, start: berlin(`2026-06-0${number + 1}T09:00:00`), end: berlin(`2026-06-0${number + 1}T09:30:00`) });
  }
  await make(person, { summary: 'Trip', start: { date: '2026-05-20' }, end: { date: '2026-06-20' } });
  await make(person, { summary: 'Stay', start: berlin('2026-04-01T00:00:00'), end: berlin('2026-08-01T00:00:00') });
  const path = '/calendar/events?start=2026-06-01T00:00:00Z&end=2026-07-01T00:00:00Z&expand=true';
  const whole = await person.everything(path);
  assert.equal(whole.length, 4 * 9 + 4 + 2);
  assert.deepEqual(whole.map(({ summary }) => summary).slice(0, 3), ['Stay', 'Trip', 'S0']);
  const instants = whole.map((event) => event.start.instant ?? `${event.start.date}T`);
  assert.deepEqual(instants, [...instants].sort());
  for (const limit of [1, 3, 7]) {
    const paged = await person.everything(path, limit);
    assert.deepEqual(paged, whole, `pages of ${limit}`);
  }
});

test('one occurrence is changed, and only it', async () => {
  const series = await weekly(maya, 'One of many', '2026-05-04T09:00:00');
  const id = `${series.id}_20260511T090000`;
  const moved = await maya.patch(`/calendar/events/${id}`, { start: berlin('2026-05-12T14:00:00'), summary: 'Moved' });
  assert.equal(moved.status, 200, moved.text);
  assert.equal(moved.body.id, id);
  assert.equal(moved.body.end.date_time, '2026-05-12T15:00:00', 'it keeps its length');
  assert.equal(moved.body.original_start.date_time, '2026-05-11T09:00:00');
  const again = await maya.patch(`/calendar/events/${id}`, { location: 'Hall' }, { headers: { 'if-match': moved.etag } });
  assert.equal(again.body.summary, 'Moved');
  assert.equal(again.body.location, 'Hall');
  const found = (await window(maya, '2026-05-03T00:00:00Z', '2026-05-26T00:00:00Z')).filter((event) => event.recurring_event_id === series.id);
  assert.deepEqual(found.map(({ start, summary }) => [start.date_time, summary]), [
    ['2026-05-04T09:00:00', 'One of many'], ['2026-05-12T14:00:00', 'Moved'], ['2026-05-18T09:00:00', 'One of many'], ['2026-05-25T09:00:00', 'One of many'],
  ]);
  assert.deepEqual((await maya.get(`/calendar/events/${id}`)).body, again.body);
  const listed = await maya.get(`/calendar/events/${series.id}/occurrences?start=2026-05-10T00:00:00Z&end=2026-05-13T00:00:00Z`);
  assert.deepEqual(listed.body.items.map((event) => event.id), [id]);
});

test('an occurrence is deleted, whether it was changed before or not', async () => {
  const series = await weekly(maya, 'To be thinned', '2026-07-06T09:00:00');
  const occurrence = (day) => `/calendar/events/${series.id}_202607${day}T090000`;
  assert.equal((await maya.patch(occurrence('13'), { summary: 'Changed' })).status, 200);
  assert.equal((await maya.delete(occurrence('13'))).status, 204);
  assert.equal((await maya.delete(occurrence('20'))).status, 204);
  assert.equal((await maya.delete(occurrence('20'))).status, 404);
  assert.equal((await maya.get(occurrence('13'))).status, 404);
  const found = await maya.everything(`/calendar/events/${series.id}/occurrences?start=2026-07-01T00:00:00Z&end=2026-07-31T00:00:00Z`);
  assert.deepEqual(found.map(({ start }) => start.date_time.slice(8, 10)), ['06', '27']);
});

test('this and following: the series ends, and another goes on with the change', async () => {
  const series = await make(maya, {
    summary: 'Standup', start: berlin('2026-09-07T09:00:00'), end: berlin('2026-09-07T09:15:00'), recurrence: ['RRULE:FREQ=DAILY;COUNT=10'],
  });
  // One occurrence on each side was changed before.
  assert.equal((await maya.patch(`/calendar/events/${series.id}_20260908T090000`, { summary: 'Early' })).status, 200);
  assert.equal((await maya.patch(`/calendar/events/${series.id}_20260914T090000`, { summary: 'Late' })).status, 200);
  const changed = await maya.patch(`/calendar/events/${series.id}_20260911T090000?extent=following`, { location: 'Kitchen' });
  assert.equal(changed.status, 200, changed.text);
  assert.notEqual(changed.body.id, series.id);
  const all = (await window(maya, '2026-09-06T00:00:00Z', '2026-09-30T00:00:00Z')).filter(({ summary }) => ['Standup', 'Early', 'Late'].includes(summary));
  assert.equal(all.length, 10, 'the count goes on');
  assert.deepEqual(all.map(({ location }) => location), ['', '', '', '', ...Array(3).fill('Kitchen'), '', 'Kitchen', 'Kitchen']);
  assert.deepEqual(all.map(({ summary }) => summary).filter((summary) => summary !== 'Standup'), ['Early', 'Late'], 'changed occurrences go along');
  assert.equal(all[7].recurring_event_id, changed.body.id);
  const ended = await maya.delete(`/calendar/events/${changed.body.id}_20260915T090000?extent=following`);
  assert.equal(ended.status, 204);
  const rest = (await window(maya, '2026-09-06T00:00:00Z', '2026-09-30T00:00:00Z')).filter(({ summary }) => ['Standup', 'Early', 'Late'].includes(summary));
  assert.equal(rest.length, 8);
});

test('all: what one occurrence is moved by, all are', async () => {
  const series = await weekly(maya, 'Moved whole', '2026-10-05T09:00:00');
  const changed = await maya.patch(`/calendar/events/${series.id}_20261019T090000?extent=all`, { start: berlin('2026-10-19T10:00:00') });
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.body.id, series.id);
  assert.equal(changed.body.start.date_time, '2026-10-05T10:00:00');
  assert.equal(changed.body.end.date_time, '2026-10-05T11:00:00');
  assert.equal((await maya.get(`/calendar/events/${series.id}_20261026T100000`)).body.start.instant, '2026-10-26T09:00:00.000Z');
});

test('an extent needs an occurrence', async () => {
  const series = await weekly(maya, 'Whole', '2026-11-02T09:00:00');
  const answer = await maya.patch(`/calendar/events/${series.id}?extent=this`, { summary: 'x' });
  assert.equal(answer.status, 422);
  assert.deepEqual(pointers(answer), ['extent: no_occurrence']);
});

test('whoever changes an event at the same time as others loses nothing', async () => {
  const event = await make(maya, { summary: 'Crowded', start: berlin('2026-12-01T09:00:00'), end: berlin('2026-12-01T10:00:00') });
  const fields = ['summary', 'description', 'location'];
  const answers = await Promise.all(fields.map((field) => maya.patch(`/calendar/events/${event.id}`, { [field]: `new ${field}` })));
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200]);
  const { body } = await maya.get(`/calendar/events/${event.id}`);
  assert.deepEqual(fields.map((field) => body[field]), fields.map((field) => `new ${field}`));
});

test('an invitation is answered by who was invited', async () => {
  const event = await make(maya, {
    summary: 'Invited', start: berlin('2026-12-02T09:00:00'), end: berlin('2026-12-02T10:00:00'), recurrence: ['RRULE:FREQ=DAILY;COUNT=3'],
    organizer: { email: 'boss@example.com' },
    attendees: [{ email: maya.user.email.toUpperCase() }, { email: 'boss@example.com', role: 'chair', response: 'accepted' }],
  });
  const answer = await maya.post(`/calendar/events/${event.id}_20261203T090000/response`, { response: 'declined' });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.body.attendees.map(({ response }) => response), ['declined', 'accepted']);
  const whole = await maya.post(`/calendar/events/${event.id}/response`, { response: 'accepted' });
  assert.deepEqual(whole.body.attendees.map(({ response }) => response), ['accepted', 'accepted']);
  const busy = await maya.post('/calendar/availability', { start: '2026-12-02T00:00:00Z', end: '2026-12-05T00:00:00Z', users: ['me'] });
  assert.deepEqual(busy.body.items[0].busy.map(({ start, status }) => [start.slice(0, 10), status]), [['2026-12-02', 'busy'], ['2026-12-04', 'busy']]);
  const mine = await make(maya, { summary: 'Nobody', start: berlin('2026-12-09T09:00:00'), end: berlin('2026-12-09T10:00:00') });
  const refused = await maya.post(`/calendar/events/${mine.id}/response`, { response: 'accepted' });
  assert.equal(refused.status, 409);
  assert.equal(refused.body.code, 'not_invited');
});

test('a hostile rule is answered in time: it never matches, or it never ends', async () => {
  const never = await maya.post('/calendar/events', {
    summary: 'Never again', start: berlin('2026-02-01T09:00:00'), end: berlin('2026-02-01T10:00:00'), recurrence: ['RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'],
  });
  // Its start is its one occurrence (RFC 5545, 3.8.5.3).
  assert.equal(never.status, 201, never.text);
  const person = await world.person({ name: 'Ticking' });
  const ticking = await make(person, {
    summary: 'Tick', start: { date_time: '2026-01-01T00:00:00', time_zone: 'UTC' }, end: { date_time: '2026-01-01T00:00:01', time_zone: 'UTC' }, recurrence: ['RRULE:FREQ=SECONDLY'],
  });
  const page = await person.get(`/calendar/events/${ticking.id}/occurrences?start=2036-01-01T00:00:00Z&end=2036-02-01T00:00:00Z&limit=3`);
  assert.equal(page.status, 200, page.text);
  assert.deepEqual(page.body.items.map(({ start }) => start.instant), ['2036-01-01T00:00:00.000Z', '2036-01-01T00:00:01.000Z', '2036-01-01T00:00:02.000Z']);
  const busy = await person.post('/calendar/availability', { start: '2036-01-01T00:00:00Z', end: '2036-02-01T00:00:00Z', users: ['me'] });
  assert.deepEqual(busy.body.items[0].busy, [{ start: '2036-01-01T00:00:00.000Z', end: '2036-02-01T00:00:00.000Z', status: 'busy' }]);
});

test('devices are told of events', async () => {
  const person = await world.person({ name: 'Told' });
  const event = await make(person, { summary: 'Told of', start: { date: '2026-01-01' }, end: { date: '2026-01-02' } });
  const changed = await person.patch(`/calendar/events/${event.id}`, { summary: 'Changed' });
  await person.delete(`/calendar/events/${event.id}`);
  const device = await connect(world, person);
  device.send({ type: 'resume', after: 0 });
  await device.next('event.deleted');
  const told = device.events.filter(({ type }) => type.startsWith('event.'));
  assert.deepEqual(told.map(({ type, data }) => [type, data]), [['event.created', event], ['event.updated', changed.body], ['event.deleted', { id: event.id }]]);
  await device.close();
});

test('a series that is moved takes what was changed and deleted of it along', async () => {
  const client = await world.person({ name: 'Moving', zone: 'Europe/Berlin' });
  const berlin = (date_time) => ({ date_time, time_zone: 'Europe/Berlin' });
  const made = await client.post('/calendar/events', {
    summary: 'Weekly', start: berlin('2032-03-05T09:00:00'), end: berlin('2032-03-05T10:00:00'), recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=5'],
  });
  assert.equal(made.status, 201, made.text);
  const { id } = made.body;
  assert.equal((await client.patch(`/calendar/events/${id}_20320312T090000`, { location: 'Room' })).status, 200);
  assert.equal((await client.delete(`/calendar/events/${id}_20320319T090000`)).status, 204);
  const occurrences = async () => (await client.everything(`/calendar/events?start=2032-03-01T00:00:00Z&end=2032-05-01T00:00:00Z&expand=true`))
    .map(({ start, location }) => [start.date_time, location]);
  assert.deepEqual(await occurrences(), [
    ['2032-03-05T09:00:00', ''], ['2032-03-12T09:00:00', 'Room'], ['2032-03-26T09:00:00', ''], ['2032-04-02T09:00:00', ''],
  ]);
  // By a day and an hour: from Friday to Saturday.
  const moved = await client.patch(`/calendar/events/${id}_20320326T090000?extent=all`, { start: berlin('2032-03-27T10:00:00') });
  assert.equal(moved.status, 200, moved.text);
  assert.deepEqual(await occurrences(), [
    ['2032-03-06T10:00:00', ''], ['2032-03-13T10:00:00', 'Room'], ['2032-03-27T10:00:00', ''], ['2032-04-03T10:00:00', ''],
  ]);
  const named = await client.get(`/calendar/events/${id}_20320313T100000`);
  assert.equal(named.body.location, 'Room', named.text);
});
