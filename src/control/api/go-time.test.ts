import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { goDuration, goTime } from './go-time.ts';

describe('a duration in the words of Go', () => {
  for (const [ms, text] of [
    [0, '0s'],
    [1, '1ms'],
    [999, '999ms'],
    [1000, '1s'],
    [12_500, '12.5s'],
    [60_000, '1m0s'],
    [90_001, '1m30.001s'],
    [3_600_000, '1h0m0s'],
    [3_723_456, '1h2m3.456s'],
    [90_000_000, '25h0m0s'],
  ] as const) {
    test(`of ${ms} ms is ${text}`, () => assert.equal(goDuration(ms), text));
  }
});

describe('a moment in the words of Go', () => {
  const AT = Date.UTC(2026, 10, 23, 14, 35, 7, 120);

  for (const [name, ms, offset, text] of [
    ['in UTC', AT, 0, '2026-11-23T14:35:07.12Z'],
    ['east of Greenwich', AT, 330, '2026-11-23T20:05:07.12+05:30'],
    ['west of it, on the day before', AT - 14 * 3_600_000, -210, '2026-11-22T21:05:07.12-03:30'],
    ['on a whole second', AT - 120, 60, '2026-11-23T15:35:07+01:00'],
    ['on a whole second that ends in zero', AT - 7120, 60, '2026-11-23T15:35:00+01:00'],
  ] as const) {
    test(name, () => assert.equal(goTime(ms, offset), text));
  }

  test('is the same moment in the zone of this machine', () => assert.equal(Date.parse(goTime(AT)), AT));
});
