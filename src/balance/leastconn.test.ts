import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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
import { leastconn } from './leastconn.ts';

function prepared(members: readonly Member[]): Selection {
  return leastconn.prepare(members, { cursor: cursorFrom(), random: seededRandom() });
}

test('connections that end before the next are shared by weight', () => {
  const equal = equalMembers(2);
  assert.deepEqual(Object.values(shares(prepared(equal), equal, { count: 30 })), [15, 15]);
  const members = membersOf(['a:80', 1], ['b:80', 2]);
  assert.deepEqual(shares(prepared(members), members, { count: 30 }), { 'a:80': 10, 'b:80': 20 });
  const four = membersOf(['a:80', 1], ['b:80', 2], ['c:80', 3], ['d:80', 4]);
  const got = shares(prepared(four), four, { count: 100 });
  assert.deepEqual(got, { 'a:80': 10, 'b:80': 20, 'c:80': 30, 'd:80': 40 });
});

test('lasting connections are in proportion to the weights', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(weights, (given) => {
      const members = membersOf(...given.map((share, i) => [`10.0.0.${i + 10}:80`, share] as const));
      const capacity = new TestCapacity();
      const count = 3 * given.reduce((sum, share) => sum + share, 0);
      shares(prepared(members), members, { count, capacity, lasting: true });
      for (const { slot, weight } of members) assert.equal(capacity.active(slot), 3 * weight);
    }),
  );
});

test('elects the least loaded for its weight', () => {
  const members = membersOf(['a:80', 1], ['b:80', 10], ['c:80', 2]);
  const capacity = new TestCapacity();
  [3, 20, 5].forEach((active, i) => {
    capacity.add(members[i]?.slot ?? -1, active);
  });
  assert.equal(prepared(members).elect(clientOf('192.0.2.1'), capacity), members[1]?.slot);
});

test('passes over a full one for the next best', () => {
  const members = membersOf(['a:80', 1], ['b:80', 1], ['c:80', 1]);
  const capacity = new TestCapacity();
  [5, 0, 2].forEach((active, i) => {
    capacity.add(members[i]?.slot ?? -1, active);
  });
  capacity.fill(members[1]?.slot ?? -1);
  assert.equal(prepared(members).elect(clientOf('192.0.2.1'), capacity), members[2]?.slot);
});

test('level members share evenly beside a busy one', () => {
  const members = equalMembers(3);
  const capacity = new TestCapacity();
  capacity.add(members[1]?.slot ?? -1, 5);
  assert.deepEqual(Object.values(shares(prepared(members), members, { count: 30, capacity })), [15, 15]);
});
