import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { BACKEND_WORDS } from '../../core/backend-status.ts';
import { clipped, fitted, padded, widthOf } from './columns.ts';
import { sparkline } from './sparkline.ts';
import { statusFormat, styleFor } from './style.ts';
import { tableText } from './table.ts';

describe('columns', () => {
  test('wide characters count twice, and combining marks not at all', () => {
    assert.equal(padded('日本', 6), '日本  ');
    assert.equal(padded('7', 3, 'right'), '  7');
    assert.equal(clipped('日本語', 5), '日本…');
    assert.equal(clipped('日本語', 6), '日本語');
    assert.equal(clipped('éa', 1), '…');
  });

  test('a text is made exactly as wide as it should be, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, width) => {
        assert.equal(widthOf(fitted(text, width)), width);
      }),
    );
  });

  test('what a terminal would obey is shown', () => {
    assert.equal(fitted('a\x1b[2Jb', 12), String.raw`a\u{1b}[2Jb `);
  });
});

describe('a table', () => {
  const COLUMNS = [{ title: 'NAME' }, { title: 'COUNT', side: 'right' }, { title: 'WHY' }] as const;

  test('has columns as wide as they need, and no blanks at the end of a line', () => {
    const rows = [
      ['日本', '7', ''],
      ['a', '1.2k', 'x\ny'],
    ];
    assert.equal(
      tableText(COLUMNS, rows, styleFor(false)),
      ['NAME  COUNT  WHY', '日本      7', String.raw`a      1.2k  x\u{a}y`, ''].join('\n'),
    );
  });

  test('colours texts and not the blanks around them', () => {
    const text = tableText(COLUMNS, [[{ text: 'up', format: 'green' }, '1', '']], styleFor(true));
    assert.ok(text.includes('\x1b[32mup\x1b[39m  '));
  });
});

describe('a sparkline', () => {
  test('has the highest value as its highest bar, and nothing for 0', () => {
    assert.equal(sparkline([0, 1, 4, 8], 10), '▁▁▄█');
    assert.equal(sparkline([0, 0], 10), '▁▁');
    assert.equal(sparkline([], 10), '');
  });

  test('keeps each peak where many values share a column', () => {
    assert.equal(sparkline([0, 9, 0, 0, 0, 0, 0], 4), '▁█▁▁'.slice(0, 4));
  });
});

test('every status has a colour', () => {
  for (const word of BACKEND_WORDS) assert.match(String(statusFormat(word)), /^[a-z]+$/);
  assert.equal(statusFormat('of another version'), 'red');
});
