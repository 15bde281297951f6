// wasm_gzip_kib and startup_ms.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";

import { median } from "./statistics.mjs";
import { ROOT } from "./workers.mjs";

const STARTS = 5;

export async function* size(names, progress) {
  if (names.includes("wasm_gzip_kib")) {
    const wasm = await readFile(path.join(ROOT, "build/index_bg.wasm"));
    yield { name: "wasm_gzip_kib", value: gzipSync(wasm, { level: 9 }).length / 1024, unit: "KiB" };
  }
  if (names.includes("startup_ms")) {
    progress("startup_ms");
    yield { name: "startup_ms", value: await startUp(), unit: "ms" };
  }
}

/** The time that the module's start-up was active, as `wrangler check startup` says: the median of some. */
async function startUp() {
  // Of a copy of the configuration without its build command: what is measured is what is there.
  const folder = await mkdtemp(path.join(tmpdir(), "delegate-startup-"));
  try {
    const configuration = await readFile(path.join(ROOT, "wrangler.toml"), "utf8");
    await writeFile(path.join(folder, "wrangler.toml"), configuration.replace(/^\[build\]\n(?:(?!\[).*\n)*/m, ""));
    for (const name of ["build", "dist"]) await symlink(path.join(ROOT, name), path.join(folder, name));
    const times = [];
    for (let start = 0; start < STARTS; start += 1) times.push(await check(folder));
    return median(times);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function check(folder) {
  const script = path.join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const child = spawn(process.execPath, [script, "check", "startup"], {
    cwd: folder,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  const active = /Active: ([\d.]+) ms/.exec(said);
  if (active === null) throw new Error(`wrangler check startup said:\n${said}`);
  return Number(active[1]);
}
