import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Candidate } from '../core/snapshot.ts';
import { tiersOf } from './tiers.ts';

function candidate(key: string, options: { weight?: number; priority?: number } = {}): Candidate {
  return { slot: 7, key, addresses: [], weight: 1, priority: 1, maxConnections: 0, serial: 1, maxFails: 0, ...options };
}

function keysOf(candidates: readonly Candidate[], weighted: boolean): readonly (readonly string[])[] {
  return tiersOf(candidates, weighted).map((tier) => tier.map(({ key, weight }) => `${key}*${weight}`));
}

const mixed = [
  candidate('f:80', { priority: 10, weight: 4 }),
  candidate('e:80', { priority: 2, weight: 0 }),
  candidate('d:80', { weight: 0 }),
  candidate('c:80', { weight: 3 }),
  candidate('b:80', { weight: 0 }),
  candidate('a:80', { weight: 2 }),
];

test('no candidates make no tiers', () => {
  assert.deepEqual(tiersOf([], true), []);
});

test('by priority, and within one the members of weight 0 last and alike', () => {
  assert.deepEqual(keysOf(mixed, true), [['a:80*2', 'c:80*3'], ['b:80*1', 'd:80*1'], ['e:80*1'], ['f:80*4']]);
});

test('weight 0 means nothing where weights are ignored', () => {
  assert.deepEqual(keysOf(mixed, false), [['a:80*2', 'b:80*1', 'c:80*3', 'd:80*1'], ['e:80*1'], ['f:80*4']]);
});

test('keys are in the order of their bytes, not of a language or of UTF-16', () => {
  const keys = ['unix:/\u{10000}', 'unix:/\u{ffee}', 'b:80', 'B:80', '10.0.0.2:80', '10.0.0.10:80', 'ä:80'];
  assert.deepEqual(
    tiersOf(
      keys.map((key) => candidate(key)),
      true,
    ).flatMap((tier) => tier.map(({ key }) => key)),
    ['10.0.0.10:80', '10.0.0.2:80', 'B:80', 'b:80', 'unix:/\u{ffee}', 'unix:/\u{10000}', 'ä:80'],
  );
});

test('every candidate is in one tier, in whatever order they come', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(mixed), fc.boolean(), (some, weighted) => {
      const tiers = tiersOf(some, weighted);
      assert.ok(tiers.every((tier) => tier.length > 0));
      assert.deepEqual(tiers.flatMap((tier) => tier.map(({ key }) => key)).sort(), some.map(({ key }) => key).sort());
      assert.deepEqual(tiers, tiersOf(some.toReversed(), weighted));
    }),
  );
});
