// Files of other programs in, and out again: nothing is lost on the way, and nothing breaks it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect } from '../support/frames.mjs';
import { EVERY_HOUR, startWorld } from '../support/harness.mjs';
import { ok } from '../support/mailbox.mjs';
import { invalidParameter, refused } from '../support/problem.mjs';

const world = await startWorld();
const { database } = world;

const TYPE = { 'content-type': 'text/calendar' };
const file = (...components) => ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Test//EN', ...components, 'END:VCALENDAR', ''].join('\r\n');
const event = (...lines) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'].join('\r\n');
const send = (person, text, { query = '', headers = {} } = {}) => person.post(`/calendar/import${query}`, text, { headers: { ...TYPE, ...headers } });
/** Imports a file and answers its job. */
const take = async (person, text, options) => person.job(ok(await send(person, text, options), 202).id, { seconds: 60 });
const takeAll = async (person, text, options) => {
  const job = await take(person, text, options);
  assert.deepEqual([job.status, job.errors, job.done], ['succeeded', [], job.total], JSON.stringify(job));
  return job;
};
const stored = async (person) => (await person.everything('/calendar/events')).toSorted((a, b) => (a.summary + a.id < b.summary + b.id ? -1 : 1));
const exported = async (person, query = '') => {
  const answer = await person.get(`/calendar/export.ics${query}`);
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers.get('content-type'), /^text\/calendar/);
  return answer.text;
};
const unfolded = (text) => text.replaceAll('\r\n ', '').split('\r\n');
const during = async (person, start, end) => ok(await person.get(`/calendar/events?expand=true&start=${start}&end=${end}`)).items;

const NEW_YORK = [
  'BEGIN:VTIMEZONE', 'TZID:Eastern Standard Time',
  'BEGIN:STANDARD', 'DTSTART:16010101T020000', 'TZOFFSETFROM:-0400', 'TZOFFSETTO:-0500', 'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11', 'END:STANDARD',
  'BEGIN:DAYLIGHT', 'DTSTART:16010101T020000', 'TZOFFSETFROM:-0500', 'TZOFFSETTO:-0400', 'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3', 'END:DAYLIGHT',
  'END:VTIMEZONE',
].join('\r\n');

const GOOGLE = file(
  'CALSCALE:GREGORIAN', 'METHOD:PUBLISH', 'X-WR-CALNAME:maya@example.com', 'X-WR-TIMEZONE:Europe/Berlin',
  event('DTSTART;TZID=Europe/Berlin:20261207T090000', 'DTEND;TZID=Europe/Berlin:20261207T093000', 'RRULE:FREQ=WEEKLY;UNTIL=20270201T225959Z;BYDAY=MO',
    'EXDATE;TZID=Europe/Berlin:20261228T090000', 'DTSTAMP:20261125T100000Z', 'UID:stand-up@google.com', 'CREATED:20261101T080000Z',
    'LAST-MODIFIED:20261110T080000Z', 'SEQUENCE:1', 'STATUS:CONFIRMED', 'SUMMARY:Stand-up\\, with everybody', 'TRANSP:OPAQUE',
    'X-GOOGLE-CONFERENCE:https://meet.google.com/abc-defg-hij', 'ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Ana;X-NUM-GUESTS=0:mailto:ana@example.com'),
  event('DTSTART;TZID=Europe/Berlin:20261214T140000', 'DTEND;TZID=Europe/Berlin:20261214T143000', 'DTSTAMP:20261125T100000Z', 'UID:stand-up@google.com',
    'RECURRENCE-ID;TZID=Europe/Berlin:20261214T090000', 'LAST-MODIFIED:20261111T080000Z', 'SEQUENCE:2', 'SUMMARY:Stand-up in the afternoon'),
  event('DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227', 'DTSTAMP:20261125T100000Z', 'UID:holidays@google.com', 'SUMMARY:Holidays', 'TRANSP:TRANSPARENT'));

const OUTLOOK = file('METHOD:PUBLISH', 'X-MS-OLK-FORCEINSPECTOROPEN:TRUE', NEW_YORK,
  event('CLASS:PRIVATE', 'DTSTAMP:20261120T120000Z', 'DTSTART;TZID="Eastern Standard Time":20261102T083000', 'DTEND;TZID="Eastern Standard Time":20261102T093000',
    'LAST-MODIFIED:20261120T120000Z', 'PRIORITY:5', 'RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=6', 'SEQUENCE:0', 'SUMMARY;LANGUAGE=en-us:Board', 'TRANSP:OPAQUE', 'UID:040000008200E00074C5B7101A82E008',
    'X-MICROSOFT-CDO-BUSYSTATUS:OOF', 'X-MICROSOFT-CDO-IMPORTANCE:1', 'BEGIN:VALARM', 'TRIGGER:-PT15M', 'ACTION:DISPLAY', 'DESCRIPTION:Reminder', 'END:VALARM'));

