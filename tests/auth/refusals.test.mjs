// Signing in with a provider, as it should not go: refused with a page that helps, nothing stored,
// and the next visit is as good as any.

import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { after, test } from 'node:test';

import { Browser } from '../support/browser.mjs';
import { startWorld } from '../support/harness.mjs';
import { refused } from '../support/problem.mjs';
import { COMPANY_TENANT, configuredFor } from '../support/providers.mjs';
import { faults, PERSONAL_TENANT, ScriptedProvider, signings } from '../support/scripted_provider.mjs';
import { hmac, unsigned } from '../support/tokens.mjs';
import { APP, BACK, codeOf, leftBehind, loginAddress, pair, signIn, visit } from '../support/visits.mjs';

const google = await ScriptedProvider.start();
const microsoft = await ScriptedProvider.start({ kind: 'microsoft' });
const rotating = await ScriptedProvider.start();
after(() => Promise.all([google, microsoft, rotating].map((provider) => provider.close())));
const settings = { origins: APP, ...configuredFor({ google, microsoft }) };
const world = await startWorld(settings);
const turning = await startWorld({ origins: APP, ...configuredFor({ google: rotating }) });
const anyone = world.anonymous();
await signIn(world, 'google');
await signIn(world, 'microsoft').catch(() => {});

// A key that is not known is asked for once a minute: begun here, looked at again in the last test.
await signIn(turning, 'google');
const [former] = rotating.keys;
rotating.rotateKeys({ keep: true });
rotating.signs = ({ header, claims }) => signings.rs256({ header: { ...header, kid: former.kid }, claims, key: former });
codeOf(await visit(turning, 'google'));
rotating.signs = signings.rs256;
const turned = Date.now();
assert.match((await visit(turning, 'google')).text, /identity_not_verified/);
assert.equal(rotating.asked('keys').length, 1, 'a key that anybody can make up makes nobody ask');

let visitors = 0;
/** Somebody new, so that a sign-in would leave something behind. */
function newcomer(provider = google) {
  visitors += 1;
  provider.reset();
  provider.person = { ...provider.person, sub: `visitor-${visitors}`, email: `visitor${visitors}@example.org` };
}

/** What a page says, as one reads it. */
const words = (page) => (page.text ?? '').replace(/<style>[\s\S]*?<\/style>/, '').replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');

/** Asserts a page of ours that tells what went wrong, with a status and a code. */
function told(page, status, code, hint) {
  const seen = `${hint}: ${page.status} ${page.url} ${words(page)}`;
  assert.equal(page.isOutside, false, seen);
  assert.equal(page.url.origin, world.publicUrl, seen);
  assert.equal(page.status, status, seen);
  assert.match(page.headers.get('content-type'), /^text\/html/, seen);
  assert.match(page.headers.get('content-security-policy'), /default-src 'none'/, seen);
  assert.match(page.headers.get('cache-control'), /no-store/, seen);
  assert.ok(words(page).includes(` ${code} ·`), seen);
  assert.match(page.text, /Begin again|Try again|begin again|request /, seen);
  return page;
}

/** Asserts that a visit is refused like this and leaves nothing behind. */
async function comesToNothing(provider, kind, status, code, hint, options) {
  const before = await leftBehind(world);
  const page = await visit(world, kind, options);
  told(page, status, code, hint);
  assert.deepEqual(await leftBehind(world), before, hint);
  return page;
}

const without = (name) => (claims) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
const soon = (seconds) => Math.floor(Date.now() / 1000) + seconds;

const WRONG_CLAIMS = {
  'of another issuer': { iss: 'https://evil.example' },
  'of the issuer with a slash': (claims) => ({ ...claims, iss: `${claims.iss}/` }),
  'of the issuer in capitals': (claims) => ({ ...claims, iss: claims.iss.toUpperCase() }),
  'without an issuer': without('iss'),
  'with a list of issuers': (claims) => ({ ...claims, iss: [claims.iss] }),
  'for another audience': { aud: 'somebody-else' },
  'without an audience': without('aud'),
  'for an empty audience': { aud: [] },
  'for us and somebody else, who was given it': (claims) => ({ ...claims, aud: [claims.aud, 'somebody-else'], azp: 'somebody-else' }),
  'for us and somebody else, given to nobody': (claims) => without('azp')({ ...claims, aud: [claims.aud, 'somebody-else'] }),
  'given to somebody else': { azp: 'somebody-else' },
  'that has expired': () => ({ exp: soon(-301), iat: soon(-4000) }),
  'that never expires': without('exp'),
  'that expires at no number': { exp: 'never' },
  'made in the future': () => ({ iat: soon(400) }),
  'made at no time': without('iat'),
  'that is not valid yet': () => ({ nbf: soon(400) }),
  'with another nonce': { nonce: 'A'.repeat(43) },
  'with an empty nonce': { nonce: '' },
  'without a nonce': without('nonce'),
  'about nobody': without('sub'),
  'about an empty subject': { sub: '' },
  'about a number': { sub: 7 },
  'about a subject without end': { sub: 'x'.repeat(256) },
  'about a subject of two lines': { sub: 'a\nb' },
};

