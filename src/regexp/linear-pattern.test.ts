import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { compileLinear } from './linear-pattern.ts';

function isFound(pattern: string, text: string): boolean | undefined {
  const reading = compileLinear(pattern);
  return 'value' in reading ? reading.value.isFoundIn(text) : undefined;
}

test('an expression of these parts finds what one of JavaScript finds', () => {
  const atom = fc.constantFrom(
    'a',
    'b',
    '.',
    '\\.',
    '[ab]',
    '[^a]',
    '[a-c]',
    '\\d',
    '\\w',
    '\\b',
    '^',
    '$',
    '(?:a|b.)',
    '(b|)',
  );
  const times = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '*?');
  const pattern = fc
    .array(fc.tuple(atom, times), { minLength: 1, maxLength: 5 })
    .map((parts) => parts.map(([one, more]) => (/^(?:\^|\$|\\b)$/.test(one) ? one : one + more)).join(''));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '1', '-', 'é'), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(pattern, { minLength: 1, maxLength: 3 }), text, (patterns, sample) => {
      const source = patterns.join('|');
      assert.equal(isFound(source, sample), new RegExp(source).test(sample), source);
    }),
    { numRuns: 2_000 },
  );
});

describe('an expression', () => {
  for (const [pattern, found, missed] of [
    ['^(www|api)\\.example\\.org$', ['www.example.org', 'api.example.org'], ['xwww.example.org', 'www.example.orgx']],
    ['example', ['www.example.org'], ['exampl']],
    ['(?i)^WWW\\.', ['www.a'], ['a.www.']],
    ['^WWW\\.', ['www.a'], []],
    ['', ['', 'anything'], []],
    ['^$', [''], ['a']],
    ['^[[:alpha:]_-]+$', ['a-b_c'], ['a1']],
    ['^(?P<name>a)(?:b)$', ['ab'], ['a']],
    ['^a{0}$', [''], ['a']],
    ['\\Aa\\z', ['a'], ['ab']],
    ['^\\x61$', ['a'], ['b']],
    ['[]a]', [']'], ['b']],
    ['[a-]', ['-'], ['b']],
    ['\\*\\+', ['*+'], ['*']],
  ] as const) {
    test(pattern, () => {
      for (const text of found) assert.equal(isFound(pattern, text), true, text);
      for (const text of missed) assert.equal(isFound(pattern, text), false, text);
    });
  }

  for (const pattern of [
    '(',
    ')',
    '[a',
    'a**',
    '*a',
    '(?=a)',
    '(?<!a)b',
    '\\1',
    '\\pL',
    'a{2,1}',
    'a{1001}',
    '\\',
    '(a{100}){100}',
  ])
    test(`${pattern} is none`, () => assert.equal(isFound(pattern, 'a'), undefined));
});

test('nothing, repeated again and again, is read at once', () => {
  const begin = performance.now();
  assert.equal(isFound(`${'('.repeat(20)}a{0}${'){1000}'.repeat(20)}b`, 'b'), true);
  assert(performance.now() - begin < 1_000);
});

test('one that takes for ever elsewhere takes linear time', () => {
  const begin = performance.now();
  for (const pattern of ['^(a+)+$', '(a|aa)+$', '(a*)*b', '(.*)(.*)(.*)(.*)x$'])
    assert.equal(isFound(pattern, `${'a'.repeat(250)}!`), false);
  assert(performance.now() - begin < 1_000);
});
