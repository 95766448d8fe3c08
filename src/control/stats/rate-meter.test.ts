import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RateMeter } from './rate-meter.ts';

test('a rate is what was added, by the time that it took', () => {
  const meter = new RateMeter();
  meter.begin({ sessions: 100, rx: 1000, tx: 0 });
  assert.deepEqual(meter.rates, { sessions: 0, peakSessions: 0, rx: 0, tx: 0 });
  assert.deepEqual(meter.measure({ sessions: 110, rx: 5000, tx: 2 }, 2), {
    sessions: 5,
    peakSessions: 5,
    rx: 2000,
    tx: 1,
  });
  assert.deepEqual(meter.measure({ sessions: 110, rx: 5000, tx: 2 }, 1), {
    sessions: 0,
    peakSessions: 5,
    rx: 0,
    tx: 0,
  });
});

test('counters that were reset begin at 0, and so does the peak', () => {
  const meter = new RateMeter();
  meter.measure({ sessions: 90, rx: 900, tx: 900 }, 1);
  assert.deepEqual(meter.measure({ sessions: 3, rx: 30, tx: 0 }, 1), { sessions: 3, peakSessions: 3, rx: 30, tx: 0 });
});
