import * as z from 'zod';

import type { NamedAddress } from '../../core/address.ts';
import type { Fault, Reading } from '../problem/problem.ts';
import { parseBind } from './bind.ts';
import { DURATION_EXPECTED, DURATION_PATTERN, parseDuration } from './duration.ts';
import { parseRate, RATE_EXPECTED, RATE_PATTERN } from './rate.ts';
import { refuse } from './refuse.ts';

/** A string that is read by a function of ours, which also words the faults. */
export function parsedText<Value>(parse: (text: string) => Reading<Value>) {
  return z.string().transform((text, context): Value => {
    const reading = parse(text);
    if ('value' in reading) return reading.value;
    refuse(context, reading.faults);
    return z.NEVER;
  });
}

/** A Go duration, as milliseconds. `title` names the type in the reference. */
export function duration({ leastMs = 0, mostMs = Infinity }: { leastMs?: number; mostMs?: number } = {}) {
  const parse = (text: string): Reading<number> => {
    const reading = parseDuration(text);
    if ('faults' in reading) return leastMs === 0 ? reading : { faults: reading.faults.map(withoutZero) };
    if (reading.value > mostMs) return { faults: [tooLong(text, mostMs)] };
    return reading.value < leastMs ? { faults: [tooShort(text, leastMs)] } : reading;
  };
  return z
    .preprocess((value, context) => {
      if (typeof value !== 'number') return value;
      const fault = withoutUnit(value, 's', DURATION_EXPECTED);
      refuse(context, [leastMs === 0 ? fault : withoutZero(fault)]);
      return z.NEVER;
    }, parsedText(parse))
    .meta({ title: 'duration', pattern: DURATION_PATTERN });
}

const LONGER_EXPECTED = 'a duration such as "500ms", "10s" or "1m30s"';

/** Where no time at all is refused, "0" is no advice. */
function withoutZero(fault: Fault): Fault {
  const isZero = fault.suggestion?.startsWith('write "0"') ?? false;
  return {
    ...fault,
    message: isZero ? fault.message.replace('; did you mean "0"?', '') : fault.message,
    expected: fault.expected === DURATION_EXPECTED ? LONGER_EXPECTED : fault.expected,
    suggestion: isZero ? undefined : fault.suggestion,
  };
}

function tooShort(text: string, leastMs: number): Fault {
  return {
    code: 'TSLB_CONFIG_DURATION',
    message: `must be longer than ${JSON.stringify(text)}`,
    expected: leastMs < 1000 ? LONGER_EXPECTED : `at least "${leastMs / 1000}s"`,
  };
}

function tooLong(text: string, mostMs: number): Fault {
  const most = `${Math.floor(mostMs / 1000)}s`;
  return { code: 'TSLB_CONFIG_RANGE', message: `${JSON.stringify(text)} is too long`, expected: `at most "${most}"` };
}

/** A number of connections in a time. */
export function rate() {
  return z
    .preprocess((value, context) => {
      if (typeof value !== 'number') return value;
      refuse(context, [withoutUnit(value, '/s', RATE_EXPECTED)]);
      return z.NEVER;
    }, parsedText(parseRate))
    .meta({ title: 'rate', pattern: RATE_PATTERN });
}

/** A number where a text with a unit has to be. @param unit what was meant by a number above 0 */
function withoutUnit(value: number, unit: string, expected: string): Fault {
  const meant = value > 0 ? `"${value}${unit}"` : '"0"';
  return {
    code: 'TSLB_CONFIG_TYPE',
    message: `must be a string with a unit, not the number ${value}; did you mean ${meant}?`,
    expected,
    suggestion: `write ${meant}`,
  };
}

/** No limit of ours is larger; the ledger counts in 32 bits. */
export const LARGEST_COUNT = 10_000_000;

/** A whole number of things, from `least` to `most`. */
export function count({ least = 0, most = LARGEST_COUNT }: { least?: number; most?: number } = {}) {
  return z.int().min(least).max(most).meta({ title: 'integer' });
}

/** One of a few words, in any case. */
export function caselessWord<const Words extends readonly string[]>(words: Words) {
  return z.preprocess((value) => (typeof value === 'string' ? value.toLowerCase() : value), z.enum(words));
}

const oneBind = z.union([parsedText(parseBind), z.int().min(0).max(65535).transform(portEverywhere)]);

/** An address to listen at. */
export function address() {
  return z.union(oneBind.options).meta({ title: 'address' });
}

/** An address to listen at, or a list of them. */
export function bind() {
  return z
    .union([...oneBind.options, z.array(oneBind).min(1)])
    .transform((binds): readonly NamedAddress[] => (Array.isArray(binds) ? binds : [binds]))
    .meta({ title: 'address, or list of addresses' });
}

function portEverywhere(port: number): NamedAddress {
  return { host: '*', port };
}