for (const [what, change] of Object.entries(WRONG_CLAIMS)) {
  test(`an ID token ${what} lets nobody in`, async () => {
    newcomer();
    google.claims = (claims) => {
      const changed = typeof change === 'function' ? change(claims) : change;
      return change.length === 1 ? changed : { ...claims, ...changed };
    };
    await comesToNothing(google, 'google', 403, 'identity_not_verified', what);
  });
}

const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const pemOf = (key) => key.publicKey.export({ format: 'pem', type: 'spki' });
const jwkOf = ({ publicKey }) => publicKey.export({ format: 'jwk' });

const WRONG_SIGNATURES = {
  'that nobody signed': ({ header, claims }) => unsigned({ ...header, alg: 'none' }, claims),
  'that nobody signed, in capitals': ({ header, claims }) => unsigned({ ...header, alg: 'NONE' }, claims),
  'that nobody signed, with the right algorithm': ({ header, claims }) => unsigned(header, claims),
  'with HS256 of the public key in PEM': ({ header, claims, key }) => hmac(pemOf(key), { ...header, alg: 'HS256' }, claims),
  'with HS256 of the public key as a JWK': ({ header, claims, key }) => hmac(JSON.stringify(jwkOf(key)), { ...header, alg: 'HS256' }, claims),
  'with HS256 of its modulus': ({ header, claims, key }) => hmac(Buffer.from(jwkOf(key).n, 'base64url'), { ...header, alg: 'HS256' }, claims),
  'with HS256 of the client\'s secret': ({ header, claims }) => hmac(google.clientSecret, { ...header, alg: 'HS256' }, claims),
  'with HMAC under RS256': ({ header, claims, key }) => hmac(pemOf(key), header, claims),
  'signed by another key under the name of ours': ({ header, claims }) => signings.rs256({ header, claims, key: stranger }),
  'signed by a key that it brings along': ({ header, claims }) => signings.rs256({ header: { ...header, jwk: jwkOf(stranger) }, claims, key: stranger }),
  'signed by a key that it says where to find': ({ header, claims }) => signings.rs256({ header: { ...header, kid: 'theirs', jku: `${google.url}/keys` }, claims, key: stranger }),
  'signed by a key that nobody lists': ({ header, claims }) => signings.rs256({ header: { ...header, kid: 'unlisted' }, claims, key: stranger }),
  'signed by a short key': ({ header, claims }) => signings.rs256({ header, claims, key: weak }),
  'that names no key': ({ header: { kid, ...header }, claims, key }) => signings.rs256({ header, claims, key }),
  'with an extension that must be understood': ({ header, claims, key }) => signings.rs256({ header: { ...header, crit: ['exp'] }, claims, key }),
  'with RS512 of the right key': ({ header, claims, key }) => {
    const text = `${part({ ...header, alg: 'RS512' })}.${part(claims)}`;
    return `${text}.${sign('sha512', Buffer.from(text), key.privateKey).toString('base64url')}`;
  },
  'with other claims under the signature': ({ header, claims, key }) => {
    const [head, , signature] = signings.rs256({ header, claims, key }).split('.');
    return `${head}.${part({ ...claims, sub: 'somebody-else' })}.${signature}`;
  },
  'without its end': (made) => signings.rs256(made).slice(0, -5),
  'in two parts': (made) => signings.rs256(made).split('.').slice(0, 2).join('.'),
  'in four parts': (made) => `${signings.rs256(made)}.x`,
  'that is none': () => 'x.y.z',
  'that is empty': () => '',
};

