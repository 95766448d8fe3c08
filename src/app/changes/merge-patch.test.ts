import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mergePatch } from './merge-patch.ts';

/** Appendix A of RFC 7396. */
const CASES: readonly (readonly [target: unknown, patch: unknown, result: unknown])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

test('the examples of RFC 7396', () => {
  for (const [target, patch, result] of CASES) assert.deepEqual(mergePatch(target, patch), result);
});

test('neither value is changed, and no prototype is reached', () => {
  const target = Object.freeze({ a: Object.freeze({ b: 1 }) });
  const patch = JSON.parse('{"a": {"c": 2}, "__proto__": {"d": 3}}') as unknown;
  const result = mergePatch(target, patch) as Record<string, unknown>;
  assert.deepEqual(Object.keys(result), ['a', '__proto__']);
  assert.equal(Object.getPrototypeOf(result), Object.prototype);
  assert.deepEqual(target, { a: { b: 1 } });
});

test('a patch that is nested without end is taken', () => {
  const text = '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000);
  assert.doesNotThrow(() => mergePatch({}, JSON.parse(text)));
});
