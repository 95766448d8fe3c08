import { type Fault, quoted, type Reading } from '../../config/problem/problem.ts';

/** From the first to the last number, both included. */
export type StatusRange = readonly [first: number, last: number];

/** Of a final answer. */
const LEAST = 200;
const MOST = 599;
const EXPECTED = 'numbers and ranges such as "200", "2xx", "200-399" or "200,204,300-399"';

/** Reads which HTTP statuses are good: numbers from 200 to 599, ranges of them and `2xx`, with commas between. */
export function parseStatuses(text: string): Reading<readonly StatusRange[]> {
  const ranges: StatusRange[] = [];
  const faults: Fault[] = [];
  let offset = 0;
  for (const part of text.split(',')) {
    const range = parseRange(part);
    if (typeof range === 'string') {
      const at = offset + Math.max(0, part.search(/\S/));
      faults.push({ code: 'TSLB_CONFIG_STATUS', message: range, expected: EXPECTED, offset: at });
    } else ranges.push(range);
    offset += part.length + 1;
  }
  return faults.length > 0 ? { faults } : { value: ranges };
}

/** @returns the range, or what is wrong with it */
function parseRange(text: string): StatusRange | string {
  const [, hundreds] = /^\s*([2-5])xx\s*$/i.exec(text) ?? [];
  if (hundreds !== undefined) return [Number(hundreds) * 100, Number(hundreds) * 100 + 99];
  const match = /^\s*(\d{3})(?:\s*-\s*(\d{3}))?\s*$/.exec(text);
  if (match === null) return `${quoted(text.trim())} is neither a status nor a range of them`;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (first < LEAST || last > MOST) return `${quoted(text.trim())} goes beyond the statuses from ${LEAST} to ${MOST}`;
  return last < first ? `${quoted(text.trim())} ends before it begins` : [first, last];
}

export function isExpected(status: number, ranges: readonly StatusRange[]): boolean {
  return ranges.some(([first, last]) => first <= status && status <= last);
}
