import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { DURATION_PATTERN, parseDuration } from './duration.ts';

function milliseconds(text: string): number | undefined {
  const reading = parseDuration(text);
  return 'value' in reading ? reading.value : undefined;
}

function fault(text: string) {
  const reading = parseDuration(text);
  return 'value' in reading ? undefined : reading.faults[0];
}

describe('a duration', () => {
  const GOOD: readonly [text: string, ms: number][] = [
    ['0', 0],
    ['-0', 0],
    ['0s', 0],
    ['10s', 10_000],
    ['+10s', 10_000],
    ['500ms', 500],
    ['1h30m', 5_400_000],
    ['1m30s', 90_000],
    ['1.5s', 1500],
    ['.5s', 500],
    ['1.s', 1000],
    ['0.1h', 360_000],
    ['1h1m1s1ms1us1ns', 3_661_002],
    ['1ns', 1],
    ['999us', 1],
    ['1000µs', 1],
    ['1001μs', 2],
    ['2562047h', 9_223_369_200_000],
  ];
  for (const [text, ms] of GOOD) {
    test(`${text} is ${ms} ms`, () => assert.equal(milliseconds(text), ms));
  }

  const BAD = ['', '10', '1', ' 10s', '10s ', '10 s', 's', '.', '.s', '-', '--1s', '1d', '1e3s', '1s2', '1,5s', '٣s'];
  for (const text of BAD) {
    test(`${JSON.stringify(text)} is none`, () => assert.equal(fault(text)?.code, 'TSLB_CONFIG_DURATION'));
  }

  test('is not negative', () => assert.match(fault('-1s')?.message ?? '', /negative/));

  test('is not longer than what Go holds', () => assert.equal(fault('2562048h')?.code, 'TSLB_CONFIG_RANGE'));
});

describe('what was meant', () => {
  const MEANT: readonly [written: string, meant: string | undefined][] = [
    ['10', '10s'],
    ['10 s', '10s'],
    ['10S', '10s'],
    ['2sec', '2s'],
    ['5 minutes', '5m'],
    ['1d', '24h'],
    ['2 weeks', '336h'],
    ['1.5', '1.5s'],
    ['soon', undefined],
    ['5x', undefined],
  ];
  for (const [written, meant] of MEANT) {
    test(`${written} → ${meant ?? 'nothing'}`, () => {
      assert.equal(fault(written)?.suggestion, meant === undefined ? undefined : `write "${meant}"`);
    });
  }
});

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

test('the parts of a duration add up', () => {
  const part = fc.record({ number: fc.nat(100_000), unit: fc.constantFrom('ms', 's', 'm', 'h') });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const text = parts.map(({ number, unit }) => `${number}${unit}`).join('');
      const sum = parts.reduce((total, { number, unit }) => total + number * UNITS[unit], 0);
      assert.equal(milliseconds(text), sum);
    }),
  );
});

test('no text makes the parser throw, and a duration is a whole number of milliseconds from 0', () => {
  const letters = fc.stringMatching(/^[0-9.+nuµmsh x-]*$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), letters), (text) => {
      const ms = milliseconds(text);
      if (ms === undefined) assert.ok((fault(text)?.message ?? '') !== '');
      else assert.ok(Number.isSafeInteger(ms) && ms >= 0);
    }),
  );
});

test('the pattern for JSON Schema takes what the parser takes', () => {
  const pattern = new RegExp(DURATION_PATTERN);
  const letters = fc.stringMatching(/^[019.+mush-]{0,8}$/);
  fc.assert(
    fc.property(letters, (text) => {
      const isTaken = milliseconds(text) !== undefined && !text.startsWith('-');
      assert.equal(pattern.test(text), isTaken || text === '', text);
    }),
    { numRuns: 2000 },
  );
});
