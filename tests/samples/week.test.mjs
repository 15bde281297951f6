// The sample week through the whole system, held against what a sensible person expects of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startWorld } from '../support/harness.mjs';
import { emails, mbox, ok, sampleWeek, scalars, take } from '../support/mailbox.mjs';

/** What the engine reached when this was written, less a small margin. A floor, not an aim. */
const FLOORS = {
  category: 0.71, needs_reply: 0.91, priority: 0.58, 'task recall': 0.88, 'task precision': 0.9, due: 0.78,
};

const world = await startWorld();
const maya = await world.person({
  name: 'Maya Lindqvist', email: 'maya.lindqvist@northwind.example', zone: 'Europe/Berlin',
});
ok(await maya.post('/users/me/addresses', { address: 'maya@northwind.example' }), 201);

const week = sampleWeek();
const originals = week.filter((each) => !each.duplicate_of);
const job = await take(maya, mbox(week.map((each) => each.bytes)));
const stored = await byFile();
const tasks = await maya.everything('/tasks');
const tasksOf = Map.groupBy(tasks, (task) => task.source.id);

/** The stored message of each file, found by where its source lies in the upload. */
async function byFile() {
  const places = await world.database.all('SELECT id FROM emails WHERE user_id = ? ORDER BY raw_offset', maya.id);
  assert.equal(places.length, originals.length);
  const all = new Map((await emails(maya)).map((each) => [each.id, each]));
  return new Map(originals.map(({ file }, n) => [file, all.get(places[n].id)]));
}

const plain = (text) => text.replaceAll(/\s+/g, ' ').trim();

/** Whether a task's due is what the words name on the author's clock. */
function isDue(due, expected, bytes) {
  if (expected === null) return due === null;
  if (due === null) return false;
  if (!expected.includes('T')) return due.date === expected;
  const zone = /^Date:.*([+-]\d\d)(\d\d)/m.exec(bytes.toString('latin1'));
  return due.instant !== undefined
    && Date.parse(due.instant) === Date.parse(`${expected}${zone[1]}:${zone[2]}`);
}

test('every message of the week is stored once and analysed', () => {
  const { status, done, total, errors } = job;
  assert.deepEqual({ status, done, total, errors },
    { status: 'succeeded', done: week.length, total: week.length, errors: [] });
  for (const [file, each] of stored) assert.ok(each.analysis, file);
});

test('messages of one conversation lie in one thread, and others do not', () => {
  const threads = [
    ['03', '11', '52', '53', '74'], ['05', '26', '41', '42'], ['34', '40', '44', '51', '59'],
    ['10', '45', '70'], ['06', '37', '49'], ['18', '58', '60'], ['15', '16', '61'], ['08', '33', '66', '67'],
  ];
  const of = (number) => [...stored].find(([file]) => file.startsWith(number))[1].thread_id;
  for (const thread of threads) assert.equal(new Set(thread.map(of)).size, 1, thread.join(', '));
  assert.equal(new Set(threads.map(([first]) => of(first))).size, threads.length);
});

for (const [what, number] of [
  ['the phishing message', '17'],
  ['the message with hidden instructions', '47'],
  ['the fraud that poses as the CEO', '36'],
]) {
  test(`${what} gives no task and wants nothing`, () => {
    const [file, each] = [...stored].find(([name]) => name.startsWith(number));
    assert.deepEqual((tasksOf.get(each.id) ?? []).map((task) => task.source.quote), [], file);
    assert.equal(each.analysis.needs_reply, false, file);
    assert.notEqual(each.analysis.priority, 'urgent', file);
  });
}

test('every task names a sentence of its message', async () => {
  for (const [id, made] of tasksOf) {
    const { text } = ok(await maya.get(`/emails/${id}`));
    for (const { source } of made) assert.equal(scalars(text, source.start, source.end), source.quote);
  }
});

test('one request asked three times is one task', () => {
  const headcount = tasks.filter((task) => /headcount table/i.test(task.source.quote));
  assert.deepEqual(headcount.map((task) => task.source.quote).length, 1);
});

test('the reading agrees with a sensible person', (t) => {
  const agreement = {};
  const count = (field, agrees, note) => {
    agreement[field] ??= { agreed: 0, of: 0, differ: [] };
    agreement[field].of += 1;
    if (agrees) agreement[field].agreed += 1;
    else agreement[field].differ.push(note);
  };
  for (const { file, bytes, tasks: wanted, ...expected } of originals) {
    const each = stored.get(file);
    for (const field of ['category', 'needs_reply', 'priority']) {
      const said = each.analysis[field];
      count(field, said === expected[field], `${file.slice(0, 2)} ${said} for ${expected[field]}`);
    }
    const made = [...tasksOf.get(each.id) ?? []];
    for (const { quote, due, repeats } of wanted) {
      const isIt = (task) => plain(task.source.quote).includes(plain(quote)) || plain(quote).includes(plain(task.source.quote));
      const at = made.findIndex(isIt);
      if (repeats) {
        if (at >= 0) count('task precision', false, `${file.slice(0, 2)} again: ${made.splice(at, 1)[0].source.quote}`);
        continue;
      }
      count('task recall', at >= 0, `${file.slice(0, 2)} missing: ${quote}`);
      if (at < 0) continue;
      const [task] = made.splice(at, 1);
      count('task precision', true);
      count('due', isDue(task.due, due, bytes), `${file.slice(0, 2)} ${JSON.stringify(task.due)} for ${due}`);
    }
    for (const task of made) count('task precision', false, `${file.slice(0, 2)} unasked: ${task.source.quote}`);
  }
  for (const [field, { agreed, of, differ }] of Object.entries(agreement)) {
    const note = differ.length ? ` (${differ.join('; ')})` : '';
    t.diagnostic(`${field}: ${agreed} of ${of} = ${(100 * agreed / of).toFixed(1)} %${note}`);
  }
  for (const [field, floor] of Object.entries(FLOORS)) {
    const { agreed, of } = agreement[field];
    assert.ok(agreed / of >= floor, `${field}: ${agreed} of ${of} is below ${floor}`);
  }
});