const APPLE = file('CALSCALE:GREGORIAN',
  event('TRANSP:OPAQUE', 'DTEND;TZID=Australia/Lord_Howe:20261205T110000', 'UID:5B6F5A5E-1', 'DTSTAMP:20261101T000000Z', 'LOCATION:Café\\nTwo', 'SEQUENCE:3',
    'SUMMARY:Surf 🏄', 'DTSTART;TZID=Australia/Lord_Howe:20261205T100000', 'X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC', 'X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE="Beach":geo:-31.5,159.0',
    'CREATED:20261101T000000Z', 'LAST-MODIFIED:20261102T000000Z'));

test('a calendar of Google is taken in with its series, its exceptions and its days', async () => {
  const person = await world.person();
  const device = await connect(world, person);
  const answer = await send(person, GOOGLE);
  const { id, kind } = ok(answer, 202);
  assert.deepEqual([kind, answer.location], ['calendar_import', `/api/v1/jobs/${id}`]);
  const job = await person.job(id);
  assert.deepEqual([job.status, job.done, job.total, job.errors], ['succeeded', 3, 3, []]);
  const all = await stored(person);
  const [holidays] = all;
  assert.deepEqual([holidays.start, holidays.end, holidays.transparency], [{ date: '2026-12-24' }, { date: '2026-12-27' }, 'transparent']);
  const occurrence = all.find((one) => one.summary === 'Stand-up in the afternoon');
  const series = all.find((one) => one.summary === 'Stand-up, with everybody');
  assert.deepEqual([series.ical_uid, series.sequence, series.origin], ['stand-up@google.com', 1, 'import']);
  assert.deepEqual([series.created_at, series.updated_at], ['2026-11-01T08:00:00.000Z', '2026-11-10T08:00:00.000Z']);
  assert.deepEqual(series.attendees, [{ email: 'ana@example.com', name: 'Ana', role: 'required', response: 'accepted' }]);
  assert.equal(series.conference_url, 'https://meet.google.com/abc-defg-hij');
  assert.equal(occurrence.id, `${series.id}_20261214T090000`);
  const items = await during(person, '2026-12-01T00:00:00Z', '2027-01-10T00:00:00Z');
  assert.deepEqual(items.map((item) => item.start.date_time ?? item.start.date),
    ['2026-12-07T09:00:00', '2026-12-14T14:00:00', '2026-12-21T09:00:00', '2026-12-24', '2027-01-04T09:00:00']);
  const told = await device.next('calendar.imported');
  assert.deepEqual([told.data.job_id, told.data.changed], [id, 2]);
  await device.close();
});

test('calendars of Outlook and of Apple are taken in with their zones', async () => {
  const person = await world.person();
  const [{ id: home }] = await person.everything('/calendar/calendars');
  const { body: club } = await person.post('/calendar/calendars', { name: 'Club' });
  await takeAll(person, OUTLOOK);
  await takeAll(person, APPLE, { query: `?calendar_id=${club.id}` });
  const [board, surf] = await stored(person);
  assert.deepEqual([board.calendar_id, surf.calendar_id], [home, club.id]);
  assert.deepEqual(board.start, { date_time: '2026-11-02T08:30:00', time_zone: 'America/New_York', instant: '2026-11-02T13:30:00.000Z' });
  assert.deepEqual([board.visibility, board.reminders], ['private', [{ minutes_before: 15, method: 'notification' }]]);
  assert.deepEqual([surf.start.instant, surf.location, surf.summary], ['2026-12-04T23:00:00.000Z', 'Café\nTwo', 'Surf 🏄']);
});

