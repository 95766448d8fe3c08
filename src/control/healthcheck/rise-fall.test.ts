import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { afterResult, isChanging, type RiseFall, type Thresholds, unchecked } from './rise-fall.ts';

/** Results as `P` and `F`. @returns what is believed after each: `u` up, `d` down; upper case where it changed */
function believed(isLive: boolean, thresholds: Thresholds, results: string): string {
  let state = unchecked(isLive);
  return results
    .split('')
    .map((result) => {
      const before = state.isLive;
      state = afterResult(state, result === 'P', thresholds);
      const letter = state.isLive ? 'u' : 'd';
      return state.isLive === before ? letter : letter.toUpperCase();
    })
    .join('');
}

describe('the state table', () => {
  const TABLE: readonly [isLive: boolean, thresholds: Thresholds, results: string, believed: string][] = [
    [true, { passes: 1, fails: 3 }, 'FFPFF', 'uuuuu'],
    [true, { passes: 1, fails: 3 }, 'FFF', 'uuD'],
    [true, { passes: 1, fails: 3 }, 'FPFPFFPFFF', 'uuuuuuuuuD'],
    [true, { passes: 1, fails: 3 }, 'FFFPFFF', 'uuDUuuD'],
    [true, { passes: 1, fails: 1 }, 'PFPF', 'uDUD'],
    [true, { passes: 3, fails: 1 }, 'FPPFPP', 'Dddddd'],
    [true, { passes: 3, fails: 1 }, 'FPPP', 'DddU'],
    [false, { passes: 3, fails: 1 }, 'PPFPPPP', 'dddddUu'],
    [false, { passes: 2, fails: 2 }, 'FFPFPP', 'dddddU'],
    [true, { passes: 2, fails: 3 }, 'PPPPPFF', 'uuuuuuu'],
  ];
  for (const [isLive, thresholds, results, expected] of TABLE) {
    const { passes, fails } = thresholds;
    test(`${isLive ? 'up' : 'down'}, passes ${passes}, fails ${fails}: ${results}`, () => {
      assert.equal(believed(isLive, thresholds, results), expected);
    });
  }
});

test('a state changes only when the last results, as many as it takes, are all alike', () => {
  const thresholds = fc.record({ passes: fc.integer({ min: 1, max: 5 }), fails: fc.integer({ min: 1, max: 5 }) });
  fc.assert(
    fc.property(fc.boolean(), thresholds, fc.array(fc.boolean(), { maxLength: 40 }), (isLive, limits, results) => {
      let state: RiseFall = unchecked(isLive);
      let expected = isLive;
      for (const [index, hasPassed] of results.entries()) {
        const past = results.slice(0, index + 1);
        if (past.length >= limits.passes && past.slice(-limits.passes).every((passed) => passed)) expected = true;
        if (past.length >= limits.fails && !past.slice(-limits.fails).some((passed) => passed)) expected = false;
        state = afterResult(state, hasPassed, limits);
        assert.equal(state.isLive, expected);
        assert.equal(state.consecutive, past.length - 1 - past.lastIndexOf(!hasPassed));
        assert.equal(isChanging(state), hasPassed !== state.isLive);
      }
    }),
  );
});

test('what was never checked is not changing', () => {
  for (const isLive of [true, false]) assert.equal(isChanging(unchecked(isLive)), false);
});
