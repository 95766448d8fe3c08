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
import { iphash } from './iphash.ts';
import { iphash1 } from './iphash1.ts';

/** What gobetween chooses of these four, with the client's address as 4 bytes or 16. */
const members = membersOf(['10.0.0.1:80', 1], ['10.0.0.2:80', 1], ['10.0.0.3:80', 1], ['10.0.0.10:80', 1]);
const VECTORS = [
  { client: '127.0.0.1', iphash: '10.0.0.1:80', iphash1: '10.0.0.10:80' },
  { client: '::ffff:127.0.0.1', iphash: '10.0.0.3:80', iphash1: '10.0.0.3:80' },
  { client: '10.1.2.3', iphash: '10.0.0.3:80', iphash1: '10.0.0.2:80' },
  { client: '::ffff:10.1.2.3', iphash: '10.0.0.1:80', iphash1: '10.0.0.2:80' },
  { client: '203.0.113.9', iphash: '10.0.0.10:80', iphash1: '10.0.0.1:80' },
  { client: '::ffff:203.0.113.9', iphash: '10.0.0.2:80', iphash1: '10.0.0.2:80' },
  { client: '::1', iphash: '10.0.0.2:80', iphash1: '10.0.0.3:80' },
  { client: '2001:db8::7', iphash: '10.0.0.2:80', iphash1: '10.0.0.2:80' },
] as const;

for (const balancer of [iphash, iphash1]) {
  const selection = balancer.prepare(members, { cursor: cursorFrom(), random: seededRandom() });
  const keys = new Map(members.map(({ slot, key }) => [slot, key]));

  for (const { client, ...chosen } of VECTORS) {
    test(`${balancer.kind} sends ${client} where gobetween does`, () => {
      assert.equal(keys.get(selection.elect(clientOf(client), new TestCapacity())), chosen[balancer.kind]);
    });
  }

  test(`${balancer.kind} gives all clients of a unix socket one backend`, () => {
    const first = selection.elect(clientOf(), new TestCapacity());
    assert.equal(selection.elect(clientOf(), new TestCapacity()), first);
  });
}

test('iphash gives the clients of a full member to the next in the list', () => {
  const selection = iphash.prepare(members, { cursor: cursorFrom(), random: seededRandom() });
  const capacity = new TestCapacity();
  capacity.fill(selection.elect(clientOf('127.0.0.1'), new TestCapacity()));
  const next = members.find(({ key }) => key === '10.0.0.2:80');
  assert.equal(selection.elect(clientOf('127.0.0.1'), capacity), next?.slot);
});

test('iphash1 moves only the clients of the member that goes or is full', () => {
  const [gone, ...rest] = members;
  const tools = { cursor: cursorFrom(), random: seededRandom() };
  const all = iphash1.prepare(members, tools);
  const fewer = iphash1.prepare(rest, tools);
  const withoutRoom = new TestCapacity();
  withoutRoom.limits.set(gone?.slot ?? -1, 0);
  for (let n = 0; n < 1000; n++) {
    const client = clientOf(`10.9.${n >>> 8}.${n & 255}`);
    const before = all.elect(client, new TestCapacity());
    const after = fewer.elect(client, new TestCapacity());
    if (before !== gone?.slot) assert.equal(after, before);
    assert.equal(all.elect(client, withoutRoom), after);
  }
});

test('both spread clients over all members', () => {
  for (const balancer of [iphash, iphash1]) {
    const selection = balancer.prepare(members, { cursor: cursorFrom(), random: seededRandom() });
    const got = shares(selection, members, { count: 4096 });
    for (const { key } of members) assert.ok((got[key] ?? 0) > 400, `${balancer.kind}: ${key} got ${got[key]}`);
  }
});