test('what is exported and taken in is exported as the same', async () => {
  const [one, other] = [await world.person(), await world.person()];
  for (const text of [GOOGLE, OUTLOOK, APPLE]) await takeAll(one, text);
  const at = (time) => ({ date_time: time, time_zone: 'Asia/Kathmandu' });
  const { body: own } = await one.post('/calendar/events', {
    summary: 'One\'s own; with, all "of" it', description: 'Two\nlines', start: at('2026-12-01T09:45:00'), end: at('2026-12-01T10:45:00'),
    recurrence: ['RRULE:FREQ=DAILY;COUNT=10'], attendees: [{ email: 'raj@example.com', name: 'Raj, "R"', role: 'optional' }], organizer: { email: one.user.email },
    reminders: [{ minutes_before: 10, method: 'email' }], conference_url: 'https://example.com/x', color: '#3366cc', visibility: 'confidential',
  });
  ok(await one.patch(`/calendar/events/${own.id}_20261203T094500`, { summary: 'Changed once', start: at('2026-12-03T12:00:00') }));
  ok(await one.patch(`/calendar/events/${own.id}_20261204T094500`, { status: 'cancelled' }));
  const text = await exported(one);
  const lines = unfolded(text);
  assert.equal(lines[0], 'BEGIN:VCALENDAR');
  for (const line of ['TZID:Asia/Kathmandu', 'TZID:America/New_York', 'X-MICROSOFT-CDO-BUSYSTATUS:OOF', 'X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE="Beach":geo:-31.5,159.0',
    'SUMMARY;LANGUAGE=en-us:Board', 'RECURRENCE-ID;TZID=Europe/Berlin:20261214T090000', 'X-GOOGLE-CONFERENCE:https://meet.google.com/abc-defg-hij']) assert.ok(lines.includes(line), line);
  await takeAll(other, text);
  // In the order of their identifiers, which are others.
  const components = (calendar) => calendar.split('BEGIN:VEVENT').slice(1).map((part) => part.split('END:VEVENT')[0]).toSorted();
  assert.deepEqual(components(await exported(other)), components(text));
  const bare = ({ id, calendar_id, recurring_event_id, updated_at, created_at, origin, ...rest }) => JSON.stringify(rest);
  assert.deepEqual((await stored(other)).map(bare).toSorted(), (await stored(one)).map(bare).toSorted());
});

test('a file that is taken in again changes nothing, a newer state does, an older does not', async () => {
  const person = await world.person();
  await takeAll(person, GOOGLE);
  const before = await stored(person);
  const versions = () => database.all('SELECT id, version FROM calendar_events WHERE user_id = ? ORDER BY id', person.id);
  const then = await versions();
  await takeAll(person, GOOGLE);
  assert.deepEqual([await stored(person), await versions()], [before, then]);
  const state = (sequence, day, summary) => file(event('UID:holidays@google.com', 'DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227', `SEQUENCE:${sequence}`, `LAST-MODIFIED:202611${day}T000000Z`, `SUMMARY:${summary}`));
  const now = async () => (await stored(person)).find((one) => one.ical_uid.startsWith('holidays')).summary;
  await takeAll(person, state(3, '01', 'Newer'));
  assert.equal(await now(), 'Newer');
  await takeAll(person, state(2, '20', 'Of a lower sequence'));
  assert.equal(await now(), 'Newer');
  await takeAll(person, state(3, '01', 'Of the same time'));
  assert.equal(await now(), 'Of the same time');
  const { id } = (await stored(person)).find((one) => one.ical_uid.startsWith('holidays'));
  ok(await person.patch(`/calendar/events/${id}`, { summary: 'By the person' }));
  await takeAll(person, state(3, '02', 'From a file of before'));
  assert.equal(await now(), 'By the person');
});

test('what replaces an occurrence finds its series wherever it stands, also in another file', async () => {
  const person = await world.person();
  const series = event('UID:s', 'DTSTART;TZID=Europe/Berlin:20261201T090000', 'DTEND;TZID=Europe/Berlin:20261201T100000', 'RRULE:FREQ=DAILY;COUNT=4', 'SUMMARY:Daily');
  const moved = (day) => event('UID:s', `RECURRENCE-ID:202612${day}T080000Z`, `DTSTART;TZID=Europe/Berlin:202612${day}T150000`, `DTEND;TZID=Europe/Berlin:202612${day}T160000`, `SUMMARY:Moved ${day}`);
  await takeAll(person, file(moved('02')));
  assert.deepEqual((await stored(person)).map((one) => [one.summary, one.recurring_event_id]), [['Moved 02', null]]);
  assert.ok(unfolded(await exported(person)).some((line) => line.startsWith('RECURRENCE-ID')), 'it is still told which it replaces');
  await takeAll(person, file(moved('03'), series));
  const [daily] = (await stored(person)).filter((one) => one.summary === 'Daily');
  const starts = async () => (await during(person, '2026-12-01T00:00:00Z', '2026-12-10T00:00:00Z')).map((item) => `${item.summary} ${item.start.date_time}`);
  const expected = ['Daily 2026-12-01T09:00:00', 'Moved 02 2026-12-02T15:00:00', 'Moved 03 2026-12-03T15:00:00', 'Daily 2026-12-04T09:00:00'];
  assert.deepEqual(await starts(), expected);
  assert.equal(ok(await person.get(`/calendar/events/${daily.id}_20261202T090000`)).summary, 'Moved 02');
  await takeAll(person, file(moved('03'), moved('02'), series));
  assert.deepEqual(await starts(), expected);
  assert.equal((await stored(person)).length, 3);
  await takeAll(person, file(series.replace('COUNT=4', 'COUNT=2').replace('UID:s', 'UID:s\r\nSEQUENCE:1')));
  assert.deepEqual(await starts(), expected.slice(0, 2), 'the rule no longer has the third');
});

