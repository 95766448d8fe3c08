import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clientOf,
  cursorFrom,
  membersOf,
  seededRandom,
  shares,
  TestCapacity,
} from '../../test/helpers/fakes/test-capacity.ts';
import { roundrobin } from './roundrobin.ts';

const members = membersOf(['10.0.0.2:80', 9], ['10.0.0.10:80', 1], ['10.0.0.3:80', 1]);

test('goes through the members in byte order of their keys and begins again', () => {
  const selection = roundrobin.prepare(members, { cursor: cursorFrom(), random: seededRandom() });
  const keys = new Map(members.map(({ slot, key }) => [slot, key]));
  const elected = Array.from({ length: 4 }, () => keys.get(selection.elect(clientOf('192.0.2.1'), new TestCapacity())));
  assert.deepEqual(elected, ['10.0.0.10:80', '10.0.0.2:80', '10.0.0.3:80', '10.0.0.10:80']);
});

test('ignores weights, and threads that share a cursor share evenly', () => {
  const cursor = cursorFrom();
  const capacity = new TestCapacity();
  for (const count of [7, 11, 12]) {
    const thread = roundrobin.prepare(members, { cursor, random: seededRandom() });
    shares(thread, members, { count, capacity, lasting: true });
  }
  assert.deepEqual(
    members.map(({ slot }) => capacity.active(slot)),
    [10, 10, 10],
  );
});

test('passes over a full member', () => {
  const capacity = new TestCapacity();
  capacity.limits.set(members[0]?.slot ?? -1, 0);
  const selection = roundrobin.prepare(members, { cursor: cursorFrom(), random: seededRandom() });
  assert.equal(selection.elect(clientOf('192.0.2.1'), capacity), members[1]?.slot);
});

test('all others share the turns of a full member', () => {
  const capacity = new TestCapacity();
  capacity.limits.set(members[0]?.slot ?? -1, 0);
  const selection = roundrobin.prepare(members, { cursor: cursorFrom(), random: seededRandom() });
  assert.deepEqual(Object.values(shares(selection, members, { count: 30, capacity })), [15, 15]);
});
