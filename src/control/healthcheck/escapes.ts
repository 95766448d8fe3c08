import type { Fault, Reading } from '../../config/problem/problem.ts';

/** What stands behind the backslash, with the part that carries a value. */
const ESCAPE = /\\(?:([abfnrtv\\"])|([0-7]{3})|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/y;

const SINGLE: Readonly<Record<string, number>> = {
  a: 0x07,
  b: 0x08,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  v: 0x0b,
  '\\': 0x5c,
  '"': 0x22,
};

const EXPECTED = 'one of \\a \\b \\f \\n \\r \\t \\v \\\\ \\" \\xHH \\OOO \\uHHHH \\UHHHHHHHH';

/**
 * Reads a text as the inside of a Go string literal: `\r\n`, `\x00` and `\377` for a byte, `\u00e9` and `\U0001f600` for
 * a character in UTF-8. What is no escape stands for itself; Go wants quotes and ends of line escaped, too.
 */
export function unescapeGo(text: string): Reading<Buffer> {
  const parts: Buffer[] = [];
  const faults: Fault[] = [];
  for (let index = 0; index < text.length;) {
    const next = text.indexOf('\\', index);
    const end = next < 0 ? text.length : next;
    parts.push(Buffer.from(text.slice(index, end)));
    if (next < 0) break;
    ESCAPE.lastIndex = next;
    const match = ESCAPE.exec(text);
    const bytes = match === null ? undefined : bytesOf(match);
    if (bytes === undefined) faults.push(fault(text, next));
    else parts.push(bytes);
    index = next + (match?.[0].length ?? 2);
  }
  return faults.length > 0 ? { faults } : { value: Buffer.concat(parts) };
}

/** @returns nothing for a number that is no byte or no character */
function bytesOf([, single, octal, hex, short, long]: RegExpExecArray): Buffer | undefined {
  if (single !== undefined) return Buffer.of(SINGLE[single] ?? 0);
  const byte = octal === undefined ? hex && Number.parseInt(hex, 16) : Number.parseInt(octal, 8);
  if (typeof byte === 'number') return byte > 0xff ? undefined : Buffer.of(byte);
  const point = Number.parseInt(short ?? long ?? '', 16);
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  return point > 0x10ffff || isSurrogate ? undefined : Buffer.from(String.fromCodePoint(point));
}

function fault(text: string, offset: number): Fault {
  const [escape = ''] =
    /\\(?:[0-7]{1,3}|x[0-9A-Fa-f]{0,2}|u[0-9A-Fa-f]{0,4}|U[0-9A-Fa-f]{0,8}|.|$)/su.exec(text.slice(offset)) ?? [];
  return {
    code: 'TSLB_CONFIG_ESCAPE',
    message: `${escape} is not an escape`,
    expected: EXPECTED,
    suggestion: escape === '\\' || escape.length < 2 ? 'write \\\\ for a backslash' : undefined,
    offset,
  };
}
