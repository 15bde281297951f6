// What every answer carries beside its body, and what a request leaves in the log.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { takeOut } from '../support/archive.mjs';
import { actingFor, headersOf, plantDelegation, plantKey } from '../support/credentials.mjs';
import { eventually, startWorld } from '../support/harness.mjs';
import { importMessage, message } from '../support/mail.mjs';
import { refused } from '../support/problem.mjs';
import { resetToken } from '../support/reset.mjs';
import { plantConnection } from '../support/operations.mjs';
import { configuredFor } from '../support/providers.mjs';
import { routes } from '../support/routes.mjs';
import { ScriptedProvider } from '../support/scripted_provider.mjs';
import { opened } from '../support/tokens.mjs';
import { comeBack } from '../support/visits.mjs';

const PAGE = 'https://app.example.com';
const provider = await ScriptedProvider.start();
after(() => provider.close());
const world = await startWorld({ origins: ` ${PAGE}, https://other.example/ `, ...configuredFor({ google: provider }) });
const maya = await world.person({ zone: 'Europe/Berlin' });
const { body: task } = await maya.post('/tasks', { title: 'Read' });
const { email, job } = await importMessage(maya, message({ subject: 'Confidential merger', text: 'Could you send me the pelican figures by Friday?\r\n' }));

const linesOf = (id) => world.logs().filter((line) => line['request.id'] === id && line.message === 'request');
const lineOf = (id) => eventually(() => {
  const [line] = linesOf(id);
  return line ?? false;
}, { what: `the line of ${id}` });

test('a request keeps the id that its client gave it', async () => {
  for (const id of ['a', 'req-1_2.3:4', '01HXYZ', 'x'.repeat(128)]) {
    for (const path of ['//health', '/tasks', '/nope']) {
      const answer = await maya.get(path, { headers: { 'x-request-id': id } });
      assert.equal(answer.requestId, id);
      if (answer.status >= 400) assert.equal(answer.body.request_id, id);
    }
    await lineOf(id);
  }
});

test('a request without an id, or with a hostile one, is given a new one', async () => {
  const seen = new Set();
  for (const id of [undefined, 'x'.repeat(129), 'a b', 'a"b', '<script>', 'a\tb', '{"level":"error"}', 'ä', '%0a', 'a,b', '{request.id}']) {
    const answer = await maya.get('/nope', { headers: id === undefined ? {} : { 'x-request-id': id } });
    assert.match(answer.requestId, /^[A-Za-z0-9_-]{16}$/, id);
    assert.equal(answer.body.request_id, answer.requestId);
    seen.add(answer.requestId);
  }
  assert.equal(seen.size, 11);
  const empty = await world.raw('/health', { headers: { 'x-request-id': '' } });
  assert.match(empty.requestId, /^[A-Za-z0-9_-]{16}$/);
});

test('what a client types is never taken for the place of the id', async () => {
  const answer = await maya.get('/tasks?%7Brequest.id%7D=1', { headers: { 'x-request-id': 'mine' } });
  refused(answer, 422);
  assert.equal(answer.body.errors[0].parameter, '{request.id}');
});

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

test('a request joins the trace of its caller', async () => {
  await maya.get('/tasks', { headers: { 'x-request-id': 'traced', traceparent: `00-${TRACE}-00f067aa0ba902b7-01` } });
  assert.equal((await lineOf('traced'))['trace.id'], TRACE);
  await maya.get('/tasks', { headers: { 'x-request-id': 'traced-later', traceparent: `01-${TRACE}-00f067aa0ba902b7-01-more` } });
  assert.equal((await lineOf('traced-later'))['trace.id'], TRACE, 'a later version is read as far as it is known');
});

