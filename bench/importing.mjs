// import_…: a mailbox from the upload to its last analysis, over the real queue.

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

import { Client } from "./client.mjs";
import { ROOT, Running } from "./workers.mjs";

const ENRON = path.resolve(ROOT, "../shared/data/enron/dev.mbox");
const WEEK = path.join(ROOT, "samples/week");
const WEEKS = 8;

export async function* importing(names, progress) {
  progress("import");
  const mailbox = existsSync(ENRON) ? await readFile(ENRON) : await weeks();
  const worker = await Running.start("rust");
  try {
    const jobs = [];
    worker.onLine((line) => {
      if (line.message === "job") jobs.push(line);
    });
    const client = await Client.register(worker.url, "importer");
    const started = performance.now();
    const { json: accepted } = await client.ask("POST", "/api/v1/emails/import", mailbox, {
      "content-type": "application/mbox",
    });
    const job = await client.finish(accepted.id);
    const seconds = (performance.now() - started) / 1000;
    if (job.status !== "succeeded") throw new Error(`the import ended as ${JSON.stringify(job)}`);
    // The last line of the log may still be on its way.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { results } = await worker.database.prepare("SELECT COUNT(*) AS number FROM email_analyses").run();
    const messages = results[0].number;
    const roundTrips = jobs.reduce((sum, line) => sum + line["d1.round_trips"], 0);
    const values = {
      import_messages_per_s: [messages / seconds, "messages/s"],
      import_d1_round_trips_per_message: [roundTrips / messages, "round trips"],
      import_queue_messages_per_message: [jobs.length / messages, "queue messages"],
    };
    for (const name of names) {
      const [value, unit] = values[name];
      yield { name, value, unit, messages, source: existsSync(ENRON) ? "enron/dev.mbox" : "samples/week" };
    }
  } finally {
    await worker.stop();
  }
}

/** The sample week several times over, each time as other messages. */
async function weeks() {
  const files = (await readdir(WEEK)).filter((name) => name.endsWith(".eml")).sort();
  const parts = [];
  for (let week = 0; week < WEEKS; week += 1) {
    for (const file of files) {
      const text = await readFile(path.join(WEEK, file), "latin1");
      const own = text.replace(/^(message-id|in-reply-to|references):.*(?:\r?\n[ \t].*)*/gim, (header) =>
        header.replaceAll("@", `.week${week}@`),
      );
      parts.push("From bench Mon Nov  2 08:00:00 2026\n", own.replaceAll(/^(>*From )/gm, ">$1"), "\n\n");
    }
  }
  return Buffer.from(parts.join(""), "latin1");
}
