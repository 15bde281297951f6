// The live channel from a device's side.

import { WebSocket } from 'ws';

import { eventually } from './client.mjs';

/** The subprotocol. */
export const PROTOCOL = 'delegate.v1';

/**
 * Opens the live channel. `as` is a client (its token goes in the header); `ticket` stands for a
 * browser. Rejects with `{status, body}` where the handshake is refused.
 */
export function connect(world, as, { ticket, headers = {}, protocol = PROTOCOL, query } = {}) {
  const url = new URL('/ws/connect', world.url);
  url.protocol = 'ws:';
  if (ticket !== undefined) url.searchParams.set('ticket', ticket);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.append(name, value);
  const authorization = as?.token && ticket === undefined ? { authorization: `Bearer ${as.token}` } : {};
  const protocols = protocol === null ? [] : [protocol].flat();
  const socket = new WebSocket(url, protocols, { headers: { ...authorization, ...headers } });
  return new Promise((resolve, reject) => {
    const device = new Device(socket);
    socket.on('open', () => resolve(device));
    socket.on('error', (error) => reject(error));
    socket.on('unexpected-response', (_, response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const refusal = new Error(`the handshake was answered ${response.statusCode}: ${text}`);
        const isJson = /json/.test(response.headers['content-type'] ?? '');
        Object.assign(refusal, {
          status: response.statusCode,
          headers: response.headers,
          text,
          body: isJson ? JSON.parse(text) : undefined,
        });
        reject(refusal);
        socket.terminate();
      });
    });
  });
}

/** A device with an open channel; keeps every frame that came. */
export class Device {
  constructor(socket) {
    this.socket = socket;
    this.frames = [];
    this.closed = null;
    socket.on('message', (data, isBinary) => {
      this.frames.push(isBinary ? { binary: data } : JSON.parse(data.toString()));
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
  }

  /** The subprotocol that was agreed on. */
  get protocol() {
    return this.socket.protocol;
  }

  /** The numbered frames, in the order in which they came. */
  get events() {
    return this.frames.filter((frame) => frame.seq !== undefined && frame.id !== undefined);
  }

  /** Sends a frame: text and bytes as they are, anything else as JSON. */
  send(frame) {
    const isRaw = typeof frame === 'string' || frame instanceof Uint8Array;
    this.socket.send(isRaw ? frame : JSON.stringify(frame));
  }

  /** Waits for the first frame from `from` on that is of this type (or meets the function). */
  next(wanted, { from = 0, seconds = 10 } = {}) {
    const meets = typeof wanted === 'function' ? wanted : (frame) => frame.type === wanted;
    return eventually(() => {
      const frame = this.frames.slice(from).find(meets);
      if (frame) return frame;
      const kinds = this.frames.map((got) => got.type).join(', ');
      throw new Error(`no ${wanted}; got [${kinds}], closed: ${JSON.stringify(this.closed)}`);
    }, { seconds, every: 5 });
  }

  /** Waits for this many events. */
  until(count, { seconds = 15 } = {}) {
    return eventually(() => {
      if (this.events.length >= count) return this.events;
      throw new Error(`${this.events.length} of ${count} events`);
    }, { seconds, every: 5 });
  }

  /** Waits for the close, and answers `{code, reason}`. */
  closing({ seconds = 10 } = {}) {
    return eventually(() => this.closed ?? false, { seconds, every: 5, what: 'the close' });
  }

  /** Closes from this side, whether or not the other side answers with its own close in time. */
  async close() {
    if (this.closed) return;
    this.socket.close();
    await this.closing({ seconds: 0.5 }).catch(() => this.socket.terminate());
  }

  /** Drops the connection without a word, as a device that loses its network does. */
  drop() {
    this.socket.terminate();
  }
}
