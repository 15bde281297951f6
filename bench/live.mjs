// live_latency_ms: from a committed task to its frame at connected devices.
//
// When D1 commits can't be seen from outside. It lies between the moment the request leaves and the
// moment its answer arrives, so two latencies are taken: from the request's start (more than what
// is asked for, by the whole request; this is the figure) and from the answer's arrival (less than
// it by the answer's way back; given beside it). Tasks come one at a time, as a person makes them.

import { once } from "node:events";

import { Client } from "./client.mjs";
import { percentile } from "./statistics.mjs";
import { Running } from "./workers.mjs";

const TASKS = 200;
const WARM_UP = 30;

export async function* live(_, progress) {
  const worker = await Running.start("rust");
  try {
    for (const devices of [1, 50]) {
      progress(`live_latency_ms, ${devices} devices`);
      const client = await Client.register(worker.url, `live${devices}`);
      const { fromRequest, fromAnswer } = await measure(client, devices);
      for (const [rank, share] of [["p50", 0.5], ["p99", 0.99]]) {
        yield {
          name: "live_latency_ms",
          of: `${rank}, ${devices} ${devices === 1 ? "device" : "devices"}`,
          value: percentile(fromRequest, share),
          unit: `ms ${rank}, from request`,
          devices,
          from_answer_ms: percentile(fromAnswer, share),
        };
      }
    }
  } finally {
    await worker.stop();
  }
}

async function measure(client, devices) {
  const arrivals = new Map();
  let expected;
  const sockets = await Promise.all(
    Array.from({ length: devices }, async () => {
      const url = new URL("/ws/connect", client.url);
      url.protocol = "ws:";
      const socket = new WebSocket(url, {
        protocols: ["delegate.v1"],
        headers: { authorization: `Bearer ${client.token}` },
      });
      socket.addEventListener("message", ({ data }) => {
        const now = performance.now();
        const title = /"title":"(live \d+)"/.exec(data)?.[1];
        if (title === undefined) return;
        const times = arrivals.get(title) ?? [];
        arrivals.set(title, times);
        times.push(now);
        if (title === expected?.title && times.length === devices) expected.resolve();
      });
      await once(socket, "message");
      return socket;
    }),
  );
  const fromRequest = [];
  const fromAnswer = [];
  for (let n = 0; n < WARM_UP + TASKS; n += 1) {
    const title = `live ${n}`;
    const all = new Promise((resolve) => (expected = { title, resolve }));
    const started = performance.now();
    await client.ask("POST", "/api/v1/tasks", { title });
    const answered = performance.now();
    await all;
    if (n < WARM_UP) continue;
    for (const arrived of arrivals.get(title)) {
      fromRequest.push(arrived - started);
      fromAnswer.push(Math.max(0, arrived - answered));
    }
  }
  for (const socket of sockets) socket.close();
  return { fromRequest, fromAnswer };
}
