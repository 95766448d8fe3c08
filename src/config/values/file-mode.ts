import * as z from 'zod';

import { type Fault, quoted, type Reading } from '../problem/problem.ts';
import { refuse } from './refuse.ts';
import { parsedText } from './values.ts';

const EXPECTED = 'octal digits in quotes, such as "0660"';

/** Reads the permissions of a file as chmod(1) has them in numbers: `0660`, `660`. */
export function parseFileMode(text: string): Reading<number> {
  if (/^0?[0-7]{3}$/.test(text)) return { value: Number.parseInt(text, 8) };
  return { faults: [fault(`${quoted(text)} is not a file mode`)] };
}

/** The permissions of a file. A number is refused: without quotes, nobody can say whether it is octal. */
export function fileMode() {
  return z
    .preprocess((value, context) => {
      if (typeof value !== 'number') return value;
      const digits = String(value).padStart(3, '0');
      const suggestion = /^[0-7]{3}$/.test(digits) ? `write "0${digits}"` : undefined;
      refuse(context, [fault(`must be a string, not the number ${value}`, suggestion)]);
      return z.NEVER;
    }, parsedText(parseFileMode))
    .meta({ title: 'file mode', pattern: '^0?[0-7]{3}$' });
}

function fault(message: string, suggestion?: string): Fault {
  return { code: 'TSLB_CONFIG_VALUE', message, expected: EXPECTED, ...(suggestion !== undefined && { suggestion }) };
}
