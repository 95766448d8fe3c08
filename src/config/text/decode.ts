import { isUtf8 } from 'node:buffer';

import type { Fault, Reading } from '../problem/problem.ts';

/** A file beyond this is not a configuration; parsing it would take long for nothing. */
export const LARGEST_BYTES = 4 * 1024 * 1024;

/** Bytes to text: UTF-8 only, without byte-order mark, with LF as line end. Lines keep their numbers. */
export function decode(bytes: Uint8Array): Reading<string> {
  if (bytes.length > LARGEST_BYTES) return { faults: [TOO_LARGE] };
  if (!isUtf8(bytes)) return { faults: [notUtf8(bytes)] };
  return { value: new TextDecoder().decode(bytes).replaceAll('\r\n', '\n') };
}

const TOO_LARGE: Fault = {
  code: 'TSLB_CONFIG_SIZE',
  message: 'the file is too large for a configuration',
  expected: `at most ${LARGEST_BYTES} bytes (4 MiB)`,
};

function notUtf8(bytes: Uint8Array): Fault {
  const offset = firstInvalidByte(bytes);
  const before = Buffer.from(bytes.buffer, bytes.byteOffset, offset);
  const line = before.reduce((lines, byte) => (byte === NEWLINE ? lines + 1 : lines), 1);
  const byte = (bytes[offset] ?? 0).toString(16).padStart(2, '0');
  return {
    code: 'TSLB_CONFIG_ENCODING',
    message: `byte 0x${byte} at offset ${offset} (line ${line}) is not UTF-8 text`,
    expected: 'a text file in UTF-8',
    suggestion: isUtf16(bytes) ? 'the file looks like UTF-16; save it as UTF-8' : undefined,
  };
}

const NEWLINE = 0x0a;

function isUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

/** The decoder puts U+FFFD in place of what is invalid, but the file may also hold a genuine one (EF BF BD). */
function firstInvalidByte(bytes: Uint8Array): number {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  let offset = 0;
  let from = 0;
  for (;;) {
    const index = text.indexOf('\ufffd', from);
    if (index < 0) return bytes.length;
    offset += Buffer.byteLength(text.slice(from, index));
    const isGenuine = bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd;
    if (!isGenuine) return offset;
    offset += 3;
    from = index + 1;
  }
}
