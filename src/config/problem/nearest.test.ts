import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { lettersApart, nearest } from './nearest.ts';

describe('letters apart', () => {
  const PAIRS: readonly [a: string, b: string, distance: number][] = [
    ['', '', 0],
    ['', 'abc', 3],
    ['weight', 'weight', 0],
    ['wieght', 'weight', 1],
    ['weigt', 'weight', 1],
    ['wweight', 'weight', 1],
    ['waight', 'weight', 1],
    ['balanec', 'balance', 1],
    ['blaance', 'balance', 1],
    ['kitten', 'sitting', 3],
  ];
  for (const [a, b, distance] of PAIRS) {
    test(`${a} and ${b}: ${distance}`, () => assert.equal(lettersApart(a, b), distance));
  }

  test('are the same both ways, and none only between equal words', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = lettersApart(a, b);
        assert.equal(distance, lettersApart(b, a));
        assert.equal(distance === 0, a === b);
        assert.ok(distance <= Math.max(a.length, b.length));
        assert.ok(distance >= Math.abs(a.length - b.length));
      }),
    );
  });
});

describe('the nearest name', () => {
  const NAMES = ['bind', 'balance', 'tls', 'sni', 'retries', 'engine'];
  const WRITTEN: readonly [word: string, meant: string | undefined][] = [
    ['bnid', 'bind'],
    ['bin', 'bind'],
    ['blind', 'bind'],
    ['bound', undefined],
    ['blance', 'balance'],
    ['BALANSE', 'balance'],
    ['tcp', undefined],
    ['udp', undefined],
    ['retry', undefined],
    ['retrys', 'retries'],
    ['', undefined],
  ];
  for (const [word, meant] of WRITTEN) {
    test(`to ${JSON.stringify(word)} is ${meant ?? 'none'}`, () => assert.equal(nearest(word, NAMES), meant));
  }
});
