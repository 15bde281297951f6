// Answers held against the OpenAPI document.

import { validator } from '@exodus/schemasafe';

import { BASE } from './client.mjs';

const METHODS = /^(get|post|put|patch|delete)$/;
const FORMATS = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  email: /@/,
  password: () => true,
};

/** Without what the validator takes for a mistake: formats of numbers (`int32`), which OpenAPI has. */
function plain(schema) {
  if (Array.isArray(schema)) return schema.map(plain);
  if (schema === null || typeof schema !== 'object') return schema;
  const isText = [schema.type].flat().includes('string');
  return Object.fromEntries(Object.entries(schema)
    .filter(([name, value]) => name !== 'format' || typeof value !== 'string' || isText)
    .map(([name, value]) => [name, plain(value)]));
}

/** The document, ready to judge answers. */
export class Document {
  #document;
  #validators = new Map();
  #operations;

  constructor(document) {
    this.#document = { ...document, components: plain(document.components) };
    this.#operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).filter(([name]) => METHODS.test(name)).map(([name, operation]) => ({
        method: name.toUpperCase(),
        path,
        operation,
        pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`),
      })));
  }

  /** `METHOD /path` of every operation. */
  get operations() {
    return this.#operations.map(({ method, path }) => `${method} ${path}`).sort();
  }

  /** `METHOD /path STATUS` of every answer that is described as a success. */
  get successes() {
    return this.#operations.flatMap(({ method, path, operation }) => Object.keys(operation.responses)
      .filter((status) => /^[123]/.test(status)).map((status) => `${method} ${path} ${status}`)).sort();
  }

  /**
   * What of an answer the document does not say, as a list of sentences; null where the path is no
   * operation's. `seen` is what observers of a client are given.
   */
  judge({ method, path, answer }) {
    const place = (path.startsWith('//') ? path.slice(1) : BASE + path).split('?')[0];
    const matching = this.#operations.filter((one) => one.method === method && one.pattern.test(place));
    const found = matching.find((one) => one.path === place)
      ?? matching.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
    if (!found) return null;
    const name = `${method} ${found.path} ${answer.status}`;
    const described = found.operation.responses[answer.status];
    if (!described) return { name, faults: [`${name}: the status is not described: ${answer.text.slice(0, 200)}`] };
    const faults = [];
    for (const header of Object.keys(described.headers ?? {})) {
      if (answer.headers.get(header) === null) faults.push(`${name}: no ${header}`);
    }
    const type = answer.headers.get('content-type')?.split(';')[0] ?? null;
    const content = described.content ?? {};
    if (answer.bytes.length > 0 && !(type in content)) faults.push(`${name}: ${type} is not described`);
    if (answer.bytes.length === 0 && Object.keys(content).length > 0) faults.push(`${name}: no body`);
    const schema = content[type]?.schema;
    if (schema && answer.body !== undefined) {
      for (const fault of this.#compare(schema, answer.body)) faults.push(`${name}: ${fault}`);
    }
    return { name, faults };
  }

  #compare(schema, value) {
    const key = JSON.stringify(schema);
    if (!this.#validators.has(key)) {
      this.#validators.set(key, validator(
        { $schema: 'https://json-schema.org/draft/2020-12/schema', allOf: [plain(schema)], components: this.#document.components },
        { mode: 'lax', includeErrors: true, allErrors: true, allowUnusedKeywords: true, formats: FORMATS, extraFormats: true },
      ));
    }
    const validate = this.#validators.get(key);
    const faults = validate(value) ? [] : validate.errors.map((error) =>
      `${error.instanceLocation} breaks ${error.keywordLocation}`);
    return [...faults, ...this.#undescribed(schema, value, '')];
  }

  /** Members that no schema names: what SQLite builds must not drift from what is described. */
  #undescribed(schema, value, place) {
    if (value === null || typeof value !== 'object') return [];
    const schemas = this.#flat(schema);
    if (Array.isArray(value)) {
      const items = schemas.map((one) => one.items).filter(Boolean);
      return items.length === 0 ? [] : value.flatMap((item, n) => this.#undescribed({ anyOf: items }, item, `${place}/${n}`));
    }
    const described = schemas.filter((one) => one.properties);
    if (described.length === 0) return [];
    return Object.entries(value).flatMap(([name, member]) => {
      const named = described.map((one) => one.properties[name]).filter(Boolean);
      const open = schemas.some((one) => one.additionalProperties);
      if (named.length === 0) return open ? [] : [`${place}/${name} is not described`];
      return this.#undescribed({ anyOf: named }, member, `${place}/${name}`);
    });
  }

  /** A schema's parts, with references followed. */
  #flat(schema) {
    if (schema.$ref) {
      const name = schema.$ref.split('/').at(-1);
      return this.#flat(this.#document.components.schemas[name]);
    }
    const parts = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
    return [schema, ...parts.flatMap((part) => this.#flat(part))];
  }
}
