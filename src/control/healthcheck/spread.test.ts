import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { jittered, spread } from './spread.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('two backends are checked within 2 % of the interval, 100 and more within all of it', () => {
  for (const [count, windowMs] of [
    [1, 100],
    [2, 200],
    [50, 5_000],
    [100, 10_000],
    [500, 10_000],
  ] as const) {
    assert.equal(spread(count, 10_000, () => 0)[0], 0);
    const last = spread(count, 10_000, () => 0.999_999).at(-1) ?? 0;
    assert.ok(last < windowMs && last > windowMs * 0.999, `${count}: ${last}`);
  }
  assert.deepEqual(
    spread(0, 10_000, () => 0),
    [],
  );
});

test('each has its own part of the time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 100_000 }), random, (count, ms, chance) => {
      const part = (ms * Math.min(1, count / 100)) / count;
      for (const [index, at] of spread(count, ms, () => chance).entries())
        assert.ok(at >= part * index && at <= part * (index + 1));
    }),
  );
});

test('an interval varies by 5 % to either side, evenly', () => {
  assert.ok(Math.abs(jittered(1_000, () => 0) - 950) < 1e-6);
  assert.equal(
    jittered(1_000, () => 0.5),
    1_000,
  );
  fc.assert(
    fc.property(random, (chance) => {
      const ms = jittered(1_000, () => chance);
      assert.ok(ms >= 950 - 1e-6 && ms < 1_050 + 1e-6);
    }),
  );
});
