// Access tokens as Delegate signs them (core/src/token.rs), made here so that a thousand people need
// not sign in. The key and the secret are of no value outside a run.

import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";

const seed = createHash("sha256").update("delegate bench").digest();

export const SIGNING_SEED = seed.toString("base64url");
export const DELEGATE_SECRET = createHash("sha256").update("delegate bench secret").digest("base64url");
export const SEALING_KEY = createHash("sha256").update("delegate bench sealing key").digest("base64url");
export const ISSUER = "http://127.0.0.1:8787";

// PKCS #8 around the 32 bytes of an Ed25519 seed (RFC 8410).
const key = createPrivateKey({
  key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]),
  format: "der",
  type: "pkcs8",
});
const { x } = createPublicKey(key).export({ format: "jwk" });
const kid = createHash("sha256").update(JSON.stringify({ crv: "Ed25519", kty: "OKP", x })).digest("base64url");

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token of this person that outlives the run; another one for each `n`. */
export function token(user, session, n = 0) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { exp: now + 6 * 3600 + n, iat: now, iss: ISSUER, aud: "delegate-api", sub: user, sid: session };
  const body = `${encoded({ alg: "EdDSA", typ: "JWT", kid })}.${encoded(claims)}`;
  return `${body}.${sign(null, Buffer.from(body), key).toString("base64url")}`;
}

/** The identifier number `n` of a kind: of the right form, and the same in every run. */
export function identifier(prefix, n) {
  return `${prefix}_01bench${String(n).padStart(19, "0")}`;
}
