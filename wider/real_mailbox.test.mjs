// A mailbox of real mail, imported by a deployment that is killed all the while, and once in peace:
// the two must come to the same. `cargo xtask verify` runs it; the mailbox is no part of the project.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';

import { Deployment } from '../tests/support/dev.mjs';
import { eventually, ROOT } from '../tests/support/harness.mjs';
import { killRepeatedly } from '../tests/support/kill.mjs';
import { emails, ok, upload } from '../tests/support/mailbox.mjs';

const MAILBOX = path.join(ROOT, '../shared/data/enron/dev.mbox');
const KILLS = 10;

const skip = existsSync(MAILBOX) ? false : `there is no ${MAILBOX}`;

suite('real mail', { skip }, () => {
  const deployment = new Deployment();
  before(async () => {
    await deployment.prepare();
    await deployment.start();
  });
  after(() => deployment.close());

  const ended = (person, job) => eventually(async () => {
    const now = ok(await person.get(`/jobs/${job}`));
    return ['succeeded', 'failed'].includes(now.status) && now;
  }, { seconds: 120, every: 100, what: 'the job ends' });

  /** What was made of the mailbox, without what differs from person to person. */
  const outcome = async (person) => {
    const stored = await emails(person);
    const threads = Map.groupBy(stored, (email) => email.thread_id);
    return {
      messages: stored.map(({ message_id, subject, received_at, analysis }) =>
        [message_id, subject, received_at, analysis?.category, analysis?.priority, analysis?.version].join('|')).toSorted(),
      threads: [...threads.values()].map((thread) => thread.map((email) => email.message_id).toSorted().join(' ')).toSorted(),
      tasks: (await person.everything('/tasks')).map(({ title, source }) => `${title}|${source.quote}`).toSorted(),
    };
  };

  test(`is the same whether or not its import is killed ${KILLS} times`, async (t) => {
    const mailbox = readFileSync(MAILBOX);
    const killed = await deployment.person('killed@delegate.test');
    const { id } = ok(await upload(killed, mailbox), 202);
    const inTheMiddle = await killRepeatedly(deployment, KILLS, t);
    assert.ok(inTheMiddle > 0, 'no kill hit work');
    const interrupted = await ended(killed, id);

    const spared = await deployment.person('spared@delegate.test');
    const peaceful = await ended(spared, ok(await upload(spared, mailbox), 202).id);
    const standing = ({ status, done, total, errors }) => ({ status, done, total, errors });
    assert.deepEqual(standing(interrupted), standing(peaceful));
    assert.equal(interrupted.status, 'succeeded');
    const wanted = await outcome(spared);
    t.diagnostic(`${wanted.messages.length} messages, ${wanted.threads.length} threads, ${wanted.tasks.length} tasks`);
    assert.deepEqual(await outcome(killed), wanted);
  });
});
