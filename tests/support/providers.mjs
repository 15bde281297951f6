// Stand-ins for Google, Microsoft and a provider that is strict, on loopback, in the process of the
// test. What they can't be made to do, `scripted_provider.mjs` does.
//
// `google` and `microsoft` are `emulate` 0.12.2. They have the paths, the pages and the shapes of
// tokens of the real ones. Where they lie (read in the source, and tried):
// - Every token lives for an hour in name and for ever in fact, and any bearer at all is taken for
//   some person at userinfo: a token that was revoked still opens it.
// - PKCE is checked where a challenge was given and not missed where none was; `plain` is taken; a
//   wrong redirect URI at the token endpoint is noticed by Microsoft only; query and slash at the
//   end of a redirect URI are not compared.
// - A refresh token comes with every code, whether `access_type=offline`, `prompt=consent` or
//   `offline_access` was asked for or not. Google's stays the same for ever; Microsoft's changes
//   with each refresh and the one before is void at once (the real one goes on taking it).
// - Every scope is granted, nobody can refuse, nothing asks an administrator.
// - Google takes the client's secret in the body only, whatever its discovery document says; it
//   sends no `iss` to the redirect URI, and its issuer has no other spelling.
// - Microsoft's `common` names the tenant of personal accounts as its issuer, where the real one has
//   the pattern `{tenantid}`; the subject is the object's id, where the real one is another for each
//   client. An ID token's issuer is the person's own tenant, as in reality.
// - Microsoft's has a path to revoke a token, which the real one lacks, and does not list it.
// - Both sign with one key for the life of the process: two Googles can't be told apart by it.
//
// `strict` is `oidc-provider` 9.13.3 with a page to log in, one to agree and a link to cancel. It
// wants PKCE with S256, compares redirect URIs exactly, sends `iss`, rotates refresh tokens and ends
// the whole grant when an old one or a used code comes again, lets tokens expire as soon as it is
// told, and revokes. Told to (`claimsInIdToken: false`), it keeps name and address for userinfo, as
// the specification has it. Where it lies: any password is right, a refresh token comes with every
// code (`refreshesAlways: false`: only for `offline_access` with `prompt=consent`, which neither
// Google's nor Microsoft's way of asking is), and `prompt=select_account`, which it does not know,
// is taken out before it reads it.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import { createEmulator } from 'emulate';
import Provider from 'oidc-provider';

/** People that `google` knows: of a private account, of a company's, and one whose address nobody checked. */
export const GOOGLE_PEOPLE = [
  { email: 'ada@gmail.com', name: 'Ada Lovelace' },
  { email: 'grace@navy.example', name: 'Grace Hopper', hd: 'navy.example' },
  { email: 'unsure@gmail.com', name: 'Unsure Person', email_verified: false },
  { email: 'maya@northwind.example', name: 'Maya at Google', hd: 'northwind.example' },
];

/** A company's tenant at Microsoft. */
export const COMPANY_TENANT = '11111111-2222-4333-8444-555555555555';

/** People that `microsoft` knows: a private account, two of a company's. */
export const MICROSOFT_PEOPLE = [
  { email: 'linus@outlook.com', name: 'Linus Private' },
  { email: 'ada@contoso.example', name: 'Ada at Contoso', tenant_id: COMPANY_TENANT },
  { email: 'maya@northwind.example', name: 'Maya at Microsoft', tenant_id: COMPANY_TENANT },
];

/** People that `strict` knows, by their subject, which is what they log in as. */
export const STRICT_PEOPLE = {
  ada: { email: 'ada@strict.example', email_verified: true, name: 'Ada Strict' },
  unsure: { email: 'unsure@strict.example', email_verified: false, name: 'Unsure Strict' },
};

/** What connecting an account asks for. */
const SCOPES = [
  ...['gmail.modify', 'calendar.events', 'calendar.calendarlist.readonly'].map((scope) => `https://www.googleapis.com/auth/${scope}`),
  ...['Mail.ReadWrite', 'Mail.Send', 'Calendars.ReadWrite'].map((scope) => `https://graph.microsoft.com/${scope}`),
];

const redirectUri = (publicUrl, provider) => `${publicUrl}/api/v1/auth/${provider}/callback`;

/** A port that nobody listens on. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function emulated(service, { people, publicUrl, clientId, clientSecret }) {
  const port = await freePort();
  const client = { client_id: clientId, client_secret: clientSecret, name: 'Delegate', redirect_uris: [redirectUri(publicUrl, service)] };
  const emulator = await createEmulator({
    service, port, baseUrl: `http://127.0.0.1:${port}`, seed: { [service]: { users: people, oauth_clients: [client] } },
  });
  return {
    name: service, url: emulator.url, clientId, clientSecret,
    close: () => emulator.close(),
    /** Chooses a person on the page that asks who it is. */
    signIn: (browser, page, email) => {
      const form = page.forms.find((each) => each.fields.email === email);
      if (!form) throw new Error(`${email} is not on the page: ${page.status} ${page.url}`);
      return browser.submit(page, form);
    },
  };
}

