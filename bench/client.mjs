// A client of a running Worker, as far as the figures need one.

export class Client {
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  /** Asks, and fails on what is not 2xx. */
  async ask(method, path, body, headers = {}) {
    const response = await this.#send(method, path, body, headers);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    const json = text.startsWith("{") ? JSON.parse(text) : undefined;
    return { headers: response.headers, status: response.status, json, text };
  }

  /** Asks, and answers with what status. */
  async status(method, path, body) {
    const response = await this.#send(method, path, body);
    await response.arrayBuffer();
    return response.status;
  }

  #send(method, path, body, headers = {}) {
    const isJson = body !== undefined && !(body instanceof Uint8Array);
    return fetch(new URL(path, this.url), {
      method,
      headers: {
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...(isJson ? { "content-type": "application/json" } : {}),
        ...headers,
      },
      body: isJson ? JSON.stringify(body) : body,
    });
  }

  /** Registers somebody; their client is the answer. */
  static async register(url, name) {
    const registration = {
      email: `${name}@example.com`,
      password: "a long enough passphrase",
      name,
      time_zone: "Europe/Berlin",
    };
    const { json } = await new Client(url).ask("POST", "/api/v1/auth/register", registration);
    const client = new Client(url, json.access_token);
    client.refreshToken = json.refresh_token;
    client.registration = registration;
    return client;
  }

  /** Waits until a job is over. */
  async finish(job, patienceMs = 600_000) {
    const until = performance.now() + patienceMs;
    while (performance.now() < until) {
      const { json } = await this.ask("GET", `/api/v1/jobs/${job}`);
      if (json.status === "succeeded" || json.status === "failed") return json;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`job ${job} is not over after ${patienceMs} ms`);
  }
}
