// The hub of one person (durable_objects/src): reads the outbox past its cursor, appends to its log,
// tells the sockets, and clears the outbox a second later.

import { DurableObject } from "cloudflare:workers";

const PAGE = 500;
const PAGE_CHARACTERS = 400_000;
const KEPT_FRAMES = 10_000;
const CLEAR_AFTER_MS = 1000;

export class Hub extends DurableObject {
  #sql;
  #isDraining = false;
  #drainAgain = false;
  #alarmIsSet = false;
  #ownerIsSet = false;

  constructor(ctx, env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS frames (seq INTEGER PRIMARY KEY, frame TEXT NOT NULL);
             CREATE TABLE IF NOT EXISTS standing (
               one INTEGER PRIMARY KEY CHECK (one = 1),
               latest INTEGER NOT NULL, read INTEGER NOT NULL,
               position INTEGER NOT NULL, owner TEXT NOT NULL);
             CREATE TABLE IF NOT EXISTS used_tickets (
               nonce TEXT PRIMARY KEY, expires_ms INTEGER NOT NULL);
             INSERT OR IGNORE INTO standing VALUES (1, 0, 0, 0, '');`,
    );
  }

  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname !== "/drain") return new Response("no such command", { status: 404 });
    const user = url.searchParams.get("user");
    if (!this.#ownerIsSet) {
      this.#sql.exec("UPDATE standing SET owner = ? WHERE owner = ''", user);
      this.#ownerIsSet = true;
    }
    await this.#drain(user);
    return new Response(null);
  }

  async alarm() {
    this.#alarmIsSet = false;
    this.#sql.exec("DELETE FROM frames WHERE seq <= (SELECT latest FROM standing) - ?", KEPT_FRAMES);
    const { owner, position } = this.#sql.exec("SELECT owner, position FROM standing").one();
    if (owner === "") return;
    await this.env.DB.prepare("DELETE FROM outbox WHERE user_id = ?1 AND position <= ?2").bind(owner, position).run();
  }

  async #drain(user) {
    if (this.#isDraining) {
      this.#drainAgain = true;
      return;
    }
    this.#isDraining = true;
    try {
      let events;
      do {
        this.#drainAgain = false;
        const { latest, position } = this.#sql.exec("SELECT latest, position FROM standing").one();
        events = await this.#after(user, position);
        const frames = this.#append(events, latest, position);
        this.#broadcast(frames);
        if (frames.length > 0) await this.#clearLater();
      } while (events.length === PAGE || this.#drainAgain);
    } finally {
      this.#isDraining = false;
    }
  }

  async #after(user, position) {
    const statement = this.env.DB.prepare(
      `SELECT json_group_array(json_object(
               'position', position, 'id', id, 'type', type,
               'occurred_at', occurred_at, 'data', data)) AS events
             FROM (SELECT *, SUM(length(data)) OVER (ORDER BY position) - length(data) AS before
                   FROM outbox WHERE user_id = ?1 AND position > ?2
                   ORDER BY position LIMIT ?3)
             WHERE before < ?4`,
    ).bind(user, position, PAGE, PAGE_CHARACTERS);
    return JSON.parse(await statement.first("events"));
  }

  #append(events, latest, position) {
    const frames = [];
    for (const event of events) {
      if (event.position <= position) continue;
      latest += 1;
      const frame = `{"v":1,"type":"${event.type}","seq":${latest},"id":"${event.id}","occurred_at":"${event.occurred_at}","data":${event.data}}`;
      this.#sql.exec("INSERT INTO frames (seq, frame) VALUES (?, ?)", latest, frame);
      frames.push(frame);
      position = event.position;
    }
    if (frames.length > 0) {
      this.#sql.exec("UPDATE standing SET latest = ?, position = ?", latest, position);
    }
    return frames;
  }

  #broadcast(frames) {
    if (frames.length === 0) return;
    for (const socket of this.ctx.getWebSockets()) {
      try {
        for (const frame of frames) socket.send(frame);
      } catch {
        // A dead socket must not keep the others from theirs.
      }
    }
  }

  async #clearLater() {
    if (this.#alarmIsSet) return;
    this.#alarmIsSet = true;
    await this.ctx.storage.setAlarm(Date.now() + CLEAR_AFTER_MS);
  }
}
