import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { TopK } from './top-k.ts';

test('whatever is offered in whatever order, the highest are kept, highest first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -20, max: 20 })), fc.integer({ min: 0, max: 30 }), (offered, most) => {
      const top = new TopK<number>(most, (number) => number);
      for (const number of offered) top.offer(number);
      const sorted = offered.toSorted((one, other) => other - one);
      assert.deepEqual(top.items(), sorted.slice(0, most));
    }),
  );
});

test('of those of the same rank none is put before another that is there already', () => {
  const top = new TopK<{ readonly name: string }>(2, () => 0);
  for (const name of ['first', 'second', 'third']) top.offer({ name });
  assert.deepEqual(
    top
      .items()
      .map(({ name }) => name)
      .sort(),
    ['first', 'second'],
  );
});
