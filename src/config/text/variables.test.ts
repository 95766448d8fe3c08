import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { substitute, writtenIndex, writtenSpan } from './variables.ts';

describe('substitution', () => {
  const ENV = { A: 'one', B: '${A}', 'with blank': 'two' };
  const CASES: readonly [text: string, substituted: string][] = [
    ['x = "${A}"', 'x = "one"'],
    ['${A}${A}', 'oneone'],
    ['${B}', '${A}'],
    ['${with blank}', 'two'],
    ['[${UNSET}]', '[]'],
    ['[${}]', '[]'],
    ['${A\n}', '${A\n}'],
    ['$A $${A} \\${A}', '$A $one \\one'],
    ['${x ${A}}', '}'],
    ['# ${A}', '# one'],
  ];
  for (const [written, substituted] of CASES) {
    test(JSON.stringify(written), () => assert.equal(substitute(written, ENV).text, substituted));
  }
});

describe('the way back', () => {
  const ENV = { LONG: 'a much longer text', SHORT: '', B: 'b' };
  const content = substitute('a${LONG}z${SHORT}${B}\nd${UNSET}', ENV);
  const at = (text: string) => writtenIndex(content, content.text.indexOf(text));

  test('leads to the same character, or to the variable that it came from', () => {
    assert.equal(content.text, 'aa much longer textzb\nd');
    assert.deepEqual(['aa', 'much', 'text', 'z', 'b', '\n', 'd'].map(at), [0, 1, 1, 8, 17, 21, 22]);
    assert.equal(writtenIndex(content, content.text.length), 23);
  });

  test('takes variables whole', () => {
    const start = content.text.indexOf('longer');
    assert.deepEqual(writtenSpan(content, { start, end: start + 3 }), { start: 1, end: 8 });
    assert.deepEqual(writtenSpan(content, { start: 0, end: 2 }), { start: 0, end: 8 });
    assert.deepEqual(writtenSpan(content, { start: 0, end: 1 }), { start: 0, end: 1 });
    assert.deepEqual(writtenSpan(content, { start: 3, end: 3 }), { start: 1, end: 1 });
  });

  test('of any text keeps the order, and all that did not come from a variable', () => {
    const piece = fc.constantFrom('${LONG}', '${SHORT}', '${B}', '${UNSET}', 'x', '\n', '$', '{', '}');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const { written, text, variables } = substitute(pieces.join(''), ENV);
        const indexes = Array.from({ length: text.length + 1 }, (_, index) =>
          writtenIndex({ written, text, variables }, index),
        );
        assert.deepEqual(
          indexes,
          indexes.toSorted((a, b) => a - b),
        );
        for (let index = 0; index < text.length; index++) {
          const isFromVariable = variables.some(({ read }) => index >= read.start && index < read.end);
          const source = written[indexes[index] ?? 0];
          const isNextToNothing = variables.some(({ read }) => index === read.start);
          if (!isNextToNothing) assert.equal(source, isFromVariable ? '$' : text[index]);
        }
      }),
    );
  });
});
