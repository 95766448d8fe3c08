import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyedHash } from './keyed-hash.ts';
import { KEY_WORDS, NO_SLOT, SessionTable } from './session-table.ts';

test('the hash is HalfSipHash-1-3, of words and their number', () => {
  const of = (words: readonly number[]) => keyedHash(Uint32Array.from(words), words.length, Int32Array.of(1, 2));
  assert.equal(of([1, 2, 3]), of([1, 2, 3]));
  const all = [[], [0], [0, 0], [1], [1, 0], [0, 1], [0x8000_0000], [0x0100_0000]].map(of);
  assert.equal(new Set(all).size, all.length);
  const other = keyedHash(Uint32Array.of(1, 2, 3), 3, Int32Array.of(1, 3));
  assert.notEqual(of([1, 2, 3]), other);
});

test('the hash spreads keys that follow each other', () => {
  const buckets = new Int32Array(64);
  const key = Int32Array.of(0x1234_5678, -5);
  for (let port = 0; port < 64_000; port++)
    buckets[keyedHash(Uint32Array.of(2 | (port << 16), 0x0100_007f), 2, key) & 63]! += 1;
  assert(Math.max(...buckets) < 1200 && Math.min(...buckets) > 800, [...buckets].join());
});

const keys = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 });
const steps = fc.array(fc.record({ key: keys, isDelete: fc.boolean() }), { maxLength: 400 });

test('finds what a Map finds, whatever was added and deleted', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const table = new SessionTable();
      const model = new Map<string, number>();
      const free: number[] = [];
      let next = 0;
      for (const { key, isDelete } of all) {
        const words = new Uint32Array(KEY_WORDS);
        words.set(key);
        const slot = table.find(words, key.length);
        assert.equal(slot, model.get(key.join()) ?? NO_SLOT);
        if (slot === NO_SLOT) {
          const taken = free.pop() ?? next++;
          table.add(taken, words, key.length);
          model.set(key.join(), taken);
        } else if (isDelete) {
          assert.equal(table.delete(slot), true);
          assert.equal(table.delete(slot), false);
          assert.equal(table.readKey(slot, new Uint32Array(KEY_WORDS)), key.length);
          model.delete(key.join());
          free.push(slot);
        }
        assert.equal(table.size, model.size);
      }
    }),
  );
});

test('grows to many thousand sessions and shrinks to none', () => {
  const table = new SessionTable();
  const words = new Uint32Array(KEY_WORDS);
  const find = (n: number) => {
    words[0] = n;
    words[1] = n * 7;
    return table.find(words, 2);
  };
  const count = 20_000;
  for (let n = 0; n < count; n++) {
    assert.equal(find(n), NO_SLOT);
    table.add(n, words, 2);
  }
  for (let n = 0; n < count; n += 2) table.delete(n);
  for (let n = 0; n < count; n++) assert.equal(find(n), n % 2 === 0 ? NO_SLOT : n);
  for (let n = 1; n < count; n += 2) table.delete(n);
  assert.equal(table.size, 0);
  assert.equal(find(1), NO_SLOT);
});
