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
import type { Random } from '../core/random.ts';
import { random2 } from './random2.ts';

function prepared(members: readonly Member[], random: Random = seededRandom()): Selection {
  return random2.prepare(members, { cursor: cursorFrom(), random });
}

/** Chance that runs as written. */
function scripted(...values: readonly number[]): Random {
  const left = values[Symbol.iterator]();
  return () => left.next().value ?? assert.fail('asked for more chance than the script has');
}

test('of the two drawn takes the one with fewer connections for its weight, the first where level', () => {
  const members = membersOf(['a:80', 1], ['b:80', 2], ['c:80', 1]);
  const [a, b, c] = members.map(({ slot }) => slot) as [number, number, number];
  const capacity = new TestCapacity();
  capacity.add(a, 2);
  capacity.add(b, 3);
  capacity.add(c, 9);
  assert.equal(prepared(members, scripted(0, 0)).elect(clientOf('192.0.2.1'), capacity), b);
  assert.equal(prepared(members, scripted(0, 0)).elect(clientOf('192.0.2.1'), capacity), a, 'now level');
});

test('takes the one with room of the two drawn', () => {
  const members = membersOf(['a:80', 1], ['b:80', 1], ['c:80', 1]);
  const [a, , c] = members.map(({ slot }) => slot) as [number, number, number];
  for (const full of [a, c]) {
    const capacity = new TestCapacity();
    capacity.fill(full);
    const selection = prepared(members, scripted(0, 0.75, 0.9, 0));
    assert.equal(selection.elect(clientOf('192.0.2.1'), capacity), full === a ? c : a);
    assert.equal(selection.elect(clientOf('192.0.2.1'), capacity), full === a ? c : a);
  }
});

test('draws two different members whatever chance says', () => {
  const members = membersOf(['a:80', 1], ['b:80', 2 ** 24], ['c:80', 3]);
  for (const first of [0, 0.5, 1 - 2 ** -53]) {
    for (const second of [0, 0.5, 1 - 2 ** -53]) {
      const capacity = new TestCapacity();
      const selection = prepared(members, scripted(first, second, first, second));
      const one = selection.elect(clientOf('192.0.2.1'), capacity);
      capacity.fill(one);
      assert.notEqual(selection.elect(clientOf('192.0.2.1'), capacity), one);
    }
  }
});

test('short connections are drawn by weight', () => {
  const members = membersOf(['a:80', 1], ['b:80', 2]);
  const got = shares(prepared(members), members, { count: 3000 });
  assert.ok(Math.abs((got['a:80'] ?? 0) - 1000) < 100, JSON.stringify(got));
});

test('lasting connections spread by weight, nearly evenly', () => {
  const members = membersOf(...Array.from({ length: 20 }, (_, i) => [`10.0.0.${i}:80`, 1 + (i % 4)] as const));
  const capacity = new TestCapacity();
  shares(prepared(members), members, { count: 5000, capacity, lasting: true });
  for (const { slot, weight } of members) {
    const due = 100 * weight;
    assert.ok(Math.abs(capacity.active(slot) - due) < 20, `weight ${weight} holds ${capacity.active(slot)}`);
  }
});

test('30 lasting connections over two equal backends give 15 and 15', () => {
  const equal = equalMembers(2);
  assert.deepEqual(Object.values(shares(prepared(equal), equal, { count: 30, lasting: true })), [15, 15]);
});
