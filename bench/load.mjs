// The load generator, a process of its own: keep-alive connections that send the next request when
// the answer to the last is there. It reads of an answer only its status and its length, so it can
// drive what a Worker answers with little of the processor (README.md compares it with autocannon).

import { createConnection } from "node:net";

process.on("message", async (order) => process.send(await run(order)));

/** Sends requests for some seconds and answers how many were answered, and how many with 2xx. */
async function run({ host, port, requests, connections, seconds }) {
  const count = { answered: 0, good: 0, statuses: {} };
  const texts = requests.map((text) => Buffer.from(text, "latin1"));
  let next = 0;
  const until = performance.now() + seconds * 1000;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: connections }, () =>
      connection(host, port, () => (performance.now() < until ? texts[next++ % texts.length] : undefined), count),
    ),
  );
  return { ...count, seconds: (performance.now() - started) / 1000 };
}

function connection(host, port, nextRequest, count) {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, noDelay: true });
    let pending = Buffer.alloc(0);
    let missing = 0;
    const send = () => {
      const text = nextRequest();
      if (text === undefined) socket.end();
      else socket.write(text);
    };
    const done = () => {
      count.answered += 1;
      send();
    };
    socket.on("connect", send);
    socket.on("error", reject);
    socket.on("close", resolve);
    socket.on("data", (chunk) => {
      if (missing > 0) {
        missing -= chunk.length;
        if (missing <= 0) done();
        return;
      }
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const end = pending.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = pending.latin1Slice(0, end);
      const status = head.slice(9, 12);
      if (status[0] === "2") count.good += 1;
      else count.statuses[status] = (count.statuses[status] ?? 0) + 1;
      const length = /\r\ncontent-length: *(\d+)/i.exec(head);
      if (length === null && status !== "204") {
        reject(new Error(`an answer without its length: ${head}`));
        return;
      }
      missing = end + 4 + Number(length?.[1] ?? 0) - pending.length;
      pending = Buffer.alloc(0);
      if (missing <= 0) done();
    });
  });
}