test('what can\'t be taken in is told by its line, and everything else is', async () => {
  const person = await world.person();
  const text = file(
    event('UID:good', 'DTSTART:20261201T090000Z', 'SUMMARY:Good'),
    event('UID:no-start', 'SUMMARY:Bad'),
    event('UID:zone', 'DTSTART;TZID=Mars/Phobos:20261201T090000', 'SUMMARY:Bad'),
    event('UID:rule', 'DTSTART:20261201T090000Z', 'RRULE:FREQ=SOMETIMES', 'SUMMARY:Bad'),
    event('UID:never', 'DTSTART:20261201T090000Z', 'RRULE:FREQ=DAILY;COUNT=1', 'EXDATE:20261201T090000Z', 'SUMMARY:Bad'),
    event('UID:large', 'DTSTART:20261201T090000Z', `DESCRIPTION:${'x'.repeat(300_000)}`),
    event('UID:also', 'DTSTART:20261202T090000Z', 'SUMMARY:Also good'));
  const job = await take(person, text);
  assert.deepEqual([job.status, job.done, job.total, job.error_count], ['succeeded', 7, 7, 5]);
  const bad = (uid) => text.split('\r\n').indexOf(`UID:${uid}`);
  const expected = { 'no-start': 'no_start', zone: 'unknown_time_zone', rule: 'invalid_value', never: 'no_occurrence', large: 'event_too_large' };
  assert.deepEqual(job.errors.map(({ item, code }) => `${item} ${code}`).toSorted(),
    Object.entries(expected).map(([uid, code]) => `line ${bad(uid)} ${code}`).toSorted(), 'the line of its BEGIN, from 1');
  assert.ok(job.errors.every(({ detail }) => detail.length > 5));
  assert.deepEqual((await stored(person)).map((one) => one.summary), ['Also good', 'Good']);
});

test('a hostile file is answered clearly and soon', async () => {
  const person = await world.person();
  const begun = performance.now();
  const hopeless = {
    'hello': 'not_a_calendar',
    'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n': undefined,
    [`BEGIN:VCALENDAR\r\n${'BEGIN:X\r\n'.repeat(100_000)}`]: undefined,
    [`${'\0'.repeat(1000)}`]: 'not_a_calendar',
  };
  for (const [text, code] of Object.entries(hopeless)) {
    const job = await take(person, text);
    assert.ok(['failed', 'succeeded'].includes(job.status), job.status);
    if (code) assert.deepEqual([job.status, job.errors.map((error) => [error.item, error.code])], ['failed', [['upload', code]]]);
  }
  const mean = file(
    event('UID:1', 'DTSTART:20260101T000000Z', 'RRULE:FREQ=SECONDLY', 'SUMMARY:Every second'),
    event('UID:2', 'DTSTART:20260101T000000Z', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'SUMMARY:Once'),
    event('UID:3', 'DTSTART;TZID=Europe/Berlin:20260301T120000', 'RRULE:FREQ=DAILY;COUNT=5', 'RDATE;VALUE=PERIOD;TZID=Europe/Berlin:20260401T100000/PT1H', 'SUMMARY:Period'),
    event('UID:4', 'DTSTART:20260101T000000Z', 'SUMM\r\n ARY:Folded in its name', ' ', 'SUMMARY:Folded'),
    event('UID:5', 'DTSTART:20260101T000000Z', ...Array.from({ length: 9_000 }, (_, n) => `X-P${n}:${n}`), 'SUMMARY:Many'));
  const job = await take(person, mean);
  assert.equal(job.status, 'succeeded', JSON.stringify(job));
  ok(await person.get('/calendar/events?expand=true&start=2026-01-01T00:00:00Z&end=2026-02-01T00:00:00Z&limit=100'));
  assert.ok(performance.now() - begun < 60_000, `${performance.now() - begun} ms`);
});

