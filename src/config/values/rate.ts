import type { ConnectionRate } from '../../core/limits.ts';
import { quoted, type Fault, type Reading } from '../problem/problem.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** The same grammar for JSON Schema; an empty text counts as absent. */
export const RATE_PATTERN = '^$|^0$|^\\d{1,6}/[smh]$';

export const RATE_EXPECTED = 'connections per second, minute or hour, such as "10/s" or "100/m", or "0" for no limit';

/** Reads `10/s`, `100/m`, `5000/h`, or `0` for no limit. */
export function parseRate(text: string): Reading<ConnectionRate> {
  if (text === '0') return { value: { count: 0, withinMs: 1_000 } };
  const [, count = '', unit = ''] = /^(\d{1,6})\/([smh])$/.exec(text) ?? [];
  const withinMs = UNITS[unit];
  if (withinMs === undefined) return { faults: [notARate(text)] };
  return { value: { count: Number(count), withinMs } };
}

function notARate(text: string): Fault {
  const [, count, unit = 's'] = SPOKEN_RATE.exec(text) ?? [];
  const meant = count === undefined ? undefined : `"${count}/${unit.toLowerCase()}"`;
  return {
    code: 'TSLB_CONFIG_RATE',
    message: `${quoted(text)} is not a rate${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    expected: RATE_EXPECTED,
    suggestion: meant && `write ${meant}`,
  };
}

/** A bare number, nginx's `10r/s`, and rates in more words. */
const SPOKEN_RATE = /^(\d{1,6})(?:\s*r?\s*(?:\/|per)\s*([smh])(?:ec|in|r|econd|inute|our)?s?)?$/i;
