// Every operation of the OpenAPI document, who may carry it out, and a request that would succeed.
//
// A new operation is here by itself. What can't be guessed from the document (an object for its
// path, a body that means something) is told in `OBJECTS` and `BODIES`; an operation that lacks it
// fails by name.

import { randomBytes } from 'node:crypto';

import { takeOut } from './archive.mjs';
import { connect } from './frames.mjs';
import { importMessage, message } from './mail.mjs';
import { openapi } from './routes.mjs';
import { opened } from './tokens.mjs';

const METHODS = /^(get|post|put|patch|delete)$/;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** An identifier of this form that nothing has. */
export const identifier = (prefix) => `${prefix}_01${[...randomBytes(24)].map((byte) => ALPHABET[byte % 32]).join('')}`;

/** Who may: `public`, `session`, `owner`, or `scope` with the names of those it needs, the one it is about first. */
function accessOf(document, operation) {
  const security = operation.security ?? document.security ?? [];
  if (security.length === 0 || security.some((each) => Object.keys(each).length === 0)) return { kind: 'public' };
  const [needs] = security;
  const roles = needs.access_token ?? [];
  if (security.length !== 1 || Object.keys(needs).length !== 1 || roles.length === 0) return { kind: 'unsaid' };
  const [role] = roles;
  return role === 'session' || role === 'owner' ? { kind: role } : { kind: 'scope', scopes: roles };
}

/** Every operation: `{name, method, path, access, operation}`. */
export function operations() {
  const document = openapi();
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).filter(([name]) => METHODS.test(name)).map(([name, operation]) => ({
      name: `${name.toUpperCase()} ${path}`,
      method: name.toUpperCase(),
      path,
      operation,
      document,
      access: accessOf(document, operation),
    })));
}

/** Every scope that the document names. */
export const scopes = () => [...new Set(operations().flatMap(({ access }) => access.scopes ?? []))].sort();

const LINK = { kind: 'email', id: 'eml_01m81q693dfvparr9432s4tb40' };

/** A time of a day that nothing else here takes. */
const at = (hour) => ({ date_time: `2030-03-04T${String(hour).padStart(2, '0')}:00:00`, time_zone: 'Europe/Berlin' });

const AWAY = { kind: 'out_of_office', start: { date: '2026-12-24' }, end: { date: '2026-12-27' } };

let hours = 0;
/** An hour that nobody asked for before. */
function anHour() {
  hours += 1;
  const [start, end] = [hours, hours + 1].map((hour) => new Date(Date.UTC(2035, 0, 1, hour)).toISOString());
  return { start, end };
}

/** A booking link as a person makes it. */
const OFFER = { title: 'A call', duration_minutes: 30 };

/**
 * What stands in a path: `make` gives one that the person has, `absent` one that nobody has.
 * Found by the parameter and the segment before it.
 */
