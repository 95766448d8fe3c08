import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { pairInOrder } from './pairing.ts';

describe('clients of one port and lines of the access log', () => {
  const lineOf = (clients: readonly number[], lines: readonly number[]) => pairInOrder(clients, lines).lineOf;

  test('come in one order', () => {
    assert.deepEqual(lineOf([0, 100, 200], [1, 101, 203]), [0, 1, 2]);
  });

  test('a client that left before it was accepted has none', () => {
    assert.deepEqual(lineOf([0, 3000], [3001]), [undefined, 0]);
    assert.deepEqual(lineOf([0, 3000, 6000], [2, 6001]), [0, undefined, 1]);
  });

  test('one that waited for its accept has its own, though the next one was nearer', () => {
    assert.deepEqual(lineOf([0, 3000], [3001, 3002]), [0, 1]);
  });

  test('a busy balancer dates accepts back a little', () => {
    assert.deepEqual(lineOf([100, 200], [10, 190]), [0, 1]);
    assert.deepEqual(pairInOrder([10_000], [10]), { lineOf: [undefined], strays: [0] });
  });

  test('one that stood still accepts later, but not so much later; a line without a client stays', () => {
    assert.deepEqual(pairInOrder([0], [60_000]), { lineOf: [undefined], strays: [0] });
    assert.deepEqual(pairInOrder([], [5]), { lineOf: [], strays: [0] });
    assert.deepEqual(pairInOrder([100], [100, 5000]), { lineOf: [0], strays: [1] });
  });
});
