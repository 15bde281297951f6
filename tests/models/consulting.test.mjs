// Mail that a language model reads: what it is sent, what is believed, what it costs, and what happens
// where it fails. The model is a stand-in that speaks the providers' protocols.

import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';

import { EVERY_HOUR, eventually, secret, startWorld } from '../support/harness.mjs';
import { importMessage, message } from '../support/mail.mjs';
import { Models, fault, wellBehaved } from '../support/models.mjs';

const models = await Models.start();
after(() => models.close());
const configured = models.configured();
const sealing = secret();
const world = await startWorld({ ...configured, secrets: { ...configured.secrets, TOKEN_ENCRYPTION_KEYS: sealing } });
beforeEach(() => models.reset());

let told = 0;
/** A letter that is like no other. */
const letter = (text = 'The board meets next week. Could you please send me the figures by Friday?') => {
  told += 1;
  return message({ text: `Hi,\r\n\r\nThis is letter ${told} of mine. ${text}\r\n`, to: 'maya@example.com' });
};

/** Somebody whose mail is read by this model. */
async function reader(model) {
  const person = await world.person();
  if (model) {
    const answer = await person.patch('/users/me/preferences', { analysis: { model } });
    assert.equal(answer.status, 200, answer.text);
  }
  return person;
}

const calls = async (person) => (await person.get('/users/me/usage/calls')).body.items;
const usage = async (person) => (await person.get('/users/me/usage')).body;
const codes = ({ analysis }) => analysis.reasons.map(({ code }) => code);

for (const model of ['openai/gpt-test', 'compatible/gpt-test', 'anthropic/gpt-test']) {
  test(`${model} reads a person's letter, and its answer is the analysis`, async () => {
    const maya = await reader(model);
    const { email } = await importMessage(maya, letter());
    assert.equal(email.analysis.engine, model);
    assert.equal(email.analysis.version, 1);
    assert.match(email.analysis.summary, /^In short: /);
    assert.ok(codes(email).includes('model_judged'), codes(email).join());
    const { items: [task] } = (await maya.get('/tasks')).body;
    assert.equal(task.title, 'Send the figures soon');
    assert.match(task.source.quote, /figures by Friday/);
    assert.equal(task.due.date, '2026-11-20', 'the day is worked out from the sentence, not by the model');
    const [call] = await calls(maya);
    assert.equal(call.status, 'answered');
    assert.equal(call.model, model);
    assert.ok(call.input_tokens > 0 && call.output_tokens > 0 && call.latency_ms >= 0);
    assert.equal(call.tokens, call.input_tokens + call.output_tokens);
    const used = await usage(maya);
    assert.equal(used.tokens, call.tokens, 'what was reserved and not used is given back');
    assert.ok(Math.abs(used.cost - (call.input_tokens * 2 + call.output_tokens * 10) / 1e6) < 2e-6, `${used.cost}`);
    assert.deepEqual(used.models.map((each) => [each.model, each.calls, each.failed]), [[model, 1, 0]]);
  });
}

test('a model is asked for structured output, once, with the letter as quoted data', async () => {
  const maya = await reader('openai/gpt-test');
  await importMessage(maya, letter());
  assert.equal(models.asked.length, 1);
  const [{ body, headers }] = models.asked;
  assert.equal(body.response_format.type, 'json_schema');
  assert.equal(body.response_format.json_schema.strict, true);
  assert.ok(body.max_completion_tokens > 0);
  assert.deepEqual(body.messages.map(({ role }) => role), ['system', 'user']);
  assert.equal(JSON.parse(body.messages[1].content).origin, 'e-mail');
  assert.match(JSON.stringify(headers), /authorization/i);
  assert.equal(body.tools, undefined, 'it has no tools');
});

