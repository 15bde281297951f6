// The stand-ins themselves, asked by a plain client: what other tests count on.

import assert from 'node:assert/strict';
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { after, test } from 'node:test';

import { Browser } from './browser.mjs';
import { eventually } from './client.mjs';
import { COMPANY_TENANT, google, microsoft, strict } from './providers.mjs';
import { faults, PERSONAL_TENANT, ScriptedProvider } from './scripted_provider.mjs';

const standing = [];
after(() => Promise.all(standing.map((provider) => provider.close())));
const kept = (provider) => {
  standing.push(provider);
  return provider;
};
const json = async (response) => ({ status: response.status, headers: response.headers, body: await response.json() });
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

/** A client of a provider, for one visit. */
async function visit(provider, { as = provider.name ?? provider.kind, ...more } = {}) {
  const { body: found } = await json(await fetch(`${provider.issuer}/.well-known/openid-configuration`));
  const browser = new Browser({ [provider.url]: (url, init) => fetch(url, init) });
  const verifier = randomBytes(32).toString('base64url');
  const redirect = `https://delegate.test/api/v1/auth/${as}/callback`;
  const address = new URL(found.authorization_endpoint);
  const asked = {
    client_id: provider.clientId, redirect_uri: redirect, response_type: 'code', scope: 'openid email profile',
    state: randomBytes(16).toString('hex'), nonce: randomBytes(16).toString('hex'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256', ...more,
  };
  for (const [name, value] of Object.entries(asked)) if (value !== null) address.searchParams.set(name, value);
  const client = { client_id: provider.clientId, client_secret: provider.clientSecret };
  const token = async (form) => json(await fetch(found.token_endpoint, { method: 'POST', body: new URLSearchParams({ ...client, ...form }) }));
  return {
    asked, browser, found, token,
    page: await browser.open(address),
    redeem: (code, change = {}) => token({ grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier, ...change }),
    refresh: (refresh_token) => token({ grant_type: 'refresh_token', refresh_token }),
    whoIs: async (access) => json(await fetch(found.userinfo_endpoint, { headers: { authorization: `Bearer ${access}` } })),
    revoke: (held) => fetch(found.revocation_endpoint, { method: 'POST', body: new URLSearchParams({ ...client, token: held }) }),
  };
}

async function assertSigned(found, token) {
  const { body: { keys } } = await json(await fetch(found.jwks_uri));
  const [header, claims, signature] = token.split('.');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url'));
  const key = createPublicKey({ key: keys.find((one) => one.kid === kid), format: 'jwk' });
  assert.ok(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url')));
}

for (const [name, start, person, address] of [
  ['Google', google, 'grace@navy.example', 'grace@navy.example'],
  ['Microsoft', microsoft, 'ada@contoso.example', 'ada@contoso.example'],
  ['the strict one', strict, 'ada', 'ada@strict.example'],
]) {
  test(`${name} signs somebody in, and refreshes`, async () => {
    const provider = kept(await start());
    const one = await visit(provider);
    const back = await provider.signIn(one.browser, one.page, person);
    assert.ok(back.isOutside && back.url.href.startsWith(one.asked.redirect_uri), back.url.href);
    assert.equal(back.url.searchParams.get('state'), one.asked.state);
    const code = back.url.searchParams.get('code');
    const wrong = await one.redeem(code, { code_verifier: 'x'.repeat(43) });
    assert.equal(wrong.body.error, 'invalid_grant', 'PKCE is checked');
    const again = await visit(provider);
    const other = (await provider.signIn(again.browser, again.page, person)).url.searchParams.get('code');
    const { status, body } = await again.redeem(other);
    assert.equal(status, 200, JSON.stringify(body));
    const claims = claimsOf(body.id_token);
    assert.equal(claims.email, address);
    assert.equal(claims.nonce, again.asked.nonce);
    assert.equal(claims.aud, provider.clientId);
    await assertSigned(one.found, body.id_token);
    assert.equal((await again.whoIs(body.access_token)).body.sub, claims.sub);
    assert.equal((await again.refresh(body.refresh_token)).status, 200);
    assert.equal((await again.redeem(other)).body.error, 'invalid_grant', 'a code is good once');
  });
}

test('Microsoft names the tenant of a person as the issuer', async () => {
  for (const [email, tenant] of [['linus@outlook.com', PERSONAL_TENANT], ['ada@contoso.example', COMPANY_TENANT]]) {
    const provider = kept(await microsoft({ tenant }));
    const one = await visit(provider);
    const { url } = await provider.signIn(one.browser, one.page, email);
    const claims = claimsOf((await one.redeem(url.searchParams.get('code'))).body.id_token);
    assert.equal(claims.iss, `${provider.url}/${tenant}/v2.0`);
    assert.equal(claims.tid, tenant);
  }
});

test('the strict one refuses what is not strict, and lets a person refuse', async () => {
  const provider = kept(await strict({ accessSeconds: 1 }));
  assert.equal((await visit(provider, { redirect_uri: 'https://delegate.test/api/v1/auth/google/callback/' })).page.isOutside, false);
  assert.match((await visit(provider, { code_challenge: null, code_challenge_method: null })).page.url.href, /error=invalid_request/);
  const refused = await visit(provider);
  const { url } = await provider.cancel(refused.browser, refused.page);
  assert.equal(url.searchParams.get('error'), 'access_denied');
  assert.equal(url.searchParams.get('iss'), provider.issuer);

  const one = await visit(provider);
  const code = (await provider.signIn(one.browser, one.page, 'ada')).url.searchParams.get('code');
  const first = (await one.redeem(code)).body;
  const second = (await one.refresh(first.refresh_token)).body;
  assert.notEqual(second.refresh_token, first.refresh_token);
  await eventually(async () => (await one.whoIs(second.access_token)).status === 401, { seconds: 5, every: 200, what: 'it expires' });
  assert.equal((await one.refresh(first.refresh_token)).body.error, 'invalid_grant');
  assert.equal((await one.refresh(second.refresh_token)).body.error, 'invalid_grant', 'the whole grant is gone');

  const two = await visit(provider);
  const held = (await two.redeem((await provider.signIn(two.browser, two.page, 'ada')).url.searchParams.get('code'))).body;
  assert.equal((await two.revoke(held.refresh_token)).status, 200);
  assert.equal((await two.refresh(held.refresh_token)).body.error, 'invalid_grant');
});

test('the scripted one keeps to the rules when it is left alone', async () => {
  const provider = kept(await ScriptedProvider.start());
  for (const change of [{ code_challenge: null }, { code_challenge_method: 'plain' }, { state: null }, { nonce: null }, { redirect_uri: 'https://delegate.test/' }]) {
    assert.equal((await visit(provider, change)).page.status, 400, JSON.stringify(change));
  }
  const plain = await visit(provider);
  assert.equal(plain.page.url.searchParams.get('iss'), provider.issuer);
  assert.equal((await plain.redeem(plain.page.url.searchParams.get('code'))).body.refresh_token, undefined, 'nobody asked for one');
  const one = await visit(provider, { access_type: 'offline' });
  const code = one.page.url.searchParams.get('code');
  const { body: first } = await one.redeem(code);
  await assertSigned(one.found, first.id_token);
  assert.equal((await one.whoIs(first.access_token)).body.email, 'ada@lovelace.example');
  const { body: second } = await one.refresh(first.refresh_token);
  assert.equal(provider.asked('token', 'refresh_token').length, 1);
  assert.equal(provider.ended(second.refresh_token), null);
  assert.equal((await one.refresh(first.refresh_token)).body.error, 'invalid_grant');
  assert.equal((await one.refresh(second.refresh_token)).body.error, 'invalid_grant');
  assert.match(provider.ended(second.refresh_token), /second time/);
  const later = await visit(provider, { access_type: 'offline' });
  assert.equal((await later.redeem(later.page.url.searchParams.get('code'))).body.refresh_token, undefined, 'only the first consent gives one');
  const asked = await visit(provider, { access_type: 'offline', prompt: 'consent' });
  const { body: held } = await asked.redeem(asked.page.url.searchParams.get('code'));
  assert.equal((await asked.redeem(asked.page.url.searchParams.get('code'))).body.error, 'invalid_grant');
  assert.match(provider.ended(held.refresh_token), /code came a second time/);
});

test('the scripted one does as it is told', async () => {
  const provider = kept(await ScriptedProvider.start());
  const redeemed = async () => {
    const one = await visit(provider, { access_type: 'offline', prompt: 'consent' });
    return { ...one, tokens: (await one.redeem(one.page.url.searchParams.get('code'))).body };
  };
  provider.claims = (claims) => ({ ...claims, aud: 'somebody else' });
  assert.equal(claimsOf((await redeemed()).tokens.id_token).aud, 'somebody else');
  provider.reset();
  const [former] = provider.keys;
  provider.rotateKeys({ keep: false });
  const { tokens, refresh, revoke, found } = await redeemed();
  await assertSigned(found, tokens.id_token);
  assert.ok(!JSON.stringify((await json(await fetch(found.jwks_uri))).body).includes(former.kid));

  provider.fault('token', faults.tooMany(7));
  const busy = await refresh(tokens.refresh_token);
  assert.deepEqual([busy.status, busy.headers.get('retry-after')], [429, '7']);
  provider.fault('token', faults.reset());
  await assert.rejects(refresh(tokens.refresh_token));
  assert.equal(provider.ended(tokens.refresh_token), null, 'it did nothing');
  provider.fault('token', faults.cut());
  await assert.rejects(refresh(tokens.refresh_token));
  assert.equal((await refresh(tokens.refresh_token)).status, 400, 'it had done its part');

  provider.refuse('access_denied', 'AADSTS65004: User declined to consent');
  assert.equal((await visit(provider)).page.url.searchParams.get('error'), 'access_denied');
  assert.ok((await visit(provider)).page.url.searchParams.get('code'), 'once');
  const held = await redeemed();
  assert.equal((await revoke(held.tokens.refresh_token)).status, 200);
  assert.deepEqual(provider.revoked.map(({ token }) => token), [held.tokens.refresh_token]);
});

test('the scripted Microsoft has a pattern for an issuer and nothing to revoke with', async () => {
  const provider = kept(await ScriptedProvider.start({ kind: 'microsoft' }));
  const one = await visit(provider, { scope: 'openid email profile offline_access' });
  assert.equal(one.found.issuer, `${provider.url}/{tenantid}/v2.0`);
  assert.equal(one.found.revocation_endpoint, undefined);
  const { body } = await one.redeem(one.page.url.searchParams.get('code'));
  const claims = claimsOf(body.id_token);
  assert.equal(claims.iss, `${provider.url}/${claims.tid}/v2.0`);
  assert.equal(claims.email_verified, undefined);
  assert.ok(body.refresh_token);
});