/** Google, by `emulate`. */
export async function google({ publicUrl = 'https://delegate.test', people = GOOGLE_PEOPLE } = {}) {
  const stood = await emulated('google', { people, publicUrl, clientId: 'google-client', clientSecret: secret() });
  return { ...stood, issuer: stood.url };
}

/** Microsoft, by `emulate`: for one tenant, since its `common` is none (see above). */
export async function microsoft({ publicUrl = 'https://delegate.test', people = MICROSOFT_PEOPLE, tenant = COMPANY_TENANT } = {}) {
  const stood = await emulated('microsoft', { people, publicUrl, clientId: 'microsoft-client', clientSecret: secret() });
  return { ...stood, issuer: `${stood.url}/${tenant}/v2.0` };
}

/**
 * A provider that is strict, by `oidc-provider`; it stands in for Google or Microsoft (`as`).
 *
 * @param {object} [options]
 * @param {'google' | 'microsoft'} [options.as] whose redirect URI it knows
 * @param {number} [options.accessSeconds] how long an access token lives
 * @param {number} [options.codeSeconds] how long a code lives
 * @param {boolean} [options.claimsInIdToken] whether the ID token tells name and address
 * @param {boolean} [options.refreshesAlways] whether a refresh token comes without being asked for as OpenID Connect says
 */
export async function strict({
  publicUrl = 'https://delegate.test', as = 'google', people = STRICT_PEOPLE,
  accessSeconds = 3600, codeSeconds = 60, claimsInIdToken = true, refreshesAlways = true,
} = {}) {
  const clientSecret = secret();
  const server = createServer();
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = quietly(() => new Provider(issuer, {
    clients: [{
      client_id: 'strict-client', client_secret: clientSecret, client_name: 'Delegate',
      redirect_uris: [redirectUri(publicUrl, as)], response_types: ['code'], grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_post',
    }],
    scopes: ['openid', 'offline_access', 'email', 'profile', ...SCOPES],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: !claimsInIdToken,
    cookies: { keys: [secret()] },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'strict-1', use: 'sig', alg: 'RS256' }] },
    features: { revocation: { enabled: true, allowedPolicy: () => true }, rpInitiatedLogout: { enabled: false } },
    pkce: { required: () => true },
    rotateRefreshToken: () => true,
    clockTolerance: 0,
    expiresWithSession: () => false,
    ...(refreshesAlways && { issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token') }),
    ttl: {
      AccessToken: accessSeconds, AuthorizationCode: codeSeconds, IdToken: 3600, RefreshToken: 86_400,
      Grant: 86_400, Interaction: 600, Session: 600,
    },
    findAccount: (_, sub) => people[sub] && { accountId: sub, claims: () => ({ sub, ...people[sub] }) },
    renderError: (context, out) => {
      context.type = 'json';
      context.body = out;
    },
  }));
  const answer = provider.callback();
  server.on('request', (request, response) => {
    const url = new URL(request.url, issuer);
    const prompts = url.searchParams.get('prompt')?.split(' ').filter((prompt) => prompt !== 'select_account') ?? [];
    if (prompts.length > 0) url.searchParams.set('prompt', prompts.join(' '));
    else url.searchParams.delete('prompt');
    request.url = url.pathname + url.search;
    answer(request, response);
  });
  return {
    name: as, url: issuer, issuer, clientId: 'strict-client', clientSecret,
    /** Events such as `grant.success`, `grant.revoked`, `grant.error`. */
    events: provider,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    /** Logs in and agrees. */
    signIn: async (browser, page, login) => {
      const asked = await browser.submit(page, page.forms[0], { login, password: 'any' });
      return asked.forms?.[0]?.fields.prompt === 'consent' ? browser.submit(asked, asked.forms[0]) : asked;
    },
    /** Takes the link that cancels. */
    cancel: (browser, page) => browser.follow(page, page.links.find(({ text }) => text.includes('Cancel')).address),
  };
}

/** Runs something that comments on being set up for a test. */
function quietly(work) {
  const { warn, info } = console;
  console.warn = () => {};
  console.info = () => {};
  try {
    return work();
  } finally {
    Object.assign(console, { warn, info });
  }
}

const secret = () => randomBytes(24).toString('base64url');

/** What a world is started with to reach these: `startWorld(configuredFor({google: …}))`. */
export function configuredFor(providers) {
  const vars = {};
  const secrets = { TOKEN_ENCRYPTION_KEYS: randomBytes(32).toString('base64url') };
  for (const [name, provider] of Object.entries(providers)) {
    const prefix = name.toUpperCase();
    vars[`${prefix}_ISSUER`] = provider.issuer;
    vars[`${prefix}_CLIENT_ID`] = provider.clientId;
    secrets[`${prefix}_CLIENT_SECRET`] = provider.clientSecret;
  }
  return { vars, secrets };
}
