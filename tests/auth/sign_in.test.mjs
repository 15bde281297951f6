// Signing in with a provider, as it should go: with stand-ins for Google and Microsoft, a strict
// provider, and a scripted one. What is refused is in refusals.test.mjs.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Browser } from '../support/browser.mjs';
import { eventually, startWorld } from '../support/harness.mjs';
import { refused } from '../support/problem.mjs';
import { COMPANY_TENANT, configuredFor, google, microsoft, strict } from '../support/providers.mjs';
import { PERSONAL_TENANT, ScriptedProvider } from '../support/scripted_provider.mjs';
import { opened } from '../support/tokens.mjs';
import { APP, BACK, codeOf, loginAddress, pair, signIn, visit } from '../support/visits.mjs';

const standing = [];
after(() => Promise.all(standing.map((provider) => provider.close())));
const keep = (provider) => {
  standing.push(provider);
  return provider;
};
const atGoogle = keep(await google());
const atMicrosoft = keep(await microsoft());
const scripted = keep(await ScriptedProvider.start());
const scriptedMicrosoft = keep(await ScriptedProvider.start({ kind: 'microsoft' }));
const strictOne = keep(await strict());
const silent = keep(await strict({ claimsInIdToken: false }));
const origins = `${APP}, https://other.example`;
const real = await startWorld({ origins, ...configuredFor({ google: atGoogle, microsoft: atMicrosoft }) });
const world = await startWorld({ origins, ...configuredFor({ google: scripted, microsoft: scriptedMicrosoft }) });
const rigid = await startWorld({ origins, ...configuredFor({ google: strictOne }) });
const quiet = await startWorld({ origins, ...configuredFor({ google: silent }) });
const closed = await startWorld({ origins, registration: 'invitation', ...configuredFor({ google: scripted }) });

const as = (provider, person) => (browser, page) => provider.signIn(browser, page, person);
const exchange = (in_, body) => in_.anonymous().post('/auth/exchange', body);
let people = 0;
/** The scripted provider vouches for somebody new from now on. */
function newcomer(change = {}, provider = scripted) {
  people += 1;
  provider.reset();
  provider.person = { ...provider.person, sub: `subject-${people}`, email: `newcomer${people}@example.org`, name: `Newcomer ${people}`, ...change };
  return provider.person;
}

for (const [name, who, email] of [['google', 'ada@gmail.com', 'ada@gmail.com'], ['microsoft', 'ada@contoso.example', 'ada@contoso.example']]) {
  const provider = name === 'google' ? atGoogle : atMicrosoft;
  test(`somebody new signs in with ${name}, and is the same the next time`, async () => {
    const first = await signIn(real, name, { via: as(provider, who) });
    assert.equal(first.user.email, email);
    assert.ok(first.user.name.startsWith('Ada'));
    // Any tenant at Microsoft can claim any address, so it is shown and taken for nobody's.
    assert.deepEqual(first.user.addresses, name === 'google' ? [email] : []);
    const again = await signIn(real, name, { via: as(provider, who) });
    assert.equal(again.id, first.id);
    assert.notEqual(opened(again.token)[1].sid, opened(first.token)[1].sid, 'in another session');
    const { items: [connection, ...rest] } = (await first.get('/users/me/connections')).body;
    assert.deepEqual(rest, []);
    assert.deepEqual([connection.provider, connection.email, connection.status, connection.last_success_at], [name, email, 'sign_in_only', null]);
    assert.doesNotMatch(JSON.stringify(connection), /token|sealed|subject/);
    const row = await real.database.first('SELECT issuer, subject, sealed_tokens FROM connections WHERE id = ?', connection.id);
    assert.equal(row.sealed_tokens, null, 'nothing is kept of what was only to sign in with');
    assert.ok(row.issuer.startsWith(provider.url));
  });
}

test('of two providers that know the same address the one that vouches for it has it, and nobody is taken for somebody else', async () => {
  const byTenant = await signIn(real, 'microsoft', { via: as(atMicrosoft, 'maya@northwind.example') });
  const vouched = await signIn(real, 'google', { via: as(atGoogle, 'maya@northwind.example') });
  assert.notEqual(byTenant.id, vouched.id);
  assert.deepEqual([byTenant.user.addresses, vouched.user.addresses], [[], ['maya@northwind.example']]);
  assert.equal((await signIn(real, 'microsoft', { via: as(atMicrosoft, 'maya@northwind.example') })).id, byTenant.id);
  const registered = await real.person({ email: 'grace@navy.example' });
  const page = await visit(real, 'google', { via: as(atGoogle, 'grace@navy.example') });
  assert.equal(page.status, 403);
  assert.match(page.text, /connect this account there/);
  assert.match(page.text, /address_taken/);
  assert.deepEqual((await registered.get('/users/me/connections')).body.items, []);
});

