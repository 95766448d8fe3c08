import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { equalMembers } from '../../test/helpers/fakes/test-capacity.ts';
import { weightedSequence, weightsOf } from './weighted-sequence.ts';

const weights = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 });

/** One cycle as letters. */
function cycle(...shares: readonly number[]): string {
  const sequence = weightedSequence(Int32Array.from(shares));
  return Array.from({ length: sequence.total }, (_, turn) => String.fromCharCode(65 + sequence.at(turn))).join('');
}

test('interleaves', () => {
  assert.equal(cycle(1), 'A');
  assert.equal(cycle(1, 1), 'AB');
  assert.equal(cycle(2, 3), 'BABAB');
  assert.equal(cycle(1, 2), 'BAB');
  assert.equal(cycle(5, 1, 1), 'ABAAACA');
});

test('gives each index exactly its weight in every cycle, from wherever it is counted', () => {
  fc.assert(
    fc.property(weights, fc.nat(), (shares, start) => {
      const sequence = weightedSequence(Int32Array.from(shares));
      const got = shares.map(() => 0);
      for (let n = 0; n < sequence.total; n++) (got[sequence.at((start + n) % sequence.total)] as number) += 1;
      assert.deepEqual(got, shares);
    }),
  );
});

test('is never two turns away from the exact share', () => {
  fc.assert(
    fc.property(weights, (shares) => {
      const sequence = weightedSequence(Int32Array.from(shares));
      const got = shares.map(() => 0);
      for (let turn = 0; turn < sequence.total; turn++) {
        (got[sequence.at(turn)] as number) += 1;
        shares.forEach((share, index) => {
          const due = ((turn + 1) * share) / sequence.total;
          assert.ok(Math.abs((got[index] as number) - due) < 2, `index ${index} after turn ${turn}`);
        });
      }
    }),
  );
});

test('weights are exact up to a sum of 2^25, then in proportion', () => {
  const weigh = (...given: readonly number[]): readonly number[] =>
    Array.from(weightsOf(equalMembers(given.length).map((member, i) => ({ ...member, weight: given[i] ?? 0 }))));
  assert.deepEqual(weigh(2, 3), [2, 3]);
  assert.deepEqual(weigh(2 ** 24 - 1, 2 ** 24 + 1), [2 ** 24 - 1, 2 ** 24 + 1]);
  assert.deepEqual(weigh(2 ** 30, 3 * 2 ** 30, 1), [2 ** 23, 3 * 2 ** 23, 1]);
});
