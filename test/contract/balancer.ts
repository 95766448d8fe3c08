import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { BalancerKind } from '../../src/balance/kind.ts';
import { NO_BACKEND, type BalancerTools, type Member } from '../../src/core/balancer.ts';
import type { ElectionContext } from '../../src/core/context.ts';
import { clientOf, cursorFrom, equalMembers, seededRandom, TestCapacity } from '../helpers/fakes/test-capacity.ts';

/** A backend of the property tests: `lost` seems to have room, but another thread takes the last place. */
interface Situation {
  readonly weight: number;
  readonly active: number;
  readonly bandwidth: number;
  readonly room: 'open' | 'full' | 'lost';
}

const situation: fc.Arbitrary<Situation> = fc.record({
  weight: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 2 ** 31 })),
  active: fc.nat(5),
  bandwidth: fc.nat(3),
  room: fc.constantFrom('open', 'full', 'lost'),
});

const client: fc.Arbitrary<ElectionContext> = fc.record({
  ip: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  ipLength: fc.constantFrom(0, 4, 16),
});

const tools: fc.Arbitrary<() => BalancerTools> = fc
  .tuple(fc.nat(2 ** 32 - 1), fc.nat())
  .map(([turn, seed]) => () => ({ cursor: cursorFrom(turn), random: seededRandom(seed) }));

/** What every balancer does, whatever its idea of the best. */
export function balancerContract(balancer: BalancerKind): void {
  suite(`balancer ${balancer.kind}`, () => {
    test('reserves one connection at a member with room, and NO_BACKEND only when none has', () => {
      fc.assert(
        fc.property(fc.array(situation, { minLength: 1, maxLength: 40 }), client, tools, (backends, who, tooling) => {
          const members = frozenMembers(backends);
          const capacity = capacityFor(members, backends);
          const open = members.filter((_, i) => backends[i]?.room === 'open').map(({ slot }) => slot);
          const before = members.map(({ slot }) => capacity.active(slot));

          const slot = balancer.prepare(members, tooling()).elect(who, capacity);

          assert.equal(
            open.length === 0 ? slot === NO_BACKEND : open.includes(slot),
            true,
            `elected ${slot} of ${open.join()}`,
          );
          members.forEach((member, i) => {
            assert.equal(capacity.active(member.slot), (before[i] ?? 0) + (member.slot === slot ? 1 : 0));
          });
        }),
      );
    });

    test('finds the last place after losing many others to other threads', () => {
      const members = equalMembers(20);
      for (const { slot: open } of members) {
        const capacity = new TestCapacity();
        for (const { slot } of members) if (slot !== open) capacity.races.add(slot);
        capacity.add(open, 9);
        capacity.bandwidths.set(open, 9);
        const selection = balancer.prepare(members, { cursor: cursorFrom(), random: seededRandom() });
        assert.equal(selection.elect(clientOf('192.0.2.1'), capacity), open);
      }
    });

    test('fills every place of every member, then none', () => {
      fc.assert(
        fc.property(fc.array(fc.nat(4), { minLength: 1, maxLength: 12 }), client, tools, (limits, who, tooling) => {
          const members = equalMembers(limits.length);
          const capacity = new TestCapacity();
          members.forEach(({ slot }, i) => capacity.limits.set(slot, limits[i] ?? 0));
          const selection = balancer.prepare(members, tooling());
          const places = limits.reduce((sum, limit) => sum + limit, 0);
          for (let n = 0; n < places; n++) assert.notEqual(selection.elect(who, capacity), NO_BACKEND);
          assert.equal(selection.elect(who, capacity), NO_BACKEND);
        }),
      );
    });

    test('depends on nothing but members, capacity, client, turn and chance', () => {
      fc.assert(
        fc.property(fc.array(situation, { minLength: 1, maxLength: 20 }), client, tools, (backends, who, tooling) => {
          const members = frozenMembers(backends);
          const elect = (): number => balancer.prepare(members, tooling()).elect(who, capacityFor(members, backends));
          assert.equal(elect(), elect());
        }),
      );
    });

    test('elects the only member', () => {
      const members = equalMembers(1);
      const selection = balancer.prepare(members, { cursor: cursorFrom(), random: seededRandom() });
      for (let n = 0; n < 20; n++)
        assert.equal(selection.elect(clientOf('192.0.2.1'), new TestCapacity()), members[0]?.slot);
    });

    test('finds the one place at a thousand members', () => {
      const members = equalMembers(1000);
      const selection = balancer.prepare(members, { cursor: cursorFrom(), random: seededRandom() });
      for (const open of [0, 1, 499, 999].map((i) => members[i]?.slot)) {
        const capacity = new TestCapacity();
        for (const { slot } of members) capacity.limits.set(slot, slot === open ? 1 : 0);
        assert.equal(selection.elect(clientOf('2001:db8::7'), capacity), open);
        assert.equal(selection.elect(clientOf('2001:db8::7'), capacity), NO_BACKEND);
      }
    });
  });
}

/** Members that throw when they are written to. */
function frozenMembers(backends: readonly Situation[]): readonly Member[] {
  return Object.freeze(
    equalMembers(backends.length).map((member, i) => Object.freeze({ ...member, weight: backends[i]?.weight ?? 1 })),
  );
}

function capacityFor(members: readonly Member[], backends: readonly Situation[]): TestCapacity {
  const capacity = new TestCapacity();
  members.forEach(({ slot }, i) => {
    const { active = 0, bandwidth = 0, room = 'open' } = backends[i] ?? {};
    capacity.add(slot, active);
    capacity.bandwidths.set(slot, bandwidth);
    if (room === 'full') capacity.fill(slot);
    if (room === 'lost') capacity.races.add(slot);
  });
  return capacity;
}
