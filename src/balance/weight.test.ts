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
import type { Cursor, Member, Selection } from '../core/balancer.ts';
import { weight } from './weight.ts';

function prepared(members: readonly Member[], cursor: Cursor = cursorFrom()): Selection {
  return weight.prepare(members, { cursor, random: seededRandom() });
}

test('30 connections over two equal backends give 15 and 15, weights 1:2 give 10 and 20', () => {
  const equal = equalMembers(2);
  assert.deepEqual(Object.values(shares(prepared(equal), equal, { count: 30 })), [15, 15]);
  const members = membersOf(['a:80', 1], ['b:80', 2]);
  assert.deepEqual(shares(prepared(members), members, { count: 30 }), { 'a:80': 10, 'b:80': 20 });
});

test('2:3 gives 2 and 3 of any 5 connections, and 200 and 300 of 500', () => {
  const members = membersOf(['192.168.56.2:80', 2], ['192.168.56.3:80', 3]);
  for (let start = 0; start < 5; start++) {
    const five = shares(prepared(members, cursorFrom(start)), members, { count: 5 });
    assert.deepEqual(five, { '192.168.56.2:80': 2, '192.168.56.3:80': 3 });
  }
  const all = shares(prepared(members), members, { count: 500 });
  assert.deepEqual(all, { '192.168.56.2:80': 200, '192.168.56.3:80': 300 });
});

test('threads that share a cursor walk one sequence', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 10 });
  const schedule = fc.array(fc.nat(2), { minLength: 200, maxLength: 200 });
  fc.assert(
    fc.property(weights, schedule, (given, order) => {
      const members = membersOf(...given.map((share, i) => [`10.0.0.${i + 10}:80`, share] as const));
      const cursor = cursorFrom();
      const threads = [0, 1, 2].map(() => prepared(members, cursor));
      const capacity = new TestCapacity();
      const cycle = given.reduce((sum, share) => sum + share, 0);
      for (const thread of order.slice(0, cycle)) threads[thread]?.elect(clientOf('192.0.2.1'), capacity);
      for (const member of members) assert.equal(capacity.active(member.slot), member.weight);
    }),
  );
});

test('others take the turns of a full member by their weights', () => {
  const members = membersOf(['a:80', 1], ['b:80', 2], ['full:80', 7]);
  const capacity = new TestCapacity();
  capacity.limits.set(members[2]?.slot ?? -1, 0);
  assert.deepEqual(shares(prepared(members), members, { count: 30, capacity }), { 'a:80': 10, 'b:80': 20 });
});
