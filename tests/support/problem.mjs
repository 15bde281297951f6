// What an error looks like, whatever it is about.

import assert from 'node:assert/strict';

/** Asserts that an answer is a problem (RFC 9457) of this status, and of this code if one is given. */
export function refused(answer, status, code, hint = '') {
  const told = `${hint} ${answer.status} ${answer.text}`;
  assert.equal(answer.status, status, told);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json', told);
  const { body } = answer;
  assert.equal(body.type, 'about:blank', told);
  assert.equal(body.status, status, told);
  assert.match(body.code, /^[a-z][a-z0-9_]*$/, told);
  assert.ok(body.title.length > 0 && body.detail.length > 0, told);
  assert.equal(body.request_id, answer.requestId, told);
  if (code !== undefined) assert.equal(body.code, code, told);
  if (status === 401) assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer /, told);
  if (status === 405) assert.ok(answer.headers.get('allow'), told);
  if (status === 429 || status === 503) assert.match(answer.headers.get('retry-after'), /^\d+$/, told);
  for (const error of body.errors ?? []) {
    assert.match(error.code, /^[a-z][a-z0-9_]*$/, told);
    assert.ok(error.message.length > 0, told);
    assert.ok((error.pointer === undefined) !== (error.parameter === undefined), told);
  }
  return answer;
}

/** Asserts a 422 that names exactly these pointers into the body. */
export function invalidAt(answer, pointers, hint) {
  refused(answer, 422, undefined, hint);
  const named = (answer.body.errors ?? []).map((error) => error.pointer).sort();
  assert.deepEqual(named, [pointers].flat().sort(), `${hint ?? ''} ${answer.text}`);
  return answer;
}

/** Asserts a 422 that names exactly these parameters. */
export function invalidParameter(answer, names, hint) {
  refused(answer, 422, undefined, hint);
  const named = (answer.body.errors ?? []).map((error) => error.parameter).sort();
  assert.deepEqual(named, [names].flat().sort(), `${hint ?? ''} ${answer.text}`);
  return answer;
}
