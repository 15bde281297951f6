// A provider of OpenID Connect that does what a test tells it to: one wrong claim, a lost answer, a
// key that is gone. Left alone it keeps to the rules more strictly than the real ones do.
//
// It is strict in: PKCE with S256, redirect URIs and client secrets compared exactly, a code taken
// once (the second use ends what the first one gave), access tokens that expire, refresh tokens
// that are good once (using an old one ends the family), and refresh tokens only for those who ask
// as Google (`access_type=offline`, and again only with `prompt=consent`) or Microsoft
// (`offline_access`) want to be asked. Where it lies: nobody logs in; whoever is `person` at the
// moment has just agreed. Access tokens are opaque, there is no mail and no calendar behind them.
//
// `kind: 'microsoft'` has the shape of Entra's `common`: the issuer of the discovery document is a
// pattern, that of an ID token names the person's tenant, the subject is another for each client,
// and nothing can be revoked.

import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createServer } from 'node:http';

/** The tenant of personal accounts at Microsoft. */
export const PERSONAL_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';

const random = () => randomBytes(24).toString('base64url');
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Faults for `provider.fault`. Where `then` is told the provider does its part first. */
export const faults = {
  /** Another answer. */
  answer: (status, body, headers = {}) => ({ status, body, headers }),
  /** Too much is asked. */
  tooMany: (seconds) => ({ status: 429, body: { error: 'temporarily_unavailable' }, headers: { 'retry-after': String(seconds) } }),
  /** Does nothing until a promise is kept (or until the provider is closed). */
  until: (promise) => ({ wait: promise }),
  /** Does its part, and answers when a promise is kept. */
  answersWhen: (promise) => ({ then: 'wait', wait: promise }),
  /** Never answers. */
  hang: () => ({ wait: new Promise(() => {}) }),
  /** Does its part; the answer is lost. */
  lose: () => ({ then: 'lose' }),
  /** Does its part; half of the answer arrives. */
  cut: () => ({ then: 'cut' }),
  /** Breaks the connection before anything is done. */
  reset: () => ({ isReset: true }),
};

/** Ways to sign an ID token: `provider.signs = signings.none`. */
export const signings = {
  rs256: ({ header, claims, key }) => {
    const text = `${part(header)}.${part(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), key.privateKey).toString('base64url')}`;
  },
};

export class ScriptedProvider {
  #server;
  #faults = [];
  #consented = new Set();

  /** Starts one on a free port of loopback. */
  static async start(options) {
    const provider = new ScriptedProvider(options);
    await provider.#start();
    return provider;
  }

  constructor({ kind = 'google', redirects = ['https://delegate.test/api/v1/auth/google/callback', 'https://delegate.test/api/v1/auth/microsoft/callback'], port = 0 } = {}) {
    this.kind = kind;
    this.redirects = redirects;
    this.port = port;
    this.clientId = `client-of-${kind}`;
    this.clientSecret = `secret-${random()}`;
    this.keys = [newKey()];
    /** Codes by their text: what was asked for, who agreed, what came of it. */
    this.codes = new Map();
    this.accessTokens = new Map();
    this.refreshTokens = new Map();
    this.reset();
  }

  /** Back to a provider that keeps to the rules, with nobody asked for anything. Keys and grants stay. */
  reset() {
    this.#faults = [];
    /** Who agrees to what is asked. */
    this.person = { sub: 'subject-of-ada', email: 'ada@lovelace.example', email_verified: true, name: 'Ada Lovelace', ...(this.kind === 'microsoft' && { tid: PERSONAL_TENANT }) };
    /** How long an access token lives, in seconds. */
    this.expiresIn = 3600;
    /** Whether each refresh gives another refresh token and voids the one before. */
    this.rotates = true;
    /** Every request: `{endpoint, method, parameters, headers, at, status}`. */
    this.seen = [];
    /** Tokens that were asked to be revoked: `{token, hint}`. */
    this.revoked = [];
    // What a test bends: each is given what would be right and answers what is sent.
    this.discovers = (document) => document;
    this.lists = (keys) => keys;
    this.returns = (parameters) => parameters;
    this.grants = (scopes) => scopes;
    this.claims = (claims) => claims;
    this.header = (header) => header;
    this.signs = signings.rs256;
    this.gives = (tokens) => tokens;
    this.tells = (claims) => claims;
  }

