import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { firstValue } from './first-value.ts';

describe('the first JSON value of a text', () => {
  for (const [text, value] of [
    ['', ''],
    [' \r\n\t', ''],
    ['{"a": 1}', '{"a": 1}'],
    ['\n {"a": [1, {"b": "]}"}]} {"c": 2}', '{"a": [1, {"b": "]}"}]}'],
    ['{"a": "\\"}"}junk', '{"a": "\\"}"}'],
    ['[]]', '[]'],
    ['null null', 'null'],
    ['null{}', 'null'],
    ['12,', '12'],
    ['"a b" c', '"a b"'],
    ['{"a": 1', '{"a": 1'],
    ['"a', '"a'],
    ['}', '}'],
    [',{}', ','],
  ] as const) {
    test(`of ${JSON.stringify(text)}`, () => assert.equal(firstValue(text), value));
  }

  test('is the value, whatever follows it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), fc.string(), (json, rest) => {
        assert.equal(firstValue(` ${json} ${rest}`), json);
      }),
    );
  });

  test('does not go deeper than any configuration', () => {
    assert.equal(firstValue('['.repeat(100) + ']'.repeat(100)).length, 200);
    assert.throws(() => firstValue('['.repeat(101)), RangeError);
    assert.throws(() => firstValue('{"a":'.repeat(200_000)), RangeError);
    assert.equal(firstValue('[""]'.repeat(100_000)), '[""]');
  });
});
