// Workers AI, through the Worker's binding.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { ROOT, startWorld } from '../support/harness.mjs';
import { importMessage, message } from '../support/mail.mjs';

const MODEL = 'edge/@cf/meta/llama-test';
const MODELS = { default: MODEL, providers: [{ name: 'edge', protocol: 'workers_ai', models: [{ name: '@cf/meta/llama-test', input_per_million: 1, output_per_million: 1 }] }] };
const world = await startWorld({
  vars: { MODELS: JSON.stringify(MODELS) },
  beside: [{ configPath: path.join(ROOT, 'tests/support/workers_ai/wrangler.toml') }],
  configuration: '\n[[services]]\nbinding = "AI"\nservice = "workers-ai"\nentrypoint = "Ai"\n',
});
const maya = await world.person();

let told = 0;
const letter = (more) => message({ text: `Hi, letter ${told += 1} is ${more}. Could you please send me the figures by Friday?\r\n` });
const lastCall = async () => (await maya.get('/users/me/usage/calls?limit=1')).body.items[0];

test('the binding reads a letter, whether it answers with an object or with text', async () => {
  for (const form of ['an object', 'in text']) {
    const { email } = await importMessage(maya, letter(form));
    assert.equal(email.analysis.engine, MODEL, form);
    const call = await lastCall();
    assert.deepEqual([call.status, call.input_tokens, call.output_tokens], ['answered', 700, 90]);
  }
});

test('a model that the binding does not know leaves the rules to read the letter', async () => {
  const { email } = await importMessage(maya, letter('unknown'));
  assert.equal(email.analysis.engine, 'builtin');
  assert.equal((await lastCall()).outcome, 'refused');
});

test('who asks while it is crowded gets what the rules say, and paid nothing', async () => {
  const { email } = await importMessage(maya, letter('an object'));
  await maya.patch('/users/me/preferences', { analysis: { keep_local: { everything: true } } });
  const crowded = (await importMessage(maya, letter('crowded'))).email;
  await maya.patch('/users/me/preferences', { analysis: { keep_local: null } });
  const answer = await maya.post(`/emails/${crowded.id}/analyze`);
  assert.equal(answer.body.engine, 'builtin');
  const call = await lastCall();
  assert.deepEqual([call.outcome, call.tokens], ['rate_limited', 0]);
  assert.equal(email.analysis.engine, MODEL);
});
