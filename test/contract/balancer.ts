import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { BalancerKind } from '../../src/balance/kind.ts';
import { NOBODY, type BalancerTools, type Member } from '../../src/core/balancer.ts';
import type { ElectionContext } from '../../src/core/context.ts';
import { clientOf, cursorFrom, equalMembers, seededRandom, TestSeats } from '../helpers/fakes/test-seats.ts';

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
    test('takes one seat at a member with room, and NOBODY only when none has', () => {
      fc.assert(
        fc.property(fc.array(situation, { minLength: 1, maxLength: 40 }), client, tools, (backends, who, tooling) => {
          const members = frozenMembers(backends);
          const seats = seatsFor(members, backends);
          const open = members.filter((_, i) => backends[i]?.room === 'open').map(({ slot }) => slot);
          const before = members.map(({ slot }) => seats.active(slot));

          const slot = balancer.prepare(members, tooling()).elect(who, seats);

          assert.equal(
            open.length === 0 ? slot === NOBODY : open.includes(slot),
            true,
            `elected ${slot} of ${open.join()}`,
          );
          members.forEach((member, i) => {
            assert.equal(seats.active(member.slot), (before[i] ?? 0) + (member.slot === slot ? 1 : 0));
          });
        }),
      );
    });

    test('finds the last place after losing many others to other threads', () => {
      const members = equalMembers(20);
      for (const { slot: open } of members) {
        const seats = new TestSeats();
        for (const { slot } of members) if (slot !== open) seats.races.add(slot);
        seats.add(open, 9);
        seats.bandwidths.set(open, 9);
        const elector = balancer.prepare(members, { cursor: cursorFrom(), random: seededRandom() });
        assert.equal(elector.elect(clientOf('192.0.2.1'), seats), open);
      }
    });

    test('fills every place of every member, then none', () => {
      fc.assert(
        fc.property(fc.array(fc.nat(4), { minLength: 1, maxLength: 12 }), client, tools, (limits, who, tooling) => {
          const members = equalMembers(limits.length);
          const seats = new TestSeats();
          members.forEach(({ slot }, i) => seats.limits.set(slot, limits[i] ?? 0));
          const elector = balancer.prepare(members, tooling());
          const places = limits.reduce((sum, limit) => sum + limit, 0);
          for (let n = 0; n < places; n++) assert.notEqual(elector.elect(who, seats), NOBODY);
          assert.equal(elector.elect(who, seats), NOBODY);
        }),
      );
    });

    test('depends on nothing but members, seats, client, turn and chance', () => {
      fc.assert(
        fc.property(fc.array(situation, { minLength: 1, maxLength: 20 }), client, tools, (backends, who, tooling) => {
          const members = frozenMembers(backends);
          const elect = (): number => balancer.prepare(members, tooling()).elect(who, seatsFor(members, backends));
          assert.equal(elect(), elect());
        }),
      );
    });

    test('elects the only member', () => {
      const members = equalMembers(1);
      const elector = balancer.prepare(members, { cursor: cursorFrom(), random: seededRandom() });
      for (let n = 0; n < 20; n++)
        assert.equal(elector.elect(clientOf('192.0.2.1'), new TestSeats()), members[0]?.slot);
    });

    test('finds the one place at a thousand members', () => {
      const members = equalMembers(1000);
      const elector = balancer.prepare(members, { cursor: cursorFrom(), random: seededRandom() });
      for (const open of [0, 1, 499, 999].map((i) => members[i]?.slot)) {
        const seats = new TestSeats();
        for (const { slot } of members) seats.limits.set(slot, slot === open ? 1 : 0);
        assert.equal(elector.elect(clientOf('2001:db8::7'), seats), open);
        assert.equal(elector.elect(clientOf('2001:db8::7'), seats), NOBODY);
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

function seatsFor(members: readonly Member[], backends: readonly Situation[]): TestSeats {
  const seats = new TestSeats();
  members.forEach(({ slot }, i) => {
    const { active = 0, bandwidth = 0, room = 'open' } = backends[i] ?? {};
    seats.add(slot, active);
    seats.bandwidths.set(slot, bandwidth);
    if (room === 'full') seats.fill(slot);
    if (room === 'lost') seats.races.add(slot);
  });
  return seats;
}
