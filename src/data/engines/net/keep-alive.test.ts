import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstProbeMs } from './keep-alive.ts';

test('a vanished peer is found as late as the three values say, with ten probes of a second', () => {
  const found = (idleMs: number, intervalMs: number, count: number) =>
    firstProbeMs({ idleMs, intervalMs, count }) + 10_000;
  assert.equal(found(15_000, 15_000, 9), 150_000);
  assert.equal(found(6_500, 2_001, 4), 7_000 + 4 * 3_000, 'parts of a second count as one');
  assert.equal(found(1_000, 1_000, 2), 11_000, 'not earlier');
});