test('a strict provider lets somebody in, and tells it where somebody changed their mind', async () => {
  const person = await signIn(rigid, 'google', { via: as(strictOne, 'ada') });
  assert.equal(person.user.email, 'ada@strict.example');
  const page = await visit(rigid, 'google', { via: (browser, asked) => strictOne.cancel(browser, asked) });
  assert.ok(page.isOutside && page.url.href.startsWith(BACK), page.url.href);
  assert.equal(page.url.searchParams.get('error'), 'consent_declined');
  assert.match(page.url.searchParams.get('error_description'), /Begin again/);
  assert.equal(page.url.searchParams.get('code'), null);
});

test('who tells no address in the ID token is told that one is needed', async () => {
  const page = await visit(quiet, 'google', { via: as(silent, 'ada') });
  assert.equal(page.status, 403);
  assert.match(page.text, /no_address/);
  assert.equal(await quiet.database.count('users'), 0);
});

test('a visit asks for the identity and nothing more', async () => {
  newcomer();
  await signIn(world, 'google');
  const [{ parameters, headers }] = scripted.asked('authorize');
  assert.equal(parameters.scope, 'openid email profile');
  assert.equal(parameters.redirect_uri, `${world.publicUrl}/api/v1/auth/google/callback`);
  assert.equal(parameters.access_type, undefined);
  assert.equal(parameters.code_challenge_method, 'S256');
  assert.match(parameters.state, /^[\w-]{43}$/);
  assert.match(parameters.nonce, /^[\w-]{43}$/);
  assert.notEqual(parameters.state, parameters.nonce);
  assert.equal(headers.referer, undefined);
  const [exchanged] = scripted.asked('token');
  assert.equal(exchanged.parameters.grant_type, 'authorization_code');
  assert.equal(scripted.asked('token').length, 1);
  assert.equal(scripted.asked('userinfo').length, 0);
});

test('two visits have nothing in common that could be guessed', async () => {
  newcomer();
  for (let n = 0; n < 3; n += 1) await visit(world, 'google');
  for (const name of ['state', 'nonce', 'code_challenge']) {
    assert.equal(new Set(scripted.asked('authorize').map(({ parameters }) => parameters[name])).size, 3, name);
  }
});

test('no token of ours or theirs is in an address, and the cookie is for this host alone', async () => {
  newcomer();
  const browser = Browser.of(world);
  const page = await visit(world, 'google', { browser });
  const whole = page.trail.join(' ');
  const tokens = await exchange(world, { code: codeOf(page) });
  for (const secret of [tokens.body.access_token, tokens.body.refresh_token, ...scripted.accessTokens.keys(), scripted.clientSecret]) {
    assert.ok(!whole.includes(secret));
  }
  const [cookie, ...rest] = browser.cookies(world.publicUrl);
  assert.deepEqual(rest, []);
  assert.equal(cookie.name, '__Host-delegate-visit');
  for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/', 'Max-Age=600']) assert.ok(cookie.line.includes(attribute), cookie.line);
  const keys = [...scripted.codes.keys()];
  assert.ok(!page.url.href.includes(keys.at(-1)), 'the provider\'s code ends at the callback');
});

test('every step carries the headers that keep browsers in check', async () => {
  newcomer();
  const browser = Browser.of(world);
  const steps = [];
  const watched = new Browser(new Proxy({}, {
    get: (_, origin) => async (url, init) => {
      const response = origin === world.publicUrl ? await world.request(url.pathname + url.search, init) : await fetch(url, init);
      if (origin === world.publicUrl) steps.push([url.pathname, response.status, response.headers]);
      return response;
    },
  }), world.secrets);
  const page = await watched.open(loginAddress(world, 'google', { return_to: null }));
  await browser.open(`${world.publicUrl}/api/v1/auth/google/callback?state=x&code=y`);
  assert.deepEqual(steps.map(([path, status]) => [path, status]), [['/api/v1/auth/google/login', 302], ['/api/v1/auth/google/callback', 303], ['/signed-in', 200]]);
  for (const [path, , headers] of steps) {
    assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.match(headers.get('content-security-policy'), /frame-ancestors 'none'/, path);
    if (path.startsWith('/api')) assert.match(headers.get('cache-control'), /no-store/, path);
  }
  assert.ok(page.url.searchParams.get('code'));
  assert.match(page.text, /signed-in\.js/);
});

test('every page that is served asks for TLS from then on', async () => {
  for (const page of ['/signed-in', '/docs', '/redoc', '/openapi.json']) {
    assert.match((await world.request(page)).headers.get('strict-transport-security') ?? '', /max-age=\d{8,}/, page);
  }
});

