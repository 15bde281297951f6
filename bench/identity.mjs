// auth_overhead and login_cpu_ms: what it costs to know who is calling.

import { Client } from "./client.mjs";
import { fill, reader, tokens } from "./fixtures.mjs";
import { bearer, figures, get, inTurn, startGenerator } from "./rounds.mjs";
import { Running } from "./workers.mjs";

/** More than an isolate remembers (src/http/caller.rs): by the time one comes again it is forgotten. */
const NEW_TOKENS = 10_000;
/** How many calls are made to count round trips: those of a second or two. */
const COUNTED_CALLS = 500;
/** How many sign-ins the time of the processor is divided by. */
const SIGN_INS = 20;
const AT_ONCE = 4;

const PASSWORD = "a long enough passphrase";
/** Of the form of bcrypt's; nobody knows a password that it is of. */
const BCRYPT_12 = "$2b$12$abcdefghijklmnopqrstvuABCDEFGHIJKLMNOPQRSTUVWXYZabcde";

export async function* identity(names, progress) {
  if (names.includes("auth_overhead")) yield* authentication(progress);
  if (names.includes("login_cpu_ms")) yield* signIn(progress);
}

/**
 * A handler that only answers and wants to know who calls (`GET /api/v1/auth/caller`) against one
 * that only answers (`GET /health`), of the same Worker.
 */
async function* authentication(progress) {
  const worker = await Running.start("rust");
  const generator = startGenerator();
  try {
    await fill(worker.database);
    const identified = (who) => get("/api/v1/auth/caller", bearer(who));
    const cases = {
      "a token seen before": [identified(reader(0))],
      "a new token each time": tokens(NEW_TOKENS).map(identified),
    };
    for (const [of, requests] of Object.entries(cases)) {
      const contestants = [{ worker, requests }, { worker, requests: [get("/health")] }];
      const rounds = await inTurn(generator, contestants, (text) => progress(`auth_overhead, ${of}, ${text}`));
      yield* figures("auth_overhead", rounds, { of, peer: "GET /health" });
    }
    yield { name: "auth_overhead_d1", of: "a token seen before", value: await roundTrips(worker), unit: "round trips/call" };
  } finally {
    generator.kill();
    await worker.stop();
  }
}

/** What such calls asked of D1, by the log: a session is looked up again every 30 seconds. */
async function roundTrips(worker) {
  const client = new Client(worker.url, reader(0).token);
  await client.ask("GET", "/api/v1/auth/caller");
  await settled();
  let calls = 0;
  let trips = 0;
  const stop = worker.onLine((line) => {
    if (line.message !== "request") return;
    calls += 1;
    trips += line["d1.round_trips"];
  });
  for (let n = 0; n < COUNTED_CALLS; n += 1) await client.ask("GET", "/api/v1/auth/caller");
  await settled();
  stop();
  if (calls !== COUNTED_CALLS) throw new Error(`${calls} of ${COUNTED_CALLS} calls were logged`);
  return trips / calls;
}

/** Until the last line of the log has come. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 500));

/**
 * The time of the processor of a sign-in with a wrong password, by the kind of the hash. A wrong one,
 * since a right one would have a bcrypt hash replaced, and so another hashed; one a person, since
 * guessing is slowed down.
 */
async function* signIn(progress) {
  progress("login_cpu_ms");
  const worker = await Running.start("rust");
  try {
    await Client.register(worker.url, "somebody");
    const argon2id = await cpuOf(worker, "a", "(SELECT password_hash FROM users WHERE email = 'somebody@example.com')");
    const bcrypt = await cpuOf(worker, "b", `'${BCRYPT_12}'`);
    if (argon2id === undefined) return;
    yield {
      name: "login_cpu_ms",
      value: argon2id,
      unit: "ms of CPU",
      of: "argon2id (19 MiB, 2 passes)",
      peer: "bcrypt, cost 12",
      peer_value: bcrypt,
      ratio: argon2id / bcrypt,
    };
  } finally {
    await worker.stop();
  }
}

async function cpuOf(worker, kind, hash) {
  const now = "2026-11-02T08:00:00.000Z";
  await worker.database
    .prepare(
      `WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < ${SIGN_INS})
       INSERT INTO users (id, email, email_key, name, time_zone, role, password_hash, created_at, updated_at)
       SELECT printf('usr_01sign1n${kind}%017d', n), '${kind}' || n || '@example.com', '${kind}' || n || '@example.com',
              'Person', 'Europe/Berlin', 'member', ${hash}, '${now}', '${now}' FROM n`,
    )
    .run();
  const client = new Client(worker.url);
  const attempt = async (n) => {
    const status = await client.status("POST", "/api/v1/auth/login", { email: `${kind}${n}@example.com`, password: PASSWORD + n });
    if (status !== 401) throw new Error(`a wrong password was answered with ${status}`);
  };
  await attempt(SIGN_INS);
  const before = await worker.cpuSeconds();
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < SIGN_INS) await attempt(next++);
    }),
  );
  const after = await worker.cpuSeconds();
  return before === undefined ? undefined : ((after - before) * 1000) / SIGN_INS;
}