test('newsletters, receipts, notices and fraud never reach a model', async () => {
  const maya = await reader();
  const sources = [
    message({ from: 'News <news@weekly.example>', headers: { 'List-Unsubscribe': '<https://weekly.example/u>', 'List-Id': '<weekly.example>' }, text: 'In this issue: top stories of the week. View in browser. Unsubscribe from this list.\r\n' }),
    message({ from: 'Shop <no-reply@shop.example>', subject: 'Your receipt', text: 'Thank you for your order. Order number 12. Amount paid: 12 EUR.\r\n' }),
    message({ from: 'CI <ci@build.example>', headers: { 'Auto-Submitted': 'auto-generated' }, subject: 'Build failed', text: 'The build failed on main. Please look at the log.\r\n' }),
    message({ from: 'Bank <security@bank-verify.example>', subject: 'Account suspended', text: 'Your account has been suspended. Verify your password within 24 hours at http://192.0.2.7/login or it will be closed.\r\n' }),
  ];
  for (const source of sources) {
    const { email } = await importMessage(maya, source);
    assert.equal(email.analysis.engine, 'builtin', email.subject);
  }
  assert.equal(models.asked.length, 0);
  assert.deepEqual(await calls(maya), []);
});

test('whoever asks for it has a newsletter read by the model, too', async () => {
  const maya = await reader();
  const { email } = await importMessage(maya, message({ from: 'News <news@weekly.example>', headers: { 'List-Unsubscribe': '<https://weekly.example/u>' }, text: 'In this issue: top stories of the week. Read more online.\r\n' }));
  assert.equal(models.asked.length, 0);
  const answer = await maya.post(`/emails/${email.id}/analyze`);
  assert.equal(answer.body.engine, 'openai/gpt-test', answer.text);
  assert.equal(models.asked.length, 1);
  assert.equal(models.asked[0].body.stream, true, 'a person waits');
});

test('no secret reaches a model', async () => {
  const maya = await reader();
  const secrets = {
    'The card for the flight is 4111 1111 1111 1111, exp 12/27.': '4111 1111 1111 1111',
    'The money goes to DE89 3704 0044 0532 0130 00 as ever.': '3704 0044',
    'The password is Tr0ub4dor&3 for the guest network.': 'Tr0ub4dor&3',
    'The token for the build is ghp_abcd1234abcd1234abcd now.': 'ghp_abcd1234abcd1234abcd',
    'The door code is 482913 this week.': '482913',
  };
  for (const [sentence, secret] of Object.entries(secrets)) {
    models.reset();
    await importMessage(maya, letter(`${sentence} Could you please book the room by Friday?`));
    assert.equal(models.asked.length, 1, sentence);
    assert.ok(!models.sent.includes(secret), secret);
    assert.match(models.sent, /\[(card number|account number|password|secret|one-time code)\]/);
    assert.ok(models.sent.includes('book the room'));
  }
});

test('what is hidden in a letter does not reach a model', async () => {
  const maya = await reader();
  const html = '<p>Hi, could you please send me the figures by Friday?</p><div style="display:none">Preheader of pelicans</div><p style="font-size:0">tiny herons</p><!-- a comment of storks -->';
  await importMessage(maya, message({ subject: 'Figures', headers: { 'Content-Type': 'text/html; charset=utf-8' }, text: `${html}\r\n` }));
  assert.equal(models.asked.length, 1);
  for (const hidden of ['pelican', 'heron', 'stork']) assert.ok(!models.sent.includes(hidden), hidden);
});

test('the same content is asked about once', async () => {
  const maya = await reader();
  const text = `Hi, this came twice. Could you please send me the pelican figures by Friday?\r\n`;
  const copies = [message({ subject: 'Twice', text }), message({ subject: 'Twice', text })];
  const first = await importMessage(maya, copies[0]);
  const second = await importMessage(maya, copies[1]);
  assert.notEqual(first.email.id, second.email.id);
  assert.equal(second.email.analysis.engine, 'openai/gpt-test');
  assert.equal(models.asked.length, 1);
  assert.equal((await calls(maya)).length, 1);
  const again = await maya.post(`/emails/${first.email.id}/analyze`);
  assert.equal(again.body.engine, 'openai/gpt-test');
  assert.equal(models.asked.length, 1, 'nor is one who asks again');
});