for (const [what, make] of Object.entries(WRONG_SIGNATURES)) {
  test(`an ID token ${what} lets nobody in`, async () => {
    newcomer();
    google.signs = make;
    await comesToNothing(google, 'google', 403, 'identity_not_verified', what);
  });
}

test('an ID token that a tenant at Microsoft has no right to make lets nobody in', async () => {
  for (const [what, change] of Object.entries({
    'another tenant than its issuer': { tid: COMPANY_TENANT },
    'no tenant': { tid: undefined },
    'a tenant that is none': { tid: '{tenantid}', iss: `${microsoft.url}/{tenantid}/v2.0` },
    'a tenant with a path': { tid: '../evil', iss: `${microsoft.url}/../evil/v2.0` },
    'the pattern for an issuer': { iss: `${microsoft.url}/{tenantid}/v2.0` },
    'the issuer of common': { iss: `${microsoft.url}/common/v2.0`, tid: 'common' },
    'the issuer of another host': { iss: `https://evil.example/${PERSONAL_TENANT}/v2.0` },
  })) {
    newcomer(microsoft);
    microsoft.claims = (claims) => JSON.parse(JSON.stringify({ ...claims, ...change }));
    await comesToNothing(microsoft, 'microsoft', 403, 'identity_not_verified', what);
  }
});

test('a key that Microsoft lists for one tenant signs for no other', async () => {
  newcomer(microsoft);
  const key = microsoft.rotateKeys();
  const listed = (issuer) => (keys) => keys.map((each) => (each.kid === key.kid ? { ...each, issuer } : each));
  const own = await startWorld(settings);
  microsoft.lists = listed(`${microsoft.url}/${COMPANY_TENANT}/v2.0`);
  const page = await visit(own, 'microsoft');
  assert.match(page.text, /identity_not_verified/);
  microsoft.person = { ...microsoft.person, tid: COMPANY_TENANT };
  codeOf(await visit(own, 'microsoft'));
});

test('within the clock\'s tolerance a token is good', async () => {
  for (const change of [{ exp: soon(-200) }, { iat: soon(200) }, { nbf: soon(200) }, { aud: [google.clientId] }]) {
    newcomer();
    google.claims = (claims) => ({ ...claims, ...change });
    codeOf(await visit(world, 'google'));
  }
});

/** What else can come in place of tokens, with the answer that it gets. */
const WRONG_ANSWERS = {
  'without an ID token': [{ gives: without('id_token') }, 403, 'identity_not_verified'],
  'without an access token': [{ gives: without('access_token') }, 403, 'identity_not_verified'],
  'with an ID token of two lines': [{ gives: (tokens) => ({ ...tokens, id_token: `${tokens.id_token}\n` }) }, 403, 'identity_not_verified'],
  'that is no JSON': [{ fault: faults.answer(200, '<html>Sign in</html>') }, 403, 'identity_not_verified'],
  'that is empty': [{ fault: faults.answer(200, '') }, 403, 'identity_not_verified'],
  'that has no end': [{ fault: faults.answer(200, { access_token: 'x'.repeat(3_000_000), token_type: 'Bearer' }) }, 403, 'identity_not_verified'],
  'that leads elsewhere': [{ fault: faults.answer(307, '', { location: `${google.url}/elsewhere` }) }, null, null],
  'that says that something broke': [{ fault: faults.answer(500, { error: 'server_error' }) }, 503, 'provider_unavailable'],
  'of a gateway': [{ fault: faults.answer(502, '<html>Bad gateway</html>') }, 503, 'provider_unavailable'],
  'that asks to wait': [{ fault: faults.tooMany(17) }, 503, 'provider_unavailable'],
  'that breaks off': [{ fault: faults.cut() }, 503, 'provider_unavailable'],
  'that never begins': [{ fault: faults.reset() }, 503, 'provider_unavailable'],
};

for (const [what, [{ gives, fault }, status, code]] of Object.entries(WRONG_ANSWERS)) {
  test(`an answer ${what} lets nobody in, and is not asked for again`, async () => {
    newcomer();
    if (gives) google.gives = gives;
    if (fault) google.fault('token', fault);
    const before = await leftBehind(world);
    const page = await visit(world, 'google');
    assert.equal(page.isOutside, false, page.url.href);
    if (status) told(page, status, code, what);
    assert.ok(page.status >= 400, `${page.status}`);
    assert.deepEqual(await leftBehind(world), before);
    assert.equal(google.asked('token').length, 1);
    assert.equal(google.seen.filter(({ path }) => path === '/elsewhere').length, 0, 'a secret goes nowhere else');
  });
}

