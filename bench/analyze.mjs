// analyze and analyze_us_per_message: how long it takes to make sense of a message.

import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { Asked } from "./asked.mjs";
import { core } from "./calendar_wasm.mjs";
import { python } from "./python.mjs";
import { fastest, ROUNDS } from "./race.mjs";
import { Choices } from "./random.mjs";
import { median } from "./statistics.mjs";
import { ROOT } from "./workers.mjs";

const DATA = path.resolve(ROOT, "../shared/data");
const ENRON = path.join(DATA, "enron/dev.mbox");
const INTENT = path.join(DATA, "email-intent/train.tsv");
const JUDGED = path.join(ROOT, "tests/judgement");
const PEER = "vaderSentiment, dateparser, scikit-learn";
const KB = 1024;
/** How many letters of which size: as many as make a run long enough to be timed. */
const LETTERS = [
  { name: "4 KB", bytes: 4 * KB, count: 50 },
  { name: "256 KB, the most that is kept", bytes: 256 * KB, count: 1 },
  { name: "1 MB", bytes: 1024 * KB, count: 1 },
];

/** Yields the figures of these names. */
export async function* analyze(names, progress) {
  const { mbox, source } = await mailbox();
  const mail = new core.Mail(mbox);
  if (names.includes("analyze")) yield* againstPython(mail, source, progress);
  if (!names.includes("analyze_us_per_message")) return;
  yield await ours(mail, source, progress);
  const paragraphs = await material();
  for (const { name, bytes, count } of LETTERS) {
    const letters = core.Mail.letters(written(paragraphs, bytes, count));
    yield await ours(letters, `letters of ${name}`, progress);
    letters.free();
  }
}

/** The mailbox that is read: real mail where it is at hand, else the messages that are judged. */
async function mailbox() {
  if (existsSync(ENRON)) return { mbox: await readFile(ENRON), source: "enron/dev.mbox" };
  return { mbox: await judged(), source: "tests/judgement" };
}

async function judged() {
  const files = (await readdir(JUDGED)).filter((name) => name.endsWith(".mbox")).toSorted();
  return Buffer.concat(await Promise.all(files.map((name) => readFile(path.join(JUDGED, name)))));
}

/** The paragraphs of all judged messages, each once: ten kinds of mail in six languages. */
async function material() {
  const mail = new core.Mail(await judged());
  const paragraphs = JSON.parse(mail.facts()).flatMap(({ text }) => text.split(/\n\s*\n/));
  mail.free();
  // Nothing that would make the rest of a letter a signature or a quotation, which costs less.
  return [...new Set(paragraphs)].filter((paragraph) => !/^(>|-- ?$|--|On .*:$)/m.test(paragraph));
}

/** Letters of so many bytes, of paragraphs in any order, the last of them cut. */
function written(paragraphs, bytes, count) {
  const choices = new Choices(bytes);
  return Array.from({ length: count }, () => {
    const parts = [];
    for (let length = 0; length < bytes; length += Buffer.byteLength(parts.at(-1)) + 2) parts.push(choices.of(paragraphs));
    return new TextDecoder().decode(Buffer.from(parts.join("\n\n")).subarray(0, bytes), { stream: true });
  });
}

/** What a message costs in Wasm. */
async function ours(mail, of, progress) {
  const run = () => mail.analyze();
  run();
  const times = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    progress(`analyze_us_per_message, ${of}, round ${round} of ${ROUNDS}`);
    times.push((fastest(run) * 1000) / mail.count());
  }
  return {
    name: "analyze_us_per_message",
    value: median(times),
    unit: "us",
    of,
    messages: mail.count(),
    rounds: times.map((time) => Number(time.toPrecision(4))),
  };
}

/** Ours in Wasm and theirs natively, in turn. */
async function* againstPython(mail, source, progress) {
  const { program, why } = existsSync(INTENT) ? await python("analyze") : { why: `there is no ${INTENT} to learn from` };
  if (program === undefined) {
    process.stderr.write(`analyze: ${PEER} are left out: ${why}\n`);
    return;
  }
  const folder = await mkdtemp(path.join(tmpdir(), "delegate-mail-"));
  const file = path.join(folder, "messages.json");
  await writeFile(file, mail.facts());
  const theirs = new Asked(program, [path.join(ROOT, "bench/peer/analyze.py"), file, INTENT]);
  const times = { ours: [], theirs: [] };
  let found;
  try {
    // Of the first round nothing is kept: it warms up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      progress(`analyze, round ${round} of ${ROUNDS}`);
      const our = (fastest(() => mail.analyze()) * 1000) / mail.count();
      const [their, tasks, dated] = (await theirs.ask("run")).split("\t").map(Number);
      found = { peer_tasks: tasks, peer_tasks_with_a_day: dated };
      if (round === 0) continue;
      times.ours.push(our);
      times.theirs.push(their / mail.count());
    }
  } finally {
    theirs.stop();
    await rm(folder, { recursive: true });
  }
  const [tasks, dated] = mail.tasks();
  const [value, peerValue] = [median(times.ours), median(times.theirs)];
  yield {
    name: "analyze",
    value,
    unit: "us",
    peer: PEER,
    peer_value: peerValue,
    ratio: peerValue / value,
    rounds: times.ours.map((time, round) => Number((times.theirs[round] / time).toPrecision(3))),
    of: source,
    messages: mail.count(),
    tasks,
    tasks_with_a_day: dated,
    ...found,
  };
}
