import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  ageText,
  bytesText,
  compactText,
  countText,
  durationText,
  exactText,
  limitText,
  percentText,
  rateText,
} from './format.ts';

function texts(format: (value: number) => string, values: readonly number[]): readonly string[] {
  return values.map((value) => format(value));
}

test('counts are whole until they are too wide for a column', () => {
  assert.deepEqual(texts(countText, [0, 999, 1000, 99_999_999]), ['0', '999', '1,000', '99,999,999']);
  assert.deepEqual(texts(countText, [100_000_000, 1_234_567_890, 5e15]), ['100 M', '1.23 G', '5000 T']);
  assert.deepEqual(texts(countText, [999_499_999, 999_700_000]), ['999 M', '1.00 G']);
  assert.equal(exactText(Number.MAX_SAFE_INTEGER), '9,007,199,254,740,991');
});

test('counts of narrow columns have a letter from a thousand on', () => {
  assert.deepEqual(texts(compactText, [0, 2.4, 999, 999.7, 1234]), ['0', '2', '999', '1.00k', '1.23k']);
  assert.deepEqual(texts(compactText, [12_345, 99_960, 999_499]), ['12.3k', '100k', '999k']);
  assert.deepEqual(texts(compactText, [999_500, 7.5e9, 3e15]), ['1.00M', '7.50G', '3.00P']);
});

test('bytes have three digits', () => {
  assert.deepEqual(texts(bytesText, [0, 999, 1000, 1049, 99_960]), ['0 B', '999 B', '1.00 kB', '1.05 kB', '100 kB']);
  assert.deepEqual(texts(bytesText, [999_499, 999_500, 12_345_678, 7e17]), ['999 kB', '1.00 MB', '12.3 MB', '700 PB']);
  assert.deepEqual(texts(bytesText, [999.4, 999.6]), ['999 B', '1.00 kB']);
});

test('a slow rate is not shown as none', () => {
  assert.deepEqual(texts(rateText, [0, 0.5, 9.94, 9.96, 1234.5]), ['0', '0.5', '9.9', '10', '1,235']);
  assert.deepEqual([rateText(0.5, compactText), rateText(1234.5, compactText)], ['0.5', '1.23k']);
});

test('an age has its two largest units, and is never below 0', () => {
  assert.deepEqual(texts(ageText, [-5, 12_999, 252_000, 11_040_000, 183_600_000]), [
    '0s',
    '12s',
    '4m 12s',
    '3h 4m',
    '2d 3h',
  ]);
});

test('no limit is a sign of its own', () => {
  assert.deepEqual(texts(limitText, [0, 50]), ['∞', '50']);
  assert.deepEqual([limitText(0, compactText), limitText(1500, compactText)], ['∞', '1.50k']);
});

test('a duration is in milliseconds below a second', () => {
  assert.deepEqual(texts(durationText, [0, 0.44, 9.94, 350, 1000, 133_000]), [
    ...['0.0 ms', '0.4 ms', '9.9 ms', '350 ms', '1s', '2m 13s'],
  ]);
});

test('a percentage below ten keeps a digit behind the point', () => {
  assert.deepEqual(texts(percentText, [0, 0.0044, 0.0994, 0.1234, 1]), ['0 %', '0.4 %', '9.9 %', '12 %', '100 %']);
});