test('a provider that does not answer is not waited for for ever', async () => {
  newcomer();
  google.fault('token', faults.hang());
  const begun = performance.now();
  const before = await leftBehind(world);
  told(await visit(world, 'google'), 503, 'provider_unavailable', 'a hang');
  assert.ok(performance.now() - begun < 15_000);
  assert.deepEqual(await leftBehind(world), before);
  newcomer();
  codeOf(await visit(world, 'google'));
});

/** What a provider says of itself that can't be right; a fresh deployment, so that nothing is remembered. */
const WRONG_METADATA = {
  'of another issuer': (document) => ({ ...document, issuer: 'https://evil.example' }),
  'with an endpoint elsewhere without TLS': (document) => ({ ...document, token_endpoint: 'http://evil.example/token' }),
  'with an endpoint that is no address': (document) => ({ ...document, token_endpoint: 'javascript:alert(1)' }),
  'with a key set that is no address': (document) => ({ ...document, jwks_uri: 'data:application/json,{}' }),
  'without an endpoint': without('token_endpoint'),
  'without RS256': (document) => ({ ...document, id_token_signing_alg_values_supported: ['HS256', 'none'] }),
  'without PKCE with S256': (document) => ({ ...document, code_challenge_methods_supported: ['plain'] }),
};

test('a provider that says of itself what can\'t be right is not visited', async () => {
  const own = await startWorld(settings);
  for (const [what, change] of Object.entries(WRONG_METADATA)) {
    newcomer();
    google.discovers = change;
    const page = await visit(own, 'google');
    assert.equal(page.status, 503, what);
    assert.match(page.text, /provider_unavailable/, what);
    assert.equal(google.asked('authorize').length, 0, what);
  }
  for (const fault of [faults.answer(500, 'x'), faults.answer(200, '<html>'), faults.reset(), faults.answer(302, '', { location: 'http://127.0.0.1:9/' })]) {
    newcomer();
    google.fault('discovery', fault);
    assert.equal((await visit(own, 'google')).status, 503);
  }
  newcomer();
  codeOf(await visit(own, 'google'));
});

test('keys that can\'t be had let nobody in, and are asked for again by the next', async () => {
  const own = await startWorld(settings);
  for (const fault of [faults.answer(500, 'x'), faults.answer(200, { keys: [] }), faults.answer(200, '[]'), faults.reset()]) {
    newcomer();
    google.fault('keys', fault);
    const page = await visit(own, 'google');
    assert.equal(page.status, 503, page.text);
  }
  newcomer();
  codeOf(await visit(own, 'google'));
});

/** A browser, and the address of the callback that it has just been sent to but not opened. */
async function beforeCallback(options = {}) {
  const half = new Browser({ [world.publicUrl]: (url, init) => world.request(url.pathname + url.search, init) }, world.secrets);
  const leaving = await half.open(loginAddress(world, options.provider ?? 'google', options));
  assert.ok(leaving.isOutside, `${leaving.status} ${leaving.text}`);
  const provider = options.provider === 'microsoft' ? microsoft : google;
  const back = await new Browser({ [provider.url]: (url, init) => fetch(url, init) }, world.secrets).open(leaving.url);
  assert.ok(back.isOutside, `${back.status} ${back.text}`);
  return { browser: half, callback: back.url };
}
const changed = (url, change) => {
  const other = new URL(url);
  for (const [name, value] of Object.entries(change)) value === null ? other.searchParams.delete(name) : other.searchParams.set(name, value);
  return other;
};

test('a callback is good once', async () => {
  newcomer();
  const { browser, callback } = await beforeCallback();
  codeOf(await browser.open(callback));
  const before = await leftBehind(world);
  told(await browser.open(callback), 400, 'unknown_visit', 'again');
  assert.equal(google.asked('token').length, 1, 'the provider is not asked with a code that was used');
  assert.deepEqual(await leftBehind(world), before);
});

