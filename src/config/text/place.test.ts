import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';
import { parse } from 'smol-toml';

import { sourceIndex } from './place.ts';

describe('an index into a string value becomes one into its source', () => {
  const CASES: readonly [source: string, offset: number, rest: string][] = [
    ['"abc"', 1, 'bc"'],
    ["'a\\nb'", 3, "b'"],
    [String.raw`"\u00e9x"`, 1, 'x"'],
    [String.raw`"\U0001f389x"`, 2, 'x"'],
    [String.raw`"\t\"x"`, 2, 'x"'],
    ['"""\nabc"""', 1, 'bc"""'],
    ['"""abc"""', 1, 'bc"""'],
    ['"""a\\\n   b"""', 1, '\\\n   b"""'],
    ['"""a\\\n   b"""', 2, '"""'],
    ["'''\na\nb'''", 2, "b'''"],
    ['"🎉x"', 2, 'x"'],
    ['"ab"', 9, ''],
  ];
  for (const [source, offset, rest] of CASES) {
    test(`${JSON.stringify(source)} at ${offset}`, () => assert.equal(source.slice(sourceIndex(source, offset)), rest));
  }

  test('for every JSON string, at every character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, seed) => {
        const offset = seed % (text.length + 1);
        const source = JSON.stringify(text);
        const before = source.slice(0, sourceIndex(source, offset));
        // A position within a surrogate pair is that of the pair.
        assert.ok([text.slice(0, offset), text.slice(0, offset + 1)].includes(JSON.parse(`${before}"`) as string));
      }),
    );
  });

  test('for TOML strings as smol-toml reads them', () => {
    const piece = fc.constantFrom('a', ' ', '\\n', '\\\\', '\\"', '\\u0041', '\\U0001F389', 'é', '\\\n  ', '\n');
    fc.assert(
      fc.property(fc.array(piece), fc.nat(), (pieces, seed) => {
        const source = `"""${pieces.join('')}"""`;
        const value = parse(`k = ${source}`)['k'] as string;
        const offset = seed % (value.length + 1);
        const before = source.slice(0, sourceIndex(source, offset));
        const read = parse(`k = ${before.length < 3 ? '"""' : before}"""`)['k'] as string;
        assert.ok([value.slice(0, offset), value.slice(0, offset + 1)].includes(read));
      }),
    );
  });
});
