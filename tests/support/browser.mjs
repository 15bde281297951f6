// A browser as far as signing in needs one: it follows redirects, keeps cookies, submits forms.
//
// It knows a few places and asks nobody else: a redirect to any other origin is where it arrives,
// and no request is made there. So the page that a sign-in returns to need not exist, and no test
// leaves the machine by a wrong address.

const REDIRECTS = 20;

/** One person's browser. */
export class Browser {
  #places;
  #secrets;
  #cookies = [];

  /**
   * @param {Record<string, (url: URL, init: object) => Promise<Response>>} places origins, and what asks them
   * @param {import('./secrets.mjs').Secrets} [secrets] is told of every address and cookie
   */
  constructor(places, secrets) {
    this.#places = places;
    this.#secrets = secrets;
  }

  /** A browser that reaches a world under its public address, and stand-ins on loopback. */
  static of(world) {
    const onLoopback = (url, init) => fetch(url, init);
    return new Browser(new Proxy({}, {
      get: (_, origin) => {
        if (origin === new URL(world.publicUrl).origin) {
          return (url, init) => world.request(url.pathname + url.search, init);
        }
        return new URL(origin).hostname === '127.0.0.1' ? onLoopback : undefined;
      },
    }), world.secrets);
  }

  /** Goes to an address, as one types it in; redirects are followed. */
  open(address) {
    return this.#go('GET', new URL(address), undefined, null);
  }

  /** Follows a link of a page. */
  follow(page, address) {
    return this.#go('GET', new URL(address, page.url), undefined, page.url);
  }

  /** Submits a form of a page, with values in place of its own. */
  submit(page, form, values = {}) {
    const fields = new URLSearchParams({ ...form.fields, ...values });
    const target = new URL(form.action || page.url, page.url);
    if (form.method === 'POST') return this.#go('POST', target, fields.toString(), page.url);
    target.search = fields.toString();
    return this.#go('GET', target, undefined, page.url);
  }

  /** The cookies that are kept for an origin: `{name, value, httpOnly, secure, sameSite, …}`. */
  cookies(origin) {
    const { hostname } = new URL(origin);
    return this.#cookies.filter((cookie) => cookie.hostname === hostname);
  }

  /** Drops the cookies of an origin. */
  forget(origin) {
    const { hostname } = new URL(origin);
    this.#cookies = this.#cookies.filter((cookie) => cookie.hostname !== hostname);
  }

  async #go(method, url, body, initiator) {
    const trail = [];
    let isCrossSite = initiator !== null && initiator.hostname !== url.hostname;
    for (let hop = 0; hop <= REDIRECTS; hop += 1) {
      trail.push(url.href);
      const ask = this.#places[url.origin];
      if (!ask) return { url, trail, status: null, isOutside: true };
      const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
      const cookie = this.#sent(url, isCrossSite, method);
      if (cookie) headers.cookie = cookie;
      if (body !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
      const response = await ask(url, { method, headers, body, redirect: 'manual' });
      this.#keep(url, response.headers);
      if (this.#secrets) this.#secrets.navigation(url.href, response.headers);
      const text = await response.text();
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null) {
        return { url, trail, status: response.status, headers: response.headers, text, isOutside: false, forms: forms(text), links: links(text) };
      }
      const next = new URL(location, url);
      if (!next.hash) next.hash = url.hash;
      isCrossSite ||= next.hostname !== url.hostname;
      if (response.status !== 307 && response.status !== 308) [method, body] = ['GET', undefined];
      url = next;
    }
    throw new Error(`more than ${REDIRECTS} redirects: ${trail.join(' ')}`);
  }

  /** The `Cookie` header for a navigation (RFC 6265bis, 5.8.3): what is `Lax` is not sent with a POST from elsewhere. */
  #sent(url, isCrossSite, method) {
    const now = Date.now();
    this.#cookies = this.#cookies.filter((cookie) => cookie.expires > now);
    const isSecure = isTrustworthy(url);
    return this.#cookies
      .filter((cookie) => cookie.hostname === url.hostname && (isSecure || !cookie.secure)
        && (url.pathname === cookie.path || url.pathname.startsWith(cookie.path.endsWith('/') ? cookie.path : `${cookie.path}/`))
        && (!isCrossSite || cookie.sameSite === 'none' || (cookie.sameSite === 'lax' && method === 'GET')))
      .map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  #keep(url, headers) {
    for (const line of headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(';').map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf('='));
      const told = Object.fromEntries(attributes.map((attribute) => {
        const [key, value = ''] = attribute.split('=');
        return [key.toLowerCase(), value];
      }));
      const directory = url.pathname.slice(0, url.pathname.lastIndexOf('/')) || '/';
      const cookie = {
        name, value: pair.slice(name.length + 1), hostname: url.hostname,
        path: told.path?.startsWith('/') ? told.path : directory,
        secure: 'secure' in told, httpOnly: 'httponly' in told, sameSite: (told.samesite ?? 'lax').toLowerCase(),
        expires: told['max-age'] !== undefined ? Date.now() + Number(told['max-age']) * 1000
          : told.expires ? Date.parse(told.expires) : Infinity,
        line,
      };
      if (cookie.secure && !isTrustworthy(url)) throw new Error(`a secure cookie of an insecure place: ${line}`);
      if (name.startsWith('__Host-') && !(cookie.secure && cookie.path === '/' && !('domain' in told))) {
        throw new Error(`a browser would not take this cookie: ${line}`);
      }
      if ('domain' in told) throw new Error(`a cookie for more than its host: ${line}`);
      this.#cookies = this.#cookies.filter((other) => other.name !== name || other.hostname !== cookie.hostname || other.path !== cookie.path);
      if (cookie.expires > Date.now()) this.#cookies.push(cookie);
    }
  }
}

const isTrustworthy = (url) => url.protocol === 'https:' || url.hostname === '127.0.0.1';

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'", '#x3D': '=' };
const plain = (text) => text.replace(/&(#?\w+);/g, (all, name) => ENTITIES[name] ?? all);
const attribute = (tag, name) => {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(tag);
  return found ? plain(found[1] ?? found[2]) : null;
};

function forms(html) {
  return [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/gi)].map(([text]) => {
    const [tag] = /^<form\b[^>]*>/i.exec(text);
    const inputs = [...text.matchAll(/<input\b[^>]*>/gi)].map(([input]) => [attribute(input, 'name'), attribute(input, 'value') ?? '']);
    return {
      action: attribute(tag, 'action') ?? '',
      method: (attribute(tag, 'method') ?? 'get').toUpperCase(),
      fields: Object.fromEntries(inputs.filter(([name]) => name)),
    };
  });
}

function links(html) {
  return [...html.matchAll(/<a\b[^>]*>([\s\S]*?)<\/a>/gi)].map(([tag, text]) =>
    ({ address: attribute(tag, 'href'), text: plain(text.replace(/<[^>]*>/g, '')).trim() }));
}