test('copies that come at the same time are asked about once', async () => {
  const maya = await reader();
  const text = `Hi, this came in a flock. Could you please send me the heron figures by Friday?\r\n`;
  const jobs = await Promise.all(Array.from({ length: 5 }, () => maya.post('/emails/import', message({ subject: 'Flock', text }), { headers: { 'content-type': 'message/rfc822' } })));
  for (const { body } of jobs) {
    await eventually(async () => {
      await world.database.run('UPDATE work_items SET not_before = created_at WHERE not_before > created_at AND payload LIKE ?', '%consult_model%postponed":_%');
      await world.scheduled();
      const { status } = (await maya.get(`/jobs/${body.id}`)).body;
      assert.match(status, /succeeded/);
    }, { seconds: 60, every: 500 });
  }
  assert.equal(models.asked.length, 1);
  const { items } = (await maya.get('/emails')).body;
  assert.deepEqual(items.map(({ analysis }) => analysis.engine), Array(5).fill('openai/gpt-test'));
});

test('an answer that is none is mended once; twice wrong, the rules stand', async () => {
  const maya = await reader();
  models.failsNext({ content: 'Sure! Here is the JSON you asked for:' });
  const mended = await importMessage(maya, letter());
  assert.equal(mended.email.analysis.engine, 'openai/gpt-test');
  assert.equal(models.asked.length, 2);
  assert.match(JSON.stringify(models.asked[1].body.messages.at(-1)), /no JSON/);
  assert.deepEqual((await calls(maya)).map(({ status, outcome }) => [status, outcome]), [['answered', null], ['failed', 'misshapen']]);

  models.reset();
  models.answers(() => ({ ...wellBehaved({ sentences: [{ n: 1, text: 'x' }] }), send_mail: { to: 'eve@evil.example' } }));
  const refused = await importMessage(maya, letter());
  assert.equal(refused.email.analysis.engine, 'builtin');
  assert.ok(codes(refused.email).includes('model_unavailable'));
  assert.equal(models.asked.length, 2, 'never a third time');
  const tasks = (await maya.get('/tasks')).body.items.filter(({ source }) => source.id === refused.email.id);
  assert.equal(tasks.length, 1, 'the rules make the task');
});

test('links, addresses and figures that stand nowhere in the letter do not come out', async () => {
  const maya = await reader();
  models.answers(({ sentences }) => ({
    ...wellBehaved({ sentences }),
    summary: [
      { text: 'Log in at https://evil.example/a or call +49 30 1234567.', sentences: [1] },
      { text: 'Write to eve@evil.example.', sentences: [1] },
      { text: 'There is a sentence 99.', sentences: [99] },
    ],
    tasks: [{ sentence: sentences.at(-1).n, title: 'Wire 5,000 EUR to eve@evil.example', kind: 'request', owner: 'reader' }],
  }));
  const { email } = await importMessage(maya, letter());
  assert.equal(email.analysis.engine, 'openai/gpt-test');
  const { items: [task] } = (await maya.get('/tasks')).body;
  const out = JSON.stringify([email.analysis.summary, email.analysis.reasons, task.title]);
  for (const planted of ['evil', '1234567', '5,000', '99']) assert.ok(!out.includes(planted), planted);
});

test('a provider that is too busy is come back to, and what that costs is nothing', async () => {
  for (const [model, status] of [['openai/gpt-test', 429], ['compatible/gpt-test', 503], ['anthropic/gpt-test', 529]]) {
    models.reset();
    const maya = await reader(model);
    models.failsNext(fault(status, 1));
    const { email } = await importMessage(maya, letter());
    assert.equal(email.analysis.engine, model, `${status}`);
    assert.equal(models.asked.length, 2);
    const [second, first] = await calls(maya);
    assert.deepEqual([first.status, first.tokens, first.cost], ['failed', 0, 0]);
    assert.equal(first.outcome, status === 429 ? 'rate_limited' : 'overloaded');
    assert.equal(second.status, 'answered');
    assert.equal((await usage(maya)).tokens, second.tokens);
    assert.equal((await maya.get('/tasks')).body.items.length, 1);
  }
});

test('a provider that fails, or refuses, leaves the rules to read the letter', async () => {
  for (const [status, outcome] of [[500, 'faulty'], [401, 'refused'], [404, 'refused']]) {
    await world.database.run('DELETE FROM model_breakers');
    models.reset();
    const maya = await reader();
    models.failsNext(fault(status));
    const { email } = await importMessage(maya, letter());
    assert.equal(email.analysis.engine, 'builtin');
    assert.ok(codes(email).includes('model_unavailable'), codes(email).join());
    const [call] = await calls(maya);
    assert.equal(call.outcome, outcome);
    assert.equal(models.asked.length, 1, 'what may have been paid for is not asked again');
    assert.equal((await maya.get('/tasks')).body.items.length, 1);
  }
});

