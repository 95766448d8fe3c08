import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { goJson } from './go-json.ts';

describe('as Go writes it', () => {
  test('tables in their order, maps in that of the bytes of their keys', () => {
    const map = new Map([
      ['é', 3],
      ['9', 1],
      ['10', 0],
      ['\u{1f600}', 5],
      ['\uff5e', 4],
      ['a', 2],
    ]);
    const expected = '{\n    "10": 0,\n    "9": 1,\n    "a": 2,\n    "é": 3,\n    "～": 4,\n    "\u{1f600}": 5\n}';
    assert.equal(goJson(map), expected);
    assert.equal(
      goJson({ b: 1, a: [null, true] }),
      '{\n    "b": 1,\n    "a": [\n        null,\n        true\n    ]\n}',
    );
  });

  test('what is empty on one line', () => {
    assert.equal(goJson({ a: [], b: {}, c: new Map() }), '{\n    "a": [],\n    "b": {},\n    "c": {}\n}');
  });

  test('what HTML and JavaScript would misread escaped, in keys too', () => {
    assert.equal(goJson('<a href="x">&</a>\u2028'), String.raw`"\u003ca href=\"x\"\u003e\u0026\u003c/a\u003e\u2028"`);
    assert.equal(goJson(new Map([['<', 1]])), '{\n    "\\u003c": 1\n}');
  });
});

test('it can be read again', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      // -0 is 0 in both languages' texts.
      assert.deepEqual(JSON.parse(goJson(value as string)), JSON.parse(JSON.stringify(value)));
    }),
  );
});
