import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Holders } from './holders.ts';

test('the last holder closes, and nobody else ever', () => {
  const seats = 3;
  const acts = fc.array(fc.record({ seat: fc.nat(seats - 1), isLetGo: fc.boolean() }), { maxLength: 40 });
  fc.assert(
    fc.property(acts, (sequence) => {
      const main = Holders.forSeats(seats);
      const views = Array.from({ length: seats }, () => new Holders(main.memory));
      const holding = new Set<number>([0]);
      main.hold(0);
      let closed = 0;
      for (const { seat, isLetGo } of sequence) {
        if (isLetGo) {
          holding.delete(seat);
          const isLast = views[seat]!.letGo(seat);
          assert.equal(isLast, holding.size === 0 && closed === 0);
          if (isLast) closed += 1;
        } else if (closed === 0) {
          holding.add(seat);
          views[seat]!.hold(seat);
        }
      }
      assert.ok(closed <= 1);
    }),
  );
});
