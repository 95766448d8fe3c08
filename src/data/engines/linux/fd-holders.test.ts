import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { FdHolders } from './fd-holders.ts';

test('the last holder closes, and no other ever', () => {
  const holders = 3;
  const acts = fc.array(fc.record({ holder: fc.nat(holders - 1), isLetGo: fc.boolean() }), { maxLength: 40 });
  fc.assert(
    fc.property(acts, (sequence) => {
      const main = FdHolders.ofSize(holders);
      const views = Array.from({ length: holders }, () => new FdHolders(main.memory));
      const holding = new Set<number>([0]);
      main.hold(0);
      let closed = 0;
      for (const { holder, isLetGo } of sequence) {
        if (isLetGo) {
          holding.delete(holder);
          const isLast = views[holder]!.release(holder);
          assert.equal(isLast, holding.size === 0 && closed === 0);
          if (isLast) closed += 1;
        } else if (closed === 0) {
          holding.add(holder);
          views[holder]!.hold(holder);
        }
      }
      assert.ok(closed <= 1);
    }),
  );
});