test('of one callback many times at once one is taken', async () => {
  newcomer();
  const { browser, callback } = await beforeCallback();
  const pages = await Promise.all(Array.from({ length: 8 }, () => browser.open(callback)));
  assert.equal(pages.filter(({ isOutside }) => isOutside).length, 1);
  assert.equal(google.asked('token').length, 1);
});

test('a callback is nobody else\'s: not another browser\'s, not one without a cookie', async () => {
  newcomer();
  const { browser, callback } = await beforeCallback();
  const before = await leftBehind(world);
  const { browser: other } = await beforeCallback();
  for (const somebody of [Browser.of(world), other]) told(await somebody.open(callback), 400, 'unknown_visit', 'another browser');
  const forged = await world.request(callback.pathname + callback.search, { headers: { accept: 'text/html', cookie: '__Host-delegate-visit=; x=__Host-delegate-visit=y' } });
  assert.equal(forged.status, 400);
  assert.equal(google.asked('token').length, 0);
  assert.deepEqual(await leftBehind(world), before);
  codeOf(await browser.open(callback));
});

test('a callback with another state, none or two is nobody\'s', async () => {
  newcomer();
  const { browser, callback } = await beforeCallback();
  const { callback: second } = await beforeCallback();
  const states = { other: 'A'.repeat(43), foreign: second.searchParams.get('state'), long: 'x'.repeat(5000) };
  for (const [what, state] of Object.entries(states)) {
    const page = await browser.open(changed(callback, { state }));
    assert.equal(page.status, 400, what);
    assert.match(page.text, /unknown_visit|invalid_callback/, what);
  }
  told(await browser.open(changed(callback, { state: null })), 400, 'invalid_callback', 'none');
  told(await browser.open(changed(callback, { state: '' })), 400, 'invalid_callback', 'empty');
  told(await browser.open(`${callback}&state=${states.other}`), 400, 'invalid_callback', 'two');
  told(await browser.open(`${callback}&code=x`), 400, 'invalid_callback', 'two codes');
  told(await browser.open(changed(callback, { code: null })), 400, 'invalid_callback', 'no code');
  told(await browser.open(changed(callback, { error: 'access_denied' })), 400, 'invalid_callback', 'both');
  told(await browser.open(new URL(callback.pathname, callback)), 400, 'invalid_callback', 'nothing');
  assert.equal(google.asked('token').length, 0);
  codeOf(await browser.open(callback), 'code');
});

test('one provider\'s answer is not taken at another\'s', async () => {
  newcomer();
  newcomer(microsoft);
  const { browser, callback } = await beforeCallback();
  const elsewhere = new URL(callback);
  elsewhere.pathname = elsewhere.pathname.replace('google', 'microsoft');
  told(await browser.open(elsewhere), 400, 'unknown_visit', 'google\'s at microsoft\'s');
  assert.equal(microsoft.asked('token').length + google.asked('token').length, 0);
  codeOf(await browser.open(callback));
});

test('an answer that names another issuer, or none where one was promised, is refused', async () => {
  for (const iss of ['https://evil.example', null, '', `${google.url}/`]) {
    newcomer();
    const { browser, callback } = await beforeCallback();
    told(await browser.open(changed(callback, { iss })), 400, 'wrong_issuer', `${iss}`);
    assert.equal(google.asked('token').length, 0, 'its code is sent nowhere');
  }
  newcomer();
  google.refuse('access_denied', 'made up', { iss: 'https://evil.example' });
  told(await visit(world, 'google'), 400, 'wrong_issuer', 'a denial');
});

test('a visit that took too long is over', async () => {
  newcomer();
  const { browser, callback } = await beforeCallback();
  await world.database.run("UPDATE authorizations SET expires_at = '2026-01-01T00:00:00.000Z'");
  told(await browser.open(callback), 400, 'unknown_visit', 'late');
  assert.equal(google.asked('token').length, 0);
});

