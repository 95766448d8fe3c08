import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { isFound, parsePattern } from './pattern.ts';

function pattern(text: string): RegExp {
  const reading = parsePattern(text);
  assert.ok('value' in reading, JSON.stringify(reading));
  return reading.value;
}

describe('a pattern', () => {
  const FOUND: readonly [pattern: string, text: string, isFound: boolean][] = [
    ['ok', 'status: ok!', true],
    ['^ok', 'status: ok', false],
    ['OK', 'ok', false],
    ['(?i)OK', 'ok', true],
    ['a.b', 'a\nb', false],
    ['(?s)a.b', 'a\nb', true],
    ['^b', 'a\nb', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['(?is)A.B', 'a\nb', true],
    ['(?ii)A', 'a', true],
    ['^.$', '😀', true],
    ['\\-ERR|\\"|\\#', '-ERR', true],
    ['[\\-a]', '-', true],
    ['\\\\-', '\\-', true],
    ['\\/', '/', true],
    ['\\p{Lu}', 'É', true],
    ['^$', '', true],
  ];
  for (const [text, subject, expected] of FOUND) {
    test(`${text} in ${JSON.stringify(subject)}`, () => assert.equal(isFound(pattern(text), subject), expected));
  }

  const BAD: readonly [pattern: string, reason: RegExp][] = [
    ['(', /unterminated group/],
    ['[a', /unterminated character class/],
    ['+PONG', /nothing to repeat/],
    ['a{2,1}', /numbers out of order/],
    ['(?P<name>a)', /invalid group/],
    ['(?x)a', /invalid group/],
    ['\\Aa\\z', /invalid escape/],
    ['[[:alpha:]]', /lone quantifier brackets/],
    ['x'.repeat(10_001), /10001 characters/],
  ];
  for (const [text, reason] of BAD) {
    test(`not ${text.slice(0, 20)}`, () => {
      const reading = parsePattern(text);
      assert.ok('faults' in reading);
      assert.match(reading.faults[0]?.message ?? '', reason);
    });
  }
});

test('a pattern that would run for ever is ended, and others work after it', () => {
  const wild = pattern('^(a+)+$');
  assert.throws(() => isFound(wild, `${'a'.repeat(60_000)}!`), /takes too long to match this answer/);
  assert.equal(isFound(wild, 'aaa'), true);
});

test('no text makes it throw', () => {
  const piece = fc.constantFrom('(?', 'i)', '(', ')', '[', ']', '\\', '-', 'a', '{', '}', '*', '+', '^', '$', 'P<n>');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join('')),
      ),
      (text) => {
        const reading = parsePattern(text);
        if ('faults' in reading) assert.equal(reading.faults[0]?.code, 'TSLB_CONFIG_PATTERN');
      },
    ),
    { numRuns: 1000 },
  );
});
