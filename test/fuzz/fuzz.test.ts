import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nthRandom } from '../soak/chance.ts';
import { minimised } from './fuzz.ts';
import { mutant, pieces } from './mutations.ts';

const SAMPLES = [Buffer.from('a sample'), Buffer.from('another one, which is longer')];

test('the same seed and number give the same mutant', () => {
  const texts = [1, 1, 2].map((nth) => mutant(nthRandom(7, nth), SAMPLES).toString('hex'));
  assert.equal(texts[0], texts[1]);
  assert.notEqual(texts[0], texts[2]);
});

test('pieces are the whole again', () => {
  for (let nth = 0; nth < 200; nth++) {
    const bytes = mutant(nthRandom(7, nth), SAMPLES);
    assert.deepEqual(Buffer.concat(pieces(nthRandom(8, nth), bytes)), bytes);
  }
});

test('what fails is made as short as it goes', () => {
  const fails = (bytes: Buffer): boolean => bytes.includes('x') && bytes.includes('y');
  assert.equal(minimised(Buffer.from('abcxdefghyij'), fails).toString(), 'xy');
});
