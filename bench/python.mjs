// A Python of our own with the packages that we are measured against, under .tools; none where the
// machine has no Python.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

import { ROOT } from "./workers.mjs";

const run = promisify(execFile);
const PACKAGES = ["python-dateutil==2.9.0.post0", "six==1.17.0"];

/** The path of its `python`, or `undefined` with the reason as `why`. */
export async function python() {
  const folder = path.join(ROOT, ".tools/bench-python");
  const program = path.join(folder, "bin/python");
  const notes = path.join(folder, "packages");
  if (existsSync(notes)) return { program };
  try {
    await run("python3", ["-m", "venv", "--clear", folder]);
    await run(program, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", ...PACKAGES]);
    await writeFile(notes, PACKAGES.join("\n"));
    return { program };
  } catch (error) {
    return { why: String(error.stderr || error.message).trim().split("\n").at(-1) };
  }
}
