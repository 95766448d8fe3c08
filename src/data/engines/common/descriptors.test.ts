import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Descriptors } from './descriptors.ts';

function budgetOf(limit: number): { readonly budget: SharedArrayBuffer; readonly words: Int32Array } {
  const budget = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  const words = new Int32Array(budget);
  words[1] = limit;
  return { budget, words };
}

test('threads that share a budget claim no more than it allows, and a refusal claims nothing', () => {
  const acts = fc.array(fc.record({ thread: fc.nat(2), isClaim: fc.boolean() }), { maxLength: 100 });
  fc.assert(
    fc.property(fc.nat(4), acts, (limit, sequence) => {
      const { budget, words } = budgetOf(limit);
      const threads = [0, 1, 2].map(
        () => new Descriptors({ shared: budget, workers: new SharedArrayBuffer(8), held: new SharedArrayBuffer(4) }),
      );
      let open = 0;
      for (const { thread, isClaim } of sequence) {
        if (isClaim) {
          assert.equal(threads[thread]!.claim(), open < limit);
          if (open < limit) open += 1;
        } else if (open > 0) {
          threads[thread]!.release();
          open -= 1;
        }
        assert.equal(words[0], open);
      }
    }),
  );
});

test('a limit that is lowered holds from the next claim on, and one that is raised, too', () => {
  const { budget, words } = budgetOf(2);
  const descriptors = new Descriptors({
    shared: budget,
    workers: new SharedArrayBuffer(8),
    held: new SharedArrayBuffer(4),
  });
  assert.deepEqual([descriptors.claim(), descriptors.claim(), descriptors.claim()], [true, true, false]);
  words[1] = 1;
  descriptors.release();
  assert.equal(descriptors.claim(), false);
  words[1] = 3;
  assert.deepEqual([descriptors.claim(), descriptors.claim(), descriptors.claim()], [true, true, false]);
});
