// What models may cost a person a day, and what happens at the bound.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { connect } from '../support/frames.mjs';
import { startWorld } from '../support/harness.mjs';
import { importMessage, message } from '../support/mail.mjs';
import { Models } from '../support/models.mjs';

const models = await Models.start();
after(() => models.close());
const world = await startWorld(models.configured({ daily_tokens: 100_000, daily_cost: 0.5 }));
beforeEach(() => models.reset());

let told = 0;
const letter = () => message({ text: `Hi, this is letter ${told += 1}. Could you please send me the figures by Friday?\r\n` });
const usage = async (person) => (await person.get('/users/me/usage')).body;

test('a day without calls has used nothing', async () => {
  const maya = await world.person({ zone: 'Pacific/Auckland' });
  const used = await usage(maya);
  assert.deepEqual([used.tokens, used.cost, used.daily_tokens, used.daily_cost, used.currency, used.models], [0, 0, 100_000, 0.5, 'USD', []]);
  assert.equal(used.day, new Date().toLocaleDateString('sv', { timeZone: 'Pacific/Auckland' }));
  assert.ok(Date.parse(used.resets_at) > Date.now());
});

test('a person lowers their own bound, and can not raise it over the deployment\'s', async () => {
  const maya = await world.person();
  await maya.patch('/users/me/preferences', { analysis: { daily_tokens: 10, daily_cost: 99 } });
  const used = await usage(maya);
  assert.deepEqual([used.daily_tokens, used.daily_cost], [10, 0.5]);
  const { email } = await importMessage(maya, letter());
  assert.equal(email.analysis.engine, 'builtin');
  assert.ok(email.analysis.reasons.some(({ code }) => code === 'model_budget_spent'));
  assert.equal(models.asked.length, 0, 'a call that may not fit is not made');
  assert.equal((await usage(maya)).tokens, 0);
  assert.ok((await usage(maya)).exhausted_at);
  assert.equal((await maya.get('/tasks')).body.items.length, 1, 'the built-in engine carries on');
});

test('a day\'s bound holds however many messages come at once, and the person is told once', async () => {
  const maya = await world.person();
  await maya.patch('/users/me/preferences', { analysis: { daily_tokens: 15_000 } });
  const mbox = Array.from({ length: 30 }, () => `From x Mon Nov 16 09:00:00 2026\r\n${letter()}\r\n`).join('');
  const { body } = await maya.post('/emails/import', mbox, { headers: { 'content-type': 'application/mbox' } });
  await maya.job(body.id, { seconds: 90 });
  const used = await usage(maya);
  assert.ok(used.tokens <= 15_000 && used.cost <= 0.5, JSON.stringify(used));
  const engines = await world.database.all('SELECT engine, COUNT(*) AS n FROM email_analyses WHERE user_id = ? GROUP BY engine ORDER BY engine', maya.id);
  assert.deepEqual(engines.map(({ engine }) => engine), ['builtin', 'openai/gpt-test'], JSON.stringify(engines));
  assert.equal(engines.reduce((sum, { n }) => sum + n, 0), 30, 'every message is read');
  assert.equal(models.asked.length, engines[1].n, 'and each at most once by the model');
  assert.equal((await world.database.first('SELECT SUM(tokens) AS sum FROM model_calls WHERE user_id = ?', maya.id)).sum, used.tokens);
  assert.ok(used.exhausted_at);
});

test('at four fifths of the bound the person is told, once', async () => {
  const maya = await world.person();
  await importMessage(maya, letter());
  const { tokens } = await usage(maya);
  // As if the day had gone on: one more of the same goes over the mark.
  await world.database.run('UPDATE model_usage SET tokens = ? WHERE user_id = ?', 80_000 - tokens, maya.id);
  await importMessage(maya, letter());
  const first = (await usage(maya)).warned_at;
  assert.ok(first, 'told');
  await importMessage(maya, letter());
  assert.equal((await usage(maya)).warned_at, first, 'and not again');
});

test('both notices reach a device that is there, each once, with the day\'s use', async () => {
  const maya = await world.person();
  const device = await connect(world, maya);
  await importMessage(maya, letter());
  const { tokens } = await usage(maya);
  await world.database.run('UPDATE model_usage SET tokens = ? WHERE user_id = ?', 80_000 - tokens, maya.id);
  await importMessage(maya, letter());
  const warned = await device.next((frame) => frame.type === 'usage.warned');
  assert.equal(warned.data.daily_tokens, 100_000);
  assert.ok(warned.data.tokens >= 80_000 && warned.data.warned_at);
  await world.database.run('UPDATE model_usage SET tokens = 99_999 WHERE user_id = ?', maya.id);
  for (let n = 0; n < 2; n += 1) await importMessage(maya, letter());
  const exhausted = await device.next((frame) => frame.type === 'usage.exhausted');
  assert.ok(exhausted.data.exhausted_at);
  await world.leavesNothingBehind();
  const kinds = device.events.map((frame) => frame.type).filter((type) => type.startsWith('usage.'));
  assert.deepEqual(kinds, ['usage.warned', 'usage.exhausted']);
  device.drop();
});

test('a new day begins at nothing', async () => {
  const maya = await world.person();
  await importMessage(maya, letter());
  await world.database.run("UPDATE model_usage SET day = date(day, '-1 day') WHERE user_id = ?", maya.id);
  assert.equal((await usage(maya)).tokens, 0);
});
