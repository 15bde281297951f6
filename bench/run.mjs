// `cargo xtask bench`: measures, and prints one figure a line (see README.md for what each is).

import { parseArgs } from "node:util";

import { print } from "./report.mjs";

const SETS = {
  size: ["wasm_gzip_kib", "startup_ms"],
  round_trips: ["d1_round_trips"],
  throughput: ["health_floor", "api_read", "api_write"],
  identity: ["auth_overhead", "login_cpu_ms"],
  live: ["live_latency_ms"],
  slots: ["slots", "slots_scale"],
  recurrence: ["recurrence", "recurrence_seek"],
  window: ["calendar_window"],
  ics: ["ics_import"],
  analyze: ["analyze", "analyze_us_per_message"],
  importing: ["import_messages_per_s", "import_d1_round_trips_per_message", "import_queue_messages_per_message"],
};

const { values: flags, positionals: wanted } = parseArgs({
  options: { json: { type: "boolean", default: false }, plot: { type: "boolean", default: false } },
  allowPositionals: true,
});
const known = Object.values(SETS).flat();
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no figure ${unknown.join(", ")}. There are: ${known.join(", ")}`);
  process.exit(2);
}

const progress = (text) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
};
for (const [set, names] of Object.entries(SETS)) {
  const asked = wanted.length === 0 ? names : names.filter((name) => wanted.includes(name));
  if (asked.length === 0) continue;
  const { [set]: measure } = await import(`./${set}.mjs`);
  for await (const figure of measure(asked, progress, flags)) {
    progress("");
    print(figure, flags.json);
  }
}
// Miniflare keeps handles open that would hold the process.
process.exit(0);
