import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { clientNumber, cursorFrom, seededRandom, TestSeats } from '../../test/helpers/fakes/test-seats.ts';
import { NOBODY, type Cursor } from '../core/balancer.ts';
import type { Candidate } from '../core/snapshot.ts';
import { electorateOf, type Electorate } from './electorate.ts';
import { balancers } from './registry.ts';

function candidate(slot: number, weight: number, priority: number): Candidate {
  return { slot, key: `10.0.0.${slot}:80`, addresses: [], weight, priority, maxConnections: 0, serial: 1, maxFails: 0 };
}

/** The slots that get some of 50 connections that each end before the next, in order. */
function elected(electorate: Electorate, full: readonly number[] = []): readonly number[] {
  const seats = new TestSeats();
  for (const slot of full) seats.fill(slot);
  const slots = new Set<number>();
  for (let n = 0; n < 50; n++) {
    const slot = electorate.elect(clientNumber(n), seats);
    slots.add(slot);
    seats.add(slot, -1);
  }
  return [...slots].sort((a, b) => a - b);
}

for (const balancer of Object.values(balancers)) {
  const electorate = (...candidates: readonly Candidate[]): Electorate =>
    electorateOf(candidates, balancer, { cursors: () => cursorFrom(), random: seededRandom() });

  suite(`electorate with ${balancer.kind}`, () => {
    test('elects nobody of none', () => {
      assert.deepEqual(elected(electorate()), [NOBODY]);
    });

    test('elects nobody where all are full', () => {
      const all = electorate(candidate(1, 1, 1), candidate(2, 0, 1), candidate(3, 1, 2));
      assert.deepEqual(elected(all, [1, 2, 3]), [NOBODY]);
    });

    test('serves the lowest priority, and the next when it is full', () => {
      const all = electorate(candidate(1, 1, 20), candidate(2, 1, -3), candidate(3, 1, -3), candidate(4, 1, 100));
      assert.deepEqual(elected(all), [2, 3]);
      assert.deepEqual(elected(all, [3]), [2]);
      assert.deepEqual(elected(all, [2, 3]), [1]);
      assert.deepEqual(elected(all, [1, 2, 3]), [4]);
    });

    test('serves weight 0 only when the others are full, or like the others where weights are ignored', () => {
      const all = electorate(candidate(1, 1, 1), candidate(2, 0, 1), candidate(3, 0, 1), candidate(4, 1, 2));
      assert.deepEqual(elected(all), balancer.weighted ? [1] : [1, 2, 3]);
      assert.deepEqual(elected(all, [1]), [2, 3]);
      assert.deepEqual(elected(all, [1, 2, 3]), [4]);
    });

    test('serves members that all have weight 0', () => {
      assert.deepEqual(elected(electorate(candidate(1, 0, 1), candidate(2, 0, 1))), [1, 2]);
    });

    test('does not depend on the order of the candidates', () => {
      const candidates = [1, 2, 3, 4, 5, 6, 7, 8].map((slot) => candidate(slot, slot % 3, slot % 2));
      const forward = electorate(...candidates);
      const backward = electorate(...candidates.toReversed());
      for (let n = 0; n < 100; n++) {
        assert.equal(forward.elect(clientNumber(n), new TestSeats()), backward.elect(clientNumber(n), new TestSeats()));
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
  electorateOf(candidates, balancers.weight, { cursors, random: seededRandom() });
  assert.deepEqual(asked, [0, 1, 2]);
});
