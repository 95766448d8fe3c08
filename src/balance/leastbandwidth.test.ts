import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clientOf,
  cursorFrom,
  equalMembers,
  membersOf,
  seededRandom,
  shares,
  TestCapacity,
} from '../../test/helpers/fakes/test-capacity.ts';
import type { Member, Selection } from '../core/balancer.ts';
import { leastbandwidth } from './leastbandwidth.ts';

const members = membersOf(['a:80', 1], ['b:80', 9], ['c:80', 1]);
const [a, b, c] = members.map(({ slot }) => slot) as [number, number, number];

function prepared(list: readonly Member[]): Selection {
  return leastbandwidth.prepare(list, { cursor: cursorFrom(), random: seededRandom() });
}

/** Capacity with the figures of a, b and c. */
function capacityWith(figures: { bandwidths: readonly number[]; active: readonly number[] }): TestCapacity {
  const capacity = new TestCapacity();
  members.forEach(({ slot }, i) => {
    capacity.bandwidths.set(slot, figures.bandwidths[i] ?? 0);
    capacity.add(slot, figures.active[i] ?? 0);
  });
  return capacity;
}

test('elects the one that moves the fewest bytes, whatever its connections and weight', () => {
  const capacity = capacityWith({ bandwidths: [70, 50.5, 50.25], active: [0, 0, 9] });
  assert.equal(prepared(members).elect(clientOf('192.0.2.1'), capacity), c);
});

test('passes over a full one', () => {
  const capacity = capacityWith({ bandwidths: [70, 50, 10], active: [0, 0, 9] });
  capacity.fill(c);
  assert.equal(prepared(members).elect(clientOf('192.0.2.1'), capacity), b);
});

test('tells those level in bytes apart by their connections', () => {
  const capacity = capacityWith({ bandwidths: [10, 10, 20], active: [3, 2, 0] });
  const selection = prepared(members);
  assert.deepEqual([1, 2, 3].map(() => selection.elect(clientOf('192.0.2.1'), capacity)).sort(), [a, b, b].sort());
});

test('30 connections over two equal backends give 15 and 15', () => {
  const equal = equalMembers(2);
  for (const lasting of [false, true]) {
    assert.deepEqual(Object.values(shares(prepared(equal), equal, { count: 30, lasting })), [15, 15]);
  }
});
