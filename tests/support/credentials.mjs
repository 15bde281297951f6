// What somebody can come with to be let in: made by hand and written into D1, so that a fault in the
// calls that make keys and delegations does not hide one in what checks them.

import { createHash, createPublicKey, randomBytes } from 'node:crypto';

import { identifier } from './operations.mjs';
import { hmac, opened, publicJwk, signed, unsigned } from './tokens.mjs';
import { secret } from './harness.mjs';

const now = () => new Date().toISOString();
const bearer = (token) => ({ authorization: `Bearer ${token}` });
const bare = (id) => id.split('_')[1];

/** How an opaque token is stored. */
export const hashed = (token) => createHash('sha256').update(token).digest('base64url');

/** The text of a key that nobody made. */
export const keyText = (user, key = identifier('key')) => `dlk_${bare(key)}_${bare(user)}_${randomBytes(32).toString('base64url')}`;

/** The identifiers of what was written by hand. */
export const planted = new Set();

/** A key in D1: `{id, text, headers}`. */
export async function plantKey(world, user, scopes, { expires_at = null, text } = {}) {
  const id = identifier('key');
  const key = text ?? keyText(user, id);
  await world.database.run(
    `INSERT INTO api_keys (id, user_id, name, key_hash, scopes, expires_at, created_at, updated_at)
     VALUES (?, ?, 'planted', ?, ?, ?, ?, ?)`,
    id, user, hashed(key), JSON.stringify(scopes), expires_at, now(), now());
  planted.add(id);
  return { id, text: key, headers: bearer(key) };
}

/** A delegation in D1, in place of one that is there; answers its identifier. */
export async function plantDelegation(world, user, delegate, scopes, { expires_at = null } = {}) {
  const { id } = await world.database.first(
    `INSERT INTO delegations (id, user_id, delegate_id, scopes, expires_at, created_at, updated_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
     ON CONFLICT (user_id, delegate_id) DO UPDATE SET scopes = ?4, expires_at = ?5 RETURNING id`,
    identifier('dlg'), user, delegate, JSON.stringify(scopes), expires_at, now());
  planted.add(id);
  return id;
}

/** The headers of somebody who acts for somebody else. */
export const actingFor = (user, headers) => ({ ...headers, 'acting-for': user });

/** The headers of a client. */
export const headersOf = (client) => bearer(client.token);

/** Access tokens that are none, of a person: what each is, and the headers. */
export function badTokens(world, client) {
  const [seed] = world.signingKeys;
  const [header, claims] = opened(client.token);
  const jwk = publicJwk(seed);
  const raw = Buffer.from(jwk.x, 'base64url');
  const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'pem', type: 'spki' });
  const made = (change) => signed(seed, header, { ...claims, ...change });
  const past = { iat: claims.iat - 7200, exp: claims.exp - 7200 };
  const other = publicJwk(secret());
  return Object.entries({
    'an expired token': made(past),
    'a token of another audience': made({ aud: 'somebody-else' }),
    'a token of another issuer': made({ iss: 'https://evil.example' }),
    'a token signed by another key': signed(secret(), header, claims),
    'a token that names a key of its own': signed(secret(), { ...header, jwk: other }, claims),
    'a token with alg none': unsigned({ ...header, alg: 'none' }, claims),
    'a token with HS256 of the public key': hmac(raw, { ...header, alg: 'HS256' }, claims),
    'a token with HS256 of the public key in PEM': hmac(pem, { ...header, alg: 'HS256' }, claims),
    'a refresh token': client.refreshToken,
    'garbage': 'x.y.z',
  }).map(([what, token]) => [what, bearer(token)]);
}
