// Mail for the tests: messages, mailboxes, taking them in, and where more of them lie.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { ROOT } from './harness.mjs';

let messages = 0;

const encoded = (text) =>
  /^[\x20-\x7e]*$/.test(text) ? text : `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;

const bracketed = (id) => (id === null || id.startsWith('<') ? id : `<${id}>`);

/** A message (RFC 5322). Every part can be set; `null` leaves a header out. */
export function message({
  from = 'Ada Byron <ada@partner.example>',
  to = 'me@delegate.test',
  cc,
  subject = 'A subject',
  date = 'Mon, 23 Mar 2026 09:00:00 +0100',
  id,
  references,
  inReplyTo,
  headers = {},
  text = 'Good to know.',
  type = 'text/plain; charset=utf-8',
  eol = '\n',
} = {}) {
  messages += 1;
  const fields = {
    From: from,
    To: to,
    Cc: cc,
    Subject: subject === null ? null : encoded(subject),
    Date: date,
    'Message-ID': bracketed(id === undefined ? `m${messages}.${process.pid}@partner.example` : id),
    References: references && references.map(bracketed).join(' '),
    'In-Reply-To': inReplyTo && bracketed(inReplyTo),
    'MIME-Version': '1.0',
    'Content-Type': type,
    'Content-Transfer-Encoding': '8bit',
    ...headers,
  };
  const lines = Object.entries(fields)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}: ${value}`);
  const body = text.endsWith('\n') ? text : `${text}\n`;
  return [...lines, '', ''].join(eol) + body.replaceAll(/\r?\n/g, eol);
}

const SEPARATOR = Buffer.from('From MAILER-DAEMON Mon Mar 23 08:00:00 2026\n');

/** Joins messages (text or bytes) as an mboxrd does. */
export function mbox(parts) {
  const chunks = [];
  for (const part of parts) {
    const bytes = escape(Buffer.from(part));
    chunks.push(SEPARATOR, bytes);
    if (bytes.length > 0 && bytes.at(-1) !== 10) chunks.push(Buffer.from('\n'));
    chunks.push(Buffer.from('\n'));
  }
  return Buffer.concat(chunks);
}

// Latin-1 keeps every byte what it is.
function escape(bytes) {
  if (!bytes.includes('From ')) return bytes;
  return Buffer.from(bytes.toString('latin1').replaceAll(/^(>*From )/gm, '>$1'), 'latin1');
}

export const MBOX = 'application/mbox';
export const MESSAGE = 'message/rfc822';

/** Uploads mail, and answers as the API does. */
export function upload(person, content, { type = MBOX, key, headers } = {}) {
  const given = { 'content-type': type, ...(key && { 'idempotency-key': key }), ...headers };
  return person.post('/emails/import', content, { headers: given });
}

/** Uploads mail and answers its job when it has ended. */
export async function take(person, content, options = {}) {
  const answer = await upload(person, content, options);
  assert.equal(answer.status, 202, answer.text);
  return person.job(answer.body.id, { seconds: options.seconds ?? 60 });
}

/** The same for messages, all of which must be taken in. */
export async function takeAll(person, ...parts) {
  const job = await take(person, mbox(parts));
  const { status, done, total, errors } = job;
  assert.deepEqual({ status, done, total, errors },
    { status: 'succeeded', done: parts.length, total: parts.length, errors: [] });
  return job;
}

/** A person's messages, oldest first. */
export const emails = (person, query = '') => person.everything(`/emails?sort=received_at${query}`);

/** The one message with this subject, with its text. */
export async function email(person, subject) {
  const found = (await emails(person)).filter((one) => one.subject === subject);
  assert.equal(found.length, 1, `messages with the subject "${subject}"`);
  return ok(await person.get(`/emails/${found[0].id}`));
}

/** The bytes of a message's source. */
export async function raw(person, id) {
  const answer = await person.get(`/emails/${id}/raw`);
  assert.equal(answer.status, 200, answer.text);
  return Buffer.from(answer.bytes);
}

/** The body of an answer, which must have this status. */
export function ok(answer, status = 200) {
  assert.equal(answer.status, status, answer.text);
  return answer.body;
}

/** Part of a text, counted as the contract counts: in Unicode scalar values. */
export const scalars = (text, start, end) => [...text].slice(start, end).join('');

/** The sample week: file, bytes, and what a sensible person expects of each. */
export function sampleWeek() {
  const folder = path.join(ROOT, 'samples');
  return JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8'))
    .map((expected) => ({
      ...expected,
      bytes: readFileSync(path.join(folder, 'week', expected.file)),
    }));
}

/** Messages that parsers stumble over, where they are at hand; else null. */
export function oddMessages() {
  const folder = path.join(ROOT, '../shared/data/eml');
  try {
    return readdirSync(folder, { recursive: true })
      .map((name) => path.join(folder, name))
      .filter((file) => statSync(file).isFile())
      .map((file) => ({ file: path.relative(folder, file), bytes: readFileSync(file) }));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}
