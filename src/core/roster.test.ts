import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Roster } from './roster.ts';

const act = fc.record({ do: fc.constantFrom('add', 'add', 'delete', 'clear'), whom: fc.nat(9) });

test('holds whom a set would hold', () => {
  fc.assert(
    fc.property(fc.array(act), (acts) => {
      const people = Array.from({ length: 10 }, () => ({ place: -1 }));
      const roster = new Roster<{ place: number }>();
      const set = new Set<object>();
      for (const { do: what, whom } of acts) {
        const person = people[whom] ?? assert.fail();
        if (what === 'clear') {
          assert.deepEqual(new Set(roster.clear()), new Set(set));
          set.clear();
          continue;
        }
        roster[what](person);
        set[what](person);
        assert.equal(roster.size, set.size);
        assert.deepEqual(new Set(roster.members), set);
        for (const one of people) assert.equal(one.place >= 0, set.has(one));
      }
      assert.deepEqual(new Set(roster.clear()), set);
    }),
  );
});
