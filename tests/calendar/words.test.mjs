// Requests for a meeting in words: whom and what they can name, and that it is shown back.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { headersOf, plantDelegation, plantKey } from '../support/credentials.mjs';
import { startWorld } from '../support/harness.mjs';
import { importMessage, message } from '../support/mail.mjs';

const world = await startWorld();
const [maya, raj] = await Promise.all([
  world.person({ name: 'Maya', zone: 'Europe/Berlin' }),
  world.person({ name: 'Raj Patel', zone: 'Asia/Kolkata' }),
]);

const day = 86_400_000;
/** The day so many days from now, as a civil date in UTC. */
const date = (days) => new Date(Date.now() + days * day).toISOString().slice(0, 10);
const utc = (days, time) => ({ date_time: `${date(days)}T${time}:00`, time_zone: 'UTC' });
const read = async (client, text, options) => {
  const answer = await client.post('/calendar/slots/interpretation', { text }, options);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
};
const event = async (client, body) => {
  const made = await client.post('/calendar/events', body);
  assert.equal(made.status, 201, made.text);
  return made.body;
};
const codes = ({ questions }) => questions.map(({ code }) => code);

test('who lets one see when they are free is meant by their name, and the answer finds times', async () => {
  assert.deepEqual(codes(await read(maya, '45 minutes with Raj')), ['unknown_person']);
  assert.equal((await raj.post('/users/me/delegations', { user_id: maya.id, scopes: ['calendar:free_busy'] })).status, 201);
  const { request, questions } = await read(maya, '45 minutes with Raj next week, afternoons, not Friday');
  assert.deepEqual(questions, []);
  assert.equal(request.duration_minutes, 45);
  assert.equal(request.time_zone, 'Europe/Berlin');
  assert.deepEqual(request.attendees.map(({ user_id }) => user_id), ['me', raj.id]);
  const found = await maya.post('/calendar/slots', request);
  assert.equal(found.status, 200, found.text);
  // An afternoon in Berlin is an evening in Kolkata: what would have to give is said.
  assert.deepEqual(found.body.items, []);
  assert.ok(found.body.relaxations.length > 0);
});

test('who was invited to an event is known by name, to a series too, and oneself is not', async () => {
  const client = await world.person({ name: 'Nora', zone: 'UTC' });
  await event(client, { summary: 'Once', start: utc(-20, '09:00'), end: utc(-20, '10:00'), attendees: [{ email: 'ana@example.org', name: 'Ana Silva' }, { email: client.user.email, name: 'Nora' }] });
  await event(client, { summary: 'Weekly', start: utc(-200, '09:00'), end: utc(-200, '10:00'), recurrence: ['RRULE:FREQ=WEEKLY'], attendees: [{ email: 'kim@example.org', name: 'Kim Lee' }], organizer: { email: 'lou@example.org', name: 'Lou Reed' } });
  const { request, questions } = await read(client, '30 minutes with Ana, Kim and Lou tomorrow');
  assert.deepEqual(questions, []);
  assert.deepEqual(request.attendees.slice(1).map(({ email }) => email), ['ana@example.org', 'kim@example.org', 'lou@example.org']);
  assert.deepEqual(codes(await read(client, '30 minutes with Nora tomorrow')), ['unknown_person']);
});

test('an event ahead bounds the window, be it one, an occurrence or a day', async () => {
  const client = await world.person({ name: 'Olga', zone: 'UTC' });
  await event(client, { summary: 'Board meeting', start: utc(10, '15:00'), end: utc(10, '16:00') });
  await event(client, { summary: 'Fair', start: { date: date(12) }, end: { date: date(14) } });
  await event(client, { summary: 'Review', start: utc(-50, '11:00'), end: utc(-50, '12:00'), recurrence: ['RRULE:FREQ=DAILY;INTERVAL=59'] });
  const bound = async (text) => (await read(client, text)).request.constraints.before;
  assert.equal(await bound('a call, before the board meeting'), `${date(10)}T15:00:00.000Z`);
  assert.equal(await bound('a call, before the fair'), `${date(12)}T00:00:00.000Z`);
  assert.equal(await bound('a call, before the review'), `${date(9)}T11:00:00.000Z`);
});

test('who one exchanges mail with is known to oneself, and to no program and no delegate', async () => {
  const client = await world.person({ name: 'Pia', zone: 'UTC' });
  const helper = await world.person({ name: 'Helper' });
  await importMessage(client, message({ from: 'Quentin Blake <quentin@example.org>', to: client.user.email }));
  await importMessage(client, message({ from: `Pia <${client.user.email}>`, to: 'Rosa Parks <rosa@example.org>' }));
  const text = '30 minutes with Quentin and Rosa tomorrow';
  const { request, questions } = await read(client, text);
  assert.deepEqual(questions, []);
  assert.deepEqual(request.attendees.slice(1).map(({ email }) => email), ['quentin@example.org', 'rosa@example.org']);
  await plantDelegation(world, client.id, helper.id, ['calendar:read']);
  const others = [
    (await plantKey(world, client.id, ['calendar:read'])).headers,
    { ...headersOf(helper), 'acting-for': client.id },
  ];
  for (const headers of others) {
    const answer = await world.anonymous().post('/calendar/slots/interpretation', { text }, { headers });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(codes(answer.body), ['unknown_person', 'unknown_person']);
    assert.ok(!answer.text.includes('@'));
  }
});

test('what is shown back can be asked for as it is, whatever the words named', async () => {
  for (const text of ['an hour tomorrow', 'a video call with quinn@example.org next week', 'by phone on Friday, 20 minutes, mornings']) {
    const { request, questions } = await read(maya, text);
    assert.deepEqual(questions, []);
    const found = await maya.post('/calendar/slots', request);
    assert.equal(found.status, 200, `${text}: ${found.text}`);
  }
  assert.equal((await read(maya, 'a video call tomorrow')).request.kind, 'video');
});

test('nobody else’s people and events are known', async () => {
  const client = await world.person({ name: 'Stranger', zone: 'UTC' });
  assert.deepEqual(codes(await read(client, '30 minutes with Raj before the board meeting')).sort(), ['unknown_event', 'unknown_person']);
});

test('words that are none are refused, and reading some is one round trip', async () => {
  for (const text of ['', '  ', 'x'.repeat(1001)]) {
    assert.equal((await maya.post('/calendar/slots/interpretation', { text })).status, 422);
  }
  const answer = await maya.post('/calendar/slots/interpretation', { text: 'an hour tomorrow' });
  assert.match(answer.headers.get('server-timing'), /round trips: 1"/);
});
