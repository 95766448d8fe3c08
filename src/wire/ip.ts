import { isIPv4 } from 'node:net';

/** The 12 bytes before the IPv4 address in ::ffff:a.b.c.d (RFC 4291, 2.5.5.2), one by one. */
export function mappedByte(i: number): 0 | 0xff {
  return i < 10 ? 0 : 0xff;
}

/** Whether 16 bytes in network order are an IPv4 address in its IPv6 form, ::ffff:a.b.c.d. */
export function isMappedIPv4(ip: Uint8Array): boolean {
  for (let i = 0; i < 12; i++) {
    if (ip[i] !== mappedByte(i)) return false;
  }
  return true;
}

/** `::ffff:192.0.2.1`, as a dual-stack socket shows its IPv4 clients, as `192.0.2.1`; any other text as it is. */
export function displayIp(text: string): string {
  if (!text.startsWith('::ffff:')) return text;
  const ipv4 = text.slice('::ffff:'.length);
  return isIPv4(ipv4) ? ipv4 : text;
}

const DOT = 0x2e;
const COLON = 0x3a;

/**
 * Reads an address as a socket shows it, IPv4 or IPv6 with an optional `%scope`, into bytes in network order. Accepts
 * what `net.isIP` accepts (and any character in the scope), allocates nothing and never throws.
 * @param into at least 16 bytes; their content is undefined when the text is no address
 * @returns the length of the address in bytes, 0 when the text is none
 */
export function parseIp(text: string, into: Uint8Array): 0 | 4 | 16 {
  if (readIPv4(text, 0, into, 0) === text.length) return 4;
  const percent = text.indexOf('%');
  if (percent === text.length - 1) return 0;
  return readIPv6(text, percent < 0 ? text.length : percent, into) ? 16 : 0;
}

/** Reads `a.b.c.d` from index `from` into four bytes. @returns where it ends, −1 when none begins there */
function readIPv4(text: string, from: number, into: Uint8Array, offset: number): number {
  let i = from;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && text.charCodeAt(i++) !== DOT) return -1;
    const start = i;
    let value = 0;
    for (let digit = decimal(text, i); digit >= 0 && i - start < 3; digit = decimal(text, ++i)) {
      value = value * 10 + digit;
    }
    const hasLeadingZero = i - start > 1 && decimal(text, start) === 0;
    if (i === start || value > 255 || hasLeadingZero) return -1;
    into[offset + part] = value;
  }
  return i;
}

/** Reads the text up to index `end` into 16 bytes (RFC 4291, 2.2). */
function readIPv6(text: string, end: number, into: Uint8Array): boolean {
  let length = 0;
  /** Where in the bytes the zeros of `::` go. */
  let gap = -1;
  let i = 0;
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return false;
    gap = 0;
    i = 2;
  }
  while (i < end) {
    if (length === 16) return false;
    const start = i;
    let group = 0;
    for (let digit = hexadecimal(text, i); digit >= 0 && i - start < 4; digit = hexadecimal(text, ++i)) {
      group = group * 16 + digit;
    }
    if (text.charCodeAt(i) === DOT) {
      if (length > 12 || readIPv4(text, start, into, length) !== end) return false;
      length += 4;
      break;
    }
    if (i === start) return false;
    into[length++] = group >>> 8;
    into[length++] = group & 0xff;
    if (i === end) break;
    if (text.charCodeAt(i++) !== COLON || i === end) return false;
    if (text.charCodeAt(i) === COLON) {
      if (gap >= 0) return false;
      gap = length;
      i++;
    }
  }
  if (gap < 0) return length === 16;
  if (length === 16) return false;
  const tail = 16 - (length - gap);
  into.copyWithin(tail, gap, length);
  into.fill(0, gap, tail);
  return true;
}

/** The digit at an index, −1 when there is none. */
function decimal(text: string, i: number): number {
  const code = text.charCodeAt(i) - 0x30;
  return code >= 0 && code <= 9 ? code : -1;
}

function hexadecimal(text: string, i: number): number {
  const letter = (text.charCodeAt(i) | 0x20) - 0x61;
  return letter >= 0 && letter <= 5 ? letter + 10 : decimal(text, i);
}
