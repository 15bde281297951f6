// A client of the API: one identity, JSON in and out, and nothing hidden.

/** Where the resources stand. */
export const BASE = '/api/v1';

const hasOwnBody = (body) =>
  typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream;

/** One identity, or none. Paths that begin with `/` stand below the base; see `root`. */
export class Client {
  constructor(world, { access_token, refresh_token, user, password } = {}) {
    this.world = world;
    this.token = access_token;
    this.refreshToken = refresh_token;
    this.user = user;
    this.password = password;
  }

  get id() {
    return this.user.id;
  }

  /**
   * Sends a request. A body that is text, bytes or a stream is sent as it is; anything else as JSON.
   * Answers `{status, headers, body, text, etag, location, requestId}`; `body` is parsed where it
   * is JSON.
   */
  async send(method, path, body, { headers = {}, ...init } = {}) {
    const given = new Headers(headers);
    if (this.token && !given.has('authorization')) {
      given.set('authorization', `Bearer ${this.token}`);
    }
    if (body !== undefined && !given.has('content-type')) {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      given.set('content-type', type);
    }
    const payload = body === undefined || hasOwnBody(body) ? body : JSON.stringify(body);
    const response = await this.world.request(path.startsWith('//') ? path.slice(1) : BASE + path, {
      method,
      headers: given,
      body: payload,
      ...(payload instanceof ReadableStream && { duplex: 'half' }),
      ...init,
    });
    const answer = await read(response);
    this.world.secrets?.exchange({ method, path, headers: given, sent: payload, answer });
    const observed = { method, path, answer, sent: payload, request: { headers: given } };
    for (const observe of this.world.observers ?? []) observe(observed);
    return answer;
  }

  get(path, options) {
    return this.send('GET', path, undefined, options);
  }

  post(path, body, options) {
    return this.send('POST', path, body, options);
  }

  patch(path, body, options) {
    return this.send('PATCH', path, body, options);
  }

  put(path, body, options) {
    return this.send('PUT', path, body, options);
  }

  delete(path, options) {
    return this.send('DELETE', path, undefined, options);
  }

  /** Every item of a list, page by page; fails where a page is longer than asked for. */
  async everything(path, limit = 100) {
    const items = [];
    let cursor = null;
    let pages = 0;
    do {
      const join = path.includes('?') ? '&' : '?';
      const next = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await this.get(`${path}${join}limit=${limit}${next}`);
      if (page.status !== 200) throw new Error(`${path}: ${page.status} ${page.text}`);
      if (page.body.items.length > limit) throw new Error(`${path}: a page of more than ${limit}`);
      items.push(...page.body.items);
      cursor = page.body.next_cursor;
      pages += 1;
      if (pages > 1000) throw new Error(`${path}: the pages do not end`);
    } while (cursor !== null);
    return Object.defineProperty(items, 'pages', { value: pages });
  }

  /** Waits for a job to end, and answers it. */
  job(id, { seconds = 30 } = {}) {
    return eventually(async () => {
      const answer = await this.get(`/jobs/${id}`);
      const status = answer.body?.status;
      if (status !== 'succeeded' && status !== 'failed') {
        throw new Error(`job ${id} is ${answer.status} ${answer.text}`);
      }
      return answer.body;
    }, { seconds });
  }
}

async function read(response) {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    bytes,
    text,
    body: isJson && text !== '' ? JSON.parse(text) : undefined,
    etag: response.headers.get('etag'),
    location: response.headers.get('location'),
    requestId: response.headers.get('x-request-id'),
  };
}

/**
 * Tries until `attempt` returns without throwing (a value of `false` counts as a failure), and
 * answers what it returned. Fails at the deadline with the last failure.
 */
export async function eventually(attempt, { seconds = 10, every = 25, what } = {}) {
  const deadline = performance.now() + seconds * 1000;
  let tries = 0;
  let last;
  do {
    try {
      const value = await attempt();
      if (value !== false) return value;
      last = new Error('not yet');
    } catch (error) {
      last = error;
    }
    tries += 1;
    await new Promise((resolve) => setTimeout(resolve, every));
  } while (performance.now() < deadline);
  const name = what ? `${what}: ` : '';
  const message = `${name}not within ${seconds} s (${tries} tries); last: ${last.message}`;
  throw new Error(message, { cause: last });
}