test('a provider that hangs is given up, stays paid for, and is not asked again', async () => {
  const maya = await reader();
  models.hangs();
  const { email } = await importMessage(maya, letter());
  assert.equal(email.analysis.engine, 'builtin');
  const [call] = await calls(maya);
  assert.deepEqual([call.status, call.outcome], ['unknown', 'timed_out']);
  assert.ok(call.tokens > 0 && call.input_tokens === null);
  assert.equal((await usage(maya)).tokens, call.tokens);
  assert.equal(models.received, 1);
});

test('a stream that breaks off in the middle is no answer, however it looks', async () => {
  for (const model of ['openai/gpt-test', 'anthropic/gpt-test']) {
    await world.database.run('DELETE FROM model_breakers');
    const maya = await reader('builtin');
    const { email } = await importMessage(maya, letter());
    await maya.patch('/users/me/preferences', { analysis: { model } });
    models.breaksNext('cut');
    const broken = await maya.post(`/emails/${email.id}/analyze`);
    assert.deepEqual([broken.status, broken.body.engine], [200, 'builtin'], model);
    const [call] = await calls(maya);
    assert.deepEqual([call.status, call.outcome], ['unknown', 'cut'], model);
    assert.ok(call.tokens > 0, 'it may have been paid for');
    const again = await maya.post(`/emails/${email.id}/analyze`);
    assert.equal(again.body.engine, model, 'who asks again is answered');
  }
});

test('a body that is not of the protocol leaves the rules to read the letter', async () => {
  await world.database.run('DELETE FROM model_breakers');
  const maya = await reader();
  models.breaksNext('malformed');
  const { email } = await importMessage(maya, letter());
  assert.equal(email.analysis.engine, 'builtin');
  const [call] = await calls(maya);
  assert.deepEqual([call.status, call.outcome], ['unknown', 'unreadable']);
  assert.equal(models.asked.length, 1);
});

test('after four failures in a row a provider is left alone', async () => {
  await world.database.run('DELETE FROM model_breakers');
  const maya = await reader();
  models.failsNext(...Array(4).fill(fault(500)));
  for (let n = 0; n < 4; n += 1) await importMessage(maya, letter());
  assert.equal(models.asked.length, 4);
  const { email } = await importMessage(maya, letter()).catch(() => ({ email: null }));
  assert.equal(models.asked.length, 4, 'it was not asked');
  if (email) assert.equal(email.analysis.category, 'task');
  const row = await world.database.first('SELECT failures, rests_until FROM model_breakers WHERE provider = ?', 'openai');
  assert.equal(row.failures, 4);
  await world.database.run('UPDATE model_breakers SET rests_until = ?', new Date(Date.now() - 1000).toISOString());
  await world.database.run('UPDATE work_items SET not_before = created_at');
  await world.scheduled();
  await world.leavesNothingBehind({ seconds: 30 });
  assert.equal(models.asked.length, 5, 'once it has rested it is asked again');
  assert.equal(await world.database.count('model_breakers', 'failures > 0'), 0);
});

test('a call that a kill interrupted is not made again', async () => {
  const maya = await reader();
  const id = `wrk_${'0'.repeat(26)}`;
  models.failsNext({ error: { message: 'x' }, status: 503, retryAfter: 2 });
  const imported = await maya.post('/emails/import', letter(), { headers: { 'content-type': 'message/rfc822' } });
  const step = await eventually(async () => {
    const row = await world.database.first("SELECT id, payload FROM work_items WHERE user_id = ? AND payload LIKE '%consult_model%postponed\":1%'", maya.id);
    assert.ok(row);
    return row;
  }, { seconds: 20, every: 50 });
  // As it is after a kill between the two commits: a call that began, and no end of it.
  const emailId = JSON.parse(step.payload).email_id;
  await world.database.run(
    `INSERT INTO model_calls (id, user_id, day, work_id, email_id, purpose, prompt_version, provider, model, content_key, status, tokens, cost_micros, created_at)
     VALUES (?, ?, '2026-11-30', ?, ?, 'analyze', 1, 'openai', 'gpt-test', 'k', 'started', 100, 1, ?)`,
    id.replace('wrk', 'mdc'), maya.id, step.id, emailId, new Date().toISOString(),
  );
  await maya.job(imported.body.id);
  const email = (await maya.get(`/emails/${emailId}`)).body;
  assert.equal(email.analysis.engine, 'builtin');
  assert.ok(codes(email).includes('model_unavailable'));
  assert.equal(models.asked.length, 1);
  const interrupted = (await calls(maya)).find(({ id: call }) => call === id.replace('wrk', 'mdc'));
  assert.deepEqual([interrupted.status, interrupted.outcome], ['unknown', 'interrupted']);
  assert.equal((await maya.get('/tasks')).body.items.length, 1, 'and the rules make the task');
});

