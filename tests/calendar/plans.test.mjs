// Plans: tasks in free time, moved when a meeting lands on them, taken back as a whole.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { plantKey } from '../support/credentials.mjs';
import { eventually, startWorld } from '../support/harness.mjs';

const world = await startWorld();

const day = 86_400_000;
/** The Monday after next, at midnight in UTC. */
const monday = (() => {
  const today = Math.floor(Date.now() / day);
  return (today + (11 - (today % 7)) % 7 + 7) * day;
})();
const at = (days, hour, minute = 0) => new Date(monday + days * day + hour * 3_600_000 + minute * 60_000).toISOString();
const utc = (days, hour, minute = 0) => ({ date_time: at(days, hour, minute).slice(0, 19), time_zone: 'UTC' });
const WEEK = { start: at(0, 0), end: at(5, 0) };
const RULES = { break_minutes: 0, notice_minutes: 0, shortest_block_minutes: null };

const made = async (client, path, body) => {
  const answer = await client.post(path, body);
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
};
const task = (client, title, more = {}) => made(client, '/tasks', { title, duration_minutes: 60, ...more });
const event = (client, start, end, more = {}) => made(client, '/calendar/events', { summary: 'Meeting', start, end, ...more });
const plan = (client, more = {}) => made(client, '/calendar/plans', { ...WEEK, rules: RULES, ...more });
const get = async (client, { id }) => {
  const answer = await client.get(`/calendar/plans/${id}`);
  assert.equal(answer.status, 200, answer.text);
  return { ...answer.body, etag: answer.etag };
};
const replan = async (client, { id }) => {
  const answer = await client.post(`/calendar/plans/${id}/replan`);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
};
const events = (client) => client.everything(`/calendar/events?start=${at(0, 0)}&end=${at(7, 0)}&expand=true`);
const starts = ({ blocks }) => blocks.map(({ start }) => start);
/** The plan, as soon as the step that makes it anew has made it so. */
const settled = (client, one, holds) => eventually(async () => {
  const now = await get(client, one);
  return holds(now) && now;
}, { seconds: 20 });

