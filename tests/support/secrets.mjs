// Every secret that a test used or was given, and the proof that none of them came out where it
// should not: in a line of the log, in an error, in an export, or readable in the database.
//
// Nobody has to think of it. What goes through a client, a browser or an outgoing request of the
// Worker is looked at by the names of its members; a world looks at its log when the file ends.

import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';

/** Members of bodies, forms and queries that are secrets. */
const NAMES = new Set([
  'password', 'current_password', 'new_password', 'access_token', 'refresh_token', 'id_token', 'key', 'token', 'ticket', 'invitation',
  'code', 'code_verifier', 'verifier', 'client_secret', 'state', 'nonce',
]);
/** Shorter ones would be found by chance. */
const SHORTEST = 10;
/** What only looks like a secret: `code` of an error is a word. */
const WORD = /^[a-z]+(_[a-z0-9]+)*$/;

/** The part of a secret that nobody could have made up: of a token its signature, of a key its random end. */
function telling(secret) {
  if (/^[\w-]+\.[\w-]+\.[\w-]{20,}$/.test(secret)) return secret.split('.')[2];
  if (/^dlk_/.test(secret)) return secret.slice(-43);
  return secret;
}

export class Secrets {
  #kept = new Map();
  #errors = [];
  #exports = [];

  /** Keeps a secret in mind; `where` is where it was seen. */
  keep(secret, where) {
    if (typeof secret !== 'string') return;
    const part = telling(secret);
    if (part.length >= SHORTEST && !this.#kept.has(part)) this.#kept.set(part, where);
  }

  /** Looks through a value for members that are secrets. */
  look(value, where) {
    if (value instanceof URLSearchParams) value = Object.fromEntries(value);
    if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return;
    for (const [name, member] of Object.entries(value)) {
      // Whoever has the address of a receipt, or of a feed, can read it.
      if (name === 'url' && /\/feeds\//.test(member)) this.keep(String(member).split('/').at(-1).replace(/\.ics$/, ''), `${name} of ${where}`);
      else if (name === 'receipt_url') this.keep(String(member).split('/').at(-1), `${name} of ${where}`);
      else if (NAMES.has(name) && typeof member === 'string' && !(name === 'code' && WORD.test(member))) this.keep(member, `${name} of ${where}`);
      else this.look(member, where);
    }
  }

  /** Looks through an address. */
  address(text, where) {
    if (!text) return;
    const url = new URL(text, 'http://none.test');
    this.look(url.searchParams, where);
    this.look(new URLSearchParams(url.hash.slice(1)), where);
  }

  /** Looks through what an `Authorization` header says. */
  authorization(header, where) {
    const [, scheme, value] = /^(\w+) +(\S+)/.exec(header ?? '') ?? [];
    if (/^bearer$/i.test(scheme ?? '')) this.keep(value, where);
    if (/^basic$/i.test(scheme ?? '')) this.keep(decodeURIComponent(Buffer.from(value, 'base64').toString().split(':')[1] ?? ''), where);
  }

  /** Looks through a request of a client and its answer, which is kept where it is an error. */
  exchange({ method, path, headers, sent, answer }) {
    const where = `${method} ${path.split('?')[0]}`;
    this.authorization(headers.get('authorization'), where);
    this.address(path.replace(/^\/\//, '/'), where);
    if (typeof sent === 'string' && /^\s*[{[]/.test(sent)) {
      try {
        this.look(JSON.parse(sent), where);
      } catch {
        // Not JSON: the test sent it like that.
      }
    }
    if (/gzip/.test(answer.headers.get('content-type') ?? '')) this.#exports.push([where, answer.bytes]);
    if (answer.status >= 400) this.#errors.push([where, answer.text]);
    else this.look(answer.body, where);
    this.address(answer.location, where);
  }

  /** Looks through what a browser was told to keep or where it was sent. */
  navigation(url, headers) {
    this.address(url, 'a navigation');
    this.address(headers.get('location'), 'a redirect');
    for (const line of headers.getSetCookie()) this.keep(line.split(';')[0].split('=').slice(1).join('='), 'a cookie');
  }

  /** How many there are. */
  get size() {
    return this.#kept.size;
  }

  /** Fails where a text has one of them. */
  assertNoneIn(text, where) {
    const found = [...this.#kept].filter(([secret]) => text.includes(secret));
    assert.deepEqual(found.map(([, from]) => from), [], `${where} shows what should stay secret`);
  }

  /** Fails where an error that was answered has one. */
  assertNoneInErrors() {
    for (const [where, text] of this.#errors) this.assertNoneIn(text, `the error of ${where}`);
  }

  /** Fails where an archive that was fetched has one. */
  assertNoneInExports() {
    for (const [where, bytes] of this.#exports) {
      let text;
      try {
        text = gunzipSync(bytes).toString();
      } catch {
        continue; // a part of one, or one that a test bent
      }
      this.assertNoneIn(text, `the archive of ${where}`);
    }
  }
}

/** What looks at outgoing requests of the Worker, which all go through `fetch` of this process. */
const watching = new Set();
const plainFetch = globalThis.fetch;
globalThis.fetch = async function watchedFetch(input, init) {
  if (watching.size === 0) return plainFetch(input, init);
  const request = new Request(input, init);
  for (const secrets of watching) {
    secrets.authorization(request.headers.get('authorization'), 'an outgoing request');
    secrets.address(request.url, 'an outgoing request');
  }
  const isForm = /x-www-form-urlencoded/.test(request.headers.get('content-type') ?? '');
  if (isForm) {
    const form = new URLSearchParams(await request.clone().text());
    for (const secrets of watching) secrets.look(form, 'an outgoing form');
  }
  const response = await plainFetch(request);
  if (/json/.test(response.headers.get('content-type') ?? '')) {
    // Read beside the Worker, not before it: an answer may be cut, or never end.
    response.clone().json().then((body) => {
      for (const secrets of watching) secrets.look(body, 'an answer to an outgoing request');
    }, () => {});
  }
  return response;
};

/** Looks at outgoing requests until the function that it answers is called. */
export function watch(secrets) {
  watching.add(secrets);
  return () => watching.delete(secrets);
}