test('thousands of events take several steps and come out as they went in', async (t) => {
  const person = await world.person();
  const many = 3_000;
  const text = file(...Array.from({ length: many }, (_, n) => {
    const day = new Date(Date.UTC(2027, 0, 1) + n * 3_600_000).toISOString().replace(/[-:]|\.000/g, '');
    return event(`UID:many-${n}`, `DTSTART:${day}`, 'DURATION:PT30M', `SUMMARY:Event ${n}`, `DESCRIPTION:${'About it. '.repeat(20)}`, 'LAST-MODIFIED:20261101T000000Z');
  }));
  const begun = performance.now();
  await takeAll(person, text);
  t.diagnostic(`${many} events in ${Math.round(performance.now() - begun)} ms`);
  assert.equal(await database.count('calendar_events', 'user_id = ?', person.id), many);
  const lines = unfolded(await exported(person));
  assert.equal(lines.filter((line) => line === 'BEGIN:VEVENT').length, many);
  assert.equal(lines.filter((line) => line === 'END:VCALENDAR').length, 1);
  assert.deepEqual([lines.at(-1), lines.at(-2)], ['', 'END:VCALENDAR']);
  for (const n of [0, 1_499, many - 1]) assert.ok(lines.includes(`SUMMARY:Event ${n}`), `${n}`);
});

test('an upload is refused that is not one, and one that is repeated is taken in once', async () => {
  const person = await world.person();
  const stranger = await world.person();
  const { body: theirs } = await stranger.post('/calendar/calendars', { name: 'Theirs' });
  refused(await person.post('/calendar/import', 'x', { headers: { 'content-type': 'text/plain' } }), 415, 'unsupported_media_type');
  invalidParameter(await send(person, GOOGLE, { query: '?calendar_id=x' }), ['calendar_id']);
  invalidParameter(await send(person, GOOGLE, { query: `?calendar_id=${theirs.id}` }), ['calendar_id']);
  invalidParameter(await send(person, GOOGLE, { query: '?colour=red' }), ['colour']);
  refused(await send(person, new Uint8Array()), 422);
  const large = { ...TYPE, authorization: `Bearer ${person.token}`, 'content-length': 10 * 1024 * 1024 + 1 };
  refused(await world.raw('/api/v1/calendar/import', { method: 'POST', headers: large, body: 'BEGIN:VCALENDAR' }), 413, 'upload_too_large');
  const { objects } = await world.env.MAIL.list({ prefix: `uploads/${person.id}/` });
  assert.deepEqual(objects, [], 'nothing of it stays');
  const key = { headers: { 'idempotency-key': 'once' } };
  const first = ok(await send(person, GOOGLE, key), 202);
  assert.equal(ok(await send(person, GOOGLE, key), 202).id, first.id);
  refused(await send(person, OUTLOOK, key), 422, 'idempotency_key_reused');
  await person.job(first.id);
  assert.equal(await database.count('jobs', 'user_id = ?', person.id), 1);
});

test('a file goes once it was taken in', async () => {
  const person = await world.person();
  const job = await takeAll(person, APPLE);
  const [{ key }] = (await world.env.MAIL.list({ prefix: `uploads/${person.id}/` })).objects;
  assert.ok(key.endsWith(job.id));
  const left = await database.count('work_items', "payload ->> '$.key' = ?", key);
  assert.equal(left, 0, 'nothing refers to it: the sweep collects it when it is an hour old');
  await world.scheduled(EVERY_HOUR);
});

test('a calendar of somebody else can\'t be exported, one\'s own can, by itself', async () => {
  const [person, stranger] = [await world.person(), await world.person()];
  const { body: club } = await person.post('/calendar/calendars', { name: 'Club; and more' });
  await takeAll(person, APPLE, { query: `?calendar_id=${club.id}` });
  await takeAll(person, OUTLOOK);
  const lines = unfolded(await exported(person, `?calendar_id=${club.id}`));
  assert.ok(lines.includes('X-WR-CALNAME:Club\\; and more') && lines.includes('SUMMARY:Surf 🏄') && !lines.includes('SUMMARY;LANGUAGE=en-us:Board'));
  refused(await stranger.get(`/calendar/export.ics?calendar_id=${club.id}`), 404, 'not_found');
  assert.equal(unfolded(await exported(stranger)).filter((line) => line === 'BEGIN:VEVENT').length, 0);
});