test('tasks stand in free time by priority and due, and everybody sees them as busy', async () => {
  const client = await world.person({ name: 'Maya', zone: 'Europe/Berlin' });
  const low = await task(client, 'Read', { priority: 'low' });
  const urgent = await task(client, 'Answer the board', { priority: 'urgent' });
  await event(client, utc(0, 8), utc(0, 9));
  const answer = await client.post('/calendar/plans', { ...WEEK, rules: RULES });
  assert.equal(answer.status, 201, answer.text);
  assert.match(answer.headers.get('server-timing'), /round trips: 2"/);
  const { body } = answer;
  // Nine to five in Berlin, without nine to ten.
  const hour = (instant) => new Date(instant).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin', timeStyle: 'short' });
  assert.deepEqual(body.blocks.map(({ task_id, change }) => [task_id, change]), [[urgent.id, 'added'], [low.id, 'added']]);
  assert.deepEqual(body.unplaced, []);
  const [first] = (await events(client)).filter(({ task_id }) => task_id === urgent.id);
  assert.equal(first.id, body.blocks[0].id);
  assert.equal(first.summary, 'Answer the board');
  assert.equal(first.origin, 'plan');
  assert.equal(first.start.time_zone, 'Europe/Berlin');
  assert.equal(first.start.instant, body.blocks[0].start);
  assert.ok(['09:00', '10:00', '11:00'].includes(hour(first.start.instant)), hour(first.start.instant));
  const busy = await client.post('/calendar/availability', { ...WEEK, users: ['me'] });
  assert.ok(busy.body.items[0].busy.some(({ start, end }) => start <= first.start.instant && end >= first.end.instant));
  const held = await client.post('/calendar/holds', { start: first.start.instant, end: first.end.instant });
  assert.equal(held.status, 409);
});

test('a plan is shown as it stands, and listed', async () => {
  const client = await world.person({ name: 'Shown', zone: 'UTC' });
  await task(client, 'One');
  const one = await plan(client);
  const { etag, ...shown } = await get(client, one);
  assert.equal(etag, '"1"');
  assert.deepEqual(shown, { ...one, blocks: one.blocks.map((block) => ({ ...block, change: 'kept' })) });
  const { blocks, removed, unplaced, ...summary } = shown;
  assert.deepEqual(await client.everything('/calendar/plans'), [summary]);
  const stranger = await world.person();
  assert.equal((await stranger.get(`/calendar/plans/${one.id}`)).status, 404);
  assert.equal((await stranger.post(`/calendar/plans/${one.id}/replan`)).status, 404);
  assert.equal((await stranger.delete(`/calendar/plans/${one.id}`)).status, 404);
});

test('what has no place is told with what would help, and so is a task that is somebody else’s', async () => {
  const client = await world.person({ name: 'Full', zone: 'UTC' });
  const stranger = await world.person();
  const long = await task(client, 'Too long', { duration_minutes: 600 });
  const one = await plan(client, { task_ids: [long.id] });
  assert.deepEqual(one.blocks, []);
  assert.deepEqual(one.unplaced.map(({ task_id, code }) => [task_id, code]), [[long.id, 'longer_than_a_block']]);
  assert.deepEqual((await get(client, one)).unplaced, one.unplaced);
  const theirs = await task(stranger, 'Theirs');
  const refused = await client.post('/calendar/plans', { ...WEEK, task_ids: [long.id, theirs.id] });
  assert.equal(refused.status, 422);
  assert.deepEqual(refused.body.errors.map(({ pointer, code }) => [pointer, code]), [['/task_ids/1', 'no_such_task']]);
});

test('lunch, buffers, holds, absences and other plans take their time', async () => {
  const client = await world.person({ name: 'Shaped', zone: 'UTC' });
  const hours = await client.put('/calendar/working-hours', {
    working_hours: [{ days: ['MO', 'TU'], start: '09:00', end: '14:00' }],
    lunch: { start: '12:00', end: '13:00', minutes: 60 },
    buffers: { default: { before_minutes: 0, after_minutes: 30 } },
  });
  assert.equal(hours.status, 200, hours.text);
  await event(client, utc(0, 9), utc(0, 9, 30));
  await made(client, '/calendar/absences', { kind: 'out_of_office', start: utc(1, 0), end: utc(1, 12) });
  const tasks = await Promise.all(['A', 'B', 'C', 'D', 'E'].map((title) => task(client, title)));
  const first = await plan(client, { task_ids: tasks.slice(0, 2).map(({ id }) => id) });
  assert.deepEqual(starts(first), [at(0, 10), at(0, 11)]);
  const second = await plan(client, { task_ids: tasks.slice(2).map(({ id }) => id) });
  assert.deepEqual(starts(second), [at(0, 13), at(1, 13)]);
  assert.deepEqual(second.unplaced.map(({ code }) => code), ['no_time_in_window']);
});

test('a meeting that lands on a block moves it, and no other, and the block keeps its identity', async () => {
  const client = await world.person({ name: 'Moved', zone: 'UTC' });
  await Promise.all(['A', 'B', 'C'].map((title) => task(client, title)));
  const one = await plan(client);
  assert.deepEqual(starts(one), [at(0, 9), at(0, 10), at(0, 11)]);
  await event(client, utc(0, 10, 15), utc(0, 10, 45));
  const now = await settled(client, one, (plan) => starts(plan).includes(at(0, 12)));
  assert.deepEqual(starts(now), [at(0, 9), at(0, 11), at(0, 12)]);
  assert.deepEqual(now.blocks.map(({ id }) => id).sort(), one.blocks.map(({ id }) => id).sort());
  assert.equal(now.blocks[2].id, one.blocks[1].id);
  // An event that is moved lands, too; a series does.
  const moving = await event(client, utc(3, 9), utc(3, 10));
  await client.patch(`/calendar/events/${moving.id}`, { start: utc(0, 9), end: utc(0, 9, 30) });
  await settled(client, one, (plan) => !starts(plan).includes(at(0, 9)));
  await event(client, { date: at(-7, 0).slice(0, 10) }, { date: at(-6, 0).slice(0, 10) }, { recurrence: ['RRULE:FREQ=WEEKLY'] });
  const last = await settled(client, one, (plan) => starts(plan).every((start) => start >= at(1, 0)));
  assert.deepEqual(starts(last), [at(1, 9), at(1, 10), at(1, 11)]);
  await made(client, '/calendar/absences', { kind: 'out_of_office', start: utc(1, 10), end: utc(2, 0) });
  await settled(client, one, (plan) => starts(plan).join() === [at(1, 9), at(2, 9), at(2, 10)].join());
});

test('what is free, cancelled or elsewhere disturbs nothing, and planning again changes nothing', async () => {
  const client = await world.person({ name: 'Calm', zone: 'UTC' });
  await task(client, 'A');
  const one = await plan(client);
  await event(client, utc(0, 9), utc(0, 10), { transparency: 'transparent' });
  await event(client, utc(0, 9), utc(0, 10), { status: 'cancelled' });
  await event(client, utc(0, 10), utc(0, 11));
  await world.leavesNothingBehind();
  const before = await get(client, one);
  assert.equal(before.etag, '"1"');
  const again = await replan(client, one);
  assert.deepEqual(again.blocks.map(({ change }) => change), ['kept']);
  assert.deepEqual(await get(client, one), before);
});

test('what the person moved or changed stays theirs, and counts as the task’s time', async () => {
  const client = await world.person({ name: 'Own', zone: 'UTC' });
  await Promise.all([task(client, 'A'), task(client, 'B')]);
  const one = await plan(client);
  const [first, second] = one.blocks;
  await client.patch(`/calendar/events/${first.id}`, { start: utc(2, 20), end: utc(2, 21) });
  assert.notEqual((await get(client, one)).etag, '"1"');
  await event(client, utc(2, 20), utc(2, 21));
  await world.leavesNothingBehind();
  const again = await replan(client, one);
  assert.deepEqual(again.blocks.map(({ id, start }) => [id, start]), [[second.id, at(0, 10)], [first.id, at(2, 20)]]);
  assert.deepEqual(again.unplaced, []);
  // Moved onto another block it makes that one give way.
  await client.patch(`/calendar/events/${first.id}`, { start: utc(0, 10), end: utc(0, 11) });
  const now = await settled(client, one, (plan) => starts(plan).includes(at(0, 9)));
  assert.deepEqual(now.blocks.map(({ id, start }) => [id, start]), [[second.id, at(0, 9)], [first.id, at(0, 10)]]);
});

test('a task that is done, goes or is due sooner changes the plan', async () => {
  const client = await world.person({ name: 'Done', zone: 'UTC' });
  const [a, b, c] = [await task(client, 'A', { priority: 'high' }), await task(client, 'B'), await task(client, 'C', { priority: 'low' })];
  const one = await plan(client);
  assert.deepEqual(one.blocks.map(({ task_id }) => task_id), [a.id, b.id, c.id]);
  assert.equal((await client.patch(`/tasks/${a.id}`, { status: 'completed' })).status, 200);
  await settled(client, one, ({ blocks }) => blocks.length === 2);
  assert.equal((await client.delete(`/tasks/${b.id}`)).status, 204);
  await settled(client, one, ({ blocks }) => blocks.length === 1);
  assert.equal((await client.patch(`/tasks/${c.id}`, { due: utc(0, 10) })).status, 200);
  const now = await settled(client, one, (plan) => starts(plan)[0] === at(0, 9));
  assert.deepEqual((await events(client)).map(({ id }) => id), [now.blocks[0].id]);
});

test('a plan is taken back with what is its own, and nothing else goes', async () => {
  const client = await world.person({ name: 'Back', zone: 'UTC' });
  await Promise.all([task(client, 'A'), task(client, 'B'), task(client, 'C')]);
  const meeting = await event(client, utc(4, 9), utc(4, 10));
  const one = await plan(client);
  const [, mine, begun] = one.blocks;
  await client.patch(`/calendar/events/${mine.id}`, { summary: 'Mine now' });
  await world.database.run('UPDATE calendar_events SET first_at = ? WHERE id = ?', Date.now() - 1000, begun.id);
  const stale = await client.delete(`/calendar/plans/${one.id}`, { headers: { 'if-match': '"1"' } });
  assert.equal(stale.status, 412);
  assert.equal((await events(client)).length, 4);
  assert.equal((await client.delete(`/calendar/plans/${one.id}`)).status, 204);
  assert.equal((await client.get(`/calendar/plans/${one.id}`)).status, 404);
  assert.equal((await client.delete(`/calendar/plans/${one.id}`)).status, 404);
  const left = await world.database.all('SELECT id FROM calendar_events WHERE user_id = ?', client.id);
  assert.deepEqual(left.map(({ id }) => id).sort(), [begun.id, meeting.id, mine.id].sort());
});

test('two plans at once, and bookings beside them, never get the same time', async () => {
  const client = await world.person({ name: 'Contended', zone: 'UTC' });
  await Promise.all([task(client, 'A'), task(client, 'B')]);
  const answers = await Promise.all([
    ...Array.from({ length: 4 }, () => client.post('/calendar/plans', { ...WEEK, rules: RULES })),
    ...Array.from({ length: 4 }, (_, hour) => client.post('/calendar/holds', { start: at(0, 9 + hour), end: at(0, 10 + hour) })),
  ]);
  assert.ok(answers.every(({ status }) => [201, 409, 503].includes(status)), answers.map(({ text }) => text).join());
  const taken = answers.filter(({ status }) => status === 201).flatMap(({ body }) => body.blocks ?? [body])
    .sort((one, two) => one.start.localeCompare(two.start));
  for (const [number, { end }] of taken.slice(0, -1).entries()) assert.ok(end <= taken[number + 1].start, JSON.stringify(taken));
});

test('the same request again is the same plan', async () => {
  const client = await world.person({ name: 'Again', zone: 'UTC' });
  await task(client, 'A');
  const headers = { 'idempotency-key': randomUUID() };
  const [one, two] = [await client.post('/calendar/plans', WEEK, { headers }), await client.post('/calendar/plans', WEEK, { headers })];
  assert.equal(one.status, 201, one.text);
  assert.deepEqual(two.body, one.body);
  assert.equal((await events(client)).length, 1);
  assert.equal((await client.everything('/calendar/plans')).length, 1);
});

test('an answer is not given again to whom it would not be given now', async () => {
  const client = await world.person({ name: 'Revoked', zone: 'UTC' });
  await task(client, 'A');
  const { id, headers } = await plantKey(world, client.id, ['calendar:write', 'tasks:read']);
  const ask = () => world.anonymous().post('/calendar/plans', WEEK, { headers: { ...headers, 'idempotency-key': 'once' } });
  assert.equal((await ask()).status, 201);
  assert.equal((await ask()).status, 201);
  await world.database.run('DELETE FROM api_keys WHERE id = ?', id);
  const refused = await ask();
  assert.equal(refused.status, 401, refused.text);
});

test('a task that found no place gets one when it takes less time, and one that is open again its own', async () => {
  const client = await world.person({ name: 'Less', zone: 'UTC' });
  const [long, done] = [await task(client, 'Long', { duration_minutes: 600 }), await task(client, 'Done')];
  const one = await plan(client);
  assert.deepEqual(one.unplaced.map(({ task_id }) => task_id), [long.id]);
  await client.patch(`/tasks/${done.id}`, { status: 'completed' });
  await settled(client, one, ({ blocks }) => blocks.length === 0);
  await client.patch(`/tasks/${long.id}`, { duration_minutes: 60 });
  await settled(client, one, ({ blocks, unplaced }) => blocks.length === 1 && unplaced.length === 0);
  await client.patch(`/tasks/${done.id}`, { status: 'todo' });
  await settled(client, one, ({ blocks }) => blocks.length === 2);
});

test('a calendar that begins to take up time moves the blocks that lie in it', async () => {
  const client = await world.person({ name: 'Busy', zone: 'UTC' });
  const { id } = await made(client, '/calendar/calendars', { name: 'Team', is_busy: false });
  await event(client, utc(0, 9), utc(0, 12), { calendar_id: id });
  await task(client, 'A');
  const one = await plan(client);
  assert.deepEqual(starts(one), [at(0, 9)]);
  assert.equal((await client.patch(`/calendar/calendars/${id}`, { is_busy: true })).status, 200);
  await settled(client, one, (plan) => starts(plan)[0] === at(0, 12));
});

test('a block that the person made weekly is still the time of its task', async () => {
  const client = await world.person({ name: 'Weekly', zone: 'UTC' });
  await task(client, 'A');
  const one = await plan(client);
  const changed = await client.patch(`/calendar/events/${one.blocks[0].id}`, { recurrence: ['RRULE:FREQ=WEEKLY'] });
  assert.equal(changed.status, 200, changed.text);
  const again = await replan(client, one);
  assert.deepEqual(again.blocks.filter(({ change }) => change === 'added'), []);
  assert.equal((await client.everything(`/calendar/events?start=${at(0, 0)}&end=${at(7, 0)}`)).length, 1);
});

test('a person has so many plans that go on, and no more however many are asked for at once', async () => {
  const client = await world.person({ name: 'Full', zone: 'UTC' });
  const row = await plan(client);
  await world.database.run(`INSERT INTO calendar_plans (id, user_id, start_at, end_at, rules, unplaced, created_at, updated_at)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 18)
    SELECT substr(id, 1, 28) || printf('%02d', i), user_id, start_at, end_at, rules, unplaced, created_at, updated_at
    FROM calendar_plans, n WHERE id = ?`, row.id);
  const answers = await Promise.all(Array.from({ length: 4 }, () => client.post('/calendar/plans', { ...WEEK, rules: RULES })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409], answers.map(({ text }) => text).join());
  assert.ok(answers.every(({ status, body }) => status === 201 || body.code === 'too_many_plans'));
});
