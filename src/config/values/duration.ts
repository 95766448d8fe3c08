import type { Fault, Reading } from '../problem/problem.ts';
import { quoted } from '../problem/problem.ts';

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** The same grammar for JSON Schema; an empty text counts as absent. */
export const DURATION_PATTERN = '^$|^\\+?(0|((\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|μs|ms|s|m|h))+)$';

const ELEMENT = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** What Go's int64 of nanoseconds holds: 292 years. */
const LONGEST_NANOSECONDS = 2n ** 63n - 1n;
/** Longer texts are junk, and large numbers cost time. */
const LONGEST_TEXT = 64;

export const DURATION_EXPECTED = 'a duration such as "500ms", "10s", "1m30s" or "0"';

/**
 * Reads Go's duration syntax: one or more numbers with a unit (`1h30m`, `1.5s`, `500ms`, `.5s`), or a bare `0`.
 * Go takes a sign too; a negative duration is refused here, because none of the keys has a use for it.
 * @returns milliseconds, rounded up, so that no wait becomes none
 */
export function parseDuration(text: string): Reading<number> {
  const unsigned = text.replace(/^[+-]/, '');
  const nanoseconds = nanosecondsOf(unsigned);
  if (nanoseconds === undefined) return { faults: [notADuration(text)] };
  if (text.startsWith('-') && nanoseconds > 0n) return { faults: [negative(text)] };
  if (nanoseconds > LONGEST_NANOSECONDS) return { faults: [tooLong(text)] };
  return { value: Number((nanoseconds + 999_999n) / 1_000_000n) };
}

function nanosecondsOf(text: string): bigint | undefined {
  if (text === '0') return 0n;
  if (text === '' || text.length > LONGEST_TEXT) return undefined;
  let sum = 0n;
  for (let index = 0; index < text.length; index = ELEMENT.lastIndex) {
    ELEMENT.lastIndex = index;
    const [, number = '', unit = ''] = ELEMENT.exec(text) ?? [];
    if (unit === '') return undefined;
    const [whole = '', fraction = ''] = number.split('.');
    const size = NANOSECONDS[unit] ?? 0n;
    sum += BigInt(whole) * size + (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
  }
  return sum;
}

function notADuration(text: string): Fault {
  const meant = intendedDuration(text);
  return {
    code: 'TSLB_CONFIG_DURATION',
    message: `${quoted(text)} is not a duration${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
    expected: DURATION_EXPECTED,
    suggestion: meant === undefined ? undefined : `write "${meant}"`,
  };
}

function negative(text: string): Fault {
  return {
    code: 'TSLB_CONFIG_DURATION',
    message: `${quoted(text)} is negative`,
    expected: DURATION_EXPECTED,
    suggestion: 'write "0" for no limit',
  };
}

function tooLong(text: string): Fault {
  return { code: 'TSLB_CONFIG_RANGE', message: `${quoted(text)} is too long`, expected: 'at most "2562047h"' };
}

const SPOKEN_UNITS: Readonly<Record<string, string>> = {
  '': 's',
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  min: 'm',
  mins: 'm',
  minute: 'm',
  minutes: 'm',
  hr: 'h',
  hour: 'h',
  hours: 'h',
  msec: 'ms',
  millis: 'ms',
  milliseconds: 'ms',
};

const HOURS: Readonly<Record<string, number>> = { d: 24, day: 24, days: 24, w: 168, week: 168, weeks: 168 };

/** What people write for durations elsewhere: a bare number of seconds, blanks, long unit names, days. */
function intendedDuration(text: string): string | undefined {
  const plain = text.toLowerCase().replace(/\s+/g, '');
  const [, number = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,9})?)([a-zµ]*)$/.exec(plain) ?? [];
  const hours = HOURS[unit];
  const meant = hours === undefined ? number + (SPOKEN_UNITS[unit] ?? unit) : `${Number(number) * hours}h`;
  const candidate = number === '' ? plain : meant;
  return nanosecondsOf(candidate) === undefined ? undefined : candidate;
}