const OBJECTS = {
  'tasks/{id}': {
    make: async ({ person }) => (await person.post('/tasks', { title: 'Theirs', links: [LINK] })).body.id,
    absent: () => identifier('tsk'),
  },
  'links/{kind}': { make: () => LINK.kind, absent: () => LINK.kind },
  '{kind}/{target}': { make: () => LINK.id, absent: () => LINK.id },
  'emails/{id}': { make: async (estate) => (await estate.mail()).email.id, absent: () => identifier('eml') },
  'lessons/{id}': {
    make: async ({ person }) => (await person.post('/emails/lessons', { sender: `@${randomBytes(6).toString('hex')}.example`, category: 'spam' })).body.id,
    absent: () => identifier('les'),
  },
  // A key that is kept, of a provider that the deployment need not have: to set one it must.
  'model-keys/{provider}': {
    make: async ({ world, person }) => {
      await world.database.run("INSERT OR REPLACE INTO model_keys VALUES (?, 'openai', 'v1.sealed', 'key', ?)", person.id, new Date().toISOString());
      return 'openai';
    },
    absent: () => 'nobody',
  },
  'threads/{id}': { make: async (estate) => (await estate.mail()).email.thread_id, absent: () => identifier('thr') },
  'jobs/{id}': { make: async (estate) => (await estate.mail()).job.id, absent: () => identifier('job') },
  'addresses/{address}': {
    make: async ({ person }) => {
      const address = `${randomBytes(6).toString('hex')}@example.com`;
      await person.post('/users/me/addresses', { address });
      return encodeURIComponent(address);
    },
    absent: () => `${randomBytes(6).toString('hex')}@example.com`,
  },
  'sessions/{id}': {
    make: async ({ world, person }) => {
      const { body } = await world.anonymous().post('/auth/login', { email: person.user.email, password: person.password });
      return opened(body.access_token)[1].sid;
    },
    absent: () => identifier('ses'),
  },
  'api-keys/{id}': {
    make: async ({ person }) => (await person.post('/users/me/api-keys', { name: 'Theirs', scopes: ['tasks:read'] })).body.id,
    absent: () => identifier('key'),
  },
  'delegations/{id}': {
    make: async ({ world, person }) => {
      const { id } = await world.person();
      return (await person.post('/users/me/delegations', { user_id: id, scopes: ['tasks:read'] })).body.id;
    },
    absent: () => identifier('dlg'),
  },
  'calendars/{id}': {
    make: async ({ person }) => (await person.post('/calendar/calendars', { name: 'Theirs' })).body.id,
    absent: () => identifier('cal'),
  },
  // A series to which the person is invited.
  'events/{id}': {
    make: async ({ person }) => (await person.post('/calendar/events', {
      summary: 'Theirs', start: at(9), end: at(10), recurrence: ['RRULE:FREQ=WEEKLY'], attendees: [{ email: person.user.email }],
    })).body.id,
    absent: () => identifier('evt'),
  },
  'holds/{id}': {
    make: async ({ person }) => (await person.post('/calendar/holds', anHour())).body.id,
    absent: () => identifier('hld'),
  },
  'feeds/{id}': {
    make: async ({ person }) => (await person.post('/calendar/feeds', { name: 'Theirs', detail: 'busy' })).body.id,
    absent: () => identifier('fed'),
  },
  'plans/{id}': {
    make: async ({ person }) => (await person.post('/calendar/plans', {})).body.id,
    absent: () => identifier('pln'),
  },
  'absences/{id}': {
    make: async ({ person }) => (await person.post('/calendar/absences', AWAY)).body.id,
    absent: () => identifier('abs'),
  },
  'booking-links/{id}': {
    make: async ({ person }) => (await person.post('/calendar/booking-links', OFFER)).body.id,
    absent: () => identifier('bkl'),
  },
  'booking/{slug}': {
    make: async ({ person }) => (await person.post('/calendar/booking-links', OFFER)).body.slug,
    absent: () => randomBytes(15).toString('base64url'),
  },
  'bookings/{booking}': {
    make: async (estate) => {
      const slug = await OBJECTS['booking/{slug}'].make(estate);
      const { body } = await estate.world.anonymous().post(`/booking/${slug}/bookings`, await guest(estate));
      return body.cancel_url.split('/').at(-1);
    },
    absent: () => `${identifier('evt')}.x`,
  },
  // One that asks for its person: nothing of it needs the provider.
  'connections/{id}': {
    make: async ({ world, person }) => plantConnection(world, person.id),
    absent: () => identifier('con'),
  },
};

/** What a guest sends to book the first time that a link of the person gives. */
async function guest({ world, person }) {
  const { slug } = (await person.post('/calendar/booking-links', OFFER)).body;
  const [from, until] = [0, 30].map((days) => new Date(Date.now() + days * 86_400_000).toISOString());
  const { body } = await world.anonymous().get(`/booking/${slug}/slots?start=${from}&end=${until}`);
  return { start: body.items[0].start, name: 'Gina', email: 'gina@example.org' };
}

/** What must have been done before an operation can succeed, where its path does not say so. */
const PREPARED = {
  'GET /api/v1/users/me/export': ({ person }) => takeOut(person),
};

const WEEK = { start: '2030-03-01T00:00:00Z', end: '2030-03-08T00:00:00Z' };

/** Parameters that an operation must have. */
const QUERIES = {
  'GET /api/v1/calendar/events/{id}/occurrences': new URLSearchParams(WEEK),
  'GET /api/v1/booking/{slug}/slots': new URLSearchParams(WEEK),
};

