import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { BACKEND_WORDS } from '../../core/backend-status.ts';
import { clipped, fitted, padded, widthOf } from './columns.ts';
import { sparkline } from './sparkline.ts';
import { statusFormat, styleFor } from './style.ts';
import { tableText } from './table.ts';
import { bytesText, countText, durationText, limitText, shareText } from './units.ts';

describe('units', () => {
  test('counts have a letter from a thousand on', () => {
    const texts = [0, 999, 1000, 1234, 12_345, 99_949, 99_950, 123_456, 999_499, 999_500, 1e6, 7.5e9, 3e15].map(
      countText,
    );
    const wanted = [
      '0',
      '999',
      '1.0k',
      '1.2k',
      '12.3k',
      '99.9k',
      '100k',
      '123k',
      '999k',
      '1.0M',
      '1.0M',
      '7.5G',
      '3.0P',
    ];
    assert.deepEqual(texts, wanted);
  });

  test('bytes go by 1024', () => {
    const texts = [0, 512, 1023, 1024, 3_565_158, 5 * 1024 ** 3].map(bytesText);
    assert.deepEqual(texts, ['0 B', '512 B', '1023 B', '1.0 KiB', '3.4 MiB', '5.0 GiB']);
  });

  test('rates between whole numbers are rounded', () => {
    assert.equal(countText(2.4), '2');
    assert.equal(countText(999.7), '1.0k');
  });

  test('durations have two parts at most', () => {
    const texts = [0, 0.44, 9.96, 350, 999.9, 2500, 9999, 42_000, 59_999, 133_000, 3_600_000, 11_100_000, 367_200_000];
    assert.deepEqual(texts.map(durationText), [
      ...['0ms', '0.4ms', '9ms', '350ms', '999ms', '2.5s', '9.9s'],
      ...['42s', '59s', '2m13s', '1h00m', '3h05m', '4d06h'],
    ]);
  });

  test('no limit is a dash, and a share of a core a percentage', () => {
    assert.deepEqual([limitText(0), limitText(1500), shareText(0.1234)], ['-', '1.5k', '12.3%']);
  });
});

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