test('a person without a page of their own is shown the code, and it can be exchanged', async () => {
  newcomer();
  const page = await visit(world, 'google', { return_to: null });
  assert.equal(page.url.pathname, '/signed-in');
  const answer = await exchange(world, { code: page.url.searchParams.get('code') });
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers.get('cache-control'), /no-store/);
  assert.deepEqual(Object.keys(answer.body).sort(), ['access_token', 'expires_in', 'refresh_token', 'token_type']);
});

test('a page is come back to as it was given, with the code beside what it had', async () => {
  newcomer();
  for (const return_to of [BACK, `${APP}/`, APP, `${APP}/a/b?x=%20y&z=1`, 'https://other.example/back', `${world.publicUrl}/signed-in?a=b`]) {
    const page = await visit(world, 'google', { return_to });
    const wanted = new URL(return_to);
    assert.equal(page.url.origin + page.url.pathname, wanted.origin + wanted.pathname);
    for (const [name, value] of wanted.searchParams) assert.equal(page.url.searchParams.get(name), value);
    assert.ok(page.url.searchParams.get('code'), return_to);
  }
});

test('who signs in is who the provider\'s subject says, whatever address and name come with it', async () => {
  const { sub } = newcomer();
  const first = await signIn(world, 'google');
  scripted.person = { sub, email: 'moved@example.org', email_verified: true, name: 'Another Name' };
  const again = await signIn(world, 'google');
  assert.equal(again.id, first.id);
  assert.equal(again.user.email, first.user.email, 'nor does it change what is known of them');
  scripted.person = { sub: 'a-subject-of-somebody-else', email: first.user.email, email_verified: true, name: 'Impostor' };
  const page = await visit(world, 'google');
  assert.equal(page.status, 403);
  assert.match(page.text, /address_taken/);
});

test('at Microsoft the tenant tells the subjects apart', async () => {
  const { sub } = newcomer({ tid: COMPANY_TENANT, email: 'one@contoso.example' }, scriptedMicrosoft);
  const one = await signIn(world, 'microsoft');
  scriptedMicrosoft.person = { sub, tid: PERSONAL_TENANT, email: 'two@outlook.example', name: 'Other tenant, same subject' };
  const two = await signIn(world, 'microsoft');
  assert.notEqual(one.id, two.id);
  const rows = await world.database.all('SELECT issuer FROM connections WHERE subject = ? ORDER BY issuer', sub);
  assert.deepEqual(rows.map(({ issuer }) => issuer), [COMPANY_TENANT, PERSONAL_TENANT].map((tenant) => `${scriptedMicrosoft.url}/${tenant}/v2.0`));
});

test('signing up and in is on record, with the page that exchanged the code', async () => {
  newcomer();
  const page = await visit(world, 'google');
  const { body } = await world.anonymous().post('/auth/exchange', { code: codeOf(page) }, { headers: { 'user-agent': 'app/7' } });
  const headers = { authorization: `Bearer ${body.access_token}` };
  const { items } = (await world.anonymous().get('/users/me/audit', { headers })).body;
  assert.deepEqual(items.map(({ action }) => action), ['session.opened', 'account.registered']);
  assert.equal(items[0].user_agent, 'app/7');
  assert.equal(items[0].via_id, opened(body.access_token)[1].sid);
  const { items: [session] } = (await world.anonymous().get('/users/me/sessions', { headers })).body;
  assert.equal(session.user_agent, 'app/7');
});

test('a page that began with a challenge exchanges with its verifier', async () => {
  newcomer();
  const { verifier, challenge } = pair();
  const page = await visit(world, 'google', { challenge });
  const answer = await exchange(world, { code: codeOf(page), verifier });
  assert.equal(answer.status, 200, answer.text);
});

test('of many who come back at once with one newcomer one account comes', async () => {
  const { sub, email } = newcomer();
  const pages = await Promise.all(Array.from({ length: 6 }, () => visit(world, 'google')));
  const answers = await Promise.all(pages.map((page) => exchange(world, { code: codeOf(page) })));
  assert.equal(new Set(answers.map(({ body }) => opened(body.access_token)[1].sub)).size, 1);
  assert.equal(await world.database.count('connections', 'subject = ?', sub), 1);
  assert.equal(await world.database.count('users', 'email = ?', email), 1);
});