/** Bodies where a minimal one of the schema would not do. */
const BODIES = {
  'PATCH /api/v1/tasks/{id}': () => ({ title: 'Changed' }),
  'POST /api/v1/tasks/{id}/links': () => ({ kind: 'meeting', id: identifier('mtg') }),
  'PATCH /api/v1/emails/{id}': () => ({ is_read: true }),
  'PATCH /api/v1/emails/{id}/analysis': () => ({ needs_reply: true }),
  // The same once more: the person signs in with it afterwards.
  'POST /api/v1/auth/password': ({ person }) => ({ current_password: person.password, new_password: person.password }),
  'PATCH /api/v1/users/me': () => ({ name: 'Changed' }),
  'POST /api/v1/users/me/addresses': () => ({ address: `${randomBytes(6).toString('hex')}@example.com` }),
  'POST /api/v1/emails/import': () => message(),
  'POST /api/v1/emails/lessons': () => ({ sender: '@partner.example', category: 'personal' }),
  'PATCH /api/v1/emails/lessons/{id}': () => ({ priority: 'low' }),
  'PATCH /api/v1/users/me/preferences': () => ({ analysis: { daily_tokens: 1 } }),
  'PUT /api/v1/users/me/model-keys/{provider}': () => ({ key: 'sk-a-key-of-ones-own' }),
  'POST /api/v1/users/me/api-keys': () => ({ name: 'A program', scopes: ['tasks:read'] }),
  'POST /api/v1/users/me/delegations': async ({ world }) => ({ user_id: (await world.person()).id, scopes: ['tasks:read'] }),
  'PATCH /api/v1/users/me/delegations/{id}': () => ({ scopes: ['tasks:write'] }),
  'PATCH /api/v1/calendar/calendars/{id}': () => ({ name: 'Changed' }),
  'POST /api/v1/calendar/events': () => ({ summary: 'Theirs', start: at(9), end: at(10) }),
  'PATCH /api/v1/calendar/events/{id}': () => ({ summary: 'Changed' }),
  'POST /api/v1/calendar/events/{id}/response': () => ({ response: 'accepted' }),
  'POST /api/v1/calendar/availability': () => ({ ...WEEK, users: ['me'] }),
  'POST /api/v1/calendar/slots': () => ({ duration_minutes: 30, window: WEEK }),
  'POST /api/v1/booking/{slug}/bookings': guest,
  'POST /api/v1/calendar/holds': () => anHour(),
  'POST /api/v1/calendar/holds/{id}/confirm': () => ({ summary: 'Confirmed' }),
  'POST /api/v1/calendar/import': () => 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:one\r\nDTSTART:20300304T120000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n',
  'POST /api/v1/calendar/feeds': () => ({ name: 'A phone', detail: 'full' }),
  'PUT /api/v1/calendar/working-hours': () => ({ minimum_notice_minutes: 30 }),
  'PATCH /api/v1/calendar/working-hours': () => ({ minimum_notice_minutes: 60 }),
  'POST /api/v1/calendar/absences': () => AWAY,
  'PATCH /api/v1/calendar/absences/{id}': () => ({ note: 'Changed' }),
  'POST /api/v1/calendar/booking-links': () => OFFER,
  'PATCH /api/v1/calendar/booking-links/{id}': () => ({ duration_minutes: 45 }),
  'POST /api/v1/users/me/connections': () => ({ provider: 'google', access: ['mail'] }),
};

/** What can be done once only with the same body: a time is taken then. */
const ONCE = ['POST /api/v1/calendar/holds', 'POST /api/v1/booking/{slug}/bookings'];

/** A connection in D1, without tokens; answers its identifier. */
export async function plantConnection(world, user, { status = 'reauthorize', provider = 'google', subject = randomBytes(8).toString('hex') } = {}) {
  const id = identifier('con');
  await world.database.run(
    `INSERT INTO connections (id, user_id, provider, issuer, subject, email, scopes, status, created_at, updated_at)
     VALUES (?1, ?2, ?3, 'https://accounts.google.com', ?4, 'planted@example.com', '[]', ?5, ?6, ?6)`,
    id, user, provider, subject, status, new Date().toISOString());
  return id;
}

/** A deployment that has a client at a provider, which nobody reaches. */
export const WITH_PROVIDER = {
  vars: { GOOGLE_CLIENT_ID: 'client-of-google', GOOGLE_ISSUER: 'http://127.0.0.1:9' },
  secrets: { GOOGLE_CLIENT_SECRET: randomBytes(24).toString('base64url') },
};