  /** What an endpoint (`discovery`, `keys`, `authorize`, `token`, `userinfo`, `revoke`) does instead, the next so many times. */
  fault(endpoint, fault, times = 1) {
    this.#faults.push({ endpoint, fault, times });
  }

  /** The next answer to the browser is a refusal. */
  refuse(error, description, more = {}) {
    const returns = this.returns;
    this.returns = ({ state, iss }) => {
      this.returns = returns;
      return { error, ...(description && { error_description: description }), state, ...(iss && { iss }), ...more };
    };
  }

  /** Another key signs from now on; the ones before it stay listed or go. */
  rotateKeys({ keep = true } = {}) {
    this.keys = [newKey(), ...(keep ? this.keys : [])];
    return this.keys[0];
  }

  /** The requests to an endpoint, of a grant if one is told. */
  asked(endpoint, grant) {
    return this.seen.filter((one) => one.endpoint === endpoint && (!grant || one.parameters.grant_type === grant));
  }

  /** Everything about a person is void, as when they take it back on the provider's page. */
  forgetPerson(sub) {
    for (const family of this.#families(sub)) family.ended = 'the person took it back';
    this.#consented.delete(sub);
  }

  /** Access tokens of a person expire now. */
  expireAccess(sub) {
    for (const token of this.accessTokens.values()) if (token.family.person.sub === sub) token.expiresAt = 0;
  }

  /** How the grant behind a refresh or access token stands: null where it is good, else why it ended. */
  ended(token) {
    const found = this.refreshTokens.get(token) ?? this.accessTokens.get(token);
    return found ? found.family.ended : 'unknown';
  }

  /** Every secret it made or was made with. */
  get secrets() {
    return [this.clientSecret, ...this.codes.keys(), ...this.accessTokens.keys(), ...this.refreshTokens.keys()];
  }

  *#families(sub) {
    for (const { family } of this.refreshTokens.values()) if (family.person.sub === sub) yield family;
    for (const { family } of this.accessTokens.values()) if (family.person.sub === sub) yield family;
  }

  get issuer() {
    return this.kind === 'microsoft' ? `${this.url}/common/v2.0` : this.url;
  }

  /** Who signs an ID token of this person. */
  issuerOf(person) {
    return this.kind === 'microsoft' ? `${this.url}/${person.tid}/v2.0` : this.url;
  }

