import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../../test/helpers/fakes/fake-clock.ts';
import { specOf } from '../../../test/helpers/rigs/pool.ts';
import { Backend } from './backend.ts';
import { SlowStart } from './slow-start.ts';

const OVER_MS = 10_000;

function starting(overMs = OVER_MS) {
  const clock = new FakeClock(1_000);
  const factors: number[] = [];
  const backend = new Backend(specOf('10.0.0.1'), { slot: 0, serial: 1 });
  const other = new Backend(specOf('10.0.0.2'), { slot: 1, serial: 2 });
  const slowStart = new SlowStart(overMs, clock, () => factors.push(slowStart.warmupFactor(backend)));
  return { clock, slowStart, factors, backend, other };
}

test('a warm-up factor grows in twenty steps from a twentieth to the whole, and then no timer is left', () => {
  const { clock, slowStart, factors, backend, other } = starting();
  assert.deepEqual([slowStart.warmupFactor(backend), clock.timers], [1, 0]);
  slowStart.begin(backend);
  assert.deepEqual([slowStart.warmupFactor(backend), slowStart.warmupFactor(other)], [0.05, 1]);
  clock.advance(OVER_MS);
  assert.deepEqual(
    factors,
    Array.from({ length: 20 }, (_, step) => (step + 1) / 20),
  );
  assert.equal(clock.timers, 0);
});

test('steps of a short start are not too many', () => {
  const { clock, slowStart, factors, backend } = starting(120);
  slowStart.begin(backend);
  clock.advance(1_000);
  assert.deepEqual(factors, [50 / 120, 100 / 120, 1]);
});

test('without a time the warm-up factor is 1 at once', () => {
  const { clock, slowStart, backend } = starting(0);
  slowStart.begin(backend);
  assert.deepEqual([slowStart.warmupFactor(backend), clock.timers], [1, 0]);
});

test('several share the steps; a backend that is forgotten has the factor 1', () => {
  const { clock, slowStart, factors, backend, other } = starting();
  slowStart.begin(other);
  clock.advance(250);
  slowStart.begin(backend);
  clock.advance(250);
  assert.deepEqual(factors, [0.05]);
  slowStart.forget(other);
  assert.equal(slowStart.warmupFactor(other), 1);
  clock.advance(OVER_MS);
  assert.deepEqual([factors.at(-2), factors.at(-1)], [0.975, 1]);
  slowStart.begin(backend);
  slowStart.stop();
  assert.deepEqual([slowStart.warmupFactor(backend), clock.timers], [1, 0]);
});

test('one that begins again begins with the first part', () => {
  const { clock, slowStart, backend } = starting();
  slowStart.begin(backend);
  clock.advance(OVER_MS / 2);
  assert.equal(slowStart.warmupFactor(backend), 0.5);
  slowStart.begin(backend);
  assert.equal(slowStart.warmupFactor(backend), 0.05);
});

test('another time holds for those that are starting', () => {
  const { clock, slowStart, factors, backend } = starting();
  slowStart.begin(backend);
  clock.advance(2_000);
  slowStart.configure(4_000);
  assert.equal(slowStart.warmupFactor(backend), 0.5);
  factors.length = 0;
  clock.advance(200);
  assert.deepEqual(factors, [0.55]);
  slowStart.configure(0);
  assert.deepEqual([slowStart.warmupFactor(backend), clock.timers], [1, 0]);
});
