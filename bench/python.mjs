// A Python of our own with the packages that we are measured against, under .tools; none where the
// machine has no Python.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

import { ROOT } from "./workers.mjs";

const run = promisify(execFile);

/** What each peer wants, with all that its packages import: nothing else is installed. A package that
 * two of them want has one version. */
const SHARED = ["python-dateutil==2.9.0.post0", "six==1.17.0"];
const PACKAGES = {
  recurrence: SHARED,
  analyze: [
    ...SHARED,
    "vaderSentiment==3.3.2",
    ...["dateparser==1.2.2", "pytz==2026.6", "regex==2026.11.19", "tzlocal==5.4.5"],
    ...["scikit-learn==1.9.1", "cloudpickle==3.1.3", "joblib==1.6.0", "narwhals==2.29.0", "numpy==2.4.6", "scipy==1.17.1", "threadpoolctl==3.8.0"],
  ],
};

/** The path of its `python` with the packages of a peer, or `undefined` with the reason as `why`. */
export async function python(peer) {
  const folder = path.join(ROOT, ".tools/bench-python");
  const program = path.join(folder, "bin/python");
  const notes = path.join(folder, `packages-${peer}`);
  const wanted = PACKAGES[peer].join("\n");
  try {
    if (existsSync(notes) && (await readFile(notes, "utf8")) === wanted) return { program };
    if (!existsSync(program)) await run("python3", ["-m", "venv", "--clear", folder]);
    await run(program, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", ...PACKAGES[peer]]);
    await writeFile(notes, wanted);
    return { program };
  } catch (error) {
    return { why: String(error.stderr || error.message).trim().split("\n").at(-1) };
  }
}