test('a traceparent that is none is left alone', async () => {
  const wrong = ['', 'nonsense', `00-${TRACE.slice(1)}-00f067aa0ba902b7-01`, `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `ff-${TRACE}-00f067aa0ba902b7-01`, `00-${TRACE}`, `00-${TRACE}-${'0'.repeat(16)}-01`, '-'.repeat(300)];
  for (const [n, traceparent] of wrong.entries()) {
    const answer = await maya.get('/tasks', { headers: { 'x-request-id': `untraced-${n}`, traceparent } });
    assert.equal(answer.status, 200);
    assert.equal((await lineOf(`untraced-${n}`))['trace.id'], undefined, traceparent);
  }
});

const fresh = async () => (await maya.post('/tasks', { title: 'Fresh' })).body.id;
const LINK = { kind: 'email', id: email.id };
const MBOX = { headers: { 'content-type': 'application/mbox' } };
let guests = 0;
const guest = async () => {
  guests += 1;
  return { email: `guest${guests}@example.com`, password: 'long enough' };
};
const ACCOUNT = { provider: 'google', access: ['mail'] };
const connecting = async () => new URL((await maya.post('/users/me/connections', ACCOUNT)).body.authorization_url);
const KEY = { name: 'A program', scopes: ['tasks:read'] };
const delegation = async () => (await maya.post('/users/me/delegations', { user_id: (await world.person()).id, scopes: ['tasks:read'] })).body.id;
const once = { headers: { 'idempotency-key': 'round trips' } };

const at = (hour) => ({ date_time: `2030-03-04T${hour}:00:00`, time_zone: 'Europe/Berlin' });
const WEEK = 'start=2030-03-01T00:00:00Z&end=2030-03-08T00:00:00Z';
const event = async () => (await maya.post('/calendar/events', {
  summary: 'Weekly', start: at('09'), end: at('10'), recurrence: ['RRULE:FREQ=WEEKLY'], attendees: [{ email: maya.user.email }],
})).body.id;
const calendar = async () => (await maya.post('/calendar/calendars', { name: 'Team' })).body.id;
let hours = 0;
const time = () => {
  hours += 2;
  const start = Date.UTC(2031, 0, 1) + hours * 3_600_000;
  return { start: new Date(start).toISOString(), end: new Date(start + 3_600_000).toISOString() };
};
const held = async () => (await maya.post('/calendar/holds', time())).body.id;
const AWAY = { kind: 'out_of_office', start: { date: '2032-03-02' }, end: { date: '2032-03-04' } };
const absence = async () => (await maya.post('/calendar/absences', AWAY)).body.id;
const FILE = 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:one\r\nDTSTART:20300304T120000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n';
const FEED = { name: 'Phone', detail: 'full' };
const feed = async () => (await maya.post('/calendar/feeds', FEED)).body;
const address = ({ url }) => `/${new URL(url).pathname}`;
const OFFER = { title: 'A call', duration_minutes: 30 };
const offer = async (who = maya) => (await who.post('/calendar/booking-links', OFFER)).body;
const plan = async () => (await maya.post('/calendar/plans', {})).body.id;
/** A guest's booking of the first time that a link of somebody without events gives. */
const booking = async () => {
  const { slug } = await offer(await world.person());
  const from = new Date();
  const window = `start=${from.toISOString()}&end=${new Date(from.getTime() + 30 * 86_400_000).toISOString()}`;
  const [{ start }] = (await world.anonymous().get(`/booking/${slug}/slots?${window}`)).body.items;
  return world.anonymous().post(`/booking/${slug}/bookings`, { start, name: 'Gina', email: 'gina@example.org' });
};
const EXPANDED = 'series are expanded between reading and claiming';
const AGAINST = 'the change is held against what the event is';
const MERGED = 'what is merged is checked as a whole';

// [round trips, operation, request, the reason where there is more than one].
const LESSON = { sender: '@partner.example', category: 'personal' };
const lesson = async () => (await maya.post('/emails/lessons', LESSON)).body.id;

const ROUND_TRIPS = [
  [0, 'GET /health', () => maya.get('//health')],
  [1, 'GET /health/ready', () => maya.get('//health/ready')],
  [0, 'GET /.well-known/jwks.json', () => maya.get('//.well-known/jwks.json')],
  [0, 'GET /ws/connect', () => maya.get('//ws/connect')],
  [2, 'POST /api/v1/auth/register', async () => world.anonymous().post('/auth/register', await guest()),
    'nothing is hashed for somebody who may not register'],
  [2, 'POST /api/v1/auth/login', () => world.anonymous().post('/auth/login', { email: maya.user.email, password: maya.password }),
    'the hash must be verified between reading it and opening the session'],
  [1, 'POST /api/v1/auth/refresh', async () => world.anonymous().post('/auth/refresh', { refresh_token: (await world.person()).refreshToken })],
  [1, 'POST /api/v1/auth/logout', async () => (await world.person()).post('/auth/logout')],
  [0, 'GET /api/v1/auth/caller', async () => {
    await maya.get('/tasks');
    return maya.get('/auth/caller');
  }],
  [1, 'POST /api/v1/auth/invitations', () => maya.post('/auth/invitations')],
  [2, 'POST /api/v1/auth/password', async () => {
    const person = await world.person();
    return person.post('/auth/password', { current_password: person.password, new_password: 'another one' });
  }, 'the hash must be verified between reading it and replacing it'],
  [1, 'POST /api/v1/auth/password/reset', () => world.anonymous().post('/auth/password/reset', { email: 'nobody@example.com' })],
  [2, 'POST /api/v1/auth/password/reset/confirm', async () => {
    const person = await world.person();
    const token = await resetToken(world, person);
    return world.anonymous().post('/auth/password/reset/confirm', { token, new_password: 'another one' });
  }, 'nothing is hashed for a token that is not good'],
  [1, 'GET /api/v1/auth/{provider}/login', () => world.anonymous().get('/auth/google/login')],
  [2, 'GET /api/v1/auth/{provider}/callback', async () => (await comeBack(world, '/auth/google/login')).answer,
    'the visit is claimed before the provider is asked'],
  [2, 'POST /api/v1/auth/exchange', async () => world.anonymous().post('/auth/exchange', { code: (await comeBack(world, '/auth/google/login')).code }),
    'the code is used up before it is looked at'],
  [1, 'GET /api/v1/auth/{provider}/connect', async () => world.anonymous().get(`/${(await connecting()).pathname}${(await connecting()).search}`)],
  [1, 'GET /api/v1/users/me/connections', () => maya.get('/users/me/connections')],
  [1, 'POST /api/v1/users/me/connections', () => maya.post('/users/me/connections', ACCOUNT)],
  [2, 'POST /api/v1/users/me/connections/complete', async () => {
    provider.person = { ...provider.person, sub: 'another-account' };
    return maya.post('/users/me/connections/complete', { code: (await comeBack(world, await connecting())).connection_code });
  }, 'the code is used up before it is looked at'],
  [1, 'GET /api/v1/users/me/connections/{id}', async () => maya.get(`/users/me/connections/${await plantConnection(world, maya.id)}`)],
  [2, 'POST /api/v1/users/me/connections/{id}/check', async () => maya.post(`/users/me/connections/${await plantConnection(world, maya.id)}/check`),
    'the hub looks in between'],
  [1, 'DELETE /api/v1/users/me/connections/{id}', async () => maya.delete(`/users/me/connections/${await plantConnection(world, maya.id)}`)],
  [1, 'GET /api/v1/users/me', () => maya.get('/users/me')],
  [1, 'PATCH /api/v1/users/me', () => maya.patch('/users/me', { name: 'Maya' })],
  [1, 'GET /api/v1/users/me/addresses', () => maya.get('/users/me/addresses')],
  [1, 'POST /api/v1/users/me/addresses', () => maya.post('/users/me/addresses', { address: 'alias@example.com' })],
  [1, 'DELETE /api/v1/users/me/addresses/{address}', () => maya.delete('/users/me/addresses/alias@example.com')],
  [1, 'GET /api/v1/users/me/sessions', () => maya.get('/users/me/sessions')],
  [1, 'DELETE /api/v1/users/me/sessions', async () => (await world.person()).delete('/users/me/sessions')],
  [1, 'DELETE /api/v1/users/me/sessions/{id}', async () => {
    const person = await world.person();
    return person.delete(`/users/me/sessions/${opened(person.token)[1].sid}`);
  }],
  [1, 'GET /api/v1/users/me/api-keys', () => maya.get('/users/me/api-keys')],
  [1, 'POST /api/v1/users/me/api-keys', () => maya.post('/users/me/api-keys', KEY)],
  [1, 'GET /api/v1/users/me/api-keys/{id}', async () => maya.get(`/users/me/api-keys/${(await maya.post('/users/me/api-keys', KEY)).body.id}`)],
  [1, 'DELETE /api/v1/users/me/api-keys/{id}', async () => maya.delete(`/users/me/api-keys/${(await maya.post('/users/me/api-keys', KEY)).body.id}`)],
  [1, 'GET /api/v1/users/me/delegations', () => maya.get('/users/me/delegations')],
  [1, 'POST /api/v1/users/me/delegations', async () => maya.post('/users/me/delegations', { user_id: (await world.person()).id, scopes: ['tasks:read'] })],
  [1, 'GET /api/v1/users/me/delegations/{id}', async () => maya.get(`/users/me/delegations/${await delegation()}`)],
  [1, 'PATCH /api/v1/users/me/delegations/{id}', async () => maya.patch(`/users/me/delegations/${await delegation()}`, { scopes: ['emails:read'] })],
  [2, 'DELETE /api/v1/users/me/delegations/{id}', async () => maya.delete(`/users/me/delegations/${await delegation()}`),
    'who is on the other side must be known to write into their trail'],
  [1, 'GET /api/v1/users/me/audit', () => maya.get('/users/me/audit')],
  [1, 'GET /api/v1/users/me/preferences', () => maya.get('/users/me/preferences')],
  [2, 'PATCH /api/v1/users/me/preferences', () => maya.patch('/users/me/preferences', { analysis: { daily_tokens: 1 } }), 'what is patched is checked as a whole'],
  [1, 'GET /api/v1/users/me/model-keys', () => maya.get('/users/me/model-keys')],
  [1, 'PUT /api/v1/users/me/model-keys/{provider}', () => maya.put('/users/me/model-keys/openai', { key: 'sk-a-key-of-mine' })],
  [1, 'DELETE /api/v1/users/me/model-keys/{provider}', () => maya.delete('/users/me/model-keys/openai')],
  [2, 'GET /api/v1/users/me/usage', () => maya.get('/users/me/usage'), 'which day it is follows from the person\'s zone'],
  [1, 'GET /api/v1/users/me/usage/calls', () => maya.get('/users/me/usage/calls')],
  [1, 'POST /api/v1/users/me/export', () => maya.post('/users/me/export')],
  [1, 'GET /api/v1/users/me/export', async () => {
    await takeOut(maya);
    return maya.get('/users/me/export');
  }],
  [2, 'DELETE /api/v1/users/me', async () => (await world.person()).delete('/users/me'), 'who is told of ended delegations must be known'],
  [1, 'GET /api/v1/erasures/{receipt}', async () => {
    const { body } = await (await world.person()).delete('/users/me');
    return world.anonymous().get(`/${new URL(body.receipt_url).pathname}`);
  }],
  [1, 'GET /api/v1/tasks', async () => world.anonymous().get('/tasks', { headers: (await plantKey(world, maya.id, ['tasks:read'])).headers })],
  [1, 'GET /api/v1/tasks', async () => {
    const helper = await world.person();
    await plantDelegation(world, maya.id, helper.id, ['tasks:read']);
    return world.anonymous().get('/tasks', { headers: actingFor(maya.id, headersOf(helper)) });
  }],
  [1, 'GET /api/v1/tasks', () => maya.get('/tasks?q=read&status=todo&sort=-due')],
  [1, 'POST /api/v1/tasks', () => maya.post('/tasks', { title: 'x', due: { date_time: '2026-12-01T10:00', time_zone: 'UTC' } })],
  [2, 'POST /api/v1/tasks', () => maya.post('/tasks', { title: 'x', due: { date: '2026-12-01' } }), 'a day ends by the person\'s clock'],
  [1, 'POST /api/v1/tasks', () => maya.post('/tasks', { title: 'x' }, once)],
  [2, 'POST /api/v1/tasks', () => maya.post('/tasks', { title: 'x' }, once), 'a replay reads what the first answer was'],
  [1, 'GET /api/v1/tasks/{id}', () => maya.get(`/tasks/${task.id}`)],
  [1, 'PATCH /api/v1/tasks/{id}', () => maya.patch(`/tasks/${task.id}`, { title: 'x', description: 'y' })],
  [2, 'PATCH /api/v1/tasks/{id}', () => maya.patch(`/tasks/${task.id}`, { due: { date: '2026-12-01' } }), 'a day ends by the person\'s clock'],
  [1, 'DELETE /api/v1/tasks/{id}', async () => maya.delete(`/tasks/${await fresh()}`)],
  [1, 'GET /api/v1/tasks/{id}/links', () => maya.get(`/tasks/${task.id}/links`)],
  [1, 'POST /api/v1/tasks/{id}/links', () => maya.post(`/tasks/${task.id}/links`, LINK)],
  [1, 'DELETE /api/v1/tasks/{id}/links/{kind}/{target}', () => maya.delete(`/tasks/${task.id}/links/email/${email.id}`)],
  [1, 'GET /api/v1/emails', () => maya.get('/emails?q=merger&is_read=false')],
  [1, 'POST /api/v1/emails/import', () => maya.post('/emails/import', `From a@b.c Mon Nov 16 09:00:00 2026\n${message()}\n`, MBOX)],
  [1, 'GET /api/v1/emails/lessons', () => maya.get('/emails/lessons')],
  [1, 'POST /api/v1/emails/lessons', () => maya.post('/emails/lessons', LESSON)],
  [2, 'POST /api/v1/emails/lessons', async () => {
    const { email: asked } = await importMessage(maya, message({ subject: 'No task' }));
    const { items } = (await maya.get('/tasks')).body;
    return maya.post('/emails/lessons', { task_id: items.find(({ source }) => source?.id === asked.id).id });
  }, 'the lesson keeps the sentence of the task'],
  [1, 'GET /api/v1/emails/lessons/{id}', async () => maya.get(`/emails/lessons/${await lesson()}`)],
  [2, 'PATCH /api/v1/emails/lessons/{id}', async () => maya.patch(`/emails/lessons/${await lesson()}`, { priority: 'low' }), 'what is patched is checked as a whole'],
  [2, 'DELETE /api/v1/emails/lessons/{id}', async () => maya.delete(`/emails/lessons/${await lesson()}`), 'whose mail is judged anew must be known'],
  [1, 'GET /api/v1/emails/threads/{id}', () => maya.get(`/emails/threads/${email.thread_id}`)],
  [1, 'GET /api/v1/emails/threads/{id}/summary', () => maya.get(`/emails/threads/${email.thread_id}/summary`)],
  [1, 'GET /api/v1/emails/{id}', () => maya.get(`/emails/${email.id}`)],
  [1, 'PATCH /api/v1/emails/{id}', () => maya.patch(`/emails/${email.id}`, { is_read: true })],
  [1, 'GET /api/v1/emails/{id}/raw', () => maya.get(`/emails/${email.id}/raw`)],
  [2, 'POST /api/v1/emails/{id}/analyze', () => maya.post(`/emails/${email.id}/analyze`), 'what is read is what is analysed'],
  [1, 'GET /api/v1/emails/{id}/analysis', () => maya.get(`/emails/${email.id}/analysis`)],
  [1, 'PATCH /api/v1/emails/{id}/analysis', () => maya.patch(`/emails/${email.id}/analysis`, { needs_reply: false })],
  [1, 'GET /api/v1/calendar/calendars', () => maya.get('/calendar/calendars')],
  [1, 'POST /api/v1/calendar/calendars', () => maya.post('/calendar/calendars', { name: 'Team' })],
  [1, 'GET /api/v1/calendar/calendars/{id}', async () => maya.get(`/calendar/calendars/${await calendar()}`)],
  [1, 'PATCH /api/v1/calendar/calendars/{id}', async () => maya.patch(`/calendar/calendars/${await calendar()}`, { name: 'Changed' })],
  [1, 'DELETE /api/v1/calendar/calendars/{id}', async () => maya.delete(`/calendar/calendars/${await calendar()}`)],
  [1, 'GET /api/v1/calendar/events', () => maya.get('/calendar/events')],
  [1, 'GET /api/v1/calendar/events', () => maya.get(`/calendar/events?${WEEK}&expand=true`)],
  [1, 'POST /api/v1/calendar/events', () => maya.post('/calendar/events', { summary: 'Once', start: at('09'), end: at('10') })],
  [1, 'GET /api/v1/calendar/events/{id}', async () => maya.get(`/calendar/events/${await event()}`)],
  [1, 'GET /api/v1/calendar/events/{id}', async () => maya.get(`/calendar/events/${await event()}_20300311T090000`)],
  [2, 'PATCH /api/v1/calendar/events/{id}', async () => maya.patch(`/calendar/events/${await event()}`, { summary: 'Changed' }), AGAINST],
  [1, 'DELETE /api/v1/calendar/events/{id}', async () => maya.delete(`/calendar/events/${await event()}`)],
  [2, 'DELETE /api/v1/calendar/events/{id}', async () => maya.delete(`/calendar/events/${await event()}_20300311T090000`), AGAINST],
  [1, 'GET /api/v1/calendar/events/{id}/occurrences', async () => maya.get(`/calendar/events/${await event()}/occurrences?${WEEK}`)],
  [2, 'POST /api/v1/calendar/events/{id}/response', async () => maya.post(`/calendar/events/${await event()}/response`, { response: 'accepted' }), AGAINST],
  [1, 'POST /api/v1/calendar/availability', () => maya.post('/calendar/availability', { ...time(), users: ['me'] })],
  [1, 'POST /api/v1/calendar/slots', () => maya.post('/calendar/slots', { duration_minutes: 30, window: time() })],
  [1, 'POST /api/v1/calendar/slots/interpretation', () => maya.post('/calendar/slots/interpretation', { text: 'an hour next week' })],
  [1, 'GET /api/v1/calendar/holds', () => maya.get('/calendar/holds')],
  [2, 'POST /api/v1/calendar/holds', () => maya.post('/calendar/holds', time()), EXPANDED],
  [1, 'GET /api/v1/calendar/holds/{id}', async () => maya.get(`/calendar/holds/${await held()}`)],
  [1, 'DELETE /api/v1/calendar/holds/{id}', async () => maya.delete(`/calendar/holds/${await held()}`)],
  [2, 'POST /api/v1/calendar/holds/{id}/confirm', async () => maya.post(`/calendar/holds/${await held()}/confirm`), 'what the hold says becomes the event'],
  [1, 'POST /api/v1/calendar/import', () => maya.post('/calendar/import', FILE, { headers: { 'content-type': 'text/calendar' } })],
  [1, 'GET /api/v1/calendar/export.ics', () => maya.get('/calendar/export.ics')],
  [2, 'GET /api/v1/calendar/export.ics', async () => maya.get(`/calendar/export.ics?calendar_id=${await calendar()}`), 'what the calendar is called stands before its events'],
  [1, 'GET /api/v1/calendar/feeds', () => maya.get('/calendar/feeds')],
  [1, 'POST /api/v1/calendar/feeds', () => maya.post('/calendar/feeds', FEED)],
  [1, 'GET /api/v1/calendar/feeds/{id}', async () => maya.get(`/calendar/feeds/${(await feed()).id}`)],
  [1, 'DELETE /api/v1/calendar/feeds/{id}', async () => maya.delete(`/calendar/feeds/${(await feed()).id}`)],
  [2, 'GET /feeds/{secret}', async () => world.anonymous().get(address(await feed())), 'whether anything has changed is asked before it is read'],
  [1, 'GET /feeds/{secret}', async () => {
    const made = address(await feed());
    const { etag } = await world.anonymous().get(made);
    return world.anonymous().get(made, { headers: { 'if-none-match': etag } });
  }],
  [1, 'GET /api/v1/calendar/working-hours', () => maya.get('/calendar/working-hours')],
  [1, 'PUT /api/v1/calendar/working-hours', () => maya.send('PUT', '/calendar/working-hours', {})],
  [2, 'PATCH /api/v1/calendar/working-hours', () => maya.patch('/calendar/working-hours', { minimum_notice_minutes: 0 }), MERGED],
  [1, 'GET /api/v1/calendar/absences', () => maya.get('/calendar/absences')],
  [2, 'POST /api/v1/calendar/absences', () => maya.post('/calendar/absences', AWAY), 'days are those of the person, whose zone is read first'],
  [1, 'POST /api/v1/calendar/absences', () => maya.post('/calendar/absences', { kind: 'out_of_office', start: at('09'), end: at('10') })],
  [1, 'GET /api/v1/calendar/absences/{id}', async () => maya.get(`/calendar/absences/${await absence()}`)],
  [2, 'PATCH /api/v1/calendar/absences/{id}', async () => maya.patch(`/calendar/absences/${await absence()}`, { note: 'Sea' }), MERGED],
  [1, 'DELETE /api/v1/calendar/absences/{id}', async () => maya.delete(`/calendar/absences/${await absence()}`)],
  [1, 'GET /api/v1/calendar/plans', () => maya.get('/calendar/plans')],
  [2, 'POST /api/v1/calendar/plans', () => maya.post('/calendar/plans', {}), 'it is planned between reading and writing'],
  [1, 'GET /api/v1/calendar/plans/{id}', async () => maya.get(`/calendar/plans/${await plan()}`)],
  [2, 'POST /api/v1/calendar/plans/{id}/replan', async () => maya.post(`/calendar/plans/${await plan()}/replan`), 'what is read follows from the plan'],
  [1, 'DELETE /api/v1/calendar/plans/{id}', async () => maya.delete(`/calendar/plans/${await plan()}`)],
  [1, 'GET /api/v1/calendar/booking-links', () => maya.get('/calendar/booking-links')],
  [1, 'POST /api/v1/calendar/booking-links', () => maya.post('/calendar/booking-links', OFFER)],
  [1, 'GET /api/v1/calendar/booking-links/{id}', async () => maya.get(`/calendar/booking-links/${(await offer()).id}`)],
  [2, 'PATCH /api/v1/calendar/booking-links/{id}', async () => maya.patch(`/calendar/booking-links/${(await offer()).id}`, { duration_minutes: 45 }), MERGED],
  [1, 'DELETE /api/v1/calendar/booking-links/{id}', async () => maya.delete(`/calendar/booking-links/${(await offer()).id}`)],
  [1, 'GET /api/v1/booking/{slug}', async () => world.anonymous().get(`/booking/${(await offer()).slug}`)],
  [1, 'GET /api/v1/booking/{slug}/slots', async () => world.anonymous().get(`/booking/${(await offer()).slug}/slots?${WEEK}`)],
  [2, 'POST /api/v1/booking/{slug}/bookings', booking, EXPANDED],
  [3, 'DELETE /api/v1/booking/{slug}/bookings/{booking}', async () => world.anonymous().delete(new URL((await booking()).body.cancel_url).pathname.replace('/api/v1', '')),
    'whose link it is, what the event is, and then its change'],
  [1, 'GET /api/v1/jobs', () => maya.get('/jobs')],
  [1, 'GET /api/v1/jobs/{id}', () => maya.get(`/jobs/${job.id}`)],
  [1, 'POST /api/v1/jobs/{id}/retry', () => maya.post(`/jobs/${job.id}/retry`)],
  [1, 'POST /api/v1/ws/tickets', () => maya.post('/ws/tickets')],
];

test('every operation stands in the table of round trips', () => {
  const listed = new Set(ROUND_TRIPS.map(([, operation]) => operation));
  const all = routes().flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`));
  assert.deepEqual(all.filter((operation) => !listed.has(operation)), []);
});

