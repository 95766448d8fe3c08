import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UnorderedList } from './unordered-list.ts';

const act = fc.record({ do: fc.constantFrom('add', 'add', 'delete', 'clear'), which: fc.nat(9) });

test('holds what a set would hold', () => {
  fc.assert(
    fc.property(fc.array(act), (acts) => {
      const all = Array.from({ length: 10 }, () => ({ listIndex: -1 }));
      const list = new UnorderedList<{ listIndex: number }>();
      const set = new Set<object>();
      for (const { do: what, which } of acts) {
        const item = all[which] ?? assert.fail();
        if (what === 'clear') {
          assert.deepEqual(new Set(list.clear()), new Set(set));
          set.clear();
          continue;
        }
        list[what](item);
        set[what](item);
        assert.equal(list.size, set.size);
        assert.deepEqual(new Set(list.items), set);
        for (const one of all) assert.equal(one.listIndex >= 0, set.has(one));
      }
      assert.deepEqual(new Set(list.clear()), set);
    }),
  );
});
