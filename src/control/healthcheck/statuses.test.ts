import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { isExpected, parseStatuses } from './statuses.ts';

describe('expected statuses', () => {
  const GOOD: readonly [text: string, good: readonly number[], bad: readonly number[]][] = [
    ['200-399', [200, 301, 399], [199, 400, 500]],
    ['200', [200], [201]],
    ['200,204,300-399', [200, 204, 300, 399], [201, 299, 400]],
    [' 200 , 300 - 301 ', [200, 300, 301], [302]],
    ['599', [599], [200]],
    ['204, 3xx,5XX', [204, 300, 399, 500, 599], [200, 299, 400]],
  ];
  for (const [text, good, bad] of GOOD) {
    test(text, () => {
      const reading = parseStatuses(text);
      assert.ok('value' in reading);
      for (const status of good) assert.equal(isExpected(status, reading.value), true, String(status));
      for (const status of bad) assert.equal(isExpected(status, reading.value), false, String(status));
    });
  }

  /** With the texts that the faults point at. */
  const BAD: readonly [text: string, at: readonly string[]][] = [
    ['', ['']],
    ['200,', ['']],
    ['200, ,300', [' ,300']],
    ['20', ['20']],
    ['2000', ['2000']],
    ['200, 1xx,6xx', ['1xx,6xx', '6xx']],
    ['600,200-600', ['600,200-600', '200-600']],
    ['100-399', ['100-399']],
    ['399-200', ['399-200']],
    ['200-', ['200-']],
    ['abc, 200, -1', ['abc, 200, -1', '-1']],
  ];
  for (const [text, at] of BAD) {
    test(`not ${JSON.stringify(text)}`, () => {
      const reading = parseStatuses(text);
      assert.ok('faults' in reading);
      assert.deepEqual(
        reading.faults.map(({ offset = 0 }) => text.slice(offset)),
        at,
      );
    });
  }
});