/** What a person has, for operations to be about. */
export class Estate {
  #made = new Map();
  #bodies = new Map();
  #mail;

  constructor(world, person) {
    this.world = world;
    this.person = person;
  }

  /** A message with all that comes of it. */
  mail() {
    this.#mail ??= importMessage(this.person);
    return this.#mail;
  }

  /** The path of an operation with objects in it: the person's, or ones that nobody has. */
  async place({ path, name }, { absent = false, fresh = false } = {}) {
    if (PREPARED[name] && !this.#made.has(name)) this.#made.set(name, await PREPARED[name](this));
    const segments = path.split('/');
    const filled = [];
    for (const [n, segment] of segments.entries()) {
      if (!segment.startsWith('{')) {
        filled.push(segment);
        continue;
      }
      const object = OBJECTS[`${segments[n - 1]}/${segment}`];
      if (!object) throw new Error(`${name}: tests/support/operations.mjs has no object for ${segments[n - 1]}/${segment}`);
      if (absent) filled.push(object.absent(this));
      else if (fresh) filled.push(await object.make(this));
      else {
        const key = segments.slice(0, n + 1).join('/');
        if (!this.#made.has(key)) this.#made.set(key, await object.make(this));
        filled.push(this.#made.get(key));
      }
    }
    const query = QUERIES[name];
    return filled.join('/') + (query ? `?${query}` : '');
  }

  /** A body that an operation takes; undefined where it takes none. */
  async body({ name, operation, document }) {
    if (BODIES[name]) return BODIES[name](this);
    const content = operation.requestBody?.content;
    if (!content) return undefined;
    const schema = Object.entries(content).find(([type]) => /json/.test(type))?.[1].schema;
    if (!schema) throw new Error(`${name}: tests/support/operations.mjs has no body for it`);
    return example(document, schema);
  }

  /** The body made before, unless a fresh one is wanted: making one may make somebody, too. */
  async #bodyFor(operation, { fresh = false }) {
    if (fresh || ONCE.includes(operation.name) || !this.#bodies.has(operation.name)) this.#bodies.set(operation.name, await this.body(operation));
    return this.#bodies.get(operation.name);
  }

  /** Asks for an operation as somebody: `headers` are all that tells who. */
  async ask(operation, headers = {}, { place, ...options } = {}) {
    const where = place ?? await this.place(operation, options);
    if (operation.name === 'GET /ws/connect') return handshake(this.world, headers);
    const body = await this.#bodyFor(operation, options);
    const type = typeof body === 'string' ? { 'content-type': /^BEGIN:/.test(body) ? 'text/calendar' : 'message/rfc822' } : {};
    return this.world.anonymous().send(operation.method, `/${where}`, body, { headers: { ...type, ...headers } });
  }
}

/** The answer to a handshake of the live channel, in the form of others. */
async function handshake(world, headers) {
  try {
    const device = await connect(world, null, { headers });
    await device.close();
    return { status: 101, headers: new Headers(), text: '' };
  } catch (refusal) {
    if (refusal.status === undefined) throw refusal;
    const { status, body, text } = refusal;
    const given = new Headers(Object.entries(refusal.headers).map(([key, value]) => [key, String(value)]));
    return { status, body, text, headers: given, requestId: given.get('x-request-id') };
  }
}

/** A value of a schema with no more than it must have. */
function example(document, schema) {
  if (schema.$ref) return example(document, document.components.schemas[schema.$ref.split('/').at(-1)]);
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choice = schema.oneOf ?? schema.anyOf;
  if (choice) return example(document, choice.find((each) => each.type !== 'null'));
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((each) => example(document, each)));
  switch ([schema.type].flat()[0]) {
    case 'object': return Object.fromEntries((schema.required ?? []).map((name) => [name, example(document, schema.properties[name])]));
    case 'array': return Array.from({ length: schema.minItems ?? 0 }, () => example(document, schema.items));
    case 'boolean': return true;
    case 'integer': case 'number': return schema.minimum ?? 1;
    default: return 'x'.repeat(Math.max(schema.minLength ?? 0, 8));
  }
}
