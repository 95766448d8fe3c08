import assert from 'node:assert/strict';
import { test } from 'node:test';

import { keyedHash } from './keyed-hash.ts';

const SEED = [0x03020100, 0x07060504] as const;

test('it is HalfSipHash-1-3', () => {
  // The bytes 0 to 15, as in test_vectors_hsiphash[16] of Linux's siphash test for 32-bit machines.
  const words = Int32Array.of(99, 0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c, 99);
  assert.equal(keyedHash(words, 1, ...SEED) >>> 0, 0x8b31d501);
});

test('every bit of the input and of the seed counts', () => {
  const input = Int32Array.of(1, 2, 3, 4);
  const hashes = new Set([keyedHash(input, 0, ...SEED)]);
  for (let bit = 0; bit < 32; bit++) {
    hashes.add(keyedHash(input, 0, SEED[0] ^ (1 << bit), SEED[1]));
    hashes.add(keyedHash(input, 0, SEED[0], SEED[1] ^ (1 << bit)));
    for (let word = 0; word < 4; word++) {
      const changed = input.slice();
      changed[word]! ^= 1 << bit;
      hashes.add(keyedHash(changed, 0, ...SEED));
    }
  }
  assert.equal(hashes.size, 1 + 32 * 6);
});
