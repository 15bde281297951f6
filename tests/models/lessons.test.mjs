// What people teach about their mail: it holds at once, for what was read before, too; it is visible, can
// be changed and taken back, and stays in the account.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { takeOut } from '../support/archive.mjs';
import { startWorld } from '../support/harness.mjs';
import { importMessage, message } from '../support/mail.mjs';
import { refused } from '../support/problem.mjs';

const world = await startWorld();
const ASK = 'Could you please send me the signed contract by Friday?\r\n';
const from = (address, text = ASK) => message({ from: `Somebody <${address}>`, text });
const analysis = async (person, email) => (await person.get(`/emails/${email.id}/analysis`)).body;

test('how mail of a sender is judged is taught once, and holds for old mail and new', async () => {
  const maya = await world.person();
  const before = (await importMessage(maya, from('bot@tracker.example'))).email;
  const other = (await importMessage(maya, from('ann@partner.example'))).email;
  assert.equal(before.analysis.category, 'task');
  const lesson = await maya.post('/emails/lessons', { sender: '@Tracker.example', category: 'automatic', priority: 'low' });
  assert.equal(lesson.status, 201, lesson.text);
  assert.equal(lesson.body.sender, '@tracker.example');
  const judged = await analysis(maya, before);
  assert.deepEqual([judged.category, judged.priority], ['automatic', 'low']);
  assert.equal(judged.judged.category, 'task', 'what the engine said is still to be seen');
  assert.equal((await analysis(maya, other)).category, 'task');
  const later = (await importMessage(maya, from('bot@mail.tracker.example'))).email;
  assert.deepEqual([later.analysis.category, later.analysis.priority], ['automatic', 'low']);

  const changed = await maya.patch(`/emails/lessons/${lesson.body.id}`, { category: 'newsletter', priority: null }, { headers: { 'if-match': lesson.etag } });
  assert.equal(changed.status, 200, changed.text);
  const anew = await analysis(maya, before);
  assert.deepEqual([anew.category, anew.priority], ['newsletter', before.analysis.priority]);
  refused(await maya.patch(`/emails/lessons/${lesson.body.id}`, { category: 'spam' }, { headers: { 'if-match': lesson.etag } }), 412);

  assert.equal((await maya.delete(`/emails/lessons/${lesson.body.id}`)).status, 204);
  assert.equal((await analysis(maya, before)).category, 'task');
  assert.deepEqual((await maya.get('/emails/lessons')).body.items, []);
});

test('a message that was corrected by hand stays as it was set, whatever is taught', async () => {
  const maya = await world.person();
  const { email } = await importMessage(maya, from('bot@tracker.example'));
  await maya.patch(`/emails/${email.id}/analysis`, { category: 'personal' });
  await maya.post('/emails/lessons', { sender: 'bot@tracker.example', category: 'spam' });
  assert.equal((await analysis(maya, email)).category, 'personal');
  const back = await maya.patch(`/emails/${email.id}/analysis`, { category: null });
  assert.equal(back.body.category, 'spam', 'without the correction the lesson holds');
});

test('an address is closer than its domain', async () => {
  const maya = await world.person();
  await maya.post('/emails/lessons', { sender: '@tracker.example', category: 'automatic', priority: 'low' });
  await maya.post('/emails/lessons', { sender: 'boss@tracker.example', category: 'personal' });
  const { email } = await importMessage(maya, from('boss@tracker.example'));
  assert.deepEqual([email.analysis.category, email.analysis.priority], ['personal', 'low']);
});

test('what is no task is deleted and does not come again, in other words neither', async () => {
  const maya = await world.person();
  const { email } = await importMessage(maya, from('ann@partner.example'));
  const { items: [task] } = (await maya.get('/tasks')).body;
  const lesson = await maya.post('/emails/lessons', { task_id: task.id });
  assert.equal(lesson.status, 201, lesson.text);
  assert.deepEqual([lesson.body.kind, lesson.body.quote, lesson.body.sender], ['not_a_task', task.source.quote, 'ann@partner.example']);
  refused(await maya.get(`/tasks/${task.id}`), 404);
  await importMessage(maya, from('ann@partner.example', 'Please send me the signed contract by Monday.\r\n'));
  await maya.post(`/emails/${email.id}/analyze`);
  assert.deepEqual((await maya.get('/tasks')).body.items, []);
  await importMessage(maya, from('bob@partner.example', 'Please send me the signed contract by Monday.\r\n'));
  assert.equal((await maya.get('/tasks')).body.items.length, 1, 'of somebody else it is one');
  refused(await maya.patch(`/emails/lessons/${lesson.body.id}`, { priority: 'low' }), 409);
});

test('mail of a sender can be kept from giving tasks', async () => {
  const maya = await world.person();
  await maya.post('/emails/lessons', { sender: '@partner.example', gives_tasks: false });
  await importMessage(maya, from('ann@partner.example'));
  assert.deepEqual((await maya.get('/tasks')).body.items, []);
});

test('what can not be meant is refused, and a task that is nobody\'s or came from no mail', async () => {
  const maya = await world.person();
  const other = await world.person();
  for (const body of [{}, { sender: 'nobody', category: 'spam' }, { sender: '@x.example' }, { sender: '@x.example', category: 'trusted' }]) {
    refused(await maya.post('/emails/lessons', body), 422);
  }
  const { body: task } = await maya.post('/tasks', { title: 'Mine' });
  refused(await maya.post('/emails/lessons', { task_id: task.id }), 422);
  refused(await other.post('/emails/lessons', { task_id: task.id }), 422);
  assert.equal((await maya.get(`/tasks/${task.id}`)).status, 200);
});

test('what was taught is in the archive that a person takes along', async () => {
  const maya = await world.person();
  await maya.post('/emails/lessons', { sender: '@partner.example', category: 'personal' });
  await maya.patch('/users/me/preferences', { analysis: { keep_local: { senders: ['@clinic.example'] } } });
  const { files } = await takeOut(maya);
  const account = JSON.parse(files['account.json']);
  assert.deepEqual(account.lessons.map(({ sender }) => sender), ['@partner.example']);
  assert.deepEqual(account.preferences[0].analysis.keep_local.senders, ['@clinic.example']);
});
