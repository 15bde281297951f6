// Access tokens made outside the Worker, to see what it takes.

import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';

const part = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** The private key of a seed as the configuration has it (RFC 8410). */
export function privateKey(seed) {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
  return createPrivateKey({
    key: Buffer.concat([prefix, Buffer.from(seed, 'base64url')]), format: 'der', type: 'pkcs8',
  });
}

/** The public key of a seed, as a JWK. */
export const publicJwk = (seed) => createPublicKey(privateKey(seed)).export({ format: 'jwk' });

/** A token signed with Ed25519. */
export function signed(seed, header, claims) {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), privateKey(seed)).toString('base64url')}`;
}

/** A token "signed" with HMAC, as those do who mistake a public key for a secret. */
export function hmac(secret, header, claims) {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

/** A token that nobody signed. */
export const unsigned = (header, claims) => `${part(header)}.${part(claims)}.`;

/** The header and claims of a token. */
export function opened(token) {
  const [header, claims] = token.split('.');
  return [header, claims].map((text) => JSON.parse(Buffer.from(text, 'base64url')));
}
