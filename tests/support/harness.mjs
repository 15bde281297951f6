// The whole Worker on real workerd, with fresh storage: what every test of the outside starts from.
//
// The Worker is the one that `cargo xtask build` left in ./build; nothing is built here.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTestHarness } from 'wrangler';

// Nothing of a test goes to Cloudflare: no figures of use, no look-up of where we are.
process.env.WRANGLER_SEND_METRICS = 'false';
process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false';
process.env.WRANGLER_LOG ??= 'error';

import { Client, eventually } from './client.mjs';
import { Secrets, watch } from './secrets.mjs';

export { eventually } from './client.mjs';

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The trigger that finds what was left behind. */
export const EVERY_MINUTE = '* * * * *';
/** The trigger that sweeps what is past its time. */
export const EVERY_HOUR = '17 * * * *';

/** 32 random bytes, as the configuration takes them. */
export const secret = () => randomBytes(32).toString('base64url');

/**
 * Starts a Worker for a test file and closes it at the file's end, where it also fails if work or
 * events were left lying, or if a secret came out (`keepsItsSecrets`).
 *
 * @param {object} [options]
 * @param {'open' | 'invitation'} [options.registration] who may register after the first person
 * @param {string} [options.origins] ALLOWED_ORIGINS
 * @param {string} [options.publicUrl] PUBLIC_URL
 * @param {boolean} [options.leavesWork] don't look at what is left at the end
 * @param {boolean} [options.leaks] don't look for secrets at the end
 * @param {Record<string, string>} [options.vars] other variables
 * @param {string} [options.configuration] what wrangler.toml says besides
 * @param {object[]} [options.beside] other Workers, for what that binds
 */
export async function startWorld(options = {}) {
  const world = new World(options);
  if (worlds.length === 0) after(end);
  // Noted first, so that a world that fails to start is closed, too.
  worlds.push(world);
  await world.start();
  return world;
}

/** The worlds of this file. */
const worlds = [];

/** Looks at every world and closes it, whatever is found. */
async function end() {
  const found = [];
  for (const world of worlds) {
    const steps = [
      () => world.isReady && !world.options.leavesWork && world.leavesNothingBehind(),
      () => world.isReady && !world.options.leaks && world.keepsItsSecrets(),
      () => world.close(),
    ];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        found.push(error);
      }
    }
  }
  if (found.length > 0) throw found.length === 1 ? found[0] : new AggregateError(found, found.map(({ message }) => message).join('; '));
}

class World {
  #build;
  #configuration;
  #server;
  #worker;
  #people = 0;
  #unwatch = () => {};

  constructor(options) {
    this.options = options;
    this.isReady = false;
    /** The seeds of the keys that sign access tokens, newest first. */
    this.signingKeys = options.signingKeys ?? [secret()];
    this.publicUrl = options.publicUrl ?? 'https://delegate.test';
    /** What must come out nowhere: filled by clients, browsers and outgoing requests. */
    this.secrets = new Secrets();
  }

