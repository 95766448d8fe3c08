import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { unescapeGo } from './escapes.ts';

function bytes(text: string): string | undefined {
  const reading = unescapeGo(text);
  return 'value' in reading ? reading.value.toString('latin1') : undefined;
}

describe('a text with the escapes of Go', () => {
  const GOOD: readonly [text: string, bytes: string][] = [
    ['', ''],
    ['PING\\r\\n', 'PING\r\n'],
    ['\\a\\b\\f\\n\\r\\t\\v\\\\\\"', '\x07\b\f\n\r\t\v\\"'],
    ['\\x00\\xff\\xFF', '\x00\xff\xff'],
    ['\\000\\377\\1234', '\x00\xffS4'],
    ['\\u00e9', '\xc3\xa9'],
    ['\\U0001f600', '\xf0\x9f\x98\x80'],
    ['é', '\xc3\xa9'],
    ['a\r\n"b"', 'a\r\n"b"'],
    ['\\\\n', '\\n'],
  ];
  for (const [text, expected] of GOOD) test(JSON.stringify(text), () => assert.equal(bytes(text), expected));

  /** With the texts that the faults point at. */
  const BAD: readonly [text: string, faults: readonly string[]][] = [
    ['\\', ['\\']],
    ['ab\\', ['\\']],
    ['\\z', ['\\z']],
    ["\\'", ["\\'"]],
    ['\\x1', ['\\x1']],
    ['\\xzz', ['\\x']],
    ['\\8', ['\\8']],
    ['\\12', ['\\12']],
    ['\\400', ['\\400']],
    ['\\u12', ['\\u12']],
    ['\\ud800', ['\\ud800']],
    ['\\U00110000', ['\\U00110000']],
    ['a\\q\\n\\w', ['\\q', '\\w']],
  ];
  for (const [text, faults] of BAD) {
    test(`not ${JSON.stringify(text)}`, () => {
      const reading = unescapeGo(text);
      assert.ok('faults' in reading);
      assert.deepEqual(
        reading.faults.map(({ message }) => message),
        faults.map((escape) => `${escape} is not an escape`),
      );
      for (const [index, { offset }] of reading.faults.entries())
        assert.ok(text.slice(offset).startsWith(faults[index]!), `offset ${offset}`);
    });
  }
});

test('every byte can be written in hexadecimal and octal', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (wanted) => {
      const written = (radix: number, prefix: string, width: number) =>
        Array.from(wanted, (byte) => `\\${prefix}${byte.toString(radix).padStart(width, '0')}`).join('');
      for (const text of [written(16, 'x', 2), written(8, '', 3)])
        assert.equal(bytes(text), Buffer.from(wanted).toString('latin1'));
    }),
  );
});

test('no text makes it throw, and every fault points at a backslash', () => {
  const piece = fc.constantFrom('\\', 'x', 'u', 'U', '0', '7', '9', 'n', 'é', '😀', '"', 'f');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join('')),
      ),
      (text) => {
        const reading = unescapeGo(text);
        if ('value' in reading) return;
        for (const { offset = -1 } of reading.faults) assert.equal(text[offset], '\\');
      },
    ),
    { numRuns: 1000 },
  );
});
