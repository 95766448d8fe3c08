import assert from 'node:assert/strict';
import { test } from 'node:test';

import { costOfScrapes } from '../../scripts/scrape/measure.ts';
import { Subject } from '../../scripts/scrape/subject.ts';

const BACKENDS = 1000;
const LIMIT_MS = 50;

test('a scrape with a thousand backends takes the main thread less than 50 ms', async (t) => {
  const subject = await Subject.start(BACKENDS);
  t.after(() => subject.stop());
  const cost = await costOfScrapes(subject, 50);
  console.table(cost);
  assert.ok(cost.samples > 20 * BACKENDS, `${cost.samples} samples`);
  assert.ok(cost.mainThreadMs < LIMIT_MS, `${cost.mainThreadMs} ms`);
});
