// The two Workers on workerd's direct sockets: Delegate's, as it is in build/, and the peer.
//
// Each runs in a workerd process of its own, with the bindings of wrangler.toml and a fresh D1 with
// the project's migrations. Static files are left out: no figure is about them, and their router
// would stand in front of the Worker.

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";

import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_splitSqlQuery } from "wrangler";

import { DELEGATE_SECRET, SEALING_KEY, SIGNING_SEED } from "./tokens.mjs";

// Storage in memory where the system has such a folder: a disk shared with others is not measured.
if (existsSync("/dev/shm")) process.env.TMPDIR = "/dev/shm";

export const ROOT = path.resolve(import.meta.dirname, "..");

const MODULES = {
  rust: async () => [
    { type: "ESModule", path: path.join(ROOT, "build/index.js") },
    { type: "CompiledWasm", path: path.join(ROOT, "build/index_bg.wasm") },
  ],
  peer: async () => [
    ...["worker", "caller", "hub", "identifiers", "task"].map((name) => ({
      type: "ESModule",
      path: path.join(ROOT, `bench/peer/${name}.mjs`),
    })),
    await bundled(path.join(ROOT, "bench/peer/window.mjs")),
  ],
};

/** A module with the libraries that it uses, in its own place. */
async function bundled(file) {
  const { outputFiles } = await build({ entryPoints: [file], bundle: true, format: "esm", write: false });
  return { type: "ESModule", path: file, contents: outputFiles[0].text };
}

/** A Worker that runs. */
export class Running {
  #miniflare;
  #listeners = new Set();
  #lastLine = "";

  /** Starts "rust" or "peer"; `settings` are Miniflare's, on top of those of wrangler.toml. */
  static async start(kind, settings = {}) {
    const running = new Running();
    const { assets: _, ...worker } = options();
    running.#miniflare = new Miniflare(
      convertV4MiniflareOptions({
        ...worker,
        name: kind,
        modules: await MODULES[kind](),
        modulesRoot: ROOT,
        bindings: {
          ...worker.bindings,
          TOKEN_SIGNING_KEYS: SIGNING_SEED,
          TOKEN_ENCRYPTION_KEYS: SEALING_KEY,
          DELEGATE_SECRET,
          REGISTRATION: "open",
          // All requests come from one address.
          ATTEMPTS_PER_MINUTE: "1000000",
        },
        unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
        // workerd blocks on a pipe that nobody reads: Miniflare reads it and hands the lines on.
        handleStructuredLogs: (line) => running.#hear(line),
        ...settings,
      }),
    );
    const before = await workerdProcesses();
    await running.#miniflare.ready;
    running.kind = kind;
    [running.pid] = (await workerdProcesses()).filter((pid) => !before.includes(pid));
    running.url = await running.#miniflare.unsafeGetDirectURL(kind);
    running.database = await running.#miniflare.getD1Database("DB", kind);
    await migrate(running.database);
    return running;
  }

  get miniflare() {
    return this.#miniflare;
  }

  /** Has `listener` called with every line of the log that is JSON, until the answer is called. */
  onLine(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What its process has used of the processor so far; `undefined` where /proc does not tell. */
  async cpuSeconds() {
    if (this.pid === undefined) return undefined;
    const fields = (await readFile(`/proc/${this.pid}/stat`, "utf8")).split(") ")[1].split(" ");
    // utime and stime, in hundredths of a second whatever the machine (Linux's USER_HZ).
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  async stop() {
    await this.#miniflare.dispose();
  }

  /** The last that was logged, for when something went wrong. */
  get lastWords() {
    return this.#lastLine;
  }

  #hear({ message }) {
    this.#lastLine = message;
    if (this.#listeners.size === 0) return;
    const fields = parsed(message);
    if (fields !== undefined) for (const listener of this.#listeners) listener(fields);
  }
}

/** The workerd processes that we started, where the system has /proc. */
async function workerdProcesses() {
  const entries = await readdir("/proc").catch(() => []);
  const ours = [];
  for (const pid of entries.filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const [command, rest] = stat.split(") ");
    if (command.endsWith("(workerd") && Number(rest.split(" ")[1]) === process.pid) ours.push(pid);
  }
  return ours;
}

function parsed(line) {
  try {
    const value = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

let read;

function options() {
  // Reading the configuration prints what it reads; the figures belong alone on the output.
  const log = console.log;
  console.log = () => {};
  try {
    read ??= unstable_getMiniflareWorkerOptions(path.join(ROOT, "wrangler.toml")).workerOptions;
  } finally {
    console.log = log;
  }
  return read;
}

async function migrate(database) {
  const folder = path.join(ROOT, "migrations");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  for (const file of files) {
    const text = await readFile(path.join(folder, file), "utf8");
    await database.batch(unstable_splitSqlQuery(text).map((statement) => database.prepare(statement)));
  }
  await database.batch([
    database.prepare("CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY, name TEXT, applied_at TEXT)"),
    ...files.map((file) => database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(file)),
  ]);
}
