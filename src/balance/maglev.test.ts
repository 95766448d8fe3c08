import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maglevTable } from './maglev.ts';

/** Keys in byte order. */
function keysOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `10.${i % 7}.${i >>> 8}.${i & 255}:80`).sort();
}

/** The entries that each index has. */
function entriesOf(table: ArrayLike<number>, count: number): readonly number[] {
  const entries = new Array<number>(count).fill(0);
  for (const index of Array.from(table)) (entries[index] as number) += 1;
  return entries;
}

test('the shares of equal members are within 1 %', () => {
  for (const count of [1, 2, 3, 10, 100, 1000]) {
    const table = maglevTable(keysOf(count), new Int32Array(count).fill(1));
    for (const entries of entriesOf(table, count)) {
      assert.ok(Math.abs((entries * count) / table.length - 1) < 0.01, `${entries} entries with ${count} members`);
    }
  }
});

test('shares follow the weights, and the lightest has an entry', () => {
  for (const weights of [Int32Array.of(1, 2, 3, 4), Int32Array.of(1, 1000, 10, 1), Int32Array.of(1, 2 ** 25)]) {
    const table = maglevTable(keysOf(weights.length), weights);
    const sum = weights.reduce((total, weight) => total + weight);
    entriesOf(table, weights.length).forEach((entries, index) => {
      const due = ((weights[index] as number) / sum) * table.length;
      assert.ok(entries >= 1 && Math.abs(entries - due) < 2, `${entries} entries, ${due} due`);
    });
  }
});

test('a member that goes takes its clients along and moves less than 1 % of all besides', () => {
  for (const count of [2, 3, 10, 100, 1000]) {
    const keys = keysOf(count);
    const weights = Int32Array.from(keys, (_, i) => 1 + (i % 3));
    const table = maglevTable(keys, weights);
    const gone = count >>> 1;
    const fewer = keys.filter((_, i) => i !== gone);
    const after = maglevTable(
      fewer,
      weights.filter((_, i) => i !== gone),
    );
    const moved = table.filter((index, entry) => index !== gone && keys[index] !== fewer[after[entry] as number]);
    assert.ok(moved.length < table.length / 100, `${moved.length} of ${table.length} with ${count} members`);
  }
});