test('what a person keeps local is read here: by sender, by domain, by label, or all of it', async () => {
  const maya = await reader();
  const keep = (keep_local) => maya.patch('/users/me/preferences', { analysis: { keep_local } });
  const read = async (from) => (await importMessage(maya, message({ from, text: `Hi, number ${told += 1}. Could you please send me the figures by Friday?\r\n` }))).email;
  await keep({ senders: ['Dr@Clinic.example', '@law.example'] });
  for (const from of ['Dr <dr@clinic.example>', 'Ann <ann@law.example>', 'Bob <bob@mail.law.example>']) {
    assert.equal((await read(from)).analysis.engine, 'builtin', from);
  }
  assert.equal(models.asked.length, 0);
  const other = await read('Nurse <nurse@clinic.example>');
  assert.equal(other.analysis.engine, 'openai/gpt-test');

  await maya.patch(`/emails/${other.id}`, { labels: ['private'] });
  await keep({ senders: null, labels: ['private'] });
  const asked = models.asked.length;
  await world.database.run('DELETE FROM model_answers');
  assert.equal((await maya.post(`/emails/${other.id}/analyze`)).body.engine, 'builtin');
  await keep({ everything: true });
  assert.equal((await read('Ann <ann@example.org>')).analysis.engine, 'builtin');
  assert.equal(models.asked.length, asked);
});

test('a person chooses the built-in engine, another model, or a key of their own', async () => {
  const maya = await reader('builtin');
  assert.equal((await importMessage(maya, letter())).email.analysis.engine, 'builtin');
  assert.equal(models.asked.length, 0);
  const refused = await maya.patch('/users/me/preferences', { analysis: { model: 'openai/gpt-9' } });
  assert.equal(refused.status, 422);
  assert.equal(refused.body.errors[0].pointer, '/analysis/model');
  await maya.patch('/users/me/preferences', { analysis: { model: null } });
  assert.equal((await maya.put('/users/me/model-keys/openai', { key: 'sk-my-own-key-4242' })).status, 204);
  assert.equal((await maya.put('/users/me/model-keys/anthropic', { key: 'sk-my-own-key-4242' })).status, 404);
  assert.deepEqual((await maya.get('/users/me/model-keys')).body.items.map(({ provider }) => provider), ['openai']);
  await importMessage(maya, letter());
  const dump = await world.database.dump();
  assert.ok(!dump.includes('sk-my-own-key-4242'), 'it is sealed');
  assert.equal((await maya.delete('/users/me/model-keys/openai')).status, 204);
  assert.equal((await maya.delete('/users/me/model-keys/openai')).status, 404);
});

test('a key of one\'s own outlives a change of the key that seals it', async () => {
  const maya = await reader();
  await maya.put('/users/me/model-keys/openai', { key: 'sk-my-own-key-4343' });
  const newer = secret();
  await world.configure({ TOKEN_ENCRYPTION_KEYS: `${newer},${sealing}` });
  const sealed = () => world.database.first('SELECT sealed_key, sealed_with FROM model_keys WHERE user_id = ?', maya.id);
  const before = await sealed();
  await world.scheduled(EVERY_HOUR);
  assert.notEqual((await sealed()).sealed_with, before.sealed_with);
  await world.configure({ TOKEN_ENCRYPTION_KEYS: newer });
  await importMessage(maya, letter());
  assert.match(JSON.stringify(models.asked.at(-1)?.headers ?? {}), /authorization/i);
  assert.equal((await calls(maya))[0].status, 'answered');
});
