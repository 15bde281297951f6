// A deployment that is configured wrongly says so at once, and only to its operator.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startWorld } from '../support/harness.mjs';
import { refused } from '../support/problem.mjs';

const world = await startWorld({ registration: 'everybody' });

test('a variable that can\'t be read fails every request, and the log names it', async () => {
  for (const path of ['//health', '/tasks', '/auth/register']) {
    const answer = await world.anonymous().get(path, { headers: { 'x-request-id': 'misconfigured' } });
    refused(answer, 500, 'internal', path);
    assert.equal(answer.requestId, 'misconfigured');
    assert.doesNotMatch(answer.text, /REGISTRATION|everybody|configuration/i);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  }
  const line = world.logs().find(({ message }) => message === 'request.failed');
  assert.match(line.error, /REGISTRATION must be/);
  assert.match(line.error, /\.dev\.vars\.example/);
});
