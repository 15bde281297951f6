// d1_round_trips: what each endpoint asks of D1, as its Server-Timing says, in one life of a person.

import { Client } from "./client.mjs";
import { Running } from "./workers.mjs";

const MESSAGE = [
  "From: Ana Souza <ana@example.org>",
  "To: Chief <rounds@example.com>",
  "Subject: The contract",
  "Message-ID: <contract@example.org>",
  "Date: Mon, 2 Nov 2026 09:00:00 +0100",
  "",
  "Could you please send me the signed contract by Friday?",
  "",
].join("\r\n");

/** Why an endpoint asks more than once. */
const REASONS = {
  "POST /api/v1/auth/register": "nothing is hashed for somebody who may not register",
  "POST /api/v1/auth/login": "the account is read before its password can be verified",
  "POST /api/v1/tasks (due on a day)": "the midnight that ends a day is the person's: their zone is read first",
  "POST /api/v1/tasks (key used before)": "the batch runs into the record, which is then read",
  "PATCH /api/v1/tasks/{id} (due on a day)": "the midnight that ends a day is the person's: their zone is read first",
  "POST /api/v1/emails/{id}/analyze": "the message is read, then what the engine makes of it is written",
};

export async function* round_trips(_, progress) {
  progress("d1_round_trips");
  const worker = await Running.start("rust");
  const figures = [];
  try {
    const note = (of, { headers }) => {
      const trips = /round trips: (\d+)/.exec(headers.get("server-timing") ?? "")?.[1] ?? "0";
      figures.push({ name: "d1_round_trips", of, value: Number(trips), unit: "round trips", reason: REASONS[of] });
    };
    const nobody = new Client(worker.url);
    const registration = { email: "rounds@example.com", password: "a long enough passphrase", name: "Rounds", time_zone: "Europe/Berlin" };
    const registered = await nobody.ask("POST", "/api/v1/auth/register", registration);
    note("POST /api/v1/auth/register", registered);
    const me = new Client(worker.url, registered.json.access_token);
    const ask = async (name, method, path, body, headers) => {
      const answer = await me.ask(method, path, body, headers);
      note(`${method} ${name}`, answer);
      return answer;
    };
    await ask("/health", "GET", "/health");
    await ask("/health/ready", "GET", "/health/ready");
    await ask("/.well-known/jwks.json", "GET", "/.well-known/jwks.json");
    await ask("/api/v1/auth/login", "POST", "/api/v1/auth/login", { email: registration.email, password: registration.password });
    await ask("/api/v1/auth/refresh", "POST", "/api/v1/auth/refresh", { refresh_token: registered.json.refresh_token });
    await ask("/api/v1/auth/invitations", "POST", "/api/v1/auth/invitations");
    await ask("/api/v1/auth/caller", "GET", "/api/v1/auth/caller");
    await ask("/api/v1/users/me", "GET", "/api/v1/users/me");
    await ask("/api/v1/users/me", "PATCH", "/api/v1/users/me", { name: "Rounds Two" }, { "content-type": "application/merge-patch+json" });
    await ask("/api/v1/users/me/addresses", "GET", "/api/v1/users/me/addresses");
    await ask("/api/v1/users/me/addresses", "POST", "/api/v1/users/me/addresses", { address: "other@example.com" });
    await ask("/api/v1/users/me/addresses/{address}", "DELETE", "/api/v1/users/me/addresses/other@example.com");

    const tasks = "/api/v1/tasks";
    const { json: task } = await ask(tasks, "POST", tasks, { title: "One" });
    await ask(`${tasks} (due on a day)`, "POST", tasks, { title: "Two", due: { date: "2026-12-04" } });
    await ask(`${tasks} (with a key)`, "POST", tasks, { title: "Three" }, { "idempotency-key": "three" });
    await ask(`${tasks} (key used before)`, "POST", tasks, { title: "Three" }, { "idempotency-key": "three" });
    await ask(tasks, "GET", tasks);
    await ask(`${tasks}?q=`, "GET", `${tasks}?q=one`);
    await ask(`${tasks}/{id}`, "GET", `${tasks}/${task.id}`);
    const patch = { "content-type": "application/merge-patch+json" };
    await ask(`${tasks}/{id}`, "PATCH", `${tasks}/${task.id}`, { title: "One more" }, patch);
    await ask(`${tasks}/{id} (due on a day)`, "PATCH", `${tasks}/${task.id}`, { due: { date: "2026-12-05" } }, patch);

    const upload = await ask("/api/v1/emails/import", "POST", "/api/v1/emails/import", Buffer.from(MESSAGE), {
      "content-type": "message/rfc822",
    });
    await me.finish(upload.json.id);
    await ask("/api/v1/jobs", "GET", "/api/v1/jobs");
    await ask("/api/v1/jobs/{id}", "GET", `/api/v1/jobs/${upload.json.id}`);
    const { json: emails } = await ask("/api/v1/emails", "GET", "/api/v1/emails");
    await ask("/api/v1/emails?q=", "GET", "/api/v1/emails?q=contract");
    const email = emails.items[0];
    await ask("/api/v1/emails/{id}", "GET", `/api/v1/emails/${email.id}`);
    await ask("/api/v1/emails/{id}", "PATCH", `/api/v1/emails/${email.id}`, { is_read: true }, patch);
    await ask("/api/v1/emails/{id}/raw", "GET", `/api/v1/emails/${email.id}/raw`);
    await ask("/api/v1/emails/{id}/analysis", "GET", `/api/v1/emails/${email.id}/analysis`);
    await ask("/api/v1/emails/{id}/analysis", "PATCH", `/api/v1/emails/${email.id}/analysis`, { priority: "low" }, patch);
    await ask("/api/v1/emails/{id}/analyze", "POST", `/api/v1/emails/${email.id}/analyze`);
    await ask("/api/v1/emails/threads/{id}", "GET", `/api/v1/emails/threads/${email.thread_id}`);
    const link = { kind: "email", id: email.id };
    await ask(`${tasks}/{id}/links`, "POST", `${tasks}/${task.id}/links`, link);
    await ask(`${tasks}/{id}/links`, "GET", `${tasks}/${task.id}/links`);
    await ask(`${tasks}/{id}/links/{kind}/{target}`, "DELETE", `${tasks}/${task.id}/links/email/${email.id}`);
    await ask(`${tasks}/{id}`, "DELETE", `${tasks}/${task.id}`);
    await ask("/api/v1/ws/tickets", "POST", "/api/v1/ws/tickets");
    await ask("/api/v1/auth/logout", "POST", "/api/v1/auth/logout");
  } finally {
    await worker.stop();
  }
  yield* figures;
}