test('a page that is not on the list is never come back to', async () => {
  newcomer();
  const wrong = ['https://evil.example/', `${APP}.evil.example/`, 'https://app.example.com@evil.example/', 'https://app.example.com:8443/back', 'http://app.example.com/back',
    '//evil.example', '/back', 'back', 'javascript:alert(1)', 'data:text/html,x', 'https://evil.example/https://app.example.com', `${APP}/back#fragment`, 'https://user:pass@app.example.com/',
    '\\\\evil.example', 'https:evil.example', 'https://app.example.com%2f@evil.example', ' ', '', `${APP}/${'x'.repeat(2000)}`, 'http://127.0.0.1:9/', 'null', '*', `${world.publicUrl}.evil.example/`];
  for (const return_to of wrong) {
    const page = await visit(world, 'google', { return_to });
    assert.equal(page.status, 422, `${return_to}: ${page.url}`);
    assert.equal(page.headers.get('location'), null);
    assert.equal(page.headers.get('set-cookie'), null);
    const problem = await anyone.get(`/auth/google/login?return_to=${encodeURIComponent(return_to)}`);
    refused(problem, 422, undefined, return_to);
  }
  assert.equal(google.asked('authorize').length, 0);
  refused(await anyone.get(`/auth/google/login?return_to=${encodeURIComponent(BACK)}&return_to=${encodeURIComponent(BACK)}`), 422);
  refused(await anyone.get('/auth/google/login?redirect_uri=x'), 422);
  for (const challenge of ['x', 'A'.repeat(42), `${'A'.repeat(42)}+`, 'A'.repeat(44)]) {
    refused(await anyone.get(`/auth/google/login?challenge=${encodeURIComponent(challenge)}`), 422, undefined, challenge);
  }
});

const exchange = (body) => anyone.post('/auth/exchange', body);

test('a one-time code is good once, for a while, and for who began', async () => {
  newcomer();
  const { verifier, challenge } = pair();
  const code = codeOf(await visit(world, 'google'));
  assert.equal((await exchange({ code })).status, 200);
  refused(await exchange({ code }), 401, 'invalid_code', 'a second time');
  const many = codeOf(await visit(world, 'google'));
  const answers = await Promise.all(Array.from({ length: 8 }, () => exchange({ code: many })));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  const late = codeOf(await visit(world, 'google'));
  await world.database.run("UPDATE exchange_codes SET expires_at = '2026-01-01T00:00:00.000Z'");
  refused(await exchange({ code: late }), 401, 'invalid_code', 'late');
  for (const body of [{}, { verifier: pair().verifier }, { verifier: '' }, { verifier: challenge }]) {
    const bound = codeOf(await visit(world, 'google', { challenge }));
    refused(await exchange({ code: bound, ...body }), 401, 'invalid_code', JSON.stringify(body));
    refused(await exchange({ code: bound, verifier }), 401, 'invalid_code', 'and then it is used up');
  }
  for (const made of ['', 'x', 'A'.repeat(43), 'A'.repeat(10_000), '\u0000']) refused(await exchange({ code: made }), 401, 'invalid_code', made.slice(0, 50));
  refused(await exchange({}), 422);
  refused(await exchange({ code: 'x', state: 'y' }), 422);
});

test('a provider\'s code is no code of ours', async () => {
  newcomer();
  const { callback } = await beforeCallback();
  refused(await exchange({ code: callback.searchParams.get('code') }), 401, 'invalid_code');
});

/** Answers of Microsoft, and what becomes of each: the page that began is told, or an administrator is needed. */
const OF_MICROSOFT = [
  ['access_denied', 'AADSTS65004: User declined to consent to access the app.', 'consent_declined'],
  ['access_denied', 'AADSTS50105: Your administrator has configured the application to block users.', 'account_not_allowed'],
  ['invalid_request', 'AADSTS50194: Application is not configured as a multi-tenant application.', 'provider_misconfigured'],
  ['interaction_required', 'AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication.', 'interaction_required'],
  ['access_denied', 'AADSTS53003: Access has been blocked by Conditional Access policies.', 'blocked_by_policy'],
  ['server_error', 'AADSTS90033: A transient error has occurred.', 'provider_unavailable'],
  ['temporarily_unavailable', undefined, 'provider_unavailable'],
  ['something_new', 'AADSTS99999: Nobody knows.', 'provider_refused'],
];

for (const [error, description, code] of OF_MICROSOFT) {
  test(`the page that began is told of ${error}${description ? ` ${description.slice(0, 12)}` : ''} in words that help`, async () => {
    newcomer(microsoft);
    microsoft.refuse(error, description);
    const before = await leftBehind(world);
    const page = await visit(world, 'microsoft');
    assert.ok(page.isOutside && page.url.href.startsWith(BACK), `${page.status} ${page.url}`);
    assert.equal(page.url.searchParams.get('error'), code);
    assert.ok(page.url.searchParams.get('error_description').length > 40);
    assert.ok(!page.url.href.includes('AADSTS'), 'nor is its text passed on');
    assert.equal(page.url.searchParams.get('code'), null);
    assert.deepEqual(await leftBehind(world), before);
  });
}

