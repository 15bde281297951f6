// An archive of an export, opened with the tar of the system: what a person would use.

import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** The files of a `.tar.gz`: `{name: bytes}` in the order in which they lie in it. */
export async function unpack(bytes) {
  const folder = mkdtempSync(path.join(tmpdir(), 'delegate-archive-'));
  try {
    const archive = path.join(folder, 'archive.tar.gz');
    writeFileSync(archive, bytes);
    const run = promisify(execFile);
    const { stdout, stderr } = await run('tar', ['tzf', archive], { maxBuffer: 100_000_000 });
    if (stderr !== '') throw new Error(`tar complains: ${stderr}`);
    const names = stdout.split('\n').filter((name) => name !== '');
    const out = path.join(folder, 'out');
    await run('mkdir', [out]);
    await run('tar', ['xzf', archive, '-C', out]);
    const found = readdirSync(out, { recursive: true }).filter((name) => statSync(path.join(out, name)).isFile());
    if (found.length !== names.length) throw new Error(`${names.length} entries, ${found.length} files`);
    return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(out, name))]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the JSON files of a kind hold together: `tasks.json`, `tasks-0002.json` and so on. */
export function joined(files, pattern) {
  const names = Object.keys(files).filter((name) => pattern.test(name));
  return names.flatMap((name) => JSON.parse(files[name]));
}

/** Asks for an archive, waits until it is made, and answers its job, the answer and the files. */
export async function takeOut(person, { seconds = 60 } = {}) {
  const asked = await person.post('/users/me/export');
  if (asked.status !== 202) throw new Error(`export: ${asked.status} ${asked.text}`);
  const job = await person.job(asked.body.id, { seconds });
  const answer = await person.get('/users/me/export');
  if (answer.status !== 200) throw new Error(`archive: ${answer.status} ${answer.text} after ${JSON.stringify(job)}`);
  return { job, answer, files: await unpack(answer.bytes) };
}
