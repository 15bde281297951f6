// Who is calling: an access token, verified with WebCrypto and remembered (src/http/caller.rs).

const GENERATION = 4096;
const AUDIENCE = "delegate-api";
/** For how long a session that was looked up is trusted to go on. */
const TRUSTED_MS = 30_000;

export class Unauthenticated extends Error {}

let young = new Map();
let old = new Map();
let keys;

/** The identity behind the request's token. */
export async function caller(call) {
  const header = call.request.headers.get("authorization");
  if (header === null || header.slice(0, 7).toLowerCase() !== "bearer ") throw new Unauthenticated();
  const token = header.slice(7).trim();
  let identity = young.get(token);
  if (identity === undefined) {
    identity = old.get(token) ?? (await verify(token, call.env));
    if (young.size >= GENERATION) {
      old = young;
      young = new Map();
    }
    young.set(token, identity);
  }
  if (identity.expires <= call.started) throw new Unauthenticated();
  call.user = identity.user;
  if (identity.seen + TRUSTED_MS <= call.started) call.unseen = identity;
  return identity;
}

/** The statement that undoes its batch where the session has ended (src/store/permits.rs). */
export function permit(call, { user, session }) {
  return call.env.DB.prepare(
    `INSERT INTO permits (user_id, actor_id, session_id, key_hash, scope, role, now)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ).bind(user, user, session, null, null, null, new Date(call.started).toISOString());
}

async function verify(token, env) {
  const parts = token.split(".");
  if (parts.length !== 3) throw new Unauthenticated();
  keys ??= imported(env);
  let header;
  let claims;
  let signature;
  try {
    header = JSON.parse(text(parts[0]));
    claims = JSON.parse(text(parts[1]));
    signature = bytes(parts[2]);
  } catch {
    throw new Unauthenticated();
  }
  const key = (await keys).get(header.kid);
  if (header.alg !== "EdDSA" || key === undefined) throw new Unauthenticated();
  const signed = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
  const isGood = await crypto.subtle.verify("Ed25519", key, signature, signed);
  if (!isGood || claims.iss !== env.PUBLIC_URL || claims.aud !== AUDIENCE || typeof claims.exp !== "number") {
    throw new Unauthenticated();
  }
  return { user: claims.sub, session: claims.sid, expires: claims.exp * 1000, seen: -Infinity };
}

// PKCS #8 around the 32 bytes of an Ed25519 seed (RFC 8410).
const PKCS8 = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];

async function imported(env) {
  const entries = env.TOKEN_SIGNING_KEYS.split(",").map(async (seed) => {
    const pkcs8 = new Uint8Array([...PKCS8, ...bytes(seed)]);
    const signing = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
    const { x } = await crypto.subtle.exportKey("jwk", signing);
    const form = new TextEncoder().encode(JSON.stringify({ crv: "Ed25519", kty: "OKP", x }));
    const thumbprint = new Uint8Array(await crypto.subtle.digest("SHA-256", form));
    const verifying = await crypto.subtle.importKey("jwk", { kty: "OKP", crv: "Ed25519", x }, "Ed25519", false, [
      "verify",
    ]);
    return [thumbprint.toBase64({ alphabet: "base64url", omitPadding: true }), verifying];
  });
  return new Map(await Promise.all(entries));
}

function bytes(base64url) {
  return Uint8Array.fromBase64(base64url, { alphabet: "base64url" });
}

function text(base64url) {
  return new TextDecoder().decode(bytes(base64url));
}