for (const [n, [trips, operation, request, reason]] of ROUND_TRIPS.entries()) {
  test(`${operation} asks the database ${trips} times${reason ? ` (${reason})` : ''}, case ${n}`, async () => {
    assert.ok(trips < 2 || reason, 'two round trips need a reason');
    const answer = await request();
    assert.ok(answer.status < 400 || answer.status === 426, answer.text);
    const timing = answer.headers.get('server-timing');
    if (trips === 0) {
      assert.equal(timing, null);
    } else {
      assert.match(timing, /^d1;desc="round trips: \d+";dur=\d+$/);
      assert.equal(Number(/trips: (\d+)/.exec(timing)[1]), trips);
    }
    const line = await lineOf(answer.requestId);
    assert.equal(line['d1.round_trips'], trips);
    const [method, route] = operation.split(' ');
    assert.equal(line['http.method'], method);
    assert.equal(line['http.route'], route);
    assert.equal(line['http.status'], answer.status);
    assert.ok(line['duration_ms'] >= line['d1.waited_ms'] && line['d1.waited_ms'] >= 0);
  });
}

const SECURE = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': /^max-age=\d{8,}/,
  'x-content-type-options': 'nosniff',
};

test('every answer carries the headers that keep browsers in check', async () => {
  const answers = [
    await maya.get('/tasks'),
    await maya.get('/nope'),
    await world.anonymous().get('/tasks'),
    await maya.post('/tasks', '{'),
    await maya.delete(`/tasks/${await fresh()}`),
    await maya.send('PUT', '/tasks'),
    await maya.get('//health'),
    await maya.get(`/emails/${email.id}/raw`),
    await maya.send('OPTIONS', '/tasks', undefined, { headers: { origin: PAGE } }),
  ];
  for (const answer of answers) {
    for (const [name, value] of Object.entries(SECURE)) assert.match(answer.headers.get(name) ?? '', new RegExp(value instanceof RegExp ? value : `^${value.replace(/[.*]/g, '\\$&')}$`), `${answer.status} ${name}`);
    assert.equal(answer.headers.get('x-powered-by'), null);
    assert.equal(answer.headers.get('set-cookie'), null);
  }
  const raw = await maya.get(`/emails/${email.id}/raw`);
  assert.equal(raw.headers.get('content-type'), 'message/rfc822');
  assert.match(raw.headers.get('content-disposition'), /^attachment/);
});

