import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../../test/helpers/fakes/fake-clock.ts';
import { specOf } from '../../../test/helpers/rigs/pool.ts';
import { Backend } from './backend.ts';
import { SlowStart } from './slow-start.ts';

const OVER_MS = 10_000;

function starting(overMs = OVER_MS) {
  const clock = new FakeClock(1_000);
  const shares: number[] = [];
  const backend = new Backend(specOf('10.0.0.1'), { slot: 0, serial: 1 });
  const other = new Backend(specOf('10.0.0.2'), { slot: 1, serial: 2 });
  const slowStart = new SlowStart(overMs, clock, () => shares.push(slowStart.share(backend)));
  return { clock, slowStart, shares, backend, other };
}

test('a share grows in twenty steps from a twentieth to the whole, and then nobody looks any more', () => {
  const { clock, slowStart, shares, backend, other } = starting();
  assert.deepEqual([slowStart.share(backend), clock.timers], [1, 0]);
  slowStart.begin(backend);
  assert.deepEqual([slowStart.share(backend), slowStart.share(other)], [0.05, 1]);
  clock.advance(OVER_MS);
  assert.deepEqual(
    shares,
    Array.from({ length: 20 }, (_, step) => (step + 1) / 20),
  );
  assert.equal(clock.timers, 0);
});

test('steps of a short start are not too many', () => {
  const { clock, slowStart, shares, backend } = starting(120);
  slowStart.begin(backend);
  clock.advance(1_000);
  assert.deepEqual(shares, [50 / 120, 100 / 120, 1]);
});

test('without a time the share is whole at once', () => {
  const { clock, slowStart, backend } = starting(0);
  slowStart.begin(backend);
  assert.deepEqual([slowStart.share(backend), clock.timers], [1, 0]);
});

test('several share the steps; one that is forgotten has all when it is asked for', () => {
  const { clock, slowStart, shares, backend, other } = starting();
  slowStart.begin(other);
  clock.advance(250);
  slowStart.begin(backend);
  clock.advance(250);
  assert.deepEqual(shares, [0.05]);
  slowStart.forget(other);
  assert.equal(slowStart.share(other), 1);
  clock.advance(OVER_MS);
  assert.deepEqual([shares.at(-2), shares.at(-1)], [0.975, 1]);
  slowStart.begin(backend);
  slowStart.stop();
  assert.deepEqual([slowStart.share(backend), clock.timers], [1, 0]);
});

test('one that begins again begins with the first part', () => {
  const { clock, slowStart, backend } = starting();
  slowStart.begin(backend);
  clock.advance(OVER_MS / 2);
  assert.equal(slowStart.share(backend), 0.5);
  slowStart.begin(backend);
  assert.equal(slowStart.share(backend), 0.05);
});

test('another time holds for those that are starting', () => {
  const { clock, slowStart, shares, backend } = starting();
  slowStart.begin(backend);
  clock.advance(2_000);
  slowStart.configure(4_000);
  assert.equal(slowStart.share(backend), 0.5);
  shares.length = 0;
  clock.advance(200);
  assert.deepEqual(shares, [0.55]);
  slowStart.configure(0);
  assert.deepEqual([slowStart.share(backend), clock.timers], [1, 0]);
});