for (const [error, description, code] of [
  ['access_denied', 'AADSTS90094: The grant requires admin permission.', 'admin_consent_required'],
  ['invalid_client', 'AADSTS65001: The user or administrator has not consented to use the application.', 'consent_required'],
  ['access_denied', 'AADSTS90095: Admin consent request is pending.', 'admin_consent_pending'],
]) {
  test(`where only an administrator can help (${description.slice(0, 11)}), a page gives the link for them`, async () => {
    newcomer(microsoft);
    microsoft.refuse(error, description);
    const page = told(await visit(world, 'microsoft'), 403, code, description);
    const link = page.links.find(({ address }) => address.includes('adminconsent'));
    const address = new URL(link.address);
    assert.equal(address.pathname, '/organizations/v2.0/adminconsent');
    assert.equal(address.searchParams.get('client_id'), microsoft.clientId);
    assert.equal(address.searchParams.get('redirect_uri'), `${world.publicUrl}/api/v1/auth/microsoft/callback`);
    assert.ok(page.links.some(({ address: back }) => back.startsWith(BACK)));
  });
}

test('an administrator who comes back reads what came of it, and nothing else happens', async () => {
  const before = await leftBehind(world);
  const browser = Browser.of(world);
  const approved = await browser.open(`${world.publicUrl}/api/v1/auth/microsoft/callback?admin_consent=True&tenant=${COMPANY_TENANT}&scope=openid`);
  assert.equal(approved.status, 200);
  assert.match(words(approved), /has approved Delegate/);
  const refusal = await browser.open(`${world.publicUrl}/api/v1/auth/microsoft/callback?error=access_denied&error_description=AADSTS65004&admin_consent=True&tenant=${COMPANY_TENANT}`);
  assert.match(words(refusal), /not approved/);
  assert.deepEqual(await leftBehind(world), before);
});

test('what a provider or somebody else puts into an answer is not shown', async () => {
  newcomer();
  google.refuse('"><script>alert(1)</script>', '<img src=x onerror=alert(1)> Call +1 555 0100 to unlock your account');
  const page = await visit(world, 'google');
  assert.doesNotMatch(page.url.href + (page.text ?? ''), /script>|onerror|555/);
  const forged = await Browser.of(world).open(`${world.publicUrl}/api/v1/auth/google/callback?state=${'A'.repeat(43)}&error=<script>&error_description=<b>Call+us</b>`);
  assert.doesNotMatch(forged.text, /<script|<b>|Call us/);
});

test('a code that the provider does not take is told of', async () => {
  newcomer();
  const { browser, callback } = await beforeCallback();
  const page = await browser.open(changed(callback, { code: 'made-up' }));
  assert.ok(page.isOutside, `${page.status}`);
  assert.equal(page.url.searchParams.get('error'), 'grant_ended');
});

test('a client that the provider does not know is told of as what it is', async () => {
  newcomer();
  google.fault('token', faults.answer(401, { error: 'invalid_client', error_description: 'The OAuth client was not found.' }));
  const page = await visit(world, 'google');
  assert.equal(page.url.searchParams.get('error'), 'provider_misconfigured');
});

test('an address that the provider does not vouch for is nobody\'s to take', async () => {
  newcomer();
  google.person = { ...google.person, email: 'victim@corp.example', email_verified: false };
  await visit(world, 'google');
  assert.equal(await world.database.count('users', "email_key = 'victim@corp.example'"), 0, 'Google says that it is not verified');
  newcomer(microsoft);
  microsoft.person = { ...microsoft.person, tid: COMPANY_TENANT, email: 'victim@other.example' };
  await visit(world, 'microsoft');
  assert.equal(await world.database.count('users', "email_key = 'victim@other.example'"), 0, 'a tenant can claim any address');
});

test('a key that the provider has begun to sign with is good when it may be asked for again', async () => {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, turned + 61_000 - Date.now())));
  codeOf(await visit(turning, 'google'));
  assert.equal(rotating.asked('keys').length, 2);
  codeOf(await visit(turning, 'google'));
  assert.equal(rotating.asked('keys').length, 2);
});
