import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { moved, clamped } from './cursor.ts';
import { FIRST_ROW } from './state.ts';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

test('the first row is chosen at first, and no move leaves the rows', () => {
  assert.deepEqual(clamped(FIRST_ROW, IDS, 3), { id: 'a', index: 0, offset: 0 });
  assert.deepEqual(moved(FIRST_ROW, IDS, -1, 3), { id: 'a', index: 0, offset: 0 });
  assert.deepEqual(moved(FIRST_ROW, IDS, Infinity, 3), { id: 'g', index: 6, offset: 4 });
  assert.deepEqual(moved(moved(FIRST_ROW, IDS, Infinity, 3), IDS, -Infinity, 3), { id: 'a', index: 0, offset: 0 });
});

test('the screen follows the chosen row, and no further than it must', () => {
  const down = moved(FIRST_ROW, IDS, 3, 3);
  assert.deepEqual(down, { id: 'd', index: 3, offset: 1 });
  assert.deepEqual(moved(down, IDS, -2, 3), { id: 'b', index: 1, offset: 1 });
});

test('a row stays chosen where it goes; where it is gone the one in its place is', () => {
  const cursor = { id: 'c', index: 2, offset: 0 };
  assert.equal(clamped(cursor, ['c', 'a', 'b'], 3).index, 0);
  assert.deepEqual(clamped(cursor, ['a', 'b', 'd'], 3), { id: 'd', index: 2, offset: 0 });
  assert.deepEqual(clamped(cursor, ['a'], 3), { id: 'a', index: 0, offset: 0 });
  assert.deepEqual(clamped(cursor, [], 3), { id: '', index: 0, offset: 0 });
});

test('the chosen row is always on a screen that is as full as can be', () => {
  const moves = fc.array(
    fc.record({ by: fc.integer({ min: -9, max: 9 }), rows: fc.nat(12), page: fc.integer({ min: 1, max: 9 }) }),
  );
  fc.assert(
    fc.property(moves, (steps) => {
      let cursor = FIRST_ROW;
      for (const { by, rows, page } of steps) {
        const ids = Array.from({ length: rows }, (_, index) => `row ${index}`);
        cursor = moved(cursor, ids, by, page);
        assert.ok(cursor.offset >= 0 && cursor.offset <= cursor.index && cursor.index < cursor.offset + page);
        assert.ok(rows === 0 || cursor.index < rows);
        assert.ok(cursor.offset <= Math.max(0, rows - page));
      }
    }),
  );
});