  async start() {
    this.#build = prebuilt();
    this.#configuration = this.options.configuration && configuredWith(this.options.configuration);
    const secrets = {
      TOKEN_SIGNING_KEYS: this.signingKeys.join(','),
      TOKEN_ENCRYPTION_KEYS: secret(),
      DELEGATE_SECRET: secret(),
      ...this.options.secrets,
    };
    for (const [name, value] of Object.entries(secrets)) {
      for (const part of value.split(',')) this.secrets.keep(part, name);
    }
    this.#unwatch = watch(this.secrets);
    this.#server = createTestHarness({
      root: ROOT,
      workers: [{
        configPath: this.#configuration ?? path.join(ROOT, 'wrangler.toml'),
        prebuiltWorkerDir: this.#build,
        vars: {
          REGISTRATION: this.options.registration ?? 'open',
          PUBLIC_URL: this.publicUrl,
          ALLOWED_ORIGINS: this.options.origins ?? '',
          // Every test comes from one address; those about limits set a number of their own.
          ATTEMPTS_PER_MINUTE: '1000000',
          // A provider that people may have keys at, and no model that anybody is read by unasked.
          MODELS: JSON.stringify({ providers: [{ name: 'openai', protocol: 'openai', base_url: 'http://127.0.0.1:9/v1', own_keys: true, models: [{ name: 'gpt-test' }] }] }),
          ...this.options.vars,
        },
        secrets,
      }, ...this.options.beside ?? []],
    });
    const { url } = await this.#server.listen();
    /** Where the Worker listens, for what needs a socket of its own. */
    this.url = url;
    this.#worker = this.#server.getWorker();
    await this.#worker.applyD1Migrations('DB');
    /** The Worker's bindings: `WORK` (queue), `MAIL` (R2), `DB`. */
    this.env = await this.#worker.getEnv();
    this.database = new Database(this.env.DB);
    this.isReady = true;
  }

  /** Sends a request as it is. `path` stands after the origin. */
  request(path, init = {}) {
    return this.#server.fetch(path, { redirect: 'manual', ...init });
  }

  /**
   * Sends a request over a socket of its own, byte for byte: `fetch` leaves out what it holds for
   * superfluous, such as headers without a value. Answers what clients answer, less the parsing.
   */
  raw(path, { method = 'GET', headers = {}, body = '' } = {}) {
    return new Promise((resolve, reject) => {
      const request = http.request(new URL(path, this.url), { method, headers }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const answer = { status: response.statusCode, headers: new Headers(response.headers), text };
          const isJson = /json/.test(answer.headers.get('content-type') ?? '');
          answer.requestId = answer.headers.get('x-request-id');
          answer.body = isJson && text !== '' ? JSON.parse(text) : undefined;
          resolve(answer);
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  /** A client that nobody is signed in with. */
  anonymous() {
    return new Client(this);
  }

  /** Registers somebody and answers their client. */
  async person({ name, zone = 'Europe/Berlin', email, password = 'correct horse battery', invitation } = {}) {
    this.#people += 1;
    const body = {
      email: email ?? `person${this.#people}@example.com`,
      password,
      name: name ?? `Person ${this.#people}`,
      time_zone: zone,
      ...(invitation && { invitation }),
    };
    const answer = await this.anonymous().post('/auth/register', body);
    assert.equal(answer.status, 201, `registering failed: ${answer.text}`);
    return new Client(this, { ...answer.body, password });
  }

  /** Ticks the clock. */
  scheduled(cron = EVERY_MINUTE) {
    return this.#worker.scheduled({ cron, scheduledTime: new Date() });
  }

  /** Drops a person's hub from memory; their sockets hibernate unless told to close. */
  async evict(user, webSockets = 'hibernate') {
    await this.#worker.evictDurableObject('HUB', { name: user, webSockets });
  }

  /** Goes on with other secrets, on the same state; isolates begin anew. */
  async configure(secrets) {
    for (const [name, value] of Object.entries(secrets)) {
      for (const part of value.split(',')) this.secrets.keep(part, name);
    }
    await this.#server.update((current) => ({
      ...current, workers: current.workers.map((worker) => ({ ...worker, secrets: { ...worker.secrets, ...secrets } })),
    }));
    this.#worker = this.#server.getWorker();
    this.env = await this.#worker.getEnv();
    this.database = new Database(this.env.DB);
  }

  /** The lines that the Worker wrote: `{message, ...fields}`, or `{text}` where one is not JSON. */
  logs() {
    return this.#server.getLogs().map(({ level, message }) => {
      try {
        return { stream: level, ...JSON.parse(message) };
      } catch {
        return { stream: level, text: message };
      }
    });
  }

  /** Forgets the lines so far, once they have been looked through for secrets. */
  clearLogs() {
    this.secrets.assertNoneIn(this.#logText(), 'the log');
    this.#server.clearLogs();
  }

  #logText() {
    return this.#server.getLogs().map(({ message }) => message).join('\n');
  }

  /**
   * Fails where the log, an error that was answered, an export or a readable column of the
   * database has a secret that a test of this file used.
   */
  async keepsItsSecrets() {
    this.secrets.assertNoneIn(this.#logText(), 'the log');
    this.secrets.assertNoneInErrors();
    this.secrets.assertNoneInExports();
    this.secrets.assertNoneIn(await this.database.dump(READABLE), 'the database');
  }

  /** Waits until no work and no event is left; ticks the clock for what a message was lost of. */
  async leavesNothingBehind({ seconds = 15 } = {}) {
    await eventually(async () => {
      const left = await this.database.first(`SELECT
        (SELECT COUNT(*) FROM work_items) AS work_items, (SELECT COUNT(*) FROM outbox) AS outbox`);
      const steps = left.work_items > 0 ? await this.database.all('SELECT payload, attempts, not_before, last_error FROM work_items LIMIT 10') : [];
      assert.deepEqual(left, { work_items: 0, outbox: 0 }, `work or events are left over: ${JSON.stringify(steps)}`);
    }, { seconds, every: 100 });
  }

  /** Prints what happened, for a test that failed. */
  debug() {
    this.#server.debug();
  }

  async close() {
    this.isReady = false;
    this.#unwatch();
    await this.#server?.close();
    if (this.#build) rmSync(this.#build, { recursive: true, force: true });
    if (this.#configuration) rmSync(this.#configuration, { force: true });
  }
}

/** Columns that hold in plain text what is a secret elsewhere, with the reason. */
const READABLE = {
  // Mail that nobody sends on a machine of one's own: its reader needs what is in it.
  development_mailbox: ['message'],
  // Told to the browser and the provider; what binds it to one of them is the rest of the row.
  // A challenge is what anybody may know of a verifier.
  authorizations: ['nonce', 'challenge'],
  exchange_codes: ['challenge'],
};

/** D1, as a test looks at it or bends it. */
class Database {
  #d1;

  constructor(d1) {
    this.#d1 = d1;
  }

  #prepare(sql, values) {
    const statement = this.#d1.prepare(sql);
    return values.length ? statement.bind(...values) : statement;
  }

  /** Every row. */
  async all(sql, ...values) {
    return (await this.#prepare(sql, values).all()).results;
  }

  /** The first row, or null. */
  async first(sql, ...values) {
    return (await this.all(sql, ...values))[0] ?? null;
  }

  /** How many rows it changed. */
  async run(sql, ...values) {
    return (await this.#prepare(sql, values).run()).meta.changes;
  }

  /** Everything that is stored, as text, without these columns (`{table: [column]}`). */
  async dump(without = {}) {
    const tables = await this.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'");
    const texts = [];
    for (const { name } of tables) {
      const rows = await this.all(`SELECT * FROM "${name}"`);
      texts.push(...rows.map((row) => JSON.stringify(Object.entries(row).filter(([column]) => !without[name]?.includes(column)))));
    }
    return texts.join('\n');
  }

  /** How many rows there are. */
  async count(table, where = '1', ...values) {
    return (await this.first(`SELECT COUNT(*) AS n FROM ${table} WHERE ${where}`, ...values)).n;
  }
}

/** A copy of wrangler.toml that says more; it lies beside the original, which its paths start from. */
function configuredWith(more) {
  const copy = path.join(ROOT, `.wrangler-test-${process.pid}.toml`);
  writeFileSync(copy, readFileSync(path.join(ROOT, 'wrangler.toml'), 'utf8') + more);
  return copy;
}

/**
 * The built Worker in the form that the harness takes: a folder of modules whose entry is named
 * after `main`.
 */
function prebuilt() {
  const folder = mkdtempSync(path.join(tmpdir(), 'delegate-test-'));
  copyFileSync(path.join(ROOT, 'build/index.js'), path.join(folder, 'shim.js'));
  copyFileSync(path.join(ROOT, 'build/index_bg.wasm'), path.join(folder, 'index_bg.wasm'));
  return folder;
}
