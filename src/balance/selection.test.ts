import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { clientNumber, cursorFrom, seededRandom, TestCapacity } from '../../test/helpers/fakes/test-capacity.ts';
import { NO_BACKEND, type Cursor, type Selection } from '../core/balancer.ts';
import type { Candidate } from '../core/snapshot.ts';
import { balancers } from './registry.ts';
import { selectionOf, tiersOf } from './selection.ts';

function candidate(slot: number, weight: number, priority: number): Candidate {
  return { ...keyed(`10.0.0.${slot}:80`), slot, weight, priority };
}

/** The slots that get some of 50 connections that each end before the next, in order. */
function elected(selection: Selection, full: readonly number[] = []): readonly number[] {
  const capacity = new TestCapacity();
  for (const slot of full) capacity.fill(slot);
  const slots = new Set<number>();
  for (let n = 0; n < 50; n++) {
    const slot = selection.elect(clientNumber(n), capacity);
    slots.add(slot);
    capacity.add(slot, -1);
  }
  return [...slots].sort((a, b) => a - b);
}

for (const balancer of Object.values(balancers)) {
  const selection = (...candidates: readonly Candidate[]): Selection =>
    selectionOf(candidates, balancer, { cursors: () => cursorFrom(), random: seededRandom() });

  suite(`selection with ${balancer.kind}`, () => {
    test('elects no backend of none', () => {
      assert.deepEqual(elected(selection()), [NO_BACKEND]);
    });

    test('elects no backend where all are full', () => {
      const all = selection(candidate(1, 1, 1), candidate(2, 0, 1), candidate(3, 1, 2));
      assert.deepEqual(elected(all, [1, 2, 3]), [NO_BACKEND]);
    });

    test('serves the lowest priority, and the next when it is full', () => {
      const all = selection(candidate(1, 1, 20), candidate(2, 1, -3), candidate(3, 1, -3), candidate(4, 1, 100));
      assert.deepEqual(elected(all), [2, 3]);
      assert.deepEqual(elected(all, [3]), [2]);
      assert.deepEqual(elected(all, [2, 3]), [1]);
      assert.deepEqual(elected(all, [1, 2, 3]), [4]);
    });

    test('serves weight 0 only when the others are full, or like the others where weights are ignored', () => {
      const all = selection(candidate(1, 1, 1), candidate(2, 0, 1), candidate(3, 0, 1), candidate(4, 1, 2));
      assert.deepEqual(elected(all), balancer.weighted ? [1] : [1, 2, 3]);
      assert.deepEqual(elected(all, [1]), [2, 3]);
      assert.deepEqual(elected(all, [1, 2, 3]), [4]);
    });

    test('serves members that all have weight 0', () => {
      assert.deepEqual(elected(selection(candidate(1, 0, 1), candidate(2, 0, 1))), [1, 2]);
    });

    test('does not depend on the order of the candidates', () => {
      const candidates = [1, 2, 3, 4, 5, 6, 7, 8].map((slot) => candidate(slot, slot % 3, slot % 2));
      const forward = selection(...candidates);
      const backward = selection(...candidates.toReversed());
      for (let n = 0; n < 100; n++) {
        assert.equal(
          forward.elect(clientNumber(n), new TestCapacity()),
          backward.elect(clientNumber(n), new TestCapacity()),
        );
      }
    });
  });
}

test('each tier has a cursor of its own, counted from 0', () => {
  const asked: number[] = [];
  const cursors = (tier: number): Cursor => {
    asked.push(tier);
    return cursorFrom();
  };
  const candidates = [candidate(1, 1, 5), candidate(2, 0, 5), candidate(3, 1, 9)];
  selectionOf(candidates, balancers.weight, { cursors, random: seededRandom() });
  assert.deepEqual(asked, [0, 1, 2]);
});

function keyed(key: string, options: { weight?: number; priority?: number } = {}): Candidate {
  const limits = { maxConnections: 0, fullMaxConnections: 0, maxFails: 0 };
  return { slot: 7, key, addresses: [], weight: 1, priority: 1, serial: 1, ...limits, ...options };
}

function keysOf(candidates: readonly Candidate[], weighted: boolean): readonly (readonly string[])[] {
  return tiersOf(candidates, weighted).map((tier) => tier.map(({ key, weight }) => `${key}*${weight}`));
}

const mixed = [
  keyed('f:80', { priority: 10, weight: 4 }),
  keyed('e:80', { priority: 2, weight: 0 }),
  keyed('d:80', { weight: 0 }),
  keyed('c:80', { weight: 3 }),
  keyed('b:80', { weight: 0 }),
  keyed('a:80', { weight: 2 }),
];

test('no candidates make no tiers', () => {
  assert.deepEqual(tiersOf([], true), []);
});

test('by priority, and within one the members of weight 0 last and alike', () => {
  assert.deepEqual(keysOf(mixed, true), [['a:80*2', 'c:80*3'], ['b:80*1', 'd:80*1'], ['e:80*1'], ['f:80*4']]);
});

test('a weight of 0 has no effect where weights are ignored', () => {
  assert.deepEqual(keysOf(mixed, false), [['a:80*2', 'b:80*1', 'c:80*3', 'd:80*1'], ['e:80*1'], ['f:80*4']]);
});

test('keys are in the order of their bytes, not of a language or of UTF-16', () => {
  const keys = ['unix:/\u{10000}', 'unix:/\u{ffee}', 'b:80', 'B:80', '10.0.0.2:80', '10.0.0.10:80', 'ä:80'];
  assert.deepEqual(
    tiersOf(
      keys.map((key) => keyed(key)),
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
