import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RateMeter } from './rate-meter.ts';

test('a rate is what was added, by the time that it took', () => {
  const meter = new RateMeter();
  meter.begin({ connections: 100, rx: 1000, tx: 0 });
  assert.deepEqual(meter.rates, { connections: 0, peakConnections: 0, rx: 0, tx: 0 });
  assert.deepEqual(meter.measure({ connections: 110, rx: 5000, tx: 2 }, 2), {
    connections: 5,
    peakConnections: 5,
    rx: 2000,
    tx: 1,
  });
  assert.deepEqual(meter.measure({ connections: 110, rx: 5000, tx: 2 }, 1), {
    connections: 0,
    peakConnections: 5,
    rx: 0,
    tx: 0,
  });
});

test('counters that were reset begin at 0, and so does the peak', () => {
  const meter = new RateMeter();
  meter.measure({ connections: 90, rx: 900, tx: 900 }, 1);
  assert.deepEqual(meter.measure({ connections: 3, rx: 30, tx: 0 }, 1), {
    connections: 3,
    peakConnections: 3,
    rx: 30,
    tx: 0,
  });
});
