import * as z from 'zod';

import { quoted, type Reading } from '../problem/problem.ts';
import { refuse } from './refuse.ts';

/** A string that a function of ours can read, and that stays as it was written: what is shown can be loaded again. */
export function checkedText(parse: (text: string) => Reading<unknown>) {
  return z
    .string()
    .transform((text, context): string => {
      const reading = parse(text);
      if ('value' in reading) return text;
      refuse(context, reading.faults);
      return z.NEVER;
    })
    .meta({ title: 'text' });
}

/** The value of a text that was found to be right when the configuration was read. */
export function valueOf<Value>(reading: Reading<Value>): Value {
  if ('value' in reading) return reading.value;
  throw new RangeError(reading.faults[0]?.message);
}

interface TextForm {
  readonly pattern: RegExp;
  readonly expected: string;
  /** What may have been meant by a text that does not fit the pattern. */
  readonly meant?: (text: string) => string | undefined;
}

/** A text of visible ASCII characters, as a line of HTTP can hold it. */
export function visibleText({ pattern, expected, meant = () => undefined }: TextForm) {
  return checkedText((text) => {
    const offset = text.search(/[^!-~]/);
    if (offset < 0 && pattern.test(text)) return { value: text };
    const message =
      offset < 0 ? `${quoted(text)} is not valid here` : `${quoted(text[offset] ?? '')} is not allowed here`;
    const better = offset < 0 ? meant(text) : undefined;
    const suggestion = better === undefined ? undefined : `write ${quoted(better)}`;
    return { faults: [{ code: 'TSLB_CONFIG_VALUE', message, expected, suggestion, offset: Math.max(0, offset) }] };
  });
}
