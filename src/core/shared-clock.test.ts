import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ClockReading } from '../../test/helpers/processes/clock-worker.ts';
import { startThread } from '../../test/helpers/processes/test-thread.ts';
import { sharedOffsetMs } from './shared-clock.ts';

/** What two readings may differ by on a machine that is busy; the clocks of threads differ by far more. */
const SLACK_MS = 5;

const sharedNow = () => performance.now() + sharedOffsetMs();

test('threads that started at different times read the same clock', async (t) => {
  const { worker } = startThread('clock-worker', {});
  t.after(() => worker.terminate());
  for (let round = 0; round < 3; round++) {
    const before = sharedNow();
    const answer = new Promise<ClockReading>((resolve) => worker.once('message', resolve));
    worker.postMessage('now');
    const { own, shared } = await answer;
    const after = sharedNow();
    assert.ok(before - SLACK_MS <= shared && shared <= after + SLACK_MS, JSON.stringify({ before, shared, after }));
    assert.ok(own < performance.now(), 'its own clock started later');
  }
});

test('the offset of a thread does not change', () => {
  const offsets = Array.from({ length: 5 }, sharedOffsetMs);
  assert.ok(Math.max(...offsets) - Math.min(...offsets) < SLACK_MS, JSON.stringify(offsets));
});