test('one browser can be on several visits at once', async () => {
  newcomer();
  const browser = Browser.of(world);
  const going = [];
  const half = new Browser({ [world.publicUrl]: (url, init) => world.request(url.pathname + url.search, init) }, world.secrets);
  for (let n = 0; n < 3; n += 1) going.push((await half.open(loginAddress(world, 'google'))).url.href);
  for (const address of going.reverse()) {
    const callback = (await new Browser({ [scripted.url]: (url, init) => fetch(url, init) }, world.secrets).open(address)).url.href;
    codeOf(await half.open(callback));
  }
  assert.deepEqual(browser.cookies(world.publicUrl), []);
});

test('where one needs an invitation, a newcomer needs one and who is there does not', async () => {
  const owner = newcomer();
  const first = await signIn(closed, 'google');
  assert.equal(first.user.role, 'owner', 'the first person owns the deployment');
  const guest = newcomer();
  const page = await visit(closed, 'google');
  assert.equal(page.status, 403);
  assert.match(page.text, /invitation_needed/);
  assert.equal(await closed.database.count('users'), 1);
  const { body: { invitation } } = await first.post('/auth/invitations');
  const second = await signIn(closed, 'google', { invitation });
  assert.deepEqual([second.user.email, second.user.role], [guest.email, 'member']);
  newcomer();
  assert.match((await visit(closed, 'google', { invitation })).text, /invitation_needed/, 'an invitation is for one');
  scripted.person = { ...owner };
  assert.equal((await signIn(closed, 'google')).id, first.id);
});

test('what a provider says of itself and its keys are asked for once', async () => {
  const rotating = keep(await ScriptedProvider.start());
  const own = await startWorld({ origins, ...configuredFor({ google: rotating }) });
  await signIn(own, 'google');
  await signIn(own, 'google');
  assert.equal(rotating.asked('keys').length, 1);
  assert.equal(rotating.asked('discovery').length, 1);
});

test('what a provider says of somebody is text, however it looks', async () => {
  newcomer({ name: '  <script>alert(1)</script> "quoted"  ' });
  assert.equal((await signIn(world, 'google')).user.name, '<script>alert(1)</script> "quoted"');
  newcomer({ name: 'two\u0000\nlines' });
  assert.doesNotMatch((await signIn(world, 'google')).user.name, /[\u0000-\u001f]/);
  newcomer({ name: 'x'.repeat(5000) });
  const long = await signIn(world, 'google');
  assert.ok(long.user.name.length <= 200);
  newcomer({ name: undefined });
  assert.match((await signIn(world, 'google')).user.name, /^newcomer\d+$/);
});

test('an account that is being erased is not signed in to', async () => {
  newcomer();
  const person = await signIn(world, 'google');
  const page = await visit(world, 'google');
  await world.database.run("UPDATE users SET erasing_at = '2026-01-01T00:00:00.000Z' WHERE id = ?", person.id);
  assert.match((await visit(world, 'google')).text, /account_is_gone/);
  refused(await exchange(world, { code: codeOf(page) }), 401, 'invalid_code');
});

test('the real Google and Microsoft are asked unless the configuration says otherwise, and nobody else', async () => {
  const configured = configuredFor({ google: scripted, microsoft: scriptedMicrosoft });
  const { GOOGLE_ISSUER, MICROSOFT_ISSUER, ...vars } = configured.vars;
  const own = await startWorld({ origins, ...configured, vars });
  const through = globalThis.fetch;
  const asked = [];
  globalThis.fetch = (input, init) => {
    const { url, headers } = new Request(input, init);
    if (new URL(url).hostname === '127.0.0.1') return through(input, init);
    asked.push([url, headers.get('authorization'), headers.get('cookie')]);
    return new Response('{}', { status: 503 });
  };
  try {
    for (const name of ['google', 'microsoft']) assert.equal((await visit(own, name)).status, 503);
  } finally {
    globalThis.fetch = through;
  }
  assert.deepEqual(asked, [
    ['https://accounts.google.com/.well-known/openid-configuration', null, null],
    ['https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration', null, null],
  ]);
});

test('a provider that is not set up is not offered', async () => {
  const page = await visit(rigid, 'microsoft');
  assert.equal(page.status, 404);
  assert.match(page.text, /docs\/PROVIDERS\.md/);
  refused(await rigid.anonymous().get('/auth/microsoft/login'), 404, 'provider_not_configured');
  refused(await rigid.anonymous().get('/auth/yahoo/login'), 404, 'not_found');
});

test('the log tells a sign-in without a word of who it was', async () => {
  const { email, name, sub } = newcomer();
  const person = await signIn(world, 'google');
  await eventually(() => world.logs().some((line) => line['user.id'] === person.id && line['http.route'] === '/api/v1/auth/exchange'));
  const log = JSON.stringify(world.logs());
  for (const text of [email, name, sub]) assert.ok(!log.includes(text), text);
});
