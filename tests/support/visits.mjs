// Visits to providers, from the page that begins to the page that a browser ends at.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';

import { Browser } from './browser.mjs';
import { Client } from './client.mjs';

/** A page of an application, of an origin that is allowed. */
export const APP = 'https://app.example.com';
/** Where it wants its people back. */
export const BACK = `${APP}/back?from=delegate`;

/** A verifier and its challenge (RFC 7636). */
export function pair() {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** The address that a sign-in begins at. */
export function loginAddress(world, provider, { return_to = BACK, ...query } = {}) {
  const address = new URL(`/api/v1/auth/${provider}/login`, world.publicUrl);
  for (const [name, value] of Object.entries({ return_to, ...query })) {
    if (value !== undefined && value !== null) address.searchParams.set(name, value);
  }
  return address.href;
}

/**
 * A sign-in up to where the browser ends. `via` is what a stand-in needs to be told who it is:
 * `(browser, page) => page`; a scripted provider needs nothing.
 */
export async function visit(world, provider, { browser = Browser.of(world), via, ...query } = {}) {
  const page = await browser.open(loginAddress(world, provider, query));
  return via ? via(browser, page) : page;
}

/** The one-time code that a page was reached with. */
export function codeOf(page, name = 'code') {
  assert.ok(page.isOutside && page.url.href.startsWith(APP), `${page.status} ${page.url} ${page.text?.replace(/<style>.*<\/style>/s, '')}`);
  const code = page.url.searchParams.get(name);
  assert.ok(code, page.url.href);
  return code;
}

/** Signs somebody in, and answers their client. */
export async function signIn(world, provider, options = {}) {
  const page = await visit(world, provider, options);
  const answer = await world.anonymous().post('/auth/exchange', { code: codeOf(page) });
  assert.equal(answer.status, 200, answer.text);
  const client = new Client(world, answer.body);
  client.user = (await client.get('/users/me')).body;
  return client;
}

/** Begins to connect an account, and answers where the browser ends. */
export async function connectVisit(world, person, provider, { browser = Browser.of(world), via, access = ['mail'], return_to = BACK, ...more } = {}) {
  const begun = await person.post('/users/me/connections', { provider, access, return_to, ...more });
  assert.equal(begun.status, 201, begun.text);
  const page = await browser.open(begun.body.authorization_url);
  return via ? via(browser, page) : page;
}

/** Connects an account, and answers the connection. */
export async function connectAccount(world, person, provider, options) {
  const page = await connectVisit(world, person, provider, options);
  const answer = await person.post('/users/me/connections/complete', { code: codeOf(page, 'connection_code') });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

/**
 * A visit step by step, by a client that follows no redirect: `begin` is where it begins. Answers
 * the answer of the callback, and the code that its page gets (`code` or `connection_code`).
 */
export async function comeBack(world, begin) {
  const anyone = world.anonymous();
  const path = begin instanceof URL ? `/${begin.pathname}${begin.search}` : begin;
  const left = await anyone.get(path);
  assert.equal(left.status, 302, left.text);
  const asked = await fetch(left.location, { redirect: 'manual' });
  const callback = new URL(asked.headers.get('location'));
  const cookie = left.headers.getSetCookie()[0].split(';')[0];
  const answer = await anyone.get(`/${callback.pathname}${callback.search}`, { headers: { cookie } });
  assert.equal(answer.status, 303, answer.text);
  return { answer, ...Object.fromEntries(new URL(answer.location).searchParams) };
}

/** How much there is of what a visit could leave behind. */
export const leftBehind = (world) => world.database.first(`SELECT
  (SELECT COUNT(*) FROM users) AS users, (SELECT COUNT(*) FROM user_addresses) AS addresses,
  (SELECT COUNT(*) FROM connections) AS connections, (SELECT json_group_array(json_array(id, version, status)) FROM connections) AS states,
  (SELECT COUNT(*) FROM sessions) AS sessions, (SELECT COUNT(*) FROM exchange_codes) AS codes,
  (SELECT COUNT(*) FROM audit_entries) AS entries, (SELECT COUNT(*) FROM invitations WHERE used_at IS NOT NULL) AS invitations`);
