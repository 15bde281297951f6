// Every route of the Worker: from the router's source, so that a new one can't be forgotten here.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { ROOT } from './harness.mjs';

/** `[{path, methods: ['GET', ...]}]`, with paths as the router writes them. */
export function routes() {
  const source = readFileSync(path.join(ROOT, 'src/http/router.rs'), 'utf8');
  const [root, resources] = source.split(/fn resources\(\)/);
  const found = [
    ...read(root.slice(root.indexOf('fn build()')), ''),
    ...read(resources.slice(0, resources.indexOf('async fn not_found')), '/api/v1'),
  ];
  if (found.length < 20) throw new Error('the routes of src/http/router.rs can\'t be read any more');
  return found;
}

function read(source, base) {
  return source.split('.route(').slice(1).map((text) => {
    const [, place] = /^\s*"([^"]+)"/.exec(text);
    const methods = [...text.matchAll(/\b(get|post|patch|put|delete)\(/g)].map(([, name]) => name.toUpperCase());
    return { path: base + place, methods };
  });
}

/** The OpenAPI document, or null where it was not generated yet. */
export function openapi() {
  for (const place of ['openapi.json', 'dist/site/openapi.json']) {
    const file = path.join(ROOT, place);
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  }
  return null;
}