test('the pages of the documentation are served with headers of their own', async () => {
  for (const page of ['/docs', '/redoc']) {
    const answer = await world.request(page);
    assert.equal(answer.status, 200, page);
    assert.match(answer.headers.get('content-type'), /^text\/html/);
    assert.match(answer.headers.get('content-security-policy'), /default-src 'self'/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.doesNotMatch(await answer.text(), /https?:\/\/(?!127)[a-z]/, 'nothing comes from elsewhere');
  }
});

test('HEAD answers what GET answers, without its body', async () => {
  for (const path of ['//health', '/users/me', '/tasks', `/tasks/${task.id}`, '/tasks?limit=0', '/nope', `/emails/${email.id}/raw`, '//.well-known/jwks.json']) {
    const [head, get] = [await maya.send('HEAD', path), await maya.get(path)];
    assert.equal(head.status, get.status, path);
    assert.equal(head.text, '', path);
    for (const name of ['etag', 'content-type', 'cache-control', 'x-content-type-options']) {
      assert.equal(head.headers.get(name), get.headers.get(name), `${path} ${name}`);
    }
  }
  assert.equal((await maya.send('HEAD', '/auth/login')).status, 405);
});

const asked = (origin, more) => ({ headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type', ...more } });

test('a page of an allowed origin may call', async () => {
  for (const origin of [PAGE, 'https://other.example', world.publicUrl]) {
    const preflight = await world.anonymous().send('OPTIONS', '/tasks', undefined, asked(origin));
    assert.equal(preflight.status, 204, origin);
    assert.equal(preflight.headers.get('access-control-allow-origin'), origin);
    const methods = preflight.headers.get('access-control-allow-methods').split(/, */);
    assert.deepEqual(methods.toSorted(), ['DELETE', 'GET', 'PATCH', 'POST', 'PUT']);
    const names = preflight.headers.get('access-control-allow-headers').toLowerCase().split(/, */);
    for (const name of ['authorization', 'acting-for', 'content-type', 'idempotency-key', 'if-match', 'x-request-id', 'traceparent']) assert.ok(names.includes(name), name);
    assert.match(preflight.headers.get('access-control-max-age'), /^\d+$/);
    assert.match(preflight.headers.get('vary'), /origin/i);
    for (const answer of [await maya.get('/tasks', { headers: { origin } }), await maya.get('/nope', { headers: { origin } }), await world.anonymous().get('/tasks', { headers: { origin } })]) {
      assert.equal(answer.headers.get('access-control-allow-origin'), origin);
      assert.match(answer.headers.get('access-control-expose-headers'), /etag.*x-request-id/);
      assert.match(answer.headers.get('vary'), /origin/i);
      assert.equal(answer.headers.get('access-control-allow-credentials'), null);
    }
  }
});

test('a page of any other origin may not', async () => {
  for (const origin of ['https://evil.example', 'null', 'https://app.example.com.evil.example', 'http://app.example.com', 'https://app.example.com:8443', 'https://APP.example.com/', 'https://app.example.co', '*']) {
    const preflight = await world.anonymous().send('OPTIONS', '/tasks', undefined, asked(origin));
    const answer = await maya.get('/tasks', { headers: { origin } });
    for (const { headers } of [preflight, answer]) {
      assert.equal(headers.get('access-control-allow-origin'), null, origin);
      assert.match(headers.get('vary'), /origin/i, 'so that no cache mixes them up');
    }
    assert.equal(answer.status, 200, 'what is not a browser is not bound by it');
  }
  assert.equal((await maya.get('/tasks')).headers.get('access-control-allow-origin'), null);
});

test('a request leaves one line, and no secret in any', async () => {
  world.clearLogs();
  const secrets = [];
  const note = (answer) => {
    for (const name of ['access_token', 'refresh_token', 'invitation', 'ticket', 'key']) if (answer.body?.[name]) secrets.push(answer.body[name]);
    return answer;
  };
  const nobody = world.anonymous();
  let sent = 0;
  const named = () => ({ headers: { 'x-request-id': `line-${sent += 1}` } });
  secrets.push('pa55word-of-zoe', 'zoe@example.com', 'Ostrich', 'pelican', 'Confidential', maya.token, 'idem-key-1', 'Hippopotamus', 'quagga');
  const { body: zoe } = note(await nobody.post('/auth/register', { email: 'zoe@example.com', password: 'pa55word-of-zoe', name: 'Ostrich' }, named()));
  note(await nobody.post('/auth/login', { email: 'zoe@example.com', password: 'pa55word-of-zoe' }, named()));
  note(await nobody.post('/auth/login', { email: 'zoe@example.com', password: 'pa55word-of-zoe!' }, named()));
  note(await nobody.post('/auth/register', { email: 'zoe@example.com', password: 'pa55word-of-zoe' }, named()));
  note(await nobody.post('/auth/refresh', { refresh_token: zoe.refresh_token }, named()));
  note(await maya.post('/auth/invitations', undefined, named()));
  const ticket = note(await maya.post('/ws/tickets', undefined, named())).body.ticket;
  await maya.get(`//ws/connect?ticket=${ticket}`, named());
  note(await maya.post('/users/me/api-keys', { name: 'quagga', scopes: ['tasks:read'] }, named()));
  await maya.get('/tasks?q=Hippopotamus', named());
  await maya.get('/emails?from=zoe@example.com', named());
  await maya.get('/nope/Hippopotamus', named());
  await maya.delete('/users/me/addresses/zoe@example.com', named());
  await maya.post('/tasks', { title: 'Hippopotamus', quagga: 1 }, named());
  await maya.post('/tasks', '{"title": "Hippopotamus', named());
  await maya.post('/tasks', { title: 'Hippopotamus' }, { headers: { 'x-request-id': `line-${sent += 1}`, 'idempotency-key': 'idem-key-1' } });
  await maya.get(`/emails/${email.id}`, named());
  await maya.get('/tasks', { headers: { 'x-request-id': `line-${sent += 1}`, authorization: `Bearer ${maya.token}x` } });
  await importMessage(maya, message({ subject: 'Confidential again', text: 'Please send the pelican report.\r\n' }));
  await world.leavesNothingBehind();
  for (let n = 1; n <= sent; n += 1) {
    await lineOf(`line-${n}`);
    assert.equal(linesOf(`line-${n}`).length, 1, `line-${n}`);
  }
  const whole = JSON.stringify(world.logs());
  for (const text of secrets) assert.ok(!whole.includes(text), `the log has ${text}`);
  for (const line of world.logs()) {
    assert.equal(line.text, undefined, `not structured: ${line.text}`);
    assert.match(line.level, /^(info|warn|error)$/);
  }
  const { 'user.id': user, ...rest } = await lineOf('line-10');
  assert.equal(user, maya.id);
  assert.equal(rest['http.route'], '/api/v1/tasks', 'the route, not the path');
});
