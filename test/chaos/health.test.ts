import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Spans } from '../soak/spans.ts';
import { unjustified } from './health.ts';

/** When it was down without a reason, of times in seconds. */
function since(down: readonly [number, number], troubles: readonly (readonly [number, number])[]): readonly number[] {
  const downs = new Spans();
  downs.begin(down[0]);
  downs.end(down[1]);
  const all = troubles.map(([from, to]) => ({ from, to }));
  return unjustified(downs, all, () => 2).map((each) => each.since);
}

test('a backend may be down in trouble and for a while after it', () => {
  assert.deepEqual(since([11, 14], [[10, 13]]), []);
  assert.deepEqual(since([11, 15], [[10, 13]]), []);
  assert.deepEqual(since([11, 16], [[10, 13]]), [15]);
});

test('it may not be down before, nor without any', () => {
  assert.deepEqual(since([9, 12], [[10, 13]]), [9]);
  assert.deepEqual(since([9, 12], []), [9]);
});

test('one trouble may follow the other', () => {
  const troubles = [
    [10, 13],
    [14, 16],
  ] as const;
  assert.deepEqual(since([11, 18], troubles), []);
  assert.deepEqual(since([11, 19], troubles), [18]);
});