  async #start() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error) => { response.destroy(error); });
    });
    await new Promise((resolve, reject) => this.#server.once('error', reject).listen(this.port, '127.0.0.1', resolve));
    this.port = this.#server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request, response) {
    const url = new URL(request.url, this.url);
    let body = '';
    for await (const chunk of request) body += chunk;
    const endpoint = { '/authorize': 'authorize', '/token': 'token', '/keys': 'keys', '/userinfo': 'userinfo', '/revoke': 'revoke' }[url.pathname]
      ?? (url.pathname === `${new URL(this.issuer).pathname.replace(/\/$/, '')}/.well-known/openid-configuration` ? 'discovery' : 'unknown');
    const parameters = Object.fromEntries(request.method === 'POST' ? new URLSearchParams(body) : url.searchParams);
    const noted = { endpoint, method: request.method, path: url.pathname, parameters, headers: request.headers, at: Date.now() };
    this.seen.push(noted);

    const waiting = this.#faults.find((one) => one.endpoint === endpoint && one.times > 0);
    const fault = waiting?.fault ?? {};
    if (waiting) waiting.times -= 1;
    if (fault.isReset) return void request.socket.destroy();
    if (fault.wait && fault.then !== 'wait') await fault.wait;
    const answer = fault.status === undefined
      ? this[`_${endpoint}`]?.(parameters, request.headers, noted) ?? { status: 404, body: { error: 'not_found' } }
      : fault;
    noted.status = answer.status;
    if (fault.wait && fault.then === 'wait') await fault.wait;
    if (fault.then === 'lose') return void request.socket.destroy();
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? '');
    const type = typeof answer.body === 'string' ? 'text/html; charset=utf-8' : 'application/json';
    response.writeHead(answer.status, { 'content-type': type, 'cache-control': 'no-store', 'content-length': Buffer.byteLength(text), ...answer.headers });
    if (fault.then === 'cut') {
      response.write(text.slice(0, text.length / 2));
      return void setTimeout(() => request.socket.destroy(), 20);
    }
    response.end(text);
  }

  _discovery() {
    const issuer = this.kind === 'microsoft' ? `${this.url}/{tenantid}/v2.0` : this.url;
    const at = (place) => `${this.url}/${place}`;
    return { status: 200, body: this.discovers({
      issuer, authorization_endpoint: at('authorize'), token_endpoint: at('token'), jwks_uri: at('keys'), userinfo_endpoint: at('userinfo'),
      ...(this.kind !== 'microsoft' && { revocation_endpoint: at('revoke'), authorization_response_iss_parameter_supported: true }),
      response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid', 'email', 'profile'], token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      code_challenge_methods_supported: ['S256'],
    }) };
  }

  _keys() {
    const keys = this.keys.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }));
    return { status: 200, body: { keys: this.lists(keys) }, headers: { 'cache-control': 'public, max-age=3600' } };
  }

  _authorize(asked) {
    const scopes = (asked.scope ?? '').split(' ').filter(Boolean);
    const wrong = [
      asked.client_id !== this.clientId && 'the client is unknown',
      !this.redirects.includes(asked.redirect_uri) && 'the redirect URI is not registered',
      asked.response_type !== 'code' && 'only codes are given',
      !scopes.includes('openid') && 'openid was not asked for',
      !(asked.state?.length >= 16) && 'no state worth the name',
      !(asked.nonce?.length >= 16) && 'no nonce worth the name',
      !(asked.code_challenge_method === 'S256' && /^[\w-]{43}$/.test(asked.code_challenge ?? '')) && 'no PKCE with S256',
    ].filter(Boolean);
    if (wrong.length > 0) return { status: 400, body: `<!doctype html><title>Error 400</title><p>${wrong.join('; ')}</p>` };
    const code = `code-${random()}`;
    const person = { ...this.person };
    const wantsRefresh = this.kind === 'microsoft' ? scopes.includes('offline_access')
      : asked.access_type === 'offline' && (/\bconsent\b/.test(asked.prompt ?? '') || !this.#consented.has(person.sub));
    this.codes.set(code, { asked, person, scopes: this.grants(scopes), wantsRefresh, family: null });
    if (wantsRefresh) this.#consented.add(person.sub);
    const back = new URL(asked.redirect_uri);
    const sent = this.returns({ code, state: asked.state, ...(this.kind !== 'microsoft' && { iss: this.url }) }, asked);
    for (const [name, value] of Object.entries(sent)) if (value !== undefined) back.searchParams.set(name, value);
    return { status: 302, body: '', headers: { location: back.href } };
  }

  _token(asked, headers) {
    const [, basic] = /^Basic (.+)$/i.exec(headers.authorization ?? '') ?? [];
    const [id, secret] = basic ? Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent) : [asked.client_id, asked.client_secret];
    if (id !== this.clientId || secret !== this.clientSecret) return problem(401, 'invalid_client', 'The client is not known by these.');
    if (asked.grant_type === 'authorization_code') {
      const found = this.codes.get(asked.code);
      if (!found) return problem(400, 'invalid_grant', 'The code is unknown.');
      if (found.family) {
        found.family.ended = 'its code came a second time';
        return problem(400, 'invalid_grant', 'The code was used.');
      }
      found.family = { person: found.person, scopes: found.scopes, ended: null };
      if (asked.redirect_uri !== found.asked.redirect_uri) return problem(400, 'invalid_grant', 'Another redirect URI.');
      const challenge = createHash('sha256').update(asked.code_verifier ?? '').digest('base64url');
      if (challenge !== found.asked.code_challenge) return problem(400, 'invalid_grant', 'The verifier is not of this challenge.');
      const refresh = found.wantsRefresh ? this.#refreshToken(found.family) : undefined;
      return this.#tokens(found.family, refresh, this.#idToken(found.person, found.asked.nonce, found.scopes));
    }
    if (asked.grant_type !== 'refresh_token') return problem(400, 'unsupported_grant_type');
    const found = this.refreshTokens.get(asked.refresh_token);
    if (!found) return problem(400, 'invalid_grant', 'The refresh token is unknown.');
    if (found.isUsed) found.family.ended ??= 'a refresh token came a second time';
    if (found.family.ended) return problem(400, 'invalid_grant', 'Token has been expired or revoked.');
    found.isUsed = this.rotates;
    return this.#tokens(found.family, this.rotates ? this.#refreshToken(found.family) : undefined);
  }

  #refreshToken(family) {
    const token = `refresh-${random()}`;
    this.refreshTokens.set(token, { family, isUsed: false });
    return token;
  }

  #tokens(family, refresh, idToken) {
    const access = `access-${random()}`;
    this.accessTokens.set(access, { family, expiresAt: Date.now() + this.expiresIn * 1000 });
    return { status: 200, body: this.gives({
      access_token: access, token_type: 'Bearer', expires_in: this.expiresIn, scope: family.scopes.join(' '),
      ...(refresh && { refresh_token: refresh }), ...(idToken && { id_token: idToken }),
    }) };
  }

  #idToken(person, nonce, scopes) {
    const now = Math.floor(Date.now() / 1000);
    const [key] = this.keys;
    const claims = this.claims({
      iss: this.issuerOf(person), aud: this.clientId, iat: now, exp: now + 3600, nonce, ...this.#about(person, scopes),
      ...(this.kind === 'microsoft' ? { ver: '2.0', oid: `oid-${person.sub}`, tid: person.tid } : { azp: this.clientId }),
    });
    return this.signs({ header: this.header({ alg: 'RS256', typ: 'JWT', kid: key.kid }), claims, key });
  }

  #about(person, scopes) {
    const { sub, email, email_verified, name } = person;
    return {
      sub, ...(scopes.includes('profile') && { name, ...(this.kind === 'microsoft' && { preferred_username: email }) }),
      ...(scopes.includes('email') && { email, ...(this.kind !== 'microsoft' && { email_verified }) }),
    };
  }

  _userinfo(_, headers) {
    const found = this.accessTokens.get(/^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]);
    if (!found || found.family.ended || found.expiresAt <= Date.now()) {
      return { ...problem(401, 'invalid_token'), headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
    }
    return { status: 200, body: this.tells(this.#about(found.family.person, found.family.scopes)) };
  }

  _revoke({ token, token_type_hint: hint }) {
    if (this.kind === 'microsoft') return undefined;
    this.revoked.push({ token, hint });
    const found = this.refreshTokens.get(token) ?? this.accessTokens.get(token);
    if (!found || found.family.ended) return problem(400, 'invalid_token', 'Token expired or revoked');
    found.family.ended = 'revoked';
    this.#consented.delete(found.family.person.sub);
    return { status: 200, body: {} };
  }
}

function problem(status, error, description) {
  return { status, body: { error, ...(description && { error_description: description }) } };
}

function newKey() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid: `key-${randomBytes(6).toString('hex')}`, privateKey, publicKey };
}
