// The Worker under `wrangler dev` on a folder that outlives it: for tests that kill it.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { unstable_readConfig } from 'wrangler';

import { Client, eventually } from './client.mjs';
import { ROOT, secret } from './harness.mjs';
import { Secrets } from './secrets.mjs';

const WRANGLER = path.join(ROOT, 'node_modules/wrangler/bin/wrangler.js');

/** How it says that it is reached; nobody listens there. */
const PUBLIC_URL = 'http://127.0.0.1:8787';

/** A deployment that can be killed and started again on the same state. */
export class Deployment {
  /** @param {object} [options] @param {Record<string, string>} [options.vars] variables and secrets beside the usual ones */
  constructor({ vars = {} } = {}) {
    this.vars = vars;
    this.publicUrl = PUBLIC_URL;
    this.folder = mkdtempSync(path.join(tmpdir(), 'delegate-kill-'));
    this.state = path.join(this.folder, 'state');
    this.config = path.join(this.folder, 'wrangler.json');
    this.process = null;
    /** What must not be in the output; filled by clients. */
    this.secrets = new Secrets();
    this.transcript = '';
  }

  async prepare() {
    this.port = await freePort();
    this.url = new URL(`http://127.0.0.1:${this.port}`);
    writeFileSync(this.config, JSON.stringify(configuration(this.vars)));
    await this.#wrangler('d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', this.state);
  }

  #wrangler(...argv) {
    return promisify(execFile)(process.execPath, [WRANGLER, ...argv, '--config', this.config], { env: environment() });
  }

  /** Starts and waits until requests are served. */
  async start() {
    assert.equal(this.process, null);
    const child = spawn(process.execPath, [
      WRANGLER, 'dev', '--config', this.config, '--persist-to', this.state,
      '--ip', '127.0.0.1', '--port', String(this.port), '--inspector-port', '0',
      '--log-level', 'error', '--show-interactive-dev-session=false',
    ], { env: environment(), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.process = child;
    this.output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        this.output = (this.output + chunk).slice(-20_000);
        this.transcript += chunk;
      });
    }
    await eventually(async () => {
      assert.equal(child.exitCode, null, `wrangler dev ended: ${this.output}`);
      return (await fetch(new URL('/health', this.url))).status === 200;
    }, { seconds: 60, every: 50, what: 'wrangler dev serves' });
  }

  /** SIGKILL for workerd first, then for all that started it. Answers how many workerds died. */
  async kill() {
    const { pid } = this.process;
    const family = [...descendants(pid), pid];
    const workerds = family.filter((each) => path.basename(commandOf(each).split('\0')[0]) === 'workerd');
    family.sort((a, b) => Number(workerds.includes(b)) - Number(workerds.includes(a)));
    for (const each of family) {
      try {
        process.kill(each, 'SIGKILL');
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    }
    this.process = null;
    await eventually(() => family.every((each) => !isRunning(each)), { seconds: 10, every: 5, what: 'all are dead' });
    return workerds.length;
  }

  /** Sends a request; what a Client needs of a world. */
  request(target, init = {}) {
    return fetch(new URL(target, this.url), { redirect: 'manual', ...init });
  }

  async person(email) {
    const credentials = { email, password: 'correct horse battery' };
    const answer = await new Client(this).post('/auth/register', credentials);
    assert.equal(answer.status, 201, answer.text);
    return new Client(this, { ...answer.body, password: credentials.password });
  }

  /** One tick of the clock. */
  async tick(cron) {
    const answer = await this.request(`/cdn-cgi/local/scheduled?cron=${encodeURIComponent(cron)}`);
    assert.equal(answer.status, 200, await answer.text());
  }

  /** Works on a database's file: D1's (`d1`) or R2's (`r2`), the one that has this table. */
  sqlite(kind, table, work) {
    const folder = path.join(this.state, 'v3', kind);
    for (const name of readdirSync(folder, { recursive: true })) {
      if (!name.endsWith('.sqlite')) continue;
      const file = new DatabaseSync(path.join(folder, name));
      try {
        file.exec('PRAGMA busy_timeout = 2000');
        if (file.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(table)) return work(file);
      } finally {
        file.close();
      }
    }
    throw new Error(`no database with a table ${table} in ${folder}`);
  }

  /** Works on every database's file of a kind, one after the other; `do` has one for each hub. */
  async everySqlite(kind, work) {
    const folder = path.join(this.state, 'v3', kind);
    const answers = [];
    for (const name of readdirSync(folder, { recursive: true }).filter((each) => each.endsWith('.sqlite'))) {
      const file = new DatabaseSync(path.join(folder, name));
      try {
        answers.push(await work(file));
      } finally {
        file.close();
      }
    }
    return answers;
  }

  async close() {
    if (this.process) await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
    this.secrets.assertNoneIn(this.transcript, 'the output');
  }
}

/** What wrangler.toml says, without its build, with absolute paths and fresh secrets. */
function configuration(vars) {
  const read = unstable_readConfig({ config: path.join(ROOT, 'wrangler.toml') }, { hideWarnings: true });
  const pick = (list, ...names) => list.map((each) => Object.fromEntries(names.map((name) => [name, each[name]])));
  return {
    name: read.name,
    main: path.join(ROOT, 'build/worker/shim.mjs'),
    compatibility_date: read.compatibility_date,
    compatibility_flags: read.compatibility_flags,
    vars: {
      REGISTRATION: 'open',
      PUBLIC_URL,
      ALLOWED_ORIGINS: '',
      ATTEMPTS_PER_MINUTE: '1000000',
      TOKEN_SIGNING_KEYS: secret(),
      TOKEN_ENCRYPTION_KEYS: secret(),
      DELEGATE_SECRET: secret(),
      ...vars,
    },
    d1_databases: pick(read.d1_databases, 'binding', 'database_name', 'database_id')
      .map((each) => ({ ...each, migrations_dir: path.join(ROOT, 'migrations') })),
    r2_buckets: pick(read.r2_buckets, 'binding', 'bucket_name'),
    queues: {
      producers: pick(read.queues.producers, 'binding', 'queue'),
      consumers: read.queues.consumers,
    },
    durable_objects: { bindings: pick(read.durable_objects.bindings, 'name', 'class_name') },
    migrations: read.migrations,
    triggers: read.triggers,
    send_metrics: false,
  };
}

function environment() {
  return { ...process.env, WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false', CI: 'true', NO_COLOR: '1' };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function stat(pid) {
  try {
    // "pid (name) state parent ..."; the name may hold anything but ends at the last parenthesis.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}

const isRunning = (pid) => !['Z', 'X', undefined].includes(stat(pid)?.state);

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Every process that this one started, and those that they started. */
function descendants(root) {
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = stat(name)?.parent;
    if (parent !== undefined) children.set(parent, [...children.get(parent) ?? [], Number(name)]);
  }
  const found = [];
  const look = (pid) => {
    for (const child of children.get(pid) ?? []) {
      found.push(child);
      look(child);
    }
  };
  look(root);
  return found;
}
