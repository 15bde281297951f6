// One time, many who want it, and a workerd that is killed in the middle: one of them has it.
//
// `DELEGATE_SEED=…` repeats a run's moments.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';

import { Deployment } from '../support/dev.mjs';
import { SEED, randomOf } from '../support/kill.mjs';

const KILLS = Number(process.env.DELEGATE_KILLS ?? 5);
/** Two hundred claims take some two seconds: a kill in the first falls among them. */
const LONGEST_MS = 1_000;

suite('a deployment that is killed while people want the same time', () => {
  const deployment = new Deployment();
  before(async () => {
    await deployment.prepare();
    await deployment.start();
  });
  after(() => deployment.close());

  test(`${KILLS} kills, and every time has one hold and then one event`, async (t) => {
    t.diagnostic(`DELEGATE_SEED=${SEED}`);
    const random = randomOf(SEED);
    const person = await deployment.person('wanted@delegate.test');
    await person.post('/calendar/events', {
      summary: 'Daily', start: { date_time: '2026-01-01T06:00:00', time_zone: 'Europe/Berlin' }, end: { date_time: '2026-01-01T06:30:00', time_zone: 'Europe/Berlin' }, recurrence: ['RRULE:FREQ=DAILY'],
    });
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const time = { start: new Date(Date.UTC(2031, 0, kill, 14)).toISOString(), end: new Date(Date.UTC(2031, 0, kill, 15)).toISOString() };
      const wanting = Array.from({ length: 200 }, () => person.post('/calendar/holds', time).then(({ status }) => status, () => 'cut off'));
      await new Promise((resume) => setTimeout(resume, random() * LONGEST_MS));
      await deployment.kill();
      const answers = await Promise.all(wanting);
      const kept = () => deployment.sqlite('d1', 'calendar_holds', (d1) =>
        d1.prepare('SELECT id FROM calendar_holds WHERE start_at = ?').all(Date.parse(time.start)));
      const left = kept();
      t.diagnostic(`kill ${kill}: ${left.length} held, ${answers.filter((answer) => answer === 'cut off').length} cut off`);
      assert.ok(left.length <= 1, 'never two');
      if (answers.includes(201)) assert.equal(left.length, 1, 'what was promised is there');
      await deployment.start();
      const again = await person.post('/calendar/holds', time);
      assert.equal(again.status, left.length === 1 ? 409 : 201, again.text);

      const { id } = (await person.everything('/calendar/holds')).find(({ start }) => start === time.start);
      const confirming = Array.from({ length: 20 }, () => person.post(`/calendar/holds/${id}/confirm`, { summary: `Once ${kill}` }).then(({ status }) => status, () => 'cut off'));
      await new Promise((resume) => setTimeout(resume, random() * LONGEST_MS / 5));
      await deployment.kill();
      const confirmed = await Promise.all(confirming);
      const events = deployment.sqlite('d1', 'calendar_events', (d1) =>
        d1.prepare('SELECT id FROM calendar_events WHERE summary = ?').all(`Once ${kill}`)).length;
      assert.equal(events + kept().filter((hold) => hold.id === id).length, 1, 'a hold or its event, not both and not none');
      if (confirmed.includes(201)) assert.equal(events, 1);
      await deployment.start();
    }
  });
});
