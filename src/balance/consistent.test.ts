import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  clientNumber,
  clientOf,
  cursorFrom,
  equalMembers,
  membersOf,
  seededRandom,
  shares,
  TestCapacity,
} from '../../test/helpers/fakes/test-capacity.ts';
import type { Member, Selection } from '../core/balancer.ts';
import { consistent } from './consistent.ts';

function prepared(members: readonly Member[]): Selection {
  return consistent.prepare(members, { cursor: cursorFrom(), random: seededRandom() });
}

test('an IPv4 client is the same on an IPv4 and on a dual-stack listener', () => {
  const selection = prepared(equalMembers(50));
  fc.assert(
    fc.property(fc.ipV4(), (ip) => {
      const capacity = new TestCapacity();
      assert.equal(selection.elect(clientOf(ip), capacity), selection.elect(clientOf(`::ffff:${ip}`), capacity));
    }),
  );
});

test('an IPv6 client counts with all its bytes', () => {
  const selection = prepared(equalMembers(50));
  for (const addressOf of [
    (n: number) => `2001:db8:${n}::1`,
    (n: number) => `2001:db8::${n}:0:0:1`,
    (n: number) => `2001:db8::${n}`,
  ]) {
    const elected = Array.from({ length: 30 }, (_, n) => selection.elect(clientOf(addressOf(n)), new TestCapacity()));
    assert.ok(new Set(elected).size > 15);
  }
});

test('nodes that know the members by other slots choose alike', () => {
  const here = membersOf(['a:80', 1], ['b:80', 2], ['c:80', 3]);
  const there = here.map((member, i) => ({ ...member, slot: i }));
  const keyOf = (members: readonly Member[], n: number): string | undefined => {
    const slot = prepared(members).elect(clientNumber(n), new TestCapacity());
    return members.find((member) => member.slot === slot)?.key;
  };
  for (let n = 0; n < 20; n++) assert.equal(keyOf(here, n), keyOf(there, n));
});

test('clients are shared by weight, within a few percent', () => {
  const members = membersOf(['a:80', 1], ['b:80', 2], ['c:80', 5]);
  const got = shares(prepared(members), members, { count: 16_000 });
  for (const { key, weight } of members) {
    assert.ok(Math.abs((got[key] ?? 0) / (2000 * weight) - 1) < 0.05, JSON.stringify(got));
  }
});

test('clients of a full member are spread over the others', () => {
  const members = equalMembers(5);
  const selection = prepared(members);
  const capacity = new TestCapacity();
  const full = members[2]?.slot ?? -1;
  capacity.limits.set(full, 0);
  const moved = new Set<number>();
  for (let n = 0; n < 200; n++) {
    const before = selection.elect(clientNumber(n), new TestCapacity());
    const after = selection.elect(clientNumber(n), capacity);
    if (before === full) moved.add(after);
    else assert.equal(after, before);
  }
  assert.equal(moved.size, 4);
});
